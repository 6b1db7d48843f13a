//! How old an answer is: an update leaves most answers as they stood, so the day of a survey is not the day on which each of
//! its answers was asked.

use super::life::place_in;
use super::{Failure, Office};
use crate::domain::{Answers, Day, DossierId, EntryId, Origin, Path};
use crate::form::{Form, ValueType};
use crate::views::History;
use crate::views::history::Horizon;
use std::collections::BTreeMap;

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
    /// For each answer of a survey the day on which it was last asked or confirmed: that of the survey itself, or, where it
    /// was carried and not looked at, of the latest one before it in which somebody did. `answers` are those of `record`.
    ///
    /// Errors: an earlier survey cannot be read.
    pub(super) fn answered_on(
        &self,
        dossier: DossierId,
        history: &History,
        record: EntryId,
        answers: &Answers,
        wanted: impl Fn(&Path) -> bool,
    ) -> Result<BTreeMap<Path, Day>, Failure> {
        let versions = history.versions(Horizon::NOW);
        let Some(index) = versions.iter().position(|version| version.record.entry == record) else {
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
        let days = self.answered_on(dossier, history, record, answers, |path| is_money(&form, path))?;
        Ok(days.into_values().min())
    }
}
