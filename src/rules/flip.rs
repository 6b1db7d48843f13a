//! What would change a decision: for each fact that its rules read, the smallest change that leads elsewhere.

use super::condition::TooLarge;
use super::decide::{Verdict, verdict_filled, with_figures};
use super::facts::{COUNT_MAX, Fact, FactKind, Facts, UNKNOWN_MAX, Value};
use super::rule_set::RuleSet;
use crate::domain::Day;
use crate::domain::decision::Flip;

/// The flips of a decided case, those of one fact with the smaller change first; none while it is undecided.
///
/// For money and counts both directions are tried: the nearest value up, and the nearest down, at which the category is
/// another. Along one fact the categories follow each other in one direction (more income never helps to a better
/// category and then to a worse one), so doubling steps find an end and halving finds the fen. The line itself is policy
/// and no fact of the household's: it has no flip.
pub fn flips(facts: &Facts, set: &RuleSet, on: Day) -> Result<Vec<Flip>, TooLarge> {
    let facts = with_figures(facts, set, on);
    let Verdict::Given(here) = verdict_filled(&facts, set)? else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for fact in read_by_categories(set) {
        let Some(now) = facts.get(fact).exact() else { continue };
        let mut found: Vec<(i64, &str)> = Vec::new();
        for direction in [-1, 1] {
            found.extend(nearest(facts.as_ref(), set, fact, now, direction, here));
        }
        found.sort_by_key(|(to, _)| now.abs_diff(*to));
        out.extend(found.into_iter().map(|(to, category)| Flip {
            fact: fact.name().to_owned(),
            to: fact.show(to),
            category: category.to_owned(),
        }));
    }
    Ok(out)
}

/// The facts that the categories' conditions read, without the dated figures.
fn read_by_categories(set: &RuleSet) -> Vec<Fact> {
    let mut facts: Vec<Fact> =
        set.categories.iter().chain(&set.watch).flat_map(|c| c.condition.facts().iter().copied()).collect();
    facts.sort_unstable();
    facts.dedup();
    facts.retain(|f| !matches!(f, Fact::LineMonth | Fact::ProvincialIncome));
    facts
}

/// The nearest value of `fact` in one direction whose category is not `here`, and that category. A value too large to
/// be compared exactly ends the search as the end of the range does.
fn nearest<'s>(
    facts: &Facts,
    set: &'s RuleSet,
    fact: Fact,
    now: i64,
    direction: i64,
    here: &str,
) -> Option<(i64, &'s str)> {
    let end = if direction < 0 { fact.least() } else { most(fact) };
    if (end - now).signum() != direction {
        return None;
    }
    let mut probe = facts.clone();
    let mut category_at = |value: i64| -> Option<&'s str> {
        probe.set(fact, Value::known(value));
        match verdict_filled(&probe, set) {
            Ok(Verdict::Given(code)) if code != here => Some(code),
            _ => None,
        }
    };
    // Doubling: `same` still gives `here`, `other` does not.
    let mut same = now;
    let mut step = 1;
    let mut other = loop {
        let at = if step >= (end - now).abs() { end } else { now + direction * step };
        if category_at(at).is_some() {
            break at;
        }
        if at == end {
            return None;
        }
        same = at;
        step *= 2;
    };
    while same.abs_diff(other) > 1 {
        let middle = same + (other - same) / 2;
        if category_at(middle).is_some() { other = middle } else { same = middle }
    }
    category_at(other).map(|category| (other, category))
}

fn most(fact: Fact) -> i64 {
    match fact.kind() {
        FactKind::Money | FactKind::Area => UNKNOWN_MAX,
        FactKind::Count => COUNT_MAX,
        FactKind::Flag => 1,
    }
}
