//! A command in a folder that somebody has open: it is sent to the owner, done there, and its lines come back.

use super::args::{Args, Command, FormCommand, KeyCommand, OfficerCommand, RulesCommand, UnitsCommand};
use super::desk::{Desk, How};
use super::{done_of, print, script};
use crate::command::{Failure, Office};
use crate::serve::unix;
use crate::serve::wire::Errand;
use clap::Parser;
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

/// Whether a command may come from another machine: it names no file here, and changes nothing but dossiers.
fn may_come_from_afar(command: &Command) -> bool {
    match command {
        Command::Lookup(_)
        | Command::Show(_)
        | Command::Diff(_)
        | Command::Explain(_)
        | Command::Status(_)
        | Command::Query(_) => true,
        Command::Survey(survey) => {
            let named =
                |form: &PathBuf| form.to_string_lossy().chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
            survey.answers.as_ref().is_some_and(|file| file.as_os_str() == "-")
                && survey.form.as_ref().is_none_or(named)
        }
        Command::Form(form) => matches!(form.what, FormCommand::List),
        Command::Rules(rules) => matches!(rules.what, RulesCommand::List | RulesCommand::Show { .. }),
        Command::Units(units) => matches!(units.what, UnitsCommand::List { .. }),
        Command::Officer(officer) => matches!(officer.what, OfficerCommand::List),
        _ => false,
    }
}

/// What somebody typed behind `ssh bureau`: one of our own commands, as the person that the key is for, and nothing else.
pub fn from_afar(desk: &Desk, typed: &str) -> Result<ExitCode, Failure> {
    let refused = |key: &'static str| {
        print::error(&desk.word(key));
        Ok(ExitCode::from(2))
    };
    let Ok(mut words) = shell_words::split(typed) else { return refused("cli.attach.not_understood") };
    if words.first().is_none_or(|first| first != "dossier") {
        words.insert(0, "dossier".to_owned());
    }
    let mut args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return Ok(ExitCode::from(if error.use_stderr() { 2 } else { 0 }));
        }
    };
    if !args.command.as_ref().is_some_and(may_come_from_afar) {
        return refused("cli.attach.not_from_afar");
    }
    // Who and where are the key's, whatever was typed.
    (args.data, args.user, args.key_file) = (None, desk.user.clone(), None);
    args.lang = args.lang.or_else(|| Some(desk.lang.code().to_owned()));
    if let Some(Command::Survey(_)) = &args.command {
        script::read_text(Path::new("-"))?;
    }
    match deliver(desk, &args, true) {
        Some(code) => Ok(code),
        None => {
            print::error(&desk.word("cli.attach.nobody"));
            Ok(ExitCode::from(1))
        }
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
    deliver(desk, &args, false)
}

fn deliver(desk: &Desk, args: &Args, afar: bool) -> Option<ExitCode> {
    let mut args = args.clone();
    args.lang = Some(desk.lang.code().to_owned());
    let input = script::input_read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let errand = Errand::of(serde_json::to_string(&args).ok()?, input, afar);
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
            Ok(Ok(desk)) => {
                match args.command.as_ref().filter(|c| may_be_sent(c) && (!errand.afar || may_come_from_afar(c))) {
                    Some(command) => {
                        let told = if errand.afar { disclose(&desk, command) } else { Ok(()) };
                        told.and_then(|()| done_of(&desk, command)).unwrap_or_else(|failure| desk.refuse(&failure))
                    }
                    None => ExitCode::from(2),
                }
            }
        }))
    });
    script::set_input(None);
    match done {
        Ok(code) if code == ExitCode::SUCCESS => 0,
        Ok(code) if code == ExitCode::from(2) => 2,
        _ => 1,
    }
}

/// What goes out of the house is recorded before it goes.
fn disclose(desk: &Desk, command: &Command) -> Result<(), Failure> {
    let (number, what) = match command {
        Command::Show(show) => (&show.number, "show"),
        Command::Explain(explain) => (&explain.number, "explain"),
        Command::Diff(diff) => (&diff.number, "diff"),
        _ => return Ok(()),
    };
    desk.in_office(How::default(), |office| {
        office.reveal(office.find(number)?, what, "ssh", desk.now())?;
        Ok(ExitCode::SUCCESS)
    })
    .map(drop)
}

fn refused_early(args: &Args, failure: &Failure) -> ExitCode {
    Desk::new(args).map_or_else(|code| code, |desk| desk.refuse(failure))
}
