//! Something else stands where a part of the store belongs, or the store is not where it was: what it is, where, and what next are
//! said, and no new store is begun in its place.

use crate::outside::{Bureau, household, refused, text, well};
use crate::support::owner::Owner;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn number(bureau: &Bureau) -> String {
    let kept: Value = serde_json::from_slice(&bureau.survey().stdout).unwrap();
    kept["dossier"].as_str().unwrap().to_owned()
}

/// Every file and link below a folder with its bytes, but for the lock, in which the last process stands.
fn all_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(all_below(&path));
        } else if path.file_name().is_some_and(|name| name != "lock") {
            let is_file = fs::symlink_metadata(&path).unwrap().is_file();
            let bytes = if is_file { fs::read(&path).unwrap() } else { Vec::new() };
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

#[test]
fn what_stands_where_a_folder_of_the_store_belongs_is_named_with_what_comes_next_and_nothing_is_begun() {
    let bureau = Bureau::made();
    let number = number(&bureau);
    type Put = fn(&Path);
    let file: Put = |path| fs::write(path, b"hello").unwrap();
    let link: Put = |path| std::os::unix::fs::symlink("/nowhere/at/all", path).unwrap();
    let pipe: Put = |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    for (name, put, is, next) in [
        ("keys/a", file, "a plain file", "made anew from the other one"),
        ("keys/b", link, "a link to /nowhere/at/all", "made anew from the other one"),
        ("keys", file, "a plain file", "dossier key bring"),
        ("keys", link, "a link to /nowhere/at/all", "is mounted"),
        ("drafts", file, "a plain file", "Surveys that are not finished"),
        ("drafts", pipe, "a pipe", "Surveys that are not finished"),
        ("journal", file, "a plain file", "the copies in the views"),
        ("journal", link, "a link to /nowhere/at/all", "the copies in the views"),
    ] {
        let (place, elsewhere) = (bureau.data().join(name), bureau.folder.path().join("elsewhere"));
        if !place.exists() {
            fs::create_dir(&place).unwrap();
        }
        fs::rename(&place, &elsewhere).unwrap();
        put(&place);
        let before = all_below(&bureau.data());
        for args in [&["lookup", &number][..], &["doctor"], &["verify"], &["lookup", &number, "--despite-loss"]] {
            let out = bureau.run(args);
            refused(&out, &format!("{} is {is}", place.display()));
            refused(&out, next);
        }
        assert_eq!(bureau.run(&["init"]).status.code(), Some(1), "{name}");
        assert!(all_below(&bureau.data()) == before, "{name}: nothing was changed");
        fs::remove_file(&place).unwrap();
        fs::rename(&elsewhere, &place).unwrap();
        assert!(bureau.run(&["show", &number]).status.success(), "{name}: it is back");
    }
    // As the sentence says: one copy of the keys, gone for good, is made from the other.
    fs::remove_dir_all(bureau.data().join("keys/a")).unwrap();
    assert!(bureau.run(&["show", &number]).status.success());
    well(&bureau, 1);
    // A link that leads nowhere is no "empty folder" either, once all else is gone.
    let only = Bureau { folder: tempfile::tempdir().unwrap() };
    fs::create_dir(only.data()).unwrap();
    link(&only.data().join("keys"));
    refused(&only.run(&["init"]), "a link to /nowhere/at/all");
    assert_eq!(fs::read_dir(only.data()).unwrap().count(), 1, "nothing was made");
}

#[test]
fn a_folder_that_is_moved_under_a_service_is_named_from_both_places_and_nothing_is_begun_at_the_old_one() {
    let bureau = Bureau::made();
    let number = number(&bureau);
    let mut owner = Owner::again(&bureau.data());
    let process = owner.process().to_string();
    let (there, moved) = (bureau.data(), bureau.folder.path().join("moved"));
    fs::rename(&there, &moved).unwrap();
    let backup = bureau.folder.path().join("backup");
    let demo = ["demo", "--no-open", "--households", "1"];
    for args in [&["show", &number][..], &["doctor"], &["init"], &demo] {
        let out = bureau.run(args);
        refused(&out, &format!("process {process} opened it here"));
        refused(&out, moved.to_str().unwrap());
        assert!(!there.exists(), "{args:?}: nothing is begun where it was");
    }
    let at = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.arg("--data").arg(&moved).args(["--lang", "en"]).args(args).env("USER", "示例员");
        command.env("XDG_STATE_HOME", bureau.folder.path().join("state")).stdin(std::process::Stdio::null());
        command.output().unwrap()
    };
    let answers = household("accident");
    for args in [&["verify"][..], &["backup", backup.to_str().unwrap()], &["survey", "--new", "--answers", &answers]] {
        let out = at(args);
        refused(&out, &format!("{} is gone from where this process ({process}) opened it", there.display()));
        let said = text(&out.stdout) + &text(&out.stderr);
        assert!(!said.contains("does not fit") && !said.contains("lacks"), "{args:?}: {said}");
    }
    assert!(!backup.exists());
    owner.signal("-TERM");
    owner.ended();
    assert!(at(&["show", &number]).status.success(), "nothing is lost");
    fs::rename(&moved, &there).unwrap();
    well(&bureau, 1);
}

#[test]
fn a_damaged_copy_of_a_folder_that_is_refused_is_as_it_was_to_the_byte() {
    let bureau = Bureau::made();
    number(&bureau);
    let copy = Bureau { folder: tempfile::tempdir().unwrap() };
    assert!(Command::new("cp").arg("-a").args([bureau.data(), copy.data()]).status().unwrap().success());
    fs::remove_dir_all(copy.data().join("sled")).unwrap();
    let journal = copy.data().join("journal/00000001.seg");
    let mut bytes = fs::read(&journal).unwrap();
    let filled = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[filled / 3] ^= 1;
    fs::write(&journal, &bytes).unwrap();
    let before = all_below(&copy.data());
    for args in [&["lookup", "示例"][..], &["doctor"], &["rebuild"]] {
        refused(&copy.run(args), "Nothing was changed");
        assert!(all_below(&copy.data()) == before, "{args:?}");
    }
    assert_eq!(copy.run(&["lookup", "示例", "--despite-loss"]).status.code(), Some(1));
    assert!(all_below(&copy.data()) == before, "what is read is left alone");
}
