//! The index: one large segment, a few small ones for what came since, and a buffer of the newest rows.

use super::row::clipped;
use super::segment::{Builder, Segment};
use super::{Hit, IndexedHousehold, Unit, ranked};
use crate::domain::{DossierId, UnitId};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Whose households may be found.
#[derive(Clone, Copy, Debug)]
pub enum SearchScope<'a> {
    All,
    /// Those of these units only; rows of others are dropped before anything is ranked or counted.
    Units(&'a BTreeSet<UnitId>),
}

/// A question.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub text: &'a str,
    pub scope: SearchScope<'a>,
    /// At most this many hits; more than 200 are never given.
    pub limit: usize,
    /// ID numbers and phones are met by whole ones alone: whoever asks does not see them, and a part that fits would tell it.
    pub whole_numbers: bool,
}

impl<'a> Ask<'a> {
    /// The usual 20.
    pub fn new(text: &'a str, scope: SearchScope<'a>) -> Ask<'a> {
        Ask { text, scope, limit: 20, whole_numbers: false }
    }
}

/// The best hits, best first; alike ones by unit and birth year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub hits: Vec<Hit>,
    /// There are, or may be, more than are shown.
    pub cut: bool,
}

/// The buffer is indexed anew by the first search after a change, so it stays small.
const BUFFER_ROWS: usize = 64;
/// Larger segments are merged by a [`MergeJob`] only, so that no `put` takes longer than a blink.
const MERGED_AT_ONCE: u32 = 4_096;

/// Households in memory, searchable. `put` and `remove` are seen by the next `search`.
#[derive(Default)]
pub struct Index {
    held: Vec<Held>,
    buffer: Vec<IndexedHousehold>,
    /// The buffer as a segment; emptied by each change, made by the next search.
    newest: OnceLock<Held>,
}

/// A segment, and which of its rows are no longer so.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) segment: Arc<Segment>,
    gone: Vec<u64>,
    live: u32,
    /// The same by the segment's units: what somebody may find is counted with every frame of a screen.
    live_of_units: Vec<u32>,
}

impl Held {
    fn new(segment: Segment) -> Held {
        let len = segment.len();
        let units = 0..u32::try_from(segment.units().len()).unwrap_or(u32::MAX);
        let live_of_units = units.map(|unit| segment.rows_of_unit(unit).len() as u32).collect();
        let gone = vec![0; (len as usize).div_ceil(64)];
        let mut held = Held { gone, live: len, live_of_units, segment: Arc::new(segment) };
        let segment = Arc::clone(&held.segment);
        segment.superseded().iter().for_each(|&row| held.forget(row));
        held
    }

    pub(super) fn is_gone(&self, row: u32) -> bool {
        self.gone.get(row as usize / 64).is_none_or(|word| word & 1 << (row % 64) != 0)
    }

    fn forget(&mut self, row: u32) {
        if !self.is_gone(row) {
            self.gone[row as usize / 64] |= 1 << (row % 64);
            self.live -= 1;
            if let Some(of_unit) = self.live_of_units.get_mut(self.segment.unit_of(row) as usize) {
                *of_unit -= 1;
            }
        }
    }

    fn find(&self, dossier: DossierId) -> Option<u32> {
        self.segment.find(dossier).filter(|&row| !self.is_gone(row))
    }

    fn rows(&self) -> impl Iterator<Item = IndexedHousehold> + '_ {
        (0..self.segment.len()).filter(|&row| !self.is_gone(row)).filter_map(|row| self.segment.row(row))
    }
}

impl Index {
    pub fn new() -> Index {
        Index::default()
    }

    /// Builds from many rows at once; of rows with one dossier the last stands.
    pub fn build(rows: impl IntoIterator<Item = IndexedHousehold>) -> Index {
        Index { held: segments_of(rows), ..Index::default() }
    }

    /// Takes over what stands in another index; no household may stand in both.
    pub fn join(&mut self, other: Index) {
        self.held.extend(other.held);
        other.buffer.into_iter().for_each(|row| self.put(row));
    }

    /// Inserts a household or replaces what was known of it. Texts beyond 200 bytes and lists beyond 64 are cut.
    pub fn put(&mut self, row: IndexedHousehold) {
        self.remove(row.dossier);
        self.buffer.push(clipped(row));
        if self.buffer.len() >= BUFFER_ROWS {
            self.newest = OnceLock::new();
            let rows = std::mem::take(&mut self.buffer);
            self.held.extend(segments_of(rows));
            self.merge_small();
        }
    }

    /// Takes a household out; false if it was not there.
    pub fn remove(&mut self, dossier: DossierId) -> bool {
        self.newest = OnceLock::new();
        if let Some(at) = self.buffer.iter().position(|row| row.dossier == dossier) {
            self.buffer.swap_remove(at);
            return true;
        }
        for held in &mut self.held {
            if let Some(row) = held.find(dossier) {
                held.forget(row);
                return true;
            }
        }
        false
    }

    /// Each segment is kept at least twice as large as the next, so there are few.
    fn merge_small(&mut self) {
        while let [.., before, last] = self.held.as_slice() {
            let together = before.live + last.live;
            if together > MERGED_AT_ONCE || before.live > 2 * last.live {
                break;
            }
            let rows: Vec<IndexedHousehold> = before.rows().chain(last.rows()).collect();
            self.held.truncate(self.held.len() - 2);
            self.held.extend(segments_of(rows));
        }
    }

    /// Households that are within a scope.
    pub fn count(&self, scope: SearchScope<'_>) -> usize {
        let SearchScope::Units(mine) = scope else { return self.len() };
        let is_theirs = |unit: &Unit| mine.contains(&unit.id);
        let of_held = |held: &Held| {
            let units = held.segment.units().iter().zip(&held.live_of_units);
            units.filter(|(unit, _)| is_theirs(unit)).map(|(_, live)| *live as usize).sum::<usize>()
        };
        self.held.iter().map(of_held).sum::<usize>() + self.buffer.iter().filter(|row| is_theirs(&row.unit)).count()
    }

    /// Households, not members.
    pub fn len(&self) -> usize {
        self.held.iter().map(|held| held.live as usize).sum::<usize>() + self.buffer.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, dossier: DossierId) -> Option<IndexedHousehold> {
        if let Some(row) = self.buffer.iter().find(|row| row.dossier == dossier) {
            return Some(row.clone());
        }
        self.held.iter().find_map(|held| held.segment.row(held.find(dossier)?))
    }

    /// Every household, in no promised order.
    pub fn rows(&self) -> impl Iterator<Item = IndexedHousehold> + '_ {
        self.held.iter().flat_map(Held::rows).chain(self.buffer.iter().cloned())
    }

    /// Finds what every word of the text meets.
    pub fn search(&self, ask: Ask<'_>) -> Answer {
        let newest = self.newest.get_or_init(|| {
            let mut builder = Builder::default();
            self.buffer.iter().for_each(|row| builder.push(row));
            Held::new(builder.finish())
        });
        let all: Vec<&Held> = self.held.iter().chain([newest]).filter(|held| held.live > 0).collect();
        ranked::answer(&all, ask)
    }

    /// Work worth doing in the background, if any: many small segments, or many rows gone.
    pub fn merge_job(&self) -> Option<MergeJob> {
        let largest = self.held.iter().map(|held| held.live as usize).max()?;
        let all: usize = self.held.iter().map(|held| held.segment.len() as usize).sum();
        let worth = all - largest > (largest / 8).max(4 * MERGED_AT_ONCE as usize);
        worth.then(|| self.merge_all())
    }

    /// The same, worth it or not.
    pub fn merge_all(&self) -> MergeJob {
        MergeJob { sources: self.held.clone() }
    }

    /// Takes a finished merge over; what changed meanwhile stays changed. False, and nothing done, if segments that
    /// went into it have been merged otherwise since: ask for another job.
    pub fn adopt(&mut self, merged: Merged) -> bool {
        let Merged { sources, mut made } = merged;
        let now = |source: &Held| self.held.iter().position(|held| Arc::ptr_eq(&held.segment, &source.segment));
        let Some(places) = sources.iter().map(now).collect::<Option<Vec<usize>>>() else { return false };
        for (source, &place) in sources.iter().zip(&places) {
            let Some(held) = self.held.get(place) else { return false };
            let since = (0..held.segment.len()).filter(|&row| held.is_gone(row) && !source.is_gone(row));
            for dossier in since.filter_map(|row| held.segment.dossier(row)) {
                forget(&mut made, dossier);
            }
        }
        let mut place = 0;
        self.held.retain(|_| {
            place += 1;
            !places.contains(&(place - 1))
        });
        self.held.splice(0..0, made);
        true
    }
}

impl fmt::Debug for Index {
    /// Only how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index({} households)", self.len())
    }
}

/// Merging everything into one segment, to be run on another thread. While it runs, both the old and the new stand in
/// memory.
pub struct MergeJob {
    sources: Vec<Held>,
}

/// What a [`MergeJob`] made; hand it to [`Index::adopt`].
pub struct Merged {
    sources: Vec<Held>,
    made: Vec<Held>,
}

impl MergeJob {
    pub fn run(self) -> Merged {
        let made = segments_of(self.sources.iter().flat_map(Held::rows));
        Merged { made, sources: self.sources }
    }
}

/// Usually one; more where one would outgrow four-byte offsets.
fn segments_of(rows: impl IntoIterator<Item = IndexedHousehold>) -> Vec<Held> {
    let mut all: Vec<Held> = Vec::new();
    let mut builder = Builder::default();
    let mut close = |builder: Builder| {
        let held = Held::new(builder.finish());
        if !all.is_empty() {
            let dossiers = (0..held.segment.len()).filter_map(|row| held.segment.dossier(row));
            dossiers.for_each(|dossier| forget(&mut all, dossier));
        }
        all.push(held);
    };
    for row in rows {
        builder.push(&clipped(row));
        if builder.is_full() {
            close(std::mem::take(&mut builder));
        }
    }
    if !builder.is_empty() {
        close(builder);
    }
    all
}

fn forget(all: &mut [Held], dossier: DossierId) {
    for held in all {
        if let Some(row) = held.find(dossier) {
            held.forget(row);
        }
    }
}
