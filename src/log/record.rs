//! One record: a clear header of ids and numbers, and sealed parts that this room never opens. **[disk]**
//!
//! Envelope as in `envelope.rs`, magic `DREC`. The body, integers little-endian:
//!
//! ```text
//! station 16 · seq u64 · prev 32 · entry 16                    the link: the same in every schema, for ever
//! at i64 · by 16 · subject (kind u8, id 16)
//! parents  u16 × 16
//! issued   u16 × (u8 × series in ASCII, number u64)
//! ledger   u32 × bytes
//! persons  u16 × (subject (kind u8, id 16), u32 × bytes)
//! ```
//!
//! There is one way to write a given record (persons in the order given, no padding), so equal records are equal bytes.
//! The hash of a record is BLAKE3 over its bytes as stored, envelope included.
//!
//! A record of a newer schema can't be decoded here, yet it is carried, hashed and chained by its [`Link`].

use super::bytes::{Reader, Writer};
use super::envelope::{self, EnvelopeError};
use crate::domain::{EntryId, Explain, Message, OfficerId, Stamp, StationId, Subject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The schema that this program writes, frozen: what it means is what the golden files say. 0 was the trial, and is not
/// read.
pub const SCHEMA: u16 = 1;
/// `DREC`: a record.
pub const MAGIC: [u8; 4] = *b"DREC";
/// The longest name of a number series, in ASCII characters.
pub const SERIES_MAX: usize = 64;

/// A record as its station appended it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    pub header: Header,
    /// The ledger part, sealed under the bureau's key.
    pub ledger: Vec<u8>,
    /// The person parts, each sealed under the key of the subject it names; at most one for each subject, so that a
    /// part's place is its own.
    pub persons: Vec<RecordPart>,
}

/// What stands in the clear: ids and numbers only, never a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    pub station: StationId,
    /// From 1, without gaps, on each station.
    pub seq: u64,
    /// Hash of this station's record before this one; zeros at `seq` 1.
    pub prev: [u8; 32],
    pub entry: EntryId,
    pub at: Stamp,
    pub by: OfficerId,
    pub subject: Subject,
    /// The survey it is based on, the record it corrects, the earmark it uses.
    pub parents: Vec<EntryId>,
    /// Numbers given by the commit queue while this record was finished.
    pub issued: Vec<Issued>,
    pub schema: u16,
}

/// A number given from a series.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Issued {
    /// ASCII, 1 to [`SERIES_MAX`] characters: `150785-2026`.
    pub series: String,
    pub number: u64,
}

/// A sealed person part and whose key opens it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPart {
    pub subject: Subject,
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for RecordPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({:?}, {} bytes)", self.subject, self.sealed.len())
    }
}

/// What chains a record, readable in every schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    pub station: StationId,
    pub seq: u64,
    pub prev: [u8; 32],
    pub entry: EntryId,
    pub schema: u16,
    /// BLAKE3 over the record's bytes as stored.
    pub hash: [u8; 32],
}

/// What was found instead of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordError {
    Envelope(EnvelopeError),
    /// Whole and checked, but written by a newer program; its [`Link`] can be read.
    NewerSchema(u16),
    /// The checksum holds, yet the fields do not add up: not written by this program.
    FieldsUnreadable,
    /// `seq` is 0, or `prev` is zeros after the first record, or not zeros in it.
    LinkImpossible,
    /// Two person parts name one subject.
    SubjectTwice,
    /// A series is empty, too long, or not ASCII.
    SeriesName,
    /// More than 65,535 parents, numbers or parts, or a part over 4 GiB.
    TooMany,
    /// The head handed in is of another station than the entry.
    OtherStation,
    /// The station's sequence numbers are used up.
    SeqExhausted,
}

impl From<EnvelopeError> for RecordError {
    fn from(error: EnvelopeError) -> RecordError {
        RecordError::Envelope(error)
    }
}

impl Explain for RecordError {
    fn explain(&self) -> Message {
        Message::new(match self {
            RecordError::Envelope(error) => return error.explain(),
            RecordError::NewerSchema(schema) => return EnvelopeError::NewerSchema(*schema).explain(),
            RecordError::FieldsUnreadable => "log.record.fields_unreadable",
            RecordError::LinkImpossible => "log.record.link_impossible",
            RecordError::SubjectTwice => "log.record.subject_twice",
            RecordError::SeriesName => "log.record.series_name",
            RecordError::TooMany => "log.record.too_many",
            RecordError::OtherStation => "log.record.other_station",
            RecordError::SeqExhausted => "log.record.seq_exhausted",
        })
    }
}

impl Link {
    /// Reads the link of a record of any schema, once the whole envelope is checked.
    pub fn read(bytes: &[u8]) -> Result<Link, RecordError> {
        let (schema, body) = envelope::unwrap(MAGIC, bytes)?;
        let mut reader = Reader(body);
        let link = read_link(&mut reader, schema, bytes).ok_or(RecordError::FieldsUnreadable)?;
        if link.seq == 0 || (link.seq == 1) != (link.prev == [0; 32]) {
            return Err(RecordError::LinkImpossible);
        }
        Ok(link)
    }
}

fn read_link(reader: &mut Reader<'_>, schema: u16, bytes: &[u8]) -> Option<Link> {
    Some(Link {
        station: StationId(reader.array()?),
        seq: reader.u64()?,
        prev: reader.array()?,
        entry: EntryId(reader.array()?),
        schema,
        hash: *blake3::hash(bytes).as_bytes(),
    })
}

impl Record {
    /// The record's bytes, envelope included: what is stored, hashed and exchanged.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        let h = &self.header;
        self.check()?;
        let mut out = Writer::default();
        out.bytes(&h.station.0).u64(h.seq).bytes(&h.prev).bytes(&h.entry.0);
        out.i64(h.at.0).bytes(&h.by.0).subject(&h.subject);
        out.u16(count(h.parents.len())?);
        for parent in &h.parents {
            out.bytes(&parent.0);
        }
        out.u16(count(h.issued.len())?);
        for issued in &h.issued {
            let length = u8::try_from(issued.series.len()).map_err(|_| RecordError::SeriesName)?;
            out.bytes(&[length]).bytes(issued.series.as_bytes()).u64(issued.number);
        }
        out.u32(length(self.ledger.len())?).bytes(&self.ledger);
        out.u16(count(self.persons.len())?);
        for part in &self.persons {
            out.subject(&part.subject).u32(length(part.sealed.len())?).bytes(&part.sealed);
        }
        Ok(envelope::wrap(MAGIC, h.schema, &out.0)?)
    }

    /// Reads a record of this program's schema, to the last byte. A newer one is `NewerSchema`; see [`Link::read`].
    pub fn decode(bytes: &[u8]) -> Result<Record, RecordError> {
        let (schema, body) = envelope::unwrap(MAGIC, bytes)?;
        if schema != SCHEMA {
            return Err(RecordError::NewerSchema(schema));
        }
        let mut reader = Reader(body);
        let record = read_record(&mut reader, schema).ok_or(RecordError::FieldsUnreadable)?;
        if !reader.0.is_empty() {
            return Err(RecordError::FieldsUnreadable);
        }
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), RecordError> {
        let h = &self.header;
        if h.schema != SCHEMA {
            return Err(RecordError::NewerSchema(h.schema));
        }
        if h.seq == 0 || (h.seq == 1) != (h.prev == [0; 32]) {
            return Err(RecordError::LinkImpossible);
        }
        check_body(&self.persons, h.issued.iter().map(|i| i.series.as_str()))
    }
}

/// What holds for an entry before and after it is finished.
pub(super) fn check_body<'a>(
    persons: &[RecordPart],
    mut series: impl Iterator<Item = &'a str>,
) -> Result<(), RecordError> {
    let mut seen = BTreeSet::new();
    if !persons.iter().all(|part| seen.insert(part.subject)) {
        return Err(RecordError::SubjectTwice);
    }
    let named_well = |s: &str| !s.is_empty() && s.len() <= SERIES_MAX && s.bytes().all(|b| b.is_ascii_graphic());
    if !series.all(named_well) {
        return Err(RecordError::SeriesName);
    }
    Ok(())
}

fn read_record(reader: &mut Reader<'_>, schema: u16) -> Option<Record> {
    let mut header = Header {
        station: StationId(reader.array()?),
        seq: reader.u64()?,
        prev: reader.array()?,
        entry: EntryId(reader.array()?),
        at: Stamp(reader.i64()?),
        by: OfficerId(reader.array()?),
        subject: reader.subject()?,
        parents: Vec::new(),
        issued: Vec::new(),
        schema,
    };
    for _ in 0..reader.u16()? {
        header.parents.push(EntryId(reader.array()?));
    }
    for _ in 0..reader.u16()? {
        let [length] = reader.array()?;
        let series = std::str::from_utf8(reader.bytes(usize::from(length))?).ok()?.to_owned();
        header.issued.push(Issued { series, number: reader.u64()? });
    }
    let ledger = reader.counted()?.to_vec();
    let mut persons = Vec::new();
    for _ in 0..reader.u16()? {
        let subject = reader.subject()?;
        persons.push(RecordPart { subject, sealed: reader.counted()?.to_vec() });
    }
    Some(Record { header, ledger, persons })
}

fn count(n: usize) -> Result<u16, RecordError> {
    u16::try_from(n).map_err(|_| RecordError::TooMany)
}

fn length(n: usize) -> Result<u32, RecordError> {
    u32::try_from(n).map_err(|_| RecordError::TooMany)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DossierId, PersonId, UnitId};

    fn record() -> Record {
        Record {
            header: Header {
                station: StationId([1; 16]),
                seq: 2,
                prev: [7; 32],
                entry: EntryId([2; 16]),
                at: Stamp(-1),
                by: OfficerId([3; 16]),
                subject: Subject::Dossier(DossierId([4; 16])),
                parents: vec![EntryId([5; 16]), EntryId([6; 16])],
                issued: vec![Issued { series: "150785-2026".into(), number: 42 }],
                schema: SCHEMA,
            },
            ledger: vec![9; 20],
            persons: vec![
                RecordPart { subject: Subject::Dossier(DossierId([4; 16])), sealed: vec![8; 30] },
                RecordPart { subject: Subject::Person(PersonId([4; 16])), sealed: vec![] },
                RecordPart { subject: Subject::Unit(UnitId([4; 16])), sealed: vec![1] },
                RecordPart { subject: Subject::Bureau, sealed: vec![2] },
            ],
        }
    }

    #[test]
    fn a_record_reads_back() {
        let bytes = record().encode().unwrap();
        assert_eq!(Record::decode(&bytes), Ok(record()));
        let link = Link::read(&bytes).unwrap();
        assert_eq!((link.station, link.seq, link.prev), (StationId([1; 16]), 2, [7; 32]));
        assert_eq!(link.hash, *blake3::hash(&bytes).as_bytes());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let whole = record().encode().unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bent = whole.clone();
                bent[at] ^= 1 << bit;
                assert!(Record::decode(&bent).is_err() && Link::read(&bent).is_err(), "byte {at} bit {bit}");
            }
            assert!(Record::decode(&whole[..at]).is_err() && Link::read(&whole[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn damage_under_a_right_checksum_is_refused_and_never_panics() {
        let (_, body) = envelope::unwrap(MAGIC, &record().encode().unwrap()).map(|(s, b)| (s, b.to_vec())).unwrap();
        let mut read_as_another = 0;
        for at in 0..body.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut bent = body.clone();
                bent[at] = byte;
                let bytes = envelope::wrap(MAGIC, SCHEMA, &bent).unwrap();
                // What still reads is a record in its own right: written again it is the same bytes.
                if let Ok(read) = Record::decode(&bytes) {
                    assert_eq!(read.encode().unwrap(), bytes);
                    read_as_another += 1;
                }
            }
            let cut = envelope::wrap(MAGIC, SCHEMA, &body[..at]).unwrap();
            assert_eq!(Record::decode(&cut), Err(RecordError::FieldsUnreadable), "cut at {at}");
        }
        assert!(read_as_another > 0);
        let longer = envelope::wrap(MAGIC, SCHEMA, &[body.as_slice(), &[0]].concat()).unwrap();
        assert_eq!(Record::decode(&longer), Err(RecordError::FieldsUnreadable));
    }

    #[test]
    fn a_record_of_a_newer_schema_is_chained_unread() {
        let (_, body) = envelope::unwrap(MAGIC, &record().encode().unwrap()).map(|(s, b)| (s, b.to_vec())).unwrap();
        let newer = [&body[..72], b"fields that nobody here knows"].concat();
        let bytes = envelope::wrap(MAGIC, 9, &newer).unwrap();
        assert_eq!(Record::decode(&bytes), Err(RecordError::NewerSchema(9)));
        let link = Link::read(&bytes).unwrap();
        assert_eq!((link.seq, link.prev, link.entry, link.schema), (2, [7; 32], EntryId([2; 16]), 9));
        let too_short = envelope::wrap(MAGIC, 9, &body[..71]).unwrap();
        assert_eq!(Link::read(&too_short), Err(RecordError::FieldsUnreadable));
    }

    fn refused(change: impl FnOnce(&mut Record)) -> RecordError {
        let mut record = record();
        change(&mut record);
        record.encode().unwrap_err()
    }

    #[test]
    fn impossible_records_are_refused_by_name() {
        assert_eq!(refused(|r| r.header.seq = 0), RecordError::LinkImpossible);
        assert_eq!(refused(|r| r.header.seq = 1), RecordError::LinkImpossible);
        assert_eq!(refused(|r| r.header.prev = [0; 32]), RecordError::LinkImpossible);
        assert_eq!(refused(|r| r.persons[1].subject = r.persons[0].subject), RecordError::SubjectTwice);
        assert_eq!(refused(|r| r.header.issued[0].series = String::new()), RecordError::SeriesName);
        assert_eq!(refused(|r| r.header.issued[0].series = "x".repeat(65)), RecordError::SeriesName);
        assert_eq!(refused(|r| r.header.issued[0].series = "根河".into()), RecordError::SeriesName);
        assert_eq!(refused(|r| r.header.parents = vec![EntryId([0; 16]); 65_536]), RecordError::TooMany);
        assert_eq!(refused(|r| r.header.schema = 9), RecordError::NewerSchema(9));
        let long = refused(|r| r.ledger = vec![0; envelope::BODY_MAX]);
        assert_eq!(long, RecordError::Envelope(EnvelopeError::TooLong));
    }

    #[test]
    fn the_edges_are_taken() {
        let mut record = record();
        record.header.issued[0].series = "x".repeat(64);
        record.header.parents = vec![EntryId([0; 16]); 65_535];
        record.header.seq = u64::MAX;
        assert_eq!(Record::decode(&record.encode().unwrap()), Ok(record));
    }

    #[test]
    fn a_part_prints_its_length_and_not_its_bytes() {
        let part = RecordPart { subject: Subject::Bureau, sealed: b"secret".to_vec() };
        assert_eq!(format!("{part:?}"), "Part(Bureau, 6 bytes)");
    }
}
