//! What is printed about a household: the filled form with its signature boxes, a blank form, a change sheet between two
//! surveys, a visit sheet (who lives there and what was answered last, room for what is answered now).

use super::dossier::{self, compared};
use super::lists::column;
use super::reading::kind_of;
use super::survey::{self, Item, Shown};
use super::value::{Cell, Column, ColumnKind, Field, Sentence, Sheet, SheetPart, Signature, Table, Tone};
use super::words::Words;
use crate::command::dossier::VersionLine;
use crate::command::{Failure, Household};
use crate::domain::{Day, Eyes, Fen, Message, questions};
use crate::form::model::{Control, ElementKind, NodeId, Question, ValueType};
use crate::form::{Form, markup};

/// Room for an answer by hand.
const BLANK: &str = "____________";
/// Of a longer list the choices are not printed: its code is written by hand.
const CHOICES_MAX: usize = 24;
/// So many empty rows a roster has on a blank form.
const ROWS: usize = 5;

/// One survey as the form that is filed: every question, answered or not, then the boxes for opinions and signatures.
///
/// Errors: the personal part is erased, a record cannot be read.
pub fn filled(
    words: &Words<'_>,
    household: &Household<'_>,
    version: &VersionLine,
    eyes: Eyes,
) -> Result<Sheet, Failure> {
    let text = survey::read(words, household, version, eyes, Shown::All)?;
    let mut sheet = text.sheet(words);
    let status = household.status(crate::views::Horizon::NOW);
    if version.decides {
        sheet.title = words.word("present.paper.filled");
    }
    let unit = words.filing_unit(words.unit(status.unit), Some(version.on));
    sheet.heads.insert(0, Field::new("unit", words.word("present.paper.unit"), unit));
    sheet.heads.push(Field::new(
        "money",
        words.word("present.paper.money"),
        Cell::text(words.word("present.paper.yuan")),
    ));
    if version.decides {
        let category = words.category(version.rule_set.as_deref(), version.category.as_deref(), true);
        sheet.parts.push(SheetPart::Fields(vec![
            Field::new("category", words.word("present.field.category"), category).tone(Tone::Strong),
            Field::new("net", words.word("present.col.per_head_net"), dossier::net(version.per_head_net, eyes)),
            Field::new("line", words.word("present.col.line_month"), Cell::money(version.line_month)),
        ]));
    }
    sheet.parts.push(SheetPart::Sentences(vec![Sentence::new(words.word("present.paper.promise"))]));
    sheet.parts.push(SheetPart::Signatures(boxes(words, &["applicant", "surveyors", "branch", "bureau"])));
    Ok(sheet)
}

fn boxes(words: &Words<'_>, whose: &[&str]) -> Vec<Signature> {
    let one = |who: &&str| Signature {
        title: words.word(&format!("present.paper.box.{who}")),
        below: vec![words.word("present.paper.sign"), words.word("present.paper.day")],
    };
    whose.iter().map(one).collect()
}

/// A form to be filled in by hand: questions with their choices to tick, rosters with empty rows.
pub fn blank(words: &Words<'_>, form: &Form) -> Sheet {
    let paper = Blank { words, form, language: form.language_index(words.lang.code()).unwrap_or(form.language) };
    let mut sheet = Sheet::new(words.lang, form.title.clone());
    for (key, label) in [("number", "present.col.number"), ("unit", "present.paper.unit"), ("day", "present.col.date")]
    {
        let blank = Cell::text(BLANK);
        let cell = if key == "unit" { words.filing_unit(blank, None) } else { blank };
        sheet.heads.push(Field::new(key, words.word(label), cell));
    }
    let mut fields = Vec::new();
    for top in form.children(None) {
        paper.node(top, &mut sheet.parts, &mut fields);
    }
    flush(&mut sheet.parts, &mut fields);
    sheet.parts.push(SheetPart::Signatures(boxes(words, &["applicant", "surveyors"])));
    sheet
}

fn flush(parts: &mut Vec<SheetPart>, fields: &mut Vec<Field>) {
    if !fields.is_empty() {
        parts.push(SheetPart::Fields(std::mem::take(fields)));
    }
}

struct Blank<'b> {
    words: &'b Words<'b>,
    form: &'b Form,
    language: usize,
}

impl Blank<'_> {
    fn label(&self, id: NodeId) -> String {
        let node = self.form.node(id);
        let label = markup::plain(node.label.get(self.language)).into_owned();
        let label = without_references(&label);
        format!("{} {label}", node.number.as_deref().unwrap_or_default()).trim().to_owned()
    }

    fn is_asked(&self, id: NodeId) -> bool {
        let node = self.form.node(id);
        let is_for_hand = |question: &Question| {
            question.supplied.is_none() && !matches!(question.control, Control::Hidden | Control::Note)
        };
        node.question().is_some_and(is_for_hand) && !node.label.is_empty()
    }

    fn node(&self, id: NodeId, parts: &mut Vec<SheetPart>, fields: &mut Vec<Field>) {
        match &self.form.node(id).kind {
            ElementKind::Group => {
                flush(parts, fields);
                let title = self.label(id);
                if !title.is_empty() {
                    parts.push(SheetPart::Heading(title));
                }
                self.form.children(Some(id)).for_each(|child| self.node(child, parts, fields));
                flush(parts, fields);
            }
            ElementKind::Repeat { .. } => {
                flush(parts, fields);
                self.roster(id, parts);
            }
            ElementKind::Question(question) if self.is_asked(id) => {
                let choices = self.choices(question);
                let value = if choices.is_empty() { Cell::text(BLANK) } else { ticks(&choices) };
                fields.push(Field::new("", self.label(id), value));
            }
            ElementKind::Question(_) => {}
        }
    }

    /// An empty table, and below it what the codes of its columns mean.
    fn roster(&self, id: NodeId, parts: &mut Vec<SheetPart>) {
        let inside = (id.0 + 1..self.form.node(id).end.0).map(NodeId).filter(|child| self.is_asked(*child));
        let inside: Vec<NodeId> = inside.collect();
        let column = |child: &NodeId| {
            let kind = self.form.question(*child).map_or(ColumnKind::Text, kind_of);
            Column::new("", self.label(*child), if kind == ColumnKind::Code { ColumnKind::Text } else { kind })
        };
        let mut table = Table::new("", inside.iter().map(column).collect()).titled(self.label(id));
        for _ in 0..ROWS {
            table.push(inside.iter().map(|_| Cell::Empty).collect::<Vec<_>>());
        }
        parts.push(SheetPart::Table(table));
        let legend = inside.iter().filter_map(|child| {
            let choices = self.choices(self.form.question(*child)?);
            let said = choices.iter().map(|(code, label)| format!("{code} {label}")).collect::<Vec<_>>().join("  ");
            let about = Message::new("present.in_row").with("row", self.label(*child)).with("label", said);
            (!choices.is_empty()).then(|| Sentence::new(self.words.say(&about)).tone(Tone::Quiet))
        });
        let legend: Vec<Sentence> = legend.collect();
        if !legend.is_empty() {
            parts.push(SheetPart::Sentences(legend));
        }
    }

    /// Code and words of each choice; none where there are too many to print.
    fn choices(&self, question: &Question) -> Vec<(String, String)> {
        let list = question.list.and_then(|id| self.form.lists.get(id.0 as usize));
        let is_chosen = matches!(question.value, ValueType::One | ValueType::Many | ValueType::Rank);
        let choices = list.filter(|_| is_chosen).map(|list| list.choices.as_slice()).unwrap_or_default();
        if choices.len() > CHOICES_MAX {
            return Vec::new();
        }
        let words = |choice: &crate::form::model::Choice| {
            (choice.name.clone(), markup::plain(choice.label.get(self.language)).into_owned())
        };
        choices.iter().map(words).collect()
    }
}

fn ticks(choices: &[(String, String)]) -> Cell {
    let cells = choices.iter().map(|(code, label)| Cell::text(format!("□{code} {label}"))).collect();
    Cell::Many { cells, comma: "  " }
}

/// `${name}` of a label is room to write on.
fn without_references(label: &str) -> String {
    let mut out = String::new();
    let mut rest = label;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push_str("____");
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

/// What changed between two surveys, for whoever signs for it.
///
/// Errors: the personal part is erased, a record cannot be read.
pub fn changes(
    words: &Words<'_>,
    household: &Household<'_>,
    earlier: &VersionLine,
    later: &VersionLine,
    eyes: Eyes,
) -> Result<Sheet, Failure> {
    let compared = compared(words, household, earlier, later, eyes)?;
    let mut sheet = Sheet::new(words.lang, words.word("present.paper.changes"));
    sheet.heads = heads(words, household, eyes)?;
    let of = |line: &VersionLine| words.category(line.rule_set.as_deref(), line.category.as_deref(), line.decides);
    let mut outcome = Table::new(
        "outcome",
        vec![
            column(words, "version", "present.col.version", ColumnKind::Text),
            column(words, "type", "present.col.type", ColumnKind::Code),
            column(words, "category", "present.col.category", ColumnKind::Code),
            column(words, "per_head_net", "present.col.per_head_net", ColumnKind::Money),
        ],
    );
    for line in [earlier, later] {
        outcome.push(vec![
            Cell::text(dossier::version_words(line)),
            words.survey_kind(line.kind, &line.form),
            of(line),
            dossier::net(line.per_head_net, eyes),
        ]);
    }
    sheet.parts.push(SheetPart::Table(outcome));
    let said = compared.said(words);
    sheet.parts.push(SheetPart::Table(compared.table));
    sheet.parts.push(SheetPart::Sentences(vec![said]));
    sheet.parts.push(SheetPart::Signatures(boxes(words, &["applicant", "surveyors"])));
    Ok(sheet)
}

/// A survey in the order of the national form, a box to tick beside each field: for whoever copies it into the national
/// system by hand and is called away in the middle.
///
/// Errors: the personal part is erased, a record cannot be read.
pub fn copy(words: &Words<'_>, household: &Household<'_>, version: &VersionLine, eyes: Eyes) -> Result<Sheet, Failure> {
    let text = survey::read(words, household, version, eyes, Shown::All)?;
    let items = || text.sections.iter().flat_map(|section| &section.items);
    let answer = |name: &str| {
        items().find_map(|item| match item {
            Item::Answer(line) if line.path.name() == name => Some(line),
            _ => None,
        })
    };
    let mut sheet = Sheet::new(words.lang, words.word("present.paper.copy"));
    sheet.heads = heads(words, household, eyes)?;
    sheet.heads.push(Field::new("last", words.word("present.paper.last"), Cell::Day(version.on)));
    sheet.parts.extend(text.missing.clone().map(|said| SheetPart::Sentences(vec![said])));
    let columns = || {
        vec![
            Column::new("done", words.word("present.paper.copied"), ColumnKind::Text).worth(9),
            column(words, "question", "present.col.question", ColumnKind::Text).worth(9),
            column(words, "answer", "present.paper.answer", ColumnKind::Text).worth(9),
        ]
    };
    let box_to_tick = || Cell::text("□");
    let line = |name: &str| {
        let said = |line: &survey::AnswerLine| Cell::text(format!("{} {}", line.number, line.label).trim());
        let line = answer(name)?;
        Some(vec![box_to_tick(), said(line), line.value.clone()])
    };
    let mut table = Table::new("worker", columns());
    let category = words.category(version.rule_set.as_deref(), version.category.as_deref(), version.decides);
    table.push(vec![box_to_tick(), Cell::text(words.word("present.field.category")), category]);
    for name in questions::NATIONAL_FORM {
        // The sum stands before the household's whole income.
        if *name == questions::INCOME_YEAR {
            table.push(vec![
                box_to_tick(),
                Cell::text(words.word("present.paper.beside_wages")),
                beside_wages(&answer),
            ]);
        }
        let Some(mut line) = line(name) else { continue };
        // The survey works it out from whole figures and keeps none of its own.
        if *name == questions::PC_GROSS
            && let (Some(value @ Cell::Empty), Some(gross)) = (line.last_mut(), gross_per_head(&answer))
        {
            *value = Cell::Money(gross);
        }
        table.push(line);
    }
    sheet.parts.push(SheetPart::Table(table));
    for item in items() {
        let Item::Roster { title, rows, .. } = item else { continue };
        let of_members = |row: &survey::RosterRow| row.lines.iter().any(|line| line.path.name() == questions::M_NAME);
        for row in rows.iter().filter(|row| of_members(row)) {
            let mut table = Table::new("member", columns()).titled(format!("{title} {}", row.name).trim().to_owned());
            for name in questions::NATIONAL_MEMBER {
                if let Some(line) = row.lines.iter().find(|line| line.path.name() == *name && !line.value.is_empty()) {
                    table.push(vec![box_to_tick(), Cell::text(line.label.as_str()), line.value.clone()]);
                }
            }
            sheet.parts.push(SheetPart::Table(table));
        }
    }
    let mut end = Table::new("end", columns());
    questions::NATIONAL_END.iter().filter_map(|name| line(name)).for_each(|line| end.push(line));
    sheet.parts.push(SheetPart::Table(end));
    let stated: Vec<Sentence> = text.sections.iter().flat_map(|section| section.stated_under_title(words)).collect();
    if !stated.is_empty() {
        sheet.parts.push(SheetPart::Sentences(stated));
    }
    sheet.parts.push(SheetPart::Signatures(boxes(words, &["filed", "checked", "entered"])));
    Ok(sheet)
}

/// The national form has one figure where the survey asks five; covered where one of them is, empty where none was answered.
fn beside_wages<'a>(answer: &impl Fn(&str) -> Option<&'a survey::AnswerLine>) -> Cell {
    let mut sum = None;
    for name in questions::INCOME_BESIDE_WAGES {
        match answer(name).map(|line| &line.value) {
            Some(Cell::Money(amount)) => sum = Some(Fen(sum.map_or(0, |sum: Fen| sum.0).saturating_add(amount.0))),
            None | Some(Cell::Empty | Cell::State { .. }) => {}
            Some(covered) => return covered.clone(),
        }
    }
    sum.map_or(Cell::Empty, Cell::Money)
}

/// Income of a head and month before anything is taken off (domain: income of the year / 12 / members), as any other figure of a head is shown.
fn gross_per_head<'a>(answer: &impl Fn(&str) -> Option<&'a survey::AnswerLine>) -> Option<Fen> {
    let Cell::Money(income) = answer(questions::INCOME_YEAR)?.value else { return None };
    let members = answer(questions::HOUSEHOLD_SIZE)?.value.shown().parse::<u32>().ok()?;
    income.per(members.checked_mul(12)?)
}

/// What to take along to the household: its people, and every answer of last time beside room for this time's. What is
/// asked fresh (money) stands empty, so that nobody copies a figure.
///
/// Errors: the personal part is erased, a record cannot be read.
pub fn visit(
    words: &Words<'_>,
    household: &Household<'_>,
    version: &VersionLine,
    eyes: Eyes,
) -> Result<Sheet, Failure> {
    let text = survey::read(words, household, version, eyes, Shown::Answered)?;
    let form = words.office().form_of(&version.form, &version.form_version);
    let is_money = |path: &crate::domain::Path| {
        let ids = form.as_ref().and_then(|form| form.by_name.get(path.name()).map(|ids| (form, ids)));
        ids.and_then(|(form, ids)| ids.first().and_then(|id| form.question(*id)))
            .is_some_and(|question| question.value == ValueType::Money)
    };
    let mut sheet = Sheet::new(words.lang, words.word("present.paper.visit"));
    sheet.heads = heads(words, household, eyes)?;
    sheet.heads.push(Field::new("last", words.word("present.paper.last"), Cell::Day(version.on)));
    sheet.parts.extend(text.missing.clone().map(|said| SheetPart::Sentences(vec![said])));
    let columns = || {
        vec![
            column(words, "question", "present.col.question", ColumnKind::Text).worth(9),
            column(words, "before", "present.paper.last_time", ColumnKind::Text).worth(9),
            column(words, "now", "present.paper.this_time", ColumnKind::Text).worth(9),
        ]
    };
    for section in &text.sections {
        sheet.parts.push(SheetPart::Heading(section.title.clone()));
        let mut table = Table::new("", columns());
        let mut rosters = Vec::new();
        for item in &section.items {
            match item {
                Item::Answer(line) => {
                    let before = if is_money(&line.path) { Cell::text("—") } else { line.value.clone() };
                    let label = format!("{} {}", line.number, line.label);
                    table.push(vec![Cell::text(label.trim()), before, Cell::text(BLANK)]);
                }
                Item::Roster { title, table, .. } => {
                    let mut empty = table.clone().titled(title.clone());
                    for row in &mut empty.rows {
                        for (cell, column) in row.cells.iter_mut().zip(&table.columns) {
                            if column.kind == ColumnKind::Money {
                                *cell = Cell::text("____");
                            }
                        }
                    }
                    rosters.push(SheetPart::Table(empty));
                }
                Item::Heading(_) => {}
            }
        }
        if !table.rows.is_empty() {
            sheet.parts.push(SheetPart::Table(table));
        }
        sheet.parts.extend(rosters);
        let stated = section.stated(words);
        if !stated.is_empty() {
            sheet.parts.push(SheetPart::Sentences(stated));
        }
    }
    sheet.parts.push(SheetPart::Signatures(boxes(words, &["applicant", "surveyors"])));
    Ok(sheet)
}

/// What to take along on a day: whom to visit, in the order of the way, and behind it the visit sheet of each.
///
/// Errors: as [`visit`].
pub fn visit_day(
    words: &Words<'_>,
    on: Day,
    list: Table,
    households: &[(Household<'_>, VersionLine, Eyes)],
) -> Result<Sheet, Failure> {
    let mut sheet = Sheet::new(words.lang, words.word("present.paper.visit_day"));
    sheet.heads.push(Field::new("day", words.word("present.col.date"), Cell::Day(on)));
    sheet.parts.push(SheetPart::Table(list));
    for (household, version, eyes) in households {
        let one = visit(words, household, version, *eyes)?;
        sheet.parts.push(SheetPart::Heading(one.title));
        sheet.parts.push(SheetPart::Fields(one.heads));
        sheet.parts.extend(one.parts);
    }
    Ok(sheet)
}

/// Who it is about.
fn heads(words: &Words<'_>, household: &Household<'_>, eyes: Eyes) -> Result<Vec<Field>, Failure> {
    let status = household.status(crate::views::Horizon::NOW);
    let name = household.face()?.and_then(|face| face.names.into_iter().next());
    let name = name.map(|name| crate::domain::Mask::Name.show(&name, eyes)).unwrap_or_default();
    Ok(vec![
        Field::new("number", words.word("present.col.number"), Cell::identifier(status.number.as_str())),
        Field::new("name", words.word("present.col.name"), Cell::text(name)),
        Field::new("unit", words.word("present.paper.unit"), words.filing_unit(words.unit(status.unit), None)),
    ])
}
