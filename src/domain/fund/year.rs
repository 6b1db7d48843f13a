//! What a period came to: opening, what came by source, what went by kind of aid, closing; and how many times, people and
//! households, which are three counts and never mixed.

use super::tally::{kind_of, net};
use super::{
    AidKind, BookLine, Books, FormerCount, FormerYear, LineId, Movement, MovementKind, Purse, aid_lines, tally,
};
use crate::domain::{Day, Fen, PurseId};
use std::collections::BTreeMap;

/// One kind of aid in a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AidCount {
    pub amount: Fen,
    /// 人次: payouts, less those that came back or were reversed whole.
    pub person_times: i64,
    /// 人数: distinct people who kept something.
    pub persons: usize,
    /// 户数: distinct dossiers that kept something.
    pub households: usize,
}

/// The statement of a period.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct YearStatement {
    pub opening: Fen,
    /// What was there when the book began, where it began in the period.
    pub begun_with: Fen,
    /// By source, less what was taken back.
    pub receipts: BTreeMap<String, Fen>,
    /// By kind.
    pub aid: BTreeMap<String, AidCount>,
    /// Of all kinds: people and households are counted once.
    pub all_aid: AidCount,
    pub expenses: Fen,
    pub closing: Fen,
    /// What was paid before the book began, about, by kind; as much came from nobody knows where. It is part of no count of
    /// people and households.
    pub former: BTreeMap<AidKind, FormerCount>,
}

impl YearStatement {
    /// With what was paid before the book began, of the years that end in the period.
    pub fn with_former(mut self, years: &[FormerYear], from: Day, to: Day) -> YearStatement {
        self.former = super::former(years, from, to);
        self
    }

    /// Of all kinds.
    pub fn all_former(&self) -> FormerCount {
        self.former.values().fold(FormerCount::default(), |all, one| FormerCount {
            amount: Fen(all.amount.0.saturating_add(one.amount.0)),
            person_times: all.person_times + one.person_times,
        })
    }

    /// `opening + in − out = closing`. What was paid before the book began came in as much as it went out.
    pub fn holds(&self) -> bool {
        let came: i64 = self.receipts.values().map(|fen| fen.0).sum();
        self.opening.0 + self.begun_with.0 + came - self.all_aid.amount.0 - self.expenses.0 == self.closing.0
    }
}

/// Of the lines that count, between two days, both included; of some books, or of all.
pub fn year(
    lines: &[BookLine],
    purses: &BTreeMap<PurseId, Purse>,
    books: Option<Books>,
    from: Day,
    to: Day,
) -> YearStatement {
    let of_books =
        |purse: &PurseId| purses.get(purse).is_some_and(|purse| books.is_none_or(|books| books == purse.books));
    let by_id: BTreeMap<LineId, &Movement> =
        lines.iter().filter_map(|line| Some((line.id, line.what.movement()?))).collect();
    let mut movements: Vec<(LineId, &Movement)> =
        by_id.iter().map(|(id, movement)| (*id, *movement)).filter(|(_, movement)| of_books(&movement.purse)).collect();
    movements.sort_by_key(|(id, movement)| (movement.on, *id));
    let mut statement = YearStatement::default();
    for (_, movement) in movements.iter().filter(|(_, movement)| movement.on <= to) {
        let net = net(movement);
        statement.closing.0 += net;
        let within = movement.on >= from;
        if !within {
            statement.opening.0 += net;
        }
        let kind = kind_of(movement, &by_id);
        let source = || purses.get(&movement.purse).map(|purse| purse.source.clone()).unwrap_or_default();
        match kind {
            MovementKind::Opening if within => statement.begun_with.0 += net,
            MovementKind::Receipt | MovementKind::Bounced | MovementKind::GivenBack if within => {
                statement.receipts.entry(source()).or_default().0 += net;
            }
            MovementKind::Expense if within => statement.expenses.0 -= net,
            _ => {}
        }
    }
    let aid = aid_lines(lines, purses, books, to);
    let within = || aid.iter().filter(|line| line.movement.on >= from);
    let by_kind = tally(within(), |line| line.movement.aid.clone().unwrap_or_default());
    statement.aid = by_kind.into_iter().map(|(aid, group)| (aid, group.counts)).collect();
    statement.all_aid = tally(within(), |_| ()).remove(&()).unwrap_or_default().counts;
    statement
}
