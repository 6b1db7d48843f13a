//! Workbook or csv folder → sheets of text cells with their positions. Nothing here knows what a form is.
//!
//! A workbook is somebody else's file: its size, its unpacked size, its sheets, cells and texts are bounded before
//! anything is kept.

use super::cells;
use super::repack::{self, NotUnpacked};
use super::tables;
use crate::domain::encoding;
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

/// Something odd about a cell, or about the whole file: told where it stands, and read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// From 1.
    pub row: u32,
    /// From 0; [`Slip::WHOLE`] of the file.
    pub column: u32,
    /// The sentence.
    pub key: &'static str,
    pub text: String,
}

impl Slip {
    pub const WHOLE: u32 = u32::MAX;
}

/// The most slips kept of a sheet.
const SLIPS_MAX: usize = 200;

/// A sheet: its first row that holds something is the header.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    pub header: Vec<String>,
    pub rows: Vec<Row>,
    pub slips: Vec<Slip>,
}

impl Sheet {
    fn slip(&mut self, slip: Slip) {
        if self.slips.len() < SLIPS_MAX {
            self.slips.push(slip);
        }
    }
}

/// All sheets of a form, and csv tables beside it.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub sheets: Vec<Sheet>,
    /// `towns.csv` as `towns`: what `select_one_from_file`, `pulldata` and `instance` name.
    pub tables: Vec<Sheet>,
}

/// Sheets that belong to the form itself; any other csv file is a table beside it.
pub const OWN_SHEETS: &[&str] = &["survey", "choices", "settings", "external_choices", "entities", "osm"];

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
        Book::from_texts(files, None)
    }

    /// As [`Book::from_csv`], with tables in other formats too; `encoding` overrules what would be guessed.
    pub fn from_texts<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        encoding: Option<&str>,
    ) -> Result<Book, Unreadable> {
        let mut book = Book::default();
        let mut left = CELLS_MAX;
        for (file, bytes) in files {
            let (name, ending) = match file.rsplit_once('.') {
                Some((stem, ending)) if tables::ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e)) => {
                    (stem, ending.to_lowercase())
                }
                _ => (file, "csv".to_owned()),
            };
            if bytes.len() as u64 > FILE_MAX {
                return Err(Unreadable::TooLarge { what: "form.size_file", limit: FILE_MAX });
            }
            let decoded = encoding::decode(bytes, encoding)
                .map_err(|why| Unreadable::Encoding { name: file.to_owned(), why: Box::new(why) })?;
            let mut sheet = match ending.as_str() {
                "geojson" => tables::geojson(file, name, &decoded.text)?,
                "xml" => tables::xml(file, name, &decoded.text)?,
                _ => csv_sheet(name, &decoded.text, &mut left)?,
            };
            if ending != "csv" && ending != "tsv" {
                let cells: usize = sheet.rows.iter().map(|row| row.cells.len()).sum();
                left = left.checked_sub(cells).ok_or(TOO_MANY_CELLS)?;
            }
            if decoded.guessed {
                let text = decoded.encoding.to_uppercase();
                sheet.slip(Slip { row: 1, column: Slip::WHOLE, key: "form.encoding_guessed", text });
            }
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

    /// Reads a workbook with the tables beside it, or a folder of csv files.
    pub fn from_path(path: &std::path::Path) -> Result<Book, Unreadable> {
        Book::from_path_in(path, None)
    }

    /// As [`Book::from_path`]; `encoding` overrules what would be guessed of csv, GeoJSON and XML.
    pub fn from_path_in(path: &std::path::Path, encoding: Option<&str>) -> Result<Book, Unreadable> {
        let io = |e: std::io::Error| Unreadable::Io(e.kind().to_string());
        let read = |path: &std::path::Path| -> Result<Vec<u8>, Unreadable> {
            use std::io::Read as _;
            let mut bytes = Vec::new();
            std::fs::File::open(path).map_err(io)?.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
            Ok(bytes)
        };
        let folder = path.is_dir();
        let beside = if folder { path } else { folder_of(path) };
        // The form itself first: what is no form is told as that.
        let sheets = if folder { Vec::new() } else { Book::from_workbook(&read(path)?)?.sheets };
        let mut files = Vec::new();
        let mut unlisted = None;
        match std::fs::read_dir(beside) {
            Err(e) if folder => return Err(io(e)),
            // A file in a folder that cannot be listed is still a form; its tables are not seen, which is told.
            Err(e) => unlisted = Some(e.kind().to_string()),
            Ok(entries) => {
                for entry in entries.take(1_000) {
                    let path = entry.map_err(io)?.path();
                    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
                    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
                    if tables::ENDINGS.contains(&ending.as_str()) && path.is_file() {
                        files.push((name, read(&path)?));
                    }
                }
            }
        }
        files.sort();
        let mut left = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let mut book = match folder {
            true => Book::from_texts(left, encoding)?,
            // Whatever else lies beside a workbook is no part of it, and one bad file of others must not keep it shut.
            false => {
                let mut book = Book { sheets, ..Book::default() };
                left.try_for_each(|file| match Book::from_texts([file], encoding) {
                    Ok(one) => {
                        book.tables.extend(one.tables);
                        Ok(())
                    }
                    Err(why @ Unreadable::TooLarge { .. }) => Err(why),
                    Err(_) => {
                        let stem = file.0.rsplit_once('.').map_or(file.0, |(stem, _)| stem);
                        let slip =
                            Slip { row: 1, column: Slip::WHOLE, key: "form.table_skipped", text: file.0.to_owned() };
                        let name = stem.to_owned();
                        book.tables.push(Sheet { name, slips: vec![slip], ..Sheet::default() });
                        Ok(())
                    }
                })?;
                book
            }
        };
        if let (Some(text), Some(sheet)) = (unlisted, book.sheets.first_mut()) {
            sheet.slip(Slip { row: 1, column: Slip::WHOLE, key: "form.folder_unlisted", text });
        }
        Ok(book)
    }
}

/// The folder of a file; that of a bare name is the one people stand in.
fn folder_of(path: &std::path::Path) -> &std::path::Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."))
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
        let mut slips = Vec::new();
        for (row, column, value) in range.used_cells() {
            let at = (row as u32 + row0, column as u32 + column0);
            keep(&mut cells, &mut left, at, text_of(value, at, &mut slips))?;
        }
        if let Sheets::Xls(xls) = &mut sheets {
            slips.extend(xls.merge_cells_by_sheet_name(&name).unwrap_or_default().iter().filter_map(cells::merged));
        }
        book.sheets.push(sheet(name, cells, slips));
    }
    Ok(book)
}

/// The sheets of an .xlsx; none when it is no such file.
fn read_xlsx(bytes: &[u8], left: &mut usize) -> Result<Option<Book>, Unreadable> {
    let Ok(mut xlsx) = Xlsx::new(Cursor::new(bytes)) else { return Ok(None) };
    // A second walk over the sheets only where there is something to find.
    let has_formulas = [&b"<f>"[..], b"<f ", b":f>"].iter().any(|f| memchr::memmem::find(bytes, f).is_some());
    let has_merges = memchr::memmem::find(bytes, b"mergeCell").is_some();
    let mut book = Book::default();
    for name in xlsx.sheet_names() {
        let mut cells = Vec::new();
        let mut slips = Vec::new();
        // Cell by cell: the dense range of a sheet with one cell in its last corner would not fit in memory.
        let Ok(mut reader) = xlsx.worksheet_cells_reader(&name) else { continue };
        while let Ok(Some(cell)) = reader.next_cell() {
            let at = cell.get_position();
            let text = text_of(&Data::from(cell.get_value().clone()), at, &mut slips);
            keep(&mut cells, left, at, text)?;
        }
        drop(reader);
        // Notes of its author beside the form are nobody's business, and a sheet may be long.
        let own = OWN_SHEETS.iter().any(|own| name.trim().eq_ignore_ascii_case(own));
        if own
            && has_formulas
            && let Ok(mut reader) = xlsx.worksheet_cells_reader(&name)
        {
            let known: std::collections::HashSet<(u32, u32)> = cells.iter().map(|(row, at, _)| (*row, *at)).collect();
            while let Ok(Some(cell)) = reader.next_formula() {
                let at = cell.get_position();
                // A formula that gives the empty text has no value either, and says so by its type: not seen here.
                if !cell.get_value().is_empty() && !known.contains(&at) && slips.len() < SLIPS_MAX {
                    let text = cell.get_value().chars().take(60).collect();
                    slips.push(Slip { row: at.0 + 1, column: at.1, key: "form.cell_formula", text });
                }
            }
        }
        if own && has_merges {
            let merges = xlsx.merge_cells_by_sheet_name(&name).unwrap_or_default();
            slips.extend(merges.iter().filter_map(cells::merged));
        }
        book.sheets.push(sheet(name, cells, slips));
    }
    Ok(Some(book))
}

/// The text of a cell; what is odd about it is noted.
fn text_of(data: &Data, at: (u32, u32), slips: &mut Vec<Slip>) -> String {
    let (text, odd) = cells::text(data);
    if let Some(key) = odd.filter(|_| slips.len() < SLIPS_MAX) {
        slips.push(Slip { row: at.0 + 1, column: at.1, key, text: text.clone() });
    }
    text
}

const TOO_MANY_CELLS: Unreadable = Unreadable::TooLarge { what: "form.size_cells", limit: CELLS_MAX as u64 };

type Cell = (u32, u32, String);

fn keep(cells: &mut Vec<Cell>, left: &mut usize, at: (u32, u32), text: String) -> Result<(), Unreadable> {
    if text.is_empty() {
        return Ok(());
    }
    if at.1 >= COLUMNS_MAX {
        return Err(Unreadable::TooLarge { what: "form.size_columns", limit: u64::from(COLUMNS_MAX) });
    }
    *left = left.checked_sub(1).ok_or(TOO_MANY_CELLS)?;
    cells.push((at.0, at.1, text));
    Ok(())
}

fn sheet(name: String, mut cells: Vec<Cell>, slips: Vec<Slip>) -> Sheet {
    // Runs of spaces in labels and expressions are one space to the other engines; in settings they stay.
    if !name.trim().eq_ignore_ascii_case("settings") {
        for (_, _, text) in cells.iter_mut().filter(|(_, _, text)| text.contains("  ")) {
            *text = text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        }
    }
    cells.sort_by_key(|(row, column, _)| (*row, *column));
    let mut out = Sheet { name, slips, ..Sheet::default() };
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

fn csv_sheet(name: &str, text: &str, left: &mut usize) -> Result<Sheet, Unreadable> {
    // Lines of old Macintosh files end with CR alone.
    let of_macintosh = if text.contains('\n') { None } else { Some(text.replace('\r', "\n")) };
    let mut text = of_macintosh.as_deref().unwrap_or(text);
    let mut skipped = 0;
    let mut separator = encoding::separator(text);
    if let Some((first, rest)) = text.split_once('\n')
        && let Some(sign) = first.trim().strip_prefix("sep=").filter(|sign| sign.len() == 1)
    {
        // What Excel writes first where commas stand in numbers.
        (separator, text, skipped) = (sign.as_bytes()[0], rest, 1);
    }
    let bytes = text.as_bytes();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
    let mut cells = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|_| Unreadable::NotAWorkbook)? {
        // The line in the file, so that an editor finds it; a quoted cell may span several, blank lines are no rows.
        let line = record.position().map_or(0, |p| {
            let blank = bytes.get(p.byte() as usize..).unwrap_or_default().iter().take_while(|b| b"\r\n".contains(b));
            p.line().saturating_sub(1) + blank.filter(|b| **b == b'\n').count() as u64 + skipped
        });
        for (column, field) in record.iter().enumerate() {
            let text = tidy(&String::from_utf8_lossy(field));
            keep(&mut cells, left, (line.min(u64::from(u32::MAX - 1)) as u32, column as u32), text)?;
        }
    }
    Ok(sheet(name.to_owned(), cells, Vec::new()))
}

/// Trims, reads no-break spaces as spaces and curly quotes as straight ones (word processors write them into
/// expressions), cuts at [`TEXT_MAX`].
pub(super) fn tidy(text: &str) -> String {
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
    fn a_bare_file_name_lies_in_the_folder_people_stand_in() {
        for (path, folder) in [("form.xlsx", "."), ("./form.xlsx", "."), ("a/form.xlsx", "a"), ("/form.xlsx", "/")] {
            assert_eq!(folder_of(std::path::Path::new(path)), std::path::Path::new(folder));
        }
    }

    #[test]
    fn garbage_is_no_workbook() {
        for bytes in [&b""[..], b"PK\x03\x04", b"hello", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]] {
            assert_eq!(Book::from_workbook(bytes).err(), Some(Unreadable::NotAWorkbook));
        }
    }
}
