//! The program itself, from the outside: a lock file that is gone, a clock that jumped, an owner that is stopped, a folder
//! that went away. What is asked is what a person at the machine would see.
//!
//! Faults tried from outside, by kind, and the promise that keeps each (here, or in the binary that is named):
//!
//! | what happens | promise |
//! |---|---|
//! | the lock file is removed (`c1`) | `with_the_lock_file_gone_…`; store: `a_missing_lock_file_lets_no_second_owner_in` |
//! | locks do nothing (`c10`) | store: `a_folder_that_another_process_has_by_its_token_…`, `an_owner_whose_folder_another_has_taken_…` |
//! | views refilled, one read fails at reopening (`f7`) | `views_whose_reading_fails_while_they_are_made_anew_…` |
//! | rows of another shape, a journal byte flipped (`k6`) | store: `rows_of_another_shape_still_give_what_the_journal_has_lost` |
//! | slots, ring, journal of another store (`f_confirm`: F1, F2, F3) | store: `another_stores_slots_…`, `another_stores_ring_…`, `files_that_our_keys_do_not_open_…`; office: `a_journal_of_another_store_…` |
//! | journal and views gone, keys and a note of the stop there (`f_confirm`: F4) | office: `a_folder_that_had_a_store_and_has_none_…`; store: `a_journal_that_lost_every_file_…` |
//! | the journal gone beside whole views (`f_confirm`: F5) | office: `a_missing_journal_beside_a_whole_sled_…` |
//! | an earlier copy, same inode (`c7`) | office: `an_earlier_copy_put_back_in_the_same_folder_…` |
//! | older keys put back, slots gone (`d8`) | office: `dossiers_whose_keys_were_made_since_the_keys_that_are_put_back_…`, `missing_keys_are_said_at_opening_by_doctor_and_by_backup` |
//! | `restore --over` killed between renames (`k8`) | `a_restore_that_is_killed_at_any_rename_…` |
//! | a sync fails; the owner dies before it answers (`k5`, `k3b`) | `a_sync_that_fails_…`, `a_client_whose_owner_is_killed_…` |
//! | a day in 2041 (`h1`) | `a_day_far_from_the_last_known_…`; office: `one_day_with_the_clock_far_ahead_…` |

use crate::support::owner::Owner;
use dossier::command::{Library, OpenOffice, opening};
use dossier::domain::{Day, Now, Stamp};
use dossier::seal::SystemRandom;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Bureau {
    pub(crate) folder: tempfile::TempDir,
}

impl Bureau {
    pub(crate) fn made() -> Bureau {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        assert!(bureau.run(&["init"]).status.success());
        bureau
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.arg("--data").arg(self.data()).args(["--lang", "en"]).args(args);
        command.env_remove("DOSSIER_PASSPHRASE").env_remove("DOSSIER_KEY_FILE").env("USER", "示例员");
        command.env("XDG_STATE_HOME", self.folder.path().join("state")).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let out = self.run(&[args, &["--json"]].concat());
        assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    pub(crate) fn survey(&self) -> Output {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
        self.run(&["survey", "--new", "--again", "--answers", file.to_str().unwrap(), "--json"])
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn refused(out: &Output, words: &str) {
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains(words), "{}", text(&out.stderr));
}

#[test]
fn a_folder_without_a_store_is_left_as_it_is_by_every_command_but_init() {
    let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
    let household = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
    for args in [
        &["survey", "--new", "--answers", household.to_str().unwrap()][..],
        &["lookup", "x"],
        &["doctor"],
        &["serve"],
        &["verify"],
    ] {
        refused(&bureau.run(args), "dossier init");
        assert!(!bureau.data().exists(), "{args:?}");
    }
    assert!(bureau.run(&["init"]).status.success());
    refused(&bureau.run(&["init"]), "already");
    assert!(bureau.survey().status.success());
}

#[test]
fn with_the_lock_file_gone_a_second_process_has_its_command_done_by_the_owner() {
    let bureau = Bureau::made();
    let owner = Owner::again(&bureau.data());
    std::fs::remove_file(bureau.data().join("lock")).unwrap();
    for n in 1..4 {
        let kept = bureau.survey();
        assert!(kept.status.success(), "{}", text(&kept.stderr));
        let kept: Value = serde_json::from_slice(&kept.stdout).unwrap();
        assert!(kept["dossier"].as_str().unwrap().ends_with(&format!("{n:04}")), "{kept}");
    }
    refused(&bureau.run(&["doctor"]), "is using this data folder");
    drop(owner);
    let health = bureau.json(&["doctor"]);
    assert_eq!((&health["well"], &health["dossiers"]), (&Value::Bool(true), &Value::from(3)));
    assert_eq!(bureau.json(&["verify", "--views"])["holds"], true);
}

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn where_locks_do_nothing_a_second_process_is_refused_by_the_owners_token_and_told_how_far_the_first_came() {
    let bureau = Bureau::made();
    assert!(bureau.survey().status.success());
    let owner = Owner::again(&bureau.data());
    let fault = ["-e", "trace=flock", "-e", "inject=flock:retval=0"];
    for args in [["doctor"], ["rebuild"]] {
        let Some(mut second) = traced(&bureau, &fault, &args) else {
            println!("skipped: no strace here");
            return;
        };
        let out = second.output().unwrap();
        for words in ["is using this data folder", &owner.process().to_string(), "the last of", "head code"] {
            refused(&out, words);
        }
        refused(&out, bureau.data().to_str().unwrap());
    }
    assert!(bureau.survey().status.success(), "the owner goes on");
    drop(owner);
    well(&bureau, 2);
}

#[test]
fn the_client_of_a_stopped_owner_is_told_so() {
    let bureau = Bureau::made();
    let owner = Owner::again(&bureau.data());
    let number = std::fs::read_to_string(bureau.data().join("lock")).unwrap();
    let signal = |name: &str| assert!(Command::new("kill").args([name, number.trim()]).status().unwrap().success());
    signal("-STOP");
    let asked = std::time::Instant::now();
    let out = bureau.run(&["lookup", "x"]);
    let took = asked.elapsed();
    signal("-CONT");
    assert!(took < Duration::from_secs(60), "seconds, and not for ever: {took:?}");
    refused(&out, number.trim());
    refused(&out, "stopped");
    assert!(bureau.survey().status.success(), "it goes on when the owner does");
    drop(owner);
}

#[test]
fn an_owner_whose_folder_was_removed_ends_when_it_is_told_to() {
    let bureau = Bureau::made();
    let mut serve = bureau.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(serve.stdout.as_mut().unwrap()), &mut said).unwrap();
    std::fs::remove_dir_all(bureau.data()).unwrap();
    assert!(Command::new("kill").arg(serve.id().to_string()).status().unwrap().success());
    // Long enough for any machine; where it hangs, it hangs for ever.
    for _ in 0..600 {
        if let Some(status) = serve.try_wait().unwrap() {
            assert_ne!(status.code(), Some(101));
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    serve.kill().unwrap();
    panic!("it waits for ever");
}

// ---- the same command twice

fn household(name: &str) -> String {
    format!("{}/tests/households/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

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

// ---- faults of the system's calls, from outside

/// The program with a fault in its system calls; `None` where nothing can inject one.
fn traced(bureau: &Bureau, fault: &[&str], args: &[&str]) -> Option<Command> {
    if !Command::new("strace").arg("-V").output().is_ok_and(|out| out.status.success()) {
        return None;
    }
    let plain = bureau.command(args);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null"]).args(fault).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(Stdio::null());
    Some(command)
}

/// What every store has to say of itself after whatever happened: to `doctor`, to `verify`, and by a backup of both copies.
#[track_caller]
fn well(bureau: &Bureau, dossiers: u64) {
    let health = bureau.json(&["doctor"]);
    assert_eq!((&health["well"], &health["dossiers"]), (&Value::Bool(true), &Value::from(dossiers)), "{health}");
    let verified = bureau.json(&["verify", "--views"]);
    let both = serde_json::json!(["journal", "sled"]);
    let said = |copies: &Value| (copies["read"].clone(), copies["whole"].clone());
    assert_eq!(
        (&verified["holds"], said(&verified["copies"])),
        (&Value::Bool(true), (both.clone(), Value::Bool(true)))
    );
    let file = bureau.folder.path().join("well.backup");
    let backed = bureau.json(&["backup", file.to_str().unwrap()]);
    assert_eq!(said(&backed["copies"]), (both, Value::Bool(true)), "{backed}");
    for name in ["well.backup", "well.backup.keys"] {
        std::fs::remove_file(bureau.folder.path().join(name)).unwrap();
    }
}

/// All is well but for what a restore that was cut off left beside the folder: `doctor` names it, and once it is gone, as
/// `doctor` says, nothing is to be said any more.
fn well_after_a_restore_that_was_cut_off(bureau: &Bureau) {
    let health: Value = serde_json::from_slice(&bureau.run(&["doctor", "--json"]).stdout).unwrap();
    for wrong in health["wrong"].as_array().unwrap() {
        assert!(wrong.as_str().unwrap().contains("data.restoring beside it"), "{wrong}");
    }
    let beside = std::fs::read_dir(bureau.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    for left in beside.filter(|path| path.extension().is_some_and(|end| end == "restoring")) {
        assert_ne!(health["wrong"].as_array().unwrap().len(), 0, "{} is there and nobody says so", left.display());
        std::fs::remove_dir_all(left).unwrap();
    }
    well(bureau, 1);
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
            assert!(bureau.run(&["show", said["dossier"].as_str().unwrap()]).status.success(), "{place}");
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

#[test]
fn a_process_whose_folder_went_away_while_its_terminal_closed_ends() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read;
    for removed_first in [true, false] {
        let bureau = Bureau::made();
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let plain = bureau.command(&[]);
        let mut command = CommandBuilder::new(plain.get_program());
        command.args(plain.get_args());
        plain.get_envs().for_each(|(name, value)| command.env(name, value.unwrap_or_default()));
        ["DOSSIER_PASSPHRASE", "DOSSIER_KEY_FILE"].into_iter().for_each(|name| command.env_remove(name));
        command.env("TERM", "xterm-256color");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (mut seen, mut chunk) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&seen).contains("household") {
            let n = reader.read(&mut chunk).unwrap();
            seen.extend_from_slice(&chunk[..n]);
        }
        if removed_first {
            std::fs::remove_dir_all(bureau.data()).unwrap();
            drop((reader, pair.master));
        } else {
            drop((reader, pair.master));
            let _ = std::fs::remove_dir_all(bureau.data());
        }
        let mut ended = None;
        for _ in 0..600 {
            ended = child.try_wait().unwrap();
            if ended.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let ended = ended.unwrap_or_else(|| {
            let _ = child.kill();
            panic!("it waits for ever")
        });
        assert_ne!(ended.exit_code(), 101);
    }
}

/// A store whose last record says that it was made on this day.
fn made_on(bureau: &Bureau, day: &str) {
    let today = Day::from_iso(day).unwrap();
    let now = Now { at: Stamp(i64::from(today.0) * 86_400_000), today };
    let asked = OpenOffice::new(&bureau.data(), Arc::new(Library::built_in()), Box::new(SystemRandom), now);
    let machine = std::fs::read("/etc/machine-id").unwrap_or_default();
    opening::open(OpenOffice { machine, user: "示例员".to_owned(), ..asked }).unwrap().office.close().unwrap();
}

#[test]
fn a_day_far_from_the_last_known_keeps_nothing_until_somebody_says_that_it_is_right() {
    for odd in ["2099-05-05", "2001-01-01"] {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        made_on(&bureau, odd);
        let records = bureau.json(&["doctor"])["records"].clone();
        refused(&bureau.survey(), odd);
        refused(&bureau.run(&["user", "add", "x", "--role", "surveyor"]), odd);
        let read = bureau.run(&["doctor"]);
        assert!(read.status.success(), "reading goes on");
        assert!(text(&read.stderr).contains(odd), "and says what is odd");
        assert_eq!(bureau.json(&["doctor"])["records"], records, "nothing was kept");
        assert!(bureau.run(&["--clock-is-right", "user", "add", "x", "--role", "surveyor"]).status.success());
        assert!(bureau.survey().status.success(), "what is known now is known");
        assert_eq!(bureau.json(&["verify", "--views"])["holds"], true);
    }
}
