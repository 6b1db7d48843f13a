//! Two faults at once in a folder of keys and in sled's: what nobody needs keeps nobody out, what fails is undone, and what is no file
//! is known by its kind before anybody opens it.

use crate::kit::*;
use dossier::domain::{DossierId, StationId, Subject};
use dossier::seal::{
    Here, KeyFile, KeyName, Keyring, NewRecipient, SealContext, SealError, SeededRandom, Unlock, bundle,
};
use dossier::store::faulty::{Fault, FaultyDisk};
use dossier::store::{Disk, Found, Settings, Store, Why, open};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROW: SealContext<'static> = SealContext::Row { keyspace: "dossiers", key: b"k" };

/// A folder with so many slots.
fn keys_with(slots: u32) -> (FaultyDisk, KeyFile, Keyring) {
    let mut random = SeededRandom::new(3);
    let (disk, key_file) = (FaultyDisk::default(), KeyFile::generate(&mut random).unwrap());
    let here = Here { machine: b"machine one".to_vec(), inode: 17 };
    let recipients = [NewRecipient::KeyFile(&key_file)];
    let keys = Keyring::create(Arc::new(disk.clone()), StationId([7; 16]), &here, &recipients, &mut random).unwrap();
    keys.make_ready(slots, &mut random).unwrap();
    (disk, key_file, keys)
}

fn opened(disk: &FaultyDisk, key_file: &KeyFile) -> Keyring {
    Keyring::open(Arc::new(disk.clone()), &Unlock::KeyFile(key_file)).unwrap()
}

fn sealed(keys: &Keyring, id: [u8; 16]) -> Result<Vec<u8>, SealError> {
    keys.seal(KeyName::Subject(Subject::Dossier(DossierId(id))), &ROW, b"text")
}

/// The same byte of these slots in both copies: of the id, or of the sealed key.
fn spoil(disk: &FaultyDisk, slots: std::ops::Range<usize>, at: usize) {
    const FRONT: usize = 128;
    for copy in ["a", "b"] {
        disk.damage(&format!("keys/{copy}/slots-00000001"), |bytes| {
            let length = (bytes.len() - FRONT) / 4;
            slots.clone().for_each(|slot| bytes[FRONT + slot * length + at] ^= 1);
        });
    }
}

#[test]
fn slots_that_were_ready_and_are_damaged_in_both_copies_are_passed_over_and_named() {
    for at in [30, 60] {
        let (disk, key_file, keys) = keys_with(4);
        // While the folder is open: the first two are ready, and no copy of their keys opens any more.
        spoil(&disk, 0..2, at);
        let id = keys.take().unwrap();
        assert!(sealed(&keys, id).is_ok(), "byte {at}");
        // And at the next opening.
        let again = opened(&disk, &key_file);
        assert_eq!(again.find_ready(&|other| *other == id), Ok(1), "byte {at}");
        let next = again.take().unwrap();
        assert!(sealed(&again, next).is_ok() && next != id);
        assert_eq!(again.take(), Err(SealError::NoReadySlot));
        let last = opened(&disk, &key_file);
        assert_eq!(last.find_ready(&|_| false), Ok(2), "byte {at}: all but those");
        assert_eq!(last.passed_over(), [1]);
    }
    // All of them: others are made.
    let (disk, _, keys) = keys_with(4);
    spoil(&disk, 0..4, 60);
    assert_eq!((keys.take(), keys.passed_over()), (Err(SealError::NoReadySlot), vec![1]));
    keys.make_ready(1, &mut SeededRandom::new(4)).unwrap();
    assert!(sealed(&keys, keys.take().unwrap()).is_ok());
}

#[test]
fn slots_that_were_ready_and_were_taken_away_are_ready_again_when_they_are_put_back() {
    let (disk, _, keys) = keys_with(2);
    let names = ["keys/a/slots-00000001", "keys/b/slots-00000001"];
    names.iter().for_each(|name| disk.rename(name, &format!("{name}-elsewhere")).unwrap());
    for _ in 0..3 {
        assert_eq!(keys.take(), Err(SealError::SlotsGone { file: 1 }));
    }
    assert_eq!((keys.ready_slots(), keys.passed_over()), (2, Vec::new()));
    disk.rename(&format!("{}-elsewhere", names[1]), names[1]).unwrap();
    assert!(sealed(&keys, keys.take().unwrap()).is_ok());
}

/// Every file of keys, by name.
fn key_files(disk: &FaultyDisk) -> Vec<(String, Vec<u8>)> {
    let names = ["keys/a", "keys/b"].into_iter().flat_map(|folder| disk.list(folder).unwrap());
    names.map(|name| (name.clone(), disk.bytes(&name).unwrap())).collect()
}

#[test]
fn a_ring_whose_names_are_not_sure_to_last_in_either_copy_is_taken_back_and_comes_whole_the_next_time() {
    let (disk, key_file, keys) = keys_with(2);
    let id = keys.take().unwrap();
    let text = sealed(&keys, id).unwrap();
    let old = bundle::export(&keys).unwrap();
    let elsewhere = FaultyDisk::default();
    bundle::restore(&elsewhere, &old).unwrap();
    let theirs = opened(&elsewhere, &key_file);
    for with_rings in [true, false] {
        let lost = disk.copy();
        for copy in ["a", "b"] {
            match with_rings {
                true => lost.damage(&format!("keys/{copy}/ring"), |bytes| bytes[40..].fill(0x55)),
                false => lost.remove(&format!("keys/{copy}/ring")).unwrap(),
            }
            lost.remove(&format!("keys/{copy}/slots-00000001")).unwrap();
        }
        let before = key_files(&lost);
        let steps = {
            let tried = lost.copy();
            let first = tried.steps();
            bundle::bring_ring(&tried, &old, &theirs).unwrap();
            tried.steps() - first
        };
        let mut refused = 0;
        for first in 0..steps {
            for second in first + 1..steps {
                let tried = lost.copy();
                tried.plan(first, Fault::Fails);
                tried.plan_also(second, Fault::Fails);
                let done = bundle::bring_ring(&tried, &old, &theirs);
                tried.plan(1_000_000, Fault::Fails);
                let place = format!("rings {with_rings}, steps {first} and {second}: {done:?}");
                if done.is_err() {
                    refused += 1;
                    // What failed to be undone may stand under another name; never a ring without the keys that came with it.
                    let now = key_files(&tried);
                    let stands =
                        now.iter().any(|(name, bytes)| name.ends_with("/ring") && before.iter().all(|b| b.1 != *bytes));
                    assert!(!stands, "{place}");
                    bundle::bring_ring(&tried, &old, &theirs).unwrap_or_else(|why| panic!("{place}: {why:?}"));
                }
                let again = opened(&tried, &key_file);
                let name = KeyName::Subject(Subject::Dossier(DossierId(id)));
                assert_eq!(again.open_sealed(name, &ROW, &text).unwrap().as_slice(), b"text", "{place}");
            }
        }
        assert!(refused > 8, "{refused}");
    }
}

/// What stands there now is a pipe that nobody writes to.
fn piped(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_pipe_under_a_name_of_sleds_keeps_nobody_waiting_and_the_views_are_made_anew() {
    for what in ["conf", "db", "snap.", "blobs"] {
        for needed in [false, true] {
            let home = tempfile::tempdir().unwrap();
            let store = open(home.path(), settings()).unwrap().store;
            (0..9).for_each(|n| drop(store.commit(entry(n, &format!("set k{n} {n}"))).unwrap()));
            store.stop().unwrap();
            let sled = home.path().join("sled");
            let names = std::fs::read_dir(&sled).unwrap().map(|entry| entry.unwrap().path());
            let named = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(what);
            let path = names.into_iter().find(named).unwrap();
            piped(&if path.is_dir() { path.join("7") } else { path });
            if needed && what != "db" {
                // The journal asks for what sled has.
                let journal = home.path().join("journal/00000001.seg");
                let mut bytes = std::fs::read(&journal).unwrap();
                bytes[400] ^= 4;
                std::fs::write(&journal, bytes).unwrap();
            }
            let began = Instant::now();
            let opened = open(home.path(), Settings { create: false, ..settings() }).unwrap();
            assert!(began.elapsed() < Duration::from_secs(20), "{what}: it waited");
            let aside = |found: &Found| matches!(found, Found::SetAside { why: Why::Unreadable, .. });
            assert!(opened.found.iter().any(aside), "{what}: {:?}", opened.found);
            assert!(!opened.found.contains(&Found::RowsInMemory), "{what}");
            assert_eq!(opened.store.replay(1, 100).unwrap().len(), 9, "{what}");
            assert_sound(&opened.store, what);
        }
    }
}
