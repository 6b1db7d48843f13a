//! Officers and units: who may act, and the union tree of a day.

use super::opening::ADMINISTRATOR;
use super::{Act, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::unit::{Unit, UnitTree};
use crate::domain::{Day, DossierId, Now, OfficerId, Subject, UnitId};
use crate::views::{self, Horizon, OfficerRow, UnitRow};
use std::collections::BTreeSet;

/// What an officer may be (domain.md, roles and separated duties).
pub const ROLES: [&str; 8] = [
    "surveyor",
    "reviewer",
    "approver",
    "cashier",
    "supervisor",
    ADMINISTRATOR,
    "security_administrator",
    "audit_administrator",
];

/// What not everybody may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duty {
    /// See households. Whoever administers the system sees none: management is apart from the work (三员分立).
    SeeHouseholds,
    /// Survey them.
    Survey,
    /// Move a case on until it is verified (提交、核实).
    Verify,
    /// Move it anywhere else: review, notice, approval, opening, closing.
    Decide,
    SeeLogins,
}

impl Duty {
    /// The roles that carry it; the first is the one to ask for.
    fn roles(self) -> &'static [&'static str] {
        match self {
            Duty::SeeHouseholds => &["surveyor", "reviewer", "approver", "cashier", "supervisor"],
            Duty::Survey => &["surveyor"],
            Duty::Verify => &["surveyor", "reviewer", "approver"],
            Duty::Decide => &["reviewer", "approver"],
            Duty::SeeLogins => &["audit_administrator", "security_administrator", ADMINISTRATOR],
        }
    }
}

impl Office {
    pub fn officers(&self) -> Result<Vec<OfficerRow>, Failure> {
        Ok(views::read::officers(&self.store, &self.keys)?)
    }

    pub fn officer_name(&self, officer: OfficerId) -> Result<Option<String>, Failure> {
        Ok(self.officers()?.into_iter().find(|o| o.officer == officer).map(|o| o.zh))
    }

    fn me(&self) -> Result<Option<OfficerRow>, Failure> {
        Ok(self.officers()?.into_iter().find(|o| o.officer == self.officer))
    }

    /// Errors: whoever acts has no role that carries this duty.
    pub fn needs(&self, duty: Duty) -> Result<(), Failure> {
        let carries = |o: OfficerRow| o.roles.iter().any(|role| duty.roles().contains(&role.as_str()));
        match self.me()?.is_some_and(carries) {
            true => Ok(()),
            false => Err(Failure::NeedsRole { role: duty.roles()[0] }),
        }
    }

    /// Refuses whoever acts without this role.
    pub(super) fn needs_role(&self, role: &'static str) -> Result<(), Failure> {
        let has = self.me()?.is_some_and(|o| o.roles.iter().any(|r| r == role));
        if has { Ok(()) } else { Err(Failure::NeedsRole { role }) }
    }

    /// Every officer, new or with other roles or units than before; `until` is the last day. The latest record counts.
    ///
    /// Errors: a role that is none; the last administrator cannot be ended or lose that role.
    pub fn set_officer(&self, row: &OfficerRow, now: Now) -> Result<(), Failure> {
        self.needs_role(ADMINISTRATOR)?;
        if let Some(role) = row.roles.iter().find(|role| !ROLES.contains(&role.as_str())) {
            return Err(Failure::NoSuchRole { asked: role.clone(), known: ROLES.join(", ") });
        }
        let administers = |o: &OfficerRow| o.until.is_none() && o.roles.iter().any(|r| r == ADMINISTRATOR);
        let others = self.officers()?.into_iter().filter(|o| o.officer != row.officer).any(|o| administers(&o));
        if !others && !administers(row) {
            return Err(Failure::LastAdministrator);
        }
        let ledger = Ledger::OfficerAdded {
            officer: row.officer,
            roles: row.roles.clone(),
            units: row.units.clone(),
            until: row.until,
        };
        let named = Person::Named { zh: row.zh.clone(), en: row.en.clone() };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).person(Subject::Bureau, named);
        self.keep(&act).map(drop)
    }

    /// The id of an officer to be.
    pub fn new_officer(&self) -> Result<OfficerId, Failure> {
        Ok(OfficerId(self.random_id()?))
    }

    /// Takes over a tree of units: rows that are new or differ are added, and of one unit and first day the latest counts.
    /// Answers how many were added.
    pub fn import_units(&self, tree: &UnitTree, now: Now) -> Result<usize, Failure> {
        self.needs_role(ADMINISTRATOR)?;
        let known: Vec<Unit> = self.units()?.iter().map(UnitRow::unit).collect();
        let new: Vec<&Unit> = tree.all().filter(|unit| !known.contains(unit)).collect();
        let count = new.len();
        self.add_units(new, now)?;
        Ok(count)
    }

    /// The units whose households whoever acts may see, with everything below them; `None`: all.
    pub fn reach(&self) -> Result<Option<BTreeSet<UnitId>>, Failure> {
        if self.needs(Duty::SeeHouseholds).is_err() {
            return Ok(Some(BTreeSet::new()));
        }
        let own = self.me()?.map(|o| o.units).unwrap_or_default();
        if own.is_empty() {
            return Ok(None);
        }
        let units = self.units()?;
        let mut reach: BTreeSet<UnitId> = own.into_iter().collect();
        // A tree of n units is at most n deep; a ring in damaged records ends too.
        loop {
            let below = units.iter().filter(|u| u.parent.is_some_and(|parent| reach.contains(&parent)));
            let before = reach.len();
            reach.extend(below.map(|u| u.unit).collect::<Vec<_>>());
            if reach.len() == before {
                return Ok(Some(reach));
            }
        }
    }

    /// Whether the household's unit is among those; without a unit it is among none.
    pub(super) fn is_of(&self, reach: &BTreeSet<UnitId>, dossier: DossierId) -> bool {
        let unit = self.history(dossier).ok().and_then(|history| history.unit(Horizon::NOW));
        unit.is_some_and(|unit| reach.contains(&unit))
    }

    pub fn units(&self) -> Result<Vec<UnitRow>, Failure> {
        Ok(views::read::units(&self.store, &self.keys)?)
    }

    /// The unit that bears `code` on that day.
    pub fn unit_by_code(&self, code: &str, on: Day) -> Result<Option<UnitId>, Failure> {
        Ok(self.units()?.into_iter().find(|u| u.code == code && u.stands_on(on)).map(|u| u.unit))
    }

    /// A store without units gets the sample tree that the program brings along, so that a first survey can name one.
    pub(super) fn first_units(&self, now: Now) -> Result<(), Failure> {
        if self.units()?.is_empty() {
            self.add_units(self.library.units().all(), now)?;
        }
        Ok(())
    }

    pub fn add_units<'u>(&self, units: impl IntoIterator<Item = &'u Unit>, now: Now) -> Result<(), Failure> {
        let mut acts = Vec::new();
        for unit in units {
            let ledger = Ledger::UnitAdded {
                unit: unit.id,
                code: unit.code.clone(),
                kind: unit.kind.code().to_owned(),
                parent: unit.parent,
                since: unit.since,
                until: unit.until,
                replaced_by: unit.replaced_by,
            };
            let named = Person::Named { zh: unit.zh.clone(), en: unit.en.clone() };
            acts.push(Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).person(Subject::Bureau, named));
        }
        self.keep_all(&acts).into_iter().try_for_each(|kept| kept.map(drop))
    }
}
