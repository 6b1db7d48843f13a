//! Which survey came of which answers file, so that the same file sent twice is one survey.
//!
//! A row is found by figures of the survey's ledger half, which outlive an erasure anyway, and never by anything made of
//! the answers: whoever has guessed a file must not find it confirmed by a key that survives.

use super::keyspaces::SENT;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::{History, bodies};
use crate::domain::event::SurveyLedger;
use crate::domain::{DossierId, EntryId, Subject};
use crate::log::Record;
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use std::collections::HashMap;

/// The same for every survey that the same file makes, on whatever day and under whatever rules it is sent.
fn figures(survey: &SurveyLedger) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("dossier v1 figures of a survey sent as a file");
    let amount = |fen: Option<crate::domain::Fen>| fen.map(|fen| fen.0);
    let figures = format!(
        "{}\0{}\0{:?}\0{:?}\0{:?}",
        survey.form,
        survey.division,
        survey.members,
        amount(survey.income),
        amount(survey.rigid)
    );
    hasher.update(figures.as_bytes());
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    key
}

fn key_of(survey: &SurveyLedger, entry: EntryId) -> Vec<u8> {
    [&figures(survey)[..], &survey.dossier.0, &entry.0].concat()
}

/// A survey that came without a file, or whose key is not here, has no row.
pub(super) fn fold(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    record: &Record,
    survey: &SurveyLedger,
) -> Result<(), ViewError> {
    let Ok(Some(fingerprint)) = bodies::open_fingerprint(keys, record, survey.dossier) else { return Ok(()) };
    let name = KeyName::Subject(Subject::Dossier(survey.dossier));
    sealed::put(pending, keys, name, SENT, key_of(survey, record.header.entry), &fingerprint)
}

/// Takes away every row of a dossier that is erased.
pub(super) fn forget(pending: &mut Pending<'_>, history: &History) {
    for happening in &history.happenings {
        if let Some(survey) = happening.ledger.survey() {
            pending.remove(SENT, key_of(survey, happening.entry));
        }
    }
}

/// The surveys that came of this file and make these figures: dossier and record of each.
pub fn find(
    read: &dyn Read,
    keys: &Keyring,
    survey: &SurveyLedger,
    fingerprint: [u8; 32],
) -> Result<Vec<(DossierId, EntryId)>, ViewError> {
    let mut found = Vec::new();
    for (key, row) in read.scan(&Scan::prefix(SENT, &figures(survey)))? {
        let id = |at: usize| key.get(at..at + 16).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let Some((dossier, entry)) = id(16).zip(id(32)) else { continue };
        let name = KeyName::Subject(Subject::Dossier(DossierId(dossier)));
        // One whose key is gone cannot be told from any other.
        if sealed::open::<[u8; 32]>(keys, name, SENT, &key, &row).is_ok_and(|of| of == fingerprint) {
            found.push((DossierId(dossier), EntryId(entry)));
        }
    }
    Ok(found)
}

/// Every file that a survey came of and that is still known: its fingerprint, and the survey's dossier and record.
pub fn all(read: &dyn Read, keys: &Keyring) -> Result<HashMap<[u8; 32], (DossierId, EntryId)>, ViewError> {
    let mut found = HashMap::new();
    for (key, row) in read.scan(&Scan::all(SENT))? {
        let id = |at: usize| key.get(at..at + 16).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        let Some((dossier, entry)) = id(16).zip(id(32)) else { continue };
        let name = KeyName::Subject(Subject::Dossier(DossierId(dossier)));
        if let Ok(fingerprint) = sealed::open::<[u8; 32]>(keys, name, SENT, &key, &row) {
            found.insert(fingerprint, (DossierId(dossier), EntryId(entry)));
        }
    }
    Ok(found)
}
