//! Payouts and the batches that they were sent in, a row each.

use super::super::keyspaces::{FUND_BATCHES, FUND_PAYOUTS, FUND_PAYOUTS_OF};
use super::super::pending::Pending;
use super::super::sealed::{self, ViewError};
use crate::domain::event::Ledger;
use crate::domain::fund::{Batch, LineId, Payout, PayoutState, PayoutStep};
use crate::domain::{DossierId, EntryId, OfficerId, Stamp};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use crate::views::fold::Folded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A step, and who took it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StepRow {
    pub step: PayoutStep,
    pub entry: EntryId,
    pub by: OfficerId,
    pub session: Option<EntryId>,
    pub at: Stamp,
}

/// A payout with its steps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PayoutRow {
    pub id: EntryId,
    pub payout: Payout,
    pub by: OfficerId,
    pub session: Option<EntryId>,
    pub at: Stamp,
    steps: BTreeMap<EntryId, StepRow>,
}

impl PayoutRow {
    /// Its steps in their order. Of two that follow one (two stations apart) the first to be read counts on both.
    pub fn steps(&self) -> Vec<&StepRow> {
        let mut out: Vec<&StepRow> = Vec::new();
        let mut after = self.id;
        while let Some(next) = self.steps.values().find(|row| row.step.after == after) {
            if out.len() >= self.steps.len() {
                break;
            }
            after = next.entry;
            out.push(next);
        }
        out
    }

    pub fn last(&self) -> Option<&StepRow> {
        self.steps().pop()
    }

    pub fn state(&self) -> PayoutState {
        self.last().map_or(PayoutState::Proposed, |row| row.step.to)
    }

    /// The record that the next step follows.
    pub fn head(&self) -> EntryId {
        self.last().map_or(self.id, |row| row.entry)
    }

    pub fn step(&self, to: PayoutState) -> Option<&StepRow> {
        self.steps().into_iter().rev().find(|row| row.step.to == to)
    }

    /// What was reserved when it was decided: in the record of that step, behind it, a line a purse.
    pub fn reservations(&self) -> Vec<LineId> {
        let Some(approved) = self.step(PayoutState::Approved) else { return Vec::new() };
        (1..).take(self.payout.draws.len()).map(|line| LineId { entry: approved.entry, line }).collect()
    }
}

/// A batch as its record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BatchRow {
    pub id: EntryId,
    pub batch: Batch,
    pub by: OfficerId,
    pub at: Stamp,
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, record, ledger) = (folded.keys, folded.record, folded.ledger());
    let session = folded.happening.session;
    let (entry, by, at) = (record.header.entry, record.header.by, record.header.at);
    match ledger {
        Ledger::PayoutProposed(payout) => {
            let row = PayoutRow { id: entry, payout: payout.clone(), by, session, at, steps: BTreeMap::new() };
            pending.set(FUND_PAYOUTS_OF, [payout.dossier.0, entry.0].concat(), Vec::new());
            sealed::put(pending, keys, KeyName::Store, FUND_PAYOUTS, entry.0, &row)
        }
        Ledger::PayoutMoved(step) => {
            // The proposal is a parent, so it is there.
            let Some(mut row) = payout(pending, keys, step.payout)? else { return Ok(()) };
            row.steps.insert(entry, StepRow { step: step.clone(), entry, by, session, at });
            sealed::put(pending, keys, KeyName::Store, FUND_PAYOUTS, step.payout.0, &row)
        }
        Ledger::BatchSent(batch) => {
            let row = BatchRow { id: entry, batch: batch.clone(), by, at };
            sealed::put(pending, keys, KeyName::Store, FUND_BATCHES, entry.0, &row)
        }
        _ => Ok(()),
    }
}

pub fn payout(read: &dyn Read, keys: &Keyring, id: EntryId) -> Result<Option<PayoutRow>, ViewError> {
    let row = read.get(FUND_PAYOUTS, &id.0)?;
    row.map(|row| sealed::open(keys, KeyName::Store, FUND_PAYOUTS, &id.0, &row)).transpose()
}

/// All of them, by id.
pub fn payouts(read: &dyn Read, keys: &Keyring) -> Result<Vec<PayoutRow>, ViewError> {
    let rows = read.scan(&Scan::all(FUND_PAYOUTS))?;
    rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, FUND_PAYOUTS, key, row)).collect()
}

pub fn payouts_of(read: &dyn Read, keys: &Keyring, dossier: DossierId) -> Result<Vec<PayoutRow>, ViewError> {
    let rows = read.scan(&Scan::prefix(FUND_PAYOUTS_OF, &dossier.0))?;
    let ids = rows.iter().filter_map(|(key, _)| Some(EntryId(key.get(16..)?.try_into().ok()?)));
    let mut rows: Vec<PayoutRow> = ids.filter_map(|id| payout(read, keys, id).transpose()).collect::<Result<_, _>>()?;
    rows.sort_by_key(|row| (row.payout.on, row.at, row.id));
    Ok(rows)
}

pub fn batches(read: &dyn Read, keys: &Keyring) -> Result<Vec<BatchRow>, ViewError> {
    let rows = read.scan(&Scan::all(FUND_BATCHES))?;
    let rows = rows.iter().map(|(key, row)| sealed::open(keys, KeyName::Store, FUND_BATCHES, key, row));
    let mut rows: Vec<BatchRow> = rows.collect::<Result<_, ViewError>>()?;
    rows.sort_by_key(|row| (row.at, row.id));
    Ok(rows)
}
