//! Who might visit which household: proposed evenly, unit by unit, along the roads. Nothing is kept before somebody says so.

use super::board::RoundQuery;
use super::{Failure, Office};
use crate::command::Duty;
use crate::domain::{DossierId, EntryId, Now, OfficerId, UnitId};
use std::collections::BTreeMap;

/// Who might visit a household.
#[derive(Clone, PartialEq, Eq)]
pub struct ProposedVisit {
    pub dossier: DossierId,
    pub number: String,
    /// Personal, both.
    pub name: Option<String>,
    pub address: Option<String>,
    pub unit: Option<UnitId>,
    /// `None`: nobody surveys there.
    pub to: Option<OfficerId>,
}

impl Office {
    /// Proposes somebody for every household of a round that is open and has nobody, or somebody who cannot go there any more.
    /// Each unit is divided along its roads among those who survey there, so that all have about the same to do in the round.
    /// The same state proposes the same.
    ///
    /// Errors: no right to plan; there is no such round.
    pub fn propose_visits(&self, round: EntryId, units: &[UnitId], now: Now) -> Result<Vec<ProposedVisit>, Failure> {
        let _ = self.may(Duty::PlanRound, now)?;
        // What everybody has to do in it already, whatever units are asked for.
        let board = self.round_board(round, &RoundQuery::default(), now)?;
        let stays = |line: &&super::RoundLine| !line.irregular.contains(&super::Irregular::OfficerGone);
        let mut loads: BTreeMap<OfficerId, usize> = BTreeMap::new();
        for officer in board.lines.iter().filter(|line| !line.is_settled).filter(stays).filter_map(|line| line.assigned)
        {
            *loads.entry(officer).or_default() += 1;
        }
        let within = self.people()?.below(units, now.latest());
        let mut free: BTreeMap<Option<UnitId>, Vec<ProposedVisit>> = BTreeMap::new();
        for line in board.lines {
            let asked = units.is_empty() || line.unit.is_some_and(|unit| within.contains(&unit));
            let has_one = line.assigned.is_some() && stays(&&line);
            let is_drawn = !line.irregular.contains(&super::Irregular::NotDrawn);
            if line.is_settled || has_one || !asked || !is_drawn {
                continue;
            }
            free.entry(line.unit).or_default().push(ProposedVisit {
                dossier: line.dossier,
                number: line.number,
                name: line.name,
                address: line.address,
                unit: line.unit,
                to: None,
            });
        }
        let mut proposed = Vec::new();
        for (unit, mut households) in free {
            households.sort_by(|a, b| (&a.address, &a.number).cmp(&(&b.address, &b.number)));
            let officers = self.who_surveys(unit, now)?;
            let shares = shares(households.len(), &officers, &mut loads);
            let mut to = shares.into_iter().flat_map(|(officer, count)| std::iter::repeat_n(officer, count));
            households.iter_mut().for_each(|one| one.to = to.next());
            proposed.extend(households);
        }
        Ok(proposed)
    }

    /// Officers who can visit households of a unit, by name: those who are given units, else those who survey everywhere.
    fn who_surveys(&self, unit: Option<UnitId>, now: Now) -> Result<Vec<OfficerId>, Failure> {
        let people = self.people()?;
        let mut able: Vec<_> =
            people.officers.iter().filter(|row| self.may_be_handed(row.officer, unit, now).is_ok()).collect();
        if able.iter().any(|row| !row.units.is_empty()) {
            able.retain(|row| !row.units.is_empty());
        }
        able.sort_by(|a, b| (&a.zh, a.officer).cmp(&(&b.zh, b.officer)));
        Ok(able.into_iter().map(|row| row.officer).collect())
    }

    /// Officers who can be assigned to a household of a round, by name.
    ///
    /// Errors: no right to plan.
    pub fn visitors_of(&self, units: &[Option<UnitId>], now: Now) -> Result<Vec<OfficerId>, Failure> {
        let _ = self.may(Duty::PlanRound, now)?;
        let people = self.people()?;
        let can_go = |officer: OfficerId| units.iter().all(|unit| self.may_be_handed(officer, *unit, now).is_ok());
        let mut able: Vec<_> = people.officers.iter().filter(|row| can_go(row.officer)).collect();
        able.sort_by(|a, b| (&a.zh, a.officer).cmp(&(&b.zh, b.officer)));
        Ok(able.into_iter().map(|row| row.officer).collect())
    }
}

/// How many each of them takes more, in their order: one after the other goes to whoever has least, of equals to the first.
fn shares(count: usize, officers: &[OfficerId], loads: &mut BTreeMap<OfficerId, usize>) -> Vec<(OfficerId, usize)> {
    let mut shares: Vec<(OfficerId, usize)> = officers.iter().map(|officer| (*officer, 0)).collect();
    for _ in 0..count {
        let load = |officer: &OfficerId| loads.get(officer).copied().unwrap_or_default();
        let Some(at) = (0..shares.len()).min_by_key(|at| shares.get(*at).map(|(officer, _)| load(officer))) else {
            break;
        };
        if let Some((officer, share)) = shares.get_mut(at) {
            *share += 1;
            *loads.entry(*officer).or_default() += 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_least_takes_the_next_and_of_equals_the_first() {
        let [a, b, c] = [1, 2, 3].map(|id| OfficerId([id; 16]));
        let mut loads = BTreeMap::from([(a, 3)]);
        assert_eq!(shares(7, &[a, b, c], &mut loads), [(a, 1), (b, 3), (c, 3)]);
        assert_eq!(loads, BTreeMap::from([(a, 4), (b, 3), (c, 3)]));
        assert_eq!(shares(1, &[a, b, c], &mut loads), [(a, 0), (b, 1), (c, 0)]);
        assert_eq!(shares(0, &[a], &mut loads), [(a, 0)]);
        assert_eq!(shares(2, &[], &mut loads), []);
    }
}
