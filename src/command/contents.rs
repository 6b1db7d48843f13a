//! What stands in a folder and beside it, looked at before anything is opened or written. A store is begun only where none
//! was: a folder that had one and has none now is a loss, and is said so.

use crate::domain::{Explain, Message, Subject};
use crate::log::Record;
use crate::store::journal_scan::JournalScan;
use crate::store::lock::Lock;
use crate::store::seals::Unread;
use crate::store::{Disk, RealDisk, journal};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Stands in a folder whose first records are not complete yet.
pub(super) const BEGUN: &str = "beginning";

/// What a folder is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Contents {
    /// Missing, empty, or nothing in it but a key file and what a first run leaves before its keys.
    Vacant,
    /// A first run was cut off: nothing was ever answered here.
    Begun,
    /// Records, in one copy at least.
    Store,
    /// There was a store, by what is left of it (named), and no record is left.
    Lost(Vec<String>),
    /// Another program's files.
    Foreign,
}

/// A store that is not there, and may not be begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Keys, a note of the last stop or drafts are left of a store; its records are gone.
    Lost { folder: String, left: Vec<String> },
    /// A restore beside it was not finished, or what it replaced stands there: where each is.
    Restoring { folder: String, beside: Vec<String> },
    /// Journal and keys are there, and not one record.
    Empty { folder: String },
    /// Records are there, and no keys.
    Keyless { folder: String },
    /// Something else stands where a folder of the store's belongs: a file, a pipe, a link that leads nowhere.
    Misplaced { path: String, name: &'static str, is: NoFolder },
    /// A process has the folder open that stood here, and it is elsewhere now.
    MovedAway { folder: String, process: u32, now: String },
    /// The folder is another user's, and this runs as root: what it writes they could not open.
    Others { folder: String, owner: u32 },
}

/// What stands where a folder belongs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoFolder {
    File,
    /// A link to there, where no folder is.
    Link(String),
    /// A pipe, a socket, a device.
    Other,
}

impl Explain for NoFolder {
    fn explain(&self) -> Message {
        match self {
            NoFolder::File => Message::new("command.misplaced.file"),
            NoFolder::Link(to) => Message::new("command.misplaced.link").with("to", to.as_str()),
            NoFolder::Other => Message::new("command.misplaced.other"),
        }
    }
}

impl Explain for Trouble {
    fn explain(&self) -> Message {
        match self {
            Trouble::Lost { folder, left } => {
                Message::new("command.store_lost").with("folder", folder.as_str()).with("left", left.join(", "))
            }
            Trouble::Restoring { folder, beside } => Message::new("command.restore_unfinished")
                .with("folder", folder.as_str())
                .with("beside", beside.join(", ")),
            Trouble::Empty { folder } => Message::new("command.store_empty").with("folder", folder.as_str()),
            Trouble::Keyless { folder } => Message::new("command.store_keyless").with("folder", folder.as_str()),
            Trouble::Misplaced { path, name, is } => {
                let next = Message::new(match *name {
                    "keys" => "command.misplaced.next.keys",
                    "drafts" => "command.misplaced.next.drafts",
                    "journal" => "command.misplaced.next.journal",
                    _ => "command.misplaced.next.copy",
                });
                Message::new("command.misplaced")
                    .with("path", path.as_str())
                    .with("is", is.explain())
                    .with("next", next)
            }
            Trouble::MovedAway { folder, process, now } => Message::new("command.moved_away")
                .with("folder", folder.as_str())
                .with("process", *process)
                .with("now", now.as_str()),
            Trouble::Others { folder, owner } => {
                Message::new("command.store_of_another").with("folder", folder.as_str()).with("owner", *owner)
            }
        }
    }
}

/// Whether root would leave files in a folder of another user's, where they then open nothing any more. A file system that gives
/// all that lies on it to one user takes nothing from anybody: what owner a file of ours has there is tried.
pub(super) fn is_of_another(folder: &Path) -> Result<(), Trouble> {
    let Ok(owner) = std::fs::metadata(folder).map(|found| found.uid()) else { return Ok(()) };
    if owner == 0 || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    // A file of our own and of nobody else's: what stands there already is left alone.
    let tried = folder.join(format!("owner.tried-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let made = std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600).open(&tried);
    let made = made.and_then(|file| {
        let _ = std::fs::remove_file(&tried);
        Ok(file.metadata()?.uid())
    });
    match made {
        Ok(made) if made != owner => Err(Trouble::Others { folder: folder.display().to_string(), owner }),
        _ => Ok(()),
    }
}

/// Looks; writes nothing.
pub fn of(folder: &Path) -> io::Result<Contents> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::Vacant),
        Err(error) => return Err(error),
    };
    let (mut records, mut begun, mut foreign) = (false, false, false);
    let mut left = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else {
            foreign = true;
            continue;
        };
        let filled = || holds_a_file(&folder.join(name), 2);
        match name {
            "journal" | "sled" => records |= filled()?,
            // sled's own, under a name that says what became of it.
            _ if name.starts_with("sled.aside-") => records |= filled()?,
            BEGUN => begun = true,
            // What is no folder is none of a store's; `misplaced` names it.
            "keys" | "drafts" if folder.join(name).is_dir() && filled()? => left.push(name.to_owned()),
            "stopped" | "ballast" => left.push(name.to_owned()),
            "keys" | "drafts" | "lock" | "head" | "owner" | "owner.new" | "turn" | "turn.new" | "socket"
            | "dossier.key" | "restored" | "sled.new" | "sled.again" | "sled.copy" => {}
            // What a disk of its own, and a demo, come with.
            "lost+found" | super::demo::MARK => {}
            _ => foreign = true,
        }
    }
    left.sort();
    Ok(match (begun, records) {
        // What stands there says more than a name does: a stray one beside a store must not make it none.
        (true, true) if left.iter().any(|name| name == "stopped") || went_on(folder) => Contents::Store,
        (true, _) => Contents::Begun,
        (false, true) => Contents::Store,
        (false, false) if !left.is_empty() => Contents::Lost(left),
        (false, false) if foreign => Contents::Foreign,
        (false, false) => Contents::Vacant,
    })
}

/// Whether records stand here that no first run writes: those are about the bureau alone. A journal that is damaged is one that
/// somebody worked with.
fn went_on(folder: &Path) -> bool {
    let disk = RealDisk::existing(folder);
    let Ok(scan) = JournalScan::make(&disk, 0, Unread::Nothing) else { return true };
    let mut found = false;
    let read = journal::each_frame(&disk, 1, scan.last(), |frame| {
        found = Record::decode(&frame.record).is_ok_and(|record| record.header.subject != Subject::Bureau);
        !found
    });
    found || read.is_err()
}

/// Whether anything stands here that records are kept in. Keys come before them: where they are missing beside such, they are lost.
pub(super) fn has_records(folder: &Path) -> io::Result<bool> {
    Ok(holds_a_file(&folder.join("journal"), 2)? || holds_a_file(&folder.join("sled"), 2)?)
}

/// Whether a file lies in the folder, or so many floors below it.
fn holds_a_file(folder: &Path, floors: u32) -> io::Result<bool> {
    if !folder.is_dir() {
        return Ok(folder.exists());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() || (floors > 0 && path.is_dir() && holds_a_file(&path, floors - 1)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Folders beside this one that are copies of it: one that a restore fills, those that it replaced, and whatever else somebody
/// named so (`FOLDER.before-…`).
pub fn beside(folder: &Path) -> Vec<PathBuf> {
    let Some(name) = folder.file_name().map(|name| name.to_string_lossy().into_owned()) else { return Vec::new() };
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let ours = |other: &str| {
        let rest = other.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest == ".restoring" || rest.starts_with(".before-") || rest.starts_with(".restored-"))
    };
    let mut found: Vec<PathBuf> =
        entries.filter(|e| e.file_name().to_str().is_some_and(ours)).map(|e| parent.join(e.file_name())).collect();
    found.sort();
    found
}

/// Why a store may not be begun where none stands: a restore was on its way here.
fn unfinished_restore(folder: &Path) -> Option<Trouble> {
    let beside: Vec<String> = beside(folder).iter().map(|path| path.display().to_string()).collect();
    (!beside.is_empty()).then(|| Trouble::Restoring { folder: folder.display().to_string(), beside })
}

/// What stands where a folder of keys, drafts or records belongs and is none: nothing can be read or written there, and what is read as
/// "there are none" would be no truth.
pub(super) fn misplaced(folder: &Path) -> Option<Trouble> {
    ["keys", "keys/a", "keys/b", "drafts", "journal"].into_iter().find_map(|name| {
        let path = folder.join(name);
        let kind = std::fs::symlink_metadata(&path).ok()?.file_type();
        if path.is_dir() {
            return None;
        }
        let is = if kind.is_symlink() {
            NoFolder::Link(std::fs::read_link(&path).ok()?.display().to_string())
        } else if kind.is_file() {
            NoFolder::File
        } else {
            NoFolder::Other
        };
        Some(Trouble::Misplaced { path: path.display().to_string(), name, is })
    })
}

/// Who has the folder open that stood here and was moved while they did.
pub fn moved_away(folder: &Path) -> Option<Trouble> {
    let (process, now) = Lock::moved_from(folder)?;
    Some(Trouble::MovedAway { folder: folder.display().to_string(), process, now: now.display().to_string() })
}

/// Why no store may be begun here: one was on its way, or somebody has the one open that stood here.
pub(super) fn not_to_begin(folder: &Path) -> Option<Trouble> {
    unfinished_restore(folder).or_else(|| moved_away(folder))
}

/// From here on the folder is one whose first records are on their way.
pub(super) fn begin(disk: &dyn Disk) -> io::Result<()> {
    disk.create(BEGUN)?.sync()?;
    disk.sync_folder("")
}

/// The first records are complete.
pub(super) fn begun(disk: &dyn Disk) -> io::Result<()> {
    match disk.remove(BEGUN) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.and_then(|()| disk.sync_folder("")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_store_a_loss_vacant_or_anothers_by_what_stands_in_it() {
        let cases: [(&[&str], Contents); 14] = [
            (&[], Contents::Vacant),
            (&["dossier.key", "lock"], Contents::Vacant),
            (&["lost+found/"], Contents::Vacant),
            (&["journal/", "keys/a/"], Contents::Vacant),
            (&["journal/00000001.seg", "keys/a/ring"], Contents::Store),
            (&["sled/db", "keys/a/ring"], Contents::Store),
            (&["sled.aside-2/db", "keys/a/ring"], Contents::Store),
            (&["journal/00000001.seg", "letters.txt"], Contents::Store),
            (&["beginning", "keys/a/ring"], Contents::Begun),
            (&["keys/a/ring"], Contents::Lost(vec!["keys".into()])),
            (&["journal/", "keys/b/ring", "stopped"], Contents::Lost(vec!["keys".into(), "stopped".into()])),
            (&["drafts/x.draft"], Contents::Lost(vec!["drafts".into()])),
            (&["ballast", "letters.txt"], Contents::Lost(vec!["ballast".into()])),
            (&["letters.txt"], Contents::Foreign),
        ];
        for (names, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                let path = folder.path().join(name);
                match name.ends_with('/') {
                    true => std::fs::create_dir_all(path).unwrap(),
                    false => {
                        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                        std::fs::write(path, b"x").unwrap();
                    }
                }
            }
            assert_eq!(of(folder.path()).unwrap(), expected, "{names:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of(&folder.path().join("nowhere/at/all")).unwrap(), Contents::Vacant);
    }
}
