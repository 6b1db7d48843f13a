//! A command in a folder that somebody has open: it is sent to the owner, done there, and its lines come back.

use super::args::{Args, Command, FormCommand, KeyCommand, RulesCommand, UnitsCommand};
use super::desk::Desk;
use super::{done_of, print, script};
use crate::command::Office;
use crate::serve::unix;
use crate::serve::wire::Errand;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Whether a command can be done by the owner. What needs the store for itself, or a terminal, can't.
fn may_be_sent(command: &Command) -> bool {
    match command {
        Command::Screens
        | Command::Demo(_)
        | Command::Init(_)
        | Command::Doctor
        | Command::Rebuild
        | Command::Restore(_)
        | Command::Serve(_)
        | Command::Attach(_) => false,
        // The keys are the owner's, unlocked: looking at them is harmless, changing them under it is not.
        Command::Key(key) => matches!(key.what, KeyCommand::Show),
        Command::Survey(survey) => survey.answers.is_some(),
        _ => true,
    }
}

/// Sends it to whoever has the folder open. None: it can't be sent, or nobody listens.
pub fn send(desk: &Desk, args: &Args) -> Option<ExitCode> {
    if !args.command.as_ref().is_some_and(may_be_sent) {
        return None;
    }
    let mut args = args.clone();
    let folder = std::env::current_dir().ok()?;
    if let Some(command) = &mut args.command {
        root(command, &folder);
    }
    args.lang = Some(desk.lang.code().to_owned());
    let input = script::input_read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let errand = Errand::of(serde_json::to_string(&args).ok()?, input);
    let told = |error: bool, line: &str| match error {
        true => print::error(line),
        false => print::line(line),
    };
    unix::send(&desk.folder, &errand, told).ok().map(ExitCode::from)
}

/// Files are named from where the client stands.
fn root(command: &mut Command, folder: &Path) {
    let absolute = |path: &mut PathBuf| {
        if path.as_os_str() != "-" {
            *path = folder.join(&path);
        }
    };
    match command {
        Command::Survey(survey) => {
            survey.answers.iter_mut().for_each(absolute);
            // What is no file is the id of a form.
            survey.form.iter_mut().filter(|form| folder.join(form).exists()).for_each(absolute);
        }
        Command::Backup(backup) => {
            absolute(&mut backup.file);
        }
        Command::Form(form) => match &mut form.what {
            FormCommand::Add { file } => absolute(file),
            FormCommand::Export { to, .. } => absolute(to),
            _ => {}
        },
        Command::Units(units) => {
            if let UnitsCommand::Import { file } = &mut units.what {
                absolute(file);
            }
        }
        Command::Rules(rules) => {
            if let RulesCommand::Replay { file } = &mut rules.what {
                absolute(file);
            }
        }
        _ => {}
    }
}

/// Does one for a client; its exit code.
pub fn run(office: &Office, errand: &Errand, sink: &mut dyn FnMut(bool, &str)) -> u8 {
    let Ok(args) = serde_json::from_str::<Args>(&errand.args) else { return 2 };
    script::set_input(errand.input.clone().map(String::into_bytes));
    let done = print::elsewhere(sink, || {
        catch_unwind(AssertUnwindSafe(|| match Desk::at(&args, office) {
            Err(code) => code,
            Ok(Err(failure)) => refused_early(&args, &failure),
            Ok(Ok(desk)) => match args.command.as_ref().filter(|command| may_be_sent(command)) {
                Some(command) => done_of(&desk, command).unwrap_or_else(|failure| desk.refuse(&failure)),
                None => ExitCode::from(2),
            },
        }))
    });
    script::set_input(None);
    match done {
        Ok(code) if code == ExitCode::SUCCESS => 0,
        Ok(code) if code == ExitCode::from(2) => 2,
        _ => 1,
    }
}

fn refused_early(args: &Args, failure: &crate::command::Failure) -> ExitCode {
    Desk::new(args).map_or_else(|code| code, |desk| desk.refuse(failure))
}
