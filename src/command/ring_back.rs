//! A ring that no copy has whole, and a folder of keys that is gone, brought back from the key file of a backup (`FILE.keys`): the
//! records are all there and only what opens them is missing, so nothing that was kept since that backup has to be given up.

use super::Failure;
use super::backup::BackupProblem;
use super::contents::{self, Contents};
use super::opening::{self, Unlocking};
use super::record_maker::RecordMaker;
use crate::log::Record;
use crate::seal::{Keyring, SealError, bundle};
use crate::store::faulty::FaultyDisk;
use crate::store::journal_scan::JournalScan;
use crate::store::lock::Lock;
use crate::store::seals::Unread;
use crate::store::shadow::ShadowDisk;
use crate::store::{self, Disk, Frame, OpenFailed, OwnedDisk, RealDisk, Recorder, Settings, Store};
use crate::views::{self, ViewError};
use std::path::Path;
use std::sync::Arc;

/// What was brought back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RingBrought {
    /// Keys of dossiers and persons that were gone with it.
    pub slots: usize,
    /// Where the damaged rings lie now, below the folder.
    pub aside: Vec<String>,
}

/// Puts the ring of a key file where both copies of the folder's own are gone or cannot be read, and with it the keys that are
/// gone. `None`: a ring is there, or no store; then this is not what is wrong. Nothing that is whole is written over, damaged
/// rings are kept under another name, and before anything is written the folder's own records have been opened with these keys.
///
/// Errors: the file is no key file, another store's, or of before the keys were changed; somebody has the folder open; there is no
/// room. Everything stands as it stood then, and the same can be done again.
pub fn bring_ring(
    folder: &Path,
    (file, bytes): (&Path, &[u8]),
    unlocking: &Unlocking,
    on_network: bool,
) -> Result<Option<RingBrought>, Failure> {
    let failed = |why: std::io::Error| Failure::Folder { folder: folder.display().to_string(), why: why.to_string() };
    if contents::of(folder).map_err(failed)? != Contents::Store {
        return Ok(None);
    }
    if let Some(trouble) = contents::misplaced(folder) {
        return Err(trouble.into());
    }
    if !is_lost(&RealDisk::existing(folder)) {
        return Ok(None);
    }
    if opening::may_only_be_read(folder) {
        return Err(Failure::Store(store::Failed::ReadOnlyDisk));
    }
    contents::is_of_another(folder)?;
    let path = || file.display().to_string();
    let foreign = || Failure::from(BackupProblem::KeysForeign { path: path(), folder: folder.display().to_string() });
    bundle::look(bytes)?;
    // In memory alone: what these keys open is asked before one byte of them lies in the folder.
    let memory: Arc<dyn Disk> = Arc::new(FaultyDisk::default());
    bundle::restore(&*memory, bytes)?;
    let keys = match opening::unlock_keys(folder, &memory, unlocking) {
        Err(Failure::Seal(SealError::WrongKey | SealError::NoSuchRecipient)) => return Err(foreign()),
        keys => Arc::new(keys?),
    };
    match opened_by(folder, &keys, on_network)? {
        Whose::Ours => {}
        Whose::Foreign => return Err(foreign()),
        Whose::Older => return Err(BackupProblem::KeysBefore { path: path() }.into()),
    }
    let lock = Lock::take(folder, on_network)?;
    let real: Arc<dyn Disk> = Arc::new(RealDisk::existing(folder));
    let disk = OwnedDisk::new(real, &lock);
    // Somebody else may have done it meanwhile.
    if !is_lost(&disk) {
        return Ok(None);
    }
    let (slots, aside) = match bundle::bring_ring(&disk, bytes, &keys) {
        // Without a ring the store is not opened, and to be opened on a full disk is what that room is kept for.
        Err(SealError::Disk(store::Failed::Full)) if store::ballast::free(&disk) => {
            bundle::bring_ring(&disk, bytes, &keys)
        }
        brought => brought,
    }?;
    Ok(Some(RingBrought { slots, aside }))
}

/// Whether no copy of the ring can be read.
fn is_lost(disk: &dyn Disk) -> bool {
    matches!(Keyring::who_can_unlock(disk), Err(SealError::RingDamaged | SealError::NoRing))
}

enum Whose {
    Ours,
    Foreign,
    /// Of this store, before its keys were changed: the newest records do not open.
    Older,
}

/// What these keys are to the records of the folder: some are opened, the newest among them.
fn opened_by(folder: &Path, keys: &Arc<Keyring>, on_network: bool) -> Result<Whose, Failure> {
    let scan = JournalScan::make(&RealDisk::existing(folder), 0, Unread::Nothing)?;
    let (frames, last) = (scan.some_frames(), scan.last_frame());
    let maker = RecordMaker { keys: Arc::clone(keys) };
    if frames.is_empty() {
        // The other copy knows them, in a copy of its own: the journal is made from it in memory, if it is these keys'.
        let failed =
            |why: std::io::Error| Failure::Folder { folder: folder.display().to_string(), why: why.to_string() };
        let shadow = Arc::new(ShadowDisk::new(folder).map_err(failed)?);
        let mut settings = Settings::new(views::KEYSPACES.to_vec(), Box::new(maker), Box::new(|| 0), [1; 16]);
        settings.on_network = on_network;
        let opened = match store::open_to_read(shadow, folder, settings) {
            Err(OpenFailed::NotOurs { .. }) => return Ok(Whose::Foreign),
            opened => opened?,
        };
        let (first, end) = (opened.store.replay(1, 1)?, opened.store.replay(opened.store.position(), 1)?);
        let maker = RecordMaker { keys: Arc::clone(keys) };
        return Ok(judged(&maker, &first, end.last()));
    }
    Ok(judged(&maker, &frames, last.as_ref()))
}

fn judged(maker: &RecordMaker, frames: &[Frame], last: Option<&Frame>) -> Whose {
    let votes: Vec<bool> = frames.iter().chain(last).filter_map(|frame| maker.knows(frame)).collect();
    let came_later = last.and_then(|frame| Record::decode(&frame.record).ok()).is_some_and(|record| {
        let opened = views::bodies::open_ledger(&maker.keys, &record);
        matches!(opened, Err(ViewError::Seal(SealError::UnknownGeneration { .. })))
    });
    match (votes.contains(&true), came_later) {
        (true, false) => Whose::Ours,
        (true, true) => Whose::Older,
        (false, _) if votes.is_empty() && came_later => Whose::Older,
        (false, _) => Whose::Foreign,
    }
}
