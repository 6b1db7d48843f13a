//! What the index is told of a household, and what it shows of one it found.

use crate::domain::{DossierId, UnitId};
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::{IsNormalized, is_nfc_quick};

/// The union unit a dossier hangs on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Unit {
    pub id: UnitId,
    /// What the office calls it in lists and on paper, `03` or `sl`; may be empty.
    pub short: String,
    pub name: String,
}

/// One household as the index is told of it. Any text may be empty, any list too.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedHousehold {
    pub dossier: DossierId,
    /// `150785-2018-0042`, or `临-3-12` until a number is given.
    pub number: String,
    /// Provisional and foreign numbers: found for ever.
    pub other_numbers: Vec<String>,
    /// The worker first, then the members.
    pub names: Vec<String>,
    pub unit: Unit,
    pub id_numbers: Vec<String>,
    pub phones: Vec<String>,
    /// The worker's.
    pub birth_year: Option<u16>,
    pub category: String,
    pub status: String,
}

impl fmt::Debug for IndexedHousehold {
    /// Names, numbers and phones are never printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IndexedHousehold({:?})", self.dossier)
    }
}

/// A household found. ID numbers and phones are not among what it shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Hit {
    pub dossier: DossierId,
    pub number: String,
    /// The worker's name.
    pub name: String,
    /// The member's name by which it was found, where that was not the worker's.
    pub member: Option<String>,
    pub unit: Unit,
    pub birth_year: Option<u16>,
    pub category: String,
    pub status: String,
    /// One reason for each word of the query, in the order typed.
    pub why: Vec<super::Why>,
    /// Another hit bears the same name: show unit and birth year.
    pub alike: bool,
}

impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hit({:?}, {:?})", self.dossier, self.why)
    }
}

const TEXT_BYTES: usize = 200;
const TEXTS: usize = 64;

/// The row with every text composed (NFC) and cut to 200 bytes, every list to 64, so that one household cannot
/// fill the memory.
pub(super) fn clipped(mut row: IndexedHousehold) -> IndexedHousehold {
    for list in [&mut row.other_numbers, &mut row.names, &mut row.id_numbers, &mut row.phones] {
        list.truncate(TEXTS);
        list.iter_mut().for_each(clip);
    }
    for text in [&mut row.number, &mut row.unit.short, &mut row.unit.name, &mut row.category, &mut row.status] {
        clip(text);
    }
    row
}

fn clip(text: &mut String) {
    let plain = text.len() <= TEXT_BYTES && is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if !plain || text.trim().len() != text.len() {
        *text = super::fold::clipped(text, TEXT_BYTES);
    }
}
