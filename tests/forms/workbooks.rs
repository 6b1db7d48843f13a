//! Workbooks of other kinds than `.xlsx` that mean no good, built by hand: they are refused before anything takes memory.

use crate::hostile::{cells, sheet, workbook, workbook_with, zip};
use dossier::form::{Book, Unreadable, load};
use std::collections::HashMap;
use std::io::{Cursor, Write};

const COLUMNS: Unreadable = Unreadable::TooLarge { what: "form.size_columns", limit: 256 };
const CELLS: Unreadable = Unreadable::TooLarge { what: "form.size_cells", limit: 2_000_000 };

fn record(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(content.len() as u16).to_le_bytes(), content].concat()
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
    record(0x0204, &[words(&[row, column, 0, text.len() as u16]), vec![0], text.as_bytes().to_vec()].concat())
}

/// An old workbook that names one sheet `names` times.
fn old(names: &[&str], records: &[Vec<u8>]) -> Vec<u8> {
    old_sharing(&[], names, records)
}

/// With the record of shared texts, and those that continue it.
fn old_sharing(texts: &[u8], names: &[&str], records: &[Vec<u8>]) -> Vec<u8> {
    let begin = record(0x0809, &words(&[0x0600, 0x0005, 0, 0, 0, 0, 0, 0]));
    let end = record(0x000a, &[]);
    let bound = |place: u32, name: &str| {
        let about = [0, 0, name.len() as u8, 0];
        record(0x0085, &[&place.to_le_bytes()[..], &about, name.as_bytes()].concat())
    };
    let globals = begin.len() + texts.len() + names.iter().map(|name| bound(0, name).len()).sum::<usize>() + end.len();
    let bounds = names.iter().flat_map(|name| bound(globals as u32, name));
    let mut stream: Vec<u8> = begin.iter().chain(texts).copied().chain(bounds).chain(end.iter().copied()).collect();
    stream.extend(&begin);
    stream.extend(records.concat());
    stream.extend(&end);
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).expect("a compound file");
    file.create_stream("/Workbook").expect("a stream").write_all(&stream).expect("memory");
    file.flush().expect("memory");
    file.into_inner().into_inner()
}

fn head() -> Vec<Vec<u8>> {
    vec![label(0, 0, "type"), label(0, 1, "name"), label(1, 0, "text"), label(1, 1, "a")]
}

fn with(more: Vec<u8>) -> Result<Book, Unreadable> {
    Book::from_workbook(&old(&["survey"], &[head(), vec![more]].concat()))
}

#[test]
fn an_old_workbook_has_256_columns_and_a_cell_beyond_them_is_refused() {
    let book = Book::from_workbook(&old(&["survey"], &head())).expect("a workbook");
    assert!(load(&book, &HashMap::new()).expect("a form").usable());
    let book = with(label(1, 255, "x")).expect("the last column");
    assert_eq!(book.sheets[0].rows[0].get(255), "x");
    for (kind, content) in [
        (0x0203, words(&[1, 256, 0, 0, 0, 0, 0])),
        (0x00fd, words(&[1, 256, 0, 0, 0])),
        (0x027e, words(&[1, 60_000, 0, 0, 0])),
        (0x00bd, words(&[1, 255, 0, 0, 0, 0, 0, 0, 256])),
        (0x0204, words(&[1, 256, 0, 0, 0])),
        (0x00d6, words(&[1, 256, 0, 0, 0])),
        (0x0205, words(&[1, 65_535, 0, 1])),
        (0x0006, words(&[1, 256, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
    ] {
        assert_eq!(with(record(kind, &content)).err(), Some(COLUMNS), "{kind:#06x}");
    }
}

#[test]
fn an_old_workbook_whose_cells_lie_too_far_apart_is_refused_whatever_the_sheet_says_of_its_size() {
    // 65,536 rows of 30 columns are just below two million cells, 31 above.
    assert!(with(label(65_535, 29, "x")).is_ok());
    assert_eq!(with(label(65_535, 30, "x")).err(), Some(CELLS));
    // The text of a formula without a formula is put first by the reader.
    let string = record(0x0207, &[1, 0, 0, b'x']);
    let far = [label(65_535, 30, "x"), string];
    assert_eq!(Book::from_workbook(&old(&["survey"], &far)).err(), Some(CELLS));
    // Two names of one place are two sheets in memory.
    let apart = [label(0, 0, "x"), label(65_535, 16, "x")];
    assert!(Book::from_workbook(&old(&["survey"], &apart)).is_ok());
    assert_eq!(Book::from_workbook(&old(&["survey", "choices"], &apart)).err(), Some(CELLS));
    let whole_grid = record(0x0200, &words(&[0, 0, 0xffff, 0x3fff, 0, 0xffff, 0]));
    let book = Book::from_workbook(&old(&["survey"], &[vec![whole_grid], head()].concat())).expect("a workbook");
    assert_eq!(book.sheets[0].rows.len(), 1);
}

/// A record of `.xlsb`: its kind and its length in seven bits a byte.
fn piece(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut out = if kind < 0x80 { vec![kind as u8] } else { vec![kind as u8 | 0x80, (kind >> 7) as u8] };
    out.extend([content.len() as u8 | 0x80, (content.len() >> 7) as u8]);
    [out, content.to_vec()].concat()
}

/// One that may be long.
fn long_piece(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let bytes =
        [length as u8 | 0x80, (length >> 7) as u8 | 0x80, (length >> 14) as u8 | 0x80, (length >> 21) as u8 & 0x7f];
    [&[kind][..], &bytes, content].concat()
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    [(units.len() as u32).to_le_bytes().to_vec(), words(&units)].concat()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// An `.xlsb` with the sheet `survey`.
fn xlsb(cells: &[(u32, u32, &str)]) -> Vec<u8> {
    let cell =
        |(row, column, text): &(u32, u32, &str)| (*row, piece(0x0006, &[numbers(&[*column, 0]), wide(text)].concat()));
    xlsb_of(&cells.iter().map(cell).collect::<Vec<_>>(), &[])
}

/// Of cells as they are written, with texts that they share.
fn xlsb_of(cells: &[(u32, Vec<u8>)], texts: &[&str]) -> Vec<u8> {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let rels = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{kind}/worksheet\" Target=\"worksheets/sheet1.bin\"/></Relationships>"
    );
    let bundle = [numbers(&[0, 1]), wide("rId1"), wide("survey")].concat();
    let book = [piece(0x009c, &bundle), piece(0x0090, &[]), piece(0x009d, &[]), piece(0x0084, &[])].concat();
    let mut page = [piece(0x0081, &[]), piece(0x0094, &numbers(&[0, 1, 0, 1])), piece(0x0091, &[])].concat();
    for (row, cell) in cells {
        page.extend(piece(0x0000, &numbers(&[*row, 0, 0, 0])));
        page.extend(cell);
    }
    let count = texts.len() as u32;
    let items = texts.iter().flat_map(|text| long_piece(0x13, &[vec![0], wide(text)].concat()));
    let shared: Vec<u8> = piece(0x009f, &numbers(&[count, count])).into_iter().chain(items).collect();
    page.extend([piece(0x0092, &[]), piece(0x0082, &[])].concat());
    zip(&[
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.bin", &page),
        ("xl/sharedStrings.bin", &shared),
    ])
}

/// An `.xlsx`, an `.xlsb` and an `.xls` whose cells, `cells` of them, share one text of `long` letters.
fn sharing(cells: u32, long: usize) -> [Vec<u8>; 3] {
    let text = "x".repeat(long);
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rows = (1..=cells).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"));
    let page = format!("<worksheet xmlns=\"{main}\"><sheetData>{}</sheetData></worksheet>", rows.collect::<String>());
    let texts = format!("<sst xmlns=\"{main}\"><si><t>{text}</t></si></sst>");
    let xlsx = workbook_with(page.as_bytes(), &[("xl/sharedStrings.xml", texts.as_bytes())]);
    let cell = |row| (row, piece(0x0007, &numbers(&[0, 0, 0])));
    let xlsb = xlsb_of(&(0..cells).map(cell).collect::<Vec<_>>(), &[&text]);
    let head = [&[0; 8], &words(&[long as u16])[..], &[0]].concat();
    let (here, behind) = text.as_bytes().split_at(long.min(60_000));
    let behind = record(0x003c, &[&[0], behind].concat());
    let table = [record(0x00fc, &[&head, here].concat()), if long > 60_000 { behind } else { Vec::new() }].concat();
    let cell = |row: u32| record(0x00fd, &words(&[row as u16, 0, 0, 0, 0]));
    let xls = old_sharing(&table, &["survey"], &(0..cells).map(cell).collect::<Vec<_>>());
    [xlsx, xlsb, xls]
}

#[test]
fn a_text_that_cells_share_counts_once_for_each_of_them() {
    let kinds = ["xlsx", "xlsb", "xls"];
    for (file, kind) in sharing(9, 800).into_iter().zip(kinds) {
        let book = Book::from_workbook(&file).unwrap_or_else(|why| panic!("{kind}: {why:?}"));
        assert_eq!((book.sheets[0].rows.len(), book.sheets[0].rows[7].get(0).len()), (8, 800), "{kind}");
    }
    // 64 MiB together: 16 texts of four, or, where a text has no more than 65,535 letters, 1,024 of those.
    let [xlsx, xlsb, _] = sharing(17, 4 << 20);
    let [.., xls] = sharing(1_025, 65_535);
    for (file, kind) in [xlsx, xlsb, xls].into_iter().zip(kinds) {
        let too_long = Unreadable::TooLarge { what: "form.size_texts", limit: 64 << 20 };
        assert_eq!(Book::from_workbook(&file).err(), Some(too_long), "{kind}");
        assert!(file.len() < 1 << 20, "{kind}: a small file");
    }
    let [xlsx, xlsb, _] = sharing(16, 4 << 20);
    for (file, kind) in [xlsx, xlsb].into_iter().zip(kinds) {
        assert!(Book::from_workbook(&file).is_ok(), "{kind}");
    }
    // Empty ones take more than they weigh.
    let many = format!("<sst>{}</sst>", "<si/>".repeat(2_000_001));
    let file = workbook_with(&sheet([cells(&["type"])].into_iter()), &[("xl/sharedStrings.xml", many.as_bytes())]);
    assert_eq!(Book::from_workbook(&file).err(), Some(CELLS));
}

#[test]
fn shared_texts_of_an_old_workbook_are_read_over_the_seams_of_their_record_and_a_lost_one_is_told() {
    let first = [&[0; 8][..], &words(&[4]), &[0], b"type", &words(&[2]), &[1], &words(&[0x6797])].concat();
    let table = [record(0x00fc, &first), record(0x003c, b"\0m"), record(0x003c, &[4, 0, 0, b't', b'e', b'x', b't'])];
    let cell = |row: u16, column: u16, which: u16| record(0x00fd, &words(&[row, column, 0, which, 0]));
    let cells = [cell(0, 0, 0), label(0, 1, "name"), cell(0, 2, 1), cell(1, 0, 2), label(1, 1, "a"), cell(1, 2, 9)];
    let book = Book::from_workbook(&old_sharing(&table.concat(), &["survey"], &cells)).expect("a workbook");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.header, ["type", "name", "林m"]);
    assert_eq!(sheet.rows[0].cells, ["text", "a"]);
    assert_eq!(
        sheet.slips.iter().map(|s| (s.row, s.column, s.key)).collect::<Vec<_>>(),
        [(2, 2, "form.cell_unreadable")]
    );
}

#[test]
fn a_binary_workbook_of_today_is_read_cell_by_cell() {
    let all = [(0, 0, "type"), (0, 1, "name"), (1, 0, "text"), (1, 1, "a"), (1_048_575, 4_095, "far")];
    let book = Book::from_workbook(&xlsb(&all)).expect("a workbook");
    assert_eq!(book.sheets[0].header, ["type", "name"]);
    assert_eq!(book.sheets[0].rows[1].number, 1_048_576);
    assert_eq!(book.sheets[0].rows[1].get(4_095), "far");
    let beyond = Book::from_workbook(&xlsb(&[(0, 4_096, "x")])).err();
    assert_eq!(beyond, Some(Unreadable::TooLarge { what: "form.size_columns", limit: 4_096 }));
}

fn open_document(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"urn:o\" xmlns:table=\"urn:t\" xmlns:text=\"urn:x\"><office:body><office:spreadsheet>\
         <table:table table:name=\"survey\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn repeated_cells_and_spaces_of_an_open_document_are_counted_before_they_are_written_out() {
    let row = |rows: u32, columns: u32, text: &str| {
        format!(
            "<table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell office:value-type=\"string\" \
             table:number-columns-repeated=\"{columns}\"><text:p>{text}</text:p></table:table-cell></table:table-row>"
        )
    };
    let empty = "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let read = |rows: &str| Book::from_workbook(&open_document(rows));
    // The empty rest of a sheet is nothing, however large.
    assert_eq!(read(&format!("{}{empty}", row(3, 2, "x"))).expect("a workbook").sheets[0].rows.len(), 2);
    assert_eq!(read(&row(1_000, 2_001, "x")).err(), Some(CELLS));
    // Between two rows it is not.
    assert_eq!(read(&format!("{}{empty}{}", row(1, 2, "x"), row(1, 1, "x"))).err(), Some(CELLS));
    let unpacked = Some(Unreadable::TooLarge { what: "form.size_unpacked", limit: 96 << 20 });
    assert_eq!(read(&row(1, 1, "<text:s text:c=\"99999999999\"/>")).err(), unpacked);
    assert_eq!(read(&row(10_000, 100, &"x".repeat(200))).err(), unpacked);
}

#[test]
fn signs_lost_before_a_file_came_are_taken_out_and_told_and_the_kept_form_is_read_again() {
    let rows = [cells(&["type", "name", "label"]), cells(&["text", "a", "\u{fffd}\u{fffd}Farm"])];
    let book = Book::from_workbook(&workbook(&sheet(rows.into_iter()))).expect("a workbook");
    let loaded = load(&book, &HashMap::new()).expect("a form");
    let reported: Vec<_> = loaded.problems.iter().map(|p| (p.place.row, p.what.key)).collect();
    assert_eq!(reported, [(2, "form.cell_spoilt")]);
    let again = |book: &Book| {
        let kept = book.to_csv();
        Book::from_csv(kept.iter().map(|(name, text)| (name.as_str(), text.as_bytes()))).expect("the kept form")
    };
    assert_eq!(again(&book).sheets[0].rows[0].get(2), "Farm");
    // Tables beside it can write the same as an escape.
    let xml = "<root><item><name>&#xFFFD;n</name><label>&#x1;l</label></item></root>";
    let json = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"\ufffdi","properties":{"a\u0000":"\u0000v"}}]}"#;
    let book = Book::from_texts([("k.xml", xml.as_bytes()), ("g.geojson", json.as_bytes())], None).expect("tables");
    for table in &book.tables {
        assert_eq!(table.slips.iter().map(|slip| (slip.row, slip.key)).collect::<Vec<_>>(), [(1, "form.cell_spoilt")]);
    }
    let kept = again(&book);
    assert_eq!(kept.tables[0].rows[0].cells, ["n", "l"]);
    assert_eq!(kept.tables[1].rows[0].cells, ["i", "", "v"]);
}

/// Names of the choices of a form with the cells of its list as given.
fn names_of_choices(book: &Book) -> (Vec<String>, Vec<String>) {
    let names = book.sheet("choices").expect("choices").rows.iter().map(|row| row.get(1).to_owned()).collect();
    let loaded = load(book, &HashMap::new()).expect("readable");
    assert!(loaded.usable(), "{:?}", loaded.problems);
    let padded = loaded.problems.iter().filter(|p| p.what.key == "form.cell_padded");
    (names, padded.map(|p| format!("{} {} {}", p.place.sheet, p.place.row, p.place.column)).collect())
}

#[test]
fn a_number_that_is_shown_with_leading_noughts_is_read_as_it_is_shown() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let survey = book.add_worksheet().set_name("survey").expect("name");
    for (row, texts) in [["type", "name", "label"], ["select_one v", "v", "村"]].iter().enumerate() {
        for (column, text) in texts.iter().enumerate() {
            survey.write_string(row as u32, column as u16, *text).expect("cell");
        }
    }
    let choices = book.add_worksheet().set_name("choices").expect("name");
    for (column, text) in ["list_name", "name", "label"].iter().enumerate() {
        choices.write_string(0, column as u16, *text).expect("cell");
    }
    let noughts = rust_xlsxwriter::Format::new().set_num_format("000000");
    for (row, (number, format)) in
        [(42.0, Some(&noughts)), (1_234_567.0, Some(&noughts)), (7.0, None)].iter().enumerate()
    {
        let row = row as u32 + 1;
        choices.write_string(row, 0, "v").expect("cell");
        match format {
            Some(format) => choices.write_number_with_format(row, 1, *number, format).expect("cell"),
            None => choices.write_number(row, 1, *number).expect("cell"),
        };
        choices.write_string(row, 2, format!("第{row}村")).expect("cell");
    }
    let bytes = book.save_to_buffer().expect("workbook");
    let (names, told) = names_of_choices(&Book::from_workbook(&bytes).expect("workbook"));
    assert_eq!(names, ["000042", "1234567", "7"]);
    assert_eq!(told, ["choices 2 name"]);

    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |texts: &[&str]| {
        format!("<table:table-row>{}</table:table-row>", texts.iter().map(|t| cell(t)).collect::<String>())
    };
    let number = |value: &str, shown: &str| {
        format!(
            "<table:table-row>{}<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{shown}</text:p></table:table-cell>{}</table:table-row>",
            cell("v"),
            cell(&format!("村{value}"))
        )
    };
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\"><office:body><office:spreadsheet><table:table table:name=\"survey\">{}{}</table:table><table:table table:name=\"choices\">{}{}{}{}</table:table></office:spreadsheet></office:body></office:document-content>",
        row(&["type", "name", "label"]),
        row(&["select_one v", "v", "村"]),
        row(&["list_name", "name", "label"]),
        number("42", "000042"),
        number("1234567", "1,234,567"),
        number("7", "7"),
    );
    let manifest = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/><manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/></manifest:manifest>";
    // Where a formula went wrong the document keeps a nought beside the word, and a cell may say nothing of its type.
    let odd = "<table:table-row><table:table-cell office:value-type=\"float\" office:value=\"0\"><text:p>#DIV/0!</text:p></table:table-cell><table:table-cell><office:annotation><text:p>Eve: a remark</text:p></office:annotation><text:p>x &amp; y</text:p></table:table-cell><table:table-cell><office:annotation><text:p>about nothing</text:p></office:annotation></table:table-cell></table:table-row>";
    let content = content.replacen(
        "</table:table></office:spreadsheet>",
        &format!("{odd}</table:table></office:spreadsheet>"),
        1,
    );
    let bytes = crate::hostile::zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest.as_bytes()),
        ("content.xml", content.as_bytes()),
    ]);
    let book = Book::from_workbook(&bytes).expect("document");
    let last = book.sheet("choices").and_then(|sheet| sheet.rows.last()).expect("rows");
    assert_eq!((last.get(0), last.get(1), last.get(2)), ("#DIV/0!", "x & y", ""));
    let (names, told) = names_of_choices(&book);
    assert_eq!(names, ["000042", "1234567", "7", "x & y"]);
    assert_eq!(told, ["choices 2 name"]);
}

#[test]
fn a_roll_tells_formulas_without_a_value_and_cells_that_are_merged_on_any_sheet() {
    let rows = [["姓名", "身份证号", "家庭年收入"], ["示例甲", "", "9000"], ["示例丙", "", ""]];
    let cells =
        |row: &[&str; 3]| (0..).zip(row.iter().map(|text| (*text).to_owned())).filter(|(_, t)| !t.is_empty()).collect();
    let xml = String::from_utf8(sheet(rows.iter().map(cells))).expect("text");
    let formula =
        "<c r=\"C3\"><f>C2*2</f></c></row></sheetData><mergeCells count=\"1\"><mergeCell ref=\"B2:B3\"/></mergeCells>";
    let xml = xml.replace("</row></sheetData>", formula);
    // The one sheet of the file is called as a form's would be; a roll's never is.
    let bytes = workbook_with(xml.as_bytes(), &[]);
    let roll = dossier::command::import::RollSheet::read("roll.xlsx", &bytes, None, None).expect("a roll");
    assert!(roll.is_unworked(3, 2) && !roll.is_unworked(2, 2) && !roll.is_unworked(3, 1));
    assert_eq!(roll.merged_from_above(3, 1), None, "nothing stands in the first of them");
}
