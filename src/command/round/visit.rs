//! A visit: somebody went to a household of a round, and what came of it.

use super::{RoundRefused, changed};
use crate::command::{Act, Duty, Failure, Household};
use crate::domain::event::{Ledger, Person};
use crate::domain::round::VisitOutcome;
use crate::domain::{Day, EntryId, Eyes, OfficerId, Subject};
use crate::store::NotKept;
use crate::views::{RoundRow, bodies, rounds};

/// A visit to be noted.
#[derive(Clone, PartialEq, Eq)]
pub struct NewVisit<'a> {
    pub on: Day,
    pub outcome: VisitOutcome,
    /// When to go again.
    pub next: Option<Day>,
    /// Nobody goes again in this round.
    pub is_final: bool,
    /// In words; sealed with the dossier.
    pub note: Option<&'a str>,
}

/// A visit as it was noted.
#[derive(Clone, PartialEq, Eq)]
pub struct VisitNote {
    /// The name of its round.
    pub round: String,
    pub on: Day,
    pub outcome: VisitOutcome,
    pub next: Option<Day>,
    pub is_final: bool,
    pub by: OfficerId,
    /// For whoever has the duty in the household's unit. Personal.
    pub note: Option<String>,
}

impl Household<'_> {
    /// The open rounds that it stands in.
    pub fn open_rounds(&self) -> Result<Vec<RoundRow>, Failure> {
        let rows = rounds::rounds(&self.office.bureau.store, &self.office.bureau.keys)?;
        Ok(rows.into_iter().filter(|row| row.closed().is_none() && row.households.contains(&self.dossier)).collect())
    }

    /// The only open round that it stands in.
    ///
    /// Errors: it stands in none, or in several.
    pub fn open_round_alone(&self) -> Result<RoundRow, Failure> {
        let mut rows = self.open_rounds()?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (last, _) => {
                let names = rows.into_iter().chain(last).map(|row| row.name).collect::<Vec<_>>().join(" ");
                Err(RoundRefused::WhichRound { number: self.number(), names }.into())
            }
        }
    }

    /// Notes a visit in a round.
    ///
    /// Errors: whoever acts does not survey there; the round is closed, or the household is not in it; a day still to come or
    /// before the round; a next try that is not later; that outcome is noted of that day already.
    pub fn note_visit(&self, round: EntryId, new: &NewVisit<'_>) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::Survey)?;
        let note = new.note.map(crate::command::text).transpose()?.filter(|note| !note.is_empty());
        let next = new.next.map(|day| day.0);
        let content =
            ("visit", dossier.hex(), round.hex(), new.on.0, new.outcome.code(), next, new.is_final, note.as_deref());
        let Some((entry, fingerprint)) = self.noted(&content)? else { return Ok(()) };
        let unchanged = [office.round_unchanged(round)?, office.unchanged(dossier)?];
        let row = office.open_row(round)?;
        if !row.households.contains(&dossier) {
            return Err(RoundRefused::NotInRound { number: self.number(), name: row.name }.into());
        }
        if new.on > now.today {
            return Err(RoundRefused::VisitAhead { on: new.on }.into());
        }
        if new.on < row.from {
            return Err(RoundRefused::VisitTooEarly { on: new.on, from: row.from }.into());
        }
        match new.next {
            Some(_) if new.is_final => return Err(RoundRefused::FinalAndNext.into()),
            Some(next) if next <= new.on => return Err(RoundRefused::NextTooEarly { next, on: new.on }.into()),
            _ => {}
        }
        if new.is_final && new.outcome == VisitOutcome::Surveyed {
            return Err(RoundRefused::SurveyedIsNotFinal.into());
        }
        let history = office.history(dossier)?;
        let same =
            |visit: &rounds::Visit| (visit.on, visit.outcome, visit.is_final) == (new.on, new.outcome, new.is_final);
        if history.visits(round).iter().any(same) {
            return Err(RoundRefused::VisitKnown { on: new.on }.into());
        }
        let subject = Subject::Dossier(dossier);
        let (on, outcome, next, is_final) = (new.on, new.outcome, new.next, new.is_final);
        let ledger = Ledger::VisitMade { dossier, round, on, outcome, next, is_final };
        let mut act = Act::new(entry, now.at, subject, ledger).parents([round]);
        if let Some(note) = note {
            act = act.person(subject, Person::Text(note));
        }
        act = act.person(subject, fingerprint);
        act.expect.extend(unchanged);
        let kept = permit.keep(&act);
        if matches!(kept, Err(Failure::NotKept(NotKept::Lost(_)))) && office.open_row(round).is_ok() {
            return Err(office.moved(&office.history(dossier)?));
        }
        changed(kept).map(drop)
    }

    /// The visits to it, by their days, of all rounds.
    ///
    /// Errors: a record cannot be read.
    pub fn visits(&self) -> Result<Vec<VisitNote>, Failure> {
        let office = self.office;
        // What is noted at a door may tell of an illness.
        let sees = self.eyes() == Eyes::Duty;
        let mut all = Vec::new();
        let mut known: Vec<EntryId> = Vec::new();
        for happening in &self.history.happenings {
            let Ledger::VisitMade { round, .. } = happening.ledger else { continue };
            if known.contains(&round) {
                continue;
            }
            known.push(round);
            let name = rounds::round(&office.bureau.store, &office.bureau.keys, round)?.map(|row| row.name);
            for visit in self.history.visits(round) {
                let record = office.record(visit.entry)?;
                let subject = Subject::Dossier(self.dossier);
                let part = bodies::open_part(&office.bureau.keys, &record, subject)?;
                let halves = part.map(|part| part.0).unwrap_or_default();
                let note = halves.into_iter().find_map(|(place, half)| match half {
                    Person::Text(text) if sees && place == visit.place => Some(text),
                    _ => None,
                });
                all.push(VisitNote {
                    round: name.clone().unwrap_or_default(),
                    on: visit.on,
                    outcome: visit.outcome,
                    next: visit.next,
                    is_final: visit.is_final,
                    by: visit.by,
                    note,
                });
            }
        }
        all.sort_by_key(|visit| visit.on);
        Ok(all)
    }
}
