//! Rows in sled 0.34: quick, safe when the program is killed, and not to be trusted after its files were damaged. So each
//! call is guarded against its panics, and all it holds can be made again from the journal.

use super::error::What;
use super::memory::MemoryRows;
use super::patience::SLEDS;
use super::quiet;
use super::rows::{Changes, Rows};
use super::spare;
use super::{Damage, Failed, Keyspace, Row, Scan};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// One tree for all keyspaces, so that one batch is one atomic step: key = keyspace's name ‖ 0 ‖ key.
pub struct SledRows {
    folder: PathBuf,
    cache_bytes: u64,
    held: RwLock<Held>,
    /// It broke off, or said that its files are not what was written.
    broke: AtomicBool,
}

/// What is asked for rows.
enum Held {
    Sled(Arc<sled::Db>),
    /// sled was given up, and they were made here.
    Memory(Arc<MemoryRows>),
    /// They are being made again, or could not be.
    Nothing,
}

impl SledRows {
    /// Opens or makes the folder. An error says what sled said, or that it panicked, or that it comes to no end.
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
        spare::is_of_sleds_kind(folder)
            .map_err(|(name, why)| Failed::in_the_way(&folder.join(name).to_string_lossy(), &why))?;
        let place = folder.to_owned();
        let open = move || sled::Config::default().path(place).cache_capacity(cache_bytes.max(1 << 20)).open();
        let db = SLEDS.opening(spare::size(folder).unwrap_or(0), open)?.map_err(|e| failed(&e))?;
        Ok(SledRows::of(folder, cache_bytes, Held::Sled(Arc::new(db))))
    }

    fn of(folder: &Path, cache_bytes: u64, held: Held) -> SledRows {
        SledRows { folder: folder.to_owned(), cache_bytes, held: RwLock::new(held), broke: AtomicBool::new(false) }
    }

    fn noting<T>(&self, answer: Result<T, Failed>) -> Result<T, Failed> {
        if answer.as_ref().is_err_and(|why| *why == broken()) {
            self.broke.store(true, Ordering::Release);
        }
        answer
    }

    fn held(&self) -> Result<Rowed, Failed> {
        match &*self.held.read().unwrap_or_else(PoisonError::into_inner) {
            Held::Sled(db) => Ok(Rowed::Sled(Arc::clone(db))),
            Held::Memory(rows) => Ok(Rowed::Memory(Arc::clone(rows))),
            Held::Nothing => SLEDS.ask().and(Err(broken())),
        }
    }

    fn take(&self) -> Held {
        std::mem::replace(&mut *self.held.write().unwrap_or_else(PoisonError::into_inner), Held::Nothing)
    }
}

/// What was held at one moment. No lock is kept while sled is asked: whoever waits in it for ever keeps nobody else from going
/// on without it.
enum Rowed {
    Sled(Arc<sled::Db>),
    Memory(Arc<MemoryRows>),
}

fn reading<T>(db: Arc<sled::Db>, work: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, Failed> {
    let read =
        SLEDS.reading().and_then(|_turn| quiet::caught(|| work(&db)).ok_or_else(broken)?.map_err(|e| failed(&e)));
    // Whoever is last closes it: it may have been opened anew meanwhile.
    if Arc::strong_count(&db) == 1 {
        close(Held::Sled(db));
    }
    read
}

/// Closing writes, and what writes may break off, or come to no end.
fn close(held: Held) {
    let Held::Sled(db) = held else { return };
    if SLEDS.ask().is_err() {
        // Its threads have it still.
        std::mem::forget(db);
    } else {
        let _ = SLEDS.waiting(move || drop(db));
    }
}

/// From now on this process asks sled nothing more: what happens by itself where sled does not answer, for tests to see.
pub fn give_up() {
    SLEDS.give_up();
}

/// Whether sled does not answer in this process, so that rows made anew are in memory.
pub fn is_given_up() -> bool {
    SLEDS.ask().is_err()
}

impl Drop for SledRows {
    fn drop(&mut self) {
        close(self.take());
    }
}

impl Rows for SledRows {
    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Vec<u8>>, Failed> {
        match self.held()? {
            Rowed::Memory(rows) => rows.get(keyspace, key),
            Rowed::Sled(db) => {
                let value = reading(db, |db| Ok(db.get(full_key(keyspace, key))?.map(|value| value.to_vec())));
                self.noting(value)
            }
        }
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failed> {
        if scan.is_empty() || scan.limit == 0 {
            return Ok(Vec::new());
        }
        let db = match self.held()? {
            Rowed::Memory(rows) => return rows.scan(scan),
            Rowed::Sled(db) => db,
        };
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
        self.noting(reading(db, |db| {
            let range = db.range((from, to));
            if scan.backward {
                range.rev().take(scan.limit).map(row).collect()
            } else {
                range.take(scan.limit).map(row).collect()
            }
        }))
    }

    fn apply(&self, changes: &Changes) -> Result<(), Failed> {
        let db = match self.held()? {
            Rowed::Memory(rows) => return rows.apply(changes),
            Rowed::Sled(db) => db,
        };
        let mut batch = sled::Batch::default();
        for (keyspace, rows) in changes.spaces() {
            for (key, value) in rows {
                match value {
                    Some(value) => batch.insert(full_key(keyspace, key), value.as_slice()),
                    None => batch.remove(full_key(keyspace, key)),
                }
            }
        }
        self.noting(SLEDS.writing(move || db.apply_batch(batch)).and_then(|done| done.map_err(|e| failed(&e))))
    }

    fn flush(&self) -> Result<(), Failed> {
        match self.held()? {
            Rowed::Memory(rows) => rows.flush(),
            Rowed::Sled(db) => {
                let flushed = SLEDS.waiting(move || db.flush().map(|_| ()));
                self.noting(flushed.and_then(|done| done.map_err(|e| failed(&e))))
            }
        }
    }

    fn is_a_copy(&self) -> bool {
        !matches!(self.held(), Ok(Rowed::Memory(_)))
    }

    fn broke(&self) -> bool {
        self.is_a_copy() && self.broke.load(Ordering::Acquire)
    }

    fn are_left(&self) -> bool {
        !self.is_a_copy()
    }

    fn again(&self, catch_up: &mut dyn FnMut(&dyn Rows) -> Result<(), Failed>) -> Result<(), Failed> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        close(std::mem::replace(&mut *held, Held::Nothing));
        let fresh = match SledRows::open(&self.folder, self.cache_bytes) {
            Err(Failed::Hangs) => SledRows::of(&self.folder, self.cache_bytes, Held::Memory(Arc::default())),
            opened => opened?,
        };
        catch_up(&fresh)?;
        *held = fresh.take();
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
        let Ok(Rowed::Sled(db)) = rows.held() else { panic!("these are sled's") };
        let broke = reading(db, |_| -> sled::Result<()> { panic!("as sled does over damaged files") });
        assert_eq!(broke, Err(broken()));
        assert!(!rows.broke());
        assert_eq!((rows.noting(broke), rows.broke()), (Err(broken()), true));
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
