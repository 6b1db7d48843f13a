//! The life of one payout: proposed, checked, decided, posted publicly, sent, confirmed or returned, settled.

use super::{AidKind, Books};
use crate::domain::{Day, DossierId, EntryId, Fen, PersonId, PurseId, UnitId};
use serde::{Deserialize, Serialize};

/// What is to be paid out of one purse. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draw {
    pub purse: PurseId,
    pub amount: Fen,
}

/// What somebody is to get, as it was proposed; its record's entry id names it. Why, and to whose account, stands in the
/// person half. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Payout {
    pub dossier: DossierId,
    pub unit: Option<UnitId>,
    /// Whom it helps, by the number that people are counted by.
    pub person: Option<PersonId>,
    pub aid: AidKind,
    /// What makes it this need and no other: a school year, a hospital stay, an accident.
    pub event: String,
    /// The category and the survey that it rests on.
    pub category: String,
    pub survey: EntryId,
    /// One line and one person-time, however many purses it draws on.
    pub draws: Vec<Draw>,
    pub on: Day,
    /// Paid first; papers are owed by that day.
    pub papers_by: Option<Day>,
}

impl Payout {
    pub fn amount(&self) -> Fen {
        Fen(self.draws.iter().fold(0_i64, |all, draw| all.saturating_add(draw.amount.0)))
    }

    pub fn is_emergency(&self) -> bool {
        self.papers_by.is_some()
    }
}

/// Where a payout stands. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum PayoutState {
    Proposed,
    /// Papers and account holder are in order.
    Checked,
    Refused,
    /// Decided; what it takes is reserved.
    Approved,
    /// Posted publicly until a day.
    Noticed,
    /// On its way through the bank.
    Sent,
    /// The bank sent it back; it stays reserved.
    Returned,
    Paid,
    /// The signed sheet is there.
    Settled,
    /// Given up after it was decided; what was reserved is free again.
    Withdrawn,
}

impl PayoutState {
    pub const ALL: [PayoutState; 10] = [
        PayoutState::Proposed,
        PayoutState::Checked,
        PayoutState::Refused,
        PayoutState::Approved,
        PayoutState::Noticed,
        PayoutState::Sent,
        PayoutState::Returned,
        PayoutState::Paid,
        PayoutState::Settled,
        PayoutState::Withdrawn,
    ];

    /// In JSON, and in the words `aid.state.proposed`.
    pub fn code(self) -> &'static str {
        match self {
            PayoutState::Proposed => "proposed",
            PayoutState::Checked => "checked",
            PayoutState::Refused => "refused",
            PayoutState::Approved => "approved",
            PayoutState::Noticed => "noticed",
            PayoutState::Sent => "sent",
            PayoutState::Returned => "returned",
            PayoutState::Paid => "paid",
            PayoutState::Settled => "settled",
            PayoutState::Withdrawn => "withdrawn",
        }
    }

    pub fn from_code(code: &str) -> Option<PayoutState> {
        PayoutState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// What can follow. An emergency is paid before it is posted.
    pub fn next(self, is_emergency: bool) -> &'static [PayoutState] {
        use PayoutState::*;
        match self {
            Proposed => &[Checked, Refused],
            Checked => &[Approved, Refused],
            Approved if is_emergency => &[Noticed, Sent, Paid, Withdrawn],
            Approved => &[Noticed, Withdrawn],
            Noticed | Returned => &[Sent, Paid, Withdrawn],
            Sent => &[Paid, Returned],
            Paid => &[Settled],
            Refused | Settled | Withdrawn => &[],
        }
    }
}

/// How a meeting decided. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Meeting {
    /// The number of its minutes.
    pub document: String,
    pub members: u16,
    pub present: u16,
    pub votes_for: u16,
    pub votes_against: u16,
    /// Those who stood aside.
    pub aside: u16,
}

/// Why a meeting decided nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoMeeting {
    /// Two thirds of the members are to be present.
    NoQuorum,
    /// More than half of those present are to be for it.
    NoMajority,
    /// More votes than people.
    Count,
    NoDocument,
}

impl Meeting {
    pub fn check(&self) -> Result<(), NoMeeting> {
        let wide = u32::from;
        let votes = wide(self.votes_for) + wide(self.votes_against) + wide(self.aside);
        if self.document.is_empty() {
            return Err(NoMeeting::NoDocument);
        }
        if self.present > self.members || votes > wide(self.present) {
            return Err(NoMeeting::Count);
        }
        if wide(self.present) * 3 < wide(self.members) * 2 {
            return Err(NoMeeting::NoQuorum);
        }
        match wide(self.votes_for) * 2 > wide(self.present) {
            true => Ok(()),
            false => Err(NoMeeting::NoMajority),
        }
    }
}

/// A step of a payout. Why, and who signed, stands in the person half. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PayoutStep {
    pub payout: EntryId,
    /// The record of the step before it.
    pub after: EntryId,
    pub to: PayoutState,
    pub on: Day,
    pub meeting: Option<Meeting>,
    /// The last day of the notice.
    pub until: Option<Day>,
}

/// Payouts sent through the bank in one file. Its record's entry id names it. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Batch {
    pub books: Books,
    pub on: Day,
    /// Counted before the lines were looked at.
    pub count: u32,
    pub sum: Fen,
    pub lines: Vec<EntryId>,
    /// What no longer held on the day, and why: a code.
    pub stopped: Vec<(EntryId, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_decides_with_two_thirds_there_and_more_than_half_of_them_for_it() {
        let meeting = |members, present, votes_for, votes_against| Meeting {
            document: "2026-3".into(),
            members,
            present,
            votes_for,
            votes_against,
            aside: 0,
        };
        for (members, present, votes_for, votes_against, outcome) in [
            (9, 6, 4, 2, Ok(())),
            (9, 6, 3, 3, Err(NoMeeting::NoMajority)),
            (9, 5, 5, 0, Err(NoMeeting::NoQuorum)),
            (9, 6, 4, 3, Err(NoMeeting::Count)),
            (6, 9, 9, 0, Err(NoMeeting::Count)),
        ] {
            assert_eq!(meeting(members, present, votes_for, votes_against).check(), outcome, "{members} {present}");
        }
    }

    #[test]
    fn nothing_is_paid_before_it_is_decided_and_nothing_but_an_emergency_before_its_notice() {
        use PayoutState::*;
        for state in [Proposed, Checked, Refused, Withdrawn, Settled, Paid] {
            assert!(!state.next(true).contains(&Sent) && !state.next(true).contains(&Paid), "{state:?}");
        }
        assert!(!Approved.next(false).contains(&Sent) && Approved.next(true).contains(&Paid));
        for state in PayoutState::ALL {
            assert_eq!(PayoutState::from_code(state.code()), Some(state));
        }
    }
}
