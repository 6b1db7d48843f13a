//! A request sent twice is one act. Whoever sends gives the request a random number of their own; the entry's id begins
//! with what follows from the number, and ends with what follows from the number and the content. So the first receipt is
//! found again after a lost line or a dead owner, the same number with other content is refused, and nobody without the
//! number learns anything about the content from the id.
//!
//! A step of a case that is typed once more has another number. It is known by a fingerprint that the first one kept, sealed
//! under the dossier's key, and answered with that as long as it is the last record of the dossier.

use super::{Failure, Household, Office};
use crate::domain::EntryId;
use crate::domain::event::Person;
use crate::store::{ENTRIES, Read, Scan};
use crate::views;
use serde::Serialize;

/// What becomes of a request.
pub enum Request {
    /// To be kept under this id.
    New(EntryId),
    /// It was kept before, under this id.
    Kept(EntryId),
}

/// So much of an id follows from the number alone.
const FROM_NUMBER: usize = 8;

fn id_of(number: &[u8; 16], of: &[u8], content: &[u8]) -> [u8; 16] {
    let part = |content: &[u8], into: &mut [u8]| {
        let mut hasher = blake3::Hasher::new_derive_key("dossier v1 entry of a request");
        hasher.update(number);
        hasher.update(of);
        hasher.update(content);
        hasher.finalize_xof().fill(into);
    };
    let mut id = [0; 16];
    let (front, back) = id.split_at_mut(FROM_NUMBER);
    part(b"", front);
    part(content, back);
    id
}

impl Office {
    /// What is asked for here from now on has this number.
    pub fn request(&mut self, number: [u8; 16]) {
        self.request = Some(number);
    }

    /// The id for an act of whoever sits here; a request without a number is new each time. `content` is what makes it
    /// this act and no other.
    ///
    /// Errors: something else was kept under that number.
    pub(super) fn requested(&self, content: &impl Serialize) -> Result<Request, Failure> {
        self.requested_part("", content)
    }

    /// The same for one of several acts that a request asks for, each told apart by its part: the household of a list.
    ///
    /// Errors: something else was kept for that part under that number.
    pub(super) fn requested_part(&self, part: &str, content: &impl Serialize) -> Result<Request, Failure> {
        let Some(number) = &self.request else { return self.new_entry().map(Request::New) };
        let content = serde_json::json!([self.officer.hex(), content]).to_string();
        let id = id_of(number, part.as_bytes(), content.as_bytes());
        let known = self.bureau.store.scan(&Scan::prefix(ENTRIES, &id[..FROM_NUMBER]))?;
        match known.first() {
            None => Ok(Request::New(EntryId(id))),
            Some((key, _)) if *key == id => Ok(Request::Kept(EntryId(id))),
            Some(_) => Err(Failure::RequestUsed),
        }
    }
}

impl Household<'_> {
    /// [`Office::requested`] for what a case goes on by: its id, and the fingerprint that is kept with it; `None` where it was
    /// kept before.
    pub(super) fn noted(&self, content: &impl Serialize) -> Result<Option<(EntryId, Person)>, Failure> {
        self.noted_part("", content)
    }

    /// The same for one of several acts of a request ([`Office::requested_part`]).
    pub(super) fn noted_part(
        &self,
        part: &str,
        content: &impl Serialize,
    ) -> Result<Option<(EntryId, Person)>, Failure> {
        let office = self.office;
        let entry = match office.requested_part(part, content)? {
            Request::New(entry) => entry,
            Request::Kept(_) => return Ok(None),
        };
        let mut hasher = blake3::Hasher::new_derive_key("dossier v1 fingerprint of a step");
        hasher.update(serde_json::json!([office.officer.hex(), content]).to_string().as_bytes());
        let fingerprint = *hasher.finalize().as_bytes();
        let history = office.history(self.dossier)?;
        // By where it stands in the store: moments may be the same, and clocks set back.
        let position = |entry: &EntryId| office.bureau.store.get(ENTRIES, &entry.0).ok().flatten();
        let last = history.happenings.iter().map(|happening| happening.entry).max_by_key(position);
        let last = last.map(|last| office.record(last)).transpose()?;
        let before =
            last.map(|last| views::bodies::open_fingerprint(&office.bureau.keys, &last, self.dossier)).transpose()?;
        Ok((before.flatten() != Some(fingerprint)).then_some((entry, Person::Fingerprint(fingerprint))))
    }
}
