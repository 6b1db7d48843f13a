//! Workbook or csv folder → sheets of text cells with their positions. Nothing here knows what a form is.
//!
//! A workbook is somebody else's file: its size, its unpacked size, its sheets, cells and texts are bounded before
//! anything is kept.

use super::repack::{self, NotUnpacked};
use crate::form::problem::Unreadable;
use calamine::{Data, Reader, Sheets, Xlsx};
use std::io::Cursor;

/// The largest file taken, in bytes.
pub const FILE_MAX: u64 = 32 << 20;
/// The most bytes a workbook may unpack to. The largest form of the field has 20 MiB.
pub const UNPACKED_MAX: u64 = 96 << 20;
/// The most cells that hold something, all sheets together. The largest form of the field has about 40,000.
pub const CELLS_MAX: usize = 2_000_000;
/// The longest text in a cell, in characters (the limit of the workbook format itself).
pub const TEXT_MAX: usize = 32_767;
/// The most columns of a sheet.
pub const COLUMNS_MAX: u32 = 4_096;

/// A row with its number in the sheet (from 1) and its cells by column.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub number: u32,
    pub cells: Vec<String>,
}

impl Row {
    /// The trimmed text of a cell; empty where there is none.
    pub fn get(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

/// A sheet: its first row that holds something is the header.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    pub header: Vec<String>,
    pub rows: Vec<Row>,
}

/// All sheets of a form, and csv tables beside it.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub sheets: Vec<Sheet>,
    /// `towns.csv` as `towns`: what `select_one_from_file`, `pulldata` and `instance` name.
    pub tables: Vec<Sheet>,
}

/// Sheets that belong to the form itself; any other csv file is a table beside it.
const OWN_SHEETS: &[&str] = &["survey", "choices", "settings", "external_choices", "entities", "osm"];

impl Book {
    /// A sheet by its name, letter case and spaces at the ends aside.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|s| s.name.trim().eq_ignore_ascii_case(name))
    }

    /// Reads `.xlsx`, `.xls`, `.ods` from its bytes.
    pub fn from_workbook(bytes: &[u8]) -> Result<Book, Unreadable> {
        if bytes.len() as u64 > FILE_MAX {
            return Err(Unreadable::TooLarge { what: "form.size_file", limit: FILE_MAX });
        }
        // A damaged workbook has made spreadsheet readers panic before; somebody else's file must not end a survey.
        let read = std::panic::catch_unwind(|| read_workbook(bytes));
        read.unwrap_or(Err(Unreadable::NotAWorkbook))
    }

    /// Reads csv texts, each named after its sheet: `survey`, `choices`, `settings`, and tables beside the form.
    pub fn from_csv<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Book, Unreadable> {
        let mut book = Book::default();
        let mut left = CELLS_MAX;
        for (name, bytes) in files {
            let name = name.strip_suffix(".csv").unwrap_or(name);
            let sheet = csv_sheet(name, bytes, &mut left)?;
            let own = OWN_SHEETS.iter().any(|own| name.eq_ignore_ascii_case(own));
            if own { &mut book.sheets } else { &mut book.tables }.push(sheet);
        }
        Ok(book)
    }

    /// The sheets and tables as csv texts, each named after its file: what [`Book::from_csv`] reads back. How a form is
    /// kept. Rows stand on the lines of their numbers, as long as no cell spans several. Sheets that are no part of a form
    /// (notes of its author) are left out.
    pub fn to_csv(&self) -> Vec<(String, String)> {
        let own = OWN_SHEETS.iter().filter_map(|name| Some(((*name).to_owned(), self.sheet(name)?)));
        let tables = self.tables.iter().map(|table| (table.name.clone(), table));
        own.chain(tables).map(|(name, sheet)| (format!("{name}.csv"), csv_text(sheet))).collect()
    }

    /// Reads a workbook with the csv tables beside it, or a folder of csv files.
    pub fn from_path(path: &std::path::Path) -> Result<Book, Unreadable> {
        let io = |e: std::io::Error| Unreadable::Io(e.kind().to_string());
        let read = |path: &std::path::Path| -> Result<Vec<u8>, Unreadable> {
            use std::io::Read as _;
            let mut bytes = Vec::new();
            std::fs::File::open(path).map_err(io)?.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
            Ok(bytes)
        };
        let folder = path.is_dir();
        let beside = if folder { path } else { path.parent().unwrap_or(path) };
        let mut files = Vec::new();
        // A file in a folder that cannot be listed is still a form.
        let entries = match std::fs::read_dir(beside) {
            Err(e) if folder => return Err(io(e)),
            entries => entries.into_iter().flatten(),
        };
        for entry in entries.take(1_000) {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            if name.ends_with(".csv") {
                files.push((name, read(&path)?));
            }
        }
        files.sort();
        let mut book = Book::from_csv(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))?;
        if !folder {
            book.sheets = Book::from_workbook(&read(path)?)?.sheets;
        }
        Ok(book)
    }
}

fn read_workbook(bytes: &[u8]) -> Result<Book, Unreadable> {
    let mut left = CELLS_MAX;
    let stored;
    let mut bytes = bytes;
    if bytes.starts_with(b"PK") {
        stored = repack::without_dimensions(bytes, UNPACKED_MAX).map_err(|why| match why {
            NotUnpacked::NotAZip => Unreadable::NotAWorkbook,
            NotUnpacked::TooLarge => Unreadable::TooLarge { what: "form.size_unpacked", limit: UNPACKED_MAX },
        })?;
        bytes = &stored;
        if let Some(book) = read_xlsx(bytes, &mut left)? {
            return Ok(book);
        }
    }
    let mut book = Book::default();
    let mut sheets: Sheets<Cursor<&[u8]>> =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| Unreadable::NotAWorkbook)?;
    for name in sheets.sheet_names() {
        let Ok(range) = sheets.worksheet_range(&name) else { continue };
        let (row0, column0) = range.start().unwrap_or((0, 0));
        let mut cells = Vec::new();
        for (row, column, value) in range.used_cells() {
            keep(&mut cells, &mut left, (row as u32 + row0, column as u32 + column0), cell_text(value))?;
        }
        book.sheets.push(sheet(name, cells));
    }
    Ok(book)
}

/// The sheets of an .xlsx; none when it is no such file.
fn read_xlsx(bytes: &[u8], left: &mut usize) -> Result<Option<Book>, Unreadable> {
    let Ok(mut xlsx) = Xlsx::new(Cursor::new(bytes)) else { return Ok(None) };
    let mut book = Book::default();
    for name in xlsx.sheet_names() {
        let mut cells = Vec::new();
        // Cell by cell: the dense range of a sheet with one cell in its last corner would not fit in memory.
        let Ok(mut reader) = xlsx.worksheet_cells_reader(&name) else { continue };
        while let Ok(Some(cell)) = reader.next_cell() {
            let at = cell.get_position();
            let text = cell_text(&Data::from(cell.get_value().clone()));
            keep(&mut cells, left, at, text)?;
        }
        book.sheets.push(sheet(name, cells));
    }
    Ok(Some(book))
}

type Cell = (u32, u32, String);

fn keep(cells: &mut Vec<Cell>, left: &mut usize, at: (u32, u32), text: String) -> Result<(), Unreadable> {
    if text.is_empty() {
        return Ok(());
    }
    if at.1 >= COLUMNS_MAX {
        return Err(Unreadable::TooLarge { what: "form.size_columns", limit: u64::from(COLUMNS_MAX) });
    }
    *left = left.checked_sub(1).ok_or(Unreadable::TooLarge { what: "form.size_cells", limit: CELLS_MAX as u64 })?;
    cells.push((at.0, at.1, text));
    Ok(())
}

fn sheet(name: String, mut cells: Vec<Cell>) -> Sheet {
    // Runs of spaces in labels and expressions are one space to the other engines; in settings they stay.
    if !name.trim().eq_ignore_ascii_case("settings") {
        for (_, _, text) in cells.iter_mut().filter(|(_, _, text)| text.contains("  ")) {
            *text = text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        }
    }
    cells.sort_by_key(|(row, column, _)| (*row, *column));
    let mut out = Sheet { name, ..Sheet::default() };
    let mut rows: Vec<Row> = Vec::new();
    for (row, column, text) in cells {
        if rows.last().is_none_or(|r| r.number != row + 1) {
            rows.push(Row { number: row + 1, cells: Vec::new() });
        }
        if let Some(last) = rows.last_mut() {
            last.cells.resize(column as usize, String::new());
            last.cells.push(text);
        }
    }
    if !rows.is_empty() {
        out.header = rows.remove(0).cells;
    }
    out.rows = rows;
    out
}

fn csv_text(sheet: &Sheet) -> String {
    let mut text = String::new();
    let mut line = 0;
    let header = Row { number: 1, cells: sheet.header.clone() };
    for row in std::iter::once(&header).chain(&sheet.rows) {
        while line + 1 < row.number {
            text.push('\n');
            line += 1;
        }
        line += 1;
        let start = text.len();
        let width = row.cells.iter().rposition(|cell| !cell.is_empty()).map_or(1, |last| last + 1);
        for (i, cell) in row.cells.iter().take(width).enumerate() {
            if i > 0 {
                text.push(',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(cell);
            }
        }
        // A line with nothing on it is no row, but the first one is the header.
        if text.len() == start && line == 1 {
            text.push_str("\"\"");
        }
        text.push('\n');
    }
    text
}

fn csv_sheet(name: &str, bytes: &[u8], left: &mut usize) -> Result<Sheet, Unreadable> {
    if bytes.len() as u64 > FILE_MAX {
        return Err(Unreadable::TooLarge { what: "form.size_file", limit: FILE_MAX });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut cells = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|_| Unreadable::NotAWorkbook)? {
        // The line in the file, so that an editor finds it; a quoted cell may span several, blank lines are no rows.
        let line = record.position().map_or(0, |p| {
            let blank = bytes.get(p.byte() as usize..).unwrap_or_default().iter().take_while(|b| b"\r\n".contains(b));
            p.line().saturating_sub(1) + blank.filter(|b| **b == b'\n').count() as u64
        });
        for (column, field) in record.iter().enumerate() {
            let text = tidy(&String::from_utf8_lossy(field));
            keep(&mut cells, left, (line.min(u64::from(u32::MAX - 1)) as u32, column as u32), text)?;
        }
    }
    Ok(sheet(name.to_owned(), cells))
}

/// As authors see the cell: whole numbers without a point, truth as `TRUE`, no spaces at the ends.
fn cell_text(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) => tidy(text),
        Data::Int(n) => n.to_string(),
        Data::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        Data::Float(n) => n.to_string(),
        Data::Bool(true) => "TRUE".to_owned(),
        Data::Bool(false) => "FALSE".to_owned(),
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => tidy(text),
    }
}

/// Trims, reads no-break spaces as spaces and curly quotes as straight ones (word processors write them into
/// expressions), cuts at [`TEXT_MAX`].
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars().take(TEXT_MAX) {
        let c = match c {
            '\u{a0}' => ' ',
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            '\r' => continue,
            c => c,
        };
        out.push(c);
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_rows_keep_their_line_numbers() {
        let book =
            Book::from_csv([("survey.csv", "type,name\n\n\"text\",\"a\nb\"\ninteger, c \n".as_bytes())]).unwrap();
        let sheet = book.sheet("Survey").unwrap();
        assert_eq!(sheet.header, ["type", "name"]);
        assert_eq!(sheet.rows.iter().map(|r| (r.number, r.get(1))).collect::<Vec<_>>(), [(3, "a\nb"), (5, "c")]);
    }

    #[test]
    fn garbage_is_no_workbook() {
        for bytes in [&b""[..], b"PK\x03\x04", b"hello", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]] {
            assert_eq!(Book::from_workbook(bytes).err(), Some(Unreadable::NotAWorkbook));
        }
    }
}
