//! Aid line by line, and any way of telling the lines apart: each table sums to its lines, since it is made of nothing else.

use super::{Account, AidCount, BookLine, Books, LineId, Movement, MovementKind, Purse, Sums};
use crate::domain::{Day, DossierId, EntryId, Fen, PersonId, PurseId};
use std::collections::BTreeMap;

/// A line that paid aid, brought it back, or took it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AidLine<'l> {
    pub id: LineId,
    pub movement: &'l Movement,
    /// Below zero: it came back.
    pub paid: Fen,
    /// One when something of a payout is had first, one less when nothing of it is left.
    pub person_times: i64,
    /// The record that granted it, to one beneficiary of it or, of a campaign, to many.
    pub granted: Option<EntryId>,
}

/// Lines of one group, and what they come to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AidGroup {
    pub counts: AidCount,
    /// By day.
    pub lines: Vec<LineId>,
}

/// By day, up to and with one; of some books, or of all.
pub fn aid_lines<'l>(
    lines: &'l [BookLine],
    purses: &BTreeMap<PurseId, Purse>,
    books: Option<Books>,
    to: Day,
) -> Vec<AidLine<'l>> {
    let by_id: BTreeMap<LineId, &Movement> =
        lines.iter().filter_map(|line| Some((line.id, line.what.movement()?))).collect();
    let of_books =
        |purse: &PurseId| purses.get(purse).is_some_and(|purse| books.is_none_or(|books| books == purse.books));
    let mut own: Vec<(LineId, &Movement)> = by_id
        .iter()
        .map(|(id, movement)| (*id, *movement))
        .filter(|(_, movement)| movement.on <= to && of_books(&movement.purse))
        .collect();
    own.sort_by_key(|(id, movement)| (movement.on, *id));
    // Of one record that grants to many, each beneficiary is a payout of their own.
    let mut kept: BTreeMap<(EntryId, Option<DossierId>, Option<PersonId>), i64> = BTreeMap::new();
    let mut out = Vec::new();
    for (id, movement) in own {
        let kind = kind_of(movement, &by_id);
        if !matches!(kind, MovementKind::Payout | MovementKind::Returned) {
            continue;
        }
        let granted = match movement.kind {
            MovementKind::Payout => movement.names,
            _ => payout_of(movement, &by_id),
        };
        let granted = granted.map(|id| id.entry);
        let paid = -net(movement);
        let person_times = granted.map_or(0, |granted| {
            let left = kept.entry((granted, movement.dossier, movement.person)).or_default();
            let before = *left;
            *left += paid;
            i64::from(*left > 0) - i64::from(before > 0)
        });
        out.push(AidLine { id, movement, paid: Fen(paid), person_times, granted });
    }
    out
}

/// A reversal undoes what it names, and counts as that.
pub(super) fn kind_of(movement: &Movement, by_id: &BTreeMap<LineId, &Movement>) -> MovementKind {
    match (movement.kind, movement.names.and_then(|id| by_id.get(&id))) {
        (MovementKind::Reversal, Some(first)) => first.kind,
        (kind, _) => kind,
    }
}

/// What a movement adds to its purse.
pub(super) fn net(movement: &Movement) -> i64 {
    let of_purse = movement.sums().into_iter().filter(|(account, _)| matches!(account, Account::Purse(_)));
    of_purse.fold(Sums::default(), |all, (_, sums)| all.plus(sums)).balance().0
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

/// Lines told apart by a key. People and households are those who kept something, and count once in each group.
pub fn tally<'a, 'l: 'a, K: Ord + Clone>(
    lines: impl IntoIterator<Item = &'a AidLine<'l>>,
    key: impl Fn(&AidLine<'l>) -> K,
) -> BTreeMap<K, AidGroup> {
    let mut groups: BTreeMap<K, AidGroup> = BTreeMap::new();
    let mut people: BTreeMap<(K, PersonId), i64> = BTreeMap::new();
    let mut dossiers: BTreeMap<(K, DossierId), i64> = BTreeMap::new();
    for line in lines {
        let key = key(line);
        if let Some(person) = line.movement.person {
            *people.entry((key.clone(), person)).or_default() += line.paid.0;
        }
        if let Some(dossier) = line.movement.dossier {
            *dossiers.entry((key.clone(), dossier)).or_default() += line.paid.0;
        }
        let group = groups.entry(key).or_default();
        group.counts.amount.0 += line.paid.0;
        group.counts.person_times += line.person_times;
        group.lines.push(line.id);
    }
    for ((key, _), _) in people.into_iter().filter(|(_, kept)| *kept > 0) {
        groups.entry(key).or_default().counts.persons += 1;
    }
    for ((key, _), _) in dossiers.into_iter().filter(|(_, kept)| *kept > 0) {
        groups.entry(key).or_default().counts.households += 1;
    }
    groups
}
