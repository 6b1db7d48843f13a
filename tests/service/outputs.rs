//! Files that a command writes on somebody's order: new ones for their owner alone, outside the data folder, whatever stands or
//! was planted there.

use crate::command_line::{Bureau, text};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

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
    let (data, drafts) = (names(&home.join("data")), names(&home.join("data/journal")));
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
        assert_eq!((names(&home.join("data")), names(&home.join("data/journal"))), (data.clone(), drafts.clone()));
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
    }
    assert!(journal.metadata().unwrap().len() > 0);
    let left: Vec<_> = names(home).into_iter().filter(|name| name.to_string_lossy().contains(".part")).collect();
    assert_eq!(left.len(), WRITING.len(), "nothing half written is left: {left:?}");
    assert_eq!(bureau.json(&["verify", "--views"])["holds"], true);
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
