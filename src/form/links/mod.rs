//! The form's expressions, compiled once, and who depends on whom: relevance (inherited), requirement, calculation,
//! constraint, **choice_filter**, repeat_count and labels stand in one graph.
//!
//! A vertex is a part of a node: [`NodePart`]. An edge says in which rows the reader sees a change (see [`Edge::shared`]).

mod maker;

use super::model::*;
use super::problem::FormProblem;
use crate::domain::bug;
use crate::expr::{self, ColumnId, Expr, Found, Graph, Scheme, Template};
use maker::Maker;
use std::collections::HashMap;

/// What of a node is computed. Four to a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodePart {
    /// Own relevance and that of everything around it. Of a roster: of one row.
    Relevant,
    /// The value as it reads now: calculated, emptied when off the route or hidden by a filter.
    Value,
    /// Required, read-only, checks.
    State,
    /// Of a roster: how many rows. Of a question: its calculation, run when a trigger changes.
    Count,
}

pub type Vertex = u32;

pub fn vertex(node: NodeId, part: NodePart) -> Vertex {
    node.0 * 4 + part as u32
}

pub fn node_of(vertex: Vertex) -> NodeId {
    NodeId(vertex / 4)
}

pub fn part_of(vertex: Vertex) -> NodePart {
    match vertex % 4 {
        0 => NodePart::Relevant,
        1 => NodePart::Value,
        2 => NodePart::State,
        _ => NodePart::Count,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    pub reader: Vertex,
    /// How many outer rows reader and read have in common: all readers within that row see the change.
    pub shared: u8,
}

/// A condition, the constant ones told apart.
#[derive(Clone, Debug, Default)]
pub enum Condition {
    #[default]
    None,
    Constant(bool),
    Expr(Box<Expr>),
}

#[derive(Clone, Debug, Default)]
pub struct NodeLinks {
    pub relevant: Condition,
    pub required: Condition,
    pub read_only: Condition,
    /// In the order of the question's checks; none where one cannot be read.
    pub checks: Vec<Option<Expr>>,
    pub calculation: Option<Expr>,
    pub filter: Option<Expr>,
    /// The filter reads, by whatever way, the answer it filters: see `draft/circle.rs`.
    pub filter_in_circle: bool,
    pub default: Option<Expr>,
    /// Of the random order of its choices.
    pub seed: Option<Expr>,
    pub count: Option<Expr>,
    /// The count is one reference: such a count is read as it is; a longer one reads as empty when off the route.
    pub count_is_reference: bool,
    pub triggered: bool,
    /// The calculation reads `.`: what stands there is seen by it before it is worked out.
    pub calculation_reads_itself: bool,
    /// By language; empty where no language has a reference in it.
    pub label: Vec<Template>,
    pub hint: Vec<Template>,
    pub guidance: Vec<Template>,
    pub required_message: Vec<Template>,
    pub check_messages: Vec<Vec<Template>>,
    /// Beside the checks: whether one reads, by whatever way, an answer that is given later.
    pub checks_read_later: Vec<bool>,
    /// The roster question whose answers are the choices.
    pub choices_of: Option<NodeId>,
    /// The scope where the node's vertices live (a roster's relevance lives in its rows).
    pub home: ScopeId,
}

#[derive(Clone, Debug, Default)]
pub struct Links {
    pub nodes: Vec<NodeLinks>,
    pub instance_name: Option<Expr>,
    pub readers: Vec<Vec<Edge>>,
    pub rank: Vec<u32>,
    /// All vertices in order of computing.
    pub order: Vec<Vertex>,
    /// Questions whose answer in the survey taken last with this form is asked for (`${last-saved#x}`).
    pub last_saved: Vec<NodeId>,
    /// Labels of choices with references in them, by list and the choice's place there; by language.
    pub choice_labels: HashMap<(ListId, u32), Vec<Template>>,
    /// Rosters around each scope, outermost first; and the scope's place among its parent's rosters.
    pub depth: Vec<u8>,
    pub place_in_parent: Vec<u32>,
}

impl Scheme for Form {
    fn find(&self, name: &str) -> Found {
        match self.by_name.get(name).map(Vec::as_slice) {
            None | Some([]) => Found::Nothing,
            Some([one]) => Found::One(*one),
            Some(several) => Found::Several(several.to_vec()),
        }
    }

    fn name(&self, node: NodeId) -> &str {
        self.nodes.get(node.0 as usize).map_or("", |n| n.name.as_str())
    }

    fn kind(&self, node: NodeId) -> expr::NodeKind {
        match self.nodes.get(node.0 as usize).map(|n| &n.kind) {
            Some(ElementKind::Group) => expr::NodeKind::Group,
            Some(ElementKind::Repeat { .. }) => expr::NodeKind::Repeat,
            Some(ElementKind::Question(question)) => expr::NodeKind::Leaf(leaf_type(question)),
            None => expr::NodeKind::Leaf(expr::ValueType::Text),
        }
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(node.0 as usize)?.parent
    }

    fn child(&self, parent: Option<NodeId>, name: &str) -> Option<NodeId> {
        self.by_name.get(name)?.iter().copied().find(|id| self.node(*id).parent == parent)
    }

    fn root(&self) -> &str {
        &self.root
    }

    fn each_name(&self, tell: &mut dyn FnMut(&str)) {
        self.nodes.iter().for_each(|n| tell(&n.name));
    }

    fn list(&self, name: &str) -> Option<ListId> {
        let ending = |e: &&str| super::xlsform::tables::ENDINGS.contains(e);
        let stem = name.rsplit_once('.').filter(|(_, e)| ending(e)).map_or(name, |(stem, _)| stem);
        self.list_ids.get(name).or_else(|| self.list_ids.get(stem)).copied()
    }

    fn each_list(&self, tell: &mut dyn FnMut(&str)) {
        self.lists.iter().for_each(|l| tell(&l.name));
    }

    fn list_of(&self, node: NodeId) -> Option<ListId> {
        self.question(node)?.list
    }

    fn chooses_from_rows(&self, node: NodeId) -> bool {
        self.question(node).is_some_and(|q| q.choices_of.is_some())
    }

    fn column(&self, list: ListId, name: &str) -> Option<ColumnId> {
        let list = self.lists.get(list.0 as usize)?;
        if let Some(at) = list.columns.iter().position(|c| c == name) {
            return Some(ColumnId(at as u32 + 2));
        }
        match name {
            "name" => Some(ColumnId(0)),
            // `jr:itext(…/itextId)` is how authors reach a label in the language of the screen.
            "label" | "itextId" => Some(ColumnId(1)),
            _ => None,
        }
    }

    fn each_column(&self, list: ListId, tell: &mut dyn FnMut(&str)) {
        let Some(list) = self.lists.get(list.0 as usize) else { bug!("a list of this form") };
        tell("name");
        tell("label");
        list.columns.iter().for_each(|c| tell(c));
    }
}

fn leaf_type(question: &Question) -> expr::ValueType {
    use expr::ValueType as T;
    if let Some(bind) = &question.bind_type {
        match bind.as_str() {
            "int" | "integer" => return T::Integer,
            "decimal" => return T::Decimal,
            "date" => return T::Date,
            "boolean" => return T::Boolean,
            "dateTime" => return T::DateTime,
            "time" => return T::Time,
            _ => {}
        }
    }
    match question.value {
        ValueType::Integer => T::Integer,
        ValueType::Decimal | ValueType::Money => T::Decimal,
        ValueType::Date => T::Date,
        ValueType::Time => T::Time,
        ValueType::DateTime => T::DateTime,
        ValueType::Point | ValueType::Line | ValueType::Area => T::Geo,
        ValueType::One => T::Choice,
        ValueType::Many | ValueType::Rank => T::Choices,
        _ => T::Text,
    }
}

impl NodeLinks {
    fn filters(&self) -> bool {
        self.filter.is_some() || self.choices_of.is_some()
    }
}

impl Links {
    /// Compiles every expression of the form. Broken ones are told and read as empty.
    pub fn build(form: &Form) -> (Links, Vec<FormProblem>) {
        let mut maker = Maker {
            form,
            problems: Vec::new(),
            edges: Vec::new(),
            loose: Vec::new(),
            label_reads: HashMap::new(),
            last_saved: Vec::new(),
        };
        let mut links = Links { choice_labels: maker.choice_labels(), ..Links::default() };
        for scope in &form.scopes {
            let parent = scope.parent.map(ScopeId::index);
            links.depth.push(parent.map_or(0, |p| links.depth.get(p).copied().unwrap_or(0).saturating_add(1)));
            let place = parent.and_then(|p| {
                form.scopes[p].rosters.iter().position(|r| form.scopes[r.index()].roster == scope.roster)
            });
            links.place_in_parent.push(place.unwrap_or(0) as u32);
        }
        for id in form.ids() {
            let node = maker.node(id, &links.depth);
            links.nodes.push(node);
        }
        if let Some(source) = &form.instance_name {
            links.instance_name = maker.compile(source, expr::Scope::top());
        }
        let vertices = form.nodes.len() as u32 * 4;
        links.readers = vec![Vec::new(); vertices as usize];
        for edges in [&mut maker.edges, &mut maker.loose] {
            edges.sort_by_key(|(read, edge)| (*read, edge.reader, edge.shared));
            edges.dedup();
        }
        let pair = |(read, edge): &(Vertex, Edge)| (*read, edge.reader);
        let loose: Vec<_> = maker.loose.iter().map(pair).collect();
        let (graph, cycles, circle) = Graph::build_loose(vertices, &mut maker.edges.iter().map(pair), &loose);
        let filter: Vec<bool> = links.nodes.iter().map(NodeLinks::filters).collect();
        let filters = |reader| part_of(reader) == NodePart::Value && filter[node_of(reader).0 as usize];
        let in_circle = |both: &(Vertex, Vertex)| circle.binary_search(both).is_ok();
        for (read, edge) in maker.edges.iter().chain(&maker.loose) {
            // A label in a circle shows what stood there before: going round again might never end.
            let firm = maker.edges.binary_search_by_key(&(*read, edge.reader), pair).is_ok();
            if !firm && in_circle(&(*read, edge.reader)) && !filters(edge.reader) {
                continue;
            }
            if let Some(readers) = links.readers.get_mut(*read as usize) {
                readers.push(*edge);
            }
        }
        for reader in circle.iter().map(|(_, reader)| *reader).filter(|reader| filters(*reader)) {
            links.nodes[node_of(reader).0 as usize].filter_in_circle = true;
        }
        for id in form.ids() {
            let later =
                links.nodes[id.0 as usize].checks.iter().map(|check| links.reads_later(form, id, check.as_ref()));
            let later: Vec<bool> = later.collect();
            links.nodes[id.0 as usize].checks_read_later = later;
        }
        links.rank = (0..vertices).map(|v| graph.rank(v)).collect();
        links.order = graph.order().to_vec();
        maker.last_saved.sort_unstable();
        maker.last_saved.dedup();
        links.last_saved = std::mem::take(&mut maker.last_saved);
        for cycle in cycles {
            maker.cycle(&cycle.0);
        }
        (links, maker.problems)
    }
}

impl Links {
    /// Whether a check on `own` reads an answer that is given after it, calculations between them followed.
    fn reads_later(&self, form: &Form, own: NodeId, check: Option<&Expr>) -> bool {
        let mut seen = std::collections::HashSet::new();
        let mut waiting: Vec<&Expr> = check.into_iter().collect();
        while let Some(expr) = waiting.pop() {
            let reads = expr.reads();
            for node in reads.values.iter().chain(&reads.rows).map(|read| read.node) {
                if !seen.insert(node) {
                    continue;
                }
                if let Some(calculation) = &self.nodes[node.0 as usize].calculation {
                    waiting.push(calculation);
                    continue;
                }
                let given = match &form.node(node).kind {
                    ElementKind::Question(question) => {
                        question.control != Control::Hidden && question.supplied.is_none()
                    }
                    ElementKind::Group => false,
                    ElementKind::Repeat { .. } => true,
                };
                if given && node > own {
                    return true;
                }
            }
        }
        false
    }
}
