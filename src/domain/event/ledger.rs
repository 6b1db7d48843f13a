//! The ledger half: ids, days, codes and amounts, sealed by the bureau's key. No name, no text a person wrote.

use crate::domain::dossier::{Level, Status, UpperState};
use crate::domain::round::{RoundCounts, VisitOutcome};
use crate::domain::{Credential, Entrance, LoginStep};
use crate::domain::{Day, fund};
use crate::domain::{DossierId, DraftId, EntryId, Fen, OfficerId, PersonId, StationId, Subject, UnitId};
use serde::{Deserialize, Serialize};

/// Why a survey was made (调查类型).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SurveyKind {
    First,
    Periodic,
    Change,
    ExitCheck,
    Correction,
    /// Made with a form that is not the hardship form: it hangs on a dossier and gives no decision.
    Other,
}

impl SurveyKind {
    /// The code of list `survey_type`.
    pub fn code(self) -> Option<&'static str> {
        match self {
            SurveyKind::First => Some("1"),
            SurveyKind::Periodic => Some("2"),
            SurveyKind::Change => Some("3"),
            SurveyKind::ExitCheck => Some("4"),
            SurveyKind::Correction => Some("5"),
            SurveyKind::Other => None,
        }
    }

    pub fn from_code(code: &str) -> Option<SurveyKind> {
        [Self::First, Self::Periodic, Self::Change, Self::ExitCheck, Self::Correction]
            .into_iter()
            .find(|kind| kind.code() == Some(code))
    }
}

/// What statements count of a survey.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SurveyLedger {
    pub dossier: DossierId,
    pub draft: DraftId,
    pub kind: SurveyKind,
    /// The survey's own date: what as-of questions go by.
    pub on: Day,
    pub form: String,
    pub form_version: String,
    pub unit: Option<UnitId>,
    pub division: String,
    /// The survey this one replaces, for a correction.
    pub corrects: Option<EntryId>,
    pub rule_set: Option<String>,
    /// `None` is undecided, or a form that gives no decision (then `rule_set` is `None` too).
    pub category: Option<String>,
    /// When undecided: which categories remain possible.
    pub possible: Vec<String>,
    pub cause: Option<String>,
    pub members: Option<u32>,
    /// Yearly income and rigid spending of the household; `None` when unknown.
    pub income: Option<Fen>,
    pub rigid: Option<Fen>,
    /// Monthly, per head, rounded down; for charts.
    pub per_head_net: Option<Fen>,
    pub line_month: Option<Fen>,
    /// A random number for each living member, worker first, so that people can be counted and never named.
    pub persons: Vec<PersonId>,
    /// When the household is to be surveyed again.
    pub next_due: Option<Day>,
}

// A survey is by far the most common event, so its size is the usual one.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ledger {
    /// The first record of a station. A restored backup, a copied folder or a cloned machine goes on as a new station
    /// whose first record names the head it goes on from.
    StationStarted {
        after: Option<(StationId, u64, [u8; 32])>,
        signing_key: [u8; 32],
        number_authority: bool,
    },
    /// A node of the union tree; names stand in the person half, under the bureau's key.
    UnitAdded {
        unit: UnitId,
        code: String,
        kind: String,
        parent: Option<UnitId>,
        /// First and last day; `None`: open. A unit that was renamed or moved has a record for each time.
        since: Option<Day>,
        until: Option<Day>,
        /// Where its people went when it was merged.
        replaced_by: Option<UnitId>,
    },
    /// Someone who may act, and where.
    OfficerAdded {
        officer: OfficerId,
        roles: Vec<String>,
        units: Vec<UnitId>,
        until: Option<Day>,
    },
    /// A case starts: who asks stands in the person half. The number is in the record's `issued`, or comes later.
    DossierOpened {
        dossier: DossierId,
        unit: Option<UnitId>,
        division: String,
        accepted_on: Day,
    },
    /// A number for a dossier that was opened where no block was at hand; the number itself is in `issued`.
    NumberGiven {
        dossier: DossierId,
    },
    /// A block of serials of one series handed to a station by the number authority.
    BlockGiven {
        series: String,
        from: u64,
        to: u64,
        station: StationId,
    },
    SurveySubmitted(SurveyLedger),
    /// A step of the dossier's status machine; the reason in words stands in the person half.
    StatusMoved {
        dossier: DossierId,
        to: Status,
        on: Day,
        reason: Option<String>,
    },
    /// Something masked was looked at.
    Revealed {
        subject: Subject,
        what: String,
    },
    /// The subject's key is destroyed. `seen` are the heads the act knew of: a station with later records of the
    /// subject keeps the key and shows a conflict.
    Erased {
        subject: Subject,
        seen: Vec<(StationId, u64)>,
    },
    /// Another station gives numbers from now on; it goes on with the next whole block.
    AuthorityMoved {
        to: StationId,
    },
    /// A number known elsewhere (the national system, the folder on the shelf) found its dossier.
    OtherNumber {
        dossier: DossierId,
        system: String,
    },
    /// A question to whoever surveyed, about one answer; which answer, and the words, stand in the person half. The
    /// record's entry id names the query.
    QueryAsked {
        dossier: DossierId,
        survey: EntryId,
    },
    /// The words stand in the person half.
    QueryAnswered {
        dossier: DossierId,
        query: EntryId,
    },
    /// Whoever asked is content, or has given up asking.
    QueryClosed {
        dossier: DossierId,
        query: EntryId,
    },
    /// A form as surveys are taken with it from now on; surveys name it by id and version. No text in it is about a
    /// person.
    FormAdded {
        form: String,
        version: String,
        title: String,
        /// `survey.csv`, `choices.csv`, … : name and text of each.
        files: Vec<(String, String)>,
    },
    /// A credential as it stands from now on. Its record's parents are the records it replaces.
    CredentialSet {
        credential: Credential,
        /// Whom it lets in; `None`: whomever the program that uses it names (a gateway).
        officer: Option<OfficerId>,
        open: bool,
        /// The last day.
        until: Option<Day>,
        /// Networks it may be used from; empty: any.
        from: Vec<String>,
    },
    /// Somebody came in, was refused, or went.
    Login {
        officer: Option<OfficerId>,
        step: LoginStep,
        /// The key's fingerprint, or `uid 1001`.
        credential: String,
        /// Where from; empty: this machine.
        address: String,
        /// A code: why refused, why gone, what for.
        why: String,
        /// So many of the same kind, told in one.
        count: u32,
    },
    /// Somebody begins to act: a session at the screens, one command, the service itself. Whoever it is stands in the
    /// record's `by`; later records name this one ([`LedgerPart::session`](super::LedgerPart)). It is no parent of theirs:
    /// a household's record does not wait for it in exchange.
    SessionBegun {
        entrance: Entrance,
        /// Whose the credential is, where it is somebody else's than the record's `by`: what is done is also theirs.
        owner: Option<OfficerId>,
        /// Where from; empty: the station's own machine.
        address: String,
        /// A code: `screens`, the name of a command, `service`, `claim`.
        purpose: String,
    },
    /// Households or people were looked at, or went out on paper or in a file. The reason stands in a person part: of the
    /// subject where there is one, else of the bureau.
    Looked {
        subjects: Vec<Subject>,
        /// A code: `open`, `reveal`, `carried`, `print`, `export`, ….
        what: String,
        /// Another unit's, or a dossier that is over: told to the supervisor.
        important: bool,
    },
    /// As [`Ledger::SurveySubmitted`], and its category is a proposal: the one in force changes by [`Ledger::Approved`].
    SurveyProposed {
        survey: SurveyLedger,
        /// The record that adopted the rule set; `None`: it decided as a sample.
        adopted: Option<EntryId>,
    },
    /// The step of the status machine that puts a category in force. Its parents are the step before it, the survey and the
    /// notice. Two on one parent are a conflict: the category before them stays.
    Approved {
        dossier: DossierId,
        on: Day,
        category: String,
        rule_set: String,
        adopted: Option<EntryId>,
        survey: EntryId,
        /// The public posting; `None` where the rules want none.
        notice: Option<EntryId>,
        /// First and last day of validity; no last day: until something else is approved.
        from: Day,
        until: Option<Day>,
    },
    /// A setting of the bureau as it stands from a day on (`division`, `name_zh`, `office`, …). The record's parents are
    /// the records it replaces.
    SettingSet {
        key: String,
        value: String,
        since: Option<Day>,
    },
    /// Rules that the bureau made its own, with their text. The record's parents are the adoptions it replaces.
    Adopted {
        /// A code: `rule_set`, `line`, `aid_rules`, `charter`, `calendar`.
        what: String,
        id: String,
        text: String,
        /// Who decided, on what paper: `济难基金会理事会 2026 第 3 号`.
        document: String,
        decided_on: Day,
        since: Day,
        until: Option<Day>,
    },
    /// A person outside every dossier (gift receiver, donor, survivor), whose id is that of a key slot. Name and numbers
    /// stand in the person part.
    PersonAdded {
        person: PersonId,
        /// A code: `receiver`, `donor`, `survivor`, ….
        kind: String,
        unit: Option<UnitId>,
        since: Day,
    },
    /// A person outside every dossier is the member of a household that this number stands for, or is not after all.
    /// Counts of distinct people follow it. The record's parents are the links it replaces.
    PersonLinked {
        person: PersonId,
        member: PersonId,
        dossier: DossierId,
        linked: bool,
    },
    /// Somebody's unfinished survey was handed to somebody else, or thrown away (`to` is `None`); the reason stands in the
    /// person part. The dossier may be one that only the draft knows.
    DraftTaken {
        dossier: DossierId,
        draft: DraftId,
        of: OfficerId,
        to: Option<OfficerId>,
    },
    /// The store as a whole was handled: a backup was written, somebody was let in to its keys or taken out, it was restored.
    /// An officer's act is recorded before it is done, so that none is done unrecorded; one that failed then is told too.
    Maintenance {
        /// A code: `backup`, `backup_partial` (keys were missing), `key_file`, `passphrase`, `recovery`, `key_removed`, `store_key`, `bureau_key`, `restored`,
        /// `earlier_copy`.
        what: String,
        /// Tells it from others of its kind: of a key the first eight digits of its id, of what goes on after a restore the
        /// station before. Never a path.
        id: String,
        /// Of a backup of either kind its counter, of keys the generation that follows, of a restore the records that came back, of an
        /// earlier copy the records that this machine had seen beyond it.
        count: u64,
    },
    /// A step of the status machine counts as not having happened: its day was wrong, or it was taken by mistake. The record's
    /// parent is the step; why stands in the person half. Both stay in the history.
    StepWithdrawn {
        dossier: DossierId,
        step: EntryId,
    },
    /// The clock was wrong while a station wrote these records of its chain, both ends included; the records stay. Why stands
    /// in a person half of the bureau.
    StretchNamed {
        station: StationId,
        from: u64,
        to: u64,
    },
    /// The record's station keeps the fund's book from now on: its later lines count.
    BookTaken {
        /// Whose book it was, and the last record of theirs that counts; `None`: nobody kept one.
        from: Option<(StationId, u64)>,
    },
    /// The record's station keeps the book no more: none of its later lines counts.
    BookGiven {
        to: StationId,
    },
    /// Where money lies from now on. Its name stands in a person half of the bureau.
    PlaceOpened(fund::Place),
    /// What money may be used for from now on. Its name stands in a person half of the bureau.
    PurseOpened(fund::Purse),
    /// A line of the book. The record's parents are the records of its purse, its places, and the line that it names.
    FundMoved(fund::Movement),
    FundReserved(fund::Reservation),
    FundReleased(fund::Release),
    /// Numbers of a series of receipts or vouchers that no line has, both ends included: the paper was spoilt, or they were
    /// given by a station that is lost. Why stands in a person half of the bureau.
    NumbersVoided {
        series: String,
        from: u64,
        to: u64,
        on: Day,
    },
    /// A payout for a household is proposed. Whom it is paid to, and why, stands in the household's person half.
    PayoutProposed(fund::Payout),
    /// A step of a payout. Its record's parents are the proposal and the step before; what it takes or gives of the book
    /// stands behind it in the same record.
    PayoutMoved(fund::PayoutStep),
    /// Payouts were sent through the bank, each by a step in the same record.
    BatchSent(fund::Batch),
    /// A case begins anew: somebody asked. Who, and in what words, stands in the person half.
    Applied {
        dossier: DossierId,
        /// The day it was accepted.
        on: Day,
        unit: Option<UnitId>,
        /// Codes of lists `channel`, `asker`, `asked_for_whom`, `help`.
        channel: Option<String>,
        asker: Option<String>,
        for_whom: Option<String>,
        wants: Vec<String>,
    },
    /// The committee has spoken (评议): the step of the status machine. Who sat stands in the person half.
    Deliberated {
        dossier: DossierId,
        on: Day,
        /// How many the committee has, who sat and voted, who stood aside.
        committee: u32,
        present: u32,
        aside: u32,
        agreed: u32,
        against: u32,
    },
    /// The household was posted in its unit (公示): the step of the status machine. Several posted in one list are one record,
    /// an event a household; the exact line stands in the household's own part.
    NoticePosted {
        dossier: DossierId,
        /// First and last day.
        on: Day,
        until: Day,
        unit: Option<UnitId>,
        category: Option<String>,
        survey: Option<EntryId>,
        /// Of the line, keyed by a random value that stands beside it; `None`: no text was kept.
        text_hash: Option<[u8; 32]>,
    },
    /// Exclusions of a survey do not count here; why stands in the person half.
    ExclusionsOverridden {
        dossier: DossierId,
        survey: EntryId,
        codes: Vec<String>,
        on: Day,
    },
    /// Papers as they stand from this record on, each kind for itself.
    PapersNoted {
        dossier: DossierId,
        on: Day,
        papers: Vec<Paper>,
    },
    /// The worker has died.
    WorkerDied {
        dossier: DossierId,
        on: Day,
    },
    /// What a unit's workers are expected to give in a period.
    DonationsPledged(fund::Pledge),
    /// From how many people the receipt before it in the same record came together.
    DonationsCounted(fund::Collection),
    /// What was asked for a year from above, or granted.
    AppropriationNoted(fund::Appropriation),
    /// The end of a period was counted.
    PeriodCounted(fund::Closing),
    /// A closing goes on. The record's parent is that of the step before.
    PeriodMoved(fund::ClosingStep),
    /// What was paid in a year before the book began. The record's parents are those that it replaces.
    FormerYearNoted(fund::FormerYear),
    /// Somebody objects to what a notice says. Who, and in what words, stands in the person half.
    Objected {
        dossier: DossierId,
        on: Day,
        notice: EntryId,
        /// It is the step of the status machine by which the case goes back to checking; of a household in the files, whose
        /// standing it does not change, it is none.
        returns: bool,
    },
    /// An objection was looked into, and whoever objected is told what came of it, in the words of the person half.
    ObjectionSettled {
        dossier: DossierId,
        on: Day,
        objection: EntryId,
        /// It was right.
        upheld: bool,
    },
    /// Households that were kept elsewhere are brought in, each by a record of its own that names this one. The file's name
    /// stands in a person half of the bureau.
    RollBroughtIn {
        /// The day of the roll: what it says is as of that day.
        on: Day,
        households: u32,
        persons: u32,
    },
    /// The household of the same record came with a roll.
    CameWithRoll {
        dossier: DossierId,
        roll: EntryId,
        /// The line of the sheet on which it begins, from 1.
        line: u32,
        /// The category that the roll gives it, and since when.
        category: Option<String>,
        since: Option<Day>,
    },
    /// Rolls are taken over as they stand: the households follow in the same record. Who signed the paper stands in a person
    /// half of the bureau.
    RollTakenOver {
        rolls: Vec<EntryId>,
        on: Day,
        /// On what paper: `济难基金会理事会 2026 第 3 号`.
        document: String,
        households: u32,
    },
    /// A household stands in the files as its roll has it: a step of the status machine, and what puts the category in force.
    TakenOver {
        dossier: DossierId,
        /// The day of the roll.
        on: Day,
        category: String,
        /// Whose name the category goes by.
        rule_set: String,
        /// What came with the roll.
        survey: EntryId,
        /// First and last day of validity; no last day: until something else is approved.
        from: Day,
        until: Option<Day>,
    },
    /// Households are surveyed again in a period. The list is drawn once and kept, so that all figures of the round are about
    /// the same households. Its name stands in a person half of the bureau.
    RoundOpened {
        /// First and last day.
        from: Day,
        to: Day,
        /// The day as of which the list was drawn.
        drawn: Day,
        /// The units that were asked for; none: all of whoever opened it.
        units: Vec<UnitId>,
        households: Vec<DossierId>,
    },
    /// Who is to visit a household in a round from this record on; `None`: nobody. Of several at once it is one record, an
    /// event a household. The record's parents are the round and the assignments it replaces.
    VisitAssigned {
        dossier: DossierId,
        round: EntryId,
        to: Option<OfficerId>,
    },
    /// Somebody went to a household in a round. What they noted stands in the person half.
    VisitMade {
        dossier: DossierId,
        round: EntryId,
        on: Day,
        outcome: VisitOutcome,
        /// When to go again, where a day was named.
        next: Option<Day>,
        /// Nobody goes again in this round.
        is_final: bool,
    },
    /// Nothing more is done in a round. The record's parent is the round.
    RoundClosed {
        round: EntryId,
        on: Day,
        counts: RoundCounts,
    },
    /// At which level a household is kept from that day on, and what the union above says of it. The record's parents are the
    /// notes before it; why it came back stands in the person half.
    LevelNoted {
        dossier: DossierId,
        on: Day,
        level: Level,
        upper: UpperState,
    },
    /// A list of people is begun, each of whom is to be handed the standard of their class. Its name stands in a person half of
    /// the bureau.
    CampaignOpened(fund::Campaign),
    /// Lines come onto the list of a campaign. From which question to the roll or which file stands in a person half of the
    /// bureau; persons outside dossiers who were not known before are added in the same record.
    CampaignFilled {
        campaign: EntryId,
        on: Day,
        source: fund::ReceiverSource,
        lines: Vec<fund::Receiver>,
    },
    /// A step of a campaign. Its record's parents are the campaign and the step before; what it reserves stands behind it in the
    /// same record.
    CampaignMoved(fund::CampaignStep),
    /// A line of a campaign was handed over, came back, or was taken off its list.
    ReceiverMoved(fund::ReceiverStep),
}

/// A paper seen, owed or waived.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Paper {
    /// A code of list `paper`.
    pub kind: String,
    pub state: PaperState,
    pub issued: Option<Day>,
    pub expires: Option<Day>,
    /// Its page in the folder.
    pub page: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum PaperState {
    Seen {
        original: bool,
    },
    /// By a day, where one was named.
    Owed {
        until: Option<Day>,
    },
    /// An approver lets the case go on without it until that day.
    Waived {
        until: Day,
    },
}
