//! Reading a dossier: its status line, its versions, the difference of two, and why its category is what it is.

use super::life::place_in;
use super::{Failure, Household, Office};
use crate::domain::answers::RosterPerson;
use crate::domain::dossier::Status;
use crate::domain::event::{SurveyKind, SurveyLedger, SurveyPerson};
use crate::domain::questions;
use crate::domain::{
    Answers, Day, Decision, DossierId, EntryId, Fen, Given, Now, OfficerId, Path, PersonId, Stamp, UnitId,
};
use crate::log::{Link, Record};
use crate::store::{ENTRIES, Read};
use crate::views::case::Proposed;
use crate::views::history::Erasure;
use crate::views::history::{Happening, History, Horizon, Version};
use crate::views::{self, Face, ViewError, bodies};

/// What a lookup answers at a glance. Screen, command line and exports share it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusLine {
    pub dossier: DossierId,
    /// The number given last; a provisional one until then.
    pub number: String,
    pub status: Option<Status>,
    /// `None`: undecided, or no survey that decides.
    pub category: Option<String>,
    pub undecided: bool,
    /// Whether the category is in force by approval; else it is what the latest deciding survey came to.
    pub approved: bool,
    /// What a survey proposes beside the category in force.
    pub proposed: Option<Proposed>,
    pub rule_set: Option<String>,
    pub decided_on: Option<Day>,
    pub per_head_net: Option<Fen>,
    pub line_month: Option<Fen>,
    pub next_due: Option<Day>,
    /// The latest survey was an update of that day in which nothing moved that decides; told where the household is open.
    pub updated_on: Option<Day>,
    pub unit: Option<UnitId>,
    pub versions: Vec<VersionLine>,
    /// Surveys that nothing is based on, when there is more than one: two people went on from the same place.
    pub conflict: Vec<EntryId>,
    /// The key is destroyed here, or is to be.
    pub erased: bool,
    /// Erased by one station while another went on with it: for a person to settle.
    pub contested: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionLine {
    /// Display order; may move when an older paper comes in.
    pub version: u32,
    /// The record whose answers count.
    pub record: EntryId,
    /// The survey as first submitted: names the version for good.
    pub first: EntryId,
    pub on: Day,
    pub kind: SurveyKind,
    pub form: String,
    pub form_version: String,
    pub category: Option<String>,
    /// The rule set that decided; `None` for a form that decides nothing.
    pub rule_set: Option<String>,
    pub decides: bool,
    pub per_head_net: Option<Fen>,
    pub line_month: Option<Fen>,
    pub corrected: bool,
    /// Which reading it is, from 1: as first submitted, then as each correction had it. `None`: the one that counts.
    pub reading: Option<u32>,
    pub at: Stamp,
    pub by: OfficerId,
}

impl VersionLine {
    fn of(version: &Version<'_>) -> VersionLine {
        Self::of_record(version.number, version.first.entry, version.record, version.survey)
    }

    fn of_record(number: u32, first: EntryId, record: &Happening, survey: &SurveyLedger) -> VersionLine {
        VersionLine {
            version: number,
            record: record.entry,
            first,
            on: survey.on,
            kind: survey.kind,
            form: survey.form.clone(),
            form_version: survey.form_version.clone(),
            category: survey.category.clone(),
            rule_set: survey.rule_set.clone(),
            decides: survey.rule_set.is_some(),
            per_head_net: survey.per_head_net,
            line_month: survey.line_month,
            corrected: record.entry != first,
            reading: None,
            at: record.at,
            by: record.by,
        }
    }

    /// How it is called: `2`, and of its readings `2.1`.
    pub fn called(&self) -> String {
        match self.reading {
            Some(reading) => format!("{}.{reading}", self.version),
            None => self.version.to_string(),
        }
    }
}

impl Household<'_> {
    /// The readings of a version: as first submitted, then as each correction had it.
    pub fn readings(&self, version: &VersionLine) -> Vec<VersionLine> {
        let numbered = (1..).zip(self.history().readings(version.first));
        numbered
            .map(|(reading, (record, survey))| VersionLine {
                reading: Some(reading),
                ..VersionLine::of_record(version.version, version.first, record, survey)
            })
            .collect()
    }

    /// The version that a person names by its number (`2`), a reading of it (`2.1`), or the record that a survey became, by
    /// at least eight digits of its id.
    ///
    /// Errors: there is none, or it is one of several.
    pub fn reading(&self, status: &StatusLine, asked: &str) -> Result<VersionLine, Failure> {
        let no_such = || Failure::NoSuchVersion { asked: asked.to_owned() };
        let (number, reading) = match asked.split_once('.') {
            Some((number, reading)) => (number, Some(reading.parse::<u32>().map_err(|_| no_such())?)),
            None => (asked, None),
        };
        if number.len() < RECORD_DIGITS_MIN {
            let version = self.version(status, Some(number.parse().map_err(|_| no_such())?))?;
            let Some(reading) = reading else { return Ok(version) };
            return self.readings(&version).into_iter().find(|one| one.reading == Some(reading)).ok_or_else(no_such);
        }
        let wanted = asked.to_lowercase();
        let all = status.versions.iter().flat_map(|version| self.readings(version));
        let mut found = all.filter(|one| one.record.hex().starts_with(&wanted));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(no_such()),
        }
    }
}

/// A version's number is shorter.
const RECORD_DIGITS_MIN: usize = 8;

impl StatusLine {
    pub fn of(history: &History, horizon: Horizon) -> StatusLine {
        let versions = history.versions(horizon);
        let deciding = History::deciding(&versions);
        let survey = deciding.map(|v| v.survey);
        let category = history.category(horizon);
        let heads = history.heads(horizon);
        StatusLine {
            dossier: history.dossier,
            number: history.numbers(Horizon { on: Day(i32::MAX), ..horizon }).pop().unwrap_or_default(),
            status: history.status(horizon),
            approved: history.in_force(horizon).is_some(),
            proposed: history.proposed(horizon),
            undecided: category.as_ref().is_some_and(|category| category.code.is_none()),
            rule_set: category.as_ref().map(|category| category.rule_set.clone()),
            decided_on: category.as_ref().map(|category| category.on),
            category: category.and_then(|category| category.code),
            per_head_net: survey.and_then(|s| s.per_head_net),
            line_month: survey.and_then(|s| s.line_month),
            next_due: history.next_due(horizon),
            updated_on: None,
            unit: history.unit(horizon),
            conflict: if heads.is_conflict() { heads.all().to_vec() } else { Vec::new() },
            versions: versions.iter().map(VersionLine::of).collect(),
            erased: history.is_erased(),
            contested: matches!(history.erasure(), Erasure::Contested { .. }),
        }
    }
}

/// A survey as it was kept.
pub struct Kept {
    pub line: VersionLine,
    pub answers: Answers,
    pub decision: Option<Decision>,
}

/// One question that two surveys answer differently.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// In the later survey, unless the question is only in the earlier.
    pub path: Path,
    /// Where it stood in the earlier survey, if that one had such a row.
    pub was_at: Option<Path>,
    pub before: Option<Given>,
    pub after: Option<Given>,
}

impl Office {
    /// The dossier that a number or an id names, whosever it is.
    pub(super) fn named(&self, asked: &str) -> Result<DossierId, Failure> {
        let no_such = || Failure::NoSuchDossier { asked: asked.to_owned() };
        if let Some(id) = DossierId::from_hex(asked.trim()) {
            return self.history(id).map(|h| h.dossier);
        }
        let number = views::parse_number(asked).ok_or_else(no_such)?;
        let found = views::read::dossier_by_number(&self.bureau.store, &number)?;
        match found[..] {
            [] => Err(no_such()),
            [one] => Ok(one),
            _ => Err(Failure::SeveralDossiers {
                asked: asked.to_owned(),
                ids: found.iter().map(DossierId::hex).collect(),
            }),
        }
    }

    /// How many dossiers there are.
    pub fn households(&self) -> Result<u64, Failure> {
        Ok(self.bureau.local.count(views::keyspaces::DOSSIERS)?)
    }

    /// Every dossier of whoever acts whose row can be read, in no order that means anything.
    pub fn dossiers(&self, now: Now) -> Result<Vec<DossierId>, Failure> {
        let reach = self.reach(now)?;
        let is_theirs = |history: &History| {
            let unit = history.unit(Horizon::NOW);
            reach.as_ref().is_none_or(|reach| unit.is_some_and(|unit| reach.contains(&unit)))
        };
        let mut found = Vec::new();
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            found.extend(history.ok().filter(is_theirs).map(|h| h.dossier));
            true
        })?;
        Ok(found)
    }

    pub(super) fn history(&self, dossier: DossierId) -> Result<History, Failure> {
        views::read::history(&self.bureau.store, &self.bureau.keys, dossier)?
            .ok_or_else(|| Failure::NoSuchDossier { asked: dossier.hex() })
    }

    /// One `get`, nothing replayed.
    #[cfg(test)]
    pub(super) fn status(&self, dossier: DossierId, horizon: Horizon) -> Result<StatusLine, Failure> {
        let mut line = StatusLine::of(&self.history(dossier)?, horizon);
        line.erased |= self.bureau.keys.is_erased(crate::domain::Subject::Dossier(dossier));
        Ok(line)
    }

    /// The household's face as of a horizon: by the answers of the latest survey within it.
    pub(super) fn face_within(&self, status: &StatusLine, horizon: Horizon) -> Result<Option<Face>, Failure> {
        if horizon == Horizon::NOW || status.erased {
            return self.face(status.dossier);
        }
        for line in status.versions.iter().rev().filter(|line| line.decides) {
            let kept = self.survey(status.dossier, line)?;
            let face = Face::from_answers(&kept.answers, line.on, line.at, line.record);
            if face.is_some() {
                return Ok(face);
            }
        }
        Ok(None)
    }

    pub(super) fn face(&self, dossier: DossierId) -> Result<Option<Face>, Failure> {
        Ok(views::read::face(&self.bureau.store, &self.bureau.keys, dossier)?)
    }

    /// The face for a line of a list: `None` also where the household's key is lost or damaged, since one household that cannot be
    /// read stops no list; opening it says what is wrong.
    pub(super) fn listed_face(&self, dossier: DossierId) -> Result<Option<Face>, Failure> {
        match views::read::face(&self.bureau.store, &self.bureau.keys, dossier) {
            Err(ViewError::Seal(_)) => Ok(None),
            face => Ok(face?),
        }
    }

    /// The worker's name for a line of a list.
    pub(super) fn listed_name(&self, dossier: DossierId) -> Result<Option<String>, Failure> {
        Ok(self.listed_face(dossier)?.and_then(|face| face.names.into_iter().next()))
    }

    /// The record that an entry became.
    pub(crate) fn record(&self, entry: EntryId) -> Result<Record, Failure> {
        let not_there = || Failure::NoSuchVersion { asked: entry.hex() };
        let row = self.bureau.store.get(ENTRIES, &entry.0)?.ok_or_else(not_there)?;
        let position = u64::from_be_bytes(row.as_slice().try_into().map_err(|_| not_there())?);
        let frame = self.bureau.store.replay(position, 1)?.pop().ok_or_else(not_there)?;
        debug_assert_eq!(Link::read(&frame.record).map(|l| l.entry), Ok(entry));
        Ok(Record::decode(&frame.record)?)
    }

    /// The answers and the decision of one version.
    pub(super) fn survey(&self, dossier: DossierId, line: &VersionLine) -> Result<Kept, Failure> {
        let record = self.record(line.record)?;
        match bodies::open_survey(&self.bureau.keys, &record, dossier)? {
            Some(SurveyPerson { answers, decision }) => Ok(Kept { line: line.clone(), answers, decision }),
            None => Err(Failure::Erased),
        }
    }

    /// The answers and the decision of a version of a history.
    pub(super) fn survey_of(&self, dossier: DossierId, version: &Version<'_>) -> Result<Kept, Failure> {
        self.survey(dossier, &VersionLine::of(version))
    }

    /// The version that a person names: its number, or the latest when nothing is named.
    pub(super) fn version(&self, status: &StatusLine, asked: Option<u32>) -> Result<VersionLine, Failure> {
        let found = match asked {
            Some(number) => status.versions.iter().find(|v| v.version == number),
            None => status.versions.last(),
        };
        let name = || asked.map_or_else(|| status.number.clone(), |n| n.to_string());
        found.cloned().ok_or_else(|| Failure::NoSuchVersion { asked: name() })
    }
}

/// Question by question, in the order of the later survey; what only the earlier had stands at the end. Roster rows are
/// matched by person, so a row that only moved differs in nothing; and so is an answer that names somebody by their row
/// (`names_somebody`, by its path).
pub fn differences(earlier: &Answers, later: &Answers, names_somebody: impl Fn(&Path) -> bool) -> Vec<Difference> {
    let mut seen = std::collections::HashSet::new();
    let mut out = Vec::new();
    for answer in &later.answers {
        let was_at = place_in(&answer.path, later, earlier);
        let before = was_at.as_ref().and_then(|path| earlier.given(path.as_str()).cloned());
        seen.extend(was_at.clone());
        let same = match (&before, &answer.given) {
            (Some(Given::Value(before)), Given::Value(now)) if names_somebody(&answer.path) => {
                match (named_by(earlier, before), named_by(later, now)) {
                    (Some(before), Some(now)) => before == now,
                    _ => before == now,
                }
            }
            (before, now) => before.as_ref() == Some(now),
        };
        if !same {
            out.push(Difference { path: answer.path.clone(), was_at, before, after: Some(answer.given.clone()) });
        }
    }
    for answer in earlier.answers.iter().filter(|a| !seen.contains(&a.path)) {
        let was_at = Some(answer.path.clone());
        out.push(Difference { path: answer.path.clone(), was_at, before: Some(answer.given.clone()), after: None });
    }
    out
}

/// Whom an answer names by their row; the worker is nobody of the roster.
fn named_by(answers: &Answers, code: &str) -> Option<Option<PersonId>> {
    let number: u32 = code.parse().ok()?;
    if number == 0 {
        return Some(None);
    }
    let is_it = |row: &&RosterPerson| row.path.segments().last() == Some((questions::MEMBERS, Some(number)));
    answers.rows.iter().find(is_it).map(|row| Some(row.person))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, Origin, PersonId};

    fn answers(values: &[(&str, &str)], rows: &[(&str, u8)]) -> Answers {
        Answers {
            answers: values
                .iter()
                .map(|(path, value)| Answer {
                    path: Path::new(*path),
                    given: Given::Value((*value).into()),
                    origin: Origin::Asked,
                })
                .collect(),
            rows: rows
                .iter()
                .map(|(path, person)| RosterPerson { path: Path::new(*path), person: PersonId([*person; 16]) })
                .collect(),
            ..Answers::default()
        }
    }

    #[test]
    fn a_roster_row_that_only_moved_differs_in_nothing() {
        let before = answers(&[("m[1]/x", "a"), ("m[2]/x", "b")], &[("m[1]", 1), ("m[2]", 2)]);
        let after = answers(&[("m[1]/x", "b")], &[("m[1]", 2)]);
        let found = differences(&before, &after, |_| false);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].after.is_none()), ("m[1]/x", true));
    }

    #[test]
    fn a_new_person_in_an_old_place_is_new() {
        let before = answers(&[("m[1]/x", "a")], &[("m[1]", 1)]);
        let after = answers(&[("m[1]/x", "a")], &[("m[1]", 9)]);
        let found = differences(&before, &after, |_| false);
        assert_eq!(
            found.iter().map(|d| (d.before.is_some(), d.after.is_some())).collect::<Vec<_>>(),
            [(false, true), (true, false)]
        );
    }

    #[test]
    fn the_same_answers_do_not_differ() {
        let one = answers(&[("a", "1"), ("b", "2")], &[]);
        assert_eq!(differences(&one, &one, |_| false), []);
    }

    #[test]
    fn whom_an_answer_names_is_compared_by_the_person_and_not_by_the_number_of_their_row() {
        let before =
            answers(&[("f/members[1]/x", "a"), ("need", "1"), ("ill", "1"), ("own", "0")], &[("f/members[1]", 1)]);
        let rows = [("f/members[1]", 9), ("f/members[2]", 1)];
        let after = [("f/members[1]/x", "b"), ("f/members[2]/x", "a"), ("need", "2"), ("ill", "1"), ("own", "0")];
        let found = differences(&before, &answers(&after, &rows), |path| !path.as_str().starts_with("f/"));
        let paths: Vec<&str> = found.iter().map(|found| found.path.as_str()).collect();
        assert_eq!(paths, ["f/members[1]/x", "ill"], "who is new, and of whom it is said that was said of another");
    }
}
