//! The journal as it is found: which frames its files hold, which are damaged, and how they become whole again. Nothing is
//! appended here; that is `journal.rs`.

use super::disk::{Disk, read_what_can_be};
use super::error::{Damage, Failed, What};
use super::journal::{FOLDER, KIND, file_name, number_of};
use super::seals::{Seals, Unread};
use super::segment::{self, Checked, FILE_LIMIT, FRAMES_AT, Head, Purpose, Reading, Segment};
use super::{Frame, Position};

/// The kind and body of each frame of a file to be.
type Bodies = Vec<(u8, Vec<u8>)>;

/// What stands in the journal's files.
pub struct JournalScan {
    pub(super) files: Vec<ScannedFile>,
    /// Files that hold no head and no frame that checks, and positions before the first file.
    lost: Vec<Damage>,
    /// Something else (a clean stop, sled) says that this much was synced.
    known: Position,
    /// Closed files that are whole: they were read now, or before and not touched since.
    proven: Seals,
    /// Some files were believed and not read.
    believed: bool,
}

pub(super) struct ScannedFile {
    pub name: String,
    head: Head,
    /// The last position that is read from this file; the last file of all goes on as far as it can.
    pub last: Option<Position>,
    /// `None` of what is believed unread.
    pub reading: Option<Reading>,
    pub damages: Vec<Damage>,
    /// Places behind its last frame that the disk will not give: whether something stood there nobody can say.
    unread: Option<Damage>,
}

impl JournalScan {
    /// Reads the heads of all files, the last one whole, and of the others what is not believed unread. Writes nothing.
    pub fn make(disk: &dyn Disk, known: Position, unread: Unread<'_>) -> Result<JournalScan, Failed> {
        let mut scan = JournalScan::heads(disk, known)?;
        for file in &mut scan.files {
            let closed = file.last.is_some();
            let mark = match unread {
                Unread::Closed => None,
                _ => disk.mark(&file.name).ok().filter(|_| closed),
            };
            let believed = match unread {
                Unread::Nothing => false,
                Unread::Closed => closed,
                Unread::Sealed(seals) => seals.hold(file.head.number, mark),
            };
            // The last file is kept in mind, and so is what must be mended; the rest may be larger than memory.
            if !believed || !file.damages.is_empty() {
                file.read(disk, file.last.unwrap_or(known))?;
            } else {
                scan.believed = true;
            }
            if closed && file.damages.is_empty() {
                file.reading = None;
                // Touched meanwhile: it will be read again.
                let same = mark.filter(|mark| disk.mark(&file.name).is_ok_and(|now| now == *mark));
                if let Some(mark) = same.filter(|_| !believed) {
                    scan.proven.note(file.head.number, mark);
                }
            }
        }
        if let Unread::Sealed(seals) = unread {
            scan.proven = seals.clone().then(std::mem::take(&mut scan.proven));
        }
        if let Some(first) = scan.files.first().filter(|f| f.head.first > 1) {
            let file = file_name(first.head.number.saturating_sub(1));
            let what = What::Frames { from: 1, to: first.head.first - 1 };
            scan.lost.push(Damage { file, offset: FRAMES_AT, what });
        }
        Ok(scan)
    }

    fn heads(disk: &dyn Disk, known: Position) -> Result<JournalScan, Failed> {
        let names = disk.list(FOLDER).map_err(|e| Failed::io(FOLDER, &e))?;
        let mut scan =
            JournalScan { files: Vec::new(), lost: Vec::new(), known, proven: Seals::default(), believed: false };
        for name in names {
            let Some(number) = number_of(&name) else { continue };
            match read_head(disk, &name, number)? {
                Some((head, damages)) => {
                    let head = Head { number, ..head };
                    scan.files.push(ScannedFile { name, head, last: None, reading: None, damages, unread: None });
                }
                None => scan.lost.push(Damage { file: name, offset: 0, what: What::Head }),
            }
        }
        scan.end_each_where_the_next_begins();
        Ok(scan)
    }

    /// What a clean stop notes: what was proven before, and, read for it now, what was closed since.
    pub fn seals(disk: &dyn Disk, before: &Seals) -> Result<Seals, Failed> {
        let mut scan = JournalScan::heads(disk, 0)?;
        // The file that is being written stays as it is, and is read at each opening.
        scan.files.pop();
        let mut seals = before.clone();
        for file in scan.files.iter_mut().filter(|file| file.damages.is_empty()) {
            let Ok(mark) = disk.mark(&file.name) else { continue };
            if seals.hold(file.head.number, Some(mark)) {
                continue;
            }
            file.read(disk, file.last.unwrap_or(0))?;
            if file.damages.is_empty() && disk.mark(&file.name).is_ok_and(|now| now == mark) {
                seals.note(file.head.number, mark);
            }
            file.reading = None;
        }
        Ok(seals)
    }

    /// Whether some of it was believed and not read.
    pub fn believes(&self) -> bool {
        self.believed
    }

    /// See the field.
    pub fn proven(&self) -> &Seals {
        &self.proven
    }

    fn end_each_where_the_next_begins(&mut self) {
        let mut begins: Option<Position> = None;
        for file in self.files.iter_mut().rev() {
            file.last = begins.map(|first| first - 1);
            begins = Some(begins.map_or(file.head.first, |first| first.min(file.head.first)));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub fn identity(&self) -> Option<[u8; 16]> {
        self.files.iter().map(|f| f.head.identity).find(|identity| *identity != [0; 16])
    }

    /// The last position that was certainly answered, or is here to be read.
    pub fn last(&self) -> Position {
        let read = self.files.last().map_or(0, |f| f.last_read());
        read.max(self.known)
    }

    /// Every place that is not as it should be.
    pub fn damages(&self) -> Vec<Damage> {
        self.lost.iter().chain(self.files.iter().flat_map(|f| &f.damages)).cloned().collect()
    }

    /// Bytes behind the last frame that nobody was answered for.
    pub fn tail(&self) -> Option<Damage> {
        self.files.last()?.reading.as_ref()?.tail.clone()
    }

    /// Bytes behind the last frame that the disk will not give.
    pub fn unread(&self) -> Option<Damage> {
        self.files.last()?.unread.clone()
    }

    /// The last frame that can be read, where a file was read to its end.
    pub fn last_frame(&self) -> Option<Frame> {
        let frame = self.files.iter().rev().find_map(|file| file.reading.as_ref()?.frames.last())?;
        Frame::decode(frame.position, &frame.body)
    }

    /// A few frames of those that were read, to see whose they are.
    pub fn some_frames(&self) -> Vec<Frame> {
        let mut frames = Vec::new();
        for reading in self.files.iter().rev().filter_map(|file| file.reading.as_ref()) {
            let (front, back) = (reading.frames.iter().take(2), reading.frames.iter().rev().take(3));
            frames.extend(back.chain(front).filter_map(|f| Frame::decode(f.position, &f.body)));
            if frames.len() > 4 {
                break;
            }
        }
        frames
    }

    /// Writes each damaged file anew: its own frames that check, and the others from `copy`. Those that neither has are
    /// the answer; then nothing is written.
    pub fn mend(
        &self,
        disk: &dyn Disk,
        identity: [u8; 16],
        segment_bytes: u64,
        mut copy: impl FnMut(Position) -> Option<Frame>,
    ) -> Result<Vec<Damage>, Failed> {
        let mut renewed: Vec<(Head, Bodies)> = Vec::new();
        let mut gone = Vec::new();
        let before = self.files.first().map_or(self.known + 1, |f| f.head.first);
        if before > 1 {
            let number = self.files.first().map_or(1, |f| f.head.number.saturating_sub(1));
            let head = Head { purpose: Purpose::Journal, number, first: 1, identity };
            renewed.push((head, gather(&file_name(number), 1..before, &[], &mut copy, &mut gone)));
        }
        for file in self.files.iter().filter(|f| !f.damages.is_empty()) {
            let read = file.reading.as_ref().map(|r| r.frames.as_slice()).unwrap_or_default();
            let end = file.last.unwrap_or_else(|| self.known.max(file.last_read())) + 1;
            renewed.push((file.head, gather(&file.name, file.head.first..end, read, &mut copy, &mut gone)));
        }
        if !gone.is_empty() {
            return Ok(gone);
        }
        let mut written = Vec::new();
        for (head, frames) in renewed {
            let is_last = self.files.last().is_none_or(|f| f.head.number == head.number);
            let size = if is_last { segment_bytes } else { 0 };
            let file = Segment::create_with(disk, &file_name(head.number), Head { identity, ..head }, size, &frames)?;
            written.push(file.name().to_owned());
        }
        // What is no journal file any more, and was not written anew, makes way.
        for damage in self.lost.iter().filter(|d| d.what == What::Head && !written.contains(&d.file)) {
            let renamed = disk.rename(&damage.file, &format!("{}.damaged", damage.file));
            renamed.and_then(|()| disk.sync_folder(FOLDER)).map_err(|e| Failed::io(&damage.file, &e))?;
        }
        Ok(gone)
    }

    /// Copies what nobody calls synced, after a stop that was not clean, into a new and synced file.
    /// The positions moved, if any.
    pub fn move_tail(&self, disk: &dyn Disk, segment_bytes: u64) -> Result<Option<(Position, Position)>, Failed> {
        let Some((file, reading, first, tail)) = self.unsynced() else { return Ok(None) };
        if tail.is_empty() && reading.tail.is_none() {
            return Ok(None);
        }
        let head = Head { number: file.head.number + 1, first, ..file.head };
        let frames: Bodies = tail.iter().map(|f| (f.kind, f.body.clone())).collect();
        Segment::create_with(disk, &file_name(head.number), head, segment_bytes, &frames)?;
        let end = tail.first().map_or(reading.end, |f| f.offset);
        // Only to save room; what stands there has no meaning any more.
        let _ = disk.open(&file.name).and_then(|mut old| old.set_len(end));
        Ok(tail.last().map(|last| (first, last.position)))
    }

    /// Where there is no room for a new file: the same bytes are written once more to the same place and synced, which the
    /// system cannot answer from memory. A place that is bad for good says so again.
    pub fn write_tail_again(&self, disk: &dyn Disk) -> Result<Option<(Position, Position)>, Failed> {
        let Some((file, _, first, tail)) = self.unsynced() else { return Ok(None) };
        let Some((from, last)) = tail.first().zip(tail.last()) else { return Ok(None) };
        let end = last.offset + segment::frame_length(last.body.len());
        let (bytes, _) = read_file(disk, &file.name)?;
        let same = usize::try_from(from.offset).ok().zip(usize::try_from(end).ok());
        let same = same.and_then(|(from, end)| bytes.get(from..end)).unwrap_or_default();
        disk.open(&file.name)
            .and_then(|mut file| file.write_at(from.offset, same).and_then(|()| file.sync()))
            .map_err(|e| Failed::io(&file.name, &e))?;
        Ok(Some((first, last.position)))
    }

    /// The last file, from which position on nobody calls its frames synced, and those.
    fn unsynced(&self) -> Option<(&ScannedFile, &Reading, Position, Vec<&Checked>)> {
        let file = self.files.last()?;
        let reading = file.reading.as_ref()?;
        let first = reading.synced.max(file.head.first - 1) + 1;
        Some((file, reading, first, reading.frames.iter().filter(|f| f.position >= first).collect()))
    }
}

impl ScannedFile {
    pub fn read(&mut self, disk: &dyn Disk, known: Position) -> Result<(), Failed> {
        let (bytes, unread) = read_file(disk, &self.name)?;
        let mut reading = segment::read_as(&self.name, &bytes, self.head, known);
        self.unread = unread.iter().find(|place| place.end > reading.end).map(|place| {
            let offset = place.start.max(reading.end);
            Damage { file: self.name.clone(), offset, what: What::Unreadable { bytes: place.end - offset } }
        });
        // So that the file is written anew, on blocks that can be read.
        self.damages.extend(unread.first().map(|place| {
            let what = What::Unreadable { bytes: place.end - place.start };
            Damage { file: self.name.clone(), offset: place.start, what }
        }));
        if let Some(last) = self.last {
            reading.frames.retain(|f| f.position <= last);
            reading.tail = None;
        }
        for frame in &reading.frames {
            if Frame::decode(frame.position, &frame.body).is_none() {
                let what = What::Body { position: frame.position };
                self.damages.push(Damage { file: self.name.clone(), offset: frame.offset, what });
            }
        }
        reading.frames.retain(|f| Frame::decode(f.position, &f.body).is_some());
        let known_to_be =
            |what: &What| !matches!(what, What::Frames { from, .. } if self.last.is_some_and(|l| *from > l));
        self.damages.extend(reading.damages.iter().filter(|d| known_to_be(&d.what)).cloned());
        self.reading = Some(reading);
        Ok(())
    }

    fn last_read(&self) -> Position {
        let frames = self.reading.as_ref().map(|r| r.frames.as_slice()).unwrap_or_default();
        frames.last().map_or(self.head.first - 1, |f| f.position)
    }
}

/// The frames of these positions, from what was read or from the copy; what neither has goes to `gone`.
fn gather(
    file: &str,
    positions: std::ops::Range<Position>,
    read: &[Checked],
    copy: &mut impl FnMut(Position) -> Option<Frame>,
    gone: &mut Vec<Damage>,
) -> Bodies {
    let mut frames = Vec::new();
    let mut read = read.iter().peekable();
    let mut offset = FRAMES_AT;
    for position in positions {
        while read.peek().is_some_and(|f| f.position < position) {
            read.next();
        }
        let body = match read.next_if(|f| f.position == position) {
            Some(frame) => {
                offset = frame.offset + segment::frame_length(frame.body.len());
                Some(frame.body.clone())
            }
            None => copy(position).map(|frame| frame.encode()),
        };
        match (body, gone.last_mut()) {
            (Some(body), _) => frames.push((KIND, body)),
            (None, Some(Damage { file: f, what: What::Frames { to, .. }, .. })) if f == file && *to + 1 == position => {
                *to = position;
            }
            (None, _) => {
                let what = What::Frames { from: position, to: position };
                gone.push(Damage { file: file.to_owned(), offset, what });
            }
        }
    }
    frames
}

/// A file's head; of a file that lost it, what its first frame says. `None` if there is neither.
fn read_head(disk: &dyn Disk, name: &str, number: u64) -> Result<Option<(Head, Vec<Damage>)>, Failed> {
    let mut file = disk.open(name).map_err(|e| Failed::io(name, &e))?;
    let mut bytes = vec![0; FRAMES_AT as usize];
    // A head that the disk will not give is a lost one.
    let read = file.read_at(0, &mut bytes).unwrap_or(0);
    bytes.truncate(read);
    match segment::read(name, &bytes, Purpose::Journal, 0) {
        Ok(reading) => Ok(Some((reading.head, reading.damages))),
        Err(other @ (Failed::Newer { .. } | Failed::Older { .. })) => Err(other),
        Err(_) => {
            let damage = Damage { file: name.to_owned(), offset: 0, what: What::Head };
            let first = segment::first_position(&read_file(disk, name)?.0, Purpose::Journal);
            // The identity is the caller's to know; a head without one is written anew from the others'.
            Ok(first.map(|first| (Head { purpose: Purpose::Journal, number, first, identity: [0; 16] }, vec![damage])))
        }
    }
}

/// The bytes, and the places among them that the disk will not give.
fn read_file(disk: &dyn Disk, name: &str) -> Result<(Vec<u8>, Vec<std::ops::Range<u64>>), Failed> {
    disk.open(name).and_then(|mut file| read_what_can_be(&mut *file, FILE_LIMIT)).map_err(|e| Failed::io(name, &e))
}
