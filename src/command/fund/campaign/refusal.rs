//! Why something is not done to a campaign.

use super::filling::NotAReceiver;
use crate::command::Failure;
use crate::domain::fund::{CampaignState, TakenOut};
use crate::domain::{Arg, Day, Explain, Fen, Message};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotInCampaign {
    NoSuch {
        asked: String,
    },
    /// No class at all, or more than there can be.
    Classes {
        most: usize,
    },
    NoSuchClass {
        asked: String,
        known: String,
    },
    /// The state does not lead there.
    State {
        from: CampaignState,
    },
    /// Nobody stands on the list.
    Nobody,
    TooMany {
        most: usize,
    },
    /// What was counted is not what stands on the list.
    Control {
        count: usize,
        sum: Fen,
    },
    /// As many stand as were checked, for as much, and they are others: the first line that differs.
    ChangedSince {
        line: usize,
    },
    /// No line of that number.
    NoSuchLine {
        asked: String,
        last: usize,
    },
    /// A line of another unit's is on the list.
    OthersLine {
        line: usize,
    },
    /// It is not handed over on that day: not granted yet, or past the last one.
    NotThatDay {
        on: Day,
        first: Day,
        last: Day,
    },
    /// The line is not granted.
    Out {
        line: usize,
        why: TakenOut,
    },
    /// It was handed over, came back or was taken off already.
    Over {
        line: usize,
        state: &'static str,
        on: Day,
    },
    /// Lines that were neither handed over nor came back.
    StillOpen {
        lines: usize,
        first: usize,
        sum: Fen,
    },
    OtherBooks {
        line: usize,
    },
    /// Whoever signs for somebody else is named, with what they are to them.
    Proxy,
    /// Persons outside dossiers whose keys are lost.
    Unread {
        count: usize,
    },
    /// Lines that do not open, since their keys are lost: the first of them, and how many there are.
    KeyLost {
        line: usize,
        count: usize,
    },
    /// A list that was handed in, with everything that is wrong.
    File(Vec<NotAReceiver>),
    /// Somebody else changed it.
    Meanwhile,
}

impl From<NotInCampaign> for Failure {
    fn from(why: NotInCampaign) -> Failure {
        Failure::Campaign(why)
    }
}

impl Explain for TakenOut {
    fn explain(&self) -> Message {
        let said = Message::new("campaign.out.over");
        match self {
            TakenOut::Twice { line } => Message::new("campaign.out.twice").with("line", i64::from(*line)),
            TakenOut::OtherCampaign { .. } => Message::new("campaign.out.campaign"),
            TakenOut::OtherPayout { payout } => {
                let hex = payout.hex();
                Message::new("campaign.out.payout").with("payout", hex.get(..8).unwrap_or(&hex))
            }
            TakenOut::AboveOnce { most } => Message::new("campaign.out.above_once").with("most", *most),
            TakenOut::AboveYear { cap, had } => {
                Message::new("campaign.out.above_year").with("cap", *cap).with("had", *had)
            }
            TakenOut::OneKind => Message::new("campaign.out.one_kind"),
            TakenOut::NoStandard => Message::new("campaign.out.no_standard"),
            TakenOut::Dead { on } => Message::new("campaign.out.dead").with("day", *on),
            TakenOut::Over => said,
            TakenOut::Erased => Message::new("campaign.out.erased"),
            TakenOut::Dropped => Message::new("campaign.out.dropped"),
            TakenOut::Unreadable => Message::new("campaign.out.unreadable"),
        }
    }
}

impl Explain for NotInCampaign {
    fn explain(&self) -> Message {
        match self {
            NotInCampaign::NoSuch { asked } => Message::new("campaign.not.such").with("asked", asked.as_str()),
            NotInCampaign::Classes { most } => Message::new("campaign.not.classes").with("most", *most),
            NotInCampaign::NoSuchClass { asked, known } => {
                Message::new("campaign.not.class").with("asked", asked.as_str()).with("known", known.as_str())
            }
            NotInCampaign::State { from } => {
                Message::new("campaign.not.state").with("state", Arg::Word(format!("campaign.state.{}", from.code())))
            }
            NotInCampaign::Nobody => Message::new("campaign.not.nobody"),
            NotInCampaign::TooMany { most } => Message::new("campaign.not.too_many").with("most", *most),
            NotInCampaign::Control { count, sum } => {
                Message::new("campaign.not.control").with("count", *count).with("sum", *sum)
            }
            NotInCampaign::ChangedSince { line } => Message::new("campaign.not.changed").with("line", *line),
            NotInCampaign::NoSuchLine { asked, last } => {
                Message::new("campaign.not.line").with("asked", asked.as_str()).with("last", *last)
            }
            NotInCampaign::OthersLine { line } => Message::new("campaign.not.others").with("line", *line),
            NotInCampaign::NotThatDay { on, first, last } => {
                Message::new("campaign.not.day").with("day", *on).with("first", *first).with("last", *last)
            }
            NotInCampaign::Out { line, why } => {
                Message::new("campaign.not.out").with("line", *line).with("why", why.explain())
            }
            NotInCampaign::Over { line, state, on } => Message::new("campaign.not.over")
                .with("line", *line)
                .with("state", Arg::Word(format!("campaign.line.{state}")))
                .with("day", *on),
            NotInCampaign::StillOpen { lines, first, sum } => {
                Message::new("campaign.not.still_open").with("lines", *lines).with("first", *first).with("sum", *sum)
            }
            NotInCampaign::OtherBooks { line } => Message::new("campaign.not.books").with("line", *line),
            NotInCampaign::Unread { count } => Message::new("person.unread").with("count", *count),
            NotInCampaign::KeyLost { line, count } => {
                Message::new("campaign.not.key_lost").with("line", *line).with("count", *count)
            }
            NotInCampaign::Proxy => Message::new("campaign.not.proxy"),
            NotInCampaign::File(wrong) => Message::new("campaign.not.file").with("count", wrong.len()),
            NotInCampaign::Meanwhile => Message::new("campaign.not.meanwhile"),
        }
    }
}

impl NotInCampaign {
    /// What stands below the sentence: every cell that is wrong.
    pub fn details(&self) -> Vec<Message> {
        match self {
            NotInCampaign::File(wrong) => wrong.iter().map(Explain::explain).collect(),
            _ => Vec::new(),
        }
    }
}
