//! The form's expressions, compiled once, and who depends on whom: relevance (inherited), requirement, calculation,
//! constraint, **choice_filter**, repeat_count and labels stand in one graph.
//!
//! A vertex is a part of a node: [`Part`]. An edge says in which rows the reader sees a change (see [`Edge::shared`]).

use super::model::*;
use super::problem::{FormProblem, Place, Weight};
use crate::domain::{Explain, Message, bug};
use crate::expr::{self, Bare, ColumnId, Expr, Fault, Found, Graph, Reads, Scheme, Template};
use std::collections::HashMap;

/// What of a node is computed. Four to a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
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

pub fn vertex(node: NodeId, part: Part) -> Vertex {
    node.0 * 4 + part as u32
}

pub fn node_of(vertex: Vertex) -> NodeId {
    NodeId(vertex / 4)
}

pub fn part_of(vertex: Vertex) -> Part {
    match vertex % 4 {
        0 => Part::Relevant,
        1 => Part::Value,
        2 => Part::State,
        _ => Part::Count,
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
            Some(Kind::Group) => expr::NodeKind::Group,
            Some(Kind::Repeat { .. }) => expr::NodeKind::Repeat,
            Some(Kind::Question(question)) => expr::NodeKind::Leaf(leaf_type(question)),
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
        let filters = |reader| part_of(reader) == Part::Value && filter[node_of(reader).0 as usize];
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
                    Kind::Question(question) => question.control != Control::Hidden && question.supplied.is_none(),
                    Kind::Group => false,
                    Kind::Repeat { .. } => true,
                };
                if given && node > own {
                    return true;
                }
            }
        }
        false
    }
}

/// How many row numbers a row of one scope shares with the rows it looks over of another: those of the rosters around
/// both, the latter's own left out.
fn depths_shared(form: &Form, from: ScopeId, over: ScopeId) -> u8 {
    let chain = |scope: ScopeId| {
        let mut chain = vec![scope];
        while let Some(up) = form.scopes[chain[chain.len() - 1].index()].parent {
            chain.push(up);
        }
        chain.reverse();
        chain
    };
    let (from, over) = (chain(from), chain(over));
    let around = &over[..over.len() - 1];
    (from.iter().zip(around).take_while(|(a, b)| a == b).count().saturating_sub(1)) as u8
}

struct Maker<'f> {
    form: &'f Form,
    problems: Vec<FormProblem>,
    edges: Vec<(Vertex, Edge)>,
    /// Edges of readers that set no value: choice filters, and labels that stand in a value.
    loose: Vec<(Vertex, Edge)>,
    /// What the labels of a list's choices read: whoever looks at the list reads it too.
    label_reads: HashMap<ListId, Reads>,
    last_saved: Vec<NodeId>,
}

impl Maker<'_> {
    fn choice_labels(&mut self) -> HashMap<(ListId, u32), Vec<Template>> {
        let mut labels = HashMap::new();
        for (list, own) in (0..).map(ListId).zip(&self.form.lists) {
            for (item, choice) in (0..).zip(&own.choices) {
                if own.supplied || !choice.label.by_language.iter().any(|text| text.contains("${")) {
                    continue;
                }
                let place = Place::new("choices", choice.row, "label");
                let templates = self.templates(&choice.label, expr::Scope::top(), &place);
                for template in &templates {
                    self.label_reads.entry(list).or_default().add(template.reads());
                }
                labels.insert((list, item), templates);
            }
        }
        labels
    }

    fn node(&mut self, id: NodeId, depths: &[u8]) -> NodeLinks {
        let form = self.form;
        let node = form.node(id);
        let at = expr::Scope::at(id);
        let mut links = NodeLinks { home: node.scope, ..NodeLinks::default() };
        let outer = depths[node.scope.index()];
        let mut inner = outer;
        if let Kind::Repeat { scope, .. } = &node.kind {
            links.home = *scope;
            inner = outer.saturating_add(1);
        }
        let relevant = vertex(id, Part::Relevant);
        links.relevant = self.condition(node.relevant.as_ref(), at, relevant);
        if let Some(parent) = node.parent {
            self.edge(vertex(parent, Part::Relevant), relevant, outer);
        }
        links.label = self.said(&node.label, id, "label");
        links.hint = self.said(&node.hint, id, "hint");
        links.guidance = self.said(&node.guidance, id, "guidance_hint");
        match &node.kind {
            Kind::Group => {}
            Kind::Repeat { count, .. } => {
                let part = vertex(id, Part::Count);
                self.edge(part, relevant, outer);
                if let Some(source) = count {
                    links.count = self.reading(source, expr::Scope::count_of(id), part);
                    let text = source.text.trim();
                    links.count_is_reference = text.starts_with("${") && text.find('}') == Some(text.len() - 1);
                    if let Some(parent) = node.parent {
                        self.edge(vertex(parent, Part::Relevant), part, outer);
                    }
                }
            }
            Kind::Question(question) => self.question(id, question, &mut links, inner),
        }
        links
    }

    fn question(&mut self, id: NodeId, question: &Question, links: &mut NodeLinks, depth: u8) {
        let at = expr::Scope::at(id);
        let [relevant, value, state, run] =
            [Part::Relevant, Part::Value, Part::State, Part::Count].map(|part| vertex(id, part));
        self.edge(relevant, value, depth);
        self.edge(value, state, depth);
        self.edge(relevant, state, depth);
        links.required = self.condition(question.required.as_ref(), at, state);
        links.read_only = self.condition(question.read_only.as_ref(), at, state);
        for check in &question.checks {
            links.checks.push(self.reading(&check.condition, at, state));
            links.check_messages.push(self.said(&check.message, id, &check.condition.place.column));
        }
        links.required_message = self.said(&question.required_message, id, "required_message");
        if let Some(source) = &question.calculation {
            if question.triggers.is_empty() {
                links.calculation = self.reading(source, at, value);
            } else {
                links.calculation = self.compile(source, at);
            }
        }
        links.calculation_reads_itself = links.calculation.as_ref().is_some_and(|expr| expr.reads().own);
        for trigger in &question.triggers {
            links.triggered = true;
            // Only its references matter: a change of any of them runs the calculation.
            self.reading(trigger, at, run);
        }
        if links.triggered {
            self.edge(run, value, depth);
        }
        if let (Some(source), Some(list)) = (&question.choice_filter, question.list) {
            links.filter = self.filtering(source, expr::Scope::filter(id, list), value);
        } else if let Some(list) = question.list
            && let Some(reads) = self.label_reads.get(&list).cloned()
        {
            self.reads(&reads, state, false);
        }
        if let Some(source) = &question.seed {
            links.seed = self.compile(source, at);
        }
        if let Some(DefaultValue::Computed(source)) = &question.default {
            links.default = self.compile(source, at);
        }
        if let Some(source) = &question.choices_of {
            let found = match self.form.find(&source.text) {
                Found::One(node) => Some(node),
                Found::Several(nodes) => nodes.first().copied(),
                Found::Nothing => None,
            };
            links.choices_of = found.filter(|node| self.form.node(*node).scope != ScopeId::ROOT);
            match links.choices_of {
                Some(of) => {
                    let shared = depths_shared(self.form, self.form.node(id).scope, self.form.node(of).scope);
                    self.loose(vertex(of, Part::Value), value, shared);
                    if let Some(roster) = self.form.scopes[self.form.node(of).scope.index()].roster {
                        self.loose(vertex(roster, Part::Count), value, shared);
                        if let Some(filter) = &question.choice_filter {
                            links.filter = self.filtering(filter, expr::Scope::at(of), value);
                        }
                    }
                }
                None => {
                    let names = self.form.nodes.iter().map(|n| n.name.as_str());
                    let near = super::xlsform::nearest(&source.text, names);
                    let what = Message::new("form.list_unknown").with("name", source.text.clone());
                    self.problems.push(FormProblem::error(source.place.clone(), what).near(near));
                }
            }
        }
    }

    fn condition(&mut self, source: Option<&Source>, at: expr::Scope, reader: Vertex) -> Condition {
        let Some(source) = source else { return Condition::None };
        match source.text.trim() {
            "true()" => Condition::Constant(true),
            "false()" => Condition::Constant(false),
            _ => self.reading(source, at, reader).map_or(Condition::None, |expr| Condition::Expr(Box::new(expr))),
        }
    }

    /// Compiles and enters its reads as edges to `reader`; none if it cannot be read.
    fn reading(&mut self, source: &Source, at: expr::Scope, reader: Vertex) -> Option<Expr> {
        let expr = self.compile(source, at)?;
        self.reads(expr.reads(), reader, false);
        Some(expr)
    }

    /// As [`Maker::reading`], for a choice filter: it decides what is on offer and sets no value, so that it may read
    /// what its own question leads to (*choose each member once*).
    fn filtering(&mut self, source: &Source, at: expr::Scope, reader: Vertex) -> Option<Expr> {
        let expr = self.compile(source, at)?;
        self.reads(expr.reads(), reader, true);
        Some(expr)
    }

    fn reads(&mut self, reads: &Reads, reader: Vertex, loose: bool) {
        for list in &reads.lists {
            if let Some(read) = self.label_reads.get(list).cloned() {
                self.reads(&read, reader, true);
            }
        }
        let push = if loose { Maker::loose } else { Maker::edge };
        for read in &reads.values {
            let part = match self.form.nodes.get(read.node.0 as usize).map(|n| &n.kind) {
                Some(Kind::Question(_)) => Part::Value,
                _ => Part::Relevant,
            };
            push(self, vertex(read.node, part), reader, read.shared);
        }
        for read in &reads.rows {
            push(self, vertex(read.node, Part::Count), reader, read.shared);
        }
        for roster in &reads.positions {
            let scope = self.form.nodes.get(roster.0 as usize).map_or(ScopeId::ROOT, |n| n.scope);
            let mut depth = 0;
            let mut up = self.form.scopes[scope.index()].parent;
            while let Some(scope) = up {
                depth += 1;
                up = self.form.scopes[scope.index()].parent;
            }
            push(self, vertex(*roster, Part::Count), reader, depth);
        }
    }

    fn edge(&mut self, read: Vertex, reader: Vertex, shared: u8) {
        if read != reader {
            self.edges.push((read, Edge { reader, shared }));
        }
    }

    /// An edge of what sets no value; one to itself too, since it is seen in other rows.
    fn loose(&mut self, read: Vertex, reader: Vertex, shared: u8) {
        self.loose.push((read, Edge { reader, shared }));
    }

    fn compile(&mut self, source: &Source, at: expr::Scope) -> Option<Expr> {
        let (expr, problems) = expr::compile(&source.text, self.form, at);
        self.last_saved.extend(&expr.reads().last_saved);
        let mut whole = true;
        for problem in problems {
            whole &= self.tell(&source.place, &source.text, problem) == Weight::Warning;
        }
        whole.then_some(expr)
    }

    fn tell(&mut self, place: &Place, text: &str, problem: expr::Problem) -> Weight {
        let char_at = |byte: u32| text.char_indices().take_while(|(i, _)| *i < byte as usize).count();
        let (start, end) = (char_at(problem.span.start), char_at(problem.span.end));
        // As in the other engines a table that is not beside the form, and a path that leads nowhere, read as empty.
        let weight = match problem.fault {
            Fault::UnknownList { .. }
            | Fault::UnknownColumn { .. }
            | Fault::UnknownStep { .. }
            | Fault::AboveTheTop
            | Fault::BareName { .. } => Weight::Warning,
            // A reference to nothing is a slip that every engine refuses.
            Fault::UnknownName { .. } if place.sheet == "survey" => Weight::Error,
            _ => Weight::Broken,
        };
        let reported = FormProblem {
            place: place.clone(),
            weight,
            what: problem.explain(),
            text: Some((text.to_owned(), start..end)),
            nearest: None,
        };
        self.problems.push(reported);
        weight
    }

    /// The texts of a node; nothing when no language has a reference.
    fn said(&mut self, text: &Text, id: NodeId, column: &str) -> Vec<Template> {
        if !text.by_language.iter().any(|t| t.contains("${")) {
            return Vec::new();
        }
        let place = Place::new("survey", self.form.node(id).row, column);
        self.templates(text, expr::Scope::at(id), &place)
    }

    /// By language.
    fn templates(&mut self, text: &Text, at: expr::Scope, place: &Place) -> Vec<Template> {
        let mut out = Vec::new();
        for text in &text.by_language {
            let (template, problems) = Template::parse(text, self.form, expr::Scope { bare: Bare::Child, ..at });
            for problem in problems {
                self.tell(place, text, problem);
            }
            self.last_saved.extend(&template.reads().last_saved);
            out.push(template);
        }
        out
    }

    /// A circle of calculations can never settle; one that goes through relevance is common in the field and does.
    fn cycle(&mut self, vertices: &[Vertex]) {
        let Some(first) = vertices.first() else { bug!("a circle to go through something") };
        let node = self.form.node(node_of(*first));
        let mut names: Vec<&str> = Vec::new();
        for vertex in vertices {
            let name = self.form.node(node_of(*vertex)).name.as_str();
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
        if let (true, Some(first)) = (names.len() > 1, names.first().copied()) {
            names.push(first);
        }
        let settles = vertices.iter().any(|v| part_of(*v) != Part::Value);
        let column = match part_of(*first) {
            Part::Relevant => "relevant",
            Part::Value => "calculation",
            Part::State => "constraint",
            Part::Count => "repeat_count",
        };
        let place = Place::new("survey", node.row, column);
        let what = Message::new("form.cycle").with("names", names.join(" → "));
        let problem = if settles { FormProblem::warning(place, what) } else { FormProblem::error(place, what) };
        self.problems.push(problem);
    }
}
