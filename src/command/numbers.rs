//! Who gives dossier numbers: one station is the authority; others hold blocks from it, and count provisionally where they
//! hold none. An administrator's act hands out a block, moves the authority, or gives numbers to provisional dossiers.

use super::{Act, Duty, Failure, Office, Permit};
use crate::domain::event::Ledger;
use crate::domain::{DossierId, Now, StationId, Subject};
use crate::views::{self, Horizon, Series};

/// How numbers stand.
pub struct NumberState {
    pub authority: Option<StationId>,
    pub series: Vec<SeriesLine>,
    /// Dossiers that have a provisional number and no other.
    pub provisional: usize,
}

/// A series such as `150785-2026`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeriesLine {
    pub series: String,
    /// Last serial issued, by station.
    pub issued: Vec<(StationId, u64)>,
    /// First and last serial of each block, and who holds it.
    pub blocks: Vec<(u64, u64, StationId)>,
}

/// A number given to a dossier that had a provisional one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NumberGiven {
    pub before: String,
    pub number: String,
}

impl Office {
    /// Who gives numbers, which were given and to whom.
    ///
    /// Errors: no right to it.
    pub fn number_state(&self, now: Now) -> Result<NumberState, Failure> {
        let _ = self.may(Duty::SetNumbers, now)?;
        let mut series: Vec<SeriesLine> = Vec::new();
        for (name, station, last) in views::all_serials(&self.bureau.store)? {
            line_of(&mut series, name).issued.push((station, last));
        }
        for (name, from, to, station) in views::all_blocks(&self.bureau.store)? {
            line_of(&mut series, name).blocks.push((from, to, station));
        }
        let authority = views::authority(&self.bureau.store)?.map(|(_, station)| station);
        Ok(NumberState { authority, series, provisional: self.provisional()?.len() })
    }

    /// The station whose id begins so, among those whose records are here.
    pub fn station_named(&self, begins: &str) -> Result<StationId, Failure> {
        let begins = begins.trim().to_lowercase();
        let heads = views::read::chain_heads(&self.bureau.store)?;
        let mut found = heads.iter().map(|h| h.station).filter(|s| !begins.is_empty() && s.hex().starts_with(&begins));
        match (found.next(), found.next()) {
            (Some(station), None) => Ok(station),
            _ => Err(Failure::NoSuchStation { asked: begins }),
        }
    }

    /// Hands the next whole block of a series to a station. Only the authority may.
    pub fn give_block(&self, series: &str, station: StationId, now: Now) -> Result<(u64, u64), Failure> {
        let permit = self.may_give_numbers(now)?;
        let well_formed = views::parse_number(&format!("{series}-1")).is_some() && !series.starts_with("tmp-");
        if !well_formed {
            return Err(Failure::NoSuchSeries { asked: series.to_owned() });
        }
        let (from, to) = views::next_block(&self.bureau.store, series)?;
        let ledger = Ledger::BlockGiven { series: series.to_owned(), from, to, station };
        permit.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger))?;
        Ok((from, to))
    }

    /// Makes another station the authority; it goes on with the next whole block.
    pub fn move_authority(&self, to: StationId, now: Now) -> Result<(), Failure> {
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::AuthorityMoved { to });
        self.may(Duty::SetNumbers, now)?.keep(&act).map(drop)
    }

    /// Gives a regular number to every dossier that has a provisional one only, oldest application first, as far as this
    /// station may number. Both numbers find the dossier for ever.
    pub fn give_numbers(&self, now: Now) -> Result<Vec<NumberGiven>, Failure> {
        let permit = self.may(Duty::SetNumbers, now)?;
        let mut given = Vec::new();
        for (dossier, before) in self.provisional()? {
            let history = self.history(dossier)?;
            let opened = history.happenings.iter().find_map(|h| match &h.ledger {
                Ledger::DossierOpened { division, accepted_on, .. } => Some((division.clone(), *accepted_on)),
                _ => None,
            });
            let Some((division, accepted_on)) = opened else { continue };
            let subject = Subject::Dossier(dossier);
            let mut act = Act::new(self.new_entry()?, now.at, subject, Ledger::NumberGiven { dossier });
            act.series = vec![Series::regular(&division, accepted_on).text()];
            act.parents = history.happenings.first().map(|h| h.entry).into_iter().collect();
            permit.keep(&act)?;
            let _ = super::lookup::refresh(self, dossier);
            let number = self.history(dossier)?.numbers(Horizon::NOW).pop().unwrap_or_default();
            given.push(NumberGiven { before, number });
        }
        Ok(given)
    }

    fn may_give_numbers(&self, now: Now) -> Result<Permit<'_>, Failure> {
        let permit = self.may(Duty::SetNumbers, now)?;
        match views::authority(&self.bureau.store)? {
            Some((_, station)) if station == self.bureau.station => Ok(permit),
            _ => Err(Failure::NotTheAuthority),
        }
    }

    fn provisional(&self) -> Result<Vec<(DossierId, String)>, Failure> {
        let mut found = Vec::new();
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            if let Ok(history) = history {
                let numbers = history.numbers(Horizon::NOW);
                if let [first, ..] = &numbers[..]
                    && numbers.iter().all(|n| n.starts_with('临'))
                    && !history.is_erased()
                {
                    let at = history.happenings.first().map(|h| h.at);
                    found.push((at, history.dossier, first.clone()));
                }
            }
            true
        })?;
        found.sort();
        Ok(found.into_iter().map(|(_, dossier, number)| (dossier, number)).collect())
    }
}

fn line_of(series: &mut Vec<SeriesLine>, name: String) -> &mut SeriesLine {
    let at = series.iter().position(|line| line.series == name).unwrap_or_else(|| {
        series.push(SeriesLine { series: name, issued: Vec::new(), blocks: Vec::new() });
        series.len() - 1
    });
    &mut series[at]
}
