//! `key`: who can unlock the store. Nothing secret is printed but a new recovery code, once.

use super::args::{Key, KeyCommand};
use super::context::{Context, How};
use crate::command::keys::Removed;
use crate::command::{Failure, Office};
use crate::domain::Message;
use crate::seal::{Recipient, RecoveryCode};
use crate::serve::ssh;
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(context: &Context, key: &Key) -> Result<ExitCode, Failure> {
    // Asked before the store is opened, so that nobody waits for somebody who is typing.
    let passphrase = match key.what {
        KeyCommand::Passphrase => match context.new_passphrase() {
            Some(text) => Some(text),
            None => {
                context.terminal.error(&context.word("cli.key.passphrases_differ"));
                return Ok(ExitCode::from(1));
            }
        },
        _ => None,
    };
    let unlocking = context.unlocking()?;
    let bundle = match &key.what {
        KeyCommand::Bring { file } => Some((file, crate::command::backup::key_file_bytes(file)?)),
        _ => None,
    };
    // Without a ring nothing is opened that it could be brought into.
    let before = match &bundle {
        Some((file, bytes)) => context.bring_ring((file, bytes), &unlocking)?,
        None => None,
    };
    if let Some(brought) = &before {
        let said = match brought.aside.len() {
            0 => Message::new("cli.key.brought_ring"),
            aside => Message::new("cli.key.brought_ring_aside").with("aside", aside),
        };
        say(context, &said);
    }
    let (mut outdated, mut still_missing) = (false, false);
    let done = context.in_office(How { ring_brought: before.is_some(), ..How::default() }, |office| {
        match &key.what {
            KeyCommand::Show => {}
            KeyCommand::File { path } => {
                office.add_key_file(path, context.now())?;
                say(context, &Message::new("cli.key.file").with("path", path.display().to_string()));
            }
            KeyCommand::Bring { .. } => {
                let bytes = bundle.as_ref().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
                let brought = office.bring_keys(bytes, &unlocking, context.now())?;
                let with_the_ring = before.as_ref().map_or(0, |before| before.slots);
                say(context, &Message::new("cli.key.brought").with("count", brought + with_the_ring));
                outdated = office.is_outdated()?;
                if let Some(missing) = office.without_keys()?.still_in_words() {
                    say(context, &missing);
                    still_missing = true;
                }
            }
            KeyCommand::Passphrase => {
                let gone = office.set_passphrase(passphrase.as_deref().unwrap_or_default(), context.now())?;
                say(context, &Message::new("cli.key.passphrase"));
                if let Some(gone) = gone {
                    tell_of_removed(context, office, &gone);
                }
            }
            KeyCommand::Recovery => return recovery(context, office),
            KeyCommand::Remove { id } => {
                let gone = office.remove_key_holder(id, context.now())?;
                tell_of_removed(context, office, &gone);
            }
            KeyCommand::Rotate { store, .. } => {
                let now = context.now();
                let generation = if *store { office.rotate_store_key(now)? } else { office.rotate_bureau_key(now)? };
                let said = if *store { "cli.key.rotated_store" } else { "cli.key.rotated_bureau" };
                say(context, &Message::new(said).with("generation", u64::from(generation)));
            }
        }
        show(context, office)
    });
    // Folded anew by the next opening, which is now; or, where somebody has the folder open, when they close it.
    if outdated && done.is_ok() {
        context.in_office(How::default(), |office| {
            if office.is_outdated()? {
                say(context, &Message::new("command.doctor.outdated"));
            }
            Ok(ExitCode::SUCCESS)
        })?;
    }
    // What is still missing is said, and is no success.
    done.map(|code| if still_missing { ExitCode::from(1) } else { code })
}

fn say(context: &Context, message: &Message) {
    if !context.json {
        context.terminal.line(&context.say(message));
    }
}

fn holder_key(holder: &Recipient) -> String {
    format!("cli.recipient.{}", holder.kind.word())
}

fn recovery(context: &Context, office: &Office) -> Result<ExitCode, Failure> {
    let code: RecoveryCode = office.add_recovery_code(context.now())?;
    let text = code.to_text();
    if context.json {
        context.terminal.json(&json!({"recovery": text.as_str()}));
    } else {
        context.terminal.line(&context.word("cli.key.recovery"));
        context.terminal.line(&text);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(context: &Context, office: &Office) -> Result<ExitCode, Failure> {
    let state = office.key_state(context.now())?;
    if context.json {
        let holders: Vec<Value> =
            state.holders.iter().map(|h| json!({"kind": h.kind.word(), "id": h.hex()[..8]})).collect();
        context.terminal.json(&json!({
            "unlocked_by": holders,
            "store_generation": state.store_generation,
            "bureau_generation": state.bureau_generation,
            "ready_slots": state.ready_slots,
            "erased": state.erased,
            "ssh_host": ssh::fingerprint(office),
        }));
        return Ok(ExitCode::SUCCESS);
    }
    for holder in &state.holders {
        context.terminal.line(&format!("{}  {}", &holder.hex()[..8], context.word(&holder_key(holder))));
    }
    let said = Message::new("cli.key.state")
        .with("store", u64::from(state.store_generation))
        .with("bureau", u64::from(state.bureau_generation))
        .with("ready", state.ready_slots)
        .with("erased", state.erased);
    context.terminal.line(&context.say(&said));
    context
        .terminal
        .line(&context.say(&Message::new("cli.key.ssh_host").with("fingerprint", ssh::fingerprint(office))));
    Ok(ExitCode::SUCCESS)
}

/// Who unlocks it no longer, and what they can still read.
fn tell_of_removed(context: &Context, office: &Office, gone: &Removed) {
    let said = Message::new("cli.key.removed").with("kind", context.word(&holder_key(&gone.holder)));
    say(context, &said.with("generation", u64::from(gone.bureau_generation)));
    say(context, &Message::new("cli.key.removed_reads").with("records", gone.records_before));
    super::erase::tell_beside(context, &office.stores_beside());
}
