//! Csv and its kin (semicolons, tabs, lines of old Macintosh files) → a sheet, and a sheet → csv.

use super::cells;
use super::workbook::{Left, Slip, TEXT_MAX, Worksheet, WorksheetRow, keep, tidy};
use crate::domain::encoding;
use crate::form::problem::Unreadable;

/// A sheet as csv text; rows stand on the lines of their numbers, as long as no cell spans several.
pub(super) fn text(sheet: &Worksheet) -> String {
    let mut text = String::new();
    let mut line = 0;
    let header = WorksheetRow { number: 1, cells: sheet.header.clone() };
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
            // The first line says by what the cells are parted; a sign in a name of a column must not.
            let misleads = line == 1 && (cell.contains([';', '\t']) || cell.starts_with("sep="));
            if misleads || cell.contains([',', '"', '\n', '\r']) {
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

pub(super) fn sheet(name: &str, text: &str, left: &mut Left) -> Result<Worksheet, Unreadable> {
    // Lines of old Macintosh files end with CR alone, inside cells or between them, beside others that end otherwise.
    let ended = crate::form::read::lines(text);
    let (separator, text, skipped) = encoding::parted(&ended);
    let bytes = text.as_bytes();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
    let mut cells = Vec::new();
    let mut slips = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| Unreadable::NotAWorkbook)? {
        // The line in the file, so that an editor finds it; a quoted cell may span several, blank lines are no rows.
        let line = record.position().map_or(0, |p| {
            let blank = bytes.get(p.byte() as usize..).unwrap_or_default().iter().take_while(|b| b"\r\n".contains(b));
            p.line().saturating_sub(1) + blank.filter(|b| **b == b'\n').count() as u64 + skipped
        });
        let line = line.min(u64::from(u32::MAX - 1)) as u32;
        for (column, field) in record.iter().enumerate() {
            let text = tidy(field);
            let column = column as u32;
            if let Some(key) = cells::odd_text(&text) {
                slips.push(Slip { row: line + 1, column, key, text: text.clone() });
            }
            if field.len() > TEXT_MAX && field.chars().nth(TEXT_MAX).is_some() {
                slips.push(Slip { row: line + 1, column, key: "form.cell_cut", text: TEXT_MAX.to_string() });
            }
            keep(&mut cells, left, (line, column), text)?;
        }
    }
    if let Some(line) = open_quote(bytes, separator) {
        let row = line.saturating_add(skipped).min(u64::from(u32::MAX - 1)) as u32 + 1;
        slips.insert(0, Slip { row, column: Slip::WHOLE, key: "form.quote_open", text: String::new() });
    }
    slips.truncate(super::workbook::SLIPS_MAX);
    Ok(super::workbook::sheet(name.to_owned(), cells, slips))
}

/// The line, from 0, on which a quote opens that nothing closes: all the rest of the file is inside that one cell.
fn open_quote(bytes: &[u8], separator: u8) -> Option<u64> {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        /// Where a cell begins.
        Start,
        Plain,
        Quoted(u64),
        /// Behind a quote inside quotes: its second half, or the end.
        Closing(u64),
    }
    let mut at = At::Start;
    let mut line = 0;
    for &b in bytes {
        at = match (at, b) {
            (At::Start, b'"') => At::Quoted(line),
            (At::Quoted(from), b'"') => At::Closing(from),
            (At::Quoted(from), _) => At::Quoted(from),
            (At::Closing(from), b'"') => At::Quoted(from),
            (_, b'\n' | b'\r') => At::Start,
            (_, b) if b == separator => At::Start,
            _ => At::Plain,
        };
        line += u64::from(b == b'\n');
    }
    match at {
        At::Quoted(from) => Some(from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_that_nothing_closes_is_found_on_its_line() {
        for (text, found) in [
            ("a,\"b\"\n\"c\"\"d\",e\n", None),
            ("a,b\n\"c,d\ne,f\n", Some(1)),
            ("a\"b,c\"\n", None),
            ("\"a\"\"\n", Some(0)),
            ("", None),
        ] {
            assert_eq!(open_quote(text.as_bytes(), b','), found, "{text}");
        }
        let sheet = sheet("t", "sep=;\na;b\n1;\"2\n3;4\n", &mut Left::whole()).unwrap();
        assert_eq!(sheet.slips.iter().map(|s| (s.row, s.key)).collect::<Vec<_>>(), [(3, "form.quote_open")]);
    }

    #[test]
    fn a_sheet_that_was_written_is_read_again_whatever_its_columns_are_called() {
        for header in ["sep=;", "a;b;c", "x\ty\tz", "\u{0}a\u{0}b", "\u{1}", "=", "\"", "a,b", ""] {
            let mut left = Left::whole();
            let given = format!("\"{}\",n\n1,2\n", header.replace('"', "\"\""));
            let one = sheet("survey", &given, &mut left).unwrap();
            let book = crate::form::Book { sheets: vec![one.clone()], ..Default::default() };
            let kept = book.to_csv();
            let again =
                crate::form::Book::from_csv(kept.iter().map(|(n, text)| (n.as_str(), text.as_bytes()))).unwrap();
            assert_eq!(again.sheets[0].header, one.header, "{header:?}");
            assert_eq!(again.sheets[0].rows[0].cells, one.rows[0].cells, "{header:?}");
        }
    }

    #[test]
    fn rows_keep_their_lines_however_these_end_between_cells_and_inside() {
        for text in [
            "a,b\r1,x\r2,\"y\nz\"\r3,w\r",
            "a,b\r1,x\r2,\"y\rz\"\n3,w",
            "a,b\r\n1,x\r\n2,\"y\nz\"\r\n3,w\r\n",
            "sep=,\ra,b\r1,x\r2,\"y\r\nz\"\r3,w",
        ] {
            let sheet = sheet("t", text, &mut Left::whole()).unwrap();
            let first = if text.starts_with("sep") { 3 } else { 2 };
            let rows: Vec<_> = sheet.rows.iter().map(|r| (r.number, r.get(0), r.get(1))).collect();
            assert_eq!(rows, [(first, "1", "x"), (first + 1, "2", "y\nz"), (first + 3, "3", "w")], "{text:?}");
        }
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_cell_is_told_with_its_place() {
        let long = "x".repeat(TEXT_MAX + 1);
        let text = format!("a,b\n#N/A,1.52126E+17\n{long},010-1\n");
        let sheet = sheet("t", &text, &mut Left::whole()).unwrap();
        let reported: Vec<_> = sheet.slips.iter().map(|s| (s.row, s.column, s.key)).collect();
        assert_eq!(reported, [(2, 0, "form.cell_error"), (2, 1, "form.cell_digits"), (3, 0, "form.cell_cut")]);
    }
}
