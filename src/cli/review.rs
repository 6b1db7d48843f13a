//! `review`: what whoever reviews a survey has to see of it, on one sheet.

use super::args::Review;
use super::context::{Context, How};
use crate::command::Failure;
use crate::domain::Eyes;
use crate::present;
use crate::views::Horizon;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Review) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let household = context.household(office, &asked.number, asked.why.as_deref().or(asked.reveal.as_deref()))?;
        let status = household.status(Horizon::NOW);
        let version = match &asked.survey {
            Some(asked) => household.reading(&status, asked)?,
            None => household.version(&status, None)?,
        };
        if let Some(why) = &asked.reveal {
            household.reveal(why)?;
        }
        let eyes = if asked.reveal.is_some() { Eyes::Revealed } else { household.eyes() };
        let sheet = present::review::sheet(&context.words(office), &household, &version, eyes)?;
        match context.json {
            true => context.terminal.json(&present::json::sheet(&sheet)),
            false => context.terminal.sheet(&sheet),
        }
        Ok(ExitCode::SUCCESS)
    })
}
