//! Gifts line by line: what came in, and what took it back. Aid that went out, and money that only changed its place, is none.

use super::tally::kind_of;
use super::{BookLine, LineId, Movement, MovementKind};
use crate::domain::Fen;
use std::collections::BTreeMap;

/// A line that brought money, or took it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GiftLine<'l> {
    pub id: LineId,
    pub movement: &'l Movement,
    /// A receipt, bounced, or given back; a reversal counts as what it names.
    pub kind: MovementKind,
    /// Below zero: it was taken back.
    pub given: Fen,
    /// One of a receipt, one less of its reversal.
    pub receipts: i64,
}

/// In the order of the lines, which are all of the book's: a reversal is told by what it names.
pub fn gift_lines(lines: &[BookLine]) -> Vec<GiftLine<'_>> {
    let by_id: BTreeMap<LineId, &Movement> =
        lines.iter().filter_map(|line| Some((line.id, line.what.movement()?))).collect();
    let gift = |line: &BookLine| {
        let movement = *by_id.get(&line.id)?;
        let kind = kind_of(movement, &by_id);
        let (sign, receipts) = match kind {
            MovementKind::Receipt => (1, 1),
            MovementKind::Bounced | MovementKind::GivenBack => (-1, 0),
            _ => return None,
        };
        let way = if movement.kind == MovementKind::Reversal { -1 } else { 1 };
        let given = Fen(way * sign * movement.amount.0);
        Some(GiftLine { id: line.id, movement, kind, given, receipts: way * receipts })
    };
    lines.iter().filter_map(gift).collect()
}
