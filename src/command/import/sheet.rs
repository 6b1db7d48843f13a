//! A sheet of somebody's workbook, or a csv, as a roll: what stands above the headings, the headings, the lines.

use super::Failure;
use super::headings::Headings;
use super::refused::ImportRefused;
use crate::domain::{Explain, Message};
use crate::form::Book;
use crate::form::xlsform::cells;
use crate::form::xlsform::workbook::{FILE_MAX, Slip, Worksheet};
use std::collections::{HashMap, HashSet};

/// Lines among which the headings are looked for.
const LOOKED_AT: usize = 20;

/// A line of the sheet, by its number there. Personal.
#[derive(Clone)]
pub struct SheetLine {
    pub number: u32,
    pub cells: Vec<String>,
}

impl SheetLine {
    pub fn get(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

/// Merged cells: from line to line, and the column in which something stands.
#[derive(Clone, Copy)]
struct Merged {
    top: u32,
    bottom: u32,
    left: u32,
}

/// A roll as it was read. Personal.
pub struct RollSheet {
    /// The file's name, without its folders.
    pub file: String,
    pub name: String,
    /// Titles and whatever else stands above the headings, and the headings as they stand.
    pub above: Vec<SheetLine>,
    /// The headings, one a column; of two lines of them both, joined by `·`.
    pub headings: Vec<String>,
    pub lines: Vec<SheetLine>,
    /// Somewhere above it says that money is in units of ten thousand yuan.
    pub ten_thousand: bool,
    /// What a spreadsheet did to cells: line and column → the sentence.
    odd: HashMap<(u32, u32), &'static str>,
    /// Formulas whose value the workbook does not have: line and column.
    unworked: HashSet<(u32, u32)>,
    /// Merged cells, of which only the first holds anything: by each column that they reach over, from above.
    merged: HashMap<u32, Vec<Merged>>,
    /// What is to be said of the whole sheet.
    pub said: Vec<Message>,
    /// Other sheets that hold something.
    pub others: Vec<String>,
}

impl RollSheet {
    /// Reads a file that was handed in. `sheet`: its name, where it is not the one that looks most like a roll.
    ///
    /// Errors: neither a workbook nor csv, too large, no such sheet, nothing in it that looks like headings.
    pub fn read(file: &str, bytes: &[u8], encoding: Option<&str>, sheet: Option<&str>) -> Result<RollSheet, Failure> {
        if bytes.len() as u64 > FILE_MAX {
            return Err(ImportRefused::TooLarge { most: FILE_MAX >> 20 }.into());
        }
        let is_workbook = bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
        let book = match is_workbook {
            true => Book::from_roll(bytes),
            false => Book::from_texts([("handed_in.csv", bytes)], encoding),
        };
        let book = book.map_err(|why| ImportRefused::Unreadable { file: file.to_owned(), why: why.explain() })?;
        let sheets: Vec<Worksheet> = book.sheets.into_iter().chain(book.tables).collect();
        let filled = |sheet: &Worksheet| sheet.header.iter().any(|cell| !cell.is_empty());
        let names = || sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>().join(", ");
        let headings = Headings::built_in();
        let chosen = match sheet {
            Some(name) => sheets
                .iter()
                .position(|sheet| sheet.name.trim() == name.trim())
                .ok_or_else(|| ImportRefused::NoSuchSheet { asked: name.to_owned(), known: names() })?,
            // The first of those that look most like a roll.
            None => (0..sheets.len())
                .max_by_key(|at| (best(headings, &lines_of(&sheets[*at])).1, std::cmp::Reverse(*at)))
                .ok_or(ImportRefused::NoHeadings { sheet: String::new() })?,
        };
        let others = sheets.iter().enumerate().filter(|(at, sheet)| *at != chosen && filled(sheet));
        let others = others.map(|(_, sheet)| sheet.name.clone()).collect();
        RollSheet::of(file, &sheets[chosen], others)
    }

    fn of(file: &str, sheet: &Worksheet, others: Vec<String>) -> Result<RollSheet, Failure> {
        let known = Headings::built_in();
        let mut lines = lines_of(sheet);
        let (at, found) = best(known, &lines);
        // One heading that is known may be chance; a roll has a name or an ID number and something besides.
        if found < 2 {
            return Err(ImportRefused::NoHeadings { sheet: sheet.name.clone() }.into());
        }
        let recognised = |line: &SheetLine| {
            let filled = line.cells.iter().filter(|cell| !cell.is_empty());
            let known = |cell: &&String| known.understand(cell).is_some() || known.is_of_members(cell);
            (filled.clone().filter(known).count(), filled.count())
        };
        let is_heading = |line: Option<&SheetLine>| {
            let (known, filled) = line.map(recognised).unwrap_or_default();
            known >= 2 && known * 10 >= filled * 6
        };
        let is_group = |line: &SheetLine| {
            let (known, filled) = recognised(line);
            known >= 1 && filled >= 2
        };
        let (first, last) = if is_heading(lines.get(at + 1)) {
            (at, at + 1)
        } else if at > 0 && lines[at - 1].number + 1 == lines[at].number && is_group(&lines[at - 1]) {
            (at - 1, at)
        } else {
            (at, at)
        };
        let headings = headings_of(&lines[first], (last > first).then(|| &lines[last]));
        let rest = lines.split_off(last + 1);
        let above = lines;
        let ten_thousand = above[..first].iter().flat_map(|line| &line.cells).any(|cell| {
            let cell: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
            cell.contains("单位") && cell.contains("万元")
        });
        let of_key = |key: &'static str| sheet.slips.iter().filter(move |slip| slip.key == key);
        let unworked = of_key("form.cell_formula").map(|slip| (slip.row, slip.column)).collect();
        let end = |slip: &Slip| slip.text.split_once(':').and_then(|(_, end)| cells::place(end));
        let mut merged: HashMap<u32, Vec<Merged>> = HashMap::new();
        for slip in of_key("form.cells_merged") {
            let Some((bottom, right)) = end(slip) else { continue };
            let one = Merged { top: slip.row, bottom: bottom + 1, left: slip.column };
            // Beside the headings nothing is read.
            let last = right.min(u32::try_from(headings.len()).unwrap_or(u32::MAX));
            (slip.column..=last).for_each(|column| merged.entry(column).or_default().push(one));
        }
        merged.values_mut().for_each(|all| all.sort_by_key(|one| one.top));
        // Noughts in front are read as they are shown; of formulas and merged cells the households know more.
        let read = ["form.cell_formula", "form.cells_merged", "form.cell_padded"];
        let odd = sheet.slips.iter().filter(|slip| slip.column != Slip::WHOLE && !read.contains(&slip.key));
        let odd = odd.map(|slip| ((slip.row, slip.column), slip.key)).collect();
        let said = sheet.slips.iter().filter(|slip| slip.column == Slip::WHOLE);
        let said = said.map(|slip| Message::new(slip.key).with("text", slip.text.as_str())).collect();
        let (file, name) = (file.to_owned(), sheet.name.clone());
        Ok(RollSheet { file, name, above, headings, lines: rest, ten_thousand, odd, unworked, merged, said, others })
    }

    /// Whether a formula stands there whose value the workbook does not have.
    pub fn is_unworked(&self, line: u32, column: usize) -> bool {
        u32::try_from(column).is_ok_and(|column| self.unworked.contains(&(line, column)))
    }

    /// The merged cells that reach over this one, and what stands in the first of them.
    fn merged_over(&self, line: u32, column: usize) -> Option<(Merged, &str)> {
        let all = self.merged.get(&u32::try_from(column).ok()?)?;
        let last = all.partition_point(|one| one.top <= line).checked_sub(1)?;
        let one = all.get(last).filter(|one| line <= one.bottom)?;
        // Lines come from above.
        let first = self.lines.get(self.lines.binary_search_by_key(&one.top, |line| line.number).ok()?)?;
        Some((*one, first.get(one.left as usize))).filter(|(_, text)| !text.is_empty())
    }

    /// What stands in the first of the merged cells that reach down over this one, which is empty itself.
    pub fn merged_from_above(&self, line: u32, column: usize) -> Option<&str> {
        self.merged_over(line, column).filter(|(one, _)| one.top < line).map(|(_, text)| text)
    }

    /// Whether merged cells reach over it from a column further left, in which something stands.
    pub fn is_merged_from_left(&self, line: u32, column: usize) -> bool {
        self.merged_over(line, column).is_some_and(|(one, _)| (one.left as usize) < column)
    }

    /// What a spreadsheet did to a cell.
    pub fn odd(&self, line: u32, column: usize) -> Option<&'static str> {
        self.odd.get(&(line, u32::try_from(column).ok()?)).copied()
    }
}

fn lines_of(sheet: &Worksheet) -> Vec<SheetLine> {
    let first = SheetLine { number: sheet.header_number, cells: sheet.header.clone() };
    let rest = sheet.rows.iter().map(|row| SheetLine { number: row.number, cells: row.cells.clone() });
    std::iter::once(first).chain(rest).filter(|line| !line.is_empty()).collect()
}

/// The line that holds most of what is known as a heading, and how many.
fn best(headings: &Headings, lines: &[SheetLine]) -> (usize, usize) {
    let known = |line: &SheetLine| line.cells.iter().filter(|cell| headings.understand(cell).is_some()).count();
    let counted = lines.iter().take(LOOKED_AT).map(known).enumerate();
    counted.max_by_key(|(at, known)| (*known, std::cmp::Reverse(*at))).unwrap_or_default()
}

/// One heading a column, of one line or of two, of which the upper one may be merged over several columns.
fn headings_of(upper: &SheetLine, lower: Option<&SheetLine>) -> Vec<String> {
    let Some(lower) = lower else { return upper.cells.clone() };
    let width = upper.cells.len().max(lower.cells.len());
    let mut group = String::new();
    let mut out = Vec::with_capacity(width);
    for column in 0..width {
        let (above, below) = (upper.get(column), lower.get(column));
        if !above.is_empty() {
            group = above.to_owned();
        }
        out.push(match (above.is_empty(), below.is_empty()) {
            (_, true) => above.to_owned(),
            (false, false) if above == below => below.to_owned(),
            _ if group.is_empty() => below.to_owned(),
            _ => format!("{group}·{below}"),
        });
    }
    out
}
