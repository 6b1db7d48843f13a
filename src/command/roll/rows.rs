//! Households of the roll as rows: what a list shows, and what goes out.

use super::RollFound;
use crate::command::dossier::StatusLine;
use crate::command::rights::{Duty, Over};
use crate::command::{Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::{Day, DossierId, Fen, Now, Subject, UnitId};
use crate::views::{History, Horizon};

/// One household. The name is personal, and clear in one's own units, where people are told apart by it.
#[derive(Clone, PartialEq, Eq)]
pub struct RollRow {
    pub dossier: DossierId,
    pub number: String,
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    pub unit_code: String,
    pub unit_zh: String,
    pub unit_en: String,
    pub category: Option<String>,
    pub undecided: bool,
    pub status: Option<Status>,
    /// Of whoever may not count by what is covered, none; [`Self::cause_is_covered`] says so.
    pub cause: Option<String>,
    pub cause_is_covered: bool,
    pub members: Option<u32>,
    pub income: Option<Fen>,
    pub rigid: Option<Fen>,
    pub per_head: Option<Fen>,
    pub line_month: Option<Fen>,
    pub opened: Option<Day>,
    pub surveyed: Option<Day>,
    pub due: Option<Day>,
    pub erased: bool,
}

impl Office {
    /// Some households of what was found, from the nth on, as they stood on the day asked about. One that is no longer
    /// theirs is left out.
    pub fn roll_rows(&self, found: &RollFound, from: usize, count: usize, now: Now) -> Result<Vec<RollRow>, Failure> {
        let dossiers = found.dossiers.get(from..).unwrap_or_default();
        let dossiers = dossiers.get(..count.min(dossiers.len())).unwrap_or_default();
        self.roll_rows_of(dossiers, found.asked.as_of, now)
    }

    /// These households as rows, as of a day; those that are not theirs are left out.
    pub fn roll_rows_of(&self, dossiers: &[DossierId], as_of: Option<Day>, now: Now) -> Result<Vec<RollRow>, Failure> {
        let rows = dossiers.iter().map(|dossier| self.roll_row(*dossier, as_of, now));
        rows.filter_map(Result::transpose).collect()
    }

    fn roll_row(&self, dossier: DossierId, as_of: Option<Day>, now: Now) -> Result<Option<RollRow>, Failure> {
        let history = self.history(dossier)?;
        let over = Over::Household { dossier, unit: history.unit(Horizon::NOW) };
        if self.ask_table(Duty::Roll, over, now).is_err() {
            return Ok(None);
        }
        let horizon = Horizon::new(as_of, None);
        let mut status = StatusLine::of(&history, horizon);
        status.erased |= self.bureau.keys.is_erased(Subject::Dossier(dossier));
        let cause_is_covered = self.may_count_covered("cause", now).is_err();
        let name = self.face_within(&status, horizon)?.and_then(|face| face.names.into_iter().next());
        let people = self.people()?;
        let row = status.unit.and_then(|unit| people.units.iter().rev().find(|row| row.unit == unit));
        let versions = history.versions(horizon);
        let survey = History::deciding(&versions).map(|version| version.survey);
        let withdrawn = history.withdrawn(horizon);
        let taken = history.happenings.iter().filter(|happening| !withdrawn.contains(&happening.entry));
        let files = taken.filter_map(|happening| happening.ledger.step());
        let opened = files.filter(|(to, on)| to.is_on_file() && *on <= horizon.on).map(|(_, on)| on).min();
        Ok(Some(RollRow {
            dossier,
            number: status.number,
            name,
            unit: status.unit,
            unit_code: row.map(|row| row.code.clone()).unwrap_or_default(),
            unit_zh: row.map(|row| row.zh.clone()).unwrap_or_default(),
            unit_en: row.map(|row| row.en.clone()).unwrap_or_default(),
            category: status.category,
            undecided: status.undecided,
            status: status.status,
            cause: survey.and_then(|survey| survey.cause.clone()).filter(|_| !cause_is_covered),
            cause_is_covered,
            members: survey.and_then(|survey| survey.members),
            income: survey.and_then(|survey| survey.income),
            rigid: survey.and_then(|survey| survey.rigid),
            per_head: status.per_head_net,
            line_month: status.line_month,
            opened,
            surveyed: versions.last().map(|version| version.survey.on),
            due: status.next_due,
            erased: status.erased,
        }))
    }
}
