//! What holds of campaigns: everybody once, nothing above a cap, three people and not one, all of a record or nothing, every line
//! handed over or brought back, and whoever has no dossier is a person all the same.

use super::aid::{Town, open_case};
use super::fund::{day, not_booked};
use super::*;
use crate::command::fund::{CampaignLine, Control, LineState, NewCampaign, NotInCampaign, NotPayable, Signed};
use crate::command::import::RollSheet;
use crate::command::roll::RollQuery;
use crate::domain::fund::{CampaignState, NotBooked, TakenOut};
use crate::domain::{Fen, IdNumber};
use crate::views::fund::CampaignRow;

pub(super) const DAY: &str = "2026-04-20";

pub(super) fn new(code: &str, classes: &[(&str, i64)]) -> NewCampaign {
    NewCampaign {
        code: code.into(),
        aid: "P6".into(),
        event: format!("{code} 示例节"),
        from: day("2026-04-20"),
        until: day("2026-05-20"),
        classes: classes.iter().map(|(class, fen)| ((*class).to_owned(), Fen(*fen), None)).collect(),
        purse: "gifts".into(),
        zh: "示例慰问".into(),
        en: "sample gifts".into(),
    }
}

/// The nth of people who are nobody.
pub(super) fn number(nth: u16) -> String {
    IdNumber::new("150785", day("1961-02-03"), nth).unwrap().reveal().to_owned()
}

fn sheet(lines: &[(&str, u16, &str)]) -> RollSheet {
    let mut text = "姓名,身份证号,单位,类别,电话\n".to_owned();
    for (name, nth, class) in lines {
        text.push_str(&format!("{name},{},JH,{class},13800000000\n", number(*nth)));
    }
    read(&text)
}

pub(super) fn read(text: &str) -> RollSheet {
    RollSheet::read("名单.csv", text.as_bytes(), None, None).unwrap_or_else(|f| panic!("{}", said(&f)))
}

pub(super) fn not<T: std::fmt::Debug>(result: Result<T, Failure>) -> NotInCampaign {
    match result {
        Err(Failure::Campaign(why)) => why,
        other => panic!("{other:?}"),
    }
}

impl Town {
    /// The campaign of that code, begun where there is none.
    pub(super) fn begun(&self, code: &str) -> CampaignRow {
        let known = self.office.campaign_named(code, on(DAY));
        known.unwrap_or_else(|_| self.begin(code, &[("front", 100)]))
    }

    pub(super) fn begin(&self, code: &str, classes: &[(&str, i64)]) -> CampaignRow {
        self.proposer.begin_campaign(&new(code, classes), on(DAY)).unwrap_or_else(|f| panic!("{}", said(&f)))
    }

    pub(super) fn file(&self, row: &CampaignRow, lines: &[(&str, u16, &str)]) -> CampaignRow {
        let filled = self.proposer.fill_from_file(&self.now(row), &sheet(lines), None, self.next(row));
        filled.unwrap_or_else(|f| panic!("{} {:?}", said(&f), f)).campaign
    }

    pub(super) fn roll(&self, row: &CampaignRow, class: &str) -> CampaignRow {
        let filled = self.proposer.fill_from_roll(&self.now(row), &RollQuery::default(), class, self.next(row));
        filled.unwrap_or_else(|f| panic!("{}", said(&f))).campaign
    }

    /// The day of the town, a moment later with each filling: lists have an order.
    pub(super) fn next(&self, row: &CampaignRow) -> Now {
        let before = self.now(row).fills().len() as i64;
        Now { at: Stamp(on(DAY).at.0 + 1_000 * (before + 1)), ..on(DAY) }
    }

    /// As it stands.
    pub(super) fn now(&self, row: &CampaignRow) -> CampaignRow {
        self.office.campaign_named(&row.campaign.code, on(DAY)).unwrap()
    }

    /// What the purse has free while the gifts are handed out, in fen.
    pub(super) fn free_then(&self) -> i64 {
        let state = self.accountant.fund_state(day("2026-05-01"), on("2026-05-01")).unwrap();
        state.purses.into_iter().find(|line| line.row.purse.code == "gifts").unwrap().sums.free().0
    }

    pub(super) fn lines(&self, row: &CampaignRow) -> Vec<CampaignLine> {
        self.cashier.campaign_lines(&self.now(row), on(DAY)).unwrap()
    }

    pub(super) fn outs(&self, row: &CampaignRow) -> Vec<Option<TakenOut>> {
        let out = |line: CampaignLine| match line.state {
            LineState::Out(why) => Some(why),
            _ => None,
        };
        self.lines(row).into_iter().map(out).collect()
    }

    pub(super) fn check(&self, row: &CampaignRow, count: usize, fen: i64) -> Result<CampaignRow, Failure> {
        self.checker.check_campaign(&self.now(row), Control { count, sum: Fen(fen) }, on(DAY))
    }

    pub(super) fn approve(&self, row: &CampaignRow) -> Result<CampaignRow, Failure> {
        self.approver.approve_campaign(&self.now(row), None, on(DAY))
    }

    pub(super) fn grant(&self, row: &CampaignRow, count: usize, fen: i64) -> CampaignRow {
        self.check(row, count, fen).unwrap_or_else(|f| panic!("{}", said(&f)));
        self.approve(row).unwrap_or_else(|f| panic!("{}", said(&f)))
    }

    pub(super) fn hand(&self, row: &CampaignRow, lines: &[usize], on_day: &str) -> Result<Vec<CampaignLine>, Failure> {
        let now = on(on_day);
        self.cashier.hand_over(&self.now(row), lines, ("box", &Signed::Themselves), now.today, now)
    }

    pub(super) fn back(&self, row: &CampaignRow, lines: &[usize], on_day: &str) -> Result<Vec<CampaignLine>, Failure> {
        let now = on(on_day);
        self.cashier.bring_back(&self.now(row), lines, "本人外出无人代领", now.today, now)
    }
}

#[test]
fn a_campaign_goes_its_whole_way_from_lists_to_what_came_back() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("home", 60_000), ("front", 50_000), ("retired", 30_000)]);
    town.roll(&row, "home");
    // Somebody of the front line stands on the list of the retired, too.
    town.file(
        &row,
        &[("示例甲", 1, "front"), ("示例乙", 2, "front"), ("示例丙", 3, "retired"), ("示例甲", 1, "retired")],
    );
    assert_eq!(town.outs(&row), [None, None, None, None, Some(TakenOut::Twice { line: 2 })]);
    assert_eq!(town.proposer.persons_found("", on(DAY)).unwrap().len(), 3, "one person, one key");
    // 600 + 500 + 500 + 300
    let (count, sum) = (4, 190_000);
    assert_eq!(not(town.check(&row, count, sum + 1)), NotInCampaign::Control { count, sum: Fen(sum) });
    assert_eq!(not(town.check(&row, count + 1, sum)), NotInCampaign::Control { count, sum: Fen(sum) });
    let early = not(town.approve(&row));
    assert!(matches!(early, NotInCampaign::State { .. }), "{early:?}");
    let free = town.free_then();
    town.grant(&row, count, sum);
    assert_eq!(town.free_then(), free - sum);
    // Handed over in two goes; a line that is over is over, and nothing of the go is done.
    let handed = town.hand(&row, &[1, 3], "2026-04-21").unwrap_or_else(|f| panic!("{}", said(&f)));
    assert_eq!(handed.len(), 2);
    let over = not(town.hand(&row, &[3, 4], "2026-04-22"));
    assert_eq!(over, NotInCampaign::Over { line: 3, state: "handed", on: day("2026-04-21") });
    let out = not(town.hand(&row, &[5], "2026-04-22"));
    assert_eq!(out, NotInCampaign::Out { line: 5, why: TakenOut::Twice { line: 2 } });
    let still = not(town.cashier.close_campaign(&town.now(&row), on("2026-04-22")));
    assert_eq!(still, NotInCampaign::StillOpen { lines: 2, first: 2, sum: Fen(80_000) });
    let proxy = Signed::Proxy { name: "示例丁".into(), relation: "配偶".into() };
    let now = on("2026-04-23");
    let handed = town.cashier.hand_over(&town.now(&row), &[4], ("box", &proxy), now.today, now).unwrap();
    assert_eq!(handed[0].state, LineState::Handed { on: now.today, by_proxy: true });
    town.back(&row, &[2], "2026-04-24").unwrap();
    assert_eq!(town.free_then(), free - sum + 50_000);
    let closed = town.cashier.close_campaign(&town.now(&row), on("2026-04-25")).unwrap();
    let last = closed.last().unwrap();
    assert_eq!((last.step.count, last.step.sum), (3, Fen(140_000)));
    // Everybody is one time and one person, also who has no dossier; one household.
    let statement = town.accountant.fund_period(None, day("2026-01-01"), day("2026-12-31"), on("2026-04-25")).unwrap();
    let gifts = statement.statement.aid["P6"];
    assert_eq!((gifts.amount, gifts.person_times, gifts.persons, gifts.households), (Fen(140_000), 3, 3, 1));
    town.holds();
}

#[test]
fn one_voucher_stands_for_all_that_were_handed_over_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front"), ("示例丙", 3, "front")]);
    town.grant(&row, 3, 150_000);
    town.hand(&row, &[1, 2, 3], "2026-04-21").unwrap();
    let line = |text: &str| town.accountant.line_named(text, on(DAY));
    assert!(line("v-general-2026-0001.3").is_ok() && line("v-general-2026-0001.4").is_err());
    assert!(line("v-general-2026-0002").is_err());
    // A line of it that was a mistake is taken back by the book, and the person may have it again elsewhere.
    let second = line("v-general-2026-0001.2").unwrap();
    town.accountant.reverse(second, day("2026-04-22"), "更正 1", on("2026-04-22")).unwrap();
    let lines = town.lines(&row);
    assert_eq!(lines[1].state, LineState::TakenBack { on: day("2026-04-22") });
    let again = town.begin("again", &[("front", 50_000)]);
    town.file(&again, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    let campaign = row.id;
    assert_eq!(town.outs(&again), [Some(TakenOut::OtherCampaign { campaign }), None]);
    town.holds();
}

#[test]
fn nobody_has_more_than_a_cap_by_a_single_fen() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("most", 300_000), ("above", 300_001)]);
    town.file(&row, &[("示例甲", 1, "most"), ("示例乙", 2, "above")]);
    assert_eq!(town.outs(&row), [None, Some(TakenOut::AboveOnce { most: Fen(300_000) })]);
    town.grant(&row, 1, 300_000);
    town.back(&row, &[1], "2026-04-21").unwrap();
    // What came back was never had; what waits is had.
    let campaign = |code: &str, from: &str, until: &str, fen: i64| {
        let days = NewCampaign { from: day(from), until: day(until), ..new(code, &[("class", fen)]) };
        town.proposer.begin_campaign(&days, on(DAY)).unwrap()
    };
    let one = campaign("one", "2026-06-01", "2026-06-10", 299_999);
    town.file(&one, &[("示例甲", 1, "class")]);
    town.grant(&one, 1, 299_999);
    let two = campaign("two", "2026-07-01", "2026-07-10", 300_000);
    town.file(&two, &[("示例甲", 1, "class")]);
    town.grant(&two, 1, 300_000);
    // 5,999.99 of 6,000 were had.
    let three = campaign("three", "2026-08-01", "2026-08-10", 2);
    town.file(&three, &[("示例甲", 1, "class")]);
    assert_eq!(town.outs(&three), [Some(TakenOut::AboveYear { cap: Fen(600_000), had: Fen(599_999) })]);
    assert_eq!(not(town.check(&three, 0, 0)), NotInCampaign::Nobody);
    let four = campaign("four", "2026-09-01", "2026-09-10", 1);
    town.file(&four, &[("示例甲", 1, "class")]);
    assert_eq!(town.outs(&four), [None]);
    town.holds();
}

#[test]
fn what_a_household_had_by_payouts_and_by_campaigns_counts_together() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let payout = town.propose_kind("P6", town.dossier, "spring 示例节", &[("gifts", 1_000)]).unwrap();
    let row = town.begin("spring", &[("home", 50_000)]);
    town.roll(&row, "home");
    assert_eq!(town.outs(&row), [Some(TakenOut::OtherPayout { payout: payout.id })]);
    let other = town.begin("summer", &[("home", 250_000)]);
    town.roll(&other, "home");
    assert_eq!(town.outs(&other), [None]);
    town.grant(&other, 1, 250_000);
    // 1,000 by payout and 2,500 by campaign of 6,000 a year.
    let grants = town.checker.open(town.dossier, on(DAY)).unwrap().grants(day(DAY)).unwrap().1;
    let gifts = grants.into_iter().find(|grant| grant.aid == "P6").unwrap();
    assert_eq!((gifts.had, gifts.most), (Fen(350_000), Some(Fen(250_000))));
    let again = town.propose_kind("P6", town.dossier, "summer 示例节", &[("gifts", 1)]);
    assert!(matches!(again, Err(Failure::NotPayable(NotPayable::Twice))), "{again:?}");
}

#[test]
fn nobody_checks_or_grants_a_list_of_their_own_or_hands_out_what_they_granted() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let all = another(&town.office, &["surveyor", "reviewer", "approver", "cashier"]);
    let same = |result: Result<CampaignRow, Failure>| matches!(result, Err(Failure::SamePerson { .. }));
    let row = town.begin("spring", &[("front", 50_000)]);
    // Whoever put one line of it on the list made it, too.
    all.fill_from_file(&town.now(&row), &sheet(&[("示例甲", 1, "front")]), None, on(DAY)).unwrap();
    let control = Control { count: 1, sum: Fen(50_000) };
    assert!(same(all.check_campaign(&town.now(&row), control, on(DAY))));
    town.check(&row, 1, 50_000).unwrap();
    assert!(same(all.approve_campaign(&town.now(&row), None, on(DAY))));
    let other = town.begin("other", &[("front", 50_000)]);
    town.file(&other, &[("示例乙", 2, "front")]);
    all.check_campaign(&town.now(&other), control, on(DAY)).unwrap();
    assert!(same(all.approve_campaign(&town.now(&other), None, on(DAY))), "whoever checked");
    town.approve(&other).unwrap();
    let mut officer =
        town.office.officers().unwrap().into_iter().find(|o| o.officer == town.approver.officer()).unwrap();
    officer.roles = vec!["approver".into(), "cashier".into()];
    town.office.set_officer(&officer, on(DAY)).unwrap();
    let handed = town.approver.hand_over(&town.now(&other), &[1], ("box", &Signed::Themselves), day(DAY), on(DAY));
    assert!(matches!(handed, Err(Failure::SamePerson { .. })), "{handed:?}");
    assert!(all.hand_over(&town.now(&other), &[1], ("box", &Signed::Themselves), day(DAY), on(DAY)).is_ok());
}

#[test]
fn what_stands_in_the_way_is_named_with_its_day_and_amount_and_nothing_is_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let kept = || town.office.bureau.store.position();
    // The purse has 15,000: 6 of 2,500 are a fen too many when one has been spoken for.
    let row = town.begin("spring", &[("front", 250_000)]);
    let people: Vec<(&str, u16, &str)> = (1..=6).map(|nth| ("示例甲", nth, "front")).collect();
    town.file(&row, &people);
    town.check(&row, 6, 1_500_000).unwrap();
    let small = town.begin("small", &[("front", 1)]);
    town.file(&small, &[("示例丙", 9, "front")]);
    town.grant(&small, 1, 1);
    let _ = town.approve(&row);
    let before = kept();
    let short = not_booked(town.approve(&row));
    assert_eq!(short, NotBooked::PurseShort { purse: "gifts".into(), on: day(DAY), missing: Fen(1) });
    assert_eq!(kept(), before, "nothing half reserved");
    // The box has 3,000: one is handed over, and the second would leave it short.
    town.proposer.drop_lines(&town.now(&row), &[6], "名额不足改下次", on(DAY)).unwrap_err();
    town.checker.reopen_campaign(&town.now(&row), "名额不足须重新造册", on(DAY)).unwrap();
    town.proposer.drop_lines(&town.now(&row), &[6], "名额不足改下次", on(DAY)).unwrap();
    town.grant(&row, 5, 1_250_000);
    let _ = town.hand(&row, &[1, 2], "2026-04-21");
    let before = kept();
    let short = not_booked(town.hand(&row, &[1, 2], "2026-04-21"));
    assert_eq!(short, NotBooked::PlaceShort { place: "box".into(), on: day("2026-04-21"), missing: Fen(200_000) });
    assert_eq!(kept(), before, "nothing half handed over");
    let (first, last) = (day(DAY), day("2026-05-20"));
    let late = not(town.hand(&row, &[1], "2026-05-21"));
    assert_eq!(late, NotInCampaign::NotThatDay { on: day("2026-05-21"), first, last });
    town.hand(&row, &[1], "2026-04-21").unwrap();
    let over = not(town.back(&row, &[1], "2026-04-22"));
    assert_eq!(over, NotInCampaign::Over { line: 1, state: "handed", on: day("2026-04-21") });
    assert!(matches!(town.back(&row, &[2], "2026-04-19"), Err(Failure::StepTooEarly { .. })));
    // After the last day what was not handed over is the purse's again by itself, and is still said to have come back.
    town.back(&row, &[2, 3, 4, 5], "2026-05-25").unwrap();
    town.cashier.close_campaign(&town.now(&row), on("2026-05-25")).unwrap();
    town.holds();
}

#[test]
fn a_closed_month_takes_no_handing_over_and_nothing_that_came_back() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    town.grant(&row, 2, 100_000);
    let (now, last) = (on("2026-05-02"), day("2026-04-30"));
    let places = town.accountant.fund_state(last, now).unwrap().places;
    let counted = places.iter().map(|line| (line.row.place.code.clone(), line.sums.balance())).collect();
    let new = crate::command::fund::NewClosing { to: last, counted, because: Vec::new() };
    town.accountant.count_period(&new, now).unwrap_or_else(|f| panic!("{}", said(&f)));
    another(&town.office, &["supervisor"]).check_period(last, now).unwrap();
    town.approver.close_period(last, now).unwrap();
    let closed = NotBooked::Closed { on: last, first: day("2026-05-01") };
    let signed = ("box", &Signed::Themselves);
    assert_eq!(not_booked(town.cashier.hand_over(&row, &[1], signed, last, now)), closed);
    assert_eq!(not_booked(town.cashier.bring_back(&row, &[2], "本人外出无人代领", last, now)), closed);
    town.hand(&row, &[1], "2026-05-02").unwrap();
    town.back(&row, &[2], "2026-05-02").unwrap();
    town.cashier.close_campaign(&town.now(&row), now).unwrap();
    town.holds();
}

#[test]
fn a_purse_that_is_over_by_then_grants_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    super::fund::purse(&town.accountant, "old", "S01", &["P6"], Some("2026-04-19"));
    super::fund::purse(&town.accountant, "school", "S01", &["P3"], None);
    let class = |purse: &str| vec![("front".to_owned(), Fen(100), Some(purse.to_owned()))];
    let row = NewCampaign { classes: class("old"), ..new("spring", &[]) };
    let row = town.proposer.begin_campaign(&row, on(DAY)).unwrap();
    town.file(&row, &[("示例甲", 1, "front")]);
    town.check(&row, 1, 100).unwrap();
    assert_eq!(not_booked(town.approve(&row)), NotBooked::Expired { last: day("2026-04-19") });
    let other = NewCampaign { classes: class("school"), ..new("other", &[]) };
    let refused = not_booked(town.proposer.begin_campaign(&other, on(DAY)));
    assert_eq!(refused, NotBooked::PurposeDiffers { aid: "P6".into() });
    let none = NewCampaign { classes: Vec::new(), ..new("none", &[]) };
    assert!(matches!(not(town.proposer.begin_campaign(&none, on(DAY))), NotInCampaign::Classes { .. }));
}

#[test]
fn whoever_died_or_left_the_files_since_is_handed_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let other = open_case(&town.office, "laid_off");
    let row = town.begin("spring", &[("home", 50_000)]);
    town.roll(&row, "home");
    town.grant(&row, 2, 100_000);
    let lines = town.lines(&row);
    let of = |dossier| lines.iter().find(|line| line.row.receiver.dossier == Some(dossier)).unwrap().number;
    town.office.open(town.dossier, on("2026-04-22")).unwrap().worker_died(day("2026-04-21"), None).unwrap();
    let died = not(town.hand(&row, &[of(town.dossier)], "2026-04-22"));
    let why = TakenOut::Dead { on: day("2026-04-21") };
    assert_eq!(died, NotInCampaign::Out { line: of(town.dossier), why: why.clone() });
    step(&town.office, other, Status::Closed, "2026-04-22", Some("07"), None).unwrap();
    let over = not(town.hand(&row, &[of(other)], "2026-04-22"));
    assert_eq!(over, NotInCampaign::Out { line: of(other), why: TakenOut::Over });
    town.back(&row, &[1, 2], "2026-04-23").unwrap();
    let next = town.begin("summer", &[("home", 50_000)]);
    let all = RollQuery::default().with("status", ["all"]);
    town.proposer.fill_from_roll(&town.now(&next), &all, "home", on("2026-04-23")).unwrap();
    let outs = town.outs(&next);
    assert!(outs.contains(&Some(why)) && outs.contains(&Some(TakenOut::Over)), "{outs:?}");
    town.holds();
}

#[test]
fn who_is_granted_is_who_was_checked_and_not_as_many_others() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("home", 50_000), ("front", 50_000)]);
    town.roll(&row, "home");
    town.file(&row, &[("示例甲", 1, "front")]);
    let number = town.office.status(town.dossier, Horizon::NOW).unwrap().number;
    let person = town.proposer.person_named("示例甲", on(DAY)).unwrap();
    town.proposer.link_person(person, &number, true, on(DAY)).unwrap();
    assert_eq!(town.outs(&row), [None, Some(TakenOut::Twice { line: 1 })]);
    town.check(&row, 1, 50_000).unwrap();
    // The worker is dead since, and whoever was out for their sake is not any more: as many, for as much, and not the same.
    town.office.open(town.dossier, on(DAY)).unwrap().worker_died(day("2026-04-19"), None).unwrap();
    assert!(town.outs(&row)[0].is_some() && town.outs(&row)[1].is_none());
    assert_eq!(not(town.approve(&row)), NotInCampaign::ChangedSince { line: 1 });
    town.checker.reopen_campaign(&town.now(&row), "核对之后名单上的人有变动", on(DAY)).unwrap();
    let granted = town.grant(&row, 1, 50_000);
    assert_eq!(granted.state(), CampaignState::Approved);
    town.holds();
}

#[test]
fn whoever_works_in_some_units_sees_and_hands_out_their_lines_alone() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let units = town.office.units().unwrap();
    let (root, below) =
        (units.iter().find(|u| u.parent.is_none()).unwrap(), units.iter().find(|u| u.parent.is_some()).unwrap());
    let row = town.begin("spring", &[("front", 50_000)]);
    let text = format!(
        "姓名,身份证号,单位,类别\n示例甲,{},{},front\n示例乙,{},{},front\n",
        number(1),
        root.code,
        number(2),
        below.code
    );
    town.proposer.fill_from_file(&row, &read(&text), None, on(DAY)).unwrap();
    let all = ["surveyor", "reviewer", "approver", "cashier"];
    let officer = town.office.add_officer("示例分会", "branch", &all, &[below.unit], on(DAY)).unwrap();
    let branch = town.office.seat(officer, SessionContext::program("branch"));
    let seen = branch.campaign_lines(&town.now(&row), on(DAY)).unwrap();
    assert_eq!(seen.iter().map(|line| line.number).collect::<Vec<_>>(), [2]);
    assert_eq!(branch.persons_found("", on(DAY)).unwrap().len(), 1);
    let control = Control { count: 2, sum: Fen(100_000) };
    assert_eq!(not(branch.check_campaign(&town.now(&row), control, on(DAY))), NotInCampaign::OthersLine { line: 1 });
    town.grant(&row, 2, 100_000);
    let hand = |line| branch.hand_over(&town.now(&row), &[line], ("box", &Signed::Themselves), day(DAY), on(DAY));
    assert!(matches!(not(hand(1)), NotInCampaign::NoSuchLine { .. }));
    assert!(hand(2).is_ok());
    let sheet = branch.handing_sheet(&town.now(&row), &[], on(DAY)).unwrap();
    assert_eq!(sheet.len(), 1);
    // Another unit's people are put on no list by them.
    let more = town.begin("more", &[("front", 50_000)]);
    let NotInCampaign::File(cells) = not(branch.fill_from_file(&more, &read(&text), None, on(DAY))) else { panic!() };
    assert_eq!((cells.len(), cells[0].line, cells[0].column), (1, Some(2), "unit"));
}

#[test]
fn the_same_request_sent_twice_is_one_list_and_one_handing_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    town.proposer.request([7; 16]);
    for _ in 0..2 {
        town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    }
    assert_eq!(town.lines(&row).len(), 2);
    let other = town.proposer.fill_from_file(&town.now(&row), &sheet(&[("示例丙", 3, "front")]), None, on(DAY));
    assert!(matches!(other, Err(Failure::RequestUsed)), "{other:?}");
    town.grant(&row, 2, 100_000);
    town.cashier.request([8; 16]);
    let before = town.office.bureau.store.position();
    town.hand(&row, &[1], "2026-04-21").unwrap();
    let after = town.office.bureau.store.position();
    town.hand(&row, &[1], "2026-04-21").unwrap();
    assert!(after != before && town.office.bureau.store.position() == after);
    town.holds();
}

#[test]
fn many_are_granted_in_one_record_and_handed_over_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 500)]);
    let names: Vec<String> = (0..120).map(|at| format!("示例{at}")).collect();
    let people: Vec<(&str, u16, &str)> = (0..120).map(|at| (names[at].as_str(), at as u16 + 1, "front")).collect();
    town.file(&row, &people);
    town.grant(&row, 120, 60_000);
    let all: Vec<usize> = (1..=120).collect();
    town.hand(&row, &all, "2026-04-21").unwrap();
    town.cashier.close_campaign(&town.now(&row), on("2026-04-21")).unwrap();
    let statement = town.accountant.fund_period(None, day("2026-01-01"), day("2026-12-31"), on("2026-04-21")).unwrap();
    let gifts = statement.statement.aid["P6"];
    assert_eq!((gifts.amount, gifts.person_times, gifts.persons, gifts.households), (Fen(60_000), 120, 120, 0));
    town.holds();
}
