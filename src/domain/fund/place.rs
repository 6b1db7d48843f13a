//! Where money lies. The outside world is a place too, with the id of sixteen zeros, and is never opened.

use crate::domain::{Day, PlaceId};
use serde::{Deserialize, Serialize};

/// **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum PlaceKind {
    /// A bank account.
    Bank,
    /// A cash box.
    Cash,
    /// Sent through that bank account, and not confirmed yet.
    UnderWay,
    /// In somebody's hands until it is settled.
    Advance,
    /// Goods of one item, at what they cost.
    Goods,
}

impl PlaceKind {
    pub const ALL: [PlaceKind; 5] =
        [PlaceKind::Bank, PlaceKind::Cash, PlaceKind::UnderWay, PlaceKind::Advance, PlaceKind::Goods];

    /// As people type it, and in the words `fund.place.bank`.
    pub fn code(self) -> &'static str {
        match self {
            PlaceKind::Bank => "bank",
            PlaceKind::Cash => "cash",
            PlaceKind::UnderWay => "under_way",
            PlaceKind::Advance => "advance",
            PlaceKind::Goods => "goods",
        }
    }

    pub fn from_code(code: &str) -> Option<PlaceKind> {
        PlaceKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A place as it was opened; its name stands in the person half. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    pub place: PlaceId,
    /// What people call it by: `bank1`.
    pub code: String,
    pub kind: PlaceKind,
    /// Of what is under way: the account that it is sent through.
    pub of: Option<PlaceId>,
    pub since: Day,
}

impl Place {
    /// Whether what lies in it is on its way to whom it was granted.
    pub fn is_way(&self) -> bool {
        self.kind == PlaceKind::UnderWay
    }
}

impl PlaceId {
    /// Givers, receivers, the bank that takes a fee: all that is not the fund's.
    pub const OUTSIDE: PlaceId = PlaceId([0; 16]);
}
