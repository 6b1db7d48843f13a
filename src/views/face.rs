//! What a household is found by and greeted with: names, ID numbers, phones. Sealed under the dossier's own key, so that
//! it goes when the dossier is erased.

use crate::domain::questions;
use crate::domain::{Answers, Day, EntryId, Stamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Taken from the latest survey by its own date (then by the moment, then by entry id: an order of the set alone).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    pub on: Day,
    pub at: Stamp,
    pub entry: EntryId,
    /// The worker's name first, then the members'.
    pub names: Vec<String>,
    pub id_numbers: Vec<String>,
    pub phones: Vec<String>,
    /// The worker's birth day; tells namesakes apart.
    pub born: Option<Day>,
    pub address: Option<String>,
    /// Numbers known elsewhere.
    pub other_numbers: Vec<String>,
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Face(sealed)")
    }
}

impl Face {
    /// Reads the questions of the hardship form by name; another form has no face.
    pub fn from_answers(answers: &Answers, on: Day, at: Stamp, entry: EntryId) -> Option<Face> {
        let all = |name: &'static str| {
            answers.answers.iter().filter(move |a| a.path.name() == name).filter_map(|a| match &a.given {
                crate::domain::Given::Value(text) if !text.is_empty() => Some(text.clone()),
                _ => None,
            })
        };
        // Who refused consent is known by name alone.
        let names: Vec<String> =
            all(questions::NAME).chain(all(questions::REFUSED_NAME)).chain(all(questions::M_NAME)).collect();
        if names.is_empty() {
            return None;
        }
        Some(Face {
            on,
            at,
            entry,
            names,
            id_numbers: all(questions::ID_NUMBER).chain(all(questions::M_ID_NUMBER)).collect(),
            phones: all(questions::PHONE).collect(),
            born: all(questions::BIRTH_DATE).next().and_then(|text| Day::from_iso(&text)),
            address: all(questions::ADDRESS).next(),
            other_numbers: Vec::new(),
        })
    }

    /// Later surveys win; equal ones are the same survey.
    pub fn is_newer_than(&self, other: &Face) -> bool {
        (self.on, self.at, self.entry) > (other.on, other.at, other.entry)
    }
}
