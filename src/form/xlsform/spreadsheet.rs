//! A workbook's bytes (`.xlsx`, `.xls`, `.ods`, `.xlsb`) → its sheets. A cell that cannot be read costs that cell, and is
//! told; a sheet that breaks off is told with the row after which nothing more came.

use super::repack::{self, NotUnpacked};
use super::shared_texts::SharedTexts;
use super::workbook::{Book, Left, OWN_SHEETS, SLIPS_MAX, Slip, TOO_MANY_CELLS, Worksheet, WorksheetCell, keep, sheet};
use super::workbook::{CELLS_MAX, UNPACKED_MAX};
use super::{binary, cells, opendocument, padded};
use crate::form::problem::Unreadable;
use calamine::{Data, DataRef, Ods, Reader, Sheets, Xls, Xlsb, Xlsx, XlsxError};
use std::collections::{HashMap, HashSet};
use std::io::Cursor;

/// The most slips of a sheet, where they are numbers that lost their digits.
const DIGITS_MAX: usize = 100_000;
/// The most characters of a formula that are told.
const FORMULA_SHOWN: usize = 60;

/// `reports`: the sheets of which merged cells and formulas without a value are told.
pub(super) fn read(bytes: &[u8], reports: fn(&str) -> bool) -> Result<Book, Unreadable> {
    let mut left = Left::whole();
    let unpacked;
    let looked;
    let mut bytes = bytes;
    if bytes.starts_with(b"PK") {
        unpacked = repack::without_dimensions(bytes, UNPACKED_MAX).map_err(|why| match why {
            NotUnpacked::NotAZip => Unreadable::NotAWorkbook,
            NotUnpacked::TooLarge => Unreadable::TooLarge { what: "form.size_unpacked", limit: UNPACKED_MAX },
        })?;
        bytes = &unpacked;
        if let Some(book) = xlsx(bytes, reports, &mut left)? {
            return Ok(book);
        }
    }
    let (mut merges, mut shown) = (HashMap::new(), HashMap::new());
    let (mut texts, mut shared) = (SharedTexts::default(), Vec::new());
    let mut sheets: Sheets<Cursor<&[u8]>> = if bytes.starts_with(binary::SIGN) {
        let found = binary::looked_through(bytes)?;
        (looked, texts, shared) = (found.bytes, found.texts, found.shared);
        Sheets::Xls(Xls::new(Cursor::new(looked.as_slice())).map_err(|_| Unreadable::NotAWorkbook)?)
    } else {
        // Anything else was not counted while it unpacked.
        if !bytes.starts_with(b"PK") {
            return Err(Unreadable::NotAWorkbook);
        }
        if let Some(book) = xlsb(bytes, &mut left)? {
            return Ok(book);
        }
        opendocument::bounded(bytes)?;
        merges = opendocument::merges(bytes);
        shown = padded::of_ods(bytes);
        Sheets::Ods(Ods::new(Cursor::new(bytes)).map_err(|_| Unreadable::NotAWorkbook)?)
    };
    let mut book = Book::default();
    for (number, name) in sheets.sheet_names().into_iter().enumerate() {
        let Ok(range) = sheets.worksheet_range(&name) else {
            book.sheets.push(unread(name));
            continue;
        };
        let (row0, column0) = range.start().unwrap_or((0, 0));
        let mut cells = Vec::new();
        let mut slips = Vec::new();
        for (row, column, value) in range.used_cells() {
            let at = (row as u32 + row0, column as u32 + column0);
            if let Data::String(text) = value {
                left.text(text)?;
            }
            keep(&mut cells, &mut left, at, text_of(value, at, &mut slips))?;
        }
        for (row, column, which) in shared.get_mut(number).map(std::mem::take).unwrap_or_default() {
            let Some(text) = texts.get(which as usize) else {
                push(&mut slips, Slip { row: row + 1, column, key: "form.cell_unreadable", text: String::new() });
                continue;
            };
            left.text(text)?;
            let text = text_of(&Data::String(text.to_owned()), (row, column), &mut slips);
            keep(&mut cells, &mut left, (row, column), text)?;
        }
        padded::apply(shown.remove(&name), &mut cells, &mut slips);
        if let Sheets::Xls(xls) = &mut sheets {
            let merges = xls.merge_cells_by_sheet_name(&name).unwrap_or_default();
            merges.iter().filter_map(cells::merged).for_each(|slip| push(&mut slips, slip));
        }
        slips.extend(merges.remove(&name).into_iter().flatten().filter(|_| reports(&name)));
        if reports(&name)
            && let Ok(formulas) = sheets.worksheet_formula(&name)
        {
            let (row0, column0) = formulas.start().unwrap_or((0, 0));
            let at = |row: usize, column: usize| (row as u32 + row0, column as u32 + column0);
            let given = |at: (u32, u32)| range.get_value(at).unwrap_or(&Data::Empty);
            let written = || formulas.used_cells().filter(|(_, _, formula)| !formula.is_empty());
            let says = |at| !matches!(given(at), Data::Empty) && *given(at) != Data::String(String::new());
            let old = bytes.starts_with(binary::SIGN);
            // An .xls keeps an empty text where nothing was worked out, and a formula may give one: where none of a sheet gave
            // anything, nobody has worked them out.
            let worked_out = written().any(|(row, column, _)| says(at(row, column)));
            for (row, column, formula) in written() {
                let at = at(row, column);
                if *given(at) == Data::Empty || (old && !worked_out && !says(at)) {
                    push(&mut slips, without_value(at, formula));
                }
            }
        }
        book.sheets.push(sheet(name, cells, slips));
    }
    Ok(book)
}

/// Notes of its author beside the form are nobody's business, and a sheet may be long.
pub(super) fn is_own(name: &str) -> bool {
    OWN_SHEETS.iter().any(|own| name.trim().eq_ignore_ascii_case(own))
}

/// A sheet that the workbook names and does not hold, or not as one.
fn unread(name: String) -> Worksheet {
    let slip = Slip { row: 1, column: Slip::WHOLE, key: "form.sheet_unread", text: name.clone() };
    Worksheet { name, slips: vec![slip], ..Worksheet::default() }
}

pub(super) fn push(slips: &mut Vec<Slip>, slip: Slip) {
    // A number that lost its digits is told of each cell: in a roll each is somebody's.
    // A formula without its value and merged cells likewise.
    let most = match slip.key {
        "form.cell_digits" | "form.cell_formula" | "form.cells_merged" => DIGITS_MAX,
        _ => SLIPS_MAX,
    };
    if slips.len() < most {
        slips.push(slip);
    }
}

fn without_value((row, column): (u32, u32), formula: &str) -> Slip {
    // Of one that the reader does not understand nothing is known.
    let formula = if formula.starts_with("Unrecognised formula") { "…" } else { formula };
    let text = formula.chars().take(FORMULA_SHOWN).collect();
    Slip { row: row + 1, column, key: "form.cell_formula", text }
}

/// The text of a cell; what is odd about it is noted.
fn text_of(data: &Data, at: (u32, u32), slips: &mut Vec<Slip>) -> String {
    let (text, odd) = cells::text(data);
    if let Some(key) = odd {
        push(slips, Slip { row: at.0 + 1, column: at.1, key, text: text.clone() });
    }
    text
}

/// A cell of its own; a text that others share is counted before it is copied.
fn copied(value: &DataRef, left: &mut Left) -> Result<Data, Unreadable> {
    match value {
        DataRef::String(text) => left.text(text)?,
        DataRef::SharedString(text) => left.text(text)?,
        _ => {}
    }
    Ok(Data::from(value.clone()))
}

/// The sheets of an .xlsx; none when it is no such file.
fn xlsx(bytes: &[u8], reports: fn(&str) -> bool, left: &mut Left) -> Result<Option<Book>, Unreadable> {
    // Each shared text takes more in memory than the few bytes of an empty one.
    let shared = |sign: &[u8]| memchr::memmem::find_iter(bytes, sign).take(CELLS_MAX + 1).count();
    if shared(b"<si") + shared(b":si") > CELLS_MAX {
        return Err(TOO_MANY_CELLS);
    }
    let Ok(mut xlsx) = Xlsx::new(Cursor::new(bytes)) else { return Ok(None) };
    // A second walk over the sheets only where there is something to find.
    let has_formulas = [&b"<f>"[..], b"<f ", b":f>"].iter().any(|f| memchr::memmem::find(bytes, f).is_some());
    let has_merges = memchr::memmem::find(bytes, b"mergeCell").is_some();
    let mut shown = padded::of_xlsx(bytes);
    let mut book = Book::default();
    for name in xlsx.sheet_names() {
        let own = reports(&name);
        let Some(mut read) = xlsx_cells(&mut xlsx, &name, own && has_formulas, left)? else {
            book.sheets.push(unread(name));
            continue;
        };
        if own && (has_formulas || !read.odd.is_empty()) {
            xlsx_places(&mut xlsx, &name, &mut read);
        }
        let Walked { mut cells, mut slips, .. } = read;
        padded::apply(shown.remove(&name), &mut cells, &mut slips);
        if own && has_merges {
            let merges = xlsx.merge_cells_by_sheet_name(&name).unwrap_or_default();
            merges.iter().filter_map(cells::merged).for_each(|slip| push(&mut slips, slip));
        }
        book.sheets.push(sheet(name, cells, slips));
    }
    Ok(Some(book))
}

/// The sheets of an .xlsb, cell by cell; none when it is no such file.
fn xlsb(bytes: &[u8], left: &mut Left) -> Result<Option<Book>, Unreadable> {
    let Ok(mut xlsb) = Xlsb::new(Cursor::new(bytes)) else { return Ok(None) };
    let mut book = Book::default();
    for name in xlsb.sheet_names() {
        let Ok(mut reader) = xlsb.worksheet_cells_reader(&name) else {
            book.sheets.push(unread(name));
            continue;
        };
        let (mut cells, mut slips) = (Vec::new(), Vec::new());
        loop {
            match reader.next_cell() {
                Ok(Some(cell)) => {
                    let at = cell.get_position();
                    let text = text_of(&copied(cell.get_value(), left)?, at, &mut slips);
                    keep(&mut cells, left, at, text)?;
                }
                Ok(None) => break,
                Err(_) => {
                    slips.insert(0, cut(&cells, &name));
                    break;
                }
            }
        }
        book.sheets.push(sheet(name, cells, slips));
    }
    Ok(Some(book))
}

/// The sheet breaks off behind these.
fn cut(cells: &[WorksheetCell], name: &str) -> Slip {
    let row = cells.iter().map(|(row, ..)| row + 1).max().unwrap_or(1);
    Slip { row, column: Slip::WHOLE, key: "form.sheet_cut", text: name.to_owned() }
}

/// What came of one walk over the cells of a sheet.
#[derive(Default)]
struct Walked {
    cells: Vec<WorksheetCell>,
    slips: Vec<Slip>,
    /// Where something stands, if only the empty text that a formula gave.
    known: HashSet<(u32, u32)>,
    /// Cells that could not be read, by their number in the walk; and the error that one holds.
    odd: Vec<(usize, Option<String>)>,
}

/// Cell by cell: the dense range of a sheet with one cell in its last corner would not fit in memory.
fn xlsx_cells(
    xlsx: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    has_formulas: bool,
    left: &mut Left,
) -> Result<Option<Walked>, Unreadable> {
    let Ok(mut reader) = xlsx.worksheet_cells_reader(name) else { return Ok(None) };
    let mut walked = Walked::default();
    for number in 0.. {
        match reader.next_cell() {
            Ok(Some(cell)) => {
                let at = cell.get_position();
                if has_formulas && *cell.get_value() != DataRef::Empty {
                    walked.known.insert(at);
                }
                let text = text_of(&copied(cell.get_value(), left)?, at, &mut walked.slips);
                keep(&mut walked.cells, left, at, text)?;
            }
            Ok(None) => break,
            Err(XlsxError::CellError(text)) => walked.odd.push((number, Some(text))),
            Err(
                XlsxError::CellTAttribute(_)
                | XlsxError::ParseFloat(_)
                | XlsxError::ParseInt(_)
                | XlsxError::Unexpected(_)
                | XlsxError::UnexpectedNode(_),
            ) => walked.odd.push((number, None)),
            Err(_) => {
                walked.slips.insert(0, cut(&walked.cells, name));
                break;
            }
        }
        if walked.odd.len() > CELLS_MAX {
            return Err(TOO_MANY_CELLS);
        }
    }
    Ok(Some(walked))
}

/// A second walk, which sees formulas and knows the place of every cell.
fn xlsx_places(xlsx: &mut Xlsx<Cursor<&[u8]>>, name: &str, walked: &mut Walked) {
    let Ok(mut reader) = xlsx.worksheet_cells_reader(name) else { return };
    let mut odd = std::mem::take(&mut walked.odd).into_iter().peekable();
    let mut number = 0;
    while let Ok(Some(cell)) = reader.next_formula() {
        let at = cell.get_position();
        if let Some((_, error)) = odd.next_if(|(odd, _)| *odd == number) {
            let key = if error.is_some() { "form.cell_error" } else { "form.cell_unreadable" };
            let text = super::workbook::tidy(&error.unwrap_or_default());
            push(&mut walked.slips, Slip { row: at.0 + 1, column: at.1, key, text: text.clone() });
            if !text.is_empty() {
                walked.cells.push((at.0, at.1, text));
            }
        } else if !cell.get_value().is_empty() && !walked.known.contains(&at) {
            push(&mut walked.slips, without_value(at, cell.get_value()));
        }
        number += 1;
    }
}
