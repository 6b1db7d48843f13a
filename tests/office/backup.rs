//! Backup and restore: all of it comes back, as a new station that names the old; nothing comes back that was erased where
//! the folder knows of it; and whatever is wrong with a backup is one sentence and changes nothing.

use dossier::command::backup::{BackupProblem, Restore, Restored, keys_beside, restore};
use dossier::command::contents::{self, Contents};
use dossier::command::outputs::{NewFile, NotWritten, Standing};
use dossier::command::survey::Begin;
use dossier::command::{Failure, Household, Library, Office, OpenOffice, Unlocking, opening};
use dossier::domain::dossier::Status;
use dossier::domain::{Day, DossierId, Explain, Message, Now, Stamp, Step};
use dossier::form::run;
use dossier::seal::secret::SeededRandom;
use dossier::seal::{RecoveryCode, SealError};
use dossier::views::Horizon;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

pub(crate) fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| Arc::new(Library::built_in())).clone()
}

/// Every opening has chance of its own, or two stores would be one.
pub(crate) static SEED: AtomicU64 = AtomicU64::new(1);

pub(crate) fn on(day: &str) -> Now {
    let today = Day::from_iso(day).unwrap();
    Now { at: Stamp(i64::from(today.0) * 86_400_000 + 3_600_000), today }
}

fn open_with(folder: &Path, unlocking: Unlocking, day: &str) -> Result<Office, Failure> {
    let now = on(day);
    let opened = opening::open(OpenOffice {
        unlocking,
        machine: b"backup".to_vec(),
        thorough: true,
        ..OpenOffice::new(folder, library(), Box::new(SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed))), now)
    })?;
    Ok(opened.office)
}

pub(crate) fn open(folder: &Path, day: &str) -> Office {
    open_with(folder, Unlocking::KeyFile(None), day).unwrap()
}

fn steps(name: &str) -> Vec<Step> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/households/{name}.json"));
    run::steps(&std::fs::read_to_string(file).unwrap()).unwrap()
}

pub(crate) fn survey(office: &Office, name: &str, day: &str) -> DossierId {
    let form = library().hardship().unwrap().clone();
    let mut surveying =
        office.begin(Begin { dossier: None, form, corrects: None, updates: false, on_disk: false }, on(day)).unwrap();
    steps(name).iter().for_each(|step| drop(surveying.answer(office, step).unwrap()));
    office.submit(&mut surveying, on(day), false).unwrap_or_else(|failure| panic!("{failure:?}")).dossier
}

/// The household, for a reason where it takes one.
pub(crate) fn household(office: &Office, dossier: DossierId) -> Household<'_> {
    let now = on("2026-06-01");
    let opened = office.open(dossier, now);
    opened.or_else(|_| office.find_because(&dossier.hex(), "示例事由共六字", now)).unwrap()
}

pub(crate) struct Made {
    folder: tempfile::TempDir,
    pub(crate) dossiers: Vec<DossierId>,
}

impl Made {
    /// Two dossiers and a draft, backed up on 2026-03-11; the first was closed in April.
    pub(crate) fn new() -> Made {
        let folder = tempfile::tempdir().unwrap();
        let office = open(&folder.path().join("store"), "2026-03-10");
        let dossiers = vec![survey(&office, "illness", "2026-03-10"), survey(&office, "accident", "2026-03-10")];
        for (to, reason) in [(Status::Verifying, None), (Status::Rejected, None)] {
            let now = on("2026-04-01");
            office.open(dossiers[0], now).unwrap().move_status(to, now.today, reason, Some("示例理由")).unwrap();
        }
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: true };
        let mut draft = office.begin(begin, on("2026-03-10")).unwrap();
        steps("laid_off").iter().take(20).for_each(|step| drop(draft.answer(&office, step).unwrap()));
        draft.keeping.sync(&office).unwrap();
        drop(draft);
        let made = Made { folder, dossiers };
        let backed = office.backup(&made.file(), on("2026-04-02"), |_, _| {}).unwrap();
        assert_eq!((backed.records, backed.drafts), (office.records().unwrap(), 1));
        office.close().unwrap();
        made
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("bureau.backup")
    }

    fn key_file(&self) -> Unlocking {
        Unlocking::KeyFile(Some(self.store().join("dossier.key")))
    }

    fn restore_to(&self, folder: &Path, unlocking: &Unlocking, over: bool) -> Result<Restored, Failure> {
        restore(&Restore { file: &self.file(), keys: None, folder, unlocking, over, on_network: false }, |_, _| {})
    }
}

/// Everything below a folder, to see that nothing was changed.
pub(crate) fn all_files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => found.push((entry.path(), std::fs::read(entry.path()).unwrap())),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn everything_comes_back_as_a_new_station_whose_first_record_names_the_old_head() {
    let made = Made::new();
    let (code, station) = {
        let office = open(&made.store(), "2026-04-02");
        let heads = office.verify(None, false, |_, _| {}).unwrap().report.heads;
        let reported = (heads[0].code().unwrap(), office.station());
        office.close().unwrap();
        reported
    };
    let place = made.folder.path().join("elsewhere/bureau");
    let restored = made.restore_to(&place, &made.key_file(), false).unwrap();
    assert_eq!((restored.drafts, restored.aside), (1, None));
    let office = open(&place, "2026-05-01");
    assert_ne!(office.station(), station);
    let verified = office.verify(Some(&code), true, |_, _| {}).unwrap();
    assert!(verified.holds());
    assert_eq!(verified.report.heads.len(), 2);
    for dossier in &made.dossiers {
        let found = household(&office, *dossier);
        let status = found.status(Horizon::NOW);
        assert!(found.survey(&status.versions[0]).is_ok());
        assert!(found.face().unwrap().is_some());
    }
    let (drafts, unreadable) = office.drafts(on("2026-05-01")).unwrap();
    assert!(drafts.len() == 1 && !drafts[0].damaged && unreadable.is_empty());
    // A new station has no blocks: numbers are provisional until the authority gives one.
    let new = survey(&office, "laid_off", "2026-05-01");
    assert!(household(&office, new).number().starts_with("临-"));
    assert_well(&office, "2026-05-01");
    office.close().unwrap();
}

#[test]
fn each_way_in_restores_and_none_other_does() {
    let made = Made::new();
    let office = open(&made.store(), "2026-04-02");
    office.set_passphrase("八个字的口令就够", on("2026-04-02")).unwrap();
    let code = office.add_recovery_code(on("2026-04-02")).unwrap().to_text();
    let second = made.folder.path().join("second.key");
    office.add_key_file(&second, on("2026-04-02")).unwrap();
    let file = made.folder.path().join("later.backup");
    office.backup(&file, on("2026-04-03"), |_, _| {}).unwrap();
    office.close().unwrap();
    let ways = [
        Unlocking::Passphrase("八个字的口令就够".into()),
        Unlocking::Recovery(RecoveryCode::parse(&code).unwrap()),
        Unlocking::KeyFile(Some(second)),
    ];
    for (n, unlocking) in ways.into_iter().enumerate() {
        let folder = made.folder.path().join(format!("way-{n}"));
        let asked =
            Restore { file: &file, keys: None, folder: &folder, unlocking: &unlocking, over: false, on_network: false };
        restore(&asked, |_, _| {}).unwrap();
        let office = open_with(&folder, unlocking, "2026-05-01").unwrap();
        assert_well(&office, "2026-05-01");
        office.close().unwrap();
    }
    let folder = made.folder.path().join("no-way");
    for unlocking in [Unlocking::Passphrase("八个字的错的口令".into()), Unlocking::Recovery(RecoveryCode::generate())]
    {
        let asked =
            Restore { file: &file, keys: None, folder: &folder, unlocking: &unlocking, over: false, on_network: false };
        assert!(matches!(restore(&asked, |_, _| {}), Err(Failure::Seal(_))));
        assert!(!folder.exists());
    }
}

#[test]
fn what_a_folder_knows_to_be_erased_does_not_come_back_and_on_a_bare_machine_it_does() {
    let made = Made::new();
    let office = open(&made.store(), "2036-04-01");
    office.erase(made.dossiers[0], on("2036-04-01")).unwrap();
    office.close().unwrap();
    // An old pair on a bare machine.
    let bare = made.folder.path().join("bare");
    made.restore_to(&bare, &made.key_file(), false).unwrap();
    let office = open(&bare, "2036-05-01");
    assert!(household(&office, made.dossiers[0]).face().unwrap().is_some());
    assert_well(&office, "2036-05-01");
    office.close().unwrap();
    // The same pair over the folder that erased.
    let restored = made.restore_to(&made.store(), &made.key_file(), true).unwrap();
    assert_eq!(restored.erasures_kept, 1);
    let aside = restored.aside.unwrap();
    assert!(aside.join("journal").exists(), "the store that was there is kept");
    let office = open(&made.store(), "2036-05-01");
    assert!(household(&office, made.dossiers[0]).face().unwrap().is_none());
    let found = household(&office, made.dossiers[0]);
    let status = found.status(Horizon::NOW);
    assert!(status.erased && matches!(found.survey(&status.versions[0]), Err(Failure::Erased)));
    assert!(household(&office, made.dossiers[1]).face().unwrap().is_some());
    assert_well(&office, "2036-05-01");
    office.close().unwrap();
}

#[test]
fn keys_that_were_rotated_after_the_backup_still_open_what_it_brings_back() {
    let made = Made::new();
    let office = open(&made.store(), "2026-04-03");
    office.rotate_store_key(on("2026-04-02")).unwrap();
    office.rotate_bureau_key(on("2026-04-02")).unwrap();
    let after = survey(&office, "laid_off", "2026-04-03");
    office.close().unwrap();
    let office = open(&made.store(), "2026-04-04");
    assert!(household(&office, after).face().unwrap().is_some());
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds(), "rows of another generation were folded anew");
    office.close().unwrap();
    made.restore_to(&made.store(), &made.key_file(), true).unwrap();
    let office = open(&made.store(), "2026-04-05");
    assert!(household(&office, made.dossiers[1]).face().unwrap().is_some());
    assert_eq!(office.key_state(on("2026-04-05")).unwrap().store_generation, 2);
    assert_well(&office, "2026-04-05");
    office.close().unwrap();
}

fn problem(result: Result<Restored, Failure>) -> BackupProblem {
    match result {
        Err(Failure::Backup(problem)) => problem,
        Err(Failure::Seal(error)) => panic!("{error:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_written_over() {
    let made = Made::new();
    let before = std::fs::read(made.file()).unwrap();
    let office = open(&made.store(), "2026-04-03");
    let failure = office.backup(&made.file(), on("2026-04-03"), |_, _| {}).unwrap_err();
    assert!(matches!(failure, Failure::Backup(BackupProblem::Exists { .. })));
    office.close().unwrap();
    assert_eq!(std::fs::read(made.file()).unwrap(), before);
    let store = all_files(&made.store());
    let refused = problem(made.restore_to(&made.store(), &made.key_file(), false));
    assert!(matches!(refused, BackupProblem::StoreThere { .. }));
    assert!(all_files(&made.store()) == store);
}

/// What stands in the log of acts on the store, the latest first.
fn handled(office: &Office, day: &str) -> Vec<(String, u64)> {
    let rows = office.maintenance(Stamp(0), 100, on(day)).unwrap();
    rows.into_iter().map(|row| (row.what, row.count)).collect()
}

#[test]
fn backups_key_acts_and_restores_are_records_that_come_back_with_the_rest() {
    let made = Made::new();
    let store = open(&made.store(), "2026-04-03");
    let counter = handled(&store, "2026-04-03")[0].1;
    assert_eq!(handled(&store, "2026-04-03"), [("backup".to_owned(), counter)]);
    store.set_passphrase("八个字以上的口令", on("2026-04-03")).unwrap();
    let code = store.add_recovery_code(on("2026-04-04")).unwrap();
    store.add_key_file(&made.folder.path().join("second.key"), on("2026-04-05")).unwrap();
    let second = store.key_state(on("2026-04-05")).unwrap().holders.pop().unwrap();
    store.rotate_bureau_key(on("2026-04-06")).unwrap();
    let removed = store.remove_key_holder(&second.hex()[..8], on("2026-04-07")).unwrap();
    assert_eq!((removed.holder, removed.bureau_generation), (second, 3));
    let acts = ["key_removed", "bureau_key", "key_file", "recovery", "passphrase", "backup"];
    assert_eq!(handled(&store, "2026-04-07").iter().map(|(what, _)| what.as_str()).collect::<Vec<_>>(), acts);
    // One who keeps no store does nothing to it, and is told who does.
    let surveyor = store.add_officer("示例甲", "One", &["surveyor"], &[], on("2026-04-08")).unwrap();
    let hers = store.seat(surveyor, dossier::command::SessionContext::program("test"));
    assert!(matches!(hers.maintenance(Stamp(0), 9, on("2026-04-08")), Err(Failure::NeedsRole { .. })));
    assert!(matches!(hers.remove_key_holder("", on("2026-04-08")), Err(Failure::NeedsRole { .. })));
    drop(hers);
    store.close().unwrap();
    drop(code);

    let bare = made.folder.path().join("bare");
    let restored = made.restore_to(&bare, &made.key_file(), false).unwrap();
    for _ in 0..2 {
        let office = open(&bare, "2026-04-09");
        let expected = [("restored".to_owned(), restored.records), ("backup".to_owned(), counter)];
        assert_eq!(handled(&office, "2026-04-09"), expected, "the backup has its own record, and the restore has one");
        let health = office.doctor(on("2026-04-09").today).unwrap();
        let notes: Vec<_> = health.notes.iter().map(|note| note.key).collect();
        assert!(notes.contains(&"command.doctor.restored") && notes.contains(&"command.doctor.last_backup"));
        office.close().unwrap();
    }
}

#[test]
fn what_an_old_backup_does_not_bring_back_is_counted_where_it_was_seen() {
    let made = Made::new();
    let state = made.folder.path().join("state");
    let open = |folder: &Path, day: &str| {
        let random = Box::new(SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed)));
        let wanted = OpenOffice::new(folder, library(), random, on(day));
        opening::open(OpenOffice { machine: b"backup".to_vec(), state: Some(state.clone()), ..wanted }).unwrap()
    };
    let missing = |opened: &opening::Opened| opened.lost.iter().any(|said| said.key == "command.records_missing");
    let opened = open(&made.store(), "2026-04-03");
    survey(&opened.office, "laid_off", "2026-04-03");
    opened.office.close().unwrap();
    made.restore_to(&made.store(), &made.key_file(), true).unwrap();
    let opened = open(&made.store(), "2026-04-04");
    assert!(missing(&opened));
    let acts = handled(&opened.office, "2026-04-04");
    // A session and a survey were kept after the backup.
    assert_eq!(
        acts[..2].iter().map(|(what, count)| (what.as_str(), *count)).find(|a| a.0 == "earlier_copy"),
        Some(("earlier_copy", 2))
    );
    opened.office.close().unwrap();
    let again = open(&made.store(), "2026-04-05");
    assert!(!missing(&again), "once");
    assert_well(&again.office, "2026-04-05");
}

/// An opening that counts where the others of this test count.
fn opened_here(folder: &Path, state: &Path, day: &str) -> opening::Opened {
    let random = Box::new(SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed)));
    let state = Some(state.to_owned());
    let wanted = OpenOffice::new(folder, library(), random, on(day));
    opening::open(OpenOffice { machine: b"backup".to_vec(), state, ..wanted }).unwrap()
}

fn told_missing(opened: &opening::Opened) -> usize {
    opened.lost.iter().filter(|said| said.key == "command.records_missing").count()
}

#[test]
fn a_restore_whose_first_opening_was_cut_off_still_says_what_did_not_come_back() {
    let made = Made::new();
    let state = made.folder.path().join("state");
    let opened = opened_here(&made.store(), &state, "2026-04-03");
    survey(&opened.office, "laid_off", "2026-04-03");
    opened.office.close().unwrap();
    made.restore_to(&made.store(), &made.key_file(), true).unwrap();
    // As a first opening that was killed leaves it: the ring has another station, and no record tells of it.
    let key = dossier::seal::KeyFile::read(&made.store().join("dossier.key")).unwrap();
    let disk = Arc::new(dossier::store::RealDisk::existing(&made.store()));
    let keys = dossier::seal::Keyring::open(disk, &dossier::seal::Unlock::KeyFile(&key)).unwrap();
    let inode = std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(made.store()).unwrap());
    let here = dossier::seal::Here { machine: b"backup".to_vec(), inode };
    keys.become_new_station(&here, &mut SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed))).unwrap();
    drop(keys);
    let opened = opened_here(&made.store(), &state, "2026-04-04");
    assert_eq!(told_missing(&opened), 1);
    assert!(handled(&opened.office, "2026-04-04").contains(&("earlier_copy".to_owned(), 2)));
    opened.office.close().unwrap();
    let again = opened_here(&made.store(), &state, "2026-04-05");
    assert_eq!(told_missing(&again), 0, "once");
    assert_well(&again.office, "2026-04-05");
}

#[test]
fn every_station_of_which_this_machine_has_seen_more_than_came_back_is_named() {
    let made = Made::new();
    let (state, second) = (made.folder.path().join("state"), made.folder.path().join("second"));
    crate::restore_steps::copy_folder(&made.store(), &second);
    let file = made.folder.path().join("second.backup");
    let opened = opened_here(&second, &state, "2026-04-03");
    opened.office.backup(&file, on("2026-04-03"), |_, _| {}).unwrap();
    survey(&opened.office, "laid_off", "2026-04-03");
    opened.office.close().unwrap();
    let opened = opened_here(&made.store(), &state, "2026-04-03");
    survey(&opened.office, "laid_off", "2026-04-03");
    opened.office.close().unwrap();
    let (folder, unlocking) = (made.folder.path().join("third"), made.key_file());
    let asked =
        Restore { file: &file, keys: None, folder: &folder, unlocking: &unlocking, over: false, on_network: false };
    restore(&asked, |_, _| {}).unwrap();
    let opened = opened_here(&folder, &state, "2026-04-04");
    assert_eq!(told_missing(&opened), 2);
    opened.office.close().unwrap();
    let again = opened_here(&folder, &state, "2026-04-05");
    assert_eq!(told_missing(&again), 0, "once");
}

/// Names beside the store, and what is no part of the backup.
fn beside(made: &Made) -> Vec<String> {
    let names = std::fs::read_dir(made.folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("store")).collect();
    names.sort();
    names
}

/// What may be met at opening by whoever may make a store, and by whoever may not.
fn both_refused(folder: &Path) -> [Message; 2] {
    [true, false].map(|create| {
        let seed = SEED.fetch_add(1, Ordering::Relaxed);
        let asked = OpenOffice::new(folder, library(), Box::new(SeededRandom::new(seed)), on("2026-05-01"));
        let refused = opening::open(OpenOffice { create, machine: b"backup".to_vec(), ..asked }).err().unwrap();
        refused.explain()
    })
}

#[test]
fn a_restore_that_was_cut_off_anywhere_begins_no_store_and_is_done_again() {
    let key_away = |made: &Made| {
        let key = made.folder.path().join("key");
        std::fs::copy(made.store().join("dossier.key"), &key).unwrap();
        Unlocking::KeyFile(Some(key))
    };
    // Half filled, with the mark of that; the store is there.
    let made = Made::new();
    let place = made.folder.path().join("store.restoring");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("restoring"), b"").unwrap();
    open(&made.store(), "2026-05-01").close().unwrap();
    made.restore_to(&made.store(), &made.key_file(), true).unwrap();
    assert_eq!(beside(&made), ["store", "store.before-restore-1"]);
    is_well(&made);

    // Half filled, and nothing under the name.
    let made = Made::new();
    let unlocking = key_away(&made);
    let place = made.folder.path().join("store.restoring");
    std::fs::remove_dir_all(made.store()).unwrap();
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("restoring"), b"").unwrap();
    assert!(both_refused(&made.store()).iter().all(|reported| reported.key == "command.restore_unfinished"));
    assert!(!made.store().exists(), "nothing was begun");
    made.restore_to(&made.store(), &unlocking, false).unwrap();
    assert_eq!(beside(&made), ["store"]);
    is_well(&made);

    // Between two renames, on a file system that cannot exchange names: both are whole, under other names.
    let made = Made::new();
    let unlocking = key_away(&made);
    made.restore_to(&made.store(), &made.key_file(), true).unwrap();
    std::fs::rename(made.store(), made.folder.path().join("store.restoring")).unwrap();
    for reported in both_refused(&made.store()) {
        let said = dossier::lang::say(&reported, dossier::lang::Lang::En);
        assert!(said.contains("store.restoring") && said.contains("store.before-restore-1"), "{said}");
    }
    made.restore_to(&made.store(), &unlocking, true).unwrap();
    let kept = ["store", "store.before-restore-1", "store.restored-1"];
    assert_eq!(beside(&made), kept, "nothing is deleted, and each has a name that is true");
    let office = open(&made.store(), "2026-05-01");
    assert!(household(&office, made.dossiers[1]).face().unwrap().is_some());
    office.close().unwrap();

    // After the exchange, before the old one got its name.
    std::fs::rename(made.folder.path().join("store.before-restore-1"), made.folder.path().join("store.restoring"))
        .unwrap();
    open(&made.store(), "2026-05-02").close().unwrap();
    made.restore_to(&made.store(), &unlocking, true).unwrap();
    let kept = ["store", "store.before-restore-1", "store.before-restore-2", "store.restored-1"];
    assert_eq!(beside(&made), kept);
    is_well(&made);
}

#[track_caller]
fn is_well(made: &Made) {
    let office = opened(&made.store(), false).office;
    assert_well(&office, "2026-05-01");
    office.close().unwrap();
}

#[test]
fn a_folder_that_had_a_store_and_has_none_is_a_loss_and_takes_a_restore() {
    let made = Made::new();
    for gone in ["journal", "sled"] {
        std::fs::remove_dir_all(made.store().join(gone)).unwrap();
    }
    let before = all_files(&made.store());
    for reported in both_refused(&made.store()) {
        assert_eq!(reported.key, "command.store_lost");
        assert!(dossier::lang::say(&reported, dossier::lang::Lang::En).contains("keys"));
    }
    assert!(all_files(&made.store()) == before, "nothing was written");
    made.restore_to(&made.store(), &made.key_file(), false).unwrap();
    let office = open(&made.store(), "2026-05-01");
    assert!(household(&office, made.dossiers[0]).face().unwrap().is_some());
    assert_well(&office, "2026-05-01");
    office.close().unwrap();
}

#[test]
fn records_without_keys_are_a_loss_and_nothing_is_begun_beside_them() {
    for also in ["keys", "journal", "sled"] {
        let made = Made::new();
        let kept = made.folder.path().join("own-keys");
        std::fs::rename(made.store().join("keys"), &kept).unwrap();
        if also != "keys" {
            std::fs::remove_dir_all(made.store().join(also)).unwrap();
        }
        let before = all_files(&made.store());
        for told in both_refused(&made.store()) {
            assert_eq!(told.key, "command.store_keyless", "{also}");
        }
        let after: Vec<_> = all_files(&made.store()).into_iter().filter(|file| before.contains(file)).collect();
        assert_eq!(after, before, "{also}: nothing that was there is changed");
        // With its keys it is whole again, from whichever copy is left.
        let _ = std::fs::remove_dir_all(made.store().join("keys"));
        std::fs::rename(kept, made.store().join("keys")).unwrap();
        is_well(&made);
    }
}

#[test]
fn a_missing_journal_beside_a_whole_sled_is_repaired_and_never_another_programs() {
    let made = Made::new();
    std::fs::remove_dir_all(made.store().join("journal")).unwrap();
    let office = open(&made.store(), "2026-05-01");
    assert!(household(&office, made.dossiers[0]).face().unwrap().is_some());
    assert_well(&office, "2026-05-01");
    office.close().unwrap();
}

#[test]
fn a_journal_of_another_store_beside_our_keys_is_named_and_our_sled_is_spared() {
    let (made, other) = (Made::new(), Made::new());
    let own = made.folder.path().join("own-journal");
    std::fs::rename(made.store().join("journal"), &own).unwrap();
    std::fs::rename(other.store().join("journal"), made.store().join("journal")).unwrap();
    let theirs = all_files(&made.store().join("journal"));
    for reported in both_refused(&made.store()) {
        assert_eq!(reported.key, "store.other_keys");
    }
    assert!(all_files(&made.store().join("journal")) == theirs, "left alone");
    assert!(made.store().join("sled").exists());
    std::fs::remove_dir_all(made.store().join("journal")).unwrap();
    std::fs::rename(&own, made.store().join("journal")).unwrap();
    let office = open(&made.store(), "2026-05-01");
    assert_well(&office, "2026-05-01");
    office.close().unwrap();
}

#[test]
fn a_first_run_that_was_cut_off_is_gone_on_with_by_whoever_may_begin_and_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    open(&data, "2026-03-10").close().unwrap();
    assert!(!data.join("beginning").exists());
    // As it stands when the machine stops before the first records are complete.
    std::fs::write(data.join("beginning"), b"").unwrap();
    for gone in ["journal", "sled"] {
        std::fs::remove_dir_all(data.join(gone)).unwrap();
    }
    std::fs::remove_file(data.join("stopped")).unwrap();
    let asked = OpenOffice::new(&data, library(), Box::new(SeededRandom::new(900)), on("2026-03-10"));
    let refused = opening::open(OpenOffice { create: false, machine: b"backup".to_vec(), ..asked }).err().unwrap();
    assert_eq!(refused.explain().key, "command.no_store");
    let office = open(&data, "2026-03-10");
    assert!(office.records().unwrap() > 0);
    assert_well(&office, "2026-03-10");
    office.close().unwrap();
    assert!(!data.join("beginning").exists());
}

#[test]
fn what_says_that_a_first_run_is_not_complete_makes_no_whole_store_none() {
    for (how, left) in [("clean", "stopped"), ("killed", "nothing")] {
        let made = Made::new();
        let data = made.store();
        std::fs::write(data.join("beginning"), b"").unwrap();
        if left == "nothing" {
            std::fs::remove_file(data.join("stopped")).unwrap();
        }
        assert_eq!(contents::of(&data).unwrap(), Contents::Store, "{how}");
        let refused = made.restore_to(&data, &made.key_file(), false).unwrap_err().explain();
        assert_eq!(refused.key, "command.backup.store_there", "{how}");
        // Without keys, too: none are made that open nothing of it.
        std::fs::rename(data.join("keys"), data.with_extension("keys")).unwrap();
        for create in [true, false] {
            let refused = opening::open(OpenOffice { create, ..asked(&data) }).err().unwrap();
            assert_eq!(refused.explain().key, "command.store_keyless", "{how}");
        }
        assert!(!data.join("keys/a/ring").exists(), "{how}");
        let _ = std::fs::remove_dir_all(data.join("keys"));
        std::fs::rename(data.with_extension("keys"), data.join("keys")).unwrap();
        let office = open(&data, "2026-05-01");
        assert!(household(&office, made.dossiers[1]).face().unwrap().is_some(), "{how}");
        assert_well(&office, "2026-05-01");
        office.close().unwrap();
        assert!(!data.join("beginning").exists(), "{how}: it is gone");
        // One that cannot be taken away is named.
        std::fs::create_dir(data.join("beginning")).unwrap();
        let office = open(&data, "2026-05-01");
        let health = office.doctor(on("2026-05-01").today).unwrap();
        assert!(keys_of(&health.wrong).contains(&"command.doctor.beginning"), "{how}");
        office.close().unwrap();
    }
    // A store in which nothing was done yet, and whose keys are gone: nothing is begun beside its records either.
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    open(&data, "2026-03-10").close().unwrap();
    std::fs::write(data.join("beginning"), b"").unwrap();
    std::fs::remove_file(data.join("stopped")).unwrap();
    std::fs::remove_dir_all(data.join("keys")).unwrap();
    let refused = opening::open(OpenOffice { create: true, ..asked(&data) }).err().unwrap();
    assert_eq!(refused.explain().key, "command.store_keyless");
    assert!(!data.join("keys/a/ring").exists());
}

#[test]
fn a_count_of_openings_that_cannot_be_read_is_said_by_whoever_opens_until_it_is_mended() {
    for (how, again) in [("garbage", false), ("link", false), ("folder", true)] {
        let (made, state) = (Made::new(), tempfile::tempdir().unwrap());
        let turn = made.store().join("turn");
        let opened = || {
            let state = Some(state.path().to_owned());
            let opened = opening::open(OpenOffice { state, ..asked(&made.store()) }).unwrap();
            let said = opening::reported(&opened).iter().any(|line| line.key.starts_with("command.doctor.turn_"));
            let health = opened.office.doctor(on("2026-05-01").today).unwrap();
            let wrong = keys_of(&health.wrong).iter().any(|key| key.starts_with("command.doctor.turn_"));
            opened.office.close().unwrap();
            (opened.moved, said, wrong)
        };
        assert_eq!(opened(), (None, false, false), "{how}");
        std::fs::remove_file(&turn).unwrap();
        match how {
            "garbage" => std::fs::write(&turn, b"xx").unwrap(),
            "link" => std::os::unix::fs::symlink("nowhere", &turn).unwrap(),
            _ => std::fs::create_dir(&turn).unwrap(),
        }
        assert_eq!(opened(), (None, true, true), "{how}: it is damage, and no earlier copy");
        assert_eq!(opened(), (None, again, again), "{how}");
    }
}

#[test]
fn what_stands_where_a_file_or_folder_of_ours_belongs_is_named_and_moving_it_away_is_enough() {
    use std::os::unix::fs::symlink;
    let pipe = |path: &Path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    let made = Made::new();
    let data = made.store();
    for (name, how) in [
        ("lock", "link"),
        ("lock", "dangling link"),
        ("lock", "folder"),
        ("owner", "folder"),
        ("stopped", "folder"),
        ("drafts", "pipe"),
        ("drafts", "file"),
        ("dossier.key", "pipe"),
    ] {
        let (place, kept) = (data.join(name), data.with_extension("kept"));
        let had = std::fs::rename(&place, &kept).is_ok();
        match how {
            "link" => symlink(made.file(), &place).unwrap(),
            "dangling link" => symlink("nowhere", &place).unwrap(),
            "folder" => std::fs::create_dir(&place).unwrap(),
            "pipe" => pipe(&place),
            _ => std::fs::write(&place, b"x").unwrap(),
        }
        let mut told = vec![opening::open(asked(&data)).err().unwrap().explain()];
        if name == "lock" || name == "owner" {
            told.push(made.restore_to(&data, &made.key_file(), true).unwrap_err().explain());
        }
        for message in told {
            let said = dossier::lang::say(&message, dossier::lang::Lang::En);
            let next = ["Move it elsewhere", "move what stands there elsewhere"].iter().any(|next| said.contains(next));
            assert!(said.contains(name) && next, "{name}, a {how}: {said}");
            assert!(!said.contains("system error"), "{name}, a {how}: {said}");
        }
        // As it says.
        std::fs::rename(&place, data.with_extension("moved")).unwrap();
        if had && (name == "drafts" || name == "dossier.key") {
            std::fs::rename(&kept, &place).unwrap();
        }
        let office = open(&data, "2026-05-01");
        assert!(household(&office, made.dossiers[1]).face().unwrap().is_some(), "{name}, a {how}");
        office.close().unwrap();
        for left in [kept, data.with_extension("moved")] {
            let _ = std::fs::remove_dir_all(&left).or_else(|_| std::fs::remove_file(&left));
        }
    }
    // Of what no owner left for the next one nothing is waited for.
    pipe(&data.join("owner.new"));
    open(&data, "2026-05-01").close().unwrap();
    let named = data.with_extension("pipe");
    pipe(&named);
    let refused = dossier::command::backup::key_file_bytes(&named).unwrap_err().explain();
    assert!(dossier::lang::say(&refused, dossier::lang::Lang::En).contains("a pipe"));
}

#[test]
fn a_store_that_somebody_works_in_is_not_set_aside() {
    let made = Made::new();
    let office = open(&made.store(), "2026-04-03");
    let refused = made.restore_to(&made.store(), &made.key_file(), true).unwrap_err();
    assert_eq!(refused.explain().key, "store.owned_by");
    assert_well(&office, "2026-04-03");
    office.close().unwrap();
}

#[test]
fn a_backup_that_is_cut_changed_or_none_is_one_sentence_and_changes_nothing() {
    let made = Made::new();
    let whole = std::fs::read(made.file()).unwrap();
    let keys = std::fs::read(keys_beside(&made.file())).unwrap();
    let place = made.folder.path().join("place");
    let bad = made.folder.path().join("bad.backup");
    let tried = |bytes: &[u8], keys: &[u8]| {
        std::fs::write(&bad, bytes).unwrap();
        std::fs::write(keys_beside(&bad), keys).unwrap();
        let unlocking = made.key_file();
        let asked =
            Restore { file: &bad, keys: None, folder: &place, unlocking: &unlocking, over: false, on_network: false };
        let refused = problem(restore(&asked, |_, _| {}));
        assert!(!place.exists() && !made.folder.path().join("place.restoring").exists());
        refused
    };
    let mut state = 0x1234_5678_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % n
    };
    for at in [0, 1, 21, 100, 200, whole.len() / 2, whole.len() - 17, whole.len() - 1] {
        let refused = tried(&whole[..at], &keys);
        let expected = matches!(refused, BackupProblem::NotABackup { .. } | BackupProblem::Damaged { .. });
        assert!(expected, "cut at {at}: {refused:?}");
    }
    for _ in 0..60 {
        let at = below(whole.len());
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << below(8);
        let refused = tried(&bytes, &keys);
        assert!(
            !matches!(refused, BackupProblem::File { .. } | BackupProblem::Broken { .. }),
            "byte {at}: {refused:?}"
        );
    }
    for _ in 0..20 {
        let at = below(keys.len());
        let mut bytes = keys.clone();
        bytes[at] ^= 1 << below(8);
        assert!(matches!(tried(&whole, &bytes), BackupProblem::KeysDamaged { .. }), "keys byte {at}");
    }
    assert!(matches!(tried(b"PK\x03\x04 something else", &keys), BackupProblem::NotABackup { .. }));
    // One byte more than there is.
    assert!(matches!(tried(&[whole.as_slice(), b"x"].concat(), &keys), BackupProblem::Damaged { .. }));
    is_well(&made);
}

#[test]
fn the_keys_of_another_store_are_named_as_such() {
    let (made, other) = (Made::new(), Made::new());
    let place = made.folder.path().join("place");
    let (file, keys) = (made.file(), keys_beside(&other.file()));
    let unlocking = other.key_file();
    let asked = Restore {
        file: &file,
        keys: Some(&keys),
        folder: &place,
        unlocking: &unlocking,
        over: false,
        on_network: false,
    };
    assert!(matches!(problem(restore(&asked, |_, _| {})), BackupProblem::OtherKeys { .. }));
    let unlocking = other.key_file();
    let asked =
        Restore { file: &file, keys: None, folder: &place, unlocking: &unlocking, over: false, on_network: false };
    assert!(matches!(restore(&asked, |_, _| {}), Err(Failure::Seal(_))), "another store's key file");
    assert!(!place.exists());
}

#[test]
fn keys_older_than_the_records_are_refused() {
    let made = Made::new();
    let old_keys = made.folder.path().join("old.keys");
    std::fs::copy(keys_beside(&made.file()), &old_keys).unwrap();
    let office = open(&made.store(), "2026-04-03");
    office.add_recovery_code(on("2026-04-02")).unwrap();
    let later = made.folder.path().join("later.backup");
    office.backup(&later, on("2026-04-03"), |_, _| {}).unwrap();
    office.close().unwrap();
    let place = made.folder.path().join("place");
    let unlocking = made.key_file();
    let asked = Restore {
        file: &later,
        keys: Some(&old_keys),
        folder: &place,
        unlocking: &unlocking,
        over: false,
        on_network: false,
    };
    assert!(matches!(problem(restore(&asked, |_, _| {})), BackupProblem::OtherKeys { .. }));
    assert!(!place.exists());
}

// ---- what doctor, verify and backup say of two copies

/// What everybody may ask of a store after whatever happened to it: `doctor`, `verify`, and a backup of both copies.
#[track_caller]
pub(crate) fn assert_well(office: &Office, day: &str) {
    let health = office.doctor(on(day).today).unwrap();
    assert_eq!(keys_of(&health.wrong), [""; 0]);
    let verified = office.verify(None, true, |_, _| {}).unwrap();
    assert!(verified.holds() && verified.copies.whole(), "{:?}", verified.copies);
    let elsewhere = tempfile::tempdir().unwrap();
    let backed = office.backup(&elsewhere.path().join("well.backup"), on(day), |_, _| {}).unwrap();
    assert!(backed.copies.whole() && backed.without_keys.is_empty(), "{:?}", backed.copies);
}

/// An opening of a store that is there.
pub(crate) fn asked(folder: &Path) -> OpenOffice {
    let random = Box::new(SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed)));
    let asked = OpenOffice::new(folder, library(), random, on("2026-05-01"));
    OpenOffice { create: false, machine: b"backup".to_vec(), ..asked }
}

pub(crate) fn opened(folder: &Path, thorough: bool) -> opening::Opened {
    opening::open(OpenOffice { thorough, ..asked(folder) }).unwrap()
}

pub(crate) fn keys_of(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.key).collect()
}

#[test]
fn missing_keys_are_said_at_opening_by_doctor_and_by_backup() {
    let made = Made::new();
    for copy in ["a", "b"] {
        std::fs::remove_file(made.store().join(format!("keys/{copy}/slots-00000001"))).unwrap();
    }
    let opened = opened(&made.store(), false);
    assert!(keys_of(&opening::reported(&opened)).contains(&"command.doctor.keys_missing_count"));
    let office = opened.office;
    assert_eq!(office.without_keys().unwrap().len(), 2);
    let health = office.doctor(on("2026-05-01").today).unwrap();
    assert!(keys_of(&health.wrong).contains(&"command.doctor.keys_missing"));
    let file = made.folder.path().join("poor.backup");
    let backed = office.backup(&file, on("2026-05-01"), |_, _| {}).unwrap();
    assert_eq!(backed.without_keys.len(), 2, "the backup does not pretend");
    // Rows of persons cannot be folded again without their keys; the records, and what links them, are all there.
    let verified = office.verify(None, false, |_, _| {}).unwrap();
    assert!(verified.holds() && verified.copies.whole() && backed.copies.whole());
    office.close().unwrap();
    // An erased one is not missing.
    let made = Made::new();
    let office = open(&made.store(), "2036-05-01");
    office.erase(made.dossiers[0], on("2036-05-01")).unwrap();
    assert!(office.without_keys().unwrap().is_empty());
    office.close().unwrap();
}

#[test]
fn a_copy_that_lost_a_record_is_told_by_verify_and_backup_and_doctor_mends_it() {
    let made = Made::new();
    let db = sled::open(made.store().join("sled")).unwrap();
    let key = [b"records\0".as_slice(), &3_u64.to_be_bytes()].concat();
    db.insert(key, b"not a frame".as_slice()).unwrap();
    db.flush().unwrap();
    drop(db);
    let office = opened(&made.store(), false).office;
    let verified = office.verify(None, false, |_, _| {}).unwrap();
    assert!(verified.report.holds() && !verified.holds());
    assert_eq!((verified.copies.not_in_sled, verified.copies.not_in_journal), (1, 0));
    let file = made.folder.path().join("one-copy.backup");
    let backed = office.backup(&file, on("2026-05-01"), |_, _| {}).unwrap();
    assert!(!backed.copies.whole(), "told, and the backup is complete from the other copy");
    let health = office.doctor(on("2026-05-01").today).unwrap();
    assert!(keys_of(&health.wrong).contains(&"store.damage_body"));
    office.close().unwrap();
    let office = opened(&made.store(), true).office;
    assert_well(&office, "2026-05-01");
    office.close().unwrap();
}

#[test]
fn doctor_names_leftovers_torn_drafts_and_what_a_restore_left_beside_the_folder() {
    let made = Made::new();
    let draft = std::fs::read_dir(made.store().join("drafts")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&draft).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&draft, bytes).unwrap();
    let beside = |name: &str| made.folder.path().join(name);
    std::fs::write(made.store().join("drafts/x.draft.new"), b"").unwrap();
    std::fs::write(made.store().join("drafts/copy of a draft.draft"), b"").unwrap();
    std::fs::create_dir(beside("store.restoring")).unwrap();
    std::fs::create_dir(beside("store.before-restore-1")).unwrap();
    std::fs::copy(keys_beside(&made.file()), beside("cut.backup.keys")).unwrap();
    std::fs::write(beside("somebody.keys"), b"a list of door keys").unwrap();
    // A program that stops while it writes on somebody's order takes nothing away again.
    for path in [beside("long.backup.keys"), made.store().join("dossier.key")] {
        std::mem::forget(NewFile::begin(&path, Standing::Stays).unwrap());
    }
    let office = opened(&made.store(), true).office;
    let health = office.doctor(on("2026-05-01").today).unwrap();
    let named = ["draft_torn", "unfinished", "unfinished", "restoring", "unfinished_output", "cut_backup"]
        .map(|key| format!("command.doctor.{key}"));
    assert_eq!(keys_of(&health.wrong), named);
    let said = dossier::lang::say(&health.wrong[4], dossier::lang::Lang::En);
    assert!(said.contains("was to become long.backup.keys"), "{said}");
    // What a restore that was finished replaced stands there by right.
    let notes = keys_of(&health.notes);
    assert!(notes.contains(&"command.doctor.no_draft"), "{notes:?}");
    assert_eq!(notes.iter().filter(|note| **note == "command.doctor.before_restore").count(), 1, "{notes:?}");
    let verified = office.verify(None, true, |_, _| {}).unwrap();
    assert!(verified.holds() && verified.copies.whole(), "{:?}", verified.copies);
    let backed = office.backup(&beside("whole.backup"), on("2026-05-01"), |_, _| {}).unwrap();
    assert!(backed.copies.whole(), "{:?}", backed.copies);
    assert_eq!(keys_of(&backed.damaged_drafts), ["command.doctor.draft_torn"], "a backup says so as well");
    office.close().unwrap();
    // What is no draft's stands in the way of nothing: it is left out.
    let (file, place, unlocking) = (beside("whole.backup"), beside("again"), made.key_file());
    let asked =
        Restore { file: &file, keys: None, folder: &place, unlocking: &unlocking, over: false, on_network: false };
    assert_eq!((restore(&asked, |_, _| {}).unwrap().drafts, backed.drafts), (1, 1));
}

#[test]
fn a_key_file_is_made_in_the_data_folder_only_where_the_first_one_has_its_place() {
    let made = Made::new();
    let (store, office) = (made.store(), opened(&made.store(), false).office);
    std::os::unix::fs::symlink(store.join("journal"), made.folder.path().join("into")).unwrap();
    std::fs::remove_file(store.join("dossier.key")).unwrap();
    let within = ["journal/dossier.key", "drafts/dossier.key", "other.key", "new/dossier.key", "../into/dossier.key"];
    for name in within {
        let refused = office.add_key_file(&store.join(name), on("2026-05-01"));
        assert!(matches!(refused, Err(Failure::Output(NotWritten::WithinStore { .. }))), "{name}: {refused:?}");
        assert!(!store.join(name).exists(), "{name}");
    }
    for path in [store.join("dossier.key"), made.folder.path().join("new/dossier.key")] {
        office.add_key_file(&path, on("2026-05-01")).unwrap();
        let again = office.add_key_file(&path, on("2026-05-01"));
        assert!(matches!(again, Err(Failure::Seal(SealError::KeyFileExists))), "{again:?}");
    }
    office.close().unwrap();
    opened(&store, false).office.close().unwrap();
}

#[test]
fn a_draft_that_was_being_made_anew_when_the_program_stopped_is_there_again() {
    let made = Made::new();
    let draft = std::fs::read_dir(made.store().join("drafts")).unwrap().next().unwrap().unwrap().path();
    let named = |end: &str| PathBuf::from(format!("{}.{end}", draft.display()));
    // Beside a draft that stands it is of no use, and stays until somebody deletes it.
    std::fs::write(named("new"), b"half").unwrap();
    let before = std::fs::read(&draft).unwrap();
    let office = opened(&made.store(), true).office;
    assert_eq!(keys_of(&office.doctor(on("2026-05-01").today).unwrap().wrong), ["command.doctor.unfinished"]);
    office.close().unwrap();
    assert!(std::fs::read(&draft).unwrap() == before);
    // Between its two renames it is the only one.
    std::fs::rename(&draft, named("new")).unwrap();
    std::fs::write(named("damaged"), b"damaged").unwrap();
    let office = opened(&made.store(), true).office;
    let (drafts, unreadable) = office.drafts(on("2026-05-01")).unwrap();
    assert_eq!((drafts.len(), unreadable.len()), (1, 0));
    assert_well(&office, "2026-05-01");
    office.close().unwrap();
    assert!(std::fs::read(&draft).unwrap() == before);
}

#[test]
fn a_restore_beside_a_folder_of_keys_with_nothing_in_it_brings_the_keys_of_the_backup() {
    for also in ["nothing", "both copies"] {
        let made = Made::new();
        let (to, keys) = (made.folder.path().join("elsewhere"), made.folder.path().join("elsewhere/keys"));
        std::fs::create_dir_all(&keys).unwrap();
        if also == "both copies" {
            ["a", "b"].iter().for_each(|copy| std::fs::create_dir(keys.join(copy)).unwrap());
        }
        made.restore_to(&to, &made.key_file(), false).unwrap_or_else(|failure| panic!("{also}: {failure:?}"));
        std::fs::copy(made.store().join("dossier.key"), to.join("dossier.key")).unwrap();
        let office = opened(&to, true).office;
        assert!(household(&office, made.dossiers[1]).face().unwrap().is_some(), "{also}");
        assert_well(&office, "2026-05-01");
        office.close().unwrap();
    }
}

#[test]
fn an_earlier_copy_put_back_in_the_same_folder_goes_on_as_a_new_station() {
    let folder = tempfile::tempdir().unwrap();
    let (data, state) = (folder.path().join("data"), folder.path().join("state"));
    std::fs::create_dir(&data).unwrap();
    let opened = |state: Option<&Path>| {
        let random = Box::new(SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed)));
        let asked = OpenOffice::new(&data, library(), random, on("2026-05-01"));
        opening::open(OpenOffice { state: state.map(Path::to_owned), machine: b"backup".to_vec(), ..asked }).unwrap()
    };
    let first = opened(Some(&state));
    let station = first.office.station();
    first.office.close().unwrap();
    let early = all_files(&data);
    let office = opened(Some(&state)).office;
    let after = survey(&office, "illness", "2026-05-01");
    office.close().unwrap();
    let same = opened(Some(&state));
    assert_eq!((same.moved, same.office.station()), (None, station), "what goes on goes on");
    same.office.close().unwrap();
    // The same folder, and so the same inode, with the files of before.
    let put_back = || {
        for entry in std::fs::read_dir(&data).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
        }
        for (path, bytes) in &early {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let key = data.join("dossier.key");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(key, mode).unwrap();
    };
    put_back();
    // Another user cannot see it, and is not told that it is one.
    let other = folder.path().join("another-state");
    let blind = opened(Some(&other));
    assert_eq!(blind.moved, None);
    let health = blind.office.doctor(on("2026-05-01").today).unwrap();
    assert!(keys_of(&health.notes).contains(&"command.doctor.turn_behind"));
    blind.office.close().unwrap();
    put_back();
    let back = opened(Some(&state));
    assert_eq!(back.moved, Some(dossier::seal::Moved::EarlierCopy));
    assert!(keys_of(&opening::reported(&back)).contains(&"command.moved_earlier"));
    assert_ne!(back.office.station(), station);
    assert!(back.office.open(after, on("2026-05-01")).is_err(), "what came after is not here");
    let goes_on = back.office.station();
    back.office.close().unwrap();
    let again = opened(Some(&state));
    assert_eq!((again.moved, again.office.station()), (None, goes_on));
    assert_well(&again.office, "2026-05-01");
    again.office.close().unwrap();
}
