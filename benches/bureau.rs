//! A bureau that grows: how fast records are loaded, and what opening, scanning, verifying, folding anew, backing up and
//! restoring take at ten thousand records, a hundred thousand, a million; and how much memory.
//! `cargo bench --bench bureau [-- RECORDS…]`; `DOSSIER_BENCH_DIR` names the folder to write in.
//!
//! Two records a household: its opening, and a first survey with every answer of a filled paper form.

use dossier::command::backup::{Restore, restore};
use dossier::command::{Act, Library, Office, OpenOffice, Unlocking, opening};
use dossier::domain::event::{Ledger, Person, SurveyKind, SurveyLedger, SurveyPerson};
use dossier::domain::{Answers, Day, DraftId, EntryId, Fen, Now, Path as At, PersonId, Stamp, Step, Subject};
use dossier::form::run;
use dossier::seal::secret::SeededRandom;
use dossier::views::search::Scope;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Households loaded between two answers of the store.
const BATCH: usize = 1000;

fn main() {
    let asked: Vec<u64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![10_000, 100_000, 1_000_000] } else { asked };
    let base = std::env::var_os("DOSSIER_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    say(&[
        "records",
        "load/s",
        "B/record",
        "1st open s",
        "open s",
        "usable MB",
        "index s",
        "all MB",
        "scan s",
        "verify s",
        "rebuild s",
        "backup s",
        "restore s",
        "replay/s",
    ]);
    for records in sizes {
        let place = tempfile::tempdir_in(&base).expect("a folder to write in");
        let figures = measure(&place.path().join("bureau"), records);
        let mut cells = vec![records.to_string()];
        cells.extend(figures.iter().map(|(value, digits)| format!("{value:.digits$}")));
        say(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

fn say(cells: &[&str]) {
    let line: String = cells.iter().map(|cell| format!("{cell:>11}")).collect();
    // The only place that prints: a bench is read by people.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn now() -> Now {
    let today = Day::from_iso("2026-03-10").expect("a day");
    Now { at: Stamp(i64::from(today.0) * 86_400_000 + 3_600_000), today }
}

fn open(folder: &Path, library: &Arc<Library>, rebuild: bool) -> Office {
    let opened = opening::open(OpenOffice {
        machine: b"bench".to_vec(),
        rebuild,
        ..OpenOffice::new(folder, library.clone(), Box::new(SeededRandom::new(7)), now())
    });
    opened.map_or_else(|failure| panic!("{failure:?}"), |opened| opened.office)
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed().as_secs_f64(), done)
}

fn measure(folder: &Path, records: u64) -> Vec<(f64, usize)> {
    let library = Arc::new(Library::built_in());
    let office = open(folder, &library, false);
    let households = usize::try_from(records / 2).expect("a size");
    let (loading, ()) = timed(|| load(&office, households));
    office.close().expect("closed");
    let bytes = size_of(&folder.join("journal"));

    // The first opening after so much was written goes through sled's whole log, and leaves a snapshot for the next.
    let (first_opening, office) = timed(|| open(folder, &library, false));
    office.close().expect("closed");
    let before = resident_mb();
    let (opening, office) = timed(|| open(folder, &library, false));
    let usable = resident_mb() - before;
    let (filling, found) = timed(|| {
        office.wait_until_findable();
        office.lookup("示例", Scope::All, 10).hits.len()
    });
    assert!(found > 0, "somebody is found");
    let all = resident_mb() - before;
    let (scanning, seen) = timed(|| office.dossiers().expect("dossiers").len());
    assert_eq!(seen, households);
    let (verifying, verified) = timed(|| office.verify(None, false, |_, _| {}).expect("verified"));
    assert!(verified.holds());
    let file = folder.with_extension("backup");
    let (backing, _) = timed(|| office.backup(&file, now().at, |_, _| {}).expect("backed up"));
    let set = library.rule_sets().get("genhe-2026").expect("a set").clone();
    let (replaying, replayed) = timed(|| office.replay(&set).expect("replayed").households);
    assert_eq!(replayed, households as u64);
    office.close().expect("closed");
    let (rebuilding, office) = timed(|| open(folder, &library, true));
    office.close().expect("closed");
    let target = folder.with_extension("restored");
    let unlocking = Unlocking::KeyFile(Some(folder.join("dossier.key")));
    let asked =
        Restore { file: &file, keys: None, folder: &target, unlocking: &unlocking, over: false, on_network: false };
    let (restoring, _) = timed(|| restore(&asked, |_, _| {}).expect("restored"));
    vec![
        (records as f64 / loading, 0),
        (bytes as f64 / records as f64, 0),
        (first_opening, 3),
        (opening, 3),
        (usable, 0),
        (filling, 2),
        (all, 0),
        (scanning, 2),
        (verifying, 2),
        (rebuilding, 1),
        (backing, 1),
        (restoring, 1),
        (households as f64 / replaying, 0),
    ]
}

fn load(office: &Office, households: usize) {
    office.have_slots_for(u32::try_from(households).expect("a size")).expect("slots");
    let paper = answers();
    let mut acts: Vec<Act> = Vec::with_capacity(BATCH * 2);
    for n in 0..households {
        let dossier = office.new_dossier().expect("a slot");
        let subject = Subject::Dossier(dossier);
        let opened = entry(n, 1);
        let mut act = Act::new(
            opened,
            now().at,
            subject,
            Ledger::DossierOpened { dossier, unit: None, division: "150785".into(), accepted_on: now().today },
        );
        act.series = vec![format!("150785-{:04}", 2000 + n % 27)];
        acts.push(act);
        acts.push(
            Act::new(entry(n, 2), now().at, subject, Ledger::SurveySubmitted(ledger(dossier, n)))
                .person(subject, Person::Survey(SurveyPerson { answers: named(&paper, n), decision: None }))
                .parents([opened]),
        );
        if acts.len() >= BATCH * 2 || n + 1 == households {
            office.keep_all(&acts).into_iter().for_each(|kept| drop(kept.expect("kept")));
            acts.clear();
        }
    }
}

fn entry(n: usize, what: u8) -> EntryId {
    let mut id = [what; 16];
    id[..8].copy_from_slice(&(n as u64).to_be_bytes());
    EntryId(id)
}

fn ledger(dossier: dossier::domain::DossierId, n: usize) -> SurveyLedger {
    SurveyLedger {
        dossier,
        draft: DraftId(entry(n, 3).0),
        kind: SurveyKind::First,
        on: now().today,
        form: "hardship".into(),
        form_version: "1".into(),
        unit: None,
        division: "150785".into(),
        corrects: None,
        rule_set: Some("genhe-2026".into()),
        category: Some(["1", "2", "3"][n % 3].into()),
        possible: Vec::new(),
        cause: Some("06".into()),
        members: Some(3),
        income: Some(Fen(4_200_000 + n as i64)),
        rigid: Some(Fen(2_000_000)),
        per_head_net: Some(Fen(61_111)),
        line_month: Some(Fen(82_000)),
        persons: (0..3).map(|m| PersonId(entry(n, 10 + m).0)).collect(),
        next_due: Some(now().today.plus_days((n % 180) as i32)),
    }
}

/// A whole paper form's answers.
fn answers() -> Answers {
    let paper = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
    let steps = run::steps(&std::fs::read_to_string(paper).expect("paper")).expect("steps");
    let answers = steps.into_iter().filter_map(|step| match step {
        Step::Set { path, value } => Some(dossier::domain::Answer {
            path,
            given: dossier::domain::Given::Value(value),
            origin: dossier::domain::Origin::Asked,
        }),
        _ => None,
    });
    Answers { form: "hardship".into(), form_version: "1".into(), answers: answers.collect(), ..Answers::default() }
}

/// The same answers with a name of this household's own.
fn named(paper: &Answers, n: usize) -> Answers {
    const GIVEN: [char; 20] = [
        '明', '华', '强', '丽', '军', '伟', '芳', '娟', '敏', '静', '磊', '洋', '勇', '艳', '杰', '涛', '超', '霞',
        '平', '刚',
    ];
    let mut answers = paper.clone();
    let name: String = ["示例", ""][n % 7 / 6].chars().chain([GIVEN[n % 20], GIVEN[n / 20 % 20]]).collect();
    for answer in &mut answers.answers {
        if answer.path == At::new("identity/name") {
            answer.given = dossier::domain::Given::Value(name.clone());
        }
    }
    answers
}

fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|m| m.len()).sum()
}

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
