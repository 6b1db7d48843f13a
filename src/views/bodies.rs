//! The sealed parts of a record: events on their way in and out. **[disk]**
//!
//! Both ways stand here side by side, since what one writes the other must read for decades.

use super::sealed::ViewError;
use crate::domain::event::{Ledger, LedgerPart, Person, PersonPart, SurveyPerson};
use crate::domain::{DossierId, EntryId, MemberChange, Subject};
use crate::log::envelope::EnvelopeError;
use crate::log::{Prepared, Record, RecordPart, SCHEMA, envelope};
use crate::seal::{KeyName, Keyring, PartKind, SealContext};

/// `DLED`: one event alone, as records before sessions have it.
const LEDGER: [u8; 4] = *b"DLED";
/// `DPER`: its person half.
const PERSON: [u8; 4] = *b"DPER";
/// `DLPT`: a whole ledger part.
const LEDGER_PART: [u8; 4] = *b"DLPT";
/// `DPPT`: a whole person part.
const PERSON_PART: [u8; 4] = *b"DPPT";

/// One event on its way into a record: its ledger half, and its person halves.
#[derive(Clone)]
pub struct EventBody {
    pub ledger: Ledger,
    pub persons: Vec<(Subject, Person)>,
}

/// Seals events into a prepared entry, whose header fields (station, entry, at, by, subject) are final by now.
pub fn seal_events(
    keys: &Keyring,
    prepared: &mut Prepared,
    session: Option<EntryId>,
    events: &[EventBody],
) -> Result<(), ViewError> {
    let place = |kind, subject| SealContext::Part {
        kind,
        schema: SCHEMA,
        station: prepared.station,
        entry: prepared.entry,
        at: prepared.at,
        by: prepared.by,
        subject,
    };
    if u16::try_from(events.len()).is_err() {
        return Err(ViewError::Row(EnvelopeError::TooLong));
    }
    let part = LedgerPart { session, events: events.iter().map(|reported| reported.ledger.clone()).collect() };
    let body = envelope::encode(LEDGER_PART, SCHEMA, &part)?;
    let sealed = keys.seal(KeyName::Bureau, &place(PartKind::Ledger, prepared.subject), &body)?;
    let mut parts: Vec<(Subject, PersonPart)> = Vec::new();
    for (number, reported) in (0..).zip(events) {
        for (subject, person) in &reported.persons {
            let half = (number, person.clone());
            match parts.iter_mut().find(|(of, _)| of == subject) {
                Some((_, part)) => part.0.push(half),
                None => parts.push((*subject, PersonPart(vec![half]))),
            }
        }
    }
    let mut persons = Vec::with_capacity(parts.len());
    for (subject, part) in parts {
        let body = zeroize::Zeroizing::new(envelope::encode(PERSON_PART, SCHEMA, &part)?);
        let sealed = keys.seal(KeyName::Subject(subject), &place(PartKind::Person, subject), &body)?;
        persons.push(RecordPart { subject, sealed });
    }
    prepared.ledger = sealed;
    prepared.persons = persons;
    Ok(())
}

/// The record's ledger part. One event alone is a part of one, by no session that is known.
pub fn open_ledger(keys: &Keyring, record: &Record) -> Result<LedgerPart, ViewError> {
    let place = place_of(record, PartKind::Ledger, record.header.subject);
    let body = keys.open_sealed(KeyName::Bureau, &place, &record.ledger)?;
    if envelope::is(LEDGER, &body) {
        return Ok(LedgerPart { session: None, events: vec![envelope::decode(LEDGER, SCHEMA, &body)?] });
    }
    Ok(envelope::decode(LEDGER_PART, SCHEMA, &body)?)
}

/// The record's person part about `subject`. `None` when it has none, or when the subject's key is erased.
pub fn open_part(keys: &Keyring, record: &Record, subject: Subject) -> Result<Option<PersonPart>, ViewError> {
    let Some(part) = record.persons.iter().find(|p| p.subject == subject) else { return Ok(None) };
    if keys.is_erased(subject) {
        return Ok(None);
    }
    let body =
        keys.open_sealed(KeyName::Subject(subject), &place_of(record, PartKind::Person, subject), &part.sealed)?;
    if envelope::is(PERSON, &body) {
        return Ok(Some(PersonPart(vec![(0, envelope::decode(PERSON, SCHEMA, &body)?)])));
    }
    Ok(Some(envelope::decode(PERSON_PART, SCHEMA, &body)?))
}

/// What the record's event at `place` says about `subject`.
pub fn open_person(keys: &Keyring, record: &Record, subject: Subject, place: u16) -> Result<Option<Person>, ViewError> {
    let part = open_part(keys, record, subject)?;
    Ok(part.and_then(|part| part.0.into_iter().find(|(of, _)| *of == place)).map(|(_, person)| person))
}

/// The survey of a household that the record tells of; of one dossier there is at most one in a record.
pub fn open_survey(keys: &Keyring, record: &Record, dossier: DossierId) -> Result<Option<SurveyPerson>, ViewError> {
    let part = open_part(keys, record, Subject::Dossier(dossier))?;
    Ok(part.and_then(|part| {
        part.0.into_iter().find_map(|(_, person)| match person {
            Person::Survey(survey) => Some(survey),
            _ => None,
        })
    }))
}

/// The fingerprint of the file that the record's survey of a household was sent in as.
pub fn open_fingerprint(keys: &Keyring, record: &Record, dossier: DossierId) -> Result<Option<[u8; 32]>, ViewError> {
    let part = open_part(keys, record, Subject::Dossier(dossier))?;
    Ok(part.and_then(|part| {
        part.0.into_iter().find_map(|(_, person)| match person {
            Person::Fingerprint(fingerprint) => Some(fingerprint),
            _ => None,
        })
    }))
}

/// Who left and who came, as the record's survey of a household says.
pub fn open_members(keys: &Keyring, record: &Record, dossier: DossierId) -> Result<Vec<MemberChange>, ViewError> {
    let part = open_part(keys, record, Subject::Dossier(dossier))?;
    let changes = part.and_then(|part| {
        part.0.into_iter().find_map(|(_, person)| match person {
            Person::Members(changes) => Some(changes),
            _ => None,
        })
    });
    Ok(changes.unwrap_or_default())
}

fn place_of(record: &Record, kind: PartKind, subject: Subject) -> SealContext<'static> {
    let header = &record.header;
    SealContext::Part {
        kind,
        schema: header.schema,
        station: header.station,
        entry: header.entry,
        at: header.at,
        by: header.by,
        subject,
    }
}

#[cfg(test)]
mod tests;
