//! The fund on screen: what every purse has, a statement of one, and payouts taken on by whoever may take the next step.

use crate::support::Session;
use crate::support::bureau::{Bureau, TODAY, now};
use dossier::command::fund::{Booking, NewPayout, NewPlace, NewPurse};
use dossier::command::{Office, SessionContext};
use dossier::domain::dossier::Status;
use dossier::domain::fund::{MovementKind, PlaceKind};
use dossier::domain::{Day, DossierId, Fen};
use dossier::tui::screens::today::Today;
use dossier::tui::session::{self, Unlocked};
use std::sync::Arc;

pub fn seat(bureau: &Bureau, name: &str, role: &str) -> Office {
    let known = bureau.office.officers().expect("officers").into_iter().find(|row| row.zh == name);
    let officer = known.map_or_else(
        || bureau.office.add_officer(name, name, &[role], &[], now("2026-03-02")).expect("added"),
        |row| row.officer,
    );
    bureau.office.seat(officer, SessionContext::program("test"))
}

pub fn open(office: Office) -> Session {
    let session = session::Session::new(Arc::new(office), Box::new(|| now(TODAY)), Unlocked::KeyFile);
    Session::open(Box::new(Today::new(session.expect("a session"))))
}

/// A book with one purse of 8,000, of which 3,000 lie in the box.
pub fn book(bureau: &Bureau) {
    bureau.office.take_book(now(TODAY)).expect("taken");
    let accountant = seat(bureau, "示例会", "accountant");
    let since = Day::from_iso("2026-01-01").expect("a day");
    for (code, kind, zh) in [("bank1", PlaceKind::Bank, "示例银行"), ("box", PlaceKind::Cash, "现金")] {
        let new = NewPlace { code: code.into(), kind, zh: zh.into(), en: code.into(), since };
        accountant.open_place(&new, now(TODAY)).expect("a place");
    }
    let new = NewPurse {
        code: "gifts".into(),
        source: "S01".into(),
        kinds: Vec::new(),
        household: None,
        zh: "行政拨款".into(),
        en: "appropriation".into(),
        since,
        until: None,
    };
    accountant.open_purse(&new, now(TODAY)).expect("a purse");
    let lines = [
        (MovementKind::Receipt, None, "bank1", 800_000, "2026-03-02"),
        (MovementKind::Transfer, Some("bank1"), "box", 300_000, "2026-03-05"),
    ];
    for (kind, from, to, fen, on) in lines {
        let booking = Booking {
            kind,
            purse: "gifts".into(),
            from: from.map(str::to_owned),
            to: Some(to.into()),
            amount: Fen(fen),
            on: Day::from_iso(on).expect("a day"),
            document: String::new(),
            names: None,
        };
        accountant.book(&booking, now(TODAY)).expect("booked");
    }
}

#[test]
fn the_book_is_read_by_whoever_keeps_it_down_to_its_lines() {
    let bureau = Bureau::empty();
    book(&bureau);
    let mut session = open(seat(&bureau, "示例会", "accountant"));
    session.keys("f").expect("基金与救助").expect("gifts").expect("8,000.00").expect("合计");
    session.expect_true();
    session.keys("g").expect("bank1").expect("5,000.00").expect("3,000.00").expect("在途");
    session.keys("g <enter>").expect("2026-03-02").expect("r-general-2026-0001").expect("收款").expect("内部转存");
    session.keys("<f12>").expect("receipt").expect("closing balance 8,000.00").keys("<f12>");
    session.keys("<esc>").expect("可用").keys("<esc>").expect("今日");
}

/// A payout of that book to a household of the files, proposed; and its household.
pub fn proposed(bureau: &Bureau) -> DossierId {
    let office = &bureau.office;
    let dossier = office.dossiers(now(TODAY)).expect("dossiers").into_iter().find(|id| {
        let household = office.open(*id, now(TODAY)).expect("open");
        let status = household.status(dossier::views::Horizon::NOW);
        status.versions.len() == 2
    });
    let dossier = dossier.expect("surveyed twice");
    let approver = seat(bureau, "示例批", "approver");
    let proposed = dossier::command::adopting::Proposed::Brought("genhe-2026");
    approver.adopt_rules(proposed, "示例 2026 第 1 号", now(TODAY).today, (None, None), now(TODAY)).expect("adopted");
    // The notice has its days.
    for (day, steps) in [
        ("2026-11-19", &[Status::Verifying, Status::Reviewed, Status::Endorsed, Status::Noticed][..]),
        (TODAY, &[Status::Approved, Status::Open]),
    ] {
        for to in steps {
            let by = if *to == Status::Approved { &approver } else { &**office };
            let household = by.open(dossier, now(day)).expect("open");
            household.move_status(*to, now(day).today, None, None).expect("moved");
        }
    }
    let new = NewPayout {
        aid: "P4".into(),
        event: "2026 火灾".into(),
        draws: vec![("gifts".into(), Fen(200_000))],
        why: "房屋火灾急需安置".into(),
        papers_by: None,
    };
    office.open(dossier, now(TODAY)).expect("open").propose_aid(&new).expect("proposed");
    dossier
}

#[test]
fn statements_follow_one_another_and_each_line_opens_to_what_it_is_the_sum_of() {
    let bureau = Bureau::empty();
    book(&bureau);
    let accountant = seat(&bureau, "示例会", "accountant");
    let donor = dossier::command::fund::NewDonor {
        name: "示例捐赠甲".into(),
        is_organisation: false,
        id_number: None,
        phone: None,
        unit: None,
        unnamed: false,
    };
    accountant.add_donor(&donor, now(TODAY)).expect("entered");
    let gift = dossier::command::fund::Donation {
        donor: Some("示例捐赠甲".into()),
        purse: "gifts".into(),
        opens: None,
        place: "bank1".into(),
        amount: Fen(12_300),
        on: Day::from_iso("2026-03-06").expect("a day"),
        document: String::new(),
    };
    accountant.donate(&gift, now(TODAY)).expect("booked");
    accountant.note_former((2018, "P6"), Fen(4_500_000), 175, "", now(TODAY)).expect("noted");
    let counted = dossier::command::fund::NewClosing {
        to: Day::from_iso("2026-03-31").expect("a day"),
        counted: vec![("bank1".into(), Fen(512_300)), ("box".into(), Fen(299_900))],
        because: vec![("box".into(), "找零时少收一元".into())],
    };
    accountant.count_period(&counted, now(TODAY)).expect("counted");
    let mut session = open(accountant);
    session.keys("f t").expect("救助支出").keys("t").expect("年度").expect("175");
    session.keys("t t t t").expect("救助支出").keys("t").expect("收据登记簿").expect("123.00").expect("示例捐赠甲");
    session.keys("t").expect("捐赠人编号").keys("<enter>").expect("捐赠明细").expect("r-general-2026-0002");
    session.keys("<esc>").expect("捐赠人编号").keys("t t t").expect("已清点").keys("<enter>").expect("找零时少收一元");
    session.expect_true();
    // Whoever counted does not check.
    session.keys("<esc> a").expect_not("按 y 确认");
    let mut session = open(seat(&bureau, "示例督", "supervisor"));
    session.keys("f t t t t t t t t").expect("示***甲").keys("t t t").expect("已清点").keys("a").expect("按 y 确认");
    session.keys("y").expect("已复核");
    let mut session = open(seat(&bureau, "示例批", "approver"));
    session.keys("f t t t t t t t t t t t a y").expect("已结账");
    session.expect_true();
    session.keys("<esc> <esc>").expect("今日");
}

#[test]
fn a_payout_is_taken_on_by_each_hand_in_turn() {
    let bureau = Bureau::with_households();
    book(&bureau);
    let dossier = proposed(&bureau);
    let office = &bureau.office;
    // It waits on the first screen, and opens there.
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.expect("救助基金").expect("1 件").expect("2,000.00").expect("救助待核对").expect("已 0 天");
    session.keys("<f12>").expect("Relief fund").expect("aid to check").keys("<f12>");
    session.keys("<enter>").expect("已提出").keys("<esc>").expect("救助待核对");
    // Whoever surveys and reviews does not see the book, and has the queue at once.
    session.keys("f").expect("已提出").expect("2,000.00").expect("150785-2026-0001");
    session.keys("a").expect("按 y 确认").keys("n").expect("已提出");
    session.keys("a y").expect("已核对");
    session.keys("a").expect_not("按 y 确认");
    let mut session = open(seat(&bureau, "示例批", "approver"));
    session.keys("f").expect("8,000.00").keys("p").expect("已核对").keys("a y").expect("已批准");
    session.expect_true();
    session.keys("<esc>").expect("6,000.00").expect("2,000.00");
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.keys("f a y").expect("公示").keys("<enter>").expect("困难类别");
    assert!(office.open(dossier, now(TODAY)).expect("open").aid_had().expect("had").is_empty(), "posted is not had");
}
