//! Days in the bureau's time zone, and stamps in milliseconds UTC. A clock is handed in, never asked for here.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A calendar day: days since 1970-01-01, as the expression language counts them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub i32);

/// Milliseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Stamp(pub i64);

/// What the clock says when something is done, and the day that is *today* for the bureau.
/// Two values, since `--today` moves the day and not the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    pub at: Stamp,
    pub today: Day,
}

/// The bureau's offset from UTC in milliseconds: UTC+8 all year, by law the same everywhere in the country.
pub const ZONE_MS: i64 = 8 * 3_600_000;

impl Now {
    /// The later of the two days: one named on the command line brings nothing back that is over.
    pub fn latest(self) -> Day {
        self.today.max(self.at.day())
    }
}

impl Stamp {
    /// The day on which this moment falls in the bureau's time zone.
    pub fn day(self) -> Day {
        Day(i32::try_from((self.0 + ZONE_MS).div_euclid(86_400_000)).unwrap_or(i32::MAX))
    }

    /// The first moment of a day in the bureau's time zone.
    pub fn start_of(day: Day) -> Stamp {
        Stamp(i64::from(day.0) * 86_400_000 - ZONE_MS)
    }

    /// `2018-03-15 14:03` in the bureau's time zone.
    pub fn local(self) -> String {
        let minutes = (self.0 + ZONE_MS).rem_euclid(86_400_000) / 60_000;
        format!("{} {:02}:{:02}", self.day(), minutes / 60, minutes % 60)
    }
}

impl Day {
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Day> {
        NaiveDate::from_ymd_opt(year, month, day).map(Day::from)
    }

    /// Reads `2018-03-15` and nothing else.
    pub fn from_iso(text: &str) -> Option<Day> {
        let b = text.as_bytes();
        if b.len() != 10 || b[4] != b'-' || b[7] != b'-' || !text.is_ascii() {
            return None;
        }
        let digits = [0..4, 5..7, 8..10].into_iter().all(|r| b[r].iter().all(u8::is_ascii_digit));
        if !digits {
            return None;
        }
        Day::from_ymd(text[0..4].parse().ok()?, text[5..7].parse().ok()?, text[8..10].parse().ok()?)
    }

    /// Reads what people type: `2018-03-15`, `2018/3/15`, `2018.3.15`, `2018年3月15日`, `20180315`, full-width digits.
    /// The year always has four digits and comes first: `19850111` is never read any other way.
    pub fn from_typed(text: &str) -> Option<Day> {
        let narrow: String = text.trim().chars().map(super::money::narrow_char).collect();
        let narrow = narrow.trim_end_matches('日');
        if narrow.len() == 8 && narrow.bytes().all(|b| b.is_ascii_digit()) {
            return Day::from_ymd(narrow[0..4].parse().ok()?, narrow[4..6].parse().ok()?, narrow[6..8].parse().ok()?);
        }
        let parts: Vec<&str> = narrow.split(['-', '/', '.', '年', '月']).map(str::trim).collect();
        let [year, month, day] = parts[..] else { return None };
        let digits = |s: &str, lengths: std::ops::RangeInclusive<usize>| {
            lengths.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit())
        };
        if !digits(year, 4..=4) || !digits(month, 1..=2) || !digits(day, 1..=2) {
            return None;
        }
        Day::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// A day as a spreadsheet saves it: as people type it, or with the midnight at which it begins.
    pub fn from_cell(text: &str) -> Option<Day> {
        let (day, clock) = text.trim().split_once(' ').unwrap_or((text, "0:00"));
        let midnight = matches!(clock.trim(), "0:00" | "00:00" | "0:00:00" | "00:00:00");
        midnight.then(|| Day::from_typed(day)).flatten()
    }

    /// Reads what people type of days near `today`, besides all of [`Day::from_typed`]: `=` is today; `11-29`, `11.29`,
    /// `11/29` and `11月29日` are the last such day up to today; `-1y`, `-3m`, `-10d` (and `+`) are so much before or after.
    pub fn from_typed_near(text: &str, today: Day) -> Option<Day> {
        if let Some(day) = Day::from_typed(text) {
            return Some(day);
        }
        let narrow: String = text.trim().chars().map(super::money::narrow_char).collect();
        if narrow == "=" {
            return Some(today);
        }
        let number = |s: &str| {
            (s.bytes().all(|b| b.is_ascii_digit()) && (1..=4).contains(&s.len())).then(|| s.parse::<i32>().ok())?
        };
        let signed =
            narrow.strip_prefix(['-', '−']).map(|rest| (-1, rest)).or(narrow.strip_prefix('+').map(|rest| (1, rest)));
        if let Some((sign, rest)) = signed {
            let unit = rest.chars().last()?;
            let count = sign * number(rest.strip_suffix(unit)?)?;
            return match unit {
                'y' | 'Y' | '年' => Some(today.plus_months(count * 12)),
                'm' | 'M' | '月' => Some(today.plus_months(count)),
                'd' | 'D' | '日' | '天' => Some(today.plus_days(count)),
                _ => None,
            };
        }
        let parts: Vec<&str> = narrow.trim_end_matches('日').split(['-', '/', '.', '月']).map(str::trim).collect();
        let [month, day] = parts[..] else { return None };
        if month.len() > 2 || day.len() > 2 {
            return None;
        }
        let (month, day) = (number(month)? as u32, number(day)? as u32);
        // 29 February may lie some years back.
        (0..8).filter_map(|back| Day::from_ymd(today.year() - back, month, day)).find(|found| *found <= today)
    }

    pub fn naive(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0 + UNIX_CE).unwrap_or(NaiveDate::MAX)
    }

    pub fn year(self) -> i32 {
        self.naive().year()
    }

    pub fn month(self) -> u32 {
        self.naive().month()
    }

    pub fn day_of_month(self) -> u32 {
        self.naive().day()
    }

    pub fn is_weekend(self) -> bool {
        matches!(self.naive().weekday(), Weekday::Sat | Weekday::Sun)
    }

    pub fn plus_days(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }

    /// The same day of the month `months` later (earlier when negative); where that month is shorter, its last day.
    pub fn plus_months(self, months: i32) -> Day {
        let date = self.naive();
        let step = chrono::Months::new(months.unsigned_abs());
        let moved = if months < 0 { date.checked_sub_months(step) } else { date.checked_add_months(step) };
        moved.map_or(self, Day::from)
    }

    /// Whole years from `self` (a birth) to `on`. One born on 29 February is a year older on 1 March of a common year.
    pub fn age_on(self, on: Day) -> i32 {
        let before = (on.month(), on.day_of_month()) < (self.month(), self.day_of_month());
        on.year() - self.year() - i32::from(before)
    }
}

/// Days from 0001-01-01 (day 1) to 1970-01-01.
const UNIX_CE: i32 = 719_163;

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Day {
        Day(date.num_days_from_ce() - UNIX_CE)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.naive().format("%Y-%m-%d"))
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    #[test]
    fn typed_days() {
        for typed in ["2018-03-15", "20180315", "2018/3/15", "2018.3.15", "2018年3月15日", "２０１８－０３－１５"]
        {
            assert_eq!(Day::from_typed(typed), Some(day("2018-03-15")), "{typed}");
        }
        for bad in ["2018-02-30", "20180230", "15-3-2018", "18-3-15", "2018-3", "2018-3-15-1", "", "下周"] {
            assert_eq!(Day::from_typed(bad), None, "{bad}");
        }
        assert_eq!(Day::from_iso("2018-3-15"), None);
        assert_eq!(Day::from_iso("1970-01-01"), Some(Day(0)));
    }

    #[test]
    fn leap_days() {
        assert_eq!(day("2020-02-29").plus_months(12), day("2021-02-28"));
        assert_eq!(day("2020-02-29").plus_months(48), day("2024-02-29"));
        assert_eq!(day("2008-02-29").age_on(day("2026-02-28")), 17);
        assert_eq!(day("2008-02-29").age_on(day("2026-03-01")), 18);
        assert_eq!(day("2020-03-31").plus_months(-1), day("2020-02-29"));
    }

    #[test]
    fn a_stamp_falls_on_the_bureaus_day() {
        assert_eq!(Stamp(16 * 3_600_000 - 1).day(), Day(0));
        assert_eq!(Stamp(16 * 3_600_000).day(), Day(1));
        assert_eq!(Stamp(0).local(), "1970-01-01 08:00");
        // The country's only zone, in summer and in winter: a day begins at one moment of UTC all year.
        for begins in [day("2026-01-15"), day("2026-07-15")].map(Stamp::start_of) {
            assert_eq!((begins.0.rem_euclid(86_400_000), begins.local().ends_with(" 00:00")), (16 * 3_600_000, true));
        }
    }
}
