//! Campaigns with their steps, and their lines, a row each.

use super::super::keyspaces::{FUND_CAMPAIGNS, FUND_RECEIVERS, FUND_RECEIVERS_OF};
use super::super::pending::Pending;
use super::super::read::subject_key;
use super::super::sealed::{self, ViewError};
use super::read::all;
use crate::domain::event::Ledger;
use crate::domain::fund::{
    Campaign, CampaignState, CampaignStep, LineId, Receiver, ReceiverId, ReceiverMove, ReceiverSource, ReceiverStep,
    TakenOut,
};
use crate::domain::{EntryId, OfficerId, Stamp, Subject};
use crate::seal::{KeyName, Keyring};
use crate::store::{Read, Scan};
use crate::views::fold::Folded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who did something for a campaign, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hand {
    pub by: OfficerId,
    pub session: Option<EntryId>,
    pub at: Stamp,
}

/// A record that brought lines onto the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FillRow {
    pub entry: EntryId,
    pub hand: Hand,
    pub source: ReceiverSource,
    pub lines: u32,
}

/// A step, and who took it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CampaignStepRow {
    pub step: CampaignStep,
    pub entry: EntryId,
    pub hand: Hand,
}

/// A campaign with what filled its list, and its steps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CampaignRow {
    pub id: EntryId,
    pub campaign: Campaign,
    pub zh: String,
    pub en: String,
    pub hand: Hand,
    fills: BTreeMap<EntryId, FillRow>,
    steps: BTreeMap<EntryId, CampaignStepRow>,
    /// Lines that were taken off by hand: with them the row is another one, so that nobody counts what has just gone.
    dropped: u32,
}

impl CampaignRow {
    /// What filled its list, in order.
    pub fn fills(&self) -> Vec<&FillRow> {
        let mut fills: Vec<&FillRow> = self.fills.values().collect();
        fills.sort_by_key(|fill| (fill.hand.at, fill.entry));
        fills
    }

    /// Its steps in their order. Of two that follow one (two stations apart) the first to be read counts on both.
    pub fn steps(&self) -> Vec<&CampaignStepRow> {
        let mut out: Vec<&CampaignStepRow> = Vec::new();
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

    pub fn last(&self) -> Option<&CampaignStepRow> {
        self.steps().pop()
    }

    pub fn state(&self) -> CampaignState {
        self.last().map_or(CampaignState::Open, |row| row.step.to)
    }

    /// The record that the next step follows.
    pub fn head(&self) -> EntryId {
        self.last().map_or(self.id, |row| row.entry)
    }

    pub fn step(&self, to: CampaignState) -> Option<&CampaignStepRow> {
        self.steps().into_iter().rev().find(|row| row.step.to == to)
    }

    /// What granted its lines.
    pub fn approval(&self) -> Option<&CampaignStepRow> {
        self.step(CampaignState::Approved)
    }

    /// What was reserved for a line.
    pub fn reservation(&self, of: ReceiverId) -> Option<LineId> {
        let approval = self.approval()?;
        approval.step.reservation(approval.entry, of)
    }
}

/// What became of a line, and by whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceiverStepRow {
    pub step: ReceiverStep,
    pub entry: EntryId,
    /// Its place in the record: the book's line about it stands right behind.
    pub place: u16,
    pub hand: Hand,
}

/// A line of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceiverRow {
    pub id: ReceiverId,
    pub campaign: EntryId,
    pub receiver: Receiver,
    pub source: ReceiverSource,
    steps: BTreeMap<EntryId, ReceiverStepRow>,
}

impl ReceiverRow {
    /// What became of it. Of two records apart the earlier: the book takes one of them alone.
    pub fn moved(&self) -> Option<&ReceiverStepRow> {
        self.steps.values().min_by_key(|row| (row.hand.at, row.entry))
    }

    pub fn is(&self, to: ReceiverMove) -> bool {
        self.moved().is_some_and(|row| row.step.to == to)
    }

    /// Whose key what is personal of it stands under.
    pub fn subject(&self) -> Option<Subject> {
        let dossier = self.receiver.dossier.map(Subject::Dossier);
        dossier.or(self.receiver.person.map(Subject::Person))
    }
}

pub fn receiver_key(campaign: EntryId, id: ReceiverId) -> Vec<u8> {
    [campaign.0.as_slice(), &id.entry.0, &id.line.to_be_bytes()].concat()
}

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    let (keys, record, place, ledger) = (folded.keys, folded.record, folded.place(), folded.ledger());
    let (entry, header) = (record.header.entry, &record.header);
    let hand = Hand { by: header.by, session: folded.happening.session, at: header.at };
    let put = |pending: &mut Pending<'_>, row: &CampaignRow| {
        sealed::put(pending, keys, KeyName::Store, FUND_CAMPAIGNS, row.id.0, row)
    };
    match ledger {
        Ledger::CampaignOpened(campaign) => {
            let (zh, en) = super::names(keys, record, place)?;
            let (fills, steps) = (BTreeMap::new(), BTreeMap::new());
            let row = CampaignRow { id: entry, campaign: campaign.clone(), zh, en, hand, fills, steps, dropped: 0 };
            put(pending, &row)
        }
        Ledger::CampaignFilled { campaign: of, source, lines, .. } => {
            // The campaign is a parent, so it is there.
            let Some(mut row) = campaign(pending, keys, *of)? else { return Ok(()) };
            let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
            row.fills.insert(entry, FillRow { entry, hand, source: *source, lines: count });
            put(pending, &row)?;
            for (line, receiver) in (0u16..).zip(lines) {
                let id = ReceiverId { entry, line };
                let row = ReceiverRow {
                    id,
                    campaign: *of,
                    receiver: receiver.clone(),
                    source: *source,
                    steps: BTreeMap::new(),
                };
                if let Some(subject) = row.subject() {
                    let key = [subject_key(subject), receiver_key(*of, id)].concat();
                    pending.set(FUND_RECEIVERS_OF, key, Vec::new());
                }
                sealed::put(pending, keys, KeyName::Store, FUND_RECEIVERS, receiver_key(*of, id), &row)?;
            }
            Ok(())
        }
        Ledger::CampaignMoved(step) => {
            let Some(mut row) = campaign(pending, keys, step.campaign)? else { return Ok(()) };
            row.steps.insert(entry, CampaignStepRow { step: step.clone(), entry, hand });
            put(pending, &row)
        }
        Ledger::ReceiverMoved(step) => {
            // What filled the list is a parent.
            let Some(mut row) = receiver(pending, keys, step.campaign, step.receiver)? else { return Ok(()) };
            row.steps.insert(entry, ReceiverStepRow { step: step.clone(), entry, place, hand });
            sealed::put(
                pending,
                keys,
                KeyName::Store,
                FUND_RECEIVERS,
                receiver_key(step.campaign, step.receiver),
                &row,
            )?;
            if step.to == ReceiverMove::Dropped
                && let Some(mut of) = campaign(pending, keys, step.campaign)?
            {
                of.dropped += 1;
                put(pending, &of)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

pub fn campaign(read: &dyn Read, keys: &Keyring, id: EntryId) -> Result<Option<CampaignRow>, ViewError> {
    let row = read.get(FUND_CAMPAIGNS, &id.0)?;
    row.map(|row| sealed::open(keys, KeyName::Store, FUND_CAMPAIGNS, &id.0, &row)).transpose()
}

/// All of them, in the order in which they were opened.
pub fn campaigns(read: &dyn Read, keys: &Keyring) -> Result<Vec<CampaignRow>, ViewError> {
    let mut rows: Vec<CampaignRow> = all(read, keys, FUND_CAMPAIGNS, &[])?;
    rows.sort_by_key(|row| (row.hand.at, row.id));
    Ok(rows)
}

pub fn receiver(
    read: &dyn Read,
    keys: &Keyring,
    campaign: EntryId,
    id: ReceiverId,
) -> Result<Option<ReceiverRow>, ViewError> {
    let key = receiver_key(campaign, id);
    let row = read.get(FUND_RECEIVERS, &key)?;
    row.map(|row| sealed::open(keys, KeyName::Store, FUND_RECEIVERS, &key, &row)).transpose()
}

/// The lines of a campaign in the order of its list: that of its grant where there is one, else that in which they came.
pub fn receivers(read: &dyn Read, keys: &Keyring, of: &CampaignRow) -> Result<Vec<ReceiverRow>, ViewError> {
    let mut rows: Vec<ReceiverRow> = all(read, keys, FUND_RECEIVERS, &of.id.0)?;
    let granted: BTreeMap<ReceiverId, usize> =
        of.approval().into_iter().flat_map(|row| &row.step.lines).map(|(id, _)| *id).zip(0..).collect();
    let fills: BTreeMap<EntryId, usize> = of.fills().into_iter().map(|fill| fill.entry).zip(0..).collect();
    rows.sort_by_key(|row| {
        let at = granted.get(&row.id).copied().unwrap_or(usize::MAX);
        (at, fills.get(&row.id.entry).copied().unwrap_or(usize::MAX), row.id)
    });
    Ok(rows)
}

/// Every line about a household or a person, of whichever campaign.
pub fn receivers_of(read: &dyn Read, keys: &Keyring, subject: Subject) -> Result<Vec<ReceiverRow>, ViewError> {
    let of = subject_key(subject);
    let mut rows = Vec::new();
    for (key, _) in read.scan(&Scan::prefix(FUND_RECEIVERS_OF, &of))? {
        let Some(key) = key.get(of.len()..) else { continue };
        if let Some(row) = read.get(FUND_RECEIVERS, key)? {
            rows.push(sealed::open(keys, KeyName::Store, FUND_RECEIVERS, key, &row)?);
        }
    }
    Ok(rows)
}

/// Why a line was taken out when its campaign was granted; `None`: it was not, or is not granted yet.
pub fn taken_out(of: &CampaignRow, id: ReceiverId) -> Option<&TakenOut> {
    of.approval()?.step.lines.iter().find(|(line, _)| *line == id)?.1.as_ref()
}
