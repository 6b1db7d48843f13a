//! Who acts: the same person by whatever way in, and nobody by chance.

use crate::outside::{Bureau, refused, text};
use crate::support::owner::Owner;
use std::process::Output;

/// The command as another user of the machine's name, of the same uid.
fn as_login(bureau: &Bureau, login: &str, args: &[&str]) -> Output {
    bureau.command(args).env("USER", login).output().unwrap()
}

#[test]
fn whoever_names_nobody_acts_as_themselves_beside_an_owner_too_whoever_that_works_as() {
    let bureau = Bureau::made();
    for args in [["user", "add", "示例乙"], ["user", "add", "示例丙"]] {
        assert!(bureau.run(&[&args[..], &["--role", "surveyor"]].concat()).status.success());
    }
    let number = String::from_utf8(bureau.survey().stdout).unwrap();
    let number = serde_json::from_str::<serde_json::Value>(&number).unwrap()["dossier"].as_str().unwrap().to_owned();
    let looked = |login: &str| {
        let out = as_login(&bureau, login, &["show", &number]);
        (out.status.code(), text(&out.stderr))
    };
    // With nobody at it, then with an owner who works as somebody else.
    for owner in [false, true] {
        let serving = owner.then(|| Owner::of(bureau.command(&["--as", "示例乙", "serve"])).0);
        assert_eq!(looked("示例丙").0, Some(0), "owner: {owner}");
        let (code, said) = looked("nobodyknown");
        assert!(code == Some(1) && said.contains("nobodyknown"), "owner: {owner}: {said}");
        // Named, whatever the login.
        assert!(as_login(&bureau, "nobodyknown", &["--as", "示例丙", "show", &number]).status.success());
        drop(serving);
    }
    assert!(bureau.run(&["user", "add", "示例督", "--role", "supervisor"]).status.success());
    let reads = bureau.run(&["--as", "示例督", "user", "log", "--reads", "--json"]);
    let reads: serde_json::Value = serde_json::from_slice(&reads.stdout).unwrap();
    let by: Vec<&str> = reads.as_array().unwrap().iter().filter_map(|look| look["by"].as_str()).collect();
    assert_eq!(by.iter().filter(|by| **by == "示例丙").count(), 4, "{reads}");
    assert!(!by.contains(&"示例乙"), "{reads}");
}

#[test]
fn whoever_is_ended_today_does_nothing_more_today_by_whatever_way_in() {
    let bureau = Bureau::made();
    assert!(bureau.run(&["user", "add", "示例乙", "--role", "surveyor"]).status.success());
    assert!(bureau.run(&["--as", "示例乙", "queue"]).status.success());
    assert!(bureau.run(&["user", "end", "示例乙"]).status.success());
    for owner in [false, true] {
        let serving = owner.then(|| Owner::again(&bureau.data()));
        refused(&bureau.run(&["--as", "示例乙", "queue"]), "last day");
        refused(&as_login(&bureau, "示例乙", &["queue"]), "last day");
        drop(serving);
    }
    // Whoever is to go on until a day goes on until it, and whoever comes back is given roles anew.
    assert_eq!(bureau.run(&["user", "add", "示例乙"]).status.code(), Some(2));
    assert!(bureau.run(&["user", "add", "示例乙", "--role", "surveyor"]).status.success());
    assert!(bureau.run(&["--as", "示例乙", "queue"]).status.success());
}
