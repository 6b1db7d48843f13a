//! What differs from the last round so much that it is asked about. On screen the survey is not submitted before each was
//! answered or passed with a reason; an answers file is taken as it is.

use super::{At, Draft};
use crate::domain::{Fen, Given, Origin};
use crate::form::model::*;
use crate::form::problem::{Problem, What};

/// A money answer is queried when it differs from the last round's by more than this share of it, in per cent ...
const SHARE_PERCENT: i128 = 20;
/// ... and by more than this amount: 1,000.00 yuan. Of small amounts a share alone says nothing, of large ones an amount.
const AMOUNT: Fen = Fen(100_000);

impl Draft {
    /// What is to be asked about at a place, besides its problems: an ID number that stands in another dossier too, a money
    /// answer far from the last round's, and an answer of the last round that this one leaves out; the last two in no
    /// correction, and nothing once a reason was given.
    pub fn doubts(&self, at: At) -> Vec<Problem> {
        let none = Vec::new();
        if !self.exists(at) || self.form.question(at.node).is_none() {
            return none;
        }
        let cell = self.cell(at);
        if !cell.relevant || cell.read_only || self.passes.contains_key(&at) {
            return none;
        }
        let held = self.held_elsewhere(at).map(|held| What::Elsewhere { said: held.said.clone() });
        let mut doubts: Vec<Problem> = held.map(|what| Problem { path: self.path(at), what }).into_iter().collect();
        if !self.correcting {
            doubts.extend(self.queries(at));
        }
        doubts
    }

    /// Whether a place would be asked about, had no reason been given.
    pub(super) fn was_queried(&self, at: At) -> bool {
        self.held_elsewhere(at).is_some() || !self.correcting && !self.queries(at).is_empty()
    }

    fn queries(&self, at: At) -> Vec<Problem> {
        let none = Vec::new();
        let Some(question) = self.form.question(at.node) else { return none };
        let cell = self.cell(at);
        let Some(Given::Value(before)) = cell.before.as_deref() else { return none };
        let given =
            question.control != Control::Hidden && question.supplied.is_none() && cell.origin != Origin::Computed;
        let what = match cell.read() {
            _ if !given => return none,
            "" if cell.state.is_none() && !cell.required && !before.is_empty() => {
                What::LeftOut { before: self.shown_of(question, before) }
            }
            now if question.value == ValueType::Money => match (Fen::from_yuan(before), Fen::from_yuan(now)) {
                (Ok(before), Ok(now)) if differs(before, now) => What::Differs { before, now },
                _ => return none,
            },
            _ => return none,
        };
        vec![Problem { path: self.path(at), what }]
    }

    /// All of them on the route, in form order.
    pub fn all_doubts(&self) -> Vec<Problem> {
        self.route().iter().flat_map(|stop| self.doubts(stop.at)).collect()
    }

    /// Whether a place still wants something of whoever surveys again: an answer, or a look at the carried one.
    pub fn wants_a_look(&self, at: At) -> bool {
        let Some(question) = self.form.question(at.node) else {
            return self.rows_of(at).iter().any(|row| self.carried(*row) == Some(false));
        };
        let cell = self.cell(at);
        let asked = cell.relevant
            && !cell.read_only
            && question.supplied.is_none()
            && !matches!(question.control, Control::Note | Control::Hidden);
        match self.given(at) {
            _ if !asked => false,
            None => cell.required || cell.before.is_some(),
            Some(_) => cell.origin == Origin::CarriedUnseen,
        }
    }
}

fn differs(before: Fen, now: Fen) -> bool {
    let by = (i128::from(now.0) - i128::from(before.0)).abs();
    by > i128::from(AMOUNT.0) && by * 100 > i128::from(before.0).abs() * SHARE_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_queried_above_a_share_and_an_amount() {
        // At the line, and one fen beyond it.
        for (before, now, queried) in [
            (1_000_000, 1_200_000, false),
            (1_000_000, 1_200_001, true),
            (1_000_000, 799_999, true),
            (100_000, 200_000, false),
            (100_000, 200_001, true),
            (0, 100_000, false),
            (0, 100_001, true),
            (10_000_000, 10_500_000, false),
        ] {
            assert_eq!(differs(Fen(before), Fen(now)), queried, "{before} {now}");
        }
    }
}
