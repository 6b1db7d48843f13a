//! Proving that nothing was altered, and looking the store over.

use super::hand::Scribe;
use super::{Failure, Office};
use crate::domain::{Day, Explain, Message};
use crate::log::{Agreement, HeadCode, Report, Verifier};
use crate::seal::recipient::Recipient;
use crate::store::{self, Store};
use crate::views;

/// What a verification found.
pub struct Verified {
    pub report: Report,
    /// What the head code from paper says, if one was given.
    pub agreement: Option<Agreement>,
    /// Rows that folding again makes otherwise; `None` when the views were not asked about.
    pub differences: Option<Vec<store::doctor::Difference>>,
}

impl Verified {
    pub fn holds(&self) -> bool {
        self.report.holds()
            && self.agreement.is_none_or(|a| matches!(a, Agreement::Holds { .. }))
            && self.differences.as_ref().is_none_or(Vec::is_empty)
    }
}

/// How a store is, for `doctor`.
pub struct Health {
    pub records: u64,
    pub dossiers: usize,
    /// What is wrong, each with what to do.
    pub wrong: Vec<Message>,
    /// What is worth knowing and not wrong.
    pub notes: Vec<Message>,
    pub recipients: Vec<Recipient>,
    pub ready_slots: usize,
    pub drafts: usize,
}

/// Frames are read in pages of this many.
const PAGE: usize = 1000;

/// At most this many differing rows are listed.
const DIFFERENCES: usize = 100;

impl Office {
    /// Walks every chain from its first record to its head, without keys; on request compares a head code, and folds
    /// everything again and compares it with the views.
    pub fn verify(
        &self,
        code: Option<&HeadCode>,
        with_views: bool,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Verified, Failure> {
        let last = self.store.position();
        let mut verifier = Verifier::new();
        let mut next = 1;
        while next <= last {
            let frames = self.store.replay(next, PAGE)?;
            let Some(end) = frames.last().map(|f| f.position) else { break };
            for frame in &frames {
                verifier.take(frame.position, &frame.record);
            }
            next = end + 1;
            progress(end, last);
        }
        let report = verifier.finish();
        let differences = if with_views {
            let mut scribe = Scribe { keys: self.keys.clone() };
            Some(store::doctor::refold(&self.store, &mut scribe, DIFFERENCES, &mut progress)?)
        } else {
            None
        };
        Ok(Verified { agreement: code.map(|code| report.against(code)), report, differences })
    }

    /// Counts every row, compares both copies of every frame, and says how things stand. Changes nothing.
    pub fn doctor(&self, today: Day) -> Result<Health, Failure> {
        let damages = store::doctor::check(&self.store)?;
        let mut wrong: Vec<Message> = damages.into_iter().map(|d| super::failure::told(d.told())).collect();
        wrong.extend(self.keys.damage().iter().filter(|d| d.is_loss()).map(Explain::explain));
        let mut notes = Vec::new();
        let (waiting, unread) = views::read::waiting_and_unread(&self.store)?;
        if waiting > 0 {
            notes.push(Message::new("command.doctor.waiting").with("count", waiting));
        }
        if unread > 0 {
            wrong.push(Message::new("command.doctor.unread").with("count", unread));
        }
        let (drafts, unreadable) = super::draft_file::all(self)?;
        for name in unreadable {
            wrong.push(Message::new("command.doctor.draft_unreadable").with("file", name));
        }
        match views::authority(&self.store)? {
            Some((_, station)) if station == self.station => {}
            Some((_, station)) => {
                notes.push(Message::new("command.doctor.numbers_elsewhere").with("station", &station.hex()[..6]));
            }
            None => wrong.push(Message::new("command.doctor.no_authority")),
        }
        let (mut conflicts, mut contested) = (0usize, 0usize);
        let mut dossiers = 0usize;
        views::read::each_history(&self.store, &self.keys, |history| {
            match history {
                Ok(history) => {
                    dossiers += 1;
                    conflicts += usize::from(history.heads(views::Horizon::NOW).is_conflict());
                    contested += usize::from(matches!(history.erasure(), views::history::Erasure::Contested { .. }));
                }
                Err(error) => wrong.push(error.explain()),
            }
            true
        })?;
        if conflicts > 0 {
            notes.push(Message::new("command.doctor.conflicts").with("count", conflicts));
        }
        if contested > 0 {
            notes.push(Message::new("command.doctor.contested").with("count", contested));
        }
        notes.push(Message::new(match self.size(today)? {
            Some(super::settings::OfficeSize::Full) => "command.doctor.office_full",
            Some(super::settings::OfficeSize::Small) => "command.doctor.office_small",
            None => "command.doctor.office_unsaid",
        }));
        let twice = self.same_ids()?;
        if twice > 0 {
            notes.push(Message::new("command.doctor.same_ids").with("count", twice));
        }
        let overdue = self.erasable(today)?.len();
        if overdue > 0 {
            notes.push(Message::new("command.doctor.overdue").with("count", overdue));
        }
        wrong.extend(self.library.problems.iter().cloned());
        Ok(Health {
            records: self.store.position(),
            dossiers,
            wrong,
            notes,
            recipients: self.keys.recipients(),
            ready_slots: self.keys.ready_slots(),
            drafts: drafts.len(),
        })
    }
}
