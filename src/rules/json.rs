//! Facts and decisions as JSON (design.md §11). Money is text in yuan with two places.

use super::facts::{COUNT_MAX, Fact, FactKind, Facts, STATED, Value};
use super::load::nearest;
use crate::domain::decision::Holds;
use crate::domain::json::NotJson;
use crate::domain::{Decision, Explain, Fen, Message};
use serde_json::{Map, Value as Json, json};

/// One thing wrong with a facts file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FactsProblem {
    /// The key in the file; empty for the file as a whole.
    pub key: String,
    pub fault: FactsFault,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FactsFault {
    /// Not JSON, or a name twice in it.
    Syntax(NotJson),
    /// JSON, and not an object.
    NotAnObject,
    /// Members and income are never taken as zero.
    Missing,
    UnknownKey {
        nearest: Option<String>,
    },
    /// An amount that is no text in yuan, such as `"42000.00"`.
    NotMoney {
        found: String,
    },
    /// No whole number from `least` to `most`.
    NotACount {
        found: String,
        least: i64,
        most: i64,
    },
    NotTrueOrFalse {
        found: String,
    },
    NotADivision {
        found: String,
    },
    /// Below zero, where only income may be.
    BelowZero {
        found: String,
    },
    UnknownExclusion {
        found: String,
    },
}

impl Explain for FactsProblem {
    fn explain(&self) -> Message {
        let found = |key, found: &str| Message::new(key).with("found", found);
        match &self.fault {
            FactsFault::Syntax(why) => Message::new("rules.facts.syntax").with("words", why.explain()),
            FactsFault::NotAnObject => Message::new("rules.facts.not_an_object"),
            FactsFault::Missing => Message::new("rules.facts.missing"),
            FactsFault::UnknownKey { nearest: None } => Message::new("rules.facts.unknown_key"),
            FactsFault::UnknownKey { nearest: Some(n) } => {
                Message::new("rules.facts.unknown_key_nearest").with("nearest", n.as_str())
            }
            FactsFault::NotMoney { found: f } => found("rules.facts.not_money", f),
            FactsFault::NotACount { found: f, least, most } => {
                found("rules.facts.not_a_count", f).with("least", *least).with("most", *most)
            }
            FactsFault::NotTrueOrFalse { found: f } => found("rules.facts.not_true_or_false", f),
            FactsFault::NotADivision { found: f } => found("rules.facts.not_a_division", f),
            FactsFault::BelowZero { found: f } => found("rules.facts.below_zero", f),
            FactsFault::UnknownExclusion { found: f } => found("rules.facts.unknown_exclusion", f),
        }
        .with("key", self.key.as_str())
    }
}

/// Facts as `rules decide --facts` takes them: an object with the facts' names, `division`, `unit_division`, and
/// `exclusions` as a list of codes. What is left out is zero or false, except members and income, which must stand there;
/// `null` is unknown. Money is text in yuan; a whole JSON number is taken too. All problems come back at once.
pub fn facts(text: &str) -> Result<Facts, Vec<FactsProblem>> {
    let whole = |fault| vec![FactsProblem { key: String::new(), fault }];
    let json: Json = crate::domain::json::read(text).map_err(|why| whole(FactsFault::Syntax(why)))?;
    let Json::Object(object) = json else { return Err(whole(FactsFault::NotAnObject)) };
    let mut out = Facts::blank();
    let mut problems = Vec::new();
    for fact in [Fact::Members, Fact::Income] {
        if !object.contains_key(fact.name()) {
            problems.push(FactsProblem { key: fact.name().to_owned(), fault: FactsFault::Missing });
        }
    }
    for (key, value) in &object {
        if let Err(fault) = take(&mut out, key, value) {
            problems.push(FactsProblem { key: key.clone(), fault });
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

const OTHER_KEYS: [&str; 3] = ["division", "unit_division", "exclusions"];

fn take(out: &mut Facts, key: &str, value: &Json) -> Result<(), FactsFault> {
    match key {
        "division" => out.division = division(value)?,
        "unit_division" => out.unit_division = division(value)?,
        "exclusions" => {
            let Json::Array(codes) = value else { return Err(FactsFault::UnknownExclusion { found: short(value) }) };
            for code in codes {
                let stated = STATED.iter().find(|(c, _)| code.as_str() == Some(*c));
                let Some((_, fact)) = stated else { return Err(FactsFault::UnknownExclusion { found: short(code) }) };
                out.set(*fact, Value::known(1));
            }
        }
        name => {
            let Some(fact) = Fact::from_name(name) else {
                let known = Fact::ALL.iter().map(|f| f.name()).chain(OTHER_KEYS);
                return Err(FactsFault::UnknownKey { nearest: nearest(name, known) });
            };
            if value.is_null() {
                out.set(fact, Value::unknown(fact));
                out.gap(fact, name);
            } else {
                out.set(fact, Value::known(number(fact, value)?));
            }
        }
    }
    Ok(())
}

fn number(fact: Fact, value: &Json) -> Result<i64, FactsFault> {
    let found = || short(value);
    match fact.kind() {
        FactKind::Money | FactKind::Area => {
            let text = match value {
                Json::String(text) => text.clone(),
                Json::Number(n) if n.is_i64() => n.to_string(),
                _ => return Err(FactsFault::NotMoney { found: found() }),
            };
            let fen = Fen::from_yuan(&text).map_err(|_| FactsFault::NotMoney { found: found() })?;
            if fen.0 < 0 && fact.least() >= 0 {
                return Err(FactsFault::BelowZero { found: found() });
            }
            Ok(fen.0)
        }
        FactKind::Count => value
            .as_i64()
            .filter(|n| (fact.least()..=COUNT_MAX).contains(n))
            .ok_or_else(|| FactsFault::NotACount { found: found(), least: fact.least(), most: COUNT_MAX }),
        FactKind::Flag => value.as_bool().map(i64::from).ok_or_else(|| FactsFault::NotTrueOrFalse { found: found() }),
    }
}

fn division(value: &Json) -> Result<Option<String>, FactsFault> {
    match value {
        Json::Null => Ok(None),
        Json::String(text) if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(Some(text.clone())),
        other => Err(FactsFault::NotADivision { found: short(other) }),
    }
}

fn short(value: &Json) -> String {
    value.to_string().chars().take(40).collect()
}

/// A decision as `rules decide --json`, `explain --json` and `show --json` print it.
pub fn decision(decision: &Decision) -> Json {
    let trace: Vec<Json> = decision
        .trace
        .iter()
        .map(|step| {
            let operands: Map<String, Json> = step
                .operands
                .iter()
                .map(|o| (o.name.clone(), o.text.clone().map_or(Json::Null, Json::String)))
                .collect();
            json!({
                "rule": step.rule,
                "category": step.category,
                "condition": step.condition,
                "filled": step.filled,
                "operands": operands,
                "holds": holds(step.holds),
                "source": step.source,
            })
        })
        .collect();
    let flips: Vec<Json> =
        decision.flips.iter().map(|f| json!({ "fact": f.fact, "to": f.to, "category": f.category })).collect();
    json!({
        "category": decision.category,
        "rule_set": decision.rule_set,
        "on": decision.on.to_string(),
        "per_head_net": decision.per_head_net.map(Fen::yuan),
        "per_head_compared": decision.per_head_compared().map(Fen::yuan),
        "line_month": decision.line_month.map(Fen::yuan),
        "also": decision.also,
        "missing": decision.missing,
        "possible": decision.possible,
        "exclusions": decision.exclusions,
        "trace": trace,
        "flips": flips,
    })
}

/// `true`, `false`, and `null` for unknown.
fn holds(holds: Holds) -> Json {
    match holds {
        Holds::Yes => Json::Bool(true),
        Holds::No => Json::Bool(false),
        Holds::Unknown => Json::Null,
    }
}
