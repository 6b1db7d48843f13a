//! What happened to one dossier, and what that comes to: on any day, as known on any day. Pure: no store, no keys.
//!
//! A dossier's row is the *set* of its happenings, kept in one order that depends on nothing but the set. Everything
//! else (status, category, versions, conflicts) is read from it. So folding in another order gives the same bytes, and
//! "as of" and "as known" are the same function over fewer happenings.

use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, SurveyKind, SurveyLedger};
use crate::domain::heads::Heads;
use crate::domain::{Day, DossierId, EntryId, OfficerId, Stamp, StationId, UnitId};
use crate::log::Issued;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// One event about the dossier, without its person half.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Happening {
    pub at: Stamp,
    pub entry: EntryId,
    /// Which of the record's events.
    pub place: u16,
    pub station: StationId,
    pub seq: u64,
    pub by: OfficerId,
    /// The record that tells who began to act, and by which credential.
    pub session: Option<EntryId>,
    /// When *this* station received it, in milliseconds UTC: what "as known on" goes by.
    pub received: i64,
    pub parents: Vec<EntryId>,
    pub issued: Vec<Issued>,
    pub ledger: Ledger,
}

impl Happening {
    /// Whether this station knew of it by then.
    pub fn is_known(&self, horizon: Horizon) -> bool {
        self.received.min(self.at.0) <= horizon.received
    }
}

/// All of one dossier's happenings, ordered by the moment and then by entry id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct History {
    pub dossier: DossierId,
    pub happenings: Vec<Happening>,
}

/// From when one looks: what counts is what was about `on` or earlier, and was received no later than `received`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Horizon {
    pub on: Day,
    /// Milliseconds UTC.
    pub received: i64,
}

impl Horizon {
    /// Everything there is.
    pub const NOW: Horizon = Horizon { on: Day(i32::MAX), received: i64::MAX };

    /// About `on`, as known at the end of the day `known` in the bureau's time zone.
    pub fn new(on: Option<Day>, known: Option<Day>) -> Horizon {
        Horizon {
            on: on.unwrap_or(Day(i32::MAX)),
            received: known
                .map_or(i64::MAX, |day| (i64::from(day.0) + 1) * 86_400_000 - crate::domain::date::ZONE_MS - 1),
        }
    }
}

/// A survey as it stands after its corrections.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version<'h> {
    /// From 1, by the surveys' own dates. For showing: a number may move when an older paper comes in.
    pub number: u32,
    /// The survey as first submitted, whose entry id names the version for good.
    pub first: &'h Happening,
    /// The record whose answers count: the survey itself, or its latest correction within the horizon.
    pub record: &'h Happening,
    pub survey: &'h SurveyLedger,
}

/// What somebody said against a notice, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Objection<'h> {
    pub raised: &'h Happening,
    pub settled: Option<&'h Happening>,
}

/// A query, by the records that tell of it; its words stand in their person parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query<'h> {
    pub asked: &'h Happening,
    /// The record whose answer it is about.
    pub survey: EntryId,
    pub answers: Vec<&'h Happening>,
    pub closed: Option<&'h Happening>,
}

/// A category, by which rules, and the day it goes by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// `None`: undecided.
    pub code: Option<String>,
    pub rule_set: String,
    pub on: Day,
}

/// Which approval gives the category.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce<'h> {
    /// `None`: two were given apart, and none before them.
    pub approved: Option<&'h Happening>,
    /// Approvals given apart from each other, where there are; a person settles it by approving again.
    pub apart: Vec<&'h Happening>,
}

/// A step of the status machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    pub entry: EntryId,
    pub on: Day,
    pub to: Status,
}

/// Whether a household's key is to be destroyed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Erasure {
    None,
    Holds {
        at: Stamp,
    },
    /// Erased somewhere, while another station went on with the household: the key stays, and a person decides.
    Contested {
        at: Stamp,
    },
}

/// Whether the event tells of the household itself; a number, an erasure and who is to visit it do not.
fn tells_of_the_household(ledger: &Ledger) -> bool {
    !matches!(ledger, Ledger::Erased { .. } | Ledger::NumberGiven { .. } | Ledger::VisitAssigned { .. })
}

impl History {
    pub fn new(dossier: DossierId) -> History {
        History { dossier, happenings: Vec::new() }
    }

    /// Puts a happening in its place; one that is there already changes nothing.
    pub fn insert(&mut self, happening: Happening) {
        let key = |h: &Happening| (h.at, h.entry, h.station, h.seq, h.place);
        if let Err(at) = self.happenings.binary_search_by_key(&key(&happening), key) {
            self.happenings.insert(at, happening);
        }
    }

    fn known(&self, horizon: Horizon) -> impl Iterator<Item = &Happening> {
        // The earlier of the two: `received` never runs backwards, so one day with the clock far ahead would put all that
        // comes after it beyond every horizon. (Records of other stations will be known when they were received.)
        self.happenings.iter().filter(move |h| h.is_known(horizon))
    }

    fn surveys(&self, horizon: Horizon) -> impl Iterator<Item = (&Happening, &SurveyLedger)> {
        self.known(horizon)
            .filter_map(|h| h.ledger.survey().map(|survey| (h, survey)))
            .filter(move |(_, survey)| survey.on <= horizon.on)
    }

    /// The versions within the horizon, by the date each is about.
    pub fn versions(&self, horizon: Horizon) -> Vec<Version<'_>> {
        let mut versions: Vec<Version<'_>> = self
            .surveys(horizon)
            .filter(|(_, survey)| survey.corrects.is_none())
            .map(|(happening, survey)| Version { number: 0, first: happening, record: happening, survey })
            .collect();
        versions.sort_by_key(|v| (v.survey.on, v.first.at, v.first.entry));
        for (i, version) in versions.iter_mut().enumerate() {
            version.number = i as u32 + 1;
        }
        // A correction that was corrected itself does not count, whatever the clocks said; of the others the last does.
        let corrected: Vec<EntryId> = self.surveys(horizon).filter_map(|(_, survey)| survey.corrects).collect();
        for (happening, survey) in self.surveys(horizon).filter(|(h, _)| !corrected.contains(&h.entry)) {
            if let Some(root) = survey.corrects.and_then(|corrected| self.root(corrected))
                && let Some(version) = versions.iter_mut().find(|v| v.first.entry == root)
            {
                version.record = happening;
                version.survey = survey;
            }
        }
        versions
    }

    /// The survey that a correction, or a correction of a correction, is about in the end.
    fn root(&self, entry: EntryId) -> Option<EntryId> {
        let mut at = entry;
        // Bounded by the number of happenings: a ring of corrections (two damaged stations) ends as "no root".
        for _ in 0..=self.happenings.len() {
            let reported = self.happenings.iter().filter(|h| h.entry == at);
            match reported.filter_map(|h| h.ledger.survey()).next()?.corrects {
                Some(earlier) => at = earlier,
                None => return Some(at),
            }
        }
        None
    }

    /// A survey as first submitted, then its corrections, in the order in which they were made.
    pub fn readings(&self, first: EntryId) -> Vec<(&Happening, &SurveyLedger)> {
        self.surveys(Horizon::NOW).filter(|(happening, _)| self.root(happening.entry) == Some(first)).collect()
    }

    /// What a correction of `entry` is about in the end: the survey as first submitted.
    pub fn corrected(&self, entry: EntryId) -> Option<&SurveyLedger> {
        let root = self.root(entry)?;
        self.surveys(Horizon::NOW).find(|(h, _)| h.entry == root).map(|(_, survey)| survey)
    }

    /// The same dossier as whoever knew no more than these records and what they are based on saw it.
    pub fn before(&self, records: &[EntryId]) -> History {
        let mut known: Vec<EntryId> = records.to_vec();
        let mut next = 0;
        while let Some(entry) = known.get(next).copied() {
            // Events of one record have the same parents.
            let happening = self.happenings.iter().find(|h| h.entry == entry);
            for parent in happening.map_or(&[][..], |h| &h.parents) {
                if !known.contains(parent) {
                    known.push(*parent);
                }
            }
            next += 1;
        }
        let happenings = self.happenings.iter().filter(|h| known.contains(&h.entry)).cloned().collect();
        History { dossier: self.dossier, happenings }
    }

    /// The household's division by its latest deciding survey, else by its application.
    pub fn division(&self) -> String {
        let versions = self.versions(Horizon::NOW);
        let by_survey = History::deciding(&versions).map(|v| v.survey.division.clone());
        by_survey.unwrap_or_else(|| {
            let opened = self.happenings.iter().find_map(|h| match &h.ledger {
                Ledger::DossierOpened { division, .. } => Some(division.clone()),
                _ => None,
            });
            opened.unwrap_or_default()
        })
    }

    /// The version whose decision counts: the latest made with a form that decides.
    pub fn deciding<'v, 'h>(versions: &'v [Version<'h>]) -> Option<&'v Version<'h>> {
        versions.iter().rev().find(|v| v.survey.rule_set.is_some())
    }

    /// The surveys that no other survey is based on. More than one is a conflict, to be merged by a person.
    pub fn heads(&self, horizon: Horizon) -> Heads<EntryId> {
        let surveys: Vec<_> = self.surveys(horizon).collect();
        let based_on = |entry: EntryId| surveys.iter().any(|(h, _)| h.parents.contains(&entry));
        surveys.iter().map(|(h, _)| h.entry).filter(|entry| !based_on(*entry)).collect()
    }

    /// The latest step of the status machine; a dossier with a survey and no step is *submitted*, and so is one that was sent
    /// back and surveyed since.
    pub fn status(&self, horizon: Horizon) -> Option<Status> {
        if let Some(last) = self.last_move(horizon) {
            let back = self.happenings.iter().find(|h| h.entry == last.entry).filter(|_| last.to == Status::Draft);
            let since =
                back.is_some_and(|back| self.surveys(horizon).any(|(h, _)| (h.at, h.entry) > (back.at, back.entry)));
            return Some(if since { Status::Submitted } else { last.to });
        }
        if self.surveys(horizon).next().is_some() {
            return Some(Status::Submitted);
        }
        self.opened(horizon).map(|_| Status::Draft)
    }

    /// The step that no other step follows. Where stations went on side by side, the one with the later day (then by the
    /// clock) counts; a step that another is based on never does, whatever the clocks said.
    ///
    /// A withdrawn step counts as not having happened: what followed it follows what it followed itself.
    pub fn last_move(&self, horizon: Horizon) -> Option<Move> {
        let withdrawn = self.withdrawn(horizon);
        let moves = || {
            let steps = self.known(horizon).filter_map(|h| h.ledger.step().map(|(to, on)| (h, on, to)));
            steps.filter(|(h, on, _)| *on <= horizon.on && !withdrawn.contains(&h.entry))
        };
        let mut followed: Vec<EntryId> = moves().flat_map(|(h, ..)| h.parents.iter().copied()).collect();
        let mut next = 0;
        while let Some(entry) = followed.get(next).copied() {
            if withdrawn.contains(&entry) {
                let step = self.happenings.iter().find(|h| h.entry == entry && h.ledger.step().is_some());
                let parents = step.map_or(&[][..], |step| &step.parents);
                let more: Vec<EntryId> = parents.iter().copied().filter(|p| !followed.contains(p)).collect();
                followed.extend(more);
            }
            next += 1;
        }
        moves()
            .filter(|(h, ..)| !followed.contains(&h.entry))
            .max_by_key(|(h, on, _)| (*on, h.at, h.entry))
            .map(|(h, on, to)| Move { entry: h.entry, on, to: self.leaves_at(h, &withdrawn).unwrap_or(to) })
    }

    /// The steps of the status machine that were withdrawn within the horizon.
    pub fn withdrawn(&self, horizon: Horizon) -> Vec<EntryId> {
        let steps = self.known(horizon).filter_map(|h| match h.ledger {
            Ledger::StepWithdrawn { step, .. } => Some(step),
            _ => None,
        });
        steps.collect()
    }

    fn opened(&self, horizon: Horizon) -> Option<&Happening> {
        self.known(horizon)
            .find(|h| matches!(&h.ledger, Ledger::DossierOpened { accepted_on, .. } if *accepted_on <= horizon.on))
    }

    /// The numbers given to the dossier by this program, oldest first.
    pub fn numbers(&self, horizon: Horizon) -> Vec<String> {
        self.known(horizon)
            .filter(|h| h.ledger.takes_number())
            .flat_map(|h| h.issued.iter().map(|i| super::numbers::number_text(&i.series, i.number)))
            .collect()
    }

    /// Where the household's worker belongs: by the latest survey, else by the application.
    pub fn unit(&self, horizon: Horizon) -> Option<UnitId> {
        self.versions(horizon).iter().rev().find_map(|v| v.survey.unit).or_else(|| {
            self.opened(horizon).and_then(|h| match &h.ledger {
                Ledger::DossierOpened { unit, .. } => *unit,
                _ => None,
            })
        })
    }

    /// When the household is to be surveyed again; nobody surveys a closed or rejected dossier.
    pub fn next_due(&self, horizon: Horizon) -> Option<Day> {
        if self.status(horizon).is_some_and(Status::is_over) {
            return None;
        }
        History::deciding(&self.versions(horizon)).and_then(|v| v.survey.next_due)
    }

    /// What the erasures among these happenings come to.
    ///
    /// An erasure names the heads it saw. It holds if everything that was ever told of the household stands at or below
    /// them; a later erasure that saw more may hold where an earlier one does not.
    pub fn erasure(&self) -> Erasure {
        let mut first: Option<Stamp> = None;
        let mut holds: Option<Stamp> = None;
        for happening in &self.happenings {
            let Ledger::Erased { seen, .. } = &happening.ledger else { continue };
            first = first.or(Some(happening.at));
            let saw = |h: &Happening| seen.iter().any(|(station, seq)| *station == h.station && h.seq <= *seq);
            if holds.is_none() && self.happenings.iter().filter(|h| tells_of_the_household(&h.ledger)).all(saw) {
                holds = Some(happening.at);
            }
        }
        match (holds, first) {
            (Some(at), _) => Erasure::Holds { at },
            (None, Some(at)) => Erasure::Contested { at },
            (None, None) => Erasure::None,
        }
    }

    pub fn is_erased(&self) -> bool {
        matches!(self.erasure(), Erasure::Holds { .. })
    }

    /// Since when the dossier has been over (closed or rejected), as things stand; `None` while it lives.
    pub fn over_since(&self) -> Option<Day> {
        let last = self.last_move(Horizon::NOW)?;
        last.to.is_over().then_some(last.on)
    }

    /// The category in force by approval; `None`: nothing was approved yet, or only apart (see [`InForce::apart`]).
    ///
    /// Approvals follow one another as steps of the status machine do. Where two were given apart from each other, neither
    /// is in force: the one before them both stays, until a later one has seen them.
    pub fn in_force(&self, horizon: Horizon) -> Option<InForce<'_>> {
        let approvals: Vec<&Happening> =
            self.known(horizon).filter(|h| h.ledger.in_force().is_some_and(|put| put.from <= horizon.on)).collect();
        if approvals.len() <= 1 {
            return approvals.first().map(|h| InForce { approved: Some(h), apart: Vec::new() });
        }
        let before: Vec<(EntryId, HashSet<EntryId>)> =
            approvals.iter().map(|h| (h.entry, self.ancestors(h.entry))).collect();
        let is_before = |one: EntryId, other: EntryId| {
            one != other && before.iter().any(|(entry, known)| *entry == other && known.contains(&one))
        };
        let last: Vec<&Happening> = approvals
            .iter()
            .copied()
            .filter(|h| !approvals.iter().any(|other| is_before(h.entry, other.entry)))
            .collect();
        if last.len() <= 1 {
            return last.first().map(|h| InForce { approved: Some(h), apart: Vec::new() });
        }
        // The latest that all of them have seen.
        let common: Vec<&Happening> =
            approvals.iter().copied().filter(|h| last.iter().all(|end| is_before(h.entry, end.entry))).collect();
        let stays = common.iter().copied().find(|h| !common.iter().any(|other| is_before(h.entry, other.entry)));
        Some(InForce { approved: stays, apart: last })
    }

    /// The category that counts: by approval, from the first one on; until then what the latest deciding survey came to.
    pub fn category(&self, horizon: Horizon) -> Option<Category> {
        if let Some(in_force) = self.in_force(horizon) {
            let put = in_force.approved?.ledger.in_force()?;
            let (code, rule_set) = (Some(put.category.to_owned()), put.rule_set.to_owned());
            return Some(Category { code, rule_set, on: put.on });
        }
        let versions = self.versions(horizon);
        let survey = History::deciding(&versions)?.survey;
        Some(Category { code: survey.category.clone(), rule_set: survey.rule_set.clone()?, on: survey.on })
    }

    /// What belongs to the case as it is under way: all that the step which ended the one before did not rest on, whatever
    /// the clocks said.
    pub fn under_way(&self) -> Vec<&Happening> {
        let step = |entry: EntryId| self.happenings.iter().find(|h| h.entry == entry && h.ledger.step().is_some());
        let mut at = self.last_move(Horizon::NOW).and_then(|last| step(last.entry));
        // Bounded by the number of happenings: a ring of steps (damaged stations) ends too.
        for _ in 0..=self.happenings.len() {
            match at {
                Some(last) if last.ledger.step().is_some_and(|(to, _)| to.is_over()) => break,
                Some(last) => at = last.parents.iter().find_map(|parent| step(*parent)),
                None => break,
            }
        }
        let Some(over) = at else { return self.happenings.iter().collect() };
        let mut before = self.ancestors(over.entry);
        before.insert(over.entry);
        self.happenings.iter().filter(|h| !before.contains(&h.entry)).collect()
    }

    /// The records that a record rests on, near and far, within this dossier.
    pub(super) fn ancestors(&self, entry: EntryId) -> HashSet<EntryId> {
        let mut parents: HashMap<EntryId, &[EntryId]> = HashMap::with_capacity(self.happenings.len());
        // Events of one record have the same parents.
        for happening in &self.happenings {
            parents.entry(happening.entry).or_insert(&happening.parents);
        }
        let mut known = HashSet::new();
        let mut next = vec![entry];
        while let Some(at) = next.pop() {
            let above = parents.get(&at).copied().unwrap_or_default();
            next.extend(above.iter().filter(|parent| parents.contains_key(parent) && known.insert(**parent)));
        }
        known.remove(&entry);
        known
    }

    /// Queries about answers, oldest first.
    pub fn queries(&self, horizon: Horizon) -> Vec<Query<'_>> {
        let known = || self.known(horizon).filter(|h| h.at.day() <= horizon.on);
        let mut queries: Vec<Query<'_>> = known()
            .filter_map(|asked| match asked.ledger {
                Ledger::QueryAsked { survey, .. } => Some(Query { asked, survey, answers: Vec::new(), closed: None }),
                _ => None,
            })
            .collect();
        for happening in known() {
            let (about, closes) = match happening.ledger {
                Ledger::QueryAnswered { query, .. } => (query, false),
                Ledger::QueryClosed { query, .. } => (query, true),
                _ => continue,
            };
            match queries.iter_mut().find(|q| q.asked.entry == about) {
                Some(query) if closes => query.closed = query.closed.or(Some(happening)),
                Some(query) => query.answers.push(happening),
                None => {}
            }
        }
        queries
    }

    /// Objections to notices, oldest first.
    pub fn objections(&self, horizon: Horizon) -> Vec<Objection<'_>> {
        let settled = |entry: EntryId| {
            self.known(horizon)
                .find(|h| matches!(h.ledger, Ledger::ObjectionSettled { objection, .. } if objection == entry))
        };
        let raised = self.known(horizon).filter(|h| matches!(h.ledger, Ledger::Objected { .. }));
        raised.map(|raised| Objection { raised, settled: settled(raised.entry) }).collect()
    }

    /// The kind that the next survey of this dossier would be, when nobody says otherwise.
    pub fn next_kind(&self) -> SurveyKind {
        if self.surveys(Horizon::NOW).next().is_some() { SurveyKind::Periodic } else { SurveyKind::First }
    }
}
