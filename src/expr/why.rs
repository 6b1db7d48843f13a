//! Why an expression came to what it did: its text with the operands filled in.

use super::compiled::Expr;
use super::scheme::NodeId;
use super::value::{Truth, Value};
use super::world::{Place, World};

/// One reference as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operand {
    /// As the author wrote it: `${m_health}`, `../x`, `income`.
    pub written: String,
    /// The node's own name. Empty for `.`, for choice columns and other things that are no node.
    pub name: String,
    pub node: Option<NodeId>,
    /// What it was worth, as the caller shows it; `None` when it was unknown.
    pub text: Option<String>,
}

/// A part of the top `and` / `or`, or the whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clause {
    pub source: String,
    pub filled: String,
    /// Both sides worked out, if the clause is a comparison: `22000 < 25200`.
    pub sides: Option<(String, &'static str, String)>,
    pub truth: Truth,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// The expression with each operand in place of its reference: `42000.00 - 20000.00 < 700.00 * 12 * 3`.
    pub filled: String,
    pub operands: Vec<Operand>,
    /// The parts of the top `and` / `or`, from left to right: which of them decided.
    pub clauses: Vec<Clause>,
    pub truth: Truth,
    /// The value as text.
    pub text: String,
}

/// How a value is shown: the caller masks, gives labels for codes, or makes fen into yuan. `node` is `None` for a
/// side of a comparison, `unit` then names one of the money-like operands on that side, if the caller's shape is known.
pub type Show<'s> = &'s dyn Fn(Option<NodeId>, &Value<'_>) -> String;

impl Why {
    pub fn of(_expr: &Expr, _world: &dyn World, _place: Place<'_>, _show: Show<'_>) -> Why {
        unimplemented!("being written")
    }
}
