//! The hand that finishes entries: the one thing the floors above lend to the queue.
//!
//! Making the record and folding it are two calls on purpose. A new entry goes `finish` → `fold`; a rebuild, or a store
//! that was behind its journal, goes `fold` alone. So the rows of a rebuilt store cannot differ from those of a lived-in
//! one by a second way of making them.

use super::{Entry, Failed, Position, Read};
use super::{Keyspace, segment::Cut};

/// Floor 4 implements this over `log::append::next` and `views::fold`. It runs on the queue's thread, one call at a time.
///
/// A hand keeps no truth of its own: whatever it caches (the head of the chain, the last number of a block) it must be able
/// to read again from the rows, and [`Recorder::forget`] tells it when to. A panic inside costs that one entry
/// ([`NotKept::Refused`](super::NotKept) with [`Refused::Panicked`]) and is followed by `forget`.
pub trait Recorder: Send {
    /// Makes the record: `read` shows the store and, over it, the earlier entries of this drain. Expectations have been
    /// checked already; `at` is the place that the record will have.
    fn finish(&mut self, read: &dyn Read, entry: &Entry, at: Kept) -> Result<Finished, Refused>;

    /// The rows that change because of this frame. A function of the frame and of `read` alone (no clock, no chance):
    /// rebuilding must give the same bytes. The rows of [`super::RECORDS`] and [`super::ENTRIES`] are the store's own affair.
    fn fold(&mut self, read: &dyn Read, frame: &Frame) -> Result<Vec<RowChange>, Refused>;

    /// Whether this frame is of the store whose hand this is (its keys open it); `None` if it cannot tell. Asked of a few
    /// frames before anything is written beside them: files of another store may have come to lie here.
    fn knows(&self, _frame: &Frame) -> Option<bool> {
        None
    }

    /// Whether these rows were made without something that is here now (a key that was lost and came back), so that others come of
    /// the same frames: they are folded anew then.
    fn is_outdated(&self, _read: &dyn Read) -> bool {
        false
    }

    /// What this frame is called on paper when it is the newest: for people who are to tell two copies apart.
    fn head(&self, _frame: &Frame) -> Option<String> {
        None
    }

    /// Something that was finished has not been kept, or the rows were exchanged underneath: caches are void.
    fn forget(&mut self) {}
}

/// Where and when a frame is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    pub position: Position,
    /// Never smaller than that of any earlier frame; in the unit of the clock handed in at opening (milliseconds since
    /// 1970 in this program).
    pub received: i64,
}

/// A finished entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// The record as it will stand in the journal for good.
    pub record: Vec<u8>,
    /// For [`super::Receipt::bytes`]. At most [`Frame::RECEIPT_LIMIT`] bytes.
    pub receipt: Vec<u8>,
}

/// Why a hand would not: the entry is answered with it, and nothing of it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// As a lost expectation, by name: something that only the queue's thread could see (a block has no numbers left).
    Lost(Vec<String>),
    /// For the command's own words: a short key and whatever it needs to say it.
    Because { why: &'static str, detail: Vec<u8> },
    /// Rows could not be read.
    Unread(Failed),
    /// The hand broke. The queue goes on.
    Panicked,
}

impl From<Failed> for Refused {
    fn from(failed: Failed) -> Refused {
        Refused::Unread(failed)
    }
}

/// One row to be set, or taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowChange {
    pub keyspace: Keyspace,
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

impl RowChange {
    pub fn set(keyspace: Keyspace, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> RowChange {
        RowChange { keyspace, key: key.into(), value: Some(value.into()) }
    }

    pub fn remove(keyspace: Keyspace, key: impl Into<Vec<u8>>) -> RowChange {
        RowChange { keyspace, key: key.into(), value: None }
    }
}

/// What the journal holds for one entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pub position: Position,
    pub received: i64,
    pub entry: [u8; 16],
    pub receipt: Vec<u8>,
    pub record: Vec<u8>,
}

impl Frame {
    /// Receipts are a few numbers; what is longer is refused.
    pub const RECEIPT_LIMIT: usize = 4096;

    /// What stands, in memory alone, where a frame is lost: a record that is none, which changes no view and breaks its chain.
    pub(super) fn left_out(position: Position) -> Frame {
        let mut entry = [0; 16];
        entry[8..].copy_from_slice(&position.to_be_bytes());
        Frame { position, received: i64::MIN, entry, receipt: Vec::new(), record: Vec::new() }
    }

    pub(super) fn is_left_out(&self) -> bool {
        *self == Frame::left_out(self.position)
    }

    /// The frame's body: received (8, little endian) ‖ entry id (16) ‖ length of the receipt (2) ‖ receipt ‖ record. **[disk]**
    /// Position and checksum stand in the segment's frame around it.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(26 + self.receipt.len() + self.record.len());
        body.extend_from_slice(&self.received.to_le_bytes());
        body.extend_from_slice(&self.entry);
        // Longer receipts are refused before they come here; a cut one would be a lie, so the length says 0xffff then.
        body.extend_from_slice(&u16::try_from(self.receipt.len()).unwrap_or(u16::MAX).to_le_bytes());
        body.extend_from_slice(&self.receipt);
        body.extend_from_slice(&self.record);
        body
    }

    /// Reads what [`Frame::encode`] wrote; `None` if the lengths do not add up.
    pub fn decode(position: Position, body: &[u8]) -> Option<Frame> {
        let mut cut = Cut(body);
        let received = i64::from_le_bytes(cut.take()?);
        let entry = cut.take()?;
        let length = usize::from(u16::from_le_bytes(cut.take()?));
        if length > Frame::RECEIPT_LIMIT {
            return None;
        }
        let receipt = cut.bytes(length)?.to_vec();
        Some(Frame { position, received, entry, receipt, record: cut.0.to_vec() })
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}, received {}, {} bytes)", self.position, self.received, self.record.len())
    }
}
