//! An answers file sent twice is one survey: after a lost line, a disk that did not confirm, a key pressed twice.
//!
//! The survey keeps the file's fingerprint, sealed as the answers are. The same file for the same household is answered
//! with the first receipt until that household is surveyed again; a draft that it left behind is taken up, so that what was
//! perhaps kept is met again under the same entry id.

use super::draft_file::{self, DraftHead};
use super::rights::Duty;
use super::survey::{Begin, Submitted, Surveying};
use super::{Failure, Keeping, Office, Receipt};
use crate::domain::event::SurveyLedger;
use crate::domain::{Day, DossierId, EntryId, Now, Step};
use crate::store;
use crate::views::history::Horizon;
use crate::views::{self, History};
use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Files that are being surveyed with just now. The same one sent meanwhile waits, and is then met as sent before.
#[derive(Default)]
pub struct UnderWay {
    files: Mutex<HashSet<[u8; 32]>>,
    done: Condvar,
}

struct Turn {
    under_way: Arc<UnderWay>,
    fingerprint: [u8; 32],
}

impl Turn {
    fn take(under_way: &Arc<UnderWay>, fingerprint: [u8; 32]) -> Turn {
        let mut files = under_way.files.lock().unwrap_or_else(PoisonError::into_inner);
        while !files.insert(fingerprint) {
            files = under_way.done.wait(files).unwrap_or_else(PoisonError::into_inner);
        }
        Turn { under_way: Arc::clone(under_way), fingerprint }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.under_way.files.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.fingerprint);
        self.under_way.done.notify_all();
    }
}

/// The file that a survey is made of.
pub struct Sent {
    pub(super) fingerprint: [u8; 32],
    /// It is to be kept whatever was kept of it before.
    again: bool,
    _turn: Option<Turn>,
}

impl Sent {
    /// Of a draft that is taken up: what its file said, and whatever was changed in it since.
    pub(super) fn of_a_draft(fingerprint: [u8; 32]) -> Sent {
        Sent { fingerprint, again: false, _turn: None }
    }
}

/// An answers file as it was sent.
pub struct AnswersFile<'s> {
    pub steps: &'s [Step],
    /// The survey's day, where the sender named one.
    pub on: Option<Day>,
    /// The same answers are to be kept once more.
    pub again: bool,
}

/// What comes of a file.
pub enum Sending {
    /// It was kept before: the first receipt.
    Before(Box<Submitted>),
    Begun(Box<Surveying>),
}

impl Office {
    /// Begins a survey from an answers file, or answers with what was kept of it before. Waits while the same file is being
    /// surveyed with by somebody else.
    ///
    /// Errors: as [`Office::begin`].
    pub fn begin_sent(&self, begin: Begin, file: &AnswersFile<'_>, now: Now) -> Result<Sending, Failure> {
        let _ = self.may(Duty::Survey, now)?;
        let fingerprint = fingerprint_of(&begin, file);
        let turn = Turn::take(&self.bureau.seats.under_way, fingerprint);
        let sent = Sent { fingerprint, again: file.again, _turn: Some(turn) };
        let surveying = match file.again {
            true => None,
            false => {
                let before = begin.dossier.map(|dossier| self.last_of(dossier, fingerprint, now)).transpose()?;
                if let Some(before) = before.flatten() {
                    return Ok(Sending::Before(Box::new(before)));
                }
                self.left_behind(&begin, fingerprint, now)?
            }
        };
        let mut surveying = match surveying {
            Some(surveying) => surveying,
            None => self.begin_as(begin, Some(fingerprint), now)?,
        };
        surveying.keeping.sent = Some(sent);
        Ok(Sending::Begun(Box::new(surveying)))
    }

    /// Whether one of the household's latest surveys came of that file.
    fn last_of(&self, dossier: DossierId, fingerprint: [u8; 32], now: Now) -> Result<Option<Submitted>, Failure> {
        let household = self.open(dossier, now)?;
        for entry in household.history().heads(Horizon::NOW).all() {
            let record = self.record(*entry)?;
            if views::bodies::open_fingerprint(&self.bureau.keys, &record, dossier)? == Some(fingerprint) {
                return self.first_receipt(household.history(), *entry).map(Some);
            }
        }
        Ok(None)
    }

    /// The first survey of a new household that came of the same file, where whoever acts may open it and nobody has
    /// surveyed it since.
    pub(super) fn sent_before(
        &self,
        survey: &SurveyLedger,
        sent: &Sent,
        now: Now,
    ) -> Result<Option<Submitted>, Failure> {
        if sent.again {
            return Ok(None);
        }
        for (dossier, entry) in views::sent::find(&*self.bureau.store, &self.bureau.keys, survey, sent.fingerprint)? {
            let Ok(household) = self.open(dossier, now) else { continue };
            if household.history().heads(Horizon::NOW).all().contains(&entry) {
                return self.first_receipt(household.history(), entry).map(Some);
            }
        }
        Ok(None)
    }

    fn first_receipt(&self, history: &History, entry: EntryId) -> Result<Submitted, Failure> {
        let frame = store::frame_of(&*self.bureau.store, &entry.0)?.ok_or(Failure::ReceiptUnreadable)?;
        let receipt = Receipt::decode(&frame.receipt).ok_or(Failure::ReceiptUnreadable)?;
        let reported = history.happenings.iter().filter(|h| h.entry == entry).find_map(|h| h.ledger.survey());
        let person = views::bodies::open_survey(&self.bureau.keys, &self.record(entry)?, history.dossier)?;
        Ok(Submitted {
            dossier: history.dossier,
            number: history.numbers(Horizon::NOW).pop().unwrap_or_default(),
            receipt,
            decision: person.and_then(|person| person.decision),
            next_due: reported.and_then(|survey| survey.next_due),
            before: history.happenings.iter().find(|h| h.entry == entry).map(|h| h.at),
        })
    }

    /// A draft of one's own that this file left behind, empty again: its id makes the same entry, so that a survey that was
    /// perhaps kept is not kept twice.
    fn left_behind(&self, begin: &Begin, fingerprint: [u8; 32], now: Now) -> Result<Option<Surveying>, Failure> {
        if !begin.on_disk {
            return Ok(None);
        }
        for head in draft_file::all(self)?.0 {
            if head.by != self.officer || !self.is_begun_like(&head, begin)? {
                continue;
            }
            if draft_file::look(self, head.draft).is_ok_and(|found| found.sent == Some(fingerprint)) {
                let (file, found) = draft_file::open(self, head.draft)?;
                let file = file.renewed(self, &head, &[], found.damaged)?;
                let draft = self.open_draft(&head, begin.form.clone(), now)?;
                return Ok(Some(Surveying { keeping: Keeping::new(head, Some(file)), draft }));
            }
        }
        Ok(None)
    }

    /// Whether a survey begun now would begin with the same.
    fn is_begun_like(&self, head: &DraftHead, begin: &Begin) -> Result<bool, Failure> {
        let same_form = head.form == begin.form.id && head.form_version == begin.form.version;
        let same_household = match begin.dossier {
            Some(dossier) => {
                head.dossier == dossier && self.history(dossier)?.heads(Horizon::NOW).all() == head.based_on
            }
            None => head.is_new,
        };
        Ok(same_form && same_household && head.corrects.is_none() == begin.corrects.is_none())
    }
}

/// What is the same when the same is sent again: the steps, with which form, for which household, for which version, and the
/// day where one was named.
fn fingerprint_of(begin: &Begin, file: &AnswersFile<'_>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("dossier v1 fingerprint of an answers file");
    let dossier = begin.dossier.map(|dossier| dossier.hex());
    let on = file.on.map(|day| day.to_string());
    let whole = serde_json::json!([begin.form.id, dossier, begin.corrects, on, file.steps]);
    hasher.update(whole.to_string().as_bytes());
    *hasher.finalize().as_bytes()
}
