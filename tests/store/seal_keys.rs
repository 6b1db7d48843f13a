//! What a key folder promises: who unlocks it, what rotation keeps, what a copied folder does, how keys go to a backup and
//! come back. Crashes and damaged bytes are in `seal_damage.rs`.

use dossier::domain::{DossierId, Explain, PersonId, StationId, Subject, UnitId};
use dossier::seal::{
    Here, KeyFile, KeyName, Keyring, Moved, NewRecipient, PassphraseCost, RecipientKind, RecoveryCode, SealContext,
    SealError, SeededRandom, Unlock, bundle,
};
use dossier::store::Disk;
use dossier::store::faulty::{Fault, FaultyDisk};
use std::sync::Arc;

const ROW: SealContext<'static> = SealContext::Row { keyspace: "dossiers", key: b"k" };

fn here() -> Here {
    Here { machine: b"machine one".to_vec(), inode: 17 }
}

struct Scene {
    disk: FaultyDisk,
    key_file: KeyFile,
    random: SeededRandom,
}

impl Scene {
    /// A new folder with one key file, and its keyring.
    fn new() -> (Scene, Keyring) {
        let mut random = SeededRandom::new(1);
        let key_file = KeyFile::generate(&mut random).unwrap();
        let disk = FaultyDisk::default();
        let recipients = [NewRecipient::KeyFile(&key_file)];
        let keys =
            Keyring::create(Arc::new(disk.clone()), StationId([7; 16]), &here(), &recipients, &mut random).unwrap();
        (Scene { disk, key_file, random }, keys)
    }

    fn open(&self) -> Keyring {
        self.open_with(&Unlock::KeyFile(&self.key_file)).unwrap()
    }

    fn open_with(&self, unlock: &Unlock<'_>) -> Result<Keyring, SealError> {
        Keyring::open(Arc::new(self.disk.clone()), unlock)
    }
}

fn dossier(id: [u8; 16]) -> KeyName {
    KeyName::Subject(Subject::Dossier(DossierId(id)))
}

fn opens(keys: &Keyring, name: KeyName, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    keys.open_sealed(name, &ROW, sealed).map(|text| text.to_vec())
}

#[test]
fn what_is_sealed_opens_after_the_next_start_under_every_kind_of_key() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(4, &mut scene.random).unwrap();
    let [a, b, c] = [(); 3].map(|()| keys.take().unwrap());
    let names = [
        KeyName::Bureau,
        KeyName::Store,
        KeyName::Subject(Subject::Bureau),
        dossier(a),
        KeyName::Subject(Subject::Person(PersonId(b))),
        KeyName::Subject(Subject::Unit(UnitId(c))),
    ];
    let sealed = names.map(|name| keys.seal(name, &ROW, b"text").unwrap());
    let again = scene.open();
    assert!(again.damage().is_empty());
    for (i, name) in names.into_iter().enumerate() {
        for (j, sealed) in sealed.iter().enumerate() {
            let opened = opens(&again, name, sealed);
            assert_eq!(opened.is_ok(), i == j, "{name:?} on the text of {:?}", names[j]);
        }
        assert_eq!(again.seal(name, &ROW, b"text").unwrap(), sealed[i]);
    }
}

#[test]
fn a_subject_without_a_key_is_named_and_another_kind_of_key_too() {
    let (_, keys) = Scene::new();
    assert_eq!(keys.seal(dossier([9; 16]), &ROW, b"x"), Err(SealError::UnknownSubject));
    let sealed = keys.seal(KeyName::Store, &ROW, b"x").unwrap();
    assert_eq!(opens(&keys, KeyName::Bureau, &sealed), Err(SealError::OtherKind));
    assert_eq!(opens(&keys, KeyName::Store, b"short"), Err(SealError::NotSealed));
    assert_eq!(opens(&keys, KeyName::Store, b""), Err(SealError::NotSealed));
}

#[test]
fn each_recipient_unlocks_and_none_else() {
    let (mut scene, keys) = Scene::new();
    let code = RecoveryCode::generate();
    keys.add_recipient(&NewRecipient::Passphrase("山高水长 2026", PassphraseCost::TINY), &mut scene.random).unwrap();
    keys.add_recipient(&NewRecipient::Recovery(&code), &mut scene.random).unwrap();
    let sealed = keys.seal(KeyName::Store, &ROW, b"text").unwrap();
    let kinds: Vec<_> = keys.recipients().iter().map(|r| r.kind).collect();
    assert_eq!(kinds, [RecipientKind::KeyFile, RecipientKind::Passphrase, RecipientKind::Recovery]);
    assert_eq!(Keyring::who_can_unlock(&scene.disk).unwrap(), keys.recipients());

    let typed = RecoveryCode::parse(&code.to_text()).unwrap();
    for unlock in [
        Unlock::KeyFile(&scene.key_file),
        Unlock::Passphrase("山高水长 2026"),
        // The same with an input method's full-width digits and space.
        Unlock::Passphrase("山高水长　２０２６"),
        Unlock::Recovery(&typed),
    ] {
        assert_eq!(opens(&scene.open_with(&unlock).unwrap(), KeyName::Store, &sealed).unwrap(), b"text");
    }

    let other_file = KeyFile::generate(&mut scene.random).unwrap();
    let other_code = RecoveryCode::generate();
    for unlock in [Unlock::KeyFile(&other_file), Unlock::Passphrase("山高水长 2027"), Unlock::Recovery(&other_code)]
    {
        assert_eq!(scene.open_with(&unlock).err(), Some(SealError::WrongKey));
    }
}

#[test]
fn a_way_in_that_was_never_made_is_named() {
    let (scene, _) = Scene::new();
    assert_eq!(scene.open_with(&Unlock::Passphrase("anything at all")).err(), Some(SealError::NoSuchRecipient));
}

#[test]
fn a_passphrase_of_seven_characters_is_refused_and_one_of_eight_is_taken() {
    let (mut scene, keys) = Scene::new();
    let add = |phrase: &str, scene: &mut Scene| {
        keys.add_recipient(&NewRecipient::Passphrase(phrase, PassphraseCost::TINY), &mut scene.random).map(drop)
    };
    assert_eq!(add("七个字也不够长", &mut scene), Err(SealError::PassphraseShort));
    assert_eq!(add("八个字就够长了啊", &mut scene), Ok(()));
}

#[test]
fn a_new_passphrase_takes_the_place_of_the_old() {
    let (mut scene, keys) = Scene::new();
    for phrase in ["the first one", "the second one"] {
        keys.add_recipient(&NewRecipient::Passphrase(phrase, PassphraseCost::TINY), &mut scene.random).unwrap();
    }
    assert_eq!(keys.recipients().len(), 2);
    assert_eq!(scene.open_with(&Unlock::Passphrase("the first one")).err(), Some(SealError::WrongKey));
    assert!(scene.open_with(&Unlock::Passphrase("the second one")).is_ok());
}

#[test]
fn one_removed_no_longer_unlocks_and_what_was_sealed_before_still_opens() {
    let (mut scene, keys) = Scene::new();
    let code = RecoveryCode::generate();
    keys.add_recipient(&NewRecipient::Recovery(&code), &mut scene.random).unwrap();
    keys.make_ready(1, &mut scene.random).unwrap();
    let id = keys.take().unwrap();
    let before = [KeyName::Store, dossier(id)].map(|name| (name, keys.seal(name, &ROW, b"text").unwrap()));

    let key_file = keys.recipients()[0];
    keys.remove_recipient(&key_file, &mut scene.random).unwrap();
    let gone = scene.open_with(&Unlock::KeyFile(&scene.key_file)).err();
    assert_eq!(gone, Some(SealError::NoSuchRecipient));
    let again = scene.open_with(&Unlock::Recovery(&code)).unwrap();
    for (name, sealed) in &before {
        assert_eq!(opens(&again, *name, sealed).unwrap(), b"text");
    }
    assert_ne!(again.seal(KeyName::Store, &ROW, b"text").unwrap(), before[0].1);
    // The last way in stays.
    assert_eq!(again.remove_recipient(&again.recipients()[0], &mut scene.random), Err(SealError::LastRecipient));
    assert_eq!(again.remove_recipient(&key_file, &mut scene.random), Err(SealError::NoSuchRecipient));
}

/// What somebody can unlock with a ring of before and the slots of now: the store keys that the ring holds, on those slots.
fn slots_of_now_under_a_ring_of_before(before: &FaultyDisk, now: &FaultyDisk, key_file: &KeyFile) -> Option<Keyring> {
    let mixed = before.copy();
    for copy in ['a', 'b'] {
        let name = format!("keys/{copy}/slots-00000001");
        mixed.damage(&name, |bytes| *bytes = now.bytes(&name).unwrap());
    }
    Keyring::open(Arc::new(mixed), &Unlock::KeyFile(key_file)).ok()
}

#[test]
fn a_key_taken_out_opens_no_slot_wrapped_since_and_nothing_of_households_that_come() {
    let (mut scene, keys) = Scene::new();
    let code = RecoveryCode::generate();
    keys.add_recipient(&NewRecipient::Recovery(&code), &mut scene.random).unwrap();
    keys.make_ready(3, &mut scene.random).unwrap();
    let there = keys.take().unwrap();
    let sealed = keys.seal(dossier(there), &ROW, b"text").unwrap();
    let before = scene.disk.copy();
    let unlocked_before = Keyring::open(Arc::new(before.copy()), &Unlock::KeyFile(&scene.key_file)).unwrap();
    let generations = keys.generations().unwrap();

    let key_file = keys.recipients()[0];
    keys.remove_recipient(&key_file, &mut scene.random).unwrap();
    assert_eq!(keys.generations(), Ok((generations.0 + 1, generations.1 + 1)), "store and bureau begin anew");
    assert!(!keys.has_outdated_slots());
    let to_come = keys.take().unwrap();
    let (later, ledger) =
        (keys.seal(dossier(to_come), &ROW, b"text").unwrap(), keys.seal(KeyName::Bureau, &ROW, b"text").unwrap());
    // With the old ring and the slots of now: no key of them opens.
    let mixed = slots_of_now_under_a_ring_of_before(&before, &scene.disk, &scene.key_file);
    assert!(mixed.is_none_or(|keys| opens(&keys, dossier(there), &sealed).is_err()));
    // With a whole old copy: what was there then, and neither a ledger part nor a household of now.
    assert_eq!(opens(&unlocked_before, dossier(there), &sealed).unwrap(), b"text");
    assert!(opens(&unlocked_before, dossier(to_come), &later).is_err(), "a slot that was ready got another key");
    assert!(opens(&unlocked_before, KeyName::Bureau, &ledger).is_err());
    // Whoever stays reads all of it, after the next opening too.
    let again = scene.open_with(&Unlock::Recovery(&code)).unwrap();
    assert_eq!((again.damage(), again.has_outdated_slots()), (Vec::new(), false));
    for (name, text) in [(dossier(there), &sealed), (dossier(to_come), &later), (KeyName::Bureau, &ledger)] {
        assert_eq!(opens(&again, name, text).unwrap(), b"text");
    }
}

#[test]
fn wrapping_slots_anew_may_be_cut_off_anywhere_and_is_done_again() {
    let (mut scene, keys) = Scene::new();
    let second = KeyFile::generate(&mut scene.random).unwrap();
    keys.add_recipient(&NewRecipient::KeyFile(&second), &mut scene.random).unwrap();
    keys.make_ready(3, &mut scene.random).unwrap();
    let [id, gone] = [(); 2].map(|()| keys.take().unwrap());
    let sealed = keys.seal(dossier(id), &ROW, b"text").unwrap();
    keys.erase(&[(Subject::Dossier(DossierId(gone)), 5)]).unwrap();
    let first = keys.recipients()[0];
    let start = scene.disk.copy();
    let mut cuts = 0;
    for step in 0.. {
        let disk = start.copy();
        let keys = Keyring::open(Arc::new(disk.clone()), &Unlock::KeyFile(&second)).unwrap();
        disk.plan(step, Fault::CrashBefore);
        let removed = keys.remove_recipient(&first, &mut SeededRandom::new(9));
        if !disk.crashed() {
            assert_eq!(removed, Ok(()));
            break;
        }
        cuts += 1;
        for found in [disk.after_kill(), disk.after_power_cut(step as u64)] {
            let keys = Keyring::open(Arc::new(found.clone()), &Unlock::KeyFile(&second))
                .unwrap_or_else(|e| panic!("step {step}: {e:?}"));
            assert_eq!(opens(&keys, dossier(id), &sealed).unwrap(), b"text", "step {step}");
            assert_eq!(opens(&keys, dossier(gone), &sealed), Err(SealError::Erased));
            keys.find_ready(&|other| *other == id || *other == gone).unwrap();
            keys.rewrap_slots(&mut SeededRandom::new(10)).unwrap();
            assert!(!keys.has_outdated_slots());
            let again = Keyring::open(Arc::new(found.clone()), &Unlock::KeyFile(&second)).unwrap();
            assert_eq!(again.damage(), [], "step {step}: both copies are alike");
            assert_eq!(opens(&again, dossier(id), &sealed).unwrap(), b"text");
        }
    }
    assert!(cuts > 8, "{cuts}");
}

#[test]
fn a_rotated_key_seals_anew_and_opens_what_every_generation_sealed() {
    let (mut scene, keys) = Scene::new();
    for name in [KeyName::Bureau, KeyName::Store] {
        let mut sealed = vec![keys.seal(name, &ROW, b"text").unwrap()];
        for generation in 2..5 {
            let made = match name {
                KeyName::Bureau => keys.rotate_bureau(&mut scene.random),
                _ => keys.rotate_store(&mut scene.random),
            };
            assert_eq!(made, Ok(generation));
            sealed.push(keys.seal(name, &ROW, b"text").unwrap());
        }
        let again = scene.open();
        for text in &sealed {
            assert_eq!(opens(&again, name, text).unwrap(), b"text");
        }
        // A generation that this ring has never seen.
        let mut later = sealed[3].clone();
        later[2] = 5;
        assert_eq!(opens(&again, name, &later), Err(SealError::UnknownGeneration { generation: 5 }));
    }
}

#[test]
fn no_id_is_handed_out_twice_and_a_taken_one_never_again() {
    let (mut scene, keys) = Scene::new();
    assert_eq!(keys.take(), Err(SealError::NoReadySlot));
    keys.make_ready(3, &mut scene.random).unwrap();
    keys.make_ready(3, &mut scene.random).unwrap();
    let mut taken: Vec<_> = (0..4).map(|_| keys.take().unwrap()).collect();
    assert_eq!(keys.find_ready(&|id| taken.contains(id)), Ok(2));

    // The next start: the last of the four never came to a record, so it is ready again.
    let unused = taken.pop().unwrap();
    let again = scene.open();
    assert_eq!(again.ready_slots(), 0);
    assert_eq!(again.find_ready(&|id| taken.contains(id)), Ok(3));
    assert_eq!(again.take(), Ok(unused));
    for _ in 0..2 {
        let id = again.take().unwrap();
        assert!(!taken.contains(&id));
        taken.push(id);
    }
    assert_eq!(again.take(), Err(SealError::NoReadySlot));
}

#[test]
fn an_erased_subject_opens_no_more_and_units_and_the_bureau_are_never_erased() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(3, &mut scene.random).unwrap();
    let [gone, stays] = [(); 2].map(|()| keys.take().unwrap());
    let sealed = keys.seal(dossier(gone), &ROW, b"text").unwrap();
    let kept = keys.seal(dossier(stays), &ROW, b"text").unwrap();
    assert_eq!(opens(&keys, dossier(gone), &sealed).unwrap(), b"text");

    for never in [Subject::Bureau, Subject::Unit(UnitId(stays))] {
        let all = [(Subject::Dossier(DossierId(gone)), 5), (never, 5)];
        assert_eq!(keys.erase(&all), Err(SealError::NeverErased));
    }
    assert_eq!(opens(&keys, dossier(gone), &sealed).unwrap(), b"text");

    let subject = Subject::Dossier(DossierId(gone));
    for keys in [&keys, &scene.open(), &scene.open()] {
        keys.erase(&[(subject, 5)]).unwrap();
        assert_eq!(opens(keys, dossier(gone), &sealed), Err(SealError::Erased));
        assert_eq!(keys.seal(dossier(gone), &ROW, b"text"), Err(SealError::Erased));
        assert!(keys.is_erased(subject) && !keys.has(subject));
        assert_eq!(opens(keys, dossier(stays), &kept).unwrap(), b"text");
    }
}

#[test]
fn a_ready_slot_that_is_erased_is_not_handed_out() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(2, &mut scene.random).unwrap();
    let first = keys.take().unwrap();
    keys.erase(&[(Subject::Dossier(DossierId(first)), 5)]).unwrap();
    assert_eq!(keys.find_ready(&|_| false), Ok(1));
    assert_ne!(keys.take().unwrap(), first);
}

#[test]
fn a_tombstone_beats_a_key_bundle_from_before_the_erasure() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(2, &mut scene.random).unwrap();
    let [gone, stays] = [(); 2].map(|()| keys.take().unwrap());
    let sealed = keys.seal(dossier(gone), &ROW, b"text").unwrap();
    let old = bundle::export(&keys).unwrap();
    keys.erase(&[(Subject::Dossier(DossierId(gone)), 5)]).unwrap();

    let unlock = Unlock::KeyFile(&scene.key_file);
    let imported = bundle::import(&keys, &old, &unlock).unwrap();
    assert_eq!((imported.slots, imported.erasures), (0, 0));
    for keys in [&keys, &scene.open()] {
        assert_eq!(opens(keys, dossier(gone), &sealed), Err(SealError::Erased));
        assert!(keys.has(Subject::Dossier(DossierId(stays))));
    }

    // The other way round: a bundle from after the erasure erases in a folder from before it.
    let new = bundle::export(&keys).unwrap();
    assert!(bundle::look(&new).unwrap().counter > bundle::look(&old).unwrap().counter);
    let elsewhere = FaultyDisk::default();
    bundle::restore(&elsewhere, &old).unwrap();
    let restored = Keyring::open(Arc::new(elsewhere), &unlock).unwrap();
    // As design says of an old pair on a bare machine: it brings back what was erased since.
    assert_eq!(opens(&restored, dossier(gone), &sealed).unwrap(), b"text");
    assert_eq!(bundle::import(&restored, &new, &unlock).unwrap().erasures, 1);
    assert_eq!(opens(&restored, dossier(gone), &sealed), Err(SealError::Erased));
}

#[test]
fn an_erasure_of_a_subject_without_a_key_stops_the_key_that_comes_later() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(1, &mut scene.random).unwrap();
    let id = keys.take().unwrap();
    let old = bundle::export(&keys).unwrap();
    let disk = FaultyDisk::default();
    bundle::restore(&disk, &old).unwrap();
    for copy in ["a", "b"] {
        disk.remove(&format!("keys/{copy}/slots-00000001")).unwrap();
    }
    let unlock = Unlock::KeyFile(&scene.key_file);
    let bare = Keyring::open(Arc::new(disk), &unlock).unwrap();
    assert!(!bare.has(Subject::Dossier(DossierId(id))));
    bare.erase(&[(Subject::Dossier(DossierId(id)), 5)]).unwrap();
    assert_eq!(bundle::import(&bare, &old, &unlock).unwrap().slots, 0);
    assert!(bare.is_erased(Subject::Dossier(DossierId(id))));
}

#[test]
fn a_bundle_brings_back_lost_keys_and_only_into_its_own_folder() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(2, &mut scene.random).unwrap();
    let id = keys.take().unwrap();
    let sealed = keys.seal(dossier(id), &ROW, b"text").unwrap();
    let old = bundle::export(&keys).unwrap();
    for copy in ["a", "b"] {
        scene.disk.damage(&format!("keys/{copy}/slots-00000001"), |bytes| bytes[200..].fill(0x55));
    }
    let broken = scene.open();
    assert!(!broken.damage().is_empty());
    assert!(opens(&broken, dossier(id), &sealed).is_err());
    let unlock = Unlock::KeyFile(&scene.key_file);
    assert!(bundle::import(&broken, &old, &unlock).unwrap().slots > 0);
    for keys in [&broken, &scene.open()] {
        assert_eq!(opens(keys, dossier(id), &sealed).unwrap(), b"text");
    }

    let other_file = KeyFile::generate(&mut scene.random).unwrap();
    let recipients = [NewRecipient::KeyFile(&other_file)];
    let disk = Arc::new(FaultyDisk::default());
    let other = Keyring::create(disk, StationId([8; 16]), &here(), &recipients, &mut scene.random).unwrap();
    for unlock in [unlock, Unlock::KeyFile(&other_file)] {
        assert_eq!(bundle::import(&other, &old, &unlock), Err(SealError::BundleForeign));
    }
}

/// Every file of keys, by name.
fn key_files(disk: &FaultyDisk) -> Vec<(String, Vec<u8>)> {
    let names = ["keys/a", "keys/b"].into_iter().flat_map(|folder| disk.list(folder).unwrap());
    names.map(|name| (name.clone(), disk.bytes(&name).unwrap())).collect()
}

#[test]
fn a_ring_that_cannot_be_written_in_the_place_of_a_damaged_one_moves_nothing_and_comes_when_it_can() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(2, &mut scene.random).unwrap();
    let id = keys.take().unwrap();
    let sealed = keys.seal(dossier(id), &ROW, b"text").unwrap();
    let old = bundle::export(&keys).unwrap();
    let elsewhere = FaultyDisk::default();
    bundle::restore(&elsewhere, &old).unwrap();
    let theirs = Keyring::open(Arc::new(elsewhere), &Unlock::KeyFile(&scene.key_file)).unwrap();
    for copy in ["a", "b"] {
        scene.disk.damage(&format!("keys/{copy}/ring"), |bytes| bytes[40..].fill(0x55));
        scene.disk.remove(&format!("keys/{copy}/slots-00000001")).unwrap();
    }
    let before = key_files(&scene.disk);
    for fault in [Fault::Full, Fault::Fails] {
        let mut refused = 0;
        for at in 0.. {
            let disk = scene.disk.copy();
            let first = disk.steps();
            disk.plan(at, fault);
            let done = bundle::bring_ring(&disk, &old, &theirs);
            let is_past = disk.steps() - first <= at;
            // What did not come to pass stays out of the way.
            disk.plan(1_000_000, fault);
            if let Err(why) = &done {
                refused += 1;
                assert!(key_files(&disk) == before, "{fault:?} at step {at}: {why:?}, and not all stands as it stood");
                assert_eq!(
                    bundle::bring_ring(&disk, &old, &theirs).map(|(slots, aside)| (slots, aside.len())),
                    Ok((2, 2))
                );
            }
            let again = Keyring::open(Arc::new(disk), &Unlock::KeyFile(&scene.key_file)).unwrap();
            assert_eq!(opens(&again, dossier(id), &sealed).unwrap(), b"text", "{fault:?} at step {at}");
            if is_past {
                assert!(done.is_ok() && refused > 8, "{refused}");
                break;
            }
        }
    }
}

#[test]
fn a_bundle_with_any_flipped_byte_or_cut_is_refused() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(2, &mut scene.random).unwrap();
    let whole = bundle::export(&keys).unwrap();
    for at in 0..whole.len() {
        let mut bent = whole.clone();
        bent[at] ^= 1 << (at % 8);
        assert_eq!(bundle::look(&bent), Err(SealError::BundleDamaged), "byte {at}");
        assert_eq!(bundle::look(&whole[..at]), Err(SealError::BundleDamaged), "cut at {at}");
    }
    assert_eq!(bundle::restore(&scene.disk, &whole), Err(SealError::RingExists));
}

#[test]
fn a_copied_folder_is_recognised_and_goes_on_as_a_new_station_without_the_old_ones_slots() {
    let (mut scene, keys) = Scene::new();
    keys.make_ready(4, &mut scene.random).unwrap();
    let id = keys.take().unwrap();
    let sealed = keys.seal(dossier(id), &ROW, b"text").unwrap();
    assert_eq!(keys.moved(&here()), None);
    let elsewhere = Here { inode: 18, ..here() };
    assert_eq!(keys.moved(&elsewhere), Some(Moved::OtherFolder));
    assert_eq!(keys.moved(&Here { machine: b"machine two".to_vec(), ..here() }), Some(Moved::OtherMachine));

    let copy = FaultyDisk::default();
    bundle::restore(&copy, &bundle::export(&keys).unwrap()).unwrap();
    let unlock = Unlock::KeyFile(&scene.key_file);
    let copied = Keyring::open(Arc::new(copy.clone()), &unlock).unwrap();
    let (old_station, old_key) = (copied.station(), copied.public_key());
    assert_eq!(old_station, StationId([7; 16]));
    let new_station = copied.become_new_station(&elsewhere, &mut scene.random).unwrap();
    let again = Keyring::open(Arc::new(copy), &unlock).unwrap();
    for keys in [&copied, &again] {
        assert_eq!((keys.station(), keys.moved(&elsewhere)), (new_station, None));
        assert_ne!(keys.station(), old_station);
        assert_ne!(keys.public_key(), old_key);
        assert_eq!(keys.find_ready(&|_| false), Ok(0));
        assert_eq!(opens(keys, dossier(id), &sealed).unwrap(), b"text");
    }

    // The same folder, carried over by hand without a bundle: its own slots are not handed out either.
    let moved = scene.open();
    moved.become_new_station(&elsewhere, &mut scene.random).unwrap();
    assert_eq!(moved.find_ready(&|_| false), Ok(0));
    // One that an administrator says has only moved keeps its name and its slots.
    let (mut other, stayed) = Scene::new();
    stayed.make_ready(4, &mut other.random).unwrap();
    stayed.stay_station(&elsewhere).unwrap();
    assert_eq!((stayed.station(), stayed.moved(&elsewhere)), (StationId([7; 16]), None));
    assert_eq!(stayed.find_ready(&|_| false), Ok(4));
}

#[test]
fn a_head_signed_by_the_station_holds_under_its_public_key() {
    use dossier::log::{Head, SignedHead};
    let (scene, keys) = Scene::new();
    let head = Head { station: keys.station(), seq: 4, hash: [9; 32] };
    let signature = scene.open().sign(&head.signed_bytes());
    let signed = SignedHead { head, key: keys.public_key(), signature };
    assert!(signed.holds());
    assert!(!SignedHead { head: Head { seq: 5, ..head }, ..signed }.holds());
}

#[test]
fn a_second_ring_is_never_made_over_the_first_and_one_without_recipients_not_at_all() {
    let (mut scene, _) = Scene::new();
    let recipients = [NewRecipient::KeyFile(&scene.key_file)];
    let make = |disk: &FaultyDisk, recipients: &[NewRecipient<'_>], random: &mut SeededRandom| {
        Keyring::create(Arc::new(disk.clone()), StationId([7; 16]), &here(), recipients, random).err()
    };
    assert_eq!(make(&scene.disk, &recipients, &mut scene.random), Some(SealError::RingExists));
    let bare = FaultyDisk::default();
    assert_eq!(make(&bare, &[], &mut scene.random), Some(SealError::LastRecipient));
    assert!(!Keyring::exists(&bare).unwrap());
    let none = Keyring::open(Arc::new(bare), &Unlock::KeyFile(&scene.key_file)).err();
    assert_eq!(none, Some(SealError::NoRing));
}

#[test]
fn a_key_file_is_its_owners_alone_and_never_written_over() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/key");
    let made = KeyFile::create(&path, &mut SeededRandom::new(3)).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(KeyFile::read(&path).unwrap(), made);
    assert_eq!(KeyFile::create(&path, &mut SeededRandom::new(4)), Err(SealError::KeyFileExists));
    assert_eq!(KeyFile::read(&path).unwrap(), made);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(KeyFile::read(&path), Err(SealError::KeyFileOpenToOthers));
}

#[test]
fn a_key_file_with_any_flipped_bit_or_cut_is_refused() {
    let whole = KeyFile::generate(&mut SeededRandom::new(3)).unwrap().to_text().as_bytes().to_vec();
    assert!(KeyFile::from_text(&whole).is_ok());
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bent = whole.clone();
            bent[at] ^= 1 << bit;
            assert_eq!(KeyFile::from_text(&bent), Err(SealError::KeyFileDamaged), "byte {at} bit {bit}");
        }
        assert_eq!(KeyFile::from_text(&whole[..at]), Err(SealError::KeyFileDamaged), "cut at {at}");
    }
}

#[test]
fn a_recovery_code_is_read_however_it_was_typed_and_any_wrong_character_is_found() {
    let code = RecoveryCode::generate();
    let printed = code.to_text().to_string();
    let groups: Vec<String> = printed.as_bytes().chunks(5).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
    for typed in [
        printed.to_lowercase(),
        groups.join(" "),
        groups.join(" - \n"),
        printed["AGE-SECRET-KEY-1".len()..].to_owned(),
        printed.replace('0', "o"),
    ] {
        assert_eq!(RecoveryCode::parse(&typed).unwrap().to_text(), code.to_text(), "as typed");
    }
    let data = "AGE-SECRET-KEY-1".len();
    for at in data..printed.len() {
        for other in "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".chars().filter(|c| !printed[at..].starts_with(*c)) {
            let typed = format!("{}{other}{}", &printed[..at], &printed[at + 1..]);
            assert_eq!(RecoveryCode::parse(&typed).err(), Some(SealError::RecoveryCodeMistyped), "{at} {other}");
        }
    }
    assert_eq!(RecoveryCode::parse("").err(), Some(SealError::RecoveryCodeMistyped));
}

#[test]
fn nothing_secret_is_printed() {
    let (mut scene, keys) = Scene::new();
    let text = scene.key_file.to_text().trim_start_matches("dossier-key-1 ").to_owned();
    let code = RecoveryCode::generate();
    keys.add_recipient(&NewRecipient::Recovery(&code), &mut scene.random).unwrap();
    let printed = format!("{keys:?} {:?} {code:?} {:?}", scene.key_file, keys.recipients());
    assert!(!printed.contains(&text[..16]) && !printed.contains(&code.to_text()[20..40]));
}

#[test]
fn every_finding_has_its_sentence_in_both_languages() {
    use dossier::seal::Damage;
    use dossier::store::Failed;
    let findings: Vec<Box<dyn Explain>> = vec![
        Box::new(SealError::Erased),
        Box::new(SealError::UnknownGeneration { generation: 3 }),
        Box::new(SealError::SlotDamaged { file: 1, slot: 2 }),
        Box::new(SealError::SlotsGone { file: 1 }),
        Box::new(SealError::NewerSchema { schema: 9 }),
        Box::new(Damage::SlotMended { copy: 'a', file: 1, slot: 2 }),
        Box::new(Damage::RingMended { copy: 'b' }),
        Box::new(Damage::SlotsLost { file: 1, slots: 2 }),
    ];
    for language in ["zh", "en"] {
        let path = format!("{}/src/data/lang/{language}/seal.toml", env!("CARGO_MANIFEST_DIR"));
        let words: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        for message in findings.iter().map(|f| f.explain()) {
            let sentence = words[message.key].as_str().unwrap();
            for (name, _) in &message.args {
                assert!(sentence.contains(&format!("{{{name}}}")), "{language} {}", message.key);
            }
        }
    }
    assert_eq!(SealError::from(Failed::Full).explain().key, "store.full");
}
