//! Officers and units as rows. Their names are sealed under the bureau subject's key, which is never erased.
//!
//! Each record that tells of one is a row of its own, and reading takes the latest: so the order in which records arrive
//! changes nothing.

use super::bodies::open_person;
use super::fold::Folded;
use super::keyspaces::{OFFICERS, UNITS};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::standing::{replaces, standing};
use crate::domain::event::{Ledger, Person};
use crate::domain::unit::{Unit, UnitKind};
use crate::domain::{Day, EntryId, OfficerId, Stamp, Subject, UnitId};
use crate::log::Record;
use crate::seal::{KeyName, Keyring};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerRow {
    pub officer: OfficerId,
    pub roles: Vec<String>,
    pub units: Vec<UnitId>,
    pub until: Option<Day>,
    pub zh: String,
    pub en: String,
    /// When the record was made.
    pub at: Stamp,
    pub entry: EntryId,
    /// The records it replaces: a clock set back brings no role back.
    pub over: Vec<EntryId>,
}

replaces!(OfficerRow);

/// Every officer as they stand, in the order of their ids.
pub(super) fn standing_officers(mut rows: Vec<OfficerRow>) -> Vec<OfficerRow> {
    rows.sort_by_key(|row| row.officer);
    rows.chunk_by(|a, b| a.officer == b.officer).filter_map(|rows| standing(rows.to_vec())).collect()
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnitRow {
    pub unit: UnitId,
    pub code: String,
    pub kind: String,
    pub parent: Option<UnitId>,
    pub since: Option<Day>,
    pub until: Option<Day>,
    pub replaced_by: Option<UnitId>,
    pub zh: String,
    pub en: String,
    /// When the record was made.
    pub at: Stamp,
}

impl UnitRow {
    pub fn stands_on(&self, day: Day) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The unit as the domain's dated tree has it; a kind this program does not know counts as an office.
    pub fn unit(&self) -> Unit {
        Unit {
            id: self.unit,
            code: self.code.clone(),
            zh: self.zh.clone(),
            en: self.en.clone(),
            kind: UnitKind::from_code(&self.kind).unwrap_or(UnitKind::Office),
            parent: self.parent,
            since: self.since,
            until: self.until,
            replaced_by: self.replaced_by,
        }
    }
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, record, place, ledger) = (folded.keys, folded.record, folded.place(), folded.ledger());
    let header = &record.header;
    match ledger {
        Ledger::OfficerAdded { officer, roles, units, until } => {
            let (zh, en) = names(keys, record, place)?;
            let (roles, units, at) = (roles.clone(), units.clone(), header.at);
            let (entry, over) = (header.entry, header.parents.clone());
            let row = OfficerRow { officer: *officer, roles, units, until: *until, zh, en, at, entry, over };
            let key = [officer.0, header.entry.0].concat();
            sealed::put(pending, keys, BUREAU, OFFICERS, key, &row)?;
        }
        Ledger::UnitAdded { unit, code, kind, parent, since, until, replaced_by } => {
            let (zh, en) = names(keys, record, place)?;
            let row = UnitRow {
                unit: *unit,
                code: code.clone(),
                kind: kind.clone(),
                parent: *parent,
                since: *since,
                until: *until,
                replaced_by: *replaced_by,
                zh,
                en,
                at: header.at,
            };
            let key = [unit.0, header.entry.0].concat();
            sealed::put(pending, keys, BUREAU, UNITS, key, &row)?;
        }
        _ => {}
    }
    Ok(())
}

const BUREAU: KeyName = KeyName::Subject(Subject::Bureau);

fn names(keys: &Keyring, record: &Record, place: u16) -> Result<(String, String), ViewError> {
    Ok(match open_person(keys, record, Subject::Bureau, place)? {
        Some(Person::Named { zh, en }) => (zh, en),
        _ => Default::default(),
    })
}

/// Of rows that tell of one thing, the latest; in the order of their keys.
pub(super) fn latest<T, K: PartialEq>(rows: Vec<T>, key: impl Fn(&T) -> K, at: impl Fn(&T) -> Stamp) -> Vec<T> {
    let mut out: Vec<T> = Vec::with_capacity(rows.len());
    for row in rows {
        match out.iter_mut().find(|kept| key(kept) == key(&row)) {
            // Rows come ordered by entry id, so of two records of one moment the same one wins everywhere.
            Some(kept) if at(kept) <= at(&row) => *kept = row,
            Some(_) => {}
            None => out.push(row),
        }
    }
    out
}
