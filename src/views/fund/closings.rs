//! Periods and their ends, and what was paid before the book began. A closing counts, as a line does, by where its record stands
//! in its own chain.

use super::super::keyspaces::{FUND_CLOSINGS, FUND_FORMER};
use super::super::pending::Pending;
use super::super::sealed::{self, ViewError};
use super::super::standing::{ends, replaces};
use super::keepers::keeps;
use super::read::all;
use super::rows::day_key;
use crate::domain::event::Ledger;
use crate::domain::fund::{Closing, ClosingState, ClosingStep, FormerYear};
use crate::domain::{Day, EntryId, OfficerId, Stamp, StationId};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use crate::views::fold::Folded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A step of a closing, and who took it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClosingStepRow {
    pub step: ClosingStep,
    pub entry: EntryId,
    pub station: StationId,
    pub seq: u64,
    pub by: OfficerId,
    pub session: Option<EntryId>,
    pub at: Stamp,
}

/// A closing with its steps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClosingRow {
    pub id: EntryId,
    pub closing: Closing,
    pub station: StationId,
    pub by: OfficerId,
    pub session: Option<EntryId>,
    pub at: Stamp,
    steps: BTreeMap<EntryId, ClosingStepRow>,
}

impl ClosingRow {
    pub fn step(&self, to: ClosingState) -> Option<&ClosingStepRow> {
        self.steps.values().find(|row| row.step.to == to)
    }

    pub fn state(&self) -> ClosingState {
        self.steps.values().map(|row| row.step.to).max().unwrap_or(ClosingState::Counted)
    }

    /// Every step: stations apart may have taken one twice.
    pub fn steps(&self) -> impl Iterator<Item = &ClosingStepRow> {
        self.steps.values()
    }

    /// The record that the next step follows.
    pub fn head(&self) -> EntryId {
        self.steps.values().max_by_key(|row| row.step.to).map_or(self.id, |row| row.entry)
    }

    /// Whether it was closed by whoever kept the book then.
    pub fn is_closed(&self, read: &dyn Read) -> Result<bool, ViewError> {
        for row in self.steps().filter(|row| row.step.to == ClosingState::Closed) {
            if keeps(read, row.station, row.seq)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What was paid in a year before the book began, as one record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FormerRow {
    pub former: FormerYear,
    pub at: Stamp,
    pub entry: EntryId,
    pub station: StationId,
    pub seq: u64,
    pub over: Vec<EntryId>,
    pub by: OfficerId,
}

replaces!(FormerRow);

fn key(closing: &Closing, id: EntryId) -> Vec<u8> {
    [day_key(closing.to).as_slice(), &id.0].concat()
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, record, ledger) = (folded.keys, folded.record, folded.ledger());
    let session = folded.happening.session;
    let header = &record.header;
    let (id, station, seq, by, at) = (header.entry, header.station, header.seq, header.by, header.at);
    match ledger {
        Ledger::PeriodCounted(closing) => {
            let row = ClosingRow { id, closing: closing.clone(), station, by, session, at, steps: BTreeMap::new() };
            sealed::put(pending, keys, KeyName::Store, FUND_CLOSINGS, key(closing, id), &row)
        }
        Ledger::PeriodMoved(step) => {
            // What was counted is a parent, so it is there.
            let found = closings(pending, keys)?.into_iter().find(|row| row.id == step.closing);
            let Some(mut row) = found else { return Ok(()) };
            row.steps.insert(id, ClosingStepRow { step: *step, entry: id, station, seq, by, session, at });
            sealed::put(pending, keys, KeyName::Store, FUND_CLOSINGS, key(&row.closing, row.id), &row)
        }
        Ledger::FormerYearNoted(former) => {
            let over = header.parents.clone();
            let row = FormerRow { former: former.clone(), at, entry: id, station, seq, over, by };
            sealed::put(pending, keys, KeyName::Store, FUND_FORMER, id.0, &row)
        }
        _ => Ok(()),
    }
}

/// All of them, the earliest period first.
pub fn closings(read: &dyn Read, keys: &Keyring) -> Result<Vec<ClosingRow>, ViewError> {
    all(read, keys, FUND_CLOSINGS, &[])
}

/// What was said last of the years before the book began by whoever kept it then, be it that nothing is said any more.
pub fn former_said(read: &dyn Read, keys: &Keyring) -> Result<Vec<FormerRow>, ViewError> {
    let mut rows = Vec::new();
    for row in all::<FormerRow>(read, keys, FUND_FORMER, &[])? {
        // What does not count replaces nothing.
        if keeps(read, row.station, row.seq)? {
            rows.push(row);
        }
    }
    Ok(ends(rows))
}

/// What stands of the years before the book began.
pub fn former_years(read: &dyn Read, keys: &Keyring) -> Result<Vec<FormerRow>, ViewError> {
    let mut rows = former_said(read, keys)?;
    rows.retain(|row| !row.former.is_taken_back());
    rows.sort_by(|one, other| (one.former.year, &one.former.aid).cmp(&(other.former.year, &other.former.aid)));
    Ok(rows)
}

/// The last day that is closed: of a period, or of the years before the book began.
pub fn closed_until(read: &dyn Read, keys: &Keyring) -> Result<Option<Day>, ViewError> {
    let mut last = former_years(read, keys)?.iter().filter_map(|row| row.former.last_day()).max();
    // The latest first: of a book that is closed month by month it is among the first two.
    for (key, row) in read.scan(&Scan::all(FUND_CLOSINGS).backward())? {
        let row: ClosingRow = sealed::open(keys, KeyName::Store, FUND_CLOSINGS, &key, &row)?;
        if row.is_closed(read)? {
            last = last.max(Some(row.closing.to));
            break;
        }
    }
    Ok(last)
}
