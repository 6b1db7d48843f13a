//! Payouts to be read: where each stands.

use super::lists::column;
use super::value::{Cell, ColumnKind, Table, TableRow, Tone};
use super::words::Words;
use crate::command::fund::Had;
use crate::domain::fund::PayoutState;
use crate::domain::{Day, Fen, Message, Now};
use crate::rules::aid::{AidRules, Base, Grant, GrantStep};
use crate::views::fund::PayoutRow;

/// A line a payout. People are told by the number of their dossier.
pub fn payouts(words: &Words<'_>, rows: &[PayoutRow], now: Now) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "payouts",
        vec![
            column("payout", "aid.col.payout", ColumnKind::Identifier).worth(9),
            column("dossier", "present.col.number", ColumnKind::Identifier).worth(8),
            column("unit", "present.col.unit", ColumnKind::Text).worth(3),
            column("aid", "fund.col.aid", ColumnKind::Code).worth(6),
            column("event", "aid.col.event", ColumnKind::Text).worth(2),
            column("amount", "aid.col.amount", ColumnKind::Money).worth(9),
            column("state", "aid.col.state", ColumnKind::Code).worth(8),
            column("on", "fund.col.on", ColumnKind::Day).worth(5),
            column("until", "aid.col.until", ColumnKind::Day).worth(4),
        ],
    );
    let mut sum = 0_i64;
    for row in rows {
        let (hex, state) = (row.id.hex(), row.state());
        sum = sum.saturating_add(row.payout.amount().0);
        // Of a household that is over, or of nobody's unit, the line stands without its number.
        let number = words.office().glance(row.payout.dossier, now).map(|line| line.number).unwrap_or_default();
        // What is owed by a day, and what a notice runs until.
        let until = match state {
            PayoutState::Noticed => row.last().and_then(|step| step.step.until),
            PayoutState::Settled => None,
            _ => row.payout.papers_by,
        };
        let is_late = state == PayoutState::Paid && row.payout.papers_by.is_some_and(|by| by < now.today);
        table.push(TableRow {
            cells: vec![
                Cell::identifier(hex.get(..8).unwrap_or(&hex)),
                Cell::identifier(number),
                words.unit(row.payout.unit),
                words.code("payout_kind", &row.payout.aid),
                Cell::text(row.payout.event.as_str()),
                Cell::Money(row.payout.amount()),
                Cell::code(state.code(), words.word(&format!("aid.state.{}", state.code()))),
                Cell::Day(row.last().map_or(row.payout.on, |step| step.step.on)),
                Cell::day(until),
            ],
            tone: match state {
                PayoutState::Returned => Tone::Wrong,
                _ if is_late => Tone::Doubt,
                PayoutState::Refused | PayoutState::Withdrawn | PayoutState::Settled => Tone::Quiet,
                _ => Tone::Plain,
            },
        });
    }
    let mut cells = vec![Cell::Empty; 9];
    cells[0] = Cell::text(words.word("fund.total"));
    cells[5] = Cell::Money(Fen(sum));
    table.sums = Some(TableRow { cells, tone: Tone::Strong });
    table
}

/// What could be had of each kind, and why.
pub fn grants(words: &Words<'_>, rules: &AidRules, grants: &[Grant]) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let title = words.pick(&rules.zh, &rules.en);
    let mut table = Table::new(
        "grants",
        vec![
            column("aid", "fund.col.aid", ColumnKind::Code).worth(9),
            column("most", "aid.col.most", ColumnKind::Money).worth(9),
            column("had", "aid.col.had", ColumnKind::Money).worth(8),
            column("why", "aid.col.why", ColumnKind::Text).worth(7),
            column("source", "aid.col.source", ColumnKind::Text).worth(1),
        ],
    )
    .titled(title);
    for grant in grants {
        let why: Vec<String> = grant.steps.iter().map(|step| words.say(&step_words(words, step))).collect();
        table.push(TableRow {
            cells: vec![
                words.code("payout_kind", &grant.aid),
                Cell::money(grant.most),
                Cell::Money(grant.had),
                Cell::text(words.joined(why)),
                Cell::text(grant.source.as_str()),
            ],
            tone: if grant.most.is_none_or(|most| most.0 == 0) { Tone::Quiet } else { Tone::Plain },
        });
    }
    table
}

fn step_words(words: &Words<'_>, step: &GrantStep) -> Message {
    match step {
        GrantStep::Base { base, of: None, .. } => {
            Message::new("aid.step.unknown_base").with("base", words.word(&format!("aid.base.{}", base.code())))
        }
        GrantStep::Base { base: Base::Flat, of: Some(of), .. } => Message::new("aid.step.flat").with("amount", *of),
        GrantStep::Base { base, of: Some(of), times, percent, pupils, comes_to } => {
            // As it is worked out: 820.00 × 10 × 2 × 80%.
            let mut product = of.grouped();
            if *times != 1 {
                product.push_str(&format!(" × {times}"));
            }
            if let Some(pupils) = pupils {
                product.push_str(&format!(" × {pupils}"));
            }
            if *percent != 100 {
                product.push_str(&format!(" × {percent}%"));
            }
            Message::new("aid.step.base")
                .with("base", words.word(&format!("aid.base.{}", base.code())))
                .with("product", product)
                .with("amount", comes_to.map_or_else(|| "?".to_owned(), Fen::grouped))
        }
        GrantStep::AtMost { cap } => Message::new("aid.step.at_most").with("cap", *cap),
        GrantStep::Year { cap, had } => Message::new("aid.step.year").with("cap", *cap).with("had", *had),
        GrantStep::OneKind { had } => {
            Message::new("aid.step.one_kind").with("had", words.code("payout_kind", had).shown())
        }
        GrantStep::NoRate => Message::new("aid.step.no_rate"),
        GrantStep::Undecided => Message::new("aid.not.undecided"),
        GrantStep::Unknown => Message::new("aid.step.unknown"),
    }
}

/// What was had in the twelve months up to a day, and the last of it; `None`: nothing ever.
pub fn had(words: &Words<'_>, had: &[Had], today: Day) -> Option<Cell> {
    let last = had.last()?;
    let since = today.plus_months(-12);
    let year: i64 = had.iter().filter(|one| one.on > since && one.on <= today).map(|one| one.amount.0).sum();
    let said = Message::new("aid.had")
        .with("year", Fen(year))
        .with("day", last.on)
        .with("kind", words.code("payout_kind", &last.aid).shown())
        .with("amount", last.amount);
    Some(Cell::text(words.say(&said)))
}
