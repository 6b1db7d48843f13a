//! A choice filter that reads, by whatever way, the answer it filters: *choose each member once*. A filter sets no
//! value, so the answer goes only when something else than itself speaks against it.

use super::{At, Draft, RowId};
use crate::expr::{Clock, ColumnId, EvalContext, Scheme, Seen, World};
use crate::form::model::*;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

/// Calculations looked through on the way back to the answer; a form's own chains stay far below.
const DEEP_MAX: usize = 100;

/// The draft as it would be with another answer at one place: calculations between it and the filter are worked out
/// anew, and nothing is kept.
struct Supposed<'d> {
    draft: &'d Draft,
    own: At,
    answer: &'d str,
    known: RefCell<HashMap<At, String>>,
    deep: RefCell<usize>,
}

impl Draft {
    /// Whether the filter of a question in a circle leaves an answer: as things stand with it, or as they would stand
    /// without it (it is taken only by itself).
    pub(super) fn leaves_in_circle(&self, own: At, offered: &dyn Fn(&dyn World) -> bool) -> bool {
        let suppose =
            |answer| Supposed { draft: self, own, answer, known: RefCell::new(HashMap::new()), deep: RefCell::new(0) };
        offered(&suppose(self.cell(own).text.as_str())) || offered(&suppose(""))
    }
}

impl Supposed<'_> {
    fn calculated(&self, at: At, rows: &[u32]) -> Option<String> {
        let form = &self.draft.form;
        let links = &form.links.nodes[at.node.0 as usize];
        let expr = links.calculation.as_ref().filter(|_| !links.triggered)?;
        let cell = self.draft.cell(at);
        if cell.over || !cell.relevant || *self.deep.borrow() >= DEEP_MAX {
            return None;
        }
        if let Some(known) = self.known.borrow().get(&at) {
            return Some(known.clone());
        }
        *self.deep.borrow_mut() += 1;
        let text = expr.text(self, EvalContext::rows(rows)).into_owned();
        *self.deep.borrow_mut() -= 1;
        self.known.borrow_mut().insert(at, text.clone());
        Some(text)
    }
}

impl World for Supposed<'_> {
    fn scheme(&self) -> &dyn Scheme {
        self.draft.scheme()
    }

    fn value(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        let shape = self.draft.form.node(node);
        let row: Option<RowId> = self.draft.row_at(shape.scope, rows);
        let (ElementKind::Question(_), Some(row)) = (&shape.kind, row) else { return Seen::Empty };
        let at = At { row, node };
        if at == self.own {
            return Seen::from(self.answer);
        }
        match self.calculated(at, rows) {
            Some(text) if text.is_empty() => Seen::Empty,
            Some(text) => Seen::Text(Cow::Owned(text)),
            None => World::value(self.draft, node, rows),
        }
    }

    fn row_count(&self, repeat: NodeId, outer: &[u32]) -> u32 {
        self.draft.row_count(repeat, outer)
    }

    fn clock(&self) -> Clock {
        self.draft.clock()
    }

    fn random(&self) -> f64 {
        self.draft.random()
    }

    fn before(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        self.draft.before(node, rows)
    }

    fn last_saved(&self, node: NodeId) -> Seen<'_> {
        World::last_saved(self.draft, node)
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.draft.property(name)
    }

    fn item_count(&self, list: ListId) -> u32 {
        self.draft.item_count(list)
    }

    fn cell(&self, list: ListId, item: u32, column: ColumnId) -> Cow<'_, str> {
        World::cell(self.draft, list, item, column)
    }

    fn has_cell(&self, list: ListId, item: u32, column: ColumnId) -> bool {
        self.draft.has_cell(list, item, column)
    }

    fn find_items(&self, list: ListId, column: ColumnId, text: &str, tell: &mut dyn FnMut(u32) -> bool) {
        self.draft.find_items(list, column, text, tell);
    }
}
