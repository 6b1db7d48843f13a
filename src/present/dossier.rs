//! A household's dossier as values: how it stands, its surveys, its people, two surveys compared, why the category is what it
//! is, its queries. What the screen's pages and `show`, `diff`, `explain`, `query` print.

use super::lists::column;
use super::reading::Reading;
use super::value::{Cell, ColumnKind, Field, Sentence, Table, TableRow, Tone};
use super::words::Words;
use crate::command::dossier::{Difference, Kept, StatusLine, VersionLine, differences};
use crate::command::queries::{QueryLine, QueryState};
use crate::command::{Duty, Failure, Household};
use crate::domain::questions;
use crate::domain::{Answers, Day, Decision, EntryId, Eyes, Fen, Mask, Message, Path};
use crate::rules::{self, trace::Pick};
use crate::views::Horizon;

/// What is seen at a glance: who, where, how it stands, what is due, what is missing. For those eyes, as of a horizon.
///
/// Errors: a record cannot be read. Of an erased household only what is not personal is told.
pub fn at_a_glance(
    words: &Words<'_>,
    household: &Household<'_>,
    horizon: Horizon,
    eyes: Eyes,
    today: Day,
) -> Result<Vec<Field>, Failure> {
    let status = household.status(horizon);
    let face = household.face_within(&status, horizon)?;
    let latest = match (status.erased, status.versions.iter().rev().find(|version| version.decides)) {
        (false, Some(version)) => household.survey(version).ok(),
        _ => None,
    };
    let field = |key, value| Field::new(key, words.word(&format!("present.field.{key}")), value);
    let mut out = vec![field("number", Cell::identifier(status.number.as_str()))];
    let names = face.as_ref().map(|face| face.names.as_slice()).unwrap_or_default();
    let shown = |name: &String| Mask::Name.show(name, eyes);
    out.push(match names.first() {
        Some(name) => field("name", Cell::text(shown(name))).tone(Tone::Strong),
        None => field("name", Cell::text(words.word(if status.erased { "present.erased" } else { "present.no_name" }))),
    });
    if let Some(face) = &face {
        if eyes == Eyes::Revealed {
            out.extend(face.id_numbers.iter().map(|id| field("id_number", Cell::identifier(id.as_str()))));
        }
        let phone = |phone: &String| field("phone", Cell::identifier(Mask::Phone.show(phone, eyes)));
        out.extend(face.phones.iter().map(phone));
    }
    if let [_, members @ ..] = names
        && !members.is_empty()
    {
        let said = Message::new("present.members").with("count", members.len());
        out.push(field("members", Cell::text(words.say(&said.with("names", words.joined(members.iter().map(shown)))))));
    }
    out.push(field("unit", words.unit(status.unit)));
    out.push(field("status", words.status(&status)));
    out.push(field("category", or_dash(words.category_of(&status))).tone(Tone::Strong));
    if let Some(proposed) = status.proposed.as_ref().filter(|_| status.approved) {
        out.push(field("proposed", Cell::text(super::case::proposal(words, proposed))).tone(Tone::Doubt));
    }
    out.extend(super::case::updated(words, status.updated_on));
    if let Some(kept) = &latest {
        out.extend(cause(words, kept, eyes).map(|cause| field("cause", cause)));
    }
    let compared = latest.as_ref().and_then(|kept| kept.decision.as_ref()).and_then(Decision::per_head_compared);
    if let (Some(net), Some(line)) = (compared.or(status.per_head_net), status.line_month) {
        let sign = if net < line { "<" } else { "≥" };
        let net = Mask::Cause.show(&net.grouped(), eyes);
        out.push(field("per_head", Cell::text(format!("{net} {sign} {}", line.grouped()))));
    }
    if let Some(had) = super::aid::had(words, &household.aid_had()?, today) {
        out.push(field("aid_had", had));
    }
    out.push(field("decided_on", or_dash(Cell::day(status.decided_on))));
    out.push(due(words, &status, today, field("next_due", or_dash(Cell::day(status.next_due)))));
    let decision = latest.as_ref().and_then(|kept| kept.decision.as_ref()).filter(|_| status.undecided);
    if let Some(decision) = decision.filter(|decision| !decision.missing.is_empty()) {
        let decision = match Mask::Cause.covers(eyes) {
            true => rules::trace::without_illness(decision.clone()),
            false => decision.clone(),
        };
        let facts = decision.missing.iter().map(|fact| words.word(&format!("rules.fact.{fact}")));
        out.push(field("missing", Cell::text(words.joined(facts))).tone(Tone::Doubt));
    }
    let waiting = household.history().queries(horizon).iter().filter(|query| query.closed.is_none()).count();
    if waiting > 0 {
        out.push(field("queries", Cell::number(waiting)).tone(Tone::Doubt));
    }
    if !status.conflict.is_empty() {
        out.push(field("conflict", Cell::text(beside_each_other(words, &status))).tone(Tone::Wrong));
    }
    if status.contested {
        out.push(field("contested", Cell::text(words.word("present.contested"))).tone(Tone::Wrong));
    }
    Ok(out)
}

/// The day that a survey is due, and by how much it is late.
fn due(words: &Words<'_>, status: &StatusLine, today: Day, field: Field) -> Field {
    match status.next_due.filter(|due| *due < today && !status.status.is_some_and(|status| status.is_over())) {
        None => field,
        Some(due) => {
            let said = Message::new("present.overdue").with("day", due).with("days", i64::from(today.0 - due.0));
            Field { value: Cell::text(words.say(&said)), tone: Tone::Wrong, ..field }
        }
    }
}

fn cause(words: &Words<'_>, kept: &Kept, eyes: Eyes) -> Option<Cell> {
    let reading = Reading::new(words, &kept.answers, eyes);
    let form = reading.form.clone()?;
    let node = *form.by_name.get(questions::CAUSE_MAIN)?.first()?;
    Some(reading.answer(&Path::new(form.node(node).path.as_str()))).filter(|cell| !cell.is_empty())
}

/// Surveys that went on from one place: each by its day and whose it is.
fn beside_each_other(words: &Words<'_>, status: &StatusLine) -> String {
    let of = |entry: &EntryId| status.versions.iter().find(|line| line.record == *entry || line.first == *entry);
    let reported = status.conflict.iter().map(|entry| match of(entry) {
        Some(line) => format!("{} {} {}", line.version, line.on, words.officer(line.by)).trim_end().to_owned(),
        None => words.word("present.another"),
    });
    words.say(&Message::new("present.side_by_side").with("which", words.joined(reported)))
}

fn or_dash(cell: Cell) -> Cell {
    if cell.is_empty() { Cell::text("-") } else { cell }
}

/// What is left a head and month: with income and members beside it, it tells what an illness costs a household, so that whoever
/// may not know why a household is in hardship sees none of it.
pub fn net(per_head: Option<Fen>, eyes: Eyes) -> Cell {
    match per_head {
        Some(_) if Mask::Cause.covers(eyes) => Cell::text(Mask::Cause.cover("net")),
        net => Cell::money(net),
    }
}

/// The versions, oldest first.
pub fn versions(words: &Words<'_>, status: &StatusLine, eyes: Eyes) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "versions",
        vec![
            column("version", ColumnKind::Number).worth(9),
            column("date", ColumnKind::Day).worth(9),
            column("type", ColumnKind::Code).worth(6),
            column("category", ColumnKind::Code).worth(8),
            column("per_head_net", ColumnKind::Money).worth(7),
            column("line_month", ColumnKind::Money).worth(3),
            column("by", ColumnKind::Text).worth(5),
            column("kept_at", ColumnKind::Moment).worth(2),
        ],
    );
    table.rows = status.versions.iter().map(|line| version(words, line, eyes)).collect();
    table
}

/// A version as a row of [`versions`]; a corrected one has a star behind its number.
fn version(words: &Words<'_>, line: &VersionLine, eyes: Eyes) -> TableRow {
    let number = match line.corrected {
        true => Cell::text(format!("{}*", line.version)),
        false => Cell::number(line.version),
    };
    vec![
        number,
        Cell::Day(line.on),
        words.survey_kind(line.kind, &line.form),
        or_dash(words.category(line.rule_set.as_deref(), line.category.as_deref(), line.decides)),
        net(line.per_head_net, eyes),
        Cell::money(line.line_month),
        Cell::text(words.officer(line.by)),
        Cell::Moment(line.at),
    ]
    .into()
}

/// The path of the group in which a question of that name stands, with the slash behind it; empty at the top.
fn beside(answers: &Answers, name: &str) -> String {
    let path =
        answers.answers.iter().map(|answer| answer.path.as_str()).find(|path| path.rsplit('/').next() == Some(name));
    path.and_then(|path| path.rsplit_once('/')).map_or_else(String::new, |(group, _)| format!("{group}/"))
}

/// Everybody of one survey: the worker, then the members.
pub fn people(words: &Words<'_>, answers: &Answers, eyes: Eyes) -> Table {
    let reading = Reading::new(words, answers, eyes);
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "people",
        vec![
            column("name", ColumnKind::Text).worth(9),
            column("relation", ColumnKind::Code).worth(8),
            column("id_number", ColumnKind::Identifier).worth(6),
            column("sex", ColumnKind::Code).worth(5),
            column("born", ColumnKind::Day).worth(7),
            column("occupation", ColumnKind::Code).worth(6),
            column("health", ColumnKind::Code).worth(1),
            column("income", ColumnKind::Money).worth(4),
        ],
    );
    let row = |under: &str, names: [&str; 8]| -> Vec<Cell> {
        names.iter().map(|name| reading.answer(&Path::new(format!("{under}{name}")))).collect()
    };
    let under = beside(answers, "name");
    let worker = [
        questions::NAME,
        "",
        questions::ID_NUMBER,
        questions::SEX,
        questions::BIRTH_DATE,
        questions::WORK_STATUS,
        questions::HEALTH_STATUS,
        questions::OWN_MONTH_WAGE,
    ];
    let mut own = row(&under, worker);
    own[1] = Cell::text(words.word("present.worker"));
    // What the worker earns is asked among the household's income.
    own[7] = reading.answer(&Path::new(format!(
        "{}{}",
        beside(answers, questions::OWN_MONTH_WAGE),
        questions::OWN_MONTH_WAGE
    )));
    table.push(TableRow { cells: own, tone: Tone::Strong });
    let member = [
        questions::M_NAME,
        questions::M_RELATION,
        questions::M_ID_NUMBER,
        questions::M_SEX,
        questions::M_BIRTH_DATE,
        questions::M_PERSON_STATUS,
        questions::M_HEALTH,
        questions::M_MONTH_INCOME,
    ];
    let is_member = |path: &Path| path.segments().last().is_some_and(|(name, _)| name == "members");
    for one in answers.rows.iter().filter(|row| is_member(&row.path)) {
        table.push(row(&format!("{}/", one.path), member));
    }
    table
}

/// Two surveys, question by question.
pub struct Compared {
    pub earlier: VersionLine,
    pub later: VersionLine,
    /// What differs, with what the form works out for itself.
    pub all: Vec<Difference>,
    /// What people were asked and answered differently, in words: whose and which, before, after.
    pub table: Table,
    /// Who left and who came from the one to the other, as far as somebody said.
    pub members: Vec<Sentence>,
    hidden: Hidden,
    before: Answers,
    after: Answers,
    eyes: Eyes,
}

/// What a difference says of answers that are hidden from those eyes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hidden {
    Nothing,
    /// The same words whether or not anything of it differs.
    NotCompared,
    /// For whoever checks the household, and may have it revealed.
    Differs,
}

/// Compares two versions.
///
/// Errors: the personal part is erased, a record cannot be read.
pub fn compared(
    words: &Words<'_>,
    household: &Household<'_>,
    earlier: &VersionLine,
    later: &VersionLine,
    eyes: Eyes,
) -> Result<Compared, Failure> {
    let before = household.survey(earlier)?.answers;
    let after = household.survey(later)?.answers;
    let naming = Reading::new(words, &after, eyes);
    let all = differences(&before, &after, |path| naming.names_somebody(path));
    let mut table = Table::new(
        "differences",
        vec![
            column(words, "question", "present.col.question", ColumnKind::Text).worth(9),
            super::Column::new("before", version_words(earlier), ColumnKind::Text).worth(9),
            super::Column::new("after", version_words(later), ColumnKind::Text).worth(9),
        ],
    );
    let (old, new) = both(words, &before, &after, eyes);
    let mut hidden = match old.hides_some() || new.hides_some() {
        true => Hidden::NotCompared,
        false => Hidden::Nothing,
    };
    for difference in &all {
        let Difference { path, was_at, before, after } = difference;
        // What only the earlier survey had stands where that one had it.
        let own = if after.is_some() { &new } else { &old };
        if !own.is_asked(path) {
            continue;
        }
        if own.hides(path) {
            hidden = if eyes == Eyes::Duty { Hidden::Differs } else { hidden };
            continue;
        }
        // Each as its own survey has it: the same number names somebody else where a row came before.
        let was = or_dash(old.cell(was_at.as_ref().unwrap_or(path), before.as_ref()));
        let is = or_dash(own.cell(path, after.as_ref()));
        table.push(vec![Cell::text(own.label(path)), was, is]);
    }
    let mut changes = Vec::new();
    for line in household.status(Horizon::NOW).versions.iter().filter(|line| line.version > earlier.version) {
        if line.version < later.version {
            changes.extend(household.changes_named(line.record)?);
        }
    }
    let already = if earlier.version == later.version { household.changes_named(earlier.record)? } else { Vec::new() };
    changes.extend(household.changes_named(later.record)?.into_iter().filter(|change| !already.contains(change)));
    let members = super::members::sentences(words, &changes, eyes);
    Ok(Compared { earlier: earlier.clone(), later: later.clone(), all, table, members, hidden, before, after, eyes })
}

fn both<'r>(words: &'r Words<'r>, before: &'r Answers, after: &'r Answers, eyes: Eyes) -> (Reading<'r>, Reading<'r>) {
    (Reading::new(words, before, eyes).beside(after), Reading::new(words, after, eyes).beside(before))
}

impl Compared {
    /// `[{"question", "before", "after"}]`: paths and stored texts, covered.
    pub fn json(&self, words: &Words<'_>) -> serde_json::Value {
        use crate::domain::Given;
        let (old, new) = both(words, &self.before, &self.after, self.eyes);
        let one = |difference: &Difference| {
            let own = if difference.after.is_some() { &new } else { &old };
            let text = |given: &Option<Given>| match given {
                None => serde_json::Value::Null,
                Some(Given::State(state)) => serde_json::json!({"state": state.code()}),
                Some(Given::Value(text)) => serde_json::json!(own.stored(&difference.path, text)),
            };
            serde_json::json!({
                "question": difference.path.as_str(),
                "was_at": difference.was_at.as_ref().map(Path::as_str),
                "before": text(&difference.before),
                "after": text(&difference.after),
            })
        };
        let is_said = |difference: &&Difference| !new.hides(&difference.path) && !old.hides(&difference.path);
        self.all.iter().filter(is_said).map(one).collect()
    }

    /// How many answers differ.
    pub fn said(&self, words: &Words<'_>) -> Sentence {
        let count = self.table.rows.len();
        let key = match (count, self.hidden) {
            (0, Hidden::Nothing) => "present.same",
            (_, Hidden::Nothing) => "present.different",
            (0, Hidden::NotCompared) => "present.same_of_open",
            (_, Hidden::NotCompared) => "present.different_of_open",
            (_, Hidden::Differs) => "present.covered_differs",
        };
        Sentence::new(words.say(&Message::new(key).with("count", count))).tone(Tone::Quiet)
    }
}

/// `2  2026-09-12`; a reading of it `2.1  2026-09-12 (2026-09-13)`.
pub fn version_words(version: &VersionLine) -> String {
    match version.reading {
        // Readings of one survey are of one day, and are told apart by when they came in.
        Some(_) => format!("{}  {} ({})", version.called(), version.on, version.at.day()),
        None => format!("{}  {}", version.version, version.on),
    }
}

/// Why the category is what it is, in sentences that can be read to the worker; with what would change it, where the
/// decision still holds that.
pub fn reasons(words: &Words<'_>, decision: &Decision) -> Vec<Sentence> {
    let Ok(rules) = words.office().rules() else { return Vec::new() };
    let Some(set) = rules.get(&decision.rule_set) else { return Vec::new() };
    let pick = pick(words);
    let sentences =
        rules::trace::sentences(decision, set, pick).into_iter().chain(rules::trace::flips(decision, set, pick));
    let sentences = sentences.map(|message| Sentence::new(words.say(&message)));
    let doubts = rules.doubts(decision).into_iter().map(|doubt| Sentence::new(words.say(&doubt)).tone(Tone::Doubt));
    sentences.chain(doubts).collect()
}

/// The one of a name's two languages that is the reader's.
pub fn pick(words: &Words<'_>) -> Pick {
    match words.lang {
        crate::lang::Lang::Zh => |names| &names.zh,
        crate::lang::Lang::En => |names| &names.en,
    }
}

/// Queries about a household's answers before those eyes, oldest first. What was said is covered where the answer is: it may
/// say what that is. Whoever asks or answers there by duty reads it: they could not do it otherwise.
///
/// Errors: a record cannot be read.
pub fn queries_of(
    words: &Words<'_>,
    household: &Household<'_>,
    horizon: Horizon,
    eyes: Eyes,
) -> Result<Vec<QueryLine>, Failure> {
    let mut lines = household.queries(horizon)?;
    let takes_part = eyes != Eyes::Elsewhere && [Duty::Ask, Duty::AnswerQuery].into_iter().any(|d| household.may(d));
    if lines.is_empty() || takes_part || eyes == Eyes::Revealed {
        return Ok(lines);
    }
    // By the latest readings: a query may be about a survey that the horizon does not show.
    let status = household.status(Horizon::NOW);
    let mut read: Vec<(EntryId, Option<Answers>)> = Vec::new();
    let mut is_said = Vec::new();
    for line in &mut lines {
        if read.iter().all(|(survey, _)| *survey != line.survey) {
            let version = status.versions.iter().find(|v| v.record == line.survey || v.first == line.survey);
            let answers = version.and_then(|version| household.survey(version).ok()).map(|kept| kept.answers);
            read.push((line.survey, answers));
        }
        let answers = read.iter().find(|(survey, _)| *survey == line.survey).and_then(|(_, answers)| answers.as_ref());
        // What cannot be read may be anything.
        let reading = answers.map(|answers| Reading::new(words, answers, eyes));
        if reading.as_ref().is_none_or(|reading| reading.covers_words(&line.path)) {
            line.said.iter_mut().for_each(|said| said.text = Mask::All.cover(&said.text));
        }
        is_said.push(reading.is_none_or(|reading| !reading.hides(&line.path)));
    }
    // That an answer was asked about which those eyes may not know of tells that there is one.
    let mut is_said = is_said.into_iter();
    lines.retain(|_| is_said.next().unwrap_or(true));
    Ok(lines)
}

/// Queries about a household's answers: which question of which survey, how it stands, what was said first.
pub fn queries(
    words: &Words<'_>,
    household: &Household<'_>,
    status: &StatusLine,
    queries: &[QueryLine],
    eyes: Eyes,
) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let mut table = Table::new(
        "queries",
        vec![
            column("query", ColumnKind::Number).worth(9),
            column("state", ColumnKind::Code).worth(8),
            column("question", ColumnKind::Text).worth(7),
            column("said", ColumnKind::Text).worth(9),
        ],
    );
    let mut read: Vec<(EntryId, Answers)> = Vec::new();
    for line in queries {
        let version = status.versions.iter().find(|v| v.record == line.survey || v.first == line.survey);
        if let Some(version) = version.filter(|version| read.iter().all(|(record, _)| *record != version.record))
            && let Ok(kept) = household.survey(version)
        {
            read.push((version.record, kept.answers));
        }
        let answers = version.and_then(|version| read.iter().find(|(record, _)| *record == version.record));
        let question = answers.map(|(_, answers)| Reading::new(words, answers, eyes).label(&line.path));
        let state = line.state.code();
        table.push(TableRow {
            cells: vec![
                Cell::number(line.number),
                Cell::code(state, words.word(&format!("query.{state}"))),
                Cell::text(question.unwrap_or_else(|| words.word("present.unknown_question"))),
                Cell::text(line.said.first().map(|said| said.text.clone()).unwrap_or_default()),
            ],
            tone: if line.state == QueryState::Closed { Tone::Quiet } else { Tone::Plain },
        });
    }
    table
}

/// What was said about a query: when, by whom, the words.
pub fn said(words: &Words<'_>, query: &QueryLine) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let columns = vec![
        column("at", ColumnKind::Moment).worth(5),
        column("by", ColumnKind::Text).worth(8),
        column("said", ColumnKind::Text).worth(9),
    ];
    let mut table = Table::new("said", columns);
    for said in &query.said {
        table.push(vec![Cell::Moment(said.at), Cell::text(words.officer(said.by)), Cell::text(said.text.as_str())]);
    }
    table
}
