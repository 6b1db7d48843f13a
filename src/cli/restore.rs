//! `restore`: a backup brought back into the data folder, which then goes on as a new station.

use super::args::Restore as Asked;
use super::context::{Context, How};
use super::progress::Progress;
use crate::command::Failure;
use crate::command::backup::{Restore, restore};
use crate::domain::Message;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Asked) -> Result<ExitCode, Failure> {
    let unlocking = context.unlocking()?;
    let mut progress = Progress::new(context, "cli.restore.progress");
    let (keys, folder) = (asked.keys.as_deref(), context.folder.as_path());
    let from = Restore {
        file: &asked.file,
        keys,
        folder,
        unlocking: &unlocking,
        over: asked.over,
        on_network: context.on_network,
    };
    let done = restore(&from, |done, all| progress.at(done, all));
    progress.done();
    let restored = done?;
    // Opened at once: it becomes its own station, erasures are carried out, and what does not open is met now.
    let opened = context.open_how(How::default())?;
    let station = opened.office.station().hex();
    opened.office.close()?;
    if context.json {
        context.terminal.json(&json!({
            "folder": context.folder.display().to_string(),
            "records": restored.records,
            "drafts": restored.drafts,
            "counter": restored.counter,
            "made": restored.made.local(),
            "station": station,
            "aside": restored.aside.as_ref().map(|path| path.display().to_string()),
            "erasures_kept": restored.erasures_kept,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let said = Message::new("cli.restore.done")
        .with("records", restored.records)
        .with("drafts", restored.drafts)
        .with("made", restored.made.local())
        .with("folder", context.folder.display().to_string());
    context.terminal.line(&context.say(&said));
    match &restored.aside {
        Some(path) => {
            let said = Message::new("cli.restore.aside")
                .with("path", path.display().to_string())
                .with("count", restored.erasures_kept);
            context.terminal.line(&context.say(&said));
        }
        None => context.terminal.line(&context.word("cli.restore.erased")),
    }
    Ok(ExitCode::SUCCESS)
}
