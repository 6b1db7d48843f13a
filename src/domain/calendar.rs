//! Which days are worked, and how the days of a term are counted: by the usual weeks, the holidays that the State Council
//! names for each year, and what a bureau says of its own days.

use super::Day;
use std::collections::{BTreeMap, BTreeSet};

/// How a day differs from the usual week.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DayKind {
    Working,
    Closed,
}

impl DayKind {
    /// As it stands in a record of the bureau's own days. **[disk]**
    pub fn code(self) -> &'static str {
        match self {
            DayKind::Working => "working",
            DayKind::Closed => "closed",
        }
    }

    pub fn from_code(code: &str) -> Option<DayKind> {
        [DayKind::Working, DayKind::Closed].into_iter().find(|kind| kind.code() == code)
    }
}

/// How the days of a term are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DayCount {
    /// Every day, and the term ends on whatever day it is.
    #[default]
    Calendar,
    /// Every day; a term whose last day is not worked ends on the next one that is (Civil Code, Art. 203).
    Moved,
    /// Days that are worked alone.
    Working,
}

impl DayCount {
    pub const ALL: [DayCount; 3] = [DayCount::Calendar, DayCount::Moved, DayCount::Working];

    /// As it stands in the record. **[disk]**
    pub fn code(self) -> &'static str {
        match self {
            DayCount::Calendar => "calendar",
            DayCount::Moved => "moved",
            DayCount::Working => "working",
        }
    }

    pub fn from_code(code: &str) -> Option<DayCount> {
        DayCount::ALL.into_iter().find(|count| count.code() == code)
    }
}

/// A holiday as a year's notice has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holiday {
    pub zh: String,
    pub en: String,
    pub from: Day,
    pub to: Day,
    /// Days of a weekend that are worked for it.
    pub working: Vec<Day>,
}

/// A year, and where it is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalendarYear {
    pub year: i32,
    pub document: String,
    pub dated: Day,
    pub holidays: Vec<Holiday>,
}

/// The days of a country and of a bureau in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Calendar {
    years: BTreeSet<i32>,
    unusual: BTreeMap<Day, DayKind>,
}

/// No holiday lasts so many days: what never works is a calendar that says so of every day.
const LONGEST_CLOSED: i32 = 400;

impl Calendar {
    pub fn new<'y>(years: impl IntoIterator<Item = &'y CalendarYear>) -> Calendar {
        let mut calendar = Calendar::default();
        for year in years {
            calendar.years.insert(year.year);
            for holiday in &year.holidays {
                let closed = (holiday.from.0..=holiday.to.0).map(|day| (Day(day), DayKind::Closed));
                calendar.unusual.extend(closed);
                calendar.unusual.extend(holiday.working.iter().map(|day| (*day, DayKind::Working)));
            }
        }
        calendar
    }

    /// What the bureau says of its own days counts before the country's.
    pub fn with_own(mut self, own: impl IntoIterator<Item = (Day, DayKind)>) -> Calendar {
        self.unusual.extend(own);
        self
    }

    /// Whether the holidays of that day's year are known; else only the weeks are.
    pub fn knows(&self, day: Day) -> bool {
        self.years.contains(&day.year())
    }

    pub fn is_working(&self, day: Day) -> bool {
        match self.unusual.get(&day) {
            Some(kind) => *kind == DayKind::Working,
            None => !day.is_weekend(),
        }
    }

    /// That day where it is worked, else the next one that is.
    pub fn working_from(&self, day: Day) -> Day {
        let mut ahead = (0..LONGEST_CLOSED).map(|days| day.plus_days(days));
        ahead.find(|day| self.is_working(*day)).unwrap_or(day)
    }

    /// A last day that somebody named, as the bureau lets terms end.
    pub fn ends(&self, count: DayCount, last: Day) -> Day {
        if count == DayCount::Calendar { last } else { self.working_from(last) }
    }

    /// The last day of a term of so many days that begins with `first`.
    pub fn last_of(&self, count: DayCount, first: Day, days: i32) -> Day {
        if count != DayCount::Working {
            return self.ends(count, first.plus_days(days - 1));
        }
        let mut last = self.working_from(first);
        for _ in 1..days {
            last = self.working_from(last.plus_days(1));
        }
        last
    }

    /// The last day on which something that began on `from` is still in time, where it has so many days: that day itself is
    /// not counted.
    pub fn deadline(&self, count: DayCount, from: Day, days: i32) -> Day {
        if days < 1 { from } else { self.last_of(count, from.plus_days(1), days) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    /// The National Day of 2026: closed from Thursday to the next Wednesday, Saturday the 10th worked for it.
    fn october() -> Calendar {
        let holiday = Holiday {
            zh: "国庆节".into(),
            en: "National Day".into(),
            from: day("2026-10-01"),
            to: day("2026-10-07"),
            working: vec![day("2026-10-10")],
        };
        let (document, dated) = ("示例".into(), day("2025-11-04"));
        Calendar::new(&[CalendarYear { year: 2026, document, dated, holidays: vec![holiday] }])
    }

    #[test]
    fn weekends_rest_holidays_rest_and_what_is_worked_for_them_is_worked() {
        let calendar = october();
        for (text, works) in [
            ("2026-09-30", true),
            ("2026-10-01", false),
            ("2026-10-07", false),
            ("2026-10-08", true),
            ("2026-10-10", true),
            ("2026-10-11", false),
        ] {
            assert_eq!(calendar.is_working(day(text)), works, "{text}");
        }
        assert!(calendar.knows(day("2026-12-31")) && !calendar.knows(day("2027-01-01")));
    }

    #[test]
    fn a_term_that_ends_on_a_holiday_stays_or_moves_or_counts_only_what_is_worked() {
        let calendar = october();
        let last = |count, first| calendar.last_of(count, day(first), 5);
        // From Monday the 28th five days end on the second day of the holiday.
        for (count, first, expected) in [
            (DayCount::Calendar, "2026-09-28", "2026-10-02"),
            (DayCount::Moved, "2026-09-28", "2026-10-08"),
            (DayCount::Working, "2026-09-28", "2026-10-09"),
            // One that ends on the day before the holiday, and one on its first day.
            (DayCount::Moved, "2026-09-26", "2026-09-30"),
            (DayCount::Moved, "2026-09-27", "2026-10-08"),
            // A term that begins in the holiday counts from the first day worked.
            (DayCount::Working, "2026-10-03", "2026-10-13"),
        ] {
            assert_eq!(last(count, first), day(expected), "{count:?} {first}");
        }
    }

    #[test]
    fn the_day_it_began_is_not_counted_towards_a_deadline() {
        let calendar = october();
        let until = |count, days| calendar.deadline(count, day("2026-09-28"), days);
        assert_eq!(until(DayCount::Calendar, 3), day("2026-10-01"));
        assert_eq!((until(DayCount::Moved, 2), until(DayCount::Moved, 3)), (day("2026-09-30"), day("2026-10-08")));
        assert_eq!((until(DayCount::Working, 2), until(DayCount::Working, 3)), (day("2026-09-30"), day("2026-10-08")));
        assert_eq!(until(DayCount::Working, 0), day("2026-09-28"));
    }

    #[test]
    fn a_bureaus_own_days_count_before_the_countrys() {
        let own = [(day("2026-10-08"), DayKind::Closed), (day("2026-10-07"), DayKind::Working)];
        let calendar = october().with_own(own);
        assert!(calendar.is_working(day("2026-10-07")) && !calendar.is_working(day("2026-10-08")));
        // Whoever closes every day still gets an answer.
        let never = Calendar::default().with_own((0..1000).map(|day| (Day(day), DayKind::Closed)));
        assert_eq!(never.working_from(Day(0)), Day(0));
    }
}
