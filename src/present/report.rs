//! Aid counted, and the lines that it is counted from.

use super::fund::exceptions;
use super::lists::column;
use super::value::{Cell, Column, ColumnKind, Table, TableRow, Tone};
use super::words::Words;
use crate::command::fund::{AidBy, AidReport, GroupKey, ReportLine, UpperLine};
use crate::domain::fund::{AidCount, FormerCount};
use crate::domain::{Day, Fen, Mask, Message, UnitId};
use std::collections::BTreeSet;

/// What a group is called.
fn group(words: &Words<'_>, by: AidBy, key: &str) -> Cell {
    match by {
        _ if key.is_empty() => Cell::text(words.word("report.none")),
        AidBy::Kind => words.code("payout_kind", key),
        AidBy::Year | AidBy::Purse => Cell::identifier(key),
        AidBy::Source => words.code("fund_source", key),
        AidBy::Category => words.code("category", key),
        AidBy::Unit => words.unit(UnitId::from_hex(key)),
    }
}

/// Groups in the order in which they stand in the table: those of the lines, and those of the years before the book.
pub fn groups(report: &AidReport) -> Vec<GroupKey> {
    let keys: BTreeSet<GroupKey> = report.groups.keys().chain(report.former.keys()).cloned().collect();
    // P10 comes behind P9.
    let mut keys: Vec<GroupKey> = keys.into_iter().collect();
    let rank = |key: &str| (key.len(), key.to_owned());
    if matches!(report.query.by, AidBy::Kind | AidBy::Source) {
        keys.sort_by_key(|(first, then)| (rank(first), then.as_deref().map(rank)));
    }
    keys
}

/// Aid counted, in columns and cells: how much, how many times, people and households. What was paid before the book began
/// stands in columns of its own, and is of no people or households.
pub(super) struct AidColumns {
    pub has_former: bool,
}

impl AidColumns {
    pub fn columns(&self, words: &Words<'_>) -> Vec<Column> {
        let column = |key, title: &str, kind| column(words, key, title, kind);
        let mut columns = vec![
            column("amount", "aid.col.amount", ColumnKind::Money).worth(9),
            column("person_times", "roll.person_times", ColumnKind::Number).worth(8),
            column("persons", "roll.persons", ColumnKind::Number).worth(7),
            column("households", "roll.households", ColumnKind::Number).worth(7),
        ];
        if self.has_former {
            columns.push(column("former_amount", "closing.col.about", ColumnKind::Money).worth(6));
            columns.push(column("former_person_times", "closing.col.about_times", ColumnKind::Number).worth(6));
        }
        columns
    }

    /// A row: what it is of, then the count.
    pub fn cells(&self, mut of: Vec<Cell>, counts: &AidCount, former: Option<&FormerCount>) -> Vec<Cell> {
        of.extend([
            Cell::Money(counts.amount),
            Cell::Number(counts.person_times),
            Cell::number(counts.persons),
            Cell::number(counts.households),
        ]);
        if self.has_former {
            of.push(former.map_or(Cell::Empty, |former| Cell::Money(former.amount)));
            of.push(former.map_or(Cell::Empty, |former| Cell::Number(former.person_times)));
        }
        of
    }
}

/// How much, how many times, people and households, of each group; the sums are of all lines, in which people and households
/// count once.
pub fn aid(words: &Words<'_>, report: &AidReport) -> Table {
    let query = &report.query;
    let by =
        |key, by: AidBy| Column::new(key, words.word(&format!("report.by.{}", by.code())), ColumnKind::Code).worth(9);
    let counted = AidColumns { has_former: !report.former.is_empty() };
    let mut columns = vec![by("group", query.by)];
    columns.extend(query.then.map(|then| by("then", then)));
    columns.extend(counted.columns(words));
    let title = Message::new("report.title").with("from", query.from).with("to", query.to);
    let mut table = Table::new("aid", columns).titled(words.say(&title));
    for key in groups(report) {
        let counts = report.groups.get(&key).map(|group| group.counts).unwrap_or_default();
        let mut first = vec![group(words, query.by, &key.0)];
        first.extend(query.then.map(|then| group(words, then, key.1.as_deref().unwrap_or_default())));
        table.push(counted.cells(first, &counts, report.former.get(&key)));
    }
    let mut first = vec![Cell::text(words.word("fund.total"))];
    first.extend(query.then.map(|_| Cell::Empty));
    let sums = counted.cells(first, &report.all, Some(&report.all_former()));
    table.sums = Some(TableRow { cells: sums, tone: Tone::Strong });
    table.notes = exceptions(words, query.to);
    table
}

/// Lines of aid up to that day, and what they come to.
pub fn lines(words: &Words<'_>, lines: &[ReportLine], to: Day) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "lines",
        vec![
            column("on", "fund.col.on", ColumnKind::Day).worth(9),
            column("number", "fund.col.number", ColumnKind::Identifier).worth(8),
            column("aid", "fund.col.aid", ColumnKind::Code).worth(7),
            column("unit", "present.col.unit", ColumnKind::Text).worth(5),
            column("category", "report.by.category", ColumnKind::Code).worth(4),
            column("purse", "fund.col.purse", ColumnKind::Identifier).worth(5),
            column("person_times", "roll.person_times", ColumnKind::Number).worth(7),
            column("paid", "aid.col.amount", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("report.lines"));
    for line in lines {
        table.push(TableRow { cells: line_cells(words, line), tone: tone(line) });
    }
    let mut cells = vec![Cell::Empty; 8];
    cells[0] = Cell::text(words.word("fund.total"));
    cells[6] = Cell::Number(lines.iter().map(|line| line.person_times).sum());
    cells[7] = Cell::Money(Fen(lines.iter().map(|line| line.paid.0).sum()));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table.notes = exceptions(words, to);
    table
}

fn tone(line: &ReportLine) -> Tone {
    if line.row.reversed.is_some() || line.paid.0 < 0 { Tone::Quiet } else { Tone::Plain }
}

fn line_cells(words: &Words<'_>, line: &ReportLine) -> Vec<Cell> {
    let movement = line.row.what.movement();
    vec![
        Cell::Day(line.row.what.on()),
        line.row.number_text().map_or(Cell::Empty, Cell::identifier),
        movement.and_then(|movement| movement.aid.as_deref()).map_or(Cell::Empty, |aid| words.code("payout_kind", aid)),
        words.unit(movement.and_then(|movement| movement.unit)),
        line.category.as_deref().map_or(Cell::Empty, |code| words.code("category", code)),
        line.purse.as_ref().map_or(Cell::Empty, |purse| Cell::identifier(purse.code.as_str())),
        Cell::Number(line.person_times),
        Cell::Money(line.paid),
    ]
}

/// The list for the upper union: names are covered, since it leaves the house.
pub fn upper(words: &Words<'_>, lines: &[UpperLine], to: Day) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "upper",
        vec![
            column("at", "present.notice.place", ColumnKind::Number).worth(7),
            column("number", "present.col.number", ColumnKind::Identifier).worth(9),
            column("name", "present.col.name", ColumnKind::Text).worth(8),
            column("unit", "present.col.unit", ColumnKind::Text).worth(6),
            column("category", "report.by.category", ColumnKind::Code).worth(6),
            column("aid", "fund.col.aid", ColumnKind::Code).worth(7),
            column("on", "fund.col.on", ColumnKind::Day).worth(7),
            column("paid", "aid.col.amount", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("report.upper"));
    for (at, one) in (1..).zip(lines) {
        let line = &one.line;
        let movement = line.row.what.movement();
        let name = one.name.as_deref().map_or_else(|| words.word("aid.erased"), |name| Mask::Name.cover(name));
        table.push(TableRow {
            cells: vec![
                Cell::Number(at),
                Cell::identifier(one.number.as_str()),
                Cell::text(name),
                words.unit(one.unit),
                line.category.as_deref().map_or(Cell::Empty, |code| words.code("category", code)),
                movement
                    .and_then(|movement| movement.aid.as_deref())
                    .map_or(Cell::Empty, |aid| words.code("payout_kind", aid)),
                Cell::Day(line.row.what.on()),
                Cell::Money(line.paid),
            ],
            tone: tone(line),
        });
    }
    let mut cells = vec![Cell::Empty; 8];
    cells[1] = Cell::text(words.word("fund.total"));
    cells[7] = Cell::Money(Fen(lines.iter().map(|one| one.line.paid.0).sum()));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table.notes = exceptions(words, to);
    table
}

/// What one household had over the years: a line each, and what it comes to by then.
pub fn timeline(words: &Words<'_>, lines: &[ReportLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "timeline",
        vec![
            column("on", "fund.col.on", ColumnKind::Day).worth(9),
            column("number", "fund.col.number", ColumnKind::Identifier).worth(5),
            column("aid", "fund.col.aid", ColumnKind::Code).worth(8),
            column("category", "report.by.category", ColumnKind::Code).worth(4),
            column("source", "fund.col.source", ColumnKind::Code).worth(6),
            column("paid", "aid.col.amount", ColumnKind::Money).worth(9),
            column("year", "report.this_year", ColumnKind::Money).worth(7),
            column("all", "report.so_far", ColumnKind::Money).worth(8),
        ],
    )
    .titled(words.word("report.timeline"));
    let (mut year, mut in_year, mut all) = (0, 0, 0);
    for line in lines {
        let on = line.row.what.on();
        in_year = if on.year() == year { in_year + line.paid.0 } else { line.paid.0 };
        (year, all) = (on.year(), all + line.paid.0);
        let movement = line.row.what.movement();
        table.push(TableRow {
            cells: vec![
                Cell::Day(on),
                line.row.number_text().map_or(Cell::Empty, Cell::identifier),
                movement
                    .and_then(|movement| movement.aid.as_deref())
                    .map_or(Cell::Empty, |aid| words.code("payout_kind", aid)),
                line.category.as_deref().map_or(Cell::Empty, |code| words.code("category", code)),
                line.purse.as_ref().map_or(Cell::Empty, |purse| words.code("fund_source", &purse.source)),
                Cell::Money(line.paid),
                Cell::Money(Fen(in_year)),
                Cell::Money(Fen(all)),
            ],
            tone: tone(line),
        });
    }
    let mut cells = vec![Cell::Empty; 8];
    cells[0] = Cell::text(words.word("fund.total"));
    (cells[5], cells[7]) = (Cell::Money(Fen(all)), Cell::Money(Fen(all)));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}
