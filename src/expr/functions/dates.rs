//! Days, times and moments. A day is a number of days since 1970-01-01; the bureau's zone is the clock's.

use super::{Call, Function, moment, row};
use crate::domain::Day;
use crate::expr::value::Value;

pub(super) const TABLE: &[Function] = &[
    row!("today", 0..=0, [] -> Date, "今天", "today", "today()" => "2025-06-15", "today() - ${d}" => "472", |c| Value::Date(c.world().clock().today)),
    row!("now", 0..=0, [] -> Date, "现在", "this moment", "now()" => "2025-06-15T12:00:00.000+00:00", "substr(now(), 0, 10)" => "2025-06-15", |c| {
        let clock = c.world().clock();
        Value::Moment { at: clock.at, zone_ms: clock.zone_ms }
    }),
    row!("date", 1..=1, [Any] -> Date, "当作日期;数为 1970-01-01 起的天数", "as a day; a number counts from 1970-01-01",
        "date(19782)" => "2024-02-29", "date('2024-2-9')" => "2024-02-09", date),
    row!("date-time", 1..=1, [Any] -> Date, "当作日期时间", "as a moment", "date-time('2024-02-29T13:45:30.000+00:00')" => "2024-02-29T13:45:30.000+00:00",
        "date-time(19782.5)" => "2024-02-29T12:00:00.000+00:00", date_time),
    row!("decimal-date-time", 1..=1, [Date] -> Number, "1970-01-01 起的天数,含一天中的时间", "days since 1970-01-01, time of day included",
        "decimal-date-time(${d})" => "19782", "decimal-date-time(now())" => "20254.5", decimal_date_time),
    row!("decimal-time", 1..=1, [Date] -> Number, "一天中的时间,为一天的几分之几", "the time of day as a part of a day",
        "decimal-time('12:00')" => "0.5", "decimal-time('06:00:00.000+03:00')" => "0.125", decimal_time),
    row!("format-date", 2..=2, [Date, Text] -> Text, "按格式写日期:%Y %y %m %n %b %d %e %a", "a day by a pattern: %Y %y %m %n %b %d %e %a",
        "format-date(${d}, '%d/%m/%Y')" => "29/02/2024", "format-date(${d}, '%e %b %y')" => "29 Feb 24", format_date),
    row!("format-date-time", 2..=2, [Date, Text] -> Text, "按格式写日期时间:还有 %H %h %M %S %3", "a moment by a pattern: also %H %h %M %S %3",
        "format-date-time(now(), '%H:%M')" => "12:00", "format-date-time('', '%H')" => "", format_date),
    row!("difference-in-months", 2..=2, [Date, Date] -> Number, "两个日期之间的整月数", "whole months between two days",
        "difference-in-months('2024-01-31', '2024-03-30')" => "1", "difference-in-months('2024-01-15', '2025-01-15')" => "12", months),
];

/// What a value says of a day and a time; a number is days, counted by the wall of the clock's zone.
fn said(call: &Call<'_, '_>, i: usize) -> Option<moment::Said> {
    let zone_ms = call.zone();
    match call.value(i) {
        Value::Date(day) => Some(moment::Said { day, time_ms: None, zone_ms }),
        Value::Moment { at, zone_ms } => {
            let (day, ms) = moment::wall(at, zone_ms);
            Some(moment::Said { day, time_ms: Some(ms), zone_ms })
        }
        Value::Number(days) if days.is_finite() => {
            let whole = days.floor();
            let ms = ((days - whole) * 86_400_000.0).round() as i64;
            let day = moment::day_of(whole as i64);
            Some(moment::Said { day, time_ms: (ms > 0).then_some(ms), zone_ms })
        }
        Value::Text(text) | Value::Numeral(text) => {
            let text = text.trim();
            moment::read(text, zone_ms).or_else(|| {
                let days = Value::from(text).number();
                days.is_finite().then(|| moment::Said { day: moment::day_of(days.floor() as i64), time_ms: None, zone_ms })
            })
        }
        _ => None,
    }
}

/// The same moment by the wall of the clock's zone.
fn here(call: &Call<'_, '_>, said: moment::Said) -> moment::Said {
    match said.time_ms {
        None => said,
        Some(_) => {
            let zone_ms = call.zone();
            let (day, ms) = moment::wall(said.stamp(), zone_ms);
            moment::Said { day, time_ms: Some(ms), zone_ms }
        }
    }
}

/// A number loses its time of day; a moment keeps it.
fn date<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    match (call.value(0), said(call, 0)) {
        (Value::Number(_) | Value::Numeral(_), Some(said)) => Value::Date(said.day),
        (_, Some(said)) => as_value(call, said),
        (_, None) => Value::EMPTY,
    }
}

fn date_time<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    said(call, 0).map_or(Value::EMPTY, |said| as_value(call, said))
}

fn as_value<'a>(call: &Call<'_, 'a>, said: moment::Said) -> Value<'a> {
    match said.time_ms {
        None => Value::Date(said.day),
        Some(_) => Value::Moment { at: said.stamp(), zone_ms: call.zone() },
    }
}

fn decimal_date_time<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    if let Value::Number(days) = call.value(0) {
        return Value::Number(days);
    }
    Value::Number(said(call, 0).map_or(f64::NAN, |s| here(call, s).days()))
}

fn decimal_time<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let time = match call.value(0) {
        Value::Text(text) | Value::Numeral(text) if !text.contains('T') && text.contains(':') => {
            moment::read_time(text.trim()).map(|(ms, zone)| match zone {
                Some(zone) => (ms - zone + call.zone()).rem_euclid(86_400_000),
                None => ms,
            })
        }
        _ => said(call, 0).map(|s| here(call, s).time_ms.unwrap_or(0)),
    };
    Value::Number(time.map_or(f64::NAN, |ms| ms as f64 / 86_400_000.0))
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

fn format_date<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let pattern = call.text(1);
    let Some(said) = said(call, 0).map(|s| here(call, s)) else { return Value::EMPTY };
    Value::from(format(said.day, said.time_ms.unwrap_or(0), &pattern))
}

/// A letter that is not known stays as it was written.
fn format(day: Day, ms: i64, pattern: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let (year, month, of_month) = (day.year(), day.month(), day.day_of_month());
        let written = match chars.next() {
            Some('Y') => write!(out, "{year:04}"),
            Some('y') => write!(out, "{:02}", year.rem_euclid(100)),
            Some('m') => write!(out, "{month:02}"),
            Some('n') => write!(out, "{month}"),
            Some('b') => out.write_str(MONTHS.get(month as usize - 1).unwrap_or(&"")),
            Some('d') => write!(out, "{of_month:02}"),
            Some('e') => write!(out, "{of_month}"),
            Some('a') => out.write_str(DAYS[day.0.rem_euclid(7) as usize]),
            Some('H') => write!(out, "{:02}", ms / 3_600_000),
            Some('h') => write!(out, "{}", ms / 3_600_000),
            Some('M') => write!(out, "{:02}", ms / 60_000 % 60),
            Some('S') => write!(out, "{:02}", ms / 1000 % 60),
            Some('3') => write!(out, "{:03}", ms % 1000),
            Some('W') => write!(out, "{}", day.naive().format("%V").to_string().trim_start_matches('0')),
            Some('j') => write!(out, "{}", day.naive().format("%j")),
            Some('%') => out.write_char('%'),
            Some(other) => write!(out, "%{other}"),
            None => out.write_char('%'),
        };
        // Writing to a String does not fail.
        let _ = written;
    }
    out
}

fn months<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let (Some(from), Some(to)) = (said(call, 0), said(call, 1)) else { return Value::Number(f64::NAN) };
    let (from, to) = (here(call, from).day, here(call, to).day);
    let whole = |from: Day, to: Day| {
        let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
        months - i32::from(to.day_of_month() < from.day_of_month())
    };
    let months = if to.0 >= from.0 { whole(from, to) } else { -whole(to, from) };
    Value::Number(f64::from(months))
}
