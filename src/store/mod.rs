//! What lives here: bytes that last. Ordered keyspaces, one commit queue, the journal and sled under them, and the checked
//! frames (`segment.rs`) that journal, drafts and key slots are made of.
//! It does not know records, keys, people or questions: it imports nothing of ours, and [`recorder::Recorder`] is all it asks of
//! the floors above.
//! Start reading at the trait [`Store`] below, then `queue.rs`, which tells what a commit is; `opening.rs` tells how two
//! copies become one truth again after a bad day.
//!
//! # Why PostgreSQL can fill this shape unchanged
//!
//! - `get` and `scan` are a primary-key look-up and an `ORDER BY key [DESC] LIMIT n` over one table
//!   `(keyspace, key bytea, value bytea)`; keys compare as unsigned bytes in both.
//! - An entry's expectations are values read before, by key: `SELECT … FOR UPDATE` and compare, in any isolation level.
//!   No expectation ever names the head of a chain or a range, so no serialisable range lock is needed, and nothing has
//!   to be scanned inside a transaction, which sled 0.34 cannot do at all.
//! - `finish` and `fold` run where one writer at a time is certain: here the queue's thread, there an advisory lock held
//!   by the transaction that drains a batch. They see a [`Read`], which is a transaction's own view in both.
//! - `position` is a column that one writer counts up; `replay` is `WHERE position >= $1 ORDER BY position LIMIT n`.
//! - A repeat is `INSERT … ON CONFLICT (entry id)` answered with the row already there.
//! - There is no append, no transaction object, no iterator that outlives its call, no snapshot handle: nothing that would
//!   have to be kept alive over a lost connection. A commit is one thing, and so is its answer.

mod agreeing;
mod aside;
pub mod ballast;
pub mod disk;
pub mod doctor;
pub mod entry;
pub mod error;
pub mod faulty;
pub mod folders;
mod folding;
mod half_open;
pub mod journal;
pub mod journal_scan;
pub mod local;
pub mod lock;
pub mod memory;
mod network;
pub mod opening;
pub mod overlay;
mod owned_disk;
mod owner;
mod patience;
pub mod queue;
pub mod quiet;
pub mod recorder;
pub mod rows;
pub mod scan;
pub mod seals;
pub mod segment;
pub mod shadow;
pub mod sled;
mod spare;
pub mod stumbling;
pub mod tally;

pub use disk::{Disk, RealDisk};
pub use entry::{Entry, Expect};
pub use error::{Damage, Displaced, Failed, Found, NotKept, Notice, OpenFailed, Standing, What, Why};
pub use folding::{frame_of, record_row};
pub use journal::standing_of;
pub use local::{Copies, Local};
pub use opening::{
    OnProgress, Opened, Settings, Work, open, open_journal, open_memory, open_on, open_to_read, rebuild,
};
pub use owned_disk::OwnedDisk;
pub use recorder::{Finished, Frame, Kept, Recorder, Refused, RowChange};
pub use scan::{Row, Scan, each};

/// Where in the journal a frame stands: 1 for the first, without gaps. 0 means "before the first".
pub type Position = u64;

/// The name of an ordered set of rows. The list of all of them is handed in at opening ([`Settings::keyspaces`]); a
/// keyspace that is not on it is refused, so a misspelt name cannot make one.
///
/// Names are lower-case ASCII letters, digits and `_`. Two belong to the store itself and may be read by all:
/// [`RECORDS`] and [`ENTRIES`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Keyspace(pub &'static str);

/// Every frame once more, beside the journal: key = position (8 bytes, big endian), value = [`Frame::encode`] and its
/// checksum. From here a damaged journal is mended.
pub const RECORDS: Keyspace = Keyspace("records");

/// Which entries are known: key = entry id, value = position (8 bytes, big endian).
pub const ENTRIES: Keyspace = Keyspace("entries");

/// Reading rows. The store itself, and what a [`Recorder`] sees while it works: the store and, over it, the earlier entries
/// of the same drain.
pub trait Read {
    /// The row's value as of the last commit that was answered (or of the entry before this one, inside a hand).
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed>;

    /// Rows in key order, all of one moment: a commit is seen whole or not at all. While it runs no commit is published,
    /// so long scans go page by page: [`each`] does that (and then each page is of one moment).
    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed>;
}

impl<T: Read + ?Sized> Read for std::sync::Arc<T> {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        (**self).get(keyspace, key)
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        (**self).scan(scan)
    }
}

/// Bytes that last. See the head of this file for what may stand behind it.
pub trait Store: Read + Send + Sync {
    /// Keeps the entry, or says why not. When this answers `Ok` the entry is on disk and every reader sees it.
    ///
    /// The same entry (by id) sent twice is answered with its first receipt, [`Receipt::repeated`] set; that is how
    /// a caller finds out what became of [`NotKept::PerhapsKept`].
    fn commit(&self, entry: Entry) -> Result<Receipt, NotKept>;

    /// Many entries at once, each kept or not for itself, in this order. They share syncs; for bulk loading.
    fn commit_all(&self, entries: Vec<Entry>) -> Vec<Result<Receipt, NotKept>>;

    /// Frames from `from` on, in order, at most `limit` of them. Empty when `from` is beyond the end.
    fn replay(&self, from: Position, limit: usize) -> Result<Vec<Frame>, Failed>;

    /// The position of the last frame that was answered; 0 in an empty store.
    fn position(&self) -> Position;
}

/// The store's word that an entry is on disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    pub position: Position,
    /// When this station received it, as the clock handed in at opening counts; never smaller than any before it.
    pub received: i64,
    /// What the hand wanted the caller to know: a number given, a sequence number. Kept in the frame, so that a repeat
    /// gets the same bytes years later.
    pub bytes: Vec<u8>,
    /// This entry was already there; nothing was written now.
    pub repeated: bool,
}
