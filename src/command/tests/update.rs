//! An update: only what changed is asked, the rest stands with the day on which it was asked, and amounts that stand for too
//! long carry no change of the category.

use super::aid::open_case;
use super::case::refused;
use super::*;
use crate::command::survey::{Submitted, Surveying};
use crate::domain::event::SurveyKind;
use crate::domain::{Explain, Origin, Path};

fn begun(office: &Office, dossier: DossierId, day: &str) -> Surveying {
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: None, updates: true, on_disk: false };
    office.begin(begin, on(day)).unwrap()
}

/// What every visit asks, and these answers.
fn updated(office: &Office, dossier: DossierId, day: &str, changed: &[(&str, &str)]) -> Submitted {
    let mut surveying = begun(office, dossier, day);
    let changed = changed.iter().map(|(path, value)| set(path, value));
    for step in of_the_visit(day).into_iter().chain(changed) {
        surveying.answer(office, &step).unwrap();
    }
    office.submit(&mut surveying, on(day), false).unwrap_or_else(|failure| panic!("{}", said(&failure)))
}

#[test]
fn an_update_asks_what_changed_and_leaves_the_rest_as_it_stood_with_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let before = office.status(dossier, Horizon::NOW).unwrap();
    let submitted = updated(&office, dossier, "2026-06-01", &[("identity/phone", "13900001111")]);
    let household = opened(&office, dossier, "2026-06-01").unwrap();
    let line = office.status(dossier, Horizon::NOW).unwrap();
    let latest = line.versions.last().unwrap();
    assert_eq!((latest.version, latest.kind), (2, SurveyKind::Change));
    assert_eq!((line.category, submitted.next_due), (before.category, before.next_due), "the round is due as it was");
    let of_june = of(&office, dossier, "2026-05-01", "2026-06-30");
    assert_eq!(office.history(dossier).unwrap().in_round(&of_june).done, None, "nor is it the round's survey");
    let kept = household.survey(latest).unwrap().answers;
    let origin = |path: &str| kept.answers.iter().find(|a| a.path.as_str() == path).map(|a| a.origin);
    assert_eq!(origin("identity/phone"), Some(Origin::CarriedChanged));
    assert_eq!(origin("income/inc_wage"), Some(Origin::CarriedUnseen));
    assert_eq!(origin("visit/consent_sensitive"), Some(Origin::Asked), "each visit asks for it");

    // The next one says of each answer when it was asked, through the update that left it alone.
    let draft = begun(&office, dossier, "2026-08-01").draft;
    let since = |path: &str| draft.at(&Path::new(path)).and_then(|at| draft.since(at));
    assert_eq!(since("income/inc_wage"), Some(on("2026-03-10").today));
    assert_eq!(since("family/members[1]/m_month_income"), Some(on("2026-03-10").today));
    assert_eq!(since("identity/phone"), Some(on("2026-06-01").today));
    assert_eq!(since("visit/consent_sensitive"), None);
    // A round after it asks the money as ever.
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: None, updates: false, on_disk: false };
    let round = office.begin(begin, on("2026-08-01")).unwrap().draft;
    assert_eq!(round.given(round.at(&Path::new("income/inc_wage")).unwrap()), None);
}

#[test]
fn the_way_through_an_update_stops_at_what_is_asked_and_at_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let mut surveying = begun(&office, dossier, "2026-06-01");
    let stops = |draft: &crate::form::Draft| -> Vec<String> {
        let asked = draft.route().into_iter().filter(|stop| stop.kind == crate::form::StopKind::Question);
        asked.filter(|stop| !draft.stands(stop.at)).map(|stop| draft.path(stop.at).0).collect()
    };
    let first = stops(&surveying.draft);
    assert!(
        first.iter().all(|path| ["visit/", "life/", "sign_off/"].iter().any(|of| path.starts_with(of))),
        "{first:?}"
    );
    // Somebody is ill now: of what?
    surveying.answer(&office, &set("family/members[1]/m_health", "31")).unwrap();
    let more: Vec<String> = stops(&surveying.draft).into_iter().filter(|path| !first.contains(path)).collect();
    assert!(more.iter().any(|path| path.ends_with("m_disease")), "{more:?}");
    assert!(more.iter().all(|path| path.contains("members[1]")), "{more:?}");
    // Somebody is a pupil now: what the school costs need not be answered, and is asked.
    surveying.answer(&office, &set("family/members[1]/m_person_status", "31")).unwrap();
    let now = stops(&surveying.draft);
    assert!(
        now.iter().any(|path| path.ends_with("m_tuition")) && now.iter().any(|path| path.ends_with("m_board")),
        "{now:?}"
    );
}

#[test]
fn amounts_of_an_update_that_nobody_asked_for_too_long_carry_no_change_of_the_category() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = open_case(&office, "illness");
    // The wage was asked; the bills stand as they were told in March.
    updated(&office, dossier, "2026-09-01", &[("income/own_month_wage", "9000"), ("income/inc_wage", "108000")]);
    let line = office.status(dossier, Horizon::NOW).unwrap();
    assert!(line.proposed.is_some_and(|proposed| proposed.category.as_deref() == Some("0")), "it proposes");
    // 180 days after the tenth of March, and a day more.
    let approve = |day: &str| step(&office, dossier, Status::Approved, day, None, None);
    assert_eq!(refused(approve("2026-09-07")), "money_too_old");
    approve("2026-09-06").unwrap();
}

#[test]
fn a_correction_of_an_update_leaves_amounts_and_the_due_day_alone() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let due = office.status(dossier, Horizon::NOW).unwrap().next_due;
    updated(&office, dossier, "2026-06-01", &[("identity/phone", "13900001111")]);
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: Some(2), updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on("2026-06-02")).unwrap();
    surveying.answer(&office, &set("identity/phone", "13900002222")).unwrap();
    let submitted = office.submit(&mut surveying, on("2026-06-02"), false);
    let submitted = submitted.unwrap_or_else(|failure| panic!("{}", said(&failure)));
    assert_eq!(submitted.next_due, due);
    let line = office.status(dossier, Horizon::NOW).unwrap();
    let kept = opened(&office, dossier, "2026-06-02").unwrap().survey(line.versions.last().unwrap()).unwrap().answers;
    let wage = kept.answers.iter().find(|answer| answer.path.as_str() == "income/inc_wage").unwrap();
    assert_eq!(wage.origin, Origin::CarriedUnseen, "nobody asked after it");
    let round = of(&office, dossier, "2026-05-01", "2026-06-30");
    assert_eq!(office.history(dossier).unwrap().in_round(&round).done, None, "nor did anybody in the round");
}

/// A round over one household.
fn of(office: &Office, dossier: DossierId, from: &str, to: &str) -> crate::views::rounds::RoundRow {
    crate::views::rounds::RoundRow {
        entry: office.status(dossier, Horizon::NOW).unwrap().versions[0].record,
        at: on(from).at,
        by: office.officer(),
        name: "六月".into(),
        from: on(from).today,
        to: on(to).today,
        drawn: on(from).today,
        units: Vec::new(),
        households: vec![dossier],
        closings: Vec::new(),
    }
}

#[test]
fn somebody_who_died_does_not_come_back_with_the_next_survey() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let mut surveying = begun(&office, dossier, "2026-06-01");
    for step in [
        set("life/has_change", "1"),
        Step::Add { path: Path::new("life/changes") },
        set("life/changes[1]/ch_type", "04"),
        set("life/changes[1]/ch_person", "1"),
    ] {
        surveying.answer(&office, &step).unwrap();
    }
    let listed = |draft: &crate::form::Draft| {
        let at = draft.at(&Path::new("life/changes[1]/ch_person")).unwrap();
        draft.problems_at(at).iter().any(|problem| problem.explain().key == "form.dead_and_listed")
    };
    assert!(listed(&surveying.draft));
    let said = crate::domain::MemberMove { why: "4".into(), since: None, text: String::new() };
    surveying.answer(&office, &Step::Leave { path: Path::new("family/members[1]"), said }).unwrap();
    assert!(!listed(&surveying.draft));
}

#[test]
fn there_is_nothing_to_update_before_the_first_survey() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form, corrects: None, updates: true, on_disk: false };
    assert!(matches!(office.begin(begin, on("2026-03-10")), Err(Failure::NothingToUpdate)));
}
