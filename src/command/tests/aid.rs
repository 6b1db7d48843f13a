//! What holds of payouts: first the dossier, then the help; nobody twice; nobody by one hand; nothing half posted.

use super::fund::{booking, day, not_booked, place, purse};
use super::*;
use crate::command::fund::{Control, NewPayout, NotPayable, bank_csv};
use crate::domain::fund::{Account, Meeting, MovementKind, NotBooked, PayoutState, PlaceKind};
use crate::domain::{Fen, Subject};
use crate::store::Position;
use crate::views::fund::PayoutRow;

const DAY: &str = "2026-04-20";

/// An office with a book, 20,000 in the bank, 3,000 of it in the box, and everybody who has a part in a payout.
pub(super) struct Town {
    pub office: Office,
    pub accountant: Office,
    pub proposer: Office,
    pub checker: Office,
    pub approver: Office,
    pub cashier: Office,
    pub dossier: DossierId,
}

impl Town {
    pub fn new(folder: &Path) -> Town {
        let office = office(folder, 7, DAY);
        office.take_book(on(DAY)).unwrap();
        let accountant = another(&office, &["accountant"]);
        place(&accountant, "bank", PlaceKind::Bank);
        place(&accountant, "box", PlaceKind::Cash);
        purse(&accountant, "gifts", "S01", &[], None);
        purse(&accountant, "fire", "S04", &["P2", "P4"], None);
        for (purse, yuan) in [("gifts", 15_000), ("fire", 5_000)] {
            accountant
                .book(&booking(MovementKind::Receipt, purse, None, Some("bank"), yuan, "2026-03-02"), on(DAY))
                .unwrap();
        }
        accountant
            .book(&booking(MovementKind::Transfer, "gifts", Some("bank"), Some("box"), 3_000, "2026-03-03"), on(DAY))
            .unwrap();
        let dossier = open_case(&office, "illness");
        Town::seated(office, dossier)
    }

    /// Everybody at their seats, in a folder that was opened.
    pub fn seated(office: Office, dossier: DossierId) -> Town {
        let another = |roles: &[&str]| super::another(&office, roles);
        Town {
            proposer: another(&["surveyor"]),
            checker: another(&["reviewer"]),
            approver: another(&["approver"]),
            cashier: another(&["cashier"]),
            accountant: another(&["accountant"]),
            dossier,
            office,
        }
    }

    pub fn propose(&self, dossier: DossierId, event: &str, draws: &[(&str, i64)]) -> Result<PayoutRow, Failure> {
        self.propose_kind("P4", dossier, event, draws)
    }

    pub fn propose_kind(
        &self,
        aid: &str,
        dossier: DossierId,
        event: &str,
        draws: &[(&str, i64)],
    ) -> Result<PayoutRow, Failure> {
        let new = NewPayout {
            aid: aid.into(),
            event: event.into(),
            draws: draws.iter().map(|(purse, yuan)| ((*purse).to_owned(), Fen(yuan * 100))).collect(),
            why: "房屋火灾急需安置".into(),
            papers_by: None,
        };
        self.proposer.open(dossier, on(DAY))?.propose_aid(&new)
    }

    fn granted(&self, dossier: DossierId, event: &str, draws: &[(&str, i64)]) -> PayoutRow {
        let row = self.propose(dossier, event, draws).unwrap_or_else(|f| panic!("{}", said(&f)));
        let row = self.checker.check_payout(&row, on(DAY)).unwrap_or_else(|f| panic!("{}", said(&f)));
        self.approver.approve_payout(&row, None, on(DAY)).unwrap_or_else(|f| panic!("{}", said(&f)))
    }

    pub fn posted(&self, dossier: DossierId, event: &str, draws: &[(&str, i64)]) -> PayoutRow {
        self.checker.post_payout(&self.granted(dossier, event, draws), None, on(DAY)).unwrap()
    }

    /// The payout for that event, as it stands.
    pub fn named(&self, event: &str) -> Option<PayoutRow> {
        self.approver.payouts(None, on(DAY)).unwrap().into_iter().rev().find(|row| row.payout.event == event)
    }

    pub fn free(&self, purse: &str) -> Fen {
        let state = self.accountant.fund_state(day("2026-06-01"), on("2026-06-01")).unwrap();
        state.purses.into_iter().find(|line| line.row.purse.code == purse).unwrap().sums.free()
    }

    pub fn holds(&self) {
        let proof = self.accountant.check_book(None, on(DAY)).unwrap();
        assert!(proof.holds(), "{proof:?}");
    }
}

pub(super) fn open_case(office: &Office, household: &str) -> DossierId {
    let dossier = survey(office, None, None, &steps(household), "2026-03-10");
    for to in [Status::Verifying, Status::Reviewed, Status::Endorsed, Status::Noticed] {
        step(office, dossier, to, "2026-03-15", None, None).unwrap();
    }
    for to in [Status::Approved, Status::Open] {
        step(office, dossier, to, "2026-03-20", None, None).unwrap();
    }
    dossier
}

fn not_payable<T>(result: Result<T, Failure>) -> NotPayable {
    match result {
        Err(Failure::NotPayable(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was done"),
    }
}

#[test]
fn a_payout_goes_its_whole_way_through_the_bank() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    // One line, one person-time, over two purses.
    let row = town.posted(town.dossier, "2026 火灾", &[("fire", 2_000), ("gifts", 1_000)]);
    assert_eq!((town.free("fire"), town.free("gifts")), (Fen(300_000), Fen(1_400_000)));
    let control = Control { count: 1, sum: Fen(300_000) };
    let early = town.cashier.send_batch("bank", control, &[], on("2026-04-25"));
    assert_eq!(not_payable(early.map(drop)), NotPayable::NoticeRuns { until: day("2026-04-25") });
    let now = on("2026-04-26");
    let off = Control { sum: Fen(300_001), ..control };
    assert_eq!(
        not_payable(town.cashier.send_batch("bank", off, &[], now)),
        NotPayable::Control { count: 1, sum: control.sum }
    );
    let sent = town.cashier.send_batch("bank", control, &[], now).unwrap_or_else(|f| panic!("{}", said(&f)));
    assert!(sent.stopped.is_empty());
    let file = || bank_csv(&town.cashier.bank_lines(&sent.batch, now).unwrap(), "已销毁");
    assert_eq!(file(), file(), "the same bytes each time");
    let line = file().lines().nth(1).unwrap().to_owned();
    assert!(line.ends_with(",3000.00"), "{line}");
    // Until the bank has answered the money is the purse's, and nobody's to grant.
    let state = town.accountant.fund_state(now.today, now).unwrap();
    assert_eq!(state.purses_total().balance(), Fen(2_000_000));
    let answer = format!("reference,name,account,amount,result\n{line},ok\n");
    let came = town.cashier.take_answer(&sent.batch, &answer, now).unwrap();
    assert_eq!((came.paid, came.returned, came.known), (1, 0, 0));
    let records = town.office.bureau.store.position();
    let again = town.cashier.take_answer(&sent.batch, &answer, now).unwrap();
    assert_eq!((again.paid, again.known, town.office.bureau.store.position()), (0, 1, records));
    let row = crate::views::fund::payout(&town.office.bureau.store, &town.office.bureau.keys, row.id).unwrap().unwrap();
    assert_eq!(row.state(), PayoutState::Paid);
    assert_eq!(town.cashier.settle_payout(&row, "签收表 12", now).unwrap().state(), PayoutState::Settled);
    let state = town.accountant.fund_state(now.today, now).unwrap();
    assert_eq!((state.purses_total().balance(), state.places_total().balance()), (Fen(1_700_000), Fen(1_700_000)));
    // Over two purses it is one time, one person, one household.
    let period = town.accountant.fund_period(None, day("2026-01-01"), day("2026-12-31"), now).unwrap().statement;
    let aid = period.all_aid;
    assert!(period.holds());
    assert_eq!((aid.amount, aid.person_times, aid.persons, aid.households), (Fen(300_000), 1, 1, 1));
    assert_eq!((period.receipts["S01"], period.receipts["S04"]), (Fen(1_500_000), Fen(500_000)));
    town.holds();
}

#[test]
fn a_closed_dossier_takes_no_payout() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.posted(town.dossier, "2026 火灾", &[("fire", 500)]);
    let early = survey(&town.office, None, None, &steps("accident"), "2026-03-10");
    assert_eq!(not_payable(town.propose(early, "2026", &[("fire", 1)])), NotPayable::NotOpen);
    step(&town.office, town.dossier, Status::Closed, "2026-04-24", Some("07"), None).unwrap();
    let now = on("2026-04-28");
    let control = Control { count: 1, sum: Fen(50_000) };
    assert_eq!(not_payable(town.cashier.send_batch("bank", control, &[], now).map(drop)), NotPayable::NotOpen);
    assert_eq!(not_payable(town.cashier.pay_in_cash(&row, "box", "本人", now)), NotPayable::NotOpen);
    // What was granted is free again by a word of whoever granted it.
    assert_eq!(town.free("fire"), Fen(450_000));
    town.approver.withdraw_payout(&row, "撤档后不再发放", now).unwrap();
    assert_eq!(town.free("fire"), Fen(500_000));
    town.holds();
}

#[test]
fn what_no_longer_holds_stops_its_line_and_not_the_batch() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let other = open_case(&town.office, "laid_off");
    let one = town.posted(town.dossier, "2026 火灾", &[("gifts", 500)]);
    let two = town.posted(other, "2026 火灾", &[("gifts", 700)]);
    step(&town.office, other, Status::Closed, "2026-04-24", Some("07"), None).unwrap();
    let now = on("2026-04-28");
    let sent = town.cashier.send_batch("bank", Control { count: 2, sum: Fen(120_000) }, &[], now).unwrap();
    assert_eq!(sent.batch.batch.lines, [one.id]);
    assert_eq!(sent.batch.batch.stopped, [(two.id, "not_open".to_owned())]);
    assert!(matches!(sent.stopped[0].1, Failure::NotPayable(NotPayable::NotOpen)));
}

#[test]
fn nobody_grants_what_they_proposed_or_pays_what_they_granted() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let all = another(&town.office, &["surveyor", "reviewer", "approver", "cashier"]);
    let new = NewPayout {
        aid: "P4".into(),
        event: "2026".into(),
        draws: vec![("gifts".into(), Fen(10_000))],
        why: "房屋火灾急需安置".into(),
        papers_by: None,
    };
    let row = all.open(town.dossier, on(DAY)).unwrap().propose_aid(&new).unwrap();
    let row = all.check_payout(&row, on(DAY)).unwrap();
    assert!(matches!(all.approve_payout(&row, None, on(DAY)), Err(Failure::SamePerson { .. })));
    let row = town.approver.approve_payout(&row, None, on(DAY)).unwrap();
    let row = all.post_payout(&row, Some(1), on(DAY)).unwrap();
    let both = town.office.seat(town.approver.officer(), SessionContext::program("another"));
    assert!(matches!(both.pay_in_cash(&row, "box", "本人", on("2026-04-26")), Err(Failure::NeedsRole { .. })));
    let mut officer = town.office.officers().unwrap().into_iter().find(|o| o.officer == both.officer()).unwrap();
    officer.roles = vec!["approver".into(), "cashier".into()];
    town.office.set_officer(&officer, on(DAY)).unwrap();
    assert!(matches!(both.pay_in_cash(&row, "box", "本人", on("2026-04-26")), Err(Failure::SamePerson { .. })));
    assert_eq!(all.pay_in_cash(&row, "box", "本人", on("2026-04-26")).unwrap().state(), PayoutState::Paid);
    town.holds();
}

#[test]
fn above_the_tier_a_meeting_decides_and_an_empty_purse_grants_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let check = |row: PayoutRow| town.checker.check_payout(&row, on(DAY)).unwrap();
    let above = check(town.propose_kind("P2", town.dossier, "2026", &[("fire", 10_001)]).unwrap());
    let alone = town.approver.approve_payout(&above, None, on(DAY));
    assert_eq!(not_payable(alone), NotPayable::NeedsMeeting { above: Fen(1_000_000) });
    let meeting =
        Meeting { document: "2026-3".into(), members: 9, present: 6, votes_for: 4, votes_against: 2, aside: 0 };
    let empty = Meeting { present: 5, votes_for: 5, votes_against: 0, ..meeting.clone() };
    assert!(matches!(not_payable(town.approver.approve_payout(&above, Some(empty), on(DAY))), NotPayable::Meeting(_)));
    // The first refusal begins the session, which is a record; the grant is none.
    assert!(town.approver.approve_payout(&above, Some(meeting.clone()), on(DAY)).is_err());
    let records: Position = town.office.bureau.store.position();
    let short = not_booked(town.approver.approve_payout(&above, Some(meeting.clone()), on(DAY)));
    assert_eq!(short, NotBooked::PurseShort { purse: "fire".into(), on: day(DAY), missing: Fen(500_100) });
    let row =
        crate::views::fund::payout(&town.office.bureau.store, &town.office.bureau.keys, above.id).unwrap().unwrap();
    assert_eq!(
        (row.state(), town.office.bureau.store.position()),
        (PayoutState::Checked, records),
        "nothing half posted"
    );
    town.approver.refuse_payout(&above, "专款不足改用他款", on(DAY)).unwrap();
    let at_the_line = check(town.propose_kind("P2", town.dossier, "2026", &[("gifts", 10_000)]).unwrap());
    town.approver.approve_payout(&at_the_line, None, on(DAY)).unwrap();
}

#[test]
fn the_same_help_for_the_same_event_is_had_once() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.propose(town.dossier, "2026 火灾", &[("gifts", 100)]).unwrap();
    assert_eq!(not_payable(town.propose(town.dossier, "2026 火灾", &[("fire", 100)])), NotPayable::Twice);
    town.checker.refuse_payout(&row, "材料不齐请补交", on(DAY)).unwrap();
    // What was refused stands in nobody's way.
    assert!(town.propose(town.dossier, "2026 火灾", &[("fire", 100)]).is_ok());
}

#[test]
fn an_answer_that_does_not_match_is_not_taken_and_what_came_back_is_paid_again() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.posted(town.dossier, "2026 火灾", &[("gifts", 500)]);
    let now = on("2026-04-26");
    let control = Control { count: 1, sum: Fen(50_000) };
    let sent = town.cashier.send_batch("bank", control, &[], now).unwrap();
    let line = bank_csv(&town.cashier.bank_lines(&sent.batch, now).unwrap(), "").lines().nth(1).unwrap().to_owned();
    let [reference, name, account, _] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let heads = "reference,name,account,amount,result\n";
    let records = town.office.bureau.store.position();
    for (what, wrong) in [
        ("another amount", format!("{reference},{name},{account},500.01,ok")),
        ("another name", format!("{reference},某某,{account},500.00,ok")),
        ("another account", format!("{reference},{name},6222000000000000,500.00,ok")),
        ("a line too many", format!("{line},ok\nffffffff-9,{name},{account},500.00,ok")),
        ("a line twice", format!("{line},ok\n{line},failed")),
        ("no result", format!("{line},perhaps")),
    ] {
        let refused = town.cashier.take_answer(&sent.batch, &format!("{heads}{wrong}\n"), now).unwrap_err();
        assert!(matches!(refused, Failure::NotAnAnswer(_)), "{what}: {refused:?}");
        assert_eq!(town.office.bureau.store.position(), records, "{what}");
    }
    let came = town.cashier.take_answer(&sent.batch, &format!("{heads}{line},failed\n"), now).unwrap();
    assert_eq!((came.paid, came.returned), (0, 1));
    assert_eq!(town.free("gifts"), Fen(1_450_000), "it stays reserved");
    let again = town.cashier.send_batch("bank", control, &[], on("2026-04-28")).unwrap();
    assert_ne!(again.batch.id, sent.batch.id);
    // The first batch's answer says nothing of what was sent again.
    let came = town.cashier.take_answer(&sent.batch, &format!("{heads}{line},ok\n"), on("2026-04-28")).unwrap();
    assert_eq!((came.paid, came.known), (0, 1));
    let line = bank_csv(&town.cashier.bank_lines(&again.batch, now).unwrap(), "").lines().nth(1).unwrap().to_owned();
    let came = town.cashier.take_answer(&again.batch, &format!("{heads}{line},成功\n"), on("2026-04-29")).unwrap();
    assert_eq!(came.paid, 1);
    let row = crate::views::fund::payout(&town.office.bureau.store, &town.office.bureau.keys, row.id).unwrap().unwrap();
    assert_eq!(row.state(), PayoutState::Paid);
    town.holds();
}

#[test]
fn a_batch_sent_twice_is_one_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::new(folder.path());
    town.posted(town.dossier, "2026 火灾", &[("gifts", 500)]);
    let now = on("2026-04-26");
    town.cashier.request([5; 16]);
    let control = Control { count: 1, sum: Fen(50_000) };
    let first = town.cashier.send_batch("bank", control, &[], now).unwrap();
    let records = town.office.bureau.store.position();
    assert_eq!(town.cashier.send_batch("bank", control, &[], now).unwrap().batch.id, first.batch.id);
    assert_eq!(town.office.bureau.store.position(), records);
}

#[test]
fn an_account_that_changed_since_it_was_checked_is_not_paid() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    town.posted(town.dossier, "2026 火灾", &[("gifts", 500)]);
    // Paying to whatever account the latest survey names would let whoever surveys choose.
    let other = set("identity/bank_account", "6222021001116245702");
    survey(&town.office, Some(town.dossier), Some(1), &[other], "2026-04-22");
    let control = Control { count: 1, sum: Fen(50_000) };
    let refused = town.cashier.send_batch("bank", control, &[], on("2026-04-26")).map(drop);
    assert_eq!(not_payable(refused), NotPayable::AccountChanged);
}

#[test]
fn an_emergency_is_paid_first_and_owes_its_papers() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let new = NewPayout {
        aid: "P4".into(),
        event: "2026 车祸".into(),
        draws: vec![("gifts".into(), Fen(200_000))],
        why: "车祸住院急需押金".into(),
        papers_by: Some(day("2026-05-04")),
    };
    let row = town.proposer.open(town.dossier, on(DAY)).unwrap().propose_aid(&new).unwrap();
    let row = town.checker.check_payout(&row, on(DAY)).unwrap();
    let row = town.approver.approve_payout(&row, None, on(DAY)).unwrap();
    let row = town.cashier.pay_in_cash(&row, "box", "妻子代领，有委托书", on(DAY)).unwrap();
    assert_eq!(row.state(), PayoutState::Paid);
    let account = Account::Purse(town.accountant.purse_named("gifts").unwrap().purse.purse);
    let sums =
        crate::views::fund::sums(&town.office.bureau.store, &town.office.bureau.keys, account, day(DAY)).unwrap();
    assert_eq!((sums.balance(), sums.reserved()), (Fen(1_300_000), Fen(0)));
    let about = crate::views::fund::lines_about(
        &town.office.bureau.store,
        &town.office.bureau.keys,
        Subject::Dossier(town.dossier),
    );
    assert_eq!(about.unwrap().len(), 2, "what was reserved, and what was paid");
    town.holds();
}

#[test]
fn a_fen_above_the_standard_is_refused_and_the_standard_of_the_day_of_paying_counts() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let new = |fen: i64| NewPayout {
        aid: "P4".into(),
        event: "2026".into(),
        draws: vec![("gifts".into(), Fen(fen))],
        why: "房屋火灾急需安置".into(),
        papers_by: None,
    };
    let household = town.proposer.open(town.dossier, on(DAY)).unwrap();
    assert_eq!(not_payable(household.propose_aid(&new(300_001))), NotPayable::AboveStandard { most: Fen(300_000) });
    // Nothing of the accident kind for whom nothing happened.
    let accident = town.propose_kind("P7", town.dossier, "2026", &[("gifts", 1)]);
    assert_eq!(not_payable(accident), NotPayable::AboveStandard { most: Fen(0) });
    town.posted(town.dossier, "2026", &[("gifts", 3_000)]);
    let (rules, grants) = household.grants(on(DAY).today).unwrap();
    assert!(rules.is_sample && grants.iter().any(|grant| grant.aid == "P4" && grant.had == Fen(300_000)));
    // The bureau adopts its own standards, lower ones, before it is paid.
    let text = include_str!("../../data/aid/sample.toml").replacen("flat = \"3000.00\"", "flat = \"2999.99\"", 1);
    let sample = text.clone();
    let text = text.replacen("id = \"sample\"", "id = \"own\"", 1);
    let approver = another(&town.office, &["approver"]);
    let (decided_on, since) = (day("2026-04-21"), Some(day("2026-04-26")));
    let adopts = |text: &str| {
        approver.adopt_aid(("own.toml", text), "示例 2026 第 3 号", decided_on, (since, None), on("2026-04-21"))
    };
    let wrong = adopts(&text.replacen("\"2999.99\"", "\"much\"", 1)).unwrap_err();
    assert!(matches!(wrong, Failure::Rules(_)) && said(&wrong).contains("own.toml"), "{}", said(&wrong));
    let taken = adopts(&sample).unwrap_err();
    assert!(matches!(taken, Failure::RulesNamedAlready { .. }), "the program's own id with another text: {taken:?}");
    assert_eq!(adopts(&text).unwrap(), "own");
    let other = adopts(&text.replacen("\"2999.99\"", "\"2999.98\"", 1)).unwrap_err();
    assert!(matches!(other, Failure::RulesNamedAlready { .. }), "{other:?}");
    assert_eq!(town.office.rules_text("own").unwrap(), Some(text));
    let (rules, _) = household.grants(day("2026-04-26")).unwrap();
    assert!(!rules.is_sample && rules.id == "own");
    let control = Control { count: 1, sum: Fen(300_000) };
    let refused = town.cashier.send_batch("bank", control, &[], on("2026-04-26")).map(drop);
    assert_eq!(not_payable(refused), NotPayable::AboveStandard { most: Fen(299_999) });
}

#[test]
fn what_was_had_is_told_with_the_household() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.posted(town.dossier, "2026 火灾", &[("gifts", 500)]);
    let had = |now: Now| town.proposer.aid_had(town.dossier, now).unwrap();
    assert!(had(on("2026-04-26")).is_empty(), "granted is not had");
    town.cashier.pay_in_cash(&row, "box", "本人", on("2026-04-26")).unwrap();
    let had = had(on("2026-04-26"));
    assert_eq!((had.len(), had[0].amount, had[0].on), (1, Fen(50_000), day("2026-04-26")));
    assert_eq!(town.proposer.open(town.dossier, on(DAY)).unwrap().aid_had().unwrap(), had);
    let elsewhere = town.office.units().unwrap().into_iter().rev().map(|unit| unit.unit).next().unwrap();
    let stranger = town.office.add_officer("示例丁", "four", &["surveyor"], &[elsewhere], on("2026-01-01")).unwrap();
    let stranger = town.office.seat(stranger, SessionContext::program("test"));
    let reach = stranger.reach(on(DAY)).unwrap().unwrap();
    let unit = town.office.status(town.dossier, Horizon::NOW).unwrap().unit.unwrap();
    assert!(reach.contains(&unit) || stranger.aid_had(town.dossier, on(DAY)).is_err());
}
