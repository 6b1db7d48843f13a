//! A year's working days and holidays, from the file that says them after the State Council's notice.

use crate::domain::Day;
use crate::domain::calendar::{CalendarYear, Holiday};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i32,
    document: String,
    dated: String,
    holidays: Vec<HolidayFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayFile {
    zh: String,
    en: String,
    from: String,
    to: String,
    #[serde(default)]
    working: Vec<String>,
}

/// Errors: what is wrong with the file, by its key.
pub fn read(text: &str) -> Result<CalendarYear, String> {
    let file: YearFile = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let year = file.year;
    let day = |key: &str, text: &str| Day::from_iso(text).ok_or_else(|| format!("{key} = {text}"));
    let of_year = |key: &str, text: &str| {
        day(key, text).and_then(|day| match day.year() == year {
            true => Ok(day),
            false => Err(format!("{key} = {text}")),
        })
    };
    let mut holidays = Vec::with_capacity(file.holidays.len());
    for holiday in file.holidays {
        let (from, to) = (of_year("from", &holiday.from)?, of_year("to", &holiday.to)?);
        if to < from {
            return Err(format!("to = {to}"));
        }
        let working = holiday.working.iter().map(|text| of_year("working", text)).collect::<Result<Vec<_>, _>>()?;
        // Nobody works on a weekday for a holiday: it is worked as it is.
        if let Some(weekday) = working.iter().find(|day| !day.is_weekend()) {
            return Err(format!("working = {weekday}"));
        }
        holidays.push(Holiday { zh: holiday.zh, en: holiday.en, from, to, working });
    }
    Ok(CalendarYear { year, document: file.document, dated: day("dated", &file.dated)?, holidays })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Calendar;

    const FILES: [&str; 3] = [
        include_str!("../data/calendar/2024.toml"),
        include_str!("../data/calendar/2025.toml"),
        include_str!("../data/calendar/2026.toml"),
    ];

    #[test]
    fn each_year_names_its_notice_and_has_as_many_days_off_as_that() {
        let years = FILES.map(|text| read(text).unwrap());
        // Days of the notice that rest, and days of weekends that are worked.
        let days = years.each_ref().map(|year| {
            let closed: i32 = year.holidays.iter().map(|holiday| holiday.to.0 - holiday.from.0 + 1).sum();
            (year.year, closed, year.holidays.iter().map(|holiday| holiday.working.len()).sum::<usize>())
        });
        assert_eq!(days, [(2024, 28, 8), (2025, 28, 5), (2026, 33, 6)]);
        assert!(years.iter().all(|year| year.document.contains("国办发明电") && year.dated.year() == year.year - 1));
        let calendar = Calendar::new(&years);
        let works = |text: &str| calendar.is_working(Day::from_iso(text).unwrap());
        assert!(works("2024-02-09") && works("2024-02-18") && !works("2025-10-08") && works("2026-05-09"));
    }

    #[test]
    fn a_file_with_a_slip_is_refused_by_its_key() {
        let with = |from: &str, to: &str| read(&FILES[2].replace(from, to)).unwrap_err();
        assert_eq!(with("to = \"2026-01-03\"", "to = \"2025-12-31\""), "to = 2025-12-31");
        assert_eq!(with("to = \"2026-02-23\"", "to = \"2026-02-14\""), "to = 2026-02-14");
        assert_eq!(with("[\"2026-01-04\"]", "[\"2026-01-05\"]"), "working = 2026-01-05");
        assert!(with("dated", "datted").contains("datted"));
    }
}
