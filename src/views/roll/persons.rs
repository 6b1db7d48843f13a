//! The people of a household: the worker, and whoever stands in the roster and lives with them. What is asked about one
//! person (an age, a school year, a skill) must hold of one person, not of two together.

use super::FormColumns;
use super::codes::CodeColumn;
use crate::domain::Day;
use crate::domain::questions;
use crate::expr::NodeId;
use std::collections::BTreeSet;

/// What is known of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Attribute {
    Age,
    Sex,
    Relation,
    Health,
    Disease,
    Work,
    Labour,
    School,
    /// Years at school: 1 to 12, counted through; of a college its own years do not count.
    Grade,
    Skill,
    Job,
}

impl Attribute {
    pub const ALL: [Attribute; 11] = [
        Attribute::Age,
        Attribute::Sex,
        Attribute::Relation,
        Attribute::Health,
        Attribute::Disease,
        Attribute::Work,
        Attribute::Labour,
        Attribute::School,
        Attribute::Grade,
        Attribute::Skill,
        Attribute::Job,
    ];

    /// The questions that tell it: of the worker, of a member, or of whoever is named in a row of another roster.
    fn reported_by(self) -> Basis {
        match self {
            Attribute::Age => Basis::Asked { worker: questions::BIRTH_DATE, member: questions::M_BIRTH_DATE },
            Attribute::Sex => Basis::Asked { worker: questions::SEX, member: questions::M_SEX },
            Attribute::Relation => Basis::Asked { worker: "", member: questions::M_RELATION },
            Attribute::Health => Basis::Asked { worker: questions::HEALTH_STATUS, member: questions::M_HEALTH },
            Attribute::Disease => Basis::Asked { worker: questions::DISEASE_NAME, member: questions::M_DISEASE },
            Attribute::Work => Basis::Asked { worker: questions::WORK_STATUS, member: questions::M_PERSON_STATUS },
            Attribute::Labour => Basis::Asked { worker: questions::LABOUR, member: questions::M_LABOUR },
            Attribute::School => Basis::Asked { worker: "", member: questions::M_SCHOOL_STAGE },
            Attribute::Grade => Basis::Grade,
            Attribute::Skill => {
                Basis::Rows { roster: questions::SKILLS, person: questions::SK_PERSON, what: questions::SK_OCCUPATION }
            }
            Attribute::Job => {
                Basis::Rows { roster: questions::JOB_NEEDS, person: questions::JN_PERSON, what: questions::JN_TYPE }
            }
        }
    }

    /// The list its codes come from; none where it is a number.
    pub fn list(self) -> Option<&'static str> {
        match self {
            Attribute::Age | Attribute::Grade => None,
            Attribute::Sex => Some("sex"),
            Attribute::Relation => Some("relation"),
            Attribute::Health => Some("health"),
            Attribute::Disease => Some("disease"),
            Attribute::Work => Some("work_status"),
            Attribute::Labour => Some("labour"),
            Attribute::School => Some("school"),
            Attribute::Skill => Some("occupation"),
            Attribute::Job => Some("job_need"),
        }
    }

    /// Every question that it is read from.
    pub fn questions(self) -> Vec<&'static str> {
        match self.reported_by() {
            Basis::Asked { worker, member } => vec![worker, member],
            Basis::Grade => vec![questions::M_SCHOOL_STAGE, questions::M_ENROL_YEAR, questions::M_SCHOOL_YEARS],
            Basis::Rows { roster, person, what } => vec![roster, person, what],
        }
    }
}

enum Basis {
    Asked { worker: &'static str, member: &'static str },
    Grade,
    Rows { roster: &'static str, person: &'static str, what: &'static str },
}

/// What people are counted by, whatever is asked.
pub const QUESTIONS: [&str; 2] = [questions::MEMBERS, questions::M_LIVES_TOGETHER];

/// A condition on one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PersonTest {
    /// One of these codes; of several given, any.
    Codes(Attribute, Vec<String>),
    /// Between these, both included.
    Numbers(Attribute, i32, i32),
    /// Finishes school in that year.
    LeavesSchool(i32),
}

impl PersonTest {
    pub fn attribute(&self) -> Attribute {
        match self {
            PersonTest::Codes(attribute, _) | PersonTest::Numbers(attribute, ..) => *attribute,
            PersonTest::LeavesSchool(_) => Attribute::Grade,
        }
    }
}

/// The year of school that somebody is in on a day, 1 to 12: school years begin in September. None: in no such school.
pub fn grade_on(stage: &str, enrolled: i32, years: Option<i32>, day: Day) -> Option<i32> {
    let (before, usual) = match stage {
        "2" => (0, 6),
        "3" => (6, 3),
        "4" => (9, 3),
        _ => return None,
    };
    let year = if day.month() >= 9 { day.year() } else { day.year() - 1 };
    let nth = year - enrolled + 1;
    (1..=years.unwrap_or(usual)).contains(&nth).then_some(before + nth).filter(|grade| *grade <= 12)
}

/// The year in which somebody leaves that school.
pub fn leaves_school_in(stage: &str, enrolled: i32, years: Option<i32>) -> Option<i32> {
    let usual = match stage {
        "2" => 6,
        "3" | "4" | "5" | "7" => 3,
        "6" => 4,
        _ => return None,
    };
    Some(enrolled + years.unwrap_or(usual))
}

/// The columns about people, found once.
pub struct Persons<'c> {
    columns: &'c FormColumns,
    members: &'c [u32],
    together: Option<&'c CodeColumn>,
    /// By code: lives with the household.
    is_together: Vec<bool>,
}

/// One attribute, ready to be asked about any person.
pub struct Known<'c> {
    reported: KnownBy<'c>,
}

enum KnownBy<'c> {
    Asked { worker: Option<&'c CodeColumn>, member: Option<&'c CodeColumn> },
    Grade { stage: Option<&'c CodeColumn>, enrolled: Option<&'c CodeColumn>, years: Option<&'c CodeColumn> },
    Rows { starts: &'c [u32], person: Option<&'c CodeColumn>, persons: Vec<Option<u32>>, what: Option<&'c CodeColumn> },
}

/// Whether a test holds, worked out for every text that occurs.
pub struct Ready<'c> {
    known: Known<'c>,
    worker: Vec<bool>,
    member: Vec<bool>,
    grade: Option<(i32, i32, bool, Day)>,
}

impl<'c> Persons<'c> {
    /// The nodes to be read for these attributes, and those whose texts tell persons apart.
    pub fn nodes(
        columns: &FormColumns,
        attributes: impl IntoIterator<Item = Attribute>,
    ) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
        let questions = attributes.into_iter().flat_map(Attribute::questions).chain(QUESTIONS);
        let nodes = questions.filter_map(|name| columns.node_named(name)).collect();
        let keys =
            [questions::ID_NUMBER, questions::M_ID_NUMBER].iter().filter_map(|name| columns.node_named(name)).collect();
        (nodes, keys)
    }

    pub fn of(columns: &'c FormColumns) -> Persons<'c> {
        let together = columns.named(questions::M_LIVES_TOGETHER);
        Persons {
            columns,
            members: columns.starts(questions::MEMBERS).unwrap_or_default(),
            together,
            is_together: together.map(|column| column.flags(|text| text != "2")).unwrap_or_default(),
        }
    }

    pub fn known(&self, attribute: Attribute) -> Known<'c> {
        let named = |name: &str| (!name.is_empty()).then(|| self.columns.named(name)).flatten();
        let reported = match attribute.reported_by() {
            Basis::Asked { worker, member } => KnownBy::Asked { worker: named(worker), member: named(member) },
            Basis::Grade => KnownBy::Grade {
                stage: named(questions::M_SCHOOL_STAGE),
                enrolled: named(questions::M_ENROL_YEAR),
                years: named(questions::M_SCHOOL_YEARS),
            },
            Basis::Rows { roster, person, what } => {
                let person = named(person);
                let persons = std::iter::once("").chain(person.iter().flat_map(|column| column.texts()));
                KnownBy::Rows {
                    starts: self.columns.starts(roster).unwrap_or_default(),
                    persons: persons.map(|text| text.parse().ok()).collect(),
                    person,
                    what: named(what),
                }
            }
        };
        Known { reported }
    }

    /// The people of a household: 0 is the worker, n the nth row of the roster.
    pub fn each(&self, household: usize, mut see: impl FnMut(u32)) {
        see(0);
        let (start, end) = self.rows(household);
        for row in start..end {
            let lives = self
                .together
                .is_none_or(|column| self.is_together.get(column.at(row) as usize).copied().unwrap_or(true));
            if lives {
                see((row - start) as u32 + 1);
            }
        }
    }

    fn rows(&self, household: usize) -> (usize, usize) {
        match self.members.get(household..household + 2) {
            Some([start, end]) => (*start as usize, *end as usize),
            _ => (0, 0),
        }
    }

    /// The place of a member's row among all rows; none for the worker.
    pub fn row(&self, household: usize, person: u32) -> Option<usize> {
        let (start, end) = self.rows(household);
        let row = start + (person as usize).checked_sub(1)?;
        (row < end).then_some(row)
    }

    /// What tells the person apart from others; 0: nothing.
    pub fn key(&self, household: usize, person: u32) -> u64 {
        let key = |name: &str, row: usize| self.columns.keys(name).and_then(|keys| keys.get(row).copied()).unwrap_or(0);
        match self.row(household, person) {
            Some(row) => key(questions::M_ID_NUMBER, row),
            None => key(questions::ID_NUMBER, household),
        }
    }

    pub fn keys(&self) -> (&'c [u64], &'c [u64]) {
        (
            self.columns.keys(questions::ID_NUMBER).unwrap_or_default(),
            self.columns.keys(questions::M_ID_NUMBER).unwrap_or_default(),
        )
    }

    /// A test, worked out for every text that occurs, as of a day.
    pub fn ready(&self, test: &PersonTest, day: Day) -> Ready<'c> {
        let known = self.known(test.attribute());
        let flags = |column: Option<&CodeColumn>| {
            let holds = |text: &str| match test {
                PersonTest::Codes(_, codes) => text.split_whitespace().any(|code| codes.iter().any(|of| of == code)),
                PersonTest::Numbers(Attribute::Age, low, high) => {
                    Day::from_iso(text).is_some_and(|born| (*low..=*high).contains(&born.age_on(day)))
                }
                PersonTest::Numbers(..) | PersonTest::LeavesSchool(_) => false,
            };
            column.map(|column| column.flags(holds)).unwrap_or_default()
        };
        let (worker, member) = match &known.reported {
            KnownBy::Asked { worker, member } => (flags(*worker), flags(*member)),
            KnownBy::Rows { what, .. } => (Vec::new(), flags(*what)),
            KnownBy::Grade { .. } => (Vec::new(), Vec::new()),
        };
        let grade = match test {
            PersonTest::Numbers(Attribute::Grade, low, high) => Some((*low, *high, false, day)),
            PersonTest::LeavesSchool(year) => Some((*year, *year, true, day)),
            _ => None,
        };
        Ready { known, worker, member, grade }
    }
}

impl Ready<'_> {
    pub fn holds(&self, persons: &Persons<'_>, household: usize, person: u32) -> bool {
        let flag = |flags: &[bool], code: u32| flags.get(code as usize).copied().unwrap_or(false);
        match &self.known.reported {
            KnownBy::Asked { worker, member } => match persons.row(household, person) {
                None => worker.is_some_and(|column| flag(&self.worker, column.at(household))),
                Some(row) => member.is_some_and(|column| flag(&self.member, column.at(row))),
            },
            KnownBy::Rows { what, .. } => {
                let mut found = false;
                self.known.each_row(household, person, |row| {
                    found |= what.is_some_and(|column| flag(&self.member, column.at(row)));
                });
                found
            }
            KnownBy::Grade { .. } => {
                let Some((low, high, leaves, day)) = self.grade else { return false };
                let year = self.known.school(persons, household, person, |stage, enrolled, years| match leaves {
                    true => leaves_school_in(stage, enrolled, years),
                    false => grade_on(stage, enrolled, years, day),
                });
                year.is_some_and(|year| (low..=high).contains(&year))
            }
        }
    }
}

impl Known<'_> {
    /// The rows of another roster that name the person.
    fn each_row(&self, household: usize, person: u32, mut see: impl FnMut(usize)) {
        let KnownBy::Rows { starts, person: column, persons, .. } = &self.reported else { return };
        let Some([start, end]) = starts.get(household..household + 2) else { return };
        for row in *start as usize..*end as usize {
            let named = column.and_then(|column| persons.get(column.at(row) as usize).copied().flatten());
            if named == Some(person) {
                see(row);
            }
        }
    }

    fn school<T>(
        &self,
        persons: &Persons<'_>,
        household: usize,
        person: u32,
        tell: impl Fn(&str, i32, Option<i32>) -> Option<T>,
    ) -> Option<T> {
        let KnownBy::Grade { stage: Some(stage), enrolled: Some(enrolled), years } = &self.reported else {
            return None;
        };
        let row = persons.row(household, person)?;
        let stage = stage.text(stage.at(row));
        if stage.is_empty() {
            return None;
        }
        let enrolled = enrolled.text(enrolled.at(row)).parse().ok()?;
        let years = years.and_then(|column| column.text(column.at(row)).parse().ok());
        tell(stage, enrolled, years)
    }

    /// Every text that stands for the person, as of a day: codes, or a number. Nothing where nothing is known.
    pub fn each_text(&self, persons: &Persons<'_>, household: usize, person: u32, day: Day, mut see: impl FnMut(&str)) {
        match &self.reported {
            KnownBy::Asked { worker, member } => {
                let text = match persons.row(household, person) {
                    None => worker.map(|column| column.text(column.at(household))),
                    Some(row) => member.map(|column| column.text(column.at(row))),
                };
                text.unwrap_or_default().split_whitespace().for_each(see);
            }
            KnownBy::Rows { what, .. } => self.each_row(household, person, |row| {
                what.map_or("", |column| column.text(column.at(row))).split_whitespace().for_each(&mut see);
            }),
            KnownBy::Grade { .. } => {
                let grade = self
                    .school(persons, household, person, |stage, enrolled, years| grade_on(stage, enrolled, years, day));
                if let Some(grade) = grade {
                    see(&format!("{grade:02}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_school_year_begins_in_september() {
        let on = |text: &str| Day::from_iso(text).unwrap();
        for (stage, enrolled, years, day, grade) in [
            ("4", 2023, None, "2026-08-31", Some(12)),
            ("4", 2023, None, "2026-09-01", None),
            ("4", 2023, None, "2025-09-01", Some(12)),
            ("4", 2023, None, "2025-08-31", Some(11)),
            ("2", 2020, Some(6), "2025-10-01", Some(6)),
            ("2", 2020, Some(5), "2025-10-01", None),
            ("3", 2025, None, "2025-09-01", Some(7)),
            ("5", 2024, None, "2025-09-01", None),
            ("4", 2026, None, "2025-09-01", None),
        ] {
            assert_eq!(grade_on(stage, enrolled, years, on(day)), grade, "{stage} {enrolled} {day}");
        }
        assert_eq!(leaves_school_in("6", 2022, None), Some(2026));
        assert_eq!(leaves_school_in("6", 2022, Some(5)), Some(2027));
        assert_eq!(leaves_school_in("1", 2022, None), None);
    }
}
