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
