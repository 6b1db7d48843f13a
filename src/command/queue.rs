//! What waits: every case that somebody has to go on with, for what, since when, and whose duty it is.

use super::fund::FundQueueLine;
use super::{Duty, Failure, Office};
use crate::domain::case::{self, Limits};
use crate::domain::dossier::Status;
use crate::domain::{Day, DossierId, EntryId, Now, OfficerId, UnitId};
use crate::views;
use crate::views::case::Proposed;
use crate::views::history::{History, Horizon};
use std::collections::BTreeSet;

/// What a case waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Waits {
    /// Sent back: whoever surveyed has to mend it.
    Mend,
    /// An answer is asked about, and nobody has said anything to it.
    AnswerQuery,
    /// What was asked is answered: whoever asked closes it, or asks on.
    CloseQuery,
    /// Somebody objected to the notice, and is to be answered.
    SettleObjection,
    /// Handed in: somebody has to visit and check.
    Check,
    /// Checked: the committee has to speak.
    Deliberate,
    /// The union above has to agree.
    Endorse,
    Post,
    /// Posted until a day.
    NoticeRuns,
    Approve,
    /// Approved, and not in the files yet.
    Open,
    /// In the files, and a survey proposes another category than the one in force, or none.
    Decide,
    /// In the files, and its category is in force until a day that comes or has gone by.
    Ends,
    /// Papers are owed.
    Papers,
    /// The worker has died and the dossier is not closed.
    Close,
    /// Nobody was there in a round of surveys: somebody goes again.
    Visit,
}

impl Waits {
    pub const ALL: [Waits; 16] = [
        Waits::Mend,
        Waits::AnswerQuery,
        Waits::CloseQuery,
        Waits::SettleObjection,
        Waits::Check,
        Waits::Deliberate,
        Waits::Endorse,
        Waits::Post,
        Waits::NoticeRuns,
        Waits::Approve,
        Waits::Open,
        Waits::Decide,
        Waits::Ends,
        Waits::Papers,
        Waits::Close,
        Waits::Visit,
    ];

    /// In JSON, and in the words `waits.check`.
    pub fn code(self) -> &'static str {
        match self {
            Waits::Mend => "mend",
            Waits::AnswerQuery => "answer_query",
            Waits::CloseQuery => "close_query",
            Waits::SettleObjection => "settle_objection",
            Waits::Check => "check",
            Waits::Deliberate => "deliberate",
            Waits::Endorse => "endorse",
            Waits::Post => "post",
            Waits::NoticeRuns => "notice_runs",
            Waits::Approve => "approve",
            Waits::Open => "open",
            Waits::Decide => "decide",
            Waits::Ends => "ends",
            Waits::Papers => "papers",
            Waits::Close => "close",
            Waits::Visit => "visit",
        }
    }

    pub fn from_code(code: &str) -> Option<Waits> {
        Waits::ALL.into_iter().find(|waits| waits.code() == code)
    }

    /// Whose duty it is to go on with it.
    pub fn duty(self) -> Duty {
        match self {
            Waits::Mend | Waits::Visit => Duty::Survey,
            Waits::AnswerQuery => Duty::AnswerQuery,
            Waits::CloseQuery => Duty::CloseQuery,
            Waits::Check => Duty::Verify,
            Waits::Deliberate | Waits::Decide => Duty::Review,
            Waits::SettleObjection => Duty::SettleObjection,
            Waits::Endorse | Waits::Post | Waits::NoticeRuns | Waits::Open => Duty::Process,
            Waits::Approve | Waits::Ends => Duty::Approve,
            Waits::Papers => Duty::NotePapers,
            Waits::Close => Duty::CloseCase,
        }
    }
}

/// One thing that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueLine {
    pub dossier: DossierId,
    pub number: String,
    /// The worker's. Personal.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    pub waits: Waits,
    /// Since when.
    pub since: Day,
    /// The last day of a notice, or of validity.
    pub until: Option<Day>,
    /// Who had it last in hand.
    pub by: Option<OfficerId>,
    /// Whether whoever looks carries the duty for it.
    pub mine: bool,
}

/// What is asked of the queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueAsked {
    /// Only what whoever looks carries the duty for.
    pub mine: bool,
    pub waits: Option<Waits>,
    /// At most so many, the longest waiting first.
    pub limit: Option<usize>,
    /// What waits of the fund, too: that reads all payouts.
    pub of_fund: bool,
}

/// What waits, and how much in all.
#[derive(Default)]
pub struct QueueFound {
    pub lines: Vec<QueueLine>,
    pub total: usize,
    /// What of the fund waits, a kind a line; nothing where one kind of step alone was asked for.
    pub fund: Vec<FundQueueLine>,
}

impl Office {
    /// What waits among the households of whoever acts, the longest first.
    ///
    /// Errors: they may see no household.
    pub fn queue(&self, asked: &QueueAsked, now: Now) -> Result<QueueFound, Failure> {
        self.still_here(now)?;
        let reach = self.reach(now)?;
        let rounds = self.open_rounds()?;
        let mut lines: Vec<QueueLine> = Vec::new();
        for dossier in self.may_wait(now.today)? {
            // One that cannot be read is the doctor's affair.
            let Ok(history) = self.history(dossier) else { continue };
            let unit = history.unit(Horizon::NOW);
            if reach.as_ref().is_none_or(|reach| unit.is_some_and(|unit| reach.contains(&unit))) {
                lines.extend(self.waiting(&history, &rounds, now.today));
            }
        }
        for line in &mut lines {
            // A visit is theirs who are assigned to it; of whoever surveys, where nobody is.
            let is_theirs = line.waits != Waits::Visit || line.by.is_none_or(|by| by == self.officer);
            line.mine = is_theirs && self.carries(line.waits.duty());
        }
        lines.retain(|line| (line.mine || !asked.mine) && asked.waits.is_none_or(|waits| waits == line.waits));
        lines.sort_by(|a, b| (a.since, a.waits, &a.number).cmp(&(b.since, b.waits, &b.number)));
        let total = lines.len();
        lines.truncate(asked.limit.unwrap_or(usize::MAX));
        for line in &mut lines {
            line.name = self.listed_name(line.dossier)?;
        }
        let fund = if asked.of_fund { self.fund_queue(asked.mine, now)? } else { Vec::new() };
        Ok(QueueFound { lines, total, fund })
    }
}

impl Office {
    /// Dossiers whose case may wait for somebody: by its day, or because something is asked about an answer. Each once.
    fn may_wait(&self, today: Day) -> Result<BTreeSet<DossierId>, Failure> {
        let mut found: BTreeSet<DossierId> = views::read::cases_until(&self.bureau.store, today)?.into_iter().collect();
        found.extend(views::read::open_queries(&self.bureau.store)?.into_iter().map(|(_, dossier)| dossier));
        Ok(found)
    }
}

#[cfg(test)]
impl Office {
    /// What waits, found by reading every case there is.
    pub(super) fn waiting_in_all(&self, today: Day) -> Vec<(DossierId, Waits, Day)> {
        let mut found = Vec::new();
        let rounds = self.open_rounds().unwrap();
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            let lines = history.map(|history| self.waiting(&history, &rounds, today)).unwrap_or_default();
            found.extend(lines.into_iter().map(|line| (line.dossier, line.waits, line.since)));
            true
        })
        .unwrap();
        found.sort();
        found
    }
}

impl Office {
    /// Everything that a case waits for on a day, while these rounds are open.
    fn waiting(&self, history: &History, rounds: &BTreeSet<EntryId>, today: Day) -> Vec<QueueLine> {
        // An update that moved nothing proposes nothing.
        let proposal = history.open_proposal();
        let proposal = proposal.filter(|proposed| !self.moves_nothing(history, Horizon::NOW, proposed));
        waiting(history, proposal, rounds, today)
    }
}

fn waiting(history: &History, proposal: Option<Proposed>, rounds: &BTreeSet<EntryId>, today: Day) -> Vec<QueueLine> {
    let Some(status) = history.status(Horizon::NOW).filter(|_| !history.is_erased()) else { return Vec::new() };
    let last = history.last_move(Horizon::NOW);
    let last = last.and_then(|last| history.happenings.iter().rev().find(|h| h.entry == last.entry));
    let versions = history.versions(Horizon::NOW);
    let surveyed = History::deciding(&versions).map(|version| (version.survey.on, version.record.by));
    let line = |waits, since, until, by| QueueLine {
        dossier: history.dossier,
        number: history.numbers(Horizon::NOW).pop().unwrap_or_else(|| history.dossier.hex()),
        name: None,
        unit: history.unit(Horizon::NOW),
        waits,
        since,
        until,
        by,
        mine: false,
    };
    let stepped = last.and_then(|step| step.ledger.step().map(|(_, on)| (on, step.by)));
    let from = stepped.or(surveyed);
    let mut out = Vec::new();
    let mut put = |waits, from: Option<(Day, OfficerId)>, until| {
        if let Some((since, by)) = from {
            out.push(line(waits, since, until, Some(by)));
        }
    };
    let died = history.died_on().filter(|_| !status.is_over());
    if let Some(died) = died {
        put(Waits::Close, from.map(|(_, by)| (died, by)), None);
        return out;
    }
    let notice_ends = || {
        let posting = history.posting(Horizon::NOW)?;
        Some(posting.until.unwrap_or(posting.from.plus_days(Limits::USUAL.notice_days_min - 1)))
    };
    if !status.is_over() {
        let queries = history.queries(Horizon::NOW);
        let open = || queries.iter().filter(|query| query.closed.is_none());
        // The longest open one of either kind speaks for all of them.
        let asked = open().find(|query| query.answers.is_empty()).map(|query| query.asked);
        let answered = open().filter_map(|query| query.answers.last()).min_by_key(|answer| answer.at);
        put(Waits::AnswerQuery, asked.map(|asked| (asked.at.day(), asked.by)), None);
        let objections = history.objections(Horizon::NOW);
        let objected = objections.iter().find(|one| one.settled.is_none()).map(|one| one.raised);
        put(Waits::SettleObjection, objected.map(|one| (one.ledger.day().unwrap_or(one.at.day()), one.by)), None);
        put(Waits::CloseQuery, answered.map(|answer| (answer.at.day(), answer.by)), None);
    }
    match status {
        Status::Draft => put(Waits::Mend, stepped, None),
        // What is not surveyed yet waits for the survey, which is the due list's affair.
        Status::Submitted if surveyed.is_some() => put(Waits::Check, from.max(surveyed), None),
        Status::Verifying => put(Waits::Deliberate, from.max(surveyed), None),
        Status::Reviewed => put(Waits::Endorse, from, None),
        Status::Endorsed => put(Waits::Post, from, None),
        Status::Noticed => match notice_ends() {
            Some(until) if today <= until => put(Waits::NoticeRuns, from, Some(until)),
            until => {
                put(Waits::Approve, from.map(|(on, by)| (until.map_or(on, |until| until.plus_days(1)), by)), until)
            }
        },
        Status::Approved => put(Waits::Open, from, None),
        Status::Open | Status::Suspended => {
            let in_force = history.category(Horizon::NOW).and_then(|category| category.code);
            match (proposal, notice_ends()) {
                (Some(_), Some(until)) if today <= until => put(Waits::NoticeRuns, from, Some(until)),
                (Some(proposed), until) => {
                    let rises = proposed.category.as_deref().is_some_and(|to| case::rises(in_force.as_deref(), to));
                    let next = match proposed.stage {
                        None => Waits::Decide,
                        Some(Status::Reviewed) => Waits::Endorse,
                        Some(Status::Endorsed) if rises => Waits::Post,
                        Some(_) => Waits::Approve,
                    };
                    let since = if proposed.stage.is_none() { surveyed } else { from };
                    put(next, since, until);
                }
                (None, _) => {}
            }
            let ends = history.in_force(Horizon::NOW).and_then(|in_force| in_force.approved);
            if let Some(approved) = ends
                && let Some(until) = approved.ledger.in_force().and_then(|put| put.until)
                && until.0 - today.0 <= case::ENDS_WITHIN_DAYS
            {
                put(Waits::Ends, Some((until.min(today), approved.by)), Some(until));
            }
        }
        _ => {}
    }
    if !status.is_over() && !history.papers_owed(today).is_empty() {
        let noted = history.paper_notes();
        let note = history.happenings.iter().rev().find(|h| noted.contains(&h.entry));
        put(Waits::Papers, note.map(|h| (h.ledger.day().unwrap_or(h.at.day()), h.by)), None);
    }
    let again = history.goes_again().into_iter().filter(|(round, next, _)| *next <= today && rounds.contains(round));
    out.extend(again.map(|(_, next, assigned)| line(Waits::Visit, next, None, assigned)));
    out
}
