//! The command line as a script meets it: the real binary, exit codes, JSON, refusals in words.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(super) struct Bureau {
    pub(super) folder: tempfile::TempDir,
    today: std::cell::Cell<&'static str>,
}

impl Bureau {
    pub(super) fn new() -> Bureau {
        Bureau { folder: tempfile::tempdir().unwrap(), today: std::cell::Cell::new("2026-03-10") }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command
            .arg("--data")
            .arg(self.data())
            .args(["--lang", "en", "--today", self.today.get()])
            .env_remove("DOSSIER_PASSPHRASE")
            .env_remove("DOSSIER_KEY_FILE")
            .env("USER", "tester");
        command
    }

    pub(super) fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    pub(super) fn json(&self, args: &[&str]) -> Value {
        let out = self.run(&[args, &["--json"]].concat());
        assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    /// Surveys a household; the first one in a store made for it.
    pub(super) fn survey(&self, household: &str) -> Value {
        if !self.data().exists() {
            assert!(self.run(&["init"]).status.success());
        }
        let file = household_file(household);
        self.json(&["survey", "--new", "--answers", file.to_str().unwrap()])
    }
}

fn household_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/households/{name}.json"))
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_household_goes_in_as_a_file_and_comes_out_shown_explained_and_proved() {
    let bureau = Bureau::new();
    for (household, category, per_head) in
        [("illness", "1", "611.11"), ("laid_off", "2", "1055.55"), ("accident", "3", "7500.00")]
    {
        let kept = bureau.survey(household);
        let number = kept["dossier"].as_str().unwrap();
        assert_eq!(kept["decision"]["category"], category, "{household}");
        assert!(
            kept["decision"]["flips"].as_array().unwrap().is_empty(),
            "a surveyor is not told what would change it"
        );
        let shown = bureau.json(&["show", number]);
        assert_eq!(shown["status"], "submitted");
        assert_eq!(shown["category"], category);
        assert_eq!(shown["versions"][0]["per_head_net"], per_head, "{household}");
        assert!(shown["name"].as_str().unwrap().starts_with("示例"), "people are told apart: {}", shown["name"]);
        assert!(!shown.to_string().contains("1521261968"), "and what is covered stays so");
        let why = bureau.json(&["explain", number]);
        assert!(
            why["trace"].as_array().unwrap().iter().any(|step| step["category"] == category && step["holds"] == true)
        );
    }
    let verified = bureau.json(&["verify", "--views"]);
    assert_eq!((&verified["holds"], &verified["views"]["differences"]), (&Value::Bool(true), &Value::from(0)));
    let code = verified["heads"][0]["code"].as_str().unwrap();
    let before = bureau.json(&["verify", "--head", code]);
    assert_eq!(before["holds"], true);
    assert_eq!(bureau.json(&["doctor"])["well"], true);
    let rebuilt = bureau.run(&["rebuild"]);
    assert!(rebuilt.status.success(), "{}", text(&rebuilt.stderr));
    assert_eq!(bureau.json(&["verify", "--views", "--head", code])["holds"], true);
}

#[test]
fn a_household_is_found_by_name_pinyin_number_and_tail() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    bureau.survey("accident");
    for query in ["示例甲", "shilijia", "slj", number.as_str(), "0311", "河源林场"] {
        let hits = bureau.json(&["lookup", query]);
        assert_eq!(hits[0]["dossier"], number.as_str(), "{query}: {hits}");
        assert!(!hits[0]["why"].as_str().unwrap().is_empty());
    }
    assert_eq!(bureau.run(&["lookup", "无此人名"]).status.code(), Some(1));
}

/// Every output for people about a household.
const READING: &[&[&str]] = &[
    &["show"],
    &["show", "--survey", "1"],
    &["explain"],
    &["diff"],
    &["query"],
    &["print", "form"],
    &["print", "copy"],
    &["print", "visit"],
    &["print", "changes"],
    &["print", "form", "--html"],
];

#[test]
fn whatever_is_printed_about_a_household_is_in_words_and_covered_until_it_is_asked_for() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    let ask = ["query", &number, "--ask", "66", "Compare with the wage slip"];
    assert!(bureau.run(&ask).status.success());
    for words in READING {
        let out = bureau.run(&[words, &[number.as_str()][..]].concat());
        // One survey alone is compared with nothing.
        if words.contains(&"diff") || words.contains(&"changes") {
            assert_eq!(out.status.code(), Some(1), "{words:?}");
            continue;
        }
        let said = text(&out.stdout);
        assert!(out.status.success(), "{words:?}: {}", text(&out.stderr));
        assert!(!said.contains("152126196803150311") && !said.contains("13800"), "{words:?}: {said}");
        for internal in ["members[", "m_name", "inc_wage", "family/", "Some("] {
            assert!(!said.contains(internal), "{words:?} {internal}: {said}");
        }
    }
    // The whole survey: sections, a roster as a table, what was asked about an answer.
    let whole = text(&bureau.run(&["show", &number, "--survey", "1"]).stdout);
    for part in ["Identity", "示例乙", "66 Wages", "42,000.00", "Compare with the wage slip", "1****************1"] {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    let json = bureau.json(&["show", &number, "--survey", "1"]);
    let sections = json["sections"].as_array().unwrap();
    let answers = sections.iter().flat_map(|section| section["answers"].as_array().unwrap());
    let wage = answers.clone().find(|answer| answer["question"] == "income/inc_wage").unwrap();
    assert_eq!((&wage["value"], &wage["origin"]), (&Value::from("42000.00"), &Value::from("asked")));
    assert!(wage["queries"][0].as_str().unwrap().contains("wage slip"));
    let roster = answers.clone().find(|answer| answer["rows"].is_array()).unwrap();
    assert_eq!(roster["rows"][0]["name"], "示例乙");
    assert_eq!(bureau.run(&["show", &number, "--survey", "9"]).status.code(), Some(1));
}

#[test]
fn what_is_printed_leaves_a_record_and_spelling_out_needs_a_reason() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    let file = bureau.folder.path().join("form.html");
    let name = file.to_str().unwrap();
    let out = bureau.run(&["print", "form", &number, name, "--reveal", "the paper file is signed"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("152126196803150311"), "{page}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "nobody else's to read");
    // What stands there is not written over, and nothing is recorded as printed.
    assert_eq!(bureau.run(&["print", "form", &number, name]).status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), page);
    // A blank form is about nobody.
    let blank = text(&bureau.run(&["print", "blank"]).stdout);
    assert!(blank.contains("□1 ") && blank.lines().count() > 100, "{blank}");
    assert!(blank.lines().all(|line| dossier::lang::cells(line) <= 80), "{blank}");
    let copy = text(&bureau.run(&["print", "copy", &number]).stdout);
    let place = |what: &str| copy.find(what).unwrap_or_else(|| panic!("no {what}: {copy}"));
    // The order is the national form's: of the survey the address comes before the phone.
    let in_order = ["□", "Political status", "Mobile phone", "Address", "42,000.00", "示例乙", "Main cause", "Bank"];
    assert!(in_order.is_sorted_by_key(|what| place(what)), "{copy}");
    assert!(copy.contains("Income per head and month"), "{copy}");
    let visit = text(&bureau.run(&["print", "visit", &number]).stdout);
    assert!(visit.contains("示例乙") && !visit.contains("42,000.00"), "amounts stand empty: {visit}");
    assert!(bureau.run(&["user", "add", "示例督", "--role", "supervisor"]).status.success());
    let looks = bureau.json(&["user", "log", "--reads", "--as", "示例督"]);
    let printed = looks.as_array().unwrap().iter().filter(|look| look["what"] == "print");
    let whys: Vec<&Value> = printed.map(|look| &look["why"]).collect();
    assert_eq!(whys.len(), 3, "{looks}");
    assert!(whys.contains(&&Value::from("the paper file is signed")), "{looks}");
}

#[test]
fn a_pdf_is_written_whole_bears_a_foot_and_is_refused_before_anything_is_recorded() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    let file = bureau.folder.path().join("form.pdf");
    let name = file.to_str().unwrap();
    assert!(bureau.run(&["user", "add", "示例督", "--role", "supervisor"]).status.success());
    let printings = || {
        let looks = bureau.json(&["user", "log", "--reads", "--as", "示例督"]);
        looks.as_array().unwrap().iter().filter(|look| look["what"] == "print").count()
    };
    // A face that is none; a file that is there.
    let print = |face: &str| {
        bureau.command().env("DOSSIER_FONT", face).args(["print", "form", &number, name]).output().unwrap()
    };
    let out = print(bureau.folder.path().join("nowhere.ttf").to_str().unwrap());
    assert_eq!((out.status.code(), file.exists(), printings()), (Some(1), false, 0), "{}", text(&out.stderr));
    let out = print("");
    if text(&out.stderr).contains("No face with Chinese") {
        return assert!(std::env::var_os("DOSSIER_REQUIRE_SHARED").is_none(), "a face is to be here");
    }
    assert_eq!((out.status.code(), printings()), (Some(0), 1), "{}", text(&out.stderr));
    let written = std::fs::read(&file).unwrap();
    assert!(written.starts_with(b"%PDF-1.7") && written.ends_with(b"%%EOF"));
    assert_eq!((print("").status.code(), std::fs::read(&file).unwrap() == written), (Some(1), true));
    // On standard output the same kind of file, and nothing beside it.
    let out = bureau.run(&["print", "blank", "--pdf"]);
    assert!(out.status.success() && out.stdout.starts_with(b"%PDF-1.7") && out.stdout.ends_with(b"%%EOF"));
    // As text it says the same below: who, when, and the code of what the log holds.
    let said = text(&bureau.run(&["print", "visit", &number]).stdout);
    assert!(said.contains("printed by: ") && said.contains("head code: "), "{said}");
}

#[test]
fn a_file_whose_people_have_a_dossier_is_kept_and_told_by_its_number_and_not_where_a_reason_is_given() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    // Keyed once more elsewhere, the worker by the old number.
    let answers = std::fs::read_to_string(household_file("illness")).unwrap();
    let answers = answers.replace("152126196803150311", "152126680315031");
    let file = bureau.folder.path().join("answers.json");
    let submit = |answers: &str| {
        std::fs::write(&file, answers).unwrap();
        let out = bureau.run(&["survey", "--new", "--again", "--answers", file.to_str().unwrap()]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        text(&out.stderr)
    };
    let said = submit(&answers);
    assert!(said.contains(&number) && !said.contains("15212"), "{said}");
    let reasoned = submit(&crate::support::with_reasons(&answers));
    assert!(!reasoned.contains(&number), "{reasoned}");
    // Nothing is approved while it stands, whatever was said.
    assert!(text(&bureau.run(&["doctor"]).stdout).contains(&number));
}

#[test]
fn every_problem_of_an_answers_file_is_told_and_nothing_of_it_is_kept() {
    let bureau = Bureau::new();
    assert!(bureau.run(&["init"]).status.success());
    let file = bureau.folder.path().join("answers.json");
    std::fs::write(&file, r#"{"steps": [{"set": "visit/survey_type", "value": "1"}]}"#).unwrap();
    let out = bureau.run(&["survey", "--new", "--answers", file.to_str().unwrap(), "--json"]);
    assert_eq!(out.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(said["problems"].as_array().unwrap().len() > 30, "{said}");
    std::fs::write(&file, r#"{"steps": [{"set": "identity/birth_date", "value": "2018-02-30"}]}"#).unwrap();
    let out = bureau.run(&["survey", "--new", "--answers", file.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("Step 1"), "{}", text(&out.stderr));
    std::fs::write(&file, "no json").unwrap();
    assert_eq!(bureau.run(&["survey", "--new", "--answers", file.to_str().unwrap()]).status.code(), Some(1));
    let doctor = bureau.json(&["doctor"]);
    assert_eq!((&doctor["dossiers"], &doctor["drafts"]), (&Value::from(0), &Value::from(0)));
}

#[test]
fn what_cannot_be_done_is_refused_in_words_and_changes_nothing() {
    let bureau = Bureau::new();
    let out = bureau.run(&["show", "150785-2026-0001"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("no store"), "{}", text(&out.stderr));
    assert!(!bureau.data().exists(), "asking makes nothing");

    std::fs::create_dir(bureau.data()).unwrap();
    std::fs::write(bureau.data().join("letter.txt"), "someone else's").unwrap();
    let out = bureau.run(&["init"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("another program"), "{}", text(&out.stderr));
    let names: Vec<_> = std::fs::read_dir(bureau.data()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["letter.txt"]);

    for wrong in [&["show"][..], &["--lang", "xx", "doctor"], &["show", "1", "--as-of", "2018-02-30"], &["nonsense"]] {
        assert_eq!(bureau.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_lost_key_file_is_named_and_the_store_stays_shut() {
    let bureau = Bureau::new();
    let number = bureau.survey("accident")["dossier"].as_str().unwrap().to_owned();
    let key = bureau.data().join("dossier.key");
    let elsewhere = bureau.folder.path().join("elsewhere.key");
    std::fs::rename(&key, &elsewhere).unwrap();
    let out = bureau.run(&["show", &number]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("dossier.key"), "{}", text(&out.stderr));
    let out = bureau.run(&["--key-file", elsewhere.to_str().unwrap(), "show", &number]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let other = Bureau::new();
    assert!(other.run(&["init"]).status.success());
    let strange = other.data().join("dossier.key");
    let out = bureau.run(&["--key-file", strange.to_str().unwrap(), "show", &number]);
    assert_eq!(out.status.code(), Some(1), "a stranger's key opens nothing");
}

#[test]
fn rules_and_forms_need_no_store() {
    let bureau = Bureau::new();
    let facts = bureau.folder.path().join("facts.json");
    let decide = |income: &str| {
        let text = format!(
            r#"{{"members": 3, "income": "{income}", "rigid": "20000.00", "division": "150785", "line_month": "700.00"}}"#
        );
        std::fs::write(&facts, text).unwrap();
        bureau.json(&["rules", "decide", "--facts", facts.to_str().unwrap()])["category"].clone()
    };
    // 25,200.00 is the line of three people for a year: strictly below it is deep hardship.
    assert_eq!(decide("45199.99"), "1");
    assert_eq!(decide("45200.00"), "2");
    let form = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/data/forms/hardship");
    assert!(bureau.run(&["form", "check", form.to_str().unwrap()]).status.success());
    let broken = bureau.folder.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    let survey =
        "type,name,label,relevant\ntext,name,Name,\ntext,other,Other,${nmae} = 'x' and\nselect_one nolist,c,C,\n";
    std::fs::write(broken.join("survey.csv"), survey).unwrap();
    let out = bureau.run(&["form", "check", broken.to_str().unwrap(), "--json"]);
    assert_eq!(out.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    let problems = said["problems"].as_array().unwrap();
    assert!(problems.len() >= 3, "every fault at once: {said}");
    assert!(problems.iter().any(|p| p["row"] == 3 && p["what"].as_str().unwrap().contains("Is name meant")), "{said}");
    assert!(!bureau.data().exists());
}

#[test]
fn looking_behind_a_mask_leaves_a_record() {
    let bureau = Bureau::new();
    let number = bureau.survey("accident")["dossier"].as_str().unwrap().to_owned();
    let before = bureau.json(&["doctor"])["records"].as_u64().unwrap();
    let shown = bureau.json(&["show", &number, "--reveal", "the bank asks for the full name"]);
    assert_eq!(shown["name"], "示例庚");
    // Who began to act, that the household was opened, and that it was shown whole.
    assert_eq!(bureau.json(&["doctor"])["records"].as_u64().unwrap(), before + 3);
}

/// Every file below a folder but the lock, to see that nothing was changed.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false if entry.file_name() == "lock" => {}
                false => found.push((entry.path(), std::fs::read(entry.path()).unwrap())),
            }
        }
    }
    found.sort();
    found
}

/// Refused with exit code 1, one sentence, no panic.
fn refused(out: &Output, words: &str) {
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains(words) && !said.contains("panicked"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

#[test]
fn a_store_of_a_newer_program_is_refused_by_name_and_left_as_it_is() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    let name = bureau.data().join("journal/00000001.seg");
    let mut bytes = std::fs::read(&name).unwrap();
    // Both copies of the head: schema at 8, checksum over the first 44 bytes behind them.
    for at in [0, 64] {
        bytes[at + 8..at + 10].copy_from_slice(&7u16.to_le_bytes());
        let check = dossier::store::segment::checksum(&bytes[at..at + 44]);
        bytes[at + 44..at + 60].copy_from_slice(&check);
    }
    std::fs::write(&name, bytes).unwrap();
    let before = everything(&bureau.data());
    for command in [&["show", "150785-2026-0001"][..], &["doctor"], &["rebuild"]] {
        refused(&bureau.run(command), "format 7");
    }
    assert!(everything(&bureau.data()) == before);
}

#[test]
fn a_file_in_the_place_of_a_folder_is_named() {
    let bureau = Bureau::new();
    std::fs::write(bureau.data(), "a file").unwrap();
    refused(&bureau.run(&["init"]), "data");
    assert_eq!(std::fs::read(bureau.data()).unwrap(), b"a file");
}

#[test]
fn a_disk_that_may_only_be_read_is_named_and_nothing_is_lost() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    let data = bureau.data();
    let mount = |args: &[&str]| {
        let done = Command::new("mount").args(args).arg(&data).output();
        done.is_ok_and(|out| out.status.success())
    };
    if !mount(&["--bind", data.to_str().unwrap()]) || !mount(&["-o", "remount,bind,ro"]) {
        let _ = Command::new("umount").arg(&data).output();
        eprintln!("skipped: mounting is not allowed here");
        return;
    }
    let before = everything(&data);
    let out = bureau.run(&["survey", "--new", "--answers", household_file("accident").to_str().unwrap()]);
    let number = "150785-2026-0001";
    let backup = bureau.folder.path().join("elsewhere.backup");
    let reading = [
        &["verify", "--views"][..],
        &["lookup", number],
        &["status", number],
        &["doctor"],
        &["backup", backup.to_str().unwrap()],
    ];
    let read: Vec<_> = reading.iter().map(|args| (args, bureau.run(args))).collect();
    let step = bureau.run(&["status", number, "verifying"]);
    // Whoever opens a household leaves a record, so where none can be left none is opened.
    let shown = bureau.run(&["show", number]);
    let same = everything(&data) == before;
    assert!(Command::new("umount").arg(&data).status().unwrap().success());
    for out in [out, step, shown] {
        // What was met at opening is said before why nothing was kept.
        assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
        assert!(
            text(&out.stderr).lines().count() == 2 && text(&out.stderr).contains("Read-only"),
            "{}",
            text(&out.stderr)
        );
    }
    for (args, out) in read {
        assert!(out.status.success(), "{args:?}: {} {}", text(&out.stdout), text(&out.stderr));
    }
    assert!(same);
    assert!(bureau.run(&["show", "150785-2026-0001"]).status.success());
}

#[test]
fn decades_go_by_on_the_command_line() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    bureau.json(&["query", &number, "--ask", "66", "与工资条不符"]);
    assert_eq!(bureau.json(&["query"])[0]["state"], "open");
    bureau.json(&["query", &number, "--answer", "1", "漏了一月"]);
    assert_eq!(bureau.json(&["query", &number, "--close", "1"])[0]["state"], "closed");
    assert_eq!(bureau.json(&["query"]).as_array().unwrap().len(), 0);
    for step in ["verifying", "reviewed", "endorsed", "noticed"] {
        assert_eq!(bureau.json(&["status", &number, step])["status"], step);
    }
    // Somebody else approves; another name given by the same user of the machine is the same person.
    let id = Command::new("id").arg("-u").output().unwrap();
    let uid = text(&id.stdout).trim().to_owned();
    bureau.json(&["user", "add", "示例乙", "--role", "approver"]);
    let adopt = ["--as", "示例乙", "rules", "adopt", "genhe-2026", "--paper", "示例工发〔2026〕1号"];
    assert_eq!(bureau.json(&adopt)[0]["id"], "genhe-2026");
    let approve = ["--as", "示例乙", "status", &number, "approved"];
    let early = bureau.run(&[&approve[..], &["--json"]].concat());
    assert!(early.status.code() == Some(1) && text(&early.stderr).contains("2026-03-14"), "{}", text(&early.stderr));
    bureau.today.set("2026-03-15");
    let refused = bureau.run(&approve);
    assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains("somebody else approves"));
    // Where the machine's user is a gateway, its program is believed who it is.
    bureau.json(&["user", "gateway", &uid]);
    assert_eq!(bureau.json(&approve)["status"], "approved");
    assert_eq!(bureau.json(&["status", &number, "open"])["status"], "open");
    assert_eq!(bureau.run(&["--as", "示例丙", "show", &number]).status.code(), Some(1), "nobody is called that");
    assert_eq!(bureau.run(&["status", &number, "closed"]).status.code(), Some(2), "a reason is asked for");
    assert_eq!(bureau.json(&["status", &number, "closed", "--reason", "07"])["status"], "closed");
    assert_eq!(bureau.json(&["erase"])["due"].as_array().unwrap().len(), 0);
    let refused = bureau.run(&["erase", &number, "--confirm", "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).contains("2036-03-15"), "kept ten years to the day");

    let backup = bureau.folder.path().join("b.backup");
    let path = backup.to_str().unwrap();
    let made = bureau.json(&["backup", path]);
    let code = made["heads"][0]["code"].as_str().unwrap().to_owned();
    assert_eq!(bureau.run(&["backup", path]).status.code(), Some(1), "never written over");
    let recovery = bureau.json(&["key", "recovery"])["recovery"].as_str().unwrap().to_owned();
    assert_eq!(bureau.json(&["key", "show"])["unlocked_by"].as_array().unwrap().len(), 2);
    bureau.json(&["key", "rotate", "--store"]);
    assert_eq!(bureau.json(&["verify", "--views"])["holds"], true);
    let later = bureau.folder.path().join("later.backup");
    bureau.json(&["backup", later.to_str().unwrap()]);

    // The machine is gone; what is left are the two files and the paper in the safe.
    let other = Bureau::new();
    other.today.set("2026-03-15");
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.arg("--data").arg(other.data()).args(["--lang", "en", "--json"]).args(args);
        command.env_remove("DOSSIER_PASSPHRASE").env_remove("DOSSIER_KEY_FILE").env("DOSSIER_RECOVERY", &recovery);
        command.env("USER", "tester");
        let out = command.output().unwrap();
        assert!(out.status.success(), "{args:?}: {}", text(&out.stderr));
        serde_json::from_slice::<Value>(&out.stdout).unwrap()
    };
    let restored = run(&["restore", later.to_str().unwrap()]);
    assert_eq!(restored["aside"], Value::Null);
    assert_eq!(run(&["verify", "--views", "--head", &code])["holds"], true);
    let why = "a brother asks how it ended";
    assert_eq!(run(&["show", &number, "--why", why])["status"], "closed");
    run(&["key", "file", other.data().join("dossier.key").to_str().unwrap()]);
    assert_eq!(other.run(&["show", &number]).status.code(), Some(1), "a case that is over wants a reason");
    assert_eq!(other.json(&["show", &number, "--why", why])["category"], "1", "the new key file opens it");

    let units = other.json(&["units", "list"]);
    assert!(units.as_array().unwrap().len() > 10);
    assert_eq!(other.json(&["numbers", "show"])["provisional"], 0);
    assert_eq!(other.json(&["officer", "set", "示例甲", "--role", "surveyor"]).as_array().unwrap().len(), 3);
    // The supervisor sees who looked, at what, why, and by which user of the machine.
    other.json(&["user", "add", "示例丁", "--role", "supervisor"]);
    let reads = other.json(&["--as", "示例丁", "user", "log", "--reads", "--since", "2000-01-01"]);
    let reads = reads.as_array().unwrap();
    assert!(
        reads.iter().any(|look| look["important"] == true && look["why"] == why && look["dossier"] == number.as_str())
    );
    assert!(reads.iter().any(|look| look["way"].as_str().unwrap().contains(&uid)), "{reads:?}");
}

#[test]
fn a_case_says_where_it_stands_and_what_stands_in_its_way() {
    let bureau = Bureau::new();
    let number = bureau.survey("illness")["dossier"].as_str().unwrap().to_owned();
    let case = |args: &[&str]| bureau.json(&[&["case", number.as_str()], args].concat());
    let stands = case(&[]);
    assert_eq!((stands["status"].as_str(), stands["approved"].as_bool()), (Some("submitted"), Some(false)));
    assert_eq!((stands["accepted_on"].as_str(), &stands["next"][0]["refused"]), (Some("2026-03-02"), &Value::Null));
    assert_eq!(bureau.run(&["case", &number, "flown"]).status.code(), Some(2));
    assert_eq!(bureau.run(&["case", &number, "papers"]).status.code(), Some(2), "which papers?");
    bureau.json(&["user", "add", "示例乙", "--role", "approver"]);
    let adopt = ["--as", "示例乙", "rules", "adopt", "genhe-2026", "--paper", "示例工发〔2026〕1号"];
    assert_eq!(bureau.json(&adopt)[0]["paper"], "示例工发〔2026〕1号");
    case(&["verifying"]);
    case(&["papers", "--owed", "income", "--seen", "hukou"]);
    let sat = ["reviewed", "--members", "示例甲,示例乙,示例丙", "--aside", "示例丁", "--agreed", "3"];
    case(&sat);
    case(&["endorsed"]);
    let noticed = case(&["noticed", "--until", "2026-03-16"]);
    assert_eq!(noticed["steps"][3]["until"], "2026-03-16");
    let next = &noticed["next"][0];
    assert_eq!((next["step"].as_str(), next["refused"].as_str()), (Some("approved"), Some("notice_not_over")));
    bureau.today.set("2026-03-17");
    let refused = bureau.run(&["--as", "示例乙", "--json", "case", &number, "approved"]);
    assert_eq!(refused.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(said["name"].as_str(), Some("papers_missing"));
    assert!(text(&refused.stderr).contains("certificate of income"), "{}", text(&refused.stderr));
    assert_eq!(case(&["papers", "--copy", "income"])["papers_owed"].as_array().unwrap().len(), 0);
    let out = bureau.run(&["case", &number]);
    assert!(text(&out.stdout).contains("endorsed by the union above"), "{}", text(&out.stdout));
}

#[test]
fn a_notice_is_posted_as_a_list_and_hangs_word_for_word_without_a_whole_name() {
    let bureau = Bureau::new();
    let numbers: Vec<String> =
        ["illness", "laid_off"].map(|one| bureau.survey(one)["dossier"].as_str().unwrap().to_owned()).into();
    let nobody = text(&bureau.run(&["notice"]).stdout);
    assert!(nobody.contains("No household waits"), "{nobody}");
    for number in &numbers {
        for step in
            [&["verifying"][..], &["reviewed", "--members", "示例甲,示例乙,示例丙", "--agreed", "3"], &["endorsed"]]
        {
            bureau.json(&[&["case", number.as_str()], step].concat());
        }
    }
    let waits = bureau.json(&["notice"]);
    assert_eq!(waits.as_array().unwrap().len(), 2, "{waits}");
    assert!(text(&bureau.run(&["notice", "--sheet"]).stdout).contains("Nothing hangs"));
    let posted = bureau.json(&["notice", "--post", "--until", "2026-03-16", "--phone", "0470-5550100"]);
    let lines = posted["posted"].as_array().unwrap();
    assert_eq!((lines.len(), posted["refused"].as_array().unwrap().len()), (2, 0), "{posted}");
    for (line, number) in lines.iter().zip(&numbers) {
        let said = line["line"].as_str().unwrap();
        assert!(line["holds"] == true && said.contains(number.as_str()) && said.contains("2026-03-16"), "{line}");
        assert!(!said.contains("示例甲") && !said.contains("示例丁"), "covered: {said}");
    }
    assert_eq!(bureau.json(&["notice"]).as_array().unwrap().len(), 0, "once");
    let sheet = bureau.folder.path().join("notice.html");
    let name = sheet.to_str().unwrap();
    let out = bureau.run(&["notice", "--sheet", "--on", "2026-03-16", "--phone", "0470-5550100", name]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let page = std::fs::read_to_string(&sheet).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("0470-5550100"), "{page}");
    assert!(lines.iter().all(|line| page.contains(line["line"].as_str().unwrap())), "word for word: {page}");
    assert!(text(&bureau.run(&["notice", "--sheet", "--on", "2026-03-17"]).stdout).contains("Nothing hangs"));
    // A case that is posted by itself keeps its words too.
    assert_eq!(bureau.run(&["notice", "--unit", "no such unit"]).status.code(), Some(1));
}

/// Files of a stranger in a folder of their own, and the program started there.
fn beside(bureau: &Bureau, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = bureau.folder.path().join("theirs");
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn run_in(bureau: &Bureau, folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.arg("--data").arg(bureau.data()).args(["--lang", "en", "--today", "2026-03-10"]).args(args);
    command.current_dir(folder).env("USER", "tester").output().unwrap()
}

#[test]
fn a_run_is_one_document_with_the_forms_file_for_its_id_and_the_properties_given() {
    let bureau = Bureau::new();
    let survey =
        b"type,name,label,calculation\ndeviceid,dev,,\nusername,who,,\ntext,t,T,\ncalculate,c,,property('region')\n";
    let script = "\u{feff}{\"steps\": [{\"set\": \"t\", \"value\": \"x\"}]}";
    let folder = beside(&bureau, &[("theirs.form/survey.csv", survey), ("s.json", script.as_bytes())]);
    let properties = ["--property", "deviceid=A1", "--property", "username=Li", "--property", "region=north"];
    let args = ["form", "run", "theirs.form", "--script", "s.json", "--json"];
    let out = run_in(&bureau, &folder, &[&args[..], &properties].concat());
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(said["form"], "theirs");
    let value = |path: &str| {
        let nodes = said["nodes"].as_array().unwrap();
        nodes.iter().find(|n| n["path"] == path).unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!([value("dev"), value("who"), value("t"), value("c")], ["A1", "Li", "x", "north"]);
    let out = run_in(&bureau, &folder, &[&args[..], &["--property", "nothing"]].concat());
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("NAME=VALUE") || text(&out.stdout).contains("NAME=VALUE"));
    let out =
        run_in(&bureau, &folder, &[&args[..], &["--property", "username=Li", "--property", "UserName=Wang"]].concat());
    assert_eq!(out.status.code(), Some(1));
    assert!((text(&out.stderr) + &text(&out.stdout)).contains("'UserName' was given twice"));
    for unread in ["regoin=north", "version=2"] {
        let out = run_in(&bureau, &folder, &[&args[..], &["--property", unread]].concat());
        assert!(out.status.success());
        let name = unread.split('=').next().unwrap();
        assert!(text(&out.stderr).contains(&format!("reads a property '{name}'")), "{}", text(&out.stderr));
    }
}

#[test]
fn why_a_question_is_as_it_is_names_places_by_their_words_and_in_json_by_their_paths() {
    let bureau = Bureau::new();
    let survey = b"type,name,label,required,dossier::number,dossier::masked\nbegin repeat,members,Members,,44,\n\
        text,m_name,Name,,45,name\ninteger,m_age,Age,,46,\ntext,m_id,ID number,${m_age} >= 1,47,id_number\nend repeat,,,,,\n";
    let script = br#"[{"add": "members"}, {"set": "members[1]/m_name", "value": "Li"}, {"set": "members[1]/m_age", "value": "9"}]"#;
    let folder = beside(&bureau, &[("theirs/survey.csv", survey), ("s.json", script)]);
    let args = ["form", "why", "theirs", "members[1]/m_id", "--script", "s.json"];
    let said = text(&run_in(&bureau, &folder, &args).stdout);
    assert!(said.contains("Li (1): 47 ID number: ") && said.contains("· Li (1): 46 Age = 9"), "{said}");
    assert!(!said.contains("members[1]"), "{said}");
    let out = run_in(&bureau, &folder, &[&args[..], &["--json"]].concat());
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!([&said[0]["path"], &said[0]["operands"][0]["path"]], ["members[1]/m_id", "members[1]/m_age"]);
}

#[test]
fn texts_come_in_whatever_encoding_and_a_name_overrules_the_guess() {
    let bureau = Bureau::new();
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let survey = gbk("type,name,label\ntext,t,\u{59d3}\u{540d}\n");
    let folder = beside(&bureau, &[("form/survey.csv", &survey), ("units.csv", &gbk("id\n"))]);
    let out = run_in(&bureau, &folder, &["form", "check", "form", "--json"]);
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(said["problems"][0]["what"].as_str().unwrap().contains("GB18030"), "{said}");
    for (name, code) in [("gbk", 0), ("utf-8", 1), ("klingon", 1)] {
        let out = run_in(&bureau, &folder, &["form", "check", "form", "--encoding", name]);
        assert_eq!(out.status.code(), Some(code), "{name}: {}", text(&out.stderr));
    }
    // A script beside it may be in the same encoding, in another that only its name tells, or UTF-8 as JSON is.
    let script = "[{\"set\":\"t\",\"value\":\"\u{738b}\u{5c0f}\u{660e}\"}]";
    let big5 = encoding_rs::BIG5.encode(script).0.into_owned();
    let plain = b"type,name,label\ntext,t,T\n";
    beside(&bureau, &[("gbk.json", &gbk(script)), ("big5.json", &big5), ("utf8.json", script.as_bytes())]);
    beside(&bureau, &[("plain/survey.csv", plain)]);
    for (form, script, encoding) in
        [("form", "gbk.json", "gbk"), ("form", "utf8.json", "gbk"), ("plain", "big5.json", "big5")]
    {
        let out =
            run_in(&bureau, &folder, &["form", "run", form, "--script", script, "--json", "--encoding", encoding]);
        let said: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(said["nodes"][0]["value"], "\u{738b}\u{5c0f}\u{660e}", "{script}");
    }
    // Out for a spreadsheet, back as it saves on Chinese Windows: nothing is new.
    assert!(run_in(&bureau, &folder, &["init"]).status.success());
    let listed = run_in(&bureau, &folder, &["units", "list", "--csv"]).stdout;
    assert!(listed.starts_with(b"\xef\xbb\xbf"));
    let saved = text(&listed[3..]).replace("-04-01", "/4/1").replace(',', "\t") + "\t\t\t\t\t\t\t\t\n";
    beside(&bureau, &[("back.csv", &gbk(&saved))]);
    let out = run_in(&bureau, &folder, &["units", "import", "back.csv", "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(serde_json::from_slice::<Value>(&out.stdout).unwrap()["added"], 0);
}

#[test]
fn a_bare_file_name_finds_what_lies_beside_it() {
    let bureau = Bureau::new();
    // The smallest workbook there is of a form is a folder's worth of files; a table is enough to see the folder by.
    let survey = b"type,name,label\nselect_one_from_file towns.csv,t,T\n";
    let folder = beside(&bureau, &[("survey.csv", survey), ("towns.csv", b"name,label\n1,A\n")]);
    for named in [".", "./", folder.to_str().unwrap()] {
        let out = run_in(&bureau, &folder, &["form", "check", named, "--json"]);
        let said: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(
            (said["form"].as_str(), said["problems"].as_array().map(Vec::len)),
            (Some("theirs"), Some(0)),
            "{named}"
        );
    }
}

/// Every name below a folder, with its rights.
fn rights_below(folder: &Path) -> Vec<(PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mut found = vec![(folder.to_owned(), std::fs::metadata(folder).unwrap().permissions().mode() & 0o777)];
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(rights_below(&entry.path())),
            false => found.push((entry.path(), entry.metadata().unwrap().permissions().mode() & 0o777)),
        }
    }
    found
}

#[test]
fn what_the_program_makes_is_its_users_alone_and_a_folder_open_to_others_is_shut() {
    use std::os::unix::fs::PermissionsExt;
    let bureau = Bureau::new();
    let run = |args: &str| {
        let line = format!("umask 000; exec \"$0\" --lang en --data \"$1\" {args}");
        let program = env!("CARGO_BIN_EXE_dossier");
        let done = Command::new("sh").args(["-c", &line, program]).arg(bureau.data()).env("USER", "tester").output();
        let done = done.unwrap();
        assert!(done.status.success(), "{args}: {}", text(&done.stderr));
    };
    let mine = |path: &Path| {
        for (path, mode) in rights_below(path) {
            assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
        }
    };
    run("init");
    run(&format!("survey --new --answers {}", household_file("illness").display()));
    let copy = bureau.folder.path().join("bureau.backup");
    run(&format!("backup {}", copy.display()));
    run("key file \"$1/../second.key\"");
    mine(&bureau.data());
    for file in ["bureau.backup", "bureau.backup.keys", "second.key"] {
        let mode = std::fs::metadata(bureau.folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    // Unpacked by hand, with rights for everybody.
    for (path, mode) in rights_below(&bureau.data()).into_iter().filter(|(path, _)| !path.ends_with("dossier.key")) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode | 0o055)).unwrap();
    }
    run("verify");
    mine(&bureau.data());
}

#[test]
fn a_demo_is_said_to_be_one_where_somebody_might_take_it_for_more() {
    let bureau = Bureau::new();
    assert!(bureau.run(&["demo", "--households", "1", "--no-open"]).status.success());
    // It is there, and nobody sits at a terminal to open it on.
    assert_eq!(bureau.run(&["demo", "--households", "1"]).status.code(), Some(0));
    let added = bureau.run(&["user", "add", "Somebody", "--role", "surveyor"]);
    assert!(added.status.success());
    assert!(text(&added.stderr).contains("everything in it is made up"), "{}", text(&added.stderr));
    // What is left of one is no place for a bureau.
    let mark = std::fs::read(bureau.data().join("demo")).unwrap();
    std::fs::remove_dir_all(bureau.data()).unwrap();
    std::fs::create_dir(bureau.data()).unwrap();
    std::fs::write(bureau.data().join("demo"), mark).unwrap();
    let refused = bureau.run(&["init"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("is a demo's folder"), "{}", text(&refused.stderr));
    assert_eq!(std::fs::read_dir(bureau.data()).unwrap().count(), 1, "nothing was begun");
}

#[test]
fn a_store_of_before_beside_the_folder_is_named_when_a_key_goes_and_by_doctor() {
    let bureau = Bureau::new();
    bureau.survey("illness");
    let second = bureau.folder.path().join("second.key");
    bureau.json(&["key", "file", second.to_str().unwrap()]);
    let copy = bureau.folder.path().join("data.before-move");
    assert!(Command::new("cp").arg("-a").arg(bureau.data()).arg(&copy).status().unwrap().success());
    let before = bureau.json(&["key", "show"]);
    let id = before["unlocked_by"][1]["id"].as_str().unwrap();
    let gone = bureau.run(&["key", "remove", id]);
    let said = text(&gone.stdout) + &text(&gone.stderr);
    assert!(said.contains("data.before-move is a store of before") && said.contains("cannot be taken back"), "{said}");
    let after = bureau.json(&["key", "show"]);
    for kind in ["store_generation", "bureau_generation"] {
        assert_eq!(after[kind].as_u64().unwrap(), before[kind].as_u64().unwrap() + 1, "{kind}");
    }
    assert!(text(&bureau.run(&["doctor"]).stdout).contains("data.before-move"));
    let log = bureau.json(&["user", "log", "--since", "2026-01-01"]);
    let acts: Vec<_> = log.as_array().unwrap().iter().map(|row| row["why"].as_str().unwrap()).collect();
    assert_eq!(acts, ["key_removed", "key_file"]);
    assert_eq!(log[0]["id"], id);
}

#[test]
fn what_a_bureau_sets_for_itself_is_shown_printed_and_spoken() {
    let bureau = Bureau::new();
    let init = ["init", "--name", "示例林业局工会", "--language", "en", "--division", "150782"];
    assert!(bureau.run(&init).status.success());
    assert!(bureau.run(&["bureau", "notice", "7", "--count", "working"]).status.success());
    assert!(bureau.run(&["bureau", "day", "2026-10-08", "closed"]).status.success());
    let set = bureau.json(&["bureau"]);
    assert_eq!(
        (&set["name"], &set["language"], &set["division"]),
        (&"示例林业局工会".into(), &"en".into(), &"150782".into())
    );
    assert_eq!(set["notice"], serde_json::json!({"days": 7, "count": "working"}));
    assert_eq!(set["own_days"], serde_json::json!({"2026-10-08": "closed"}));
    assert_eq!(bureau.run(&["bureau", "notice", "7", "--count", "often"]).status.code(), Some(2));
    assert_eq!(bureau.run(&["bureau", "notice", "61"]).status.code(), Some(1));
    let days = text(&bureau.run(&["bureau", "calendar", "2026"]).stdout);
    assert!(
        days.contains("国办发明电〔2025〕7号") && days.contains("National Day") && days.contains("2026-10-08"),
        "{days}"
    );
    let paper = text(&bureau.run(&["print", "blank"]).stdout);
    assert!(paper.contains("示例林业局工会 ____________"), "{paper}");
    let doctor = text(&bureau.run(&["doctor"]).stdout);
    assert!(doctor.contains("示例林业局工会") && doctor.contains("7 working days"), "{doctor}");
    // Whoever has a language of their own is answered in it, and everybody else in the bureau's.
    let spoken = |locale: &str| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_dossier"));
        run.arg("--data").arg(bureau.data()).args(["--today", "2026-03-10", "numbers", "show"]);
        let run = run.env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", locale).env("USER", "tester");
        text(&run.output().unwrap().stdout)
    };
    let (of_bureau, own) = (spoken("C.UTF-8"), spoken("zh_CN.UTF-8"));
    assert!(of_bureau.is_ascii() && !own.is_ascii(), "{of_bureau}{own}");
}
