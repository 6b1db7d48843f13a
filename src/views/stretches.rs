//! Stretches of a station's chain that were written while its clock was wrong. The records stay as they are; whoever reads
//! them is told.

use super::fold::Folded;
use super::keyspaces::STRETCHES;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::event::Ledger;
use crate::domain::{EntryId, OfficerId, Stamp, StationId};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};

/// One stretch, both ends included.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StretchRow {
    pub station: StationId,
    pub from: u64,
    pub to: u64,
    pub at: Stamp,
    pub by: OfficerId,
    pub entry: EntryId,
}

impl StretchRow {
    pub fn holds(&self, station: StationId, seq: u64) -> bool {
        self.station == station && (self.from..=self.to).contains(&seq)
    }
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, ledger) = (folded.keys, folded.header(), folded.ledger());
    let Ledger::StretchNamed { station, from, to } = *ledger else { return Ok(()) };
    let row = StretchRow { station, from, to, at: header.at, by: header.by, entry: header.entry };
    let key = [&station.0[..], &from.to_be_bytes(), &to.to_be_bytes(), &header.entry.0].concat();
    sealed::put(pending, keys, KeyName::Store, STRETCHES, key, &row)
}

/// All of them, by station and place.
pub fn all(read: &dyn Read, keys: &Keyring) -> Result<Vec<StretchRow>, ViewError> {
    let rows = read.scan(&Scan::all(STRETCHES))?;
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, STRETCHES, key, row)).collect()
}
