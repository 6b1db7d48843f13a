//! `form check`, `form run`, `form why` need no store; `form add`, `form list`, `form export` are about the store's forms.

use super::args::{Form, FormCommand};
use super::context::{Context, How};
use super::script;
use crate::command::outputs::Standing;
use crate::command::{Failure, Office};
use crate::domain::{Day, Explain, Message, Stamp, encoding};
use crate::expr::Truth;
use crate::form::{At, Book, Draft, Reason, RefusedStep, Supply, Weight, run};
use crate::lang;
use crate::present::place;
use crate::store::disk::create_private_folder;
use crate::views::FormRow;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub fn start(context: &Context, form: &Form) -> Result<ExitCode, Failure> {
    match &form.what {
        FormCommand::Check { file } => check(context, file),
        FormCommand::Run { file, script, property } => run_script(context, file, script, property),
        FormCommand::Why { file, script, path } => why(context, file, script, path),
        FormCommand::Add { file } => context.in_office(How::default(), |office| add(context, office, file)),
        FormCommand::List => context.in_office(How::default(), |office| list(context, office)),
        FormCommand::Export { id, version, to } => {
            context.in_office(How::default(), |office| export(context, office, id, version.as_deref(), to))
        }
    }
}

/// Takes a file's form into the store; called after the file where it has no id of its own.
pub fn add_to(context: &Context, office: &Office, file: &Path) -> Result<Arc<crate::form::Form>, Failure> {
    office.add_form(&book(context, file)?, &name_of(file), context.now())
}

/// A form's file; which encoding was guessed is said beside it.
fn book(context: &Context, file: &Path) -> Result<Book, Failure> {
    let book = Book::from_path_in(file, context.encoding.as_deref())?;
    book.guessed().iter().for_each(|said| context.terminal.error(&context.say(said)));
    Ok(book)
}

/// What a form without an id is called: its file, or its folder.
fn name_of(file: &Path) -> String {
    let named = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    named(file).or_else(|| named(&file.canonicalize().ok()?)).unwrap_or_default()
}

fn add(context: &Context, office: &Office, file: &Path) -> Result<ExitCode, Failure> {
    let form = add_to(context, office, file)?;
    if context.json {
        context
            .terminal
            .json(&json!({"form": form.id, "version": form.version, "title": form.title, "broken": form.broken}));
    } else {
        let said = Message::new("cli.form.added").with("form", form.id.as_str()).with("version", form.version.as_str());
        context.terminal.line(&context.say(&said));
        if form.broken > 0 {
            context.terminal.error(&context.say(&Message::new("cli.form.broken").with("count", form.broken)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(context: &Context, office: &Office) -> Result<ExitCode, Failure> {
    let forms = office.forms()?;
    if context.json {
        let line = |row: &FormRow| {
            json!({"form": row.form, "version": row.version, "title": row.title, "added": row.at.local(),
                   "record": row.entry.hex()})
        };
        context.terminal.json(&Value::Array(forms.iter().map(line).collect()));
        return Ok(ExitCode::SUCCESS);
    }
    for row in &forms {
        let [form, version, title] = [&row.form, &row.version, &row.title].map(|text| lang::clean(text));
        context.terminal.line(&format!(
            "{}  {}  {}  {title}",
            lang::pad(&form, 24),
            lang::pad(&version, 12),
            row.at.local()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes one version's files into a folder that is new or empty: the latest, unless one is named.
fn export(context: &Context, office: &Office, id: &str, version: Option<&str>, to: &Path) -> Result<ExitCode, Failure> {
    let forms = office.forms()?;
    let wanted = |row: &&FormRow| row.form == id && version.is_none_or(|version| row.version == version);
    let row = forms.iter().rfind(wanted).ok_or_else(|| Failure::NoSuchForm { asked: id.to_owned() })?;
    let failed = |why: String| Failure::Folder { folder: to.display().to_string(), why };
    super::export::new_or_empty(context, to)?;
    create_private_folder(to).map_err(|e| failed(e.to_string()))?;
    for (name, text) in office.form_files(row)? {
        // The name of a sheet is somebody else's text.
        let name: String =
            name.chars().map(|c| if c.is_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
        // With the mark, since a person will open it in a spreadsheet.
        let text = format!("{}{text}", encoding::MARK);
        context.file(&to.join(name.trim_start_matches('.')), text.as_bytes(), Standing::Stays)?;
    }
    let said = Message::new("cli.form.exported").with("form", row.form.as_str()).with("version", row.version.as_str());
    context.terminal.line(&context.say(&said.with("folder", to.display().to_string())));
    Ok(ExitCode::SUCCESS)
}

fn check(context: &Context, file: &Path) -> Result<ExitCode, Failure> {
    let loaded = context.library().check_form(&Book::from_path_in(file, context.encoding.as_deref())?)?;
    let id = id_of(&loaded.form, file);
    if context.json {
        let problems: Vec<Value> = loaded
            .problems
            .iter()
            .map(|p| {
                json!({"sheet": p.place.sheet, "row": p.place.row, "column": p.place.column,
                       "weight": weight(p.weight),
                       "what": context.say(&p.what), "nearest": p.nearest,
                       "text": p.text.as_ref().map(|(t, _)| t), "span": p.text.as_ref().map(|(_, s)| [s.start, s.end])})
            })
            .collect();
        context.terminal.json(&json!({"form": id, "usable": loaded.usable(), "problems": problems}));
    } else {
        for problem in &loaded.problems {
            context.terminal.line(&context.say(&problem.explain()));
            if let Some((text, carets)) = problem.caret_lines() {
                context.terminal.line(&format!("    {text}"));
                context.terminal.line(&format!("    {carets}"));
            }
        }
        let said = Message::new("cli.form.checked")
            .with("form", id.as_str())
            .with("errors", loaded.errors().count())
            .with("warnings", loaded.problems.len() - loaded.errors().count());
        context.terminal.line(&context.say(&said));
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

fn id_of(form: &crate::form::Form, file: &Path) -> String {
    if form.id.is_empty() { name_of(file) } else { form.id.clone() }
}

/// Prints the state after the script, one node a line: `{"form", …}` first, then every group, roster, row and question.
/// With `--json` it is one document, `{"form", "failed", "nodes": […]}`, in which each node still has a line for itself.
/// The script's own `now` counts, in UTC, so that a run can be repeated; without one it is the machine's.
fn run_script(context: &Context, file: &Path, script_file: &Path, properties: &[String]) -> Result<ExitCode, Failure> {
    let (draft, problems) = after_script(context, file, script_file, properties)?;
    // Whoever wrote the script has no screen on which the question stands above what is said of it.
    let said = |step: &RefusedStep| {
        let (problem, colon) = (&step.problem, context.lang().colon());
        let step = context.say(&Message::new("cli.form.step").with("number", step.number));
        format!("{step}{colon}{}{colon}{}", problem.path.0, context.say(&problem.explain()))
    };
    let failed: Vec<String> = problems.iter().map(said).collect();
    let id = id_of(draft.form(), file);
    let nodes = run::nodes(&draft);
    if context.json {
        context.terminal.line(&format!("{{\n\"form\": {},\n\"failed\": {},\n\"nodes\": [", json!(id), json!(failed)));
        for (at, node) in nodes.iter().enumerate() {
            if at > 0 {
                context.terminal.line(",");
            }
            context.terminal.line(&node.to_string());
        }
        context.terminal.line("]\n}");
    } else {
        context.terminal.line(&json!({"form": id, "failed": failed}).to_string());
        nodes.iter().for_each(|node| context.terminal.line(&node.to_string()));
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The reasons of one place, outermost first.
fn why(context: &Context, file: &Path, script_file: &Path, path: &str) -> Result<ExitCode, Failure> {
    let (mut draft, _) = after_script(context, file, script_file, &[])?;
    if let Some(language) = draft.form().language_index(context.lang().code()) {
        draft.speak(language);
    }
    let path = crate::domain::Path::new(path);
    let at = draft.at(&path).ok_or_else(|| Failure::NoSuchQuestion { path: path.0.clone() })?;
    let reasons = draft.reasons(at);
    if context.json {
        let operand = |(operand, place): (&crate::expr::Operand, &Option<At>)| json!({"written": operand.written, "value": operand.text, "path": place.map(|at| draft.path(at).0)});
        let reason = |r: &Reason| {
            json!({"about": r.ask.code(), "path": draft.path(r.at).0, "expression": r.source, "filled": r.why.filled,
                   "value": r.why.text, "holds": r.why.truth == Truth::Yes,
                   "operands": r.why.operands.iter().zip(&r.places).map(operand).collect::<Vec<_>>()})
        };
        context.terminal.json(&Value::Array(reasons.iter().map(reason).collect()));
        return Ok(ExitCode::SUCCESS);
    }
    if reasons.is_empty() {
        context.terminal.line(&context.say(&Message::new("cli.form.why_nothing")));
    }
    // A person reads places by the words of the form; what stands in an expression is its author's.
    let called = |at| place::called(&draft, at, context.lang());
    for reason in &reasons {
        let (asked, colon) = (called(reason.at), context.lang().colon());
        context.terminal.line(&format!("{asked}{colon}{}", context.say(&reason.explain())));
        context.terminal.line(&format!("    {}", reason.source));
        if reason.why.filled != reason.source {
            context.terminal.line(&format!("    → {}", reason.why.filled));
        }
        let operands = reason.why.operands.iter().zip(&reason.places);
        let mut read: Vec<At> = Vec::new();
        for (operand, at) in operands.filter_map(|(operand, at)| Some((operand, (*at)?))) {
            if !read.contains(&at) {
                read.push(at);
                let value = operand.text.as_deref().filter(|text| !text.is_empty());
                let value = value.map_or_else(|| context.word("tui.survey.why_empty"), lang::clean);
                context.terminal.line(&format!("    · {} = {value}", called(at)));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn after_script(
    context: &Context,
    file: &Path,
    script_file: &Path,
    properties: &[String],
) -> Result<(Draft, Vec<RefusedStep>), Failure> {
    let book = book(context, file)?;
    let form = context.library().form_of_book(&book)?;
    let text = script::read_json(context, script_file)?;
    let steps = run::steps(&text).map_err(Failure::Script)?;
    let now = context.now();
    let named = serde_json::from_str::<Value>(&text).ok();
    let named = named.as_ref().and_then(|v| v.get("now")).and_then(Value::as_str);
    let mut supply = match named.and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok()) {
        Some(at) => {
            let mut supply = Supply::on(Stamp(at.timestamp_millis()), Day::from(at.date_naive()));
            supply.zone_ms = 0;
            supply
        }
        None => Supply::on(now.at, now.today),
    };
    let mut given = Vec::new();
    for property in properties {
        let parts = property.split_once('=').filter(|(name, _)| !name.trim().is_empty());
        let (name, value) = parts.ok_or_else(|| Failure::NotAProperty { text: property.clone() })?;
        let name = name.trim();
        if given.iter().any(|other: &&str| other.eq_ignore_ascii_case(name)) {
            return Err(Failure::PropertyTwice { name: name.to_owned() });
        }
        given.push(name);
        if !is_read(&book, name) {
            context.terminal.error(&context.say(&Message::new("cli.form.property_unasked").with("name", name)));
        }
        supply.set_property(name, value);
    }
    Ok(Draft::from_steps(form, supply, &steps))
}

/// Whether a form may read a property: those that its metadata types have, or one that stands in a `property('…')` of it.
fn is_read(book: &Book, name: &str) -> bool {
    let known = ["deviceid", "username", "email", "phonenumber", "simserial", "subscriberid"];
    let mut cells = book.sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.cells);
    known.contains(&name.to_lowercase().as_str())
        || (name != "version" && cells.any(|cell| cell.contains("property(") && cell.contains(name)))
}
