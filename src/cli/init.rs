//! `init`: an empty store, its keys, its first officer.

use super::args::Init;
use super::desk::{Desk, How};
use super::print;
use crate::command::contents::{self, Contents};
use crate::command::settings::OfficeSize;
use crate::command::{Failure, demo, opening};
use crate::domain::Message;
use serde_json::json;
use std::process::ExitCode;

pub fn run(desk: &Desk, init: &Init) -> Result<ExitCode, Failure> {
    let folder = desk.folder.display().to_string();
    if contents::of(&desk.folder).is_ok_and(|found| found == Contents::Store) {
        return Err(Failure::StoreExists { folder });
    }
    // What a demo left: people who find it take everything in it for made up.
    if demo::is_one(&desk.folder) {
        return Err(Failure::DemoFolder { folder });
    }
    if let Some(file) = &init.units {
        desk.begin_with_units(&super::script::read_said(desk, file)?)?;
    }
    let size = match init.office.as_deref().map(|text| (text, OfficeSize::from_code(text))) {
        Some((text, None)) => {
            print::error(&desk.say(&Message::new("cli.user.no_such_size").with("asked", text)));
            return Ok(ExitCode::from(2));
        }
        Some((_, size)) => size,
        None => None,
    };
    let opened = desk.open_how(How { create: true, ..How::default() })?;
    if let Some(size) = size {
        opened.office.set_size(size, desk.now())?;
    }
    let key = desk.key_file.clone().unwrap_or_else(|| opening::key_file_of(&desk.folder)).display().to_string();
    if desk.json {
        print::json(&json!({"folder": folder, "key_file": key, "station": opened.office.station().hex()}));
    } else {
        print::line(&desk.say(&Message::new("cli.init.done").with("folder", folder).with("key", key)));
    }
    opened.office.close()?;
    Ok(ExitCode::SUCCESS)
}
