//! Lists of the office as tables: what lookup found, units, officers.

use super::value::{Cell, Column, ColumnKind, Field, Table, TableRow, Tone};
use super::words::Words;
use crate::command::dossier::StatusLine;
use crate::command::drafts::DraftLine;
use crate::command::fund::FundQueueLine;
use crate::command::looks::LookLine;
use crate::command::numbers::SeriesLine;
use crate::command::queue::QueueLine;
use crate::command::replay::Touched;
use crate::command::{Duty, Role, Span};
use crate::domain::{Day, Explain, Message, Stamp, StationId, UnitId};
use crate::views::search::Hit;
use crate::views::settings::AdoptedRow;
use crate::views::{OfficerRow, UnitRow};

/// A column whose title is `present.col.KEY`.
pub(super) fn column(words: &Words<'_>, key: &'static str, title: &str, kind: ColumnKind) -> Column {
    Column::new(key, words.word(title), kind)
}

/// Rules that the bureau adopted: which, by which paper, from when to when, by whom it was recorded.
pub fn adopted(words: &Words<'_>, rows: &[AdoptedRow]) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "adopted",
        vec![
            column("id", ColumnKind::Identifier).worth(9),
            column("paper", ColumnKind::Text).worth(8),
            column("decided_on", ColumnKind::Day).worth(6),
            column("since", ColumnKind::Day).worth(7),
            column("until", ColumnKind::Day).worth(5),
            column("by", ColumnKind::Text).worth(4),
        ],
    );
    for row in rows {
        table.push(vec![
            Cell::identifier(row.id.as_str()),
            Cell::Text(row.document.clone()),
            Cell::Day(row.decided_on),
            Cell::Day(row.since),
            Cell::day(row.until),
            Cell::Text(words.officer(row.by)),
        ]);
    }
    table
}

/// Decisions that other rules would make now: by which they were made, by which they would be, and what each comes to.
pub fn touched(words: &Words<'_>, lines: &[Touched]) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "touched",
        vec![
            column("number", ColumnKind::Identifier).worth(9),
            column("surveyed_on", ColumnKind::Day).worth(6),
            column("rules", ColumnKind::Identifier).worth(4),
            column("rules_now", ColumnKind::Identifier).worth(5),
            column("category_then", ColumnKind::Code).worth(7),
            column("category_now", ColumnKind::Code).worth(8),
        ],
    );
    for line in lines {
        table.push(vec![
            Cell::identifier(line.number.as_str()),
            Cell::Day(line.surveyed_on),
            Cell::identifier(line.rule_set.as_str()),
            Cell::identifier(line.rules_now.as_str()),
            words.category(Some(&line.rule_set), line.category.as_deref(), true),
            words.category(Some(&line.rules_now), line.category_now.as_deref(), true),
        ]);
    }
    table
}

/// What waits, the longest first: for what, since when, for how many days, who had it last.
pub fn queue(words: &Words<'_>, lines: &[QueueLine], today: Day) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "queue",
        vec![
            column("number", ColumnKind::Identifier).worth(9),
            column("name", ColumnKind::Text).worth(8),
            column("unit", ColumnKind::Text).worth(4),
            column("waits", ColumnKind::Code).worth(9),
            column("since", ColumnKind::Day).worth(7),
            column("days", ColumnKind::Number).worth(8),
            column("until", ColumnKind::Day).worth(6),
            column("by", ColumnKind::Text).worth(5),
        ],
    );
    for line in lines {
        let waits = line.waits.code();
        table.push(vec![
            Cell::identifier(line.number.as_str()),
            line.name.clone().map_or(Cell::Empty, Cell::Text),
            words.unit(line.unit),
            Cell::code(waits, words.word(&format!("waits.{waits}"))),
            Cell::Day(line.since),
            Cell::number((today.0 - line.since.0).max(0)),
            Cell::day(line.until),
            line.by.map_or(Cell::Empty, |by| Cell::Text(words.officer(by))),
        ]);
    }
    table
}

/// What of the fund waits, a kind a line: how much of it, what it comes to, since when the oldest.
pub fn fund_queue(words: &Words<'_>, lines: &[FundQueueLine], today: Day) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "fund_queue",
        vec![
            column("waits", "present.col.waits", ColumnKind::Code).worth(9),
            column("count", "present.col.queued", ColumnKind::Number).worth(8),
            column("sum", "aid.col.amount", ColumnKind::Money).worth(6),
            column("since", "present.col.since", ColumnKind::Day).worth(5),
            column("days", "present.col.days", ColumnKind::Number).worth(7),
        ],
    );
    for line in lines {
        let waits = line.waits.code();
        table.push(vec![
            Cell::code(waits, words.word(&format!("waits.{waits}"))),
            Cell::number(line.count),
            Cell::money(line.sum),
            Cell::Day(line.since),
            Cell::number((today.0 - line.since.0).max(0)),
        ]);
    }
    table
}

/// Households that were looked for, best first, and why each fits. A hit whose status is known is shown with its category as its rules name it.
pub fn hits<'h>(words: &Words<'_>, hits: impl IntoIterator<Item = (&'h Hit, Option<&'h StatusLine>)>) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "found",
        vec![
            column("dossier", "present.col.number", ColumnKind::Identifier).worth(9),
            column("name", "present.col.name", ColumnKind::Text).worth(8),
            column("born", "present.col.born", ColumnKind::Number).worth(5),
            column("unit", "present.col.unit", ColumnKind::Text).worth(6),
            column("category", "present.col.category", ColumnKind::Code).worth(7),
            column("status", "present.col.status", ColumnKind::Code).worth(4),
            column("why", "present.col.why", ColumnKind::Text).worth(3),
        ],
    );
    for (hit, status) in hits {
        table.push(vec![
            Cell::identifier(hit.number.as_str()),
            Cell::Text(hit.name.clone()),
            hit.birth_year.map_or(Cell::Empty, Cell::number),
            Cell::Text(hit.unit.name.clone()),
            match status {
                Some(status) => words.category_of(status),
                None => words.code("category", &hit.category),
            },
            Cell::code(hit.status.as_str(), words.word(&format!("status.{}", hit.status))),
            Cell::Text(words.joined(hit.why.iter().map(|why| words.say(&why.explain())))),
        ]);
    }
    table
}

/// Surveys that are not finished.
pub fn drafts(words: &Words<'_>, drafts: &[DraftLine]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "drafts",
        vec![
            column("draft", "present.col.draft", ColumnKind::Identifier).worth(9),
            column("dossier", "present.col.number", ColumnKind::Identifier).worth(8),
            column("name", "present.col.name", ColumnKind::Text).worth(7),
            column("by", "present.col.by", ColumnKind::Text).worth(6),
            column("begun", "present.col.begun", ColumnKind::Moment).worth(5),
            column("answered", "present.col.answered", ColumnKind::Number).worth(4),
        ],
    );
    for line in drafts {
        let id = line.draft.hex();
        table.push(vec![
            // So much of it names it.
            Cell::identifier(id.get(..8).unwrap_or(&id)),
            draft_of(words, line),
            Cell::text(line.name.as_deref().unwrap_or_default()),
            Cell::text(words.officer(line.by)),
            Cell::Moment(line.begun),
            Cell::number(line.answered),
        ]);
    }
    table
}

/// Whose survey a draft is: the dossier's number; else that the household is new, or one of another unit by now.
pub fn draft_of(words: &Words<'_>, line: &DraftLine) -> Cell {
    match (&line.number, line.is_new) {
        (Some(number), _) => Cell::identifier(number.as_str()),
        (None, true) => Cell::text(words.word("present.today.new_household")),
        (None, false) => Cell::text(words.word("present.today.other_unit")),
    }
}

/// One line of the log: who came in, was refused or went, or how the store as a whole was handled.
pub struct LogLine {
    pub at: Stamp,
    /// Codes, in the words `login.step.*` and `login.why.*`.
    pub step: String,
    pub why: String,
    pub name: String,
    /// `None`: the record is from before ways in were recorded.
    pub credential: Option<String>,
    pub address: String,
    pub count: u64,
    /// Of an act on the store: what it was about.
    pub id: Option<String>,
}

/// The log, in the order given.
pub fn log(words: &Words<'_>, lines: &[LogLine]) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "log",
        vec![
            column("at", ColumnKind::Moment).worth(9),
            column("step", ColumnKind::Code).worth(9),
            column("why_log", ColumnKind::Code).worth(7),
            column("name", ColumnKind::Text).worth(8),
            column("way", ColumnKind::Text).worth(6),
            column("address", ColumnKind::Text).worth(5),
            column("count", ColumnKind::Number).worth(4),
            column("about", ColumnKind::Identifier).worth(3),
        ],
    );
    for line in lines {
        table.push(vec![
            Cell::Moment(line.at),
            Cell::code(line.step.as_str(), words.word(&format!("login.step.{}", line.step))),
            Cell::code(line.why.as_str(), words.word(&format!("login.why.{}", line.why))),
            Cell::text(line.name.as_str()),
            Cell::text(way(words, line.credential.as_deref())),
            Cell::text(line.address.as_str()),
            if line.count > 1 { Cell::number(line.count) } else { Cell::Empty },
            line.id.as_deref().map_or(Cell::Empty, Cell::identifier),
        ]);
    }
    table
}

/// A look at a household, and by which way in.
pub struct ReadLine {
    pub look: LookLine,
    pub number: String,
    /// `None`: the record is from before ways in were recorded.
    pub way: Option<String>,
}

fn way(words: &Words<'_>, way: Option<&str>) -> String {
    way.map_or_else(|| words.word("present.no_way"), str::to_owned)
}

/// Looks across households, in the order given; an important one stands out.
pub fn reads(words: &Words<'_>, lines: &[ReadLine]) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "reads",
        vec![
            column("at", ColumnKind::Moment).worth(9),
            column("by", ColumnKind::Text).worth(9),
            column("number", ColumnKind::Identifier).worth(9),
            column("what", ColumnKind::Text).worth(8),
            column("reason", ColumnKind::Text).worth(7),
            column("way", ColumnKind::Text).worth(4),
        ],
    );
    for line in lines {
        let look = &line.look;
        let what = words.word(&look.word());
        let what = match look.important {
            true => words.say(&Message::new("present.important").with("what", what)),
            false => what,
        };
        let cells = vec![
            Cell::Moment(look.at),
            Cell::text(words.officer(look.by)),
            Cell::identifier(line.number.as_str()),
            Cell::text(what),
            Cell::text(look.why.as_deref().unwrap_or_default()),
            Cell::text(way(words, line.way.as_deref())),
        ];
        table.push(TableRow { cells, tone: if look.important { Tone::Doubt } else { Tone::Plain } });
    }
    table
}

/// Numbers of a series: which station gave which last, and which were handed out to which.
pub fn numbers(words: &Words<'_>, series: &[SeriesLine]) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "numbers",
        vec![
            column("series", ColumnKind::Identifier).worth(9),
            column("station", ColumnKind::Identifier).worth(8),
            column("last", ColumnKind::Identifier).worth(7),
            column("block", ColumnKind::Identifier).worth(7),
        ],
    );
    let station = |id: &StationId| {
        let hex = id.hex();
        Cell::identifier(hex.get(..6).unwrap_or(&hex))
    };
    for line in series {
        for (of, last) in &line.issued {
            table.push(vec![
                Cell::identifier(line.series.as_str()),
                station(of),
                Cell::identifier(last.to_string()),
                Cell::Empty,
            ]);
        }
        for (from, to, of) in &line.blocks {
            let block = Cell::identifier(format!("{from}-{to}"));
            table.push(vec![Cell::identifier(line.series.as_str()), station(of), Cell::Empty, block]);
        }
    }
    table
}

/// Units by their code, each name in both languages for programs; people read the one of theirs.
pub fn units(words: &Words<'_>, units: &[UnitRow]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let code = |id: Option<UnitId>| {
        let found = id.and_then(|id| units.iter().find(|unit| unit.unit == id));
        found.map_or(Cell::Empty, |unit| Cell::identifier(unit.code.as_str()))
    };
    let mut table = Table::new(
        "units",
        vec![
            column("code", "present.col.code", ColumnKind::Identifier).worth(9),
            column("name", "present.col.name", ColumnKind::Text).worth(8),
            column("kind", "present.col.kind", ColumnKind::Code).worth(5),
            column("parent", "present.col.parent", ColumnKind::Identifier).worth(6),
        ],
    );
    for unit in units {
        table.push(vec![
            Cell::identifier(unit.code.as_str()),
            Cell::text(words.pick(&unit.zh, &unit.en)),
            words.code("unit_kind", &unit.kind),
            code(unit.parent),
        ]);
    }
    table
}

/// All there is to know of units, as `units import` reads it back.
pub fn unit_rows(words: &Words<'_>, units: &[UnitRow]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let code = |id: Option<UnitId>| {
        let found = id.and_then(|id| units.iter().find(|unit| unit.unit == id));
        found.map_or(Cell::Empty, |unit| Cell::identifier(unit.code.as_str()))
    };
    let mut table = Table::new(
        "units",
        vec![
            column("id", "present.col.id", ColumnKind::Identifier),
            column("code", "present.col.code", ColumnKind::Identifier),
            column("zh", "present.col.zh", ColumnKind::Text),
            column("en", "present.col.en", ColumnKind::Text),
            column("kind", "present.col.kind", ColumnKind::Code),
            column("parent", "present.col.parent", ColumnKind::Identifier),
            column("since", "present.col.since", ColumnKind::Day),
            column("until", "present.col.until", ColumnKind::Day),
            column("replaced_by", "present.col.replaced_by", ColumnKind::Identifier),
        ],
    );
    for unit in units {
        table.push(vec![
            Cell::identifier(unit.unit.hex()),
            Cell::identifier(unit.code.as_str()),
            Cell::text(unit.zh.as_str()),
            Cell::text(unit.en.as_str()),
            words.code("unit_kind", &unit.kind),
            code(unit.parent),
            Cell::day(unit.since),
            Cell::day(unit.until),
            code(unit.replaced_by),
        ]);
    }
    table
}

/// Officers with their roles and units.
pub fn officers(words: &Words<'_>, officers: &[OfficerRow], units: &[UnitRow]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let code = |id: &UnitId| {
        let found = units.iter().find(|unit| unit.unit == *id);
        Cell::identifier(found.map_or_else(|| id.hex(), |unit| unit.code.clone()))
    };
    let mut table = Table::new(
        "officers",
        vec![
            column("name", "present.col.name", ColumnKind::Text).worth(9),
            column("roles", "present.col.roles", ColumnKind::Text).worth(8),
            column("units", "present.col.units", ColumnKind::Text).worth(7),
            column("until", "present.col.until", ColumnKind::Day).worth(6),
        ],
    );
    let many = |cells: Vec<Cell>| Cell::Many { cells, comma: words.comma() };
    for row in officers {
        let role = |role: &String| Cell::code(role.as_str(), words.word(&format!("role.{role}")));
        table.push(vec![
            Cell::text(words.pick(&row.zh, &row.en)),
            many(row.roles.iter().map(role).collect()),
            many(row.units.iter().map(code).collect()),
            Cell::day(row.until),
        ]);
    }
    table
}

/// What each duty is, and which of these roles carry it how far; with `reach` how far it reaches for one officer who has
/// them. What nobody of them carries is left out then.
pub fn duties(words: &Words<'_>, roles: &[Role], reach: bool) -> Vec<Field> {
    let span = |span: Span| words.word(&format!("span.{}", span.code()));
    let of = |duty: &Duty| {
        let label = words.word(&format!("duty.{}", duty.code()));
        let most = roles.iter().map(|role| duty.span(*role)).max().unwrap_or(Span::No);
        if reach {
            return (most > Span::No).then(|| Field::new(duty.code(), label, Cell::text(span(most))));
        }
        let carry = roles.iter().filter(|role| duty.span(**role) > Span::No).map(|role| {
            let role_words = words.word(&format!("role.{}", role.code()));
            Cell::code(role.code(), words.bracketed(&role_words, &span(duty.span(*role))))
        });
        let value = Cell::Many { cells: carry.collect(), comma: words.comma() };
        Some(Field::new(duty.code(), label, value))
    };
    Duty::ALL.iter().filter_map(of).collect()
}
