//! Whose keys were erased, and when: `keys/a/erased` and `keys/b/erased`. **[disk]**
//!
//! Segment files of purpose *slots* with frames of kind 3, each with its own checksum: id 16 ‖ at i64 LE, in order of id.
//! Written whole, so a copy is the old or the new one. What stands in either counts; nothing takes a tombstone away, and
//! a key that comes back from a key file is stopped by it.
//!
//! The head's identity follows from the first store key, so that a file of another store is known, named and left alone.
//! Zeros are of programs that did not write it, and count as ours: an erasure too many is seen, one too few is not.

use super::ring::COPIES;
use super::{Damage, SealError};
use crate::store::Failed;
use crate::store::disk::Disk;
use crate::store::segment::{self, FRAMES_AT, Head, Purpose, Segment};
use std::collections::BTreeMap;

const TOMBSTONE: u8 = 3;
const BODY: usize = 24;

/// Id to milliseconds UTC.
pub(super) type Tombstones = BTreeMap<[u8; 16], i64>;

fn name(copy: char) -> String {
    format!("keys/{copy}/erased")
}

/// Whose tombstones they are.
pub(super) fn identity(stores: &[(u32, [u8; 32])]) -> [u8; 16] {
    let mut identity = [0; 16];
    if let Some((_, first)) = stores.iter().min_by_key(|(generation, _)| *generation) {
        let mut hasher = blake3::Hasher::new_derive_key("dossier v1 whose tombstones");
        hasher.update(first);
        hasher.finalize_xof().fill(&mut identity);
    }
    identity
}

/// What both copies say together.
#[derive(Default)]
pub(super) struct Both {
    pub all: Tombstones,
    /// Copies that are not exactly that.
    pub stale: Vec<char>,
    /// Copies in whose place another store's lie.
    pub foreign: Vec<char>,
}

/// Both copies together. `ours` zeros: nobody can tell whose they are, and all count.
pub(super) fn read(disk: &dyn Disk, ours: [u8; 16]) -> Result<Both, SealError> {
    let mut all = Tombstones::new();
    let (mut each, mut foreign) = (Vec::new(), Vec::new());
    for copy in COPIES {
        let (found, whole, of) = read_copy(disk, copy)?;
        if ours != [0; 16] && of != [0; 16] && of != ours {
            foreign.push(copy);
            continue;
        }
        for (id, at) in &found {
            // The earlier of two stamps, so that both copies agree whichever was read first.
            all.entry(*id).and_modify(|known| *known = (*known).min(*at)).or_insert(*at);
        }
        each.push((copy, found, whole));
    }
    let stale = each.into_iter().filter(|(_, found, whole)| !whole || *found != all).map(|(copy, ..)| copy).collect();
    Ok(Both { all, stale, foreign })
}

/// The tombstones of one copy, whether it is whole, and whose it says that it is.
fn read_copy(disk: &dyn Disk, copy: char) -> Result<(Tombstones, bool, [u8; 16]), SealError> {
    let name = name(copy);
    if !disk.list(&format!("keys/{copy}")).map_err(|e| Failed::io(&name, &e))?.contains(&name) {
        return Ok((Tombstones::new(), true, [0; 16]));
    }
    let (bytes, _) = super::slots::read_file(disk, &name)?;
    // Every tombstone was synced before the file got its name, so one that cannot be read is damage, not a crash.
    let known = (bytes.len() as u64).saturating_sub(FRAMES_AT) / segment::frame_length(BODY);
    let reading = match segment::read(&name, &bytes, Purpose::Slots, known) {
        Ok(reading) => reading,
        Err(Failed::Newer { schema, .. }) => return Err(SealError::NewerSchema { schema }),
        Err(_) => return Ok((Tombstones::new(), false, [0; 16])),
    };
    let mut found = Tombstones::new();
    let mut whole = reading.damages.is_empty() && reading.tail.is_none();
    for frame in &reading.frames {
        let body = frame.body.split_first_chunk::<16>().and_then(|(id, at)| Some((*id, at.try_into().ok()?)));
        match body.filter(|_| frame.kind == TOMBSTONE) {
            Some((id, at)) => drop(found.insert(id, i64::from_le_bytes(at))),
            None => whole = false,
        }
    }
    Ok((found, whole, reading.head.identity))
}

/// Writes one copy, synced.
pub(super) fn write(disk: &dyn Disk, copy: char, ours: [u8; 16], all: &Tombstones) -> Result<(), SealError> {
    let frames: Vec<_> = all.iter().map(|(id, at)| (TOMBSTONE, [id.as_slice(), &at.to_le_bytes()].concat())).collect();
    let head = Head { purpose: Purpose::Slots, number: all.len() as u64, first: 1, identity: ours };
    Segment::create_with(disk, &name(copy), head, 0, &frames)?;
    Ok(())
}

/// Writes the copies that are not exactly `all` again.
pub(super) fn mend(
    disk: &dyn Disk,
    stale: &[char],
    ours: [u8; 16],
    all: &Tombstones,
    damage: &mut Vec<Damage>,
) -> Result<(), SealError> {
    for copy in stale {
        write(disk, *copy, ours, all)?;
        damage.push(Damage::TombstonesMended { copy: *copy });
    }
    Ok(())
}
