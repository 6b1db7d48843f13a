//! How old an answer is: an update leaves most answers as they stood, so the day of a survey is not the day on which each of
//! its answers was asked.

use super::dossier::Kept;
use super::life::place_in;
use super::{Failure, Household, Office};
use crate::domain::{Answers, Day, DossierId, EntryId, Origin, Path};
use crate::form::{Form, ValueType};
use crate::views::History;
use crate::views::history::Horizon;
use crate::views::rounds::{InRound, RoundRow};
use std::collections::{BTreeMap, HashSet};

/// Whether the question at a path takes an amount.
fn is_money(form: &Form, path: &Path) -> bool {
    let of_name = form.by_name.get(path.name()).into_iter().flatten();
    of_name.filter_map(|node| form.question(*node)).any(|question| question.value == ValueType::Money)
}

/// Whether an update left amounts as they stood.
pub(super) fn leaves_amounts(form: &Form, answers: &Answers) -> bool {
    answers.answers.iter().any(|a| a.origin == Origin::CarriedUnseen && is_money(form, &a.path))
}

impl Office {
    /// How a household stands in a round, by what is known now: a survey of it that left amounts as they stood is none of the
    /// round's.
    pub(super) fn in_round(&self, history: &History, round: &RoundRow) -> InRound {
        history.in_round(round, |survey| {
            let answers = self.answers_of(history.dossier, survey).ok().flatten()?;
            let form = self.form_of(&answers.form, &answers.form_version)?;
            Some(leaves_amounts(&form, &answers))
        })
    }

    /// For each answer of a survey the day on which it was last asked or confirmed: that of the survey itself, or, where it
    /// was carried and not looked at, of the latest one before it in which somebody did. `answers` are those of `record`.
    ///
    /// Errors: an earlier survey cannot be read.
    pub(super) fn answered_on(
        &self,
        dossier: DossierId,
        history: &History,
        horizon: Horizon,
        record: EntryId,
        answers: &Answers,
        wanted: impl Fn(&Path) -> bool,
    ) -> Result<BTreeMap<Path, Day>, Failure> {
        let versions = history.versions(horizon);
        let reads = |first: EntryId| history.readings(first).iter().any(|(reading, _)| reading.entry == record);
        let found = versions.iter().position(|version| version.record.entry == record);
        // One that was corrected since is read as well.
        let Some(index) = found.or_else(|| versions.iter().position(|version| reads(version.first.entry))) else {
            return Ok(BTreeMap::new());
        };
        let mut days = BTreeMap::new();
        // Where each answer that is still looked for stands in the survey at hand.
        let mut open: Vec<(Path, Path)> = Vec::new();
        for answer in answers.answers.iter().filter(|answer| wanted(&answer.path)) {
            match answer.origin {
                Origin::CarriedUnseen => open.push((answer.path.clone(), answer.path.clone())),
                _ => drop(days.insert(answer.path.clone(), versions[index].survey.on)),
            }
        }
        let mut of = answers.clone();
        let mut day = versions[index].survey.on;
        for version in versions[..index].iter().rev() {
            if open.is_empty() {
                break;
            }
            if version.survey.form != answers.form {
                continue;
            }
            let Some(before) = self.answers_of(dossier, version.record.entry)? else { continue };
            let mut still = Vec::new();
            for (path, at) in open {
                let there = place_in(&at, &of, &before);
                let found = there.and_then(|there| before.answers.iter().find(|answer| answer.path == there));
                match found {
                    Some(answer) if answer.origin == Origin::CarriedUnseen => still.push((path, answer.path.clone())),
                    Some(_) => drop(days.insert(path, version.survey.on)),
                    // Nothing earlier has it.
                    None => drop(days.insert(path, day)),
                }
            }
            (open, of, day) = (still, before, version.survey.on);
        }
        days.extend(open.into_iter().map(|(path, _)| (path, day)));
        Ok(days)
    }

    /// The day on which the oldest of a survey's amounts was asked, where some were left as they stood.
    ///
    /// Errors: an earlier survey cannot be read.
    pub(super) fn money_since(
        &self,
        dossier: DossierId,
        history: &History,
        record: EntryId,
        answers: &Answers,
    ) -> Result<Option<Day>, Failure> {
        let Some(form) = self.form_of(&answers.form, &answers.form_version) else { return Ok(None) };
        if !leaves_amounts(&form, answers) {
            return Ok(None);
        }
        let days = self.answered_on(dossier, history, Horizon::NOW, record, answers, |path| is_money(&form, path))?;
        Ok(days.into_values().min())
    }

    /// The answers of a survey that are older than it is, each with the day on which it was last asked or confirmed.
    ///
    /// Errors: an earlier survey cannot be read.
    pub(super) fn stated_before(
        &self,
        history: &History,
        horizon: Horizon,
        record: EntryId,
        answers: &Answers,
    ) -> Result<BTreeMap<Path, Day>, Failure> {
        let left: HashSet<&Path> =
            answers.answers.iter().filter(|a| a.origin == Origin::CarriedUnseen).map(|a| &a.path).collect();
        if left.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut days =
            self.answered_on(history.dossier, history, horizon, record, answers, |path| left.contains(path))?;
        let own = history.corrected(record).map(|survey| survey.on);
        days.retain(|_, day| own.is_none_or(|on| *day < on));
        Ok(days)
    }
}

impl Household<'_> {
    /// The answers of a survey of it that are older than the survey, with their days.
    ///
    /// Errors: an earlier survey cannot be read.
    pub fn stated_before(&self, kept: &Kept) -> Result<BTreeMap<Path, Day>, Failure> {
        self.office.stated_before(&self.history, Horizon::NOW, kept.line.record, &kept.answers)
    }
}
