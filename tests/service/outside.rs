//! The program itself, as a person at the machine has it: commands and what they answer, faults in its system calls, and what
//! is asked of a store after whatever happened to it.

use dossier::command::{Library, OpenOffice, opening};
use dossier::domain::{Day, Now, Stamp};
use dossier::seal::SystemRandom;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

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
        command_in(self.folder.path(), args)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        json_in(self.folder.path(), args)
    }

    pub(crate) fn survey(&self) -> Output {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
        self.run(&["survey", "--new", "--again", "--answers", file.to_str().unwrap(), "--json"])
    }
}

/// The program over the store `data` in a folder.
fn command_in(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.arg("--data").arg(folder.join("data")).args(["--lang", "en"]).args(args);
    command.env_remove("DOSSIER_PASSPHRASE").env_remove("DOSSIER_KEY_FILE").env("USER", "示例员");
    command.env("XDG_STATE_HOME", folder.join("state")).stdin(Stdio::null());
    command
}

fn json_in(folder: &Path, args: &[&str]) -> Value {
    let out = command_in(folder, &[args, &["--json"]].concat()).output().unwrap();
    assert!(out.status.success(), "{args:?}: {}{}", text(&out.stdout), text(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn refused(out: &Output, words: &str) {
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains(words), "{}", text(&out.stderr));
}

pub(crate) fn household(name: &str) -> String {
    format!("{}/tests/households/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// The program with a fault in its system calls; `None` where nothing can inject one.
pub(crate) fn traced(bureau: &Bureau, fault: &[&str], args: &[&str]) -> Option<Command> {
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
pub(crate) fn well(bureau: &Bureau, dossiers: u64) {
    well_in(bureau.folder.path(), dossiers);
}

/// The same of the store `data` in a folder, once nobody has it open.
#[track_caller]
pub(crate) fn well_in(folder: &Path, dossiers: u64) {
    let health = json_in(folder, &["doctor"]);
    assert_eq!((&health["well"], &health["dossiers"]), (&Value::Bool(true), &Value::from(dossiers)), "{health}");
    let verified = json_in(folder, &["verify", "--views"]);
    let both = serde_json::json!(["journal", "sled"]);
    let said = |copies: &Value| (copies["read"].clone(), copies["whole"].clone());
    assert_eq!(
        (&verified["holds"], said(&verified["copies"])),
        (&Value::Bool(true), (both.clone(), Value::Bool(true)))
    );
    let file = folder.join("well.backup");
    let backed = json_in(folder, &["backup", file.to_str().unwrap()]);
    assert_eq!(said(&backed["copies"]), (both, Value::Bool(true)), "{backed}");
    for name in ["well.backup", "well.backup.keys"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
}

/// All is well but for what a restore that was cut off left beside the folder: `doctor` names it, and once it is gone, as
/// `doctor` says, nothing is to be said any more.
pub(crate) fn well_after_a_restore_that_was_cut_off(bureau: &Bureau) {
    let health: Value = serde_json::from_slice(&bureau.run(&["doctor", "--json"]).stdout).unwrap();
    for wrong in health["wrong"].as_array().unwrap() {
        assert!(wrong.as_str().unwrap().contains("data.restoring beside it"), "{wrong}");
    }
    let beside = std::fs::read_dir(bureau.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    for left in beside.filter(|path| path.extension().is_some_and(|end| end == "restoring")) {
        assert_ne!(health["wrong"].as_array().unwrap().len(), 0, "{} is there and nobody says so", left.display());
        // Half a restore may go; a whole store is the one from before, and may be the only one that has its last records.
        let half = left.join("restoring").exists() || std::fs::read_dir(&left).unwrap().next().is_none();
        let words = match half {
            true => ["was not finished"; 2],
            false => ["is the store from before", "was not put in its place yet"],
        };
        let said = health["wrong"].to_string();
        assert!(words.iter().any(|words| said.contains(words)), "{}: {health}", left.display());
        std::fs::remove_dir_all(left).unwrap();
    }
    well(bureau, 1);
}

/// A store whose last record says that it was made on this day.
pub(crate) fn made_on(bureau: &Bureau, day: &str) {
    let today = Day::from_iso(day).unwrap();
    let now = Now { at: Stamp(i64::from(today.0) * 86_400_000), today };
    let asked = OpenOffice::new(&bureau.data(), Arc::new(Library::built_in()), Box::new(SystemRandom), now);
    let machine = std::fs::read("/etc/machine-id").unwrap_or_default();
    opening::open(OpenOffice { machine, user: "示例员".to_owned(), ..asked }).unwrap().office.close().unwrap();
}
