//! What the store's tests share: a hand that keeps a chain and some rows, and small ways of saying things.
#![allow(dead_code)]

use dossier::store::faulty::FaultyDisk;
use dossier::store::*;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

pub const THINGS: Keyspace = Keyspace("things");
pub const HEADS: Keyspace = Keyspace("heads");
pub const IDENTITY: [u8; 16] = *b"a store of tests";

/// Bodies are lines: `set KEY VALUE`, `del KEY`, `panic`, `refuse`, `stray` (a row under a name nobody announced), `wait`.
/// A record is the hash of the record before and the body: if anything were finished twice or out of turn, it would show.
#[derive(Default)]
pub struct ChainRecorder {
    pub gate: Option<Receiver<()>>,
    /// Told when an entry stands at the gate.
    pub at_gate: Option<Sender<()>>,
}

impl Recorder for ChainRecorder {
    fn finish(&mut self, read: &dyn Read, entry: &Entry, at: Kept) -> Result<Finished, Refused> {
        let head = read.get(HEADS, b"head")?.unwrap_or_else(|| vec![0; 32]);
        let body = std::str::from_utf8(&entry.body).unwrap();
        for line in body.lines() {
            match line {
                "panic" => panic!("the hand breaks because the test says so"),
                "refuse" => return Err(Refused::Because { why: "test.refused", detail: b"so there".to_vec() }),
                "wait" => {
                    if let Some(reported) = &self.at_gate {
                        reported.send(()).unwrap();
                    }
                    if let Some(gate) = &self.gate {
                        gate.recv().unwrap();
                    }
                }
                _ => {}
            }
        }
        let record = [&head, entry.body.as_slice()].concat();
        Ok(Finished { record, receipt: format!("no. {}", at.position).into_bytes() })
    }

    fn head(&self, frame: &Frame) -> Option<String> {
        Some(format!("head of {}", frame.position))
    }

    fn fold(&mut self, read: &dyn Read, frame: &Frame) -> Result<Vec<RowChange>, Refused> {
        let head = read.get(HEADS, b"head")?.unwrap_or_else(|| vec![0; 32]);
        assert_eq!(head, frame.record[..32], "frames are folded in the order in which they were finished");
        let mut changes = vec![RowChange::set(HEADS, b"head", blake3::hash(&frame.record).as_bytes())];
        for line in std::str::from_utf8(&frame.record[32..]).unwrap().lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["set", key, value] => changes.push(RowChange::set(THINGS, key, value)),
                ["del", key] => changes.push(RowChange::remove(THINGS, key)),
                ["stray"] => changes.push(RowChange::set(Keyspace("nobody"), "a", "b")),
                _ => {}
            }
        }
        Ok(changes)
    }
}

pub fn settings() -> Settings {
    with_hand(ChainRecorder::default())
}

/// Tiny segments, and a clock that goes backwards now and then.
pub fn with_hand(hand: ChainRecorder) -> Settings {
    let mut now = 1_000;
    let clock = move || {
        now += if now % 3 == 0 { -50 } else { 7 };
        now
    };
    let mut settings = Settings::new(vec![THINGS, HEADS], Box::new(hand), Box::new(clock), IDENTITY);
    (settings.segment_bytes, settings.ballast_bytes, settings.cache_bytes) = (1200, 0, 4 << 20);
    settings
}

pub fn entry(number: usize, body: &str) -> Entry {
    let mut id = [7; 16];
    id[..8].copy_from_slice(&(number as u64).to_be_bytes());
    Entry { id, expect: Vec::new(), body: body.as_bytes().to_vec() }
}

pub fn expecting(mut entry: Entry, name: &str, key: &str, value: Option<&str>) -> Entry {
    let value = value.map(|v| v.as_bytes().to_vec());
    entry.expect.push(Expect { name: name.to_owned(), keyspace: THINGS, key: key.as_bytes().to_vec(), value });
    entry
}

/// All three stores, fresh; each with a way to open it again.
pub fn each_store(mut test: impl FnMut(&str, &dyn Fn(Settings) -> Local)) {
    let memory = |settings| open_memory(settings).unwrap().store;
    test("memory", &memory);
    let disk = FaultyDisk::default();
    let journal = |settings| open_journal(Arc::new(disk.clone()), settings).unwrap().store;
    test("journal", &journal);
    let folder = tempfile::tempdir().unwrap();
    let sled = |settings| dossier::store::open(folder.path(), settings).unwrap().store;
    test("sled", &sled);
}

pub fn things(read: &dyn Read) -> BTreeMap<String, String> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    read.scan(&Scan::all(THINGS)).unwrap().into_iter().map(|(k, v)| (text(k), text(v))).collect()
}

/// Every row of every keyspace: what "byte-identical" means.
pub fn all_rows(read: &dyn Read) -> Vec<(Keyspace, Vec<Row>)> {
    [THINGS, HEADS, RECORDS, ENTRIES].into_iter().map(|k| (k, read.scan(&Scan::all(k)).unwrap())).collect()
}

pub fn bounds(from: &[u8], to: &[u8]) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    (Bound::Included(from.to_vec()), Bound::Excluded(to.to_vec()))
}

/// What everybody may ask of a store after whatever happened to it: every row counted, both copies of every frame read, and all of it
/// folded anew.
#[track_caller]
pub fn assert_sound(store: &Local, place: &str) {
    assert_eq!(doctor::check(store).unwrap_or_else(|e| panic!("{place}: {e:?}")), [], "{place}");
    let copies = store.each_frame(store.position(), |_| true).unwrap_or_else(|e| panic!("{place}: {e:?}"));
    assert!(copies.whole(), "{place}: {copies:?}");
    assert_eq!(doctor::refold(store, &mut ChainRecorder::default(), 1, &mut |_, _| {}).unwrap(), [], "{place}");
}

pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy_folder(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
        }
    }
}

/// Runs an ignored test of this file's in a process of its own, and asks that it passes.
pub fn in_a_process_of_its_own(test: &str) {
    run_in_a_process_of_its_own(test, &[]);
}

pub fn run_in_a_process_of_its_own(test: &str, named: &[(&str, &Path)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]).envs(named.iter().copied());
    let ended = command.output().unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success() && said.contains("1 passed"), "{test}: {said}{wrong}");
}

/// Chance that is the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}
