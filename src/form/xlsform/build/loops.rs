//! `begin loop over LIST`: one group a choice, `%(name)s` and `%(label)s` filled in. Unrolled before anything else looks
//! at the rows, so that all the rest knows groups only.

use super::*;
use std::borrow::Cow;

/// The survey sheet with its loops unrolled; what is wrong with them is told.
pub(super) fn unrolled<'s>(
    sheet: &'s Sheet,
    headers: &[Header],
    lists: &Lists<'_>,
    languages: &Languages,
    problems: &mut Vec<FormProblem>,
) -> Cow<'s, Sheet> {
    let at = |column| headers.iter().position(|h| h.column == Some(column));
    let (Some(kind), Some(name)) = (at(Column::Type), at(Column::Name)) else { return Cow::Borrowed(sheet) };
    if !sheet.rows.iter().any(|row| opens(row.get(kind)).is_some()) {
        return Cow::Borrowed(sheet);
    }
    let mut unroll = Unroll { sheet, headers, lists, languages, problems, kind, name, rows: Vec::new(), full: false };
    unroll.rows(&sheet.rows, 0);
    let rows = unroll.rows;
    Cow::Owned(Sheet { rows, ..sheet.clone() })
}

/// The list that a row loops over: `begin loop over LIST`.
fn opens(kind: &str) -> Option<&str> {
    let mut rest = kind.trim();
    for word in ["begin", "loop", "over"] {
        let head = rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
        rest = rest[head.len()..].trim_start_matches([' ', '_']);
    }
    Some(rest.trim()).filter(|list| !list.is_empty())
}

fn is_end(kind: &str) -> bool {
    let lower = kind.trim().to_lowercase().replace('_', " ");
    lower.split_whitespace().eq(["end", "loop"])
}

fn is_begin(kind: &str) -> bool {
    let lower = kind.trim().to_lowercase().replace('_', " ");
    lower.split_whitespace().take(2).eq(["begin", "loop"])
}

struct Unroll<'u, 's, 'l> {
    sheet: &'s Sheet,
    headers: &'u [Header],
    lists: &'u Lists<'l>,
    languages: &'u Languages,
    problems: &'u mut Vec<FormProblem>,
    kind: usize,
    name: usize,
    rows: Vec<Row>,
    /// The form has as many rows as it may have: the rest is left out, and told once.
    full: bool,
}

impl Unroll<'_, '_, '_> {
    fn rows(&mut self, rows: &[Row], depth: usize) {
        let mut at = 0;
        while let Some(row) = rows.get(at) {
            at += 1;
            let Some(list) = opens(row.get(self.kind)) else {
                self.push(row.clone());
                continue;
            };
            let mut open = 1;
            let inside = rows[at..].iter().take_while(|row| {
                open += usize::from(is_begin(row.get(self.kind)));
                open -= usize::from(is_end(row.get(self.kind)));
                open > 0
            });
            let end = at + inside.count();
            self.one(row, list, &rows[at..end], rows.get(end), depth);
            at = end + 1;
        }
    }

    fn one(&mut self, row: &Row, list: &str, inside: &[Row], end: Option<&Row>, depth: usize) {
        let mut begin = row.clone();
        begin.cells[self.kind] = "begin group".to_owned();
        self.push(begin);
        let choices = self.lists.ids.get(list).and_then(|id| self.lists.lists.get(id.0 as usize));
        let choices = choices.map_or(&[][..], |list| &list.choices);
        if choices.is_empty() || depth >= DEPTH_MAX {
            let place = Place::new(&self.sheet.name, row.number, "type");
            let near = nearest(list, self.lists.ids.keys().map(String::as_str));
            let what = Message::new("form.list_unknown").with("name", list);
            self.problems.push(FormProblem::error(place, what).near(near));
        }
        for choice in choices {
            if self.full {
                break;
            }
            let width = self.headers.len().max(self.kind + 1).max(self.name + 1);
            let mut group = Row { number: row.number, cells: vec![String::new(); width] };
            group.cells[self.kind] = "begin group".to_owned();
            group.cells[self.name].clone_from(&choice.name);
            for (i, header) in self.headers.iter().enumerate().filter(|(_, h)| h.column == Some(Column::Label)) {
                group.cells[i] = self.label(choice, header).to_owned();
            }
            self.push(group);
            let filled: Vec<Row> = inside.iter().map(|row| self.filled(row, choice)).collect();
            self.rows(&filled, depth + 1);
            self.push(self.end_of(row.number));
        }
        match end {
            Some(end) => self.push(self.end_of(end.number)),
            None => {
                let place = Place::new(&self.sheet.name, row.number, "type");
                let what = Message::new("form.begin_without_end").with("what", "loop").with("name", row.get(self.name));
                self.problems.push(FormProblem::error(place, what));
                self.push(self.end_of(row.number));
            }
        }
    }

    fn end_of(&self, number: u32) -> Row {
        let mut cells = vec![String::new(); self.kind + 1];
        cells[self.kind] = "end group".to_owned();
        Row { number, cells }
    }

    fn label<'c>(&self, choice: &'c Choice, header: &Header) -> &'c str {
        let language = if header.language.is_empty() { &self.languages.unnamed } else { &header.language };
        let at = self.languages.names.iter().position(|name| name == language);
        choice.label.get(at.unwrap_or(usize::MAX))
    }

    fn filled(&self, row: &Row, choice: &Choice) -> Row {
        let fill = |(i, cell): (usize, &String)| {
            if !cell.contains("%(") {
                return cell.clone();
            }
            let label = self.headers.get(i).map_or("", |header| self.label(choice, header));
            cell.replace("%(name)s", &choice.name).replace("%(label)s", label)
        };
        Row { number: row.number, cells: row.cells.iter().enumerate().map(fill).collect() }
    }

    fn push(&mut self, row: Row) {
        if self.rows.len() < ROWS_MAX {
            return self.rows.push(row);
        }
        if !std::mem::replace(&mut self.full, true) {
            let place = Place::new(&self.sheet.name, row.number, "type");
            let what = Message::new("form.too_large")
                .with("what", crate::domain::Arg::Word("form.size_rows".to_owned()))
                .with("limit", ROWS_MAX as u64);
            self.problems.push(FormProblem::error(place, what));
        }
    }
}
