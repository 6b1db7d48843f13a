//! Rows: what is true now, in key order, beneath the overlay. Memory and sled keep them; both only ever do what a settled
//! batch of changes says.

use super::{Failed, Keyspace, Row, Scan};
use std::collections::BTreeMap;

/// The store's own notes, in the same batch as the rows they speak of: identity, position, tallies.
pub const META: Keyspace = Keyspace("meta");

/// Where rows are kept.
pub trait Rows: Send + Sync {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed>;
    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed>;
    /// All of them or none. It need not be on disk yet: the journal is.
    fn apply(&self, changes: &Changes) -> Result<(), Failed>;
    /// What was applied is on disk.
    fn flush(&self) -> Result<(), Failed>;
    /// What they hold outlives the process, so they are a second copy of the frames.
    fn is_a_copy(&self) -> bool {
        true
    }
    /// Somewhere they could not be read, though the files opened: not all of them are what was written.
    fn broke(&self) -> bool {
        false
    }
    /// Their files were given up, perhaps in the middle of a write, and stand where they stood.
    fn are_left(&self) -> bool {
        false
    }
    /// After an apply that failed: opened anew, brought up by `catch_up` and only then shown. Whoever reads meanwhile waits.
    /// Rows that lose nothing by a failure have nothing to do. What `catch_up` is given is no copy ([`Rows::is_a_copy`]) and
    /// empty where the files are left alone from now on.
    ///
    /// Errors: they do not open, or cannot be brought up. They may give nothing at all then, until this is tried again.
    fn again(&self, _catch_up: &mut dyn FnMut(&dyn Rows) -> Result<(), Failed>) -> Result<(), Failed> {
        Ok(())
    }
}

/// Rows to be set (or taken away, where the value is `None`), not yet applied.
#[derive(Clone, Default)]
pub struct Changes(BTreeMap<Keyspace, BTreeMap<Vec<u8>, Option<Vec<u8>>>>);

impl Changes {
    pub fn set(&mut self, keyspace: Keyspace, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.0.entry(keyspace).or_default().insert(key, value);
    }

    /// `None`: nothing is said about this row.
    pub fn get(&self, keyspace: Keyspace, key: &[u8]) -> Option<&Option<Vec<u8>>> {
        self.0.get(&keyspace)?.get(key)
    }

    pub fn spaces(&self) -> impl Iterator<Item = (Keyspace, &BTreeMap<Vec<u8>, Option<Vec<u8>>>)> {
        self.0.iter().map(|(keyspace, rows)| (*keyspace, rows))
    }

    /// Those that a scan would meet, smallest key first whichever way it goes.
    pub fn within(&self, scan: &Scan) -> Vec<(&Vec<u8>, &Option<Vec<u8>>)> {
        match self.0.get(&scan.keyspace) {
            Some(rows) if !scan.is_empty() => {
                let bounds = (scan.from.as_ref().map(Vec::as_slice), scan.to.as_ref().map(Vec::as_slice));
                rows.range::<[u8], _>(bounds).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Later changes over these.
    pub fn absorb(&mut self, later: Changes) {
        for (keyspace, rows) in later.0 {
            self.0.entry(keyspace).or_default().extend(rows);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
