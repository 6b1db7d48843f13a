//! A right is a type: whoever acts is asked for at each act, and what they may do hangs on what the asking returns.
//!
//! ```text
//! office.may(duty) ─► Permit ─ keep(act)                 the only way by which anything is written for an officer
//! office.open(id)  ─► Household ─ read, or permit(duty)   the only way to a household (household.rs)
//! ```
//! What was true when a screen was opened counts for nothing: roles, units and last days are those of the latest record.
//! Writing itself is private to this room (`act.rs`), so nothing outside it can be kept without a permit but what the program
//! records by itself (`own.rs`).

mod act;
pub mod duties;
mod household;
mod own;
mod session;

pub use act::Act;
pub use duties::{Duty, Role, Span};
pub(super) use household::reason;
pub use household::{Household, HouseholdLine, REASON_CHARS_MAX};
pub use session::SessionContext;
pub(super) use session::Sessions;

use super::record_maker::Receipt;
use super::{Failure, Office};
use crate::domain::{Day, DossierId, Entrance, EntryId, Now, OfficerId, UnitId};
use crate::views::{self, Horizon, OfficerRow, UnitRow};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Who there is and which units, as of one [`Office::people_state`].
pub struct People {
    state: u64,
    pub officers: Vec<OfficerRow>,
    pub units: Vec<UnitRow>,
}

impl People {
    /// Those units with everything below them on a day: a unit that went to another belongs to that one alone. What stands no
    /// more is where it was last.
    pub(in crate::command) fn below(&self, own: &[UnitId], day: Day) -> BTreeSet<UnitId> {
        let counts = |row: &&UnitRow| {
            let mut of_unit = self.units.iter().filter(|other| other.unit == row.unit);
            row.stands_on(day)
                || of_unit.all(|other| !other.stands_on(day) && (other.since, other.until) <= (row.since, row.until))
        };
        let rows: Vec<&UnitRow> = self.units.iter().filter(counts).collect();
        let mut reach: BTreeSet<UnitId> = own.iter().copied().collect();
        // A tree of n units is at most n deep; a ring in damaged records ends too.
        loop {
            let below = rows.iter().filter(|row| row.parent.is_some_and(|parent| reach.contains(&parent)));
            let before = reach.len();
            reach.extend(below.map(|u| u.unit).collect::<Vec<_>>());
            if reach.len() == before {
                return reach;
            }
        }
    }
}

/// What one officer may do.
pub struct Rights {
    state: u64,
    officer: OfficerId,
    /// `None`: no record knows them.
    row: Option<OfficerRow>,
    roles: Vec<Role>,
    people: Arc<People>,
    /// The units whose households are theirs, as of the day that was asked last; `None`: all.
    units: Mutex<(Day, Option<Arc<BTreeSet<UnitId>>>)>,
    /// The units of households that are being surveyed, as they were when this was asked first.
    surveyed: Mutex<HashMap<DossierId, Option<UnitId>>>,
}

impl Rights {
    pub(in crate::command) fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub fn span(&self, duty: Duty) -> Span {
        self.roles.iter().map(|role| duty.span(*role)).max().unwrap_or(Span::No)
    }

    fn own(&self) -> &[UnitId] {
        self.row.as_ref().map(|row| row.units.as_slice()).unwrap_or_default()
    }

    /// Whether the households of all units are theirs.
    pub(in crate::command) fn is_of_all_units(&self) -> bool {
        self.own().is_empty()
    }

    /// The units whose households are theirs; `None`: all.
    fn units(&self, now: Now) -> Option<Arc<BTreeSet<UnitId>>> {
        if self.is_of_all_units() {
            return None;
        }
        let mut known = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        let (day, units) = &mut *known;
        if units.is_none() || *day != now.latest() {
            (*day, *units) = (now.latest(), Some(Arc::new(self.people.below(self.own(), now.latest()))));
        }
        units.clone()
    }

    /// Whether a household of that unit is theirs; one without a unit is nobody's who has some units to do with.
    fn reaches(&self, unit: Option<UnitId>, now: Now) -> bool {
        self.units(now).is_none_or(|units| unit.is_some_and(|unit| units.contains(&unit)))
    }
}

/// What an act is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::command) enum Over {
    Bureau,
    Household {
        dossier: DossierId,
        unit: Option<UnitId>,
    },
    /// Something that officer began, about a household of that unit.
    Work {
        of: OfficerId,
        unit: Option<UnitId>,
    },
}

/// That whoever acts may do this, asked just now and again when something is kept.
#[must_use]
pub struct Permit<'o> {
    office: &'o Office,
    duty: Duty,
    over: Over,
    now: Now,
}

impl Permit<'_> {
    /// Keeps one act. When this answers `Ok` it is on disk.
    pub fn keep(&self, act: &Act) -> Result<Receipt, Failure> {
        self.keep_all(std::slice::from_ref(act)).pop().unwrap_or(Err(Failure::NothingKept))
    }

    /// Keeps several acts in order, each for itself; they share a sync.
    pub fn keep_all(&self, acts: &[Act]) -> Vec<Result<Receipt, Failure>> {
        match self.office.ask_table(self.duty, self.over, self.now).and_then(|()| self.office.has_come(self.now)) {
            Ok(()) => self.office.write_all(acts),
            Err(failure) => acts.iter().map(|_| Err(failure.clone())).collect(),
        }
    }
}

impl Office {
    /// Who there is, as of now.
    pub fn people(&self) -> Result<Arc<People>, Failure> {
        // Before they are read, so that what comes meanwhile is read once more.
        let state = self.people_state();
        let mut known = self.bureau.memory.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(people) = known.as_ref().filter(|people| people.state == state) {
            return Ok(people.clone());
        }
        let people = Arc::new(People { state, officers: self.officers()?, units: self.units()? });
        *known = Some(people.clone());
        Ok(people)
    }

    /// What whoever acts may do, as of now.
    pub fn rights(&self) -> Result<Arc<Rights>, Failure> {
        let people = self.people()?;
        let mut known = self.known_rights.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of = |rights: &&Arc<Rights>| rights.state == people.state && rights.officer == self.officer;
        if let Some(rights) = known.as_ref().filter(is_of) {
            return Ok(rights.clone());
        }
        let row = people.officers.iter().find(|row| row.officer == self.officer).cloned();
        let rights = Arc::new(Rights {
            state: people.state,
            officer: self.officer,
            roles: row.iter().flat_map(|row| &row.roles).filter_map(|role| Role::from_code(role)).collect(),
            people: people.clone(),
            units: Mutex::new((Day(0), None)),
            surveyed: Mutex::default(),
            row,
        });
        *known = Some(rights.clone());
        Ok(rights)
    }

    /// Errors: nobody is known to act, and so nothing is done.
    pub fn somebody(&self) -> Result<(), Failure> {
        match self.rights()?.row {
            Some(_) => Ok(()),
            None => Err(Failure::NobodyHere { user: self.user.to_string() }),
        }
    }

    /// Whether whoever acts carries a duty at all, for hints and menus; what it is about is asked when it is done.
    pub fn carries(&self, duty: Duty) -> bool {
        self.rights().is_ok_and(|rights| rights.span(duty) > Span::No)
    }

    /// The right to do something that is about no household.
    ///
    /// Errors: nobody is known to act, their last day is past, no role of theirs carries it, it cannot be done from afar.
    pub fn may(&self, duty: Duty, now: Now) -> Result<Permit<'_>, Failure> {
        self.permit(duty, Over::Bureau, now)
    }

    pub(in crate::command) fn permit(&self, duty: Duty, over: Over, now: Now) -> Result<Permit<'_>, Failure> {
        self.ask_table(duty, over, now)?;
        Ok(Permit { office: self, duty, over, now })
    }

    /// Whether the household of a survey in progress is still theirs. Cheap: its history is read once for each state of the
    /// people; that it went elsewhere by a record about itself is asked when it is submitted.
    pub(in crate::command) fn may_still_survey(&self, dossier: DossierId, now: Now) -> Result<(), Failure> {
        let rights = self.rights()?;
        let mut known = rights.surveyed.lock().unwrap_or_else(PoisonError::into_inner);
        let unit = match known.get(&dossier) {
            Some(unit) => *unit,
            None => {
                let Some(history) = views::read::history(&self.bureau.store, &self.bureau.keys, dossier)? else {
                    return Ok(());
                };
                let unit = history.unit(Horizon::NOW);
                known.insert(dossier, unit);
                unit
            }
        };
        drop(known);
        self.ask_table(Duty::Survey, Over::Household { dossier, unit }, now)
    }

    /// Whoever acts is known, and has not left: what every act and every reading needs, whatever it is about.
    pub fn still_here(&self, now: Now) -> Result<(), Failure> {
        let rights = self.rights()?;
        let Some(row) = &rights.row else { return Err(Failure::NobodyHere { user: self.user.to_string() }) };
        // By the clock, too: a day named on the command line brings nobody back.
        match row.until.filter(|last| now.latest() > *last || row.roles.is_empty()) {
            Some(last) => Err(Failure::HasLeft { last }),
            None => Ok(()),
        }
    }

    /// Nothing is done as of a day that is to come: a notice would be over before it was read. In a demo years may be tried.
    fn has_come(&self, now: Now) -> Result<(), Failure> {
        match now.today > now.at.day() && !crate::command::demo::is_one(&self.bureau.folder.path) {
            true => Err(Failure::DayToCome { day: now.today, clock: now.at.day() }),
            false => Ok(()),
        }
    }

    pub(in crate::command) fn ask_table(&self, duty: Duty, over: Over, now: Now) -> Result<(), Failure> {
        self.still_here(now)?;
        let rights = self.rights()?;
        if self.context().afar && !duty.from_afar() {
            return Err(Failure::NotFromAfar);
        }
        match (rights.span(duty), over) {
            (Span::No, _) => Err(Failure::NeedsRole { role: duty.first_role() }),
            (Span::All, _) | (_, Over::Bureau) => Ok(()),
            (_, Over::Work { of, .. }) if of == self.officer => Ok(()),
            (Span::Own, _) => Err(Failure::NotYourWork { by: self.officer_name_of(over) }),
            (_, Over::Work { unit, .. }) => match rights.reaches(unit, now) {
                true => Ok(()),
                false => Err(Failure::NotYourWork { by: self.officer_name_of(over) }),
            },
            (_, Over::Household { unit, .. }) if rights.reaches(unit, now) => Ok(()),
            (Span::Reason, Over::Household { dossier, .. }) if self.has_given_reason(dossier) => Ok(()),
            (Span::Reason, Over::Household { .. }) => Err(Failure::NeedsReason),
            // One sentence for what is not there and what is not theirs: neither tells which numbers exist.
            (_, Over::Household { dossier, .. }) => Err(Failure::NoSuchDossier { asked: self.number_of(dossier) }),
        }
    }

    fn officer_name_of(&self, over: Over) -> String {
        let Over::Work { of, .. } = over else { return String::new() };
        self.officer_name(of).ok().flatten().unwrap_or_default()
    }

    /// The units whose households whoever acts may see, with everything below them; `None`: all.
    pub fn reach(&self, now: Now) -> Result<Option<BTreeSet<UnitId>>, Failure> {
        match self.ask_table(Duty::Open, Over::Bureau, now) {
            Ok(()) => Ok(self.rights()?.units(now).map(|units| (*units).clone())),
            Err(_) => Ok(Some(BTreeSet::new())),
        }
    }

    /// Whether an officer can go on with work about a household of that unit.
    ///
    /// Errors: they have left, do not survey, or not there.
    pub(in crate::command) fn may_be_handed(
        &self,
        to: OfficerId,
        unit: Option<UnitId>,
        now: Now,
    ) -> Result<(), Failure> {
        let seat = self.seat(to, SessionContext::program("hand_over"));
        seat.ask_table(Duty::Survey, Over::Bureau, now)?;
        match unit.is_none() || seat.rights()?.reaches(unit, now) {
            true => Ok(()),
            false => Err(Failure::NotYourWork { by: self.officer_name(to)?.unwrap_or_default() }),
        }
    }

    /// The unit that a household is filed in, where the survey names none or one: one's own.
    ///
    /// Errors: the unit is none of theirs.
    pub(in crate::command) fn unit_to_file_in(
        &self,
        unit: Option<UnitId>,
        now: Now,
    ) -> Result<Option<UnitId>, Failure> {
        let rights = self.rights()?;
        match unit {
            None => Ok(rights.row.as_ref().and_then(|row| row.units.first().copied())),
            Some(_) if rights.reaches(unit, now) => Ok(unit),
            Some(other) => {
                let people = self.people()?;
                let name = people.units.iter().rev().find(|row| row.unit == other).map(|row| row.zh.clone());
                Err(Failure::OtherUnit { unit: name.unwrap_or_default() })
            }
        }
    }

    /// Whether what was done in that session, and what whoever sits here does, is done by one person, whatever names they
    /// were given: the officer, or the credential.
    pub(in crate::command) fn is_same_person(&self, by: OfficerId, session: Option<EntryId>) -> Result<bool, Failure> {
        if by == self.officer {
            return Ok(true);
        }
        let context = self.context();
        // A demo lets one person be everybody, since nobody tries it out with four others.
        if self.is_made_up()? || matches!(context.entrance, Entrance::Gateway { .. } | Entrance::Program) {
            return Ok(context.owner == Some(by));
        }
        let Some(row) = self.session(session)? else { return Ok(context.owner == Some(by)) };
        let same_credential = row.person().is_some_and(|person| Some(person) == context.person(self.bureau.station));
        Ok(same_credential || context.owner == Some(by) || row.owner == Some(self.officer))
    }
}
