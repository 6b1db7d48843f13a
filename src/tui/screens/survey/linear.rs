//! A survey line by line: the present question, whole, with everything that is known of it.

use super::entry::{self, AnswerInput};
use super::{Stage, Survey};
use crate::domain::{Explain, Step};
use crate::tui::linear::{self, BAR};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// So many choices are said of a long list; typing a part of one says fewer.
const CHOICES_MAX: usize = 60;

impl Survey {
    /// `None`: something else is shown than a question.
    pub(super) fn lines_of_question(&self, cx: &Cx) -> Option<Vec<String>> {
        if !matches!(self.stage, Stage::Answering) {
            return None;
        }
        if let Some(over) = &self.over {
            // The box alone: what lies below it was said.
            let area = Rect::new(0, 0, linear::COLUMNS, linear::ROWS);
            let mut buffer = Buffer::empty(area);
            let mut page = Page { cx, buffer: &mut buffer, area, caret: None };
            self.draw_over(&mut page, over);
            let caret = page.caret.map(|(_, y)| y);
            return Some(linear::lines_of(&buffer, caret));
        }
        let view = self.draft.view(self.at);
        let mut lines = Vec::new();
        // Nobody sees the sheet: what was taken is read back before the next is asked.
        if let Some(at) = self.answered.filter(|at| *at != self.at && self.draft.given(*at).is_some()) {
            let number = self.draft.form().node(at.node).number.clone().unwrap_or_default();
            let shown = entry::shown(&self.draft, at, cx);
            lines.push(format!("{number} {} = {shown}", self.draft.words(at)).trim().to_owned());
        }
        let headings = self.headings(cx);
        lines.extend((!headings.is_empty()).then(|| headings.join(" › ")));
        let (answered, asked) = self.route.progress();
        let number = self.draft.form().node(self.at.node).number.clone().unwrap_or_default();
        let star = if view.required { " *" } else { "" };
        lines.push(format!("{number} {}{star}  ({answered}/{asked})", view.label).trim().to_owned());
        lines.extend(self.panel_says(cx).into_iter().map(|(said, ..)| said));
        match &self.entry {
            AnswerInput::Choice { picker, .. } => {
                let choices = picker.lines();
                let more = choices.len().saturating_sub(CHOICES_MAX);
                lines.extend(choices.into_iter().take(CHOICES_MAX));
                if more > 0 {
                    let said = crate::domain::Message::new("tui.linear.more_choices").with("count", more);
                    lines.push(cx.say(&said));
                }
            }
            AnswerInput::Rows(rows) => {
                let bar = rows.list.at();
                let mut at = 0;
                while at < rows.list.len() {
                    let mark = if bar == Some(at) { BAR } else { "" };
                    lines.push(format!("{mark}{} {}", at + 1, self.line_name(rows.line(at), cx)));
                    at += 1;
                }
            }
            _ => {}
        }
        let stands = entry::shown_open(&self.draft, self.at, cx);
        match (self.entry.half(), self.halves.get(&self.at)) {
            (Some(half), _) => lines.push(format!("… {half}")),
            (None, Some(half)) => lines.push(format!("! {half}")),
            (None, None) if !stands.is_empty() => lines.push(format!("= {stands}")),
            _ => {}
        }
        Some(lines)
    }

    /// What stands in the field and was not entered gives way to the line that is entered now.
    pub(super) fn makes_room_for_line(&mut self, cx: &Cx) -> bool {
        let answers = matches!(self.stage, Stage::Answering) && self.over.is_none();
        match &self.entry {
            AnswerInput::Text { field, .. } if answers && field.is_lines() => true,
            AnswerInput::Text { .. } | AnswerInput::Choice { .. } if answers => {
                self.halves.remove(&self.at);
                self.keeper.typing(&self.draft.path(self.at), "");
                self.enter(0, cx);
                true
            }
            _ => false,
        }
    }

    /// Where several may be chosen, the codes of a line are the answer, whatever was chosen before.
    pub(super) fn takes_codes(&mut self, line: &str, cx: &Cx) -> Option<Then> {
        let several = matches!(&self.entry, AnswerInput::Choice { picker, .. } if picker.takes_several());
        let answers = matches!(self.stage, Stage::Answering) && self.over.is_none();
        if !several || !answers {
            return None;
        }
        let codes: Vec<&str> =
            line.split([' ', '\u{3000}', ',', '，', '、', ';', '；']).filter(|one| !one.is_empty()).collect();
        self.left.insert(self.at);
        self.refusal = None;
        let path = self.draft.path(self.at);
        let done = match self.draft.read(self.at, &codes.join(" ")) {
            Ok(value) => self.step(Step::Set { path, value }, cx),
            Err(why) => {
                self.refusal = Some(why.explain());
                false
            }
        };
        if self.taken(done, cx).is_ok() {
            self.note_doubt();
            self.answered = Some(self.at);
            self.go_on(cx);
        }
        Some(Then::Stay)
    }
}
