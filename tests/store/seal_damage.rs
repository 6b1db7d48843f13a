//! A key folder under crashes and damaged bytes: id and key stay together or neither is there; an erasure, once begun, is
//! finished; what one copy lost comes back from the other; what both lost is named.

use dossier::domain::{DossierId, StationId, Subject};
use dossier::seal::{
    Damage, Here, KeyFile, KeyName, Keyring, NewRecipient, SealContext, SealError, SeededRandom, Unlock,
};
use dossier::store::Disk;
use dossier::store::faulty::{Fault, FaultyDisk};
use std::sync::Arc;

const ROW: SealContext<'static> = SealContext::Row { keyspace: "dossiers", key: b"k" };
const FAULTS: [Fault; 5] =
    [Fault::CrashBefore, Fault::CrashAmid(1), Fault::CrashAmid(150), Fault::CrashAmid(400), Fault::CrashAfter];

fn here() -> Here {
    Here { machine: b"machine one".to_vec(), inode: 17 }
}

fn key_file() -> KeyFile {
    KeyFile::generate(&mut SeededRandom::new(1)).unwrap()
}

fn create(disk: &FaultyDisk, random: &mut SeededRandom) -> Result<Keyring, SealError> {
    let recipients = [NewRecipient::KeyFile(&key_file())];
    Keyring::create(Arc::new(disk.clone()), StationId([7; 16]), &here(), &recipients, random)
}

fn open(disk: &FaultyDisk) -> Result<Keyring, SealError> {
    Keyring::open(Arc::new(disk.clone()), &Unlock::KeyFile(&key_file()))
}

fn subject(id: [u8; 16]) -> Subject {
    Subject::Dossier(DossierId(id))
}

fn text(keys: &Keyring, id: [u8; 16], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    keys.open_sealed(KeyName::Subject(subject(id)), &ROW, sealed).map(|text| text.to_vec())
}

/// Every state the machine may be found in after the disk's fault: the program killed, the power cut in several ways.
fn after_crash(disk: &FaultyDisk) -> Vec<FaultyDisk> {
    (0..6).map(|seed| disk.after_power_cut(seed)).chain([disk.after_kill()]).collect()
}

/// Runs `work` on copies of `start`, with every fault at every step; `check` sees what the next start finds, and whether
/// the work had been answered. How many crashes there were.
fn crash_everywhere(
    start: &FaultyDisk,
    work: impl Fn(&FaultyDisk) -> Result<(), SealError>,
    check: impl Fn(&FaultyDisk, bool, &str),
) -> usize {
    let mut crashes = 0;
    for fault in FAULTS {
        for step in 0.. {
            let disk = start.copy();
            disk.plan(step, fault);
            let answered = work(&disk).is_ok();
            if !disk.crashed() {
                assert!(answered);
                break;
            }
            crashes += 1;
            for (index, found) in after_crash(&disk).iter().enumerate() {
                check(found, answered, &format!("{fault:?} at step {step}, state {index}"));
            }
        }
    }
    crashes
}

fn folder(slots: u32) -> (FaultyDisk, Keyring) {
    let disk = FaultyDisk::default();
    let mut random = SeededRandom::new(2);
    let keys = create(&disk, &mut random).unwrap();
    keys.make_ready(slots, &mut random).unwrap();
    (disk, keys)
}

#[test]
fn a_first_run_that_is_cut_off_leaves_a_whole_ring_or_none() {
    let crashes = crash_everywhere(
        &FaultyDisk::default(),
        |disk| create(disk, &mut SeededRandom::new(2)).map(drop),
        |disk, _, when| match open(disk) {
            Ok(keys) => assert!(keys.seal(KeyName::Bureau, &ROW, b"x").is_ok(), "{when}"),
            Err(SealError::NoRing) => assert!(create(disk, &mut SeededRandom::new(3)).is_ok(), "{when}"),
            Err(other) => panic!("{when}: {other:?}"),
        },
    );
    assert!(crashes > 20);
}

#[test]
fn a_crash_while_slots_are_made_leaves_id_and_key_together_or_neither() {
    let (start, keys) = folder(3);
    let id = keys.take().unwrap();
    let sealed = keys.seal(KeyName::Subject(subject(id)), &ROW, b"text").unwrap();
    let crashes = crash_everywhere(
        &start,
        |disk| open(disk)?.make_ready(5, &mut SeededRandom::new(9)),
        |disk, _, when| {
            let keys = open(disk).unwrap();
            assert_eq!(text(&keys, id, &sealed).unwrap(), b"text", "{when}");
            let ready = keys.find_ready(&|other| *other == id).unwrap();
            assert!(ready == 2 || ready == 7, "{when}: {ready}");
            let used: Vec<_> = (0..ready)
                .map(|_| keys.take().unwrap())
                .map(|id| (id, keys.seal(KeyName::Subject(subject(id)), &ROW, b"new").unwrap()))
                .collect();
            let again = open(&disk.after_power_cut(0)).unwrap();
            assert_eq!(again.damage(), [], "{when}");
            for (id, sealed) in used {
                assert_eq!(text(&again, id, &sealed).unwrap(), b"new", "{when}");
            }
            again.make_ready(2, &mut SeededRandom::new(10)).unwrap();
            assert_eq!(again.find_ready(&|other| *other == id), Ok(ready + 2), "{when}");
        },
    );
    assert!(crashes > 20);
}

#[test]
fn a_crash_while_erasing_leaves_the_key_in_both_copies_or_in_none() {
    let (start, keys) = folder(3);
    let [gone, stays] = [(); 2].map(|()| keys.take().unwrap());
    let sealed = keys.seal(KeyName::Subject(subject(gone)), &ROW, b"text").unwrap();
    let kept = keys.seal(KeyName::Subject(subject(stays)), &ROW, b"text").unwrap();
    // The sealed key itself, as it stands on the disk behind its id.
    let slots = start.bytes("keys/a/slots-00000001").unwrap();
    let at = slots.windows(16).position(|window| window == gone).unwrap() + 16;
    let sealed_key = &slots[at..at + 78];
    let copies_with_key = |disk: &FaultyDisk| {
        let mut files = disk.list("keys/a").unwrap();
        files.extend(disk.list("keys/b").unwrap());
        let holds = |name: &String| disk.bytes(name).unwrap().windows(40).any(|w| w == &sealed_key[30..70]);
        files.iter().filter(|name| holds(name)).count()
    };
    assert_eq!(copies_with_key(&start), 2);

    let crashes = crash_everywhere(
        &start,
        |disk| open(disk)?.erase(&[(subject(gone), 5)]),
        |disk, answered, when| {
            let keys = open(disk).unwrap();
            let copies = copies_with_key(disk);
            if answered || keys.is_erased(subject(gone)) {
                assert_eq!(text(&keys, gone, &sealed), Err(SealError::Erased), "{when}");
                assert_eq!(copies, 0, "{when}");
            } else {
                assert_eq!(text(&keys, gone, &sealed).unwrap(), b"text", "{when}");
                assert_eq!(copies, 2, "{when}");
            }
            // The erasure record is applied again at every opening.
            keys.erase(&[(subject(gone), 5)]).unwrap();
            let again = open(&disk.after_power_cut(0)).unwrap();
            assert_eq!(text(&again, gone, &sealed), Err(SealError::Erased), "{when}");
            assert_eq!(copies_with_key(disk), 0, "{when}");
            assert_eq!(text(&again, stays, &kept).unwrap(), b"text", "{when}");
            assert_eq!(open(disk).unwrap().damage(), [], "{when}");
        },
    );
    assert!(crashes > 20);
}

#[test]
fn a_crash_while_rotating_leaves_the_old_ring_or_the_new_one() {
    let (start, keys) = folder(1);
    let sealed = keys.seal(KeyName::Bureau, &ROW, b"text").unwrap();
    let crashes = crash_everywhere(
        &start,
        |disk| open(disk)?.rotate_bureau(&mut SeededRandom::new(9)).map(drop),
        |disk, answered, when| {
            let keys = open(disk).unwrap();
            assert_eq!(keys.open_sealed(KeyName::Bureau, &ROW, &sealed).unwrap().as_slice(), b"text", "{when}");
            let generation = keys.seal(KeyName::Bureau, &ROW, b"text").unwrap()[2];
            assert!(generation == 2 || (generation == 1 && !answered), "{when}");
            assert_eq!(open(disk).unwrap().damage(), [], "{when}");
        },
    );
    assert!(crashes > 10);
}

#[test]
fn a_step_that_fails_is_told_and_the_same_erasure_again_finishes() {
    let (start, keys) = folder(3);
    let gone = keys.take().unwrap();
    let sealed = keys.seal(KeyName::Subject(subject(gone)), &ROW, b"text").unwrap();
    let mut failures = 0;
    for fault in [Fault::Fails, Fault::Full] {
        for step in 0.. {
            let disk = start.copy();
            let keys = open(&disk).unwrap();
            disk.plan(step, fault);
            let failed = keys.erase(&[(subject(gone), 5)]).is_err();
            // The erasure is decided: whatever the disk said, this process opens it no more.
            assert_eq!(text(&keys, gone, &sealed), Err(SealError::Erased));
            keys.erase(&[(subject(gone), 5)]).unwrap();
            for seed in 0..4 {
                let after = disk.after_power_cut(seed);
                let again = open(&after).unwrap();
                assert_eq!(text(&again, gone, &sealed), Err(SealError::Erased), "{fault:?} at {step}");
                assert_eq!(again.damage(), [], "{fault:?} at {step}");
            }
            if !failed {
                break;
            }
            failures += 1;
        }
    }
    assert!(failures > 10);
}

#[test]
fn slots_whose_making_failed_are_never_handed_out() {
    let (start, _) = folder(2);
    for step in 0.. {
        let disk = start.copy();
        let keys = open(&disk).unwrap();
        disk.plan(step, Fault::Full);
        let made = keys.make_ready(4, &mut SeededRandom::new(9));
        if made.is_ok() {
            assert!(step > 5);
            break;
        }
        assert_eq!(keys.ready_slots(), 0, "step {step}");
        keys.make_ready(4, &mut SeededRandom::new(10)).unwrap();
        let id = keys.take().unwrap();
        let sealed = keys.seal(KeyName::Subject(subject(id)), &ROW, b"text").unwrap();
        let again = open(&disk.after_power_cut(1)).unwrap();
        assert_eq!(text(&again, id, &sealed).unwrap(), b"text", "step {step}");
    }
}

struct Small {
    disk: FaultyDisk,
    live: [u8; 16],
    gone: [u8; 16],
    sealed: Vec<u8>,
    sealed_gone: Vec<u8>,
    ledger: Vec<u8>,
    files: Vec<String>,
}

/// A folder with every kind of file: a ring, slots, one of them erased.
fn small() -> Small {
    let (disk, keys) = folder(3);
    let [live, gone] = [(); 2].map(|()| keys.take().unwrap());
    let sealed = keys.seal(KeyName::Subject(subject(live)), &ROW, b"text").unwrap();
    let sealed_gone = keys.seal(KeyName::Subject(subject(gone)), &ROW, b"text").unwrap();
    let ledger = keys.seal(KeyName::Bureau, &ROW, b"ledger").unwrap();
    keys.erase(&[(subject(gone), 5)]).unwrap();
    let files: Vec<String> = disk.list("keys/a").unwrap();
    assert_eq!(files, ["keys/a/erased", "keys/a/ring", "keys/a/slots-00000001"]);
    for name in &files {
        assert_eq!(disk.bytes(name), disk.bytes(&name.replace("/a/", "/b/")), "{name}");
    }
    Small { disk, live, gone, sealed, sealed_gone, ledger, files }
}

fn all_is_well(small: &Small, keys: &Keyring, when: &str) {
    assert_eq!(text(keys, small.live, &small.sealed).unwrap(), b"text", "{when}");
    assert_eq!(text(keys, small.gone, &small.sealed_gone), Err(SealError::Erased), "{when}");
    assert_eq!(keys.open_sealed(KeyName::Bureau, &ROW, &small.ledger).unwrap().as_slice(), b"ledger", "{when}");
    assert_eq!(keys.find_ready(&|id| *id == small.live), Ok(1), "{when}");
}

#[test]
fn a_flipped_bit_at_every_byte_of_one_copy_is_found_and_mended() {
    let small = small();
    for copy in ["/a/", "/b/"] {
        for name in small.files.iter().map(|name| name.replace("/a/", copy)) {
            let whole = small.disk.bytes(&name).unwrap();
            for at in 0..whole.len() {
                let disk = small.disk.copy();
                disk.damage(&name, |bytes| bytes[at] ^= 1 << (at % 8));
                let keys = open(&disk).unwrap();
                let when = format!("{name} byte {at}");
                assert!(!keys.damage().is_empty(), "{when}");
                all_is_well(&small, &keys, &when);
                assert_eq!(disk.bytes(&name).unwrap(), whole, "{when}");
                if at % 16 == 0 {
                    assert_eq!(open(&disk).unwrap().damage(), [], "{when}");
                }
            }
        }
    }
}

#[test]
fn a_copy_cut_emptied_lengthened_or_removed_is_found_and_mended() {
    let small = small();
    for name in small.files.iter().flat_map(|name| [name.clone(), name.replace("/a/", "/b/")]) {
        let whole = small.disk.bytes(&name).unwrap();
        let lengths =
            [0, 1, 63, 64, 127, 128, 129, whole.len() / 2, whole.len() - 1, whole.len() + 1, whole.len() + 200];
        for length in lengths {
            let disk = small.disk.copy();
            disk.damage(&name, |bytes| bytes.resize(length, 0xa5));
            let keys = open(&disk).unwrap();
            let when = format!("{name} of {length} bytes");
            assert!(!keys.damage().is_empty(), "{when}");
            all_is_well(&small, &keys, &when);
            assert_eq!(disk.bytes(&name).unwrap(), whole, "{when}");
        }
        let disk = small.disk.copy();
        disk.remove(&name).unwrap();
        all_is_well(&small, &open(&disk).unwrap(), &format!("{name} removed"));
        assert_eq!(disk.bytes(&name).unwrap(), whole, "{name} removed");
    }
}

#[test]
fn the_same_bit_flipped_in_both_copies_is_refused_by_name_and_never_opens_to_anything_else() {
    let small = small();
    let mut refused = 0;
    for name in &small.files {
        for at in 0..small.disk.bytes(name).unwrap().len() {
            let disk = small.disk.copy();
            for copy in ["/a/", "/b/"] {
                disk.damage(&name.replace("/a/", copy), |bytes| bytes[at] ^= 1 << (at % 8));
            }
            let when = format!("{name} byte {at}");
            let keys = match open(&disk) {
                Ok(keys) => keys,
                Err(SealError::RingDamaged | SealError::WrongKey | SealError::NewerSchema { .. }) => {
                    assert!(name.ends_with("ring"), "{when}");
                    refused += 1;
                    continue;
                }
                Err(other) => panic!("{when}: {other:?}"),
            };
            match text(&keys, small.live, &small.sealed) {
                Ok(text) => assert_eq!(text, b"text", "{when}"),
                Err(SealError::SlotDamaged { .. } | SealError::UnknownSubject) => refused += 1,
                Err(other) => panic!("{when}: {other:?}"),
            }
            assert!(text(&keys, small.gone, &small.sealed_gone).is_err(), "{when}");
            assert!(keys.is_erased(subject(small.gone)), "{when}");
        }
    }
    assert!(refused > 100);
}

#[test]
fn slots_lost_in_both_copies_are_counted_and_the_others_open() {
    let small = small();
    for (copy, byte) in [("a", 3), ("b", 5)] {
        small.disk.damage(&format!("keys/{copy}/slots-00000001"), |bytes| bytes[128 + 2 * 138 + 60 + byte] ^= 1);
    }
    for _ in 0..2 {
        let keys = open(&small.disk).unwrap();
        assert_eq!(keys.damage(), [Damage::SlotsLost { file: 1, slots: 1 }]);
        assert_eq!(text(&keys, small.live, &small.sealed).unwrap(), b"text");
    }
    for copy in ["a", "b"] {
        small.disk.damage(&format!("keys/{copy}/slots-00000001"), |bytes| bytes[..128].fill(1));
    }
    let keys = open(&small.disk).unwrap();
    assert_eq!(keys.damage(), [Damage::FileLost { file: 1 }]);
    assert_eq!(text(&keys, small.live, &small.sealed), Err(SealError::UnknownSubject));
    // A new file of slots does not take the lost one's name.
    keys.make_ready(1, &mut SeededRandom::new(5)).unwrap();
    assert!(small.disk.bytes("keys/a/slots-00000002").is_some());
}

#[test]
fn of_slots_that_were_cut_in_both_copies_neither_is_said_to_be_written_again_from_the_other() {
    for lengths in [[300, 300], [300, 0], [0, 300], [129, 500]] {
        let small = small();
        for (copy, length) in ["a", "b"].into_iter().zip(lengths) {
            small.disk.damage(&format!("keys/{copy}/slots-00000001"), |bytes| bytes.truncate(length));
        }
        let damage = open(&small.disk).unwrap().damage();
        assert!(damage.contains(&Damage::FilePieced { file: 1 }), "{lengths:?}: {damage:?}");
        assert!(!damage.iter().any(|found| matches!(found, Damage::FileMended { .. })), "{lengths:?}: {damage:?}");
        assert!(damage.iter().any(|found| matches!(found, Damage::SlotsLost { .. })), "{lengths:?}: {damage:?}");
    }
}

#[test]
fn slots_that_somebody_takes_away_while_the_folder_is_open_are_gone_and_not_damaged_and_may_be_put_back() {
    let (disk, keys) = folder(3);
    let id = keys.take().unwrap();
    let names = ["keys/a/slots-00000001", "keys/b/slots-00000001"];
    names.iter().for_each(|name| disk.rename(name, &format!("{name}-elsewhere")).unwrap());
    let seal = || keys.seal(KeyName::Subject(subject(id)), &ROW, b"text");
    assert_eq!(seal(), Err(SealError::SlotsGone { file: 1 }));
    disk.rename(&format!("{}-elsewhere", names[1]), names[1]).unwrap();
    assert_eq!(text(&keys, id, &seal().unwrap()).unwrap(), b"text");
}

#[test]
fn an_erasure_stays_when_the_tombstones_are_removed_from_both_copies() {
    let small = small();
    for copy in ["a", "b"] {
        small.disk.remove(&format!("keys/{copy}/erased")).unwrap();
    }
    all_is_well(&small, &open(&small.disk).unwrap(), "without tombstones");
    assert!(small.disk.bytes("keys/b/erased").is_some());
}

#[test]
fn a_key_put_back_by_hand_from_an_old_copy_is_erased_again() {
    let (disk, keys) = folder(3);
    let gone = keys.take().unwrap();
    let old = disk.bytes("keys/a/slots-00000001").unwrap();
    let sealed = keys.seal(KeyName::Subject(subject(gone)), &ROW, b"text").unwrap();
    keys.erase(&[(subject(gone), 5)]).unwrap();
    for copy in ["a", "b"] {
        disk.damage(&format!("keys/{copy}/slots-00000001"), |bytes| bytes.clone_from(&old));
    }
    let keys = open(&disk).unwrap();
    assert_eq!(keys.damage(), [Damage::ErasureFinished { file: 1, slot: 0 }]);
    assert_eq!(text(&keys, gone, &sealed), Err(SealError::Erased));
    assert_ne!(disk.bytes("keys/a/slots-00000001").unwrap(), old);
    assert_eq!(open(&disk).unwrap().damage(), []);
}

/// Another store's keys, made with another key file.
fn other_folder(slots: u32) -> FaultyDisk {
    let disk = FaultyDisk::default();
    let mut random = SeededRandom::new(99);
    let other = KeyFile::generate(&mut random).unwrap();
    let recipients = [NewRecipient::KeyFile(&other)];
    let keys = Keyring::create(Arc::new(disk.clone()), StationId([8; 16]), &here(), &recipients, &mut random).unwrap();
    // Counted up, so that its ring looks newer than ours.
    keys.rotate_store(&mut random).unwrap();
    keys.make_ready(slots, &mut random).unwrap();
    disk
}

fn put(disk: &FaultyDisk, name: &str, bytes: &[u8]) {
    disk.damage(name, |own| *own = bytes.to_vec());
}

#[test]
fn another_stores_ring_in_either_copy_is_named_and_left_alone() {
    let (disk, keys) = folder(3);
    let id = keys.take().unwrap();
    let sealed = keys.seal(KeyName::Subject(subject(id)), &ROW, b"text").unwrap();
    let theirs = other_folder(3).bytes("keys/a/ring").unwrap();
    for copy in ['a', 'b'] {
        let found = disk.copy();
        put(&found, &format!("keys/{copy}/ring"), &theirs);
        let keys = open(&found).unwrap();
        assert_eq!(keys.damage(), [Damage::RingForeign { copy }]);
        assert_eq!(text(&keys, id, &sealed).unwrap(), b"text");
        let refused = keys.rotate_store(&mut SeededRandom::new(3));
        assert_eq!(refused, Err(SealError::RingForeign { copy }), "writing would destroy it");
        assert_eq!(found.bytes(&format!("keys/{copy}/ring")).unwrap(), theirs);
        // Moved away, the copy is made again.
        found.remove(&format!("keys/{copy}/ring")).unwrap();
        assert_eq!(open(&found).unwrap().damage(), [Damage::RingMended { copy }]);
        assert_eq!(open(&found).unwrap().damage(), []);
    }
    for copy in ['a', 'b'] {
        put(&disk, &format!("keys/{copy}/ring"), &theirs);
    }
    assert_eq!(open(&disk).err(), Some(SealError::WrongKey));
}

#[test]
fn another_stores_slots_in_either_copy_are_named_and_left_alone() {
    let (disk, keys) = folder(3);
    let [id, gone] = [(); 2].map(|()| keys.take().unwrap());
    let sealed = keys.seal(KeyName::Subject(subject(id)), &ROW, b"text").unwrap();
    for slots in [3, 5] {
        let theirs = other_folder(slots).bytes("keys/a/slots-00000001").unwrap();
        for (copy, other) in [('a', 'b'), ('b', 'a')] {
            let (found, place) = (disk.copy(), format!("keys/{copy}/slots-00000001"));
            put(&found, &place, &theirs);
            let ours = found.bytes(&format!("keys/{other}/slots-00000001")).unwrap();
            let keys = open(&found).unwrap();
            assert_eq!(keys.damage(), [Damage::SlotsForeign { copy, file: 1 }]);
            assert!(keys.damage()[0].is_loss(), "doctor says so");
            assert_eq!(text(&keys, id, &sealed).unwrap(), b"text");
            assert_eq!(found.bytes(&format!("keys/{other}/slots-00000001")).unwrap(), ours);
            // An erasure reaches our copy and leaves theirs.
            keys.erase(&[(subject(gone), 5)]).unwrap();
            assert!(!keys.has(subject(gone)));
            assert_eq!(found.bytes(&place).unwrap(), theirs);
            found.remove(&place).unwrap();
            assert_eq!(open(&found).unwrap().damage(), [Damage::FileMended { copy, file: 1 }]);
            assert_eq!(text(&open(&found).unwrap(), id, &sealed).unwrap(), b"text");
        }
        let found = disk.copy();
        ['a', 'b'].iter().for_each(|copy| put(&found, &format!("keys/{copy}/slots-00000001"), &theirs));
        let keys = open(&found).unwrap();
        let both = ['a', 'b'].map(|copy| Damage::SlotsForeign { copy, file: 1 });
        assert_eq!(keys.damage().iter().filter(|d| both.contains(d)).count(), 2, "{:?}", keys.damage());
        assert!(!keys.has(subject(id)));
    }
}

#[test]
fn a_recipient_taken_away_does_not_come_back_by_an_old_ring_in_one_copy() {
    let (disk, keys) = folder(1);
    let old = disk.bytes("keys/b/ring").unwrap();
    let second = KeyFile::generate(&mut SeededRandom::new(50)).unwrap();
    let mut random = SeededRandom::new(51);
    keys.add_recipient(&NewRecipient::KeyFile(&second), &mut random).unwrap();
    let both = disk.bytes("keys/b/ring").unwrap();
    let first = keys.recipients()[0];
    keys.remove_recipient(&first, &mut random).unwrap();
    for left in [both, old] {
        let found = disk.copy();
        put(&found, "keys/b/ring", &left);
        let second_opens = Keyring::open(Arc::new(found.clone()), &Unlock::KeyFile(&second));
        assert_eq!(second_opens.unwrap().damage(), [Damage::RingMended { copy: 'b' }]);
    }
    let found = disk.copy();
    put(&found, "keys/b/ring", &disk.bytes("keys/a/ring").unwrap());
    assert_eq!(open(&found).err(), Some(SealError::WrongKey));
}

#[test]
fn a_place_of_the_keys_that_cannot_be_read_is_answered_from_the_other_copy() {
    let (disk, keys) = folder(3);
    let id = keys.take().unwrap();
    let sealed = keys.seal(KeyName::Subject(subject(id)), &ROW, b"text").unwrap();
    for copy in ['a', 'b'] {
        for file in ["ring", "slots-00000001"] {
            for times in [Some(1), None] {
                let found = disk.copy();
                found.fail_reads(&format!("keys/{copy}/{file}"), 0..400, times);
                let keys = open(&found).unwrap_or_else(|e| panic!("{copy} {file} {times:?}: {e:?}"));
                assert_eq!(text(&keys, id, &sealed).unwrap(), b"text", "{copy} {file} {times:?}");
            }
        }
    }
}

#[test]
fn tombstones_of_another_store_are_named_and_left_alone() {
    for copy in ['a', 'b'] {
        let (ours, other) = (FaultyDisk::default(), FaultyDisk::default());
        let mut gone = Vec::new();
        for (disk, seed) in [(&ours, 2), (&other, 40)] {
            let keys = create(disk, &mut SeededRandom::new(seed)).unwrap();
            keys.make_ready(4, &mut SeededRandom::new(seed + 1)).unwrap();
            gone.push(keys.take().unwrap());
            keys.erase(&[(subject(gone[gone.len() - 1]), 5)]).unwrap();
        }
        let name = format!("keys/{copy}/erased");
        let theirs = other.bytes(&name).unwrap();
        ours.damage(&name, |bytes| bytes.clone_from(&theirs));
        for round in 0..2 {
            let keys = open(&ours).unwrap();
            assert!(keys.damage().contains(&Damage::TombstonesForeign { copy }), "{copy} {round}: {:?}", keys.damage());
            assert!(keys.is_erased(subject(gone[0])) && !keys.is_erased(subject(gone[1])), "{copy} {round}");
            // An erasure goes into the copy that is ours.
            keys.find_ready(&|_| false).unwrap();
            keys.erase(&[(subject(keys.take().unwrap()), 6 + round)]).unwrap();
            assert_eq!(keys.erased_count(), 2 + round as usize);
            assert_eq!(ours.bytes(&name).unwrap(), theirs, "{copy} {round}: left alone");
        }
        // Moved away, it is written again from the other.
        ours.remove(&name).unwrap();
        assert!(open(&ours).unwrap().damage().contains(&Damage::TombstonesMended { copy }));
        let keys = open(&ours).unwrap();
        assert_eq!((keys.damage(), keys.erased_count()), (Vec::new(), 3));
    }
}
