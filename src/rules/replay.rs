//! Two rule sets over many households: who moves where.

use super::condition::TooLarge;
use super::decide::{Verdict, verdict};
use super::facts::Facts;
use super::rule_set::RuleSet;
use crate::domain::Day;
use std::collections::BTreeMap;

/// One household that comes out otherwise. `None` is undecided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved<K> {
    pub who: K,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// What a proposed rule set would change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay<K> {
    pub households: u64,
    /// Everyone, by (category now, category proposed), those that stay included; `None` is undecided.
    pub counts: BTreeMap<(Option<String>, Option<String>), u64>,
    /// Only those that move, in the order they were given.
    pub moved: Vec<Moved<K>>,
}

/// Decides every household by both sets, each on its own day.
pub fn replay<'f, K>(
    households: impl IntoIterator<Item = (K, &'f Facts, Day)>,
    now: &RuleSet,
    proposed: &RuleSet,
) -> Result<Replay<K>, TooLarge> {
    let mut out = Replay { households: 0, counts: BTreeMap::new(), moved: Vec::new() };
    // Counted by reference and written out once: there are a handful of pairs and perhaps a million households.
    let mut counts: BTreeMap<(Verdict<'_>, Verdict<'_>), u64> = BTreeMap::new();
    for (who, facts, on) in households {
        let pair = (verdict(facts, now, on)?, verdict(facts, proposed, on)?);
        out.households += 1;
        if pair.0 != pair.1 {
            out.moved.push(Moved { who, from: code(&pair.0), to: code(&pair.1) });
        }
        *counts.entry(pair).or_default() += 1;
    }
    for ((from, to), n) in counts {
        out.counts.insert((code(&from), code(&to)), n);
    }
    Ok(out)
}

fn code(verdict: &Verdict<'_>) -> Option<String> {
    match verdict {
        Verdict::Given(code) => Some((*code).to_owned()),
        Verdict::Undecided => None,
    }
}
