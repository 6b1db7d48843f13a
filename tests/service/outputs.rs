//! Files that a command writes on somebody's order: for their owner alone, outside the data folder, whatever stands or was
//! planted there; new ones, where nobody says otherwise.

use crate::command_line::{Bureau, text};
use crate::support::owner::Owner;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

/// Every command that writes a file which somebody names, the name at the end.
const WRITING: &[&[&str]] = &[
    &["roll", "--csv"],
    &["roll", "--xlsx"],
    &["roll", "movement", "--csv"],
    &["roll", "movement", "--xlsx"],
    &["export", "--jsonl"],
    &["export", "--csv"],
    &["import", "ROLL", "--dry-run", "--report"],
    &["import", "ROLL", "--dry-run", "--save-map"],
    &["print", "form", "NUMBER", "--html"],
    &["print", "blank", "--html"],
    &["backup"],
    &["key", "file"],
    &["form", "export", "wells", "--to"],
];

/// What is written of a journal's file, without the room that it holds ready.
fn records_in(journal: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(journal).unwrap();
    bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    bytes
}

#[test]
fn nothing_that_stands_is_written_over_and_nothing_is_written_into_the_data_folder() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    let home = bureau.folder.path();
    let roll = home.join("roll.csv");
    std::fs::write(&roll, "姓名,身份证号,单位\n示例甲,152126196803150311,JH11\n").unwrap();
    let wells = home.join("wells");
    std::fs::create_dir(&wells).unwrap();
    std::fs::write(wells.join("survey.csv"), "type,name,label\ntext,well,Well\n").unwrap();
    bureau.json(&["form", "add", wells.to_str().unwrap()]);
    let there = home.join("there");
    std::fs::write(&there, "somebody's").unwrap();
    symlink(&there, home.join("link")).unwrap();
    symlink(home.join("data"), home.join("into")).unwrap();
    let journal = home.join("data/journal/00000001.seg");
    let names = |folder: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let (data, segments) = (names(&home.join("data")), names(&home.join("data/journal")));
    let mut before = records_in(&journal);
    for (at, command) in WRITING.iter().enumerate() {
        let run = |to: &Path| {
            let words = command.iter().map(|word| match *word {
                "ROLL" => roll.to_str().unwrap(),
                "NUMBER" => number.as_str(),
                word => word,
            });
            let args: Vec<&str> = words.chain([to.to_str().unwrap()]).collect();
            bureau.run(&args)
        };
        for name in [
            "there",
            "link",
            "data/new.csv",
            "data/journal/00000001.seg",
            "data/journal/../new.csv",
            "data/journal/dossier.key",
            "data/dossier.key",
            "into/new.csv",
            "into/journal/new.csv",
            "not-there/../data/new.csv",
        ] {
            let out = run(&home.join(name));
            let said = text(&out.stderr);
            assert_eq!(out.status.code(), Some(1), "{command:?} {name}: {said}");
            assert!(!said.is_empty() && !said.contains("os error"), "{command:?} {name}: {said}");
            assert_eq!(std::fs::read(&there).unwrap(), b"somebody's", "{command:?} {name}");
        }
        assert_eq!((names(&home.join("data")), names(&home.join("data/journal"))), (data.clone(), segments.clone()));
        assert!(records_in(&journal) == before, "{command:?}: what is refused is not recorded as gone out");
        // Beside what was planted under the name that the file had of old while it was written.
        let new = home.join(format!("new{at}"));
        symlink(&there, home.join(format!("new{at}.part"))).unwrap();
        let out = run(&new);
        assert!(new.exists(), "{command:?}: {}", text(&out.stderr));
        let mode = new.metadata().unwrap().mode() & 0o777;
        assert_eq!(mode, if new.is_dir() { 0o700 } else { 0o600 }, "{command:?}");
        assert_eq!(std::fs::read(&there).unwrap(), b"somebody's", "{command:?}");
        for file in if new.is_dir() { names(&new) } else { Vec::new() } {
            assert_eq!(new.join(file).metadata().unwrap().mode() & 0o777, 0o600, "{command:?}");
        }
        let after = records_in(&journal);
        assert!(
            !before.is_empty() && after.starts_with(&before),
            "{command:?}: records are added, none is written over"
        );
        before = after;
    }
    let left: Vec<_> = names(home).into_iter().filter(|name| name.to_string_lossy().contains(".part")).collect();
    assert_eq!(left.len(), WRITING.len(), "nothing half written is left: {left:?}");
    assert_eq!(bureau.json(&["verify", "--views"])["holds"], true);
}

/// Commands whose file may give way to the next, the name at the end.
const REPLACING: &[&[&str]] = &[
    &["roll", "--replace", "--csv"],
    &["roll", "--replace", "--xlsx"],
    &["roll", "movement", "--replace", "--csv"],
    &["roll", "movement", "--replace", "--xlsx"],
    &["export", "--status", "all", "--replace", "--jsonl"],
    &["import", "ROLL", "--dry-run", "--replace", "--report"],
    &["import", "ROLL", "--dry-run", "--replace", "--save-map"],
    &["print", "blank", "--replace", "--html"],
    &["--as", "approver", "fund", "report", "--replace", "--csv"],
    &["--as", "approver", "fund", "report", "--replace", "--text"],
];

#[test]
fn a_file_of_ones_own_gives_way_to_the_next_only_where_that_is_said() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    assert!(bureau.run(&["user", "add", "approver", "--role", "approver"]).status.success());
    let home = bureau.folder.path();
    let roll = home.join("roll.csv");
    std::fs::write(&roll, "姓名,身份证号,单位\n示例甲,152126196803150311,JH11\n").unwrap();
    let other = home.join("other");
    std::fs::write(&other, "somebody's").unwrap();
    symlink(&other, home.join("link")).unwrap();
    let journal = home.join("data/journal/00000001.seg");
    for command in REPLACING {
        let run = |to: &Path, replaces: bool| {
            let words = command.iter().filter(|word| replaces || **word != "--replace");
            let words = words.map(|word| if *word == "ROLL" { roll.to_str().unwrap() } else { word });
            bureau.run(&words.chain([to.to_str().unwrap()]).collect::<Vec<_>>())
        };
        let list = home.join("list");
        std::fs::write(&list, "of yesterday").unwrap();
        let refused = run(&list, false);
        assert!(text(&refused.stderr).contains("--replace"), "{command:?}: {}", text(&refused.stderr));
        assert_eq!(std::fs::read(&list).unwrap(), b"of yesterday", "{command:?}");
        let out = run(&list, true);
        let written = std::fs::read(&list).unwrap();
        assert!(written != b"of yesterday" && !written.is_empty(), "{command:?}: {}", text(&out.stderr));
        let records = records_in(&journal);
        for (name, why) in [
            ("link", "no plain file"),
            ("data/journal/00000001.seg", "data folder"),
            ("data/dossier.key", "data folder"),
        ] {
            let out = run(&home.join(name), true);
            assert_eq!(out.status.code(), Some(1), "{command:?} {name}");
            assert!(text(&out.stderr).contains(why), "{command:?} {name}: {}", text(&out.stderr));
        }
        assert!(records_in(&journal) == records, "{command:?}");
        assert_eq!(std::fs::read(&other).unwrap(), b"somebody's", "{command:?}");
        std::fs::remove_file(&list).unwrap();
    }
    // A map that is read, and written again where it was.
    let (map, roll) = (home.join("m.toml"), roll.to_str().unwrap());
    let named = map.to_str().unwrap();
    bureau.run(&["import", roll, "--dry-run", "--save-map", named]);
    let first = std::fs::read(&map).unwrap();
    let out = bureau.run(&["import", roll, "--dry-run", "--map", named, "--save-map", named, "--replace"]);
    assert!(!text(&out.stderr).contains("there already"), "{}", text(&out.stderr));
    assert!(std::fs::read(&map).unwrap() == first && !first.is_empty());
    // A backup and its keys are never written over, whatever is said.
    assert_eq!(bureau.run(&["backup", "--replace", named]).status.code(), Some(2));
    assert_eq!(bureau.run(&["key", "file", "--replace", named]).status.code(), Some(2));
    assert_eq!(bureau.json(&["verify", "--views"])["holds"], true);
}

#[test]
fn the_data_folder_is_the_one_that_is_open_whatever_the_client_calls_it() {
    let home = tempfile::tempdir().unwrap();
    let (home, data) = (home.path(), home.path().join("bureau"));
    let _owner = Owner::start(&data);
    let roll = home.join("roll.csv");
    std::fs::write(&roll, "姓名,身份证号,单位\n示例甲,152126196803150311,JH11\n").unwrap();
    let client = |by_environment: bool, args: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.current_dir(home).args(["--lang", "en"]).env("USER", "示例员").env_remove("DOSSIER_PASSPHRASE");
        match by_environment {
            true => command.env("DOSSIER_DATA", &data),
            false => command.env_remove("DOSSIER_DATA").args(["--data", "bureau"]),
        };
        command.args(args).output().unwrap()
    };
    let writing: &[&[&str]] = &[
        &["roll", "--csv"],
        &["roll", "movement", "--xlsx"],
        &["export", "--jsonl"],
        &["export", "--csv"],
        &["import", "roll.csv", "--dry-run", "--report"],
        &["import", "roll.csv", "--dry-run", "--save-map"],
        &["print", "blank", "--html"],
        &["backup"],
    ];
    for by_environment in [true, false] {
        for (at, command) in writing.iter().enumerate() {
            for name in ["bureau/x", "bureau/journal/x", "bureau/journal/../x"] {
                let out = client(by_environment, &[*command, &[name][..]].concat());
                let said = text(&out.stderr);
                assert_eq!(out.status.code(), Some(1), "{command:?} {name}: {said}");
                assert!(said.contains("lies in the data folder"), "{command:?} {name}: {said}");
                assert!(!home.join(name).exists(), "{command:?} {name}");
            }
            let name = format!("out-{by_environment}-{at}");
            let out = client(by_environment, &[*command, &[name.as_str()][..]].concat());
            assert!(home.join(&name).exists(), "{command:?}: {}", text(&out.stderr));
        }
    }
}

#[test]
fn a_name_with_what_a_terminal_obeys_or_nobody_sees_is_refused_and_not_another_one_kept() {
    let bureau = Bureau::new();
    assert!(bureau.run(&["init"]).status.success());
    for name in ["ev\u{1b}[31mil", "ev\u{7}il", "ev\u{202e}il", "ev\u{200b}il", "ev\nil"] {
        for typed in [
            &["user", "add", name, "--role", "surveyor"][..],
            &["user", "add", "示例甲", "--en", name, "--role", "surveyor"],
            &["bureau", "name", name],
        ] {
            let out = bureau.run(typed);
            let said = text(&out.stderr);
            assert_eq!(out.status.code(), Some(2), "{typed:?}: {said}");
            assert!(said.contains("a terminal obeys") && !said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said:?}");
        }
    }
    assert!(!bureau.json(&["user", "list"]).to_string().contains("evil"));
    // Blanks around a name are nobody's name.
    assert!(bureau.run(&["user", "add", " 示例甲 ", "--role", "surveyor"]).status.success());
}

#[test]
fn how_keys_and_numbers_stand_is_for_whoever_keeps_them() {
    let bureau = Bureau::new();
    assert!(bureau.run(&["init"]).status.success());
    for role in ["surveyor", "approver", "cashier", "accountant", "audit_administrator"] {
        assert!(bureau.run(&["user", "add", role, "--role", role]).status.success());
        for typed in [&["key", "show"][..], &["numbers", "show"]] {
            let out = bureau.run(&[&["--as", role], typed].concat());
            assert_eq!(out.status.code(), Some(1), "{role} {typed:?}");
            assert!(out.stdout.is_empty() && text(&out.stderr).contains("administrator"), "{}", text(&out.stderr));
        }
    }
    for typed in [&["key", "show"][..], &["numbers", "show"]] {
        assert!(bureau.run(typed).status.success());
    }
}
