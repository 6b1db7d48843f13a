//! What a bureau has set for itself, and which rules it has made its own, each as its records have it.

use super::fold::Folded;
use super::keyspaces::{ADOPTED, SETTINGS};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::standing::{ends, replaces};
use crate::domain::event::Ledger;
use crate::domain::{Day, EntryId, OfficerId, Stamp};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};

/// A setting as one record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SettingRow {
    pub key: String,
    pub value: String,
    pub since: Option<Day>,
    pub by: OfficerId,
    pub at: Stamp,
    pub entry: EntryId,
    pub over: Vec<EntryId>,
}

/// Rules that the bureau made its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AdoptedRow {
    pub what: String,
    pub id: String,
    pub text: String,
    pub document: String,
    pub decided_on: Day,
    pub since: Day,
    pub until: Option<Day>,
    pub by: OfficerId,
    pub at: Stamp,
    pub entry: EntryId,
    pub over: Vec<EntryId>,
}

replaces!(SettingRow, AdoptedRow);

/// The parts of a name with a zero behind each, so that no name is the beginning of another's key.
fn named(parts: &[&str]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.bytes().chain([0])).collect()
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, ledger) = (folded.keys, folded.header(), folded.ledger());
    let (by, at, entry, over) = (header.by, header.at, header.entry, header.parents.clone());
    match ledger {
        Ledger::SettingSet { key, value, since } => {
            let row = SettingRow { key: key.clone(), value: value.clone(), since: *since, by, at, entry, over };
            let place = [named(&[key]), entry.0.to_vec()].concat();
            sealed::put(pending, keys, KeyName::Store, SETTINGS, place, &row)?;
        }
        Ledger::Adopted { what, id, text, document, decided_on, since, until } => {
            let row = AdoptedRow {
                what: what.clone(),
                id: id.clone(),
                text: text.clone(),
                document: document.clone(),
                decided_on: *decided_on,
                since: *since,
                until: *until,
                by,
                at,
                entry,
                over,
            };
            let place = [named(&[what, id]), entry.0.to_vec()].concat();
            sealed::put(pending, keys, KeyName::Store, ADOPTED, place, &row)?;
        }
        _ => {}
    }
    Ok(())
}

/// Every record of a setting that no other replaces; several with several first days are a history, of one day a station
/// apart said otherwise.
pub fn setting_rows(read: &dyn Read, keys: &Keyring, key: &str) -> Result<Vec<SettingRow>, ViewError> {
    let rows = read.scan(&Scan::prefix(SETTINGS, &named(&[key])))?;
    let rows: Result<Vec<SettingRow>, ViewError> =
        rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, SETTINGS, key, row)).collect();
    Ok(ends(rows?))
}

/// A setting as it stands on a day: of those that have begun, the one that began last.
pub fn setting(read: &dyn Read, keys: &Keyring, key: &str, on: Day) -> Result<Option<SettingRow>, ViewError> {
    Ok(standing_on(&setting_rows(read, keys, key)?, on).cloned())
}

/// Of the records of a setting the one that counts on a day.
pub fn standing_on(rows: &[SettingRow], on: Day) -> Option<&SettingRow> {
    let begun = rows.iter().filter(|row| row.since.is_none_or(|since| since <= on));
    begun.max_by_key(|row| (row.since, row.at, row.entry))
}

/// Every adoption of a kind that no other replaces.
pub fn adopted(read: &dyn Read, keys: &Keyring, what: &str) -> Result<Vec<AdoptedRow>, ViewError> {
    let rows = read.scan(&Scan::prefix(ADOPTED, &named(&[what])))?;
    let rows: Result<Vec<AdoptedRow>, ViewError> =
        rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, ADOPTED, key, row)).collect();
    Ok(ends(rows?))
}

/// Every setting whose key begins so, that no other record replaces.
pub fn settings_beginning(read: &dyn Read, keys: &Keyring, beginning: &str) -> Result<Vec<SettingRow>, ViewError> {
    let rows = read.scan(&Scan::prefix(SETTINGS, beginning.as_bytes()))?;
    let rows: Result<Vec<SettingRow>, ViewError> =
        rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, SETTINGS, key, row)).collect();
    Ok(ends(rows?))
}
