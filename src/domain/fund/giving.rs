//! What is given, told beside the money itself: what a unit's workers are expected to give in a period, what came of it and
//! from how many, and what was asked for from above and granted.

use super::{Movement, MovementKind, NotBooked};
use crate::domain::{Day, Fen, UnitId};
use serde::{Deserialize, Serialize};

/// What a unit's workers are expected to give in a period. The record's parents are the pledges it replaces. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pledge {
    pub unit: UnitId,
    /// First and last day of the period.
    pub from: Day,
    pub until: Day,
    pub expected: Fen,
    pub on: Day,
}

/// From how many people the receipt before it in the same record came together. No name: the signed list is the paper that
/// the receipt rests on. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Collection {
    pub unit: UnitId,
    /// First and last day of the period that it is given for.
    pub from: Day,
    pub until: Day,
    /// How many work in the unit on the receipt's day.
    pub staff: u32,
    /// A sum, and how many gave just that; each sum once, the least first.
    pub gave: Vec<(Fen, u32)>,
}

impl Collection {
    pub fn sum(&self) -> Fen {
        Fen(self
            .gave
            .iter()
            .fold(0_i64, |all, (fen, people)| all.saturating_add(fen.0.saturating_mul((*people).into()))))
    }

    pub fn donors(&self) -> u32 {
        self.gave.iter().fold(0, |all, (_, people)| all.saturating_add(*people))
    }

    /// Everybody who gave gave the same, and more than half of the unit did: what nobody is asked for by head (Charity Law,
    /// art. 32: no apportioning) does not come out so by itself.
    pub fn is_equal_throughout(&self) -> bool {
        let donors = u64::from(self.donors());
        self.gave.len() == 1 && donors >= 2 && donors * 2 > u64::from(self.staff)
    }

    /// Whether it tells how the receipt before it came together.
    pub fn check(&self, receipt: Option<&Movement>) -> Result<(), NotBooked> {
        let Some(receipt) = receipt.filter(|m| m.kind == MovementKind::Receipt && m.unit == Some(self.unit)) else {
            return Err(NotBooked::OtherLine);
        };
        let in_order = self.gave.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if self.until < self.from || !in_order || self.gave.iter().any(|(fen, people)| fen.0 <= 0 || *people == 0) {
            return Err(NotBooked::Amount);
        }
        if self.donors() > self.staff {
            return Err(NotBooked::MoreDonors { staff: self.staff });
        }
        match self.sum() == receipt.amount {
            true => Ok(()),
            false => Err(NotBooked::Counted { counted: self.sum(), booked: receipt.amount }),
        }
    }
}

/// How far an appropriation has come on paper; what was paid in stands in the book. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Stage {
    Asked,
    Granted,
}

/// What was asked for a year, or granted, of one source. The record's parents are those of the same stage that it replaces.
/// **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Appropriation {
    pub year: i32,
    /// A code of list `fund_source`.
    pub source: String,
    pub stage: Stage,
    pub amount: Fen,
    pub on: Day,
    /// The number of the paper.
    pub document: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PlaceId, PurseId};

    fn collection(staff: u32, gave: &[(i64, u32)]) -> Collection {
        let gave = gave.iter().map(|(yuan, people)| (Fen(yuan * 100), *people)).collect();
        Collection { unit: UnitId([1; 16]), from: Day(1), until: Day(31), staff, gave }
    }

    fn receipt(unit: u8, yuan: i64) -> Movement {
        Movement {
            kind: MovementKind::Receipt,
            from: PlaceId::OUTSIDE,
            to: PlaceId([1; 16]),
            purse: PurseId([1; 16]),
            amount: Fen(yuan * 100),
            on: Day(5),
            bank_day: None,
            aid: None,
            dossier: None,
            person: None,
            unit: Some(UnitId([unit; 16])),
            document: String::new(),
            names: None,
        }
    }

    #[test]
    fn what_people_gave_comes_to_the_receipt_to_the_fen() {
        let counted = collection(40, &[(50, 10), (100, 2)]);
        assert_eq!((counted.sum(), counted.donors()), (Fen(70_000), 12));
        assert_eq!(counted.check(Some(&receipt(1, 700))), Ok(()));
        let off = NotBooked::Counted { counted: Fen(70_000), booked: Fen(70_100) };
        assert_eq!(counted.check(Some(&receipt(1, 701))), Err(off));
        assert_eq!(counted.check(Some(&receipt(2, 700))), Err(NotBooked::OtherLine));
        assert_eq!(counted.check(None), Err(NotBooked::OtherLine));
        assert_eq!(collection(12, &[(50, 10), (100, 2)]).check(Some(&receipt(1, 700))), Ok(()));
        let more = NotBooked::MoreDonors { staff: 11 };
        assert_eq!(collection(11, &[(50, 10), (100, 2)]).check(Some(&receipt(1, 700))), Err(more));
        for wrong in [&[(100, 2), (50, 10)][..], &[(50, 5), (50, 9)], &[(0, 3), (700, 1)], &[(50, 0), (700, 1)]] {
            assert_eq!(collection(40, wrong).check(Some(&receipt(1, 700))), Err(NotBooked::Amount), "{wrong:?}");
        }
    }

    #[test]
    fn one_sum_through_more_than_half_of_a_unit_stands_out() {
        for (staff, gave, flagged) in [
            (40, &[(50, 21)][..], true),
            (40, &[(50, 20)], false),
            (40, &[(50, 39), (100, 1)], false),
            (1, &[(50, 1)], false),
            (2, &[(50, 2)], true),
        ] {
            assert_eq!(collection(staff, gave).is_equal_throughout(), flagged, "{staff} {gave:?}");
        }
    }
}
