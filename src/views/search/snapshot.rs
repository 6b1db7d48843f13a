//! The index's rows as bytes, with the journal position they are true for. Sealing them is the caller's, part by part,
//! so that a million households never stand in memory twice as bytes.
//!
//! A part: `DSIX`, schema, position, running number, last or not, length, rows, CRC32 of all before it.

use super::{Index, Row};
use crate::domain::{Explain, Message};

const MAGIC: [u8; 4] = *b"DSIX";
/// Goes up when [`Row`] changes; an older snapshot is then refused and the index filled from the records.
const SCHEMA: u16 = 1;
const HEADER: usize = 4 + 2 + 8 + 4 + 1 + 4;
/// A part is closed when it has outgrown this.
const PART_BYTES: usize = 1 << 20;
/// One row with every text and list at its longest is below 60 KiB.
const ROW_BYTES: usize = 1 << 16;

/// Why a snapshot was not taken; the index is then filled from the records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Not a snapshot, or another version's.
    Strange,
    /// Cut short or changed.
    Damaged,
    /// Parts of two snapshots, or out of order.
    Mixed,
}

impl Explain for Refused {
    fn explain(&self) -> Message {
        Message::new(match self {
            Refused::Strange => "search.snapshot.strange",
            Refused::Damaged => "search.snapshot.damaged",
            Refused::Mixed => "search.snapshot.mixed",
        })
    }
}

/// The parts of a snapshot, in order; there is always at least one.
pub fn parts(index: &Index, position: u64) -> impl Iterator<Item = Vec<u8>> + '_ {
    Parts { rows: index.rows(), position, number: 0, waiting: Vec::new(), ended: false }
}

struct Parts<I> {
    rows: I,
    position: u64,
    number: u32,
    /// A row that is encoded but opens the next part.
    waiting: Vec<u8>,
    ended: bool,
}

impl<I: Iterator<Item = Row>> Iterator for Parts<I> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let mut body = std::mem::take(&mut self.waiting);
        self.ended = true;
        for row in self.rows.by_ref() {
            let Ok(bytes) = bincode::serde::encode_to_vec(row, config()) else { continue };
            if body.len() + bytes.len() > PART_BYTES {
                self.waiting = bytes;
                self.ended = false;
                break;
            }
            body.extend(bytes);
        }
        let mut out = Vec::with_capacity(HEADER + body.len() + 4);
        out.extend(MAGIC);
        out.extend(SCHEMA.to_le_bytes());
        out.extend(self.position.to_le_bytes());
        out.extend(self.number.to_le_bytes());
        out.push(u8::from(self.ended));
        out.extend((body.len() as u32).to_le_bytes());
        out.extend(body);
        out.extend(crc32fast::hash(&out).to_le_bytes());
        self.number += 1;
        Some(out)
    }
}

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<ROW_BYTES>()
}

/// Takes parts in their order, checks them, and gives their rows.
#[derive(Default)]
pub struct Reader {
    position: Option<u64>,
    number: u32,
    ended: bool,
}

impl Reader {
    pub fn new() -> Reader {
        Reader::default()
    }

    /// The rows of the next part.
    pub fn take(&mut self, part: &[u8]) -> Result<Vec<Row>, Refused> {
        let (header, rest) = part.split_first_chunk::<HEADER>().ok_or(Refused::Damaged)?;
        let [m0, m1, m2, m3, s0, s1, p0, p1, p2, p3, p4, p5, p6, p7, n0, n1, n2, n3, last, l0, l1, l2, l3] = *header;
        if [m0, m1, m2, m3] != MAGIC || u16::from_le_bytes([s0, s1]) != SCHEMA {
            return Err(Refused::Strange);
        }
        let (body, sum) = rest.split_last_chunk::<4>().ok_or(Refused::Damaged)?;
        let checked = part.get(..part.len() - 4).ok_or(Refused::Damaged)?;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if body.len() != length || length > PART_BYTES || u32::from_le_bytes(*sum) != crc32fast::hash(checked) {
            return Err(Refused::Damaged);
        }
        let position = u64::from_le_bytes([p0, p1, p2, p3, p4, p5, p6, p7]);
        let number = u32::from_le_bytes([n0, n1, n2, n3]);
        if self.ended || number != self.number || self.position.is_some_and(|held| held != position) {
            return Err(Refused::Mixed);
        }
        let mut rows = Vec::new();
        let mut left = body;
        while !left.is_empty() {
            let (row, used): (Row, usize) =
                bincode::serde::decode_from_slice(left, config()).map_err(|_| Refused::Damaged)?;
            left = left.get(used..).filter(|_| used > 0).ok_or(Refused::Damaged)?;
            rows.push(row);
        }
        self.position = Some(position);
        self.number += 1;
        self.ended = last == 1;
        Ok(rows)
    }

    /// The journal position, once the last part was taken.
    pub fn finish(self) -> Result<u64, Refused> {
        self.position.filter(|_| self.ended).ok_or(Refused::Damaged)
    }
}
