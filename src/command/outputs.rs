//! Files that the program writes on somebody's order: for their owner alone, whole or not at all, and never within the data
//! folder. A file that is there, or a link, stays as it is, for what it holds may be somebody's only copy; a plain file of one's
//! own gives way where that is asked for (`--replace`). Each is written under a name of its own in the folder where it is to
//! stand, and gets its name when it is whole.

use super::Office;
use crate::domain::{Explain, Message};
use crate::seal::{Random, SystemRandom};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

/// Why nothing is written to a file that was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotWritten {
    /// The store lacks records, and a paper or a file would pass for whole.
    Partial,
    /// Something stands there already.
    Exists { path: String },
    /// What stands there is no plain file of whoever would write over it.
    NotReplaced { path: String },
    /// It would lie among the records and keys of the data folder.
    WithinStore { path: String },
    /// The system did not take it.
    File { path: String, why: String },
    /// It stands there whole; that its name is on the disk is not known.
    Unsynced { path: String, why: String },
}

impl NotWritten {
    fn file(path: &Path, why: &io::Error) -> NotWritten {
        NotWritten::File { path: path.display().to_string(), why: why.to_string() }
    }
}

impl Explain for NotWritten {
    fn explain(&self) -> Message {
        match self {
            NotWritten::Partial => Message::new("command.output.partial"),
            NotWritten::Exists { path } => Message::new("command.output.exists").with("path", path.as_str()),
            NotWritten::NotReplaced { path } => Message::new("command.output.not_replaced").with("path", path.as_str()),
            NotWritten::WithinStore { path } => Message::new("command.output.within").with("path", path.as_str()),
            NotWritten::File { path, why } => {
                Message::new("command.output.file").with("path", path.as_str()).with("why", why.as_str())
            }
            NotWritten::Unsynced { path, why } => {
                Message::new("command.output.unsynced").with("path", path.as_str()).with("why", why.as_str())
            }
        }
    }
}

/// What becomes of what stands where a file is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Stays,
    /// A plain file of one's own gives its name up; anything else stays.
    Replaced,
}

impl Standing {
    /// As `--replace` says.
    pub fn when(replace: bool) -> Standing {
        if replace { Standing::Replaced } else { Standing::Stays }
    }
}

impl Office {
    /// Whether a file or folder of that name may be written from here.
    pub fn may_write_to(&self, path: &Path, standing: Standing) -> Result<(), NotWritten> {
        may_stand(path, &self.bureau.folder.path, standing)
    }
}

/// Whether a file or folder of that name may be written: what stands there gives way or nothing does, and it is not in the data
/// folder, however the way there is spelled.
pub fn may_stand(path: &Path, store: &Path, standing: Standing) -> Result<(), NotWritten> {
    let shown = || path.display().to_string();
    if is_within(path, store).map_err(|why| NotWritten::file(path, &why))? {
        return Err(NotWritten::WithinStore { path: shown() });
    }
    match path.symlink_metadata() {
        Ok(_) if standing == Standing::Stays => Err(NotWritten::Exists { path: shown() }),
        Ok(there) if !(there.is_file() && there.uid() == rustix::process::geteuid().as_raw()) => {
            Err(NotWritten::NotReplaced { path: shown() })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Whether a name leads into a folder, itself included: by device and inode of every folder on the way, so that neither `..` nor
/// a link hides that, nor a bind mount of the folder. A bind mount of something within it is not seen through: its own root is
/// where the way up ends.
///
/// Errors: the folder is there and cannot be looked at.
pub fn is_within(path: &Path, folder: &Path) -> io::Result<bool> {
    let real = real(path)?;
    match std::fs::metadata(folder) {
        Ok(own) => Ok(real.ancestors().any(|at| is_same(at, &own))),
        // One that is still to be made has but a name.
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(real.starts_with(self::real(folder)?)),
        Err(why) => Err(why),
    }
}

/// Whether a name stands in this very folder, and not further down.
pub fn is_right_in(path: &Path, folder: &Path) -> bool {
    let Ok(own) = std::fs::metadata(folder) else { return false };
    is_same(folder_of(path), &own)
}

fn is_same(at: &Path, own: &std::fs::Metadata) -> bool {
    std::fs::metadata(at).is_ok_and(|at| (at.dev(), at.ino()) == (own.dev(), own.ino()))
}

/// The way to a name without links and `..`. What stands there itself may be a link, which is not followed: where it lies
/// counts. Behind what is there, folders are still to be made, and `..` takes one of those away.
fn real(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let mut real = PathBuf::from("/");
    let parts: Vec<Component<'_>> = absolute.components().collect();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Component::ParentDir => drop(real.pop()),
            Component::Normal(name) => {
                let next = real.join(name);
                let is_last = at + 1 == parts.len();
                real = match is_last {
                    true => next,
                    false => std::fs::canonicalize(&next).unwrap_or(next),
                };
            }
            _ => {}
        }
    }
    Ok(real)
}

/// So much of its own name an unfinished file bears: with what is put around it, every file system takes that.
const NAME_BYTES_MAX: usize = 100;

/// The name of a file that is being written: which one it is to be, as far as there is room, and chance, so that nobody can
/// have put anything under it.
fn unfinished_name(path: &Path, chance: [u8; 6]) -> io::Result<String> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let end = (0..=name.len().min(NAME_BYTES_MAX)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    Ok(format!(".{}.{}.part", &name[..end], chance.map(|byte| format!("{byte:02x}")).concat()))
}

/// Whether a name is that of a file that was being written, and how the name begins of the one that it was to be.
pub fn is_unfinished(name: &str) -> Option<&str> {
    let (file, chance) = name.strip_prefix('.')?.strip_suffix(".part")?.rsplit_once('.')?;
    let is_chance = chance.len() == 12 && chance.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_chance.then_some(file)
}

/// A file that is being written in the folder where it is to stand.
pub struct NewFile {
    file: File,
    beside: PathBuf,
    path: PathBuf,
    standing: Standing,
    placed: bool,
}

/// A file stands in its place, whole.
#[must_use]
#[derive(Debug)]
pub struct Placed {
    /// Why it is not known whether its name is on the disk.
    pub unsynced: Option<io::Error>,
}

impl NewFile {
    /// Begins it. Whether it may stand there is asked by [`may_stand`], before anything is recorded.
    pub fn begin(path: &Path, standing: Standing) -> io::Result<NewFile> {
        let mut chance = [0; 6];
        SystemRandom.fill(&mut chance).map_err(|_| io::Error::other("no random numbers"))?;
        let beside = folder_of(path).join(unfinished_name(path, chance)?);
        // `create_new` follows no link and opens nothing that is there.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        Ok(NewFile { file, beside, path: path.to_owned(), standing, placed: false })
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Syncs it and puts it in its place, where nothing may have come to stand meanwhile that does not give way.
    ///
    /// Errors: it is not there, and nothing is left of it.
    pub fn place(self) -> io::Result<Placed> {
        self.place_with(&sync_folder_of)
    }

    fn place_with(mut self, sync: &dyn Fn(&Path) -> io::Result<()>) -> io::Result<Placed> {
        self.file.sync_all()?;
        match self.standing {
            Standing::Stays => self.rename_to_nothing()?,
            Standing::Replaced => {
                // It has been a while since it was asked.
                if self.path.symlink_metadata().is_ok_and(|there| !there.is_file()) {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                std::fs::rename(&self.beside, &self.path)?;
            }
        }
        self.placed = true;
        Ok(Placed { unsynced: sync(&self.path).err() })
    }

    fn rename_to_nothing(&self) -> io::Result<()> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, &self.beside, CWD, &self.path, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            // File systems that cannot do that: a stick, a share. What comes between looking and renaming there is lost.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
                match self.path.symlink_metadata() {
                    Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                    Err(_) => std::fs::rename(&self.beside, &self.path),
                }
            }
            Err(why) => Err(why.into()),
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.placed {
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

/// Places two files of which the second is worth nothing without the first: the first, then the second, or neither.
///
/// Errors: which could not be placed, and why.
pub fn place_both(first: NewFile, second: NewFile) -> Result<Placed, (PathBuf, io::Error)> {
    place_both_with(first, second, &sync_folder_of)
}

fn place_both_with(
    first: NewFile,
    second: NewFile,
    sync: &dyn Fn(&Path) -> io::Result<()>,
) -> Result<Placed, (PathBuf, io::Error)> {
    let (one, other) = (first.path.clone(), second.path.clone());
    let unsynced = first.place_with(sync).map_err(|why| (one.clone(), why))?.unsynced;
    match second.place_with(sync) {
        Ok(placed) => Ok(Placed { unsynced: placed.unsynced.or(unsynced) }),
        Err(why) => {
            // Alone it would stand in the way of the next try.
            let _ = std::fs::remove_file(&one);
            Err((other, why))
        }
    }
}

/// Writes a whole file outside the data folder.
pub fn write(path: &Path, bytes: &[u8], store: &Path, standing: Standing) -> Result<(), NotWritten> {
    may_stand(path, store, standing)?;
    put(path, bytes, standing)
}

/// Writes a whole file where somebody has seen that it may stand.
pub fn put(path: &Path, bytes: &[u8], standing: Standing) -> Result<(), NotWritten> {
    let shown = || path.display().to_string();
    let written = NewFile::begin(path, standing).and_then(|new| new.file().write_all(bytes).and_then(|()| new.place()));
    match written {
        Ok(Placed { unsynced: None }) => Ok(()),
        Ok(Placed { unsynced: Some(why) }) => Err(NotWritten::Unsynced { path: shown(), why: why.to_string() }),
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Err(match standing {
            Standing::Stays => NotWritten::Exists { path: shown() },
            Standing::Replaced => NotWritten::NotReplaced { path: shown() },
        }),
        Err(why) => Err(NotWritten::file(path, &why)),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::Standing::{Replaced, Stays};
    use super::*;
    use std::os::unix::fs::symlink;

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_new_whole_and_its_owners_alone_whatever_was_planted_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let (store, other) = (home.path().join("store"), home.path().join("other"));
        std::fs::create_dir(&store).unwrap();
        std::fs::write(&other, "somebody's").unwrap();
        let out = home.path().join("out.csv");
        // The name that earlier programs wrote under, as a link to another file.
        symlink(&other, home.path().join("out.csv.part")).unwrap();
        write(&out, b"whole", &store, Stays).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), b"whole");
        assert_eq!(out.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(&other).unwrap(), b"somebody's");
        assert_eq!(names_in(home.path()), ["other", "out.csv", "out.csv.part", "store"]);
    }

    #[test]
    fn what_stands_there_stays_and_so_does_what_a_link_leads_to() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let (there, link, dangling) =
            (home.path().join("there"), home.path().join("link"), home.path().join("dangling"));
        std::fs::write(&there, "first").unwrap();
        symlink(&there, &link).unwrap();
        symlink(home.path().join("nowhere"), &dangling).unwrap();
        for path in [&there, &link, &dangling] {
            let refused = write(path, b"second", &store, Stays);
            assert!(matches!(refused, Err(NotWritten::Exists { .. })), "{refused:?}");
        }
        assert_eq!(std::fs::read(&there).unwrap(), b"first");
        assert_eq!(names_in(home.path()), ["dangling", "link", "store", "there"]);
        // What comes to stand there while it is written stays, too.
        let late = home.path().join("late");
        let new = NewFile::begin(&late, Stays).unwrap();
        std::fs::write(&late, "first").unwrap();
        assert_eq!(new.place().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&late).unwrap(), b"first");
    }

    #[test]
    fn nothing_is_written_into_the_data_folder_by_whatever_way() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("store");
        std::fs::create_dir_all(store.join("journal")).unwrap();
        std::fs::create_dir(home.path().join("beside")).unwrap();
        symlink(&store, home.path().join("linked")).unwrap();
        symlink(store.join("journal"), home.path().join("beside/deep")).unwrap();
        let at = |name: &str| home.path().join(name);
        for name in [
            "store",
            "store/x.csv",
            "store/journal/00000001.seg",
            "store/new/folder/x.csv",
            "beside/../store/x.csv",
            "linked/x.csv",
            "linked/journal/../x.csv",
            "beside/deep/x.csv",
            "beside/deep/../x.csv",
            "not-there/../store/x.csv",
        ] {
            let refused = may_stand(&at(name), &store, Stays);
            assert!(matches!(refused, Err(NotWritten::WithinStore { .. })), "{name}: {refused:?}");
        }
        for name in ["x.csv", "store.csv", "beside/x.csv", "store/../x.csv", "beside/deep/../../x.csv", "not-there/x"] {
            assert_eq!(may_stand(&at(name), &store, Stays), Ok(()), "{name}");
        }
        // A link that leads elsewhere lies where it lies.
        symlink(at("beside"), store.join("out")).unwrap();
        assert!(matches!(may_stand(&store.join("out"), &store, Stays), Err(NotWritten::WithinStore { .. })));
        assert_eq!(may_stand(&store.join("out/x.csv"), &store, Stays), Ok(()));
    }

    #[test]
    fn a_data_folder_that_is_still_to_be_made_is_known_by_its_name() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("store");
        symlink(home.path(), home.path().join("linked")).unwrap();
        for name in ["store", "store/x.csv", "linked/store/x.csv", "not-there/../store/x.csv"] {
            let refused = may_stand(&home.path().join(name), &store, Stays);
            assert!(matches!(refused, Err(NotWritten::WithinStore { .. })), "{name}: {refused:?}");
        }
        assert_eq!(may_stand(&home.path().join("store.csv"), &store, Stays), Ok(()));
        // One that nobody can look at is no reason to believe that nothing lies in it.
        let unseen = home.path().join("x".repeat(300));
        assert!(matches!(may_stand(&home.path().join("x.csv"), &unseen, Stays), Err(NotWritten::File { .. })));
    }

    #[test]
    fn a_plain_file_of_ones_own_gives_way_where_that_is_asked_and_nothing_else_does() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let store = at("store");
        std::fs::create_dir(&store).unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        std::fs::write(store.join("kept"), "a record").unwrap();
        std::fs::write(at("list"), "of yesterday").unwrap();
        std::fs::write(at("other"), "somebody's").unwrap();
        symlink(at("other"), at("link")).unwrap();
        write(&at("list"), b"of today", &store, Replaced).unwrap();
        write(&at("new"), b"of today", &store, Replaced).unwrap();
        for name in ["list", "new"] {
            assert_eq!(std::fs::read(at(name)).unwrap(), b"of today");
            assert_eq!(at(name).metadata().unwrap().mode() & 0o777, 0o600);
        }
        for name in ["link", "folder"] {
            let refused = write(&at(name), b"of today", &store, Replaced);
            assert_eq!(refused, Err(NotWritten::NotReplaced { path: at(name).display().to_string() }));
        }
        let refused = write(&store.join("kept"), b"of today", &store, Replaced);
        assert!(matches!(refused, Err(NotWritten::WithinStore { .. })), "{refused:?}");
        // What comes to stand there while it is written.
        let new = NewFile::begin(&at("late"), Replaced).unwrap();
        symlink(at("other"), at("late")).unwrap();
        assert_eq!(new.place().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        // Only whoever runs everything can give a file away.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(at("new"), Some(65534), None).unwrap();
            let refused = write(&at("new"), b"again", &store, Replaced);
            assert!(matches!(refused, Err(NotWritten::NotReplaced { .. })), "{refused:?}");
        }
        assert_eq!(std::fs::read(at("other")).unwrap(), b"somebody's");
        assert_eq!(std::fs::read(store.join("kept")).unwrap(), b"a record");
        assert_eq!(names_in(home.path()), ["folder", "late", "link", "list", "new", "other", "store"]);
    }

    #[test]
    fn a_file_whose_folder_cannot_be_synced_stands_and_that_is_told() {
        let home = tempfile::tempdir().unwrap();
        let (keys, file) = (home.path().join("b.keys"), home.path().join("b"));
        let begin = |path: &Path| NewFile::begin(path, Stays).unwrap();
        let fails = |_: &Path| Err(io::Error::other("the disk is gone"));
        let placed = place_both_with(begin(&keys), begin(&file), &fails).unwrap();
        assert_eq!(placed.unsynced.unwrap().to_string(), "the disk is gone");
        assert_eq!(names_in(home.path()), ["b", "b.keys"]);
    }

    #[test]
    fn of_two_files_that_belong_together_both_are_placed_or_neither() {
        let home = tempfile::tempdir().unwrap();
        let (keys, file) = (home.path().join("b.keys"), home.path().join("b"));
        let begin = |path: &Path| NewFile::begin(path, Stays).unwrap();
        let (first, second) = (begin(&keys), begin(&file));
        std::fs::write(&file, "somebody's").unwrap();
        let (path, why) = place_both(first, second).unwrap_err();
        assert_eq!((path, why.kind()), (file.clone(), io::ErrorKind::AlreadyExists));
        assert_eq!(names_in(home.path()), ["b"]);
        std::fs::rename(&file, &keys).unwrap();
        let (path, _) = place_both(begin(&keys), begin(&file)).unwrap_err();
        assert_eq!(path, keys);
        assert_eq!(names_in(home.path()), ["b.keys"]);
        assert_eq!(std::fs::read(&keys).unwrap(), b"somebody's");
    }

    #[test]
    fn an_unfinished_file_is_known_by_its_name_however_long_the_name_it_is_to_have() {
        let home = tempfile::tempdir().unwrap();
        // As long as a name may be: 85 of these are 255 bytes.
        for name in ["b.backup".to_owned(), ".hidden".to_owned(), "困".repeat(85), "no.end.".to_owned()] {
            let new = NewFile::begin(&home.path().join(&name), Stays).unwrap();
            let [beside] = &names_in(home.path())[..] else { panic!("one name") };
            let of = is_unfinished(beside).unwrap();
            assert!(!of.is_empty() && name.starts_with(of) && beside.starts_with('.'), "{beside}");
            assert!(name.len() > NAME_BYTES_MAX || of == name, "{beside}");
            let _ = new.place().unwrap();
            std::fs::remove_file(home.path().join(&name)).unwrap();
        }
        for name in ["b.part", ".b.part", ".b.0123456789.part", ".b.0123456789zz.part", "b.0123456789ab.part"] {
            assert_eq!(is_unfinished(name), None, "{name}");
        }
    }
}
