//! The case (domain.md 2.4): which step may follow which, on what day, and what stands in its way.
//!
//! Pure: what is known of the case comes in, a refusal or none goes out. A guard refuses an *act*, on what is known when it is
//! kept: order and age as of the step's own day, death and duplicates as of now. Reading refuses nothing: a record that
//! breaks a guard (an old one, or one that was merged in) stays what it is.

mod guard;
#[cfg(test)]
mod tests;

pub use guard::{is_eligible, is_of_decision, may_follow, refusal, refusals, rises};

use super::Day;
use super::calendar::DayCount;
use super::dossier::{CloseReason, Level, NotAllowed, Status, UpperState};
use super::explain::{Arg, Explain, Message};

/// How long things take and last in a case. Policy, not nature: each is a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// A survey older than this on the day of the step decides nothing.
    pub survey_days_max: i32,
    /// A notice hangs at least so many days, first and last included.
    pub notice_days_min: i32,
    /// How those are counted.
    pub notice_count: DayCount,
    /// So many months above the line before a household is out of hardship.
    pub months_above: i32,
    /// A step entered more than so many days after its day is shown as late.
    pub late_after_days: i32,
}

impl Limits {
    pub const USUAL: Limits = Limits {
        survey_days_max: 180,
        notice_days_min: 5,
        notice_count: DayCount::Calendar,
        months_above: 6,
        late_after_days: 30,
    };
}

/// A category whose validity ends within so many days is somebody's to renew.
pub const ENDS_WITHIN_DAYS: i32 = 60;

/// The survey that a step rests on: the latest deciding one of the step's day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SurveyKnown {
    pub on: Day,
    /// The day on which the oldest of its amounts was asked, where some were left as they stood.
    pub money_since: Option<Day>,
    /// What it came to; `None`: undecided.
    pub category: Option<String>,
    /// When undecided: what remains possible.
    pub possible: Vec<String>,
    pub union_member: bool,
    /// Exclusions that hold and that nobody overrode.
    pub excluded: Vec<String>,
    /// It proposes nothing: the approval in force rests on it.
    pub approved: bool,
}

/// A public notice that hangs or hung, of the case as it is under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoticeKnown {
    pub until: Day,
    pub category: Option<String>,
}

/// A vote of the committee.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Vote {
    /// How many the committee has.
    pub committee: u32,
    /// Who sat and voted.
    pub present: u32,
    /// Who stood aside.
    pub aside: u32,
    pub agreed: u32,
    pub against: u32,
}

impl Vote {
    /// Two thirds are there.
    pub fn is_quorate(self) -> bool {
        let came = self.present.saturating_add(self.aside);
        let voted = self.agreed.saturating_add(self.against);
        self.present > 0
            && came <= self.committee
            && came.saturating_mul(3) >= self.committee.saturating_mul(2)
            && voted <= self.present
    }

    /// More than half of those present agreed.
    pub fn is_carried(self) -> bool {
        self.agreed.saturating_mul(2) > self.present
    }
}

/// What somebody did in a case who may therefore not do the next thing in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Did {
    Surveyed,
    Reviewed,
    /// Of a payout.
    Proposed,
    Checked,
    Approved,
}

impl Did {
    /// In the words `did.surveyed`.
    pub fn code(self) -> &'static str {
        match self {
            Did::Surveyed => "surveyed",
            Did::Reviewed => "reviewed",
            Did::Proposed => "proposed",
            Did::Checked => "checked",
            Did::Approved => "approved",
        }
    }
}

/// What is known of a case when a step is to be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    pub status: Status,
    pub accepted_on: Option<Day>,
    /// The day of the step before.
    pub last: Option<Day>,
    /// The day of the first survey there is, of whatever day.
    pub first_survey: Option<Day>,
    pub survey: Option<SurveyKnown>,
    /// Two surveys that went on from one place, and nobody has merged them.
    pub is_contested: bool,
    /// The category in force by approval.
    pub in_force: Option<String>,
    pub notice: Option<NoticeKnown>,
    /// Of the deliberation of the case as it is under way, where one was kept.
    pub vote: Option<Vote>,
    /// The bureau has adopted rules, and not those that the survey was decided by.
    pub rules_not_adopted: Option<String>,
    /// Papers that are owed and that nobody waived for this day: codes of list `paper`.
    pub papers_owed: Vec<String>,
    /// Queries about its answers that nobody has closed.
    pub queries_open: usize,
    /// Objections to its notices that nobody has settled.
    pub objections_open: usize,
    /// Whoever acts did that in this case.
    pub same_person: Option<(Did, Day)>,
    /// Dossiers that are not over and hold a person of this one too.
    pub duplicates: Vec<String>,
    pub died_on: Option<Day>,
    /// Since when all surveys have been above the line, as of the step's day.
    pub above_since: Option<Day>,
}

/// A step as somebody wants to take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    pub to: Status,
    pub on: Day,
    pub today: Day,
    pub close: Option<CloseReason>,
    /// A reason in words is given.
    pub says_why: bool,
    /// The last day of a notice.
    pub until: Option<Day>,
    /// The earliest last day of a notice by the bureau's calendar; `None`: every day counts.
    pub notice_least: Option<Day>,
    /// The final category, where it is not the computed one.
    pub category: Option<String>,
    pub vote: Option<Vote>,
}

impl Wanted {
    pub fn new(to: Status, on: Day, today: Day) -> Wanted {
        Wanted {
            to,
            on,
            today,
            close: None,
            says_why: false,
            until: None,
            notice_least: None,
            category: None,
            vote: None,
        }
    }
}

/// Why a step is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    NotAllowed(NotAllowed),
    AfterToday {
        on: Day,
    },
    BeforeAcceptance {
        on: Day,
        accepted: Day,
    },
    BeforeStep {
        on: Day,
        last: Day,
    },
    NoSurvey,
    BeforeSurvey {
        on: Day,
        survey: Day,
    },
    NoReason {
        to: Status,
    },
    TwoHeads,
    NotAUnionMember,
    Excluded {
        codes: Vec<String>,
    },
    Undecided {
        possible: Vec<String>,
    },
    NotEligible {
        category: String,
    },
    SurveyTooOld {
        survey: Day,
        days: i32,
        most: i32,
    },
    /// Amounts of an update stand from a survey that is older than that: they carry no change of the category.
    MoneyTooOld {
        since: Day,
        days: i32,
        most: i32,
    },
    RulesNotAdopted {
        rule_set: String,
    },
    NotQuorate {
        committee: u32,
        present: u32,
    },
    VotedDown {
        agreed: u32,
        present: u32,
    },
    /// `until`: the earliest day on which it may end.
    NoticeTooShort {
        days: i32,
        count: DayCount,
        until: Day,
    },
    NotNoticed,
    NoticeNotOver {
        until: Day,
    },
    PostedOtherwise {
        posted: String,
        category: String,
    },
    PapersMissing {
        papers: Vec<String>,
    },
    QueriesOpen {
        count: usize,
    },
    ObjectionsOpen {
        count: usize,
    },
    SamePerson {
        did: Did,
        on: Day,
    },
    Duplicate {
        of: Vec<String>,
    },
    Deceased {
        on: Day,
    },
    AlreadyApproved {
        category: String,
    },
    UnknownCategory {
        category: String,
    },
    DeathNotRecorded,
    NotAboveTheLine {
        since: Option<Day>,
        months: i32,
    },
    // What follows refuses a note of its level, and no step.
    /// Only what is in the files has a level.
    NotOnFile,
    /// The union above answers what was reported, and nothing else.
    UpperCannotFollow {
        level: Level,
        before: UpperState,
        after: UpperState,
    },
    /// Something came back from the union above without a word why.
    ReturnedWithoutReason,
    /// The note before it is of a later day.
    BeforeLevel {
        on: Day,
        last: Day,
    },
}

/// Every refusal of a step by its name, in order of precedence: where several stand in the way, the first is told.
pub const PRECEDENCE: [&str; 31] = [
    "not_allowed",
    "after_today",
    "before_acceptance",
    "before_step",
    "no_survey",
    "before_survey",
    "no_reason",
    "two_heads",
    "not_a_union_member",
    "excluded",
    "undecided",
    "not_eligible",
    "survey_too_old",
    "money_too_old",
    "rules_not_adopted",
    "not_quorate",
    "voted_down",
    "notice_too_short",
    "not_noticed",
    "notice_not_over",
    "posted_otherwise",
    "papers_missing",
    "queries_open",
    "objections_open",
    "same_person",
    "duplicate",
    "deceased",
    "already_approved",
    "unknown_category",
    "death_not_recorded",
    "not_above_the_line",
];

impl Refusal {
    /// In JSON, and in the words `case.refused.undecided`.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotAllowed(_) => "not_allowed",
            Refusal::AfterToday { .. } => "after_today",
            Refusal::BeforeAcceptance { .. } => "before_acceptance",
            Refusal::BeforeStep { .. } => "before_step",
            Refusal::NoSurvey => "no_survey",
            Refusal::BeforeSurvey { .. } => "before_survey",
            Refusal::NoReason { .. } => "no_reason",
            Refusal::TwoHeads => "two_heads",
            Refusal::NotAUnionMember => "not_a_union_member",
            Refusal::Excluded { .. } => "excluded",
            Refusal::Undecided { .. } => "undecided",
            Refusal::NotEligible { .. } => "not_eligible",
            Refusal::SurveyTooOld { .. } => "survey_too_old",
            Refusal::MoneyTooOld { .. } => "money_too_old",
            Refusal::RulesNotAdopted { .. } => "rules_not_adopted",
            Refusal::NotQuorate { .. } => "not_quorate",
            Refusal::VotedDown { .. } => "voted_down",
            Refusal::NoticeTooShort { .. } => "notice_too_short",
            Refusal::NotNoticed => "not_noticed",
            Refusal::NoticeNotOver { .. } => "notice_not_over",
            Refusal::PostedOtherwise { .. } => "posted_otherwise",
            Refusal::PapersMissing { .. } => "papers_missing",
            Refusal::QueriesOpen { .. } => "queries_open",
            Refusal::ObjectionsOpen { .. } => "objections_open",
            Refusal::SamePerson { .. } => "same_person",
            Refusal::Duplicate { .. } => "duplicate",
            Refusal::Deceased { .. } => "deceased",
            Refusal::AlreadyApproved { .. } => "already_approved",
            Refusal::UnknownCategory { .. } => "unknown_category",
            Refusal::DeathNotRecorded => "death_not_recorded",
            Refusal::NotAboveTheLine { .. } => "not_above_the_line",
            Refusal::NotOnFile => "not_on_file",
            Refusal::UpperCannotFollow { .. } => "upper_cannot_follow",
            Refusal::ReturnedWithoutReason => "returned_without_reason",
            Refusal::BeforeLevel { .. } => "before_level",
        }
    }
}

impl Explain for Refusal {
    fn explain(&self) -> Message {
        let list = |codes: &[String], key: fn(&String) -> String| {
            let word = |code: &String| Arg::Word(key(code));
            let mut codes = codes.iter();
            let first = codes.next().map_or_else(|| Arg::Text(String::new()), word);
            codes.fold(first, |before, code| {
                Message::new("case.and").with("before", before).with("next", word(code)).into()
            })
        };
        let status = |status: &Status| Arg::Word(format!("status.{}", status.code()));
        match self {
            Refusal::NotAllowed(why) => why.explain(),
            Refusal::AfterToday { on } => Message::new("command.step_ahead").with("day", *on),
            Refusal::BeforeAcceptance { on, accepted } => {
                Message::new("case.refused.before_acceptance").with("day", *on).with("accepted", *accepted)
            }
            Refusal::BeforeStep { on, last } => {
                Message::new("command.step_too_early").with("day", *on).with("last", *last)
            }
            Refusal::NoSurvey => Message::new("case.refused.no_survey"),
            Refusal::BeforeSurvey { on, survey } => {
                Message::new("case.refused.before_survey").with("day", *on).with("survey", *survey)
            }
            Refusal::NoReason { to } => Message::new("case.refused.no_reason").with("step", status(to)),
            Refusal::TwoHeads => Message::new("case.refused.two_heads"),
            Refusal::NotAUnionMember => Message::new("case.refused.not_a_union_member"),
            Refusal::Excluded { codes } => {
                Message::new("case.refused.excluded").with("codes", list(codes, |code| format!("exclusion.{code}")))
            }
            Refusal::Undecided { possible } => {
                Message::new("case.refused.undecided").with("possible", possible.join(", "))
            }
            Refusal::NotEligible { category } => {
                Message::new("case.refused.not_eligible").with("category", category.as_str())
            }
            Refusal::SurveyTooOld { survey, days, most } => Message::new("case.refused.survey_too_old")
                .with("survey", *survey)
                .with("days", i64::from(*days))
                .with("most", i64::from(*most)),
            Refusal::MoneyTooOld { since, days, most } => Message::new("case.refused.money_too_old")
                .with("since", *since)
                .with("days", i64::from(*days))
                .with("most", i64::from(*most)),
            Refusal::RulesNotAdopted { rule_set } => {
                Message::new("case.refused.rules_not_adopted").with("rules", rule_set.as_str())
            }
            Refusal::NotQuorate { committee, present } => {
                Message::new("case.refused.not_quorate").with("committee", *committee).with("present", *present)
            }
            Refusal::VotedDown { agreed, present } => {
                Message::new("case.refused.voted_down").with("agreed", *agreed).with("present", *present)
            }
            Refusal::NoticeTooShort { days, count, until } => match count {
                DayCount::Calendar => Message::new("case.refused.notice_too_short").with("days", i64::from(*days)),
                DayCount::Moved => {
                    Message::new("case.refused.notice_ends_early").with("days", i64::from(*days)).with("until", *until)
                }
                DayCount::Working => Message::new("case.refused.notice_too_few_working_days")
                    .with("days", i64::from(*days))
                    .with("until", *until),
            },
            Refusal::NotNoticed => Message::new("case.refused.not_noticed"),
            Refusal::NoticeNotOver { until } => Message::new("case.refused.notice_not_over").with("until", *until),
            Refusal::PostedOtherwise { posted, category } => Message::new("case.refused.posted_otherwise")
                .with("posted", posted.as_str())
                .with("category", category.as_str()),
            Refusal::PapersMissing { papers } => {
                Message::new("case.refused.papers_missing").with("papers", list(papers, |code| format!("paper.{code}")))
            }
            Refusal::ObjectionsOpen { count } => {
                Message::new("case.refused.objections_open").with("count", count.to_string())
            }
            Refusal::QueriesOpen { count } => {
                Message::new("case.refused.queries_open").with("count", count.to_string())
            }
            Refusal::SamePerson { did, on } => Message::new("command.same_person")
                .with("did", Arg::Word(format!("did.{}", did.code())))
                .with("day", *on),
            Refusal::Duplicate { of } => Message::new("case.refused.duplicate").with("of", of.join(", ")),
            Refusal::Deceased { on } => Message::new("case.refused.deceased").with("day", *on),
            Refusal::AlreadyApproved { category } => {
                Message::new("case.refused.already_approved").with("category", category.as_str())
            }
            Refusal::UnknownCategory { category } => {
                Message::new("case.refused.unknown_category").with("category", category.as_str())
            }
            Refusal::DeathNotRecorded => Message::new("case.refused.death_not_recorded"),
            Refusal::NotAboveTheLine { since: Some(since), months } => {
                Message::new("case.refused.not_above_long").with("since", *since).with("months", i64::from(*months))
            }
            Refusal::NotAboveTheLine { since: None, months } => {
                Message::new("case.refused.not_above").with("months", i64::from(*months))
            }
            Refusal::NotOnFile => Message::new("case.refused.not_on_file"),
            Refusal::UpperCannotFollow { level: Level::Bureau, .. } => {
                Message::new("case.refused.level_is_the_bureaus")
            }
            Refusal::UpperCannotFollow { before, after, .. } => {
                let word = |state: &UpperState| Arg::Word(format!("upper.{}", state.code()));
                Message::new("case.refused.upper_cannot_follow").with("before", word(before)).with("after", word(after))
            }
            Refusal::ReturnedWithoutReason => Message::new("case.refused.returned_without_reason"),
            Refusal::BeforeLevel { on, last } => {
                Message::new("case.refused.before_level").with("day", *on).with("last", *last)
            }
        }
    }
}
