//! `init`: an empty store, its keys, its first officer.

use super::args::Init;
use super::context::{Context, How};
use crate::command::contents::{self, Contents};
use crate::command::settings::OfficeSize;
use crate::command::{Failure, demo, opening};
use crate::domain::Message;
use crate::lang::Lang;
use serde_json::json;
use std::io::IsTerminal;
use std::process::ExitCode;

pub fn run(context: &Context, init: &Init) -> Result<ExitCode, Failure> {
    let folder = context.folder.display().to_string();
    if contents::of(&context.folder).is_ok_and(|found| found == Contents::Store) {
        return Err(Failure::StoreExists { folder });
    }
    // What a demo left: people who find it take everything in it for made up.
    if demo::is_one(&context.folder) {
        return Err(Failure::DemoFolder { folder });
    }
    if let Some(file) = &init.units {
        context.begin_with_units(&super::script::read_said(context, file)?)?;
    }
    let size = match init.office.as_deref().map(|text| (text, OfficeSize::from_code(text))) {
        Some((text, None)) => {
            context.terminal.error(&context.say(&Message::new("cli.user.no_such_size").with("asked", text)));
            return Ok(ExitCode::from(2));
        }
        Some((_, size)) => size,
        None => None,
    };
    if let Some(code) = init.division.as_deref().filter(|code| !crate::command::settings::is_division(code)) {
        return Err(Failure::NotADivision { asked: code.to_owned() });
    }
    let language = match init.language.as_deref().map(|text| (text, Lang::from_code(text))) {
        Some((text, None)) => {
            context.terminal.error(&context.say(&Message::new("cli.no_such_language").with("asked", text)));
            return Ok(ExitCode::from(2));
        }
        Some((_, lang)) => lang,
        None => None,
    };
    let size = size.or_else(|| asked_size(context));
    let opened = context.open_how(How { create: true, ..How::default() })?;
    if size.is_none() && !context.json {
        context.terminal.error(&context.word("cli.init.size_unsaid"));
    }
    if let Some(size) = size {
        opened.office.set_size(size, context.now())?;
    }
    if let Some(code) = &init.division {
        opened.office.set_division(code, context.now())?;
    }
    if let Some(name) = &init.name {
        opened.office.set_bureau_name(name, None, context.now())?;
    }
    if let Some(lang) = language {
        opened.office.set_language(lang, context.now())?;
    }
    let key = context.key_file.clone().unwrap_or_else(|| opening::key_file_of(&context.folder)).display().to_string();
    if context.json {
        context.terminal.json(&json!({"folder": folder, "key_file": key, "station": opened.office.station().hex()}));
    } else {
        context.terminal.line(&context.say(&Message::new("cli.init.done").with("folder", folder).with("key", key)));
    }
    opened.office.close()?;
    Ok(ExitCode::SUCCESS)
}

/// The size of the office, asked of whoever sits there: it says whether whoever surveys may review.
pub fn asked_size(context: &Context) -> Option<OfficeSize> {
    if context.json || context.terminal.is_client() || !std::io::stdin().is_terminal() {
        return None;
    }
    context.terminal.error(&context.word("cli.init.size_ask"));
    Some(if context.terminal.agreed() { OfficeSize::Small } else { OfficeSize::Full })
}
