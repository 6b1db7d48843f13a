//! The way in from a shell: arguments to acts, answers to lines or JSON. One file a subcommand; each prints what the
//! screens print.
//! It does not decide or keep anything itself, and knows no rule of the field.
//! Start reading at [`run`], then `desk.rs` (what every subcommand is handed).
//!
//! Exit codes: 0 done, 1 refused or something found (in words), 2 wrong usage. 101 would be a panic, and a bug.

mod args;
mod attach;
mod backup;
mod broke;
mod clock;
mod demo;
mod desk;
mod diff;
mod doctor;
mod draft;
mod erase;
mod errand;
mod explain;
mod export;
mod form;
mod harden;
mod init;
mod key;
mod lookup;
mod numbers;
mod paper;
mod print;
mod progress;
mod query;
mod restore;
mod roll;
mod rules;
mod screens;
mod script;
mod serve;
mod show;
mod status;
mod survey;
mod units;
mod user;
mod user_table;
mod verify;

use crate::command::Failure;
use crate::store::OpenFailed;
use args::{Args, Command};
use clap::Parser;
use desk::Desk;
use std::process::ExitCode;

/// Runs the program with these arguments.
pub fn run(args: std::env::ArgsOs) -> ExitCode {
    harden::process();
    let mut args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    // Asked again after the owner is lost, it is the same request.
    args.request = args.request.or_else(errand::number);
    let desk = match Desk::new(&args) {
        Ok(desk) => desk,
        Err(code) => return code,
    };
    broke::say_in_words(desk.lang);
    let command = args.command.as_ref().unwrap_or(&Command::Screens);
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut tries = errand::TRIES;
        loop {
            match done_of(&desk, command) {
                Ok(code) => return code,
                // Whoever has the folder open does it for us, if it can.
                Err(failure @ Failure::Open(OpenFailed::Owned { .. })) => match errand::send(&desk, &args) {
                    errand::Sent::Done(code) => return code,
                    errand::Sent::Lost if tries > 0 && errand::is_safe_to_repeat(command) => {
                        tries -= 1;
                        std::thread::sleep(errand::APART);
                    }
                    errand::Sent::Lost => return desk.refuse(&Failure::OwnerLost),
                    errand::Sent::Nobody if tries > 0 && tries < errand::TRIES => {
                        // The one that was lost has not quite ended.
                        tries -= 1;
                        std::thread::sleep(errand::APART);
                    }
                    errand::Sent::Nobody => return desk.refuse_owned(&failure),
                },
                Err(failure) => return desk.refuse(&failure),
            }
        }
    }));
    // What broke off has been said; whoever runs us sees a refusal.
    done.unwrap_or(ExitCode::from(1))
}

/// One command, done.
fn done_of(desk: &Desk, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Screens => screens::run(desk),
        Command::Demo(demo) => demo::run(desk, demo),
        Command::Init(init) => init::run(desk, init),
        Command::Doctor => doctor::run(desk),
        Command::Clock(asked) => clock::run(desk, asked),
        Command::Verify(verify) => verify::run(desk, verify),
        Command::Rebuild => doctor::rebuild(desk),
        Command::Backup(backup) => backup::run(desk, backup),
        Command::Restore(restore) => restore::run(desk, restore),
        Command::Key(key) => key::run(desk, key),
        Command::Numbers(numbers) => numbers::run(desk, numbers),
        Command::Units(units) => units::run(desk, units),
        Command::User(user) => user::run(desk, user),
        Command::Lookup(lookup) => lookup::run(desk, lookup),
        Command::Roll(asked) => roll::run(desk, asked),
        Command::Export(asked) => export::run(desk, asked),
        Command::Show(show) => show::run(desk, show),
        Command::Diff(diff) => diff::run(desk, diff),
        Command::Explain(explain) => explain::run(desk, explain),
        Command::Print(print) => paper::run(desk, print),
        Command::Survey(survey) => survey::run(desk, survey),
        Command::Draft(draft) => draft::run(desk, draft),
        Command::Status(status) => status::run(desk, status),
        Command::Query(query) => query::run(desk, query),
        Command::Erase(erase) => erase::run(desk, erase),
        Command::Form(form) => form::start(desk, form),
        Command::Rules(rules) => rules::run(desk, rules),
        Command::Serve(asked) => serve::run(desk, asked),
        Command::Attach(asked) => attach::run(desk, asked),
    }
}
