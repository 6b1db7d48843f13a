//! A form as loaded: fixed, shared by every draft of it, and never asked to change.
//!
//! Nodes stand in one vector in the order of the sheet; a [`NodeId`] is an index into it. A roster opens a new *scope*:
//! the nodes between its begin and end exist once for each of its rows. Each node knows its scope and its slot there,
//! so that a draft keeps the answers of a row in one plain vector.

use super::problem::CellAddress;
use crate::domain::Mask;
use std::collections::HashMap;
use std::sync::Arc;

pub use crate::expr::{ListId, NodeId};

/// A scope: the form itself (0) or a roster. Its index in [`Form::scopes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct ScopeId(pub u32);

impl ScopeId {
    pub const ROOT: ScopeId = ScopeId(0);

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The form itself, or a roster: what exists once for each row.
#[derive(Clone, Debug)]
pub struct FormScope {
    /// The roster; none for the form itself.
    pub roster: Option<NodeId>,
    pub parent: Option<ScopeId>,
    /// The nodes that exist once for each row, in form order. A node's slot is its place here.
    pub nodes: Vec<NodeId>,
    /// Rosters directly inside.
    pub rosters: Vec<ScopeId>,
}

/// A text in several languages, possibly with `${name}` or `<output/>`-like places in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// By language index of [`Form::languages`]; an empty entry means not translated.
    pub by_language: Vec<String>,
}

impl Text {
    /// The text in that language; where it is missing, the first language that has one.
    pub fn get(&self, language: usize) -> &str {
        match self.by_language.get(language) {
            Some(text) if !text.is_empty() => text,
            _ => self.by_language.iter().find(|t| !t.is_empty()).map_or("", String::as_str),
        }
    }

    /// Whether it is translated into that language.
    pub fn has(&self, language: usize) -> bool {
        self.by_language.get(language).is_some_and(|text| !text.is_empty())
    }

    pub fn is_empty(&self) -> bool {
        self.by_language.iter().all(String::is_empty)
    }
}

/// An expression as it stands in a cell, and which cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub text: String,
    pub place: CellAddress,
}

/// What type an answer has. Decides how typed text is read and how the value is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueType {
    Text,
    Integer,
    Decimal,
    /// Yuan with two places, stored `42000.00`.
    Money,
    Date,
    Time,
    DateTime,
    /// Eighteen characters by GB 11643; fifteen are completed.
    IdNumber,
    /// Digits of a bank card, without blanks.
    BankCard,
    /// `lat lon alt accuracy`.
    Point,
    /// Points joined by `;`.
    Line,
    Area,
    Barcode,
    /// A file's name.
    File,
    /// One name of the question's list.
    One,
    /// Several names joined by one space, in the list's order.
    Many,
    /// Names in the order given.
    Rank,
    /// `OK` or nothing.
    Acknowledge,
}

/// What kind of control shows the question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    Input,
    Select,
    Rank,
    Range,
    Acknowledge,
    /// Image, audio, video, file: a terminal takes the file's name.
    Upload,
    Note,
    /// Calculate, metadata, hidden: never shown.
    Hidden,
}

/// What the program fills in by itself when a form opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meta {
    Start,
    End,
    Today,
    DeviceId,
    Username,
    Email,
    PhoneNumber,
    /// A station has neither; a script may name them.
    SimSerial,
    SubscriberId,
    /// What nothing here can fill in.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Severity {
    /// Blocks finishing.
    #[default]
    Hard,
    /// May be passed with a reason.
    Soft,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Moment {
    /// Said as soon as the cursor leaves the question.
    #[default]
    Leave,
    /// Said when the survey is to be finished.
    Finish,
    /// Looked at when the decision is to be approved; the surveyor is told, never stopped.
    Approve,
}

/// A condition on an answer, not tried while the answer is empty. The first is the sheet's `constraint`.
#[derive(Clone, Debug)]
pub struct Check {
    /// `constraint`, `check2`, …: tells the checks of one question apart in passes and messages.
    pub name: String,
    pub condition: Source,
    pub message: Text,
    pub severity: Severity,
    pub moment: Moment,
}

/// What is asked, or computed, at a place of the form.
#[derive(Clone, Debug)]
pub struct Question {
    pub control: Control,
    pub value: ValueType,
    /// As written in the sheet's `type` column.
    pub typed: String,
    /// The list chosen from: its index in [`Form::lists`].
    pub list: Option<ListId>,
    pub choice_filter: Option<Source>,
    /// `randomize=true` among the parameters.
    pub randomize: bool,
    /// `seed=` beside it: a number or a reference that decides the order.
    pub seed: Option<Source>,
    pub calculation: Option<Source>,
    /// Computed when one of these changes (`trigger`), over what was typed; without triggers always.
    pub triggers: Vec<Source>,
    pub default: Option<DefaultValue>,
    pub read_only: Option<Source>,
    pub required: Option<Source>,
    pub required_message: Text,
    pub checks: Vec<Check>,
    pub meta: Option<Meta>,
    /// Refusing is allowed, and satisfies `required`.
    pub refusable: bool,
    /// Covered on screen until revealed, in this way.
    pub masked: Option<Mask>,
    /// When the value comes from the program, under the question's name ([`super::Supply::values`]): `start`, `finish` or
    /// `later`; never asked of the surveyor.
    pub supplied: Option<String>,
    /// Not shown before finishing: income per head beside the line *is* the category.
    pub shown_after: bool,
    /// How a re-survey starts it.
    pub carry: Carry,
    /// `range` bounds: start, end, step.
    pub range: Option<(f64, f64, f64)>,
    /// `bind::type`, where the sheet gives one.
    pub bind_type: Option<String>,
    /// `select_one_external`: the other engines show it as a text field with a query.
    pub external: bool,
    /// `select_one ${name}`: the choices are the answers to that question of a roster.
    pub choices_of: Option<Source>,
    /// The choice `other` is on offer whatever the filter says.
    pub or_other: bool,
}

/// What a re-survey does with the last round's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Carry {
    /// Asked fresh: income, spending, assets.
    #[default]
    Fresh,
    /// Shown with the last round's answer, waiting to be confirmed or changed.
    Carried,
}

#[derive(Clone, Debug)]
pub enum DefaultValue {
    Fixed(String),
    /// Computed once, when the row (or the form) is made.
    Computed(Source),
}

#[derive(Clone, Debug)]
pub enum ElementKind {
    Group,
    Repeat {
        scope: ScopeId,
        count: Option<Source>,
        /// Least and most rows, where the sheet says so (`dossier::rows`). Such a roster opens with the least.
        rows: Option<(u32, u32)>,
        /// Whether a re-survey shows last round's rows, each to be confirmed as a row.
        carry: Carry,
        /// Its rows are persons: they are matched between surveys by person.
        person: bool,
    },
    Question(Box<Question>),
}

#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    /// `group/roster/name`, without indexes.
    pub path: String,
    pub kind: ElementKind,
    /// The group or roster around it.
    pub parent: Option<NodeId>,
    /// One past the last node inside (itself + 1 for a question).
    pub end: NodeId,
    /// The scope it exists in; a roster exists in the scope around it.
    pub scope: ScopeId,
    pub slot: u32,
    pub label: Text,
    pub hint: Text,
    pub guidance: Text,
    pub appearance: String,
    pub relevant: Option<Source>,
    /// Number shown before the label (`dossier::number`, else none).
    pub number: Option<String>,
    /// The row of the survey sheet, from 1.
    pub row: u32,
    /// A group that stands in no path (setting `flat`).
    pub flat: bool,
    /// The sheet gives it no name; the reader made one.
    pub invented: bool,
    /// Columns the reader has no meaning for, kept as they stand: header → text.
    pub further: Vec<(String, String)>,
}

impl Node {
    pub fn question(&self) -> Option<&Question> {
        match &self.kind {
            ElementKind::Question(question) => Some(question),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub name: String,
    /// The row of the choices sheet, from 1; 0 when it comes from elsewhere.
    pub row: u32,
    pub label: Text,
    /// Filter columns: `division` → `150785`. Also `name` and `label` are found by expressions.
    pub columns: Vec<(String, String)>,
}

impl Choice {
    /// *None of these*: chosen beside nothing else. `exclusive`, `dossier::exclusive`, `is_exclusive` are in use.
    pub fn is_exclusive(&self) -> bool {
        let column = |name: &str| {
            let simple = name.to_lowercase().replace([' ', '-'], "_");
            matches!(simple.as_str(), "exclusive" | "dossier::exclusive" | "is_exclusive" | "mutually_exclusive")
        };
        let yes =
            |cell: &str| matches!(cell.trim().to_lowercase().as_str(), "yes" | "true" | "true()" | "1" | "x" | "是");
        self.columns.iter().any(|(name, cell)| column(name) && yes(cell))
    }
}

/// A choice as callers hand it in, before it is known in which languages the form speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supplied {
    pub name: String,
    /// Language code (`zh`) → label.
    pub labels: Vec<(String, String)>,
    /// Filter columns.
    pub columns: Vec<(String, String)>,
}

impl Supplied {
    /// A choice with one label for all languages.
    pub fn plain(name: impl Into<String>, label: impl Into<String>) -> Supplied {
        Supplied { name: name.into(), labels: vec![(String::new(), label.into())], columns: Vec::new() }
    }

    /// Lays the labels out in the form's languages: `zh` goes to `中文 (zh)`. A language without a label has the first.
    pub fn choice(&self, languages: &[String]) -> Choice {
        let mut by_language = Vec::with_capacity(languages.len());
        for language in languages {
            let fits = |code: &str| super::languages::fits(language, code).is_some();
            let label = self.labels.iter().find(|(code, _)| fits(code)).or(self.labels.first());
            by_language.push(label.map_or(String::new(), |(_, label)| label.clone()));
        }
        Choice { name: self.name.clone(), row: 0, label: Text { by_language }, columns: self.columns.clone() }
    }
}

impl From<&crate::domain::Code> for Supplied {
    fn from(code: &crate::domain::Code) -> Supplied {
        Supplied {
            name: code.code.clone(),
            labels: vec![("zh".to_owned(), code.zh.clone()), ("en".to_owned(), code.en.clone())],
            columns: code.further.clone(),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct List {
    pub name: String,
    pub choices: Vec<Choice>,
    /// Names to places in `choices`; the first of duplicates.
    pub by_name: HashMap<String, u32>,
    /// The caller hands the choices in when a draft opens (`units`, `household`, code lists cut to the day).
    pub supplied: bool,
    /// Filter columns of all choices, in the order of their numbers in expressions (from 2; 0 is `name`, 1 `label`).
    pub columns: Vec<String>,
    /// Cells by choice and column: `cells[choice * columns.len() + column]`; none where the choice has nothing there.
    cells: Vec<Option<Box<str>>>,
}

impl List {
    pub fn new(name: impl Into<String>, choices: Vec<Choice>) -> List {
        List::with_columns(name, choices, &[])
    }

    /// As [`List::new`], with these columns first, so that numbers given to an older list of the same name stay right.
    pub fn with_columns(name: impl Into<String>, choices: Vec<Choice>, columns: &[String]) -> List {
        let mut list = List { name: name.into(), columns: columns.to_vec(), ..List::default() };
        for choice in choices {
            list.add(choice);
        }
        list.lay_out();
        list
    }

    /// Appends a choice; [`List::lay_out`] comes after the last.
    pub(crate) fn add(&mut self, choice: Choice) {
        self.by_name.entry(choice.name.clone()).or_insert(self.choices.len() as u32);
        for (column, _) in &choice.columns {
            if !self.columns.contains(column) {
                self.columns.push(column.clone());
            }
        }
        self.choices.push(choice);
    }

    pub(crate) fn lay_out(&mut self) {
        let width = self.columns.len();
        self.cells = vec![None; width * self.choices.len()];
        for (i, choice) in self.choices.iter().enumerate() {
            for (column, text) in &choice.columns {
                if let Some(at) = self.columns.iter().position(|c| c == column) {
                    self.cells[i * width + at] = Some(text.as_str().into());
                }
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<&Choice> {
        self.by_name.get(name).and_then(|i| self.choices.get(*i as usize))
    }

    /// The cell of a filter column, by the column's place in [`List::columns`]; none where the choice has none. A table's
    /// row has every column of the table, if only as an empty text.
    pub fn cell(&self, choice: usize, column: usize) -> Option<&str> {
        if column >= self.columns.len() {
            return None;
        }
        self.cells.get(choice * self.columns.len() + column)?.as_deref()
    }
}

/// A form, fixed after loading. `Send + Sync`: kept in an `Arc` and shared by all drafts.
#[derive(Debug)]
pub struct Form {
    pub id: String,
    pub title: String,
    pub version: String,
    /// First step of an absolute path (`/data/age`).
    pub root: String,
    /// Label languages as the sheet names them; an unnamed one is `""`.
    pub languages: Vec<String>,
    /// Index of the language a draft opens in.
    pub language: usize,
    pub nodes: Vec<Node>,
    pub scopes: Vec<FormScope>,
    /// Shared with the drafts, which put others in the place of those that are supplied.
    pub lists: Vec<Arc<List>>,
    pub list_ids: HashMap<String, ListId>,
    pub instance_name: Option<Source>,
    /// Expressions that could not be read: the form is used without them.
    pub broken: u32,
    /// Settings the reader has no meaning for, kept.
    pub settings: Vec<(String, String)>,
    /// `group/roster/name` → node.
    pub by_path: HashMap<String, NodeId>,
    /// Name → nodes of that name, in form order.
    pub by_name: HashMap<String, Vec<NodeId>>,
    /// Compiled expressions and who depends on whom.
    pub(crate) links: super::links::Links,
}

impl Form {
    /// Paths, without indexes, of the questions whose last answers the form asks for (`${last-saved#x}`).
    pub fn last_saved(&self) -> impl Iterator<Item = &str> {
        self.links.last_saved.iter().filter_map(|id| self.nodes.get(id.0 as usize)).map(|node| node.path.as_str())
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn question(&self, id: NodeId) -> Option<&Question> {
        self.nodes.get(id.0 as usize).and_then(Node::question)
    }

    /// The group or roster that stands before the node in a path.
    pub fn parent_in_path(&self, id: NodeId) -> Option<NodeId> {
        let mut up = self.node(id).parent;
        while let Some(parent) = up.filter(|p| self.node(*p).flat) {
            up = self.node(parent).parent;
        }
        up
    }

    /// Whether the rows of a roster are persons: it says so, or begins with their name.
    pub fn is_of_persons(&self, roster: NodeId) -> bool {
        let ElementKind::Repeat { person, .. } = self.node(roster).kind else { return false };
        let begins = || self.children(Some(roster)).find_map(|child| self.question(child));
        person || begins().is_some_and(|question| question.masked == Some(Mask::Name))
    }

    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// Nodes directly inside a group or roster (`None`: the top), in form order.
    pub fn children(&self, of: Option<NodeId>) -> Children<'_> {
        let (next, end) = match of {
            Some(id) => (id.0 + 1, self.node(id).end.0),
            None => (0, self.nodes.len() as u32),
        };
        Children { form: self, next, end }
    }

    /// Index of a language by the sheet's name or any other spelling of it: `zh` finds `中文 (zh-CN)`.
    pub fn language_index(&self, wanted: &str) -> Option<usize> {
        super::languages::find(&self.languages, wanted)
    }
}

/// Whether a word stands in the column `appearance`, in capitals or not.
pub fn looks(appearance: &str, word: &str) -> bool {
    appearance.split_whitespace().any(|written| written.eq_ignore_ascii_case(word))
}

pub struct Children<'a> {
    form: &'a Form,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.next >= self.end {
            return None;
        }
        let id = NodeId(self.next);
        self.next = self.form.node(id).end.0;
        Some(id)
    }
}
