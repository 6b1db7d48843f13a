//! `user`: who may act, in which roles, for which units; by which keys they get in; who came.

use super::args::{User, UserAdd, UserCommand};
use super::context::{self, Context, How};
use super::{script, user_table};
use crate::command::logins::Terms;
use crate::command::settings::OfficeSize;
use crate::command::{Duty, Failure, Office};
use crate::domain::{Credential, Day, EntryId, Message, UnitId};
use crate::lang;
use crate::present::lists;
use crate::serve::public_key;
use crate::views::{CredentialRow, OfficerRow};
use serde_json::json;
use std::process::ExitCode;

/// So many days back the log goes, where no day is named.
pub const LOG_DAYS: i32 = 30;

pub fn run(context: &Context, user: &User) -> Result<ExitCode, Failure> {
    let typed = match &user.what {
        UserCommand::End { on: Some(text), .. }
        | UserCommand::Log { since: Some(text), .. }
        | UserCommand::Add(UserAdd { until: Some(text), .. }) => Some(text),
        _ => None,
    };
    let day = match typed.map(|text| context.day(text)).transpose() {
        Ok(day) => day,
        Err(code) => return Ok(code),
    };
    if let UserCommand::Add(add) = &user.what
        && let Err(code) = context.names_are_plain([&add.name].into_iter().chain(&add.en))
    {
        return Ok(code);
    }
    // Everything that can be wrong with a key comes before anything is opened or kept.
    let mut keys = Vec::new();
    if let UserCommand::Add(UserAdd { key: Some(file), .. }) = &user.what {
        match public_key::read(&script::read_text(&context.terminal, file)?) {
            Ok(lines) => keys = lines,
            Err(why) => {
                context.terminal.error(&context.say(&why));
                return Ok(ExitCode::from(1));
            }
        }
    }
    context.in_office(How::default(), |office| {
        match &user.what {
            UserCommand::List => {}
            UserCommand::Log { reads: true, limit, .. } => return user_table::reads(context, office, day, *limit),
            UserCommand::Log { limit, .. } => return user_table::log(context, office, day, *limit),
            UserCommand::Duties { name } => return user_table::duties(context, office, name.as_deref()),
            UserCommand::Division { code } => office.set_division(code, context.now())?,
            UserCommand::Office { size } => match OfficeSize::from_code(size) {
                Some(size) => office.set_size(size, context.now())?,
                None => {
                    context
                        .terminal
                        .error(&context.say(&Message::new("cli.user.no_such_size").with("asked", size.as_str())));
                    return Ok(ExitCode::from(2));
                }
            },
            UserCommand::Claim { name } => office.claim(known(office, name)?.officer, context::uid(), context.now())?,
            UserCommand::Add(add) => {
                if office.is_made_up()? {
                    context.terminal.error(&context.word("cli.demo.marked"));
                }
                if let Some(code) = self::add(context, office, add, keys, day)? {
                    return Ok(code);
                }
            }
            UserCommand::End { name, key: None, uid: None, .. } => {
                office.end_officer(&known(office, name)?, day, context.now())?;
            }
            UserCommand::End { name, key, uid, .. } => {
                let row = known(office, name)?;
                let credentials = office
                    .credentials()?
                    .into_iter()
                    .filter(|credential| credential.open && credential.officer == Some(row.officer));
                let meant = |credential: &CredentialRow| match (&credential.credential, key, uid) {
                    (own @ Credential::Key(_), Some(begins), _) => own.shown().starts_with(begins.as_str()),
                    (Credential::Uid(own), _, Some(uid)) => own == uid,
                    _ => false,
                };
                let credentials: Vec<CredentialRow> = credentials.filter(meant).collect();
                let [credential] = credentials.as_slice() else {
                    context
                        .terminal
                        .error(&context.say(&Message::new("cli.user.which_way").with("count", credentials.len())));
                    return Ok(ExitCode::from(1));
                };
                office.shut_credential(credential, context.now())?;
            }
            UserCommand::Gateway { uid, end } => {
                let open = office
                    .credentials()?
                    .into_iter()
                    .find(|credential| credential.credential == Credential::Uid(*uid) && credential.officer.is_none());
                match (end, open) {
                    (false, _) => office.open_credential(&Credential::Uid(*uid), Terms::default(), context.now())?,
                    (true, Some(credential)) => office.shut_credential(&credential, context.now())?,
                    (true, None) => {
                        context
                            .terminal
                            .error(&context.say(&Message::new("cli.user.which_way").with("count", 0_usize)));
                        return Ok(ExitCode::from(1));
                    }
                }
            }
        }
        list(context, office)?;
        Ok(ExitCode::SUCCESS)
    })
}

pub fn known(office: &Office, name: &str) -> Result<OfficerRow, Failure> {
    office.officer_named(name)
}

/// An exit code where it was not done, after saying why.
fn add(
    context: &Context,
    office: &Office,
    add: &UserAdd,
    keys: Vec<String>,
    until: Option<Day>,
) -> Result<Option<ExitCode>, Failure> {
    let before = match known(office, &add.name) {
        Err(Failure::NoSuchOfficer { .. }) => None,
        known => Some(known?),
    };
    if before.as_ref().is_none_or(|o| o.roles.is_empty()) && add.roles.is_empty() {
        context.terminal.error(&context.word("cli.user.needs_role"));
        return Ok(Some(ExitCode::from(2)));
    }
    let credentials: Vec<Credential> =
        add.uid.map(Credential::Uid).into_iter().chain(keys.into_iter().map(Credential::Key)).collect();
    let of_person = until.filter(|_| credentials.is_empty());
    let officer = before.as_ref().map_or_else(|| office.new_officer(), |o| Ok(o.officer))?;
    if before.is_none() || !add.roles.is_empty() || !add.units.is_empty() || add.en.is_some() || of_person.is_some() {
        let units = add.units.iter().map(|code| unit(context, office, code)).collect::<Result<Vec<_>, _>>()?;
        let row = OfficerRow {
            officer,
            roles: if add.roles.is_empty() {
                before.iter().flat_map(|o| o.roles.clone()).collect()
            } else {
                add.roles.clone()
            },
            // Roles said anew without units mean all units, as they do for somebody new.
            units: if add.roles.is_empty() && units.is_empty() {
                before.iter().flat_map(|o| o.units.clone()).collect()
            } else {
                units
            },
            until: of_person,
            zh: before.as_ref().map_or_else(|| add.name.clone(), |o| o.zh.clone()),
            en: add.en.clone().or_else(|| before.as_ref().map(|o| o.en.clone())).unwrap_or_else(|| add.name.clone()),
            at: context.now().at,
            entry: EntryId([0; 16]),
            over: Vec::new(),
        };
        office.set_officer(&row, context.now())?;
    }
    for credential in credentials {
        let from = if matches!(credential, Credential::Key(_)) { add.from.clone() } else { Vec::new() };
        office.open_credential(&credential, Terms { officer: Some(officer), until, from }, context.now())?;
    }
    Ok(None)
}

fn unit(context: &Context, office: &Office, code: &str) -> Result<UnitId, Failure> {
    office.unit_by_code(code, context.now().today)?.ok_or_else(|| Failure::NoSuchUnit { asked: code.to_owned() })
}

fn list(context: &Context, office: &Office) -> Result<(), Failure> {
    let units = office.units()?;
    let code = |id: &UnitId| units.iter().find(|u| u.unit == *id).map_or_else(|| id.hex(), |u| u.code.clone());
    let officers = office.officers()?;
    // Which keys there are, and from where they may be used, is for those who keep them.
    let credentials = if office.carries(Duty::SeeLogins) { office.credentials()? } else { Vec::new() };
    if context.json {
        let credential = |credential: &CredentialRow| {
            json!({
                "way": credential.credential.shown(),
                "open": credential.open,
                "until": credential.until.map(|day| day.to_string()),
                "from": credential.from,
            })
        };
        let lines = officers.iter().map(|o| {
            json!({
                "name": o.zh,
                "en": o.en,
                "roles": o.roles,
                "units": o.units.iter().map(code).collect::<Vec<_>>(),
                "until": o.until.map(|day| day.to_string()),
                "ways": credentials.iter().filter(|w| w.officer == Some(o.officer)).map(credential).collect::<Vec<_>>(),
            })
        });
        context.terminal.json(&json!(lines.collect::<Vec<_>>()));
        return Ok(());
    }
    let until = |day: Option<Day>| day.map(|day| format!("  - {day}")).unwrap_or_default();
    let line = |row: &CredentialRow| {
        let shut = if row.open { String::new() } else { format!("  {}", context.word("cli.user.shut")) };
        format!("{}{}  {}{shut}", row.credential.shown(), until(row.until), row.from.join(" "))
    };
    context.terminal.table(&lists::officers(&context.words(office), &officers, &units));
    for o in &officers {
        for credential in credentials.iter().filter(|credential| credential.officer == Some(o.officer)) {
            context.terminal.line(lang::clean(&format!("{}  {}", o.zh, line(credential))).trim_end());
        }
    }
    for credential in credentials.iter().filter(|credential| credential.officer.is_none()) {
        context
            .terminal
            .line(lang::clean(&format!("{}  {}", context.word("cli.user.gateway"), line(credential))).trim_end());
    }
    Ok(())
}
