//! Campaigns on screen: the list with who is out and why, taken from the roll, checked, granted, handed over, brought back and closed
//! by whoever may take the next step, by keys alone.

use crate::fund::{book, open, seat};
use crate::support::bureau::{Bureau, TODAY, now};
use dossier::command::fund::{Control, NewCampaign};
use dossier::command::import::RollSheet;
use dossier::command::roll::RollQuery;
use dossier::domain::{Day, Fen};
use dossier::views::fund::CampaignRow;

/// A campaign of that book with nobody on its list, and a question to the roll that finds every household.
pub fn begun(bureau: &Bureau) -> CampaignRow {
    let proposer = seat(bureau, "示例提", "surveyor");
    let new = NewCampaign {
        code: "spring-2027".into(),
        aid: "P6".into(),
        event: "2027 春节".into(),
        from: now(TODAY).today,
        until: Day::from_iso("2027-02-20").expect("a day"),
        classes: vec![("home".into(), Fen(60_000), None), ("front".into(), Fen(50_000), None)],
        purse: "gifts".into(),
        zh: "2027 年春节送温暖".into(),
        en: "Spring festival 2027".into(),
    };
    let row = proposer.begin_campaign(&new, now(TODAY)).expect("begun");
    let all = RollQuery::default().with("status", ["all"]);
    proposer.save_roll("全部在册", Some(&all), now(TODAY)).expect("saved");
    row
}

/// The same with the households of the roll and two persons outside dossiers of one unit, granted.
pub fn granted(bureau: &Bureau) {
    let row = begun(bureau);
    let proposer = seat(bureau, "示例提", "surveyor");
    let all = RollQuery::default().with("status", ["all"]);
    let filled = proposer.fill_from_roll(&row, &all, "home", now(TODAY)).expect("filled");
    let text =
        "姓名,身份证号,单位,类别\n示例退休甲,150785196102030019,JH12,front\n示例退休乙,150785196102030035,JH12,front\n";
    let sheet = RollSheet::read("名单.csv", text.as_bytes(), None, None).expect("a sheet");
    let filled = proposer.fill_from_file(&filled.campaign, &sheet, None, now(TODAY));
    let row = filled.unwrap_or_else(|failure| panic!("{failure:?}")).campaign;
    let lines = proposer.campaign_lines(&row, now(TODAY)).expect("lines");
    let standing = lines.iter().filter(|line| line.state.stands());
    let control = Control { count: standing.clone().count(), sum: Fen(standing.map(|line| line.amount.0).sum()) };
    let row = seat(bureau, "示例审", "reviewer").check_campaign(&row, control, now(TODAY)).expect("checked");
    seat(bureau, "示例批", "approver").approve_campaign(&row, None, now(TODAY)).expect("granted");
}

#[test]
fn a_campaign_goes_from_a_saved_roll_to_its_end_by_keys_alone() {
    let bureau = Bureau::with_households();
    book(&bureau);
    begun(&bureau);
    let mut proposer = open(seat(&bureau, "示例提", "surveyor"));
    proposer.keys("f c").expect("慰问与助学活动").expect("spring-2027").expect("造册");
    proposer.expect_true();
    proposer.keys("<enter>").expect("名单上还没有您单位的人");
    proposer.keys("n").text("全部在册").keys("<f2>").expect("已办").expect("示例").expect("合计");
    proposer.expect_true();
    // Who is out stands there with why, whole below the list.
    proposer.keys("x").expect("原因").keys("<tab>").text("已由单位另行慰问").keys("<f2>");
    proposer.expect("剔除").expect("人工剔除");
    let lines = || {
        let office = seat(&bureau, "示例提", "surveyor");
        let row = office.campaign_named("spring-2027", now(TODAY)).expect("one");
        office.campaign_lines(&row, now(TODAY)).expect("lines")
    };
    let standing: Vec<usize> = lines().iter().filter(|line| line.state.stands()).map(|line| line.number).collect();
    assert_eq!(standing.len(), 2, "{:?}", lines());
    let mut checker = open(seat(&bureau, "示例审", "reviewer"));
    checker.keys("f c <enter> a").expect("人数").text("2").keys("<tab>").text("1200.01").keys("<f2>");
    checker.expect("控制数不符").expect("1,200.00").keys("<backspace> 0 <f2>").expect("已核对");
    checker.expect_true();
    let mut approver = open(seat(&bureau, "示例批", "approver"));
    approver.keys("f c <enter> a").expect("已批准").keys("n").expect("已核对").keys("a y").expect("待发");
    approver.expect_true();
    let mut cashier = open(seat(&bureau, "示例出纳", "cashier"));
    cashier.keys("f c <enter> s").expect("签收表").expect("领取人签字    代领人签字").expect("________").keys("<esc>");
    // The first line that stands is handed over, the other one brought back.
    let down = |at: usize| "<down> ".repeat(standing[at] - 1);
    cashier.keys(&format!("{}h", down(0))).expect("代领人").keys("<f2>").expect("已领");
    cashier.keys("a y").expect("既未领取也未退回");
    cashier.keys(&format!("<home> {}b <tab> <tab>", down(1))).text("本人外出无人代领").keys("<f2>").expect("退回");
    cashier.keys("a y").expect("已结束");
    cashier.expect_true();
    cashier.keys("<f12>").expect("handed over").expect("came back").expect_true();
    let states: Vec<&str> = lines().iter().map(|line| line.state.code()).collect();
    assert_eq!(states.iter().filter(|state| **state == "handed").count(), 1, "{states:?}");
    let accountant = seat(&bureau, "示例会", "accountant");
    assert!(accountant.check_book(None, now(TODAY)).expect("a proof").holds());
}

#[test]
fn several_lines_are_chosen_and_handed_over_together() {
    let bureau = Bureau::with_households();
    book(&bureau);
    granted(&bureau);
    let mut cashier = open(seat(&bureau, "示例出纳", "cashier"));
    cashier.keys("f c <enter> <end> <space> <up> <space>").expect("已选 2").expect("*");
    cashier.keys("h").expect("4-5").keys("<tab> <tab> <tab>").text("示例丁").keys("<f2>").expect("代领须写明");
    cashier.keys("<tab>").text("女儿").keys("<f2>").expect("已领").expect("代领");
    cashier.expect_true();
}
