//! Who belongs to a household from when to when. A survey keeps what moved since the one before it: who left, who came, when
//! and why; over all surveys of a dossier that makes each person's stays.

use super::{Day, PersonId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The code list of why somebody left, and of why somebody came.
pub const LEFT: &str = "left";
pub const JOINED: &str = "joined";
/// In both: the survey before had it wrong; who left so never belonged, who came so had been left out.
pub const MISTAKE: &str = "98";
/// Of who left: they died.
pub const DIED: &str = "6";
/// In both: something else, in words.
pub const OTHER: &str = "99";

/// When and why, as somebody said. Personal.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemberMove {
    /// The first day on which it was so; `None`: nobody knows.
    pub since: Option<Day>,
    /// A code of list [`LEFT`] or [`JOINED`].
    pub why: String,
    pub text: String,
}

impl fmt::Debug for MemberMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemberMove({})", self.why)
    }
}

/// Somebody who left, or came, since the survey before. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberChange {
    pub person: PersonId,
    pub joined: bool,
    pub said: MemberMove,
}

/// Who was of the household in one survey, and what it said of who came and left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SurveyMembers {
    pub version: u32,
    pub on: Day,
    pub members: Vec<PersonId>,
    pub changes: Vec<MemberChange>,
}

/// One stay of a person in the household. Whoever comes back has another one, under the same id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberStay {
    pub person: PersonId,
    /// The first survey that has them, and its day; `None` of the day: it is the first of all, so since when is not known.
    pub first: u32,
    pub seen_on: Option<Day>,
    /// The last survey that has them.
    pub last: u32,
    pub came: Option<MemberMove>,
    /// The first survey that has them no more, and its day.
    pub gone: Option<(u32, Day)>,
    pub left: Option<MemberMove>,
}

impl MemberStay {
    /// Whether they never belonged, as a later survey found.
    pub fn was_mistaken(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.why == MISTAKE)
    }
}

/// All stays, by the survey that has each first; `surveys` are in the order of their days.
pub fn stays(surveys: &[SurveyMembers]) -> Vec<MemberStay> {
    let mut out: Vec<MemberStay> = Vec::new();
    for (place, survey) in surveys.iter().enumerate() {
        let said = |person: PersonId, joined: bool| {
            let of = survey.changes.iter().find(|change| change.person == person && change.joined == joined);
            of.map(|change| change.said.clone())
        };
        for stay in out.iter_mut().filter(|stay| stay.gone.is_none()) {
            if survey.members.contains(&stay.person) {
                stay.last = survey.version;
            } else {
                stay.gone = Some((survey.version, survey.on));
                stay.left = said(stay.person, false);
            }
        }
        for person in &survey.members {
            if out.iter().any(|stay| stay.person == *person && stay.gone.is_none()) {
                continue;
            }
            out.push(MemberStay {
                person: *person,
                first: survey.version,
                seen_on: (place > 0).then_some(survey.on),
                last: survey.version,
                came: said(*person, true),
                gone: None,
                left: None,
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: PersonId = PersonId([1; 16]);
    const B: PersonId = PersonId([2; 16]);

    fn said(why: &str, day: i32) -> MemberMove {
        MemberMove { since: Some(Day(day)), why: why.into(), text: String::new() }
    }

    fn survey(version: u32, members: &[PersonId], changes: &[(PersonId, bool, &str, i32)]) -> SurveyMembers {
        let change = |(person, joined, why, day): &(PersonId, bool, &str, i32)| MemberChange {
            person: *person,
            joined: *joined,
            said: said(why, *day),
        };
        SurveyMembers {
            version,
            on: Day(version as i32 * 100),
            members: members.to_vec(),
            changes: changes.iter().map(change).collect(),
        }
    }

    #[test]
    fn who_leaves_and_comes_back_has_two_stays_under_one_id() {
        let surveys = [
            survey(1, &[A, B], &[]),
            survey(2, &[A], &[(B, false, "2", 150)]),
            survey(3, &[A, B], &[(B, true, "5", 250)]),
        ];
        let stays = stays(&surveys);
        assert_eq!(
            stays.iter().map(|s| (s.person, s.first, s.last)).collect::<Vec<_>>(),
            [(A, 1, 3), (B, 1, 1), (B, 3, 3)]
        );
        assert_eq!((stays[1].gone, stays[1].left.clone()), (Some((2, Day(200))), Some(said("2", 150))));
        assert_eq!((stays[2].seen_on, stays[2].came.clone()), (Some(Day(300)), Some(said("5", 250))));
        assert!(stays[0].gone.is_none() && stays[0].seen_on.is_none());
    }

    #[test]
    fn who_is_missing_without_a_word_has_left_by_the_day_of_the_survey() {
        let surveys = [survey(1, &[A, B], &[]), survey(2, &[A], &[])];
        let stays = stays(&surveys);
        assert_eq!((stays[1].gone, stays[1].left.clone()), (Some((2, Day(200))), None));
    }
}
