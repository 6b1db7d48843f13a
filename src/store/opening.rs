//! Opening a store: journal and sled become one truth. [`open`] tells the order, and the order is the point.

use super::aside::SledFolder;
use super::folding::Keyspaces;
use super::half_open::{HalfOpen, RowsAndOver, Sled};
use super::journal::{self, Journal};
use super::local::Local;
use super::lock::Lock;
use super::memory::MemoryRows;
use super::rows::{Changes, Rows};
use super::shadow::ShadowDisk;
use super::{Damage, Disk, Failed, Found, Keyspace, OpenFailed, RealDisk, Recorder, What, Why, ballast};
use std::path::Path;
use std::sync::Arc;

/// A journal up to this size may be folded into rows in memory, where the disk takes none.
pub(super) const IN_MEMORY: u64 = 256 << 20;

/// What takes long while a store is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// Rows are counted and compared with the journal: how many, of how many.
    Checking,
    /// Rows are made from the journal's frames: up to which position, of how many.
    Folding,
}

/// Is told how far an opening is.
pub type OnProgress = Box<dyn FnMut(Work, u64, u64)>;

/// What a store is opened with. Clock, chance and the hand come in from above.
pub struct Settings {
    /// Every keyspace that the hand's rows may lie in; [`super::RECORDS`] and [`super::ENTRIES`] come by themselves.
    pub keyspaces: Vec<Keyspace>,
    pub recorder: Box<dyn Recorder>,
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
    /// Read every frame and count every row while opening, and mend what does not agree: what `doctor` does.
    pub thorough: bool,
    /// Of a journal larger than this that was stopped cleanly, files that were read whole once and not touched since are not
    /// read again at each opening: see `seals.rs`.
    pub read_whole: u64,
    /// The journal from which rows are made in memory, where sled cannot have them, is no larger than this.
    pub in_memory: u64,
    /// Told what is being done, how much of it is done and how much there is.
    pub progress: Option<OnProgress>,
    /// The folder's lock, where the caller took it before (it has files of its own to look at first); else it is taken.
    pub lock: Option<Lock>,
    /// The folder may lie on a network file system, where the lock is taken here.
    pub on_network: bool,
    /// What is opened for reading only is opened without the frames that no copy has; whatever else is opened refuses.
    pub despite_loss: bool,
    /// A journal may be begun where there is none, nor anything that one could be made from.
    pub create: bool,
}

impl Settings {
    pub fn new(
        keyspaces: Vec<Keyspace>,
        recorder: Box<dyn Recorder>,
        clock: Box<dyn FnMut() -> i64 + Send>,
        identity: [u8; 16],
    ) -> Settings {
        let (segment_bytes, cache_bytes, ballast_bytes) = (8 << 20, 64 << 20, 8 << 20);
        Settings {
            keyspaces,
            recorder,
            clock,
            shape: 0,
            identity,
            segment_bytes,
            cache_bytes,
            ballast_bytes,
            thorough: false,
            read_whole: journal::READ_WHOLE,
            in_memory: IN_MEMORY,
            progress: None,
            lock: None,
            on_network: false,
            despite_loss: false,
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
    open_with(disk, folder, settings, |half_open, sled| {
        let mut look = half_open.look()?;
        let found = half_open.sled(sled, &mut look)?;
        let journal = half_open.journal(sled, &found, look)?;
        let found = half_open.not_a_copy(sled, found)?;
        let rows = half_open.agree(sled, &journal, found)?;
        Ok((journal, rows))
    })
}

/// Folds the whole journal into a new sled folder and puts it in the place of the old one, which is set aside until the
/// next clean stop. Then opens the store.
pub fn rebuild(folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    open_with(real_disk(folder)?, folder, settings, |half_open, sled| {
        // The old rows are still asked for frames that the journal may have lost.
        let mut look = half_open.look()?;
        let old = half_open.sled(sled, &mut look)?;
        let journal = half_open.journal(sled, &old, look)?;
        drop(old);
        let rows = half_open.refill(sled, &journal, Why::Asked)?;
        Ok((journal, (rows, Changes::default())))
    })
}

/// `agree` makes journal and rows one truth; it is called twice when the disk is full.
fn open_with(
    disk: Arc<dyn Disk>,
    folder: &Path,
    mut settings: Settings,
    mut agree: impl FnMut(&mut HalfOpen, &SledFolder) -> Result<(Journal, RowsAndOver), OpenFailed>,
) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let lock = settings.lock.take().map_or_else(|| Lock::take(folder, settings.on_network), Ok)?;
    journal::refuse_other_formats(&*disk)?;
    let mut half_open = HalfOpen::new(disk, settings, keyspaces);
    let sled = SledFolder::new(folder, half_open.settings.cache_bytes);
    let (journal, rows) = match half_open.with_ballast(|half_open| agree(half_open, &sled)) {
        // What was believed of the journal is not so: once more, and all of it is read.
        Err(OpenFailed::Failed(Failed::Damaged(_))) if half_open.believed == Some(true) => {
            half_open.found.clear();
            half_open.believed = Some(false);
            half_open.with_ballast(|half_open| agree(half_open, &sled))?
        }
        other => other?,
    };
    half_open.found.extend(lock.network.clone().map(|kind| Found::OnNetwork { kind }));
    if !half_open.cramped {
        ballast::lay(&*half_open.disk, half_open.settings.ballast_bytes);
    }
    let opened = half_open.start(rows, Some(journal), Some((Arc::new(lock), sled)))?;
    if !opened.found.contains(&Found::RowsInMemory) {
        return Ok(opened);
    }
    let damage = Damage { file: "sled".to_owned(), offset: 0, what: What::Sled };
    Ok(Opened { store: opened.store.without(damage), ..opened })
}

/// A journal on any [`Disk`], rows in memory, folded anew at each opening.
pub fn open_journal(disk: Arc<dyn Disk>, settings: Settings) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let mut half_open = HalfOpen::new(disk, settings, keyspaces);
    let nowhere = SledFolder::new(Path::new(""), 0);
    let look = half_open.look()?;
    let journal = half_open.journal(&nowhere, &Sled::none(), look)?;
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    half_open.note_identity(&*rows, journal.identity())?;
    half_open.fold_from(&*rows, 1, journal.next() - 1)?;
    half_open.start((rows, Changes::default()), Some(journal), None)
}

/// A folder that may only be read: its journal, and rows in memory. Nothing can be kept.
pub fn open_to_read(disk: Arc<ShadowDisk>, folder: &Path, settings: Settings) -> Result<Opened, OpenFailed> {
    let (held, network) = Lock::take_to_read(folder, settings.on_network)?;
    journal::refuse_other_formats(&*disk)?;
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let mut half_open = HalfOpen::new(disk, settings, keyspaces);
    half_open.settings.create = false;
    let asked = half_open.settings.despite_loss;
    half_open.despite_loss = asked;
    let nowhere = SledFolder::new(Path::new(""), 0);
    let look = half_open.look()?;
    let found = half_open.sled_elsewhere(folder, &look)?;
    let journal = half_open.journal(&nowhere, &found, look)?;
    drop(found);
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    half_open.note_identity(&*rows, journal.identity())?;
    half_open.fold_from(&*rows, 1, journal.next() - 1)?;
    // What was mended was mended in memory alone.
    let mended = half_open.found.iter().filter_map(|found| match found {
        Found::Mended { damage, .. } => Some(damage.clone()),
        _ => None,
    });
    let damages: Vec<_> = mended.collect();
    let (lost, given_back) = (std::mem::take(&mut half_open.lost), damages.clone());
    // Where some of it is lost the damage is named as that.
    let damages = if lost.is_empty() { damages } else { lost.clone() };
    half_open.found = match (Damage::frames(&lost), asked) {
        (Some((records, from, to)), _) => vec![Found::DespiteLoss { records, from, to }],
        (None, true) => vec![Found::NothingLost],
        (None, false) => vec![Found::OnReadOnlyDisk],
    };
    half_open.found.extend(network.map(|kind| Found::OnNetwork { kind }));
    if lost.is_empty() {
        half_open.found.extend(given_back.into_iter().map(Found::MendedInMemory));
    }
    half_open.read_only = Some(if asked { Failed::ForReading } else { Failed::ReadOnlyDisk });
    let opened = half_open.start((rows, Changes::default()), Some(journal), None)?;
    Ok(Opened { store: opened.store.holding(held, damages), ..opened })
}

/// Nothing but memory, for tests of the floors above.
pub fn open_memory(settings: Settings) -> Result<Opened, OpenFailed> {
    let keyspaces = Keyspaces::new(&settings.keyspaces).map_err(|k| OpenFailed::BadKeyspace(k.0))?;
    let disk = Arc::new(super::faulty::FaultyDisk::default());
    let half_open = HalfOpen::new(disk, settings, keyspaces);
    let rows: Arc<dyn Rows> = Arc::new(MemoryRows::default());
    half_open.note_identity(&*rows, half_open.settings.identity)?;
    half_open.start((rows, Changes::default()), None, None)
}
