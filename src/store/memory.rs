//! Rows in memory: for tests of the floors above, and for a journal whose views are folded anew at each opening.

use super::rows::{Changes, Rows};
use super::{Failed, Keyspace, Row, Scan};
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

#[derive(Default)]
pub struct MemoryRows(RwLock<Spaces>);

type Spaces = BTreeMap<Keyspace, BTreeMap<Vec<u8>, Vec<u8>>>;

impl Rows for MemoryRows {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        let spaces = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(spaces.get(&keyspace).and_then(|rows| rows.get(key)).cloned())
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        let spaces = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(rows) = spaces.get(&scan.keyspace).filter(|_| !scan.is_empty()) else { return Ok(Vec::new()) };
        let bounds = (scan.from.as_ref().map(Vec::as_slice), scan.to.as_ref().map(Vec::as_slice));
        let range = rows.range::<[u8], _>(bounds).map(|(key, value)| (key.clone(), value.clone()));
        Ok(if scan.backward { range.rev().take(scan.limit).collect() } else { range.take(scan.limit).collect() })
    }

    fn apply(&self, changes: &Changes) -> Result<(), Failed> {
        let mut spaces = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (keyspace, changed) in changes.spaces() {
            let rows = spaces.entry(keyspace).or_default();
            for (key, value) in changed {
                match value {
                    Some(value) => rows.insert(key.clone(), value.clone()),
                    None => rows.remove(key),
                };
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), Failed> {
        Ok(())
    }

    fn is_a_copy(&self) -> bool {
        false
    }
}
