//! What the first screen lists: tables whose rows say by themselves what each cell is, for they stand under a heading and
//! without titles.

use super::value::{Cell, Column, ColumnKind, Table, TableRow, Tone};
use super::words::Words;
use crate::command::dossier::StatusLine;
use crate::command::drafts::{DraftLine, DueLine};
use crate::command::queue::{QueueFound, Waits};
use crate::domain::{Day, Message};

fn table(key: &'static str, columns: &[(&'static str, ColumnKind, u8)]) -> Table {
    // Names, numbers and units of one list stand below those of the other.
    let least = |key: &str| match key {
        "name" => 8,
        "number" => 16,
        "unit" => 20,
        _ => 0,
    };
    let columns = columns.iter().map(|(key, kind, worth)| Column::new(key, "", *kind).worth(*worth).least(least(key)));
    Table::new(key, columns.collect())
}

fn name(name: Option<&str>) -> Cell {
    Cell::text(name.unwrap_or_default())
}

/// Surveys to go on with: of whom, where one was, how much is given, since when, whose.
pub fn drafts(words: &Words<'_>, lines: &[DraftLine]) -> Table {
    let mut table = table(
        "drafts",
        &[
            ("name", ColumnKind::Text, 8),
            ("number", ColumnKind::Identifier, 9),
            ("place", ColumnKind::Text, 4),
            ("answered", ColumnKind::Code, 6),
            ("begun", ColumnKind::Moment, 5),
            ("state", ColumnKind::Code, 9),
        ],
    );
    for line in lines {
        let (state, tone) = match (&line.submitted, line.damaged) {
            (Some(_), _) => (words.word("present.today.submitted"), Tone::Quiet),
            (None, true) => (words.word("present.today.damaged"), Tone::Wrong),
            (None, false) => (words.officer(line.by), Tone::Plain),
        };
        let answered = Message::new("present.today.answered").with("count", line.answered);
        let cells = vec![
            name(line.name.as_deref()),
            super::lists::draft_of(words, line),
            Cell::text(place(words, line).unwrap_or_default()),
            Cell::code(line.answered.to_string(), words.say(&answered)),
            Cell::Moment(line.begun),
            Cell::text(state),
        ];
        table.push(TableRow { cells, tone });
    }
    table
}

/// The words of the question where the cursor was left.
fn place(words: &Words<'_>, line: &DraftLine) -> Option<String> {
    let form = words.office().form_of(&line.form, &line.form_version)?;
    let node = *form.by_name.get(line.cursor.as_ref()?.name())?.first()?;
    let language = form.language_index(words.lang.code()).unwrap_or(form.language);
    Some(form.node(node).label.get(language).to_owned())
}

/// What of the fund waits, a kind a line; and what waits in cases, the longest first: for what, since when.
pub fn queue(words: &Words<'_>, found: &QueueFound, today: Day) -> Table {
    let mut table = table(
        "queue",
        &[
            ("name", ColumnKind::Text, 8),
            ("number", ColumnKind::Identifier, 9),
            ("unit", ColumnKind::Text, 4),
            ("waits", ColumnKind::Code, 9),
            ("days", ColumnKind::Code, 7),
            ("by", ColumnKind::Text, 3),
        ],
    );
    for line in &found.fund {
        let code = line.waits.code();
        let days = i64::from(today.0) - i64::from(line.since.0);
        table.push(vec![
            Cell::text(words.word("present.today.fund")),
            Cell::text(words.say(&Message::new("present.today.count").with("count", line.count))),
            line.sum.map_or(Cell::Empty, |sum| Cell::text(sum.grouped())),
            Cell::code(code, words.word(&format!("waits.{code}"))),
            Cell::text(words.say(&Message::new("present.today.waited").with("days", days.max(0)))),
            Cell::Empty,
        ]);
    }
    for line in &found.lines {
        let code = line.waits.code();
        let (said, tone) = match (line.waits, line.until) {
            (Waits::NoticeRuns | Waits::Ends, Some(until)) if today <= until => {
                (Message::new("present.today.until").with("day", until), Tone::Quiet)
            }
            (Waits::Ends, Some(until)) => {
                (Message::new("present.today.overdue").with("days", i64::from(today.0 - until.0)), Tone::Doubt)
            }
            _ => {
                let days = i64::from(today.0) - i64::from(line.since.0);
                (Message::new("present.today.waited").with("days", days.max(0)), Tone::Plain)
            }
        };
        let cells = vec![
            name(line.name.as_deref()),
            Cell::identifier(line.number.as_str()),
            words.unit(line.unit),
            Cell::code(code, words.word(&format!("waits.{code}"))),
            Cell::text(words.say(&said)),
            line.by.map_or(Cell::Empty, |by| Cell::text(words.officer(by))),
        ];
        table.push(TableRow { cells, tone });
    }
    table
}

/// Households to be surveyed: by when, and how long that is.
pub fn due(words: &Words<'_>, lines: &[DueLine], today: Day) -> Table {
    let mut table = table(
        "due",
        &[
            ("name", ColumnKind::Text, 8),
            ("number", ColumnKind::Identifier, 9),
            ("unit", ColumnKind::Text, 4),
            ("on", ColumnKind::Day, 6),
            ("late", ColumnKind::Code, 9),
        ],
    );
    for line in lines {
        let days = i64::from(line.on.0) - i64::from(today.0);
        let (said, tone) = match days {
            ..0 => (Message::new("present.today.overdue").with("days", -days), Tone::Doubt),
            0 => (Message::new("present.today.due_today"), Tone::Strong),
            _ => (Message::new("present.today.due_in").with("days", days), Tone::Plain),
        };
        let cells = vec![
            name(line.name.as_deref()),
            Cell::identifier(line.number.as_str()),
            words.unit(line.unit),
            Cell::Day(line.on),
            Cell::text(words.say(&said)),
        ];
        table.push(TableRow { cells, tone });
    }
    table
}

/// Households and how they stand.
pub fn stand(words: &Words<'_>, lines: &[(StatusLine, Option<String>)]) -> Table {
    let mut table = table(
        "seen",
        &[
            ("name", ColumnKind::Text, 8),
            ("number", ColumnKind::Identifier, 9),
            ("unit", ColumnKind::Text, 4),
            ("category", ColumnKind::Code, 7),
            ("status", ColumnKind::Code, 6),
        ],
    );
    for (status, of) in lines {
        table.push(vec![
            name(of.as_deref()),
            Cell::identifier(status.number.as_str()),
            words.unit(status.unit),
            words.category_of(status),
            words.status(status),
        ]);
    }
    table
}
