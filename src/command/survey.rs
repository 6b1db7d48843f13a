//! A survey from its first question to its receipt: begin, answer, submit.
//!
//! ```text
//! begin() or resume() ─► Surveying ─ answer(step) ─► draft and draft file, step by step
//!                                  └ submit() ─ finish ─ facts ─ decide ─ seal ─ keep ─► Submitted; the draft goes
//! ```

use super::adopting::BureauRules;
use super::draft_file::{self, DraftFile, DraftHead, Written};
use super::keeping::Keeping;
use super::rights::{Act, Duty, Over};
use super::{Failure, Office, Receipt, library};
use crate::domain::answers::Row;
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person, SurveyKind, SurveyLedger, SurveyPerson};
use crate::domain::{
    Answers, Day, Decision, DossierId, DraftId, EntryId, Fen, Now, Path, PersonId, Stamp, Step, Subject,
};
use crate::domain::{Explain, Message, retirement};
use crate::form::draft::LAST_SAVED;
use crate::form::{At, Draft, Form, Moved, Outcome, RowId, Supply};
use crate::rules::{self, CaseDays, Fact, Facts, RuleSet};
use crate::store::NotKept;
use crate::views::history::{History, Horizon};
use crate::views::{self, Series};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The filing union's division: its series and its line count, wherever a household is registered, unless the rule set says
/// that the line is that of their home.
pub const HOME_DIVISION: &str = "150785";

/// What a survey is begun for.
pub struct Begin {
    /// `None`: a household without a dossier.
    pub dossier: Option<DossierId>,
    pub form: Arc<Form>,
    /// The version that is to be corrected (its display number); the survey is then a correction.
    pub corrects: Option<u32>,
    /// Keep every step in a file at once. Without it a crash loses the draft: for bulk work that can be run again.
    pub on_disk: bool,
}

/// A survey being answered, and what keeps it. Whoever answers step by step may take the two apart.
pub struct Surveying {
    pub keeping: Keeping,
    pub draft: Draft,
}

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
    /// Begins a survey. One that goes on an earlier survey with the same form starts from its answers.
    ///
    /// Errors: whoever acts does not survey, or not that household; a form, a version or a household that is not there.
    pub fn begin(&self, begin: Begin, now: Now) -> Result<Surveying, Failure> {
        self.begin_as(begin, None, now)
    }

    /// [`Self::begin`], of a file with that fingerprint.
    pub(super) fn begin_as(&self, begin: Begin, sent: Option<[u8; 32]>, now: Now) -> Result<Surveying, Failure> {
        let _ = self.may(Duty::Survey, now)?;
        if let Some(dossier) = begin.dossier {
            let household = self.open(dossier, now)?;
            let _ = household.permit(Duty::Survey)?;
            household.note_look_once("carried")?;
        }
        // A file that bears the name of the built-in form is not the built-in form, whatever it asks.
        if begin.form.id == library::HARDSHIP && !Arc::ptr_eq(&begin.form, self.library.hardship()?) {
            return Err(Failure::FormNameTaken { form: begin.form.id.clone() });
        }
        if begin.dossier.is_some_and(|dossier| self.keys.is_erased(Subject::Dossier(dossier))) {
            return Err(Failure::Erased);
        }
        let history = begin.dossier.map(|dossier| self.history(dossier)).transpose()?;
        let corrects = match (&history, begin.corrects) {
            (Some(history), Some(number)) => {
                let versions = history.versions(Horizon::NOW);
                let version = versions.iter().find(|v| v.number == number);
                let no_such = || Failure::NoSuchVersion { asked: number.to_string() };
                let version = version.ok_or_else(no_such)?;
                if version.survey.form != begin.form.id {
                    return Err(Failure::OtherForm { form: version.survey.form.clone() });
                }
                Some(version.record.entry)
            }
            _ => None,
        };
        let dossier = match begin.dossier {
            Some(dossier) => dossier,
            None => self.new_dossier()?,
        };
        let head = DraftHead {
            draft: DraftId(self.random_id()?),
            dossier,
            is_new: begin.dossier.is_none(),
            kind: match corrects {
                Some(_) => SurveyKind::Correction,
                None => history.as_ref().map_or(SurveyKind::First, History::next_kind),
            },
            form: begin.form.id.clone(),
            form_version: begin.form.version.clone(),
            based_on: history.as_ref().map_or_else(Vec::new, |h| h.heads(Horizon::NOW).all().to_vec()),
            corrects,
            begun: now.at,
            by: self.officer,
            on: now.today,
            seed: u64::from_le_bytes(self.random_id()?[..8].try_into().unwrap_or_default()),
            values: [self.supplied(history.as_ref(), corrects, now.today)?, self.last_saved(&begin.form, now)?]
                .concat(),
        };
        let mut draft = self.open_draft(&head, begin.form, now)?;
        if begin.on_disk {
            draft.keep_past();
        }
        let file = if begin.on_disk { Some(DraftFile::create(self, &head, sent)?) } else { None };
        Ok(Surveying { keeping: Keeping::new(head, file), draft })
    }

    /// Takes up a draft where it was left. Where `form` is not the version it was begun with, every answer is taken over
    /// into it, and what is not as it was is told.
    pub fn resume(&self, draft: DraftId, form: Arc<Form>, now: Now) -> Result<(Surveying, Resumed), Failure> {
        let _ = self.may(Duty::Survey, now)?;
        let head = draft_file::look(self, draft)?.head;
        self.may_go_on(&head, now)?;
        if views::read::history(&self.store, &self.keys, head.dossier)?.is_some() {
            let household = self.open(head.dossier, now)?;
            let _ = household.permit(Duty::Survey)?;
        }
        let (file, mut found) = draft_file::open(self, draft)?;
        let submitted = views::read::draft_entry(&self.store, draft)?;
        let changed = found.head.form_version != form.version && submitted.is_none();
        let before = if changed { self.form(&found.head.form, &found.head.form_version)? } else { None };
        if changed {
            found.head.form_version.clone_from(&form.version);
        }
        let mut draft = self.open_draft(&found.head, form, now)?;
        let mut moved = Vec::new();
        if changed {
            let mut written = Vec::with_capacity(found.written.len());
            for one in without_undone(std::mem::take(&mut found.written)) {
                match one {
                    Written::Step(step) => {
                        let (steps, reported) = draft.take_over(&step, before.as_deref());
                        written.extend(steps.into_iter().map(Written::Step));
                        moved.extend(reported);
                    }
                    Written::Typing(mut typing) => {
                        if let Some(path) = draft.form().path_here(&typing.path) {
                            typing.path = path;
                            written.push(Written::Typing(typing));
                        }
                    }
                }
            }
            found.written = written;
            draft = self.open_draft(&found.head, draft.form().clone(), now)?;
        }
        draft.keep_past();
        // By place and not by path: rows may move between a word and its answer.
        let mut halves: BTreeMap<At, String> = BTreeMap::new();
        for one in &found.written {
            match one {
                Written::Step(step) => {
                    if let Step::Set { path, .. } | Step::State { path, .. } = step
                        && let Some(at) = draft.at(path)
                    {
                        halves.remove(&at);
                    }
                    draft.apply(step);
                }
                Written::Typing(typing) => {
                    let Some(at) = draft.at(&typing.path) else { continue };
                    halves.insert(at, typing.text.clone());
                }
            }
        }
        let halves = halves.into_iter().filter(|(at, text)| draft.exists(*at) && !text.is_empty());
        let halves: Vec<(Path, String)> = halves.map(|(at, text)| (draft.path(at), text)).collect();
        // Whatever is written behind a damaged place is never read, so one goes on in a new file.
        let file = match found.damaged || changed {
            true => file.renewed(self, &found.head, &found.written, found.damaged)?,
            false => file,
        };
        let keeping = Keeping::new(found.head, Some(file)).with_halves(halves.iter().map(|(path, _)| path));
        Ok((Surveying { keeping, draft }, Resumed { damaged: found.damaged, submitted, halves, moved }))
    }

    /// The form that a draft goes on with: as it is now, or, where the draft corrects a survey, as that was taken.
    pub fn form_of_draft(&self, head: &DraftHead) -> Result<Arc<Form>, Failure> {
        match head.corrects.and_then(|_| self.form_of(&head.form, &head.form_version)) {
            Some(form) => Ok(form),
            None => self.form_now(&head.form),
        }
    }

    pub(super) fn open_draft(&self, head: &DraftHead, form: Arc<Form>, now: Now) -> Result<Draft, Failure> {
        let units = views::read::units(&self.store, &self.keys)?;
        let mut supply = Supply::on(head.begun, now.today);
        supply.seed = head.seed;
        // What a form asks of its device and its user: the station, and the officer whose draft it is.
        supply.device_id = self.station().hex();
        supply.username = self.officer_name(head.by)?.unwrap_or_default();
        // A correction says what was right on the day of the survey that it corrects: with the units and codes of that day.
        let about = match head.corrects {
            Some(corrected) => self.history(head.dossier)?.corrected(corrected).map_or(head.on, |survey| survey.on),
            None => head.on,
        };
        supply.lists = self.library.lists_on(about, &units);
        supply.values = head.values.iter().cloned().collect();
        let before = match head.corrects {
            Some(corrected) => Some(corrected),
            // Not the head as such: after a correction of an older version that would be the older answers.
            None if head.is_new => None,
            None => {
                let history = self.history(head.dossier)?.before(&head.based_on);
                let latest = history.versions(Horizon::NOW).last().map(|v| v.record.entry);
                latest.or(head.based_on.last().copied())
            }
        };
        let kinds: &[SurveyKind] = match head.corrects {
            Some(_) => &[],
            None if head.is_new => &[SurveyKind::First],
            None => &[SurveyKind::Periodic, SurveyKind::Change, SurveyKind::ExitCheck],
        };
        if !kinds.is_empty() && head.form == library::HARDSHIP && (head.is_new || before.is_some()) {
            let codes = kinds.iter().filter_map(|kind| kind.code()).map(str::to_owned).collect();
            supply.offered.insert("survey_type".to_owned(), codes);
        }
        let last = match before {
            Some(entry) => self.answers_of(head.dossier, entry)?.filter(|answers| answers.form == head.form),
            None => None,
        };
        Ok(match last {
            Some(last) if head.corrects.is_some() => {
                let mut draft = Draft::correct(form.clone(), supply, &last);
                if let Some(node) = form.by_name.get("survey_type").and_then(|ids| ids.first()) {
                    let path = draft.path(At { row: RowId::ROOT, node: *node });
                    draft.apply(&Step::Set { path, value: SurveyKind::Correction.code().unwrap_or_default().into() });
                }
                draft
            }
            Some(last) => Draft::carry(form, supply, &last),
            None => Draft::open(form, supply),
        })
    }

    fn answers_of(&self, dossier: DossierId, entry: EntryId) -> Result<Option<Answers>, Failure> {
        let record = self.record(entry)?;
        Ok(views::bodies::open_survey(&self.keys, &record, dossier)?.map(|person| person.answers))
    }

    /// What a form asks for of the survey that this officer took last with it. Fixed when a draft begins, like all that it
    /// is laid over.
    fn last_saved(&self, form: &Form, now: Now) -> Result<Vec<(String, String)>, Failure> {
        let mut wanted = form.last_saved().peekable();
        if wanted.peek().is_none() {
            return Ok(Vec::new());
        }
        let Some((dossier, entry)) = views::forms::last_taken(&*self.store, self.officer, &form.id)? else {
            return Ok(Vec::new());
        };
        if self.keys.is_erased(Subject::Dossier(dossier)) {
            return Ok(Vec::new());
        }
        // Of a household that is theirs no longer nothing is carried on.
        let Ok(household) = self.open(dossier, now) else { return Ok(Vec::new()) };
        household.note_look_once("carried")?;
        let Some(last) = self.answers_of(dossier, entry)? else { return Ok(Vec::new()) };
        let value = |path: &str| Some((format!("{LAST_SAVED}{path}"), last.value(path)?.to_owned()));
        Ok(wanted.filter_map(value).collect())
    }

    /// The values that the program knows and the surveyor need not be asked for.
    fn supplied(
        &self,
        history: Option<&History>,
        corrects: Option<EntryId>,
        today: Day,
    ) -> Result<Vec<(String, String)>, Failure> {
        let versions = history.map(|h| h.versions(Horizon::NOW)).unwrap_or_default();
        // A correction stands where the survey it corrects stood: after the one before that. The first has itself only.
        let corrected = corrects.and_then(|entry| versions.iter().position(|v| v.record.entry == entry));
        let before = match corrected {
            Some(place) => versions.get(place.saturating_sub(1)),
            None => versions.last(),
        };
        // The line is the filing union's, wherever the household is registered.
        let division = HOME_DIVISION;
        // A correction is measured by the line of the day it is about.
        let about = corrects.and_then(|entry| history.and_then(|h| h.corrected(entry))).map_or(today, |s| s.on);
        let bureau = self.rules()?;
        let set = bureau.in_force_on(about, Some(division));
        let figure = |fact| set.and_then(|set| set.figure(fact, Some(division), about)).map(|f| f.amount.yuan());
        let accidental = history.and_then(|history| accidental(history, about));
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let number = history.map(|h| h.numbers(Horizon::NOW)).and_then(|mut n| n.pop());
        Ok([
            ("dossier_no", number.unwrap_or_default()),
            ("previous_survey_date", before.map(|v| v.survey.on.to_string()).unwrap_or_default()),
            ("dibao_line", figure(Fact::LineMonth).unwrap_or_default()),
            ("minimum_wage", figure(Fact::MinimumWage).unwrap_or_default()),
            // What the fund paid out this year is known once the fund's records are; until then nothing was.
            ("inc_union_aid", Fen(0).yuan()),
            ("retirement_age_male", retirement::reached_by(false, about).to_string()),
            ("retirement_age_female", retirement::reached_by(true, about).to_string()),
            ("not_income", set.map(|set| set.not_income.value.join(" ")).unwrap_or_default()),
            ("accidental_from", day(accidental.map(|(from, _)| from))),
            ("accidental_until", day(accidental.map(|(_, until)| until))),
            ("union_aid_counts", if set.is_some_and(RuleSet::counts_union_aid) { "1" } else { "" }.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec())
    }

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
        self.ask_table(Duty::OwnDraft, Over::Work { of: head.by, unit: None }, now)
    }

    fn try_submit(&self, keeping: &Keeping, draft: &Draft, now: Now, beside: bool) -> Result<Submitted, Failure> {
        let head = &keeping.head;
        let answers = with_persons(head, draft).finish().map_err(|problems| unfinished(draft, &problems))?;
        let unchanged = self.unchanged(head.dossier)?;
        let known = views::read::history(&self.store, &self.keys, head.dossier)?;
        let submitted = views::read::draft_entry(&self.store, head.draft)?;
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
            if kept.is_some_and(|kept| kept != answers) {
                return Err(Failure::AlreadySubmitted);
            }
        }
        self.keep_built_in(draft.form(), now)?;
        let prepared = self.prepare(head, answers, known.as_ref(), now)?;
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
            true => self.opening_act(entry, head, &prepared, now).and(prepared.ledger),
            false => Act::new(entry, now.at, subject, prepared.ledger),
        }
        .person(subject, prepared.person);
        if let Some(sent) = &keeping.sent {
            act = act.person(subject, Person::Fingerprint(sent.fingerprint));
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

    fn opening_act(&self, entry: EntryId, head: &DraftHead, prepared: &Prepared, now: Now) -> Act {
        let ledger = Ledger::DossierOpened {
            dossier: head.dossier,
            unit: prepared.survey_unit,
            division: HOME_DIVISION.to_owned(),
            accepted_on: prepared.accepted_on,
        };
        let mut act = Act::new(entry, now.at, Subject::Dossier(head.dossier), ledger);
        act.series = vec![
            Series::regular(HOME_DIVISION, prepared.accepted_on).text(),
            Series::Provisional { station: self.station }.text(),
        ];
        act
    }

    fn prepare(
        &self,
        head: &DraftHead,
        answers: Answers,
        known: Option<&History>,
        now: Now,
    ) -> Result<Prepared, Failure> {
        let by_name = |name: &str| {
            answers.answers.iter().find(|a| a.path.name() == name).and_then(|a| match &a.given {
                crate::domain::Given::Value(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            })
        };
        let decides = head.form == library::HARDSHIP;
        let asked_on = by_name("survey_date").and_then(Day::from_iso).unwrap_or(now.today);
        let on = match head.corrects {
            Some(corrected) => known.and_then(|h| h.corrected(corrected)).map_or(asked_on, |survey| survey.on),
            None => asked_on,
        };
        let kind = match head.corrects {
            Some(_) => SurveyKind::Correction,
            None if !decides => SurveyKind::Other,
            None => by_name("survey_type").and_then(SurveyKind::from_code).unwrap_or(head.kind),
        };
        let accepted_on = by_name("app_accepted_on").and_then(Day::from_iso).unwrap_or(on);
        let division = by_name("hukou_division").map(str::to_owned);
        let division = division.or_else(|| known.map(History::division)).unwrap_or_else(|| HOME_DIVISION.to_owned());
        let unit = match by_name("work_unit").or_else(|| by_name("refused_unit")) {
            Some(code) => self.unit_by_code(code, on)?,
            None => None,
        };
        let corrected = head.corrects.and_then(|entry| known.and_then(|h| h.corrected(entry)));
        let starts = head.is_new || corrected.is_some_and(|survey| survey.kind == SurveyKind::First);
        let mut facts = facts_of(&answers, known, on);
        let bureau = self.rules()?;
        let decided = if decides { Some(decide(&bureau, &facts, starts, accepted_on, on)?) } else { None };
        let (decision, mut next_due) = match decided {
            Some((decision, set, next_due)) => {
                // What is told of the household is what the rules counted.
                facts = rules::decide::with_figures(&facts, set, decision.on).into_owned();
                (Some(decision), next_due)
            }
            None => (None, None),
        };
        let refused = by_name("consent_sensitive") == Some("2");
        let is_on_file = known.and_then(|history| history.status(Horizon::NOW)).is_some_and(Status::is_on_file);
        if decides && next_due.is_none() && is_on_file {
            // A dossier that stands in the files always has a day on which it is looked at again.
            next_due = Some(on.plus_months(MONTHS_OF_NO_CATEGORY));
        } else if refused && !is_on_file {
            next_due = None;
        }
        let exact = |fact: Fact| if decides { facts.get(fact).exact() } else { None };
        let ledger = SurveyLedger {
            dossier: head.dossier,
            draft: head.draft,
            kind,
            on,
            form: head.form.clone(),
            form_version: head.form_version.clone(),
            unit: self.unit_to_file_in(unit.or_else(|| known.and_then(|h| h.unit(Horizon::NOW))))?,
            division: division.clone(),
            corrects: head.corrects,
            rule_set: decision.as_ref().map(|d| d.rule_set.clone()),
            category: decision.as_ref().and_then(|d| d.category.clone()),
            possible: decision.as_ref().map(|d| d.possible.clone()).unwrap_or_default(),
            cause: by_name("cause_main").map(str::to_owned),
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

/// What rules are asked about: what was answered, and what the dossier says of the category that ends by itself.
pub(super) fn facts_of(answers: &Answers, known: Option<&History>, on: Day) -> Facts {
    let mut facts = Facts::from_answers(answers);
    facts.unit_division = Some(HOME_DIVISION.to_owned());
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
    let (set, day) = by
        .deciding(&days, Some(HOME_DIVISION))
        .ok_or_else(|| Failure::NoRuleSet { on, division: HOME_DIVISION.to_owned() })?;
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
fn accidental(history: &History, on: Day) -> Option<(Day, Day)> {
    let mut approvals: Vec<(Day, &str, Option<Day>)> = Vec::new();
    for happening in &history.happenings {
        if let Ledger::Approved { category, from, until, .. } = &happening.ledger
            && *from <= on
        {
            approvals.push((*from, category, *until));
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

struct Prepared {
    ledger: Ledger,
    person: Person,
    decision: Option<Decision>,
    next_due: Option<Day>,
    accepted_on: Day,
    survey_unit: Option<crate::domain::UnitId>,
}

/// What a draft was found to be when it was taken up again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resumed {
    /// Steps behind a damaged place could not be used.
    pub damaged: bool,
    /// It was submitted already: the record that did it.
    pub submitted: Option<EntryId>,
    /// What was typed and not entered, by place.
    pub halves: Vec<(Path, String)>,
    /// What is not as it was, where the form has changed since.
    pub moved: Vec<Moved>,
}

/// The entry that a draft's act becomes: the same whenever it is sent again, so nothing is submitted twice.
fn entry_of(draft: DraftId, act: &str) -> EntryId {
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
    let lives_here = |row: &&Row| {
        let roster = row.path.name() == "members";
        roster && answers.value(&format!("{}/m_lives_together", row.path)) == Some("1")
    };
    std::iter::once(worker).chain(answers.rows.iter().filter(lives_here).map(|row| row.person)).collect()
}

/// What was written without the steps that were taken back: they are not taken over into another version of a form.
fn without_undone(written: Vec<Written>) -> Vec<Written> {
    let undone = written.iter().any(|one| matches!(one, Written::Step(Step::Undo { .. })));
    if !undone {
        return written;
    }
    let mut typings = Vec::new();
    let steps = written.into_iter().filter_map(|one| match one {
        Written::Step(step) => Some(step),
        Written::Typing(typing) => {
            typings.push(Written::Typing(typing));
            None
        }
    });
    let standing = crate::form::draft::standing(steps.collect::<Vec<_>>());
    standing.into_iter().map(Written::Step).chain(typings).collect()
}

/// The draft with a person for every row that is new. They follow from the draft and the row alone, so the same draft
/// makes the same record.
fn with_persons(head: &DraftHead, draft: &Draft) -> Draft {
    let mut draft = draft.clone();
    for at in draft.row_places() {
        if draft.person(at.row).is_none() {
            draft.set_person(at.row, PersonId(entry_of(head.draft, &format!("row {}", at.row.0)).0));
        }
    }
    draft
}

/// Everything that stands in the way of finishing, each with the question it is about.
fn unfinished(draft: &Draft, problems: &[crate::form::Problem]) -> Failure {
    let about = |problem: &crate::form::Problem| {
        let at = draft.at(&problem.path);
        let label = at.map(|at| about_whom(draft, at)).unwrap_or_default();
        let said = match at.and_then(|at| draft.form().node(at.node).number.clone()) {
            Some(number) => Message::new("command.survey_problem_numbered").with("number", number),
            None => Message::new("command.survey_problem"),
        };
        said.with("label", label).with("problem", problem.explain())
    };
    Failure::Survey(problems.iter().map(about).collect())
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

impl Surveying {
    /// Applies a step and writes it to the draft's file. The step counts when both went well.
    pub fn answer(&mut self, office: &Office, step: &Step) -> Result<Outcome, Failure> {
        self.keeping.step(office, step)?;
        Ok(self.draft.apply(step))
    }

    /// Throws the draft away, its file included.
    pub fn discard(mut self, office: &Office) -> Result<(), Failure> {
        self.keeping.remove(office)
    }
}
