//! Asking the views. Each question is one `get` or one scan; nothing is replayed and nothing joined.

use super::keyspaces::*;
use super::officers::{latest, standing_officers};
use super::sealed::{self, ViewError};
use super::{Face, History, OfficerRow, UnitRow};
use crate::domain::{Day, DossierId, DraftId, EntryId, Message, PersonId, Stamp, StationId, Subject};
use crate::log::Head;
use crate::seal::{KeyName, Keyring};
use crate::store::{Failed, Keyspace, Read, Scan, each};
use serde::de::DeserializeOwned;

/// The store's own words, as a sentence of ours.
pub(super) fn reported(failed: &Failed) -> Message {
    let reported = failed.reported();
    reported.args.into_iter().fold(Message::new(reported.key), |message, (name, value)| message.with(name, value))
}

/// One get: the whole history of a dossier, without persons.
pub fn history(read: &dyn Read, keys: &Keyring, dossier: DossierId) -> Result<Option<History>, ViewError> {
    let Some(sealed) = read.get(DOSSIERS, &dossier.0)? else { return Ok(None) };
    Ok(Some(sealed::open(keys, KeyName::Store, DOSSIERS, &dossier.0, &sealed)?))
}

/// One get: what the household is greeted with. `None` when erased, or when no survey has a face.
pub fn face(read: &dyn Read, keys: &Keyring, dossier: DossierId) -> Result<Option<Face>, ViewError> {
    let subject = Subject::Dossier(dossier);
    let Some(sealed) = read.get(FACES, &dossier.0)? else { return Ok(None) };
    if keys.is_erased(subject) {
        return Ok(None);
    }
    Ok(Some(sealed::open(keys, KeyName::Subject(subject), FACES, &dossier.0, &sealed)?))
}

/// Every dossier that bears this number; more than one only after a break in a chain.
pub fn dossier_by_number(read: &dyn Read, number: &str) -> Result<Vec<DossierId>, ViewError> {
    let mut prefix = number.as_bytes().to_vec();
    prefix.push(0);
    let rows = read.scan(&Scan::prefix(NUMBERS, &prefix))?;
    Ok(rows.iter().filter_map(|(key, _)| key.get(prefix.len()..)?.try_into().ok().map(DossierId)).collect())
}

/// Dossiers due on or before `day`, earliest first.
pub fn due_until(read: &dyn Read, day: Day, limit: usize) -> Result<Vec<(Day, DossierId)>, ViewError> {
    days_until(read, DUE, day, limit)
}

/// Dossiers whose case may wait for somebody on `day`.
pub fn cases_until(read: &dyn Read, day: Day) -> Result<Vec<DossierId>, ViewError> {
    let found = days_until(read, CASES, day, usize::MAX)?;
    Ok(found.into_iter().map(|(_, dossier)| dossier).collect())
}

fn days_until(read: &dyn Read, keyspace: Keyspace, day: Day, limit: usize) -> Result<Vec<(Day, DossierId)>, ViewError> {
    let end = super::dossiers::due_key(day.plus_days(1), DossierId([0; 16]));
    let scan = Scan::range(keyspace, std::ops::Bound::Unbounded, std::ops::Bound::Excluded(end)).limit(limit);
    Ok(read
        .scan(&scan)?
        .iter()
        .filter_map(|(key, _)| {
            let (day, dossier) = key.split_first_chunk::<4>()?;
            Some((Day((u32::from_be_bytes(*day) ^ 0x8000_0000) as i32), DossierId(dossier.try_into().ok()?)))
        })
        .collect())
}

/// Walks every dossier; `see` answers `false` to stop.
pub fn each_history(
    read: &dyn Read,
    keys: &Keyring,
    mut see: impl FnMut(Result<History, ViewError>) -> bool,
) -> Result<(), ViewError> {
    Ok(each(read, Scan::all(DOSSIERS), |key, sealed| see(sealed::open(keys, KeyName::Store, DOSSIERS, key, sealed)))?)
}

/// The same, of dossiers whose id begins with a byte from `from` up to, and without, `to` (at most 256): so that several
/// threads can each read a part.
pub fn each_history_between(
    read: &dyn Read,
    keys: &Keyring,
    from: u16,
    to: u16,
    mut see: impl FnMut(Result<History, ViewError>) -> bool,
) -> Result<(), ViewError> {
    let end = match u8::try_from(to) {
        Ok(to) => std::ops::Bound::Excluded(vec![to]),
        Err(_) => std::ops::Bound::Unbounded,
    };
    let start = std::ops::Bound::Included(vec![u8::try_from(from).unwrap_or(u8::MAX)]);
    let scan = Scan::range(DOSSIERS, start, end);
    Ok(each(read, scan, |key, sealed| see(sealed::open(keys, KeyName::Store, DOSSIERS, key, sealed)))?)
}

/// Walks every face that can still be opened.
pub fn each_face(
    read: &dyn Read,
    keys: &Keyring,
    mut see: impl FnMut(DossierId, Face) -> bool,
) -> Result<(), ViewError> {
    Ok(each(read, Scan::all(FACES), |key, sealed| {
        let Ok(id) = <[u8; 16]>::try_from(key) else { return true };
        let name = KeyName::Subject(Subject::Dossier(DossierId(id)));
        match sealed::open(keys, name, FACES, key, sealed) {
            Ok(face) => see(DossierId(id), face),
            Err(_) => true,
        }
    })?)
}

/// Queries that nobody has closed, and the dossier of each.
pub fn open_queries(read: &dyn Read) -> Result<Vec<(EntryId, DossierId)>, ViewError> {
    let mut found = Vec::new();
    each(read, Scan::all(QUERIES), |key, dossier| {
        found.extend(key.try_into().ok().map(EntryId).zip(dossier.try_into().ok().map(DossierId)));
        true
    })?;
    Ok(found)
}

/// Every subject whose erasure holds, and when it was erased.
pub fn erased(read: &dyn Read) -> Result<Vec<(Subject, Stamp)>, ViewError> {
    let mut found = Vec::new();
    each(read, Scan::all(ERASED), |key, at| {
        found.extend(subject_of(key).zip(at.try_into().ok().map(|at| Stamp(i64::from_le_bytes(at)))));
        true
    })?;
    Ok(found)
}

/// A subject that can be erased, as a key.
pub(super) fn subject_key(subject: Subject) -> Vec<u8> {
    let (kind, id) = match subject {
        Subject::Dossier(id) => (b'd', id.0),
        Subject::Person(id) => (b'p', id.0),
        Subject::Unit(id) => (b'u', id.0),
        Subject::Bureau => (b'b', [0; 16]),
    };
    let mut key = vec![kind];
    key.extend_from_slice(&id);
    key
}

fn subject_of(key: &[u8]) -> Option<Subject> {
    let (kind, id) = key.split_first()?;
    let id = id.try_into().ok()?;
    match kind {
        b'd' => Some(Subject::Dossier(DossierId(id))),
        b'p' => Some(Subject::Person(PersonId(id))),
        _ => None,
    }
}

pub fn officers(read: &dyn Read, keys: &Keyring) -> Result<Vec<OfficerRow>, ViewError> {
    Ok(standing_officers(of_bureau(read, keys, OFFICERS)?))
}

/// Every time of every unit.
pub fn units(read: &dyn Read, keys: &Keyring) -> Result<Vec<UnitRow>, ViewError> {
    Ok(latest(of_bureau(read, keys, UNITS)?, |row: &UnitRow| (row.unit, row.since), |row| row.at))
}

fn of_bureau<T: DeserializeOwned>(read: &dyn Read, keys: &Keyring, keyspace: Keyspace) -> Result<Vec<T>, ViewError> {
    let rows = read.scan(&Scan::all(keyspace))?;
    rows.iter()
        .map(|(key, sealed)| sealed::open(keys, KeyName::Subject(Subject::Bureau), keyspace, key, sealed))
        .collect()
}

/// The last record of a station's chain.
pub fn chain_head(read: &dyn Read, station: StationId) -> Result<Option<Head>, ViewError> {
    let Some(row) = read.get(CHAINS, &station.0)? else { return Ok(None) };
    Ok(row
        .split_first_chunk::<8>()
        .and_then(|(seq, hash)| Some(Head { station, seq: u64::from_le_bytes(*seq), hash: hash.try_into().ok()? })))
}

/// Every station's last record.
pub fn chain_heads(read: &dyn Read) -> Result<Vec<Head>, ViewError> {
    let mut heads = Vec::new();
    for (key, _) in read.scan(&Scan::all(CHAINS))? {
        if let Ok(id) = <[u8; 16]>::try_from(key.as_slice()) {
            heads.extend(chain_head(read, StationId(id))?);
        }
    }
    Ok(heads)
}

/// Is this record folded? Then `(station, seq)`.
pub fn folded(read: &dyn Read, entry: EntryId) -> Result<Option<(StationId, u64)>, ViewError> {
    let row = read.get(FOLDED, &entry.0)?;
    Ok(row.and_then(|r| {
        let (station, seq) = r.split_first_chunk::<16>()?;
        Some((StationId(*station), u64::from_le_bytes(seq.try_into().ok()?)))
    }))
}

/// The entry that submitted this draft, if one did.
pub fn draft_entry(read: &dyn Read, draft: DraftId) -> Result<Option<EntryId>, ViewError> {
    Ok(read.get(DRAFTS, &draft.0)?.and_then(|r| r.as_slice().try_into().ok()).map(EntryId))
}

/// Those whose records were folded while their keys were not here: dossiers, and persons outside.
pub fn unopened(read: &dyn Read) -> Result<Vec<Subject>, ViewError> {
    let rows = read.scan(&Scan::all(UNOPENED))?;
    Ok(rows.iter().filter_map(|(key, _)| subject_of(key)).collect())
}

/// How many records wait for a parent, and how many are kept without being understood.
pub fn waiting_and_unread(read: &dyn Read) -> Result<(usize, usize), ViewError> {
    Ok((read.scan(&Scan::all(WAITING))?.len(), read.scan(&Scan::all(UNREAD))?.len()))
}
