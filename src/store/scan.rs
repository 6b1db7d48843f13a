//! Asking for several rows: where to begin, where to end, which way, how many.

use super::{Failed, Keyspace, Read};
use std::ops::Bound;

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// `Scan::prefix(DUE, b"2026").limit(20)`, `Scan::all(DOSSIERS).backward()`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scan {
    pub keyspace: Keyspace,
    pub from: Bound<Vec<u8>>,
    pub to: Bound<Vec<u8>>,
    pub backward: bool,
    /// `usize::MAX` unless said otherwise.
    pub limit: usize,
}

impl Scan {
    pub fn all(keyspace: Keyspace) -> Scan {
        Scan::range(keyspace, Bound::Unbounded, Bound::Unbounded)
    }

    pub fn range(keyspace: Keyspace, from: Bound<Vec<u8>>, to: Bound<Vec<u8>>) -> Scan {
        Scan { keyspace, from, to, backward: false, limit: usize::MAX }
    }

    /// Every key that begins with these bytes.
    pub fn prefix(keyspace: Keyspace, prefix: &[u8]) -> Scan {
        let to = after_prefix(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        Scan::range(keyspace, Bound::Included(prefix.to_vec()), to)
    }

    /// Largest key first.
    pub fn backward(mut self) -> Scan {
        self.backward = true;
        self
    }

    pub fn limit(mut self, limit: usize) -> Scan {
        self.limit = limit;
        self
    }

    /// The same scan, going on after `key`.
    pub fn after(mut self, key: Vec<u8>) -> Scan {
        *(if self.backward { &mut self.to } else { &mut self.from }) = Bound::Excluded(key);
        self
    }

    /// Nothing can lie between the bounds. (A `BTreeMap` panics when asked for such a range.)
    pub fn is_empty(&self) -> bool {
        match (&self.from, &self.to) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(a), Bound::Included(b)) => a > b,
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a >= b,
        }
    }
}

/// The smallest key behind all that begin with `prefix`; `None` when there is none (empty, or 0xff throughout).
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// Walks a scan of any length page by page, so that commits go on in between; `see` says `false` to stop.
pub fn each(read: &dyn Read, scan: Scan, mut see: impl FnMut(&[u8], &[u8]) -> bool) -> Result<(), Failed> {
    const PAGE: usize = 1000;
    let mut left = scan.limit;
    let mut next = scan;
    loop {
        let wanted = left.min(PAGE);
        let page = read.scan(&next.clone().limit(wanted))?;
        for (key, value) in &page {
            if !see(key, value) {
                return Ok(());
            }
        }
        left -= page.len();
        match page.into_iter().next_back() {
            Some((key, _)) if left > 0 => next = next.after(key),
            _ => return Ok(()),
        }
    }
}
