//! sled's files, copied before sled is let loose on them. sled cuts off what it cannot read, so beside a damaged journal a read
//! that fails once could take the only copy with it: there the copies are opened, and what is copied stays as it is.

use super::error::What;
use super::sled::SledRows;
use super::{Damage, Failed, OpenFailed, disk};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Result};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the copies stand in the data folder, while they are needed.
pub const FOLDER: &str = "sled.copy";

/// Where a new sled is filled before it takes the place of the old one, and where one is filled to be compared with it.
pub const UNNAMED: &str = "sled.new";
pub const AGAIN: &str = "sled.again";

/// What sled may write of its own while it opens them.
const SLEDS_OWN: u64 = 1 << 20;

/// Its data, and which of it is a folder; `conf` and `snap.*` are what it notes of them.
const DATA: [(&str, bool); 2] = [("db", false), ("blobs", true)];

/// A block of a file: as much is lost to the copy where the disk does not give a byte.
const BLOCK: usize = 4096;

/// A copy of a folder of sled's; it goes with this.
pub(super) struct Spare {
    path: PathBuf,
    /// What it is a copy of.
    from: PathBuf,
    /// The first place of the original that the disk did not give; zeros stand there in the copy.
    pub unread: Option<Damage>,
}

impl Spare {
    /// Copies `root/name`, every byte that can be read.
    ///
    /// Errors: it is open in another process; there is no room for it ([`OpenFailed::NoRoomToMend`]).
    pub fn of(root: &Path, name: &str) -> std::result::Result<Spare, OpenFailed> {
        Spare::within(root, name, root)
    }

    /// The same into another folder, for a disk that may only be read.
    pub fn within(root: &Path, name: &str, into: &Path) -> std::result::Result<Spare, OpenFailed> {
        let from = root.join(name);
        let _held = held(&from)?;
        let folder = into.join(FOLDER);
        let mut spare = Spare { path: folder.join(name), from: from.clone(), unread: None };
        forget(&spare.path);
        let say = |e: &std::io::Error| Failed::io(FOLDER, e);
        let needed = size(&from).map_err(|e| say(&e))? + SLEDS_OWN;
        let there = rustix::fs::statvfs(into).map(|found| found.f_bavail.saturating_mul(found.f_frsize));
        let there = there.unwrap_or(u64::MAX);
        let no_room = OpenFailed::NoRoomToMend { needed, there };
        if there < needed {
            return Err(no_room);
        }
        let mut unread = None;
        let copied = copy(&from, &spare.path, name, &|_, _| true, &mut unread);
        spare.unread = unread;
        match copied.map_err(|e| say(&e)) {
            Ok(()) => Ok(spare),
            Err(Failed::Full) => Err(no_room),
            Err(failed) => Err(failed.into()),
        }
    }

    /// Opens the copy. What sled notes beside its data it can do without, only not when that is damaged: then the data alone
    /// is copied once more and read through.
    pub fn open(&self, cache_bytes: u64) -> std::result::Result<SledRows, Failed> {
        let opened = SledRows::open(&self.path, cache_bytes);
        match opened {
            Err(Failed::Damaged(_) | Failed::Disk { .. } | Failed::InTheWay { .. }) => {
                forget(&self.path);
                let is_data = |name: &str, is_folder| DATA.contains(&(name, is_folder));
                match copy(&self.from, &self.path, "", &is_data, &mut None) {
                    Ok(()) => SledRows::open(&self.path, cache_bytes).or(opened),
                    Err(_) => opened,
                }
            }
            opened => opened,
        }
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        forget(&self.path);
        // Once it is empty.
        self.path.ancestors().skip(1).take(2).for_each(|folder| drop(fs::remove_dir(folder)));
    }
}

/// Copies that a program left when it was stopped, and rows that it was making beside those in use: nothing is only there.
pub(super) fn tidy(root: &Path) {
    for name in [FOLDER, UNNAMED, AGAIN] {
        forget(&root.join(name));
    }
}

/// Threads of a sled that was just closed may still write there; then the next opening does it.
fn forget(folder: &Path) {
    for _ in 0..3 {
        match fs::remove_dir_all(folder) {
            Err(e) if e.kind() != ErrorKind::NotFound => {}
            _ => return,
        }
    }
}

/// sled's own lock, so that nobody writes into what is copied. Threads of a sled that this process has just closed let go of
/// it a moment later.
fn held(folder: &Path) -> std::result::Result<Option<File>, OpenFailed> {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(50);
    let Ok(file) = OpenOptions::new().read(true).write(true).open(folder.join("db")) else { return Ok(None) };
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            _ => return Ok(Some(file)),
        }
    }
    Err(OpenFailed::Owned { process: None })
}

/// Whether the disk gives what sled reads while it opens: its small files, the head of every segment, and whole those that were
/// written since it last noted where its pages are. What was read stands in the system's memory, where sled finds it.
pub(super) fn can_be_opened(folder: &Path) -> bool {
    read_as_opening_does(folder).is_ok()
}

/// Whether what sled will open in its folder is of the kind that belongs there. A pipe under one of its names would keep it waiting
/// for ever, and a link that leads nowhere would have it make a file elsewhere. `Err`: the name, and what is said of it.
pub(super) fn is_of_sleds_kind(folder: &Path) -> std::result::Result<(), (String, std::io::Error)> {
    let in_blobs = |name: &str| format!("blobs/{name}");
    for (below, named) in [(folder.to_owned(), None), (folder.join("blobs"), Some(in_blobs))] {
        let Ok(entries) = fs::read_dir(&below) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = named.is_none() && name == "blobs";
            let is_sleds = named.is_some() || is_folder || name == "db" || name == "conf" || name.starts_with("snap.");
            // A link is followed, as sled does.
            let right = fs::metadata(entry.path()).map(|it| if is_folder { it.is_dir() } else { it.is_file() });
            if is_sleds && !right.as_ref().is_ok_and(|right| *right) {
                let why = right.err().unwrap_or_else(|| std::io::Error::other(disk::NO_FILE));
                return Err((named.map_or(name.clone(), |named| named(&name)), why));
            }
        }
    }
    Ok(())
}

fn read_as_opening_does(folder: &Path) -> Result<()> {
    is_of_sleds_kind(folder).map_err(|(_, why)| why)?;
    const SEGMENT: usize = 512 << 10;
    const HEAD: usize = 20;
    let mut noted = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !entry.file_type()?.is_file() || name == "db" {
            continue;
        }
        fs::read(entry.path())?;
        let place = name.to_str().and_then(|name| i64::from_str_radix(name.strip_prefix("snap.")?, 16).ok());
        noted = noted.max(place.unwrap_or(0));
    }
    let since = noted - noted % SEGMENT as i64;
    let file = File::open(folder.join("db"))?;
    let mut segment = vec![0; SEGMENT];
    for at in (0..file.metadata()?.len()).step_by(SEGMENT) {
        if file.read_at(&mut segment[..HEAD], at)? == HEAD {
            // Behind a checksum stands where the segment belongs in the order of writing.
            let order = segment[4..12].try_into().map_or(i64::MAX, i64::from_le_bytes) ^ i64::MAX;
            if order >= since {
                file.read_at(&mut segment, at)?;
            }
        }
    }
    Ok(())
}

/// Bytes of all files below it.
pub(super) fn size(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.metadata()?;
        sum += if found.is_dir() { size(&entry.path())? } else { found.len() };
    }
    Ok(sum)
}

/// `wanted`: which of the files and folders right below it, by their names, and whether they are folders.
fn copy(
    from: &Path,
    to: &Path,
    name: &str,
    wanted: &dyn Fn(&str, bool) -> bool,
    unread: &mut Option<Damage>,
) -> Result<()> {
    disk::create_private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (file, kind) = (entry.file_name(), entry.file_type()?);
        if !wanted(&file.to_string_lossy(), kind.is_dir()) {
            continue;
        }
        let name = format!("{name}/{}", file.to_string_lossy());
        if kind.is_dir() {
            copy(&entry.path(), &to.join(file), &name, &|_, _| true, unread)?;
        } else if kind.is_file() {
            let place = copy_file(&entry.path(), &to.join(file))?;
            *unread = unread.take().or(place.map(|(offset, bytes)| Damage {
                file: name,
                offset,
                what: What::Unreadable { bytes },
            }));
        }
    }
    Ok(())
}

/// Where the first unread bytes are, and how many there are in all.
fn copy_file(from: &Path, to: &Path) -> Result<Option<(u64, u64)>> {
    let (file, copy) = (File::open(from)?, disk::create_private(to)?);
    let length = file.metadata()?.len();
    copy.set_len(length)?;
    let mut block = [0; BLOCK];
    let mut unread: Option<(u64, u64)> = None;
    let mut at = 0;
    while at < length {
        let wanted = usize::try_from(length - at).map_or(BLOCK, |left| left.min(BLOCK));
        // A read that fails once is asked once more.
        let read = file.read_at(&mut block[..wanted], at).or_else(|_| file.read_at(&mut block[..wanted], at));
        match read {
            Ok(0) => break,
            Ok(read) => {
                copy.write_all_at(&block[..read], at)?;
                at += read as u64;
            }
            Err(_) => {
                let (_, bytes) = unread.get_or_insert((at, 0));
                *bytes += wanted as u64;
                at += wanted as u64;
            }
        }
    }
    Ok(unread)
}

#[cfg(test)]
mod tests {
    use super::super::rows::{Changes, META, Rows};
    use super::*;

    #[test]
    fn a_copy_is_opened_and_written_into_and_the_original_keeps_every_byte() {
        let home = tempfile::tempdir().unwrap();
        let rows = SledRows::open(&home.path().join("sled"), 1 << 20).unwrap();
        let mut changes = Changes::default();
        changes.set(META, b"a".to_vec(), Some(vec![7; 20_000]));
        rows.apply(&changes).unwrap();
        // Whoever has it open keeps it from being copied.
        let busy = Spare::of(home.path(), "sled").err();
        assert_eq!(busy, Some(OpenFailed::Owned { process: None }));
        drop(rows);
        let bytes = |name: &str| std::fs::read(home.path().join(name)).unwrap();
        let spare = Spare::of(home.path(), "sled").unwrap();
        let before = bytes("sled/db");
        assert_eq!((bytes("sled.copy/sled/db"), spare.unread.is_none()), (before.clone(), true));
        let copied = spare.open(1 << 20).unwrap();
        assert_eq!(copied.get(META, b"a"), Ok(Some(vec![7; 20_000])));
        changes.set(META, b"a".to_vec(), None);
        copied.apply(&changes).unwrap();
        drop(copied);
        assert!(bytes("sled/db") == before);
        drop(spare);
        assert!(!home.path().join(FOLDER).exists());
    }
}
