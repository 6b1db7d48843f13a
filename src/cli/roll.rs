//! `roll`: who is on it, counted and listed; what moved; and the ways out.

use super::args::{Roll, RollCommand, RollMovement};
use super::context::{Context, How};
use crate::command::outputs::Standing;
use crate::command::roll::movement::{Lines, Movement};
use crate::command::roll::table::GroupName;
use crate::command::roll::{Group, RollFound, RollQuery, RollRow, Taken};
use crate::command::{Failure, Office};
use crate::domain::{Day, Explain, Message, Now};
use crate::present::workbook::{self, Page};
use crate::present::{self, Table, csv, roll};
use crate::views::roll::Counted;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Households that may be shown before it is a way out.
const SHOWN: usize = 50;

pub fn run(context: &Context, asked: &Roll) -> Result<ExitCode, Failure> {
    let now = context.now();
    let as_of = match asked.as_of.as_deref().map(|text| context.day(text)).transpose() {
        Ok(day) => day,
        Err(code) => return Ok(code),
    };
    match &asked.what {
        Some(RollCommand::Movement(movement)) => return run_movement(context, movement),
        Some(RollCommand::Saved { remove }) => {
            return context.in_office(How::default(), |office| saved(context, office, remove));
        }
        None => {}
    }
    context.in_office(How::default(), |office| {
        let mut query = match &asked.saved {
            Some(name) => office.saved_roll(name, now)?,
            None => RollQuery::default(),
        };
        asked.asked.add_to(&mut query);
        query.as_of = as_of.or(query.as_of);
        // Before anything is recorded as gone out.
        asked
            .xlsx
            .iter()
            .chain(&asked.csv)
            .try_for_each(|file| context.may_write(file, Standing::when(asked.replace)))?;
        let found = office.roll(&query, now)?;
        if let Some(name) = &asked.save {
            office.save_roll(name, Some(&query), now)?;
            context.terminal.error(&context.say(&Message::new("roll.saved").with("name", name.as_str())));
        }
        if let Some(file) = asked.xlsx.as_ref().or(asked.csv.as_ref()) {
            return write(context, office, &found, (file, asked.replace), asked.xlsx.is_some(), !asked.counts);
        }
        let taken = (asked.limit > SHOWN && found.dossiers.len() > SHOWN && found.table.is_none())
            .then(|| office.take_out(&found, "export", true, now))
            .transpose()?;
        let limit = if taken.is_some() { asked.limit } else { asked.limit.min(SHOWN) };
        let rows = match found.table {
            Some(_) => Vec::new(),
            None => office.roll_rows(&found, 0, limit, now)?,
        };
        if context.json {
            context.terminal.json(&found_json(context, office, &found, &rows));
        } else {
            let words = context.words(office);
            match &found.table {
                Some(table) => context.terminal.table(&roll::counts(&words, &found, table)),
                None if rows.is_empty() => {}
                None => {
                    let mut table = roll::rows(&words, &rows);
                    // Sums of those that are shown would be taken for the sums of all.
                    table.sums = None;
                    context.terminal.table(&table);
                }
            }
            context.terminal.line(&roll::totals(&words, &found));
            if found.table.is_none() && rows.len() < found.dossiers.len() {
                context.terminal.error(&context.say(&Message::new("roll.more").with("shown", rows.len())));
            }
        }
        let whole = found.unread == 0 && (found.total.households > 0 || found.withheld.is_some());
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}

fn saved(context: &Context, office: &Office, remove: &Option<String>) -> Result<ExitCode, Failure> {
    let now = context.now();
    if let Some(name) = remove {
        office.save_roll(name, None, now)?;
    }
    let all = office.saved_rolls(now)?;
    if context.json {
        let all: Vec<Value> =
            all.iter().map(|saved| json!({"name": saved.name, "asked": query_json(&saved.asked)})).collect();
        context.terminal.json(&Value::Array(all));
    } else {
        for saved in &all {
            context.terminal.line(&format!(
                "{}  {}",
                crate::lang::clean(&saved.name),
                crate::lang::clean(&saved.asked.described())
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn query_json(asked: &RollQuery) -> Value {
    let filters: serde_json::Map<String, Value> =
        asked.filters.iter().map(|(name, values)| (name.clone(), json!(values))).collect();
    json!({
        "filters": filters,
        "where": asked.conditions,
        "form": asked.form,
        "group": asked.group,
        "cross": asked.cross,
        "sort": asked.sort,
        "as_of": asked.as_of.map(|day| day.to_string()),
    })
}

fn counted_json(counted: Counted, rigid_is_covered: bool) -> Value {
    json!({
        "households": counted.households,
        "persons": counted.persons,
        "person_times": counted.person_times,
        "income": counted.income.yuan(),
        "income_unknown": counted.income_unknown,
        "rigid": (!rigid_is_covered).then(|| counted.rigid.yuan()),
        "rigid_unknown": counted.rigid_unknown,
    })
}

fn group_json(context: &Context, group: &Group) -> Value {
    let (zh, en) = match &group.name {
        GroupName::Named { zh, en } => (zh.clone(), en.clone()),
        GroupName::Said(message) => {
            (crate::lang::say(message, crate::lang::Lang::Zh), crate::lang::say(message, crate::lang::Lang::En))
        }
    };
    let name = if context.lang() == crate::lang::Lang::Zh { zh } else { en };
    json!({"code": group.code, "name": name})
}

fn found_json(context: &Context, office: &Office, found: &RollFound, rows: &[RollRow]) -> Value {
    let mut out = json!({
        "asked": query_json(&found.asked),
        "as_of": found.day.to_string(),
        "total": if found.withheld.is_some() { Value::Null } else { counted_json(found.total, found.rigid_is_covered) },
        "withheld_below": found.withheld,
        "partial": found.unread > 0,
        "unread": found.unread,
    });
    if let Some(table) = &found.table {
        // A cell that is not told is null; one that is not there is nobody.
        let cell = |row: Option<&str>, column: Option<&str>| {
            let json = |counted| counted_json(counted, found.rigid_is_covered);
            table.cell(row, column).map_or(Value::Null, json)
        };
        let groups: Vec<Value> = table
            .rows
            .iter()
            .map(|row| {
                let mut of = group_json(context, row);
                of["counts"] = cell(Some(&row.code), None);
                if !table.columns.is_empty() {
                    let cells = table.columns.iter().map(|column| {
                        let mut of = group_json(context, column);
                        of["counts"] = cell(Some(&row.code), Some(&column.code));
                        of
                    });
                    of["cross"] = Value::Array(cells.collect());
                }
                of
            })
            .collect();
        out["groups"] = Value::Array(groups);
        if !table.columns.is_empty() {
            let sums = table.columns.iter().map(|column| {
                let mut of = group_json(context, column);
                of["counts"] = cell(None, Some(&column.code));
                of
            });
            out["cross_totals"] = Value::Array(sums.collect());
        }
    } else {
        let mut table = roll::rows(&context.words(office), rows);
        table.sums = None;
        out["households"] = present::json::table(&table);
        // A list that is cut says so: whoever counts its lines counts too few.
        out["shown"] = json!(rows.len());
        out["cut"] = json!(rows.len() < found.dossiers.len());
    }
    out
}

/// The topmost unit of whoever acts: what they take out is filled in for that one.
pub fn own_unit(context: &Context, office: &Office, day: Day, now: Now) -> Option<String> {
    let reach = office.reach(now).ok().flatten();
    let people = office.people().ok()?;
    let own = |unit| reach.as_ref().is_none_or(|reach| reach.contains(&unit));
    let mut standing = people.units.iter().filter(|row| row.stands_on(day) && own(row.unit));
    let top = standing.find(|row| row.parent.is_none_or(|parent| !own(parent)))?;
    Some(if context.lang() == crate::lang::Lang::Zh { top.zh.clone() } else { top.en.clone() })
}

/// The line below a title: who, the day, the unit of money.
fn heads(context: &Context, office: &Office, day: Day, now: Now) -> Vec<String> {
    let said = |key: &'static str, what: String| context.say(&Message::new(key).with("what", what));
    let unit = own_unit(context, office, day, now);
    vec![
        said("roll.head.unit", unit.unwrap_or_default()),
        said("roll.head.day", day.to_string()),
        context.word("roll.head.money"),
    ]
}

fn footer(context: &Context, office: &Office, taken: &Taken, now: Now) -> String {
    let by = office.officer_name(office.officer()).ok().flatten().unwrap_or_default();
    context.say(&Message::new("roll.foot").with("by", by).with("day", now.today).with("households", taken.households))
}

fn write(
    context: &Context,
    office: &Office,
    found: &RollFound,
    (file, replace): (&Path, bool),
    is_book: bool,
    listed: bool,
) -> Result<ExitCode, Failure> {
    let now = context.now();
    // Recorded first: what went out without a record cannot be called back.
    let taken = office.take_out(found, "export", listed, now)?;
    let words = context.words(office);
    let mut pages = Vec::new();
    let heads = heads(context, office, found.day, now);
    if let Some(table) = &found.table {
        let by = table.axes.iter().map(|name| roll::axis(&words, name)).collect::<Vec<_>>().join("×");
        let title = context.say(&Message::new("roll.title.counts").with("by", by));
        let table = roll::counts(&words, found, table);
        let by_one = table.columns.get(1).is_some_and(|column| column.key == "households");
        let chart = Some(if by_one { 1 } else { table.columns.len() - 1 });
        pages.push(Page { name: context.word("roll.tab.counts"), title, heads: heads.clone(), table, chart });
    }
    if listed {
        let rows = office.roll_rows(found, 0, usize::MAX, now)?;
        let title = context.word("roll.title.list");
        let table = roll::rows(&words, &rows);
        pages.push(Page { name: context.word("roll.tab.list"), title, heads, table, chart: None });
    }
    put_out(context, office, &pages, (file, replace), is_book, &taken)
}

fn put_out(
    context: &Context,
    office: &Office,
    pages: &[Page],
    (file, replace): (&Path, bool),
    is_book: bool,
    taken: &Taken,
) -> Result<ExitCode, Failure> {
    let now = context.now();
    let bytes = match is_book {
        true => match workbook::book(pages, now.at, &footer(context, office, taken, now)) {
            Ok(bytes) => bytes,
            Err(why) => {
                context.terminal.error(&context.say(&why.explain()));
                return Ok(ExitCode::from(1));
            }
        },
        // Programs read one table: the counts, where there are any, else the households.
        false => pages.first().map(|page| csv::table(&page.table, csv::Heads::Titles)).unwrap_or_default().into_bytes(),
    };
    context.file(file, &bytes, Standing::when(replace))?;
    if file.as_os_str() != "-" {
        let said = Message::new("roll.written").with("file", file.to_string_lossy().into_owned());
        context.terminal.error(&context.say(&said.with("households", taken.households)));
    }
    Ok(ExitCode::SUCCESS)
}

fn run_movement(context: &Context, asked: &RollMovement) -> Result<ExitCode, Failure> {
    let now = context.now();
    let day = |text: &Option<String>, other: Day| text.as_deref().map_or(Ok(other), |text| context.day(text));
    let first = Day::from_ymd(now.today.year(), 1, 1).unwrap_or(now.today);
    let (from, to) = match (day(&asked.from, first), day(&asked.to, now.today)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(code), _) | (_, Err(code)) => return Ok(code),
    };
    let Some(by) = Lines::from_code(&asked.by) else {
        let known = Lines::ALL.map(Lines::code).join(", ");
        let said = Message::new("command.roll.no_such_axis").with("asked", asked.by.as_str()).with("known", known);
        context.terminal.error(&context.say(&said));
        return Ok(ExitCode::from(2));
    };
    context.in_office(How::default(), |office| {
        asked
            .xlsx
            .iter()
            .chain(&asked.csv)
            .try_for_each(|file| context.may_write(file, Standing::when(asked.replace)))?;
        let movement = office.roll_movement(from, to, by, &asked.unit, now)?;
        let words = context.words(office);
        let table = roll::movement(&words, &movement);
        let years = roll::years(&words, &movement);
        if let Some(file) = asked.xlsx.as_ref().or(asked.csv.as_ref()) {
            let taken = office.record_movement_out(&movement, now)?;
            let heads = heads(context, office, to, now);
            let title = context.say(&Message::new("roll.title.movement").with("from", from).with("to", to));
            let closing = table.columns.len() - 1;
            let pages = [
                Page {
                    name: context.word("roll.tab.movement"),
                    title,
                    heads: heads.clone(),
                    table,
                    chart: Some(closing),
                },
                Page {
                    name: context.word("roll.tab.years"),
                    title: context.word("roll.title.years"),
                    heads,
                    table: years,
                    chart: Some(3),
                },
            ];
            return put_out(context, office, &pages, (file, asked.replace), asked.xlsx.is_some(), &taken);
        }
        if context.json {
            context.terminal.json(&movement_json(context, &movement, &years));
        } else {
            context.terminal.table(&table);
            context.terminal.line("");
            context.terminal.table(&years);
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn movement_json(context: &Context, movement: &Movement, years: &Table) -> Value {
    let figures = |line: &crate::command::roll::movement::MovementLine| -> serde_json::Map<String, Value> {
        let all = crate::views::roll::movement::Moved::ALL;
        all.into_iter().map(|moved| (moved.code().to_owned(), json!(line.figure(moved)))).collect()
    };
    let lines: Vec<Value> = movement
        .lines
        .iter()
        .map(|line| {
            let mut out = group_json(context, &line.group);
            out["figures"] = Value::Object(figures(line));
            out
        })
        .collect();
    json!({
        "from": movement.from.to_string(),
        "to": movement.to.to_string(),
        "by": movement.by.code(),
        "lines": lines,
        "total": figures(&movement.total),
        "years": present::json::table(years),
    })
}

/// Files are named from where the client stands.
pub fn files(roll: &mut Roll) -> Vec<&mut PathBuf> {
    let mut files: Vec<&mut PathBuf> = roll.xlsx.iter_mut().chain(&mut roll.csv).collect();
    if let Some(RollCommand::Movement(movement)) = &mut roll.what {
        files.extend(movement.xlsx.iter_mut().chain(&mut movement.csv));
    }
    files
}

/// Whether it writes to no file here, so that it may come from another machine.
pub fn names_no_file(roll: &Roll) -> bool {
    let mut roll = roll.clone();
    let is_book = roll.xlsx.is_some() || matches!(&roll.what, Some(RollCommand::Movement(m)) if m.xlsx.is_some());
    // Lines go back over the wire as text: a workbook is none.
    !is_book && files(&mut roll).iter().all(|file| file.as_os_str() == "-")
}
