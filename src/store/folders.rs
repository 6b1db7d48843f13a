//! Whole folders, by path: what restoring does to them. Apart from [`Disk`], whose names lie below one folder; a test stands in
//! for both and stops at any step of either (`stumbling.rs`).

use super::disk::{Disk, RealDisk, create_private_folder};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Few verbs, each of them one step.
pub trait Folders: Send + Sync {
    /// The files of a folder that is there.
    fn below(&self, folder: &Path) -> Arc<dyn Disk>;
    /// For its owner alone, with those above it.
    fn create(&self, folder: &Path) -> io::Result<()>;
    /// An empty folder is replaced, as a missing one is.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Both change names at once. Errors: `Unsupported` where the file system cannot do that.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// With all that lies in it.
    fn remove(&self, folder: &Path) -> io::Result<()>;
    /// Makes last what was done to names beside this one.
    fn sync_beside(&self, path: &Path) -> io::Result<()>;
}

/// Those of the machine.
pub struct RealFolders;

impl Folders for RealFolders {
    fn below(&self, folder: &Path) -> Arc<dyn Disk> {
        Arc::new(RealDisk::existing(folder))
    }

    fn create(&self, folder: &Path) -> io::Result<()> {
        create_private_folder(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        use rustix::io::Errno;
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(|why| match why {
            Errno::INVAL | Errno::NOSYS | Errno::NOTSUP => io::ErrorKind::Unsupported.into(),
            other => other.into(),
        })
    }

    fn remove(&self, folder: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(folder)
    }

    fn sync_beside(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder)?.sync_all()
    }
}
