//! The one commit queue, on its own thread. Read [`Queue::keep`]: that is what a commit is.

use super::folding::{self, Fold, Keyspaces, guarded};
use super::half_open::{self, IDENTITY, identity_of};
use super::journal::{self, Journal, Synced, Unsynced};
use super::lock::Lock;
use super::overlay::Overlay;
use super::rows::{Changes, META, Rows};
use super::segment::BODY_LIMIT;
use super::sled;
use super::tally::{self, Tallies, kept_position};
use super::{Damage, Disk, Displaced, Standing, What, ballast};
use super::{
    Entry, Failed, Frame, Kept, Keyspace, NotKept, OpenFailed, Position, Read, Receipt, Recorder, Refused, Row, Scan,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// A drain takes no more entries, and no more bytes, than this; the rest waits for the next. It bounds memory, and how long
/// the first of a crowd waits for the last.
const DRAIN_ENTRIES: usize = 1000;
const DRAIN_BYTES: usize = 4 << 20;

/// How long it sleeps at most before it looks whether somebody who read has given sled up.
const LOOKS_AFTER: Duration = Duration::from_secs(2);

pub type Answer = Result<Receipt, NotKept>;

/// What is said to the queue.
pub enum Ask {
    Commit(Waiting),
    /// Answer what came before, then end; `true` notes a clean stop.
    Stop(bool, Sender<Result<(), Failed>>),
    /// Whether somebody else has the folder by now, with who and how far both came.
    Displaced(Sender<Option<Failed>>),
}

/// An entry, and where its sender waits for the answer.
pub struct Waiting {
    pub entry: Entry,
    pub answer: Sender<Answer>,
}

/// What readers and the queue have in common.
pub struct Shared {
    pub rows: Arc<dyn Rows>,
    pub keyspaces: Keyspaces,
    /// What has been synced and is not in the rows yet.
    published: RwLock<Arc<Changes>>,
    position: AtomicU64,
}

impl Shared {
    pub fn new(rows: Arc<dyn Rows>, keyspaces: Keyspaces, published: Changes, position: Position) -> Shared {
        Shared { rows, keyspaces, published: RwLock::new(Arc::new(published)), position: AtomicU64::new(position) }
    }

    pub fn position(&self) -> Position {
        self.position.load(Ordering::Acquire)
    }

    /// Shows the rows of one moment. No commit is published while it looks.
    pub fn moment<T>(&self, look: impl FnOnce(&Overlay<'_>) -> T) -> T {
        let over = self.published.read().unwrap_or_else(PoisonError::into_inner);
        look(&Overlay { over: &over, under: &*self.rows })
    }

    fn publish(&self, changes: Arc<Changes>, position: Position) {
        let mut over = self.published.write().unwrap_or_else(PoisonError::into_inner);
        *over = changes;
        self.position.store(position, Ordering::Release);
    }

    fn published(&self) -> Arc<Changes> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn clear_published(&self) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }
}

impl Read for Shared {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        self.keyspaces.check(keyspace)?;
        self.moment(|read| read.get(keyspace, key))
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        self.keyspaces.check(scan.keyspace)?;
        self.moment(|read| read.scan(scan))
    }
}

/// The queue's desk: everything that only its thread touches.
pub struct Queue {
    pub recorder: Box<dyn Recorder>,
    pub clock: Box<dyn FnMut() -> i64 + Send>,
    /// A store that is nothing but memory has none.
    pub journal: Option<Journal>,
    pub shared: Arc<Shared>,
    pub tallies: Tallies,
    /// Of the last frame.
    pub last: Kept,
    /// Why nothing can be written; tried again with the next entry, where that can help.
    pub halted: Option<Failed>,
    /// Frames of which the disk has not said that they are safe, and the rows that come of them.
    pub unsure: Option<(Vec<Frame>, Changes)>,
    /// What is kept aside for a full disk, laid again when there is room.
    pub ballast_bytes: u64,
    /// Size of a journal file; on a full disk they were made smaller.
    pub segment_bytes: u64,
    /// See [`super::Settings::in_memory`].
    pub in_memory: u64,
    /// Says whether the folder is ours still; asked before anything is written and before anything is answered.
    pub lock: Option<Arc<Lock>>,
}

/// What a drain is about to write, and what it will answer.
#[derive(Default)]
struct Drain {
    changes: Changes,
    frames: Vec<Frame>,
    answers: Vec<(Sender<Answer>, Answer)>,
}

impl Queue {
    /// Drains what waits, again and again, until it is told to stop or nobody is left who could ask.
    pub fn run(mut self, asked: Receiver<Ask>) {
        loop {
            let first = match asked.recv_timeout(LOOKS_AFTER) {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => {
                    self.heal();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut next = Some(first);
            let (mut waiting, mut bytes) = (Vec::new(), 0);
            let stop = loop {
                match next {
                    None => break None,
                    Some(Ask::Stop(noted, done)) => break Some((noted, done)),
                    Some(Ask::Displaced(answer)) => {
                        let _ = answer.send(self.displaced());
                    }
                    Some(Ask::Commit(one)) => {
                        bytes += one.entry.body.len();
                        waiting.push(one);
                    }
                }
                let full = waiting.len() >= DRAIN_ENTRIES || bytes >= DRAIN_BYTES;
                next = if full { None } else { asked.try_recv().ok() };
            };
            if !waiting.is_empty() {
                self.keep(waiting);
            }
            if let Some((noted, done)) = stop {
                let ended = self.end(noted);
                let _ = done.send(ended);
                return;
            }
        }
    }

    /// A commit: each entry is finished against the store and the earlier ones of this drain; all their frames go to the
    /// journal and are synced once; readers see the rows; everybody is answered; and then sled follows. Whoever is answered
    /// reads what was kept from the overlay, and a crash before sled has followed is what opening catches up with.
    fn keep(&mut self, waiting: Vec<Waiting>) {
        self.heal();
        if self.halted.is_none() {
            // sled writes after it has answered, and after a write that failed it refuses even to read.
            self.halted = self.shared.rows.get(META, IDENTITY).err();
        }
        if self.halted.is_some() {
            let _ = self.go_on();
        }
        let mut drain = Drain::default();
        for one in waiting {
            let answer = self.finish(&mut drain, one.entry);
            drain.answers.push((one.answer, answer));
        }
        let mut published = None;
        if !drain.frames.is_empty() {
            match self.write(&drain.frames) {
                Ok(Synced::AsAlways) => published = self.publish(drain.changes, &drain.frames),
                Ok(Synced::Elsewhere) => {
                    // Kept after all, but the disk said no in between, and a promise is not made on such a disk's word.
                    published = self.publish(drain.changes, &drain.frames);
                    withdraw(&mut drain.answers, &drain.frames, &NotKept::PerhapsKept);
                }
                Err(not_kept) => {
                    self.recorder.forget();
                    if not_kept == NotKept::PerhapsKept {
                        self.unsure = Some((drain.frames.clone(), drain.changes));
                    }
                    withdraw(&mut drain.answers, &drain.frames, &not_kept);
                }
            }
        }
        for (sender, answer) in drain.answers {
            // Who does not wait for the answer any more will ask again with the same entry.
            let _ = sender.send(answer);
        }
        if let Some(changes) = published {
            match self.shared.rows.apply(&changes) {
                Ok(()) => self.shared.clear_published(),
                Err(why) => self.halted = Some(why),
            }
        }
        self.heal();
    }

    /// Where sled was given up, whoever was the one that waited for it, readers get nothing of what lies beneath until the rows
    /// are made again in memory. Nothing is written for that, so a full disk does not stand in its way.
    fn heal(&mut self) {
        let Some(journal) = self.journal.as_ref().filter(|_| sled::is_given_up() && self.shared.rows.is_a_copy())
        else {
            return;
        };
        let disk = Arc::clone(journal.disk());
        match self.rows_again(&*disk) {
            Ok(()) if self.halted == Some(Failed::Hangs) => self.halted = None,
            Ok(()) => {}
            Err(why) => self.halted = self.halted.take().or(Some(why)),
        }
    }

    /// The receipt that the entry will have once the drain is synced. On every other answer, nothing of it is in the drain.
    fn finish(&mut self, drain: &mut Drain, entry: Entry) -> Answer {
        let shared = Arc::clone(&self.shared);
        let read = Overlay { over: &drain.changes, under: &*shared.rows };
        if let Some(first) = known(&read, &entry).map_err(NotKept::Failed)? {
            return Ok(first);
        }
        if let Some(why) = &self.halted {
            return Err(NotKept::ReadOnly(why.clone()));
        }
        let lost = lost_expectations(&shared, &read, &entry).map_err(NotKept::Failed)?;
        if !lost.is_empty() {
            return Err(NotKept::Lost(lost));
        }
        let before = drain.frames.last().map_or(self.last, |f| Kept { position: f.position, received: f.received });
        let at = Kept { position: before.position + 1, received: (self.clock)().max(before.received) };
        let finished =
            guarded(&mut *self.recorder, |recorder| recorder.finish(&read, &entry, at)).map_err(NotKept::Refused)?;
        let frame = Frame {
            position: at.position,
            received: at.received,
            entry: entry.id,
            receipt: finished.receipt,
            record: finished.record,
        };
        let folded = if frame.receipt.len() > Frame::RECEIPT_LIMIT || frame.record.len() > BODY_LIMIT - 8192 {
            Err(Refused::Unread(Failed::TooLarge { bytes: frame.record.len() + frame.receipt.len() }))
        } else {
            folding::fold(&mut *self.recorder, &shared.keyspaces, &*shared.rows, &mut drain.changes, &frame)
        };
        if let Err(refused) = folded {
            let _ = guarded(&mut *self.recorder, |recorder| {
                recorder.forget();
                Ok(())
            });
            return Err(NotKept::Refused(refused));
        }
        let receipt =
            Receipt { position: at.position, received: at.received, bytes: frame.receipt.clone(), repeated: false };
        drain.frames.push(frame);
        Ok(receipt)
    }

    fn write(&mut self, frames: &[Frame]) -> Result<Synced, NotKept> {
        if let Some(displaced) = self.displaced() {
            return Err(NotKept::ReadOnly(displaced));
        }
        if let Some(replaced) = self.replaced() {
            return Err(NotKept::ReadOnly(replaced));
        }
        let Some(journal) = &mut self.journal else { return Ok(Synced::AsAlways) };
        let written = journal.append(frames).map_err(|unsynced| match unsynced {
            Unsynced::Nothing(Failed::Full) => NotKept::Full,
            Unsynced::Nothing(why) => NotKept::Failed(why),
            Unsynced::Perhaps(why) => {
                self.halted = Some(why);
                NotKept::PerhapsKept
            }
        })?;
        // Whoever came meanwhile may have read the journal before this stood in it.
        if self.displaced().is_some() || self.replaced().is_some() { Err(NotKept::PerhapsKept) } else { Ok(written) }
    }

    /// Whether a file of the journal was taken away or replaced beside us. The views are the only other copy then, and nothing goes on
    /// before somebody has looked.
    fn replaced(&mut self) -> Option<Failed> {
        if let Some(known @ Failed::Replaced { .. }) = &self.halted {
            return Some(known.clone());
        }
        let file = self.journal.as_mut()?.replaced()?;
        let replaced = Failed::Replaced { file };
        self.halted = Some(replaced.clone());
        let _ = self.shared.rows.flush();
        Some(replaced)
    }

    /// Whether somebody else has the folder by now. Nothing is written any more then.
    fn displaced(&mut self) -> Option<Failed> {
        let lock = self.lock.as_ref().filter(|lock| !lock.stands())?;
        if let Some(known @ Failed::Displaced(_)) = &self.halted {
            return Some(known.clone());
        }
        let (folder, other) = lock.looked_at();
        let identity = self.journal.as_ref().map_or([0; 16], Journal::identity);
        let published = self.shared.published();
        let newest = half_open::record(&Overlay { over: &published, under: &*self.shared.rows }, self.last.position);
        let ours = Standing {
            identity,
            position: self.last.position,
            received: Some(self.last.received),
            head: newest.and_then(|frame| self.recorder.head(&frame)),
        };
        let displaced = Failed::Displaced(Some(Box::new(Displaced {
            folder: folder.display().to_string(),
            process: std::process::id(),
            ours,
            other,
            there: journal::standing_of(folder, |frame| self.recorder.head(frame)),
        })));
        self.halted = Some(displaced.clone());
        Some(displaced)
    }

    /// After a write that failed: whatever can be done again is done again, in the order in which opening does it. When
    /// this answers `Ok` nothing stands in the way any more, and journal and rows are at one.
    fn go_on(&mut self) -> Result<(), Failed> {
        if let Some(
            why @ (Failed::Displaced(_) | Failed::Replaced { .. } | Failed::ReadOnlyDisk | Failed::ForReading),
        ) = &self.halted
        {
            return Err(why.clone());
        }
        if let Some(gone) = self.displaced().or_else(|| self.replaced()) {
            return Err(gone);
        }
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let disk = Arc::clone(journal.disk());
        ballast::room(&*disk, self.ballast_bytes)?;
        journal.use_segments_of(self.segment_bytes);
        if let Some((frames, _)) = &self.unsure {
            journal.append_again(frames)?;
        }
        if let Some(displaced) = self.displaced() {
            return Err(displaced);
        }
        if let Some((frames, changes)) = self.unsure.take() {
            // An error halts again, with the reason noted; what is published is read from the overlay.
            let _ = self.publish(changes, &frames);
        }
        self.rows_again(&*disk)?;
        self.halted = None;
        Ok(())
    }

    /// Rows that are behind what is published: written again, or, where they do not take it, opened anew and folded from the
    /// journal.
    fn rows_again(&mut self, disk: &dyn Disk) -> Result<(), Failed> {
        let (rows, last) = (Arc::clone(&self.shared.rows), self.last.position);
        let published = self.shared.published();
        let up_to_date = |rows: &dyn Rows| Ok::<bool, Failed>(kept_position(rows)? == last);
        // Those that could not be settled say neither how far they go nor what they add up to: they are folded anew.
        if tally::is_settled(&published) {
            let _ = rows.apply(&published);
        }
        if rows.flush().is_err() || !up_to_date(&*rows).unwrap_or(false) {
            let (recorder, keyspaces, in_memory) = (&mut *self.recorder, &self.shared.keyspaces, self.in_memory);
            let whose = self.journal.as_ref().map_or([0; 16], Journal::identity);
            rows.again(&mut |fresh| {
                if !fresh.is_a_copy() {
                    if journal::size(disk)? > in_memory {
                        return Err(Failed::Hangs);
                    }
                    let mut named = Changes::default();
                    named.set(META, IDENTITY.to_vec(), Some(whose.to_vec()));
                    fresh.apply(&named)?;
                }
                let position = kept_position(fresh)?;
                if identity_of(fresh) != Some(whose) || position > last {
                    let damage = Damage { file: "sled".to_owned(), offset: 0, what: What::Sled };
                    return Err(Failed::Damaged(damage));
                }
                recorder.forget();
                let mut fold = Fold { recorder: &mut *recorder, keyspaces, disk, rows: fresh };
                fold.apply(position + 1, last, |_| {}).map_err(|failed| match failed {
                    OpenFailed::Failed(failed) => failed,
                    _ => Failed::no_frame(position + 1),
                })?;
                fresh.flush()
            })?;
            if !up_to_date(&*rows)? {
                return Err(self.halted.clone().unwrap_or(Failed::Full));
            }
        }
        self.tallies = Tallies::read(&*rows, &self.shared.keyspaces.tallied())?;
        self.shared.clear_published();
        self.recorder.forget();
        Ok(())
    }

    /// What is in the journal counts as done. Answers with the changes that the rows are to follow with. If they cannot,
    /// readers go on seeing it all through the overlay, and nothing more is written until the store is opened anew.
    fn publish(&mut self, mut changes: Changes, frames: &[Frame]) -> Option<Arc<Changes>> {
        let last = frames.last()?;
        self.last = Kept { position: last.position, received: last.received };
        let settled = self.tallies.settle(&*self.shared.rows, &mut changes, last.position);
        let changes = Arc::new(changes);
        self.shared.publish(changes.clone(), last.position);
        match settled {
            Ok(()) => Some(changes),
            Err(why) => {
                self.halted = Some(why);
                None
            }
        }
    }

    fn end(&mut self, noted: bool) -> Result<(), Failed> {
        let _ = self.displaced().or_else(|| self.replaced());
        if let Some(why) = &self.halted {
            return Err(why.clone());
        }
        self.shared.rows.flush()?;
        // The next opening looks at all of them, as after a crash.
        if self.shared.rows.broke() {
            return Err(sled::broken());
        }
        let left = self.shared.rows.are_left();
        match &self.journal {
            Some(journal) if noted && !left => journal.note_stop(),
            _ => Ok(()),
        }
    }
}

/// The first receipt of an entry that is there already.
fn known(read: &Overlay<'_>, entry: &Entry) -> Result<Option<Receipt>, Failed> {
    Ok(folding::frame_of(read, &entry.id)?.map(|frame| Receipt {
        position: frame.position,
        received: frame.received,
        bytes: frame.receipt,
        repeated: true,
    }))
}

fn lost_expectations(shared: &Shared, read: &Overlay<'_>, entry: &Entry) -> Result<Vec<String>, Failed> {
    let mut lost = Vec::new();
    for expect in &entry.expect {
        shared.keyspaces.check(expect.keyspace)?;
        if read.get(expect.keyspace, &expect.key)? != expect.value {
            lost.push(expect.name.clone());
        }
    }
    Ok(lost)
}

/// Takes back the receipts of these frames.
fn withdraw(answers: &mut [(Sender<Answer>, Answer)], frames: &[Frame], instead: &NotKept) {
    let first = frames.first().map_or(Position::MAX, |f| f.position);
    for (_, answer) in answers {
        if answer.as_ref().is_ok_and(|receipt| receipt.position >= first) {
            *answer = Err(instead.clone());
        }
    }
}
