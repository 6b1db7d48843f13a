//! A question's texts from beginning to end, however long, and the languages they are read in.

use super::entry::AnswerInput;
use super::over::Over;
use super::{Survey, may_pass};
use crate::domain::{Explain, Step};
use crate::form::StopKind;
use crate::lang::Lang;
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Then};
use crate::tui::widgets::{List, Reader};
use ratatui::style::Style;

impl Survey {
    pub(super) fn show_whole(&mut self) {
        self.over = Some(Over::Whole(Reader::default()));
    }

    /// The groups, rosters and rows that the present question stands in, the outermost first.
    pub(super) fn headings(&self, cx: &Cx) -> Vec<String> {
        let Some(index) = self.route.index(self.at) else { return Vec::new() };
        let around = (0..index).filter(|at| self.route.end(*at) > index).map(|at| self.route.stops[at]);
        around
            .filter_map(|stop| match stop.kind {
                StopKind::Row => Some(self.row_name(stop.at, cx)),
                StopKind::Group | StopKind::Roster => Some(self.draft.words(stop.at)),
                _ => None,
            })
            .collect()
    }

    /// Everything that is said of the present question, a paragraph each.
    pub(super) fn whole(&self, cx: &Cx) -> Vec<(String, Style)> {
        let theme = cx.theme;
        let view = self.draft.view(self.at);
        // What stands over it in the list of questions, where a line has no room for all of it.
        let mut out: Vec<(String, Style)> = Vec::new();
        for heading in self.headings(cx) {
            out.extend([(heading, theme.quiet()), (String::new(), theme.plain())]);
        }
        out.push((view.label.clone(), theme.strong()));
        let mut add = |text: String, style: Style| {
            if !text.trim().is_empty() {
                out.push((String::new(), style));
                out.push((text, style));
            }
        };
        add(view.hint.clone(), theme.plain());
        add(self.draft.guidance(self.at), theme.plain());
        if let Some(refusal) = &self.refusal {
            add(format!("! {}", cx.say(refusal)), theme.wrong());
        }
        for problem in &self.problems_reported(self.at) {
            let (sign, style) = if may_pass(problem) { ("?", theme.doubt()) } else { ("!", theme.wrong()) };
            add(format!("{sign} {}", cx.say(&problem.explain())), style);
        }
        for note in &view.notes {
            add(format!("# {note}"), theme.quiet());
        }
        if let AnswerInput::Text { field, .. } = &self.entry {
            add(field.value(), theme.plain());
        }
        if let AnswerInput::Choice { .. } = &self.entry {
            let lines: Vec<String> =
                self.draft.offers(self.at).iter().map(|offer| format!("{}  {}", offer.name, offer.label)).collect();
            add(lines.join("\n"), theme.plain());
        }
        out
    }

    pub(super) fn choose_language(&mut self) {
        let mut list = List::new(self.draft.form().languages.len());
        list.go(self.draft.language());
        self.over = Some(Over::Languages(list));
    }

    /// Reads the form in that language from now on, whatever the program speaks.
    pub(super) fn speak_in(&mut self, language: Option<usize>, cx: &Cx) {
        let name = language.and_then(|at| self.draft.form().languages.get(at)).cloned();
        if let Some(name) = name {
            let path = self.draft.path(self.at);
            self.step(Step::Language { path, name }, cx);
        }
        self.respeak(cx);
    }

    /// The form follows the person: the language chosen here, else the one the program speaks, else the form's own.
    pub(super) fn language_spoken(&self, lang: Lang) -> usize {
        let form = self.draft.form();
        let code = match lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        self.draft.chosen_language().or_else(|| form.language_index(code)).unwrap_or(form.language)
    }

    /// Down in an answer of several lines begins the next one (but none behind an empty one); Up goes to the one above.
    pub(super) fn takes_line(&mut self, action: Action, cx: &Cx) -> Option<Then> {
        let AnswerInput::Text { field, .. } = &mut self.entry else { return None };
        let taken = match action {
            Action::Down => field.begins_line(),
            Action::Up => field.line_up(),
            _ => false,
        };
        if !taken {
            return None;
        }
        self.typed_text(cx);
        Some(Then::Stay)
    }
}
