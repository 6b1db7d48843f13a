//! People outside every dossier, and which member of which household they turned out to be.

use super::bodies::open_person;
use super::fold::Folded;
use super::keyspaces::{ERASED, LINKS, PERSONS, UNOPENED};
use super::pending::Pending;
use super::read::subject_key;
use super::sealed::{self, ViewError};
use super::standing::{replaces, standing};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, DossierId, EntryId, PersonId, Stamp, Subject, UnitId};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A person as one record has them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    pub person: PersonId,
    pub kind: String,
    pub unit: Option<UnitId>,
    pub since: Day,
    /// `name`, `id_number`, `phone`, …, each with its text.
    pub card: Vec<(String, String)>,
    pub at: Stamp,
    pub entry: EntryId,
}

impl PersonRow {
    /// A field of the card; empty, where it has none.
    pub fn field(&self, name: &str) -> &str {
        self.card.iter().find(|(key, _)| key == name).map_or("", |(_, text)| text.as_str())
    }
}

impl fmt::Debug for PersonRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonRow({:?})", self.person)
    }
}

/// That a person is, or is not after all, the member whom this number stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkRow {
    pub person: PersonId,
    pub member: PersonId,
    pub dossier: DossierId,
    pub linked: bool,
    pub at: Stamp,
    pub entry: EntryId,
    pub over: Vec<EntryId>,
}

replaces!(LinkRow);

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, record, place, ledger) = (folded.keys, folded.record, folded.place(), folded.ledger());
    let (at, entry) = (record.header.at, record.header.entry);
    match ledger {
        Ledger::PersonAdded { person, kind, unit, since } => {
            let subject = Subject::Person(*person);
            // Erased, whichever of the two records came first.
            if pending.get(ERASED, &subject_key(subject))?.is_some() {
                return Ok(());
            }
            let card = match open_person(keys, record, subject, place) {
                Ok(Some(Person::Card(card))) => card,
                Ok(_) => return Ok(()),
                // Its key is gone, or has not come over yet: there is nothing to be shown until it is here.
                Err(_) => {
                    pending.set(UNOPENED, subject_key(subject), Vec::new());
                    return Ok(());
                }
            };
            let row = PersonRow { person: *person, kind: kind.clone(), unit: *unit, since: *since, card, at, entry };
            let key = [person.0, entry.0].concat();
            sealed::put(pending, keys, KeyName::Subject(subject), PERSONS, key, &row)?;
        }
        Ledger::PersonLinked { person, member, dossier, linked } => {
            let row = LinkRow {
                person: *person,
                member: *member,
                dossier: *dossier,
                linked: *linked,
                at,
                entry,
                over: record.header.parents.clone(),
            };
            let key = [person.0, entry.0].concat();
            sealed::put(pending, keys, KeyName::Store, LINKS, key, &row)?;
        }
        _ => {}
    }
    Ok(())
}

/// The rows of an erased person go.
pub(super) fn forget(pending: &mut Pending<'_>, person: PersonId) -> Result<(), ViewError> {
    for (key, _) in pending.scan(&Scan::prefix(PERSONS, &person.0))? {
        pending.remove(PERSONS, key);
    }
    pending.remove(UNOPENED, subject_key(Subject::Person(person)));
    Ok(())
}

/// Whether the id of a key slot is a person's.
pub fn is_person(read: &dyn Read, id: &[u8; 16]) -> Result<bool, ViewError> {
    Ok(!read.scan(&Scan::prefix(PERSONS, id).limit(1))?.is_empty())
}

/// Everybody whose key is here and opens, each as the latest record has them, by name of the card and by id.
pub fn persons(read: &dyn Read, keys: &Keyring) -> Result<Vec<PersonRow>, ViewError> {
    let rows = read.scan(&Scan::all(PERSONS))?;
    let mut ids: Vec<PersonId> =
        rows.iter().filter_map(|(key, _)| Some(PersonId(key.get(..16)?.try_into().ok()?))).collect();
    ids.dedup();
    let found = ids.into_iter().filter_map(|id| listed(read, keys, id).transpose());
    let mut found: Vec<PersonRow> = found.collect::<Result<_, _>>()?;
    found.sort_by(|one, other| (one.field("name"), one.person).cmp(&(other.field("name"), other.person)));
    Ok(found)
}

/// A person for a line of a list: `None` also where their key is lost or damaged, since one who cannot be read stops no list.
pub fn listed(read: &dyn Read, keys: &Keyring, id: PersonId) -> Result<Option<PersonRow>, ViewError> {
    match person(read, keys, id) {
        Err(ViewError::Seal(_)) => Ok(None),
        row => row,
    }
}

/// A person as the latest record has them. `None`: nobody, or erased.
pub fn person(read: &dyn Read, keys: &Keyring, person: PersonId) -> Result<Option<PersonRow>, ViewError> {
    let name = KeyName::Subject(Subject::Person(person));
    if keys.is_erased(Subject::Person(person)) {
        return Ok(None);
    }
    let rows = read.scan(&Scan::prefix(PERSONS, &person.0))?;
    let rows: Result<Vec<PersonRow>, ViewError> =
        rows.iter().map(|(key, row)| sealed::open(keys, name, PERSONS, key, row)).collect();
    Ok(rows?.into_iter().max_by_key(|row| (row.at, row.entry)))
}

/// Which member of which household a person is, as it stands.
pub fn link(read: &dyn Read, keys: &Keyring, person: PersonId) -> Result<Option<LinkRow>, ViewError> {
    Ok(standing(link_rows(read, keys, person)?).filter(|row| row.linked))
}

/// Every record that says which member a person is, or is not after all.
pub fn link_rows(read: &dyn Read, keys: &Keyring, person: PersonId) -> Result<Vec<LinkRow>, ViewError> {
    links_beginning(read, keys, &person.0)
}

/// Everybody who is a member of a household after all, as it stands.
pub fn links(read: &dyn Read, keys: &Keyring) -> Result<Vec<LinkRow>, ViewError> {
    let rows = links_beginning(read, keys, &[])?;
    let of_each = rows.chunk_by(|a, b| a.person == b.person);
    Ok(of_each.filter_map(|rows| standing(rows.to_vec()).filter(|row| row.linked)).collect())
}

fn links_beginning(read: &dyn Read, keys: &Keyring, of: &[u8]) -> Result<Vec<LinkRow>, ViewError> {
    let rows = read.scan(&Scan::prefix(LINKS, of))?;
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, LINKS, key, row)).collect()
}
