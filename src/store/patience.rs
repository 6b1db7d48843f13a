//! Waiting for sled, and no longer than is sensible.
//!
//! sled 0.34 has one lock and one pool of threads for all that a process has open. Where a notice of its own is lost (a write
//! that fails on a full disk while another waits for it, files that were damaged), whoever waits for it waits for ever, and
//! with it, by that lock, every other sled of the process. So what may wait inside sled is done on a thread of its own and
//! given up after a while; from then on this process asks sled nothing more, and works on rows made from the journal.

use super::Failed;
use super::quiet;
use super::sled::broken;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// A slow disk may take this long over one write; none takes longer and is still worth waiting for.
const LONGEST_WRITE: Duration = Duration::from_secs(60);

/// What opening reads in a second, on the slowest disk: it reads the files once.
const READ_IN_A_SECOND: u64 = 4 << 20;

/// A panic on a thread of a name that begins so is expected and handled: see `quiet.rs`.
const THREAD: &str = "sled-in-turn";

/// What all sleds of a process have in common.
pub(super) struct Sleds {
    longest: Duration,
    given_up: AtomicBool,
    /// Many read, or one writes: as sled has it inside, where nobody could stop waiting for it.
    turn: RwLock<()>,
    /// To the thread that writes, once one has begun. One for all and for good: each thread that was ever in sled makes the
    /// next ones slower.
    writer: Mutex<Option<Sender<Job>>>,
}

type Job = Box<dyn FnOnce() + Send>;

/// This process's.
pub(super) static SLEDS: Sleds = Sleds::new(LONGEST_WRITE);

impl Sleds {
    const fn new(longest: Duration) -> Sleds {
        Sleds { longest, given_up: AtomicBool::new(false), turn: RwLock::new(()), writer: Mutex::new(None) }
    }

    /// Errors: sled was given up.
    pub fn ask(&self) -> Result<(), Failed> {
        if self.given_up.load(Ordering::Acquire) { Err(Failed::Hangs) } else { Ok(()) }
    }

    pub fn give_up(&self) -> Failed {
        self.given_up.store(true, Ordering::Release);
        Failed::Hangs
    }

    /// The right to read, for as long as it is held.
    ///
    /// Errors: somebody writes and does not come to an end.
    pub fn reading(&self) -> Result<RwLockReadGuard<'_, ()>, Failed> {
        self.ask()?;
        let turn = self.turn.try_read_for(self.longest).ok_or_else(|| self.give_up())?;
        // Whoever wrote last may have given up.
        self.ask()?;
        Ok(turn)
    }

    /// Writes while nobody reads.
    pub fn writing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failed> {
        self.ask()?;
        let _turn = self.turn.try_write_for(self.longest).ok_or_else(|| self.give_up())?;
        self.ask()?;
        let (done, answer) = mpsc::channel();
        let job: Job = Box::new(move || drop(done.send(work())));
        self.writer()?.send(job).map_err(|_| broken())?;
        self.answer(&answer, self.longest)
    }

    fn writer(&self) -> Result<Sender<Job>, Failed> {
        let mut writer = self.writer.lock();
        if let Some(writer) = &*writer {
            return Ok(writer.clone());
        }
        let (jobs, asked) = mpsc::channel::<Job>();
        let work = move || asked.into_iter().for_each(|job| quiet::caught(job).unwrap_or_default());
        thread::Builder::new().name(THREAD.to_owned()).spawn(work).map_err(|e| Failed::io("sled", &e))?;
        Ok(writer.insert(jobs).clone())
    }

    /// Errors: it broke off, or goes on for longer than this.
    fn answer<T>(&self, answer: &Receiver<T>, longest: Duration) -> Result<T, Failed> {
        // A machine that slept, or a process that was stopped, has waited without anybody working.
        let once_more = |none| match none {
            RecvTimeoutError::Timeout => answer.recv_timeout(longest / 10),
            gone => Err(gone),
        };
        answer.recv_timeout(longest).or_else(once_more).map_err(|none| match none {
            RecvTimeoutError::Disconnected => broken(),
            RecvTimeoutError::Timeout => self.give_up(),
        })
    }

    /// Waits for what is neither reading nor writing rows: closing, and the disk's word that all is on it.
    pub fn waiting<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failed> {
        self.within(self.longest, work)
    }

    /// Waits for files of so many bytes to be opened.
    pub fn opening<T: Send + 'static>(
        &self,
        bytes: u64,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failed> {
        self.within(self.longest + Duration::from_secs(bytes / READ_IN_A_SECOND), work)
    }

    /// Opening, closing and syncing are rare: each has a thread of its own. What `work` holds is gone when it is answered.
    fn within<T: Send + 'static>(
        &self,
        longest: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failed> {
        self.ask()?;
        let (done, answer) = mpsc::channel();
        let begun = thread::Builder::new().name(THREAD.to_owned()).spawn(move || done.send(work()));
        begun.map_err(|e| Failed::io("sled", &e))?;
        self.answer(&answer, longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const FOR_EVER: Duration = Duration::from_secs(3600);

    #[test]
    fn what_goes_on_for_ever_is_given_up_and_nothing_is_asked_after_it() {
        let sleds = Sleds::new(SHORT);
        assert_eq!(sleds.waiting(|| 7), Ok(7));
        assert_eq!(sleds.writing(|| thread::sleep(FOR_EVER)), Err(Failed::Hangs));
        assert_eq!(sleds.reading().err(), Some(Failed::Hangs));
        assert_eq!(sleds.writing(|| 7), Err(Failed::Hangs));
        assert_eq!(sleds.opening(0, || 7), Err(Failed::Hangs));
    }

    #[test]
    fn what_breaks_off_is_damage_and_the_next_is_asked() {
        let sleds = Sleds::new(FOR_EVER);
        assert_eq!(sleds.writing(|| -> u8 { panic!("as sled does over damaged files") }), Err(broken()));
        assert_eq!(sleds.writing(|| 7), Ok(7));
        let named = || thread::current().id();
        assert_eq!(sleds.writing(named), sleds.writing(named), "one thread writes");
    }

    #[test]
    fn a_reader_that_never_ends_keeps_the_writer_waiting_so_long_and_no_longer() {
        let sleds = Sleds::new(SHORT);
        let reading = sleds.reading().unwrap();
        assert!(sleds.reading().is_ok(), "another may read meanwhile");
        assert_eq!(sleds.writing(|| 7), Err(Failed::Hangs));
        drop(reading);
    }

    #[test]
    fn what_was_taken_along_is_gone_when_the_answer_is_there() {
        let held = std::sync::Arc::new(());
        let taken = held.clone();
        Sleds::new(FOR_EVER).waiting(move || drop(taken)).unwrap();
        assert_eq!(std::sync::Arc::strong_count(&held), 1);
        let taken = held.clone();
        Sleds::new(FOR_EVER).waiting(move || std::sync::Arc::strong_count(&taken)).unwrap();
        assert_eq!(std::sync::Arc::strong_count(&held), 1);
    }
}
