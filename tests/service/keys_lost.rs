//! Keys that are lost, as whoever types meets them: what is said of whom, what brings them back, and what must not be done.

use super::command_line::{Bureau, text};
use std::path::{Path, PathBuf};
use std::process::Output;

fn data(bureau: &Bureau) -> PathBuf {
    bureau.folder.path().join("data")
}

/// Every slot that was made first, in both copies.
fn lose_slots(bureau: &Bureau) {
    for copy in ["a", "b"] {
        std::fs::remove_file(data(bureau).join(format!("keys/{copy}/slots-00000001"))).unwrap();
    }
}

fn all(out: &Output) -> String {
    text(&out.stdout) + &text(&out.stderr)
}

fn backed_up(bureau: &Bureau, name: &str) -> String {
    let file = bureau.folder.path().join(name);
    let done = bureau.run(&["backup", file.to_str().unwrap()]);
    assert!(file.exists(), "{}", all(&done));
    format!("{}.keys", file.display())
}

#[test]
fn views_that_cannot_be_folded_again_for_want_of_a_key_are_never_sent_to_a_rebuild() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    let (whole, poor) = (backed_up(&bureau, "whole"), {
        lose_slots(&bureau);
        backed_up(&bureau, "poor")
    });
    let verified = bureau.run(&["verify", "--views"]);
    let said = all(&verified);
    assert!(said.contains("keys of 1 dossiers are missing") && said.contains("dossier key bring FILE.keys"), "{said}");
    assert!(!said.contains("Run dossier rebuild") && verified.status.code() == Some(1), "{said}");
    let json: serde_json::Value = serde_json::from_slice(&bureau.run(&["verify", "--views", "--json"]).stdout).unwrap();
    assert_eq!(json["views"]["without_keys"][0], number.as_str());
    // A backup of after the loss brings nothing, and that is said with whose are missing still.
    let brought = bureau.run(&["key", "bring", &poor]);
    let said = all(&brought);
    assert!(
        said.contains("0 keys were brought back") && said.contains("still missing") && said.contains(&number),
        "{said}"
    );
    assert_eq!(brought.status.code(), Some(1), "{said}");
    let brought = bureau.run(&["key", "bring", &whole]);
    let said = text(&brought.stdout);
    assert!(brought.status.success() && !said.contains("missing"), "{}", all(&brought));
    let verified = bureau.run(&["verify", "--views"]);
    assert!(verified.status.success() && text(&verified.stdout).contains("byte for byte"), "{}", all(&verified));
}

#[test]
fn a_ring_that_comes_back_says_what_came_and_not_that_the_folder_moved() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    let keys = backed_up(&bureau, "whole");
    // A copy that goes on as a station of its own; its backup is still that of the folder before.
    let copy = bureau.folder.path().join("copy");
    let copied = std::process::Command::new("cp").arg("-a").arg(data(&bureau)).arg(&copy).status().unwrap();
    assert!(copied.success());
    std::fs::rename(data(&bureau), bureau.folder.path().join("first")).unwrap();
    std::fs::rename(&copy, data(&bureau)).unwrap();
    assert!(all(&bureau.run(&["lookup", "示例甲"])).contains("was copied or restored"), "it is a copy");
    let ring =
        |name: &str| -> Vec<PathBuf> { ["a", "b"].map(|copy| data(&bureau).join("keys").join(copy).join(name)).into() };
    ring("ring").iter().for_each(|ring| std::fs::remove_file(ring).unwrap());
    let brought = bureau.run(&["key", "bring", &keys]);
    let said = all(&brought);
    assert!(brought.status.success() && said.contains("The ring was brought back from the key file."), "{said}");
    assert!(!said.contains("damaged ones") && !said.contains("was copied or restored;"), "{said}");
    assert!(said.contains("keys that were brought back are of before"), "{said}");
    // Damaged ones are counted, and kept.
    ring("ring").iter().for_each(|ring| std::fs::write(ring, b"no ring").unwrap());
    let said = all(&bureau.run(&["key", "bring", &keys]));
    assert!(said.contains("2 damaged ones are kept"), "{said}");
    assert!(ring("ring-1.damaged").iter().all(|kept| kept.exists()));
    let found = bureau.run(&["lookup", "示例甲"]);
    assert!(found.status.success() && !all(&found).contains("copied"), "{}", all(&found));
}

#[test]
fn a_person_outside_dossiers_who_cannot_be_read_makes_a_lookup_partial_and_a_donor_is_said_to_be_unread() {
    let bureau = Bureau::new();
    assert!(bureau.run(&["init"]).status.success());
    bureau.json(&["user", "add", "示例会", "--role", "accountant"]);
    bureau.json(&["fund", "take"]);
    let as_her = ["--as", "示例会", "fund"];
    bureau.json(&[&as_her[..], &["new-donor", "示例捐赠甲"]].concat());
    lose_slots(&bureau);
    let looked = bureau.run(&["lookup", "示例捐赠甲"]);
    let said = all(&looked);
    assert!(said.contains("1 persons outside dossiers cannot be read") && !said.contains("Nothing fits"), "{said}");
    let json: serde_json::Value = serde_json::from_slice(&bureau.run(&["lookup", "某", "--json"]).stdout).unwrap();
    assert_eq!(json["partial"], true);
    let donors = bureau.run(&[&as_her[..], &["donors"]].concat());
    let said = all(&donors);
    assert!(said.contains("cannot be read") && said.contains("key bring") && !said.contains("erased"), "{said}");
    assert_eq!(donors.status.code(), Some(1));
    let said = all(&bureau.run(&[&as_her[..], &["donor", "示例捐赠甲"]].concat()));
    assert!(said.contains("their keys are lost"), "{said}");
    let said = all(&bureau.run(&["doctor"]));
    assert!(said.contains("keys of 1 persons outside dossiers (1 of them donors) are not here"), "{said}");
}

fn owners(folder: &Path, out: &mut Vec<u32>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let found = std::fs::symlink_metadata(entry.path()).unwrap();
        out.push(std::os::unix::fs::MetadataExt::uid(&found));
        if found.is_dir() {
            owners(&entry.path(), out);
        }
    }
}

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn root_leaves_nothing_in_a_folder_that_is_another_users() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    let keys = backed_up(&bureau, "whole");
    let given = std::process::Command::new("chown").args(["-R", "60001"]).arg(data(&bureau)).status();
    if !given.is_ok_and(|given| given.success()) {
        println!("skipped: only root can give a folder away");
        return;
    }
    let files = || {
        let mut all = Vec::new();
        owners(&data(&bureau), &mut all);
        all
    };
    let before = files().len();
    let file = bureau.folder.path().join("whole");
    for asked in [
        &["doctor"][..],
        &["lookup", "示例甲"],
        &["rebuild"],
        &["restore", file.to_str().unwrap(), "--over"],
        &["key", "bring", &keys],
    ] {
        let out = bureau.run(asked);
        let said = all(&out);
        assert!(out.status.code() == Some(1) && said.contains("sudo -u '#60001' dossier"), "{asked:?}: {said}");
        assert!(files().iter().all(|uid| *uid == 60_001) && files().len() == before, "{asked:?}");
    }
    // A folder of root's own, and one of which the ring is gone.
    for copy in ["a", "b"] {
        std::fs::remove_file(data(&bureau).join(format!("keys/{copy}/ring"))).unwrap();
    }
    assert!(all(&bureau.run(&["key", "bring", &keys])).contains("60001"));
    let given = std::process::Command::new("chown").args(["-R", "0"]).arg(data(&bureau)).status().unwrap();
    assert!(given.success() && bureau.run(&["key", "bring", &keys]).status.success());
}

#[test]
fn figures_that_lack_households_say_so_and_nobody_is_made_twice_without_a_word() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    let keys = backed_up(&bureau, "whole");
    lose_slots(&bureau);
    for asked in [&["roll", "--group", "category"][..], &["roll"]] {
        let counted = bureau.run(asked);
        assert!(text(&counted.stdout).contains("1 households cannot be read"), "{asked:?}: {}", all(&counted));
        assert_eq!(counted.status.code(), Some(1), "{asked:?}");
    }
    let counted = bureau.run(&["roll", "--group", "category", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&counted.stdout).unwrap();
    assert_eq!((&found["partial"], &found["unread"]), (&true.into(), &1.into()), "{found}");
    // The same family, from another sheet of paper.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/households/illness.json");
    let again = bureau.run(&["survey", "--new", "--answers", file, "--again"]);
    assert!(all(&again).contains("nobody can tell whether this ID number has one"), "{}", all(&again));
    let brought = bureau.run(&["key", "bring", &keys]);
    // A household that has only been proposed is not on the roll yet.
    let counted = bureau.run(&["roll", "--status", "all", "--group", "category"]);
    assert_eq!(counted.status.code(), Some(0), "{}{}", all(&brought), all(&counted));
}

#[test]
fn a_backup_that_is_made_while_keys_are_missing_does_not_count_as_the_last_one() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    let notes = || {
        let out = bureau.run(&["doctor", "--json"]);
        let health: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        health["notes"].to_string()
    };
    assert!(notes().contains("No backup is recorded"));
    let keys = bureau.folder.path().join("keys");
    let copied =
        std::process::Command::new("cp").arg("-a").arg(data(&bureau).join("keys")).arg(&keys).status().unwrap();
    assert!(copied.success());
    lose_slots(&bureau);
    backed_up(&bureau, "poor");
    let said = notes();
    assert!(said.contains("No backup is recorded") && said.contains("was made while keys were missing"), "{said}");
    for copy in ["a", "b"] {
        let slots = format!("{copy}/slots-00000001");
        std::fs::copy(keys.join(&slots), data(&bureau).join("keys").join(&slots)).unwrap();
    }
    backed_up(&bureau, "whole");
    let said = notes();
    assert!(said.contains("The last backup was made on") && !said.contains("while keys were missing"), "{said}");
    let handled = all(&bureau.run(&["user", "log"]));
    assert!(handled.contains("backup without the keys that were missing"), "{handled}");
}
