//! A block pasted into a roster: lines and columns as they come from a spreadsheet, a row each. What goes where is guessed from
//! a first line of titles, else from what stands in the columns, and can be said otherwise; nothing is filled in before
//! somebody has seen it.

use super::{At, Draft};
use crate::domain::money::narrow_char;
use crate::domain::{Day, Explain, Fen, Mask, Message, Path, Step};
use crate::form::choose::{self, folded};
use crate::form::links::{NodePart, vertex};
use crate::form::model::*;
use crate::form::problem::{Refusal, What};
use crate::form::read::NotRead;
use std::collections::{BTreeMap, HashMap};

/// Lines and columns taken of a block; whoever pastes more has copied something else.
const LINES_MAX: usize = 200;
const COLUMNS_MAX: usize = 60;

/// What was pasted, and which question each column fills. Personal.
#[derive(Clone)]
pub struct PastedBlock {
    pub roster: At,
    /// The first line, where it holds titles.
    pub titles: Option<Vec<String>>,
    pub lines: Vec<Vec<String>>,
    /// The question of each column; `None`: it fills nothing.
    pub columns: Vec<Option<NodeId>>,
    /// Lines that were too many.
    pub cut: usize,
}

/// A cell that fills nothing, and why. Lines and columns count from 1.
pub struct RefusedCell {
    pub line: usize,
    pub column: usize,
    pub text: String,
    pub why: Message,
}

/// The choices of a list by their whole labels in any language, folded: the first of those that are called alike.
pub struct Labels(HashMap<String, (usize, String)>);

impl Labels {
    fn of(choices: &[Choice]) -> Labels {
        let mut by_label = HashMap::new();
        for (place, choice) in choices.iter().enumerate() {
            for label in &choice.label.by_language {
                by_label.entry(folded(label)).or_insert_with(|| (place, choice.name.clone()));
            }
        }
        Labels(by_label)
    }

    /// The choice whose whole label a text is. Of a part nobody says in a spreadsheet which whole is meant.
    fn choice(&self, text: &str) -> Option<&str> {
        let said = folded(text);
        let meant = SAID_FOR.iter().find(|(said_for, _)| *said_for == said).and_then(|(_, label)| self.0.get(*label));
        let found = meant.into_iter().chain(self.0.get(&said)).min_by_key(|(place, _)| *place);
        found.map(|(_, name)| name.as_str())
    }
}

/// The labels of the lists that some questions have, folded once for a whole block.
pub type LabelsOfLists = BTreeMap<ListId, Labels>;

/// What a block would come to. Personal.
pub struct BlockTrial {
    /// Of each row the questions within it and their answers, as [`Step::Block`] has them.
    pub rows: Vec<Vec<(String, String)>>,
    pub refused: Vec<RefusedCell>,
    /// What would stand and be asked about: the line, the question, what is wrong.
    pub doubtful: Vec<(usize, String, Message)>,
    /// Lines for which the roster has no room.
    pub beyond: usize,
    /// Sexes and birth dates that are taken from ID numbers.
    pub from_id: usize,
}

impl Draft {
    /// A text as a block for a roster; `None` where no row can be added there, or the text holds nothing.
    pub fn paste(&self, roster: At, text: &str) -> Option<PastedBlock> {
        self.roster_of(roster).ok()?;
        let mut lines = cut_up(text);
        let cut = lines.len().saturating_sub(LINES_MAX);
        lines.truncate(LINES_MAX);
        let width = lines.iter().map(Vec::len).max().unwrap_or(0).min(COLUMNS_MAX);
        lines.iter_mut().for_each(|line| line.resize(width, String::new()));
        let questions = self.pasteable(roster.node);
        let by_titles = self.by_titles(lines.first()?, &questions);
        let titles = by_titles.is_some().then(|| lines.remove(0));
        let columns = by_titles.unwrap_or_else(|| self.by_contents(&lines, &questions));
        (!lines.is_empty()).then_some(PastedBlock { roster, titles, lines, columns, cut })
    }

    /// The questions of a row that a column can fill.
    pub fn pasteable(&self, roster: NodeId) -> Vec<NodeId> {
        let ElementKind::Repeat { scope, .. } = self.form.node(roster).kind else { return Vec::new() };
        let asked = |node: &NodeId| {
            self.form.question(*node).is_some_and(|question| {
                !matches!(question.control, Control::Hidden | Control::Note | Control::Upload)
                    && question.supplied.is_none()
                    && question.calculation.is_none()
            })
        };
        self.form.scopes[scope.index()].nodes.iter().copied().filter(asked).collect()
    }

    /// The questions that a line of titles names; `None` where it is none.
    fn by_titles(&self, line: &[String], questions: &[NodeId]) -> Option<Vec<Option<NodeId>>> {
        let mut fits: Vec<(u8, usize, usize)> = Vec::new();
        for (column, title) in line.iter().enumerate().filter(|(_, title)| !title.is_empty()) {
            let called = |(place, node): (usize, &NodeId)| self.is_called(*node, title).map(|fit| (fit, column, place));
            fits.extend(questions.iter().enumerate().filter_map(called));
        }
        fits.sort_unstable();
        let columns = assigned(line.len(), questions, fits.into_iter().map(|(_, column, place)| (column, place)));
        let titles = line.iter().filter(|title| !title.is_empty()).count();
        (columns.iter().flatten().count() * 2 >= titles.max(1)).then_some(columns)
    }

    /// How well a title is what a question is called, in any language; less is better.
    fn is_called(&self, node: NodeId, title: &str) -> Option<u8> {
        let node = self.form.node(node);
        let title = folded(title);
        if title == folded(&node.name) {
            return Some(0);
        }
        let labels = node.label.by_language.iter().map(|label| folded(label)).filter(|label| !label.is_empty());
        let fit = |label: String| match label == title {
            true => Some(0),
            // One sign alone is found in many words.
            false if title.chars().nth(1).is_none() || label.chars().nth(1).is_none() => None,
            false if title.contains(&label) => Some(1),
            false => label.contains(&title).then_some(2),
        };
        labels.filter_map(fit).min()
    }

    /// Guesses what stands in the columns: what only one kind of question takes goes first, then what the form asks first.
    fn by_contents(&self, lines: &[Vec<String>], questions: &[NodeId]) -> Vec<Option<NodeId>> {
        let width = lines.first().map_or(0, Vec::len);
        let labels = self.labels_of(questions.iter().copied());
        let mut fits: Vec<(u32, usize, usize)> = Vec::new();
        for column in 0..width {
            let cells: Vec<&str> =
                lines.iter().map(|line| line[column].as_str()).filter(|text| !text.is_empty()).collect();
            for (place, node) in questions.iter().enumerate() {
                let speaks: Vec<u32> = cells.iter().map(|text| self.speaks_for(*node, text, &labels)).collect();
                // A slip in one cell is told of the cell; it does not turn the column into another.
                let most = speaks.iter().copied().max().unwrap_or(0);
                let fitting = speaks.iter().filter(|speaks| **speaks > 0).count();
                if most > 0 && fitting * 10 >= cells.len() * 6 {
                    let weight = speaks.iter().sum::<u32>() / cells.len().max(1) as u32;
                    fits.push((u32::MAX - weight, place, column));
                }
            }
        }
        fits.sort_unstable();
        assigned(width, questions, fits.into_iter().map(|(_, place, column)| (column, place)))
    }

    /// How much a text speaks for being an answer to a question; 0: it is none.
    fn speaks_for(&self, node: NodeId, text: &str, labels: &LabelsOfLists) -> u32 {
        let Some(question) = self.form.question(node) else { return 0 };
        let narrow: String = text.chars().map(narrow_char).collect();
        let digits = narrow.chars().filter(char::is_ascii_digit).count();
        let is_number = digits > 0 && narrow.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-'));
        let parts = parts_of(question, text);
        let by_label = || {
            let own = question.list.and_then(|id| labels.get(&id));
            own.is_some_and(|own| parts.iter().all(|part| own.choice(part).is_some()))
        };
        let by_name = || {
            let list = question.list.and_then(|id| self.list(id));
            list.is_some_and(|list| parts.iter().all(|part| list.get(part).is_some()))
        };
        match question.value {
            ValueType::IdNumber => {
                let long = narrow.chars().count();
                if matches!(long, 15 | 18) && digits + 1 >= long { 100 } else { 0 }
            }
            ValueType::Date if Day::from_typed(&narrow).is_some() => 90,
            ValueType::One | ValueType::Many | ValueType::Rank if by_label() => 80,
            ValueType::One | ValueType::Many | ValueType::Rank if by_name() => 20,
            ValueType::Money if is_number && Fen::from_working(&narrow).is_ok() => 15,
            ValueType::Integer if narrow.parse::<i64>().is_ok() => 16,
            ValueType::Decimal if is_number => 10,
            ValueType::Text if is_number => 0,
            ValueType::Text if question.masked == Some(Mask::Name) => 30,
            ValueType::Text => 5,
            _ => 0,
        }
    }

    /// The labels of the lists that these questions have.
    pub fn labels_of(&self, questions: impl Iterator<Item = NodeId>) -> LabelsOfLists {
        let mut labels = LabelsOfLists::new();
        for id in questions.filter_map(|node| self.form.question(node)?.list) {
            if let (false, Some(list)) = (labels.contains_key(&id), self.list(id)) {
                labels.insert(id, Labels::of(&list.choices));
            }
        }
        labels
    }

    /// A cell as it is typed: choices by their codes. Errors: a choice is none of the list's, by its whole label or code.
    pub fn as_typed(&self, node: NodeId, text: &str, labels: &LabelsOfLists) -> Result<String, NotRead> {
        let Some(question) = self.form.question(node).filter(|question| question.list.is_some() && !question.external)
        else {
            return Ok(text.to_owned());
        };
        let code = |part: &&str| -> Result<String, NotRead> {
            let list = question.list.and_then(|id| self.list(id));
            let narrow: String = part.chars().map(narrow_char).collect();
            let found = list.filter(|list| list.get(&narrow).is_some()).map(|_| narrow);
            let own = question.list.and_then(|id| labels.get(&id));
            found.or_else(|| own?.choice(part).map(str::to_owned)).ok_or_else(|| {
                let known = list.iter().flat_map(|list| &list.choices).map(|choice| choice.label.get(self.language));
                let near = crate::form::xlsform::nearest(part, known);
                NotRead::NoSuchChoice { typed: (*part).to_owned(), near }
            })
        };
        let codes = parts_of(question, text).iter().map(code).collect::<Result<Vec<_>, _>>()?;
        Ok(codes.join(" "))
    }

    /// Tries a block on a copy of the draft: what would be filled in, what is refused and why.
    pub fn try_block(&self, block: &PastedBlock) -> BlockTrial {
        let mut trial = self.clone();
        trial.past = None;
        let mut out = BlockTrial { rows: Vec::new(), refused: Vec::new(), doubtful: Vec::new(), beyond: 0, from_id: 0 };
        let mut standing: Vec<(usize, At)> = Vec::new();
        let Ok((outer, scope, _)) = self.roster_of(block.roster) else { return out };
        let roster = trial.path(block.roster);
        let labels = self.labels_of(block.columns.iter().flatten().copied());
        for (line, texts) in (1..).zip(&block.lines) {
            if trial.apply(&Step::Add { path: roster.clone() }).problem.is_some_and(|problem| !problem.lets_stand()) {
                out.beyond = block.lines.len() + 1 - line;
                break;
            }
            let Some(row) = trial.roster(outer, scope).last().copied() else { break };
            let mut cells: Vec<(NodeId, usize)> =
                block.columns.iter().enumerate().filter_map(|(column, node)| Some(((*node)?, column))).collect();
            cells.sort_unstable();
            cells.retain(|(_, column)| texts.get(*column).is_some_and(|text| !text.is_empty()));
            let filled = trial.try_cells(row, &cells, (line, texts), &labels, &mut out);
            if filled.is_empty() {
                let path = trial.path(At { row, node: block.roster.node });
                trial.apply(&Step::Remove { path });
                continue;
            }
            out.rows.push(filled.iter().map(|at| trial.within_row(*at)).collect());
            standing.extend(filled.into_iter().map(|at| (line, at)));
        }
        for (line, at) in standing {
            let problems = trial.problems_at(at).into_iter().filter(|problem| problem.is_reported_at_once());
            out.doubtful.extend(problems.map(|problem| (line, trial.words(at), problem.explain())));
        }
        out
    }

    /// Answers the cells of one line, in form order, and once more those that another one had to go before.
    fn try_cells(
        &mut self,
        row: super::RowId,
        cells: &[(NodeId, usize)],
        (line, texts): (usize, &[String]),
        labels: &LabelsOfLists,
        out: &mut BlockTrial,
    ) -> Vec<At> {
        let mut filled = Vec::new();
        let mut waiting: Vec<(NodeId, usize)> = cells.to_vec();
        for last in [false, true] {
            for (node, column) in std::mem::take(&mut waiting) {
                let at = At { row, node };
                let text = texts.get(column).map_or("", String::as_str);
                let typed = match self.as_typed(node, text, labels) {
                    Ok(typed) => typed,
                    Err(why) => {
                        let (text, why) = (text.to_owned(), why.explain());
                        out.refused.push(RefusedCell { line, column: column + 1, text, why });
                        continue;
                    }
                };
                let (step, outcome) = self.answer(at, &typed);
                match outcome.problem.filter(|problem| step.is_none() || !problem.lets_stand()) {
                    None => filled.push(at),
                    Some(problem) if last || matches!(problem.what, What::NotRead(_)) => out
                        .refused
                        .push(RefusedCell { line, column: column + 1, text: text.to_owned(), why: problem.explain() }),
                    Some(_) => waiting.push((node, column)),
                }
            }
        }
        for at in filled.clone() {
            for (beside, value) in self.implied_by_id(at) {
                let path = self.path(beside);
                self.apply(&Step::Set { path, value });
                filled.push(beside);
                out.from_id += 1;
            }
        }
        filled
    }

    /// A place within its row, and what stands there.
    fn within_row(&self, at: At) -> (String, String) {
        let path = self.path(at);
        let inside = path.as_str().rfind("]/").map_or(path.as_str(), |end| &path.as_str()[end + 2..]);
        (inside.to_owned(), self.cell(at).text.clone())
    }

    /// Adds the rows of a block and answers them. What does not fit any more is left out, as a single step would be.
    pub(super) fn block(&mut self, path: &Path, rows: &[Vec<(String, String)>]) -> Result<At, What> {
        let roster = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        let (outer, scope, bounds) = self.roster_of(roster)?;
        let room = bounds.map_or(usize::MAX, |(_, most)| most as usize).saturating_sub(self.roster(outer, scope).len());
        if rows.is_empty() || rows.len() > room {
            return Err(What::Refused(if rows.is_empty() { Refusal::WrongKind } else { Refusal::TooManyRows }));
        }
        for answers in rows {
            let end = self.roster(outer, scope).len();
            let row = self.make_row(outer, scope, end).ok_or(What::Refused(Refusal::TooManyRows))?;
            self.push_readers(vertex(roster.node, NodePart::Count), outer);
            self.settle();
            self.run_defaults();
            let place = self.path(At { row, node: roster.node });
            let mut waiting: Vec<&(String, String)> = answers.iter().collect();
            // Once more those that another one had to go before.
            for _ in 0..2 {
                for answer in std::mem::take(&mut waiting) {
                    let (inside, value) = answer;
                    match self.set(&Path::new(format!("{place}/{inside}")), value) {
                        Ok(_) => self.settle(),
                        Err(_) => waiting.push(answer),
                    }
                }
            }
        }
        Ok(At { row: outer, node: roster.node })
    }
}

/// What people write for choices of the standards' lists of relations and of sexes. A list that has the word itself means that:
/// 女 is the daughter among relations.
const SAID_FOR: [(&str, &str); 10] = [
    ("儿子", "子"),
    ("女儿", "女"),
    ("妻子", "妻"),
    ("丈夫", "夫"),
    ("爸爸", "父亲"),
    ("妈妈", "母亲"),
    ("父", "父亲"),
    ("母", "母亲"),
    ("男", "男性"),
    ("女", "女性"),
];

/// Of a question with several answers its parts; else the text.
fn parts_of<'t>(question: &Question, text: &'t str) -> Vec<&'t str> {
    match question.value {
        ValueType::Many | ValueType::Rank => choose::parts(text),
        _ => vec![text],
    }
}

/// The best fits first: each column and each question is taken once.
fn assigned(width: usize, questions: &[NodeId], fits: impl Iterator<Item = (usize, usize)>) -> Vec<Option<NodeId>> {
    let mut columns: Vec<Option<NodeId>> = vec![None; width];
    for (column, place) in fits {
        let question = questions.get(place).copied();
        if columns[column].is_none() && !columns.contains(&question) {
            columns[column] = question;
        }
    }
    columns
}

/// Lines and cells of a text: parted by tabs, else by commas or semicolons that every line has, else by blanks.
fn cut_up(text: &str) -> Vec<Vec<String>> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    if text.contains('\t') {
        return quoted(text, b'\t');
    }
    for sign in [',', ';'] {
        if lines().all(|line| line.contains(sign)) {
            return quoted(text, sign as u8);
        }
    }
    let cut = |line: &str| -> Vec<String> {
        match ['，', '；', '、'].into_iter().find(|sign| lines().all(|line| line.contains(*sign))) {
            Some(sign) => line.split(sign).map(tidy).collect(),
            None => line.split_whitespace().map(tidy).collect(),
        }
    };
    lines().map(cut).collect()
}

/// A spreadsheet puts cells of several lines into quotes.
fn quoted(text: &str, sign: u8) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(sign).from_reader(text.as_bytes());
    let records = reader.records().filter_map(Result::ok);
    let lines = records.map(|record| record.iter().map(tidy).collect::<Vec<String>>());
    lines.filter(|line| line.iter().any(|text| !text.is_empty())).collect()
}

/// A cell without the apostrophe by which a spreadsheet is told that a number is text.
fn tidy(cell: &str) -> String {
    let cell = cell.trim();
    let number = cell.strip_prefix('\'').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    number.unwrap_or(cell).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_parted_by_tabs_else_by_commas_else_by_blanks() {
        for (text, cells) in [
            ("甲\t妻 子\n乙\t", vec![vec!["甲", "妻 子"], vec!["乙", ""]]),
            ("甲,\"1,500\"\n乙,20\n", vec![vec!["甲", "1,500"], vec!["乙", "20"]]),
            ("甲，妻\n乙，子", vec![vec!["甲", "妻"], vec!["乙", "子"]]),
            ("甲　妻\n\n乙  子", vec![vec!["甲", "妻"], vec!["乙", "子"]]),
            ("\"甲\n乙\"\t'0123", vec![vec!["甲\n乙", "0123"]]),
            ("甲", vec![vec!["甲"]]),
        ] {
            assert_eq!(cut_up(text), cells, "{text:?}");
        }
        assert!(cut_up(" \n\t\n").is_empty());
    }

    #[test]
    fn a_choice_is_meant_by_a_whole_label_and_of_those_called_alike_the_first() {
        let choice = |name: &str, labels: &[&str]| Choice {
            name: name.into(),
            row: 0,
            label: Text { by_language: labels.iter().map(|label| (*label).into()).collect() },
            columns: Vec::new(),
        };
        let relations = [choice("20", &["子", "Son"]), choice("30", &["女", "Daughter"]), choice("31", &["女"])];
        let labels = Labels::of(&relations);
        let said = |text: &str| labels.choice(text).map(str::to_owned);
        for (text, name) in [("子", "20"), ("儿子", "20"), ("son", "20"), ("女", "30"), ("女儿", "30")] {
            assert_eq!(said(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!((said("妻"), said("孙子"), said("so")), (None, None, None));
        let sexes = [choice("1", &["男性", "Male"]), choice("2", &["女性", "Female"])];
        let sexes = Labels::of(&sexes);
        assert_eq!(["男", "女", "女性"].map(|text| sexes.choice(text)), [Some("1"), Some("2"), Some("2")]);
        // A list that has the word itself means that, where it comes first.
        let own = [choice("1", &["儿子"]), choice("2", &["子"])];
        assert_eq!(Labels::of(&own).choice("儿子"), Some("1"));
    }
}
