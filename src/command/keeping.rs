//! How a survey in progress is kept: its head, its file, and what stands half typed. Whoever holds the draft itself (a
//! script, a screen) hands each step over as it is made; there is one draft, and this is not it.

use super::draft_file::{DraftFile, DraftHead, Typing};
use super::sent::Sent;
use super::{Failure, Office};
use crate::domain::{Path, Step};
use crate::store::Failed;
use std::collections::{BTreeMap, BTreeSet};

pub struct Keeping {
    pub head: DraftHead,
    file: Option<DraftFile>,
    /// Texts in fields since the last sync, the latest of each place.
    typing: BTreeMap<Path, String>,
    /// Places of which the file holds a half-typed text that no step has answered.
    halves: BTreeSet<Path>,
    /// The answers file that it is made of, where it is.
    pub(super) sent: Option<Sent>,
}

impl Keeping {
    /// Without a file nothing is kept before the survey is submitted.
    pub(super) fn new(head: DraftHead, file: Option<DraftFile>) -> Keeping {
        let sent = file.as_ref().and_then(DraftFile::sent).map(Sent::of_a_draft);
        Keeping { head, file, typing: BTreeMap::new(), halves: BTreeSet::new(), sent }
    }

    /// The places of half-typed texts that the file holds, when a draft is taken up again.
    pub(super) fn with_halves(mut self, places: impl Iterator<Item = Path>) -> Keeping {
        self.halves = places.collect();
        self
    }

    /// Writes a step to the draft's file; it is on disk after the next [`Self::sync`].
    pub fn step(&mut self, office: &Office, step: &Step) -> Result<(), Failure> {
        self.file.as_mut().map_or(Ok(()), |file| file.keep(office, step))?;
        if let Step::Set { path, .. } | Step::State { path, .. } = step {
            self.typing.remove(path);
            self.halves.remove(path);
        }
        Ok(())
    }

    /// What stands in the field at `path`, not entered yet. Written with the next sync, so that a word costs one frame
    /// and not one a letter.
    pub fn typing(&mut self, path: &Path, text: &str) {
        if text.is_empty() && !self.halves.contains(path) {
            self.typing.remove(path);
        } else {
            self.typing.insert(path.clone(), text.to_owned());
        }
    }

    /// Whether something waits for a sync.
    pub fn unsynced(&self) -> bool {
        !self.typing.is_empty() || self.file.as_ref().is_some_and(DraftFile::unsynced)
    }

    /// Everything is on disk when this answers `Ok`.
    pub fn sync(&mut self, office: &Office) -> Result<(), Failure> {
        let written = self.write_typing(office);
        let synced = written.and_then(|()| self.file.as_mut().map_or(Ok(()), |file| file.sync(office)));
        synced.map_err(|failure| office.with_who_has_it(failure))
    }

    /// The same without waiting for the disk: whether everything is there by now. To be asked again until it is.
    pub fn sync_behind(&mut self, office: &Office) -> Result<bool, Failure> {
        let written = self.write_typing(office);
        let synced = written.and_then(|()| self.file.as_mut().map_or(Ok(true), |file| file.sync_behind(office)));
        synced.map_err(|failure| office.with_who_has_it(failure))
    }

    fn write_typing(&mut self, office: &Office) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        while let Some((path, text)) = self.typing.pop_first() {
            let typing = Typing { path, text };
            if let Err(failure) = file.keep_typing(office, &typing) {
                self.typing.entry(typing.path).or_insert(typing.text);
                return Err(failure);
            }
            match typing.text.is_empty() {
                true => self.halves.remove(&typing.path),
                false => self.halves.insert(typing.path),
            };
        }
        Ok(())
    }

    /// Takes the file away: the survey is submitted, or thrown away.
    pub fn remove(&mut self, office: &Office) -> Result<(), Failure> {
        let removed = self.file.take().map_or(Ok(()), |file| file.remove(office));
        removed.map_err(|failure| office.with_who_has_it(failure))
    }
}

impl Office {
    /// Why nothing can be kept here any more: somebody else has the folder by now, or it is not where it was.
    pub fn displaced(&self) -> Option<Failure> {
        self.bureau.local.displaced().map(Failure::Store)
    }

    /// Errors: as [`Self::displaced`]. What reads the folder's files by their names asks it first: they are not what was opened.
    pub(super) fn is_where_it_was(&self) -> Result<(), Failure> {
        self.displaced().map_or(Ok(()), Err)
    }

    /// Where the folder went to somebody else: to whom, and how far both came.
    fn with_who_has_it(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Store(Failed::Displaced(None)) => {
                Failure::Store(self.bureau.local.displaced().unwrap_or(Failed::Displaced(None)))
            }
            other => other,
        }
    }
}
