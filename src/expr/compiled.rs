//! An expression as it is kept: resolved once into ids, evaluated often.

use super::eval::{Eval, Frame};
use super::op::{Cells, Node, Op};
use super::parser::parse;
use super::problem::Problem;
use super::resolve::{key_of, resolve};
use super::scheme::{Bare, ListId, NodeId, Scheme, Scope};
use super::value::{Truth, Value};
use super::world::{Place, World};
use std::borrow::Cow;
use std::ops::ControlFlow;

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

impl Reads {
    /// Each once, in order.
    pub(super) fn tidy(&mut self) {
        for reads in [&mut self.values, &mut self.rows] {
            reads.sort_unstable();
            reads.dedup();
        }
        self.positions.sort_unstable();
        self.positions.dedup();
        self.lists.sort_unstable();
        self.lists.dedup();
    }

    pub(super) fn add(&mut self, other: &Reads) {
        self.values.extend(&other.values);
        self.rows.extend(&other.rows);
        self.positions.extend(&other.positions);
        self.lists.extend(&other.lists);
        self.own |= other.own;
        self.keeps |= other.keeps;
        self.clock |= other.clock;
        self.random |= other.random;
        self.last_saved |= other.last_saved;
        self.tidy();
    }

    /// It reads nothing that can change: its value may be worked out once.
    pub fn is_constant(&self) -> bool {
        *self == Reads::default()
    }
}

/// A resolved expression. Broken parts evaluate as empty; that there are any is told by the problems.
#[derive(Clone, Debug)]
pub struct Expr {
    source: Box<str>,
    root: Node,
    reads: Reads,
    /// Of a `choice_filter`: the items it goes through, itself as the predicate.
    filter: Option<Box<Cells>>,
}

/// Reads `text` as it stands in `scope`. The expression is whole if there are no problems, and usable if there are.
pub fn compile(text: &str, scheme: &dyn Scheme, scope: Scope) -> (Expr, Vec<Problem>) {
    let (tree, mut problems) = parse(text);
    let (root, reads) = resolve(&tree, scheme, scope, &mut problems);
    problems.sort_by_key(|p| (p.span.start, p.span.end));
    problems.dedup();
    let filter = match scope.bare {
        Bare::Column(list) => {
            let predicates: Box<[Node]> = Box::new([root.clone()]);
            let key = key_of(&predicates);
            Some(Box::new(Cells { list, predicates, key, column: None }))
        }
        _ => None,
    };
    let source = if text.len() > LENGTH_MAX { "" } else { text };
    (Expr { source: source.into(), root, reads, filter }, problems)
}

impl Expr {
    /// As the author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    /// The value. A reference to many nodes is worth its first; no nodes at all are the empty text.
    pub fn value<'a>(&'a self, world: &'a dyn World, place: Place<'a>) -> Value<'a> {
        self.at(world, place, |eval, frame| eval.value(&self.root, frame))
    }

    /// The value as a text to be kept or shown: a number that is none is the empty text, `Unknown` too.
    pub fn text<'a>(&'a self, world: &'a dyn World, place: Place<'a>) -> Cow<'a, str> {
        self.value(world, place).stored()
    }

    /// NaN when it is no number, or unknown.
    pub fn number(&self, world: &dyn World, place: Place<'_>) -> f64 {
        self.at(world, place, |eval, frame| eval.number(&self.root, frame).unwrap_or(f64::NAN))
    }

    /// The value as a boolean; `Unknown` only if the world knows unknowns.
    pub fn truth(&self, world: &dyn World, place: Place<'_>) -> Truth {
        self.at(world, place, |eval, frame| eval.truth(&self.root, frame))
    }

    /// Is it true? An unknown is not.
    pub fn holds(&self, world: &dyn World, place: Place<'_>) -> bool {
        self.truth(world, place) == Truth::Yes
    }

    /// A `choice_filter`: the items for which it holds, in list order, appended to `out`. `column = value` asks the
    /// world's index. An expression of another scope gives none.
    pub fn items(&self, world: &dyn World, place: Place<'_>, out: &mut Vec<u32>) {
        let Some(cells) = &self.filter else { return };
        let eval = Eval::new(world, place.dot);
        let frame = Frame { rows: place.rows, item: None, position: 1, last: 1, outer: None };
        let _ = eval.each_item(cells, &frame, &mut |item| {
            out.push(item);
            ControlFlow::Continue(())
        });
    }

    /// The function at the top and the text literals it is given: `search('fruit', 'matches', …)` of an `appearance`.
    pub fn top_call(&self) -> Option<(&'static str, Vec<Option<&str>>)> {
        match &self.root.op {
            Op::Call(function, arguments) => {
                let literal = |node| match node {
                    &Node { op: Op::Text(ref text), .. } => Some(&**text),
                    _ => None,
                };
                Some((function.name, arguments.iter().map(literal).collect()))
            }
            _ => None,
        }
    }

    pub(super) fn at<'a, T>(
        &'a self,
        world: &'a dyn World,
        place: Place<'a>,
        run: impl FnOnce(&Eval<'a>, &Frame<'_>) -> T,
    ) -> T {
        let eval = Eval::new(world, place.dot);
        let frame = Frame { rows: place.rows, item: None, position: 1, last: 1, outer: None };
        match &self.filter {
            None => run(&eval, &frame),
            Some(cells) => {
                let item = place.item.map(|item| (cells.list, item));
                run(&eval, &Frame { rows: &[], item, position: 1, last: 1, outer: Some(&frame) })
            }
        }
    }
}
