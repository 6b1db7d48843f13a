//! Officers and units: who may act, and the union tree of a day.

use super::{Act, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, Now, OfficerId, Subject, UnitId};
use crate::views::{self, OfficerRow, UnitRow};

/// A unit to be entered.
pub struct NewUnit<'a> {
    pub id: UnitId,
    pub code: &'a str,
    pub kind: &'a str,
    pub zh: &'a str,
    pub en: &'a str,
    pub parent: Option<UnitId>,
    pub since: Day,
    pub until: Option<Day>,
}

impl Office {
    pub fn officers(&self) -> Result<Vec<OfficerRow>, Failure> {
        Ok(views::read::officers(&self.store, &self.keys)?)
    }

    pub fn officer_name(&self, officer: OfficerId) -> Result<Option<String>, Failure> {
        Ok(self.officers()?.into_iter().find(|o| o.officer == officer).map(|o| o.zh))
    }

    pub fn units(&self) -> Result<Vec<UnitRow>, Failure> {
        Ok(views::read::units(&self.store, &self.keys)?)
    }

    /// The unit that bears `code` on that day.
    pub fn unit_by_code(&self, code: &str, on: Day) -> Result<Option<UnitId>, Failure> {
        Ok(self.units()?.into_iter().find(|u| u.code == code && u.stands_on(on)).map(|u| u.unit))
    }

    pub fn add_units(&self, units: &[NewUnit<'_>], now: Now) -> Result<(), Failure> {
        let mut acts = Vec::with_capacity(units.len());
        for unit in units {
            let ledger = Ledger::UnitAdded {
                unit: unit.id,
                code: unit.code.to_owned(),
                kind: unit.kind.to_owned(),
                parent: unit.parent,
                since: unit.since,
                until: unit.until,
            };
            let named = Person::Named { zh: unit.zh.to_owned(), en: unit.en.to_owned() };
            acts.push(Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).person(Subject::Bureau, named));
        }
        self.keep_all(&acts).into_iter().try_for_each(|kept| kept.map(drop))
    }
}
