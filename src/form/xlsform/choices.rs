//! The choices sheet, csv tables beside the form, and lists of the caller → [`List`]s.

use super::columns::{Header, SheetColumn, header};
use super::workbook::{Book, Worksheet};
use crate::domain::Message;
use crate::form::model::{Choice, List, ListId, Text};
use crate::form::problem::{CellAddress, FormProblem};
use std::collections::{HashMap, HashSet};

/// All lists found so far.
pub struct Lists<'a> {
    pub lists: Vec<List>,
    pub ids: HashMap<String, ListId>,
    /// Lists that the caller knows by name.
    pub caller: &'a super::Lists,
    /// Tables read so far: their names, and the columns of name and label.
    tables: HashMap<(String, String, String), ListId>,
}

/// Lists that every draft brings anew: the union's units and the household's people.
pub const DYNAMIC: &[&str] = &["units", "household"];

impl<'a> Lists<'a> {
    pub fn read(
        book: &Book,
        caller: &'a super::Lists,
        languages: &mut super::build::Languages,
        duplicates_allowed: bool,
        problems: &mut Vec<FormProblem>,
    ) -> Lists<'a> {
        let mut out = Lists { lists: Vec::new(), ids: HashMap::new(), caller, tables: HashMap::new() };
        for name in ["choices", "external_choices"] {
            if let Some(sheet) = book.sheet(name) {
                out.sheet(sheet, languages, duplicates_allowed, problems);
            }
        }
        out
    }

    fn sheet(
        &mut self,
        sheet: &Worksheet,
        languages: &mut super::build::Languages,
        duplicates_allowed: bool,
        problems: &mut Vec<FormProblem>,
    ) {
        let headers: Vec<Header> = sheet.header.iter().map(|h| choice_header(h)).collect();
        let find = |wanted| headers.iter().position(|h| h.column == Some(wanted));
        let (Some(list_column), Some(name_column)) = (find(SheetColumn::ListName), find(SheetColumn::Name)) else {
            if !sheet.rows.is_empty() {
                let missing = if find(SheetColumn::ListName).is_none() { "list_name" } else { "name" };
                let place = CellAddress::new(&sheet.name, 1, missing);
                problems.push(FormProblem::error(place, Message::new("form.column_missing").with("name", missing)));
            }
            return;
        };
        super::build::twins(sheet, &headers, &languages.unnamed, problems);
        let says = |row: &super::workbook::WorksheetRow| {
            headers.iter().enumerate().any(|(i, h)| h.column == Some(SheetColumn::Label) && !row.get(i).is_empty())
        };
        let labelled: HashSet<&str> =
            sheet.rows.iter().filter(|row| says(row)).map(|row| row.get(list_column)).collect();
        let mut grouped: Vec<(String, Vec<Choice>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut seen: HashSet<(usize, String)> = HashSet::new();
        for row in &sheet.rows {
            let (list, name) = (row.get(list_column), row.get(name_column));
            if list.is_empty() {
                let label =
                    headers.iter().position(|h| h.column == Some(SheetColumn::Label)).map_or("", |i| row.get(i));
                let called = if name.is_empty() { label } else { name };
                if !called.is_empty() {
                    let place = CellAddress::new(&sheet.name, row.number, "list_name");
                    let what = Message::new("form.choice_without_list").with("name", called);
                    problems.push(FormProblem::warning(place, what));
                }
                continue;
            }
            let at = *places.entry(list.to_owned()).or_insert_with(|| {
                grouped.push((list.to_owned(), Vec::new()));
                grouped.len() - 1
            });
            if name.is_empty() {
                let place = CellAddress::new(&sheet.name, row.number, "name");
                problems.push(FormProblem::warning(place, Message::new("form.choice_without_name").with("list", list)));
                continue;
            }
            if !seen.insert((at, name.to_owned())) && !duplicates_allowed {
                let place = CellAddress::new(&sheet.name, row.number, "name");
                let what = Message::new("form.choice_twice").with("name", name).with("list", list);
                problems.push(FormProblem::warning(place, what));
            }
            let mut choice =
                Choice { name: name.to_owned(), row: row.number, label: Text::default(), columns: Vec::new() };
            for (i, header) in headers.iter().enumerate() {
                let cell = row.get(i);
                match header.column {
                    Some(SheetColumn::Label) => languages.put(&mut choice.label, &header.language, cell),
                    Some(SheetColumn::ListName | SheetColumn::Name) => {}
                    _ if cell.is_empty() => {}
                    _ => choice.columns.push((header.written.clone(), cell.to_owned())),
                }
            }
            if choice.label.is_empty() {
                // Of a list without any label once, at its first choice: it may be meant so.
                let whole = !labelled.contains(list);
                if !whole || grouped[at].1.is_empty() {
                    let place = CellAddress::new(&sheet.name, row.number, "label");
                    let key = if whole { "form.list_without_labels" } else { "form.choice_without_label" };
                    let what = Message::new(key).with("name", name).with("list", list);
                    problems.push(FormProblem::warning(place, what));
                }
            }
            grouped[at].1.push(choice);
        }
        for (name, choices) in grouped {
            self.add(List::new(name, choices));
        }
    }

    pub fn add(&mut self, list: List) -> ListId {
        let id = ListId(self.lists.len() as u32);
        self.ids.entry(list.name.clone()).or_insert(id);
        self.lists.push(list);
        id
    }

    /// The list of that name: of the choices sheet, of the caller, or one that every draft brings.
    pub fn find(&mut self, name: &str, languages: &[String]) -> Option<ListId> {
        if let Some(id) = self.ids.get(name) {
            return Some(*id);
        }
        if let Some(choices) = self.caller.get(name) {
            let mut list = List::new(name, choices.iter().map(|c| c.choice(languages)).collect());
            list.supplied = true;
            return Some(self.add(list));
        }
        if DYNAMIC.contains(&name) {
            let mut list = List::new(name, Vec::new());
            list.supplied = true;
            return Some(self.add(list));
        }
        None
    }

    /// A table beside the form: `towns.csv` is the sheet `towns`. Without the file the list is there and has no rows.
    /// `columns` are those of the name and of the label; read with others the table is another list, though
    /// `instance('towns')` is the first.
    pub fn table<'b>(
        &mut self,
        file: &str,
        book: &'b Book,
        columns: (&str, &str),
        languages: &mut super::build::Languages,
    ) -> (ListId, Option<&'b Worksheet>) {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let key = (stem.to_owned(), columns.0.to_owned(), columns.1.to_owned());
        let sheet = book.tables.iter().find(|s| s.name == stem);
        if let Some(id) = self.tables.get(&key) {
            return (*id, sheet);
        }
        let choices = sheet.map(|sheet| rows_of(sheet, columns, languages)).unwrap_or_default();
        let id = self.add(List::new(stem, choices));
        self.tables.insert(key, id);
        (id, sheet)
    }

    /// Whether a list or table of that name was asked for.
    pub fn is_used(&self, name: &str) -> bool {
        self.ids.contains_key(name)
    }

    /// A list of that name stands on the choices sheet.
    pub fn is_on_sheet(&self, name: &str) -> bool {
        self.ids.get(name).is_some_and(|id| !self.tables.values().any(|table| table == id))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.lists.iter().map(|l| l.name.as_str());
        own.chain(self.caller.keys().map(String::as_str)).chain(DYNAMIC.iter().copied())
    }
}

fn rows_of(sheet: &Worksheet, columns: (&str, &str), languages: &mut super::build::Languages) -> Vec<Choice> {
    // `label::中文` is a label in that language here as on the choices sheet.
    let spoken: Vec<Option<String>> = sheet
        .header
        .iter()
        .map(|written| header(written))
        .map(|h| (h.column == Some(SheetColumn::Label) && !h.language.is_empty()).then_some(h.language))
        .collect();
    let mut choices = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let mut choice = Choice { name: String::new(), row: 0, label: Text::default(), columns: Vec::new() };
        for (i, written) in sheet.header.iter().enumerate() {
            let cell = row.get(i);
            if written == columns.0 {
                choice.name = cell.to_owned();
            } else if written == columns.1 {
                languages.put_all(&mut choice.label, cell);
            } else if let Some(language) = &spoken[i] {
                languages.put(&mut choice.label, language, cell);
            }
            choice.columns.push((written.clone(), cell.to_owned()));
        }
        choices.push(choice);
    }
    choices
}

/// On the choices sheet only these mean something; `type`, `default` and the like are filter columns there.
fn choice_header(written: &str) -> Header {
    let mut header = header(written);
    if !matches!(header.column, Some(SheetColumn::ListName | SheetColumn::Name | SheetColumn::Label)) {
        header.column = None;
    }
    header
}
