//! The texts that the cells of an old binary workbook share ([MS-XLS] 2.4.265), read by us: the spreadsheet reader would
//! copy one of them out for each cell that names it, before anybody could count.

use super::workbook::{CELLS_MAX, TOO_MANY_CELLS, UNPACKED_MAX};
use crate::form::problem::Unreadable;

#[derive(Default)]
pub struct SharedTexts {
    /// One behind the other, and where each ends.
    all: String,
    ends: Vec<usize>,
}

impl SharedTexts {
    pub fn get(&self, at: usize) -> Option<&str> {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.all.get(start..*self.ends.get(at)?)
    }

    /// Reads the parts of the record: the first with its two counts, and those that continue it. What breaks off ends it.
    pub fn read(parts: &[&[u8]]) -> Result<SharedTexts, Unreadable> {
        let mut texts = SharedTexts::default();
        let mut parts =
            Parts { open: parts.first().and_then(|first| first.get(8..)).unwrap_or_default(), parts, next: 1 };
        while parts.more() {
            let Some(units) = parts.text() else { break };
            texts.all.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
            texts.ends.push(texts.all.len());
            if texts.ends.len() > CELLS_MAX {
                return Err(TOO_MANY_CELLS);
            }
            if texts.all.len() as u64 > UNPACKED_MAX {
                return Err(Unreadable::TooLarge { what: "form.size_unpacked", limit: UNPACKED_MAX });
            }
        }
        Ok(texts)
    }
}

/// The bytes of a record that others continue.
struct Parts<'p, 'b> {
    open: &'b [u8],
    parts: &'p [&'b [u8]],
    next: usize,
}

impl<'b> Parts<'_, 'b> {
    /// Whether a byte is left, in this part or a later one.
    fn more(&mut self) -> bool {
        while self.open.is_empty() {
            if !self.turn() {
                return false;
            }
        }
        true
    }

    fn turn(&mut self) -> bool {
        let Some(part) = self.parts.get(self.next) else { return false };
        (self.open, self.next) = (part, self.next + 1);
        true
    }

    fn take(&mut self, bytes: usize) -> Option<&'b [u8]> {
        let (taken, left) = self.open.split_at_checked(bytes)?;
        self.open = left;
        Some(taken)
    }

    fn word(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_le_bytes([b[0], b[1]]))
    }

    /// One text in units of UTF-16: its length, its flags, its signs (which go on in the next part behind flags of their
    /// own), and what is skipped: how its letters look, and how it is read aloud.
    fn text(&mut self) -> Option<Vec<u16>> {
        let mut left = usize::from(self.word()?);
        let mut flags = self.take(1)?[0];
        let looks = if flags & 8 != 0 { usize::from(self.word()?) * 4 } else { 0 };
        let aloud = match flags & 4 {
            0 => 0,
            _ => self.take(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)?,
        };
        let mut units = Vec::new();
        while left > 0 {
            let wide = flags & 1 != 0;
            let here = left.min(if wide { self.open.len() / 2 } else { self.open.len() });
            let bytes = self.take(if wide { here * 2 } else { here })?;
            match wide {
                true => units.extend(bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit))),
                false => units.extend(bytes.iter().map(|byte| u16::from(*byte))),
            }
            left -= here;
            if left > 0 {
                if !self.turn() {
                    return None;
                }
                flags = self.take(1)?[0];
            }
        }
        let mut skipped = looks.saturating_add(aloud);
        while skipped > 0 && self.more() {
            let here = skipped.min(self.open.len());
            self.take(here)?;
            skipped -= here;
        }
        Some(units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(parts: &[&[u8]]) -> Vec<String> {
        let read = SharedTexts::read(parts).expect("small");
        (0..).map_while(|at| read.get(at).map(str::to_owned)).collect()
    }

    #[test]
    fn texts_are_read_over_the_seams_of_their_record() {
        let counts = [0u8; 8];
        let first = [&counts[..], &[2, 0, 0], b"ab", &[3, 0, 1], &[0x97, 0x67]].concat();
        // `林` and two narrow letters behind the seam, then one that is rich, and read aloud.
        let second = [&[0][..], b"xy", &[1, 0, 12, 1, 0, 3, 0, 0, 0], b"z", &[9; 4], &[8]].concat();
        let third = [&[8, 8][..], &[0, 0, 0], &[1, 0, 0], b"q", &[5, 0, 0], b"cut"].concat();
        assert_eq!(texts(&[&first, &second, &third]), ["ab", "林xy", "z", "", "q"]);
        assert_eq!(texts(&[]), [""; 0]);
        assert_eq!(texts(&[&counts[..4]]), [""; 0]);
        assert_eq!(texts(&[&[&counts[..], &[1, 0, 4, 255, 255, 255, 255], b"a"].concat()]), ["a"]);
    }
}
