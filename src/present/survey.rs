//! A kept survey, whole: sections in the order of the form, rosters as tables, and beside each answer where it came from,
//! what was remarked, which check was passed and why, what was asked about it.

use super::reading::{Reading, kind_of};
use super::value::{Cell, Column, ColumnKind, Field, Sentence, Sheet, SheetPart, Table, Tone};
use super::words::Words;
use crate::command::dossier::VersionLine;
use crate::command::queries::QueryLine;
use crate::command::{Failure, Household};
use crate::domain::{Day, Eyes, Message, Origin, Path};
use crate::form::Form;
use crate::form::model::{Control, ElementKind, NodeId};
use crate::views::Horizon;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// One answer and all that is known about it. Personal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerLine {
    pub path: Path,
    /// The question's number, where the form numbers it.
    pub number: String,
    pub label: String,
    pub value: Cell,
    /// `None`: nothing was answered.
    pub origin: Option<Origin>,
    /// The day on which it was last asked or confirmed, where that was before the survey it stands in.
    pub stated_on: Option<Day>,
    pub notes: Vec<String>,
    /// Why a check was passed.
    pub passes: Vec<String>,
    /// Queries: number, state, and what was said.
    pub queries: Vec<String>,
}

impl AnswerLine {
    /// The mark before it, of one meaning with those of the survey screen: to be looked at (asked about, or carried and not
    /// seen), words beside it (a remark, why a check was passed), a state, confirmed, answered in this survey.
    pub fn mark(&self) -> &'static str {
        match (&self.value, self.origin) {
            (_, Some(Origin::CarriedUnseen)) => "?",
            _ if !self.queries.is_empty() => "?",
            _ if !(self.notes.is_empty() && self.passes.is_empty()) => "#",
            (Cell::State { .. }, _) => "~",
            (_, Some(Origin::CarriedConfirmed)) => "=",
            (_, Some(Origin::Asked | Origin::CarriedChanged | Origin::Imported)) => "+",
            _ => " ",
        }
    }

    /// Everything that is said about it besides the answer.
    pub fn remarks(&self, words: &Words<'_>) -> Vec<Sentence> {
        let mut out: Vec<Sentence> = self.stated_on.map(|day| stated(words, day)).into_iter().collect();
        out.extend(self.spoken(words));
        out
    }

    /// What somebody said about it.
    fn spoken(&self, words: &Words<'_>) -> Vec<Sentence> {
        let said = |key: &'static str, texts: &[String], tone| -> Vec<Sentence> {
            let one = |text: &String| words.say(&Message::new(key).with("text", text.as_str()));
            texts.iter().map(|text| Sentence::new(one(text)).tone(tone)).collect()
        };
        let mut out = said("present.note", &self.notes, Tone::Plain);
        out.extend(said("present.pass", &self.passes, Tone::Doubt));
        out.extend(said("present.query", &self.queries, Tone::Strong));
        out
    }

    fn is_said_something_about(&self) -> bool {
        !(self.notes.is_empty() && self.passes.is_empty() && self.queries.is_empty())
    }

    fn json(&self) -> Value {
        json!({
            "question": self.path.as_str(),
            "number": self.number,
            "label": self.label,
            "value": super::json::cell(&self.value),
            "text": self.value.shown(),
            "origin": self.origin.map(origin_code),
            "stated_on": self.stated_on.map(|day| day.to_string()),
            "notes": self.notes,
            "passes": self.passes,
            "queries": self.queries,
        })
    }
}

/// A row of a roster, and its answers one by one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RosterRow {
    pub path: Path,
    pub name: String,
    pub lines: Vec<AnswerLine>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// A group within a section.
    Heading(String),
    Answer(AnswerLine),
    Roster {
        title: String,
        table: Table,
        rows: Vec<RosterRow>,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    pub title: String,
    pub items: Vec<Item>,
}

/// Which questions are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// Those that something was answered to.
    Answered,
    /// Every one that people are asked: what a filled form shows.
    All,
}

impl Section {
    /// Of which day those of its answers are that are older than the survey: a sentence for each day, with the answers.
    pub fn stated(&self, words: &Words<'_>) -> Vec<Sentence> {
        let mut by_day: BTreeMap<Day, Vec<String>> = BTreeMap::new();
        let mut lines: Vec<(&AnswerLine, Option<&str>)> = Vec::new();
        let is_given =
            |line: &&AnswerLine| !line.value.is_empty() && line.origin.is_some_and(|origin| origin != Origin::Computed);
        let called = |line: &AnswerLine, row: Option<&str>| {
            let called = if line.number.is_empty() { &line.label } else { &line.number };
            row.map_or_else(|| called.clone(), |row| format!("{row} {called}"))
        };
        for item in &self.items {
            match item {
                Item::Heading(_) => {}
                Item::Answer(line) => lines.push((line, None)),
                Item::Roster { rows, .. } => {
                    for row in rows {
                        let mut given = row.lines.iter().filter(|line| is_given(line));
                        let first = given.next().map(|line| line.stated_on);
                        match first.flatten().filter(|_| given.all(|line| Some(line.stated_on) == first)) {
                            // A whole row is called once.
                            Some(day) => by_day.entry(day).or_default().push(row.name.clone()),
                            None => lines.extend(row.lines.iter().map(|line| (line, Some(row.name.as_str())))),
                        }
                    }
                }
            }
        }
        let mut is_whole = true;
        for (line, row) in lines.into_iter().filter(|(line, _)| is_given(line)) {
            match line.stated_on {
                Some(day) => by_day.entry(day).or_default().push(called(line, row)),
                None => is_whole = false,
            }
        }
        let whole = is_whole && by_day.len() == 1;
        let said = |(day, called): (Day, Vec<String>)| match whole {
            true => Message::new("present.section_stated_on").with("day", day),
            false => Message::new("present.these_stated_on").with("day", day).with("which", words.joined(called)),
        };
        by_day.into_iter().map(|one| Sentence::new(words.say(&said(one))).tone(Tone::Quiet)).collect()
    }

    /// The same where no heading stands above it.
    pub fn stated_under_title(&self, words: &Words<'_>) -> Vec<Sentence> {
        let under = |said: Sentence| {
            let text = Message::new("present.in_row").with("row", self.title.as_str()).with("label", said.text);
            Sentence { text: words.say(&text), tone: said.tone }
        };
        self.stated(words).into_iter().map(under).collect()
    }
}

/// A survey ready to be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SurveyText {
    pub title: String,
    pub heads: Vec<Field>,
    pub sections: Vec<Section>,
    /// Why not all of it can be shown.
    pub missing: Option<Sentence>,
    /// Who left and who came, for JSON; for people it is the last section.
    changes: Value,
}

/// One version of a household's dossier, read through the handle.
///
/// Errors: the personal part is erased, a record cannot be read.
pub fn read(
    words: &Words<'_>,
    household: &Household<'_>,
    version: &VersionLine,
    eyes: Eyes,
    shown: Shown,
) -> Result<SurveyText, Failure> {
    let kept = household.survey(version)?;
    let reading = Reading::new(words, &kept.answers, eyes);
    let queries: Vec<QueryLine> = super::dossier::queries_of(words, household, Horizon::NOW, eyes)?
        .into_iter()
        .filter(|query| query.survey == version.record || query.survey == version.first)
        .collect();
    let about = About { stated: household.stated_before(&kept)?, ..About::new(words, &reading, &queries, shown) };
    let (mut sections, mut missing) = (Vec::new(), None);
    match reading.form.as_deref() {
        Some(form) => sections = about.sections(form),
        None => missing = Some(Sentence::new(words.word("present.form_gone")).tone(Tone::Doubt)),
    }
    let changes = household.changes_named(version.record)?;
    let said = super::members::sentences(words, &changes, eyes);
    if !said.is_empty() {
        let items = said.into_iter().map(|said| Item::Heading(said.text)).collect();
        sections.push(Section { title: words.word("present.member.changes"), items });
    }
    let changes = super::members::changes_json(&changes, eyes);
    let title = reading.form.as_ref().map_or_else(|| version.form.clone(), |form| form.title.clone());
    Ok(SurveyText { title, heads: heads(words, household, version), sections, missing, changes })
}

pub(super) fn heads(words: &Words<'_>, household: &Household<'_>, version: &VersionLine) -> Vec<Field> {
    let field = |key, title: &str, value| Field::new(key, words.word(title), value);
    vec![
        field("dossier", "present.col.number", Cell::identifier(household.number())),
        field("version", "present.col.version", Cell::number(version.version)),
        field("date", "present.col.date", Cell::Day(version.on)),
        field("type", "present.col.type", words.survey_kind(version.kind, &version.form)),
        field("by", "present.col.by", Cell::text(words.officer(version.by))),
        field("kept_at", "present.col.kept_at", Cell::Moment(version.at)),
    ]
}

/// What there is beside the answers, by their places.
struct About<'a, 'r> {
    reading: &'a Reading<'r>,
    shown: Shown,
    origins: HashMap<&'a str, Origin>,
    /// Days of answers that are older than the survey.
    stated: BTreeMap<Path, Day>,
    notes: HashMap<&'a str, Vec<String>>,
    passes: HashMap<&'a str, Vec<String>>,
    queries: HashMap<&'a str, Vec<String>>,
}

impl<'a, 'r> About<'a, 'r> {
    fn new(words: &Words<'_>, reading: &'a Reading<'r>, queries: &'a [QueryLine], shown: Shown) -> About<'a, 'r> {
        fn gathered<'p>(of: impl Iterator<Item = (&'p str, String)>) -> HashMap<&'p str, Vec<String>> {
            let mut out: HashMap<&str, Vec<String>> = HashMap::new();
            of.for_each(|(path, text)| out.entry(path).or_default().push(text));
            out
        }
        let answers = reading.answers;
        let query = |line: &QueryLine| {
            let said =
                line.said.iter().map(|said| format!("{}{}{}", words.officer(said.by), words.lang.colon(), said.text));
            let state = words.word(&format!("query.{}", line.state.code()));
            format!("#{} {state}  {}", line.number, said.collect::<Vec<_>>().join(" / "))
        };
        About {
            reading,
            shown,
            origins: answers.answers.iter().map(|answer| (answer.path.as_str(), answer.origin)).collect(),
            stated: BTreeMap::new(),
            notes: gathered(
                answers.notes.iter().map(|note| (note.path.as_str(), reading.words_about(&note.path, &note.text))),
            ),
            passes: gathered(
                answers
                    .passes
                    .iter()
                    .filter(|pass| reading.eyes == Eyes::Duty || !reading.checks_hidden(&pass.path))
                    .map(|pass| (pass.path.as_str(), reading.words_about(&pass.path, &pass.why))),
            ),
            queries: gathered(queries.iter().map(|line| (line.path.as_str(), query(line)))),
        }
    }

    fn sections(&self, form: &Form) -> Vec<Section> {
        let mut out: Vec<Section> = Vec::new();
        for top in form.children(None) {
            let is_group = matches!(form.node(top).kind, ElementKind::Group);
            if is_group || out.is_empty() {
                let path = Path::new(form.node(top).path.as_str());
                let title = if is_group { self.reading.words_of(form, top, &path) } else { String::new() };
                out.push(Section { title, items: Vec::new() });
            }
            let Some(section) = out.last_mut() else { continue };
            match is_group {
                true => self.group(form, top, "", self.shown, &mut section.items),
                false => self.item(form, top, "", self.shown, &mut section.items),
            }
        }
        out.retain(|section| !section.items.is_empty());
        out
    }

    /// What stands in a group or a row; `under` is the path before it, with indexes.
    fn group(&self, form: &Form, group: NodeId, under: &str, shown: Shown, out: &mut Vec<Item>) {
        let node = form.node(group);
        let under = if node.flat { under.to_owned() } else { joined(under, &node.name) };
        form.children(Some(group)).for_each(|child| self.item(form, child, &under, shown, out));
    }

    fn item(&self, form: &Form, id: NodeId, under: &str, shown: Shown, out: &mut Vec<Item>) {
        let node = form.node(id);
        let path = Path::new(joined(under, &node.name));
        match &node.kind {
            ElementKind::Group => {
                let mut within = Vec::new();
                self.group(form, id, under, shown, &mut within);
                let title = self.reading.words_of(form, id, &path);
                if !within.is_empty() && !title.is_empty() {
                    out.push(Item::Heading(title));
                }
                out.extend(within);
            }
            ElementKind::Repeat { .. } => out.extend(self.roster(form, id, &path, shown)),
            ElementKind::Question(_) => out.extend(self.line(form, id, path, shown).map(Item::Answer)),
        }
    }

    fn line(&self, form: &Form, id: NodeId, path: Path, shown: Shown) -> Option<AnswerLine> {
        let node = form.node(id);
        let question = node.question()?;
        if node.label.is_empty() || matches!(question.control, Control::Hidden | Control::Note) {
            return None;
        }
        let hides = self.reading.hides(&path);
        // That something was said about a hidden answer would tell that there is one.
        let of = |texts: &HashMap<&str, Vec<String>>| match hides && self.reading.covers_words(&path) {
            true => Vec::new(),
            false => texts.get(path.as_str()).cloned().unwrap_or_default(),
        };
        let (notes, passes, queries) = (of(&self.notes), of(&self.passes), of(&self.queries));
        let mut value = self.reading.answer(&path);
        if hides && self.shown == Shown::Answered && notes.is_empty() && passes.is_empty() && queries.is_empty() {
            // Only where it would stand for whatever is hidden.
            value = if self.reading.has_open_place(&path) { value } else { Cell::Empty };
        }
        if value.is_empty() && shown == Shown::Answered && queries.is_empty() {
            return None;
        }
        Some(AnswerLine {
            number: node.number.clone().unwrap_or_default(),
            label: crate::lang::clean(&self.reading.words_of(form, id, &path)),
            value,
            origin: self.origins.get(path.as_str()).copied().filter(|_| !hides),
            stated_on: self.stated.get(&path).copied().filter(|_| !hides),
            notes,
            passes,
            queries,
            path,
        })
    }

    /// A roster as a table: a column for each question that somebody answered, and whose row it is before them.
    fn roster(&self, form: &Form, id: NodeId, path: &Path, shown: Shown) -> Option<Item> {
        // How many rows there are tells as much as what stands in them.
        let rows = if self.reading.hides(path) { Vec::new() } else { self.reading.rows(path.as_str()) };
        let lines = |row: &Path| {
            let mut within = Vec::new();
            for child in form.children(Some(id)) {
                self.item(form, child, row.as_str(), Shown::All, &mut within);
            }
            within
                .into_iter()
                .flat_map(|item| match item {
                    Item::Answer(line) => vec![line],
                    Item::Roster { rows, .. } => rows.into_iter().flat_map(|row| row.lines).collect(),
                    Item::Heading(_) => Vec::new(),
                })
                .collect::<Vec<AnswerLine>>()
        };
        let mut rows: Vec<RosterRow> = rows
            .into_iter()
            .map(|row| RosterRow { name: self.reading.row_name(&row), lines: lines(&row), path: row })
            .collect();
        if rows.is_empty() && shown == Shown::Answered {
            return None;
        }
        let asked: Vec<NodeId> = questions_in(form, id);
        let mut columns = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for (place, question) in asked.into_iter().enumerate() {
            let node = form.node(question);
            let is_answered =
                |row: &RosterRow| row.lines.iter().any(|line| line.path.name() == node.name && !line.value.is_empty());
            if shown == Shown::Answered && !rows.iter().any(is_answered) {
                continue;
            }
            let title = self.reading.question_words(&Path::new(node.path.as_str()));
            let kind = node.question().map_or(ColumnKind::Text, kind_of);
            // Whose row it is stands whatever gives way.
            let worth = if place == 0 { 9 } else { 5 };
            columns.push(Column::new("", title, kind).worth(worth));
            names.push(&node.name);
        }
        let mut table = Table::new("", columns);
        if self.reading.hides(path) {
            table.push(names.iter().map(|_| self.reading.answer(path)).collect::<Vec<_>>());
        }
        for row in &rows {
            let cell = |name: &&str| {
                let line = row.lines.iter().find(|line| line.path.name() == *name);
                line.map(|line| line.value.clone()).unwrap_or_default()
            };
            table.push(names.iter().map(cell).collect::<Vec<_>>());
        }
        for row in &mut rows {
            row.lines.retain(|line| !line.value.is_empty() || shown == Shown::All || line.is_said_something_about());
        }
        Some(Item::Roster { title: self.reading.words_of(form, id, path), table, rows })
    }
}

/// The questions of a roster that people are asked, those of groups within it too.
fn questions_in(form: &Form, roster: NodeId) -> Vec<NodeId> {
    let is_asked = |id: &NodeId| {
        let node = form.node(*id);
        let question = node.question();
        question.is_some_and(|q| !matches!(q.control, Control::Hidden | Control::Note)) && !node.label.is_empty()
    };
    let inside = roster.0 + 1..form.node(roster).end.0;
    inside.map(NodeId).filter(is_asked).collect()
}

fn joined(under: &str, name: &str) -> String {
    if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") }
}

/// In JSON, and in the words `present.origin.asked`.
pub fn origin_code(origin: Origin) -> &'static str {
    match origin {
        Origin::Asked => "asked",
        Origin::CarriedConfirmed => "carried_confirmed",
        Origin::CarriedChanged => "carried_changed",
        Origin::CarriedUnseen => "carried_unseen",
        Origin::Computed => "computed",
        Origin::Imported => "imported",
    }
}

impl SurveyText {
    /// Where the answers to a question stand, which is named by its number, its name or its place in the form; of a roster one
    /// for each row.
    pub fn answers_to(&self, question: &str) -> Vec<Path> {
        let items = self.sections.iter().flat_map(|section| &section.items);
        let lines = items.flat_map(|item| match item {
            Item::Answer(line) => vec![line],
            Item::Roster { rows, .. } => rows.iter().flat_map(|row| &row.lines).collect(),
            Item::Heading(_) => Vec::new(),
        });
        let asked = question.trim();
        let is_it = |line: &&AnswerLine| {
            line.number == asked || line.path.as_str() == asked || line.path.name().eq_ignore_ascii_case(asked)
        };
        lines.filter(is_it).map(|line| line.path.clone()).collect()
    }

    /// On paper or in a terminal: fields of each section, then its rosters, then what was remarked.
    pub fn sheet(&self, words: &Words<'_>) -> Sheet {
        let mut sheet = Sheet::new(words.lang, self.title.clone());
        sheet.heads.clone_from(&self.heads);
        sheet.parts.extend(self.missing.clone().map(|said| SheetPart::Sentences(vec![said])));
        for section in &self.sections {
            if !section.title.is_empty() {
                sheet.parts.push(SheetPart::Heading(section.title.clone()));
            }
            let mut fields: Vec<Field> = Vec::new();
            for item in &section.items {
                match item {
                    Item::Answer(line) => {
                        fields.push(Field::new(
                            "",
                            format!("{} {}", line.number, line.label).trim(),
                            line.value.clone(),
                        ));
                    }
                    other => {
                        if !fields.is_empty() {
                            sheet.parts.push(SheetPart::Fields(std::mem::take(&mut fields)));
                        }
                        match other {
                            Item::Roster { title, table, .. } => {
                                sheet.parts.push(SheetPart::Table(table.clone().titled(title.clone())));
                            }
                            Item::Heading(title) => {
                                let said = Sentence::new(title.clone()).tone(Tone::Strong);
                                sheet.parts.push(SheetPart::Sentences(vec![said]));
                            }
                            Item::Answer(_) => {}
                        }
                    }
                }
            }
            if !fields.is_empty() {
                sheet.parts.push(SheetPart::Fields(fields));
            }
            let mut remarks = section.stated(words);
            remarks.extend(remarks_in(words, section));
            if !remarks.is_empty() {
                sheet.parts.push(SheetPart::Sentences(remarks));
            }
        }
        sheet
    }

    /// `{"form", heads, "sections": [{"title", "answers": [...]}]}`; a row's answers stand under its roster.
    pub fn json(&self) -> Value {
        let item = |item: &Item| match item {
            Item::Heading(title) => json!({"heading": title}),
            Item::Answer(line) => line.json(),
            Item::Roster { title, rows, .. } => {
                let row = |row: &RosterRow| {
                    let lines: Vec<Value> = row.lines.iter().map(AnswerLine::json).collect();
                    json!({"row": row.path.as_str(), "name": row.name, "answers": lines})
                };
                json!({"roster": title, "rows": rows.iter().map(row).collect::<Vec<_>>()})
            }
        };
        let section = |section: &Section| json!({"title": section.title, "answers": section.items.iter().map(item).collect::<Vec<_>>()});
        let mut out = super::json::fields(&self.heads);
        out.insert("form".into(), json!(self.title));
        out.insert("member_changes".into(), self.changes.clone());
        out.insert("sections".into(), self.sections.iter().map(section).collect());
        Value::Object(out)
    }
}

/// What was said about the answers of a section.
fn remarks_in(words: &Words<'_>, section: &Section) -> Vec<Sentence> {
    let of = |item: &Item| -> Vec<Sentence> {
        match item {
            Item::Heading(_) => Vec::new(),
            Item::Answer(line) => remarks_on(words, line, None),
            Item::Roster { rows, .. } => {
                let of_row = |row: &RosterRow| -> Vec<Sentence> {
                    row.lines.iter().flat_map(|line| remarks_on(words, line, Some(&row.name))).collect()
                };
                rows.iter().flat_map(of_row).collect()
            }
        }
    };
    section.items.iter().flat_map(of).collect()
}

/// What was said about an answer, each behind its question and whose row that stands in.
fn remarks_on(words: &Words<'_>, line: &AnswerLine, row: Option<&str>) -> Vec<Sentence> {
    let question = format!("{} {}", line.number, line.label);
    let about = match row {
        Some(row) => words.say(&Message::new("present.in_row").with("row", row).with("label", question.trim())),
        None => question,
    };
    let said = |remark: Sentence| {
        let text = words.say(&Message::new("present.in_row").with("row", about.trim()).with("label", remark.text));
        Sentence { text, tone: remark.tone }
    };
    line.spoken(words).into_iter().map(said).collect()
}

/// When an answer that stands from before was last asked or confirmed.
fn stated(words: &Words<'_>, day: Day) -> Sentence {
    Sentence::new(words.say(&Message::new("present.stated_on").with("day", day))).tone(Tone::Quiet)
}
