//! Restoring: into a folder beside the one asked for, which takes its place only when all of it is there and synced.

use super::swap;
use super::{BackupProblem, MAGIC, SCHEMA, file_failed, keys_beside, not_opened};
use crate::command::contents::{self, Contents};
use crate::command::{Failure, Unlocking, opening};
use crate::domain::Stamp;
use crate::log::{Head, Verifier};
use crate::seal::{KeyFile, Keyring, SealError, Unlock, bundle, chest};
use crate::store::disk::{open_named, read_whole};
use crate::store::folders::{Folders, RealFolders};
use crate::store::journal::{self, Journal};
use crate::store::segment::{BODY_LIMIT, FILE_LIMIT};
use crate::store::{Disk, Frame, lock::Lock};
use std::fs::TryLockError;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Frames written between two syncs.
const BATCH_FRAMES: usize = 500;
const BATCH_BYTES: usize = 4 << 20;
/// As in a store that is made new.
const SEGMENT_BYTES: u64 = 8 << 20;
/// Stands in a folder that is being restored, so that one left by a crash is known and may be made anew.
const MARK: &str = "restoring";

/// What is to be restored, and where.
pub struct Restore<'a> {
    pub file: &'a Path,
    /// Else the file beside it.
    pub keys: Option<&'a Path>,
    pub folder: &'a Path,
    pub unlocking: &'a Unlocking,
    /// A store that is there is set aside (never deleted); its erasures and newer keys are taken over.
    pub over: bool,
    /// The folder may lie on a network file system.
    pub on_network: bool,
}

/// Stands in a folder that was restored until its first opening has recorded it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::command) struct RestoredFrom {
    pub records: u64,
}

impl RestoredFrom {
    pub const FILE: &'static str = "restored";

    fn text(&self) -> String {
        format!("records={}\n", self.records)
    }

    /// `None`: it was not restored since it was opened last. What cannot be read counts as restored.
    pub fn read(disk: &dyn Disk) -> Option<RestoredFrom> {
        if !disk.list("").ok()?.iter().any(|name| name == Self::FILE) {
            return None;
        }
        let bytes = disk.open(Self::FILE).and_then(|mut file| read_whole(&mut *file, 4096)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let records = text.trim().strip_prefix("records=").and_then(|count| count.parse().ok());
        Some(RestoredFrom { records: records.unwrap_or(0) })
    }

    /// It is recorded.
    pub fn forget(disk: &dyn Disk) {
        // One that cannot be taken away is read again, and its record is the same one.
        let _ = disk.remove(Self::FILE).and_then(|()| disk.sync_folder(""));
    }
}

/// What was restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    pub records: u64,
    pub drafts: usize,
    pub counter: u64,
    pub made: Stamp,
    pub heads: Vec<Head>,
    /// Where the store went that was there.
    pub aside: Option<PathBuf>,
    /// Erasures that the folder knew and the backup did not.
    pub erasures_kept: usize,
}

/// Puts a backup into `folder`. The next opening goes on as a new station whose first record names the old head, folds
/// the views and carries out every erasure that the records tell of. An old pair on a bare machine brings back what was
/// erased since; in a folder that knows of the erasures (`over`) it does not.
pub fn restore(asked: &Restore<'_>, progress: impl FnMut(u64, u64)) -> Result<Restored, Failure> {
    restore_on(&RealFolders, asked, progress)
}

/// The same with every change of a file or a name by way of `folders`; what is there already is read as ever.
pub fn restore_on(
    folders: &dyn Folders,
    asked: &Restore<'_>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Restored, Failure> {
    let folder_failed =
        |e: io::Error| Failure::Folder { folder: asked.folder.display().to_string(), why: e.to_string() };
    let there = contents::of(asked.folder).map_err(folder_failed)?;
    let folder_text = || asked.folder.display().to_string();
    if !matches!(there, Contents::Foreign) {
        contents::is_of_another(asked.folder)?;
    }
    let lock = match there {
        Contents::Foreign => return Err(Failure::NotADataFolder { folder: folder_text() }),
        Contents::Store if !asked.over => {
            return Err(BackupProblem::StoreThere { folder: folder_text() }.into());
        }
        Contents::Vacant => {
            if let Some(trouble) = contents::moved_away(asked.folder) {
                return Err(trouble.into());
            }
            Lock::may_be_made(asked.folder, asked.on_network)?;
            None
        }
        // What is left of a store may hold erasures and keys that the backup has not.
        Contents::Store | Contents::Lost(_) | Contents::Begun => Some(Lock::take(asked.folder, asked.on_network)?),
    };
    let keys_file = asked.keys.map_or_else(|| keys_beside(asked.file), Path::to_owned);
    let bundle_bytes = read_bounded(&keys_file)?;
    let reported = bundle::look(&bundle_bytes).map_err(|why| match why {
        SealError::NewerSchema { schema } => {
            Failure::from(BackupProblem::Newer { path: keys_file.display().to_string(), schema })
        }
        _ => BackupProblem::KeysDamaged { path: keys_file.display().to_string() }.into(),
    })?;
    let (place, held) = make_place(folders, asked.folder)?;
    let disk = folders.below(&place);
    let done = fill(asked, &disk, &bundle_bytes, reported.counter, &mut progress);
    let (mut restored, key_file) = match done {
        Ok(done) => done,
        Err(failure) => {
            let _ = folders.remove(&place);
            return Err(failure);
        }
    };
    if let Some(key_file) = key_file {
        let copied = std::fs::read(&key_file).and_then(|bytes| write_synced(&*disk, "dossier.key", &bytes));
        copied.map_err(|e| file_failed(&key_file, &e))?;
    }
    let from = RestoredFrom { records: restored.records };
    write_synced(&*disk, RestoredFrom::FILE, from.text().as_bytes()).map_err(folder_failed)?;
    disk.remove(MARK).and_then(|()| disk.sync_folder("")).map_err(folder_failed)?;
    // A folder that somebody took meanwhile is theirs.
    if lock.as_ref().is_some_and(|lock| !lock.stands()) {
        return Err(Failure::Store(crate::store::Failed::Displaced(None)));
    }
    restored.aside = swap::into_place(folders, &place, asked.folder)?;
    drop((lock, held));
    Ok(restored)
}

/// Keys, records and drafts into the new place; and the key file to be laid beside them, where one unlocked.
fn fill(
    asked: &Restore<'_>,
    disk: &Arc<dyn Disk>,
    bundle_bytes: &[u8],
    keys_counter: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Restored, Option<PathBuf>), Failure> {
    let (key_file, held);
    let unlock = match asked.unlocking {
        Unlocking::KeyFile(named) => {
            let path = named.clone().unwrap_or_else(|| opening::key_file_of(asked.folder));
            if !path.exists() {
                return Err(Failure::NoKeyFile { path: path.display().to_string() });
            }
            held = KeyFile::read(&path)?;
            key_file = Some(path);
            Unlock::KeyFile(&held)
        }
        Unlocking::Passphrase(text) => {
            key_file = None;
            Unlock::Passphrase(text)
        }
        Unlocking::Recovery(code) => {
            key_file = None;
            Unlock::Recovery(code)
        }
    };
    let erasures_kept = keys(asked.folder, disk, bundle_bytes, &unlock)?;
    let file = open_named(asked.file).map_err(|e| file_failed(asked.file, &e))?;
    let opened = chest::open(bundle_bytes, &unlock, BufReader::new(file)).map_err(|why| not_opened(asked.file, why))?;
    let mut reader = Chest { input: opened, hasher: blake3::Hasher::new(), path: asked.file, records: 0 };
    let mut restored = records(&mut reader, disk, progress)?;
    if keys_counter < restored.counter {
        return Err(BackupProblem::OtherKeys { path: asked.file.display().to_string() }.into());
    }
    restored.erasures_kept = erasures_kept;
    Ok((restored, key_file))
}

/// The keys of the backup; over them what the folder has: its ring where it opens, its slots, its tombstones.
fn keys(folder: &Path, disk: &Arc<dyn Disk>, bundle_bytes: &[u8], unlock: &Unlock<'_>) -> Result<usize, Failure> {
    let own = folder.join("keys");
    if !own.exists() {
        bundle::restore(&**disk, bundle_bytes)?;
        // Unlocked now, so that a wrong key is met before anything takes the folder's place.
        Keyring::open(disk.clone(), unlock)?;
        return Ok(0);
    }
    copy_files(&own, &**disk, "keys").map_err(|e| file_failed(&own, &e))?;
    match Keyring::open(disk.clone(), unlock) {
        Ok(keys) => drop(bundle::import(&keys, bundle_bytes, unlock)?),
        // No ring that opens is left: the backup's takes its place, and slots and tombstones stay.
        Err(SealError::NoRing | SealError::RingDamaged) => {
            for copy in ["a", "b"] {
                let _ = disk.remove(&format!("keys/{copy}/ring"));
            }
            bundle::restore(&**disk, bundle_bytes)?;
        }
        Err(other) => return Err(other.into()),
    }
    let keys = Keyring::open(disk.clone(), unlock)?;
    let in_backup = bundle::look(bundle_bytes)?.tombstones;
    Ok(keys.erased_count().saturating_sub(in_backup))
}

fn records(
    reader: &mut Chest<'_, impl Read>,
    disk: &Arc<dyn Disk>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, Failure> {
    if reader.array::<8>()? != *MAGIC {
        return Err(BackupProblem::NotABackup { path: reader.path.display().to_string() }.into());
    }
    let schema = u16::from_le_bytes(reader.array()?);
    if schema != SCHEMA {
        return Err(BackupProblem::Newer { path: reader.path.display().to_string(), schema }.into());
    }
    let counter = u64::from_le_bytes(reader.array()?);
    let made = Stamp(i64::from_le_bytes(reader.array()?));
    let identity = reader.array()?;
    let all = u64::from_le_bytes(reader.array()?);
    for _ in 0..u32::from_le_bytes(reader.array()?) {
        reader.counted(1 << 16)?;
    }
    let mut journal = Journal::begin(disk.clone(), identity, SEGMENT_BYTES)?;
    let mut verifier = Verifier::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for position in 1..=all {
        let body = reader.counted(BODY_LIMIT)?;
        let frame = Frame::decode(position, &body).ok_or_else(|| reader.damaged())?;
        verifier.take(position, &frame.record);
        bytes += body.len();
        batch.push(frame);
        if batch.len() >= BATCH_FRAMES || bytes >= BATCH_BYTES || position == all {
            if journal.append(&batch) != Ok(journal::Synced::AsAlways) {
                return Err(Failure::Store(crate::store::Failed::Full));
            }
            (batch, bytes) = (Vec::new(), 0);
            progress(position, all);
        }
        reader.records = position;
    }
    let report = verifier.finish();
    if !report.holds() {
        return Err(BackupProblem::Broken { path: reader.path.display().to_string() }.into());
    }
    let drafts = u32::from_le_bytes(reader.array()?);
    let mut strange = 0;
    for _ in 0..drafts {
        let length = usize::from(u16::from_le_bytes(reader.array()?));
        let name = String::from_utf8(reader.exactly(length)?).map_err(|_| reader.damaged())?;
        let bytes = reader.counted(usize::try_from(FILE_LIMIT).unwrap_or(usize::MAX))?;
        // What somebody else laid beside the drafts went into backups once, and must not stand in the way of all the rest.
        if !super::is_of_a_draft(&name) {
            strange += 1;
            continue;
        }
        let failed = |e: io::Error| Failure::Store(crate::store::Failed::io(&name, &e));
        let mut file = disk.create(&name).map_err(failed)?;
        file.write_at(0, &bytes).and_then(|()| file.sync()).map_err(failed)?;
        disk.sync_folder("drafts").map_err(failed)?;
    }
    let sum = *reader.hasher.finalize().as_bytes();
    if reader.array::<32>()? != sum || reader.input.read(&mut [0]).map_err(|_| reader.damaged())? != 0 {
        return Err(reader.damaged());
    }
    journal.note_stop()?;
    let heads = report.heads;
    Ok(Restored {
        records: all,
        drafts: drafts as usize - strange,
        counter,
        made,
        heads,
        aside: None,
        erasures_kept: 0,
    })
}

/// The chest being read. Every shortage is damage: a chest that was finished has all of it.
struct Chest<'a, R> {
    input: R,
    hasher: blake3::Hasher,
    path: &'a Path,
    records: u64,
}

impl<R: Read> Chest<'_, R> {
    fn damaged(&self) -> Failure {
        BackupProblem::Damaged { path: self.path.display().to_string(), records: self.records }.into()
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Failure> {
        self.input.read_exact(buffer).map_err(|_| self.damaged())?;
        self.hasher.update(buffer);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn counted(&mut self, most: usize) -> Result<Vec<u8>, Failure> {
        let length = u32::from_le_bytes(self.array()?) as usize;
        if length > most {
            return Err(self.damaged());
        }
        self.exactly(length)
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = open_named(path).map_err(|e| file_failed(path, &e))?;
    file.take(FILE_LIMIT).read_to_end(&mut bytes).map_err(|e| file_failed(path, &e))?;
    Ok(bytes)
}

/// An empty folder beside the one asked for. What an earlier restore left half filled there is made anew; a whole store
/// (restored and not yet put in its place, or replaced and not yet renamed) is kept under a name of its own.
///
/// Held until it stands where it was asked for, so that of two restores at once the second touches nothing of the first.
fn make_place(folders: &dyn Folders, folder: &Path) -> Result<(PathBuf, std::fs::File), Failure> {
    let place = swap::place_of(folder);
    let failed = |e: io::Error| Failure::from(file_failed(&place, &e));
    if place.exists() {
        let _held = hold(&place)?;
        if is_being_filled(&place) {
            folders.remove(&place).map_err(failed)?;
        } else if contents::of(&place).map_err(failed)? == Contents::Store {
            // A restored store knows that it is one until it is opened; what one replaced does not.
            match is_restored(&place) && !is_restored(folder) {
                true => swap::keep_restored(folders, &place, folder)?,
                false => drop(swap::keep(folders, &place, folder)?),
            }
        } else {
            return Err(BackupProblem::InTheWay { path: place.display().to_string() }.into());
        }
    }
    folders.create(&place).map_err(failed)?;
    let held = hold(&place)?;
    write_synced(&*folders.below(&place), MARK, b"").map_err(failed)?;
    Ok((place, held))
}

/// A backup's key file, whole.
///
/// Errors: it cannot be read, or is larger than any.
pub fn key_file_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    read_bounded(path)
}

/// Whether a folder is a restored store that was not opened yet.
pub(in crate::command) fn is_restored(folder: &Path) -> bool {
    folder.join(RestoredFrom::FILE).exists()
}

/// Whether a folder is a restore that was not finished, and not what a finished one replaced. Emptiness is how far one came that
/// stopped before it could leave its mark.
pub(in crate::command) fn is_being_filled(place: &Path) -> bool {
    place.join(MARK).exists() || std::fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none())
}

/// Keeps others from the place for as long as the answer lives, whatever name it gets meanwhile.
fn hold(place: &Path) -> Result<std::fs::File, Failure> {
    let folder = std::fs::File::open(place).map_err(|e| file_failed(place, &e))?;
    match folder.try_lock() {
        Err(TryLockError::WouldBlock) => Err(BackupProblem::UnderWay { path: place.display().to_string() }.into()),
        // Some file systems lock no folders.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(folder),
    }
}

/// The files of a folder and of those in it, each synced, under `name` on the disk.
fn copy_files(from: &Path, disk: &dyn Disk, name: &str) -> io::Result<()> {
    let mut wrote = false;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        // A name that is not text is none of ours.
        let Some(name) = entry.file_name().to_str().map(|file| format!("{name}/{file}")) else { continue };
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), disk, &name)?;
        } else {
            write_synced(disk, &name, &std::fs::read(entry.path())?)?;
            wrote = true;
        }
    }
    // A folder without a file is none on the disk.
    if wrote { disk.sync_folder(name) } else { Ok(()) }
}

fn write_synced(disk: &dyn Disk, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = disk.create(name)?;
    file.write_at(0, bytes)?;
    file.sync()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::faulty::FaultyDisk;

    /// A backup without records, with these files among its drafts, as it was written before such were left out.
    fn with_drafts(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(SCHEMA.to_le_bytes());
        bytes.extend([0; 8 + 8 + 16 + 8 + 4]);
        bytes.extend((files.len() as u32).to_le_bytes());
        for (name, held) in files {
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend((held.len() as u32).to_le_bytes());
            bytes.extend(*held);
        }
        let sum = *blake3::hash(&bytes).as_bytes();
        bytes.extend(sum);
        bytes
    }

    #[test]
    fn what_is_no_draft_in_an_older_backup_is_left_out_and_the_drafts_come_back() {
        let draft = "drafts/000102030405060708090a0b0c0d0e0f.draft";
        let bytes = with_drafts(&[("drafts/list.txt", b"x"), (draft, b"steps"), ("drafts/../dossier.key", b"y")]);
        let disk: Arc<dyn Disk> = Arc::new(FaultyDisk::default());
        let path = Path::new("b.backup");
        let mut reader = Chest { input: &bytes[..], hasher: blake3::Hasher::new(), path, records: 0 };
        let restored = records(&mut reader, &disk, &mut |_, _| {}).unwrap();
        assert_eq!((restored.records, restored.drafts), (0, 1));
        assert_eq!(disk.list("drafts").unwrap(), [draft]);
        let mut file = disk.open(draft).unwrap();
        assert_eq!(read_whole(&mut *file, 100).unwrap(), b"steps");
        assert!(!disk.list("").unwrap().iter().any(|name| name.contains("key")));
        // One byte less, and it is no whole backup.
        let mut cut = Chest { input: &bytes[..bytes.len() - 1], hasher: blake3::Hasher::new(), path, records: 0 };
        let disk: Arc<dyn Disk> = Arc::new(FaultyDisk::default());
        assert!(records(&mut cut, &disk, &mut |_, _| {}).is_err());
    }
}
