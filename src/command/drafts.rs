//! What waits: drafts to go on with, households due to be surveyed again, and the state of the store in one line.

use super::draft_file::{self, DraftHead, FoundDraft, Written};
use super::rights::{Duty, Over, reason};
use super::{Failure, Office, library};
use crate::domain::{Day, DossierId, DraftId, EntryId, Now, OfficerId, Path, Stamp, Step, UnitId};
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
    /// The worker's name as it stands in the draft, else as the dossier knows it. Personal.
    pub name: Option<String>,
    /// The dossier's number, where it has one, and whoever acts may see it.
    pub number: Option<String>,
    /// It is the first survey of a household without a dossier.
    pub is_new: bool,
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
    /// Personal.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
}

impl Office {
    /// Drafts, latest begun first, and the names of files that can't be read at all: one's own, and for who supervises those
    /// of households of their units, with new ones of surveyors who work there.
    pub fn drafts(&self, now: Now) -> Result<(Vec<DraftLine>, Vec<String>), Failure> {
        let (mut heads, mut unreadable) = draft_file::all(self)?;
        // Whoever supervises nobody has nobody's drafts looked through.
        let supervises = self.carries(Duty::OthersDraft);
        heads.retain(|head| match head.by == self.officer {
            true => self.ask_table(Duty::OwnDraft, Over::Work { of: head.by, unit: None }, now).is_ok(),
            false => supervises && self.may_take(head, now).is_ok(),
        });
        let mut lines = Vec::with_capacity(heads.len());
        for head in heads {
            match self.draft_line(&head, now) {
                Ok(line) => lines.push(line),
                Err(_) => unreadable.push(head.draft.hex()),
            }
        }
        Ok((lines, unreadable))
    }

    /// Errors: whoever acts has no drafts, and supervises nobody who has.
    pub fn may_have_drafts(&self, now: Now) -> Result<(), Failure> {
        self.ask_table(Duty::OthersDraft, Over::Bureau, now)
            .or_else(|_| self.ask_table(Duty::OwnDraft, Over::Work { of: self.officer, unit: None }, now))
    }

    /// Everything that can be read of a draft: of one's own, or of somebody whom one supervises.
    pub fn draft(&self, draft: DraftId, now: Now) -> Result<FoundDraft, Failure> {
        let found = draft_file::look(self, draft)?;
        self.may_go_on(&found.head, now).or_else(|_| self.may_take(&found.head, now))?;
        Ok(found)
    }

    fn draft_line(&self, head: &DraftHead, now: Now) -> Result<DraftLine, Failure> {
        let found = draft_file::look(self, head.draft)?;
        let (mut name, mut cursor, mut answered) = (None, None, BTreeSet::new());
        for one in &found.written {
            match one {
                Written::Step(Step::Cursor { path }) => cursor = Some(path.clone()),
                Written::Step(Step::Set { path, value }) => {
                    // A question of another form that is called so names nobody.
                    if path.name() == "name" && head.form == library::HARDSHIP && !value.is_empty() {
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
        // Of a household that is theirs no longer nothing is told but what they typed themselves.
        let known = self.line(head.dossier, now).ok();
        Ok(DraftLine {
            number: known.as_ref().map(|line| line.status.number.clone()),
            name: name.or_else(|| known.and_then(|line| line.name)),
            is_new: head.is_new,
            answered: answered.len(),
            cursor,
            damaged: found.damaged,
            submitted: views::read::draft_entry(&self.bureau.store, head.draft)?,
            draft: head.draft,
            dossier: head.dossier,
            form: found.head.form,
            form_version: found.head.form_version,
            begun: head.begun,
            by: head.by,
        })
    }

    /// Households of which somebody has begun a survey that is not submitted: as far as whoever acts sees drafts.
    pub(super) fn drafted(&self, now: Now) -> Result<BTreeSet<DossierId>, Failure> {
        let supervises = self.carries(Duty::OthersDraft);
        let mut found = BTreeSet::new();
        for head in draft_file::all(self)?.0 {
            let sees = match head.by == self.officer {
                true => self.carries(Duty::OwnDraft),
                false => supervises && self.may_take(&head, now).is_ok(),
            };
            let is_survey = head.form == library::HARDSHIP && head.corrects.is_none();
            if sees && is_survey && views::read::draft_entry(&self.bureau.store, head.draft)?.is_none() {
                found.insert(head.dossier);
            }
        }
        Ok(found)
    }

    /// One's own draft on that form that waits for this dossier (`None`: for a household without one) and this purpose.
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
                && head.by == self.officer
                && same_form
                && head.corrects == corrects
                && views::read::draft_entry(&self.bureau.store, head.draft)?.is_none()
            {
                return Ok(Some(head.draft));
            }
        }
        Ok(None)
    }

    /// Takes away the file of a draft of one's own that was submitted, or that one does not want any more.
    pub fn discard_draft(&self, draft: DraftId, now: Now) -> Result<(), Failure> {
        let head = draft_file::look(self, draft)?.head;
        self.ask_table(Duty::OwnDraft, self.work(&head), now)?;
        draft_file::open(self, draft)?.0.remove(self)
    }

    /// Throws away what somebody else began, for a reason that stands in the household's history and in the list of looks.
    ///
    /// Errors: whoever acts supervises no such household; no reason; its surveyor has it open.
    pub fn discard_others_draft(&self, draft: DraftId, why: &str, now: Now) -> Result<(), Failure> {
        let head = draft_file::look(self, draft)?.head;
        self.may_take(&head, now)?;
        let why = reason(why)?;
        let (file, found) = draft_file::open(self, draft)?;
        self.note_taken(&found.head, None, &why, now)?;
        file.remove(self)
    }

    /// Hands what somebody began to another surveyor, for a reason.
    ///
    /// Errors: as [`Self::discard_others_draft`]; there is no such officer.
    pub fn hand_over_draft(&self, draft: DraftId, to: OfficerId, why: &str, now: Now) -> Result<(), Failure> {
        let head = draft_file::look(self, draft)?.head;
        self.may_take(&head, now)?;
        let why = reason(why)?;
        let Over::Work { unit, .. } = self.work(&head) else { return Err(Failure::NothingKept) };
        let name = || self.officer_name(to).ok().flatten().unwrap_or_else(|| to.hex());
        self.may_be_handed(to, unit, now).map_err(|_| Failure::CannotTakeOver { to: name() })?;
        let (file, found) = draft_file::open(self, draft)?;
        self.note_taken(&found.head, Some(to), &why, now)?;
        file.renewed(self, &DraftHead { by: to, ..found.head }, &found.written, found.damaged).map(drop)
    }

    /// A draft as somebody's work: of a household's unit, or of its surveyor's where the household is new.
    fn work(&self, head: &DraftHead) -> Over {
        let known = self.history(head.dossier).ok().and_then(|history| history.unit(Horizon::NOW));
        let of_surveyor = || {
            let people = self.people().ok()?;
            let row = people.officers.iter().find(|row| row.officer == head.by)?;
            row.units.first().copied()
        };
        Over::Work { of: head.by, unit: known.or_else(of_surveyor) }
    }

    fn may_take(&self, head: &DraftHead, now: Now) -> Result<(), Failure> {
        self.ask_table(Duty::OthersDraft, self.work(head), now)
    }

    /// Whether whoever acts, under whatever name, began that draft, and somebody else went on with it.
    pub(super) fn had_draft(&self, draft: DraftId) -> Result<bool, Failure> {
        for of in views::looks::had_draft(&self.bureau.store, draft)? {
            if self.is_same_person(of, None)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Errors: the draft is somebody else's, or whoever acts surveys no more.
    pub(super) fn may_go_on(&self, head: &DraftHead, now: Now) -> Result<(), Failure> {
        self.ask_table(Duty::OwnDraft, self.work(head), now)
    }

    /// Households of whoever acts that are due on or before `day`, earliest first, at most `limit`.
    pub fn due_until(&self, day: Day, limit: usize, now: Now) -> Result<Vec<DueLine>, Failure> {
        let units = self.reach(now)?;
        let mut lines = Vec::new();
        if units.as_ref().is_some_and(BTreeSet::is_empty) {
            return Ok(lines);
        }
        for (on, dossier) in views::read::due_until(&self.bureau.store, day, usize::MAX)? {
            if lines.len() >= limit {
                break;
            }
            let history = self.history(dossier)?;
            let unit = history.unit(Horizon::NOW);
            if units.as_ref().is_some_and(|mine| !unit.is_some_and(|unit| mine.contains(&unit))) {
                continue;
            }
            let name = self.listed_name(dossier)?;
            let number = history.numbers(Horizon::NOW).pop().unwrap_or_default();
            lines.push(DueLine { on, dossier, number, name, unit });
        }
        Ok(lines)
    }

    /// Records kept by all stations.
    pub fn records(&self) -> Result<u64, Failure> {
        Ok(views::read::chain_heads(&self.bureau.store)?.iter().map(|head| head.seq).sum())
    }
}
