//! Rows beside the money: what units are expected to give, from how many it came, what was asked for and granted.

use super::super::keyspaces::{FUND_APPROPRIATIONS, FUND_COLLECTIONS, FUND_PLEDGES};
use super::super::pending::Pending;
use super::super::sealed::{self, ViewError};
use super::super::standing::{ends, replaces};
use super::read::all;
use crate::domain::event::Ledger;
use crate::domain::fund::{Appropriation, Collection, LineId, Pledge};
use crate::domain::{EntryId, Stamp, UnitId};
use crate::seal::{KeyName, Keyring};
use crate::store::Read;
use crate::views::fold::Folded;
use serde::{Deserialize, Serialize};

/// A pledge as one record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PledgeRow {
    pub pledge: Pledge,
    pub at: Stamp,
    pub entry: EntryId,
    pub over: Vec<EntryId>,
}

/// What was counted of a receipt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CollectionRow {
    pub collection: Collection,
    /// The receipt.
    pub line: LineId,
}

/// What was asked for or granted, as one record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AppropriationRow {
    pub appropriation: Appropriation,
    pub at: Stamp,
    pub entry: EntryId,
    pub over: Vec<EntryId>,
}

replaces!(PledgeRow, AppropriationRow);

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, record, place, ledger) = (folded.keys, folded.record, folded.place(), folded.ledger());
    let (entry, at, over) = (record.header.entry, record.header.at, || record.header.parents.clone());
    match ledger {
        Ledger::DonationsPledged(pledge) => {
            let row = PledgeRow { pledge: pledge.clone(), at, entry, over: over() };
            let key = [pledge.unit.0, entry.0].concat();
            sealed::put(pending, keys, KeyName::Store, FUND_PLEDGES, key, &row)
        }
        Ledger::DonationsCounted(collection) => {
            // The receipt stands right before it.
            let Some(line) = place.checked_sub(1) else { return Ok(()) };
            let row = CollectionRow { collection: collection.clone(), line: LineId { entry, line } };
            sealed::put(pending, keys, KeyName::Store, FUND_COLLECTIONS, entry.0, &row)
        }
        Ledger::AppropriationNoted(appropriation) => {
            let row = AppropriationRow { appropriation: appropriation.clone(), at, entry, over: over() };
            let year = (appropriation.year as u32) ^ 0x8000_0000;
            let key = [year.to_be_bytes().as_slice(), &entry.0].concat();
            sealed::put(pending, keys, KeyName::Store, FUND_APPROPRIATIONS, key, &row)
        }
        _ => Ok(()),
    }
}

/// The pledges that stand, of one unit or of all.
pub fn pledges(read: &dyn Read, keys: &Keyring, unit: Option<UnitId>) -> Result<Vec<PledgeRow>, ViewError> {
    let of = unit.map_or_else(Vec::new, |unit| unit.0.to_vec());
    let mut rows = ends(all::<PledgeRow>(read, keys, FUND_PLEDGES, &of)?);
    rows.sort_by_key(|row| (row.pledge.from, row.at, row.entry));
    Ok(rows)
}

pub fn collections(read: &dyn Read, keys: &Keyring) -> Result<Vec<CollectionRow>, ViewError> {
    all(read, keys, FUND_COLLECTIONS, &[])
}

/// What stands of a year.
pub fn appropriations(read: &dyn Read, keys: &Keyring, year: i32) -> Result<Vec<AppropriationRow>, ViewError> {
    let of = ((year as u32) ^ 0x8000_0000).to_be_bytes();
    let mut rows = ends(all::<AppropriationRow>(read, keys, FUND_APPROPRIATIONS, &of)?);
    rows.sort_by_key(|row| (row.at, row.entry));
    Ok(rows)
}
