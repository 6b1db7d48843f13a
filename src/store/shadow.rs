//! A folder that may only be read, opened all the same: what opening writes (a mended file, a tail copied again) stands in
//! memory over it and is gone with the process. Once it is open nothing is written any more, in memory either: what
//! somebody keeps must not seem to be kept.

use super::disk::{Disk, DiskFile, Mark, RealDisk, Syncer, folder_of, read_whole};
use super::faulty::FaultyDisk;
use super::segment::FILE_LIMIT;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// See the head of this file.
pub struct ShadowDisk {
    under: RealDisk,
    /// A disk in memory; it does not fail unless it is told to.
    over: FaultyDisk,
    /// Names of files below that were taken away or written over.
    hidden: Mutex<BTreeSet<String>>,
    closed: Arc<AtomicBool>,
}

impl ShadowDisk {
    pub fn new(root: &Path) -> io::Result<ShadowDisk> {
        let under = RealDisk::existing(root);
        Ok(ShadowDisk { under, over: FaultyDisk::default(), hidden: Mutex::default(), closed: Arc::default() })
    }

    /// From here on every write is refused.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    fn may_write(&self) -> io::Result<()> {
        if self.closed.load(Ordering::SeqCst) { Err(rustix::io::Errno::ROFS.into()) } else { Ok(()) }
    }

    fn hidden(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file of the folder below, brought into memory before it is changed.
    fn lift(&self, name: &str) -> io::Result<()> {
        if self.over.bytes(name).is_some() {
            return Ok(());
        }
        if self.hidden().contains(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let bytes = read_whole(&mut *self.under.open_to_read(name)?, FILE_LIMIT)?;
        self.over.create(name)?.write_at(0, &bytes)?;
        self.hidden().insert(name.to_owned());
        Ok(())
    }
}

impl Disk for ShadowDisk {
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        if self.closed.load(Ordering::SeqCst) && self.over.bytes(name).is_none() && !self.hidden().contains(name) {
            return self.under.open_to_read(name);
        }
        self.lift(name)?;
        Ok(Box::new(ShadowFile { file: self.over.open(name)?, closed: Arc::clone(&self.closed) }))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.may_write()?;
        self.hidden().insert(name.to_owned());
        Ok(Box::new(ShadowFile { file: self.over.create(name)?, closed: Arc::clone(&self.closed) }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let hidden = self.hidden();
        let mut names: BTreeSet<String> =
            self.under.list(folder)?.into_iter().filter(|name| !hidden.contains(name)).collect();
        names.extend(self.over.list(folder)?.into_iter().filter(|name| folder_of(name) == folder));
        Ok(names.into_iter().collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.may_write()?;
        self.lift(from)?;
        self.hidden().insert(to.to_owned());
        self.over.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.may_write()?;
        self.lift(name)?;
        self.over.remove(name)
    }

    fn mark(&self, name: &str) -> io::Result<Mark> {
        match self.over.mark(name) {
            Err(_) if !self.hidden().contains(name) => self.under.mark(name),
            lifted => lifted,
        }
    }

    fn sync_folder(&self, _folder: &str) -> io::Result<()> {
        self.may_write()
    }
}

struct ShadowFile {
    file: Box<dyn DiskFile>,
    closed: Arc<AtomicBool>,
}

impl ShadowFile {
    fn may_write(&self) -> io::Result<()> {
        if self.closed.load(Ordering::SeqCst) { Err(rustix::io::Errno::ROFS.into()) } else { Ok(()) }
    }
}

impl DiskFile for ShadowFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.may_write()?;
        self.file.write_at(offset, bytes)
    }

    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.may_write()?;
        self.file.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.may_write()?;
        self.file.sync()
    }

    fn syncer(&self) -> io::Result<Syncer> {
        self.may_write()?;
        self.file.syncer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opening_writes_is_seen_over_the_folder_and_never_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let real = RealDisk::new(folder.path()).unwrap();
        for name in ["journal/a", "journal/b"] {
            real.create(name).unwrap().write_at(0, b"below").unwrap();
        }
        let disk = ShadowDisk::new(folder.path()).unwrap();
        disk.open("journal/a").unwrap().write_at(0, b"ABOVE").unwrap();
        disk.create("journal/c").unwrap().write_at(0, b"new").unwrap();
        disk.remove("journal/b").unwrap();
        disk.rename("journal/c", "journal/d").unwrap();
        disk.close();
        assert_eq!(disk.list("journal").unwrap(), ["journal/a", "journal/d"]);
        let mut bytes = [0; 5];
        disk.open("journal/a").unwrap().read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"ABOVE");
        assert!(disk.open("journal/b").is_err());
        for refused in [disk.create("x").err(), disk.remove("journal/a").err(), disk.rename("journal/a", "x").err()] {
            assert_eq!(refused.unwrap().kind(), io::ErrorKind::ReadOnlyFilesystem);
        }
        assert!(disk.open("journal/a").unwrap().write_at(0, b"x").is_err());
        assert_eq!(real.list("journal").unwrap(), ["journal/a", "journal/b"]);
        real.open("journal/a").unwrap().read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"below");
    }
}
