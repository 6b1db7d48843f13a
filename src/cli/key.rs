//! `key`: who can unlock the store. Nothing secret is printed but a new recovery code, once.

use super::args::{Key, KeyCommand};
use super::desk::{Desk, How};
use super::print;
use crate::command::{Failure, Office};
use crate::domain::Message;
use crate::seal::{Recipient, RecoveryCode};
use crate::serve::ssh;
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(desk: &Desk, key: &Key) -> Result<ExitCode, Failure> {
    // Asked before the store is opened, so that nobody waits for somebody who is typing.
    let passphrase = match key.what {
        KeyCommand::Passphrase => match desk.new_passphrase() {
            Some(text) => Some(text),
            None => {
                print::error(&desk.word("cli.key.passphrases_differ"));
                return Ok(ExitCode::from(1));
            }
        },
        _ => None,
    };
    desk.in_office(How::default(), |office| {
        match &key.what {
            KeyCommand::Show => {}
            KeyCommand::File { path } => {
                office.add_key_file(path, desk.now())?;
                say(desk, &Message::new("cli.key.file").with("path", path.display().to_string()));
            }
            KeyCommand::Passphrase => {
                office.set_passphrase(passphrase.as_deref().unwrap_or_default(), desk.now())?;
                say(desk, &Message::new("cli.key.passphrase"));
            }
            KeyCommand::Recovery => return recovery(desk, office),
            KeyCommand::Remove { id } => {
                let gone = office.remove_key_holder(id, desk.now())?;
                let said = Message::new("cli.key.removed").with("kind", desk.word(&holder_key(&gone.holder)));
                say(desk, &said.with("generation", u64::from(gone.bureau_generation)));
                say(desk, &Message::new("cli.key.removed_reads").with("records", gone.records_before));
                super::erase::tell_beside(desk, &office.stores_beside());
            }
            KeyCommand::Rotate { store, .. } => {
                let now = desk.now();
                let generation = if *store { office.rotate_store_key(now)? } else { office.rotate_bureau_key(now)? };
                let said = if *store { "cli.key.rotated_store" } else { "cli.key.rotated_bureau" };
                say(desk, &Message::new(said).with("generation", u64::from(generation)));
            }
        }
        show(desk, office)
    })
}

fn say(desk: &Desk, message: &Message) {
    if !desk.json {
        print::line(&desk.say(message));
    }
}

fn holder_key(holder: &Recipient) -> String {
    format!("cli.recipient.{}", holder.kind.word())
}

fn recovery(desk: &Desk, office: &Office) -> Result<ExitCode, Failure> {
    let code: RecoveryCode = office.add_recovery_code(desk.now())?;
    let text = code.to_text();
    if desk.json {
        print::json(&json!({"recovery": text.as_str()}));
    } else {
        print::line(&desk.word("cli.key.recovery"));
        print::line(&text);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(desk: &Desk, office: &Office) -> Result<ExitCode, Failure> {
    let state = office.key_state()?;
    if desk.json {
        let holders: Vec<Value> =
            state.holders.iter().map(|h| json!({"kind": h.kind.word(), "id": h.hex()[..8]})).collect();
        print::json(&json!({
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
        print::line(&format!("{}  {}", &holder.hex()[..8], desk.word(&holder_key(holder))));
    }
    let said = Message::new("cli.key.state")
        .with("store", u64::from(state.store_generation))
        .with("bureau", u64::from(state.bureau_generation))
        .with("ready", state.ready_slots)
        .with("erased", state.erased);
    print::line(&desk.say(&said));
    print::line(&desk.say(&Message::new("cli.key.ssh_host").with("fingerprint", ssh::fingerprint(office))));
    Ok(ExitCode::SUCCESS)
}
