//! What an event says of itself: which dossier it is about, which day, and who else has to hear of it.

use super::{Ledger, SurveyLedger};
use crate::domain::dossier::Status;
use crate::domain::{Day, DossierId, Subject};

impl Ledger {
    /// The dossier whose history it is part of. Looks are none of it: they change nothing that a survey rests on.
    pub fn dossier(&self) -> Option<DossierId> {
        match self {
            Ledger::DossierOpened { dossier, .. }
            | Ledger::NumberGiven { dossier }
            | Ledger::StatusMoved { dossier, .. }
            | Ledger::OtherNumber { dossier, .. }
            | Ledger::QueryAsked { dossier, .. }
            | Ledger::QueryAnswered { dossier, .. }
            | Ledger::QueryClosed { dossier, .. }
            | Ledger::Approved { dossier, .. }
            | Ledger::StepWithdrawn { dossier, .. }
            | Ledger::Applied { dossier, .. }
            | Ledger::Deliberated { dossier, .. }
            | Ledger::NoticePosted { dossier, .. }
            | Ledger::ExclusionsOverridden { dossier, .. }
            | Ledger::PapersNoted { dossier, .. }
            | Ledger::WorkerDied { dossier, .. }
            | Ledger::Objected { dossier, .. }
            | Ledger::ObjectionSettled { dossier, .. }
            | Ledger::Erased { subject: Subject::Dossier(dossier), .. } => Some(*dossier),
            Ledger::SurveySubmitted(survey) | Ledger::SurveyProposed { survey, .. } => Some(survey.dossier),
            _ => None,
        }
    }

    /// The survey that it tells of.
    pub fn survey(&self) -> Option<&SurveyLedger> {
        match self {
            Ledger::SurveySubmitted(survey) | Ledger::SurveyProposed { survey, .. } => Some(survey),
            _ => None,
        }
    }

    /// The step of the status machine that it is, and its day.
    pub fn step(&self) -> Option<(Status, Day)> {
        match self {
            Ledger::StatusMoved { to, on, .. } => Some((*to, *on)),
            Ledger::Approved { on, .. } => Some((Status::Approved, *on)),
            Ledger::Applied { on, .. } => Some((Status::Submitted, *on)),
            Ledger::Deliberated { on, .. } => Some((Status::Reviewed, *on)),
            Ledger::NoticePosted { on, .. } => Some((Status::Noticed, *on)),
            Ledger::Objected { on, returns: true, .. } => Some((Status::Verifying, *on)),
            _ => None,
        }
    }

    /// The day it is about, where that is another than the day of its record.
    pub fn day(&self) -> Option<Day> {
        match self {
            Ledger::DossierOpened { accepted_on, .. } => Some(*accepted_on),
            Ledger::ExclusionsOverridden { on, .. }
            | Ledger::PapersNoted { on, .. }
            | Ledger::WorkerDied { on, .. }
            | Ledger::Objected { on, .. }
            | Ledger::ObjectionSettled { on, .. } => Some(*on),
            _ => self.survey().map(|survey| survey.on).or_else(|| self.step().map(|(_, on)| on)),
        }
    }

    /// Whether it takes a number of the record's `issued`.
    pub fn takes_number(&self) -> bool {
        matches!(self, Ledger::DossierOpened { .. } | Ledger::NumberGiven { .. })
    }

    /// Whether it is one of the fund's book, in which nothing comes to stand that the book does not take.
    pub fn is_of_the_book(&self) -> bool {
        matches!(
            self,
            Ledger::BookTaken { .. }
                | Ledger::BookGiven { .. }
                | Ledger::PlaceOpened(_)
                | Ledger::PurseOpened(_)
                | Ledger::FundMoved(_)
                | Ledger::FundReserved(_)
                | Ledger::FundReleased(_)
                | Ledger::NumbersVoided { .. }
                | Ledger::DonationsPledged(_)
                | Ledger::DonationsCounted(_)
                | Ledger::AppropriationNoted(_)
                | Ledger::PeriodCounted(_)
                | Ledger::PeriodMoved(_)
                | Ledger::FormerYearNoted(_)
        )
    }

    /// Whether it changes who may do what, who gets in, or by which rules is decided.
    pub fn changes_office(&self) -> bool {
        matches!(
            self,
            Ledger::OfficerAdded { .. }
                | Ledger::UnitAdded { .. }
                | Ledger::CredentialSet { .. }
                | Ledger::SettingSet { .. }
                | Ledger::Adopted { .. }
        )
    }

    /// Whether it changes what somebody else's screen shows: who comes, looks and goes does not.
    pub fn is_news(&self) -> bool {
        !matches!(self, Ledger::Login { .. } | Ledger::SessionBegun { .. } | Ledger::Looked { .. })
    }
}
