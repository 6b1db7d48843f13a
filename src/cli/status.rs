//! `status`: where a dossier stands, and its next step.

use super::args::Status as Asked;
use super::context::{Context, How};
use super::show;
use crate::command::Failure;
use crate::command::dossier::StatusLine;
use crate::domain::Message;
use crate::domain::dossier::{CloseReason, Status};
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Asked) -> Result<ExitCode, Failure> {
    let on = match asked.on.as_deref().map(|text| context.day(text)).transpose() {
        Ok(on) => on.unwrap_or_else(|| context.now().today),
        Err(code) => return Ok(code),
    };
    let to = match asked.to.as_deref().map(|text| (text, Status::from_code(text))) {
        None => None,
        Some((_, Some(status))) => Some(status),
        Some((text, None)) => {
            let known = Status::ALL.map(Status::code).join(", ");
            return Ok(wrong(context, &Message::new("cli.status.unknown").with("asked", text).with("known", known)));
        }
    };
    let reason = asked.reason.as_deref();
    if to == Some(Status::Closed) && reason.and_then(CloseReason::from_code).is_none() {
        let known = CloseReason::ALL.map(CloseReason::code).join(", ");
        return Ok(wrong(context, &Message::new("cli.status.reason").with("known", known)));
    }
    context.in_office(How::default(), |office| {
        if asked.withdraw {
            let why = asked.why.as_deref().unwrap_or_default();
            let household = match office.find(&asked.number, context.now()) {
                Err(Failure::NeedsReason) => context.household(office, &asked.number, Some(why))?,
                found => found?,
            };
            household.withdraw_step(why)?;
            return tell(context, &office.line(household.id(), context.now())?.status);
        }
        let Some(to) = to else { return tell(context, &office.standing(&asked.number, context.now())?) };
        // What is said about the step is the reason for opening the dossier, too.
        let household = match office.find(&asked.number, context.now()) {
            Err(Failure::NeedsReason) => context.household(office, &asked.number, asked.why.as_deref())?,
            found => found?,
        };
        household.move_status(to, on, reason, asked.why.as_deref())?;
        // As it stands now, which may be over.
        tell(context, &office.line(household.id(), context.now())?.status)
    })
}

fn wrong(context: &Context, said: &Message) -> ExitCode {
    context.terminal.error(&context.say(said));
    ExitCode::from(2)
}

pub fn tell(context: &Context, line: &StatusLine) -> Result<ExitCode, Failure> {
    let next: &[Status] = line.status.map_or(&[], Status::next);
    if context.json {
        context.terminal.json(&json!({
            "dossier": line.number,
            "status": line.status.map(Status::code),
            "next": next.iter().map(|s| s.code()).collect::<Vec<_>>(),
        }));
    } else {
        let words = |s: &Status| format!("{} ({})", context.word(&format!("status.{}", s.code())), s.code());
        let said = Message::new("cli.status.stands")
            .with("number", line.number.as_str())
            .with("status", show::status_words(context, line))
            .with("next", next.iter().map(words).collect::<Vec<_>>().join(", "));
        context.terminal.line(&context.say(&said));
    }
    Ok(ExitCode::SUCCESS)
}
