//! From when one looks at a dossier: as of the day of one of its surveys, as known at the end of a day on which
//! something came in, or now.

use crate::domain::{Day, Message, Stamp};
use crate::views::{History, Horizon};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum TimeAxis {
    /// What was so on that day, by all that is known today.
    #[default]
    AsOf,
    /// What was known at the end of that day.
    Known,
}

pub struct Time {
    axis: TimeAxis,
    surveyed: Vec<Day>,
    received: Vec<Day>,
    /// Behind the last day is *now*.
    at: usize,
}

impl Time {
    pub fn of(history: &History) -> Time {
        let ordered = |mut days: Vec<Day>| {
            days.sort_unstable();
            days.dedup();
            days
        };
        let surveyed = ordered(history.versions(Horizon::NOW).iter().map(|version| version.survey.on).collect());
        let received = ordered(history.happenings.iter().map(|happening| Stamp(happening.received).day()).collect());
        Time { axis: TimeAxis::AsOf, at: surveyed.len(), surveyed, received }
    }

    fn days(&self) -> &[Day] {
        match self.axis {
            TimeAxis::AsOf => &self.surveyed,
            TimeAxis::Known => &self.received,
        }
    }

    pub fn horizon(&self) -> Horizon {
        let day = self.days().get(self.at).copied();
        match self.axis {
            TimeAxis::AsOf => Horizon::new(day, None),
            TimeAxis::Known => Horizon::new(None, day),
        }
    }

    pub fn said(&self) -> Message {
        match (self.days().get(self.at), self.axis) {
            (None, _) => Message::new("tui.dossier.now"),
            (Some(day), TimeAxis::AsOf) => Message::new("tui.dossier.as_of").with("day", *day),
            (Some(day), TimeAxis::Known) => Message::new("tui.dossier.as_known").with("day", *day),
        }
    }

    pub fn has_earlier(&self) -> bool {
        self.at > 0
    }

    pub fn has_later(&self) -> bool {
        self.at < self.days().len()
    }

    pub fn earlier(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    pub fn later(&mut self) {
        self.at = (self.at + 1).min(self.days().len());
    }

    /// From *as of* to *as known* and back, each beginning at its last day.
    pub fn switch(&mut self) {
        self.axis = match self.axis {
            TimeAxis::AsOf => TimeAxis::Known,
            TimeAxis::Known => TimeAxis::AsOf,
        };
        self.at = self.days().len().saturating_sub(1);
    }
}
