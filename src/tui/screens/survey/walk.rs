//! How the cursor moves: what Enter takes, where it goes next, and what is said once on the way.

use super::entry::{AnswerInput, RosterLine};
use super::{Mode, Stage, Survey};
use crate::domain::working::Worked;
use crate::domain::{Explain, Fen, Message, Origin, Step};
use crate::form::model::ElementKind;
use crate::form::problem::{Problem, What};
use crate::form::{At, StopKind, ValueType};
use crate::tui::screen::{Cx, Then};
use crate::tui::text;

/// How a field is done with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum By {
    Enter,
    /// Any other key that moves on.
    Leaving,
}

impl Survey {
    /// Puts the cursor on a stop.
    pub(super) fn go(&mut self, at: At, cx: &Cx) {
        self.at = at;
        self.refusal = None;
        self.stage = Stage::Answering;
        let path = self.draft.path(at);
        self.step(Step::Cursor { path }, cx);
        self.enter(0, cx);
    }

    /// Makes the entry of the present stop; in a roster the bar stands on line `bar`.
    pub(super) fn enter(&mut self, bar: usize, cx: &Cx) {
        self.entry = match (self.route.kind(self.at), self.route.index(self.at)) {
            (Some(StopKind::Roster), Some(index)) => {
                let counted =
                    matches!(&self.draft.form().node(self.at.node).kind, ElementKind::Repeat { count: Some(_), .. });
                AnswerInput::rows(self.route.rows(index), !counted, self.draft.left_from(self.at).len(), bar)
            }
            _ => AnswerInput::at(&self.draft, self.at, self.halves.get(&self.at).map(String::as_str), cx),
        };
    }

    /// Enters what stands in the field: with Enter what is shown there, the highlighted choice included; else only what
    /// was typed or marked. `Ok` when nothing waits there unread.
    pub(super) fn take(&mut self, by: By, cx: &Cx) -> Result<(), ()> {
        self.refusal = None;
        let path = self.draft.path(self.at);
        let typed = match &self.entry {
            AnswerInput::Rows(_) | AnswerInput::Nothing => return Ok(()),
            AnswerInput::Text { field, stood } if field.value() == *stood => None,
            AnswerInput::Text { field, .. } => Some(field.value()),
            AnswerInput::Choice { picker, stood } if by == By::Leaving => match picker.entered() {
                Ok(Some(codes)) if codes != *stood => {
                    let done = self.step(Step::Set { path, value: codes }, cx);
                    return self.taken(done, cx);
                }
                Ok(_) => None,
                Err(_) => return Err(()),
            },
            AnswerInput::Choice { picker, stood } => match picker.taken() {
                Some(codes) if codes == *stood => None,
                Some(codes) => {
                    let done = self.step(Step::Set { path, value: codes }, cx);
                    return self.taken(done, cx);
                }
                None if picker.typed().is_empty() => None,
                // Nothing fits: the draft says so in words, with the nearest name.
                None => Some(format!("{} {}", picker.marked(), picker.typed()).trim_start().to_owned()),
            },
        };
        let Some(typed) = typed else {
            let unseen = by == By::Enter
                && self.draft.view(self.at).origin == Origin::CarriedUnseen
                && self.draft.given(self.at).is_some();
            // Entering a carried answer unchanged confirms it; passing over it says nothing.
            let done = !unseen || self.step(Step::Confirm { path }, cx);
            return self.taken(done, cx);
        };
        let (step, outcome) = self.draft.answer(self.at, &typed);
        match (step, outcome.problem) {
            (Some(_), Some(Problem { what: What::Refused(why), path })) => {
                self.refusal = Some(Problem::refused(&path, why).explain());
                self.taken(false, cx)
            }
            (Some(step), _) => {
                self.kept(step, cx);
                self.keep_working(&typed, cx);
                self.fill_from_id(cx);
                self.taken(true, cx)
            }
            (None, problem) => {
                self.refusal = problem.map(|problem| problem.explain());
                self.taken(false, cx)
            }
        }
    }

    /// What an ID number tells besides is filled in where nothing stands, to be looked over and corrected.
    fn fill_from_id(&mut self, cx: &Cx) {
        for (at, value) in self.draft.implied_by_id(self.at) {
            let path = self.draft.path(at);
            self.step(Step::Set { path, value }, cx);
        }
    }

    /// The working that an amount was typed as stays with it as a remark.
    fn keep_working(&mut self, typed: &str, cx: &Cx) {
        let money = self.draft.form().question(self.at.node).is_some_and(|q| q.value == ValueType::Money);
        if let (true, Ok(Worked { amount, working: Some(working) })) = (money, Fen::from_working(typed)) {
            let path = self.draft.path(self.at);
            self.step(Step::Note { path, text: format!("{working} = {}", amount.grouped()) }, cx);
        }
    }

    pub(super) fn taken(&mut self, done: bool, cx: &Cx) -> Result<(), ()> {
        if done {
            self.halves.remove(&self.at);
            self.keeper.typing(&self.draft.path(self.at), "");
            self.enter(0, cx);
            Ok(())
        } else {
            Err(())
        }
    }

    /// Enter: takes the answer and goes on, whatever is doubtful about it: that stands in the message line, in the list and
    /// under the question, and is met again before finishing. So the next key always goes to the next question. Only a
    /// text that can't be read keeps the cursor, since nothing was recorded; heads-down it waits where it was typed.
    pub(super) fn forward(&mut self, cx: &Cx) {
        if let AnswerInput::Rows(rows) = &self.entry {
            let line = rows.current();
            return self.take_line(line, cx);
        }
        let half = self.entry.half();
        self.left.insert(self.at);
        let known = self.draft.held_elsewhere(self.at).is_some();
        match (self.take(By::Enter, cx), half) {
            (Err(()), Some(half)) if self.mode == Mode::HeadsDown => {
                self.halves.insert(self.at, half);
                self.doubt = Some(self.at);
            }
            (Err(()), _) => return,
            (Ok(()), _) => self.note_doubt(),
        }
        self.answered = Some(self.at);
        // Whose household is surveyed already is told before the next question is asked. Keys that are typed ahead from paper
        // are not held up: they would end in this field.
        let stands_elsewhere = !known && self.draft.held_elsewhere(self.at).is_some();
        if stands_elsewhere && self.mode == Mode::Interview && !self.draft.doubts(self.at).is_empty() {
            return;
        }
        self.go_on(cx);
    }

    /// Remembers the present place as the one to be told of, if something is wrong there.
    pub(super) fn note_doubt(&mut self) {
        if !self.problems_reported(self.at).is_empty() {
            self.doubt = Some(self.at);
        }
    }

    /// What is wrong with the answer taken last that was refused or doubtful, while it is; nothing at that very question,
    /// which says it itself.
    pub(super) fn said_of_doubt(&self, _cx: &Cx) -> Option<Message> {
        let at = self.doubt.filter(|at| *at != self.at && matches!(self.stage, Stage::Answering))?;
        let what = match self.halves.get(&at) {
            Some(half) => self.draft.read(at, half).err()?.explain(),
            None => self.problems_reported(at).first()?.explain(),
        };
        let number = self.draft.form().node(at.node).number.as_deref().unwrap_or_default();
        let place = text::cut(format!("{number} {}", self.draft.words(at)).trim(), 24);
        Some(Message::new("tui.survey.doubt").with("place", place).with("what", what))
    }

    /// Leaves the present stop for the next one, taking along what was typed.
    pub(super) fn go_on(&mut self, cx: &Cx) {
        let Some(index) = self.route.index(self.at) else {
            return match self.draft.next(self.at) {
                Some(at) => self.go(at, cx),
                None => self.finish(),
            };
        };
        let next = self.next_asked(index + 1);
        // Behind the last question of a roster's last row one comes to the roster's head again: is there another row?
        let around = self.route.roster_around(index).filter(|&head| {
            let reach = next.and_then(|at| self.route.index(at)).unwrap_or(self.route.stops.len());
            reach >= self.route.end(head)
        });
        match (around, next) {
            (Some(head), _) => {
                let at = self.route.stops[head].at;
                self.go(at, cx);
                self.bar_to(RosterLine::GoOn);
            }
            (None, Some(at)) => self.go(at, cx),
            (None, None) => self.finish(),
        }
    }

    /// The first place from there on that the way through the form stops at. An update asks what changed and what follows:
    /// what stands is passed by, and reached by going there.
    fn next_asked(&self, from: usize) -> Option<At> {
        let mut at = self.route.first_from(from)?;
        while self.draft.stands(at) {
            let index = self.route.index(at)?;
            // A roster that stands is passed by with its rows.
            let behind =
                if self.route.stops[index].kind == StopKind::Roster { self.route.end(index) } else { index + 1 };
            at = self.route.first_from(behind)?;
        }
        Some(at)
    }

    /// Shift-Tab: the stop before on the route, never one that the route left out.
    pub(super) fn go_back(&mut self, cx: &Cx) {
        let index = self.route.index(self.at).unwrap_or(self.route.stops.len());
        if let Some(at) = self.route.last_before(index) {
            self.go(at, cx);
        }
    }

    /// Before any move that is not Enter: what was typed is taken if it can be read, and waits here if it can't.
    pub(super) fn leave_field(&mut self, cx: &Cx) {
        let half = self.entry.half();
        match (self.take(By::Leaving, cx), half) {
            (Err(()), Some(half)) => {
                self.halves.insert(self.at, half);
                self.doubt = Some(self.at);
            }
            // What was entered on the way out is told of as after Enter; of a question passed over nothing is said.
            (Ok(()), Some(_)) => {
                self.left.insert(self.at);
                self.note_doubt();
            }
            _ => {}
        }
        self.refusal = None;
    }

    /// Goes on behind the roster at `index`, which may itself lie in a row of another.
    pub(super) fn past_nested(&mut self, index: usize, cx: &Cx) {
        let end = self.route.end(index);
        let next = self.route.first_from(end);
        let reach = next.and_then(|at| self.route.index(at)).unwrap_or(self.route.stops.len());
        match (self.route.roster_around(index).filter(|&head| reach >= self.route.end(head)), next) {
            (Some(head), _) => {
                let at = self.route.stops[head].at;
                self.go(at, cx);
                self.bar_to(RosterLine::GoOn);
            }
            (None, Some(at)) => self.go(at, cx),
            (None, None) => self.finish(),
        }
    }

    pub(super) fn next_problem(&mut self, cx: &Cx) -> Then {
        self.leave_field(cx);
        let of_draft = self.draft.next_problem(Some(self.at), self.finishing);
        let of_halves = self.not_entered().into_iter().map(|(at, _)| at);
        // The nearest behind this one, going round to the start.
        let place = |at: &At| self.route.stops.iter().position(|stop| stop.at == *at).unwrap_or(0);
        let (here, all) = (place(&self.at), self.route.stops.len().max(1));
        let behind = |at: &At| (place(at) + all - here + all - 1) % all;
        match of_halves.chain(of_draft).min_by_key(behind) {
            None => Then::Say(Message::new("tui.survey.no_problem")),
            Some(at) => {
                self.left.insert(at);
                self.go_near(at, cx);
                Then::Stay
            }
        }
    }

    /// Goes to a place that may be the head of a row, where one does not stand: then to the row's roster.
    pub(super) fn go_near(&mut self, at: At, cx: &Cx) {
        match (self.draft.is_row(at), self.route.row_index(at).and_then(|i| self.route.roster_around(i))) {
            (true, Some(head)) => {
                let roster = self.route.stops[head].at;
                self.go(roster, cx);
                self.bar_to(RosterLine::Row(at));
            }
            _ => self.go(at, cx),
        }
    }

    /// The section before or after.
    pub(super) fn turn(&mut self, by: isize, cx: &Cx) -> Then {
        self.leave_field(cx);
        let here = self.route.index(self.at).and_then(|i| self.route.section(i)).unwrap_or(0);
        let there = here.saturating_add_signed(by).min(self.route.sections.len().saturating_sub(1));
        let first = self.route.sections.get(there).map(|section| section.first);
        let from = first.and_then(|first| self.route.stops.iter().position(|stop| stop.at == first)).unwrap_or(0);
        if let Some(at) = self.route.first_from(from) {
            self.go(at, cx);
        }
        Then::Stay
    }
}
