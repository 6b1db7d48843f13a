//! Duties that are kept apart: who may not do two things in one case, whatever name, credential, day or file they come with,
//! and how work goes from one hand to another.

use super::scene::Scene;
use super::verbs::DAY;
use super::*;
use crate::command::settings::OfficeSize;
use crate::domain::{Credential, Entrance, OfficerId};

#[test]
fn whoever_surveyed_or_reviewed_does_not_approve_whatever_name_they_give() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let add = |name: &str, roles: &[&str]| office.add_officer(name, name, roles, &[], on("2026-03-10")).unwrap();
    let (her, him) = (add("示例甲", &["surveyor", "reviewer", "approver"]), add("示例乙", &["approver"]));
    let folder_of = |uid: u32| SessionContext { entrance: Entrance::Folder { uid }, ..SessionContext::program("test") };
    let key = |text: &str| SessionContext {
        entrance: Entrance::Own(Credential::Key(text.into())),
        ..SessionContext::program("test")
    };
    let seat = |officer: OfficerId, context: SessionContext| office.seat(officer, context);
    let surveyor = seat(her, folder_of(1000));
    let dossier = survey(&surveyor, None, None, &steps("illness"), "2026-03-10");
    for to in [Status::Verifying, Status::Reviewed, Status::Endorsed, Status::Noticed] {
        let now = on("2026-03-11");
        surveyor.open(dossier, now).unwrap().move_status(to, now.today, None, None).unwrap();
    }
    adopt(&office);
    let approve = |seat: &Office| {
        let now = on("2026-03-16");
        seat.open(dossier, now).unwrap().move_status(Status::Approved, now.today, None, None)
    };
    let same = |seat: Office, what: &str| {
        let refused = approve(&seat).unwrap_err();
        assert!(matches!(refused, Failure::SamePerson { .. }), "{what}: {refused:?}");
    };
    same(seat(her, key("k1")), "the same officer by another credential");
    same(seat(him, folder_of(1000)), "another name by the same user of the machine");
    let owner = SessionContext { owner: Some(her), ..folder_of(1001) };
    same(seat(him, owner), "another name by a credential of hers");
    // The same uid elsewhere is another person; and so is another key, a gateway that names him, a program of his own.
    approve(&seat(him, key("k2"))).unwrap();
    assert_eq!(office.status(dossier, Horizon::NOW).unwrap().status, Some(Status::Approved));
}

#[test]
fn a_draft_is_handed_over_by_the_supervisor_with_a_reason_and_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let supervisor = scene.seat(&["supervisor"], &[scene.unit]);
    let heir = scene.seat(&["surveyor"], &[scene.unit]);
    let now = on(DAY);
    let form = library().hardship().unwrap().clone();
    assert!(matches!(heir.resume(scene.others_draft, form.clone(), now), Err(Failure::NotYourWork { .. })));
    assert_eq!(heir.draft_of(Some(scene.dossier), None, &form).unwrap(), None, "a form leads to no draft of another's");
    assert!(heir.discard_draft(scene.others_draft, now).is_err());
    supervisor.hand_over_draft(scene.others_draft, heir.officer(), "原调查员已调离", now).unwrap();
    assert!(heir.resume(scene.others_draft, form, now).is_ok());
    let look = supervisor.looks(Stamp(0), 50, now).unwrap().into_iter().find(|look| look.what == "draft").unwrap();
    assert!(look.important && look.why.as_deref() == Some("原调查员已调离"));
}

#[test]
fn in_a_full_office_whoever_surveyed_does_not_review_and_in_a_small_one_they_may() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let notes = |office: &Office| {
        let keys: Vec<&str> = office.doctor(on(DAY).today).unwrap().notes.iter().map(|note| note.key).collect();
        keys.into_iter().find(|key| key.starts_with("command.doctor.office")).unwrap()
    };
    assert_eq!((office.size(on(DAY).today).unwrap(), notes(&office)), (None, "command.doctor.office_unsaid"));
    office.set_size(OfficeSize::Full, on("2026-03-10")).unwrap();
    assert_eq!(notes(&office), "command.doctor.office_full");
    let reviewed = |name: &str, day: &str| {
        let dossier = survey(&office, None, None, &steps(name), day);
        step(&office, dossier, Status::Verifying, day, None, None).unwrap();
        step(&office, dossier, Status::Reviewed, day, None, None)
    };
    let refused = reviewed("illness", "2026-03-11").unwrap_err();
    assert!(matches!(refused, Failure::SamePerson { did: crate::command::Did::Surveyed, .. }), "{refused:?}");
    office.set_size(OfficeSize::Small, on("2026-03-12")).unwrap();
    assert_eq!(notes(&office), "command.doctor.office_small");
    reviewed("accident", "2026-03-12").unwrap();
    // What held before the day it was changed held then.
    assert_eq!(office.size(on("2026-03-11").today).unwrap(), Some(OfficeSize::Full));
    let cashier = another(&office, &["cashier"]);
    assert!(matches!(cashier.set_size(OfficeSize::Full, on(DAY)), Err(Failure::NeedsRole { .. })));
}

#[test]
fn a_case_begun_again_on_an_old_survey_is_still_not_approved_by_who_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let add = |name: &str, roles: &[&str]| {
        let officer = office.add_officer(name, name, roles, &[], on("2026-03-10")).unwrap();
        office.seat(officer, SessionContext::program("test"))
    };
    adopt(&office);
    let one = add("示例甲", &["surveyor", "approver", "reviewer"]);
    let other = add("示例乙", &["reviewer", "approver"]);
    let dossier = survey(&one, None, None, &steps("illness"), "2026-03-10");
    let go = |seat: &Office, to, day: &str| opened(seat, dossier, day)?.move_status(to, on(day).today, None, None);
    for to in [Status::Verifying, Status::Reviewed, Status::Endorsed, Status::Noticed] {
        go(&other, to, "2026-03-11").unwrap();
    }
    assert!(matches!(go(&one, Status::Approved, "2026-03-16"), Err(Failure::SamePerson { .. })));
    // Refused and handed in anew: the case is another, the survey is hers as before.
    opened(&one, dossier, "2026-03-17")
        .unwrap()
        .move_status(Status::Rejected, on("2026-03-17").today, None, Some("示例理由"))
        .unwrap();
    go(&one, Status::Submitted, "2026-03-18").unwrap();
    for to in [Status::Verifying, Status::Reviewed, Status::Endorsed, Status::Noticed] {
        go(&other, to, "2026-03-19").unwrap();
    }
    assert!(
        matches!(go(&one, Status::Approved, "2026-03-24"), Err(Failure::SamePerson { did, .. }) if did == crate::command::Did::Surveyed)
    );
    assert!(matches!(go(&other, Status::Approved, "2026-03-24"), Err(Failure::SamePerson { .. })), "who reviewed it");
    // Of the case before a review counts no more.
    let history = office.history(dossier).unwrap();
    let reviews =
        history.under_way().iter().filter(|h| h.ledger.step().is_some_and(|(to, _)| to == Status::Reviewed)).count();
    assert_eq!(reviews, 1);
    go(&add("示例丙", &["approver"]), Status::Approved, "2026-03-24").unwrap();
}

#[test]
fn a_file_called_demo_lets_nobody_be_two_people() {
    let folder = tempfile::tempdir().unwrap();
    drop(office(folder.path(), 7, "2026-03-10"));
    std::fs::write(folder.path().join("demo"), "seed=1\n").unwrap();
    let office = office(folder.path(), 8, "2026-03-10");
    office.set_size(OfficeSize::Small, on("2026-03-10")).unwrap();
    office.set_size(OfficeSize::Full, on("2026-03-11")).unwrap();
    let add = |name: &str, roles: &[&str]| {
        let officer = office.add_officer(name, name, roles, &[], on("2026-03-10")).unwrap();
        office
            .seat(officer, SessionContext { entrance: Entrance::Folder { uid: 7 }, ..SessionContext::program("test") })
    };
    let dossier = survey(&add("示例甲", &["surveyor"]), None, None, &steps("illness"), "2026-03-10");
    step(&office, dossier, Status::Verifying, "2026-03-10", None, None).unwrap();
    let reviewer = add("示例乙", &["reviewer"]);
    // Nor does a day named on the command line go back to before the office was full.
    for today in ["2026-03-11", "2026-03-10"] {
        let now = Now { at: on("2026-03-11").at, today: on(today).today };
        let refused = reviewer.open(dossier, now).unwrap().move_status(Status::Reviewed, now.today, None, None);
        assert!(matches!(refused, Err(Failure::SamePerson { .. })), "{today}: {refused:?}");
    }
}

#[test]
fn work_is_handed_only_to_who_can_go_on_with_it_and_who_began_it_does_not_approve_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let add = |name: &str, roles: &[&str]| {
        let officer = office.add_officer(name, name, roles, &[], on("2026-03-10")).unwrap();
        office.seat(officer, SessionContext::program("test"))
    };
    let (first, heir) = (add("示例甲", &["surveyor", "approver"]), add("示例乙", &["surveyor"]));
    let (keeper, supervisor) = (add("示例丙", &["security_administrator"]), add("示例丁", &["supervisor"]));
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: true };
    let mut surveying = first.begin(begin, on(DAY)).unwrap();
    steps("illness").iter().for_each(|step| drop(surveying.answer(&first, step).unwrap()));
    surveying.keeping.sync(&first).unwrap();
    let draft = surveying.keeping.head.draft;
    drop(surveying);
    let hand = |to: &Office| supervisor.hand_over_draft(draft, to.officer(), "原调查员已调离", on(DAY));
    assert!(matches!(hand(&keeper), Err(Failure::CannotTakeOver { .. })));
    hand(&heir).unwrap();
    assert_eq!(first.drafts(on(DAY)).unwrap().0.len(), 0, "it is hers no longer");
    let (mut surveying, _) = heir.resume(draft, form, on(DAY)).unwrap();
    let dossier = heir.submit(&mut surveying, on(DAY), false).unwrap_or_else(|f| panic!("{}", said(&f))).dossier;
    for to in [Status::Verifying, Status::Reviewed, Status::Endorsed, Status::Noticed] {
        step(&office, dossier, to, DAY, None, None).unwrap();
    }
    adopt(&office);
    let later = on("2026-04-06");
    let refused = first.open(dossier, later).unwrap().move_status(Status::Approved, later.today, None, None);
    assert!(matches!(refused, Err(Failure::SamePerson { .. })), "{refused:?}");
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}
