//! Who belongs to a household from when to when, over all its surveys; and the id that a person keeps through them.

use super::dossier::{Kept, StatusLine};
use super::rights::Household;
use super::{Failure, Office};
use crate::domain::membership::{self, MemberStay, SurveyMembers};
use crate::domain::{Answers, DossierId, EntryId, MemberChange, Path, PersonId, questions};
use crate::form::{At, Draft};
use crate::views::bodies;
use crate::views::history::{History, Horizon};
use std::collections::HashMap;

/// One stay of a person in the household, with what their last survey there calls them. Personal.
pub struct Member {
    pub stay: MemberStay,
    pub name: String,
    /// A code of list `relation`.
    pub relation: String,
}

/// The rows of the members' roster.
fn member_rows(answers: &Answers) -> impl Iterator<Item = (&Path, PersonId)> {
    answers.rows.iter().filter(|row| row.path.name() == questions::MEMBERS).map(|row| (&row.path, row.person))
}

fn of_row<'a>(answers: &'a Answers, row: &Path, question: &str) -> &'a str {
    answers.value(&format!("{row}/{question}")).unwrap_or_default()
}

/// Whether the survey asked who lives in the household: without consent it does not, and nobody has left by that.
fn asks_for_members(answers: &Answers) -> bool {
    answers.answers.iter().any(|answer| answer.path.name() == questions::HOUSEHOLD_SIZE)
}

impl Household<'_> {
    /// Everybody who ever belonged to it, as of those versions: the stays of each, by the survey that has them first.
    ///
    /// Errors: a record cannot be read, or the personal part is erased.
    pub fn members(&self, status: &StatusLine) -> Result<Vec<Member>, Failure> {
        let (mut surveys, mut called) = (Vec::new(), HashMap::new());
        for line in status.versions.iter().filter(|line| line.decides) {
            let Kept { answers, .. } = self.survey(line)?;
            if !asks_for_members(&answers) {
                continue;
            }
            let members = member_rows(&answers).map(|(_, person)| person).collect();
            for (row, person) in member_rows(&answers) {
                let words =
                    [questions::M_NAME, questions::M_RELATION].map(|name| of_row(&answers, row, name).to_owned());
                called.insert((person, line.version), words);
            }
            let changes = self.member_changes(line.record)?;
            surveys.push(SurveyMembers { version: line.version, on: line.on, members, changes });
        }
        let named = |stay: MemberStay| {
            let [name, relation] = called.get(&(stay.person, stay.last)).cloned().unwrap_or_default();
            Member { stay, name, relation }
        };
        Ok(membership::stays(&surveys).into_iter().map(named).collect())
    }

    /// Who left and who came, as that survey says.
    pub fn member_changes(&self, survey: EntryId) -> Result<Vec<MemberChange>, Failure> {
        self.office.member_changes(self.dossier, survey)
    }

    /// The same, each beside what any survey of the household calls them.
    pub fn changes_named(&self, survey: EntryId) -> Result<Vec<(MemberChange, String)>, Failure> {
        self.office.changes_named(self.dossier, survey)
    }
}

/// Persons of earlier surveys, by what tells one from another.
#[derive(Default)]
pub(super) struct KnownPersons {
    by_id: HashMap<String, PersonId>,
    /// By name and birth date: those without an ID number.
    by_name: HashMap<(String, String), PersonId>,
}

impl KnownPersons {
    fn note(&mut self, answers: &Answers) {
        for (row, person) in member_rows(answers) {
            let [id, name, born] = [questions::M_ID_NUMBER, questions::M_NAME, questions::M_BIRTH_DATE]
                .map(|question| of_row(answers, row, question).to_owned());
            if !id.is_empty() {
                self.by_id.insert(id, person);
            }
            if !name.is_empty() && !born.is_empty() {
                self.by_name.insert((name, born), person);
            }
        }
    }

    /// Who of the persons of before a row is about: by the ID number, else by name and birth date.
    pub(super) fn find(&self, draft: &Draft, row: At) -> Option<PersonId> {
        let path = draft.path(row);
        let read = |question: &str| {
            let at = draft.at(&Path::new(format!("{path}/{question}")));
            at.map(|at| draft.value(at).to_owned()).unwrap_or_default()
        };
        let by_id = self.by_id.get(&read(questions::M_ID_NUMBER));
        by_id.or_else(|| self.by_name.get(&(read(questions::M_NAME), read(questions::M_BIRTH_DATE)))).copied()
    }
}

impl Office {
    pub(super) fn member_changes(&self, dossier: DossierId, survey: EntryId) -> Result<Vec<MemberChange>, Failure> {
        Ok(bodies::open_members(&self.bureau.keys, &self.record(survey)?, dossier)?)
    }

    /// Everybody that the surveys of a household know by now, corrected or not.
    pub(super) fn known_persons(&self, history: &History) -> Result<KnownPersons, Failure> {
        let mut known = KnownPersons::default();
        for version in history.versions(Horizon::NOW) {
            if let Some(answers) = self.answers_of(history.dossier, version.record.entry)? {
                known.note(&answers);
            }
        }
        Ok(known)
    }

    /// What a survey says of who left and came, each beside what any survey of the household calls them.
    pub(super) fn changes_named(
        &self,
        dossier: DossierId,
        survey: EntryId,
    ) -> Result<Vec<(MemberChange, String)>, Failure> {
        let changes = self.member_changes(dossier, survey)?;
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let mut names: HashMap<PersonId, String> = HashMap::new();
        for version in self.history(dossier)?.versions(Horizon::NOW) {
            let Some(answers) = self.answers_of(dossier, version.record.entry)? else { continue };
            let called =
                |(row, person): (&Path, PersonId)| (person, of_row(&answers, row, questions::M_NAME).to_owned());
            names.extend(member_rows(&answers).map(called));
        }
        let named = |change: MemberChange| {
            let name = names.get(&change.person).cloned().unwrap_or_default();
            (change, name)
        };
        Ok(changes.into_iter().map(named).collect())
    }
}
