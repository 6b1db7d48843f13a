//! A resolved expression: ids in place of names, spans kept for *why*.

use super::functions::Function;
use super::problem::Span;
use super::scheme::{ColumnId, ListId, NodeId};
use super::tree::Relation;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub op: Op,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum Op {
    /// What could not be resolved: the empty text.
    Empty,
    /// A path that leads nowhere: no node at all, so that no comparison with it holds.
    Nowhere,
    Number(f64),
    Text(Box<str>),
    Read(Box<Reach>),
    /// `.` where the expression stands: the place's `dot`, else the node's value.
    Own(Box<Reach>),
    LastSaved(NodeId, bool),
    Cells(Box<Cells>),
    /// A column of the item that frame `up` looks at.
    Column {
        up: u8,
        list: ListId,
        column: ColumnId,
    },
    /// `position()`, `last()` of the predicate.
    Position,
    Last,
    /// `position(..)`: the row number at `depth` of frame `up`.
    RowNumber {
        up: u8,
        depth: u8,
    },
    /// `once(x)`: the node's value so far, else x.
    Once(NodeId, Box<Node>),
    ChoiceLabel {
        list: ListId,
        name: ColumnId,
        label: ColumnId,
        value: Box<Node>,
    },
    Negate(Box<Node>),
    Sum(Box<[(bool, Node)]>),
    Times(Box<Node>, Box<Node>),
    Div(Box<Node>, Box<Node>),
    Mod(Box<Node>, Box<Node>),
    Compare(Relation, Box<Node>, Box<Node>),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Call(&'static Function, Box<[Node]>),
}

/// The way to one node or many.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub node: NodeId,
    /// A leaf (it has a value), or a group or repeat (it can only be counted).
    pub leaf: bool,
    /// Its type is a number: its text is worth its number as a boolean.
    pub numeric: bool,
    /// The frame whose rows it starts from: 0 the innermost.
    pub up: u8,
    /// How many of that frame's row numbers it takes over.
    pub shared: u8,
    /// The repeats from there down, each with the rows taken.
    pub levels: Box<[Level]>,
    /// Predicates on the node itself, where it is no repeat.
    pub filter: Box<[Node]>,
}

impl Reach {
    pub fn is_many(&self) -> bool {
        self.levels.iter().any(|l| !matches!(l.pick, Pick::At(_)))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Level {
    pub repeat: NodeId,
    pub pick: Pick,
}

#[derive(Clone, Debug)]
pub(super) enum Pick {
    All,
    Where(Box<[Node]>),
    /// `indexed-repeat`: a row number from 1, worked out where the call stands.
    At(Box<Node>),
}

/// `instance('list')/root/item[…]/column`, `pulldata(…)`.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub list: ListId,
    pub predicates: Box<[Node]>,
    /// The first predicate asks `column = value`, and the value does not depend on the item: the world's index answers.
    pub key: Option<(ColumnId, Node)>,
    /// `None`: the items themselves, to be counted.
    pub column: Option<ColumnId>,
}

impl Node {
    pub fn is_many(&self) -> bool {
        match &self.op {
            Op::Read(reach) | Op::Own(reach) => reach.is_many(),
            Op::Cells(_) | Op::Nowhere => true,
            _ => false,
        }
    }

    /// Tells every node directly below, predicates left out.
    pub fn each_child<'n>(&'n self, tell: &mut dyn FnMut(&'n Node)) {
        match &self.op {
            Op::Once(_, x) | Op::Negate(x) => tell(x),
            Op::ChoiceLabel { value, .. } => tell(value),
            Op::Sum(parts) => parts.iter().for_each(|(_, x)| tell(x)),
            Op::Times(a, b) | Op::Div(a, b) | Op::Mod(a, b) | Op::Compare(_, a, b) => {
                tell(a);
                tell(b);
            }
            Op::And(parts) | Op::Or(parts) | Op::Call(_, parts) => parts.iter().for_each(tell),
            _ => {}
        }
    }

    /// Does it look at the innermost frame, seen from `depth` predicates further in, or at chance?
    pub fn looks_at(&self, depth: u8) -> bool {
        let own = match &self.op {
            Op::Read(reach) | Op::Own(reach) => {
                reach.up == depth
                    || reach.filter.iter().any(|p| p.looks_at(depth + 1))
                    || reach.levels.iter().any(|level| match &level.pick {
                        Pick::All => false,
                        Pick::Where(predicates) => predicates.iter().any(|p| p.looks_at(depth + 1)),
                        Pick::At(index) => index.looks_at(depth),
                    })
            }
            Op::Cells(cells) => cells.predicates.iter().any(|p| p.looks_at(depth + 1)),
            Op::Column { up, .. } | Op::RowNumber { up, .. } => *up == depth,
            Op::Position | Op::Last => depth == 0,
            Op::Call(function, _) => function.by_chance,
            _ => false,
        };
        let mut found = own;
        self.each_child(&mut |child| found = found || child.looks_at(depth));
        found
    }
}
