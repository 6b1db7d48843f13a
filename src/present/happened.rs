//! What happened to a household, a line each: its records and who looked at it. What the dossier's history prints.

use super::value::{Cell, Column, ColumnKind, Table, TableRow, Tone};
use super::words::Words;
use crate::command::Duty;
use crate::command::looks::LookLine;
use crate::domain::case::Limits;
use crate::domain::event::{Ledger, SurveyKind};
use crate::domain::{Arg, EntryId, Message, OfficerId};
use crate::views::{Happening, History, Horizon, number_text};
use std::collections::HashMap;

/// All that is known within the horizon and happened by its day, the latest first. By which key or user somebody acted, and from
/// where, is for those who see it in the log, too.
pub fn table(words: &Words<'_>, history: &History, looks: &[LookLine], horizon: Horizon) -> Table {
    let mut columns = vec![
        Column::new("at", words.word("present.col.at"), ColumnKind::Moment).worth(9),
        Column::new("by", words.word("present.col.by"), ColumnKind::Text).worth(8),
        Column::new("what", words.word("present.col.what"), ColumnKind::Text).worth(9),
    ];
    let mut entrances =
        [Duty::SeeLooks, Duty::SeeLogins].iter().any(|duty| words.office().carries(*duty)).then(Entrances::new);
    if entrances.is_some() {
        columns.push(Column::new("way", words.word("present.col.way"), ColumnKind::Text).worth(4));
    }
    let mut table = Table::new("history", columns);
    let known = history.happenings.iter().filter(|happening| {
        let day = happening.ledger.day().unwrap_or(happening.at.day());
        happening.is_known(horizon) && day <= horizon.on
    });
    let mut rows: Vec<_> = known
        .map(|happening| {
            let (said, late) = with_lateness(words, history, happening);
            let by = by(words, happening.by, happening.session);
            (happening.at, by, happening.session, said, if late { Tone::Doubt } else { Tone::Plain })
        })
        .collect();
    // Looks are no part of what happened to the household, and stand among it by their time.
    let shown = looks.iter().filter(|look| look.at.0 <= horizon.received && look.at.day() <= horizon.on);
    rows.extend(shown.map(|look| (look.at, by(words, look.by, look.session), look.session, looked(look), Tone::Quiet)));
    rows.sort_by_key(|(at, ..)| *at);
    for (at, by, session, said, tone) in rows.into_iter().rev() {
        let mut cells = vec![Cell::Moment(at), Cell::text(by), Cell::text(words.say(&said))];
        cells.extend(entrances.as_mut().map(|entrances| Cell::text(way(words, entrances, session))));
        table.push(TableRow { cells, tone });
    }
    table
}

/// What was read of sessions: many records are of one.
type Entrances = HashMap<EntryId, String>;

/// By which key or user, and from where. Nothing is said where the record names no session (who it was says that), or where the
/// session's own record has not come here yet.
fn way(words: &Words<'_>, entrances: &mut Entrances, session: Option<EntryId>) -> String {
    let Some(named) = session else { return String::new() };
    let read = || {
        let session = words.office().session(session).ok().flatten();
        session.map(|s| format!("{} {}", s.entrance.shown(), s.address).trim().to_owned()).unwrap_or_default()
    };
    entrances.entry(named).or_insert_with(read).clone()
}

/// Who it was. Records from before sessions were name an officer and no way in, and say so: who stood behind the name is
/// known of none of them.
fn by(words: &Words<'_>, officer: OfficerId, session: Option<EntryId>) -> String {
    let officer = words.officer(officer);
    match session {
        Some(_) => officer,
        None => words.bracketed(&officer, &words.word("present.no_way")),
    }
}

/// What happened; of a step that was entered long after its day, by how much.
fn with_lateness(words: &Words<'_>, history: &History, happening: &Happening) -> (Message, bool) {
    let said = happened(words, history, happening);
    let late = happening.ledger.step().map_or(0, |(_, on)| happening.at.day().0 - on.0);
    // As the bureau counted when the step was entered.
    let limits = words.office().case_limits(happening.at.day()).unwrap_or(Limits::USUAL);
    match late > limits.late_after_days {
        true => (Message::new("present.happened.late").with("said", said).with("days", i64::from(late)), true),
        false => (said, false),
    }
}

fn status(code: &str) -> Arg {
    Arg::Word(format!("status.{code}"))
}

fn happened(words: &Words<'_>, history: &History, happening: &Happening) -> Message {
    let numbers = || {
        let numbers = happening.issued.iter().map(|issued| number_text(&issued.series, issued.number));
        numbers.collect::<Vec<_>>().join(" ")
    };
    match &happening.ledger {
        Ledger::DossierOpened { accepted_on, .. } => {
            Message::new("present.happened.opened").with("day", *accepted_on).with("number", numbers())
        }
        Ledger::NumberGiven { .. } => Message::new("present.happened.numbered").with("number", numbers()),
        Ledger::SurveySubmitted(survey) | Ledger::SurveyProposed { survey, .. } => {
            let key = match survey.kind {
                SurveyKind::Correction => "present.happened.corrected",
                _ => "present.happened.surveyed",
            };
            let kind = words.survey_kind(survey.kind, &survey.form).shown();
            let category = words.category(survey.rule_set.as_deref(), survey.category.as_deref(), true).shown();
            let category = if survey.rule_set.is_some() || survey.category.is_some() { category } else { "-".into() };
            Message::new(key).with("day", survey.on).with("kind", kind).with("category", category)
        }
        Ledger::StatusMoved { to, on, .. } => {
            Message::new("present.happened.moved").with("day", *on).with("status", status(to.code()))
        }
        Ledger::Approved { on, category, rule_set, .. } => {
            let category = words.category(Some(rule_set), Some(category), true).shown();
            Message::new("present.happened.approved").with("day", *on).with("category", category)
        }
        Ledger::TakenOver { on, category, rule_set, .. } => {
            let category = words.category(Some(rule_set), Some(category), true).shown();
            Message::new("present.happened.taken_over").with("day", *on).with("category", category)
        }
        Ledger::CameWithRoll { line, .. } => Message::new("present.happened.came_with_roll").with("line", *line),
        Ledger::Applied { on, .. } => Message::new("present.happened.applied").with("day", *on),
        Ledger::Deliberated { on, present, agreed, against, .. } => Message::new("present.happened.deliberated")
            .with("day", *on)
            .with("present", *present)
            .with("agreed", *agreed)
            .with("against", *against),
        Ledger::NoticePosted { on, until, .. } => {
            Message::new("present.happened.posted").with("day", *on).with("until", *until)
        }
        Ledger::ExclusionsOverridden { on, codes, .. } => {
            let codes = codes.iter().map(|code| words.code("exclusion", code).shown());
            Message::new("present.happened.overridden").with("day", *on).with("codes", words.joined(codes))
        }
        Ledger::PapersNoted { on, papers, .. } => {
            Message::new("present.happened.papers").with("day", *on).with("count", papers.len())
        }
        Ledger::Objected { on, .. } => Message::new("present.happened.objected").with("day", *on),
        Ledger::ObjectionSettled { on, upheld, .. } => {
            let key = if *upheld { "present.happened.upheld" } else { "present.happened.dismissed" };
            Message::new(key).with("day", *on)
        }
        Ledger::VisitAssigned { to, .. } => match to {
            Some(officer) => Message::new("present.happened.visit_assigned").with("officer", words.officer(*officer)),
            None => Message::new("present.happened.visit_unassigned"),
        },
        Ledger::VisitMade { on, outcome, next, is_final, .. } => {
            let said = Message::new(match (next, is_final) {
                (_, true) => "present.happened.visited_finally",
                (Some(_), false) => "present.happened.visited_next",
                (None, false) => "present.happened.visited",
            });
            let said = said.with("day", *on).with("outcome", words.code("visit_outcome", outcome.code()).shown());
            match next {
                Some(next) => said.with("next", *next),
                None => said.with("next", ""),
            }
        }
        Ledger::LevelNoted { on, level, upper, .. } => Message::new("present.happened.level")
            .with("day", *on)
            .with("level", words.code("level", level.code()).shown())
            .with("upper", words.code("upper_state", upper.code()).shown()),
        Ledger::WorkerDied { on, .. } => Message::new("present.happened.died").with("day", *on),
        Ledger::StepWithdrawn { step, .. } => {
            let step = history.happenings.iter().find(|h| h.entry == *step).and_then(|h| h.ledger.step());
            let said = Message::new("present.happened.withdrawn");
            match step {
                Some((to, on)) => said.with("day", on).with("status", status(to.code())),
                None => said.with("day", "").with("status", ""),
            }
        }
        Ledger::OtherNumber { system, .. } => {
            Message::new("present.happened.other_number").with("system", system.as_str())
        }
        Ledger::Erased { .. } => Message::new("present.happened.erased"),
        Ledger::QueryAsked { .. } => Message::new("present.happened.query_asked"),
        Ledger::QueryAnswered { .. } => Message::new("present.happened.query_answered"),
        Ledger::QueryClosed { .. } => Message::new("present.happened.query_closed"),
        _ => Message::new("present.happened.other"),
    }
}

/// That somebody looked, and why.
fn looked(look: &LookLine) -> Message {
    let key = match (look.important, look.why.is_some()) {
        (true, _) => "present.happened.looked_important",
        (false, true) => "present.happened.looked_why",
        (false, false) => "present.happened.looked",
    };
    Message::new(key).with("what", Arg::Word(look.word())).with("why", look.why.as_deref().unwrap_or_default())
}
