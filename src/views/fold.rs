//! One frame into every view.
//!
//! A record whose parents are not all folded waits in its own keyspace and is folded when the last of them comes, so
//! the outcome is a function of the set of frames. A record that cannot be read (newer program, key of another bureau)
//! is kept, chained and listed, and changes no other view.

use super::bodies::{open_ledger, open_person};
use super::face::Face;
use super::history::{Happening, History};
use super::keyspaces::*;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::{OfficerRow, UnitRow, number_text, numbers, read};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, DossierId, EntryId, Subject};
use crate::log::{Head, Link, Record, RecordError};
use crate::seal::{KeyName, Keyring};
use crate::store::{Frame, Read, RowChange, Scan};

/// The rows that change because of `frame`.
///
/// Errors: a view row that cannot be read, or a record that is no record at all. A record that is whole and merely not
/// understood is no error.
pub fn fold(store: &dyn Read, keys: &Keyring, frame: &Frame) -> Result<Vec<RowChange>, ViewError> {
    let mut pending = Pending::over(store);
    chain(&mut pending, &frame.record)?;
    let mut ready = vec![(frame.received, frame.record.clone())];
    while let Some((received, bytes)) = ready.pop() {
        if let Some(entry) = take_in(&mut pending, keys, received, &bytes)? {
            ready.extend(woken_by(&mut pending, entry)?);
        }
    }
    Ok(pending.into_changes())
}

/// Notes the record as its station's last, if it is. Two records with one seq: the greater hash stands here; `verify`
/// shows both.
fn chain(pending: &mut Pending<'_>, bytes: &[u8]) -> Result<(), ViewError> {
    let Ok(link) = Link::read(bytes) else { return Ok(()) };
    let head = Head { station: link.station, seq: link.seq, hash: link.hash };
    let newer =
        read::chain_head(pending, link.station)?.is_none_or(|last| (last.seq, last.hash) < (head.seq, head.hash));
    if newer {
        let mut value = head.seq.to_le_bytes().to_vec();
        value.extend_from_slice(&head.hash);
        pending.set(CHAINS, link.station.0, value);
    }
    Ok(())
}

/// Folds one record, or lets it wait. Answers with its entry id once it is folded.
fn take_in(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    received: i64,
    bytes: &[u8],
) -> Result<Option<EntryId>, ViewError> {
    let record = match Record::decode(bytes) {
        Ok(record) => record,
        Err(error) => {
            if let Ok(link) = Link::read(bytes) {
                pending.set(UNREAD, link.entry.0, reason(&error));
            }
            return Ok(None);
        }
    };
    let entry = record.header.entry;
    // In the clear for this very reason: a number is never given twice, even where nothing else can be read.
    for issued in &record.header.issued {
        numbers::note_serial(pending, &issued.series, record.header.station, issued.number)?;
    }
    for parent in &record.header.parents {
        if pending.get(FOLDED, &parent.0)?.is_none() {
            let mut key = parent.0.to_vec();
            key.extend_from_slice(&entry.0);
            let mut value = received.to_le_bytes().to_vec();
            value.extend_from_slice(bytes);
            pending.set(WAITING, key, value);
            return Ok(None);
        }
    }
    let mut folded = record.header.station.0.to_vec();
    folded.extend_from_slice(&record.header.seq.to_le_bytes());
    pending.set(FOLDED, entry.0, folded);
    match open_ledger(keys, &record) {
        Ok(ledger) => apply(pending, keys, received, &record, ledger)?,
        Err(_) => pending.set(UNREAD, entry.0, b"ledger".as_slice()),
    }
    Ok(Some(entry))
}

fn reason(error: &RecordError) -> Vec<u8> {
    match error {
        RecordError::NewerSchema(schema) => format!("schema {schema}").into_bytes(),
        _ => b"fields".to_vec(),
    }
}

/// What waited for `parent`, taken out of the waiting room.
fn woken_by(pending: &mut Pending<'_>, parent: EntryId) -> Result<Vec<(i64, Vec<u8>)>, ViewError> {
    let mut woken = Vec::new();
    for (key, value) in pending.scan(&Scan::prefix(WAITING, &parent.0))? {
        pending.remove(WAITING, key);
        if let Some((received, bytes)) = value.split_first_chunk::<8>() {
            woken.push((i64::from_le_bytes(*received), bytes.to_vec()));
        }
    }
    Ok(woken)
}

fn apply(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    received: i64,
    record: &Record,
    ledger: Ledger,
) -> Result<(), ViewError> {
    let header = &record.header;
    match &ledger {
        Ledger::StationStarted { number_authority, .. } => {
            let value = sealed::close(keys, KeyName::Store, STATIONS, &header.station.0, &ledger)?;
            pending.set(STATIONS, header.station.0, value);
            if *number_authority {
                numbers::note_authority(pending, header, header.station)?;
            }
        }
        Ledger::AuthorityMoved { to } => numbers::note_authority(pending, header, *to)?,
        Ledger::BlockGiven { series, from, to, station } => numbers::note_block(pending, series, *from, *to, *station),
        Ledger::OfficerAdded { officer, roles, units, until } => {
            let (zh, en) = names(keys, record, Subject::Bureau)?;
            let (roles, units, at) = (roles.clone(), units.clone(), header.at);
            let row = OfficerRow { officer: *officer, roles, units, until: *until, zh, en, at };
            let key = [officer.0, header.entry.0].concat();
            let value = sealed::close(keys, KeyName::Subject(Subject::Bureau), OFFICERS, &key, &row)?;
            pending.set(OFFICERS, key, value);
        }
        Ledger::UnitAdded { unit, code, kind, parent, since, until, replaced_by } => {
            let (zh, en) = names(keys, record, Subject::Bureau)?;
            let row = UnitRow {
                unit: *unit,
                code: code.clone(),
                kind: kind.clone(),
                parent: *parent,
                since: *since,
                until: *until,
                replaced_by: *replaced_by,
                zh,
                en,
                at: header.at,
            };
            let key = [unit.0, header.entry.0].concat();
            let value = sealed::close(keys, KeyName::Subject(Subject::Bureau), UNITS, &key, &row)?;
            pending.set(UNITS, key, value);
        }
        Ledger::DossierOpened { dossier, .. } | Ledger::NumberGiven { dossier } => {
            for issued in &header.issued {
                let mut key = number_text(&issued.series, issued.number).into_bytes();
                key.push(0);
                key.extend_from_slice(&dossier.0);
                pending.set(NUMBERS, key, Vec::new());
            }
            happen(pending, keys, *dossier, received, record, &ledger)?;
        }
        Ledger::SurveySubmitted(survey) => {
            pending.set(DRAFTS, survey.draft.0, header.entry.0);
            let erased = happen(pending, keys, survey.dossier, received, record, &ledger)?;
            // A part that cannot be opened (a subject whose key has not come over yet) leaves the household without a face.
            let person = open_person(keys, record, Subject::Dossier(survey.dossier));
            if !erased && let Ok(Some(Person::Survey(person))) = person {
                let face = Face::from_answers(&person.answers, survey.on, header.at, header.entry);
                show_face(pending, keys, survey.dossier, face)?;
            }
        }
        Ledger::StatusMoved { dossier, .. } | Ledger::OtherNumber { dossier, .. } => {
            happen(pending, keys, *dossier, received, record, &ledger)?;
        }
        Ledger::Revealed { subject, .. } => {
            if let Subject::Dossier(dossier) = subject {
                happen(pending, keys, *dossier, received, record, &ledger)?;
            }
        }
        Ledger::Erased { subject, .. } => {
            if let Subject::Dossier(dossier) = subject {
                pending.remove(FACES, dossier.0);
                happen(pending, keys, *dossier, received, record, &ledger)?;
            }
        }
    }
    Ok(())
}

fn names(keys: &Keyring, record: &Record, subject: Subject) -> Result<(String, String), ViewError> {
    Ok(match open_person(keys, record, subject)? {
        Some(Person::Named { zh, en }) => (zh, en),
        _ => Default::default(),
    })
}

/// Adds the happening to its dossier's row, and moves the dossier's place in the due list. Answers whether the dossier is
/// erased.
fn happen(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    dossier: DossierId,
    received: i64,
    record: &Record,
    ledger: &Ledger,
) -> Result<bool, ViewError> {
    let mut history = read::history(pending, keys, dossier)?.unwrap_or_else(|| History::new(dossier));
    let due_before = history.next_due(super::Horizon::NOW);
    let header = &record.header;
    history.insert(Happening {
        at: header.at,
        entry: header.entry,
        station: header.station,
        seq: header.seq,
        by: header.by,
        received,
        parents: header.parents.clone(),
        issued: header.issued.clone(),
        ledger: ledger.clone(),
    });
    let due = history.next_due(super::Horizon::NOW);
    if due != due_before {
        if let Some(day) = due_before {
            pending.remove(DUE, due_key(day, dossier));
        }
        if let Some(day) = due {
            pending.set(DUE, due_key(day, dossier), Vec::new());
        }
    }
    let value = sealed::close(keys, KeyName::Store, DOSSIERS, &dossier.0, &history)?;
    pending.set(DOSSIERS, dossier.0, value);
    Ok(history.is_erased())
}

fn show_face(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    dossier: DossierId,
    face: Option<Face>,
) -> Result<(), ViewError> {
    let Some(face) = face else { return Ok(()) };
    let newer = read::face(pending, keys, dossier)?.is_none_or(|shown| face.is_newer_than(&shown));
    if newer {
        let value = sealed::close(keys, KeyName::Subject(Subject::Dossier(dossier)), FACES, &dossier.0, &face)?;
        pending.set(FACES, dossier.0, value);
    }
    Ok(())
}

/// Days sort as unsigned big-endian bytes once the sign bit is turned.
pub(super) fn due_key(day: Day, dossier: DossierId) -> Vec<u8> {
    let mut key = ((day.0 as u32) ^ 0x8000_0000).to_be_bytes().to_vec();
    key.extend_from_slice(&dossier.0);
    key
}
