//! Opening a store: two copies become one truth.

use super::{Disk, Entry, Failed, Found, Frame, Hand, Keyspace, NotKept, OpenFailed, Position, Read, Receipt, Row, Scan, Store};
use std::path::Path;
use std::sync::Arc;

/// What a store is opened with. Clock, chance and the hand come in from above.
pub struct Settings {
    /// Every keyspace that the hand's rows may lie in; [`super::RECORDS`] and [`super::ENTRIES`] come by themselves.
    pub keyspaces: Vec<Keyspace>,
    pub hand: Box<dyn Hand>,
    /// For `received`: milliseconds since 1970. It may go backwards; what is written does not.
    pub clock: Box<dyn FnMut() -> i64 + Send>,
    /// 16 random bytes that a *new* store takes for its own; an existing one keeps those it has.
    pub identity: [u8; 16],
    /// Size of a journal file; tiny in tests.
    pub segment_bytes: u64,
    /// What sled may keep in memory.
    pub cache_bytes: u64,
    /// Kept aside so that a full disk can be opened; 0 for none.
    pub ballast_bytes: u64,
}

impl Settings {
    pub fn new(
        keyspaces: Vec<Keyspace>,
        hand: Box<dyn Hand>,
        clock: Box<dyn FnMut() -> i64 + Send>,
        identity: [u8; 16],
    ) -> Settings {
        let (segment_bytes, cache_bytes, ballast_bytes) = (8 << 20, 64 << 20, 8 << 20);
        Settings { keyspaces, hand, clock, identity, segment_bytes, cache_bytes, ballast_bytes }
    }
}

/// A store, and what was met on the way to it.
pub struct Opened {
    pub store: Local,
    pub found: Vec<Found>,
}

/// The store on this machine: one queue thread, a journal (or none), rows in memory or in sled.
/// Implements [`Store`] and [`Read`]; dropping it stops the queue without the mark of a clean stop.
pub struct Local {}

impl Local {
    /// Answers what waits, syncs all, and notes that the stop was clean.
    pub fn stop(self) -> Result<(), Failed> {
        unimplemented!()
    }
}

/// The store of a data folder: `lock`, `journal/`, `sled/`, `ballast`, `stopped`.
pub fn open(folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    unimplemented!()
}

/// A journal on any [`Disk`], rows in memory, folded anew at each opening.
pub fn open_journal(disk: Arc<dyn Disk>, settings: Settings) -> Result<Opened, OpenFailed> {
    unimplemented!()
}

/// Nothing but memory, for tests of the floors above.
pub fn open_memory(settings: Settings) -> Result<Opened, OpenFailed> {
    unimplemented!()
}
