//! `doctor` and `rebuild`: how the store is, and views folded anew.

use super::args::Rebuild;
use super::context::{Context, How};
use crate::command::Failure;
use crate::domain::{Explain, Message};
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context) -> Result<ExitCode, Failure> {
    context.in_office(How { thorough: true, ..How::default() }, |office| {
        let health = office.doctor(context.now().today)?;
        if context.json {
            context.terminal.json(&json!({
                "well": health.wrong.is_empty(),
                "records": health.records,
                "dossiers": health.dossiers,
                "drafts": health.drafts,
                "station": office.station().hex(),
                "unlocked_by": health.recipients.iter().map(|r| r.kind.word()).collect::<Vec<_>>(),
                "ready_slots": health.ready_slots,
                "wrong": health.wrong.iter().map(|m| context.say(m)).collect::<Vec<_>>(),
                "notes": health.notes.iter().map(|m| context.say(m)).collect::<Vec<_>>(),
            }));
        } else {
            let said = Message::new("cli.doctor.summary")
                .with("folder", context.folder.display().to_string())
                .with("records", health.records)
                .with("dossiers", health.dossiers)
                .with("drafts", health.drafts)
                .with("station", &office.station().hex()[..6]);
            context.terminal.line(&context.say(&said));
            for recipient in &health.recipients {
                context.terminal.line(&context.word(&format!("cli.recipient.{}", recipient.kind.word())));
            }
            for line in health.wrong.iter().chain(&health.notes) {
                context.terminal.line(&context.say(line));
            }
            context.terminal.line(&context.word(if health.wrong.is_empty() {
                "cli.doctor.well"
            } else {
                "cli.doctor.unwell"
            }));
        }
        Ok(if health.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

pub fn rebuild(context: &Context, asked: &Rebuild) -> Result<ExitCode, Failure> {
    // Rows hold what can be read no more without its key: they are not given up while that may be brought back. A store that
    // does not open as it is, is made anew as ever.
    if !asked.keys_are_lost
        && let Ok(opened) = context.open_how(How::default())
    {
        let lost = opened.keys_damaged.iter().find(|damage| damage.is_of_slots()).map(Explain::explain);
        let without = opened.office.without_keys()?;
        opened.office.close()?;
        let lost = lost.or_else(|| without.counted());
        if let Some(what) = lost {
            return Err(Failure::KeysLost { what: Box::new(what) });
        }
    }
    context.in_office(How { rebuild: true, ..How::default() }, |office| {
        let records = office.verify(None, false, |_, _| {})?.report.records;
        if context.json {
            context.terminal.json(&json!({"rebuilt": true, "records": records}));
        } else {
            context.terminal.line(&context.say(&Message::new("cli.rebuild.done").with("records", records)));
        }
        Ok(ExitCode::SUCCESS)
    })
}
