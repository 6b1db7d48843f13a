//! Looking for what is wrong while nothing seems to be: rows counted again, frames compared, views folded again. Answers
//! are data; mending is the business of opening (`Settings::thorough`) and of `rebuild`.

use super::error::{Damage, Failed, What};
use super::folding::{self, Keyspaces};
use super::journal;
use super::journal_scan::JournalScan;
use super::local::Local;
use super::memory::MemoryRows;
use super::opening::IN_MEMORY;
use super::overlay::Overlay;
use super::rows::{Changes, Rows};
use super::seals::Unread;
use super::sled::{self, SledRows};
use super::tally::{Tally, kept_tally};
use super::{Disk, Keyspace, OpenFailed, Position, RECORDS, Read, Recorder, Row, Scan, Store, each};
use std::path::Path;

/// What is wrong with a store that is open: tallies that rows do not add up to, frames whose two copies differ, journal
/// files that do not check. Reads everything; no commit is published meanwhile.
pub fn check(store: &Local) -> Result<Vec<Damage>, Failed> {
    let shared = store.shared();
    let last = store.position();
    // Through the overlay: sled may still be following the last commit.
    let mut wrong = shared.moment(|read| recount(read, &shared.keyspaces, &mut |_| {}))?;
    wrong.extend(store.unmended().iter().cloned());
    if sled::is_given_up() && !shared.rows.is_a_copy() {
        wrong.push(Damage { file: "sled".to_owned(), offset: 0, what: What::Sled });
    }
    if let Some(disk) = store.disk() {
        wrong.extend(JournalScan::make(&**disk, last, Unread::Nothing)?.damages());
        wrong.extend(compare_frames(|key| shared.moment(|read| read.get(RECORDS, key)), &**disk, last, &mut |_| {})?);
    }
    Ok(wrong)
}

/// Rows, or frames, between two notices of how far it is.
const NOTICED: u64 = 1000;

/// The same for rows that are not in use yet. `progress` is told rows and frames looked at, and how many there are.
pub(super) fn examine(
    rows: &dyn Rows,
    keyspaces: &Keyspaces,
    disk: &dyn Disk,
    last: Position,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Damage>, Failed> {
    let nothing = Changes::default();
    let read = Overlay { over: &nothing, under: rows };
    let mut counted = 0;
    for keyspace in keyspaces.tallied() {
        counted += kept_tally(&read, keyspace)?.count;
    }
    let all = counted.saturating_add(last);
    let mut wrong = recount(&read, keyspaces, &mut |done| progress(done.min(all), all))?;
    let row = |key: &[u8]| rows.get(RECORDS, key);
    wrong.extend(compare_frames(row, disk, last, &mut |done| progress((counted + done).min(all), all))?);
    progress(all, all);
    Ok(wrong)
}

fn recount(read: &Overlay<'_>, keyspaces: &Keyspaces, progress: &mut dyn FnMut(u64)) -> Result<Vec<Damage>, Failed> {
    let mut wrong = Vec::new();
    let mut done = 0;
    for keyspace in keyspaces.tallied() {
        let mut counted = Tally::default();
        each(read, Scan::all(keyspace), |key, value| {
            counted.add(key, value);
            done += 1;
            if done % NOTICED == 0 {
                progress(done);
            }
            true
        })?;
        if counted != kept_tally(read, keyspace)? {
            let what = What::Tally { keyspace: keyspace.0.to_owned() };
            wrong.push(Damage { file: "sled".to_owned(), offset: 0, what });
        }
    }
    Ok(wrong)
}

/// Frames whose copy in the rows is not the journal's.
fn compare_frames(
    row: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, Failed>,
    disk: &dyn Disk,
    last: Position,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Damage>, Failed> {
    let mut wrong = Vec::new();
    let mut unread = None;
    journal::each_frame(disk, 1, last, |frame| {
        if frame.position % NOTICED == 0 {
            progress(frame.position);
        }
        match row(&frame.position.to_be_bytes()) {
            Ok(row)
                if row.as_deref().and_then(|r| folding::read_record_row(frame.position, r)).as_ref()
                    == Some(&frame) => {}
            Ok(_) => {
                let what = What::Body { position: frame.position };
                wrong.push(Damage { file: "sled".to_owned(), offset: 0, what });
            }
            Err(failed) => unread = Some(failed),
        }
        frame.position < last && unread.is_none()
    })?;
    unread.map_or(Ok(wrong), Err)
}

/// A row that two ways of folding do not agree on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    pub keyspace: Keyspace,
    pub key: Vec<u8>,
}

/// Folds every frame again, beside the rows in use, and compares all of them. `hand` must not be the one that the store
/// works with. At most `limit` differences. `progress` is told frames folded and frames in all.
///
/// A store on disk gets a second sled for it, which goes when this is done: a million rows need not fit in memory. Where there is no
/// room for one on the disk, rows that do fit are made in memory.
pub fn refold(
    store: &Local,
    recorder: &mut dyn Recorder,
    limit: usize,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<Vec<Difference>, OpenFailed> {
    match store.beside() {
        None => refold_into(&MemoryRows::default(), store, recorder, limit, progress),
        Some((folder, cache_bytes)) => {
            forget(&folder)?;
            let rows = SledRows::open(&folder, cache_bytes).map_err(OpenFailed::from);
            let found = rows.and_then(|rows| refold_into(&rows, store, recorder, limit, progress));
            forget(&folder)?;
            let fits = |disk: &std::sync::Arc<dyn Disk>| journal::size(&**disk).is_ok_and(|bytes| bytes <= IN_MEMORY);
            match found {
                // The rows in use are in memory then, too.
                Err(OpenFailed::Failed(Failed::Hangs)) => {}
                Err(OpenFailed::Failed(Failed::Full)) if store.disk().is_some_and(fits) => {}
                found => return found,
            }
            recorder.forget();
            refold_into(&MemoryRows::default(), store, recorder, limit, progress)
        }
    }
}

fn forget(folder: &Path) -> Result<(), Failed> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Failed::io(super::spare::AGAIN, &e)),
        _ => Ok(()),
    }
}

fn refold_into(
    rows: &dyn Rows,
    store: &Local,
    recorder: &mut dyn Recorder,
    limit: usize,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<Vec<Difference>, OpenFailed> {
    let shared = store.shared();
    let (mut next, all) = (1, store.position());
    while next <= all {
        let frames = store.replay(next, 500)?;
        let Some(last) = frames.last().map(|frame| frame.position) else { break };
        let mut changes = Changes::default();
        for frame in frames.iter().filter(|frame| frame.position <= all) {
            folding::fold(recorder, &shared.keyspaces, rows, &mut changes, frame)
                .map_err(|why| OpenFailed::Unfolded { position: frame.position, why })?;
        }
        rows.apply(&changes)?;
        next = last + 1;
        progress(last.min(all), all);
    }
    let nothing = Changes::default();
    let again = Overlay { over: &nothing, under: rows };
    let mut differences = Vec::new();
    for keyspace in shared.keyspaces.tallied() {
        differences.extend(compare(store, &again, keyspace, limit - differences.len())?);
    }
    Ok(differences)
}

/// Keys of a keyspace whose rows are not the same in both, at most `limit` of them.
pub fn compare(one: &dyn Read, other: &dyn Read, keyspace: Keyspace, limit: usize) -> Result<Vec<Difference>, Failed> {
    let mut differences = Vec::new();
    let (mut left, mut right) = (Pages::new(one, keyspace), Pages::new(other, keyspace));
    while differences.len() < limit {
        let key = match (left.peek()?, right.peek()?) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => {
                left.take();
                right.take();
                continue;
            }
            (Some(a), Some(b)) => a.0.clone().min(b.0.clone()),
            (Some((key, _)), None) | (None, Some((key, _))) => key.clone(),
        };
        for side in [&mut left, &mut right] {
            if side.peek()?.is_some_and(|row| row.0 == key) {
                side.take();
            }
        }
        differences.push(Difference { keyspace, key });
    }
    Ok(differences)
}

/// A keyspace's rows one after the other, fetched by the page.
struct Pages<'a> {
    read: &'a dyn Read,
    next: Option<Scan>,
    page: std::collections::VecDeque<Row>,
}

impl<'a> Pages<'a> {
    fn new(read: &'a dyn Read, keyspace: Keyspace) -> Pages<'a> {
        Pages { read, next: Some(Scan::all(keyspace).limit(500)), page: Default::default() }
    }

    fn peek(&mut self) -> Result<Option<&Row>, Failed> {
        if self.page.is_empty()
            && let Some(scan) = self.next.take()
        {
            self.page = self.read.scan(&scan)?.into();
            self.next = self.page.back().map(|(key, _)| scan.after(key.clone()));
        }
        Ok(self.page.front())
    }

    fn take(&mut self) {
        self.page.pop_front();
    }
}
