//! What a durable commit costs, beside what the disk itself and plain sled take for the same bytes, in one run.
//! `cargo bench --bench commit`; the folder to write in may be given in `DOSSIER_BENCH_DIR` (it should be on the real disk).

use dossier::store::*;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ROWS: Keyspace = Keyspace("rows");
const BYTES: usize = 1024;
/// What a frame adds to a body, so that the bare file writes as many bytes as the journal.
const FRAMED: usize = BYTES + 120;
const PAUSE: Duration = Duration::from_millis(2);

/// The least that a hand can do: the record is the body, and one small row says where it is.
struct Plain;

impl Recorder for Plain {
    fn finish(&mut self, _: &dyn Read, entry: &Entry, _: Kept) -> Result<Finished, Refused> {
        Ok(Finished { record: entry.body.clone(), receipt: Vec::new() })
    }

    fn fold(&mut self, _: &dyn Read, frame: &Frame) -> Result<Vec<RowChange>, Refused> {
        Ok(vec![RowChange::set(ROWS, frame.entry, frame.position.to_be_bytes())])
    }
}

fn main() {
    let base = std::env::var_os("DOSSIER_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(base).expect("a folder to write in");
    let mut lines =
        vec![format!("{:<38}{:>8}{:>12}{:>12}{:>12}", "1 KiB each", "writers", "commits/s", "median ms", "p99 ms")];
    // As somebody at a keyboard does it: the next comes when the last is long done.
    lines.push(line(
        "bare append + fdatasync, 2 ms apart",
        1,
        bare_append(&folder.path().join("bare-paced"), 500, PAUSE),
    ));
    lines.push(line("store commit, 2 ms apart", 1, commits(&folder.path().join("store-paced"), 1, 500, PAUSE)));
    for writers in [1, 2, 8, 32] {
        let each = if writers == 1 { 2000 } else { 6000 / writers };
        if writers == 1 {
            lines.push(line(
                "bare append + fdatasync",
                1,
                bare_append(&folder.path().join("bare"), each, Duration::ZERO),
            ));
        }
        lines.push(line(
            "sled insert + flush",
            writers,
            plain_sled(&folder.path().join(format!("sled-{writers}")), writers, each),
        ));
        lines.push(line(
            "SQLite insert (WAL, FULL)",
            writers,
            sqlite(&folder.path().join(format!("sqlite-{writers}")), writers, each),
        ));
        lines.push(line(
            "store commit",
            writers,
            commits(&folder.path().join(format!("store-{writers}")), writers, each, Duration::ZERO),
        ));
    }
    // The only place that prints: a bench is read by people.
    let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
}

fn body(n: usize) -> Vec<u8> {
    let mut bytes = vec![0; BYTES];
    bytes.iter_mut().enumerate().for_each(|(i, b)| *b = (n.wrapping_mul(2_654_435_761) >> (i % 24)) as u8 ^ i as u8);
    bytes
}

fn bare_append(file: &Path, count: usize, pause: Duration) -> (Duration, Vec<Duration>) {
    let mut file = std::fs::File::create(file).expect("a file");
    // Zeroed ahead, as the journal is: an append that has to make the file longer costs more.
    file.write_all(&vec![0; (count + 1) * FRAMED]).and_then(|()| file.sync_all()).expect("room");
    use std::os::unix::fs::FileExt;
    let start = Instant::now();
    let times = (0..count)
        .map(|n| {
            std::thread::sleep(pause);
            let begun = Instant::now();
            file.write_all_at(&body(n), (n * FRAMED) as u64).and_then(|()| file.sync_data()).expect("a write");
            begun.elapsed()
        })
        .collect();
    (start.elapsed(), times)
}

fn plain_sled(folder: &Path, writers: usize, each: usize) -> (Duration, Vec<Duration>) {
    let db = ::sled::Config::default().path(folder).cache_capacity(64 << 20).open().expect("sled");
    together(writers, each, Duration::ZERO, move |n| {
        db.insert(n.to_be_bytes(), body(n)).and_then(|_| db.flush()).expect("a write");
    })
}

/// A connection for each writer; each insert is a transaction of its own.
fn sqlite(folder: &Path, writers: usize, each: usize) -> (Duration, Vec<Duration>) {
    std::fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("db");
    let open = || {
        let db = rusqlite::Connection::open(&file).expect("sqlite");
        db.busy_timeout(Duration::from_secs(60)).expect("a timeout");
        db.pragma_update(None, "journal_mode", "WAL").expect("WAL");
        db.pragma_update(None, "synchronous", "FULL").expect("FULL");
        db
    };
    open().execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB)", []).expect("a table");
    let connections: Arc<Vec<std::sync::Mutex<rusqlite::Connection>>> =
        Arc::new((0..writers).map(|_| std::sync::Mutex::new(open())).collect());
    together(writers, each, Duration::ZERO, move |n| {
        // Whichever connection is free: there are as many as writers.
        let db = connections.iter().cycle().find_map(|c| c.try_lock().ok()).expect("a connection");
        db.execute("INSERT INTO rows VALUES (?1, ?2)", rusqlite::params![n as i64, body(n)]).expect("a write");
    })
}

fn commits(folder: &Path, writers: usize, each: usize, pause: Duration) -> (Duration, Vec<Duration>) {
    let clock = || std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_millis() as i64);
    let settings = Settings::new(vec![ROWS], Box::new(Plain), Box::new(clock), [1; 16]);
    let store = open(folder, settings).expect("a store").store;
    together(writers, each, pause, move |n| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(n as u64).to_be_bytes());
        store.commit(Entry { id, expect: Vec::new(), body: body(n) }).expect("a commit");
    })
}

/// Every writer does its share as fast as it is answered.
fn together(
    writers: usize,
    each: usize,
    pause: Duration,
    work: impl Fn(usize) + Send + Sync + 'static,
) -> (Duration, Vec<Duration>) {
    let (work, next) = (Arc::new(work), Arc::new(AtomicUsize::new(0)));
    let start = Instant::now();
    let threads: Vec<_> = (0..writers)
        .map(|_| {
            let (work, next) = (Arc::clone(&work), Arc::clone(&next));
            std::thread::spawn(move || {
                let one = |_| {
                    std::thread::sleep(pause);
                    let begun = Instant::now();
                    work(next.fetch_add(1, Ordering::Relaxed));
                    begun.elapsed()
                };
                (0..each).map(one).collect::<Vec<_>>()
            })
        })
        .collect();
    let times = threads.into_iter().flat_map(|t| t.join().expect("a writer")).collect();
    (start.elapsed(), times)
}

fn line(what: &str, writers: usize, (took, mut times): (Duration, Vec<Duration>)) -> String {
    times.sort_unstable();
    let ms =
        |of: usize| times.get((times.len() * of / 100).min(times.len() - 1)).map_or(0.0, Duration::as_secs_f64) * 1e3;
    let rate = times.len() as f64 / took.as_secs_f64();
    format!("{what:<34}{writers:>8}{rate:>12.0}{:>12.3}{:>12.3}", ms(50), ms(99))
}
