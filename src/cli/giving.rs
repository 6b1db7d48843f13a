//! `fund donors`, `fund donate`, `fund collect`, `fund receipts`, …: what is given, and what it rests on.

use super::args::{Appropriate, Donate, GivingCommand, Paper, Period};
use super::context::{Context, How};
use super::fund::{Wrong, amount, books, tell};
use super::paper;
use crate::command::fund::{Donation, NewCollection, NewDonor, NewPurse};
use crate::command::{Duty, Failure, Office};
use crate::domain::fund::Stage;
use crate::domain::{Day, Fen, Message};
use crate::present::{Table, giving, json};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// What it asks of whoever types it.
pub fn duty(asked: &GivingCommand) -> Duty {
    use GivingCommand::*;
    match asked {
        Donors | Standing { .. } | Appropriations { .. } | Receipts { .. } | Settlement { .. } => Duty::SeeFund,
        Donor { to, .. } if to.file.is_none() && !to.html => Duty::SeeFund,
        Donor { .. } | NewDonor(_) | ReceiptPaper { .. } => Duty::KeepDonors,
        Donate(_) | Pledge { .. } | Collect { .. } | Asked(_) | Granted(_) => Duty::KeepBook,
    }
}

/// The file of this machine that it writes.
pub fn file(asked: &mut GivingCommand) -> Option<&mut PathBuf> {
    match asked {
        GivingCommand::Donor { to, .. }
        | GivingCommand::ReceiptPaper { to, .. }
        | GivingCommand::Settlement { to, .. } => to.file.as_mut(),
        _ => None,
    }
}

pub fn run(context: &Context, asked: &GivingCommand) -> Result<ExitCode, Failure> {
    match done(context, asked) {
        Ok(code) => Ok(code),
        Err(Stopped::Wrong(Wrong(code))) => Ok(code),
        Err(Stopped::Refused(failure)) => Err(*failure),
    }
}

/// Why it went no further.
enum Stopped {
    Wrong(Wrong),
    Refused(Box<Failure>),
}

impl From<Wrong> for Stopped {
    fn from(wrong: Wrong) -> Stopped {
        Stopped::Wrong(wrong)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Stopped {
        Stopped::Refused(Box::new(failure))
    }
}

fn done(context: &Context, asked: &GivingCommand) -> Result<ExitCode, Stopped> {
    let now = context.now();
    let day = |text: &Option<String>| -> Result<Day, Wrong> {
        text.as_deref().map_or(Ok(now.today), |text| context.day(text).map_err(Wrong))
    };
    let open = |act: &dyn Fn(&Office) -> Result<ExitCode, Failure>| context.in_office(How::default(), act);
    Ok(match asked {
        GivingCommand::Donors => open(&|office| {
            let donors = office.donors(now)?;
            let done = print(context, &giving::donors(&context.words(office), &donors));
            // Of some not even a line is left that says whether they gave.
            let unread = office.persons_unread()?;
            if unread == 0 {
                return Ok(done);
            }
            context.terminal.error(&context.say(&Message::new("person.unread").with("count", unread)));
            Ok(ExitCode::from(1))
        })?,
        GivingCommand::Donor { donor, on, to } => {
            let on = day(on)?;
            open(&|office| report(context, office, donor, on, to))?
        }
        GivingCommand::NewDonor(new) => {
            let new = NewDonor {
                name: new.name.clone(),
                is_organisation: new.organisation,
                id_number: new.id_number.clone(),
                phone: new.phone.clone(),
                unit: new.unit.clone(),
                unnamed: new.unnamed,
            };
            open(&|office| {
                let donor = office.add_donor(&new, now)?;
                Ok(print(context, &giving::donors(&context.words(office), std::slice::from_ref(&donor))))
            })?
        }
        GivingCommand::Donate(donate) => {
            let donation = donation(context, donate, day(&donate.line.on)?)?;
            open(&|office| tell(context, &office.donate(&donation, now)?))?
        }
        GivingCommand::Pledge { unit, amount: typed, period } => {
            let (fen, (from, until)) = (amount(context, typed)?, ends(context, period)?);
            open(&|office| {
                let line = office.pledge(unit, fen, from, until, now)?;
                Ok(print(context, &giving::standing(&context.words(office), std::slice::from_ref(&line))))
            })?
        }
        GivingCommand::Collect { unit, purse, place, amount: typed, staff, gave, period, line } => {
            let (from, until) = ends(context, period)?;
            let new = NewCollection {
                unit: unit.clone(),
                purse: purse.clone(),
                place: place.clone(),
                amount: amount(context, typed)?,
                staff: *staff,
                gave: gave.iter().map(|typed| people(context, typed)).collect::<Result<_, _>>()?,
                from,
                until,
                on: day(&line.on)?,
                document: line.paper.clone().unwrap_or_default(),
            };
            open(&|office| tell(context, &office.collect(&new, now)?))?
        }
        GivingCommand::Standing { year } => open(&|office| {
            let lines = office.standing_donations(*year, now)?;
            Ok(print(context, &giving::standing(&context.words(office), &lines)))
        })?,
        GivingCommand::Asked(asked) => appropriate(context, asked, Stage::Asked)?,
        GivingCommand::Granted(asked) => appropriate(context, asked, Stage::Granted)?,
        GivingCommand::Appropriations { year } => {
            let year = year.unwrap_or(now.today.year());
            open(&|office| streams(context, office, year))?
        }
        GivingCommand::Settlement { purse, on, to } => {
            let on = day(on)?;
            open(&|office| {
                let way = match paper::way(context, office, to) {
                    Ok(way) => way,
                    Err(code) => return Ok(code),
                };
                let sheet = giving::settlement(&context.words(office), &office.settlement(purse, on, now)?);
                Ok(paper::write(context, office, sheet, way))
            })?
        }
        GivingCommand::Receipts { year, books: typed } => {
            let (year, books) = (year.unwrap_or(now.today.year()), books(context, typed)?);
            open(&|office| {
                let lines = office.receipts(books, year, now)?;
                Ok(print(context, &giving::receipts(&context.words(office), &lines)))
            })?
        }
        GivingCommand::ReceiptPaper { number, to } => open(&|office| {
            let way = match paper::way(context, office, to) {
                Ok(way) => way,
                Err(code) => return Ok(code),
            };
            let sheet = giving::receipt(&context.words(office), &office.receipt_paper(number, now)?);
            Ok(paper::write(context, office, sheet, way))
        })?,
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

fn report(context: &Context, office: &Office, donor: &str, on: Day, to: &Paper) -> Result<ExitCode, Failure> {
    let way = match paper::way(context, office, to) {
        Ok(way) => way,
        Err(code) => return Ok(code),
    };
    let now = context.now();
    let id = office.donor_named(donor, now)?;
    if to.goes_out() {
        office.print_donor(id, now)?;
    }
    let sheet = giving::report(&context.words(office), &office.gift_report(id, on, now)?);
    Ok(paper::write(context, office, sheet, way))
}

fn donation(context: &Context, typed: &Donate, on: Day) -> Result<Donation, Wrong> {
    let until = typed.until.as_deref().map(|text| context.day(text)).transpose().map_err(Wrong)?;
    let zh = typed.zh.clone().unwrap_or_default();
    let opens = typed.source.as_ref().map(|source| NewPurse {
        code: typed.purse.clone(),
        source: source.clone(),
        kinds: typed.kinds.clone(),
        household: typed.household.clone(),
        en: typed.en.clone().unwrap_or_else(|| zh.clone()),
        zh,
        since: on,
        until,
    });
    Ok(Donation {
        donor: typed.donor.clone(),
        purse: typed.purse.clone(),
        opens,
        place: typed.place.clone(),
        amount: amount(context, &typed.amount)?,
        on,
        document: typed.line.paper.clone().unwrap_or_default(),
    })
}

/// First and last day of a period; of one that was not named those of the year.
fn ends(context: &Context, period: &Period) -> Result<(Day, Day), Wrong> {
    let today = context.now().today;
    let of_year = |month, day| Day::from_ymd(today.year(), month, day).unwrap_or(today);
    let day = |text: &Option<String>, or: Day| text.as_deref().map_or(Ok(or), |text| context.day(text).map_err(Wrong));
    Ok((day(&period.from, of_year(1, 1))?, day(&period.until, of_year(12, 31))?))
}

/// `50x38`: fifty yuan each, from thirty-eight people.
fn people(context: &Context, typed: &str) -> Result<(Fen, u32), Wrong> {
    let split = typed.split_once(['x', 'X', '×', '*']);
    if let Some((Ok(fen), Ok(people))) = split.map(|(sum, people)| (Fen::from_typed(sum), people.trim().parse())) {
        return Ok((fen, people));
    }
    context.terminal.error(&context.say(&Message::new("cli.fund.gave").with("asked", typed)));
    Err(Wrong(ExitCode::from(2)))
}

fn appropriate(context: &Context, asked: &Appropriate, stage: Stage) -> Result<ExitCode, Stopped> {
    let now = context.now();
    let fen = amount(context, &asked.amount)?;
    let on = asked.line.on.as_deref().map_or(Ok(now.today), |text| context.day(text)).map_err(Wrong)?;
    let paper = asked.line.paper.as_deref().unwrap_or_default();
    let source = asked.source.as_str();
    Ok(context.in_office(How::default(), |office| {
        office.note_appropriation((asked.year, source, stage), fen, on, paper, now)?;
        streams(context, office, asked.year)
    })?)
}

fn streams(context: &Context, office: &Office, year: i32) -> Result<ExitCode, Failure> {
    let lines = office.appropriations(year, context.now())?;
    let table = giving::appropriations(&context.words(office), year, &lines);
    if !context.json {
        return Ok(print(context, &table));
    }
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let paid = line.paid.iter().map(|(on, fen)| json!({"on": on.to_string(), "amount": fen.yuan()}));
            json!({
                "source": line.source,
                "asked": line.asked.map(|(_, fen)| fen.yuan()),
                "granted": line.granted.map(|(_, fen)| fen.yuan()),
                "paid": paid.collect::<Vec<_>>(),
                "paid_in": line.paid_in().yuan(),
                "missing": line.missing().yuan(),
            })
        })
        .collect();
    context.terminal.json(&json!(rows));
    Ok(ExitCode::SUCCESS)
}
