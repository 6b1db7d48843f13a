//! `diff`: two surveys of one household, question by question.

use super::args::Diff;
use super::desk::{Desk, How};
use super::print;
use crate::command::Failure;
use crate::command::dossier::differences;
use crate::domain::{Given, Mask, Path};
use crate::form::Form;
use crate::form::model::Question;
use crate::lang;
use crate::views::Horizon;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::Arc;

pub fn run(desk: &Desk, diff: &Diff) -> Result<ExitCode, Failure> {
    desk.in_office(How::default(), |office| {
    let household = desk.household(office, &diff.number, diff.why.as_deref())?;
    let status = household.status(Horizon::NOW);
    let last = status.versions.len() as u32;
    let later = household.version(&status, Some(diff.later.unwrap_or(last)))?;
    let earlier = household.version(&status, Some(diff.earlier.unwrap_or(later.version.saturating_sub(1))))?;
    let (before, after) = (household.survey(&earlier)?, household.survey(&later)?);
    let found = differences(&before.answers, &after.answers);
    let form = office.form_of(&after.answers.form, &after.answers.form_version);
    let form_before = office.form_of(&before.answers.form, &before.answers.form_version);
    let eyes = household.eyes();
    // As either form covers it; what neither knows is covered whole: nobody can say that it is harmless.
    let shown = |path: &Path, text: &str| {
        let question = |form: &Option<Arc<Form>>| form.as_ref().and_then(|form| asked(form, path).map(|q| q.masked));
        match (question(&form), question(&form_before)) {
            (None, None) => Mask::All.show(text, eyes),
            (one, other) => match one.flatten().or(other.flatten()) {
                Some(mask) => mask.show(text, eyes),
                None => text.to_owned(),
            },
        }
    };
    let text = |path: &Path, given: &Option<Given>| -> Value {
        match given {
            None => Value::Null,
            Some(Given::State(state)) => json!({"state": state.code()}),
            Some(Given::Value(text)) => json!(shown(path, text)),
        }
    };
    if desk.json {
        let rows: Vec<Value> = found
            .iter()
            .map(|d| json!({"question": d.path.as_str(), "before": text(&d.path, &d.before), "after": text(&d.path, &d.after)}))
            .collect();
        print::json(&json!({
            "dossier": status.number,
            "earlier": {"version": earlier.version, "date": earlier.on.to_string()},
            "later": {"version": later.version, "date": later.on.to_string()},
            "differences": rows,
        }));
    } else {
        print::line(&format!("{}  {} {} → {} {}", status.number, earlier.version, earlier.on, later.version, later.on));
        for d in &found {
            let label = form.as_ref().map_or_else(|| d.path.to_string(), |f| label(desk, f, &d.path));
            let side = |given: &Option<Given>| match given {
                None => "-".to_owned(),
                Some(Given::State(state)) => desk.word(&format!("state.{}", state.code())),
                Some(Given::Value(value)) => lang::clean(&shown(&d.path, value)),
            };
            print::line(&format!("{}  - {}  + {}", lang::pad(&label, 34), side(&d.before), side(&d.after)));
        }
        if found.is_empty() {
            print::line(&desk.word("cli.diff.same"));
        }
    }
    Ok(ExitCode::SUCCESS)
    })
}

/// The question that stands at a path.
fn asked<'f>(form: &'f Form, path: &Path) -> Option<&'f Question> {
    form.by_name.get(path.name())?.iter().find_map(|id| form.question(*id))
}

fn label(desk: &Desk, form: &Form, path: &Path) -> String {
    let language = form.language_index(desk.lang.code()).unwrap_or(form.language);
    let node = form.by_name.get(path.name()).and_then(|ids| ids.first());
    let label = node.map(|id| form.node(*id).label.get(language).to_owned()).unwrap_or_default();
    let row: Vec<String> = path.segments().filter_map(|(_, index)| index.map(|i| format!("[{i}]"))).collect();
    let label = if label.is_empty() { path.name().to_owned() } else { label };
    format!("{}{}", lang::clean(&label), row.concat())
}
