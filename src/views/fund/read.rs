//! Reading the book: what an account came to on a day, a statement of it, its lines, and the whole of it worked out anew.

use super::super::keyspaces::*;
use super::super::sealed::{self, ViewError};
use super::rows::*;
use super::{LineRow, PlaceRow, PurseRow};
use crate::domain::fund::{Account, Book, BookLine, Held, LineId, NAMED_MAX, Sums, What};
use crate::domain::{Day, EntryId, PlaceId, PurseId, Subject};
use crate::seal::{KeyName, Keyring};
use crate::store::{Keyspace, Read, Scan};
use serde::de::DeserializeOwned;
use std::ops::Bound;

/// An account between two days, both included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    pub opening: Sums,
    /// By day.
    pub lines: Vec<LineRow>,
    pub closing: Sums,
}

/// Every row whose key begins so.
pub(super) fn all<T: DeserializeOwned>(
    read: &dyn Read,
    keys: &Keyring,
    keyspace: Keyspace,
    of: &[u8],
) -> Result<Vec<T>, ViewError> {
    let rows = read.scan(&Scan::prefix(keyspace, of))?;
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, keyspace, key, row)).collect()
}

fn one<T: DeserializeOwned>(
    read: &dyn Read,
    keys: &Keyring,
    keyspace: Keyspace,
    key: &[u8],
) -> Result<Option<T>, ViewError> {
    let row = read.get(keyspace, key)?;
    row.map(|row| sealed::open(keys, KeyName::Store, keyspace, key, &row)).transpose()
}

/// In the order in which they were opened.
pub fn places(read: &dyn Read, keys: &Keyring) -> Result<Vec<PlaceRow>, ViewError> {
    let mut rows: Vec<PlaceRow> = all(read, keys, FUND_PLACES, &[])?;
    rows.sort_by_key(|row| (row.at, row.entry, row.place.of.is_some()));
    Ok(rows)
}

/// In the order in which they were opened.
pub fn purses(read: &dyn Read, keys: &Keyring) -> Result<Vec<PurseRow>, ViewError> {
    let mut rows: Vec<PurseRow> = all(read, keys, FUND_PURSES, &[])?;
    rows.sort_by_key(|row| (row.at, row.entry));
    Ok(rows)
}

pub(super) fn place(read: &dyn Read, keys: &Keyring, id: PlaceId) -> Result<Option<PlaceRow>, ViewError> {
    Ok(all(read, keys, FUND_PLACES, &id.0)?.into_iter().next())
}

pub(super) fn purse(read: &dyn Read, keys: &Keyring, id: PurseId) -> Result<Option<PurseRow>, ViewError> {
    Ok(all(read, keys, FUND_PURSES, &id.0)?.into_iter().next())
}

pub fn line(read: &dyn Read, keys: &Keyring, id: LineId) -> Result<Option<LineRow>, ViewError> {
    one(read, keys, FUND_LINES, &line_key(id))
}

pub(super) fn held_row(read: &dyn Read, keys: &Keyring, id: LineId) -> Result<Option<HeldRow>, ViewError> {
    one(read, keys, FUND_HELD, &line_key(id))
}

/// The reservation that it names, or that stands behind what it names.
pub(super) fn reservation_of(read: &dyn Read, keys: &Keyring, what: &What) -> Result<Option<LineId>, ViewError> {
    let mut names = what.names();
    for _ in 0..NAMED_MAX {
        let Some(at) = names else { break };
        let Some(row) = line(read, keys, at)? else { break };
        if matches!(row.what, What::Reserved(_)) {
            return Ok(Some(at));
        }
        names = row.what.names();
    }
    Ok(None)
}

/// A reservation with what happened to it.
pub fn held(read: &dyn Read, keys: &Keyring, id: LineId) -> Result<Option<Held>, ViewError> {
    Ok(held_row(read, keys, id)?.map(|row| row.held))
}

pub fn all_lines(read: &dyn Read, keys: &Keyring) -> Result<Vec<LineRow>, ViewError> {
    all(read, keys, FUND_LINES, &[])
}

/// The lines of the record that was given a number, in the order in which they stand in it.
pub fn line_of_number(read: &dyn Read, keys: &Keyring, series: &str, number: u64) -> Result<Vec<LineRow>, ViewError> {
    let prefix = [of_series(series), number.to_be_bytes().to_vec()].concat();
    let mut lines = Vec::new();
    for (key, _) in read.scan(&Scan::prefix(FUND_NUMBERS, &prefix))? {
        lines.extend(all::<LineRow>(read, keys, FUND_LINES, key.get(prefix.len()..).unwrap_or_default())?);
    }
    Ok(lines)
}

/// Every number of a series that was given, with its record, and whether it is void.
pub fn numbers_of(read: &dyn Read, series: &str) -> Result<Vec<(u64, EntryId, bool)>, ViewError> {
    let of = of_series(series);
    let rows = read.scan(&Scan::prefix(FUND_NUMBERS, &of))?;
    let number = |(key, value): &(Vec<u8>, Vec<u8>)| {
        let (number, entry) = key.get(of.len()..)?.split_first_chunk::<8>()?;
        Some((u64::from_be_bytes(*number), EntryId(entry.try_into().ok()?), value == b"void"))
    };
    Ok(rows.iter().filter_map(number).collect())
}

/// The lines of a record, in their order.
pub fn lines_of_record(read: &dyn Read, keys: &Keyring, entry: EntryId) -> Result<Vec<LineRow>, ViewError> {
    all(read, keys, FUND_LINES, &entry.0)
}

/// Everything about a household or a person, by day.
pub fn lines_about(read: &dyn Read, keys: &Keyring, subject: Subject) -> Result<Vec<LineRow>, ViewError> {
    let rows = read.scan(&Scan::prefix(FUND_ABOUT, &super::super::read::subject_key(subject)))?;
    let ids = rows.iter().filter_map(|(key, _)| line_of_key(key));
    ids.filter_map(|id| line(read, keys, id).transpose()).collect()
}

fn between(keyspace: Keyspace, account: Account, from: Day, to: Day) -> Scan {
    Scan {
        from: Bound::Included(account_key(account, from)),
        to: Bound::Excluded(account_key(account, to.plus_days(1))),
        ..Scan::prefix(keyspace, &of_account(account))
    }
}

/// What each day between two, both included, adds.
pub(super) fn days(
    read: &dyn Read,
    keys: &Keyring,
    keyspace: Keyspace,
    account: Account,
    from: Day,
    to: Day,
) -> Result<Vec<(Day, Sums)>, ViewError> {
    let rows = read.scan(&between(keyspace, account, from, to))?;
    let of = |(key, row): &(Vec<u8>, Vec<u8>)| {
        Ok((day_of_key(key).unwrap_or(from), sealed::open(keys, KeyName::Store, keyspace, key, row)?))
    };
    rows.iter().map(of).collect()
}

/// Everything of an account up to the end of a day: whole months, and the days of the last one.
pub fn sums(read: &dyn Read, keys: &Keyring, account: Account, on: Day) -> Result<Sums, ViewError> {
    let month = month_of(on);
    let months = days(read, keys, FUND_MONTHS, account, FIRST, month.plus_days(-1))?;
    let rest = days(read, keys, FUND_DAYS, account, month, on)?;
    Ok(months.into_iter().chain(rest).fold(Sums::default(), |all, (_, sums)| all.plus(sums)))
}

/// No day is earlier.
pub(super) const FIRST: Day = Day(i32::MIN / 2);
/// No day is later.
pub(super) const LAST: Day = Day(i32::MAX / 2);

pub fn statement(
    read: &dyn Read,
    keys: &Keyring,
    account: Account,
    from: Day,
    to: Day,
) -> Result<Statement, ViewError> {
    let rows = read.scan(&between(FUND_STATEMENTS, account, from, to))?;
    let ids = rows.iter().filter_map(|(key, _)| line_of_key(key));
    let lines: Result<Vec<LineRow>, ViewError> = ids.filter_map(|id| line(read, keys, id).transpose()).collect();
    Ok(Statement {
        opening: sums(read, keys, account, from.plus_days(-1))?,
        lines: lines?.into_iter().filter(|line| line.counts).collect(),
        closing: sums(read, keys, account, to)?,
    })
}

/// The whole book worked out anew from the lines that count; and every day's sums as rows have them, where they differ.
pub fn book(read: &dyn Read, keys: &Keyring) -> Result<(Book, Vec<(Account, Day)>), ViewError> {
    let places = places(read, keys)?.into_iter().map(|row| row.place);
    let purses = purses(read, keys)?.into_iter().map(|row| row.purse);
    let mut book = Book::new(places, purses);
    for row in all_lines(read, keys)?.into_iter().filter(|row| row.counts) {
        book.take(BookLine { id: row.id, what: row.what, number: row.number });
    }
    for (key, value) in read.scan(&Scan::prefix(FUND_NUMBERS, &[]))? {
        let Some(end) = key.iter().position(|byte| *byte == 0).filter(|_| value == b"void") else { continue };
        let (series, rest) = key.split_at(end);
        let number = rest.get(1..9).and_then(|digits| digits.try_into().ok()).map(u64::from_be_bytes);
        let series = String::from_utf8_lossy(series).into_owned();
        number.into_iter().for_each(|number| book.void(series.clone(), number, number));
    }
    book.settle();
    for row in super::closings(read, keys)? {
        if row.is_closed(read)? {
            book.close(row.closing);
        }
    }
    super::closed_until(read, keys)?.into_iter().for_each(|last| book.close_until(last));
    let accounts =
        book.places.keys().map(|id| Account::Place(*id)).chain(book.purses.keys().map(|id| Account::Purse(*id)));
    let mut differ = Vec::new();
    for account in accounts {
        let of_lines: Vec<(Day, Sums)> = book.days(account).filter(|(_, sums)| !sums.is_zero()).collect();
        let of_rows = days(read, keys, FUND_DAYS, account, FIRST, LAST)?;
        let both = |day: &(Day, Sums)| of_lines.contains(day) && of_rows.contains(day);
        let other = of_lines.iter().chain(&of_rows).find(|day| of_lines != of_rows && !both(day));
        differ.extend(other.map(|(day, _)| (account, *day)));
        // Months are sums of days.
        let (of_months, last) = (sums(read, keys, account, LAST)?, book.sums(account, LAST));
        if of_months != last {
            differ.push((account, LAST));
        }
    }
    Ok((book, differ))
}
