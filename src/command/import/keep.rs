//! What a trial found ready is kept: first that a roll is brought in, then each household by a record of its own. Cut in the
//! middle, the same roll goes on where it stopped: what is kept is known by its fingerprint.

use super::{Becomes, Finding, Held, LineFinding, Ready, RollTrial};
use crate::command::lookup;
use crate::command::rights::{Act, Duty, Permit};
use crate::command::submit::{Accepted, entry_of};
use crate::command::{Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{DossierId, EntryId, Explain, Now, Subject};
use crate::views::Horizon;

/// Households that share a sync.
const AT_ONCE: usize = 64;

/// What was kept of a roll.
pub struct BroughtIn {
    /// The record that it was brought in; `None`: nothing of it was new.
    pub roll: Option<EntryId>,
    /// Dossier and number of each household, by its place in the trial.
    pub kept: Vec<(usize, DossierId, String)>,
    /// What was refused, by its place in the trial; the others went on.
    pub refused: Vec<(usize, Failure)>,
    /// Why it stopped; what was kept before is kept.
    pub stopped: Option<Failure>,
}

impl Office {
    /// Keeps the households of a trial that are new.
    ///
    /// Errors: whoever acts brings nothing in; nothing could be kept at all.
    pub fn bring_in(
        &self,
        trial: &mut RollTrial,
        now: Now,
        mut see: impl FnMut(u64, u64),
    ) -> Result<BroughtIn, Failure> {
        let permit = self.may(Duty::Import, now)?;
        let mut out = BroughtIn { roll: None, kept: Vec::new(), refused: Vec::new(), stopped: None };
        let new: Vec<usize> = (0..trial.households.len()).filter(|at| trial.households[*at].ready.is_some()).collect();
        if new.is_empty() {
            return Ok(out);
        }
        self.keep_built_in(&self.bureau.library.hardship()?.clone(), now)?;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let persons = new.iter().filter_map(|at| trial.households[*at].ready.as_ref()).map(|ready| ready.persons).sum();
        let roll = self.new_entry()?;
        let ledger = Ledger::RollBroughtIn { on: trial.on, households: count(new.len()), persons };
        let file = crate::command::text_of(&trial.file, crate::command::NAME_CHARS_MAX).unwrap_or_default();
        let act = Act::new(roll, now.at, Subject::Bureau, ledger).person(Subject::Bureau, Person::Text(file));
        permit.keep(&act)?;
        out.roll = Some(roll);
        self.have_slots_for(count(new.len()))?;
        for some in new.chunks(AT_ONCE) {
            out.stopped = self.bring_some(&permit, roll, trial, some, &mut out, now);
            if out.stopped.is_some() {
                break;
            }
            see((out.kept.len() + out.refused.len()) as u64, new.len() as u64);
        }
        for (at, _, number) in &out.kept {
            trial.households[*at].becomes = Becomes::Before { held: Held::Number(number.clone()) };
            trial.households[*at].ready = None;
        }
        for (at, why) in &out.refused {
            let household = &mut trial.households[*at];
            let line = household.ready.take().map_or(0, |ready| ready.line);
            household.becomes = Becomes::KeptOut;
            let what = why.explain();
            household.findings.insert(0, LineFinding { line, column: None, finding: Finding::Stops, what });
        }
        Ok(out)
    }

    /// Keeps these: a household that is refused keeps no other out. Answers with why nothing more can be kept at all.
    fn bring_some(
        &self,
        permit: &Permit<'_>,
        roll: EntryId,
        trial: &RollTrial,
        some: &[usize],
        out: &mut BroughtIn,
        now: Now,
    ) -> Option<Failure> {
        let mut acts = Vec::with_capacity(some.len());
        let mut of_acts = Vec::with_capacity(some.len());
        for at in some {
            let Some(ready) = &trial.households[*at].ready else { continue };
            match self.act_of(ready, roll, now) {
                Ok((act, dossier)) => {
                    acts.push(act);
                    of_acts.push((*at, dossier));
                }
                Err(why) => out.refused.push((*at, why)),
            }
        }
        let mut stopped = None;
        for ((at, dossier), answer) in of_acts.into_iter().zip(permit.keep_all(&acts)) {
            match answer {
                Ok(_) => {
                    let history = self.history(dossier);
                    let number = history.ok().and_then(|history| history.numbers(Horizon::NOW).pop());
                    out.kept.push((at, dossier, number.unwrap_or_default()));
                    let _ = lookup::refresh(self, dossier);
                }
                Err(why) => stopped = stopped.or(Some(why)),
            }
        }
        stopped
    }

    /// The record of one household: that its dossier begins, what the roll says of it, and with which roll it came.
    fn act_of(&self, ready: &Ready, roll: EntryId, now: Now) -> Result<(Act, DossierId), Failure> {
        let dossier = self.new_dossier()?;
        let head = crate::command::draft_file::DraftHead { dossier, ..ready.head.clone() };
        let mut prepared = self.prepare(&head, ready.answers.clone(), None, Accepted::ByRoll, now)?;
        if let Ledger::SurveySubmitted(survey) = &mut prepared.ledger
            && let Some(category) = &ready.category
        {
            // A household with a category is due as that category says, though the roll alone decides nothing.
            let rules = self.rules()?;
            let set = survey.rule_set.as_deref().and_then(|id| rules.get(id));
            let months = set.and_then(|set| set.category(category)).and_then(|category| category.survey_months);
            let months = months.and_then(|months| i32::try_from(months).ok());
            survey.next_due = months.map(|months| survey.on.plus_months(months)).or(survey.next_due);
        }
        let subject = Subject::Dossier(dossier);
        let mut act = self.opening_act(entry_of(head.draft, "survey"), &head, &prepared, now)?;
        act = act.and(prepared.ledger).person(subject, prepared.person);
        act = act.person(subject, Person::Fingerprint(ready.fingerprint));
        act = act.and(Ledger::CameWithRoll {
            dossier,
            roll,
            line: ready.line,
            category: ready.category.clone(),
            since: ready.since,
        });
        if let Some(number) = &ready.other_number {
            act = act.and(Ledger::OtherNumber { dossier, system: "roll".into() });
            act = act.person(subject, Person::Number(number.clone()));
        }
        Ok((act, dossier))
    }
}
