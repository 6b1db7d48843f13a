//! One frame into every view.
//!
//! A record whose parents are not all folded waits in its own keyspace and is folded when the last of them comes, so
//! the outcome is a function of the set of frames. A record that cannot be read (newer program, key of another bureau)
//! is kept, chained and listed, and changes no other view.

use super::bodies::{open_ledger, open_survey};
use super::face::Face;
use super::history::{Erasure, Happening, History};
use super::keyspaces::*;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::{
    forms, fund, logins, looks, maintenance, numbers, officers, persons, read, sent, sessions, settings, stretches,
};
use crate::domain::event::{Ledger, LedgerPart, SurveyLedger};
use crate::domain::{Day, DossierId, EntryId, Stamp, Subject};
use crate::log::{Head, Issued, Link, Record, RecordError};
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
            Ok(part) => self.apply_all(received, &record, part)?,
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

    /// Every event of a record. A view takes the events it knows; the numbers that the record was given go to the events
    /// that take one, in their order, and what is left over to the last of them.
    fn apply_all(&mut self, received: i64, record: &Record, part: LedgerPart) -> Result<(), ViewError> {
        let mut issued = record.header.issued.as_slice();
        let mut takers = part.events.iter().filter(|event| event.takes_number()).count();
        for (place, event) in (0u16..).zip(part.events) {
            let mut own: &[Issued] = &[];
            if event.takes_number() {
                takers -= 1;
                (own, issued) = issued.split_at(if takers == 0 { issued.len() } else { issued.len().min(1) });
            }
            let happening = Happening {
                at: record.header.at,
                entry: record.header.entry,
                place,
                station: record.header.station,
                seq: record.header.seq,
                by: record.header.by,
                session: part.session,
                received,
                parents: record.header.parents.clone(),
                issued: own.to_vec(),
                ledger: event,
            };
            self.apply(record, happening)?;
        }
        Ok(())
    }

    fn apply(&mut self, record: &Record, happening: Happening) -> Result<(), ViewError> {
        let (header, keys, pending) = (&record.header, self.keys, &mut self.pending);
        let (ledger, place) = (happening.ledger.clone(), happening.place);
        numbers::fold(pending, keys, header, &ledger)?;
        officers::fold(pending, keys, record, place, &ledger)?;
        logins::fold(pending, keys, header, place, &ledger)?;
        sessions::fold(pending, keys, header, &ledger)?;
        looks::fold(pending, keys, header, happening.session, place, &ledger)?;
        maintenance::fold(pending, keys, header, happening.session, place, &ledger)?;
        forms::fold(pending, keys, header, &ledger)?;
        settings::fold(pending, keys, header, &ledger)?;
        stretches::fold(pending, keys, header, &ledger)?;
        persons::fold(pending, keys, record, place, &ledger)?;
        fund::fold(pending, keys, record, &happening)?;
        if let Ledger::Erased { subject: subject @ Subject::Person(person), .. } = &ledger {
            // Nothing is told of a person outside dossiers that a later record could contest.
            persons::forget(pending, *person)?;
            // Of several the first counts, whichever comes last.
            let known = self.pending.get(ERASED, &read::subject_key(*subject))?;
            let known = known.and_then(|at| at.try_into().ok()).map(|at| Stamp(i64::from_le_bytes(at)));
            self.note_erasure(*subject, known.map_or(header.at, |at| at.min(header.at)));
        }
        let Some(dossier) = ledger.dossier() else { return Ok(()) };
        happening.issued.iter().for_each(|issued| numbers::note_number(&mut self.pending, issued, dossier));
        match &ledger {
            Ledger::QueryAsked { .. } => self.pending.set(QUERIES, header.entry.0, dossier.0),
            // The query is its parent, so it is folded before.
            Ledger::QueryClosed { query, .. } => self.pending.remove(QUERIES, query.0),
            _ => {}
        }
        let history = self.happen(dossier, happening)?;
        if let Some(survey) = ledger.survey() {
            self.pending.set(DRAFTS, survey.draft.0, header.entry.0);
            forms::note_taken(&mut self.pending, header, dossier, &survey.form)?;
            if !history.is_erased() {
                sent::fold(&mut self.pending, self.keys, record, survey)?;
                if shows_face(survey) {
                    self.show_face(dossier, record, survey.on)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the happening to its dossier's row, moves the dossier's place in the due list, among the cases that wait and among
    /// the erased, and answers with the history as it is then.
    fn happen(&mut self, dossier: DossierId, happening: Happening) -> Result<History, ViewError> {
        let mut history = read::history(&self.pending, self.keys, dossier)?.unwrap_or_else(|| History::new(dossier));
        let days = |history: &History| [(DUE, history.next_due(super::Horizon::NOW)), (CASES, history.waits_from())];
        let before = days(&history);
        let was_erased = history.is_erased();
        history.insert(happening);
        for ((keyspace, before), (_, now)) in before.into_iter().zip(days(&history)) {
            if now != before {
                if let Some(day) = before {
                    self.pending.remove(keyspace, due_key(day, dossier));
                }
                if let Some(day) = now {
                    self.pending.set(keyspace, due_key(day, dossier), Vec::new());
                }
            }
        }
        sealed::put(&mut self.pending, self.keys, KeyName::Store, DOSSIERS, dossier.0, &history)?;
        match history.erasure() {
            Erasure::Holds { at } => {
                self.pending.remove(FACES, dossier.0);
                sent::forget(&mut self.pending, &history);
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
    /// latest survey, and files are known again, out of the records themselves.
    fn show_faces_again(&mut self, history: &History) -> Result<(), ViewError> {
        for happening in &history.happenings {
            let Some(survey) = happening.ledger.survey() else { continue };
            let bytes = if happening.entry.0 == self.frame.entry {
                Some(self.frame.record.clone())
            } else {
                store::frame_of(&self.pending, &happening.entry.0)?.map(|frame| frame.record)
            };
            if let Some(Ok(record)) = bytes.map(|bytes| Record::decode(&bytes)) {
                sent::fold(&mut self.pending, self.keys, &record, survey)?;
                if shows_face(survey) {
                    self.show_face(history.dossier, &record, survey.on)?;
                }
            }
        }
        Ok(())
    }

    /// Shows the household as this survey has it, unless a later one is shown already.
    fn show_face(&mut self, dossier: DossierId, record: &Record, on: Day) -> Result<(), ViewError> {
        let (header, subject) = (&record.header, Subject::Dossier(dossier));
        // A part that cannot be opened (its key is gone, or has not come over yet) leaves the household without a face.
        let Ok(Some(person)) = open_survey(self.keys, record, dossier) else { return Ok(()) };
        let Some(face) = Face::from_answers(&person.answers, on, header.at, header.entry) else { return Ok(()) };
        if read::face(&self.pending, self.keys, dossier)?.is_none_or(|shown| face.is_newer_than(&shown)) {
            sealed::put(&mut self.pending, self.keys, KeyName::Subject(subject), FACES, dossier.0, &face)?;
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

/// Only the form that decides says who the household is: what another form calls `name` names nobody.
fn shows_face(survey: &SurveyLedger) -> bool {
    survey.rule_set.is_some()
}

/// Days sort as unsigned big-endian bytes once the sign bit is turned.
pub(super) fn due_key(day: Day, dossier: DossierId) -> Vec<u8> {
    let mut key = ((day.0 as u32) ^ 0x8000_0000).to_be_bytes().to_vec();
    key.extend_from_slice(&dossier.0);
    key
}
