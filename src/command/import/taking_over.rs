//! Rolls that were brought in are taken over: one record says on which paper, and puts every household of them into the files
//! with the category that the roll gives it.

use super::refused::ImportRefused;
use crate::command::rights::{Act, Duty, Over};
use crate::command::{Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, DossierId, EntryId, Now, OfficerId, Stamp, Subject};
use crate::views::brought_in::{self, RollBroughtInRow};
use crate::views::history::Happening;
use crate::views::{History, Horizon};
use std::collections::HashSet;

/// A roll, and how many of its households wait to be taken over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingRoll {
    pub row: RollBroughtInRow,
    pub waiting: usize,
    /// Without a category in the roll: these are approved one by one.
    pub without_category: usize,
}

/// What was taken over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TakingOver {
    /// `None`: every household that waits stays as it is.
    pub record: Option<EntryId>,
    pub households: usize,
    /// Numbers of households that stay as they are, each with the word for why: `no_category`, `surveyed_since`, `died`.
    pub left: Vec<(String, &'static str)>,
}

/// A household that waits, with what its roll says of it.
struct Waiting {
    dossier: DossierId,
    history: History,
    came: BroughtInBy,
    category: Option<String>,
    since: Option<Day>,
}

/// By whom, and by which record, it was brought in.
#[derive(Clone, Copy)]
struct BroughtInBy {
    entry: EntryId,
    by: OfficerId,
    session: Option<EntryId>,
    at: Stamp,
}

/// The households of a roll that whoever acts may know of.
struct OfRoll {
    waiting: Vec<Waiting>,
    seen: usize,
}

impl Office {
    /// The rolls that were brought in, the latest first, as far as whoever acts sees their households.
    ///
    /// Errors: they see no households.
    pub fn waiting_rolls(&self, now: Now) -> Result<Vec<WaitingRoll>, Failure> {
        let _ = self.may(Duty::Open, now)?;
        let mut out = Vec::new();
        for mut row in brought_in::rolls(&*self.bureau.store, &self.bureau.keys)? {
            let OfRoll { waiting, seen } = self.waiting_of(row.entry, Duty::Open, now)?;
            // A roll of other units says nothing here, not even that it is there.
            if seen == 0 {
                continue;
            }
            // Its record says how many were to come; these came.
            let came = brought_in::households(&*self.bureau.store, row.entry)?.len();
            row.households = u32::try_from(came).unwrap_or(u32::MAX);
            let without_category = waiting.iter().filter(|one| one.category.is_none()).count();
            out.push(WaitingRoll { row, waiting: waiting.len(), without_category });
        }
        out.reverse();
        Ok(out)
    }

    /// The households of a roll of whoever acts that nobody has decided about since.
    fn waiting_of(&self, roll: EntryId, duty: Duty, now: Now) -> Result<OfRoll, Failure> {
        let mut out = OfRoll { waiting: Vec::new(), seen: 0 };
        for dossier in brought_in::households(&*self.bureau.store, roll)? {
            if self.bureau.keys.is_erased(Subject::Dossier(dossier)) {
                continue;
            }
            let history = self.history(dossier)?;
            let over = Over::Household { dossier, unit: history.unit(Horizon::NOW) };
            let began = history.status(Horizon::NOW) != Some(Status::Submitted)
                || history.last_move(Horizon::NOW).is_some()
                || history.in_force(Horizon::NOW).is_some();
            if self.ask_table(duty, over, now).is_err() {
                continue;
            }
            out.seen += 1;
            let came = history.happenings.iter().find_map(|happening| match &happening.ledger {
                Ledger::CameWithRoll { roll: of, category, since, .. } if *of == roll => {
                    let Happening { entry, by, session, at, .. } = *happening;
                    Some((BroughtInBy { entry, by, session, at }, category.clone(), *since))
                }
                _ => None,
            });
            if let Some((came, category, since)) = came.filter(|_| !began) {
                out.waiting.push(Waiting { dossier, history, came, category, since });
            }
        }
        Ok(out)
    }

    /// The roll of that name: at least eight digits of its record's id.
    fn roll_named(&self, asked: &str) -> Result<RollBroughtInRow, Failure> {
        let rolls = brought_in::rolls(&*self.bureau.store, &self.bureau.keys)?;
        let asked_for = asked.trim().to_lowercase();
        let mut found = rolls.into_iter().filter(|row| asked_for.len() >= 8 && row.entry.hex().starts_with(&asked_for));
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(row),
            _ => Err(ImportRefused::NoSuchRoll { asked: asked.to_owned() }.into()),
        }
    }

    /// Takes rolls over as they stand, on a paper: `document`; `signed`: who signed it.
    ///
    /// Errors: whoever acts does not approve; they brought the roll in themselves; no paper; nothing waits.
    pub fn take_over(
        &self,
        rolls: &[String],
        document: &str,
        signed: Option<&str>,
        now: Now,
    ) -> Result<TakingOver, Failure> {
        let permit = self.may(Duty::Approve, now)?;
        if document.trim().is_empty() {
            return Err(ImportRefused::NoPaper.into());
        }
        let document = crate::command::name(document)?;
        let signed = signed.map(crate::command::name).transpose()?;
        let rows = rolls.iter().map(|asked| self.roll_named(asked)).collect::<Result<Vec<_>, _>>()?;
        let (mut events, mut expect, mut left) = (Vec::new(), Vec::new(), Vec::new());
        let mut on = None;
        let mut seen = HashSet::new();
        for row in &rows {
            for waiting in self.waiting_of(row.entry, Duty::Approve, now)?.waiting {
                if !seen.insert(waiting.dossier) {
                    continue;
                }
                let unchanged = self.unchanged(waiting.dossier)?;
                match self.taken_over(&waiting, row, now)? {
                    Ok(event) => {
                        events.push(event);
                        expect.push(unchanged);
                        on = on.max(Some(row.on));
                    }
                    Err(why) => {
                        let number = waiting.history.numbers(Horizon::NOW).pop().unwrap_or_default();
                        left.push((number, why));
                    }
                }
            }
        }
        let Some(on) = on else {
            return match left.is_empty() {
                true => Err(ImportRefused::NothingWaits.into()),
                false => Ok(TakingOver { record: None, households: 0, left }),
            };
        };
        let record = self.new_entry()?;
        let households = events.len();
        let ledger = Ledger::RollTakenOver {
            rolls: rows.iter().map(|row| row.entry).collect(),
            on,
            document,
            households: u32::try_from(households).unwrap_or(u32::MAX),
        };
        let mut act = Act::new(record, now.at, Subject::Bureau, ledger).parents(rows.iter().map(|row| row.entry));
        if let Some(signed) = signed {
            act = act.person(Subject::Bureau, Person::Text(signed));
        }
        let act = events.into_iter().fold(act, Act::and);
        let act = Act { expect, ..act };
        permit.keep(&act)?;
        for dossier in act.events.iter().filter_map(|event| event.ledger.dossier()) {
            let _ = crate::command::lookup::refresh(self, dossier);
        }
        Ok(TakingOver { record: Some(record), households, left })
    }

    /// The event by which a household is taken over; or the word for why it is not.
    fn taken_over(
        &self,
        waiting: &Waiting,
        row: &RollBroughtInRow,
        now: Now,
    ) -> Result<Result<Ledger, &'static str>, Failure> {
        let Waiting { dossier, history, came, category, since } = waiting;
        // Whoever brought it in does not take it over, whoever surveyed it since.
        if self.is_same_person(came.by, came.session)? {
            return Err(ImportRefused::BroughtInYourself { on: came.at.day() }.into());
        }
        // What was seen since says more than the roll.
        let is_survey = |happening: &Happening| happening.ledger.survey().is_some_and(|s| s.rule_set.is_some());
        if history.happenings.iter().any(|happening| happening.entry != came.entry && is_survey(happening)) {
            return Ok(Err("surveyed_since"));
        }
        let Some(category) = category else { return Ok(Err("no_category")) };
        if history.died_on().is_some() {
            return Ok(Err("died"));
        }
        if history.heads(Horizon::NOW).is_conflict() {
            return Ok(Err("two_heads"));
        }
        let versions = history.versions(Horizon::NOW);
        let Some(version) = History::deciding(&versions) else { return Ok(Err("no_category")) };
        if !self.same_id(*dossier, now)?.is_empty() {
            return Ok(Err("two_dossiers"));
        }
        let rule_set = version.survey.rule_set.clone().unwrap_or_default();
        let rules = self.rules()?;
        let months = rules.get(&rule_set).and_then(|set| set.category(category)).and_then(|c| c.closes_months);
        let from = since.unwrap_or(row.on).min(row.on);
        let until = months.and_then(|months| i32::try_from(months).ok()).map(|m| from.plus_months(m).plus_days(-1));
        if until.is_some_and(|until| until < row.on) {
            return Ok(Err("ended"));
        }
        Ok(Ok(Ledger::TakenOver {
            dossier: *dossier,
            on: row.on.max(version.survey.on),
            category: category.clone(),
            rule_set,
            survey: version.record.entry,
            from,
            until,
        }))
    }
}
