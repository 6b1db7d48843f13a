//! Rounds of surveys (入户复查期次): a list of households is drawn once and kept, each is assigned to somebody who visits it, and
//! the round is closed when every household has a survey or an outcome that is final.
//! Start reading at [`Office::open_round`], then `board.rs` (how a round stands) and `visit.rs`.

mod board;
mod lag;
mod propose;
mod refused;
mod visit;

pub use board::{Irregular, PersonCount, RoundBoard, RoundLine, RoundQuery, UnitCount};
pub use lag::LagLine;
pub use propose::ProposedVisit;
pub use refused::RoundRefused;
pub use visit::{NewVisit, VisitNote};

use super::rights::Over;
use super::{Act, Duty, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::round::{DrawnFor, ROUND_DAYS_MAX, RoundCounts};
use crate::domain::{Day, DossierId, EntryId, Now, OfficerId, Subject, UnitId, case};
use crate::store::{Expect, NotKept, Read};
use crate::views::keyspaces::ROUNDS;
use crate::views::{self, History, Horizon, RoundRow, rounds};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A round to be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRound {
    pub name: String,
    /// First and last day.
    pub from: Day,
    pub to: Day,
    /// With all below them; none: all of whoever opens it.
    pub units: Vec<UnitId>,
    /// Every household that was ever surveyed, due or not.
    pub all: bool,
}

/// A household that a round is drawn for.
#[derive(Clone, PartialEq, Eq)]
pub struct DrawnLine {
    pub dossier: DossierId,
    pub number: String,
    /// The worker's. Personal.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    pub why: DrawnFor,
    /// When its next survey is due.
    pub due: Option<Day>,
    /// The open round of that time in which it stands already: it is left to that one.
    pub elsewhere: Option<String>,
}

impl std::fmt::Debug for DrawnLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DrawnLine({}, {:?})", self.number, self.why)
    }
}

/// A round that was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoundOpening {
    pub round: EntryId,
    pub households: usize,
    /// Left to another round.
    pub elsewhere: Vec<DrawnLine>,
}

/// What became of assignments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Assigned {
    pub count: usize,
    /// Households that nobody has to visit any more, or whose officer it was before.
    pub left: usize,
}

/// An id is named by so many of its digits.
const ID_DIGITS_MIN: usize = 8;

/// So many are named where something stands in the way of more.
const NAMED_MAX: usize = 5;

impl Office {
    /// The households that a round would be drawn for today, by unit and number.
    ///
    /// Errors: no right to plan; a unit of others; no period that a round has.
    pub fn draw_round(&self, new: &NewRound, now: Now) -> Result<Vec<DrawnLine>, Failure> {
        let _ = self.may(Duty::PlanRound, now)?;
        let days = new.to.0 - new.from.0;
        if !(0..=ROUND_DAYS_MAX).contains(&days) {
            return Err(RoundRefused::NotAPeriod { from: new.from, to: new.to, most: ROUND_DAYS_MAX }.into());
        }
        if new.to < now.today {
            return Err(RoundRefused::PeriodOver { to: new.to }.into());
        }
        for unit in &new.units {
            self.unit_to_file_in(Some(*unit), now)?;
        }
        let within = self.people()?.below(&new.units, now.latest());
        let mut others: HashMap<DossierId, String> = HashMap::new();
        for row in rounds::rounds(&self.bureau.store, &self.bureau.keys)? {
            if row.closed().is_none() && row.from <= new.to && row.to >= new.from {
                others.extend(row.households.iter().map(|dossier| (*dossier, row.name.clone())));
            }
        }
        let mut drawn = Vec::new();
        let mut failed = None;
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            // One that cannot be read is the doctor's affair.
            let Ok(history) = history else { return true };
            let Some((why, due)) = drawn_for(&history, new, now.today) else { return true };
            let unit = history.unit(Horizon::NOW);
            if !new.units.is_empty() && !unit.is_some_and(|unit| within.contains(&unit)) {
                return true;
            }
            let dossier = history.dossier;
            match self.ask_table(Duty::PlanRound, Over::Household { dossier, unit }, now) {
                Ok(()) => {
                    let number = history.numbers(Horizon::NOW).pop().unwrap_or_else(|| dossier.hex());
                    let elsewhere = others.get(&dossier).cloned();
                    drawn.push(DrawnLine { dossier, number, name: None, unit, why, due, elsewhere });
                }
                Err(Failure::NoSuchDossier { .. } | Failure::NeedsReason) => {}
                Err(failure) => failed = Some(failure),
            }
            failed.is_none()
        })?;
        if let Some(failure) = failed {
            return Err(failure);
        }
        for line in &mut drawn {
            line.name = self.listed_name(line.dossier)?;
        }
        drawn.sort_by(|a, b| (a.unit, &a.number, a.dossier).cmp(&(b.unit, &b.number, b.dossier)));
        Ok(drawn)
    }

    /// Opens a round: its list is drawn now and kept. Households that stand in another open round of that time are left to it.
    ///
    /// Errors: as [`Self::draw_round`]; no name, or that of another open round; nobody is due.
    pub fn open_round(&self, new: &NewRound, now: Now) -> Result<RoundOpening, Failure> {
        let permit = self.may(Duty::PlanRound, now)?;
        let name = super::name(&new.name)?;
        let request = (&name, new.from.0, new.to.0, new.units.iter().map(UnitId::hex).collect::<Vec<_>>(), new.all);
        let entry = match self.requested(&("round", request))? {
            super::request::Request::New(entry) => entry,
            super::request::Request::Kept(round) => {
                let households = self.round_row(round)?.households.len();
                return Ok(RoundOpening { round, households, elsewhere: Vec::new() });
            }
        };
        let known = rounds::rounds(&self.bureau.store, &self.bureau.keys)?;
        if known.iter().any(|row| row.closed().is_none() && row.name == name) {
            return Err(RoundRefused::NameTaken { name }.into());
        }
        let (elsewhere, drawn): (Vec<DrawnLine>, Vec<DrawnLine>) =
            self.draw_round(new, now)?.into_iter().partition(|line| line.elsewhere.is_some());
        if drawn.is_empty() {
            return Err(RoundRefused::NothingDue { elsewhere: elsewhere.len() }.into());
        }
        let households: Vec<DossierId> = drawn.iter().map(|line| line.dossier).collect();
        let count = households.len();
        let (from, to, drawn) = (new.from, new.to, now.today);
        let ledger = Ledger::RoundOpened { from, to, drawn, units: new.units.clone(), households };
        let act = Act::new(entry, now.at, Subject::Bureau, ledger).person(Subject::Bureau, Person::Text(name));
        permit.keep(&act)?;
        Ok(RoundOpening { round: entry, households: count, elsewhere })
    }

    /// The rounds in which whoever acts sees households, the latest first.
    ///
    /// Errors: they may see no household.
    pub fn rounds(&self, now: Now) -> Result<Vec<RoundRow>, Failure> {
        let _ = self.may(Duty::Open, now)?;
        let mut rows = rounds::rounds(&self.bureau.store, &self.bureau.keys)?;
        let is_of_all = self.rights()?.is_of_all_units();
        rows.retain(|row| {
            is_of_all || row.by == self.officer || row.households.iter().any(|dossier| self.sees(*dossier, now))
        });
        Ok(rows)
    }

    fn sees(&self, dossier: DossierId, now: Now) -> bool {
        let unit = |history: History| history.unit(Horizon::NOW);
        let over = self.history(dossier).map(|history| Over::Household { dossier, unit: unit(history) });
        over.is_ok_and(|over| self.ask_table(Duty::Open, over, now).is_ok())
    }

    /// The round that somebody calls so: by its name, or by eight digits of its id. Of several of one name the open one.
    ///
    /// Errors: there is none that they may know of.
    pub fn round_named(&self, asked: &str, now: Now) -> Result<RoundRow, Failure> {
        let typed = asked.trim();
        let digits = typed.to_lowercase();
        let by_id = |row: &RoundRow| digits.len() >= ID_DIGITS_MIN && row.entry.hex().starts_with(&digits);
        let mut found: Vec<RoundRow> =
            self.rounds(now)?.into_iter().filter(|row| row.name == typed || by_id(row)).collect();
        if found.iter().filter(|row| row.closed().is_none()).count() == 1 {
            found.retain(|row| row.closed().is_none());
        }
        match found.len() {
            1 => found.pop().ok_or(Failure::NothingKept),
            _ => Err(RoundRefused::NoSuchRound { asked: asked.to_owned() }.into()),
        }
    }

    /// Errors: there is no such round.
    fn round_row(&self, round: EntryId) -> Result<RoundRow, Failure> {
        let row = rounds::round(&self.bureau.store, &self.bureau.keys, round)?;
        row.ok_or_else(|| RoundRefused::NoSuchRound { asked: round.hex() }.into())
    }

    /// A round in which something can still be done.
    ///
    /// Errors: there is none, or it is closed.
    fn open_row(&self, round: EntryId) -> Result<RoundRow, Failure> {
        let row = self.round_row(round)?;
        match row.closed() {
            Some(closing) => Err(RoundRefused::Closed { name: row.name.clone(), on: closing.on }.into()),
            None => Ok(row),
        }
    }

    /// The rounds that are open, by their records.
    pub(super) fn open_rounds(&self) -> Result<BTreeSet<EntryId>, Failure> {
        let rows = rounds::rounds(&self.bureau.store, &self.bureau.keys)?;
        Ok(rows.into_iter().filter(|row| row.closed().is_none()).map(|row| row.entry).collect())
    }

    /// That the round is still as it is now.
    fn round_unchanged(&self, round: EntryId) -> Result<Expect, Failure> {
        Ok(Expect {
            name: "round".into(),
            keyspace: ROUNDS,
            key: round.0.to_vec(),
            value: self.bureau.store.get(ROUNDS, &round.0)?,
        })
    }

    /// Says who is to visit which household from now on; `None`: nobody. Who is assigned already and who needs no visit any more
    /// stay as they are.
    ///
    /// Errors: no right to plan for one of them; the round is closed; a household is not in it; an officer who has left, surveys
    /// nobody or not there. Then nobody is assigned.
    pub fn assign_visits(
        &self,
        round: EntryId,
        assignments: &[(DossierId, Option<OfficerId>)],
        now: Now,
    ) -> Result<Assigned, Failure> {
        let permit = self.may(Duty::PlanRound, now)?;
        let content: Vec<(String, Option<String>)> =
            assignments.iter().map(|(dossier, to)| (dossier.hex(), to.map(|to| to.hex()))).collect();
        let entry = match self.requested(&("assign", round.hex(), content))? {
            super::request::Request::New(entry) => entry,
            super::request::Request::Kept(_) => return Ok(Assigned { count: assignments.len(), left: 0 }),
        };
        let unchanged = self.round_unchanged(round)?;
        let row = self.open_row(round)?;
        let members: BTreeSet<DossierId> = row.households.iter().copied().collect();
        let assignments: BTreeMap<DossierId, Option<OfficerId>> = assignments.iter().copied().collect();
        let (mut events, mut parents, mut left) = (Vec::new(), BTreeSet::new(), 0);
        for (dossier, to) in assignments {
            let history = self.history(dossier)?;
            let unit = history.unit(Horizon::NOW);
            self.ask_table(Duty::PlanRound, Over::Household { dossier, unit }, now)?;
            let number = history.numbers(Horizon::NOW).pop().unwrap_or_else(|| dossier.hex());
            if !members.contains(&dossier) {
                return Err(RoundRefused::NotInRound { number, name: row.name.clone() }.into());
            }
            if let Some(to) = to {
                self.may_visit(to, unit, &number, now)?;
            }
            let stands = self.in_round(&history, &row);
            if stands.is_settled() || stands.assigned == to {
                left += 1;
                continue;
            }
            parents.extend(stands.assignments);
            events.push(Ledger::VisitAssigned { dossier, round, to });
        }
        let count = events.len();
        let mut events = events.into_iter();
        let Some(first) = events.next() else { return Ok(Assigned { count, left }) };
        let act = Act::new(entry, now.at, Subject::Bureau, first).parents([round]).parents(parents);
        let mut act = events.fold(act, Act::and);
        act.expect.push(unchanged);
        changed(permit.keep(&act))?;
        Ok(Assigned { count, left })
    }

    /// Errors: the officer cannot visit a household of that unit.
    fn may_visit(&self, officer: OfficerId, unit: Option<UnitId>, number: &str, now: Now) -> Result<(), Failure> {
        let name = || self.officer_name(officer).ok().flatten().unwrap_or_else(|| officer.hex());
        let refused = match self.may_be_handed(officer, unit, now) {
            Ok(()) => return Ok(()),
            Err(Failure::HasLeft { last }) => RoundRefused::OfficerLeft { name: name(), last },
            Err(Failure::NeedsRole { .. } | Failure::NobodyHere { .. }) => {
                RoundRefused::OfficerSurveysNot { name: name() }
            }
            Err(Failure::NotYourWork { .. }) => {
                RoundRefused::OfficerElsewhere { name: name(), number: number.to_owned() }
            }
            Err(other) => return Err(other),
        };
        Err(refused.into())
    }

    /// Closes a round: what it came to is kept.
    ///
    /// Errors: no right to plan for every household of it; it is closed; a household has neither a survey in it nor an outcome
    /// that is final.
    pub fn close_round(&self, round: EntryId, now: Now) -> Result<RoundCounts, Failure> {
        let permit = self.may(Duty::PlanRound, now)?;
        let entry = match self.requested(&("close", round.hex()))? {
            super::request::Request::New(entry) => entry,
            super::request::Request::Kept(_) => {
                let row = self.round_row(round)?;
                return Ok(row.closed().map(|closing| closing.counts.clone()).unwrap_or_default());
            }
        };
        let unchanged = self.round_unchanged(round)?;
        let row = self.open_row(round)?;
        let (mut standing, mut missing, mut open) = (Vec::new(), 0, Vec::new());
        for dossier in &row.households {
            let Ok(history) = self.history(*dossier) else {
                missing += 1;
                continue;
            };
            let over = Over::Household { dossier: *dossier, unit: history.unit(Horizon::NOW) };
            match self.ask_table(Duty::PlanRound, over, now) {
                Ok(()) => {}
                Err(Failure::NoSuchDossier { .. } | Failure::NeedsReason) => {
                    return Err(RoundRefused::OtherUnits.into());
                }
                Err(failure) => return Err(failure),
            }
            let stands = self.in_round(&history, &row);
            if !stands.is_settled() {
                open.push(history.numbers(Horizon::NOW).pop().unwrap_or_else(|| dossier.hex()));
            }
            standing.push(stands);
        }
        if missing > 0 {
            return Err(RoundRefused::NotAllHere { count: missing }.into());
        }
        if !open.is_empty() {
            open.sort();
            let first = open.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(" ");
            return Err(RoundRefused::NotSettled { count: open.len(), first }.into());
        }
        let counts = board::counts(&standing);
        let ledger = Ledger::RoundClosed { round, on: now.today, counts: counts.clone() };
        let mut act = Act::new(entry, now.at, Subject::Bureau, ledger).parents([round]);
        act.expect.push(unchanged);
        changed(permit.keep(&act))?;
        Ok(counts)
    }
}

/// Somebody closed the round meanwhile.
fn changed<T>(kept: Result<T, Failure>) -> Result<T, Failure> {
    match kept {
        Err(Failure::NotKept(NotKept::Lost(_))) => Err(RoundRefused::Changed.into()),
        kept => kept,
    }
}

/// Why the household is drawn into a round, where it is, and when its next survey is due.
fn drawn_for(history: &History, new: &NewRound, today: Day) -> Option<(DrawnFor, Option<Day>)> {
    let status = history.status(Horizon::NOW)?;
    if history.is_erased() || status.is_over() || history.died_on().is_some() {
        return None;
    }
    let versions = history.versions(Horizon::NOW);
    History::deciding(&versions)?;
    let due = history.next_due(Horizon::NOW);
    let approved = history.in_force(Horizon::NOW).and_then(|in_force| in_force.approved);
    let until = approved.and_then(|approved| approved.ledger.in_force()?.until);
    let code = history.category(Horizon::NOW).and_then(|category| category.code);
    let why = match due {
        Some(due) if due < today => DrawnFor::Overdue,
        _ if until.is_some_and(|until| until <= new.to) => DrawnFor::Ends,
        Some(due) if due <= new.to && code.is_some_and(|code| !case::is_eligible(&code)) => DrawnFor::FollowUp,
        Some(due) if due <= new.to => DrawnFor::Due,
        _ if new.all => DrawnFor::All,
        _ => return None,
    };
    Some((why, due))
}
