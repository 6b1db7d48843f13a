//! The program itself, from the outside: a lock file that is gone, a clock that jumped, an owner that is stopped, a folder
//! that went away. What is asked is what a person at the machine would see.

use crate::support::owner::Owner;
use dossier::command::{Library, OpenOffice, opening};
use dossier::domain::{Day, Now, Stamp};
use dossier::seal::SystemRandom;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

struct Bureau {
    folder: tempfile::TempDir,
}

impl Bureau {
    fn made() -> Bureau {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        assert!(bureau.run(&["init"]).status.success());
        bureau
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.arg("--data").arg(self.data()).args(["--lang", "en"]).args(args);
        command.env_remove("DOSSIER_PASSPHRASE").env_remove("DOSSIER_KEY_FILE").env("USER", "示例员");
        command.env("XDG_STATE_HOME", self.folder.path().join("state")).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let out = self.run(&[args, &["--json"]].concat());
        assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    fn survey(&self) -> Output {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
        self.run(&["survey", "--new", "--answers", file.to_str().unwrap(), "--json"])
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn refused(out: &Output, words: &str) {
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
fn the_client_of_a_stopped_owner_is_told_so() {
    let bureau = Bureau::made();
    let owner = Owner::again(&bureau.data());
    let number = std::fs::read_to_string(bureau.data().join("lock")).unwrap();
    let signal = |name: &str| assert!(Command::new("kill").args([name, number.trim()]).status().unwrap().success());
    signal("-STOP");
    let out = bureau.run(&["lookup", "x"]);
    signal("-CONT");
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
