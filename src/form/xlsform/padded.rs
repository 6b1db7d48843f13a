//! What a spreadsheet shows otherwise than it keeps it. Numbers with leading noughts: the cell holds 42, its format is `000000`, and whoever looks at it
//! reads and types 000042. The spreadsheet reader gives the number alone; here is what the format makes of it.

use super::spreadsheet;
use super::workbook::{CELLS_MAX, Slip, WorksheetCell};
use super::{cells, repack};
use quick_xml::events::{BytesStart, Event};
use std::collections::{HashMap, HashSet};

/// The longest such format: an account has 19 digits, and a number keeps 15.
const WIDTH_MAX: usize = 30;
/// The most cells of one run of repeated ones.
const REPEATED_MAX: u32 = 1_000;

/// By sheet, where such a number stands and how it is shown: of an .xlsx how many digits it is given, of an .ods the digits.
pub type Padded = HashMap<String, HashMap<(u32, u32), Shown>>;

pub enum Shown {
    Digits(usize),
    Text(String),
    /// The word for what went wrong, beside which an .ods keeps a nought.
    Error(String),
    /// A cell of an .ods that says nothing of its type: the spreadsheet reader takes it for empty.
    Alone(String),
}

/// Writes the cells of a sheet as they are shown, each told.
pub fn apply(padded: Option<HashMap<(u32, u32), Shown>>, cells: &mut Vec<WorksheetCell>, slips: &mut Vec<Slip>) {
    let Some(padded) = padded else { return };
    if padded.values().any(|shown| matches!(shown, Shown::Alone(_))) {
        let there: HashSet<(u32, u32)> = cells.iter().map(|(row, column, _)| (*row, *column)).collect();
        let alone = padded.iter().filter(|(at, _)| !there.contains(at));
        cells.extend(alone.filter_map(|((row, column), shown)| match shown {
            Shown::Alone(text) => Some((*row, *column, super::workbook::tidy(text))),
            _ => None,
        }));
    }
    for (row, column, text) in cells.iter_mut() {
        // Where a formula went wrong an .ods keeps a nought beside the word.
        if let Some(Shown::Error(shown)) = padded.get(&(*row, *column)) {
            text.clone_from(shown);
            let slip = Slip { row: *row + 1, column: *column, key: "form.cell_error", text: text.clone() };
            spreadsheet::push(slips, slip);
            continue;
        }
        let shown = match padded.get(&(*row, *column)) {
            Some(Shown::Digits(width)) if text.len() < *width => format!("{text:0>width$}"),
            Some(Shown::Text(shown)) if shown.trim_start_matches('0') == text.trim_start_matches('0') => shown.clone(),
            _ => continue,
        };
        if text.bytes().all(|b| b.is_ascii_digit()) && shown != *text {
            *text = shown;
            let slip = Slip { row: *row + 1, column: *column, key: "form.cell_padded", text: text.clone() };
            spreadsheet::push(slips, slip);
        }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.attributes().flatten().find(|a| a.key.local_name().as_ref() == name)?;
    Some(found.value.as_ref().to_owned())
}

/// Each element of a part of the workbook, with the names of those around it.
fn walk(stored: &[u8], part: &str, mut seen: impl FnMut(&[String], &BytesStart<'_>)) {
    let Some(text) = repack::stored_entry(stored, part.as_bytes()).and_then(|part| std::str::from_utf8(part).ok())
    else {
        return;
    };
    let mut reader = quick_xml::Reader::from_str(text);
    let mut around: Vec<String> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                seen(&around, &start);
                around.push(start.local_name().as_ref().to_owned());
            }
            Ok(Event::Empty(start)) => seen(&around, &start),
            Ok(Event::End(_)) => {
                around.pop();
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
        if around.len() > 64 {
            return;
        }
    }
}

/// Of an .xlsx. A workbook without such a format, which most are, costs a look at its styles.
pub fn of_xlsx(stored: &[u8]) -> Padded {
    let mut widths: HashMap<String, usize> = HashMap::new();
    let mut styles: Vec<Option<usize>> = Vec::new();
    walk(stored, "xl/styles.xml", |around, start| match start.local_name().as_ref() {
        "numFmt" => {
            let code = attribute(start, "formatCode").unwrap_or_default();
            if (2..=WIDTH_MAX).contains(&code.len()) && code.bytes().all(|b| b == b'0') {
                widths.extend(attribute(start, "numFmtId").map(|id| (id, code.len())));
            }
        }
        "xf" if around.last().is_some_and(|outer| outer == "cellXfs") => {
            styles.push(attribute(start, "numFmtId").and_then(|id| widths.get(&id).copied()));
        }
        _ => {}
    });
    let mut out = Padded::new();
    if styles.iter().all(Option::is_none) {
        return out;
    }
    let mut targets: HashMap<String, String> = HashMap::new();
    walk(stored, "xl/_rels/workbook.xml.rels", |_, start| {
        targets.extend(attribute(start, "Id").zip(attribute(start, "Target")));
    });
    let mut sheets: Vec<(String, String)> = Vec::new();
    walk(stored, "xl/workbook.xml", |_, start| {
        if start.local_name().as_ref() == "sheet"
            && let (Some(name), Some(target)) =
                (attribute(start, "name"), attribute(start, "id").and_then(|id| targets.get(&id)))
        {
            let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            let name = quick_xml::escape::unescape(&name).map_or(name.clone(), |plain| plain.into_owned());
            sheets.push((name, part));
        }
    });
    let mut left = CELLS_MAX;
    for (name, part) in sheets {
        let found = out.entry(name).or_default();
        walk(stored, &part, |_, start| {
            if left == 0 || start.local_name().as_ref() != "c" {
                return;
            }
            // A text is shown as it is, whatever the format.
            if attribute(start, "t").is_some_and(|kind| matches!(kind.as_str(), "s" | "str" | "inlineStr")) {
                return;
            }
            let style = attribute(start, "s").and_then(|s| s.parse::<usize>().ok());
            if let Some(width) = style.and_then(|s| styles.get(s).copied().flatten())
                && let Some(at) = attribute(start, "r").and_then(|r| cells::place(&r))
            {
                left -= 1;
                found.insert(at, Shown::Digits(width));
            }
        });
    }
    out
}

/// What a cell of an .ods is by its type; texts are read as they are.
#[derive(Clone, Copy)]
enum OdsValue {
    Number,
    Error,
    Untyped,
}

impl OdsValue {
    /// Whether what it shows says more than what is read of it, and as what.
    fn telling(self, shown: &str) -> Option<OdsValue> {
        let padded = (2..=WIDTH_MAX).contains(&shown.len()) && shown.starts_with('0');
        match self {
            OdsValue::Number if cells::is_error(shown) => Some(OdsValue::Error),
            OdsValue::Number => (padded && shown.bytes().all(|b| b.is_ascii_digit())).then_some(self),
            OdsValue::Error | OdsValue::Untyped => (!shown.trim().is_empty()).then_some(self),
        }
    }
}

/// Of an open document, where the text that a cell shows stands beside its number.
pub fn of_ods(stored: &[u8]) -> Padded {
    let mut out = Padded::new();
    let content = repack::stored_entry(stored, b"content.xml").and_then(|part| std::str::from_utf8(part).ok());
    let Some(content) = content else { return out };
    let mut reader = quick_xml::Reader::from_str(content);
    let (mut sheet, mut row, mut rows, mut column) = (String::new(), 0u32, 1u32, 0u32);
    // The cell that is open, no text by its type: how often it stands there, whether it has a type, and what it shows.
    let mut cell: Option<(u32, OdsValue, String)> = None;
    let mut of_row: Vec<(u32, OdsValue, String)> = Vec::new();
    // How deep within what the cell shows, and whether within a remark about it.
    let (mut shows, mut remark) = (0usize, false);
    let mut left = CELLS_MAX;
    loop {
        let (start, ends) = match reader.read_event() {
            Ok(Event::Start(start)) => (start, false),
            Ok(Event::Empty(start)) => (start, true),
            Ok(Event::Text(text)) => {
                if let (Some((.., shown)), true) = (&mut cell, shows > 0 && !remark) {
                    shown.push_str(&text);
                }
                continue;
            }
            Ok(Event::GeneralRef(entity)) => {
                if let (Some((.., shown)), true) = (&mut cell, shows > 0 && !remark) {
                    match entity.resolve_char_ref() {
                        Ok(Some(c)) => shown.push(c),
                        _ => shown.push_str(quick_xml::escape::resolve_xml_entity(&entity).unwrap_or_default()),
                    }
                }
                continue;
            }
            Ok(Event::End(end)) => {
                match end.local_name().as_ref() {
                    "annotation" => remark = false,
                    "p" => shows = shows.saturating_sub(1),
                    "table-cell" => {
                        if let Some((repeated, kind, shown)) = cell.take()
                            && let Some(kind) = kind.telling(&shown)
                        {
                            let first = column.saturating_sub(repeated);
                            let all = (first..column).take(REPEATED_MAX as usize);
                            of_row.extend(all.map(|column| (column, kind, shown.clone())));
                        }
                    }
                    "table-row" => {
                        let found = out.entry(sheet.clone()).or_default();
                        for at in row..row.saturating_add(rows.min(REPEATED_MAX)) {
                            for (column, kind, shown) in of_row.iter().take(left) {
                                left -= 1;
                                let shown = match kind {
                                    OdsValue::Number => Shown::Text,
                                    OdsValue::Error => Shown::Error,
                                    OdsValue::Untyped => Shown::Alone,
                                }(shown.clone());
                                found.insert((at, *column), shown);
                            }
                        }
                        of_row.clear();
                        row = row.saturating_add(rows);
                    }
                    _ => {}
                }
                continue;
            }
            Ok(Event::Eof) | Err(_) => return out,
            Ok(_) => continue,
        };
        let number = |name: &str| attribute(&start, name).and_then(|n| n.parse::<u32>().ok()).unwrap_or(1).max(1);
        match start.local_name().as_ref() {
            // What is remarked about a cell is nothing that it shows.
            "annotation" => remark = !ends,
            "p" if !ends => {
                shows += 1;
                if let (Some((.., shown)), false) = (&mut cell, remark) {
                    shown.push_str(if shown.is_empty() { "" } else { "\n" });
                }
            }
            "table" => (sheet, row) = (attribute(&start, "name").unwrap_or_default(), 0),
            "table-row" => {
                (column, rows) = (0, number("number-rows-repeated"));
                of_row.clear();
                if ends {
                    row = row.saturating_add(rows);
                }
            }
            "table-cell" | "covered-table-cell" => {
                let repeated = number("number-columns-repeated");
                column = column.saturating_add(repeated);
                // LibreOffice says it twice, and only the second time that it is an error.
                let kinds = start.attributes().flatten().filter(|a| a.key.local_name().as_ref() == "value-type");
                let kinds: Vec<String> = kinds.map(|a| a.value.as_ref().to_owned()).collect();
                let says = |kind: &str| kinds.iter().any(|known| known == kind);
                let kind = match () {
                    () if says("error") => Some(OdsValue::Error),
                    () if says("string") => None,
                    () if kinds.is_empty() => Some(OdsValue::Untyped),
                    () => Some(OdsValue::Number),
                };
                cell = kind.filter(|_| !ends).map(|kind| (repeated, kind, String::new()));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_that_is_shown_longer_is_written_longer() {
        let shown = || {
            let at = |column, shown| ((0, column), shown);
            HashMap::from([
                at(0, Shown::Digits(6)),
                at(1, Shown::Digits(6)),
                at(2, Shown::Digits(2)),
                at(3, Shown::Text("007".into())),
                at(4, Shown::Text("007".into())),
            ])
        };
        let mut cells: Vec<WorksheetCell> = ["42", "-4", "123", "7", "8", "42"]
            .iter()
            .enumerate()
            .map(|(c, t)| (0, c as u32, (*t).to_owned()))
            .collect();
        let mut slips = Vec::new();
        apply(Some(shown()), &mut cells, &mut slips);
        let texts: Vec<&str> = cells.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(texts, ["000042", "-4", "123", "007", "8", "42"]);
        assert_eq!(slips.iter().map(|slip| slip.column).collect::<Vec<_>>(), [0, 3]);
    }
}
