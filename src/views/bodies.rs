//! The sealed parts of a record: events on their way in and out. **[disk]**
//!
//! Both ways stand here side by side, since what one writes the other must read for decades.

use super::sealed::ViewError;
use crate::domain::Subject;
use crate::domain::event::{Ledger, Person};
use crate::log::{Part, Prepared, Record, SCHEMA, envelope};
use crate::seal::{KeyName, Keyring, PartKind, Place};

/// `DLED`: the ledger half of an event.
const LEDGER: [u8; 4] = *b"DLED";
/// `DPER`: the person half.
const PERSON: [u8; 4] = *b"DPER";

/// Seals an event into a prepared entry, whose header fields (station, entry, at, by, subject) are final by now.
pub fn seal_event(
    keys: &Keyring,
    prepared: &mut Prepared,
    ledger: &Ledger,
    persons: &[(Subject, Person)],
) -> Result<(), ViewError> {
    let place = |kind, subject| Place::Part {
        kind,
        schema: SCHEMA,
        station: prepared.station,
        entry: prepared.entry,
        at: prepared.at,
        by: prepared.by,
        subject,
    };
    let body = envelope::encode(LEDGER, SCHEMA, ledger)?;
    let sealed = keys.seal(KeyName::Bureau, &place(PartKind::Ledger, prepared.subject), &body)?;
    let mut parts = Vec::with_capacity(persons.len());
    for (subject, person) in persons {
        let body = zeroize::Zeroizing::new(envelope::encode(PERSON, SCHEMA, person)?);
        let sealed = keys.seal(KeyName::Subject(*subject), &place(PartKind::Person, *subject), &body)?;
        parts.push(Part { subject: *subject, sealed });
    }
    prepared.ledger = sealed;
    prepared.persons = parts;
    Ok(())
}

/// The record's ledger half.
pub fn open_ledger(keys: &Keyring, record: &Record) -> Result<Ledger, ViewError> {
    let place = place_of(record, PartKind::Ledger, record.header.subject);
    let body = keys.open_sealed(KeyName::Bureau, &place, &record.ledger)?;
    Ok(envelope::decode(LEDGER, SCHEMA, &body)?)
}

/// The record's person half about `subject`. `None` when it has none, or when the subject's key is erased.
pub fn open_person(keys: &Keyring, record: &Record, subject: Subject) -> Result<Option<Person>, ViewError> {
    let Some(part) = record.persons.iter().find(|p| p.subject == subject) else { return Ok(None) };
    if keys.is_erased(subject) {
        return Ok(None);
    }
    let body =
        keys.open_sealed(KeyName::Subject(subject), &place_of(record, PartKind::Person, subject), &part.sealed)?;
    Ok(Some(envelope::decode(PERSON, SCHEMA, &body)?))
}

fn place_of(record: &Record, kind: PartKind, subject: Subject) -> Place<'static> {
    let header = &record.header;
    Place::Part {
        kind,
        schema: header.schema,
        station: header.station,
        entry: header.entry,
        at: header.at,
        by: header.by,
        subject,
    }
}
