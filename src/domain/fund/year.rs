//! What a period came to: opening, what came by source, what went by kind of aid, closing; and how many times, people and
//! households, which are three counts and never mixed.

use super::{Account, AidKind, BookLine, Books, FormerCount, FormerYear, LineId, Movement, MovementKind, Purse, Sums};
use crate::domain::{Day, DossierId, EntryId, Fen, PersonId, PurseId};
use std::collections::{BTreeMap, BTreeSet};

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

/// What one payout came to so far: it may stand in several lines, a purse each.
#[derive(Default)]
struct Paid {
    amount: i64,
    back: i64,
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
    let mut payouts: BTreeMap<EntryId, Paid> = BTreeMap::new();
    let mut people: BTreeMap<(String, PersonId), i64> = BTreeMap::new();
    let mut dossiers: BTreeMap<(String, DossierId), i64> = BTreeMap::new();
    for (_, movement) in movements.iter().filter(|(_, movement)| movement.on <= to) {
        let purse: Sums = movement
            .sums()
            .into_iter()
            .filter(|(account, _)| matches!(account, Account::Purse(_)))
            .fold(Sums::default(), |all, (_, sums)| all.plus(sums));
        let net = purse.balance().0;
        statement.closing.0 += net;
        let within = movement.on >= from;
        if !within {
            statement.opening.0 += net;
        }
        // A reversal undoes what it names, in the column of that.
        let first = movement.names.and_then(|id| by_id.get(&id).copied());
        let kind = match (movement.kind, first) {
            (MovementKind::Reversal, Some(first)) => first.kind,
            (kind, _) => kind,
        };
        let source = || purses.get(&movement.purse).map(|purse| purse.source.clone()).unwrap_or_default();
        match kind {
            MovementKind::Opening if within => statement.begun_with.0 += net,
            MovementKind::Receipt | MovementKind::Bounced if within => {
                statement.receipts.entry(source()).or_default().0 += net;
            }
            MovementKind::Expense if within => statement.expenses.0 -= net,
            MovementKind::Payout | MovementKind::Returned => {
                let aid = movement.aid.clone().unwrap_or_default();
                // The record that granted it tells one payout from others.
                let of_payout = match movement.kind {
                    MovementKind::Payout => movement.names,
                    _ => payout_of(movement, &by_id),
                };
                let times = match of_payout {
                    Some(id) => count(payouts.entry(id.entry).or_default(), -net),
                    None => 0,
                };
                if within {
                    let counts = statement.aid.entry(aid.clone()).or_default();
                    counts.amount.0 -= net;
                    counts.person_times += times;
                    statement.all_aid.amount.0 -= net;
                    statement.all_aid.person_times += times;
                    if let Some(person) = movement.person {
                        *people.entry((aid.clone(), person)).or_default() -= net;
                    }
                    if let Some(dossier) = movement.dossier {
                        *dossiers.entry((aid, dossier)).or_default() -= net;
                    }
                }
            }
            _ => {}
        }
    }
    let (mut all_people, mut all_dossiers) = (BTreeSet::new(), BTreeSet::new());
    for ((aid, person), _) in people.into_iter().filter(|(_, kept)| *kept > 0) {
        statement.aid.entry(aid).or_default().persons += 1;
        all_people.insert(person);
    }
    for ((aid, dossier), _) in dossiers.into_iter().filter(|(_, kept)| *kept > 0) {
        statement.aid.entry(aid).or_default().households += 1;
        all_dossiers.insert(dossier);
    }
    (statement.all_aid.persons, statement.all_aid.households) = (all_people.len(), all_dossiers.len());
    statement
}

/// The reservation behind what came back: it names the payout, which names the reservation; a reversal of it names it in turn.
fn payout_of(movement: &Movement, by_id: &BTreeMap<LineId, &Movement>) -> Option<LineId> {
    let mut at = movement.names?;
    for _ in 0..4 {
        let named = by_id.get(&at)?;
        if named.kind == MovementKind::Payout {
            return named.names;
        }
        at = named.names?;
    }
    None
}

/// One time when something of it is had first, one less when nothing of it is left.
fn count(paid: &mut Paid, more: i64) -> i64 {
    let before = paid.amount - paid.back;
    if more > 0 {
        paid.amount += more
    } else {
        paid.back -= more
    }
    let after = paid.amount - paid.back;
    i64::from(after > 0) - i64::from(before > 0)
}
