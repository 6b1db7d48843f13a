//! Who began to act, when, and by which credential: what every later record of theirs names.

use super::fold::Folded;
use super::keyspaces::SESSIONS;
use super::pending::Pending;
use super::sealed::{self, ViewError};
use crate::domain::event::Ledger;
use crate::domain::{Credential, Entrance, EntryId, OfficerId, Stamp, StationId};
use crate::seal::{KeyName, Keyring};
use crate::store::Read;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionRow {
    pub officer: OfficerId,
    pub at: Stamp,
    pub station: StationId,
    pub entrance: Entrance,
    /// Whose the credential is, where it is not the officer's.
    pub owner: Option<OfficerId>,
    /// Where from; empty: the station's own machine.
    pub address: String,
    pub purpose: String,
}

impl SessionRow {
    /// Whoever acted, as the separation of duties counts people: the credential, and a uid means somebody at its own
    /// station only. `None`: only the name tells.
    pub fn person(&self) -> Option<(Credential, Option<StationId>)> {
        let way = self.entrance.person()?;
        let station = matches!(way, Credential::Uid(_)).then_some(self.station);
        Some((way, station))
    }
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, ledger) = (folded.keys, folded.header(), folded.ledger());
    let Ledger::SessionBegun { entrance, owner, address, purpose } = ledger else { return Ok(()) };
    let row = SessionRow {
        officer: header.by,
        at: header.at,
        station: header.station,
        entrance: entrance.clone(),
        owner: *owner,
        address: address.clone(),
        purpose: purpose.clone(),
    };
    let key = header.entry.0;
    sealed::put(pending, keys, KeyName::Store, SESSIONS, key, &row)?;
    Ok(())
}

/// The session that a record names. `None`: its record has not come here.
pub fn session(read: &dyn Read, keys: &Keyring, session: EntryId) -> Result<Option<SessionRow>, ViewError> {
    let row = read.get(SESSIONS, &session.0)?;
    row.map(|row| sealed::open(keys, KeyName::Store, SESSIONS, &session.0, &row)).transpose()
}
