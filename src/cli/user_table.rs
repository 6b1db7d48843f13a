//! `user duties`: who may do what, and how far. `user log`: who came in and went, and how the store was handled;
//! `user log --reads`: who looked at which household.

use super::context::Context;
use super::user;
use crate::command::{Duty, Failure, Office, Role, Span};
use crate::domain::{Day, EntryId, Stamp};
use crate::present::lists::{self, LogLine};
use crate::views::{LoginRow, MaintenanceRow, SessionRow};
use serde_json::json;
use std::process::ExitCode;

/// The table of duties by role, or how far each reaches for one officer.
pub fn duties(context: &Context, office: &Office, name: Option<&str>) -> Result<ExitCode, Failure> {
    let roles: Vec<Role> = match name {
        Some(name) => {
            let row = user::known(office, name)?;
            row.roles.iter().filter_map(|role| Role::from_code(role)).collect()
        }
        None => Role::ALL.to_vec(),
    };
    let reach = |duty: Duty| roles.iter().map(|role| duty.span(*role)).max().unwrap_or(Span::No);
    if context.json {
        let rows = Duty::ALL.iter().map(|duty| match name {
            Some(_) => json!({"duty": duty.code(), "reach": reach(*duty).code()}),
            None => {
                let by_role = roles.iter().map(|role| (role.code().to_owned(), json!(duty.span(*role).code())));
                json!({"duty": duty.code(), "from_afar": duty.from_afar(), "reach": by_role.collect::<serde_json::Map<_, _>>()})
            }
        });
        context.terminal.json(&json!(rows.collect::<Vec<_>>()));
        return Ok(ExitCode::SUCCESS);
    }
    context.terminal.fields(&lists::duties(&context.words(office), &roles, name.is_some()));
    Ok(ExitCode::SUCCESS)
}

/// Who came in, was refused, went, and how the store as a whole was handled; the latest first.
pub fn log(context: &Context, office: &Office, since: Option<Day>, limit: usize) -> Result<ExitCode, Failure> {
    let since = Stamp::start_of(since.unwrap_or(context.now().today.plus_days(-user::LOG_DAYS)));
    let (officers, credentials) = (office.officers()?, office.credentials()?);
    let name = |id| officers.iter().find(|o| Some(o.officer) == id).map(|o| o.zh.clone()).unwrap_or_default();
    let of_login = |row: LoginRow| {
        // Of a refusal the record names the key, and the key names its owner.
        let of_credential = || {
            credentials
                .iter()
                .find(|credential| credential.credential.shown() == row.credential)
                .and_then(|credential| credential.officer)
        };
        let step = format!("{:?}", row.step).to_lowercase();
        let (name, count) = (name(row.officer.or_else(of_credential)), u64::from(row.count));
        LogLine {
            at: row.at,
            step,
            why: row.why,
            name,
            credential: Some(row.credential),
            address: row.address,
            count,
            id: None,
        }
    };
    let of_store = |row: MaintenanceRow| -> Result<LogLine, Failure> {
        let session = office.session(row.session)?;
        let credential = way(row.session, session.as_ref());
        let address = session.map(|session| session.address).unwrap_or_default();
        let (step, name) = ("store".to_owned(), name(Some(row.by)));
        Ok(LogLine { at: row.at, step, why: row.what, name, credential, address, count: row.count, id: Some(row.id) })
    };
    let mut lines: Vec<LogLine> = office.logins(since, limit, context.now())?.into_iter().map(of_login).collect();
    let handled = office.maintenance(since, limit, context.now())?.into_iter();
    lines.extend(handled.map(of_store).collect::<Result<Vec<_>, _>>()?);
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines.truncate(limit);
    if context.json {
        let lines = lines.iter().map(|line| {
            json!({
                "at": line.at.local(),
                "step": line.step,
                "name": line.name,
                "way": line.credential.as_deref().unwrap_or_default(),
                "address": line.address,
                "why": line.why,
                "count": line.count,
                "id": line.id,
            })
        });
        context.terminal.json(&json!(lines.collect::<Vec<_>>()));
        return Ok(ExitCode::SUCCESS);
    }
    context.terminal.table(&lists::log(&context.words(office), &lines));
    Ok(ExitCode::SUCCESS)
}

/// By which way somebody acted. `None`: the record is from before sessions were; where the session's own record has not come
/// here yet, nothing is said.
fn way(named: Option<EntryId>, session: Option<&SessionRow>) -> Option<String> {
    named.map(|_| session.map(|session| session.entrance.shown()).unwrap_or_default())
}

/// Looks across households, the latest first.
pub fn reads(context: &Context, office: &Office, since: Option<Day>, limit: usize) -> Result<ExitCode, Failure> {
    let since = since.unwrap_or(context.now().today.plus_days(-user::LOG_DAYS));
    let looks = office.looks(Stamp::start_of(since), limit, context.now())?;
    let officers = office.officers()?;
    let name = |id| officers.iter().find(|o| o.officer == id).map(|o| o.zh.as_str()).unwrap_or_default();
    let mut all = Vec::new();
    let mut lines = Vec::new();
    for look in looks {
        let session = office.session(look.session)?;
        let credential = way(look.session, session.as_ref());
        let address = session.map(|session| session.address).unwrap_or_default();
        let number = office.number_looked_at(&look);
        if context.json {
            all.push(json!({
                "at": look.at.local(),
                "by": name(look.by),
                "dossier": number,
                "what": look.what,
                "important": look.important,
                "why": look.why,
                "way": credential.unwrap_or_default(),
                "address": address,
            }));
            continue;
        }
        let way = credential.map(|credential| format!("{credential} {address}").trim_end().to_owned());
        lines.push(lists::ReadLine { look, number, way });
    }
    if context.json {
        context.terminal.json(&json!(all));
    } else {
        context.terminal.table(&lists::reads(&context.words(office), &lines));
    }
    Ok(ExitCode::SUCCESS)
}
