//! Key slots: a random id and a random key in one frame, in files kept twice, `keys/a/slots-00000001` and in `b`.
//! **[disk]**
//!
//! Segment files of purpose *slots*. The head's number is the file's own and, in its upper half, how many slots it holds,
//! so that a cut is told from an end; its identity is the station that made the slots, zeros for those that came from a
//! key bundle and so are never handed out. All frames of a file are there before it gets its name, and A before B. A frame of
//! kind 1 is a slot: id 16 ‖ the key sealed under the store key for [`SealContext::Slot`]. Erasing writes kind 2 over it in
//! place, the sealed bytes gone. Frames all have one length, so a slot is found by its number alone.
//!
//! Opening compares the copies byte by byte and looks closer only where they differ: a million slots are two reads and a
//! comparison. A slot that was damaged the same way in both copies is met at opening up to [`CLOSELY_MAX`] slots, and else when its
//! key is asked for: it does not open.

mod ready;

use super::cipher::{KeyKind, Named, OVERHEAD, Sealer};
use super::mend::{self, Merged};
use super::ring::COPIES;
use super::tombstones::{self, Tombstones};
use super::{Damage, Random, SealContext, SealError, Secret};
use crate::store::Failed;
use crate::store::disk::{Disk, read_what_can_be};
use crate::store::segment::{self, Checked, FILE_LIMIT, FRAMES_AT, Head, Purpose, Segment};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::ops::Range;

pub(super) const LIVE: u8 = 1;
pub(super) const ERASED: u8 = 2;
/// A slot's body: id and sealed key.
pub(super) const BODY: usize = 16 + SEALED;
const SEALED: usize = 32 + OVERHEAD;
/// What stands where the sealed key stood.
const GONE: [u8; SEALED] = [0xee; SEALED];
/// Bytes of a frame before its body, as `store::segment` lays it out; a test holds the two together.
const BEFORE_BODY: usize = 28;
const KIND_AT: usize = 6;
const FILE_MAX: u32 = 1 << 16;
/// So many slots are looked at closely at each opening (some 15 ms); beyond that `doctor` asks for each key.
const CLOSELY_MAX: u64 = 100_000;

/// A frame's length.
pub(super) fn stride() -> usize {
    segment::frame_length(BODY) as usize
}

/// What stands as the head's number.
pub(super) fn head_number(file: u32, count: u32) -> u64 {
    u64::from(count) << 32 | u64::from(file)
}

pub(super) fn name(copy: char, file: u32) -> String {
    format!("keys/{copy}/slots-{file:08}")
}

/// An id and its key, sealed under a store key for [`SealContext::Slot`].
pub(super) type SealedSlot = ([u8; 16], Vec<u8>);

/// All slots of a folder: where each stands, which can be taken, which are erased. Never a key.
#[derive(Default)]
pub(super) struct Slots {
    files: BTreeMap<u32, File>,
    /// Sorted by id: file and slot, from opening.
    index: Vec<([u8; 16], u32, u32)>,
    /// Made since.
    recent: HashMap<[u8; 16], (u32, u32)>,
    ready: VecDeque<[u8; 16]>,
    handed_out: HashSet<[u8; 16]>,
    /// Files in which slots were passed over: nobody's yet, and their keys do not open.
    spoilt: BTreeSet<u32>,
    erased: Tombstones,
    /// An erasure failed on its way; the next one carries all through again.
    unfinished: bool,
    /// Copies in whose place another store's slots lie: neither read nor written.
    foreign: HashSet<(char, u32)>,
    /// Some are sealed under a store key that is not the newest.
    pub outdated: bool,
    /// Whose tombstones ours are, and copies in whose place another store's lie: neither read nor written.
    whose: [u8; 16],
    foreign_tombstones: Vec<char>,
}

struct File {
    maker: [u8; 16],
    count: u32,
}

impl Slots {
    /// Reads all slot files and tombstones, mends each copy from the other, carries half-done erasures through.
    /// `stores` are the store keys by generation, to tell whose slots they are; `None` where none is at hand yet.
    pub fn open(
        disk: &dyn Disk,
        damage: &mut Vec<Damage>,
        stores: Option<&[(u32, [u8; 32])]>,
    ) -> Result<Slots, SealError> {
        let opens = |id: &[u8; 16], sealed: &[u8]| {
            let Some(stores) = stores else { return true };
            let store = Named::of(sealed).and_then(|named| super::ring::of_generation(stores, named.generation));
            store.is_ok_and(|key| Sealer::new(&key).open(&SealContext::Slot { id: *id }, sealed).is_ok())
        };
        settle(disk)?;
        let whose = stores.map_or([0; 16], tombstones::identity);
        let tombstones::Both { all, mut stale, foreign } = tombstones::read(disk, whose)?;
        damage.extend(foreign.iter().map(|copy| Damage::TombstonesForeign { copy: *copy }));
        let mut slots = Slots { erased: all, whose, foreign_tombstones: foreign, ..Slots::default() };
        let mut live_but_erased = Vec::new();
        let mut erased_without_tombstone = false;
        for (file, copies) in numbers(disk)? {
            let before = damage.len();
            let merged = mend::file(disk, file, copies, damage, &opens, slots.made() <= CLOSELY_MAX)?;
            slots.foreign.extend(damage.iter().skip(before).filter_map(|d| match d {
                Damage::SlotsForeign { copy, file } => Some((*copy, *file)),
                _ => None,
            }));
            let Some(merged) = merged else {
                slots.files.insert(file, File { maker: [0; 16], count: 0 });
                continue;
            };
            slots.files.insert(file, File { maker: merged.maker, count: merged.count });
            let newest = stores.and_then(|stores| stores.last()).map(|(generation, _)| *generation);
            slots.outdated |= newest.is_some_and(|newest| merged.has_other_generation(newest));
            for (slot, id, kind) in merged.slots() {
                slots.index.push((id, file, slot));
                let known = slots.erased.contains_key(&id);
                if kind == ERASED && !known {
                    slots.erased.insert(id, 0);
                    erased_without_tombstone = true;
                } else if kind != ERASED && known {
                    live_but_erased.push((id, file, slot));
                }
            }
        }
        slots.index.sort_unstable();
        if erased_without_tombstone {
            stale = slots.tombstone_copies().collect();
        }
        tombstones::mend(disk, &stale, whose, &slots.erased, damage)?;
        for copy in COPIES {
            slots.wipe(disk, copy, live_but_erased.iter().map(|(id, ..)| *id), false)?;
        }
        damage.extend(live_but_erased.into_iter().map(|(_, file, slot)| Damage::ErasureFinished { file, slot }));
        Ok(slots)
    }

    fn tombstone_copies(&self) -> impl Iterator<Item = char> {
        COPIES.into_iter().filter(|copy| !self.foreign_tombstones.contains(copy))
    }

    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Slots ever made here, and tombstones: only grow.
    pub fn made(&self) -> u64 {
        self.files.values().map(|f| u64::from(f.count)).sum()
    }

    pub fn tombstones(&self) -> &Tombstones {
        &self.erased
    }

    pub fn is_erased(&self, id: &[u8; 16]) -> bool {
        self.erased.contains_key(id)
    }

    pub fn has(&self, id: &[u8; 16]) -> bool {
        !self.is_erased(id) && !self.find(id).is_empty()
    }

    pub fn forget_ready(&mut self) {
        self.ready.clear();
    }

    /// Makes a file of `count` slots in both copies, and has them ready.
    pub fn make(
        &mut self,
        disk: &dyn Disk,
        station: [u8; 16],
        (generation, store): (u32, &Secret),
        count: u32,
        random: &mut dyn Random,
    ) -> Result<(), SealError> {
        let sealer = Sealer::new(store);
        let named = Named { kind: KeyKind::Store, generation };
        let mut made = Vec::new();
        for _ in 0..count.clamp(1, FILE_MAX) {
            let mut id = [0; 16];
            random.fill(&mut id)?;
            let key = Secret::random(random)?;
            made.push((id, sealer.seal(named, &SealContext::Slot { id }, key.expose())?));
        }
        self.add_file(disk, station, &made)?;
        self.ready.extend(made.into_iter().map(|(id, _)| id));
        Ok(())
    }

    /// Slots from a key bundle: what is here already, alive or erased, wins; `opens` says whether what is here is alive.
    /// Returns how many were taken over.
    pub fn adopt(
        &mut self,
        disk: &dyn Disk,
        slots: &[SealedSlot],
        opens: impl Fn(&Slots, &[u8; 16]) -> bool,
    ) -> Result<usize, SealError> {
        let mut seen = HashSet::new();
        let missing = |id: &[u8; 16]| !self.is_erased(id) && (self.find(id).is_empty() || !opens(self, id));
        let new: Vec<_> = slots
            .iter()
            .filter(|(id, sealed)| sealed.len() == SEALED && seen.insert(*id) && missing(id))
            .cloned()
            .collect();
        let before = self.last_file();
        for chunk in new.chunks(FILE_MAX as usize) {
            self.add_file(disk, [0; 16], chunk).inspect_err(|_| self.take_back(disk, before))?;
        }
        Ok(new.len())
    }

    /// The highest number that a file has.
    pub fn last_file(&self) -> u32 {
        self.files.last_key_value().map_or(0, |(number, _)| *number)
    }

    /// Takes away the files that were adopted behind that number, and what is left of one that did not come to stand: nothing rests on
    /// them yet, and the bundle still has what is in them.
    pub fn take_back(&mut self, disk: &dyn Disk, last: u32) {
        for number in last.saturating_add(1)..=self.last_file().saturating_add(1) {
            for copy in COPIES {
                let _ = disk.remove(&name(copy, number));
            }
            self.files.remove(&number);
        }
        self.recent.retain(|_, (file, _)| *file <= last);
    }

    fn add_file(&mut self, disk: &dyn Disk, maker: [u8; 16], made: &[SealedSlot]) -> Result<(), SealError> {
        let number = self.files.last_key_value().map_or(0, |(n, _)| *n).checked_add(1).ok_or(SealError::TooLong)?;
        let count = u32::try_from(made.len()).map_err(|_| SealError::TooLong)?;
        let head = Head { purpose: Purpose::Slots, number: head_number(number, count), first: 1, identity: maker };
        let frames: Vec<_> = made.iter().map(|(id, sealed)| (LIVE, [id.as_slice(), sealed].concat())).collect();
        for copy in COPIES {
            Segment::create_with(disk, &name(copy, number), head, 0, &frames)?;
        }
        self.files.insert(number, File { maker, count });
        self.recent.extend(made.iter().zip(0..).map(|((id, _), slot)| (*id, (number, slot))));
        Ok(())
    }

    /// The key in the slot of this id, from whichever copy opens.
    pub fn key(
        &self,
        disk: &dyn Disk,
        id: &[u8; 16],
        store: &dyn Fn(u32) -> Result<Secret, SealError>,
    ) -> Result<Secret, SealError> {
        if self.is_erased(id) {
            return Err(SealError::Erased);
        }
        let found = self.find(id);
        let mut refused = SealError::UnknownSubject;
        for (file, slot) in found {
            let mut gone = true;
            refused = SealError::SlotDamaged { file, slot };
            for copy in COPIES {
                let frame = match read_slot(disk, copy, file, slot) {
                    Ok(frame) => frame,
                    Err(why) => {
                        gone &= why.kind() == std::io::ErrorKind::NotFound;
                        continue;
                    }
                };
                gone = false;
                let Some(sealed) = frame.get(BEFORE_BODY + 16..BEFORE_BODY + BODY) else { continue };
                if let Some(key) = key_in(id, sealed, store) {
                    return Ok(key);
                }
            }
            // Damage is mended from elsewhere; what somebody took away may be put back.
            if gone {
                refused = SealError::SlotsGone { file };
            }
        }
        Err(refused)
    }

    /// Seals every slot under the newest store key that is sealed under one of before, in place, in A and then in B, each synced:
    /// so whoever knows a store key of before opens none of them any more. A slot that nothing took yet gets another key as
    /// well, since an older copy of the folder has its key under the old one. `stores` are the store keys, the last the newest.
    /// Answers how many; one that no key opens, and another store's file, stay as they are. What was cut off is done again.
    pub fn rewrap(
        &mut self,
        disk: &dyn Disk,
        stores: &[(u32, [u8; 32])],
        random: &mut dyn Random,
    ) -> Result<usize, SealError> {
        if !self.outdated {
            return Ok(0);
        }
        let (newest, key) = stores.last().ok_or(SealError::RingDamaged)?;
        let newest = Named { kind: KeyKind::Store, generation: *newest };
        let sealer = Sealer::new(&Secret::new(*key));
        let ready: HashSet<[u8; 16]> = self.ready.iter().copied().collect();
        let mut done: HashSet<[u8; 16]> = HashSet::new();
        for (file, count) in
            self.files.iter().map(|(number, file)| (*number, file.count)).filter(|(_, count)| *count > 0)
        {
            let mut resealed: HashMap<[u8; 16], Vec<u8>> = HashMap::new();
            for copy in COPIES.into_iter().filter(|copy| !self.foreign.contains(&(*copy, file))) {
                let (mut segment, reading) = Segment::open(disk, &name(copy, file), Purpose::Slots, u64::from(count))?;
                let mut replaced: Vec<(&Checked, [u8; 16])> = Vec::new();
                for frame in reading.frames.iter().filter(|frame| frame.kind == LIVE) {
                    let Some((id, sealed)) = frame.body.split_first_chunk::<16>() else { continue };
                    let Ok(named) = Named::of(sealed) else { continue };
                    if named.generation == newest.generation || self.is_erased(id) {
                        continue;
                    }
                    if !resealed.contains_key(id) {
                        let Ok(old) = super::ring::of_generation(stores, named.generation) else { continue };
                        let place = SealContext::Slot { id: *id };
                        let Ok(opened) = Sealer::new(&old).open(&place, sealed) else { continue };
                        let renewed = match ready.contains(id) {
                            true => sealer.seal(newest, &place, Secret::random(random)?.expose())?,
                            false => sealer.seal(newest, &place, &opened)?,
                        };
                        resealed.insert(*id, renewed);
                    }
                    replaced.push((frame, *id));
                }
                let bodies: Vec<(&Checked, Vec<u8>)> = replaced
                    .into_iter()
                    .filter_map(|(frame, id)| Some((frame, [id.as_slice(), resealed.get(&id)?].concat())))
                    .collect();
                let frames: Vec<(&Checked, u8, &[u8])> =
                    bodies.iter().map(|(frame, body)| (*frame, LIVE, body.as_slice())).collect();
                if !frames.is_empty() {
                    segment.replace_all(&frames)?;
                }
            }
            done.extend(resealed.into_keys());
        }
        self.outdated = false;
        Ok(done.len())
    }

    /// Every live slot as it stands on disk, for a bundle.
    pub fn sealed(&self, disk: &dyn Disk) -> Result<Vec<SealedSlot>, SealError> {
        let mut all = Vec::new();
        for (number, file) in self.files.iter().filter(|(_, file)| file.count > 0) {
            let bytes = self.read_either(disk, *number)?;
            for slot in 0..file.count {
                let Some((id, LIVE)) = slot_at(&bytes, slot) else { continue };
                if let Some(sealed) = sealed_at(&bytes, slot)
                    && !self.is_erased(&id)
                {
                    all.push((id, sealed.to_vec()));
                }
            }
        }
        Ok(all)
    }

    /// Tombstone and wiped key in A, then in B; each step synced before the next.
    pub fn erase(&mut self, disk: &dyn Disk, ids: &[([u8; 16], i64)]) -> Result<(), SealError> {
        let new: Vec<_> = ids.iter().filter(|(id, _)| !self.is_erased(id)).copied().collect();
        if new.is_empty() && !self.unfinished {
            return Ok(());
        }
        self.ready.retain(|ready| new.iter().all(|(id, _)| id != ready));
        self.erased.extend(new.iter().copied());
        let again = std::mem::replace(&mut self.unfinished, true);
        for copy in COPIES {
            if !self.foreign_tombstones.contains(&copy) {
                tombstones::write(disk, copy, self.whose, &self.erased)?;
            }
            if again {
                self.wipe(disk, copy, self.erased.keys().copied(), true)?;
            } else {
                self.wipe(disk, copy, new.iter().map(|(id, _)| *id), false)?;
            }
        }
        self.unfinished = false;
        Ok(())
    }

    /// Writes over the sealed keys of these ids in one copy, in place, synced. `again`: even where they seem to be gone,
    /// since after a failed sync what is read is the system's memory and not the disk.
    fn wipe(
        &self,
        disk: &dyn Disk,
        copy: char,
        ids: impl Iterator<Item = [u8; 16]>,
        again: bool,
    ) -> Result<(), SealError> {
        let mut by_file: BTreeMap<u32, Vec<([u8; 16], u32)>> = BTreeMap::new();
        for id in ids {
            for (file, slot) in self.find(&id) {
                by_file.entry(file).or_default().push((id, slot));
            }
        }
        for (file, slots) in by_file {
            let count = self.files.get(&file).map_or(0, |f| f.count);
            if self.foreign.contains(&(copy, file)) {
                continue;
            }
            let name = name(copy, file);
            let (mut segment, reading) = Segment::open(disk, &name, Purpose::Slots, u64::from(count))?;
            for (id, slot) in slots {
                let position = u64::from(slot) + 1;
                let found = reading.frames.iter().find(|f| f.position == position);
                if found.is_some_and(|f| f.kind == ERASED) && !again {
                    continue;
                }
                // Where it stands is sure even if its frame does not check: a key that cannot be read may still be there.
                let offset = FRAMES_AT + (slot as usize * stride()) as u64;
                let old = Checked { offset, position, kind: LIVE, body: vec![0; BODY] };
                segment.replace(&old, ERASED, &[id.as_slice(), &GONE].concat())?;
            }
        }
        Ok(())
    }

    /// A file's bytes, from the first copy that is ours and can be read.
    fn read_either(&self, disk: &dyn Disk, file: u32) -> Result<Vec<u8>, SealError> {
        let mut refused = SealError::SlotDamaged { file, slot: 0 };
        for copy in COPIES.into_iter().filter(|copy| !self.foreign.contains(&(*copy, file))) {
            match read_file(disk, &name(copy, file)) {
                Ok((bytes, unread)) if unread.is_empty() => return Ok(bytes),
                Ok(_) => {}
                Err(why) => refused = why,
            }
        }
        Err(refused)
    }

    /// Where slots of this id stand. More than one only after damage: a key that came back from a bundle stands beside
    /// the slot that lost it.
    fn find(&self, id: &[u8; 16]) -> Vec<(u32, u32)> {
        let from = self.index.partition_point(|(known, ..)| known < id);
        let same = self.index.get(from..).unwrap_or_default().iter().take_while(|(known, ..)| known == id);
        let indexed = same.map(|(_, file, slot)| (*file, *slot));
        self.recent.get(id).copied().into_iter().chain(indexed).collect()
    }
}

/// Id and kind of a slot in a file's bytes.
pub(super) fn slot_at(bytes: &[u8], slot: u32) -> Option<([u8; 16], u8)> {
    let start = FRAMES_AT as usize + slot as usize * stride();
    let frame = bytes.get(start..start + stride())?;
    Some((frame.get(BEFORE_BODY..)?.first_chunk().copied()?, *frame.get(KIND_AT)?))
}

/// The sealed key of a slot in a file's bytes.
fn sealed_at(bytes: &[u8], slot: u32) -> Option<&[u8]> {
    let start = FRAMES_AT as usize + slot as usize * stride() + BEFORE_BODY + 16;
    bytes.get(start..start + SEALED)
}

/// A file of keys, whole, and the places in it that the disk will not give.
pub(super) fn read_file(disk: &dyn Disk, name: &str) -> Result<(Vec<u8>, Vec<Range<u64>>), SealError> {
    let mut file = disk.open(name).map_err(|e| Failed::io(name, &e))?;
    Ok(read_what_can_be(&mut *file, FILE_LIMIT).map_err(|e| Failed::io(name, &e))?)
}

fn read_slot(disk: &dyn Disk, copy: char, file: u32, slot: u32) -> std::io::Result<Vec<u8>> {
    let mut frame = vec![0; stride()];
    let at = FRAMES_AT + (slot as usize * stride()) as u64;
    let read = disk.open(&name(copy, file))?.read_at(at, &mut frame)?;
    frame.truncate(read);
    Ok(frame)
}

/// Numbers of the slot files that either copy has, and which copies.
fn numbers(disk: &dyn Disk) -> Result<BTreeMap<u32, [bool; 2]>, SealError> {
    let mut found: BTreeMap<u32, [bool; 2]> = BTreeMap::new();
    for (index, copy) in COPIES.into_iter().enumerate() {
        for path in disk.list(&format!("keys/{copy}")).map_err(|e| Failed::io(&format!("keys/{copy}"), &e))? {
            let number = path.rsplit('/').next().and_then(|n| n.strip_prefix("slots-")).and_then(|n| n.parse().ok());
            if let Some(number) = number.filter(|n| name(copy, *n) == path) {
                found.entry(number).or_default()[index] = true;
            }
        }
    }
    Ok(found)
}

/// Takes away files that never got their name (a leftover may hold a key that is erased later), and makes those names
/// last that a killed process gave: nothing is built on what a power cut would still take back.
fn settle(disk: &dyn Disk) -> Result<(), SealError> {
    for copy in COPIES {
        let folder = format!("keys/{copy}");
        let names = disk.list(&folder).map_err(|e| Failed::io(&folder, &e))?;
        for path in names.iter().filter(|path| path.ends_with(".new")) {
            disk.remove(path).map_err(|e| Failed::io(path, &e))?;
        }
        if !names.is_empty() {
            disk.sync_folder(&folder).map_err(|e| Failed::io(&folder, &e))?;
        }
    }
    Ok(())
}

impl Merged {
    /// Whether a live slot says that another store key than that generation sealed it.
    fn has_other_generation(&self, newest: u32) -> bool {
        let sealed = |slot| sealed_at(&self.bytes, slot);
        let live = (0..self.count).filter(|slot| matches!(slot_at(&self.bytes, *slot), Some((_, LIVE))));
        live.filter_map(sealed).any(|bytes| Named::of(bytes).is_ok_and(|named| named.generation != newest))
    }

    fn slots(&self) -> impl Iterator<Item = (u32, [u8; 16], u8)> {
        let each = |bytes: &Vec<u8>, slot| slot_at(bytes, slot).map(|(id, kind)| (slot, id, kind));
        (0..self.count).flat_map(move |slot| {
            let first = each(&self.bytes, slot);
            // A slot damaged in both copies may have kept its id in the other one.
            let second = self.other.as_ref().and_then(|bytes| each(bytes, slot)).filter(|s| Some(*s) != first);
            first.into_iter().chain(second)
        })
    }
}
/// The key that is sealed in a slot; `None`: no store key opens it.
pub(super) fn key_in(id: &[u8; 16], sealed: &[u8], store: &dyn Fn(u32) -> Result<Secret, SealError>) -> Option<Secret> {
    let key = store(Named::of(sealed).ok()?.generation).ok()?;
    let key = Sealer::new(&key).open(&SealContext::Slot { id: *id }, sealed).ok()?;
    Some(Secret::new(key.as_slice().try_into().ok()?))
}
