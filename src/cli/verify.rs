//! `verify`: the proof, and the head code to keep on paper.

use super::args::Verify;
use super::context::{Context, How};
use crate::command::Failure;
use crate::domain::{Explain, Message};
use crate::log::{Agreement, Head, HeadCode};
use crate::store::Copies;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, verify: &Verify) -> Result<ExitCode, Failure> {
    let codes: Vec<HeadCode> = match verify.heads.iter().map(|text| HeadCode::parse(text)).collect() {
        Ok(codes) => codes,
        Err(error) => {
            context.terminal.error(&context.say(&error.explain()));
            return Ok(ExitCode::from(2));
        }
    };
    context.in_office(How::default(), |office| {
    let mut progress = super::progress::Progress::new(context, "cli.verify.progress");
    let verified = office.verify(None, verify.views, |done, all| progress.at(done, all))?;
    progress.done();
    let agreements: Vec<Agreement> = codes.iter().map(|code| verified.report.against(code)).collect();
    let holds = verified.holds() && agreements.iter().all(|a| matches!(a, Agreement::Holds { .. }));
    let heads: Vec<_> = verified
        .report
        .heads
        .iter()
        .map(|head| (head, head.code().map(|c| c.to_string()).unwrap_or_default()))
        .collect();
    if context.json {
        context.terminal.json(&json!({
            "holds": holds,
            "records": verified.report.records,
            "copies": copies_json(&verified.copies),
            "newer": verified.report.newer,
            "heads": heads.iter().map(|(h, code)| json!({"station": h.station.hex(), "seq": h.seq, "code": code})).collect::<Vec<_>>(),
            "breaks": verified.report.breaks.iter().map(|b| context.say(&b.explain())).collect::<Vec<_>>(),
            "head": agreements.first().map(|a| context.say(&a.explain())),
            "given": agreements.iter().map(|a| context.say(&a.explain())).collect::<Vec<_>>(),
            "views": verified.differences.as_ref().map(|d| json!({
                "differences": d.len(),
                "without_keys": verified.without_keys.named().collect::<Vec<_>>(),
            })),
        }));
    } else {
        for broken in &verified.report.breaks {
            context.terminal.line(&context.say(&broken.explain()));
        }
        for agreement in &agreements {
            context.terminal.line(&context.say(&agreement.explain()));
        }
        if let Some(differences) = &verified.differences {
            let said = match (differences.is_empty(), verified.without_keys.is_empty()) {
                (true, true) => Message::new("cli.verify.views_agree"),
                (false, true) => Message::new("cli.verify.views_differ"),
                // What such rows hold cannot be folded again, and making the views without it would be a loss.
                _ => Message::new("cli.verify.views_keyless").with("whose", verified.without_keys.whose()),
            };
            context.terminal.line(&context.say(&said.with("count", differences.len())));
        }
        for (head, code) in &heads {
            context.terminal.line(&head_words(context, head, code));
        }
        context.terminal.line(&context.say(&copies_words(&verified.copies)));
        let key = if holds { "cli.verify.holds" } else { "cli.verify.broken" };
        context.terminal.line(&context.say(&Message::new(key).with("records", verified.report.records)));
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

/// Which copies were read, and what came of it.
pub fn copies_words(copies: &Copies) -> Message {
    match copies {
        Copies { journal: false, .. } => Message::new("cli.copies.rows"),
        Copies { sled: false, .. } => Message::new("cli.copies.journal"),
        whole if whole.whole() => Message::new("cli.copies.both"),
        torn => Message::new("cli.copies.torn").with("journal", torn.not_in_journal).with("sled", torn.not_in_sled),
    }
}

pub fn copies_json(copies: &Copies) -> serde_json::Value {
    let read: Vec<&str> = [("journal", copies.journal), ("sled", copies.sled)]
        .into_iter()
        .filter(|(_, was)| *was)
        .map(|(name, _)| name)
        .collect();
    json!({
        "read": read,
        "whole": copies.whole(),
        "not_in_journal": copies.not_in_journal,
        "not_in_sled": copies.not_in_sled,
    })
}

/// A station's head and its code, to be kept on paper.
pub fn head_words(context: &Context, head: &Head, code: &str) -> String {
    let said = Message::new("cli.verify.head").with("station", &head.station.hex()[..6]).with("seq", head.seq);
    context.say(&said.with("code", code))
}
