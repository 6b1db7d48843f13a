//! What a screen shows of one place: label, value, problems, offers. Worked out when asked for, never kept.

use super::recalc::{CARD_FAILS, CHECKS_MAX, ID_FAILS, ROWS_MAX, UNSURE};
use super::{At, Draft, Offer, RowId, Section, StopKind, View};
use crate::domain::{Explain, IdNumber, Message};
use crate::domain::{Given, Origin};
use crate::expr::{EvalContext, Template};
use crate::form::markup;
use crate::form::model::*;
use crate::form::problem::{Problem, What};
use crate::form::read::NotRead;
use std::borrow::Cow;

/// A label without the signs of Markdown and HTML.
fn worded(label: Cow<'_, str>) -> Cow<'_, str> {
    match label {
        Cow::Borrowed(label) => markup::plain(label),
        Cow::Owned(label) => Cow::Owned(markup::plain(&label).into_owned()),
    }
}

impl Draft {
    fn said(&self, text: &Text, templates: &[Template], at: At) -> String {
        let filled = |language: usize| {
            templates.get(language).map(|t| t.render(self, EvalContext::rows(&self.row(at.row).numbers)).into_owned())
        };
        if templates.is_empty() {
            return text.get(self.language).to_owned();
        }
        match filled(self.language) {
            Some(said) if text.by_language.get(self.language).is_some_and(|t| !t.is_empty()) => said,
            _ => {
                let first = text.by_language.iter().position(|t| !t.is_empty());
                first.and_then(filled).unwrap_or_default()
            }
        }
    }

    /// The label in the draft's language, references filled in.
    pub fn label(&self, at: At) -> String {
        self.said(&self.form.node(at.node).label, &self.form.links.nodes[at.node.0 as usize].label, at)
    }

    /// The label as it is read: without the signs of Markdown and HTML.
    pub fn words(&self, at: At) -> String {
        markup::plain(&self.label(at)).into_owned()
    }

    pub fn hint(&self, at: At) -> String {
        self.said(&self.form.node(at.node).hint, &self.form.links.nodes[at.node.0 as usize].hint, at)
    }

    /// More of the hint, as it is read where a question's whole text is.
    pub fn guidance(&self, at: At) -> String {
        let links = &self.form.links.nodes[at.node.0 as usize];
        markup::plain(&self.said(&self.form.node(at.node).guidance, &links.guidance, at)).into_owned()
    }

    /// The answer as expressions read it: empty off the route and for states.
    pub fn value(&self, at: At) -> &str {
        if self.form.question(at.node).is_some() { self.cell(at).read() } else { "" }
    }

    /// Value or state, on the route; none when nothing was answered.
    pub fn given(&self, at: At) -> Option<Given> {
        self.form.question(at.node)?;
        let cell = self.cell(at);
        match cell.state {
            Some(state) if cell.relevant => Some(Given::State(state)),
            _ => Some(cell.read()).filter(|t| !t.is_empty()).map(|t| Given::Value(t.to_owned())),
        }
    }

    /// The value as people read it: choice labels joined by `、`, money grouped.
    pub fn shown(&self, at: At) -> String {
        let Some(question) = self.form.question(at.node) else { return String::new() };
        self.shown_text(question, self.cell(at).read())
    }

    /// The draft's own list: those of the form, others in the place of those that are supplied.
    pub(in crate::form) fn list(&self, id: ListId) -> Option<&List> {
        self.lists.get(id.0 as usize).map(|list| &**list)
    }

    pub(in crate::form) fn shown_of(&self, question: &Question, name: &str) -> String {
        self.shown_text(question, name)
    }

    pub(super) fn shown_text(&self, question: &Question, text: &str) -> String {
        match question.value {
            ValueType::Money => crate::domain::Fen::from_yuan(text).map_or(text.to_owned(), |fen| fen.grouped()),
            ValueType::One | ValueType::Many | ValueType::Rank => {
                let list = question.list.and_then(|id| self.lists.get(id.0 as usize));
                let label = |name: &str| {
                    let item = list.and_then(|l| l.by_name.get(name).copied());
                    let choice = list.zip(item).and_then(|(l, item)| l.choices.get(item as usize));
                    match (question.list, item, choice) {
                        (Some(id), Some(item), Some(choice)) if !choice.label.is_empty() => {
                            worded(self.choice_label(id, item, choice)).into_owned()
                        }
                        _ => name.to_owned(),
                    }
                };
                if question.value == ValueType::One {
                    return if text.is_empty() { String::new() } else { label(text) };
                }
                text.split(' ').filter(|n| !n.is_empty()).map(label).collect::<Vec<_>>().join("、")
            }
            _ => text.to_owned(),
        }
    }

    /// A choice's label in the draft's language, references in it filled in from the top of the form.
    pub(super) fn choice_label<'a>(&'a self, list: ListId, item: u32, choice: &'a Choice) -> Cow<'a, str> {
        let supplied = self.form.lists.get(list.0 as usize).is_none_or(|l| l.supplied);
        match self.form.links.choice_labels.get(&(list, item)) {
            Some(templates) if !supplied => {
                Cow::Owned(self.said(&choice.label, templates, At { row: RowId::ROOT, node: NodeId(0) }))
            }
            _ => Cow::Borrowed(choice.label.get(self.language)),
        }
    }

    pub fn view(&self, at: At) -> View<'_> {
        let node = self.form.node(at.node);
        let question = node.question();
        let cell = question.map(|_| self.cell(at));
        let computed = question.is_some_and(|q| q.supplied.is_some() || q.control == Control::Hidden);
        View {
            at,
            node,
            label: self.words(at),
            hint: markup::plain(&self.hint(at)).into_owned(),
            relevant: self.relevant(at),
            required: cell.is_some_and(|c| c.required && c.relevant),
            read_only: cell.is_some_and(|c| c.read_only) || computed,
            given: self.given(at),
            shown: self.shown(at),
            origin: cell.map_or(Origin::Asked, |c| c.origin),
            before: cell.and_then(|c| c.before.as_deref()),
            problems: self.problems_at(at),
            notes: self.notes.iter().filter(|(place, _)| *place == at).map(|(_, text)| text.as_str()).collect(),
        }
    }

    /// The choices on offer now, filtered, in list order.
    pub fn offers(&self, at: At) -> Vec<Offer<'_>> {
        let Some(question) = self.form.question(at.node) else { return Vec::new() };
        let mut offers: Vec<Offer<'_>> = if question.choices_of.is_some() {
            self.row_choices(at).into_iter().map(|name| Offer { name, label: Cow::Borrowed(name) }).collect()
        } else {
            let Some(id) = question.list else { return Vec::new() };
            let Some(list) = self.lists.get(id.0 as usize) else { return Vec::new() };
            let choices = self.offered(at).into_iter().filter_map(|i| Some((i, list.choices.get(i as usize)?)));
            choices.map(|(i, c)| Offer { name: &c.name, label: worded(self.choice_label(id, i, c)) }).collect()
        };
        if let Some(possible) = self.supply.offered.get(&self.form.node(at.node).name) {
            offers.retain(|offer| possible.iter().any(|name| name == offer.name));
        }
        if question.randomize {
            // The same order each time the question is looked at.
            let own = self.supply.seed ^ u64::from(at.node.0) << 32 ^ u64::from(at.row.0);
            let seed = match &self.form.links.nodes[at.node.0 as usize].seed {
                Some(seed) => seed.number(self, EvalContext::rows(&self.row(at.row).numbers)),
                None => f64::from(super::world::mixed(own) as u32),
            };
            crate::expr::shuffle(&mut offers, Some(seed), &mut || 0.0);
        }
        offers
    }

    /// What is wrong at a question now, hard first. Off the route nothing is.
    pub fn problems_at(&self, at: At) -> Vec<Problem> {
        let mut out = Vec::new();
        if !self.exists(at) {
            return out;
        }
        let Some(question) = self.form.question(at.node) else {
            self.roster_problems(at, &mut out);
            return out;
        };
        let cell = self.cell(at);
        if !cell.relevant {
            return out;
        }
        let links = &self.form.links.nodes[at.node.0 as usize];
        let passed = self.passes.contains_key(&at);
        let problem = |what| Problem { path: self.path(at), what };
        for (i, check) in question.checks.iter().enumerate().take(CHECKS_MAX) {
            let soft = check.severity == Severity::Soft;
            if cell.failing & (1 << i) == 0 || (soft && passed) || check.moment == Moment::Approve {
                continue;
            }
            let message = self.said(&check.message, links.check_messages.get(i).map_or(&[], Vec::as_slice), at);
            let at_finish = check.moment == Moment::Finish || links.checks_read_later.get(i) == Some(&true);
            out.push(problem(What::CheckFails { name: check.name.clone(), message, soft, at_finish }));
        }
        if cell.failing & ID_FAILS != 0
            && let Err(why) = IdNumber::from_typed(cell.read())
        {
            out.push(problem(What::NotRead(NotRead::IdNumber(why.explain()))));
        }
        if cell.failing & CARD_FAILS != 0 && !passed {
            out.push(problem(What::SoftType { what: Message::new("form.bank_card_digit"), at_finish: false }));
        }
        if cell.failing & UNSURE != 0 && !passed {
            out.push(problem(What::SoftType { what: Message::new("form.check_unsure"), at_finish: false }));
        }
        if !passed {
            let doubts = self.doubts_of_update(at).into_iter();
            out.extend(doubts.map(|(what, at_finish)| problem(What::SoftType { what, at_finish })));
        }
        if question.external && !passed && !self.external_is_offered(at, question) {
            out.push(problem(What::SoftType { what: Message::new("form.external_unlisted"), at_finish: false }));
        }
        out.sort_by_key(|p| matches!(p.what, What::CheckFails { soft: true, .. } | What::SoftType { .. }));
        if cell.required && cell.read().is_empty() && !self.excused(question, at) {
            let message = self.said(&question.required_message, &links.required_message, at);
            out.insert(0, problem(What::RequiredMissing { message }));
        }
        if cell.origin == Origin::CarriedUnseen
            && question.value == ValueType::Money
            && !cell.read_only
            && !self.is_left_alone()
        {
            out.insert(0, problem(What::NotLookedAt));
        }
        out
    }

    /// Whether an answer that came as a text is on its list as things stand; a list that is not there says nothing.
    fn external_is_offered(&self, at: At, question: &Question) -> bool {
        let text = self.cell(at).read();
        text.is_empty()
            || question.list.is_none_or(|list| self.is_without_choices(list))
            || self.is_on_list(self, at, text)
    }

    /// Whether a list has no choices, as one does whose file or sheet is not there.
    pub fn is_without_choices(&self, list: ListId) -> bool {
        self.lists.get(list.0 as usize).is_none_or(|list| list.choices.is_empty())
    }

    /// A state stands in for a required answer: any typed state that the question allows (a refusal only where
    /// refusing is allowed); *not asked* never does. Supplied values are never required of the surveyor.
    fn excused(&self, question: &Question, at: At) -> bool {
        use crate::domain::State;
        let stands = match self.cell(at).state {
            None | Some(State::NotAsked) => false,
            Some(State::Refused) => question.refusable,
            Some(_) => true,
        };
        stands || question.supplied.is_some()
    }

    fn roster_problems(&self, at: At, out: &mut Vec<Problem>) {
        if let Some(wanted) = self.rows_beyond(at) {
            out.push(Problem {
                path: self.path(at),
                what: What::Rows { rows: wanted, least: 0, most: ROWS_MAX as u32 },
            });
        }
        let ElementKind::Repeat { scope, rows: Some((least, most)), .. } = self.form.node(at.node).kind else { return };
        if self.is_row(at) || !self.roster_relevant(at.row, at.node) {
            return;
        }
        let rows = self.roster(at.row, scope).len() as u32;
        if rows < least || rows > most {
            out.push(Problem { path: self.path(at), what: What::Rows { rows, least, most } });
        }
    }

    /// Checks that the approver has to look at, with their places.
    pub fn for_approval(&self) -> Vec<Problem> {
        let mut out = Vec::new();
        for at in self.questions() {
            let (Some(question), cell) = (self.form.question(at.node), self.cell(at)) else { continue };
            let links = &self.form.links.nodes[at.node.0 as usize];
            for (i, check) in question.checks.iter().enumerate().take(CHECKS_MAX) {
                if cell.failing & (1 << i) != 0 && check.moment == Moment::Approve {
                    let message = self.said(&check.message, links.check_messages.get(i).map_or(&[], Vec::as_slice), at);
                    let soft = check.severity == Severity::Soft;
                    out.push(Problem {
                        path: self.path(at),
                        what: What::CheckFails { name: check.name.clone(), message, soft, at_finish: true },
                    });
                }
            }
        }
        out
    }

    /// Everything wrong on the route, in form order.
    pub fn problems(&self) -> Vec<Problem> {
        self.route().iter().flat_map(|stop| self.problems_at(stop.at)).collect()
    }

    /// The first place with a problem after this one, going round to the start.
    pub fn next_problem(&self, after: Option<At>, finishing: bool) -> Option<At> {
        let places: Vec<At> = self.route().iter().map(|s| s.at).collect();
        let from = after.and_then(|at| places.iter().position(|p| *p == at)).map_or(0, |i| i + 1);
        let (before, behind) = places.split_at(from.min(places.len()));
        let reported = |at: &At| {
            let mut problems = self.problems_at(*at).into_iter().chain(self.doubts(*at));
            problems.any(|problem| finishing || problem.is_reported_at_once())
        };
        behind.iter().chain(before).copied().find(reported)
    }

    /// Parts of the form with how far each is: top groups and rosters, and the questions between them.
    ///
    /// `finishing`: with the problems that are told first when the survey is to be finished.
    pub fn outline(&self, finishing: bool) -> Vec<Section> {
        let mut out: Vec<Section> = Vec::new();
        for stop in self.route() {
            let mut top = stop.at.node;
            while let Some(parent) = self.form.node(top).parent {
                top = parent;
            }
            let node = (!matches!(self.form.node(top).kind, ElementKind::Question(_))).then_some(top);
            if out.last().is_none_or(|s| s.node != node) {
                let label = node.map_or(String::new(), |node| self.words(At { row: RowId::ROOT, node }));
                out.push(Section {
                    node,
                    label,
                    first: stop.at,
                    questions: 0,
                    answered: 0,
                    required_missing: 0,
                    errors: 0,
                    warnings: 0,
                });
            }
            let mut problems = self.problems_at(stop.at);
            problems.extend(self.doubts(stop.at));
            let asked = stop.kind == StopKind::Question && !self.view_read_only(stop.at);
            let answered = asked && self.given(stop.at).is_some();
            let Some(section) = out.last_mut() else { continue };
            section.questions += u32::from(asked);
            section.answered += u32::from(answered);
            for problem in problems.into_iter().filter(|problem| finishing || problem.is_reported_at_once()) {
                match problem.what {
                    What::RequiredMissing { .. } => section.required_missing += 1,
                    What::CheckFails { soft: true, .. }
                    | What::SoftType { .. }
                    | What::Differs { .. }
                    | What::Elsewhere { .. }
                    | What::LeftOut { .. } => section.warnings += 1,
                    _ => section.errors += 1,
                }
            }
        }
        out
    }

    fn view_read_only(&self, at: At) -> bool {
        let Some(question) = self.form.question(at.node) else { return true };
        self.cell(at).read_only || question.supplied.is_some()
    }
}

impl Draft {
    /// The rows of a roster, in order; `at` is the roster itself.
    pub fn rows_of(&self, at: At) -> Vec<RowId> {
        match self.form.node(at.node).kind {
            ElementKind::Repeat { scope, .. } if !self.is_row(at) => self.roster(at.row, scope).to_vec(),
            _ => Vec::new(),
        }
    }

    /// Whether an answer is required, and whether the form lets nobody change it, on the route.
    pub fn is_required_read_only(&self, at: At) -> (bool, bool) {
        if self.form.question(at.node).is_none() {
            return (false, false);
        }
        let cell = self.cell(at);
        (cell.required, cell.read_only)
    }

    /// Whether the label holds references, in any language.
    pub fn label_has_references(&self, at: At) -> bool {
        self.form.links.nodes.get(at.node.0 as usize).is_some_and(|l| !l.label.is_empty())
    }

    /// What the form calls this survey (`instance_name` of its settings).
    pub fn instance_name(&self) -> Option<String> {
        let expr = self.form.links.instance_name.as_ref()?;
        Some(expr.text(self, EvalContext::TOP).into_owned())
    }
}
