//! Facts and a rule set make a decision.

use super::condition::{Reading, TooLarge};
use super::facts::{Fact, Facts, Value};
use super::rule_set::{Category, LineOf, RuleSet};
use crate::domain::decision::Holds;
use crate::domain::{Day, Decision, Fen};
use std::borrow::Cow;

/// What a rule set gives, without the reasons: enough to compare two sets over many households.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict<'s> {
    Given(&'s str),
    Undecided,
}

/// The facts as a set reads them: without the income that it does not count, with the conscripts that it does, and dated
/// figures (the line) filled in from its tables where they were not given. The same again when done twice.
/// A division without a line leaves it unknown.
pub fn with_figures<'f>(facts: &'f Facts, set: &RuleSet, on: Day) -> Cow<'f, Facts> {
    let mut facts = Cow::Borrowed(facts);
    for (kind, amount) in facts.clone().not_income.iter().filter(|(kind, _)| set.not_income.value.contains(kind)) {
        let income = facts.get(Fact::Income);
        let (low, high) = (income.low.saturating_sub(amount.high), income.high.saturating_sub(amount.low));
        let facts = facts.to_mut();
        facts.set(Fact::Income, Value { low, high });
        facts.not_income.remove(kind);
    }
    let conscripts = facts.get(Fact::Conscripts);
    if set.values.get("conscripts_count").is_some_and(|counts| counts.value == 1) && conscripts != Value::ZERO {
        let members = facts.get(Fact::Members);
        let facts = facts.to_mut();
        facts.set(Fact::Members, Value { low: members.low + conscripts.low, high: members.high + conscripts.high });
        facts.set(Fact::Conscripts, Value::ZERO);
    }
    for fact in [Fact::LineMonth, Fact::ProvincialIncome] {
        if facts.get(fact).exact().is_some() || !set.facts.contains(&fact) {
            continue;
        }
        let own = match set.line_of.value {
            LineOf::Unit if facts.unit_division.is_some() => facts.unit_division.as_deref(),
            _ => facts.division.as_deref(),
        };
        // A set chosen by name for a household outside its divisions is asked what its own place has.
        let division = if set.closeness(own).is_some() { own } else { set.divisions.first().map(String::as_str) };
        if let Some(amount) = set.figure(fact, division, on).map(|f| f.amount.0) {
            facts.to_mut().set(fact, Value::known(amount));
        }
    }
    facts
}

/// The decision of `set` on `facts`, for the day `on` that selected both set and line. No flips: see
/// [`decide_with_flips`]. Fails only where an amount is beyond what is compared exactly.
///
/// Categories are tried in the set's order; the first that holds is given, the others that hold stand in `also`. One
/// that is unknown before any holds leaves the decision undecided: it names the facts that are missing, and the
/// categories that could still come out.
pub fn decide(facts: &Facts, set: &RuleSet, on: Day) -> Result<Decision, TooLarge> {
    let facts = with_figures(facts, set, on);
    let reading = Reading { facts: &facts };
    let mut trace = Vec::new();
    let mut tried: Vec<(&Category, Holds)> = Vec::new();
    for category in &set.categories {
        let step = category.condition.step(&category.rule, &category.code, &category.source, &reading)?;
        tried.push((category, step.holds));
        trace.push(step);
    }
    let watch = match &set.watch {
        Some(watch) => {
            let step = watch.condition.step(&watch.rule, &watch.code, &watch.source, &reading)?;
            let holds = step.holds;
            trace.push(step);
            Some((watch, holds))
        }
        None => None,
    };
    let outcome = Outcome::of(&tried, watch, &set.none_code);
    let mut exclusions = Vec::new();
    for exclusion in &set.exclusions {
        // An exclusion that does not hold explains nothing; one that cannot be told must be seen.
        let holds = exclusion.condition.holds(&reading)?;
        if holds == Holds::No {
            continue;
        }
        if holds == Holds::Yes {
            exclusions.push(exclusion.code.clone());
        }
        let rule = format!("exclusion.{}", exclusion.code);
        trace.push(exclusion.condition.step(&rule, &exclusion.code, &exclusion.source, &reading)?);
    }
    let missing = if outcome.given.is_some() { Vec::new() } else { missing(&tried, watch, &reading)? };
    let line = facts.get(Fact::LineMonth).exact().map(Fen);
    Ok(Decision {
        category: outcome.given.map(str::to_owned),
        rule_set: set.id.clone(),
        on,
        per_head_net: per_head(&facts, set),
        line_month: line,
        trace,
        also: outcome.also.into_iter().map(str::to_owned).collect(),
        missing,
        possible: outcome.possible.into_iter().map(str::to_owned).collect(),
        exclusions,
        flips: Vec::new(),
    })
}

/// The decision, with the smallest change of each fact that leads elsewhere: for reviewer and approver only.
pub fn decide_with_flips(facts: &Facts, set: &RuleSet, on: Day) -> Result<Decision, TooLarge> {
    let mut decision = decide(facts, set, on)?;
    decision.flips = super::flip::flips(facts, set, on)?;
    Ok(decision)
}

/// The category alone, quickly. The same as [`decide`] gives (a test compares them).
pub fn verdict<'s>(facts: &Facts, set: &'s RuleSet, on: Day) -> Result<Verdict<'s>, TooLarge> {
    let facts = with_figures(facts, set, on);
    verdict_filled(&facts, set)
}

/// As [`verdict`], where the dated figures stand already.
pub(super) fn verdict_filled<'s>(facts: &Facts, set: &'s RuleSet) -> Result<Verdict<'s>, TooLarge> {
    let reading = Reading { facts };
    for category in set.categories.iter().chain(&set.watch) {
        match category.condition.holds(&reading)? {
            Holds::Yes => return Ok(Verdict::Given(&category.code)),
            Holds::Unknown => return Ok(Verdict::Undecided),
            Holds::No => {}
        }
    }
    Ok(Verdict::Given(&set.none_code))
}

struct Outcome<'s> {
    given: Option<&'s str>,
    also: Vec<&'s str>,
    possible: Vec<&'s str>,
}

impl<'s> Outcome<'s> {
    fn of(tried: &[(&'s Category, Holds)], watch: Option<(&'s Category, Holds)>, none: &'s str) -> Outcome<'s> {
        let holding = tried.iter().filter(|(_, h)| *h == Holds::Yes).map(|(c, _)| c.code.as_str());
        let mut possible = Vec::new();
        for (category, holds) in tried.iter().copied().chain(watch) {
            match holds {
                Holds::No => continue,
                Holds::Unknown => possible.push(category.code.as_str()),
                Holds::Yes => {
                    possible.push(category.code.as_str());
                    return Outcome::from_possible(possible, holding.collect());
                }
            }
        }
        possible.push(none);
        Outcome::from_possible(possible, holding.collect())
    }

    /// `possible` ends with the first that is certain: alone it is the one given.
    fn from_possible(mut possible: Vec<&'s str>, holding: Vec<&'s str>) -> Outcome<'s> {
        if possible.len() > 1 {
            return Outcome { given: None, also: Vec::new(), possible };
        }
        let given = possible.pop();
        let also = holding.into_iter().filter(|code| Some(*code) != given).collect();
        Outcome { given, also, possible }
    }
}

/// The unknown facts that the undecided rules read, in the order of [`Fact::ALL`].
fn missing(
    tried: &[(&Category, Holds)],
    watch: Option<(&Category, Holds)>,
    reading: &Reading<'_>,
) -> Result<Vec<String>, TooLarge> {
    let mut facts: Vec<Fact> = Vec::new();
    for (category, holds) in tried.iter().copied().chain(watch) {
        match holds {
            Holds::Yes => break,
            Holds::No => {}
            Holds::Unknown => category.condition.unknowns(reading, &mut facts)?,
        }
    }
    facts.sort_unstable();
    facts.dedup();
    Ok(facts.into_iter().map(|f| f.name().to_owned()).collect())
}

/// The first quotient, rounded down, for showing; `None` while anything in it is unknown.
fn per_head(facts: &Facts, set: &RuleSet) -> Option<Fen> {
    let members = u32::try_from(facts.get(Fact::Members).exact()?).ok()?;
    let net = set.per_head.number(&Reading { facts })?;
    Fen(net).per(members.checked_mul(12)?)
}
