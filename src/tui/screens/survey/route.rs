//! The route as the screen walks it: stops in order, sections, pages, rosters and where they end.

use super::entry::is_stop;
use crate::form::{At, Draft, Section, Stop, StopKind};

/// The draft's route, worked out anew after each step.
pub struct Route {
    pub stops: Vec<Stop>,
    /// Beside each stop, whether one stands still there.
    asked: Vec<bool>,
    pub sections: Vec<Section>,
}

impl Route {
    pub fn of(draft: &Draft, notes: bool, finishing: bool) -> Route {
        let stops = draft.route();
        let asked = stops.iter().map(|stop| is_stop(draft, stop.at, stop.kind, notes)).collect();
        Route { stops, asked, sections: draft.outline(finishing) }
    }

    pub fn index(&self, at: At) -> Option<usize> {
        self.stops.iter().position(|stop| stop.at == at && stop.kind != StopKind::Row)
    }

    pub fn kind(&self, at: At) -> Option<StopKind> {
        self.index(at).map(|i| self.stops[i].kind)
    }

    /// The first place to stand at from index `from` on.
    pub fn first_from(&self, from: usize) -> Option<At> {
        (from..self.stops.len()).find(|&i| self.asked[i]).map(|i| self.stops[i].at)
    }

    /// The last place to stand at before index `before`.
    pub fn last_before(&self, before: usize) -> Option<At> {
        (0..before.min(self.stops.len())).rev().find(|&i| self.asked[i]).map(|i| self.stops[i].at)
    }

    /// One past the last stop inside the stop at `index` (a group, roster or row).
    pub fn end(&self, index: usize) -> usize {
        let Some(head) = self.stops.get(index) else { return self.stops.len() };
        (index + 1..self.stops.len()).find(|&i| self.stops[i].depth <= head.depth).unwrap_or(self.stops.len())
    }

    /// The innermost roster head around `index`.
    pub fn roster_around(&self, index: usize) -> Option<usize> {
        (0..index).rev().find(|&i| self.stops[i].kind == StopKind::Roster && self.end(i) > index)
    }

    /// The row around `index`.
    pub fn row_around(&self, index: usize) -> Option<usize> {
        (0..=index).rev().find(|&i| self.stops[i].kind == StopKind::Row && self.end(i) > index)
    }

    /// Heads of the rows directly in the roster at `index`.
    pub fn rows(&self, index: usize) -> Vec<At> {
        let Some(head) = self.stops.get(index) else { return Vec::new() };
        let inside = self.stops.get(index + 1..self.end(index)).unwrap_or_default();
        inside.iter().filter(|s| s.kind == StopKind::Row && s.depth == head.depth + 1).map(|s| s.at).collect()
    }

    /// The index of a row's head.
    pub fn row_index(&self, row: At) -> Option<usize> {
        self.stops.iter().position(|stop| stop.kind == StopKind::Row && stop.at == row)
    }

    /// The section in which the stop at `index` lies.
    pub fn section(&self, index: usize) -> Option<usize> {
        self.sections
            .iter()
            .rposition(|s| self.stops.iter().position(|stop| stop.at == s.first).is_some_and(|f| f <= index))
    }

    /// The stops of the page on which `index` lies: a page begins with its section and holds at most `lines`. Pages
    /// stand still while the cursor moves on them, so that a move costs few bytes and the eye keeps its place.
    pub fn page(&self, index: usize, lines: usize) -> std::ops::Range<usize> {
        let lines = lines.max(1);
        let begins = |s: Option<&Section>| s.and_then(|s| self.stops.iter().position(|stop| stop.at == s.first));
        let at = self.section(index);
        let from = begins(at.and_then(|s| self.sections.get(s))).unwrap_or(0);
        let to = begins(at.and_then(|s| self.sections.get(s + 1))).unwrap_or(self.stops.len());
        let start = from + (index.saturating_sub(from)) / lines * lines;
        start..(start + lines).min(to)
    }

    /// Answered and askable questions of all sections.
    pub fn progress(&self) -> (u32, u32) {
        self.sections.iter().fold((0, 0), |(a, q), s| (a + s.answered, q + s.questions))
    }
}
