//! `campaign`: gifts and school fees, from a list to signed sheets and what came back. `person`: people outside dossiers.

use super::args::{Campaign, CampaignAdd, CampaignCommand, Person, PersonCommand};
use super::context::{Context, How};
use super::fund::{Wrong, amount};
use super::{import, paper};
use crate::command::fund::{CampaignLine, Control, NewCampaign, Signed, line_numbers};
use crate::command::import::RollSheet;
use crate::command::roll::RollQuery;
use crate::command::{Duty, Failure, Office};
use crate::domain::{Day, Fen, Message, Now};
use crate::present::{Sentence, Table, Tone, campaign, json};
use crate::views::fund::CampaignRow;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// What it asks of whoever types it.
pub fn duty(asked: &Campaign) -> Duty {
    use CampaignCommand::*;
    match &asked.what {
        None | Some(List { .. }) => Duty::Open,
        Some(New { .. } | Add(_) | Drop { .. }) => Duty::ProposeAid,
        Some(Check { .. } | Reopen { .. }) => Duty::CheckAid,
        // Before it is granted it is given up by whoever grants.
        Some(Approve { .. } | Close { .. }) => Duty::DecideAid,
        Some(Sheet { .. } | Handed { .. } | Returned { .. }) => Duty::PayAid,
    }
}

/// What it asks of whoever types it.
pub fn duty_of_person(asked: &Person) -> Duty {
    match asked.what {
        PersonCommand::Find { .. } => Duty::Open,
        PersonCommand::Link { .. } | PersonCommand::Unlink { .. } => Duty::Survey,
    }
}

/// A file of the machine that it is typed at.
pub fn file(asked: &mut Campaign) -> Option<&mut PathBuf> {
    match &mut asked.what {
        Some(CampaignCommand::Add(add)) => add.file.as_mut(),
        Some(CampaignCommand::Sheet { to, .. }) => to.file.as_mut(),
        _ => None,
    }
}

pub fn names_a_file(asked: &Campaign) -> bool {
    file(&mut asked.clone()).is_some_and(|file| file.as_os_str() != "-")
}

type Acting<'a> = Box<dyn FnOnce(&Office) -> Result<ExitCode, Failure> + 'a>;

pub fn run(context: &Context, asked: &Campaign) -> Result<ExitCode, Failure> {
    if let Some(CampaignCommand::Add(add)) = &asked.what {
        return fill(context, add);
    }
    match understood(context, asked) {
        Ok(act) => context.in_office(How::default(), |office| act(office)),
        Err(Wrong(code)) => Ok(code),
    }
}

fn wrong(context: &Context, key: &'static str, asked: &str) -> Wrong {
    context.terminal.error(&context.say(&Message::new(key).with("asked", asked)));
    Wrong(ExitCode::from(2))
}

/// What is to be done, once every day, amount and line has been read.
fn understood<'a>(context: &'a Context, asked: &'a Campaign) -> Result<Acting<'a>, Wrong> {
    let now = context.now();
    let day = |text: &str| context.day(text).map_err(Wrong);
    let lines = |typed: &str| line_numbers(typed).ok_or_else(|| wrong(context, "cli.campaign.lines", typed));
    let named = move |office: &Office, code: &str| office.campaign_named(code, now);
    let on = |text: &Option<String>| -> Result<Day, Wrong> { text.as_deref().map_or(Ok(now.today), day) };
    let Some(what) = &asked.what else {
        return Ok(Box::new(move |office| {
            let rows = office.campaigns(now)?;
            Ok(print(context, &campaign::campaigns(&context.words(office), &rows)))
        }));
    };
    Ok(match what {
        CampaignCommand::New { code, kind, event, from, until, purse, classes, zh, en } => {
            let classes: Result<Vec<(String, Fen, Option<String>)>, Wrong> =
                classes.iter().map(|typed| class(context, typed)).collect();
            let new = NewCampaign {
                code: code.clone(),
                aid: kind.clone(),
                event: event.clone(),
                from: day(from)?,
                until: day(until)?,
                classes: classes?,
                purse: purse.clone(),
                zh: zh.clone(),
                en: en.clone().unwrap_or_else(|| zh.clone()),
            };
            Box::new(move |office| {
                let row = office.begin_campaign(&new, now)?;
                Ok(print(context, &campaign::campaigns(&context.words(office), std::slice::from_ref(&row))))
            })
        }
        // It reads a file or asks the roll, and is done apart.
        CampaignCommand::Add(_) => Box::new(|_| Ok(ExitCode::SUCCESS)),
        CampaignCommand::List { campaign } => Box::new(move |office| list(context, office, &named(office, campaign)?)),
        CampaignCommand::Drop { campaign, lines: typed, why } => {
            let lines = lines(typed)?;
            Box::new(move |office| {
                let row = named(office, campaign)?;
                let before = standing(&office.campaign_lines(&row, now)?);
                let dropped = office.drop_lines(&row, &lines, why, now)?;
                let after = standing(&office.campaign_lines(&row, now)?);
                let mut table = campaign::lines(&context.words(office), &row, &dropped);
                // The sums would be of these lines alone.
                table.sums = None;
                // Another line of the same person may stand now that this one does not.
                let steps_in: Vec<String> = after
                    .iter()
                    .filter(|(number, _)| !before.contains_key(number))
                    .map(|(n, _)| n.to_string())
                    .collect();
                if !steps_in.is_empty() {
                    let said = Message::new("campaign.steps_in").with("lines", steps_in.join(", "));
                    table.notes.push(Sentence::new(context.say(&said)).tone(Tone::Doubt));
                }
                let sum = Fen(after.values().map(|fen| fen.0).sum());
                let said = Message::new("campaign.left").with("count", after.len()).with("sum", sum);
                table.notes.push(Sentence::new(context.say(&said)));
                Ok(print(context, &table))
            })
        }
        CampaignCommand::Check { campaign, count, sum } => {
            let control = Control { count: *count, sum: amount(context, sum)? };
            Box::new(move |office| {
                let row = office.check_campaign(&named(office, campaign)?, control, now)?;
                tell(context, office, &row)
            })
        }
        CampaignCommand::Reopen { campaign, why } => {
            Box::new(move |office| tell(context, office, &office.reopen_campaign(&named(office, campaign)?, why, now)?))
        }
        CampaignCommand::Approve { campaign, vote } => {
            let meeting = vote.meeting();
            Box::new(move |office| {
                tell(context, office, &office.approve_campaign(&named(office, campaign)?, meeting, now)?)
            })
        }
        CampaignCommand::Sheet { campaign: of, units, to } => Box::new(move |office| {
            // Before it is recorded as gone out.
            let way = match paper::way(context, office, to) {
                Ok(way) => way,
                Err(code) => return Ok(code),
            };
            let units = units.iter().map(|unit| office.unit_named(unit)).collect::<Result<Vec<_>, _>>()?;
            let row = named(office, of)?;
            let lines = office.handing_sheet(&row, &units, now)?;
            Ok(paper::write(context, office, campaign::sheet(&context.words(office), &row, &lines), way))
        }),
        CampaignCommand::Handed { campaign: of, lines: typed, from, on: day, proxy, relation } => {
            let (lines, on) = (lines(typed)?, on(day)?);
            let signed = match (proxy, relation) {
                (Some(name), Some(relation)) => Signed::Proxy { name: name.clone(), relation: relation.clone() },
                _ => Signed::Themselves,
            };
            Box::new(move |office| {
                let row = named(office, of)?;
                let lines = office.hand_over(&row, &lines, (from, &signed), on, now)?;
                Ok(print(context, &campaign::lines(&context.words(office), &row, &lines)))
            })
        }
        CampaignCommand::Returned { campaign: of, lines: typed, why, on: day } => {
            let (lines, on) = (lines(typed)?, on(day)?);
            Box::new(move |office| {
                let row = named(office, of)?;
                let lines = office.bring_back(&row, &lines, why, on, now)?;
                Ok(print(context, &campaign::lines(&context.words(office), &row, &lines)))
            })
        }
        CampaignCommand::Close { campaign } => {
            Box::new(move |office| tell(context, office, &office.close_campaign(&named(office, campaign)?, now)?))
        }
    })
}

/// `retired=500`, or `retired=500@PURSE`.
fn class(context: &Context, typed: &str) -> Result<(String, Fen, Option<String>), Wrong> {
    let Some((code, rest)) = typed.split_once('=') else { return Err(wrong(context, "cli.campaign.class", typed)) };
    let (yuan, purse) = match rest.split_once('@') {
        Some((yuan, purse)) => (yuan, Some(purse.to_owned())),
        None => (rest, None),
    };
    Ok((code.to_owned(), amount(context, yuan)?, purse))
}

fn fill(context: &Context, add: &CampaignAdd) -> Result<ExitCode, Failure> {
    let now = context.now();
    let wrong = |key: &'static str| {
        context.terminal.error(&context.word(key));
        Ok(ExitCode::from(2))
    };
    let mut asked = RollQuery::default();
    add.asked.add_to(&mut asked);
    let asks = add.saved.is_some() || !asked.filters.is_empty() || !asked.conditions.is_empty();
    let sheet = match &add.file {
        Some(file) if !asks => {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let bytes = import::bytes_of(file)?;
            Some(RollSheet::read(&name, &bytes, context.encoding.as_deref(), add.sheet.as_deref())?)
        }
        None if asks => None,
        _ => return wrong("cli.campaign.from_what"),
    };
    if sheet.is_none() && add.class.is_none() {
        return wrong("cli.campaign.class_wanted");
    }
    context.in_office(How::default(), |office| {
        let row = office.campaign_named(&add.campaign, now)?;
        let filled = match &sheet {
            Some(sheet) => office.fill_from_file(&row, sheet, add.class.as_deref(), now)?,
            None => {
                let mut query = match &add.saved {
                    Some(name) => office.saved_roll(name, now)?,
                    None => RollQuery::default(),
                };
                add.asked.add_to(&mut query);
                office.fill_from_roll(&row, &query, add.class.as_deref().unwrap_or_default(), now)?
            }
        };
        if context.json {
            context.terminal.json(&json!({
                "campaign": filled.campaign.campaign.code,
                "lines": filled.lines,
                "new_persons": filled.new_persons,
                "in_the_files": filled.in_the_files,
            }));
        } else {
            let said = Message::new("campaign.filled").with("lines", filled.lines).with("new", filled.new_persons);
            context.terminal.line(&context.say(&said.with("files", filled.in_the_files)));
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn print(context: &Context, table: &Table) -> ExitCode {
    match context.json {
        true => context.terminal.json(&json::table(table)),
        false => context.terminal.table(table),
    }
    ExitCode::SUCCESS
}

fn list(context: &Context, office: &Office, row: &CampaignRow) -> Result<ExitCode, Failure> {
    let lines = office.campaign_lines(row, context.now())?;
    Ok(print(context, &campaign::lines(&context.words(office), row, &lines)))
}

/// The lines that stand, by number, each with its amount.
fn standing(lines: &[CampaignLine]) -> BTreeMap<usize, Fen> {
    lines.iter().filter(|line| line.state.stands()).map(|line| (line.number, line.amount)).collect()
}

/// How a campaign stands, with whoever stands on its list as it is now.
fn tell(context: &Context, office: &Office, row: &CampaignRow) -> Result<ExitCode, Failure> {
    let lines = standing(&office.campaign_lines(row, context.now())?);
    let (count, sum) = (lines.len(), Fen(lines.values().map(|fen| fen.0).sum()));
    if context.json {
        context.terminal.json(&json!({
            "campaign": row.campaign.code,
            "id": row.id.hex(),
            "state": row.state().code(),
            "count": count,
            "sum": sum.yuan(),
        }));
    } else {
        let state = context.word(&format!("campaign.state.{}", row.state().code()));
        let said = Message::new("campaign.stands").with("campaign", row.campaign.code.as_str()).with("state", state);
        context.terminal.line(&context.say(&said.with("count", count).with("sum", sum)));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn person(context: &Context, asked: &Person) -> Result<ExitCode, Failure> {
    let now: Now = context.now();
    context.in_office(How::default(), |office| {
        let (person, number, linked) = match &asked.what {
            PersonCommand::Find { query } => {
                let found = office.persons_found(query.as_deref().unwrap_or_default(), now)?;
                let table = campaign::persons(&context.words(office), &found, now);
                print(context, &table);
                let unread = office.persons_unread()?;
                if unread > 0 {
                    let said = Message::new("person.unread").with("count", unread);
                    context.terminal.error(&context.say(&said));
                }
                return Ok(if found.is_empty() || unread > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS });
            }
            PersonCommand::Link { person, number } => (person, number, true),
            PersonCommand::Unlink { person, number } => (person, number, false),
        };
        let id = office.person_named(person, now)?;
        office.link_person(id, number, linked, now)?;
        if context.json {
            context.terminal.json(&json!({"person": id.hex(), "dossier": number, "linked": linked}));
        } else {
            let key = if linked { "person.linked" } else { "person.unlinked" };
            context.terminal.line(&context.say(&Message::new(key).with("number", number.as_str())));
        }
        Ok(ExitCode::SUCCESS)
    })
}
