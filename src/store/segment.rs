//! A segment: one file of checked frames. Journal, drafts and key slots are made of it.
//!
//! ```text
//! file   head (64 bytes) ‖ the same head again ‖ frames ‖ zeros
//! head   magic 8 ‖ schema 2 ‖ purpose 1 ‖ 0 ‖ number 8 ‖ first position 8 ‖ identity 16 ‖ checksum 16 ‖ 0000
//! frame  mark 4 ‖ schema 1 ‖ purpose 1 ‖ kind 1 ‖ 0 ‖ body's length 4 ‖ position 8 ‖ synced 8 ‖ body ‖ checksum 16
//! ```
//! **[disk]** All numbers little endian; a checksum is the first 16 bytes of BLAKE3 over all that stands before it in its
//! head or frame. Positions run on by one within a file. *Synced* is the last position that was known to be on disk when
//! this frame was written, and that is what tells damage from a crash: a frame that cannot be read and that a later one
//! calls synced was lost; one that nobody calls synced was never answered for.
//!
//! Files of a fixed purpose are zeroed to their full size before use, so that a sync later writes data and no metadata.

use super::Position;
use super::disk::{Disk, DiskFile, Syncer, folder_of, read_whole};
use super::error::{Damage, Failed, What};
use std::cmp::Ordering;
use std::io;

/// The schema that this program writes, frozen: what it means is what the golden files say. 0 was the trial, and is
/// refused by name.
pub const SCHEMA: u16 = 1;

/// A frame's body may have this many bytes and no more.
pub const BODY_LIMIT: usize = 16 << 20;

/// No segment is larger; a file that claims to be is not read.
pub const FILE_LIMIT: u64 = 1 << 30;

/// Where the first frame begins.
pub const FRAMES_AT: u64 = 2 * HEAD as u64;

const HEAD: usize = 64;
const MAGIC: &[u8; 8] = b"DOSSEG\r\n";
const MARK: &[u8; 4] = b"\xf7dsr";
const BEFORE_BODY: usize = 28;
const CHECK: usize = 16;

/// What a file of frames is for. A frame of one purpose is not one of another, whatever its checksum says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Purpose {
    Journal = 1,
    /// Grows as it is written; all others have a fixed size.
    Draft = 2,
    Slots = 3,
    /// A file of one frame that notes a fact: a clean stop.
    Note = 4,
}

/// A file's head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    pub purpose: Purpose,
    /// Of this file among its like.
    pub number: u64,
    /// The position of its first frame.
    pub first: Position,
    /// Of the store, station, draft that it belongs to; random, the same in all its files.
    pub identity: [u8; 16],
}

/// A frame as it was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Checked {
    /// Where it begins, in bytes from the file's beginning.
    pub offset: u64,
    pub position: Position,
    /// The caller's own kinds: slot and tombstone, delta.
    pub kind: u8,
    pub body: Vec<u8>,
}

/// What stands in a file.
pub struct Reading {
    pub head: Head,
    /// Every frame that checks, in order. Those behind a hole that was never synced are left out: they were not answered.
    pub frames: Vec<Checked>,
    /// Places that were good once and are not now.
    pub damages: Vec<Damage>,
    /// Bytes at the end that are neither frames nor zeros.
    pub tail: Option<Damage>,
    /// Where the next frame goes.
    pub end: u64,
    /// The last position that something says was synced: a later frame, or the caller.
    pub synced: Position,
}

/// A segment open for appending. One writer at a time; that is the owner's affair.
pub struct Segment {
    name: String,
    file: Box<dyn DiskFile>,
    head: Head,
    size: u64,
    end: u64,
    next: Position,
    synced: Position,
    /// Left-over bytes stand behind `end`, and go before the next frame is written.
    unclean: bool,
}

impl Segment {
    /// Makes the file: zeros, head, sync, and only then its name. `size` counts head and frames together and is taken up
    /// to what holds the head; a draft takes 0.
    pub fn create(disk: &dyn Disk, name: &str, head: Head, size: u64) -> Result<Segment, Failed> {
        Segment::create_with(disk, name, head, size, &[])
    }

    /// As [`Segment::create`], with frames in it from the start (kind and body of each): either all of them are there
    /// afterwards and synced, or there is no such file. So each may call the one before it synced.
    pub fn create_with(
        disk: &dyn Disk,
        name: &str,
        head: Head,
        size: u64,
        frames: &[(u8, Vec<u8>)],
    ) -> Result<Segment, Failed> {
        let mut bytes = encode_head(&head);
        bytes.extend_from_within(..);
        for (position, (kind, body)) in (head.first..).zip(frames) {
            encode_frame(&mut bytes, head.purpose, *kind, position, position - 1, body)?;
        }
        let end = bytes.len() as u64;
        let size = size.max(end);
        if size > FILE_LIMIT {
            return Err(Failed::TooLarge { bytes: usize::try_from(size).unwrap_or(usize::MAX) });
        }
        let unnamed = format!("{name}.new");
        let make = || -> io::Result<Box<dyn DiskFile>> {
            let mut file = disk.create(&unnamed)?;
            file.write_at(0, &bytes)?;
            write_zeros(&mut *file, end, size)?;
            file.sync()?;
            disk.rename(&unnamed, name)?;
            disk.sync_folder(folder_of(name))?;
            Ok(file)
        };
        match make() {
            Ok(file) => {
                let next = head.first + frames.len() as u64;
                Ok(Segment { name: name.to_owned(), file, head, size, end, next, synced: next - 1, unclean: false })
            }
            Err(error) => {
                // Nothing has the name yet; what is left over is taken away if it can be, and else emptied next time.
                let _ = disk.remove(&unnamed);
                Err(Failed::io(name, &error))
            }
        }
    }

    /// Opens a file for reading and for going on. `known`: the last position that the caller knows was synced, 0 if
    /// nothing is known. Nothing is written; a damaged head is mended by [`Segment::mend_head`], and left-over bytes go
    /// with the first append.
    pub fn open(disk: &dyn Disk, name: &str, purpose: Purpose, known: Position) -> Result<(Segment, Reading), Failed> {
        let mut file = disk.open(name).map_err(|e| Failed::io(name, &e))?;
        let bytes = read_whole(&mut *file, FILE_LIMIT).map_err(|e| Failed::io(name, &e))?;
        let reading = read(name, &bytes, purpose, known)?;
        let segment = Segment {
            name: name.to_owned(),
            file,
            head: reading.head,
            size: bytes.len() as u64,
            end: reading.end,
            next: reading.frames.last().map_or(reading.head.first, |f| f.position + 1),
            synced: reading.synced,
            unclean: reading.tail.is_some(),
        };
        Ok((segment, reading))
    }

    /// Only reads.
    pub fn read(disk: &dyn Disk, name: &str, purpose: Purpose, known: Position) -> Result<Reading, Failed> {
        Ok(Segment::open(disk, name, purpose, known)?.1)
    }

    /// Writes one frame behind the last, not synced yet. Its position is the answer.
    pub fn append(&mut self, kind: u8, body: &[u8]) -> Result<Position, Failed> {
        self.append_all(&[(kind, body)])
    }

    /// Writes several frames in one go, not synced yet; the position of the last. If it fails nothing counts: the next
    /// append writes over what may have been written.
    pub fn append_all(&mut self, frames: &[(u8, &[u8])]) -> Result<Position, Failed> {
        let mut bytes = Vec::new();
        for (position, (kind, body)) in (self.next..).zip(frames) {
            encode_frame(&mut bytes, self.head.purpose, *kind, position, self.synced, body)?;
        }
        let end = self.end + bytes.len() as u64;
        if end > if self.head.purpose == Purpose::Draft { FILE_LIMIT } else { self.size } {
            return Err(Failed::SegmentFull);
        }
        self.write_behind(&bytes).map_err(|e| Failed::io(&self.name, &e))?;
        self.end = end;
        self.size = self.size.max(end);
        self.next += frames.len() as u64;
        Ok(self.next - 1)
    }

    fn write_behind(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.unclean {
            if self.head.purpose == Purpose::Draft {
                self.file.set_len(self.end)?;
                self.size = self.end;
            } else {
                write_zeros(&mut *self.file, self.end, self.size)?;
            }
            self.file.sync()?;
        }
        self.unclean = true;
        self.file.write_at(self.end, bytes)?;
        self.unclean = false;
        Ok(())
    }

    /// All that was appended is on disk when this answers `Ok`. After an error the file is not to be trusted any more:
    /// the system may have dropped the pages and call the next sync a success. Write the frames into a new file.
    pub fn sync(&mut self) -> Result<(), Failed> {
        self.file.sync().map_err(|e| Failed::io(&self.name, &e))?;
        self.synced = self.next - 1;
        Ok(())
    }

    /// The same behind whoever writes: syncs what was appended so far; [`Segment::is_synced_to`] once it has said `Ok`.
    pub fn syncer(&self) -> Result<(Position, Syncer), Failed> {
        Ok((self.next - 1, self.file.syncer().map_err(|e| Failed::io(&self.name, &e))?))
    }

    pub fn is_synced_to(&mut self, position: Position) {
        self.synced = self.synced.max(position);
    }

    /// Writes over one frame in place, with another kind or body, and syncs: a slot becomes its tombstone. The body must
    /// have the length that stands there.
    pub fn replace(&mut self, old: &Checked, kind: u8, body: &[u8]) -> Result<(), Failed> {
        self.replace_all(&[(old, kind, body)])
    }

    /// Writes over several frames in place, as [`Self::replace`] does, and syncs once behind them all. What is cut off leaves
    /// some as they were, some replaced, and some torn.
    pub fn replace_all(&mut self, frames: &[(&Checked, u8, &[u8])]) -> Result<(), Failed> {
        for (old, kind, body) in frames {
            if body.len() != old.body.len() {
                return Err(Failed::TooLarge { bytes: body.len() });
            }
            let mut bytes = Vec::new();
            encode_frame(&mut bytes, self.head.purpose, *kind, old.position, old.position.saturating_sub(1), body)?;
            self.file.write_at(old.offset, &bytes).map_err(|e| Failed::io(&self.name, &e))?;
        }
        self.file.sync().map_err(|e| Failed::io(&self.name, &e))
    }

    /// Writes both copies of the head again, and syncs.
    pub fn mend_head(&mut self) -> Result<(), Failed> {
        let mut bytes = encode_head(&self.head);
        bytes.extend_from_within(..);
        self.file.write_at(0, &bytes).and_then(|()| self.file.sync()).map_err(|e| Failed::io(&self.name, &e))
    }

    /// Cuts off the zeros behind the last frame, once another file follows this one. Not synced: it loses nothing.
    pub fn shorten(&mut self) -> Result<(), Failed> {
        self.file.set_len(self.end).map_err(|e| Failed::io(&self.name, &e))?;
        self.size = self.end;
        Ok(())
    }

    /// Whether frames with bodies of these lengths still fit.
    pub fn has_room(&self, bodies: impl Iterator<Item = usize>) -> bool {
        self.end + bodies.map(frame_length).sum::<u64>() <= self.size
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The position that the next frame gets.
    pub fn next(&self) -> Position {
        self.next
    }

    /// The last position known to be on disk.
    pub fn synced(&self) -> Position {
        self.synced
    }
}

/// How many bytes a frame with such a body takes.
pub fn frame_length(body: usize) -> u64 {
    (BEFORE_BODY + body + CHECK) as u64
}

/// Reads a file's bytes. Errors only when it is no file of ours at all, or of a newer program; everything else is in the
/// [`Reading`].
pub fn read(name: &str, bytes: &[u8], purpose: Purpose, known: Position) -> Result<Reading, Failed> {
    let mut damages = Vec::new();
    let head = read_head(name, bytes, purpose, &mut damages)?;
    let mut reading = read_as(name, bytes, head, known);
    reading.damages.splice(0..0, damages);
    Ok(reading)
}

/// Reads the frames under a head that is known already, whatever stands in the file's own.
pub fn read_as(name: &str, bytes: &[u8], head: Head, known: Position) -> Reading {
    let mut damages = Vec::new();
    let (mut frames, holes, synced) = read_frames(bytes, head.purpose, head.first);
    let synced = synced.max(known);

    let mut end = frames.last().map_or(FRAMES_AT, |f| f.offset + frame_length(f.body.len()));
    for hole in holes {
        if hole.from <= synced {
            let what = What::Frames { from: hole.from, to: hole.to };
            damages.push(Damage { file: name.to_owned(), offset: hole.offset, what });
        } else {
            // Never answered for, and so is all that stands behind it.
            frames.retain(|f| f.offset < hole.offset);
            end = hole.offset;
            break;
        }
    }
    let last = frames.last().map_or(head.first.saturating_sub(1), |f| f.position);
    if last < synced {
        let what = What::Frames { from: last + 1, to: synced };
        damages.push(Damage { file: name.to_owned(), offset: end, what });
    }
    let rest = usize::try_from(end).ok().and_then(|end| bytes.get(end..)).unwrap_or_default();
    let left = written(rest) as u64;
    let tail = (left > 0).then(|| Damage { file: name.to_owned(), offset: end, what: What::Tail { bytes: left } });
    Reading { head, frames, damages, tail, end, synced }
}

/// The position of the first frame that checks, for a file that lost its head.
pub fn first_position(bytes: &[u8], purpose: Purpose) -> Option<Position> {
    next_frame(bytes, 0, purpose, 1).map(|(_, frame, _)| frame.position)
}

fn read_head(name: &str, bytes: &[u8], purpose: Purpose, damages: &mut Vec<Damage>) -> Result<Head, Failed> {
    let copies = [0, HEAD].map(|at| (at, bytes.get(at..at + HEAD).and_then(decode_head)));
    let Some((schema, head)) = copies.iter().find_map(|(_, head)| *head) else {
        return Err(
            if bytes.len() < HEAD || bytes.get(..8) == Some(MAGIC) || bytes.get(HEAD..HEAD + 8) == Some(MAGIC) {
                Failed::Damaged(Damage { file: name.to_owned(), offset: 0, what: What::Head })
            } else {
                Failed::NotOurs { file: name.to_owned() }
            },
        );
    };
    match schema.cmp(&SCHEMA) {
        Ordering::Equal => {}
        Ordering::Greater => return Err(Failed::Newer { file: name.to_owned(), schema }),
        Ordering::Less => return Err(Failed::Older { file: name.to_owned(), schema }),
    }
    let head = head.filter(|h| h.purpose == purpose).ok_or_else(|| Failed::NotOurs { file: name.to_owned() })?;
    for (at, copy) in copies {
        if copy != Some((schema, Some(head))) {
            damages.push(Damage { file: name.to_owned(), offset: at as u64, what: What::Head });
        }
    }
    Ok(head)
}

struct Hole {
    offset: u64,
    from: Position,
    to: Position,
}

/// Frames in order; where one does not check, the next that does is looked for, byte by byte.
fn read_frames(bytes: &[u8], purpose: Purpose, first: Position) -> (Vec<Checked>, Vec<Hole>, Position) {
    let (mut frames, mut holes, mut synced): (Vec<Checked>, Vec<Hole>, Position) = (Vec::new(), Vec::new(), 0);
    let (mut at, mut expected) = (FRAMES_AT as usize, first);
    while let Some((offset, frame, says_synced)) = next_frame(bytes, at, purpose, expected) {
        if frame.position > expected {
            holes.push(Hole { offset: at as u64, from: expected, to: frame.position - 1 });
        }
        synced = synced.max(says_synced);
        at = offset + frame_length(frame.body.len()) as usize;
        expected = frame.position + 1;
        frames.push(frame);
    }
    (frames, holes, synced)
}

/// So many bytes from the start hold what was written; behind them are zeros alone.
fn written(bytes: &[u8]) -> usize {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut end = bytes.len();
    while let Some(block) = bytes.get(end.saturating_sub(ZEROS.len())..end).filter(|block| !block.is_empty()) {
        let start = end - block.len();
        if *block != ZEROS[..block.len()] {
            return block.iter().rposition(|byte| *byte != 0).map_or(start, |at| start + at + 1);
        }
        end = start;
    }
    0
}

fn next_frame(bytes: &[u8], from: usize, purpose: Purpose, expected: Position) -> Option<(usize, Checked, Position)> {
    let mut at = from;
    loop {
        if let Some((frame, synced)) = decode_frame(bytes, at, purpose).filter(|(f, _)| f.position >= expected) {
            return Some((at, frame, synced));
        }
        let rest = bytes.get(at + 1..)?;
        at += 1 + memchr::memmem::find(rest, MARK)?;
    }
}

fn encode_head(head: &Head) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&SCHEMA.to_le_bytes());
    bytes.extend_from_slice(&[head.purpose as u8, 0]);
    bytes.extend_from_slice(&head.number.to_le_bytes());
    bytes.extend_from_slice(&head.first.to_le_bytes());
    bytes.extend_from_slice(&head.identity);
    let check = checksum(&bytes);
    bytes.extend_from_slice(&check);
    bytes.resize(HEAD, 0);
    bytes
}

/// The schema, and the head if the schema is ours and the purpose is known.
fn decode_head(bytes: &[u8]) -> Option<(u16, Option<Head>)> {
    let mut cut = Cut(bytes);
    if cut.take::<8>()? != *MAGIC {
        return None;
    }
    let schema = u16::from_le_bytes(cut.take()?);
    let [purpose, zero] = cut.take()?;
    let number = u64::from_le_bytes(cut.take()?);
    let first = u64::from_le_bytes(cut.take()?);
    let identity = cut.take()?;
    let checked = checksum(bytes.get(..HEAD - 4 - CHECK)?) == cut.take::<CHECK>()? && cut.0 == [0; 4] && zero == 0;
    if !checked {
        return None;
    }
    // A position of 0 stands for "none"; a head that begins there was not made here.
    let head = Purpose::from_byte(purpose).filter(|_| first > 0 && first < u64::MAX >> 1);
    Some((schema, head.map(|purpose| Head { purpose, number, first, identity })))
}

fn encode_frame(
    into: &mut Vec<u8>,
    purpose: Purpose,
    kind: u8,
    position: Position,
    synced: Position,
    body: &[u8],
) -> Result<(), Failed> {
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= BODY_LIMIT);
    let length = length.ok_or(Failed::TooLarge { bytes: body.len() })?;
    let start = into.len();
    into.extend_from_slice(MARK);
    into.extend_from_slice(&[SCHEMA as u8, purpose as u8, kind, 0]);
    into.extend_from_slice(&length.to_le_bytes());
    into.extend_from_slice(&position.to_le_bytes());
    into.extend_from_slice(&synced.to_le_bytes());
    into.extend_from_slice(body);
    let check = checksum(&into[start..]);
    into.extend_from_slice(&check);
    Ok(())
}

fn decode_frame(bytes: &[u8], at: usize, purpose: Purpose) -> Option<(Checked, Position)> {
    let all = bytes.get(at..)?;
    let mut cut = Cut(all);
    if cut.take::<4>()? != *MARK {
        return None;
    }
    let [schema, of, kind, zero] = cut.take()?;
    let length = u32::from_le_bytes(cut.take()?) as usize;
    let position = u64::from_le_bytes(cut.take()?);
    let synced = u64::from_le_bytes(cut.take()?);
    if u16::from(schema) != SCHEMA
        || of != purpose as u8
        || zero != 0
        || length > BODY_LIMIT
        || synced >= position
        || position > u64::MAX >> 1
    {
        return None;
    }
    let body = cut.bytes(length)?;
    if checksum(all.get(..BEFORE_BODY + length)?) != cut.take::<CHECK>()? {
        return None;
    }
    Some((Checked { offset: at as u64, position, kind, body: body.to_vec() }, synced))
}

impl Purpose {
    fn from_byte(byte: u8) -> Option<Purpose> {
        [Purpose::Journal, Purpose::Draft, Purpose::Slots, Purpose::Note].into_iter().find(|p| *p as u8 == byte)
    }
}

/// The first 16 bytes of BLAKE3.
pub fn checksum(bytes: &[u8]) -> [u8; CHECK] {
    let mut check = [0; CHECK];
    check.copy_from_slice(&blake3::hash(bytes).as_bytes()[..CHECK]);
    check
}

fn write_zeros(file: &mut dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    const CHUNK: u64 = 1 << 18;
    let zeros = vec![0; to.saturating_sub(from).min(CHUNK) as usize];
    let mut at = from;
    while at < to {
        let now = (to - at).min(CHUNK);
        file.write_at(at, &zeros[..now as usize])?;
        at += now;
    }
    Ok(())
}

/// Bytes being cut from the front; `None` where there are too few.
pub struct Cut<'a>(pub &'a [u8]);

impl<'a> Cut<'a> {
    pub fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}
