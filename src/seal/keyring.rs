//! The keys of one data folder, unlocked: what the floors above call. Share it in an `Arc`; every method takes `&self`.
//!
//! ```text
//! // First run: the folder gets a ring, wrapped for a key file made beside it.
//! let key_file = KeyFile::create(path, &mut random)?;
//! let keys = Keyring::create(disk, station, &here, &[NewRecipient::KeyFile(&key_file)], &mut random)?;
//!
//! // Every other run.
//! let keys = Keyring::open(disk, &Unlock::KeyFile(&KeyFile::read(path)?))?;
//! if keys.moved(&here).is_some() { keys.become_new_station(&here, &mut random)?; }   // its first record names the old head
//! keys.find_ready(&|id| /* a record or draft of this id exists */)?;
//! keys.erase(&every_subject_with_an_erasure_record)?;                                // applied again at every opening
//!
//! // A new dossier.
//! let id = keys.take()?;                      // its key is on disk, twice, already
//! let sealed = keys.seal(KeyName::Subject(Subject::Dossier(DossierId(id))), &place, plaintext)?;
//! let opened = keys.open_sealed(KeyName::Bureau, &place, &sealed)?;     // the generation is read from the bytes
//! if keys.ready_slots() < 64 { keys.make_ready(BLOCK, &mut random)?; }  // ahead, off the hot path: it syncs
//! ```

use super::cipher::{KeyKind, Named, Sealer};
use super::recipient::{NewRecipient, Recipient, Rewrap, Unlock};
use super::ring::{self, Body, Ring};
use super::slots::Slots;
use super::{Damage, Random, SealContext, SealError, Secret};
use crate::domain::{StationId, Subject};
use crate::store::disk::Disk;
use ed25519_dalek::Signer;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Slots made at a time, unless a bulk load wants more: half a second of the busiest bureau, 70 KB on disk.
pub const BLOCK: u32 = 512;
/// Subject keys kept ready in memory; beyond that all are dropped and read again.
const SEALERS_MAX: usize = 8192;

/// Which key seals, or has sealed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyName {
    /// The bureau's key: its newest generation seals, the one named in the bytes opens.
    Bureau,
    /// This station's own key, in generations likewise.
    Store,
    /// The key of a dossier, a person, a unit, or of the bureau as a subject.
    Subject(Subject),
}

/// Where this program stands; noted in the ring, so that a folder that was copied or restored is recognised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Here {
    /// The content of `/etc/machine-id`, or whatever names the machine; only its hash is kept.
    pub machine: Vec<u8>,
    /// The inode number of the data folder.
    pub inode: u64,
}

/// How a folder shows that it is not where it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// The machine's id differs: a cloned machine, or the folder was carried to another.
    OtherMachine,
    /// The machine is the same, the folder is another: a copy, or a restored backup.
    OtherFolder,
    /// Machine and folder are the same, and what stands in the folder is of before: a copy was put back. Counted by whoever
    /// opens it, since the ring goes back with the rest.
    EarlierCopy,
}

/// See the head of this file.
pub struct Keyring {
    disk: Arc<dyn Disk>,
    inner: Mutex<Inner>,
}

struct Inner {
    ring: Ring,
    slots: Slots,
    damage: Vec<Damage>,
    sealers: HashMap<(KeyKind, u32, [u8; 16]), Arc<Sealer>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")
    }
}

impl Keyring {
    /// Whether a ring stands in this folder, readable or not.
    pub fn exists(disk: &dyn Disk) -> Result<bool, SealError> {
        ring::exists(disk)
    }

    /// Who can unlock this folder, before it is unlocked: which prompt to show.
    pub fn who_can_unlock(disk: &dyn Disk) -> Result<Vec<Recipient>, SealError> {
        ring::recipients(disk)
    }

    /// Makes all keys of a new folder. Errors: `RingExists`; `LastRecipient` when `recipients` is empty.
    pub fn create(
        disk: Arc<dyn Disk>,
        station: StationId,
        here: &Here,
        recipients: &[NewRecipient<'_>],
        random: &mut dyn Random,
    ) -> Result<Keyring, SealError> {
        if ring::exists(&*disk)? {
            return Err(SealError::RingExists);
        }
        if recipients.is_empty() {
            return Err(SealError::LastRecipient);
        }
        let mut key = || Secret::random(random).map(|secret| *secret.expose());
        let mut body = Body {
            store: vec![(1, key()?)],
            bureau: vec![(1, key()?)],
            bureau_subject: key()?,
            station: station.0,
            signing: key()?,
            machine: *blake3::hash(&here.machine).as_bytes(),
            inode: here.inode,
            rewraps: Vec::new(),
        };
        for recipient in recipients {
            body.rewraps.push(Rewrap::new(recipient, random)?);
        }
        let mut ring = Ring::new(body);
        ring.keep(&*disk)?;
        Keyring::unlocked(disk, ring, Vec::new())
    }

    /// Unlocks a folder, mends what one copy has and the other has not, and carries through erasures that were cut off.
    ///
    /// Errors: `NoRing`, `RingDamaged`, `NewerSchema`, `NoSuchRecipient`, `WrongKey`. See [`Self::damage`] for the rest.
    pub fn open(disk: Arc<dyn Disk>, unlock: &Unlock<'_>) -> Result<Keyring, SealError> {
        let mut damage = Vec::new();
        let ring = Ring::open(&*disk, unlock, &mut damage)?;
        Keyring::unlocked(disk, ring, damage)
    }

    fn unlocked(disk: Arc<dyn Disk>, ring: Ring, mut damage: Vec<Damage>) -> Result<Keyring, SealError> {
        let slots = Slots::open(&*disk, &mut damage, Some(&ring.body.store))?;
        let inner = Mutex::new(Inner { ring, slots, damage, sealers: HashMap::new() });
        Ok(Keyring { disk, inner })
    }

    /// What was found wrong at opening.
    pub fn damage(&self) -> Vec<Damage> {
        self.inner().damage.clone()
    }

    // ---- sealing and opening

    /// Seals `plaintext` for `place` under the newest generation of `name`.
    /// Errors: `UnknownSubject`, `Erased`, `SlotDamaged`.
    pub fn seal(&self, name: KeyName, place: &SealContext<'_>, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        let (named, sealer) = {
            let mut inner = self.inner();
            let named = inner.newest(name)?;
            (named, inner.sealer(&*self.disk, name, named.generation)?)
        };
        sealer.seal(named, place, plaintext)
    }

    /// Opens what was sealed under `name` for this very `place`. What is returned is wiped when dropped.
    /// Errors: `NotSealed`, `OtherKind`, `DoesNotOpen`, `UnknownGeneration`, `UnknownSubject`, `Erased`, `SlotDamaged`.
    pub fn open_sealed(
        &self,
        name: KeyName,
        place: &SealContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let named = Named::of(sealed)?;
        if named.kind != kind_of(name) || (named.kind == KeyKind::Subject && named.generation != 0) {
            return Err(SealError::OtherKind);
        }
        let sealer = self.inner().sealer(&*self.disk, name, named.generation)?;
        sealer.open(place, sealed)
    }

    // ---- slots

    /// Makes `count` slots (1 to 65,536), synced in both copies, and has them ready.
    pub fn make_ready(&self, count: u32, random: &mut dyn Random) -> Result<(), SealError> {
        let mut inner = self.inner();
        let (generation, store) = inner.ring.store_key()?;
        let station = inner.ring.body.station;
        inner.slots.make(&*self.disk, station, (generation, &store), count, random)
    }

    /// Looks, once after opening, which slots of this station were never taken: `taken` says whether a record or a draft
    /// of this id exists. It is asked from the newest slot backwards until the first taken one, and must not use this
    /// keyring itself. Returns how many.
    pub fn find_ready(&self, taken: &dyn Fn(&[u8; 16]) -> bool) -> Result<usize, SealError> {
        let mut inner = self.inner();
        let Inner { ring, slots, .. } = &mut *inner;
        let store = |generation| ring::of_generation(&ring.body.store, generation);
        slots.find_ready(&*self.disk, ring.body.station, &store, taken)
    }

    /// How many slots can be taken without making more.
    pub fn ready_slots(&self) -> usize {
        self.inner().slots.ready()
    }

    /// A new random id whose key is on disk, in both copies, already, and opens; never the same twice. Errors: `NoReadySlot`;
    /// `SlotsGone`, where what was ready has been taken away.
    ///
    /// If no record of it is ever written it is found ready again after the next opening.
    pub fn take(&self) -> Result<[u8; 16], SealError> {
        let mut inner = self.inner();
        let Inner { ring, slots, .. } = &mut *inner;
        let store = |generation| ring::of_generation(&ring.body.store, generation);
        slots.take(|slots, id| slots.stands(&*self.disk, id, &store))
    }

    /// Files of slots in which some that were ready were passed over, since no copy of their keys opens. Nobody's key was in them.
    pub fn passed_over(&self) -> Vec<u32> {
        self.inner().slots.spoilt().iter().copied().collect()
    }

    /// Whether a key for this subject is here.
    pub fn has(&self, subject: Subject) -> bool {
        subject == Subject::Bureau || self.inner().slots.has(&subject.id())
    }

    /// Whether the key of a subject is here and opens.
    pub fn opens(&self, subject: Subject) -> bool {
        subject == Subject::Bureau || self.inner().sealer(&*self.disk, KeyName::Subject(subject), 0).is_ok()
    }

    /// Destroys the subjects' keys in both copies, each step synced. Call it after the erasure records are synced, and
    /// again at every opening with all of them: what is erased already costs nothing. A subject without a key here gets
    /// its tombstone all the same, so that no key file brings it back.
    ///
    /// `at`, milliseconds UTC, stands in the tombstone. Errors: `NeverErased` for a unit or the bureau, before anything
    /// is done.
    pub fn erase(&self, subjects: &[(Subject, i64)]) -> Result<(), SealError> {
        if subjects.iter().any(|(s, _)| matches!(s, Subject::Bureau | Subject::Unit(_))) {
            return Err(SealError::NeverErased);
        }
        let ids: Vec<_> = subjects.iter().map(|(subject, at)| (subject.id(), *at)).collect();
        let mut inner = self.inner();
        inner.sealers.retain(|(kind, _, id), _| *kind != KeyKind::Subject || ids.iter().all(|(i, _)| i != id));
        inner.slots.erase(&*self.disk, &ids)
    }

    /// Whether the subject's key was destroyed here.
    pub fn is_erased(&self, subject: Subject) -> bool {
        self.inner().slots.is_erased(&subject.id())
    }

    /// For the test of erasing: what somebody who holds this folder and every key in it could make of these bytes, name,
    /// place and tag disregarded. Adds each key's reading to `out`, and keys it finds in slots to `found`.
    #[cfg(test)]
    pub(crate) fn every_reading(&self, sealed: &[u8], loose: &[[u8; 32]], out: &mut Vec<Vec<u8>>) {
        let ring = &self.inner().ring.body;
        let own = ring.bureau.iter().chain(&ring.store).map(|(_, key)| *key).chain([ring.bureau_subject]);
        for key in own.chain(loose.iter().copied()) {
            out.extend(Sealer::new(&Secret::new(key)).keystream_over(sealed));
        }
    }

    /// How many subjects were erased here.
    pub fn erased_count(&self) -> usize {
        self.inner().slots.tombstones().len()
    }

    // ---- the station

    pub fn station(&self) -> StationId {
        StationId(self.inner().ring.body.station)
    }

    /// The station's Ed25519 public key; stands in its first record.
    pub fn public_key(&self) -> [u8; 32] {
        self.inner().signing_key().verifying_key().to_bytes()
    }

    /// Signs with the station's key: `log::Head::signed_bytes` of a head that leaves.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.inner().signing_key().sign(message).to_bytes()
    }

    /// The seed of the Ed25519 key by which clients know this bureau's SSH server again. It follows from a key that never
    /// changes, so it is made once, lies nowhere on disk, and is the same when a backup was restored on another machine.
    pub fn host_seed(&self) -> Secret {
        Secret::new(blake3::derive_key("dossier ssh host key, form 1", &self.inner().ring.body.bureau_subject))
    }

    /// Whether this folder is not where it was when the ring noted it.
    pub fn moved(&self, here: &Here) -> Option<Moved> {
        let inner = self.inner();
        if inner.ring.body.machine != *blake3::hash(&here.machine).as_bytes() {
            Some(Moved::OtherMachine)
        } else if inner.ring.body.inode != here.inode {
            Some(Moved::OtherFolder)
        } else {
            None
        }
    }

    /// Notes where the folder is now, without becoming another station: an administrator says that the original is gone
    /// (a new disk, `mv` to another file system).
    pub fn stay_station(&self, here: &Here) -> Result<(), SealError> {
        self.change(|body| note(body, here))
    }

    /// Goes on as a new station: new id, new signing key, and the ready slots of before are never handed out, since the
    /// original may be handing them out too. The caller's first record names the old station's head.
    pub fn become_new_station(&self, here: &Here, random: &mut dyn Random) -> Result<StationId, SealError> {
        let mut id = [0; 16];
        random.fill(&mut id)?;
        let signing = Secret::random(random)?;
        self.change(|body| {
            body.station = id;
            body.signing = *signing.expose();
            note(body, here);
        })?;
        self.inner().slots.forget_ready();
        Ok(StationId(id))
    }

    // ---- recipients and generations

    pub fn recipients(&self) -> Vec<Recipient> {
        self.inner().ring.recipients().to_vec()
    }

    /// Lets one more unlock. The same key file or recovery code again changes nothing; a new passphrase takes the place
    /// of the old, whose holder is then one that was removed, as in [`Self::remove_recipient`]: it is answered.
    pub fn add_recipient(
        &self,
        new: &NewRecipient<'_>,
        random: &mut dyn Random,
    ) -> Result<Option<Recipient>, SealError> {
        let rewrap = Rewrap::new(new, random)?;
        let replaced = self.recipient_replaced_by(new);
        let next = match replaced {
            Some(_) => Some((Secret::random(random)?, Secret::random(random)?)),
            None => None,
        };
        self.change(|body| {
            body.rewraps.retain(|r| (r.kind, r.id) != (rewrap.kind, rewrap.id));
            if let Some((key, bureau)) = &next {
                body.rewraps.retain(|r| r.kind != rewrap.kind);
                add_generation(&mut body.store, key);
                add_generation(&mut body.bureau, bureau);
            }
            body.rewraps.push(rewrap.clone());
        })?;
        if replaced.is_some() {
            self.inner().slots.outdated = true;
            self.rewrap_slots(random)?;
        }
        Ok(replaced)
    }

    /// Whom a new one would keep out: the holder of the passphrase of before.
    pub fn recipient_replaced_by(&self, new: &NewRecipient<'_>) -> Option<Recipient> {
        let one_only = matches!(new, NewRecipient::Passphrase(..));
        self.recipients().into_iter().find(|r| one_only && r.kind == super::RecipientKind::Passphrase)
    }

    /// Lets one no longer unlock; and since the one removed may have kept the keys, the store's and the bureau's keys begin
    /// new generations in the same step, and every slot is wrapped anew ([`Self::rewrap_slots`]). What the one removed kept
    /// opens what it opened then, and nothing that is sealed from now on but parts of households that there were.
    /// Errors: `NoSuchRecipient`, `LastRecipient`.
    pub fn remove_recipient(&self, recipient: &Recipient, random: &mut dyn Random) -> Result<(), SealError> {
        let known = self.recipients();
        if !known.contains(recipient) {
            return Err(SealError::NoSuchRecipient);
        }
        if known.len() == 1 {
            return Err(SealError::LastRecipient);
        }
        let (key, bureau) = (Secret::random(random)?, Secret::random(random)?);
        self.change(|body| {
            body.rewraps.retain(|r| (r.kind, r.id) != (recipient.kind, recipient.id));
            add_generation(&mut body.store, &key);
            add_generation(&mut body.bureau, &bureau);
        })?;
        self.inner().slots.outdated = true;
        self.rewrap_slots(random).map(drop)
    }

    /// Wraps every slot under the newest store key that is wrapped under one of before. Call it once [`Self::find_ready`] has
    /// told which were never taken, at every opening. Answers how many.
    pub fn rewrap_slots(&self, random: &mut dyn Random) -> Result<usize, SealError> {
        let mut inner = self.inner();
        let Inner { ring, slots, sealers, .. } = &mut *inner;
        if !slots.outdated {
            return Ok(0);
        }
        // A ready slot may get another key.
        sealers.retain(|(kind, ..), _| *kind != KeyKind::Subject);
        slots.rewrap(&*self.disk, &ring.body.store, random)
    }

    /// Whether some slots are wrapped under a store key that is not the newest.
    pub fn has_outdated_slots(&self) -> bool {
        self.inner().slots.outdated
    }

    /// A new generation of the bureau's key: records sealed from now on name it, older ones open as before.
    /// Returns its number.
    pub fn rotate_bureau(&self, random: &mut dyn Random) -> Result<u32, SealError> {
        let key = Secret::random(random)?;
        self.change(|body| add_generation(&mut body.bureau, &key))?;
        Ok(self.inner().ring.bureau_key()?.0)
    }

    /// A new generation of the store key, wrapped for all recipients; rows and drafts of before open as before, and slots
    /// are wrapped anew at the next opening.
    /// Returns its number.
    pub fn rotate_store(&self, random: &mut dyn Random) -> Result<u32, SealError> {
        let key = Secret::random(random)?;
        self.change(|body| add_generation(&mut body.store, &key))?;
        let mut inner = self.inner();
        inner.slots.outdated = inner.slots.made() > 0;
        Ok(inner.ring.store_key()?.0)
    }

    /// The newest generations of the store's and the bureau's key.
    pub fn generations(&self) -> Result<(u32, u32), SealError> {
        let ring = &self.inner().ring;
        Ok((ring.store_key()?.0, ring.bureau_key()?.0))
    }

    pub(super) fn newest_store_key(&self) -> Result<Secret, SealError> {
        Ok(self.inner().ring.store_key()?.1)
    }

    /// A counter that only grows, whatever happens to the keys: tells the newer of two key bundles.
    pub fn state_counter(&self) -> u64 {
        let inner = self.inner();
        inner.ring.counter + inner.slots.made() + inner.slots.tombstones().len() as u64
    }

    // ---- inside

    /// A panic elsewhere leaves no half-changed keyring: every change is made on a copy, or by appending.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a copy of the ring's body, keeps it on disk in both copies, and only then lets it count.
    fn change(&self, change: impl FnOnce(&mut Body)) -> Result<(), SealError> {
        let mut inner = self.inner();
        let mut body = inner.ring.body.clone();
        change(&mut body);
        let mut ring = inner.ring.with(body);
        ring.keep(&*self.disk)?;
        inner.ring = ring;
        Ok(())
    }
}

impl Inner {
    fn signing_key(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.ring.body.signing)
    }

    fn newest(&self, name: KeyName) -> Result<Named, SealError> {
        let generation = match name {
            KeyName::Bureau => self.ring.bureau_key()?.0,
            KeyName::Store => self.ring.store_key()?.0,
            KeyName::Subject(_) => 0,
        };
        Ok(Named { kind: kind_of(name), generation })
    }

    fn sealer(&mut self, disk: &dyn Disk, name: KeyName, generation: u32) -> Result<Arc<Sealer>, SealError> {
        let kind = kind_of(name);
        let id = if let KeyName::Subject(subject) = name { subject.id() } else { [0; 16] };
        if kind == KeyKind::Subject && self.slots.is_erased(&id) {
            return Err(SealError::Erased);
        }
        if let Some(sealer) = self.sealers.get(&(kind, generation, id)) {
            return Ok(Arc::clone(sealer));
        }
        let secret = match name {
            KeyName::Bureau => ring::of_generation(&self.ring.body.bureau, generation)?,
            KeyName::Store => ring::of_generation(&self.ring.body.store, generation)?,
            KeyName::Subject(Subject::Bureau) => Secret::new(self.ring.body.bureau_subject),
            KeyName::Subject(_) => {
                let store = &self.ring.body.store;
                self.slots.key(disk, &id, &|generation| ring::of_generation(store, generation))?
            }
        };
        if self.sealers.len() >= SEALERS_MAX {
            self.sealers.clear();
        }
        let sealer = Arc::new(Sealer::new(&secret));
        self.sealers.insert((kind, generation, id), Arc::clone(&sealer));
        Ok(sealer)
    }
}

fn kind_of(name: KeyName) -> KeyKind {
    match name {
        KeyName::Bureau => KeyKind::Bureau,
        KeyName::Store => KeyKind::Store,
        KeyName::Subject(_) => KeyKind::Subject,
    }
}

fn add_generation(keys: &mut Vec<(u32, [u8; 32])>, key: &Secret) {
    let newest = keys.last().map_or(0, |(generation, _)| *generation);
    keys.push((newest.saturating_add(1), *key.expose()));
}

fn note(body: &mut Body, here: &Here) {
    body.machine = *blake3::hash(&here.machine).as_bytes();
    body.inode = here.inode;
}

pub(super) mod access {
    //! What `bundle.rs` needs of the inside.
    use super::{Inner, Keyring, MutexGuard};
    use crate::seal::ring::Ring;
    use crate::seal::slots::Slots;
    use crate::store::disk::Disk;

    impl Keyring {
        pub(in crate::seal) fn disk(&self) -> &dyn Disk {
            &*self.disk
        }
        pub(in crate::seal) fn with_slots<T>(&self, work: impl FnOnce(&mut Slots, &Ring) -> T) -> T {
            let mut inner: MutexGuard<'_, Inner> = self.inner();
            let Inner { ring, slots, sealers, .. } = &mut *inner;
            // Keys may have come or gone.
            sealers.clear();
            work(slots, ring)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DossierId;
    use crate::seal::{KeyFile, SeededRandom, bundle};
    use crate::store::faulty::FaultyDisk;

    const ROW: SealContext<'static> = SealContext::Row { keyspace: "dossiers", key: b"k" };

    /// Everything that anyone with every surviving key can do to a text: each window of each file of the folder, and of
    /// the bytes handed in, is tried as a slot under every store key, and what opens is tried on the text, as are all
    /// other keys there are.
    fn whoever_has_all_keys_opens(keys: &Keyring, disk: &FaultyDisk, id: [u8; 16], sealed: &[u8]) -> bool {
        let body = keys.inner().ring.body.clone();
        let stores: Vec<Secret> = body.store.iter().map(|(_, key)| Secret::new(*key)).collect();
        let others = body.store.iter().chain(&body.bureau).map(|(_, key)| *key).chain([body.bureau_subject]);
        let mut found: Vec<Secret> = others.map(Secret::new).collect();
        for name in ["keys/a", "keys/b"].iter().flat_map(|folder| disk.list(folder).unwrap()) {
            let bytes = disk.bytes(&name).unwrap();
            found.extend(bytes.windows(32).map(|w| Secret::new(w.try_into().unwrap())));
            for window in bytes.windows(super::super::slots::BODY - 16) {
                for store in stores.iter().filter(|_| Named::of(window).is_ok()) {
                    let opened = Sealer::new(store).open(&SealContext::Slot { id }, window);
                    found.extend(opened.ok().and_then(|k| Some(Secret::new(k.as_slice().try_into().ok()?))));
                }
            }
        }
        found.iter().any(|key| Sealer::new(key).open(&ROW, sealed).is_ok())
    }

    #[test]
    fn after_an_erasure_no_surviving_key_opens_the_text_and_before_it_one_did() {
        let disk = FaultyDisk::default();
        let mut random = SeededRandom::new(1);
        let key_file = KeyFile::generate(&mut random).unwrap();
        let here = Here { machine: vec![], inode: 1 };
        let recipients = [NewRecipient::KeyFile(&key_file)];
        let keys =
            Keyring::create(Arc::new(disk.clone()), StationId([7; 16]), &here, &recipients, &mut random).unwrap();
        keys.make_ready(3, &mut random).unwrap();
        keys.rotate_store(&mut random).unwrap();
        let [gone, stays] = [(); 2].map(|()| keys.take().unwrap());
        let [text, other] = [gone, stays]
            .map(|id| keys.seal(KeyName::Subject(Subject::Dossier(DossierId(id))), &ROW, b"text").unwrap());

        assert!(whoever_has_all_keys_opens(&keys, &disk, gone, &text));
        keys.erase(&[(Subject::Dossier(DossierId(gone)), 5)]).unwrap();
        assert!(!whoever_has_all_keys_opens(&keys, &disk, gone, &text));
        assert!(whoever_has_all_keys_opens(&keys, &disk, stays, &other));
        let bundle = bundle::export(&keys).unwrap();
        let bare = FaultyDisk::default();
        bundle::restore(&bare, &bundle).unwrap();
        assert!(!whoever_has_all_keys_opens(&keys, &bare, gone, &text));
        assert!(whoever_has_all_keys_opens(&keys, &bare, stays, &other));
    }
}
