//! `export`: whole surveys for those who study them, as JSON lines or as csv tables with a codebook.

use super::args::Export;
use super::context::{Context, How};
use crate::command::export::{Exported, ExportedForm, ExportedSurvey};
use crate::command::outputs::{NotWritten, Standing};
use crate::command::roll::RollQuery;
use crate::command::{Failure, Office};
use crate::domain::{Day, Message, encoding};
use crate::form::Form;
use crate::lang::Lang;
use crate::store::disk::create_private_folder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

pub fn run(context: &Context, asked: &Export) -> Result<ExitCode, Failure> {
    let as_of = match asked.as_of.as_deref().map(|text| context.day(text)).transpose() {
        Ok(day) => day,
        Err(code) => return Ok(code),
    };
    let mut query = RollQuery { as_of, ..RollQuery::default() };
    asked.asked.add_to(&mut query);
    context.in_office(How::default(), |office| {
        let now = context.now();
        // Before it is recorded as gone out.
        asked.jsonl.iter().try_for_each(|file| context.may_write(file, Standing::when(asked.replace)))?;
        if let Some(folder) = &asked.csv {
            new_or_empty(context, folder)?;
        }
        let of = office.begin_export(&query, asked.asked.form.as_deref(), now)?;
        let (file, surveys) = match (&asked.jsonl, &asked.csv) {
            (Some(file), _) => (file, lines(context, office, &of, (file, Standing::when(asked.replace)))?),
            (_, Some(folder)) => (folder, tables(context, office, &of, folder, now)?),
            (None, None) => return Ok(ExitCode::from(2)),
        };
        if file.as_os_str() != "-" {
            let said = Message::new("export.written").with("file", file.to_string_lossy().into_owned());
            context
                .terminal
                .error(&context.say(&said.with("surveys", surveys).with("households", of.taken.households)));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A folder that files are to go into: it is new or empty, and does not lie in the data folder.
pub fn new_or_empty(context: &Context, folder: &Path) -> Result<(), Failure> {
    match context.may_write(folder, Standing::Stays) {
        Err(Failure::Output(NotWritten::Exists { path })) => match std::fs::read_dir(folder) {
            Ok(mut entries) => match entries.next() {
                None => Ok(()),
                Some(_) => Err(Failure::Folder { folder: path, why: context.word("cli.form.not_empty") }),
            },
            Err(_) => Err(Failure::Folder { folder: path, why: context.word("cli.form.not_folder") }),
        },
        other => other,
    }
}

/// One survey a line; a value is a text, why there is none an object.
fn lines(
    context: &Context,
    office: &Office,
    of: &ExportedForm,
    (file, standing): (&Path, Standing),
) -> Result<usize, Failure> {
    let mut out = Vec::new();
    let mut surveys = 0;
    office.export(of, context.now(), |survey| {
        surveys += 1;
        let line = survey_json(of, &survey).to_string();
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
        true
    })?;
    context.file(file, &out, standing)?;
    Ok(surveys)
}

fn survey_json(of: &ExportedForm, survey: &ExportedSurvey) -> Value {
    let rows = survey.rows.iter().map(|row| {
        let table = of.tables.iter().find(|table| table.name == row.table);
        let names = table.iter().flat_map(|table| &table.columns).map(|node| of.form.node(*node).name.clone());
        let answers: serde_json::Map<String, Value> = names
            .zip(&row.cells)
            .map(|(name, cell)| match cell {
                Exported::Value(text) => (name, json!(text)),
                Exported::State(state) => (name, json!({ "state": state })),
            })
            .collect();
        json!({"table": row.table, "row": row.rows, "answers": answers})
    });
    let stated = survey.stated.iter().map(|stated| {
        json!({"table": stated.table, "row": stated.rows, "question": stated.name, "stated_on": stated.on.to_string()})
    });
    json!({
        "stated": stated.collect::<Vec<_>>(),
        "dossier": survey.number,
        "unit": survey.unit,
        "status": survey.status,
        "category": survey.category,
        "date": survey.on.to_string(),
        "form": of.form.id,
        "form_version": survey.form_version,
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// A table for what stands in no roster, one for each roster, and the codebook.
fn tables(
    context: &Context,
    office: &Office,
    of: &ExportedForm,
    folder: &Path,
    now: crate::domain::Now,
) -> Result<usize, Failure> {
    let mut writers: BTreeMap<String, csv::Writer<Vec<u8>>> = BTreeMap::new();
    for table in &of.tables {
        let mut heads = vec!["dossier".to_owned(), "row".to_owned()];
        if table.parent.is_none() && table.name == crate::command::export::SURVEYS {
            heads = ["dossier", "unit", "status", "category", "date", "form_version"].map(str::to_owned).to_vec();
        }
        heads.extend(table.columns.iter().map(|node| of.form.node(*node).name.clone()));
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing into memory does not fail.
        let _ = writer.write_record(&heads);
        writers.insert(table.name.clone(), writer);
    }
    // A roster may be called so.
    let mut stated_name = "stated_on".to_owned();
    while writers.contains_key(&stated_name) {
        stated_name.push('_');
    }
    let mut stated = csv::Writer::from_writer(Vec::new());
    let _ = stated.write_record(["dossier", "table", "row", "name", "stated_on"]);
    let mut surveys = 0;
    office.export(of, now, |survey| {
        surveys += 1;
        for one in &survey.stated {
            let cells = [&survey.number, &one.table, &numbered(&one.rows), &one.name, &one.on.to_string()];
            let _ = stated.write_record(cells);
        }
        for row in &survey.rows {
            let Some(writer) = writers.get_mut(&row.table) else { continue };
            let mut cells = match row.rows.is_empty() {
                true => {
                    let on: Day = survey.on;
                    vec![
                        survey.number.clone(),
                        survey.unit.clone(),
                        survey.status.clone(),
                        survey.category.clone(),
                        on.to_string(),
                        survey.form_version.clone(),
                    ]
                }
                false => vec![survey.number.clone(), numbered(&row.rows)],
            };
            cells.extend(row.cells.iter().map(|cell| match cell {
                Exported::State(state) => format!("~{state}"),
                Exported::Value(text) if text.starts_with('~') => format!("~{text}"),
                Exported::Value(text) => encoding::no_formula(text),
            }));
            let _ = writer.write_record(&cells);
        }
        true
    })?;
    let failed = |error: std::io::Error| Failure::Folder {
        folder: folder.to_string_lossy().into_owned(),
        why: error.to_string(),
    };
    create_private_folder(folder).map_err(failed)?;
    writers.insert(stated_name.clone(), stated);
    for (name, writer) in writers {
        let bytes = writer.into_inner().unwrap_or_default();
        let whole = [encoding::MARK.as_bytes(), &bytes].concat();
        context.file(&folder.join(format!("{name}.csv")), &whole, Standing::Stays)?;
    }
    context.file(&folder.join("codebook.csv"), &codebook(context, of, &stated_name), Standing::Stays)?;
    Ok(surveys)
}

/// A roster in a roster: 2.1 is the first row in the second.
fn numbered(rows: &[u32]) -> String {
    rows.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// Every question with its words, every code it may hold, and what stands where there is no value.
fn codebook(context: &Context, of: &ExportedForm, stated_name: &str) -> Vec<u8> {
    let form: &Form = &of.form;
    let language = form.language_index(if context.lang() == Lang::Zh { "zh" } else { "en" }).unwrap_or(form.language);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut put = |cells: [&str; 6]| {
        let _ = writer.write_record(cells.map(encoding::no_formula));
    };
    put(["table", "name", "type", "label", "code", "code_label"]);
    for table in &of.tables {
        for node in &table.columns {
            let shape = form.node(*node);
            let Some(question) = shape.question() else { continue };
            let label = shape.label.get(language);
            put([&table.name, &shape.name, &question.typed, label, "", ""]);
            let choices = question.list.and_then(|list| form.lists.get(list.0 as usize));
            for choice in choices.iter().flat_map(|list| &list.choices) {
                put([&table.name, &shape.name, "", "", &choice.name, choice.label.get(language)]);
            }
        }
    }
    for state in ["not_asked", "not_answered", "dont_know", "refused", "not_applicable", "illegible"] {
        let word = match state {
            "not_asked" => context.word("export.not_asked"),
            "not_answered" => context.word("export.not_answered"),
            other => context.word(&format!("state.{other}")),
        };
        put(["", "", "", "", &format!("~{state}"), &word]);
    }
    put([stated_name, "stated_on", "date", &context.word("export.stated_on"), "", ""]);
    let bytes = writer.into_inner().unwrap_or_default();
    [encoding::MARK.as_bytes(), &bytes].concat()
}
