//! What is to be asked, in order. Moving follows the route; what is off it is not stopped at.

use super::{At, Draft, RowId, Stop, StopKind};
use crate::form::model::*;

impl Draft {
    /// A roster is on the route when one of its rows is, or, while it has none, when its first would be.
    pub(super) fn roster_relevant(&self, outer: RowId, node: NodeId) -> bool {
        let ElementKind::Repeat { scope, .. } = self.form.node(node).kind else { return false };
        let rows = self.roster(outer, scope);
        if rows.is_empty() {
            return self.would_be_relevant(outer, node);
        }
        rows.iter().any(|row| self.row(*row).relevant)
    }

    pub(super) fn around_relevant(&self, row: RowId, node: NodeId) -> bool {
        match self.form.node(node).parent {
            None => true,
            Some(parent) => match self.form.node(parent).kind {
                ElementKind::Repeat { .. } => self.row(row).relevant,
                _ => self.row(row).cells[self.form.node(parent).slot as usize].relevant,
            },
        }
    }

    /// Whether a place is on the route now.
    pub fn relevant(&self, at: At) -> bool {
        match self.form.node(at.node).kind {
            ElementKind::Repeat { .. } if self.is_row(at) => self.row(at.row).relevant,
            ElementKind::Repeat { .. } => self.roster_relevant(at.row, at.node),
            _ => self.cell(at).relevant,
        }
    }

    /// Every stop on the route, in form order: headings of groups, heads of rosters and rows, questions, notes.
    /// Hidden questions and those supplied after finishing are not on it.
    pub fn route(&self) -> Vec<Stop> {
        let mut out = Vec::new();
        self.walk(None, RowId::ROOT, 0, &mut |stop| out.push(stop));
        out
    }

    fn walk(&self, parent: Option<NodeId>, row: RowId, depth: u32, tell: &mut dyn FnMut(Stop)) {
        for id in self.form.children(parent) {
            let at = At { row, node: id };
            match &self.form.node(id).kind {
                ElementKind::Group if self.cell(at).relevant => {
                    tell(Stop { at, kind: StopKind::Group, depth });
                    self.walk(Some(id), row, depth + 1, tell);
                }
                ElementKind::Group => {}
                ElementKind::Repeat { scope, .. } => {
                    if !self.roster_relevant(row, id) {
                        continue;
                    }
                    tell(Stop { at, kind: StopKind::Roster, depth });
                    for inner in self.roster(row, *scope) {
                        if self.row(*inner).relevant {
                            tell(Stop { at: At { row: *inner, node: id }, kind: StopKind::Row, depth: depth + 1 });
                            self.walk(Some(id), *inner, depth + 2, tell);
                        }
                    }
                }
                ElementKind::Question(question) => {
                    if let (true, Some(kind)) = (self.cell(at).relevant, stop_kind(question)) {
                        tell(Stop { at, kind, depth });
                    }
                }
            }
        }
    }

    /// The next question, note or roster head on the route after a place; the place itself may be off it.
    pub fn next(&self, after: At) -> Option<At> {
        let mut passed = false;
        let mut found = None;
        self.each_place(&mut |stop_at, stop| {
            if found.is_none() && passed && stop.is_some_and(stops) {
                found = Some(stop_at);
            }
            passed |= stop_at == after;
        });
        found
    }

    /// The question, note or roster head on the route before a place.
    pub fn previous(&self, before: At) -> Option<At> {
        let mut last = None;
        let mut found = None;
        self.each_place(&mut |at, stop| {
            if at == before {
                found = last;
            }
            if stop.is_some_and(stops) {
                last = Some(at);
            }
        });
        found
    }

    /// The first question of the route.
    pub fn first(&self) -> Option<At> {
        self.route().into_iter().find(|s| stops(s.kind)).map(|s| s.at)
    }

    /// Every place, on the route or not; its kind when it is on it.
    fn each_place(&self, tell: &mut dyn FnMut(At, Option<StopKind>)) {
        self.places(None, RowId::ROOT, tell);
    }

    fn places(&self, parent: Option<NodeId>, row: RowId, tell: &mut dyn FnMut(At, Option<StopKind>)) {
        for id in self.form.children(parent) {
            let at = At { row, node: id };
            match &self.form.node(id).kind {
                ElementKind::Group => {
                    tell(at, self.cell(at).relevant.then_some(StopKind::Group));
                    self.places(Some(id), row, tell);
                }
                ElementKind::Repeat { scope, .. } => {
                    tell(at, self.roster_relevant(row, id).then_some(StopKind::Roster));
                    for inner in self.roster(row, *scope) {
                        let on = self.row(*inner).relevant.then_some(StopKind::Row);
                        tell(At { row: *inner, node: id }, on);
                        self.places(Some(id), *inner, tell);
                    }
                }
                ElementKind::Question(question) => {
                    tell(at, stop_kind(question).filter(|_| self.cell(at).relevant));
                }
            }
        }
    }

    /// Every question of every row, on the route or not, in form order.
    pub fn questions(&self) -> Vec<At> {
        let mut out = Vec::new();
        self.each_place(&mut |at, _| {
            if self.form.question(at.node).is_some() {
                out.push(at);
            }
        });
        out
    }
}

fn stop_kind(question: &Question) -> Option<StopKind> {
    match question.control {
        Control::Hidden => None,
        _ if question.shown_after => None,
        Control::Note if question.supplied.is_none() => Some(StopKind::Note),
        _ => Some(StopKind::Question),
    }
}

/// Where the cursor rests when moving on.
fn stops(kind: StopKind) -> bool {
    matches!(kind, StopKind::Question | StopKind::Note | StopKind::Roster)
}
