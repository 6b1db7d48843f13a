//! The owner's token: `FOLDER/owner` says which process has the folder, in words that another process can check without
//! any lock. Locks may be taken away (the file is deleted) or do nothing (a network share); the token is then what tells
//! the second owner that there is a first, and the first that there is a second.
//!
//! Whoever comes writes its token *before* it reads the journal. Whoever has the folder looks at the token before it writes
//! and again after it synced, and answers only then: so of two owners that know nothing of each other at most one
//! acknowledges, and what it acknowledged the other has read.

use super::Failed;
use super::disk::read_plain;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const NAME: &str = "owner";

/// What stands in the file, a line each: process, when it started, which run of which machine, which folder, chance. A copy
/// of the folder brings the file along, and is nobody's: its inode is another, as long as the owner holds this one.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Mark {
    process: u32,
    started: u64,
    boot: String,
    folder: u64,
    chance: String,
}

/// Our own token, in the folder. Dropping it takes it away, if it still is ours.
pub struct Token {
    path: PathBuf,
    text: String,
    /// The folder as it was found. A copy in its place has the same token until somebody opens it.
    folder: fs::File,
}

/// Whose token stands in a folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nobody's, or of a process of this machine that has ended.
    Nobody,
    /// Of a process that lives.
    Living(u32),
    /// Of another run or another machine: whether it lives cannot be seen from here.
    Elsewhere(u32),
}

impl Token {
    /// Puts ours into the folder, whatever stands there. `None` where there is no room for it: then nothing else is
    /// written either.
    pub fn put(folder: &Path) -> Result<Option<Token>, Failed> {
        let open = fs::File::open(folder).map_err(|error| Failed::io("", &error))?;
        let mark = Mark {
            process: std::process::id(),
            started: started(std::process::id()).unwrap_or(0),
            boot: boot(),
            folder: inode(folder),
            chance: chance(),
        };
        // Behind what is asked of a token: where the folder was, for who looks for it there when it has been moved.
        let place = placed(folder).and_then(|place| place.to_str().map(str::to_owned)).filter(|it| !it.contains('\n'));
        let text = mark.text() + &place.map(|place| place + "\n").unwrap_or_default();
        let token = Token { path: folder.join(NAME), text, folder: open };
        match token.write() {
            Ok(()) => Ok(Some(token)),
            Err(error) => match Failed::io(NAME, &error) {
                Failed::Full => Ok(None),
                failed => Err(failed),
            },
        }
    }

    /// Under another name first: whoever looks sees a token whole or the one before it.
    fn write(&self) -> std::io::Result<()> {
        let unnamed = self.path.with_extension("new");
        // A pipe of that name would keep us waiting, and a link lead elsewhere.
        if fs::symlink_metadata(&unnamed).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            fs::remove_file(&unnamed)?;
        }
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unnamed)?;
        // On a share syncing is what carries it to the server.
        let written = file.write_all(self.text.as_bytes()).and_then(|()| file.sync_all());
        written.and_then(|()| fs::rename(&unnamed, &self.path)).inspect_err(|_| {
            let _ = fs::remove_file(&unnamed);
        })
    }

    /// Whether the folder is still ours. It is not when another token stands there, and not when none does: the folder, or
    /// what was in it, has been moved away; and not when it is another folder of that name.
    pub fn stands(&self) -> bool {
        // Where the machine cannot look, for want of memory or of descriptors, nobody can tell that it is not.
        let looked = |error: &io::Error| {
            let code = error.raw_os_error();
            ![libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::EINTR].iter().any(|none| code == Some(*none))
        };
        let there = self.path.parent().map_or_else(|| Err(io::ErrorKind::NotFound.into()), fs::metadata);
        let same = match (there, self.folder.metadata()) {
            (Ok(there), Ok(ours)) => (there.dev(), there.ino()) == (ours.dev(), ours.ino()),
            (Err(error), _) | (_, Err(error)) => !looked(&error),
        };
        same && match read_plain(&self.path) {
            Ok(bytes) => bytes == self.text.as_bytes(),
            Err(error) => !looked(&error),
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if self.stands() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whose token stands there. One that cannot be read is nobody's: it may come from a power cut.
pub fn standing(folder: &Path) -> Standing {
    let text = read_plain(&folder.join(NAME)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mark = text.and_then(|text| Mark::parse(&text));
    match mark {
        Some(mark) if mark.folder != inode(folder) => Standing::Nobody,
        Some(mark) if mark.boot != boot() => Standing::Elsewhere(mark.process),
        // Two of one process meet at the lock.
        Some(mark) if mark.process != std::process::id() && started(mark.process) == Some(mark.started) => {
            Standing::Living(mark.process)
        }
        _ => Standing::Nobody,
    }
}

/// Whether a process has that very folder open. A snapshot of a folder has its inode and its token and is another one, on
/// another device. None where nobody may look.
pub fn holds(process: u32, folder: &Path) -> Option<bool> {
    let wanted = fs::metadata(folder).ok()?;
    let open = fs::read_dir(format!("/proc/{process}/fd")).ok()?;
    let is_it = |there: &fs::Metadata| (there.dev(), there.ino()) == (wanted.dev(), wanted.ino());
    Some(open.flatten().any(|one| fs::metadata(one.path()).is_ok_and(|there| is_it(&there))))
}

/// Who has a folder open that was opened under this path, and where that folder is now, though nothing may stand under the path any
/// more. It is asked of the processes of this machine whose open folders may be looked at; `None`: of none of them.
pub fn moved_from(path: &Path) -> Option<(u32, PathBuf)> {
    let wanted = placed(path)?;
    let own = |process: &fs::DirEntry| process.file_name().to_str()?.parse::<u32>().ok();
    let processes: Vec<u32> = fs::read_dir("/proc").ok()?.flatten().filter_map(|process| own(&process)).collect();
    let open = processes.into_iter().flat_map(|process| {
        let open = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        open.map(move |one| (process, one.path()))
    });
    let folders = open.filter(|(_, one)| fs::metadata(one).is_ok_and(|there| there.is_dir()));
    folders.filter_map(|(process, one)| Some((process, fs::read_link(one).ok()?))).find(|(process, now)| {
        let text = read_plain(&now.join(NAME)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text.is_some_and(|text| {
            let mark = Mark::parse(&text);
            let is_its = mark.is_some_and(|mark| mark.process == *process && started(*process) == Some(mark.started));
            is_its && *now != wanted && text.lines().nth(LINES).map(Path::new) == Some(&wanted)
        })
    })
}

/// A path by which a folder is known again, whether or not it stands there still.
fn placed(folder: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(folder).ok()?;
    match fs::canonicalize(&whole) {
        Ok(found) => Some(found),
        Err(_) => Some(fs::canonicalize(whole.parent()?).ok()?.join(whole.file_name()?)),
    }
}

/// Lines of a mark; where the folder was stands behind them.
const LINES: usize = 5;

impl Mark {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n{}\n{}\n", self.process, self.started, self.boot, self.folder, self.chance)
    }

    fn parse(text: &str) -> Option<Mark> {
        let mut lines = text.lines();
        Some(Mark {
            process: lines.next()?.parse().ok()?,
            started: lines.next()?.parse().ok()?,
            boot: lines.next()?.to_owned(),
            folder: lines.next()?.parse().ok()?,
            chance: lines.next()?.to_owned(),
        })
    }
}

/// When a living process started, in the machine's ticks: tells it from a later one of the same number.
fn started(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything; what is counted stands behind it.
    let behind = stat.rsplit_once(')')?.1;
    let mut fields = behind.split_ascii_whitespace();
    let state = fields.next()?;
    // What has ended and was not asked about yet (Z) holds nothing any more.
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Which run of which machine this is.
fn boot() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

fn inode(folder: &Path) -> u64 {
    fs::metadata(folder).map_or(0, |found| found.ino())
}

fn chance() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_until_another_is_put_there_or_the_folder_goes() {
        let folder = tempfile::tempdir().unwrap();
        let first = Token::put(folder.path()).unwrap().unwrap();
        assert!(first.stands());
        let second = Token::put(folder.path()).unwrap().unwrap();
        assert!(!first.stands() && second.stands());
        drop(first);
        assert!(second.stands(), "only one's own token is taken away");
        std::fs::remove_file(folder.path().join(NAME)).unwrap();
        assert!(!second.stands());
    }

    #[test]
    fn a_token_of_a_living_process_says_so_and_one_of_an_ended_or_another_run_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |mark: &Mark| std::fs::write(folder.path().join(NAME), mark.text()).unwrap();
        assert_eq!(standing(folder.path()), Standing::Nobody);
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let mark = Mark {
            process: child.id(),
            started: started(child.id()).unwrap(),
            boot: boot(),
            folder: inode(folder.path()),
            chance: "c".into(),
        };
        write(&mark);
        assert_eq!(standing(folder.path()), Standing::Living(child.id()));
        write(&Mark { started: mark.started + 1, ..mark.clone() });
        assert_eq!(standing(folder.path()), Standing::Nobody, "a later process of the same number");
        write(&Mark { folder: mark.folder + 1, ..mark.clone() });
        assert_eq!(standing(folder.path()), Standing::Nobody, "it came along with a copy of the folder");
        write(&Mark { boot: "another".into(), ..mark.clone() });
        assert_eq!(standing(folder.path()), Standing::Elsewhere(child.id()));
        write(&mark);
        child.kill().unwrap();
        // Killed, and not asked about yet: the system may take a moment to end it.
        while standing(folder.path()) != Standing::Nobody {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert_eq!(standing(folder.path()), Standing::Nobody);
        for torn in ["", "12\n", "x\ny\nz\nw\nv\n"] {
            std::fs::write(folder.path().join(NAME), torn).unwrap();
            assert_eq!(standing(folder.path()), Standing::Nobody, "{torn:?}");
        }
    }
}
