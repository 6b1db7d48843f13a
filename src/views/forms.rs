//! Forms that were added to the store, every version of them.

use super::fold::Folded;
use super::keyspaces::{FORM_FILES, FORMS, LAST_TAKEN};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::event::Ledger;
use crate::domain::{DossierId, EntryId, OfficerId, Stamp};
use crate::log::record::Header;
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};

/// One version of a form; its files are read apart ([`files`]).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FormRow {
    pub form: String,
    pub version: String,
    pub title: String,
    pub at: Stamp,
    pub by: OfficerId,
    pub entry: EntryId,
    /// Its record's place in its station's chain: which of two of one moment came later.
    pub seq: u64,
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, ledger) = (folded.keys, folded.header(), folded.ledger());
    if let Some(survey) = ledger.survey() {
        note_taken(pending, header, survey.dossier, &survey.form)?;
    }
    let Ledger::FormAdded { form, version, title, files } = ledger else { return Ok(()) };
    let row = FormRow {
        form: form.clone(),
        version: version.clone(),
        title: title.clone(),
        at: header.at,
        by: header.by,
        entry: header.entry,
        seq: header.seq,
    };
    let mut key = form.as_bytes().to_vec();
    key.push(0);
    key.extend_from_slice(&header.entry.0);
    sealed::put(pending, keys, KeyName::Store, FORMS, key, &row)?;
    sealed::put(pending, keys, KeyName::Store, FORM_FILES, header.entry.0, &files)?;
    Ok(())
}

/// The later survey counts, by its record's clock and then its entry, so the order of arrival changes nothing.
fn note_taken(pending: &mut Pending<'_>, header: &Header, dossier: DossierId, form: &str) -> Result<(), ViewError> {
    let key = taken_key(header.by, form);
    // Big endian with the sign turned, so that rows compare as their times do.
    let mut value = ((header.at.0 as u64) ^ (1 << 63)).to_be_bytes().to_vec();
    value.extend_from_slice(&header.entry.0);
    value.extend_from_slice(&dossier.0);
    if pending.get(LAST_TAKEN, &key)?.is_none_or(|before| before < value) {
        pending.set(LAST_TAKEN, key, value);
    }
    Ok(())
}

fn taken_key(by: OfficerId, form: &str) -> Vec<u8> {
    [&by.0[..], form.as_bytes()].concat()
}

/// The survey that an officer took last with a form: its dossier and record.
pub fn last_taken(read: &dyn Read, by: OfficerId, form: &str) -> Result<Option<(DossierId, EntryId)>, ViewError> {
    let Some(row) = read.get(LAST_TAKEN, &taken_key(by, form))? else { return Ok(None) };
    let id = |at: usize| row.get(at..at + 16).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    Ok(id(24).zip(id(8)).map(|(dossier, entry)| (DossierId(dossier), EntryId(entry))))
}

/// Every version of every form, each form's from the first added to the last.
pub fn all(read: &dyn Read, keys: &Keyring) -> Result<Vec<FormRow>, ViewError> {
    let rows = read.scan(&Scan::all(FORMS))?;
    let rows = rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, FORMS, key, row));
    let mut rows: Vec<FormRow> = rows.collect::<Result<_, _>>()?;
    rows.sort_by(|a, b| (&a.form, a.at, a.seq, a.entry).cmp(&(&b.form, b.at, b.seq, b.entry)));
    Ok(rows)
}

/// The files of one version: name and text of each.
pub fn files(read: &dyn Read, keys: &Keyring, entry: EntryId) -> Result<Vec<(String, String)>, ViewError> {
    match read.get(FORM_FILES, &entry.0)? {
        Some(row) => sealed::open(keys, KeyName::Store, FORM_FILES, &entry.0, &row),
        None => Ok(Vec::new()),
    }
}
