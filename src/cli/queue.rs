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
        let found = office
            .queue(&QueueAsked { mine: !asked.all, waits, limit: None, of_fund: waits.is_none() }, context.now())?;
        let (words, today) = (context.words(office), context.now().today);
        let cases = lists::queue(&words, &found.lines, today);
        let fund = lists::fund_queue(&words, &found.fund, today);
        if context.json {
            // Lines of cases have a number; those of the fund a count.
            let tables = [&cases, &fund].into_iter();
            let all = tables.flat_map(|table| match present::json::table(table) {
                serde_json::Value::Array(lines) => lines,
                other => vec![other],
            });
            context.terminal.json(&all.collect());
        } else if found.lines.is_empty() && found.fund.is_empty() {
            context.terminal.line(&context.word(if asked.all {
                "cli.queue.nothing"
            } else {
                "cli.queue.nothing_yours"
            }));
        } else {
            for table in [cases, fund].iter().filter(|table| !table.rows.is_empty()) {
                context.terminal.table(table);
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
