//! From the first key to a kept dossier: paper households entered key by key through a pseudo-terminal at 80×24 into a
//! fresh store, with a `kill -9` in the middle.

#![allow(clippy::print_stdout)] // A test says what it skipped.

use crate::outside::{Bureau, well};
use crate::support::pty::Pty;
use dossier::command::Library;
use portable_pty::CommandBuilder;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where the sheet stands on a screen of 80×24: its left edge, the answers' column, its last row.
const SHEET: u16 = 22;
const LABELS: u16 = 31;
const SHEET_ROWS: std::ops::RangeInclusive<usize> = 1..=11;

/// A household as it stands on paper: answers by question name (and row), rows by roster.
struct Paper {
    answers: HashMap<(String, Option<u32>), String>,
    rows: HashMap<String, u32>,
    /// What the sheet calls a place (its number, else its words) → its name, and whether it is a roster.
    places: HashMap<String, (String, bool)>,
}

/// Where one is on the paper: rows entered of each roster, and the row one is in.
#[derive(Default)]
struct Progress {
    rows: HashMap<String, u32>,
    row: Option<u32>,
}

impl Paper {
    fn read(file: &str) -> Paper {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households").join(file);
        let script: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("paper")).expect("steps");
        let mut paper = Paper { answers: HashMap::new(), rows: HashMap::new(), places: HashMap::new() };
        for step in script["steps"].as_array().expect("steps") {
            let Some(path) = step["set"].as_str() else { continue };
            let path = dossier::domain::Path::new(path);
            let roster = path.segments().find_map(|(name, index)| index.map(|index| (name.to_owned(), index)));
            let value = step["value"].as_str().expect("text").to_owned();
            paper.answers.insert((path.name().to_owned(), roster.as_ref().map(|(_, row)| *row)), value);
            if let Some((name, row)) = roster {
                let rows = paper.rows.entry(name).or_default();
                *rows = row.max(*rows);
            }
        }
        let library = Library::built_in();
        let form = library.hardship().expect("form");
        for node in &form.nodes {
            let called = node.number.clone().unwrap_or_else(|| node.label.get(form.language).to_owned());
            let roster = matches!(node.kind, dossier::form::model::ElementKind::Repeat { .. });
            paper.places.insert(called, (node.name.clone(), roster));
        }
        paper
    }

    /// The name of the place that the cursor's line shows.
    fn place(&self, line: &str) -> (&str, bool) {
        let number = line.split(' ').next().unwrap_or_default();
        let found = self.places.get(number).or_else(|| self.places.get(line.trim_end_matches('*')));
        found.map_or(("", false), |(name, roster)| (name, *roster))
    }

    fn answer(&self, name: &str, row: Option<u32>) -> Option<&str> {
        let of = |row| self.answers.get(&(name.to_owned(), row));
        of(row).or_else(|| of(None)).map(String::as_str)
    }
}

/// The line under the cursor, without what stands in its field: `12 婚姻状况*`.
fn focus(pty: &Pty) -> Option<String> {
    let rows = pty.rows(SHEET, LABELS);
    let line = rows.get(SHEET_ROWS)?.iter().find_map(|row| row.trim_start().strip_prefix('>').map(str::to_owned))?;
    // Behind the mark stands a sign of one cell, then the number.
    Some(line.chars().skip(1).collect::<String>().trim().to_owned())
}

fn at_the_end(pty: &Pty) -> bool {
    let screen = pty.screen();
    screen.contains("可以提交") || screen.contains("项未完成")
}

/// A problem that the screen points out before it goes on.
fn warned(pty: &Pty) -> bool {
    let panel = pty.rows(SHEET, 58);
    panel.get(13..).is_some_and(|rows| rows.iter().any(|row| row.starts_with("! ") || row.starts_with("? ")))
}

/// Rows that the roster under the cursor has, as its line says.
fn rows_there(pty: &Pty) -> Option<u32> {
    let rows = pty.rows(SHEET, 58);
    let line = rows.get(SHEET_ROWS)?.iter().find(|row| row.trim_start().starts_with('>'))?.strip_suffix(" 行")?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Answers whatever is asked until `until` answers yes, or to the last page.
fn fill(pty: &mut Pty, paper: &Paper, progress: &mut Progress, until: impl Fn(&str) -> bool) {
    for _ in 0..400 {
        let asked = pty.wait("a question", |pty| if at_the_end(pty) { Some(None) } else { focus(pty).map(Some) });
        let Some(asked) = asked else { return };
        let (name, roster) = paper.place(&asked);
        if until(name) {
            return;
        }
        if roster {
            let there = pty.wait("the roster's rows", rows_there);
            let entered = progress.rows.entry(name.to_owned()).or_default();
            let more = *entered < paper.rows.get(name).copied().unwrap_or_default();
            *entered += u32::from(more);
            progress.row = more.then_some(*entered);
            match more {
                true if *entered <= there => pty.keys(&entered.to_string()),
                true => pty.keys("a"),
                false => pty.keys("/"),
            }
        } else {
            if let Some(value) = paper.answer(name, progress.row) {
                pty.send(value.as_bytes());
            }
            pty.keys("<enter>");
        }
        leave(pty, &asked);
    }
    panic!("no end:\n{}", pty.screen());
}

/// Waits until the cursor has gone on. A problem is pointed out once; a second Enter goes on all the same.
fn leave(pty: &mut Pty, asked: &str) {
    let gone = |pty: &Pty| at_the_end(pty) || focus(pty).is_some_and(|now| now != asked);
    let moved = pty.wait("an answer taken", |pty| if gone(pty) { Some(true) } else { warned(pty).then_some(false) });
    if !moved {
        pty.keys("<enter>");
        pty.wait("the next question", |pty| gone(pty).then_some(()));
    }
}

/// What became a question only after one had gone past it: the last page leads there.
fn fill_gaps(pty: &mut Pty, paper: &Paper) {
    for _ in 0..10 {
        if pty.wait("the last page", |pty| at_the_end(pty).then(|| pty.screen().contains("可以提交"))) {
            return;
        }
        pty.keys("<enter>");
        let asked = pty.wait("what is missing", |pty| if at_the_end(pty) { None } else { focus(pty) });
        let value = paper.answer(paper.place(&asked).0, None).expect("the paper has it");
        pty.send(value.as_bytes());
        pty.keys("<enter>");
        leave(pty, &asked);
        pty.keys("<f9>");
    }
    panic!("never whole:\n{}", pty.screen());
}

fn program(data: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dossier"));
    command.arg("--data");
    command.arg(data);
    command.args(["--lang", "zh", "--today", "2026-11-26"]);
    command.env("USER", "示例员");
    command.env_remove("DOSSIER_PASSPHRASE");
    command.env_remove("DOSSIER_KEY_FILE");
    command
}

/// Opens the program on its first screen.
fn start(data: &Path) -> Pty {
    let first = !data.exists();
    let mut pty = Pty::open(program(data));
    if first {
        pty.expect("要在这里新建吗");
        pty.send(b"y\r");
        pty.expect("是不是一两个人承担全部工作");
        pty.send(b"\r");
    }
    pty.expect("未完成的草稿");
    pty
}

#[test]
fn a_store_is_begun_at_the_keyboard_by_a_yes_and_by_nothing_else() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    for said in [&b"\r"[..], b"n\r", b"\x04"] {
        let mut pty = Pty::open(program(&data));
        pty.expect("要在这里新建吗");
        pty.send(said);
        assert_ne!(pty.ended(), 101);
        assert!(!data.exists(), "{said:?}");
    }
    start(&data).kill();
    assert!(data.join("journal").exists());
}

#[test]
fn a_store_that_is_begun_by_a_yes_is_asked_the_size_of_its_office_as_init_asks() {
    let folder = tempfile::tempdir().expect("folder");
    for (said, size) in [(&b"y\r"[..], "small"), (b"\r", "full")] {
        let data = folder.path().join(size);
        let mut pty = Pty::open(program(&data));
        pty.expect("要在这里新建吗");
        pty.send(b"y\r");
        pty.expect("是不是一两个人承担全部工作");
        pty.send(said);
        pty.expect("未完成的草稿");
        // The record of it is what every screen reads.
        pty.keys("b");
        pty.expect("机构规模");
        pty.expect(size);
        pty.keys("<esc> q q");
        pty.ended();
    }
}

#[test]
fn a_clock_far_from_the_last_record_is_asked_about_at_the_keyboard_and_only_a_yes_keeps_something() {
    use dossier::command::{Library, OpenOffice, opening};
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let today = dossier::domain::Day::from_iso("2019-03-01").expect("a day");
    let now = dossier::domain::Now { at: dossier::domain::Stamp(i64::from(today.0) * 86_400_000), today };
    let made = opening::open(OpenOffice {
        machine: std::fs::read("/etc/machine-id").unwrap_or_default(),
        user: "示例员".into(),
        ..OpenOffice::new(&data, std::sync::Arc::new(Library::built_in()), Box::new(dossier::seal::SystemRandom), now)
    });
    made.unwrap_or_else(|failure| panic!("{failure:?}")).office.close().expect("closed");
    for (said, kept) in [(&b"\r"[..], false), (b"n\r", false), (b"y\r", true)] {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dossier"));
        command.args(["--lang", "zh", "user", "add", "示例乙", "--role", "surveyor", "--data"]);
        command.arg(&data);
        command.env("USER", "示例员");
        command.env("XDG_STATE_HOME", folder.path().join("state"));
        command.env_remove("DOSSIER_PASSPHRASE");
        command.env_remove("DOSSIER_KEY_FILE");
        let mut pty = Pty::open(command);
        pty.expect("时钟是对的");
        pty.send(said);
        pty.expect(if kept { "示例乙" } else { "相差太远" });
        if kept {
            // A session has ended that kept something.
            pty.expect("本站记录头码");
        }
        assert_eq!(pty.ended(), u32::from(!kept), "{said:?}");
    }
}

/// Enters the household, is killed at question `killed_at` in the middle of a word, goes on, and submits.
fn from_paper_to_dossier(file: &str, killed_at: &str, category: &str) {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let paper = Paper::read(file);
    let mut progress = Progress::default();

    let mut pty = start(&data);
    pty.keys("n");
    fill(&mut pty, &paper, &mut progress, |name| name == killed_at);
    let asked = focus(&pty).expect("a question");
    let answer = paper.answer(killed_at, progress.row).expect("an answer");
    let half: String = answer.chars().take(3).collect();
    pty.send(half.as_bytes());
    // The screen says when what was typed is safe.
    pty.wait("the half word kept", |pty| {
        let screen = pty.screen();
        (screen.contains(&half) && screen.contains("已存")).then_some(())
    });
    pty.kill();

    let mut pty = start(&data);
    pty.expect("未完成的草稿（1）");
    pty.keys("<enter>");
    pty.wait("the same question", |pty| (focus(pty).as_ref() == Some(&asked)).then_some(()));
    pty.expect(&half);
    let rest: String = answer.chars().skip(3).collect();
    pty.send(rest.as_bytes());
    pty.expect(answer);
    pty.keys("<enter>");
    pty.wait("the next question", |pty| focus(pty).is_some_and(|now| now != asked).then_some(()));
    fill(&mut pty, &paper, &mut progress, |_| false);
    fill_gaps(&mut pty, &paper);
    assert!(!pty.screen().contains(category), "no category before the survey is submitted:\n{}", pty.screen());
    pty.keys("<f2>");
    pty.expect("已提交，档案编号");
    pty.expect(category);
    pty.keys("<esc>");
    pty.expect("未完成的草稿（0）");

    let name = paper.answer("name", None).expect("a name");
    pty.keys("/");
    pty.expect("输入姓名");
    pty.send(name.as_bytes());
    pty.expect("150785-2026-0001");
    pty.keys("<enter>");
    pty.expect("困难类别");
    pty.expect(category);
    assert!(pty.screen().contains(name), "people of one unit are told apart by name");
    let id = paper.answer("id_number", None).expect("an ID number");
    assert!(!pty.screen().contains(&id[..8]), "covered until revealed");
    pty.keys("<left>");
    pty.expect("截至 2026-");
    pty.expect(category);
    pty.keys("<esc>");
    pty.expect("共 1 户");
    pty.keys("<esc>");
    pty.expect("最近看过");
    pty.keys("q q");
    assert_eq!(pty.ended(), 0);
    pty.wait("the terminal given back", |pty| pty.is_restored().then_some(()));
    well(&Bureau { folder }, 1);
}

#[test]
fn an_illness_household_survives_a_kill_in_the_middle_of_its_address() {
    from_paper_to_dossier("illness.json", "address", "1 深度困难");
}

#[test]
fn a_laid_off_couple_survives_a_kill_in_the_middle_of_a_members_name() {
    from_paper_to_dossier("laid_off.json", "m_name", "2 相对困难");
}

#[test]
fn an_accident_household_survives_a_kill_in_the_middle_of_an_amount() {
    from_paper_to_dossier("accident.json", "inc_wage", "3 意外致困");
}

#[test]
fn without_a_terminal_the_screens_say_so_in_words() {
    let folder = tempfile::tempdir().expect("folder");
    let mut command = std::process::Command::new("setsid");
    command.arg(env!("CARGO_BIN_EXE_dossier")).args(["--lang", "zh", "--data"]).arg(folder.path().join("data"));
    let output = command.stdin(std::process::Stdio::null()).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("终端"));
    assert!(!folder.path().join("data").exists(), "nothing is made where nothing can be shown");
}

/// A workbook that people use and nobody here wrote; `None` in a stranger's clone, and it says so.
fn foreign_form() -> Option<PathBuf> {
    let shared =
        std::env::var("DOSSIER_SHARED").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let form = Path::new(&shared).join("xlsforms/forms/getodk_socio_economic_survey_v20240515.xlsx");
    if !form.exists() {
        assert!(std::env::var("DOSSIER_REQUIRE_SHARED").as_deref() != Ok("1"), "{} is absent", form.display());
        println!("skipped: {} is absent", form.display());
        return None;
    }
    Some(form)
}

/// Answers whatever a form asks with the first of a few answers that it takes; one row in each roster.
fn fill_anything(pty: &mut Pty) -> usize {
    let mut rosters = std::collections::HashSet::new();
    for answered in 0..200 {
        let asked = pty.wait("a question", |pty| if at_the_end(pty) { Some(None) } else { focus(pty).map(Some) });
        let Some(asked) = asked else { return answered };
        let rows = pty.rows(SHEET, 58);
        let line = rows[SHEET_ROWS].iter().find(|row| row.trim_start().starts_with('>')).cloned().unwrap_or_default();
        if line.ends_with(" 行") {
            // Its words, without the count of rows.
            let first = rosters.insert(asked.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned());
            pty.keys(if first { "1" } else { "/" });
            leave(pty, &asked);
            continue;
        }
        // Three lines or more below the sheet are choices; two may be a question's words.
        let panel: Vec<String> = pty.rows(SHEET, 58)[12..21].to_vec();
        let offered = panel.iter().filter(|row| !row.trim().is_empty()).count() >= 3;
        for answer in ["1", "13800000000", "2020-01-01", "示例"] {
            match offered {
                true if panel.join("").contains("[ ]") => pty.keys("<down> <space>"),
                true => pty.keys("<down>"),
                false => pty.send(format!("\u{15}{answer}").as_bytes()),
            }
            pty.keys("<enter>");
            let gone = |pty: &Pty| at_the_end(pty) || focus(pty).is_some_and(|now| now != asked);
            if pty.wait("taken or not", |pty| if gone(pty) { Some(true) } else { warned(pty).then_some(false) }) {
                break;
            }
        }
    }
    panic!("no end:\n{}", pty.screen());
}

#[test]
fn a_form_nobody_here_wrote_is_filled_key_by_key_to_a_kept_answer() {
    let Some(form) = foreign_form() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let number = "150785-2026-0001";
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.args(["--lang", "zh", "--json", "--today", "2026-11-26", "--data"]).arg(&data).args(args);
        command.env("USER", "示例员").env_remove("DOSSIER_PASSPHRASE").env_remove("DOSSIER_KEY_FILE");
        let output = command.output().expect("run");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("json")
    };
    run(&["init"]);
    let paper = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
    assert_eq!(run(&["survey", "--new", "--answers", paper.to_str().expect("path")])["dossier"], number);
    let before = run(&["show", number]);

    let mut command = program(&data);
    command.args(["survey", number, "--form"]);
    command.arg(&form);
    let mut pty = Pty::open(command);
    let answered = fill_anything(&mut pty);
    assert!(answered > 12, "{answered}");
    assert!(pty.screen().contains("可以提交"), "{}", pty.screen());
    pty.keys("<f2>");
    pty.expect("已提交");
    drop(pty);

    let after = run(&["show", number]);
    let versions = after["versions"].as_array().expect("versions");
    assert_eq!(versions.len(), 2);
    assert_eq!((&versions[1]["category"], versions[1]["undecided"].as_bool()), (&Value::Null, Some(false)));
    assert_ne!(versions[1]["form"], versions[0]["form"]);
    assert_eq!(after["category"], before["category"], "another form gives no decision");
    assert_eq!(run(&["verify", "--views"])["holds"], true);
}

#[test]
fn a_form_nobody_here_wrote_goes_on_where_it_was_left() {
    let Some(form) = foreign_form() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let mut init = std::process::Command::new(env!("CARGO_BIN_EXE_dossier"));
    init.arg("init").arg("--data").arg(folder.path().join("data")).env_remove("DOSSIER_KEY_FILE").env("USER", "示例员");
    assert!(init.output().expect("init").status.success());
    let open = || {
        let mut command = program(&folder.path().join("data"));
        command.args(["survey", "--new", "--form"]);
        command.arg(&form);
        Pty::open(command)
    };
    let mut pty = open();
    // Enter passes notes and read-only lines; an open question carries a dot.
    let open_question = |pty: &Pty| {
        let rows = pty.rows(SHEET, LABELS);
        rows.get(SHEET_ROWS).is_some_and(|rows| rows.iter().any(|row| row.trim_start().starts_with(">.")))
    };
    let mut asked = pty.wait("the first stop", focus);
    while !open_question(&pty) {
        pty.keys("<enter>");
        asked = pty.wait("the next stop", |pty| focus(pty).filter(|now| *now != asked));
    }
    pty.send("半句".as_bytes());
    pty.wait("kept", |pty| (pty.screen().contains("半句") && pty.screen().contains("已存")).then_some(()));
    pty.kill();
    let pty = open();
    pty.wait("the same question", |pty| (focus(pty).as_ref() == Some(&asked)).then_some(()));
    pty.expect("半句");
}
