//! A survey is submitted: what stands in its way, what is decided, and the one record that it becomes.

use super::adopting::BureauRules;
use super::draft_file::DraftHead;
use super::keeping::Keeping;
use super::members::KnownPersons;
use super::rights::{Act, Duty, Over};
use super::survey::Surveying;
use super::{Failure, Office, Receipt, library};
use crate::domain::answers::RosterPerson;
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person, SurveyKind, SurveyLedger, SurveyPerson};
use crate::domain::questions;
use crate::domain::{
    Answers, Day, Decision, DossierId, DraftId, EntryId, Explain, Fen, Message, Now, Path, PersonId, Stamp, Subject,
};
use crate::form::{At, Draft};
use crate::rules::{self, CaseDays, Fact, Facts, RuleSet};
use crate::store::NotKept;
use crate::views::history::{History, Horizon};
use crate::views::{self, Series};
use std::collections::HashSet;

/// A survey that is on disk.
#[derive(Clone, Debug)]
pub struct Submitted {
    pub dossier: DossierId,
    pub number: String,
    pub receipt: Receipt,
    /// `None`: a form that gives no decision.
    pub decision: Option<Decision>,
    pub next_due: Option<Day>,
    /// When it was kept, where that was before: the same file was sent again, and nothing was kept now.
    pub before: Option<Stamp>,
}

impl Office {
    /// Keeps the survey. Until this answers `Ok` the draft stays, whatever happens.
    ///
    /// Errors: everything that stands in the way of finishing; `Moved` when the dossier has gone on since the survey was
    /// begun, unless `beside` says that both are to stand (a conflict, to be merged later).
    pub fn submit(&self, surveying: &mut Surveying, now: Now, beside: bool) -> Result<Submitted, Failure> {
        self.submit_draft(&mut surveying.keeping, &surveying.draft, now, beside)
    }

    /// [`Self::submit`] for whoever holds the draft.
    pub fn submit_draft(
        &self,
        keeping: &mut Keeping,
        draft: &Draft,
        now: Now,
        beside: bool,
    ) -> Result<Submitted, Failure> {
        let _ = self.may(Duty::Survey, now)?;
        self.may_go_on(&keeping.head, now)?;
        keeping.sync(self)?;
        let submitted = self.try_submit(keeping, draft, now, beside)?;
        // The record names the draft, so a file that cannot be taken away is recognised and never sent again.
        let _ = keeping.remove(self);
        let _ = super::lookup::refresh(self, submitted.dossier);
        Ok(submitted)
    }

    /// Whether whoever acts may go on with that survey. Cheap: asked with each key.
    pub fn may_survey(&self, head: &DraftHead, now: Now) -> Result<(), Failure> {
        let _ = self.may(Duty::Survey, now)?;
        self.ask_table(Duty::OwnDraft, Over::Work { of: head.by, unit: None }, now)?;
        // One's own work on a household that is one's own no longer is over, too.
        self.may_still_survey(head.dossier, now)
    }

    fn try_submit(&self, keeping: &Keeping, draft: &Draft, now: Now, beside: bool) -> Result<Submitted, Failure> {
        let head = &keeping.head;
        let unchanged = self.unchanged(head.dossier)?;
        let known = views::read::history(&self.bureau.store, &self.bureau.keys, head.dossier)?;
        let draft = &self.with_persons(head, draft, known.as_ref())?;
        let answers = draft.finish().map_err(|problems| unfinished(draft, &problems))?;
        let changes = draft.member_changes();
        let submitted = views::read::draft_entry(&self.bureau.store, head.draft)?;
        // It may have been closed since the update was begun.
        let is_update = head.kind == SurveyKind::Change && submitted.is_none();
        if is_update && known.as_ref().is_some_and(super::survey::is_over) {
            return Err(Failure::UpdateOfClosed);
        }
        if let Some(history) = &known
            && !beside
            && history.heads(Horizon::NOW).all() != head.based_on
            && submitted.is_none()
        {
            return Err(self.moved(history));
        }
        if let Some(entry) = submitted {
            // An answer "perhaps kept" may have been kept. What was changed since is not in the record, so it must not
            // be taken for it.
            let kept = self.answers_of(head.dossier, entry)?;
            let as_kept = || self.member_changes(head.dossier, entry).is_ok_and(|kept| kept == changes);
            if kept.is_some_and(|kept| kept != answers || !as_kept()) {
                return Err(Failure::AlreadySubmitted);
            }
        }
        self.keep_built_in(draft.form(), now)?;
        let prepared = self.prepare(head, answers, known.as_ref(), Accepted::Lately, now)?;
        if let (Some(sent), None, Some(survey)) = (&keeping.sent, &known, prepared.ledger.survey())
            && let Some(before) = self.sent_before(survey, sent, now)?
        {
            return Ok(before);
        }
        let over = match &known {
            Some(history) => Over::Household { dossier: head.dossier, unit: history.unit(Horizon::NOW) },
            None => Over::Bureau,
        };
        let permit = self.permit(Duty::Survey, over, now)?;
        let (subject, entry) = (Subject::Dossier(head.dossier), entry_of(head.draft, "survey"));
        // A dossier that begins with this survey is opened by the same record: none is ever opened and empty.
        let mut act = match head.is_new && known.is_none() {
            true => self.opening_act(entry, head, &prepared, now)?.and(prepared.ledger),
            false => Act::new(entry, now.at, subject, prepared.ledger),
        }
        .person(subject, prepared.person);
        if let Some(sent) = &keeping.sent {
            act = act.person(subject, Person::Fingerprint(sent.fingerprint));
        }
        if !changes.is_empty() {
            act = act.person(subject, Person::Members(changes));
        }
        act = act.parents(head.based_on.iter().copied());
        if let Some(corrected) = head.corrects.filter(|c| !head.based_on.contains(c)) {
            act = act.parents([corrected]);
        }
        if !beside {
            act.expect.push(unchanged);
        }
        let receipt = match permit.keep(&act) {
            Err(Failure::NotKept(NotKept::Lost(_))) => return Err(self.moved(&self.history(head.dossier)?)),
            other => other?,
        };
        // Who surveyed it has seen it: opening it now is no look of its own.
        self.note_opened(head.dossier, false);
        // It is kept: nothing that fails from here on may say otherwise.
        let number = self.history(head.dossier).ok().and_then(|h| h.numbers(Horizon::NOW).pop());
        Ok(Submitted {
            dossier: head.dossier,
            number: number.unwrap_or_default(),
            receipt,
            decision: prepared.decision,
            next_due: prepared.next_due,
            before: None,
        })
    }

    /// The draft with a person for every row that is new: the one whom an earlier survey of the household knows, else one that
    /// follows from the draft and the row alone, so that the same draft makes the same record.
    fn with_persons(&self, head: &DraftHead, draft: &Draft, known: Option<&History>) -> Result<Draft, Failure> {
        let mut draft = draft.clone();
        let places = draft.row_places();
        let new: Vec<At> = places.iter().copied().filter(|at| draft.person(at.row).is_none()).collect();
        let is_member = |at: &At| draft.form().is_of_persons(at.node);
        let before = match known.filter(|_| new.iter().any(is_member)) {
            Some(history) => self.known_persons(history)?,
            None => KnownPersons::default(),
        };
        let mut taken: HashSet<PersonId> = places.iter().filter_map(|at| draft.person(at.row)).collect();
        for at in new {
            let known = if draft.form().is_of_persons(at.node) { before.find(&draft, at) } else { None };
            let person = match known.filter(|person| !taken.contains(person)) {
                Some(person) => person,
                None => PersonId(entry_of(head.draft, &format!("row {}", at.row.0)).0),
            };
            taken.insert(person);
            draft.set_person(at.row, person);
        }
        Ok(draft)
    }

    /// Who went on with the dossier meanwhile.
    pub(super) fn moved(&self, history: &History) -> Failure {
        let last = history.happenings.last();
        let by = last.and_then(|h| self.officer_name(h.by).ok().flatten());
        Failure::Moved {
            number: history.numbers(Horizon::NOW).pop().unwrap_or_default(),
            by: by.unwrap_or_default(),
            at: last.map(|h| h.at.local()).unwrap_or_default(),
            heads: history.heads(Horizon::NOW).all().len(),
        }
    }

    pub(super) fn opening_act(
        &self,
        entry: EntryId,
        head: &DraftHead,
        prepared: &Prepared,
        now: Now,
    ) -> Result<Act, Failure> {
        let division = self.division(prepared.accepted_on)?;
        let ledger = Ledger::DossierOpened {
            dossier: head.dossier,
            unit: prepared.survey_unit,
            division: division.clone(),
            accepted_on: prepared.accepted_on,
        };
        let mut act = Act::new(entry, now.at, Subject::Dossier(head.dossier), ledger);
        act.series = vec![
            Series::regular(&division, prepared.accepted_on).text(),
            Series::Provisional { station: self.bureau.station }.text(),
        ];
        Ok(act)
    }

    pub(super) fn prepare(
        &self,
        head: &DraftHead,
        answers: Answers,
        known: Option<&History>,
        accepted: Accepted,
        now: Now,
    ) -> Result<Prepared, Failure> {
        let decides = head.form == library::HARDSHIP;
        // Another form may call a question of its own what the survey calls one of these: it says nothing of the dossier.
        let by_name = |name: &str| {
            answers.answers.iter().find(|a| decides && a.path.name() == name).and_then(|a| match &a.given {
                crate::domain::Given::Value(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            })
        };
        let asked_on = by_name(questions::SURVEY_DATE).and_then(Day::from_iso).unwrap_or(now.today);
        let on = match head.corrects {
            Some(corrected) => known.and_then(|h| h.corrected(corrected)).map_or(asked_on, |survey| survey.on),
            None => asked_on,
        };
        let kind = match head.corrects {
            Some(_) => SurveyKind::Correction,
            None if !decides => SurveyKind::Other,
            None => by_name(questions::SURVEY_TYPE).and_then(SurveyKind::from_code).unwrap_or(head.kind),
        };
        let accepted_on = by_name(questions::APP_ACCEPTED_ON).and_then(Day::from_iso).unwrap_or(on);
        let division = by_name(questions::HUKOU_DIVISION).map(str::to_owned);
        let bureau = self.rules()?;
        let division =
            division.or_else(|| known.map(History::division)).unwrap_or_else(|| bureau.division(on).to_owned());
        let unit = match by_name(questions::WORK_UNIT).or_else(|| by_name(questions::REFUSED_UNIT)) {
            Some(code) => self.unit_by_code(code, on)?,
            None => None,
        };
        let corrected = head.corrects.and_then(|entry| known.and_then(|h| h.corrected(entry)));
        let starts = head.is_new || corrected.is_some_and(|survey| survey.kind == SurveyKind::First);
        // A survey that corrects leaves the day of acceptance as it was, however long ago that is.
        let was = match head.corrects {
            Some(entry) => self.answers_of(head.dossier, entry)?,
            None => None,
        };
        let day_of = |answers: &Answers| {
            let own = answers.answers.iter().find(|a| a.path.name() == questions::APP_ACCEPTED_ON)?;
            match &own.given {
                crate::domain::Given::Value(text) => Day::from_iso(text),
                _ => None,
            }
        };
        if starts && decides && accepted == Accepted::Lately && was.as_ref().and_then(day_of) != Some(accepted_on) {
            self.accepts(accepted_on, now)?;
        }
        let mut facts = facts_of(&bureau, &answers, known, on);
        let decided = if decides {
            Some(decide(&bureau, &facts, starts && accepted == Accepted::Lately, accepted_on, on)?)
        } else {
            None
        };
        let (decision, mut next_due) = match decided {
            Some((decision, set, next_due)) => {
                // What is told of the household is what the rules counted.
                facts = rules::decide::with_figures(&facts, set, decision.on).into_owned();
                (Some(decision), next_due)
            }
            None => (None, None),
        };
        let refused = by_name(questions::CONSENT_SENSITIVE) == Some("2");
        let is_on_file = known.and_then(|history| history.status(Horizon::NOW)).is_some_and(Status::is_on_file);
        if decides && next_due.is_none() && is_on_file {
            // A dossier that stands in the files always has a day on which it is looked at again.
            next_due = Some(on.plus_months(MONTHS_OF_NO_CATEGORY));
        } else if refused && !is_on_file {
            next_due = None;
        }
        // Amounts that nobody asked after put nothing off: the next round is due when it was.
        let stood = match (head.kind, corrected, known) {
            (SurveyKind::Correction, Some(survey), _) => survey.next_due,
            (SurveyKind::Change, _, Some(history)) => history.next_due(Horizon::NOW),
            _ => None,
        };
        if let Some(stood) = stood {
            let form = self.form_of(&head.form, &head.form_version);
            let left = form.is_some_and(|form| super::ages::leaves_amounts(&form, &answers));
            next_due = next_due.map(|next| if left { stood.min(next) } else { next });
        }
        let exact = |fact: Fact| if decides { facts.get(fact).exact() } else { None };
        let ledger = SurveyLedger {
            dossier: head.dossier,
            draft: head.draft,
            kind,
            on,
            form: head.form.clone(),
            form_version: head.form_version.clone(),
            unit: self.unit_to_file_in(unit.or_else(|| known.and_then(|h| h.unit(Horizon::NOW))), now)?,
            division: division.clone(),
            corrects: head.corrects,
            rule_set: decision.as_ref().map(|d| d.rule_set.clone()),
            category: decision.as_ref().and_then(|d| d.category.clone()),
            possible: decision.as_ref().map(|d| d.possible.clone()).unwrap_or_default(),
            cause: by_name(questions::CAUSE_MAIN).map(str::to_owned),
            members: exact(Fact::Members).and_then(|n| u32::try_from(n).ok()),
            income: exact(Fact::Income).map(Fen),
            rigid: exact(Fact::Rigid).map(Fen),
            per_head_net: decision.as_ref().and_then(|d| d.per_head_net),
            line_month: decision.as_ref().and_then(|d| d.line_month),
            persons: persons(head, &answers, known),
            next_due,
        };
        Ok(Prepared {
            survey_unit: ledger.unit,
            ledger: Ledger::SurveySubmitted(ledger),
            person: Person::Survey(SurveyPerson { answers, decision: decision.clone() }),
            decision,
            next_due,
            accepted_on,
        })
    }
}

/// When the case of a new household was accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepted {
    /// As far back as the bureau lets one reach, and decided by the rules of that day.
    Lately,
    /// Whenever the roll says that it came with, which is decided by its own day.
    ByRoll,
}

/// What rules are asked about: what was answered, and what the dossier says of the category that ends by itself.
pub(super) fn facts_of(by: &BureauRules, answers: &Answers, known: Option<&History>, on: Day) -> Facts {
    let mut facts = Facts::from_answers(answers);
    facts.unit_division = Some(by.division(on).to_owned());
    if let Some((from, until)) = known.and_then(|history| accidental(history, on)) {
        let is_new = facts.event_on.is_some_and(|event| event > from);
        let over = on > until && !is_new && !facts.is_renewed;
        facts.set(Fact::AccidentalOver, rules::Value::known(i64::from(over)));
    }
    facts
}

/// By the rules of the case's days; with the set, and the day on which the household is looked at again.
fn decide<'r>(
    by: &'r BureauRules,
    facts: &Facts,
    starts: bool,
    accepted_on: Day,
    on: Day,
) -> Result<(Decision, &'r RuleSet, Option<Day>), Failure> {
    // Only a case that starts is under way when rules change; a re-survey is decided by its own day. Neither the day
    // of typing nor that of a correction moves a case to other rules.
    let application = if starts { accepted_on } else { on };
    let days = CaseDays { application: Some(application), survey: on, decision: on.max(application) };
    let division = by.division(application);
    let (set, day) =
        by.deciding(&days, Some(division)).ok_or_else(|| Failure::NoRuleSet { on, division: division.to_owned() })?;
    let decision = rules::decide_with_flips(facts, set, day)
        .map_err(|large| Failure::AmountTooLarge { fact: large.fact.name().to_owned() })?;
    let next_due = match &decision.category {
        Some(code) => set.category(code).and_then(|c| c.survey_months).map(|months| on.plus_months(months as i32)),
        // What is missing is to be asked for soon.
        None => Some(on.plus_months(1)),
    };
    Ok((decision, set, next_due))
}

/// Months until a household in the files that came to no category is surveyed again.
const MONTHS_OF_NO_CATEGORY: i32 = 6;
/// The categories by an event, of the present scheme and of that of 2016.
const BY_EVENT: [&str; 2] = ["3", "D3"];

/// The stretch for which a household in a category by an event has it on that day, by its approvals: the one that began it,
/// or the one that renewed it after its end. A later approval within the stretch prolongs nothing.
pub(super) fn accidental(history: &History, on: Day) -> Option<(Day, Day)> {
    let mut approvals: Vec<(Day, &str, Option<Day>)> = Vec::new();
    for put in history.happenings.iter().filter_map(|happening| happening.ledger.in_force()) {
        if put.from <= on {
            approvals.push((put.from, put.category, put.until));
        }
    }
    approvals.sort_unstable();
    let mut stretch: Option<(Day, Day)> = None;
    for (from, category, until) in approvals {
        let until = until.unwrap_or_else(|| from.plus_months(rules::from_answers::EVENT_MONTHS).plus_days(-1));
        stretch = match (BY_EVENT.contains(&category), stretch) {
            (false, _) => None,
            (true, Some((first, end))) if from <= end => Some((first, end)),
            (true, _) => Some((from, until)),
        };
    }
    stretch
}

/// A survey made ready to be kept.
pub(super) struct Prepared {
    pub ledger: Ledger,
    pub person: Person,
    decision: Option<Decision>,
    next_due: Option<Day>,
    accepted_on: Day,
    survey_unit: Option<crate::domain::UnitId>,
}

/// The entry that a draft's act becomes: the same whenever it is sent again, so nothing is submitted twice.
pub(super) fn entry_of(draft: DraftId, act: &str) -> EntryId {
    let mut hasher = blake3::Hasher::new_derive_key("dossier v1 entry of a draft");
    hasher.update(&draft.0);
    hasher.update(act.as_bytes());
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    EntryId(id)
}

/// The random numbers that stand for the people: the worker's stays the same from survey to survey, the members' are
/// those of their roster rows.
fn persons(head: &DraftHead, answers: &Answers, known: Option<&History>) -> Vec<PersonId> {
    let before = known.and_then(|h| h.versions(Horizon::NOW).last().and_then(|v| v.survey.persons.first().copied()));
    let worker = before.unwrap_or_else(|| PersonId(entry_of(head.draft, "worker").0));
    // Other rosters have rows too (skills, changes), and a student away counts while a conscript does not: the answer says.
    let lives_here = |row: &&RosterPerson| {
        let roster = row.path.name() == questions::MEMBERS;
        roster && answers.value(&format!("{}/{}", row.path, questions::M_LIVES_TOGETHER)) == Some("1")
    };
    std::iter::once(worker).chain(answers.rows.iter().filter(lives_here).map(|row| row.person)).collect()
}

/// Everything that stands in the way of finishing, each with the question it is about.
fn unfinished(draft: &Draft, problems: &[crate::form::Problem]) -> Failure {
    Failure::Survey(problems.iter().map(|problem| problem_at(draft, problem)).collect())
}

/// What is wrong, with the question that it is about.
pub(super) fn problem_at(draft: &Draft, problem: &crate::form::Problem) -> Message {
    let at = draft.at(&problem.path);
    let label = at.map(|at| about_whom(draft, at)).unwrap_or_default();
    let said = match at.and_then(|at| draft.form().node(at.node).number.clone()) {
        Some(number) => Message::new("command.survey_problem_numbered").with("number", number),
        None => Message::new("command.survey_problem"),
    };
    said.with("label", label).with("problem", problem.explain())
}

/// The words of a question; in a roster, before them whose row it is: the first answer of it, else its number.
fn about_whom(draft: &Draft, at: At) -> String {
    let words = draft.words(at);
    let path = draft.path(at);
    let Some(end) = path.as_str().rfind(']') else { return words };
    let row = path.as_str().get(..=end).unwrap_or_default();
    let roster = draft.at(&Path::new(row)).map(|at| at.node);
    let first = draft.form().children(roster).find(|child| draft.form().question(*child).is_some());
    let name = first.map(|node| draft.shown(At { node, ..at })).unwrap_or_default();
    let number = path.segments().filter_map(|(_, index)| index).last().unwrap_or_default();
    if name.is_empty() { format!("{number} · {words}") } else { format!("{name} · {words}") }
}
