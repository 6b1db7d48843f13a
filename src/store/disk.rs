//! Files as the store needs them: few verbs, so that [`super::faulty`] can stand in for a disk that fails at any of them.

use std::fs;
use std::io;
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A folder of files. Names are relative, with `/` between folders: `journal/00000001.seg`.
pub trait Disk: Send + Sync {
    /// An existing file, for reading and writing.
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// A new, empty file; one of that name is emptied. Folders above it are made. It may be gone after a crash until
    /// [`Disk::sync_folder`].
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Names (with the folder before them) of the files in a folder, sorted; none if there is no such folder.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Whether anything bears that name, a plain file or not: what `list` leaves out (a pipe, a link, a folder) may stand where a
    /// file of ours belongs.
    fn is_there(&self, name: &str) -> io::Result<bool> {
        Ok(self.list(folder_of(name))?.iter().any(|listed| listed == name))
    }
    /// Replaces `to` if it is there.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// What changes when anybody touches the file; its bytes are not read.
    fn mark(&self, name: &str) -> io::Result<Mark>;
    /// Makes creations, renames and removals in this folder last. `""` is the data folder itself.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;
}

/// By what a file that nobody touched is known: a write, a copy in its place, an earlier one put back each change one of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    pub file: u64,
    pub length: u64,
    /// When bytes were written last, and when anything about it was changed last: nanoseconds since 1970. The second cannot be
    /// set by hand.
    pub written: i64,
    pub changed: i64,
}

/// An open file.
pub trait DiskFile: Send {
    /// Fills `buffer` from `offset` on; how many bytes there were.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    fn length(&self) -> io::Result<u64>;
    fn set_len(&mut self, len: u64) -> io::Result<()>;
    /// Bytes and length are on the disk when this answers `Ok`, and may or may not be after an error.
    fn sync(&mut self) -> io::Result<()>;
    /// The same from elsewhere, while this one goes on writing: what was written before it is called is on the disk then.
    fn syncer(&self) -> io::Result<Syncer>;
}

/// Syncs a file that somebody else has open.
pub type Syncer = Box<dyn FnOnce() -> io::Result<()> + Send>;

/// The folder that `name` lies in: `journal` of `journal/00000001.seg`, `""` of `lock`.
pub fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A file's bytes, whole. `most` bounds what a file may make us allocate.
pub fn read_whole(file: &mut dyn DiskFile, most: u64) -> io::Result<Vec<u8>> {
    let len = file.length()?;
    if len > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{len} bytes, expected at most {most}")));
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(filled as u64, &mut bytes[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// As [`read_whole`], where the disk will not give some places: those are zeros in the bytes, and named.
pub fn read_what_can_be(file: &mut dyn DiskFile, most: u64) -> io::Result<(Vec<u8>, Vec<Range<u64>>)> {
    match read_whole(file, most) {
        Ok(bytes) => return Ok((bytes, Vec::new())),
        Err(too_long) if too_long.kind() == io::ErrorKind::InvalidData => return Err(too_long),
        Err(_) => {}
    }
    const BLOCK: usize = 4096;
    let mut bytes = vec![0; usize::try_from(file.length()?).map_err(io::Error::other)?];
    let mut unread: Vec<Range<u64>> = Vec::new();
    for (at, block) in (0..).step_by(BLOCK).zip(bytes.chunks_mut(BLOCK)) {
        let mut filled = 0;
        while filled < block.len() {
            match file.read_at(at + filled as u64, &mut block[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(_) => {
                    block.fill(0);
                    let end = at + block.len() as u64;
                    match unread.last_mut().filter(|last| last.end == at) {
                        Some(last) => last.end = end,
                        None => unread.push(at..end),
                    }
                    break;
                }
            }
        }
    }
    Ok((bytes, unread))
}

/// A folder for its owner alone, with those above it, whatever the umask. One that is there stays as it is.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// All of a plain file in the folder. What is none (a pipe would keep us waiting) is an error, and a link is not followed.
pub fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let mut file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes)?;
    Ok(bytes)
}

/// A file that somebody named, to be read; a link is followed. A pipe that nobody writes to would keep us waiting for ever.
pub fn open_named(path: &Path) -> io::Result<fs::File> {
    let file = fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let kind = file.metadata()?.file_type();
    match kind.is_file() {
        true => Ok(file),
        false if kind.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        false => Err(io::Error::other(NO_FILE)),
    }
}

/// What is said of a pipe, a socket or a device that was named as a file.
pub const NO_FILE: &str = "no plain file";

/// A new file for its owner alone, whatever the umask; one of that name is emptied.
pub fn create_private(path: &Path) -> io::Result<fs::File> {
    let new = || fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).to_owned();
    let file = new().custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    // One that was there keeps the rights it had.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Takes from everybody else what rights they have on a folder of ours and whatever lies in it: it may have been made by hand,
/// unpacked or copied. Answers how many names were open to others. Links are not followed, and what belongs to another user
/// is left alone.
pub fn make_private(folder: &Path) -> io::Result<usize> {
    let own = rustix::process::geteuid().as_raw();
    let mut count = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let is_root = path == folder;
        let found = if is_root { fs::metadata(&path)? } else { fs::symlink_metadata(&path)? };
        let kind = found.file_type();
        if found.uid() == own && found.mode() & 0o077 != 0 && (kind.is_dir() || kind.is_file()) {
            fs::set_permissions(&path, fs::Permissions::from_mode(found.mode() & 0o700))?;
            count += 1;
        }
        if kind.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        }
    }
    Ok(count)
}

/// A folder on the machine's own disk. Files are made readable for their owner alone.
pub struct RealDisk {
    root: PathBuf,
}

impl RealDisk {
    /// Makes the folder if it is not there.
    pub fn new(root: &Path) -> io::Result<RealDisk> {
        create_private_folder(root)?;
        Ok(RealDisk { root: root.to_owned() })
    }

    /// A folder that is there; nothing is made.
    pub fn existing(root: &Path) -> RealDisk {
        RealDisk { root: root.to_owned() }
    }

    /// A file for reading alone.
    pub fn open_to_read(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(fs::File::open(self.path(name))?)))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

impl Disk for RealDisk {
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(fs::OpenOptions::new().read(true).write(true).open(self.path(name))?)))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.path(name);
        if let Some(folder) = path.parent()
            && !folder.exists()
        {
            create_private_folder(folder)?;
            // What is made below must not hang from a name that a power cut takes back.
            for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.root)) {
                fs::File::open(above)?.sync_all()?;
            }
        }
        let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path(folder)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A name that is not text is none of ours.
            if let (true, Some(name)) = (entry.file_type()?.is_file(), entry.file_name().to_str()) {
                names.push(if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") });
            }
        }
        names.sort();
        Ok(names)
    }

    fn is_there(&self, name: &str) -> io::Result<bool> {
        match fs::symlink_metadata(self.path(name)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            found => found.map(|_| true),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn mark(&self, name: &str) -> io::Result<Mark> {
        let found = fs::metadata(self.path(name))?;
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Ok(Mark {
            file: found.ino(),
            length: found.len(),
            written: nanoseconds(found.mtime(), found.mtime_nsec()),
            changed: nanoseconds(found.ctime(), found.ctime_nsec()),
        })
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        fs::File::open(self.path(folder))?.sync_all()
    }
}

struct RealFile(fs::File);

impl DiskFile for RealFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn syncer(&self) -> io::Result<Syncer> {
        let file = self.0.try_clone()?;
        Ok(Box::new(move || file.sync_data()))
    }
}
