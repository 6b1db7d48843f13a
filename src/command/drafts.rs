//! What waits: drafts to go on with, households due to be surveyed again, and the state of the store in one line.

use super::draft_file::{self, DraftHead, Written};
use super::{Failure, Office};
use crate::domain::{Day, DossierId, DraftId, EntryId, OfficerId, Path, Stamp, Step, UnitId};
use crate::form::Form;
use crate::views::{self, Horizon};
use std::collections::BTreeSet;

/// A draft at a glance; its form is not opened for it.
pub struct DraftLine {
    pub draft: DraftId,
    pub dossier: DossierId,
    pub form: String,
    pub form_version: String,
    pub begun: Stamp,
    pub by: OfficerId,
    /// The worker's name as it stands in the draft, else as the dossier knows it. Personal: to be masked.
    pub name: Option<String>,
    /// The dossier's number, where it has one.
    pub number: Option<String>,
    /// Questions answered so far, carried ones not counted.
    pub answered: usize,
    /// Where the cursor was left.
    pub cursor: Option<Path>,
    /// Steps behind a damaged place can't be used.
    pub damaged: bool,
    /// The record that submitted it already.
    pub submitted: Option<EntryId>,
}

/// A household to be surveyed.
pub struct DueLine {
    pub on: Day,
    pub dossier: DossierId,
    pub number: String,
    /// Personal: to be masked.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
}

impl Office {
    /// Drafts, latest begun first, and the names of files that can't be read at all. Whoever has some units to do with sees
    /// their own, and those of households there.
    pub fn drafts(&self) -> Result<(Vec<DraftLine>, Vec<String>), Failure> {
        let (mut heads, mut unreadable) = draft_file::all(self)?;
        if let Some(reach) = self.reach()? {
            heads.retain(|head| head.by == self.officer || self.is_of(&reach, head.dossier));
        }
        let mut lines = Vec::with_capacity(heads.len());
        for head in heads {
            match self.draft_line(&head) {
                Ok(line) => lines.push(line),
                Err(_) => unreadable.push(head.draft.hex()),
            }
        }
        Ok((lines, unreadable))
    }

    fn draft_line(&self, head: &DraftHead) -> Result<DraftLine, Failure> {
        let found = draft_file::look(self, head.draft)?;
        let (mut name, mut cursor, mut answered) = (None, None, BTreeSet::new());
        for one in &found.written {
            match one {
                Written::Step(Step::Cursor { path }) => cursor = Some(path.clone()),
                Written::Step(Step::Set { path, value }) => {
                    if path.name() == "name" && !value.is_empty() {
                        name = Some(value.clone());
                    }
                    answered.insert(path.clone());
                }
                Written::Step(Step::State { path, .. } | Step::Confirm { path }) => {
                    answered.insert(path.clone());
                }
                Written::Step(_) | Written::Typing(_) => {}
            }
        }
        let face = self.face(head.dossier)?;
        let history = views::read::history(&self.store, &self.keys, head.dossier)?;
        Ok(DraftLine {
            name: name.or_else(|| face.and_then(|f| f.names.into_iter().next())),
            number: history.and_then(|h| h.numbers(Horizon::NOW).pop()),
            answered: answered.len(),
            cursor,
            damaged: found.damaged,
            submitted: views::read::draft_entry(&self.store, head.draft)?,
            draft: head.draft,
            dossier: head.dossier,
            form: found.head.form,
            form_version: found.head.form_version,
            begun: head.begun,
            by: head.by,
        })
    }

    /// The draft on that form that waits for this dossier (`None`: for a household without one) and this purpose.
    pub fn draft_of(
        &self,
        dossier: Option<DossierId>,
        corrects: Option<EntryId>,
        form: &Form,
    ) -> Result<Option<DraftId>, Failure> {
        for head in draft_file::all(self)?.0 {
            let same_household = dossier.map_or(head.is_new, |dossier| head.dossier == dossier);
            // Of an earlier version too: it is taken over into this one.
            let same_form = head.form == form.id;
            if same_household
                && same_form
                && head.corrects == corrects
                && views::read::draft_entry(&self.store, head.draft)?.is_none()
            {
                return Ok(Some(head.draft));
            }
        }
        Ok(None)
    }

    /// Takes away the file of a draft that was submitted, or that nobody wants any more.
    pub fn discard_draft(&self, draft: DraftId) -> Result<(), Failure> {
        draft_file::open(self, draft)?.0.remove(self)
    }

    /// Households due on or before `day`, earliest first, at most `limit`; only those of `units` where some are named.
    pub fn due_until(&self, day: Day, units: Option<&BTreeSet<UnitId>>, limit: usize) -> Result<Vec<DueLine>, Failure> {
        let mut lines = Vec::new();
        for (on, dossier) in views::read::due_until(&self.store, day, usize::MAX)? {
            if lines.len() >= limit {
                break;
            }
            let history = self.history(dossier)?;
            let unit = history.unit(Horizon::NOW);
            if units.is_some_and(|mine| !unit.is_some_and(|unit| mine.contains(&unit))) {
                continue;
            }
            let name = self.face(dossier)?.and_then(|f| f.names.into_iter().next());
            let number = history.numbers(Horizon::NOW).pop().unwrap_or_default();
            lines.push(DueLine { on, dossier, number, name, unit });
        }
        Ok(lines)
    }

    /// Records kept by all stations.
    pub fn records(&self) -> Result<u64, Failure> {
        Ok(views::read::chain_heads(&self.store)?.iter().map(|head| head.seq).sum())
    }
}
