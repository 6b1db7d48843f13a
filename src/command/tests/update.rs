//! An update: only what changed is asked, the rest stands with the day on which it was asked, and amounts that stand for too
//! long carry no change of the category.

use super::aid::open_case;
use super::case::refused;
use super::*;
use crate::command::queue::{QueueAsked, Waits};
use crate::command::survey::{Submitted, Surveying};
use crate::domain::event::SurveyKind;
use crate::domain::{Explain, Origin, Path, State};

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
    assert_eq!(office.in_round(&office.history(dossier).unwrap(), &of_june).done, None, "nor is it the round's survey");
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
    assert!(more.contains(&"income/exp_med_total".to_owned()), "what it costs follows: {more:?}");
    assert!(more.iter().all(|path| path.contains("members[1]") || path.contains("/exp_med_")), "{more:?}");
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
    assert_eq!(office.in_round(&office.history(dossier).unwrap(), &round).done, None, "nor did anybody in the round");
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

fn value_in(draft: &crate::form::Draft, path: &str) -> String {
    draft.value(draft.at(&Path::new(path)).unwrap()).to_owned()
}

/// What is said against an answer of a draft.
fn said_at(draft: &crate::form::Draft, path: &str) -> Vec<&'static str> {
    let at = draft.at(&Path::new(path)).unwrap();
    draft.problems_at(at).iter().map(|problem| problem.explain().key).collect()
}

fn confirm(office: &Office, surveying: &mut Surveying, paths: &[&str]) {
    for path in paths {
        let outcome = surveying.answer(office, &Step::Confirm { path: Path::new(*path) }).unwrap();
        assert!(outcome.problem.as_ref().is_none_or(|problem| problem.lets_stand()), "{path}: {:?}", outcome.problem);
    }
}

#[test]
fn the_period_beside_amounts_that_stand_is_theirs_until_all_of_them_were_asked() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let kept = || {
        let line = office.status(dossier, Horizon::NOW).unwrap();
        let answers =
            opened(&office, dossier, "2026-06-02").unwrap().survey(line.versions.last().unwrap()).unwrap().answers;
        ["income/income_from", "income/income_to"].map(|path| answers.value(path).unwrap_or_default().to_owned())
    };
    updated(&office, dossier, "2026-06-01", &[("identity/phone", "13900001111")]);
    assert_eq!(kept(), ["2025-03-10", "2026-03-09"]);
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: Some(2), updates: false, on_disk: false };
    let mut correction = office.begin(begin, on("2026-06-02")).unwrap();
    correction.answer(&office, &set("identity/phone", "13900002222")).unwrap();
    office.submit(&mut correction, on("2026-06-02"), false).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    assert_eq!(kept(), ["2025-03-10", "2026-03-09"], "nor does a correction move it");

    let mut surveying = begun(&office, dossier, "2026-08-01");
    for step in of_the_visit("2026-08-01") {
        surveying.answer(&office, &step).unwrap();
    }
    let years = ["inc_wage", "inc_business", "inc_property", "inc_pension", "inc_transfer", "inc_other"];
    for name in years {
        assert_eq!(value_in(&surveying.draft, "income/income_to"), "2026-03-09", "before {name}");
        confirm(&office, &mut surveying, &[&format!("income/{name}")]);
    }
    assert_eq!(value_in(&surveying.draft, "income/income_from"), "2025-08-01");
    assert_eq!(value_in(&surveying.draft, "income/income_to"), "2026-07-31");

    // Another period says nothing of the amounts of this one, so they are asked.
    let mut surveying = begun(&office, dossier, "2026-08-01");
    surveying.answer(&office, &set("visit/survey_date", "2026-08-01")).unwrap();
    let wage = surveying.draft.at(&Path::new("income/inc_wage")).unwrap();
    assert!(surveying.draft.stands(wage));
    surveying.answer(&office, &set("income/income_period", "2")).unwrap();
    assert_eq!(value_in(&surveying.draft, "income/income_to"), "2025-12-31");
    assert!(!surveying.draft.stands(wage));
}

#[test]
fn an_export_says_of_which_day_an_answer_is_that_an_update_left_standing() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    updated(&office, dossier, "2026-06-01", &[("identity/phone", "13900001111")]);
    updated(&office, dossier, "2026-08-01", &[("family/housing_area", "70")]);
    let now = on("2026-08-02");
    let asked = crate::command::roll::RollQuery::default().with("status", ["all"]);
    let of = office.begin_export(&asked, None, now).unwrap();
    let mut days = BTreeMap::new();
    let mut see = |survey: crate::command::export::ExportedSurvey| {
        days.extend(survey.stated.into_iter().map(|one| ((one.table, one.rows, one.name), one.on)));
        true
    };
    office.export(&of, now, &mut see).unwrap();
    let day = |table: &str, rows: &[u32], name: &str| days.get(&(table.into(), rows.to_vec(), name.into())).copied();
    assert_eq!(day("surveys", &[], "inc_wage"), Some(on("2026-03-10").today));
    assert_eq!(day("members", &[1], "m_month_income"), Some(on("2026-03-10").today));
    assert_eq!(day("surveys", &[], "phone"), Some(on("2026-06-01").today));
    assert_eq!(day("surveys", &[], "housing_area"), None);
    assert_eq!(day("surveys", &[], "survey_date"), None);
}

/// An update in which a life change of that kind is entered.
fn with_change(office: &Office, dossier: DossierId, kind: &str, person: Option<&str>) -> Surveying {
    let mut surveying = begun(office, dossier, "2026-06-01");
    for step in of_the_visit("2026-06-01") {
        surveying.answer(office, &step).unwrap();
    }
    surveying.answer(office, &set("life/has_change", "1")).unwrap();
    if surveying.draft.at(&Path::new("life/changes[1]")).is_none() {
        surveying.answer(office, &Step::Add { path: Path::new("life/changes") }).unwrap();
    }
    let person = person.map(|person| ("ch_person", person));
    let given = [("ch_date", "2026-05-20"), ("ch_type", kind), ("ch_evidence", "示例")].into_iter().chain(person);
    for (name, value) in given {
        surveying.answer(office, &set(&format!("life/changes[1]/{name}"), value)).unwrap();
    }
    surveying
}

const KIND: &str = "life/changes[1]/ch_type";

#[test]
fn a_birth_without_a_child_and_a_death_of_nobody_are_said_at_the_end_and_passed_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let mut birth = with_change(&office, dossier, "05", None);
    assert_eq!(said_at(&birth.draft, KIND), ["form.birth_without_member"]);
    let at = birth.draft.at(&Path::new(KIND)).unwrap();
    assert!(birth.draft.problems_at(at).iter().all(|problem| !problem.is_reported_at_once()));
    let refused = office.submit(&mut birth, on("2026-06-01"), false);
    assert!(matches!(refused, Err(Failure::Survey(_))), "{refused:?}");
    let members = |draft: &crate::form::Draft| draft.rows_of(draft.at(&Path::new("family/members")).unwrap()).len();
    let before = members(&birth.draft);
    birth.answer(&office, &Step::Add { path: Path::new("family/members") }).unwrap();
    birth.answer(&office, &set(&format!("family/members[{}]/m_name", before + 1), "示例新")).unwrap();
    assert!(said_at(&birth.draft, KIND).is_empty());

    let mut death = with_change(&office, dossier, "04", None);
    assert_eq!(said_at(&death.draft, KIND), ["form.death_of_nobody"]);
    let moved = crate::domain::MemberMove { why: "6".into(), since: None, text: String::new() };
    death.answer(&office, &Step::Leave { path: Path::new("family/members[1]"), said: moved }).unwrap();
    assert!(said_at(&death.draft, KIND).is_empty(), "who left with it is whose it is");

    let mut passed = with_change(&office, dossier, "05", None);
    passed.answer(&office, &Step::Pass { path: Path::new(KIND), why: "孩子由祖父母抚养".into() }).unwrap();
    assert!(said_at(&passed.draft, KIND).is_empty());
    office.submit(&mut passed, on("2026-06-01"), false).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    let line = office.status(dossier, Horizon::NOW).unwrap();
    let kept = opened(&office, dossier, "2026-06-01").unwrap().survey(line.versions.last().unwrap()).unwrap().answers;
    assert_eq!(kept.passes.iter().map(|pass| pass.path.as_str()).collect::<Vec<_>>(), [KIND], "the reason is kept");
}

#[test]
fn a_change_of_work_asks_for_the_wage_and_one_of_illness_for_the_bills() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let stands =
        |surveying: &Surveying, path: &str| surveying.draft.stands(surveying.draft.at(&Path::new(path)).unwrap());
    let (wages, bills) =
        (["income/own_month_wage", "income/inc_wage"], ["income/exp_med_total", "income/exp_med_reimb"]);
    // By the answer itself, and by the life change that tells of it.
    for (path, value, places, key) in [
        ("identity/work_status", "11", wages, "form.work_without_wage"),
        ("identity/disease_name", "02", bills, "form.illness_without_bills"),
    ] {
        let mut surveying = begun(&office, dossier, "2026-06-01");
        assert!(places.iter().all(|place| stands(&surveying, place)));
        surveying.answer(&office, &set(path, value)).unwrap();
        assert_eq!(said_at(&surveying.draft, path), [key]);
        assert!(places.iter().all(|place| !stands(&surveying, place)), "{path}");
        confirm(&office, &mut surveying, &places);
        assert!(said_at(&surveying.draft, path).is_empty(), "{path}");
    }
    for (kind, person, places, key) in [
        ("10", Some("0"), &wages[..], "form.work_without_wage"),
        ("11", Some("1"), &["family/members[1]/m_month_income"], "form.work_without_wage"),
        ("01", None, &bills, "form.illness_without_bills"),
        (
            "13",
            Some("0"),
            &[
                "income/own_month_wage",
                "income/inc_wage",
                "income/inc_business",
                "income/inc_property",
                "income/inc_pension",
                "income/inc_transfer",
                "income/inc_other",
            ],
            "form.income_without_amounts",
        ),
    ] {
        let mut surveying = with_change(&office, dossier, kind, person);
        assert_eq!(said_at(&surveying.draft, KIND), [key], "{kind}");
        assert!(places.iter().all(|place| !stands(&surveying, place)), "{kind}");
        confirm(&office, &mut surveying, places);
        assert!(said_at(&surveying.draft, KIND).is_empty(), "{kind}");
    }
}

#[test]
fn an_update_by_which_nothing_moved_that_decides_leaves_decision_and_case_alone() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = open_case(&office, "illness");
    let before = opened(&office, dossier, "2026-05-01").unwrap().status(Horizon::NOW);
    updated(&office, dossier, "2026-06-01", &[("identity/phone", "13900001111")]);
    let household = opened(&office, dossier, "2026-06-02").unwrap();
    let line = household.status(Horizon::NOW);
    assert_eq!((line.proposed.clone(), line.updated_on), (None, Some(on("2026-06-01").today)));
    assert_eq!((line.status, line.category, line.decided_on), (before.status, before.category, before.decided_on));
    let case = household.case(Horizon::NOW).unwrap();
    assert_eq!((case.proposed, case.updated_on), (None, Some(on("2026-06-01").today)));
    let waits = office.queue(&QueueAsked::default(), on("2026-06-02")).unwrap();
    assert!(waits.lines.iter().all(|line| line.waits != Waits::Decide), "nobody has to decide anything");
    // What would stand in the way of help is told, whatever the figures say.
    updated(&office, dossier, "2026-06-10", &[("family/has_business", "1")]);
    let line = opened(&office, dossier, "2026-06-11").unwrap().status(Horizon::NOW);
    assert!(line.proposed.is_some() && line.updated_on.is_none());
    updated(&office, dossier, "2026-06-20", &[("family/has_business", "2")]);
    assert_eq!(opened(&office, dossier, "2026-06-21").unwrap().status(Horizon::NOW).proposed, None);
    updated(&office, dossier, "2026-07-01", &[("income/own_month_wage", "9000"), ("income/inc_wage", "108000")]);
    assert!(opened(&office, dossier, "2026-07-02").unwrap().status(Horizon::NOW).proposed.is_some());
}

#[test]
fn a_closed_dossier_takes_no_update_when_it_is_begun_nor_when_it_is_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = open_case(&office, "illness");
    let mut begun_before = begun(&office, dossier, "2026-06-01");
    for step in of_the_visit("2026-06-01") {
        begun_before.answer(&office, &step).unwrap();
    }
    step(&office, dossier, Status::Closed, "2026-06-01", Some("07"), Some("示例事由共六字")).unwrap();
    let household = opened(&office, dossier, "2026-06-02").unwrap();
    let refused = office.submit(&mut begun_before, on("2026-06-02"), false);
    assert!(matches!(refused, Err(Failure::UpdateOfClosed)), "{refused:?}");
    assert_eq!(household.status(Horizon::NOW).versions.len(), 1);
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(dossier), form, corrects: None, updates: true, on_disk: false };
    let refused = office.begin(begin, on("2026-06-02"));
    assert!(matches!(refused, Err(Failure::UpdateOfClosed)));
}

#[test]
fn a_whole_survey_that_calls_itself_a_change_is_the_one_of_its_round() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let due = office.status(dossier, Horizon::NOW).unwrap().next_due.unwrap();
    let mut whole = second("2026-06-01", "43000.00");
    whole.push(set("visit/survey_type", "3"));
    // Nothing is decided, and what is missing is asked for soon: earlier than the next survey was due.
    whole.push(Step::State { path: Path::new("income/inc_wage"), is: State::Refused });
    survey(&office, Some(dossier), None, &whole, "2026-06-01");
    let line = office.status(dossier, Horizon::NOW).unwrap();
    assert_eq!(line.versions.last().unwrap().kind, SurveyKind::Change);
    assert!(line.next_due.unwrap() <= due);
    let round = of(&office, dossier, "2026-05-01", "2026-06-30");
    let done = office.in_round(&office.history(dossier).unwrap(), &round).done;
    assert_eq!(done.map(|done| done.on), Some(on("2026-06-01").today));
}
