//! What the keys do at a question.

use super::entry::{Entry, Line};
use super::over::Over;
use super::{Mode, Survey};
use crate::domain::{Given, Message, Step};
use crate::form::ValueType;
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Then};

impl Survey {
    /// Brings the last round's answer into the field; Enter then keeps it.
    pub(super) fn repeat(&mut self) -> Then {
        let before = match self.draft.view(self.at).before {
            Some(Given::Value(text)) => text.clone(),
            _ => return Then::Say(Message::new("tui.survey.nothing_before")),
        };
        match &mut self.entry {
            Entry::Text { field, .. } => {
                let text = before.strip_suffix(".00").unwrap_or(&before);
                *field = crate::tui::widgets::Field::new(text);
            }
            Entry::Choice { picker, .. } => *picker = picker.clone().with_bar(&before),
            _ => return Then::Ignore,
        }
        self.keeper.typing(&self.draft.path(self.at), &self.entry.half().unwrap_or_default());
        Then::Stay
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
            Entry::Choice { picker, .. } => picker.settles(),
            Entry::Text { .. } => matches!(question.value, ValueType::Date | ValueType::IdNumber),
            _ => false,
        }
    }

    /// In the heads-down mode an answer that can't grow any more goes on by itself.
    pub(super) fn is_complete(&self) -> bool {
        let Some(question) = self.draft.form().question(self.at.node) else { return false };
        match &self.entry {
            Entry::Choice { picker, .. } => picker.is_settled(),
            Entry::Text { field, .. } => {
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
            Action::Whole => self.show_whole(),
            Action::FormLanguage => self.choose_language(),
            // Up and down move inside the question, here as in choices and rosters; they never leave it.
            Action::Up | Action::Down if matches!(self.entry, Entry::Text { .. } | Entry::Nothing) => {
                return Then::Say(Message::new("tui.survey.stays_here"));
            }
            Action::Next => {
                self.leave_field(cx);
                match self.entry {
                    Entry::Rows(_) => self.take_line(Line::GoOn, cx),
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
            Action::NextProblem => return self.next_problem(cx),
            Action::Insert => self.insert_row(cx),
            Action::Remove => return self.ask_removal(),
            Action::Confirm => return self.confirm(cx),
            Action::Repeat => return self.repeat(),
            Action::Clear => return self.clear(cx),
            Action::Mode => return self.switch_mode(cx),
            Action::GoTo => self.over = Some(self.go_to(cx)),
            Action::Why => self.over = Some(Over::Why(Box::new(self.why(self.row_or_here(), Vec::new(), cx)))),
            Action::States => self.over = Some(Over::states()),
            Action::Note => self.over = Some(Over::note(&self.unsent)),
            Action::Force => return self.ask_reason(),
            Action::Finish => {
                self.leave_field(cx);
                self.finish();
            }
            Action::KeepDraft => {
                self.leave_field(cx);
                return Then::CloseSaying(Message::new("tui.survey.draft_kept"));
            }
            moving => match &mut self.entry {
                Entry::Choice { picker, .. } => {
                    picker.act(moving);
                }
                Entry::Rows(rows) => {
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
