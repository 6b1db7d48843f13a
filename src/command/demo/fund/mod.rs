//! The fund through the years: what came in and from whom, who was helped with it and how it was paid, gifts at festivals, and
//! periods that were counted and closed. Every act is a command of the officer whose duty it is, with the clock of its day.
//!
//! The book begins in 2019; what was paid before stands in it as the bureau told of its first ten years. How much is played does not
//! grow with the number of households: rounds and lists are bounded. Start reading at [`Fund::new`] (what is to happen when).

mod gifts;
mod income;
mod payouts;
mod periods;

use super::dice::Dice;
use super::people::Register;
use super::{Clock, Plan};
use crate::command::fund::NotPayable;
use crate::command::{Failure, Office};
use crate::domain::fund::NotBooked;
use crate::domain::{Day, DossierId, Fen, Now, OfficerId};
use gifts::{GiftStep, Gifts, Outsider};
use income::Income;
use payouts::{Round, RoundStep};
use periods::PeriodStep;
use std::collections::BTreeMap;

/// The first day of the book.
const BEGINS: (i32, u32, u32) = (2019, 1, 2);

/// Who has a part in the fund: whoever proposes, checks, decides, pays, keeps the book, looks it over.
pub struct FundOfficers {
    pub proposers: Vec<OfficerId>,
    pub checker: OfficerId,
    pub approver: OfficerId,
    pub cashier: OfficerId,
    pub accountant: OfficerId,
    pub supervisor: OfficerId,
}

/// A household that is in the files.
pub struct Candidate {
    pub dossier: DossierId,
    /// By the code of the unit that it is of on that day.
    pub unit: String,
    /// What was approved.
    pub category: String,
}

/// Where the fund's work is done: the office, its clock, who is in the files, and where people outside them come from.
pub struct FundContext<'a> {
    pub office: &'a mut Office,
    pub clock: &'a Clock,
    pub in_the_files: &'a dyn Fn(Day) -> Vec<Candidate>,
    pub register: &'a mut Register,
}

impl FundContext<'_> {
    /// That officer sits down: a moment of that day.
    fn now(&mut self, officer: OfficerId, on: Day) -> Now {
        self.office.sit_down(officer);
        self.clock.go(on)
    }
}

/// Something that is going to happen to the fund. Rounds and gifts by their place in the plan.
#[derive(Clone, Copy, Debug)]
enum Task {
    Income(Income),
    Round(usize, RoundStep),
    Gifts(usize, GiftStep),
    /// Of the period that ends that day.
    Period(Day, PeriodStep),
}

pub struct Fund {
    officers: FundOfficers,
    dice: Dice,
    /// By day, and in the order in which they were planned.
    tasks: BTreeMap<(Day, usize), Task>,
    rounds: Vec<Round>,
    gifts: Vec<Gifts>,
    outsiders: Vec<Outsider>,
    /// The household that somebody gave for.
    paired: Option<DossierId>,
    /// The most payouts of one round.
    round_most: usize,
}

impl Fund {
    /// Everything that is to happen up to the plan's last day.
    pub fn new(plan: &Plan, officers: FundOfficers) -> Fund {
        let today = plan.today;
        // A generator of its own: households are the same whatever the fund draws.
        let dice = Dice::new(plan.seed ^ 0x46_55_4E_44).apart();
        let mut fund = Fund {
            officers,
            dice,
            tasks: BTreeMap::new(),
            rounds: Vec::new(),
            gifts: Vec::new(),
            outsiders: Vec::new(),
            paired: None,
            round_most: (plan.households / 25).clamp(1, 8),
        };
        let begins = day(BEGINS.0, BEGINS.1, BEGINS.2);
        if today < begins {
            return fund;
        }
        fund.plan(begins, Task::Income(Income::Begin));
        fund.plan_income(today);
        fund.plan_rounds(today);
        fund.plan_gifts(today);
        fund.plan_periods(today);
        fund.tasks.retain(|(on, _), _| *on <= today);
        fund
    }

    fn plan(&mut self, on: Day, task: Task) {
        let place = self.tasks.len();
        self.tasks.insert((on, place), task);
    }

    /// Plays what is to happen up to the end of a day.
    pub fn play_until(&mut self, last: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        while let Some(entry) = self.tasks.first_entry().filter(|entry| entry.key().0 <= last) {
            let ((on, _), task) = entry.remove_entry();
            match task {
                Task::Income(income) => self.take_in(income, on, context)?,
                Task::Round(round, step) => self.round_step(round, step, on, context)?,
                Task::Gifts(of, step) => self.gift_step(of, step, on, context)?,
                Task::Period(to, step) => self.period_step(to, step, on, context)?,
            }
        }
        Ok(())
    }

    /// What each purse has free, by its code.
    fn free(&self, on: Day, context: &mut FundContext<'_>) -> Result<BTreeMap<String, Fen>, Failure> {
        let now = context.now(self.officers.accountant, on);
        let state = context.office.fund_state(on, now)?;
        Ok(state.purses.iter().map(|line| (line.row.purse.code.clone(), state.free(line))).collect())
    }
}

/// That day; of a day that no calendar has, the first of all days.
fn day(year: i32, month: u32, day: u32) -> Day {
    Day::from_ymd(year, month, day).unwrap_or(Day(0))
}

fn yuan(amount: i64) -> Fen {
    Fen(amount * 100)
}

/// What was done; `None`: it no longer held, as happens while a household lives on between two steps.
fn if_it_holds<T>(done: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match done {
        Err(Failure::NotPayable(why)) if !matches!(why, NotPayable::State { .. } | NotPayable::Control { .. }) => {
            Ok(None)
        }
        Err(Failure::Fund(NotBooked::PurseShort { .. })) => Ok(None),
        done => done.map(Some),
    }
}
