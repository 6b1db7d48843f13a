//! A roll that is to be brought in: which column fills which question, what would become of each household, the roll written
//! again with what is wrong on each line.

use super::value::{Cell, Column, ColumnKind, Table};
use super::words::Words;
use super::workbook::Page;
use crate::command::import::{Becomes, Finding, Held, LaidMap, LineFinding, RollSheet, RollTrial, WaitingRoll};
use crate::domain::Message;
use crate::form::Form;
use crate::form::xlsform::cells::letters;

fn column(words: &Words<'_>, key: &'static str, kind: ColumnKind) -> Column {
    super::lists::column(words, key, &format!("present.col.{key}"), kind)
}

/// The letters by which a spreadsheet calls a column.
fn lettered(column: usize) -> String {
    letters(u32::try_from(column).unwrap_or(u32::MAX))
}

/// Which column fills what.
pub fn preview(words: &Words<'_>, sheet: &RollSheet, map: &LaidMap, form: &Form) -> Table {
    let mut table = Table::new(
        "map",
        vec![
            column(words, "sheet_column", ColumnKind::Identifier).worth(9),
            column(words, "heading", ColumnKind::Text).worth(8),
            column(words, "fills", ColumnKind::Text).worth(7),
            column(words, "of_member", ColumnKind::Text).worth(5),
            column(words, "example", ColumnKind::Text).worth(2),
        ],
    );
    let language = form.language_index(words.lang.code()).unwrap_or(form.language);
    for (at, heading) in sheet.headings.iter().enumerate().filter(|(_, heading)| !heading.trim().is_empty()) {
        let used = map.uses.iter().find(|used| used.column == at);
        let fills = match used {
            None => words.word("import.unused"),
            Some(used) => match form.by_name.get(&used.mapped.to).and_then(|nodes| nodes.first()) {
                Some(node) => {
                    let node = form.node(*node);
                    let label = node.label.get(language);
                    node.number.as_ref().map_or_else(|| label.to_owned(), |number| format!("{number} {label}"))
                }
                None => words.word(&format!("import.to.{}", used.mapped.to)),
            },
        };
        let member = used.and_then(|used| used.mapped.member.clone()).unwrap_or_default();
        // What people are called and numbered by is not shown to everybody who looks over a shoulder: how it looks is.
        let example = sheet.lines.iter().map(|line| line.get(at)).find(|text| !text.is_empty()).unwrap_or_default();
        table.push(vec![
            Cell::identifier(lettered(at)),
            Cell::text(heading.as_str()),
            Cell::text(fills),
            Cell::text(member),
            Cell::text(shape_of(example)),
        ]);
    }
    table
}

/// How a text looks, without what it says: digits as 9, letters as they fall.
fn shape_of(text: &str) -> String {
    let shown = |c: char| match c {
        c if c.is_ascii_digit() => '9',
        c if c.is_alphabetic() => '○',
        c => c,
    };
    text.chars().take(20).map(shown).collect()
}

/// What is said of a line, with its column by letter and heading.
pub fn said(words: &Words<'_>, sheet: &RollSheet, found: &LineFinding) -> String {
    let what = words.say(&found.what);
    match found.column {
        Some(column) => {
            let heading = sheet.headings.get(column).map_or("", String::as_str);
            let said = Message::new("import.at_column").with("column", lettered(column)).with("heading", heading);
            words.say(&said.with("what", what))
        }
        None => what,
    }
}

/// The findings, line by line; at most so many.
pub fn findings(words: &Words<'_>, sheet: &RollSheet, trial: &RollTrial, most: usize) -> Table {
    let mut table = Table::new(
        "findings",
        vec![
            column(words, "line", ColumnKind::Number).worth(9),
            column(words, "weight", ColumnKind::Text).worth(8),
            column(words, "what_is_wrong", ColumnKind::Text).worth(7),
        ],
    );
    let mut all: Vec<&LineFinding> = trial.households.iter().flat_map(|household| &household.findings).collect();
    all.sort_by_key(|found| (found.finding, found.line, found.column));
    for found in all.into_iter().take(most) {
        let weight = match found.finding {
            Finding::Stops => "import.stops",
            Finding::Noted => "import.noted",
        };
        let what = Cell::text(said(words, sheet, found));
        table.push(vec![Cell::number(found.line), Cell::text(words.word(weight)), what]);
    }
    table
}

/// The roll as it was handed in, and behind each line what became of it and what is wrong. Corrected, it is read again.
pub fn report(words: &Words<'_>, sheet: &RollSheet, map: &LaidMap, trial: &RollTrial) -> Page {
    let ten_thousand = |at: usize| map.uses.iter().any(|used| used.column == at && used.mapped.ten_thousand);
    let mut columns: Vec<Column> = Vec::with_capacity(sheet.headings.len() + 2);
    for (at, heading) in sheet.headings.iter().enumerate() {
        // The line above the headings that says so may get lost.
        let title = if ten_thousand(at) && !heading.contains("万元") {
            format!("{heading}（万元）")
        } else {
            heading.clone()
        };
        columns.push(Column::new("cell", title, ColumnKind::Identifier));
    }
    columns.push(Column::new("result", words.word("import.col_result"), ColumnKind::Text));
    columns.push(Column::new("wrong", words.word("import.col_wrong"), ColumnKind::Text));
    let mut table = Table::new("report", columns);
    let mut becomes: Vec<Option<(usize, bool)>> = vec![None; sheet.lines.len()];
    for (at, household) in trial.households.iter().enumerate() {
        for (n, line) in household.lines.iter().enumerate() {
            if let Some(place) = becomes.get_mut(*line) {
                *place = Some((at, n == 0));
            }
        }
    }
    for (place, line) in sheet.lines.iter().enumerate() {
        let mut cells: Vec<Cell> = (0..sheet.headings.len()).map(|at| Cell::identifier(line.get(at))).collect();
        let found = becomes[place].and_then(|(at, _)| trial.households.get(at)).into_iter().flat_map(|h| &h.findings);
        for found in found.filter(|found| found.line == line.number) {
            let Some((at, cell)) = found.column.and_then(|at| Some((at, cells.get_mut(at)?))) else { continue };
            match found.what.key {
                "import.merged_taken" => {
                    *cell = Cell::identifier(sheet.merged_from_above(line.number, at).unwrap_or_default());
                }
                // What a spreadsheet writes where nothing is known: it stops the line again until somebody corrects it.
                "import.merged_over" | "import.unworked" => *cell = Cell::identifier("#N/A"),
                _ => {}
            }
        }
        let household = becomes[place].and_then(|(at, first)| Some((trial.households.get(at)?, first)));
        let result = household.filter(|(_, first)| *first).map(|(household, _)| match &household.becomes {
            Becomes::New => words.word("import.becomes_new"),
            Becomes::Before { held: Held::Number(number) } => {
                words.say(&Message::new("import.becomes_kept").with("number", number.as_str()))
            }
            Becomes::Before { held: Held::Unit(unit) } => {
                words.say(&Message::new("import.becomes_kept_unit").with("unit", unit.as_str()))
            }
            Becomes::KeptOut => words.word("import.becomes_kept_out"),
        });
        let wrong = household.map(|(household, first)| {
            let own = household.findings.iter().filter(|found| {
                found.line == line.number || first && !sheet.lines.iter().any(|line| line.number == found.line)
            });
            own.map(|found| said(words, sheet, found)).collect::<Vec<_>>().join("\n")
        });
        cells.push(Cell::text(result.unwrap_or_default()));
        cells.push(Cell::text(wrong.unwrap_or_default()));
        table.push(cells);
    }
    let mut titles = sheet.above.iter().flat_map(|line| &line.cells).filter(|cell| !cell.is_empty());
    let title = titles.next().filter(|title| !sheet.headings.contains(title)).cloned();
    let heads = titles.filter(|cell| !sheet.headings.iter().any(|heading| heading.contains(cell.as_str())));
    Page {
        name: words.word("import.tab_report"),
        title: title.unwrap_or_else(|| sheet.file.clone()),
        heads: heads.cloned().collect(),
        table,
        chart: None,
    }
}

/// The rolls that were brought in, and what of each waits.
pub fn rolls(words: &Words<'_>, rolls: &[WaitingRoll]) -> Table {
    let mut table = Table::new(
        "rolls",
        vec![
            column(words, "roll", ColumnKind::Identifier).worth(9),
            column(words, "roll_day", ColumnKind::Day).worth(8),
            column(words, "brought_in", ColumnKind::Moment).worth(5),
            column(words, "by", ColumnKind::Text).worth(4),
            column(words, "households", ColumnKind::Number).worth(6),
            column(words, "waiting", ColumnKind::Number).worth(7),
            column(words, "no_category", ColumnKind::Number).worth(3),
            column(words, "file", ColumnKind::Text).worth(2),
        ],
    );
    for roll in rolls {
        table.push(vec![
            Cell::identifier(&roll.row.entry.hex()[..8]),
            Cell::Day(roll.row.on),
            Cell::Moment(roll.row.at),
            Cell::Text(words.officer(roll.row.by)),
            Cell::number(roll.row.households),
            Cell::number(roll.waiting as u64),
            Cell::number(roll.without_category as u64),
            Cell::text(roll.row.file.as_str()),
        ]);
    }
    table
}
