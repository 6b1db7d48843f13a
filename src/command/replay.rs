//! Rule sets over all dossiers: who would move where by a proposed one, and which decisions an adopted one touches that were
//! made before it was known.

use super::adopting::BureauRules;
use super::dossier::{StatusLine, VersionLine};
use super::submit::facts_of;
use super::{Duty, Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::event::SurveyKind;
use crate::domain::{Day, Decision, DossierId, Now};
use crate::rules::replay::Replay;
use crate::rules::{self, CaseDays, Facts, RuleSet, RuleSets};
use crate::views::{self, History, Horizon};
use std::collections::BTreeMap;

/// A decision that other rules would make now: those of its own days are not those it was made by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Touched {
    pub dossier: DossierId,
    pub number: String,
    pub status: Option<Status>,
    pub surveyed_on: Day,
    pub rule_set: String,
    pub rules_now: String,
    pub category: Option<String>,
    pub category_now: Option<String>,
}

impl Touched {
    pub fn moves(&self) -> bool {
        self.category != self.category_now
    }
}

/// The latest deciding survey of a household that is not over, as rules see it.
struct Decided {
    line: VersionLine,
    facts: Facts,
    days: CaseDays,
    division: String,
}

impl Office {
    /// Every household that is not over by the rules it was decided with and by the proposed ones: those whose own days the
    /// proposed set would decide, and beside them those whose next decision it makes, as of its first day. Erased households
    /// are left out: there are no facts any more.
    pub fn replay(&self, proposed: &RuleSet, now: Now) -> Result<Replay<String>, Failure> {
        let _ = self.may(Duty::Replay, now)?;
        let bureau = self.rules()?;
        let with = bureau.with(proposed);
        // By the set they were decided with, since a replay compares two sets.
        let mut by_set: BTreeMap<String, Vec<(String, Facts, Day)>> = BTreeMap::new();
        self.each_decided(&bureau, now, |status, decided| {
            let Some((before, on)) = compared(&bureau, &with, proposed, &decided) else { return };
            by_set.entry(before).or_default().push((status.number, decided.facts, on));
        })?;
        let mut all = Replay { households: 0, counts: BTreeMap::new(), moved: Vec::new() };
        for (set, households) in &by_set {
            let Some(now) = bureau.get(set) else { continue };
            let each = households.iter().map(|(number, facts, day)| (number.clone(), facts, *day));
            let part = rules::replay::replay(each, now, proposed).map_err(too_large)?;
            all.households += part.households;
            for (pair, count) in part.counts {
                *all.counts.entry(pair).or_default() += count;
            }
            all.moved.extend(part.moved);
        }
        all.moved.sort_by(|a, b| a.who.cmp(&b.who));
        Ok(all)
    }

    /// Decisions that stand and that the rules of their days, as they are known now, would not have made: a line published
    /// in March and in force from January touches what was decided in February. Nothing is decided anew by it: that is a
    /// person's. Those whose category moves come first.
    pub fn touched(&self, now: Now) -> Result<Vec<Touched>, Failure> {
        let _ = self.may(Duty::Replay, now)?;
        let bureau = self.rules()?;
        let mut touched = Vec::new();
        let mut failed = None;
        self.each_decided(&bureau, now, |status, decided| {
            let Some((set, day)) = bureau.deciding(&decided.days, Some(&decided.division)) else { return };
            let Some(rule_set) = decided.line.rule_set.clone().filter(|made_by| *made_by != set.id) else { return };
            match rules::decide(&decided.facts, set, day) {
                Ok(Decision { category, .. }) => touched.push(Touched {
                    dossier: status.dossier,
                    number: status.number,
                    status: status.status,
                    surveyed_on: decided.line.on,
                    rule_set,
                    rules_now: set.id.clone(),
                    category: decided.line.category,
                    category_now: category,
                }),
                Err(large) => failed = Some(too_large(large)),
            }
        })?;
        match failed {
            Some(failure) => Err(failure),
            None => {
                touched.sort_by(|a, b| (!a.moves(), &a.number).cmp(&(!b.moves(), &b.number)));
                Ok(touched)
            }
        }
    }

    /// The latest deciding survey of every household within reach that is neither over nor erased.
    fn each_decided(
        &self,
        bureau: &BureauRules,
        now: Now,
        mut each: impl FnMut(StatusLine, Decided),
    ) -> Result<(), Failure> {
        let reach = self.reach(now)?;
        let mut histories = Vec::new();
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            histories.extend(history.ok().filter(|h| {
                let theirs =
                    reach.as_ref().is_none_or(|reach| h.unit(Horizon::NOW).is_some_and(|u| reach.contains(&u)));
                theirs && !h.is_erased() && !h.status(Horizon::NOW).is_some_and(|s| s.is_over())
            }));
            true
        })?;
        for history in &histories {
            let status = StatusLine::of(history, Horizon::NOW);
            let Some(line) = status.versions.iter().rev().find(|v| v.decides).cloned() else { continue };
            let kept = self.survey(history.dossier, &line)?;
            let facts = facts_of(bureau, &kept.answers, Some(history), line.on);
            let days = days_of(history, &line);
            let division = bureau.division(days.application.unwrap_or(line.on)).to_owned();
            each(status, Decided { facts, days, division, line });
        }
        Ok(())
    }
}

/// The set that a household is compared by with the proposed one, and the day on which: its own where the proposed set would
/// have decided it, that set's first where it decides only what comes; `None` where it never does.
fn compared(bureau: &BureauRules, with: &RuleSets, proposed: &RuleSet, decided: &Decided) -> Option<(String, Day)> {
    let division = Some(decided.division.as_str());
    match with.deciding(&decided.days, division) {
        Some((set, day)) if set.id == proposed.id => Some((decided.line.rule_set.clone()?, day)),
        _ => {
            let first = proposed.in_force_from;
            let next = CaseDays::all(first.max(decided.days.decision));
            let (set, day) = with.deciding(&next, division)?;
            let (before, _) = bureau.deciding(&next, division)?;
            (set.id == proposed.id && first > decided.days.decision).then(|| (before.id.clone(), day))
        }
    }
}

/// The days by which the rules of a survey were chosen.
fn days_of(history: &History, line: &VersionLine) -> CaseDays {
    let starts = line.kind == SurveyKind::First || line.version == 1;
    let application = if starts { history.accepted_on().unwrap_or(line.on) } else { line.on };
    CaseDays { application: Some(application), survey: line.on, decision: line.on.max(application) }
}

fn too_large(large: rules::condition::TooLarge) -> Failure {
    Failure::AmountTooLarge { fact: large.fact.name().to_owned() }
}
