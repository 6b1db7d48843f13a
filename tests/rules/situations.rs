//! Situations as data: `situations.toml` says what is given and what comes out, and why.

// Amounts are written as yuan_fen: 42_000_00.
#![allow(clippy::inconsistent_digit_grouping)]

use dossier::data;
use dossier::domain::{Day, Fen};
use dossier::rules::decide::Verdict;
use dossier::rules::{Fact, Facts, RuleSets, Value, decide, json, load, verdict};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    set: String,
    given: toml::Table,
    #[serde(default)]
    unknown: Vec<String>,
    gives: Option<String>,
    per_head: Option<String>,
    also: Option<Vec<String>>,
    #[serde(default)]
    because: Vec<String>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    possible: Vec<String>,
    exclusions: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

fn cases() -> Vec<Case> {
    let table: Table = toml::from_str(include_str!("situations.toml")).unwrap();
    table.case
}

fn rule_sets() -> RuleSets {
    let (sets, problems) = load(data::folder("rules"));
    assert!(problems.is_empty(), "{problems:#?}");
    sets
}

fn facts(case: &Case) -> Facts {
    let given = serde_json::to_string(&case.given).unwrap();
    let mut facts = json::facts(&given).unwrap_or_else(|problems| panic!("{}: {problems:?}", case.name));
    for name in &case.unknown {
        let fact = Fact::from_name(name).unwrap();
        facts.set(fact, Value::unknown(fact));
    }
    facts
}

fn day() -> Day {
    Day::from_iso("2026-06-01").unwrap()
}

#[test]
fn every_situation_gives_what_the_table_says() {
    let sets = rule_sets();
    let mut wrong = Vec::new();
    for case in cases() {
        let set = sets.get(&case.set).unwrap_or_else(|| panic!("{}: no set {}", case.name, case.set));
        let decision = decide(&facts(&case), set, day()).unwrap();
        let mut differs = |what: &str, expected: String, found: String| {
            if expected != found {
                wrong.push(format!("{}: {what}: expected {expected}, found {found}", case.name));
            }
        };
        differs("category", format!("{:?}", case.gives), format!("{:?}", decision.category));
        differs("missing", format!("{:?}", case.missing), format!("{:?}", decision.missing));
        differs("possible", format!("{:?}", case.possible), format!("{:?}", decision.possible));
        if let Some(per_head) = &case.per_head {
            differs("per head", per_head.clone(), decision.per_head_net.map(Fen::yuan).unwrap_or_default());
        }
        if let Some(also) = &case.also {
            differs("also", format!("{also:?}"), format!("{:?}", decision.also));
        }
        if let Some(exclusions) = &case.exclusions {
            differs("exclusions", format!("{exclusions:?}"), format!("{:?}", decision.exclusions));
        }
        for because in &case.because {
            if !decision.trace.iter().any(|s| s.filled == *because) {
                let found: Vec<&str> = decision.trace.iter().map(|s| s.filled.as_str()).collect();
                wrong.push(format!("{}: not in the trace: {because}; found {found:#?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_quick_verdict_is_the_decisions() {
    let sets = rule_sets();
    for case in cases() {
        let facts = facts(&case);
        for set in sets.iter() {
            let slow = decide(&facts, set, day()).unwrap().category;
            let quick = match verdict(&facts, set, day()).unwrap() {
                Verdict::Given(code) => Some(code.to_owned()),
                Verdict::Undecided => None,
            };
            assert_eq!(slow, quick, "{} under {}", case.name, set.id);
        }
    }
}

/// Whatever an unknown turns out to be, the category is among those that were called possible; and where one was given
/// in spite of the unknown, it stays.
#[test]
fn what_comes_out_later_was_possible_before() {
    let sets = rule_sets();
    let mut tried = 0;
    for case in cases().iter().filter(|c| !c.unknown.is_empty()) {
        let set = sets.get(&case.set).unwrap();
        let open = facts(case);
        let before = decide(&open, set, day()).unwrap();
        for name in &case.unknown {
            let fact = Fact::from_name(name).unwrap();
            let range = open.get(fact);
            for value in [range.low, 0, 1, 100, 700_00, 12_000_00, 25_200_00, 50_400_00, 99_999_99, range.high] {
                if !(range.low..=range.high).contains(&value) {
                    continue;
                }
                let mut known = open.clone().with(fact, value);
                for other in &case.unknown {
                    let other = Fact::from_name(other).unwrap();
                    if other != fact {
                        known.set(other, Value::known(open.get(other).low));
                    }
                }
                let after = decide(&known, set, day()).unwrap().category.unwrap();
                match &before.category {
                    Some(category) => assert_eq!(*category, after, "{}: {name} = {value}", case.name),
                    None => assert!(before.possible.contains(&after), "{}: {name} = {value}: {after}", case.name),
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 40, "{tried}");
}
