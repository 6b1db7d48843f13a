//! Finishing: what is on the route goes into the record, what is off it is listed and left out.

use super::{At, Draft, RowId};
use crate::domain::answers::{Note, Pass, RosterPerson};
use crate::domain::{Answer, Answers, Given, Path, PersonId};
use crate::form::model::*;
use crate::form::problem::{Problem, What};

impl Draft {
    /// Questions that hold an answer and are off the route: to be shown before finishing.
    pub fn off_route(&self) -> Vec<Path> {
        let held = self.questions().into_iter().filter(|at| {
            let cell = self.cell(*at);
            let asked =
                self.form.question(at.node).is_some_and(|q| q.control != Control::Hidden && q.supplied.is_none());
            asked && cell.read().is_empty() && (!cell.text.is_empty() || cell.state.is_some()) && !cell.relevant
        });
        held.map(|at| self.path(at)).collect()
    }

    /// The survey as it stands, if nothing blocks it; else everything that does, in form order. A soft check that
    /// fails and is not passed blocks too: passing takes a reason.
    pub fn finish(&self) -> Result<Answers, Vec<Problem>> {
        let blocking: Vec<Problem> = self.problems().into_iter().filter(Problem::blocks).collect();
        if blocking.is_empty() { Ok(self.answers()) } else { Err(blocking) }
    }

    /// All answers on the route, in form order, whether or not the survey can be finished.
    pub fn answers(&self) -> Answers {
        let mut out = Answers {
            form: self.form.id.clone(),
            form_version: self.form.version.clone(),
            off_route: self.off_route(),
            ..Answers::default()
        };
        for at in self.questions() {
            let Some(given) = self.given(at) else { continue };
            let Some(question) = self.form.question(at.node) else { continue };
            if question.control == Control::Note && question.supplied.is_none() && question.default.is_none() {
                continue;
            }
            out.answers.push(Answer { path: self.path(at), given, origin: self.cell(at).origin });
        }
        for at in self.row_places() {
            if let Some(person) = self.row(at.row).person {
                out.rows.push(RosterPerson { path: self.path(at), person });
            }
        }
        let on_route = |at: &At| self.exists(*at) && self.relevant(*at);
        for (at, why) in self.passes.iter().filter(|(at, _)| on_route(at)) {
            let still = self.cell(*at).failing != 0 || self.was_queried(*at) || !self.doubts_of_update(*at).is_empty();
            if still {
                out.passes.push(Pass { path: self.path(*at), why: why.clone() });
            }
        }
        for (at, text) in self.notes.iter().filter(|(at, _)| on_route(at)) {
            out.notes.push(Note { path: self.path(*at), text: text.clone() });
        }
        out
    }

    /// Heads of all rows on the route, in form order.
    pub fn row_places(&self) -> Vec<At> {
        let rows = self.route().into_iter().filter(|s| s.kind == super::StopKind::Row);
        rows.map(|s| s.at).collect()
    }

    /// The person a row is about, where one was given.
    pub fn person(&self, row: RowId) -> Option<PersonId> {
        self.rows.get(row.0 as usize)?.person
    }

    /// Says which person a row is about. Not a step: persons are given by the command when it keeps the draft, one to
    /// each new row of a roster of people.
    pub fn set_person(&mut self, row: RowId, person: PersonId) {
        if let Some(row) = self.rows.get_mut(row.0 as usize) {
            row.person = Some(person);
        }
    }

    /// Money answers carried and not looked at.
    pub fn not_looked_at(&self) -> Vec<Problem> {
        self.problems().into_iter().filter(|p| p.what == What::NotLookedAt).collect()
    }

    /// The state or value kept at a place even while it is off the route.
    pub fn kept(&self, at: At) -> Option<Given> {
        self.form.question(at.node)?;
        let cell = self.cell(at);
        match cell.state {
            Some(state) => Some(Given::State(state)),
            None => (!cell.text.is_empty()).then(|| Given::Value(cell.text.clone())),
        }
    }
}
