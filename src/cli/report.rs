//! `fund report`, `fund upper`: aid counted, down to its lines; on screen, on paper, as a workbook.

use super::args::{ReportCommand, ReportDays, ReportOut};
use super::context::{Context, How};
use super::fund::{Wrong, books};
use super::paper::{self, PaperWay};
use crate::command::fund::{AidBy, AidQuery};
use crate::command::outputs::Standing;
use crate::command::{Duty, Failure, Office};
use crate::domain::{Day, Explain, Message};
use crate::present::workbook::{self, Page};
use crate::present::{Field, Sheet, SheetPart, Table, csv, json, report};
use std::path::PathBuf;
use std::process::ExitCode;

/// What it asks of whoever types it.
pub fn duty(asked: &ReportCommand) -> Duty {
    match asked {
        ReportCommand::Report { .. } => Duty::SeeFund,
        ReportCommand::Upper { .. } => Duty::TakeOut,
    }
}

/// The file of this machine that it writes.
pub fn file(asked: &mut ReportCommand) -> Option<&mut PathBuf> {
    match asked {
        ReportCommand::Report { out, .. } | ReportCommand::Upper { out, .. } => out.file(),
    }
}

pub fn run(context: &Context, asked: &ReportCommand) -> Result<ExitCode, Failure> {
    let now = context.now();
    let (query, (from, to)) = match understand(context, asked) {
        Ok(read) => read,
        Err(Wrong(code)) => return Ok(code),
    };
    let (ReportCommand::Report { out, .. } | ReportCommand::Upper { out, .. }) = asked;
    context.in_office(How::default(), |office| {
        // Before anything is recorded as gone out.
        let book = out.xlsx.as_deref().or(out.csv.as_deref()).filter(|file| file.as_os_str() != "-");
        if let Some(refused) = paper::stands(context, office, book, Standing::when(out.paper.replace)) {
            return Ok(refused);
        }
        let on_paper = out.xlsx.is_none() && out.csv.is_none() && (out.paper.goes_out() || out.paper.text);
        let way = match on_paper.then(|| paper::way(context, office, &out.paper)).transpose() {
            Ok(way) => way,
            Err(code) => return Ok(code),
        };
        let words = context.words(office);
        let table = match asked {
            ReportCommand::Upper { source, .. } => {
                report::upper(&words, &office.upper_list(source, from, to, now)?, to)
            }
            ReportCommand::Report { open: Some(open), .. } => {
                let group = match query.by {
                    AidBy::Unit => office.unit_named(open)?.hex(),
                    _ => open.clone(),
                };
                report::lines(&words, &office.aid_report_lines(&query, (&group, None), now)?, to)
            }
            ReportCommand::Report { .. } => report::aid(&words, &office.aid_report(&query, now)?),
        };
        put_out(context, office, table, (from, to), out, way)
    })
}

fn understand(context: &Context, asked: &ReportCommand) -> Result<(AidQuery, (Day, Day)), Wrong> {
    let (ReportCommand::Report { days, .. } | ReportCommand::Upper { days, .. }) = asked;
    let (from, to) = ends(context, days)?;
    let mut query = AidQuery { by: AidBy::Kind, then: None, books: None, source: None, from, to };
    if let ReportCommand::Report { by, then, source, books: typed, .. } = asked {
        query.by = axis(context, by)?;
        query.then = then.as_deref().map(|then| axis(context, then)).transpose()?;
        query.source = source.clone();
        query.books = typed.as_deref().map(|typed| books(context, typed)).transpose()?;
    }
    Ok((query, (from, to)))
}

fn axis(context: &Context, typed: &str) -> Result<AidBy, Wrong> {
    AidBy::from_code(typed).ok_or_else(|| {
        let known = AidBy::ALL.map(AidBy::code).join(", ");
        let said = Message::new("cli.fund.report_by").with("asked", typed).with("known", known);
        context.terminal.error(&context.say(&said));
        Wrong(ExitCode::from(2))
    })
}

fn ends(context: &Context, days: &ReportDays) -> Result<(Day, Day), Wrong> {
    let today = context.now().today;
    let day = |text: &Option<String>, or: Day| text.as_deref().map_or(Ok(or), |text| context.day(text).map_err(Wrong));
    let to = day(&days.to, today)?;
    let january = Day::from_ymd(to.year(), 1, 1).unwrap_or(to);
    Ok((day(&days.from, january)?, to))
}

/// The table where it is to go: on the terminal, into a workbook or csv, onto paper.
fn put_out(
    context: &Context,
    office: &Office,
    table: Table,
    (from, to): (Day, Day),
    out: &ReportOut,
    way: Option<PaperWay>,
) -> Result<ExitCode, Failure> {
    let words = context.words(office);
    let said = |key: &'static str, what: String| context.say(&Message::new(key).with("what", what));
    let days = format!("{from} — {to}");
    if let Some(file) = out.xlsx.as_ref().or(out.csv.as_ref()) {
        let bytes = if out.csv.is_some() {
            csv::table(&table, csv::Heads::Titles).into_bytes()
        } else {
            let heads = vec![said("roll.head.day", days), context.word("roll.head.money")];
            let name = context.word("tui.scope.fund");
            let chart = table.columns.iter().position(|column| column.key == "amount");
            let pages = [Page { name, title: table.title.clone(), heads, table, chart }];
            let by = words.officer(office.officer());
            match workbook::book(&pages, context.now().at, &format!("{by}  {}", context.now().today)) {
                Ok(bytes) => bytes,
                Err(why) => {
                    context.terminal.error(&context.say(&why.explain()));
                    return Ok(ExitCode::from(1));
                }
            }
        };
        context.file(file, &bytes, Standing::when(out.paper.replace))?;
        if file.as_os_str() != "-" {
            let said = Message::new("cli.fund.written").with("file", file.to_string_lossy().into_owned());
            context.terminal.error(&context.say(&said));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(way) = way {
        let mut sheet = Sheet::new(context.lang(), table.title.clone());
        sheet.heads = vec![
            Field::new("days", context.word("fund.col.on"), crate::present::Cell::text(days)),
            Field::new(
                "money",
                context.word("present.paper.money"),
                crate::present::Cell::text(context.word("present.paper.yuan")),
            ),
        ];
        sheet.parts.push(SheetPart::Table(Table { title: String::new(), ..table }));
        return Ok(paper::write(context, office, sheet, way));
    }
    if context.json {
        context.terminal.json(&json::table(&table));
    } else {
        context.terminal.table(&table);
    }
    Ok(ExitCode::SUCCESS)
}
