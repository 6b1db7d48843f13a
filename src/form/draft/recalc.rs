//! What one answer changes: a queue of (rank, part of a node, row), worked off in the graph's order; what comes out as
//! before is not passed on. [`Draft::recompute_all`] does everything anew; a property test holds the two together.

use super::instance::Reads;
use super::{At, Draft, RowId};
use crate::domain::{IdNumber, Origin, bug};
use crate::expr::{EvalContext, Expr, Seen, Truth, Value, World};
use crate::form::links::{Condition, NodePart, Vertex, node_of, part_of, vertex};
use crate::form::model::*;
use std::borrow::Cow;
use std::cmp::Reverse;

/// The most rows a roster may have, whatever its count says.
pub const ROWS_MAX: usize = 2_000;
/// The most rows a draft may have ever had, removed ones included.
pub const ALL_ROWS_MAX: usize = 100_000;

/// The most checks of one question; the bits above are built in.
pub(super) const CHECKS_MAX: usize = 14;
/// An ID number whose digits do not hold: hard.
pub(super) const ID_FAILS: u32 = 1 << 14;
/// A card whose last digit does not fit: soft, since banks differ.
pub(super) const CARD_FAILS: u32 = 1 << 15;
/// A check that could not be worked out, such as a pattern that explodes: soft, since nobody knows.
pub(super) const UNSURE: u32 = 1 << 16;

/// What the type itself says of a value that stands there as it was on the paper.
fn built_in(value: ValueType, text: &str) -> u32 {
    match value {
        ValueType::IdNumber if IdNumber::from_typed(text).is_err() => ID_FAILS,
        ValueType::BankCard if !crate::domain::bank_card::luhn_fits(text) => CARD_FAILS,
        _ => 0,
    }
}

impl Draft {
    fn holds(&self, condition: &Condition, row: RowId, none: bool) -> bool {
        match condition {
            Condition::None => none,
            Condition::Constant(holds) => *holds,
            Condition::Expr(expr) => expr.holds(self, EvalContext::rows(&self.row(row).numbers)),
        }
    }

    /// Whether a place is asked. Where nobody knows it is, so that no question is lost in silence.
    fn is_asked(&self, condition: &Condition, numbers: &[u32]) -> bool {
        match condition {
            Condition::None => true,
            Condition::Constant(holds) => *holds,
            Condition::Expr(expr) => expr.truth(self, EvalContext::rows(numbers)) != Truth::No,
        }
    }

    pub(super) fn push(&mut self, vertex: Vertex, row: RowId) {
        let Some(rank) = self.form.links.rank.get(vertex as usize).copied() else {
            bug!("a part of this form to have its place in the order")
        };
        self.queue.push(Reverse((rank, vertex, row)));
    }

    /// Queues whoever reads `vertex`, in all rows that see this row's.
    pub(super) fn push_readers(&mut self, vertex: Vertex, row: RowId) {
        let form = self.form.clone();
        let Some(edges) = form.links.readers.get(vertex as usize) else {
            bug!("a part of this form to have its readers")
        };
        for edge in edges {
            if self.opening && part_of(edge.reader) == NodePart::Count && form.question(node_of(edge.reader)).is_some()
            {
                // A trigger fires on a change, and opening a form is none.
                continue;
            }
            let mut base = row;
            while self.row(base).numbers.len() > usize::from(edge.shared) {
                base = self.row(base).parent;
            }
            self.push_within(&form, edge.reader, base);
        }
    }

    /// Queues a vertex in all its rows inside `base`.
    fn push_within(&mut self, form: &Form, reader: Vertex, base: RowId) {
        let node = node_of(reader);
        let links = &form.links.nodes[node.0 as usize];
        let home = if part_of(reader) == NodePart::Count { form.node(node).scope } else { links.home };
        if self.row(base).scope == home {
            return self.push(reader, base);
        }
        let mut chain = vec![home];
        let mut up = form.scopes[home.index()].parent;
        while let Some(scope) = up {
            if scope == self.row(base).scope {
                break;
            }
            chain.push(scope);
            up = form.scopes[scope.index()].parent;
        }
        if up.is_none() {
            // The read stands deeper than its reader: the reader's own row is further out.
            let mut base = base;
            while self.row(base).scope != home && base != RowId::ROOT {
                base = self.row(base).parent;
            }
            if self.row(base).scope == home {
                self.push(reader, base);
            }
            return;
        }
        let mut rows = vec![base];
        for scope in chain.into_iter().rev() {
            rows = rows.iter().flat_map(|row| self.roster(*row, scope).iter().copied()).collect();
        }
        for row in rows {
            self.push(reader, row);
        }
    }

    /// Works the queue off. Forms with circles through relevance settle after a few turns; one that never does is
    /// stopped where it stands.
    pub(super) fn settle(&mut self) {
        let form = self.form.clone();
        let mut left = 50_000 + 200 * form.nodes.len() * self.rows.len().max(1);
        let mut last = None;
        while let Some(Reverse(next)) = self.queue.pop() {
            if last == Some(next) || !self.row(next.2).alive {
                continue;
            }
            last = Some(next);
            let (_, vertex, row) = next;
            if self.compute(&form, vertex, row) {
                self.push_readers(vertex, row);
                last = None;
            }
            left -= 1;
            if left == 0 {
                self.queue.clear();
            }
        }
    }

    /// Works one part out anew; true when what others may read of it differs from before.
    fn compute(&mut self, form: &Form, vertex: Vertex, row: RowId) -> bool {
        let id = node_of(vertex);
        match part_of(vertex) {
            NodePart::Relevant => self.compute_relevant(form, id, row),
            NodePart::Value => self.compute_value(form, id, row),
            NodePart::State => {
                self.compute_state(form, id, row);
                false
            }
            NodePart::Count => match form.node(id).kind {
                ElementKind::Repeat { scope, .. } => self.compute_count(form, id, scope, row),
                ElementKind::Question(_) => self.run_triggered(form, id, row),
                ElementKind::Group => false,
            },
        }
    }

    fn compute_relevant(&mut self, form: &Form, id: NodeId, row: RowId) -> bool {
        let node = form.node(id);
        let roster = matches!(node.kind, ElementKind::Repeat { .. });
        let outer = if roster { self.row(row).parent } else { row };
        let around = match node.parent {
            None => true,
            Some(parent) => match form.node(parent).kind {
                ElementKind::Repeat { .. } => self.row(outer).relevant,
                _ => self.row(outer).cells[form.node(parent).slot as usize].relevant,
            },
        };
        let relevant = around && self.is_asked(&form.links.nodes[id.0 as usize].relevant, &self.row(row).numbers);
        let slot = node.slot as usize;
        let target = self.row_mut(row);
        let place = if roster { &mut target.relevant } else { &mut target.cells[slot].relevant };
        let changed = *place != relevant;
        *place = relevant;
        if changed {
            self.changed.push(At { row, node: id });
        }
        changed
    }

    /// The text that a calculation gave, as it is kept, if it differs from what stands there.
    pub(super) fn differs(&self, text: &str, id: NodeId, row: RowId) -> Option<String> {
        let question = self.form.question(id)?;
        let at = At { row, node: id };
        let kept = match question.value {
            ValueType::One | ValueType::Many | ValueType::Rank if question.control != Control::Hidden => {
                Cow::Owned(self.as_kept(at, question, text))
            }
            _ => crate::form::read::calculated(question, text),
        };
        (self.cell(at).text != *kept).then(|| kept.into_owned())
    }

    fn compute_value(&mut self, form: &Form, id: NodeId, row: RowId) -> bool {
        let links = &form.links.nodes[id.0 as usize];
        let at = At { row, node: id };
        // What was typed over a calculation stands until something that the calculation reads changes.
        let cell = self.cell(at);
        let stands = cell.over && (cell.touched || self.renewed);
        let (mut unknown, before) = (false, cell.reads.clone());
        if let (Some(expr), false, false, true) = (&links.calculation, links.triggered, stands, cell.relevant) {
            // What nobody knew of itself is no reason not to know it now.
            if (cell.touched || before == Reads::Unknown) && links.calculation_reads_itself {
                let reads = self.reads_now(form, at);
                self.cell_mut(at).reads = reads;
            }
            self.cell_mut(at).over = false;
            let value = match self.held_for(id) {
                Some(held) => Value::from(held.to_owned()),
                None => expr.value(self, EvalContext::rows(&self.row(row).numbers)),
            };
            unknown = matches!(value, Value::Unknown);
            if let Some(text) = self.differs(&value.stored(), id, row) {
                let cell = self.cell_mut(at);
                (cell.text, cell.state, cell.origin, cell.touched) = (text, None, Origin::Computed, true);
            }
        }
        let reads = if unknown { Reads::Unknown } else { self.reads_now(form, at) };
        let cell = self.cell_mut(at);
        let changed = before != reads || (cell.touched && reads == Reads::Kept);
        cell.touched = false;
        cell.reads = reads;
        if changed {
            self.changed.push(at);
        }
        changed
    }

    /// Whether a name is on the list of a question as its filter has it now; a list that is not there has everything.
    pub(super) fn is_on_list(&self, world: &dyn World, at: At, name: &str) -> bool {
        let Some(question) = self.form.question(at.node) else { return true };
        let Some(choices) = question.list.and_then(|list| self.lists.get(list.0 as usize)) else { return true };
        let filter = self.form.links.nodes[at.node.0 as usize].filter.as_ref();
        let place = EvalContext::rows(&self.row(at.row).numbers);
        (question.or_other && name == "other")
            || choices.by_name.get(name).is_some_and(|first| {
                // The name may stand on several lines, each with its own filter columns.
                (*first..choices.choices.len() as u32).filter(|i| choices.choices[*i as usize].name == name).any(
                    |item| {
                        let stands = |expr: &Expr| expr.truth(world, EvalContext { item: Some(item), ..place });
                        filter.is_none_or(|expr| stands(expr) != Truth::No)
                    },
                )
            })
    }

    fn reads_now(&self, form: &Form, at: At) -> Reads {
        let cell = self.cell(at);
        if !cell.relevant || cell.state.is_some() || cell.text.is_empty() {
            return Reads::Empty;
        }
        let Some(question) = form.question(at.node).filter(|q| !q.external) else { return Reads::Kept };
        let links = &form.links.nodes[at.node.0 as usize];
        if question.choices_of.is_some() {
            if links.filter_in_circle {
                let leaves = |name: &str| {
                    self.leaves_in_circle(at, &|world| self.row_choices_in(world, at).iter().any(|n| n == name))
                };
                return left_of(question, &cell.text, leaves);
            }
            let offered = self.row_choices(at);
            return left_of(question, &cell.text, |name| offered.contains(&name));
        }
        if links.filter.is_none() || question.list.is_none() {
            return Reads::Kept;
        }
        let offered = |world: &dyn World, name: &str| self.is_on_list(world, at, name);
        if links.filter_in_circle {
            let leaves = |name: &str| self.leaves_in_circle(at, &|world| offered(world, name));
            return left_of(question, &cell.text, leaves);
        }
        left_of(question, &cell.text, |name| offered(self, name))
    }

    fn compute_state(&mut self, form: &Form, id: NodeId, row: RowId) {
        let links = &form.links.nodes[id.0 as usize];
        let at = At { row, node: id };
        let required = self.holds(&links.required, row, false);
        let read_only = self.holds(&links.read_only, row, false);
        let mut failing = 0u32;
        let cell = self.cell(at);
        if cell.relevant && !cell.read().is_empty() {
            if let Some(question) = form.question(id) {
                failing = built_in(question.value, cell.read());
            }
            for (i, check) in links.checks.iter().enumerate().take(CHECKS_MAX) {
                let truth = check.as_ref().map(|c| c.truth(self, EvalContext::rows(&self.row(row).numbers)));
                // A check that can't be worked out (an unreadable pattern from an answer) refuses nothing: it is asked about.
                match truth {
                    Some(Truth::No) => failing |= 1 << i,
                    Some(Truth::Unknown) => failing |= UNSURE,
                    Some(Truth::Yes) | None => {}
                }
            }
        }
        let cell = self.cell_mut(at);
        if (cell.required, cell.read_only, cell.failing) != (required, read_only, failing) {
            (cell.required, cell.read_only, cell.failing) = (required, read_only, failing);
            self.changed.push(at);
        }
    }

    /// How many rows a count asks for, where those are more than can be.
    pub(super) fn rows_beyond(&self, at: At) -> Option<u32> {
        if self.is_row(at) || !self.roster_relevant(at.row, at.node) {
            return None;
        }
        let count = self.form.links.nodes[at.node.0 as usize].count.as_ref()?;
        let number = count.number(self, EvalContext::rows(&self.row(at.row).numbers));
        (number > ROWS_MAX as f64).then_some(number.min(f64::from(u32::MAX)) as u32)
    }

    fn compute_count(&mut self, form: &Form, id: NodeId, scope: ScopeId, row: RowId) -> bool {
        let links = &form.links.nodes[id.0 as usize];
        let Some(count) = &links.count else { return false };
        let around = match form.node(id).parent {
            None => true,
            Some(parent) => match form.node(parent).kind {
                ElementKind::Repeat { .. } => self.row(row).relevant,
                _ => self.row(row).cells[form.node(parent).slot as usize].relevant,
            },
        };
        if !around && !links.count_is_reference {
            return false;
        }
        let number = count.number(self, EvalContext::rows(&self.row(row).numbers));
        if number.is_nan() {
            // An emptied count keeps the rows there were.
            return false;
        }
        let wanted = (number.max(0.0) as usize).min(ROWS_MAX);
        let before = self.roster(row, scope).len();
        while self.roster(row, scope).len() > wanted {
            let last = self.roster(row, scope).len() - 1;
            self.drop_row(row, scope, last);
        }
        // A free roster inside a row that a count makes starts as one at the top does.
        let counting = std::mem::replace(&mut self.counting, true);
        while self.roster(row, scope).len() < wanted {
            let end = self.roster(row, scope).len();
            if self.make_row(row, scope, end).is_none() {
                break;
            }
        }
        self.counting = counting;
        self.roster(row, scope).len() != before
    }

    fn run_triggered(&mut self, form: &Form, id: NodeId, row: RowId) -> bool {
        let at = At { row, node: id };
        let text = match &form.links.nodes[id.0 as usize].calculation {
            Some(expr) => self.differs(&expr.text(self, EvalContext::rows(&self.row(row).numbers)), id, row),
            None => (!self.cell(at).text.is_empty()).then(String::new),
        };
        let Some(text) = text else { return false };
        let cell = self.cell_mut(at);
        (cell.text, cell.state, cell.origin, cell.touched) = (text, None, Origin::Computed, true);
        true
    }

    /// Whether a row of an empty roster would be on the route.
    pub(super) fn would_be_relevant(&self, outer: RowId, node: NodeId) -> bool {
        if !self.around_relevant(outer, node) {
            return false;
        }
        let numbers: Vec<u32> = self.row(outer).numbers.iter().copied().chain([0]).collect();
        self.is_asked(&self.form.links.nodes[node.0 as usize].relevant, &numbers)
    }

    /// Queues everything in every row and settles: what any sequence of single recomputations must have come to.
    pub fn recompute_all(&mut self) {
        let form = self.form.clone();
        for index in 0..self.rows.len() {
            let row = RowId(index as u32);
            if !self.row(row).alive {
                continue;
            }
            let scope = self.row(row).scope;
            if let Some(roster) = form.scopes[scope.index()].roster {
                self.push(vertex(roster, NodePart::Relevant), row);
            }
            for node in &form.scopes[scope.index()].nodes {
                let parts: &[NodePart] = match form.node(*node).kind {
                    ElementKind::Group => &[NodePart::Relevant],
                    ElementKind::Repeat { .. } => &[NodePart::Count],
                    ElementKind::Question(_) => &[NodePart::Relevant, NodePart::Value, NodePart::State],
                };
                parts.iter().for_each(|part| self.push(vertex(*node, *part), row));
            }
        }
        self.renewed = true;
        self.settle();
        self.renewed = false;
    }

    /// `select_one ${name}`: the answers to that question in the rows that this place sees, each once, in their order;
    /// with a filter those of the rows for which it holds.
    pub(super) fn row_choices(&self, at: At) -> Vec<&str> {
        let Some(of) = self.form.links.nodes[at.node.0 as usize].choices_of else { return Vec::new() };
        let mut names = Vec::new();
        for row in self.rows_chosen_from(self, at) {
            let name = self.cell(At { row, node: of }).read();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The same in another world: the names, not each once.
    fn row_choices_in(&self, world: &dyn World, at: At) -> Vec<String> {
        let Some(of) = self.form.links.nodes[at.node.0 as usize].choices_of else { return Vec::new() };
        let name = |row: RowId| match world.value(of, &self.row(row).numbers) {
            Seen::Text(text) => text.into_owned(),
            _ => String::new(),
        };
        self.rows_chosen_from(world, at).into_iter().map(name).collect()
    }

    /// The rows whose answers are the choices of a question.
    pub(super) fn rows_chosen_from(&self, world: &dyn World, at: At) -> Vec<RowId> {
        let links = &self.form.links.nodes[at.node.0 as usize];
        let Some(of) = links.choices_of else { return Vec::new() };
        let mut chain = vec![self.form.node(of).scope];
        while let Some(up) = chain.last().and_then(|scope| self.form.scopes[scope.index()].parent) {
            chain.push(up);
        }
        let mut base = at.row;
        while !chain[1..].contains(&self.row(base).scope) {
            base = self.row(base).parent;
        }
        let mut rows = vec![base];
        for scope in chain.iter().rev().skip_while(|scope| **scope != self.row(base).scope).skip(1) {
            rows = rows.iter().flat_map(|row| self.roster(*row, *scope).iter().copied()).collect();
        }
        if let Some(filter) = &links.filter {
            rows.retain(|row| filter.truth(world, EvalContext::rows(&self.row(*row).numbers)) != Truth::No);
        }
        rows
    }

    /// The items a filter leaves, as places in the draft's list.
    pub(super) fn offered(&self, at: At) -> Vec<u32> {
        let Some(question) = self.form.question(at.node) else { return Vec::new() };
        let Some(list) = question.list else { return Vec::new() };
        let mut items = Vec::new();
        match &self.form.links.nodes[at.node.0 as usize].filter {
            Some(expr) => {
                expr.items(self, EvalContext::rows(&self.row(at.row).numbers), &mut items);
                let other = self.lists.get(list.0 as usize).and_then(|l| l.by_name.get("other"));
                if let Some(other) = other.filter(|other| question.or_other && !items.contains(other)) {
                    items.push(*other);
                }
            }
            None => items.extend(0..self.item_count(list)),
        }
        items
    }
}

/// How an answer reads of whose choices only some are on offer.
fn left_of(question: &Question, text: &str, offered: impl Fn(&str) -> bool) -> Reads {
    if question.value == ValueType::One {
        return if offered(text) { Reads::Kept } else { Reads::Empty };
    }
    let left: Vec<&str> = text.split(' ').filter(|name| offered(name)).collect();
    let left = left.join(" ");
    match left.as_str() {
        "" => Reads::Empty,
        same if same == text => Reads::Kept,
        _ => Reads::Cut(left.into()),
    }
}
