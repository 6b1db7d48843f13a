//! Why something was not done, in one enum for the whole floor; `lang` makes the sentence.

mod words;

pub(crate) use self::words::reported;
use super::Role;
use super::record_maker::NOT_BOOKED;
use crate::domain::case::Refusal;
use crate::domain::fund::NotBooked;
use crate::domain::{Day, Message};
use crate::form::run::NotAScript;
use crate::form::{FormProblem, Problem, Unreadable};
use crate::log::RecordError;
use crate::seal::SealError;
use crate::store::{Failed, NotKept, OpenFailed, Refused};
use crate::views::ViewError;

#[derive(Clone, Debug)]
pub enum Failure {
    Open(OpenFailed),
    NotKept(NotKept),
    Store(Failed),
    Seal(SealError),
    View(ViewError),
    Record(RecordError),
    /// The folder holds files and no store of this program.
    NotADataFolder {
        folder: String,
    },
    /// There is no store here yet.
    NoStore {
        folder: String,
    },
    /// The folder for the demo holds something else, or a demo of another seed.
    NotADemo {
        folder: String,
        seed: u64,
    },
    /// No code of a division.
    NotADivision {
        asked: String,
    },
    /// Nothing that a setting of the bureau can be.
    NotThatSetting {
        setting: &'static str,
        asked: String,
    },
    /// A term of no such number of days or months can be set.
    NotThatManyDays {
        most: i32,
    },
    /// A day of acceptance lies further back than the bureau lets one reach.
    AcceptedTooLongAgo {
        accepted: Day,
        /// The last day on which it could have been entered.
        last: Day,
        days: i32,
    },
    /// Somebody or something is to have a name, and nothing is left of the one typed.
    NoName,
    /// A demo lies here, or what is left of one.
    DemoFolder {
        folder: String,
    },
    /// There is none, and what stands here says that none may be begun.
    Trouble(super::contents::Trouble),
    /// There is one already.
    StoreExists {
        folder: String,
    },
    /// The key file that should unlock the folder is not there.
    /// Keys are lost that rows need which would be made anew.
    KeysLost {
        what: Box<Message>,
    },
    NoKeyFile {
        path: String,
    },
    /// The folder itself could not be used.
    Folder {
        folder: String,
        why: String,
    },
    /// The clock says a day far from the last known, and nobody has said that it is right.
    Clock(super::clock::Doubt),
    /// The process that has the folder is stopped, and answers nobody.
    OwnerStopped {
        process: u32,
    },
    /// The process that has the folder went away before it answered.
    OwnerLost,
    /// No step of the status machine stands that could be withdrawn.
    NoStepToWithdraw,
    /// There are no such records of that station.
    NoSuchStretch {
        from: u64,
        to: u64,
    },
    /// Something else was kept under the number that a request was given.
    RequestUsed,
    /// A socket or a port that nobody can be let in by.
    Listen {
        place: String,
        why: String,
    },
    NoSuchDossier {
        asked: String,
    },
    /// Two stations gave one number; ids tell the dossiers apart.
    SeveralDossiers {
        asked: String,
        ids: Vec<String>,
    },
    NoSuchOfficer {
        asked: String,
    },
    /// Days on which nobody works are counted, and those of that year are not known here.
    YearUnknown {
        year: i32,
    },
    /// None of that number is open, or it has to be said which.
    NoSuchObjection {
        count: usize,
    },
    /// Of before names were held apart.
    SeveralOfficers {
        asked: String,
    },
    /// The name, Chinese or English, is that of the officer named here.
    OfficerNameTaken {
        by: String,
    },
    /// Nobody is known to act: no officer bears the name of whoever runs the program, or is named.
    NobodyHere {
        user: String,
    },
    /// Whoever acts has had their last day.
    HasLeft {
        last: Day,
    },
    /// What is done at the folder itself and nowhere else.
    NotFromAfar,
    /// As of a day that the clock has not come to.
    DayToCome {
        day: Day,
        clock: Day,
    },
    /// From another machine, on another day than it is here.
    OtherDayFromAfar {
        day: Day,
    },
    /// Whoever it was to be handed to surveys no household there.
    CannotTakeOver {
        to: String,
    },
    /// Somebody else began it.
    NotYourWork {
        by: String,
    },
    /// Another unit's household, or one whose case is over: it is opened for a reason.
    NeedsReason,
    /// Too short to be one, or too long.
    NotAReason {
        most: usize,
    },
    /// The survey files the household in a unit that is none of theirs.
    OtherUnit {
        unit: String,
    },
    /// Whoever approves did not do that before.
    SamePerson {
        did: super::Did,
        on: Day,
    },
    TextTooLong {
        length: usize,
        most: usize,
    },
    NotANetwork {
        asked: String,
    },
    /// The key or uid lets in somebody else.
    CredentialTaken {
        by: String,
    },
    NoSuchForm {
        asked: String,
    },
    /// Somebody has the draft open: who, and whether it is oneself in another session.
    DraftOpen {
        by: String,
        own: bool,
    },
    /// No question of the form stands at that path.
    NoSuchQuestion {
        path: String,
    },
    /// An update goes on from a survey with the hardship form, and the household has none.
    NothingToUpdate,
    /// The dossier is closed or its application was refused: nothing is updated before it is taken up again.
    UpdateOfClosed,
    NoSuchVersion {
        asked: String,
    },
    NoSuchDraft {
        asked: String,
    },
    /// The person part is erased; what is left are ledger rows.
    Erased,
    /// The dossier has gone on since this survey was begun: who, when.
    Moved {
        number: String,
        by: String,
        at: String,
        heads: usize,
    },
    /// Something stands in the way of a step of the case.
    Case(crate::domain::case::Refusal),
    /// A roll that is not read, not brought in or not taken over.
    Import(super::import::ImportRefused),
    /// A round that is not opened or closed, an assignment or a visit that is not kept.
    Round(super::round::RoundRefused),
    /// No code of that list, or none that counts here.
    NotInList {
        list: &'static str,
        asked: String,
        known: String,
    },
    /// The dossier's status does not allow the step.
    NotAllowed(crate::domain::dossier::NotAllowed),
    NotErasable(super::erasing::NotErasable),
    NotAQuery(super::queries::NotAQuery),
    Backup(super::backup::BackupProblem),
    /// Nothing is written to a file that was named.
    Output(super::outputs::NotWritten),
    /// Whoever acts lacks the role that this takes.
    NeedsRole {
        role: Role,
    },
    NoSuchRole {
        asked: String,
        known: String,
    },
    /// Without one nobody could make another.
    LastAdministrator,
    NoSuchStation {
        asked: String,
    },
    NoSuchUnit {
        asked: String,
    },
    NoSuchSeries {
        asked: String,
    },
    /// Another station gives the numbers.
    NotTheAuthority,
    /// A file of units with problems, each with its line.
    Units(Vec<Message>),
    /// A file of rules with problems, each with its place.
    Rules(Vec<Message>),
    /// A set of that id is known with another text.
    RulesNamedAlready {
        id: String,
    },
    /// A step of a dossier dated before the step that it follows.
    StepTooEarly {
        on: Day,
        last: Day,
    },
    /// A step dated after today.
    StepAhead {
        on: Day,
    },
    /// A form that is no form, with every problem.
    Form(Vec<FormProblem>),
    FormUnreadable(Unreadable),
    /// The survey cannot be finished, with every reason.
    Survey(Vec<Message>),
    /// A script of steps that is none, with everything that is wrong.
    Script(Vec<NotAScript>),
    /// A file handed in that could not be used: where, why.
    Answers {
        line: usize,
        why: Message,
    },
    /// A file handed in that is no text.
    Undecoded {
        file: String,
        why: crate::domain::encoding::NotDecoded,
    },
    /// `--property` without a name or a value.
    NotAProperty {
        text: String,
    },
    /// One name given by two `--property`.
    PropertyTwice {
        name: String,
    },
    /// A step of an answers file that was not taken: which one, and what is wrong.
    Step {
        number: usize,
        problem: Problem,
    },
    /// No rule set is in force for that day and division.
    NoRuleSet {
        on: Day,
        division: String,
    },
    /// A condition met an amount that is not exact any more.
    AmountTooLarge {
        fact: String,
    },
    /// This draft was submitted before, with other answers than it has now.
    AlreadySubmitted,
    /// A correction is made with the form of the survey it corrects.
    OtherForm {
        form: String,
    },
    /// Another form bears the built-in form's id.
    /// The store has this version of the form with other content.
    FormVersionTaken {
        form: String,
        version: String,
    },
    /// More text than one record has room for; the limit in MiB.
    FormTooLarge {
        form: String,
        limit: u64,
    },
    FormNameTaken {
        form: String,
    },
    ReceiptUnreadable,
    NothingKept,
    Roll(super::roll::NotARoll),
    /// The fund's book does not take it.
    Fund(NotBooked),
    /// A payout that cannot go on as things stand.
    NotPayable(super::fund::NotPayable),
    /// No rules of aid are in force on that day.
    NoAidRules {
        on: Day,
    },
    /// A place holds something by the book, and nobody counted it.
    NotCounted {
        place: String,
        book: crate::domain::Fen,
    },
    /// A place holds more or less than the book says, and nobody said why.
    DifferenceUnnamed {
        place: String,
        differs: crate::domain::Fen,
    },
    /// Counting, checking and closing a period are three people's.
    SameHand {
        on: crate::domain::Day,
    },
    /// A cashier neither checks a period nor closes it.
    CashierChecks,
    NoSuchDonor {
        asked: String,
    },
    NoSuchPayout {
        asked: String,
    },
    /// Somebody else took a step of it, or of its household, meanwhile.
    PayoutMoved,
    NothingToSend,
    /// Something that is not done to a campaign.
    Campaign(super::fund::NotInCampaign),
    /// Nobody outside dossiers, or more than one, is meant.
    NoSuchPerson {
        asked: String,
    },
    /// A person outside dossiers who turned out to be of another household already.
    PersonElsewhere,
    /// A person outside dossiers whose key is not destroyed now.
    PersonKept(super::persons::PersonKept),
    /// A bank's answer that does not match what was sent, with every line.
    NotAnAnswer(Vec<super::fund::NotAnAnswer>),
    /// Whoever handles money does not keep its book.
    CashierKeepsBook,
    /// What people call a purse or a place by: small letters, digits, `-`.
    NotAFundCode {
        asked: String,
    },
    /// A code that a list does not have.
    NoSuchCode {
        list: String,
        asked: String,
    },
}

macro_rules! from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Failure {
            fn from(error: $from) -> Failure {
                Failure::$variant(error)
            }
        }
    )*};
}

from! {
    OpenFailed => Open, Failed => Store, SealError => Seal, ViewError => View, RecordError => Record,
    Unreadable => FormUnreadable, super::backup::BackupProblem => Backup, super::outputs::NotWritten => Output, super::contents::Trouble => Trouble,
    super::import::ImportRefused => Import, super::round::RoundRefused => Round,
}

impl From<NotKept> for Failure {
    fn from(error: NotKept) -> Failure {
        if let NotKept::Refused(Refused::Because { why: NOT_BOOKED, detail }) = &error
            && let Ok(why) = serde_json::from_slice(detail)
        {
            return Failure::Fund(why);
        }
        Failure::NotKept(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        match refusal {
            Refusal::NotAllowed(why) => Failure::NotAllowed(why),
            Refusal::AfterToday { on } => Failure::StepAhead { on },
            Refusal::BeforeStep { on, last } => Failure::StepTooEarly { on, last },
            Refusal::SamePerson { did, on } => Failure::SamePerson { did, on },
            other => Failure::Case(other),
        }
    }
}

impl Failure {
    /// The name of what stands in the way of a step of a case.
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Failure::Case(refusal) => Some(refusal.code()),
            Failure::NotAllowed(_) => Some("not_allowed"),
            Failure::StepAhead { .. } => Some("after_today"),
            Failure::StepTooEarly { .. } => Some("before_step"),
            Failure::AcceptedTooLongAgo { .. } => Some("accepted_too_long_ago"),
            Failure::SamePerson { .. } => Some("same_person"),
            _ => None,
        }
    }

    /// Whether the answers themselves stand in the way, so that sending them again unchanged would be refused again.
    /// Anything else may have been kept, or may be kept at the next try.
    pub fn is_about_the_answers(&self) -> bool {
        use Failure::*;
        matches!(
            self,
            Survey(_)
                | Step { .. }
                | Moved { .. }
                | NoRuleSet { .. }
                | AmountTooLarge { .. }
                | OtherUnit { .. }
                | AcceptedTooLongAgo { .. }
        )
    }
}
