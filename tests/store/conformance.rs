//! One suite for every store behind the trait.

use crate::kit::*;
use dossier::store::faulty::FaultyDisk;
use dossier::store::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;

#[test]
fn what_is_answered_is_seen_by_get_scan_and_replay() {
    each_store(|kind, open| {
        let store = open(settings());
        assert_eq!((store.position(), store.replay(0, 10).unwrap()), (0, vec![]), "{kind}");
        let receipt = store.commit(entry(1, "set a 1\nset b 2")).unwrap();
        assert_eq!((receipt.position, receipt.repeated, receipt.bytes.as_slice()), (1, false, &b"no. 1"[..]), "{kind}");
        store.commit(entry(2, "del a")).unwrap();
        assert_eq!(store.get(THINGS, b"a").unwrap(), None, "{kind}");
        assert_eq!(store.get(THINGS, b"b").unwrap(), Some(b"2".to_vec()), "{kind}");
        let frames = store.replay(1, 10).unwrap();
        assert_eq!(frames.iter().map(|f| f.position).collect::<Vec<_>>(), [1, 2], "{kind}");
        assert_eq!((frames[0].entry, &frames[0].record[32..]), (entry(1, "").id, &b"set a 1\nset b 2"[..]), "{kind}");
        assert_eq!(store.replay(2, 1).unwrap(), frames[1..], "{kind}");
        assert_eq!(store.replay(3, 1).unwrap(), [], "{kind}");
    });
}

#[test]
fn the_same_entry_again_gets_the_first_receipt() {
    each_store(|kind, open| {
        let store = open(settings());
        let first = store.commit(entry(1, "set a 1")).unwrap();
        store.commit(entry(2, "set a 2")).unwrap();
        // Even if what it expects does not hold any more: it did when it was kept.
        let again = store.commit(expecting(entry(1, "set a 1"), "a", "a", None)).unwrap();
        assert_eq!(again, Receipt { repeated: true, ..first }, "{kind}");
        let pair = store.commit_all(vec![entry(3, "set c 1"), entry(3, "set c 1")]);
        assert_eq!(pair[0].as_ref().unwrap().position, pair[1].as_ref().unwrap().position, "{kind}");
        assert!(!pair[0].as_ref().unwrap().repeated && pair[1].as_ref().unwrap().repeated, "{kind}");
        assert_eq!((store.position(), things(&store)["a"].as_str()), (3, "2"), "{kind}");
    });
}

#[test]
fn lost_expectations_are_told_by_name_and_nothing_is_written() {
    each_store(|kind, open| {
        let store = open(settings());
        store.commit(entry(1, "set version 1\nset balance 50")).unwrap();
        let stale = expecting(entry(2, "set version 2"), "version", "version", Some("0"));
        let stale = expecting(expecting(stale, "balance", "balance", Some("50")), "absent", "absent", Some("x"));
        assert_eq!(store.commit(stale), Err(NotKept::Lost(vec!["version".into(), "absent".into()])), "{kind}");
        assert_eq!((store.position(), things(&store)["version"].as_str()), (1, "1"), "{kind}");
        // The earlier entry of the same drain counts.
        let both = store.commit_all(vec![
            expecting(entry(3, "set version 2"), "version", "version", Some("1")),
            expecting(entry(4, "set version 2"), "version", "version", Some("1")),
        ]);
        assert!(both[0].is_ok(), "{kind}");
        assert_eq!(both[1], Err(NotKept::Lost(vec!["version".into()])), "{kind}");
    });
}

#[test]
fn a_hand_that_refuses_or_breaks_costs_its_own_entry_alone() {
    each_store(|kind, open| {
        let store = open(settings());
        let answers = store.commit_all(vec![
            entry(1, "set a 1"),
            entry(2, "set b 1\npanic"),
            entry(3, "refuse\nset c 1"),
            entry(4, "stray\nset d 1"),
            entry(5, "set e 1"),
        ]);
        assert_eq!(answers[0].as_ref().unwrap().position, 1, "{kind}");
        assert_eq!(answers[1], Err(NotKept::Refused(Refused::Panicked)), "{kind}");
        let because = Refused::Because { why: "test.refused", detail: b"so there".to_vec() };
        assert_eq!(answers[2], Err(NotKept::Refused(because)), "{kind}");
        let stray = Refused::Unread(Failed::UnknownKeyspace("nobody"));
        assert_eq!(answers[3], Err(NotKept::Refused(stray)), "{kind}");
        assert_eq!(answers[4].as_ref().unwrap().position, 2, "{kind}");
        assert_eq!(things(&store).into_keys().collect::<Vec<_>>(), ["a", "e"], "{kind}");
    });
}

#[test]
fn received_never_runs_backwards_whatever_the_clock_does() {
    each_store(|kind, open| {
        let store = open(settings());
        (0..40).for_each(|n| drop(store.commit(entry(n, "")).unwrap()));
        let received: Vec<i64> = store.replay(1, 100).unwrap().iter().map(|f| f.received).collect();
        assert!(received.is_sorted() && received.len() == 40, "{kind}: {received:?}");
    });
}

#[test]
fn names_nobody_announced_are_refused() {
    each_store(|kind, open| {
        let store = open(settings());
        let nobody = Keyspace("nobody");
        assert_eq!(store.get(nobody, b"a"), Err(Failed::UnknownKeyspace("nobody")), "{kind}");
        assert_eq!(store.scan(&Scan::all(nobody)), Err(Failed::UnknownKeyspace("nobody")), "{kind}");
        let mut odd = entry(1, "");
        odd.expect.push(Expect { name: "x".into(), keyspace: nobody, key: vec![], value: None });
        assert_eq!(store.commit(odd), Err(NotKept::Failed(Failed::UnknownKeyspace("nobody"))), "{kind}");
    });
    for bad in ["", "records", "entries", "meta", "Upper", "with space", "zero\0"] {
        let mut settings = settings();
        settings.keyspaces.push(Keyspace(bad));
        assert_eq!(open_memory(settings).err(), Some(OpenFailed::BadKeyspace(bad)), "{bad:?}");
    }
}

#[test]
fn random_entries_give_what_a_plain_map_gives() {
    each_store(|kind, open| {
        let store = open(settings());
        let mut dice = Dice(20_180_315);
        let mut model: BTreeMap<String, String> = BTreeMap::new();
        let mut number = 0;
        for _ in 0..60 {
            let batch: Vec<Entry> = (0..1 + dice.below(5))
                .map(|_| {
                    number += 1;
                    let mut body = String::new();
                    for _ in 0..dice.below(4) {
                        let key = format!("{}{}", ["k", "ka", "林", ""][dice.below(4)], dice.below(12));
                        if dice.below(3) == 0 {
                            body.push_str(&format!("del {key}\n"));
                            model.remove(&key);
                        } else {
                            body.push_str(&format!("set {key} {number}\n"));
                            model.insert(key, number.to_string());
                        }
                    }
                    entry(number, &body)
                })
                .collect();
            assert!(store.commit_all(batch).iter().all(Result::is_ok), "{kind}");
            assert_eq!(things(&store), model, "{kind}");
        }
        for _ in 0..200 {
            let (from, to) =
                (format!("k{}", dice.below(12)), format!("{}{}", ["k", "ka", "林"][dice.below(3)], dice.below(12)));
            let (limit, backward) = (dice.below(9), dice.below(2) == 1);
            let (low, high) = bounds(from.as_bytes(), to.as_bytes());
            let mut scan = Scan::range(THINGS, low, high).limit(limit);
            let mut wanted: Vec<Row> = model
                .iter()
                .filter(|(k, _)| **k >= from && **k < to)
                .map(|(k, v)| (k.as_bytes().to_vec(), v.as_bytes().to_vec()))
                .collect();
            if backward {
                scan = scan.backward();
                wanted.reverse();
            }
            wanted.truncate(limit);
            assert_eq!(store.scan(&scan).unwrap(), wanted, "{kind} {scan:?}");
        }
        let prefixed = store.scan(&Scan::prefix(THINGS, "ka".as_bytes())).unwrap();
        assert_eq!(prefixed.len(), model.keys().filter(|k| k.starts_with("ka")).count(), "{kind}");
        let mut walked = 0;
        each(&store, Scan::all(THINGS).backward(), |_, _| {
            walked += 1;
            true
        })
        .unwrap();
        assert_eq!(walked, model.len(), "{kind}");
        assert_eq!(doctor::check(&store).unwrap(), [], "{kind}");
        assert_eq!(doctor::refold(&store, &mut ChainRecorder::default(), 10, &mut |_, _| {}).unwrap(), [], "{kind}");
    });
}

#[test]
fn a_store_opened_again_has_the_same_rows_and_goes_on() {
    each_store(|kind, open| {
        if kind == "memory" {
            return;
        }
        let store = open(settings());
        (0..25).for_each(|n| drop(store.commit(entry(n, &format!("set k{n} {n}"))).unwrap()));
        let before = all_rows(&store);
        store.stop().unwrap();
        let store = open(settings());
        assert_eq!(all_rows(&store), before, "{kind}: after a clean stop");
        store.commit(entry(25, "set more 1")).unwrap();
        let before = all_rows(&store);
        drop(store);
        let store = open(settings());
        assert_eq!(all_rows(&store), before, "{kind}: without one");
        assert_eq!(store.commit(entry(25, "set more 1")).unwrap().position, 26, "{kind}");
        assert_eq!(store.position(), 26, "{kind}");
    });
}

#[test]
fn a_rebuilt_store_is_the_same_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), settings()).unwrap().store;
    for n in 0..60 {
        store.commit(entry(n, &format!("set k{} {n}\ndel k{}", n % 20, n % 7))).unwrap();
    }
    let before = all_rows(&store);
    store.stop().unwrap();
    let rebuilt = rebuild(folder.path(), settings()).unwrap();
    assert!(matches!(rebuilt.found[..], [Found::SetAside { .. }]), "{:?}", rebuilt.found);
    assert_eq!(all_rows(&rebuilt.store), before);
    assert_eq!(doctor::check(&rebuilt.store).unwrap(), []);
    assert!(folder.path().join("sled.aside-1").exists());
    rebuilt.store.commit(entry(1000, "set k0 1")).unwrap();
    rebuilt.store.stop().unwrap();
    assert!(!folder.path().join("sled.aside-1").exists(), "somebody wrote, and both copies have all of it");
}

#[test]
fn all_that_wait_share_one_sync() {
    let disk = FaultyDisk::default();
    let ((open_gate, gate), (at_gate, stands)) = (channel(), channel());
    let hand = ChainRecorder { gate: Some(gate), at_gate: Some(at_gate) };
    let store = Arc::new(open_journal(Arc::new(disk.clone()), with_hand(hand)).unwrap().store);
    let before = disk.syncs();
    let first = {
        let store = Arc::clone(&store);
        std::thread::spawn(move || store.commit(entry(1000, "wait")).unwrap())
    };
    // While the first is being finished, the others come in; they cannot be answered before it is.
    stands.recv().unwrap();
    let others: Vec<_> = (0..32).map(|n| (n, entry(n, "set a 1"))).collect();
    let (sent, all_sent) = channel();
    let handles: Vec<_> = others
        .into_iter()
        .map(|(_, entry)| {
            let (store, sent) = (Arc::clone(&store), sent.clone());
            std::thread::spawn(move || {
                sent.send(()).unwrap();
                store.commit(entry).unwrap().position
            })
        })
        .collect();
    (0..32).for_each(|_| all_sent.recv().unwrap());
    std::thread::sleep(std::time::Duration::from_millis(300));
    open_gate.send(()).unwrap();
    let mut positions = vec![first.join().unwrap().position];
    positions.extend(handles.into_iter().map(|h| h.join().unwrap()));
    positions.sort_unstable();
    assert_eq!(positions, (1..34).collect::<Vec<_>>());
    // One for the first, one for the crowd (two more for stragglers on a busy machine), and one for each new file.
    let files = disk.list("journal").unwrap().len();
    assert!(disk.syncs() - before <= 4 + files, "{} syncs, {files} files", disk.syncs() - before);
}

#[test]
fn thirty_two_writers_and_a_reader_see_whole_commits() {
    each_store(|kind, open| {
        let store = Arc::new(open(settings()));
        let writers: Vec<_> = (0..32)
            .map(|w| {
                let store = Arc::clone(&store);
                std::thread::spawn(move || {
                    for n in 0..20 {
                        store.commit(entry(w * 100 + n, &format!("set left {w}-{n}\nset right {w}-{n}"))).unwrap();
                    }
                })
            })
            .collect();
        while store.position() < 640 {
            let seen = things(&*store);
            assert_eq!(seen.get("left"), seen.get("right"), "{kind}");
        }
        writers.into_iter().for_each(|w| w.join().unwrap());
        assert_eq!(store.replay(1, 1000).unwrap().len(), 640, "{kind}");
        assert_eq!(doctor::check(&store).unwrap(), [], "{kind}");
    });
}
