//! A dossier's row with everything that happened, its places in the lists of what is due and what waits, and the household's
//! face: all that a dossier's own events change.

use super::bodies::open_survey;
use super::face::Face;
use super::fold::Folded;
use super::history::{Erasure, History};
use super::keyspaces::*;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::{erasures, read, sent};
use crate::domain::event::SurveyLedger;
use crate::domain::{Day, DossierId, Subject};
use crate::log::Record;
use crate::seal::{KeyName, Keyring};
use crate::store;

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let Some(dossier) = folded.ledger().dossier() else { return Ok(()) };
    let history = happen(pending, folded, dossier)?;
    let Some(survey) = folded.ledger().survey() else { return Ok(()) };
    pending.set(DRAFTS, survey.draft.0, folded.header().entry.0);
    if !history.is_erased() {
        sent::fold(pending, folded.keys, folded.record, survey)?;
        if shows_face(survey) {
            show_face(pending, folded.keys, dossier, folded.record, survey.on)?;
        }
    }
    Ok(())
}

/// Adds the happening to its dossier's row, moves the dossier's place in the due list, among the cases that wait and among
/// the erased, and answers with the history as it is then.
fn happen(pending: &mut Pending<'_>, folded: &Folded<'_>, dossier: DossierId) -> Result<History, ViewError> {
    let mut history = read::history(pending, folded.keys, dossier)?.unwrap_or_else(|| History::new(dossier));
    let days = |history: &History| [(DUE, history.next_due(super::Horizon::NOW)), (CASES, history.waits_from())];
    let before = days(&history);
    let was_erased = history.is_erased();
    history.insert(folded.happening.clone());
    for ((keyspace, before), (_, now)) in before.into_iter().zip(days(&history)) {
        if now != before {
            if let Some(day) = before {
                pending.remove(keyspace, due_key(day, dossier));
            }
            if let Some(day) = now {
                pending.set(keyspace, due_key(day, dossier), Vec::new());
            }
        }
    }
    sealed::put(pending, folded.keys, KeyName::Store, DOSSIERS, dossier.0, &history)?;
    match history.erasure() {
        Erasure::Holds { at } => {
            pending.remove(FACES, dossier.0);
            pending.remove(UNOPENED, read::subject_key(Subject::Dossier(dossier)));
            sent::forget(pending, &history);
            erasures::note(pending, Subject::Dossier(dossier), at);
        }
        Erasure::None | Erasure::Contested { .. } if was_erased => {
            pending.remove(ERASED, read::subject_key(Subject::Dossier(dossier)));
            show_faces_again(pending, folded, &history)?;
        }
        Erasure::None | Erasure::Contested { .. } => {}
    }
    Ok(history)
}

/// An erasure that held holds no longer, since a record came that it had not seen: the face is again that of the
/// latest survey, and files are known again, out of the records themselves.
fn show_faces_again(pending: &mut Pending<'_>, folded: &Folded<'_>, history: &History) -> Result<(), ViewError> {
    for happening in &history.happenings {
        let Some(survey) = happening.ledger.survey() else { continue };
        let bytes = match folded.frame.filter(|frame| frame.entry == happening.entry.0) {
            Some(frame) => Some(frame.record.clone()),
            None => store::frame_of(pending, &happening.entry.0)?.map(|frame| frame.record),
        };
        if let Some(Ok(record)) = bytes.map(|bytes| Record::decode(&bytes)) {
            sent::fold(pending, folded.keys, &record, survey)?;
            if shows_face(survey) {
                show_face(pending, folded.keys, history.dossier, &record, survey.on)?;
            }
        }
    }
    Ok(())
}

/// Shows the household as this survey has it, unless a later one is shown already.
fn show_face(
    pending: &mut Pending<'_>,
    keys: &Keyring,
    dossier: DossierId,
    record: &Record,
    on: Day,
) -> Result<(), ViewError> {
    let (header, subject) = (&record.header, Subject::Dossier(dossier));
    let person = match open_survey(keys, record, dossier) {
        Ok(Some(person)) => person,
        Ok(None) => return Ok(()),
        // Its key is gone, or has not come over yet: the household is left without a face until it is here.
        Err(_) => {
            pending.set(UNOPENED, read::subject_key(subject), Vec::new());
            return Ok(());
        }
    };
    let Some(face) = Face::from_answers(&person.answers, on, header.at, header.entry) else { return Ok(()) };
    if read::face(pending, keys, dossier)?.is_none_or(|shown| face.is_newer_than(&shown)) {
        sealed::put(pending, keys, KeyName::Subject(subject), FACES, dossier.0, &face)?;
    }
    Ok(())
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
