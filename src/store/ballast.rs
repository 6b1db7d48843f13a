//! A file that does nothing but take up room, until the disk is full and sled, which writes even while opening, needs some.

use super::Failed;
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

/// Whether there is room to go on with: for the ballast, which is laid again, and for a little more, which is written,
/// synced and taken away.
pub fn room(disk: &dyn Disk, bytes: u64) -> Result<(), Failed> {
    let there = bytes == 0 || disk.open(NAME).is_ok();
    if !there {
        fill(disk, bytes).inspect_err(|_| drop(disk.remove(NAME))).map_err(|error| Failed::io(NAME, &error))?;
    }
    probe(disk).inspect_err(|_| {
        if !there {
            free(disk);
        }
    })
}

fn probe(disk: &dyn Disk) -> Result<(), Failed> {
    const PROBE: &str = "room";
    const BYTES: usize = 1 << 20;
    let tried = disk.create(PROBE).and_then(|mut file| {
        file.write_at(0, &vec![0xb5; BYTES])?;
        file.sync()
    });
    let _ = disk.remove(PROBE);
    tried.map_err(|error| Failed::io(PROBE, &error))
}

/// Gives the room back; whether there was any.
pub fn free(disk: &dyn Disk) -> bool {
    disk.remove(NAME).and_then(|()| disk.sync_folder("")).is_ok()
}
