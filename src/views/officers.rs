//! Officers and units as rows. Their names are sealed under the bureau subject's key, which is never erased.

use crate::domain::{Day, OfficerId, UnitId};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerRow {
    pub officer: OfficerId,
    pub roles: Vec<String>,
    pub units: Vec<UnitId>,
    pub until: Option<Day>,
    pub zh: String,
    pub en: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnitRow {
    pub unit: UnitId,
    pub code: String,
    pub kind: String,
    pub parent: Option<UnitId>,
    pub since: Day,
    pub until: Option<Day>,
    pub zh: String,
    pub en: String,
}

impl UnitRow {
    pub fn stands_on(&self, day: Day) -> bool {
        self.since <= day && self.until.is_none_or(|until| day <= until)
    }
}
