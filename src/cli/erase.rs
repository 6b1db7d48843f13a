//! `erase`: the personal part of dossiers whose time is over. Nothing is done without `--confirm`.

use super::args::Erase;
use super::context::{Context, How};
use crate::command::erasing::Erasable;
use crate::command::{Failure, Office};
use crate::domain::{Explain, Message};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(context: &Context, erase: &Erase) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        if !erase.persons.is_empty() {
            return persons(context, office, erase);
        }
        if erase.numbers.is_empty() && !erase.due {
            list(context, &office.erasable(context.now())?);
            return Ok(ExitCode::SUCCESS);
        }
        let (mut names, mut found) = (Vec::new(), Vec::new());
        let mut done: Vec<(String, Result<Erasable, Failure>)> = Vec::new();
        if erase.due {
            (names, found) = office.erasable(context.now())?.into_iter().map(|e| (e.number, e.dossier)).unzip();
        }
        for number in &erase.numbers {
            match office.erasable_named(number, context.now()) {
                Ok(dossier) => {
                    names.push(number.clone());
                    found.push(dossier);
                }
                Err(failure) => done.push((number.clone(), Err(failure))),
            }
        }
        let did = if erase.confirm {
            office.erase_all(&found, context.now())
        } else {
            found.iter().map(|dossier| office.may_erase(*dossier, context.now())).collect()
        };
        done.extend(names.into_iter().zip(did));
        Ok(tell(context, erase.confirm, &done, &office.stores_beside()))
    })
}

/// People outside dossiers, each for themselves.
fn persons(context: &Context, office: &Office, erase: &Erase) -> Result<ExitCode, Failure> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for asked in &erase.persons {
        let did = match erase.confirm {
            true => office.erase_person(asked, context.now()),
            false => office.may_erase_person(asked, context.now()),
        };
        let hex = did.as_ref().map(|person| person.hex());
        match &hex {
            Ok(hex) => good.push(hex.clone()),
            Err(why) => bad.push(json!({"person": asked, "why": context.say(&why.explain())})),
        }
        if !context.json {
            let key = if erase.confirm { "person.erased" } else { "person.would_erase" };
            match hex {
                Ok(hex) => {
                    let short = hex.get(..8).unwrap_or(&hex);
                    context.terminal.line(&context.say(&Message::new(key).with("person", short)));
                }
                Err(why) => context.terminal.error(&context.say(&why.explain())),
            }
        }
    }
    let beside = office.stores_beside();
    let refused = !bad.is_empty();
    if context.json {
        let what = if erase.confirm { "erased" } else { "would_erase" };
        let beside: Vec<String> = beside.iter().map(|path| path.display().to_string()).collect();
        context.terminal.json(&json!({what: good, "refused": bad, "beside": beside}));
    } else {
        tell_beside(context, &beside);
    }
    Ok(if refused { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn line_json(erasable: &Erasable) -> Value {
    json!({
        "dossier": erasable.number,
        "id": erasable.dossier.hex(),
        "over_since": erasable.over_since.to_string(),
        "from": erasable.from.to_string(),
    })
}

fn words(erasable: &Erasable) -> Message {
    Message::new("cli.erase.line")
        .with("number", erasable.number.as_str())
        .with("since", erasable.over_since)
        .with("day", erasable.from)
}

fn list(context: &Context, due: &[Erasable]) {
    if context.json {
        context.terminal.json(&json!({"due": due.iter().map(line_json).collect::<Vec<_>>()}));
        return;
    }
    due.iter().for_each(|erasable| context.terminal.line(&context.say(&words(erasable))));
    context.terminal.line(&context.say(&Message::new("cli.erase.due").with("count", due.len())));
}

/// Copies beside the folder, in which everything still stands.
pub fn tell_beside(context: &Context, beside: &[PathBuf]) {
    for path in beside {
        context
            .terminal
            .error(&context.say(&Message::new("cli.erase.beside").with("path", path.display().to_string())));
    }
}

fn tell(
    context: &Context,
    confirmed: bool,
    done: &[(String, Result<Erasable, Failure>)],
    beside: &[PathBuf],
) -> ExitCode {
    let names: Vec<String> = beside.iter().map(|path| path.display().to_string()).collect();
    let refused = done.iter().filter(|(_, did)| did.is_err()).count();
    if context.json {
        let good: Vec<Value> = done.iter().filter_map(|(_, did)| did.as_ref().ok()).map(line_json).collect();
        let bad: Vec<Value> = done
            .iter()
            .filter_map(|(number, did)| did.as_ref().err().map(|why| (number, why)))
            .map(|(number, why)| json!({"dossier": number, "why": context.say(&why.explain())}))
            .collect();
        let what = if confirmed { "erased" } else { "would_erase" };
        context.terminal.json(&json!({what: good, "refused": bad, "beside": names}));
    } else {
        for (_, did) in done {
            match did {
                Ok(erasable) => context.terminal.line(&context.say(&words(erasable))),
                Err(why) => context.terminal.error(&context.say(&why.explain())),
            }
        }
        let said = Message::new(if confirmed { "cli.erase.done" } else { "cli.erase.would" });
        context.terminal.line(&context.say(&said.with("count", done.len() - refused)));
        tell_beside(context, beside);
    }
    if refused > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS }
}
