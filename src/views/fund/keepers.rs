//! Who keeps the book. Whoever takes it says so in their own chain, and names the last record of the one before that still
//! counts; whoever gives it says so in theirs. A line counts by its place in its own chain, whatever clocks say.

use super::super::keyspaces::FUND_KEEPERS;
use super::super::pending::Pending;
use super::super::sealed::ViewError;
use crate::domain::{EntryId, StationId};
use crate::store::{Read, Scan};

pub(super) fn note(pending: &mut Pending<'_>, station: StationId, seq: u64, entry: EntryId, takes: bool) {
    let key = [station.0.as_slice(), &seq.to_be_bytes(), &entry.0].concat();
    pending.set(FUND_KEEPERS, key, vec![u8::from(takes)]);
}

/// Whether a line of that station with that number in its chain counts: behind the last taking before it comes no end.
pub fn keeps(read: &dyn Read, station: StationId, seq: u64) -> Result<bool, ViewError> {
    let (mut taken, mut ended) = (None, None);
    for (key, takes) in read.scan(&Scan::prefix(FUND_KEEPERS, &station.0))? {
        let Some(at) = key.get(16..24).and_then(|at| at.try_into().ok()).map(u64::from_be_bytes) else { continue };
        if at >= seq {
            continue;
        }
        let latest = if takes == [1] { &mut taken } else { &mut ended };
        *latest = (*latest).max(Some(at));
    }
    // An end at the very record of a taking means that nothing behind it counts.
    Ok(taken.is_some() && ended < taken)
}

/// Who keeps it now, as far as is known here.
pub fn keeper(read: &dyn Read) -> Result<Option<StationId>, ViewError> {
    let rows = read.scan(&Scan::prefix(FUND_KEEPERS, &[]))?;
    let mut stations: Vec<StationId> =
        rows.iter().filter_map(|(key, _)| Some(StationId(key.get(..16)?.try_into().ok()?))).collect();
    stations.dedup();
    for station in stations {
        if keeps(read, station, u64::MAX)? {
            return Ok(Some(station));
        }
    }
    Ok(None)
}
