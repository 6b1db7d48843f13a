//! What this floor lends to the commit queue: entries become records of this station's chain, records become rows.

use crate::domain::EntryId;
use crate::log::{self, Issued, Prepared, Record};
use crate::seal::{Keyring, SealError};
use crate::store::{Entry, Finished, Frame, Kept, Read, Recorder, Refused, RowChange};
use crate::views::{self, ViewError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `DREC` receipts: what the caller is told once the record is on disk.
const RECEIPT: [u8; 4] = *b"DRCT";

/// Where a record came to stand, and the numbers it was given. Kept in the frame: a repeat gets the same years later.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    pub entry: EntryId,
    pub seq: u64,
    pub hash: [u8; 32],
    pub issued: Vec<Issued>,
}

impl Receipt {
    pub fn decode(bytes: &[u8]) -> Option<Receipt> {
        log::envelope::decode(RECEIPT, log::SCHEMA, bytes).ok()
    }
}

/// The name under which a station without room in its blocks hears of it.
pub const NO_BLOCK: &str = "number_block";

/// The word under which a line that the fund's book does not take comes back.
pub const NOT_BOOKED: &str = "not_booked";

pub(super) struct RecordMaker {
    pub keys: Arc<Keyring>,
}

impl Recorder for RecordMaker {
    fn finish(&mut self, read: &dyn Read, entry: &Entry, _: Kept) -> Result<Finished, Refused> {
        let prepared = Prepared::decode(&entry.body).map_err(|error| because("record", &format!("{error:?}")))?;
        let head = views::read::chain_head(read, prepared.station).map_err(unread)?;
        let mut issued: Vec<Issued> = Vec::with_capacity(prepared.wants.len());
        for series in &prepared.wants {
            let next = views::next_serial(read, series, prepared.station).map_err(unread)?;
            let number = next.ok_or_else(|| Refused::Lost(vec![NO_BLOCK.to_owned()]))?;
            issued.push(Issued { series: series.clone(), number });
        }
        let record = log::next(head.as_ref(), &prepared, issued.clone())
            .map_err(|error| because("record", &format!("{error:?}")))?;
        // Here and nowhere earlier: between a look and its line two desks could draw on one purse.
        if let Some(why) = views::fund::refused(read, &self.keys, &record).map_err(unread)? {
            return Err(Refused::Because { why: NOT_BOOKED, detail: serde_json::to_vec(&why).unwrap_or_default() });
        }
        let bytes = record.encode().map_err(|error| because("record", &format!("{error:?}")))?;
        let receipt =
            Receipt { entry: prepared.entry, seq: record.header.seq, hash: *blake3::hash(&bytes).as_bytes(), issued };
        let receipt = log::envelope::encode(RECEIPT, log::SCHEMA, &receipt)
            .map_err(|error| because("receipt", &format!("{error:?}")))?;
        Ok(Finished { record: bytes, receipt })
    }

    /// Where a key was lost when its records were folded, and is here again.
    fn is_outdated(&self, read: &dyn Read) -> bool {
        let unopened = views::read::unopened(read).unwrap_or_default();
        unopened.into_iter().any(|subject| !self.keys.is_erased(subject) && self.keys.opens(subject))
    }

    /// By the key of the bureau, under which the ledger part of every record is sealed.
    fn knows(&self, frame: &Frame) -> Option<bool> {
        // A newer program's record, or one sealed under a key that came later, is nobody's to judge.
        let record = Record::decode(&frame.record).ok()?;
        match views::bodies::open_ledger(&self.keys, &record) {
            Ok(_) => Some(true),
            Err(ViewError::Seal(SealError::DoesNotOpen)) => Some(false),
            Err(_) => None,
        }
    }

    fn head(&self, frame: &Frame) -> Option<String> {
        Some(log::Head::of(&frame.record).ok()?.code()?.to_string())
    }

    fn fold(&mut self, read: &dyn Read, frame: &Frame) -> Result<Vec<RowChange>, Refused> {
        views::fold(read, &self.keys, frame).map_err(unread)
    }
}

fn because(why: &'static str, detail: &str) -> Refused {
    Refused::Because { why, detail: detail.as_bytes().to_vec() }
}

fn unread(error: ViewError) -> Refused {
    match error {
        ViewError::Store(failed) => Refused::Unread(failed),
        other => because("view", &format!("{other:?}")),
    }
}
