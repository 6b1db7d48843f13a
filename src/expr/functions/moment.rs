//! Days and moments as texts: ISO 8601, as stored.

use crate::domain::{Day, Stamp};

const DAY_MS: i64 = 86_400_000;

/// What a text says: a day, and perhaps a time of that day.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Said {
    pub day: Day,
    /// Milliseconds since the midnight that began `day`, on the wall where it was written.
    pub time_ms: Option<i64>,
    /// East of UTC, where it was written.
    pub zone_ms: i64,
}

impl Said {
    /// Days since 1970-01-01 by the wall where it was written: 09:00 there is 0.375, whoever reads it.
    pub fn days(self) -> f64 {
        f64::from(self.day.0) + self.time_ms.unwrap_or(0) as f64 / DAY_MS as f64
    }

    pub fn stamp(self) -> Stamp {
        Stamp(i64::from(self.day.0) * DAY_MS + self.time_ms.unwrap_or(0) - self.zone_ms)
    }
}

/// Days since 1970-01-01, time of day included, by the wall in that zone.
pub fn days(at: Stamp, zone_ms: i64) -> f64 {
    at.0.saturating_add(zone_ms) as f64 / DAY_MS as f64
}

/// `2025-06-15T12:00:00.000+00:00`
pub fn text(at: Stamp, zone_ms: i64) -> String {
    let (day, ms) = wall(at, zone_ms);
    let minutes = zone_ms / 60_000;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!(
        "{day}T{h:02}:{m:02}:{s:02}.{:03}{sign}{:02}:{:02}",
        ms % 1000,
        minutes.abs() / 60,
        minutes.abs() % 60
    )
}

/// The day, and the milliseconds since its midnight, by the wall in that zone.
pub fn wall(at: Stamp, zone_ms: i64) -> (Day, i64) {
    let local = at.0.saturating_add(zone_ms);
    (day_of(local.div_euclid(DAY_MS)), local.rem_euclid(DAY_MS))
}

/// Days beyond the calendar's ends are its ends.
pub fn day_of(days: i64) -> Day {
    const ENDS: i64 = 90_000_000;
    Day(i32::try_from(days.clamp(-ENDS, ENDS)).unwrap_or(0))
}

/// Reads `2024-02-29`, `2024-2-9`, `2024-02-29T13:45:30.000+08:00`, `…Z`; without a zone it is `zone_ms`.
/// `None` for everything else, impossible days and times included.
pub fn read(text: &str, zone_ms: i64) -> Option<Said> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let mut digits = |lengths: std::ops::RangeInclusive<usize>| {
        let part = parts.next()?;
        let plain = lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse::<i32>().ok() } else { None }
    };
    let (year, month, day) = (digits(4..=4)?, digits(1..=2)?, digits(1..=2)?);
    if parts.next().is_some() {
        return None;
    }
    let day = Day::from_ymd(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    let Some(time) = time else { return Some(Said { day, time_ms: None, zone_ms }) };
    let (time_ms, zone) = read_time(time)?;
    Some(Said { day, time_ms: Some(time_ms), zone_ms: zone.unwrap_or(zone_ms) })
}

/// `13:45`, `13:45:30`, `13:45:30.678+08:00`: milliseconds since midnight, and the zone if one is told.
pub fn read_time(text: &str) -> Option<(i64, Option<i64>)> {
    let (clock, zone) = match text.find(['Z', '+', '-']) {
        None => (text, None),
        Some(i) => {
            let (clock, zone) = text.split_at_checked(i)?;
            (clock, Some(read_zone(zone)?))
        }
    };
    let mut parts = clock.split(':');
    let hours = two(parts.next()?, 24)?;
    let minutes = two(parts.next()?, 59)?;
    let mut ms = (hours * 60 + minutes) * 60_000;
    if let Some(seconds) = parts.next() {
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        ms += two(whole, 60)? * 1000;
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
        ms += thousandths.parse::<i64>().ok()?;
    }
    (parts.next().is_none() && ms <= DAY_MS).then_some((ms, zone))
}

fn read_zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None => (rest.get(..2)?, rest.get(2..)?),
    };
    let minutes = if minutes.is_empty() { 0 } else { two(minutes, 59)? };
    Some(sign * (two(hours, 14)? * 60 + minutes) * 60_000)
}

fn two(text: &str, most: i64) -> Option<i64> {
    if !(1..=2).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|n| *n <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_back() {
        for (written, stamp) in [
            ("1970-01-01T00:00:00.000+00:00", 0),
            ("1970-01-01T08:00:00.000+08:00", 0),
            ("1969-12-31T19:00:00.000-05:00", 0),
            ("2024-02-29T13:45:30.678Z", 1_709_214_330_678),
        ] {
            assert_eq!(read(written, 0).map(|s| s.stamp()), Some(Stamp(stamp)), "{written}");
        }
        assert_eq!(text(Stamp(0), 8 * 3_600_000), "1970-01-01T08:00:00.000+08:00");
        assert_eq!(text(Stamp(1_709_214_330_678), -5 * 3_600_000), "2024-02-29T08:45:30.678-05:00");
    }

    #[test]
    fn what_is_no_day_is_none() {
        for bad in ["", "2024", "2023-02-29", "2024-13-01", "24-01-01", "2024-01-01T25:00", "2024-01-01T", "2024-01-01x"] {
            assert_eq!(read(bad, 0), None, "{bad}");
        }
    }
}
