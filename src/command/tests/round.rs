//! Rounds of surveys: who is drawn, who may visit, what a visit may say, when a round is over; and that nothing is lost of
//! what comes late.

use super::*;
use crate::command::Act;
use crate::command::queue::{QueueAsked, Waits};
use crate::command::round::{Irregular, NewRound, NewVisit, RoundQuery, RoundRefused};
use crate::domain::event::Ledger;
use crate::domain::round::{DrawnFor, RoundState, VisitOutcome};
use crate::domain::{EntryId, OfficerId, Subject};

fn day(text: &str) -> Day {
    on(text).today
}

fn new(name: &str, from: &str, to: &str) -> NewRound {
    NewRound { name: name.into(), from: day(from), to: day(to), units: Vec::new(), all: false }
}

fn refused<T>(result: Result<T, Failure>) -> RoundRefused {
    match result {
        Err(Failure::Round(why)) => why,
        Err(other) => panic!("{}", said(&other)),
        Ok(_) => panic!("it was not refused"),
    }
}

/// Three households that were surveyed in March.
fn town(folder: &Path) -> (Office, [DossierId; 3]) {
    let office = office(folder, 7, "2026-03-10");
    let all = ["illness", "laid_off", "accident"].map(|name| survey(&office, None, None, &steps(name), "2026-03-10"));
    (office, all)
}

/// A round over all of them from September to the end of the year, opened on its first day.
fn opened_round(office: &Office) -> EntryId {
    let all = NewRound { all: true, ..new("下半年复查", "2026-09-01", "2026-12-31") };
    planner(office).open_round(&all, on("2026-09-01")).unwrap().round
}

fn planner(office: &Office) -> Office {
    another(office, &["supervisor"])
}

/// Somebody who surveys and does nothing else; the first officer reviews, too.
fn surveyor(office: &Office) -> Office {
    let known = office.officers().unwrap().into_iter().find(|row| row.zh == "示例查").map(|row| row.officer);
    let add = || office.add_officer("示例查", "sample", &["surveyor"], &[], on("2026-01-01")).unwrap();
    office.seat(known.unwrap_or_else(add), SessionContext::program("surveyor"))
}

fn visit(outcome: VisitOutcome, day_of: &str) -> NewVisit<'static> {
    NewVisit { on: day(day_of), outcome, next: None, is_final: false, note: None }
}

fn note(seat: &Office, dossier: DossierId, round: EntryId, visit: &NewVisit<'_>, today: &str) -> Result<(), Failure> {
    opened(seat, dossier, today)?.note_visit(round, visit)
}

fn line(office: &Office, round: EntryId, dossier: DossierId, today: &str) -> crate::command::round::RoundLine {
    let board = office.round_board(round, &RoundQuery::default(), on(today)).unwrap();
    board.lines.into_iter().find(|line| line.dossier == dossier).unwrap()
}

#[test]
fn a_round_draws_whoever_is_due_by_its_last_day_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (office, all) = town(folder.path());
    let due = all.map(|dossier| office.status(dossier, Horizon::NOW).unwrap().next_due.unwrap());
    let (first, last) = (*due.iter().min().unwrap(), *due.iter().max().unwrap());
    assert!(first < last, "{due:?}");
    let draw = |to: Day, today: &str| {
        let new = NewRound { to, ..new("示例", "2026-04-01", "2026-04-01") };
        planner(&office).draw_round(&new, on(today)).unwrap()
    };
    assert_eq!(draw(first.plus_days(-1), "2026-04-01").len(), 0);
    let drawn = draw(first, "2026-04-01");
    assert_eq!(drawn.iter().map(|line| line.due).collect::<Vec<_>>(), vec![Some(first); drawn.len()]);
    assert!(!drawn.is_empty() && drawn.iter().all(|line| line.why == DrawnFor::Due && line.elsewhere.is_none()));
    assert!(drawn.len() < 3 && draw(last, "2026-04-01").len() == 3);
    // On its day a survey is due, and the day after it is overdue.
    let why = |today: Day| {
        let now = Now { today, at: on("2026-04-01").at };
        let new = NewRound { to: last, ..new("示例", "2026-04-01", "2026-04-01") };
        planner(&office).draw_round(&new, now).unwrap().into_iter().find(|line| line.due == Some(first)).unwrap().why
    };
    assert_eq!((why(first), why(first.plus_days(1))), (DrawnFor::Due, DrawnFor::Overdue));
    // What is over, and who has died, is not visited.
    office.open(all[0], on("2026-04-01")).unwrap().worker_died(day("2026-04-01"), None).unwrap();
    step(&office, all[1], Status::Verifying, "2026-04-01", None, None).unwrap();
    step(&office, all[1], Status::Rejected, "2026-04-02", None, Some("材料不实")).unwrap();
    assert_eq!(draw(last, "2026-04-03").iter().map(|line| line.dossier).collect::<Vec<_>>(), [all[2]]);
}

#[test]
fn a_round_has_a_name_a_period_and_households_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (office, _) = town(folder.path());
    let seat = planner(&office);
    let open = |new: &NewRound, today: &str| seat.open_round(new, on(today));
    assert!(matches!(
        refused(open(&new("示例", "2026-09-02", "2026-09-01"), "2026-09-01")),
        RoundRefused::NotAPeriod { .. }
    ));
    assert!(matches!(
        refused(open(&new("示例", "2026-09-01", "2030-09-01"), "2026-09-01")),
        RoundRefused::NotAPeriod { .. }
    ));
    let over = new("示例", "2026-08-01", "2026-08-31");
    assert!(matches!(refused(open(&over, "2026-09-01")), RoundRefused::PeriodOver { .. }));
    let early = new("示例", "2026-03-11", "2026-03-12");
    assert_eq!(refused(open(&early, "2026-03-11")), RoundRefused::NothingDue { elsewhere: 0 });
    assert!(matches!(open(&new("  ", "2026-09-01", "2026-12-31"), "2026-09-01"), Err(Failure::NoName)));
    let round = opened_round(&office);
    // A second round of that time leaves them to the first; one of another time takes them, too.
    let second = NewRound { all: true, ..new("又一期", "2026-12-31", "2027-01-31") };
    assert_eq!(refused(open(&second, "2026-09-01")), RoundRefused::NothingDue { elsewhere: 3 });
    let taken = NewRound { all: true, ..new("下半年复查", "2027-01-01", "2027-01-31") };
    assert!(matches!(refused(open(&taken, "2026-09-01")), RoundRefused::NameTaken { .. }));
    let later = open(&NewRound { name: "跨年".into(), ..taken }, "2026-09-01").unwrap();
    assert_eq!((later.households, later.elsewhere.len()), (3, 0));
    let named = |asked: &str| seat.round_named(asked, on("2026-09-01")).map(|row| row.entry);
    assert_eq!(named("跨年").unwrap(), later.round);
    assert_eq!(named(&round.hex()[..8]).unwrap(), round);
    assert!(matches!(refused(named("没有")), RoundRefused::NoSuchRound { .. }));
    // Who surveys sees rounds and opens none.
    assert_eq!(surveyor(&office).rounds(on("2026-09-01")).unwrap().len(), 2);
    assert!(matches!(
        surveyor(&office).open_round(&new("示例", "2026-09-01", "2026-12-31"), on("2026-09-01")),
        Err(Failure::NeedsRole { .. })
    ));
}

#[test]
fn a_round_is_closed_when_every_household_has_a_survey_or_a_final_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let (office, [ill, laid_off, accident]) = town(folder.path());
    let round = opened_round(&office);
    let (planner, surveyor) = (planner(&office), surveyor(&office));
    let close = |today: &str| planner.close_round(round, on(today));
    match refused(close("2026-09-02")) {
        RoundRefused::NotSettled { count, .. } => assert_eq!(count, 3),
        other => panic!("{other:?}"),
    }
    let state = |dossier, today: &str| line(&planner, round, dossier, today).state;
    assert_eq!(state(ill, "2026-09-02"), RoundState::Due);
    // Asked on paper: begun, and done by the survey alone, which nobody has to say.
    note(&surveyor, ill, round, &visit(VisitOutcome::Surveyed, "2026-09-09"), "2026-09-09").unwrap();
    assert_eq!(state(ill, "2026-09-09"), RoundState::Begun);
    survey(&office, Some(ill), None, &second("2026-09-10", "43000.00"), "2026-09-10");
    let done = line(&planner, round, ill, "2026-09-10");
    assert_eq!(
        (done.state, done.done.map(|(on, _, late)| (on, late))),
        (RoundState::Done, Some((day("2026-09-10"), false)))
    );
    // A refusal stays in the list, and is final once somebody says so.
    note(&surveyor, laid_off, round, &visit(VisitOutcome::Refused, "2026-09-10"), "2026-09-10").unwrap();
    assert!(!line(&planner, round, laid_off, "2026-09-10").is_settled);
    let last =
        NewVisit {
            is_final: true, note: Some("当面说明后仍拒绝"), ..visit(VisitOutcome::Refused, "2026-09-11")
        };
    note(&surveyor, laid_off, round, &last, "2026-09-11").unwrap();
    assert!(line(&planner, round, laid_off, "2026-09-11").is_settled);
    // Whoever died meanwhile is not visited any more.
    assert!(matches!(refused(close("2026-09-11")), RoundRefused::NotSettled { count: 1, .. }));
    office.open(accident, on("2026-09-12")).unwrap().worker_died(day("2026-09-12"), None).unwrap();
    assert_eq!(state(accident, "2026-09-12"), RoundState::Gone);
    let counts = close("2026-09-12").unwrap();
    assert_eq!((counts.households, counts.surveyed, counts.late, counts.gone), (3, 1, 0, 1));
    assert_eq!(counts.ended, [(VisitOutcome::Refused, 1)]);
    assert!(matches!(refused(close("2026-09-13")), RoundRefused::Closed { .. }));
    let after = visit(VisitOutcome::Away, "2026-09-13");
    assert!(matches!(refused(note(&surveyor, ill, round, &after, "2026-09-13")), RoundRefused::Closed { .. }));
    assert!(matches!(
        refused(planner.assign_visits(round, &[(ill, None)], on("2026-09-13"))),
        RoundRefused::Closed { .. }
    ));
    assert_eq!(opened(&surveyor, laid_off, "2026-09-13").unwrap().visits().unwrap().len(), 2);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_survey_counts_from_the_first_day_on_and_is_late_after_the_last_until_the_round_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (office, [ill, ..]) = town(folder.path());
    let planner = planner(&office);
    let open = |name: &str, from: &str, to: &str, today: &str| {
        planner.open_round(&NewRound { all: true, ..new(name, from, to) }, on(today)).unwrap().round
    };
    // A round over New Year, one that begins a day after the survey, one that ended the day before it.
    let over = open("跨年", "2026-12-20", "2027-01-20", "2026-12-01");
    let later = open("次年", "2027-01-21", "2027-02-20", "2026-12-01");
    let before = open("年内", "2026-12-02", "2026-12-19", "2026-12-01");
    survey(&office, Some(ill), None, &second("2027-01-20", "43000.00"), "2027-01-20");
    let done = |round| line(&planner, round, ill, "2027-01-20").done.map(|(_, _, late)| late);
    assert_eq!((done(over), done(later), done(before)), (Some(false), None, Some(true)));
}

#[test]
fn a_visit_is_refused_by_name_where_its_day_its_round_or_its_outcome_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let (office, [ill, laid_off, accident]) = town(folder.path());
    step(&office, accident, Status::Verifying, "2026-04-01", None, None).unwrap();
    step(&office, accident, Status::Rejected, "2026-04-02", None, Some("材料不实")).unwrap();
    let round = opened_round(&office);
    let surveyor = surveyor(&office);
    let note = |dossier, new: &NewVisit<'_>, today: &str| note(&surveyor, dossier, round, new, today);
    let away = |day_of: &str| visit(VisitOutcome::Away, day_of);
    assert!(matches!(refused(note(accident, &away("2026-09-02"), "2026-09-02")), RoundRefused::NotInRound { .. }));
    assert!(matches!(refused(note(ill, &away("2026-09-03"), "2026-09-02")), RoundRefused::VisitAhead { .. }));
    assert!(matches!(refused(note(ill, &away("2026-08-31"), "2026-09-02")), RoundRefused::VisitTooEarly { .. }));
    let next = |next: &str| NewVisit { next: Some(day(next)), ..away("2026-09-01") };
    assert!(matches!(refused(note(ill, &next("2026-09-01"), "2026-09-02")), RoundRefused::NextTooEarly { .. }));
    let both = NewVisit { is_final: true, ..next("2026-09-05") };
    assert_eq!(refused(note(ill, &both, "2026-09-02")), RoundRefused::FinalAndNext);
    let surveyed = NewVisit { is_final: true, ..visit(VisitOutcome::Surveyed, "2026-09-01") };
    assert_eq!(refused(note(ill, &surveyed, "2026-09-02")), RoundRefused::SurveyedIsNotFinal);
    // On the first day it can be noted; typed once more it is the first one, and typed again later it is refused.
    note(ill, &next("2026-09-02"), "2026-09-02").unwrap();
    let records = office.bureau.store.position();
    note(ill, &next("2026-09-02"), "2026-09-02").unwrap();
    assert_eq!(office.bureau.store.position(), records);
    note(ill, &away("2026-09-02"), "2026-09-02").unwrap();
    assert!(matches!(refused(note(ill, &away("2026-09-01"), "2026-09-02")), RoundRefused::VisitKnown { .. }));
    assert_eq!(line(&office, round, ill, "2026-09-02").visits, 2);
    // Which round is meant is known while the household stands in one alone.
    let household = opened(&surveyor, laid_off, "2026-09-02").unwrap();
    assert_eq!(household.open_round_alone().unwrap().entry, round);
    let later = NewRound { all: true, ..new("次年", "2027-01-01", "2027-01-31") };
    planner(&office).open_round(&later, on("2026-09-02")).unwrap();
    assert!(matches!(refused(household.open_round_alone()), RoundRefused::WhichRound { .. }));
    assert!(matches!(
        note(ill, &away("2026-09-02"), "2026-09-02").and_then(|()| {
            another(&office, &["approver"]).open(ill, on("2026-09-02"))?.note_visit(round, &away("2026-09-02"))
        }),
        Err(Failure::NeedsRole { .. } | Failure::NeedsReason | Failure::Round(RoundRefused::VisitKnown { .. }))
    ));
}

#[test]
fn whoever_is_assigned_surveys_there_and_what_is_proposed_is_even_and_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let (office, all) = town(folder.path());
    let round = opened_round(&office);
    let planner = planner(&office);
    let unit = |dossier| office.status(dossier, Horizon::NOW).unwrap().unit.unwrap();
    let units = office.units().unwrap();
    let is_above = |one| units.iter().any(|u| u.parent == Some(one));
    let elsewhere = units.iter().map(|u| u.unit).find(|one| !all.map(unit).contains(one) && !is_above(*one)).unwrap();
    let add = |name: &str, roles: &[&str], units: &[_]| {
        office.add_officer(name, name, roles, units, on("2026-08-01")).unwrap()
    };
    let away = add("示例外", &["surveyor"], &[elsewhere]);
    let reviewer = add("示例审", &["reviewer"], &[]);
    let (one, two) = (add("示例甲", &["surveyor"], &all.map(unit)), add("示例乙", &["surveyor"], &all.map(unit)));
    let assign = |to: OfficerId, today: &str| planner.assign_visits(round, &[(all[0], Some(to))], on(today));
    assert!(matches!(refused(assign(away, "2026-09-02")), RoundRefused::OfficerElsewhere { .. }));
    assert!(matches!(refused(assign(reviewer, "2026-09-02")), RoundRefused::OfficerSurveysNot { .. }));
    let propose = |today: &str| {
        let proposed = planner.propose_visits(round, &[], on(today)).unwrap();
        proposed.into_iter().map(|visit| (visit.dossier, visit.to)).collect::<Vec<_>>()
    };
    let proposed = propose("2026-09-02");
    assert_eq!((proposed.len(), &proposed), (3, &propose("2026-09-02")));
    let of = |officer| proposed.iter().filter(|(_, to)| *to == Some(officer)).count();
    assert_eq!([of(one), of(two)].iter().max(), Some(&2), "those of the unit, evenly: {proposed:?}");
    assert_eq!(of(one) + of(two), 3);
    let kept = planner.assign_visits(round, &proposed, on("2026-09-02")).unwrap();
    assert_eq!((kept.count, kept.left), (3, 0));
    let again = planner.assign_visits(round, &proposed, on("2026-09-02")).unwrap();
    assert_eq!((again.count, again.left, propose("2026-09-02").len()), (0, 3, 0));
    // Of whoever leaves the households are proposed to those who stay.
    let mut row = office.officers().unwrap().into_iter().find(|row| row.officer == one).unwrap();
    row.until = Some(day("2026-09-05"));
    office.set_officer(&row, on("2026-09-03")).unwrap();
    assert_eq!(propose("2026-09-05").len(), 0);
    let moved = propose("2026-09-06");
    assert_eq!((moved.len(), moved.iter().all(|(_, to)| *to == Some(two))), (of(one), true));
    assert!(matches!(
        refused(planner.assign_visits(round, &[(all[0], Some(one))], on("2026-09-06"))),
        RoundRefused::OfficerLeft { .. }
    ));
    let left: Vec<_> =
        moved.iter().map(|(dossier, _)| line(&planner, round, *dossier, "2026-09-06").irregular).collect();
    assert_eq!(left, vec![vec![Irregular::OfficerGone]; moved.len()]);
}

#[test]
fn a_next_try_waits_for_whoever_is_assigned_from_its_day_on_and_no_longer_than_the_round() {
    let folder = tempfile::tempdir().unwrap();
    let (office, [ill, laid_off, accident]) = town(folder.path());
    let round = opened_round(&office);
    let (planner, surveyor) = (planner(&office), surveyor(&office));
    planner.assign_visits(round, &[(ill, Some(surveyor.officer()))], on("2026-09-01")).unwrap();
    let again = NewVisit { next: Some(day("2026-09-08")), ..visit(VisitOutcome::Away, "2026-09-02") };
    note(&office, ill, round, &again, "2026-09-02").unwrap();
    let waits = |seat: &Office, today: &str| {
        let asked = QueueAsked { mine: true, waits: Some(Waits::Visit), ..QueueAsked::default() };
        seat.queue(&asked, on(today)).unwrap().lines.iter().map(|line| (line.dossier, line.since)).collect::<Vec<_>>()
    };
    assert_eq!(waits(&surveyor, "2026-09-07"), []);
    assert_eq!(waits(&surveyor, "2026-09-08"), [(ill, day("2026-09-08"))]);
    assert_eq!(waits(&office, "2026-09-08"), [], "it is another's");
    let all: Vec<_> =
        office.waiting_in_all(day("2026-09-08")).into_iter().filter(|line| line.1 == Waits::Visit).collect();
    assert_eq!(all, [(ill, Waits::Visit, day("2026-09-08"))]);
    // On the day itself it is one of the day's visits, and not before.
    let of_day = |on_day: &str| planner.round_day(round, day(on_day), Some(surveyor.officer()), on("2026-09-02"));
    assert!(matches!(refused(of_day("2026-09-07")), RoundRefused::NobodyThatDay { .. }));
    assert_eq!(of_day("2026-09-08").unwrap().len(), 1);
    survey(&office, Some(ill), None, &second("2026-09-09", "43000.00"), "2026-09-09");
    assert_eq!(waits(&surveyor, "2026-09-09"), []);
    // Nothing of a round waits that is closed.
    for dossier in [laid_off, accident] {
        let last = NewVisit { is_final: true, ..visit(VisitOutcome::Moved, "2026-09-09") };
        note(&office, dossier, round, &last, "2026-09-09").unwrap();
    }
    planner.close_round(round, on("2026-09-09")).unwrap();
    assert!(office.waiting_in_all(day("2027-09-01")).iter().all(|line| line.1 != Waits::Visit));
}

#[test]
fn what_comes_late_or_fits_no_round_is_shown_and_makes_the_same_rows_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let (office, [ill, laid_off, accident]) = town(folder.path());
    step(&office, accident, Status::Verifying, "2026-04-01", None, None).unwrap();
    step(&office, accident, Status::Rejected, "2026-04-02", None, Some("材料不实")).unwrap();
    let round = opened_round(&office);
    let planner = planner(&office);
    for dossier in [ill, laid_off] {
        let last = NewVisit { is_final: true, ..visit(VisitOutcome::NotFound, "2026-09-02") };
        note(&office, dossier, round, &last, "2026-09-02").unwrap();
    }
    planner.close_round(round, on("2026-09-03")).unwrap();
    // As a laptop that was away brings it along: of nobody's round, before it, and after it was closed.
    for (dossier, day_of) in [(accident, "2026-09-02"), (ill, "2026-08-31")] {
        let (on_day, outcome) = (day(day_of), VisitOutcome::Away);
        let ledger = Ledger::VisitMade { dossier, round, on: on_day, outcome, next: None, is_final: false };
        let act = Act::new(office.new_entry().unwrap(), on("2026-09-04").at, Subject::Dossier(dossier), ledger);
        office.keep(&act.parents([round])).unwrap();
    }
    let irregular = |dossier| line(&office, round, dossier, "2026-09-05").irregular;
    assert_eq!(irregular(accident), [Irregular::NotDrawn, Irregular::AfterClosing]);
    assert_eq!(irregular(ill), [Irregular::BeforeRound, Irregular::AfterClosing]);
    assert_eq!(irregular(laid_off), []);
    let board = office.round_board(round, &RoundQuery::default(), on("2026-09-05")).unwrap();
    assert_eq!((board.lines.len(), board.row.closed().unwrap().counts.households), (3, 2));
    let frames = frames(&office);
    let mut in_order = Rows::default();
    frames.iter().for_each(|frame| in_order.fold(&office, frame));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..6 {
        let mut rows = Rows::default();
        shuffled(&frames, &mut state).iter().for_each(|frame| rows.fold(&office, frame));
        assert!(rows.0 == in_order.0);
    }
}

#[test]
fn an_erased_household_stays_in_its_round_by_its_number_alone_and_the_round_closes() {
    let folder = tempfile::tempdir().unwrap();
    let (office, [ill, laid_off, accident]) = town(folder.path());
    let round = opened_round(&office);
    for dossier in [laid_off, accident] {
        let last = NewVisit { is_final: true, ..visit(VisitOutcome::Moved, "2026-09-02") };
        note(&office, dossier, round, &last, "2026-09-02").unwrap();
    }
    let subject = Subject::Dossier(ill);
    let seen = views::read::chain_heads(&office.bureau.store).unwrap().iter().map(|h| (h.station, h.seq)).collect();
    let erased = Ledger::Erased { subject, seen };
    office.keep(&Act::new(office.new_entry().unwrap(), on("2026-09-03").at, subject, erased)).unwrap();
    let line = line(&planner(&office), round, ill, "2026-09-03");
    assert_eq!((line.state, line.name, line.address), (RoundState::Gone, None, None));
    let counts = planner(&office).close_round(round, on("2026-09-03")).unwrap();
    assert_eq!((counts.households, counts.gone, counts.ended), (3, 1, vec![(VisitOutcome::Moved, 2)]));
}

#[test]
fn the_file_is_behind_the_paper_after_thirty_working_days_and_not_on_the_thirtieth() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    // 30 working days after Tuesday the 10th of March, the holiday of April left out.
    let calendar = office.calendar(day("2026-03-10")).unwrap();
    let until = calendar.deadline(crate::domain::calendar::DayCount::Working, day("2026-03-10"), 30);
    let at = |today: Day| Now { today, at: Stamp::start_of(today) };
    let entered = |name: &str, today: Day| {
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
        let mut surveying = office.begin(begin, at(today)).unwrap();
        for step in steps(name) {
            surveying.answer(&office, &step).unwrap();
        }
        confirm_everything(&office, &mut surveying);
        office.submit(&mut surveying, at(today), false).unwrap_or_else(|failure| panic!("{}", said(&failure))).dossier
    };
    let in_time = entered("illness", until);
    let late = entered("laid_off", until.plus_days(1));
    let history = office.history(late).unwrap();
    assert_eq!(history.versions(Horizon::NOW)[0].survey.on, day("2026-03-10"));
    let lag = |today: Day| {
        let lines = office.survey_lag(day("2026-01-01"), day("2026-12-31"), at(today)).unwrap();
        lines.into_iter().map(|line| (line.dossier, line.until, line.entered)).collect::<Vec<_>>()
    };
    assert_eq!(lag(until.plus_days(2)), [(late, until, Some(until.plus_days(1)))]);
    // What was asked on paper and never entered is late, too, from the day after its last one.
    let all = NewRound { all: true, ..new("示例", "2026-05-01", "2026-12-31") };
    let round = planner(&office).open_round(&all, on("2026-05-06")).unwrap().round;
    note(&office, in_time, round, &visit(VisitOutcome::Surveyed, "2026-05-06"), "2026-05-06").unwrap();
    let until = calendar.deadline(crate::domain::calendar::DayCount::Working, day("2026-05-06"), 30);
    assert_eq!(lag(until).len(), 1);
    assert_eq!(lag(until.plus_days(1)).last(), Some(&(in_time, until, None)));
}
