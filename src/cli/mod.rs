//! The way in from a shell: arguments to acts, answers to lines or JSON. One file a subcommand; each prints what the
//! screens print.
//! It does not decide or keep anything itself, and knows no rule of the field.
//! Start reading at [`run`], then `context.rs` (what every subcommand is handed).
//!
//! Exit codes: 0 done, 1 refused or something found (in words), 2 wrong usage. 101 would be a panic, and a bug.

mod aid;
mod args;
mod attach;
mod backup;
mod broke;
mod bureau;
mod campaign;
mod case;
mod clock;
mod closing;
mod context;
mod demo;
mod diff;
mod doctor;
mod draft;
mod erase;
mod explain;
mod export;
mod form;
mod fund;
mod giving;
mod harden;
mod help;
mod import;
mod init;
mod key;
mod lookup;
mod notice;
mod numbers;
mod paper;
mod progress;
mod query;
mod queue;
mod remote;
mod report;
mod restore;
mod review;
mod roll;
mod round;
mod rules;
mod screens;
mod script;
mod serve;
mod show;
mod status;
mod survey;
mod terminal;
mod units;
mod user;
mod user_table;
mod verify;

use crate::command::Failure;
use crate::domain::Message;
use crate::store::OpenFailed;
use args::Command;
use context::Context;
use std::process::ExitCode;
use terminal::Terminal;

/// Runs the program with these arguments.
pub fn run(args: std::env::ArgsOs) -> ExitCode {
    harden::process();
    let terminal = Terminal::default();
    let mut args = match help::parse(args) {
        Ok(args) => args,
        Err(said) => {
            if said.error {
                terminal.error(&said.text)
            } else {
                terminal.line(&said.text)
            }
            if let Some(why) = terminal.unwritten() {
                let said = Message::new("cli.unwritten").with("why", why);
                terminal.error(&crate::lang::say(&said, help::lang_of_environment().unwrap_or_default()));
                return ExitCode::from(1);
            }
            return ExitCode::from(said.code());
        }
    };
    // Asked again after the owner is lost, it is the same request.
    args.request = args.request.or_else(remote::number);
    let context = match Context::new(&args, terminal) {
        Ok(context) => context,
        Err(code) => return code,
    };
    broke::say_in_words(context.lang());
    let command = args.command.as_ref().unwrap_or(&Command::Screens);
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut tries = remote::TRIES;
        loop {
            match done_of(&context, command) {
                Ok(code) => return code,
                // Whoever has the folder open does it for us, if it can.
                Err(failure @ Failure::Open(OpenFailed::Owned { .. })) => match remote::send(&context, &args) {
                    remote::Sent::Done(code) => return code,
                    remote::Sent::Lost if tries > 0 && remote::is_safe_to_repeat(command) => {
                        tries -= 1;
                        std::thread::sleep(remote::APART);
                    }
                    remote::Sent::Lost => return context.refuse(&Failure::OwnerLost),
                    remote::Sent::Nobody if tries > 0 && tries < remote::TRIES => {
                        // The one that was lost has not quite ended.
                        tries -= 1;
                        std::thread::sleep(remote::APART);
                    }
                    remote::Sent::Nobody => return context.refuse_owned(&failure),
                },
                Err(failure) => return context.refuse(&failure),
            }
        }
    }));
    if let Some(why) = context.terminal.unwritten() {
        context.terminal.error(&context.say(&Message::new("cli.unwritten").with("why", why)));
        return ExitCode::from(1);
    }
    // What broke off has been said; whoever runs us sees a refusal.
    done.unwrap_or(ExitCode::from(1))
}

/// One command, done.
fn done_of(context: &Context, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Screens => screens::run(context),
        Command::Demo(demo) => demo::run(context, demo),
        Command::Init(init) => init::run(context, init),
        Command::Doctor => doctor::run(context),
        Command::Fund(asked) => fund::run(context, asked),
        Command::Aid(asked) => aid::run(context, asked),
        Command::Campaign(asked) => campaign::run(context, asked),
        Command::Person(asked) => campaign::person(context, asked),
        Command::Clock(asked) => clock::run(context, asked),
        Command::Verify(verify) => verify::run(context, verify),
        Command::Rebuild(asked) => doctor::rebuild(context, asked),
        Command::Backup(backup) => backup::run(context, backup),
        Command::Restore(restore) => restore::run(context, restore),
        Command::Key(key) => key::run(context, key),
        Command::Numbers(numbers) => numbers::run(context, numbers),
        Command::Units(units) => units::run(context, units),
        Command::User(user) => user::run(context, user),
        Command::Bureau(bureau) => bureau::run(context, bureau),
        Command::Lookup(lookup) => lookup::run(context, lookup),
        Command::Roll(asked) => roll::run(context, asked),
        Command::Round(asked) => round::run(context, asked),
        Command::Export(asked) => export::run(context, asked),
        Command::Import(asked) => import::run(context, asked),
        Command::TakeOver(asked) => import::take_over(context, asked),
        Command::Show(show) => show::run(context, show),
        Command::Diff(diff) => diff::run(context, diff),
        Command::Review(asked) => review::run(context, asked),
        Command::Explain(explain) => explain::run(context, explain),
        Command::Print(print) => paper::run(context, print),
        Command::Notice(asked) => notice::run(context, asked),
        Command::Survey(survey) => survey::run(context, survey),
        Command::Draft(draft) => draft::run(context, draft),
        Command::Case(asked) => case::run(context, asked),
        Command::Status(status) => status::run(context, status),
        Command::Queue(asked) => queue::run(context, asked),
        Command::Query(query) => query::run(context, query),
        Command::Erase(erase) => erase::run(context, erase),
        Command::Form(form) => form::start(context, form),
        Command::Rules(rules) => rules::run(context, rules),
        Command::Serve(asked) => serve::run(context, asked),
        Command::Attach(asked) => attach::run(context, asked),
        Command::Help(asked) => help::run(context, asked),
    }
}
