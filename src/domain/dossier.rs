//! What a dossier is while it lives: its status, its numbers, when it is looked at again (domain.md 2.4).

use super::Day;
use super::explain::{Explain, Message};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a dossier stands. *Level* and the upper union's state are another axis.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Status {
    /// Being filled in; nothing of it counts.
    Draft,
    /// 已提交: the survey is kept.
    Submitted,
    /// 核实中: visited and checked.
    Verifying,
    /// 已评议: the committee has spoken.
    Reviewed,
    /// 公示中: posted in the unit.
    Noticed,
    /// 已批准.
    Approved,
    /// 在档: in the files; aid may be paid.
    Open,
    /// 暂停: in the files, nothing is paid.
    Suspended,
    /// 已撤档, for one of the [`CloseReason`]s.
    Closed,
    /// 不予建档, with a reason.
    Rejected,
    /// 上级已审核: the union above has agreed. Stands between [`Status::Reviewed`] and [`Status::Noticed`]; last here, since
    /// records hold the place.
    Endorsed,
}

/// A move that the status does not allow. The sentence says which it does allow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAllowed {
    pub from: Status,
    pub to: Status,
}

impl Status {
    /// In the order of a case.
    pub const ALL: [Status; 11] = [
        Status::Draft,
        Status::Submitted,
        Status::Verifying,
        Status::Reviewed,
        Status::Endorsed,
        Status::Noticed,
        Status::Approved,
        Status::Open,
        Status::Suspended,
        Status::Closed,
        Status::Rejected,
    ];

    /// The code in list `status`, in JSON and in the words `status.open`.
    pub fn code(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Submitted => "submitted",
            Status::Verifying => "verifying",
            Status::Reviewed => "reviewed",
            Status::Endorsed => "endorsed",
            Status::Noticed => "noticed",
            Status::Approved => "approved",
            Status::Open => "open",
            Status::Suspended => "suspended",
            Status::Closed => "closed",
            Status::Rejected => "rejected",
        }
    }

    pub fn from_code(code: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Every status that may come next: forward; back to the step that has to be done again; out.
    pub fn next(self) -> &'static [Status] {
        use Status::*;
        match self {
            Draft => &[Submitted],
            // The branch may send a survey back to its surveyor before it is looked into.
            Submitted => &[Verifying, Draft],
            Verifying => &[Reviewed, Draft, Rejected],
            Reviewed => &[Endorsed, Verifying, Rejected],
            Endorsed => &[Noticed, Verifying, Rejected],
            // An objection goes back to verifying. Leaving before the last posting day is refused by the notice itself.
            Noticed => &[Approved, Verifying, Rejected],
            Approved => &[Open, Verifying, Rejected],
            // A re-survey that raises the category needs review, notice and approval again, while the dossier stays open:
            // that is the survey's way, not the dossier's.
            Open => &[Suspended, Closed],
            Suspended => &[Open, Closed],
            // Whoever falls back into hardship applies again under the same dossier.
            Closed => &[Submitted],
            Rejected => &[Submitted],
        }
    }

    pub fn may_move(self, to: Status) -> Result<(), NotAllowed> {
        if self.next().contains(&to) { Ok(()) } else { Err(NotAllowed { from: self, to }) }
    }

    /// In the files: counted in the roll, re-surveyed when due.
    pub fn is_on_file(self) -> bool {
        matches!(self, Status::Open | Status::Suspended)
    }

    /// Over, unless a new application comes: nobody is surveyed.
    pub fn is_over(self) -> bool {
        matches!(self, Status::Closed | Status::Rejected)
    }

    /// Aid may be paid only here (先建档、后帮扶).
    pub fn takes_payouts(self) -> bool {
        self == Status::Open
    }
}

impl Explain for NotAllowed {
    fn explain(&self) -> Message {
        let word = |s: Status| super::Arg::Word(format!("status.{}", s.code()));
        let mut allowed = self.from.next().iter().map(|s| word(*s));
        let first = allowed.next().unwrap_or_else(|| word(self.from));
        let allowed = allowed
            .fold(first, |before, next| Message::new("dossier.or").with("before", before).with("next", next).into());
        Message::new("dossier.not_allowed")
            .with("before", word(self.from))
            .with("after", word(self.to))
            .with("allowed", allowed)
    }
}

/// At which level a household is kept (list `level`; domain.md 1.1). Those above the bureau's own are reported up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Level {
    National,
    Provincial,
    Bureau,
}

impl Level {
    pub const ALL: [Level; 3] = [Level::National, Level::Provincial, Level::Bureau];

    pub fn code(self) -> &'static str {
        match self {
            Level::National => "national",
            Level::Provincial => "provincial",
            Level::Bureau => "bureau",
        }
    }

    pub fn from_code(code: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// What the union above says of a household (list `upper_state`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum UpperState {
    NotReported,
    Reported,
    /// With a reason, to be mended and reported again.
    Returned,
    Confirmed,
}

impl UpperState {
    pub const ALL: [UpperState; 4] =
        [UpperState::NotReported, UpperState::Reported, UpperState::Returned, UpperState::Confirmed];

    pub fn code(self) -> &'static str {
        match self {
            UpperState::NotReported => "not_reported",
            UpperState::Reported => "reported",
            UpperState::Returned => "returned",
            UpperState::Confirmed => "confirmed",
        }
    }

    pub fn from_code(code: &str) -> Option<UpperState> {
        UpperState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the union above may say so of what it has in that state: it answers what was reported, and nothing else.
    pub fn may_follow(self, before: UpperState) -> bool {
        match self {
            UpperState::NotReported => true,
            UpperState::Reported => matches!(before, UpperState::NotReported | UpperState::Returned),
            UpperState::Returned => matches!(before, UpperState::Reported | UpperState::Confirmed),
            UpperState::Confirmed => before == UpperState::Reported,
        }
    }
}

/// Why a dossier was closed (list `close_reason`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum CloseReason {
    /// 01 脱困.
    OutOfHardship,
    /// 02 死亡.
    Death,
    /// 03 离职/调出.
    Left,
    /// 04 迁出.
    MovedAway,
    /// 05 重复建档合并.
    Merged,
    /// 06 不实信息.
    FalseStatement,
    /// 07 本人放弃.
    GivenUp,
    /// 08 拒绝复查.
    RefusedSurvey,
    /// 09 转政府救助.
    PublicRelief,
    /// 10 解困: ill or disabled, and brought to the line by help.
    Relieved,
}

impl CloseReason {
    pub const ALL: [CloseReason; 10] = [
        CloseReason::OutOfHardship,
        CloseReason::Death,
        CloseReason::Left,
        CloseReason::MovedAway,
        CloseReason::Merged,
        CloseReason::FalseStatement,
        CloseReason::GivenUp,
        CloseReason::RefusedSurvey,
        CloseReason::PublicRelief,
        CloseReason::Relieved,
    ];

    pub fn code(self) -> &'static str {
        match self {
            CloseReason::OutOfHardship => "01",
            CloseReason::Death => "02",
            CloseReason::Left => "03",
            CloseReason::MovedAway => "04",
            CloseReason::Merged => "05",
            CloseReason::FalseStatement => "06",
            CloseReason::GivenUp => "07",
            CloseReason::RefusedSurvey => "08",
            CloseReason::PublicRelief => "09",
            CloseReason::Relieved => "10",
        }
    }

    pub fn from_code(code: &str) -> Option<CloseReason> {
        CloseReason::ALL.into_iter().find(|r| r.code() == code)
    }
}

/// How long things take, in months. Policy, not nature: each is a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// From a survey to the next; `None`: no further survey falls due.
    pub survey_every: Option<u32>,
    /// From the decision to closing by itself, unless renewed.
    pub closes_after: Option<u32>,
}

impl Terms {
    pub const DEEP: Terms = Terms { survey_every: Some(6), closes_after: None };
    pub const RELATIVE: Terms = Terms { survey_every: Some(12), closes_after: None };
    /// The survey that renews it is due by the day it would close.
    pub const ACCIDENTAL: Terms = Terms { survey_every: Some(12), closes_after: Some(12) };

    /// The day by which the next survey is due after one on `surveyed`; the last day of a month where that is shorter.
    pub fn next_due(&self, surveyed: Day) -> Option<Day> {
        self.survey_every.map(|months| later(surveyed, months))
    }

    /// The first day on which the dossier no longer stands by itself.
    pub fn closes_on(&self, decided: Day) -> Option<Day> {
        self.closes_after.map(|months| later(decided, months))
    }
}

fn later(day: Day, months: u32) -> Day {
    day.plus_months(i32::try_from(months).unwrap_or(i32::MAX))
}

/// After this many years from closing a dossier may be erased.
pub const KEPT_YEARS: i32 = 10;

/// The day from which a closed dossier may be erased.
pub fn erasable_from(closed: Day) -> Day {
    closed.plus_months(KEPT_YEARS * 12)
}

/// A dossier's number. Given by the program; found for ever, the provisional one too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Number {
    /// `150785-2018-0042`, or `150785-03-2018-0042` where a division has several bureaus.
    Given {
        /// Six digits.
        division: u32,
        /// Two digits; `None` where the division has one bureau.
        bureau: Option<u8>,
        year: u16,
        /// From 1; printed with four digits at least, seven at most.
        serial: u32,
    },
    /// `临-a3f9-12`: a station without a block of numbers counts its own until a number is given.
    Provisional {
        /// The first four hexadecimal digits of the station's id.
        station: u16,
        n: u32,
    },
}

/// The largest serial.
pub const SERIAL_MAX: u32 = 9_999_999;

/// Why a text is no dossier number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotANumber;

impl Explain for NotANumber {
    fn explain(&self) -> Message {
        Message::new("dossier.not_a_number")
    }
}

impl Number {
    /// Reads both shapes; full-width digits and dashes too, `L-` for `临-` where no Chinese can be typed.
    pub fn parse(text: &str) -> Result<Number, NotANumber> {
        let narrow: String = text
            .trim()
            .chars()
            .map(|c| match super::money::narrow_char(c) {
                '—' | '–' | '－' | '−' => '-',
                c => c,
            })
            .collect();
        let parts: Vec<&str> = narrow.split('-').collect();
        match parts[..] {
            ["临" | "L" | "l", station, n] => {
                let hex = station.len() == 4 && station.bytes().all(|b| b.is_ascii_hexdigit());
                let station = u16::from_str_radix(station, 16).ok().filter(|_| hex).ok_or(NotANumber)?;
                let n = digits(n, 1..=9)?;
                if n == 0 { Err(NotANumber) } else { Ok(Number::Provisional { station, n }) }
            }
            [division, year, serial] => Number::given(division, None, year, serial),
            [division, bureau, year, serial] => {
                let bureau = u8::try_from(digits(bureau, 2..=2)?).map_err(|_| NotANumber)?;
                Number::given(division, Some(bureau), year, serial)
            }
            _ => Err(NotANumber),
        }
    }

    fn given(division: &str, bureau: Option<u8>, year: &str, serial: &str) -> Result<Number, NotANumber> {
        let division = digits(division, 6..=6)?;
        let year = digits(year, 4..=4)?;
        let serial = digits(serial, 4..=7)?;
        if division < 100_000 || year < 1900 || serial == 0 {
            return Err(NotANumber);
        }
        Ok(Number::Given { division, bureau, year: u16::try_from(year).map_err(|_| NotANumber)?, serial })
    }

    pub fn is_provisional(&self) -> bool {
        matches!(self, Number::Provisional { .. })
    }
}

/// A whole number of so many ASCII digits.
fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Result<u32, NotANumber> {
    if !count.contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotANumber);
    }
    text.parse().map_err(|_| NotANumber)
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Given { division, bureau: None, year, serial } => write!(f, "{division:06}-{year}-{serial:04}"),
            Number::Given { division, bureau: Some(bureau), year, serial } => {
                write!(f, "{division:06}-{bureau:02}-{year}-{serial:04}")
            }
            Number::Provisional { station, n } => write!(f, "临-{station:04x}-{n}"),
        }
    }
}

/// A number names no person by itself, and is what people in the office call a dossier by.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every pair of statuses: the moves that are allowed, and no other.
    #[test]
    fn a_dossier_moves_as_the_rules_say_and_not_otherwise() {
        let allowed = "
            draft      submitted
            submitted  verifying  draft
            verifying  reviewed   draft      rejected
            reviewed   endorsed   verifying  rejected
            endorsed   noticed    verifying  rejected
            noticed    approved   verifying  rejected
            approved   open       verifying  rejected
            open       suspended  closed
            suspended  open       closed
            closed     submitted
            rejected   submitted
        ";
        let mut rows = 0;
        for line in allowed.lines().filter(|l| !l.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let from = Status::from_code(words[0]).unwrap();
            for to in Status::ALL {
                let expected = words[1..].contains(&to.code());
                assert_eq!(from.may_move(to).is_ok(), expected, "{from:?} to {to:?}");
            }
            rows += 1;
        }
        assert_eq!(rows, Status::ALL.len());
        assert_eq!(Status::Closed.may_move(Status::Open), Err(NotAllowed { from: Status::Closed, to: Status::Open }));
    }

    #[test]
    fn only_an_open_dossier_takes_payouts() {
        let paying: Vec<Status> = Status::ALL.into_iter().filter(|s| s.takes_payouts()).collect();
        assert_eq!(paying, [Status::Open]);
    }

    #[test]
    fn codes_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        for reason in CloseReason::ALL {
            assert_eq!(CloseReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(Status::from_code("opened"), None);
        assert_eq!(CloseReason::from_code("11"), None);
    }

    #[test]
    fn a_survey_falls_due_months_later_and_on_the_last_day_of_a_shorter_month() {
        let day = |t: &str| Day::from_iso(t).unwrap();
        for (terms, surveyed, due, closes) in [
            (Terms::DEEP, "2026-01-15", Some("2026-07-15"), None),
            (Terms::DEEP, "2025-08-31", Some("2026-02-28"), None),
            (Terms::DEEP, "2023-08-31", Some("2024-02-29"), None),
            (Terms::RELATIVE, "2024-02-29", Some("2025-02-28"), None),
            (Terms::ACCIDENTAL, "2024-02-29", Some("2025-02-28"), Some("2025-02-28")),
        ] {
            assert_eq!(terms.next_due(day(surveyed)), due.map(day), "{surveyed}");
            assert_eq!(terms.closes_on(day(surveyed)), closes.map(day), "{surveyed}");
        }
        assert_eq!(erasable_from(day("2016-02-29")), day("2026-02-28"));
    }

    #[test]
    fn numbers_are_read_as_they_are_printed_and_nothing_else_is() {
        for text in ["150785-2018-0042", "150785-2018-9999999", "150785-03-2018-0042", "临-a3f9-12", "临-00ff-1"] {
            assert_eq!(Number::parse(text).map(|n| n.to_string()).as_deref(), Ok(text));
        }
        for (typed, printed) in [
            (" １５０７８５－２０１８－００４２ ", "150785-2018-0042"),
            ("150785-2018-00042", "150785-2018-0042"),
            ("L-A3F9-12", "临-a3f9-12"),
            ("150785—2018—0042", "150785-2018-0042"),
        ] {
            assert_eq!(Number::parse(typed).map(|n| n.to_string()).as_deref(), Ok(printed), "{typed}");
        }
        for bad in [
            "",
            "150785",
            "150785-2018",
            "15078-2018-0042",
            "150785-18-0042",
            "150785-2018-042",
            "150785-2018-12345678",
            "150785-2018-0000",
            "150785-2018-+042",
            "050785-2018-0042",
            "150785-3-2018-0042",
            "150785-2018-0042-1",
            "临-a3f-12",
            "临-+3f9-12",
            "临-a3f9-0",
            "临-a3f9-",
            "临-a3f9-9999999999",
        ] {
            assert_eq!(Number::parse(bad), Err(NotANumber), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_number_reads_back(division in 100_000u32..1_000_000, bureau in proptest::option::of(0u8..100),
                                   year in 1900u16..10_000, serial in 1..=SERIAL_MAX, station: u16, n in 1u32..1_000_000_000) {
            for number in [Number::Given { division, bureau, year, serial }, Number::Provisional { station, n }] {
                prop_assert_eq!(Number::parse(&number.to_string()), Ok(number));
            }
        }

        #[test]
        fn no_text_makes_parsing_stop(text in "\\PC{0,30}") {
            let _ = Number::parse(&text);
        }
    }
}
