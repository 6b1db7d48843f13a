//! What holds of gifts: who sees a donor's name, that receipts leave no gap, that what people gave comes to what was booked,
//! and that a donor can be told what became of it.

use super::fund::{begun, booking, day, not_booked, purse};
use super::*;
use crate::command::fund::{Donation, NewCollection, NewDonor, NewPurse};
use crate::domain::fund::{Books, MovementKind, NotBooked, Stage};
use crate::domain::{Fen, Subject};

const DAY: &str = "2026-06-30";

pub(super) fn donor(name: &str, is_organisation: bool) -> NewDonor {
    NewDonor { name: name.into(), is_organisation, id_number: None, phone: None, unit: None, unnamed: false }
}

pub(super) fn donation(donor: Option<&str>, purse: &str, yuan: i64, on: &str) -> Donation {
    Donation {
        donor: donor.map(str::to_owned),
        purse: purse.into(),
        opens: None,
        place: "bank".into(),
        amount: Fen(yuan * 100),
        on: day(on),
        document: "捐 1".into(),
    }
}

pub(super) fn collection(unit: &str, yuan: i64, staff: u32, gave: &[(i64, u32)], on: &str) -> NewCollection {
    NewCollection {
        unit: unit.into(),
        purse: "standing".into(),
        place: "bank".into(),
        amount: Fen(yuan * 100),
        staff,
        gave: gave.iter().map(|(yuan, people)| (Fen(yuan * 100), *people)).collect(),
        from: day("2026-01-01"),
        until: day("2026-06-30"),
        on: day(on),
        document: "册 7".into(),
    }
}

#[test]
fn a_donors_name_is_seen_by_whoever_keeps_donors_and_goes_with_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let (office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S09", &[], None);
    let given = accountant.add_donor(&donor("示例捐赠甲", false), on(DAY)).unwrap();
    accountant.add_donor(&donor("示例公司", true), on(DAY)).unwrap();
    let booked = accountant.donate(&donation(Some("示例捐赠甲"), "gifts", 800, "2026-03-02"), on(DAY)).unwrap();
    assert_eq!(booked.number.as_deref(), Some("r-general-2026-0001"));
    let names = |office: &Office| -> Vec<Option<String>> {
        office.donors(on(DAY)).unwrap().into_iter().map(|donor| donor.name).collect()
    };
    assert_eq!(names(&accountant), [Some("示例捐赠甲".into()), Some("示例公司".into())]);
    let supervisor = another(&office, &["supervisor"]);
    assert_eq!(names(&supervisor), [Some("示***甲".into()), Some("示例公司".into())]);
    // Nor does guessing a name tell that somebody gave.
    assert!(matches!(supervisor.donor_named("示例捐赠甲", on(DAY)), Err(Failure::NoSuchDonor { .. })));
    assert_eq!(supervisor.donor_named(&given.id.hex()[..8], on(DAY)).unwrap(), given.id);
    // The paper has the name on it, and that it was printed is on record.
    let auditor = another(&office, &["audit_administrator"]);
    let before = auditor.looks(Stamp(0), 50, on(DAY)).unwrap().len();
    let paper = accountant.receipt_paper("r-general-2026-0001", on(DAY)).unwrap();
    assert_eq!(paper.donor.unwrap().name.as_deref(), Some("示例捐赠甲"));
    assert_eq!(auditor.looks(Stamp(0), 50, on(DAY)).unwrap().len(), before + 1);
    // The key goes; the book's sums stay.
    let subject = Subject::Person(given.id);
    let seen = views::read::chain_heads(&office.bureau.store).unwrap().iter().map(|h| (h.station, h.seq)).collect();
    let erased = crate::domain::event::Ledger::Erased { subject, seen };
    office.keep(&crate::command::Act::new(office.new_entry().unwrap(), on(DAY).at, subject, erased)).unwrap();
    let report = accountant.gift_report(given.id, day(DAY), on(DAY)).unwrap();
    assert_eq!((report.donor.name, report.donor.gave), (None, Fen(80_000)));
    assert!(accountant.check_book(None, on(DAY)).unwrap().holds());
}

#[test]
fn a_gift_for_one_purpose_opens_its_purse_and_its_donor_is_told_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, mut accountant) = begun(folder.path());
    accountant.add_donor(&donor("示例捐赠甲", false), on(DAY)).unwrap();
    let new = NewPurse {
        code: "fire".into(),
        source: "S09".into(),
        kinds: vec!["P7".into()],
        household: None,
        zh: "火灾".into(),
        en: "fire".into(),
        since: day("2026-03-02"),
        until: None,
    };
    let gift = Donation { opens: Some(new), ..donation(Some("示例捐赠甲"), "fire", 800, "2026-03-02") };
    accountant.request([9; 16]);
    let booked = accountant.donate(&gift, on(DAY)).unwrap();
    assert_eq!(booked.id.line, 1, "the purse stands before it, in the same record");
    assert_eq!(accountant.donate(&gift, on(DAY)).unwrap(), booked, "sent twice it is one gift, and one purse");
    accountant.request([10; 16]);
    assert!(matches!(not_booked(accountant.donate(&gift, on(DAY))), NotBooked::CodeTaken { .. }));
    accountant.request([11; 16]);
    accountant.donate(&donation(None, "fire", 200, "2026-03-03"), on(DAY)).unwrap();
    let id = accountant.donor_named("示例捐赠甲", on(DAY)).unwrap();
    let report = accountant.gift_report(id, day(DAY), on(DAY)).unwrap();
    assert_eq!((report.lines.len(), report.purses.len()), (1, 1));
    let purse = &report.purses[0];
    assert_eq!((purse.gave, purse.statement.closing), (Fen(80_000), Fen(100_000)));
    assert_eq!(purse.row.purse.donor, Some(id));
    // Taken back, it was given no more.
    accountant.request([12; 16]);
    accountant.reverse(booked.id, day("2026-04-01"), "退回", on(DAY)).unwrap();
    let report = accountant.gift_report(id, day(DAY), on(DAY)).unwrap();
    assert_eq!((report.donor.gave, report.donor.receipts, report.purses[0].gave), (Fen(0), 0, Fen(0)));
    assert_eq!(accountant.gift_report(id, day("2026-03-31"), on(DAY)).unwrap().purses[0].gave, Fen(80_000));
}

#[test]
fn a_grant_is_settled_down_to_what_goes_back_and_what_is_left_after_its_day_stands_out() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "grant", "S06", &["P6"], Some("2026-03-31"));
    let came = accountant
        .book(&booking(MovementKind::Receipt, "grant", None, Some("bank"), 900, "2026-03-02"), on(DAY))
        .unwrap();
    let settled = |when: &str| accountant.settlement("grant", day(when), on(DAY)).unwrap();
    assert!(!settled("2026-03-31").is_unspent() && settled("2026-04-01").is_unspent());
    let why = not_booked(accountant.give_back(came.id, Fen(90_001), day("2026-04-02"), "", on(DAY)));
    assert_eq!(why, NotBooked::MoreThan { left: Fen(90_000) });
    let back = accountant.give_back(came.id, Fen(90_000), day("2026-04-02"), "缴回 1", on(DAY)).unwrap();
    assert_eq!(back.number.as_deref(), Some("v-general-2026-0001"));
    let done = settled(DAY);
    assert_eq!((done.came, done.given_back, done.statement.closing), (Fen(90_000), Fen(90_000), Fen(0)));
    assert!(!done.is_unspent() && accountant.check_book(None, on(DAY)).unwrap().holds());
}

#[test]
fn the_register_has_every_number_and_says_why_one_is_void() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S09", &[], None);
    accountant.donate(&donation(None, "gifts", 5, "2026-03-02"), on(DAY)).unwrap();
    accountant.void_numbers("r-general-2026", 2, "收据写坏作废", on(DAY)).unwrap();
    let booked = accountant.donate(&donation(None, "gifts", 7, "2026-03-04"), on(DAY)).unwrap();
    accountant.reverse(booked.id, day("2026-03-05"), "更正", on(DAY)).unwrap();
    let register = accountant.receipts(Books::General, 2026, on(DAY)).unwrap();
    let said: Vec<(&str, Option<&str>, bool)> = register
        .iter()
        .map(|line| {
            let reversed = line.line.as_ref().is_some_and(|row| row.reversed.is_some());
            (line.number.as_str(), line.void.as_deref(), reversed)
        })
        .collect();
    assert_eq!(
        said,
        [
            ("r-general-2026-0001", None, false),
            ("r-general-2026-0002", Some("收据写坏作废"), false),
            ("r-general-2026-0003", None, true),
        ]
    );
    assert_eq!(accountant.receipts(Books::Budget, 2026, on(DAY)).unwrap(), []);
}

#[test]
fn what_a_unit_hands_in_comes_to_the_fen_and_tells_how_many_gave() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "standing", "S03", &[], None);
    let whole = (day("2026-01-01"), day("2026-12-31"));
    accountant.pledge("JH", Fen(9_999), whole.0, whole.1, on(DAY)).unwrap();
    accountant.pledge("JH", Fen(400_000), whole.0, whole.1, on(DAY)).unwrap();
    let off = collection("JH", 2_101, 42, &[(50, 38), (100, 2)], "2026-03-02");
    let why = not_booked(accountant.collect(&off, on(DAY)));
    assert_eq!(why, NotBooked::Counted { counted: Fen(210_000), booked: Fen(210_100) });
    let booked =
        accountant.collect(&collection("JH", 2_100, 42, &[(50, 38), (100, 2)], "2026-03-02"), on(DAY)).unwrap();
    assert_eq!(booked.number.as_deref(), Some("r-general-2026-0001"), "what was refused took no number");
    let lines = accountant.standing_donations(Some(2026), on(DAY)).unwrap();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((line.expected, line.received, line.missing()), (Some(Fen(400_000)), Fen(210_000), Fen(190_000)));
    assert_eq!((line.participation(), line.is_equal_throughout), (Some(952), false));
    // The same sum from everybody stands out.
    accountant.collect(&collection("JH01", 500, 10, &[(50, 10)], "2026-03-03"), on(DAY)).unwrap();
    let lines = accountant.standing_donations(None, on(DAY)).unwrap();
    assert_eq!(lines.iter().map(|line| line.is_equal_throughout).collect::<Vec<_>>(), [true, false]);
    assert_eq!(lines.iter().map(|line| line.expected).collect::<Vec<_>>(), [None, Some(Fen(400_000))]);
    assert_eq!(accountant.standing_donations(Some(2025), on(DAY)).unwrap(), []);
    // A receipt that was a mistake counts nobody.
    accountant.reverse(booked.id, day("2026-03-05"), "更正", on(DAY)).unwrap();
    let lines = accountant.standing_donations(None, on(DAY)).unwrap();
    assert_eq!(lines[1].received, Fen(0));
}

#[test]
fn of_an_appropriation_it_is_told_what_was_asked_granted_paid_and_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "bureau", "S01", &[], None);
    purse(&accountant, "gifts", "S09", &[], None);
    let note = |stage, yuan: i64, on_day: &str| {
        accountant.note_appropriation((2026, "S01", stage), Fen(yuan * 100), day(on_day), "示例 7", on(DAY)).unwrap();
    };
    note(Stage::Asked, 3_000, "2026-01-05");
    note(Stage::Granted, 9_999, "2026-02-01");
    note(Stage::Granted, 2_000, "2026-02-01");
    for (yuan, when) in [(1_200, "2026-03-02"), (300, "2026-05-02")] {
        accountant.book(&booking(MovementKind::Receipt, "bureau", None, Some("bank"), yuan, when), on(DAY)).unwrap();
    }
    accountant.donate(&donation(None, "gifts", 5, "2026-03-02"), on(DAY)).unwrap();
    let lines = accountant.appropriations(2026, on(DAY)).unwrap();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((line.asked.unwrap().1, line.granted.unwrap().1), (Fen(300_000), Fen(200_000)));
    assert_eq!(line.paid, [(day("2026-03-02"), Fen(120_000)), (day("2026-05-02"), Fen(30_000))]);
    assert_eq!((line.paid_in(), line.missing()), (Fen(150_000), Fen(50_000)));
    assert_eq!(accountant.appropriations(2025, on(DAY)).unwrap(), []);
}

#[test]
fn what_was_taken_back_by_mistake_stands_again_on_every_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S09", &[], None);
    purse(&accountant, "grant", "S06", &[], None);
    purse(&accountant, "standing", "S03", &[], None);
    let id = accountant.add_donor(&donor("示例捐赠甲", false), on(DAY)).unwrap().id;
    let gift = accountant.donate(&donation(Some("示例捐赠甲"), "gifts", 800, "2026-03-02"), on(DAY)).unwrap().id;
    let grant = booking(MovementKind::Receipt, "grant", None, Some("bank"), 900, "2026-03-02");
    let grant = accountant.book(&grant, on(DAY)).unwrap().id;
    let handed_in = collection("JH", 500, 40, &[(50, 10)], "2026-03-02");
    let handed_in = accountant.collect(&handed_in, on(DAY)).unwrap().id;
    let seen = || {
        let report = accountant.gift_report(id, day(DAY), on(DAY)).unwrap();
        let settled = accountant.settlement("grant", day(DAY), on(DAY)).unwrap();
        let register = accountant.receipts(Books::General, 2026, on(DAY)).unwrap();
        let back = register.iter().filter_map(|line| line.line.as_ref()).flat_map(|row| row.back.iter());
        let paid = accountant.appropriations(2026, on(DAY)).unwrap().remove(0);
        let collected = accountant.standing_donations(None, on(DAY)).unwrap()[0].received;
        [
            report.donor.gave.0,
            report.donor.receipts as i64,
            report.purses[0].gave.0,
            settled.came.0,
            settled.given_back.0,
            paid.paid_in().0,
            collected.0,
            back.map(|(_, fen)| fen.0).sum(),
        ]
    };
    let whole = [80_000, 1, 80_000, 90_000, 0, 90_000, 50_000, 0];
    assert_eq!(seen(), whole);
    let backs = [
        accountant.bank_fact(gift, Fen(30_000), day("2026-04-02"), "退票", on(DAY)).unwrap().id,
        accountant.give_back(grant, Fen(40_000), day("2026-04-02"), "缴回", on(DAY)).unwrap().id,
        accountant.give_back(handed_in, Fen(10_000), day("2026-04-02"), "退回", on(DAY)).unwrap().id,
    ];
    // What was given back did come: nothing of the grant is missing for it.
    assert_eq!(seen(), [50_000, 1, 50_000, 90_000, 40_000, 90_000, 40_000, 80_000]);
    for back in backs {
        accountant.reverse(back, day("2026-04-03"), "更正", on(DAY)).unwrap();
    }
    assert_eq!(seen(), whole);
    // It can be given back after all, whole, and no fen more.
    let why = not_booked(accountant.give_back(grant, Fen(90_001), day("2026-04-04"), "", on(DAY)));
    assert_eq!(why, NotBooked::MoreThan { left: Fen(90_000) });
    accountant.give_back(grant, Fen(90_000), day("2026-04-04"), "", on(DAY)).unwrap();
    accountant.reverse(gift, day("2026-04-04"), "更正", on(DAY)).unwrap();
    assert_eq!(seen(), [0, 0, 0, 90_000, 90_000, 90_000, 50_000, 90_000]);
    assert!(accountant.check_book(None, on(DAY)).unwrap().holds());
}

#[test]
fn whoever_is_helped_is_no_donor() {
    let folder = tempfile::tempdir().unwrap();
    let town = super::aid::Town::new(folder.path());
    let row = town.posted(town.dossier, "一", &[("gifts", 1_000)]);
    let control = crate::command::fund::Control { count: 1, sum: row.payout.amount() };
    let now = on("2026-04-28");
    let sent = town.cashier.send_batch("bank", control, &[], now).unwrap();
    assert_eq!(town.accountant.donors(now).unwrap(), [], "on its way");
    let line = crate::command::fund::bank_csv(&town.cashier.bank_lines(&sent.batch, now).unwrap(), "");
    let answer = format!("reference,name,account,amount,result\n{},ok\n", line.lines().nth(1).unwrap());
    town.cashier.take_answer(&sent.batch, &answer, now).unwrap();
    assert_eq!(town.accountant.donors(now).unwrap(), [], "paid");
    town.accountant.add_donor(&donor("示例捐赠甲", false), now).unwrap();
    assert_eq!(town.accountant.donors(now).unwrap().len(), 1);
}
