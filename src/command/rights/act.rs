//! How anything comes to be kept: an act is sealed into an entry, the queue makes a record of it, and the receipt is the
//! only word that it is done.

use crate::command::record_maker::{NO_BLOCK, Receipt};
use crate::command::{Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{DossierId, EntryId, Stamp, Subject};
use crate::log::Prepared;
use crate::store::{Entry, Expect, NotKept, Read, Refused};
use crate::views::bodies::{self, EventBody};
use crate::views::keyspaces::DOSSIERS;
use std::sync::atomic::Ordering;

/// Something an officer does, before it is sealed: one event, or several that are kept whole or not at all.
pub struct Act {
    /// Made before the act is first sent, and the same when it is sent again.
    pub entry: EntryId,
    pub at: Stamp,
    pub subject: Subject,
    pub parents: Vec<EntryId>,
    /// Series to issue a number from, in order of preference: the first one in which this station has room is taken.
    pub series: Vec<String>,
    pub events: Vec<EventBody>,
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
            events: vec![EventBody { ledger, persons: Vec::new() }],
            expect: Vec::new(),
        }
    }

    /// The event goes into the same record, behind the others. Of one dossier a record has one event of a kind at most:
    /// later ones are named by the record's id.
    pub fn and(mut self, ledger: Ledger) -> Act {
        self.events.push(EventBody { ledger, persons: Vec::new() });
        self
    }

    /// The personal half of the event added last.
    pub fn person(mut self, subject: Subject, person: Person) -> Act {
        if let Some(last) = self.events.last_mut() {
            last.persons.push((subject, person));
        }
        self
    }

    pub fn parents(mut self, parents: impl IntoIterator<Item = EntryId>) -> Act {
        self.parents.extend(parents);
        self
    }

    pub(super) fn tells(&self, what: impl Fn(&Ledger) -> bool) -> bool {
        self.events.iter().any(|reported| what(&reported.ledger))
    }
}

impl Office {
    /// Writes one act, whoever acts. When this answers `Ok` it is on disk.
    pub(super) fn write(&self, act: &Act) -> Result<Receipt, Failure> {
        self.write_all(std::slice::from_ref(act)).pop().unwrap_or(Err(Failure::NothingKept))
    }

    /// Writes several acts in order, each for itself; they share a sync. Before the first of a session goes the record that
    /// tells who began to act, in the same sync.
    ///
    /// Errors: the clock is far from the last known day, and nobody said that it is right.
    pub(super) fn write_all(&self, acts: &[Act]) -> Vec<Result<Receipt, Failure>> {
        if let Err(failure) = self.likely(acts.iter().map(|act| act.at)) {
            return acts.iter().map(|_| Err(failure.clone())).collect();
        }
        let mut answers: Vec<Option<Result<Receipt, Failure>>> = acts.iter().map(|_| None).collect();
        let mut entries = Vec::with_capacity(acts.len() + 1);
        let beginning = self.begin_session(acts);
        let session = beginning.as_ref().map_or_else(|failure| Err(failure.clone()), |(session, _)| Ok(*session));
        if let Ok((_, Some(first))) = beginning {
            entries.push(first);
        }
        let begins = entries.len();
        for (act, answer) in acts.iter().zip(&mut answers) {
            let entry = session.clone().and_then(|session| self.entry(act, session, 0));
            match entry {
                Ok(entry) => entries.push(entry),
                Err(failure) => *answer = Some(Err(failure)),
            }
        }
        let mut kept = self.bureau.store.commit_all(entries).into_iter();
        if kept.by_ref().take(begins).any(|kept| kept.is_err()) {
            self.forget_session();
        }
        for (act, answer) in acts.iter().zip(&mut answers) {
            if answer.is_none() {
                let session = session.clone().unwrap_or_default();
                *answer = kept.next().map(|kept| self.answered(act, session, kept));
            }
        }
        let answers: Vec<Result<Receipt, Failure>> =
            answers.into_iter().map(|a| a.unwrap_or(Err(Failure::NothingKept))).collect();
        let kept = || acts.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|(act, _)| act);
        if let Some(seq) = answers.iter().flatten().map(|receipt| receipt.seq).max() {
            let folder = &self.bureau.folder;
            folder.going.note(folder.state.as_deref(), self.bureau.station, seq);
        }
        if kept().any(|act| act.tells(Ledger::changes_office)) {
            self.bureau.seats.people_state.fetch_add(1, Ordering::SeqCst);
        }
        for reported in kept().flat_map(|act| &act.events) {
            if let Some(dossier) = reported.ledger.dossier() {
                self.bureau.memory.rolls.changed(dossier);
            }
        }
        if kept().any(|act| act.tells(Ledger::is_news)) {
            self.tell_listeners();
        }
        answers
    }

    /// That the dossier is still as it is now. Read before whatever is decided on it, so that what comes between the two is
    /// met by the expectation.
    pub(in crate::command) fn unchanged(&self, dossier: DossierId) -> Result<Expect, Failure> {
        Ok(Expect {
            name: "dossier_version".into(),
            keyspace: DOSSIERS,
            key: dossier.0.to_vec(),
            value: self.bureau.store.get(DOSSIERS, &dossier.0)?,
        })
    }

    fn answered(
        &self,
        act: &Act,
        session: Option<EntryId>,
        first: Result<crate::store::Receipt, NotKept>,
    ) -> Result<Receipt, Failure> {
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
                    kept = self.bureau.store.commit(self.entry(act, session, choice)?);
                }
                Err(not_kept) => return Err(not_kept.into()),
            }
        }
    }

    pub(super) fn entry(&self, act: &Act, session: Option<EntryId>, choice: usize) -> Result<Entry, Failure> {
        // Nothing is added to a household that nobody can name any more; a second erasure settles a contested one.
        if self.bureau.keys.is_erased(act.subject) && !act.tells(|ledger| matches!(ledger, Ledger::Erased { .. })) {
            return Err(Failure::Erased);
        }
        let mut prepared = Prepared {
            station: self.bureau.station,
            entry: act.entry,
            at: act.at,
            by: self.officer,
            subject: act.subject,
            parents: act.parents.clone(),
            wants: act.series.get(choice).cloned().into_iter().collect(),
            ledger: Vec::new(),
            persons: Vec::new(),
        };
        bodies::seal_events(&self.bureau.keys, &mut prepared, session, &act.events)?;
        Ok(Entry { id: act.entry.0, expect: act.expect.clone(), body: prepared.encode()? })
    }
}
