//! A workbook as it comes; or, where the bytes are no zip and no old Excel file, the XML of the survey sheet of one.
#![no_main]

use dossier::domain::{Day, Stamp};
use dossier::form::{Book, Draft, Supply, load};
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use std::sync::Arc;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A zip file of stored entries; nobody asks for its checksums.
fn stored(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let offset = (out.len() as u32).to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0];
        common.extend_from_slice(&(data.len() as u32).to_le_bytes());
        common.extend_from_slice(&(data.len() as u32).to_le_bytes());
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(data);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset);
        directory.extend_from_slice(name.as_bytes());
    }
    let start = (out.len() as u32).to_le_bytes();
    let count = (entries.len() as u16).to_le_bytes();
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start);
    out.extend_from_slice(&[0, 0]);
    out
}

fn around(sheet: &[u8]) -> Vec<u8> {
    let workbook = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"survey\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let of_workbook = format!(
        "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let of_file = format!(
        "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    stored(&[
        ("_rels/.rels", of_file.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", of_workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fuzz_target!(|data: &[u8]| {
    // The spreadsheet reader may break off inside; the program catches that and says so. What breaks off outside of it
    // is what is looked for.
    std::panic::set_hook(Box::new(|_| {}));
    if std::panic::catch_unwind(|| tried(data)).is_err() {
        std::process::abort();
    }
});

fn tried(data: &[u8]) {
    let whole = data.starts_with(b"PK") || data.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    let book = if whole { Book::from_workbook(data) } else { Book::from_workbook(&around(data)) };
    let Ok(book) = book else { return };
    let kept = book.to_csv();
    let Ok(loaded) = load(&book, &HashMap::new()) else { return };
    let again = Book::from_csv(kept.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
    assert!(again.is_ok(), "what is kept of a workbook is read again");
    let day = Day::from_ymd(2025, 6, 15).expect("a day");
    Draft::open(Arc::new(loaded.form), Supply::on(Stamp(0), day)).problems();
}
