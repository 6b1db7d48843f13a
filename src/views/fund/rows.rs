//! The rows of the book, and their keys.

use crate::domain::fund::{Account, Held, LineId, Place, Purse, What};
use crate::domain::{Day, EntryId, Fen, OfficerId, PurseId, Stamp, StationId, Subject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A place as one record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlaceRow {
    pub place: Place,
    pub zh: String,
    pub en: String,
    pub entry: EntryId,
    pub by: OfficerId,
    pub at: Stamp,
}

/// A purse as one record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PurseRow {
    pub purse: Purse,
    pub zh: String,
    pub en: String,
    pub entry: EntryId,
    pub by: OfficerId,
    pub at: Stamp,
}

/// A line of the book, with what became of it since.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LineRow {
    pub id: LineId,
    pub what: What,
    /// Its own, or that of the reservation that it releases.
    pub purse: Option<PurseId>,
    /// The receipt's or voucher's: series, number.
    pub number: Option<(String, u64)>,
    pub station: StationId,
    pub seq: u64,
    pub by: OfficerId,
    pub at: Stamp,
    pub session: Option<EntryId>,
    /// Whether it stands in the chain of whoever kept the book then. One that does not waits for a decision.
    pub counts: bool,
    pub reversed: Option<LineId>,
    /// What came back of it, and is not reversed itself.
    pub back: BTreeSet<(LineId, Fen)>,
}

impl LineRow {
    /// The number as people read it: `r-general-2026-0012`.
    pub fn number_text(&self) -> Option<String> {
        let (series, number) = self.number.as_ref()?;
        Some(format!("{}-{number:04}", series.strip_prefix(super::SERIES).unwrap_or(series)))
    }
}

/// A reservation, and of which purse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeldRow {
    pub purse: PurseId,
    pub held: Held,
}

pub fn day_key(day: Day) -> [u8; 4] {
    ((day.0 as u32) ^ 0x8000_0000).to_be_bytes()
}

pub fn day_of_key(key: &[u8]) -> Option<Day> {
    let bytes: [u8; 4] = key.get(17..21)?.try_into().ok()?;
    Some(Day((u32::from_be_bytes(bytes) ^ 0x8000_0000) as i32))
}

pub fn of_account(account: Account) -> Vec<u8> {
    let (kind, id) = match account {
        Account::Place(id) => (1, id.0),
        Account::Purse(id) => (2, id.0),
    };
    [&[kind], id.as_slice()].concat()
}

pub fn account_key(account: Account, day: Day) -> Vec<u8> {
    [of_account(account).as_slice(), &day_key(day)].concat()
}

pub fn line_key(id: LineId) -> Vec<u8> {
    [id.entry.0.as_slice(), &id.line.to_be_bytes()].concat()
}

/// The line at the end of a key.
pub fn line_of_key(key: &[u8]) -> Option<LineId> {
    let tail = key.get(key.len().checked_sub(18)?..)?;
    let (entry, line) = tail.split_first_chunk::<16>()?;
    Some(LineId { entry: EntryId(*entry), line: u16::from_be_bytes(line.try_into().ok()?) })
}

pub fn statement_key(account: Account, on: Day, id: LineId) -> Vec<u8> {
    [account_key(account, on), line_key(id)].concat()
}

pub fn about_key(subject: Subject, on: Day, id: LineId) -> Vec<u8> {
    [super::super::read::subject_key(subject), day_key(on).to_vec(), line_key(id)].concat()
}

pub fn of_series(series: &str) -> Vec<u8> {
    series.bytes().chain([0]).collect()
}

pub fn number_key(series: &str, number: u64, entry: EntryId) -> Vec<u8> {
    [of_series(series), number.to_be_bytes().to_vec(), entry.0.to_vec()].concat()
}

/// The first day of its month.
pub fn month_of(day: Day) -> Day {
    day.plus_days(1 - day.day_of_month() as i32)
}
