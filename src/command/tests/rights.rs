//! The walk of the table of duties: every verb of this floor × every role × own and other unit, before and after rights are
//! taken back. What is not in the table cannot be written at all: writing takes a permit, and a permit is of a duty.

use super::*;
use crate::command::Act;
use crate::command::queries::QueryLine;
use crate::command::rights::duties::{Duty, Role, Span};
use crate::command::roll::movement::Lines;
use crate::command::roll::{NotARoll, RollQuery};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Paper, PaperState};
use crate::domain::{Credential, DraftId, Entrance, EntryId, Subject, UnitId};
use crate::views::OfficerRow;

pub(super) const DAY: &str = "2026-04-01";

/// Everything that a person can do, and the duty that it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verb {
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
    Step(Status),
    Apply,
    Override,
    NotePapers,
    WaivePapers,
    WorkerDied,
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
    BankFact,
    VoidNumbers,
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
}

impl Verb {
    fn all() -> Vec<Verb> {
        use Verb::*;
        let mut all = vec![
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
            BankFact,
            VoidNumbers,
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
        ];
        all.extend(Status::ALL.into_iter().filter(|to| *to != Status::Draft).map(Step));
        all
    }

    fn duty(self) -> Duty {
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
            Verb::Apply => Duty::Verify,
            Verb::Override | Verb::WaivePapers => Duty::OverrideExclusion,
            Verb::NotePapers | Verb::WorkerDied => Duty::NotePapers,
            Verb::AdoptRules => Duty::AdoptRules,
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
            Verb::OpenPlace | Verb::OpenPurse | Verb::Book | Verb::Reverse | Verb::BankFact | Verb::VoidNumbers => {
                Duty::KeepBook
            }
            Verb::Erase => Duty::Erase,
            Verb::Keys => Duty::KeepStore,
            Verb::Print | Verb::PrintUncovered | Verb::PrintPosted => Duty::Print,
            Verb::Roll | Verb::RollMovement | Verb::SaveRoll => Duty::Roll,
            Verb::RollCovered => Duty::RollCovered,
            Verb::TakeOut => Duty::TakeOut,
            Verb::Export => Duty::Export,
        }
    }

    /// Whether it is about the household, so that its unit counts.
    fn is_of_household(self) -> bool {
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
        )
    }
}

pub(super) struct Scene {
    pub office: Office,
    pub dossier: DossierId,
    pub unit: UnitId,
    pub elsewhere: UnitId,
    query: QueryLine,
    pub others_draft: DraftId,
}

impl Scene {
    pub fn new(folder: &Path) -> Scene {
        let office = office(folder, 7, "2026-03-10");
        let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
        let unit = office.status(dossier, Horizon::NOW).unwrap().unit.unwrap();
        let units = office.units().unwrap();
        let is_above = |one: UnitId| units.iter().any(|u| u.parent == Some(one));
        let elsewhere = units.iter().map(|u| u.unit).find(|one| *one != unit && !is_above(*one)).unwrap();
        office.open(dossier, on("2026-03-11")).unwrap().ask(None, "inc_wage", "请核对").unwrap();
        let query = office.query(dossier, "1").unwrap();
        // Somebody's draft of the household.
        let her = office.add_officer("示例甲", "one", &["surveyor"], &[unit], on("2026-03-11")).unwrap();
        let hers = office.seat(her, SessionContext::program("test"));
        let others_draft = draft(&hers, Some(dossier)).unwrap();
        Scene { office, dossier, unit, elsewhere, query, others_draft }
    }

    /// Somebody new with these roles in that unit.
    pub fn seat(&self, roles: &[&str], units: &[UnitId]) -> Office {
        let name = format!("示例{}", self.office.officers().unwrap().len());
        let officer = self.office.add_officer(&name, &name, roles, units, on("2026-03-12")).unwrap();
        self.office.seat(officer, SessionContext::program("test"))
    }

    /// A payout that somebody proposed for the household.
    fn payout(&self) -> crate::views::fund::PayoutRow {
        let id = EntryId([0x77; 16]);
        if let Some(row) = crate::views::fund::payout(&self.office.store, &self.office.keys, id).unwrap() {
            return row;
        }
        let payout = crate::domain::fund::Payout {
            dossier: self.dossier,
            unit: Some(self.unit),
            person: None,
            aid: "P7".into(),
            event: "2026".into(),
            category: "1".into(),
            survey: EntryId([1; 16]),
            draws: Vec::new(),
            on: on(DAY).today,
            papers_by: None,
        };
        let act = Act::new(id, on(DAY).at, Subject::Bureau, Ledger::PayoutProposed(payout));
        self.office.keep(&act).unwrap();
        self.payout()
    }

    /// Does it, as far as rights go: what comes after (a step that the status does not allow) is no refusal of a right.
    fn does(&self, seat: &Office, verb: Verb) -> Result<(), Failure> {
        let now = on(DAY);
        let open = || seat.open(self.dossier, now);
        match verb {
            Verb::Open => open().map(drop),
            Verb::Lookup => seat.lookup("示例", 5, now).map(drop),
            Verb::Due => match seat.due_until(on("2030-01-01").today, 10, now)?.is_empty() {
                true => seat.may(Duty::Open, now).map(drop),
                false => Ok(()),
            },
            // Whoever may open none has nothing that waits.
            Verb::Queue => match seat.queue(&Default::default(), now)?.lines.is_empty() {
                true => seat.may(Duty::Open, now).map(drop),
                false => Ok(()),
            },
            Verb::ToPost => match seat.to_post(&[], now)?.is_empty() {
                true => seat.may(Duty::Open, now).map(drop),
                false => Ok(()),
            },
            Verb::Posted => match seat.posted(&[], now.today, now)?.is_empty() {
                true => seat.may(Duty::Open, now).map(drop),
                false => Ok(()),
            },
            Verb::PrintPosted => seat.print_posted(&[], now),
            Verb::Reveal => open()?.reveal("银行要核对姓名"),
            Verb::Print => open()?.print(None).map(drop),
            Verb::PrintUncovered => open()?.print(Some("归档需要签字的原表")).map(drop),
            Verb::Flips => {
                let (_, _, decision) = open()?.explain(Horizon::NOW)?;
                match decision.flips.is_empty() {
                    true => Err(Failure::NeedsRole { role: Duty::SeeFlips.first_role() }),
                    false => Ok(()),
                }
            }
            Verb::Begin => draft(seat, Some(self.dossier)).and_then(|draft| seat.discard_draft(draft, now)),
            Verb::Resume => {
                let form = library().hardship().unwrap().clone();
                let (surveying, _) = seat.resume(draft(seat, None)?, form, now)?;
                surveying.discard(seat)
            }
            Verb::Submit => {
                let form = library().hardship().unwrap().clone();
                let begin = Begin { dossier: None, form, corrects: None, on_disk: false };
                let mut surveying = seat.begin(begin, now)?;
                match seat.submit(&mut surveying, now, false) {
                    // It is empty, which is no matter of rights.
                    Err(Failure::Survey(_)) => Ok(()),
                    other => other.map(drop),
                }
            }
            Verb::DiscardOwn => draft(seat, None).and_then(|draft| seat.discard_draft(draft, now)),
            Verb::DiscardOthers => match seat.discard_others_draft(self.others_draft, "短", now) {
                Err(Failure::NotAReason { .. }) => Ok(()),
                other => other,
            },
            Verb::HandOver => match seat.hand_over_draft(self.others_draft, seat.officer(), "短", now) {
                Err(Failure::NotAReason { .. }) => Ok(()),
                other => other,
            },
            Verb::Ask => open()?.ask(None, "inc_wage", "请核对").map(drop),
            Verb::Answer => open()?.answer_query(&self.query, "已核对"),
            Verb::CloseOwn => {
                let household = open()?;
                household.ask(None, "inc_wage", "请核对")?;
                let own = household.queries(Horizon::NOW)?.into_iter().rev().find(|q| q.said[0].by == seat.officer());
                household.close_query(&own.unwrap(), "")
            }
            Verb::CloseOthers => match open()?.close_query(&self.query, &"长".repeat(3_000)) {
                Err(Failure::TextTooLong { .. }) => Ok(()),
                other => other,
            },
            Verb::Step(to) => match open()?.move_status(to, now.today, None, Some(&"长".repeat(3_000))) {
                Err(Failure::NotAllowed(_) | Failure::TextTooLong { .. } | Failure::Case(_)) => Ok(()),
                other => other,
            },
            Verb::Apply => match open()?.apply(&Default::default(), now.today) {
                Err(Failure::NotAllowed(_)) => Ok(()),
                other => other,
            },
            Verb::Override => match open()?.override_exclusions(&["X1".into()], now.today, "短") {
                Err(Failure::NotAReason { .. }) => Ok(()),
                other => other,
            },
            Verb::NotePapers => open()?.note_papers(vec![paper(PaperState::Seen { original: true })], now.today, None),
            Verb::WaivePapers => {
                match open()?.note_papers(vec![paper(PaperState::Waived { until: now.today })], now.today, None) {
                    Err(Failure::NotAReason { .. }) => Ok(()),
                    other => other,
                }
            }
            Verb::WorkerDied => match open()?.worker_died(now.today, Some(&"长".repeat(3_000))) {
                Err(Failure::TextTooLong { .. }) => Ok(()),
                other => other,
            },
            Verb::AdoptRules => {
                let none = crate::command::adopting::Proposed::Brought("none");
                match seat.adopt_rules(none, "示例 2026 第 3 号", now.today, (None, None), now) {
                    Err(Failure::NotInList { .. }) => Ok(()),
                    other => other.map(drop),
                }
            }
            Verb::Touched => seat.touched(now).map(drop),
            Verb::Replay => seat.replay(library().rule_sets().get("genhe-2026").unwrap(), now).map(drop),
            Verb::AddForm => {
                let book = [("survey.csv", b"type,name,label\ntext,a,A\n".as_slice())];
                let book = crate::form::Book::from_csv(book).unwrap();
                seat.add_form(&book, "walk", now).map(drop)
            }
            Verb::Looks => seat.looks(Stamp(0), 5, now).map(drop),
            Verb::Logins => seat.logins(Stamp(0), 5, now).map(drop),
            Verb::SetOfficer => {
                let row = OfficerRow {
                    officer: seat.new_officer()?,
                    roles: vec!["king".into()],
                    units: Vec::new(),
                    until: None,
                    zh: "示例".into(),
                    en: "sample".into(),
                    at: now.at,
                    entry: EntryId([0; 16]),
                    over: Vec::new(),
                };
                match seat.set_officer(&row, now) {
                    Err(Failure::NoSuchRole { .. }) => Ok(()),
                    other => other,
                }
            }
            Verb::OpenWay => {
                let terms = crate::command::logins::Terms { officer: Some(seat.officer()), ..Default::default() };
                let way = Credential::Key(format!("ssh-ed25519 {}", seat.officer().hex()));
                seat.open_credential(&way, terms, now)
            }
            Verb::Units => seat.import_units(library().units(), now).map(drop),
            Verb::Numbers => seat.give_numbers(now).map(drop),
            Verb::Erase => match seat.may_erase(self.dossier, now) {
                Err(Failure::NotErasable(_)) => Ok(()),
                other => other.map(drop),
            },
            Verb::Roll => seat.roll(&roll("status", "all"), now).map(drop),
            Verb::RollCovered => match seat.roll(&roll("health", "41"), now) {
                Err(Failure::Roll(NotARoll::Covered { .. })) => {
                    Err(Failure::NeedsRole { role: Duty::RollCovered.first_role() })
                }
                other => other.map(drop),
            },
            Verb::RollMovement => {
                let from = on("2026-01-01").today;
                seat.roll_movement(from, now.today, Lines::Unit, &[], now).map(drop)
            }
            Verb::SaveRoll => seat.save_roll("示例", Some(&roll("status", "all")), now),
            Verb::TakeOut => seat.take_out(&seat.roll(&roll("status", "all"), now)?, "export", true, now).map(drop),
            Verb::Export => seat.may_export(now),
            Verb::TakeBook => seat.take_book(now),
            Verb::SeeFund => seat.fund_state(now.today, now).map(drop),
            Verb::FundPeriod => seat.fund_period(None, now.today, now.today, now).map(drop),
            Verb::FundStatement => of_the_book(seat.fund_statement("gifts", now.today, now.today, now)),
            Verb::CheckBook => seat.check_book(None, now).map(drop),
            // What the book says of it comes after the right.
            Verb::OpenPlace => {
                let kind = crate::domain::fund::PlaceKind::Cash;
                let (zh, en) = ("示例".to_owned(), "sample".to_owned());
                let new = crate::command::fund::NewPlace { code: "cash".into(), kind, zh, en, since: now.today };
                of_the_book(seat.open_place(&new, now))
            }
            Verb::OpenPurse => {
                let new = crate::command::fund::NewPurse {
                    code: "gifts".into(),
                    source: "S01".into(),
                    kinds: Vec::new(),
                    household: None,
                    zh: "示例".into(),
                    en: "sample".into(),
                    since: now.today,
                    until: None,
                };
                of_the_book(seat.open_purse(&new, now))
            }
            Verb::Book => {
                let booking = crate::command::fund::Booking {
                    kind: crate::domain::fund::MovementKind::Receipt,
                    purse: "gifts".into(),
                    from: None,
                    to: Some("cash".into()),
                    amount: crate::domain::Fen(100),
                    on: now.today,
                    document: String::new(),
                    names: None,
                };
                of_the_book(seat.book(&booking, now))
            }
            Verb::Reverse => of_the_book(seat.reverse(NO_LINE, now.today, "", now)),
            Verb::BankFact => of_the_book(seat.bank_fact(NO_LINE, crate::domain::Fen(1), now.today, "", now)),
            Verb::VoidNumbers => match seat.void_numbers("r-general-2026", 0, "短", now) {
                Err(Failure::NotAReason { .. }) => Ok(()),
                other => of_the_book(other),
            },
            Verb::ProposeAid => {
                let new = crate::command::fund::NewPayout {
                    aid: "P4".into(),
                    event: "2026".into(),
                    draws: Vec::new(),
                    why: "示例事由共六字".into(),
                    papers_by: None,
                };
                of_the_book(open()?.propose_aid(&new))
            }
            Verb::CheckAid => of_the_book(seat.check_payout(&self.payout(), now)),
            Verb::RefuseAid => of_the_book(seat.refuse_payout(&self.payout(), "短", now)),
            Verb::ApproveAid => of_the_book(seat.approve_payout(&self.payout(), None, now)),
            Verb::PostAid => of_the_book(seat.post_payout(&self.payout(), None, now)),
            Verb::WithdrawAid => of_the_book(seat.withdraw_payout(&self.payout(), "示例事由共六字", now)),
            Verb::PayCash => of_the_book(seat.pay_in_cash(&self.payout(), "cash", "本人", now)),
            Verb::SettleAid => of_the_book(seat.settle_payout(&self.payout(), "签收表", now)),
            Verb::SendBatch => {
                let control = crate::command::fund::Control { count: 9, sum: crate::domain::Fen(1) };
                of_the_book(seat.send_batch("bank", control, &[], now))
            }
            Verb::BankFile => of_the_book(seat.batch_named("ffff", now).and_then(|row| seat.bank_lines(&row, now))),
            Verb::BankAnswer => {
                of_the_book(seat.batch_named("ffff", now).and_then(|row| seat.take_answer(&row, "", now)))
            }
            Verb::Keys => match seat.set_passphrase("短", now) {
                Err(Failure::Seal(_)) => Ok(()),
                other => other,
            },
        }
    }
}

fn paper(state: PaperState) -> Paper {
    Paper { kind: "hukou".into(), state, issued: None, expires: None, page: None }
}

fn roll(filter: &str, value: &str) -> RollQuery {
    RollQuery::default().with(filter, [value])
}

const NO_LINE: crate::domain::fund::LineId = crate::domain::fund::LineId { entry: EntryId([0; 16]), line: 0 };

/// What the book does not take is no matter of rights.
fn of_the_book<T>(result: Result<T, Failure>) -> Result<(), Failure> {
    match result {
        Err(Failure::Fund(_) | Failure::NotPayable(_) | Failure::NoSuchPayout { .. } | Failure::NotAReason { .. }) => {
            Ok(())
        }
        other => other.map(drop),
    }
}

/// A draft on disk, of that household or of a new one.
fn draft(seat: &Office, dossier: Option<DossierId>) -> Result<DraftId, Failure> {
    let form = library().hardship().unwrap().clone();
    let surveying = seat.begin(Begin { dossier, form, corrects: None, on_disk: true }, on(DAY))?;
    Ok(surveying.keeping.head.draft)
}

fn is_refusal(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::NeedsRole { .. }
            | Failure::NoSuchDossier { .. }
            | Failure::NeedsReason
            | Failure::NotYourWork { .. }
            | Failure::NobodyHere { .. }
            | Failure::HasLeft { .. }
    )
}

#[track_caller]
fn refused(result: Result<(), Failure>, what: &str) {
    match result {
        Err(failure) if is_refusal(&failure) => {}
        Err(other) => panic!("{what}: {other:?}"),
        Ok(()) => panic!("{what}: it was done"),
    }
}

#[test]
fn every_verb_asks_the_table_for_every_role_and_unit() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    for role in Role::ALL {
        let seats = [
            (true, scene.seat(&[role.code()], &[scene.unit])),
            (false, scene.seat(&[role.code()], &[scene.elsewhere])),
            (true, scene.seat(&[role.code()], &[])),
        ];
        for (own, seat) in &seats {
            for verb in Verb::all() {
                let span = verb.duty().span(role);
                // Whose draft and query it is counts too.
                let of_work = match verb {
                    Verb::CloseOthers => span >= Span::Units,
                    Verb::DiscardOthers | Verb::HandOver => span >= Span::Units && *own,
                    _ => true,
                };
                let in_reach = !verb.is_of_household() || *own;
                let needs_open = verb.is_of_household() && Duty::Open.span(role) == Span::No;
                // Closing one's own needs one of one's own.
                let can_ask = verb != Verb::CloseOwn || Duty::Ask.span(role) > Span::No;
                let may = span > Span::No && of_work && in_reach && !needs_open && can_ask;
                let what = format!("{} {verb:?}, own unit: {own}", role.code());
                match may {
                    true => scene.does(seat, verb).unwrap_or_else(|failure| panic!("{what}: {failure:?}")),
                    false => refused(scene.does(seat, verb), &what),
                }
            }
        }
    }
    assert!(scene.office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn after_a_role_a_unit_or_the_last_day_is_taken_back_nothing_more_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let (unit, elsewhere) = (scene.unit, scene.elsewhere);
    type Taken = fn(&mut OfficerRow, UnitId);
    let ways: [(&str, Taken); 3] = [
        ("role", |row, _| row.roles = vec!["of_another_program".into()]),
        ("unit", |row, elsewhere| row.units = vec![elsewhere]),
        ("last day", |row, _| row.until = Some(on("2026-03-31").today)),
    ];
    for role in Role::ALL {
        for (name, take) in ways {
            let seat = scene.seat(&[role.code()], &[unit]);
            let before: Vec<Verb> = Verb::all().into_iter().filter(|verb| scene.does(&seat, *verb).is_ok()).collect();
            // What is open stays open on the screen, and does nothing more.
            let household = seat.open(scene.dossier, on(DAY)).ok();
            let mut row = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap();
            take(&mut row, elsewhere);
            // As another program may have recorded it, with a role that this one does not know, and by a clock set back.
            let OfficerRow { officer, roles, units, until, entry, .. } = row;
            let ledger = Ledger::OfficerAdded { officer, roles, units, until };
            let act = Act::new(scene.office.new_entry().unwrap(), on("2026-03-01").at, Subject::Bureau, ledger);
            scene.office.keep(&act.parents([entry])).unwrap();
            for verb in before {
                let unit_counts = verb.is_of_household() || [Verb::DiscardOthers, Verb::HandOver].contains(&verb);
                if name != "unit" || unit_counts {
                    refused(scene.does(&seat, verb), &format!("{} {verb:?} after losing the {name}", role.code()));
                }
            }
            if let Some(household) = household {
                for duty in [Duty::Reveal, Duty::Ask, Duty::AnswerQuery, Duty::Review] {
                    assert!(!household.may(duty), "{} {duty:?} on an open handle", role.code());
                }
                refused(household.reveal("银行要核对姓名"), "an open handle");
            }
        }
    }
}

#[test]
fn a_survey_that_was_open_when_the_role_was_taken_back_is_not_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["surveyor"], &[]);
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form, corrects: None, on_disk: true };
    let mut surveying = seat.begin(begin, on("2026-03-20")).unwrap();
    steps("accident").iter().for_each(|step| drop(surveying.answer(&seat, step).unwrap()));
    let mut row = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap();
    row.roles = vec!["cashier".into()];
    scene.office.set_officer(&row, on("2026-03-20")).unwrap();
    let records = scene.office.store.position();
    let refused = seat.submit(&mut surveying, on("2026-03-20"), false).unwrap_err();
    assert!(matches!(refused, Failure::NeedsRole { role: Role::Surveyor }), "{refused:?}");
    assert_eq!(scene.office.store.position(), records);
    // The draft is there, and is theirs again with the role.
    let draft = surveying.keeping.head.draft;
    drop(surveying);
    row.roles = vec!["surveyor".into()];
    scene.office.set_officer(&row, on("2026-03-19")).unwrap();
    let form = library().hardship().unwrap().clone();
    let (mut surveying, _) = seat.resume(draft, form, on("2026-03-20")).unwrap();
    seat.submit(&mut surveying, on("2026-03-20"), false).unwrap_or_else(|failure| panic!("{}", said(&failure)));
}

#[test]
fn a_household_of_another_unit_is_opened_for_a_reason_that_the_supervisor_sees() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let number = scene.office.status(scene.dossier, Horizon::NOW).unwrap().number;
    let reviewer = scene.seat(&["reviewer"], &[scene.elsewhere]);
    let supervisor = scene.seat(&["supervisor"], &[scene.unit]);
    let auditor = scene.seat(&["audit_administrator"], &[]);
    let now = on(DAY);
    assert!(matches!(reviewer.find(&number, now), Err(Failure::NeedsReason)));
    // Six Chinese characters are a reason, five are none.
    assert!(matches!(reviewer.find_because(&number, "重复申报核", now), Err(Failure::NotAReason { .. })));
    let looks = |office: &Office| {
        let looks = office.looks(on(DAY).at, 50, now).unwrap();
        looks.into_iter().filter(|look| look.important).collect::<Vec<_>>()
    };
    assert_eq!(looks(&supervisor).len(), 0, "nothing was seen yet");
    let household = reviewer.find_because(&number, "重复申报核对", now).unwrap();
    // Reading is all that a reason gives.
    assert!(household.may(Duty::Reveal) && !household.may(Duty::Review) && !household.may(Duty::Ask));
    assert!(reviewer.open(scene.dossier, now).is_ok(), "in the same session no second reason");
    let line = looks(&supervisor).remove(0);
    assert!(line.important && line.by == reviewer.officer() && line.why.as_deref() == Some("重复申报核对"));
    // Whoever audits sees that, and no words about people; the household's own history shows all of it.
    assert_eq!(looks(&auditor)[0].why, None);
    assert!(scene.office.open(scene.dossier, now).unwrap().looks().unwrap().iter().any(|look| look.important));
    assert!(matches!(reviewer.looks(Stamp(0), 9, now), Err(Failure::NeedsRole { role: Role::Supervisor })));
    // Another session, another reason.
    let again = scene.office.seat(reviewer.officer(), SessionContext::program("test"));
    assert!(matches!(again.find(&number, now), Err(Failure::NeedsReason)));
}

#[test]
fn a_dossier_whose_case_is_over_is_opened_for_a_reason_only() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    assert!(office.open(dossier, on(DAY)).is_ok());
    for to in [Status::Verifying, Status::Rejected] {
        step(&office, dossier, to, "2026-03-20", None, Some("不符合条件")).unwrap();
    }
    assert!(matches!(office.open(dossier, on(DAY)), Err(Failure::NeedsReason)));
    assert!(office.find_because(&dossier.hex(), "家属来问结果如何", on(DAY)).is_ok());
    assert!(office.open(dossier, on(DAY)).is_ok());
}

#[test]
fn opening_a_household_is_one_record_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["cashier"], &[]);
    let looks = || {
        let all = scene.office.looks_at(scene.dossier).unwrap();
        all.into_iter().filter(|look| look.by == seat.officer()).map(|look| look.what).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        seat.open(scene.dossier, on(DAY)).unwrap();
    }
    assert_eq!(looks(), ["open"]);
    seat.open(scene.dossier, on(DAY)).unwrap().reveal("银行要核对姓名").unwrap();
    assert_eq!(looks(), ["reveal", "open"]);
    seat.line(scene.dossier, on(DAY)).unwrap();
    assert_eq!(looks().len(), 2, "a list opens nothing");
}

#[test]
fn a_household_is_filed_in_a_unit_of_ones_own_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let file = |seat: &Office| {
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: None, form, corrects: None, on_disk: false };
        let mut surveying = seat.begin(begin, on(DAY)).unwrap();
        steps("illness").iter().for_each(|step| drop(surveying.answer(seat, step).unwrap()));
        seat.submit(&mut surveying, on(DAY), false)
    };
    let refused = file(&scene.seat(&["surveyor"], &[scene.elsewhere])).unwrap_err();
    assert!(matches!(refused, Failure::OtherUnit { .. }) && refused.is_about_the_answers(), "{refused:?}");
    let seat = scene.seat(&["surveyor"], &[scene.unit]);
    let filed = file(&seat).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    assert!(seat.open(filed.dossier, on(DAY)).is_ok());
}

#[test]
fn nobody_acts_whom_no_record_knows_and_a_claim_makes_somebody() {
    let folder = tempfile::tempdir().unwrap();
    {
        let office = office(folder.path(), 7, "2026-03-10");
        survey(&office, None, None, &steps("illness"), "2026-03-10");
        office.close().unwrap();
    }
    let open = |user: &str, uid: u32| {
        let now = on("2026-04-01");
        opening::open(OpenOffice {
            machine: b"test".to_vec(),
            user: user.into(),
            context: SessionContext { entrance: Entrance::Folder { uid }, ..SessionContext::program("test") },
            ..OpenOffice::new(folder.path(), library(), Box::new(SeededRandom::new(9)), now)
        })
        .unwrap()
        .office
    };
    let stranger = open("stranger", 1001);
    let records = stranger.store.position();
    for verb in [Duty::Open, Duty::Survey, Duty::SetPeople, Duty::KeepStore] {
        let refused = stranger.may(verb, on("2026-04-01")).err();
        assert!(matches!(refused, Some(Failure::NobodyHere { ref user }) if user == "stranger"), "{refused:?}");
    }
    assert!(stranger.lookup("示例", 5, on("2026-04-01")).is_err());
    assert_eq!(stranger.store.position(), records, "and nothing was recorded as somebody else's");
    // Whoever unlocked the folder says who they are, by a record; of another uid it cannot be said.
    let first = stranger.officers().unwrap()[0].officer;
    assert!(stranger.claim(first, 1002, on("2026-04-01")).is_err());
    stranger.claim(first, 1001, on("2026-04-01")).unwrap();
    assert_eq!(stranger.officer_of_uid(1001, on("2026-04-01").today).unwrap(), Some(first));
    let other =
        stranger.seat(first, stranger.context()).add_officer("示例乙", "two", &["surveyor"], &[], on("2026-04-01"));
    assert!(matches!(stranger.claim(other.unwrap(), 1001, on("2026-04-01")), Err(Failure::CredentialTaken { .. })));
    assert!(stranger.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn what_the_bureau_keeps_is_not_done_from_afar() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let afar = SessionContext { afar: true, ..SessionContext::program("test") };
    let all = office.add_officer("示例甲", "one", &Role::ALL.map(Role::code), &[], on("2026-03-10")).unwrap();
    let seat = office.seat(all, afar);
    for duty in Duty::ALL {
        let refused = seat.may(*duty, on(DAY)).err();
        assert_eq!(refused.is_none(), duty.from_afar(), "{duty:?}");
        assert!(refused.is_none_or(|failure| matches!(failure, Failure::NotFromAfar)));
    }
}

#[test]
fn a_head_that_left_proves_later_that_nothing_was_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store");
    let office = super::office(&place, 7, "2026-03-10");
    assert_eq!(office.last_head_given(), None);
    survey(&office, None, None, &steps("illness"), "2026-03-10");
    office.close().unwrap();
    let older = folder.path().join("older");
    copy_folder(&place, &older);
    let code = {
        let office = super::office(&place, 8, "2026-03-11");
        let dossier = office.dossiers(on("2026-03-11")).unwrap()[0];
        office.open(dossier, on("2026-03-11")).unwrap().reveal("银行要核对姓名").unwrap();
        let given = office.give_head(on("2026-03-11")).unwrap().unwrap();
        assert_eq!(office.last_head_given(), Some(given.clone()));
        let code = crate::log::HeadCode::parse(&given.code).unwrap();
        assert!(office.verify(Some(&code), false, |_, _| {}).unwrap().holds());
        code
    };
    // The older copy in the place of what was: the chain holds by itself, and not against the code.
    for name in ["journal", "sled", "keys"] {
        std::fs::remove_dir_all(place.join(name)).unwrap();
        copy_folder(&older.join(name), &place.join(name));
    }
    let office = super::office(&place, 9, "2026-03-12");
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
    assert!(!office.verify(Some(&code), true, |_, _| {}).unwrap().holds());
}

#[test]
fn whoever_has_lost_the_role_sees_no_drafts_and_no_erasable_dossiers() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let seat = scene.seat(&["surveyor"], &[scene.unit]);
    draft(&seat, Some(scene.dossier)).unwrap();
    assert_eq!(seat.drafts(on(DAY)).unwrap().0.len(), 1);
    let mut row = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap();
    // The household is another unit's now: what stands in the dossier is not told, the draft is theirs.
    row.units = vec![scene.elsewhere];
    scene.office.set_officer(&row, on("2026-03-31")).unwrap();
    let line = seat.drafts(on(DAY)).unwrap().0.remove(0);
    assert_eq!((line.number, line.name), (None, None));
    row.roles = vec!["security_administrator".into()];
    row.entry = scene.office.officers().unwrap().into_iter().find(|o| o.officer == seat.officer()).unwrap().entry;
    scene.office.set_officer(&row, on("2026-03-31")).unwrap();
    assert_eq!(seat.drafts(on(DAY)).unwrap().0.len(), 0);
    assert!(matches!(seat.erasable(on("2045-01-01")), Err(Failure::NeedsRole { .. })));
}

#[test]
fn a_busy_unit_hides_no_look_from_the_supervisor_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let supervisor = scene.seat(&["supervisor"], &[scene.unit]);
    let one = scene.seat(&["cashier"], &[scene.unit]);
    one.open(scene.dossier, on("2026-03-20")).unwrap();
    // Later looks, at a household of nobody's unit.
    let (subject, what) = (Subject::Dossier(DossierId([9; 16])), "open".to_owned());
    for id in 0..40 {
        let ledger = Ledger::Looked { subjects: vec![subject], what: what.clone(), important: false };
        scene.office.keep(&Act::new(EntryId([id; 16]), on(DAY).at, Subject::Bureau, ledger)).unwrap();
    }
    let looks = supervisor.looks(Stamp(0), 1, on(DAY)).unwrap();
    assert_eq!(looks.len(), 1);
    assert_eq!(looks[0].subjects, [Subject::Dossier(scene.dossier)]);
    // Who also surveys somewhere audits everywhere, without the words.
    let both = scene.seat(&["audit_administrator", "surveyor"], &[scene.elsewhere]);
    assert_eq!(both.looks(Stamp(0), 5, on(DAY)).unwrap().len(), 5);
}
