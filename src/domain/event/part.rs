//! The parts of one record: what it tells, by which session, and whose personal halves go with which event.
//!
//! Neither part can stand within itself, so no record, whoever wrote it, can be deeper than its reader's stack.

use super::{Ledger, Person};
use crate::domain::EntryId;
use serde::{Deserialize, Serialize};

/// The ledger part: several events are one act, whole or not at all. Within one part a dossier has at most one event of a
/// kind, since other records name events by the record's entry id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LedgerPart {
    /// The record that tells who began to act, and by which credential. `None`: recorded before sessions were.
    pub session: Option<EntryId>,
    pub events: Vec<Ledger>,
}

/// The person part of one subject: the half of each event that has one, by the event's place in the ledger part; a survey
/// that came as a file has a second, the file's fingerprint, and one that says who came and left another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonPart(pub Vec<(u16, Person)>);
