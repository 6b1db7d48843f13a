//! Rows of a roster: into one, before one, away with one, no more of them.

use super::Survey;
use super::entry::{AnswerInput, RosterLine};
use super::over::Over;
use crate::domain::Step;
use crate::form::At;
use crate::tui::screen::{Cx, Then};

impl Survey {
    pub(super) fn bar_to(&mut self, line: RosterLine) {
        if let AnswerInput::Rows(rows) = &mut self.entry
            && let Some(at) = (0..rows.list.len()).find(|&i| rows.line(i) == line)
        {
            rows.list.go(at);
        }
    }

    pub(super) fn take_line(&mut self, line: RosterLine, cx: &Cx) {
        match line {
            RosterLine::Row(row) => self.enter_row(row, cx),
            RosterLine::Add => self.add_row(cx),
            RosterLine::Left(number) => self.over = Some(Over::Return { number }),
            RosterLine::GoOn => {
                let Some(index) = self.route.index(self.at) else { return };
                match self.route.first_from(self.route.end(index)) {
                    Some(at) if self.route.roster_around(index).is_none() => self.go(at, cx),
                    Some(_) | None => self.past_nested(index, cx),
                }
            }
        }
    }

    pub(super) fn enter_row(&mut self, row: At, cx: &Cx) {
        if let Some(index) = self.route.row_index(row)
            && let Some(at) = self.route.first_from(index + 1)
        {
            self.go(at, cx);
        }
    }

    /// The roster one is in or at, and the row one is in or on.
    pub(super) fn roster_here(&self) -> Option<(At, Option<At>)> {
        let index = self.route.index(self.at)?;
        if let AnswerInput::Rows(rows) = &self.entry {
            let row = match rows.current() {
                RosterLine::Row(row) => Some(row),
                _ => None,
            };
            return Some((self.at, row));
        }
        let head = self.route.roster_around(index)?;
        let row = self.route.row_around(index).map(|i| self.route.stops[i].at);
        Some((self.route.stops[head].at, row))
    }

    /// The row that the bar stands on in a roster, else the present place.
    pub(super) fn row_or_here(&self) -> At {
        match &self.entry {
            AnswerInput::Rows(_) => self.roster_here().and_then(|(_, row)| row).unwrap_or(self.at),
            _ => self.at,
        }
    }

    pub(super) fn add_row(&mut self, cx: &Cx) {
        let Some((roster, _)) = self.roster_here() else { return };
        let path = self.draft.path(roster);
        if self.step(Step::Add { path }, cx)
            && let Some(index) = self.route.index(roster)
            && let Some(row) = self.route.rows(index).last().copied()
        {
            self.enter_row(row, cx);
        }
    }

    /// Before the row one is in or on; behind the last where one is on none.
    pub(super) fn insert_row(&mut self, cx: &Cx) {
        self.leave_field(cx);
        let Some((roster, row)) = self.roster_here() else { return };
        let Some(row) = row else { return self.add_row(cx) };
        let before = self.route.index(roster).map(|i| self.route.rows(i)).unwrap_or_default();
        let path = self.draft.path(row);
        if self.step(Step::Insert { path }, cx)
            && let Some(index) = self.route.index(roster)
            && let Some(new) = self.route.rows(index).into_iter().find(|row| !before.contains(row))
        {
            self.enter_row(new, cx);
        }
    }

    pub(super) fn remove_row(&mut self, row: At, cx: &Cx) {
        let roster =
            self.route.row_index(row).and_then(|i| self.route.roster_around(i)).map(|i| self.route.stops[i].at);
        let path = self.draft.path(row);
        if self.step(Step::Remove { path }, cx)
            && let Some(roster) = roster
        {
            self.go(roster, cx);
        }
    }

    /// Confirms the carried row under the bar as it stands. (A carried answer is confirmed by entering it.)
    pub(super) fn confirm(&mut self, cx: &Cx) -> Then {
        let AnswerInput::Rows(rows) = &self.entry else { return Then::Ignore };
        let RosterLine::Row(row) = rows.current() else { return Then::Ignore };
        let next = rows.list.at().unwrap_or(0) + 1;
        let path = self.draft.path(row);
        if self.step(Step::Confirm { path }, cx) {
            self.enter(next, cx);
            // Behind the last row that wants a look one goes on to what does.
            if !self.draft.wants_a_look(self.at) && self.is_again() {
                self.go_to_open(cx);
                self.by_itself = true;
            }
        }
        Then::Stay
    }
}
