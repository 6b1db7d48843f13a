//! Two things at once: a copy that is not ours, a lock that does nothing, a read that fails while the other copy is being
//! made. What was answered is there or its loss is said by place; and the copy that could have helped is spared.

use crate::kit::*;
use dossier::store::faulty::FaultyDisk;
use dossier::store::*;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const KEPT: usize = 14;

fn fill(store: &Local) {
    for n in 0..KEPT {
        store.commit(entry(n, &format!("set k{} {n}\nset pad {}", n % 4, "p".repeat(n * 11 % 90)))).unwrap();
    }
}

fn filled() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    home
}

/// All entries are there, once, in order, and both copies say so.
fn assert_whole(store: &Local, place: &str) {
    let frames = store.replay(1, 1000).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    let entries: Vec<_> = frames.iter().map(|f| f.entry).take(KEPT).collect();
    assert_eq!(entries, (0..KEPT).map(|n| entry(n, "").id).collect::<Vec<_>>(), "{place}");
    assert_sound(store, place);
}

/// As a command opens it that does not make stores.
fn usual() -> Settings {
    Settings { create: false, ..settings() }
}

fn asides(home: &Path) -> Vec<String> {
    let names = std::fs::read_dir(home).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("sled.aside")).collect();
    names.sort();
    names
}

fn first_segment(home: &Path) -> std::path::PathBuf {
    home.join("journal/00000001.seg")
}

fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[at] ^= 4;
    std::fs::write(file, bytes).unwrap();
}

// ---- one owner, whatever the lock file does

/// Opens the folder in a process of its own; what it says.
fn another_process_opens(home: &Path) -> String {
    let me = std::env::current_exe().unwrap();
    let test = ["--exact", "two_faults::helper_that_opens_what_another_process_has", "--ignored", "--nocapture"];
    let other = Command::new(me).args(test).env("STORE_OF_ANOTHER", home).output().unwrap();
    String::from_utf8_lossy(&other.stdout).into_owned()
}

#[test]
#[ignore = "run by the tests around it, in a process of its own"]
fn helper_that_opens_what_another_process_has() {
    let Some(folder) = std::env::var_os("STORE_OF_ANOTHER") else { return };
    println!("{:?}", open(Path::new(&folder), usual()).err());
}

#[test]
fn a_missing_lock_file_lets_no_second_owner_in() {
    let home = filled();
    let store = open(home.path(), usual()).unwrap().store;
    std::fs::remove_file(home.path().join("lock")).unwrap();
    let owned = format!("{:?}", Some(OpenFailed::Owned { process: Some(std::process::id()) }));
    assert!(another_process_opens(home.path()).contains(&owned));
    assert_eq!(asides(home.path()), [] as [&str; 0]);
    store.commit(entry(99, "set a 1")).unwrap();
    assert_whole(&store, "the first owner goes on");
}

#[test]
fn a_folder_that_another_process_has_by_its_token_is_owned_even_where_locks_do_nothing() {
    let home = filled();
    let mut child = Command::new("sleep").arg("600").spawn().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let started = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().nth(19).unwrap().to_owned();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let folder = std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(home.path()).unwrap());
    let token = format!("{}\n{started}\n{}\n{folder}\nchance\n", child.id(), boot.trim());
    std::fs::write(home.path().join("owner"), &token).unwrap();
    let refused = open(home.path(), usual()).err();
    assert_eq!(refused, Some(OpenFailed::Owned { process: Some(child.id()) }));
    assert_eq!(std::fs::read_to_string(home.path().join("owner")).unwrap(), token, "the owner's token is left alone");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_whole(&open(home.path(), usual()).unwrap().store, "once the owner has ended");
}

#[test]
fn an_owner_whose_folder_another_has_taken_acknowledges_nothing_more() {
    let home = filled();
    let store = open(home.path(), usual()).unwrap().store;
    store.commit(entry(50, "set a 1")).unwrap();
    let journal = std::fs::read(home.path().join("journal/00000001.seg")).unwrap();
    std::fs::write(home.path().join("owner"), "1\n1\nanother\nmachine\n").unwrap();
    let refused = store.commit(entry(51, "set a 2"));
    let Err(NotKept::ReadOnly(Failed::Displaced(Some(both)))) = &refused else { panic!("{refused:?}") };
    // Whoever reads it can tell the two apart: how far each came, and what its last record is called on paper.
    let there = both.there.as_ref().expect("a journal");
    assert_eq!((both.ours.position, both.ours.head()), (there.position, there.head()));
    assert_eq!(both.ours.head(), format!("head of {}", both.ours.position));
    let told = refused.as_ref().unwrap_err().reported();
    assert!(told.args.contains(&("other_head", there.head().to_owned())), "{told:?}");
    assert!(store.stop().is_err(), "no clean stop is noted in a folder that is another's");
    assert!(!home.path().join("stopped").exists());
    assert_eq!(std::fs::read(home.path().join("journal/00000001.seg")).unwrap(), journal);
    assert_eq!(std::fs::read_to_string(home.path().join("owner")).unwrap(), "1\n1\nanother\nmachine\n");
}

#[test]
fn an_owner_whose_folder_is_gone_or_replaced_acknowledges_nothing_more() {
    for how in ["moved", "removed", "replaced by a copy", "replaced by a copy that somebody opened"] {
        let above = filled();
        let (home, elsewhere) = (above.path().join("home"), above.path().join("elsewhere"));
        std::fs::create_dir(&home).unwrap();
        let store = open(&home, settings()).unwrap().store;
        fill(&store);
        std::fs::rename(&home, &elsewhere).unwrap();
        match how {
            "removed" => std::fs::remove_dir_all(&elsewhere).unwrap(),
            "replaced by a copy" => copy_folder(&elsewhere, &home),
            "replaced by a copy that somebody opened" => {
                copy_folder(&elsewhere, &home);
                // A raw copy brings the token along; whoever opens the copy writes its own.
                let copied = open(&home, usual());
                drop(copied);
            }
            _ => {}
        }
        let refused = store.commit(entry(60, "set a 1"));
        assert!(matches!(refused, Err(NotKept::ReadOnly(Failed::Displaced(Some(_))))), "{how}: {refused:?}");
    }
}

#[test]
fn an_owner_whose_journal_is_taken_away_or_replaced_acknowledges_nothing_more_and_loses_nothing() {
    for how in
        ["the folder is removed", "the file is removed", "a copy of it", "an earlier one", "a closed one is removed"]
    {
        let home = tempfile::tempdir().unwrap();
        let store = open(home.path(), Settings { segment_bytes: 1200, ..settings() }).unwrap().store;
        fill(&store);
        let names = || {
            let names = std::fs::read_dir(home.path().join("journal")).unwrap().map(|file| file.unwrap().path());
            names.collect::<std::collections::BTreeSet<_>>()
        };
        let newest = names().last().unwrap().clone();
        let early = std::fs::read(&newest).unwrap();
        store.commit(entry(40, "set b 1")).unwrap();
        let files = names().len();
        assert!(files > 1);
        match how {
            "the folder is removed" => std::fs::remove_dir_all(home.path().join("journal")).unwrap(),
            "the file is removed" => std::fs::remove_file(&newest).unwrap(),
            "a closed one is removed" => std::fs::remove_file(first_segment(home.path())).unwrap(),
            _ => {
                let bytes = std::fs::read(&newest).unwrap();
                let beside = home.path().join("beside");
                std::fs::write(&beside, if how == "a copy of it" { &bytes } else { &early }).unwrap();
                std::fs::rename(beside, &newest).unwrap();
            }
        }
        // Of many closed files one is looked at for each commit.
        let refused = (50..50 + files).map(|n| store.commit(entry(n, "set a 1"))).find(Result::is_err);
        let Some(Err(NotKept::ReadOnly(Failed::Replaced { file }))) = &refused else { panic!("{how}: {refused:?}") };
        assert!(file.starts_with("journal/"), "{how}: {file}");
        assert!(matches!(store.commit(entry(90, "set a 2")), Err(NotKept::ReadOnly(_))), "{how}");
        assert!(store.stop().is_err() && !home.path().join("stopped").exists(), "{how}: no clean stop is noted");
        assert_whole(&open(home.path(), usual()).unwrap_or_else(|e| panic!("{how}: {e:?}")).store, how);
    }
}

#[test]
fn views_that_lost_a_row_are_made_again_after_any_stop_but_a_clean_one() {
    for clean in [true, false] {
        let home = filled();
        let rows = ::sled::open(home.path().join("sled")).unwrap();
        let is_ours = |key: &[u8]| !key.starts_with(b"meta") && !key.starts_with(b"records");
        let lost = rows.iter().keys().map(|key| key.unwrap()).find(|key| is_ours(key)).expect("a row");
        rows.remove(lost).unwrap();
        rows.flush().unwrap();
        drop(rows);
        if !clean {
            std::fs::remove_file(home.path().join("stopped")).unwrap();
        }
        let opened = open(home.path(), usual()).unwrap();
        let met = opened.found.iter().any(|found| matches!(found, Found::SetAside { why: Why::Wrong, .. }));
        // After a clean stop nobody looks, or opening would read everything; doctor does.
        assert_eq!(met, !clean, "{:?}", opened.found);
        assert_eq!(doctor::check(&opened.store).unwrap().is_empty(), !clean);
    }
}

#[test]
fn rows_that_a_program_was_making_when_it_was_stopped_are_taken_away_by_the_next_opening() {
    let home = filled();
    let left = ["sled.new", "sled.again", "sled.copy"].map(|name| home.path().join(name));
    for folder in &left {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("db"), b"half of it").unwrap();
    }
    let opened = open(home.path(), usual()).unwrap();
    assert!(left.iter().all(|folder| !folder.exists()));
    assert_whole(&opened.store, "beside what was left");
    opened.store.stop().unwrap();
}

#[test]
fn a_sled_that_is_open_elsewhere_is_owned_and_never_set_aside() {
    let home = filled();
    let elsewhere = ::sled::open(home.path().join("sled")).unwrap();
    assert_eq!(open(home.path(), usual()).err(), Some(OpenFailed::Owned { process: None }));
    assert_eq!(asides(home.path()), [] as [&str; 0]);
    drop(elsewhere);
    assert_whole(&open(home.path(), usual()).unwrap().store, "once it is closed");
}

// ---- nothing is written until it is known what is there

#[test]
fn an_empty_folder_is_begun_only_by_whoever_may_begin() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(open(home.path(), usual()).err(), Some(OpenFailed::Nothing));
    assert!(!home.path().join("journal").exists());
    assert!(open(home.path(), settings()).is_ok());
}

#[test]
fn a_journal_that_lost_every_file_is_made_again_from_whatever_has_its_frames() {
    for (how, found) in [("sled", true), ("an aside", true), ("only a note of the stop", false)] {
        let home = filled();
        std::fs::remove_dir_all(home.path().join("journal")).unwrap();
        match how {
            "sled" => {}
            "an aside" => std::fs::rename(home.path().join("sled"), home.path().join("sled.aside-1")).unwrap(),
            _ => std::fs::remove_dir_all(home.path().join("sled")).unwrap(),
        }
        // Whoever may begin does not begin here either.
        for settings in [usual(), settings()] {
            match open(home.path(), settings) {
                Ok(opened) if found => assert_whole(&opened.store, how),
                Err(OpenFailed::Damaged(gone)) if !found => {
                    assert_eq!(gone[0].what, What::Frames { from: 1, to: KEPT as u64 }, "{how}");
                    assert!(!home.path().join("journal/00000001.seg").exists());
                }
                other => panic!("{how}: {:?}", other.err()),
            }
        }
    }
}

/// A hand whose keys open the records of one store only.
struct Keyed(ChainRecorder, Option<bool>);

impl Recorder for Keyed {
    fn finish(&mut self, read: &dyn Read, entry: &Entry, at: Kept) -> Result<Finished, Refused> {
        self.0.finish(read, entry, at)
    }
    fn fold(&mut self, read: &dyn Read, frame: &Frame) -> Result<Vec<RowChange>, Refused> {
        self.0.fold(read, frame)
    }
    fn knows(&self, _: &Frame) -> Option<bool> {
        self.1
    }
}

fn keyed(opens: Option<bool>) -> Settings {
    Settings { recorder: Box::new(Keyed(ChainRecorder::default(), opens)), ..usual() }
}

#[test]
fn files_that_our_keys_do_not_open_are_named_and_left_alone() {
    for what in ["journal", "sled"] {
        let home = filled();
        if what == "sled" {
            std::fs::remove_dir_all(home.path().join("journal")).unwrap();
        }
        let before = bytes_below(home.path());
        match open(home.path(), keyed(Some(false))).err() {
            Some(OpenFailed::NotOurs { what: named, holds }) => {
                assert_eq!((named, holds.identity, holds.position), (what, IDENTITY, KEPT as u64));
            }
            other => panic!("{what}: {other:?}"),
        }
        // sled writes in its own files when it is opened, and loses nothing by it.
        let journal = |files: Vec<(String, Vec<u8>)>| {
            files.into_iter().filter(|(name, _)| name.starts_with("journal")).collect::<Vec<_>>()
        };
        assert!(journal(bytes_below(home.path())) == journal(before), "{what}");
        assert_eq!(asides(home.path()), [] as [&str; 0], "{what}");
        assert_whole(&open(home.path(), keyed(Some(true))).unwrap().store, what);
    }
}

fn bytes_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for name in ["journal", "keys"] {
        for item in std::fs::read_dir(folder.join(name)).into_iter().flatten() {
            let path = item.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            found.push((name, std::fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

// ---- no copy is given up before the other is proven

#[test]
fn rows_of_another_shape_still_give_what_the_journal_has_lost() {
    let home = filled();
    for at in (130..1000).step_by(61) {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(home.path(), copy.path());
        flip(&first_segment(copy.path()), at);
        let opened = open(copy.path(), Settings { shape: 7, ..usual() }).unwrap_or_else(|e| panic!("{at}: {e:?}"));
        assert!(opened.found.iter().any(|f| matches!(f, Found::SetAside { why: Why::OtherShape, .. })), "{at}");
        assert_whole(&opened.store, &format!("byte {at}"));
    }
}

#[test]
fn a_journal_that_cannot_be_made_whole_leaves_every_copy_where_it_was() {
    let home = filled();
    // The row of the second frame is damaged as the journal's frame is: nobody has it.
    let db = ::sled::open(home.path().join("sled")).unwrap();
    let key = [b"records\0".as_slice(), &2_u64.to_be_bytes()].concat();
    db.insert(key, b"not a frame".as_slice()).unwrap();
    drop(db);
    let bytes = std::fs::read(first_segment(home.path())).unwrap();
    let second = bytes.windows(4).enumerate().filter(|(_, w)| *w == b"\xf7dsr").nth(1).unwrap().0;
    flip(&first_segment(home.path()), second + 30);
    for shape in [0, 9] {
        let refused = open(home.path(), Settings { shape, ..usual() }).err();
        assert!(matches!(refused, Some(OpenFailed::Damaged(_))), "{refused:?}");
        assert_eq!(asides(home.path()), [] as [&str; 0], "shape {shape}");
    }
}

#[test]
fn what_was_set_aside_gives_what_both_copies_have_lost() {
    let home = filled();
    drop(rebuild(home.path(), usual()).unwrap().store);
    assert_eq!(asides(home.path()), ["sled.aside-1"]);
    std::fs::remove_dir_all(home.path().join("sled")).unwrap();
    flip(&first_segment(home.path()), 200);
    let opened = open(home.path(), usual()).unwrap();
    assert!(opened.found.iter().any(|f| matches!(f, Found::Mended { by: "sled.aside", .. })), "{:?}", opened.found);
    assert_whole(&opened.store, "from the aside");
}

#[test]
fn what_was_set_aside_stays_until_somebody_wrote_and_both_copies_are_proven() {
    let home = filled();
    rebuild(home.path(), usual()).unwrap().store.stop().unwrap();
    assert_eq!(asides(home.path()), ["sled.aside-1"], "whoever only looks takes nothing away");
    open(home.path(), usual()).unwrap().store.stop().unwrap();
    assert_eq!(asides(home.path()), ["sled.aside-1"]);
    let store = open(home.path(), usual()).unwrap().store;
    store.commit(entry(70, "set a 1")).unwrap();
    let first = first_segment(home.path());
    let whole = std::fs::read(&first).unwrap();
    flip(&first, 200);
    store.stop().unwrap();
    assert_eq!(asides(home.path()), ["sled.aside-1"], "the journal was damaged meanwhile");
    std::fs::write(&first, whole).unwrap();
    let store = open(home.path(), usual()).unwrap().store;
    store.commit(entry(71, "set a 2")).unwrap();
    store.stop().unwrap();
    assert_eq!(asides(home.path()), [] as [&str; 0]);
}

#[test]
fn two_copies_of_one_store_that_went_on_apart_are_named_and_neither_is_touched() {
    let home = filled();
    let early = tempfile::tempdir().unwrap();
    copy_folder(home.path(), early.path());
    let store = open(home.path(), usual()).unwrap().store;
    (0..3).for_each(|n| drop(store.commit(entry(80 + n, "set here 1")).unwrap()));
    store.stop().unwrap();
    let store = open(early.path(), usual()).unwrap().store;
    store.commit(entry(90, "set there 1")).unwrap();
    store.stop().unwrap();
    // The journal of the one, the sled of the other, which knows more.
    std::fs::remove_dir_all(home.path().join("journal")).unwrap();
    copy_folder(&early.path().join("journal"), &home.path().join("journal"));
    let refused = open(home.path(), usual()).err();
    match refused {
        Some(OpenFailed::Apart { position, journal, sled }) => {
            assert_eq!(
                (position, journal.position, sled.position),
                (KEPT as u64 + 1, KEPT as u64 + 1, KEPT as u64 + 3)
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(asides(home.path()), [] as [&str; 0]);
}

// ---- reads that fail

/// A journal on a disk that fails reads, and its rows in a real sled.
fn on_a_failing_disk(clean: bool) -> (FaultyDisk, tempfile::TempDir) {
    let (disk, home) = (FaultyDisk::default(), tempfile::tempdir().unwrap());
    let store = open_on(Arc::new(disk.clone()), home.path(), settings()).unwrap().store;
    fill(&store);
    if clean {
        store.stop().unwrap()
    } else {
        drop(store)
    }
    (disk, home)
}

#[test]
fn a_place_of_the_journal_that_cannot_be_read_is_answered_from_sled_and_written_anew() {
    for clean in [true, false] {
        let (disk, home) = on_a_failing_disk(clean);
        for file in disk.list("journal").unwrap() {
            for at in [0, 64, 150, 700, 1100] {
                let place = format!("{file} byte {at}, clean {clean}");
                let (failing, copy) = (disk.copy(), tempfile::tempdir().unwrap());
                copy_folder(home.path(), copy.path());
                failing.fail_reads(&file, at..at + 8, None);
                let opened = open_on(Arc::new(failing.clone()), copy.path(), usual());
                let opened = opened.unwrap_or_else(|e| panic!("{place}: {e:?}"));
                assert_whole(&opened.store, &place);
                opened.store.stop().unwrap();
                let again = open_on(Arc::new(failing.clone()), copy.path(), Settings { thorough: true, ..usual() });
                assert_eq!(again.unwrap().found, [], "{place}: once and for all");
            }
        }
    }
}

#[test]
fn a_damaged_journal_on_a_disk_that_may_only_be_read_is_answered_from_a_copy_of_sled_and_said() {
    use dossier::store::shadow::ShadowDisk;
    for gone in [false, true] {
        let home = filled();
        match gone {
            true => std::fs::remove_dir_all(home.path().join("journal")).unwrap(),
            false => flip(&first_segment(home.path()), 200),
        }
        let bytes = || (bytes_below(home.path()), std::fs::read(home.path().join("sled/db")).unwrap());
        let before = bytes();
        let shadow = Arc::new(ShadowDisk::new(home.path()).unwrap());
        let opened = open_to_read(shadow, home.path(), usual()).unwrap();
        let frames = opened.store.replay(1, 1000).unwrap();
        assert_eq!(frames.len(), KEPT, "gone: {gone}");
        if !gone {
            assert!(opened.found.iter().any(|f| matches!(f, Found::MendedInMemory(_))), "{:?}", opened.found);
            assert_eq!(doctor::check(&opened.store).unwrap().len(), 1);
        }
        opened.store.stop().unwrap();
        assert!(bytes() == before, "gone: {gone}");
    }
}

#[test]
fn a_read_that_fails_once_damages_nothing() {
    let (disk, home) = on_a_failing_disk(true);
    for file in disk.list("journal").unwrap() {
        let (failing, copy) = (disk.copy(), tempfile::tempdir().unwrap());
        copy_folder(home.path(), copy.path());
        failing.fail_reads(&file, 0..10_000, Some(1));
        let opened = open_on(Arc::new(failing), copy.path(), usual()).unwrap();
        assert_whole(&opened.store, &file);
    }
}

#[test]
fn a_journal_alone_that_cannot_be_read_is_refused_by_place_or_the_unread_end_is_told() {
    let disk = FaultyDisk::default();
    let store = open_journal(Arc::new(disk.clone()), settings()).unwrap().store;
    fill(&store);
    drop(store);
    let (mut refused, mut reported) = (0, 0);
    for file in disk.list("journal").unwrap() {
        for at in (128..disk.bytes(&file).unwrap().len() as u64).step_by(107) {
            let failing = disk.copy();
            failing.fail_reads(&file, at..at + 1, None);
            match open_journal(Arc::new(failing), settings()) {
                Err(OpenFailed::Damaged(gone)) => {
                    refused += 1;
                    assert!(gone.iter().all(|d| d.file == file), "{file} {at}: {gone:?}");
                }
                Ok(opened) => {
                    reported += 1;
                    let whole = opened.store.position() == KEPT as u64;
                    let said = opened.found.iter().any(|f| matches!(f, Found::TailUnread(d) if d.file == file));
                    let within = opened.found.iter().any(|f| matches!(f, Found::Mended { .. }));
                    assert!(said || (whole && within), "{file} {at}: {:?}", opened.found);
                }
                Err(other) => panic!("{file} {at}: {other:?}"),
            }
        }
    }
    assert!(refused > 3 && reported > 0, "{refused} {reported}");
}

// ---- a disk that fails twice

#[test]
fn a_disk_that_fails_twice_loses_nothing_that_was_answered() {
    use dossier::store::faulty::Fault;
    let start = FaultyDisk::default();
    drop(open_journal(Arc::new(start.clone()), settings()).unwrap());
    let (mut hurt, mut reported) = (0, 0);
    for first in 0..24 {
        for second in 1..6 {
            for fault in [Fault::Fails, Fault::Full] {
                let place = format!("{fault:?} at {first} and {second} later");
                let disk = start.copy();
                let Ok(opened) = open_journal(Arc::new(disk.clone()), settings()) else { panic!("{place}") };
                disk.plan(first, fault);
                disk.plan_also(first + second, fault);
                let answers: Vec<_> =
                    (0..KEPT).map(|n| opened.store.commit(entry(n, &format!("set k{n} {}", "x".repeat(90))))).collect();
                let kept = (0..KEPT).filter(|n| answers[*n].is_ok()).collect::<Vec<_>>();
                hurt += usize::from(kept.len() < KEPT);
                drop(opened);
                for found in [disk.after_kill(), disk.after_power_cut(first as u64 * 7 + second as u64)] {
                    let again = open_journal(Arc::new(found), settings()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
                    for n in &kept {
                        let receipt = again.store.commit(entry(*n, "")).unwrap();
                        assert!(receipt.repeated, "{place}: {n} was answered and is gone");
                    }
                    assert_sound(&again.store, &place);
                    reported += 1;
                }
            }
        }
    }
    assert!(hurt > 20 && reported > 400, "{hurt} {reported}");
}

#[test]
fn what_sled_notes_beside_its_data_may_be_damaged_while_the_journal_needs_the_data() {
    type Fault = fn(&Path);
    let faults: [(&str, Fault); 5] = [
        ("a byte of snap", |sled| flip(&noted(sled, "snap."), 10)),
        ("snap is empty", |sled| std::fs::write(noted(sled, "snap."), []).unwrap()),
        ("a byte of conf", |sled| flip(&noted(sled, "conf"), 10)),
        ("conf is a folder", |sled| {
            std::fs::remove_file(sled.join("conf")).unwrap();
            std::fs::create_dir(sled.join("conf")).unwrap();
        }),
        ("blobs is a file", |sled| {
            let _ = std::fs::remove_dir_all(sled.join("blobs"));
            std::fs::write(sled.join("blobs"), b"x").unwrap();
        }),
    ];
    for (fault, make) in faults {
        let home = filled();
        make(&home.path().join("sled"));
        // A frame in the middle.
        let journal = first_segment(home.path());
        flip(&journal, 400);
        let opened = open(home.path(), usual()).unwrap_or_else(|why| panic!("{fault}: {why:?}"));
        assert!(opened.found.iter().any(|found| matches!(found, Found::Mended { .. })), "{fault}: {:?}", opened.found);
        assert_whole(&opened.store, fault);
        opened.store.stop().unwrap();
        assert_eq!(open(home.path(), Settings { thorough: true, ..usual() }).unwrap().found, [], "{fault}");
    }
}

fn noted(sled: &Path, begins: &str) -> std::path::PathBuf {
    let mut names = std::fs::read_dir(sled).unwrap().map(|entry| entry.unwrap());
    names.find(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(begins))).unwrap().path()
}
