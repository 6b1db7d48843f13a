//! A clock that says something unlikely. Days stand in every record for good, so one that is far from the last known is
//! asked about before anything is kept with it: somebody says that the clock is right, or puts it right. Who reads only is
//! told, and reads.

use super::{Act, Duty, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Explain, Message, Now, Stamp, Subject};
use crate::log::Record;
use crate::views;
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
    /// Watches from that moment on; `None`: not at all.
    pub fn begin(&self, last: Option<Stamp>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last = last;
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
    /// Says that the clock was wrong while this station wrote these records of its chain, and why. The records stay.
    ///
    /// Errors: whoever acts does not keep the store; no such records; no reason.
    pub fn name_stretch(&self, from: u64, to: u64, why: &str, now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::KeepStore, now)?;
        let why = super::rights::reason(why)?;
        let last = views::read::chain_head(&self.bureau.store, self.bureau.station)?.map_or(0, |head| head.seq);
        if from == 0 || from > to || to > last {
            return Err(Failure::NoSuchStretch { from, to });
        }
        let ledger = Ledger::StretchNamed { station: self.bureau.station, from, to };
        let act =
            Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).person(Subject::Bureau, Person::Text(why));
        permit.keep(&act).map(drop)
    }

    /// The stretches of records whose clock was wrong, each as a sentence.
    pub fn stretches(&self) -> Result<Vec<Message>, Failure> {
        let rows = views::stretches::all(&self.bureau.store, &self.bureau.keys)?;
        let said = |row: &views::stretches::StretchRow| {
            Message::new("command.stretch")
                .with("station", &row.station.hex()[..6])
                .with("from", row.from)
                .with("to", row.to)
        };
        Ok(rows.iter().map(said).collect())
    }

    /// Records of this station whose day lies after that of later ones, so that the clock was most likely wrong, where nobody
    /// has said so yet.
    pub(super) fn odd_days(&self) -> Result<Vec<Message>, Failure> {
        let mut days: Vec<(u64, Stamp)> = Vec::new();
        self.bureau.local.each_frame(self.bureau.store.position(), |frame| {
            if let Ok(record) = Record::decode(&frame.record)
                && record.header.station == self.bureau.station
            {
                days.push((record.header.seq, record.header.at));
            }
            true
        })?;
        let named = views::stretches::all(&self.bureau.store, &self.bureau.keys)?;
        let (mut odd, mut earliest): (Vec<(u64, u64, Stamp)>, i64) = (Vec::new(), i64::MAX);
        for (seq, at) in days.into_iter().rev() {
            // What lies behind by less is a clock put right by hand.
            if at.0.saturating_sub(earliest) > FAR_BACK {
                match odd.last_mut().filter(|(from, ..)| *from == seq + 1) {
                    Some(stretch) => *stretch = (seq, stretch.1, at.max(stretch.2)),
                    None => odd.push((seq, seq, at)),
                }
            } else {
                earliest = earliest.min(at.0);
            }
        }
        let is_named = |from: u64, to: u64| {
            named.iter().any(|row| row.holds(self.bureau.station, from) && row.holds(self.bureau.station, to))
        };
        let odd = odd.into_iter().rev().filter(|(from, to, _)| !is_named(*from, *to));
        let said = odd.map(|(from, to, at)| {
            Message::new("command.doctor.odd_days").with("from", from).with("to", to).with("day", at.day())
        });
        Ok(said.collect())
    }

    /// What is odd about the clock, if something is.
    pub fn clock_doubt(&self, says: Stamp) -> Option<Doubt> {
        self.bureau.folder.watch.look(says)
    }

    /// Somebody says that the clock is right.
    pub fn trust_clock(&self, says: Stamp) {
        self.bureau.folder.watch.trust(says);
    }

    /// Whether whoever sits here may say that the clock is right: at the machine itself whoever can open the folder, from
    /// elsewhere whoever keeps the store, since it is said for everybody.
    pub fn may_trust_clock(&self) -> bool {
        !self.context().afar || self.carries(Duty::KeepStore)
    }

    /// For what an act of whoever sits here was refused since this was last asked.
    pub fn take_clock_refusal(&self) -> Option<Doubt> {
        self.sessions().refused_by_clock.take()
    }

    /// Refuses what would be kept with an unlikely moment.
    pub(in crate::command) fn likely(&self, mut moments: impl Iterator<Item = Stamp>) -> Result<(), Failure> {
        let refused = moments.find_map(|moment| self.bureau.folder.watch.take(moment).err());
        self.sessions().refused_by_clock = refused;
        refused.map_or(Ok(()), |doubt| Err(Failure::Clock(doubt)))
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
        let watch = Watch::default();
        watch.begin(Some(day(0)));
        watch.take(day(100)).unwrap();
        watch.take(day(200)).unwrap();
        assert_eq!(watch.take(day(5000)), Err(Doubt { says: day(5000), last: day(200) }));
        watch.take(day(201)).unwrap();
        assert!(watch.take(day(5000)).is_err(), "what was refused is not known");
        watch.trust(day(5000));
        watch.take(day(5000)).unwrap();
        assert!(watch.take(day(201)).is_err(), "and back again is asked about too");
        assert_eq!(Watch::default().take(day(9000)), Ok(()));
    }

    #[test]
    fn a_clock_at_its_ends_is_no_overflow() {
        for (last, says) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN)] {
            assert!(doubt(Stamp(last), Stamp(says)).is_some());
        }
    }
}
