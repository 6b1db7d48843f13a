//! `fund`: the relief fund's book.

use super::args::{Fund, FundCommand, FundLine};
use super::context::{Context, How};
use crate::command::fund::{Booked, Booking, NewPlace, NewPurse};
use crate::command::settings::OfficeSize;
use crate::command::{Duty, Failure, Office};
use crate::domain::fund::{Books, MovementKind, PlaceKind};
use crate::domain::{Day, Fen, Message};
use crate::present::{closing, fund, json};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// What it asks of whoever types it.
pub fn duty(fund: &Fund) -> Duty {
    match &fund.what {
        None | Some(FundCommand::Statement { .. } | FundCommand::Year { .. } | FundCommand::Check { .. }) => {
            Duty::SeeFund
        }
        Some(FundCommand::Take) => Duty::SetNumbers,
        Some(FundCommand::Giving(asked)) => super::giving::duty(asked),
        Some(FundCommand::Closing(asked)) => super::closing::duty(asked),
        Some(FundCommand::Report(asked)) => super::report::duty(asked),
        Some(_) => Duty::KeepBook,
    }
}

/// What was typed is none of what it is to be: said already, wrong usage.
pub struct Wrong(pub ExitCode);

/// A file of the machine that it is typed at.
pub fn file(fund: &mut Fund) -> Option<&mut PathBuf> {
    match &mut fund.what {
        Some(FundCommand::Giving(asked)) => super::giving::file(asked),
        Some(FundCommand::Closing(asked)) => super::closing::file(asked),
        Some(FundCommand::Report(asked)) => super::report::file(asked),
        _ => None,
    }
}

pub fn names_a_file(fund: &Fund) -> bool {
    file(&mut fund.clone()).is_some_and(|file| file.as_os_str() != "-")
}

pub fn run(context: &Context, asked: &Fund) -> Result<ExitCode, Failure> {
    match &asked.what {
        Some(FundCommand::Giving(asked)) => return super::giving::run(context, asked),
        Some(FundCommand::Closing(asked)) => return super::closing::run(context, asked),
        Some(FundCommand::Report(asked)) => return super::report::run(context, asked),
        _ => {}
    }
    let act = match understand(context, asked) {
        Ok(act) => act,
        Err(Wrong(code)) => return Ok(code),
    };
    context.in_office(How::default(), |office| act(office))
}

type Acting<'a> = Box<dyn FnOnce(&Office) -> Result<ExitCode, Failure> + 'a>;

/// What is to be done, once every day and amount has been read.
fn understand<'a>(context: &'a Context, asked: &'a Fund) -> Result<Acting<'a>, Wrong> {
    let today = context.now().today;
    let day = |text: &Option<String>| -> Result<Day, Wrong> {
        text.as_deref().map_or(Ok(today), |text| context.day(text).map_err(Wrong))
    };
    let Some(what) = &asked.what else {
        let on = day(&asked.on)?;
        return Ok(Box::new(move |office| show(context, office, on)));
    };
    let booking = |kind, purse: &str, from: Option<&String>, to: Option<&String>, typed: &str, line: &FundLine| {
        Ok::<_, Wrong>(Booking {
            kind,
            purse: purse.to_owned(),
            from: from.cloned(),
            to: to.cloned(),
            amount: amount(context, typed)?,
            on: day(&line.on)?,
            document: line.paper.clone().unwrap_or_default(),
            names: None,
        })
    };
    let booked = |booking: Booking| -> Acting<'a> {
        Box::new(move |office| tell(context, &office.book(&booking, context.now())?))
    };
    Ok(match what {
        FundCommand::Take => Box::new(move |office| {
            office.take_book(context.now())?;
            // Whoever administers sees no balance.
            let station = office.station().hex();
            if context.json {
                context.terminal.json(&json!({"keeper": station}));
            } else {
                let short = station.get(..6).unwrap_or_default();
                context.terminal.line(&context.say(&Message::new("fund.taken").with("station", short)));
            }
            Ok(ExitCode::SUCCESS)
        }),
        FundCommand::Place { code, kind, zh, en, since } => {
            let Some(kind) = PlaceKind::from_code(kind).filter(|kind| *kind != PlaceKind::UnderWay) else {
                context.terminal.error(&context.say(&Message::new("cli.fund.place_kind").with("asked", kind.as_str())));
                return Err(Wrong(ExitCode::from(2)));
            };
            let en = en.clone().unwrap_or_else(|| zh.clone());
            let new = NewPlace { code: code.clone(), kind, zh: zh.clone(), en, since: day(since)? };
            Box::new(move |office| {
                office.open_place(&new, context.now())?;
                show(context, office, today)
            })
        }
        FundCommand::Purse { code, source, kinds, household, zh, en, since, until } => {
            let new = NewPurse {
                code: code.clone(),
                source: source.clone(),
                kinds: kinds.clone(),
                household: household.clone(),
                zh: zh.clone(),
                en: en.clone().unwrap_or_else(|| zh.clone()),
                since: day(since)?,
                until: until.as_deref().map(|text| context.day(text)).transpose().map_err(Wrong)?,
            };
            Box::new(move |office| {
                office.open_purse(&new, context.now())?;
                show(context, office, today)
            })
        }
        FundCommand::Opening { purse, place, amount, line } => {
            booked(booking(MovementKind::Opening, purse, None, Some(place), amount, line)?)
        }
        FundCommand::Receipt { purse, place, amount, line } => {
            booked(booking(MovementKind::Receipt, purse, None, Some(place), amount, line)?)
        }
        FundCommand::Transfer { purse, from, to, amount, line } => {
            booked(booking(MovementKind::Transfer, purse, Some(from), Some(to), amount, line)?)
        }
        FundCommand::Expense { purse, from, amount, line } => {
            booked(booking(MovementKind::Expense, purse, Some(from), None, amount, line)?)
        }
        FundCommand::Bank { number, amount: typed, line } => {
            let (fen, on) = (amount(context, typed)?, day(&line.on)?);
            let paper = line.paper.clone().unwrap_or_default();
            Box::new(move |office| {
                let of = office.line_named(number, context.now())?;
                tell(context, &office.bank_fact(of, fen, on, &paper, context.now())?)
            })
        }
        FundCommand::GiveBack { number, amount: typed, line } => {
            let (fen, on) = (amount(context, typed)?, day(&line.on)?);
            let paper = line.paper.clone().unwrap_or_default();
            Box::new(move |office| {
                let of = office.line_named(number, context.now())?;
                tell(context, &office.give_back(of, fen, on, &paper, context.now())?)
            })
        }
        FundCommand::Reverse { number, line } => {
            let (on, paper) = (day(&line.on)?, line.paper.clone().unwrap_or_default());
            Box::new(move |office| {
                let of = office.line_named(number, context.now())?;
                tell(context, &office.reverse(of, on, &paper, context.now())?)
            })
        }
        FundCommand::Void { series, to, why } => Box::new(move |office| {
            let (from, to) = office.void_numbers(series, *to, why, context.now())?;
            if context.json {
                context.terminal.json(&json!({"series": series, "from": from, "to": to}));
            } else {
                let said = Message::new("fund.voided").with("series", series.as_str());
                context.terminal.line(&context.say(&said.with("first", from).with("last", to)));
            }
            Ok(ExitCode::SUCCESS)
        }),
        FundCommand::Statement { code, from, to } => {
            let to = day(to)?;
            let january = Day::from_ymd(to.year(), 1, 1).unwrap_or(to);
            let from = from.as_deref().map_or(Ok(january), |text| context.day(text)).map_err(Wrong)?;
            Box::new(move |office| statement(context, office, code, from, to))
        }
        FundCommand::Year { year, from, to, books } => {
            let year = year.unwrap_or(today.year());
            let ends = (Day::from_ymd(year, 1, 1).unwrap_or(today), Day::from_ymd(year, 12, 31).unwrap_or(today));
            let from = from.as_deref().map_or(Ok(ends.0), |text| context.day(text)).map_err(Wrong)?;
            let to = to.as_deref().map_or(Ok(ends.1), |text| context.day(text)).map_err(Wrong)?;
            let books = books.as_deref().map(|text| self::books(context, text)).transpose()?;
            Box::new(move |office| period(context, office, books, from, to))
        }
        FundCommand::Giving(asked) => Box::new(move |_| super::giving::run(context, asked)),
        FundCommand::Closing(asked) => Box::new(move |_| super::closing::run(context, asked)),
        FundCommand::Report(asked) => Box::new(move |_| super::report::run(context, asked)),
        FundCommand::Check { on } => {
            let until = on.as_deref().map(|text| context.day(text)).transpose().map_err(Wrong)?;
            Box::new(move |office| check(context, office, until))
        }
    })
}

pub fn amount(context: &Context, typed: &str) -> Result<Fen, Wrong> {
    Fen::from_typed(typed).map_err(|_| {
        context.terminal.error(&context.say(&Message::new("cli.fund.amount").with("asked", typed)));
        Wrong(ExitCode::from(2))
    })
}

/// The book that somebody names.
pub fn books(context: &Context, typed: &str) -> Result<Books, Wrong> {
    Books::ALL.into_iter().find(|books| books.code() == typed).ok_or_else(|| {
        context.terminal.error(&context.say(&Message::new("cli.fund.books").with("asked", typed)));
        Wrong(ExitCode::from(2))
    })
}

fn show(context: &Context, office: &Office, on: Day) -> Result<ExitCode, Failure> {
    let state = office.fund_state(on, context.now())?;
    let words = context.words(office);
    let (heads, purses, places) =
        (fund::heads(&words, &state), fund::purses(&words, &state), fund::places(&words, &state));
    if context.json {
        context.terminal.json(&json!({
            "on": on.to_string(),
            "keeper": state.keeper.map(|station| station.hex()),
            "here": state.is_kept_here,
            "purses": json::table(&purses),
            "places": json::table(&places),
            "total": state.purses_total().balance().yuan(),
        }));
    } else {
        context.terminal.fields(&heads);
        context.terminal.table(&purses);
        context.terminal.table(&places);
    }
    Ok(ExitCode::SUCCESS)
}

fn statement(context: &Context, office: &Office, code: &str, from: Day, to: Day) -> Result<ExitCode, Failure> {
    let statement = office.fund_statement(code, from, to, context.now())?;
    let words = context.words(office);
    let (heads, lines) = (fund::statement_heads(&words, &statement), fund::statement(&words, &statement));
    if context.json {
        let mut all = json::fields(&heads);
        all.insert("code".to_owned(), json!(statement.code));
        all.insert("from".to_owned(), json!(from.to_string()));
        all.insert("to".to_owned(), json!(to.to_string()));
        all.insert("office".to_owned(), json!(office.size(to)?.map(OfficeSize::code)));
        all.insert("lines".to_owned(), json::table(&lines));
        context.terminal.json(&all.into());
    } else {
        context.terminal.table(&lines);
        context.terminal.fields(&heads);
    }
    Ok(ExitCode::SUCCESS)
}

fn period(context: &Context, office: &Office, books: Option<Books>, from: Day, to: Day) -> Result<ExitCode, Failure> {
    let period = office.fund_period(books, from, to, context.now())?;
    let words = context.words(office);
    let (lines, aid) = (fund::period(&words, &period), fund::period_aid(&words, &period));
    if context.json {
        context.terminal.json(&json!({
            "from": from.to_string(),
            "to": to.to_string(),
            "books": books.map(Books::code),
            "office": office.size(to)?.map(OfficeSize::code),
            "holds": period.statement.holds(),
            "lines": json::table(&lines),
            "aid": json::table(&aid),
            "person_times": period.statement.all_aid.person_times,
            "persons": period.statement.all_aid.persons,
            "households": period.statement.all_aid.households,
            "former_amount": period.statement.all_former().amount.yuan(),
            "former_person_times": period.statement.all_former().person_times,
        }));
    } else {
        context.terminal.table(&lines);
        context.terminal.table(&aid);
        closing::about(&words, &period).into_iter().for_each(|said| context.terminal.sentences(&[said]));
    }
    Ok(ExitCode::SUCCESS)
}

fn check(context: &Context, office: &Office, until: Option<Day>) -> Result<ExitCode, Failure> {
    let proof = office.check_book(until, context.now())?;
    let said = fund::proof(&context.words(office), &proof);
    if context.json {
        let broken: Vec<String> = match proof.holds() {
            true => Vec::new(),
            false => said.iter().map(|one| one.shown()).collect(),
        };
        context.terminal.json(&json!({
            "holds": proof.holds(),
            "lines": proof.lines,
            "waiting": proof.waiting,
            "broken": broken,
        }));
    } else {
        context.terminal.sentences(&said);
    }
    Ok(if proof.holds() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

pub fn tell(context: &Context, booked: &Booked) -> Result<ExitCode, Failure> {
    let id = booked.id.entry.hex();
    if context.json {
        context.terminal.json(&json!({"line": id, "number": booked.number}));
    } else {
        let number = booked.number.clone().unwrap_or_else(|| id.get(..8).unwrap_or_default().to_owned());
        context.terminal.line(&context.say(&Message::new("fund.booked").with("number", number)));
    }
    Ok(ExitCode::SUCCESS)
}
