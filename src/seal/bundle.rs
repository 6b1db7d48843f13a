//! Keys on their way to a backup and back: FILE.keys. **[disk]**
//!
//! ```text
//! magic 8 `DKEYS\r\n\x1a` ‖ schema u16 ‖ counter u64 ‖ ring u32 × bytes
//! ‖ tombstones u32 × (id 16, at i64) ‖ slots u32 × (id 16, sealed 78) ‖ BLAKE3 of all before, 32
//! ```
//! Little-endian. Nothing in it is open: the ring is as on disk, slots are sealed under the store key. `counter` only
//! grows with the keys of a folder, so of two bundles the one with the higher counter is the newer.

use super::keyring::Keyring;
use super::ring;
use super::slots::{SealedSlot, Slots};
use super::tombstones::Tombstones;
use super::{SealError, Secret, Unlock};
use crate::store::disk::Disk;
use crate::store::segment::Cut;

const MAGIC: &[u8; 8] = b"DKEYS\r\n\x1a";
const SCHEMA: u16 = 1;

/// What a bundle says of itself, before any key is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contents {
    /// [`Keyring::state_counter`] when it was written.
    pub counter: u64,
    pub slots: usize,
    pub tombstones: usize,
}

/// What an import did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Imported {
    /// Keys that were not here.
    pub slots: usize,
    /// Erasures that had not been done here.
    pub erasures: usize,
}

/// All keys of the folder, sealed as they are.
pub fn export(keys: &Keyring) -> Result<Vec<u8>, SealError> {
    let counter = keys.state_counter();
    let (ring, tombstones, slots) =
        keys.with_slots(|slots, ring| (ring.bytes().to_vec(), slots.tombstones().clone(), slots.sealed(keys.disk())));
    encode(&Bundle { counter, ring, tombstones, slots: slots? })
}

/// Reads and checks a bundle to the last byte; nothing is unlocked.
pub fn look(bytes: &[u8]) -> Result<Contents, SealError> {
    let bundle = decode(bytes)?;
    Ok(Contents { counter: bundle.counter, slots: bundle.slots.len(), tombstones: bundle.tombstones.len() })
}

/// The ring in it, as it stood on disk.
pub(super) fn ring_of(bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    decode(bytes).map(|bundle| bundle.ring)
}

/// Brings back into an unlocked folder of the same origin what it has lost. What is in the folder wins: its ring, its
/// slots that open, its tombstones. Tombstones of the bundle are carried out here too.
///
/// Errors: `BundleDamaged`; `BundleForeign` if its slots are not sealed under a key of this ring.
pub fn import(keys: &Keyring, bytes: &[u8], unlock: &Unlock<'_>) -> Result<Imported, SealError> {
    let bundle = decode(bytes)?;
    let theirs = ring::unlock_bytes(&bundle.ring, unlock).map_err(|_| SealError::BundleForeign)?;
    keys.with_slots(|slots, ours| {
        if theirs.body.store.first() != ours.body.store.first() {
            return Err(SealError::BundleForeign);
        }
        take_in(keys.disk(), slots, &bundle, |slots, id| {
            let store = |generation| ring::of_generation(&ours.body.store, generation);
            slots.key(keys.disk(), id, &store).is_ok()
        })
    })
}

/// Brings back into an unlocked folder of the same origin the keys that it has lost, and nothing else: what the bundle calls erased
/// is left out, and no key here is destroyed by a file. Answers how many.
///
/// Errors: as [`import`].
pub fn bring(keys: &Keyring, bytes: &[u8], unlock: &Unlock<'_>) -> Result<usize, SealError> {
    let bundle = decode(bytes)?;
    let theirs = ring::unlock_bytes(&bundle.ring, unlock).map_err(|_| SealError::BundleForeign)?;
    keys.with_slots(|slots, ours| {
        if theirs.body.store.first() != ours.body.store.first() {
            return Err(SealError::BundleForeign);
        }
        let store = |generation| ring::of_generation(&ours.body.store, generation);
        let wanted = whole(&bundle, &store);
        slots.adopt(keys.disk(), &wanted, |slots, id| slots.key(keys.disk(), id, &store).is_ok())
    })
}

/// Puts the ring of a bundle, and its keys that the folder lacks, where no copy of the ring can be read. `theirs` is the same bundle
/// unlocked. Keys that open stay as they are, what is erased here or there stays erased, and damaged rings get another name. Answers
/// how many keys came, and those names. After an error everything stands as it stood.
pub fn bring_ring(disk: &dyn Disk, bytes: &[u8], theirs: &Keyring) -> Result<(usize, Vec<String>), SealError> {
    let bundle = decode(bytes)?;
    if ring::is_readable(disk)? {
        return Err(SealError::RingExists);
    }
    theirs.with_slots(|_, ring| {
        let stores = &ring.body.store;
        let mut slots = Slots::open(disk, &mut Vec::new(), Some(stores))?;
        let store = |generation| ring::of_generation(stores, generation);
        let wanted = whole(&bundle, &store);
        let before = slots.last_file();
        let brought = slots.adopt(disk, &wanted, |slots, id| slots.key(disk, id, &store).is_ok())?;
        // The ring last: what was cut off before it is done again.
        match ring::replace_damaged(disk, &bundle.ring) {
            Ok(aside) => Ok((brought, aside)),
            Err(why) => {
                slots.take_back(disk, before);
                Err(why)
            }
        }
    })
}

/// The slots of a bundle that are worth bringing: not erased, and whole. A backup that was made after a slot was damaged has it as
/// damaged as it was.
fn whole(bundle: &Bundle, store: &dyn Fn(u32) -> Result<Secret, SealError>) -> Vec<SealedSlot> {
    let is_whole = |(id, sealed): &&SealedSlot| {
        !bundle.tombstones.contains_key(id) && super::slots::key_in(id, sealed, store).is_some()
    };
    bundle.slots.iter().filter(is_whole).cloned().collect()
}

/// Puts a bundle into a folder that has no ring: a restore on a bare machine. Then [`Keyring::open`] unlocks it and
/// [`Keyring::moved`] says that it must go on as a new station. Slots and tombstones already in the folder win.
pub fn restore(disk: &dyn Disk, bytes: &[u8]) -> Result<Imported, SealError> {
    let bundle = decode(bytes)?;
    if ring::exists(disk)? {
        return Err(SealError::RingExists);
    }
    let mut slots = Slots::open(disk, &mut Vec::new(), None)?;
    let imported = take_in(disk, &mut slots, &bundle, |_, _| true)?;
    // The ring last: a restore that was cut off is no key folder yet, and can be done again.
    ring::write_both(disk, &bundle.ring)?;
    Ok(imported)
}

fn take_in(
    disk: &dyn Disk,
    slots: &mut Slots,
    bundle: &Bundle,
    opens: impl Fn(&Slots, &[u8; 16]) -> bool,
) -> Result<Imported, SealError> {
    let erasures: Vec<_> =
        bundle.tombstones.iter().filter(|(id, _)| !slots.is_erased(id)).map(|(id, at)| (*id, *at)).collect();
    slots.erase(disk, &erasures)?;
    Ok(Imported { slots: slots.adopt(disk, &bundle.slots, opens)?, erasures: erasures.len() })
}

struct Bundle {
    counter: u64,
    ring: Vec<u8>,
    tombstones: Tombstones,
    slots: Vec<SealedSlot>,
}

const SEALED: usize = super::slots::BODY - 16;

fn encode(bundle: &Bundle) -> Result<Vec<u8>, SealError> {
    let count = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(|_| SealError::TooLong);
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&SCHEMA.to_le_bytes());
    out.extend_from_slice(&bundle.counter.to_le_bytes());
    out.extend_from_slice(&count(bundle.ring.len())?);
    out.extend_from_slice(&bundle.ring);
    out.extend_from_slice(&count(bundle.tombstones.len())?);
    for (id, at) in &bundle.tombstones {
        out.extend_from_slice(id);
        out.extend_from_slice(&at.to_le_bytes());
    }
    out.extend_from_slice(&count(bundle.slots.len())?);
    for (id, sealed) in &bundle.slots {
        out.extend_from_slice(id);
        out.extend_from_slice(sealed);
    }
    let sum = blake3::hash(&out);
    out.extend_from_slice(sum.as_bytes());
    Ok(out)
}

fn decode(bytes: &[u8]) -> Result<Bundle, SealError> {
    let (body, sum) = bytes.split_last_chunk::<32>().ok_or(SealError::BundleDamaged)?;
    let mut cut = Cut(body);
    if cut.take() != Some(*MAGIC) || blake3::hash(body).as_bytes() != sum {
        return Err(SealError::BundleDamaged);
    }
    let schema = cut.take().map(u16::from_le_bytes).ok_or(SealError::BundleDamaged)?;
    if schema != SCHEMA {
        return Err(SealError::NewerSchema { schema });
    }
    read(&mut cut).filter(|_| cut.0.is_empty()).ok_or(SealError::BundleDamaged)
}

fn read(cut: &mut Cut<'_>) -> Option<Bundle> {
    let counter = u64::from_le_bytes(cut.take()?);
    let length = u32::from_le_bytes(cut.take()?) as usize;
    let ring = cut.bytes(length)?.to_vec();
    let mut tombstones = Tombstones::new();
    for _ in 0..u32::from_le_bytes(cut.take()?) {
        tombstones.insert(cut.take()?, i64::from_le_bytes(cut.take()?));
    }
    let mut slots = Vec::new();
    for _ in 0..u32::from_le_bytes(cut.take()?) {
        slots.push((cut.take()?, cut.bytes(SEALED)?.to_vec()));
    }
    Some(Bundle { counter, ring, tombstones, slots })
}
