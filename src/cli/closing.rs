//! `fund count`, `fund check-period`, `fund close-period`, `fund closing`, `fund former`: the end of a period, and the years
//! before the book began.

use super::args::ClosingCommand;
use super::context::{Context, How};
use super::fund::{Wrong, amount};
use super::paper;
use crate::command::fund::NewClosing;
use crate::command::{Duty, Failure};
use crate::domain::{Day, Message};
use crate::present::{Table, closing, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// What it asks of whoever types it.
pub fn duty(asked: &ClosingCommand) -> Duty {
    match asked {
        ClosingCommand::Closings | ClosingCommand::Closing { .. } | ClosingCommand::FormerYears => Duty::SeeFund,
        ClosingCommand::Count { .. } | ClosingCommand::Former { .. } => Duty::KeepBook,
        ClosingCommand::CheckPeriod { .. } => Duty::CheckPeriod,
        ClosingCommand::ClosePeriod { .. } => Duty::ClosePeriod,
    }
}

/// The file of this machine that it writes.
pub fn file(asked: &mut ClosingCommand) -> Option<&mut PathBuf> {
    match asked {
        ClosingCommand::Closing { paper, .. } => paper.file.as_mut(),
        _ => None,
    }
}

pub fn run(context: &Context, asked: &ClosingCommand) -> Result<ExitCode, Failure> {
    let now = context.now();
    // What was typed is read before anything is opened.
    let read = match understand(context, asked) {
        Ok(read) => read,
        Err(Wrong(code)) => return Ok(code),
    };
    context.in_office(How::default(), |office| {
        let words = context.words(office);
        let line = match (asked, &read) {
            (ClosingCommand::Count { .. }, Read::Closing(new)) => office.count_period(new, now)?,
            (ClosingCommand::CheckPeriod { .. }, Read::Day(to)) => office.check_period(*to, now)?,
            (ClosingCommand::ClosePeriod { .. }, Read::Day(to)) => office.close_period(*to, now)?,
            (ClosingCommand::Closing { year, paper: to_file, .. }, Read::Day(to)) => {
                let way = match paper::way(context, office, to_file) {
                    Ok(way) => way,
                    Err(code) => return Ok(code),
                };
                let line = office.closing(*to, now)?;
                let january = Day::from_ymd(to.year(), 1, 1).unwrap_or(*to);
                let from = if *year { january } else { line.row.closing.from };
                let (period, state) = (office.fund_period(None, from, *to, now)?, office.fund_state(*to, now)?);
                return Ok(paper::write(context, office, closing::sheet(&words, &line, &period, &state), way));
            }
            (ClosingCommand::Former { year, kind, times, document, .. }, Read::Amount(fen)) => {
                let paper = document.as_deref().unwrap_or_default();
                office.note_former((*year, kind), *fen, *times, paper, now)?;
                return Ok(print(context, &closing::former(&words, &office.former_years(now)?)));
            }
            (ClosingCommand::FormerYears, _) => {
                return Ok(print(context, &closing::former(&words, &office.former_years(now)?)));
            }
            _ => return Ok(print(context, &closing::closings(&words, &office.closings(now)?))),
        };
        if !context.json {
            context.terminal.table(&closing::counts(&words, &line));
        }
        Ok(print(context, &closing::closings(&words, std::slice::from_ref(&line))))
    })
}

/// What was typed, read.
enum Read {
    Nothing,
    Day(Day),
    Amount(crate::domain::Fen),
    Closing(NewClosing),
}

fn understand(context: &Context, asked: &ClosingCommand) -> Result<Read, Wrong> {
    let day = |text: &String| context.day(text).map_err(Wrong);
    Ok(match asked {
        ClosingCommand::Count { to, counted, because } => Read::Closing(NewClosing {
            to: day(to)?,
            counted: counted
                .iter()
                .map(|typed| pair(context, typed).and_then(|(place, yuan)| Ok((place, amount(context, &yuan)?))))
                .collect::<Result<_, _>>()?,
            because: because.iter().map(|typed| pair(context, typed)).collect::<Result<_, _>>()?,
        }),
        ClosingCommand::CheckPeriod { to } | ClosingCommand::ClosePeriod { to } => Read::Day(day(to)?),
        ClosingCommand::Closing { to, .. } => Read::Day(day(to)?),
        ClosingCommand::Former { amount: typed, .. } => Read::Amount(amount(context, typed)?),
        ClosingCommand::Closings | ClosingCommand::FormerYears => Read::Nothing,
    })
}

/// `bank1=5000`.
fn pair(context: &Context, typed: &str) -> Result<(String, String), Wrong> {
    typed.split_once('=').map(|(place, of)| (place.trim().to_owned(), of.trim().to_owned())).ok_or_else(|| {
        context.terminal.error(&context.say(&Message::new("cli.fund.place_equals").with("asked", typed)));
        Wrong(ExitCode::from(2))
    })
}

fn print(context: &Context, table: &Table) -> ExitCode {
    if context.json {
        context.terminal.json(&json::table(table));
    } else {
        context.terminal.table(table);
    }
    ExitCode::SUCCESS
}
