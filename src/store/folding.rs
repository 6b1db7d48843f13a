//! One frame folded: the hand's rows, and the two that the store keeps for itself. New entries, a store behind its journal
//! and a rebuild all come through here.

use super::journal;
use super::overlay::Overlay;
use super::rows::{Changes, META, Rows};
use super::segment::checksum;
use super::tally::Tallies;
use super::{Disk, ENTRIES, Failed, Frame, Keyspace, OpenFailed, Position, RECORDS, Read, Recorder, Refused};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Adds what the frame changes to `changes`, all of it or nothing.
pub fn fold(
    recorder: &mut dyn Recorder,
    keyspaces: &Keyspaces,
    rows: &dyn Rows,
    changes: &mut Changes,
    frame: &Frame,
) -> Result<(), Refused> {
    let read = Overlay { over: changes, under: rows };
    // What was left out is nobody's record.
    let made = match frame.is_left_out() {
        true => Vec::new(),
        false => guarded(recorder, |recorder| recorder.fold(&read, frame))?,
    };
    for change in &made {
        keyspaces.check_for_hand(change.keyspace)?;
    }
    for change in made {
        changes.set(change.keyspace, change.key, change.value);
    }
    changes.set(RECORDS, frame.position.to_be_bytes().to_vec(), Some(record_row(frame)));
    changes.set(ENTRIES, frame.entry.to_vec(), Some(frame.position.to_be_bytes().to_vec()));
    Ok(())
}

/// Lets the hand work. If it breaks, its caches are void, and the queue goes on.
pub fn guarded<T>(
    recorder: &mut dyn Recorder,
    work: impl FnOnce(&mut dyn Recorder) -> Result<T, Refused>,
) -> Result<T, Refused> {
    match catch_unwind(AssertUnwindSafe(|| work(recorder))) {
        Ok(result) => result,
        Err(_) => {
            let _ = catch_unwind(AssertUnwindSafe(|| recorder.forget()));
            Err(Refused::Panicked)
        }
    }
}

/// A frame as it stands in [`RECORDS`]: its body, and a checksum over position and body. **[disk]**
pub fn record_row(frame: &Frame) -> Vec<u8> {
    let mut row = frame.encode();
    let check = record_checksum(frame.position, &row);
    row.extend_from_slice(&check);
    row
}

/// The frame of a row of [`RECORDS`]; `None` if it does not check.
pub fn read_record_row(position: Position, row: &[u8]) -> Option<Frame> {
    let (body, check) = row.split_last_chunk::<16>()?;
    (record_checksum(position, body) == *check).then(|| Frame::decode(position, body))?
}

/// What frames of the journal are folded with, and into.
pub struct Fold<'a> {
    pub recorder: &'a mut dyn Recorder,
    pub keyspaces: &'a Keyspaces,
    pub disk: &'a dyn Disk,
    pub rows: &'a dyn Rows,
}

impl Fold<'_> {
    /// Frames that are folded before their rows are applied.
    const AT_ONCE: u64 = 2000;

    /// Folds frames into the rows, some hundreds at a time; `progress` hears how far it is.
    pub fn apply(
        &mut self,
        from: Position,
        last: Position,
        mut progress: impl FnMut(Position),
    ) -> Result<(), OpenFailed> {
        let mut next = from;
        while next <= last {
            let until = last.min(next + Fold::AT_ONCE - 1);
            let changes = self.changes(next, until)?;
            self.rows.apply(&changes)?;
            next = until + 1;
            progress(until);
        }
        Ok(())
    }

    /// What these frames change, settled and not applied.
    pub fn changes(&mut self, from: Position, last: Position) -> Result<Changes, OpenFailed> {
        let mut changes = Changes::default();
        if from > last {
            return Ok(changes);
        }
        let (recorder, keyspaces, rows) = (&mut *self.recorder, self.keyspaces, self.rows);
        let mut refused = None;
        journal::each_frame(self.disk, from, last, |frame| {
            if let Err(why) = fold(recorder, keyspaces, rows, &mut changes, &frame) {
                refused = Some(OpenFailed::Unfolded { position: frame.position, why });
            }
            refused.is_none() && frame.position < last
        })?;
        if let Some(refused) = refused {
            return Err(refused);
        }
        Tallies::read(rows, &keyspaces.tallied())?.settle(rows, &mut changes, last)?;
        Ok(changes)
    }
}

/// The frame that an entry became; `None` for one that is not known here.
pub fn frame_of(read: &dyn Read, entry: &[u8; 16]) -> Result<Option<Frame>, Failed> {
    let Some(at) = read.get(ENTRIES, entry)? else { return Ok(None) };
    let position = at.try_into().map_or(0, Position::from_be_bytes);
    let row = read.get(RECORDS, &position.to_be_bytes())?;
    row.and_then(|row| read_record_row(position, &row)).map(Some).ok_or_else(|| Failed::no_frame(position))
}

fn record_checksum(position: Position, body: &[u8]) -> [u8; 16] {
    checksum(&[&position.to_be_bytes(), body].concat())
}

/// The names that rows may lie under.
#[derive(Clone)]
pub struct Keyspaces(BTreeSet<Keyspace>);

impl Keyspaces {
    /// Refuses the store's own names, one named twice, and letters that a key could be mistaken for.
    pub fn new(of_hand: &[Keyspace]) -> Result<Keyspaces, Keyspace> {
        let mut known = BTreeSet::from([RECORDS, ENTRIES, META]);
        for keyspace in of_hand {
            let lettered = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            if keyspace.0.is_empty() || !keyspace.0.bytes().all(lettered) || !known.insert(*keyspace) {
                return Err(*keyspace);
            }
        }
        Ok(Keyspaces(known))
    }

    pub fn check(&self, keyspace: Keyspace) -> Result<(), Failed> {
        if self.0.contains(&keyspace) { Ok(()) } else { Err(Failed::UnknownKeyspace(keyspace.0)) }
    }

    fn check_for_hand(&self, keyspace: Keyspace) -> Result<(), Failed> {
        match keyspace {
            RECORDS | ENTRIES | META => Err(Failed::UnknownKeyspace(keyspace.0)),
            _ => self.check(keyspace),
        }
    }

    /// All that are tallied: everything but the tallies themselves.
    pub fn tallied(&self) -> Vec<Keyspace> {
        self.0.iter().copied().filter(|k| *k != META).collect()
    }
}
