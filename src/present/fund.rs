//! The fund's book to be read: balances, statements, the proof.

use super::lists::column;
use super::report::AidColumns;
use super::value::{Cell, Column, ColumnKind, Field, Sentence, Table, TableRow, Tone};
use super::words::Words;
use crate::command::fund::{AccountStatement, BookProof, FundState, PeriodStatement};
use crate::command::settings::OfficeSize;
use crate::domain::fund::{Account, Broken, LineId, Table as By, What, YearStatement};
use crate::domain::{Arg, Day, Fen, Message};

/// Purses: what each has, what of it is reserved, what is free.
pub fn purses(words: &Words<'_>, state: &FundState) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "purses",
        vec![
            column("code", "fund.col.purse", ColumnKind::Identifier).worth(9),
            column("name", "fund.col.name", ColumnKind::Text).worth(6),
            column("source", "fund.col.source", ColumnKind::Code).worth(4),
            column("books", "fund.col.books", ColumnKind::Code).worth(2),
            column("kinds", "fund.col.kinds", ColumnKind::Code).worth(3),
            column("until", "fund.col.until", ColumnKind::Day).worth(5),
            column("balance", "fund.col.balance", ColumnKind::Money).worth(8),
            column("reserved", "fund.col.reserved", ColumnKind::Money).worth(7),
            column("free", "fund.col.free", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("fund.purses"));
    for line in &state.purses {
        let purse = &line.row.purse;
        let kinds = purse.kinds.iter().map(|kind| words.code("payout_kind", kind)).collect();
        let is_over = purse.is_over(state.on) && line.sums.balance().0 > 0;
        table.push(TableRow {
            cells: vec![
                Cell::identifier(purse.code.as_str()),
                Cell::text(words.pick(&line.row.zh, &line.row.en)),
                words.code("fund_source", &purse.source),
                Cell::code(purse.books.code(), words.word(&format!("fund.books.{}", purse.books.code()))),
                Cell::Many { cells: kinds, comma: words.comma() },
                Cell::day(purse.until),
                Cell::Money(line.sums.balance()),
                Cell::Money(line.sums.reserved()),
                Cell::Money(state.free(line)),
            ],
            tone: match line.sums.free().0 < 0 {
                true => Tone::Wrong,
                false if is_over => Tone::Doubt,
                false => Tone::Plain,
            },
        });
    }
    let total = state.purses_total();
    table.sums = Some(sums_row(words, 9, &[(6, total.balance()), (7, total.reserved()), (8, state.free_total())]));
    table
}

/// Places: what lies where.
pub fn places(words: &Words<'_>, state: &FundState) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "places",
        vec![
            column("code", "fund.col.place", ColumnKind::Identifier).worth(9),
            column("name", "fund.col.name", ColumnKind::Text).worth(6),
            column("kind", "fund.col.kind", ColumnKind::Code).worth(5),
            column("balance", "fund.col.balance", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.word("fund.places"));
    for line in &state.places {
        let kind = line.row.place.kind.code();
        table.push(TableRow {
            cells: vec![
                Cell::identifier(line.row.place.code.as_str()),
                Cell::text(words.pick(&line.row.zh, &line.row.en)),
                Cell::code(kind, words.word(&format!("fund.place.{kind}"))),
                Cell::Money(line.sums.balance()),
            ],
            tone: if line.sums.balance().0 < 0 { Tone::Wrong } else { Tone::Plain },
        });
    }
    table.sums = Some(sums_row(words, 4, &[(3, state.places_total().balance())]));
    table
}

fn sums_row(words: &Words<'_>, columns: usize, sums: &[(usize, Fen)]) -> TableRow {
    let mut cells = vec![Cell::Empty; columns];
    cells[0] = Cell::text(words.word("fund.total"));
    for (place, fen) in sums {
        cells[*place] = Cell::Money(*fen);
    }
    TableRow { cells, tone: Tone::Strong }
}

/// Who keeps the book, and as of when.
pub fn heads(words: &Words<'_>, state: &FundState) -> Vec<Field> {
    let keeper = match state.keeper {
        None => Cell::text(words.word("fund.no_keeper")),
        Some(_) if state.is_kept_here => Cell::text(words.word("fund.kept_here")),
        Some(station) => Cell::identifier(station.hex().get(..6).unwrap_or_default()),
    };
    vec![
        Field::new("on", words.word("fund.on"), Cell::Day(state.on)),
        Field::new("keeper", words.word("fund.keeper"), keeper),
    ]
}

/// A statement: opening above, a line each, closing as the sums.
pub fn statement(words: &Words<'_>, statement: &AccountStatement) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let other = match statement.is_purse {
        true => column("place", "fund.col.way", ColumnKind::Text),
        false => column("purse", "fund.col.purse", ColumnKind::Text),
    };
    let columns: Vec<Column> = vec![
        column("on", "fund.col.on", ColumnKind::Day).worth(9),
        column("number", "fund.col.number", ColumnKind::Identifier).worth(7),
        column("kind", "fund.col.what", ColumnKind::Code).worth(8),
        other.worth(4),
        column("document", "fund.col.document", ColumnKind::Text).worth(2),
        column("aid", "fund.col.aid", ColumnKind::Code).worth(3),
        column("moved", "fund.col.moved", ColumnKind::Money).worth(9),
        column("balance", "fund.col.balance", ColumnKind::Money).worth(8),
    ];
    let title = Message::new("fund.statement")
        .with("name", words.pick(&statement.zh, &statement.en))
        .with("code", statement.code.as_str())
        .with("from", statement.from)
        .with("to", statement.to);
    let mut table = Table::new("lines", columns).titled(words.say(&title));
    for line in &statement.lines {
        let (code, aid, document) = match &line.line.what {
            What::Moved(movement) => (movement.kind.code(), movement.aid.as_deref(), movement.document.as_str()),
            What::Reserved(reservation) => ("reserved", Some(reservation.aid.as_str()), ""),
            What::Released(_) => ("released", None, ""),
        };
        let outside = || words.word("fund.outside");
        let way = match (&line.from, &line.to) {
            (None, None) => String::new(),
            (from, to) => format!("{} → {}", from.clone().unwrap_or_else(outside), to.clone().unwrap_or_else(outside)),
        };
        let moved = match &line.line.what {
            What::Moved(_) => Cell::Money(line.moved),
            // It moves nothing; how much is granted, or free again, stands in words.
            _ => Cell::Empty,
        };
        let kind = words.word(&format!("fund.kind.{code}"));
        let kind = match &line.line.what {
            What::Moved(_) if line.line.reversed.is_some() => words.bracketed(&kind, &words.word("fund.reversed")),
            What::Moved(_) => kind,
            what => words.bracketed(&kind, &what.amount().grouped()),
        };
        table.push(TableRow {
            cells: vec![
                Cell::Day(line.line.what.on()),
                line.line.number_text().map_or(Cell::Empty, Cell::identifier),
                Cell::code(code, kind),
                Cell::text(if statement.is_purse { way } else { line.purse.clone().unwrap_or_default() }),
                Cell::text(document),
                aid.map_or(Cell::Empty, |aid| words.code("payout_kind", aid)),
                moved,
                Cell::Money(line.balance),
            ],
            tone: if line.line.reversed.is_some() { Tone::Quiet } else { Tone::Plain },
        });
    }
    let mut cells = vec![Cell::Empty; 8];
    cells[0] = Cell::text(words.word("fund.total"));
    cells[6] = Cell::Money(Fen(statement.closing.balance().0.wrapping_sub(statement.opening.balance().0)));
    cells[7] = Cell::Money(statement.closing.balance());
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table.notes = exceptions(words, statement.to);
    table
}

/// What stands over a statement, and below it.
pub fn statement_heads(words: &Words<'_>, statement: &AccountStatement) -> Vec<Field> {
    let field = |key, sums: Fen| Field::new(key, words.word(&format!("fund.{key}")), Cell::Money(sums));
    let mut fields = vec![field("opening", statement.opening.balance()), field("closing", statement.closing.balance())];
    if statement.is_purse {
        fields.push(field("reserved", statement.closing.reserved()));
        fields.push(field("free", statement.free));
    }
    fields
}

/// What does not hold, each in words; or that all of it does.
pub fn proof(words: &Words<'_>, proof: &BookProof) -> Vec<Sentence> {
    let mut said: Vec<Sentence> = Vec::new();
    if proof.waiting > 0 {
        said.push(
            Sentence::new(words.say(&Message::new("fund.proof.waiting").with("count", proof.waiting)))
                .tone(Tone::Doubt),
        );
    }
    let account = |account: &Account| proof.codes.get(account).cloned().unwrap_or_default();
    let line = |id: &LineId| {
        let number = proof.numbers.get(id).cloned();
        number.unwrap_or_else(|| id.entry.hex().get(..8).unwrap_or_default().to_owned())
    };
    for broken in &proof.broken {
        let message = match broken {
            Broken::Below { account: of, on, missing } => {
                Message::new("fund.proof.below").with("code", account(of)).with("day", *on).with("missing", *missing)
            }
            Broken::PlacesDiffer { on, purses, places } => {
                Message::new("fund.proof.places").with("day", *on).with("purses", *purses).with("places", *places)
            }
            Broken::YearDiffers { year } => Message::new("fund.proof.year").with("year", i64::from(*year)),
            Broken::NumberMissing { series, number } => {
                Message::new("fund.proof.missing").with("number", number_of(series, *number))
            }
            Broken::NumberTwice { series, number } => {
                Message::new("fund.proof.twice").with("number", number_of(series, *number))
            }
            Broken::TableDiffers { by, table, vouchers } => Message::new("fund.proof.table")
                .with("by", Arg::Word(format!("fund.by.{}", by_code(*by))))
                .with("table", *table)
                .with("vouchers", *vouchers),
            Broken::BooksMixed { line: id } => Message::new("fund.proof.mixed").with("number", line(id)),
            Broken::ClosingDiffers { account: of, on } => {
                Message::new("fund.proof.closing").with("code", account(of)).with("day", *on)
            }
            Broken::RowDiffers { account: of, on } => {
                Message::new("fund.proof.row").with("code", account(of)).with("day", *on)
            }
            Broken::ReservationOverdrawn { line: id, on } => {
                Message::new("fund.proof.reservation").with("number", line(id)).with("day", *on)
            }
        };
        said.push(Sentence::new(words.say(&message)).tone(Tone::Wrong));
    }
    for (code, count) in &proof.campaigns {
        let message = Message::new("fund.proof.campaign").with("code", code.as_str()).with("count", *count);
        said.push(Sentence::new(words.say(&message)).tone(Tone::Wrong));
    }
    if proof.holds() {
        said.push(Sentence::new(words.say(&Message::new("fund.proof.holds").with("lines", proof.lines))));
    }
    said
}

fn by_code(by: By) -> &'static str {
    match by {
        By::Household => "household",
        By::Person => "person",
        By::Kind => "kind",
        By::Unit => "unit",
        By::Year => "year",
    }
}

fn number_of(series: &str, number: u64) -> String {
    format!("{}-{number:04}", series.strip_prefix(crate::views::fund::SERIES).unwrap_or(series))
}

/// Opening, in by source, out by kind, closing: a line each.
pub fn period(words: &Words<'_>, period: &PeriodStatement) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let title = Message::new("fund.period").with("from", period.from).with("to", period.to);
    let mut table = Table::new(
        "period",
        vec![
            column("what", "fund.col.what", ColumnKind::Code).worth(9),
            column("of", "fund.col.of", ColumnKind::Code).worth(8),
            column("amount", "fund.col.moved", ColumnKind::Money).worth(9),
        ],
    )
    .titled(words.say(&title));
    let statement = &period.statement;
    let mut push = |code: &'static str, of: Cell, fen: Fen, tone: Tone| {
        let what = Cell::code(code, words.word(&format!("fund.{code}")));
        table.push(TableRow { cells: vec![what, of, Cell::Money(fen)], tone });
    };
    push("opening", Cell::Empty, statement.opening, Tone::Strong);
    if statement.begun_with.0 != 0 {
        push("begun_with", Cell::Empty, statement.begun_with, Tone::Plain);
    }
    for (source, fen) in &statement.receipts {
        push("came", words.code("fund_source", source), *fen, Tone::Plain);
    }
    let former = statement.all_former();
    if former != Default::default() {
        push("came", Cell::text(words.word("closing.unknown")), former.amount, Tone::Quiet);
    }
    for (aid, counts) in &statement.aid {
        push("went", words.code("payout_kind", aid), Fen(-counts.amount.0), Tone::Plain);
    }
    for (aid, counts) in &statement.former {
        let kind = words.bracketed(&words.code("payout_kind", aid).shown(), &words.word("closing.approximately"));
        push("went", Cell::code(aid.as_str(), kind), Fen(-counts.amount.0), Tone::Quiet);
    }
    if statement.expenses.0 != 0 {
        push("spent", Cell::Empty, Fen(-statement.expenses.0), Tone::Plain);
    }
    push("closing", Cell::Empty, statement.closing, Tone::Strong);
    table
}

/// What the size of the office lets one person do that another should, as every statement says it; nothing of a full one.
pub(super) fn exceptions(words: &Words<'_>, on: Day) -> Vec<Sentence> {
    let key = match words.office().size(on) {
        Ok(Some(OfficeSize::Full)) | Err(_) => return Vec::new(),
        Ok(Some(OfficeSize::Small)) => "fund.small_office",
        Ok(None) => "fund.office_unsaid",
    };
    vec![Sentence::new(words.word(key)).tone(Tone::Doubt)]
}

/// Aid by kind: how much, how many times, people and households. People and households of all kinds are counted once.
pub fn period_aid(words: &Words<'_>, period: &PeriodStatement) -> Table {
    aid_table(words, &period.statement, period.to)
}

/// The same of any statement up to that day.
pub(super) fn aid_table(words: &Words<'_>, statement: &YearStatement, to: Day) -> Table {
    let counted = AidColumns { has_former: !statement.former.is_empty() };
    let mut columns = vec![column(words, "aid", "fund.col.aid", ColumnKind::Code).worth(9)];
    columns.extend(counted.columns(words));
    let mut table = Table::new("aid", columns);
    let kinds: std::collections::BTreeSet<&String> = statement.aid.keys().chain(statement.former.keys()).collect();
    for aid in kinds {
        let counts = statement.aid.get(aid).copied().unwrap_or_default();
        let kind = vec![words.code("payout_kind", aid)];
        table.push(counted.cells(kind, &counts, statement.former.get(aid)));
    }
    let total = vec![Cell::text(words.word("fund.total"))];
    let all = counted.cells(total, &statement.all_aid, Some(&statement.all_former()));
    table.sums = Some(TableRow { cells: all, tone: Tone::Strong });
    table.notes = exceptions(words, to);
    table
}
