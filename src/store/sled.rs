//! Rows in sled 0.34: quick, safe when the program is killed, and not to be trusted after its files were damaged. So each
//! call is guarded against its panics, and all it holds can be made again from the journal.

use super::error::What;
use super::quiet;
use super::rows::{Changes, Rows};
use super::{Damage, Failed, Keyspace, Row, Scan};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// sled is opened on a thread of this name. A panic there is expected and handled: see `quiet.rs`.
const OPENING_THREAD: &str = "sled-opening";

/// One tree for all keyspaces, so that one batch is one atomic step: key = keyspace's name ‖ 0 ‖ key.
pub struct SledRows {
    folder: PathBuf,
    cache_bytes: u64,
    /// `None` while it is dropped, or when it could not be opened again.
    db: RwLock<Option<sled::Db>>,
}

impl SledRows {
    /// Opens or makes the folder. An error says what sled said, or that it panicked.
    ///
    /// Our own lock is held, so if sled's is taken it is, most likely, by threads of a sled that this process has just
    /// closed: they let go of it a moment later than its closing answers. If they do not, it is another process's
    /// ([`Failed::Taken`]), and nothing that is wrong with the files: they are left alone.
    pub fn open(folder: &Path, cache_bytes: u64) -> Result<SledRows, Failed> {
        const TRIES: u32 = 100;
        const PAUSE: Duration = Duration::from_millis(50);
        for _ in 1..TRIES {
            match SledRows::open_once(folder, cache_bytes) {
                Err(Failed::Taken) => std::thread::sleep(PAUSE),
                opened => return opened,
            }
        }
        SledRows::open_once(folder, cache_bytes)
    }

    fn open_once(folder: &Path, cache_bytes: u64) -> Result<SledRows, Failed> {
        // It counts from 1970 and breaks off before; that is no damage of its files.
        if std::time::SystemTime::now() < std::time::UNIX_EPOCH {
            return Err(Failed::ClockBefore1970);
        }
        let place = folder.to_owned();
        let open = move || sled::Config::default().path(place).cache_capacity(cache_bytes.max(1 << 20)).open();
        // Its panics leave nothing behind that we would use again, since the thread and all it made are gone.
        let thread = std::thread::Builder::new().name(OPENING_THREAD.to_owned()).spawn(open);
        let opened = thread.map_err(|e| Failed::io("sled", &e))?.join();
        let db = opened.map_err(|_| broken())?.map_err(|e| failed(&e))?;
        Ok(SledRows { folder: folder.to_owned(), cache_bytes, db: RwLock::new(Some(db)) })
    }

    fn guarded<T>(&self, work: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, Failed> {
        let db = self.db.read().unwrap_or_else(PoisonError::into_inner);
        let db = db.as_ref().ok_or_else(broken)?;
        quiet::caught(|| work(db)).ok_or_else(broken)?.map_err(|e| failed(&e))
    }
}

impl Drop for SledRows {
    /// Closing writes, and what writes may break off.
    fn drop(&mut self) {
        let db = self.db.write().unwrap_or_else(PoisonError::into_inner).take();
        let _ = quiet::caught(|| drop(db));
    }
}

impl Rows for SledRows {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        self.guarded(|db| Ok(db.get(full_key(keyspace, key))?.map(|value| value.to_vec())))
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        if scan.is_empty() || scan.limit == 0 {
            return Ok(Vec::new());
        }
        let full = |key: &Vec<u8>| full_key(scan.keyspace, key);
        let from = match scan.from.as_ref().map(full) {
            Bound::Unbounded => Bound::Included(full_key(scan.keyspace, b"")),
            bound => bound,
        };
        let to = match scan.to.as_ref().map(full) {
            Bound::Unbounded => Bound::Excluded([scan.keyspace.0.as_bytes(), &[1]].concat()),
            bound => bound,
        };
        let strip = scan.keyspace.0.len() + 1;
        let row = |found: sled::Result<(sled::IVec, sled::IVec)>| {
            found.map(|(key, value)| (key.get(strip..).unwrap_or_default().to_vec(), value.to_vec()))
        };
        self.guarded(|db| {
            let range = db.range((from, to));
            if scan.backward {
                range.rev().take(scan.limit).map(row).collect()
            } else {
                range.take(scan.limit).map(row).collect()
            }
        })
    }

    fn apply(&self, changes: &Changes) -> Result<(), Failed> {
        let mut batch = sled::Batch::default();
        for (keyspace, rows) in changes.spaces() {
            for (key, value) in rows {
                match value {
                    Some(value) => batch.insert(full_key(keyspace, key), value.as_slice()),
                    None => batch.remove(full_key(keyspace, key)),
                }
            }
        }
        self.guarded(|db| db.apply_batch(batch))
    }

    fn flush(&self) -> Result<(), Failed> {
        self.guarded(|db| db.flush().map(|_| ()))
    }

    fn again(&self, catch_up: &mut dyn FnMut(&dyn Rows) -> Result<(), Failed>) -> Result<(), Failed> {
        let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
        let old = db.take();
        let _ = quiet::caught(|| drop(old));
        let fresh = SledRows::open(&self.folder, self.cache_bytes)?;
        catch_up(&fresh)?;
        *db = fresh.db.write().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }
}

fn full_key(keyspace: Keyspace, key: &[u8]) -> Vec<u8> {
    [keyspace.0.as_bytes(), &[0], key].concat()
}

fn failed(error: &sled::Error) -> Failed {
    match error {
        sled::Error::Io(io) if io.to_string().contains("could not acquire lock") => {
            // What the system said stands in the text alone; "would block" is the one answer that names an owner.
            match io.to_string().contains("WouldBlock") {
                true => Failed::Taken,
                false => Failed::Disk { file: "sled".to_owned(), why: "flock".to_owned() },
            }
        }
        sled::Error::Io(io) => Failed::io("sled", io),
        _ => broken(),
    }
}

/// Its files are not what was written.
pub(super) fn broken() -> Failed {
    Failed::Damaged(Damage { file: "sled".to_owned(), offset: 0, what: What::Sled })
}

#[cfg(test)]
mod tests {
    use super::super::rows::META;
    use super::*;

    #[test]
    fn what_breaks_off_inside_is_a_failure_in_words_and_the_rows_open_again() {
        let home = tempfile::tempdir().unwrap();
        let rows = SledRows::open(&home.path().join("sled"), 1 << 20).unwrap();
        let mut changes = Changes::default();
        changes.set(META, b"a".to_vec(), Some(b"1".to_vec()));
        rows.apply(&changes).unwrap();
        let broke = rows.guarded(|_| -> sled::Result<()> { panic!("as sled does over damaged files") });
        assert_eq!(broke, Err(broken()));
        assert_eq!(rows.get(META, b"a"), Ok(Some(b"1".to_vec())), "the next call is not held up by it");
        // Opened anew, nothing is shown before it was brought up.
        let refused = rows.again(&mut |fresh| {
            assert_eq!(fresh.get(META, b"a"), Ok(Some(b"1".to_vec())));
            Err(Failed::Full)
        });
        assert_eq!((refused, rows.get(META, b"a")), (Err(Failed::Full), Err(broken())));
        changes.set(META, b"a".to_vec(), Some(b"2".to_vec()));
        rows.again(&mut |fresh| fresh.apply(&changes)).unwrap();
        assert_eq!(rows.get(META, b"a"), Ok(Some(b"2".to_vec())));
    }
}
