//! What can happen, one variant each: the bodies of records. **[disk]**
//!
//! An event has a *ledger* half (ids, days, codes, amounts: what statements count, and what outlives erasure) and at most
//! one *person* half for each subject it names (answers, names, texts: what the subject's own key seals).
//!
//! A variant that has been released never changes, fields included: a change is a new variant at the end of its enum.
//! `tests/golden/` holds the bytes of every variant, and later programs still read them.
//!
//! One record tells of one event, or of several that are kept whole or not at all (`part.rs`).

mod about;
mod ledger;
mod part;
mod person;

pub use about::PutInForce;
pub use ledger::{Ledger, Paper, PaperState, SurveyKind, SurveyLedger};
pub use part::{LedgerPart, PersonPart};
pub use person::{DeliberationPerson, Person, SurveyPerson};

/// The most bytes one half may take. A survey of 19 members with remarks takes about 20 KB.
pub const PART_BYTES_MAX: usize = 4 << 20;
