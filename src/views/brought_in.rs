//! Rolls that were kept elsewhere and brought in, and which households came with each.

use super::bodies::open_person;
use super::fold::Folded;
use super::keyspaces::{OF_ROLL, ROLLS_BROUGHT_IN, at_key};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, DossierId, EntryId, OfficerId, Stamp, Subject};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};

/// A roll as its record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RollBroughtInRow {
    pub entry: EntryId,
    pub at: Stamp,
    pub by: OfficerId,
    /// The day of the roll.
    pub on: Day,
    pub households: u32,
    pub persons: u32,
    /// The name of its file.
    pub file: String,
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    match folded.ledger() {
        Ledger::CameWithRoll { dossier, roll, .. } => {
            pending.set(OF_ROLL, [roll.0, dossier.0].concat(), Vec::new());
            Ok(())
        }
        Ledger::RollBroughtIn { on, households, persons } => {
            let (keys, header) = (folded.keys, folded.header());
            let file = match open_person(keys, folded.record, Subject::Bureau, folded.place())? {
                Some(Person::Text(file)) => file,
                _ => String::new(),
            };
            let row = RollBroughtInRow {
                entry: header.entry,
                at: header.at,
                by: header.by,
                on: *on,
                households: *households,
                persons: *persons,
                file,
            };
            let key = [&at_key(header.at)[..], &header.entry.0].concat();
            sealed::put(pending, keys, KeyName::Store, ROLLS_BROUGHT_IN, key, &row)
        }
        _ => Ok(()),
    }
}

/// The rolls that were brought in, the earliest first.
pub fn rolls(read: &dyn Read, keys: &Keyring) -> Result<Vec<RollBroughtInRow>, ViewError> {
    let rows = read.scan(&Scan::all(ROLLS_BROUGHT_IN))?;
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, ROLLS_BROUGHT_IN, key, row)).collect()
}

/// The households that came with a roll.
pub fn households(read: &dyn Read, roll: EntryId) -> Result<Vec<DossierId>, ViewError> {
    let rows = read.scan(&Scan::prefix(OF_ROLL, &roll.0))?;
    Ok(rows.iter().filter_map(|(key, _)| Some(DossierId(key.get(16..32)?.try_into().ok()?))).collect())
}
