//! Form scripts and answers files (JSON) → steps; a draft's state → nodes, one to every group, roster, row, question.
//!
//! A script is `{"steps": [...]}` or the bare list; each step one of `{"set": PATH, "value": TEXT}`, `{"add": PATH}`,
//! `{"insert": "PATH[i]"}`, `{"remove": "PATH[i]"}`, `{"state": PATH, "is": "refused"}`, `{"confirm": PATH}`,
//! `{"pass": PATH, "why": TEXT}`, `{"note": PATH, "text": TEXT}`, `{"cursor": PATH}`; of who leaves and who comes
//! `{"leave": "PATH[i]", "since": DAY, "why": CODE, "text": TEXT}`, `{"join": …}` alike, and `{"stay": PATH, "number": n}`; of rows added
//! as one `{"block": PATH, "rows": [{NAME: TEXT, …}, …]}`.

use super::draft::{At, Draft, RowId};
use super::model::*;
use super::problem::{Problem, What};
use crate::domain::json::NotJson;
use crate::domain::{Day, Explain, MemberMove, Message, Path, State, Step};
use serde_json::{Map, Value, json};

/// The largest script taken, in bytes.
pub const SCRIPT_MAX: usize = 16 << 20;
/// Lists of choices longer than this are told by their number and ends.
const CHOICES_SHOWN: usize = 60;

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAScript {
    /// No JSON; line and column, from 1.
    NotJson {
        line: usize,
        column: usize,
    },
    /// A name that stands twice in one object.
    Twice(NotJson),
    /// Beside what a step does stands what it does not take.
    Stray {
        number: usize,
        step: String,
        name: String,
    },
    /// JSON without a list of steps.
    NoSteps,
    TooLarge,
    /// A step that is none; its number, from 1.
    NotAStep {
        number: usize,
    },
    /// Beside what the step does stands not what it wants.
    Wants {
        number: usize,
        step: &'static str,
        wants: &'static str,
    },
    /// `is` names no state.
    NotAState {
        number: usize,
        word: String,
    },
}

impl Explain for NotAScript {
    fn explain(&self) -> Message {
        match self {
            NotAScript::NotJson { line, column } => {
                Message::new("form.script_not_json").with("line", *line).with("column", *column)
            }
            NotAScript::Twice(why) => why.explain(),
            NotAScript::Stray { number, step, name } => Message::new("form.script_stray")
                .with("number", *number)
                .with("step", step.as_str())
                .with("name", name.chars().take(40).collect::<String>()),
            NotAScript::NoSteps => Message::new("form.script_no_steps"),
            NotAScript::TooLarge => Message::new("form.script_too_large").with("limit", SCRIPT_MAX),
            NotAScript::NotAStep { number } => Message::new("form.script_not_a_step").with("number", *number),
            NotAScript::Wants { number, step, wants } => {
                Message::new("form.script_wants").with("number", *number).with("step", *step).with("wants", *wants)
            }
            NotAScript::NotAState { number, word } => {
                Message::new("form.script_not_a_state").with("number", *number).with("word", word.clone())
            }
        }
    }
}

/// Reads a script, or says everything that is wrong with it.
pub fn steps(text: &str) -> Result<Vec<Step>, Vec<NotAScript>> {
    if text.len() > SCRIPT_MAX {
        return Err(vec![NotAScript::TooLarge]);
    }
    let value: Value = crate::domain::json::read(text).map_err(|why| match why {
        NotJson::Broken { line, column } => vec![NotAScript::NotJson { line, column }],
        twice => vec![NotAScript::Twice(twice)],
    })?;
    let list = value.as_array().or_else(|| value.get("steps").and_then(Value::as_array));
    let Some(list) = list else { return Err(vec![NotAScript::NoSteps]) };
    let mut steps = Vec::with_capacity(list.len());
    let mut wrong = Vec::new();
    for (i, value) in list.iter().enumerate() {
        if let Some(stray) = stray(value, i + 1) {
            wrong.push(stray);
            continue;
        }
        match step(value, i + 1) {
            Ok(step) => steps.push(step),
            Err(why) => wrong.push(why),
        }
    }
    if wrong.is_empty() { Ok(steps) } else { Err(wrong) }
}

/// What a step wants beside the place it names.
const WANTS: [(&str, &str); 10] = [
    ("set", "\"value\": text, number, null"),
    ("state", "\"is\": text"),
    ("pass", "\"why\": text"),
    ("note", "\"text\": text"),
    ("mode", "\"heads_down\": true, false"),
    ("language", "\"name\": text"),
    ("stay", "\"number\": number"),
    ("leave", "\"why\": text, \"since\": day"),
    ("join", "\"why\": text, \"since\": day"),
    ("block", "\"rows\": objects of texts"),
];

/// What may stand beside the word that says what a step does.
const TAKES: [(&str, &[&str]); 17] = [
    ("set", &["value"]),
    ("state", &["is"]),
    ("pass", &["why"]),
    ("note", &["text"]),
    ("mode", &["heads_down"]),
    ("language", &["name"]),
    ("stay", &["number"]),
    ("block", &["rows"]),
    ("leave", &["since", "why", "text"]),
    ("join", &["since", "why", "text"]),
    ("add", &[]),
    ("insert", &[]),
    ("remove", &[]),
    ("confirm", &[]),
    ("cursor", &[]),
    ("undo", &[]),
    ("redo", &[]),
];

/// A word in a step that means nothing there: a reason or a remark that nobody would find again.
fn stray(value: &Value, number: usize) -> Option<NotAScript> {
    let (step, takes) = TAKES.iter().find(|(step, _)| value.get(*step).is_some_and(Value::is_string))?;
    let known = |name: &str| name == *step || takes.contains(&name);
    let name = value.as_object()?.keys().find(|name| !known(name))?.clone();
    Some(NotAScript::Stray { number, step: (*step).to_owned(), name })
}

fn step(value: &Value, number: usize) -> Result<Step, NotAScript> {
    let known = WANTS.iter().find(|(step, _)| value.get(*step).is_some_and(Value::is_string));
    let not = || match known {
        Some((step, wants)) => NotAScript::Wants { number, step, wants },
        None => NotAScript::NotAStep { number },
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let path = |key: &str| text(key).map(Path);
    if let Some(path) = path("set") {
        let value = match value.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(n)) => n.to_string(),
            Some(Value::Null) => String::new(),
            _ => return Err(not()),
        };
        return Ok(Step::Set { path, value });
    }
    if let Some(path) = path("state") {
        let word = text("is").ok_or_else(not)?;
        let is = State::from_code(&word).ok_or(NotAScript::NotAState { number, word })?;
        return Ok(Step::State { path, is });
    }
    if let Some(path) = path("pass") {
        return Ok(Step::Pass { path, why: text("why").ok_or_else(not)? });
    }
    if let Some(path) = path("note") {
        return Ok(Step::Note { path, text: text("text").ok_or_else(not)? });
    }
    if let Some(path) = path("mode") {
        let heads_down = value.get("heads_down").and_then(Value::as_bool).ok_or_else(not)?;
        return Ok(Step::Mode { path, heads_down });
    }
    if let Some(path) = path("language") {
        return Ok(Step::Language { path, name: text("name").ok_or_else(not)? });
    }
    for (key, make) in MOVES {
        if let Some(path) = path(key) {
            let since = match text("since") {
                Some(typed) => Some(Day::from_typed(&typed).ok_or_else(not)?),
                None => None,
            };
            let why = text("why").ok_or_else(not)?;
            return Ok(make(path, MemberMove { since, why, text: text("text").unwrap_or_default() }));
        }
    }
    if let Some(path) = path("stay") {
        let number = value.get("number").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        return Ok(Step::Stay { path, number: number.ok_or_else(not)? });
    }
    if let Some(path) = path("block") {
        let row = |row: &Value| -> Option<Vec<(String, String)>> {
            let cell = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
            row.as_object()?.iter().map(cell).collect()
        };
        let rows = value.get("rows").and_then(Value::as_array);
        let rows = rows.and_then(|rows| rows.iter().map(row).collect::<Option<Vec<_>>>());
        return Ok(Step::Block { path, rows: rows.ok_or_else(not)? });
    }
    type Make = fn(Path) -> Step;
    let plain: [(&str, Make); 7] = [
        ("add", |path| Step::Add { path }),
        ("insert", |path| Step::Insert { path }),
        ("remove", |path| Step::Remove { path }),
        ("confirm", |path| Step::Confirm { path }),
        ("cursor", |path| Step::Cursor { path }),
        ("undo", |path| Step::Undo { path }),
        ("redo", |path| Step::Redo { path }),
    ];
    plain.into_iter().find_map(|(key, make)| path(key).map(make)).ok_or_else(not)
}

type MakeMove = fn(Path, MemberMove) -> Step;
/// Who leaves and who comes.
const MOVES: [(&str, MakeMove); 2] =
    [("leave", |path, said| Step::Leave { path, said }), ("join", |path, said| Step::Join { path, said })];

fn moved(key: &str, path: &Path, said: &MemberMove) -> Value {
    let mut step = json!({key: path.0, "why": said.why});
    if let Some(since) = said.since {
        step["since"] = json!(since.to_string());
    }
    if !said.text.is_empty() {
        step["text"] = json!(said.text);
    }
    step
}

/// The steps as a script: what [`steps`] reads back.
pub fn script(steps: &[Step]) -> Value {
    let list: Vec<Value> = steps
        .iter()
        .map(|step| match step {
            Step::Set { path, value } => json!({"set": path.0, "value": value}),
            Step::Add { path } => json!({"add": path.0}),
            Step::Insert { path } => json!({"insert": path.0}),
            Step::Remove { path } => json!({"remove": path.0}),
            Step::State { path, is } => json!({"state": path.0, "is": is.code()}),
            Step::Confirm { path } => json!({"confirm": path.0}),
            Step::Pass { path, why } => json!({"pass": path.0, "why": why}),
            Step::Note { path, text } => json!({"note": path.0, "text": text}),
            Step::Cursor { path } => json!({"cursor": path.0}),
            Step::Undo { path } => json!({"undo": path.0}),
            Step::Redo { path } => json!({"redo": path.0}),
            Step::Mode { path, heads_down } => json!({"mode": path.0, "heads_down": heads_down}),
            Step::Language { path, name } => json!({"language": path.0, "name": name}),
            Step::Leave { path, said } => moved("leave", path, said),
            Step::Join { path, said } => moved("join", path, said),
            Step::Stay { path, number } => json!({"stay": path.0, "number": number}),
            Step::Block { path, rows } => {
                let row = |row: &Vec<(String, String)>| {
                    Value::Object(row.iter().map(|(name, value)| (name.clone(), json!(value))).collect())
                };
                json!({"block": path.0, "rows": rows.iter().map(row).collect::<Vec<_>>()})
            }
        })
        .collect();
    json!({ "steps": list })
}

/// The state of a draft in the documented node format, in form order.
pub fn nodes(draft: &Draft) -> Vec<Value> {
    let mut out = Vec::new();
    walk(draft, None, RowId::ROOT, &mut out);
    if let Some(text) = draft.instance_name() {
        out.push(
            json!({"path": "meta/instanceName", "kind": "hidden", "relevant": true, "type": "string", "value": text}),
        );
    }
    out
}

fn walk(draft: &Draft, parent: Option<NodeId>, row: RowId, out: &mut Vec<Value>) {
    let form = draft.form().clone();
    for id in form.children(parent) {
        let at = At { row, node: id };
        let node = form.node(id);
        if node.invented || node.flat {
            match node.kind {
                ElementKind::Question(_) => {}
                ElementKind::Group => walk(draft, Some(id), row, out),
                ElementKind::Repeat { .. } => {
                    draft.rows_of(at).into_iter().for_each(|row| walk(draft, Some(id), row, out))
                }
            }
            continue;
        }
        let path = draft.path(at).0;
        match &node.kind {
            ElementKind::Group => {
                let mut line = start(&path, "group", draft.relevant(at));
                label(draft, at, draft.relevant(at), &mut line);
                out.push(Value::Object(line));
                walk(draft, Some(id), row, out);
            }
            ElementKind::Repeat { count, .. } => {
                let rows = draft.rows_of(at);
                let mut line = start(&path, "repeat", draft.relevant(at));
                line.insert("count".to_owned(), json!(rows.len()));
                if count.is_some() {
                    line.insert("controlled".to_owned(), json!(true));
                }
                let first = rows.first().map_or(at, |row| At { row: *row, node: id });
                label(draft, first, draft.relevant(at), &mut line);
                out.push(Value::Object(line));
                for &inner in &rows {
                    let here = At { row: inner, node: id };
                    let mut line = start(&draft.path(here).0, "instance", draft.relevant(here));
                    // The label is the roster's, as the other engines have it: filled in from its first row.
                    label(draft, At { row: rows[0], node: id }, draft.relevant(here), &mut line);
                    out.push(Value::Object(line));
                    walk(draft, Some(id), inner, out);
                }
            }
            ElementKind::Question(question) => out.push(Value::Object(line(draft, at, question, &path))),
        }
    }
}

fn start(path: &str, kind: &str, relevant: bool) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("path".to_owned(), json!(path));
    line.insert("kind".to_owned(), json!(kind));
    line.insert("relevant".to_owned(), json!(relevant));
    line
}

fn line(draft: &Draft, at: At, question: &Question, path: &str) -> Map<String, Value> {
    let relevant = draft.relevant(at);
    let kind = kind_word(question);
    let mut line = start(path, kind, relevant);
    line.insert("type".to_owned(), json!(type_word(question)));
    line.insert("value".to_owned(), json!(draft.value(at)));
    let (required, read_only) = draft.is_required_read_only(at);
    if required {
        line.insert("required".to_owned(), json!(true));
    }
    if read_only && !matches!(kind, "note" | "hidden") {
        line.insert("readonly".to_owned(), json!(true));
    }
    if relevant {
        if let Some((word, message)) = violation(draft, at) {
            line.insert("violation".to_owned(), json!(word));
            if !message.is_empty() {
                line.insert("message".to_owned(), json!(message));
            }
        }
        if question.list.is_some() && question.choice_filter.is_some() && !question.external {
            let names: Vec<&str> = draft.offers(at).iter().map(|o| o.name).collect();
            let shown = if names.len() > CHOICES_SHOWN {
                json!({"n": names.len(), "first": names.first(), "last": names.last()})
            } else {
                json!(names)
            };
            line.insert("choices".to_owned(), shown);
        }
    }
    // What is never shown has no label.
    if question.control != Control::Hidden {
        label(draft, at, relevant, &mut line);
    }
    line
}

/// What stands where a label is missing in the language of the draft while others have one. (The screens show the first
/// that there is.)
const NOT_TRANSLATED: &str = "-";

fn label(draft: &Draft, at: At, relevant: bool, line: &mut Map<String, Value>) {
    if draft.label_has_references(at) && relevant {
        let translated = draft.form().node(at.node).label.has(draft.language());
        let said = if translated { draft.label(at) } else { NOT_TRANSLATED.to_owned() };
        line.insert("label".to_owned(), json!(said.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
}

/// The other engines' two words; a failing check goes before a missing answer.
fn violation(draft: &Draft, at: At) -> Option<(&'static str, String)> {
    let problems = draft.problems_at(at);
    let of = |want: fn(&What) -> bool| problems.iter().find(|Problem { what, .. }| want(what));
    if let Some(problem) = of(|w| matches!(w, What::CheckFails { .. } | What::NotRead(_))) {
        let message = match &problem.what {
            What::CheckFails { message, .. } => message.clone(),
            _ => String::new(),
        };
        return Some(("constraint", message));
    }
    match of(|w| matches!(w, What::RequiredMissing { .. })).map(|p| &p.what) {
        Some(What::RequiredMissing { message }) => Some(("required", message.clone())),
        _ => None,
    }
}

fn kind_word(question: &Question) -> &'static str {
    match question.control {
        Control::Select if question.external => "input",
        // The other engines call any field note that nobody can ever change.
        Control::Input if question.read_only.as_ref().is_some_and(|s| s.text == "true()") => "note",
        Control::Input => "input",
        Control::Select => "select",
        Control::Rank => "rank",
        Control::Range => "range",
        Control::Acknowledge => "trigger",
        Control::Upload => "upload",
        Control::Note => "note",
        Control::Hidden => "hidden",
    }
}

fn type_word(question: &Question) -> &'static str {
    if let Some(bind) = &question.bind_type {
        match bind.as_str() {
            "int" | "integer" => return "int",
            "decimal" => return "decimal",
            "date" => return "date",
            "dateTime" => return "dateTime",
            "time" => return "time",
            "boolean" => return "boolean",
            "geopoint" => return "geopoint",
            _ => {}
        }
    }
    match question.value {
        ValueType::Integer => "int",
        ValueType::Decimal | ValueType::Money => "decimal",
        ValueType::Date => "date",
        ValueType::Time => "time",
        ValueType::DateTime => "dateTime",
        ValueType::Point => "geopoint",
        ValueType::Line => "geotrace",
        ValueType::Area => "geoshape",
        ValueType::Barcode => "barcode",
        ValueType::File => "binary",
        _ => "string",
    }
}
