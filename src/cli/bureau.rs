//! `bureau`: what the bureau has set for itself, each by a record, and its days.

use super::args::{Bureau, BureauCommand};
use super::context::{Context, How};
use crate::command::calendar::{CaseTerm, NoticeTerm};
use crate::command::settings::OfficeSize;
use crate::command::{Failure, Office};
use crate::domain::calendar::{DayCount, DayKind};
use crate::domain::{Day, Message};
use crate::lang::Lang;
use crate::present::{self, bureau};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(context: &Context, bureau: &Bureau) -> Result<ExitCode, Failure> {
    let asked = match &bureau.what {
        Some(BureauCommand::Day { day, .. }) => context.day(day).map(Some),
        _ => Ok(None),
    };
    let day = match asked {
        Ok(day) => day,
        Err(code) => return Ok(code),
    };
    if let Some(BureauCommand::Name { name, en }) = &bureau.what
        && let Err(code) = context.names_are_plain([name].into_iter().chain(en))
    {
        return Ok(code);
    }
    context.in_office(How::default(), |office| {
        let now = context.now();
        let done = match &bureau.what {
            None => Ok(()),
            Some(BureauCommand::Calendar { year }) => {
                return calendar(context, office, year.unwrap_or_else(|| now.today.year()));
            }
            Some(BureauCommand::Name { name, en }) => Ok(office.set_bureau_name(name, en.as_deref(), now)?),
            Some(BureauCommand::Language { language }) => match Lang::from_code(language) {
                Some(lang) => Ok(office.set_language(lang, now)?),
                None => Err(Message::new("cli.no_such_language").with("asked", language.as_str())),
            },
            Some(BureauCommand::Size { size }) => match OfficeSize::from_code(size) {
                Some(size) => Ok(office.set_size(size, now)?),
                None => Err(Message::new("cli.user.no_such_size").with("asked", size.as_str())),
            },
            Some(BureauCommand::Division { code }) => Ok(office.set_division(code, now)?),
            Some(BureauCommand::Notice { days, count }) => match DayCount::from_code(count) {
                Some(count) => Ok(office.set_notice_term(NoticeTerm { days: *days, count }, now)?),
                None => Err(Message::new("cli.bureau.no_such_count").with("asked", count.as_str())),
            },
            Some(BureauCommand::Acceptance { days }) => Ok(office.set_acceptance_days(*days, now)?),
            Some(BureauCommand::Term { what, count }) => match CaseTerm::from_code(what) {
                Some(term) => Ok(office.set_case_term(term, *count, now)?),
                None => {
                    let known = CaseTerm::ALL.map(CaseTerm::code).join(", ");
                    Err(Message::new("cli.bureau.no_such_term").with("asked", what.as_str()).with("known", known))
                }
            },
            Some(BureauCommand::Day { kind, .. }) => match (kind.as_str(), DayKind::from_code(kind)) {
                ("usual", _) => Ok(set_day(office, day, None, now)?),
                (_, Some(kind)) => Ok(set_day(office, day, Some(kind), now)?),
                _ => Err(Message::new("cli.bureau.no_such_kind").with("asked", kind.as_str())),
            },
        };
        match done {
            Ok(()) => show(context, office),
            Err(wrong) => {
                context.terminal.error(&context.say(&wrong));
                Ok(ExitCode::from(2))
            }
        }
    })
}

fn set_day(office: &Office, day: Option<Day>, kind: Option<DayKind>, now: crate::domain::Now) -> Result<(), Failure> {
    day.map_or(Ok(()), |day| office.set_day(day, kind, now))
}

fn show(context: &Context, office: &Office) -> Result<ExitCode, Failure> {
    let set = office.bureau_settings(context.now().today)?;
    if context.json {
        let own = set.own_days.iter().map(|(day, kind)| (day.to_string(), Value::from(kind.code())));
        context.terminal.json(&json!({
            "name": set.name.as_ref().map(|name| name.zh.as_str()),
            "en": set.name.as_ref().map(|name| name.en.as_str()),
            "language": set.language.map(Lang::code),
            "size": set.size.map(OfficeSize::code),
            "division": set.division,
            "notice": {"days": set.notice.days, "count": set.notice.count.code()},
            "acceptance_days": set.acceptance_days,
            "survey_days": set.limits.survey_days_max,
            "months_above": set.limits.months_above,
            "late_days": set.limits.late_after_days,
            "own_days": own.collect::<serde_json::Map<_, _>>(),
        }));
    } else {
        context.terminal.fields(&bureau::settings(&context.words(office), &set));
    }
    Ok(ExitCode::SUCCESS)
}

fn calendar(context: &Context, office: &Office, year: i32) -> Result<ExitCode, Failure> {
    let years = office.calendar_years()?;
    let own = office.own_days(context.now().today)?;
    let known = years.iter().find(|known| known.year == year);
    let table = bureau::calendar(&context.words(office), known, own.into_iter().filter(|(day, _)| day.year() == year));
    if context.json {
        context.terminal.json(&present::json::table(&table));
        return Ok(ExitCode::SUCCESS);
    }
    match known {
        Some(year) => context.terminal.line(&year.document),
        None => {
            let unknown = Message::new("command.doctor.year_unknown").with("year", i64::from(year));
            context.terminal.line(&context.say(&unknown));
        }
    }
    context.terminal.table(&table);
    Ok(ExitCode::SUCCESS)
}
