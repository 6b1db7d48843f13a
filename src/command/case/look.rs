//! How a case stands: the steps that were taken, by whom, how late they were entered, and what may come next or stands in
//! its way.

use crate::command::adopting::Adopted;
use crate::command::{Duty, Failure, Household};
use crate::domain::case::{self, Limits, Refusal, Wanted};
use crate::domain::dossier::{CloseReason, Status};
use crate::domain::event::Ledger;
use crate::domain::{Day, EntryId, Mask, OfficerId, Stamp};
use crate::views::case::{LevelKept, Proposed};
use crate::views::history::Horizon;

/// A step that stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepLine {
    pub entry: EntryId,
    pub to: Status,
    pub on: Day,
    pub at: Stamp,
    pub by: OfficerId,
    /// Entered so many days after its day, where that is late.
    pub late_days: Option<i32>,
    /// Of a notice: its last day. Of an approval: the last day of its validity.
    pub until: Option<Day>,
    pub category: Option<String>,
}

/// A step that may come next, and what stands in its way today.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextStep {
    pub to: Status,
    /// Whether whoever looks carries the duty for it.
    pub may: bool,
    pub refused: Option<Refusal>,
}

/// Stands for papers whose names are covered.
pub const PAPER_COVERED: &str = "covered";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseView {
    pub status: Option<Status>,
    pub accepted_on: Option<Day>,
    pub died_on: Option<Day>,
    pub category: Option<String>,
    pub rule_set: Option<String>,
    /// Whether it is in force by approval.
    pub approved: bool,
    /// The category was computed by a rule set that the bureau has not adopted.
    pub sample: bool,
    pub proposed: Option<Proposed>,
    /// The latest survey was an update of that day in which nothing moved that decides.
    pub updated_on: Option<Day>,
    pub steps: Vec<StepLine>,
    pub papers_owed: Vec<String>,
    /// At which level it is kept, where somebody noted it.
    pub level: Option<LevelKept>,
    pub next: Vec<NextStep>,
}

impl Household<'_> {
    /// How its case stands, and what may come next today.
    ///
    /// Errors: a record cannot be read.
    pub fn case(&self, horizon: Horizon) -> Result<CaseView, Failure> {
        let history = self.history();
        let line = |step: &crate::views::Happening| {
            let (to, on) = step.ledger.step()?;
            let late = step.at.day().0 - on.0;
            let limits = self.office.case_limits(step.at.day()).unwrap_or(Limits::USUAL);
            let (until, category) = match &step.ledger {
                Ledger::NoticePosted { until, category, .. } => (Some(*until), category.clone()),
                other => match other.in_force() {
                    Some(put) => (put.until, Some(put.category.to_owned())),
                    None => (None, None),
                },
            };
            Some(StepLine {
                entry: step.entry,
                to,
                on,
                at: step.at,
                by: step.by,
                late_days: (late > limits.late_after_days).then_some(late),
                until,
                category,
            })
        };
        let status = history.status(horizon);
        let beside = self.office.beside_decision(history, horizon);
        let sample = match history.in_force(horizon).and_then(|in_force| in_force.approved).map(|h| &h.ledger) {
            Some(Ledger::Approved { adopted, .. }) => adopted.is_none(),
            // By no rules of this program: on the paper that took it over.
            Some(Ledger::TakenOver { .. }) => false,
            _ => match history.category(horizon) {
                Some(category) => {
                    !matches!(self.office.rules()?.stands(&category.rule_set, category.on), Adopted::By(_))
                }
                None => false,
            },
        };
        Ok(CaseView {
            sample,
            status,
            accepted_on: history.accepted_on(),
            died_on: history.died_on(),
            rule_set: history.category(horizon).map(|category| category.rule_set),
            category: history.category(horizon).and_then(|category| category.code),
            approved: history.in_force(horizon).is_some(),
            proposed: beside.proposed,
            updated_on: beside.updated_on,
            steps: history.standing_steps(horizon).into_iter().filter_map(line).collect(),
            papers_owed: self.papers_shown(history.papers_owed(self.now.today)),
            level: history.level(horizon),
            next: self.next_steps(status.unwrap_or(Status::Draft))?,
        })
    }

    /// Which papers are owed, for whoever may know what they are about: a disability card, a hospital's bills.
    fn papers_shown(&self, owed: Vec<String>) -> Vec<String> {
        match Mask::Cause.covers(self.eyes()) && !owed.is_empty() {
            true => vec![PAPER_COVERED.to_owned()],
            false => owed,
        }
    }

    /// Every step that the status allows, and the first thing that stands in its way today.
    fn next_steps(&self, from: Status) -> Result<Vec<NextStep>, Failure> {
        let today = self.now.today;
        if self.history.is_erased() || self.office.bureau.keys.is_erased(crate::domain::Subject::Dossier(self.dossier))
        {
            return Ok(Vec::new());
        }
        let mut next: Vec<Status> = from.next().to_vec();
        if from.is_on_file() {
            let decision = Status::ALL.into_iter().filter(|status| case::is_of_decision(*status));
            next = decision.chain(next).collect();
        }
        let mut out = Vec::with_capacity(next.len());
        let (until, limits) = (self.office.notice_least(today, self.now)?, self.office.case_limits(today)?);
        for to in next {
            let mut wanted = Wanted::new(to, today, today);
            // A reason can be given, and a notice be long enough.
            wanted.says_why = true;
            wanted.until = Some(until);
            wanted.notice_least = wanted.until;
            wanted.close = Some(CloseReason::Left);
            let mut read = self.read_case(&self.history, &wanted, false)?;
            read.known.papers_owed = self.papers_shown(read.known.papers_owed);
            let refused = case::refusal(&read.known, &wanted, &limits);
            out.push(NextStep { to, may: self.may(Duty::of_step(to)), refused });
        }
        Ok(out)
    }
}
