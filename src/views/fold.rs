//! One frame into every view.
//!
//! A record whose parents are not all folded waits in its own keyspace and is folded when the last of them comes, so
//! the outcome is a function of the set of frames. A record that cannot be read (newer program, key of another bureau)
//! is kept, chained and listed, and changes no other view.

use super::bodies::{open_ledger, open_person};
use super::face::Face;
use super::history::{Erasure, Happening, History};
use super::keyspaces::*;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::{LoginRow, OfficerRow, UnitRow, WayRow, number_text, numbers, read};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, DossierId, EntryId, Stamp, Subject};
use crate::log::{Head, Link, Record, RecordError};
use crate::seal::{KeyName, Keyring};
use crate::store::{self, Frame, Read, RowChange, Scan};

/// The rows that change because of `frame`.
///
/// Errors: a view row that cannot be read, or a record that is no record at all. A record that is whole and merely not
/// understood is no error.
pub fn fold(store: &dyn Read, keys: &Keyring, frame: &Frame) -> Result<Vec<RowChange>, ViewError> {
    let mut fold = Fold { pending: Pending::over(store), keys, frame };
    fold.chain()?;
    let mut ready = vec![(frame.received, frame.record.clone())];
    while let Some((received, bytes)) = ready.pop() {
        if let Some(entry) = fold.take_in(received, &bytes)? {
            ready.extend(fold.woken_by(entry)?);
        }
    }
    Ok(fold.pending.into_changes())
}

/// One frame being folded: the rows it has changed so far, and itself, since the store does not have it yet.
struct Fold<'s> {
    pending: Pending<'s>,
    keys: &'s Keyring,
    frame: &'s Frame,
}

impl Fold<'_> {
    /// Notes the record as its station's last, if it is. Two records with one seq: the greater hash stands here; `verify`
    /// shows both.
    fn chain(&mut self) -> Result<(), ViewError> {
        let Ok(link) = Link::read(&self.frame.record) else { return Ok(()) };
        let head = Head { station: link.station, seq: link.seq, hash: link.hash };
        let last = read::chain_head(&self.pending, link.station)?;
        if last.is_none_or(|last| (last.seq, last.hash) < (head.seq, head.hash)) {
            let mut value = head.seq.to_le_bytes().to_vec();
            value.extend_from_slice(&head.hash);
            self.pending.set(CHAINS, link.station.0, value);
        }
        Ok(())
    }

    /// Folds one record, or lets it wait. Answers with its entry id once it is folded.
    fn take_in(&mut self, received: i64, bytes: &[u8]) -> Result<Option<EntryId>, ViewError> {
        let record = match Record::decode(bytes) {
            Ok(record) => record,
            Err(error) => {
                if let Ok(link) = Link::read(bytes) {
                    self.pending.set(UNREAD, link.entry.0, reason(&error));
                }
                return Ok(None);
            }
        };
        let entry = record.header.entry;
        // In the clear for this very reason: a number is never given twice, even where nothing else can be read.
        for issued in &record.header.issued {
            numbers::note_serial(&mut self.pending, &issued.series, record.header.station, issued.number)?;
        }
        for parent in &record.header.parents {
            if self.pending.get(FOLDED, &parent.0)?.is_none() {
                let mut key = parent.0.to_vec();
                key.extend_from_slice(&entry.0);
                let mut value = received.to_le_bytes().to_vec();
                value.extend_from_slice(bytes);
                self.pending.set(WAITING, key, value);
                return Ok(None);
            }
        }
        let mut folded = record.header.station.0.to_vec();
        folded.extend_from_slice(&record.header.seq.to_le_bytes());
        self.pending.set(FOLDED, entry.0, folded);
        match open_ledger(self.keys, &record) {
            Ok(ledger) => self.apply(received, &record, ledger)?,
            Err(_) => self.pending.set(UNREAD, entry.0, b"ledger".as_slice()),
        }
        Ok(Some(entry))
    }

    /// What waited for `parent`, taken out of the waiting room.
    fn woken_by(&mut self, parent: EntryId) -> Result<Vec<(i64, Vec<u8>)>, ViewError> {
        let mut woken = Vec::new();
        for (key, value) in self.pending.scan(&Scan::prefix(WAITING, &parent.0))? {
            self.pending.remove(WAITING, key);
            if let Some((received, bytes)) = value.split_first_chunk::<8>() {
                woken.push((i64::from_le_bytes(*received), bytes.to_vec()));
            }
        }
        Ok(woken)
    }

    fn apply(&mut self, received: i64, record: &Record, ledger: Ledger) -> Result<(), ViewError> {
        let (header, keys) = (&record.header, self.keys);
        match &ledger {
            Ledger::StationStarted { number_authority, .. } => {
                let value = sealed::close(keys, KeyName::Store, STATIONS, &header.station.0, &ledger)?;
                self.pending.set(STATIONS, header.station.0, value);
                if *number_authority {
                    numbers::note_authority(&mut self.pending, header, header.station)?;
                }
            }
            Ledger::AuthorityMoved { to } => numbers::note_authority(&mut self.pending, header, *to)?,
            Ledger::BlockGiven { series, from, to, station } => {
                numbers::note_block(&mut self.pending, series, *from, *to, *station);
            }
            Ledger::OfficerAdded { officer, roles, units, until } => {
                let (zh, en) = names(keys, record, Subject::Bureau)?;
                let (roles, units, at) = (roles.clone(), units.clone(), header.at);
                let row = OfficerRow { officer: *officer, roles, units, until: *until, zh, en, at };
                let key = [officer.0, header.entry.0].concat();
                let value = sealed::close(keys, KeyName::Subject(Subject::Bureau), OFFICERS, &key, &row)?;
                self.pending.set(OFFICERS, key, value);
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
                self.pending.set(UNITS, key, value);
            }
            Ledger::DossierOpened { dossier, .. } | Ledger::NumberGiven { dossier } => {
                for issued in &header.issued {
                    let mut key = number_text(&issued.series, issued.number).into_bytes();
                    key.push(0);
                    key.extend_from_slice(&dossier.0);
                    self.pending.set(NUMBERS, key, Vec::new());
                }
                self.happen(*dossier, received, record, &ledger)?;
            }
            Ledger::SurveySubmitted(survey) => {
                self.pending.set(DRAFTS, survey.draft.0, header.entry.0);
                super::forms::note_taken(&mut self.pending, header, survey.dossier, &survey.form)?;
                let history = self.happen(survey.dossier, received, record, &ledger)?;
                if !history.is_erased() {
                    self.show_face(survey.dossier, record, survey.on)?;
                }
            }
            Ledger::StatusMoved { dossier, .. } | Ledger::OtherNumber { dossier, .. } => {
                self.happen(*dossier, received, record, &ledger)?;
            }
            Ledger::FormAdded { form, version, title, files } => {
                super::forms::note(&mut self.pending, keys, header, [form, version, title], files)?;
            }
            Ledger::WaySet { way, officer, open, until, from } => {
                let row = WayRow {
                    way: way.clone(),
                    officer: *officer,
                    open: *open,
                    until: *until,
                    from: from.clone(),
                    station: header.station,
                    at: header.at,
                    entry: header.entry,
                    over: header.parents.clone(),
                };
                super::logins::note_way(&mut self.pending, keys, &row)?;
            }
            Ledger::Login { officer, step, way, address, why, count } => {
                let row = LoginRow {
                    at: header.at,
                    station: header.station,
                    officer: *officer,
                    step: *step,
                    way: way.clone(),
                    address: address.clone(),
                    why: why.clone(),
                    count: *count,
                };
                super::logins::note_login(&mut self.pending, keys, header.entry, &row)?;
            }
            Ledger::QueryAsked { dossier, .. } => {
                self.pending.set(QUERIES, header.entry.0, dossier.0);
                self.happen(*dossier, received, record, &ledger)?;
            }
            Ledger::QueryAnswered { dossier, .. } => {
                self.happen(*dossier, received, record, &ledger)?;
            }
            // The query is its parent, so it is folded before.
            Ledger::QueryClosed { dossier, query } => {
                self.pending.remove(QUERIES, query.0);
                self.happen(*dossier, received, record, &ledger)?;
            }
            Ledger::Revealed { subject, .. } => {
                if let Subject::Dossier(dossier) = subject {
                    self.happen(*dossier, received, record, &ledger)?;
                }
            }
            Ledger::Erased { subject, .. } => match subject {
                Subject::Dossier(dossier) => {
                    self.happen(*dossier, received, record, &ledger)?;
                }
                // Nothing is kept of a person outside dossiers yet that a later record could contest.
                Subject::Person(_) => self.note_erasure(*subject, header.at),
                // Never erased, whoever says so.
                Subject::Unit(_) | Subject::Bureau => {}
            },
        }
        Ok(())
    }

    /// Adds the happening to its dossier's row, moves the dossier's place in the due list and among the erased, and
    /// answers with the history as it is then.
    fn happen(
        &mut self,
        dossier: DossierId,
        received: i64,
        record: &Record,
        ledger: &Ledger,
    ) -> Result<History, ViewError> {
        let mut history = read::history(&self.pending, self.keys, dossier)?.unwrap_or_else(|| History::new(dossier));
        let due_before = history.next_due(super::Horizon::NOW);
        let was_erased = history.is_erased();
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
                self.pending.remove(DUE, due_key(day, dossier));
            }
            if let Some(day) = due {
                self.pending.set(DUE, due_key(day, dossier), Vec::new());
            }
        }
        let value = sealed::close(self.keys, KeyName::Store, DOSSIERS, &dossier.0, &history)?;
        self.pending.set(DOSSIERS, dossier.0, value);
        match history.erasure() {
            Erasure::Holds { at } => {
                self.pending.remove(FACES, dossier.0);
                self.note_erasure(Subject::Dossier(dossier), at);
            }
            Erasure::None | Erasure::Contested { .. } if was_erased => {
                self.pending.remove(ERASED, read::subject_key(Subject::Dossier(dossier)));
                self.show_faces_again(&history)?;
            }
            Erasure::None | Erasure::Contested { .. } => {}
        }
        Ok(history)
    }

    fn note_erasure(&mut self, subject: Subject, at: Stamp) {
        self.pending.set(ERASED, read::subject_key(subject), at.0.to_le_bytes());
    }

    /// An erasure that held holds no longer, since a record came that it had not seen: the face is again that of the
    /// latest survey, out of the records themselves.
    fn show_faces_again(&mut self, history: &History) -> Result<(), ViewError> {
        for happening in &history.happenings {
            let Ledger::SurveySubmitted(survey) = &happening.ledger else { continue };
            let bytes = if happening.entry.0 == self.frame.entry {
                Some(self.frame.record.clone())
            } else {
                store::frame_of(&self.pending, &happening.entry.0)?.map(|frame| frame.record)
            };
            if let Some(Ok(record)) = bytes.map(|bytes| Record::decode(&bytes)) {
                self.show_face(history.dossier, &record, survey.on)?;
            }
        }
        Ok(())
    }

    /// Shows the household as this survey has it, unless a later one is shown already.
    fn show_face(&mut self, dossier: DossierId, record: &Record, on: Day) -> Result<(), ViewError> {
        let (header, subject) = (&record.header, Subject::Dossier(dossier));
        // A part that cannot be opened (its key is gone, or has not come over yet) leaves the household without a face.
        let Ok(Some(Person::Survey(person))) = open_person(self.keys, record, subject) else { return Ok(()) };
        let Some(face) = Face::from_answers(&person.answers, on, header.at, header.entry) else { return Ok(()) };
        if read::face(&self.pending, self.keys, dossier)?.is_none_or(|shown| face.is_newer_than(&shown)) {
            let value = sealed::close(self.keys, KeyName::Subject(subject), FACES, &dossier.0, &face)?;
            self.pending.set(FACES, dossier.0, value);
        }
        Ok(())
    }
}

fn reason(error: &RecordError) -> Vec<u8> {
    match error {
        RecordError::NewerSchema(schema) => format!("schema {schema}").into_bytes(),
        _ => b"fields".to_vec(),
    }
}

fn names(keys: &Keyring, record: &Record, subject: Subject) -> Result<(String, String), ViewError> {
    Ok(match open_person(keys, record, subject)? {
        Some(Person::Named { zh, en }) => (zh, en),
        _ => Default::default(),
    })
}

/// Days sort as unsigned big-endian bytes once the sign bit is turned.
pub(super) fn due_key(day: Day, dossier: DossierId) -> Vec<u8> {
    let mut key = ((day.0 as u32) ^ 0x8000_0000).to_be_bytes().to_vec();
    key.extend_from_slice(&dossier.0);
    key
}
