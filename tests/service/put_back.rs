//! Copies of a folder that come back: one that was taken beside an owner, a restore under a clock that is far off, several restores
//! at once. Numbers are given once, and whoever types is told what came back.

use crate::outside::{Bureau, household, made_on, refused, text, traced, well};
use crate::support::owner::{Owner, program};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

fn copied(from: &Path, to: &Path) {
    // The owner's socket is no file; whatever else cannot be copied is missed below.
    let _ = Command::new("cp").arg("-a").arg(from).arg(to).stderr(Stdio::null()).status().unwrap();
}

/// The files of the copy in the folder of before, which stays the same folder to the system.
fn put_back(copy: &Path, folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
    }
    for entry in std::fs::read_dir(copy).unwrap() {
        copied(&entry.unwrap().path(), folder);
    }
}

fn number(bureau: &Bureau) -> String {
    let kept = bureau.survey();
    assert!(kept.status.success(), "{}", text(&kept.stderr));
    let said: Value = serde_json::from_slice(&kept.stdout).unwrap();
    said["dossier"].as_str().unwrap().to_owned()
}

/// An owner that counts where the bureau's own commands count.
fn owner(bureau: &Bureau) -> Owner {
    let mut serve = program(&bureau.data());
    Owner::of({
        serve.arg("serve").env("XDG_STATE_HOME", bureau.folder.path().join("state"));
        serve
    })
    .0
}

#[test]
fn a_copy_that_was_taken_beside_an_owner_and_put_back_gives_no_number_twice() {
    for ended in ["-TERM", "-KILL"] {
        let bureau = Bureau::made();
        let mut given = vec![number(&bureau)];
        let mut serving = owner(&bureau);
        let copy = bureau.folder.path().join("copy");
        copied(&bureau.data(), &copy);
        given.extend((0..2).map(|_| number(&bureau)));
        serving.signal(ended);
        serving.ended();
        put_back(&copy, &bureau.data());
        let after = bureau.survey();
        assert!(text(&after.stderr).contains("an earlier copy was put back"), "{ended}: {}", text(&after.stderr));
        let said: Value = serde_json::from_slice(&after.stdout).unwrap();
        let new = said["dossier"].as_str().unwrap();
        assert!(!given.iter().any(|number| number == new), "{ended}: {new} of {given:?}");
        // Once: what goes on from there is no copy any more.
        let next = bureau.survey();
        assert!(!text(&next.stderr).contains("earlier copy"), "{ended}: {}", text(&next.stderr));
        well(&bureau, 3);
    }
}

#[test]
fn a_copy_of_the_folder_beside_a_living_owner_is_a_station_of_its_own_and_the_owner_goes_on() {
    let bureau = Bureau::made();
    let mut serving = owner(&bureau);
    let copy = Bureau { folder: tempfile::tempdir().unwrap() };
    copied(&bureau.data(), &copy.data());
    let (here, there) = (number(&bureau), number(&copy));
    assert_ne!(here, there);
    serving.signal("-TERM");
    serving.ended();
    well(&bureau, 1);
    well(&copy, 1);
}

#[test]
fn what_an_opening_records_by_itself_does_not_vouch_for_a_clock_that_is_far_off() {
    for odd in ["2001-01-01", "2099-05-05"] {
        let bureau = Bureau { folder: tempfile::tempdir().unwrap() };
        made_on(&bureau, odd);
        let backup = bureau.folder.path().join("backup");
        assert!(bureau.run(&["backup", backup.to_str().unwrap()]).status.success());
        // The restored folder begins a station, and says so in records that bear the clock's day.
        for _ in 0..2 {
            let restored = bureau.run(&["restore", backup.to_str().unwrap(), "--over"]);
            assert!(restored.status.success(), "{}", text(&restored.stderr));
        }
        for _ in 0..3 {
            refused(&bureau.survey(), odd);
        }
        assert!(bureau.run(&["--clock-is-right", "user", "add", "x", "--role", "surveyor"]).status.success());
        assert!(bureau.survey().status.success(), "what is known now is known");
        well(&bureau, 1);
    }
}

#[test]
fn of_several_restores_at_once_each_is_whole_or_refused_in_words() {
    let bureau = Bureau::made();
    assert!(bureau.survey().status.success());
    let backup = bureau.folder.path().join("backup");
    assert!(bureau.run(&["backup", backup.to_str().unwrap()]).status.success());
    let key = bureau.data().join("dossier.key");
    let elsewhere = Bureau { folder: tempfile::tempdir().unwrap() };
    for over in [false, true] {
        let restore = ["--key-file", key.to_str().unwrap(), "restore", backup.to_str().unwrap(), "--over"];
        let restore = &restore[..restore.len() - usize::from(!over)];
        let spawn = |_| elsewhere.command(restore).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let all: Vec<_> = (0..4).map(spawn).collect();
        let mut done = 0;
        for one in all {
            let out = one.wait_with_output().unwrap();
            let said = text(&out.stderr);
            match out.status.code() {
                Some(0) => done += 1,
                code => {
                    let words = ["another restore", "is using this data folder", "There is a store in", "stand"];
                    assert!(code == Some(1) && words.iter().any(|word| said.contains(word)), "{code:?}: {said}");
                }
            }
        }
        assert!(done >= 1, "over {over}: nobody restored it");
        well(&elsewhere, 1);
    }
}

/// Two at once: the store's key is changed, which is cut off at some name, and a byte of the journal is damaged. Both generations of
/// rows may stand there.
#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn a_change_of_the_stores_key_that_is_cut_off_beside_a_damaged_byte_costs_nothing() {
    let bureau = Bureau::made();
    let number = number(&bureau);
    let journal = bureau.data().join("journal/00000001.seg");
    let mut cut = 0;
    for when in [1, 2, 3, 4, 6] {
        let inject = format!("inject=rename,renameat2:signal=KILL:when={when}");
        let fault = ["-e", "trace=rename,renameat2", "-e", &inject];
        let Some(mut rotate) = traced(&bureau, &fault, &["key", "rotate", "--store"]) else {
            println!("skipped: no strace here");
            return;
        };
        cut += usize::from(rotate.output().unwrap().status.code().is_none());
        let mut bytes = std::fs::read(&journal).unwrap();
        bytes[300] ^= 4;
        std::fs::write(&journal, bytes).unwrap();
        let shown = bureau.run(&["show", &number]);
        assert!(shown.status.success(), "{when}: {}", text(&shown.stderr));
        well(&bureau, 1);
    }
    assert!(cut > 2, "{cut}");
}

#[test]
fn notes_about_the_folder_that_are_rubbish_all_at_once_cost_no_record_and_no_number() {
    let bureau = Bureau::made();
    let first = number(&bureau);
    for (name, rubbish) in
        [("owner", "no token"), ("lock", "99999999999"), ("socket", "x"), ("turn", "zz"), ("stopped", "zz")]
    {
        std::fs::write(bureau.data().join(name), rubbish).unwrap();
    }
    let kept = bureau.run(&["survey", "--new", "--answers", &household("accident"), "--json"]);
    assert!(kept.status.success(), "{}", text(&kept.stderr));
    let said: Value = serde_json::from_slice(&kept.stdout).unwrap();
    assert_ne!(said["dossier"], first.as_str());
    assert!(bureau.run(&["show", &first]).status.success());
    well(&bureau, 2);
}
