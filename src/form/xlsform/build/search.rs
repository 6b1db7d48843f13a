//! `search()` in the column `appearance`: choices from a table beside the form. The list on the choices sheet has one row
//! whose name and label are *columns* of the table; rows whose name is a number are choices as they stand.
//!
//! `search('fruits')` · `search('fruits', 'matches', 'region', ${r})`, also `contains`, `startswith`, `endswith` · and
//! behind that `, 'column', value`: only rows with that value.

use super::*;

/// The cell's call, its arguments as they are written; none when there is none.
fn call(appearance: &str) -> Option<Vec<&str>> {
    parted(appearance).map(|(_, arguments)| arguments)
}

/// What stands around the call, and its arguments.
pub(super) fn parted(appearance: &str) -> Option<(String, Vec<&str>)> {
    let lower = appearance.to_ascii_lowercase();
    let start = lower.match_indices("search").map(|(at, _)| at).find(|at| {
        let before = lower[..*at].chars().next_back();
        before.is_none_or(char::is_whitespace) && lower[at + 6..].trim_start().starts_with('(')
    })?;
    let open = start + 6 + appearance[start + 6..].find('(')? + 1;
    let (mut quote, mut deep, mut from) = (None, 0usize, open);
    let mut arguments = Vec::new();
    for (at, c) in appearance[open..].char_indices().map(|(i, c)| (open + i, c)) {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => deep += 1,
            (None, ')') if deep == 0 => {
                arguments.push(appearance[from..at].trim());
                return Some((format!("{} {}", &appearance[..start], &appearance[at + 1..]), arguments));
            }
            (None, ')' | ']') => deep = deep.saturating_sub(1),
            (None, ',') if deep == 0 => {
                arguments.push(appearance[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

fn literal(argument: &str) -> Option<&str> {
    let inner = argument.strip_prefix(['\'', '"'])?;
    inner.strip_suffix(['\'', '"'])
}

/// The condition in the words of a choice filter; none when the arguments are no search.
fn condition(arguments: &[&str]) -> Option<String> {
    let column = |argument: &str| literal(argument).filter(|name| !name.is_empty()).map(str::to_owned);
    let (first, rest) = match arguments {
        [_] => return Some(String::new()),
        [_, rest @ ..] if rest.len() == 3 || rest.len() == 5 => {
            let (name, value) = (column(rest[1])?, rest[2]);
            let first = match literal(rest[0])?.to_ascii_lowercase().as_str() {
                "matches" => format!("{name} = {value}"),
                "contains" => format!("contains({name}, {value})"),
                "startswith" => format!("starts-with({name}, {value})"),
                "endswith" => format!("ends-with({name}, {value})"),
                _ => return None,
            };
            (first, &rest[3..])
        }
        _ => return None,
    };
    match rest {
        [name, value] => Some(format!("{first} and {} = {value}", column(name)?)),
        _ => Some(first),
    }
}

impl<'a> Builder<'a> {
    /// Gives the question the list that its appearance searches for.
    pub(super) fn searched(&mut self, row: &'a WorksheetRow, question: &mut Question) {
        let Some(arguments) = call(self.cell(row, SheetColumn::Appearance)) else { return };
        let place = self.place(row, SheetColumn::Appearance);
        let table = arguments.first().and_then(|name| literal(name)).unwrap_or_default().to_owned();
        let (Some(condition), false) = (condition(&arguments), table.is_empty()) else {
            self.error(place, Message::new("form.search_shape"));
            return;
        };
        let stem = table.strip_suffix(".csv").unwrap_or(&table);
        let Some(sheet) = self.book.tables.iter().find(|t| t.name == stem) else {
            let near = nearest(stem, self.book.tables.iter().map(|t| t.name.as_str()));
            let what = Message::new("form.table_missing").with("name", table);
            self.problems.push(FormProblem::warning(place, what).near(near));
            return;
        };
        let Some(own) = question.list.and_then(|id| self.lists.lists.get(id.0 as usize)) else { return };
        let is_number = |choice: &&Choice| !choice.name.is_empty() && choice.name.bytes().all(|b| b.is_ascii_digit());
        let fixed: Vec<Choice> = own.choices.iter().filter(is_number).cloned().collect();
        let mut columns = own.choices.iter().filter(|choice| !is_number(choice));
        let Some(template) = columns.next().cloned() else { return };
        let column = |name: &str| sheet.header.iter().position(|written| written == name);
        let Some(name) = column(&template.name) else {
            let near = nearest(&template.name, sheet.header.iter().map(String::as_str));
            let what = Message::new("form.search_column").with("name", template.name.clone()).with("table", table);
            let problem = FormProblem::error(CellAddress::new("choices", template.row, "name"), what).near(near);
            self.problems.push(problem);
            return;
        };
        let mut choices = Vec::with_capacity(sheet.rows.len() + fixed.len());
        for row in &sheet.rows {
            let mut label = Text { by_language: Vec::new() };
            for columns in &template.label.by_language {
                let parts = columns.split(',').filter_map(|name| column(name.trim())).map(|at| row.get(at));
                label.by_language.push(parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
            }
            let cells = sheet.header.iter().enumerate().map(|(i, h)| (h.clone(), row.get(i).to_owned())).collect();
            choices.push(Choice { name: row.get(name).to_owned(), row: 0, label, columns: cells });
        }
        let mut also = String::new();
        for choice in &fixed {
            also.push_str(&format!(" or name = '{}'", choice.name));
        }
        choices.extend(fixed);
        if !condition.is_empty() {
            let and = question.choice_filter.take().map_or(String::new(), |f| format!(" and ({})", f.text));
            let text = format!("({condition}){also}{and}");
            question.choice_filter = Some(Source { text, place });
        }
        // The table's own column `name` is no longer what bare `name` means when another one is stored.
        let list = List::new(format!("{}: search", row.number), choices);
        question.list = Some(self.lists.add(list));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_with_their_arguments() {
        for (cell, arguments) in [
            ("search('a')", Some(vec!["'a'"])),
            ("minimal search ('a', 'matches', 'x', ${r})", Some(vec!["'a'", "'matches'", "'x'", "${r}"])),
            ("search(\"a, b\", concat('x', ','))", Some(vec!["\"a, b\"", "concat('x', ',')"])),
            ("research('a')", None),
            ("search", None),
            ("search('a'", None),
        ] {
            assert_eq!(call(cell), arguments, "{cell}");
        }
    }
}
