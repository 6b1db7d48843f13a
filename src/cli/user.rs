//! `user`: who may act, in which roles, for which units; by which keys they get in; who came.

use super::args::{User, UserAdd, UserCommand};
use super::desk::{self, Desk, How};
use super::{print, script, user_table};
use crate::command::logins::Terms;
use crate::command::settings::OfficeSize;
use crate::command::{Duty, Failure, Office};
use crate::domain::{Day, Entrance, EntryId, Message, UnitId, Way};
use crate::lang;
use crate::present::lists;
use crate::serve::public_key;
use crate::views::{OfficerRow, WayRow};
use serde_json::json;
use std::process::ExitCode;

/// So many days back the log goes, where no day is named.
pub const LOG_DAYS: i32 = 30;

pub fn run(desk: &Desk, user: &User) -> Result<ExitCode, Failure> {
    let typed = match &user.what {
        UserCommand::End { on: Some(text), .. }
        | UserCommand::Log { since: Some(text), .. }
        | UserCommand::Add(UserAdd { until: Some(text), .. }) => Some(text),
        _ => None,
    };
    let day = match typed.map(|text| desk.day(text)).transpose() {
        Ok(day) => day,
        Err(code) => return Ok(code),
    };
    // Everything that can be wrong with a key comes before anything is opened or kept.
    let mut keys = Vec::new();
    if let UserCommand::Add(UserAdd { key: Some(file), .. }) = &user.what {
        match public_key::read(&script::read_text(file)?) {
            Ok(lines) => keys = lines,
            Err(why) => {
                print::error(&desk.say(&why));
                return Ok(ExitCode::from(1));
            }
        }
    }
    desk.in_office(How::default(), |office| {
        match &user.what {
            UserCommand::List => {}
            UserCommand::Log { reads: true, limit, .. } => return user_table::reads(desk, office, day, *limit),
            UserCommand::Log { limit, .. } => return user_table::log(desk, office, day, *limit),
            UserCommand::Duties { name } => return user_table::duties(desk, office, name.as_deref()),
            UserCommand::Office { size } => match OfficeSize::from_code(size) {
                Some(size) => office.set_size(size, desk.now())?,
                None => {
                    print::error(&desk.say(&Message::new("cli.user.no_such_size").with("asked", size.as_str())));
                    return Ok(ExitCode::from(2));
                }
            },
            UserCommand::Claim { name } => office.claim(known(office, name)?.officer, desk::uid(), desk.now())?,
            UserCommand::Add(add) => {
                if office.is_made_up()? {
                    print::error(&desk.word("cli.demo.marked"));
                }
                if let Some(code) = self::add(desk, office, add, keys, day)? {
                    return Ok(code);
                }
            }
            UserCommand::End { name, key: None, uid: None, .. } => {
                let row = known(office, name)?;
                office.set_officer(
                    &OfficerRow { until: Some(day.unwrap_or(desk.now().today)), ..row.clone() },
                    desk.now(),
                )?;
                // Until a last day that is still to come they work as before, and their keys end with it by themselves.
                let at_once = day.is_none_or(|last| last < desk.now().today);
                let ways = office.ways()?.into_iter().filter(|way| way.open && way.officer == Some(row.officer));
                for way in ways.filter(|_| at_once) {
                    office.shut_way(&way, desk.now())?;
                }
            }
            UserCommand::End { name, key, uid, .. } => {
                let row = known(office, name)?;
                let ways = office.ways()?.into_iter().filter(|way| way.open && way.officer == Some(row.officer));
                let meant = |way: &WayRow| match (&way.way, key, uid) {
                    (Way::Key(line), Some(begins), _) => public_key::fingerprint(line).starts_with(begins.as_str()),
                    (Way::Uid(own), _, Some(uid)) => own == uid,
                    _ => false,
                };
                let ways: Vec<WayRow> = ways.filter(meant).collect();
                let [way] = ways.as_slice() else {
                    print::error(&desk.say(&Message::new("cli.user.which_way").with("count", ways.len())));
                    return Ok(ExitCode::from(1));
                };
                office.shut_way(way, desk.now())?;
            }
            UserCommand::Gateway { uid, end } => {
                let open = office.ways()?.into_iter().find(|way| way.way == Way::Uid(*uid) && way.officer.is_none());
                match (end, open) {
                    (false, _) => office.open_way(&Way::Uid(*uid), Terms::default(), desk.now())?,
                    (true, Some(way)) => office.shut_way(&way, desk.now())?,
                    (true, None) => {
                        print::error(&desk.say(&Message::new("cli.user.which_way").with("count", 0_usize)));
                        return Ok(ExitCode::from(1));
                    }
                }
            }
        }
        list(desk, office)?;
        Ok(ExitCode::SUCCESS)
    })
}

pub fn known(office: &Office, name: &str) -> Result<OfficerRow, Failure> {
    let found = office.officers()?.into_iter().find(|o| o.zh == name || o.en == name);
    found.ok_or_else(|| Failure::NoSuchOfficer { asked: name.to_owned() })
}

/// An exit code where it was not done, after saying why.
fn add(
    desk: &Desk,
    office: &Office,
    add: &UserAdd,
    keys: Vec<String>,
    until: Option<Day>,
) -> Result<Option<ExitCode>, Failure> {
    let before = known(office, &add.name).ok();
    if before.is_none() && add.roles.is_empty() {
        print::error(&desk.word("cli.user.needs_role"));
        return Ok(Some(ExitCode::from(2)));
    }
    let ways: Vec<Way> = add.uid.map(Way::Uid).into_iter().chain(keys.into_iter().map(Way::Key)).collect();
    let of_person = until.filter(|_| ways.is_empty());
    let officer = before.as_ref().map_or_else(|| office.new_officer(), |o| Ok(o.officer))?;
    if before.is_none() || !add.roles.is_empty() || !add.units.is_empty() || add.en.is_some() || of_person.is_some() {
        let units = add.units.iter().map(|code| unit(desk, office, code)).collect::<Result<Vec<_>, _>>()?;
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
            at: desk.now().at,
            entry: EntryId([0; 16]),
            over: Vec::new(),
        };
        office.set_officer(&row, desk.now())?;
    }
    for way in ways {
        let from = if matches!(way, Way::Key(_)) { add.from.clone() } else { Vec::new() };
        office.open_way(&way, Terms { officer: Some(officer), until, from }, desk.now())?;
    }
    Ok(None)
}

fn unit(desk: &Desk, office: &Office, code: &str) -> Result<UnitId, Failure> {
    office.unit_by_code(code, desk.now().today)?.ok_or_else(|| Failure::NoSuchUnit { asked: code.to_owned() })
}

/// A way as people read it: the key's fingerprint, or the uid.
pub fn told(way: &Way) -> String {
    match way {
        Way::Key(line) => public_key::fingerprint(line),
        Way::Uid(uid) => format!("uid {uid}"),
    }
}

/// How somebody came to act, as people read it.
pub fn entrance(entrance: &Entrance) -> String {
    match entrance {
        Entrance::Folder { uid } => format!("uid {uid}"),
        Entrance::Own(way) => told(way),
        Entrance::Gateway { uid } => format!("gateway {uid}"),
        Entrance::Program => String::new(),
    }
}

fn list(desk: &Desk, office: &Office) -> Result<(), Failure> {
    let units = office.units()?;
    let code = |id: &UnitId| units.iter().find(|u| u.unit == *id).map_or_else(|| id.hex(), |u| u.code.clone());
    let officers = office.officers()?;
    // Which keys there are, and from where they may be used, is for those who keep them.
    let ways = if office.carries(Duty::SeeLogins) { office.ways()? } else { Vec::new() };
    if desk.json {
        let way = |way: &WayRow| {
            json!({
                "way": told(&way.way),
                "open": way.open,
                "until": way.until.map(|day| day.to_string()),
                "from": way.from,
            })
        };
        let lines = officers.iter().map(|o| {
            json!({
                "name": o.zh,
                "en": o.en,
                "roles": o.roles,
                "units": o.units.iter().map(code).collect::<Vec<_>>(),
                "until": o.until.map(|day| day.to_string()),
                "ways": ways.iter().filter(|w| w.officer == Some(o.officer)).map(way).collect::<Vec<_>>(),
            })
        });
        print::json(&json!(lines.collect::<Vec<_>>()));
        return Ok(());
    }
    let until = |day: Option<Day>| day.map(|day| format!("  - {day}")).unwrap_or_default();
    let line = |row: &WayRow| {
        let shut = if row.open { String::new() } else { format!("  {}", desk.word("cli.user.shut")) };
        format!("{}{}  {}{shut}", told(&row.way), until(row.until), row.from.join(" "))
    };
    print::table(&lists::officers(&desk.words(office), &officers, &units));
    for o in &officers {
        for way in ways.iter().filter(|way| way.officer == Some(o.officer)) {
            print::line(lang::clean(&format!("{}  {}", o.zh, line(way))).trim_end());
        }
    }
    for way in ways.iter().filter(|way| way.officer.is_none()) {
        print::line(lang::clean(&format!("{}  {}", desk.word("cli.user.gateway"), line(way))).trim_end());
    }
    Ok(())
}
