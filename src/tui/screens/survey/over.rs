//! The boxes over the sheet: go to, typed states, a remark, a reason, and the question before a row is removed.

use super::Survey;
use super::SurveyAction;
use super::entry::{RosterLine, state_key};
use super::may_pass;
use super::members::{self, MemberBox, Proposed};
use super::pasting::PasteBox;
use super::why::{self, WhyBox};
use crate::domain::{Message, State, Step};
use crate::form::model::Control;
use crate::form::problem::What;
use crate::form::{At, StopKind};
use crate::tui::key::Key;
use crate::tui::keymap::Action;
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{Choice, List, Picker, Reader, TextField};

pub enum Over {
    GoTo {
        picker: Picker,
        places: Vec<At>,
    },
    /// Why there is no value. A refusal is listed only once its own key was pressed, so that it is never the easy way.
    States {
        list: List,
        refusal: bool,
    },
    Note(TextField),
    /// Why a soft check is passed.
    Reason(TextField),
    Removal(At),
    /// When and why somebody left, or came.
    Member(Box<MemberBox>),
    /// What a pasted block would fill in.
    Paste(Box<PasteBox>),
    /// Whether a life change that follows is entered.
    Change(Proposed),
    /// Whether somebody who left is of the household after all.
    Return {
        number: u32,
    },
    Why(Box<WhyBox>),
    /// The question's texts from beginning to end.
    Whole(Reader),
    /// The form's languages.
    Languages(List),
}

/// A remark or a reason is at most so long.
const WORDS_MAX: usize = 500;

impl Over {
    pub fn states() -> Over {
        Over::States { list: List::new(offered(false).len()), refusal: false }
    }

    pub fn note(unsent: &str) -> Over {
        Over::Note(TextField::new(unsent).at_most(WORDS_MAX))
    }
}

fn offered(refusal: bool) -> Vec<State> {
    State::ALL.into_iter().filter(|state| refusal || *state != State::Refused).collect()
}

impl Survey {
    /// Every stop by its number and its words; sections by their words.
    pub(super) fn go_to(&self, cx: &Cx) -> Over {
        let mut choices = Vec::new();
        let mut places = Vec::new();
        for (i, stop) in self.route.stops.iter().enumerate() {
            let node = self.draft.form().node(stop.at.node);
            let label = self.draft.words(stop.at);
            let place = match stop.kind {
                StopKind::Question | StopKind::Roster => stop.at,
                StopKind::Note => continue,
                StopKind::Group | StopKind::Row => match self.route.first_from(i + 1) {
                    Some(first) => first,
                    None => continue,
                },
            };
            let row = self.route.row_around(i).map(|r| format!("  {}", self.row_name(self.route.stops[r].at, cx)));
            let label = if stop.kind == StopKind::Row { String::new() } else { label };
            let label = format!("{label}{}", row.unwrap_or_default());
            choices.push(Choice::new(node.number.clone().unwrap_or_default(), label.trim()));
            places.push(place);
        }
        // What is off the route comes last: going there says why it is.
        for at in self.draft.questions() {
            let node = self.draft.form().node(at.node);
            let shown = node.question().is_some_and(|question| question.control != Control::Hidden);
            if shown && self.route.index(at).is_none() {
                let label = format!("{}  {}", self.draft.words(at).trim(), cx.word("tui.survey.not_asked_now"));
                choices.push(Choice::new(node.number.clone().unwrap_or_default(), label.trim()));
                places.push(at);
            }
        }
        Over::GoTo { picker: Picker::ready(choices), places }
    }

    pub(super) fn ask_reason(&mut self) -> Then {
        let problems = self.problems_reported(self.at);
        if problems.iter().any(may_pass) {
            self.over = Some(Over::Reason(TextField::new(&self.unsent).at_most(WORDS_MAX)));
            return Then::Stay;
        }
        let hard = problems.iter().any(|problem| matches!(problem.what, What::CheckFails { .. }));
        Then::Say(Message::new(if hard { "tui.survey.hard_check" } else { "tui.survey.nothing_to_pass" }))
    }

    pub(super) fn ask_removal(&mut self) -> Then {
        match self.roster_here() {
            // Whoever stood in the last survey leaves; what was typed in this one was typed by mistake.
            Some((_, Some(row))) if self.draft.leaves(row) => {
                self.ask_member(row, false);
                Then::Stay
            }
            Some((_, Some(row))) => {
                self.over = Some(Over::Removal(row));
                Then::Stay
            }
            _ => Then::Say(Message::new("tui.survey.no_row_here")),
        }
    }

    pub(super) fn act_over(&mut self, action: Action, cx: &Cx) -> Then {
        let Some(over) = self.over.take() else { return Then::Ignore };
        match (over, action) {
            (Over::Note(field) | Over::Reason(field), Action::Back) => self.unsent = field.value(),
            (Over::Why(shown), action) => {
                self.over = self.act_why(*shown, action, cx).map(|shown| Over::Why(Box::new(shown)));
            }
            (Over::Paste(paste), action) if paste.is_choosing() || action != Action::Back => {
                let (paste, then) = self.act_paste(*paste, action, cx);
                self.over = paste.map(|paste| Over::Paste(Box::new(paste)));
                return then;
            }
            (Over::Removal(row), Action::Yes) => self.remove_row(row, cx),
            (Over::Change(proposed), Action::Yes) => return self.enter_change(&proposed, cx),
            (Over::Return { number }, Action::Yes) => self.bring_back(number, cx),
            (_, Action::Back | Action::No) => {}
            (Over::Member(asking), action) => {
                if let Some(asking) = self.act_member(*asking, action, cx) {
                    self.over = Some(Over::Member(Box::new(asking)));
                }
            }
            (Over::GoTo { picker, places }, Action::Take) => {
                match picker.current_index().and_then(|at| places.get(at)).copied() {
                    Some(at) if self.route.index(at).is_none() => {
                        self.over = Some(Over::Why(Box::new(self.why(at, Vec::new(), cx))));
                    }
                    Some(at) => {
                        self.leave_field(cx);
                        self.go(at, cx);
                    }
                    None => self.over = Some(Over::GoTo { picker, places }),
                }
            }
            (Over::GoTo { mut picker, places }, moving) => {
                picker.act(moving);
                self.over = Some(Over::GoTo { picker, places });
            }
            (Over::Whole(mut reader), moving) => {
                reader.act(moving);
                self.over = Some(Over::Whole(reader));
            }
            (Over::Languages(list), Action::Take) => self.speak_in(list.at(), cx),
            (Over::Languages(mut list), moving) => match list.act(moving) {
                Moved::Picked(at) => self.speak_in(Some(at), cx),
                _ => self.over = Some(Over::Languages(list)),
            },
            (Over::States { refusal: false, .. }, Action::Survey(SurveyAction::Refusal)) => {
                let mut list = List::new(offered(true).len());
                list.go(offered(true).iter().position(|state| *state == State::Refused).unwrap_or(0));
                self.over = Some(Over::States { list, refusal: true });
            }
            (Over::States { list, refusal }, Action::Take) => {
                let state = list.at().and_then(|at| offered(refusal).get(at).copied());
                self.put_state(state, cx);
            }
            (Over::States { mut list, refusal }, moving) => match list.act(moving) {
                Moved::Picked(at) => {
                    self.put_state(offered(refusal).get(at).copied(), cx);
                    self.by_itself = true;
                }
                _ => self.over = Some(Over::States { list, refusal }),
            },
            (Over::Note(field), Action::Take) => {
                let path = self.draft.path(self.at);
                self.enter_words(field, |text| Step::Note { path, text }, cx);
            }
            (Over::Reason(field), Action::Take) => {
                let path = self.draft.path(self.at);
                self.enter_words(field, |why| Step::Pass { path, why }, cx);
            }
            (over, _) => self.over = Some(over),
        }
        Then::Stay
    }

    fn put_state(&mut self, state: Option<State>, cx: &Cx) {
        let Some(is) = state else { return };
        let path = self.draft.path(self.at);
        if self.step(Step::State { path, is }, cx) {
            self.halves.remove(&self.at);
            self.enter(0, cx);
            self.go_on(cx);
        }
    }

    fn enter_words(&mut self, field: TextField, step: impl FnOnce(String) -> Step, cx: &Cx) {
        let words = field.value();
        self.unsent = words.clone();
        // Without words nothing is entered; the draft says so.
        if self.step(step(words), cx) {
            self.unsent.clear();
        }
    }

    pub(super) fn typed_over(&mut self, key: &Key, _cx: &Cx) -> Then {
        let taken = match &mut self.over {
            Some(Over::GoTo { picker, .. }) => picker.key(key),
            Some(Over::Note(field) | Over::Reason(field)) => field.key(key),
            Some(Over::Member(asking)) => asking.key(key),
            _ => false,
        };
        if taken { Then::Stay } else { Then::Ignore }
    }

    pub(super) fn draw_over(&self, page: &mut Page<'_>, over: &Over) {
        let cx = page.cx;
        match over {
            Over::GoTo { picker, .. } => {
                let inner = popup(page, &cx.word("tui.survey.go_to"), 64, page.area.height.saturating_sub(2));
                picker.draw(page, inner);
            }
            Over::States { list, refusal } => {
                let states = offered(*refusal);
                let inner = popup(page, &cx.word("tui.survey.states"), 40, states.len() as u16 + 2);
                list.draw(page, inner, |i| {
                    let word = states.get(i).map(|state| cx.word(state_key(*state))).unwrap_or_default();
                    (word, cx.theme.plain())
                });
            }
            Over::Note(field) | Over::Reason(field) => {
                let heading = match over {
                    Over::Note(_) => cx.word("tui.survey.note"),
                    _ => cx.word("tui.survey.reason"),
                };
                let inner = popup(page, &heading, 70, 3);
                field.draw(page, inner.x + 1, inner.y, inner.width.saturating_sub(2), cx.theme.field());
            }
            Over::Why(shown) => why::draw(page, shown),
            Over::Whole(reader) => {
                let inner = popup(page, &cx.word("tui.key.whole"), 76, page.area.height);
                reader.draw(page, inner, &self.whole(cx));
            }
            Over::Languages(list) => {
                let languages = &self.draft.form().languages;
                let inner = popup(page, &cx.word("tui.key.form_language"), 48, languages.len() as u16 + 2);
                list.draw(page, inner, |i| {
                    let name = languages.get(i).map_or("", String::as_str);
                    (
                        if name.is_empty() { cx.word("tui.survey.no_language") } else { name.to_owned() },
                        cx.theme.plain(),
                    )
                });
            }
            Over::Member(asking) => members::draw(page, asking, &self.row_name(asking.row(), cx)),
            Over::Paste(paste) => self.draw_paste(page, paste),
            Over::Change(proposed) => members::draw_change(page, proposed, &self.change_words(proposed.change())),
            Over::Return { number } => {
                let text = cx.say(&Message::new("tui.survey.bring_back").with("who", self.left_name(*number, cx)));
                let inner = popup(page, &cx.word("tui.survey.comes_back"), 60, 4);
                page.paragraph(inner, &text, cx.theme.strong());
            }
            Over::Removal(row) => {
                let text = cx.say(&Message::new("tui.survey.remove_row").with("row", self.row_name(*row, cx)));
                let inner = popup(page, &cx.word("tui.key.remove_row"), 60, 4);
                page.paragraph(inner, &text, cx.theme.strong());
            }
        }
    }

    /// A row by its place and its first answers: `2 示例乙 配偶`.
    pub(super) fn row_name(&self, row: At, cx: &Cx) -> String {
        let path = self.draft.path(row);
        let place =
            path.segments().last().and_then(|(_, index)| index).map_or(String::new(), |index| index.to_string());
        format!("{place} {}", self.row_answers(row, cx)).trim().to_owned()
    }

    /// The first answers of a row: enough to know it by.
    fn row_answers(&self, row: At, cx: &Cx) -> String {
        let Some(index) = self.route.row_index(row) else { return String::new() };
        let inside = self.route.stops.get(index + 1..self.route.end(index)).unwrap_or_default();
        let answers = inside
            .iter()
            .filter(|stop| stop.kind == StopKind::Question && stop.at.row == row.row)
            .map(|stop| super::entry::shown(&self.draft, stop.at, cx))
            .filter(|shown| !shown.is_empty());
        answers.take(4).collect::<Vec<_>>().join(" ")
    }

    /// The words of a roster's line.
    pub(super) fn line_name(&self, line: RosterLine, cx: &Cx) -> String {
        match line {
            RosterLine::Row(row) => {
                let mark = match self.draft.carried(row.row) {
                    Some(false) => cx.word("tui.survey.not_looked_at"),
                    Some(true) => cx.word("tui.survey.confirmed"),
                    None => self.joined_mark(row, cx),
                };
                let answers = self.row_answers(row, cx);
                let answers = if answers.is_empty() { cx.word("tui.survey.empty_row") } else { answers };
                format!("{answers}  {mark}")
            }
            RosterLine::Add => cx.word("tui.survey.add_row"),
            RosterLine::GoOn => cx.word("tui.survey.go_on"),
            RosterLine::Left(number) => self.left_name(number, cx),
        }
    }
}
