//! `diff`: two surveys of one household, question by question.

use super::args::Diff;
use super::desk::{Desk, How};
use super::print;
use crate::command::Failure;
use crate::domain::Eyes;
use crate::present;
use crate::views::Horizon;
use serde_json::json;
use std::process::ExitCode;

pub fn run(desk: &Desk, diff: &Diff) -> Result<ExitCode, Failure> {
    desk.in_office(How::default(), |office| {
        let household = desk.household(office, &diff.number, diff.why.as_deref())?;
        let status = household.status(Horizon::NOW);
        let last = status.versions.len() as u32;
        let later = household.version(&status, Some(diff.later.unwrap_or(last)))?;
        let earlier = household.version(&status, Some(diff.earlier.unwrap_or(later.version.saturating_sub(1))))?;
        let (words, eyes): (_, Eyes) = (desk.words(office), household.eyes());
        let compared = present::dossier::compared(&words, &household, &earlier, &later, eyes)?;
        if desk.json {
            print::json(&json!({
                "dossier": status.number,
                "earlier": {"version": earlier.version, "date": earlier.on.to_string()},
                "later": {"version": later.version, "date": later.on.to_string()},
                "differences": compared.json(&words),
            }));
        } else {
            print::line(&status.number);
            print::sentences(&[compared.said(&words)]);
            print::table(&compared.table);
        }
        Ok(ExitCode::SUCCESS)
    })
}
