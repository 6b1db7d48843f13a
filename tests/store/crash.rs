//! A disk that stops or fails at every single step: what was answered is there afterwards, and nothing is torn.

use crate::kit::*;
use dossier::store::faulty::{Fault, FaultyDisk};
use dossier::store::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;

const FAULTS: [Fault; 7] = [
    Fault::CrashBefore,
    Fault::CrashAfter,
    Fault::CrashAmid(1),
    Fault::CrashAmid(30),
    Fault::CrashAmid(700),
    Fault::Fails,
    Fault::Full,
];

/// What became of each entry, as its sender was told.
#[derive(Default)]
struct Answered {
    kept: BTreeMap<usize, Receipt>,
    not_kept: BTreeSet<usize>,
    perhaps: BTreeSet<usize>,
}

fn body(number: usize) -> String {
    format!("set k{} {number}\nset n {}", number % 5, "x".repeat(number * 37 % 300))
}

/// Twenty entries, some alone and some together, as far as the disk lets them.
fn work(store: &Local, reported: &mut Answered, numbers: std::ops::Range<usize>) {
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(3) {
        let answers = match some {
            [one] => vec![store.commit(entry(*one, &body(*one)))],
            _ => store.commit_all(some.iter().map(|n| entry(*n, &body(*n))).collect()),
        };
        for (number, answer) in some.iter().zip(answers) {
            match answer {
                Ok(receipt) => drop(reported.kept.insert(*number, receipt)),
                Err(NotKept::PerhapsKept) => drop(reported.perhaps.insert(*number)),
                Err(NotKept::ReadOnly(_) | NotKept::Full | NotKept::Failed(_)) => {
                    reported.not_kept.insert(*number);
                }
                Err(other) => panic!("{number}: {other:?}"),
            }
        }
    }
}

/// Opens what the crash left, and holds it against what was said.
fn hold_to_its_word(disk: &FaultyDisk, reported: &Answered, place: &str) {
    let opened = open_journal(Arc::new(disk.clone()), settings()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    let store = opened.store;
    let frames = store.replay(1, 1000).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    assert_eq!(frames.len() as u64, store.position(), "{place}");
    let by_entry: BTreeMap<[u8; 16], &Frame> = frames.iter().map(|f| (f.entry, f)).collect();
    assert_eq!(by_entry.len(), frames.len(), "{place}: an entry stands there twice");
    for (number, receipt) in &reported.kept {
        let frame = by_entry.get(&entry(*number, "").id).unwrap_or_else(|| panic!("{place}: {number} was answered"));
        assert_eq!(
            (frame.position, frame.received, &frame.receipt),
            (receipt.position, receipt.received, &receipt.bytes)
        );
        assert_eq!(&frame.record[32..], body(*number).as_bytes(), "{place}");
    }
    for number in &reported.not_kept {
        assert!(!by_entry.contains_key(&entry(*number, "").id), "{place}: {number} was not to be kept");
    }
    // Sent again, everything is kept exactly once.
    for number in reported.perhaps.iter().chain(&reported.not_kept).chain(reported.kept.keys()) {
        let was_there = by_entry.contains_key(&entry(*number, "").id);
        let answer = store.commit(entry(*number, &body(*number)));
        assert_eq!(answer.map(|r| r.repeated), Ok(was_there), "{place}: {number}");
    }
    assert_sound(&store, place);
    let rows = all_rows(&store);
    store.stop().unwrap_or_else(|e| panic!("{place}: {e:?}"));
    let again = open_journal(Arc::new(disk.clone()), settings()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    assert_eq!((all_rows(&again.store), again.found), (rows, vec![]), "{place}");
}

/// Everything that a bad moment may leave behind.
fn aftermaths(disk: &FaultyDisk) -> Vec<(String, FaultyDisk)> {
    let cuts = (0..5).map(|seed| (format!("power cut {seed}"), disk.after_power_cut(seed)));
    cuts.chain([("kill".to_owned(), disk.after_kill())]).collect()
}

#[test]
fn a_fault_at_any_step_of_a_working_day_loses_nothing_that_was_answered() {
    let whole = FaultyDisk::default();
    work(&open_journal(Arc::new(whole.clone()), settings()).unwrap().store, &mut Answered::default(), 0..20);
    let steps = whole.steps();
    assert!(steps > 40 && whole.list("journal").unwrap().len() > 3, "the day is long enough to turn over files");
    let mut moved = 0;
    for fault in FAULTS {
        for at in 0..steps {
            let place = format!("{fault:?} at step {at}");
            let disk = FaultyDisk::default();
            disk.plan(at, fault);
            let mut reported = Answered::default();
            if let Ok(opened) = open_journal(Arc::new(disk.clone()), settings()) {
                work(&opened.store, &mut reported, 0..20);
            }
            moved += reported.perhaps.len();
            for (how, after) in aftermaths(&disk) {
                hold_to_its_word(&after, &reported, &format!("{place}, {how}"));
            }
        }
    }
    assert!(moved > 0, "some answers were uncertain, or the faults did not bite");
}

#[test]
fn a_fault_at_any_step_of_opening_after_a_fault_loses_nothing_either() {
    // A kill leaves a tail that has to be moved; a damaged byte in a synced frame would not be mended without a copy.
    let first = FaultyDisk::default();
    let mut reported = Answered::default();
    let store = open_journal(Arc::new(first.clone()), settings()).unwrap().store;
    work(&store, &mut reported, 0..9);
    let written = first.steps();
    let one_more = first.copy();
    drop(store);
    one_more.plan(1, Fault::CrashBefore);
    let _ = open_journal(Arc::new(one_more.after_kill()), settings()).unwrap().store.commit(entry(9, &body(9)));
    assert!(written > 10);
    for start in [first.after_kill(), first.after_power_cut(1), one_more.after_kill()] {
        let measured = start.copy();
        drop(open_journal(Arc::new(measured.clone()), settings()).unwrap());
        for fault in FAULTS {
            for at in 0..measured.steps() {
                let disk = start.copy();
                disk.plan(at, fault);
                let mut reported = Answered { kept: reported.kept.clone(), ..Answered::default() };
                if let Ok(opened) = open_journal(Arc::new(disk.clone()), settings()) {
                    work(&opened.store, &mut reported, 20..26);
                }
                for (how, after) in aftermaths(&disk) {
                    hold_to_its_word(&after, &reported, &format!("{fault:?} at step {at} of opening, {how}"));
                }
            }
        }
    }
}

#[test]
fn after_a_failed_sync_the_tail_counts_only_from_its_new_file() {
    let disk = FaultyDisk::default();
    let store = open_journal(Arc::new(disk.clone()), settings()).unwrap().store;
    store.commit(entry(1, "set a 1")).unwrap();
    // The next write goes through, and its sync does not.
    disk.plan(1, Fault::Fails);
    assert_eq!(store.commit(entry(2, "set a 2")), Err(NotKept::PerhapsKept));
    assert_eq!(disk.list("journal").unwrap().len(), 2);
    let again = store.commit(entry(2, "set a 2")).unwrap();
    assert_eq!((again.position, again.repeated), (2, true));
    store.commit(entry(3, "set a 3")).unwrap();
    for seed in 0..20 {
        let after = open_journal(Arc::new(disk.after_power_cut(seed)), settings()).unwrap().store;
        assert_eq!((after.position(), things(&after)["a"].as_str()), (3, "3"), "seed {seed}");
        assert_sound(&after, &format!("seed {seed}"));
    }
}

#[test]
fn when_the_tail_cannot_be_moved_nothing_more_is_written_and_everything_can_be_read() {
    let disk = FaultyDisk::default();
    let store = open_journal(Arc::new(disk.clone()), settings()).unwrap().store;
    store.commit(entry(1, "set a 1")).unwrap();
    disk.plan(0, Fault::CrashBefore);
    assert_eq!(store.commit(entry(2, "set a 2")), Err(NotKept::PerhapsKept));
    assert!(matches!(store.commit(entry(3, "set a 3")), Err(NotKept::ReadOnly(_))));
    assert_eq!((things(&store)["a"].as_str(), store.position()), ("1", 1));
    assert!(store.commit(entry(1, "set a 1")).unwrap().repeated);
    assert!(store.stop().is_err(), "that was no clean stop");
}

#[test]
fn when_the_disk_takes_writes_again_a_halted_queue_goes_on_and_keeps_what_was_perhaps_kept() {
    for fault in [Fault::Full, Fault::Fails] {
        for times in 1..7 {
            let place = format!("{fault:?} {times} times");
            let disk = FaultyDisk::default();
            let store = open_journal(Arc::new(disk.clone()), settings()).unwrap().store;
            store.commit(entry(1, "set a 1")).unwrap();
            // Its sync fails, and so does what comes after: the new file, and the next attempts.
            disk.plan(1, fault);
            (2..=times).for_each(|at| disk.plan_also(at, fault));
            let mut kept = vec![1];
            assert_eq!(store.commit(entry(2, "set a 2")), Err(NotKept::PerhapsKept), "{place}");
            for number in 3..20 {
                match store.commit(entry(number, &format!("set b {number}"))) {
                    Ok(_) => kept.push(number),
                    Err(NotKept::ReadOnly(_) | NotKept::Full | NotKept::PerhapsKept) => {}
                    Err(other) => panic!("{place}: {other:?}"),
                }
            }
            assert!(kept.ends_with(&[17, 18, 19]), "{place}: {kept:?}");
            let again = store.commit(entry(2, "set a 2")).unwrap();
            assert_eq!((again.position, again.repeated), (2, true), "{place}");
            assert_sound(&store, &place);
            for seed in 0..10 {
                let after = open_journal(Arc::new(disk.after_power_cut(seed)), settings()).unwrap().store;
                for number in &kept {
                    assert!(after.commit(entry(*number, "")).unwrap().repeated, "{place}, seed {seed}: {number}");
                }
                assert_sound(&after, &place);
            }
        }
    }
}

#[test]
fn a_next_file_that_cannot_be_made_leaves_what_is_there_and_the_queue_goes_on() {
    for fault in [Fault::Full, Fault::Fails] {
        for at in 0..8 {
            let place = format!("{fault:?} at {at}");
            let disk = FaultyDisk::default();
            let store = open_journal(Arc::new(disk.clone()), settings()).unwrap().store;
            store.commit(entry(1, &format!("set a {}", "x".repeat(700)))).unwrap();
            disk.plan(at, fault);
            // The first does not fit into the file that is there; the others would.
            let mut kept = vec![1];
            for (number, body) in
                [(2, format!("set b {}", "x".repeat(700))), (3, "set c 3".into()), (4, "set d 4".into())]
            {
                match store.commit(entry(number, &body)) {
                    Ok(_) => kept.push(number),
                    Err(NotKept::Full | NotKept::Failed(_) | NotKept::PerhapsKept) => {}
                    Err(other) => panic!("{place}: {other:?}"),
                }
            }
            assert!(kept.ends_with(&[3, 4]), "{place}: {kept:?}");
            for seed in 0..10 {
                let after = open_journal(Arc::new(disk.after_power_cut(seed)), settings()).unwrap().store;
                for number in &kept {
                    assert!(after.commit(entry(*number, "")).unwrap().repeated, "{place}, seed {seed}: {number}");
                }
                assert_sound(&after, &place);
            }
        }
    }
}

#[test]
fn a_process_killed_at_any_moment_has_kept_what_it_was_answered() {
    let home = tempfile::tempdir().unwrap();
    let mut dice = Dice(11);
    let (mut answered, mut first) = (0, 0);
    for round in 0..20 {
        let me = std::env::current_exe().unwrap();
        let mut child = Command::new(me)
            .args(["--exact", "crash::helper_that_commits_until_it_is_killed", "--ignored", "--nocapture"])
            .env("STORE_TO_FILL", home.path())
            .env("FIRST_ENTRY", first.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed after so many answers: at a moment that nothing in the store knows of.
        let mut left = 1 + dice.below(60);
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some(number) = line.unwrap().strip_prefix("kept ") {
                answered = number.parse::<usize>().unwrap() + 1;
                left = left.saturating_sub(1);
                if left == 0 {
                    let _ = child.kill();
                }
            }
        }
        child.wait().unwrap();
        assert!(answered > first, "round {round}: it did some work");
        let store = open(home.path(), settings()).unwrap().store;
        let frames = store.replay(1, usize::MAX).unwrap();
        let there: BTreeSet<[u8; 16]> = frames.iter().map(|f| f.entry).collect();
        assert!((0..answered).all(|n| there.contains(&entry(n, "").id)), "round {round}");
        assert_eq!(frames.len(), there.len(), "round {round}");
        assert_sound(&store, &format!("round {round}"));
        first = frames.len();
    }
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn helper_that_commits_until_it_is_killed() {
    let Some(folder) = std::env::var_os("STORE_TO_FILL") else { return };
    let first: usize = std::env::var("FIRST_ENTRY").unwrap().parse().unwrap();
    let store = open(folder.as_ref(), settings()).unwrap().store;
    for number in first.. {
        store.commit(entry(number, &body(number))).unwrap();
        writeln!(std::io::stdout(), "kept {number}").unwrap();
    }
}

#[test]
fn what_is_checked_after_an_unclean_stop_is_told_from_its_beginning_to_its_end_and_after_a_clean_one_nothing_is() {
    let home = tempfile::tempdir().unwrap();
    let store = dossier::store::open(home.path(), settings()).unwrap().store;
    (0..400).for_each(|n| drop(store.commit(entry(n, &format!("set k{n} v"))).unwrap()));
    store.stop().unwrap();
    for unclean in [true, false] {
        if unclean {
            std::fs::remove_file(home.path().join("stopped")).unwrap();
        }
        let told = Rc::new(RefCell::new(Vec::new()));
        let hears = Rc::clone(&told);
        let progress: OnProgress = Box::new(move |work, done, all| hears.borrow_mut().push((work, done, all)));
        let asked = Settings { progress: Some(progress), ..settings() };
        dossier::store::open(home.path(), asked).unwrap().store.stop().unwrap();
        let told = told.borrow();
        assert_eq!(told.is_empty(), !unclean);
        assert!(told.iter().all(|(work, done, all)| *work == Work::Checking && done <= all), "{told:?}");
        assert!(told.is_sorted_by_key(|(_, done, _)| *done), "{told:?}");
        if let [(_, first, _), .., (_, done, all)] = told.as_slice() {
            assert!(first < all && done == all, "{told:?}");
        }
        assert!(!unclean || told.len() > 1, "{told:?}");
    }
}

#[test]
fn what_is_found_after_a_kill_is_made_safe_before_it_counts() {
    let disk = FaultyDisk::default();
    let store = open_journal(Arc::new(disk.clone()), settings()).unwrap().store;
    store.commit(entry(1, "set a 1")).unwrap();
    // Written, and killed before the sync: the system shows bytes that the disk does not have.
    disk.plan(1, Fault::CrashBefore);
    assert_eq!(store.commit(entry(2, "set a 2")), Err(NotKept::PerhapsKept));
    let killed = disk.after_kill();
    let opened = open_journal(Arc::new(killed.clone()), settings()).unwrap();
    assert_eq!(opened.found, [Found::NotStopped, Found::TailMoved { from: 2, to: 2 }]);
    assert!(opened.store.commit(entry(2, "set a 2")).unwrap().repeated, "so it was told to be kept");
    for seed in 0..20 {
        let after = open_journal(Arc::new(killed.after_power_cut(seed)), settings()).unwrap().store;
        assert_eq!((after.position(), things(&after)["a"].as_str()), (2, "2"), "seed {seed}");
        assert_sound(&after, &format!("seed {seed}"));
    }
}
