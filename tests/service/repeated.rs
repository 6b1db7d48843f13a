//! The same command twice is one act: typed again, sent by several at once, or asked again since the owner was killed or a sync
//! failed before it was answered.

use crate::outside::{Bureau, household, refused, text, traced, well};
use crate::support::owner::Owner;
use serde_json::Value;
use std::process::Stdio;

#[test]
fn the_same_answers_file_sent_twice_is_one_survey_until_the_household_is_surveyed_again() {
    let bureau = Bureau::made();
    let (file, other) = (household("illness"), household("accident"));
    let new = ["survey", "--new", "--answers", file.as_str()];
    let first = bureau.json(&new);
    assert_eq!(first["repeated"], false);
    let again = bureau.json(&new);
    for field in ["dossier", "record", "seq", "decision", "next_due"] {
        assert_eq!(again[field], first[field], "{field}");
    }
    assert_eq!(again["repeated"], true);
    assert!(text(&bureau.run(&new).stdout).contains("--again"));
    // By the owner's hand, and several at once.
    let owner = Owner::again(&bureau.data());
    let send = || bureau.command(&["survey", "--new", "--answers", &other, "--json"]).stdout(Stdio::piped()).spawn();
    let sent: Vec<_> = (0..4).map(|_| send().unwrap()).collect();
    let mut reported = Vec::new();
    for child in sent {
        let out = child.wait_with_output().unwrap();
        let said: Value = serde_json::from_slice(&out.stdout).unwrap();
        reported.push((said["dossier"].to_string(), said["repeated"].as_bool().unwrap()));
    }
    assert!(reported.iter().all(|(number, _)| *number == reported[0].0), "{reported:?}");
    assert_eq!(reported.iter().filter(|(_, repeated)| !repeated).count(), 1, "{reported:?}");
    drop(owner);
    // Said to be another household, it is one.
    let twin = bureau.json(&[&new[..], &["--again"]].concat());
    assert_ne!(twin["dossier"], first["dossier"]);
    let health = bureau.json(&["doctor"]);
    assert_eq!(health["well"], true, "{health}");
    assert_eq!((&health["dossiers"], &health["drafts"]), (&Value::from(3), &Value::from(0)));
    assert_eq!(bureau.json(&["verify", "--views"])["holds"], true);
}

#[test]
fn a_request_with_a_number_of_its_own_is_kept_once_and_the_number_serves_for_nothing_else() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let (one, two) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let step = ["status", number, "verifying", "--request", one];
    let first = bureau.json(&step);
    assert_eq!(bureau.json(&step), first);
    refused(&bureau.run(&["status", number, "reviewed", "--request", one]), "used for something else");
    let ask = ["query", number, "--ask", "66", "why", "--request", two];
    assert_eq!(bureau.json(&ask).as_array().unwrap().len(), 1);
    assert_eq!(bureau.json(&ask).as_array().unwrap().len(), 1);
    refused(&bureau.run(&["query", number, "--ask", "66", "how", "--request", two]), "used for something else");
    // Without a number it is another question.
    assert_eq!(bureau.json(&["query", number, "--ask", "66", "why"]).as_array().unwrap().len(), 2);
    assert_eq!(bureau.run(&["status", number, "reviewed", "--request", "12"]).status.code(), Some(2));
}

#[test]
fn a_step_that_is_typed_once_more_is_answered_with_the_first_until_the_dossier_goes_on() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let (verifying, back) = (["status", number, "verifying"], ["status", number, "draft"]);
    let first = bureau.json(&verifying);
    assert_eq!(bureau.json(&verifying), first);
    // With other words it is another step, which the case does not allow.
    refused(&bureau.run(&[&verifying[..], &["--why", "other words than before"]].concat()), "cannot become");
    let owner = Owner::again(&bureau.data());
    assert_eq!(bureau.json(&verifying), first, "by an owner, too");
    assert_eq!(bureau.json(&back)["status"], "draft");
    assert_eq!(bureau.json(&back)["status"], "draft");
    refused(&bureau.run(&verifying), "cannot become");
    drop(owner);
    well(&bureau, 1);
}

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn a_client_whose_owner_is_killed_before_it_answers_is_answered_with_what_was_kept() {
    let bureau = Bureau::made();
    let file = household("illness");
    let number = "150785-2026-0001";
    let steps = [
        (vec!["survey", "--new", "--answers", &file, "--on", "2026-11-20"], 1),
        (vec!["status", "NUMBER", "verifying"], 1),
        (vec!["query", "NUMBER", "--ask", "66", "why five"], 1),
    ];
    let mut known = String::from(number);
    for (args, dossiers) in steps {
        let args: Vec<&str> = args.into_iter().map(|arg| if arg == "NUMBER" { known.as_str() } else { arg }).collect();
        let fault = ["-e", "trace=sendto", "-e", "inject=sendto:signal=KILL:when=1"];
        let Some(serve) = traced(&bureau, &fault, &["serve"]) else {
            println!("skipped: no strace here");
            return;
        };
        let owner = Owner::of(serve).0;
        let out = bureau.run(&[&args[..], &["--json"]].concat());
        assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
        drop(owner);
        let said: Value = serde_json::from_slice(&out.stdout).unwrap();
        match args[0] {
            "survey" => known = said["dossier"].as_str().unwrap().to_owned(),
            "status" => assert_eq!(said["status"], "verifying"),
            _ => assert_eq!(said.as_array().unwrap().len(), 1, "{said}"),
        }
        well(&bureau, dossiers);
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn a_sync_that_fails_while_a_survey_is_kept_and_the_same_file_again_is_one_survey() {
    let file = household("illness");
    let args = ["survey", "--new", "--answers", &file, "--json"];
    // Of the file that is written; and then of the one as well that its frames are written to.
    for (when, hurt) in [("1", 1), ("1+", 2)] {
        let bureau = Bureau::made();
        let file = |name: &str| bureau.data().join("journal").join(name).display().to_string();
        let (journal, next, log) = (file("00000001.seg"), file("00000002.seg.new"), bureau.folder.path().join("log"));
        assert!(bureau.run(&["survey", "--new", "--answers", &household("accident")]).status.success());
        let inject = format!("inject=fdatasync:error=EIO:when={when}");
        let fault = ["-o", log.to_str().unwrap(), "-P", &journal, "-P", &next, "-e", "trace=fdatasync", "-e", &inject];
        let Some(mut first) = traced(&bureau, &fault, &args) else {
            println!("skipped: no strace here");
            return;
        };
        let first = first.output().unwrap();
        let injected = std::fs::read_to_string(&log).unwrap().matches("(INJECTED)").count();
        assert!(injected >= hurt, "sync {when}: {injected} failed");
        let again = bureau.json(&args[..4]);
        // It may have been asked again where nobody has to do anything, and answered with what was kept.
        if first.status.success() {
            let first: Value = serde_json::from_slice(&first.stdout).unwrap();
            assert_eq!((&again["dossier"], &again["record"]), (&first["dossier"], &first["record"]), "sync {when}");
        }
        let third = bureau.json(&args[..4]);
        assert_eq!((&again["dossier"], &third["repeated"]), (&third["dossier"], &Value::Bool(true)), "sync {when}");
        assert_eq!(bureau.json(&["doctor"])["drafts"], 0, "sync {when}");
        well(&bureau, 2);
    }
}
