//! Many rows, fixed: columns, and the orders by which they are found. Changing a row means another segment.

use super::columns::{Runs, Texts};
use super::fold::code_chars;
use super::judge::is_inside;
use super::names::Names;
use super::tails::{IdPart, pack_id, pack_phone, unpack_id, unpack_phone};
use super::{IndexedHousehold, Unit};
use crate::domain::DossierId;
use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

/// A segment is closed before its arenas outgrow four-byte offsets.
const ROWS: usize = 1 << 22;
const ARENA_BYTES: usize = 1 << 30;

/// What kind of text a mark is: numbers are compared as codes, whatever does not pack is kept as text beside them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Number,
    OtherNumber,
    OddId,
    OddPhone,
}

#[derive(Default)]
pub(super) struct Segment {
    dossiers: Vec<DossierId>,
    by_dossier: Vec<u32>,
    /// Rows of whose dossier a later row was pushed.
    superseded: Vec<u32>,
    units: Vec<Unit>,
    row_unit: Vec<u32>,
    unit_rows: Runs<u32>,
    births: Vec<u16>,
    words: Vec<String>,
    row_words: Vec<[u16; 2]>,
    pub(super) names: Names,
    row_names: Runs<u32>,
    marks: Texts,
    mark_kinds: Vec<Mark>,
    row_marks: Runs<()>,
    marks_in_order: Vec<u32>,
    marks_by_tail: Vec<u32>,
    ids: Tails,
    phones: Tails,
}

/// Packed numbers by row, and their order by tail.
#[derive(Default)]
struct Tails {
    by_row: Runs<u64>,
    in_order: Vec<u32>,
}

impl Tails {
    fn close(&mut self) {
        self.by_row.shrink();
        let items = self.by_row.items();
        let mut order: Vec<(u64, u32)> = items.iter().copied().zip(0..).collect();
        order.sort_unstable();
        self.in_order = order.into_iter().map(|(_, slot)| slot).collect();
    }

    fn find(&self, keys: &RangeInclusive<u64>) -> Range<usize> {
        let items = self.by_row.items();
        let key = |slot: u32| items.get(slot as usize).copied().unwrap_or(0);
        let from = self.in_order.partition_point(|&slot| key(slot) < *keys.start());
        let to = from + self.in_order[from..].partition_point(|&slot| key(slot) <= *keys.end());
        from..to
    }

    fn row_at(&self, place: usize) -> u32 {
        self.in_order.get(place).map_or(u32::MAX, |&slot| self.by_row.owner(slot))
    }
}

impl Segment {
    pub(super) fn len(&self) -> u32 {
        self.dossiers.len() as u32
    }

    pub(super) fn dossier(&self, row: u32) -> Option<DossierId> {
        self.dossiers.get(row as usize).copied()
    }

    pub(super) fn find(&self, dossier: DossierId) -> Option<u32> {
        let by = |row: &u32| self.dossier(*row).cmp(&Some(dossier));
        self.by_dossier.binary_search_by(by).ok().and_then(|at| self.by_dossier.get(at)).copied()
    }

    pub(super) fn superseded(&self) -> &[u32] {
        &self.superseded
    }

    pub(super) fn units(&self) -> &[Unit] {
        &self.units
    }

    pub(super) fn unit_of(&self, row: u32) -> u32 {
        self.row_unit.get(row as usize).copied().unwrap_or(u32::MAX)
    }

    pub(super) fn unit(&self, row: u32) -> Option<&Unit> {
        self.units.get(self.unit_of(row) as usize)
    }

    pub(super) fn rows_of_unit(&self, unit: u32) -> &[u32] {
        self.unit_rows.of(unit)
    }

    pub(super) fn birth(&self, row: u32) -> Option<u16> {
        self.births.get(row as usize).copied().filter(|&year| year != 0)
    }

    pub(super) fn names_of(&self, row: u32) -> impl Iterator<Item = &str> + '_ {
        self.row_names.of(row).iter().map(|&name| self.names.get(name))
    }

    pub(super) fn ids_of(&self, row: u32) -> &[u64] {
        self.ids.by_row.of(row)
    }

    pub(super) fn phones_of(&self, row: u32) -> &[u64] {
        self.phones.by_row.of(row)
    }

    pub(super) fn marks_of(&self, row: u32) -> impl Iterator<Item = (Mark, &str)> + '_ {
        let kind = |i: usize| self.mark_kinds.get(i).copied().unwrap_or(Mark::OtherNumber);
        self.row_marks.range(row).map(move |i| (kind(i), self.marks.get(i as u32)))
    }

    pub(super) fn ids_ending(&self, keys: &RangeInclusive<u64>) -> Range<usize> {
        self.ids.find(keys)
    }

    pub(super) fn row_of_id(&self, place: usize) -> u32 {
        self.ids.row_at(place)
    }

    /// Rows with an ID number that holds these digits anywhere, at most so many; true beside them if there are more.
    /// Every number is looked at.
    pub(super) fn ids_holding(&self, part: IdPart, code: &[char], most: usize) -> (Vec<u32>, bool) {
        let whole = self.ids.by_row.items().iter().zip(0u32..).filter(|(key, _)| part.is_in(**key));
        let whole = whole.map(|(_, slot)| self.ids.by_row.owner(slot));
        let odd = (0u32..)
            .zip(&self.mark_kinds)
            .filter(|(mark, kind)| **kind == Mark::OddId && is_inside(code, self.marks.get(*mark)));
        let mut rows = whole.chain(odd.map(|(mark, _)| self.row_marks.owner(mark)));
        let found: Vec<u32> = rows.by_ref().take(most).collect();
        (found, rows.next().is_some())
    }

    pub(super) fn phones_ending(&self, keys: &RangeInclusive<u64>) -> Range<usize> {
        self.phones.find(keys)
    }

    pub(super) fn row_of_phone(&self, place: usize) -> u32 {
        self.phones.row_at(place)
    }

    /// Places in the order of marks that begin with this code.
    pub(super) fn marks_starting(&self, code: &[char]) -> Range<usize> {
        let order = &self.marks_in_order;
        let chars = |mark: u32| code_chars(self.marks.get(mark));
        let from = order.partition_point(|&m| chars(m).lt(code.iter().copied()));
        let to = from + order[from..].partition_point(|&m| chars(m).take(code.len()).eq(code.iter().copied()));
        from..to
    }

    /// How many of the marks at these places, which all start so, are no longer than the code.
    pub(super) fn marks_whole(&self, code: &[char], places: &Range<usize>) -> usize {
        let started = self.marks_in_order.get(places.clone()).unwrap_or(&[]);
        started.partition_point(|&m| code_chars(self.marks.get(m)).nth(code.len()).is_none())
    }

    /// Places in the order of reversed marks that end with this code.
    pub(super) fn marks_ending(&self, code: &[char]) -> Range<usize> {
        let order = &self.marks_by_tail;
        let chars = |mark: u32| code_chars(self.marks.get(mark)).rev();
        let tail = || code.iter().rev().copied();
        let from = order.partition_point(|&m| chars(m).lt(tail()));
        let to = from + order[from..].partition_point(|&m| chars(m).take(code.len()).eq(tail()));
        from..to
    }

    pub(super) fn row_of_mark(&self, place: usize, by_tail: bool) -> u32 {
        let order = if by_tail { &self.marks_by_tail } else { &self.marks_in_order };
        order.get(place).map_or(u32::MAX, |&mark| self.row_marks.owner(mark))
    }

    /// The row as it was told, texts cut to size.
    pub(super) fn row(&self, row: u32) -> Option<IndexedHousehold> {
        let dossier = self.dossier(row)?;
        let (mut numbers, mut id_numbers, mut phones) = (Vec::new(), Vec::new(), Vec::new());
        for (kind, text) in self.marks_of(row) {
            match kind {
                Mark::Number | Mark::OtherNumber => numbers.push(text.to_owned()),
                Mark::OddId => id_numbers.push(text.to_owned()),
                Mark::OddPhone => phones.push(text.to_owned()),
            }
        }
        id_numbers.splice(0..0, self.ids_of(row).iter().map(|&key| unpack_id(key)));
        phones.splice(0..0, self.phones_of(row).iter().map(|&key| unpack_phone(key)));
        let mut numbers = numbers.into_iter();
        Some(IndexedHousehold {
            dossier,
            number: numbers.next().unwrap_or_default(),
            other_numbers: numbers.collect(),
            names: self.names_of(row).map(str::to_owned).collect(),
            unit: self.unit(row)?.clone(),
            id_numbers,
            phones,
            birth_year: self.birth(row),
            category: self.word(row, 0),
            status: self.word(row, 1),
        })
    }

    pub(super) fn word(&self, row: u32, which: usize) -> String {
        let number = self.row_words.get(row as usize).and_then(|words| words.get(which));
        number.and_then(|&w| self.words.get(usize::from(w))).cloned().unwrap_or_default()
    }
}

/// Rows on their way into a segment.
#[derive(Default)]
pub(super) struct Builder {
    made: Segment,
    given_names: Texts,
    unit_numbers: HashMap<Unit, u32>,
    word_numbers: HashMap<String, u16>,
}

impl Builder {
    pub(super) fn is_full(&self) -> bool {
        let bytes = self.given_names.bytes_used().max(self.made.marks.bytes_used());
        self.made.dossiers.len() >= ROWS || bytes >= ARENA_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.made.dossiers.is_empty()
    }

    /// Takes a row that was clipped.
    pub(super) fn push(&mut self, row: &IndexedHousehold) {
        let made = &mut self.made;
        made.dossiers.push(row.dossier);
        let unit = match self.unit_numbers.get(&row.unit) {
            Some(&number) => number,
            None => {
                let number = made.units.len() as u32;
                made.units.push(row.unit.clone());
                self.unit_numbers.insert(row.unit.clone(), number);
                number
            }
        };
        made.row_unit.push(unit);
        made.births.push(row.birth_year.unwrap_or(0));
        let mut word = |text: &str| match self.word_numbers.get(text) {
            Some(&number) => number,
            None => {
                let number = made.words.len().min(usize::from(u16::MAX)) as u16;
                made.words.push(text.to_owned());
                self.word_numbers.insert(text.to_owned(), number);
                number
            }
        };
        let words = [word(&row.category), word(&row.status)];
        made.row_words.push(words);

        let first_name = self.given_names.len();
        for name in row.names.iter() {
            self.given_names.push(name);
        }
        made.row_names.push(first_name..self.given_names.len());

        let first_mark = made.marks.len();
        let mut mark = |kind: Mark, text: &str| {
            made.marks.push(text);
            made.mark_kinds.push(kind);
        };
        mark(Mark::Number, &row.number);
        row.other_numbers.iter().for_each(|text| mark(Mark::OtherNumber, text));
        let mut packed = Vec::new();
        for text in row.id_numbers.iter() {
            match pack_id(text.trim()) {
                Some(key) => packed.push(key),
                None => mark(Mark::OddId, text),
            }
        }
        made.ids.by_row.push(packed.drain(..));
        for text in row.phones.iter() {
            match pack_phone(text.trim()) {
                Some(key) => packed.push(key),
                None => mark(Mark::OddPhone, text),
            }
        }
        made.phones.by_row.push(packed.drain(..));
        made.row_marks.push((first_mark..made.marks.len()).map(|_| ()));
    }

    pub(super) fn finish(self) -> Segment {
        let Builder { mut made, given_names, unit_numbers, word_numbers } = self;
        drop((unit_numbers, word_numbers));
        made.row_names.shrink();
        let (names, number) = Names::build(given_names, &made.row_names);
        made.names = names;
        for occurrence in made.row_names.items_mut() {
            *occurrence = number.get(*occurrence as usize).copied().unwrap_or(0);
        }
        drop(number);
        made.marks.shrink();
        made.mark_kinds.shrink_to_fit();
        made.row_marks.shrink();
        made.marks_in_order = ordered(&made.marks, false);
        made.marks_by_tail = ordered(&made.marks, true);
        made.ids.close();
        made.phones.close();
        let rows = || made.row_unit.iter().copied().zip(0..);
        made.unit_rows = Runs::grouped(made.units.len() as u32, rows);
        let mut by_dossier: Vec<u32> = (0..made.len()).rev().collect();
        by_dossier.sort_by_key(|&row| made.dossiers.get(row as usize));
        let mut superseded = Vec::new();
        by_dossier.dedup_by(|row, kept| {
            let again = made.dossiers.get(*row as usize) == made.dossiers.get(*kept as usize);
            superseded.extend(again.then_some(*row));
            again
        });
        by_dossier.shrink_to_fit();
        made.by_dossier = by_dossier;
        made.superseded = superseded;
        made.dossiers.shrink_to_fit();
        made.row_unit.shrink_to_fit();
        made.births.shrink_to_fit();
        made.row_words.shrink_to_fit();
        made
    }
}

fn ordered(marks: &Texts, by_tail: bool) -> Vec<u32> {
    // The first characters decide nearly every comparison; only ties read the texts. A character past Latin-1 counts as
    // 255 and ends the head, so that heads differ only where the texts do, and in the same direction.
    let head = |mark: u32| {
        let mut chars = code_chars(marks.get(mark));
        let mut ended = false;
        (0..16).fold(0u128, |key, _| {
            let next = if ended {
                None
            } else if by_tail {
                chars.next_back()
            } else {
                chars.next()
            };
            let byte = next.map_or(0, |c| u128::from(u32::from(c).min(255)));
            ended |= byte == 255;
            key << 8 | byte
        })
    };
    let compare = |a: u32, b: u32| {
        let (a, b) = (code_chars(marks.get(a)), code_chars(marks.get(b)));
        if by_tail { a.rev().cmp(b.rev()) } else { a.cmp(b) }
    };
    let mut order: Vec<(u128, u32)> = (0..marks.len()).map(|mark| (head(mark), mark)).collect();
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(a.1, b.1)).then_with(|| a.1.cmp(&b.1)));
    order.into_iter().map(|(_, mark)| mark).collect()
}
