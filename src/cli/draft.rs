//! `draft`: surveys that are not finished, one's own and of those whom one supervises; handed over, or thrown away.

use super::args::{Draft, DraftCommand};
use super::context::{Context, How};
use super::user;
use crate::command::drafts::DraftLine;
use crate::command::{Failure, Office};
use crate::domain::{DraftId, Message};
use crate::present::lists;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Draft) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        match &asked.what {
            DraftCommand::List => {}
            DraftCommand::HandOver { id, to, why } => {
                let draft = named(context, office, id)?.draft;
                office.hand_over_draft(draft, user::known(office, to)?.officer, why, context.now())?;
            }
            DraftCommand::Discard { id, why } => {
                let line = named(context, office, id)?;
                match why {
                    Some(why) if line.by != office.officer() => {
                        office.discard_others_draft(line.draft, why, context.now())?;
                    }
                    _ => office.discard_draft(line.draft, context.now())?,
                }
            }
        }
        list(context, office)
    })
}

/// The draft whose id begins so, among those that whoever acts may see.
fn named(context: &Context, office: &Office, begins: &str) -> Result<DraftLine, Failure> {
    let begins = begins.trim().to_lowercase();
    let is_meant = |draft: DraftId| !begins.is_empty() && draft.hex().starts_with(&begins);
    let mut found = office.drafts(context.now())?.0.into_iter().filter(|line| is_meant(line.draft));
    match (found.next(), found.next()) {
        (Some(line), None) => Ok(line),
        _ => Err(Failure::NoSuchDraft { asked: begins }),
    }
}

fn list(context: &Context, office: &Office) -> Result<ExitCode, Failure> {
    let (lines, unreadable) = office.drafts(context.now())?;
    if lines.is_empty() {
        // An empty list would say that nothing waits.
        office.may_have_drafts(context.now())?;
    }
    let by = |line: &DraftLine| office.officer_name(line.by).ok().flatten().unwrap_or_default();
    if context.json {
        let rows = lines.iter().map(|line| {
            json!({
                "draft": line.draft.hex(),
                "dossier": line.number,
                "name": line.name,
                "form": line.form,
                "by": by(line),
                "begun": line.begun.local(),
                "answered": line.answered,
                "damaged": line.damaged,
            })
        });
        context.terminal.json(&json!({"drafts": rows.collect::<Vec<_>>(), "unreadable": unreadable}));
        return Ok(ExitCode::SUCCESS);
    }
    context.terminal.table(&lists::drafts(&context.words(office), &lines));
    for name in &unreadable {
        context
            .terminal
            .error(&context.say(&Message::new("command.doctor.draft_unreadable").with("file", name.as_str())));
    }
    Ok(ExitCode::SUCCESS)
}
