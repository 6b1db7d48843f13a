//! How far the file is behind the paper: surveys that were entered too long after their own day, or not yet.

use super::super::rights::Over;
use crate::command::{Duty, Failure, Office};
use crate::domain::calendar::DayCount;
use crate::domain::event::Ledger;
use crate::domain::round::{LAG_WORKING_DAYS, VisitOutcome};
use crate::domain::{Day, DossierId, Now, OfficerId, UnitId};
use crate::views;
use crate::views::history::{History, Horizon};

/// A survey that came into the file late, or is still to come.
#[derive(Clone, PartialEq, Eq)]
pub struct LagLine {
    pub dossier: DossierId,
    pub number: String,
    /// The worker's. Personal.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    /// The day on the paper.
    pub on: Day,
    /// The last day on which it would have been in time.
    pub until: Day,
    /// `None`: it was noted as surveyed, and no survey has come.
    pub entered: Option<Day>,
    pub by: OfficerId,
}

impl Office {
    /// Surveys of households of whoever acts that were entered more than [`LAG_WORKING_DAYS`] working days after the day on
    /// the paper, or should have been by now: those whose last day fell from `from` to `to`, the earliest first.
    ///
    /// Errors: they may see no household.
    pub fn survey_lag(&self, from: Day, to: Day, now: Now) -> Result<Vec<LagLine>, Failure> {
        let _ = self.may(Duty::Open, now)?;
        let calendar = self.calendar(now.today)?;
        let until = |on: Day| calendar.deadline(DayCount::Working, on, LAG_WORKING_DAYS);
        let mut lines = Vec::new();
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            let Ok(history) = history else { return true };
            let (dossier, unit) = (history.dossier, history.unit(Horizon::NOW));
            if history.is_erased() || self.ask_table(Duty::Open, Over::Household { dossier, unit }, now).is_err() {
                return true;
            }
            for (on, entered, by) in papers(&history) {
                let until = until(on);
                let is_late = entered.unwrap_or(now.today) > until;
                if is_late && from <= until && until <= to {
                    let number = history.numbers(Horizon::NOW).pop().unwrap_or_else(|| dossier.hex());
                    lines.push(LagLine { dossier, number, name: None, unit, on, until, entered, by });
                }
            }
            true
        })?;
        for line in &mut lines {
            line.name = self.listed_name(line.dossier)?;
        }
        lines.sort_by(|a, b| (a.until, &a.number, a.dossier).cmp(&(b.until, &b.number, b.dossier)));
        Ok(lines)
    }
}

/// Surveys by the day on the paper, and when each was entered; visits at which a household was surveyed and nothing entered
/// since.
fn papers(history: &History) -> Vec<(Day, Option<Day>, OfficerId)> {
    let came_with_roll =
        |entry| history.happenings.iter().any(|h| h.entry == entry && matches!(h.ledger, Ledger::CameWithRoll { .. }));
    let versions = history.versions(Horizon::NOW);
    let surveys: Vec<_> = versions.iter().filter(|v| v.survey.rule_set.is_some()).collect();
    let mut out: Vec<(Day, Option<Day>, OfficerId)> = surveys
        .iter()
        .filter(|version| !came_with_roll(version.first.entry))
        .map(|version| (version.survey.on, Some(version.first.at.day()), version.first.by))
        .collect();
    for happening in &history.happenings {
        let Ledger::VisitMade { on, outcome: VisitOutcome::Surveyed, .. } = happening.ledger else { continue };
        if !surveys.iter().any(|version| version.survey.on >= on) {
            out.push((on, None, happening.by));
        }
    }
    out
}
