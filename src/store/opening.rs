//! Opening a store: journal and sled become one truth. [`open`] tells the order, and the order is the point.

use super::doctor;
use super::folding::{self, Keyspaces};
use super::journal::{self, Journal};
use super::local::Local;
use super::lock::Lock;
use super::memory::MemoryRows;
use super::overlay::Overlay;
use super::queue::{Queue, Shared};
use super::rows::{Changes, META, Rows};
use super::sled::SledRows;
use super::survey::Survey;
use super::tally::{Tallies, kept_position};
use super::{Disk, Failed, Found, Frame, Hand, Kept, Keyspace, OpenFailed, Position, RECORDS, Read, RealDisk, ballast};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a store is opened with. Clock, chance and the hand come in from above.
pub struct Settings {
    /// Every keyspace that the hand's rows may lie in; [`super::RECORDS`] and [`super::ENTRIES`] come by themselves.
    pub keyspaces: Vec<Keyspace>,
    pub hand: Box<dyn Hand>,
    /// For `received`: milliseconds since 1970. It may go backwards; what is written does not.
    pub clock: Box<dyn FnMut() -> i64 + Send>,
    /// Which shape the hand's rows have. Rows of another shape are folded anew from the journal.
    pub shape: u32,
    /// 16 random bytes that a *new* store takes for its own; an existing one keeps those it has. Not all zeros.
    pub identity: [u8; 16],
    /// Size of a journal file; tiny in tests.
    pub segment_bytes: u64,
    /// What sled may keep in memory.
    pub cache_bytes: u64,
    /// Kept aside so that a full disk can be opened; 0 for none.
    pub ballast_bytes: u64,
    /// Read every frame and count every row while opening, and mend what does not agree: what `doctor` does. Without it a
    /// large journal that was stopped cleanly is read at its end only.
    pub thorough: bool,
    /// Told positions folded and positions in all, while rows are folded anew.
    pub progress: Option<Box<dyn FnMut(Position, Position)>>,
    /// The folder's lock, where the caller took it before (it has files of its own to look at first); else it is taken.
    pub lock: Option<Lock>,
}

impl Settings {
    pub fn new(
        keyspaces: Vec<Keyspace>,
        hand: Box<dyn Hand>,
        clock: Box<dyn FnMut() -> i64 + Send>,
        identity: [u8; 16],
    ) -> Settings {
        let (segment_bytes, cache_bytes, ballast_bytes) = (8 << 20, 64 << 20, 8 << 20);
        Settings {
            keyspaces,
            hand,
            clock,
            shape: 0,
            identity,
            segment_bytes,
            cache_bytes,
            ballast_bytes,
            thorough: false,
            progress: None,
            lock: None,
        }
    }
}

/// A store, and what was met on the way to it.
pub struct Opened {
    pub store: Local,
    pub found: Vec<Found>,
}

/// A journal up to this size is read whole at every opening.
const READ_WHOLE: u64 = 32 << 20;

/// Frames that are folded before their rows are applied.
const FOLD_AT_ONCE: u64 = 2000;

/// The store of a data folder: `lock`, `journal/`, `sled/`, `ballast`, `stopped`. Makes it if it is not there.
pub fn open(folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    open_with(folder, settings, |house, sled| {
        let rows = house.sled(sled)?;
        let journal = house.journal(rows.as_deref())?;
        let rows = house.agree(sled, &journal, rows)?;
        Ok((journal, rows))
    })
}

/// Folds the whole journal into a new sled folder and puts it in the place of the old one, which is set aside until the
/// next clean stop. Then opens the store.
pub fn rebuild(folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    open_with(folder, settings, |house, sled| {
        // The old rows are still asked for frames that the journal may have lost.
        let old = house.sled(sled)?;
        let journal = house.journal(old.as_deref())?;
        drop(old);
        let rows = house.refill(sled, &journal, "rebuild".to_owned())?;
        Ok((journal, (rows, Changes::default())))
    })
}

/// `agree` makes journal and rows one truth; it is called twice when the disk is full.
fn open_with(
    folder: &Path,
    mut settings: Settings,
    mut agree: impl FnMut(&mut House, &SledFolder) -> Result<(Journal, RowsAndOver), OpenFailed>,
) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let disk = RealDisk::new(folder).map_err(|e| Failed::io("", &e))?;
    let lock = settings.lock.take().map_or_else(|| Lock::take(folder), Ok)?;
    journal::refuse_other_formats(&disk)?;
    let mut house = House { disk: Arc::new(disk), settings, keyspaces, found: Vec::new(), cramped: false };
    let sled = SledFolder { root: folder.to_owned(), cache_bytes: house.settings.cache_bytes };
    let (journal, rows) = house.with_ballast(|house| agree(house, &sled))?;
    if !house.cramped {
        ballast::lay(&*house.disk, house.settings.ballast_bytes);
    }
    house.start(rows, Some(journal), Some((lock, sled)))
}

/// A journal on any [`Disk`], rows in memory, folded anew at each opening.
pub fn open_journal(disk: Arc<dyn Disk>, settings: Settings) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let mut house = House { disk, settings, keyspaces, found: Vec::new(), cramped: false };
    let journal = house.journal(None)?;
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    house.note_identity(&*rows, journal.identity())?;
    house.fold_from(&*rows, 1, journal.next() - 1)?;
    house.start((rows, Changes::default()), Some(journal), None)
}

/// Nothing but memory, for tests of the floors above.
pub fn open_memory(settings: Settings) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let disk = Arc::new(super::faulty::FaultyDisk::default());
    let house = House { disk, settings, keyspaces, found: Vec::new(), cramped: false };
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    house.note_identity(&*rows, house.settings.identity)?;
    house.start((rows, Changes::default()), None, None)
}

/// Where sled's files are, and where they go when they are set aside.
pub struct SledFolder {
    root: PathBuf,
    cache_bytes: u64,
}

impl SledFolder {
    fn path(&self) -> PathBuf {
        self.root.join("sled")
    }

    /// Another folder beside sled's own, and the cache it may have.
    pub fn beside(&self, name: &str) -> (PathBuf, u64) {
        (self.root.join(name), self.cache_bytes)
    }

    /// The first free name, so that nothing set aside earlier is written over.
    fn set_aside(&self) -> Result<Option<String>, Failed> {
        if !self.path().exists() {
            return Ok(None);
        }
        let name = (1..).map(|n| format!("sled.aside-{n}")).find(|name| !self.root.join(name).exists());
        let name = name.unwrap_or_default();
        std::fs::rename(self.path(), self.root.join(&name)).map_err(|e| Failed::io("sled", &e))?;
        Ok(Some(name))
    }

    /// After a clean stop what was set aside has nothing left that the journal and the new sled do not have.
    pub fn forget_set_aside(&self) {
        let Ok(entries) = std::fs::read_dir(&self.root) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with("sled.aside-")) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// A store half open.
struct House {
    disk: Arc<dyn Disk>,
    settings: Settings,
    keyspaces: Keyspaces,
    found: Vec<Found>,
    /// The disk is full: nothing is written that need not be, and the store will be for reading only.
    cramped: bool,
}

/// Rows, and what lies over them because it could not be written into them.
type RowsAndOver = (Arc<dyn Rows>, Changes);

impl House {
    /// When the disk is full: again, with the ballast's room and for reading only.
    fn with_ballast<T>(&mut self, mut work: impl FnMut(&mut House) -> Result<T, OpenFailed>) -> Result<T, OpenFailed> {
        match work(self) {
            Err(OpenFailed::Failed(Failed::Full)) => {
                self.cramped = true;
                self.found = if ballast::free(&*self.disk) { vec![Found::BallastFreed] } else { Vec::new() };
                self.found.push(Found::ForReadingOnly);
                work(self)
            }
            other => other,
        }
    }

    /// sled as it is found: `None` if there is none, or none that can be used (which is set aside).
    fn sled(&mut self, sled: &SledFolder) -> Result<Option<Arc<dyn Rows>>, OpenFailed> {
        if !sled.path().exists() {
            return Ok(None);
        }
        let why = match SledRows::open(&sled.path(), sled.cache_bytes) {
            Ok(rows) => match rows.get(META, IDENTITY) {
                Ok(Some(_)) if shape_of(&rows) == Some(self.settings.shape) => return Ok(Some(Arc::new(rows))),
                Ok(Some(_)) => "rows of another shape".to_owned(),
                Ok(None) => "no sentinel".to_owned(),
                Err(failed) => format!("{failed:?}"),
            },
            Err(Failed::Full) if self.cramped => return Ok(None),
            Err(Failed::Full) => return Err(OpenFailed::Failed(Failed::Full)),
            Err(failed) => format!("{failed:?}"),
        };
        self.put_aside(sled, why)?;
        Ok(None)
    }

    fn put_aside(&mut self, sled: &SledFolder, why: String) -> Result<(), OpenFailed> {
        if let Some(as_name) = sled.set_aside()? {
            self.found.push(Found::SetAside { why, as_name });
        }
        Ok(())
    }

    /// The journal, whole: what it lost is taken from the rows, and what may stand in memory only is written again.
    fn journal(&mut self, rows: Option<&dyn Rows>) -> Result<Journal, OpenFailed> {
        let disk = Arc::clone(&self.disk);
        // What has to be mended takes no more room than it needs then.
        let segment_bytes = if self.cramped { 0 } else { self.settings.segment_bytes };
        journal::tidy(&*disk)?;
        let stopped = journal::noted_stop(&*disk);
        let quick = stopped.is_some() && !self.settings.thorough && journal::size(&*disk)? > READ_WHOLE;
        let mut survey = Survey::make(&*disk, 0, quick)?;
        let rows = rows.filter(|rows| match (survey.identity(), identity_of(*rows)) {
            (Some(of_journal), of_rows) => of_rows == Some(of_journal),
            (None, of_rows) => of_rows.is_some(),
        });
        let identity = survey.identity().or_else(|| rows.and_then(identity_of)).unwrap_or(self.settings.identity);
        let of_rows = rows.map_or(Ok(0), kept_position)?;
        let of_stop = stopped.filter(|(of, _)| *of == identity).map_or(0, |(_, position)| position);
        let known = of_rows.max(of_stop);
        if known > 0 {
            survey = Survey::make(&*disk, known, quick)?;
        }
        if survey.is_empty() && known == 0 && survey.damages().is_empty() {
            journal::forget_stop(&*disk)?;
            return Ok(Journal::begin(disk, identity, segment_bytes)?);
        }
        if stopped.is_none() {
            self.found.push(Found::NotStopped);
        }

        let damages = survey.damages();
        let mut last = known;
        if !damages.is_empty() || survey.is_empty() {
            let gone = survey.mend(&*disk, identity, segment_bytes, |p| {
                record(&Overlay { over: &Changes::default(), under: rows? }, p)
            })?;
            if !gone.is_empty() {
                return Err(OpenFailed::Damaged(gone));
            }
            self.found.extend(damages.into_iter().map(|damage| Found::Mended { damage, by: "sled" }));
            last = survey.last();
            survey = Survey::make(&*disk, last, quick)?;
        }
        if stopped.is_none() {
            self.found.extend(survey.tail().map(Found::TailDropped));
            let moved = if self.cramped {
                survey.write_tail_again(&*disk)?
            } else {
                survey.move_tail(&*disk, segment_bytes)?
            };
            self.found.extend(moved.map(|(from, to)| Found::TailMoved { from, to }));
        }
        journal::forget_stop(&*disk)?;
        Ok(Journal::go_on(disk, segment_bytes, last)?)
    }

    /// sled brought up to the journal: as it is, or by the frames it has not seen, or filled again from the beginning.
    fn agree(
        &mut self,
        sled: &SledFolder,
        journal: &Journal,
        opened: Option<Arc<dyn Rows>>,
    ) -> Result<RowsAndOver, OpenFailed> {
        let last = journal.next() - 1;
        if self.cramped {
            return self.agree_in_memory(journal, opened);
        }
        let why = match opened {
            None => None,
            Some(rows) if identity_of(&*rows) != Some(journal.identity()) => {
                drop(rows);
                Some("of another journal".to_owned())
            }
            Some(rows) => match self.catch_up(&*rows, last) {
                Ok(None) => return Ok((rows, Changes::default())),
                Ok(Some(why)) => Some(why),
                Err(full @ OpenFailed::Failed(Failed::Full)) => return Err(full),
                Err(failed @ OpenFailed::Unfolded { .. }) => return Err(failed),
                Err(failed) => Some(format!("{failed:?}")),
            },
        };
        let rows = self.refill(sled, journal, why.unwrap_or_else(|| "missing".to_owned()))?;
        Ok((rows, Changes::default()))
    }

    /// For a full disk: what sled has not seen lies over it, and what it cannot give is folded in memory.
    fn agree_in_memory(&mut self, journal: &Journal, opened: Option<Arc<dyn Rows>>) -> Result<RowsAndOver, OpenFailed> {
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
    fn catch_up(&mut self, rows: &dyn Rows, last: Position) -> Result<Option<String>, OpenFailed> {
        let position = kept_position(rows)?;
        if position > last {
            return Ok(Some("beyond the journal's end".to_owned()));
        }
        if position < last {
            self.fold_from(rows, position + 1, last)?;
            self.found.push(Found::Behind { from: position + 1, to: last });
        }
        if self.settings.thorough {
            let wrong = doctor::examine(rows, &self.keyspaces, &*self.disk, last)?;
            if let Some(first) = wrong.first() {
                return Ok(Some(format!("{:?}", first.what)));
            }
        }
        Ok(None)
    }

    /// A new sled beside the old one, filled, synced, and only then put in its place.
    fn refill(&mut self, sled: &SledFolder, journal: &Journal, why: String) -> Result<Arc<dyn Rows>, OpenFailed> {
        let unnamed = sled.root.join("sled.new");
        if unnamed.exists() {
            std::fs::remove_dir_all(&unnamed).map_err(|e| Failed::io("sled.new", &e))?;
        }
        let rows = SledRows::open(&unnamed, sled.cache_bytes)?;
        self.note_identity(&rows, journal.identity())?;
        self.fold_from(&rows, 1, journal.next() - 1)?;
        rows.flush()?;
        drop(rows);
        self.put_aside(sled, why)?;
        std::fs::rename(&unnamed, sled.path()).map_err(|e| Failed::io("sled", &e))?;
        self.disk.sync_folder("").map_err(|e| Failed::io("", &e))?;
        Ok(Arc::new(SledRows::open(&sled.path(), sled.cache_bytes)?))
    }

    /// The sentinel: whose rows these are. Without it they are nobody's.
    fn note_identity(&self, rows: &dyn Rows, identity: [u8; 16]) -> Result<(), OpenFailed> {
        let mut changes = Changes::default();
        changes.set(META, IDENTITY.to_vec(), Some(identity.to_vec()));
        changes.set(META, SHAPE.to_vec(), Some(self.settings.shape.to_le_bytes().to_vec()));
        Ok(rows.apply(&changes)?)
    }

    /// Folds frames into the rows, some hundreds at a time.
    fn fold_from(&mut self, rows: &dyn Rows, from: Position, last: Position) -> Result<(), OpenFailed> {
        let mut next = from;
        while next <= last {
            let until = last.min(next + FOLD_AT_ONCE - 1);
            let changes = self.fold_over(rows, next, until)?;
            rows.apply(&changes)?;
            next = until + 1;
            if let Some(progress) = &mut self.settings.progress {
                progress(until, last);
            }
        }
        Ok(())
    }

    /// What these frames change, settled and not applied.
    fn fold_over(&mut self, rows: &dyn Rows, from: Position, last: Position) -> Result<Changes, OpenFailed> {
        let mut changes = Changes::default();
        if from > last {
            return Ok(changes);
        }
        let (hand, keyspaces) = (&mut *self.settings.hand, &self.keyspaces);
        let mut refused = None;
        journal::each_frame(&*self.disk, from, last, |frame| {
            if let Err(why) = folding::fold(hand, keyspaces, rows, &mut changes, &frame) {
                refused = Some(OpenFailed::Unfolded { position: frame.position, why });
            }
            refused.is_none() && frame.position < last
        })?;
        if let Some(refused) = refused {
            return Err(refused);
        }
        Tallies::read(rows, &self.keyspaces.tallied())?.settle(rows, &mut changes, last)?;
        Ok(changes)
    }

    /// The queue's thread begins.
    fn start(
        self,
        (rows, over): RowsAndOver,
        journal: Option<Journal>,
        owned: Option<(Lock, SledFolder)>,
    ) -> Result<Opened, OpenFailed> {
        let House { disk, mut settings, keyspaces, found, cramped } = self;
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
        settings.hand.forget();
        let disk = journal.is_some().then_some(disk);
        let queue = Queue {
            hand: settings.hand,
            clock: settings.clock,
            journal,
            shared: Arc::clone(&shared),
            tallies,
            last: Kept { position, received: received.unwrap_or(i64::MIN) },
            halted: cramped.then_some(Failed::Full),
        };
        Ok(Opened { store: Local::start(queue, shared, disk, owned)?, found })
    }
}

/// The row of META that says whose rows these are.
const IDENTITY: &[u8] = b"identity";

/// The row of META that says which shape the hand's rows have.
const SHAPE: &[u8] = b"shape";

fn shape_of(rows: &dyn Rows) -> Option<u32> {
    rows.get(META, SHAPE).ok().flatten()?.try_into().ok().map(u32::from_le_bytes)
}

fn identity_of(rows: &dyn Rows) -> Option<[u8; 16]> {
    rows.get(META, IDENTITY).ok().flatten()?.try_into().ok()
}

/// A frame's second copy.
fn record(read: &dyn Read, position: Position) -> Option<Frame> {
    let row = read.get(RECORDS, &position.to_be_bytes()).ok().flatten()?;
    folding::read_record_row(position, &row)
}
