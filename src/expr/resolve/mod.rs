//! Names → ids. Which row a reference means is settled here, once: it shares the row numbers of the repeats that stand
//! above both the reference and its target, and goes over all rows of the repeats below.

mod calls;
mod paths;

use super::compiled::{REPEATS_MAX, Read, Reads};
use super::functions::{self, Function};
use super::lexer;
use super::op::{Cells, Level, Node, Op, Pick, Reach};
use super::problem::{Fault, Problem, Span};
use super::scheme::{Bare, ColumnId, Found, ListId, NodeId, NodeKind, Scheme, Scope, ValueType};
use super::tree::{self, Binary, Path, Start, Step, StepKind, Tree};

pub(super) fn resolve(tree: &Tree, scheme: &dyn Scheme, scope: Scope, problems: &mut Vec<Problem>) -> (Node, Reads) {
    let mut resolver = Resolver { scheme, bare: scope.bare, contexts: Vec::new(), reads: Reads::default(), problems };
    let mut chain = scope.at.map(|at| resolver.repeats(at)).unwrap_or_default();
    if !scope.of_row && scope.at.is_some_and(|at| chain.last() == Some(&at)) {
        chain.pop();
    }
    let fixed = chain.len();
    resolver.contexts.push(Context { at: scope.at, chain, item: None, fixed });
    if let Bare::Column(list) = scope.bare {
        resolver.contexts.push(Context { at: None, chain: Vec::new(), item: Some(list), fixed: 0 });
        resolver.reads.lists.push(list);
    }
    let node = resolver.node(tree);
    let mut reads = resolver.reads;
    reads.tidy();
    (node, reads)
}

/// Where a part of the expression is evaluated; the last is the innermost predicate.
struct Context {
    at: Option<NodeId>,
    /// The repeats whose row numbers the frame holds, outermost first.
    chain: Vec<NodeId>,
    item: Option<ListId>,
    /// How many of them are the expression's own rows, and not a predicate's candidates.
    fixed: usize,
}

/// Where a path has come to.
struct Spot {
    node: Option<NodeId>,
    up: usize,
    shared: usize,
    levels: Vec<Level>,
    filter: Vec<Node>,
}

enum PathTarget {
    Node(Spot),
    List(Cells),
    /// A value, told as problem if a path goes on from it.
    Value(Op),
    Broken,
    /// A path that leads nowhere, told as a warning: a set without nodes.
    Nowhere,
}

struct Resolver<'s, 'p> {
    scheme: &'s dyn Scheme,
    bare: Bare,
    contexts: Vec<Context>,
    reads: Reads,
    problems: &'p mut Vec<Problem>,
}

impl Resolver<'_, '_> {
    fn problem(&mut self, span: Span, fault: Fault) {
        self.problems.push(Problem { span, fault });
    }

    /// The repeats above a node, itself included if it is one; outermost first.
    fn repeats(&self, node: NodeId) -> Vec<NodeId> {
        let mut chain = Vec::new();
        let mut at = Some(node);
        // A scheme whose parents go round in a circle is a broken one; it must not hang us.
        for _ in 0..1000 {
            let Some(id) = at else { break };
            if self.scheme.kind(id) == NodeKind::Repeat {
                chain.push(id);
            }
            at = self.scheme.parent(id);
        }
        chain.reverse();
        chain
    }

    fn node(&mut self, tree: &Tree) -> Node {
        let op = match &tree.node {
            tree::Node::Broken => Op::Empty,
            tree::Node::Number(number) => Op::Number(*number),
            tree::Node::Text(text) => Op::Text(self.literal(text, tree.span).into()),
            tree::Node::Negate(inner) => Op::Negate(Box::new(self.node(inner))),
            tree::Node::Sum(parts) => Op::Sum(parts.iter().map(|(minus, part)| (*minus, self.node(part))).collect()),
            tree::Node::And(parts) => Op::And(self.nodes(parts)),
            tree::Node::Or(parts) => Op::Or(self.nodes(parts)),
            tree::Node::Binary(binary, left, right) => {
                let (left, right) = (Box::new(self.node(left)), Box::new(self.node(right)));
                match binary {
                    Binary::Times => Op::Times(left, right),
                    Binary::Div => Op::Div(left, right),
                    Binary::Mod => Op::Mod(left, right),
                    Binary::Compare(relation) => Op::Compare(*relation, left, right),
                }
            }
            tree::Node::Path(path) => self.path(path, tree.span),
        };
        Node { op, span: tree.span }
    }

    fn nodes(&mut self, trees: &[Tree]) -> Box<[Node]> {
        trees.iter().map(|tree| self.node(tree)).collect()
    }

    /// `${x}` inside a text literal stands for the path of x, as the converter of the field writes it there.
    fn literal(&mut self, text: &str, span: Span) -> String {
        if !text.contains("${") {
            return text.to_owned();
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, from) = rest.split_at(start);
            out.push_str(before);
            let name = from.find('}').map(|end| (&from[2..end], &from[end + 1..]));
            match name {
                Some((name, after)) if lexer::is_name(name.trim()) => {
                    if let Some(id) = self.find(name.trim(), span) {
                        out.push_str(&format!(" {} ", self.path_text(id)));
                    }
                    rest = after;
                }
                _ => {
                    out.push_str("${");
                    rest = &from[2..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn path_text(&self, node: NodeId) -> String {
        let mut names = vec![self.scheme.name(node)];
        let mut at = self.scheme.parent(node);
        while let Some(id) = at.filter(|_| names.len() < 1000) {
            names.push(self.scheme.name(id));
            at = self.scheme.parent(id);
        }
        names.push(self.scheme.root());
        names.reverse();
        format!("/{}", names.join("/"))
    }

    fn nearest_name(&self, name: &str) -> Option<String> {
        nearest(name, |tell| self.scheme.each_name(tell))
    }

    fn find(&mut self, name: &str, span: Span) -> Option<NodeId> {
        match self.scheme.find(name) {
            Found::One(id) => Some(id),
            Found::Nothing => {
                let nearest = self.nearest_name(name);
                self.problem(span, Fault::UnknownName { name: name.to_owned(), nearest });
                None
            }
            Found::Several(ids) => {
                let at = self.contexts.first().and_then(|c| c.at);
                let mine = at.map(|at| self.ancestors(at)).unwrap_or_default();
                let near = |id: NodeId| self.ancestors(id).iter().zip(&mine).take_while(|(a, b)| a == b).count();
                let best = ids.iter().map(|&id| near(id)).max();
                let mut nearest = ids.iter().copied().filter(|&id| Some(near(id)) == best);
                match (nearest.next(), nearest.next()) {
                    (Some(id), None) => Some(id),
                    (first, _) => {
                        self.problem(span, Fault::SeveralNames { name: name.to_owned() });
                        first
                    }
                }
            }
        }
    }

    /// The node itself last.
    fn ancestors(&self, node: NodeId) -> Vec<NodeId> {
        let mut all = vec![node];
        let mut at = self.scheme.parent(node);
        while let Some(id) = at.filter(|_| all.len() < 1000) {
            all.push(id);
            at = self.scheme.parent(id);
        }
        all.reverse();
        all
    }

    fn context(&self, up: usize) -> Option<&Context> {
        self.contexts.iter().rev().nth(up)
    }
}

/// The world's index can answer a single predicate `column = value`, if the value is the same for every item.
pub(super) fn key_of(predicates: &[Node]) -> Option<(ColumnId, Node)> {
    let [predicate] = predicates else { return None };
    let first = match &predicate.op {
        Op::And(parts) => parts.first()?,
        _ => predicate,
    };
    let Op::Compare(tree::Relation::Equal, left, right) = &first.op else { return None };
    let column = |node: &Node| match node.op {
        Op::Column { up: 0, column, .. } => Some(column),
        _ => None,
    };
    let key = |column: ColumnId, value: &Node| {
        (!value.is_many() && !value.looks_at(0) && !predicate_counts(predicate)).then(|| (column, value.clone()))
    };
    match (column(left), column(right)) {
        (Some(found), None) => key(found, right),
        (None, Some(found)) => key(found, left),
        _ => None,
    }
}

/// Does it ask for the item's place among all? Then all must be gone through.
fn predicate_counts(node: &Node) -> bool {
    let mut found = matches!(node.op, Op::Position | Op::Last);
    node.each_child(&mut |child| found = found || predicate_counts(child));
    found
}

/// The nearest of the names that `each` tells.
fn nearest(name: &str, each: impl FnOnce(&mut dyn FnMut(&str))) -> Option<String> {
    let mut known: Vec<String> = Vec::new();
    each(&mut |one| known.push(one.to_owned()));
    crate::domain::nearest::nearest(name, 4, known.iter().map(String::as_str))
}
