//! `kill -9` at random moments, fifty times over one folder: whatever was said to be kept is there, and nothing is broken.

use crate::support::pty::Pty;
use dossier::command::{Library, Office, OpenOffice, opening};
use dossier::domain::{Day, Now, Stamp, Step};
use dossier::seal::SystemRandom;
use dossier::views::Horizon;
use portable_pty::CommandBuilder;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const DAY: &str = "2026-11-26";

/// Moments that differ from round to round and are the same in every run.
struct Moments(u64);

impl Moments {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn machine() -> Vec<u8> {
    std::fs::read("/etc/machine-id").unwrap_or_default()
}

/// The folder as the next start finds it: opened thoroughly, whatever state it is in.
fn open(data: &Path, library: &Arc<Library>) -> Office {
    let today = Day::from_iso(DAY).expect("day");
    let at = Stamp(i64::from(today.0) * 86_400_000);
    let opened = opening::open(OpenOffice {
        machine: machine(),
        user: "示例员".to_owned(),
        thorough: true,
        ..OpenOffice::new(data, library.clone(), Box::new(SystemRandom), Now { at, today })
    });
    let mut office = opened.unwrap_or_else(|failure| panic!("{failure:?}")).office;
    // Whoever made the store, by whatever name the machine's user has here.
    let first = office.officers().expect("officers")[0].officer;
    office.sit_down(first);
    office
}

fn now() -> Now {
    Now { at: Stamp(0), today: Day::from_iso(DAY).expect("day") }
}

/// Nothing is broken, and all that was answered for is there.
fn check(office: &Office, reported: &[String], round: usize) {
    let health = office.doctor(Day::from_iso(DAY).expect("day")).expect("doctor");
    // A file that the kill left unfinished is named, and is nothing that was lost.
    let mut wrong = health.wrong.iter().filter(|wrong| wrong.key != "command.doctor.unfinished");
    assert!(wrong.next().is_none(), "round {round}: {:?}", health.wrong);
    let verified = office.verify(None, true, |_, _| {}).expect("verify");
    assert!(verified.holds() && verified.copies.whole(), "round {round}: {:?}", verified.copies);
    let elsewhere = tempfile::tempdir().expect("folder");
    let backed = office.backup(&elsewhere.path().join("b.backup"), now(), |_, _| {}).expect("backup");
    assert!(backed.copies.whole() && backed.without_keys.is_empty(), "round {round}: {:?}", backed.copies);
    for number in reported {
        let household = office.find(number, now()).unwrap_or_else(|failure| panic!("round {round}: {failure:?}"));
        let status = household.status(Horizon::NOW);
        let line = household.version(&status, None).expect("a version");
        assert!(household.survey(&line).is_ok(), "round {round}");
    }
    assert!(health.dossiers >= reported.len(), "round {round}");
}

fn households() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households")
}

#[test]
fn thirty_five_kills_while_surveys_are_submitted_lose_none_that_was_answered_for() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let library = Arc::new(Library::built_in());
    open(&data, &library).close().expect("made");
    let (mut moments, mut reported, mut cut) = (Moments(7), Vec::new(), 0);
    for round in 0..35 {
        let paper = ["illness.json", "laid_off.json", "accident.json"][round % 3];
        let mut child = Command::new(env!("CARGO_BIN_EXE_dossier"))
            .args(["--json", "--today", DAY, "--data"])
            .arg(&data)
            .args(["survey", "--new", "--again", "--answers"])
            .arg(households().join(paper))
            .env("USER", "示例员")
            .env_remove("DOSSIER_PASSPHRASE")
            .env_remove("DOSSIER_KEY_FILE")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("run");
        std::thread::sleep(Duration::from_millis(moments.below(900)));
        cut += usize::from(child.try_wait().expect("child").is_none());
        // The hardest end; of one that is over already there is nothing to kill.
        let _ = child.kill();
        child.wait().expect("ended");
        let mut said = String::new();
        child.stdout.take().expect("pipe").read_to_string(&mut said).expect("text");
        if let Ok(answer) = serde_json::from_str::<serde_json::Value>(&said) {
            reported.push(answer["dossier"].as_str().expect("a number").to_owned());
        }
        let office = open(&data, &library);
        check(&office, &reported, round);
        office.close().expect("closed");
    }
    assert!(cut >= 5, "the kills came too late to show anything: {cut}");
}

/// What stands in the field `investigators` of the one draft there is.
fn typed(office: &Office) -> Option<String> {
    let (lines, unreadable) = office.drafts(now()).expect("drafts");
    assert!(unreadable.is_empty(), "a draft that cannot be read: {unreadable:?}");
    let line = lines.first()?;
    assert!(!line.damaged, "a damaged draft");
    let found = office.draft(line.draft, now()).expect("draft");
    found.written.iter().rev().find_map(|one| match one {
        dossier::command::draft_file::Written::Typing(typing) if typing.path.name() == "investigators" => {
            Some(typing.text.clone())
        }
        dossier::command::draft_file::Written::Step(Step::Set { path, value }) if path.name() == "investigators" => {
            Some(value.clone())
        }
        _ => None,
    })
}

#[test]
fn fifteen_kills_while_somebody_types_lose_nothing_that_the_screen_said_was_safe() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let library = Arc::new(Library::built_in());
    open(&data, &library).close().expect("made");
    let mut moments = Moments(11);
    for round in 0..15 {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dossier"));
        command.arg("--data");
        command.arg(&data);
        command.args(["--lang", "zh", "--today", DAY, "survey", "--new"]);
        command.env("USER", "示例员");
        command.env_remove("DOSSIER_PASSPHRASE");
        command.env_remove("DOSSIER_KEY_FILE");
        let mut pty = Pty::open(command);
        pty.expect("首次建档");
        pty.keys("1 <enter>");
        pty.expect("入户当天");
        pty.send("2026-11-20".as_bytes());
        pty.keys("<enter>");
        pty.expect("两人，中间");
        let all: Vec<char> = "示例甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥".chars().collect();
        let shown = 1 + moments.below(8) as usize;
        let safe: String = all[..shown].iter().collect();
        pty.send(safe.as_bytes());
        pty.wait("kept", |pty| {
            let screen = pty.screen();
            (screen.contains(&safe) && screen.contains("已存")).then_some(())
        });
        // And on, without waiting for anything.
        for c in &all[shown..] {
            pty.send(c.to_string().as_bytes());
            std::thread::sleep(Duration::from_millis(moments.below(12)));
            if moments.below(9) == 0 {
                break;
            }
        }
        pty.kill();
        let office = open(&data, &library);
        check(&office, &[], round);
        let left = typed(&office).unwrap_or_default();
        let whole: String = all.iter().collect();
        assert!(left.starts_with(&safe) && whole.starts_with(&left), "round {round}: {left} of {safe}…");
        let draft = office.drafts(now()).expect("drafts").0.remove(0).draft;
        let form = library.hardship().expect("form").clone();
        assert!(office.resume(draft, form, now()).is_ok(), "round {round}: gone on with");
        office.discard_draft(draft, now()).expect("discarded");
        office.close().expect("closed");
    }
}
