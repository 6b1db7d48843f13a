//! One file of slots, two copies: compare, and write in each what only the other still has.

use super::ring::COPIES;
use super::slots::{ERASED, LIVE, head_number, name, read_file, slot_at, stride};
use super::{Damage, SealError};
use crate::store::Failed;
use crate::store::disk::{Disk, folder_of};
use crate::store::segment::{self, Checked, FRAMES_AT, Head, Purpose};
use std::io;

/// What both copies of a file say together.
pub(super) struct Merged {
    pub maker: [u8; 16],
    pub count: u32,
    /// The file as A has it now.
    pub bytes: Vec<u8>,
    /// The file as B has it, if slots unreadable in both leave the two different.
    pub other: Option<Vec<u8>>,
}

const FRONT: usize = FRAMES_AT as usize;

/// Whether a slot's sealed key opens with a store key of ours.
pub(super) type Opens<'o> = &'o dyn Fn(&[u8; 16], &[u8]) -> bool;

/// Reads a file in both copies and mends what differs. `None`: its head is unreadable in both, which is reported.
///
/// `closely`: each slot's checksum is asked, so that what is damaged alike in both is met here and not when its key is asked for.
/// A copy none of whose keys opens is another store's: it is reported, and neither read from nor written.
pub(super) fn file(
    disk: &dyn Disk,
    file: u32,
    there: [bool; 2],
    damage: &mut Vec<Damage>,
    opens: Opens<'_>,
    closely: bool,
) -> Result<Option<Merged>, SealError> {
    let mut copies: Vec<Option<Vec<u8>>> = Vec::new();
    let mut unread = false;
    for (copy, there) in COPIES.into_iter().zip(there) {
        let read = if there { Some(read_file(disk, &name(copy, file))?) } else { None };
        unread |= read.as_ref().is_some_and(|(_, places)| !places.is_empty());
        copies.push(read.map(|(bytes, _)| bytes));
    }
    if let [Some(a), Some(b)] = copies.as_mut_slice()
        && a == b
        && !unread
        && let Some((head, count)) = whole_at_a_glance(a, file)
        && (!closely || checked(a, head, count).len() == count as usize)
        && !is_foreign(a, file, opens)?
    {
        return Ok(Some(Merged { maker: head.identity, count, bytes: std::mem::take(a), other: None }));
    }
    let mut ours = [true; 2];
    for (index, copy) in COPIES.into_iter().enumerate() {
        if let Some(bytes) = &copies[index]
            && is_foreign(bytes, file, opens)?
        {
            (copies[index], ours[index]) = (None, false);
            damage.push(Damage::SlotsForeign { copy, file });
        }
    }
    look_closer(disk, file, &copies, ours, damage)
}

/// Whether there are keys in the file and none of them is ours. The first that opens says it is.
fn is_foreign(bytes: &[u8], file: u32, opens: Opens<'_>) -> Result<bool, SealError> {
    let Some((head, count, _)) = good_front(&[bytes], file)? else { return Ok(false) };
    let mut keys = 0;
    for frame in checked(bytes, head, count).iter().filter(|frame| frame.kind == LIVE) {
        if let Some((id, sealed)) = frame.body.split_first_chunk::<16>() {
            keys += 1;
            if opens(id, sealed) {
                return Ok(false);
            }
        }
    }
    Ok(keys > 0)
}

/// The head and how many slots, if it is whole, frames fill the file exactly, and each says it is a slot.
fn whole_at_a_glance(bytes: &[u8], file: u32) -> Option<(Head, u32)> {
    let (head, count) = read_front(bytes.get(..FRONT)?, file).ok()??;
    let filled = bytes.len() == length_of(count);
    let kinds = || (0..count).all(|slot| matches!(slot_at(bytes, slot), Some((_, LIVE | ERASED))));
    (filled && kinds()).then_some((head, count))
}

/// The head that both its copies agree on, and how many slots it says. `Err` only if a newer program wrote it.
fn read_front(front: &[u8], file: u32) -> Result<Option<(Head, u32)>, SealError> {
    match segment::read("", front, Purpose::Slots, 0) {
        Ok(reading) => {
            let count = u32::try_from(reading.head.number >> 32).unwrap_or(0);
            let fits = reading.damages.is_empty() && reading.head.number == head_number(file, count);
            Ok(fits.then_some((reading.head, count)))
        }
        Err(Failed::Newer { schema, .. }) => Err(SealError::NewerSchema { schema }),
        Err(_) => Ok(None),
    }
}

fn length_of(count: u32) -> usize {
    FRONT + count as usize * stride()
}

fn look_closer(
    disk: &dyn Disk,
    file: u32,
    copies: &[Option<Vec<u8>>],
    ours: [bool; 2],
    damage: &mut Vec<Damage>,
) -> Result<Option<Merged>, SealError> {
    let present: Vec<&[u8]> = copies.iter().flatten().map(Vec::as_slice).collect();
    let Some((head, count, front)) = good_front(&present, file)? else {
        damage.push(Damage::FileLost { file });
        return Ok(None);
    };
    let check = |copy: &Option<Vec<u8>>| checked(copy.as_deref().unwrap_or_default(), head, count);
    let readings: Vec<Vec<Checked>> = copies.iter().map(check).collect();

    let mut merged: Vec<Vec<u8>> = copies.iter().map(|_| front.clone()).collect();
    let mut mended: Vec<Vec<u32>> = vec![Vec::new(); copies.len()];
    let mut lost = 0;
    for slot in 0..count {
        let range = length_of(slot)..length_of(slot + 1);
        let good = |copy: usize| {
            let frames = readings.get(copy)?;
            let at = frames.binary_search_by_key(&(u64::from(slot) + 1), |f| f.position).ok()?;
            let frame = frames.get(at).filter(|f| f.offset == range.start as u64)?;
            Some((frame.kind, copies.get(copy)?.as_ref()?.get(range.clone())?))
        };
        let candidates: Vec<_> = (0..copies.len()).filter_map(good).collect();
        // Erased in either is erased in both.
        let best = candidates.iter().find(|(kind, _)| *kind == ERASED).or(candidates.first());
        lost += u32::from(best.is_none());
        for (copy, own) in copies.iter().enumerate() {
            let own = own.as_ref().and_then(|bytes| bytes.get(range.clone()));
            // Unreadable in both: each keeps its bytes, for one of the two keys may still open.
            let any = present.iter().find_map(|bytes| bytes.get(range.clone()));
            let nothing = vec![0; stride()];
            let bytes = best.map(|(_, bytes)| *bytes).or(own).or(any).unwrap_or(&nothing);
            if best.is_some() && own != Some(bytes) {
                mended[copy].push(slot);
            }
            merged[copy].extend_from_slice(bytes);
        }
    }
    for (index, copy) in COPIES.into_iter().enumerate() {
        let own = copies[index].as_deref();
        if own != Some(&merged[index]) && ours[index] {
            write(disk, &name(copy, file), own, &merged[index])?;
            report(damage, copy, file, own, &merged[index], &mended[index]);
        }
    }
    // Neither can have been written again from the other, where neither was whole.
    let both = COPIES.map(|copy| Damage::FileMended { copy, file });
    if both.iter().all(|mended| damage.contains(mended)) {
        damage.retain(|found| !both.contains(found));
        damage.push(Damage::FilePieced { file });
    }
    if lost > 0 {
        damage.push(Damage::SlotsLost { file, slots: lost });
    }
    let mut merged = merged.into_iter();
    let bytes = merged.next().unwrap_or_default();
    let other = merged.next().filter(|other| *other != bytes);
    Ok(Some(Merged { maker: head.identity, count, bytes, other }))
}

/// A head found whole anywhere, how many slots it says, and its bytes twice in a row as a file begins with them.
fn good_front(copies: &[&[u8]], file: u32) -> Result<Option<(Head, u32, Vec<u8>)>, SealError> {
    for bytes in copies {
        for half in [0..FRONT / 2, FRONT / 2..FRONT] {
            let front = bytes.get(half).map(|head| [head, head].concat()).unwrap_or_default();
            if let Some((head, count)) = read_front(&front, file)? {
                return Ok(Some((head, count, front)));
            }
        }
    }
    Ok(None)
}

/// The frames that check, whatever became of this copy's own head. All were synced before the file got its name.
fn checked(bytes: &[u8], head: Head, count: u32) -> Vec<Checked> {
    segment::read_as("", bytes, head, u64::from(count)).frames
}

/// Writes in place where a file is there, so that an erased key is written over and not left in freed blocks.
fn write(disk: &dyn Disk, name: &str, own: Option<&[u8]>, merged: &[u8]) -> Result<(), SealError> {
    let work = || -> io::Result<()> {
        let renewed = || -> io::Result<()> {
            let unnamed = format!("{name}.new");
            let mut file = disk.create(&unnamed)?;
            file.write_at(0, merged)?;
            file.sync()?;
            disk.rename(&unnamed, name)?;
            disk.sync_folder(folder_of(name))
        };
        let Some(own) = own else { return renewed() };
        let mut file = disk.open(name)?;
        for (start, piece) in pieces(merged) {
            if own.get(start..start + piece.len()) != Some(piece) {
                file.write_at(start as u64, piece)?;
            }
        }
        if own.len() != merged.len() {
            file.set_len(merged.len() as u64)?;
        }
        file.sync()
    };
    Ok(work().map_err(|e| Failed::io(name, &e))?)
}

/// Head and frames, each with where it begins.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let (front, frames) = bytes.split_at(FRONT.min(bytes.len()));
    let frames = frames.chunks(stride()).enumerate().map(|(slot, piece)| (FRONT + slot * stride(), piece));
    std::iter::once((0, front)).chain(frames)
}

fn report(damage: &mut Vec<Damage>, copy: char, file: u32, own: Option<&[u8]>, merged: &[u8], mended: &[u32]) {
    let same_front = own.is_some_and(|own| own.len() == merged.len() && own.get(..FRONT) == merged.get(..FRONT));
    if !same_front {
        damage.push(Damage::FileMended { copy, file });
    }
    if own.is_some_and(|own| own.len() == merged.len()) {
        damage.extend(mended.iter().map(|slot| Damage::SlotMended { copy, file, slot: *slot }));
    }
}
