//! Which commands may be sent to the owner of a folder, which may come from another machine, and which may be sent twice: a table of
//! all of them. Whoever adds a command decides here.

use crate::cli::args::{
    BureauCommand, Command, DraftCommand, FormCommand, KeyCommand, RulesCommand, UnitsCommand, UserCommand,
};
use crate::command::Duty;
use std::path::PathBuf;

/// Whether a command can be done by the owner. What needs the store for itself, or a terminal, can't.
pub(super) fn may_be_sent(command: &Command) -> bool {
    match command {
        Command::Screens
        | Command::Demo(_)
        | Command::Init(_)
        | Command::Doctor
        | Command::Rebuild(_)
        | Command::Restore(_)
        | Command::Serve(_)
        | Command::Attach(_) => false,
        // The keys are the owner's, unlocked: looking at them is harmless, changing them under it is not.
        Command::Key(key) => matches!(key.what, KeyCommand::Show),
        Command::Survey(survey) => survey.answers.is_some(),
        _ => true,
    }
}

/// What a command asks of whoever types it, before anything is read or kept for it.
enum Asks {
    /// What anybody may read who was let in.
    Nothing,
    /// One of the duties of the table, which is asked again when it is done.
    A(Duty),
    /// The folder itself, or files of this machine.
    TheFolder,
}

fn asked_by(command: &Command) -> Asks {
    match command {
        Command::Lookup(_)
        | Command::Show(_)
        | Command::Diff(_)
        | Command::Review(_)
        | Command::Explain(_)
        | Command::Queue(_) => Asks::A(Duty::Open),
        Command::Print(_) => Asks::A(Duty::Print),
        Command::Notice(notice) if notice.post => Asks::A(Duty::Process),
        Command::Notice(_) => Asks::A(Duty::Print),
        Command::Roll(_) => Asks::A(Duty::Roll),
        Command::Round(round) => Asks::A(crate::cli::round::duty(round)),
        Command::Import(_) => Asks::A(Duty::Import),
        Command::TakeOver(asked) if asked.rolls.is_empty() => Asks::A(Duty::Open),
        Command::TakeOver(_) => Asks::A(Duty::Approve),
        Command::Aid(aid) => Asks::A(crate::cli::aid::duty(aid)),
        Command::Campaign(asked) => Asks::A(crate::cli::campaign::duty(asked)),
        Command::Person(asked) => Asks::A(crate::cli::campaign::duty_of_person(asked)),
        Command::Fund(fund) => Asks::A(crate::cli::fund::duty(fund)),
        // Whose step it is depends on the step; all of them are alike in this.
        Command::Status(_) | Command::Case(_) => Asks::A(Duty::Verify),
        Command::Query(_) => Asks::A(Duty::Ask),
        Command::Survey(_) => Asks::A(Duty::Survey),
        Command::Draft(draft) => match draft.what {
            DraftCommand::HandOver { .. } => Asks::A(Duty::OthersDraft),
            _ => Asks::A(Duty::OwnDraft),
        },
        Command::Form(form) => match form.what {
            FormCommand::List => Asks::Nothing,
            FormCommand::Add { .. } => Asks::A(Duty::AddForm),
            _ => Asks::TheFolder,
        },
        Command::Rules(rules) => match rules.what {
            RulesCommand::List | RulesCommand::Show { .. } => Asks::Nothing,
            RulesCommand::Adopt { .. } => Asks::A(Duty::AdoptRules),
            RulesCommand::Adopted | RulesCommand::Export { .. } => Asks::A(Duty::Open),
            RulesCommand::Replay { .. } | RulesCommand::Touched => Asks::A(Duty::Replay),
            _ => Asks::TheFolder,
        },
        Command::Units(units) => match units.what {
            UnitsCommand::List { .. } => Asks::Nothing,
            UnitsCommand::Import { .. } => Asks::A(Duty::SetUnits),
        },
        Command::User(user) => match user.what {
            UserCommand::List | UserCommand::Duties { .. } => Asks::Nothing,
            UserCommand::Log { reads: true, .. } => Asks::A(Duty::SeeLooks),
            UserCommand::Log { .. } => Asks::A(Duty::SeeLogins),
            UserCommand::Office { .. } | UserCommand::Division { .. } => Asks::A(Duty::SetBureau),
            _ => Asks::A(Duty::SetPeople),
        },
        Command::Bureau(bureau) => match bureau.what {
            None | Some(BureauCommand::Calendar { .. }) => Asks::Nothing,
            Some(_) => Asks::A(Duty::SetBureau),
        },
        Command::Numbers(_) => Asks::A(Duty::SetNumbers),
        Command::Erase(_) => Asks::A(Duty::Erase),
        Command::Backup(_) | Command::Key(_) => Asks::A(Duty::KeepStore),
        Command::Help(_) => Asks::Nothing,
        _ => Asks::TheFolder,
    }
}

/// Whether it names a file of the machine that it is typed at. `-` is standard input or output; what a survey is taken with may
/// be the id of a form.
fn names_a_file(command: &Command) -> bool {
    let is_file = |file: &PathBuf| file.as_os_str() != "-";
    match command {
        Command::Print(print) => print.what.to().paper.file.as_ref().is_some_and(is_file),
        Command::Notice(notice) => notice.to.file.as_ref().is_some_and(is_file),
        Command::Survey(survey) => {
            let named =
                |form: &PathBuf| form.to_string_lossy().chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
            survey.answers.as_ref().is_none_or(is_file) || !survey.form.as_ref().is_none_or(named)
        }
        Command::Roll(roll) => !crate::cli::roll::names_no_file(roll),
        Command::Round(round) => crate::cli::round::file(round).is_some_and(is_file),
        Command::Export(export) => export.jsonl.iter().chain(&export.csv).any(is_file),
        Command::Import(_) => true,
        Command::Aid(aid) => crate::cli::aid::names_a_file(aid),
        Command::Campaign(asked) => crate::cli::campaign::names_a_file(asked),
        Command::Fund(fund) => crate::cli::fund::names_a_file(fund),
        Command::Key(key) => match &key.what {
            KeyCommand::File { .. } | KeyCommand::Bring { .. } => true,
            KeyCommand::Show
            | KeyCommand::Passphrase
            | KeyCommand::Recovery
            | KeyCommand::Remove { .. }
            | KeyCommand::Rotate { .. } => false,
        },
        Command::Units(units) => match &units.what {
            UnitsCommand::Import { .. } => true,
            UnitsCommand::List { .. } => false,
        },
        Command::User(user) => match &user.what {
            UserCommand::Add(add) => add.key.as_ref().is_some_and(is_file),
            UserCommand::List
            | UserCommand::End { .. }
            | UserCommand::Gateway { .. }
            | UserCommand::Duties { .. }
            | UserCommand::Office { .. }
            | UserCommand::Division { .. }
            | UserCommand::Claim { .. }
            | UserCommand::Log { .. } => false,
        },
        Command::Form(form) => match &form.what {
            FormCommand::List => false,
            FormCommand::Check { .. }
            | FormCommand::Run { .. }
            | FormCommand::Why { .. }
            | FormCommand::Add { .. }
            | FormCommand::Export { .. } => true,
        },
        Command::Rules(rules) => match &rules.what {
            RulesCommand::Adopt { file, .. } => file.is_some(),
            RulesCommand::Decide { .. } | RulesCommand::Replay { .. } => true,
            RulesCommand::List
            | RulesCommand::Show { .. }
            | RulesCommand::Adopted
            | RulesCommand::Export { .. }
            | RulesCommand::Touched => false,
        },
        // The folder itself is one, and what is copied out of it or served from it.
        Command::Screens
        | Command::Demo(_)
        | Command::Init(_)
        | Command::Serve(_)
        | Command::Attach(_)
        | Command::Doctor
        | Command::Clock(_)
        | Command::Rebuild(_)
        | Command::Backup(_)
        | Command::Restore(_) => true,
        // No `_`: a command that comes has to be decided on here, or a file of this machine could be named from another.
        Command::Verify(_)
        | Command::Numbers(_)
        | Command::Bureau(_)
        | Command::Person(_)
        | Command::Lookup(_)
        | Command::TakeOver(_)
        | Command::Show(_)
        | Command::Diff(_)
        | Command::Review(_)
        | Command::Explain(_)
        | Command::Draft(_)
        | Command::Case(_)
        | Command::Status(_)
        | Command::Queue(_)
        | Command::Query(_)
        | Command::Erase(_)
        | Command::Help(_) => false,
    }
}

/// Whether a command may come from another machine: the table of duties says so, and it names no file here.
pub(super) fn may_come_from_afar(command: &Command) -> bool {
    !names_a_file(command)
        && match asked_by(command) {
            Asks::Nothing => true,
            Asks::A(duty) => duty.from_afar(),
            Asks::TheFolder => false,
        }
}

/// Whether asking once more cannot do it twice: it reads, or the request's number or the file's fingerprint tells.
pub fn is_safe_to_repeat(command: &Command) -> bool {
    match command {
        Command::Lookup(_)
        | Command::Queue(_)
        | Command::Show(_)
        | Command::Diff(_)
        | Command::Review(_)
        | Command::Explain(_)
        | Command::Status(_)
        | Command::Case(_)
        | Command::Query(_)
        | Command::Verify(_)
        // Each line is known again by the request's number.
        | Command::Fund(_) => true,
        Command::Survey(survey) => !survey.again,
        Command::Round(round) => crate::cli::round::is_safe_to_repeat(round),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_afar(typed: &str) -> bool {
        let words = shell_words::split(&format!("dossier {typed}")).unwrap();
        let args = crate::cli::help::parse(words).unwrap_or_else(|said| panic!("{typed}: {}", said.text));
        may_come_from_afar(&args.command.unwrap())
    }

    #[test]
    fn what_comes_from_afar_is_what_the_table_lets_and_names_no_file_here() {
        for typed in [
            "lookup x",
            "show 1",
            "diff 1",
            "explain 1",
            "status 1",
            "query 1",
            "survey 1 --answers -",
            "draft list",
            "survey 1 --form abc_1 --answers -",
            "form list",
            "rules list",
            "units list",
            "user list",
            "user log",
            "user log --reads",
            "user duties",
            "print form 1",
            "round",
            "round visit 1 away",
            "round sheet x -",
        ] {
            assert!(from_afar(typed), "{typed}");
        }
        for typed in [
            "survey 1 --answers /etc/passwd",
            "survey 1 --form ../x.xlsx --answers -",
            "form add x.xlsx",
            "backup x",
            "form check x.xlsx",
            "key show",
            "key rotate --store",
            "erase --due",
            "numbers show",
            "units import x",
            "import x.xlsx --dry-run",
            "verify",
            "user add x --role surveyor",
            "user end x",
            "user claim x",
            "user gateway 5",
            "user office full",
            "user division 150782",
            "doctor",
            "rules replay x",
            "rules decide --facts x",
            "serve",
            "init",
            "demo",
            "restore x",
            "rebuild",
            "draft hand-over a b --why cccccc",
            "print form 1 x.html",
            "round sheet x x.html",
        ] {
            assert!(!from_afar(typed), "{typed}");
        }
    }
}
