//! One frame into every view.
//!
//! A record whose parents are not all folded waits in its own keyspace and is folded when the last of them comes, so
//! the outcome is a function of the set of frames. A record that cannot be read (newer program, key of another bureau)
//! is kept, chained and listed, and changes no other view.

use super::bodies::open_ledger;
use super::history::Happening;
use super::keyspaces::*;
use super::pending::Pending;
use super::sealed::ViewError;
use super::{
    brought_in, dossiers, erasures, forms, fund, logins, looks, maintenance, numbers, officers, persons, queries, read,
    rounds, sessions, settings, stretches,
};
use crate::domain::EntryId;
use crate::domain::event::{Ledger, LedgerPart};
use crate::log::{Head, Header, Issued, Link, Record, RecordError};
use crate::seal::Keyring;
use crate::store::{Frame, Read, RowChange, Scan};

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

/// An event as it is folded: whoever it says something to takes it, and nobody asks the others.
pub(super) struct Folded<'e> {
    pub keys: &'e Keyring,
    /// The frame that brought it here: the store does not have it yet. `None`: it is folded for a try.
    pub frame: Option<&'e Frame>,
    /// Its record, which may be another one that waited for that frame.
    pub record: &'e Record,
    pub happening: &'e Happening,
}

impl Folded<'_> {
    pub fn header(&self) -> &Header {
        &self.record.header
    }

    pub fn ledger(&self) -> &Ledger {
        &self.happening.ledger
    }

    /// Which event of its record it is.
    pub fn place(&self) -> u16 {
        self.happening.place
    }
}

type View = fn(&mut Pending<'_>, &Folded<'_>) -> Result<(), ViewError>;

/// Every view, each of which takes the events that it knows. What is erased comes before the dossiers, and these last.
const VIEWS: [View; 16] = [
    numbers::fold,
    officers::fold,
    logins::fold,
    sessions::fold,
    looks::fold,
    maintenance::fold,
    forms::fold,
    settings::fold,
    stretches::fold,
    persons::fold,
    fund::fold,
    erasures::fold,
    queries::fold,
    brought_in::fold,
    rounds::fold,
    dossiers::fold,
];

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
            self.apply(record, &happening)?;
        }
        Ok(())
    }

    fn apply(&mut self, record: &Record, happening: &Happening) -> Result<(), ViewError> {
        let folded = Folded { keys: self.keys, frame: Some(self.frame), record, happening };
        VIEWS.iter().try_for_each(|view| view(&mut self.pending, &folded))
    }
}

fn reason(error: &RecordError) -> Vec<u8> {
    match error {
        RecordError::NewerSchema(schema) => format!("schema {schema}").into_bytes(),
        _ => b"fields".to_vec(),
    }
}
