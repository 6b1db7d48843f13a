//! `restore`: a backup brought back into the data folder, which then goes on as a new station.

use super::args::Restore as Asked;
use super::desk::{Desk, How};
use super::print;
use super::progress::Progress;
use crate::command::Failure;
use crate::command::backup::{Restore, restore};
use crate::domain::Message;
use serde_json::json;
use std::process::ExitCode;

pub fn run(desk: &Desk, asked: &Asked) -> Result<ExitCode, Failure> {
    let unlocking = desk.unlocking()?;
    let mut progress = Progress::new(desk, "cli.restore.progress");
    let (keys, folder) = (asked.keys.as_deref(), desk.folder.as_path());
    let from = Restore {
        file: &asked.file,
        keys,
        folder,
        unlocking: &unlocking,
        over: asked.over,
        on_network: desk.on_network,
    };
    let done = restore(&from, |done, all| progress.at(done, all));
    progress.done();
    let restored = done?;
    // Opened at once: it becomes its own station, erasures are carried out, and what does not open is met now.
    let opened = desk.open_how(How::default())?;
    let station = opened.office.station().hex();
    opened.office.close()?;
    if desk.json {
        print::json(&json!({
            "folder": desk.folder.display().to_string(),
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
        .with("folder", desk.folder.display().to_string());
    print::line(&desk.say(&said));
    match &restored.aside {
        Some(path) => {
            let said = Message::new("cli.restore.aside")
                .with("path", path.display().to_string())
                .with("count", restored.erasures_kept);
            print::line(&desk.say(&said));
        }
        None => print::line(&desk.word("cli.restore.erased")),
    }
    Ok(ExitCode::SUCCESS)
}
