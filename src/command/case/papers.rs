//! What is noted of a case beside its steps: that somebody asked, which papers were seen, that an exclusion does not count,
//! that the worker has died.

use crate::command::rights;
use crate::command::{Act, Duty, Failure, Household, Office};
use crate::domain::case::Refusal;
use crate::domain::dossier::{NotAllowed, Status};
use crate::domain::event::{Ledger, Paper, PaperState, Person};
use crate::domain::{Day, Subject};
use crate::store::NotKept;
use crate::views::History;
use crate::views::history::Horizon;

/// Who asks, for whom, for what, and how it came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Application<'a> {
    /// Codes of lists `channel`, `asker`, `asked_for_whom`, `help`.
    pub channel: Option<&'a str>,
    pub asker: Option<&'a str>,
    pub for_whom: Option<&'a str>,
    pub wants: Vec<String>,
    /// The name of whoever asks, where it is not the worker.
    pub name: Option<&'a str>,
    pub words: Option<&'a str>,
}

impl Office {
    /// Errors: the list has no such code.
    fn is_code(&self, list: &'static str, code: &str) -> Result<(), Failure> {
        let codes = self.bureau.library.codes(list);
        match codes.is_some_and(|codes| codes.all().any(|known| known.code == code)) {
            true => Ok(()),
            false => {
                let known = codes.into_iter().flat_map(|codes| codes.all()).map(|code| code.code.as_str());
                let known = known.collect::<Vec<_>>().join(", ");
                Err(Failure::NotInList { list, asked: code.to_owned(), known })
            }
        }
    }
}

impl Household<'_> {
    /// Takes an application of a household whose case is over: it begins anew under the same dossier.
    ///
    /// Errors: the case is not over; a day before the last step, or still to come.
    pub fn apply(&self, application: &Application<'_>, on: Day) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::of_step(Status::Submitted))?;
        for (list, code) in
            [("channel", application.channel), ("asker", application.asker), ("asked_for_whom", application.for_whom)]
        {
            code.map(|code| office.is_code(list, code)).transpose()?;
        }
        application.wants.iter().try_for_each(|code| office.is_code("help", code))?;
        let content = ("apply", dossier.hex(), on.to_string(), application.name, application.words);
        let Some((entry, fingerprint)) = self.noted(&content)? else { return Ok(()) };
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let from = history.status(Horizon::NOW).unwrap_or(Status::Draft);
        if !from.is_over() {
            return Err(Failure::NotAllowed(NotAllowed { from, to: Status::Submitted }));
        }
        if on > now.today {
            return Err(Refusal::AfterToday { on }.into());
        }
        office.accepts(on, now)?;
        if let Some(died) = history.died_on() {
            return Err(Refusal::Deceased { on: died }.into());
        }
        let last = history.last_move(Horizon::NOW);
        if let Some(last) = last.filter(|last| on < last.on) {
            return Err(Refusal::BeforeStep { on, last: last.on }.into());
        }
        let subject = Subject::Dossier(dossier);
        let code = |code: Option<&str>| code.map(str::to_owned);
        let ledger = Ledger::Applied {
            dossier,
            on,
            unit: history.unit(Horizon::NOW),
            channel: code(application.channel),
            asker: code(application.asker),
            for_whom: code(application.for_whom),
            wants: application.wants.clone(),
        };
        let mut card = Vec::new();
        if let Some(name) = application.name {
            card.push(("name".to_owned(), crate::command::name(name)?));
        }
        if let Some(words) = application.words {
            card.push(("words".to_owned(), crate::command::text(words)?));
        }
        let mut act = Act::new(entry, now.at, subject, ledger)
            .parents(history.heads(Horizon::NOW).all().iter().copied())
            .parents(last.map(|last| last.entry));
        if !card.is_empty() {
            act = act.person(subject, Person::Card(card));
        }
        act = act.person(subject, fingerprint);
        act.expect.push(unchanged);
        self.keep_and_refresh(permit.keep(&act))
    }

    /// Says that exclusions of the latest deciding survey do not count here, and why. They stay in the decision.
    ///
    /// Errors: not an approver of that household, or the one who surveyed it; no reason; no such exclusion.
    pub fn override_exclusions(&self, codes: &[String], on: Day, why: &str) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::OverrideExclusion)?;
        let why = rights::reason(why)?;
        let Some((entry, fingerprint)) = self.noted(&("override", dossier.hex(), codes, on.to_string(), &why))? else {
            return Ok(());
        };
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let versions = history.versions(Horizon::NOW);
        let version = History::deciding(&versions).ok_or(Failure::from(Refusal::NoSurvey))?;
        let kept = office.survey_of(dossier, version)?;
        let hold = kept.decision.map(|decision| decision.exclusions).unwrap_or_default();
        if let Some(other) = codes.iter().find(|code| !hold.contains(code)) {
            return Err(Failure::NotInList { list: "exclusion", asked: other.clone(), known: hold.join(", ") });
        }
        if on > now.today {
            return Err(Refusal::AfterToday { on }.into());
        }
        if let Some((did, day)) = self.who_did(&history, &[crate::domain::case::Did::Surveyed])? {
            return Err(Refusal::SamePerson { did, on: day }.into());
        }
        let subject = Subject::Dossier(dossier);
        let survey = version.record.entry;
        let ledger = Ledger::ExclusionsOverridden { dossier, survey, codes: codes.to_vec(), on };
        let mut act = Act::new(entry, now.at, subject, ledger).person(subject, Person::Text(why)).parents([survey]);
        act = act.person(subject, fingerprint);
        act.expect.push(unchanged);
        self.keep_and_refresh(permit.keep(&act))
    }

    /// Notes papers: seen, owed until a day, or waived until a day. Waiving is the approver's, by name and for a reason.
    ///
    /// Errors: no right to it; a waiver without a reason.
    pub fn note_papers(&self, mut papers: Vec<Paper>, on: Day, why: Option<&str>) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let waives = papers.iter().any(|paper| matches!(paper.state, PaperState::Waived { .. }));
        let permit = self.permit(if waives { Duty::OverrideExclusion } else { Duty::NotePapers })?;
        if waives {
            rights::reason(why.unwrap_or_default())?;
        }
        let said: Vec<String> = papers.iter().map(|paper| format!("{paper:?}")).collect();
        for paper in &papers {
            office.is_code("paper", &paper.kind)?;
        }
        let Some((entry, fingerprint)) = self.noted(&("papers", dossier.hex(), said, on.to_string(), why))? else {
            return Ok(());
        };
        if on > now.today {
            return Err(Refusal::AfterToday { on }.into());
        }
        // Nobody can bring a paper to a bureau that is closed.
        for paper in &mut papers {
            if let PaperState::Owed { until: Some(until) } = &mut paper.state {
                *until = office.ends(now.today, *until, now)?;
            }
        }
        let unchanged = office.unchanged(dossier)?;
        let before = office.history(dossier)?.paper_notes();
        let subject = Subject::Dossier(dossier);
        let mut act = Act::new(entry, now.at, subject, Ledger::PapersNoted { dossier, on, papers }).parents(before);
        if let Some(why) = why {
            act = act.person(subject, Person::Text(crate::command::text(why)?));
        }
        act = act.person(subject, fingerprint);
        act.expect.push(unchanged);
        self.keep_and_refresh(permit.keep(&act))
    }

    /// Records that the worker has died: the case goes no further, and closes for that reason.
    ///
    /// Errors: a day still to come; it is recorded already.
    pub fn worker_died(&self, on: Day, why: Option<&str>) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::NotePapers)?;
        let Some((entry, fingerprint)) = self.noted(&("died", dossier.hex(), on.to_string(), why))? else {
            return Ok(());
        };
        if on > now.today {
            return Err(Refusal::AfterToday { on }.into());
        }
        let unchanged = office.unchanged(dossier)?;
        if let Some(died) = office.history(dossier)?.died_on() {
            return Err(Refusal::Deceased { on: died }.into());
        }
        let subject = Subject::Dossier(dossier);
        let mut act = Act::new(entry, now.at, subject, Ledger::WorkerDied { dossier, on });
        if let Some(why) = why {
            act = act.person(subject, Person::Text(crate::command::text(why)?));
        }
        act = act.person(subject, fingerprint);
        act.expect.push(unchanged);
        self.keep_and_refresh(permit.keep(&act))
    }

    pub(super) fn keep_and_refresh(&self, kept: Result<crate::command::Receipt, Failure>) -> Result<(), Failure> {
        match kept {
            Err(Failure::NotKept(NotKept::Lost(_))) => Err(self.office.moved(&self.office.history(self.dossier)?)),
            kept => {
                kept?;
                let _ = crate::command::lookup::refresh(self.office, self.dossier);
                Ok(())
            }
        }
    }
}
