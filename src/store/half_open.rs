//! A store half open: what is found in the folder, and the journal made whole. Nothing of sled is given up here; that is
//! `agreeing.rs`, which comes after.

use super::aside::{Asides, SledFolder};
use super::folding::{self, Keyspaces};
use super::journal::{self, Journal};
use super::journal_scan::JournalScan;
use super::opening::Settings;
use super::overlay::Overlay;
use super::rows::{Changes, META, Rows};
use super::seals::{Seals, Stopped, Unread};
use super::sled::{SledRows, broken};
use super::spare::{self, Spare};
use super::tally::kept_position;
use super::{Damage, Disk, Failed, Found, Frame, OpenFailed, Position, RECORDS, Read, Standing, Why, ballast};
use std::path::Path;
use std::sync::Arc;

/// A store half open.
pub(super) struct HalfOpen {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) settings: Settings,
    pub(super) keyspaces: Keyspaces,
    pub(super) found: Vec<Found>,
    /// The disk is full: nothing is written that need not be, and the store will be for reading only.
    pub(super) cramped: bool,
    /// The journal's last frame, once it is whole.
    pub(super) last: Option<Frame>,
    /// Why nothing can be kept from the beginning.
    pub(super) read_only: Option<Failed>,
    /// What a clean stop noted; the note itself goes when the journal is gone on with.
    pub(super) stopped: Option<Stopped>,
    /// A part of the journal was believed and not read. Once it was found to be damaged nothing is believed any more.
    pub(super) believed: Option<bool>,
    /// Frames that no copy has stop nobody: nothing is written, and they are left out.
    pub(super) despite_loss: bool,
    /// Those that were left out.
    pub(super) lost: Vec<Damage>,
}

/// sled as it was found. Nothing of it is given up before the journal is whole: what cannot be used as it is may still
/// have what the journal has lost.
pub(super) struct Sled {
    pub(super) rows: Option<Arc<dyn Rows>>,
    /// Why these rows, or these files, are not to be used.
    pub(super) unfit: Option<Why>,
    /// It is a copy that was opened, and is good for giving frames alone.
    pub(super) spare: Option<Spare>,
}

/// Rows, and why they are not to be used.
type Fitness = (Option<Arc<dyn Rows>>, Option<Why>);

/// The journal as it was found, before anything beside it is opened.
pub(super) struct Look {
    scan: JournalScan,
    stopped: Option<Stopped>,
}

impl Look {
    /// Whether anything may have to be taken from sled: then sled is not let loose on its own files.
    fn needs_mending(&self) -> bool {
        // Bytes at the end that make no frame are a write that was cut off, or the last frame, answered for and damaged since:
        // the rows may know.
        self.is_damaged() || self.stopped.is_none() && self.scan.tail().is_some()
    }

    /// Whether it surely lacks something.
    fn is_damaged(&self) -> bool {
        let known = self.stopped.as_ref().filter(|stop| self.scan.identity().is_none_or(|own| own == stop.identity));
        self.scan.is_empty()
            || !self.scan.damages().is_empty()
            || known.is_some_and(|stop| self.scan.last() < stop.position)
    }
}

impl Sled {
    /// There is none, and none was looked for.
    pub(super) fn none() -> Sled {
        Sled { rows: None, unfit: None, spare: None }
    }
}

/// Rows, and what lies over them because it could not be written into them.
pub(super) type RowsAndOver = (Arc<dyn Rows>, Changes);

impl HalfOpen {
    /// When the disk is full: again, with the ballast's room and for reading only.
    pub(super) fn with_ballast<T>(
        &mut self,
        mut work: impl FnMut(&mut HalfOpen) -> Result<T, OpenFailed>,
    ) -> Result<T, OpenFailed> {
        match work(self) {
            Err(OpenFailed::Failed(Failed::Full)) => {
                self.cramped = true;
                self.found = if ballast::free(&*self.disk) { vec![Found::BallastFreed] } else { Vec::new() };
                self.found.push(Found::ForReadingOnly);
                work(self)
            }
            other => other,
        }
    }

    pub(super) fn new(disk: Arc<dyn Disk>, settings: Settings, keyspaces: Keyspaces) -> HalfOpen {
        HalfOpen {
            disk,
            settings,
            keyspaces,
            found: Vec::new(),
            cramped: false,
            last: None,
            read_only: None,
            stopped: None,
            believed: None,
            despite_loss: false,
            lost: Vec::new(),
        }
    }

    /// The journal's files, read; nothing is changed but what an unfinished writing left.
    pub(super) fn look(&mut self) -> Result<Look, OpenFailed> {
        journal::tidy(&*self.disk)?;
        let stopped = journal::noted_stop(&*self.disk).or_else(|| self.stopped.take());
        self.stopped.clone_from(&stopped);
        let believing = !self.settings.thorough && self.believed.is_none();
        let large = believing && journal::size(&*self.disk)? > self.settings.read_whole;
        let seals = stopped.as_ref().filter(|_| large).map(|stop| stop.seals.clone()).unwrap_or_default();
        let seals = seals.but_for_a_share(self.settings.read_whole / 2);
        let scan = JournalScan::make(&*self.disk, 0, Unread::Sealed(&seals))?;
        if believing {
            self.believed = scan.believes().then_some(true);
        }
        Ok(Look { scan, stopped })
    }

    /// sled as it is found, and left as it is: where the journal is not whole, a copy of it is opened.
    pub(super) fn sled(&mut self, sled: &SledFolder, look: &mut Look) -> Result<Sled, OpenFailed> {
        spare::tidy(sled.root());
        if look.scan.believes() && !look.needs_mending() && !spare::can_be_opened(&sled.path()) {
            // What sled reads while it opens the disk does not give: what was believed of the journal is read as well.
            look.scan = JournalScan::make(&*self.disk, 0, Unread::Nothing)?;
        }
        if !sled.path().exists() || !look.needs_mending() {
            return self.sled_itself(sled);
        }
        let mut spare = match sled.spare(self.cramped) {
            // A write that was cut off is the usual reason for bytes at the end, and keeps nobody out where there is no room.
            Err(OpenFailed::Failed(Failed::Full) | OpenFailed::NoRoomToMend { .. }) if !look.is_damaged() => {
                return self.sled_itself(sled);
            }
            spare => spare?,
        };
        let mut opened = spare.open(sled.cache_bytes);
        if matches!(opened, Err(Failed::Damaged(_) | Failed::Disk { .. } | Failed::InTheWay { .. })) {
            // A read that fails once is no reason to do without what it has; and sled cuts off what it cannot read.
            spare = sled.spare(self.cramped)?;
            opened = spare.open(sled.cache_bytes);
        }
        if opened.as_ref().err() == Some(&Failed::Hangs) {
            // What it has may be the only copy of what the journal lacks.
            return Err(Failed::Hangs.into());
        }
        let (rows, unfit) = self.fitness(opened, sled)?;
        Ok(Sled { rows, unfit, spare: Some(spare) })
    }

    /// On a disk that may only be read: what sled has stands in a copy elsewhere, where the journal needs it.
    pub(super) fn sled_elsewhere(&mut self, folder: &Path, look: &Look) -> Result<Sled, OpenFailed> {
        let sled = SledFolder::new(folder, self.settings.cache_bytes);
        if !sled.path().exists() || !look.needs_mending() {
            return Ok(Sled::none());
        }
        let into = std::env::temp_dir().join(format!("dossier-{}", std::process::id()));
        let spare = Spare::within(folder, "sled", &into)?;
        let (rows, unfit) = self.fitness(spare.open(sled.cache_bytes), &sled)?;
        Ok(Sled { rows, unfit, spare: Some(spare) })
    }

    /// sled's own files, now that nothing is to be taken from them any more.
    pub(super) fn not_a_copy(&mut self, sled: &SledFolder, found: Sled) -> Result<Sled, OpenFailed> {
        if found.spare.is_none() {
            return Ok(found);
        }
        let was_read = found.rows.is_some();
        drop(found);
        let found = self.sled_itself(sled)?;
        // Its copy could not be read, so the journal was judged without it, and its own files know more: that is judged again
        // by the next opening, and nothing of it is set aside.
        let last = self.last.as_ref().map_or(0, |frame| frame.position);
        match &found.rows {
            Some(rows) if !was_read && found.unfit.is_none() && kept_position(&**rows)? > last => Err(broken().into()),
            _ => Ok(found),
        }
    }

    fn sled_itself(&mut self, sled: &SledFolder) -> Result<Sled, OpenFailed> {
        if !sled.path().exists() {
            return Ok(Sled { rows: None, unfit: Some(Why::Missing), spare: None });
        }
        let (rows, unfit) = self.fitness(SledRows::open(&sled.path(), sled.cache_bytes), sled)?;
        Ok(Sled { rows, unfit, spare: None })
    }

    fn fitness(&self, opened: Result<SledRows, Failed>, sled: &SledFolder) -> Result<Fitness, OpenFailed> {
        let rows = match opened {
            Ok(rows) => rows,
            // Open in another process, or closed to us: that is no damage, and no reason to touch it.
            Err(Failed::Taken) => return Err(OpenFailed::Owned { process: None }),
            Err(failed @ Failed::Disk { .. }) if !can_be_read(&sled.path()) => return Err(failed.into()),
            Err(Failed::Full) if !self.cramped => return Err(Failed::Full.into()),
            Err(_) => return Ok((None, Some(Why::Unreadable))),
        };
        let unfit = match rows.get(META, IDENTITY) {
            Ok(Some(_)) if shape_of(&rows) == Some(self.settings.shape) => {
                let read = Overlay { over: &Changes::default(), under: &rows };
                self.settings.recorder.is_outdated(&read).then_some(Why::Outdated)
            }
            Ok(Some(_)) => Some(Why::OtherShape),
            Ok(None) => Some(Why::Nameless),
            Err(_) => Some(Why::Unreadable),
        };
        Ok((Some(Arc::new(rows)), unfit))
    }

    /// What was there is renamed; its place is free afterwards.
    pub(super) fn put_aside(&mut self, sled: &SledFolder, why: Why) -> Result<(), OpenFailed> {
        match sled.set_aside()? {
            Some(as_name) => self.found.push(Found::SetAside { why, as_name }),
            None if self.last.is_some() => self.found.push(Found::Filled),
            None => {}
        }
        Ok(())
    }

    /// The journal, whole: what it lost is taken from the rows or from what was set aside, and what may stand in memory
    /// only is written again.
    pub(super) fn journal(&mut self, sled: &SledFolder, from: &Sled, look: Look) -> Result<Journal, OpenFailed> {
        let Look { mut scan, stopped } = look;
        let rows = from.rows.as_deref();
        let disk = Arc::clone(&self.disk);
        // What has to be mended takes no more room than it needs then.
        let segment_bytes = if self.cramped { 0 } else { self.settings.segment_bytes };
        self.refuse_strangers(&scan, rows)?;
        let rows = rows.filter(|rows| match (scan.identity(), identity_of(*rows)) {
            (Some(of_journal), of_rows) => of_rows == Some(of_journal),
            (None, of_rows) => of_rows.is_some(),
        });
        let rows = self.of_one_history(&scan, rows)?;
        let mut asides = Asides::of(sled, self.cramped);
        let named = scan.identity().or_else(|| rows.and_then(identity_of));
        let named = named.or_else(|| asides.identity()).or(stopped.as_ref().map(|stop| stop.identity));
        let identity = named.unwrap_or(self.settings.identity);
        let of_rows = rows.map_or(Ok(0), kept_position)?;
        let of_stop = stopped.as_ref().filter(|stop| stop.identity == identity).map_or(0, |stop| stop.position);
        // Where there is no sled, only what was set aside may know how far the journal went.
        let of_asides = if rows.is_none() { asides.position(identity) } else { 0 };
        let known = of_rows.max(of_stop).max(of_asides);
        if known > 0 {
            let proven = scan.proven().clone();
            scan = JournalScan::make(&*disk, known, Unread::Sealed(&proven))?;
        }
        if scan.is_empty() && known == 0 && scan.damages().is_empty() {
            if !self.settings.create {
                return Err(OpenFailed::Nothing);
            }
            journal::forget_stop(&*disk)?;
            let journal = Journal::begin(disk, identity, segment_bytes)?;
            return Ok(journal.having_read(Seals::default(), self.settings.read_whole));
        }
        if stopped.is_none() {
            self.found.push(Found::NotStopped);
        }

        if scan.is_empty() {
            self.found.push(Found::JournalMade { to: known });
        }
        let damages = scan.damages();
        let mut last = known;
        if !damages.is_empty() || scan.is_empty() {
            let unread = scan.unread().filter(|_| of_stop == 0);
            let mut copy = |p| {
                let own = rows.and_then(|rows| record(&Overlay { over: &Changes::default(), under: rows }, p));
                own.or_else(|| asides.frame(identity, p))
            };
            let gone = scan.mend(&*disk, identity, segment_bytes, &mut copy)?;
            if !gone.is_empty() && self.despite_loss {
                let left_out = |p| Some(copy(p).unwrap_or_else(|| Frame::left_out(p)));
                scan.mend(&*disk, identity, segment_bytes, left_out)?;
                self.lost = gone;
            } else if !gone.is_empty() {
                let unread = from.spare.as_ref().and_then(|spare| spare.unread.clone());
                return Err(match (asides.failed.take(), unread) {
                    (Some(failed), _) => failed,
                    (None, Some(unread)) => OpenFailed::BothDamaged { gone, unread },
                    (None, None) => OpenFailed::Damaged(gone),
                });
            }
            let by = if asides.gave.is_some() { "sled.aside" } else { "sled" };
            self.found.extend(damages.into_iter().map(|damage| Found::Mended { damage, by }));
            self.found.extend(unread.map(Found::TailUnread));
            last = scan.last();
            let proven = scan.proven().clone();
            scan = JournalScan::make(&*disk, last, Unread::Sealed(&proven))?;
        }
        if stopped.is_none() {
            self.found.extend(scan.tail().map(Found::TailDropped));
            let moved =
                if self.cramped { scan.write_tail_again(&*disk)? } else { scan.move_tail(&*disk, segment_bytes)? };
            self.found.extend(moved.map(|(from, to)| Found::TailMoved { from, to }));
        }
        self.last = scan.last_frame();
        journal::forget_stop(&*disk)?;
        let journal = Journal::go_on(disk, segment_bytes, last)?;
        Ok(journal.having_read(scan.proven().clone(), self.settings.read_whole))
    }

    /// Files of another store, known by keys that do not open them, are named and left alone. A sled of another store
    /// beside a journal of ours is no obstacle: it is set aside once the journal is whole.
    pub(super) fn refuse_strangers(&self, scan: &JournalScan, rows: Option<&dyn Rows>) -> Result<(), OpenFailed> {
        let ours = |frames: &[Frame]| {
            let votes: Vec<bool> = frames.iter().filter_map(|frame| self.settings.recorder.knows(frame)).collect();
            votes.is_empty() || votes.contains(&true)
        };
        let frames = scan.some_frames();
        if !ours(&frames) {
            let position = scan.last();
            let newest = frames.iter().max_by_key(|f| f.position);
            let holds = Standing {
                identity: scan.identity().unwrap_or_default(),
                position,
                received: newest.map(|f| f.received),
                head: newest.and_then(|f| self.settings.recorder.head(f)),
            };
            return Err(OpenFailed::NotOurs { what: "journal", holds });
        }
        if !scan.is_empty() {
            return Ok(());
        }
        let Some(rows) = rows else { return Ok(()) };
        let position = kept_position(rows).unwrap_or(0);
        let read = Overlay { over: &Changes::default(), under: rows };
        let frames: Vec<Frame> = [1, 2, position].into_iter().filter_map(|p| record(&read, p)).collect();
        if !ours(&frames) {
            let holds = Standing {
                identity: identity_of(rows).unwrap_or_default(),
                position,
                received: frames.last().map(|f| f.received),
                head: frames.last().and_then(|f| self.settings.recorder.head(f)),
            };
            return Err(OpenFailed::NotOurs { what: "sled", holds });
        }
        Ok(())
    }

    /// The rows, if they can be believed about this journal: where both end, the same frame stands. Two copies of one store
    /// that went on apart are told from one that is merely behind.
    pub(super) fn of_one_history<'r>(
        &self,
        scan: &JournalScan,
        rows: Option<&'r dyn Rows>,
    ) -> Result<Option<&'r dyn Rows>, OpenFailed> {
        let (Some(rows), Some(last)) = (rows, scan.last_frame()) else { return Ok(rows) };
        let position = kept_position(rows)?;
        let Some(theirs) = record(&Overlay { over: &Changes::default(), under: rows }, last.position) else {
            return Ok(Some(rows));
        };
        if theirs == last {
            return Ok(Some(rows));
        }
        if position <= last.position {
            // Everything they have seen lies behind us; `agree` sets them aside.
            return Ok(None);
        }
        let identity = scan.identity().unwrap_or_default();
        let newest = record(&Overlay { over: &Changes::default(), under: rows }, position);
        Err(OpenFailed::Apart {
            position: last.position,
            journal: Box::new(Standing {
                identity,
                position: last.position,
                received: Some(last.received),
                head: self.settings.recorder.head(&last),
            }),
            sled: Box::new(Standing {
                identity,
                position,
                received: newest.as_ref().map(|f| f.received),
                head: newest.and_then(|f| self.settings.recorder.head(&f)),
            }),
        })
    }
}

/// The row of META that says whose rows these are.
pub(super) const IDENTITY: &[u8] = b"identity";

/// The row of META that says which shape the hand's rows have.
pub(super) const SHAPE: &[u8] = b"shape";

pub(super) fn shape_of(rows: &dyn Rows) -> Option<u32> {
    rows.get(META, SHAPE).ok().flatten()?.try_into().ok().map(u32::from_le_bytes)
}

pub(super) fn identity_of(rows: &dyn Rows) -> Option<[u8; 16]> {
    rows.get(META, IDENTITY).ok().flatten()?.try_into().ok()
}

/// Whether its files are ours to read: what is refused for want of permission is not damaged.
pub(super) fn can_be_read(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|e| e.path().is_file());
    let mut files = files.map(|e| std::fs::OpenOptions::new().read(true).write(true).open(e.path()));
    let denied = |opened: std::io::Result<std::fs::File>| {
        opened.is_err_and(|e| {
            matches!(e.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem)
        })
    };
    std::fs::read_dir(folder).is_ok() && !files.any(denied)
}

/// A frame's second copy.
pub(super) fn record(read: &dyn Read, position: Position) -> Option<Frame> {
    let row = read.get(RECORDS, &position.to_be_bytes()).ok().flatten()?;
    folding::read_record_row(position, &row)
}

#[cfg(test)]
mod tests {
    use super::super::faulty::FaultyDisk;
    use super::super::recorder::{Finished, Kept, Recorder, RowChange};
    use super::super::{Entry, Keyspace, Refused, Settings, Store, open_on};
    use super::*;

    struct Plain;

    impl Recorder for Plain {
        fn finish(&mut self, _: &dyn Read, entry: &Entry, _: Kept) -> Result<Finished, Refused> {
            Ok(Finished { record: entry.body.clone(), receipt: Vec::new() })
        }

        fn fold(&mut self, _: &dyn Read, _: &Frame) -> Result<Vec<RowChange>, Refused> {
            Ok(Vec::new())
        }
    }

    fn settings() -> Settings {
        let settings = Settings::new(vec![Keyspace("things")], Box::new(Plain), Box::new(|| 1), [3; 16]);
        Settings { segment_bytes: 1200, ballast_bytes: 0, cache_bytes: 1 << 20, read_whole: 0, ..settings }
    }

    #[test]
    fn a_journal_that_was_believed_and_found_damaged_is_not_believed_by_a_later_look() {
        let (disk, home) = (FaultyDisk::default(), tempfile::tempdir().unwrap());
        let store = open_on(Arc::new(disk.clone()), home.path(), settings()).unwrap().store;
        for n in 0..60 {
            store.commit(Entry { id: [n; 16], expect: Vec::new(), body: vec![n; 90] }).unwrap();
        }
        store.stop().unwrap();
        let keyspaces = Keyspaces::new(&settings().keyspaces).unwrap();
        let look = |believed: Option<bool>| {
            let mut half_open = HalfOpen::new(Arc::new(disk.copy()), settings(), keyspaces.clone());
            half_open.believed = believed;
            let looks = [half_open.look().unwrap(), half_open.look().unwrap()].map(|look| look.scan.believes());
            (looks, half_open.believed)
        };
        assert!(look(None).0[0], "or nothing is shown by this");
        // As `open_with` leaves it once what was believed was not so; a second look comes where the disk was full.
        assert_eq!(look(Some(false)), ([false, false], Some(false)));
    }
}
