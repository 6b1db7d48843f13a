//! `units`: the union tree, of a day or of all times; out as csv, and back in.

use super::args::{Units, UnitsCommand};
use super::desk::{Desk, How};
use super::{print, script};
use crate::command::library::read_units;
use crate::command::{Failure, Office};
use crate::domain::{Day, Message, UnitId};
use crate::present::{csv, lists};
use crate::views::UnitRow;
use serde_json::json;
use std::process::ExitCode;

pub fn run(desk: &Desk, units: &Units) -> Result<ExitCode, Failure> {
    let on = match &units.what {
        UnitsCommand::List { on: Some(text), .. } => match desk.day(text) {
            Ok(day) => day,
            Err(code) => return Ok(code),
        },
        _ => desk.now().today,
    };
    desk.in_office(How::default(), |office| {
        match &units.what {
            UnitsCommand::List { csv: true, .. } => write_csv(desk, office)?,
            UnitsCommand::List { .. } => list(desk, office, on)?,
            UnitsCommand::Import { file } => {
                let text = script::read_said(desk, file)?;
                let added = office.import_units(&read_units(&text)?, desk.now())?;
                if desk.json {
                    print::json(&json!({"added": added}));
                } else {
                    print::line(&desk.say(&Message::new("cli.units.added").with("count", added)));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn list(desk: &Desk, office: &Office, on: Day) -> Result<(), Failure> {
    let mut units: Vec<UnitRow> = office.units()?.into_iter().filter(|u| u.stands_on(on)).collect();
    units.sort_by(|a, b| a.code.cmp(&b.code));
    if desk.json {
        let code = |id: Option<UnitId>| id.and_then(|id| units.iter().find(|u| u.unit == id)).map(|u| u.code.clone());
        let lines = units.iter().map(|u| {
            json!({"code": u.code, "zh": u.zh, "en": u.en, "kind": u.kind, "parent": code(u.parent), "id": u.unit.hex()})
        });
        print::json(&json!(lines.collect::<Vec<_>>()));
        return Ok(());
    }
    print::table(&lists::units(&desk.words(office), &units));
    Ok(())
}

/// Every unit of all times, to be read back by `units import`.
fn write_csv(desk: &Desk, office: &Office) -> Result<(), Failure> {
    let table = lists::unit_rows(&desk.words(office), &office.units()?);
    csv::table(&table, csv::Heads::Keys).lines().for_each(print::line);
    Ok(())
}
