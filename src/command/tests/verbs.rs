//! Every verb of this floor, the duty that it is, and how it is done by somebody: what the walk of the table of duties walks.

use super::*;
use crate::command::rights::duties::Duty;

pub(super) const DAY: &str = "2026-04-01";

/// Everything that a person can do: the verbs, and a step of a case to each status.
macro_rules! verbs {
    ($($verb:ident),+ $(,)?) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Verb {
            Step(Status),
            $($verb),+
        }

        impl Verb {
            pub fn all() -> Vec<Verb> {
                let steps = Status::ALL.into_iter().filter(|to| *to != Status::Draft).map(Verb::Step);
                [$(Verb::$verb),+].into_iter().chain(steps).collect()
            }
        }
    };
}

verbs! {
    Open,
    Lookup,
    Due,
    Queue,
    ToPost,
    Posted,
    PrintPosted,
    Reveal,
    Flips,
    Begin,
    Resume,
    Submit,
    DiscardOwn,
    DiscardOthers,
    HandOver,
    Ask,
    Answer,
    CloseOwn,
    CloseOthers,
    Apply,
    Override,
    NotePapers,
    WaivePapers,
    WorkerDied,
    NoteLevel,
    Object,
    SettleObjection,
    AdoptRules,
    Replay,
    Touched,
    AddForm,
    Looks,
    Logins,
    SetOfficer,
    OpenWay,
    Units,
    Numbers,
    SetSize,
    SetDivision,
    SetBureauName,
    SetLanguage,
    SetNoticeTerm,
    SetAcceptance,
    SetCaseTerm,
    SetSetting,
    SetDay,
    AdoptCalendar,
    Erase,
    Keys,
    Print,
    PrintUncovered,
    Roll,
    RollCovered,
    RollMovement,
    SaveRoll,
    TakeOut,
    Export,
    TakeBook,
    SeeFund,
    FundPeriod,
    FundStatement,
    CheckBook,
    OpenPlace,
    OpenPurse,
    Book,
    Reverse,
    GiveBack,
    Settlement,
    BankFact,
    VoidNumbers,
    Donors,
    GiftReport,
    AddDonor,
    PrintDonor,
    ReceiptPaper,
    Receipts,
    Donate,
    Collect,
    Pledge,
    NoteAppropriation,
    StandingDonations,
    Appropriations,
    CountPeriod,
    CheckPeriod,
    ClosePeriod,
    Closings,
    NoteFormer,
    FormerYears,
    AidReport,
    AidReportLines,
    UpperList,
    AidTimeline,
    ProposeAid,
    CheckAid,
    RefuseAid,
    ApproveAid,
    PostAid,
    WithdrawAid,
    PayCash,
    SettleAid,
    SendBatch,
    BankFile,
    BankAnswer,
    Line,
    Standing,
    Glance,
    Dossiers,
    Queried,
    Drafts,
    Draft,
    MaySurvey,
    BeginSent,
    StepWithQueries,
    AdoptAid,
    Maintenance,
    EndOfficer,
    ShutCredential,
    GiveBlock,
    NumberState,
    MoveAuthority,
    NameStretch,
    ErasableNamed,
    Erasable,
    EraseAll,
    Backup,
    AddKeyFile,
    KeyState,
    AddRecoveryCode,
    RemoveKeyHolder,
    BringKeys,
    RotateStoreKey,
    RotateBureauKey,
    RollRows,
    SavedRolls,
    SavedRoll,
    TakeMovementOut,
    BeginExport,
    Closing,
    DonorNamed,
    LineNamed,
    Payouts,
    PayoutNamed,
    PayoutReason,
    Grants,
    AidHad,
    TryRoll,
    BringIn,
    WaitingRolls,
    TakeOver,
    DrawRound,
    OpenRound,
    Rounds,
    RoundNamed,
    RoundBoard,
    RoundDay,
    AssignVisits,
    ProposeVisits,
    VisitorsOf,
    NoteVisit,
    CloseRound,
    SurveyLag,
    Campaigns,
    CampaignNamed,
    CampaignLines,
    BeginCampaign,
    FillFromRoll,
    FillFromFile,
    DropLines,
    CheckCampaign,
    ReopenCampaign,
    ApproveCampaign,
    CloseCampaign,
    HandingSheet,
    PlacesByHand,
    HandGifts,
    BringBack,
    PersonsFound,
    PersonNamed,
    LinkPerson,
    MayErasePerson,
    ErasePerson,
}

impl Verb {
    pub fn duty(self) -> Duty {
        match self {
            Verb::Open | Verb::Lookup | Verb::Due | Verb::Queue | Verb::ToPost | Verb::Posted => Duty::Open,
            Verb::Reveal => Duty::Reveal,
            Verb::Flips => Duty::SeeFlips,
            Verb::Begin | Verb::Resume | Verb::Submit => Duty::Survey,
            Verb::DiscardOwn => Duty::OwnDraft,
            Verb::DiscardOthers | Verb::HandOver => Duty::OthersDraft,
            Verb::Ask => Duty::Ask,
            Verb::Answer => Duty::AnswerQuery,
            Verb::CloseOwn | Verb::CloseOthers => Duty::CloseQuery,
            Verb::Step(to) => Duty::of_step(to),
            Verb::Apply | Verb::Object => Duty::Verify,
            Verb::SettleObjection => Duty::SettleObjection,
            Verb::Override | Verb::WaivePapers => Duty::OverrideExclusion,
            Verb::NotePapers | Verb::WorkerDied => Duty::NotePapers,
            Verb::NoteLevel => Duty::Process,
            Verb::AdoptRules | Verb::AdoptCalendar => Duty::AdoptRules,
            Verb::Replay | Verb::Touched => Duty::Replay,
            Verb::AddForm => Duty::AddForm,
            Verb::Looks => Duty::SeeLooks,
            Verb::Logins => Duty::SeeLogins,
            Verb::SetOfficer | Verb::OpenWay => Duty::SetPeople,
            Verb::Units => Duty::SetUnits,
            Verb::Numbers | Verb::TakeBook => Duty::SetNumbers,
            Verb::ProposeAid => Duty::ProposeAid,
            Verb::CheckAid | Verb::RefuseAid | Verb::PostAid => Duty::CheckAid,
            Verb::ApproveAid | Verb::WithdrawAid => Duty::DecideAid,
            Verb::PayCash | Verb::SettleAid | Verb::SendBatch | Verb::BankFile | Verb::BankAnswer => Duty::PayAid,
            Verb::FundPeriod | Verb::SeeFund | Verb::FundStatement | Verb::CheckBook => Duty::SeeFund,
            Verb::Donors | Verb::GiftReport | Verb::Receipts | Verb::StandingDonations | Verb::Appropriations => {
                Duty::SeeFund
            }
            Verb::AddDonor | Verb::PrintDonor | Verb::ReceiptPaper => Duty::KeepDonors,
            Verb::GiveBack => Duty::KeepBook,
            Verb::Settlement => Duty::SeeFund,
            Verb::Closings | Verb::FormerYears | Verb::AidReport | Verb::AidReportLines => Duty::SeeFund,
            Verb::UpperList => Duty::TakeOut,
            Verb::AidTimeline => Duty::Open,
            Verb::CheckPeriod => Duty::CheckPeriod,
            Verb::ClosePeriod => Duty::ClosePeriod,
            Verb::CountPeriod | Verb::NoteFormer => Duty::KeepBook,
            Verb::Donate | Verb::Collect | Verb::Pledge | Verb::NoteAppropriation => Duty::KeepBook,
            Verb::OpenPlace | Verb::OpenPurse | Verb::Book | Verb::Reverse | Verb::BankFact | Verb::VoidNumbers => {
                Duty::KeepBook
            }
            Verb::SetSize
            | Verb::SetDivision
            | Verb::SetBureauName
            | Verb::SetLanguage
            | Verb::SetNoticeTerm
            | Verb::SetAcceptance
            | Verb::SetCaseTerm
            | Verb::SetSetting
            | Verb::SetDay => Duty::SetBureau,
            Verb::Erase => Duty::Erase,
            Verb::Keys => Duty::KeepStore,
            Verb::Print | Verb::PrintUncovered | Verb::PrintPosted => Duty::Print,
            Verb::Roll | Verb::RollMovement | Verb::SaveRoll => Duty::Roll,
            Verb::RollCovered => Duty::RollCovered,
            Verb::TakeOut => Duty::TakeOut,
            Verb::Export | Verb::BeginExport => Duty::Export,
            Verb::Line | Verb::Standing | Verb::Glance | Verb::Dossiers | Verb::Queried => Duty::Open,
            Verb::Payouts | Verb::PayoutNamed | Verb::PayoutReason | Verb::AidHad => Duty::Open,
            // What an illness costs is how it is worked out.
            Verb::Grants => Duty::RollCovered,
            Verb::Drafts | Verb::Draft => Duty::OthersDraft,
            Verb::MaySurvey | Verb::BeginSent => Duty::Survey,
            Verb::StepWithQueries => Duty::Verify,
            Verb::AdoptAid => Duty::AdoptRules,
            Verb::Maintenance => Duty::SeeLogins,
            Verb::EndOfficer | Verb::ShutCredential => Duty::SetPeople,
            Verb::GiveBlock | Verb::NumberState | Verb::MoveAuthority => Duty::SetNumbers,
            Verb::ErasableNamed | Verb::Erasable | Verb::EraseAll => Duty::Erase,
            Verb::NameStretch | Verb::Backup | Verb::AddKeyFile | Verb::KeyState | Verb::AddRecoveryCode => {
                Duty::KeepStore
            }
            Verb::BringKeys | Verb::RemoveKeyHolder | Verb::RotateStoreKey | Verb::RotateBureauKey => Duty::KeepStore,
            Verb::RollRows | Verb::SavedRolls | Verb::SavedRoll => Duty::Roll,
            Verb::TakeMovementOut => Duty::TakeOut,
            Verb::Closing | Verb::DonorNamed | Verb::LineNamed => Duty::SeeFund,
            Verb::TryRoll | Verb::BringIn => Duty::Import,
            Verb::WaitingRolls => Duty::Open,
            Verb::TakeOver => Duty::Approve,
            Verb::DrawRound | Verb::OpenRound | Verb::AssignVisits | Verb::ProposeVisits => Duty::PlanRound,
            Verb::VisitorsOf | Verb::CloseRound => Duty::PlanRound,
            Verb::Rounds | Verb::RoundNamed | Verb::RoundBoard | Verb::RoundDay | Verb::SurveyLag => Duty::Open,
            Verb::NoteVisit => Duty::Survey,
            Verb::Campaigns | Verb::CampaignNamed | Verb::CampaignLines => Duty::Open,
            Verb::BeginCampaign | Verb::FillFromRoll | Verb::FillFromFile | Verb::DropLines => Duty::ProposeAid,
            Verb::CheckCampaign | Verb::ReopenCampaign => Duty::CheckAid,
            Verb::ApproveCampaign | Verb::CloseCampaign => Duty::DecideAid,
            Verb::PlacesByHand | Verb::HandingSheet | Verb::HandGifts | Verb::BringBack => Duty::PayAid,
            Verb::PersonsFound | Verb::PersonNamed => Duty::Open,
            Verb::LinkPerson => Duty::Survey,
            Verb::MayErasePerson | Verb::ErasePerson => Duty::Erase,
        }
    }

    /// Whether it is about the household, so that its unit counts.
    pub fn is_of_household(self) -> bool {
        use Verb::*;
        matches!(
            self,
            Open | Print
                | PrintUncovered
                | Reveal
                | Flips
                | Begin
                | Ask
                | Answer
                | CloseOwn
                | CloseOthers
                | Step(_)
                | AidTimeline
                | ProposeAid
                | CheckAid
                | RefuseAid
                | ApproveAid
                | PostAid
                | WithdrawAid
                | PayCash
                | SettleAid
                | Apply
                | Override
                | NotePapers
                | WaivePapers
                | WorkerDied
                | NoteLevel
                | Object
                | SettleObjection
                | Line
                | Standing
                | Glance
                | Dossiers
                | Queried
                | StepWithQueries
                | RollRows
                | Payouts
                | PayoutNamed
                | PayoutReason
                | Grants
                | AidHad
                | NoteVisit
                | LinkPerson
        )
    }

    /// Whether it is about what somebody else of the household's unit began.
    pub fn is_of_others_work(self) -> bool {
        use Verb::*;
        matches!(self, DiscardOthers | HandOver | Drafts | Draft)
    }
}
