//! One answer through all surveys of a household: what each reading of each survey had, oldest first.

use super::dossier::{StatusLine, VersionLine};
use super::{Failure, Household};
use crate::domain::{Answers, Path};

/// What one reading of one survey has at a place. Personal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LifeLine {
    pub reading: VersionLine,
    pub answers: Answers,
    /// Where it stands in that survey; `None`: it knows no such person.
    pub path: Option<Path>,
}

impl Household<'_> {
    /// The life of the answer that stands at `path` in `survey`. In a roster it is the answer about the same person, wherever
    /// their row stood.
    ///
    /// Errors: the personal part is erased, a record cannot be read.
    pub fn life_of(&self, status: &StatusLine, survey: &VersionLine, path: &Path) -> Result<Vec<LifeLine>, Failure> {
        let of = self.survey(survey)?.answers;
        let mut lines = Vec::new();
        for version in &status.versions {
            let readings = self.readings(version);
            let corrected = readings.len() > 1;
            for reading in readings {
                let answers = self.survey(&reading)?.answers;
                let path = place_in(path, &of, &answers);
                let reading = VersionLine { reading: reading.reading.filter(|_| corrected), ..reading };
                lines.push(LifeLine { reading, answers, path });
            }
        }
        Ok(lines)
    }
}

/// Where what stands at `path` in one survey stands in another: in a roster the row of the same person; `None` where that one
/// has no such row.
pub fn place_in(path: &Path, of: &Answers, other: &Answers) -> Option<Path> {
    // The innermost row that it stands in: a roster within a row has rows of its own.
    let inside = |row: &crate::domain::answers::RosterPerson| {
        path.as_str().strip_prefix(row.path.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let row = of.rows.iter().filter(|row| inside(row).is_some()).max_by_key(|row| row.path.as_str().len());
    let Some(row) = row else { return Some(path.clone()) };
    let there = other.rows.iter().find(|other| other.person == row.person)?;
    Some(Path::new(format!("{}{}", there.path, inside(row)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;
    use crate::domain::answers::RosterPerson;

    fn survey(rows: &[(&str, u8)]) -> Answers {
        let rows = rows
            .iter()
            .map(|(path, person)| RosterPerson { path: Path::new(*path), person: PersonId([*person; 16]) })
            .collect();
        Answers {
            form: String::new(),
            form_version: String::new(),
            answers: Vec::new(),
            rows,
            off_route: Vec::new(),
            passes: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn an_answer_of_a_roster_is_followed_by_person_and_any_other_by_its_place() {
        let now = survey(&[("members[1]", 1), ("members[10]", 2), ("members[10]/bills[1]", 3)]);
        let before = survey(&[("members[1]", 2), ("members[1]/bills[2]", 3)]);
        let place = |path: &str| place_in(&Path::new(path), &now, &before).map(|path| path.as_str().to_owned());
        assert_eq!(place("income").as_deref(), Some("income"));
        assert_eq!(place("members[10]/wage").as_deref(), Some("members[1]/wage"));
        assert_eq!(place("members[10]/bills[1]/sum").as_deref(), Some("members[1]/bills[2]/sum"));
        assert_eq!(place("members[1]/wage"), None, "whoever that survey does not know");
    }
}
