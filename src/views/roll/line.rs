//! A household in one line: what its ledger tells, within a horizon.

use super::{Roll, narrow};
use crate::domain::dossier::{Level, Status, UpperState};
use crate::domain::event::Ledger;
use crate::domain::{Day, DossierId, EntryId, Fen};
use crate::views::history::{History, Horizon};

/// No day.
pub const NONE_DAY: Day = Day(i32::MIN);
/// No amount: unknown, which is never zero.
pub const NONE_FEN: Fen = Fen(i64::MIN);

/// Codes are those of the roll's interners; `u16::MAX` is none.
#[derive(Clone, Copy, Debug)]
pub struct RollLine {
    pub dossier: DossierId,
    /// The record whose answers count: of the latest survey that decides.
    pub survey: Option<EntryId>,
    pub income: Fen,
    pub rigid: Fen,
    pub per_head: Fen,
    pub line_month: Fen,
    pub serial: u32,
    pub surveyed: Day,
    pub due: Day,
    /// The first day in the files.
    pub opened: Day,
    /// Since when it is over.
    pub over: Day,
    pub series: u16,
    pub unit: u16,
    pub division: u16,
    pub category: u16,
    pub cause: u16,
    pub status: Option<Status>,
    /// Of what is in the files: the bureau's own where nobody noted another.
    pub level: Option<Level>,
    pub upper: Option<UpperState>,
    /// Those living together, the worker included; 0: unknown.
    pub members: u8,
    /// A later line tells of the household.
    pub dead: bool,
    /// There is nothing personal any more.
    pub erased: bool,
}

impl RollLine {
    pub(super) fn of(roll: &mut Roll, history: &History) -> RollLine {
        let horizon = roll.horizon;
        let versions = history.versions(horizon);
        let deciding = History::deciding(&versions);
        let survey = deciding.map(|version| version.survey);
        let mut code = |text: Option<&str>, of: fn(&mut Roll) -> &mut super::Interner<String>| {
            text.map_or(u16::MAX, |text| narrow(of(roll).code(text)))
        };
        let category = history.category(horizon).and_then(|category| category.code);
        let category = code(category.as_deref(), |roll| &mut roll.categories);
        let cause = code(survey.and_then(|survey| survey.cause.as_deref()), |roll| &mut roll.causes);
        let division = code(survey.map(|survey| survey.division.as_str()), |roll| &mut roll.divisions);
        // A number is no event about a day: it names the household whenever one asks.
        let numbered = Horizon { on: Day(i32::MAX), ..horizon };
        let number = history.numbers_given(numbered).last().map(|(series, number)| ((*series).to_owned(), *number));
        let series = code(number.as_ref().map(|(series, _)| series.as_str()), |roll| &mut roll.series);
        let unit = history.unit(horizon).map_or(u16::MAX, |unit| narrow(roll.units.code(&unit)));
        let fen = |amount: Option<Fen>| amount.unwrap_or(NONE_FEN);
        let status = history.status(horizon);
        let mut opened = NONE_DAY;
        let withdrawn = history.withdrawn(horizon);
        for happening in history.happenings.iter().filter(|h| !withdrawn.contains(&h.entry)) {
            if let Some((to, on)) = happening.ledger.step()
                && to.is_on_file()
                && on <= horizon.on
                && (opened == NONE_DAY || on < opened)
            {
                opened = on;
            }
        }
        let over = match history.last_move(horizon) {
            Some(last) if last.to.is_over() => last.on,
            _ => NONE_DAY,
        };
        let kept = history.level(horizon);
        let on_file = status.is_some_and(Status::is_on_file);
        RollLine {
            level: on_file.then(|| kept.map_or(Level::Bureau, |kept| kept.level)),
            upper: on_file.then(|| kept.map_or(UpperState::NotReported, |kept| kept.upper)),
            dossier: history.dossier,
            survey: deciding.map(|version| version.record.entry),
            income: fen(survey.and_then(|survey| survey.income)),
            rigid: fen(survey.and_then(|survey| survey.rigid)),
            per_head: fen(survey.and_then(|survey| survey.per_head_net)),
            line_month: fen(survey.and_then(|survey| survey.line_month)),
            serial: number.map_or(0, |(_, number)| u32::try_from(number).unwrap_or(u32::MAX)),
            surveyed: versions.last().map_or(NONE_DAY, |version| version.survey.on),
            due: history.next_due(horizon).unwrap_or(NONE_DAY),
            opened,
            over,
            series,
            unit,
            division,
            category,
            cause,
            status,
            members: survey.and_then(|survey| survey.members).map_or(0, |n| u8::try_from(n).unwrap_or(u8::MAX)),
            dead: false,
            erased: history.is_erased(),
        }
    }

    /// Whether anybody has asked for the household to be taken into the files: what a roll lists at all.
    pub fn is_there(&self) -> bool {
        !self.dead && self.status.is_some()
    }
}

impl History {
    /// The series and number of each number given, oldest first.
    pub(super) fn numbers_given(&self, horizon: Horizon) -> Vec<(&str, u64)> {
        self.happenings
            .iter()
            .filter(|h| h.received.min(h.at.0) <= horizon.received && takes_number(&h.ledger))
            .flat_map(|h| h.issued.iter().map(|issued| (issued.series.as_str(), issued.number)))
            .collect()
    }
}

fn takes_number(ledger: &Ledger) -> bool {
    ledger.takes_number()
}
