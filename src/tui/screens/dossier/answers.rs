//! Kept answers as people read them: choices by their words, amounts grouped, states by their name, personal ones
//! covered.

use crate::domain::{Eyes, Fen, Given, Mask, Path};
use crate::form::model::{Question, ValueType};
use crate::form::{Form, model::NodeId};
use crate::tui::screen::Cx;
use crate::tui::screens::lang_code;
use crate::tui::screens::today::word;
use crate::tui::sitting::Sitting;
use crate::tui::text;

pub struct Reading<'a> {
    pub sitting: &'a Sitting,
    /// `None`: a form that nobody kept; answers are then shown by code, and covered whole.
    pub form: Option<std::sync::Arc<Form>>,
    pub eyes: Eyes,
}

impl Reading<'_> {
    fn node(&self, path: &Path) -> Option<(&Form, NodeId)> {
        let form = self.form.as_deref()?;
        let id = form.by_name.get(path.name())?.first()?;
        Some((form, *id))
    }

    /// Number and words of the question, with the places of its rows.
    pub fn label(&self, path: &Path, cx: &Cx) -> String {
        let Some((form, id)) = self.node(path) else { return text::clean(path.as_str()) };
        let language = form.language_index(lang_code(cx.lang)).unwrap_or(form.language);
        let node = form.node(id);
        let number = node.number.as_deref().unwrap_or_default();
        let rows: String =
            path.segments().filter_map(|(_, index)| index.map(|index| format!("[{index}]"))).collect();
        let label = node.label.get(language);
        let label = if label.is_empty() { path.name() } else { label };
        text::clean(format!("{number} {label}{rows}").trim())
    }

    /// Whether people are asked it: what the form works out for itself says nothing new.
    pub fn is_asked(&self, path: &Path) -> bool {
        let Some((form, id)) = self.node(path) else { return true };
        !form.node(id).label.is_empty()
    }

    pub fn answer(&self, path: &Path, given: Option<&Given>, cx: &Cx) -> String {
        let value = match given {
            None => return "-".to_owned(),
            Some(Given::State(state)) => return cx.say(&word(format!("state.{}", state.code()))),
            Some(Given::Value(value)) => value,
        };
        let question = self.node(path).and_then(|(form, id)| form.question(id));
        if let Some(mask) = mask(question).filter(|_| self.eyes != Eyes::Revealed) {
            return text::clean(&mask.show(value, self.eyes));
        }
        text::clean(&self.said(path, question, value, cx))
    }

    fn said(&self, path: &Path, question: Option<&Question>, value: &str, cx: &Cx) -> String {
        let Some(question) = question else { return value.to_owned() };
        match question.value {
            ValueType::Money => Fen::from_yuan(value).map_or_else(|_| value.to_owned(), Fen::grouped),
            ValueType::One | ValueType::Many | ValueType::Rank => {
                let words: Vec<String> = value.split_whitespace().map(|code| self.choice(path, question, code, cx)).collect();
                words.join(cx.pick("、", ", "))
            }
            _ => value.to_owned(),
        }
    }

    fn choice(&self, path: &Path, question: &Question, code: &str, cx: &Cx) -> String {
        let Some((form, _)) = self.node(path) else { return code.to_owned() };
        let language = form.language_index(lang_code(cx.lang)).unwrap_or(form.language);
        let list = question.list.and_then(|id| form.lists.get(id.0 as usize));
        let label = list.and_then(|list| list.get(code)).map(|choice| choice.label.get(language).to_owned());
        label.or_else(|| self.sitting.unit_of_code(code, cx.lang)).unwrap_or_else(|| code.to_owned())
    }
}

/// As the form says; without a form everything is covered.
fn mask(question: Option<&Question>) -> Option<Mask> {
    question.map_or(Some(Mask::All), |question| question.masked)
}
