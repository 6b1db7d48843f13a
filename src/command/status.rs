//! A dossier's way through its statuses: each step is an act with a day, and a reason where the step needs one.

use super::request::Request;
use super::settings::OfficeSize;
use super::{Act, Duty, Failure, Household};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, Subject};
use crate::store::NotKept;
use crate::views::history::Horizon;
use crate::views::{Happening, History};

/// What somebody did in a case who may therefore not approve it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Did {
    Surveyed,
    Reviewed,
    /// Of a payout.
    Proposed,
    Checked,
    Approved,
}

impl Did {
    /// In the words `did.surveyed`.
    pub fn code(self) -> &'static str {
        match self {
            Did::Surveyed => "surveyed",
            Did::Reviewed => "reviewed",
            Did::Proposed => "proposed",
            Did::Checked => "checked",
            Did::Approved => "approved",
        }
    }
}

impl Household<'_> {
    /// Moves the dossier to its next status on the day `on`. `reason` is a code (of list `close_reason` when closing),
    /// `why` are words for it, sealed with the dossier.
    ///
    /// Errors: whoever acts has no role for it, or did in the case what may not be done by whoever approves; a move that the
    /// status does not allow; a day before that of the step before it, or still to come; somebody else went on with the
    /// dossier meanwhile.
    pub fn move_status(&self, to: Status, on: Day, reason: Option<&str>, why: Option<&str>) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::of_step(to))?;
        let Request::New(entry) = office.requested(&("step", dossier.hex(), to.code(), on.to_string(), reason, why))?
        else {
            return Ok(());
        };
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let from = history.status(Horizon::NOW).unwrap_or(Status::Draft);
        from.may_move(to).map_err(Failure::NotAllowed)?;
        let full = || Ok::<bool, Failure>(office.size(now.today.max(now.at.day()))? == Some(OfficeSize::Full));
        if to == Status::Approved {
            self.two_people(&history, &[Did::Surveyed, Did::Reviewed])?;
        } else if to == Status::Reviewed && full()? {
            self.two_people(&history, &[Did::Surveyed])?;
        }
        let last = history.last_move(Horizon::NOW);
        if let Some(last) = last.filter(|last| on < last.on) {
            return Err(Failure::StepTooEarly { on, last: last.on });
        }
        if on > now.today {
            return Err(Failure::StepAhead { on });
        }
        let subject = Subject::Dossier(dossier);
        let ledger = Ledger::StatusMoved { dossier, to, on, reason: reason.map(str::to_owned) };
        let mut act = Act::new(entry, now.at, subject, ledger)
            .parents(history.heads(Horizon::NOW).all().iter().copied())
            .parents(last.map(|last| last.entry));
        if let Some(why) = why {
            act = act.person(subject, Person::Text(super::text(why)?));
        }
        act.expect.push(unchanged);
        match permit.keep(&act) {
            Err(Failure::NotKept(NotKept::Lost(_))) => return Err(office.moved(&office.history(dossier)?)),
            kept => kept?,
        };
        // The move is kept; an index that cannot be refreshed now is filled at the next opening.
        let _ = super::lookup::refresh(office, dossier);
        Ok(())
    }

    /// Withdraws the latest step of the status machine, for a reason: it counts as not having happened, and both stay in the
    /// history. Answers with the status as it is then.
    ///
    /// Errors: whoever acts may neither take that step nor supervises the household; there is no step, or it is an approval,
    /// which another one replaces; no reason.
    pub fn withdraw_step(&self, why: &str) -> Result<Status, Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let step = history.last_move(Horizon::NOW);
        let step = step.and_then(|last| history.happenings.iter().find(|h| h.entry == last.entry));
        let Some((step, to)) = step.and_then(|h| h.ledger.step().map(|(to, _)| (h, to))) else {
            return Err(Failure::NoStepToWithdraw);
        };
        if !matches!(step.ledger, Ledger::StatusMoved { .. }) {
            return Err(Failure::NoStepToWithdraw);
        }
        let permit =
            self.permit(Duty::of_step(to)).or_else(|refused| self.permit(Duty::WithdrawStep).map_err(|_| refused))?;
        let why = super::rights::reason(why)?;
        let Request::New(entry) = office.requested(&("withdraw", dossier.hex(), step.entry.hex(), why))? else {
            return Ok(history.status(Horizon::NOW).unwrap_or(Status::Draft));
        };
        let subject = Subject::Dossier(dossier);
        let ledger = Ledger::StepWithdrawn { dossier, step: step.entry };
        let mut act = Act::new(entry, now.at, subject, ledger)
            .person(subject, Person::Text(super::text(why)?))
            .parents([step.entry]);
        act.expect.push(unchanged);
        match permit.keep(&act) {
            Err(Failure::NotKept(NotKept::Lost(_))) => return Err(office.moved(&office.history(dossier)?)),
            kept => kept?,
        };
        let _ = super::lookup::refresh(office, dossier);
        Ok(office.history(dossier)?.status(Horizon::NOW).unwrap_or(Status::Draft))
    }

    /// The strict core of separated duties: whoever surveyed or reviewed since the case last began does not approve it. It
    /// cannot be switched off, whatever the size of the office; that whoever surveyed does not review depends on it.
    fn two_people(&self, history: &History, apart: &[Did]) -> Result<(), Failure> {
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
                same |= self.office.had_draft(survey.draft, self.office.officer)?;
            }
            if same {
                return Err(Failure::SamePerson { did, on: happening.at.day() });
            }
        }
        Ok(())
    }
}
