//! Damaged files: found, and mended from the other copy or refused by place. Never a panic that gets out, never a silent
//! loss of what was answered.

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

/// All entries are there, once, in order.
fn assert_all_there(store: &Local, place: &str) {
    let frames = store.replay(1, 1000).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    let entries: Vec<_> = frames.iter().map(|f| f.entry).collect();
    assert_eq!(entries, (0..KEPT).map(|n| entry(n, "").id).collect::<Vec<_>>(), "{place}");
}

/// All entries are there, in both copies, and everything adds up.
fn assert_whole(store: &Local, place: &str) {
    assert_all_there(store, place);
    assert_eq!(wrong(store), [], "{place}");
    let copies = store.each_frame(store.position(), |_| true).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    assert!(copies.whole(), "{place}: {copies:?}");
    assert_eq!(doctor::refold(store, &mut ChainRecorder::default(), 1, &mut |_, _| {}).unwrap(), [], "{place}");
}

/// What is wrong but for this: that sled does not answer in this process, which is told wherever it is so.
fn wrong(store: &Local) -> Vec<Damage> {
    let wrong = doctor::check(store).unwrap();
    let (hangs, wrong): (Vec<_>, _) = wrong.into_iter().partition(|d| d.what == What::Sled && sled::is_given_up());
    assert_eq!(hangs.len(), usize::from(sled::is_given_up()), "{hangs:?}");
    wrong
}

fn thorough() -> Settings {
    Settings { thorough: true, ..settings() }
}

#[test]
fn a_flipped_bit_at_every_byte_of_a_journal_alone_is_harmless_or_refused_by_place() {
    for clean in [true, false] {
        let disk = FaultyDisk::default();
        let store = open_journal(Arc::new(disk.clone()), settings()).unwrap().store;
        fill(&store);
        if clean {
            store.stop().unwrap()
        } else {
            drop(store)
        }
        let files = disk.list("journal").unwrap();
        assert!(files.len() > 2);
        let (mut refused, mut harmless, mut reported) = (0, 0, 0);
        for file in &files {
            for at in 0..disk.bytes(file).unwrap().len() {
                let place = format!("{file} byte {at}, clean {clean}");
                let damaged = disk.copy();
                damaged.damage(file, |bytes| bytes[at] ^= 1 << (at % 8));
                match open_journal(Arc::new(damaged.clone()), settings()) {
                    Err(OpenFailed::Damaged(damages)) => {
                        refused += 1;
                        assert!(
                            damages.iter().all(|d| d.file == *file && d.offset <= at as u64),
                            "{place}: {damages:?}"
                        );
                    }
                    Err(other) => panic!("{place}: {other:?}"),
                    Ok(opened) if opened.store.position() == KEPT as u64 => {
                        harmless += 1;
                        assert_whole(&opened.store, &place);
                    }
                    // The very last frame, after no clean stop, cannot be told from one that was never answered. It is
                    // not lost silently: it is told by place.
                    Ok(opened) => {
                        reported += 1;
                        assert!(!clean && opened.store.position() == KEPT as u64 - 1, "{place}");
                        let named = |f: &Found| matches!(f, Found::TailDropped(d) if d.file == *file);
                        assert!(opened.found.iter().any(named), "{place}: {:?}", opened.found);
                    }
                }
            }
        }
        assert!(refused > 500 && harmless > 200 && (reported > 0) != clean, "{refused} {harmless} {reported}");
    }
}

#[test]
fn a_flipped_bit_at_any_byte_of_the_journal_is_mended_from_sled() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    let mut mended = 0;
    for file in files_below(&home.path().join("journal")) {
        let len = std::fs::metadata(&file).unwrap().len() as usize;
        for at in (0..len).step_by(23) {
            let place = format!("{} byte {at}", file.display());
            let copy = tempfile::tempdir().unwrap();
            copy_folder(home.path(), copy.path());
            flip(&copy.path().join(file.strip_prefix(home.path()).unwrap()), at);
            let opened = open(copy.path(), settings()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
            mended += opened.found.iter().filter(|f| matches!(f, Found::Mended { .. })).count();
            assert_whole(&opened.store, &place);
            opened.store.stop().unwrap();
            let again = open(copy.path(), thorough()).unwrap();
            assert_eq!(again.found, [], "{place}: mended once and for all");
        }
    }
    assert!(mended > 50, "{mended}");
}

#[test]
fn journal_files_that_are_cut_emptied_or_removed_are_mended_from_sled() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    let files = files_below(&home.path().join("journal"));
    for (index, file) in files.iter().enumerate() {
        for how in ["cut", "emptied", "removed", "overwritten"] {
            let place = format!("{} {how}", file.display());
            let copy = tempfile::tempdir().unwrap();
            copy_folder(home.path(), copy.path());
            let target = copy.path().join(file.strip_prefix(home.path()).unwrap());
            hurt(&target, how);
            let opened = open(copy.path(), settings()).unwrap_or_else(|e| panic!("{place} ({index}): {e:?}"));
            assert_whole(&opened.store, &place);
            opened.store.stop().unwrap();
            assert_eq!(open(copy.path(), thorough()).unwrap().found, [], "{place}");
        }
    }
    let copy = tempfile::tempdir().unwrap();
    copy_folder(home.path(), copy.path());
    std::fs::remove_dir_all(copy.path().join("journal")).unwrap();
    let opened = open(copy.path(), settings()).unwrap();
    assert_whole(&opened.store, "no journal at all");
}

#[test]
fn sled_cut_emptied_overwritten_or_removed_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    for how in ["cut 99", "cut 90", "cut 50", "cut 10", "emptied", "overwritten", "removed"] {
        for file in ["sled/db", "sled/conf", "sled"] {
            let copy = tempfile::tempdir().unwrap();
            copy_folder(home.path(), copy.path());
            let target = copy.path().join(file);
            if target.is_dir() {
                std::fs::remove_dir_all(&target).unwrap();
            } else {
                hurt(&target, how);
            }
            let place = format!("{file} {how}");
            let opened = open(copy.path(), thorough()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
            assert_whole(&opened.store, &place);
            let copy = tempfile::tempdir().unwrap();
            copy_folder(home.path(), copy.path());
            let target = copy.path().join(file);
            if target.is_dir() {
                std::fs::remove_dir_all(&target).unwrap()
            } else {
                hurt(&target, how)
            }
            told_or_not_met(copy.path(), &place);
        }
    }
}

/// Opened as usual, damage in sled is mended, or not met and told by whoever looks: nothing is lost, the journal is spared,
/// and a thorough opening mends what is left. Whether it was met at once.
fn told_or_not_met(home: &Path, place: &str) -> bool {
    let journal = |home: &Path| {
        let files = files_below(&home.join("journal"));
        files.iter().map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    let before = journal(home);
    let opened = open(home, settings()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    let met = !opened.found.is_empty();
    assert_all_there(&opened.store, place);
    let told = wrong(&opened.store);
    assert!(told.iter().all(|damage| damage.file.starts_with("sled")), "{place}: {told:?}");
    let copies =
        opened.store.each_frame(opened.store.position(), |_| true).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    assert!(copies.whole() || !told.is_empty(), "{place}: {copies:?} and nothing told");
    // A stop may fail where sled does; nothing is lost by that.
    let _ = opened.store.stop();
    assert!(journal(home) == before, "{place}: the journal was touched");
    let opened = open(home, thorough()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    assert_whole(&opened.store, place);
    met
}

// sled has one lock for all that a process has open. What may set it at odds has a process of its own: the tests beside it
// are about other things.

#[test]
fn a_flipped_bit_in_sleds_files_is_found_and_mended_from_the_journal() {
    in_a_process_of_its_own("damage::helper_that_flips_bits_in_sleds_files");
}

#[test]
fn a_full_disk_keeps_what_was_answered_and_can_be_opened_and_read() {
    in_a_process_of_its_own("damage::helper_that_fills_a_disk");
}

#[test]
fn a_full_disk_on_which_sled_comes_to_no_end_keeps_what_was_answered_all_the_same() {
    for moment in ["begun", "full", "room again", "closed", "stuffed", "read", "emptied", "ended"] {
        run_in_a_process_of_its_own("damage::helper_that_fills_a_disk", &[("SLED_COMES_TO_NO_END", Path::new(moment))]);
    }
}

#[test]
fn when_sled_comes_to_no_end_what_was_answered_is_read_and_more_is_kept_and_the_next_process_has_it_all() {
    let home = tempfile::tempdir().unwrap();
    let in_another = |test: &str| run_in_a_process_of_its_own(test, &[("STORE_WHERE_SLED_HANGS", home.path())]);
    in_another("damage::helper_whose_sled_stops_while_it_works");
    let opened = open(home.path(), settings()).unwrap();
    assert!(opened.found.iter().any(|f| matches!(f, Found::Behind { .. })), "{:?}", opened.found);
    assert_whole(&opened.store, "after sled stopped at work");
    opened.store.stop().unwrap();
    assert_eq!(open(home.path(), thorough()).unwrap().found, []);
    in_another("damage::helper_whose_sled_does_not_open");
    let opened = open(home.path(), settings()).unwrap();
    assert_eq!(opened.found, [Found::Filled], "what did not answer was set aside by the process that met it");
    assert_whole(&opened.store, "after sled did not open");
}

#[test]
fn a_last_frame_that_is_damaged_after_a_kill_waits_for_sled_and_is_never_taken_for_a_write_that_was_cut_off() {
    for first in ["", "damage::helper_that_opens_and_sled_does_not_answer"] {
        let home = tempfile::tempdir().unwrap();
        let store = open(home.path(), settings()).unwrap().store;
        fill(&store);
        drop(store);
        // Nothing behind it says that it was synced.
        let frames = |file: &Path| std::fs::read(file).unwrap().iter().rposition(|b| *b != 0).unwrap_or(0);
        let files = files_below(&home.path().join("journal"));
        let last = files.iter().rev().find(|file| frames(file) > 128).unwrap();
        flip(last, frames(last) - 2);
        if !first.is_empty() {
            run_in_a_process_of_its_own(first, &[("STORE_WHERE_SLED_HANGS", home.path())]);
        }
        let opened = open(home.path(), settings()).unwrap();
        assert!(opened.found.iter().any(|f| matches!(f, Found::Mended { .. })), "{:?}", opened.found);
        assert_whole(&opened.store, first);
        opened.store.stop().unwrap();
        assert_eq!(open(home.path(), thorough()).unwrap().found, []);
    }
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_that_opens_and_sled_does_not_answer() {
    let Some(folder) = std::env::var_os("STORE_WHERE_SLED_HANGS") else { return };
    sled::give_up();
    assert_eq!(open(Path::new(&folder), settings()).err(), Some(OpenFailed::Failed(Failed::Hangs)));
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_whose_reader_gives_sled_up() {
    let Some(folder) = std::env::var_os("STORE_WHERE_SLED_HANGS") else { return };
    let store = open(Path::new(&folder), settings()).unwrap().store;
    fill(&store);
    let rows = things(&store);
    sled::give_up();
    // Nobody commits; whoever reads is answered again all the same.
    let again = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        store.get(THINGS, b"k1").is_ok()
    });
    assert!(again, "the rows are not made again");
    assert_eq!(things(&store), rows);
    assert_whole(&store, "after a reader gave sled up");
    store.stop().unwrap();
}

#[test]
fn whoever_waited_for_sled_readers_are_answered_again_without_a_commit() {
    let home = tempfile::tempdir().unwrap();
    run_in_a_process_of_its_own(
        "damage::helper_whose_reader_gives_sled_up",
        &[("STORE_WHERE_SLED_HANGS", home.path())],
    );
    assert_whole(&open(home.path(), settings()).unwrap().store, "the next process");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_whose_sled_stops_while_it_works() {
    let Some(folder) = std::env::var_os("STORE_WHERE_SLED_HANGS") else { return };
    let store = open(Path::new(&folder), settings()).unwrap().store;
    let one = |n: usize| store.commit(entry(n, &format!("set k{} {n}", n % 4)));
    (0..5).for_each(|n| drop(one(n).unwrap()));
    sled::give_up();
    for n in 5..KEPT {
        assert_eq!(one(n).unwrap().position, n as u64 + 1);
        assert_eq!(things(&store).get("k0").map(String::as_str), Some((n - n % 4).to_string().as_str()));
    }
    assert!(one(2).unwrap().repeated, "what was kept before is known");
    assert_whole(&store, "on rows made in memory");
    store.stop().unwrap();
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_whose_sled_does_not_open() {
    let Some(folder) = std::env::var_os("STORE_WHERE_SLED_HANGS") else { return };
    sled::give_up();
    let opened = open(Path::new(&folder), settings()).unwrap();
    let told = matches!(opened.found[..], [.., Found::SetAside { .. }, Found::SledHangs]);
    assert!(told, "{:?}", opened.found);
    assert_whole(&opened.store, "on rows made in memory");
    opened.store.stop().unwrap();
}

#[test]
fn a_journal_too_large_for_memory_is_refused_with_what_helps_and_the_next_process_has_it_all() {
    let home = tempfile::tempdir().unwrap();
    run_in_a_process_of_its_own(
        "damage::helper_whose_journal_is_too_large",
        &[("STORE_WHERE_SLED_HANGS", home.path())],
    );
    let opened = open(home.path(), settings()).unwrap();
    assert_whole(&opened.store, "in a process where sled answers");
    assert_eq!(opened.store.position(), KEPT as u64);
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_whose_journal_is_too_large() {
    let Some(folder) = std::env::var_os("STORE_WHERE_SLED_HANGS") else { return };
    let small = |bytes: u64| Settings { in_memory: bytes, ..settings() };
    // Of one size, since files are: at the line, and one byte below it.
    let filled = |folder: &Path, line: u64| {
        let store = open(folder, small(line)).unwrap().store;
        (0..5).for_each(|n| drop(store.commit(entry(n, &format!("set k{} {n}", n % 4))).unwrap()));
        store
    };
    let measured = tempfile::tempdir().unwrap();
    drop(filled(measured.path(), 0));
    let bytes = journal::size(&RealDisk::new(measured.path()).unwrap()).unwrap();
    let (beyond, at_the_line) = (tempfile::tempdir().unwrap(), filled(Path::new(&folder), bytes));
    let refused = filled(beyond.path(), bytes - 1);
    sled::give_up();
    assert_eq!(refused.commit(entry(5, "set k1 5")), Err(NotKept::Failed(Failed::Hangs)));
    assert_eq!(refused.get(THINGS, b"k1"), Err(Failed::Hangs));
    assert_eq!(refused.stop(), Err(Failed::Hangs));
    assert_eq!(open(beyond.path(), small(bytes - 1)).err(), Some(OpenFailed::Failed(Failed::Hangs)));
    (5..KEPT).for_each(|n| drop(at_the_line.commit(entry(n, &format!("set k{} {n}", n % 4))).unwrap()));
    at_the_line.stop().unwrap();
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_that_flips_bits_in_sleds_files() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    let mut dice = Dice(42);
    let (mut bitten, mut met) = (0, 0);
    for file in files_below(&home.path().join("sled")) {
        let bytes = std::fs::read(&file).unwrap();
        // Zeros at the end are room that was never used; where there is something, it is looked at more closely.
        let used = bytes.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
        for _ in 0..if used > 1000 { 60 } else { 8 } {
            let at = dice.below(used.max(1));
            let place = format!("{} byte {at}", file.display());
            let copy = tempfile::tempdir().unwrap();
            copy_folder(home.path(), copy.path());
            flip(&copy.path().join(file.strip_prefix(home.path()).unwrap()), at);
            let opened = open(copy.path(), thorough()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
            bitten += usize::from(!opened.found.is_empty());
            assert_whole(&opened.store, &place);
            let copy = tempfile::tempdir().unwrap();
            copy_folder(home.path(), copy.path());
            flip(&copy.path().join(file.strip_prefix(home.path()).unwrap()), at);
            met += usize::from(told_or_not_met(copy.path(), &place));
        }
    }
    assert!(bitten > 10 && met > 5, "{bitten} {met}");
}

#[test]
fn a_sled_of_another_store_is_set_aside() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(one.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    let store = open(other.path(), Settings { identity: [9; 16], ..settings() }).unwrap().store;
    (0..KEPT + 5).for_each(|n| drop(store.commit(entry(100 + n, "set foreign 1")).unwrap()));
    store.stop().unwrap();
    std::fs::remove_dir_all(one.path().join("sled")).unwrap();
    copy_folder(&other.path().join("sled"), &one.path().join("sled"));
    let opened = open(one.path(), settings()).unwrap();
    assert!(matches!(opened.found[..], [Found::SetAside { .. }]), "{:?}", opened.found);
    assert_whole(&opened.store, "foreign sled");
    assert!(one.path().join("sled.aside-1").exists());
}

#[test]
fn a_sled_that_is_behind_folds_the_frames_it_has_not_seen() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    store.commit(entry(0, "set k0 0\nset pad ")).unwrap();
    store.stop().unwrap();
    let early = tempfile::tempdir().unwrap();
    copy_folder(&home.path().join("sled"), early.path());
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    drop(store);
    std::fs::remove_dir_all(home.path().join("sled")).unwrap();
    copy_folder(early.path(), &home.path().join("sled"));
    let opened = open(home.path(), settings()).unwrap();
    assert!(opened.found.contains(&Found::Behind { from: 2, to: KEPT as u64 }), "{:?}", opened.found);
    assert_whole(&opened.store, "behind");
}

#[test]
fn a_frame_that_neither_copy_has_is_refused_by_place() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    std::fs::remove_dir_all(home.path().join("sled")).unwrap();
    let first = files_below(&home.path().join("journal")).remove(0);
    flip(&first, 200);
    let before = std::fs::read(&first).unwrap();
    match open(home.path(), settings()).err() {
        Some(OpenFailed::Damaged(damages)) => {
            let frames = What::Frames { from: 1, to: 1 };
            assert_eq!(damages, [Damage { file: "journal/00000001.seg".into(), offset: 128, what: frames }]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read(&first).unwrap(), before, "nothing was changed");
}

#[test]
fn what_is_whole_beside_a_frame_that_neither_copy_has_can_be_read_by_whoever_asks_and_nothing_is_written() {
    use dossier::store::shadow::ShadowDisk;
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    fill(&store);
    store.stop().unwrap();
    let read = |despite_loss: bool| {
        let shadow = std::sync::Arc::new(ShadowDisk::new(home.path()).unwrap());
        open_to_read(shadow, home.path(), Settings { despite_loss, ..settings() })
    };
    // Where nothing is lost that is said, and all is there.
    let opened = read(true).unwrap();
    assert_eq!((&opened.found[..], opened.store.position()), (&[Found::NothingLost][..], KEPT as u64));
    drop(opened);
    std::fs::remove_dir_all(home.path().join("sled")).unwrap();
    // The last frame, which the clean stop knows of; hands of tests fold those behind a gap no more.
    let ends = |file: &Path| std::fs::read(file).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
    let mut files = files_below(&home.path().join("journal"));
    files.sort();
    let file = files.into_iter().rev().find(|file| ends(file) >= 128).unwrap();
    flip(&file, ends(&file) - 20);
    let before = std::fs::read(&file).unwrap();
    assert!(matches!(read(false).err(), Some(OpenFailed::Damaged(_))), "nobody asked");
    let writing = open(home.path(), Settings { despite_loss: true, ..settings() });
    assert!(matches!(writing.err(), Some(OpenFailed::Damaged(_))), "what writes leaves nothing out");
    let opened = read(true).unwrap();
    assert_eq!(opened.found, [Found::DespiteLoss { records: 1, from: KEPT as u64, to: KEPT as u64 }]);
    let store = opened.store;
    let frames = store.replay(1, 1000).unwrap();
    assert_eq!(frames.len(), KEPT);
    let (last, whole) = frames.split_last().unwrap();
    assert!(last.record.is_empty() && whole.iter().all(|frame| !frame.record.is_empty()));
    assert!(!doctor::check(&store).unwrap().is_empty(), "and a check tells it");
    assert_eq!(store.commit(entry(99, "set k0 9")).err(), Some(NotKept::ReadOnly(Failed::ForReading)));
    drop(store);
    assert_eq!(std::fs::read(&file).unwrap(), before, "nothing was changed");
}

#[test]
fn a_second_process_is_refused_with_the_number_of_the_first() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path(), settings()).unwrap().store;
    let me = std::env::current_exe().unwrap();
    let test = ["--exact", "damage::helper_that_opens_what_another_process_has", "--ignored", "--nocapture"];
    let other = Command::new(me).args(test).env("STORE_OF_ANOTHER", home.path()).output().unwrap();
    let said = String::from_utf8_lossy(&other.stdout).into_owned();
    assert!(said.contains(&format!("{:?}", OpenFailed::Owned { process: Some(std::process::id()) })), "{said}");
    drop(store);
    assert_sound(&open(home.path(), settings()).unwrap().store, "once the first has ended");
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_that_opens_what_another_process_has() {
    let Some(folder) = std::env::var_os("STORE_OF_ANOTHER") else { return };
    println!("{:?}", open(Path::new(&folder), settings()).err().unwrap());
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_that_fills_a_disk() {
    let home = tempfile::tempdir().unwrap();
    let mount = |args: &[&str]| Command::new(args[0]).args(&args[1..]).arg(home.path()).output();
    let mounted = mount(&["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs"]);
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: mounting a small disk is not allowed here");
        return;
    }
    let settings = || Settings { ballast_bytes: 2 << 20, segment_bytes: 256 << 10, ..settings() };
    let stops = std::env::var("SLED_COMES_TO_NO_END").unwrap_or_default();
    let moment = |name: &str| {
        if name == stops {
            sled::give_up()
        }
    };
    let result = std::panic::catch_unwind(|| {
        let opened = open(home.path(), settings()).unwrap();
        let (mut kept, mut refused) = (Vec::new(), None);
        moment("begun");
        for n in 0..3000 {
            match opened.store.commit(entry(n, &format!("set k{n} {}", "z".repeat(9000)))) {
                Ok(receipt) => kept.push((n, receipt.position)),
                Err(why) => {
                    refused = Some(why);
                    break;
                }
            }
        }
        assert!(refused.is_some() && kept.len() > 50, "{} kept, {refused:?}", kept.len());
        moment("full");
        // sled may refuse even reads from now on; the frames come from the journal then.
        for (n, position) in &kept {
            assert_eq!(opened.store.replay(*position, 1).unwrap()[0].entry, entry(*n, "").id);
        }
        // sled met the end of the disk; with room again the same owner goes on, on rows that are whole.
        let stuffed = entry(9_000, &format!("set k9000 {}", "z".repeat(9000)));
        assert!(opened.store.commit(stuffed.clone()).is_err());
        let mounted = mount(&["mount", "-o", "remount,size=24m"]);
        assert!(mounted.is_ok_and(|output| output.status.success()));
        moment("room again");
        let receipt = opened.store.commit(stuffed).unwrap();
        kept.push((9_000, receipt.position));
        assert_eq!(wrong(&opened.store), []);
        moment("closed");
        drop(opened);
        // Now really full.
        let _ = std::fs::write(home.path().join("stuffing"), vec![1; 24 << 20]);
        moment("stuffed");
        let opened = open(home.path(), settings()).unwrap();
        for (n, position) in &kept {
            assert_eq!(opened.store.replay(*position, 1).unwrap()[0].entry, entry(*n, "").id);
        }
        assert!(things(&opened.store).len() >= kept.len());
        moment("read");
        assert!(opened.found.contains(&Found::ForReadingOnly), "{:?}", opened.found);
        let one_more = opened.store.commit(entry(9_999, "set a 1"));
        assert_eq!(one_more, Err(NotKept::ReadOnly(Failed::Full)));
        // Room returns, and whoever had it open goes on.
        std::fs::remove_file(home.path().join("stuffing")).unwrap();
        let mounted = mount(&["mount", "-o", "remount,size=64m"]);
        assert!(mounted.is_ok_and(|output| output.status.success()));
        moment("emptied");
        let receipt = opened.store.commit(entry(9_999, "set a 1")).unwrap();
        kept.push((9_999, receipt.position));
        assert!(home.path().join("ballast").exists(), "laid again before anything is written");
        moment("ended");
        drop(opened);
        let opened = open(home.path(), Settings { thorough: true, ..settings() }).unwrap();
        for (n, position) in &kept {
            let again = opened.store.commit(entry(*n, "")).unwrap();
            assert_eq!((again.position, again.repeated), (*position, true));
        }
        assert_eq!(wrong(&opened.store), []);
        let copies = opened.store.each_frame(opened.store.position(), |_| true).unwrap();
        assert!(copies.whole(), "{copies:?}");
    });
    let _ = mount(&["umount"]);
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << (at % 8);
    }
    std::fs::write(file, bytes).unwrap();
}

fn hurt(file: &Path, how: &str) {
    let bytes = std::fs::read(file).unwrap_or_default();
    let hurt = match how {
        "removed" => return std::fs::remove_file(file).unwrap(),
        "emptied" => Vec::new(),
        "overwritten" => vec![0x5a; bytes.len()],
        "cut" => bytes[..bytes.len() / 2].to_vec(),
        cut => bytes[..bytes.len() * cut[4..].parse::<usize>().unwrap() / 100].to_vec(),
    };
    std::fs::write(file, hurt).unwrap();
}
