//! The maker of [`Links`]: goes through a form node by node, compiles what stands there and notes who reads what.

use super::{Condition, Edge, NodeLinks, NodePart, Vertex, node_of, part_of, vertex};
use crate::domain::{Explain, Message, bug};
use crate::expr::{self, Bare, Expr, Fault, Found, Reads, Scheme, Template};
use crate::form::model::*;
use crate::form::problem::{CellAddress, FormProblem, Weight};
use std::collections::HashMap;

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

pub(super) struct Maker<'f> {
    pub form: &'f Form,
    pub problems: Vec<FormProblem>,
    pub edges: Vec<(Vertex, Edge)>,
    /// Edges of readers that set no value: choice filters, and labels that stand in a value.
    pub loose: Vec<(Vertex, Edge)>,
    /// What the labels of a list's choices read: whoever looks at the list reads it too.
    pub label_reads: HashMap<ListId, Reads>,
    pub last_saved: Vec<NodeId>,
}

impl Maker<'_> {
    pub fn choice_labels(&mut self) -> HashMap<(ListId, u32), Vec<Template>> {
        let mut labels = HashMap::new();
        for (list, own) in (0..).map(ListId).zip(&self.form.lists) {
            for (item, choice) in (0..).zip(&own.choices) {
                if own.supplied || !choice.label.by_language.iter().any(|text| text.contains("${")) {
                    continue;
                }
                let place = CellAddress::new("choices", choice.row, "label");
                let templates = self.templates(&choice.label, expr::Scope::top(), &place);
                for template in &templates {
                    self.label_reads.entry(list).or_default().add(template.reads());
                }
                labels.insert((list, item), templates);
            }
        }
        labels
    }

    pub fn node(&mut self, id: NodeId, depths: &[u8]) -> NodeLinks {
        let form = self.form;
        let node = form.node(id);
        let at = expr::Scope::at(id);
        let mut links = NodeLinks { home: node.scope, ..NodeLinks::default() };
        let outer = depths[node.scope.index()];
        let mut inner = outer;
        if let ElementKind::Repeat { scope, .. } = &node.kind {
            links.home = *scope;
            inner = outer.saturating_add(1);
        }
        let relevant = vertex(id, NodePart::Relevant);
        links.relevant = self.condition(node.relevant.as_ref(), at, relevant);
        if let Some(parent) = node.parent {
            self.edge(vertex(parent, NodePart::Relevant), relevant, outer);
        }
        links.label = self.said(&node.label, id, "label");
        links.hint = self.said(&node.hint, id, "hint");
        links.guidance = self.said(&node.guidance, id, "guidance_hint");
        match &node.kind {
            ElementKind::Group => {}
            ElementKind::Repeat { count, .. } => {
                let part = vertex(id, NodePart::Count);
                self.edge(part, relevant, outer);
                if let Some(source) = count {
                    links.count = self.reading(source, expr::Scope::count_of(id), part);
                    let text = source.text.trim();
                    links.count_is_reference = text.starts_with("${") && text.find('}') == Some(text.len() - 1);
                    if let Some(parent) = node.parent {
                        self.edge(vertex(parent, NodePart::Relevant), part, outer);
                    }
                }
            }
            ElementKind::Question(question) => self.question(id, question, &mut links, inner),
        }
        links
    }

    fn question(&mut self, id: NodeId, question: &Question, links: &mut NodeLinks, depth: u8) {
        let at = expr::Scope::at(id);
        let [relevant, value, state, run] =
            [NodePart::Relevant, NodePart::Value, NodePart::State, NodePart::Count].map(|part| vertex(id, part));
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
                // What is worked out of itself may go by how often it was worked out, here as in the other engines. Not so
                // `once()`, nor what reads the same question of other rows.
                let reads = links.calculation.as_ref().map(Expr::reads);
                let itself = |reads: &Reads| {
                    reads.own || reads.values.iter().any(|read| read.node == id && read.shared >= depth)
                };
                if reads.is_some_and(itself) {
                    let name = self.form.node(id).name.as_str();
                    let what = Message::new("form.reads_itself").with("name", name);
                    self.problems.push(FormProblem::warning(source.place.clone(), what));
                }
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
                    self.loose(vertex(of, NodePart::Value), value, shared);
                    if let Some(roster) = self.form.scopes[self.form.node(of).scope.index()].roster {
                        self.loose(vertex(roster, NodePart::Count), value, shared);
                        if let Some(filter) = &question.choice_filter {
                            links.filter = self.filtering(filter, expr::Scope::at(of), value);
                        }
                    }
                }
                None => {
                    let names = self.form.nodes.iter().map(|n| n.name.as_str());
                    let near = crate::form::xlsform::nearest(&source.text, names);
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
                Some(ElementKind::Question(_)) => NodePart::Value,
                _ => NodePart::Relevant,
            };
            push(self, vertex(read.node, part), reader, read.shared);
        }
        for read in &reads.rows {
            push(self, vertex(read.node, NodePart::Count), reader, read.shared);
        }
        for roster in &reads.positions {
            let scope = self.form.nodes.get(roster.0 as usize).map_or(ScopeId::ROOT, |n| n.scope);
            let mut depth = 0;
            let mut up = self.form.scopes[scope.index()].parent;
            while let Some(scope) = up {
                depth += 1;
                up = self.form.scopes[scope.index()].parent;
            }
            push(self, vertex(*roster, NodePart::Count), reader, depth);
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

    pub fn compile(&mut self, source: &Source, at: expr::Scope) -> Option<Expr> {
        let (expr, problems) = expr::compile(&source.text, self.form, at);
        self.last_saved.extend(&expr.reads().last_saved);
        let mut whole = true;
        for problem in problems {
            whole &= self.tell(&source.place, &source.text, problem) == Weight::Warning;
        }
        whole.then_some(expr)
    }

    fn tell(&mut self, place: &CellAddress, text: &str, problem: expr::Problem) -> Weight {
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
        let place = CellAddress::new("survey", self.form.node(id).row, column);
        self.templates(text, expr::Scope::at(id), &place)
    }

    /// By language.
    fn templates(&mut self, text: &Text, at: expr::Scope, place: &CellAddress) -> Vec<Template> {
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
    pub fn cycle(&mut self, vertices: &[Vertex]) {
        let Some(first) = vertices.first() else { bug!("a circle to go through something") };
        // Where a number of rows is in it, that is what the author wrote last and may change.
        let named = vertices.iter().find(|v| part_of(**v) == NodePart::Count).unwrap_or(first);
        let node = self.form.node(node_of(*named));
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
        let settles = vertices.iter().any(|v| part_of(*v) != NodePart::Value);
        let column = match part_of(*named) {
            NodePart::Relevant => "relevant",
            NodePart::Value => "calculation",
            NodePart::State => "constraint",
            NodePart::Count => "repeat_count",
        };
        let place = CellAddress::new("survey", node.row, column);
        let what = Message::new("form.cycle").with("names", names.join(" → "));
        let problem = if settles { FormProblem::warning(place, what) } else { FormProblem::error(place, what) };
        self.problems.push(problem);
    }
}
