//! Who is erased, and since when: dossiers by their history, persons outside of dossiers by the first erasure there is.

use super::fold::Folded;
use super::keyspaces::ERASED;
use super::pending::Pending;
use super::sealed::ViewError;
use super::{persons, read};
use crate::domain::event::Ledger;
use crate::domain::{Stamp, Subject};
use crate::store::Read;

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let Ledger::Erased { subject: subject @ Subject::Person(person), .. } = folded.ledger() else { return Ok(()) };
    // Nothing is told of a person outside dossiers that a later record could contest.
    persons::forget(pending, *person)?;
    // Of several the first counts, whichever comes last.
    let known = pending.get(ERASED, &read::subject_key(*subject))?;
    let known = known.and_then(|at| at.try_into().ok()).map(|at| Stamp(i64::from_le_bytes(at)));
    let at = folded.header().at;
    note(pending, *subject, known.map_or(at, |known| at.min(known)));
    Ok(())
}

pub(super) fn note(pending: &mut Pending<'_>, subject: Subject, at: Stamp) {
    pending.set(ERASED, read::subject_key(subject), at.0.to_le_bytes());
}
