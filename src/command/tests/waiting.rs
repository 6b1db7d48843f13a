//! What of the fund waits stands in the queue of whose duty it is, and in nobody else's: how much, since when, what it comes to.

use super::aid::Town;
use super::fund::day;
use super::*;
use crate::command::fund::{Control, FundWaits, NewClosing};
use crate::command::queue::QueueAsked;
use crate::domain::Fen;

/// The day of the town, and one on which its notice has ended.
const DAY: &str = "2026-04-20";
const LATER: &str = "2026-04-27";

/// What waits for whoever sits there: for what, how much, since when, what it comes to.
fn waits(seat: &Office, today: &str) -> Vec<(FundWaits, usize, String, Option<i64>)> {
    let found = seat.queue(&QueueAsked { mine: true, of_fund: true, ..QueueAsked::default() }, on(today)).unwrap();
    let line = |line: &crate::command::fund::FundQueueLine| {
        assert!(line.mine);
        (line.waits, line.count, line.since.to_string(), line.sum.map(|sum| sum.0))
    };
    found.fund.iter().map(line).collect()
}

#[test]
fn a_payout_waits_for_each_hand_in_turn_and_for_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let one = |waits, since: &str| vec![(waits, 1, since.to_owned(), Some(200_000))];
    let of = |seat: &Office, today: &str| -> Vec<_> {
        waits(seat, today).into_iter().filter(|(waits, ..)| waits.payouts().is_some()).collect()
    };
    // Whoever proposes in this town reviews as well.
    let surveyor = town.office.add_officer("示例员", "surveys", &["surveyor"], &[], on(DAY)).unwrap();
    let surveyor = town.office.seat(surveyor, SessionContext::program("another"));
    let seats = [&surveyor, &town.checker, &town.approver, &town.cashier, &town.accountant];
    // Of all of them it waits for one alone.
    let waits_for = |whom: &Office, line: Vec<(FundWaits, usize, String, Option<i64>)>, today: &str| {
        for (place, seat) in seats.into_iter().enumerate() {
            let expected = if seat.officer() == whom.officer() { line.clone() } else { Vec::new() };
            assert_eq!(of(seat, today), expected, "seat {place}");
        }
    };
    let row = town.propose(town.dossier, "2026 火灾", &[("gifts", 2_000)]).unwrap();
    waits_for(&town.checker, one(FundWaits::CheckPayout, DAY), DAY);
    let row = town.checker.check_payout(&row, on(DAY)).unwrap();
    waits_for(&town.approver, one(FundWaits::DecidePayout, DAY), LATER);
    let row = town.approver.approve_payout(&row, None, on(DAY)).unwrap();
    waits_for(&town.checker, one(FundWaits::PostPayout, DAY), DAY);
    let row = town.checker.post_payout(&row, None, on(DAY)).unwrap();
    let until = row.last().unwrap().step.until.unwrap();
    // While its notice runs it waits for nobody; from the day behind it on for whoever pays.
    for seat in seats {
        assert_eq!(of(seat, &until.to_string()), []);
    }
    let ended = until.plus_days(1).to_string();
    waits_for(&town.cashier, one(FundWaits::PayPayout, &ended), "2026-05-20");
    let sent = Control { count: 1, sum: Fen(200_000) };
    let sent = town.cashier.send_batch("bank", sent, &[], on(&ended)).unwrap();
    waits_for(&town.cashier, one(FundWaits::ConfirmPayout, &ended), &ended);
    let file = crate::command::fund::bank_csv(&town.cashier.bank_lines(&sent.batch, on(&ended)).unwrap(), "");
    let answer = format!("reference,name,account,amount,result\n{},failed\n", file.lines().nth(1).unwrap());
    town.cashier.take_answer(&sent.batch, &answer, on(&ended)).unwrap();
    waits_for(&town.cashier, one(FundWaits::ReturnedPayout, &ended), &ended);
    // Another one is another line, and counted beside it.
    let all = town.checker.queue(&QueueAsked { of_fund: true, ..QueueAsked::default() }, on(&ended)).unwrap().fund;
    assert!(all.iter().any(|line| line.waits == FundWaits::ReturnedPayout && !line.mine), "{all:?}");
}

#[test]
fn a_campaign_waits_to_be_checked_granted_handed_over_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    let of = |seat: &Office, today: &str| -> Vec<_> {
        waits(seat, today).into_iter().filter(|(waits, ..)| waits.is_of_campaigns()).collect()
    };
    assert_eq!(of(&town.checker, DAY), [], "nobody is on its list");
    town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    assert_eq!(of(&town.checker, DAY), [(FundWaits::CheckCampaign, 1, DAY.to_owned(), None)]);
    town.check(&row, 2, 100_000).unwrap();
    assert_eq!(of(&town.checker, DAY), []);
    assert_eq!(of(&town.approver, DAY), [(FundWaits::DecideCampaign, 1, DAY.to_owned(), Some(100_000))]);
    town.approve(&row).unwrap();
    assert_eq!(of(&town.cashier, DAY), [(FundWaits::HandOver, 2, DAY.to_owned(), Some(100_000))]);
    town.hand(&row, &[1], "2026-04-21").unwrap();
    assert_eq!(of(&town.cashier, LATER), [(FundWaits::HandOver, 1, DAY.to_owned(), Some(50_000))]);
    town.back(&row, &[2], "2026-04-22").unwrap();
    assert_eq!(of(&town.cashier, LATER), [(FundWaits::CloseCampaign, 1, "2026-04-22".to_owned(), None)]);
    town.cashier.close_campaign(&town.now(&row), on(LATER)).unwrap();
    assert_eq!(of(&town.cashier, LATER), []);
}

#[test]
fn a_month_that_is_over_waits_to_be_counted_checked_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let supervisor = another(&town.office, &["supervisor"]);
    // The places of the town stand since January: three months are over.
    let counted = waits(&town.accountant, DAY);
    assert_eq!(counted, [(FundWaits::CountPeriod, 3, "2026-02-01".to_owned(), None)]);
    assert_eq!((waits(&supervisor, DAY), waits(&town.approver, DAY)), (vec![], vec![]));
    let new = NewClosing {
        to: day("2026-03-31"),
        counted: vec![("bank".into(), Fen(1_700_000)), ("box".into(), Fen(300_000))],
        because: Vec::new(),
    };
    town.accountant.count_period(&new, on(DAY)).unwrap();
    assert_eq!(waits(&town.accountant, DAY), []);
    assert_eq!(waits(&supervisor, DAY), [(FundWaits::CheckPeriod, 1, DAY.to_owned(), None)]);
    supervisor.check_period(new.to, on(DAY)).unwrap();
    assert_eq!((waits(&supervisor, DAY), waits(&town.accountant, DAY)), (vec![], vec![]));
    assert_eq!(waits(&town.approver, DAY), [(FundWaits::ClosePeriod, 1, DAY.to_owned(), None)]);
    town.approver.close_period(new.to, on(DAY)).unwrap();
    assert_eq!((waits(&town.approver, DAY), waits(&town.accountant, "2026-04-30")), (vec![], vec![]));
    assert_eq!(waits(&town.accountant, "2026-05-01"), [(FundWaits::CountPeriod, 1, "2026-05-01".to_owned(), None)]);
}

#[test]
fn whoever_has_no_part_in_households_is_refused_their_payouts_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    town.propose(town.dossier, "2026 火灾", &[("gifts", 2_000)]).unwrap();
    let refused = town.accountant.payouts(None, on(DAY));
    assert!(matches!(refused, Err(Failure::NeedsRole { .. })), "{:?}", refused.map(|rows| rows.len()));
    assert_eq!(town.cashier.payouts(None, on(DAY)).unwrap().len(), 1);
}
