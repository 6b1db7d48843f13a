//! `queue`: what waits, for whom, since when.

use super::args::Queue as Asked;
use super::context::{Context, How};
use crate::command::Failure;
use crate::command::queue::{QueueAsked, Waits};
use crate::domain::Message;
use crate::present::{self, lists};
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Asked) -> Result<ExitCode, Failure> {
    if let Some(text) = asked.waits.as_deref().filter(|text| Waits::from_code(text).is_none()) {
        let known = Waits::ALL.map(Waits::code).join(", ");
        context
            .terminal
            .error(&context.say(&Message::new("cli.queue.unknown").with("asked", text).with("known", known)));
        return Ok(ExitCode::from(2));
    }
    let waits = asked.waits.as_deref().and_then(Waits::from_code);
    context.in_office(How::default(), |office| {
        let lines = office.queue(&QueueAsked { mine: !asked.all, waits, limit: None }, context.now())?.lines;
        let table = lists::queue(&context.words(office), &lines, context.now().today);
        if context.json {
            context.terminal.json(&present::json::table(&table));
        } else if lines.is_empty() {
            context.terminal.line(&context.word(if asked.all {
                "cli.queue.nothing"
            } else {
                "cli.queue.nothing_yours"
            }));
        } else {
            context.terminal.table(&table);
        }
        Ok(ExitCode::SUCCESS)
    })
}
