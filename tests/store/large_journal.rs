//! A journal too large to be read whole at every opening. What is believed of it was read once and is untouched; what is not
//! believed is read before sled is let loose on its own files; and what a disk loses by itself is found in time.

use crate::kit::*;
use dossier::store::faulty::FaultyDisk;
use dossier::store::*;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const KEPT: usize = 60;

/// Every journal is large to it.
fn large() -> Settings {
    Settings { read_whole: 0, ..settings() }
}

fn fill(store: &Local) {
    for n in 0..KEPT {
        store.commit(entry(n, &format!("set k{} {n}\nset pad {}", n % 4, "p".repeat(n * 11 % 90)))).unwrap();
    }
}

/// Several files of journal, and a clean stop.
fn stopped() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), large()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    home
}

/// The same with the journal in memory.
fn stopped_in_memory() -> (FaultyDisk, tempfile::TempDir) {
    let (disk, home) = (FaultyDisk::default(), tempfile::tempdir().unwrap());
    let store = open_on(Arc::new(disk.clone()), home.path(), large()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    (disk, home)
}

fn copied(home: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(home, copy.path());
    copy
}

#[track_caller]
fn whole(store: &Local) {
    let entries: Vec<_> = store.replay(1, 1000).unwrap().iter().map(|f| f.entry).take(KEPT).collect();
    assert_eq!(entries, (0..KEPT).map(|n| entry(n, "").id).collect::<Vec<_>>());
    assert_sound(store, "a large journal");
}

/// So many files were mended.
fn mended(opened: &Opened) -> usize {
    let files = opened.found.iter().filter_map(|found| match found {
        Found::Mended { damage, .. } => Some(&damage.file),
        _ => None,
    });
    files.collect::<std::collections::BTreeSet<_>>().len()
}

fn closed_files(disk: &dyn Disk) -> Vec<String> {
    let mut files = disk.list("journal").unwrap();
    files.pop();
    assert!(files.len() > 3, "{files:?}");
    files
}

#[test]
fn what_was_read_whole_and_not_touched_since_is_not_read_again() {
    let (disk, home) = stopped_in_memory();
    // Behind its head no byte of a closed file is given any more.
    for file in closed_files(&disk) {
        disk.fail_reads(&file, 200..201, None);
    }
    for _ in 0..3 {
        let opened = open_on(Arc::new(disk.clone()), home.path(), large()).unwrap();
        assert_eq!(opened.found, []);
        opened.store.stop().unwrap();
    }
    // Whoever looks thoroughly finds it, and it is mended.
    let opened = open_on(Arc::new(disk.clone()), home.path(), Settings { thorough: true, ..large() }).unwrap();
    assert_eq!(mended(&opened), closed_files(&disk).len());
    whole(&opened.store);
}

#[test]
fn a_file_that_somebody_touched_is_read_before_sled_is_opened() {
    let home = stopped();
    let disk = RealDisk::new(home.path()).unwrap();
    for file in closed_files(&disk) {
        let copy = copied(home.path());
        // A copy is not what was read; once it was, it is believed.
        open(copy.path(), large()).unwrap().store.stop().unwrap();
        let path = copy.path().join(&file);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[200] ^= 4;
        std::fs::write(&path, bytes).unwrap();
        let opened = open(copy.path(), large()).unwrap();
        assert_eq!(mended(&opened), 1, "{file}");
        whole(&opened.store);
    }
}

#[test]
fn beside_a_touched_file_that_nothing_can_mend_sleds_own_files_keep_every_byte() {
    let home = stopped();
    let path = home.path().join("journal/00000002.seg");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[200] ^= 4;
    std::fs::write(&path, bytes).unwrap();
    // sled would cut this off: its second half checks no more.
    let rows = home.path().join("sled/db");
    let mut torn = std::fs::read(&rows).unwrap();
    let half = torn.len() / 2;
    torn[half..].fill(0xee);
    torn[..200].fill(0xee);
    std::fs::write(&rows, &torn).unwrap();
    assert!(matches!(open(home.path(), large()).err(), Some(OpenFailed::Damaged(_))));
    assert!(std::fs::read(&rows).unwrap() == torn);
}

#[test]
fn what_a_disk_lost_by_itself_is_found_within_some_openings() {
    let (disk, home) = stopped_in_memory();
    let files = closed_files(&disk);
    disk.damage(&files[2], |bytes| bytes[200] ^= 4);
    // Half of this is read at each opening, besides what is not believed.
    let settings = || Settings { read_whole: 3000, ..large() };
    let found = (1..=files.len()).find(|_| {
        let opened = open_on(Arc::new(disk.clone()), home.path(), settings()).unwrap();
        let found = mended(&opened) == 1;
        whole_once_found(&opened.store, found);
        opened.store.stop().unwrap();
        found
    });
    assert!(found.is_some_and(|openings| openings > 1), "{found:?} of {}", files.len());
}

fn whole_once_found(store: &Local, found: bool) {
    if found {
        whole(store);
    }
}

#[test]
fn what_was_believed_and_is_not_so_is_mended_in_the_same_opening_or_said_by_place() {
    for rows in ["of another shape", "gone"] {
        let (disk, home) = stopped_in_memory();
        disk.damage(&closed_files(&disk)[1], |bytes| bytes[200] ^= 4);
        let shape = u32::from(rows == "of another shape");
        if rows == "gone" {
            std::fs::remove_dir_all(home.path().join("sled")).unwrap();
        }
        match open_on(Arc::new(disk.clone()), home.path(), Settings { shape, ..large() }) {
            Ok(opened) => {
                assert_eq!((rows, mended(&opened)), ("of another shape", 1));
                assert!(!opened.found.contains(&Found::NotStopped), "{:?}", opened.found);
                whole(&opened.store);
            }
            Err(refused) => {
                let OpenFailed::Damaged(gone) = &refused else { panic!("{refused:?}") };
                assert_eq!((rows, gone[0].file.as_str()), ("gone", closed_files(&disk)[1].as_str()));
            }
        }
    }
}

#[test]
fn a_stop_that_was_not_clean_makes_all_of_it_be_read() {
    let (disk, home) = stopped_in_memory();
    drop(open_on(Arc::new(disk.clone()), home.path(), large()).unwrap());
    disk.damage(&closed_files(&disk)[1], |bytes| bytes[200] ^= 4);
    let opened = open_on(Arc::new(disk.clone()), home.path(), large()).unwrap();
    assert_eq!(mended(&opened), 1);
    whole(&opened.store);
}

#[test]
#[ignore = "run by the test below, in a process of its own"]
fn helper_that_opens_a_large_journal() {
    let Some(folder) = std::env::var_os("STORE_OF_ANOTHER") else { return };
    match open(Path::new(&folder), large()) {
        Ok(opened) => println!("opened {:?}", opened.found),
        Err(failed) => println!("refused {failed:?}"),
    }
}

/// Two at once: a closed file that the disk does not give any more, and a read of sled's that fails while it would be opened.
#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn a_read_of_sleds_that_fails_beside_a_believed_file_that_is_not_given_costs_neither_copy() {
    let home = stopped();
    let (file, rows) = (home.path().join("journal/00000001.seg"), home.path().join("sled/db"));
    let before = (std::fs::read(&file).unwrap(), std::fs::read(&rows).unwrap());
    // Both heads of the file are given; then nothing of either.
    let fault = ["-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=3+"];
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(&file).arg("-P").arg(&rows).args(fault);
    let test = ["--exact", "large_journal::helper_that_opens_a_large_journal", "--ignored", "--nocapture"];
    strace.arg(std::env::current_exe().unwrap()).args(test).env("STORE_OF_ANOTHER", home.path());
    let Ok(out) = strace.output() else {
        println!("skipped: no strace here");
        return;
    };
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.contains("refused BothDamaged"), "{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!((std::fs::read(&file).unwrap(), std::fs::read(&rows).unwrap()) == before);
    let opened = open(home.path(), large()).unwrap();
    whole(&opened.store);
}
