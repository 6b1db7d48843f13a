//! Officers and units as rows. Their names are sealed under the bureau subject's key, which is never erased.
//!
//! Each record that tells of one is a row of its own, and reading takes the latest: so the order in which records arrive
//! changes nothing.

use crate::domain::unit::{Unit, UnitKind};
use crate::domain::{Day, OfficerId, Stamp, UnitId};
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
