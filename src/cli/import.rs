//! `import`: a roll that was kept elsewhere is tried and brought in. `take-over`: it is taken over, on a paper.

use super::args::{Import, TakeOver};
use super::context::{Context, How};
use super::progress::Progress;
use super::script;
use crate::command::import::{
    Becomes, BroughtIn, Finding, Held, ImportMap, ImportRefused, LaidMap, RollSheet, RollTrial,
};
use crate::command::outputs::Standing;
use crate::command::{Failure, Office};
use crate::domain::{Day, Explain, Message};
use crate::form::xlsform::workbook::FILE_MAX;
use crate::present::{csv, import, workbook};
use serde_json::json;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// Findings shown on screen; a report has all of them.
const SHOWN: usize = 20;

pub fn run(context: &Context, asked: &Import) -> Result<ExitCode, Failure> {
    let on = match asked.on.as_deref().map(|text| context.day(text)).transpose() {
        Ok(on) => on.unwrap_or(context.now().today),
        Err(code) => return Ok(code),
    };
    let file = asked.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sheet = RollSheet::read(&file, &bytes_of(&asked.file)?, context.encoding.as_deref(), asked.sheet.as_deref())?;
    let form = context.library().hardship()?.clone();
    let map = match &asked.map {
        Some(map) => ImportMap::from_toml(&map.to_string_lossy(), &script::read_said(context, map)?)?,
        None => ImportMap::guess(&sheet, &form),
    };
    let laid = map.lay(&sheet, &form)?;
    // Before anything is kept: what could not be told of it then would be missed.
    let standing = Standing::when(asked.replace);
    asked.report.iter().try_for_each(|file| context.may_write(file, standing))?;
    if let Some(file) = &asked.save_map {
        context.file(file, map.to_toml().as_bytes(), standing)?;
    }
    context.in_office(How::default(), |office| {
        let mut progress = Progress::new(context, "import.progress_trying");
        let mut trial =
            office.try_roll(&sheet, &laid, (on, context.lang()), context.now(), |done, all| progress.at(done, all))?;
        progress.done();
        if !context.json {
            say_roll(context, office, &sheet, &laid, &trial)?;
        }
        let kept = match asked.dry_run {
            true => None,
            false => {
                let mut progress = Progress::new(context, "import.progress_keeping");
                let kept = office.bring_in(&mut trial, context.now(), |done, all| progress.at(done, all))?;
                progress.done();
                Some(kept)
            }
        };
        if let Some(file) = &asked.report
            && let Some(code) = write_report(context, office, (file, standing), (&sheet, &laid, &trial))?
        {
            return Ok(code);
        }
        said(context, office, (&sheet, on, &trial), kept)
    })
}

/// What it was read as, and what is found.
fn say_roll(
    context: &Context,
    office: &Office,
    sheet: &RollSheet,
    laid: &LaidMap,
    trial: &RollTrial,
) -> Result<(), Failure> {
    let words = context.words(office);
    let key = match laid.layout {
        crate::command::import::RollLayout::Household => "import.layout_household",
        crate::command::import::RollLayout::Person => "import.layout_person",
    };
    let read = Message::new(key).with("sheet", sheet.name.as_str()).with("lines", sheet.lines.len());
    context.terminal.line(&context.say(&read.with("households", trial.households.len())));
    context.terminal.table(&import::preview(&words, sheet, laid, context.library().hardship()?));
    for said in &trial.said {
        context.terminal.error(&context.say(said));
    }
    let count = trial.households.iter().map(|household| household.findings.len()).sum::<usize>();
    if count > 0 {
        context.terminal.table(&import::findings(&words, sheet, trial, SHOWN));
        if count > SHOWN {
            let more = Message::new("import.more_findings").with("count", count - SHOWN);
            context.terminal.line(&context.say(&more));
        }
    }
    Ok(())
}

/// What came of it.
fn said(
    context: &Context,
    office: &Office,
    (sheet, on, trial): (&RollSheet, Day, &RollTrial),
    kept: Option<BroughtIn>,
) -> Result<ExitCode, Failure> {
    let stopped = kept.as_ref().and_then(|kept| kept.stopped.clone());
    let brought = kept.as_ref().map_or(0, |kept| kept.kept.len());
    let before = trial.known_before() - brought.min(trial.known_before());
    if context.json {
        let words = context.words(office);
        let households = trial.households.iter().map(|household| {
            let (becomes, number) = match &household.becomes {
                Becomes::New => ("new", None),
                Becomes::Before { held: Held::Number(number) } => ("kept", Some(number)),
                Becomes::Before { held: Held::Unit(_) } => ("kept", None),
                Becomes::KeptOut => ("kept_out", None),
            };
            let lines = household.lines.iter().filter_map(|at| sheet.lines.get(*at)).map(|line| line.number);
            let findings = household.findings.iter().map(|found| {
                json!({"line": found.line, "column": found.column, "stops": found.finding == Finding::Stops,
                    "said": words.say(&found.what)})
            });
            json!({"lines": lines.collect::<Vec<_>>(), "becomes": becomes, "dossier": number,
                "findings": findings.collect::<Vec<_>>()})
        });
        context.terminal.json(&json!({
            "roll": kept.as_ref().and_then(|kept| kept.roll).map(|roll| roll.hex()),
            "on": on.to_string(),
            "brought_in": brought,
            "would_be": trial.new_households(),
            "before": before,
            "kept_out": trial.kept_out(),
            "households": households.collect::<Vec<_>>(),
        }));
    } else {
        let said = match &kept {
            Some(_) => Message::new("import.done").with("brought", brought),
            None => Message::new("import.would").with("brought", trial.new_households()),
        };
        for (at, why) in kept.iter().flat_map(|kept| &kept.refused) {
            let first = trial.households[*at].lines.first().and_then(|at| sheet.lines.get(*at));
            let said = Message::new("import.refused").with("line", first.map_or(0, |line| line.number));
            context.terminal.error(&context.say(&said.with("why", why.explain())));
        }
        context.terminal.line(&context.say(&said.with("before", before).with("kept_out", trial.kept_out())));
        if let Some(roll) = kept.as_ref().and_then(|kept| kept.roll) {
            let next = Message::new("import.next").with("roll", &roll.hex()[..8]);
            context.terminal.line(&context.say(&next));
        }
    }
    match stopped {
        Some(why) => Err(why),
        None if trial.kept_out() > 0 => Ok(ExitCode::from(1)),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// The roll again, with what is wrong on each line.
fn write_report(
    context: &Context,
    office: &Office,
    (file, standing): (&Path, Standing),
    (sheet, laid, trial): (&RollSheet, &LaidMap, &RollTrial),
) -> Result<Option<ExitCode>, Failure> {
    let page = import::report(&context.words(office), sheet, laid, trial);
    let is_book = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    let bytes = match is_book {
        true => match workbook::book(std::slice::from_ref(&page), context.now().at, "") {
            Ok(bytes) => bytes,
            Err(why) => {
                context.terminal.error(&context.say(&crate::domain::Explain::explain(&why)));
                return Ok(Some(ExitCode::from(1)));
            }
        },
        false => csv::table(&page.table, csv::Heads::Titles).into_bytes(),
    };
    context.file(file, &bytes, standing)?;
    let said = Message::new("import.report_written").with("file", file.to_string_lossy().into_owned());
    context.terminal.error(&context.say(&said));
    Ok(None)
}

/// No more of a file is read than a roll may have.
pub fn bytes_of(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |why: std::io::Error| Failure::Folder { folder: file.display().to_string(), why: why.to_string() };
    let mut bytes = Vec::new();
    std::fs::File::open(file).map_err(failed)?.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 > FILE_MAX {
        true => Err(ImportRefused::TooLarge { most: FILE_MAX >> 20 }.into()),
        false => Ok(bytes),
    }
}

/// The rolls that wait, or what was taken over.
pub fn take_over(context: &Context, asked: &TakeOver) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        if asked.rolls.is_empty() {
            let rolls = office.waiting_rolls(context.now())?;
            if context.json {
                let lines = rolls.iter().map(|roll| {
                    json!({"roll": roll.row.entry.hex(), "on": roll.row.on.to_string(), "file": roll.row.file,
                        "households": roll.row.households, "persons": roll.row.persons, "waiting": roll.waiting,
                        "without_category": roll.without_category})
                });
                context.terminal.json(&json!(lines.collect::<Vec<_>>()));
            } else {
                context.terminal.table(&import::rolls(&context.words(office), &rolls));
            }
            return Ok(ExitCode::SUCCESS);
        }
        let paper = asked.paper.as_deref().unwrap_or_default();
        let taken = office.take_over(&asked.rolls, paper, asked.signed.as_deref(), context.now())?;
        let code = ExitCode::from(u8::from(taken.record.is_none()));
        if context.json {
            let left = taken.left.iter().map(|(number, why)| json!({"dossier": number, "why": why}));
            context
                .terminal
                .json(&json!({"record": taken.record.map(|record| record.hex()), "households": taken.households,
                "left": left.collect::<Vec<_>>()}));
            return Ok(code);
        }
        let said = match taken.record {
            Some(_) => Message::new("import.taken").with("count", taken.households),
            None => Message::new("import.none_taken"),
        };
        context.terminal.line(&context.say(&said));
        for (number, why) in &taken.left {
            let why = context.word(&format!("import.left.{why}"));
            let said = Message::new("import.left_one").with("number", number.as_str()).with("why", why);
            context.terminal.line(&context.say(&said));
        }
        Ok(code)
    })
}
