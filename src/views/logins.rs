//! Ways in from elsewhere, and who used them.

use super::fold::Folded;
use super::keyspaces::{LOGINS, WAYS, at_key};
use super::pending::Pending;
use super::sealed::{self, ViewError};
use super::standing::{ends, replaces};
use crate::domain::event::Ledger;
use crate::domain::{Credential, Day, EntryId, LoginStep, OfficerId, Stamp, StationId};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Row, Scan};
use serde::{Deserialize, Serialize};
use std::ops::Bound;

/// A credential as one record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CredentialRow {
    pub credential: Credential,
    /// Whom it lets in; `None`: whomever the program that uses it names.
    pub officer: Option<OfficerId>,
    pub open: bool,
    /// The last day.
    pub until: Option<Day>,
    /// Networks it may be used from; empty: any.
    pub from: Vec<String>,
    /// Where it was recorded. A uid means somebody at that station only.
    pub station: StationId,
    pub at: Stamp,
    pub entry: EntryId,
    /// The records it replaces.
    pub over: Vec<EntryId>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LoginRow {
    pub at: Stamp,
    pub station: StationId,
    pub officer: Option<OfficerId>,
    pub step: LoginStep,
    /// The key's fingerprint, or `uid 1001`.
    pub credential: String,
    /// Where from; empty: the station's own machine.
    pub address: String,
    pub why: String,
    pub count: u32,
}

replaces!(CredentialRow);

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, header, place, ledger) = (folded.keys, folded.header(), folded.place(), folded.ledger());
    match ledger {
        Ledger::CredentialSet { credential, officer, open, until, from } => {
            let row = CredentialRow {
                credential: credential.clone(),
                officer: *officer,
                open: *open,
                until: *until,
                from: from.clone(),
                station: header.station,
                at: header.at,
                entry: header.entry,
                over: header.parents.clone(),
            };
            let key = [&credential_key(&row.credential, row.station)[..], &row.entry.0].concat();
            sealed::put(pending, keys, KeyName::Store, WAYS, key, &row)?;
        }
        Ledger::Login { officer, step, credential, address, why, count } => {
            let row = LoginRow {
                at: header.at,
                station: header.station,
                officer: *officer,
                step: *step,
                credential: credential.clone(),
                address: address.clone(),
                why: why.clone(),
                count: *count,
            };
            let key = [&at_key(header.at)[..], &header.entry.0, &place.to_be_bytes()].concat();
            sealed::put(pending, keys, KeyName::Store, LOGINS, key, &row)?;
        }
        _ => {}
    }
    Ok(())
}

fn credential_key(credential: &Credential, station: StationId) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    match credential {
        Credential::Key(key) => hasher.update(b"key").update(key.as_bytes()),
        Credential::Uid(uid) => hasher.update(b"uid").update(&station.0).update(&uid.to_le_bytes()),
    };
    let mut key = [0; 16];
    key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    key
}

/// How a credential stands: the record that no other replaces. Where two stations set it apart, shut goes before open, since a
/// key that somebody reported as lost is lost; else the later one counts.
fn standing(rows: Vec<CredentialRow>) -> Option<CredentialRow> {
    ends(rows).into_iter().max_by_key(|row| (!row.open, row.at, row.entry))
}

fn opened(keys: &Keyring, rows: &[Row]) -> Result<Vec<CredentialRow>, ViewError> {
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, WAYS, key, row)).collect()
}

/// One credential as it stands at this station.
pub fn credential(
    read: &dyn Read,
    keys: &Keyring,
    credential: &Credential,
    station: StationId,
) -> Result<Option<CredentialRow>, ViewError> {
    let rows = read.scan(&Scan::prefix(WAYS, &credential_key(credential, station)))?;
    Ok(standing(opened(keys, &rows)?).filter(|row| row.credential == *credential))
}

/// Every credential as it stands, shut ones too; a uid of another station stays there.
pub fn credentials(read: &dyn Read, keys: &Keyring, station: StationId) -> Result<Vec<CredentialRow>, ViewError> {
    let mut rows = opened(keys, &read.scan(&Scan::all(WAYS))?)?;
    rows.retain(|row| matches!(row.credential, Credential::Key(_)) || row.station == station);
    rows.sort_by(|a, b| a.credential.cmp(&b.credential));
    let credentials = rows.chunk_by(|a, b| a.credential == b.credential).filter_map(|rows| standing(rows.to_vec()));
    Ok(credentials.collect())
}

/// Who came, was refused or went since then, the latest first.
pub fn logins(read: &dyn Read, keys: &Keyring, since: Stamp, limit: usize) -> Result<Vec<LoginRow>, ViewError> {
    let from = Bound::Included(at_key(since).to_vec());
    let rows = read.scan(&Scan::range(LOGINS, from, Bound::Unbounded).backward().limit(limit))?;
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, LOGINS, key, row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(entry: u8, over: &[u8], open: bool, at: i64) -> CredentialRow {
        CredentialRow {
            credential: Credential::Uid(1),
            officer: None,
            open,
            until: None,
            from: Vec::new(),
            station: StationId([entry; 16]),
            at: Stamp(at),
            entry: EntryId([entry; 16]),
            over: over.iter().map(|entry| EntryId([*entry; 16])).collect(),
        }
    }

    #[test]
    fn a_way_stands_as_the_record_that_no_other_replaces_in_whatever_order_they_came() {
        let stands = |rows: &[CredentialRow]| {
            let forward = standing(rows.to_vec()).unwrap();
            assert_eq!(standing(rows.iter().rev().cloned().collect()).unwrap(), forward);
            (forward.entry.0[0], forward.open)
        };
        assert_eq!(stands(&[row(1, &[], true, 9), row(2, &[1], false, 5)]), (2, false), "whatever the clock says");
        assert_eq!(stands(&[row(1, &[], true, 1), row(2, &[1], false, 2), row(3, &[2], true, 3)]), (3, true));
        // Two stations apart: one renewed it, the other heard that it was lost.
        assert_eq!(stands(&[row(1, &[], true, 1), row(2, &[1], true, 9), row(3, &[1], false, 2)]), (3, false));
        assert_eq!(stands(&[row(1, &[], true, 1), row(2, &[1], true, 8), row(3, &[1], true, 9)]), (3, true));
        assert_eq!(standing(Vec::new()), None);
    }
}
