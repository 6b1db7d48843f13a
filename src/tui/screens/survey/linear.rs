//! A survey line by line: the present question, whole, with everything that is known of it.

use super::entry::{self, AnswerInput};
use super::{Stage, Survey};
use crate::tui::linear::{self, BAR};
use crate::tui::page::Page;
use crate::tui::screen::Cx;
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
            self.draw_over(&mut Page { cx, buffer: &mut buffer, area, caret: None }, over);
            return Some(linear::lines_of(&buffer));
        }
        let view = self.draft.view(self.at);
        let mut lines = Vec::new();
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
}
