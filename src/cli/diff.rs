//! `diff`: two surveys of one household, question by question.

use super::args::Diff;
use super::context::{Context, How};
use crate::command::Failure;
use crate::domain::Eyes;
use crate::present;
use crate::views::Horizon;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, diff: &Diff) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let household = context.household(office, &diff.number, diff.why.as_deref())?;
        let status = household.status(Horizon::NOW);
        let last = status.versions.len() as u32;
        let later = household.version(&status, Some(diff.later.unwrap_or(last)))?;
        let earlier = household.version(&status, Some(diff.earlier.unwrap_or(later.version.saturating_sub(1))))?;
        let (words, eyes): (_, Eyes) = (context.words(office), household.eyes());
        let compared = present::dossier::compared(&words, &household, &earlier, &later, eyes)?;
        if context.json {
            context.terminal.json(&json!({
                "dossier": status.number,
                "earlier": {"version": earlier.version, "date": earlier.on.to_string()},
                "later": {"version": later.version, "date": later.on.to_string()},
                "differences": compared.json(&words),
            }));
        } else {
            context.terminal.line(&status.number);
            context.terminal.sentences(&[compared.said(&words)]);
            context.terminal.sentences(&compared.members);
            context.terminal.table(&compared.table);
        }
        Ok(ExitCode::SUCCESS)
    })
}
