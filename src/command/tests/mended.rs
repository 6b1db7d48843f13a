//! What was done by mistake or twice: steps that are withdrawn, stretches of records whose clock was wrong, answers files
//! that are sent again.

use super::scene::Scene;
use super::*;
use crate::command::sent::{AnswersFile, Sending};
use crate::command::survey::Submitted;
use crate::domain::Subject;
use crate::domain::event::{Paper, PaperState, Person};

const WHY: &str = "日期误填为明年";

fn status(office: &Office, dossier: DossierId) -> Option<Status> {
    office.history(dossier).unwrap().status(Horizon::NOW)
}

#[test]
fn a_withdrawn_step_counts_as_not_having_happened_and_both_stay_in_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    step(&office, dossier, Status::Verifying, "2026-03-11", None, None).unwrap();
    let household = |day: &str| office.open(dossier, on(day)).unwrap();
    // Dated a year ahead under a clock that somebody called right.
    step(&office, dossier, Status::Reviewed, "2027-03-12", None, None).unwrap();
    let early = step(&office, dossier, Status::Endorsed, "2026-03-20", None, None).unwrap_err();
    assert!(matches!(early, Failure::StepTooEarly { .. }), "{early:?}");
    assert!(matches!(household("2026-03-20").withdraw_step("误"), Err(Failure::NotAReason { .. })));
    assert_eq!(household("2026-03-20").withdraw_step(WHY).unwrap(), Status::Verifying);
    // It is taken again with its own day, and goes on from there.
    step(&office, dossier, Status::Reviewed, "2026-03-20", None, None).unwrap();
    step(&office, dossier, Status::Endorsed, "2026-03-20", None, None).unwrap();
    step(&office, dossier, Status::Noticed, "2026-03-21", None, None).unwrap();
    let history = office.history(dossier).unwrap();
    assert_eq!(history.status(Horizon::NOW), Some(Status::Noticed));
    let reported = history.happenings.iter().filter(|h| h.ledger.step().is_some()).count();
    assert_eq!((reported, history.withdrawn(Horizon::NOW).len()), (5, 1), "nothing is gone");
    // One after the other, back to the beginning and no further.
    for stands in [Status::Endorsed, Status::Reviewed, Status::Verifying, Status::Submitted] {
        assert_eq!(household("2026-03-22").withdraw_step(WHY).unwrap(), stands);
    }
    assert!(matches!(household("2026-03-22").withdraw_step(WHY), Err(Failure::NoStepToWithdraw)));
    let frames = frames(&office);
    let mut in_order = Rows::default();
    frames.iter().for_each(|frame| in_order.fold(&office, frame));
    let mut state = 5;
    for round in 0..8 {
        let mut rows = Rows::default();
        shuffled(&frames, &mut state).iter().for_each(|frame| rows.fold(&office, frame));
        assert!(rows.0 == in_order.0, "order {round} made other rows");
    }
}

#[test]
fn whoever_may_take_a_step_or_supervises_withdraws_it_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let open =
        |office: &Office| office.open(scene.dossier, on("2026-04-02")).map(|household| household.withdraw_step(WHY));
    for (roles, units, may) in [
        (["reviewer"], scene.unit, true),
        (["supervisor"], scene.unit, true),
        (["surveyor"], scene.unit, false),
        (["approver"], scene.unit, false),
        (["supervisor"], scene.elsewhere, false),
        (["system_administrator"], scene.unit, false),
    ] {
        if status(&scene.office, scene.dossier) != Some(Status::Reviewed) {
            if status(&scene.office, scene.dossier) == Some(Status::Submitted) {
                step(&scene.office, scene.dossier, Status::Verifying, "2026-04-01", None, None).unwrap();
            }
            step(&scene.office, scene.dossier, Status::Reviewed, "2026-04-01", None, None).unwrap();
        }
        let seat = scene.seat(&roles, &[units]);
        let done = matches!(open(&seat), Ok(Ok(Status::Verifying)));
        assert_eq!(done, may, "{roles:?}");
        assert_eq!(status(&scene.office, scene.dossier) == Some(Status::Verifying), may, "{roles:?}");
    }
}

#[test]
fn a_stretch_of_records_whose_clock_was_wrong_is_told_by_doctor_until_it_is_named_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let first = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let before = office.bureau.store.position();
    let odd = survey(&office, None, None, &steps("laid_off"), "2041-05-05");
    let after = office.bureau.store.position();
    step(&office, first, Status::Verifying, "2026-03-12", None, None).unwrap();
    let keys = |office: &Office| -> Vec<String> {
        office.doctor(on("2026-03-12").today).unwrap().notes.iter().map(|note| note.key.to_string()).collect()
    };
    let reported = |office: &Office, key: &str| keys(office).iter().filter(|known| *known == key).count();
    assert_eq!((reported(&office, "command.doctor.odd_days"), reported(&office, "command.stretch")), (1, 0));
    let records = frames(&office);
    let seq = |position: u64| Record::decode(&records[position as usize - 1].record).unwrap().header.seq;
    let (from, to) = (seq(before + 1), seq(after));
    assert!(matches!(office.name_stretch(from, 9_999, WHY, on("2026-03-12")), Err(Failure::NoSuchStretch { .. })));
    assert!(matches!(office.name_stretch(from, to, "短", on("2026-03-12")), Err(Failure::NotAReason { .. })));
    office.name_stretch(from, to, "主板电池没电，时钟跳到了2041年", on("2026-03-12")).unwrap();
    assert_eq!((reported(&office, "command.doctor.odd_days"), reported(&office, "command.stretch")), (0, 1));
    // The records stay, and what came after them is known on its own day.
    assert_eq!(office.history(odd).unwrap().versions(Horizon::NOW).len(), 1);
    let then = Horizon::new(None, Day::from_iso("2026-03-12"));
    assert_eq!(office.history(first).unwrap().status(then), Some(Status::Verifying));
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

fn send(office: &Office, dossier: Option<DossierId>, steps: &[Step], again: bool, day: &str) -> Submitted {
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier, form, corrects: None, updates: false, on_disk: true };
    let file = AnswersFile { steps, on: None, again };
    let mut surveying = match office.begin_sent(begin, &file, on(day)).unwrap_or_else(|failure| panic!("{failure:?}")) {
        Sending::Before(submitted) => return *submitted,
        Sending::Begun(surveying) => surveying,
    };
    for step in steps {
        surveying.answer(office, step).unwrap();
    }
    office.submit(&mut surveying, on(day), false).unwrap_or_else(|failure| panic!("{}", said(&failure)))
}

#[test]
fn a_file_sent_again_finds_its_first_receipt_until_the_household_is_surveyed_again() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let paper = steps("illness");
    let first = send(&office, None, &paper, false, "2026-03-10");
    // Days later, the lines and figures being the same.
    let again = send(&office, None, &paper, false, "2026-03-14");
    assert_eq!((again.dossier, &again.receipt, again.before.is_some()), (first.dossier, &first.receipt, true));
    // Everything that a second survey takes, as a file.
    let mut file = second("2026-09-10", "43000.00");
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(first.dossier), form, corrects: None, updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on("2026-09-10")).unwrap();
    file.iter().for_each(|step| drop(surveying.answer(&office, step).unwrap()));
    let rows = surveying.draft.rows_not_looked_at().into_iter().map(|at| surveying.draft.path(at)).collect::<Vec<_>>();
    let answers = surveying.draft.not_looked_at().into_iter().map(|problem| problem.path);
    file.extend(rows.into_iter().chain(answers).map(|path| Step::Confirm { path }));
    let later = send(&office, Some(first.dossier), &file, false, "2026-09-10");
    assert_eq!(later.before, None);
    let again = send(&office, Some(first.dossier), &file, false, "2026-09-11");
    assert_eq!((&again.receipt, again.before.is_some()), (&later.receipt, true));
    // Its household was surveyed since, so the first file is no answer any more.
    let other = send(&office, None, &paper, false, "2026-09-12");
    assert!(other.before.is_none() && other.dossier != first.dossier);
    // The fingerprint goes with the person's key: rows that could be asked for the file are gone.
    let rows = || office.bureau.store.scan(&Scan::all(views::keyspaces::SENT)).unwrap().len();
    assert_eq!(rows(), 3);
    let frames = frames(&office);
    let mut in_order = Rows::default();
    frames.iter().for_each(|frame| in_order.fold(&office, frame));
    let mut state = 3;
    for round in 0..6 {
        let mut rows = Rows::default();
        shuffled(&frames, &mut state).iter().for_each(|frame| rows.fold(&office, frame));
        assert!(rows.0 == in_order.0, "order {round} made other rows");
    }
    assert!(office.bureau.keys.has(Subject::Dossier(first.dossier)));
}

#[test]
fn a_step_taken_once_more_is_one_step_until_the_dossier_goes_on_and_the_fingerprint_is_the_households() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let count = || office.history(dossier).unwrap().happenings.len();
    let go = |to, why| step(&office, dossier, to, "2026-03-12", None, why);
    let before = count();
    go(Status::Verifying, Some("示例理由")).unwrap();
    go(Status::Verifying, Some("示例理由")).unwrap();
    assert_eq!(count(), before + 1);
    let paper = || Paper {
        kind: "application".into(),
        state: PaperState::Seen { original: true },
        issued: None,
        expires: None,
        page: None,
    };
    let note =
        |day: &str| opened(&office, dossier, "2026-03-14").unwrap().note_papers(vec![paper()], on(day).today, None);
    note("2026-03-13").unwrap();
    note("2026-03-13").unwrap();
    assert_eq!(count(), before + 2);
    // Another day, other words, another officer, or anything in between: then it is another act.
    note("2026-03-14").unwrap();
    note("2026-03-13").unwrap();
    assert_eq!(count(), before + 4);
    let other = another(&office, &["surveyor", "reviewer"]);
    opened(&other, dossier, "2026-03-14").unwrap().note_papers(vec![paper()], on("2026-03-13").today, None).unwrap();
    assert_eq!(count(), before + 5);
    assert!(matches!(go(Status::Verifying, Some("示例理由")), Err(Failure::NotAllowed(_))));
    // What was said about the step is still found beside it.
    let last = office.history(dossier).unwrap().happenings[before].entry;
    let record = office.record(last).unwrap();
    let said = views::bodies::open_person(&office.bureau.keys, &record, Subject::Dossier(dossier), 0).unwrap();
    assert!(matches!(said, Some(Person::Text(text)) if text == "示例理由"));
}

#[test]
fn a_draft_that_a_file_left_behind_is_taken_up_by_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let paper = steps("accident");
    let form = library().hardship().unwrap().clone();
    let begin = || Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: true };
    let file = AnswersFile { steps: &paper, on: None, again: false };
    let Ok(Sending::Begun(mut left)) = office.begin_sent(begin(), &file, on("2026-03-10")) else { panic!("begun") };
    paper.iter().take(20).for_each(|step| drop(left.answer(&office, step).unwrap()));
    let (draft, dossier) = (left.keeping.head.draft, left.keeping.head.dossier);
    // The process is gone; another file begins another draft.
    drop(left);
    let other = send(&office, None, &steps("illness"), false, "2026-03-10");
    assert_ne!(other.dossier, dossier);
    let found = office.draft(draft, on("2026-03-10")).unwrap();
    assert!(found.sent.is_some() && !found.damaged);
    let submitted = send(&office, None, &paper, false, "2026-03-11");
    assert_eq!((submitted.dossier, submitted.before), (dossier, None));
    assert_eq!(office.drafts(on("2026-03-11")).unwrap().0.len(), 0, "nothing is left of it");
}

#[test]
fn whoever_finds_the_folder_taken_reads_how_far_both_came_by_their_head_codes() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    survey(&office, None, None, &steps("illness"), "2026-03-10");
    let code = office.verify(None, false, |_, _| {}).unwrap().report.heads[0].code().unwrap().to_string();
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on("2026-03-10")).unwrap();
    for step in steps("accident") {
        surveying.answer(&office, &step).unwrap();
    }
    std::fs::write(folder.path().join("owner"), "1\n1\nanother\nmachine\n").unwrap();
    let refused = office.submit(&mut surveying, on("2026-03-10"), true).err().unwrap();
    assert_eq!(said(&refused).matches(&code).count(), 2, "{}", said(&refused));
}
