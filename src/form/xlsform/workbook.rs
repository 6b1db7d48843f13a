//! Workbook or csv folder → sheets of text cells with their positions. Nothing here knows what a form is.
//!
//! A workbook is somebody else's file: its size, its unpacked size, its sheets, cells and texts are bounded before
//! anything is kept.

use super::{delimited, spreadsheet, tables};
use crate::domain::{encoding, letters};
use crate::form::problem::Unreadable;

/// The largest file taken, in bytes.
pub const FILE_MAX: u64 = 32 << 20;
/// The most bytes a workbook may unpack to. The largest form of the field has 20 MiB.
pub const UNPACKED_MAX: u64 = 96 << 20;
/// The most cells that hold something, all sheets together. The largest form of the field has about 40,000.
pub const CELLS_MAX: usize = 2_000_000;
/// The most cells, empty ones too, of the blocks that the spreadsheet reader makes of `.xls` and `.ods`, all sheets
/// together: below 100 MB.
pub const DENSE_MAX: usize = 2_000_000;
/// The most bytes of text that the cells hold, all sheets together and a shared text once for each cell.
pub const TEXTS_MAX: u64 = 64 << 20;
/// The longest text in a cell, in characters (the limit of the workbook format itself).
pub const TEXT_MAX: usize = 32_767;
/// The most columns of a sheet.
pub const COLUMNS_MAX: u32 = 4_096;

/// A row with its number in the sheet (from 1) and its cells by column.
#[derive(Clone, Debug, Default)]
pub struct WorksheetRow {
    pub number: u32,
    pub cells: Vec<String>,
}

impl WorksheetRow {
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
pub(super) const SLIPS_MAX: usize = 200;

/// A sheet: its first row that holds something is the header.
#[derive(Clone, Debug, Default)]
pub struct Worksheet {
    pub name: String,
    pub header: Vec<String>,
    /// The number of that row, from 1; 0: not known, or there is none.
    pub header_number: u32,
    pub rows: Vec<WorksheetRow>,
    pub slips: Vec<Slip>,
}

impl Worksheet {
    pub(super) fn slip(&mut self, slip: Slip) {
        if self.slips.len() < SLIPS_MAX {
            self.slips.push(slip);
        }
    }
}

/// All sheets of a form, and csv tables beside it.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub sheets: Vec<Worksheet>,
    /// `towns.csv` as `towns`: what `select_one_from_file`, `pulldata` and `instance` name.
    pub tables: Vec<Worksheet>,
}

/// Sheets that belong to the form itself; any other csv file is a table beside it.
pub const OWN_SHEETS: &[&str] = &["survey", "choices", "settings", "external_choices", "entities", "osm"];

impl Book {
    /// A sheet by its name, letter case and spaces at the ends aside.
    pub fn sheet(&self, name: &str) -> Option<&Worksheet> {
        self.sheets.iter().find(|s| s.name.trim().eq_ignore_ascii_case(name))
    }

    /// Reads `.xlsx`, `.xls`, `.ods` from its bytes.
    pub fn from_workbook(bytes: &[u8]) -> Result<Book, Unreadable> {
        Book::caught(bytes, spreadsheet::is_own)
    }

    /// As [`Book::from_workbook`], of a workbook that is no form: what is odd about cells is told of all its sheets.
    pub fn from_roll(bytes: &[u8]) -> Result<Book, Unreadable> {
        Book::caught(bytes, |_| true)
    }

    /// A damaged workbook has made spreadsheet readers panic before; somebody else's file must not end a survey.
    fn caught(bytes: &[u8], reports: fn(&str) -> bool) -> Result<Book, Unreadable> {
        if bytes.len() as u64 > FILE_MAX {
            return Err(Unreadable::TooLarge { what: "form.size_file", limit: FILE_MAX });
        }
        std::panic::catch_unwind(|| spreadsheet::read(bytes, reports)).unwrap_or(Err(Unreadable::NotAWorkbook))
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
        let mut left = Left::whole();
        for (file, bytes) in files {
            let (name, ending) = match file.rsplit_once('.') {
                Some((stem, ending)) if tables::ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e)) => {
                    (stem, ending.to_lowercase())
                }
                _ => (file, "csv".to_owned()),
            };
            let of_file = |why| Unreadable::File { name: file.to_owned(), why: Box::new(why) };
            if bytes.len() as u64 > FILE_MAX {
                return Err(of_file(Unreadable::TooLarge { what: "form.size_file", limit: FILE_MAX }));
            }
            let decoded = encoding::decode(bytes, encoding)
                .map_err(|why| Unreadable::Encoding { name: file.to_owned(), why: Box::new(why) })?;
            let mut sheet = match ending.as_str() {
                "geojson" => tables::geojson(file, name, &decoded.text)?,
                "xml" => tables::xml(file, name, &decoded.text)?,
                _ => delimited::sheet(name, &decoded.text, &mut left).map_err(of_file)?,
            };
            if ending != "csv" && ending != "tsv" {
                tables::without_spoilt(&mut sheet);
                let cells: usize = sheet.rows.iter().map(|row| row.cells.len()).sum();
                left.cells(cells).map_err(of_file)?;
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
        own.chain(tables).map(|(name, sheet)| (format!("{name}.csv"), delimited::text(sheet))).collect()
    }

    /// Reads a workbook with the tables beside it, or a folder of csv files.
    pub fn from_path(path: &std::path::Path) -> Result<Book, Unreadable> {
        Book::from_path_in(path, None)
    }

    /// As [`Book::from_path`]; `encoding` overrules what would be guessed of csv, GeoJSON and XML.
    pub fn from_path_in(path: &std::path::Path, encoding: Option<&str>) -> Result<Book, Unreadable> {
        super::files::read(path, encoding)
    }

    /// What was guessed of the files' encodings, a sentence each; for whoever does not read everything that is told of a form.
    pub fn guessed(&self) -> Vec<crate::domain::Message> {
        let sheets = self.sheets.iter().chain(&self.tables);
        let guessed = sheets.flat_map(|sheet| sheet.slips.iter().map(move |slip| (sheet, slip)));
        guessed
            .filter(|(_, slip)| slip.key == "form.encoding_guessed")
            .map(|(sheet, slip)| {
                crate::domain::Message::new("cli.script.guessed")
                    .with("file", sheet.name.as_str())
                    .with("encoding", slip.text.as_str())
            })
            .collect()
    }
}

pub(super) const TOO_MANY_CELLS: Unreadable = Unreadable::TooLarge { what: "form.size_cells", limit: CELLS_MAX as u64 };

pub(super) type WorksheetCell = (u32, u32, String);

/// What may still be kept of a book.
pub(super) struct Left {
    cells: usize,
    texts: u64,
}

impl Left {
    pub fn whole() -> Left {
        Left { cells: CELLS_MAX, texts: TEXTS_MAX }
    }

    pub fn cells(&mut self, cells: usize) -> Result<(), Unreadable> {
        self.cells = self.cells.checked_sub(cells).ok_or(TOO_MANY_CELLS)?;
        Ok(())
    }

    /// Counts a text before it is copied out.
    pub fn text(&mut self, text: &str) -> Result<(), Unreadable> {
        let too_long = Unreadable::TooLarge { what: "form.size_texts", limit: TEXTS_MAX };
        self.texts = self.texts.checked_sub(text.len() as u64).ok_or(too_long)?;
        Ok(())
    }
}

pub(super) fn keep(
    cells: &mut Vec<WorksheetCell>,
    left: &mut Left,
    at: (u32, u32),
    text: String,
) -> Result<(), Unreadable> {
    if text.is_empty() {
        return Ok(());
    }
    if at.1 >= COLUMNS_MAX {
        return Err(Unreadable::TooLarge { what: "form.size_columns", limit: u64::from(COLUMNS_MAX) });
    }
    left.cells(1)?;
    cells.push((at.0, at.1, text));
    Ok(())
}

pub(super) fn sheet(name: String, mut cells: Vec<WorksheetCell>, slips: Vec<Slip>) -> Worksheet {
    // Runs of spaces in labels and expressions are one space to the other engines; in settings they stay.
    if !name.trim().eq_ignore_ascii_case("settings") {
        for (_, _, text) in cells.iter_mut().filter(|(_, _, text)| text.contains("  ")) {
            *text = text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        }
    }
    cells.sort_by_key(|(row, column, _)| (*row, *column));
    let mut out = Worksheet { name, slips, ..Worksheet::default() };
    let mut rows: Vec<WorksheetRow> = Vec::new();
    for (row, column, text) in cells {
        if rows.last().is_none_or(|r| r.number != row + 1) {
            rows.push(WorksheetRow { number: row + 1, cells: Vec::new() });
        }
        if let Some(last) = rows.last_mut() {
            last.cells.resize(column as usize, String::new());
            last.cells.push(text);
        }
    }
    if !rows.is_empty() {
        let first = rows.remove(0);
        (out.header, out.header_number) = (first.cells, first.number);
    }
    out.rows = rows;
    out
}

/// Takes out what nobody sees, trims, reads no-break spaces as spaces and curly quotes as straight ones (word processors write them into
/// expressions), cuts at [`TEXT_MAX`].
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // What is far beyond the end is not looked at: a text that cells share may be very long.
    let near = text.char_indices().nth(4 * TEXT_MAX).map_or(text, |(end, _)| &text[..end]);
    for c in letters::seen(&crate::form::read::lines(near)).trim().chars().take(TEXT_MAX) {
        let c = match c {
            '\u{a0}' => ' ',
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            // Noughts and the like are no text, and what is kept with them in it would look like another encoding.
            c if c.is_control() && c != '\n' && c != '\t' => continue,
            // Neither is the sign of a sign that was lost: a text that holds it is not read again.
            '\u{fffd}' => continue,
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
