//! A folder of keys of before, put back by hand, or files of slots that are gone from both copies: which dossiers cannot be read is
//! said at opening, by `doctor` and by a backup, and all others open.

use crate::backup::{Made, SEED, all_files, asked, household, keys_of, on, open, opened, survey};
use crate::restore_steps::copy_folder;
use dossier::command::opening;
use dossier::command::ring_back::bring_ring;
use dossier::domain::{DossierId, Explain, Subject};
use dossier::seal::secret::SeededRandom;
use dossier::seal::{KeyFile, Keyring, Unlock};
use dossier::store::RealDisk;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A byte of a sealed key, found by its id, in both copies.
fn damage_key(store: &Path, lost: DossierId) {
    of_both(store, 1, &|file: &Path| {
        let mut bytes = std::fs::read(file).unwrap();
        let at = bytes.windows(16).position(|window| *window == lost.0).unwrap();
        bytes[at + 40] ^= 1;
        std::fs::write(file, bytes).unwrap();
    });
}

#[test]
fn a_key_that_is_damaged_alike_in_both_copies_is_told_nothing_is_made_anew_without_it_and_it_comes_back_from_a_backup()
{
    let made = Made::new();
    let store = made.store();
    let lost = made.dossiers[1];
    damage_key(&store, lost);
    let found = opened(&store, false);
    assert!(keys_of(&opening::reported(&found)).contains(&"seal.damage.slots_lost"), "told at opening");
    let office = found.office;
    assert_eq!(office.without_keys().unwrap().len(), 1);
    let health = office.doctor(on("2026-05-01").today).unwrap();
    assert!(keys_of(&health.wrong).contains(&"command.doctor.keys_missing"), "{:?}", keys_of(&health.wrong));
    let poor = office.backup(&store.with_extension("poor.backup"), on("2026-05-01"), |_, _| {}).unwrap();
    assert_eq!(poor.without_keys.len(), 1, "the backup does not pretend");
    let refused = office.bring_keys(b"no bundle", &opening::Unlocking::KeyFile(None), on("2026-05-01"));
    assert!(refused.is_err());
    let bundle = dossier::command::backup::key_file_bytes(&made.file().with_extension("backup.keys")).unwrap();
    let brought = office.bring_keys(&bundle, &opening::Unlocking::KeyFile(None), on("2026-05-01")).unwrap();
    assert_eq!(brought, 1);
    assert!(office.without_keys().unwrap().is_empty());
    office.close().unwrap();
    let office = open(&store, "2026-05-02");
    assert!(household(&office, lost).face().unwrap().is_some());
    assert!(office.without_keys().unwrap().is_empty());
    // The damaged slot is there still, and nobody needs it: nothing is wrong, whatever is opened or made anew.
    let health = office.doctor(on("2026-05-02").today).unwrap();
    assert!(!keys_of(&health.wrong).iter().any(|key| key.starts_with("seal.damage")), "{:?}", keys_of(&health.wrong));
    office.close().unwrap();
    let found = opened(&store, true);
    assert!(!keys_of(&opening::reported(&found)).contains(&"seal.damage.slots_lost"));
    found.office.close().unwrap();
}

#[test]
fn views_that_were_made_without_a_key_are_made_anew_when_it_is_back_and_are_called_partial_until_then() {
    let made = Made::new();
    let store = made.store();
    let lost = made.dossiers[1];
    damage_key(&store, lost);
    // With the views gone as well, all of them are folded while the key is not here: no row is left that could not be opened.
    std::fs::remove_dir_all(store.join("sled")).unwrap();
    let office = open(&store, "2026-05-01");
    assert!(
        office.without_keys().unwrap().len() == 1 && household(&office, lost).face().is_ok_and(|face| face.is_none())
    );
    office.wait_until_findable();
    assert_eq!(office.unfindable(), 1, "a lookup says that it has not seen all");
    let verified = office.verify(None, true, |_, _| {}).unwrap();
    assert_eq!(verified.without_keys.dossiers.len(), 1, "a proof of the views says whose cannot be made again");
    assert!(!office.is_outdated().unwrap());
    let bundle = dossier::command::backup::key_file_bytes(&made.file().with_extension("backup.keys")).unwrap();
    office.bring_keys(&bundle, &opening::Unlocking::KeyFile(None), on("2026-05-01")).unwrap();
    // While it is open still, it is told.
    assert!(office.is_outdated().unwrap());
    let health = office.doctor(on("2026-05-01").today).unwrap();
    assert!(keys_of(&health.wrong).contains(&"command.doctor.outdated"), "{:?}", keys_of(&health.wrong));
    office.close().unwrap();
    let found = opened(&store, false);
    assert!(keys_of(&opening::reported(&found)).contains(&"store.aside_outdated"), "told at opening");
    let office = found.office;
    let face = household(&office, lost).face().unwrap().unwrap();
    office.wait_until_findable();
    assert!(office.unfindable() == 0 && !office.is_outdated().unwrap());
    let found = office.lookup(&face.id_numbers[0], 9, on("2026-05-01")).unwrap();
    assert!(found.hits.iter().any(|hit| hit.dossier == lost), "who stands in it is found");
    assert_eq!(office.verify(None, true, |_, _| {}).unwrap().differences.map(|all| all.len()), Some(0));
    office.close().unwrap();
    // And the next opening makes nothing anew.
    let found = opened(&store, false);
    assert!(!keys_of(&opening::reported(&found)).contains(&"store.aside_outdated"));
    found.office.close().unwrap();
}

#[test]
fn a_backup_that_has_a_key_as_damaged_as_it_is_here_brings_nothing_back() {
    let made = Made::new();
    let store = made.store();
    let lost = made.dossiers[1];
    damage_key(&store, lost);
    let office = open(&store, "2026-05-01");
    let later = store.with_extension("later.backup");
    office.backup(&later, on("2026-05-01"), |_, _| {}).unwrap();
    let bundle = dossier::command::backup::key_file_bytes(&store.with_extension("later.backup.keys")).unwrap();
    let files = || std::fs::read_dir(store.join("keys/a")).unwrap().count();
    let before = files();
    let brought = office.bring_keys(&bundle, &opening::Unlocking::KeyFile(None), on("2026-05-01")).unwrap();
    assert_eq!((brought, files()), (0, before), "what does not open is not put beside the others");
    assert_eq!(office.without_keys().unwrap().len(), 1);
    office.close().unwrap();
}

/// All slots that are ready go, and some more are made, in a file of their own.
fn a_second_file_of_slots(store: &Path, made: &Made) {
    let key = KeyFile::read(&store.join("dossier.key")).unwrap();
    let keys = Keyring::open(Arc::new(RealDisk::existing(store)), &Unlock::KeyFile(&key)).unwrap();
    keys.find_ready(&|id| made.dossiers.iter().any(|dossier| Subject::Dossier(*dossier).id() == *id)).unwrap();
    let ready: Vec<_> = std::iter::from_fn(|| keys.take().ok()).collect();
    let gone: Vec<_> = ready.into_iter().map(|id| (Subject::Dossier(DossierId(id)), 0)).collect();
    keys.erase(&gone).unwrap();
    keys.make_ready(200, &mut SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed))).unwrap();
}

#[test]
fn dossiers_whose_keys_were_made_since_the_keys_that_are_put_back_are_named_and_all_others_open() {
    let made = Made::new();
    let store = made.store();
    let before = tempfile::tempdir().unwrap();
    copy_folder(&store.join("keys"), before.path());
    a_second_file_of_slots(&store, &made);
    let office = open(&store, "2026-05-01");
    let late = survey(&office, "laid_off", "2026-05-01");
    office.close().unwrap();
    for (how, missing) in [("keys of before", 1), ("second file gone", 1), ("first file emptied", 2)] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("store");
        copy_folder(&store, &place);
        match how {
            "keys of before" => {
                std::fs::remove_dir_all(place.join("keys")).unwrap();
                copy_folder(before.path(), &place.join("keys"));
            }
            "second file gone" => of_both(&place, 2, &|file| std::fs::remove_file(file).unwrap()),
            _ => of_both(&place, 1, &|file| std::fs::write(file, b"").unwrap()),
        }
        let opened = opened(&place, false);
        assert!(keys_of(&opening::reported(&opened)).contains(&"command.doctor.keys_missing_count"), "{how}");
        let office = opened.office;
        let without = office.without_keys().unwrap();
        assert_eq!(without.len(), missing, "{how}");
        let health = office.doctor(on("2026-05-01").today).unwrap();
        assert!(keys_of(&health.wrong).contains(&"command.doctor.keys_missing"), "{how}");
        let backed = office.backup(&folder.path().join("poor.backup"), on("2026-05-01"), |_, _| {}).unwrap();
        assert_eq!(backed.without_keys.len(), missing, "{how}: the backup does not pretend");
        // The records themselves, and what links them, are all there.
        let verified = office.verify(None, false, |_, _| {}).unwrap();
        assert!(verified.report.holds() && verified.copies.whole(), "{how}: {:?}", verified.copies);
        let whole = if missing == 1 { made.dossiers[1] } else { late };
        assert!(household(&office, whole).face().unwrap().is_some(), "{how}");
        // New households take keys that are there.
        let fresh = survey(&office, "laid_off", "2026-05-02");
        assert!(household(&office, fresh).face().unwrap().is_some(), "{how}");
        office.close().unwrap();
    }
}

fn of_both(store: &Path, number: u32, change: &dyn Fn(&Path)) {
    for copy in ["a", "b"] {
        change(&store.join(format!("keys/{copy}/slots-{number:08}")));
    }
}

/// Dossiers, records and every answer are there, `late` the one kept since the backup, and nothing is wrong.
fn is_complete(store: &Path, records: u64, dossiers: &[DossierId]) {
    let office = open(store, "2026-05-02");
    assert!(office.records().unwrap() >= records);
    assert!(office.without_keys().unwrap().is_empty());
    for dossier in dossiers {
        assert!(household(&office, *dossier).face().unwrap().is_some());
    }
    assert!(office.verify(None, false, |_, _| {}).unwrap().report.holds());
    office.close().unwrap();
}

fn flip(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40].iter_mut().for_each(|byte| *byte ^= 0x5a);
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_ring_that_no_copy_has_whole_comes_back_from_a_key_file_and_nothing_kept_since_the_backup_is_lost() {
    let unlocking = opening::Unlocking::KeyFile(None);
    for (how, also) in
        [("both flipped", ""), ("one gone", ""), ("both gone", ""), ("both flipped", "journal"), ("all keys", "")]
    {
        let made = Made::new();
        let store = made.store();
        let bundle = dossier::command::backup::key_file_bytes(&made.file().with_extension("backup.keys")).unwrap();
        let file = made.file();
        let office = open(&store, "2026-05-01");
        let late = survey(&office, "laid_off", "2026-05-01");
        let records = office.records().unwrap();
        office.close().unwrap();
        let rings = ["a", "b"].map(|copy| store.join(format!("keys/{copy}/ring")));
        match how {
            "both flipped" => rings.iter().for_each(|ring| flip(ring)),
            "one gone" => {
                flip(&rings[0]);
                std::fs::remove_file(&rings[1]).unwrap();
            }
            "both gone" => rings.iter().for_each(|ring| std::fs::remove_file(ring).unwrap()),
            _ => std::fs::remove_dir_all(store.join("keys")).unwrap(),
        }
        if !also.is_empty() {
            std::fs::remove_dir_all(store.join(also)).unwrap();
        }
        let damaged = rings.each_ref().map(|ring| std::fs::read(ring).ok());
        let refused = opening::open(asked(&store)).err().unwrap().explain();
        let said = dossier::lang::say(&refused, dossier::lang::Lang::En);
        let (bring, over) = (said.find("key bring"), said.find("restore FILE --over"));
        assert!(bring.is_some() && bring < over && said.contains("drops"), "{how}: {said}");
        let brought = bring_ring(&store, (&file, &bundle), &unlocking, false).unwrap().expect(how);
        let kept: Vec<_> = brought.aside.iter().map(|name| std::fs::read(store.join(name)).unwrap()).collect();
        assert_eq!(kept, damaged.into_iter().flatten().collect::<Vec<_>>(), "{how}: damaged rings are kept");
        // The slot of a dossier that came after the backup is in the folder's own slots; a whole folder of keys that is gone has
        // what the backup had of it.
        is_complete(&store, records, &[made.dossiers[1], late]);
        assert_eq!(bring_ring(&store, (&file, &bundle), &unlocking, false).unwrap(), None, "{how}: it has one now");
    }
}

#[test]
fn a_key_file_of_another_store_is_refused_by_name_and_puts_nothing_where_the_ring_was() {
    let (made, other) = (Made::new(), Made::new());
    let store = made.store();
    let theirs = other.file().with_extension("backup.keys");
    let bundle = dossier::command::backup::key_file_bytes(&theirs).unwrap();
    for copy in ["a", "b"] {
        flip(&store.join(format!("keys/{copy}/ring")));
    }
    let before = all_files(&store.join("keys"));
    // Whether the key at hand opens it or not: what tells is that the records do not open.
    for key in [None, Some(other.store().join("dossier.key"))] {
        let unlocking = opening::Unlocking::KeyFile(key);
        let refused = bring_ring(&store, (&theirs, &bundle), &unlocking, false).unwrap_err().explain();
        assert_eq!(refused.key, "command.backup.keys_foreign");
        assert!(dossier::lang::say(&refused, dossier::lang::Lang::En).contains("bureau.backup.keys"));
        assert!(all_files(&store.join("keys")) == before, "nothing was put in place");
    }
    // The journal gone as well: sled's copy of the records tells it.
    std::fs::remove_dir_all(store.join("journal")).unwrap();
    let unlocking = opening::Unlocking::KeyFile(Some(other.store().join("dossier.key")));
    assert!(bring_ring(&store, (&theirs, &bundle), &unlocking, false).is_err());
    assert!(all_files(&store.join("keys")) == before && !store.join("journal/00000001.seg").exists());
}

#[test]
fn a_key_file_of_before_the_keys_were_changed_is_named_as_older_and_put_nowhere() {
    let made = Made::new();
    let store = made.store();
    let file = made.file().with_extension("backup.keys");
    let bundle = dossier::command::backup::key_file_bytes(&file).unwrap();
    let office = open(&store, "2026-05-01");
    office.rotate_bureau_key(on("2026-05-01")).unwrap();
    survey(&office, "laid_off", "2026-05-01");
    office.close().unwrap();
    std::fs::remove_dir_all(store.join("keys")).unwrap();
    let refused = bring_ring(&store, (&file, &bundle), &opening::Unlocking::KeyFile(None), false).unwrap_err();
    assert_eq!(refused.explain().key, "command.backup.keys_before");
    assert!(!store.join("keys/a/ring").exists());
}
