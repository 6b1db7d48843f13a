//! `form check` and `form run`. Need no store.

use super::args::{Form, FormCommand};
use super::desk::Desk;
use super::{print, script};
use crate::command::Failure;
use crate::domain::{Explain, Message, Stamp};
use crate::form::{Book, Supply, run};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub fn run(desk: &Desk, form: &Form) -> Result<ExitCode, Failure> {
    match &form.what {
        FormCommand::Check { file } => check(desk, file),
        FormCommand::Run { file, script } => run_script(desk, file, script),
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
                       "weight": if p.weight == crate::form::Weight::Error { "error" } else { "warning" },
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
    Ok(if loaded.usable() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Prints the state after the script, in the format that form corpora are kept in: one node a line.
fn run_script(desk: &Desk, file: &Path, script_file: &Path) -> Result<ExitCode, Failure> {
    let form: Arc<crate::form::Form> = desk.library().form_from(file)?;
    let text = script::read_text(script_file)?;
    let steps = form::run::steps(&text).map_err(Failure::Script)?;
    let now = desk.now();
    let at = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|v| v.get("now").and_then(Value::as_str).and_then(run::stamp_of))
        .unwrap_or(now.at);
    let mut supply = Supply::on(at, if at == now.at { now.today } else { utc_day(at) });
    supply.zone_ms = 0;
    print::line(&run::run(form, supply, &steps));
    Ok(ExitCode::SUCCESS)
}

fn utc_day(at: Stamp) -> crate::domain::Day {
    crate::domain::Day(i32::try_from(at.0.div_euclid(86_400_000)).unwrap_or(0))
}
