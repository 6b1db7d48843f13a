//! A small form with answers, for the examples of the function table and for the tests of this room.

use super::*;
use crate::domain::{Day, Stamp};
use std::borrow::Cow;

/// `x` 3 · `d` 2024-02-29 · `empty` · `one` b and `many` `a c`, both from list `l` · `g/inside` yes · roster `r` with
/// `n` 4, 10, empty and `t` x, empty, zed · inside it roster `q` with `k` 1, 2 in row 1 and 3 in row 2.
#[derive(Default)]
pub(super) struct Sample {
    /// What is unknown.
    pub unknown: Vec<NodeId>,
}

const NODES: &[(&str, Option<u32>, NodeKind, &str)] = &[
    ("x", None, NodeKind::Leaf(ValueType::Integer), "3"),
    ("d", None, NodeKind::Leaf(ValueType::Date), "2024-02-29"),
    ("empty", None, NodeKind::Leaf(ValueType::Integer), ""),
    ("one", None, NodeKind::Leaf(ValueType::Choice), "b"),
    ("many", None, NodeKind::Leaf(ValueType::Choices), "a c"),
    ("g", None, NodeKind::Group, ""),
    ("inside", Some(5), NodeKind::Leaf(ValueType::Text), "yes"),
    ("r", None, NodeKind::Repeat, ""),
    ("n", Some(7), NodeKind::Leaf(ValueType::Integer), ""),
    ("t", Some(7), NodeKind::Leaf(ValueType::Text), ""),
    ("q", Some(7), NodeKind::Repeat, ""),
    ("k", Some(10), NodeKind::Leaf(ValueType::Integer), ""),
];

const ITEMS: [(&str, &str); 3] = [("a", "Apple"), ("b", "Banana"), ("c", "Cherry")];

pub(super) fn id(name: &str) -> NodeId {
    NodeId(NODES.iter().position(|(n, ..)| *n == name).unwrap() as u32)
}

impl Scheme for Sample {
    fn find(&self, name: &str) -> Found {
        NODES.iter().position(|(n, ..)| *n == name).map_or(Found::Nothing, |i| Found::One(NodeId(i as u32)))
    }
    fn name(&self, node: NodeId) -> &str {
        NODES[node.0 as usize].0
    }
    fn kind(&self, node: NodeId) -> NodeKind {
        NODES[node.0 as usize].2
    }
    fn parent(&self, node: NodeId) -> Option<NodeId> {
        NODES[node.0 as usize].1.map(NodeId)
    }
    fn child(&self, parent: Option<NodeId>, name: &str) -> Option<NodeId> {
        let found = NODES.iter().position(|(n, p, ..)| *n == name && *p == parent.map(|p| p.0));
        found.map(|i| NodeId(i as u32))
    }
    fn each_name(&self, tell: &mut dyn FnMut(&str)) {
        NODES.iter().for_each(|(n, ..)| tell(n));
    }
    fn list(&self, name: &str) -> Option<ListId> {
        (name == "l").then_some(ListId(0))
    }
    fn list_of(&self, node: NodeId) -> Option<ListId> {
        matches!(self.kind(node), NodeKind::Leaf(ValueType::Choice | ValueType::Choices)).then_some(ListId(0))
    }
    fn column(&self, _: ListId, name: &str) -> Option<ColumnId> {
        ["name", "label"].iter().position(|n| *n == name).map(|i| ColumnId(i as u32))
    }
}

impl World for Sample {
    fn scheme(&self) -> &dyn Scheme {
        self
    }
    fn value(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        if self.unknown.contains(&node) {
            return Seen::Unknown;
        }
        let (name, _, _, text) = NODES[node.0 as usize];
        let row =
            |texts: &[&'static str], i: usize| rows.get(i).and_then(|&r| texts.get(r as usize).copied()).unwrap_or("");
        Seen::from(match name {
            "n" => row(&["4", "10", ""], 0),
            "t" => row(&["x", "", "zed"], 0),
            "k" if rows.first() == Some(&0) => row(&["1", "2"], 1),
            "k" => row(&["3"], 1),
            _ => text,
        })
    }
    fn row_count(&self, repeat: NodeId, outer: &[u32]) -> u32 {
        match (self.name(repeat), outer) {
            ("r", _) => 3,
            ("q", [0]) => 2,
            ("q", [1]) => 1,
            _ => 0,
        }
    }
    fn clock(&self) -> Clock {
        Clock { at: Stamp(1_749_988_800_000), today: Day::from_iso("2025-06-15").unwrap(), zone_ms: 0 }
    }
    fn random(&self) -> f64 {
        0.25
    }
    fn property(&self, name: &str) -> Option<&str> {
        match name {
            "deviceid" => Some("device-1"),
            "version" => Some("2025"),
            _ => None,
        }
    }
    fn item_count(&self, _: ListId) -> u32 {
        3
    }
    fn cell(&self, _: ListId, item: u32, column: ColumnId) -> Cow<'_, str> {
        let item = ITEMS.get(item as usize).map_or("", |i| if column.0 == 0 { i.0 } else { i.1 });
        Cow::Borrowed(item)
    }
}

/// The value of an expression at the top; of one with `index()` or `position(..)` in the first row of `r`.
pub(super) fn value(text: &str) -> String {
    let sample = Sample::default();
    let in_row = text.contains("index()") || text.contains("position(..)");
    let (scope, rows): (Scope, &[u32]) = match in_row {
        true => (Scope::at(id("n")), &[0]),
        false => (Scope::at(id("empty")), &[]),
    };
    let (expr, problems) = compile(text, &sample, scope);
    let mut problems = problems;
    // It is in the table so that whoever writes it is told what it is for.
    problems.retain(|problem| problem.fault != super::Fault::SearchElsewhere);
    assert_eq!(problems, [], "{text}");
    expr.text(&sample, EvalContext::rows(rows)).into_owned()
}
