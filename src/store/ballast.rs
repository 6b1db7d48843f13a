//! A file that does nothing but take up room, until the disk is full and sled, which writes even while opening, needs some.

use super::disk::Disk;
use std::io;

const NAME: &str = "ballast";

/// Makes the file if it is not there. On a disk too full for it there will be none: that is no error.
pub fn lay(disk: &dyn Disk, bytes: u64) {
    if bytes == 0 || disk.open(NAME).is_ok() {
        return;
    }
    if fill(disk, bytes).is_err() {
        let _ = disk.remove(NAME);
    }
}

fn fill(disk: &dyn Disk, bytes: u64) -> io::Result<()> {
    // Not zeros: some file systems keep those without taking room.
    const CHUNK: usize = 1 << 16;
    let chunk = vec![0xb5; CHUNK];
    let mut file = disk.create(NAME)?;
    let mut at = 0;
    while at < bytes {
        let now = (bytes - at).min(CHUNK as u64);
        file.write_at(at, &chunk[..now as usize])?;
        at += now;
    }
    file.sync()
}

/// Gives the room back; whether there was any.
pub fn free(disk: &dyn Disk) -> bool {
    disk.remove(NAME).and_then(|()| disk.sync_folder("")).is_ok()
}
