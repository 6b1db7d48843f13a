//! `init`: an empty store, its keys, its first officer.

use super::args::Init;
use super::desk::{Desk, How};
use super::print;
use crate::command::{Failure, opening};
use crate::domain::Message;
use serde_json::json;
use std::process::ExitCode;

pub fn run(desk: &Desk, init: &Init) -> Result<ExitCode, Failure> {
    if let Some(file) = &init.units {
        desk.begin_with_units(&super::script::read_said(desk, file, None)?)?;
    }
    let opened = desk.open_how(How { create: true, ..How::default() })?;
    let folder = desk.folder.display().to_string();
    if !opened.created {
        opened.office.close()?;
        return Err(Failure::StoreExists { folder });
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
