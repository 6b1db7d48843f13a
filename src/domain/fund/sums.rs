//! What came, went and is reserved of one account, by day. Sums add, so they are the same in whatever order lines come.

use crate::domain::{Day, Fen, PlaceId, PurseId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is summed: a place, or a purse over all places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Account {
    Place(PlaceId),
    Purse(PurseId),
}

/// In fen. Wrapping, so that no line that came from elsewhere can stop the others from being summed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sums {
    pub came: i64,
    pub went: i64,
    /// Granted and not paid yet; of a place nothing is.
    pub reserved: i64,
}

impl Sums {
    pub fn plus(self, other: Sums) -> Sums {
        Sums {
            came: self.came.wrapping_add(other.came),
            went: self.went.wrapping_add(other.went),
            reserved: self.reserved.wrapping_add(other.reserved),
        }
    }

    pub fn negative(self) -> Sums {
        Sums { came: self.came.wrapping_neg(), went: self.went.wrapping_neg(), reserved: self.reserved.wrapping_neg() }
    }

    pub fn balance(self) -> Fen {
        Fen(self.came.wrapping_sub(self.went))
    }

    pub fn reserved(self) -> Fen {
        Fen(self.reserved)
    }

    /// What can still be granted.
    pub fn free(self) -> Fen {
        Fen(self.balance().0.wrapping_sub(self.reserved))
    }

    pub fn is_zero(self) -> bool {
        self == Sums::default()
    }
}

/// The first day on which an account would have less than nothing, and how much is missing then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Short {
    pub on: Day,
    pub missing: Fen,
}

/// The first day on which what is free after a change is below zero and lower than it was before it: what was short already
/// (a bank's fact) stands in nobody's way who does not make it worse. `opening` is what was there before the first of the
/// days, `days` what each adds: before the change, and after it.
pub fn first_short(opening: Sums, days: &BTreeMap<Day, (Sums, Sums)>) -> Option<Short> {
    let (mut before, mut after) = (opening, opening);
    days.iter().find_map(|(on, (was, is))| {
        before = before.plus(*was);
        after = after.plus(*is);
        let free = after.free();
        (free.0 < 0 && free < before.free()).then_some(Short { on: *on, missing: Fen(-free.0) })
    })
}
