//! What an event says of itself: which dossier it is about, which day, and who else has to hear of it.
//!
//! [`Ledger::about`] names every variant, so an event that says nothing of itself does not compile; everybody asks the functions
//! below it.

use super::{Ledger, SurveyLedger};
use crate::domain::dossier::Status;
use crate::domain::{Day, DossierId, EntryId, Subject};

/// What puts a category in force says of it: an approval, or the taking over of a roll.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PutInForce<'l> {
    pub on: Day,
    pub category: &'l str,
    pub rule_set: &'l str,
    pub survey: EntryId,
    /// First and last day of validity; no last day: until something else is approved.
    pub from: Day,
    pub until: Option<Day>,
}

/// Who has to hear of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Concerns {
    /// It is part of that dossier's history.
    Dossier(DossierId),
    /// It changes who may do what, who gets in, or by which rules is decided.
    Office,
    /// It is one of the fund's book, in which nothing comes to stand that the book does not take.
    Book,
    /// It is kept, and whoever reads anew may see something else.
    Others,
    /// It changes nothing that anybody else's screen shows: somebody comes, looks, goes.
    Nobody,
}

struct About<'e> {
    concerns: Concerns,
    /// The day it is about, where that is another than the day of its record.
    day: Option<Day>,
    /// The step of the status machine that it is, of that day.
    step: Option<Status>,
    survey: Option<&'e SurveyLedger>,
    takes_number: bool,
}

impl<'e> About<'e> {
    fn of(concerns: Concerns) -> About<'e> {
        About { concerns, day: None, step: None, survey: None, takes_number: false }
    }

    fn dossier(dossier: &DossierId) -> About<'e> {
        About::of(Concerns::Dossier(*dossier))
    }

    fn on(self, day: Day) -> About<'e> {
        About { day: Some(day), ..self }
    }

    fn step(self, to: Status, on: Day) -> About<'e> {
        About { step: Some(to), ..self.on(on) }
    }

    fn numbered(self) -> About<'e> {
        About { takes_number: true, ..self }
    }
}

impl Ledger {
    // No arm here stands for what is not named.
    #[deny(clippy::wildcard_enum_match_arm)]
    fn about(&self) -> About<'_> {
        use Concerns::{Book, Nobody, Office, Others};
        match self {
            Ledger::DossierOpened { dossier, accepted_on, .. } => About::dossier(dossier).on(*accepted_on).numbered(),
            Ledger::NumberGiven { dossier } => About::dossier(dossier).numbered(),
            Ledger::OtherNumber { dossier, .. } => About::dossier(dossier),
            Ledger::SurveySubmitted(survey) | Ledger::SurveyProposed { survey, .. } => {
                About { survey: Some(survey), ..About::dossier(&survey.dossier).on(survey.on) }
            }
            Ledger::StatusMoved { dossier, to, on, .. } => About::dossier(dossier).step(*to, *on),
            Ledger::Approved { dossier, on, .. } => About::dossier(dossier).step(Status::Approved, *on),
            Ledger::TakenOver { dossier, on, .. } => About::dossier(dossier).step(Status::Open, *on),
            Ledger::Applied { dossier, on, .. } => About::dossier(dossier).step(Status::Submitted, *on),
            Ledger::Deliberated { dossier, on, .. } => About::dossier(dossier).step(Status::Reviewed, *on),
            Ledger::NoticePosted { dossier, on, .. } => About::dossier(dossier).step(Status::Noticed, *on),
            Ledger::Objected { dossier, on, returns: true, .. } => About::dossier(dossier).step(Status::Verifying, *on),
            Ledger::Objected { dossier, on, returns: false, .. }
            | Ledger::ObjectionSettled { dossier, on, .. }
            | Ledger::ExclusionsOverridden { dossier, on, .. }
            | Ledger::PapersNoted { dossier, on, .. }
            | Ledger::LevelNoted { dossier, on, .. }
            | Ledger::WorkerDied { dossier, on }
            | Ledger::VisitMade { dossier, on, .. } => About::dossier(dossier).on(*on),
            Ledger::QueryAsked { dossier, .. }
            | Ledger::QueryAnswered { dossier, .. }
            | Ledger::QueryClosed { dossier, .. }
            | Ledger::StepWithdrawn { dossier, .. }
            | Ledger::CameWithRoll { dossier, .. }
            | Ledger::VisitAssigned { dossier, .. }
            | Ledger::Erased { subject: Subject::Dossier(dossier), .. } => About::dossier(dossier),
            Ledger::OfficerAdded { .. }
            | Ledger::UnitAdded { .. }
            | Ledger::CredentialSet { .. }
            | Ledger::SettingSet { .. }
            | Ledger::Adopted { .. } => About::of(Office),
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
            | Ledger::FormerYearNoted(_) => About::of(Book),
            // Looks are no part of a dossier's history: they change nothing that a survey rests on.
            Ledger::Login { .. } | Ledger::SessionBegun { .. } | Ledger::Looked { .. } => About::of(Nobody),
            Ledger::StationStarted { .. }
            | Ledger::BlockGiven { .. }
            | Ledger::AuthorityMoved { .. }
            | Ledger::Revealed { .. }
            | Ledger::Erased { .. }
            | Ledger::FormAdded { .. }
            | Ledger::PersonAdded { .. }
            | Ledger::PersonLinked { .. }
            | Ledger::DraftTaken { .. }
            | Ledger::Maintenance { .. }
            | Ledger::StretchNamed { .. }
            | Ledger::RollBroughtIn { .. }
            | Ledger::RollTakenOver { .. }
            | Ledger::RoundOpened { .. }
            | Ledger::RoundClosed { .. }
            | Ledger::PayoutProposed(_)
            | Ledger::PayoutMoved(_)
            | Ledger::BatchSent(_)
            | Ledger::CampaignOpened(_)
            | Ledger::CampaignFilled { .. }
            | Ledger::CampaignMoved(_)
            | Ledger::ReceiverMoved(_) => About::of(Others),
        }
    }

    /// The dossier whose history it is part of.
    pub fn dossier(&self) -> Option<DossierId> {
        match self.about().concerns {
            Concerns::Dossier(dossier) => Some(dossier),
            _ => None,
        }
    }

    /// The survey that it tells of.
    pub fn survey(&self) -> Option<&SurveyLedger> {
        self.about().survey
    }

    /// The step of the status machine that it is, and its day.
    pub fn step(&self) -> Option<(Status, Day)> {
        let about = self.about();
        about.step.zip(about.day)
    }

    /// The day it is about, where that is another than the day of its record.
    pub fn day(&self) -> Option<Day> {
        self.about().day
    }

    /// The category that it puts in force.
    pub fn in_force(&self) -> Option<PutInForce<'_>> {
        match self {
            Ledger::Approved { on, category, rule_set, survey, from, until, .. }
            | Ledger::TakenOver { on, category, rule_set, survey, from, until, .. } => {
                Some(PutInForce { on: *on, category, rule_set, survey: *survey, from: *from, until: *until })
            }
            _ => None,
        }
    }

    /// Whether it takes a number of the record's `issued`.
    pub fn takes_number(&self) -> bool {
        self.about().takes_number
    }

    /// Whether it is one of the fund's book, in which nothing comes to stand that the book does not take.
    pub fn is_of_the_book(&self) -> bool {
        self.about().concerns == Concerns::Book
    }

    /// Whether it changes who may do what, who gets in, or by which rules is decided.
    pub fn changes_office(&self) -> bool {
        self.about().concerns == Concerns::Office
    }

    /// Whether it changes what somebody else's screen shows: who comes, looks and goes does not.
    pub fn is_news(&self) -> bool {
        self.about().concerns != Concerns::Nobody
    }
}
