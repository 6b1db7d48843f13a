//! Gifts at the spring festival (送温暖), to households in the files and to workers and pensioners who have no dossier: listed, counted,
//! granted, handed over, and what nobody came for brought back. On the demo's last day one campaign is being handed out, and the list
//! of the next festival is being made.

use super::income::booking;
use super::{Fund, FundContext, Task, day, if_it_holds, yuan};
use crate::command::Failure;
use crate::command::demo::people;
use crate::command::fund::{Booking, CampaignLine, Control, LineState, NewCampaign, NotInCampaign, Signed};
use crate::command::import::RollSheet;
use crate::command::roll::RollQuery;
use crate::domain::fund::{CampaignState, MovementKind};
use crate::domain::id_number::Sex;
use crate::domain::{Day, Fen};
use crate::views::fund::CampaignRow;
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GiftStep {
    /// Begun, and its list filled from the roll and from a file.
    Fill,
    /// Counted and granted on one day, so that nobody's case moves in between.
    Grant,
    /// Money for it is drawn, and most of it handed over.
    Hand,
    /// What nobody came for is brought back, and it is closed.
    Close,
}

/// A campaign.
pub struct Gifts {
    code: String,
    event: String,
    zh: String,
    en: String,
    from: Day,
    until: Day,
    /// By class, in yuan: households in hardship, pensioners, workers at the front line.
    standards: [i64; 3],
    /// How many of a hundred lines are handed over at first.
    handed: usize,
}

/// Somebody outside dossiers who is given to every year. Made up.
pub struct Outsider {
    name: String,
    id_number: String,
    unit: &'static str,
    class: &'static str,
    phone: String,
}

const CLASSES: [&str; 3] = ["hardship", "retired", "front"];
/// The most households that come onto a list, however many are in the files.
const HOUSEHOLDS_MAX: usize = 12;
const OUTSIDERS_FIRST: usize = 10;
const OUTSIDERS_MAX: usize = 16;
const UNITS: [&str; 6] = ["JH11", "JH12", "JH13", "JH21", "JH41", "JH61"];

impl Fund {
    pub(super) fn plan_gifts(&mut self, today: Day) {
        for year in (today.year() - 2).max(super::BEGINS.0 + 1)..=today.year() {
            // Closed well before the demo ends.
            if day(year, 1, 25) <= today.plus_days(-20) {
                let place = self.spring(year);
                for (on, step) in
                    [(6, GiftStep::Fill), (7, GiftStep::Grant), (12, GiftStep::Hand), (25, GiftStep::Close)]
                {
                    self.plan(day(year, 1, on), Task::Gifts(place, step));
                }
            }
        }
        let year = today.year();
        self.gifts.push(Gifts {
            code: format!("winter-{year}"),
            event: format!("{year} 入冬取暖"),
            zh: format!("{year} 年入冬取暖慰问"),
            en: format!("heating gifts {year}"),
            from: today.plus_days(-10),
            until: today.plus_days(30),
            standards: [300, 200, 200],
            handed: 50,
        });
        let winter = self.gifts.len() - 1;
        for (before, step) in [(-12, GiftStep::Fill), (-11, GiftStep::Grant), (-8, GiftStep::Hand)] {
            self.plan(today.plus_days(before), Task::Gifts(winter, step));
        }
        let next = if today < day(year, 1, 6) { year } else { year + 1 };
        let spring = self.spring(next);
        self.plan(today.plus_days(-3), Task::Gifts(spring, GiftStep::Fill));
    }

    fn spring(&mut self, year: i32) -> usize {
        self.gifts.push(Gifts {
            code: format!("spring-{year}"),
            event: format!("{year} 春节"),
            zh: format!("{year} 年春节送温暖"),
            en: format!("spring festival gifts {year}"),
            from: day(year, 1, 8),
            until: day(year, 2, 20),
            standards: [800, 400, 500],
            handed: 95,
        });
        self.gifts.len() - 1
    }

    pub(super) fn gift_step(
        &mut self,
        place: usize,
        step: GiftStep,
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<(), Failure> {
        match step {
            GiftStep::Fill => self.fill(place, on, context),
            GiftStep::Grant => self.grant(place, on, context),
            GiftStep::Hand => self.hand(place, on, context),
            GiftStep::Close => self.bring_back(place, on, context),
        }
    }

    fn code(&self, place: usize) -> String {
        self.gifts.get(place).map(|gifts| gifts.code.clone()).unwrap_or_default()
    }

    fn fill(&mut self, place: usize, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        self.know_outsiders(on, context);
        let Some(gifts) = self.gifts.get(place) else { return Ok(()) };
        let new = NewCampaign {
            code: gifts.code.clone(),
            aid: "P6".into(),
            event: gifts.event.clone(),
            from: gifts.from,
            until: gifts.until,
            classes: CLASSES
                .iter()
                .zip(gifts.standards)
                .map(|(class, sum)| ((*class).into(), yuan(sum), None))
                .collect(),
            purse: "gifts".into(),
            zh: gifts.zh.clone(),
            en: gifts.en.clone(),
        };
        let units = self.units_to_ask(on, context);
        let at = self.dice.between(0, self.officers.proposers.len() as i64 - 1) as usize;
        let maker = self.officers.proposers.get(at).copied().unwrap_or(self.officers.checker);
        let now = context.now(maker, on);
        let row = context.office.begin_campaign(&new, now)?;
        if !units.is_empty() {
            // A household in relative hardship has one kind of aid a year: it is left to the rounds.
            let asked = RollQuery {
                filters: vec![("unit".into(), units), ("category".into(), ["1", "3", "9"].map(str::to_owned).to_vec())],
                ..RollQuery::default()
            };
            let now = context.now(maker, on);
            match context.office.fill_from_roll(&row, &asked, "hardship", now) {
                Err(Failure::Campaign(NotInCampaign::Nobody)) => {}
                filled => drop(filled?),
            }
        }
        let mut text = "姓名,身份证号,单位,类别,手机\n".to_owned();
        for one in &self.outsiders {
            text.push_str(&format!("{},{},{},{},{}\n", one.name, one.id_number, one.unit, one.class, one.phone));
        }
        let sheet = RollSheet::read("送温暖名单.csv", text.as_bytes(), None, None)?;
        let now = context.now(maker, on);
        let row = context.office.campaign_named(&new.code, now)?;
        context.office.fill_from_file(&row, &sheet, None, now).map(drop)
    }

    /// Units right under the bureau whose households fit onto a list, those with the fewest first.
    fn units_to_ask(&self, on: Day, context: &FundContext<'_>) -> Vec<String> {
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for household in (context.in_the_files)(on) {
            let is_asked = matches!(household.category.as_str(), "1" | "3" | "9");
            *counted.entry(household.unit).or_default() += usize::from(is_asked);
        }
        let mut counted: Vec<(usize, String)> = counted.into_iter().map(|(unit, count)| (count, unit)).collect();
        counted.sort();
        let mut left = HOUSEHOLDS_MAX;
        counted.retain(|(count, _)| match *count > 0 && *count <= left {
            true => {
                left -= count;
                true
            }
            false => false,
        });
        counted.into_iter().map(|(_, unit)| unit).collect()
    }

    /// The first ones at the first list, and some more at each later one.
    fn know_outsiders(&mut self, on: Day, context: &mut FundContext<'_>) {
        let more = if self.outsiders.is_empty() { OUTSIDERS_FIRST } else { 2 };
        for _ in 0..more.min(OUTSIDERS_MAX - self.outsiders.len().min(OUTSIDERS_MAX)) {
            let dice = &mut self.dice;
            let sex = if dice.percent(60) { Sex::Male } else { Sex::Female };
            let is_retired = dice.percent(60);
            let age = if is_retired { dice.between(61, 74) } else { dice.between(28, 48) } as i32;
            let birth = day(on.year() - age, dice.between(1, 12) as u32, dice.between(1, 28) as u32);
            let origin = people::people(dice);
            let family = people::family_name(dice, origin);
            self.outsiders.push(Outsider {
                name: people::name(dice, &family, sex),
                id_number: context.register.id_number(dice, birth, sex),
                unit: dice.pick(&UNITS),
                class: if is_retired { "retired" } else { "front" },
                phone: people::phone(dice),
            });
        }
    }

    fn grant(&self, place: usize, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let code = self.code(place);
        let now = context.now(self.officers.checker, on);
        let row = context.office.campaign_named(&code, now)?;
        let mut lines = context.office.campaign_lines(&row, now)?;
        lines.retain(|line| line.state.stands());
        if lines.is_empty() {
            return Ok(());
        }
        let row = context.office.check_campaign(&row, Control { count: lines.len(), sum: sum(&lines) }, now)?;
        let now = context.now(self.officers.approver, on);
        if_it_holds(context.office.approve_campaign(&row, None, now)).map(drop)
    }

    /// The campaign and what of it is granted and still to be handed over.
    fn granted(
        &self,
        place: usize,
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<Option<(CampaignRow, Vec<CampaignLine>)>, Failure> {
        let code = self.code(place);
        let now = context.now(self.officers.cashier, on);
        let row = context.office.campaign_named(&code, now)?;
        if row.state() != CampaignState::Approved {
            return Ok(None);
        }
        let mut lines = context.office.campaign_lines(&row, now)?;
        lines.retain(|line| line.state == LineState::Granted);
        Ok(Some((row, lines)))
    }

    fn hand(&self, place: usize, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let Some((row, lines)) = self.granted(place, on, context)? else { return Ok(()) };
        self.to_the_box(("gifts", sum(&lines)), on, context)?;
        let share = self.gifts.get(place).map_or(0, |gifts| gifts.handed);
        let mut numbers: Vec<usize> = lines.iter().map(|line| line.number).take(lines.len() * share / 100).collect();
        // One of them sent a relative.
        let by_proxy = numbers.pop();
        let proxy = Signed::Proxy { name: "示例代领人".into(), relation: "配偶".into() };
        for (mut numbers, signed) in [(numbers, Signed::Themselves), (by_proxy.into_iter().collect(), proxy)] {
            while !numbers.is_empty() {
                let now = context.now(self.officers.cashier, on);
                match context.office.hand_over(&row, &numbers, ("box", &signed), on, now) {
                    // Whoever cannot have it any more is left for what is brought back.
                    Err(Failure::Campaign(NotInCampaign::Out { line, .. })) => numbers.retain(|number| *number != line),
                    handed => {
                        handed?;
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn bring_back(&self, place: usize, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let Some((row, lines)) = self.granted(place, on, context)? else { return Ok(()) };
        if !lines.is_empty() {
            let numbers: Vec<usize> = lines.iter().map(|line| line.number).collect();
            let now = context.now(self.officers.cashier, on);
            context.office.bring_back(&row, &numbers, "本人外出，无人代领", on, now)?;
            let now = context.now(self.officers.accountant, on);
            let back = Booking {
                kind: MovementKind::Transfer,
                from: Some("box".into()),
                to: Some("bank".into()),
                ..booking("gifts", sum(&lines), on, "现金缴存")
            };
            context.office.book(&back, now)?;
        }
        let now = context.now(self.officers.cashier, on);
        let row = context.office.campaign_named(&row.campaign.code, now)?;
        context.office.close_campaign(&row, now).map(drop)
    }
}

fn sum(lines: &[CampaignLine]) -> Fen {
    Fen(lines.iter().map(|line| line.amount.0).sum())
}
