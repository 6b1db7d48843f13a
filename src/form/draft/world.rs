//! What an expression sees of a draft: answers, rows, lists, the clock.

use super::Draft;
use super::instance::Reads;
use crate::domain::bug;
use crate::expr::{Clock, ColumnId, Scheme, Seen, World};
use crate::form::model::*;
use std::borrow::Cow;
use std::sync::Arc;

/// SplitMix64: how far its state moves on, and what comes out.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

pub(super) fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An expression names lists by their place in the form that it was read for.
fn list_of(lists: &[Arc<List>], id: ListId) -> &List {
    let Some(list) = lists.get(id.0 as usize) else { bug!("a list of this form") };
    list
}

impl World for Draft {
    fn scheme(&self) -> &dyn Scheme {
        &*self.form
    }

    fn value(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        let shape = self.form.node(node);
        match shape.kind {
            ElementKind::Question(_) => match self.row_at(shape.scope, rows) {
                Some(row) => match &self.row(row).cells[shape.slot as usize] {
                    cell if cell.reads == Reads::Unknown => Seen::Unknown,
                    cell => Seen::from(cell.read()),
                },
                None => Seen::Empty,
            },
            _ => Seen::Empty,
        }
    }

    fn row_count(&self, repeat: NodeId, outer: &[u32]) -> u32 {
        let Some(ElementKind::Repeat { scope, .. }) = self.form.nodes.get(repeat.0 as usize).map(|n| &n.kind) else {
            return 0;
        };
        let Some(parent) = self.form.scopes[scope.index()].parent else { return 0 };
        self.row_at(parent, outer).map_or(0, |row| self.roster(row, *scope).len() as u32)
    }

    fn clock(&self) -> Clock {
        Clock { at: self.supply.at, today: self.supply.today, zone_ms: self.supply.zone_ms }
    }

    fn random(&self) -> f64 {
        // The draft's seed decides the whole stream.
        let state = self.random.get().wrapping_add(STEP);
        self.random.set(state);
        (mixed(state) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn before(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        let shape = self.form.node(node);
        match (&shape.kind, self.row_at(shape.scope, rows)) {
            (ElementKind::Question(_), Some(row)) => Seen::from(self.row(row).cells[shape.slot as usize].text.as_str()),
            _ => Seen::Empty,
        }
    }

    fn last_saved(&self, node: NodeId) -> Seen<'_> {
        let shape = self.form.node(node);
        let value = self.supply.values.get(&format!("{}{}", super::LAST_SAVED, shape.path));
        value.map_or(Seen::Empty, |text| Seen::from(text.as_str()))
    }

    fn property(&self, name: &str) -> Option<&str> {
        match name {
            "deviceid" => Some(&self.supply.device_id),
            "username" => Some(&self.supply.username),
            "email" => Some(&self.supply.email),
            "phonenumber" => Some(&self.supply.phone),
            "version" => Some(&self.form.version),
            other => self.supply.properties.get(other).map(String::as_str),
        }
    }

    fn item_count(&self, list: ListId) -> u32 {
        list_of(&self.lists, list).choices.len() as u32
    }

    fn cell(&self, id: ListId, item: u32, column: ColumnId) -> Cow<'_, str> {
        let list = list_of(&self.lists, id);
        let Some(choice) = list.choices.get(item as usize) else { return Cow::Borrowed("") };
        match column.0 {
            0 => Cow::Borrowed(&choice.name),
            1 => self.choice_label(id, item, choice),
            more => Cow::Borrowed(list.cell(item as usize, more as usize - 2).unwrap_or("")),
        }
    }

    fn has_cell(&self, id: ListId, item: u32, column: ColumnId) -> bool {
        let list = list_of(&self.lists, id);
        match (column.0, list.choices.get(item as usize)) {
            (_, None) => false,
            (0, Some(_)) => true,
            (1, Some(choice)) => !choice.label.is_empty(),
            (more, Some(_)) => list.cell(item as usize, more as usize - 2).is_some(),
        }
    }

    fn find_items(&self, list: ListId, column: ColumnId, text: &str, tell: &mut dyn FnMut(u32) -> bool) {
        let own = list_of(&self.lists, list);
        let unique = column.0 == 0 && own.by_name.len() == own.choices.len();
        if unique {
            if let Some(item) = own.by_name.get(text) {
                tell(*item);
            }
            return;
        }
        for item in 0..own.choices.len() as u32 {
            if World::cell(self, list, item, column) == text && !tell(item) {
                return;
            }
        }
    }
}
