//! The relief fund's book as rows: a line each, what it comes to by day and month, what is reserved, and who may keep it.
//!
//! Sums add, what touched a reservation is a set, and a line counts by where it stands in its own chain: so any order of
//! arrival makes the same rows. Start reading at [`fold`], then `admit.rs` (what does not come to stand), `read.rs`.

mod admit;
mod campaigns;
mod closings;
mod giving;
mod keepers;
mod payouts;
mod read;
mod rows;

pub use admit::refused;
pub use campaigns::{
    CampaignRow, CampaignStepRow, FillRow, Hand, ReceiverRow, ReceiverStepRow, campaign, campaigns, receiver,
    receiver_key, receivers, receivers_of, taken_out,
};
pub use closings::{ClosingRow, ClosingStepRow, FormerRow, closed_until, closings, former_said, former_years};
pub use giving::{AppropriationRow, CollectionRow, PledgeRow, appropriations, collections, pledges};
pub use keepers::{keeper, keeps};
pub use payouts::{BatchRow, PayoutRow, StepRow, batches, payout, payouts, payouts_of};
pub use read::{
    Statement, all_lines, book, held, line, line_of_number, lines_about, lines_of_record, numbers_of, places, purses,
    statement, sums,
};
pub use rows::{LineRow, PlaceRow, PurseRow};

use super::bodies::open_person;
use super::history::Happening;
use super::keyspaces::*;
use super::numbers::note_serial;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{Account, LineId, MovementKind, Place, Purse, Sums, What};
use crate::domain::{Day, Subject};
use crate::log::Record;
use crate::seal::{KeyName, Keyring};
use crate::store::Read;
use crate::views::fold::Folded;
use rows::{HeldRow, about_key, account_key, line_key, month_of, number_key, statement_key};

/// The beginning of every series of receipts and vouchers; the rest is kind, books and year: `fund-r-general-2026`. **[disk]**
pub const SERIES: &str = "fund-";

/// One event into the book's rows.
pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, record, happening) = (folded.keys, folded.record, folded.happening);
    let header = &record.header;
    payouts::fold(pending, folded)?;
    giving::fold(pending, folded)?;
    closings::fold(pending, folded)?;
    campaigns::fold(pending, folded)?;
    match &happening.ledger {
        Ledger::PlaceOpened(place) => {
            let (zh, en) = names(keys, record, happening.place)?;
            let row = PlaceRow { place: place.clone(), zh, en, entry: header.entry, by: header.by, at: header.at };
            let key = [place.place.0, header.entry.0].concat();
            sealed::put(pending, keys, KeyName::Store, FUND_PLACES, key, &row)
        }
        Ledger::PurseOpened(purse) => {
            let (zh, en) = names(keys, record, happening.place)?;
            let row = PurseRow { purse: purse.clone(), zh, en, entry: header.entry, by: header.by, at: header.at };
            let key = [purse.purse.0, header.entry.0].concat();
            sealed::put(pending, keys, KeyName::Store, FUND_PURSES, key, &row)
        }
        Ledger::FundMoved(movement) => enter(pending, keys, record, happening, What::Moved(movement.clone())),
        Ledger::FundReserved(reservation) => {
            enter(pending, keys, record, happening, What::Reserved(reservation.clone()))
        }
        Ledger::FundReleased(release) => enter(pending, keys, record, happening, What::Released(release.clone())),
        Ledger::NumbersVoided { series, from, to, .. } => {
            // Bounded, whatever a record says: nobody skips more than a block of paper.
            for number in *from..=(*to).min(from.saturating_add(9_999)) {
                pending.set(FUND_NUMBERS, number_key(series, number, header.entry), b"void".as_slice());
            }
            note_serial(pending, series, header.station, *to)
        }
        Ledger::BookTaken { from } => {
            keepers::note(pending, header.station, header.seq, header.entry, true);
            if let Some((station, seq)) = from {
                keepers::note(pending, *station, *seq, header.entry, false);
            }
            recount(pending, keys)
        }
        Ledger::BookGiven { .. } => {
            keepers::note(pending, header.station, header.seq, header.entry, false);
            recount(pending, keys)
        }
        _ => Ok(()),
    }
}

fn names(keys: &Keyring, record: &Record, place: u16) -> Result<(String, String), ViewError> {
    match open_person(keys, record, Subject::Bureau, place)? {
        Some(Person::Named { zh, en }) => Ok((zh, en)),
        _ => Ok(Default::default()),
    }
}

fn enter(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    record: &Record,
    happening: &Happening,
    what: What,
) -> Result<(), ViewError> {
    let id = LineId { entry: happening.entry, line: happening.place };
    // One record leaves one paper, however many lines it has.
    let issued = what.movement().and(record.header.issued.first()).filter(|issued| issued.series.starts_with(SERIES));
    let number = issued.map(|issued| (issued.series.clone(), issued.number));
    if let Some((series, number)) = &number {
        pending.set(FUND_NUMBERS, number_key(series, *number, id.entry), Vec::new());
    }
    let named = match what.names() {
        Some(named) => read::line(pending, keys, named)?,
        None => None,
    };
    let on = what.on();
    let purse = match &what {
        What::Moved(movement) => Some(movement.purse),
        What::Reserved(reservation) => Some(reservation.purse),
        What::Released(_) => named.as_ref().and_then(|named| named.purse),
    };
    let accounts = match &what {
        What::Moved(movement) => movement.accounts(),
        _ => purse.into_iter().map(Account::Purse).collect(),
    };
    for account in accounts {
        pending.set(FUND_STATEMENTS, statement_key(account, on, id), Vec::new());
    }
    let (dossier, person) = match &what {
        What::Moved(movement) => (movement.dossier, movement.person),
        What::Reserved(reservation) => (reservation.dossier, reservation.person),
        What::Released(_) => (None, None),
    };
    let subjects = dossier.map(Subject::Dossier).into_iter().chain(person.map(Subject::Person));
    for subject in subjects {
        pending.set(FUND_ABOUT, about_key(subject, on, id), Vec::new());
    }
    let row = LineRow {
        id,
        what,
        purse,
        number,
        station: happening.station,
        seq: happening.seq,
        by: happening.by,
        at: happening.at,
        session: happening.session,
        counts: keeps(pending, happening.station, happening.seq)?,
        reversed: None,
        back: Default::default(),
    };
    sealed::put(pending, keys, KeyName::Store, FUND_LINES, line_key(id), &row)?;
    if row.counts { add_up(pending, keys, &row) } else { Ok(()) }
}

/// What a line that counts adds to sums, to the line that it names, and to a reservation.
fn add_up(pending: &mut Pending<'_>, keys: &Keyring, row: &LineRow) -> Result<(), ViewError> {
    match &row.what {
        What::Moved(movement) => {
            for (account, sums) in movement.sums() {
                add(pending, keys, account, movement.on, sums)?;
            }
        }
        What::Reserved(reservation) => {
            let purse = read::purse(pending, keys, reservation.purse)?;
            let last = purse.and_then(|row: PurseRow| row.purse.until);
            let until = last.map_or(reservation.until, |last| last.min(reservation.until));
            let held = crate::domain::fund::Held::new(reservation, until);
            return put_held(pending, keys, row.id, None, HeldRow { purse: reservation.purse, held });
        }
        What::Released(_) => {}
    }
    let named = match row.what.names() {
        Some(named) => read::line(pending, keys, named)?,
        None => None,
    };
    if let (Some(mut named), Some(movement)) = (named.clone(), row.what.movement()) {
        let before = named.clone();
        if movement.kind == MovementKind::Reversal {
            // Of two the least, so that the order in which they come does not tell.
            named.reversed = Some(named.reversed.map_or(row.id, |other| other.min(row.id)));
            stands_no_more(pending, keys, &named)?;
        } else if movement.kind.is_back() {
            named.back.insert((row.id, movement.amount));
        }
        if named != before {
            sealed::put(pending, keys, KeyName::Store, FUND_LINES, line_key(named.id), &named)?;
        }
    }
    let mut ways = std::collections::BTreeSet::new();
    if let Some(movement) = row.what.movement() {
        for id in [movement.from, movement.to] {
            if read::place(pending, keys, id)?.is_some_and(|place: PlaceRow| place.place.is_way()) {
                ways.insert(id);
            }
        }
    }
    let of = read::reservation_of(pending, keys, &row.what)?;
    let named = named.as_ref().map(|named| &named.what);
    let touch = of.and_then(|of| row.what.touch(row.id, (of, named), |id| ways.contains(&id)));
    if let Some((of, touch)) = touch
        && let Some(before) = read::held_row(pending, keys, of)?
    {
        let mut after = before.clone();
        after.held.touches.insert(touch);
        put_held(pending, keys, of, Some(before), after)?;
    }
    Ok(())
}

/// What took something back and was reversed took nothing back of what it names.
fn stands_no_more(pending: &mut Pending<'_>, keys: &Keyring, back: &LineRow) -> Result<(), ViewError> {
    let Some(movement) = back.what.movement().filter(|movement| movement.kind.is_back()) else { return Ok(()) };
    let Some(of) = movement.names else { return Ok(()) };
    let Some(mut first) = read::line(pending, keys, of)? else { return Ok(()) };
    match first.back.remove(&(back.id, movement.amount)) {
        true => sealed::put(pending, keys, KeyName::Store, FUND_LINES, line_key(of), &first),
        false => Ok(()),
    }
}

fn put_held(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    id: LineId,
    before: Option<HeldRow>,
    after: HeldRow,
) -> Result<(), ViewError> {
    let account = Account::Purse(after.purse);
    let sums = |reserved| Sums { reserved, ..Sums::default() };
    for (day, fen) in before.iter().flat_map(|row| row.held.by_day()) {
        add(pending, keys, account, day, sums(fen).negative())?;
    }
    for (day, fen) in after.held.by_day() {
        add(pending, keys, account, day, sums(fen))?;
    }
    sealed::put(pending, keys, KeyName::Store, FUND_HELD, line_key(id), &after)
}

fn add(pending: &mut Pending<'_>, keys: &Keyring, account: Account, on: Day, more: Sums) -> Result<(), ViewError> {
    for (keyspace, day) in [(FUND_DAYS, on), (FUND_MONTHS, month_of(on))] {
        let key = account_key(account, day);
        let before: Sums = match pending.get(keyspace, &key)? {
            Some(row) => sealed::open(keys, KeyName::Store, keyspace, &key, &row)?,
            None => Sums::default(),
        };
        let after = before.plus(more);
        if after.is_zero() {
            pending.remove(keyspace, key);
        } else {
            sealed::put(pending, keys, KeyName::Store, keyspace, key, &after)?;
        }
    }
    Ok(())
}

/// Whoever keeps the book has changed, so which lines count may have. That happens once in years: everything is summed anew.
fn recount(pending: &mut Pending<'_>, keys: &Keyring) -> Result<(), ViewError> {
    let mut lines = read::all_lines(pending, keys)?;
    let mut moved = false;
    for row in &mut lines {
        let counts = keeps(pending, row.station, row.seq)?;
        moved |= counts != row.counts;
        (row.counts, row.reversed, row.back) = (counts, None, Default::default());
    }
    if !moved {
        return Ok(());
    }
    for keyspace in [FUND_DAYS, FUND_MONTHS, FUND_HELD] {
        for (key, _) in pending.scan(&crate::store::Scan::prefix(keyspace, &[]))? {
            pending.remove(keyspace, key);
        }
    }
    for row in &lines {
        sealed::put(pending, keys, KeyName::Store, FUND_LINES, line_key(row.id), row)?;
    }
    // What a line names comes before it: a reservation, then what was paid of it, then what came back.
    let names: std::collections::BTreeMap<LineId, Option<LineId>> =
        lines.iter().map(|row| (row.id, row.what.names())).collect();
    let depth = |id: LineId| {
        let (mut at, mut depth) = (id, 0);
        // No line that a person made is further from a reservation than its return, reversed.
        while let Some(up) = names.get(&at).copied().flatten().filter(|_| depth < 8) {
            (at, depth) = (up, depth + 1);
        }
        depth
    };
    lines.sort_by_key(|row| (depth(row.id), row.id));
    lines.iter().filter(|row| row.counts).try_for_each(|row| add_up(pending, keys, row))
}

/// What a book can hold.
pub(super) fn opened(ledger: &Ledger) -> Option<Opened<'_>> {
    match ledger {
        Ledger::PlaceOpened(place) => Some(Opened::Place(place)),
        Ledger::PurseOpened(purse) => Some(Opened::Purse(purse)),
        _ => None,
    }
}

/// Something that was opened.
pub(super) enum Opened<'l> {
    Place(&'l Place),
    Purse(&'l Purse),
}
