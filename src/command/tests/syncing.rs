//! What holds of a draft's file while its disk is slow, fails, or goes dark.

use super::*;
use crate::command::bureau::{Bureau, DataFolder};
use crate::command::clock::Watch;
use crate::command::survey::Surveying;
use crate::command::turns::{Going, Turns};
use crate::store::Disk;
use crate::store::faulty::{Fault, FaultyDisk};

const ANSWER: &str = "visit/investigators";

/// From now on the drafts of this seat lie there.
fn move_to(office: &mut Office, disk: FaultyDisk) {
    let (path, turns, watch) = (office.folder().to_owned(), Turns::NotCounted, Watch::default());
    let folder = DataFolder {
        path,
        disk: Arc::new(disk),
        turns,
        state: None,
        going: Going::default(),
        watch,
        for_reading: false,
    };
    let (local, keys) = (office.bureau.local.clone(), office.bureau.keys.clone());
    office.bureau =
        Arc::new(Bureau::new(local, keys, office.library().clone(), folder, Box::new(SeededRandom::new(9))));
}

/// An office whose drafts lie on a disk that can fail, and a draft on it.
fn begun(folder: &Path) -> (Office, FaultyDisk, Surveying) {
    let mut office = office(folder, 7, "2026-03-10");
    let disk = FaultyDisk::default();
    move_to(&mut office, disk.clone());
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: true };
    let surveying = office.begin(begin, on("2026-03-10")).unwrap();
    (office, disk, surveying)
}

/// How many steps the next start finds after the power failed now, whatever the disk makes of it.
fn found(office: &Office, disk: &FaultyDisk, surveying: &Surveying, seed: u64) -> usize {
    let mut later = office.seat(office.officer(), SessionContext::program("screens"));
    move_to(&mut later, disk.after_power_cut(seed));
    crate::command::draft_file::look(&later, surveying.keeping.head.draft).unwrap().written.len()
}

fn until_there(office: &Office, surveying: &mut Surveying) {
    let began = std::time::Instant::now();
    while !surveying.keeping.sync_behind(office).unwrap() {
        assert!(began.elapsed().as_secs() < 60, "never there");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[test]
fn what_is_said_to_be_kept_survives_a_power_cut_though_nobody_waited() {
    let folder = tempfile::tempdir().unwrap();
    let (office, disk, mut surveying) = begun(folder.path());
    surveying.answer(&office, &set(ANSWER, "示例甲")).unwrap();
    assert!(surveying.keeping.unsynced());
    until_there(&office, &mut surveying);
    assert!(!surveying.keeping.unsynced());
    // An answer given while the one before is on its way needs a sync of its own.
    surveying.answer(&office, &set(ANSWER, "示例乙")).unwrap();
    let _ = surveying.keeping.sync_behind(&office).unwrap();
    surveying.answer(&office, &set(ANSWER, "示例丙")).unwrap();
    until_there(&office, &mut surveying);
    for seed in 0..20 {
        assert_eq!(found(&office, &disk, &surveying, seed), 3, "{seed}");
    }
    // Leaving waits for what is on its way.
    surveying.answer(&office, &set(ANSWER, "示例丁")).unwrap();
    let _ = surveying.keeping.sync_behind(&office).unwrap();
    surveying.keeping.sync(&office).unwrap();
    assert!((0..20).all(|seed| found(&office, &disk, &surveying, seed) == 4));
}

#[test]
fn after_a_sync_that_failed_the_next_one_is_not_believed() {
    for behind in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (office, disk, mut surveying) = begun(folder.path());
        surveying.answer(&office, &set(ANSWER, "示例甲")).unwrap();
        let names = |disk: &FaultyDisk| disk.list("drafts").unwrap();
        disk.plan(0, Fault::Fails);
        if behind {
            let began = std::time::Instant::now();
            while surveying.keeping.sync_behind(&office).is_ok_and(|there| !there) {
                assert!(began.elapsed().as_secs() < 60, "no word of it");
            }
        } else {
            assert!(surveying.keeping.sync(&office).is_err());
        }
        assert!(surveying.keeping.unsynced(), "it is said that it is not kept");
        surveying.answer(&office, &set(ANSWER, "示例乙")).unwrap();
        until_there(&office, &mut surveying);
        for seed in 0..20 {
            assert_eq!(found(&office, &disk, &surveying, seed), 2, "{behind} {seed}");
        }
        assert_eq!(names(&disk).len(), 1, "no file is left over");
        // And it goes on as any draft does.
        surveying.answer(&office, &set(ANSWER, "示例丙")).unwrap();
        until_there(&office, &mut surveying);
        assert!((0..20).all(|seed| found(&office, &disk, &surveying, seed) == 3));
    }
}

#[test]
fn wherever_the_new_file_fails_what_was_kept_before_stays() {
    for step in 0..12 {
        let folder = tempfile::tempdir().unwrap();
        let (office, disk, mut surveying) = begun(folder.path());
        surveying.answer(&office, &set(ANSWER, "示例甲")).unwrap();
        surveying.keeping.sync(&office).unwrap();
        surveying.answer(&office, &set(ANSWER, "示例乙")).unwrap();
        disk.plan(0, Fault::Fails);
        assert!(surveying.keeping.sync(&office).is_err());
        disk.plan(step, Fault::CrashAmid(100));
        let done = surveying.keeping.sync(&office);
        for seed in 0..20 {
            let found = found(&office, &disk, &surveying, seed);
            assert!(found >= 1, "step {step}, seed {seed}: {found}");
            assert!(done.is_err() || found == 2, "step {step}, seed {seed}: said to be kept");
        }
    }
}

#[test]
fn a_draft_in_a_folder_that_somebody_else_has_by_now_is_not_said_to_be_kept_and_nothing_is_taken_away() {
    use crate::store::Failed;
    for behind in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let office = office(folder.path(), 7, "2026-03-10");
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: true };
        let mut surveying = office.begin(begin, on("2026-03-10")).unwrap();
        surveying.answer(&office, &set(ANSWER, "示例甲")).unwrap();
        surveying.keeping.sync(&office).unwrap();
        let owner = folder.path().join("owner");
        let ours = std::fs::read(&owner).unwrap();
        std::fs::write(&owner, "7\n1\nelsewhere\n1\nchance\n").unwrap();
        surveying.answer(&office, &set(ANSWER, "示例乙")).unwrap();
        let began = std::time::Instant::now();
        let refused = loop {
            let synced = if behind {
                surveying.keeping.sync_behind(&office)
            } else {
                surveying.keeping.sync(&office).map(|()| true)
            };
            match synced {
                Ok(false) => assert!(began.elapsed().as_secs() < 60, "no word of it"),
                other => break other,
            }
        };
        // Both are named, with how far each came.
        let Err(Failure::Store(Failed::Displaced(Some(both)))) = &refused else {
            panic!("{behind}: {:?}", refused.err())
        };
        assert_eq!(
            (both.ours.position, both.ours.head()),
            (both.there.as_ref().unwrap().position, both.there.as_ref().unwrap().head())
        );
        assert!(surveying.keeping.unsynced());
        assert!(surveying.keeping.remove(&office).is_err());
        assert_eq!(office.bureau.folder.disk.list("drafts").unwrap().len(), 1, "{behind}");
        std::fs::write(&owner, ours).unwrap();
    }
}
