//! Officers and units: who may act, and the union tree of a day.

use super::{Act, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::unit::Unit;
use crate::domain::{Day, Now, OfficerId, Subject, UnitId};
use crate::views::{self, OfficerRow, UnitRow};
use std::collections::BTreeSet;

impl Office {
    pub fn officers(&self) -> Result<Vec<OfficerRow>, Failure> {
        Ok(views::read::officers(&self.store, &self.keys)?)
    }

    pub fn officer_name(&self, officer: OfficerId) -> Result<Option<String>, Failure> {
        Ok(self.officers()?.into_iter().find(|o| o.officer == officer).map(|o| o.zh))
    }

    /// Whether whoever acts has this role.
    pub fn has_role(&self, role: &str) -> Result<bool, Failure> {
        Ok(self.officers()?.iter().any(|o| o.officer == self.officer && o.roles.iter().any(|r| r == role)))
    }

    /// The units whose households whoever acts may see, with everything below them; `None`: all.
    pub fn reach(&self) -> Result<Option<BTreeSet<UnitId>>, Failure> {
        let own = self.officers()?.into_iter().find(|o| o.officer == self.officer).map(|o| o.units).unwrap_or_default();
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
