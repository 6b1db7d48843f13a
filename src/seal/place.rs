//! The place that sealed bytes belong to. It goes into the nonce and into the associated data alike, so that nothing
//! opens anywhere else: a part moved to another record, a row copied under another key are refused. **[disk]**

use crate::domain::{DraftId, EntryId, OfficerId, Stamp, StationId, Subject};

/// Which part of a record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PartKind {
    /// Ids, days, amounts, codes: sealed under the bureau's key; outlives erasure.
    Ledger,
    /// Answers, names, texts: sealed under the key of the subject that the part names.
    Person,
}

/// Where sealed bytes stand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SealContext<'a> {
    /// A part of a record. `subject` is the part's own: the record's for the ledger part, the named one for a person part.
    Part { kind: PartKind, schema: u16, station: StationId, entry: EntryId, at: Stamp, by: OfficerId, subject: Subject },
    /// One answer of a draft, by its running number in the draft's file.
    DraftDelta { draft: DraftId, number: u64 },
    /// A row of a view.
    Row { keyspace: &'a str, key: &'a [u8] },
    /// A file written whole, with the journal position it was written at: the lookup index.
    Snapshot { name: &'a str, position: u64 },
    /// A subject's key in its slot.
    Slot { id: [u8; 16] },
    /// The body of the key ring, by its counter and a hash of the clear part before it.
    Ring { counter: u64, clear: [u8; 32] },
    /// The store key, wrapped for one recipient.
    Recipient { kind: u8, id: [u8; 16] },
}

impl SealContext<'_> {
    /// Each field with its length before it (u32 LE), the kind of place first: no two places are the same bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let mut put = |field: &[u8]| {
            out.extend_from_slice(&(field.len() as u32).to_le_bytes());
            out.extend_from_slice(field);
        };
        match self {
            SealContext::Part { kind, schema, station, entry, at, by, subject } => {
                put(match kind {
                    PartKind::Ledger => b"ledger",
                    PartKind::Person => b"person",
                });
                put(&schema.to_le_bytes());
                put(&station.0);
                put(&entry.0);
                put(&at.0.to_le_bytes());
                put(&by.0);
                put(&[subject.kind()]);
                put(&subject.id());
            }
            SealContext::DraftDelta { draft, number } => {
                put(b"draft");
                put(&draft.0);
                put(&number.to_le_bytes());
            }
            SealContext::Row { keyspace, key } => {
                put(b"row");
                put(keyspace.as_bytes());
                put(key);
            }
            SealContext::Snapshot { name, position } => {
                put(b"snapshot");
                put(name.as_bytes());
                put(&position.to_le_bytes());
            }
            SealContext::Slot { id } => {
                put(b"slot");
                put(id);
            }
            SealContext::Ring { counter, clear } => {
                put(b"ring");
                put(&counter.to_le_bytes());
                put(clear);
            }
            SealContext::Recipient { kind, id } => {
                put(b"recipient");
                put(&[*kind]);
                put(id);
            }
        }
        out
    }
}
