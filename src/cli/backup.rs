//! `backup`: one file with everything, and one with its keys.

use super::args::Backup;
use super::context::{Context, How};
use super::progress::Progress;
use super::verify;
use crate::command::Failure;
use crate::domain::{Explain, Message};
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, backup: &Backup) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let mut progress = Progress::new(context, "cli.backup.progress");
        let done = office.backup(&backup.file, context.now(), |done, all| progress.at(done, all));
        progress.done();
        let backed = done?;
        let heads: Vec<_> = backed.heads.iter().filter_map(|head| head.code().map(|code| (head, code))).collect();
        if context.json {
            context.terminal.json(&json!({
                "file": backed.file.display().to_string(),
                "keys": backed.keys.display().to_string(),
                "records": backed.records,
                "drafts": backed.drafts,
                "bytes": backed.bytes,
                "counter": backed.counter,
                "copies": verify::copies_json(&backed.copies),
                "without_keys": backed.without_keys.named().collect::<Vec<_>>(),
                "damaged_drafts": backed.damaged_drafts.len(),
                "recorded": backed.recorded,
                "synced": backed.unsynced.is_none(),
                "heads": heads.iter().map(|(head, code)| json!({
                    "station": head.station.hex(), "seq": head.seq, "code": code.to_string(),
                })).collect::<Vec<_>>(),
            }));
        } else {
            let said = Message::new("cli.backup.done")
                .with("records", backed.records)
                .with("drafts", backed.drafts)
                .with("file", backed.file.display().to_string())
                .with("keys", backed.keys.display().to_string());
            context.terminal.line(&context.say(&said));
            context.terminal.line(&context.say(&verify::copies_words(&backed.copies)));
            heads
                .iter()
                .for_each(|(head, code)| context.terminal.line(&verify::head_words(context, head, &code.to_string())));
        }
        if !backed.recorded {
            context.terminal.error(&context.word("cli.backup.unrecorded"));
        }
        // The file is whole, and what it can bring back is not; or it may be gone after a power cut.
        let mut troubles = backed.damaged_drafts.clone();
        troubles.extend(backed.without_keys_in_words());
        troubles.extend(backed.unsynced.as_ref().map(Explain::explain));
        troubles.iter().for_each(|said| context.terminal.error(&context.say(said)));
        Ok(ExitCode::from(u8::from(!troubles.is_empty())))
    })
}
