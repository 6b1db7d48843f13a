//! `show`: a dossier at a glance.

use super::args::Show;
use super::desk::{Desk, How};
use super::print;
use crate::command::dossier::{StatusLine, VersionLine};
use crate::command::{Failure, Office};
use crate::domain::{Day, Eyes, Mask};
use crate::views::{Face, Horizon};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(desk: &Desk, show: &Show) -> Result<ExitCode, Failure> {
    let horizon = match horizon(desk, show.as_of.as_deref(), show.known.as_deref()) {
        Ok(horizon) => horizon,
        Err(code) => return Ok(code),
    };
    desk.in_office(How::default(), |office| {
        let household = desk.household(office, &show.number, show.why.as_deref().or(show.reveal.as_deref()))?;
        let status = household.status(horizon);
        let face = household.face_within(&status, horizon)?;
        if let Some(why) = &show.reveal {
            household.reveal(why)?;
        }
        let eyes = if show.reveal.is_some() { Eyes::Revealed } else { household.eyes() };
        if desk.json {
            print::json(&status_json(desk, office, &status, face.as_ref(), eyes)?);
        } else {
            lines(desk, office, &status, face.as_ref(), eyes)?.iter().for_each(|line| print::line(line));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The days that `--as-of` and `--known` name.
pub fn horizon(desk: &Desk, as_of: Option<&str>, known: Option<&str>) -> Result<Horizon, ExitCode> {
    let day = |text: Option<&str>| text.map(|t| desk.day(t)).transpose();
    Ok(Horizon::new(day(as_of)?, day(known)?))
}

pub fn day_json(day: Option<Day>) -> Value {
    day.map_or(Value::Null, |d| json!(d.to_string()))
}

fn version_json(desk: &Desk, office: &Office, line: &VersionLine) -> Result<Value, Failure> {
    Ok(json!({
        "version": line.version,
        "record": line.record.hex(),
        "date": line.on.to_string(),
        "type": line.kind.code(),
        "form": line.form,
        "form_version": line.form_version,
        "category": line.category,
        "undecided": line.decides && line.category.is_none(),
        "per_head_net": line.per_head_net.map(|f| f.yuan()),
        "line_month": line.line_month.map(|f| f.yuan()),
        "corrected": line.corrected,
        "kept_at": line.at.local(),
        "by": office.officer_name(line.by)?.unwrap_or_else(|| desk.word("cli.unknown_officer")),
    }))
}

pub fn status_json(
    desk: &Desk,
    office: &Office,
    status: &StatusLine,
    face: Option<&Face>,
    eyes: Eyes,
) -> Result<Value, Failure> {
    let versions = status.versions.iter().map(|v| version_json(desk, office, v)).collect::<Result<Vec<_>, _>>()?;
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
        "rule_set": status.rule_set,
        "decided_on": day_json(status.decided_on),
        "per_head_net": status.per_head_net.map(|f| f.yuan()),
        "line_month": status.line_month.map(|f| f.yuan()),
        "next_due": day_json(status.next_due),
        "conflict": status.conflict.iter().map(|e| e.hex()).collect::<Vec<_>>(),
        "erased": status.erased,
        "contested": status.contested,
        "versions": versions,
    }))
}

/// What a category's code means in a rule set, as `1 深度困难`.
pub fn category_words(desk: &Desk, office: &Office, rule_set: Option<&str>, code: Option<&str>) -> String {
    let Some(code) = code else { return desk.word("cli.undecided") };
    let set = rule_set.and_then(|id| office.library().rule_sets().get(id));
    match set.and_then(|set| set.category_names(code)) {
        Some(names) => format!("{code} {}", if desk.lang == crate::lang::Lang::Zh { &names.zh } else { &names.en }),
        None => code.to_owned(),
    }
}

pub fn status_words(desk: &Desk, status: &StatusLine) -> String {
    status.status.map_or_else(String::new, |s| desk.word(&format!("status.{}", s.code())))
}

fn lines(
    desk: &Desk,
    office: &Office,
    status: &StatusLine,
    face: Option<&Face>,
    eyes: Eyes,
) -> Result<Vec<String>, Failure> {
    let mut out = Vec::new();
    let mut put = |key: &str, value: String| {
        out.push(format!("{}  {value}", crate::lang::pad(&desk.word(key), 14)));
    };
    put("cli.field.number", status.number.clone());
    let name = face.and_then(|f| f.names.first()).map(|n| crate::lang::clean(&Mask::Name.show(n, eyes)));
    put("cli.field.name", name.unwrap_or_else(|| desk.word(if status.erased { "cli.erased" } else { "cli.no_name" })));
    if eyes == Eyes::Revealed
        && let Some(face) = face
    {
        for id in &face.id_numbers {
            put("cli.field.id_number", crate::lang::clean(id));
        }
        for phone in &face.phones {
            put("cli.field.phone", crate::lang::clean(phone));
        }
    }
    let units = office.units()?;
    if let Some(unit) = status.unit.and_then(|id| units.iter().find(|u| u.unit == id)) {
        let name = if desk.lang == crate::lang::Lang::Zh { &unit.zh } else { &unit.en };
        put("cli.field.unit", crate::lang::clean(name));
    }
    put("cli.field.status", status_words(desk, status));
    let category = match (status.undecided, &status.category) {
        (false, None) => "-".to_owned(),
        (_, code) => category_words(desk, office, status.rule_set.as_deref(), code.as_deref()),
    };
    put("cli.field.category", category);
    if let (Some(net), Some(line)) = (status.per_head_net, status.line_month) {
        put("cli.field.per_head", format!("{} / {}", net.grouped(), line.grouped()));
    }
    put("cli.field.decided_on", status.decided_on.map_or_else(|| "-".into(), |d| d.to_string()));
    put("cli.field.next_due", status.next_due.map_or_else(|| "-".into(), |d| d.to_string()));
    if !status.conflict.is_empty() {
        put(
            "cli.field.conflict",
            status.conflict.iter().map(|e| e.hex()[..8].to_owned()).collect::<Vec<_>>().join(" "),
        );
    }
    if status.contested {
        put("cli.field.contested", desk.word("cli.contested"));
    }
    out.push(String::new());
    let header =
        ["cli.col.version", "cli.col.date", "cli.col.type", "cli.col.category", "cli.col.per_head", "cli.col.by"];
    let widths = [6, 12, 12, 18, 14, 10];
    let row = |cells: [String; 6]| {
        let cells: Vec<String> = cells.iter().zip(widths).map(|(c, w)| crate::lang::pad(c, w)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    out.push(row(header.map(|key| desk.word(key))));
    for v in &status.versions {
        let kind = v
            .kind
            .code()
            .map_or_else(|| crate::lang::clean(&v.form), |code| code_words(desk, office, "survey_type", code));
        let category = if v.decides {
            category_words(desk, office, v.rule_set.as_deref(), v.category.as_deref())
        } else {
            "-".into()
        };
        out.push(row([
            format!("{}{}", v.version, if v.corrected { "*" } else { "" }),
            v.on.to_string(),
            kind,
            category,
            v.per_head_net.map_or_else(|| "-".into(), |f| f.grouped()),
            crate::lang::clean(&office.officer_name(v.by)?.unwrap_or_default()),
        ]));
    }
    Ok(out)
}

/// A code's words in the desk's language; the bare code when the list does not have it.
pub fn code_words(desk: &Desk, office: &Office, list: &str, code: &str) -> String {
    let found = office.library().codes(list).and_then(|l| l.get(code));
    match found {
        Some(c) => {
            if desk.lang == crate::lang::Lang::Zh {
                c.zh.clone()
            } else {
                c.en.clone()
            }
        }
        None => crate::lang::clean(code),
    }
}
