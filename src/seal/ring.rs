//! The ring: every key but the subjects', in one small file kept twice (`keys/a/ring`, `keys/b/ring`). **[disk]**
//!
//! A segment file of purpose *note*, its number the ring's counter, with one frame of kind 10. The frame's body is
//! [`Clear`] in bincode (standard configuration): the store key wrapped for each recipient, then [`Body`] sealed under
//! the store key. A ring is always written whole, A first, under a counter one higher; the higher readable one counts.

use super::cipher::{KeyKind, Named, Sealer};
use super::recipient::{self, Recipient, Rewrap, Unlock, Wrap};
use super::{Damage, SealContext, SealError, Secret};
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
    bytes: Vec<u8>,
    /// Copies in whose place another store's ring lies.
    foreign: Vec<char>,
}

impl Ring {
    pub fn new(body: Body) -> Ring {
        Ring { counter: 0, body, recipients: Vec::new(), bytes: Vec::new(), foreign: Vec::new() }
    }

    /// Reads both copies, unlocks the newer one that is of this store, and writes the other again if it is not the same.
    /// A ring of another store that lies in a copy's place is named and left alone.
    pub fn open(disk: &dyn Disk, unlock: &Unlock<'_>, damage: &mut Vec<Damage>) -> Result<Ring, SealError> {
        let copies = copies(disk)?;
        let mut readable: Vec<&Copy> = copies.iter().filter(|copy| !copy.bytes.is_empty()).collect();
        readable.sort_by_key(|copy| std::cmp::Reverse(copy.counter));
        let mut refused = None;
        let mut opened: Option<Ring> = None;
        let mut others = Vec::new();
        for copy in readable {
            match (&opened, unlock_bytes(&copy.bytes, unlock)) {
                (None, Ok(ring)) => opened = Some(ring),
                (None, Err(why)) => {
                    refused.get_or_insert(why);
                    others.push((copy, true));
                }
                // Both open, and are of two stores: which of them the folder is, no key can say.
                (Some(ours), Ok(ring)) if ring.body.store.first() != ours.body.store.first() => {
                    return Err(SealError::RingsApart);
                }
                (Some(_), Ok(_)) => {}
                (Some(_), Err(_)) => others.push((copy, false)),
            }
        }
        let missing = if copies.iter().any(|copy| copy.there) { SealError::RingDamaged } else { SealError::NoRing };
        let Some(ring) = opened else { return Err(refused.unwrap_or(missing)) };
        let mut foreign = Vec::new();
        for (copy, newer) in others {
            if !ring.is_of_one_store_with(&copy.bytes) {
                foreign.push(copy.copy);
            } else if newer {
                // The newer ring of this store does not let this one in any more.
                return Err(refused.unwrap_or(SealError::WrongKey));
            }
        }
        for copy in copies.iter().filter(|copy| copy.bytes != ring.bytes || !copy.whole) {
            if foreign.contains(&copy.copy) {
                damage.push(Damage::RingForeign { copy: copy.copy });
            } else {
                write(disk, copy.copy, &ring.bytes, ring.counter)?;
                damage.push(Damage::RingMended { copy: copy.copy });
            }
        }
        Ok(Ring { foreign, ..ring })
    }

    /// Whether these bytes are a ring of the same store, though what unlocked this one does not unlock them: a key of ours
    /// opens them, or somebody who may open ours may open them.
    fn is_of_one_store_with(&self, bytes: &[u8]) -> bool {
        let Ok(clear) = decode(bytes) else { return false };
        let shared = listed(&clear.wraps).iter().any(|recipient| self.recipients.contains(recipient));
        let opens = || -> Result<(), SealError> {
            let key = of_generation(&self.body.store, clear.generation)?;
            let place = SealContext::Ring { counter: clear.counter, clear: clear.hash()? };
            Sealer::new(&key).open(&place, &clear.sealed).map(drop)
        };
        shared || opens().is_ok()
    }

    /// The same ring with another body, not kept yet.
    pub fn with(&self, body: Body) -> Ring {
        Ring { counter: self.counter, foreign: self.foreign.clone(), ..Ring::new(body) }
    }

    /// As it stands on disk, for a bundle.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
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
        if let Some(copy) = self.foreign.first() {
            return Err(SealError::RingForeign { copy: *copy });
        }
        let counter = self.counter + 1;
        let (generation, key) = self.store_key()?;
        let wraps = self.body.rewraps.iter().map(|r| r.wrap(&key, generation)).collect::<Result<Vec<_>, _>>()?;
        let recipients = listed(&wraps);
        let mut clear = Clear { schema: SCHEMA, counter, generation, wraps, sealed: Vec::new() };
        // Room for the whole of it at once: a buffer that grows leaves copies of keys behind.
        let mut body = Zeroizing::new(Vec::with_capacity(1 << 16));
        bincode::serde::encode_into_std_write(&self.body, &mut *body, config()).map_err(|_| SealError::TooLong)?;
        let place = SealContext::Ring { counter, clear: clear.hash()? };
        let named = Named { kind: KeyKind::Store, generation };
        clear.sealed = Sealer::new(&key).seal(named, &place, &body)?;
        let bytes = bincode::serde::encode_to_vec(&clear, config()).map_err(|_| SealError::TooLong)?;
        for copy in COPIES {
            write(disk, copy, &bytes, counter)?;
        }
        self.counter = counter;
        self.recipients = recipients;
        self.bytes = bytes;
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

/// Whether a ring stands here that can be read, whosever it is.
pub(super) fn is_readable(disk: &dyn Disk) -> Result<bool, SealError> {
    match recipients(disk) {
        Ok(_) => Ok(true),
        Err(SealError::NoRing | SealError::RingDamaged) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Puts a ring's bytes, from a bundle, where no copy can be read. It is written and synced beside both copies before anything there
/// is moved, so that a disk without room leaves all as it was; what is damaged gets another name (`ring-1.damaged`), the first that
/// is free. Answers those names. One copy in its place is enough: the next opening makes the other from it.
pub(super) fn replace_damaged(disk: &dyn Disk, bytes: &[u8]) -> Result<Vec<String>, SealError> {
    let counter = decode(bytes)?.counter;
    // What a program that stopped here leaves is taken away by the next opening, as all that ends so.
    let beside = |copy| format!("{}.new", name(copy));
    let forget = || {
        for copy in COPIES {
            let _ = disk.remove(&beside(copy));
        }
    };
    let written = COPIES.into_iter().try_for_each(|copy| write_as(disk, &beside(copy), bytes, counter));
    written.inspect_err(|_| forget())?;
    // Placed, with the name that what was there has now.
    let mut placed: Vec<(char, Option<String>)> = Vec::new();
    let (mut lasts, mut refused) = (false, None);
    for copy in COPIES {
        let done = put_in_place(disk, copy, &beside(copy)).and_then(|aside| {
            placed.push((copy, aside));
            let folder = format!("keys/{copy}");
            disk.sync_folder(&folder).map_err(|e| Failed::io(&folder, &e).into())
        });
        match done {
            Ok(()) => lasts = true,
            Err(why) => drop(refused.get_or_insert(why)),
        }
    }
    let Some(why) = refused else { return Ok(placed.into_iter().filter_map(|(_, aside)| aside).collect()) };
    if !lasts {
        // Neither is sure to last: whoever is told that it failed does it again from where it was.
        placed.retain(|(copy, aside)| !take_back(disk, *copy, &beside(*copy), aside.as_deref()));
    }
    forget();
    if placed.is_empty() { Err(why) } else { Ok(placed.into_iter().filter_map(|(_, aside)| aside).collect()) }
}

/// Answers the name that what was there has now, if anything was.
fn put_in_place(disk: &dyn Disk, copy: char, from: &str) -> Result<Option<String>, SealError> {
    let (folder, own) = (format!("keys/{copy}"), name(copy));
    let failed = |e: std::io::Error| SealError::from(Failed::io(&own, &e));
    let there = disk.list(&folder).map_err(failed)?;
    let free = |n: &u32| !there.contains(&format!("{folder}/ring-{n}.damaged"));
    let aside = format!("{folder}/ring-{}.damaged", (1..).find(free).unwrap_or(0));
    let is_there = there.contains(&own);
    if is_there {
        disk.rename(&own, &aside).map_err(failed)?;
    }
    if let Err(why) = disk.rename(from, &own) {
        if is_there {
            let _ = disk.rename(&aside, &own);
        }
        return Err(failed(why));
    }
    Ok(is_there.then_some(aside))
}

/// Whether all stands as it did before it was put in place.
fn take_back(disk: &dyn Disk, copy: char, from: &str, aside: Option<&str>) -> bool {
    let own = name(copy);
    match aside {
        // In one step, so that at no moment there is none.
        Some(aside) => disk.rename(aside, &own).is_ok(),
        None => disk.rename(&own, from).is_ok(),
    }
}

/// Who can unlock, as the ring says in the clear: for a prompt before anything is unlocked.
pub(super) fn recipients(disk: &dyn Disk) -> Result<Vec<Recipient>, SealError> {
    Ok(listed(&decode(&newest(disk)?)?.wraps))
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
    let place = SealContext::Ring { counter: clear.counter, clear: clear.hash()? };
    let opened = Sealer::new(&key).open(&place, &clear.sealed).map_err(|_| SealError::RingDamaged)?;
    let (body, used): (Body, usize) =
        bincode::serde::decode_from_slice(&opened, config()).map_err(|_| SealError::RingDamaged)?;
    if used != opened.len() || body.store.is_empty() || body.bureau.is_empty() {
        return Err(SealError::RingDamaged);
    }
    let (recipients, bytes) = (listed(&clear.wraps), bytes.to_vec());
    Ok(Ring { counter: clear.counter, body, recipients, bytes, foreign: Vec::new() })
}

/// One copy as it is found.
struct Copy {
    copy: char,
    there: bool,
    counter: u64,
    /// Empty if no ring can be read there.
    bytes: Vec<u8>,
    whole: bool,
}

fn copies(disk: &dyn Disk) -> Result<Vec<Copy>, SealError> {
    let mut copies = Vec::new();
    for copy in COPIES {
        let folder = format!("keys/{copy}");
        let there = disk.list(&folder).map_err(|e| Failed::io(&folder, &e))?.contains(&name(copy));
        let mut found = Copy { copy, there, counter: 0, bytes: Vec::new(), whole: false };
        if there {
            match Segment::read(disk, &name(copy), Purpose::Note, 0) {
                Ok(reading) => {
                    found.whole = reading.damages.is_empty() && reading.tail.is_none();
                    let frame = reading.frames.into_iter().find(|f| f.kind == RING);
                    found.bytes = frame.map(|f| f.body).unwrap_or_default();
                    found.counter = decode(&found.bytes).map(|clear| clear.counter).unwrap_or(0);
                }
                Err(Failed::Newer { schema, .. }) => return Err(SealError::NewerSchema { schema }),
                Err(older @ Failed::Older { .. }) => return Err(older.into()),
                // What the disk will not give is a copy lost, as what does not check is.
                Err(_) => {}
            }
        }
        copies.push(found);
    }
    Ok(copies)
}

/// The bytes of the newer readable ring, whosever it is.
fn newest(disk: &dyn Disk) -> Result<Vec<u8>, SealError> {
    let copies = copies(disk)?;
    let there = copies.iter().any(|copy| copy.there);
    let best = copies.into_iter().max_by_key(|copy| (copy.counter, !copy.bytes.is_empty())).map(|copy| copy.bytes);
    let missing = if there { SealError::RingDamaged } else { SealError::NoRing };
    best.filter(|bytes| !bytes.is_empty()).ok_or(missing)
}

fn write(disk: &dyn Disk, copy: char, bytes: &[u8], counter: u64) -> Result<(), SealError> {
    write_as(disk, &name(copy), bytes, counter)
}

fn write_as(disk: &dyn Disk, name: &str, bytes: &[u8], counter: u64) -> Result<(), SealError> {
    let head = Head { purpose: Purpose::Note, number: counter, first: 1, identity: [0; 16] };
    Segment::create_with(disk, name, head, 0, &[(RING, bytes.to_vec())])?;
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
