//! A command in a folder that somebody has open: it is sent to the owner, done there, and its lines come back.

mod permitted;

pub use self::permitted::is_safe_to_repeat;
use self::permitted::{may_be_sent, may_come_from_afar};
use super::args::{Args, Command, FormCommand, RulesCommand, UnitsCommand, UserAdd, UserCommand};
use super::context::{self, Context};
use super::terminal::Terminal;
use super::{done_of, script};
use crate::command::{Failure, Office};
use crate::domain::{Day, Message};
use crate::lang::{self, Lang};
use crate::serve::client;
use crate::serve::remote_commands::{By, Printed, RemoteCommands, Understood};
use crate::serve::wanted::{Straight, Wanted};
use crate::serve::wire::{RemoteCommand, VERSION};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What somebody typed behind `ssh bureau`: one of our own commands, and nothing else.
fn understand(typed: &str, lang: Lang) -> Understood {
    let refused = |key: &str| Understood::Said { error: true, text: lang::word(key, lang), code: 2 };
    let Ok(mut words) = shell_words::split(typed) else { return refused("cli.attach.not_understood") };
    if words.first().is_none_or(|first| first != "dossier") {
        words.insert(0, "dossier".to_owned());
    }
    let mut args = match super::help::parse_in(words, lang) {
        Ok(args) => args,
        Err(said) => return Understood::Said { error: said.error, code: said.code(), text: said.text },
    };
    // The key says who acts, and the way here which folder: a name or a folder that counts for nothing would be believed.
    if args.user.is_some() || args.data.is_some() || args.key_file.is_some() {
        return refused("cli.attach.named_from_afar");
    }
    match &args.command {
        None | Some(Command::Screens) => return Understood::Screens { wanted: Wanted::Mine, lang: args.lang },
        Some(Command::Attach(attach)) => {
            let wanted = if attach.new { Wanted::New } else { Wanted::Mine };
            return Understood::Screens { wanted, lang: args.lang };
        }
        // No file here is theirs to name, so what they call a form is the id of one.
        Some(Command::Survey(survey)) if survey.answers.is_none() && survey.on.is_none() => {
            let form = survey.form.as_ref().map(|form| form.to_string_lossy().into_owned());
            let straight =
                Straight { number: survey.number.clone(), form, corrects: survey.correct, updates: survey.update };
            return Understood::Screens { wanted: Wanted::Survey(straight), lang: args.lang };
        }
        Some(command) if may_come_from_afar(command) => {}
        Some(_) => return refused("cli.attach.not_from_afar"),
    }
    args.lang = args.lang.or_else(|| Some(lang.code().to_owned()));
    let reads_input = matches!(args.command, Some(Command::Survey(_)));
    match serde_json::to_string(&args) {
        Ok(args) => Understood::RemoteCommand { args, reads_input },
        Err(_) => refused("cli.attach.not_understood"),
    }
}

/// The same through the system's sshd, as the person that the key's line names.
pub fn from_afar(context: &Context, typed: &str) -> Result<ExitCode, Failure> {
    match understand(typed, context.lang()) {
        // A line of `authorized_keys` without a terminal, or one that asks for the screens by name.
        Understood::Screens { wanted, .. } => super::attach::sit_down(context, wanted),
        Understood::Said { error, text, code } => {
            if error {
                context.terminal.error(&text)
            } else {
                context.terminal.line(&text)
            }
            Ok(ExitCode::from(code))
        }
        Understood::RemoteCommand { args, reads_input } => {
            if reads_input {
                script::read_input(&context.terminal)?;
            }
            Ok(match deliver(context, args, true) {
                Sent::Done(code) => code,
                Sent::Lost => context.refuse(&Failure::OwnerLost),
                Sent::Nobody => {
                    context.terminal.error(&context.word("cli.attach.nobody"));
                    ExitCode::from(1)
                }
            })
        }
    }
}

/// What came of a remote command.
pub enum Sent {
    Done(ExitCode),
    /// It can't be sent, or nobody listens.
    Nobody,
    /// The owner went away before anything came back.
    Lost,
}

/// So many times, so far apart, a request whose owner was lost is made again: three seconds, in which a process that was
/// killed has surely ended.
pub const TRIES: u32 = 30;
pub const APART: std::time::Duration = std::time::Duration::from_millis(100);

/// A number for a request; none where there is no chance to be had.
pub fn number() -> Option<String> {
    let mut number = [0; 16];
    crate::seal::Random::fill(&mut crate::seal::SystemRandom, &mut number).ok()?;
    Some(crate::domain::EntryId(number).hex())
}

/// Sends it to whoever has the folder open.
pub fn send(context: &Context, args: &Args) -> Sent {
    if !args.command.as_ref().is_some_and(may_be_sent) {
        return Sent::Nobody;
    }
    let mut args = args.clone();
    let Ok(folder) = std::env::current_dir() else { return Sent::Nobody };
    if let Some(command) = &mut args.command {
        root(command, &folder, &context.terminal);
    }
    args.lang = context.lang_said().map(|lang| lang.code().to_owned());
    match serde_json::to_string(&args) {
        Ok(args) => deliver(context, args, false),
        Err(_) => Sent::Nobody,
    }
}

fn deliver(context: &Context, args: String, afar: bool) -> Sent {
    let input = context.terminal.input_read();
    let (lang, user) = (client::code_of(context.lang_said()), context.user.clone());
    let (reads_input, address, login) = (input.is_some(), client::address_of_client(), context::login());
    let remote_command = RemoteCommand { version: VERSION, args, reads_input, input, lang, afar, user, login, address };
    let (mut said, mut unshown) = (false, false);
    let reported = |printed: Printed| {
        said = true;
        match printed {
            Printed::Bytes(_) if context.terminal.is_watched() => {
                if !std::mem::replace(&mut unshown, true) {
                    context.terminal.error(&context.word("cli.print.to_terminal"));
                }
            }
            printed => context.terminal.print(printed),
        }
    };
    match client::send(context.owner(), &remote_command, reported) {
        Ok(_) if unshown => Sent::Done(ExitCode::from(1)),
        Ok(code) => Sent::Done(ExitCode::from(code)),
        Err(client::NotSent::Nobody) => Sent::Nobody,
        Err(client::NotSent::Stopped(process)) => Sent::Done(context.refuse(&Failure::OwnerStopped { process })),
        // Half an answer is not begun again.
        Err(client::NotSent::Lost) if said => Sent::Done(context.refuse(&Failure::OwnerLost)),
        Err(client::NotSent::Lost) => Sent::Lost,
    }
}

/// Files are named from where the client stands.
fn root(command: &mut Command, folder: &Path, terminal: &Terminal) {
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
        Command::Print(print) => print.what.to_mut().paper.file.iter_mut().for_each(absolute),
        Command::Notice(notice) => notice.to.file.iter_mut().for_each(absolute),
        Command::Round(round) => super::round::file_mut(round).into_iter().for_each(absolute),
        Command::Import(import) => {
            absolute(&mut import.file);
            import.map.iter_mut().chain(&mut import.save_map).chain(&mut import.report).for_each(absolute);
        }
        Command::Backup(backup) => {
            absolute(&mut backup.file);
        }
        Command::Roll(roll) => super::roll::files(roll).into_iter().for_each(absolute),
        Command::Aid(aid) => super::aid::file(aid).into_iter().for_each(absolute),
        Command::Fund(fund) => super::fund::file(fund).into_iter().for_each(absolute),
        Command::Campaign(asked) => super::campaign::file(asked).into_iter().for_each(absolute),
        Command::Export(export) => export.jsonl.iter_mut().chain(&mut export.csv).for_each(absolute),
        Command::User(user) => {
            // The owner may be a service that can't read the folders of people.
            if let UserCommand::Add(UserAdd { key: Some(file), .. }) = &mut user.what
                && let Ok(bytes) = std::fs::read(&*file)
            {
                terminal.set_input(bytes);
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
            if let RulesCommand::Replay { file } | RulesCommand::Adopt { file: Some(file), .. } = &mut rules.what {
                absolute(file);
            }
        }
        _ => {}
    }
}

/// Remote commands, done for clients by the owner of the folder.
pub struct Done;

impl RemoteCommands for Done {
    fn understand(&self, typed: &str, lang: &str) -> Understood {
        understand(typed, Lang::from_code(lang).unwrap_or_default())
    }

    fn run(&self, office: &Office, by: By, remote_command: &RemoteCommand, sink: &mut dyn FnMut(Printed)) -> u8 {
        let Ok(mut args) = serde_json::from_str::<Args>(&remote_command.args) else { return 2 };
        let afar = !matches!(by, By::Owner { .. });
        if afar {
            // Who and where are the way's, whatever the client wrote.
            (args.data, args.user, args.key_file) = (None, None, None);
        }
        let terminal = Terminal::of_client(remote_command.input.clone());
        let done = catch_unwind(AssertUnwindSafe(|| match Context::at(&args, office, by, &terminal) {
            Err(code) => code,
            Ok(Err(failure)) => refused_early(&args, &failure, &terminal),
            Ok(Ok(context)) => {
                // What is done from afar is done on the day that it is here, or of one that is over.
                let day = context.another_day().or_else(|| named_ahead(&args, context.now().today));
                if let Some(day) = day.filter(|_| afar) {
                    return context.refuse(&Failure::OtherDayFromAfar { day });
                }
                match args.command.as_ref().filter(|c| may_be_sent(c) && (!afar || may_come_from_afar(c))) {
                    Some(command) => done_of(&context, command).unwrap_or_else(|failure| context.refuse(&failure)),
                    None => ExitCode::from(2),
                }
            }
        }));
        terminal.take_printed().into_iter().for_each(&mut *sink);
        if done.is_err() {
            // Where it broke off stands in what the owner of the folder prints.
            let lang = Lang::from_code(&remote_command.lang).unwrap_or_default();
            sink(Printed::Error(lang::say(&Message::new("cli.broke").with("place", "-"), lang)));
        }
        match done {
            Ok(code) if code == ExitCode::SUCCESS => 0,
            Ok(code) if code == ExitCode::from(2) => 2,
            _ => 1,
        }
    }
}

/// The day still to come that a command names with `--on`, whichever command it is.
fn named_ahead(args: &Args, today: Day) -> Option<Day> {
    fn within(value: &serde_json::Value, today: Day) -> Option<Day> {
        let serde_json::Value::Object(fields) = value else { return None };
        fields.iter().find_map(|(name, value)| match value {
            serde_json::Value::String(text) if name == "on" => Day::from_typed(text).filter(|day| *day > today),
            other => within(other, today),
        })
    }
    within(&serde_json::to_value(&args.command).ok()?, today)
}

fn refused_early(args: &Args, failure: &Failure, terminal: &Terminal) -> ExitCode {
    Context::new(args, terminal.clone()).map_or_else(|code| code, |context| context.refuse(failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line for each command there is, with what it cannot do without.
    fn every_command(of: &clap::Command, before: &[String], out: &mut Vec<Vec<String>>) {
        let needed = of.get_arguments().filter(|arg| arg.is_required_set());
        let typed: Vec<String> = before.iter().cloned().chain(needed.flat_map(needed_argument)).collect();
        // One that has others below it may be one itself.
        if !of.has_subcommands() || !of.is_subcommand_required_set() && !before.is_empty() {
            out.push(typed.clone());
        }
        for below in of.get_subcommands().filter(|below| below.get_name() != "help") {
            let path: Vec<String> = typed.iter().cloned().chain([below.get_name().to_owned()]).collect();
            every_command(below, &path, out);
        }
    }

    fn needed_argument(arg: &clap::Arg) -> Vec<String> {
        let value = arg.get_possible_values().first().map_or("1".to_owned(), |value| value.get_name().to_owned());
        let long = arg.get_long().map(|long| format!("--{long}"));
        long.into_iter().chain(arg.get_action().takes_values().then_some(value)).collect()
    }

    #[test]
    fn no_command_is_done_from_afar_on_another_day_than_it_is_here() {
        use crate::command::{OpenOffice, SessionContext, library, opening};
        use clap::CommandFactory;
        let folder = tempfile::tempdir().unwrap();
        let now = context::clock_on(None)();
        let library = std::sync::Arc::new(library::Library::built_in());
        let opened = OpenOffice::new(folder.path(), library, Box::new(crate::seal::SystemRandom), now);
        let office = opening::open(OpenOffice { user: "示例员".into(), ..opened }).unwrap().office;
        let seat = SessionContext { afar: true, ..SessionContext::program("test") };
        let records = office.records().unwrap();
        let mut all = Vec::new();
        every_command(&Args::command(), &["dossier".to_owned()], &mut all);
        assert!(all.len() > 70, "{}", all.len());
        let (mut walked, mut unread) = (0, 0);
        let (yesterday, tomorrow) = (now.today.plus_days(-1).to_string(), now.today.plus_days(1).to_string());
        for typed in all {
            for (option, day) in [("--today", &yesterday), ("--today", &tomorrow), ("--on", &tomorrow)] {
                let words = [&typed[..], &[option.to_owned(), day.clone()]].concat();
                let said = typed.join(" ");
                // Not every command has a day of its own, and some want one of several arguments.
                let Ok(args) = crate::cli::help::parse(words) else {
                    unread += usize::from(option == "--today");
                    continue;
                };
                let remote = RemoteCommand {
                    version: VERSION,
                    args: serde_json::to_string(&args).unwrap(),
                    reads_input: false,
                    input: None,
                    lang: "zh".into(),
                    afar: true,
                    user: None,
                    login: String::new(),
                    address: None,
                };
                let mut lines = Vec::new();
                let code = Done.run(&office, By::Officer(office.officer(), seat.clone()), &remote, &mut |printed| {
                    lines.push(printed);
                });
                assert_eq!(code, 1, "{said} {option} {day}: {lines:?}");
                let says_so =
                    |printed: &Printed| matches!(printed, Printed::Error(line) if line.contains(day.as_str()));
                assert!(lines.iter().any(says_so), "{said} {option} {day}: {lines:?}");
                walked += 1;
            }
        }
        assert!(walked > 150 && unread * 8 < walked, "{walked}, and {unread} that were not understood");
        assert_eq!(office.records().unwrap(), records, "and nothing was recorded");
    }
}
