//! From an entry to a record: the commit queue fills in `seq`, `prev` and the numbers issued, and nothing else.
//!
//! What a command seals depends on none of the three, so an entry is prepared without knowing the chain's head, and two
//! hundred people never wait for one another's.

use super::envelope;
use super::head::Head;
use super::record::{self, Header, Issued, Record, RecordError, RecordPart, SCHEMA};
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
    pub persons: Vec<RecordPart>,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared() -> Prepared {
        Prepared {
            station: StationId([1; 16]),
            entry: EntryId([2; 16]),
            at: Stamp(5),
            by: OfficerId([3; 16]),
            subject: Subject::Bureau,
            parents: vec![EntryId([4; 16])],
            wants: vec!["150785-2026".into()],
            ledger: b"sealed".to_vec(),
            persons: vec![RecordPart { subject: Subject::Bureau, sealed: b"sealed too".to_vec() }],
        }
    }

    #[test]
    fn each_record_names_the_one_before_and_the_first_names_none() {
        let first = next(None, &prepared(), vec![]).unwrap();
        assert_eq!((first.header.seq, first.header.prev), (1, [0; 32]));
        let head = Head::of(&first.encode().unwrap()).unwrap();
        let second = next(Some(&head), &prepared(), vec![]).unwrap();
        assert_eq!((second.header.seq, second.header.prev), (2, head.hash));
    }

    #[test]
    fn the_queue_changes_nothing_that_was_sealed() {
        let issued = vec![Issued { series: "150785-2026".into(), number: 42 }];
        let record = next(None, &prepared(), issued.clone()).unwrap();
        assert_eq!(record.header.issued, issued);
        let (h, p) = (&record.header, prepared());
        assert_eq!((h.station, h.entry, h.at, h.by, h.subject), (p.station, p.entry, p.at, p.by, p.subject));
        assert_eq!((&record.ledger, &record.persons, &h.parents), (&p.ledger, &p.persons, &p.parents));
    }

    #[test]
    fn a_head_of_another_station_is_refused() {
        let head = Head { station: StationId([9; 16]), seq: 1, hash: [1; 32] };
        assert_eq!(next(Some(&head), &prepared(), vec![]), Err(RecordError::OtherStation));
        let last = Head { station: StationId([1; 16]), seq: u64::MAX, hash: [1; 32] };
        assert_eq!(next(Some(&last), &prepared(), vec![]), Err(RecordError::SeqExhausted));
    }

    #[test]
    fn a_prepared_entry_reads_back_and_every_flipped_byte_is_refused() {
        let bytes = prepared().encode().unwrap();
        assert_eq!(Prepared::decode(&bytes), Ok(prepared()));
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            assert!(Prepared::decode(&bent).is_err(), "byte {at}");
        }
        let mut twice = prepared();
        twice.persons.push(twice.persons[0].clone());
        assert_eq!(twice.encode(), Err(RecordError::SubjectTwice));
        let mut unnamed = prepared();
        unnamed.wants.push(String::new());
        assert_eq!(unnamed.encode(), Err(RecordError::SeriesName));
    }
}
