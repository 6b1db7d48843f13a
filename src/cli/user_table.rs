//! `user duties`: who may do what, and how far. `user log --reads`: who looked at which household.

use super::desk::Desk;
use super::{print, user};
use crate::command::{Duty, Failure, Office, Role, Span};
use crate::domain::{Arg, Day, Message, Stamp};
use crate::lang;
use crate::present::lists;
use serde_json::json;
use std::process::ExitCode;

/// The table of duties by role, or how far each reaches for one officer.
pub fn duties(desk: &Desk, office: &Office, name: Option<&str>) -> Result<ExitCode, Failure> {
    let roles: Vec<Role> = match name {
        Some(name) => {
            let row = user::known(office, name)?;
            row.roles.iter().filter_map(|role| Role::from_code(role)).collect()
        }
        None => Role::ALL.to_vec(),
    };
    let reach = |duty: Duty| roles.iter().map(|role| duty.span(*role)).max().unwrap_or(Span::No);
    if desk.json {
        let rows = Duty::ALL.iter().map(|duty| match name {
            Some(_) => json!({"duty": duty.code(), "reach": reach(*duty).code()}),
            None => {
                let by_role = roles.iter().map(|role| (role.code().to_owned(), json!(duty.span(*role).code())));
                json!({"duty": duty.code(), "from_afar": duty.from_afar(), "reach": by_role.collect::<serde_json::Map<_, _>>()})
            }
        });
        print::json(&json!(rows.collect::<Vec<_>>()));
        return Ok(ExitCode::SUCCESS);
    }
    print::fields(&lists::duties(&desk.words(office), &roles, name.is_some()));
    Ok(ExitCode::SUCCESS)
}

/// Looks across households, the latest first.
pub fn reads(desk: &Desk, office: &Office, since: Option<Day>, limit: usize) -> Result<ExitCode, Failure> {
    let since = since.unwrap_or(desk.now().today.plus_days(-user::LOG_DAYS));
    let looks = office.looks(Stamp::start_of(since), limit, desk.now())?;
    let officers = office.officers()?;
    let name = |id| officers.iter().find(|o| o.officer == id).map(|o| o.zh.as_str()).unwrap_or_default();
    let way = |look: &crate::command::looks::LookLine| -> Result<(String, String), Failure> {
        Ok(match office.session(look.session)? {
            Some(session) => (user::entrance(&session.entrance), session.address),
            None => Default::default(),
        })
    };
    let mut all = Vec::new();
    for look in &looks {
        let (way, address) = way(look)?;
        let number = office.number_looked_at(look);
        if desk.json {
            all.push(json!({
                "at": look.at.local(),
                "by": name(look.by),
                "dossier": number,
                "what": look.what,
                "important": look.important,
                "why": look.why,
                "way": way,
                "address": address,
            }));
            continue;
        }
        let key = if look.important { "cli.user.look_important" } else { "cli.user.look" };
        let said = Message::new(key)
            .with("at", look.at.local())
            .with("by", name(look.by))
            .with("number", number)
            .with("what", Arg::Word(look.word()))
            .with("why", look.why.as_deref().unwrap_or_default())
            .with("way", format!("{way} {address}").trim_end());
        print::line(lang::clean(&desk.say(&said)).trim_end());
    }
    if desk.json {
        print::json(&json!(all));
    }
    Ok(ExitCode::SUCCESS)
}
