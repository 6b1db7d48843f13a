//! Officers and units: who may act, and the union tree of a day.

use super::opening::ADMINISTRATOR;
use super::{Act, Duty, Failure, Office, Role};
use crate::domain::event::{Ledger, Person};
use crate::domain::unit::{Unit, UnitTree};
use crate::domain::{Day, DossierId, EntryId, Now, OfficerId, Subject, UnitId};
use crate::views::{self, CredentialRow, Horizon, OfficerRow, UnitRow};
use std::collections::BTreeSet;

impl Office {
    pub fn officers(&self) -> Result<Vec<OfficerRow>, Failure> {
        Ok(views::read::officers(&self.bureau.store, &self.bureau.keys)?)
    }

    pub fn officer_name(&self, officer: OfficerId) -> Result<Option<String>, Failure> {
        Ok(self.officers()?.into_iter().find(|o| o.officer == officer).map(|o| o.zh))
    }

    /// Every officer, new or with other roles or units than before; `until` is the last day. The latest record counts.
    ///
    /// Errors: a role that is none; the last administrator cannot be ended or lose that role; the name is somebody else's, so
    /// that nobody could say who is meant.
    pub fn set_officer(&self, row: &OfficerRow, now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::SetPeople, now)?;
        let (zh, en, before) = self.checked_officer(row)?;
        let ledger = Ledger::OfficerAdded {
            officer: row.officer,
            roles: row.roles.clone(),
            units: row.units.clone(),
            until: row.until,
        };
        let named = Person::Named { zh, en };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).person(Subject::Bureau, named);
        permit.keep(&act.parents(before)).map(drop)
    }

    /// An officer goes: on that last day, until which they work as before and their keys end with it by themselves; or at once,
    /// which means now, whatever way they come in by, and not at midnight: no key and no role is left to them.
    ///
    /// Errors: as of [`Self::set_officer`].
    pub fn end_officer(&self, officer: &OfficerRow, last: Option<Day>, now: Now) -> Result<(), Failure> {
        let at_once = last.is_none_or(|last| last < now.today);
        let roles = if at_once { Vec::new() } else { officer.roles.clone() };
        let row = OfficerRow { until: Some(last.unwrap_or(now.today)), roles, ..officer.clone() };
        let _ = self.may(Duty::SetPeople, now)?;
        self.checked_officer(&row)?;
        if at_once {
            let theirs = |row: &CredentialRow| row.open && row.officer == Some(officer.officer);
            for credential in self.credentials()?.iter().filter(|row| theirs(row)) {
                self.shut_credential(credential, now)?;
            }
        }
        self.set_officer(&row, now)
    }

    /// The names of an officer to be set so, fit to be kept, and the record that it replaces.
    fn checked_officer(&self, row: &OfficerRow) -> Result<(String, String, Option<EntryId>), Failure> {
        if let Some(role) = row.roles.iter().find(|role| Role::from_code(role).is_none()) {
            let known = Role::ALL.map(Role::code).join(", ");
            return Err(Failure::NoSuchRole { asked: role.clone(), known });
        }
        let (zh, en) = (super::name(&row.zh)?, super::name(&row.en)?);
        let officers = self.officers()?;
        // Those of before names were held apart may keep theirs.
        if officers.iter().find(|o| o.officer == row.officer).is_none_or(|o| (&o.zh, &o.en) != (&zh, &en)) {
            self.is_name_of_nobody_else(row.officer, &zh, &en)?;
        }
        let administers = |o: &OfficerRow| o.until.is_none() && o.roles.iter().any(|r| r == ADMINISTRATOR);
        let others = officers.iter().filter(|o| o.officer != row.officer).any(administers);
        if !others && !administers(row) {
            return Err(Failure::LastAdministrator);
        }
        let before = officers.iter().find(|o| o.officer == row.officer).map(|o| o.entry);
        Ok((zh, en, before))
    }

    /// Errors: one of the names is that of another officer, who may have left: what they did stands under it.
    pub(super) fn is_name_of_nobody_else(&self, officer: OfficerId, zh: &str, en: &str) -> Result<(), Failure> {
        let taken = |o: &OfficerRow| o.officer != officer && [&*o.zh, &*o.en].iter().any(|n| [zh, en].contains(n));
        match self.officers()?.into_iter().find(taken) {
            Some(other) => Err(Failure::OfficerNameTaken { by: other.zh }),
            None => Ok(()),
        }
    }

    /// The id of an officer to be.
    pub fn new_officer(&self) -> Result<OfficerId, Failure> {
        Ok(OfficerId(self.random_id()?))
    }

    /// Takes over a tree of units: rows that are new or differ are added, and of one unit and first day the latest counts.
    /// Answers how many were added.
    pub fn import_units(&self, tree: &UnitTree, now: Now) -> Result<usize, Failure> {
        let permit = self.may(Duty::SetUnits, now)?;
        let known: Vec<Unit> = self.units()?.iter().map(UnitRow::unit).collect();
        let new: Vec<&Unit> = tree.all().filter(|unit| !known.contains(unit)).collect();
        let count = new.len();
        permit.keep_all(&self.adding_units(new, now)?).into_iter().try_for_each(|kept| kept.map(drop))?;
        Ok(count)
    }

    /// Whether the household's unit is among those; without a unit it is among none.
    pub(super) fn is_of(&self, reach: &BTreeSet<UnitId>, dossier: DossierId) -> bool {
        let unit = self.history(dossier).ok().and_then(|history| history.unit(Horizon::NOW));
        unit.is_some_and(|unit| reach.contains(&unit))
    }

    pub fn units(&self) -> Result<Vec<UnitRow>, Failure> {
        Ok(views::read::units(&self.bureau.store, &self.bureau.keys)?)
    }

    /// The unit that somebody calls so: by its code or its name.
    pub fn unit_named(&self, asked: &str) -> Result<UnitId, Failure> {
        let rows = self.units()?;
        let row = rows.iter().rev().find(|row| row.code == asked || row.zh == asked || row.en == asked);
        let known = || rows.iter().map(|row| row.code.as_str()).collect::<Vec<_>>().join(", ");
        row.map(|row| row.unit).ok_or_else(|| Failure::NotInList {
            list: "unit",
            asked: asked.to_owned(),
            known: known(),
        })
    }

    /// The unit that bears `code` on that day.
    pub fn unit_by_code(&self, code: &str, on: Day) -> Result<Option<UnitId>, Failure> {
        Ok(self.units()?.into_iter().find(|u| u.code == code && u.stands_on(on)).map(|u| u.unit))
    }

    /// A store without units gets the sample tree that the program brings along, so that a first survey can name one.
    pub(super) fn first_units(&self, now: Now) -> Result<(), Failure> {
        if self.units()?.is_empty() {
            let acts = self.adding_units(self.bureau.library.units().all(), now)?;
            self.record_all_own(&acts).into_iter().try_for_each(|kept| kept.map(drop))?;
        }
        Ok(())
    }

    fn adding_units<'u>(&self, units: impl IntoIterator<Item = &'u Unit>, now: Now) -> Result<Vec<Act>, Failure> {
        let mut acts = Vec::new();
        for unit in units {
            let ledger = Ledger::UnitAdded {
                unit: unit.id,
                code: super::name(&unit.code)?,
                kind: unit.kind.code().to_owned(),
                parent: unit.parent,
                since: unit.since,
                until: unit.until,
                replaced_by: unit.replaced_by,
            };
            let fit = |text: &str| if text.trim().is_empty() { Ok(String::new()) } else { super::name(text) };
            let named = Person::Named { zh: fit(&unit.zh)?, en: fit(&unit.en)? };
            acts.push(Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).person(Subject::Bureau, named));
        }
        Ok(acts)
    }
}
