//! A workbook's cell → its text as the author sees it, and what is odd about it.

use super::workbook::Slip;
use calamine::{Data, Dimensions, ExcelDateTime};

/// A spreadsheet keeps this many digits of a number; those behind are noughts.
const DIGITS_KEPT: f64 = 1e15;
const DAY: i64 = 86_400;

/// The text, and the key of what is to be told of it.
pub fn text(data: &Data) -> (String, Option<&'static str>) {
    let plain = |text: String| (text, None);
    match data {
        Data::Empty => plain(String::new()),
        Data::Error(error) => (error.to_string(), Some("form.cell_error")),
        Data::String(text) => {
            let spoilt = text.contains('\u{fffd}');
            let text = super::workbook::tidy(text);
            let error = is_error(&text).then_some("form.cell_error");
            (text, if spoilt { Some("form.cell_spoilt") } else { error })
        }
        Data::Int(n) => (n.to_string(), (n.unsigned_abs() as f64 >= DIGITS_KEPT).then_some("form.cell_digits")),
        Data::Float(n) if n.abs() >= DIGITS_KEPT => (format!("{n:.0}"), Some("form.cell_digits")),
        Data::Float(n) if n.fract() == 0.0 => plain(format!("{n:.0}")),
        // As the cell shows it: 0.3, not 0.30000000000000004.
        Data::Float(n) => plain(format!("{n:.14e}").parse::<f64>().unwrap_or(*n).to_string()),
        Data::Bool(true) => plain("TRUE".to_owned()),
        Data::Bool(false) => plain("FALSE".to_owned()),
        // Which of the two it is only its format says.
        Data::DateTime(moment) if moment.as_f64() == 0.0 && is_1904(moment) => {
            (moment_text(moment), Some("form.cell_midnight"))
        }
        Data::DateTime(moment) => plain(moment_text(moment)),
        Data::DateTimeIso(text) => plain(iso_moment(&super::workbook::tidy(text))),
        Data::DurationIso(text) => plain(iso_time(text).unwrap_or_else(|| super::workbook::tidy(text))),
    }
}

/// What spreadsheets write where a formula went wrong; some formats and every csv keep no more than the word.
pub fn is_error(text: &str) -> bool {
    text.starts_with('#')
        && matches!(
            text,
            "#N/A" | "#REF!" | "#VALUE!" | "#NAME?" | "#DIV/0!" | "#NUM!" | "#NULL!" | "#SPILL!" | "#CALC!" | "#FIELD!"
        )
        || text.strip_prefix("Err:").is_some_and(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// What is odd about a cell of a csv that a spreadsheet saved: an error, or `1.52126E+17` in place of a long number.
pub fn odd_text(text: &str) -> Option<&'static str> {
    if is_error(text) {
        return Some("form.cell_error");
    }
    let (digits, power) = text.split_once("E+")?;
    let (first, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    // A number below twelve digits is written so because somebody formatted it, and nothing is lost.
    let long = power.len() == 2 && power.parse::<u8>().is_ok_and(|power| power >= 11);
    (first.len() == 1 && all(first) && all(rest) && long).then_some("form.cell_digits")
}

fn clock(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// A time of day is a number below one, a day one without a fraction.
fn moment_text(moment: &ExcelDateTime) -> String {
    let value = moment.as_f64();
    if !(0.0..3_000_000.0).contains(&value) {
        return value.to_string();
    }
    let seconds = (value * DAY as f64).round() as i64;
    if moment.is_duration() {
        return clock(seconds);
    }
    // The last half second of a time of day is no day of 1900.
    if value < 1.0 {
        return clock(seconds.min(DAY - 1));
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    match seconds % DAY {
        0 => {
            // What lies within half a second before midnight is that midnight.
            let whole =
                ExcelDateTime::new((seconds / DAY) as f64, calamine::ExcelDateTimeType::DateTime, is_1904(moment));
            let (year, month, day, ..) = whole.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        rest => format!("{year:04}-{month:02}-{day:02} {}", clock(rest)),
    }
}

/// The workbook's first day: the same number is four years later by 1904.
fn is_1904(moment: &ExcelDateTime) -> bool {
    let by_1900 = ExcelDateTime::new(moment.as_f64(), calamine::ExcelDateTimeType::DateTime, false);
    by_1900.to_ymd_hms_milli() != moment.to_ymd_hms_milli()
}

/// `2024-01-15T08:30:00` as it would stand in the cell; a day alone, where it is one.
fn iso_moment(text: &str) -> String {
    match text.split_once('T') {
        Some((day, clock)) if clock.trim_end_matches(['Z', '0', ':', '.']).is_empty() => day.to_owned(),
        Some((day, clock)) if !day.is_empty() => format!("{day} {}", clock.trim_end_matches('Z')),
        _ => text.to_owned(),
    }
}

/// `PT08H30M00S`.
fn iso_time(text: &str) -> Option<String> {
    let mut rest = text.trim().strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, worth) in [('H', 3_600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            seconds += number.replace(',', ".").parse::<f64>().ok()? * worth;
            rest = behind;
        }
    }
    (rest.is_empty() && (0.0..1e9).contains(&seconds)).then(|| clock(seconds.round() as i64))
}

/// Column letters of a spreadsheet: 0 is A, 26 is AA.
pub fn letters(column: u32) -> String {
    let mut out = Vec::new();
    let mut left = column;
    loop {
        out.push(b'A' + (left % 26) as u8);
        match (left / 26).checked_sub(1) {
            Some(next) => left = next,
            None => break,
        }
    }
    out.into_iter().rev().map(char::from).collect()
}

/// Row and column, from 0, of a reference: `B3` is row 2, column 1.
pub fn place(reference: &str) -> Option<(u32, u32)> {
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = reference.split_at(digits);
    let column = letters.bytes().try_fold(0u32, |sum, b| {
        let letter = b.is_ascii_uppercase().then(|| u32::from(b - b'A') + 1)?;
        sum.checked_mul(26)?.checked_add(letter)
    })?;
    Some((number.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// Merged cells: only the first of them holds anything.
pub fn merged(region: &Dimensions) -> Option<Slip> {
    let ((row, column), (last_row, last_column)) = (region.start, region.end);
    if (row, column) == (last_row, last_column) {
        return None;
    }
    let text = format!("{}{}:{}{}", letters(column), row + 1, letters(last_column), last_row + 1);
    Some(Slip { row: row + 1, column, key: "form.cells_merged", text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_row_and_a_column() {
        for (reference, at) in [
            ("A1", Some((0, 0))),
            ("AA10", Some((9, 26))),
            ("A0", None),
            ("1", None),
            ("a1", None),
            ("A", None),
            ("ZZZZZZZZZ1", None),
            ("A99999999999", None),
        ] {
            assert_eq!(place(reference), at, "{reference}");
        }
    }
    use calamine::{CellErrorType, ExcelDateTimeType};

    #[test]
    fn times_days_and_moments_stand_as_they_are_seen() {
        let moment = |value, by_1904| Data::DateTime(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, by_1904));
        let span = Data::DateTime(ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false));
        for (data, expected) in [
            (moment(8.5 / 24.0, false), "08:30:00"),
            (moment(1.0 / 3.0, true), "08:00:00"),
            (moment(0.0, false), "00:00:00"),
            (moment(0.999_99, false), "23:59:59"),
            (moment(0.999_999_9, false), "23:59:59"),
            (moment(45_306.0, false), "2024-01-15"),
            (moment(45_306.0 - 1_462.0, true), "2024-01-15"),
            (moment(45_306.354_166_666_7, false), "2024-01-15 08:30:00"),
            (moment(45_305.999_999_999, false), "2024-01-15"),
            (moment(-1.0, false), "-1"),
            (span, "36:00:00"),
            (Data::DateTimeIso("2024-01-15".into()), "2024-01-15"),
            (Data::DateTimeIso("2024-01-15T00:00:00".into()), "2024-01-15"),
            (Data::DateTimeIso("2024-01-15T08:30:00".into()), "2024-01-15 08:30:00"),
            (Data::DurationIso("PT08H30M00S".into()), "08:30:00"),
            (Data::Float(0.1 + 0.2), "0.3"),
            (Data::Float(2.0), "2"),
        ] {
            assert_eq!(text(&data), (expected.to_owned(), None), "{data:?}");
        }
    }

    #[test]
    fn errors_and_lost_digits_are_told() {
        assert_eq!(text(&Data::Error(CellErrorType::NA)), ("#N/A".into(), Some("form.cell_error")));
        let id = text(&Data::Float(152_126_196_803_150_300.0));
        assert_eq!(id, ("152126196803150304".into(), Some("form.cell_digits")));
        assert_eq!(text(&Data::Float(13_800_001_234.0)).1, None);
    }

    #[test]
    fn a_short_number_in_scientific_form_has_lost_nothing() {
        assert_eq!(
            (odd_text("1.52126E+17"), odd_text("1.3E+11")),
            (Some("form.cell_digits"), Some("form.cell_digits"))
        );
        assert_eq!((odd_text("1.5E+05"), odd_text("9.99E+10")), (None, None));
    }

    #[test]
    fn columns_have_letters() {
        for (column, letter) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), letter);
        }
    }
}
