//! `print`: sheets about a household, and blank forms, as a page for A4 or as text.

use super::args::{Paper, Print, PrintCommand, PrintTo};
use super::context::{Context, How};
use crate::command::{Failure, Household, Office};
use crate::domain::Message;
use crate::present::{Sheet, Words, html, json, paper, text};
use crate::views::Horizon;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

/// A line of text on paper, in cells.
const TEXT_CELLS: usize = 80;

pub fn run(context: &Context, asked: &Print) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let words = context.words(office);
        let to = match &asked.what {
            PrintCommand::Form { to, .. }
            | PrintCommand::Blank { to, .. }
            | PrintCommand::Changes { to, .. }
            | PrintCommand::Visit { to, .. } => to,
        };
        // Before anything is recorded as printed.
        if let Some(refused) = taken(context, office, &to.paper) {
            return Ok(refused);
        }
        let sheet = sheet(context, office, &words, &asked.what, to)?;
        Ok(write(context, &sheet, &to.paper))
    })
}

fn sheet(
    context: &Context,
    office: &Office,
    words: &Words<'_>,
    what: &PrintCommand,
    to: &PrintTo,
) -> Result<Sheet, Failure> {
    // What is said about spelling out is the reason for opening the dossier, too.
    let open = |number: &str| -> Result<Household<'_>, Failure> {
        context.household(office, number, to.why.as_deref().or(to.reveal.as_deref()))
    };
    let reveal = to.reveal.as_deref();
    match what {
        PrintCommand::Form { number, survey, .. } => {
            let household = open(number)?;
            let version = household.version(&household.status(Horizon::NOW), *survey)?;
            paper::filled(words, &household, &version, household.print(reveal)?)
        }
        PrintCommand::Blank { form, .. } => {
            let form = match form {
                Some(id) => office.form_now(id)?,
                None => office.library().hardship()?.clone(),
            };
            Ok(paper::blank(words, &form))
        }
        PrintCommand::Changes { number, from, until, .. } => {
            let household = open(number)?;
            let status = household.status(Horizon::NOW);
            let later = household.version(&status, *until)?;
            let before = from.unwrap_or(later.version.saturating_sub(1));
            let earlier = household.version(&status, Some(before))?;
            paper::changes(words, &household, &earlier, &later, household.print(reveal)?)
        }
        PrintCommand::Visit { number, .. } => {
            let household = open(number)?;
            let version = household.version(&household.status(Horizon::NOW), None)?;
            paper::visit(words, &household, &version, household.print(reveal)?)
        }
    }
}

/// Why nothing can be written to the file that was named: it is there already, or it would be another machine's.
pub fn taken(context: &Context, office: &Office, to: &Paper) -> Option<ExitCode> {
    let file = file(to).filter(|file| office.context().afar || file.symlink_metadata().is_ok())?;
    Some(refused(context, "cli.print.exists", file))
}

/// The file that was named; none for standard output.
fn file(to: &Paper) -> Option<&Path> {
    to.file.as_deref().filter(|file| file.as_os_str() != "-")
}

/// Writes the sheet where it is to go.
pub fn write(context: &Context, sheet: &Sheet, to: &Paper) -> ExitCode {
    let Some(file) = file(to) else {
        if context.json {
            context.terminal.json(&json::sheet(sheet));
        } else if to.html {
            html::sheet(sheet).lines().for_each(|x| context.terminal.line(x));
        } else {
            text::sheet(sheet, Some(TEXT_CELLS)).iter().for_each(|line| context.terminal.line(line));
        }
        return ExitCode::SUCCESS;
    };
    let is_html = to.html || !to.text && file.extension().is_some_and(|end| end == "html" || end == "htm");
    let content = match is_html {
        true => html::sheet(sheet),
        false => text::sheet(sheet, Some(TEXT_CELLS)).join("\n") + "\n",
    };
    // Nobody else's to read; and nothing that stands there is written over.
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match opened.and_then(|mut out| out.write_all(content.as_bytes()).and_then(|()| out.sync_all())) {
        Ok(()) => {
            let said = Message::new("cli.print.written").with("file", file.display().to_string());
            context.terminal.line(&context.say(&said));
            ExitCode::SUCCESS
        }
        Err(_) => refused(context, "cli.print.not_written", file),
    }
}

fn refused(context: &Context, key: &'static str, file: &Path) -> ExitCode {
    context.terminal.error(&context.say(&Message::new(key).with("file", file.display().to_string())));
    ExitCode::from(1)
}
