//! A workbook's bytes (`.xlsx`, `.xls`, `.ods`, `.xlsb`) → its sheets. A cell that cannot be read costs that cell, and is
//! told; a sheet that breaks off is told with the row after which nothing more came.

use super::cells;
use super::repack::{self, NotUnpacked};
use super::workbook::{Book, Cell, OWN_SHEETS, SLIPS_MAX, Sheet, Slip, TOO_MANY_CELLS, keep, sheet};
use super::workbook::{CELLS_MAX, UNPACKED_MAX};
use crate::form::problem::Unreadable;
use calamine::{Data, DataRef, Dimensions, Reader, Sheets, Xlsx, XlsxError};
use quick_xml::events::Event;
use std::collections::{HashMap, HashSet};
use std::io::Cursor;

/// The most characters of a formula that are told.
const FORMULA_SHOWN: usize = 60;

pub(super) fn read(bytes: &[u8]) -> Result<Book, Unreadable> {
    let mut left = CELLS_MAX;
    let stored;
    let mut bytes = bytes;
    if bytes.starts_with(b"PK") {
        stored = repack::without_dimensions(bytes, UNPACKED_MAX).map_err(|why| match why {
            NotUnpacked::NotAZip => Unreadable::NotAWorkbook,
            NotUnpacked::TooLarge => Unreadable::TooLarge { what: "form.size_unpacked", limit: UNPACKED_MAX },
        })?;
        bytes = &stored;
        if let Some(book) = xlsx(bytes, &mut left)? {
            return Ok(book);
        }
    }
    let mut book = Book::default();
    let mut merges = open_document_merges(bytes);
    let mut sheets: Sheets<Cursor<&[u8]>> =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| Unreadable::NotAWorkbook)?;
    for name in sheets.sheet_names() {
        let Ok(range) = sheets.worksheet_range(&name) else {
            book.sheets.push(unread(name));
            continue;
        };
        let (row0, column0) = range.start().unwrap_or((0, 0));
        let mut cells = Vec::new();
        let mut slips = Vec::new();
        for (row, column, value) in range.used_cells() {
            let at = (row as u32 + row0, column as u32 + column0);
            keep(&mut cells, &mut left, at, text_of(value, at, &mut slips))?;
        }
        if let Sheets::Xls(xls) = &mut sheets {
            slips.extend(xls.merge_cells_by_sheet_name(&name).unwrap_or_default().iter().filter_map(cells::merged));
        }
        slips.extend(merges.remove(&name).into_iter().flatten().filter(|_| is_own(&name)));
        // The older binary formats never keep a formula without what it gave.
        if is_own(&name)
            && let Sheets::Ods(ods) = &mut sheets
            && let Ok(formulas) = ods.worksheet_formula(&name)
        {
            let (row0, column0) = formulas.start().unwrap_or((0, 0));
            let known = |at: (u32, u32)| range.get_value(at).is_some_and(|value| *value != Data::Empty);
            for (row, column, formula) in formulas.used_cells() {
                let at = (row as u32 + row0, column as u32 + column0);
                if !formula.is_empty() && !known(at) {
                    push(&mut slips, without_value(at, formula));
                }
            }
        }
        book.sheets.push(sheet(name, cells, slips));
    }
    Ok(book)
}

/// Notes of its author beside the form are nobody's business, and a sheet may be long.
fn is_own(name: &str) -> bool {
    OWN_SHEETS.iter().any(|own| name.trim().eq_ignore_ascii_case(own))
}

/// A sheet that the workbook names and does not hold, or not as one.
fn unread(name: String) -> Sheet {
    let slip = Slip { row: 1, column: Slip::WHOLE, key: "form.sheet_unread", text: name.clone() };
    Sheet { name, slips: vec![slip], ..Sheet::default() }
}

fn push(slips: &mut Vec<Slip>, slip: Slip) {
    if slips.len() < SLIPS_MAX {
        slips.push(slip);
    }
}

fn without_value((row, column): (u32, u32), formula: &str) -> Slip {
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

/// The sheets of an .xlsx; none when it is no such file.
fn xlsx(bytes: &[u8], left: &mut usize) -> Result<Option<Book>, Unreadable> {
    let Ok(mut xlsx) = Xlsx::new(Cursor::new(bytes)) else { return Ok(None) };
    // A second walk over the sheets only where there is something to find.
    let has_formulas = [&b"<f>"[..], b"<f ", b":f>"].iter().any(|f| memchr::memmem::find(bytes, f).is_some());
    let has_merges = memchr::memmem::find(bytes, b"mergeCell").is_some();
    let mut book = Book::default();
    for name in xlsx.sheet_names() {
        let own = is_own(&name);
        let Some(mut read) = xlsx_cells(&mut xlsx, &name, own && has_formulas, left)? else {
            book.sheets.push(unread(name));
            continue;
        };
        if own && (has_formulas || !read.odd.is_empty()) {
            xlsx_places(&mut xlsx, &name, &mut read);
        }
        let Walked { cells, mut slips, .. } = read;
        if own && has_merges {
            let merges = xlsx.merge_cells_by_sheet_name(&name).unwrap_or_default();
            slips.extend(merges.iter().filter_map(cells::merged));
        }
        book.sheets.push(sheet(name, cells, slips));
    }
    Ok(Some(book))
}

/// Merged cells of an open document, by sheet: a walk of our own, since the reader drops them. What of it is odd is the
/// reader's to tell.
fn open_document_merges(stored: &[u8]) -> HashMap<String, Vec<Slip>> {
    let mut out: HashMap<String, Vec<Slip>> = HashMap::new();
    let Some(content) = repack::stored_entry(stored, b"content.xml") else { return out };
    let Ok(content) = std::str::from_utf8(content) else { return out };
    if !content.contains("-spanned=") {
        return out;
    }
    let mut reader = quick_xml::Reader::from_str(content);
    let (mut sheet, mut row, mut column, mut rows) = (String::new(), 0u32, 0u32, 1u32);
    loop {
        let (start, ends) = match reader.read_event() {
            Ok(Event::Start(start)) => (start, false),
            Ok(Event::Empty(start)) => (start, true),
            Ok(Event::End(end)) => {
                if end.local_name().as_ref() == "table-row" {
                    row = row.saturating_add(rows);
                }
                continue;
            }
            Ok(Event::Eof) | Err(_) => return out,
            Ok(_) => continue,
        };
        let attribute = |name: &str| {
            let found = start.attributes().flatten().find(|a| a.key.local_name().as_ref() == name)?;
            Some(found.value.as_ref().to_owned())
        };
        let number = |name: &str| attribute(name).and_then(|text| text.parse::<u32>().ok()).unwrap_or(1).max(1);
        match start.local_name().as_ref() {
            "table" => (sheet, row) = (attribute("name").unwrap_or_default(), 0),
            "table-row" => {
                (column, rows) = (0, number("number-rows-repeated"));
                if ends {
                    row = row.saturating_add(rows);
                }
            }
            "table-cell" | "covered-table-cell" => {
                let (wide, high) = (number("number-columns-spanned"), number("number-rows-spanned"));
                let end = (row.saturating_add(high - 1), column.saturating_add(wide - 1));
                if let Some(slip) = cells::merged(&Dimensions::new((row, column), end)) {
                    push(out.entry(sheet.clone()).or_default(), slip);
                }
                column = column.saturating_add(number("number-columns-repeated"));
            }
            _ => {}
        }
    }
}

/// What came of one walk over the cells of a sheet.
#[derive(Default)]
struct Walked {
    cells: Vec<Cell>,
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
    left: &mut usize,
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
                let text = text_of(&Data::from(cell.get_value().clone()), at, &mut walked.slips);
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
                let row = walked.cells.iter().map(|(row, ..)| row + 1).max().unwrap_or(1);
                let text = name.to_owned();
                walked.slips.insert(0, Slip { row, column: Slip::WHOLE, key: "form.sheet_cut", text });
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
            let text = error.unwrap_or_default();
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
