//! The rows that one fold has changed so far, over the store below: a record that was waiting sees what woke it.

use crate::store::{Failed, Keyspace, Read, RowChange, Scan, scan::Row};
use std::collections::BTreeMap;

pub(super) struct Pending<'s> {
    below: &'s dyn Read,
    changes: BTreeMap<(Keyspace, Vec<u8>), Option<Vec<u8>>>,
}

impl<'s> Pending<'s> {
    pub fn over(below: &'s dyn Read) -> Pending<'s> {
        Pending { below, changes: BTreeMap::new() }
    }

    pub fn set(&mut self, keyspace: Keyspace, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.changes.insert((keyspace, key.into()), Some(value.into()));
    }

    pub fn remove(&mut self, keyspace: Keyspace, key: impl Into<Vec<u8>>) {
        self.changes.insert((keyspace, key.into()), None);
    }

    /// The keys of a keyspace that have changed.
    pub fn changed(&self, keyspace: Keyspace) -> impl Iterator<Item = &[u8]> {
        self.changes.keys().filter(move |(of, _)| *of == keyspace).map(|(_, key)| key.as_slice())
    }

    pub fn into_changes(self) -> Vec<RowChange> {
        self.changes.into_iter().map(|((keyspace, key), value)| RowChange { keyspace, key, value }).collect()
    }
}

impl Read for Pending<'_> {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        match self.changes.get(&(keyspace, key.to_vec())) {
            Some(value) => Ok(value.clone()),
            None => self.below.get(keyspace, key),
        }
    }

    /// Forward scans only, merged with the changes: all that a fold needs.
    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        let mut rows: BTreeMap<Vec<u8>, Vec<u8>> = self.below.scan(scan)?.into_iter().collect();
        for ((keyspace, key), value) in &self.changes {
            let within = *keyspace == scan.keyspace
                && std::ops::RangeBounds::contains(&(scan.from.clone(), scan.to.clone()), key);
            match value {
                Some(value) if within => {
                    rows.insert(key.clone(), value.clone());
                }
                None if within => {
                    rows.remove(key);
                }
                _ => {}
            }
        }
        let mut rows: Vec<Row> = rows.into_iter().collect();
        if scan.backward {
            rows.reverse();
        }
        rows.truncate(scan.limit);
        Ok(rows)
    }
}
