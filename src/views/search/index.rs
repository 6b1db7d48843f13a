//! The index: one large segment, a few small ones for what came since, and a buffer of the newest rows.

use super::{Hit, Row};
use crate::domain::{DossierId, UnitId};
use std::collections::BTreeSet;

/// Whose households may be found.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    All,
    /// Those of these units only; rows of others are dropped before anything is ranked or counted.
    Units(&'a BTreeSet<UnitId>),
}

/// A question.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub text: &'a str,
    pub scope: Scope<'a>,
    /// At most this many hits; 20 is usual.
    pub limit: usize,
}

/// The best hits, best first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub hits: Vec<Hit>,
    /// There are, or may be, more than are shown.
    pub cut: bool,
}

/// Merging everything into one segment, to be run on another thread.
pub struct MergeJob;
/// What a [`MergeJob`] made; hand it to [`Index::adopt`].
pub struct Merged;

/// Households in memory, searchable. `put` and `remove` are seen by the next `search`.
#[derive(Default)]
pub struct Index;

impl Index {
    pub fn new() -> Index {
        Index
    }
    /// Builds from many rows at once; of rows with one dossier the last stands.
    pub fn build(_rows: impl IntoIterator<Item = Row>) -> Index {
        Index
    }
    /// Inserts a household or replaces what was known of it.
    pub fn put(&mut self, _row: Row) {}
    /// Takes a household out; false if it was not there.
    pub fn remove(&mut self, _dossier: DossierId) -> bool {
        false
    }
    pub fn len(&self) -> usize {
        0
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub fn get(&self, _dossier: DossierId) -> Option<Row> {
        None
    }
    /// Every household, in no promised order.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        std::iter::empty()
    }
    pub fn search(&self, _ask: Ask<'_>) -> Answer {
        Answer { hits: Vec::new(), cut: false }
    }
    /// Work worth doing in the background, if any.
    pub fn merge_job(&self) -> Option<MergeJob> {
        None
    }
    /// Takes the finished merge over; what changed meanwhile stays changed.
    pub fn adopt(&mut self, _merged: Merged) {}
}

impl MergeJob {
    pub fn run(self) -> Merged {
        Merged
    }
}
