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

/// Where a call begins, whether or not it comes to its end.
fn starts(appearance: &str) -> Option<usize> {
    let lower = appearance.to_ascii_lowercase();
    lower.match_indices("search").map(|(at, _)| at).find(|at| {
        let before = lower[..*at].chars().next_back();
        before.is_none_or(char::is_whitespace) && lower[at + 6..].trim_start().starts_with('(')
    })
}

/// What stands around the call, and its arguments.
pub(super) fn parted(appearance: &str) -> Option<(String, Vec<&str>)> {
    let start = starts(appearance)?;
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

/// The column of choices that stand on the choices sheet beside a search.
const STANDS_BY_ITSELF: &str = "dossier_own_choice";

const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";

/// What a search asks of a row.
#[derive(Default)]
struct Condition<'c> {
    /// In the words of a choice filter.
    text: String,
    /// The columns it reads.
    columns: Vec<&'c str>,
}

/// None when the arguments are no search.
fn condition<'c>(arguments: &[&'c str]) -> Option<Condition<'c>> {
    let columns = |argument: &'c str| -> Option<Vec<&'c str>> {
        let names: Vec<&str> = literal(argument)?.split(',').map(str::trim).collect();
        names.iter().all(|name| !name.is_empty()).then_some(names)
    };
    let mut out = Condition::default();
    let rest = match arguments {
        [_] => return Some(out),
        [_, kind, names, value, rest @ ..] if rest.is_empty() || rest.len() == 2 => {
            out.columns = columns(names)?;
            // The other engines look for parts of a text in capitals and small letters alike.
            let small = |text: &str| format!("translate({text}, '{CAPITALS}', '{SMALL}')");
            let kind = literal(kind)?.to_ascii_lowercase();
            let one = |name: &&str| {
                Some(match kind.as_str() {
                    "matches" => format!("{name} = {value}"),
                    "contains" => format!("contains({}, {})", small(name), small(value)),
                    "startswith" => format!("starts-with({}, {})", small(name), small(value)),
                    "endswith" => format!("ends-with({}, {})", small(name), small(value)),
                    _ => return None,
                })
            };
            let all: Option<Vec<String>> = out.columns.iter().map(one).collect();
            out.text = match all?.as_slice() {
                [one] => one.clone(),
                several => format!("({})", several.join(" or ")),
            };
            rest
        }
        _ => return None,
    };
    if let [name, value] = rest {
        let name = columns(name)?;
        let [one] = name[..] else { return None };
        out.text = format!("{} and {one} = {value}", out.text);
        out.columns.push(one);
    }
    Some(out)
}

/// Whether a choice stands for itself and for no column: its name is a whole number.
fn is_number(choice: &Choice) -> bool {
    let digits = choice.name.strip_prefix(['-', '+']).unwrap_or(&choice.name);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

impl<'a> Builder<'a> {
    /// A question that takes a table whole has no list that says which columns a search would give.
    pub(super) fn searches_file(&mut self, row: &'a WorksheetRow) {
        if call(self.cell(row, SheetColumn::Appearance)).is_some() {
            let place = self.place(row, SheetColumn::Appearance);
            self.unmet(place, "form.unmet_appearance", "search()");
        }
    }

    /// Gives the question the list that its appearance searches for.
    pub(super) fn searched(&mut self, row: &'a WorksheetRow, question: &mut Question) {
        let appearance = self.cell(row, SheetColumn::Appearance);
        let Some(arguments) = call(appearance) else {
            if starts(appearance).is_some() {
                let place = self.place(row, SheetColumn::Appearance);
                self.error(place, Message::new("form.search_shape"));
            }
            return;
        };
        let place = self.place(row, SheetColumn::Appearance);
        let table = arguments.first().and_then(|name| literal(name)).unwrap_or_default().to_owned();
        let (Some(condition), false) = (condition(&arguments), table.is_empty()) else {
            self.error(place, Message::new("form.search_shape"));
            return;
        };
        let Some(own) = question.list.and_then(|id| self.lists.lists.get(id.0 as usize)) else { return };
        let fixed: Vec<Choice> = own.choices.iter().filter(|choice| is_number(choice)).cloned().collect();
        let mut columns = own.choices.iter().filter(|choice| !is_number(choice));
        let Some(template) = columns.next().cloned() else { return };
        let further = columns.next().cloned();
        let stem = table.strip_suffix(".csv").unwrap_or(&table);
        let Some(sheet) = self.book.tables.iter().find(|t| t.name == stem) else {
            let near = nearest(stem, self.book.tables.iter().map(|t| t.name.as_str()));
            // As the engine has it that forms are tried with: what stands on the sheet is offered, which is told.
            let what = Message::new("form.search_table_missing").with("name", table);
            self.problems.push(FormProblem::warning(place, what).near(near));
            return;
        };
        if let Some(further) = further {
            let what = Message::new("form.search_row").with("name", further.name);
            self.problems.push(FormProblem::warning(CellAddress::new("choices", further.row, "name"), what));
        }
        let column = |name: &str| sheet.header.iter().position(|written| written == name);
        let Some(name) = column(&template.name) else {
            let near = nearest(&template.name, sheet.header.iter().map(String::as_str));
            let what = Message::new("form.search_column").with("name", template.name.clone()).with("table", table);
            let problem = FormProblem::error(CellAddress::new("choices", template.row, "name"), what).near(near);
            self.problems.push(problem);
            return;
        };
        if let Some(lacking) = condition.columns.iter().find(|name| column(name).is_none()) {
            let near = nearest(lacking, sheet.header.iter().map(String::as_str));
            let what = Message::new("form.search_column").with("name", *lacking).with("table", table);
            self.problems.push(FormProblem::error(place, what).near(near));
            return;
        }
        let mut choices = Vec::with_capacity(sheet.rows.len() + fixed.len());
        let mut seen = std::collections::HashSet::new();
        for row in &sheet.rows {
            // A row without a key is nothing that can be chosen, and of two with one key nobody knows which was.
            let key = row.get(name);
            let odd = match (key.is_empty(), seen.insert(key)) {
                (true, _) => Some(Message::new("form.search_row_without_key").with("name", template.name.clone())),
                (_, false) => Some(Message::new("form.choice_twice").with("name", key).with("list", stem)),
                _ => None,
            };
            if let Some(what) = odd {
                if !self.problems.iter().any(|known| known.place.sheet == sheet.name && known.what.key == what.key) {
                    let place = CellAddress::new(&sheet.name, row.number, &template.name);
                    self.problems.push(FormProblem::warning(place, what));
                }
                if key.is_empty() {
                    continue;
                }
            }
            let mut label = Text { by_language: Vec::new() };
            for columns in &template.label.by_language {
                let parts = columns.split(',').filter_map(|name| column(name.trim())).map(|at| row.get(at));
                label.by_language.push(parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
            }
            let cells = sheet.header.iter().enumerate().map(|(i, h)| (h.clone(), row.get(i).to_owned())).collect();
            choices.push(Choice { name: row.get(name).to_owned(), row: 0, label, columns: cells });
        }
        // The table may have a column `name` of its own, which is what bare `name` means then.
        let mut also = String::new();
        for mut choice in fixed {
            also.push_str(&format!(" or {STANDS_BY_ITSELF} = '{}'", choice.name));
            choice.columns.push((STANDS_BY_ITSELF.to_owned(), choice.name.clone()));
            choices.push(choice);
        }
        if !condition.text.is_empty() {
            let and = question.choice_filter.take().map_or(String::new(), |f| format!(" and ({})", f.text));
            let text = format!("({}){also}{and}", condition.text);
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
