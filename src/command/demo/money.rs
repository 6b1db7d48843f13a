//! Amounts that put a household where its story wants it, in round figures that agree with each other.

use super::dice::Dice;
use super::household::{Household, Level, Money, Theme, WORKER, draws_pension, earns};
use crate::domain::{Day, Fen};

/// A share of an amount, in per mille, in whole tens of yuan.
fn share(of: i64, per_mille: i64) -> i64 {
    of / 1000 * per_mille / 1000 * 1000
}

/// Twelve months of a household that stands at `level` under the line `line_month` (fen). `present`: the scheme since
/// 2020; the one of 2016 asks other things.
pub fn fit(
    household: &Household,
    level: Level,
    theme: Theme,
    line_month: Fen,
    present: bool,
    dice: &mut Dice,
) -> Money {
    let floor = line_month.0 * 12 * household.size();
    let mut money = Money { refused: level == Level::Refused, ..Money::default() };
    let (gross, rigid) = match (level, present) {
        (Level::Deep, false) => {
            let gross = share(floor, dice.between(450, 920));
            (gross, share(gross, dice.between(0, 250)))
        }
        (Level::Deep, true) => {
            let rigid = share(floor, dice.between(100, 800));
            (share(floor, dice.between(350, 880)) + rigid, rigid)
        }
        (Level::Relative | Level::Refused, false) => {
            let gross = share(floor, dice.between(1050, 1440));
            (gross, gross - share(floor, dice.between(600, 920)))
        }
        (Level::Relative | Level::Refused, true) => {
            let rigid = share(floor, dice.between(100, 600));
            money.employment = Fen(share(floor, dice.between(0, 60)));
            (share(floor, dice.between(1120, 1850)) + rigid, rigid)
        }
        (Level::Accident, false) => {
            let gross = share(floor, dice.between(1600, 2700));
            money.loss = Fen(gross - share(floor, dice.between(300, 800)));
            (gross, 0)
        }
        (Level::Accident, true) => {
            let rigid = share(floor, dice.between(0, 100));
            let gross = share(floor, dice.between(2150, 2800)) + rigid;
            money.loss = Fen(share(gross, dice.between(880, 1500)));
            (gross, rigid)
        }
        (Level::Watch, _) => {
            let rigid = share(floor, dice.between(50, 150));
            (share(floor, dice.between(2090, 2400)) + rigid, rigid)
        }
        (Level::Over, _) => {
            let rigid = share(floor, dice.between(0, 150));
            (share(floor, dice.between(2650, 3600)) + rigid, rigid)
        }
    };
    // Part of a loss comes back; what is left is what the story wants.
    if money.loss.0 > 0 && dice.percent(50) {
        money.compensated = Fen(share(money.loss.0, dice.between(100, 400)));
        money.loss = Fen(money.loss.0 + money.compensated.0);
    }
    money.dibao = match () {
        () if gross >= floor => "3",
        () if dice.percent(60) => "1",
        () => "2",
    };
    earn(&mut money, household, gross, dice);
    spend(&mut money, household, rigid, theme, dice);
    money.living = Fen(share(gross, dice.between(350, 600)));
    money.debt = Fen(if level == Level::Over { 0 } else { share(floor, dice.between(0, 3000)) });
    money.assets =
        Fen(share(floor, if level == Level::Accident { dice.between(0, 100) } else { dice.between(0, 400) }));
    money
}

/// Who brings the income home: wages and pensions by month, transfers, the rest as other income.
fn earn(money: &mut Money, household: &Household, gross: i64, dice: &mut Dice) {
    if money.dibao == "1" {
        money.transfer = Fen(share(gross, dice.between(200, 450)));
    } else if dice.percent(25) {
        money.transfer = Fen(share(gross, dice.between(10, 60)));
    }
    let rest = gross - money.transfer.0;
    if dice.percent(15) {
        money.property = Fen(share(rest, dice.between(10, 80)));
    }
    if household.trade == "15" || household.trade == "16" {
        money.business = Fen(share(rest, dice.between(30, 150)));
    }
    let rest = rest - money.property.0 - money.business.0;
    let mut sources: Vec<(u32, bool, i64)> = Vec::new();
    let mut source = |key, status: &str, weight| {
        if earns(status) {
            sources.push((key, true, weight));
        } else if draws_pension(status) {
            sources.push((key, false, weight));
        }
    };
    source(WORKER, household.work_status, 130);
    for member in household.members.iter().filter(|m| m.lives_together) {
        source(member.human.key, member.status, if member.is_parent() { 60 } else { 100 });
    }
    let weights: i64 = sources.iter().map(|(.., weight)| weight).sum();
    let mut reported = 0;
    for (key, wage, weight) in sources {
        // Whole yuan a month.
        let month = rest / 12 * weight / (weights + 10) / 100 * 100;
        if wage {
            money.wage.0 += month * 12;
        } else {
            money.pension.0 += month * 12;
        }
        reported += month * 12;
        if key != WORKER {
            money.member_month.push((key, Fen(month)));
        } else if wage {
            money.own_month = Fen(month);
        }
    }
    money.other = Fen(rest - reported);
}

/// Where the rigid spending goes.
fn spend(money: &mut Money, household: &Household, rigid: i64, theme: Theme, dice: &mut Dice) {
    let mut left = rigid;
    if household.has_student() {
        let part = if theme == Theme::Schooling { dice.between(550, 900) } else { dice.between(100, 350) };
        money.education = Fen(share(left, part));
        left -= money.education.0;
    }
    if household.has_disabled() {
        money.disability = Fen(share(left, dice.between(200, 600)));
        left -= money.disability.0;
    }
    // Bills are higher than what is left to pay.
    money.reimbursed = Fen(share(left, dice.between(300, 2500)));
    money.medical = Fen(left + money.reimbursed.0);
}

/// The scheme since 2020 looks at other things than the one before.
pub fn is_present(on: Day) -> bool {
    on.year() >= 2020
}
