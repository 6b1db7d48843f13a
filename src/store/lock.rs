//! One process owns a data folder. Three things say so: a lock on the folder itself, which nobody can delete; a lock on
//! the file `lock`, which older programs take; and the owner's token, for where locks do nothing (`owner.rs`). All come
//! before sled's, whose refusal comes last and late.

use super::network;
use super::owner::{self, Standing, Token};
use super::{Failed, OpenFailed};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

/// Held as long as this lives; the system lets go of it when the process ends, however it ends.
pub struct Lock {
    _folder: File,
    _file: File,
    token: Option<Arc<Token>>,
    path: PathBuf,
    /// The folder is on a network file system, of this kind.
    pub network: Option<String>,
}

impl Lock {
    /// Takes the folder. On a network file system only where `on_network` insists: its locks may not reach the other
    /// machine.
    pub fn take(folder: &Path, on_network: bool) -> Result<Lock, OpenFailed> {
        Lock::take_on(network::kind_of(folder), folder, on_network)
    }

    /// On a file system of this kind, where it is another machine's.
    fn take_on(network: Option<String>, folder: &Path, on_network: bool) -> Result<Lock, OpenFailed> {
        refuse(network.as_ref(), on_network)?;
        let say = |e: &std::io::Error| OpenFailed::Failed(Failed::io("lock", e));
        let own = OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(folder).map_err(|e| say(&e))?;
        let owned = |file: Option<&mut File>| OpenFailed::Owned { process: process_in(folder, file) };
        match own.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(owned(None)),
            // Some file systems lock files and no folders.
            Err(TryLockError::Error(_)) => {}
        }
        let path = folder.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            // Never through a link, and without waiting for the other side of a pipe.
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(path)
            .map_err(|e| say(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(owned(Some(&mut file))),
            Err(TryLockError::Error(error)) => return Err(say(&error)),
        }
        match owner::standing(folder) {
            Standing::Living(process) => return Err(OpenFailed::Owned { process: Some(process) }),
            // On a disk of one's own another run has ended; on a share it may be another machine's.
            Standing::Elsewhere(process) if network.is_some() => {
                return Err(OpenFailed::OwnedElsewhere { process });
            }
            Standing::Elsewhere(_) | Standing::Nobody => {}
        }
        // Only for the message; a full disk must not keep us out.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        let token = Token::put(folder)?.map(Arc::new);
        Ok(Lock { _folder: own, _file: file, token, path: folder.to_owned(), network })
    }

    /// For a folder that may only be read: nothing is written into it, and whoever writes into it on this machine keeps us
    /// out. On a network file system another machine may write meanwhile, so there too somebody has to insist.
    pub fn take_to_read(folder: &Path, on_network: bool) -> Result<(File, Option<String>), OpenFailed> {
        let network = network::kind_of(folder);
        refuse(network.as_ref(), on_network)?;
        if let Standing::Living(process) = owner::standing(folder)
            && process != std::process::id()
            && owner::holds(process, folder) != Some(false)
        {
            return Err(OpenFailed::Owned { process: Some(process) });
        }
        let own = OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(folder);
        let own = own.map_err(|e| OpenFailed::Failed(Failed::io("", &e)))?;
        match own.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Err(OpenFailed::Owned { process: process_in(folder, None) }),
            _ => Ok((own, network)),
        }
    }

    /// Whether a folder may be made there. On a network file system only where `on_network` insists.
    pub fn may_be_made(folder: &Path, on_network: bool) -> Result<(), OpenFailed> {
        let there = folder.ancestors().find(|above| above.exists()).unwrap_or(Path::new("."));
        refuse(network::kind_of(there).as_ref(), on_network)
    }

    /// Who has a folder open that stood under this path and does not any more, and where it is now.
    pub fn moved_from(folder: &Path) -> Option<(u32, PathBuf)> {
        owner::moved_from(folder)
    }

    /// Where it is, and whose token stands there now.
    pub fn looked_at(&self) -> (&Path, Option<u32>) {
        let other = match owner::standing(&self.path) {
            Standing::Living(process) | Standing::Elsewhere(process) => Some(process),
            Standing::Nobody => None,
        };
        (&self.path, other)
    }

    /// Whether the folder is still ours, or at least nobody can tell that it is not.
    pub fn stands(&self) -> bool {
        self.token.as_ref().is_none_or(|token| token.stands())
    }

    /// What says so, for as long as this is held; `None` where there was no room for it.
    pub(super) fn token(&self) -> Option<Weak<Token>> {
        self.token.as_ref().map(Arc::downgrade)
    }
}

/// A network file system is refused unless somebody insists.
fn refuse(network: Option<&String>, on_network: bool) -> Result<(), OpenFailed> {
    match network.filter(|_| !on_network) {
        Some(kind) => Err(OpenFailed::OnNetwork { kind: kind.clone() }),
        None => Ok(()),
    }
}

/// Who has it, by the token or by the lock file.
fn process_in(folder: &Path, file: Option<&mut File>) -> Option<u32> {
    if let Standing::Living(process) = owner::standing(folder) {
        return Some(process);
    }
    let read = |file: &mut File| {
        let mut text = String::new();
        file.take(20).read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    };
    match file {
        Some(file) => read(file),
        None => File::open(folder.join("lock")).ok().and_then(|mut file| read(&mut file)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_file_system_is_refused_unless_somebody_insists_and_another_machines_token_even_then() {
        let home = tempfile::tempdir().unwrap();
        let nfs = || Some("nfs".to_owned());
        let refused = Lock::take_on(nfs(), home.path(), false).err();
        assert_eq!(refused, Some(OpenFailed::OnNetwork { kind: "nfs".to_owned() }));
        assert!(std::fs::read_dir(home.path()).unwrap().next().is_none(), "nothing was written");
        let lock = Lock::take_on(nfs(), home.path(), true).unwrap();
        assert_eq!((lock.network.as_deref(), lock.stands()), (Some("nfs"), true));
        drop(lock);
        // Of another machine, which may live; on a disk of one's own it is one of before.
        let folder = std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(home.path()).unwrap());
        let token = format!("4711\n1\nanother boot\n{folder}\nchance\n");
        std::fs::write(home.path().join("owner"), &token).unwrap();
        let refused = Lock::take_on(nfs(), home.path(), true).err();
        assert_eq!(refused, Some(OpenFailed::OwnedElsewhere { process: 4711 }));
        assert_eq!(std::fs::read_to_string(home.path().join("owner")).unwrap(), token);
        assert!(Lock::take_on(None, home.path(), false).is_ok());
    }

    #[test]
    fn a_link_in_place_of_the_lock_file_is_not_followed_and_a_pipe_in_place_of_the_token_keeps_nobody_waiting() {
        let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let theirs = elsewhere.path().join("theirs");
        std::fs::write(&theirs, "precious").unwrap();
        std::os::unix::fs::symlink(&theirs, home.path().join("lock")).unwrap();
        assert!(matches!(Lock::take_on(None, home.path(), false), Err(OpenFailed::Failed(_))));
        assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "precious");
        std::fs::remove_file(home.path().join("lock")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(home.path().join("owner")).status().unwrap();
        assert!(made.success());
        let lock = Lock::take_on(None, home.path(), false).unwrap();
        assert!(lock.stands(), "our token stands where the pipe was");
    }
}
