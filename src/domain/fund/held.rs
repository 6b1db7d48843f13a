//! What is reserved: granted, and not paid yet. It lapses on its own last day or its purse's, but for what is on its way.

use super::{LineId, Reservation};
use crate::domain::{Day, Fen};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Something that happened to a reservation, in fen: what it adds to what is held, and to what of it is on its way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Touch {
    pub on: Day,
    pub line: LineId,
    pub held: i64,
    pub sent: i64,
}

/// A reservation with all that happened to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Held {
    pub amount: Fen,
    pub on: Day,
    /// The last day: its own, or its purse's where that is earlier.
    pub until: Day,
    /// A set, so that it is the same in whatever order lines come.
    pub touches: BTreeSet<Touch>,
}

impl Held {
    /// `until`: the earlier of its own last day and its purse's.
    pub fn new(reservation: &Reservation, until: Day) -> Held {
        Held { amount: reservation.amount, on: reservation.on, until, touches: BTreeSet::new() }
    }

    /// What it adds to what is reserved, by day. No clock: what has not been sent lapses on the day after the last one.
    pub fn by_day(&self) -> BTreeMap<Day, i64> {
        self.walk().0
    }

    /// The first day on which more was paid, sent or released than was there.
    pub fn overdrawn(&self) -> Option<Day> {
        self.walk().1
    }

    /// What is still held at the end of a day.
    pub fn on(&self, day: Day) -> Fen {
        Fen(self.by_day().range(..=day).map(|(_, fen)| fen).sum())
    }

    /// What of it is on its way at the end of a day.
    pub fn sent(&self, day: Day) -> Fen {
        Fen(self.touches.iter().filter(|touch| touch.on <= day).map(|touch| touch.sent).sum())
    }

    fn walk(&self) -> (BTreeMap<Day, i64>, Option<Day>) {
        let lapses = self.until.plus_days(1);
        let mut days: BTreeMap<Day, i64> = BTreeMap::new();
        let mut changes: BTreeMap<Day, (i64, i64)> = BTreeMap::from([(self.on, (self.amount.0, 0)), (lapses, (0, 0))]);
        for touch in &self.touches {
            let (held, sent) = changes.entry(touch.on).or_default();
            *held = held.wrapping_add(touch.held);
            *sent = sent.wrapping_add(touch.sent);
        }
        let (mut held, mut sent, mut overdrawn) = (0_i64, 0_i64, None);
        for (day, (more, on_its_way)) in changes {
            if day == lapses {
                let lapsed = held.wrapping_sub(sent).max(0);
                held = held.wrapping_sub(lapsed);
                *days.entry(day).or_default() -= lapsed;
            }
            held = held.wrapping_add(more);
            sent = sent.wrapping_add(on_its_way);
            let of_day = days.entry(day).or_default();
            *of_day = of_day.wrapping_add(more);
            if held < 0 || sent < 0 || sent > held {
                overdrawn = overdrawn.or(Some(day));
            }
        }
        days.retain(|_, fen| *fen != 0);
        (days, overdrawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::EntryId;

    fn held(touches: &[(i32, i64, i64)]) -> Held {
        let touch = |(at, (on, held, sent)): (usize, &(i32, i64, i64))| Touch {
            on: Day(*on),
            line: LineId { entry: EntryId([at as u8; 16]), line: 0 },
            held: *held,
            sent: *sent,
        };
        Held { amount: Fen(100), on: Day(10), until: Day(20), touches: touches.iter().enumerate().map(touch).collect() }
    }

    #[test]
    fn what_is_not_paid_by_the_last_day_lapses_the_day_after() {
        let all = held(&[]);
        assert_eq!(
            (all.on(Day(9)), all.on(Day(10)), all.on(Day(20)), all.on(Day(21))),
            (Fen(0), Fen(100), Fen(100), Fen(0))
        );
        let part = held(&[(20, -60, 0)]);
        assert_eq!((part.on(Day(20)), part.on(Day(21)), part.overdrawn()), (Fen(40), Fen(0), None));
    }

    #[test]
    fn what_is_on_its_way_does_not_lapse_and_what_came_back_waits_for_a_word() {
        // 70 sent on the last day, confirmed a week later: 30 lapsed.
        let confirmed = held(&[(20, 0, 70), (27, -70, -70)]);
        assert_eq!((confirmed.on(Day(21)), confirmed.on(Day(27)), confirmed.overdrawn()), (Fen(70), Fen(0), None));
        // Came back instead: still reserved until it is paid again or released.
        let back = held(&[(20, 0, 70), (27, 0, -70)]);
        assert_eq!((back.on(Day(40)), back.sent(Day(40)), back.overdrawn()), (Fen(70), Fen(0), None));
        let released = held(&[(20, 0, 70), (27, 0, -70), (30, -70, 0)]);
        assert_eq!((released.on(Day(30)), released.overdrawn()), (Fen(0), None));
    }

    #[test]
    fn a_fen_more_than_is_held_is_found_on_its_day() {
        assert_eq!(held(&[(12, -100, 0)]).overdrawn(), None);
        assert_eq!(held(&[(12, -101, 0)]).overdrawn(), Some(Day(12)));
        // After it lapsed nothing can be paid of it.
        assert_eq!(held(&[(21, -1, 0)]).overdrawn(), Some(Day(21)));
        // What is on its way cannot be paid a second time.
        assert_eq!(held(&[(12, 0, 70), (13, -31, 0)]).overdrawn(), Some(Day(13)));
    }
}
