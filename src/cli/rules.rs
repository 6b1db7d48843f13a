//! `rules`: what is in force, on whose word, and what it decides. Needs no store.

use super::args::{Rules, RulesCommand};
use super::context::{Context, How};
use super::script;
use crate::command::Failure;
use crate::command::adopting::Proposed;
use crate::command::replay::Touched;
use crate::domain::{Explain, Message};
use crate::rules::{self, CaseDays, RuleSet, RuleSets};
use serde_json::{Value, json};
use std::process::ExitCode;

pub fn run(context: &Context, rules: &Rules) -> Result<ExitCode, Failure> {
    match &rules.what {
        RulesCommand::List => Ok(list(context)),
        RulesCommand::Show { id } => Ok(show(context, id)),
        RulesCommand::Decide { facts, set, on } => decide(context, facts, set.as_deref(), on.as_deref()),
        RulesCommand::Adopt { id, file, aid, calendar, paper, decided_on, from, until } => {
            let day = |text: &Option<String>| text.as_deref().map(|text| context.day(text)).transpose();
            let (decided_on, from, until) = match (day(decided_on), day(from), day(until)) {
                (Ok(decided_on), Ok(from), Ok(until)) => (decided_on, from, until),
                (Err(code), ..) | (_, Err(code), _) | (.., Err(code)) => return Ok(code),
            };
            let own = file.as_ref().map(|file| Ok::<_, Failure>((name_of(file), script::read_said(context, file)?)));
            let own = own.transpose()?;
            let proposed = match &own {
                Some((file, text)) => Proposed::Text { file, text },
                None => Proposed::Brought(id.as_deref().unwrap_or_default()),
            };
            context.in_office(How::default(), |office| {
                let now = context.now();
                let decided_on = decided_on.unwrap_or(now.today);
                let id = match &own {
                    Some((file, text)) if *aid => {
                        office.adopt_aid((file, text), paper, decided_on, (from, until), now)?
                    }
                    Some((file, text)) if *calendar => office.adopt_calendar((file, text), paper, decided_on, now)?,
                    _ => office.adopt_rules(proposed, paper, decided_on, (from, until), now)?,
                };
                let done = adopted(context, office)?;
                if !*aid && !*calendar {
                    let touched = office.touched(now);
                    // It is adopted all the same.
                    let said = touched.map(|mut touched| {
                        touched.retain(|line| line.rules_now == id);
                        Some(touched.len()).filter(|count| *count > 0)
                    });
                    match said {
                        Ok(count) => count.into_iter().for_each(|count| {
                            let touches = Message::new("cli.rules.touches").with("count", count);
                            context.terminal.error(&context.say(&touches));
                        }),
                        Err(failure) => context.terminal.error(&context.say(&failure.explain())),
                    }
                }
                Ok(done)
            })
        }
        RulesCommand::Adopted => context.in_office(How::default(), |office| adopted(context, office)),
        RulesCommand::Export { id } => export(context, id),
        RulesCommand::Touched => touched(context),
        RulesCommand::Replay { file } => replay(context, file),
    }
}

/// What the bureau has adopted, by the day it is in force from.
fn adopted(context: &Context, office: &crate::command::Office) -> Result<ExitCode, Failure> {
    let rows = [office.adopted_rules()?, office.adopted_aid()?, office.adopted_calendars()?].concat();
    if context.json {
        let one = |row: &crate::views::settings::AdoptedRow| -> Result<Value, Failure> {
            Ok(json!({
                "id": row.id,
                "paper": row.document,
                "decided_on": row.decided_on.to_string(),
                "from": row.since.to_string(),
                "until": row.until.map(|day| day.to_string()),
                "by": office.officer_name(row.by)?,
                "record": row.entry.hex(),
            }))
        };
        context.terminal.json(&Value::Array(rows.iter().map(one).collect::<Result<_, _>>()?));
    } else if rows.is_empty() {
        context.terminal.line(&context.word("cli.rules.none_adopted"));
    } else {
        context.terminal.table(&crate::present::lists::adopted(&context.words(office), &rows));
    }
    Ok(ExitCode::SUCCESS)
}

/// Decisions that other rules would make now.
fn touched(context: &Context) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let touched = office.touched(context.now())?;
        if context.json {
            let one = |line: &Touched| {
                json!({
                    "dossier": line.number,
                    "surveyed_on": line.surveyed_on.to_string(),
                    "rules": line.rule_set,
                    "rules_now": line.rules_now,
                    "category": line.category,
                    "category_now": line.category_now,
                    "status": line.status.map(|status| status.code()),
                })
            };
            context.terminal.json(&Value::Array(touched.iter().map(one).collect()));
        } else if touched.is_empty() {
            context.terminal.line(&context.word("cli.rules.none_touched"));
        } else {
            context.terminal.table(&crate::present::lists::touched(&context.words(office), &touched));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// As it was adopted, else as the program brings it.
fn export(context: &Context, id: &str) -> Result<ExitCode, Failure> {
    let adopted = |office: &crate::command::Office| match office.rules_text(id)? {
        Some(text) => {
            text.lines().for_each(|line| context.terminal.line(line));
            Ok(ExitCode::SUCCESS)
        }
        None => Ok(no_such(context, office.rules()?.all(), id)),
    };
    context.in_office(How::default(), adopted)
}

fn name_of(file: &std::path::Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn summary(set: &RuleSet) -> Value {
    json!({
        "id": set.id,
        "base": set.base,
        "name": {"zh": set.names.zh, "en": set.names.en},
        "in_force_from": set.in_force_from.to_string(),
        "in_force_to": set.in_force_to.map(|d| d.to_string()),
        "divisions": set.divisions,
        "source": set.source,
    })
}

fn list(context: &Context) -> ExitCode {
    let library = context.library();
    if context.json {
        context.terminal.json(&Value::Array(library.rule_sets().iter().map(summary).collect()));
    } else {
        for set in library.rule_sets().iter() {
            let to = set.in_force_to.map_or_else(|| "……".into(), |d| d.to_string());
            let name = if context.lang() == crate::lang::Lang::Zh { &set.names.zh } else { &set.names.en };
            context.terminal.line(&format!(
                "{}  {} – {}  {name}",
                crate::lang::pad(&set.id, 24),
                set.in_force_from,
                to
            ));
        }
    }
    ExitCode::SUCCESS
}

fn no_such(context: &Context, sets: &RuleSets, id: &str) -> ExitCode {
    let ids: Vec<&str> = sets.iter().map(|s| s.id.as_str()).collect();
    context
        .terminal
        .error(&context.say(&Message::new("cli.rules.no_such").with("asked", id).with("ids", ids.join(", "))));
    ExitCode::from(1)
}

fn show(context: &Context, id: &str) -> ExitCode {
    let library = context.library();
    let Some(set) = library.rule_sets().get(id) else { return no_such(context, library.rule_sets(), id) };
    let values: serde_json::Map<String, Value> =
        set.values.iter().map(|(name, v)| (name.clone(), json!({"value": v.value, "source": v.source}))).collect();
    let categories: Vec<Value> = set
        .categories
        .iter()
        .chain(&set.watch)
        .map(|c| {
            json!({"rule": c.rule, "code": c.code, "zh": c.names.zh, "en": c.names.en,
                   "condition": c.condition.text, "survey_months": c.survey_months, "source": c.source})
        })
        .collect();
    let figures: Vec<Value> = set
        .figures
        .iter()
        .map(|f| {
            json!({"fact": f.fact.name(), "division": f.division, "from": f.from.to_string(),
                   "amount": f.amount.yuan(), "source": f.source})
        })
        .collect();
    if context.json {
        let mut out = summary(set);
        if let Some(map) = out.as_object_mut() {
            map.insert("facts".into(), json!(set.facts.iter().map(|f| f.name()).collect::<Vec<_>>()));
            map.insert("values".into(), Value::Object(values));
            map.insert("categories".into(), Value::Array(categories));
            map.insert("figures".into(), Value::Array(figures));
        }
        context.terminal.json(&out);
        return ExitCode::SUCCESS;
    }
    let zh = context.lang() == crate::lang::Lang::Zh;
    context.terminal.line(&format!("{}  {}", set.id, if zh { &set.names.zh } else { &set.names.en }));
    context.terminal.line(&format!("  {}", set.source));
    for c in set.categories.iter().chain(&set.watch) {
        context.terminal.line(&format!("{} {}", c.code, if zh { &c.names.zh } else { &c.names.en }));
        context.terminal.line(&format!("    {}", c.condition.text));
        context.terminal.line(&format!("    {}", c.source));
    }
    for (name, v) in &set.values {
        context.terminal.line(&format!("{}  {}  {}", crate::lang::pad(name, 24), v.value, v.source));
    }
    for f in &set.figures {
        context.terminal.line(&format!(
            "{}  {}  {}  {}  {}",
            f.fact.name(),
            f.division,
            f.from,
            f.amount.grouped(),
            f.source
        ));
    }
    ExitCode::SUCCESS
}

fn decide(context: &Context, file: &std::path::Path, set: Option<&str>, on: Option<&str>) -> Result<ExitCode, Failure> {
    let library = context.library();
    let day = match on.map(|text| context.day(text)).transpose() {
        Ok(day) => day.unwrap_or(context.now().today),
        Err(code) => return Ok(code),
    };
    let facts = match rules::json::facts(&script::read_json(context, file)?) {
        Ok(facts) => facts,
        Err(problems) => {
            for problem in &problems {
                context.terminal.error(&context.say(&problem.explain()));
            }
            return Ok(ExitCode::from(1));
        }
    };
    let division = facts.division.as_deref();
    let found = match set {
        Some(id) => match library.rule_sets().get(id) {
            Some(set) => Some((set, day)),
            None => return Ok(no_such(context, library.rule_sets(), id)),
        },
        None => library.rule_sets().deciding(&CaseDays::all(day), division),
    };
    let Some((set, day)) = found else {
        return Err(Failure::NoRuleSet { on: day, division: division.unwrap_or("-").to_owned() });
    };
    let decision = rules::decide_with_flips(&facts, set, day)
        .map_err(|large| Failure::AmountTooLarge { fact: large.fact.name().to_owned() })?;
    if context.json {
        context.terminal.json(&rules::json::decision(&decision));
    } else {
        let code = decision.category.as_deref();
        let names = code.and_then(|c| set.category_names(c));
        let zh = context.lang() == crate::lang::Lang::Zh;
        let words = names.map(|n| if zh { n.zh.clone() } else { n.en.clone() });
        context.terminal.line(&match (code, words) {
            (Some(code), Some(words)) => format!("{code} {words}"),
            _ => context.word("present.undecided"),
        });
        for sentence in rules::trace::sentences(&decision, set, context.pick()) {
            context.terminal.line(&format!("  {}", context.say(&sentence)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Filled in with the dossiers of the store.
fn replay(context: &Context, file: &std::path::Path) -> Result<ExitCode, Failure> {
    let text = script::read_said(context, file)?;
    let name = name_of(file);
    context.in_office(How::default(), |office| {
    let (sets, problems) = rules::load::load_over(office.rules()?.all(), [(name.as_str(), text.as_str())]);
    let Some(proposed) = sets.iter().next().filter(|_| problems.is_empty()) else {
        return Err(Failure::Rules(problems.iter().map(Explain::explain).collect()));
    };
    let moves = office.replay(proposed, context.now())?;
    let word = |code: &Option<String>| code.clone().unwrap_or_else(|| context.word("present.undecided"));
    if context.json {
        context.terminal.json(&json!({
            "households": moves.households,
            "moved": moves.moved.iter().map(|m| json!({"dossier": m.who, "from": m.from, "to": m.to})).collect::<Vec<_>>(),
            "table": moves.counts.iter().map(|((from, to), n)| json!({"from": from, "to": to, "households": n})).collect::<Vec<_>>(),
        }));
    } else {
        for ((from, to), n) in &moves.counts {
            context.terminal.line(&format!("{} > {}  {n}", word(from), word(to)));
        }
        for m in &moves.moved {
            context.terminal.line(&format!("{}  {} > {}", m.who, word(&m.from), word(&m.to)));
        }
    }
    Ok(ExitCode::SUCCESS)
    })
}
