//! An expression as it is kept: resolved once into ids, evaluated often.

use super::problem::Problem;
use super::scheme::{ListId, NodeId, Scheme, Scope};
use super::value::{Truth, Value};
use super::world::{Place, World};
use std::borrow::Cow;

/// The longest text taken, in bytes.
pub const LENGTH_MAX: usize = 64 * 1024;
/// How many brackets, calls and operators may stand inside one another.
pub const DEPTH_MAX: usize = 200;
/// How many repeats may stand inside one another.
pub const REPEATS_MAX: usize = 8;

/// One node that an expression reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Read {
    pub node: NodeId,
    /// The reader in rows R sees the node in those rows that agree with R in the first `shared` numbers. If that is
    /// the number of repeats above the node, it sees one value; if fewer, many.
    pub shared: u8,
}

/// Everything an expression looks at: the edges of the dependency graph.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reads {
    /// Leaves whose value is read; groups and rows counted or filtered stand here too (their relevance matters).
    pub values: Vec<Read>,
    /// Repeats whose number of rows matters (`count(${r})`, `sum(${x})` from outside, `indexed-repeat`).
    pub rows: Vec<Read>,
    /// Repeats whose row number of the reader matters (`position(..)`).
    pub positions: Vec<NodeId>,
    pub lists: Vec<ListId>,
    /// It reads `.`, its own value. Never an edge (a constraint may).
    pub own: bool,
    /// `once(…)`: keeps its own value. Never an edge.
    pub keeps: bool,
    /// `today()`, `now()`.
    pub clock: bool,
    /// `random()`, `uuid()`, `randomize(…)` without a seed.
    pub random: bool,
    pub last_saved: bool,
}

/// A resolved expression. Broken parts evaluate as empty; that there are any is told by the problems.
#[derive(Clone, Debug)]
pub struct Expr {
    source: Box<str>,
    reads: Reads,
}

/// Reads `text` as it stands in `scope`. The expression is whole if there are no problems, and usable if there are.
pub fn compile(_text: &str, _scheme: &dyn Scheme, _scope: Scope) -> (Expr, Vec<Problem>) {
    unimplemented!("being written")
}

impl Expr {
    /// As the author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The value. A reference to many nodes is worth its first; no nodes at all are the empty text.
    pub fn value<'a>(&'a self, _world: &'a dyn World, _place: Place<'a>) -> Value<'a> {
        unimplemented!("being written")
    }

    /// The value as a text to be kept or shown: a number that is none is the empty text, `Unknown` too.
    pub fn text<'a>(&'a self, world: &'a dyn World, place: Place<'a>) -> Cow<'a, str> {
        self.value(world, place).stored()
    }

    pub fn number(&self, world: &dyn World, place: Place<'_>) -> f64 {
        self.value(world, place).number()
    }

    /// The value as a boolean; `Unknown` only if the world knows unknowns.
    pub fn truth(&self, _world: &dyn World, _place: Place<'_>) -> Truth {
        unimplemented!("being written")
    }

    /// Is it true? An unknown is not.
    pub fn holds(&self, world: &dyn World, place: Place<'_>) -> bool {
        self.truth(world, place) == Truth::Yes
    }

    /// A `choice_filter`: the items of `list` for which it holds, in list order, appended to `out`. What does not
    /// depend on the item is evaluated once; `column = value` asks the world's index.
    pub fn items(&self, _world: &dyn World, _place: Place<'_>, _list: ListId, _out: &mut Vec<u32>) {
        unimplemented!("being written")
    }
}
