//! Slips of authors, each told at its place: rows without a type, columns of one meaning, questions without a label,
//! signs of another width, cells that the workbook reader found odd.

use super::*;
use crate::form::xlsform::files::is_named;
use crate::form::xlsform::workbook::Slip;

impl<'a> Builder<'a> {
    /// A row without a type: a lost question if it has a name or a label, else a remark that asks nothing.
    pub(super) fn without_type(&mut self, row: &'a WorksheetRow) {
        let place = self.place(row, SheetColumn::Type);
        let name = self.cell(row, SheetColumn::Name);
        let called = if name.is_empty() { self.cell(row, SheetColumn::Label) } else { name };
        if !called.is_empty() {
            let called: String = called.chars().take(40).collect();
            self.error(place, Message::new("form.row_without_type").with("name", called));
            return;
        }
        let filled = self.headers.iter().enumerate().find(|(i, h)| h.column.is_some() && !row.get(*i).is_empty());
        if let Some((_, header)) = filled {
            let what = Message::new("form.row_skipped").with("name", header.written.clone());
            self.problems.push(FormProblem::warning(place, what));
        }
    }

    /// A row that names a table beside the form for its expressions: told where there is none of that name.
    pub(super) fn external_table(&mut self, row: &'a WorksheetRow) {
        let written = self.cell(row, SheetColumn::Type).to_lowercase();
        let Some(ending) = written.strip_suffix("-external") else { return };
        let place = self.place(row, SheetColumn::Name);
        let name = self.cell(row, SheetColumn::Name);
        if name.is_empty() {
            let what = Message::new("form.row_without_name").with("type", written.as_str());
            self.problems.push(FormProblem::warning(place, what));
            return;
        }
        let tables = || self.book.tables.iter().map(|table| table.name.as_str());
        if !tables().any(|table| table == name) {
            let near = nearest(name, tables());
            let what = Message::new("form.table_missing").with("name", format!("{name}.{ending}"));
            self.problems.push(FormProblem::warning(place, what).near(near));
        }
    }

    /// A question that is shown and says nothing.
    pub(super) fn without_label(&mut self, row: &'a WorksheetRow, name: &str, question: &Question) {
        let shown = question.control != Control::Hidden && question.supplied.is_none();
        let says = [SheetColumn::Label, SheetColumn::Hint, SheetColumn::Guidance]
            .iter()
            .any(|c| !self.cell(row, *c).is_empty());
        let media = self.headers.iter().enumerate().any(|(i, h)| {
            let simple = h.written.to_lowercase();
            !row.get(i).is_empty() && ["image", "audio", "video"].iter().any(|media| simple.contains(media))
        });
        // What has no name either is told as that. A calculation with a type is worked out, though it may be shown.
        if shown && !says && !media && question.calculation.is_none() && !self.cell(row, SheetColumn::Name).is_empty() {
            let place = self.place(row, SheetColumn::Label);
            let place =
                CellAddress { column: if place.column.is_empty() { "label".into() } else { place.column }, ..place };
            let what = Message::new("form.question_without_label").with("name", name);
            self.problems.push(FormProblem::warning(place, what));
        }
    }

    /// A form that asks nothing: an empty sheet, or one that begins with its first question. Other engines take a form with
    /// its headers alone, and so it is told and no more; headers that are missing are told as that.
    pub(super) fn without_questions(&mut self) {
        if self.nodes.is_empty() {
            let place = CellAddress::new(&self.survey.name, 1, "");
            self.problems.push(FormProblem::warning(place, Message::new("form.no_questions")));
        }
    }

    /// A default that is no answer of the question's type is dropped: told. A day or a moment as spreadsheets save it is one.
    pub(super) fn default_of_type(&mut self, row: &'a WorksheetRow, question: &mut Question) {
        let Some(DefaultValue::Fixed(text)) = &question.default else { return };
        let read = match question.value {
            ValueType::Date => crate::domain::Day::from_typed(text).map(|day| day.to_string()),
            ValueType::One | ValueType::Many | ValueType::Rank => None,
            // Cut to a whole number it would be another answer than the author's.
            ValueType::Integer if text.trim().parse::<f64>().is_ok_and(|number| number.fract() != 0.0) => {
                let text = text.clone();
                return self.default_is_none(row, question, text);
            }
            // What the other engines read as it is stays so; else as somebody would type it.
            value => {
                let kept = crate::form::read::kept(question, text);
                if kept.is_empty() { crate::form::read::typed(value, text).ok() } else { Some(text.clone()) }
            }
        };
        let text = read.unwrap_or_else(|| text.clone());
        question.default = Some(DefaultValue::Fixed(text.clone()));
        let place = self.place(row, SheetColumn::Default);
        if matches!(question.value, ValueType::One | ValueType::Many | ValueType::Rank) {
            return self.default_of_list(place, question, &text);
        }
        if crate::form::read::kept(question, &text).is_empty() {
            self.default_is_none(row, question, text);
        }
    }

    fn default_is_none(&mut self, row: &'a WorksheetRow, question: &mut Question, text: String) {
        question.default = None;
        let what = Message::new("form.default_not_of_type").with("text", text);
        self.problems.push(FormProblem::warning(self.place(row, SheetColumn::Default), what));
    }

    /// Of a default that names choices, those that the list does not have. Lists that are known only later are not looked at.
    fn default_of_list(&mut self, place: CellAddress, question: &Question, text: &str) {
        let list = question.list.filter(|_| !question.external && question.choices_of.is_none());
        let Some(list) = list.and_then(|id| self.lists.lists.get(id.0 as usize)) else { return };
        if list.supplied || list.choices.is_empty() {
            return;
        }
        let written: Vec<&str> = match question.value {
            ValueType::One => vec![text.trim()],
            _ => text.split_whitespace().collect(),
        };
        let known = || list.choices.iter().map(|choice| choice.name.as_str());
        let found: Vec<FormProblem> = written
            .iter()
            .filter(|name| !known().any(|known| known == **name))
            .map(|name| {
                let labelled = list.choices.iter().find(|c| c.label.by_language.iter().any(|label| label == name));
                let near = labelled.map(|choice| choice.name.clone()).or_else(|| nearest(name, known()));
                let what = Message::new("form.default_no_choice").with("text", *name);
                FormProblem::warning(place.clone(), what).near(near)
            })
            .collect();
        // A rank is one of the whole list.
        if found.is_empty() && question.value == ValueType::Rank && written.len() != list.choices.len() {
            let what = Message::new("form.default_not_of_type").with("text", text);
            self.problems.push(FormProblem::warning(place, what));
        }
        self.problems.extend(found);
    }
}

/// Two columns that mean the same. The first that says something in a row is taken; where they differ that is told with
/// the row.
pub(super) fn twins(sheet: &Worksheet, headers: &[Header], unnamed: &str, problems: &mut Vec<FormProblem>) {
    let language = |h: &Header| if h.language.is_empty() { unnamed.to_owned() } else { h.language.clone() };
    let survey = sheet.name.trim().eq_ignore_ascii_case("survey");
    for (second, header) in headers.iter().enumerate() {
        let same = |other: &Header| match (other.column, header.column) {
            (Some(a), Some(b)) => a == b && language(other) == language(header),
            // Of what means nothing on the survey sheet there may be as many as somebody likes.
            (None, None) => !survey && !header.written.is_empty() && other.written == header.written,
            _ => false,
        };
        let Some(first) = headers[..second].iter().position(same) else { continue };
        let place = CellAddress::new(&sheet.name, 1, &header.written);
        let what = |key| {
            Message::new(key).with("first", headers[first].written.clone()).with("second", header.written.clone())
        };
        let both = sheet.rows.iter().find(|row| {
            let (a, b) = (row.get(first), row.get(second));
            !a.is_empty() && !b.is_empty() && a != b
        });
        let what = match both {
            Some(row) => what("form.columns_clash").with("row", row.number),
            None => what("form.columns_twice"),
        };
        problems.push(FormProblem::warning(place, what));
    }
}

/// Of two columns of a table that bear one name only the first is ever read.
pub(super) fn columns_twice(sheet: &Worksheet, problems: &mut Vec<FormProblem>) {
    for (at, written) in sheet.header.iter().enumerate().filter(|(_, written)| !written.is_empty()) {
        if sheet.header[..at].contains(written) {
            let what =
                Message::new("form.columns_twice").with("first", written.clone()).with("second", written.clone());
            problems.push(FormProblem::warning(CellAddress::new(&sheet.name, 1, written), what));
        }
    }
}

/// One language in two spellings. Labels of the survey in both are in two languages, and what is written in one is missing
/// in the other; anything else is read as the language that the labels are in.
pub(super) fn languages_alike(
    sheet: &Worksheet,
    headers: &[Header],
    languages: &Languages,
    problems: &mut Vec<FormProblem>,
) {
    let survey = sheet.name.trim().eq_ignore_ascii_case("survey");
    let labels: Vec<&str> = headers
        .iter()
        .filter(|header| survey && header.column == Some(SheetColumn::Label))
        .map(|header| header.language.as_str())
        .collect();
    let mut seen: Vec<&str> = Vec::new();
    let spoken = headers.iter().filter(|header| {
        header.column.is_some_and(|column| survey || column == SheetColumn::Label) && !header.language.is_empty()
    });
    for second in spoken.map(|header| header.language.as_str()) {
        if seen.contains(&second) {
            continue;
        }
        seen.push(second);
        let own = labels.iter().position(|label| *label == second);
        let (key, first) = match own {
            Some(at) => {
                let alike = |first: &&&str| crate::form::languages::same(first, second);
                ("form.languages_alike", labels[..at].iter().find(alike).copied())
            }
            None => {
                let read = languages.place(second).and_then(|at| languages.names.get(at));
                ("form.languages_joined", read.map(String::as_str).filter(|name| *name != second))
            }
        };
        if let Some(first) = first {
            let what = Message::new(key).with("first", first).with("second", second);
            problems.push(FormProblem::warning(CellAddress::new(&sheet.name, 1, second), what));
        }
    }
}

/// Columns whose texts people read.
const READ: [SheetColumn; 5] = [
    SheetColumn::Label,
    SheetColumn::Hint,
    SheetColumn::Guidance,
    SheetColumn::ConstraintMessage,
    SheetColumn::RequiredMessage,
];

/// Texts that stand in one language and not in another, once for each column and language. `spoken`: languages whose labels stand
/// on the form's other sheet; a language of which nothing stands on any is told as such.
pub(super) fn untranslated(sheet: &Worksheet, headers: &[Header], spoken: &[String], problems: &mut Vec<FormProblem>) {
    for column in READ {
        untranslated_in(column, sheet, headers, spoken, problems);
    }
}

fn untranslated_in(
    column: SheetColumn,
    sheet: &Worksheet,
    headers: &[Header],
    spoken: &[String],
    problems: &mut Vec<FormProblem>,
) {
    let texts: Vec<(usize, &Header)> =
        headers.iter().enumerate().filter(|(_, header)| header.column == Some(column)).collect();
    for (at, header) in texts.iter().filter(|(_, header)| !header.language.is_empty()) {
        let nothing = !sheet.rows.iter().any(|row| stands(row, *at));
        if nothing && column == SheetColumn::Label && !spoken.contains(&header.language) {
            continue;
        }
        let lacks = |row: &&WorksheetRow| !stands(row, *at) && texts.iter().any(|(other, _)| stands(row, *other));
        let mut lacking = sheet.rows.iter().filter(lacks);
        let Some(first) = lacking.next() else { continue };
        let what = Message::new("form.text_untranslated").with("count", 1 + lacking.count());
        let what = what.with("language", header.language.as_str()).with("row", u64::from(first.number));
        let written = sheet.header.get(*at).map_or("label", String::as_str);
        problems.push(FormProblem::warning(CellAddress::new(&sheet.name, first.number, written), what));
    }
}

/// Languages in which some label of a sheet stands.
pub(super) fn spoken(sheet: &Worksheet, headers: &[Header]) -> Vec<String> {
    let labels = headers.iter().enumerate().filter(|(_, header)| header.column == Some(SheetColumn::Label));
    let said = labels.filter(|(at, _)| sheet.rows.iter().any(|row| stands(row, *at)));
    said.map(|(_, header)| header.language.clone()).collect()
}

fn stands(row: &WorksheetRow, at: usize) -> bool {
    row.cells.get(at).is_some_and(|cell| !cell.trim().is_empty())
}

/// Headers in full-width signs are read, and told.
pub(super) fn wide_headers(sheet: &Worksheet, problems: &mut Vec<FormProblem>) {
    for (written, narrow) in sheet.header.iter().map(|written| (written, columns::narrowed(written))) {
        // A sheet may call its own columns what it likes.
        if *written == narrow || header(written).column.is_none() {
            continue;
        }
        let what = Message::new("form.header_wide").with("name", narrow);
        problems.push(FormProblem::warning(CellAddress::new(&sheet.name, 1, written), what));
    }
}

/// What the workbook reader found odd about cells.
pub(super) fn cells(sheet: &Worksheet, problems: &mut Vec<FormProblem>) {
    let mut said: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for Slip { row, column, key, text } in &sheet.slips {
        // A roll has to know each; of a form nobody reads more.
        let count = said.entry(key).or_default();
        *count += 1;
        if *count > crate::form::xlsform::workbook::SLIPS_MAX {
            continue;
        }
        let header = sheet.header.get(*column as usize).filter(|h| !h.is_empty() && *row > 1).cloned();
        let column = match *column {
            Slip::WHOLE => String::new(),
            column => header.unwrap_or_else(|| crate::form::xlsform::cells::letters(column)),
        };
        let what = Message::new(key).with("text", text.clone());
        let place = CellAddress::new(&sheet.name, *row, &column);
        problems.push(match *key {
            // What was not read was meant to be in the form.
            "form.sheet_unread" | "form.sheet_cut" | "form.quote_open" => FormProblem::error(place, what),
            _ => FormProblem::warning(place, what),
        });
    }
}

/// A table that the form names and that has nothing in it offers no choice and finds nothing: it may be the wrong file, or
/// one that was never filled.
pub(super) fn without_rows(book: &Book, table: &Worksheet, problems: &mut Vec<FormProblem>) {
    // Of one that could not be read that was told.
    let skipped = table.slips.iter().any(|slip| slip.key == "form.table_skipped");
    let empty = table.rows.iter().all(|row| row.cells.iter().all(String::is_empty));
    if empty && !skipped && is_named(&book.sheets, &table.name) {
        problems.push(FormProblem::warning(CellAddress::new(&table.name, 1, ""), Message::new("form.table_empty")));
    }
}

/// A table's labels in several languages are read here; the other programs know one column `label` there.
pub(super) fn labels_in_languages(book: &Book, table: &Worksheet, problems: &mut Vec<FormProblem>) {
    let spoken = table.header.iter().find(|written| {
        let header = header(written);
        header.column == Some(SheetColumn::Label) && !header.language.is_empty()
    });
    if let Some(written) = spoken.filter(|_| is_named(&book.sheets, &table.name)) {
        let what = Message::new("form.table_languages").with("name", written.as_str());
        problems.push(FormProblem::warning(CellAddress::new(&table.name, 1, written), what));
    }
}

/// A cell under no header is under no column: told once a sheet.
pub(super) fn bare_columns(sheet: &Worksheet, problems: &mut Vec<FormProblem>) {
    let named = |column: usize| sheet.header.get(column).is_some_and(|written| !written.trim().is_empty());
    let bare = sheet.rows.iter().find_map(|row| {
        let at = (0..row.cells.len()).find(|at| !row.get(*at).is_empty() && !named(*at))?;
        Some((row.number, at as u32))
    });
    if let Some((row, at)) = bare {
        let letters = crate::form::xlsform::cells::letters(at);
        let what = Message::new("form.column_without_name").with("name", letters.clone());
        problems.push(FormProblem::warning(CellAddress::new(&sheet.name, row, &letters), what));
    }
}
