//! A round (入户复查期次): the period in which households are surveyed again. What comes of a visit, how a household stands in
//! a round, and why it was drawn into one.

use super::Day;
use serde::{Deserialize, Serialize};

/// What came of a visit. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum VisitOutcome {
    /// Asked and written down; the survey itself is entered by itself.
    Surveyed,
    Refused,
    /// Nobody was there.
    Away,
    /// Nobody knows where they live.
    NotFound,
    /// They live elsewhere by now.
    Moved,
    Other,
}

impl VisitOutcome {
    pub const ALL: [VisitOutcome; 6] = [
        VisitOutcome::Surveyed,
        VisitOutcome::Refused,
        VisitOutcome::Away,
        VisitOutcome::NotFound,
        VisitOutcome::Moved,
        VisitOutcome::Other,
    ];

    /// The code of list `visit_outcome`.
    pub fn code(self) -> &'static str {
        match self {
            VisitOutcome::Surveyed => "surveyed",
            VisitOutcome::Refused => "refused",
            VisitOutcome::Away => "away",
            VisitOutcome::NotFound => "not_found",
            VisitOutcome::Moved => "moved",
            VisitOutcome::Other => "other",
        }
    }

    pub fn from_code(code: &str) -> Option<VisitOutcome> {
        VisitOutcome::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// How a household stands in a round.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoundState {
    /// Nobody has been there.
    Due,
    /// Somebody has begun the survey, or has it on paper.
    Begun,
    /// Surveyed.
    Done,
    /// What the last visit came to.
    Refused,
    Away,
    NotFound,
    Moved,
    Other,
    /// Closed, died or erased since: nobody is to go there.
    Gone,
}

impl RoundState {
    pub const ALL: [RoundState; 9] = [
        RoundState::Due,
        RoundState::Begun,
        RoundState::Done,
        RoundState::Refused,
        RoundState::Away,
        RoundState::NotFound,
        RoundState::Moved,
        RoundState::Other,
        RoundState::Gone,
    ];

    /// In JSON, and in the words `round.state.due`.
    pub fn code(self) -> &'static str {
        match self {
            RoundState::Due => "due",
            RoundState::Begun => "begun",
            RoundState::Done => "done",
            RoundState::Refused => "refused",
            RoundState::Away => "away",
            RoundState::NotFound => "not_found",
            RoundState::Moved => "moved",
            RoundState::Other => "other",
            RoundState::Gone => "gone",
        }
    }

    pub fn from_code(code: &str) -> Option<RoundState> {
        RoundState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// How it stands by its last visit.
    pub fn after(outcome: VisitOutcome) -> RoundState {
        match outcome {
            VisitOutcome::Surveyed => RoundState::Begun,
            VisitOutcome::Refused => RoundState::Refused,
            VisitOutcome::Away => RoundState::Away,
            VisitOutcome::NotFound => RoundState::NotFound,
            VisitOutcome::Moved => RoundState::Moved,
            VisitOutcome::Other => RoundState::Other,
        }
    }
}

/// Why a household is drawn into a round: the first of these that holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DrawnFor {
    /// Its next survey was due before the day of the draw.
    Overdue,
    /// Its category is in force until a day within the round.
    Ends,
    /// Its next survey is due within the round, though it is out of hardship: it is looked after for a while.
    FollowUp,
    /// Its next survey is due within the round.
    Due,
    /// Every household was asked for.
    All,
}

impl DrawnFor {
    pub const ALL: [DrawnFor; 5] =
        [DrawnFor::Overdue, DrawnFor::Ends, DrawnFor::FollowUp, DrawnFor::Due, DrawnFor::All];

    /// In JSON, and in the words `round.drawn.due`.
    pub fn code(self) -> &'static str {
        match self {
            DrawnFor::Overdue => "overdue",
            DrawnFor::Ends => "ends",
            DrawnFor::FollowUp => "follow_up",
            DrawnFor::Due => "due",
            DrawnFor::All => "all",
        }
    }
}

/// What a round had come to when it was closed. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RoundCounts {
    pub households: u32,
    pub surveyed: u32,
    /// Of these, after its last day.
    pub late: u32,
    /// Not surveyed, by the outcome that was final.
    pub ended: Vec<(VisitOutcome, u32)>,
    /// Closed, died or erased since it was drawn.
    pub gone: u32,
}

/// The fewest and the most days between its first and its last day.
pub const ROUND_DAYS_MAX: i32 = 800;

/// Paper and file agree within so many working days (档案录入时限).
pub const LAG_WORKING_DAYS: i32 = 30;

/// Nothing was surveyed or decided for so many months: `unchanged`.
pub const UNCHANGED_MONTHS: i32 = 12;

/// Whether nothing happened to a household for a year before that day.
pub fn is_unchanged(last: Option<Day>, on: Day) -> bool {
    last.is_none_or(|last| last <= on.plus_months(-UNCHANGED_MONTHS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_without_change_is_over_on_its_last_day_and_not_on_the_day_before() {
        let day = |text: &str| Day::from_iso(text).unwrap();
        assert!(is_unchanged(Some(day("2025-03-10")), day("2026-03-10")));
        assert!(!is_unchanged(Some(day("2025-03-10")), day("2026-03-09")));
        // A leap day has its year on the last of February.
        assert!(is_unchanged(Some(day("2024-02-28")), day("2025-02-28")));
        assert!(is_unchanged(None, day("2025-02-28")));
    }

    #[test]
    fn every_code_names_one() {
        for outcome in VisitOutcome::ALL {
            assert_eq!(VisitOutcome::from_code(outcome.code()), Some(outcome));
        }
        for state in RoundState::ALL {
            assert_eq!(RoundState::from_code(state.code()), Some(state));
        }
        assert_eq!(VisitOutcome::from_code("gone"), None);
    }
}
