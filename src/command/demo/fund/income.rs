//! What comes into the fund: the balances it began with, what was paid before, appropriations, the workers' donations, a company's
//! and a neighbour's, grants from above; and its running costs, out of operating money alone.

mod single;

use super::{BEGINS, Fund, FundContext, Task, day, yuan};
use crate::command::fund::{Booked, Booking, Donation, NewCollection, NewPlace, NewPurse};
use crate::command::{Failure, Office};
use crate::domain::fund::{MovementKind, PlaceKind, Stage};
use crate::domain::{Day, Fen, Now};
use single::Once;

/// Something that comes in, or is said of what is to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Income {
    /// The book begins.
    Begin,
    Asked,
    Granted,
    /// An instalment of a year's appropriation.
    PaidIn(Instalment),
    Cost,
    Pledged,
    Collected,
    Once(Once),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instalment {
    First,
    Second,
}

/// What was paid in a year before the book began, in thousands of yuan, and how many times: 2,340,000 and 3,500 in all (about), as
/// the bureau wrote of its first ten years. How it falls to years and kinds is made up.
const FORMER: [(i32, i64, u32); 11] = [
    (2008, 120, 180),
    (2009, 150, 220),
    (2010, 170, 260),
    (2011, 190, 290),
    (2012, 210, 310),
    (2013, 220, 330),
    (2014, 230, 350),
    (2015, 240, 360),
    (2016, 260, 390),
    (2017, 270, 400),
    (2018, 280, 410),
];

/// Units whose workers give every year, and about how many they are.
const GIVING: [(&str, u32); 3] = [("JH12", 56), ("JH21", 35), ("JH61", 28)];
/// In this year everybody of the last unit gave the same.
const EQUAL_YEAR: i32 = 2024;

impl Fund {
    pub(super) fn plan_income(&mut self, today: Day) {
        for year in BEGINS.0..=today.year() {
            let mut yearly = |month, on, income| self.plan(day(year, month, on), Task::Income(income));
            yearly(1, 10, Income::Asked);
            yearly(2, 24, Income::Granted);
            yearly(3, 3, Income::PaidIn(Instalment::First));
            yearly(3, 10, Income::Pledged);
            yearly(6, 12, Income::Collected);
            // The second part of the last year has not come yet.
            if year < today.year() {
                yearly(7, 6, Income::PaidIn(Instalment::Second));
            }
            yearly(11, 10, Income::Cost);
        }
        self.plan_single();
    }

    pub(super) fn take_in(&mut self, income: Income, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let (accountant, year) = (self.officers.accountant, on.year());
        match income {
            Income::Begin => self.begin(on, context),
            Income::Asked | Income::Granted => {
                let (stage, more) = if income == Income::Asked { (Stage::Asked, 10_000) } else { (Stage::Granted, 0) };
                let paper = format!("金林工 {year}-{}", if income == Income::Asked { 3 } else { 9 });
                let now = context.now(accountant, on);
                let amount = yuan(self.a_year() + more);
                context.office.note_appropriation((year, "S01", stage), amount, on, &paper, now)
            }
            Income::PaidIn(part) => {
                let (tenths, paper) = if part == Instalment::First { (6, "拨 1") } else { (4, "拨 2") };
                let amount = self.a_year() / 10 * tenths;
                let gifts = yuan(12_000 + 2_000 * self.round_most as i64);
                let now = context.now(accountant, on);
                receipt(context.office, ("relief", "bank", yuan(amount)), on, &format!("{year} {paper}"), now)?;
                if part == Instalment::First {
                    receipt(context.office, ("office", "bank", yuan(8_000)), on, &format!("{year} 拨 1-2"), now)?;
                    receipt(context.office, ("gifts", "bank", gifts), on, &format!("{year} 会 4"), now)?;
                }
                Ok(())
            }
            Income::Cost => {
                let now = context.now(accountant, on);
                let cost = Booking {
                    kind: MovementKind::Expense,
                    from: Some("bank".into()),
                    ..booking("office", yuan(2_600 + i64::from(year % 7) * 80), on, &format!("{year} 费 1"))
                };
                context.office.book(&cost, now).map(drop)
            }
            Income::Pledged => {
                for (unit, staff) in GIVING {
                    let now = context.now(accountant, on);
                    let expected = yuan(i64::from(staff) * 60);
                    context.office.pledge(unit, expected, day(year, 1, 1), day(year, 12, 31), now)?;
                }
                Ok(())
            }
            Income::Collected => self.collect(on, context),
            Income::Once(once) => self.take_once(once, on, context),
        }
    }

    /// What the bureau grants a year, in yuan: by how much help there is to pay for.
    fn a_year(&self) -> i64 {
        6_000 + 12_000 * self.round_most as i64
    }

    fn begin(&mut self, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        // Whoever administers the system says which station keeps the book.
        let now = context.now(self.officers.checker, on);
        context.office.take_book(now)?;
        let now = context.now(self.officers.accountant, on);
        let office = &*context.office;
        place(office, ("bank", PlaceKind::Bank, "基金专户", "Fund account"), on, now)?;
        place(office, ("box", PlaceKind::Cash, "现金", "Cash box"), on, now)?;
        purse(office, ("relief", "S01", &[], "济难基金（行政拨款）", "Relief fund (appropriation)"), on, now)?;
        purse(office, ("workers", "S03", &[], "职工捐款", "Workers' donations"), on, now)?;
        purse(office, ("gifts", "S08", &["P6"], "送温暖（工会经费）", "Festival gifts (union funds)"), on, now)?;
        purse(office, ("office", "S02", &[], "工作经费", "Operating money"), on, now)?;
        for (year, thousands, times) in FORMER {
            let paper = "基金会十年台账";
            let note = |aid, amount, times| office.note_former((year, aid), amount, times, paper, now);
            note("P1", yuan(thousands * 500), times * 3 / 10)?;
            note("P2", yuan(thousands * 350), times / 10)?;
            note("P6", yuan(thousands * 150), times - times * 3 / 10 - times / 10)?;
        }
        for (purse, place, amount) in [
            ("relief", "bank", Fen(8_640_000)),
            ("workers", "bank", Fen(3_125_050)),
            ("gifts", "bank", Fen(1_200_000)),
            ("relief", "box", Fen(86_000)),
        ] {
            let opening = Booking {
                kind: MovementKind::Opening,
                to: Some(place.into()),
                ..booking(purse, amount, on, "2018 年末盘点表")
            };
            office.book(&opening, now)?;
        }
        Ok(())
    }

    /// All units but one hand in what their workers gave; which one does not is another each year.
    fn collect(&mut self, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let year = on.year();
        for (at, (unit, staff)) in (0..).zip(GIVING) {
            let is_equal = year == EQUAL_YEAR && unit == "JH61";
            if !is_equal && year % 3 == at {
                continue;
            }
            let share = |dice: &mut super::Dice, of| dice.between(i64::from(of) / 6, i64::from(of) / 4) as u32;
            let gave = match is_equal {
                true => vec![(yuan(50), staff)],
                false => [20, 50, 100].map(|sum| (yuan(sum), share(&mut self.dice, staff))).to_vec(),
            };
            let amount = Fen(gave.iter().map(|(fen, people)| fen.0 * i64::from(*people)).sum());
            let collection = NewCollection {
                unit: unit.into(),
                purse: "workers".into(),
                place: "bank".into(),
                amount,
                staff,
                gave,
                from: day(year, 1, 1),
                until: day(year, 12, 31),
                on,
                document: format!("{year} 捐款册 {}", at + 1),
            };
            let now = context.now(self.officers.accountant, on);
            context.office.collect(&collection, now)?;
        }
        Ok(())
    }
}

fn place(
    office: &Office,
    (code, kind, zh, en): (&str, PlaceKind, &str, &str),
    since: Day,
    now: Now,
) -> Result<(), Failure> {
    office.open_place(&NewPlace { code: code.into(), kind, zh: zh.into(), en: en.into(), since }, now).map(drop)
}

fn new_purse((code, source, kinds, zh, en): (&str, &str, &[&str], &str, &str), since: Day) -> NewPurse {
    NewPurse {
        code: code.into(),
        source: source.into(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        household: None,
        zh: zh.into(),
        en: en.into(),
        since,
        until: None,
    }
}

fn purse(office: &Office, new: (&str, &str, &[&str], &str, &str), since: Day, now: Now) -> Result<(), Failure> {
    office.open_purse(&new_purse(new, since), now).map(drop)
}

pub(super) fn booking(purse: &str, amount: Fen, on: Day, document: &str) -> Booking {
    Booking {
        kind: MovementKind::Receipt,
        purse: purse.into(),
        from: None,
        to: None,
        amount,
        on,
        document: document.into(),
        names: None,
    }
}

fn receipt(
    office: &Office,
    (purse, place, amount): (&str, &str, Fen),
    on: Day,
    document: &str,
    now: Now,
) -> Result<Booked, Failure> {
    office.book(&Booking { to: Some(place.into()), ..booking(purse, amount, on, document) }, now)
}

fn donation(
    (donor, purse, amount): (Option<&str>, &str, Fen),
    opens: Option<NewPurse>,
    on: Day,
    document: &str,
) -> Donation {
    Donation {
        donor: donor.map(str::to_owned),
        purse: purse.into(),
        opens,
        place: "bank".into(),
        amount,
        on,
        document: document.into(),
    }
}
