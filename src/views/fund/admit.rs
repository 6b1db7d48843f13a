//! What does not come to stand in the book, looked at on the queue's thread against everything kept before: nobody else can
//! have moved the same money in between. The lines are folded for a try, and then every later day is looked at.

use super::super::bodies::open_ledger;
use super::super::history::Happening;
use super::super::keyspaces::FUND_DAYS;
use super::super::pending::Pending;
use super::super::sealed::ViewError;
use super::rows::{day_of_key, of_account};
use super::{Opened, closings, giving, keeper, keeps, opened, read};
use crate::domain::event::Ledger;
use crate::domain::fund::{Account, Closing, ClosingState, Facts, Named, NotBooked, Sums, What, first_short};
use crate::domain::{Day, EntryId, Fen, PlaceId};
use crate::log::Record;
use crate::seal::Keyring;
use crate::store::Read;
use crate::views::fold::Folded;
use std::collections::{BTreeMap, BTreeSet};

/// Why a record does not come to stand in the book; `None`: it does, or it is about something else.
pub fn refused(below: &dyn Read, keys: &Keyring, record: &Record) -> Result<Option<NotBooked>, ViewError> {
    let part = open_ledger(keys, record)?;
    if !part.events.iter().any(Ledger::is_of_the_book) {
        return Ok(None);
    }
    let header = &record.header;
    let mut pending = Pending::over(below);
    let mut bound: BTreeSet<Account> = BTreeSet::new();
    let mut before: Option<&Ledger> = None;
    for (place, event) in (0u16..).zip(&part.events) {
        if !event.is_of_the_book() {
            continue;
        }
        if let Some(why) = stands_in_the_way(&pending, keys, record, before, event)? {
            return Ok(Some(why));
        }
        before = Some(event);
        let what = line_of(event);
        let of = what.as_ref().map(|what| read::reservation_of(&pending, keys, what)).transpose()?.flatten();
        let held_before = of.map(|id| read::held(&pending, keys, id)).transpose()?.flatten();
        let happening = Happening {
            at: header.at,
            entry: header.entry,
            place,
            station: header.station,
            seq: header.seq,
            by: header.by,
            session: part.session,
            received: 0,
            parents: header.parents.clone(),
            issued: Vec::new(),
            ledger: event.clone(),
        };
        super::fold(&mut pending, &Folded { keys, frame: None, record, happening: &happening })?;
        let Some(what) = what else { continue };
        if let (Some(before), Some(id)) = (held_before, of)
            && before.overdrawn().is_none()
            && let Some(on) = read::held(&pending, keys, id)?.and_then(|after| after.overdrawn())
        {
            return Ok(Some(NotBooked::ReservationShort { on }));
        }
        if !what.is_fact() {
            match &what {
                What::Moved(movement) => bound.extend(movement.accounts()),
                What::Reserved(reservation) => drop(bound.insert(Account::Purse(reservation.purse))),
                What::Released(_) => {}
            }
        }
    }
    for account in bound {
        if let Some(why) = short(below, &pending, keys, account)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

fn line_of(event: &Ledger) -> Option<What> {
    match event {
        Ledger::FundMoved(movement) => Some(What::Moved(movement.clone())),
        Ledger::FundReserved(reservation) => Some(What::Reserved(reservation.clone())),
        Ledger::FundReleased(release) => Some(What::Released(release.clone())),
        _ => None,
    }
}

fn stands_in_the_way(
    read: &dyn Read,
    keys: &Keyring,
    record: &Record,
    before: Option<&Ledger>,
    event: &Ledger,
) -> Result<Option<NotBooked>, ViewError> {
    let header = &record.header;
    let of = keeper(read)?;
    match event {
        Ledger::BookTaken { from } => {
            // Nobody's book is taken as nobody's, somebody's as theirs.
            return Ok((of != from.map(|(station, _)| station)).then_some(NotBooked::NotOurBook));
        }
        _ if !keeps(read, header.station, header.seq)? => return Ok(Some(NotBooked::NotOurBook)),
        Ledger::NumbersVoided { series, from, to, .. } => {
            let last = super::super::numbers::next_of_series(read, series)? - 1;
            let is_next = *from == last + 1 && from <= to && to - from < 10_000 && series.starts_with(super::SERIES);
            return Ok((!is_next).then_some(NotBooked::NumbersTaken { last }));
        }
        Ledger::DonationsCounted(collection) => {
            let receipt = before.and_then(line_of);
            return Ok(collection.check(receipt.as_ref().and_then(What::movement)).err());
        }
        Ledger::DonationsPledged(pledge) => {
            if pledge.expected.0 <= 0 || pledge.until < pledge.from {
                return Ok(Some(NotBooked::Amount));
            }
            let standing = giving::pledges(read, keys, Some(pledge.unit))?.into_iter();
            let of = standing.filter(|row| (row.pledge.from, row.pledge.until) == (pledge.from, pledge.until));
            return Ok(meanwhile(record, of.map(|row| row.entry)));
        }
        Ledger::PeriodCounted(closing) => {
            let before = closings::closed_until(read, keys)?;
            if header.at.day() <= closing.to {
                return Ok(Some(NotBooked::NotAPeriod { last: closing.to }));
            }
            // The first period begins with the book, wherever that is.
            return Ok(match closing.check(before) {
                Err(why) => Some(why),
                Ok(()) => incomplete(read, keys, closing)?,
            });
        }
        Ledger::PeriodMoved(step) => {
            let before = closings::closed_until(read, keys)?;
            let row = closings::closings(read, keys)?.into_iter().find(|row| row.id == step.closing);
            let follows = |row: &closings::ClosingRow| match step.to {
                ClosingState::Counted => false,
                ClosingState::Checked => row.state() == ClosingState::Counted,
                ClosingState::Closed => row.state() == ClosingState::Checked,
            };
            // Whoever takes a step has seen the one before, and who took it.
            let follows = |row: &closings::ClosingRow| follows(row) && header.parents.contains(&row.head());
            let Some(row) = row.filter(follows) else { return Ok(Some(NotBooked::ClosingStep)) };
            if header.at.day().min(step.on) <= row.closing.to {
                return Ok(Some(NotBooked::NotAPeriod { last: row.closing.to }));
            }
            return Ok(match row.closing.check(before) {
                Err(why) => Some(why),
                Ok(()) => incomplete(read, keys, &row.closing)?,
            });
        }
        Ledger::FormerYearNoted(former) => {
            let lines = read::all_lines(read, keys)?;
            let begins = lines.iter().filter(|line| line.counts).map(|line| line.what.on()).min();
            if let Err(why) = former.check(begins) {
                return Ok(Some(why));
            }
            if former.last_day().is_none_or(|last| header.at.day() <= last) {
                return Ok(Some(NotBooked::Ahead { on: header.at.day() }));
            }
            let said = closings::former_said(read, keys)?.into_iter();
            let of = said.filter(|row| (row.former.year, &row.former.aid) == (former.year, &former.aid));
            return Ok(meanwhile(record, of.map(|row| row.entry)));
        }
        Ledger::AppropriationNoted(appropriation) => {
            if appropriation.amount.0 <= 0 {
                return Ok(Some(NotBooked::Amount));
            }
            let standing = giving::appropriations(read, keys, appropriation.year)?.into_iter();
            let same = |row: &giving::AppropriationRow| {
                (&row.appropriation.source, row.appropriation.stage) == (&appropriation.source, appropriation.stage)
            };
            return Ok(meanwhile(record, standing.filter(same).map(|row| row.entry)));
        }
        _ => {}
    }
    if let Some(opened) = opened(event) {
        let code = match opened {
            Opened::Place(place) => &place.code,
            Opened::Purse(purse) => &purse.code,
        };
        let taken = read::places(read, keys)?.iter().any(|row| row.place.code == *code)
            || read::purses(read, keys)?.iter().any(|row| row.purse.code == *code);
        return Ok(taken.then(|| NotBooked::CodeTaken { code: code.clone() }));
    }
    let Some(what) = line_of(event) else { return Ok(None) };
    if let Err(why) = what.is_open(closings::closed_until(read, keys)?) {
        return Ok(Some(why));
    }
    let place = |id: PlaceId| Ok::<_, ViewError>(read::place(read, keys, id)?.map(|row| row.place));
    let named = match what.names() {
        Some(id) => read::line(read, keys, id)?.filter(|row| row.counts),
        None => None,
    };
    let purse = match &what {
        What::Moved(movement) => Some(movement.purse),
        What::Reserved(reservation) => Some(reservation.purse),
        What::Released(_) => None,
    };
    let facts = Facts {
        from: what.movement().map(|movement| place(movement.from)).transpose()?.flatten(),
        to: what.movement().map(|movement| place(movement.to)).transpose()?.flatten(),
        purse: purse.map(|id| read::purse(read, keys, id)).transpose()?.flatten().map(|row| row.purse),
        named: named.map(|row| Named {
            is_reversed: row.reversed.is_some(),
            returned: Fen(row.back.iter().map(|(_, fen)| fen.0).sum()),
            what: row.what,
        }),
    };
    Ok(what.check(&facts).err())
}

/// What stands of the same, and the record does not replace.
fn meanwhile(record: &Record, mut standing: impl Iterator<Item = EntryId>) -> Option<NotBooked> {
    standing.any(|entry| !record.header.parents.contains(&entry)).then_some(NotBooked::Meanwhile)
}

/// A count of a period that leaves something out, or that the book has left behind.
fn incomplete(read: &dyn Read, keys: &Keyring, closing: &Closing) -> Result<Option<NotBooked>, ViewError> {
    let differs = |code: String| Some(NotBooked::ClosingDiffers { code, on: closing.to });
    for row in read::places(read, keys)?.into_iter().filter(|row| row.place.since <= closing.to) {
        let sums = read::sums(read, keys, Account::Place(row.place.place), closing.to)?;
        let counted = closing.places.iter().find(|count| count.place == row.place.place);
        if counted.is_none_or(|count| count.book != sums.balance()) {
            return Ok(differs(row.place.code));
        }
    }
    for row in read::purses(read, keys)?.into_iter().filter(|row| row.purse.since <= closing.to) {
        let sums = read::sums(read, keys, Account::Purse(row.purse.purse), closing.to)?;
        let counted = closing.purses.iter().find(|(purse, _)| *purse == row.purse.purse);
        if counted.is_none_or(|(_, fen)| *fen != sums.balance()) {
            return Ok(differs(row.purse.code));
        }
    }
    Ok(None)
}

/// The first day on which an account would have less than nothing by this.
fn short(
    below: &dyn Read,
    pending: &Pending<'_>,
    keys: &Keyring,
    account: Account,
) -> Result<Option<NotBooked>, ViewError> {
    let of = of_account(account);
    let changed = pending.changed(FUND_DAYS).filter(|key| key.starts_with(&of)).filter_map(day_of_key);
    let Some(first) = changed.min() else { return Ok(None) };
    let mut days: BTreeMap<Day, (Sums, Sums)> = BTreeMap::new();
    for (day, sums) in read::days(below, keys, FUND_DAYS, account, first, read::LAST)? {
        days.entry(day).or_default().0 = sums;
    }
    for (day, sums) in read::days(pending, keys, FUND_DAYS, account, first, read::LAST)? {
        days.entry(day).or_default().1 = sums;
    }
    let opening = read::sums(below, keys, account, first.plus_days(-1))?;
    let Some(short) = first_short(opening, &days) else { return Ok(None) };
    let (on, missing) = (short.on, short.missing);
    Ok(Some(match account {
        Account::Place(id) => {
            let place = read::place(below, keys, id)?.map_or_else(String::new, |row| row.place.code);
            NotBooked::PlaceShort { place, on, missing }
        }
        Account::Purse(id) => {
            let purse = read::purse(below, keys, id)?.map_or_else(String::new, |row| row.purse.code);
            NotBooked::PurseShort { purse, on, missing }
        }
    }))
}
