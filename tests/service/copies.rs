//! Two copies of everything, and a fault in each: views whose reading fails, a journal that is damaged beside them, a restore that
//! stops between two names.

use crate::outside::{Bureau, household, refused, text, traced, well, well_after_a_restore_that_was_cut_off};
use serde_json::Value;

#[test]
#[allow(clippy::print_stdout)]
fn views_whose_reading_fails_while_they_are_made_anew_cost_nothing_that_was_kept() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let mut in_memory = 0;
    for when in ["1", "2", "3", "4", "1+", "3+"] {
        std::fs::remove_dir_all(bureau.data().join("sled")).unwrap();
        let rows = bureau.data().join("sled/db");
        let inject = format!("inject=pread64:error=EIO:when={when}");
        let fault = ["-P", rows.to_str().unwrap(), "-e", "trace=pread64", "-e", &inject];
        let Some(mut show) = traced(&bureau, &fault, &["show", number]) else {
            println!("skipped: no strace here");
            return;
        };
        let shown = show.output().unwrap();
        let said = text(&shown.stderr);
        // At once, from what is whole: the journal.
        assert!(shown.status.success() && !said.contains("panicked"), "read {when}: {said}");
        assert!(text(&shown.stdout).contains(number), "read {when}");
        if said.contains("held in memory") {
            in_memory += 1;
            std::fs::remove_dir_all(bureau.data().join("sled")).unwrap_or_default();
            let doctor = traced(&bureau, &fault, &["doctor"]).unwrap().output().unwrap();
            refused(&doctor, "held in memory");
        }
        assert!(bureau.run(&["show", number]).status.success(), "read {when}");
        well(&bureau, 1);
    }
    assert!(in_memory > 0, "no read failed for good");
}

#[test]
#[allow(clippy::print_stdout)]
fn a_restore_that_is_killed_at_any_rename_leaves_a_whole_folder_or_a_sentence_that_names_both() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let backup = bureau.folder.path().join("backup");
    assert!(bureau.run(&["backup", backup.to_str().unwrap()]).status.success());
    let (mut cut, mut named) = (0, 0);
    for call in ["rename", "renameat2"] {
        for when in 1..12 {
            let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
            let restore = ["restore", backup.to_str().unwrap(), "--over"];
            let Some(mut restore) = traced(&bureau, &["-e", &trace, "-e", &inject], &restore) else {
                println!("skipped: no strace here");
                return;
            };
            let done = restore.output().unwrap();
            if done.status.code().is_some() {
                assert!(done.status.success(), "{}", text(&done.stderr));
                break;
            }
            cut += 1;
            let shown = bureau.run(&["show", number]);
            if !shown.status.success() {
                // Neither name is lost, and nothing is begun beside them.
                named += 1;
                assert!(text(&shown.stderr).contains("restor"), "{call} {when}: {}", text(&shown.stderr));
                assert_eq!(bureau.run(&["init"]).status.code(), Some(1));
                assert!(bureau.run(&["restore", backup.to_str().unwrap(), "--over"]).status.success(), "{call} {when}");
            }
            assert!(bureau.run(&["show", number]).status.success(), "{call} {when}");
            well_after_a_restore_that_was_cut_off(&bureau);
        }
    }
    assert!(cut > 3, "{cut} cuts, {named} named");
}

#[test]
#[allow(clippy::print_stdout)]
fn a_restore_whose_file_system_cannot_exchange_names_and_that_stops_or_fails_at_the_next_rename_loses_neither() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let backup = bureau.folder.path().join("backup");
    let restore = ["restore", backup.to_str().unwrap(), "--over"];
    assert!(bureau.run(&["backup", backup.to_str().unwrap()]).status.success());
    let mut hit = 0;
    for second in ["signal=KILL", "error=EIO"] {
        for when in 1..8 {
            // Two at once: names are not exchanged, and of the plain renames one is the last, or fails.
            let rename = format!("inject=rename:{second}:when={when}");
            let fault = ["-e", "trace=renameat2,rename", "-e", "inject=renameat2:error=EINVAL", "-e", &rename];
            let Some(mut faulty) = traced(&bureau, &fault, &restore) else {
                println!("skipped: no strace here");
                return;
            };
            let done = faulty.output().unwrap();
            assert_ne!(done.status.code(), Some(101), "{}", text(&done.stderr));
            if done.status.success() && second == "signal=KILL" {
                break;
            }
            hit += usize::from(!done.status.success());
            let shown = bureau.run(&["show", number]);
            if !shown.status.success() {
                assert!(text(&shown.stderr).contains("restor"), "{second} {when}: {}", text(&shown.stderr));
                assert_eq!(bureau.run(&["init"]).status.code(), Some(1));
                // The key lies in what was replaced, which the sentence named.
                let beside = std::fs::read_dir(bureau.folder.path()).unwrap().map(|entry| entry.unwrap().path());
                let key = beside.map(|path| path.join("dossier.key")).find(|key| key.exists()).expect("a key");
                let again = bureau.run(&[&["--key-file", key.to_str().unwrap()], &restore[..]].concat());
                assert!(again.status.success(), "{second} {when}: {}", text(&again.stderr));
                std::fs::copy(key, bureau.data().join("dossier.key")).unwrap();
            }
            assert!(bureau.run(&["show", number]).status.success(), "{second} {when}");
            well_after_a_restore_that_was_cut_off(&bureau);
        }
    }
    assert!(hit > 3, "{hit}");
}

/// The old views get another name, and the new ones theirs: either of the two fails while they are made anew, once or for as
/// long as the program runs. What was there is set aside and never taken away.
#[test]
#[allow(clippy::print_stdout)]
fn a_name_that_the_disk_does_not_give_while_views_are_made_anew_takes_no_copy_away() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let sled = bureau.data().join("sled");
    let marked = |folder: &std::path::Path| folder.join("mark").exists();
    let mut faults = 0;
    for when in ["1", "2", "1+", "2+"] {
        // No sled that opens, and a file in it that tells it from any other.
        std::fs::write(sled.join("conf"), b"nothing that sled reads").unwrap();
        std::fs::write(sled.join("mark"), b"").unwrap();
        let inject = format!("inject=rename,renameat,renameat2:error=EIO:when={when}");
        let (old, new) = (sled.to_str().unwrap(), bureau.data().join("sled.new"));
        let calls = ["-P", old, "-P", new.to_str().unwrap(), "-e", "trace=rename,renameat,renameat2"];
        let fault = [&calls[..], &["-e", &inject]].concat();
        let Some(mut show) = traced(&bureau, &fault, &["show", number]) else {
            println!("skipped: no strace here");
            return;
        };
        let shown = show.output().unwrap();
        let said = text(&shown.stderr);
        assert!(shown.status.code() != Some(101) && !said.contains("panicked"), "{when}: {said}");
        assert!(shown.status.success() && text(&shown.stdout).contains(number), "{when}: {said}");
        let aside = std::fs::read_dir(bureau.data()).unwrap().flatten().any(|entry| marked(&entry.path()));
        // Once both copies are proven a clean stop lets go of it; where the new one never came to stand it has to be there.
        assert!(aside || !when.ends_with('+'), "{when}: the old views are gone");
        faults += usize::from(aside);
        assert!(bureau.run(&["show", number]).status.success(), "{when}");
        well(&bureau, 1);
    }
    assert!(faults > 0, "nothing was set aside");
}

/// sled's own files, which the disk in memory does not cover: their writing and their sync fail, from the first time on, while a
/// byte of the journal is flipped too.
#[test]
#[allow(clippy::print_stdout)]
fn faults_of_the_views_own_files_beside_a_damaged_journal_cost_nothing_that_was_kept() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let rows = bureau.data().join("sled/db");
    let journal = bureau.data().join("journal/00000001.seg");
    let mut dossiers = 1;
    for (call, error, when) in [
        ("pwrite64", "EIO", "1+"),
        ("pwrite64", "ENOSPC", "2+"),
        ("pwrite64", "EIO", "3"),
        ("fdatasync,fsync,sync_file_range", "EIO", "1+"),
        ("ftruncate", "EIO", "1"),
    ] {
        // In the second record: what the views hold is its only other copy.
        let mut bytes = std::fs::read(&journal).unwrap();
        bytes[300] ^= 1;
        std::fs::write(&journal, bytes).unwrap();
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:error={error}:when={when}"));
        let fault = ["-P", rows.to_str().unwrap(), "-e", &trace, "-e", &inject];
        let file = household("accident");
        let args = ["survey", "--new", "--again", "--answers", &file, "--json"];
        let Some(mut faulty) = traced(&bureau, &fault, &args) else {
            println!("skipped: no strace here");
            return;
        };
        let place = format!("{call} {error} {when}");
        let done = faulty.output().unwrap();
        assert_ne!(done.status.code(), Some(101), "{place}: {}", text(&done.stderr));
        assert!(!text(&done.stderr).contains("panicked"), "{place}: {}", text(&done.stderr));
        // What was answered is there, whatever the views' file did.
        if done.status.success() {
            let said: Value = serde_json::from_slice(&done.stdout).unwrap();
            let shown = bureau.run(&["show", said["dossier"].as_str().unwrap()]);
            assert!(shown.status.success(), "{place}: {}\nbehind {}", text(&shown.stderr), text(&done.stderr));
        }
        assert!(bureau.run(&["show", number]).status.success(), "{place}: {}", text(&done.stderr));
        let there = bureau.json(&["doctor"])["dossiers"].as_u64().unwrap();
        assert!(there == dossiers + 1 || (there == dossiers && !done.status.success()), "{place}: {there}");
        dossiers = there;
        well(&bureau, dossiers);
    }
}

/// Reads of sled's own files, and of the copy that is opened in their stead, that fail beside a damaged or a missing journal: once,
/// from some time on, or for as long as the program runs. Whatever it says then, both copies are whole once they can be read.
#[test]
#[allow(clippy::print_stdout)]
fn a_failed_read_of_the_views_beside_a_damaged_journal_costs_nothing() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let (rows, copy) = (bureau.data().join("sled/db"), bureau.data().join("sled.copy/sled/db"));
    let journal = bureau.data().join("journal/00000001.seg");
    let (mut refused, mut gone) = (0, false);
    for of in [[&rows, &rows], [&copy, &copy], [&rows, &copy]] {
        for when in ["1", "1+", "40+"] {
            if gone {
                std::fs::remove_dir_all(journal.parent().unwrap()).unwrap();
            } else {
                // In the second record: what the views hold is its only other copy.
                let mut bytes = std::fs::read(&journal).unwrap();
                bytes[300] ^= 1;
                std::fs::write(&journal, bytes).unwrap();
            }
            let inject = format!("inject=pread64:error=EIO:when={when}");
            let paths = of.map(|path| path.to_str().unwrap());
            let fault = ["-P", paths[0], "-P", paths[1], "-e", "trace=pread64", "-e", &inject];
            let Some(mut faulty) = traced(&bureau, &fault, &["show", number]) else {
                println!("skipped: no strace here");
                return;
            };
            let place = format!("read {when} of {paths:?}, journal gone: {gone}");
            let done = faulty.output().unwrap();
            let said = text(&done.stderr);
            assert!(done.status.code() != Some(101) && !said.contains("panicked"), "{place}: {said}");
            refused += usize::from(!done.status.success());
            let shown = bureau.run(&["show", number]);
            assert!(shown.status.success(), "{place}: {said}{}", text(&shown.stderr));
            assert!(!bureau.data().join("sled.copy").exists(), "{place}");
            gone = !gone;
        }
        well(&bureau, 1);
    }
    assert!(refused > 3, "{refused}");
}

#[test]
#[allow(clippy::print_stdout)]
fn a_damaged_journal_on_a_disk_without_room_for_a_copy_of_the_views_is_said_with_how_much_is_needed() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let copy = bureau.data().join("sled.copy/sled/db");
    let journal = bureau.data().join("journal/00000001.seg");
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes[300] ^= 1;
    std::fs::write(&journal, &bytes).unwrap();
    let fault = ["-P", copy.to_str().unwrap(), "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=1+"];
    let Some(mut faulty) = traced(&bureau, &fault, &["show", number]) else {
        println!("skipped: no strace here");
        return;
    };
    let done = faulty.output().unwrap();
    refused(&done, "MB of room");
    refused(&done, "Nothing was changed");
    assert!(std::fs::read(&journal).unwrap() == bytes);
    assert!(bureau.run(&["show", number]).status.success());
    well(&bureau, 1);
}

#[test]
fn doctor_exits_1_over_whatever_was_not_finished_and_names_it() {
    let bureau = Bureau::made();
    let beside = |name: &str| bureau.folder.path().join(name);
    let left = [bureau.data().join("drafts/0.draft.new"), beside("data.restoring"), beside("b.backup.keys")];
    for path in &left {
        match path.extension().is_some_and(|end| end == "restoring") {
            true => std::fs::create_dir(path).unwrap(),
            false => {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, b"DKEYS and no more").unwrap();
            }
        }
        let out = bureau.run(&["doctor"]);
        assert_eq!(out.status.code(), Some(1), "{path:?}: {}", text(&out.stdout));
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(text(&out.stdout).contains(name), "{path:?}: {}", text(&out.stdout));
        if path.is_dir() {
            std::fs::remove_dir(path).unwrap()
        } else {
            std::fs::remove_file(path).unwrap()
        }
        well(&bureau, 0);
    }
}
