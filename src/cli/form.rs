//! `form check` and `form run`. Need no store.

use super::args::{Form, FormCommand};
use super::desk::Desk;
use super::{print, script};
use crate::command::Failure;
use crate::domain::{Day, Explain, Message, Stamp};
use crate::expr::Truth;
use crate::form::{At, Book, Draft, Problem, Reason, Supply, Weight, run};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

pub fn start(desk: &Desk, form: &Form) -> Result<ExitCode, Failure> {
    match &form.what {
        FormCommand::Check { file } => check(desk, file),
        FormCommand::Run { file, script } => run_script(desk, file, script),
        FormCommand::Why { file, script, path } => why(desk, file, script, path),
    }
}

fn check(desk: &Desk, file: &Path) -> Result<ExitCode, Failure> {
    let loaded = desk.library().check_form(&Book::from_path(file)?)?;
    if desk.json {
        let problems: Vec<Value> = loaded
            .problems
            .iter()
            .map(|p| {
                json!({"sheet": p.place.sheet, "row": p.place.row, "column": p.place.column,
                       "weight": weight(p.weight),
                       "what": desk.say(&p.what), "nearest": p.nearest,
                       "text": p.text.as_ref().map(|(t, _)| t), "span": p.text.as_ref().map(|(_, s)| [s.start, s.end])})
            })
            .collect();
        print::json(&json!({"form": loaded.form.id, "usable": loaded.usable(), "problems": problems}));
    } else {
        for problem in &loaded.problems {
            print::line(&desk.say(&problem.explain()));
            if let Some((text, carets)) = problem.caret_lines() {
                print::line(&format!("    {text}"));
                print::line(&format!("    {carets}"));
            }
        }
        let said = Message::new("cli.form.checked")
            .with("form", loaded.form.id.as_str())
            .with("errors", loaded.errors().count())
            .with("warnings", loaded.problems.len() - loaded.errors().count());
        print::line(&desk.say(&said));
    }
    Ok(if loaded.errors().next().is_none() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Warning => "warning",
        Weight::Broken => "broken",
        Weight::Error => "error",
    }
}

/// Prints the state after the script, one node a line: `{"form", …}` first, then every group, roster, row and question.
/// The script's own `now` counts, in UTC, so that a run can be repeated; without one it is the machine's.
fn run_script(desk: &Desk, file: &Path, script_file: &Path) -> Result<ExitCode, Failure> {
    let (draft, problems) = after_script(desk, file, script_file)?;
    let failed: Vec<String> = problems.iter().map(|p| desk.say(&p.explain())).collect();
    print::line(&json!({"form": draft.form().id, "failed": failed}).to_string());
    for node in run::nodes(&draft) {
        print::line(&node.to_string());
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The reasons of one place, outermost first.
fn why(desk: &Desk, file: &Path, script_file: &Path, path: &str) -> Result<ExitCode, Failure> {
    let (mut draft, _) = after_script(desk, file, script_file)?;
    if let Some(language) = draft.form().language_index(desk.lang.code()) {
        draft.speak(language);
    }
    let path = crate::domain::Path::new(path);
    let at = draft.at(&path).ok_or_else(|| Failure::NoSuchQuestion { path: path.0.clone() })?;
    let reasons = draft.reasons(at);
    if desk.json {
        let operand = |(operand, place): (&crate::expr::Operand, &Option<At>)| {
            json!({"written": operand.written, "value": operand.text, "path": place.map(|at| draft.path(at).0)})
        };
        let reason = |r: &Reason| {
            json!({"about": r.ask.code(), "path": draft.path(r.at).0, "expression": r.source, "filled": r.why.filled,
                   "value": r.why.text, "holds": r.why.truth == Truth::Yes,
                   "operands": r.why.operands.iter().zip(&r.places).map(operand).collect::<Vec<_>>()})
        };
        print::json(&Value::Array(reasons.iter().map(reason).collect()));
        return Ok(ExitCode::SUCCESS);
    }
    if reasons.is_empty() {
        print::line(&desk.say(&Message::new("cli.form.why_nothing")));
    }
    for reason in &reasons {
        print::line(&format!("{}: {}", draft.path(reason.at), desk.say(&reason.explain())));
        print::line(&format!("    {}", reason.source));
        if reason.why.filled != reason.source {
            print::line(&format!("    → {}", reason.why.filled));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn after_script(desk: &Desk, file: &Path, script_file: &Path) -> Result<(Draft, Vec<Problem>), Failure> {
    let form = desk.library().form_from(file)?;
    let text = script::read_text(script_file)?;
    let steps = run::steps(&text).map_err(Failure::Script)?;
    let now = desk.now();
    let named = serde_json::from_str::<Value>(&text).ok();
    let named = named.as_ref().and_then(|v| v.get("now")).and_then(Value::as_str);
    let supply = match named.and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok()) {
        Some(at) => {
            let mut supply = Supply::on(Stamp(at.timestamp_millis()), Day::from(at.date_naive()));
            supply.zone_ms = 0;
            supply
        }
        None => Supply::on(now.at, now.today),
    };
    Ok(Draft::from_steps(form, supply, &steps))
}
