//! What is asked of an open document (`.ods`) beside its cells: how large it would become in the spreadsheet reader, which
//! writes repeated rows and columns out, and its merged cells, which the reader drops.

use super::workbook::{DENSE_MAX, Slip, TOO_MANY_CELLS, UNPACKED_MAX};
use super::{cells, repack};
use crate::form::problem::Unreadable;
use calamine::Dimensions;
use quick_xml::events::Event;
use std::collections::HashMap;

/// What makes a cell one that holds something, to the reader.
const FILLED: &[&str] = &[
    "office:value",
    "office:string-value",
    "office:date-value",
    "office:time-value",
    "office:boolean-value",
    "office:value-type",
    "table:formula",
];

/// A table while it is walked through: cells and bytes of text, with all that is repeated written out.
#[derive(Default)]
struct Table {
    /// Rows so far, and up to the last that holds something.
    rows: u64,
    filled_rows: u64,
    /// Columns up to the last cell that holds something in any row; and of the row that is open.
    width: u64,
    column: u64,
    row_width: u64,
    row_repeats: u64,
    /// Cells of all rows, repeated ones once.
    cells: u64,
    /// Bytes of text of the open row, and of the rows before it.
    row_text: u64,
    text: u64,
}

/// Refuses a document whose sheets would have more than [`DENSE_MAX`] cells, or more text than a file may unpack to.
pub fn bounded(stored: &[u8]) -> Result<(), Unreadable> {
    let content = repack::stored_entry(stored, b"content.xml").ok_or(Unreadable::NotAWorkbook)?;
    let content = std::str::from_utf8(content).map_err(|_| Unreadable::NotAWorkbook)?;
    let mut reader = quick_xml::Reader::from_str(content);
    // As the spreadsheet reader reads it.
    reader.config_mut().check_end_names = false;
    reader.config_mut().expand_empty_elements = true;
    let mut table: Option<Table> = None;
    // How often the text of the open cell is there, and its bytes.
    let mut cell: Option<(u64, u64)> = None;
    let (mut dense, mut text) = (0u64, 0u64);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let attribute = |name: &str| start.attributes().flatten().find(|a| a.key.as_ref() == name);
                let number = |name: &str| {
                    attribute(name).map_or(1, |a| a.value.as_ref().trim().parse::<u64>().unwrap_or(u64::from(u32::MAX)))
                };
                match (start.name().as_ref(), &mut table, &mut cell) {
                    ("table:table", None, _) => table = Some(Table::default()),
                    // One within another is nothing that the reader knows.
                    ("table:table", Some(_), _) => return Err(Unreadable::NotAWorkbook),
                    ("table:table-row", Some(table), None) => {
                        table.row_repeats = number("table:number-rows-repeated");
                        (table.column, table.row_width, table.row_text) = (0, 0, 0);
                    }
                    ("table:table-cell" | "table:covered-table-cell", Some(table), None) => {
                        let repeats = number("table:number-columns-repeated");
                        let filled = start.attributes().flatten().any(|a| FILLED.contains(&a.key.as_ref()));
                        table.column = table.column.saturating_add(repeats);
                        if filled {
                            table.row_width = table.column;
                        }
                        cell = Some((if filled { repeats } else { 0 }, start.len() as u64));
                    }
                    ("table:table-row" | "table:table-cell" | "table:covered-table-cell", _, Some(_)) => {
                        return Err(Unreadable::NotAWorkbook);
                    }
                    ("text:s", _, Some((_, bytes))) => {
                        *bytes = bytes.saturating_add(number("text:c"));
                        // Even once it would be too much.
                        if *bytes > UNPACKED_MAX {
                            return Err(TOO_LONG);
                        }
                    }
                    _ => {}
                }
            }
            Ok(Event::Text(more)) => {
                if let Some((_, bytes)) = &mut cell {
                    *bytes = bytes.saturating_add(more.len() as u64);
                }
            }
            Ok(Event::GeneralRef(_)) => {
                if let Some((_, bytes)) = &mut cell {
                    *bytes = bytes.saturating_add(4);
                }
            }
            Ok(Event::End(end)) => match (end.name().as_ref(), &mut table) {
                ("table:table-cell" | "table:covered-table-cell", Some(table)) => {
                    let (repeats, bytes) = cell.take().unwrap_or_default();
                    table.row_text = table.row_text.saturating_add(repeats.saturating_mul(bytes));
                }
                ("table:table-row", Some(table)) => {
                    table.rows = table.rows.saturating_add(table.row_repeats);
                    if table.row_width > 0 {
                        table.filled_rows = table.rows;
                        table.width = table.width.max(table.row_width);
                    }
                    table.cells = table.cells.saturating_add(table.row_width);
                    table.text = table.text.saturating_add(table.row_text.saturating_mul(table.row_repeats));
                }
                ("table:table", Some(ended)) => {
                    let block = ended.filled_rows.saturating_mul(ended.width);
                    dense = dense.saturating_add(block.max(ended.cells));
                    text = text.saturating_add(ended.text);
                    table = None;
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        let open = table.as_ref().map_or(0, |table| table.cells.max(table.row_width));
        if dense.max(open) > DENSE_MAX as u64 {
            return Err(TOO_MANY_CELLS);
        }
        if text > UNPACKED_MAX {
            return Err(TOO_LONG);
        }
    }
    // A table that breaks off is refused by the reader as well, but only once it has read it.
    if table.is_some() { Err(Unreadable::NotAWorkbook) } else { Ok(()) }
}

const TOO_LONG: Unreadable = Unreadable::TooLarge { what: "form.size_unpacked", limit: UNPACKED_MAX };

/// Merged cells of an open document, by sheet: a walk of our own, since the reader drops them. What of it is odd is the
/// reader's to tell.
pub fn merges(stored: &[u8]) -> HashMap<String, Vec<Slip>> {
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
                    super::spreadsheet::push(out.entry(sheet.clone()).or_default(), slip);
                }
                column = column.saturating_add(number("number-columns-repeated"));
            }
            _ => {}
        }
    }
}
