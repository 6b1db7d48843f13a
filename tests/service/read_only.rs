//! A data folder that may only be read: reading needs no writing, what has to be recorded is refused in words, and nothing in the
//! folder or beside it is counted on.

use crate::outside::{Bureau, refused, text};
use serde_json::Value;
use std::process::{Command, Output};

/// The program over a mount of the folder that can only be read; `None` where nobody may mount.
fn read_only(bureau: &Bureau, args: &[&str]) -> Option<Output> {
    read_only_as(bureau, "示例员", args)
}

/// The same, not run yet.
pub(crate) fn mounted_to_read(bureau: &Bureau, args: &[&str]) -> Command {
    let mounted = r#"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" || exit 99; exec "$@""#;
    let plain = bureau.command(args);
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", mounted]).arg(bureau.data());
    command.arg(plain.get_program()).args(plain.get_args()).stdin(std::process::Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn read_only_as(bureau: &Bureau, login: &str, args: &[&str]) -> Option<Output> {
    let out = mounted_to_read(bureau, args).env("USER", login).output().ok()?;
    let may = out.status.code() != Some(99) && !text(&out.stderr).contains("unshare");
    may.then_some(out)
}

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn a_folder_that_may_only_be_read_is_verified_counted_and_backed_up_and_nothing_about_it_changes() {
    let bureau = Bureau::made();
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    let number = kept["dossier"].as_str().unwrap();
    let counts = || {
        let below = |folder: std::path::PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let beside = below(bureau.folder.path().join("state/dossier"));
        let beside = beside.filter(|entry| entry.file_name().to_string_lossy().starts_with("turn-"));
        let beside = beside.map(|entry| std::fs::read(entry.path()).unwrap());
        (std::fs::read(bureau.data().join("turn")).unwrap(), beside.collect::<Vec<_>>())
    };
    let before = counts();
    assert_eq!(before.1.len(), 1, "a count outside");
    let backup = bureau.folder.path().join("backup");
    let backup = backup.to_str().unwrap();
    for (args, done) in [
        (&["verify", "--views"][..], true),
        (&["doctor"], true),
        (&["user", "list"], true),
        (&["queue"], true),
        (&["backup", backup], true),
        (&["show", number], false),
        (&["status", number, "verifying"], false),
        (&["rebuild"], false),
    ] {
        let Some(out) = read_only(&bureau, &[args, &["--json"]].concat()) else {
            println!("skipped: nobody may mount here");
            return;
        };
        // One document an answer, refused or not.
        let said: Value = serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|why| panic!("{args:?}: {why}: {}{}", text(&out.stdout), text(&out.stderr)));
        assert!(text(&out.stderr).contains("only be read"), "{args:?}: {}", text(&out.stderr));
        match done {
            true => assert!(out.status.success() && said.get("refused").is_none(), "{args:?}: {said}"),
            false => {
                refused(&out, "Nothing was written");
                assert!(said["refused"].as_str().is_some_and(|why| why.contains("only be read")), "{args:?}: {said}");
            }
        }
        assert!(counts() == before, "{args:?}");
    }
    // What was backed up from there is all of it.
    let elsewhere = Bureau { folder: tempfile::tempdir().unwrap() };
    let key = bureau.data().join("dossier.key");
    let restored = elsewhere.run(&["--key-file", key.to_str().unwrap(), "restore", backup]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    assert!(elsewhere.run(&["show", number]).status.success());
}

#[test]
fn whoever_is_nobody_here_reads_nothing_of_a_disk_that_may_only_be_read_either() {
    let bureau = Bureau::made();
    assert!(bureau.survey().status.success());
    for args in [&["lookup", "示例"][..], &["queue"]] {
        let Some(out) = read_only_as(&bureau, "nobodyknown", args) else { return };
        refused(&out, "nobodyknown");
        assert!(out.stdout.is_empty(), "{args:?}: {}", text(&out.stdout));
        assert!(read_only(&bureau, args).unwrap().status.success(), "{args:?}");
    }
}
