//! Forms that were added to the store, every version of them.

use super::keyspaces::{FORM_FILES, FORMS};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::{EntryId, OfficerId, Stamp};
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
}

pub(super) fn note(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    header: &Header,
    [form, version, title]: [&String; 3],
    files: &[(String, String)],
) -> Result<(), ViewError> {
    let row = FormRow {
        form: form.clone(),
        version: version.clone(),
        title: title.clone(),
        at: header.at,
        by: header.by,
        entry: header.entry,
    };
    let mut key = form.as_bytes().to_vec();
    key.push(0);
    key.extend_from_slice(&header.entry.0);
    let sealed = sealed::close(keys, KeyName::Store, FORMS, &key, &row)?;
    pending.set(FORMS, key, sealed);
    let sealed = sealed::close(keys, KeyName::Store, FORM_FILES, &header.entry.0, &files)?;
    pending.set(FORM_FILES, header.entry.0, sealed);
    Ok(())
}

/// Every version of every form, each form's from the first added to the last.
pub fn all(read: &dyn Read, keys: &Keyring) -> Result<Vec<FormRow>, ViewError> {
    let rows = read.scan(&Scan::all(FORMS))?;
    let rows = rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, FORMS, key, row));
    let mut rows: Vec<FormRow> = rows.collect::<Result<_, _>>()?;
    rows.sort_by(|a, b| (&a.form, a.at, a.entry).cmp(&(&b.form, b.at, b.entry)));
    Ok(rows)
}

/// The files of one version: name and text of each.
pub fn files(read: &dyn Read, keys: &Keyring, entry: EntryId) -> Result<Vec<(String, String)>, ViewError> {
    match read.get(FORM_FILES, &entry.0)? {
        Some(row) => sealed::open(keys, KeyName::Store, FORM_FILES, &entry.0, &row),
        None => Ok(Vec::new()),
    }
}
