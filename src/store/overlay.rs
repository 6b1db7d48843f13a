//! Changes laid over rows: what readers see between a sync and sled's catching up, and what a hand sees within a drain.

use super::rows::{Changes, Rows};
use super::{Failed, Keyspace, Read, Row, Scan};
use std::iter::Peekable;

/// Rows with changes over them. Where the changes speak of a row they win, so it makes no difference whether, or how far,
/// they have been applied underneath already.
pub struct Overlay<'a> {
    pub over: &'a Changes,
    pub under: &'a dyn Rows,
}

impl Read for Overlay<'_> {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        match self.over.get(keyspace, key) {
            Some(value) => Ok(value.clone()),
            None => self.under.get(keyspace, key),
        }
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        let mut over = self.over.within(scan);
        if over.is_empty() || scan.limit == 0 {
            return self.under.scan(scan);
        }
        // Each change can hide one row underneath, so this many more are enough.
        let under = self.under.scan(&scan.clone().limit(scan.limit.saturating_add(over.len())))?;
        if scan.backward {
            over.reverse();
        }
        let merged =
            Merge { over: over.into_iter().peekable(), under: under.into_iter().peekable(), backward: scan.backward };
        Ok(merged.take(scan.limit).collect())
    }
}

struct Merge<O: Iterator, U: Iterator> {
    over: Peekable<O>,
    under: Peekable<U>,
    backward: bool,
}

impl<'c, O, U> Iterator for Merge<O, U>
where
    O: Iterator<Item = (&'c Vec<u8>, &'c Option<Vec<u8>>)>,
    U: Iterator<Item = Row>,
{
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        loop {
            let under_first = match (self.over.peek(), self.under.peek()) {
                (None, _) => return self.under.next(),
                (Some(_), None) => false,
                (Some((over, _)), Some((under, _))) if *over == under => {
                    self.under.next();
                    false
                }
                (Some((over, _)), Some((under, _))) => (under < *over) != self.backward,
            };
            if under_first {
                return self.under.next();
            }
            if let (key, Some(value)) = self.over.next()? {
                return Some((key.clone(), value.clone()));
            }
        }
    }
}
