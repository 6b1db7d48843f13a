//! A case as values: where it stands, its steps, what may come next. What `case` and the dossier's page of its case print.

use super::lists::column;
use super::value::{Cell, ColumnKind, Field, Sentence, Table, TableRow, Tone};
use super::words::Words;
use crate::command::case::{CaseView, NextStep, ObjectionLine, PAPER_COVERED, StepLine};
use crate::domain::dossier::{Level, Status, UpperState};
use crate::domain::{Explain, Message};

/// Where it stands: status, what is in force, what is proposed, since when it has been a case.
pub fn stands(words: &Words<'_>, case: &CaseView) -> Vec<Field> {
    let field = |key: &'static str, value| Field::new(key, words.word(&format!("present.field.{key}")), value);
    let status = case.status.map_or_else(String::new, |status| words.word(&format!("status.{}", status.code())));
    let mut out = vec![field("status", Cell::text(status))];
    if let Some(category) = &case.category {
        let rule_set = case.rule_set.as_deref();
        let named = words.category(rule_set, Some(category.as_str()), true).shown();
        let key = if case.approved { "present.case.approved" } else { "present.case.computed" };
        out.push(
            field("category", Cell::text(words.say(&Message::new(key).with("category", named)))).tone(Tone::Strong),
        );
    }
    if let Some(proposed) = case.proposed.as_ref().filter(|_| case.approved) {
        out.push(field("proposed", Cell::text(proposal(words, proposed))).tone(Tone::Doubt));
    }
    out.extend(updated(words, case.updated_on));
    if case.sample {
        out.push(
            field(
                "rules",
                Cell::text(words.say(
                    &Message::new("present.case.sample").with("rules", case.rule_set.clone().unwrap_or_default()),
                )),
            )
            .tone(Tone::Doubt),
        );
    }
    if let Some(kept) = case.level {
        out.push(field("level", words.code("level", kept.level.code())));
        if kept.level != Level::Bureau {
            let tone = if kept.upper == UpperState::Returned { Tone::Doubt } else { Tone::Plain };
            out.push(field("upper", words.code("upper_state", kept.upper.code())).tone(tone));
        }
    }
    if let Some(day) = case.accepted_on {
        out.push(field("accepted_on", Cell::Day(day)));
    }
    if let Some(day) = case.died_on {
        out.push(field("died_on", Cell::Day(day)).tone(Tone::Wrong));
    }
    if !case.papers_owed.is_empty() {
        let papers = case.papers_owed.iter().map(|code| match code.as_str() {
            PAPER_COVERED => words.word("paper.covered"),
            code => words.word(&format!("paper.{code}")),
        });
        out.push(field("papers_owed", Cell::text(words.joined(papers))).tone(Tone::Doubt));
    }
    out
}

/// What a survey proposes beside what is in force: the category, of which day, how far its way has gone.
pub fn proposal(words: &Words<'_>, proposed: &crate::views::case::Proposed) -> String {
    let category = words.category(proposed.rule_set.as_deref(), proposed.category.as_deref(), true).shown();
    let said = Message::new("present.case.proposed").with("category", category).with("day", proposed.on);
    let said = words.say(&said);
    match proposed.stage {
        Some(stage) => format!("{said} · {}", words.word(&format!("status.{}", stage.code()))),
        None => said,
    }
}

/// That the latest survey was an update by which nothing is to be decided.
pub fn updated(words: &Words<'_>, on: Option<crate::domain::Day>) -> Option<Field> {
    let said = words.say(&Message::new("present.case.updated").with("day", on?));
    Some(Field::new("updated", words.word("present.field.updated"), Cell::text(said)).tone(Tone::Quiet))
}

/// The steps that were taken, oldest first.
pub fn steps(words: &Words<'_>, case: &CaseView) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let columns = vec![
        column("step", ColumnKind::Code).worth(9),
        column("on", ColumnKind::Day).worth(9),
        column("until", ColumnKind::Day).worth(6),
        column("category", ColumnKind::Code).worth(5),
        column("by", ColumnKind::Text).worth(8),
        column("entered", ColumnKind::Text).worth(4),
    ];
    let mut table = Table::new("steps", columns);
    table.rows = case.steps.iter().map(|line| step(words, case, line)).collect();
    table
}

fn step(words: &Words<'_>, case: &CaseView, line: &StepLine) -> TableRow {
    let entered = match line.late_days {
        Some(days) => {
            words.say(&Message::new("present.case.late").with("day", line.at.day()).with("days", i64::from(days)))
        }
        None => line.at.day().to_string(),
    };
    let category = line.category.as_deref();
    let cells = vec![
        Cell::code(line.to.code(), words.word(&format!("status.{}", line.to.code()))),
        Cell::Day(line.on),
        Cell::day(line.until),
        category.map_or_else(|| Cell::text(""), |code| words.category(case.rule_set.as_deref(), Some(code), true)),
        Cell::text(words.officer(line.by)),
        Cell::text(entered),
    ];
    TableRow { cells, tone: if line.late_days.is_some() { Tone::Doubt } else { Tone::Plain } }
}

/// What was said against its notices, and what came of it.
pub fn objections(words: &Words<'_>, lines: &[ObjectionLine]) -> Table {
    let column = |key, kind| column(words, key, &format!("present.col.{key}"), kind);
    let columns = vec![
        column("objection", ColumnKind::Number).worth(9),
        column("on", ColumnKind::Day).worth(9),
        column("objector", ColumnKind::Text).worth(5),
        column("contact", ColumnKind::Text).worth(4),
        column("words", ColumnKind::Text).worth(8),
        column("settled", ColumnKind::Text).worth(7),
        column("answer", ColumnKind::Text).worth(6),
    ];
    let mut table = Table::new("objections", columns);
    for line in lines {
        let said = line.said.as_ref();
        let text = |text: Option<&String>| text.map_or(Cell::Empty, |text| Cell::text(text.as_str()));
        let settled = match &line.settled {
            Some((day, upheld, _)) => {
                let key = if *upheld { "present.case.upheld" } else { "present.case.dismissed" };
                words.say(&Message::new(key).with("day", *day))
            }
            None => words.word("present.case.objection_open"),
        };
        let cells = vec![
            Cell::number(line.number as u64),
            Cell::Day(line.on),
            text(said.and_then(|said| said.name.as_ref())),
            text(said.and_then(|said| said.contact.as_ref())),
            text(said.map(|said| &said.words)),
            Cell::text(settled),
            text(line.settled.as_ref().and_then(|(_, _, answer)| answer.as_ref())),
        ];
        let tone = if line.settled.is_none() { Tone::Doubt } else { Tone::Plain };
        table.rows.push(TableRow { cells, tone });
    }
    table
}

/// What may come next: what may be done now, and of the rest what stands in its way. `typed`: each with its code, where steps
/// are typed as commands.
pub fn next(words: &Words<'_>, case: &CaseView, typed: bool) -> Vec<Sentence> {
    case.next.iter().map(|step| next_step(words, step, typed)).collect()
}

/// What a step is called before it is taken; afterwards it is called by its status.
pub fn step_word(to: Status) -> String {
    match to {
        Status::Draft => "case.doing.send_back".to_owned(),
        to => format!("status.{}", to.code()),
    }
}

fn next_step(words: &Words<'_>, step: &NextStep, typed: bool) -> Sentence {
    let word = words.word(&step_word(step.to));
    let named = if typed { words.bracketed(&word, step.to.code()) } else { word };
    match (&step.refused, step.may) {
        (Some(refusal), _) => {
            let why = words.say(&refusal.explain());
            Sentence::new(words.say(&Message::new("present.case.refused").with("step", named).with("why", why)))
                .tone(Tone::Doubt)
        }
        (None, true) => Sentence::new(words.say(&Message::new("present.case.may").with("step", named))),
        (None, false) => {
            Sentence::new(words.say(&Message::new("present.case.others").with("step", named))).tone(Tone::Quiet)
        }
    }
}
