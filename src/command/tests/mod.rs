//! What holds of records and views whichever way they came: order, repetition, absence, corrections, conflicts.

mod aid;
mod apart;
mod bureau;
mod calendar;
mod campaign;
mod case;
mod closing;
mod erasing;
mod finding;
mod forms;
mod fund;
mod giving;
mod import;
mod import_layouts;
mod import_refused;
mod keys_lost;
mod logins;
mod mended;
mod objections;
mod parts;
mod queries;
mod receivers;
mod report;
mod rights;
mod roll;
mod round;
mod rules;
mod scene;
mod steps;
mod syncing;
mod typed;
mod update;
mod verbs;
mod waiting;
mod walked;

use super::survey::Begin;
use super::{Failure, Household, Library, Office, OpenOffice, SessionContext, opening};
use crate::domain::dossier::Status;
use crate::domain::{Day, DossierId, Explain, Now, Stamp, Step};
use crate::form::run;
use crate::lang;
use crate::log::Record;
use crate::seal::secret::SeededRandom;
use crate::store::{self, Failed, Frame, Keyspace, Read, Row, Scan};
use crate::views::{self, Horizon};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| Arc::new(Library::built_in())).clone()
}

fn on(text: &str) -> Now {
    let today = Day::from_iso(text).unwrap();
    Now { at: Stamp(i64::from(today.0) * 86_400_000 + 3_600_000), today }
}

/// An office whose clock stands at noon of the day named.
fn office(folder: &Path, seed: u64, day: &str) -> Office {
    let now = on(day);
    opening::open(OpenOffice {
        machine: b"test".to_vec(),
        ..OpenOffice::new(folder, library(), Box::new(SeededRandom::new(seed)), now)
    })
    .unwrap_or_else(|failure| panic!("{failure:?}"))
    .office
}

fn steps(name: &str) -> Vec<Step> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/households/{name}.json"));
    run::steps(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// The household, opened for a reason where it takes one.
fn opened<'o>(office: &'o Office, dossier: DossierId, day: &str) -> Result<Household<'o>, Failure> {
    match office.open(dossier, on(day)) {
        Err(Failure::NeedsReason) => office.find_because(&dossier.hex(), "示例事由共六字", on(day)),
        opened => opened,
    }
}

/// Somebody else in the office, by roles; made when first asked for.
fn another(office: &Office, roles: &[&str]) -> Office {
    let name = roles.join("+");
    let known = office.officers().unwrap().into_iter().find(|o| o.zh == name).map(|o| o.officer);
    let officer = known.unwrap_or_else(|| office.add_officer(&name, &name, roles, &[], on("2026-01-01")).unwrap());
    office.seat(officer, SessionContext::program("another"))
}

/// The rules of these years, made the bureau's own.
fn adopt(office: &Office) {
    let approver = another(office, &["approver"]);
    for id in ["genhe-2025", "genhe-2026"] {
        let since = library().rule_sets().get(id).unwrap().in_force_from;
        let proposed = crate::command::adopting::Proposed::Brought(id);
        approver.adopt_rules(proposed, "示例 2026 第 1 号", since, (None, None), on("2026-01-01")).unwrap();
    }
}

/// A step of a case on a day, by whoever may take it: nobody approves what they surveyed or reviewed.
fn step(
    office: &Office,
    dossier: DossierId,
    to: Status,
    day: &str,
    reason: Option<&str>,
    why: Option<&str>,
) -> Result<(), Failure> {
    let approver = (to == Status::Approved).then(|| another(office, &["approver"]));
    if approver.is_some() && office.adopted_rules().unwrap().is_empty() {
        adopt(office);
    }
    let seat = approver.as_ref().unwrap_or(office);
    opened(seat, dossier, day)?.move_status(to, on(day).today, reason, why)
}

fn set(path: &str, value: &str) -> Step {
    Step::Set { path: crate::domain::Path::new(path), value: value.into() }
}

fn said(failure: &Failure) -> String {
    let details = failure.details();
    let lines = std::iter::once(failure.explain()).chain(details).map(|m| lang::say(&m, lang::Lang::Zh));
    lines.collect::<Vec<_>>().join("\n")
}

fn survey(office: &Office, dossier: Option<DossierId>, corrects: Option<u32>, steps: &[Step], day: &str) -> DossierId {
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier, form, corrects, updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on(day)).unwrap();
    for step in steps {
        surveying.answer(office, step).unwrap();
    }
    confirm_everything(office, &mut surveying);
    office.submit(&mut surveying, on(day), false).unwrap_or_else(|failure| panic!("{}", said(&failure))).dossier
}

/// What a surveyor does who reads every carried answer out and hears yes.
fn confirm_everything(office: &Office, surveying: &mut super::survey::Surveying) {
    let rows = surveying.draft.rows_not_looked_at();
    let mut paths: Vec<_> = rows.into_iter().map(|at| surveying.draft.path(at)).collect();
    paths.extend(surveying.draft.not_looked_at().into_iter().map(|p| p.path));
    for path in paths {
        surveying.answer(office, &Step::Confirm { path }).unwrap();
    }
}

/// What every visit asks of its own, where nothing has changed.
fn of_the_visit(day: &str) -> Vec<Step> {
    let asked = [
        ("visit/survey_date", day),
        ("visit/investigators", "赵一、钱二"),
        ("visit/consent_sensitive", "1"),
        ("life/has_change", "2"),
        ("life/trend", "2"),
        ("life/cause_gone", "2"),
        ("sign_off/applicant_sign_date", day),
    ];
    asked.iter().map(|(path, value)| set(path, value)).collect()
}

/// The second survey of a household whose first is `illness`: everything that is asked fresh, with this income.
fn second(day: &str, wage: &str) -> Vec<Step> {
    let mut out = vec![set("visit/survey_type", "2")];
    out.extend(of_the_visit(day));
    out.extend(steps("illness").into_iter().filter_map(|step| match step {
        Step::Set { path, value } if path.as_str() == "income/inc_wage" => {
            let _ = value;
            Some(set("income/inc_wage", wage))
        }
        Step::Set { path, value } => {
            let of_first = path.as_str().starts_with("visit/") || path.as_str().starts_with("application/");
            let in_roster = path.as_str().contains('[') && !path.as_str().ends_with("m_month_income");
            (!of_first && !in_roster && !path.as_str().starts_with("sign_off/")).then_some(Step::Set { path, value })
        }
        _ => None,
    }));
    out
}

/// Rows in a map, to fold frames over in any order.
#[derive(Default)]
struct Rows(BTreeMap<(Keyspace, Vec<u8>), Vec<u8>>);

impl Read for Rows {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        Ok(self.0.get(&(keyspace, key.to_vec())).cloned())
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        let within = |key: &Vec<u8>| std::ops::RangeBounds::contains(&(scan.from.clone(), scan.to.clone()), key);
        let rows = self.0.iter().filter(|((keyspace, key), _)| *keyspace == scan.keyspace && within(key));
        let mut rows: Vec<Row> = rows.map(|((_, key), value)| (key.clone(), value.clone())).collect();
        if scan.backward {
            rows.reverse();
        }
        rows.truncate(scan.limit);
        Ok(rows)
    }
}

impl Rows {
    fn fold(&mut self, office: &Office, frame: &Frame) {
        for change in views::fold(self, &office.bureau.keys, frame).unwrap() {
            match change.value {
                Some(value) => self.0.insert((change.keyspace, change.key), value),
                None => self.0.remove(&(change.keyspace, change.key)),
            };
        }
        // What the store itself keeps of a frame.
        let position = frame.position.to_be_bytes().to_vec();
        self.0.insert((store::ENTRIES, frame.entry.to_vec()), position.clone());
        self.0.insert((store::RECORDS, position), store::record_row(frame));
    }
}

fn frames(office: &Office) -> Vec<Frame> {
    office.bureau.store.replay(1, usize::MAX).unwrap()
}

/// The same frames in another order.
fn shuffled(frames: &[Frame], state: &mut u64) -> Vec<Frame> {
    let mut shuffled = frames.to_vec();
    for i in (1..shuffled.len()).rev() {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        shuffled.swap(i, (*state >> 33) as usize % (i + 1));
    }
    shuffled
}

/// A store with three households, a re-survey, a correction and two surveys side by side.
fn lived_in(folder: &Path) -> (Office, DossierId) {
    let office = office(folder, 7, "2026-03-10");
    for name in ["laid_off", "accident"] {
        survey(&office, None, None, &steps(name), "2026-03-10");
    }
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    survey(&office, Some(dossier), None, &second("2026-09-10", "43000.00"), "2026-09-10");
    survey(&office, Some(dossier), Some(1), &[set("income/inc_wage", "90000.00")], "2026-10-01");
    (office, dossier)
}

#[test]
fn folding_in_any_order_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (office, _) = lived_in(folder.path());
    let frames = frames(&office);
    let mut in_order = Rows::default();
    frames.iter().for_each(|frame| in_order.fold(&office, frame));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..12 {
        let shuffled = shuffled(&frames, &mut state);
        let mut rows = Rows::default();
        shuffled.iter().for_each(|frame| rows.fold(&office, frame));
        assert!(rows.0 == in_order.0, "order {round} made other rows");
        // Frames that come twice change nothing either.
        shuffled.iter().for_each(|frame| rows.fold(&office, frame));
        assert!(rows.0 == in_order.0, "order {round} repeated made other rows");
    }
}

#[test]
fn a_record_waits_for_its_parent_and_is_folded_when_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    let frames = frames(&office);
    let surveys: Vec<&Frame> = frames
        .iter()
        .filter(|f| !Record::decode(&f.record).unwrap().header.parents.is_empty() || f.position > 0)
        .collect();
    let first = surveys
        .iter()
        .position(|f| {
            let record = Record::decode(&f.record).unwrap();
            record.header.subject == crate::domain::Subject::Dossier(dossier) && !record.persons.is_empty()
        })
        .unwrap();
    let mut rows = Rows::default();
    for (i, frame) in frames.iter().enumerate() {
        if i != first {
            rows.fold(&office, frame);
        }
    }
    let waiting = |rows: &Rows| views::read::waiting_and_unread(rows).unwrap().0;
    assert!(waiting(&rows) > 0, "what is based on the missing survey waits");
    assert_eq!(views::read::history(&rows, &office.bureau.keys, dossier).unwrap(), None);
    rows.fold(&office, &frames[first]);
    assert_eq!(waiting(&rows), 0);
    let after = views::read::history(&rows, &office.bureau.keys, dossier).unwrap().unwrap();
    assert_eq!(after.versions(Horizon::NOW).len(), 2);
}

#[test]
fn two_surveys_on_one_parent_are_a_conflict_and_the_next_one_merges_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let form = library().hardship().unwrap().clone();
    let begin = || Begin { dossier: Some(dossier), form: form.clone(), corrects: None, updates: false, on_disk: false };
    let mut two: Vec<_> = ["43000.00", "61000.00"]
        .into_iter()
        .map(|wage| {
            let mut surveying = office.begin(begin(), on("2026-09-10")).unwrap();
            second("2026-09-10", wage).iter().for_each(|step| drop(surveying.answer(&office, step).unwrap()));
            confirm_everything(&office, &mut surveying);
            surveying
        })
        .collect();
    let mut late = two.pop().unwrap();
    office.submit(&mut two.pop().unwrap(), on("2026-09-10"), false).unwrap_or_else(|f| panic!("{}", said(&f)));
    let failure = office.submit(&mut late, on("2026-09-11"), false).unwrap_err();
    assert!(matches!(failure, Failure::Moved { .. }), "{failure:?}");
    assert!(office.submit(&mut late, on("2026-09-11"), true).is_ok());
    let status = office.status(dossier, Horizon::NOW).unwrap();
    assert_eq!((status.conflict.len(), status.versions.len()), (2, 3));
    survey(&office, Some(dossier), None, &second("2026-10-10", "50000.00"), "2026-10-10");
    let status = office.status(dossier, Horizon::NOW).unwrap();
    assert_eq!((status.conflict.len(), status.versions.len()), (0, 4));
}

#[test]
fn a_draft_that_was_submitted_is_never_submitted_twice() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: true };
    let mut surveying = office.begin(begin, on("2026-03-10")).unwrap();
    steps("illness").iter().for_each(|step| drop(surveying.answer(&office, step).unwrap()));
    surveying.keeping.sync(&office).unwrap();
    let draft = surveying.keeping.head.draft;
    // The file as a crash between the record's sync and the file's removal leaves it.
    let name = folder.path().join(format!("drafts/{}.draft", draft.hex()));
    let left_over = std::fs::read(&name).unwrap();
    let first = office.submit(&mut surveying, on("2026-03-10"), false).unwrap_or_else(|f| panic!("{f:?}"));
    assert!(!name.exists());
    std::fs::write(&name, left_over).unwrap();
    let (mut again, found) = office.resume(draft, form, on("2026-03-11")).unwrap();
    assert_eq!(found.submitted, Some(first.receipt.entry));
    let records = office.bureau.store.position();
    let second = office.submit(&mut again, on("2026-03-11"), false).unwrap_or_else(|f| panic!("{f:?}"));
    assert_eq!(second.receipt, first.receipt);
    assert_eq!(office.bureau.store.position(), records);
}

#[test]
fn a_draft_is_taken_up_at_the_same_answers_after_the_process_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let form = library().hardship().unwrap().clone();
    let (draft, answers) = {
        let office = office(folder.path(), 7, "2026-03-10");
        let begin = Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: true };
        let mut surveying = office.begin(begin, on("2026-03-10")).unwrap();
        steps("laid_off").iter().take(60).for_each(|step| drop(surveying.answer(&office, step).unwrap()));
        surveying.keeping.sync(&office).unwrap();
        (surveying.keeping.head.draft, surveying.draft.answers())
        // Dropped, not closed: as after a kill.
    };
    let office = office(folder.path(), 8, "2026-03-12");
    let (again, found) = office.resume(draft, form, on("2026-03-12")).unwrap();
    assert_eq!((found.damaged, found.submitted), (false, None));
    assert_eq!(again.draft.answers(), answers);
}

#[test]
fn a_copied_folder_goes_on_as_a_new_station_with_provisional_numbers() {
    let one = tempfile::tempdir().unwrap();
    let station = {
        let office = office(one.path(), 7, "2026-03-10");
        survey(&office, None, None, &steps("illness"), "2026-03-10");
        let station = office.station();
        office.close().unwrap();
        station
    };
    let two = tempfile::tempdir().unwrap();
    let copy = two.path().join("copy");
    copy_folder(one.path(), &copy);
    let office = office(&copy, 8, "2026-04-01");
    assert_ne!(office.station(), station);
    let dossier = survey(&office, None, None, &steps("accident"), "2026-04-01");
    let number = office.status(dossier, Horizon::NOW).unwrap().number;
    assert!(number.starts_with("临-"), "{number}");
    assert_eq!(office.find(&number, on("2026-04-01")).unwrap().id(), dossier);
    let verified = office.verify(None, true, |_, _| {}).unwrap();
    assert!(verified.holds());
    assert_eq!(verified.report.heads.len(), 2);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_flipped_bit_at_every_byte_of_a_draft_is_told_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let form = library().hardship().unwrap().clone();
    let mut surveying = office
        .begin(Begin { dossier: None, form, corrects: None, updates: false, on_disk: true }, on("2026-03-10"))
        .unwrap();
    steps("illness").iter().take(12).for_each(|step| drop(surveying.answer(&office, step).unwrap()));
    surveying.keeping.sync(&office).unwrap();
    let draft = surveying.keeping.head.draft;
    drop(surveying);
    let name = folder.path().join(format!("drafts/{}.draft", draft.hex()));
    let whole = std::fs::read(&name).unwrap();
    let steps_of = |found: &super::draft_file::FoundDraft| -> Vec<String> {
        let step = |one: &super::draft_file::Written| match one {
            super::draft_file::Written::Step(Step::Set { path, value }) => format!("{path} {value}"),
            super::draft_file::Written::Step(_) | super::draft_file::Written::Typing(_) => String::new(),
        };
        found.written.iter().map(step).collect()
    };
    let before = steps_of(&super::draft_file::look(&office, draft).unwrap());
    assert_eq!(before.len(), 12);
    let (mut reported, mut harmless) = (0, 0);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&name, &bytes).unwrap();
        let found = super::draft_file::look(&office, draft);
        // What everybody else is told of it, at some of the bytes.
        if at % 97 == 0 {
            let health = office.doctor(Day::from_iso("2026-03-10").unwrap()).unwrap();
            let whole = matches!(&found, Ok(found) if !found.damaged);
            assert_eq!(health.wrong.is_empty(), whole, "byte {at}: {:?}", health.wrong);
            assert!(office.verify(None, true, |_, _| {}).unwrap().holds(), "byte {at}");
        }
        match found {
            Err(_) => reported += 1,
            Ok(found) if found.damaged => {
                assert!(before.starts_with(&steps_of(&found)), "byte {at}: other steps than were written");
                reported += 1;
            }
            Ok(found) => {
                assert_eq!(steps_of(&found), before, "byte {at}: a silent loss");
                harmless += 1;
            }
        }
    }
    // Not one byte of a frame may change unseen; only the head's second copy and its padding may.
    assert!(reported > whole.len() - 200, "{reported} told, {harmless} harmless of {}", whole.len());
}
