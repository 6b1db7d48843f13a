//! Rounds of surveys to be read: which there are, how one stands by unit and by officer, its households, what is proposed, and
//! how far the file is behind the paper.

use super::lists::column;
use super::value::{Cell, Column, ColumnKind, Sentence, Table, TableRow, Tone};
use super::words::Words;
use crate::command::round::{DrawnLine, LagLine, PersonCount, ProposedVisit, RoundBoard, RoundLine, VisitNote};
use crate::domain::round::{RoundCounts, RoundState};
use crate::domain::{Day, Message};
use crate::views::RoundRow;

/// Eight digits of an id name it.
fn id(hex: &str) -> Cell {
    Cell::identifier(hex.get(..8).unwrap_or(hex))
}

fn state_cell(words: &Words<'_>, state: RoundState) -> Cell {
    Cell::code(state.code(), words.word(&format!("round.state.{}", state.code())))
}

fn name(name: Option<&str>) -> Cell {
    Cell::text(name.unwrap_or_default())
}

/// The rounds that there are.
pub fn rounds(words: &Words<'_>, rows: &[RoundRow], today: Day) -> Table {
    let mut table = Table::new(
        "rounds",
        vec![
            column(words, "round", "round.col.round", ColumnKind::Identifier).worth(6),
            column(words, "name", "round.col.name", ColumnKind::Text).worth(9),
            column(words, "from", "round.col.from", ColumnKind::Day).worth(8),
            column(words, "to", "round.col.to", ColumnKind::Day).worth(8),
            column(words, "households", "round.col.households", ColumnKind::Number).worth(7),
            column(words, "state", "round.col.state", ColumnKind::Text).worth(7),
            column(words, "by", "present.col.by", ColumnKind::Text).worth(3),
        ],
    );
    for row in rows {
        let (said, tone) = match row.closed() {
            Some(closing) => (Message::new("round.closed_on").with("day", closing.on), Tone::Quiet),
            None if row.to < today => (Message::new("round.past_its_end"), Tone::Doubt),
            None => (Message::new("round.open"), Tone::Plain),
        };
        table.push(TableRow {
            cells: vec![
                id(&row.entry.hex()),
                Cell::text(row.name.as_str()),
                Cell::Day(row.from),
                Cell::Day(row.to),
                Cell::number(row.households.len()),
                Cell::text(words.say(&said)),
                Cell::text(words.officer(row.by)),
            ],
            tone,
        });
    }
    table
}

/// The states that have a column of their own on the board.
const COLUMNS: [(RoundState, &str); 8] = [
    (RoundState::Due, "due"),
    (RoundState::Begun, "begun"),
    (RoundState::Done, "done"),
    (RoundState::Refused, "refused"),
    (RoundState::Away, "away"),
    (RoundState::NotFound, "not_found"),
    (RoundState::Moved, "moved"),
    (RoundState::Gone, "gone"),
];

/// How a round stands, a line a unit.
pub fn board(words: &Words<'_>, board: &RoundBoard, today: Day) -> Table {
    let count = |key, title| column(words, key, title, ColumnKind::Number);
    let mut columns: Vec<Column> = vec![
        column(words, "unit", "present.col.unit", ColumnKind::Text).worth(9),
        count("households", "round.col.households").worth(9),
    ];
    let worth = |state| match state {
        RoundState::Due | RoundState::Begun | RoundState::Done => 9,
        RoundState::Refused | RoundState::Away | RoundState::NotFound => 8,
        _ => 5,
    };
    let own = COLUMNS.iter().map(|(state, key)| {
        Column::new(key, words.word(&format!("round.state.{key}")), ColumnKind::Number).worth(worth(*state))
    });
    columns.extend(own);
    columns.extend([
        count("other", "round.state.other").worth(3),
        count("unassigned", "round.col.unassigned").worth(7),
        count("overdue", "round.col.overdue").worth(6),
    ]);
    let mut table = Table::new("board", columns);
    let mut sums: Vec<usize> = Vec::new();
    for unit in board.by_unit(today) {
        let of = |state: RoundState| unit.states.get(&state).copied().unwrap_or_default();
        let counts: Vec<usize> = std::iter::once(unit.households)
            .chain(COLUMNS.iter().map(|(state, _)| of(*state)))
            .chain([of(RoundState::Other), unit.unassigned, unit.overdue])
            .collect();
        sums.resize(counts.len(), 0);
        sums.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
        let named = match words.unit(unit.unit) {
            Cell::Empty => Cell::text(words.word("round.no_unit")),
            unit => unit,
        };
        let cells = std::iter::once(named).chain(counts.into_iter().map(Cell::number)).collect::<Vec<_>>();
        let tone = match (unit.settled == unit.households, unit.overdue > 0) {
            (true, _) => Tone::Quiet,
            (false, true) => Tone::Doubt,
            (false, false) => Tone::Plain,
        };
        table.push(TableRow { cells, tone });
    }
    if !table.rows.is_empty() {
        let total = Cell::text(words.word("round.total"));
        let cells = std::iter::once(total).chain(sums.into_iter().map(Cell::number)).collect();
        table.sums = Some(TableRow { cells, tone: Tone::Strong });
    }
    table.notes = notes(words, board);
    table
}

/// What is to be known of a round: how far it is, what was counted when it was closed.
fn notes(words: &Words<'_>, board: &RoundBoard) -> Vec<Sentence> {
    let settled = board.lines.iter().filter(|line| line.is_settled).count();
    let mut notes = vec![
        Message::new("round.progress")
            .with("settled", settled)
            .with("count", board.lines.len())
            .with("from", board.row.from)
            .with("to", board.row.to),
    ];
    notes.extend(board.row.closed().map(|closing| counted(words, closing.on, &closing.counts)));
    let irregular = board.lines.iter().filter(|line| !line.irregular.is_empty()).count();
    if irregular > 0 {
        notes.push(Message::new("round.irregular_lines").with("count", irregular));
    }
    notes.into_iter().map(|note| Sentence::new(words.say(&note)).tone(Tone::Quiet)).collect()
}

/// What a round had come to when it was closed.
pub fn counted(words: &Words<'_>, on: Day, counts: &RoundCounts) -> Message {
    let ended = counts.ended.iter().map(|(outcome, count)| {
        words.say(
            &Message::new("round.counted_as")
                .with("outcome", words.code("visit_outcome", outcome.code()).shown())
                .with("count", *count),
        )
    });
    let ended = words.joined(ended);
    let ended = if ended.is_empty() { words.word("round.none") } else { ended };
    Message::new("round.counted")
        .with("day", on)
        .with("count", counts.households)
        .with("surveyed", counts.surveyed)
        .with("late", counts.late)
        .with("ended", ended)
        .with("gone", counts.gone)
}

/// How a round stands, a line an officer.
pub fn persons(words: &Words<'_>, persons: &[PersonCount]) -> Table {
    let count = |key, title| column(words, key, title, ColumnKind::Number);
    let mut table = Table::new(
        "persons",
        vec![
            column(words, "officer", "round.col.officer", ColumnKind::Text).worth(9),
            count("assigned", "round.col.assigned").worth(9),
            count("settled", "round.col.settled").worth(8),
            count("left", "round.col.left").worth(9),
            count("surveyed", "round.col.surveyed").worth(7),
            count("visits", "round.col.visits").worth(6),
        ],
    );
    for person in persons {
        let left = person.assigned.saturating_sub(person.settled);
        table.push(vec![
            Cell::text(words.officer(person.officer)),
            Cell::number(person.assigned),
            Cell::number(person.settled),
            Cell::number(left),
            Cell::number(person.surveyed),
            Cell::number(person.visits),
        ]);
    }
    table
}

/// Households of a round.
pub fn households(words: &Words<'_>, lines: &[RoundLine], today: Day) -> Table {
    let mut table = Table::new(
        "households",
        vec![
            column(words, "number", "present.col.number", ColumnKind::Identifier).worth(9),
            column(words, "name", "present.col.name", ColumnKind::Text).worth(8),
            column(words, "unit", "present.col.unit", ColumnKind::Text).worth(3),
            column(words, "state", "round.col.state", ColumnKind::Code).worth(9),
            column(words, "visits", "round.col.visits", ColumnKind::Number).worth(5),
            column(words, "last", "round.col.last", ColumnKind::Day).worth(4),
            column(words, "next", "round.col.next", ColumnKind::Day).worth(7),
            column(words, "assigned", "round.col.officer", ColumnKind::Text).worth(8),
            column(words, "due", "round.col.due_on", ColumnKind::Day).worth(6),
            column(words, "address", "round.col.address", ColumnKind::Text).worth(1),
            column(words, "irregular", "round.col.irregular", ColumnKind::Text).worth(2),
        ],
    );
    for line in lines {
        let irregular = line.irregular.iter().map(|one| words.word(&format!("round.irregular.{}", one.code())));
        let state = match (line.state, line.done) {
            (RoundState::Done, Some((.., true))) => Cell::code(line.state.code(), words.word("round.done_late")),
            (state, _) if line.is_settled && !matches!(state, RoundState::Done | RoundState::Gone) => {
                let said = words.bracketed(&state_cell(words, state).shown(), &words.word("round.final"));
                Cell::code(state.code(), said)
            }
            (state, _) => state_cell(words, state),
        };
        let tone = match () {
            () if !line.irregular.is_empty() => Tone::Wrong,
            () if line.is_settled => Tone::Quiet,
            () if line.due.is_some_and(|due| due < today) => Tone::Doubt,
            () => Tone::Plain,
        };
        table.push(TableRow {
            cells: vec![
                Cell::identifier(line.number.as_str()),
                name(line.name.as_deref()),
                words.unit(line.unit),
                state,
                if line.visits == 0 { Cell::Empty } else { Cell::number(line.visits) },
                Cell::day(line.done.map(|(on, ..)| on).or(line.last)),
                Cell::day(line.next),
                line.assigned.map_or(Cell::Empty, |officer| Cell::text(words.officer(officer))),
                if line.is_settled { Cell::Empty } else { Cell::day(line.due) },
                name(line.address.as_deref()),
                Cell::text(words.joined(irregular)),
            ],
            tone,
        });
    }
    table
}

/// Households that a round would be drawn for.
pub fn drawn(words: &Words<'_>, lines: &[DrawnLine]) -> Table {
    let mut table = Table::new(
        "drawn",
        vec![
            column(words, "number", "present.col.number", ColumnKind::Identifier).worth(9),
            column(words, "name", "present.col.name", ColumnKind::Text).worth(8),
            column(words, "unit", "present.col.unit", ColumnKind::Text).worth(5),
            column(words, "why", "round.col.drawn_for", ColumnKind::Code).worth(8),
            column(words, "due", "round.col.due_on", ColumnKind::Day).worth(7),
            column(words, "elsewhere", "round.col.elsewhere", ColumnKind::Text).worth(6),
        ],
    );
    for line in lines {
        table.push(TableRow {
            cells: vec![
                Cell::identifier(line.number.as_str()),
                name(line.name.as_deref()),
                words.unit(line.unit),
                Cell::code(line.why.code(), words.word(&format!("round.drawn.{}", line.why.code()))),
                Cell::day(line.due),
                name(line.elsewhere.as_deref()),
            ],
            tone: if line.elsewhere.is_some() { Tone::Quiet } else { Tone::Plain },
        });
    }
    table
}

/// Who might visit whom.
pub fn proposed(words: &Words<'_>, visits: &[ProposedVisit]) -> Table {
    let mut table = Table::new(
        "proposed",
        vec![
            column(words, "number", "present.col.number", ColumnKind::Identifier).worth(9),
            column(words, "name", "present.col.name", ColumnKind::Text).worth(8),
            column(words, "unit", "present.col.unit", ColumnKind::Text).worth(6),
            column(words, "address", "round.col.address", ColumnKind::Text).worth(2),
            column(words, "officer", "round.col.officer", ColumnKind::Text).worth(9),
        ],
    );
    for visit in visits {
        let officer = match visit.to {
            Some(officer) => Cell::text(words.officer(officer)),
            None => Cell::text(words.word("round.nobody_surveys")),
        };
        table.push(TableRow {
            cells: vec![
                Cell::identifier(visit.number.as_str()),
                name(visit.name.as_deref()),
                words.unit(visit.unit),
                name(visit.address.as_deref()),
                officer,
            ],
            tone: if visit.to.is_none() { Tone::Doubt } else { Tone::Plain },
        });
    }
    table
}

/// Surveys that came into the file too late, or have not come.
pub fn lag(words: &Words<'_>, lines: &[LagLine]) -> Table {
    let mut table = Table::new(
        "lag",
        vec![
            column(words, "number", "present.col.number", ColumnKind::Identifier).worth(9),
            column(words, "name", "present.col.name", ColumnKind::Text).worth(8),
            column(words, "unit", "present.col.unit", ColumnKind::Text).worth(4),
            column(words, "paper", "round.col.paper_day", ColumnKind::Day).worth(8),
            column(words, "until", "round.col.in_time_until", ColumnKind::Day).worth(7),
            column(words, "entered", "round.col.entered", ColumnKind::Text).worth(9),
            column(words, "by", "present.col.by", ColumnKind::Text).worth(5),
        ],
    );
    for line in lines {
        table.push(TableRow {
            cells: vec![
                Cell::identifier(line.number.as_str()),
                name(line.name.as_deref()),
                words.unit(line.unit),
                Cell::Day(line.on),
                Cell::Day(line.until),
                line.entered.map_or_else(|| Cell::text(words.word("round.not_entered")), Cell::Day),
                Cell::text(words.officer(line.by)),
            ],
            tone: if line.entered.is_none() { Tone::Doubt } else { Tone::Plain },
        });
    }
    table
}

/// Visits to a household, by their days.
pub fn visits(words: &Words<'_>, visits: &[VisitNote]) -> Table {
    let mut table = Table::new(
        "visits",
        vec![
            column(words, "on", "round.col.visited_on", ColumnKind::Day).worth(9),
            column(words, "round", "round.col.name", ColumnKind::Text).worth(6),
            column(words, "outcome", "round.col.outcome", ColumnKind::Code).worth(9),
            column(words, "final", "round.col.final", ColumnKind::Text).worth(5),
            column(words, "next", "round.col.next", ColumnKind::Day).worth(7),
            column(words, "by", "present.col.by", ColumnKind::Text).worth(7),
            column(words, "note", "round.col.note", ColumnKind::Text).worth(4),
        ],
    );
    for visit in visits {
        let is_final = Cell::Flag {
            is: visit.is_final,
            words: if visit.is_final { words.word("round.final") } else { String::new() },
        };
        table.push(vec![
            Cell::Day(visit.on),
            Cell::text(visit.round.as_str()),
            words.code("visit_outcome", visit.outcome.code()),
            is_final,
            Cell::day(visit.next),
            Cell::text(words.officer(visit.by)),
            name(visit.note.as_deref()),
        ]);
    }
    table
}
