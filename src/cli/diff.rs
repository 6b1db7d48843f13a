//! `diff`: two surveys of one household, question by question.

use super::args::Diff;
use super::context::{Context, How};
use crate::command::Failure;
use crate::command::dossier::VersionLine;
use crate::domain::Eyes;
use crate::present;
use crate::views::Horizon;
use serde_json::json;
use std::process::ExitCode;

pub fn run(context: &Context, diff: &Diff) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let household = context.household(office, &diff.number, diff.why.as_deref())?;
        let status = household.status(Horizon::NOW);
        let later = match &diff.later {
            Some(asked) => household.reading(&status, asked)?,
            None => household.version(&status, None)?,
        };
        let earlier = match &diff.earlier {
            Some(asked) => household.reading(&status, asked)?,
            // Of the only survey the reading before the one that counts.
            None if later.version == 1 && later.corrected => {
                let mut readings = household.readings(&later);
                readings.pop();
                readings.pop().unwrap_or_else(|| later.clone())
            }
            None => household.version(&status, Some(later.version.saturating_sub(1)))?,
        };
        let (words, eyes): (_, Eyes) = (context.words(office), household.eyes());
        let compared = present::dossier::compared(&words, &household, &earlier, &later, eyes)?;
        let one = |line: &VersionLine| {
            json!({
                "version": line.version,
                "reading": line.reading,
                "record": line.record.hex(),
                "date": line.on.to_string(),
                "kept_at": line.at.local(),
                "by": words.officer(line.by),
            })
        };
        if context.json {
            context.terminal.json(&json!({
                "dossier": status.number,
                "earlier": one(&earlier),
                "later": one(&later),
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
