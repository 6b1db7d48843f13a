//! Noticing that an earlier copy of the folder was put back. Every opening that may write counts up twice: in the folder
//! (`turn`, synced first), and outside it, in the user's state folder, under the station's id. A copy put back brings the
//! count of its day; the one outside does not go back with it. So *outside ahead of inside* is a folder of before, and
//! nothing else is: another user, another HOME or a service has counted less outside, or nothing.
//! Beside it stands how far the station's chain went (`seen-STATION`): whoever restores an old backup is told how many records are
//! not in it; and a copy that was taken while somebody had the folder open, whose count is that of the opening, is known by
//! its shorter chain. It is noted after each answer, without a sync, and synced when a head leaves: what a power cut takes of it
//! only makes it less.

use crate::domain::{Message, StationId};
use crate::store::Disk;
use crate::store::segment::{Head, Purpose, Segment};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const INSIDE: &str = "turn";
const KIND: u8 = 1;

/// What the two counts said at opening.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turns {
    /// Nowhere to count outside was named, or the folder may only be read.
    NotCounted,
    /// As they were left.
    Alike,
    /// Outside nothing stands, or less: another user's, or a new machine's. A copy put back would not be noticed by it.
    BehindOutside,
    /// The folder is an earlier copy of itself.
    EarlierCopy,
    /// The count inside cannot be read, and may be any: whether the folder is an earlier copy is told by its chain alone.
    Unreadable,
}

/// Compares; writes nothing.
pub(super) fn look(disk: &dyn Disk, state: Option<&Path>, station: StationId) -> Turns {
    let Some(state) = state else { return Turns::NotCounted };
    let outside = outside(&file(state, station));
    let inside = inside(disk);
    match (inside, outside) {
        (None, _) => Turns::Unreadable,
        (Some(inside), Some(outside)) if outside > inside => Turns::EarlierCopy,
        (Some(inside), Some(outside)) if outside == inside => Turns::Alike,
        (Some(0), None) => Turns::Alike,
        _ => Turns::BehindOutside,
    }
}

/// Counts up: inside, synced, and only then outside. Where there is no room, or no way to write outside, no count moves
/// that cannot: the next opening finds the one outside behind, and no more.
pub(super) fn count(disk: &dyn Disk, state: Option<&Path>, station: StationId) {
    let Some(state) = state else { return };
    let place = file(state, station);
    let next = inside(disk).unwrap_or(0).max(outside(&place).unwrap_or(0)) + 1;
    let head = Head { purpose: Purpose::Note, number: 1, first: 1, identity: station.0 };
    if Segment::create_with(disk, INSIDE, head, 0, &[(KIND, next.to_le_bytes().to_vec())]).is_ok() {
        let _ = write(&place, next);
    }
}

/// What is said at opening of a count that could not be read: counting replaces what can be replaced.
pub(super) fn unreadable_in_words(disk: &dyn Disk) -> Message {
    let replaced = inside(disk).is_some();
    Message::new(if replaced { "command.doctor.turn_unreadable" } else { "command.doctor.turn_in_the_way" })
}

/// Notes how far that station's chain went, for the day on which a folder of before comes back.
pub(super) fn note_seen(state: Option<&Path>, station: StationId, seq: u64) {
    let Some(state) = state else { return };
    if seen(Some(state), station).is_none_or(|seen| seen < seq) {
        let _ = write(&seen_file(state, station), seq);
    }
}

/// How far this user of the machine has seen that station's chain go; `None`: not at all.
pub(super) fn seen(state: Option<&Path>, station: StationId) -> Option<u64> {
    outside(&seen_file(state?, station))
}

/// How far this station's chain goes, from one answer to the next.
#[derive(Default)]
pub(crate) struct Going(Mutex<u64>);

impl Going {
    /// Acknowledged up to that record. Not synced: a process that is killed leaves it all the same.
    pub(super) fn note(&self, state: Option<&Path>, station: StationId, seq: u64) {
        let Some(state) = state else { return };
        let mut gone = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *gone == 0 {
            *gone = seen(Some(state), station).unwrap_or(0);
        }
        if seq <= *gone {
            return;
        }
        *gone = seq;
        let place = seen_file(state, station);
        let open = || std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&place);
        let made = || crate::store::disk::create_private_folder(state);
        // As long as any number, so that it is written over in one piece.
        let _ = open()
            .or_else(|_| made().and_then(|()| open()))
            .and_then(|file| file.write_all_at(format!("{seq:020}\n").as_bytes(), 0));
    }
}

fn seen_file(state: &Path, station: StationId) -> PathBuf {
    state.join(format!("seen-{}", station.hex()))
}

/// 0 where nobody has counted yet; `None` if it cannot be read.
fn inside(disk: &dyn Disk) -> Option<u64> {
    if !disk.list("").ok()?.iter().any(|name| name == INSIDE) {
        // A pipe, a link or a folder in its place is damage, as bytes that do not check are, and no count of before.
        return if disk.is_there(INSIDE).ok()? { None } else { Some(0) };
    }
    let reading = Segment::read(disk, INSIDE, Purpose::Note, 1).ok()?;
    Some(u64::from_le_bytes(reading.frames.first()?.body.as_slice().try_into().ok()?))
}

fn outside(place: &Path) -> Option<u64> {
    std::fs::read_to_string(place).ok()?.trim().parse().ok()
}

fn file(state: &Path, station: StationId) -> PathBuf {
    state.join(format!("turn-{}", station.hex()))
}

fn write(place: &Path, count: u64) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    crate::store::disk::create_private_folder(folder)?;
    let unnamed = place.with_extension("new");
    let mut file = crate::store::disk::create_private(&unnamed)?;
    io::Write::write_all(&mut file, format!("{count}\n").as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&unnamed, place)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::faulty::FaultyDisk;

    #[test]
    fn what_stands_where_the_count_belongs_and_is_no_file_is_damage_and_no_earlier_copy_until_it_is_replaced() {
        use std::os::unix::fs::symlink;
        let station = StationId([5; 16]);
        for how in ["pipe", "link", "dangling link", "folder"] {
            let (home, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let (disk, own) = (crate::store::RealDisk::existing(home.path()), Some(state.path()));
            (0..3).for_each(|_| count(&disk, own, station));
            let (place, elsewhere) = (home.path().join(INSIDE), home.path().join("elsewhere"));
            std::fs::rename(&place, &elsewhere).unwrap();
            let theirs = std::fs::read(&elsewhere).unwrap();
            match how {
                "pipe" => assert!(std::process::Command::new("mkfifo").arg(&place).status().unwrap().success()),
                "link" => symlink(&elsewhere, &place).unwrap(),
                "dangling link" => symlink(home.path().join("nowhere"), &place).unwrap(),
                _ => std::fs::create_dir(&place).unwrap(),
            }
            assert_eq!(look(&disk, own, station), Turns::Unreadable, "{how}");
            count(&disk, own, station);
            assert!(std::fs::read(&elsewhere).unwrap() == theirs, "{how}: nothing is written through it");
            let (now, said) = if how == "folder" {
                (Turns::Unreadable, "command.doctor.turn_in_the_way")
            } else {
                (Turns::Alike, "command.doctor.turn_unreadable")
            };
            assert_eq!((look(&disk, own, station), unreadable_in_words(&disk).key), (now, said), "{how}");
        }
    }

    #[test]
    fn only_a_count_outside_that_is_ahead_is_an_earlier_copy() {
        let (disk, station) = (FaultyDisk::default(), StationId([5; 16]));
        let state = tempfile::tempdir().unwrap();
        let own = Some(state.path());
        let look = |disk: &FaultyDisk, state: Option<&Path>| look(disk, state, station);
        assert_eq!(look(&disk, own), Turns::Alike, "a store of an older release, and nothing outside");
        count(&disk, own, station);
        count(&disk, own, station);
        assert_eq!(look(&disk, own), Turns::Alike);
        let early = disk.copy();
        count(&disk, own, station);
        assert_eq!((look(&disk, own), look(&early, own)), (Turns::Alike, Turns::EarlierCopy));
        assert_eq!(look(&FaultyDisk::default(), own), Turns::EarlierCopy, "a copy of before anybody counted");
        let damaged = disk.copy();
        damaged.damage(INSIDE, |bytes| bytes[140] ^= 1);
        assert_eq!(look(&damaged, own), Turns::Unreadable, "damage is no earlier copy");
        count(&damaged, own, station);
        assert_eq!(look(&damaged, own), Turns::Alike, "and is mended by the next count");
        // Somebody else's state folder.
        let other = tempfile::tempdir().unwrap();
        assert_eq!(look(&early, Some(other.path())), Turns::BehindOutside);
        count(&early, Some(other.path()), station);
        assert_eq!(look(&early, Some(other.path())), Turns::Alike);
        assert_eq!(look(&early, None), Turns::NotCounted);
    }

    #[test]
    fn a_count_that_is_cut_off_anywhere_is_no_earlier_copy() {
        use crate::store::faulty::Fault;
        let station = StationId([5; 16]);
        for step in 0.. {
            let (disk, state) = (FaultyDisk::default(), tempfile::tempdir().unwrap());
            count(&disk, Some(state.path()), station);
            disk.plan(step, Fault::CrashBefore);
            count(&disk, Some(state.path()), station);
            if !disk.crashed() {
                break;
            }
            for found in [disk.after_kill(), disk.after_power_cut(step as u64)] {
                let turns = look(&found, Some(state.path()), station);
                assert!(matches!(turns, Turns::Alike | Turns::BehindOutside), "step {step}: {turns:?}");
            }
        }
    }
}
