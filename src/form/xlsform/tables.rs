//! Tables beside a form that are no csv: `.geojson` (points, lines, areas with properties) and `.xml`
//! (`<root><item><name>…`). Both become a sheet, so that choices, `instance()` and `pulldata()` read them like any other.

use super::workbook::{Slip, Worksheet, WorksheetRow};
use crate::form::problem::Unreadable;
use quick_xml::events::Event;
use serde_json::Value;

/// Endings of tables, and of nothing else beside a form.
pub const ENDINGS: &[&str] = &["csv", "tsv", "geojson", "xml"];

fn unreadable(name: &str) -> Unreadable {
    Unreadable::Table { name: name.to_owned(), at: None }
}

/// Broken at a byte of the text.
fn broken(name: &str, text: &str, byte: usize) -> Unreadable {
    let before = String::from_utf8_lossy(text.as_bytes().get(..byte).unwrap_or(text.as_bytes()));
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
    Unreadable::Table { name: name.to_owned(), at: Some((before.matches('\n').count() + 1, column + 1)) }
}

/// Told of one row of the table, the first of its kind.
fn reported(sheet: &mut Worksheet, key: &'static str, text: &str) {
    if !sheet.slips.iter().any(|slip| slip.key == key) {
        let row = sheet.rows.len() as u32 + 1;
        sheet.slips.push(Slip { row, column: Slip::WHOLE, key, text: text.to_owned() });
    }
}

/// A feature is a row: its id, its place as the other engines keep one, and its properties.
pub fn geojson(file: &str, name: &str, text: &str) -> Result<Worksheet, Unreadable> {
    let whole: Value = serde_json::from_str(text)
        .map_err(|e| Unreadable::Table { name: file.to_owned(), at: Some((e.line(), e.column())) })?;
    let features = match whole["type"].as_str() {
        Some("FeatureCollection") => whole["features"].as_array(),
        _ => None,
    };
    let features = features.ok_or_else(|| unreadable(file))?;
    let mut sheet = Worksheet { name: name.to_owned(), ..Worksheet::default() };
    sheet.header = vec!["id".to_owned(), "geometry".to_owned()];
    for (at, feature) in features.iter().enumerate() {
        let place = geometry(&feature["geometry"]);
        if place.is_none() {
            let kind = feature["geometry"]["type"].as_str().unwrap_or("?");
            reported(&mut sheet, "form.table_geometry", kind);
        }
        let mut cells = vec![plain(&feature["id"]), place.unwrap_or_default()];
        for (key, value) in feature["properties"].as_object().into_iter().flatten() {
            put(&mut sheet.header, &mut cells, key, plain(value));
        }
        sheet.rows.push(WorksheetRow { number: at as u32 + 1, cells });
    }
    Ok(sheet)
}

/// Takes out what a kept table is not read back with, which both formats can write as an escape: the sign of a lost sign,
/// which is told, and control characters.
pub fn without_spoilt(sheet: &mut Worksheet) {
    let bad = |c: char| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\n' | '\t'));
    let rows = sheet.rows.iter_mut().flat_map(|row| row.cells.iter_mut().map(|cell| (row.number, cell)));
    let mut spoilt = None;
    for (row, text) in sheet.header.iter_mut().map(|name| (1, name)).chain(rows) {
        if text.contains(bad) {
            if text.contains('\u{fffd}') {
                spoilt = spoilt.or(Some(row));
            }
            text.retain(|c| !bad(c));
        }
    }
    if let Some(row) = spoilt {
        sheet.slip(Slip { row, column: Slip::WHOLE, key: "form.cell_spoilt", text: String::new() });
    }
}

fn filled(cells: &[String], at: usize) -> bool {
    cells.get(at).is_some_and(|cell| !cell.is_empty())
}

fn put(header: &mut Vec<String>, cells: &mut Vec<String>, key: &str, value: String) {
    let at = header.iter().position(|h| h == key).unwrap_or_else(|| {
        header.push(key.to_owned());
        header.len() - 1
    });
    if cells.len() <= at {
        cells.resize(at + 1, String::new());
    }
    if cells[at].is_empty() {
        cells[at] = value;
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

/// `lat lon alt accuracy`, several joined by `;`; GeoJSON has the longitude first. None: no place that is read.
fn geometry(value: &Value) -> Option<String> {
    let point = |point: &Value| {
        let at = |i: usize| point.get(i).and_then(Value::as_f64);
        Some(format!("{} {} {} 0", at(1)?, at(0)?, at(2).unwrap_or(0.0)))
    };
    let line = |points: &Value| {
        let points: Option<Vec<String>> = points.as_array()?.iter().map(point).collect();
        Some(points?.join("; "))
    };
    let coordinates = &value["coordinates"];
    match value["type"].as_str() {
        None if value.is_null() => Some(String::new()),
        Some("Point") => point(coordinates),
        Some("LineString") => line(coordinates),
        Some("Polygon") => coordinates.get(0).and_then(line),
        _ => None,
    }
}

/// Elements inside the root are rows, those inside them cells. Entities beyond the five of XML stand for nothing, and
/// nothing is fetched.
pub fn xml(file: &str, name: &str, text: &str) -> Result<Worksheet, Unreadable> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut sheet = Worksheet { name: name.to_owned(), ..Worksheet::default() };
    let (mut deep, mut key, mut value, mut cells) = (0usize, String::new(), String::new(), Vec::new());
    let mut closed = false;
    loop {
        let event = reader.read_event();
        let event = event.map_err(|_| broken(file, text, reader.error_position() as usize))?;
        match event {
            Event::Start(start) => {
                deep += 1;
                // Cells are elements of their own: attributes, and what stands within a cell, have no column.
                if deep > 3 || (deep > 1 && start.attributes().next().is_some()) {
                    reported(&mut sheet, "form.table_nested", start.local_name().as_ref());
                }
                if deep == 3 {
                    key = start.local_name().as_ref().to_owned();
                    value.clear();
                }
                if deep > 64 {
                    return Err(unreadable(file));
                }
            }
            // `<root/>` is a table without rows.
            Event::Empty(_) if deep == 0 && !closed => closed = true,
            Event::Empty(empty) if deep > 0 && empty.attributes().next().is_some() => {
                reported(&mut sheet, "form.table_nested", empty.local_name().as_ref());
            }
            Event::Text(text) if deep >= 3 => value.push_str(&text),
            Event::CData(text) if deep >= 3 => value.push_str(&text),
            Event::GeneralRef(entity) if deep >= 3 => {
                if let Ok(Some(c)) = entity.resolve_char_ref() {
                    value.push(c);
                } else if let Some(c) = quick_xml::escape::resolve_xml_entity(&entity) {
                    value.push_str(c);
                } else {
                    reported(&mut sheet, "form.table_entity", &format!("&{};", &*entity));
                }
            }
            Event::End(_) => {
                match deep {
                    3 if sheet.header.iter().position(|h| *h == key).is_some_and(|at| filled(&cells, at)) => {
                        reported(&mut sheet, "form.table_twice", &key);
                    }
                    3 => put(&mut sheet.header, &mut cells, &key, value.trim().to_owned()),
                    2 => {
                        let number = sheet.rows.len() as u32 + 1;
                        sheet.rows.push(WorksheetRow { number, cells: std::mem::take(&mut cells) });
                    }
                    1 => closed = true,
                    _ => {}
                }
                deep = deep.checked_sub(1).ok_or_else(|| unreadable(file))?;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if closed && deep == 0 { Ok(sheet) } else { Err(broken(file, text, text.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_rows_with_their_places() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","id":"fs1","geometry":{"type":"Point","coordinates":[121.5,50.7]},"properties":{"title":"Well","n":2}},
            {"type":"Feature","geometry":null,"properties":{"id":"fs2","title":"Spring"}}]}"#;
        let sheet = geojson("w.geojson", "w", text).unwrap();
        assert_eq!(sheet.header, ["id", "geometry", "n", "title"]);
        assert_eq!(sheet.rows[0].cells, ["fs1", "50.7 121.5 0 0", "2", "Well"]);
        assert_eq!((sheet.rows[1].get(0), sheet.rows[1].get(3)), ("fs2", "Spring"));
        assert!(geojson("w.geojson", "w", "{\"type\":\"Point\"}").is_err());
    }

    #[test]
    fn what_an_item_says_twice_or_in_words_that_nothing_stands_for_is_told() {
        let read_of = |item: &str| {
            let sheet = xml("k.xml", "k", &format!("<root><item>{item}</item></root>")).unwrap();
            let keys: Vec<_> = sheet.slips.iter().map(|slip| (slip.row, slip.key, slip.text.clone())).collect();
            (sheet.rows[0].get(0).to_owned(), keys)
        };
        assert_eq!(read_of("<name>a</name><label>&lt;</label>"), ("a".into(), vec![]));
        let entity = (1, "form.table_entity", "&nbsp;".to_owned());
        assert_eq!(read_of("<name>a&nbsp;b</name>"), ("ab".into(), vec![entity]));
        let twice = (1, "form.table_twice", "name".to_owned());
        assert_eq!(read_of("<name>a</name><name>b</name>"), ("a".into(), vec![twice]));
    }

    #[test]
    fn items_are_rows() {
        let text = "<?xml version=\"1.0\"?><root><item><name>a</name><label>A &amp; &#66;</label></item><item><name><![CDATA[b]]></name></item></root>";
        let sheet = xml("k.xml", "k", text).unwrap();
        assert_eq!(sheet.header, ["name", "label"]);
        assert_eq!(sheet.rows.iter().map(|r| (r.get(0), r.get(1))).collect::<Vec<_>>(), [("a", "A & B"), ("b", "")]);
        for broken in ["", "<root>", "<root><item></root>", "text", "<!DOCTYPE r [<!ENTITY a '&a;&a;'>]><r>"] {
            assert!(xml("k.xml", "k", broken).is_err(), "{broken}");
        }
    }
}
