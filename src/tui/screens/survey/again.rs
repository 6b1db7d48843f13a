//! Surveying again: what stands as last time is one key, and the cursor goes to what still wants something.

use super::entry::AnswerInput;
use super::{Stage, Survey};
use crate::domain::{Given, Message, Origin, Step};
use crate::form::model::Control;
use crate::form::{At, StopKind, ValueType};
use crate::tui::screen::{Cx, Then};

impl Survey {
    /// The answer is as last time: a carried one is confirmed, any other is given again. Then on to what is open.
    pub(super) fn same_as_before(&mut self, cx: &Cx) -> Then {
        if let AnswerInput::Rows(_) = self.entry {
            return self.confirm(cx);
        }
        let path = self.draft.path(self.at);
        let view = self.draft.view(self.at);
        if !self.may_be_as_before() {
            return Then::Say(Message::new("tui.survey.nothing_before"));
        }
        let step = match (view.before.cloned(), view.origin, view.given.is_some()) {
            _ if view.read_only => return Then::Ignore,
            (Some(before), Origin::CarriedUnseen | Origin::CarriedConfirmed, true)
                if view.given == Some(before.clone()) =>
            {
                Step::Confirm { path }
            }
            (Some(Given::Value(value)), ..) => Step::Set { path, value },
            (Some(Given::State(is)), ..) => Step::State { path, is },
            (None, ..) => return Then::Say(Message::new("tui.survey.nothing_before")),
        };
        let done = self.step(step, cx);
        if self.taken(done, cx).is_ok() {
            self.left.insert(self.at);
            self.go_to_open(cx);
            self.by_itself = true;
        }
        Then::Stay
    }

    /// Confirms what was carried into this section as it stands. Never an amount, and never a row: each of those is looked
    /// at by itself.
    pub(super) fn confirm_section(&mut self, cx: &Cx) -> Then {
        self.leave_field(cx);
        let section = |at: usize| self.route.section(at);
        let Some(here) = self.route.index(self.at).and_then(section) else { return Then::Ignore };
        let carried = |at: At| {
            let form = self.draft.form();
            let money = form.question(at.node).is_none_or(|question| question.value == ValueType::Money);
            !money
                && at.row == crate::form::RowId::ROOT
                && self.draft.wants_a_look(at)
                && self.draft.given(at).is_some()
        };
        let stops = self.route.stops.iter().enumerate();
        let places: Vec<At> = stops
            .filter(|(i, stop)| stop.kind == StopKind::Question && section(*i) == Some(here) && carried(stop.at))
            .map(|(_, stop)| stop.at)
            .collect();
        if places.is_empty() {
            return Then::Say(Message::new("tui.survey.no_carried_here"));
        }
        let count = places.len();
        for at in places {
            let path = self.draft.path(at);
            self.step(Step::Confirm { path }, cx);
            self.left.insert(at);
        }
        self.enter(0, cx);
        self.go_to_open(cx);
        self.by_itself = true;
        Then::Say(Message::new("tui.survey.section_confirmed").with("count", count))
    }

    /// The next place, from here round to the start, that still wants an answer or a look; behind the last one the survey
    /// is finished.
    pub(super) fn go_to_open(&mut self, cx: &Cx) {
        let from = self.route.index(self.at).map_or(0, |at| at + 1);
        let len = self.route.stops.len();
        // In an update what stands waits for nobody.
        let wants = |i: &usize| {
            let at = self.route.stops[*i].at;
            self.draft.wants_a_look(at) && !self.draft.stands(at) && self.route.kind(self.route.stops[*i].at).is_some()
        };
        let is_stop = |i: &usize| self.route.stops[*i].kind != StopKind::Row;
        match (from..len).chain(0..from.min(len)).filter(is_stop).find(wants) {
            Some(at) => {
                let at = self.route.stops[at].at;
                self.go(at, cx);
            }
            None => self.finish(),
        }
    }

    /// Whether the last round's answer can be given here now: it is there, and still on offer.
    fn may_be_as_before(&self) -> bool {
        let offered = |code: &str| self.draft.offers(self.at).iter().any(|offer| offer.name == code);
        match (self.draft.view(self.at).before, &self.entry) {
            (Some(Given::Value(codes)), AnswerInput::Choice { .. }) => codes.split_whitespace().all(offered),
            (before, _) => before.is_some(),
        }
    }

    /// Whether there is a last round to look back at.
    pub(super) fn is_again(&self) -> bool {
        self.draft.is_carried()
    }

    /// Whether `=` here means *as last time* (at a day it is today).
    pub(super) fn equals_means(&self) -> Option<Equals> {
        if !matches!(self.stage, Stage::Answering) || self.over.is_some() {
            return None;
        }
        let question = self.draft.form().question(self.at.node)?;
        let untyped = match &self.entry {
            AnswerInput::Text { field, stood } => field.value() == *stood,
            AnswerInput::Choice { picker, .. } => picker.typed().is_empty(),
            _ => return None,
        };
        let carried = self.draft.given(self.at).is_some();
        match (untyped, question.value) {
            (false, _) => None,
            _ if question.control == Control::Note => None,
            // The day of a visit is never that of the visit before.
            (_, ValueType::Date) if !carried || self.draft.is_asked_each_visit(self.at) => Some(Equals::Today),
            _ if self.may_be_as_before() => Some(Equals::AsBefore),
            _ => None,
        }
    }
}

/// What `=` means at a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Equals {
    Today,
    AsBefore,
}
