//! Rows of the survey sheet → nodes of the form.

mod loops;
mod question;
mod search;
mod slips;
mod unmet;

use super::choices::Lists;
use super::columns::{Header, Own, SheetColumn, header};
use super::types::{RowType, row_type};
use super::workbook::{Book, Worksheet, WorksheetRow};
use super::{DEPTH_MAX, ROWS_MAX, columns, types};
use crate::domain::{Mask, Message};
use crate::form::model::*;
use crate::form::problem::{CellAddress, FormProblem, Unreadable};
use std::collections::HashMap;
use std::sync::Arc;

/// Label languages in the order in which headers name them.
#[derive(Default)]
pub struct Languages {
    pub names: Vec<String>,
    /// What a header without a language stands for.
    pub unnamed: String,
}

impl Languages {
    /// A language that stands on its own, since the labels of the survey are in it.
    fn own(&mut self, language: &str) -> usize {
        let language = if language.is_empty() { self.unnamed.as_str() } else { language };
        if let Some(at) = self.names.iter().position(|n| n == language) {
            return at;
        }
        self.names.push(language.to_owned());
        self.names.len() - 1
    }

    /// The place of the language under this spelling or another one.
    fn place(&self, language: &str) -> Option<usize> {
        let language = if language.is_empty() { self.unnamed.as_str() } else { language };
        let same = |name: &String| crate::form::languages::same(name, language);
        self.names.iter().position(|n| n == language).or_else(|| self.names.iter().position(same))
    }

    fn index(&mut self, language: &str) -> usize {
        self.place(language).unwrap_or_else(|| self.own(language))
    }

    pub fn put(&mut self, text: &mut Text, language: &str, cell: &str) {
        if cell.is_empty() {
            return;
        }
        let at = self.index(language);
        if text.by_language.len() <= at {
            text.by_language.resize(at + 1, String::new());
        }
        if text.by_language[at].is_empty() {
            cell.clone_into(&mut text.by_language[at]);
        }
    }

    pub fn put_all(&mut self, text: &mut Text, cell: &str) {
        self.put(text, "", cell);
    }
}

/// The form without its links, and what is wrong with its sheets.
pub fn build(book: &Book, caller: &super::Lists) -> Result<(Form, Vec<FormProblem>), Unreadable> {
    let survey = book.sheet("survey").ok_or(Unreadable::NoSurveySheet)?;
    if survey.rows.len() > ROWS_MAX {
        return Err(Unreadable::TooLarge { what: "form.size_rows", limit: ROWS_MAX as u64 });
    }
    let mut problems = Vec::new();
    let settings = settings(book);
    let setting = |names: &[&str]| {
        names.iter().find_map(|n| settings.iter().find(|(k, _)| k == n)).map_or(String::new(), |(_, v)| v.clone())
    };
    let mut languages = Languages { unnamed: setting(&["default_language"]), ..Languages::default() };
    let headers: Vec<Header> = survey.header.iter().map(|h| header(h)).collect();
    for header in &headers {
        if header.column == Some(SheetColumn::Label) {
            languages.own(&header.language);
        }
    }
    let duplicates_allowed = truth_word(&setting(&["allow_choice_duplicates"])) == Some(true);
    let lists = Lists::read(book, caller, &mut languages, duplicates_allowed, &mut problems);
    for name in ["survey", "choices", "external_choices", "settings"] {
        if let Some(sheet) = book.sheet(name) {
            slips::cells(sheet, &mut problems);
            slips::wide_headers(sheet, &mut problems);
            slips::bare_columns(sheet, &mut problems);
        }
    }
    if let Some(settings) = book.sheet("settings") {
        slips::columns_twice(settings, &mut problems);
    }
    for table in &book.tables {
        slips::cells(table, &mut problems);
        slips::bare_columns(table, &mut problems);
        slips::columns_twice(table, &mut problems);
        slips::without_rows(book, table, &mut problems);
        slips::labels_in_languages(book, table, &mut problems);
    }
    slips::twins(survey, &headers, &languages.unnamed, &mut problems);
    slips::languages_alike(survey, &headers, &languages, &mut problems);
    let of_survey = slips::spoken(survey, &headers);
    let mut of_choices = Vec::new();
    if let Some(choices) = book.sheet("choices") {
        let headers: Vec<Header> = choices.header.iter().map(|h| header(h)).collect();
        slips::languages_alike(choices, &headers, &languages, &mut problems);
        slips::untranslated(choices, &headers, &of_survey, &mut problems);
        of_choices = slips::spoken(choices, &headers);
    }
    slips::untranslated(survey, &headers, &of_choices, &mut problems);
    let unrolled = loops::unrolled(survey, &headers, &lists, &languages, &mut problems);
    let mut builder = Builder {
        book,
        survey: &unrolled,
        reported: Default::default(),
        headers,
        lists,
        languages,
        problems,
        nodes: Vec::new(),
        scopes: vec![FormScope { roster: None, parent: None, nodes: Vec::new(), rosters: Vec::new() }],
        open: Vec::new(),
        invented: 0,
        flat: truth_word(&setting(&["flat"])) == Some(true) || setting(&["flat"]) == "1",
    };
    builder.header_problems();
    builder.unmet_settings(&settings);
    for row in &unrolled.rows {
        builder.row(row);
    }
    builder.close_all();
    builder.unmet_in_book();
    builder.without_questions();
    for table in book.tables.iter().filter(|table| !builder.lists.is_used(&table.name)).collect::<Vec<_>>() {
        builder.lists.table(&table.name, book, ("name", "label"), &mut builder.languages);
    }
    let Builder { lists, languages, mut problems, nodes, scopes, .. } = builder;
    let by_path = nodes.iter().enumerate().map(|(i, n): (usize, &Node)| (n.path.clone(), NodeId(i as u32))).collect();
    let mut by_name: HashMap<String, Vec<NodeId>> = HashMap::new();
    for (i, node) in nodes.iter().enumerate() {
        by_name.entry(node.name.clone()).or_default().push(NodeId(i as u32));
    }
    let mut names = languages.names;
    if names.is_empty() {
        names.push(String::new());
    }
    let wanted = &languages.unnamed;
    let spoken = |at: &usize| spoken(*at, &nodes, &lists.lists);
    let other = || crate::form::languages::find(&names, wanted).filter(|_| !wanted.is_empty());
    let named = names.iter().position(|n| n == wanted).or_else(other);
    let language = named.filter(spoken).or_else(|| names.iter().position(String::is_empty).filter(spoken));
    if named.is_none() && !wanted.is_empty() {
        let near = nearest(wanted, names.iter().map(String::as_str));
        let what = Message::new("form.no_such_language").with("name", wanted.clone());
        problems.push(FormProblem::warning(CellAddress::new("settings", 2, "default_language"), what).near(near));
    }
    let instance_name = setting(&["instance_name"]);
    let form = Form {
        id: setting(&["form_id", "id_string"]),
        title: setting(&["form_title", "title"]),
        version: setting(&["version"]),
        root: Some(setting(&["name"])).filter(|n| !n.is_empty()).unwrap_or_else(|| "data".to_owned()),
        languages: names,
        language: language.unwrap_or(0),
        nodes,
        scopes,
        lists: lists.lists.into_iter().map(Arc::new).collect(),
        list_ids: lists.ids,
        instance_name: (!instance_name.is_empty())
            .then(|| Source { text: instance_name, place: CellAddress::new("settings", 2, "instance_name") }),
        broken: 0,
        settings,
        by_path,
        by_name,
        links: Default::default(),
    };
    Ok((form, problems))
}

/// Whether any question is asked in that language, or any choice of a list that is translated at all: a list with one
/// label for all languages names none.
fn spoken(language: usize, nodes: &[Node], lists: &[List]) -> bool {
    let translated = |list: &List| {
        let mut others = list.choices.iter().flat_map(|c| c.label.by_language.iter().enumerate());
        others.any(|(at, text)| at != language && !text.is_empty())
    };
    nodes.iter().any(|n| n.label.has(language))
        || lists.iter().any(|list| list.choices.iter().any(|c| c.label.has(language)) && translated(list))
}

fn settings(book: &Book) -> Vec<(String, String)> {
    let Some(sheet) = book.sheet("settings") else { return Vec::new() };
    let Some(row) = sheet.rows.first() else { return Vec::new() };
    let key = |h: &String| h.trim().to_lowercase().replace(' ', "_");
    sheet
        .header
        .iter()
        .enumerate()
        .map(|(i, h)| (key(h), row.get(i).to_owned()))
        .filter(|(_, v)| !v.is_empty())
        .collect()
}

/// A group or roster whose end has not come yet.
struct Open {
    node: NodeId,
    repeat: bool,
    row: u32,
    /// Names used directly inside, with their rows.
    names: HashMap<String, u32>,
}

struct Builder<'a> {
    book: &'a Book,
    survey: &'a Worksheet,
    /// Kinds of things that do nothing here, told so far.
    reported: unmet::Reported,
    headers: Vec<Header>,
    lists: Lists<'a>,
    languages: Languages,
    problems: Vec<FormProblem>,
    nodes: Vec<Node>,
    scopes: Vec<FormScope>,
    open: Vec<Open>,
    invented: u32,
    /// Groups stand in no path.
    flat: bool,
}

impl<'a> Builder<'a> {
    fn header_problems(&mut self) {
        for (i, header) in self.headers.iter().enumerate() {
            if header.column.is_some() || header.written.is_empty() {
                continue;
            }
            let simple = header.written.to_lowercase().replace(' ', "_");
            // A column of ours that is not understood is a mistake: what it was to say would be lost without a word.
            if simple.starts_with("dossier::") {
                let place = CellAddress::new(&self.survey.name, 1, &header.written);
                let what = Message::new("form.column_unknown").with("name", header.written.clone());
                let near = nearest(&simple, columns::OWN.iter().copied());
                self.problems.push(FormProblem::error(place, what).near(near));
                continue;
            }
            if simple.contains(':') || self.survey.rows.iter().all(|r| r.get(i).is_empty()) {
                continue;
            }
            if let Some(near) = nearest(&simple, columns::KNOWN.iter().copied()) {
                let place = CellAddress::new(&self.survey.name, 1, &header.written);
                let what = Message::new("form.column_unknown").with("name", header.written.clone());
                self.problems.push(FormProblem::warning(place, what).near(Some(near)));
            }
        }
        for wanted in [SheetColumn::Type, SheetColumn::Name] {
            if !self.headers.iter().any(|h| h.column == Some(wanted)) {
                let name = if wanted == SheetColumn::Type { "type" } else { "name" };
                let place = CellAddress::new(&self.survey.name, 1, name);
                self.problems.push(FormProblem::error(place, Message::new("form.column_missing").with("name", name)));
            }
        }
    }

    fn cell(&self, row: &'a WorksheetRow, column: SheetColumn) -> &'a str {
        let mut cells =
            self.headers.iter().enumerate().filter(|(_, h)| h.column == Some(column)).map(|(i, _)| row.get(i));
        cells.find(|c| !c.is_empty()).unwrap_or("")
    }

    fn place(&self, row: &WorksheetRow, column: SheetColumn) -> CellAddress {
        let written = self.headers.iter().find(|h| h.column == Some(column)).map_or("", |h| h.written.as_str());
        CellAddress::new(&self.survey.name, row.number, written)
    }

    fn text(&mut self, row: &WorksheetRow, column: SheetColumn) -> Text {
        let mut text = Text::default();
        for i in 0..self.headers.len() {
            if self.headers[i].column == Some(column) {
                let language = self.headers[i].language.clone();
                self.languages.put(&mut text, &language, row.get(i));
            }
        }
        text
    }

    fn source(&self, row: &'a WorksheetRow, column: SheetColumn) -> Option<Source> {
        let text = self.cell(row, column);
        (!text.is_empty()).then(|| Source { text: text.to_owned(), place: self.place(row, column) })
    }

    /// A source in which `yes` and `no` stand for true and false.
    fn condition(&self, row: &'a WorksheetRow, column: SheetColumn) -> Option<Source> {
        let mut source = self.source(row, column)?;
        if let Some(truth) = truth_word(&source.text) {
            source.text = if truth { "true()" } else { "false()" }.to_owned();
        }
        Some(source)
    }

    fn error(&mut self, place: CellAddress, what: Message) -> &mut FormProblem {
        self.problems.push(FormProblem::error(place, what));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    fn row(&mut self, row: &'a WorksheetRow) {
        let written = self.cell(row, SheetColumn::Type);
        if truth_word(self.cell(row, SheetColumn::Disabled)) == Some(true) {
            return;
        }
        if written.is_empty() {
            return self.without_type(row);
        }
        let understood = row_type(written);
        self.unmet_in_row(row, understood.as_ref());
        let Some(row_type) = understood else {
            let first = written.split([' ']).next().unwrap_or_default();
            let near = nearest(first, types::KNOWN.iter().copied());
            let place = self.place(row, SheetColumn::Type);
            let chars = written.chars().count();
            let problem = self.error(place, Message::new("form.type_unknown").with("name", written));
            *problem = problem.clone().near(near).at(written, 0..chars);
            // The question stays as a text, so that references to it are not reported again.
            self.question(row, RowType::Plain { control: Control::Input, value: ValueType::Text, meta: None });
            return;
        };
        match row_type {
            RowType::BeginGroup => self.begin(row, false),
            RowType::BeginRepeat => {
                if loops::is_over_nothing(written) {
                    let place = self.place(row, SheetColumn::Type);
                    self.error(place, Message::new("form.loop_without_list"));
                }
                self.begin(row, true);
            }
            RowType::EndGroup => self.end(row, false),
            RowType::EndRepeat => self.end(row, true),
            RowType::Nothing => self.external_table(row),
            question => self.question(row, question),
        }
    }

    /// The node's name: unique among its brothers and sisters, and sayable in an expression.
    fn name(&mut self, row: &'a WorksheetRow, what: &str) -> (String, bool) {
        let name = self.cell(row, SheetColumn::Name);
        let place = self.place(row, SheetColumn::Name);
        if name.is_empty() {
            self.invented += 1;
            if what != "note" {
                self.error(
                    place,
                    Message::new("form.row_without_name").with("type", self.cell(row, SheetColumn::Type)),
                );
            }
            return (format!("generated_{what}_name_{}", row.number), true);
        }
        if let Some(at) = unsayable(name) {
            let problem = self.error(place, Message::new("form.name_shape").with("name", name));
            *problem = problem.clone().at(name, at..at + 1);
        }
        (name.to_owned(), false)
    }

    fn unique(&mut self, row: &'a WorksheetRow, name: &str) {
        let names = match self.open.last_mut() {
            Some(open) => &mut open.names,
            None => return self.unique_at_top(row, name),
        };
        if let Some(first) = names.insert(name.to_owned(), row.number) {
            self.twice(row, name, first);
        }
    }

    fn unique_at_top(&mut self, row: &'a WorksheetRow, name: &str) {
        let first = self.nodes.iter().find(|n| n.parent.is_none() && n.name == name).map(|n| n.row);
        if let Some(first) = first {
            self.twice(row, name, first);
        }
    }

    fn twice(&mut self, row: &'a WorksheetRow, name: &str, first: u32) {
        let place = self.place(row, SheetColumn::Name);
        self.error(place, Message::new("form.name_twice").with("name", name).with("first", first));
    }

    fn scope(&self) -> ScopeId {
        let roster = self.open.iter().rev().find(|o| o.repeat).map(|o| o.node);
        match roster.and_then(|id| self.nodes.get(id.0 as usize)).map(|n| &n.kind) {
            Some(ElementKind::Repeat { scope, .. }) => *scope,
            _ => ScopeId::ROOT,
        }
    }

    fn push(&mut self, row: &'a WorksheetRow, name: String, invented: bool, kind: ElementKind) -> NodeId {
        self.unique(row, &name);
        let id = NodeId(self.nodes.len() as u32);
        let scope = self.scope();
        let parent = self.open.last().map(|o| o.node);
        let flat = self.flat && matches!(kind, ElementKind::Group);
        let mut before = parent;
        while let Some(up) = before.filter(|p| self.nodes[p.0 as usize].flat) {
            before = self.nodes[up.0 as usize].parent;
        }
        let path = match before {
            Some(parent) => format!("{}/{name}", self.nodes[parent.0 as usize].path),
            None => name.clone(),
        };
        let slot = self.scopes[scope.index()].nodes.len() as u32;
        self.scopes[scope.index()].nodes.push(id);
        let further = self.headers.iter().enumerate().filter(|(_, h)| h.column.is_none());
        let further = further.map(|(i, h)| (h.written.clone(), row.get(i).to_owned())).filter(|(_, c)| !c.is_empty());
        let node = Node {
            name,
            path,
            kind,
            parent,
            end: NodeId(id.0 + 1),
            scope,
            slot,
            further: further.collect(),
            label: self.text(row, SheetColumn::Label),
            hint: self.text(row, SheetColumn::Hint),
            guidance: self.text(row, SheetColumn::Guidance),
            appearance: self.cell(row, SheetColumn::Appearance).to_owned(),
            relevant: self.condition(row, SheetColumn::Relevant),
            number: Some(self.cell(row, SheetColumn::Own(Own::Number)).to_owned()).filter(|n| !n.is_empty()),
            row: row.number,
            flat,
            invented,
        };
        self.nodes.push(node);
        id
    }

    fn begin(&mut self, row: &'a WorksheetRow, repeat: bool) {
        let (name, invented) = self.name(row, "group");
        let kind = if repeat {
            let scope = ScopeId(self.scopes.len() as u32);
            let parent = self.scope();
            let carry = self.carry(row);
            let person = self.cell(row, SheetColumn::Own(Own::Origin)).ends_with("person");
            let rows = self.row_bounds(row);
            self.scopes[parent.index()].rosters.push(scope);
            let roster = Some(NodeId(self.nodes.len() as u32));
            self.scopes.push(FormScope { roster, parent: Some(parent), nodes: Vec::new(), rosters: Vec::new() });
            ElementKind::Repeat { scope, count: self.source(row, SheetColumn::RepeatCount), rows, carry, person }
        } else {
            ElementKind::Group
        };
        if self.open.len() >= DEPTH_MAX {
            let place = self.place(row, SheetColumn::Type);
            self.error(place, Message::new("form.too_deep").with("limit", DEPTH_MAX));
        }
        let node = self.push(row, name, invented, kind);
        self.open.push(Open { node, repeat, row: row.number, names: HashMap::new() });
    }

    fn end(&mut self, row: &'a WorksheetRow, repeat: bool) {
        let place = self.place(row, SheetColumn::Type);
        let word = |repeat| if repeat { "repeat" } else { "group" };
        let Some(open) = self.open.pop() else {
            self.error(place, Message::new("form.end_without_begin").with("what", word(repeat)));
            return;
        };
        if open.repeat != repeat {
            let what = Message::new("form.end_of_other")
                .with("found", word(repeat))
                .with("open", word(open.repeat))
                .with("name", self.nodes[open.node.0 as usize].name.clone())
                .with("row", open.row);
            self.error(place, what);
        }
        self.nodes[open.node.0 as usize].end = NodeId(self.nodes.len() as u32);
    }

    fn close_all(&mut self) {
        while let Some(open) = self.open.pop() {
            let end = NodeId(self.nodes.len() as u32);
            let node = &mut self.nodes[open.node.0 as usize];
            let name = node.name.clone();
            node.end = end;
            let place = CellAddress::new(&self.survey.name, open.row, "type");
            let word = if open.repeat { "repeat" } else { "group" };
            self.error(place, Message::new("form.begin_without_end").with("what", word).with("name", name));
        }
    }
}

/// `yes`, `TRUE`, `no` and so on, where an expression could stand.
fn truth_word(text: &str) -> Option<bool> {
    match text.trim() {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "true()" | "是" | "必填" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "false()" | "否" | "非必填" => Some(false),
        _ => None,
    }
}

/// Whether a default is worked out: it has a reference or a call in it. All else is what it says: `010-12345678`, `2024-1`,
/// `3*2`, and `Block B(2)`, in which B is no function.
fn is_computed(text: &str) -> bool {
    if text.contains("${") {
        return true;
    }
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
    text.match_indices('(').any(|(open, _)| {
        let before = &text[..open];
        let name = &before[before.trim_end_matches(in_name).len()..];
        if crate::expr::functions::find(name).is_some() {
            return true;
        }
        // Nothing but a call, though of a name that is not known: a slip, to be told. A number of a house is no name, and one
        // that is near no function takes something only where it has nothing in its brackets.
        let whole = name.len() == before.len() && text.ends_with(')') && name.starts_with(|c: char| c.is_alphabetic());
        let known = || crate::expr::functions::all().map(|function| function.name);
        whole && (text.ends_with("()") || (name.len() > 3 && nearest(name, known()).is_some()))
    })
}

pub(super) fn twins(sheet: &Worksheet, headers: &[Header], unnamed: &str, problems: &mut Vec<FormProblem>) {
    slips::twins(sheet, headers, unnamed, problems);
}

/// The known word nearest to `word`.
pub(crate) fn nearest<'n>(word: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    crate::domain::nearest::nearest(word, 2, known)
}

/// The character by which a name can't be one of a node, counted from 0.
fn unsayable(name: &str) -> Option<usize> {
    let inside = name.chars().position(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')));
    inside.or_else(|| name.starts_with(|c: char| c.is_numeric() || c == '-' || c == '.').then_some(0))
}
