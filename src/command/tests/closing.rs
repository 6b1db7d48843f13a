//! What holds of a period's end: three people, the last closed day refused and the next one taken, every difference named; and of
//! the years before the book began: they are told as about, and move no money.

use super::fund::{begun, booking, day, not_booked, purse};
use super::*;
use crate::command::fund::NewClosing;
use crate::command::rights::Act;
use crate::domain::event::Ledger;
use crate::domain::fund::{
    Appropriation, ClosingState, ClosingStep, FormerYear, MovementKind, NotBooked, Pledge, Stage,
};
use crate::domain::{EntryId, Fen, Subject};

/// The day on which it is counted.
const DAY: &str = "2026-06-30";

fn closing(to: &str, counted: &[(&str, i64)], because: &[(&str, &str)]) -> NewClosing {
    NewClosing {
        to: day(to),
        counted: counted.iter().map(|(code, yuan)| ((*code).to_owned(), Fen(yuan * 100))).collect(),
        because: because.iter().map(|(code, why)| ((*code).to_owned(), (*why).to_owned())).collect(),
    }
}

/// A book with 500 in the bank and 300 in the box at the end of March.
fn with_march(folder: &Path) -> (Office, Office) {
    let (office, accountant) = begun(folder);
    purse(&accountant, "gifts", "S01", &[], None);
    let book = |kind, from, to, yuan, on_day: &str| {
        accountant.book(&booking(kind, "gifts", from, to, yuan, on_day), on(DAY)).unwrap();
    };
    book(MovementKind::Receipt, None, Some("bank"), 800, "2026-03-02");
    book(MovementKind::Transfer, Some("bank"), Some("cash"), 300, "2026-03-05");
    (office, accountant)
}

#[test]
fn a_period_is_counted_checked_and_closed_by_three_people_and_then_takes_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let (office, accountant) = with_march(folder.path());
    let (supervisor, approver) = (another(&office, &["supervisor"]), another(&office, &["approver"]));
    let march = day("2026-03-31");
    // Whatever is not counted, or differs for no reason, is named.
    let missing = accountant.count_period(&closing("2026-03-31", &[("bank", 500)], &[]), on(DAY));
    assert!(matches!(missing, Err(Failure::NotCounted { place, book }) if place == "cash" && book == Fen(30_000)));
    let short = closing("2026-03-31", &[("bank", 500), ("cash", 299)], &[]);
    let unnamed = accountant.count_period(&short, on(DAY));
    assert!(
        matches!(unnamed, Err(Failure::DifferenceUnnamed { place, differs }) if place == "cash" && differs == Fen(-100))
    );
    let counted = closing("2026-03-31", &[("bank", 500), ("cash", 299)], &[("cash", "找零时少收一元")]);
    let line = accountant.count_period(&counted, on(DAY)).unwrap();
    assert_eq!((line.row.closing.from, line.state), (day("2026-03-01"), ClosingState::Counted));
    let why: Vec<_> = line.counts.iter().filter_map(|line| line.because.as_deref()).collect();
    assert_eq!(why, ["找零时少收一元"]);
    // Nothing is closed that nobody checked, and nothing checked by whoever counted.
    assert_eq!(not_booked(approver.close_period(march, on(DAY))), NotBooked::ClosingStep);
    let both = another(&office, &["supervisor", "cashier"]);
    assert!(matches!(both.check_period(march, on(DAY)), Err(Failure::CashierChecks)));
    let all = another(&office, &["supervisor", "approver"]);
    all.check_period(march, on(DAY)).unwrap();
    assert!(matches!(all.close_period(march, on(DAY)), Err(Failure::SameHand { .. })));
    assert_eq!(not_booked(supervisor.check_period(march, on(DAY))), NotBooked::ClosingStep, "checked once");
    // A line that came in between is counted anew.
    let late = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 5, "2026-03-31");
    accountant.book(&late, on(DAY)).unwrap();
    let differs = NotBooked::ClosingDiffers { code: "bank".into(), on: march };
    assert_eq!(not_booked(approver.close_period(march, on(DAY))), differs);
    let counted = closing("2026-03-31", &[("bank", 505), ("cash", 299)], &[("cash", "找零时少收一元")]);
    accountant.count_period(&counted, on("2026-07-01")).unwrap();
    supervisor.check_period(march, on("2026-07-01")).unwrap();
    let closed = approver.close_period(march, on("2026-07-01")).unwrap();
    assert!(closed.state == ClosingState::Closed && closed.head.is_some(), "{closed:?}");
    // The last closed day is refused, the next one is taken.
    let why = not_booked(accountant.book(&late, on("2026-07-01")));
    assert_eq!(why, NotBooked::Closed { on: march, first: day("2026-04-01") });
    let receipt = accountant.line_named("r-general-2026-0001", on(DAY)).unwrap();
    assert!(matches!(
        not_booked(accountant.reverse(receipt, march, "更正", on("2026-07-01"))),
        NotBooked::Closed { .. }
    ));
    let next = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 7, "2026-04-01");
    accountant.book(&next, on("2026-07-01")).unwrap();
    // What the bank did in a closed month stands on the first open day, with the bank's own.
    let fact = accountant.bank_fact(receipt, Fen(100), day("2026-03-20"), "退票", on("2026-07-01")).unwrap();
    let row = accountant.fund_statement("gifts", day("2026-04-01"), day(DAY), on("2026-07-01")).unwrap().lines;
    let row = row.into_iter().find(|line| line.line.id == fact.id).unwrap();
    let movement = row.line.what.movement().unwrap().clone();
    assert_eq!((movement.on, movement.bank_day), (day("2026-04-01"), Some(day("2026-03-20"))));
    let proof = accountant.check_book(None, on("2026-07-01")).unwrap();
    assert!(proof.holds(), "{proof:?}");
    // The next period begins where this one ended, and opens with what it closed with.
    let may = accountant.count_period(&closing("2026-05-31", &[("bank", 511), ("cash", 300)], &[]), on("2026-07-01"));
    assert_eq!(may.unwrap().row.closing.from, day("2026-04-01"));
    let of =
        |from: &str, to: &str| accountant.fund_period(None, day(from), day(to), on("2026-07-01")).unwrap().statement;
    assert_eq!(of("2026-04-01", "2026-05-31").opening, of("2026-03-01", "2026-03-31").closing);
    assert!(matches!(
        not_booked(accountant.count_period(&closing("2026-05-30", &[("bank", 511), ("cash", 300)], &[]), on(DAY))),
        NotBooked::NotAPeriod { .. }
    ));
}

#[test]
fn the_ten_years_before_the_book_are_told_as_about_and_move_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S01", &[], None);
    let note = |year: i32, aid: &str, yuan: i64, times: u32| {
        accountant.note_former((year, aid), Fen(yuan * 100), times, "工会档案", on(DAY))
    };
    // domain.md §7.1: 2,340,000.00 and about 3,500 times in ten years.
    for year in 2009..=2018 {
        for (aid, yuan, times) in
            [("P1", 66_000, 110), ("P2", 75_000, 30), ("P3", 30_000, 20), ("P4", 18_000, 15), ("P6", 45_000, 175)]
        {
            note(year, aid, yuan, times).unwrap();
        }
    }
    // Said again, it replaces what was said; nothing at all takes it back.
    note(2008, "P1", 1, 1).unwrap();
    note(2008, "P1", 2, 1).unwrap();
    assert_eq!(accountant.former_years(on(DAY)).unwrap().len(), 51);
    note(2008, "P1", 0, 0).unwrap();
    assert_eq!(accountant.former_years(on(DAY)).unwrap().len(), 50);
    let years = |from: &str, to: &str| accountant.fund_period(None, day(from), day(to), on(DAY)).unwrap().statement;
    let ten = years("2008-01-01", "2018-12-31");
    assert_eq!((ten.all_former().amount, ten.all_former().person_times), (Fen(234_000_000), 3_500));
    assert!(ten.holds() && ten.all_aid.person_times == 0 && ten.closing == Fen(0));
    assert_eq!(years("2018-01-01", "2018-12-30").all_former().amount, Fen(0), "known by year alone");
    // The book begins behind them.
    let opening = |on_day: &str| booking(MovementKind::Opening, "gifts", None, Some("bank"), 500, on_day);
    let why = not_booked(accountant.book(&opening("2018-12-31"), on(DAY)));
    assert_eq!(why, NotBooked::Closed { on: day("2018-12-31"), first: day("2019-01-01") });
    accountant.book(&opening("2026-01-01"), on(DAY)).unwrap();
    assert_eq!(not_booked(note(2026, "P1", 1, 1)), NotBooked::Ahead { on: day(DAY) });
    note(2025, "P1", 1, 1).unwrap();
    let all = years("2008-01-01", DAY);
    assert_eq!((all.closing, all.begun_with, all.all_former().person_times), (Fen(50_000), Fen(50_000), 3_501));
    assert!(all.holds() && accountant.check_book(None, on(DAY)).unwrap().holds());
}

#[test]
fn a_period_that_is_not_over_by_the_clock_is_not_counted_whatever_day_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (office, accountant) = with_march(folder.path());
    let june = || closing("2026-06-30", &[("bank", 500), ("cash", 300)], &[]);
    let said = |at: &str, today: &str| Now { at: on(at).at, today: day(today) };
    let not_over = NotBooked::NotAPeriod { last: day("2026-06-30") };
    // A day that is to come is refused whatever is done as of it.
    let to_come = |done: Result<(), Failure>| assert!(matches!(done, Err(Failure::DayToCome { .. })), "{done:?}");
    to_come(accountant.count_period(&june(), said("2026-06-30", "2026-07-01")).map(drop));
    assert_eq!(not_booked(accountant.count_period(&june(), said("2026-07-01", "2026-06-30"))), not_over);
    let next = accountant.note_former((2026, "P1"), Fen(100), 1, "", said("2026-06-30", "2026-06-30"));
    assert_eq!(not_booked(next), NotBooked::Ahead { on: day("2026-06-30") });
    to_come(accountant.count_period(&june(), said("2026-07-01", "2030-01-01")).map(drop));
    let line = accountant.count_period(&june(), said("2026-07-01", "2026-07-01")).unwrap();
    assert_eq!(line.row.closing.on, day("2026-07-01"));
    // Nor does a record say so by itself.
    let keep = |at: &str, ledger: Ledger, over: &[EntryId]| {
        let act = Act::new(office.new_entry().unwrap(), on(at).at, Subject::Bureau, ledger);
        office.keep(&act.parents(over.iter().copied()))
    };
    let counted = Ledger::PeriodCounted(line.row.closing.clone());
    assert_eq!(not_booked(keep("2026-06-30", counted.clone(), &[])), not_over);
    keep("2026-07-01", counted, &[]).unwrap();
    let step = |on| Ledger::PeriodMoved(ClosingStep { closing: line.row.id, to: ClosingState::Checked, on });
    let own = [line.row.id];
    assert_eq!(not_booked(keep("2026-06-30", step(day("2026-07-01")), &own)), not_over);
    assert_eq!(not_booked(keep("2026-07-01", step(day("2026-06-30")), &own)), not_over);
    keep("2026-07-01", step(day("2026-07-01")), &own).unwrap();
}

#[test]
fn what_replaces_names_all_that_stands_of_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (office, accountant) = begun(folder.path());
    let unit = accountant.unit_named("JH").unwrap();
    let former = |year, times: u32| {
        let (aid, amount, document) = ("P1".to_owned(), Fen(i64::from(times) * 100), String::new());
        Ledger::FormerYearNoted(FormerYear { year, aid, amount, person_times: times, on: day(DAY), document })
    };
    let pledged = |month: u32, yuan: i64| {
        let from = Day::from_ymd(2026, month, 1).unwrap();
        Ledger::DonationsPledged(Pledge { unit, from, until: day(DAY), expected: Fen(yuan), on: day(DAY) })
    };
    let asked = |stage, yuan: i64| {
        let (source, document) = ("S01".to_owned(), String::new());
        Ledger::AppropriationNoted(Appropriation {
            year: 2026,
            source,
            stage,
            amount: Fen(yuan),
            on: day(DAY),
            document,
        })
    };
    for (first, other, second, third) in [
        (former(2020, 3), former(2021, 3), former(2020, 0), former(2020, 5)),
        (pledged(1, 3), pledged(2, 3), pledged(1, 4), pledged(1, 5)),
        (asked(Stage::Asked, 3), asked(Stage::Granted, 3), asked(Stage::Asked, 4), asked(Stage::Asked, 5)),
    ] {
        let keep = |ledger: &Ledger, over: &[EntryId]| {
            let id = office.new_entry().unwrap();
            let act = Act::new(id, on(DAY).at, Subject::Bureau, ledger.clone()).parents(over.iter().copied());
            office.keep(&act).map(|_| id)
        };
        let one = keep(&first, &[]).unwrap();
        keep(&other, &[]).unwrap();
        assert_eq!(not_booked(keep(&second, &[])), NotBooked::Meanwhile, "{second:?}");
        let two = keep(&second, &[one]).unwrap();
        assert_eq!(not_booked(keep(&third, &[one])), NotBooked::Meanwhile, "{third:?}");
        keep(&third, &[one, two]).unwrap();
    }
}

#[test]
fn a_step_that_is_sent_twice_is_answered_with_the_first_one() {
    let folder = tempfile::tempdir().unwrap();
    let (office, mut accountant) = with_march(folder.path());
    let (mut supervisor, mut approver) = (another(&office, &["supervisor"]), another(&office, &["approver"]));
    let (march, counted) = (day("2026-03-31"), closing("2026-03-31", &[("bank", 500), ("cash", 300)], &[]));
    accountant.request([1; 16]);
    let first = accountant.count_period(&counted, on(DAY)).unwrap();
    // What the book says by then, and which day it is, are no part of what was asked.
    another(&office, &["accountant"])
        .book(&booking(MovementKind::Receipt, "gifts", None, Some("bank"), 5, "2026-03-31"), on(DAY))
        .unwrap();
    assert_eq!(accountant.count_period(&counted, on("2026-07-01")).unwrap(), first);
    let other = closing("2026-03-31", &[("bank", 505), ("cash", 300)], &[]);
    assert!(matches!(accountant.count_period(&other, on("2026-07-01")), Err(Failure::RequestUsed)));
    accountant.request([2; 16]);
    accountant.count_period(&other, on("2026-07-01")).unwrap();
    supervisor.request([3; 16]);
    let checked = supervisor.check_period(march, on("2026-07-01")).unwrap();
    assert_eq!(supervisor.check_period(march, on("2026-07-02")).unwrap(), checked);
    supervisor.request([4; 16]);
    assert_eq!(not_booked(supervisor.check_period(march, on("2026-07-02"))), NotBooked::ClosingStep);
    approver.request([5; 16]);
    let closed = approver.close_period(march, on("2026-07-02")).unwrap();
    assert_eq!(approver.close_period(march, on("2026-07-03")).unwrap(), closed);
    assert_eq!(closed.by.len(), 3);
    approver.request([6; 16]);
    assert_eq!(not_booked(approver.close_period(march, on("2026-07-03"))), NotBooked::ClosingStep);
}
