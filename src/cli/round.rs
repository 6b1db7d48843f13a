//! `round`: households are surveyed again in a period: drawn, assigned, visited, closed.

use super::args::{Round, RoundAsked, RoundCommand};
use super::context::{Context, How};
use super::paper;
use crate::command::round::{NewRound, NewVisit, RoundQuery};
use crate::command::{Duty, Failure, Office};
use crate::domain::round::{RoundState, VisitOutcome};
use crate::domain::{Day, Message};
use crate::present::{Table, json, paper as sheets, round};
use crate::views::Horizon;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// What it asks of whoever types it.
pub fn duty(asked: &Round) -> Duty {
    match &asked.what {
        None
        | Some(
            RoundCommand::List { .. }
            | RoundCommand::Board { .. }
            | RoundCommand::Visits { .. }
            | RoundCommand::Lag { .. },
        ) => Duty::Open,
        Some(RoundCommand::Sheet { .. }) => Duty::Print,
        Some(RoundCommand::Visit { .. }) => Duty::Survey,
        Some(
            RoundCommand::Open { .. }
            | RoundCommand::Assign { .. }
            | RoundCommand::Propose { .. }
            | RoundCommand::Close { .. },
        ) => Duty::PlanRound,
    }
}

/// The file of this machine that it names.
pub fn file(asked: &Round) -> Option<&PathBuf> {
    match &asked.what {
        Some(RoundCommand::Sheet { to, .. }) => to.file.as_ref(),
        _ => None,
    }
}

/// The same, to be named as the owner sees it.
pub fn file_mut(asked: &mut Round) -> Option<&mut PathBuf> {
    match &mut asked.what {
        Some(RoundCommand::Sheet { to, .. }) => to.file.as_mut(),
        _ => None,
    }
}

/// Whether asking once more cannot do it twice: a proposal is another one by then, and each printing is recorded.
pub fn is_safe_to_repeat(asked: &Round) -> bool {
    !matches!(&asked.what, Some(RoundCommand::Propose { .. } | RoundCommand::Sheet { .. }))
}

/// What was typed as days, in the order of its arguments.
struct Days {
    from: Option<Day>,
    to: Option<Day>,
    on: Option<Day>,
    next: Option<Day>,
}

fn days(context: &Context, asked: &Round) -> Result<Days, ExitCode> {
    let day = |text: Option<&String>| text.map(|text| context.day(text)).transpose();
    let (from, to, on, next) = match &asked.what {
        Some(RoundCommand::Open { from, to, .. }) => (Some(from), Some(to), None, None),
        Some(RoundCommand::Lag { from, to }) => (from.as_ref(), to.as_ref(), None, None),
        Some(RoundCommand::List { asked, .. } | RoundCommand::Board { asked, .. }) => {
            (None, None, asked.on.as_ref(), None)
        }
        Some(RoundCommand::Visit { on, next, .. }) => (None, None, on.as_ref(), next.as_ref()),
        Some(RoundCommand::Sheet { on, .. }) => (None, None, on.as_ref(), None),
        _ => (None, None, None, None),
    };
    Ok(Days { from: day(from)?, to: day(to)?, on: day(on)?, next: day(next)? })
}

pub fn run(context: &Context, asked: &Round) -> Result<ExitCode, Failure> {
    // What was typed is read before anything is opened.
    let days = match days(context, asked) {
        Ok(days) => days,
        Err(code) => return Ok(code),
    };
    let (mut outcome, mut states) = (VisitOutcome::Other, Vec::new());
    match &asked.what {
        Some(RoundCommand::Visit { outcome: typed, .. }) => match VisitOutcome::from_code(typed) {
            Some(known) => outcome = known,
            None => return Ok(unknown(context, typed, &VisitOutcome::ALL.map(VisitOutcome::code))),
        },
        Some(RoundCommand::List { asked, .. } | RoundCommand::Board { asked, .. }) => {
            for typed in &asked.state {
                match RoundState::from_code(typed) {
                    Some(state) => states.push(state),
                    None => return Ok(unknown(context, typed, &RoundState::ALL.map(RoundState::code))),
                }
            }
        }
        _ => {}
    }
    if let Some(RoundCommand::Board { by, .. }) = &asked.what
        && !["unit", "person"].contains(&by.as_str())
    {
        return Ok(unknown(context, by, &["unit", "person"]));
    }
    let (now, today) = (context.now(), context.now().today);
    context.in_office(How::default(), |office| {
        let words = context.words(office);
        let units = |typed: &[String]| typed.iter().map(|unit| office.unit_named(unit)).collect::<Result<Vec<_>, _>>();
        let query = |asked: &RoundAsked| -> Result<RoundQuery, Failure> {
            let officer = asked.officer.as_deref().map(|name| office.officer_named(name)).transpose()?;
            Ok(RoundQuery {
                states: states.clone(),
                units: units(&asked.unit)?,
                assigned: officer.map(|row| row.officer),
                unassigned: asked.unassigned,
                on: days.on,
                never_helped: asked.never_helped,
                unchanged: asked.unchanged,
                irregular: asked.irregular,
            })
        };
        let table = match &asked.what {
            None => round::rounds(&words, &office.rounds(now)?, today),
            Some(RoundCommand::Open { name, unit, all, dry_run, .. }) => {
                let (from, to) = (days.from.unwrap_or(today), days.to.unwrap_or(today));
                let new = NewRound { name: name.clone(), from, to, units: units(unit)?, all: *all };
                if *dry_run {
                    return tell(context, &round::drawn(&words, &office.draw_round(&new, now)?), "round.nobody");
                }
                let opened = office.open_round(&new, now)?;
                let hex = opened.round.hex();
                if context.json {
                    let elsewhere = opened.elsewhere.iter().map(|line| line.number.as_str()).collect::<Vec<_>>();
                    context
                        .terminal
                        .json(&json!({"round": hex, "households": opened.households, "elsewhere": elsewhere}));
                    return Ok(ExitCode::SUCCESS);
                }
                let said = Message::new("round.opened").with("round", hex.get(..8).unwrap_or(&hex));
                context.terminal.line(&context.say(&said.with("count", opened.households)));
                if !opened.elsewhere.is_empty() {
                    context.terminal.line(&context.word("round.left_to_others"));
                    context.terminal.table(&round::drawn(&words, &opened.elsewhere));
                }
                return Ok(ExitCode::SUCCESS);
            }
            Some(RoundCommand::List { round: named, asked }) => {
                let row = office.round_named(named, now)?;
                round::households(&words, &office.round_board(row.entry, &query(asked)?, now)?.lines, today)
            }
            Some(RoundCommand::Board { round: named, by, asked }) => {
                let row = office.round_named(named, now)?;
                let board = office.round_board(row.entry, &query(asked)?, now)?;
                match by.as_str() {
                    "person" => round::persons(&words, &board.by_person()),
                    _ => round::board(&words, &board, today),
                }
            }
            Some(RoundCommand::Assign { round: named, numbers, to }) => {
                let row = office.round_named(named, now)?;
                let to = to.as_deref().map(|name| office.officer_named(name)).transpose()?.map(|row| row.officer);
                let of = |number: &String| Ok((office.standing(number, now)?.dossier, to));
                let assignments = numbers.iter().map(of).collect::<Result<Vec<_>, Failure>>()?;
                return assign(context, office, row.entry, &assignments);
            }
            Some(RoundCommand::Propose { round: named, unit, assign: keeps }) => {
                let row = office.round_named(named, now)?;
                let proposed = office.propose_visits(row.entry, &units(unit)?, now)?;
                if *keeps {
                    let named = proposed.iter().filter(|visit| visit.to.is_some());
                    let assignments: Vec<_> = named.map(|visit| (visit.dossier, visit.to)).collect();
                    return assign(context, office, row.entry, &assignments);
                }
                round::proposed(&words, &proposed)
            }
            Some(RoundCommand::Visit { number, round: named, is_final, note, why, .. }) => {
                let household = context.household(office, number, why.as_deref())?;
                let row = match named {
                    Some(named) => office.round_named(named, now)?,
                    None => household.open_round_alone()?,
                };
                let on = days.on.unwrap_or(today);
                let new = NewVisit { on, outcome, next: days.next, is_final: *is_final, note: note.as_deref() };
                household.note_visit(row.entry, &new)?;
                // As it stands now.
                let household = context.household(office, number, why.as_deref())?;
                round::visits(&words, &household.visits()?)
            }
            Some(RoundCommand::Visits { number, why }) => {
                round::visits(&words, &context.household(office, number, why.as_deref())?.visits()?)
            }
            Some(RoundCommand::Sheet { round: named, to, of, .. }) => {
                let way = match paper::way(context, office, to) {
                    Ok(way) => way,
                    Err(code) => return Ok(code),
                };
                let row = office.round_named(named, now)?;
                let on = days.on.unwrap_or(today);
                let of = of.as_deref().map(|name| office.officer_named(name)).transpose()?.map(|row| row.officer);
                // Whoever surveys prints their own.
                let of = of.or_else(|| office.carries(Duty::Survey).then(|| office.officer()));
                let lines = office.round_day(row.entry, on, of, now)?;
                let mut households = Vec::new();
                for line in &lines {
                    let household = office.open(line.dossier, now)?;
                    let version = household.version(&household.status(Horizon::NOW), None)?;
                    let eyes = household.print(None)?;
                    households.push((household, version, eyes));
                }
                let list = round::households(&words, &lines, today);
                return Ok(paper::write(context, office, sheets::visit_day(&words, on, list, &households)?, way));
            }
            Some(RoundCommand::Close { round: named }) => {
                let row = office.round_named(named, now)?;
                let counts = office.close_round(row.entry, now)?;
                if context.json {
                    let ended = counts.ended.iter().map(|(outcome, count)| (outcome.code().to_owned(), json!(count)));
                    context.terminal.json(&json!({
                        "round": row.entry.hex(), "households": counts.households, "surveyed": counts.surveyed,
                        "late": counts.late, "gone": counts.gone,
                        "ended": serde_json::Value::Object(ended.collect()),
                    }));
                } else {
                    context.terminal.line(&context.say(&round::counted(&words, today, &counts)));
                }
                return Ok(ExitCode::SUCCESS);
            }
            Some(RoundCommand::Lag { .. }) => {
                let from = days.from.or_else(|| Day::from_ymd(today.year(), 1, 1)).unwrap_or(today);
                round::lag(&words, &office.survey_lag(from, days.to.unwrap_or(today), now)?)
            }
        };
        tell(context, &table, "round.nothing")
    })
}

fn unknown(context: &Context, typed: &str, known: &[&str]) -> ExitCode {
    let said = Message::new("round.unknown").with("asked", typed).with("known", known.join(", "));
    context.terminal.error(&context.say(&said));
    ExitCode::from(2)
}

fn assign(
    context: &Context,
    office: &Office,
    round: crate::domain::EntryId,
    assignments: &[(crate::domain::DossierId, Option<crate::domain::OfficerId>)],
) -> Result<ExitCode, Failure> {
    let done = office.assign_visits(round, assignments, context.now())?;
    if context.json {
        context.terminal.json(&json!({"assigned": done.count, "left": done.left}));
    } else {
        let said = Message::new("round.assigned").with("count", done.count).with("left", done.left);
        context.terminal.line(&context.say(&said));
    }
    Ok(ExitCode::SUCCESS)
}

/// A table; where there is nothing in it, that there is nothing.
fn tell(context: &Context, table: &Table, nothing: &str) -> Result<ExitCode, Failure> {
    if context.json {
        context.terminal.json(&json::table(table));
    } else if table.rows.is_empty() {
        context.terminal.line(&context.word(nothing));
    } else {
        context.terminal.table(table);
    }
    Ok(ExitCode::SUCCESS)
}
