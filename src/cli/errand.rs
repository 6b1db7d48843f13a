//! A command in a folder that somebody has open: it is sent to the owner, done there, and its lines come back.

use super::args::{
    Args, Command, FormCommand, KeyCommand, PrintCommand, RulesCommand, UnitsCommand, UserAdd, UserCommand,
};
use super::desk::Desk;
use super::{done_of, print, script};
use crate::command::{Failure, Office};
use crate::lang::{self, Lang};
use crate::serve::errands::{By, Errands, Understood};
use crate::serve::unix;
use crate::serve::wanted::{Straight, Wanted};
use crate::serve::wire::{Errand, VERSION};
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
        // What is printed comes back to whoever asked; no file is written here.
        Command::Print(print) => match &print.what {
            PrintCommand::Form { to, .. }
            | PrintCommand::Blank { to, .. }
            | PrintCommand::Changes { to, .. }
            | PrintCommand::Visit { to, .. } => to.file.as_ref().is_none_or(|file| file.as_os_str() == "-"),
        },
        Command::Survey(survey) => {
            let named =
                |form: &PathBuf| form.to_string_lossy().chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
            survey.answers.as_ref().is_some_and(|file| file.as_os_str() == "-")
                && survey.form.as_ref().is_none_or(named)
        }
        Command::Roll(roll) => super::roll::names_no_file(roll),
        Command::Form(form) => matches!(form.what, FormCommand::List),
        Command::Rules(rules) => matches!(rules.what, RulesCommand::List | RulesCommand::Show { .. }),
        Command::Units(units) => matches!(units.what, UnitsCommand::List { .. }),
        Command::User(user) => matches!(user.what, UserCommand::List | UserCommand::Log { .. }),
        _ => false,
    }
}

/// What somebody typed behind `ssh bureau`: one of our own commands, and nothing else.
fn understand(typed: &str, lang: Lang) -> Understood {
    let refused = |key: &str| Understood::Said { error: true, text: lang::word(key, lang), code: 2 };
    let Ok(mut words) = shell_words::split(typed) else { return refused("cli.attach.not_understood") };
    if words.first().is_none_or(|first| first != "dossier") {
        words.insert(0, "dossier".to_owned());
    }
    let mut args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(error) => {
            let bad = error.use_stderr();
            // What was typed comes back in it.
            let text = error.to_string().lines().map(lang::clean).collect::<Vec<_>>().join("\n");
            return Understood::Said { error: bad, text, code: if bad { 2 } else { 0 } };
        }
    };
    match &args.command {
        None | Some(Command::Screens) => return Understood::Screens { wanted: Wanted::Mine, lang: args.lang },
        Some(Command::Attach(attach)) => {
            let wanted = if attach.new { Wanted::New } else { Wanted::Mine };
            return Understood::Screens { wanted, lang: args.lang };
        }
        // No file here is theirs to name, so what they call a form is the id of one.
        Some(Command::Survey(survey)) if survey.answers.is_none() && survey.on.is_none() => {
            let form = survey.form.as_ref().map(|form| form.to_string_lossy().into_owned());
            let straight = Straight { number: survey.number.clone(), form, corrects: survey.correct };
            return Understood::Screens { wanted: Wanted::Survey(straight), lang: args.lang };
        }
        Some(command) if may_come_from_afar(command) => {}
        Some(_) => return refused("cli.attach.not_from_afar"),
    }
    args.lang = args.lang.or_else(|| Some(lang.code().to_owned()));
    let reads_input = matches!(args.command, Some(Command::Survey(_)));
    match serde_json::to_string(&args) {
        Ok(args) => Understood::Errand { args, reads_input },
        Err(_) => refused("cli.attach.not_understood"),
    }
}

/// The same through the system's sshd, as the person that the key's line names.
pub fn from_afar(desk: &Desk, typed: &str) -> Result<ExitCode, Failure> {
    match understand(typed, desk.lang) {
        // A line of `authorized_keys` without a terminal, or one that asks for the screens by name.
        Understood::Screens { wanted, .. } => super::attach::sit_down(desk, wanted),
        Understood::Said { error, text, code } => {
            if error {
                print::error(&text)
            } else {
                print::line(&text)
            }
            Ok(ExitCode::from(code))
        }
        Understood::Errand { args, reads_input } => {
            if reads_input {
                script::read_input()?;
            }
            Ok(deliver(desk, args, true).unwrap_or_else(|| {
                print::error(&desk.word("cli.attach.nobody"));
                ExitCode::from(1)
            }))
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
    args.lang = Some(desk.lang.code().to_owned());
    deliver(desk, serde_json::to_string(&args).ok()?, false)
}

fn deliver(desk: &Desk, args: String, afar: bool) -> Option<ExitCode> {
    let input = script::input_read();
    let (lang, user) = (desk.lang.code().to_owned(), desk.user.clone());
    let errand = Errand { version: VERSION, args, input, lang, afar, user, address: unix::address_of_client() };
    let told = |error: bool, line: &str| match error {
        true => print::error(line),
        false => print::line(line),
    };
    match unix::send(desk.owner(), &errand, told) {
        Ok(code) => Some(ExitCode::from(code)),
        Err(error) => unix::stopped_owner(&error).map(|process| desk.refuse(&Failure::OwnerStopped { process })),
    }
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
        Command::Print(print) => match &mut print.what {
            PrintCommand::Form { to, .. }
            | PrintCommand::Blank { to, .. }
            | PrintCommand::Changes { to, .. }
            | PrintCommand::Visit { to, .. } => to.file.iter_mut().for_each(absolute),
        },
        Command::Backup(backup) => {
            absolute(&mut backup.file);
        }
        Command::Roll(roll) => super::roll::files(roll).into_iter().for_each(absolute),
        Command::User(user) => {
            // The owner may be a service that can't read the folders of people.
            if let UserCommand::Add(UserAdd { key: Some(file), .. }) = &mut user.what
                && let Ok(bytes) = std::fs::read(&*file)
            {
                script::set_input(Some(bytes));
                *file = PathBuf::from("-");
            }
        }
        Command::Form(form) => match &mut form.what {
            FormCommand::Add { file, .. } => absolute(file),
            FormCommand::Export { to, .. } => absolute(to),
            _ => {}
        },
        Command::Units(units) => {
            if let UnitsCommand::Import { file, .. } = &mut units.what {
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

/// Errands, done for clients by the owner of the folder.
pub struct Done;

impl Errands for Done {
    fn understand(&self, typed: &str, lang: &str) -> Understood {
        understand(typed, Lang::from_code(lang).unwrap_or_default())
    }

    fn run(&self, office: &Office, by: By, errand: &Errand, sink: &mut dyn FnMut(bool, &str)) -> u8 {
        let Ok(mut args) = serde_json::from_str::<Args>(&errand.args) else { return 2 };
        let afar = !matches!(by, By::Owner);
        if afar {
            // Who and where are the way's, and the day is the clock's, whatever the client wrote.
            (args.data, args.user, args.key_file, args.today) = (None, None, None, None);
        }
        script::set_input(errand.input.clone());
        let done = print::elsewhere(sink, || {
            catch_unwind(AssertUnwindSafe(|| match Desk::at(&args, office, by) {
                Err(code) => code,
                Ok(Err(failure)) => refused_early(&args, &failure),
                Ok(Ok(desk)) => {
                    match args.command.as_ref().filter(|c| may_be_sent(c) && (!afar || may_come_from_afar(c))) {
                        Some(command) => done_of(&desk, command).unwrap_or_else(|failure| desk.refuse(&failure)),
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
}

fn refused_early(args: &Args, failure: &Failure) -> ExitCode {
    Desk::new(args).map_or_else(|code| code, |desk| desk.refuse(failure))
}
