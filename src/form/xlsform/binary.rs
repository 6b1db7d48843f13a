//! An old binary workbook (`.xls`), looked through before the spreadsheet reader sees it: the reader puts a sheet into one
//! dense block as large as its cells lie apart, believes columns that the format does not have, and takes memory for what
//! a sheet says of its own size, and copies a shared text out for every cell that names it. What is handed on is a new compound
//! file with the stream that was looked through, so that both read the same bytes, and without the shared texts: those we read.
//!
//! Record numbers and layouts are those of [MS-XLS] 2.3.

use super::shared_texts::SharedTexts;
use super::workbook::{CELLS_MAX, DENSE_MAX, TOO_MANY_CELLS, UNPACKED_MAX};
use crate::form::problem::Unreadable;
use std::io::{Cursor, Read, Write};

/// How every compound file begins.
pub const SIGN: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
/// The most columns of a sheet in this format.
const COLUMNS: u32 = 256;
/// The most records looked at, all sheets together: as many as fit into the largest file, each read once.
const STEPS_MAX: usize = 8 << 20;
/// The most parts of one record: a string table as large as the largest file has half of them.
const PARTS_MAX: usize = 8_192;

const FORMULA: u16 = 0x0006;
const EOF: u16 = 0x000a;
const CONTINUE: u16 = 0x003c;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00bd;
const MUL_BLANK: u16 = 0x00be;
/// The texts that cells share, a cell with one of them, and a number that the reader passes over.
const SHARED: u16 = 0x00fc;
const OF_SHARED: u16 = 0x00fd;
const PASSED_OVER: u16 = 0x00ff;
const DIMENSIONS: u16 = 0x0200;
/// The text that a formula gave.
const STRING: u16 = 0x0207;
const BOF: u16 = 0x0809;
/// Cells that begin with their row and column: RString, Blank, Number, Label, BoolErr, Rk.
const CELLS: &[u16] = &[0x00d6, 0x0201, 0x0203, 0x0204, 0x0205, 0x027e];

/// A workbook that was looked through.
pub struct Looked {
    /// The same workbook, as far as its sheets go, without its shared texts.
    pub bytes: Vec<u8>,
    pub texts: SharedTexts,
    /// Of each sheet, in order: the cells that hold a shared text.
    pub shared: Vec<Vec<SharedCell>>,
}

/// Row and column from 0, and which text.
type SharedCell = (u32, u32, u32);

/// # Errors
/// No workbook, or one whose sheets lie further apart than [`DENSE_MAX`] cells, or beyond column IV.
pub fn looked_through(bytes: &[u8]) -> Result<Looked, Unreadable> {
    let mut stream = stream(bytes)?;
    let named = sheets(&stream)?;
    let texts = without_shared(&mut stream)?;
    let mut steps = 0;
    for start in &named {
        quiet(&mut stream, *start, &mut steps)?;
    }
    // Where places overlap, what was taken out of one may have been the beginning of another.
    if sheets(&stream)? != named {
        return Err(Unreadable::NotAWorkbook);
    }
    let (mut cells, mut steps, mut of_shared) = (0, 0, 0);
    let mut shared = Vec::new();
    for start in named {
        let (spread, with_shared) = spread(&stream, start, &mut steps)?;
        cells += spread;
        of_shared += with_shared.len();
        if cells > DENSE_MAX || of_shared > CELLS_MAX {
            return Err(TOO_MANY_CELLS);
        }
        shared.push(with_shared);
    }
    let bytes = packed(&stream).map_err(|_| Unreadable::NotAWorkbook)?;
    Ok(Looked { bytes, texts, shared })
}

/// Reads the shared texts (the last, where there are several), and hides them all from the reader.
fn without_shared(stream: &mut [u8]) -> Result<SharedTexts, Unreadable> {
    let (mut at, mut tables) = (0, Vec::<(usize, Vec<(usize, usize)>)>::new());
    let mut open = false;
    while let Some((kind, start, end)) = record(stream, at) {
        match kind {
            SHARED => tables.push((at, vec![(start, end)])),
            CONTINUE if open => {
                tables.iter_mut().next_back().into_iter().for_each(|(_, parts)| parts.push((start, end)))
            }
            EOF => break,
            _ => {}
        }
        open = kind == SHARED || (kind == CONTINUE && open);
        at = end;
    }
    let last = tables.last().map(|(_, parts)| parts.as_slice()).unwrap_or_default();
    let texts = SharedTexts::read(&last.iter().map(|(start, end)| &stream[*start..*end]).collect::<Vec<_>>())?;
    for (at, _) in tables {
        stream[at..at + 2].copy_from_slice(&PASSED_OVER.to_le_bytes());
    }
    Ok(texts)
}

fn stream(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let no = |_| Unreadable::NotAWorkbook;
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(no)?;
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)).ok_or(Unreadable::NotAWorkbook)?;
    let mut stream = Vec::new();
    file.open_stream(name).map_err(no)?.take(UNPACKED_MAX + 1).read_to_end(&mut stream).map_err(no)?;
    if stream.len() as u64 > UNPACKED_MAX {
        return Err(Unreadable::TooLarge { what: "form.size_unpacked", limit: UNPACKED_MAX });
    }
    Ok(stream)
}

fn packed(stream: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    file.create_stream("/Workbook")?.write_all(stream)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// The kind of the record at a place, and where its content begins and ends. None where the stream breaks off.
fn record(stream: &[u8], at: usize) -> Option<(u16, usize, usize)> {
    let (kind, length) = (u16_at(stream, at)?, usize::from(u16_at(stream, at + 2)?));
    let end = at + 4 + length;
    (end <= stream.len()).then_some((kind, at + 4, end))
}

/// Where the sheets begin, one place for each that the workbook names.
fn sheets(stream: &[u8]) -> Result<Vec<usize>, Unreadable> {
    let (mut at, mut parts, mut sheets) = (0, 0, Vec::new());
    while let Some((kind, start, end)) = record(stream, at) {
        parts = if kind == CONTINUE { parts + 1 } else { 0 };
        match kind {
            _ if parts > PARTS_MAX => return Err(Unreadable::NotAWorkbook),
            BOUND_SHEET if end >= start + 4 => {
                let place = [stream[start], stream[start + 1], stream[start + 2], stream[start + 3]];
                sheets.push(u32::from_le_bytes(place) as usize);
            }
            EOF => break,
            _ => {}
        }
        at = end;
    }
    Ok(sheets)
}

/// The records of a sheet up to its end, those of charts within it left out, as the reader walks them.
fn walk(
    stream: &[u8],
    start: usize,
    steps: &mut usize,
    mut see: impl FnMut(u16, usize, usize) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let (mut at, mut begun, mut deep, mut parts) = (start, false, 0usize, 0);
    while let Some((kind, start, end)) = record(stream, at) {
        at = end;
        *steps += 1;
        parts = if kind == CONTINUE { parts + 1 } else { 0 };
        if *steps > STEPS_MAX || parts > PARTS_MAX {
            return Err(Unreadable::NotAWorkbook);
        }
        match kind {
            BOF if begun => deep += 1,
            BOF => begun = true,
            EOF if deep == 0 => break,
            EOF => deep -= 1,
            _ if deep > 0 => {}
            _ => see(kind, start, end)?,
        }
    }
    Ok(())
}

/// Takes out what is not needed and may ask for memory: the size that a sheet says of itself (some programs write the
/// whole grid there), and the terms of formulas, whose values stand beside them.
fn quiet(stream: &mut [u8], start: usize, steps: &mut usize) -> Result<(), Unreadable> {
    let mut places = Vec::new();
    walk(stream, start, steps, |kind, start, end| {
        match kind {
            DIMENSIONS => places.push((start, end)),
            FORMULA if end >= start + 22 => places.push((start + 20, start + 22)),
            _ => {}
        }
        Ok(())
    })?;
    for (start, end) in places {
        stream[start..end].fill(0);
    }
    Ok(())
}

/// How many cells the block of a sheet has, and that of its formulas; and its cells that hold a shared text.
fn spread(stream: &[u8], start: usize, steps: &mut usize) -> Result<(usize, Vec<SharedCell>), Unreadable> {
    let (mut cells, mut formulas) = (Block::default(), Block::default());
    let mut shared = Vec::new();
    walk(stream, start, steps, |kind, start, end| {
        let word = |at: usize| if at + 2 <= end { u16_at(stream, at).map(u32::from) } else { None };
        let (Some(row), Some(column)) = (word(start), word(start + 2)) else { return Ok(()) };
        match kind {
            MUL_RK | MUL_BLANK => {
                let last = end.checked_sub(2).and_then(word).unwrap_or(column);
                cells.hold(row, column)?;
                cells.hold(row, last)
            }
            FORMULA if end >= start + 22 && u16_at(stream, start + 20) != Some(0) => Err(Unreadable::NotAWorkbook),
            FORMULA => {
                cells.hold(row, column)?;
                formulas.hold(row, column)
            }
            OF_SHARED if end >= start + 10 => {
                Block::default().hold(row, column)?;
                let which = [stream[start + 6], stream[start + 7], stream[start + 8], stream[start + 9]];
                shared.push((row, column, u32::from_le_bytes(which)));
                Ok(())
            }
            // The text that a formula gave stands where the formula does; without one the reader puts it first.
            STRING if formulas.0.is_none() => cells.hold(0, 0),
            DIMENSIONS if stream[start..end].iter().any(|b| *b != 0) => Err(Unreadable::NotAWorkbook),
            kind if CELLS.contains(&kind) => cells.hold(row, column),
            _ => Ok(()),
        }
    })?;
    Ok((cells.size() + formulas.size(), shared))
}

/// The smallest block around the cells of a sheet: first and last row, first and last column.
#[derive(Default)]
struct Block(Option<(u32, u32, u32, u32)>);

impl Block {
    fn hold(&mut self, row: u32, column: u32) -> Result<(), Unreadable> {
        if column >= COLUMNS {
            return Err(Unreadable::TooLarge { what: "form.size_columns", limit: u64::from(COLUMNS) });
        }
        let (top, bottom, left, right) = self.0.unwrap_or((row, row, column, column));
        self.0 = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
        Ok(())
    }

    fn size(&self) -> usize {
        self.0.map_or(0, |(top, bottom, left, right)| (bottom - top + 1) as usize * (right - left + 1) as usize)
    }
}
