//! How the roll moved between two days: opening + new + relapsed + moved in − out − cancelled − moved out = closing.
//!
//! A household is on the roll of a day when its status on that day is one of the files' (see [`Status::is_on_file`]), which
//! is what the roll itself counts; a movement is a day on which that became otherwise. So the figures agree with the roll
//! at both ends by what they are, and not by a second bookkeeping. Closed and opened again on one day is no movement.

use crate::domain::dossier::{CloseReason, Status};
use crate::domain::event::Ledger;
use crate::domain::{Day, UnitId};
use crate::views::history::{History, Horizon};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Moved {
    /// 期初: on the roll on the day before the first.
    Opening,
    /// 新建.
    New,
    /// 返困: on the roll again.
    Relapsed,
    /// From another unit or category.
    MovedIn,
    /// 脱困、解困.
    Out,
    /// 注销: for any other reason.
    Cancelled,
    MovedOut,
    /// 期末: on the roll at the end of the last day.
    Closing,
}

impl Moved {
    pub const ALL: [Moved; 8] = [
        Moved::Opening,
        Moved::New,
        Moved::Relapsed,
        Moved::MovedIn,
        Moved::Out,
        Moved::Cancelled,
        Moved::MovedOut,
        Moved::Closing,
    ];

    /// In JSON, and in the words `roll.moved.new`.
    pub fn code(self) -> &'static str {
        match self {
            Moved::Opening => "opening",
            Moved::New => "new",
            Moved::Relapsed => "relapsed",
            Moved::MovedIn => "moved_in",
            Moved::Out => "out",
            Moved::Cancelled => "cancelled",
            Moved::MovedOut => "moved_out",
            Moved::Closing => "closing",
        }
    }
}

/// Where a household stands on the roll: in which unit, of which category.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stand {
    pub unit: Option<UnitId>,
    pub category: Option<String>,
}

/// Where it stands at the end of a day; none: it is not on the roll.
pub fn stand_on(history: &History, day: Day) -> Option<Stand> {
    let horizon = Horizon::new(Some(day), None);
    history.status(horizon).filter(|status| status.is_on_file())?;
    let category = history.category(horizon).and_then(|category| category.code);
    Some(Stand { unit: history.unit(horizon), category })
}

/// What a household did between two days, both included; `tell` hears the day, the movement and the stand that it is
/// counted under: the one it left, or the one it came to.
pub fn movements(history: &History, from: Day, to: Day, by: By, mut tell: impl FnMut(Day, Moved, &Stand)) {
    let before = from.plus_days(-1);
    let mut at = None;
    let mut was_there = false;
    let mut days: Vec<Day> = history.happenings.iter().flat_map(|happening| days_of(&happening.ledger)).collect();
    days.retain(|day| *day <= to);
    days.sort_unstable();
    days.dedup();
    let mut opening_reported = false;
    let mut open = |at: &Option<Stand>, tell: &mut dyn FnMut(Day, Moved, &Stand)| {
        if !std::mem::replace(&mut opening_reported, true)
            && let Some(stand) = at
        {
            tell(before, Moved::Opening, stand);
        }
    };
    for day in days {
        if day >= from {
            open(&at, &mut tell);
        }
        let next = stand_on(history, day);
        if day >= from {
            match (&at, &next) {
                (None, Some(stand)) => {
                    tell(day, if was_there { Moved::Relapsed } else { Moved::New }, stand);
                }
                (Some(stand), None) => tell(day, way_out(history, day), stand),
                (Some(one), Some(other)) if by.differ(one, other) => {
                    tell(day, Moved::MovedOut, one);
                    tell(day, Moved::MovedIn, other);
                }
                _ => {}
            }
        }
        was_there |= next.is_some();
        at = next;
    }
    open(&at, &mut tell);
    if let Some(stand) = &at {
        tell(to, Moved::Closing, stand);
    }
}

/// What the figures are told apart by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    Nothing,
    Unit,
    Category,
}

impl By {
    fn differ(self, one: &Stand, other: &Stand) -> bool {
        match self {
            By::Nothing => false,
            By::Unit => one.unit != other.unit,
            By::Category => one.category != other.category,
        }
    }
}

/// The days on which an event may change where its household stands.
fn days_of(ledger: &Ledger) -> Vec<Day> {
    let mut days: Vec<Day> = ledger.step().map(|(_, on)| on).into_iter().collect();
    if let Some(put) = ledger.in_force() {
        days.push(put.from);
        days.extend(put.until.map(|until| until.plus_days(1)));
        return days;
    }
    match ledger {
        Ledger::DossierOpened { accepted_on, .. } => days.push(*accepted_on),
        _ => days.extend(ledger.survey().map(|survey| survey.on)),
    }
    days
}

fn way_out(history: &History, day: Day) -> Moved {
    let last = history.last_move(Horizon::new(Some(day), None));
    let reason = last.filter(|last| last.to == Status::Closed).and_then(|last| {
        history.happenings.iter().filter(|h| h.entry == last.entry).find_map(|h| match &h.ledger {
            Ledger::StatusMoved { reason, .. } => reason.as_deref().and_then(CloseReason::from_code),
            _ => None,
        })
    });
    match reason.map(CloseReason::code) {
        Some("01" | "10") => Moved::Out,
        _ => Moved::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{SurveyKind, SurveyLedger};
    use crate::domain::{DossierId, DraftId, EntryId, Fen, OfficerId, Stamp, StationId};
    use crate::views::Happening;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// One thing that happens to a household: (kind, day, unit or reason).
    type Doing = (u8, i32, u8);

    fn history(doings: &[Doing]) -> History {
        let mut history = History::new(DossierId([1; 16]));
        let mut last: Option<EntryId> = None;
        for (n, (kind, day, what)) in doings.iter().enumerate() {
            let entry = EntryId([n as u8 + 1; 16]);
            let on = Day(*day);
            let dossier = history.dossier;
            let ledger = match kind % 4 {
                0 => Ledger::SurveySubmitted(SurveyLedger {
                    dossier,
                    draft: DraftId([n as u8; 16]),
                    kind: SurveyKind::Periodic,
                    on,
                    form: "hardship".into(),
                    form_version: "1".into(),
                    unit: Some(UnitId([what % 3; 16])),
                    division: "150785".into(),
                    corrects: None,
                    rule_set: Some("genhe-2026".into()),
                    category: Some((what % 3).to_string()),
                    possible: Vec::new(),
                    cause: None,
                    members: Some(2),
                    income: Some(Fen(1)),
                    rigid: None,
                    per_head_net: None,
                    line_month: None,
                    persons: Vec::new(),
                    next_due: None,
                }),
                _ => {
                    let to = [Status::Open, Status::Closed, Status::Suspended][usize::from(kind % 3)];
                    let reason = (to == Status::Closed).then(|| ["01", "02", "10"][usize::from(what % 3)].to_owned());
                    Ledger::StatusMoved { dossier, to, on, reason }
                }
            };
            let is_step = ledger.step().is_some();
            history.insert(Happening {
                at: Stamp(n as i64 * 1000),
                entry,
                place: 0,
                station: StationId([9; 16]),
                seq: n as u64,
                by: OfficerId([8; 16]),
                session: None,
                received: n as i64 * 1000,
                parents: last.filter(|_| is_step).into_iter().collect(),
                issued: Vec::new(),
                ledger,
            });
            if is_step {
                last = Some(entry);
            }
        }
        history
    }

    proptest! {
        #[test]
        fn opening_and_what_moved_make_the_closing_and_both_are_the_roll_of_their_days(
            doings in proptest::collection::vec((0u8..12, 0i32..60, 0u8..6), 0..14),
            from in 1i32..60,
            length in 0i32..40,
        ) {
            let history = history(&doings);
            let (from, to) = (Day(from), Day(from + length));
            for by in [By::Nothing, By::Unit, By::Category] {
                let name = |stand: &Stand| match by {
                    By::Nothing => String::new(),
                    By::Unit => format!("{:?}", stand.unit),
                    By::Category => format!("{:?}", stand.category),
                };
                let mut figures: BTreeMap<String, BTreeMap<Moved, i64>> = BTreeMap::new();
                movements(&history, from, to, by, |day, moved, stand| {
                    assert!(day >= from.plus_days(-1) && day <= to);
                    *figures.entry(name(stand)).or_default().entry(moved).or_default() += 1;
                });
                for figures in figures.values() {
                    let n = |moved: Moved| figures.get(&moved).copied().unwrap_or(0);
                    let came = n(Moved::Opening) + n(Moved::New) + n(Moved::Relapsed) + n(Moved::MovedIn);
                    let went = n(Moved::Out) + n(Moved::Cancelled) + n(Moved::MovedOut);
                    prop_assert_eq!(came - went, n(Moved::Closing));
                }
                let total = |moved: Moved| -> i64 { figures.values().filter_map(|of| of.get(&moved)).sum() };
                let mut roll = super::super::Roll::new(Horizon::new(Some(from.plus_days(-1)), None));
                roll.push(&history);
                let on_roll = |roll: &super::super::Roll| {
                    i64::from(roll.lines[0].status.is_some_and(Status::is_on_file))
                };
                prop_assert_eq!(total(Moved::Opening), on_roll(&roll));
                let mut roll = super::super::Roll::new(Horizon::new(Some(to), None));
                roll.push(&history);
                prop_assert_eq!(total(Moved::Closing), on_roll(&roll));
            }
        }
    }

    #[test]
    fn whoever_comes_back_has_relapsed_and_whoever_died_is_cancelled() {
        // Open on day 10, out of hardship on 20, open again on 30, closed by death on 40.
        let history = history(&[(0, 5, 0), (3, 10, 0), (1, 20, 0), (3, 30, 0), (1, 40, 1)]);
        let mut reported = Vec::new();
        movements(&history, Day(0), Day(50), By::Nothing, |day, moved, _| reported.push((day.0, moved)));
        assert_eq!(reported, [(10, Moved::New), (20, Moved::Out), (30, Moved::Relapsed), (40, Moved::Cancelled)]);
    }
}
