//! `explain`: why the category is what it is, in sentences that can be read to the worker.

use super::args::Explain;
use super::context::{Context, How};
use super::show;
use crate::command::{Duty, Failure};
use crate::present;
use crate::rules;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, explain: &Explain) -> Result<ExitCode, Failure> {
    let horizon = match show::horizon(context, explain.as_of.as_deref(), explain.known.as_deref()) {
        Ok(horizon) => horizon,
        Err(code) => return Ok(code),
    };
    context.in_office(How::default(), |office| {
        let household = context.household(office, &explain.number, explain.why.as_deref())?;
        let (status, line, mut decision) = household.explain(horizon, household.eyes())?;
        if !explain.flips {
            decision.flips.clear();
        } else if !household.may(Duty::SeeFlips) {
            return Err(Failure::NeedsRole { role: Duty::SeeFlips.first_role() });
        }
        if context.json {
            let mut out = rules::json::decision(&decision);
            if let Some(map) = out.as_object_mut() {
                map.insert("dossier".into(), json!(status.number));
                map.insert("version".into(), json!(line.version));
                map.insert("record".into(), json!(line.record.hex()));
                map.insert("date".into(), json!(line.on.to_string()));
            }
            context.terminal.json(&out);
        } else {
            context.terminal.line(&format!("{}  {}  {}", status.number, line.on, context.word("cli.explain.title")));
            let category = decision.category.as_deref();
            context.terminal.line(&show::category_words(context, office, Some(&decision.rule_set), category));
            context.terminal.sentences(&present::dossier::reasons(&context.words(office), &decision));
        }
        Ok(ExitCode::SUCCESS)
    })
}
