//! `numbers`: who gives dossier numbers, and to whom.

use super::args::{Numbers, NumbersCommand};
use super::context::{Context, How};
use crate::command::{Failure, Office};
use crate::domain::Message;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, numbers: &Numbers) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        match &numbers.what {
            NumbersCommand::Show => show(context, office)?,
            NumbersCommand::Block { series, station } => {
                let (from, to) = office.give_block(series, office.station_named(station)?, context.now())?;
                if context.json {
                    context.terminal.json(&json!({"series": series, "from": from, "to": to}));
                } else {
                    let said = Message::new("cli.numbers.block").with("series", series.as_str());
                    context.terminal.line(&context.say(&said.with("first", from).with("last", to)));
                }
            }
            NumbersCommand::Authority { to } => {
                office.move_authority(office.station_named(to)?, context.now())?;
                show(context, office)?;
            }
            NumbersCommand::Give => {
                let given = office.give_numbers(context.now())?;
                if context.json {
                    let lines = given.iter().map(|g| json!({"before": g.before, "number": g.number}));
                    context.terminal.json(&json!({"given": lines.collect::<Vec<_>>()}));
                } else {
                    given.iter().for_each(|g| context.terminal.line(&format!("{}  {}", g.before, g.number)));
                    context.terminal.line(&context.say(&Message::new("cli.numbers.given").with("count", given.len())));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn show(context: &Context, office: &Office) -> Result<(), Failure> {
    let state = office.number_state(context.now())?;
    if context.json {
        let series = state.series.iter().map(|line| {
            json!({
                "series": line.series,
                "issued": line.issued.iter().map(|(s, n)| json!({"station": s.hex(), "last": n})).collect::<Vec<_>>(),
                "blocks": line.blocks.iter()
                    .map(|(from, to, s)| json!({"from": from, "to": to, "station": s.hex()})).collect::<Vec<_>>(),
            })
        });
        context.terminal.json(&json!({
            "authority": state.authority.map(|s| s.hex()),
            "here": office.station().hex(),
            "series": series.collect::<Vec<_>>(),
            "provisional": state.provisional,
        }));
        return Ok(());
    }
    let authority = state.authority.map_or_else(|| "-".to_owned(), |s| s.hex()[..6].to_owned());
    let said = Message::new("cli.numbers.authority").with("station", authority);
    context
        .terminal
        .line(&context.say(&said.with("here", &office.station().hex()[..6]).with("count", state.provisional)));
    context.terminal.table(&crate::present::lists::numbers(&context.words(office), &state.series));
    Ok(())
}
