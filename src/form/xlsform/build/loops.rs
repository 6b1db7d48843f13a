//! `begin loop over LIST`: one group a choice, `%(name)s`, `%(label)s` and any other column of the choice filled in.
//! Unrolled before anything else looks at the rows, so that all the rest knows groups only.

use super::*;
use std::borrow::Cow;
use std::collections::HashSet;

/// The survey sheet with its loops unrolled; what is wrong with them is told.
pub(super) fn unrolled<'s>(
    sheet: &'s Worksheet,
    headers: &[Header],
    lists: &Lists<'_>,
    languages: &Languages,
    problems: &mut Vec<FormProblem>,
) -> Cow<'s, Worksheet> {
    let at = |column| headers.iter().position(|h| h.column == Some(column));
    let (Some(kind), Some(name)) = (at(SheetColumn::Type), at(SheetColumn::Name)) else { return Cow::Borrowed(sheet) };
    if !sheet.rows.iter().any(|row| opens(row.get(kind)).is_some()) {
        return Cow::Borrowed(sheet);
    }
    let reported = HashSet::new();
    let mut unroll = Unroll {
        sheet,
        headers,
        lists,
        languages,
        problems,
        kind,
        name,
        rows: Vec::new(),
        full: false,
        left_out: 0,
        reported,
    };
    unroll.rows(&sheet.rows, 0);
    let rows = unroll.rows;
    Cow::Owned(Worksheet { rows, ..sheet.clone() })
}

/// The list that a row loops over: `begin loop over LIST`, or `begin loop LIST`.
fn opens(kind: &str) -> Option<&str> {
    let mut rest = kind.trim();
    for word in ["begin", "loop", "over"] {
        let head = rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word));
        let head = head.filter(|head| rest[head.len()..].is_empty() || rest[head.len()..].starts_with([' ', '_']));
        match head {
            Some(head) => rest = rest[head.len()..].trim_start_matches([' ', '_']),
            None if word == "over" => {}
            None => return None,
        }
    }
    Some(rest.trim()).filter(|list| !list.is_empty())
}

/// A loop that names no list loops over nothing.
pub(super) fn is_over_nothing(kind: &str) -> bool {
    is_begin(kind) && opens(kind).is_none()
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
    sheet: &'s Worksheet,
    headers: &'u [Header],
    lists: &'u Lists<'l>,
    languages: &'u Languages,
    problems: &'u mut Vec<FormProblem>,
    kind: usize,
    name: usize,
    rows: Vec<WorksheetRow>,
    /// The form has as many rows as it may have: the rest is left out, and told once.
    full: bool,
    /// Groups that were left out and have not ended yet.
    left_out: usize,
    /// What between `%(` and `)s` is no column of a choice, and lists with a choice that makes no group, as far as told.
    reported: HashSet<String>,
}

impl Unroll<'_, '_, '_> {
    fn rows(&mut self, rows: &[WorksheetRow], depth: usize) {
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

    fn one(
        &mut self,
        row: &WorksheetRow,
        list: &str,
        inside: &[WorksheetRow],
        end: Option<&WorksheetRow>,
        depth: usize,
    ) {
        let mut begin = row.clone();
        begin.cells[self.kind] = "begin group".to_owned();
        self.push(begin);
        let choices = self.lists.ids.get(list).and_then(|id| self.lists.lists.get(id.0 as usize));
        let choices = choices.map_or(&[][..], |list| &list.choices);
        if choices.is_empty() || depth >= DEPTH_MAX {
            let place = CellAddress::new(&self.sheet.name, row.number, "type");
            let near = nearest(list, self.lists.ids.keys().map(String::as_str));
            let what = Message::new("form.list_unknown").with("name", list);
            self.problems.push(FormProblem::error(place, what).near(near));
        }
        // Asking about each of several, nobody asks about "none of them": the other engines leave it out too.
        for choice in choices.iter().filter(|choice| choice.name != "none") {
            if self.full {
                break;
            }
            if let Some(at) = unsayable(&choice.name).filter(|_| choice.row > 0) {
                // Told where it is mended, and once for however many loops.
                if self.reported.insert(format!("{list} {}", choice.name)) {
                    let what = Message::new("form.loop_choice_name").with("name", choice.name.as_str());
                    let place = CellAddress::new("choices", choice.row, "name");
                    self.problems.push(FormProblem::error(place, what).at(&choice.name, at..at + 1));
                }
                continue;
            }
            let width = self.headers.len().max(self.kind + 1).max(self.name + 1);
            let mut group = WorksheetRow { number: row.number, cells: vec![String::new(); width] };
            group.cells[self.kind] = "begin group".to_owned();
            group.cells[self.name].clone_from(&choice.name);
            for (i, header) in self.headers.iter().enumerate().filter(|(_, h)| h.column == Some(SheetColumn::Label)) {
                group.cells[i] = self.label(choice, header).to_owned();
            }
            self.push(group);
            let filled: Vec<WorksheetRow> = inside.iter().map(|row| self.filled(row, choice)).collect();
            self.rows(&filled, depth + 1);
            self.push(self.end_of(row.number));
        }
        match end {
            Some(end) => self.push(self.end_of(end.number)),
            None => {
                let place = CellAddress::new(&self.sheet.name, row.number, "type");
                let what = Message::new("form.begin_without_end").with("what", "loop").with("name", row.get(self.name));
                self.problems.push(FormProblem::error(place, what));
                self.push(self.end_of(row.number));
            }
        }
    }

    fn end_of(&self, number: u32) -> WorksheetRow {
        let mut cells = vec![String::new(); self.kind + 1];
        cells[self.kind] = "end group".to_owned();
        WorksheetRow { number, cells }
    }

    fn label<'c>(&self, choice: &'c Choice, header: &Header) -> &'c str {
        choice.label.get(self.languages.place(&header.language).unwrap_or(usize::MAX))
    }

    fn filled(&mut self, row: &WorksheetRow, choice: &Choice) -> WorksheetRow {
        let cells = (0..row.cells.len()).map(|i| self.fill(row, i, choice)).collect();
        WorksheetRow { number: row.number, cells }
    }

    fn fill(&mut self, row: &WorksheetRow, column: usize, choice: &Choice) -> String {
        let mut rest = row.get(column);
        let mut out = String::with_capacity(rest.len());
        while let Some((before, behind)) = rest.split_once("%(") {
            out.push_str(before);
            let Some((word, after)) = behind.split_once(")s") else {
                self.unfilled(row, column, behind);
                out.push_str("%(");
                rest = behind;
                continue;
            };
            rest = after;
            match word {
                "name" => out.push_str(&choice.name),
                "label" => out.push_str(self.headers.get(column).map_or("", |header| self.label(choice, header))),
                _ => match choice.columns.iter().find(|(name, _)| name == word) {
                    Some((_, cell)) => out.push_str(cell),
                    None => {
                        // An empty cell of a column that the list has is nothing to tell of.
                        let known = self.lists.lists.iter().flat_map(|list| &list.choices);
                        if !known.flat_map(|choice| &choice.columns).any(|(name, _)| name == word) {
                            self.unfilled(row, column, word);
                        }
                    }
                },
            }
        }
        out.push_str(rest);
        out
    }

    /// Reported once for each word.
    fn unfilled(&mut self, row: &WorksheetRow, column: usize, word: &str) {
        let word: String = word.chars().take(20).collect();
        if self.reported.insert(word.clone()) {
            let written = self.headers.get(column).map_or("", |header| header.written.as_str());
            let what = Message::new("form.loop_column").with("name", word);
            self.problems.push(FormProblem::warning(CellAddress::new(&self.sheet.name, row.number, written), what));
        }
    }

    fn push(&mut self, row: WorksheetRow) {
        if self.rows.len() < ROWS_MAX {
            return self.rows.push(row);
        }
        // What is open is closed all the same: the missing ends are no slip of the author's.
        match row_type(row.get(self.kind)) {
            Some(RowType::BeginGroup | RowType::BeginRepeat) => self.left_out += 1,
            Some(RowType::EndGroup | RowType::EndRepeat) if self.left_out == 0 => return self.rows.push(row),
            Some(RowType::EndGroup | RowType::EndRepeat) => self.left_out -= 1,
            _ => {}
        }
        if !std::mem::replace(&mut self.full, true) {
            let place = CellAddress::new(&self.sheet.name, row.number, "type");
            let what = Message::new("form.too_large")
                .with("what", crate::domain::Arg::Word("form.size_rows".to_owned()))
                .with("limit", ROWS_MAX as u64);
            self.problems.push(FormProblem::error(place, what));
        }
    }
}
