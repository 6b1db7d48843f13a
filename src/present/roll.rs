//! The roll as tables: households, counts, what moved, what a head had.

use super::lists::column;
use super::value::{Cell, Column, ColumnKind, Table, TableRow, Tone};
use super::words::Words;
use crate::command::roll::movement::{Lines, Movement, MovementLine};
use crate::command::roll::table::GroupName;
use crate::command::roll::{Group, RollFound, RollRow, RollTable};
use crate::domain::{Fen, Mask, Message};
use crate::views::roll::Counted;
use crate::views::roll::movement::Moved;

/// Households, a line each, and their sums below.
pub fn rows(words: &Words<'_>, rows: &[RollRow]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "households",
        vec![
            column("dossier", "present.col.number", ColumnKind::Identifier).worth(9),
            column("name", "present.col.name", ColumnKind::Text).worth(8),
            column("unit", "present.col.unit", ColumnKind::Text).worth(6),
            column("category", "present.col.category", ColumnKind::Code).worth(7),
            column("status", "present.col.status", ColumnKind::Code).worth(4),
            column("cause", "roll.by.cause", ColumnKind::Code).worth(3),
            column("members", "roll.by.members", ColumnKind::Number).worth(5),
            column("per_head", "roll.by.per-head", ColumnKind::Money).worth(5),
            column("line_month", "roll.col.line", ColumnKind::Money).worth(1),
            column("income", "roll.by.income", ColumnKind::Money).worth(2),
            column("rigid", "roll.col.rigid", ColumnKind::Money).worth(1),
            column("opened", "roll.by.opened", ColumnKind::Day).worth(2),
            column("surveyed", "roll.by.surveyed", ColumnKind::Day).worth(3),
            column("due", "roll.by.due", ColumnKind::Day).worth(4),
        ],
    );
    let (mut members, mut income, mut rigid) = (0i64, Fen(0), Fen(0));
    for row in rows {
        members += i64::from(row.members.unwrap_or(0));
        income = Fen(income.0.saturating_add(row.income.map_or(0, |fen| fen.0)));
        rigid = Fen(rigid.0.saturating_add(row.rigid.map_or(0, |fen| fen.0)));
        let category = match &row.category {
            Some(code) => words.code("category", code),
            None if row.undecided => Cell::text(words.word("present.undecided")),
            None => Cell::Empty,
        };
        let status = row.status.map_or("", |status| status.code());
        table.push(vec![
            Cell::identifier(row.number.as_str()),
            Cell::text(row.name.clone().unwrap_or_default()),
            Cell::text(words.pick(&row.unit_zh, &row.unit_en)),
            category,
            Cell::code(status, if status.is_empty() { String::new() } else { words.word(&format!("status.{status}")) }),
            match &row.cause {
                _ if row.cause_is_covered => Cell::text(Mask::Cause.cover("cause")),
                Some(cause) => words.code("cause", cause),
                None => Cell::Empty,
            },
            row.members.map_or(Cell::Empty, Cell::number),
            covered(row, row.per_head),
            Cell::money(row.line_month),
            Cell::money(row.income),
            covered(row, row.rigid),
            Cell::day(row.opened),
            Cell::day(row.surveyed),
            Cell::day(row.due),
        ]);
    }
    if !rows.is_empty() {
        let mut cells = vec![Cell::Empty; table.columns.len()];
        cells[0] = Cell::text(words.word("roll.total"));
        cells[6] = Cell::number(members);
        cells[9] = Cell::Money(income);
        if !rows.iter().any(|row| row.cause_is_covered) {
            cells[10] = Cell::Money(rigid);
        }
        table.sums = Some(TableRow { cells, tone: Tone::Strong });
    }
    table
}

/// What an illness costs a household is most of what it has to pay, and what is left a head tells it by arithmetic.
fn covered(row: &RollRow, money: Option<Fen>) -> Cell {
    match row.cause_is_covered {
        true if money.is_some() => Cell::text(Mask::Cause.cover("money")),
        _ => Cell::money(money),
    }
}

/// A group's word in the reader's language.
pub fn group(words: &Words<'_>, group: &Group) -> String {
    match &group.name {
        GroupName::Named { zh, en } => words.pick(zh, en).to_owned(),
        GroupName::Said(message) => words.say(message),
    }
}

/// The word of what is counted by; a question's name as it stands.
pub fn axis(words: &Words<'_>, name: &str) -> String {
    match crate::command::roll::AXES.contains(&name) {
        true => words.word(&format!("roll.by.{name}")),
        false => name.to_owned(),
    }
}

/// The figures of a count, as the columns of [`counts`] have them.
fn figures(counted: Option<Counted>, hidden: &str, rigid_is_covered: bool) -> [Cell; 5] {
    match counted {
        Some(counted) => [
            Cell::number(counted.households),
            Cell::number(counted.persons),
            Cell::number(counted.person_times),
            Cell::Money(counted.income),
            match rigid_is_covered {
                true => Cell::text(Mask::Cause.cover("rigid")),
                false => Cell::Money(counted.rigid),
            },
        ],
        None => std::array::from_fn(|_| Cell::text(hidden)),
    }
}

/// Counts by one thing with all figures; crossed, the households of each cell.
pub fn counts(words: &Words<'_>, found: &RollFound, table: &RollTable) -> Table {
    let (total, covered) = (found.total, found.rigid_is_covered);
    let hidden = words.word("roll.hidden");
    let first = table.axes.first().map(|name| axis(words, name)).unwrap_or_default();
    let mut columns = vec![Column::new("group", first, ColumnKind::Text).worth(9)];
    let title = |key: &str| words.word(key);
    if table.columns.is_empty() {
        columns.extend([
            Column::new("households", title("roll.households"), ColumnKind::Number).worth(8),
            Column::new("persons", title("roll.persons"), ColumnKind::Number).worth(7),
            Column::new("person_times", title("roll.person_times"), ColumnKind::Number).worth(6),
            Column::new("income", title("roll.by.income"), ColumnKind::Money).worth(4),
            Column::new("rigid", title("roll.col.rigid"), ColumnKind::Money).worth(3),
        ]);
    } else {
        columns.extend(table.columns.iter().map(|of| Column::new("cell", group(words, of), ColumnKind::Number)));
        columns.push(Column::new("total", title("roll.total"), ColumnKind::Number).worth(9));
    }
    let mut out = Table::new("counts", columns);
    let cell = |row: Option<&str>, column: Option<&str>| match table.cell(row, column) {
        Some(counted) => Cell::number(counted.households),
        None => Cell::text(hidden.as_str()),
    };
    for row in &table.rows {
        let mut cells = vec![Cell::text(group(words, row))];
        let code = Some(row.code.as_str());
        match table.columns.is_empty() {
            true => cells.extend(figures(table.cell(code, None), &hidden, covered)),
            false => {
                cells.extend(table.columns.iter().map(|column| cell(code, Some(&column.code))));
                cells.push(cell(code, None));
            }
        }
        out.push(cells);
    }
    let mut cells = vec![Cell::text(words.word("roll.total"))];
    match table.columns.is_empty() {
        true => cells.extend(figures(Some(total), &hidden, covered)),
        false => {
            cells.extend(table.columns.iter().map(|column| cell(None, Some(&column.code))));
            cells.push(Cell::number(total.households));
        }
    }
    out.sums = Some(TableRow { cells, tone: Tone::Strong });
    out
}

/// The sentence over what was found: how many of each.
pub fn totals(words: &Words<'_>, found: &RollFound) -> String {
    if let Some(least) = found.withheld {
        return words.say(&Message::new("roll.withheld").with("least", least));
    }
    let key = if found.rigid_is_covered { "roll.found_covered" } else { "roll.found" };
    let said = Message::new(key)
        .with("households", found.total.households)
        .with("persons", found.total.persons)
        .with("person_times", found.total.person_times)
        .with("income", found.total.income);
    let said = words.say(&if found.rigid_is_covered { said } else { said.with("rigid", found.total.rigid) });
    match unread(words, found) {
        Some(unread) => format!("{said}\n{unread}"),
        None => said,
    }
}

/// That the figures lack households, where some cannot be read.
pub fn unread(words: &Words<'_>, found: &RollFound) -> Option<String> {
    (found.unread > 0).then(|| words.say(&Message::new("roll.unread").with("count", found.unread)))
}

/// What came and went, a line each, and the sum.
pub fn movement(words: &Words<'_>, movement: &Movement) -> Table {
    let first = words.word(&format!("roll.lines.{}", movement.by.code()));
    let moves = columns_of(movement);
    let mut columns = vec![Column::new("group", first, ColumnKind::Text).worth(9)];
    columns.extend(moves.iter().map(|moved| {
        Column::new(moved.code(), words.word(&format!("roll.moved.{}", moved.code())), ColumnKind::Number).worth(8)
    }));
    let mut table = Table::new("movement", columns);
    let cells = |name: String, line: &MovementLine| {
        let mut cells = vec![Cell::text(name)];
        cells.extend(moves.iter().map(|moved| Cell::number(line.figure(*moved))));
        cells
    };
    for line in &movement.lines {
        table.push(cells(group(words, &line.group), line));
    }
    let sums = cells(words.word("roll.total"), &movement.total);
    match movement.lines.is_empty() {
        true => table.push(sums),
        false => table.sums = Some(TableRow { cells: sums, tone: Tone::Strong }),
    }
    table
}

/// The movements that a table has columns for: moves between lines only where lines are what one moves between.
pub fn columns_of(movement: &Movement) -> Vec<Moved> {
    let between = |moved: &Moved| matches!(moved, Moved::MovedIn | Moved::MovedOut);
    let any =
        |moved: &Moved| movement.total.figure(*moved) > 0 || movement.lines.iter().any(|line| line.figure(*moved) > 0);
    let shown = |moved: &Moved| !between(moved) || matches!(movement.by, Lines::Unit | Lines::Category) || any(moved);
    Moved::ALL.into_iter().filter(shown).collect()
}

/// Income per head at the end of each year.
pub fn years(words: &Words<'_>, movement: &Movement) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "years",
        vec![
            column("year", "roll.lines.year", ColumnKind::Identifier).worth(9),
            column("households", "roll.households", ColumnKind::Number).worth(8),
            column("known", "roll.col.known", ColumnKind::Number).worth(5),
            column("mean", "roll.col.mean", ColumnKind::Money).worth(7),
            column("median", "roll.col.median", ColumnKind::Money).worth(7),
        ],
    );
    let net = |amount| match movement.net_is_covered {
        true => Cell::text(Mask::Cause.cover("net")),
        false => Cell::money(amount),
    };
    for year in &movement.years {
        table.push(vec![
            Cell::identifier(year.year.to_string()),
            Cell::number(year.households),
            Cell::number(year.known),
            net(year.mean),
            net(year.median),
        ]);
    }
    table
}
