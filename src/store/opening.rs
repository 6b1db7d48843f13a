//! Opening a store: journal and sled become one truth. [`open`] tells the order, and the order is the point.

use super::aside::{Asides, SledFolder};
use super::doctor;
use super::folding::{self, Keyspaces};
use super::journal::{self, Journal};
use super::local::Local;
use super::lock::Lock;
use super::memory::MemoryRows;
use super::overlay::Overlay;
use super::queue::{Queue, Shared};
use super::rows::{Changes, META, Rows};
use super::shadow::ShadowDisk;
use super::sled::SledRows;
use super::survey::Survey;
use super::tally::{Tallies, kept_position};
use super::{
    Disk, Failed, Found, Frame, Hand, Kept, Keyspace, OpenFailed, Position, RECORDS, Read, RealDisk, Standing, What,
    Why, ballast,
};
use std::path::Path;
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
    /// A journal may be begun where there is none, nor anything that one could be made from.
    pub create: bool,
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
            create: true,
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
    open_on(real_disk(folder)?, folder, settings)
}

fn real_disk(folder: &Path) -> Result<Arc<dyn Disk>, OpenFailed> {
    Ok(Arc::new(RealDisk::new(folder).map_err(|e| Failed::io("", &e))?))
}

/// The same with the journal on any [`Disk`]; sled needs a folder.
pub fn open_on(disk: Arc<dyn Disk>, folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    open_with(disk, folder, settings, |house, sled| {
        let rows = house.sled(sled)?;
        let journal = house.journal(sled, rows.as_source())?;
        let rows = house.agree(sled, &journal, rows)?;
        Ok((journal, rows))
    })
}

/// Folds the whole journal into a new sled folder and puts it in the place of the old one, which is set aside until the
/// next clean stop. Then opens the store.
pub fn rebuild(folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    open_with(real_disk(folder)?, folder, settings, |house, sled| {
        // The old rows are still asked for frames that the journal may have lost.
        let old = house.sled(sled)?;
        let journal = house.journal(sled, old.as_source())?;
        drop(old);
        let rows = house.refill(sled, &journal, Why::Asked)?;
        Ok((journal, (rows, Changes::default())))
    })
}

/// `agree` makes journal and rows one truth; it is called twice when the disk is full.
fn open_with(
    disk: Arc<dyn Disk>,
    folder: &Path,
    mut settings: Settings,
    mut agree: impl FnMut(&mut House, &SledFolder) -> Result<(Journal, RowsAndOver), OpenFailed>,
) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let lock = settings.lock.take().map_or_else(|| Lock::take(folder, false), Ok)?;
    journal::refuse_other_formats(&*disk)?;
    let mut house = House::new(disk, settings, keyspaces);
    let sled = SledFolder::new(folder, house.settings.cache_bytes);
    let (journal, rows) = house.with_ballast(|house| agree(house, &sled))?;
    house.found.extend(lock.network.clone().map(|kind| Found::OnNetwork { kind }));
    if !house.cramped {
        ballast::lay(&*house.disk, house.settings.ballast_bytes);
    }
    house.start(rows, Some(journal), Some((Arc::new(lock), sled)))
}

/// A journal on any [`Disk`], rows in memory, folded anew at each opening.
pub fn open_journal(disk: Arc<dyn Disk>, settings: Settings) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let mut house = House::new(disk, settings, keyspaces);
    let nowhere = SledFolder::new(Path::new(""), 0);
    let journal = house.journal(&nowhere, None)?;
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    house.note_identity(&*rows, journal.identity())?;
    house.fold_from(&*rows, 1, journal.next() - 1)?;
    house.start((rows, Changes::default()), Some(journal), None)
}

/// A folder that may only be read: its journal, and rows in memory. Nothing can be kept.
pub fn open_to_read(disk: Arc<ShadowDisk>, folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    let held = Lock::take_to_read(folder)?;
    journal::refuse_other_formats(&*disk)?;
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let mut house = House::new(disk, settings, keyspaces);
    house.settings.create = false;
    let nowhere = SledFolder::new(Path::new(""), 0);
    let journal = house.journal(&nowhere, None)?;
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    house.note_identity(&*rows, journal.identity())?;
    house.fold_from(&*rows, 1, journal.next() - 1)?;
    // What was mended was mended in memory, and says nothing that stays so.
    house.found = vec![Found::OnReadOnlyDisk];
    house.read_only = Some(Failed::ReadOnlyDisk);
    let opened = house.start((rows, Changes::default()), Some(journal), None)?;
    Ok(Opened { store: opened.store.holding(held), ..opened })
}

/// Nothing but memory, for tests of the floors above.
pub fn open_memory(settings: Settings) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let disk = Arc::new(super::faulty::FaultyDisk::default());
    let house = House::new(disk, settings, keyspaces);
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    house.note_identity(&*rows, house.settings.identity)?;
    house.start((rows, Changes::default()), None, None)
}

/// A store half open.
struct House {
    disk: Arc<dyn Disk>,
    settings: Settings,
    keyspaces: Keyspaces,
    found: Vec<Found>,
    /// The disk is full: nothing is written that need not be, and the store will be for reading only.
    cramped: bool,
    /// The journal's last frame, once it is whole.
    last: Option<Frame>,
    /// Why nothing can be kept from the beginning.
    read_only: Option<Failed>,
}

/// sled as it was found. Nothing of it is given up before the journal is whole: what cannot be used as it is may still
/// have what the journal has lost.
struct Sled {
    rows: Option<Arc<dyn Rows>>,
    /// Why these rows, or these files, are not to be used.
    unfit: Option<Why>,
}

impl Sled {
    fn as_source(&self) -> Option<&dyn Rows> {
        self.rows.as_deref()
    }
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

    fn new(disk: Arc<dyn Disk>, settings: Settings, keyspaces: Keyspaces) -> House {
        House { disk, settings, keyspaces, found: Vec::new(), cramped: false, last: None, read_only: None }
    }

    /// sled as it is found, and left as it is.
    fn sled(&mut self, sled: &SledFolder) -> Result<Sled, OpenFailed> {
        if !sled.path().exists() {
            return Ok(Sled { rows: None, unfit: Some(Why::Missing) });
        }
        let rows = match SledRows::open(&sled.path(), sled.cache_bytes) {
            Ok(rows) => rows,
            // Open in another process, or closed to us: that is no damage, and no reason to touch it.
            Err(Failed::Taken) => return Err(OpenFailed::Owned { process: None }),
            Err(failed @ Failed::Disk { .. }) if !can_be_read(&sled.path()) => return Err(failed.into()),
            Err(Failed::Full) if !self.cramped => return Err(Failed::Full.into()),
            Err(_) => return Ok(Sled { rows: None, unfit: Some(Why::Unreadable) }),
        };
        let unfit = match rows.get(META, IDENTITY) {
            Ok(Some(_)) if shape_of(&rows) == Some(self.settings.shape) => None,
            Ok(Some(_)) => Some(Why::OtherShape),
            Ok(None) => Some(Why::Nameless),
            Err(_) => Some(Why::Unreadable),
        };
        Ok(Sled { rows: Some(Arc::new(rows)), unfit })
    }

    /// What was there is renamed; its place is free afterwards.
    fn put_aside(&mut self, sled: &SledFolder, why: Why) -> Result<(), OpenFailed> {
        match sled.set_aside()? {
            Some(as_name) => self.found.push(Found::SetAside { why, as_name }),
            None if self.last.is_some() => self.found.push(Found::Filled),
            None => {}
        }
        Ok(())
    }

    /// The journal, whole: what it lost is taken from the rows or from what was set aside, and what may stand in memory
    /// only is written again.
    fn journal(&mut self, sled: &SledFolder, rows: Option<&dyn Rows>) -> Result<Journal, OpenFailed> {
        let disk = Arc::clone(&self.disk);
        // What has to be mended takes no more room than it needs then.
        let segment_bytes = if self.cramped { 0 } else { self.settings.segment_bytes };
        journal::tidy(&*disk)?;
        let stopped = journal::noted_stop(&*disk);
        let quick = stopped.is_some() && !self.settings.thorough && journal::size(&*disk)? > READ_WHOLE;
        let mut survey = Survey::make(&*disk, 0, quick)?;
        self.refuse_strangers(&survey, rows)?;
        let rows = rows.filter(|rows| match (survey.identity(), identity_of(*rows)) {
            (Some(of_journal), of_rows) => of_rows == Some(of_journal),
            (None, of_rows) => of_rows.is_some(),
        });
        let rows = self.of_one_history(&survey, rows)?;
        let mut asides = Asides::of(sled);
        let named = survey.identity().or_else(|| rows.and_then(identity_of));
        let named = named.or_else(|| asides.identity()).or(stopped.map(|(of, _)| of));
        let identity = named.unwrap_or(self.settings.identity);
        let of_rows = rows.map_or(Ok(0), kept_position)?;
        let of_stop = stopped.filter(|(of, _)| *of == identity).map_or(0, |(_, position)| position);
        // Where there is no sled, only what was set aside may know how far the journal went.
        let of_asides = if rows.is_none() { asides.position(identity) } else { 0 };
        let known = of_rows.max(of_stop).max(of_asides);
        if known > 0 {
            survey = Survey::make(&*disk, known, quick)?;
        }
        if survey.is_empty() && known == 0 && survey.damages().is_empty() {
            if !self.settings.create {
                return Err(OpenFailed::Nothing);
            }
            journal::forget_stop(&*disk)?;
            return Ok(Journal::begin(disk, identity, segment_bytes)?);
        }
        if stopped.is_none() {
            self.found.push(Found::NotStopped);
        }

        if survey.is_empty() {
            self.found.push(Found::JournalMade { to: known });
        }
        let damages = survey.damages();
        let mut last = known;
        if !damages.is_empty() || survey.is_empty() {
            let unread = survey.unread().filter(|_| of_stop == 0);
            let gone = survey.mend(&*disk, identity, segment_bytes, |p| {
                let own = rows.and_then(|rows| record(&Overlay { over: &Changes::default(), under: rows }, p));
                own.or_else(|| asides.frame(identity, p))
            })?;
            if !gone.is_empty() {
                return Err(OpenFailed::Damaged(gone));
            }
            let by = if asides.gave.is_some() { "sled.aside" } else { "sled" };
            self.found.extend(damages.into_iter().map(|damage| Found::Mended { damage, by }));
            self.found.extend(unread.map(Found::TailUnread));
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
        self.last = survey.last_frame();
        journal::forget_stop(&*disk)?;
        Ok(Journal::go_on(disk, segment_bytes, last)?)
    }

    /// Files of another store, known by keys that do not open them, are named and left alone. A sled of another store
    /// beside a journal of ours is no obstacle: it is set aside once the journal is whole.
    fn refuse_strangers(&self, survey: &Survey, rows: Option<&dyn Rows>) -> Result<(), OpenFailed> {
        let ours = |frames: &[Frame]| {
            let votes: Vec<bool> = frames.iter().filter_map(|frame| self.settings.hand.knows(frame)).collect();
            votes.is_empty() || votes.contains(&true)
        };
        let frames = survey.some_frames();
        if !ours(&frames) {
            let position = survey.last();
            let received = frames.iter().max_by_key(|f| f.position).map(|f| f.received);
            let holds = Standing { identity: survey.identity().unwrap_or_default(), position, received };
            return Err(OpenFailed::NotOurs { what: "journal", holds });
        }
        if !survey.is_empty() {
            return Ok(());
        }
        let Some(rows) = rows else { return Ok(()) };
        let position = kept_position(rows).unwrap_or(0);
        let read = Overlay { over: &Changes::default(), under: rows };
        let frames: Vec<Frame> = [1, 2, position].into_iter().filter_map(|p| record(&read, p)).collect();
        if !ours(&frames) {
            let received = frames.last().map(|f| f.received);
            let holds = Standing { identity: identity_of(rows).unwrap_or_default(), position, received };
            return Err(OpenFailed::NotOurs { what: "sled", holds });
        }
        Ok(())
    }

    /// The rows, if they can be believed about this journal: where both end, the same frame stands. Two copies of one store
    /// that went on apart are told from one that is merely behind.
    fn of_one_history<'r>(
        &self,
        survey: &Survey,
        rows: Option<&'r dyn Rows>,
    ) -> Result<Option<&'r dyn Rows>, OpenFailed> {
        let (Some(rows), Some(last)) = (rows, survey.last_frame()) else { return Ok(rows) };
        let position = kept_position(rows)?;
        let Some(theirs) = record(&Overlay { over: &Changes::default(), under: rows }, last.position) else {
            return Ok(Some(rows));
        };
        if theirs == last {
            return Ok(Some(rows));
        }
        if position <= last.position {
            // Everything they have seen lies behind us; `agree` sets them aside.
            return Ok(None);
        }
        let identity = survey.identity().unwrap_or_default();
        let newest = record(&Overlay { over: &Changes::default(), under: rows }, position);
        Err(OpenFailed::Apart {
            position: last.position,
            journal: Standing { identity, position: last.position, received: Some(last.received) },
            sled: Standing { identity, position, received: newest.map(|f| f.received) },
        })
    }

    /// sled brought up to the journal: as it is, or by the frames it has not seen, or filled again from the beginning.
    fn agree(&mut self, sled: &SledFolder, journal: &Journal, found: Sled) -> Result<RowsAndOver, OpenFailed> {
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
    fn catch_up(&mut self, rows: &dyn Rows, last: Position) -> Result<Option<Why>, OpenFailed> {
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
        if self.settings.thorough && !doctor::examine(rows, &self.keyspaces, &*self.disk, last)?.is_empty() {
            return Ok(Some(Why::Wrong));
        }
        Ok(None)
    }

    /// Whether the last frame that the rows have seen is the journal's.
    fn ends_as_the_journal(&self, rows: &dyn Rows, position: Position) -> Result<bool, OpenFailed> {
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

    /// A new sled beside the old one, filled, synced, and only then put in its place. What is opened then is looked at
    /// before anybody works with it: sled may open as an empty database where a read has failed.
    fn refill(&mut self, sled: &SledFolder, journal: &Journal, why: Why) -> Result<Arc<dyn Rows>, OpenFailed> {
        let unnamed = sled.unnamed();
        if unnamed.exists() {
            std::fs::remove_dir_all(&unnamed).map_err(|e| Failed::io("sled.new", &e))?;
        }
        let last = journal.next() - 1;
        let rows = SledRows::open(&unnamed, sled.cache_bytes)?;
        self.note_identity(&rows, journal.identity())?;
        self.fold_from(&rows, 1, last)?;
        rows.flush()?;
        drop(rows);
        self.put_aside(sled, why)?;
        std::fs::rename(&unnamed, sled.path()).map_err(|e| Failed::io("sled", &e))?;
        self.disk.sync_folder("").map_err(|e| Failed::io("", &e))?;
        let rows = SledRows::open(&sled.path(), sled.cache_bytes)?;
        let whole = identity_of(&rows) == Some(journal.identity())
            && shape_of(&rows) == Some(self.settings.shape)
            && kept_position(&rows)? == last
            && self.ends_as_the_journal(&rows, last)?;
        if !whole {
            let damage = super::Damage { file: "sled".to_owned(), offset: 0, what: What::Sled };
            return Err(Failed::Damaged(damage).into());
        }
        Ok(Arc::new(rows))
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
        owned: Option<(Arc<Lock>, SledFolder)>,
    ) -> Result<Opened, OpenFailed> {
        let House { disk, mut settings, keyspaces, found, cramped, last: _, read_only } = self;
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
            halted: read_only.or(cramped.then_some(Failed::Full)),
            lock: owned.as_ref().map(|(lock, _)| Arc::clone(lock)),
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

pub(super) fn identity_of(rows: &dyn Rows) -> Option<[u8; 16]> {
    rows.get(META, IDENTITY).ok().flatten()?.try_into().ok()
}

/// Whether its files are ours to read: what is refused for want of permission is not damaged.
fn can_be_read(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|e| e.path().is_file());
    let mut files = files.map(|e| std::fs::OpenOptions::new().read(true).write(true).open(e.path()));
    let denied = |opened: std::io::Result<std::fs::File>| {
        opened.is_err_and(|e| {
            matches!(e.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem)
        })
    };
    std::fs::read_dir(folder).is_ok() && !files.any(denied)
}

/// A frame's second copy.
fn record(read: &dyn Read, position: Position) -> Option<Frame> {
    let row = read.get(RECORDS, &position.to_be_bytes()).ok().flatten()?;
    folding::read_record_row(position, &row)
}
