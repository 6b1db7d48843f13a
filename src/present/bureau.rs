//! What a bureau has set for itself, and the days of a year as it has them.

use super::value::{Cell, Column, ColumnKind, Field, Table};
use super::words::Words;
use crate::command::calendar::CaseTerm;
use crate::command::settings::BureauSettings;
use crate::domain::Day;
use crate::domain::Message;
use crate::domain::calendar::{CalendarYear, DayCount, DayKind};

/// Everything that can be set, and how it stands; what nobody said is said to be so.
pub fn settings(words: &Words<'_>, set: &BureauSettings) -> Vec<Field> {
    let or_unsaid = |said: Option<String>| Cell::text(said.unwrap_or_else(|| words.word("present.bureau.unsaid")));
    let term = match set.notice.count {
        DayCount::Calendar => "present.bureau.notice_calendar",
        DayCount::Moved => "present.bureau.notice_moved",
        DayCount::Working => "present.bureau.notice_working",
    };
    let acceptance = match set.acceptance_days {
        Some(days) => words.say(&Message::new("present.bureau.within").with("days", i64::from(days))),
        None => words.word("present.bureau.unbounded"),
    };
    let counted = |key: &'static str, term: CaseTerm| {
        Cell::text(words.say(&Message::new(key).with("count", i64::from(term.of(&set.limits)))))
    };
    let field = |key: &'static str, cell| Field::new(key, words.word(&format!("present.bureau.{key}")), cell);
    let mut fields = vec![
        field("name", or_unsaid(set.name.as_ref().map(|name| words.pick(&name.zh, &name.en).to_owned()))),
        field("language", or_unsaid(set.language.map(|lang| lang.code().to_owned()))),
        field("size", or_unsaid(set.size.map(|size| size.code().to_owned()))),
        field("division", Cell::identifier(set.division.as_str())),
        field("notice", Cell::text(words.say(&Message::new(term).with("days", i64::from(set.notice.days))))),
        field("acceptance", Cell::text(acceptance)),
        field("survey_days", counted("present.bureau.days", CaseTerm::SurveyDays)),
        field("months_above", counted("present.bureau.months", CaseTerm::MonthsAbove)),
        field("late_days", counted("present.bureau.days", CaseTerm::LateDays)),
    ];
    if !set.own_days.is_empty() {
        let days = set.own_days.iter().map(|(day, kind)| words.bracketed(&day.to_string(), &self::kind(words, *kind)));
        fields.push(field("own_days", Cell::text(days.collect::<Vec<_>>().join(words.comma()))));
    }
    fields
}

fn kind(words: &Words<'_>, kind: DayKind) -> String {
    words.word(&format!("present.day.{}", kind.code()))
}

/// The days of a year that are not as the week has them, in order: the country's holidays, then the bureau's own.
pub fn calendar(
    words: &Words<'_>,
    year: Option<&CalendarYear>,
    own: impl IntoIterator<Item = (Day, DayKind)>,
) -> Table {
    let column = |key: &'static str, title: &str, kind| Column::new(key, words.word(title), kind);
    let mut table = Table::new(
        "calendar",
        vec![
            column("from", "present.col.since", ColumnKind::Day).worth(9),
            column("until", "present.col.until", ColumnKind::Day).worth(9),
            column("kind", "present.col.kind", ColumnKind::Code).worth(7),
            column("holiday", "present.bureau.holiday", ColumnKind::Text).worth(5),
        ],
    );
    let mut days: Vec<(Day, Day, DayKind, String)> = Vec::new();
    for holiday in year.iter().flat_map(|year| &year.holidays) {
        let name = words.pick(&holiday.zh, &holiday.en);
        days.push((holiday.from, holiday.to, DayKind::Closed, name.to_owned()));
        days.extend(holiday.working.iter().map(|day| (*day, *day, DayKind::Working, name.to_owned())));
    }
    days.extend(own.into_iter().map(|(day, kind)| (day, day, kind, words.word("present.day.own"))));
    days.sort_by_key(|(from, ..)| *from);
    for (from, until, of, name) in days {
        table.push(vec![Cell::Day(from), Cell::Day(until), Cell::code(of.code(), kind(words, of)), Cell::text(name)]);
    }
    table
}
