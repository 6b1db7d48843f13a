//! The case of a dossier, read from its history: the steps that stand, what the next one rests on, what a survey proposes.

use super::Happening;
use super::history::{History, Horizon, Version};
use crate::domain::case::{self, Vote};
use crate::domain::dossier::{Level, Status, UpperState};
use crate::domain::event::{Ledger, PaperState};
use crate::domain::{Day, EntryId};
use std::collections::HashSet;

/// What is proposed beside what is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposed {
    pub survey: EntryId,
    pub on: Day,
    /// `None`: undecided.
    pub category: Option<String>,
    pub rule_set: Option<String>,
    /// How far its way has gone while the dossier stands in the files; `None`: nobody has looked at it yet.
    pub stage: Option<Status>,
}

/// A posting in the unit: of this program with its days, of earlier ones with its first day alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Posting<'h> {
    pub entry: EntryId,
    pub from: Day,
    pub until: Option<Day>,
    pub category: Option<&'h str>,
}

fn posting_of(step: &Happening) -> Option<Posting<'_>> {
    match &step.ledger {
        Ledger::NoticePosted { on, until, category, .. } => {
            Some(Posting { entry: step.entry, from: *on, until: Some(*until), category: category.as_deref() })
        }
        Ledger::StatusMoved { to: Status::Noticed, on, .. } => {
            Some(Posting { entry: step.entry, from: *on, until: None, category: None })
        }
        _ => None,
    }
}

/// At which level a household is kept, since when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LevelKept {
    pub level: Level,
    pub upper: UpperState,
    pub on: Day,
}

impl History {
    fn step_of(&self, entry: EntryId) -> Option<&Happening> {
        self.happenings.iter().find(|h| h.entry == entry && h.ledger.step().is_some())
    }

    /// The step that a step follows; one that was withdrawn does not count.
    fn step_before<'h>(&'h self, step: &Happening, withdrawn: &[EntryId]) -> Option<&'h Happening> {
        let mut at = self.step_of(step.entry)?;
        // Bounded by the number of happenings: a ring of steps (damaged stations) ends too.
        for _ in 0..=self.happenings.len() {
            let parents = at.parents.iter().filter_map(|parent| self.step_of(*parent));
            at = parents.filter(|parent| parent.entry != step.entry).max_by_key(|h| (h.ledger.day(), h.at, h.entry))?;
            if !withdrawn.contains(&at.entry) {
                return Some(at);
            }
        }
        None
    }

    /// Where a step leaves its dossier: a decision about one that stands in the files leaves it there.
    pub(super) fn leaves_at(&self, step: &Happening, withdrawn: &[EntryId]) -> Option<Status> {
        let (to, _) = step.ledger.step()?;
        let mut at = step;
        for _ in 0..=self.happenings.len() {
            match at.ledger.step() {
                Some((status, _)) if case::is_of_decision(status) => {}
                Some((status, _)) if status.is_on_file() => return Some(status),
                _ => return Some(to),
            }
            match self.step_before(at, withdrawn) {
                Some(before) => at = before,
                None => return Some(to),
            }
        }
        Some(to)
    }

    /// The steps of the decision that is under way, the latest first: back to the approval, the check or the opening before
    /// it.
    pub fn deciding_steps(&self, horizon: Horizon) -> Vec<&Happening> {
        let withdrawn = self.withdrawn(horizon);
        let mut steps = Vec::new();
        let mut at = self.last_move(horizon).and_then(|last| self.step_of(last.entry));
        while let Some(step) = at.filter(|_| steps.len() <= self.happenings.len()) {
            match step.ledger.step() {
                Some((to, _)) if case::is_of_decision(to) && to != Status::Approved => steps.push(step),
                _ => break,
            }
            at = self.step_before(step, &withdrawn);
        }
        steps
    }

    /// All steps that stand, oldest first.
    pub fn standing_steps(&self, horizon: Horizon) -> Vec<&Happening> {
        let withdrawn = self.withdrawn(horizon);
        let mut steps = Vec::new();
        let mut at = self.last_move(horizon).and_then(|last| self.step_of(last.entry));
        while let Some(step) = at.filter(|_| steps.len() <= self.happenings.len()) {
            steps.push(step);
            at = self.step_before(step, &withdrawn);
        }
        steps.reverse();
        steps
    }

    /// The posting that the next approval would rest on.
    pub fn posting(&self, horizon: Horizon) -> Option<Posting<'_>> {
        let posting = self.deciding_steps(horizon).into_iter().find_map(posting_of)?;
        // What was rightly objected to is posted again, mended, before anything rests on it.
        let upheld = |one: &super::history::Objection<'_>| {
            let against = matches!(one.raised.ledger, Ledger::Objected { notice, .. } if notice == posting.entry);
            let right = |h: &Happening| matches!(h.ledger, Ledger::ObjectionSettled { upheld: true, .. });
            against && one.settled.is_some_and(right)
        };
        (!self.objections(horizon).iter().any(upheld)).then_some(posting)
    }

    /// The posting that somebody may object to: the last one that nothing was approved by, though the case may have gone back
    /// to checking since.
    pub fn last_notice(&self, horizon: Horizon) -> Option<Posting<'_>> {
        let of_this_case =
            |step: &&Happening| step.ledger.step().is_some_and(|(to, _)| to != Status::Approved && !to.is_over());
        self.standing_steps(horizon).into_iter().rev().take_while(of_this_case).find_map(posting_of)
    }

    /// The vote of the decision that is under way, where one was kept.
    pub fn vote(&self, horizon: Horizon) -> Option<Vote> {
        self.deciding_steps(horizon).into_iter().find_map(|step| match step.ledger {
            Ledger::Deliberated { committee, present, aside, agreed, against, .. } => {
                Some(Vote { committee, present, aside, agreed, against })
            }
            _ => None,
        })
    }

    /// The day on which the case that is under way was accepted.
    pub fn accepted_on(&self) -> Option<Day> {
        let applied = self.happenings.iter().rev().find_map(|h| match &h.ledger {
            Ledger::Applied { on, .. } => Some(*on),
            _ => None,
        });
        applied.or_else(|| {
            self.happenings.iter().find_map(|h| match &h.ledger {
                Ledger::DossierOpened { accepted_on, .. } => Some(*accepted_on),
                _ => None,
            })
        })
    }

    /// The day of the worker's death, once it is recorded.
    pub fn died_on(&self) -> Option<Day> {
        self.happenings.iter().find_map(|h| match h.ledger {
            Ledger::WorkerDied { on, .. } => Some(on),
            _ => None,
        })
    }

    /// At which level it is kept, and what the union above says of it, within the horizon.
    pub fn level(&self, horizon: Horizon) -> Option<LevelKept> {
        let mut notes: Vec<(&Happening, LevelKept)> = self
            .happenings
            .iter()
            .filter(|h| h.is_known(horizon))
            .filter_map(|h| match h.ledger {
                Ledger::LevelNoted { on, level, upper, .. } => Some((h, LevelKept { level, upper, on })),
                _ => None,
            })
            .filter(|(_, kept)| kept.on <= horizon.on)
            .collect();
        // One that rests on another comes behind it, whatever the clocks said.
        notes.sort_by_key(|(h, _)| (self.ancestors(h.entry).len(), h.at, h.entry));
        notes.last().map(|(_, kept)| *kept)
    }

    /// The notes of its level that no other follows.
    pub fn level_notes(&self) -> Vec<EntryId> {
        let notes = || self.happenings.iter().filter(|h| matches!(h.ledger, Ledger::LevelNoted { .. }));
        let followed = |entry: &EntryId| notes().any(|h| h.parents.contains(entry));
        notes().map(|h| h.entry).filter(|entry| !followed(entry)).collect()
    }

    /// The exclusions of that survey that an approver has overridden.
    pub fn overridden(&self, version: &Version<'_>) -> Vec<&str> {
        let of_it = |survey: &EntryId| [version.first.entry, version.record.entry].contains(survey);
        let codes = self.happenings.iter().filter_map(|h| match &h.ledger {
            Ledger::ExclusionsOverridden { survey, codes, .. } if of_it(survey) => Some(codes),
            _ => None,
        });
        codes.flatten().map(String::as_str).collect()
    }

    /// The notes of papers that no other note follows.
    pub fn paper_notes(&self) -> Vec<EntryId> {
        let notes = || self.happenings.iter().filter(|h| matches!(h.ledger, Ledger::PapersNoted { .. }));
        let followed = |entry: &EntryId| notes().any(|h| h.parents.contains(entry));
        notes().map(|h| h.entry).filter(|entry| !followed(entry)).collect()
    }

    /// Papers that are owed on a day and that nobody waived until then.
    pub fn papers_owed(&self, on: Day) -> Vec<String> {
        let is_owed = |state: &PaperState| match state {
            PaperState::Seen { .. } => false,
            PaperState::Owed { .. } => true,
            PaperState::Waived { until } => on > *until,
        };
        let states = self.paper_states().into_iter().filter(|(_, state)| is_owed(state));
        states.map(|(kind, _)| kind.to_owned()).collect()
    }

    /// The last word about each kind of paper, whatever the clocks said.
    fn paper_states(&self) -> Vec<(&str, PaperState)> {
        let notes: Vec<(&Happening, HashSet<EntryId>)> = self
            .happenings
            .iter()
            .filter(|h| matches!(h.ledger, Ledger::PapersNoted { .. }))
            .map(|h| (h, self.ancestors(h.entry)))
            .collect();
        let mut last: Vec<(&str, PaperState)> = Vec::new();
        // One that rests on another comes behind it: it has more above it.
        let mut ordered: Vec<_> = notes.iter().collect();
        ordered.sort_by_key(|(h, above)| (above.len(), h.at, h.entry));
        for (happening, _) in ordered {
            let Ledger::PapersNoted { papers, .. } = &happening.ledger else { continue };
            for paper in papers {
                last.retain(|(kind, _)| *kind != paper.kind);
                last.push((paper.kind.as_str(), paper.state));
            }
        }
        last
    }

    /// What the latest deciding survey proposes, where the category in force does not rest on it.
    pub fn proposed(&self, horizon: Horizon) -> Option<Proposed> {
        let versions = self.versions(horizon);
        let version = History::deciding(&versions)?;
        if self.rests_on(horizon) == Some(version.record.entry) {
            return None;
        }
        let on_file = self.status(horizon).is_some_and(Status::is_on_file);
        let stage = self.deciding_steps(horizon).first().and_then(|step| step.ledger.step()).map(|(to, _)| to);
        Some(Proposed {
            survey: version.record.entry,
            on: version.survey.on,
            category: version.survey.category.clone(),
            rule_set: version.survey.rule_set.clone(),
            stage: stage.filter(|_| on_file),
        })
    }

    /// The first day on which the case may wait for somebody; `None`: it will not, until another record comes. Queries about
    /// answers, which have a list of their own, left aside, never later than what [`command::queue`](crate::command::queue) finds.
    pub fn waits_from(&self) -> Option<Day> {
        let always = Some(Day(i32::MIN));
        let status = self.status(Horizon::NOW).filter(|status| !status.is_over() && !self.is_erased())?;
        let approved = self.in_force(Horizon::NOW).and_then(|in_force| in_force.approved);
        match status {
            Status::Open | Status::Suspended => {}
            _ => return always,
        }
        let objected = self.objections(Horizon::NOW).iter().any(|one| one.settled.is_none());
        if self.died_on().is_some() || self.open_proposal().is_some() || objected {
            return always;
        }
        let until = approved.and_then(|approved| approved.ledger.in_force()?.until);
        let ends = until.map(|until| until.plus_days(-case::ENDS_WITHIN_DAYS));
        let owed = self.paper_states().into_iter().filter_map(|(_, state)| match state {
            PaperState::Seen { .. } => None,
            PaperState::Owed { .. } => always,
            PaperState::Waived { until } => Some(until.plus_days(1)),
        });
        let again = self.goes_again().into_iter().map(|(_, next, _)| next);
        ends.into_iter().chain(owed).chain(again).min()
    }

    /// What a survey proposes and is not in force already.
    pub fn open_proposal(&self) -> Option<Proposed> {
        let in_force = self.category(Horizon::NOW).and_then(|category| category.code);
        self.proposed(Horizon::NOW).filter(|proposed| proposed.category != in_force)
    }

    /// The survey that the category in force rests on.
    pub fn rests_on(&self, horizon: Horizon) -> Option<EntryId> {
        self.in_force(horizon)?.approved?.ledger.in_force().map(|put| put.survey)
    }

    /// Since when all deciding surveys have been above the line; `None`: the last one is not.
    pub fn above_since(&self, horizon: Horizon) -> Option<Day> {
        let versions = self.versions(horizon);
        let deciding = versions.iter().rev().filter(|v| v.survey.rule_set.is_some());
        let above = |v: &&Version<'_>| v.survey.category.as_deref().is_some_and(|code| !case::is_eligible(code));
        deciding.take_while(above).last().map(|v| v.survey.on)
    }
}
