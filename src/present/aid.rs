//! Payouts to be read: where each stands.

use super::lists::column;
use super::value::{Cell, Kind, Row, Table, Tone};
use super::words::Words;
use crate::domain::Now;
use crate::domain::fund::PayoutState;
use crate::views::fund::PayoutRow;

/// A line a payout. People are told by the number of their dossier.
pub fn payouts(words: &Words<'_>, rows: &[PayoutRow], now: Now) -> Table {
    let column = |key, title: &str, kind| column(words, key, title, kind);
    let mut table = Table::new(
        "payouts",
        vec![
            column("payout", "aid.col.payout", Kind::Identifier).worth(9),
            column("dossier", "present.col.number", Kind::Identifier).worth(8),
            column("unit", "present.col.unit", Kind::Text).worth(3),
            column("aid", "fund.col.aid", Kind::Code).worth(6),
            column("event", "aid.col.event", Kind::Text).worth(2),
            column("amount", "aid.col.amount", Kind::Money).worth(9),
            column("state", "aid.col.state", Kind::Code).worth(8),
            column("on", "fund.col.on", Kind::Day).worth(5),
            column("until", "aid.col.until", Kind::Day).worth(4),
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
        table.push(Row {
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
    cells[5] = Cell::Money(crate::domain::Fen(sum));
    table.sums = Some(Row { cells, tone: Tone::Strong });
    table
}
