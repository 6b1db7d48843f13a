//! Opening a store: journal and sled become one truth. [`open`] tells the order, and the order is the point.

use super::aside::SledFolder;
use super::folding::Keyspaces;
use super::house::{House, RowsAndOver};
use super::journal::{self, Journal};
use super::local::Local;
use super::lock::Lock;
use super::memory::MemoryRows;
use super::rows::{Changes, Rows};
use super::shadow::ShadowDisk;
use super::{Disk, Failed, Found, Hand, Keyspace, OpenFailed, Position, RealDisk, Why, ballast};
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
