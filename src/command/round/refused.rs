//! Why a round is not opened or closed, why nobody is assigned, why a visit is not noted.

use crate::domain::{Day, Explain, Message};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundRefused {
    /// No round of that name or id that whoever asks may know of.
    NoSuchRound { asked: String },
    /// An open round is called so already.
    NameTaken { name: String },
    /// It ends before it begins, or lasts longer than a round does.
    NotAPeriod { from: Day, to: Day, most: i32 },
    /// Its last day has gone by.
    PeriodOver { to: Day },
    /// No household is due, or each stands in another open round of that time.
    NothingDue { elsewhere: usize },
    /// It is closed.
    Closed { name: String, on: Day },
    /// Somebody closed it, or it changed, meanwhile.
    Changed,
    /// Households that have neither a survey nor a final outcome.
    NotSettled { count: usize, first: String },
    /// Households of it belong to units of others.
    OtherUnits,
    /// Records of households of it have not come to this station.
    NotAllHere { count: usize },
    /// The household was not drawn into it.
    NotInRound { number: String, name: String },
    /// It stands in no open round, or in several, and it has to be said which.
    WhichRound { number: String, names: String },
    /// The officer has left.
    OfficerLeft { name: String, last: Day },
    /// The officer surveys nobody.
    OfficerSurveysNot { name: String },
    /// The household's unit is none of the officer's.
    OfficerElsewhere { name: String, number: String },
    /// A day still to come.
    VisitAhead { on: Day },
    /// A day before the round began.
    VisitTooEarly { on: Day, from: Day },
    /// The next try is not after the visit.
    NextTooEarly { next: Day, on: Day },
    /// Final, and a next try.
    FinalAndNext,
    /// A survey ends it by itself.
    SurveyedIsNotFinal,
    /// That outcome is noted of that day already.
    VisitKnown { on: Day },
    /// Nobody is to be visited that day.
    NobodyThatDay { on: Day },
}

impl Explain for RoundRefused {
    fn explain(&self) -> Message {
        match self {
            RoundRefused::NoSuchRound { asked } => Message::new("round.no_such").with("asked", asked.as_str()),
            RoundRefused::NameTaken { name } => Message::new("round.name_taken").with("name", name.as_str()),
            RoundRefused::NotAPeriod { from, to, most } => {
                Message::new("round.not_a_period").with("from", *from).with("to", *to).with("most", i64::from(*most))
            }
            RoundRefused::PeriodOver { to } => Message::new("round.period_over").with("to", *to),
            RoundRefused::NothingDue { elsewhere: 0 } => Message::new("round.nothing_due"),
            RoundRefused::NothingDue { elsewhere } => {
                Message::new("round.nothing_due_elsewhere").with("count", *elsewhere)
            }
            RoundRefused::Closed { name, on } => {
                Message::new("round.is_closed").with("name", name.as_str()).with("day", *on)
            }
            RoundRefused::Changed => Message::new("round.changed"),
            RoundRefused::NotSettled { count, first } => {
                Message::new("round.not_settled").with("count", *count).with("first", first.as_str())
            }
            RoundRefused::OtherUnits => Message::new("round.other_units"),
            RoundRefused::NotAllHere { count } => Message::new("round.not_all_here").with("count", *count),
            RoundRefused::NotInRound { number, name } => {
                Message::new("round.not_in_round").with("number", number.as_str()).with("name", name.as_str())
            }
            RoundRefused::WhichRound { number, names } if names.is_empty() => {
                Message::new("round.in_none").with("number", number.as_str())
            }
            RoundRefused::WhichRound { number, names } => {
                Message::new("round.in_several").with("number", number.as_str()).with("names", names.as_str())
            }
            RoundRefused::OfficerLeft { name, last } => {
                Message::new("round.officer_left").with("name", name.as_str()).with("day", *last)
            }
            RoundRefused::OfficerSurveysNot { name } => {
                Message::new("round.officer_surveys_not").with("name", name.as_str())
            }
            RoundRefused::OfficerElsewhere { name, number } => {
                Message::new("round.officer_elsewhere").with("name", name.as_str()).with("number", number.as_str())
            }
            RoundRefused::VisitAhead { on } => Message::new("round.visit_ahead").with("day", *on),
            RoundRefused::VisitTooEarly { on, from } => {
                Message::new("round.visit_too_early").with("day", *on).with("from", *from)
            }
            RoundRefused::NextTooEarly { next, on } => {
                Message::new("round.next_too_early").with("next", *next).with("day", *on)
            }
            RoundRefused::FinalAndNext => Message::new("round.final_and_next"),
            RoundRefused::SurveyedIsNotFinal => Message::new("round.surveyed_is_not_final"),
            RoundRefused::VisitKnown { on } => Message::new("round.visit_known").with("day", *on),
            RoundRefused::NobodyThatDay { on } => Message::new("round.nobody_that_day").with("day", *on),
        }
    }
}
