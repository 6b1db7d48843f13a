//! sled brought up to a journal that is whole: as it is, by what it has not seen, or filled anew; and the queue's thread
//! begun on both.

use super::aside::SledFolder;
use super::doctor;
use super::folding::Fold;
use super::half_open::{HalfOpen, IDENTITY, RowsAndOver, SHAPE, Sled, identity_of, record, shape_of};
use super::journal::{self, Journal};
use super::local::Local;
use super::lock::Lock;
use super::memory::MemoryRows;
use super::opening::{Opened, Work};
use super::overlay::Overlay;
use super::queue::{Queue, Shared};
use super::rows::{Changes, META, Rows};
use super::sled::{self, SledRows, broken};
use super::spare;
use super::tally::{Tallies, kept_position};
use super::{Damage, Failed, Found, Kept, OpenFailed, Position, Why};
use std::sync::Arc;

/// How often rows are made anew that the disk does not give back.
const TRIES: u32 = 3;

impl HalfOpen {
    /// sled brought up to the journal: as it is, or by the frames it has not seen, or filled again from the beginning.
    pub(super) fn agree(
        &mut self,
        sled: &SledFolder,
        journal: &Journal,
        found: Sled,
    ) -> Result<RowsAndOver, OpenFailed> {
        let last = journal.next() - 1;
        if self.cramped {
            return self.agree_in_memory(journal, found.rows.filter(|_| found.unfit.is_none()));
        }
        let why = match (found.rows, found.unfit) {
            (None, why) => why.unwrap_or(Why::Missing),
            (Some(rows), Some(why)) => {
                drop(rows);
                why
            }
            (Some(rows), None) if identity_of(&*rows) != Some(journal.identity()) => {
                drop(rows);
                Why::OtherStore
            }
            (Some(rows), None) => match self.catch_up(&*rows, last) {
                Ok(None) => return Ok((rows, Changes::default())),
                Ok(Some(why)) => why,
                Err(full @ OpenFailed::Failed(Failed::Full)) => return Err(full),
                Err(failed @ OpenFailed::Unfolded { .. }) => return Err(failed),
                Err(_) => Why::Unreadable,
            },
        };
        let rows = self.refill(sled, journal, why)?;
        Ok((rows, Changes::default()))
    }

    /// For a full disk: what sled has not seen lies over it, and what it cannot give is folded in memory.
    pub(super) fn agree_in_memory(
        &mut self,
        journal: &Journal,
        opened: Option<Arc<dyn Rows>>,
    ) -> Result<RowsAndOver, OpenFailed> {
        let last = journal.next() - 1;
        if let Some(rows) = opened.filter(|rows| identity_of(&**rows) == Some(journal.identity())) {
            // One write that does not go through, and sled refuses even to read; so it is asked now, with the ballast free.
            let over = kept_position(&*rows).map_err(OpenFailed::Failed).and_then(|position| {
                let over = self.fold_over(&*rows, position + 1, last)?;
                rows.flush()?;
                Ok((position <= last).then_some(over))
            });
            match over {
                Ok(Some(over)) => return Ok((rows, over)),
                Err(unfolded @ OpenFailed::Unfolded { .. }) => return Err(unfolded),
                _ => {}
            }
        }
        let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
        self.note_identity(&*rows, journal.identity())?;
        self.fold_from(&*rows, 1, last)?;
        Ok((rows, Changes::default()))
    }

    /// Why these rows cannot be used, if so.
    pub(super) fn catch_up(&mut self, rows: &dyn Rows, last: Position) -> Result<Option<Why>, OpenFailed> {
        let position = kept_position(rows)?;
        if position > last {
            return Ok(Some(Why::Beyond));
        }
        if !self.ends_as_the_journal(rows, position)? {
            return Ok(Some(Why::OtherHistory));
        }
        if position < last {
            self.fold_from(rows, position + 1, last)?;
            self.found.push(Found::Behind { from: position + 1, to: last });
        }
        // After any other end than a clean stop sled may open and yet have places that it does not give, or rows that it lost: met now,
        // while the journal can stand in for them.
        let clean = self.stopped.as_ref().is_some_and(|stop| stop.position == last);
        let doubted = self.settings.thorough || !clean;
        if !doubted {
            return Ok(None);
        }
        let mut progress = self.settings.progress.take();
        let wrong = doctor::examine(rows, &self.keyspaces, &*self.disk, last, &mut |done, all| {
            if let Some(progress) = &mut progress {
                progress(Work::Checking, done, all);
            }
        });
        self.settings.progress = progress;
        Ok((!wrong?.is_empty()).then_some(Why::Wrong))
    }

    /// Whether the last frame that the rows have seen is the journal's.
    pub(super) fn ends_as_the_journal(&self, rows: &dyn Rows, position: Position) -> Result<bool, OpenFailed> {
        if position == 0 {
            return Ok(true);
        }
        let theirs = record(&Overlay { over: &Changes::default(), under: rows }, position);
        if let Some(last) = self.last.as_ref().filter(|last| last.position == position) {
            return Ok(theirs.as_ref() == Some(last));
        }
        let mut same = false;
        journal::each_frame(&*self.disk, position, position, |frame| {
            same = theirs.as_ref() == Some(&frame);
            false
        })?;
        Ok(same)
    }

    /// sled made anew from the journal; what was there is set aside once the new one is filled. Where the disk does not give
    /// back what was just written, it is tried again, and in the end the rows are made in memory: the journal has all of it.
    pub(super) fn refill(
        &mut self,
        sled: &SledFolder,
        journal: &Journal,
        why: Why,
    ) -> Result<Arc<dyn Rows>, OpenFailed> {
        let mut why = Some(why);
        for _ in 0..TRIES {
            match self.fill(sled, journal, &mut why) {
                Ok(rows) => return Ok(Arc::new(rows)),
                Err(failed) if of_sled(&failed) => {}
                Err(other) => return Err(other),
            }
        }
        let hangs = sled::is_given_up();
        if let Some(reason) = why.filter(|_| hangs) {
            // The next process begins a new one.
            self.put_aside(sled, reason)?;
        }
        if journal::size(&*self.disk)? > self.settings.in_memory {
            return Err(if hangs { Failed::Hangs.into() } else { OpenFailed::NotGivenBack });
        }
        // What was set aside stays; what the disk took three times and did not give back is no use to the next opening.
        if why.is_none() {
            let _ = std::fs::remove_dir_all(sled.path());
        }
        let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
        self.settings.recorder.forget();
        self.note_identity(&*rows, journal.identity())?;
        self.fold_from(&*rows, 1, journal.next() - 1)?;
        self.found.push(if hangs { Found::SledHangs } else { Found::RowsInMemory });
        Ok(rows)
    }

    /// A new sled beside the old one, filled, synced, and only then put in its place. What is opened then is looked at
    /// before anybody works with it: sled may open as an empty database where a read has failed. `why` the old one goes; it
    /// is taken when it has gone.
    fn fill(&mut self, sled: &SledFolder, journal: &Journal, why: &mut Option<Why>) -> Result<SledRows, OpenFailed> {
        let unnamed = sled.unnamed();
        if unnamed.exists() {
            std::fs::remove_dir_all(&unnamed).map_err(|e| Failed::io(spare::UNNAMED, &e))?;
        }
        let last = journal.next() - 1;
        self.settings.recorder.forget();
        let rows = SledRows::open(&unnamed, sled.cache_bytes)?;
        self.note_identity(&rows, journal.identity())?;
        self.fold_from(&rows, 1, last)?;
        rows.flush()?;
        drop(rows);
        match *why {
            Some(reason) => {
                self.put_aside(sled, reason)?;
                *why = None;
            }
            // It was made here, of what the journal has; or the new one did not get its name the time before.
            None => match std::fs::remove_dir_all(sled.path()) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failed::io("sled", &error).into());
                }
                _ => {}
            },
        }
        std::fs::rename(&unnamed, sled.path()).map_err(|e| Failed::io("sled", &e))?;
        self.disk.sync_folder("").map_err(|e| Failed::io("", &e))?;
        let rows = SledRows::open(&sled.path(), sled.cache_bytes)?;
        let whole = identity_of(&rows) == Some(journal.identity())
            && shape_of(&rows) == Some(self.settings.shape)
            && kept_position(&rows)? == last
            && self.ends_as_the_journal(&rows, last)?;
        if whole { Ok(rows) } else { Err(broken().into()) }
    }

    /// The sentinel: whose rows these are. Without it they are nobody's.
    pub(super) fn note_identity(&self, rows: &dyn Rows, identity: [u8; 16]) -> Result<(), OpenFailed> {
        let mut changes = Changes::default();
        changes.set(META, IDENTITY.to_vec(), Some(identity.to_vec()));
        changes.set(META, SHAPE.to_vec(), Some(self.settings.shape.to_le_bytes().to_vec()));
        Ok(rows.apply(&changes)?)
    }

    pub(super) fn fold_from(&mut self, rows: &dyn Rows, from: Position, last: Position) -> Result<(), OpenFailed> {
        let mut progress = self.settings.progress.take();
        let folded = self.fold(rows).apply(from, last, |until| {
            if let Some(progress) = &mut progress {
                progress(Work::Folding, until, last);
            }
        });
        self.settings.progress = progress;
        folded
    }

    pub(super) fn fold_over(&mut self, rows: &dyn Rows, from: Position, last: Position) -> Result<Changes, OpenFailed> {
        self.fold(rows).changes(from, last)
    }

    fn fold<'a>(&'a mut self, rows: &'a dyn Rows) -> Fold<'a> {
        Fold { recorder: &mut *self.settings.recorder, keyspaces: &self.keyspaces, disk: &*self.disk, rows }
    }

    /// The queue's thread begins.
    pub(super) fn start(
        self,
        (rows, over): RowsAndOver,
        journal: Option<Journal>,
        owned: Option<(Arc<Lock>, SledFolder)>,
    ) -> Result<Opened, OpenFailed> {
        let HalfOpen { disk, mut settings, keyspaces, found, cramped, read_only, .. } = self;
        let position = journal.as_ref().map_or(0, |journal| journal.next() - 1);
        let tallies = Tallies::read(&*rows, &keyspaces.tallied())?;
        let shared = Arc::new(Shared::new(rows, keyspaces, over, position));
        let mut received = shared.moment(|read| record(read, position)).map(|frame| frame.received);
        if received.is_none() && position > 0 {
            journal::each_frame(&*disk, position, position, |frame| {
                received = Some(frame.received);
                false
            })?;
        }
        settings.recorder.forget();
        let disk = journal.is_some().then_some(disk);
        let queue = Queue {
            recorder: settings.recorder,
            clock: settings.clock,
            journal,
            shared: Arc::clone(&shared),
            tallies,
            last: Kept { position, received: received.unwrap_or(i64::MIN) },
            halted: read_only.or(cramped.then_some(Failed::Full)),
            unsure: None,
            ballast_bytes: settings.ballast_bytes,
            segment_bytes: settings.segment_bytes,
            in_memory: settings.in_memory,
            lock: owned.as_ref().map(|(lock, _)| Arc::clone(lock)),
        };
        Ok(Opened { store: Local::start(queue, shared, disk, owned)?, found })
    }
}

/// Whether it is sled's own files that failed: those can be made again.
fn of_sled(failed: &OpenFailed) -> bool {
    match failed {
        OpenFailed::Failed(
            Failed::Damaged(Damage { file, .. }) | Failed::Disk { file, .. } | Failed::InTheWay { file, .. },
        ) => file == "sled",
        OpenFailed::Failed(Failed::Hangs) => true,
        _ => false,
    }
}
