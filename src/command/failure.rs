//! Why something was not done, in one enum for the whole floor; `lang` makes the sentence.

use super::Role;
use super::record_maker::NOT_BOOKED;
use crate::domain::case::Refusal;
use crate::domain::fund::NotBooked;
use crate::domain::{Arg, Day, Explain, Message};
use crate::form::run::NotAScript;
use crate::form::{FormProblem, Problem, Unreadable};
use crate::log::RecordError;
use crate::seal::SealError;
use crate::store::{Failed, NotKept, Notice, OpenFailed, Refused};
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
    /// From another machine, on another day than it is here.
    OtherDayFromAfar {
        day: Day,
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
    super::import::ImportRefused => Import,
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

/// The store's own words, as a sentence of ours.
pub(crate) fn reported(reported: Notice) -> Message {
    reported.args.into_iter().fold(Message::new(reported.key), |message, (name, value)| message.with(name, value))
}

impl Explain for Failure {
    fn explain(&self) -> Message {
        match self {
            Failure::Open(error) => reported(error.reported()),
            Failure::NotKept(NotKept::Lost(names)) => Message::new("command.lost").with("names", names.join(", ")),
            Failure::NotKept(NotKept::Refused(Refused::Because { why, detail })) => {
                Message::new("command.refused_inside")
                    .with("why", *why)
                    .with("detail", String::from_utf8_lossy(detail).into_owned())
            }
            Failure::NotKept(error) => reported(error.reported()),
            Failure::Store(error) => reported(error.reported()),
            Failure::Seal(error) => error.explain(),
            Failure::View(error) => error.explain(),
            Failure::Record(error) => error.explain(),
            Failure::NotADataFolder { folder } => {
                Message::new("command.not_a_data_folder").with("folder", folder.as_str())
            }
            Failure::NoStore { folder } => Message::new("command.no_store").with("folder", folder.as_str()),
            Failure::NotADemo { folder, seed } => {
                Message::new("command.not_a_demo").with("folder", folder.as_str()).with("seed", *seed)
            }
            Failure::NotADivision { asked } => Message::new("command.not_a_division").with("asked", asked.as_str()),
            Failure::NotThatSetting { setting, asked } => Message::new("command.not_that_setting")
                .with("setting", Arg::Word(format!("present.bureau.{setting}")))
                .with("asked", asked.as_str())
                .with("known", Arg::Word(format!("present.bureau.{setting}.how"))),
            Failure::NotThatManyDays { most } => {
                Message::new("command.not_that_many_days").with("most", i64::from(*most))
            }
            Failure::AcceptedTooLongAgo { accepted, last, days } => Message::new("command.accepted_too_long_ago")
                .with("accepted", *accepted)
                .with("last", *last)
                .with("days", i64::from(*days)),
            Failure::NoName => Message::new("command.no_name"),
            Failure::DemoFolder { folder } => Message::new("command.demo_folder").with("folder", folder.as_str()),
            Failure::Trouble(why) => why.explain(),
            Failure::Clock(doubt) => doubt.explain(),
            Failure::OwnerStopped { process } => {
                Message::new("command.owner_stopped").with("process", u64::from(*process))
            }
            Failure::OwnerLost => Message::new("command.owner_lost"),
            Failure::NoStepToWithdraw => Message::new("command.no_step_to_withdraw"),
            Failure::NoSuchStretch { from, to } => {
                Message::new("command.no_such_stretch").with("from", *from).with("to", *to)
            }
            Failure::RequestUsed => Message::new("command.request_used"),
            Failure::StoreExists { folder } => Message::new("command.store_exists").with("folder", folder.as_str()),
            Failure::NoKeyFile { path } => Message::new("command.no_key_file").with("path", path.as_str()),
            Failure::Folder { folder, why } => {
                Message::new("command.folder").with("folder", folder.as_str()).with("why", why.as_str())
            }
            Failure::Undecoded { file, why } => {
                Message::new("form.encoding").with("name", file.as_str()).with("why", why.explain())
            }
            Failure::PropertyTwice { name } => Message::new("command.property_twice").with("name", name.as_str()),
            Failure::NotAProperty { text } => Message::new("command.not_a_property").with("text", text.as_str()),
            Failure::NoSuchDossier { asked } => Message::new("command.no_such_dossier").with("asked", asked.as_str()),
            Failure::SeveralDossiers { asked, ids } => {
                Message::new("command.several_dossiers").with("asked", asked.as_str()).with("ids", ids.join(", "))
            }
            Failure::NoSuchOfficer { asked } => Message::new("command.no_such_officer").with("asked", asked.as_str()),
            Failure::YearUnknown { year } => Message::new("command.year_unknown").with("year", i64::from(*year)),
            Failure::NoSuchObjection { count } => Message::new("command.no_such_objection").with("count", *count),
            Failure::SeveralOfficers { asked } => {
                Message::new("command.several_officers").with("asked", asked.as_str())
            }
            Failure::OfficerNameTaken { by } => Message::new("command.officer_name_taken").with("by", by.as_str()),
            Failure::NoSuchForm { asked } => Message::new("command.no_such_form").with("asked", asked.as_str()),
            Failure::DraftOpen { own: true, .. } => Message::new("command.draft_open_own"),
            Failure::DraftOpen { by, .. } => Message::new("command.draft_open").with("by", by.as_str()),
            Failure::NoSuchQuestion { path } => Message::new("command.no_such_question").with("path", path.as_str()),
            Failure::NoSuchVersion { asked } => Message::new("command.no_such_version").with("asked", asked.as_str()),
            Failure::NoSuchDraft { asked } => Message::new("command.no_such_draft").with("asked", asked.as_str()),
            Failure::Erased => Message::new("command.erased"),
            Failure::Moved { number, by, at, heads } => Message::new("command.moved")
                .with("number", number.as_str())
                .with("by", by.as_str())
                .with("at", at.as_str())
                .with("heads", *heads),
            Failure::Case(why) => why.explain(),
            Failure::Import(why) => why.explain(),
            Failure::NotInList { list, asked, known } => Message::new("command.no_such_code")
                .with("list", *list)
                .with("asked", asked.as_str())
                .with("known", known.as_str()),
            Failure::NotAllowed(why) => why.explain(),
            Failure::Fund(why) => why.explain(),
            Failure::NotPayable(why) => why.explain(),
            Failure::NoAidRules { on } => Message::new("aid.rules.none").with("day", *on),
            Failure::NotCounted { place, book } => {
                Message::new("command.fund.not_counted").with("place", place.as_str()).with("book", *book)
            }
            Failure::DifferenceUnnamed { place, differs } => {
                Message::new("command.fund.difference").with("place", place.as_str()).with("differs", *differs)
            }
            Failure::SameHand { on } => Message::new("command.fund.same_hand").with("day", *on),
            Failure::CashierChecks => Message::new("command.fund.cashier_checks"),
            Failure::NoSuchDonor { asked } => Message::new("command.fund.no_such_donor").with("asked", asked.as_str()),
            Failure::NoSuchPayout { asked } => Message::new("aid.no_such").with("asked", asked.as_str()),
            Failure::PayoutMoved => Message::new("aid.moved"),
            Failure::NothingToSend => Message::new("aid.nothing_to_send"),
            Failure::NotAnAnswer(wrong) => Message::new("aid.answer.problems").with("count", wrong.len()),
            Failure::CashierKeepsBook => Message::new("command.fund.cashier"),
            Failure::NotAFundCode { asked } => Message::new("command.fund.code").with("asked", asked.as_str()),
            Failure::NoSuchCode { list, asked } => {
                Message::new("command.fund.no_such_code").with("list", list.as_str()).with("asked", asked.as_str())
            }
            Failure::NotErasable(why) => why.explain(),
            Failure::NotAQuery(why) => why.explain(),
            Failure::Backup(why) => why.explain(),
            Failure::Output(why) => why.explain(),
            Failure::StepTooEarly { on, last } => {
                Message::new("command.step_too_early").with("day", *on).with("last", *last)
            }
            Failure::NeedsRole { role } => {
                Message::new("command.needs_role").with("role", Arg::Word(format!("role.{}", role.code())))
            }
            Failure::Listen { place, why } => {
                Message::new("command.door").with("place", place.as_str()).with("why", why.as_str())
            }
            Failure::NobodyHere { user } => Message::new("command.nobody_here").with("user", user.as_str()),
            Failure::HasLeft { last } => Message::new("login.left").with("last", *last),
            Failure::NotFromAfar => Message::new("cli.attach.not_from_afar"),
            Failure::OtherDayFromAfar { day } => Message::new("command.other_day_from_afar").with("day", *day),
            Failure::NotYourWork { by } => Message::new("command.not_your_work").with("by", by.as_str()),
            Failure::NeedsReason => Message::new("command.needs_reason"),
            Failure::NotAReason { most } => Message::new("command.not_a_reason").with("most", *most),
            Failure::OtherUnit { unit } => Message::new("command.other_unit").with("unit", unit.as_str()),
            Failure::SamePerson { did: super::Did::Approved, on } => {
                Message::new("aid.cashier_approved").with("day", *on)
            }
            Failure::SamePerson { did, on } => Message::new("command.same_person")
                .with("did", Arg::Word(format!("did.{}", did.code())))
                .with("day", *on),
            Failure::TextTooLong { length, most } => {
                Message::new("command.text_too_long").with("length", *length).with("most", *most)
            }
            Failure::NotANetwork { asked } => Message::new("command.not_a_network").with("asked", asked.as_str()),
            Failure::CredentialTaken { by } => Message::new("command.way_taken").with("by", by.as_str()),
            Failure::NoSuchRole { asked, known } => {
                Message::new("command.no_such_role").with("asked", asked.as_str()).with("known", known.as_str())
            }
            Failure::LastAdministrator => Message::new("command.last_administrator"),
            Failure::NoSuchStation { asked } => Message::new("command.no_such_station").with("asked", asked.as_str()),
            Failure::NoSuchUnit { asked } => Message::new("command.no_such_unit").with("asked", asked.as_str()),
            Failure::NoSuchSeries { asked } => Message::new("command.no_such_series").with("asked", asked.as_str()),
            Failure::NotTheAuthority => Message::new("command.not_the_authority"),
            Failure::Units(problems) => Message::new("command.unit_problems").with("count", problems.len()),
            Failure::Rules(problems) => Message::new("command.rule_problems").with("count", problems.len()),
            Failure::RulesNamedAlready { id } => Message::new("command.rules_named_already").with("id", id.as_str()),
            Failure::StepAhead { on } => Message::new("command.step_ahead").with("day", *on),
            Failure::Form(problems) => Message::new("command.form_problems").with("count", problems.len()),
            Failure::FormUnreadable(why) => why.explain(),
            Failure::Survey(problems) => Message::new("command.survey_problems").with("count", problems.len()),
            Failure::Script(wrong) => Message::new("command.script_problems").with("count", wrong.len()),
            Failure::Answers { line, why } => {
                Message::new("command.answers").with("line", *line).with("why", why.clone())
            }
            Failure::Step { number, problem } => {
                Message::new("command.step").with("number", *number).with("problem", problem.explain())
            }
            Failure::NoRuleSet { on, division } => {
                Message::new("command.no_rule_set").with("on", *on).with("division", division.as_str())
            }
            Failure::AmountTooLarge { fact } => Message::new("command.amount_too_large").with("fact", fact.as_str()),
            Failure::AlreadySubmitted => Message::new("command.already_submitted"),
            Failure::OtherForm { form } => Message::new("command.other_form").with("form", form.as_str()),
            Failure::FormVersionTaken { form, version } => {
                Message::new("command.form_version_taken").with("form", form.as_str()).with("version", version.as_str())
            }
            Failure::FormTooLarge { form, limit } => {
                Message::new("command.form_too_large").with("form", form.as_str()).with("limit", *limit)
            }
            Failure::FormNameTaken { form } => Message::new("command.form_name_taken").with("form", form.as_str()),
            Failure::ReceiptUnreadable => Message::new("command.receipt_unreadable"),
            Failure::NothingKept => Message::new("command.nothing_kept"),
            Failure::Roll(why) => why.explain(),
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

    /// What stands below the sentence: every problem of a form or a survey, one each.
    pub fn details(&self) -> Vec<Message> {
        match self {
            Failure::Form(problems) => problems.iter().map(Explain::explain).collect(),
            Failure::Survey(problems) | Failure::Units(problems) | Failure::Rules(problems) => problems.clone(),
            Failure::Script(wrong) => wrong.iter().map(Explain::explain).collect(),
            Failure::Roll(why) => why.details(),
            Failure::NotAnAnswer(wrong) => wrong.iter().map(Explain::explain).collect(),
            _ => Vec::new(),
        }
    }
}
