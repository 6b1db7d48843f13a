//! The files of a folder that somebody owns. Before anything is made to last, given a name or taken away, and once more
//! after it, the owner's token is looked at (`owner.rs`): drafts, key slots and notes are guarded as the journal is.

use super::disk::{Disk, DiskFile, Mark, Syncer};
use super::lock::Lock;
use super::owner::Token;
use std::io;
use std::sync::{Arc, Weak};

/// See the head of this file.
pub struct OwnedDisk {
    under: Arc<dyn Disk>,
    owner: Owner,
}

/// Ours as long as the lock is held and its token stands. `None`: there was no room for a token, and nobody can tell.
#[derive(Clone)]
struct Owner(Option<Weak<Token>>);

/// Why nothing was done: the folder is somebody else's now, or not where it was.
#[derive(Debug)]
pub(super) struct NotOwned;

impl std::error::Error for NotOwned {}

impl std::fmt::Display for NotOwned {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the folder is another process's now")
    }
}

impl Owner {
    fn check(&self) -> io::Result<()> {
        let stands = |token: &Weak<Token>| token.upgrade().is_some_and(|token| token.stands());
        if self.0.as_ref().is_none_or(stands) { Ok(()) } else { Err(io::Error::other(NotOwned)) }
    }

    /// What was done while the folder went to somebody else may be theirs by now: it does not count as done.
    fn around<T>(&self, done: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.check()?;
        let result = done()?;
        self.check()?;
        Ok(result)
    }
}

impl OwnedDisk {
    pub fn new(under: Arc<dyn Disk>, lock: &Lock) -> OwnedDisk {
        OwnedDisk { under, owner: Owner(lock.token()) }
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(OwnedFile { under: file, owner: self.owner.clone() })
    }
}

impl Disk for OwnedDisk {
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(self.under.open(name)?))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(self.owner.around(|| self.under.create(name))?))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.under.list(folder)
    }

    fn is_there(&self, name: &str) -> io::Result<bool> {
        self.under.is_there(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.owner.around(|| self.under.rename(from, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.owner.around(|| self.under.remove(name))
    }

    fn mark(&self, name: &str) -> io::Result<Mark> {
        self.under.mark(name)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.owner.around(|| self.under.sync_folder(folder))
    }
}

struct OwnedFile {
    under: Box<dyn DiskFile>,
    owner: Owner,
}

impl DiskFile for OwnedFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.under.read_at(offset, buffer)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.under.write_at(offset, bytes)
    }

    fn length(&self) -> io::Result<u64> {
        self.under.length()
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.under.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.owner.around(|| self.under.sync())
    }

    fn syncer(&self) -> io::Result<Syncer> {
        let (under, owner) = (self.under.syncer()?, self.owner.clone());
        Ok(Box::new(move || owner.around(under)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Failed, RealDisk};

    #[test]
    fn nothing_is_made_to_last_in_a_folder_that_somebody_else_has_by_now_and_all_of_it_in_ones_own() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), true).unwrap();
        let disk = OwnedDisk::new(Arc::new(RealDisk::new(home.path()).unwrap()), &lock);
        let mut file = disk.create("drafts/a.draft").unwrap();
        let every = |disk: &OwnedDisk, file: &mut Box<dyn DiskFile>| {
            file.write_at(0, b"x").unwrap();
            [
                file.sync(),
                file.syncer().and_then(|sync| sync()),
                disk.sync_folder("drafts"),
                disk.rename("drafts/a.draft", "drafts/a.draft"),
                disk.create("drafts/b.draft").map(drop),
                disk.remove("drafts/b.draft"),
            ]
        };
        assert!(every(&disk, &mut file).iter().all(Result::is_ok));
        drop(disk.create("drafts/b.draft").unwrap());
        let token = std::fs::read(home.path().join("owner")).unwrap();
        let displaced = |done: &io::Result<()>| {
            let why = done.as_ref().err().map(|error| Failed::io("drafts/a.draft", error));
            why == Some(Failed::Displaced(None))
        };
        std::fs::write(home.path().join("owner"), "7\n1\nelsewhere\n1\nchance\n").unwrap();
        assert!(every(&disk, &mut file).iter().all(displaced));
        assert!(home.path().join("drafts/b.draft").exists(), "what may be another's is not taken away");
        std::fs::write(home.path().join("owner"), token).unwrap();
        assert!(every(&disk, &mut file).iter().all(Result::is_ok));
        drop(lock);
        assert!(every(&disk, &mut file).iter().all(displaced), "it was given up");
    }

    /// Takes the token away in the middle of a sync.
    struct Meanwhile(Box<dyn DiskFile>, std::path::PathBuf);

    impl DiskFile for Meanwhile {
        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read_at(offset, buffer)
        }

        fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
            self.0.write_at(offset, bytes)
        }

        fn length(&self) -> io::Result<u64> {
            self.0.length()
        }

        fn set_len(&mut self, len: u64) -> io::Result<()> {
            self.0.set_len(len)
        }

        fn sync(&mut self) -> io::Result<()> {
            std::fs::remove_file(&self.1)?;
            self.0.sync()
        }

        fn syncer(&self) -> io::Result<Syncer> {
            self.0.syncer()
        }
    }

    #[test]
    fn what_lasts_only_after_the_folder_went_to_somebody_else_does_not_count_as_kept() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::take(home.path(), true).unwrap();
        let file = RealDisk::new(home.path()).unwrap().create("a").unwrap();
        let under = Box::new(Meanwhile(file, home.path().join("owner")));
        let mut owned = OwnedFile { under, owner: Owner(lock.token()) };
        let why = owned.sync().map_err(|error| Failed::io("a", &error));
        assert_eq!(why, Err(Failed::Displaced(None)));
    }
}
