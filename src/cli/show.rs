//! `show`: a dossier at a glance.

use super::args::Show;
use super::context::{Context, How};
use crate::command::dossier::{StatusLine, VersionLine};
use crate::command::{Failure, Household, Office};
use crate::domain::{Day, Eyes, Fen, Mask, Path};
use crate::present::{self, survey::Shown};
use crate::views::{Face, Horizon};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(context: &Context, show: &Show) -> Result<ExitCode, Failure> {
    let horizon = match horizon(context, show.as_of.as_deref(), show.known.as_deref()) {
        Ok(horizon) => horizon,
        Err(code) => return Ok(code),
    };
    context.in_office(How::default(), |office| {
        let household = context.household(office, &show.number, show.why.as_deref().or(show.reveal.as_deref()))?;
        let status = household.status(horizon);
        let face = household.face_within(&status, horizon)?;
        if let Some(why) = &show.reveal {
            household.reveal(why)?;
        }
        let eyes = if show.reveal.is_some() { Eyes::Revealed } else { household.eyes() };
        if let Some(question) = &show.question {
            let version = match &show.survey {
                Some(asked) => household.reading(&status, asked)?,
                None => household.version(&status, None)?,
            };
            return life(context, office, &household, (&status, &version), question, eyes);
        }
        if let Some(asked) = &show.survey {
            let version = household.reading(&status, asked)?;
            let words = context.words(office);
            let text = present::survey::read(&words, &household, &version, eyes, Shown::Answered)?;
            match context.json {
                true => context.terminal.json(&text.json()),
                false => context.terminal.sheet(&text.sheet(&words)),
            }
            return Ok(ExitCode::SUCCESS);
        }
        if context.json {
            let mut all = status_json(context, office, &status, face.as_ref(), eyes)?;
            let had = household
                .aid_had()?
                .into_iter()
                .map(|had| json!({"date": had.on.to_string(), "aid": had.aid, "amount": had.amount.yuan()}));
            all["aid"] = had.collect();
            if !status.erased {
                all["membership"] = present::members::json(&household.members(&status)?, eyes);
            }
            context.terminal.json(&all);
        } else {
            let words = context.words(office);
            let facts = present::dossier::at_a_glance(&words, &household, horizon, eyes, context.now().today)?;
            context.terminal.fields(&facts);
            if !status.versions.is_empty() {
                context.terminal.line("");
                context.terminal.table(&present::dossier::versions(&words, &status, eyes));
            }
            let members = if status.erased { Vec::new() } else { household.members(&status)? };
            if present::members::tells(&members) {
                context.terminal.line("");
                let table = present::members::table(&words, &members, eyes);
                context.terminal.table(&table.titled(words.word("present.member.all")));
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// One answer through all surveys: of a roster, of everybody whom that survey knows.
fn life(
    context: &Context,
    office: &Office,
    household: &Household<'_>,
    (status, version): (&StatusLine, &VersionLine),
    question: &str,
    eyes: Eyes,
) -> Result<ExitCode, Failure> {
    let words = context.words(office);
    let found = present::survey::read(&words, household, version, eyes, Shown::All)?.answers_to(question);
    if found.is_empty() {
        return Err(Failure::NoSuchQuestion { path: question.to_owned() });
    }
    let kept = household.survey(version)?;
    let reading = present::Reading::new(&words, &kept.answers, eyes);
    let mut all = Vec::new();
    for path in found {
        let table = present::review::life(&words, &household.life_of(status, version, &path)?, eyes);
        all.push((path.clone(), reading.label(&path), table));
    }
    // Of a roster those are left out of whom nobody ever was asked.
    let answered = |table: &present::Table| table.rows.iter().any(|row| !row.cells[2].is_empty());
    if all.iter().any(|(_, _, table)| answered(table)) {
        all.retain(|(_, _, table)| answered(table));
    }
    if context.json {
        let one = |(path, label, table): &(Path, String, present::Table)| json!({"question": path.as_str(), "label": label, "life": present::json::table(table)});
        context.terminal.json(&all.iter().map(one).collect());
    } else {
        for (at, (_, label, table)) in all.into_iter().enumerate() {
            if at > 0 {
                context.terminal.line("");
            }
            context.terminal.line(&label);
            context.terminal.table(&table);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The days that `--as-of` and `--known` name.
pub fn horizon(context: &Context, as_of: Option<&str>, known: Option<&str>) -> Result<Horizon, ExitCode> {
    let day = |text: Option<&str>| text.map(|t| context.day(t)).transpose();
    Ok(Horizon::new(day(as_of)?, day(known)?))
}

pub fn day_json(day: Option<Day>) -> Value {
    day.map_or(Value::Null, |d| json!(d.to_string()))
}

fn net_json(per_head: Option<Fen>, eyes: Eyes) -> Value {
    json!(per_head.map(|net| Mask::Cause.show(&net.yuan(), eyes)))
}

fn version_json(context: &Context, office: &Office, line: &VersionLine, eyes: Eyes) -> Result<Value, Failure> {
    Ok(json!({
        "version": line.version,
        "record": line.record.hex(),
        "date": line.on.to_string(),
        "type": line.kind.code(),
        "form": line.form,
        "form_version": line.form_version,
        "category": line.category,
        "undecided": line.decides && line.category.is_none(),
        "per_head_net": net_json(line.per_head_net, eyes),
        "line_month": line.line_month.map(|f| f.yuan()),
        "corrected": line.corrected,
        "kept_at": line.at.local(),
        "by": office.officer_name(line.by)?.unwrap_or_else(|| context.word("cli.unknown_officer")),
    }))
}

pub fn status_json(
    context: &Context,
    office: &Office,
    status: &StatusLine,
    face: Option<&Face>,
    eyes: Eyes,
) -> Result<Value, Failure> {
    let versions =
        status.versions.iter().map(|v| version_json(context, office, v, eyes)).collect::<Result<Vec<_>, _>>()?;
    let units = office.units()?;
    let unit = status.unit.and_then(|id| units.iter().find(|u| u.unit == id));
    Ok(json!({
        "dossier": status.number,
        "id": status.dossier.hex(),
        "name": face.and_then(|f| f.names.first()).map(|n| Mask::Name.show(n, eyes)),
        "members": face.map(|f| f.names.iter().skip(1).map(|n| Mask::Name.show(n, eyes)).collect::<Vec<_>>()),
        "unit": unit.map(|u| u.zh.clone()),
        "status": status.status.map(|s| s.code()),
        "category": status.category,
        "undecided": status.undecided,
        "approved": status.approved,
        "proposed": status.proposed.as_ref().filter(|_| status.approved).map(super::case::proposed_json),
        "updated_on": day_json(status.updated_on),
        "rule_set": status.rule_set,
        "decided_on": day_json(status.decided_on),
        "per_head_net": net_json(status.per_head_net, eyes),
        "line_month": status.line_month.map(|f| f.yuan()),
        "next_due": day_json(status.next_due),
        "conflict": status.conflict.iter().map(|e| e.hex()).collect::<Vec<_>>(),
        "erased": status.erased,
        "contested": status.contested,
        "versions": versions,
    }))
}

/// What a category's code means in a rule set, as `1 深度困难`.
pub fn category_words(context: &Context, office: &Office, rule_set: Option<&str>, code: Option<&str>) -> String {
    context.words(office).category(rule_set, code, true).shown()
}

pub fn status_words(context: &Context, status: &StatusLine) -> String {
    status.status.map_or_else(String::new, |s| context.word(&format!("status.{}", s.code())))
}
