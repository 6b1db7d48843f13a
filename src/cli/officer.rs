//! `officer`: who may act, in which roles, for which units.

use super::args::{Officer, OfficerCommand};
use super::desk::{Desk, How};
use super::print;
use crate::command::{Failure, Office};
use crate::domain::UnitId;
use crate::lang;
use crate::views::OfficerRow;
use serde_json::json;
use std::process::ExitCode;

pub fn run(desk: &Desk, officer: &Officer) -> Result<ExitCode, Failure> {
    let last_day = match &officer.what {
        OfficerCommand::End { on: Some(text), .. } => match desk.day(text) {
            Ok(day) => day,
            Err(code) => return Ok(code),
        },
        _ => desk.now().today,
    };
    desk.in_office(How::default(), |office| {
        let known = office.officers()?;
        let named = |name: &str| known.iter().find(|o| o.zh == name || o.en == name);
        match &officer.what {
            OfficerCommand::List => {}
            OfficerCommand::Set { name, en, roles, units } => {
                let row = OfficerRow {
                    officer: named(name).map_or_else(|| office.new_officer(), |o| Ok(o.officer))?,
                    roles: roles.clone(),
                    units: units.iter().map(|code| unit(desk, office, code)).collect::<Result<_, _>>()?,
                    until: None,
                    zh: name.clone(),
                    en: en.clone().or_else(|| named(name).map(|o| o.en.clone())).unwrap_or_else(|| name.clone()),
                    at: desk.now().at,
                };
                office.set_officer(&row, desk.now())?;
            }
            OfficerCommand::End { name, .. } => {
                let row = named(name).ok_or_else(|| Failure::NoSuchOfficer { asked: name.clone() })?;
                office.set_officer(&OfficerRow { until: Some(last_day), ..row.clone() }, desk.now())?;
            }
        }
        list(desk, office)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn unit(desk: &Desk, office: &Office, code: &str) -> Result<UnitId, Failure> {
    office.unit_by_code(code, desk.now().today)?.ok_or_else(|| Failure::NoSuchUnit { asked: code.to_owned() })
}

fn list(desk: &Desk, office: &Office) -> Result<(), Failure> {
    let units = office.units()?;
    let code = |id: &UnitId| units.iter().find(|u| u.unit == *id).map_or_else(|| id.hex(), |u| u.code.clone());
    let officers = office.officers()?;
    if desk.json {
        let lines = officers.iter().map(|o| {
            json!({
                "name": o.zh,
                "en": o.en,
                "roles": o.roles,
                "units": o.units.iter().map(code).collect::<Vec<_>>(),
                "until": o.until.map(|day| day.to_string()),
            })
        });
        print::json(&json!(lines.collect::<Vec<_>>()));
        return Ok(());
    }
    for o in &officers {
        let roles = o.roles.iter().map(|role| desk.word(&format!("role.{role}"))).collect::<Vec<_>>().join(", ");
        let places = o.units.iter().map(code).collect::<Vec<_>>().join(" ");
        let until = o.until.map(|day| format!("  - {day}")).unwrap_or_default();
        print::line(&lang::clean(&format!("{}  {roles}  {places}{until}", o.zh)));
    }
    Ok(())
}
