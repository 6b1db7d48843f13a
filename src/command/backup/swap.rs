//! The restored folder takes the place of the one asked for in one step: the two change names at once, where the file system
//! can do that. Whenever the machine stops, one whole folder stands under the name that people know.

use super::{BackupProblem, file_failed};
use crate::command::Failure;
use crate::store::folders::Folders;
use std::io;
use std::path::{Path, PathBuf};

/// Where a restore is prepared.
pub(super) fn place_of(folder: &Path) -> PathBuf {
    named(folder, ".restoring")
}

fn named(folder: &Path, ending: &str) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Puts `place` where `folder` is. What was there is kept under another name, which is the answer; an empty folder goes.
pub(super) fn into_place(folders: &dyn Folders, place: &Path, folder: &Path) -> Result<Option<PathBuf>, Failure> {
    let failed = |e: io::Error| Failure::from(file_failed(folder, &e));
    let empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => true,
        Err(e) => return Err(failed(e)),
    };
    if empty {
        // An empty folder is replaced by a rename as a missing one is.
        folders.rename(place, folder).map_err(failed)?;
        folders.sync_beside(folder).map_err(failed)?;
        return Ok(None);
    }
    match folders.exchange(place, folder) {
        Ok(()) => {
            // From here on both stand, and the one of before under a name that people do not know.
            let exchanged = |before: &Path, why: io::Error| -> Failure {
                let [folder, before] = [folder, before].map(|path| path.display().to_string());
                BackupProblem::Exchanged { folder, before, why: why.to_string() }.into()
            };
            folders.sync_beside(folder).map_err(|why| exchanged(place, why))?;
            keep_or(folders, place, folder, exchanged).map(Some)
        }
        // A file system that cannot: two steps, and for a moment nothing stands under the name. Whoever comes then is told
        // where both are.
        Err(cannot) if cannot.kind() == io::ErrorKind::Unsupported => {
            let aside = keep(folders, folder, folder)?;
            folders.rename(place, folder).map_err(failed)?;
            folders.sync_beside(folder).map_err(failed)?;
            Ok(Some(aside))
        }
        Err(why) => {
            let [folder, place] = [folder, place].map(|path| path.display().to_string());
            Err(BackupProblem::NotExchanged { folder, place, why: why.to_string() }.into())
        }
    }
}

/// Renames a restored store that never got its place to the first free `FOLDER.restored-N`.
pub(super) fn keep_restored(folders: &dyn Folders, place: &Path, folder: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, error: io::Error| Failure::from(file_failed(path, &error));
    let name = |n: u32| named(folder, &format!(".restored-{n}"));
    let kept = (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0));
    folders.rename(place, &kept).map_err(|why| failed(place, why))?;
    folders.sync_beside(&kept).map_err(|why| failed(&kept, why))
}

/// Renames what was replaced to the first free `FOLDER.before-restore-N`.
pub(super) fn keep(folders: &dyn Folders, replaced: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    keep_or(folders, replaced, folder, |path, error| file_failed(path, &error).into())
}

fn keep_or(
    folders: &dyn Folders,
    replaced: &Path,
    folder: &Path,
    failed: impl Fn(&Path, io::Error) -> Failure,
) -> Result<PathBuf, Failure> {
    let name = |n: u32| named(folder, &format!(".before-restore-{n}"));
    let aside = (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0));
    folders.rename(replaced, &aside).map_err(|why| failed(replaced, why))?;
    folders.sync_beside(&aside).map_err(|why| failed(&aside, why))?;
    Ok(aside)
}
