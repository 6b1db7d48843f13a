//! The bureau's days and terms: what holds where nothing was said, and what each setting changes, at its edges.

use super::*;
use crate::command::calendar::{NOTICE_DAYS_MAX, NoticeTerm};
use crate::command::case::CaseStep;
use crate::command::settings::BureauName;
use crate::domain::calendar::{DayCount, DayKind};
use crate::domain::event::{Ledger, Paper, PaperState};

/// A household that waits to be posted on 28 September 2026; five days from then end on the second day of the holiday.
fn endorsed(office: &Office) -> DossierId {
    let dossier = survey(office, None, None, &on_day("2026-09-21", "2026-09-20"), "2026-09-21");
    for (to, day) in
        [(Status::Verifying, "2026-09-22"), (Status::Reviewed, "2026-09-23"), (Status::Endorsed, "2026-09-24")]
    {
        step(office, dossier, to, day, None, None).unwrap_or_else(|failure| panic!("{to:?}: {}", said(&failure)));
    }
    dossier
}

/// The answers of one household, surveyed and accepted on these days.
fn on_day(surveyed: &str, accepted: &str) -> Vec<Step> {
    let day = |step| match step {
        Step::Set { path, value } if value == "2026-03-10" => Step::Set { path, value: surveyed.into() },
        Step::Set { path, .. } if path.name() == "app_accepted_on" => Step::Set { path, value: accepted.into() },
        other => other,
    };
    steps("illness").into_iter().map(day).collect()
}

fn counted(office: &Office, count: DayCount) {
    office.set_notice_term(NoticeTerm { days: 5, count }, on("2026-09-20")).unwrap();
}

fn post(office: &Office, dossier: DossierId, until: Option<&str>) -> Result<(), Failure> {
    let until = until.map(|day| on(day).today);
    let step = CaseStep { until, ..CaseStep::new(Status::Noticed, on("2026-09-28").today) };
    opened(office, dossier, "2026-09-28")?.take_step(&step)
}

/// The last day of the notice that hangs, as its record has it.
fn hangs_until(office: &Office, dossier: DossierId) -> String {
    let history = office.history(dossier).unwrap();
    let posted = history.happenings.iter().rev().find_map(|happening| match &happening.ledger {
        Ledger::NoticePosted { until, .. } => Some(*until),
        _ => None,
    });
    posted.unwrap().to_string()
}

#[test]
fn a_bureau_that_said_nothing_counts_every_day_and_has_no_bound_and_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let set = office.bureau_settings(on("2026-03-10").today).unwrap();
    assert_eq!((set.name, set.language, set.size, set.acceptance_days), (None, None, None, None));
    assert_eq!((set.division.as_str(), set.notice), ("150785", NoticeTerm { days: 5, count: DayCount::Calendar }));
    assert!(set.own_days.is_empty());
    let notes = office.doctor(on("2026-03-10").today).unwrap().notes;
    assert!(notes.iter().all(|note| !note.key.contains("bureau_name") && !note.key.contains("notice")), "{notes:?}");
}

#[test]
fn a_notice_that_ends_on_a_holiday_stays_there_or_moves_or_counts_working_days_as_the_bureau_says() {
    for (count, last, next) in [
        (DayCount::Calendar, "2026-10-02", "2026-10-03"),
        (DayCount::Moved, "2026-10-08", "2026-10-09"),
        (DayCount::Working, "2026-10-09", "2026-10-10"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let office = office(folder.path(), 7, "2026-09-20");
        counted(&office, count);
        let dossier = endorsed(&office);
        post(&office, dossier, None).unwrap();
        assert_eq!(hangs_until(&office, dossier), last, "{count:?}");
        let refused = step(&office, dossier, Status::Approved, last, None, None);
        assert!(matches!(&refused, Err(failure) if failure.refusal() == Some("notice_not_over")), "{refused:?}");
        step(&office, dossier, Status::Approved, next, None, None).unwrap();
    }
}

#[test]
fn a_last_day_that_is_named_moves_off_a_holiday_and_one_day_too_early_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-09-20");
    counted(&office, DayCount::Moved);
    let dossier = endorsed(&office);
    let refused = post(&office, dossier, Some("2026-09-30")).unwrap_err();
    assert_eq!(refused.refusal(), Some("notice_too_short"));
    assert!(said(&refused).contains("2026-10-08"), "{}", said(&refused));
    // Any day of the holiday comes to the day after it.
    post(&office, dossier, Some("2026-10-03")).unwrap();
    assert_eq!(hangs_until(&office, dossier), "2026-10-08");
    // Where days of rest count like others, what was named stays.
    let (folder, other) = (tempfile::tempdir().unwrap(), DayCount::Calendar);
    let office = super::office(folder.path(), 8, "2026-09-20");
    counted(&office, other);
    let dossier = endorsed(&office);
    assert_eq!(post(&office, dossier, Some("2026-10-01")).unwrap_err().refusal(), Some("notice_too_short"));
    post(&office, dossier, Some("2026-10-03")).unwrap();
    assert_eq!(hangs_until(&office, dossier), "2026-10-03");
}

#[test]
fn a_bureaus_own_day_moves_a_term_and_is_taken_back_by_the_next_record() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-09-20");
    counted(&office, DayCount::Moved);
    let (now, from) = (on("2026-09-20"), on("2026-09-28").today);
    let last = || office.notice_until(from, None, now).unwrap().to_string();
    let day = |text: &str| on(text).today;
    assert_eq!(last(), "2026-10-08");
    office.set_day(day("2026-10-08"), Some(DayKind::Closed), now).unwrap();
    assert_eq!(last(), "2026-10-09");
    office.set_day(day("2026-10-02"), Some(DayKind::Working), now).unwrap();
    assert_eq!(last(), "2026-10-02");
    office.set_day(day("2026-10-02"), None, now).unwrap();
    office.set_day(day("2026-10-08"), None, now).unwrap();
    assert_eq!(last(), "2026-10-08");
}

#[test]
fn papers_owed_by_a_day_of_rest_are_owed_by_the_next_working_day_where_terms_move() {
    for (count, owed) in [(DayCount::Calendar, "2026-10-02"), (DayCount::Moved, "2026-10-08")] {
        let folder = tempfile::tempdir().unwrap();
        let office = office(folder.path(), 7, "2026-09-20");
        counted(&office, count);
        let dossier = endorsed(&office);
        let state = PaperState::Owed { until: Some(on("2026-10-02").today) };
        let paper = Paper { kind: "income".into(), state, issued: None, expires: None, page: None };
        let household = opened(&office, dossier, "2026-09-25").unwrap();
        household.note_papers(vec![paper], on("2026-09-25").today, None).unwrap();
        let kept =
            office.history(dossier).unwrap().happenings.iter().rev().find_map(|happening| match &happening.ledger {
                Ledger::PapersNoted { papers, .. } => Some(papers[0].state),
                _ => None,
            });
        assert_eq!(kept, Some(PaperState::Owed { until: Some(on(owed).today) }), "{count:?}");
    }
}

#[test]
fn a_day_of_acceptance_reaches_as_far_back_as_the_bureau_lets_it() {
    let begin = |office: &Office, accepted: &str| {
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
        let mut surveying = office.begin(begin, on("2026-09-30")).unwrap();
        for step in on_day("2026-09-30", accepted) {
            surveying.answer(office, &step).unwrap();
        }
        confirm_everything(office, &mut surveying);
        office.submit(&mut surveying, on("2026-09-30"), false).map(drop)
    };
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-09-20");
    begin(&office, "2025-01-02").unwrap();
    office.set_acceptance_days(Some(10), on("2026-09-20")).unwrap();
    begin(&office, "2026-09-20").unwrap();
    let refused = begin(&office, "2026-09-19").unwrap_err();
    assert!(matches!(refused, Failure::AcceptedTooLongAgo { days: 10, .. }), "{}", said(&refused));
    // Ten working days reach over a holiday, and count the Sunday that is worked for the next one.
    counted(&office, DayCount::Working);
    begin(&office, "2026-09-16").unwrap();
    assert!(matches!(begin(&office, "2026-09-15"), Err(Failure::AcceptedTooLongAgo { .. })));
    office.set_acceptance_days(None, on("2026-09-20")).unwrap();
    begin(&office, "2026-09-15").unwrap();
}

#[test]
fn a_year_that_the_program_does_not_know_is_adopted_and_until_then_said_to_be_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-09-20");
    counted(&office, DayCount::Moved);
    let unknown = |office: &Office| {
        let notes = office.doctor(on("2027-01-04").today).unwrap().notes;
        notes.iter().any(|note| note.key == "command.doctor.year_unknown")
    };
    assert!(unknown(&office));
    let text = "year = 2027\ndocument = \"示例通知\"\ndated = \"2026-11-04\"\n\n[[holidays]]\nzh = \"元旦\"\nen = \"New Year\"\nfrom = \"2027-01-01\"\nto = \"2027-01-04\"\n";
    let approver = another(&office, &["approver"]);
    let adopt = |text: &str| {
        approver.adopt_calendar(("2027.toml", text), "示例 2026 第 9 号", on("2026-09-20").today, on("2026-09-20"))
    };
    assert!(matches!(adopt(&text.replace("01-04", "13-04")), Err(Failure::Rules(_))));
    adopt(text).unwrap();
    assert!(!unknown(&office));
    let last = office.notice_until(on("2026-12-30").today, None, on("2026-09-20")).unwrap();
    assert_eq!(last.to_string(), "2027-01-05");
    // A later notice about the same year is adopted over the first.
    adopt(&text.replace("2027-01-04", "2027-01-03")).unwrap();
    assert!(office.calendar(on("2026-09-20").today).unwrap().is_working(on("2027-01-04").today));
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn the_bureaus_name_and_language_are_settings_from_a_day_on() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    assert!(matches!(office.set_bureau_name(" \u{1b} ", None, on("2026-03-10")), Err(Failure::NoName)));
    office.set_bureau_name("示例林业局\n工会", None, on("2026-03-10")).unwrap();
    office.set_bureau_name("示例森工公司工会", Some("Sample union"), on("2026-04-01")).unwrap();
    let name = |day: &str| office.bureau_name(on(day).today).unwrap();
    let named = |zh: &str, en: &str| Some(BureauName { zh: zh.into(), en: en.into() });
    assert_eq!(name("2026-03-31"), named("示例林业局 工会", "示例林业局 工会"));
    assert_eq!(name("2026-04-01"), named("示例森工公司工会", "Sample union"));
    office.set_language(crate::lang::Lang::En, on("2026-04-02")).unwrap();
    assert_eq!(office.language(on("2026-04-02").today).unwrap(), Some(crate::lang::Lang::En));
    for wrong in [0, NOTICE_DAYS_MAX + 1] {
        let term = NoticeTerm { days: wrong, count: DayCount::Calendar };
        assert!(matches!(office.set_notice_term(term, on("2026-04-02")), Err(Failure::NotThatManyDays { .. })));
    }
    office.set_notice_term(NoticeTerm { days: NOTICE_DAYS_MAX, ..NoticeTerm::USUAL }, on("2026-04-02")).unwrap();
}

#[test]
fn a_notice_into_a_year_whose_holidays_nobody_knows_is_refused_where_worked_days_count() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-12-01");
    let now = on("2026-12-01");
    let days = |from: &str, until: &str| office.knows_days(on(from).today, on(until).today, now);
    assert!(days("2026-12-29", "2027-01-04").is_ok(), "every day counts");
    office.set_notice_term(NoticeTerm { days: 5, count: DayCount::Working }, on("2026-11-01")).unwrap();
    assert!(days("2026-12-21", "2026-12-25").is_ok());
    assert!(matches!(days("2026-12-29", "2027-01-04"), Err(Failure::YearUnknown { year: 2027 })));
}

#[test]
fn a_correction_leaves_the_day_of_acceptance_as_the_survey_has_it_however_long_ago_that_is() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    office.set_acceptance_days(Some(30), on("2026-03-11")).unwrap();
    let correct = |accepted: &str| {
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: Some(dossier), form, corrects: Some(1), updates: false, on_disk: false };
        let mut surveying = office.begin(begin, on("2026-12-01")).unwrap();
        let path = steps("illness").iter().find_map(|step| match step {
            Step::Set { path, .. } if path.name() == "app_accepted_on" => Some(path.clone()),
            _ => None,
        });
        surveying.answer(&office, &Step::Set { path: path.unwrap(), value: accepted.into() }).unwrap();
        office.submit(&mut surveying, on("2026-12-01"), false).map(drop)
    };
    let was = steps("illness").into_iter().find_map(|step| match step {
        Step::Set { path, value } if path.name() == "app_accepted_on" => Some(value),
        _ => None,
    });
    let other = Day(Day::from_iso(was.as_deref().unwrap()).unwrap().0 - 1).to_string();
    assert!(matches!(correct(&other), Err(Failure::AcceptedTooLongAgo { .. })));
    correct(was.as_deref().unwrap()).unwrap_or_else(|failure| panic!("{}", said(&failure)));
}
