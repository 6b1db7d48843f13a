//! The journal: segments one after the other, every frame that this store ever answered for. What is in it is done.
//!
//! A segment ends where its successor begins: whatever stands in it from that position on was copied there before it
//! counted. That is how a tail moves after a failed sync, and after a stop that was not clean: once a sync has failed the
//! system may show bytes from memory that the disk never got.

use super::disk::{Disk, Mark};
use super::error::{Damage, Failed, What};
use super::journal_scan::JournalScan;
use super::seals::{Seals, Stopped, Unread};
use super::segment::{self, FRAMES_AT, Head, Purpose, Segment};
use super::{Frame, Position, Standing};
use std::sync::Arc;

pub(super) const FOLDER: &str = "journal";
pub(super) const KIND: u8 = 1;
const STOPPED: &str = "stopped";
/// The kind of frame in [`STOPPED`] that holds seals; the first holds the position. Programs of before read that one alone.
const SEALS: u8 = 2;

/// A journal up to this size is read whole at every opening, and none of its files are sealed.
pub const READ_WHOLE: u64 = 32 << 20;

/// The journal, open for appending. Only the queue holds one.
pub struct Journal {
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    current: Segment,
    /// The current file must not be written any more, whatever room it has: its successor could not be made for sure.
    spent: bool,
    /// Closed files that are whole.
    proven: Seals,
    /// Sealed at a clean stop once it is larger than this.
    read_whole: u64,
    /// Which file bore which name when we opened or made it.
    files: Files,
}

/// The journal's files as they were opened, and which of the closed ones is looked at next.
#[derive(Default)]
struct Files {
    known: Vec<(String, Mark)>,
    next: usize,
}

/// Frames are on disk: as always, or only after their file had failed and they were written to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Synced {
    AsAlways,
    Elsewhere,
}

/// Frames are not on disk for sure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unsynced {
    /// Not a byte of them was written.
    Nothing(Failed),
    /// They may be found at the next opening. Nothing may be appended until then.
    Perhaps(Failed),
}

impl Journal {
    /// Begins a journal. `first` is 1, or what a mended one goes on with.
    pub fn begin(disk: Arc<dyn Disk>, identity: [u8; 16], segment_bytes: u64) -> Result<Journal, Failed> {
        let head = Head { purpose: Purpose::Journal, number: 1, first: 1, identity };
        let current = Segment::create(&*disk, &file_name(1), head, segment_bytes)?;
        Ok(Journal::at(disk, segment_bytes, current, vec![file_name(1)]))
    }

    /// Goes on where the last segment ends. Whatever had to be mended or moved has been: see [`JournalScan`].
    pub fn go_on(disk: Arc<dyn Disk>, segment_bytes: u64, known: Position) -> Result<Journal, Failed> {
        let names = disk.list(FOLDER).map_err(|e| Failed::io(FOLDER, &e))?;
        let names: Vec<String> = names.into_iter().filter(|n| number_of(n).is_some()).collect();
        let name = names.last().ok_or_else(|| missing(&file_name(1)))?;
        let (current, _) = Segment::open(&*disk, name, Purpose::Journal, known)?;
        Ok(Journal::at(disk, segment_bytes, current, names))
    }

    fn at(disk: Arc<dyn Disk>, segment_bytes: u64, current: Segment, names: Vec<String>) -> Journal {
        let (proven, read_whole, files) = (Seals::default(), READ_WHOLE, Files::default());
        let mut journal = Journal { disk, segment_bytes, current, spent: false, proven, read_whole, files };
        names.into_iter().for_each(|name| journal.watch(name));
        journal
    }

    /// A file whose mark the disk does not give is not looked after.
    fn watch(&mut self, name: String) {
        let mark = self.disk.mark(&name);
        self.files.known.retain(|(known, _)| *known != name);
        self.files.known.extend(mark.ok().map(|mark| (name, mark)));
    }

    /// A closed file's length is another now. One that was replaced meanwhile stays known by the file that we wrote.
    fn watch_shortened(&mut self, name: &str) {
        let known = self.files.known.iter_mut().find(|(known, _)| known == name);
        if let (Some((_, known)), Ok(now)) = (known, self.disk.mark(name))
            && now.file == known.file
        {
            *known = now;
        }
    }

    /// The file that was taken away or replaced under us, if so: what is appended then is on no disk that anybody reads again. The one
    /// being written is looked at each time, of the others one after the other. Some file systems number a file anew that nobody has
    /// open: a closed one is the same by its length and the time it was written, too.
    pub fn replaced(&mut self) -> Option<String> {
        let Files { known, next } = &mut self.files;
        *next = (*next + 1) % known.len().max(1);
        let current = self.current.name();
        let mut looked_at = known.iter().find(|(name, _)| name == current).into_iter().chain(known.get(*next));
        let stands = |(name, known): &(String, Mark)| match self.disk.mark(name) {
            Ok(mark) if mark.file == known.file => true,
            Ok(mark) => name != current && (mark.length, mark.written) == (known.length, known.written),
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        };
        looked_at.find(|one| !stands(one)).map(|(name, _)| name.clone())
    }

    pub fn identity(&self) -> [u8; 16] {
        self.current.head().identity
    }

    /// What opening read of it, and up to which size it reads all.
    pub(super) fn having_read(self, proven: Seals, read_whole: u64) -> Journal {
        Journal { proven, read_whole, ..self }
    }

    pub(super) fn use_segments_of(&mut self, bytes: u64) {
        self.segment_bytes = bytes;
    }

    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// The position that the next frame must have.
    pub fn next(&self) -> Position {
        self.current.next()
    }

    /// Writes the frames in one go and syncs once. Their positions run on from [`Journal::next`].
    pub fn append(&mut self, frames: &[Frame]) -> Result<Synced, Unsynced> {
        let bodies: Vec<Vec<u8>> = frames.iter().map(Frame::encode).collect();
        if self.spent || !self.current.has_room(bodies.iter().map(Vec::len)) {
            self.turn_over(&bodies).map_err(Unsynced::Nothing)?;
        }
        let framed: Vec<(u8, &[u8])> = bodies.iter().map(|body| (KIND, body.as_slice())).collect();
        let first = self.current.next();
        match self.current.append_all(&framed).and_then(|_| self.current.sync()) {
            Ok(()) => Ok(Synced::AsAlways),
            Err(_) => self.write_elsewhere(first, bodies).map_err(Unsynced::Perhaps),
        }
    }

    fn turn_over(&mut self, bodies: &[Vec<u8>]) -> Result<(), Failed> {
        // Should the successor come to stand there unbeknown to us, then what we append here would lie beyond the end.
        self.spent = true;
        let needed = bodies.iter().map(|b| segment::frame_length(b.len())).sum::<u64>() + FRAMES_AT;
        let head = Head { number: self.current.head().number + 1, first: self.current.next(), ..*self.current.head() };
        let next = Segment::create(&*self.disk, &file_name(head.number), head, self.segment_bytes.max(needed))?;
        let mut last = std::mem::replace(&mut self.current, next);
        let _ = last.shorten();
        self.watch_shortened(last.name());
        self.watch(file_name(head.number));
        self.spent = false;
        Ok(())
    }

    /// After [`Unsynced::Perhaps`]: the same frames once more, in a file that begins with them. What of them the file before
    /// may hold has no meaning then.
    pub fn append_again(&mut self, frames: &[Frame]) -> Result<(), Failed> {
        let Some(first) = frames.first().map(|frame| frame.position) else { return Ok(()) };
        self.write_elsewhere(first, frames.iter().map(Frame::encode).collect()).map(|_| ())
    }

    fn write_elsewhere(&mut self, first: Position, bodies: Vec<Vec<u8>>) -> Result<Synced, Failed> {
        self.spent = true;
        let head = Head { number: self.current.head().number + 1, first, ..*self.current.head() };
        let frames: Vec<(u8, Vec<u8>)> = bodies.into_iter().map(|body| (KIND, body)).collect();
        let name = file_name(head.number);
        self.current = Segment::create_with(&*self.disk, &name, head, self.segment_bytes, &frames)?;
        self.watch(name);
        self.spent = false;
        Ok(Synced::Elsewhere)
    }

    /// Notes that everything up to the last frame is synced and nobody was writing.
    pub fn note_stop(&self) -> Result<(), Failed> {
        let head = Head { purpose: Purpose::Note, number: 1, first: 1, identity: self.identity() };
        let last = (self.next() - 1).to_le_bytes().to_vec();
        let mut frames = vec![(KIND, last)];
        if size(&*self.disk).is_ok_and(|bytes| bytes > self.read_whole) {
            // What cannot be read now will be read at the next opening, and mended there.
            let seals = JournalScan::seals(&*self.disk, &self.proven).unwrap_or_default();
            frames.push((SEALS, seals.encode()));
        }
        Segment::create_with(&*self.disk, STOPPED, head, 0, &frames).map(|_| ())
    }
}

/// What a clean stop noted; `None` after any other end.
pub fn noted_stop(disk: &dyn Disk) -> Option<Stopped> {
    let reading = Segment::read(disk, STOPPED, Purpose::Note, 0).ok()?;
    let position: [u8; 8] = reading.frames.first()?.body.as_slice().try_into().ok()?;
    let seals = reading.frames.iter().find(|frame| frame.kind == SEALS);
    let seals = seals.map(|frame| Seals::decode(&frame.body)).unwrap_or_default();
    Some(Stopped { identity: reading.head.identity, position: Position::from_le_bytes(position), seals })
}

/// From here on a stop is not clean until it is noted again.
pub fn forget_stop(disk: &dyn Disk) -> Result<(), Failed> {
    match disk.remove(STOPPED) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Failed::io(STOPPED, &e)),
        Ok(()) => disk.sync_folder("").map_err(|e| Failed::io(STOPPED, &e)),
    }
}

/// Refuses a journal of another format before anything beside it is opened or written. Damage is not looked for.
pub fn refuse_other_formats(disk: &dyn Disk) -> Result<(), Failed> {
    for name in disk.list(FOLDER).map_err(|e| Failed::io(FOLDER, &e))? {
        if number_of(&name).is_none() {
            continue;
        }
        let mut head = vec![0; segment::FRAMES_AT as usize];
        let mut file = disk.open(&name).map_err(|e| Failed::io(&name, &e))?;
        // What the disk will not give is damage, and looked for later.
        let read = file.read_at(0, &mut head).unwrap_or(0);
        head.truncate(read);
        let found = segment::read(&name, &head, Purpose::Journal, 0);
        if let Err(other @ (Failed::Newer { .. } | Failed::Older { .. })) = found {
            return Err(other);
        }
    }
    Ok(())
}

/// Every frame from a position on, read from the files themselves, one file at a time. `see` says `false` to stop.
/// The first frame that is not there is an error, by place.
pub fn each_frame(
    disk: &dyn Disk,
    from: Position,
    known: Position,
    mut see: impl FnMut(Frame) -> bool,
) -> Result<(), Failed> {
    let mut scan = JournalScan::make(disk, known, Unread::Closed)?;
    let mut expected = from.max(1);
    for file in &mut scan.files {
        if file.last.is_some_and(|last| last < expected) {
            continue;
        }
        file.damages.clear();
        file.read(disk, file.last.unwrap_or(known))?;
        let Some(reading) = file.reading.take() else { continue };
        for frame in reading.frames {
            if frame.position < expected {
                continue;
            }
            if frame.position > expected {
                break;
            }
            expected += 1;
            let place = (frame.offset, frame.position);
            let frame = Frame::decode(frame.position, &frame.body).ok_or_else(|| {
                let what = What::Body { position: place.1 };
                Failed::Damaged(Damage { file: file.name.clone(), offset: place.0, what })
            })?;
            if !see(frame) {
                return Ok(());
            }
        }
        let end = file.last.unwrap_or(known);
        if expected <= end {
            let place = file.damages.first().cloned().unwrap_or_else(|| Damage {
                file: file.name.clone(),
                offset: FRAMES_AT,
                what: What::Frames { from: expected, to: end },
            });
            return Err(Failed::Damaged(place));
        }
    }
    if expected <= known { Err(missing(&file_name(1))) } else { Ok(()) }
}

/// How far the journal in a folder has come, read from beside whoever writes it; `None` where none can be read. `head` says
/// what its last frame is called on paper.
pub fn standing_of(folder: &std::path::Path, head: impl FnOnce(&Frame) -> Option<String>) -> Option<Standing> {
    if !folder.join(FOLDER).is_dir() {
        return None;
    }
    let scan = JournalScan::make(&super::RealDisk::new(folder).ok()?, 0, Unread::Closed).ok()?;
    let last = scan.last_frame()?;
    let identity = scan.identity().unwrap_or_default();
    let head = head(&last);
    Some(Standing { identity, position: last.position, received: Some(last.received), head })
}

/// How many bytes the journal's files take.
pub fn size(disk: &dyn Disk) -> Result<u64, Failed> {
    let names = disk.list(FOLDER).map_err(|e| Failed::io(FOLDER, &e))?;
    let len = |name: &String| disk.open(name).and_then(|file| file.length()).map_err(|e| Failed::io(name, &e));
    names.iter().map(len).sum()
}

/// Makes what stands in the journal's folder last, and takes away files that never got their name.
pub fn tidy(disk: &dyn Disk) -> Result<(), Failed> {
    let say = |e: std::io::Error| Failed::io(FOLDER, &e);
    let names = disk.list(FOLDER).map_err(say)?;
    if names.is_empty() {
        return Ok(());
    }
    for name in names.iter().filter(|n| n.ends_with(".new")) {
        disk.remove(name).map_err(say)?;
    }
    disk.sync_folder(FOLDER).map_err(say)
}

fn missing(name: &str) -> Failed {
    Failed::Damaged(Damage { file: name.to_owned(), offset: 0, what: What::Missing })
}

pub(super) fn file_name(number: u64) -> String {
    format!("{FOLDER}/{number:08}.seg")
}

pub(super) fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".seg")?.parse().ok()
}
