//! The bureau's days and terms: which days are worked here, how long a notice hangs and how its days are counted, how far
//! back a day of acceptance may reach. Each is a setting by record; a store that says none of it counts every day, lets a
//! notice end on whatever day it is, and bounds no acceptance.

use super::{Duty, Failure, Office};
use crate::domain::calendar::{Calendar, CalendarYear, DayCount, DayKind};
use crate::domain::case::Limits;
use crate::domain::{Day, Message, Now};
use crate::rules;
use crate::views;
use std::collections::BTreeMap;

/// How long a notice hangs at least, its first and last day included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoticeTerm {
    pub days: i32,
    pub count: DayCount,
}

impl NoticeTerm {
    /// What holds where the bureau said nothing.
    pub const USUAL: NoticeTerm = NoticeTerm { days: Limits::USUAL.notice_days_min, count: Limits::USUAL.notice_count };

    fn from_text(text: &str) -> Option<NoticeTerm> {
        let (days, count) = text.split_once(' ')?;
        Some(NoticeTerm { days: days.parse().ok()?, count: DayCount::from_code(count)? })
    }

    /// As it is typed: `5`, counted as `until_now`, or with how the days are counted, `5 working`.
    pub fn from_typed(text: &str, until_now: NoticeTerm) -> Option<NoticeTerm> {
        let text = text.trim();
        match text.parse() {
            Ok(days) => Some(NoticeTerm { days, ..until_now }),
            Err(_) => NoticeTerm::from_text(text),
        }
    }
}

/// A number by which cases are judged and shown, which is policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaseTerm {
    /// A survey older than so many days on the day of a step decides nothing.
    SurveyDays,
    /// So many months above the line before a household is out of hardship.
    MonthsAbove,
    /// A step that is entered more than so many days after its day is shown as late.
    LateDays,
}

impl CaseTerm {
    pub const ALL: [CaseTerm; 3] = [CaseTerm::SurveyDays, CaseTerm::MonthsAbove, CaseTerm::LateDays];

    /// As it is typed and as its setting is called. **[disk]**
    pub fn code(self) -> &'static str {
        match self {
            CaseTerm::SurveyDays => "survey_days",
            CaseTerm::MonthsAbove => "months_above",
            CaseTerm::LateDays => "late_days",
        }
    }

    pub fn from_code(code: &str) -> Option<CaseTerm> {
        CaseTerm::ALL.into_iter().find(|term| term.code() == code)
    }

    /// The largest that can be set.
    pub fn most(self) -> i32 {
        match self {
            CaseTerm::SurveyDays => 730,
            CaseTerm::MonthsAbove => 60,
            CaseTerm::LateDays => 365,
        }
    }

    pub fn of(self, limits: &Limits) -> i32 {
        match self {
            CaseTerm::SurveyDays => limits.survey_days_max,
            CaseTerm::MonthsAbove => limits.months_above,
            CaseTerm::LateDays => limits.late_after_days,
        }
    }
}

/// `5 calendar`. **[disk]**
const NOTICE: &str = "notice";
/// So many days; `0`: however many. **[disk]**
const ACCEPTANCE: &str = "acceptance_days";
/// Followed by the day: what the bureau does on it, or `usual`. **[disk]**
const OWN_DAY: &str = "day.";
const USUAL_DAY: &str = "usual";

/// The longest terms that can be set.
pub const NOTICE_DAYS_MAX: i32 = 60;
pub const ACCEPTANCE_DAYS_MAX: i32 = 3_650;

impl Office {
    pub fn notice_term(&self, on: Day) -> Result<NoticeTerm, Failure> {
        let row = views::settings::setting(&self.bureau.store, &self.bureau.keys, NOTICE, on)?;
        Ok(row.and_then(|row| NoticeTerm::from_text(&row.value)).unwrap_or(NoticeTerm::USUAL))
    }

    /// A notice hangs so long from today on; one that hangs already ends as it says.
    ///
    /// Errors: no such number of days.
    pub fn set_notice_term(&self, term: NoticeTerm, now: Now) -> Result<(), Failure> {
        within(term.days, NOTICE_DAYS_MAX)?;
        self.set(NOTICE, &format!("{} {}", term.days, term.count.code()), now)
    }

    /// What a step of that day is judged by: as the bureau set it, else as is usual.
    pub fn case_limits(&self, on: Day) -> Result<Limits, Failure> {
        let NoticeTerm { days, count } = self.notice_term(on)?;
        let term = |term: CaseTerm| -> Result<i32, Failure> {
            let row = views::settings::setting(&self.bureau.store, &self.bureau.keys, term.code(), on)?;
            let set = row.and_then(|row| row.value.parse().ok()).filter(|count| (1..=term.most()).contains(count));
            Ok(set.unwrap_or(term.of(&Limits::USUAL)))
        };
        Ok(Limits {
            survey_days_max: term(CaseTerm::SurveyDays)?,
            notice_days_min: days,
            notice_count: count,
            months_above: term(CaseTerm::MonthsAbove)?,
            late_after_days: term(CaseTerm::LateDays)?,
        })
    }

    /// Steps of today and later are judged by that number.
    ///
    /// Errors: no such number of days or months.
    pub fn set_case_term(&self, term: CaseTerm, count: i32, now: Now) -> Result<(), Failure> {
        within(count, term.most())?;
        self.set(term.code(), &count.to_string(), now)
    }

    /// How many days after it was accepted a household is still entered; `None`: however many.
    pub fn acceptance_days(&self, on: Day) -> Result<Option<i32>, Failure> {
        let row = views::settings::setting(&self.bureau.store, &self.bureau.keys, ACCEPTANCE, on)?;
        Ok(row.and_then(|row| row.value.parse().ok()).filter(|days| *days > 0))
    }

    /// A household is entered within so many days from today on; `None`: whenever.
    ///
    /// Errors: no such number of days.
    pub fn set_acceptance_days(&self, days: Option<i32>, now: Now) -> Result<(), Failure> {
        if let Some(days) = days {
            within(days, ACCEPTANCE_DAYS_MAX)?;
        }
        self.set(ACCEPTANCE, &days.unwrap_or(0).to_string(), now)
    }

    /// What the bureau says of its own days, as of today.
    pub fn own_days(&self, today: Day) -> Result<BTreeMap<Day, DayKind>, Failure> {
        let mut by_day: BTreeMap<Day, Vec<views::settings::SettingRow>> = BTreeMap::new();
        for row in views::settings::settings_beginning(&self.bureau.store, &self.bureau.keys, OWN_DAY)? {
            if let Some(day) = row.key.strip_prefix(OWN_DAY).and_then(Day::from_iso) {
                by_day.entry(day).or_default().push(row);
            }
        }
        let kind = |rows: Vec<views::settings::SettingRow>| {
            views::settings::standing_on(&rows, today).and_then(|row| DayKind::from_code(&row.value))
        };
        Ok(by_day.into_iter().filter_map(|(day, rows)| Some((day, kind(rows)?))).collect())
    }

    /// Says that the bureau works on a day, or does not, whatever the country does; `None`: it does as the country does.
    pub fn set_day(&self, day: Day, kind: Option<DayKind>, now: Now) -> Result<(), Failure> {
        self.set(&format!("{OWN_DAY}{day}"), kind.map_or(USUAL_DAY, DayKind::code), now)
    }

    /// The years whose holidays are known: those that the bureau adopted, else those that the program brings.
    pub fn calendar_years(&self) -> Result<Vec<CalendarYear>, Failure> {
        let mut years: BTreeMap<i32, CalendarYear> =
            self.library().calendar_years().iter().map(|year| (year.year, year.clone())).collect();
        for row in self.adopted_calendars()? {
            let wrong = |key| Message::new("calendar.file").with("file", row.id.as_str()).with("key", key);
            let mut year = rules::calendar::read(&row.text).map_err(|key| Failure::Rules(vec![wrong(key)]))?;
            year.document = row.document;
            years.insert(year.year, year);
        }
        Ok(years.into_values().collect())
    }

    /// The bureau's days as they are known today.
    pub fn calendar(&self, today: Day) -> Result<Calendar, Failure> {
        Ok(Calendar::new(&self.calendar_years()?).with_own(self.own_days(today)?))
    }

    /// A last day that somebody named, as the bureau lets terms end that begin on that day.
    pub(super) fn ends(&self, from: Day, last: Day, now: Now) -> Result<Day, Failure> {
        match self.notice_term(from)?.count {
            DayCount::Calendar => Ok(last),
            count => Ok(self.calendar(now.today)?.ends(count, last)),
        }
    }

    /// The earliest last day of a notice that hangs from that day on.
    pub(super) fn notice_least(&self, from: Day, now: Now) -> Result<Day, Failure> {
        let NoticeTerm { days, count } = self.notice_term(from)?;
        match count {
            DayCount::Calendar => Ok(from.plus_days(days - 1)),
            count => Ok(self.calendar(now.today)?.last_of(count, from, days)),
        }
    }

    /// The last day of a notice that hangs from that day on: the one asked for, else the earliest that may be; where the
    /// bureau's terms end on days that are worked, on one of these.
    pub fn notice_until(&self, from: Day, asked: Option<Day>, now: Now) -> Result<Day, Failure> {
        match asked {
            Some(last) => self.ends(from, last, now),
            None => self.notice_least(from, now),
        }
    }

    /// Errors: days are counted by whether they are worked, and of one of those years nobody knows the holidays.
    pub(super) fn knows_days(&self, from: Day, until: Day, now: Now) -> Result<(), Failure> {
        if self.notice_term(from)?.count == DayCount::Calendar {
            return Ok(());
        }
        let calendar = self.calendar(now.today)?;
        let unknown = [from, until].into_iter().find(|day| !calendar.knows(*day));
        unknown.map_or(Ok(()), |day| Err(Failure::YearUnknown { year: day.year() }))
    }

    /// The last day of a term that begins behind that day, as the bureau counts.
    pub(super) fn deadline(&self, from: Day, days: i32, now: Now) -> Result<Day, Failure> {
        match self.notice_term(now.today)?.count {
            DayCount::Calendar => Ok(from.plus_days(days)),
            count => Ok(self.calendar(now.today)?.deadline(count, from, days)),
        }
    }

    /// Errors: that day of acceptance lies further back than the bureau lets one reach.
    pub(super) fn accepts(&self, accepted: Day, now: Now) -> Result<(), Failure> {
        let Some(days) = self.acceptance_days(now.today)? else { return Ok(()) };
        let last = self.deadline(accepted, days, now)?;
        if now.today > last {
            return Err(Failure::AcceptedTooLongAgo { accepted, last, days });
        }
        Ok(())
    }

    /// What is to be known of the bureau's days and terms, where it said something of them.
    pub(super) fn terms_in_words(&self, today: Day) -> Result<Vec<Message>, Failure> {
        let mut said = Vec::new();
        let term = self.notice_term(today)?;
        if term != NoticeTerm::USUAL {
            let key = match term.count {
                DayCount::Calendar => "command.doctor.notice_calendar",
                DayCount::Moved => "command.doctor.notice_moved",
                DayCount::Working => "command.doctor.notice_working",
            };
            said.push(Message::new(key).with("days", i64::from(term.days)));
        }
        if let Some(days) = self.acceptance_days(today)? {
            said.push(Message::new("command.doctor.acceptance").with("days", i64::from(days)));
        }
        let limits = self.case_limits(today)?;
        for term in CaseTerm::ALL.into_iter().filter(|term| term.of(&limits) != term.of(&Limits::USUAL)) {
            let key = match term {
                CaseTerm::SurveyDays => "command.doctor.survey_days",
                CaseTerm::MonthsAbove => "command.doctor.months_above",
                CaseTerm::LateDays => "command.doctor.late_days",
            };
            said.push(Message::new(key).with("count", i64::from(term.of(&limits))));
        }
        // Only a bureau that counts them has to know them.
        if term.count != DayCount::Calendar && !self.calendar(today)?.knows(today) {
            said.push(Message::new("command.doctor.year_unknown").with("year", i64::from(today.year())));
        }
        Ok(said)
    }

    /// Makes a year's calendar the bureau's own, from a file: its name, and its text. A later notice about the same year is
    /// adopted over it; terms that were counted stay as they were.
    ///
    /// Errors: as for rule sets.
    pub fn adopt_calendar(
        &self,
        (file, text): (&str, &str),
        document: &str,
        decided_on: Day,
        now: Now,
    ) -> Result<String, Failure> {
        let permit = self.may(Duty::AdoptRules, now)?;
        let wrong = |key| Failure::Rules(vec![Message::new("calendar.file").with("file", file).with("key", key)]);
        let text = super::adopting::within_bounds(file, text)?;
        let year = rules::calendar::read(&text).map_err(wrong)?;
        let id = year.year.to_string();
        permit.keep(&self.calendar_adoption(&id, text, document, (decided_on, year.year), now)?)?;
        Ok(id)
    }
}

/// Errors: a term is a day at least, and no more than so many.
fn within(days: i32, most: i32) -> Result<(), Failure> {
    if (1..=most).contains(&days) { Ok(()) } else { Err(Failure::NotThatManyDays { most }) }
}
