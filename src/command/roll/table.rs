//! Counts as a table: groups with their words, and what of it is not told.

use super::query::Units;
use crate::command::Office;
use crate::domain::dossier::Status;
use crate::domain::{Arg, Fen, Message, UnitId};
use crate::form::Form;
use crate::views::roll::{AGE_BANDS, Axis, Counted, Income, Keys};
use std::collections::{HashMap, HashSet};

/// A group: what it is counted under, and its word.
#[derive(Clone, Debug)]
pub struct Group {
    /// The code, unit code or number; empty: not known, or none.
    pub code: String,
    pub name: GroupName,
}

#[derive(Clone, Debug)]
pub enum GroupName {
    Named { zh: String, en: String },
    Said(Message),
}

/// Counts by one axis or two. `None` as a side of a key: all of it.
#[derive(Clone, Debug)]
pub struct RollTable {
    /// The axes as they were named.
    pub axes: Vec<String>,
    /// Groups of the first axis, then of the second.
    pub rows: Vec<Group>,
    pub columns: Vec<Group>,
    pub cells: HashMap<Keys, Counted>,
    /// Cells that are too small to be told, and those that would tell them.
    pub hidden: HashSet<Keys>,
}

impl RollTable {
    /// None: it is hidden. What is not there is nothing.
    pub fn cell(&self, row: Option<&str>, column: Option<&str>) -> Option<Counted> {
        let key = (row.map(str::to_owned), column.map(str::to_owned));
        match self.hidden.contains(&key) {
            true => None,
            false => Some(self.cells.get(&key).copied().unwrap_or_default()),
        }
    }

    /// Hides cells of fewer households than `least`, and in each line that shows its total one more where only one is
    /// hidden: else the rest would tell it.
    pub fn hide_small(&mut self, least: u64) {
        let small = |counted: &Counted| (1..least).contains(&counted.households);
        let mut hidden: HashSet<Keys> =
            self.cells.iter().filter(|(_, counted)| small(counted)).map(|(key, _)| key.clone()).collect();
        // Hiding one more in a column may leave one alone in a row: until nothing more is found.
        loop {
            let before = hidden.len();
            let lines: Vec<Vec<Keys>> = self.lines();
            for line in lines {
                let shown = line.iter().filter(|key| self.cells.get(key).is_some_and(|c| c.households > 0));
                let (in_dark, in_light): (Vec<&Keys>, Vec<&Keys>) = shown.partition(|key| hidden.contains(key));
                if in_dark.len() == 1
                    && let Some(next) = in_light.iter().min_by_key(|key| self.cells.get(key).map(|c| c.households))
                {
                    hidden.insert((*next).clone());
                }
            }
            if hidden.len() == before {
                break;
            }
        }
        self.hidden = hidden;
    }

    /// Every line of cells that has a total.
    fn lines(&self) -> Vec<Vec<Keys>> {
        let rows: Vec<Option<String>> = self.rows.iter().map(|group| Some(group.code.clone())).collect();
        let columns: Vec<Option<String>> = self.columns.iter().map(|group| Some(group.code.clone())).collect();
        let mut lines = vec![rows.iter().map(|row| (row.clone(), None)).collect::<Vec<Keys>>()];
        if !columns.is_empty() {
            lines.push(columns.iter().map(|column| (None, column.clone())).collect());
            lines.extend(rows.iter().map(|row| columns.iter().map(|c| (row.clone(), c.clone())).collect()));
            lines.extend(columns.iter().map(|column| rows.iter().map(|row| (row.clone(), column.clone())).collect()));
        }
        lines
    }
}

impl Office {
    pub(super) fn table(
        &self,
        axes: &[(String, Axis)],
        cells: HashMap<Keys, Counted>,
        units: &Units,
        form: &Form,
    ) -> RollTable {
        let mut renamed = HashMap::new();
        let side = |side: usize| -> Vec<(String, Group)> {
            let Some((_, axis)) = axes.get(side) else { return Vec::new() };
            let codes: HashSet<&String> =
                cells.keys().filter_map(|(a, b)| if side == 0 { a.as_ref() } else { b.as_ref() }).collect();
            let mut groups: Vec<(String, String, Group)> = codes
                .into_iter()
                .map(|code| {
                    let (rank, group) = self.group(axis, code, units, form);
                    (rank, code.clone(), group)
                })
                .collect();
            groups.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
            groups.into_iter().map(|(_, code, group)| (code, group)).collect()
        };
        let (rows, columns) = (side(0), side(1));
        let name = |groups: &[(String, Group)], code: &Option<String>| -> Option<String> {
            let code = code.as_ref()?;
            groups.iter().find(|(of, _)| of == code).map(|(_, group)| group.code.clone())
        };
        for ((a, b), counted) in &cells {
            renamed.insert((name(&rows, a), name(&columns, b)), *counted);
        }
        let groups = |side: Vec<(String, Group)>| side.into_iter().map(|(_, group)| group).collect();
        RollTable {
            axes: axes.iter().map(|(name, _)| name.clone()).collect(),
            rows: groups(rows),
            columns: groups(columns),
            cells: renamed,
            hidden: HashSet::new(),
        }
    }

    /// A group's word, and by what it is sorted: what is not known comes last.
    fn group(&self, axis: &Axis, code: &str, units: &Units, form: &Form) -> (String, Group) {
        let said = |message: Message| GroupName::Said(message);
        let group = |code: &str, name: GroupName| Group { code: code.to_owned(), name };
        if code.is_empty() {
            return ("\u{10ffff}".to_owned(), group("", said(Message::new("roll.none"))));
        }
        let of_list = |list: &str| {
            let found = self.bureau.library.codes(list).and_then(|codes| codes.get(code));
            match found {
                Some(found) => GroupName::Named { zh: found.zh.clone(), en: found.en.clone() },
                None => GroupName::Named { zh: code.to_owned(), en: code.to_owned() },
            }
        };
        let plain = || GroupName::Named { zh: code.to_owned(), en: code.to_owned() };
        let number = || code.parse::<usize>().unwrap_or(0);
        let name = match axis {
            Axis::Unit => {
                let row = UnitId::from_hex(code).and_then(|unit| units.row(unit));
                let Some(row) = row else { return (code.to_owned(), group(code, plain())) };
                let name = GroupName::Named { zh: row.zh.clone(), en: row.en.clone() };
                return (row.code.clone(), group(&row.code, name));
            }
            Axis::Division => of_list("division"),
            Axis::Category => of_list("category"),
            Axis::Level => of_list("level"),
            Axis::Upper => of_list("upper_state"),
            Axis::Cause => of_list("cause"),
            Axis::Status => {
                let rank = Status::from_code(code).map_or(99, |status| status as usize);
                let name = said(Message::new("roll.word").with("word", Arg::Word(format!("status.{code}"))));
                return (format!("{rank:02}"), group(code, name));
            }
            Axis::PerHead(bands) => said(band(bands, number())),
            Axis::Person(crate::views::roll::Attribute::Age) => {
                let from = number() as i32;
                let to = AGE_BANDS.into_iter().find(|next| *next > from);
                said(match to {
                    Some(to) => Message::new("roll.ages").with("from", i64::from(from)).with("to", i64::from(to - 1)),
                    None => Message::new("roll.ages_from").with("from", i64::from(from)),
                })
            }
            Axis::Person(attribute) => match attribute.list() {
                Some(list) => of_list(list),
                None => GroupName::Named { zh: number().to_string(), en: number().to_string() },
            },
            Axis::Members => GroupName::Named { zh: number().to_string(), en: number().to_string() },
            Axis::Opened | Axis::Surveyed => plain(),
            Axis::Question(node) => {
                let list = form.question(*node).and_then(|question| question.list);
                let choice = list.and_then(|list| form.lists.get(list.0 as usize)?.get(code));
                match choice {
                    Some(choice) => {
                        let label = |language: &str| {
                            choice.label.get(form.language_index(language).unwrap_or(form.language)).to_owned()
                        };
                        GroupName::Named { zh: label("zh"), en: label("en") }
                    }
                    None => plain(),
                }
            }
        };
        (code.to_owned(), group(code, name))
    }
}

/// A band of income per head as a filter's value.
pub fn band_span(code: &str) -> Option<String> {
    let bands = Income::default();
    let nth: usize = code.parse().ok()?;
    let at = |n: usize| bands.0.get(n).copied();
    Some(match (nth.checked_sub(1).and_then(at), at(nth)) {
        (None, Some(to)) => format!("..{}", Fen(to.0 - 1).yuan()),
        (Some(from), Some(to)) => format!("{}..{}", from.yuan(), Fen(to.0 - 1).yuan()),
        (Some(from), None) => format!("{}..", from.yuan()),
        (None, None) => return None,
    })
}

/// A band of ages as a filter's value.
pub fn age_span(code: &str) -> String {
    let from = code.parse::<i32>().unwrap_or(0);
    match AGE_BANDS.into_iter().find(|next| *next > from) {
        Some(to) => format!("{from}..{}", to - 1),
        None => format!("{from}.."),
    }
}

fn band(bands: &Income, nth: usize) -> Message {
    let at = |n: usize| bands.0.get(n).copied();
    match (nth.checked_sub(1).and_then(at), at(nth)) {
        (None, Some(to)) => Message::new("roll.below").with("to", to),
        (Some(from), Some(to)) => Message::new("roll.from_to").with("from", from).with("to", Fen(to.0 - 1)),
        (Some(from), None) => Message::new("roll.from").with("from", from),
        (None, None) => Message::new("roll.none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[(&str, &str, u64)]) -> RollTable {
        let group = |code: &str| Group { code: code.to_owned(), name: GroupName::Said(Message::new("roll.none")) };
        let mut all: HashMap<Keys, Counted> = HashMap::new();
        let mut add = |key: Keys, n: u64| all.entry(key).or_default().households += n;
        for (row, column, n) in cells {
            let (row, column) = (Some((*row).to_owned()), Some((*column).to_owned()));
            add((row.clone(), column.clone()), *n);
            add((row, None), *n);
            add((None, column), *n);
            add((None, None), *n);
        }
        let side = |codes: Vec<&str>| codes.into_iter().map(group).collect();
        RollTable {
            axes: Vec::new(),
            rows: side(vec!["a", "b", "c"]),
            columns: side(vec!["x", "y"]),
            cells: all,
            hidden: HashSet::new(),
        }
    }

    #[test]
    fn a_small_group_cannot_be_worked_out_from_the_totals() {
        let all = [("a", "x", 4), ("a", "y", 9), ("b", "x", 20), ("b", "y", 30), ("c", "x", 8), ("c", "y", 7)];
        let mut table = table(&all);
        table.hide_small(5);
        assert!(table.cell(Some("a"), Some("x")).is_none(), "one below the line");
        for (row, columns) in [("a", ["x", "y"]), ("b", ["x", "y"]), ("c", ["x", "y"])] {
            let dark = columns.iter().filter(|column| table.cell(Some(row), Some(column)).is_none()).count();
            assert_ne!(dark, 1, "the row's total would tell it");
        }
        for column in ["x", "y"] {
            let dark = ["a", "b", "c"].iter().filter(|row| table.cell(Some(row), Some(column)).is_none()).count();
            assert_ne!(dark, 1, "the column's total would tell it");
        }
        let mut table = self::table(&[("a", "x", 5), ("b", "x", 6)]);
        table.hide_small(5);
        assert!(table.hidden.is_empty(), "five is no small group of five");
    }
}
