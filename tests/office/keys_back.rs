//! A folder of keys of before, put back by hand, or files of slots that are gone from both copies: which dossiers cannot be read is
//! said at opening, by `doctor` and by a backup, and all others open.

use crate::backup::{Made, SEED, household, keys_of, on, open, opened, survey};
use crate::restore_steps::copy_folder;
use dossier::command::opening;
use dossier::domain::{DossierId, Subject};
use dossier::seal::secret::SeededRandom;
use dossier::seal::{KeyFile, Keyring, Unlock};
use dossier::store::RealDisk;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

#[test]
fn a_key_that_is_damaged_alike_in_both_copies_is_told_nothing_is_made_anew_without_it_and_it_comes_back_from_a_backup()
{
    let made = Made::new();
    let store = made.store();
    let lost = made.dossiers[1];
    // The first byte of its sealed key, found by its id.
    let damage = |file: &Path| {
        let mut bytes = std::fs::read(file).unwrap();
        let at = bytes.windows(16).position(|window| *window == lost.0).unwrap();
        bytes[at + 40] ^= 1;
        std::fs::write(file, bytes).unwrap();
    };
    of_both(&store, 1, &damage);
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
    assert_eq!(office.without_keys().unwrap(), Vec::<String>::new());
    office.close().unwrap();
    let office = open(&store, "2026-05-02");
    assert!(household(&office, lost).face().unwrap().is_some());
    assert_eq!(office.without_keys().unwrap(), Vec::<String>::new());
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
    let damage = |file: &Path| {
        let mut bytes = std::fs::read(file).unwrap();
        let at = bytes.windows(16).position(|window| *window == lost.0).unwrap();
        bytes[at + 40] ^= 1;
        std::fs::write(file, bytes).unwrap();
    };
    of_both(&store, 1, &damage);
    // With the views gone as well, all of them are folded while the key is not here: no row is left that could not be opened.
    std::fs::remove_dir_all(store.join("sled")).unwrap();
    let office = open(&store, "2026-05-01");
    assert!(
        office.without_keys().unwrap().len() == 1 && household(&office, lost).face().is_ok_and(|face| face.is_none())
    );
    office.wait_until_findable();
    assert_eq!(office.unfindable(), 1, "a lookup says that it has not seen all");
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
