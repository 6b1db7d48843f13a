//! What the keys do at a question.

use super::SurveyAction;
use super::again::Equals;
use super::entry::{AnswerInput, RosterLine};
use super::over::Over;
use super::{Mode, Survey};
use crate::domain::{Message, Step};
use crate::form::{At, ValueType};
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Then};

impl Survey {
    /// Takes the last step back, or does it again; the cursor goes where it was made.
    fn take_back(&mut self, step: Step, cx: &Cx) -> Then {
        self.leave_field(cx);
        let undone = matches!(step, Step::Undo { .. });
        let before = self.draft.last_step().map(|step| step.path().clone());
        let there: Vec<At> = self.halves.keys().copied().filter(|at| self.draft.exists(*at)).collect();
        if !self.step(step, cx) {
            return Then::Say(Message::new(if undone { "form.nothing_to_undo" } else { "form.nothing_to_redo" }));
        }
        // A row that was never added has no texts; one that was removed may come back, and has them then.
        if undone {
            self.halves.retain(|at, _| self.draft.exists(*at) || !there.contains(at));
        }
        let path = if undone { before } else { self.draft.last_step().map(|step| step.path().clone()) };
        let at = path.and_then(|path| self.draft.at(&path)).filter(|at| self.route.index(*at).is_some());
        let at = at.or_else(|| self.route.index(self.at).map(|_| self.at)).or_else(|| self.route.first_from(0));
        if let Some(at) = at {
            self.go_near(at, cx);
        }
        Then::Say(Message::new(if undone { "tui.survey.undone" } else { "tui.survey.redone" }))
    }

    /// `=`, where it means something.
    pub(super) fn equals(&mut self, meant: Equals, cx: &Cx) -> Then {
        match meant {
            Equals::AsBefore => self.same_as_before(cx),
            Equals::Today => {
                let path = self.draft.path(self.at);
                let today = self.draft.supply().today.to_string();
                let value = self.draft.read(self.at, &today).unwrap_or(today);
                let done = self.step(Step::Set { path, value }, cx);
                if self.taken(done, cx).is_ok() {
                    self.left.insert(self.at);
                    self.note_doubt();
                    match self.is_again() {
                        true => self.go_to_open(cx),
                        false => self.go_on(cx),
                    }
                    self.by_itself = true;
                }
                Then::Stay
            }
        }
    }

    pub(super) fn clear(&mut self, cx: &Cx) -> Then {
        if self.draft.given(self.at).is_none() {
            return Then::Ignore;
        }
        let path = self.draft.path(self.at);
        let done = self.step(Step::Set { path, value: String::new() }, cx);
        let _ = self.taken(done, cx);
        Then::Stay
    }

    /// Whether heads-down an answer here goes on by itself once it can't grow any more.
    pub(super) fn goes_on_by_itself(&self) -> bool {
        let Some(question) = self.draft.form().question(self.at.node) else { return false };
        match &self.entry {
            AnswerInput::Choice { picker, .. } => picker.settles(),
            AnswerInput::Text { .. } => matches!(question.value, ValueType::Date | ValueType::IdNumber),
            _ => false,
        }
    }

    /// In the heads-down mode an answer that can't grow any more goes on by itself.
    pub(super) fn is_complete(&self) -> bool {
        let Some(question) = self.draft.form().question(self.at.node) else { return false };
        match &self.entry {
            AnswerInput::Choice { picker, .. } => picker.is_settled(),
            AnswerInput::Text { field, .. } => {
                let typed = field.value();
                let digits = typed.chars().all(|c| crate::domain::money::narrow_char(c).is_ascii_alphanumeric());
                match question.value {
                    ValueType::Date => digits && typed.chars().count() == 8,
                    ValueType::IdNumber => digits && typed.chars().count() == 18,
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn switch_mode(&mut self, cx: &Cx) -> Then {
        self.mode = match self.mode {
            Mode::Interview => Mode::HeadsDown,
            Mode::HeadsDown => Mode::Interview,
        };
        let heads_down = self.mode == Mode::HeadsDown;
        let path = self.draft.path(self.at);
        self.step(Step::Mode { path, heads_down }, cx);
        self.keeper.prefers(heads_down);
        Then::Say(Message::new(match self.mode {
            Mode::Interview => "tui.survey.now_interview",
            Mode::HeadsDown => "tui.survey.now_heads_down",
        }))
    }

    pub(super) fn act_answering(&mut self, action: Action, cx: &Cx) -> Then {
        if let Some(then) = self.takes_line(action, cx) {
            return then;
        }
        match action {
            Action::Take => self.forward(cx),
            Action::Survey(SurveyAction::Whole) => self.show_whole(),
            Action::Survey(SurveyAction::FormLanguage) => self.choose_language(),
            // Up and down move inside the question, here as in choices and rosters; they never leave it.
            Action::Up | Action::Down if matches!(self.entry, AnswerInput::Text { .. } | AnswerInput::Nothing) => {
                return Then::Say(Message::new("tui.survey.stays_here"));
            }
            Action::Next => {
                self.leave_field(cx);
                match self.entry {
                    AnswerInput::Rows(_) => self.take_line(RosterLine::GoOn, cx),
                    _ => self.go_on(cx),
                }
            }
            Action::Previous => {
                self.leave_field(cx);
                self.go_back(cx);
            }
            Action::PageUp => return self.turn(-1, cx),
            // As in a pager: first what is left of the text, then the next section.
            Action::PageDown if self.cut.get() => self.show_whole(),
            Action::PageDown => return self.turn(1, cx),
            Action::Survey(SurveyAction::NextProblem) => return self.next_problem(cx),
            Action::Survey(SurveyAction::InsertRow) => self.insert_row(cx),
            Action::Survey(SurveyAction::RemoveRow) => return self.ask_removal(),
            Action::Survey(SurveyAction::Joined) => return self.ask_joined(),
            Action::Survey(SurveyAction::Confirm) => return self.confirm(cx),
            Action::Survey(SurveyAction::Repeat) => return self.same_as_before(cx),
            Action::Survey(SurveyAction::ConfirmSection) => return self.confirm_section(cx),
            Action::Survey(SurveyAction::Beside) => self.beside = !self.beside,
            Action::Survey(SurveyAction::Undo) => {
                return self.take_back(Step::Undo { path: self.draft.path(self.at) }, cx);
            }
            Action::Survey(SurveyAction::Redo) => {
                return self.take_back(Step::Redo { path: self.draft.path(self.at) }, cx);
            }
            Action::Survey(SurveyAction::Clear) => return self.clear(cx),
            Action::Survey(SurveyAction::Mode) => return self.switch_mode(cx),
            Action::Survey(SurveyAction::GoTo) => self.over = Some(self.go_to(cx)),
            Action::Survey(SurveyAction::Why) => {
                self.over = Some(Over::Why(Box::new(self.why(self.row_or_here(), Vec::new(), cx))))
            }
            Action::Survey(SurveyAction::States) => self.over = Some(Over::states()),
            Action::Survey(SurveyAction::Note) => self.over = Some(Over::note(&self.unsent)),
            Action::Survey(SurveyAction::Force) => return self.ask_reason(),
            Action::Survey(SurveyAction::OpenOther) => {
                return match self.draft.held_elsewhere(self.at).and_then(|held| held.dossier) {
                    Some(dossier) => self.keeper.look_at(dossier),
                    None => Then::Ignore,
                };
            }
            Action::Survey(SurveyAction::Finish) => {
                self.leave_field(cx);
                self.finish();
            }
            Action::Survey(SurveyAction::KeepDraft) => {
                self.leave_field(cx);
                return Then::CloseSaying(Message::new("tui.survey.draft_kept"));
            }
            moving => match &mut self.entry {
                AnswerInput::Choice { picker, .. } => {
                    picker.act(moving);
                }
                AnswerInput::Rows(rows) => {
                    if let crate::tui::widgets::list::Moved::Picked(at) = rows.list.act(moving) {
                        let line = rows.line(at);
                        self.take_line(line, cx);
                    }
                }
                _ => return Then::Ignore,
            },
        }
        Then::Stay
    }
}
