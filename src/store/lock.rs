//! One process owns a data folder. Our own lock comes before sled's, whose refusal can't be told from other errors.

use super::{Failed, OpenFailed};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Held as long as this lives; the system lets go of it when the process ends, however it ends.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock and writes the process's number into the file, for whoever comes next to say.
    pub fn take(folder: &Path) -> Result<Lock, OpenFailed> {
        let say = |e: &std::io::Error| OpenFailed::Failed(Failed::io("lock", e));
        let path = folder.join("lock");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(|e| say(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let read = (&mut file).take(20).read_to_string(&mut text);
                return Err(OpenFailed::Owned { process: read.ok().and_then(|_| text.trim().parse().ok()) });
            }
            Err(TryLockError::Error(error)) => return Err(say(&error)),
        }
        // Only for the message; a full disk must not keep us out.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Lock { _file: file })
    }
}
