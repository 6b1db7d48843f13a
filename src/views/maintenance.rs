//! How the store as a whole was handled: backups, keys, restores.

use super::fold::Folded;
use super::keyspaces::{MAINTENANCE, at_key};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::event::Ledger;
use crate::domain::{EntryId, OfficerId, Stamp, StationId};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use serde::{Deserialize, Serialize};
use std::ops::Bound;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MaintenanceRow {
    pub at: Stamp,
    pub entry: EntryId,
    pub station: StationId,
    pub by: OfficerId,
    pub session: Option<EntryId>,
    /// As in [`Ledger::Maintenance`].
    pub what: String,
    pub id: String,
    pub count: u64,
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, ledger) = (folded.keys, folded.header(), folded.ledger());
    let (session, place) = (folded.happening.session, folded.place());
    let Ledger::Maintenance { what, id, count } = ledger else { return Ok(()) };
    let row = MaintenanceRow {
        at: header.at,
        entry: header.entry,
        station: header.station,
        by: header.by,
        session,
        what: what.clone(),
        id: id.clone(),
        count: *count,
    };
    let key = [&at_key(header.at)[..], &header.entry.0, &place.to_be_bytes()].concat();
    sealed::put(pending, keys, KeyName::Store, MAINTENANCE, key, &row)
}

/// How the store was handled since then, the latest first.
pub fn maintenance(
    read: &dyn Read,
    keys: &Keyring,
    since: Stamp,
    limit: usize,
) -> Result<Vec<MaintenanceRow>, ViewError> {
    let from = Bound::Included(at_key(since).to_vec());
    let rows = read.scan(&Scan::range(MAINTENANCE, from, Bound::Unbounded).backward().limit(limit))?;
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, MAINTENANCE, key, row)).collect()
}
