//! What holds of a period's end: three people, the last closed day refused and the next one taken, every difference named; and of
//! the years before the book began: they are told as about, and move no money.

use super::fund::{begun, booking, day, not_booked, purse};
use super::*;
use crate::command::fund::NewClosing;
use crate::domain::Fen;
use crate::domain::fund::{ClosingState, MovementKind, NotBooked};

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
