//! A roll that was kept elsewhere is brought in: a workbook or csv, one line a household or one a person.
//!
//! ```text
//! RollSheet::read ─► ImportMap::guess or from_toml ─► lay ─► Office::try_roll ─► RollTrial ─► Office::bring_in
//!   (sheet.rs)         (map.rs, headings.rs)                  (households.rs, stops.rs)       (keep.rs)
//! ```
//!
//! A trial writes nothing and says of each line what would become of it. What is brought in is a first survey of the
//! household as far as the roll tells, each answer marked as imported; nobody is taken to have been asked, so whatever the
//! roll lacks stays open. It stands in no category by that: a roll is taken over by one act of an approver, on a paper
//! (`taking_over.rs`).

mod cells;
mod grouping;
pub mod headings;
mod households;
mod keep;
pub mod map;
mod refused;
pub mod sheet;
mod stops;
pub mod taking_over;

pub(super) use cells::bare;
pub(super) use headings::plain as plain_heading;
pub use keep::BroughtIn;
pub use map::{ColumnUse, ImportMap, LaidMap, MappedColumn, RollLayout};
pub use refused::ImportRefused;
pub use sheet::{RollSheet, SheetLine};
pub use taking_over::{TakingOver, WaitingRoll};

use super::draft_file::DraftHead;
use super::{Failure, Office};
use crate::domain::{Answers, Day, DossierId, Message, UnitId};
use crate::views::Horizon;
use std::collections::BTreeSet;

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Finding {
    /// The household is not brought in as long as it stands.
    Stops,
    /// It is brought in all the same.
    Noted,
}

/// Something about a cell, or about a whole line.
#[derive(Clone, Debug)]
pub struct LineFinding {
    /// The line of the sheet, from 1.
    pub line: u32,
    pub column: Option<usize>,
    pub finding: Finding,
    pub what: Message,
}

/// What would become of a household.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Becomes {
    New,
    /// It was brought in before, just so.
    Before {
        held: Held,
    },
    /// Something keeps it out.
    KeptOut,
}

/// Where a household stands already, as far as whoever acts may know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Held {
    /// The number of its dossier.
    Number(String),
    /// It is another unit's: that unit's name.
    Unit(String),
}

/// A household of the roll. Personal.
pub struct RollHousehold {
    /// Its lines, by their place among those of the sheet.
    pub lines: Vec<usize>,
    pub becomes: Becomes,
    pub findings: Vec<LineFinding>,
    pub(super) ready: Option<Box<Ready>>,
}

/// What is kept of it, once it is brought in. Personal.
pub(super) struct Ready {
    pub head: DraftHead,
    pub answers: Answers,
    pub fingerprint: [u8; 32],
    /// The line of the sheet on which it begins.
    pub line: u32,
    pub category: Option<String>,
    pub since: Option<Day>,
    pub other_number: Option<String>,
    pub persons: u32,
}

/// What would come of a roll. Personal.
pub struct RollTrial {
    pub file: String,
    /// The day of the roll.
    pub on: Day,
    pub households: Vec<RollHousehold>,
    /// What is to be said of the roll as a whole.
    pub said: Vec<Message>,
}

impl RollTrial {
    pub fn count(&self, becomes: fn(&Becomes) -> bool) -> usize {
        self.households.iter().filter(|household| becomes(&household.becomes)).count()
    }

    pub fn new_households(&self) -> usize {
        self.count(|becomes| *becomes == Becomes::New)
    }

    pub fn known_before(&self) -> usize {
        self.count(|becomes| matches!(becomes, Becomes::Before { .. }))
    }

    pub fn kept_out(&self) -> usize {
        self.count(|becomes| *becomes == Becomes::KeptOut)
    }
}

impl Office {
    /// What may be told of a dossier by somebody of these units; `None`: of all.
    fn held(&self, dossier: DossierId, reach: Option<&BTreeSet<UnitId>>) -> Result<Held, Failure> {
        let history = self.history(dossier)?;
        let unit = history.unit(Horizon::NOW);
        if reach.is_none_or(|reach| unit.is_some_and(|unit| reach.contains(&unit))) {
            return Ok(Held::Number(history.numbers(Horizon::NOW).pop().unwrap_or_default()));
        }
        let people = self.people()?;
        let name = unit.and_then(|unit| people.units.iter().rev().find(|row| row.unit == unit));
        Ok(Held::Unit(name.map_or_else(|| "-".to_owned(), |row| row.zh.clone())))
    }
}
