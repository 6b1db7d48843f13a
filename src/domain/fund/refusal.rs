//! Why a line does not come to stand in the book.

use super::MovementKind;
use crate::domain::{Arg, Day, Explain, Fen, Message};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum NotBooked {
    /// Another station keeps the book, or nobody does yet.
    NotOurBook,
    NoSuchPurse,
    NoSuchPlace,
    NoSuchLine,
    /// Nothing, less than nothing, or more than there can be.
    Amount,
    /// A line of that kind does not go from there to there.
    Direction {
        kind: MovementKind,
    },
    /// Dated after today.
    Ahead {
        on: Day,
    },
    /// Before the first day of what it is about.
    Before {
        first: Day,
    },
    /// The purse is over.
    Expired {
        last: Day,
    },
    /// The purse is for other kinds of aid.
    PurposeDiffers {
        aid: String,
    },
    /// The purse is for one household, and not this.
    OtherHousehold,
    OperatingIsNoAid,
    AidPaysNoCost,
    /// Aid goes out of a reservation only.
    NotReserved,
    NotAReservation,
    /// The reservation is of another purse, kind or household.
    OtherReservation,
    /// The reservation has less on that day.
    ReservationShort {
        on: Day,
    },
    /// It does not mirror, or cannot mirror, the line that it names.
    OtherLine,
    AlreadyReversed,
    /// So much of the line is left.
    MoreThan {
        left: Fen,
    },
    /// On that day the purse would have less than nothing free.
    PurseShort {
        purse: String,
        on: Day,
        missing: Fen,
    },
    /// On that day the place would hold less than nothing.
    PlaceShort {
        place: String,
        on: Day,
        missing: Fen,
    },
    /// A code that is in use already.
    CodeTaken {
        code: String,
    },
    /// Numbers that were given already, or the wrong way round.
    NumbersTaken {
        last: u64,
    },
    /// A line of that name stands in the book already.
    LineTwice,
    /// What people gave does not come to the receipt.
    Counted {
        counted: Fen,
        booked: Fen,
    },
    /// More people gave than work there.
    MoreDonors {
        staff: u32,
    },
    /// Its day lies in a period that is closed.
    Closed {
        on: Day,
        /// The first day that is open.
        first: Day,
    },
    /// A period is whole months that are over.
    NotAPeriod {
        last: Day,
    },
    NotNextPeriod {
        first: Day,
    },
    /// The book says otherwise by now.
    ClosingDiffers {
        code: String,
        on: Day,
    },
    /// The closing is not at that step.
    ClosingStep,
    /// Something that it replaces was said meanwhile, by another desk.
    Meanwhile,
    /// The book has lines of its own from that day on.
    OwnYear {
        first: Day,
    },
}

impl NotBooked {
    /// In tables and in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            NotBooked::NotOurBook => "not_our_book",
            NotBooked::NoSuchPurse => "no_such_purse",
            NotBooked::NoSuchPlace => "no_such_place",
            NotBooked::NoSuchLine => "no_such_line",
            NotBooked::Amount => "amount",
            NotBooked::Direction { .. } => "way",
            NotBooked::Ahead { .. } => "ahead",
            NotBooked::Before { .. } => "before",
            NotBooked::Expired { .. } => "expired",
            NotBooked::PurposeDiffers { .. } => "purpose_differs",
            NotBooked::OtherHousehold => "other_household",
            NotBooked::OperatingIsNoAid => "operating_is_no_aid",
            NotBooked::AidPaysNoCost => "aid_pays_no_cost",
            NotBooked::NotReserved => "not_reserved",
            NotBooked::NotAReservation => "not_a_reservation",
            NotBooked::OtherReservation => "other_reservation",
            NotBooked::ReservationShort { .. } => "reservation_short",
            NotBooked::OtherLine => "other_line",
            NotBooked::AlreadyReversed => "already_reversed",
            NotBooked::MoreThan { .. } => "more_than",
            NotBooked::PurseShort { .. } => "purse_short",
            NotBooked::PlaceShort { .. } => "place_short",
            NotBooked::CodeTaken { .. } => "code_taken",
            NotBooked::NumbersTaken { .. } => "numbers_taken",
            NotBooked::LineTwice => "line_twice",
            NotBooked::Counted { .. } => "counted",
            NotBooked::MoreDonors { .. } => "more_donors",
            NotBooked::Closed { .. } => "closed",
            NotBooked::NotAPeriod { .. } => "not_a_period",
            NotBooked::NotNextPeriod { .. } => "not_next_period",
            NotBooked::ClosingDiffers { .. } => "closing_differs",
            NotBooked::ClosingStep => "closing_step",
            NotBooked::Meanwhile => "meanwhile",
            NotBooked::OwnYear { .. } => "own_year",
        }
    }
}

impl Explain for NotBooked {
    fn explain(&self) -> Message {
        match self {
            NotBooked::NotOurBook => Message::new("fund.not.our_book"),
            NotBooked::NoSuchPurse => Message::new("fund.not.such_purse"),
            NotBooked::NoSuchPlace => Message::new("fund.not.such_place"),
            NotBooked::NoSuchLine => Message::new("fund.not.such_line"),
            NotBooked::Amount => Message::new("fund.not.amount"),
            NotBooked::Direction { kind } => {
                Message::new("fund.not.way").with("kind", Arg::Word(format!("fund.kind.{}", kind.code())))
            }
            NotBooked::Ahead { on } => Message::new("fund.not.ahead").with("day", *on),
            NotBooked::Before { first } => Message::new("fund.not.before").with("first", *first),
            NotBooked::Expired { last } => Message::new("fund.not.expired").with("last", *last),
            NotBooked::PurposeDiffers { aid } => Message::new("fund.not.purpose").with("aid", aid.as_str()),
            NotBooked::OtherHousehold => Message::new("fund.not.household"),
            NotBooked::OperatingIsNoAid => Message::new("fund.not.operating"),
            NotBooked::AidPaysNoCost => Message::new("fund.not.cost"),
            NotBooked::NotReserved => Message::new("fund.not.reserved"),
            NotBooked::NotAReservation => Message::new("fund.not.reservation"),
            NotBooked::OtherReservation => Message::new("fund.not.other_reservation"),
            NotBooked::ReservationShort { on } => Message::new("fund.not.reservation_short").with("day", *on),
            NotBooked::OtherLine => Message::new("fund.not.other_line"),
            NotBooked::AlreadyReversed => Message::new("fund.not.reversed"),
            NotBooked::MoreThan { left } => Message::new("fund.not.more_than").with("left", *left),
            NotBooked::PurseShort { purse, on, missing } => Message::new("fund.not.purse_short")
                .with("purse", purse.as_str())
                .with("day", *on)
                .with("missing", *missing),
            NotBooked::PlaceShort { place, on, missing } => Message::new("fund.not.place_short")
                .with("place", place.as_str())
                .with("day", *on)
                .with("missing", *missing),
            NotBooked::CodeTaken { code } => Message::new("fund.not.code_taken").with("code", code.as_str()),
            NotBooked::NumbersTaken { last } => Message::new("fund.not.numbers_taken").with("last", *last),
            NotBooked::LineTwice => Message::new("fund.not.line_twice"),
            NotBooked::Counted { counted, booked } => {
                Message::new("fund.not.counted").with("counted", *counted).with("booked", *booked)
            }
            NotBooked::MoreDonors { staff } => Message::new("fund.not.more_donors").with("staff", *staff),
            NotBooked::Closed { on, first } => Message::new("fund.not.closed").with("day", *on).with("first", *first),
            NotBooked::NotAPeriod { last } => Message::new("fund.not.period").with("last", *last),
            NotBooked::NotNextPeriod { first } => Message::new("fund.not.next_period").with("first", *first),
            NotBooked::ClosingDiffers { code, on } => {
                Message::new("fund.not.closing_differs").with("code", code.as_str()).with("day", *on)
            }
            NotBooked::ClosingStep => Message::new("fund.not.closing_step"),
            NotBooked::Meanwhile => Message::new("fund.not.meanwhile"),
            NotBooked::OwnYear { first } => Message::new("fund.not.own_year").with("first", *first),
        }
    }
}
