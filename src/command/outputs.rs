//! Files that the program writes on somebody's order: new ones, for their owner alone, whole or not at all, and never within
//! the data folder. A file that is there, or a link, stays as it is: what it holds may be somebody's only copy.

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
    /// Something stands there already.
    Exists { path: String },
    /// It would lie among the records and keys of the data folder.
    WithinStore { path: String },
    /// The system did not take it.
    File { path: String, why: String },
}

impl NotWritten {
    fn file(path: &Path, why: &io::Error) -> NotWritten {
        NotWritten::File { path: path.display().to_string(), why: why.to_string() }
    }
}

impl Explain for NotWritten {
    fn explain(&self) -> Message {
        match self {
            NotWritten::Exists { path } => Message::new("command.output.exists").with("path", path.as_str()),
            NotWritten::WithinStore { path } => Message::new("command.output.within").with("path", path.as_str()),
            NotWritten::File { path, why } => {
                Message::new("command.output.file").with("path", path.as_str()).with("why", why.as_str())
            }
        }
    }
}

impl Office {
    /// Whether a new file or folder of that name may be written from here.
    pub fn may_write_to(&self, path: &Path) -> Result<(), NotWritten> {
        may_stand(path, &self.bureau.folder.path)
    }
}

/// Whether a new file or folder of that name may be written: nothing stands there, and it is not in the data folder, however the
/// way there is spelled.
pub fn may_stand(path: &Path, store: &Path) -> Result<(), NotWritten> {
    let shown = || path.display().to_string();
    if is_within(path, store) {
        return Err(NotWritten::WithinStore { path: shown() });
    }
    match path.symlink_metadata() {
        Ok(_) => Err(NotWritten::Exists { path: shown() }),
        Err(_) => Ok(()),
    }
}

/// Whether a name leads into a folder, itself included: by what the file system says of the folders on the way, so that neither
/// `..` nor a link nor another mount of it hides that.
pub fn is_within(path: &Path, folder: &Path) -> bool {
    let Ok(own) = std::fs::metadata(folder) else { return false };
    let is_own = |at: &Path| std::fs::metadata(at).is_ok_and(|at| (at.dev(), at.ino()) == (own.dev(), own.ino()));
    let Ok(absolute) = std::path::absolute(path) else { return true };
    // What stands there itself may be a link, which is not followed: where it lies counts. Behind what is there, folders are
    // still to be made, and `..` takes one of those away.
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
    real.ancestors().any(is_own)
}

/// A file that is being written beside its place, under a name that nobody can have put anything under.
pub struct NewFile {
    file: File,
    beside: PathBuf,
    path: PathBuf,
    placed: bool,
}

impl NewFile {
    /// Begins it. Whether it may stand there is asked by [`may_stand`], before anything is recorded.
    pub fn begin(path: &Path) -> io::Result<NewFile> {
        let mut chance = [0; 6];
        SystemRandom.fill(&mut chance).map_err(|_| io::Error::other("no random numbers"))?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}.part", chance.map(|byte| format!("{byte:02x}")).concat()));
        let beside = PathBuf::from(beside);
        // `create_new` follows no link and opens nothing that is there.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        Ok(NewFile { file, beside, path: path.to_owned(), placed: false })
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Syncs it and puts it in its place, where nothing may have come to stand meanwhile.
    pub fn place(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, &self.beside, CWD, &self.path, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            // File systems that cannot do that: a stick, a share.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
                if self.path.symlink_metadata().is_ok() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                std::fs::rename(&self.beside, &self.path)?;
            }
            Err(why) => return Err(why.into()),
        }
        self.placed = true;
        sync_folder_of(&self.path)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.placed {
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

/// Writes a whole new file.
pub fn write(path: &Path, bytes: &[u8], store: &Path) -> Result<(), NotWritten> {
    may_stand(path, store)?;
    let written = NewFile::begin(path).and_then(|new| new.file().write_all(bytes).and_then(|()| new.place()));
    written.map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => NotWritten::Exists { path: path.display().to_string() },
        _ => NotWritten::file(path, &why),
    })
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
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
        write(&out, b"whole", &store).unwrap();
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
            let refused = write(path, b"second", &store);
            assert!(matches!(refused, Err(NotWritten::Exists { .. })), "{refused:?}");
        }
        assert_eq!(std::fs::read(&there).unwrap(), b"first");
        assert_eq!(names_in(home.path()), ["dangling", "link", "store", "there"]);
        // What comes to stand there while it is written stays, too.
        let late = home.path().join("late");
        let new = NewFile::begin(&late).unwrap();
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
            let refused = may_stand(&at(name), &store);
            assert!(matches!(refused, Err(NotWritten::WithinStore { .. })), "{name}: {refused:?}");
        }
        for name in ["x.csv", "store.csv", "beside/x.csv", "store/../x.csv", "beside/deep/../../x.csv", "not-there/x"] {
            assert_eq!(may_stand(&at(name), &store), Ok(()), "{name}");
        }
        // A link that leads elsewhere lies where it lies.
        symlink(at("beside"), store.join("out")).unwrap();
        assert!(matches!(may_stand(&store.join("out"), &store), Err(NotWritten::WithinStore { .. })));
        assert_eq!(may_stand(&store.join("out/x.csv"), &store), Ok(()));
    }
}
