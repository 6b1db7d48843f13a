//! The ring: every key but the subjects', in one small file kept twice (`keys/a/ring`, `keys/b/ring`). **[disk]**
//!
//! A segment file of purpose *note*, its number the ring's counter, with one frame of kind 10. The frame's body is
//! [`Clear`] in bincode (standard configuration): the store key wrapped for each recipient, then [`Body`] sealed under
//! the store key. A ring is always written whole, A first, under a counter one higher; the higher readable one counts.

use super::cipher::{KeyKind, Named, Sealer};
use super::recipient::{self, Recipient, Rewrap, Unlock, Wrap};
use super::{Damage, Place, SealError, Secret};
use crate::store::Failed;
use crate::store::disk::Disk;
use crate::store::segment::{Head, Purpose, Segment};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// The two copies, in the order in which they are written.
pub(super) const COPIES: [char; 2] = ['a', 'b'];
const RING: u8 = 10;
const SCHEMA: u16 = 1;
/// No ring is longer: 1 MiB, thousands of generations.
const MOST: usize = 1 << 20;

pub(super) fn name(copy: char) -> String {
    format!("keys/{copy}/ring")
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Clear {
    schema: u16,
    counter: u64,
    generation: u32,
    wraps: Vec<Wrap>,
    sealed: Vec<u8>,
}

/// What stands sealed in the ring.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Body {
    /// Store keys by generation, oldest first; the last one seals.
    pub store: Vec<(u32, [u8; 32])>,
    /// Bureau keys by generation, oldest first; the last one seals.
    pub bureau: Vec<(u32, [u8; 32])>,
    /// The key of the bureau as a subject.
    pub bureau_subject: [u8; 32],
    pub station: [u8; 16],
    pub signing: [u8; 32],
    /// BLAKE3 of the machine's id, and the inode of the data folder.
    pub machine: [u8; 32],
    pub inode: u64,
    pub rewraps: Vec<Rewrap>,
}

impl Drop for Body {
    fn drop(&mut self) {
        for (_, key) in self.store.iter_mut().chain(&mut self.bureau) {
            key.zeroize();
        }
        self.bureau_subject.zeroize();
        self.signing.zeroize();
    }
}

/// An unlocked ring.
pub(super) struct Ring {
    pub counter: u64,
    pub body: Body,
    recipients: Vec<Recipient>,
}

impl Ring {
    pub fn new(body: Body) -> Ring {
        Ring { counter: 0, body, recipients: Vec::new() }
    }

    /// Reads both copies, unlocks the newer readable one, and writes the other again if it is not the same.
    pub fn open(disk: &dyn Disk, unlock: &Unlock<'_>, damage: &mut Vec<Damage>) -> Result<Ring, SealError> {
        let found = newest(disk)?;
        let ring = unlock_bytes(&found.bytes, unlock)?;
        for copy in found.stale {
            write(disk, copy, &found.bytes, ring.counter)?;
            damage.push(Damage::RingMended { copy });
        }
        Ok(ring)
    }

    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    pub fn store_key(&self) -> Result<(u32, Secret), SealError> {
        last_key(&self.body.store)
    }

    pub fn bureau_key(&self) -> Result<(u32, Secret), SealError> {
        last_key(&self.body.bureau)
    }

    /// Wraps for every recipient and writes both copies. On an error the caller's ring is what it was before.
    pub fn keep(&mut self, disk: &dyn Disk) -> Result<(), SealError> {
        let counter = self.counter + 1;
        let (generation, key) = self.store_key()?;
        let wraps = self.body.rewraps.iter().map(|r| r.wrap(&key, generation)).collect::<Result<Vec<_>, _>>()?;
        let recipients = listed(&wraps);
        let mut clear = Clear { schema: SCHEMA, counter, generation, wraps, sealed: Vec::new() };
        // Room for the whole of it at once: a buffer that grows leaves copies of keys behind.
        let mut body = Zeroizing::new(Vec::with_capacity(1 << 16));
        bincode::serde::encode_into_std_write(&self.body, &mut *body, config()).map_err(|_| SealError::TooLong)?;
        let place = Place::Ring { counter, clear: clear.hash()? };
        let named = Named { kind: KeyKind::Store, generation };
        clear.sealed = Sealer::new(&key).seal(named, &place, &body)?;
        let bytes = bincode::serde::encode_to_vec(&clear, config()).map_err(|_| SealError::TooLong)?;
        for copy in COPIES {
            write(disk, copy, &bytes, counter)?;
        }
        self.counter = counter;
        self.recipients = recipients;
        Ok(())
    }
}

/// Whether a ring stands here, readable or not.
pub(super) fn exists(disk: &dyn Disk) -> Result<bool, SealError> {
    for copy in COPIES {
        let listed = disk.list(&format!("keys/{copy}")).map_err(|e| Failed::io("keys", &e))?;
        if listed.contains(&name(copy)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Who can unlock, as the ring says in the clear: for a prompt before anything is unlocked.
pub(super) fn recipients(disk: &dyn Disk) -> Result<Vec<Recipient>, SealError> {
    Ok(listed(&decode(&newest(disk)?.bytes)?.wraps))
}

/// The newer readable ring's bytes, as they stand in a bundle too.
pub(super) fn newest_bytes(disk: &dyn Disk) -> Result<Vec<u8>, SealError> {
    newest(disk).map(|found| found.bytes)
}

/// Writes a ring's bytes, from a bundle, into both copies.
pub(super) fn write_both(disk: &dyn Disk, bytes: &[u8]) -> Result<(), SealError> {
    let counter = decode(bytes)?.counter;
    COPIES.into_iter().try_for_each(|copy| write(disk, copy, bytes, counter))
}

/// Opens a ring's bytes.
pub(super) fn unlock_bytes(bytes: &[u8], unlock: &Unlock<'_>) -> Result<Ring, SealError> {
    let clear = decode(bytes)?;
    let key = recipient::unwrap(&clear.wraps, unlock)?;
    let place = Place::Ring { counter: clear.counter, clear: clear.hash()? };
    let opened = Sealer::new(&key).open(&place, &clear.sealed).map_err(|_| SealError::RingDamaged)?;
    let (body, used): (Body, usize) =
        bincode::serde::decode_from_slice(&opened, config()).map_err(|_| SealError::RingDamaged)?;
    if used != opened.len() || body.store.is_empty() || body.bureau.is_empty() {
        return Err(SealError::RingDamaged);
    }
    Ok(Ring { counter: clear.counter, body, recipients: listed(&clear.wraps) })
}

struct Found {
    bytes: Vec<u8>,
    stale: Vec<char>,
}

fn newest(disk: &dyn Disk) -> Result<Found, SealError> {
    let mut copies = Vec::new();
    let mut unreadable = false;
    for copy in COPIES {
        if !disk.list(&format!("keys/{copy}")).map_err(|e| Failed::io("keys", &e))?.contains(&name(copy)) {
            copies.push((copy, 0, Vec::new(), false));
            continue;
        }
        match Segment::read(disk, &name(copy), Purpose::Note, 0) {
            Ok(reading) => {
                let whole = reading.damages.is_empty() && reading.tail.is_none();
                let frame = reading.frames.into_iter().find(|f| f.kind == RING);
                unreadable |= frame.is_none();
                let bytes = frame.map(|f| f.body).unwrap_or_default();
                let counter = decode(&bytes).map(|clear| clear.counter).unwrap_or(0);
                copies.push((copy, counter, bytes, whole));
            }
            Err(Failed::Newer { schema, .. }) => return Err(SealError::NewerSchema { schema }),
            Err(Failed::Damaged(_) | Failed::NotOurs { .. }) => {
                unreadable = true;
                copies.push((copy, 0, Vec::new(), false));
            }
            Err(other) => return Err(other.into()),
        }
    }
    let best = copies.iter().max_by_key(|(_, counter, bytes, _)| (*counter, !bytes.is_empty())).map(|c| c.2.clone());
    let bytes = best.filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or(if unreadable { SealError::RingDamaged } else { SealError::NoRing })?;
    let stale = copies.iter().filter(|(_, _, b, whole)| *b != bytes || !whole).map(|(copy, ..)| *copy).collect();
    Ok(Found { bytes, stale })
}

fn write(disk: &dyn Disk, copy: char, bytes: &[u8], counter: u64) -> Result<(), SealError> {
    let head = Head { purpose: Purpose::Note, number: counter, first: 1, identity: [0; 16] };
    Segment::create_with(disk, &name(copy), head, 0, &[(RING, bytes.to_vec())])?;
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<Clear, SealError> {
    // The schema stands first in every ring, so that a newer one is told from a damaged one.
    let (schema, _): (u16, usize) =
        bincode::serde::decode_from_slice(bytes, config()).map_err(|_| SealError::RingDamaged)?;
    if schema != SCHEMA {
        return Err(SealError::NewerSchema { schema });
    }
    let (clear, used): (Clear, usize) =
        bincode::serde::decode_from_slice(bytes, config()).map_err(|_| SealError::RingDamaged)?;
    if used != bytes.len() {
        return Err(SealError::RingDamaged);
    }
    Ok(clear)
}

impl Clear {
    /// Over everything in the clear: a wrap that was taken out or put in is found when the body is opened.
    fn hash(&self) -> Result<[u8; 32], SealError> {
        let head = (self.schema, self.counter, self.generation, &self.wraps);
        let bytes = bincode::serde::encode_to_vec(head, config()).map_err(|_| SealError::TooLong)?;
        Ok(*blake3::hash(&bytes).as_bytes())
    }
}

fn listed(wraps: &[Wrap]) -> Vec<Recipient> {
    wraps.iter().map(|wrap| Recipient { kind: wrap.kind, id: wrap.id }).collect()
}

fn last_key(keys: &[(u32, [u8; 32])]) -> Result<(u32, Secret), SealError> {
    keys.last().map(|(generation, key)| (*generation, Secret::new(*key))).ok_or(SealError::RingDamaged)
}

/// The key of this generation.
pub(super) fn of_generation(keys: &[(u32, [u8; 32])], generation: u32) -> Result<Secret, SealError> {
    let found = keys.iter().find(|(g, _)| *g == generation);
    found.map(|(_, key)| Secret::new(*key)).ok_or(SealError::UnknownGeneration { generation })
}

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<MOST>()
}
