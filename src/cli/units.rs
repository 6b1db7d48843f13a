//! `units`: the union tree, of a day or of all times; out as csv, and back in.

use super::args::{Units, UnitsCommand};
use super::context::{Context, How};
use super::script;
use crate::command::library::read_units;
use crate::command::{Failure, Office};
use crate::domain::{Day, Message, UnitId};
use crate::present::{csv, lists};
use crate::views::UnitRow;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, units: &Units) -> Result<ExitCode, Failure> {
    let on = match &units.what {
        UnitsCommand::List { on: Some(text), .. } => match context.day(text) {
            Ok(day) => day,
            Err(code) => return Ok(code),
        },
        _ => context.now().today,
    };
    context.in_office(How::default(), |office| {
        match &units.what {
            UnitsCommand::List { csv: true, .. } => write_csv(context, office)?,
            UnitsCommand::List { .. } => list(context, office, on)?,
            UnitsCommand::Import { file } => {
                let text = script::read_said(context, file)?;
                let added = office.import_units(&read_units(&text)?, context.now())?;
                if context.json {
                    context.terminal.json(&json!({"added": added}));
                } else {
                    context.terminal.line(&context.say(&Message::new("cli.units.added").with("count", added)));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn list(context: &Context, office: &Office, on: Day) -> Result<(), Failure> {
    let mut units: Vec<UnitRow> = office.units()?.into_iter().filter(|u| u.stands_on(on)).collect();
    units.sort_by(|a, b| a.code.cmp(&b.code));
    if context.json {
        let code = |id: Option<UnitId>| id.and_then(|id| units.iter().find(|u| u.unit == id)).map(|u| u.code.clone());
        let lines = units.iter().map(|u| {
            json!({"code": u.code, "zh": u.zh, "en": u.en, "kind": u.kind, "parent": code(u.parent), "id": u.unit.hex()})
        });
        context.terminal.json(&json!(lines.collect::<Vec<_>>()));
        return Ok(());
    }
    context.terminal.table(&lists::units(&context.words(office), &units));
    Ok(())
}

/// Every unit of all times, to be read back by `units import`.
fn write_csv(context: &Context, office: &Office) -> Result<(), Failure> {
    let table = lists::unit_rows(&context.words(office), &office.units()?);
    csv::table(&table, csv::Heads::Keys).lines().for_each(|x| context.terminal.line(x));
    Ok(())
}
