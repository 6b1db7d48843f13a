//! A decision (认定) is a value: category, rule set, and the trace that can be read to the worker. Stored with the
//! record it was made for; nobody recomputes the past with today's rules.

use super::{Day, Fen};
use serde::{Deserialize, Serialize};

/// One operand of a condition as it was read: `name` is the fact, `text` its value (`22000.00`, `3`, `true`),
/// `None` when it was unknown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Operand {
    pub name: String,
    pub text: Option<String>,
}

/// What a rule came to. *Unknown is never zero*: a rule that reads an unknown fact is unknown, unless no possible value
/// could change it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Holds {
    Yes,
    No,
    Unknown,
}

/// One rule tried.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TraceStep {
    /// The rule's id in its rule set: `deep`, `relative`, `accidental`, `exclusion.X1`, `watch`.
    pub rule: String,
    /// The category it would give.
    pub category: String,
    /// The condition as the rule set writes it.
    pub condition: String,
    /// The condition with every operand filled in, to the fen: `22000.00 < 25200.00`.
    pub filled: String,
    pub operands: Vec<Operand>,
    pub holds: Holds,
    /// The document and article the rule comes from.
    pub source: String,
}

/// The smallest change of one fact that leads to another category. For reviewer and approver only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Flip {
    pub fact: String,
    /// The value it would have to take.
    pub to: String,
    pub category: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// The category's code in its rule set (`1` deep, `2` relative, `3` accidental, `0` not eligible, `9` watch list);
    /// `None` is *undecided*.
    pub category: Option<String>,
    pub rule_set: String,
    /// The day that selected the rule set and the line.
    pub on: Day,
    /// Monthly net income per head by the first category's quotient, rounded down. For showing; never compared.
    pub per_head_net: Option<Fen>,
    /// The line it was measured against, a month.
    pub line_month: Option<Fen>,
    pub trace: Vec<TraceStep>,
    /// Categories that hold beside the one given.
    pub also: Vec<String>,
    /// When undecided: the facts that are missing, and the categories that remain possible.
    pub missing: Vec<String>,
    pub possible: Vec<String>,
    /// Exclusions that hold (`X1`), each waiting for an override with a reason and an approver.
    pub exclusions: Vec<String>,
    pub flips: Vec<Flip>,
}

/// What a quotient is made of: of these, the facts that a rule read.
const ADDED: [&str; 2] = ["income", "union_aid"];
const TAKEN_OFF: [&str; 3] = ["rigid", "employment_cost", "long_term_care"];

impl Decision {
    /// Monthly income per head as the rule that gave the category compared it, rounded down: *relative* takes off the
    /// necessary cost of employment, and the first category's quotient ([`Self::per_head_net`]) does not. Of whoever got no
    /// category by the line, as the last rule with a line compared it. Read from the trace, so that old decisions have it.
    pub fn per_head_compared(&self) -> Option<Fen> {
        let by_line = |step: &&TraceStep| {
            !step.rule.starts_with("exclusion.")
                && step.rule != "watch"
                && ["income", "line_month"].iter().all(|name| step.operands.iter().any(|o| o.name == *name))
        };
        let given = self.trace.iter().filter(by_line).find(|step| Some(&step.category) == self.category.as_ref());
        let Some(step) = given.or_else(|| self.trace.iter().rfind(by_line)) else { return self.per_head_net };
        let amount = |name: &str| match step.operands.iter().find(|operand| operand.name == name) {
            None => Some(0),
            Some(operand) => Fen::from_yuan(operand.text.as_deref()?).ok().map(|fen| fen.0),
        };
        let members = step.operands.iter().find(|operand| operand.name == "members")?.text.as_ref()?;
        let months = members.parse::<u32>().ok()?.checked_mul(12)?;
        let mut sum = 0i64;
        for name in ADDED {
            sum = sum.checked_add(amount(name)?)?;
        }
        for name in TAKEN_OFF {
            sum = sum.checked_sub(amount(name)?)?;
        }
        Fen(sum).per(months)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(rule: &str, category: &str, operands: &[(&str, &str)], holds: Holds) -> TraceStep {
        let operand = |(name, text): &(&str, &str)| Operand { name: (*name).into(), text: Some((*text).into()) };
        TraceStep {
            rule: rule.into(),
            category: category.into(),
            condition: String::new(),
            filled: String::new(),
            operands: operands.iter().map(operand).collect(),
            holds,
            source: String::new(),
        }
    }

    #[test]
    fn beside_the_category_stands_what_was_compared_for_it() {
        let own = [("income", "60000.00"), ("rigid", "6000.00"), ("line_month", "700.00"), ("members", "3")];
        let wider = [&own[..], &[("employment_cost", "3600.00")]].concat();
        let mut decision = Decision {
            category: Some("2".into()),
            rule_set: "x".into(),
            on: Day(0),
            per_head_net: Some(Fen(150_000)),
            line_month: Some(Fen(70_000)),
            trace: vec![step("deep", "1", &own, Holds::No), step("relative", "2", &wider, Holds::Yes)],
            also: Vec::new(),
            missing: Vec::new(),
            possible: Vec::new(),
            exclusions: Vec::new(),
            flips: Vec::new(),
        };
        assert_eq!(decision.per_head_compared(), Some(Fen(140_000)));
        decision.category = Some("0".into());
        assert_eq!(decision.per_head_compared(), Some(Fen(140_000)), "of the last line that was missed");
        decision.category = Some("1".into());
        assert_eq!(decision.per_head_compared(), decision.per_head_net, "the first category's quotient is its own");
        decision.trace[0].operands[0].text = None;
        assert_eq!(decision.per_head_compared(), None, "an unknown income is no zero");
    }
}
