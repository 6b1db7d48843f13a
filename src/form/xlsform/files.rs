//! A form on disk: a workbook with the tables beside it, or a folder of csv files.

use super::spreadsheet::is_own;
use super::tables;
use super::workbook::{Book, FILE_MAX, Slip, Worksheet};
use crate::form::problem::Unreadable;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The most files beside a form that are read, and the most bytes of those that it does not name.
const FILES_MAX: usize = 1_000;
const BESIDE_MAX: u64 = 64 << 20;

pub(super) fn read(path: &Path, encoding: Option<&str>) -> Result<Book, Unreadable> {
    if path.is_dir() {
        let mut files = Vec::new();
        for (name, _, path) in listed(path)? {
            let bytes = bytes_of(&path).map_err(|why| Unreadable::File { name: name.clone(), why: Box::new(why) })?;
            files.push((name, bytes));
        }
        return Book::from_texts(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())), encoding);
    }
    // The form itself first: what is no form is told as that.
    let mut book = Book::from_workbook(&bytes_of(path)?)?;
    let mut reported = Vec::new();
    match listed(folder_of(path)) {
        Ok(mut tables) => {
            reported.extend(with_media(path, &mut tables));
            let left_out = beside(&mut book, tables, encoding)?;
            reported.extend((left_out > 0).then(|| ("form.tables_left_out", left_out.to_string())));
        }
        // A file in a folder that cannot be listed is still a form; its tables are not seen, which is told.
        Err(Unreadable::Io(why)) => reported.push(("form.folder_unlisted", why)),
        Err(why) => return Err(why),
    }
    if let Some(sheet) = book.sheets.iter_mut().find(|sheet| sheet.name.trim().eq_ignore_ascii_case("survey")) {
        reported.into_iter().for_each(|(key, text)| sheet.slip(Slip { row: 1, column: Slip::WHOLE, key, text }));
    }
    Ok(book)
}

/// What a form downloads beside itself lies in `FORM-media`, as ODK's own programs lay it out, and goes before a file of the
/// same name among whatever else lies beside the form. What is to be told of that folder.
fn with_media(path: &Path, tables: &mut Vec<Table>) -> Vec<(&'static str, String)> {
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { return Vec::new() };
    let folder = folder_of(path).join(format!("{stem}-media"));
    if !folder.is_dir() {
        return Vec::new();
    }
    let of_form = match listed(&folder) {
        Ok(of_form) => of_form,
        Err(Unreadable::Io(why)) => return vec![("form.media_unlisted", format!("{stem}-media: {why}"))],
        Err(_) => return Vec::new(),
    };
    let twice: Vec<String> = tables
        .iter()
        .filter(|(name, ..)| of_form.iter().any(|(other, ..)| other == name))
        .map(|(name, ..)| name.clone())
        .collect();
    tables.retain(|(name, ..)| !twice.contains(name));
    tables.extend(of_form);
    tables.sort();
    twice.into_iter().map(|name| ("form.table_in_media", name)).collect()
}

/// Adds the tables beside a workbook, and says how many were left out. A workbook may lie among whatever else somebody
/// has downloaded: what it names is read, or refused; of the rest as much as is cheap, since an expression may name a
/// table too, and what of that cannot be read keeps no form shut.
fn beside(book: &mut Book, tables: Vec<Table>, encoding: Option<&str>) -> Result<usize, Unreadable> {
    let mut tables: Vec<(bool, Table)> =
        tables.into_iter().map(|table| (is_named(&book.sheets, &table.0), table)).collect();
    tables.sort_by_key(|(named, _)| !named);
    let (mut left_out, mut bytes_left) = (0, BESIDE_MAX);
    for (at, (named, (name, size, path))) in tables.into_iter().enumerate() {
        if at >= FILES_MAX || (!named && size > bytes_left) {
            left_out += 1;
            continue;
        }
        bytes_left = bytes_left.saturating_sub(size);
        let of_file = |why| Unreadable::File { name: name.clone(), why: Box::new(why) };
        let one = bytes_of(&path)
            .map_err(of_file)
            .and_then(|bytes| Book::from_texts([(name.as_str(), bytes.as_slice())], encoding));
        match one {
            Ok(one) => book.tables.extend(one.tables),
            Err(why) if named => return Err(why),
            Err(_) => {
                let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
                let slip = Slip { row: 1, column: Slip::WHOLE, key: "form.table_skipped", text: name.clone() };
                book.tables.push(Worksheet { name: stem, slips: vec![slip], ..Worksheet::default() });
            }
        }
    }
    book.tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(left_out)
}

/// Name, size in bytes, path.
type Table = (String, u64, PathBuf);

/// Every file of a folder that is a sheet or a table by its ending, by name.
fn listed(folder: &Path) -> Result<Vec<Table>, Unreadable> {
    let io = |e: std::io::Error| Unreadable::Io(e.kind().to_string());
    let mut tables = Vec::new();
    // A folder may let its names be read, and none of its files.
    let mut shut = None;
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let path = entry.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
        if !tables::ENDINGS.contains(&ending.as_str()) {
            continue;
        }
        match fs::metadata(&path) {
            Ok(about) if about.is_file() => tables.push((name, about.len(), path)),
            Err(why) if why.kind() == std::io::ErrorKind::PermissionDenied => shut = Some(why),
            _ => {}
        }
    }
    if let Some(why) = shut.filter(|_| tables.is_empty()) {
        return Err(io(why));
    }
    tables.sort();
    Ok(tables)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let io = |e: std::io::Error| Unreadable::Io(e.kind().to_string());
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(io)?.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Whether a form's sheets say the name of a file, without its ending, anywhere.
pub(super) fn is_named(sheets: &[Worksheet], file: &str) -> bool {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let own = sheets.iter().filter(|sheet| is_own(&sheet.name));
    own.flat_map(|sheet| &sheet.rows).flat_map(|row| &row.cells).any(|cell| cell.contains(stem))
}

/// The folder of a file; that of a bare name is the one people stand in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_file_name_lies_in_the_folder_people_stand_in() {
        for (path, folder) in [("form.xlsx", "."), ("./form.xlsx", "."), ("a/form.xlsx", "a"), ("/form.xlsx", "/")] {
            assert_eq!(folder_of(Path::new(path)), Path::new(folder));
        }
    }
}
