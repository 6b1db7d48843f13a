//! A survey from its first question to its receipt: begin, answer, submit.
//!
//! ```text
//! begin() or resume() ─► Surveying ─ answer(step) ─► draft and draft file, step by step
//!                                  └ submit() ─ finish ─ facts ─ decide ─ seal ─ keep ─► Submitted; the draft goes
//! ```

use super::draft_file::{self, DraftFile, DraftHead, Written};
use super::keeping::Keeping;
use super::rights::Duty;
use super::submit::accidental;
use super::{Failure, Office, library};
use crate::domain::dossier::Status;
use crate::domain::event::SurveyKind;
use crate::domain::questions;
use crate::domain::{Answers, Day, DossierId, DraftId, EntryId, Fen, Now, Path, Step, Subject, retirement};
use crate::form::draft::LAST_SAVED;
use crate::form::{At, Draft, Form, Moved, Outcome, RowId, Supply};
use crate::rules::{Fact, RuleSet};
use crate::views;
use crate::views::history::{History, Horizon};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use super::submit::Submitted;

/// What a survey is begun for.
pub struct Begin {
    /// `None`: a household without a dossier.
    pub dossier: Option<DossierId>,
    pub form: Arc<Form>,
    /// The version that is to be corrected (its display number); the survey is then a correction.
    pub corrects: Option<u32>,
    /// Only what changed since the survey before is asked; the rest stands with its age. For the hardship form.
    pub updates: bool,
    /// Keep every step in a file at once. Without it a crash loses the draft: for bulk work that can be run again.
    pub on_disk: bool,
}

/// A survey being answered, and what keeps it. Whoever answers step by step may take the two apart.
pub struct Surveying {
    pub keeping: Keeping,
    pub draft: Draft,
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
        if begin.form.id == library::HARDSHIP && !Arc::ptr_eq(&begin.form, self.bureau.library.hardship()?) {
            return Err(Failure::FormNameTaken { form: begin.form.id.clone() });
        }
        if begin.dossier.is_some_and(|dossier| self.bureau.keys.is_erased(Subject::Dossier(dossier))) {
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
        let updates = begin.updates && corrects.is_none();
        if updates && !history.as_ref().is_some_and(|h| begin.form.id == library::HARDSHIP && is_surveyed(h)) {
            return Err(Failure::NothingToUpdate);
        }
        if updates && history.as_ref().is_some_and(is_over) {
            return Err(Failure::UpdateOfClosed);
        }
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
                None if updates => SurveyKind::Change,
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
            values: [
                self.supplied(&begin.form.id, history.as_ref(), corrects, now.today)?,
                self.last_saved(&begin.form, now)?,
            ]
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
        if views::read::history(&self.bureau.store, &self.bureau.keys, head.dossier)?.is_some() {
            let household = self.open(head.dossier, now)?;
            let _ = household.permit(Duty::Survey)?;
        }
        let (file, mut found) = draft_file::open(self, draft)?;
        let submitted = views::read::draft_entry(&self.bureau.store, draft)?;
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
                        for step in draft.one_by_one(&step) {
                            let (steps, reported) = draft.take_over(&step, before.as_deref());
                            written.extend(steps.into_iter().map(Written::Step));
                            moved.extend(reported);
                        }
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
        // A reason that was given for a number that stands elsewhere is one only where that is known.
        let reasons = found.written.iter().any(|one| matches!(one, Written::Step(Step::Pass { .. })));
        // By place and not by path: rows may move between a word and its answer.
        let mut halves: BTreeMap<At, (Path, String)> = BTreeMap::new();
        for one in &found.written {
            match one {
                Written::Step(step) => {
                    if let Step::Set { path, .. } | Step::State { path, .. } = step
                        && let Some(at) = draft.at(path)
                    {
                        halves.remove(&at);
                    }
                    let undone = matches!(step, Step::Undo { .. });
                    let there: Vec<At> = halves.keys().copied().filter(|at| undone && draft.exists(*at)).collect();
                    draft.apply(step);
                    // A row that was never added has no texts; one that was removed may come back, and has them then.
                    there.iter().filter(|at| !draft.exists(**at)).for_each(|at| drop(halves.remove(at)));
                    if matches!(step, Step::Set { .. } | Step::Block { .. }) {
                        self.say_elsewhere(found.head.dossier, &mut draft, reasons, now)?;
                    }
                }
                Written::Typing(typing) => {
                    let Some(at) = draft.at(&typing.path) else { continue };
                    halves.insert(at, (typing.path.clone(), typing.text.clone()));
                }
            }
        }
        halves.retain(|_, (_, text)| !text.is_empty());
        // Whatever is written behind a damaged place is never read, so one goes on in a new file.
        let file = match found.damaged || changed {
            true => file.renewed(self, &found.head, &found.written, found.damaged)?,
            false => file,
        };
        let path_of = |(at, (path, _)): (&At, &(Path, String))| match draft.exists(*at) {
            true => draft.path(*at),
            false => path.clone(),
        };
        let keeping = Keeping::new(found.head, Some(file)).with_halves(halves.iter().map(path_of));
        let halves = halves.into_iter().map(|(at, (_, text))| (at, text)).collect();
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
        let units = views::read::units(&self.bureau.store, &self.bureau.keys)?;
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
        supply.lists = self.bureau.library.lists_on(about, &units);
        supply.values = head.values.iter().cloned().collect();
        let before = match head.corrects {
            Some(corrected) => Some(corrected),
            // Not the head as such: after a correction of an older version that would be the older answers.
            None if head.is_new => None,
            None => {
                let history = self.history(head.dossier)?.before(&head.based_on);
                let versions = history.versions(Horizon::NOW);
                let latest = versions.iter().rev().find(|v| v.survey.form == head.form).map(|v| v.record.entry);
                latest.or(head.based_on.last().copied())
            }
        };
        let kinds: &[SurveyKind] = match head.corrects {
            Some(_) => &[],
            None if head.is_new => &[SurveyKind::First],
            None if head.kind == SurveyKind::Change => &[SurveyKind::Change],
            None => &[SurveyKind::Periodic, SurveyKind::Change, SurveyKind::ExitCheck],
        };
        if !kinds.is_empty() && head.form == library::HARDSHIP && (head.is_new || before.is_some()) {
            let codes = kinds.iter().filter_map(|kind| kind.code()).map(str::to_owned).collect();
            supply.offered.insert(questions::SURVEY_TYPE.to_owned(), codes);
        }
        let last = match before {
            Some(entry) => self.answers_of(head.dossier, entry)?.filter(|answers| answers.form == head.form),
            None => None,
        };
        Ok(match last {
            Some(last) if head.corrects.is_some() => {
                let mut draft = Draft::correct(form.clone(), supply, &last);
                if let Some(corrected) = before {
                    draft.carry_members(self.changes_named(head.dossier, corrected)?);
                }
                set_kind(&mut draft, &form, SurveyKind::Correction);
                draft
            }
            Some(last) if head.kind == SurveyKind::Change => {
                let mut draft = Draft::update(form.clone(), supply, &last);
                if let Some(record) = before {
                    let history = self.history(head.dossier)?.before(&head.based_on);
                    let days = self.answered_on(head.dossier, &history, Horizon::NOW, record, &last, |_| true)?;
                    let moved = |path: &Path| form.path_here(path);
                    days.iter().for_each(|(path, day)| {
                        if let Some(path) = moved(path) {
                            draft.set_since(&path, *day);
                        }
                    });
                }
                set_kind(&mut draft, &form, SurveyKind::Change);
                draft
            }
            Some(last) => Draft::carry(form, supply, &last),
            None => Draft::open(form, supply),
        })
    }

    pub(super) fn answers_of(&self, dossier: DossierId, entry: EntryId) -> Result<Option<Answers>, Failure> {
        let record = self.record(entry)?;
        Ok(views::bodies::open_survey(&self.bureau.keys, &record, dossier)?.map(|person| person.answers))
    }

    /// What a form asks for of the survey that this officer took last with it. Fixed when a draft begins, like all that it
    /// is laid over.
    fn last_saved(&self, form: &Form, now: Now) -> Result<Vec<(String, String)>, Failure> {
        let mut wanted = form.last_saved().peekable();
        if wanted.peek().is_none() {
            return Ok(Vec::new());
        }
        let Some((dossier, entry)) = views::forms::last_taken(&*self.bureau.store, self.officer, &form.id)? else {
            return Ok(Vec::new());
        };
        if self.bureau.keys.is_erased(Subject::Dossier(dossier)) {
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
    pub(super) fn supplied(
        &self,
        form: &str,
        history: Option<&History>,
        corrects: Option<EntryId>,
        today: Day,
    ) -> Result<Vec<(String, String)>, Failure> {
        let mut versions = history.map(|h| h.versions(Horizon::NOW)).unwrap_or_default();
        versions.retain(|version| version.survey.form == form);
        // A correction stands where the survey it corrects stood: after the one before that. The first has itself only.
        let corrected = corrects.and_then(|entry| versions.iter().position(|v| v.record.entry == entry));
        let before = match corrected {
            Some(place) => versions.get(place.saturating_sub(1)),
            None => versions.last(),
        };
        // A correction is measured by the line of the day it is about.
        let about = corrects.and_then(|entry| history.and_then(|h| h.corrected(entry))).map_or(today, |s| s.on);
        let bureau = self.rules()?;
        // The line is the filing union's, wherever the household is registered.
        let division = bureau.division(about);
        let set = bureau.in_force_on(about, Some(division));
        let figure = |fact| set.and_then(|set| set.figure(fact, Some(division), about)).map(|f| f.amount.yuan());
        let accidental = history.and_then(|history| accidental(history, about));
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let number = history.map(|h| h.numbers(Horizon::NOW)).and_then(|mut n| n.pop());
        Ok([
            (questions::DOSSIER_NO, number.unwrap_or_default()),
            (questions::PREVIOUS_SURVEY_DATE, before.map(|v| v.survey.on.to_string()).unwrap_or_default()),
            (questions::DIBAO_LINE, figure(Fact::LineMonth).unwrap_or_default()),
            (questions::MINIMUM_WAGE, figure(Fact::MinimumWage).unwrap_or_default()),
            // What the fund paid out this year is known once the fund's records are; until then nothing was.
            (questions::INC_UNION_AID, Fen(0).yuan()),
            (questions::RETIREMENT_AGE_MALE, retirement::reached_by(false, about).to_string()),
            (questions::RETIREMENT_AGE_FEMALE, retirement::reached_by(true, about).to_string()),
            (questions::NOT_INCOME, set.map(|set| set.not_income.value.join(" ")).unwrap_or_default()),
            (questions::ACCIDENTAL_FROM, day(accidental.map(|(from, _)| from))),
            (questions::ACCIDENTAL_UNTIL, day(accidental.map(|(_, until)| until))),
            (questions::UNION_AID_COUNTS, if set.is_some_and(RuleSet::counts_union_aid) { "1" } else { "" }.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec())
    }
}

/// A correction and an update are begun as one; nobody is asked which kind it is.
fn set_kind(draft: &mut Draft, form: &Form, kind: SurveyKind) {
    if let Some(node) = form.by_name.get(questions::SURVEY_TYPE).and_then(|ids| ids.first()) {
        let path = draft.path(At { row: RowId::ROOT, node: *node });
        draft.apply(&Step::Set { path, value: kind.code().unwrap_or_default().into() });
    }
}

/// Whether there is a survey with the hardship form to go on from.
fn is_surveyed(history: &History) -> bool {
    history.versions(Horizon::NOW).iter().any(|version| version.survey.form == library::HARDSHIP)
}

/// Whether the case is over, so that there is nothing in it to be kept up to date.
pub(super) fn is_over(history: &History) -> bool {
    history.status(Horizon::NOW).is_some_and(Status::is_over)
}

/// What a draft was found to be when it was taken up again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resumed {
    /// Steps behind a damaged place could not be used.
    pub damaged: bool,
    /// It was submitted already: the record that did it.
    pub submitted: Option<EntryId>,
    /// What was typed and not entered, by place; also of rows that were removed, which may be brought back.
    pub halves: Vec<(At, String)>,
    /// What is not as it was, where the form has changed since.
    pub moved: Vec<Moved>,
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
