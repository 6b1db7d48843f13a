//! A proposed rule set over all dossiers: who would move where.

use super::{Duty, Failure, Office};
use crate::domain::{Day, Now};
use crate::rules::replay::Replay;
use crate::rules::{self, Facts, RuleSet};
use crate::views::{self, Horizon};
use std::collections::BTreeMap;

impl Office {
    /// Decides the latest deciding survey of every dossier that is not over, by the rule set it was decided with and by the
    /// proposed one. Erased households are left out: there are no facts any more.
    pub fn replay(&self, proposed: &RuleSet, now: Now) -> Result<Replay<String>, Failure> {
        let _ = self.may(Duty::Replay, now)?;
        let reach = self.reach(now)?;
        let mut histories = Vec::new();
        views::read::each_history(&self.store, &self.keys, |history| {
            histories.extend(history.ok().filter(|h| {
                let theirs =
                    reach.as_ref().is_none_or(|reach| h.unit(Horizon::NOW).is_some_and(|u| reach.contains(&u)));
                theirs && !h.is_erased() && !h.status(Horizon::NOW).is_some_and(|s| s.is_over())
            }));
            true
        })?;
        // By the set they were decided with, since a replay compares two sets.
        let mut by_set: BTreeMap<String, Vec<(String, Facts, Day)>> = BTreeMap::new();
        for history in &histories {
            let status = super::dossier::StatusLine::of(history, Horizon::NOW);
            let Some(line) = status.versions.iter().rev().find(|v| v.decides) else { continue };
            let Some(set) = line.rule_set.clone() else { continue };
            let kept = self.survey(history.dossier, line)?;
            by_set.entry(set).or_default().push((status.number, Facts::from_answers(&kept.answers), line.on));
        }
        let mut all = Replay { households: 0, counts: BTreeMap::new(), moved: Vec::new() };
        for (set, households) in &by_set {
            let Some(now) = self.library.rule_sets().get(set) else { continue };
            let each = households.iter().map(|(number, facts, day)| (number.clone(), facts, *day));
            let part = rules::replay::replay(each, now, proposed)
                .map_err(|large| Failure::AmountTooLarge { fact: large.fact.name().to_owned() })?;
            all.households += part.households;
            for (pair, count) in part.counts {
                *all.counts.entry(pair).or_default() += count;
            }
            all.moved.extend(part.moved);
        }
        Ok(all)
    }
}
