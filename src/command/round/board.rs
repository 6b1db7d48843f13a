//! How a round stands: a line a household, and what these come to by unit and by officer.

use super::super::rights::Over;
use super::RoundRefused;
use crate::command::{Duty, Failure, Office, Span};
use crate::domain::round::{RoundCounts, RoundState, VisitOutcome, is_unchanged};
use crate::domain::{Day, DossierId, EntryId, Eyes, Mask, Now, OfficerId, UnitId};
use crate::views::rounds::{self, InRound};
use crate::views::{History, Horizon, RoundRow};
use std::collections::{BTreeMap, BTreeSet};

/// What does not fit a household's records in a round: they came late, or from a station apart. They are shown, not lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Irregular {
    /// It was not drawn into the round.
    NotDrawn,
    /// A visit before the round began.
    BeforeRound,
    /// A visit was recorded after it was closed.
    AfterClosing,
    /// Whoever is assigned has left, surveys no more, or not there.
    OfficerGone,
}

impl Irregular {
    pub const ALL: [Irregular; 4] =
        [Irregular::NotDrawn, Irregular::BeforeRound, Irregular::AfterClosing, Irregular::OfficerGone];

    /// In JSON, and in the words `round.irregular.not_drawn`.
    pub fn code(self) -> &'static str {
        match self {
            Irregular::NotDrawn => "not_drawn",
            Irregular::BeforeRound => "before_round",
            Irregular::AfterClosing => "after_closing",
            Irregular::OfficerGone => "officer_gone",
        }
    }
}

/// A household in a round.
#[derive(Clone, PartialEq, Eq)]
pub struct RoundLine {
    pub dossier: DossierId,
    pub number: String,
    /// The worker's. Personal.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    /// As far as whoever looks may see it. Personal.
    pub address: Option<String>,
    pub state: RoundState,
    /// Nobody has to go there any more.
    pub is_settled: bool,
    pub visits: usize,
    /// The last visit.
    pub last: Option<Day>,
    /// When to go again.
    pub next: Option<Day>,
    pub assigned: Option<OfficerId>,
    /// The day of the survey by which it is done, whose it is, and whether that was after the round's last day.
    pub done: Option<(Day, OfficerId, bool)>,
    /// When its next survey is due.
    pub due: Option<Day>,
    /// Nothing was surveyed or decided for a year.
    pub is_unchanged: bool,
    pub irregular: Vec<Irregular>,
}

/// Which households of a round.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoundQuery {
    pub states: Vec<RoundState>,
    /// With all below them; none: all.
    pub units: Vec<UnitId>,
    pub assigned: Option<OfficerId>,
    /// Those that nobody is assigned to.
    pub unassigned: bool,
    /// Those that somebody has to go to on that day: still open, and their next try is not later.
    pub on: Option<Day>,
    /// Those that never had any aid.
    pub never_helped: bool,
    /// Those of which nothing was surveyed or decided for a year.
    pub unchanged: bool,
    /// Those with something that does not fit.
    pub irregular: bool,
}

/// What the households of a unit come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitCount {
    /// `None`: households without a unit.
    pub unit: Option<UnitId>,
    pub households: usize,
    pub states: BTreeMap<RoundState, usize>,
    /// Nobody has to go there any more.
    pub settled: usize,
    /// Open, and nobody is assigned.
    pub unassigned: usize,
    /// Open, and the day of the next survey has gone by.
    pub overdue: usize,
}

/// What an officer has to do in a round, and has done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonCount {
    pub officer: OfficerId,
    pub assigned: usize,
    /// Of these, settled.
    pub settled: usize,
    /// Surveys of the round that are theirs, whoever was assigned.
    pub surveyed: usize,
    /// Visits that they noted.
    pub visits: usize,
}

/// A round, with the households of it that whoever acts may see.
pub struct RoundBoard {
    pub row: RoundRow,
    /// By unit and number.
    pub lines: Vec<RoundLine>,
    /// Visits noted, by officer.
    visited: BTreeMap<OfficerId, usize>,
}

impl RoundBoard {
    /// What it comes to in each unit.
    pub fn by_unit(&self, today: Day) -> Vec<UnitCount> {
        let mut units: BTreeMap<Option<UnitId>, UnitCount> = BTreeMap::new();
        for line in &self.lines {
            let count = units.entry(line.unit).or_insert_with(|| UnitCount {
                unit: line.unit,
                households: 0,
                states: BTreeMap::new(),
                settled: 0,
                unassigned: 0,
                overdue: 0,
            });
            count.households += 1;
            *count.states.entry(line.state).or_default() += 1;
            count.settled += usize::from(line.is_settled);
            count.unassigned += usize::from(!line.is_settled && line.assigned.is_none());
            count.overdue += usize::from(!line.is_settled && line.due.is_some_and(|due| due < today));
        }
        units.into_values().collect()
    }

    /// What each officer has to do and has done, the one with the most to do first.
    pub fn by_person(&self) -> Vec<PersonCount> {
        let mut persons: BTreeMap<OfficerId, PersonCount> = BTreeMap::new();
        let count = |officer| PersonCount { officer, assigned: 0, settled: 0, surveyed: 0, visits: 0 };
        for line in &self.lines {
            if let Some(officer) = line.assigned {
                let person = persons.entry(officer).or_insert_with(|| count(officer));
                person.assigned += 1;
                person.settled += usize::from(line.is_settled);
            }
            if let Some((_, officer, _)) = line.done {
                persons.entry(officer).or_insert_with(|| count(officer)).surveyed += 1;
            }
        }
        for (officer, visits) in &self.visited {
            persons.entry(*officer).or_insert_with(|| count(*officer)).visits = *visits;
        }
        let mut persons: Vec<PersonCount> = persons.into_values().collect();
        persons.sort_by_key(|person| {
            (std::cmp::Reverse(person.assigned - person.settled), std::cmp::Reverse(person.surveyed), person.officer)
        });
        persons
    }
}

/// What households come to when a round is closed.
pub(super) fn counts(standing: &[InRound]) -> RoundCounts {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let of = |which: &dyn Fn(&InRound) -> bool| number(standing.iter().filter(|stands| which(stands)).count());
    let is_done = |stands: &InRound| stands.done.is_some();
    let ended = VisitOutcome::ALL.into_iter().map(|outcome| {
        let last = |stands: &InRound| stands.last().is_some_and(|last| last.is_final && last.outcome == outcome);
        (outcome, of(&|stands| !is_done(stands) && !stands.is_gone && last(stands)))
    });
    RoundCounts {
        households: number(standing.len()),
        surveyed: of(&is_done),
        late: of(&|stands| stands.done.is_some_and(|done| done.is_late)),
        ended: ended.filter(|(_, count)| *count > 0).collect(),
        gone: of(&|stands| !is_done(stands) && stands.is_gone),
    }
}

impl Office {
    /// A round as it stands now, with the households of it that whoever acts may see and that are asked for.
    ///
    /// Errors: they may see no household; there is no such round.
    pub fn round_board(&self, round: EntryId, asked: &RoundQuery, now: Now) -> Result<RoundBoard, Failure> {
        let _ = self.may(Duty::Open, now)?;
        let row = self.round_row(round)?;
        let drawn: BTreeSet<DossierId> = row.households.iter().copied().collect();
        let mut all = drawn.clone();
        // Whoever was visited without being drawn is shown too.
        all.extend(rounds::touched(&self.bureau.store, round)?);
        let drafted = self.drafted(now)?;
        let within = self.people()?.below(&asked.units, now.latest());
        let eyes = match self.rights()?.span(Duty::RollCovered) > Span::No {
            true => Eyes::Duty,
            false => Eyes::Names,
        };
        let mut able: BTreeMap<(OfficerId, Option<UnitId>), bool> = BTreeMap::new();
        let (mut lines, mut visited) = (Vec::new(), BTreeMap::new());
        for dossier in all {
            // Its records have not come here yet, or cannot be read: that is the doctor's affair.
            let Ok(history) = self.history(dossier) else { continue };
            let unit = history.unit(Horizon::NOW);
            if self.ask_table(Duty::Open, Over::Household { dossier, unit }, now).is_err() {
                continue;
            }
            let stands = self.in_round(&history, &row);
            if !asked.units.is_empty() && !unit.is_some_and(|unit| within.contains(&unit)) {
                continue;
            }
            let mut line = line_of(&history, &row, &stands, drafted.contains(&dossier), now.today);
            if !drawn.contains(&dossier) {
                line.irregular.insert(0, Irregular::NotDrawn);
            }
            if let Some(officer) = line.assigned.filter(|_| !line.is_settled) {
                let able =
                    able.entry((officer, unit)).or_insert_with(|| self.may_be_handed(officer, unit, now).is_ok());
                if !*able {
                    line.irregular.push(Irregular::OfficerGone);
                }
            }
            if !asks_for(asked, &line) || asked.never_helped && !self.aid_had(dossier, now)?.is_empty() {
                continue;
            }
            for visit in &stands.visits {
                *visited.entry(visit.by).or_default() += 1;
            }
            if let Some(face) = self.listed_face(dossier)? {
                line.name = face.names.into_iter().next();
                line.address = face.address.map(|address| Mask::Address.show(&address, eyes));
            }
            lines.push(line);
        }
        lines.sort_by(|a, b| (a.unit, &a.number, a.dossier).cmp(&(b.unit, &b.number, b.dossier)));
        Ok(RoundBoard { row, lines, visited })
    }

    /// Households of a round to be visited on a day, by whoever is named: in the order of their addresses.
    ///
    /// Errors: as [`Self::round_board`]; there is none.
    pub fn round_day(
        &self,
        round: EntryId,
        on: Day,
        by: Option<OfficerId>,
        now: Now,
    ) -> Result<Vec<RoundLine>, Failure> {
        let asked = RoundQuery { on: Some(on), assigned: by, ..RoundQuery::default() };
        let mut lines = self.round_board(round, &asked, now)?.lines;
        if lines.is_empty() {
            return Err(RoundRefused::NobodyThatDay { on }.into());
        }
        lines.sort_by(|a, b| (a.unit, &a.address, &a.number).cmp(&(b.unit, &b.address, &b.number)));
        Ok(lines)
    }
}

fn line_of(history: &History, row: &RoundRow, stands: &InRound, is_drafted: bool, today: Day) -> RoundLine {
    let closed = row.closed();
    let mut irregular = Vec::new();
    if stands.visits.iter().any(|visit| visit.on < row.from) {
        irregular.push(Irregular::BeforeRound);
    }
    if stands.visits.iter().any(|visit| closed.is_some_and(|closing| visit.at > closing.at)) {
        irregular.push(Irregular::AfterClosing);
    }
    RoundLine {
        dossier: history.dossier,
        number: history.numbers(Horizon::NOW).pop().unwrap_or_else(|| history.dossier.hex()),
        name: None,
        unit: history.unit(Horizon::NOW),
        address: None,
        state: stands.state(is_drafted),
        is_settled: stands.is_settled(),
        visits: stands.visits.len(),
        last: stands.last().map(|visit| visit.on),
        next: stands.next(),
        assigned: stands.assigned,
        done: stands.done.map(|done| (done.on, done.by, done.is_late)),
        due: history.next_due(Horizon::NOW),
        is_unchanged: is_unchanged(history.last_change(), today),
        irregular,
    }
}

fn asks_for(asked: &RoundQuery, line: &RoundLine) -> bool {
    let is_open = !line.is_settled;
    (asked.states.is_empty() || asked.states.contains(&line.state))
        && asked.assigned.is_none_or(|officer| line.assigned == Some(officer))
        && (!asked.unassigned || is_open && line.assigned.is_none())
        && asked.on.is_none_or(|on| is_open && line.next.is_none_or(|next| next <= on))
        && (!asked.unchanged || line.is_unchanged)
        && (!asked.irregular || !line.irregular.is_empty())
}
