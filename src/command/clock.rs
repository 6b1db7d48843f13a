//! A clock that says something unlikely. Days stand in every record for good, so one that is far from the last known is
//! asked about before anything is kept with it: somebody says that the clock is right, or puts it right. Who reads only is
//! told, and reads.

use super::{Failure, Office};
use crate::domain::{Explain, Message, Stamp};
use std::sync::{Mutex, PoisonError};

const DAY: i64 = 86_400_000;
/// Nobody keeps anything for half a year: the clock may have jumped.
const FAR_AHEAD: i64 = 183 * DAY;
/// Further back than any time zone or a clock put right by hand.
const FAR_BACK: i64 = 2 * DAY;

/// The clock and the last known day are far apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Doubt {
    pub says: Stamp,
    pub last: Stamp,
}

impl Explain for Doubt {
    fn explain(&self) -> Message {
        Message::new("command.clock_far").with("says", self.says.day()).with("last", self.last.day())
    }
}

/// Where the moment is far from the last known.
pub fn doubt(last: Stamp, says: Stamp) -> Option<Doubt> {
    let apart = says.0.saturating_sub(last.0);
    (!(-FAR_BACK..=FAR_AHEAD).contains(&apart)).then_some(Doubt { says, last })
}

/// Watches the moments of what is kept.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    /// `None`: somebody has said that the clock is right, or nothing was kept yet.
    last: Option<Stamp>,
}

impl Watch {
    pub fn from(last: Option<Stamp>) -> Watch {
        Watch(Mutex::new(Watched { last }))
    }

    /// The moment as one to keep something with; one that is likely is the last known from now on.
    fn take(&self, says: Stamp) -> Result<(), Doubt> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = watched.last else { return Ok(()) };
        match doubt(last, says) {
            Some(doubt) => Err(doubt),
            None => {
                watched.last = Some(last.max(says));
                Ok(())
            }
        }
    }

    fn look(&self, says: Stamp) -> Option<Doubt> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).last?;
        doubt(last, says)
    }

    fn trust(&self, says: Stamp) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.last = watched.last.map(|_| says);
    }
}

impl Office {
    /// What is odd about the clock, if something is.
    pub fn clock_doubt(&self, says: Stamp) -> Option<Doubt> {
        self.watch.look(says)
    }

    /// Somebody says that the clock is right.
    pub fn trust_clock(&self, says: Stamp) {
        self.watch.trust(says);
    }

    /// Refuses what would be kept with an unlikely moment.
    pub(in crate::command) fn likely(&self, moments: impl Iterator<Item = Stamp>) -> Result<(), Failure> {
        for moment in moments {
            self.watch.take(moment).map_err(Failure::Clock)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_far_from_the_last_known_is_doubted_until_somebody_says_it_is_right() {
        let day = |n: i64| Stamp(20_000 * DAY + n * DAY);
        let cases = [(0, false), (1, false), (182, false), (184, true), (5000, true), (-1, false), (-3, true)];
        for (after, doubted) in cases {
            assert_eq!(doubt(day(0), day(after)).is_some(), doubted, "{after}");
        }
        let watch = Watch::from(Some(day(0)));
        watch.take(day(100)).unwrap();
        watch.take(day(200)).unwrap();
        assert_eq!(watch.take(day(5000)), Err(Doubt { says: day(5000), last: day(200) }));
        watch.take(day(201)).unwrap();
        assert!(watch.take(day(5000)).is_err(), "what was refused is not known");
        watch.trust(day(5000));
        watch.take(day(5000)).unwrap();
        assert!(watch.take(day(201)).is_err(), "and back again is asked about too");
        assert_eq!(Watch::from(None).take(day(9000)), Ok(()));
    }

    #[test]
    fn a_clock_at_its_ends_is_no_overflow() {
        for (last, says) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN)] {
            assert!(doubt(Stamp(last), Stamp(says)).is_some());
        }
    }
}
