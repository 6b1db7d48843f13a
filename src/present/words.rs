//! How facts are called: the names of officers and units, the words of codes, categories, states. The one place where a
//! stored code becomes something to read.

use super::value::Cell;
use crate::command::rights::People;
use crate::command::{Office, dossier::StatusLine};
use crate::domain::answers::State;
use crate::domain::event::SurveyKind;
use crate::domain::{Day, Explain, Message, OfficerId, UnitId};
use crate::lang::{self, Lang};
use std::sync::Arc;

/// Words in one language, as of one moment.
pub struct Words<'o> {
    office: &'o Office,
    /// `None`: they can't be read now, and nobody is named.
    people: Option<Arc<People>>,
    pub lang: Lang,
}

impl<'o> Words<'o> {
    pub fn new(office: &'o Office, lang: Lang) -> Words<'o> {
        Words { office, people: office.people().ok(), lang }
    }

    pub fn office(&self) -> &'o Office {
        self.office
    }

    pub fn say(&self, message: &Message) -> String {
        lang::say(message, self.lang)
    }

    pub fn explain(&self, thing: &impl Explain) -> String {
        self.say(&thing.explain())
    }

    pub fn word(&self, key: &str) -> String {
        lang::word(key, self.lang)
    }

    /// The one of two that is in the reader's language.
    pub fn pick<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Between the parts of a list.
    pub fn comma(&self) -> &'static str {
        match self.lang {
            Lang::Zh => "、",
            Lang::En => ", ",
        }
    }

    /// A word with another behind it in brackets.
    pub fn bracketed(&self, word: &str, inner: &str) -> String {
        match self.lang {
            Lang::Zh => format!("{word}（{inner}）"),
            Lang::En => format!("{word} ({inner})"),
        }
    }

    /// Empty, where nobody knows the officer.
    pub fn officer(&self, officer: OfficerId) -> String {
        let row = self.people.iter().flat_map(|people| &people.officers).find(|row| row.officer == officer);
        row.map_or_else(String::new, |row| self.pick(&row.zh, &row.en).to_owned())
    }

    pub fn unit(&self, unit: Option<UnitId>) -> Cell {
        let rows = self.people.iter().flat_map(|people| people.units.iter().rev());
        let row = rows.into_iter().find(|row| Some(row.unit) == unit);
        row.map_or(Cell::Empty, |row| Cell::text(self.pick(&row.zh, &row.en)))
    }

    /// Who fills a paper in: the bureau by its name of that day (none: as it is called now), where it said one, and the unit.
    pub fn filing_unit(&self, unit: Cell, on: Option<Day>) -> Cell {
        let name = self.office.bureau_name(on.unwrap_or(Day(i32::MAX))).ok().flatten();
        match name {
            Some(name) => Cell::text(format!("{} {}", self.pick(&name.zh, &name.en), unit.shown()).trim()),
            None => unit,
        }
    }

    pub fn unit_of_code(&self, code: &str) -> Option<String> {
        let rows = self.people.iter().flat_map(|people| people.units.iter().rev());
        let row = rows.into_iter().find(|row| row.code == code);
        row.map(|row| self.pick(&row.zh, &row.en).to_owned())
    }

    /// A code of a list with its words; the bare code where the list does not have it.
    pub fn code(&self, list: &str, code: &str) -> Cell {
        let found = self.office.library().codes(list).and_then(|list| list.get(code));
        let words = found.map_or_else(|| code.to_owned(), |row| self.pick(&row.zh, &row.en).to_owned());
        Cell::code(code, words)
    }

    pub fn status(&self, status: &StatusLine) -> Cell {
        let code = status.status.map(|status| status.code()).unwrap_or_default();
        Cell::code(code, if code.is_empty() { String::new() } else { self.word(&format!("status.{code}")) })
    }

    /// A category with its words in that rule set, `1 深度困难`; that it is undecided, where it was to be decided and is not.
    pub fn category(&self, rule_set: Option<&str>, code: Option<&str>, decides: bool) -> Cell {
        let rules = self.office.rules().ok();
        let set = rules.as_ref().zip(rule_set).and_then(|(rules, id)| rules.get(id));
        match code {
            Some(code) => {
                let names = set.and_then(|set| set.category_names(code));
                let words = names
                    .map_or_else(|| code.to_owned(), |names| format!("{code} {}", self.pick(&names.zh, &names.en)));
                Cell::code(code, words)
            }
            None if decides => Cell::text(self.word("present.undecided")),
            None => Cell::Empty,
        }
    }

    /// The category that a dossier has.
    pub fn category_of(&self, status: &StatusLine) -> Cell {
        self.category(status.rule_set.as_deref(), status.category.as_deref(), status.undecided)
    }

    /// What kind of survey; of a form of one's own the form.
    pub fn survey_kind(&self, kind: SurveyKind, form: &str) -> Cell {
        match kind.code() {
            Some(code) => self.code("survey_type", code),
            None => Cell::text(form),
        }
    }

    /// Why there is no answer.
    pub fn state(&self, state: State) -> Cell {
        Cell::State { state, words: self.word(&format!("state.{}", state.code())) }
    }

    /// Sentences joined as the language joins them.
    pub fn joined(&self, texts: impl IntoIterator<Item = String>) -> String {
        texts.into_iter().collect::<Vec<_>>().join(self.comma())
    }
}
