//! A case from its survey to the files and out of them: what binds, what stands in the way, and that nothing is in force but
//! by approval.

use super::aid::open_case;
use super::*;
use crate::command::case::{Application, CaseStep, Deliberation};
use crate::command::queue::{QueueAsked, Waits};
use crate::domain::case::Refusal;
use crate::domain::event::{Ledger, Paper, PaperState};
use std::collections::HashSet;

/// The steps before approval: (step, day).
const BEFORE: [(Status, &str); 4] = [
    (Status::Verifying, "2026-03-12"),
    (Status::Reviewed, "2026-03-13"),
    (Status::Endorsed, "2026-03-14"),
    (Status::Noticed, "2026-03-16"),
];

pub(super) fn posted(office: &Office, dossier: DossierId) {
    for (to, day) in BEFORE {
        step(office, dossier, to, day, None, None).unwrap_or_else(|failure| panic!("{to:?}: {}", said(&failure)));
    }
}

pub(super) fn refused(done: Result<(), Failure>) -> String {
    match done {
        Ok(()) => "done".to_owned(),
        Err(Failure::Case(refusal)) => refusal.code().to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

fn answered(name: &str, change: &[(&str, &str)]) -> Vec<Step> {
    let is_changed =
        |step: &Step| matches!(step, Step::Set { path, .. } if change.iter().any(|(name, _)| path.name() == *name));
    let mut all: Vec<Step> = Vec::new();
    for step in steps(name) {
        match step {
            Step::Set { path, .. } if is_changed(&Step::Set { path: path.clone(), value: String::new() }) => {
                let value = change.iter().find(|(name, _)| path.name() == *name).unwrap().1;
                all.push(Step::Set { path, value: value.into() });
            }
            other => all.push(other),
        }
    }
    all
}

#[test]
fn a_case_goes_from_survey_to_open_and_its_category_is_in_force_by_approval_alone() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let line = || office.status(dossier, Horizon::NOW).unwrap();
    assert!(!line().approved && line().category.as_deref() == Some("1"), "computed, and not in force");
    posted(&office, dossier);
    let approve = |day: &str| step(&office, dossier, Status::Approved, day, None, None);
    assert_eq!(refused(approve("2026-03-20")), "notice_not_over");
    approve("2026-03-21").unwrap();
    step(&office, dossier, Status::Open, "2026-03-22", None, None).unwrap();
    assert!(line().approved && line().proposed.is_none());
    // The approval says what it rests on.
    let history = office.history(dossier).unwrap();
    let approved = history.happenings.iter().find_map(|h| match &h.ledger {
        Ledger::Approved { category, survey, notice, rule_set, .. } => Some((category, survey, notice, rule_set)),
        _ => None,
    });
    let (category, rests_on, notice, rule_set) = approved.unwrap();
    assert_eq!((category.as_str(), rule_set.as_str()), ("1", "genhe-2026"));
    assert_eq!(*rests_on, history.versions(Horizon::NOW)[0].record.entry);
    assert!(notice.is_some());
    // A survey of an open case proposes, and the dossier stays open on the way.
    survey(&office, Some(dossier), None, &second("2026-09-10", "90000.00"), "2026-09-10");
    let proposed = line().proposed.unwrap();
    assert_eq!((line().category.as_deref(), proposed.category.is_some()), (Some("1"), true));
    assert_ne!(proposed.category.as_deref(), Some("1"), "it would be another");
    step(&office, dossier, Status::Reviewed, "2026-09-12", None, None).unwrap();
    assert_eq!((line().status, line().proposed.unwrap().stage), (Some(Status::Open), Some(Status::Reviewed)));
    step(&office, dossier, Status::Approved, "2026-09-15", None, None).unwrap();
    let now = line();
    assert_eq!((now.status, now.category, now.proposed), (Some(Status::Open), proposed.category, None));
    // As of a day before, it was the other.
    let before = Horizon::new(Some(on("2026-09-14").today), None);
    assert_eq!(office.status(dossier, before).unwrap().category.as_deref(), Some("1"));
    assert_eq!(refused(approve("2026-09-20")), "already_approved");
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_household_in_the_files_has_a_level_and_the_union_above_answers_what_was_reported() {
    use crate::domain::dossier::{Level, UpperState};
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let note = |level: Option<Level>, upper: Option<UpperState>, day: &str, why: Option<&str>| {
        let household = opened(&office, dossier, "2026-04-20")?;
        household.note_level(level, upper, on(day).today, why)
    };
    let (provincial, reported) = (Some(Level::Provincial), Some(UpperState::Reported));
    assert_eq!(refused(note(provincial, None, "2026-03-11", None)), "not_on_file");
    for (to, day) in BEFORE {
        step(&office, dossier, to, day, None, None).unwrap();
    }
    step(&office, dossier, Status::Approved, "2026-03-21", None, None).unwrap();
    step(&office, dossier, Status::Open, "2026-03-22", None, None).unwrap();
    let kept = |day: Option<&str>| {
        let horizon = Horizon::new(day.map(|day| on(day).today), None);
        office.history(dossier).unwrap().level(horizon).map(|kept| (kept.level, kept.upper))
    };
    assert_eq!(kept(None), None, "nobody has said anything");
    assert_eq!(refused(note(None, reported, "2026-04-01", None)), "upper_cannot_follow", "the bureau's own");
    note(provincial, None, "2026-04-01", None).unwrap();
    for upper in [UpperState::Returned, UpperState::Confirmed] {
        assert_eq!(refused(note(None, Some(upper), "2026-04-02", Some("材料不全"))), "upper_cannot_follow");
    }
    assert_eq!(refused(note(None, reported, "2026-03-31", None)), "before_level");
    assert!(note(None, reported, "2026-04-21", None).is_err(), "a day to come");
    note(None, reported, "2026-04-02", None).unwrap();
    assert_eq!(refused(note(None, Some(UpperState::Returned), "2026-04-05", None)), "returned_without_reason");
    note(None, Some(UpperState::Returned), "2026-04-05", Some("材料不全")).unwrap();
    note(None, reported, "2026-04-06", None).unwrap();
    note(None, Some(UpperState::Confirmed), "2026-04-08", None).unwrap();
    assert_eq!(kept(None), Some((Level::Provincial, UpperState::Confirmed)));
    assert_eq!(kept(Some("2026-04-05")), Some((Level::Provincial, UpperState::Returned)), "as of a day");
    // At another level it is reported anew.
    note(Some(Level::National), None, "2026-04-09", None).unwrap();
    assert_eq!(kept(None), Some((Level::National, UpperState::NotReported)));
    // The roll filters and counts by both.
    let count = |filter: &str, code: &str| {
        let query = crate::command::roll::RollQuery::default().with(filter, [code]);
        office.roll(&query, on("2026-04-20")).unwrap().dossiers.len()
    };
    assert_eq!([count("level", "national"), count("level", "provincial"), count("level", "bureau")], [1, 0, 0]);
    assert_eq!([count("upper", "not_reported"), count("upper", "confirmed")], [1, 0]);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_case_waits_for_the_next_hand_and_says_since_when() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let waits = |day: &str| -> Vec<(Waits, Day)> {
        office
            .queue(&QueueAsked::default(), on(day))
            .unwrap()
            .lines
            .into_iter()
            .map(|line| (line.waits, line.since))
            .collect()
    };
    let since = |day: &str| on(day).today;
    assert_eq!(waits("2026-03-11"), [(Waits::Check, since("2026-03-10"))]);
    let next = [Waits::Deliberate, Waits::Endorse, Waits::Post, Waits::NoticeRuns];
    for ((to, day), then) in BEFORE.into_iter().zip(next) {
        step(&office, dossier, to, day, None, None).unwrap();
        assert_eq!(waits(day), [(then, since(day))]);
    }
    // The last day of the notice and the day after.
    assert_eq!(waits("2026-03-20"), [(Waits::NoticeRuns, since("2026-03-16"))]);
    assert_eq!(waits("2026-03-21"), [(Waits::Approve, since("2026-03-21"))]);
    let queue = |seat: &Office| {
        seat.queue(&QueueAsked::default(), on("2026-03-21")).unwrap().lines.into_iter().map(|line| line.mine).collect()
    };
    let (approver, reviewer): (Vec<bool>, Vec<bool>) =
        (queue(&another(&office, &["approver"])), queue(&another(&office, &["reviewer"])));
    assert_eq!((approver, reviewer), (vec![true], vec![false]));
    step(&office, dossier, Status::Approved, "2026-03-21", None, None).unwrap();
    assert_eq!(waits("2026-03-22"), [(Waits::Open, since("2026-03-21"))]);
    step(&office, dossier, Status::Open, "2026-03-22", None, None).unwrap();
    assert_eq!(waits("2026-03-23"), []);
    survey(&office, Some(dossier), None, &second("2026-09-10", "90000.00"), "2026-09-10");
    assert_eq!(waits("2026-09-11"), [(Waits::Decide, since("2026-09-10"))]);
    opened(&office, dossier, "2026-09-12").unwrap().worker_died(since("2026-09-12"), None).unwrap();
    assert_eq!(waits("2026-09-13"), [(Waits::Close, since("2026-09-12"))]);
}

#[test]
fn what_is_sent_back_waits_for_its_surveyor_with_what_was_asked_and_is_handed_in_by_the_survey() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    step(&office, dossier, Status::Verifying, "2026-03-11", None, None).unwrap();
    let household = |day: &str| opened(&office, dossier, day).unwrap();
    let status = || office.history(dossier).unwrap().status(Horizon::NOW);
    let waits = |day: &str| -> Vec<(Waits, Day)> {
        let found = office.queue(&QueueAsked::default(), on(day)).unwrap().lines;
        assert!(found.iter().all(|line| office.waiting_in_all(on(day).today).iter().any(|w| w.1 == line.waits)));
        found.into_iter().map(|line| (line.waits, line.since)).collect()
    };
    let since = |day: &str| on(day).today;
    let back = |asked: &[(&str, &str)]| {
        household("2026-03-12").step_with_queries(&CaseStep::new(Status::Draft, since("2026-03-12")), asked)
    };
    // Nothing is asked where one of the queries or the step is refused.
    assert!(matches!(back(&[("phone", "号码少一位？"), ("no_such_question", "？")]), Err(Failure::NotAQuery(_))));
    let early = CaseStep::new(Status::Draft, since("2026-03-10"));
    let early = household("2026-03-12").step_with_queries(&early, &[("phone", "号码少一位？")]);
    assert!(matches!(early, Err(Failure::StepTooEarly { .. })));
    assert_eq!(household("2026-03-12").queries(Horizon::NOW).unwrap().len(), 0);
    back(&[("phone", "号码少一位？")]).unwrap();
    assert_eq!(status(), Some(Status::Draft));
    let day = "2026-03-12";
    assert_eq!(waits("2026-03-13"), [(Waits::Mend, since(day)), (Waits::AnswerQuery, since(day))]);
    let query = |day: &str| household(day).queries(Horizon::NOW).unwrap().remove(0);
    household("2026-03-14").answer_query(&query("2026-03-14"), "已核对").unwrap();
    assert_eq!(waits("2026-03-14"), [(Waits::Mend, since(day)), (Waits::CloseQuery, since("2026-03-14"))]);
    // The survey that mends it hands it in again.
    survey(&office, Some(dossier), None, &second("2026-03-15", "42000.00"), "2026-03-15");
    assert_eq!(status(), Some(Status::Submitted));
    assert_eq!(waits("2026-03-15"), [(Waits::CloseQuery, since("2026-03-14")), (Waits::Check, since("2026-03-15"))]);
    // An open query holds the approval, and nothing before it.
    for (to, day) in BEFORE {
        let day = Day(since(day).0 + 10).to_string();
        step(&office, dossier, to, &day, None, None).unwrap();
    }
    let approve = || step(&office, dossier, Status::Approved, "2026-04-01", None, None);
    assert_eq!(refused(approve()), "queries_open");
    household("2026-04-01").close_query(&query("2026-04-01"), "").unwrap();
    approve().unwrap();
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_request_that_sends_a_case_back_with_queries_is_one_act_however_often_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    office.request([7; 16]);
    let asked = [("phone", "号码少一位？")];
    for _ in 0..3 {
        let household = opened(&office, dossier, "2026-03-12").unwrap();
        let step = CaseStep::new(Status::Draft, on("2026-03-12").today);
        household.step_with_queries(&step, &asked).unwrap_or_else(|failure| panic!("{}", said(&failure)));
        assert_eq!(household.queries(Horizon::NOW).unwrap().len(), 1);
        assert_eq!(office.history(dossier).unwrap().status(Horizon::NOW), Some(Status::Draft));
    }
}

#[test]
fn what_was_posted_is_kept_word_for_word_and_its_hash_confirms_no_guess() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossiers = ["illness", "laid_off"].map(|name| survey(&office, None, None, &steps(name), "2026-03-10"));
    let [one, other] = dossiers;
    for dossier in dossiers {
        for (to, day) in &BEFORE[..3] {
            step(&office, dossier, *to, day, None, None).unwrap();
        }
    }
    let waits = office.to_post(&[], on("2026-03-16")).unwrap();
    assert_eq!(waits.iter().map(|line| line.dossier).collect::<HashSet<_>>(), HashSet::from(dossiers));
    assert!(waits.iter().all(|line| line.category.is_some() && !line.stands));
    let reviewer = another(&office, &["reviewer"]);
    let day = |text: &str| on(text).today;
    for dossier in dossiers {
        // The same words for both: what tells them apart is what nobody else knows.
        let step = CaseStep {
            until: Some(day("2026-03-20")),
            posted: Some("示例一行公示"),
            ..CaseStep::new(Status::Noticed, day("2026-03-16"))
        };
        opened(&reviewer, dossier, "2026-03-16").unwrap().take_step(&step).unwrap();
    }
    assert!(office.to_post(&[], on("2026-03-16")).unwrap().is_empty());
    let hangs = |text: &str| office.posted(&[], day(text), on("2026-03-17")).unwrap();
    assert_eq!([hangs("2026-03-15").len(), hangs("2026-03-16").len()], [0, 2]);
    assert_eq!([hangs("2026-03-20").len(), hangs("2026-03-21").len()], [2, 0]);
    for line in hangs("2026-03-17") {
        assert!(line.holds && line.line.as_deref() == Some("示例一行公示"));
    }
    // Each sheet that goes out is one record, which stands with every household on it; looking at the list is none.
    let sheets = |dossier| office.looks_at(dossier).unwrap().iter().filter(|look| look.what == "notice").count();
    assert_eq!(dossiers.map(sheets), [0, 0]);
    let before = office.bureau.store.position();
    office.print_posted(&hangs("2026-03-17"), on("2026-03-17")).unwrap();
    assert_eq!(dossiers.map(sheets), [1, 1]);
    assert_eq!(office.bureau.store.position(), before + 1);
    office.print_posted(&hangs("2026-03-17"), on("2026-03-17")).unwrap();
    assert_eq!(dossiers.map(sheets), [2, 2]);
    let hashed = |dossier| {
        let history = office.history(dossier).unwrap();
        history.happenings.iter().find_map(|h| match h.ledger {
            Ledger::NoticePosted { text_hash, .. } => text_hash,
            _ => None,
        })
    };
    assert!(hashed(one).is_some() && hashed(one) != hashed(other));
}

#[test]
fn what_waits_is_found_without_reading_every_case() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    // One whose category ends after twelve months, one with a paper waived for a while, one that is on its way.
    let [ends, waived, underway] =
        ["accident", "illness", "laid_off"].map(|name| survey(&office, None, None, &steps(name), "2026-03-10"));
    for dossier in [ends, waived] {
        posted(&office, dossier);
        step(&office, dossier, Status::Approved, "2026-03-21", None, None).unwrap();
        step(&office, dossier, Status::Open, "2026-03-22", None, None).unwrap();
    }
    step(&office, underway, Status::Verifying, "2026-03-12", None, None).unwrap();
    let state = PaperState::Waived { until: on("2026-05-31").today };
    let paper = Paper { kind: "income".into(), state, issued: None, expires: None, page: None };
    let approver = another(&office, &["approver"]);
    let why = Some("单位出差，两月内补交");
    opened(&approver, waived, "2026-03-23").unwrap().note_papers(vec![paper], on("2026-03-23").today, why).unwrap();
    let mut seen = Vec::new();
    for day in on("2026-03-23").today.0..on("2027-06-30").today.0 {
        let mut found: Vec<_> = office
            .queue(&QueueAsked::default(), crate::domain::Now { today: Day(day), ..on("2026-03-23") })
            .unwrap()
            .lines
            .into_iter()
            .map(|line| (line.dossier, line.waits, line.since))
            .collect();
        found.sort();
        assert_eq!(found, office.waiting_in_all(Day(day)), "{}", Day(day));
        seen.extend(found.into_iter().map(|(dossier, waits, _)| (dossier, waits)));
    }
    seen.sort();
    seen.dedup();
    assert!(seen.contains(&(ends, Waits::Ends)) && seen.contains(&(waived, Waits::Papers)), "{seen:?}");
    assert!(seen.contains(&(underway, Waits::Deliberate)));
}

#[test]
fn an_approval_names_what_the_bureau_adopted_and_is_refused_by_what_it_did_not() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let approver = another(&office, &["approver"]);
    let adopt = |id: &str, from: Option<&str>| {
        let from = from.map(|day| on(day).today);
        let proposed = crate::command::adopting::Proposed::Brought(id);
        approver.adopt_rules(proposed, "示例 2026 第 3 号", on("2026-01-05").today, (from, None), on("2026-03-11"))
    };
    let view = |dossier| opened(&office, dossier, "2026-03-30").unwrap().case(Horizon::NOW).unwrap();
    let one = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let other = survey(&office, None, None, &steps("laid_off"), "2026-03-10");
    for dossier in [one, other] {
        posted(&office, dossier);
    }
    assert!(view(one).sample, "nothing is adopted yet");
    let approve = |dossier| {
        opened(&approver, dossier, "2026-03-24")?.move_status(Status::Approved, on("2026-03-24").today, None, None)
    };
    // By a sample nothing is approved.
    assert_eq!(refused(approve(one)), "rules_not_adopted");
    adopt("genhe-2025", None).unwrap();
    assert_eq!(refused(approve(one)), "rules_not_adopted");
    // From the day after the survey is not for that survey; of its day it is.
    adopt("genhe-2026", Some("2026-03-11")).unwrap();
    assert_eq!(refused(approve(one)), "rules_not_adopted");
    adopt("genhe-2026", Some("2026-03-10")).unwrap();
    approve(one).unwrap();
    let rows = office.adopted_rules().unwrap();
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["genhe-2025", "genhe-2026"]);
    let history = office.history(one).unwrap();
    let named = history.happenings.iter().find_map(|h| match &h.ledger {
        Ledger::Approved { adopted, .. } => Some(*adopted),
        _ => None,
    });
    assert_eq!(named, Some(Some(rows[1].entry)));
    assert!(!view(one).sample);
    assert!(adopt("genhe-1999", None).is_err() && adopt("genhe-2026", Some("2027-01-01")).is_ok());
}

#[test]
fn whoever_is_no_member_or_excluded_or_undecided_is_neither_posted_nor_approved() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    for (change, refusal) in [(("union_member", "2"), "not_a_union_member"), (("housing_count", "2"), "excluded")] {
        let household = if refusal == "excluded" { "laid_off" } else { "illness" };
        let dossier = survey(&office, None, None, &answered(household, &[change]), "2026-03-10");
        for (to, day) in &BEFORE[..3] {
            step(&office, dossier, *to, day, None, None).unwrap();
        }
        assert_eq!(refused(step(&office, dossier, Status::Noticed, "2026-03-16", None, None)), refusal);
        let view = opened(&office, dossier, "2026-03-16").unwrap().case(Horizon::NOW).unwrap();
        let notice = view.next.iter().find(|next| next.to == Status::Noticed).unwrap();
        assert_eq!(notice.refused.as_ref().map(Refusal::code), Some(refusal), "it is told before it is tried");
        if refusal != "excluded" {
            continue;
        }
        // An approver lets the exclusion not count, for a reason, and nobody else does.
        let why = "危房改造中，旧房已拆";
        let codes = ["X1".to_owned()];
        let override_by = |seat: &Office, codes: &[String]| {
            opened(seat, dossier, "2026-03-16")?.override_exclusions(codes, on("2026-03-16").today, why)
        };
        let approver = another(&office, &["approver"]);
        assert!(matches!(override_by(&another(&office, &["reviewer"]), &codes), Err(Failure::NeedsRole { .. })));
        assert!(matches!(override_by(&approver, &["X2".to_owned()]), Err(Failure::NotInList { .. })));
        override_by(&approver, &codes).unwrap();
        step(&office, dossier, Status::Noticed, "2026-03-16", None, None).unwrap();
        step(&office, dossier, Status::Approved, "2026-03-24", None, None).unwrap();
    }
}

#[test]
fn papers_owed_hold_an_approval_until_they_are_seen_or_waived_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    posted(&office, dossier);
    let note = |seat: &Office, kind: &str, state, why: Option<&str>| {
        let paper = Paper { kind: kind.into(), state, issued: None, expires: None, page: None };
        opened(seat, dossier, "2026-03-21")?.note_papers(vec![paper], on("2026-03-21").today, why)
    };
    assert!(matches!(
        note(&office, "passport", PaperState::Owed { until: None }, None),
        Err(Failure::NotInList { list: "paper", .. })
    ));
    note(&office, "income", PaperState::Owed { until: None }, None).unwrap();
    let approve = |day: &str| step(&office, dossier, Status::Approved, day, None, None);
    assert_eq!(refused(approve("2026-03-22")), "papers_missing");
    let approver = another(&office, &["approver"]);
    let waived = PaperState::Waived { until: on("2026-03-22").today };
    assert!(matches!(note(&approver, "income", waived, None), Err(Failure::NotAReason { .. })));
    note(&approver, "income", waived, Some("单位出差，十日内补交")).unwrap();
    assert_eq!(refused(approve("2026-03-23")), "papers_missing", "the day after it is waived for");
    approve("2026-03-22").unwrap();
}

#[test]
fn a_committee_that_is_too_few_or_votes_it_down_goes_no_further() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    step(&office, dossier, Status::Verifying, "2026-03-12", None, None).unwrap();
    let sat = |members: &[&str], committee, agreed, against| Deliberation {
        members: members.iter().map(|name| (*name).to_owned()).collect(),
        aside: vec!["示例丁".into()],
        committee: Some(committee),
        agreed,
        against,
    };
    let deliberate = |sat: Deliberation, day: &str| {
        let step = CaseStep { deliberation: Some(sat), ..CaseStep::new(Status::Reviewed, on(day).today) };
        opened(&office, dossier, day)?.take_step(&step)
    };
    assert_eq!(refused(deliberate(sat(&["示例甲"], 5, 1, 0), "2026-03-13")), "not_quorate");
    deliberate(sat(&["示例甲", "示例乙", "示例丙"], 5, 1, 2), "2026-03-13").unwrap();
    assert_eq!(refused(step(&office, dossier, Status::Endorsed, "2026-03-14", None, None)), "voted_down");
    step(&office, dossier, Status::Verifying, "2026-03-15", None, None).unwrap();
    deliberate(sat(&["示例甲", "示例乙", "示例丙"], 5, 2, 1), "2026-03-16").unwrap();
    step(&office, dossier, Status::Endorsed, "2026-03-17", None, None).unwrap();
    // Who sat is the household's own, and goes with its key.
    let record = office.history(dossier).unwrap().deciding_steps(Horizon::NOW)[1].entry;
    let parts = office.record(record).unwrap().persons;
    assert!(parts.iter().all(|part| part.subject == crate::domain::Subject::Dossier(dossier)) && !parts.is_empty());
}

#[test]
fn out_of_hardship_takes_six_months_above_the_line_and_death_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = open_case(&office, "illness");
    let close = |reason: &str, day: &str| step(&office, dossier, Status::Closed, day, Some(reason), None);
    assert_eq!(refused(close("01", "2026-09-12")), "not_above_the_line");
    survey(&office, Some(dossier), None, &second("2026-09-10", "84000.00"), "2026-09-10");
    assert_eq!(refused(close("01", "2027-03-09")), "not_above_the_line");
    assert_eq!(refused(close("02", "2027-03-09")), "death_not_recorded");
    opened(&office, dossier, "2027-03-09").unwrap().worker_died(on("2027-03-01").today, None).unwrap();
    assert_eq!(refused(step(&office, dossier, Status::Suspended, "2027-03-10", None, None)), "deceased");
    close("02", "2027-03-10").unwrap();
    let apply = |day: &str| opened(&office, dossier, day)?.apply(&Application::default(), on(day).today);
    assert_eq!(refused(apply("2027-04-01")), "deceased", "survivors have a dossier of their own");
}

#[test]
fn whoever_falls_back_applies_again_under_the_same_dossier() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let apply = |day: &str| {
        let application = Application {
            channel: Some("4"),
            asker: Some("3"),
            wants: vec!["1".into()],
            name: Some("示例工会"),
            words: Some("家中又有人患病"),
            ..Application::default()
        };
        opened(&office, dossier, day)?.apply(&application, on(day).today)
    };
    assert!(matches!(apply("2026-03-11"), Err(Failure::NotAllowed(_))), "it is under way");
    step(&office, dossier, Status::Verifying, "2026-03-12", None, None).unwrap();
    let reject = |code, why| step(&office, dossier, Status::Rejected, "2026-03-13", code, why);
    assert_eq!(refused(reject(None, None)), "no_reason");
    assert_eq!(refused(reject(Some("x"), None)), "no_reason", "a code says nothing to whoever is told");
    assert_eq!(refused(reject(Some("x"), Some(" 不实 "))), "no_reason");
    step(&office, dossier, Status::Rejected, "2026-03-13", None, Some("材料不实")).unwrap();
    apply("2026-06-01").unwrap();
    let case = opened(&office, dossier, "2026-06-01").unwrap().case(Horizon::NOW).unwrap();
    assert_eq!((case.status, case.accepted_on), (Some(Status::Submitted), Some(on("2026-06-01").today)));
    let early = step(&office, dossier, Status::Verifying, "2026-05-30", None, None);
    assert_eq!(refused(early), "before_acceptance");
    // On the old survey no more than half a year.
    for (to, day) in
        [(Status::Verifying, "2026-09-01"), (Status::Reviewed, "2026-09-02"), (Status::Endorsed, "2026-09-03")]
    {
        step(&office, dossier, to, day, None, None).unwrap();
    }
    assert_eq!(refused(step(&office, dossier, Status::Noticed, "2026-09-07", None, None)), "survey_too_old");
    step(&office, dossier, Status::Noticed, "2026-09-06", None, None).unwrap();
}

#[test]
fn a_person_in_two_dossiers_is_approved_in_one() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let one = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let other = survey(&office, None, None, &steps("illness"), "2026-03-10");
    posted(&office, one);
    posted(&office, other);
    let approve = |dossier| step(&office, dossier, Status::Approved, "2026-03-24", None, None);
    assert_eq!(refused(approve(one)), "duplicate");
    step(&office, other, Status::Rejected, "2026-03-24", None, Some("重复申请")).unwrap();
    approve(one).unwrap();
}

#[test]
fn a_step_entered_long_after_its_day_is_shown_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let late = opened(&office, dossier, "2026-05-30").unwrap();
    late.move_status(Status::Verifying, on("2026-03-12").today, None, None).unwrap();
    let case = opened(&office, dossier, "2026-05-30").unwrap().case(Horizon::NOW).unwrap();
    assert_eq!(case.steps.last().unwrap().late_days, Some(79));
    let early = opened(&office, dossier, "2026-05-30").unwrap().move_status(
        Status::Reviewed,
        on("2026-03-09").today,
        None,
        None,
    );
    assert!(early.is_err());
}

#[test]
fn an_old_dossier_in_the_files_is_confirmed_and_the_first_approval_ends_the_old_reading() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    // As earlier programs recorded it: steps without a notice's days or a category.
    let mut over: Vec<crate::domain::EntryId> = Vec::new();
    for (to, day) in [
        (Status::Verifying, "2026-03-12"),
        (Status::Noticed, "2026-03-13"),
        (Status::Approved, "2026-03-14"),
        (Status::Open, "2026-03-15"),
    ] {
        let entry = office.new_entry().unwrap();
        let ledger = Ledger::StatusMoved { dossier, to, on: on(day).today, reason: None };
        let act = crate::command::Act::new(entry, on(day).at, crate::domain::Subject::Dossier(dossier), ledger);
        office.keep(&act.parents(over)).unwrap();
        over = vec![entry];
    }
    let line = || office.status(dossier, Horizon::NOW).unwrap();
    assert_eq!((line().status, line().category.as_deref(), line().approved), (Some(Status::Open), Some("1"), false));
    survey(&office, Some(dossier), None, &second("2026-09-10", "90000.00"), "2026-09-10");
    assert_eq!(line().category, line().proposed.unwrap().category, "until then the latest survey counts");
}
