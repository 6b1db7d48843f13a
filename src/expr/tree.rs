//! What the parser makes of a text: still names, every part with its span.

use super::problem::Span;

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Tree {
    pub node: Node,
    pub span: Span,
    /// How many trees stand on one another, this one included. Bounded by [`super::compiled::DEPTH_MAX`], since all
    /// that is done with a tree is done by recursion.
    pub height: usize,
}

impl Tree {
    pub fn new(node: Node, span: Span) -> Tree {
        let height = 1 + node.height();
        Tree { node, span, height }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Node {
    /// Told as a problem already.
    Broken,
    Number(f64),
    Text(String),
    Path(Path),
    Negate(Box<Tree>),
    /// `a + b - c …`, flat, so that a long sum is not a deep one. `true`: taken away.
    Sum(Vec<(bool, Tree)>),
    Binary(Binary, Box<Tree>, Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Node {
    /// Of the highest tree inside.
    fn height(&self) -> usize {
        let highest = |trees: &[Tree]| trees.iter().map(|t| t.height).max().unwrap_or(0);
        match self {
            Node::Broken | Node::Number(_) | Node::Text(_) => 0,
            Node::Negate(inner) => inner.height,
            Node::Sum(parts) => parts.iter().map(|(_, t)| t.height).max().unwrap_or(0),
            Node::Binary(_, left, right) => left.height.max(right.height),
            Node::And(parts) | Node::Or(parts) => highest(parts),
            Node::Path(path) => {
                let start = match &path.start {
                    Start::Call { arguments, .. } => highest(arguments),
                    Start::Group(inner) => inner.height,
                    _ => 0,
                };
                let steps = path.steps.iter().map(|s| highest(&s.predicates)).max().unwrap_or(0);
                start.max(steps).max(highest(&path.predicates))
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Binary {
    Times,
    Div,
    Mod,
    Compare(Relation),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Relation {
    pub fn sign(self) -> &'static str {
        match self {
            Relation::Equal => "=",
            Relation::NotEqual => "!=",
            Relation::Less => "<",
            Relation::LessEqual => "<=",
            Relation::Greater => ">",
            Relation::GreaterEqual => ">=",
        }
    }
}

/// A reference, a path or a call, with the steps behind it: `${r}[${y} = 'a']/x`, `../x`, `instance('l')/root/item`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Path {
    pub start: Start,
    /// Of the start, not of the path.
    pub start_span: Span,
    pub predicates: Vec<Tree>,
    pub steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Start {
    Reference { name: String, last_saved: bool },
    /// `/…`: the steps begin at the form's root.
    Root,
    /// The steps begin where the expression (or the predicate) stands.
    Here,
    Call { name: String, arguments: Vec<Tree> },
    /// `( … )` with a predicate or a step behind it.
    Group(Box<Tree>),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Step {
    pub kind: StepKind,
    pub span: Span,
    pub predicates: Vec<Tree>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum StepKind {
    Self_,
    Parent,
    Child(String),
}
