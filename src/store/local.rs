//! The store on this machine, as its callers hold it: one sender to the queue, and a reader.

use super::aside::SledFolder;
use super::doctor;
use super::folding;
use super::journal::{self, Journal};
use super::lock::Lock;
use super::queue::{Answer, Ask, Queue, Shared, Waiting};
use super::{
    Damage, Disk, Entry, Failed, Frame, Keyspace, NotKept, Position, RECORDS, Read, Receipt, Row, Scan, Store,
};
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// One queue thread, a journal (or none), rows in memory or in sled. Dropping it answers what waits and ends the thread,
/// without the mark of a clean stop: that is [`Local::stop`].
pub struct Local {
    shared: Arc<Shared>,
    disk: Option<Arc<dyn Disk>>,
    queue: Sender<Ask>,
    thread: Option<JoinHandle<()>>,
    owned: Option<(Arc<Lock>, SledFolder)>,
    identity: [u8; 16],
    /// The last frame at opening.
    opened_at: Position,
    /// Keeps writers out of a folder that is only read.
    held: Option<std::fs::File>,
    /// What is damaged on the disk, and is whole in memory alone.
    unmended: Vec<Damage>,
}

impl Local {
    pub(super) fn start(
        queue: Queue,
        shared: Arc<Shared>,
        disk: Option<Arc<dyn Disk>>,
        owned: Option<(Arc<Lock>, SledFolder)>,
    ) -> Result<Local, Failed> {
        let (sender, asked) = channel();
        let opened_at = shared.position();
        let identity = queue.journal.as_ref().map_or([0; 16], Journal::identity);
        let thread = std::thread::Builder::new().name("commit-queue".to_owned()).spawn(move || queue.run(asked));
        let thread = thread.map_err(|e| Failed::io("", &e))?;
        Ok(Local {
            shared,
            disk,
            queue: sender,
            thread: Some(thread),
            owned,
            identity,
            opened_at,
            held: None,
            unmended: Vec::new(),
        })
    }

    /// Answers what waits, syncs sled, and notes that the stop was clean; the next opening is quick then. An error means
    /// that it will be opened as after a crash: nothing is lost by that.
    ///
    /// What of sled was set aside goes if something was kept meanwhile (whoever only looked takes nothing away) and if
    /// journal and sled, compared frame by frame, are both whole without it.
    pub fn stop(mut self) -> Result<(), Failed> {
        let asides = self.owned.as_ref().is_some_and(|(_, sled)| !sled.asides().is_empty());
        let compared = asides && self.position() > self.opened_at && self.shared.rows.is_a_copy();
        let needless = compared && doctor::check(&self).is_ok_and(|d| d.is_empty());
        if self.is_read_only() {
            let _ = self.end(false);
            return Ok(());
        }
        self.end(true)?;
        if let Some((_, sled)) = self.owned.as_ref().filter(|_| needless) {
            sled.forget_asides();
        }
        Ok(())
    }

    pub(super) fn holding(mut self, held: std::fs::File, unmended: Vec<Damage>) -> Local {
        (self.held, self.unmended) = (Some(held), unmended);
        self
    }

    /// Something is damaged, and this store does without it.
    pub(super) fn without(mut self, damage: Damage) -> Local {
        self.unmended.push(damage);
        self
    }

    pub(super) fn unmended(&self) -> &[Damage] {
        &self.unmended
    }

    /// Nothing can be kept: the folder may only be read.
    pub fn is_read_only(&self) -> bool {
        self.held.is_some()
    }

    fn end(&mut self, noted: bool) -> Result<(), Failed> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let (done, ended) = channel();
        let reported = self.queue.send(Ask::Stop(noted, done)).is_ok();
        let result = if reported { ended.recv().unwrap_or(Ok(())) } else { Ok(()) };
        let _ = thread.join();
        result
    }

    /// Where a second sled may stand for a while, and what it may keep in memory; `None` without a folder.
    pub(super) fn beside(&self) -> Option<(PathBuf, u64)> {
        self.owned.as_ref().map(|(_, sled)| sled.beside(super::spare::AGAIN))
    }

    /// How many rows a keyspace holds; not counted, but kept.
    pub fn count(&self, keyspace: Keyspace) -> Result<u64, Failed> {
        self.shared.moment(|read| Ok(super::tally::kept_tally(read, keyspace)?.count))
    }

    /// The 16 bytes that are the same in every journal file of this store, and in its backups.
    pub fn identity(&self) -> [u8; 16] {
        self.identity
    }

    /// Rows of one moment, for `doctor`: no commit is published while it looks.
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn disk(&self) -> Option<&Arc<dyn Disk>> {
        self.disk.as_ref()
    }

    /// Every frame up to a position, in order, read from both copies: the journal's where it is whole, else sled's. `see`
    /// answers whether to go on.
    ///
    /// Errors: a frame that neither copy has.
    pub fn each_frame(&self, upto: Position, mut see: impl FnMut(Frame) -> bool) -> Result<Copies, Failed> {
        let sled = self.owned.is_some() && self.shared.rows.is_a_copy();
        let mut copies = Copies { journal: self.disk.is_some(), sled, ..Copies::default() };
        let row = |position: Position| {
            let row = self.get(RECORDS, &position.to_be_bytes()).ok().flatten()?;
            folding::read_record_row(position, &row)
        };
        let mut next = 1;
        while next <= upto {
            let mut go_on = true;
            let Some(disk) = &self.disk else {
                let frame = row(next).ok_or_else(|| Failed::no_frame(next))?;
                next += 1;
                match see(frame) {
                    true => continue,
                    false => return Ok(copies),
                }
            };
            let read = journal::each_frame(&**disk, next, upto, |frame| {
                next = frame.position + 1;
                if row(frame.position).as_ref() != Some(&frame) {
                    copies.not_in_sled += 1;
                }
                go_on = see(frame);
                go_on && next <= upto
            });
            if !go_on {
                break;
            }
            if let Err(failed) = read {
                let frame = row(next).ok_or(failed)?;
                copies.not_in_journal += 1;
                next += 1;
                if !see(frame) {
                    break;
                }
            }
        }
        Ok(copies)
    }

    /// Why nothing can be written: somebody else has the folder by now, or it is not where it was.
    pub fn displaced(&self) -> Option<Failed> {
        let (answer, answered) = channel();
        self.queue.send(Ask::Displaced(answer)).ok()?;
        answered.recv().ok()?
    }

    fn send(&self, entry: Entry) -> Result<Receiver<Answer>, NotKept> {
        let (answer, answered) = channel();
        self.queue.send(Ask::Commit(Waiting { entry, answer })).map_err(|_| NotKept::Stopped)?;
        Ok(answered)
    }
}

/// What was read, and where the two copies of a frame are not both whole.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Copies {
    /// There is a journal, and it was read.
    pub journal: bool,
    /// There is a sled, and it was read; rows in memory are no copy.
    pub sled: bool,
    /// Frames that the journal could not give.
    pub not_in_journal: u64,
    /// Frames that sled could not give, or gives otherwise.
    pub not_in_sled: u64,
}

impl Copies {
    /// Both are whole and alike.
    pub fn whole(&self) -> bool {
        self.not_in_journal == 0 && self.not_in_sled == 0
    }
}

/// The queue's thread ended with the entry in its hands; how far it had come nobody can say.
const UNANSWERED: Answer = Err(NotKept::PerhapsKept);

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.end(false);
    }
}

impl Read for Local {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        self.shared.get(keyspace, key)
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        self.shared.scan(scan)
    }
}

impl Store for Local {
    fn commit(&self, entry: Entry) -> Result<Receipt, NotKept> {
        self.send(entry)?.recv().unwrap_or(UNANSWERED)
    }

    fn commit_all(&self, entries: Vec<Entry>) -> Vec<Result<Receipt, NotKept>> {
        let sent: Vec<_> = entries.into_iter().map(|entry| self.send(entry)).collect();
        sent.into_iter().map(|sent| sent?.recv().unwrap_or(UNANSWERED)).collect()
    }

    fn replay(&self, from: Position, limit: usize) -> Result<Vec<Frame>, Failed> {
        let last = self.position();
        let from = from.max(1);
        if from > last || limit == 0 {
            return Ok(Vec::new());
        }
        let keys = (Bound::Included(from.to_be_bytes().to_vec()), Bound::Included(last.to_be_bytes().to_vec()));
        let rows = self.shared.scan(&Scan::range(RECORDS, keys.0, keys.1).limit(limit));
        let expected = usize::try_from(last - from + 1).unwrap_or(usize::MAX).min(limit);
        let read = |rows: Vec<Row>| -> Option<Vec<Frame>> {
            let frames = (from..).zip(&rows).map(|(position, (key, row))| {
                if *key != position.to_be_bytes() { None } else { folding::read_record_row(position, row) }
            });
            frames.collect::<Option<Vec<_>>>().filter(|frames| frames.len() == expected)
        };
        match (rows.ok().and_then(read), &self.disk) {
            (Some(frames), _) => Ok(frames),
            (None, None) => Err(Failed::no_frame(from)),
            // The rows' copy is not whole; the journal has the other.
            (None, Some(disk)) => {
                let mut frames = Vec::new();
                journal::each_frame(&**disk, from, last, |frame| {
                    frames.push(frame);
                    frames.len() < expected
                })?;
                Ok(frames)
            }
        }
    }

    fn position(&self) -> Position {
        self.shared.position()
    }
}
