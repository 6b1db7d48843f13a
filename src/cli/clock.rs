//! `clock`: stretches of records that were written while the clock was wrong.

use super::args::Clock;
use super::context::{Context, How};
use crate::command::Failure;
use crate::domain::Message;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Clock) -> Result<ExitCode, Failure> {
    let stretch = match asked.wrong.as_deref().map(|text| (text, ends(text))) {
        None => None,
        Some((_, Some(ends))) => Some(ends),
        Some((text, None)) => {
            context.terminal.error(&context.say(&Message::new("cli.clock.not_a_stretch").with("asked", text)));
            return Ok(ExitCode::from(2));
        }
    };
    context.in_office(How::default(), |office| {
        if let Some((from, to)) = stretch {
            office.name_stretch(from, to, asked.why.as_deref().unwrap_or_default(), context.now())?;
        }
        let said: Vec<String> = office.stretches()?.iter().map(|line| context.say(line)).collect();
        if context.json {
            context.terminal.json(&json!({"stretches": said}));
        } else if said.is_empty() {
            context.terminal.line(&context.word("cli.clock.none"));
        } else {
            said.iter().for_each(|line| context.terminal.line(line));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// `41..43`, or one number.
fn ends(text: &str) -> Option<(u64, u64)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}
