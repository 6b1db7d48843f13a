//! How anything comes to be kept: an act is sealed into an entry, the queue makes a record of it, and the receipt is the
//! only word that it is done.

use super::hand::{NO_BLOCK, Receipt};
use super::{Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{DossierId, EntryId, Stamp, Subject};
use crate::log::Prepared;
use crate::store::{Entry, Expect, NotKept, Read, Refused, Store};
use crate::views::bodies;
use crate::views::keyspaces::DOSSIERS;
use std::sync::atomic::Ordering;

/// Something an officer does, before it is sealed.
pub struct Act {
    /// Made before the act is first sent, and the same when it is sent again.
    pub entry: EntryId,
    pub at: Stamp,
    pub subject: Subject,
    pub parents: Vec<EntryId>,
    /// Series to issue a number from, in order of preference: the first one in which this station has room is taken.
    pub series: Vec<String>,
    pub ledger: Ledger,
    pub persons: Vec<(Subject, Person)>,
    /// What was read and relied on.
    pub expect: Vec<Expect>,
}

impl Act {
    pub fn new(entry: EntryId, at: Stamp, subject: Subject, ledger: Ledger) -> Act {
        Act {
            entry,
            at,
            subject,
            parents: Vec::new(),
            series: Vec::new(),
            ledger,
            persons: Vec::new(),
            expect: Vec::new(),
        }
    }

    pub fn person(mut self, subject: Subject, person: Person) -> Act {
        self.persons.push((subject, person));
        self
    }

    pub fn parents(mut self, parents: impl IntoIterator<Item = EntryId>) -> Act {
        self.parents.extend(parents);
        self
    }
}

impl Office {
    /// Keeps one act. When this answers `Ok` it is on disk.
    pub fn keep(&self, act: &Act) -> Result<Receipt, Failure> {
        self.keep_all(std::slice::from_ref(act)).pop().unwrap_or(Err(Failure::NothingKept))
    }

    /// Keeps several acts in order, each for itself; they share a sync.
    pub fn keep_all(&self, acts: &[Act]) -> Vec<Result<Receipt, Failure>> {
        if let Err(failure) = self.likely(acts.iter().map(|act| act.at)) {
            return acts.iter().map(|_| Err(failure.clone())).collect();
        }
        let mut answers: Vec<Option<Result<Receipt, Failure>>> = acts.iter().map(|_| None).collect();
        let mut entries = Vec::with_capacity(acts.len());
        for (act, answer) in acts.iter().zip(&mut answers) {
            match self.entry(act, 0) {
                Ok(entry) => entries.push(entry),
                Err(failure) => *answer = Some(Err(failure)),
            }
        }
        let mut kept = self.store.commit_all(entries).into_iter();
        for (act, answer) in acts.iter().zip(&mut answers) {
            if answer.is_none() {
                *answer = kept.next().map(|kept| self.answered(act, kept));
            }
        }
        let answers: Vec<Result<Receipt, Failure>> =
            answers.into_iter().map(|a| a.unwrap_or(Err(Failure::NothingKept))).collect();
        let kept = || acts.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(act, _)| &act.ledger);
        if kept().any(|ledger| {
            matches!(ledger, Ledger::OfficerAdded { .. } | Ledger::UnitAdded { .. } | Ledger::WaySet { .. })
        }) {
            self.people.fetch_add(1, Ordering::SeqCst);
        }
        // Who comes and goes is no news on anybody's screen.
        if kept().any(|ledger| !matches!(ledger, Ledger::Login { .. })) {
            self.tell_listeners();
        }
        answers
    }

    /// That the dossier is still as it is now. Read before whatever is decided on it, so that what comes between the two is
    /// met by the expectation.
    pub(super) fn unchanged(&self, dossier: DossierId) -> Result<Expect, Failure> {
        Ok(Expect {
            name: "dossier_version".into(),
            keyspace: DOSSIERS,
            key: dossier.0.to_vec(),
            value: self.store.get(DOSSIERS, &dossier.0)?,
        })
    }

    fn answered(&self, act: &Act, first: Result<crate::store::Receipt, NotKept>) -> Result<Receipt, Failure> {
        let mut kept = first;
        let mut choice = 0;
        loop {
            match kept {
                Ok(receipt) => return Receipt::decode(&receipt.bytes).ok_or(Failure::ReceiptUnreadable),
                // No room in this series: the next one takes its place (a provisional number, given a regular one later).
                Err(NotKept::Refused(Refused::Lost(names)))
                    if names.iter().any(|n| n == NO_BLOCK) && choice + 1 < act.series.len() =>
                {
                    choice += 1;
                    kept = self.store.commit(self.entry(act, choice)?);
                }
                Err(not_kept) => return Err(not_kept.into()),
            }
        }
    }

    fn entry(&self, act: &Act, choice: usize) -> Result<Entry, Failure> {
        // Nothing is added to a household that nobody can name any more; a second erasure settles a contested one.
        if self.keys.is_erased(act.subject) && !matches!(act.ledger, Ledger::Erased { .. }) {
            return Err(Failure::Erased);
        }
        let mut prepared = Prepared {
            station: self.station,
            entry: act.entry,
            at: act.at,
            by: self.officer,
            subject: act.subject,
            parents: act.parents.clone(),
            wants: act.series.get(choice).cloned().into_iter().collect(),
            ledger: Vec::new(),
            persons: Vec::new(),
        };
        bodies::seal_event(&self.keys, &mut prepared, &act.ledger, &act.persons)?;
        Ok(Entry { id: act.entry.0, expect: act.expect.clone(), body: prepared.encode()? })
    }
}
