//! Rows come and go: what stands in a new one, and what moves when one is taken out.

use super::instance::RowInstance;
use super::recalc::{ALL_ROWS_MAX, ROWS_MAX};
use super::{At, Draft, RowId};
use crate::domain::Origin;
use crate::expr::{self, EvalContext};
use crate::form::links::{NodePart, vertex};
use crate::form::model::*;

impl Draft {
    /// A new row before number `index`, its parts queued and its computed defaults noted. None at the limit.
    pub(super) fn make_row(&mut self, outer: RowId, scope: ScopeId, index: usize) -> Option<RowId> {
        if self.rows.len() >= ALL_ROWS_MAX || self.roster(outer, scope).len() >= ROWS_MAX {
            return None;
        }
        let form = self.form.clone();
        let mut numbers = self.row(outer).numbers.clone();
        numbers.push(index as u32);
        let id = RowId(self.rows.len() as u32);
        self.rows.push(RowInstance::new(&form, scope, outer, numbers));
        let place = form.links.place_in_parent[scope.index()] as usize;
        self.row_mut(outer).rosters[place].insert(index, id);
        self.renumber(outer, scope, index + 1);
        self.start_row(&form, id);
        self.rows_changed = true;
        Some(id)
    }

    /// Fixed defaults, what the program fills in, and everything queued.
    pub(super) fn start_row(&mut self, form: &Form, row: RowId) {
        let scope = self.row(row).scope;
        if let Some(roster) = form.scopes[scope.index()].roster {
            self.push(vertex(roster, NodePart::Relevant), row);
        }
        for node in &form.scopes[scope.index()].nodes {
            match &form.node(*node).kind {
                ElementKind::Group => self.push(vertex(*node, NodePart::Relevant), row),
                // Its relevance is that of each of its rows.
                ElementKind::Repeat { scope, rows, count, .. } => {
                    self.push(vertex(*node, NodePart::Count), row);
                    let start = match rows {
                        Some((least, _)) => *least as usize,
                        None => usize::from((self.opening || self.counting) && count.is_none()),
                    };
                    for index in 0..if count.is_none() { start } else { 0 } {
                        self.make_row(row, *scope, index);
                    }
                }
                ElementKind::Question(question) => {
                    self.push(vertex(*node, NodePart::Relevant), row);
                    self.push(vertex(*node, NodePart::Value), row);
                    self.push(vertex(*node, NodePart::State), row);
                    self.start_cell(question, At { row, node: *node });
                }
            }
        }
    }

    fn start_cell(&mut self, question: &Question, at: At) {
        let mut text = match (&question.default, question.meta) {
            (Some(DefaultValue::Fixed(text)), _) => self.as_kept(at, question, text),
            (_, Some(meta)) => self.supply.meta(meta),
            _ => String::new(),
        };
        if question.supplied.is_some()
            && let Some(supplied) = self.supply.values.get(&self.form.node(at.node).name)
        {
            text.clone_from(supplied);
        }
        if let Some(DefaultValue::Computed(_)) = question.default {
            self.defaults.push(at);
        }
        if !text.is_empty() {
            let computed = question.meta.is_some() || question.supplied.is_some();
            let cell = self.cell_mut(at);
            (cell.text, cell.touched) = (text, true);
            if computed {
                cell.origin = Origin::Computed;
            }
        }
    }

    /// Computed defaults of rows made since the last time, in form order; each once, over nothing.
    pub(super) fn run_defaults(&mut self) {
        let form = self.form.clone();
        for _ in 0..64 {
            let mut waiting = std::mem::take(&mut self.defaults);
            if waiting.is_empty() {
                return;
            }
            waiting.sort_by_key(|at| (at.node, at.row));
            for at in waiting {
                let Some(expr) = &form.links.nodes[at.node.0 as usize].default else { continue };
                if !self.row(at.row).alive {
                    continue;
                }
                let text = expr.text(self, EvalContext::rows(&self.row(at.row).numbers)).into_owned();
                if let Some(text) = self.differs(&text, at.node, at.row) {
                    let cell = self.cell_mut(at);
                    (cell.text, cell.touched) = (text, true);
                    self.push(vertex(at.node, NodePart::Value), at.row);
                    self.settle();
                }
            }
        }
    }

    /// Takes a row out, with everything inside, for good.
    pub(super) fn drop_row(&mut self, outer: RowId, scope: ScopeId, index: usize) {
        let place = self.form.links.place_in_parent[scope.index()] as usize;
        if index >= self.roster(outer, scope).len() {
            return;
        }
        let gone = self.row_mut(outer).rosters[place].remove(index);
        let mut waiting = vec![gone];
        while let Some(id) = waiting.pop() {
            let row = self.row_mut(id);
            row.alive = false;
            row.cells = Vec::new();
            waiting.extend(std::mem::take(&mut row.rosters).into_iter().flatten());
        }
        self.renumber(outer, scope, index);
        self.rows_changed = true;
    }

    /// Rows from `index` on get their numbers anew, and so do the rows inside them.
    fn renumber(&mut self, outer: RowId, scope: ScopeId, index: usize) {
        let rows = self.roster(outer, scope)[index.min(self.roster(outer, scope).len())..].to_vec();
        let depth = self.row(outer).numbers.len();
        for (i, row) in rows.into_iter().enumerate() {
            let number = (index + i) as u32;
            let mut waiting = vec![row];
            while let Some(id) = waiting.pop() {
                let row = self.row_mut(id);
                if let Some(place) = row.numbers.get_mut(depth) {
                    *place = number;
                }
                waiting.extend(row.rosters.iter().flatten().copied());
            }
        }
    }
}

impl super::Supply {
    /// A property of the device or of who surveys, by the name that `property()` and the metadata types know it by.
    pub fn set_property(&mut self, name: &str, value: &str) {
        let value = value.to_owned();
        match name.to_lowercase().as_str() {
            known @ ("simserial" | "subscriberid") => {
                self.properties.insert(known.to_owned(), value);
            }
            "deviceid" => self.device_id = value,
            "username" => self.username = value,
            "email" => self.email = value,
            "phonenumber" => self.phone = value,
            _ => {
                self.properties.insert(name.to_owned(), value);
            }
        }
    }

    /// What the program fills into a metadata question.
    pub(super) fn meta(&self, meta: Meta) -> String {
        let moment = || {
            let stamp = expr::Value::Moment { at: self.at, zone_ms: self.zone_ms };
            stamp.stored().into_owned()
        };
        match meta {
            Meta::Start => moment(),
            Meta::End | Meta::None => String::new(),
            Meta::Today => self.today.to_string(),
            Meta::DeviceId => self.device_id.clone(),
            Meta::Username => self.username.clone(),
            Meta::Email => self.email.clone(),
            Meta::PhoneNumber => self.phone.clone(),
            Meta::SimSerial => self.properties.get("simserial").cloned().unwrap_or_default(),
            Meta::SubscriberId => self.properties.get("subscriberid").cloned().unwrap_or_default(),
        }
    }
}
