//! A period's end: what every place was counted to hold, beside what the book says, and what every purse has. It is counted,
//! checked and closed by three people; once closed, no line dated in it comes to stand in the book.
//! And what was paid before the book began, known by year alone.

use super::{Account, AidKind, NotBooked, Sums};
use crate::domain::{Day, EntryId, Fen, PlaceId, PurseId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a place was counted to hold at the end of a period. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlaceCount {
    pub place: PlaceId,
    /// What the book says.
    pub book: Fen,
    /// By the bank's statement, by hand.
    pub counted: Fen,
}

impl PlaceCount {
    pub fn differs(&self) -> Fen {
        Fen(self.counted.0.wrapping_sub(self.book.0))
    }
}

/// The end of a period as it was counted; its record's entry id names it. Why a place holds more or less than the book says
/// stands in a person half of the bureau. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closing {
    /// First and last day of the period.
    pub from: Day,
    pub to: Day,
    /// The day on which it was counted.
    pub on: Day,
    pub places: Vec<PlaceCount>,
    pub purses: Vec<(PurseId, Fen)>,
}

/// **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ClosingState {
    Counted,
    Checked,
    Closed,
}

impl ClosingState {
    pub const ALL: [ClosingState; 3] = [ClosingState::Counted, ClosingState::Checked, ClosingState::Closed];

    /// In JSON, and in the words `closing.state.counted`.
    pub fn code(self) -> &'static str {
        match self {
            ClosingState::Counted => "counted",
            ClosingState::Checked => "checked",
            ClosingState::Closed => "closed",
        }
    }
}

/// A closing goes on. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClosingStep {
    pub closing: EntryId,
    pub to: ClosingState,
    pub on: Day,
}

impl Closing {
    /// Whether the period can be the next one: whole months, behind the last that is closed, and over.
    pub fn check(&self, closed: Option<Day>) -> Result<(), NotBooked> {
        let is_last = self.to.plus_days(1).day_of_month() == 1;
        if !is_last || self.to < self.from || self.on <= self.to {
            return Err(NotBooked::NotAPeriod { last: self.to });
        }
        match closed.map(|last| last.plus_days(1)) {
            Some(first) if first != self.from => Err(NotBooked::NotNextPeriod { first }),
            _ => Ok(()),
        }
    }

    /// The first account that has something else at the end of the period than was written down.
    pub fn differs(&self, sums: impl Fn(Account) -> Sums) -> Option<Account> {
        let places = self.places.iter().map(|count| (Account::Place(count.place), count.book));
        let purses = self.purses.iter().map(|(purse, fen)| (Account::Purse(*purse), *fen));
        places.chain(purses).find(|(account, fen)| sums(*account).balance() != *fen).map(|(account, _)| account)
    }
}

/// What was paid of one kind in a year before the book began; about that much, and about so many times. The money for it came
/// from nobody knows where. A later record that names it replaces it; without amount and times it takes it back. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FormerYear {
    pub year: i32,
    pub aid: AidKind,
    pub amount: Fen,
    pub person_times: u32,
    pub on: Day,
    /// The number of the paper that says so.
    pub document: String,
}

impl FormerYear {
    /// The last day of it; what was paid of it counts from then.
    pub fn last_day(&self) -> Option<Day> {
        Day::from_ymd(self.year, 12, 31)
    }

    pub fn is_taken_back(&self) -> bool {
        self.amount.0 == 0 && self.person_times == 0
    }

    /// `begins`: the first day of the book's lines. A year of the book's own is told by its lines.
    pub fn check(&self, begins: Option<Day>) -> Result<(), NotBooked> {
        let Some(last) = self.last_day().filter(|last| *last < self.on) else {
            return Err(NotBooked::Ahead { on: self.on });
        };
        if self.amount.0 < 0 || self.amount.0 > crate::domain::money::FEN_MAX {
            return Err(NotBooked::Amount);
        }
        match begins {
            Some(first) if first <= last => Err(NotBooked::OwnYear { first }),
            _ => Ok(()),
        }
    }
}

/// What was paid before the book began, in a period: about so much, about so many times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FormerCount {
    pub amount: Fen,
    pub person_times: i64,
}

/// By kind, of the years whose last day lies between two days, both included.
pub fn former(years: &[FormerYear], from: Day, to: Day) -> BTreeMap<AidKind, FormerCount> {
    let mut by_kind: BTreeMap<AidKind, FormerCount> = BTreeMap::new();
    let within = |year: &&FormerYear| year.last_day().is_some_and(|last| (from..=to).contains(&last));
    for year in years.iter().filter(|year| !year.is_taken_back()).filter(within) {
        let all = by_kind.entry(year.aid.clone()).or_default();
        all.amount.0 = all.amount.0.saturating_add(year.amount.0);
        all.person_times += i64::from(year.person_times);
    }
    by_kind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    #[test]
    fn a_period_is_whole_months_behind_the_last_one_and_over() {
        let closing = |from: &str, to: &str, on: &str| Closing {
            from: day(from),
            to: day(to),
            on: day(on),
            places: Vec::new(),
            purses: Vec::new(),
        };
        let january = Some(day("2026-01-31"));
        for (from, to, on, closed, outcome) in [
            ("2026-02-01", "2026-02-28", "2026-03-01", january, Ok(())),
            ("2026-02-01", "2026-03-31", "2026-04-01", january, Ok(())),
            ("2026-02-01", "2026-02-28", "2026-02-28", january, Err("not_a_period")),
            ("2026-02-01", "2026-02-27", "2026-03-01", january, Err("not_a_period")),
            ("2026-02-02", "2026-02-28", "2026-03-01", january, Err("not_next_period")),
            ("2026-01-01", "2026-02-28", "2026-03-01", january, Err("not_next_period")),
            ("2025-11-17", "2026-02-28", "2026-03-01", None, Ok(())),
        ] {
            let came = closing(from, to, on).check(closed).map_err(|why| why.code());
            assert_eq!(came, outcome, "{from} {to} {on}");
        }
    }

    #[test]
    fn a_former_year_is_over_and_none_of_the_books_own() {
        let of = |year| FormerYear {
            year,
            aid: "P1".into(),
            amount: Fen(100),
            person_times: 2,
            on: day("2026-06-30"),
            document: String::new(),
        };
        let begins = Some(day("2019-01-01"));
        assert_eq!(of(2018).check(begins), Ok(()));
        assert_eq!(of(2019).check(begins), Err(NotBooked::OwnYear { first: day("2019-01-01") }));
        assert!(matches!(of(2026).check(None), Err(NotBooked::Ahead { .. })));
        assert_eq!(FormerYear { amount: Fen(-1), ..of(2018) }.check(None), Err(NotBooked::Amount));
        let years = [of(2008), of(2009), FormerYear { amount: Fen(0), person_times: 0, ..of(2010) }];
        let all = former(&years, day("2008-12-31"), day("2010-12-31"));
        assert_eq!(all["P1"], FormerCount { amount: Fen(200), person_times: 4 });
        assert!(former(&years, day("2009-01-01"), day("2009-12-30")).is_empty());
    }
}
