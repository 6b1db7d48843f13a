//! Who looked at whom, and why.

use super::{Duty, Failure, Office, Span};
use crate::domain::event::Person;
use crate::domain::{DossierId, EntryId, Now, OfficerId, Stamp, Subject};
use crate::views::{self, LookRow, bodies};

/// A look, with its reason where one was given and can still be read.
#[derive(Clone, PartialEq, Eq)]
pub struct LookLine {
    pub at: Stamp,
    pub by: OfficerId,
    pub session: Option<EntryId>,
    /// A code: `open`, `reveal`, `print`, ….
    pub what: String,
    /// Another unit's household, or one whose case is over.
    pub important: bool,
    pub subjects: Vec<Subject>,
    /// Personal: it may name people.
    pub why: Option<String>,
}

impl LookLine {
    /// The key of the word for what was looked at.
    pub fn word(&self) -> String {
        let known = [
            "open",
            "reveal",
            "carried",
            "print",
            "export",
            "bank_file",
            "gift_sheet",
            "notice",
            "face",
            "show",
            "explain",
            "diff",
            "query",
            "draft",
        ];
        let known = known.into_iter().find(|known| *known == self.what);
        format!("look.{}", known.unwrap_or("other"))
    }
}

/// The most looks at one household that are shown with it.
const SHOWN: usize = 200;

impl Office {
    /// Looks at whatever household, the latest first, for those who audit. A supervisor sees those at households of their
    /// units, with the reasons; who audits sees who looked how often and at which dossier, and no words about people.
    ///
    /// Errors: whoever acts audits nothing.
    pub fn looks(&self, since: Stamp, limit: usize, now: Now) -> Result<Vec<LookLine>, Failure> {
        let _ = self.may(Duty::SeeLooks, now)?;
        // Who audits sees all of them and no words; who supervises those of their units, with the words.
        let audits = self.rights()?.span(Duty::SeeLooks) == Span::All;
        let reach = if audits { None } else { self.reach(now)? };
        let is_theirs = |row: &LookRow| {
            let Some(reach) = &reach else { return true };
            row.subjects
                .iter()
                .any(|subject| matches!(subject, Subject::Dossier(dossier) if self.is_of(reach, *dossier)))
        };
        let mut rows = Vec::new();
        views::looks::each_look(&self.bureau.store, &self.bureau.keys, since, |row| {
            if rows.len() < limit && is_theirs(&row) {
                rows.push(row);
            }
            rows.len() < limit
        })?;
        rows.into_iter()
            .map(|row| {
                let line = self.look_line(row)?;
                Ok(LookLine { why: line.why.filter(|_| !audits), ..line })
            })
            .collect()
    }

    /// The number of a dossier that a look names, for the list of looks.
    pub fn number_looked_at(&self, line: &LookLine) -> String {
        let numbers = line.subjects.iter().filter_map(|subject| match subject {
            Subject::Dossier(dossier) => Some(self.number_of(*dossier)),
            _ => None,
        });
        numbers.collect::<Vec<_>>().join(" ")
    }

    /// Looks at one household, the latest first.
    pub(super) fn looks_at(&self, dossier: DossierId) -> Result<Vec<LookLine>, Failure> {
        let rows = views::looks::looks_at(&self.bureau.store, &self.bureau.keys, Subject::Dossier(dossier), SHOWN)?;
        rows.into_iter().map(|row| self.look_line(row)).collect()
    }

    pub(super) fn look_line(&self, row: LookRow) -> Result<LookLine, Failure> {
        let of = match row.subjects[..] {
            [subject] => subject,
            _ => Subject::Bureau,
        };
        let record = self.record(row.entry)?;
        // A reason whose key is not here is none that can be shown; the look stands all the same.
        let why = match bodies::open_person(&self.bureau.keys, &record, of, row.place) {
            Ok(Some(Person::Text(why))) if !why.is_empty() => Some(why),
            _ => None,
        };
        let LookRow { at, by, session, what, important, subjects, .. } = row;
        Ok(LookLine { at, by, session, what, important, subjects, why })
    }
}
