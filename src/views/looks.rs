//! Who looked at whom. Looks change nothing in a dossier, so they stand in no dossier's row: neither a survey that is being
//! submitted nor an erasure has anything to do with them.

use super::fold::Folded;
use super::keyspaces::{LOOKED, LOOKS, TAKEN, at_key};
use super::pending::Pending;
use super::read::subject_key;
use super::sealed::{self, ViewError};
use crate::domain::event::Ledger;
use crate::domain::{DraftId, EntryId, OfficerId, Stamp, StationId, Subject};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};
use std::ops::Bound;

/// A look, without its reason, which the subject's own key seals.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LookRow {
    pub at: Stamp,
    pub entry: EntryId,
    /// Which event of the record.
    pub place: u16,
    pub station: StationId,
    pub by: OfficerId,
    pub session: Option<EntryId>,
    pub subjects: Vec<Subject>,
    /// A code: `open`, `reveal`, `print`, ….
    pub what: String,
    pub important: bool,
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, ledger) = (folded.keys, folded.header(), folded.ledger());
    let (session, place) = (folded.happening.session, folded.place());
    let (subjects, what, important) = match ledger {
        Ledger::Looked { subjects, what, important } => (subjects.clone(), what.clone(), *important),
        Ledger::DraftTaken { dossier, draft, of, .. } => {
            let key = [&draft.0[..], &header.entry.0, &place.to_be_bytes()].concat();
            pending.set(TAKEN, key, of.0);
            (vec![Subject::Dossier(*dossier)], "draft".to_owned(), true)
        }
        // As looks were recorded first: what was revealed, and how a household left the house.
        Ledger::Revealed { subject, what } => (vec![*subject], what.clone(), false),
        _ => return Ok(()),
    };
    let row = LookRow {
        at: header.at,
        entry: header.entry,
        place,
        station: header.station,
        by: header.by,
        session,
        subjects,
        what,
        important,
    };
    let key = key_of(row.at, row.entry, place);
    for subject in &row.subjects {
        pending.set(LOOKED, [subject_key(*subject), key.clone()].concat(), Vec::new());
    }
    sealed::put(pending, keys, KeyName::Store, LOOKS, key, &row)?;
    Ok(())
}

fn key_of(at: Stamp, entry: EntryId, place: u16) -> Vec<u8> {
    [&at_key(at)[..], &entry.0, &place.to_be_bytes()].concat()
}

/// Looks since then, the latest first, until `see` has seen enough and answers `false`.
pub fn each_look(
    read: &dyn Read,
    keys: &Keyring,
    since: Stamp,
    mut see: impl FnMut(LookRow) -> bool,
) -> Result<(), ViewError> {
    let from = Bound::Included(at_key(since).to_vec());
    let mut until = Bound::Unbounded;
    loop {
        let rows = read.scan(&Scan::range(LOOKS, from.clone(), until).backward().limit(PAGE))?;
        for (key, row) in &rows {
            if !see(sealed::open(keys, KeyName::Store, LOOKS, key, row)?) {
                return Ok(());
            }
        }
        match rows.into_iter().next_back() {
            Some((key, _)) => until = Bound::Excluded(key),
            None => return Ok(()),
        }
    }
}

/// Rows read at a time.
const PAGE: usize = 500;

/// Looks at whomever since then, the latest first.
pub fn looks(read: &dyn Read, keys: &Keyring, since: Stamp, limit: usize) -> Result<Vec<LookRow>, ViewError> {
    let mut found = Vec::new();
    each_look(read, keys, since, |row| {
        if found.len() < limit {
            found.push(row);
        }
        found.len() < limit
    })?;
    Ok(found)
}

/// Whoever began a draft that somebody else went on with.
pub fn had_draft(read: &dyn Read, draft: DraftId) -> Result<Vec<OfficerId>, ViewError> {
    let rows = read.scan(&Scan::prefix(TAKEN, &draft.0))?;
    Ok(rows.iter().filter_map(|(_, of)| of.as_slice().try_into().ok().map(OfficerId)).collect())
}

/// Looks at one subject, the latest first.
pub fn looks_at(read: &dyn Read, keys: &Keyring, subject: Subject, limit: usize) -> Result<Vec<LookRow>, ViewError> {
    let of_subject = subject_key(subject);
    let mut found = Vec::new();
    for (key, _) in read.scan(&Scan::prefix(LOOKED, &of_subject).backward().limit(limit))? {
        let key = &key[of_subject.len()..];
        if let Some(row) = read.get(LOOKS, key)? {
            found.push(sealed::open(keys, KeyName::Store, LOOKS, key, &row)?);
        }
    }
    Ok(found)
}
