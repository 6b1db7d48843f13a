//! Rounds of surveys: what was opened and closed; and how a household stands in one, read from its history.
//!
//! A round keeps the households that it was drawn for. What happened to them is part of their histories, and whether one is
//! surveyed is read from its surveys, so nothing has to be said twice.

use super::bodies::open_person;
use super::fold::Folded;
use super::history::{Happening, History, Horizon, Version};
use super::keyspaces::{IN_ROUND, ROUNDS};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person, SurveyKind};
use crate::domain::round::{RoundCounts, RoundState, VisitOutcome};
use crate::domain::{Day, DossierId, EntryId, OfficerId, Stamp, Subject, UnitId};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};

/// A round as its records have it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoundRow {
    pub entry: EntryId,
    pub at: Stamp,
    pub by: OfficerId,
    pub name: String,
    pub from: Day,
    pub to: Day,
    /// The day as of which its list was drawn.
    pub drawn: Day,
    /// The units that were asked for; none: all of whoever opened it.
    pub units: Vec<UnitId>,
    pub households: Vec<DossierId>,
    /// Two stations apart may each close it: the first by the moment counts.
    pub closings: Vec<RoundClosing>,
}

/// That a round was closed, and what it had come to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoundClosing {
    pub at: Stamp,
    pub entry: EntryId,
    pub by: OfficerId,
    pub on: Day,
    pub counts: RoundCounts,
}

impl RoundRow {
    pub fn closed(&self) -> Option<&RoundClosing> {
        self.closings.first()
    }

    /// The last day on which a survey is one of the round's; `None`: while it is open there is none.
    fn last_day(&self) -> Option<Day> {
        self.closed().map(|closing| closing.on.max(self.to))
    }
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header) = (folded.keys, folded.header());
    match folded.ledger() {
        Ledger::VisitAssigned { dossier, round, .. } | Ledger::VisitMade { dossier, round, .. } => {
            pending.set(IN_ROUND, [round.0, dossier.0].concat(), Vec::new());
            Ok(())
        }
        Ledger::RoundOpened { from, to, drawn, units, households } => {
            let name = match open_person(keys, folded.record, Subject::Bureau, folded.place())? {
                Some(Person::Text(name)) => name,
                _ => String::new(),
            };
            let row = RoundRow {
                entry: header.entry,
                at: header.at,
                by: header.by,
                name,
                from: *from,
                to: *to,
                drawn: *drawn,
                units: units.clone(),
                households: households.clone(),
                closings: Vec::new(),
            };
            sealed::put(pending, keys, KeyName::Store, ROUNDS, header.entry.0, &row)
        }
        // Its parent is the round, so that is folded before.
        Ledger::RoundClosed { round: of, on, counts } => {
            let Some(mut row) = round(pending, keys, *of)? else { return Ok(()) };
            let closing =
                RoundClosing { at: header.at, entry: header.entry, by: header.by, on: *on, counts: counts.clone() };
            let key = |closing: &RoundClosing| (closing.at, closing.entry);
            if let Err(at) = row.closings.binary_search_by_key(&key(&closing), key) {
                row.closings.insert(at, closing);
            }
            sealed::put(pending, keys, KeyName::Store, ROUNDS, of.0, &row)
        }
        _ => Ok(()),
    }
}

/// One round.
pub fn round(read: &dyn Read, keys: &Keyring, round: EntryId) -> Result<Option<RoundRow>, ViewError> {
    let Some(row) = read.get(ROUNDS, &round.0)? else { return Ok(None) };
    Ok(Some(sealed::open(keys, KeyName::Store, ROUNDS, &round.0, &row)?))
}

/// All rounds, the one that begins last first.
pub fn rounds(read: &dyn Read, keys: &Keyring) -> Result<Vec<RoundRow>, ViewError> {
    let rows = read.scan(&Scan::all(ROUNDS))?;
    let rows = rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, ROUNDS, key, row));
    let mut rows = rows.collect::<Result<Vec<RoundRow>, _>>()?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.from, row.at, row.entry)));
    Ok(rows)
}

/// Households that somebody was assigned to or went to in a round, drawn or not.
pub fn touched(read: &dyn Read, round: EntryId) -> Result<Vec<DossierId>, ViewError> {
    let rows = read.scan(&Scan::prefix(IN_ROUND, &round.0))?;
    Ok(rows.iter().filter_map(|(key, _)| Some(DossierId(key.get(16..32)?.try_into().ok()?))).collect())
}

/// A visit, as its record has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    pub entry: EntryId,
    pub place: u16,
    pub at: Stamp,
    pub by: OfficerId,
    pub on: Day,
    pub outcome: VisitOutcome,
    pub next: Option<Day>,
    pub is_final: bool,
}

/// The survey by which a household is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DoneBy {
    pub survey: EntryId,
    pub on: Day,
    pub by: OfficerId,
    /// It was made after the round's last day.
    pub is_late: bool,
}

/// How a household stands in a round, drafts aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InRound {
    pub assigned: Option<OfficerId>,
    /// The assignments that stand: what the next one replaces.
    pub assignments: Vec<EntryId>,
    /// By their days.
    pub visits: Vec<Visit>,
    pub done: Option<DoneBy>,
    /// Closed, died or erased.
    pub is_gone: bool,
}

impl InRound {
    pub fn last(&self) -> Option<&Visit> {
        self.visits.last()
    }

    /// Whether nobody has to go there any more.
    pub fn is_settled(&self) -> bool {
        self.done.is_some() || self.is_gone || self.last().is_some_and(|visit| visit.is_final)
    }

    /// `is_drafted`: somebody has begun the survey.
    pub fn state(&self, is_drafted: bool) -> RoundState {
        match self.last() {
            _ if self.done.is_some() => RoundState::Done,
            _ if self.is_gone => RoundState::Gone,
            Some(visit) if visit.is_final || !is_drafted => RoundState::after(visit.outcome),
            None if !is_drafted => RoundState::Due,
            _ => RoundState::Begun,
        }
    }

    /// When to go again, as long as anybody has to.
    pub fn next(&self) -> Option<Day> {
        if self.is_settled() { None } else { self.last()?.next }
    }
}

impl History {
    /// Every visit of a round, by its day.
    pub fn visits(&self, round: EntryId) -> Vec<Visit> {
        let visits = self.happenings.iter().filter_map(|h| visit_of(h).filter(|(of, _)| *of == round));
        let mut visits: Vec<Visit> = visits.map(|(_, visit)| visit).collect();
        visits.sort_by_key(|visit| (visit.on, visit.at, visit.entry));
        visits
    }

    /// How it stands in a round, by what is known now. `left_amounts`: whether a survey left amounts as they stood, where whoever
    /// asks can read it.
    pub fn in_round(&self, round: &RoundRow, left_amounts: impl Fn(EntryId) -> Option<bool>) -> InRound {
        let assigned = |h: &Happening| match h.ledger {
            Ledger::VisitAssigned { round: of, to, .. } if of == round.entry => Some(to),
            _ => None,
        };
        let all = || self.happenings.iter().filter_map(|h| Some((h, assigned(h)?)));
        let replaced = |entry: EntryId| all().any(|(other, _)| other.parents.contains(&entry));
        let standing: Vec<_> = all().filter(|(h, _)| !replaced(h.entry)).collect();
        InRound {
            // Of two that were given apart the later one.
            assigned: standing.last().and_then(|(_, to)| *to),
            assignments: standing.iter().map(|(h, _)| h.entry).collect(),
            visits: self.visits(round.entry),
            done: self.done_in(round, left_amounts),
            is_gone: self.is_gone(),
        }
    }

    /// The first survey that a round asks for: one that decides, from its first day on.
    fn done_in(&self, round: &RoundRow, left_amounts: impl Fn(EntryId) -> Option<bool>) -> Option<DoneBy> {
        if self.is_erased() {
            return None;
        }
        let brought_in = |entry: EntryId| {
            let came = |h: &Happening| matches!(h.ledger, Ledger::CameWithRoll { .. }) && h.entry == entry;
            self.happenings.iter().any(came)
        };
        let within = |on: Day| on >= round.from && round.last_day().is_none_or(|last| on <= last);
        let versions = self.versions(Horizon::NOW);
        // What a roll says of it nobody has asked the household.
        let deciding: Vec<_> = versions.iter().filter(|version| version.survey.rule_set.is_some()).collect();
        // An update that left the amounts as they stood is not the round's survey; a whole survey that calls itself a change is.
        let is_update = |at: usize| {
            // Corrected, it is an update all the same.
            let kind = deciding[at].first.ledger.survey().map(|survey| survey.kind);
            if kind != Some(SurveyKind::Change) {
                return false;
            }
            let put_off_by_nothing = || {
                let before = at.checked_sub(1).and_then(|before| deciding[before].survey.next_due);
                before.is_some_and(|was| deciding[at].survey.next_due.is_some_and(|is| is <= was))
            };
            left_amounts(deciding[at].record.entry).unwrap_or_else(put_off_by_nothing)
        };
        let counts = |at: usize, version: &Version<'_>| {
            within(version.survey.on) && !brought_in(version.first.entry) && !is_update(at)
        };
        let (_, version) = deciding.iter().enumerate().find(|(at, version)| counts(*at, version))?;
        let on = version.survey.on;
        Some(DoneBy { survey: version.first.entry, on, by: version.first.by, is_late: on > round.to })
    }

    fn is_gone(&self) -> bool {
        self.is_erased() || self.died_on().is_some() || self.status(Horizon::NOW).is_some_and(Status::is_over)
    }

    /// The day of the last survey or step that stands: when something about it was found out or decided.
    pub fn last_change(&self) -> Option<Day> {
        let surveyed = self.versions(Horizon::NOW).last().map(|version| version.survey.on);
        surveyed.max(self.last_move(Horizon::NOW).map(|step| step.on))
    }

    /// The visits after which somebody is to go again, each the last one of its round: the round, the day, and who is
    /// assigned. Whether the round is open still is not known here.
    pub fn goes_again(&self) -> Vec<(EntryId, Day, Option<OfficerId>)> {
        let mut rounds: Vec<EntryId> =
            self.happenings.iter().filter_map(|h| visit_of(h).map(|(round, _)| round)).collect();
        rounds.sort_unstable();
        rounds.dedup();
        if rounds.is_empty() || self.is_gone() {
            return Vec::new();
        }
        let versions = self.versions(Horizon::NOW);
        let surveyed = versions.iter().rev().find(|version| version.survey.rule_set.is_some()).map(|v| v.survey.on);
        let last = |round: EntryId| {
            let visit = self.visits(round).pop().filter(|visit| !visit.is_final)?;
            // What was surveyed since is done.
            let next = visit.next.filter(|_| surveyed.is_none_or(|on| on < visit.on))?;
            let assigned = self.happenings.iter().rev().find_map(|h| match h.ledger {
                Ledger::VisitAssigned { round: of, to, .. } if of == round => Some(to),
                _ => None,
            });
            Some((round, next, assigned.flatten()))
        };
        rounds.into_iter().filter_map(last).collect()
    }
}

fn visit_of(h: &Happening) -> Option<(EntryId, Visit)> {
    let Ledger::VisitMade { round, on, outcome, next, is_final, .. } = h.ledger else { return None };
    Some((round, Visit { entry: h.entry, place: h.place, at: h.at, by: h.by, on, outcome, next, is_final }))
}
