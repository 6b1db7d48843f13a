//! From an entry to a record: the commit queue fills in `seq`, `prev` and the numbers issued, and nothing else.
//!
//! What a command seals depends on none of the three, so an entry is prepared without knowing the chain's head, and two
//! hundred people never wait for one another's.

use super::envelope;
use super::head::Head;
use super::record::{self, Header, Issued, Part, Record, RecordError, SCHEMA};
use crate::domain::{EntryId, OfficerId, Stamp, StationId, Subject};
use serde::{Deserialize, Serialize};

/// `DPRE`: a prepared entry, on its way from a command to the queue. Never kept on disk.
const MAGIC: [u8; 4] = *b"DPRE";

/// What a command hands to the queue: a record but for `seq`, `prev` and issued numbers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Prepared {
    pub station: StationId,
    pub entry: EntryId,
    pub at: Stamp,
    pub by: OfficerId,
    pub subject: Subject,
    pub parents: Vec<EntryId>,
    /// Series from which the queue is to issue one number each, in this order.
    pub wants: Vec<String>,
    /// The ledger part, sealed.
    pub ledger: Vec<u8>,
    /// The person parts, sealed; at most one a subject.
    pub persons: Vec<Part>,
}

impl Prepared {
    /// The entry as the bytes that `store::Entry` carries.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        record::check_body(&self.persons, self.wants.iter().map(String::as_str))?;
        Ok(envelope::encode(MAGIC, SCHEMA, self)?)
    }

    /// Reads what [`Self::encode`] wrote, to the last byte.
    pub fn decode(bytes: &[u8]) -> Result<Prepared, RecordError> {
        let prepared: Prepared = envelope::decode(MAGIC, SCHEMA, bytes)?;
        record::check_body(&prepared.persons, prepared.wants.iter().map(String::as_str))?;
        Ok(prepared)
    }
}

/// The record that follows `head` (none: the station's first). `issued` are the numbers given for `prepared.wants`.
///
/// Errors: `OtherStation` if the head is not of the entry's station, `SeqExhausted`, and what [`Record::encode`] says of
/// the whole.
pub fn next(head: Option<&Head>, prepared: &Prepared, issued: Vec<Issued>) -> Result<Record, RecordError> {
    let (seq, prev) = match head {
        None => (1, [0; 32]),
        Some(head) if head.station != prepared.station => return Err(RecordError::OtherStation),
        Some(head) => (head.seq.checked_add(1).ok_or(RecordError::SeqExhausted)?, head.hash),
    };
    record::check_body(&prepared.persons, issued.iter().map(|i| i.series.as_str()))?;
    Ok(Record {
        header: Header {
            station: prepared.station,
            seq,
            prev,
            entry: prepared.entry,
            at: prepared.at,
            by: prepared.by,
            subject: prepared.subject,
            parents: prepared.parents.clone(),
            issued,
            schema: SCHEMA,
        },
        ledger: prepared.ledger.clone(),
        persons: prepared.persons.clone(),
    })
}
