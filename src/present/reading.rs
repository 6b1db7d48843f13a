//! A kept survey as people read it: questions by their words, rows by whom they are about, answers by the words of their
//! choices, what is personal covered. The one place where an answer becomes text.

use super::value::{Cell, ColumnKind};
use super::words::Words;
use crate::domain::questions;
use crate::domain::{Answers, Day, Eyes, Fen, Given, Mask, Message, Path};
use crate::form::model::{NodeId, Question, ValueType};
use crate::form::{Covers, Form, markup};
use crate::lang;
use crate::views::roll::FormColumns;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The answers of one survey beside the form that they were given with.
pub struct Reading<'r> {
    pub words: &'r Words<'r>,
    pub answers: &'r Answers,
    /// `None`: a form that nobody keeps any more. What it asked is not known, and everything is covered.
    pub form: Option<Arc<Form>>,
    covers: Covers,
    /// Of the survey that this one is compared with: what either form covers is covered.
    other_form: Option<(Arc<Form>, Covers)>,
    pub eyes: Eyes,
    by_path: HashMap<&'r str, &'r Given>,
    /// The answers as conditions see them, once one is asked; none where the form is gone.
    world: OnceCell<Option<FormColumns>>,
    language: usize,
}

impl<'r> Reading<'r> {
    pub fn new(words: &'r Words<'r>, answers: &'r Answers, eyes: Eyes) -> Reading<'r> {
        let form = words.office().form_of(&answers.form, &answers.form_version);
        let language = form.as_ref().map_or(0, |form| language_of(form, words));
        let by_path = answers.answers.iter().map(|answer| (answer.path.as_str(), &answer.given)).collect();
        let covers = form.as_ref().map(|form| form.covers()).unwrap_or_default();
        Reading { words, answers, form, covers, other_form: None, eyes, by_path, world: OnceCell::new(), language }
    }

    /// The same, beside another survey.
    pub fn beside(mut self, other: &Answers) -> Reading<'r> {
        let form = self.words.office().form_of(&other.form, &other.form_version);
        self.other_form = form.map(|form| (form.clone(), form.covers()));
        self
    }

    pub fn given(&self, path: &str) -> Option<&'r Given> {
        self.by_path.get(path).copied()
    }

    /// The node of a path; where the form has moved it, one of its name.
    pub fn node(&self, path: &Path) -> Option<(&Form, NodeId)> {
        node_in(self.form.as_deref()?, path)
    }

    pub fn question(&self, path: &Path) -> Option<&Question> {
        self.node(path).and_then(|(form, id)| form.question(id))
    }

    /// Whether its answer names somebody of the household by the number of their row.
    pub fn names_somebody(&self, path: &Path) -> bool {
        let Some((form, _)) = self.node(path) else { return false };
        let list = self.question(path).and_then(|question| question.list);
        list.and_then(|id| form.lists.get(id.0 as usize)).is_some_and(|list| list.name == "household")
    }

    /// Whether people are asked it: what the form works out for itself says nothing new.
    pub fn is_asked(&self, path: &Path) -> bool {
        match self.node(path) {
            Some((form, id)) => !form.node(id).label.is_empty(),
            None => false,
        }
    }

    /// How the answer at a path is covered: as either form says; what neither knows whole, since nobody can say that it is
    /// harmless.
    pub fn mask(&self, path: &Path) -> Option<Mask> {
        let own = self.node(path).map(|(_, id)| self.covers.mask(id));
        let other = self.other_form.as_ref();
        let other = other.and_then(|(form, covers)| node_in(form, path).map(|(_, id)| covers.mask(id)));
        match (own, other) {
            (None, None) => Some(Mask::All),
            (own, other) => own.flatten().or(other.flatten()),
        }
    }

    /// Whether nothing of an answer is to be told to those eyes, not even whether there is one.
    pub fn hides(&self, path: &Path) -> bool {
        self.mask(path).is_some_and(|mask| mask.is_whole() && mask.covers(self.eyes))
    }

    /// Whether anything of the form is hidden from those eyes.
    pub fn hides_some(&self) -> bool {
        let mut masks = self.covers.masks.iter().flatten();
        self.form.is_none() || masks.any(|mask| mask.is_whole() && mask.covers(self.eyes))
    }

    /// Whether a check of a question reads what is hidden from those eyes: that it was passed tells that too.
    pub fn checks_hidden(&self, path: &Path) -> bool {
        let Some((form, id)) = self.node(path) else { return true };
        let hides = |node: NodeId| self.covers.mask(node).is_some_and(|mask| mask.is_whole() && mask.covers(self.eyes));
        form.checked_by(id).any(hides)
    }

    /// Whether a question that is hidden has its place there whatever was answered to what is covered: one that is asked only
    /// because of that has none.
    pub fn has_open_place(&self, path: &Path) -> bool {
        let Some((_, id)) = self.node(path) else { return false };
        if self.covers.is_asked_by_covered(id) {
            return false;
        }
        let rows: Vec<u32> = path.segments().filter_map(|(_, index)| index.map(|row| row.saturating_sub(1))).collect();
        let world = self.world.get_or_init(|| {
            let mut columns = FormColumns::of_everything(self.form.clone()?);
            columns.push(Some(self.answers));
            Some(columns)
        });
        world.as_ref().is_some_and(|columns| columns.asks(id, &rows))
    }

    /// The stored text, covered: what JSON of before shows.
    pub fn stored(&self, path: &Path, text: &str) -> String {
        match self.mask(path) {
            Some(mask) => mask.show(text, self.eyes),
            None => text.to_owned(),
        }
    }

    /// Whether something said about an answer is covered: wherever the answer is, since it may say what that is; but not from those who
    /// check the household, who judge by it why a check was passed.
    pub fn covers_words(&self, path: &Path) -> bool {
        self.eyes != Eyes::Duty && self.mask(path).is_some_and(|mask| mask.covers(self.eyes))
    }

    /// Words about an answer, covered where the answer is.
    pub fn words_about(&self, path: &Path, text: &str) -> String {
        if self.covers_words(path) { Mask::All.cover(text) } else { text.to_owned() }
    }

    /// Number and words of the question, and before them whose it is.
    pub fn label(&self, path: &Path) -> String {
        let words = self.question_words(path);
        match self.row_of(path) {
            None => words,
            Some(row) => {
                let said = Message::new("present.in_row").with("row", self.row_name(&row));
                self.words.say(&said.with("label", words))
            }
        }
    }

    /// Number and words of the question alone.
    pub fn question_words(&self, path: &Path) -> String {
        let Some((form, id)) = self.node(path) else { return self.words.word("present.unknown_question") };
        let node = form.node(id);
        let number = node.number.as_deref().unwrap_or_default();
        lang::clean(format!("{number} {}", self.words_of(form, id, path)).trim())
    }

    /// The words of a node as they are read, references filled with what was answered.
    pub fn words_of(&self, form: &Form, id: NodeId, path: &Path) -> String {
        let language = language_of(form, self.words);
        let label = markup::plain(form.node(id).label.get(language)).into_owned();
        self.filled(&label, path)
    }

    /// `${name}` becomes what was answered to the nearest question of that name: in the same row, else around it.
    fn filled(&self, label: &str, path: &Path) -> String {
        let mut out = String::new();
        let mut rest = label;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, tail)) = after.split_once('}') else { break };
            out.push_str(before);
            let mut around = path.as_str();
            let found = loop {
                let Some((parent, _)) = around.rsplit_once('/') else { break None };
                around = parent;
                let sibling = Path::new(format!("{around}/{name}"));
                if self.given(sibling.as_str()).is_some() {
                    break Some(sibling);
                }
            };
            let anywhere = || self.answers.answers.iter().find(|a| a.path.name() == name).map(|a| a.path.clone());
            match found.or_else(anywhere) {
                Some(at) => out.push_str(&self.answer(&at).shown()),
                None => out.push('…'),
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    /// The innermost roster row that a path stands in: `family/members[2]`.
    pub fn row_of(&self, path: &Path) -> Option<Path> {
        let end = path.as_str().rfind(']')?;
        path.as_str().get(..=end).map(Path::new)
    }

    /// Whom or what a row is about: the member's name; of other rosters their name and the first answer.
    pub fn row_name(&self, row: &Path) -> String {
        let ordinal = row.segments().last().and_then(|(_, index)| index).unwrap_or_default();
        let Some((form, id)) = self.node(row) else { return format!("({ordinal})") };
        let roster = self.words_of(form, id, row);
        let numbered = || {
            let said = Message::new("present.row").with("roster", roster.as_str()).with("number", ordinal);
            self.words.say(&said)
        };
        let is_person = form.is_of_persons(id);
        let first = form
            .children(Some(id))
            .filter(|child| form.question(*child).is_some() && !form.node(*child).label.is_empty())
            .map(|child| Path::new(format!("{row}/{}", form.node(child).name)))
            .find(|path| self.given(path.as_str()).is_some());
        let name = first.map(|path| self.answer(&path).shown()).unwrap_or_default();
        match (name.is_empty(), is_person) {
            (true, _) => numbered(),
            (false, false) => format!("{roster} {name}"),
            // Two of one name are told apart by their places.
            (false, true) if self.is_shared(form, id, row, &name) => format!("{name} ({ordinal})"),
            (false, true) => name,
        }
    }

    /// Whether another row of that roster has the same first answer.
    fn is_shared(&self, form: &Form, roster: NodeId, row: &Path, name: &str) -> bool {
        let first = form.children(Some(roster)).find(|child| form.question(*child).is_some());
        let Some(first) = first.map(|child| form.node(child).name.as_str()) else { return false };
        let before = row.as_str().rsplit_once('[').map_or("", |(before, _)| before);
        self.rows(before)
            .iter()
            .filter(|other| *other != row)
            .any(|other| self.answer(&Path::new(format!("{other}/{first}"))).shown() == name)
    }

    /// The rows of a roster, by its path without an index, in order.
    pub fn rows(&self, roster: &str) -> Vec<Path> {
        let index = |path: &str| -> Option<u32> {
            let rest = path.strip_prefix(roster)?.strip_prefix('[')?;
            rest.split_once(']').and_then(|(index, _)| index.parse().ok())
        };
        let of_answers = self.answers.answers.iter().filter_map(|answer| index(answer.path.as_str()));
        let of_rows = self.answers.rows.iter().filter_map(|row| index(row.path.as_str()));
        let found: std::collections::BTreeSet<u32> = of_answers.chain(of_rows).collect();
        found.into_iter().map(|index| Path::new(format!("{roster}[{index}]"))).collect()
    }

    /// What was answered there; empty where nothing was.
    pub fn answer(&self, path: &Path) -> Cell {
        self.cell(path, self.given(path.as_str()))
    }

    /// An answer as people read it.
    pub fn cell(&self, path: &Path, given: Option<&Given>) -> Cell {
        if self.hides(path) {
            return Cell::text(Mask::All.cover("any"));
        }
        let value = match given {
            None => return Cell::Empty,
            Some(Given::State(state)) => return self.words.state(*state),
            Some(Given::Value(value)) => value.as_str(),
        };
        let question = self.question(path);
        let mask = self.mask(path);
        let covered = mask.map(|mask| mask.show(value, self.eyes)).filter(|shown| shown != value);
        let text = covered.as_deref().unwrap_or(value);
        match question {
            Some(question) if covered.is_none() => self.typed(path, question, mask, text),
            _ if matches!(mask, Some(Mask::IdNumber | Mask::Phone | Mask::BankCard)) => Cell::identifier(text),
            _ => Cell::text(text),
        }
    }

    fn typed(&self, path: &Path, question: &Question, mask: Option<Mask>, value: &str) -> Cell {
        match question.value {
            ValueType::Money => Fen::from_yuan(value).map_or_else(|_| Cell::text(value), Cell::Money),
            ValueType::Date => Day::from_iso(value).map_or_else(|| Cell::text(value), Cell::Day),
            ValueType::Integer => value.parse().map_or_else(|_| Cell::text(value), Cell::Number),
            ValueType::IdNumber | ValueType::BankCard => Cell::identifier(value),
            ValueType::One => self.choice(path, question, value),
            ValueType::Many | ValueType::Rank => {
                let cells = value.split_whitespace().map(|code| self.choice(path, question, code)).collect();
                Cell::Many { cells, comma: self.words.comma() }
            }
            ValueType::Acknowledge => Cell::code(value, self.words.word("present.acknowledged")),
            _ if mask == Some(Mask::Phone) => Cell::identifier(value),
            _ => Cell::text(value),
        }
    }

    fn choice(&self, path: &Path, question: &Question, code: &str) -> Cell {
        let Some((form, _)) = self.node(path) else { return Cell::text(code) };
        let list = question.list.and_then(|id| form.lists.get(id.0 as usize));
        let label = list.and_then(|list| list.get(code)).map(|choice| choice.label.get(self.language).to_owned());
        let supplied = || match list.map(|list| list.name.as_str()) {
            Some("units") => self.words.unit_of_code(code),
            Some("household") => self.of_household(form, code),
            _ => None,
        };
        let words = label.filter(|label| !label.is_empty()).map(|label| markup::plain(&label).into_owned());
        Cell::code(code, words.or_else(supplied).unwrap_or_else(|| code.to_owned()))
    }

    /// The list `household`: 0 is the worker, the others are the members' rows.
    fn of_household(&self, form: &Form, code: &str) -> Option<String> {
        let number: u32 = code.parse().ok()?;
        let path = if number == 0 {
            let own = form.by_name.get("name")?.first()?;
            Path::new(form.node(*own).path.as_str())
        } else {
            let members = form.by_name.get("members")?.first()?;
            Path::new(format!("{}[{number}]/{}", form.node(*members).path, questions::M_NAME))
        };
        Some(self.answer(&path).shown()).filter(|name| !name.is_empty())
    }
}

/// What a column of answers to that question holds.
pub fn kind_of(question: &Question) -> ColumnKind {
    match question.value {
        ValueType::Money => ColumnKind::Money,
        ValueType::Integer | ValueType::Decimal => ColumnKind::Number,
        ValueType::Date => ColumnKind::Day,
        ValueType::IdNumber | ValueType::BankCard => ColumnKind::Identifier,
        ValueType::One => ColumnKind::Code,
        _ if question.masked == Some(Mask::Phone) => ColumnKind::Identifier,
        _ => ColumnKind::Text,
    }
}

fn language_of(form: &Form, words: &Words<'_>) -> usize {
    form.language_index(words.lang.code()).unwrap_or(form.language)
}

fn node_in<'f>(form: &'f Form, path: &Path) -> Option<(&'f Form, NodeId)> {
    let plain: Vec<&str> = path.segments().map(|(name, _)| name).collect();
    let exact = form.by_path.get(&plain.join("/")).copied();
    let id = exact.or_else(|| form.by_name.get(path.name()).and_then(|ids| ids.first()).copied())?;
    Some((form, id))
}
