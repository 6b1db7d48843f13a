//! A code, its list, and what of it holds on a day. A list is a csv file: `code,zh,en,standard,since,until,replaced_by`,
//! then columns of its own. A survey keeps the code; the words are looked up as of the survey's day.

use super::{Day, Explain, Message};
use std::collections::HashMap;

/// The largest list read, in bytes, and in rows: a country's divisions of forty years are a third of either.
pub const TEXT_MAX: usize = 4 << 20;
pub const ROWS_MAX: usize = 100_000;

/// One code as it held for a time. A code whose words changed stands in several rows with periods that do not meet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code {
    pub code: String,
    pub zh: String,
    pub en: String,
    /// The standard it is taken from; empty: ours, or the field's own forms.
    pub standard: String,
    /// First day it holds; `None`: as long as anyone asks.
    pub since: Option<Day>,
    /// Last day it holds; `None`: it still does.
    pub until: Option<Day>,
    /// The code that took its place.
    pub replaced_by: Option<String>,
    /// Columns of this list alone: `letters`, `sex`, `parent`.
    pub further: Vec<(String, String)>,
}

impl Code {
    pub fn holds_on(&self, day: Day) -> bool {
        self.since.is_none_or(|s| s <= day) && self.until.is_none_or(|u| day <= u)
    }

    /// The text of one of the list's own columns; `None` when empty or there is no such column.
    pub fn further(&self, column: &str) -> Option<&str> {
        self.further.iter().find(|(name, _)| name == column).map(|(_, text)| text.as_str()).filter(|t| !t.is_empty())
    }

    fn meets(&self, other: &Code) -> bool {
        let starts = |a: &Code, b: &Code| a.since.is_none_or(|s| b.until.is_none_or(|u| s <= u));
        starts(self, other) && starts(other, self)
    }
}

/// A list of codes in the order of its file, which is the order in which they are offered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CodeList {
    pub name: String,
    codes: Vec<Code>,
    /// Code → its rows, oldest first.
    by_code: HashMap<String, Vec<usize>>,
}

/// What is wrong in a row of a list's file. The row is left out, the rest is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeProblem {
    pub list: String,
    /// The line in the file, from 1; the header is line 1.
    pub line: u64,
    pub found: CodeFound,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodeFound {
    /// Beyond [`TEXT_MAX`] or [`ROWS_MAX`].
    TooLarge,
    /// The header lacks this column.
    ColumnMissing(&'static str),
    /// Not csv, or another number of cells than the header has.
    NotARow,
    CellEmpty(&'static str),
    /// A code holds a space or a control character: it could not stand among several choices.
    CodeBroken(String),
    /// The same code twice, for days that meet.
    CodeTwice(String),
    /// Not a day such as `2018-03-15`.
    NotADay(String),
    EndsBeforeItBegins {
        since: Day,
        until: Day,
    },
    /// `replaced_by` names a code that is not in the list.
    SuccessorUnknown(String),
}

impl Explain for CodeProblem {
    fn explain(&self) -> Message {
        let (key, what) = match &self.found {
            CodeFound::TooLarge => ("code.too_large", String::new()),
            CodeFound::ColumnMissing(column) => ("code.column_missing", (*column).to_owned()),
            CodeFound::NotARow => ("code.not_a_row", String::new()),
            CodeFound::CellEmpty(column) => ("code.cell_empty", (*column).to_owned()),
            CodeFound::CodeBroken(code) => ("code.code_broken", code.clone()),
            CodeFound::CodeTwice(code) => ("code.code_twice", code.clone()),
            CodeFound::NotADay(text) => ("code.not_a_day", text.clone()),
            CodeFound::EndsBeforeItBegins { since, until } => ("code.ends_before", format!("{since} > {until}")),
            CodeFound::SuccessorUnknown(code) => ("code.successor_unknown", code.clone()),
        };
        Message::new(key).with("list", self.list.as_str()).with("line", self.line).with("what", what)
    }
}

impl CodeList {
    /// Reads a list; what cannot be read is left out and listed, so that all problems show at once.
    pub fn parse(name: &str, text: &str) -> (CodeList, Vec<CodeProblem>) {
        let mut list = CodeList { name: name.to_owned(), ..CodeList::default() };
        let mut problems = Vec::new();
        let mut problem = |line: u64, found| problems.push(CodeProblem { list: name.to_owned(), line, found });
        if text.len() > TEXT_MAX {
            problem(1, CodeFound::TooLarge);
            return (list, problems);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|h| h.trim().to_owned()).collect(),
            Err(_) => {
                problem(1, CodeFound::NotARow);
                return (list, problems);
            }
        };
        for column in ["code", "zh", "en"] {
            if !header.iter().any(|h| h == column) {
                problem(1, CodeFound::ColumnMissing(column));
                return (list, problems);
            }
        }
        let mut lines = Vec::new();
        for record in reader.into_records() {
            if list.codes.len() >= ROWS_MAX {
                problem(lines.last().copied().unwrap_or(1), CodeFound::TooLarge);
                break;
            }
            let record = match record {
                Ok(record) => record,
                Err(e) => {
                    problem(e.position().map_or(1, csv::Position::line), CodeFound::NotARow);
                    continue;
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            match read_row(&header, &record) {
                Ok(code) => {
                    let rows = list.by_code.entry(code.code.clone()).or_default();
                    if rows.iter().filter_map(|i| list.codes.get(*i)).any(|other| other.meets(&code)) {
                        problem(line, CodeFound::CodeTwice(code.code));
                    } else {
                        rows.push(list.codes.len());
                        list.codes.push(code);
                        lines.push(line);
                    }
                }
                Err(found) => problem(line, found),
            }
        }
        for rows in list.by_code.values_mut() {
            rows.sort_by_key(|i| list.codes.get(*i).and_then(|c| c.since));
        }
        for (code, line) in list.codes.iter().zip(lines) {
            if let Some(next) = code.replaced_by.as_ref().filter(|next| !list.by_code.contains_key(*next)) {
                problem(line, CodeFound::SuccessorUnknown(next.clone()));
            }
        }
        (list, problems)
    }

    /// Every row, of all times, in the order of the file.
    pub fn all(&self) -> impl Iterator<Item = &Code> {
        self.codes.iter()
    }

    /// What may be chosen on that day, in the order of the file.
    pub fn on(&self, day: Day) -> impl Iterator<Item = &Code> {
        self.codes.iter().filter(move |c| c.holds_on(day))
    }

    /// A code as of a day: `None` when it is unknown, not yet or no longer in use.
    pub fn get_on(&self, code: &str, day: Day) -> Option<&Code> {
        self.rows(code).find(|c| c.holds_on(day))
    }

    /// A code as it last was, in use or not: for showing what was once answered.
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.rows(code).last()
    }

    /// What stands for `code` on that day: itself while it holds, else what replaced it, and what replaced that.
    pub fn successor_on(&self, code: &str, day: Day) -> Option<&Code> {
        let mut code = code;
        // A ring of successors ends here too.
        for _ in 0..=self.codes.len() {
            if let Some(held) = self.get_on(code, day) {
                return Some(held);
            }
            code = self.get(code)?.replaced_by.as_deref()?;
        }
        None
    }

    fn rows(&self, code: &str) -> impl Iterator<Item = &Code> {
        self.by_code.get(code).into_iter().flatten().filter_map(|i| self.codes.get(*i))
    }
}

fn read_row(header: &[String], record: &csv::StringRecord) -> Result<Code, CodeFound> {
    let cell = |column: &str| {
        let at = header.iter().position(|h| h == column);
        at.and_then(|i| record.get(i)).map(str::trim).unwrap_or_default()
    };
    let wanted = |column: &'static str| match cell(column) {
        "" => Err(CodeFound::CellEmpty(column)),
        text => Ok(text.to_owned()),
    };
    let day = |column: &str| match cell(column) {
        "" => Ok(None),
        text => Day::from_iso(text).map(Some).ok_or_else(|| CodeFound::NotADay(text.to_owned())),
    };
    let code = wanted("code")?;
    if code.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(CodeFound::CodeBroken(code));
    }
    let (since, until) = (day("since")?, day("until")?);
    if let (Some(since), Some(until)) = (since, until)
        && until < since
    {
        return Err(CodeFound::EndsBeforeItBegins { since, until });
    }
    const OURS: [&str; 7] = ["code", "zh", "en", "standard", "since", "until", "replaced_by"];
    Ok(Code {
        zh: wanted("zh")?,
        en: wanted("en")?,
        standard: cell("standard").to_owned(),
        since,
        until,
        replaced_by: Some(cell("replaced_by").to_owned()).filter(|t| !t.is_empty()),
        further: header
            .iter()
            .filter(|h| !OURS.contains(&h.as_str()))
            .map(|h| (h.clone(), cell(h).to_owned()))
            .collect(),
        code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: &str = "code,zh,en,standard,since,until,replaced_by,seat\n\
        150785,根河市,Genhe City,GB,2001-01-01,,,\n\
        152105,根河市,Genhe City,GB,1994-01-01,2000-12-31,150785,yes\n\
        152126,额尔古纳左旗,Ergun Left Banner,GB,1980-01-01,1993-12-31,152105,\n";

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    #[test]
    fn a_code_holds_from_its_first_day_through_its_last() {
        let (list, problems) = CodeList::parse("division", PLACES);
        assert_eq!(problems, []);
        for (on, expected) in [
            ("1979-12-31", None),
            ("1980-01-01", Some("152126")),
            ("1993-12-31", Some("152126")),
            ("1994-01-01", Some("152105")),
            ("2000-12-31", Some("152105")),
            ("2001-01-01", Some("150785")),
        ] {
            assert_eq!(list.on(day(on)).next().map(|c| c.code.as_str()), expected, "{on}");
        }
        assert_eq!(list.get("152105").and_then(|c| c.further("seat")), Some("yes"));
        assert_eq!(list.get("150785").and_then(|c| c.further("seat")), None);
    }

    #[test]
    fn what_replaced_a_code_is_followed_to_the_day() {
        let (list, _) = CodeList::parse("division", PLACES);
        let stands = |code, on| list.successor_on(code, day(on)).map(|c| c.code.as_str());
        assert_eq!(stands("152126", "1990-06-01"), Some("152126"));
        assert_eq!(stands("152126", "1999-06-01"), Some("152105"));
        assert_eq!(stands("152126", "2018-06-01"), Some("150785"));
        assert_eq!(stands("150785", "1990-06-01"), None);
        assert_eq!(stands("999999", "2018-06-01"), None);
    }

    #[test]
    fn a_ring_of_successors_ends() {
        let (list, problems) =
            CodeList::parse("x", "code,zh,en,since,until,replaced_by\na,甲,A,,2000-01-01,b\nb,乙,B,,2000-01-01,a\n");
        assert_eq!(problems, []);
        assert_eq!(list.successor_on("a", day("2018-01-01")), None);
    }

    #[test]
    fn words_may_change_while_the_code_stays() {
        let text = "code,zh,en,since,until\n1,旧名,Old,,1999-12-31\n1,新名,New,2000-01-01,\n";
        let (list, problems) = CodeList::parse("x", text);
        assert_eq!(problems, []);
        assert_eq!(list.get_on("1", day("1999-12-31")).map(|c| c.zh.as_str()), Some("旧名"));
        assert_eq!(list.get("1").map(|c| c.zh.as_str()), Some("新名"));
    }

    #[test]
    fn every_problem_of_a_list_is_named_at_its_line() {
        let text = "code,zh,en,since,until,replaced_by\n\
            1,甲,A,,,\n\
            1,乙,B,,,\n\
            2,,C,,,\n\
            3 4,丙,D,,,\n\
            5,丁,E,2018-02-30,,\n\
            6,戊,F,2018-01-02,2018-01-01,\n\
            7,己\n\
            8,庚,H,,,99\n";
        let (list, problems) = CodeList::parse("x", text);
        let found: Vec<_> = problems.into_iter().map(|p| (p.line, p.found)).collect();
        let since = day("2018-01-02");
        assert_eq!(
            found,
            [
                (3, CodeFound::CodeTwice("1".into())),
                (4, CodeFound::CellEmpty("zh")),
                (5, CodeFound::CodeBroken("3 4".into())),
                (6, CodeFound::NotADay("2018-02-30".into())),
                (7, CodeFound::EndsBeforeItBegins { since, until: since.plus_days(-1) }),
                (8, CodeFound::NotARow),
                (9, CodeFound::SuccessorUnknown("99".into())),
            ]
        );
        assert_eq!(list.all().map(|c| c.code.as_str()).collect::<Vec<_>>(), ["1", "8"]);
        let (_, problems) = CodeList::parse("x", "zh,en\n甲,A\n");
        assert_eq!(problems[0].found, CodeFound::ColumnMissing("code"));
    }
}
