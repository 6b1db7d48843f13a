//! A dossier's case: each step is an act with a day of its own, refused by name where something stands in its way
//! (`domain/case/`). What is read to judge it is read here: the survey's answers and decision, the notice, who acted before.
//! Start reading at [`Household::take_step`], then `look.rs` (how a case stands) and `papers.rs` (what is noted beside steps).

mod back;
mod level;
mod look;
mod notice;
mod objections;
mod papers;
mod withdraw;

pub use look::{CaseView, NextStep, PAPER_COVERED, StepLine};
pub use notice::{PostedLine, ToPost};
pub use objections::{ObjectionLine, ObjectionWords};
pub use papers::Application;

use super::adopting::Adopted;
use super::settings::OfficeSize;
use super::{Act, Duty, Failure, Household};
use crate::domain::case::{self, Did, Known, Limits, NoticeKnown, SurveyKnown, Vote, Wanted};
use crate::domain::dossier::{CloseReason, Status};
use crate::domain::event::{DeliberationPerson, Ledger, Person};
use crate::domain::questions;
use crate::domain::{Day, EntryId, Subject};
use crate::store::NotKept;
use crate::views::history::Horizon;
use crate::views::{Happening, History};

/// Who sat over a case, and how they voted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deliberation {
    /// Who sat and voted, by name.
    pub members: Vec<String>,
    /// Who stood aside: a relative of the household, whoever surveyed it.
    pub aside: Vec<String>,
    /// How many the committee has; `None`: those named.
    pub committee: Option<u32>,
    pub agreed: u32,
    pub against: u32,
}

impl Deliberation {
    fn vote(&self) -> Vote {
        let count = |names: &[String]| u32::try_from(names.len()).unwrap_or(u32::MAX);
        let (present, aside) = (count(&self.members), count(&self.aside));
        let committee = self.committee.unwrap_or(present + aside);
        Vote { committee, present, aside, agreed: self.agreed, against: self.against }
    }
}

/// A step as it is asked for.
#[derive(Clone, Debug)]
pub struct CaseStep<'a> {
    pub to: Status,
    pub on: Day,
    /// A code (of list `close_reason` when closing).
    pub reason: Option<&'a str>,
    /// In words; sealed with the dossier.
    pub why: Option<&'a str>,
    /// Of a notice: its last day; else as many days as it has to hang.
    pub until: Option<Day>,
    /// Of a notice: the line as it is posted, word for word.
    pub posted: Option<&'a str>,
    /// Of an approval: the final category, where it is not the computed one.
    pub category: Option<&'a str>,
    /// Of a deliberation: who sat, how they voted.
    pub deliberation: Option<Deliberation>,
}

/// The fewest characters that say why.
const WHY_MIN: usize = 4;

impl<'a> CaseStep<'a> {
    pub fn new(to: Status, on: Day) -> CaseStep<'a> {
        CaseStep { to, on, reason: None, why: None, until: None, posted: None, category: None, deliberation: None }
    }
}

/// What was read to judge a step, and what its record names.
struct Read {
    known: Known,
    adopted: Option<EntryId>,
    survey: Option<SurveyOf>,
    posting: Option<EntryId>,
}

struct SurveyOf {
    record: EntryId,
    rule_set: String,
    category: Option<String>,
}

impl Household<'_> {
    /// Moves the dossier to its next status: [`Self::take_step`] without what only some steps tell.
    pub fn move_status(&self, to: Status, on: Day, reason: Option<&str>, why: Option<&str>) -> Result<(), Failure> {
        self.take_step(&CaseStep { reason, why, ..CaseStep::new(to, on) })
    }

    /// Takes a step of the case.
    ///
    /// Errors: whoever acts has no role for it; the first [`Refusal`](case::Refusal) that stands in its way; somebody else went on with the
    /// dossier meanwhile.
    pub fn take_step(&self, step: &CaseStep<'_>) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::of_step(step.to))?;
        let content = (
            ("step", dossier.hex(), step.to.code(), step.on.to_string(), step.reason, step.why),
            (
                step.until.map(|day| day.to_string()),
                step.category,
                step.deliberation.as_ref().map(|sat| (&sat.members, &sat.aside, sat.agreed, sat.against)),
            ),
        );
        // A list that is posted is one request, and each of its households a part of it.
        let part = if step.posted.is_some() { dossier.hex() } else { String::new() };
        let Some((entry, fingerprint)) = self.noted_part(&part, &content)? else { return Ok(()) };
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let (wanted, limits) = self.wanted(step)?;
        let until = wanted.until;
        let read = self.read_case(&history, &wanted, true)?;
        if let Some(refusal) = case::refusal(&read.known, &wanted, &limits) {
            return Err(refusal.into());
        }
        if let (Status::Noticed, Some(until)) = (step.to, until) {
            office.knows_days(step.on, until, now)?;
        }
        let subject = Subject::Dossier(dossier);
        let last = history.last_move(Horizon::NOW);
        let mut ledger = self.ledger_of(step, until, &read)?;
        let posted = match (&mut ledger, step.posted) {
            (Ledger::NoticePosted { text_hash, .. }, Some(line)) => {
                let line = super::text(line)?.to_owned();
                let key = office.random_id()?;
                *text_hash = Some(notice::hash(&key, &line));
                Some(Person::Posted { line, key })
            }
            _ => None,
        };
        let mut parents: Vec<EntryId> = history.heads(Horizon::NOW).all().to_vec();
        parents.extend(last.map(|last| last.entry));
        if let Ledger::Approved { survey, notice, .. } = &ledger {
            parents.extend([Some(*survey), *notice].into_iter().flatten());
        }
        let mut distinct: Vec<EntryId> = Vec::with_capacity(parents.len());
        for parent in parents {
            if !distinct.contains(&parent) {
                distinct.push(parent);
            }
        }
        let mut act = Act::new(entry, now.at, subject, ledger).parents(distinct);
        match (&step.deliberation, step.why) {
            (Some(sat), _) if step.to == Status::Reviewed => {
                let names =
                    |names: &[String]| names.iter().map(|name| super::name(name)).collect::<Result<Vec<_>, _>>();
                let text = step.why.map(super::text).transpose()?.unwrap_or_default();
                let sat = DeliberationPerson { members: names(&sat.members)?, aside: names(&sat.aside)?, text };
                act = act.person(subject, Person::Deliberation(sat));
            }
            (_, why) if posted.is_some() => {
                let why = why.map(super::text).transpose()?.map(Person::Text);
                let parts = posted.into_iter().chain(why);
                act = parts.fold(act, |act, part| act.person(subject, part));
            }
            (_, Some(why)) => act = act.person(subject, Person::Text(super::text(why)?)),
            _ => {}
        }
        act = act.person(subject, fingerprint);
        act.expect.push(unchanged);
        match permit.keep(&act) {
            Err(Failure::NotKept(NotKept::Lost(_))) => return Err(office.moved(&office.history(dossier)?)),
            kept => kept?,
        };
        // The step is kept; an index that cannot be refreshed now is filled at the next opening.
        let _ = super::lookup::refresh(office, dossier);
        Ok(())
    }

    /// The step, and what it is judged by, as the bureau has set both.
    fn wanted(&self, step: &CaseStep<'_>) -> Result<(Wanted, Limits), Failure> {
        let (office, now) = (self.office, self.now);
        let (until, notice_least) = match step.to {
            Status::Noticed => {
                (Some(office.notice_until(step.on, step.until, now)?), Some(office.notice_least(step.on, now)?))
            }
            _ => (step.until, None),
        };
        let wanted = Wanted {
            close: step.reason.and_then(CloseReason::from_code),
            // Whoever is told of it can do nothing with a code.
            says_why: step.why.is_some_and(|why| why.trim().chars().count() >= WHY_MIN),
            until,
            notice_least,
            category: step.category.map(str::to_owned),
            vote: step.deliberation.as_ref().map(Deliberation::vote),
            ..Wanted::new(step.to, step.on, now.today)
        };
        Ok((wanted, office.case_limits(step.on)?))
    }

    /// The event that the step is.
    fn ledger_of(&self, step: &CaseStep<'_>, until: Option<Day>, read: &Read) -> Result<Ledger, Failure> {
        let (dossier, on) = (self.dossier, step.on);
        let survey = read.survey.as_ref();
        let category = || step.category.map(str::to_owned).or_else(|| survey.and_then(|of| of.category.clone()));
        Ok(match (step.to, &step.deliberation, survey) {
            (Status::Reviewed, Some(sat), _) => {
                let Vote { committee, present, aside, agreed, against } = sat.vote();
                Ledger::Deliberated { dossier, on, committee, present, aside, agreed, against }
            }
            (Status::Noticed, _, Some(of)) => Ledger::NoticePosted {
                dossier,
                on,
                until: until.unwrap_or(on),
                unit: self.history.unit(Horizon::NOW),
                category: category(),
                survey: Some(of.record),
                text_hash: None,
            },
            (Status::Approved, _, Some(of)) => {
                let category = category().unwrap_or_default();
                let rules = self.office.rules()?;
                let set = rules.get(&of.rule_set);
                let months = set.and_then(|set| set.category(&category)).and_then(|category| category.closes_months);
                let until = months.and_then(|months| i32::try_from(months).ok());
                Ledger::Approved {
                    dossier,
                    on,
                    category,
                    rule_set: of.rule_set.clone(),
                    adopted: read.adopted,
                    survey: of.record,
                    notice: read.posting,
                    from: on,
                    until: until.map(|months| on.plus_months(months).plus_days(-1)),
                }
            }
            (to, ..) => Ledger::StatusMoved { dossier, to, on, reason: step.reason.map(str::to_owned) },
        })
    }

    /// All that a step is judged by: order and age as of its own day, death and duplicates as of now.
    /// `search`: whether duplicates are looked for, which reads every household the first time.
    fn read_case(&self, history: &History, wanted: &Wanted, search: bool) -> Result<Read, Failure> {
        let office = self.office;
        let as_of = Horizon { on: wanted.on, ..Horizon::NOW };
        let versions = history.versions(as_of);
        let version = History::deciding(&versions);
        let needs_answers = matches!(wanted.to, Status::Noticed | Status::Approved);
        let mut decided_on = version.map(|version| version.survey.on);
        let survey = match version {
            None => None,
            Some(version) => {
                let (mut union_member, mut excluded, mut money_since) = (true, Vec::new(), None);
                if needs_answers {
                    let kept = office.survey_of(self.dossier, version)?;
                    union_member = kept.answers.answers.iter().any(|answer| {
                        answer.path.name() == questions::UNION_MEMBER
                            && matches!(&answer.given, crate::domain::Given::Value(value) if value == "1")
                    });
                    let record = version.record.entry;
                    money_since = office.money_since(self.dossier, history, record, &kept.answers)?;
                    let overridden = history.overridden(version);
                    // The day by which the rules were chosen, where that is not the survey's.
                    decided_on = kept.decision.as_ref().map(|decision| decision.on).or(decided_on);
                    excluded = kept.decision.map(|decision| decision.exclusions).unwrap_or_default();
                    excluded.retain(|code| !overridden.contains(&code.as_str()));
                }
                Some(SurveyKnown {
                    on: version.survey.on,
                    money_since,
                    category: version.survey.category.clone(),
                    possible: version.survey.possible.clone(),
                    union_member,
                    excluded,
                    // An update by which nothing moved leaves nothing to approve beside what is in force.
                    approved: history.rests_on(Horizon::NOW) == Some(version.record.entry)
                        || office.beside_decision(history, as_of).updated_on.is_some(),
                })
            }
        };
        let posting = history.posting(Horizon::NOW);
        let notice = posting.map(|posting| NoticeKnown {
            until: posting.until.unwrap_or(posting.from.plus_days(Limits::USUAL.notice_days_min - 1)),
            category: posting.category.map(str::to_owned),
        });
        let in_force = history.in_force(Horizon::NOW).and_then(|in_force| in_force.approved);
        let in_force = in_force.and_then(|approved| approved.ledger.in_force()).map(|put| put.category.to_owned());
        let adopted = match version.and_then(|version| Some((version.survey.rule_set.as_deref()?, decided_on?))) {
            Some((rule_set, on)) if wanted.to == Status::Approved => Some(office.rules()?.stands(rule_set, on)),
            _ => None,
        };
        let rule_set = || version.and_then(|version| version.survey.rule_set.clone());
        let known = Known {
            rules_not_adopted: if matches!(adopted, Some(Adopted::Not | Adopted::Sample)) { rule_set() } else { None },
            status: history.status(Horizon::NOW).unwrap_or(Status::Draft),
            accepted_on: history.accepted_on(),
            last: history.last_move(Horizon::NOW).map(|last| last.on),
            first_survey: history.versions(Horizon::NOW).first().map(|version| version.survey.on),
            is_contested: history.heads(Horizon::NOW).is_conflict(),
            in_force,
            notice,
            vote: history.vote(Horizon::NOW),
            papers_owed: history.papers_owed(wanted.on),
            queries_open: history.queries(Horizon::NOW).iter().filter(|query| query.closed.is_none()).count(),
            objections_open: history.objections(Horizon::NOW).iter().filter(|one| one.settled.is_none()).count(),
            same_person: self.did_before(history, wanted)?,
            duplicates: match wanted.to {
                Status::Approved if search => self.same_id()?,
                _ => Vec::new(),
            },
            died_on: history.died_on(),
            above_since: history.above_since(as_of),
            survey,
        };
        let survey = version.and_then(|version| {
            let rule_set = version.survey.rule_set.clone()?;
            Some(SurveyOf { record: version.record.entry, rule_set, category: version.survey.category.clone() })
        });
        let adopted = match adopted {
            Some(Adopted::By(record)) => Some(record),
            _ => None,
        };
        Ok(Read { known, adopted, survey, posting: posting.map(|posting| posting.entry) })
    }

    /// The strict core of separated duties: whoever surveyed or reviewed since the case last began does not approve it. It
    /// cannot be switched off, whatever the size of the office; that whoever surveyed does not review, nor whoever reviewed
    /// endorse, depends on it.
    fn did_before(&self, history: &History, wanted: &Wanted) -> Result<Option<(Did, Day)>, Failure> {
        let now = self.now;
        let full = || Ok::<bool, Failure>(self.office.size(now.today.max(now.at.day()))? == Some(OfficeSize::Full));
        let apart: &[Did] = match wanted.to {
            Status::Approved => &[Did::Surveyed, Did::Reviewed],
            Status::Endorsed if full()? => &[Did::Surveyed, Did::Reviewed],
            Status::Reviewed if full()? => &[Did::Surveyed],
            _ => return Ok(None),
        };
        self.who_did(history, apart)
    }

    /// Whether whoever acts did one of these in the case, and when.
    fn who_did(&self, history: &History, apart: &[Did]) -> Result<Option<(Did, Day)>, Failure> {
        // What the category rests on counts always, whenever it was made and however often the case was begun again.
        let versions = history.versions(Horizon::NOW);
        let deciding = History::deciding(&versions).map(|version| [version.first, version.record]);
        let rests_on: Vec<&Happening> = deciding.into_iter().flatten().chain(history.under_way()).collect();
        for happening in rests_on {
            let (did, survey) = match (happening.ledger.survey(), happening.ledger.step()) {
                (Some(survey), _) => (Did::Surveyed, Some(survey)),
                (None, Some((Status::Reviewed, _))) => (Did::Reviewed, None),
                _ => continue,
            };
            if !apart.contains(&did) {
                continue;
            }
            let mut same = self.office.is_same_person(happening.by, happening.session)?;
            if let Some(survey) = survey {
                // Whoever began the survey had a part in it, though somebody else sent it in.
                same |= self.office.had_draft(survey.draft)?;
            }
            if same {
                return Ok(Some((did, happening.at.day())));
            }
        }
        Ok(None)
    }
}
