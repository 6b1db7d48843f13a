//! A bureau with a household, an open query and somebody's draft, and how each verb is done there by somebody: what the walk of
//! the table of duties walks through.

use super::verbs::{DAY, Verb};
use super::*;
use crate::command::Act;
use crate::command::case::ObjectionWords;
use crate::command::queries::QueryLine;
use crate::command::rights::duties::Duty;
use crate::command::roll::movement::Lines;
use crate::command::roll::{NotARoll, RollQuery};
use crate::command::settings::OfficeSize;
use crate::domain::case::Refusal;
use crate::domain::event::{Ledger, Paper, PaperState};
use crate::domain::{Credential, DraftId, EntryId, Subject, UnitId};
use crate::views::OfficerRow;

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
        if let Some(row) = crate::views::fund::payout(&self.office.bureau.store, &self.office.bureau.keys, id).unwrap()
        {
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

    /// A campaign that somebody began, with nobody on its list.
    fn campaign(&self) -> crate::views::fund::CampaignRow {
        let id = EntryId([0x78; 16]);
        if let Some(row) =
            crate::views::fund::campaign(&self.office.bureau.store, &self.office.bureau.keys, id).unwrap()
        {
            return row;
        }
        let campaign = crate::domain::fund::Campaign {
            code: "walked".into(),
            aid: "P6".into(),
            event: "2026".into(),
            from: on(DAY).today,
            until: on(DAY).today,
            classes: Vec::new(),
            on: on(DAY).today,
        };
        let act = Act::new(id, on(DAY).at, Subject::Bureau, Ledger::CampaignOpened(campaign));
        self.office.keep(&act).unwrap();
        self.campaign()
    }

    /// Does it, as far as rights go: what comes after (a step that the status does not allow) is no refusal of a right.
    pub fn does(&self, seat: &Office, verb: Verb) -> Result<(), Failure> {
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
                let household = open()?;
                let (_, _, decision) = household.explain(Horizon::NOW, household.eyes())?;
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
                let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
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
            Verb::Object => {
                let said =
                    ObjectionWords { words: "实际收入高于公示所列".into(), ..ObjectionWords::default() };
                match open()?.object(&said, now.today) {
                    Err(Failure::Case(Refusal::NotNoticed)) => Ok(()),
                    other => other,
                }
            }
            Verb::SettleObjection => match open()?.settle_objection(Some(9), true, "已入户核实不属实", now.today)
            {
                Err(Failure::NoSuchObjection { .. }) => Ok(()),
                other => other,
            },
            Verb::NoteLevel => match open()?.note_level(None, None, now.today, Some(&"长".repeat(3_000))) {
                Err(Failure::TextTooLong { .. }) => Ok(()),
                other => other,
            },
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
            Verb::TryRoll => {
                let (sheet, map) = super::import::laid("姓名,性别\n")?;
                seat.try_roll(&sheet, &map, (now.today, lang::Lang::Zh), now, |_, _| {}).map(drop)
            }
            Verb::BringIn => {
                // Tried by whoever may.
                let mut trial = super::import::tried(&self.seat(&["reviewer"], &[]), "姓名,性别\n", DAY)?;
                seat.bring_in(&mut trial, now, |_, _| {}).map(drop)
            }
            Verb::WaitingRolls => seat.waiting_rolls(now).map(drop),
            Verb::TakeOver => match seat.take_over(&["00000000".into()], "示例 2026 第 1 号", None, now) {
                Err(Failure::Import(_)) => Ok(()),
                other => other.map(drop),
            },
            Verb::DrawRound => of_the_round(seat.draw_round(&new_round(), now)),
            Verb::OpenRound => of_the_round(seat.open_round(&new_round(), now)),
            Verb::Rounds => seat.rounds(now).map(drop),
            Verb::RoundNamed => of_the_round(seat.round_named("示例复查", now)),
            Verb::RoundBoard => of_the_round(seat.round_board(EntryId([0x78; 16]), &Default::default(), now)),
            Verb::RoundDay => of_the_round(seat.round_day(EntryId([0x78; 16]), now.today, None, now)),
            Verb::AssignVisits => {
                let assignments = [(self.dossier, Some(seat.officer()))];
                of_the_round(seat.assign_visits(EntryId([0x78; 16]), &assignments, now))
            }
            Verb::ProposeVisits => of_the_round(seat.propose_visits(EntryId([0x78; 16]), &[], now)),
            Verb::VisitorsOf => seat.visitors_of(&[Some(self.unit)], now).map(drop),
            Verb::NoteVisit => {
                let (on, outcome) = (now.today, crate::domain::round::VisitOutcome::Away);
                let new = crate::command::round::NewVisit { on, outcome, next: None, is_final: false, note: None };
                of_the_round(open()?.note_visit(EntryId([0x78; 16]), &new))
            }
            Verb::CloseRound => of_the_round(seat.close_round(EntryId([0x78; 16]), now)),
            Verb::SurveyLag => seat.survey_lag(now.today, now.today, now).map(drop),
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
            Verb::SetSize => seat.set_size(OfficeSize::Small, now),
            Verb::SetDivision => seat.set_division("150785", now),
            Verb::SetBureauName => seat.set_bureau_name("示例林业局工会", None, now),
            Verb::SetLanguage => seat.set_language(crate::lang::Lang::Zh, now),
            Verb::SetNoticeTerm => seat.set_notice_term(crate::command::calendar::NoticeTerm::USUAL, now),
            Verb::SetAcceptance => seat.set_acceptance_days(None, now),
            Verb::SetCaseTerm => seat.set_case_term(crate::command::calendar::CaseTerm::SurveyDays, 180, now),
            Verb::SetSetting => seat.set_setting(crate::command::settings::Setting::Language, "zh", now),
            Verb::SetDay => seat.set_day(now.today, None, now),
            Verb::AdoptCalendar => {
                let text = crate::command::Library::calendar_text("2026").unwrap();
                seat.adopt_calendar(("2026.toml", &text), "示例文件", now.today, now).map(drop)
            }
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
            Verb::GiveBack => of_the_book(seat.give_back(NO_LINE, crate::domain::Fen(1), now.today, "", now)),
            Verb::Settlement => of_the_book(seat.settlement("gifts", now.today, now)),
            Verb::Reverse => of_the_book(seat.reverse(NO_LINE, now.today, "", now)),
            Verb::BankFact => of_the_book(seat.bank_fact(NO_LINE, crate::domain::Fen(1), now.today, "", now)),
            Verb::VoidNumbers => match seat.void_numbers("r-general-2026", 0, "短", now) {
                Err(Failure::NotAReason { .. }) => Ok(()),
                other => of_the_book(other),
            },
            Verb::Donors => seat.donors(now).map(drop),
            Verb::GiftReport => seat.gift_report(crate::domain::PersonId([9; 16]), now.today, now).map(drop),
            Verb::AddDonor => seat.add_donor(&super::giving::donor("示例捐赠人", false), now).map(drop),
            Verb::PrintDonor => seat.print_donor(crate::domain::PersonId([9; 16]), now),
            Verb::ReceiptPaper => of_the_book(seat.receipt_paper("r-general-2026-0001", now)),
            Verb::Receipts => seat.receipts(crate::domain::fund::Books::General, 2026, now).map(drop),
            Verb::Donate => of_the_book(seat.donate(&super::giving::donation(None, "gifts", 100, DAY), now)),
            Verb::Collect => of_the_book(seat.collect(&super::giving::collection("JH", 100, 10, &[(50, 2)], DAY), now)),
            Verb::Pledge => of_the_book(seat.pledge("JH", crate::domain::Fen(0), now.today, now.today, now)),
            Verb::NoteAppropriation => {
                let stage = crate::domain::fund::Stage::Asked;
                of_the_book(seat.note_appropriation((2026, "S01", stage), crate::domain::Fen(0), now.today, "", now))
            }
            Verb::StandingDonations => seat.standing_donations(None, now).map(drop),
            Verb::CountPeriod => {
                let new = crate::command::fund::NewClosing { to: now.today, counted: Vec::new(), because: Vec::new() };
                of_the_book(seat.count_period(&new, now))
            }
            Verb::CheckPeriod => of_the_book(seat.check_period(now.today, now)),
            Verb::ClosePeriod => of_the_book(seat.close_period(now.today, now)),
            Verb::Closings => seat.closings(now).map(drop),
            Verb::NoteFormer => of_the_book(seat.note_former((2008, "P1"), crate::domain::Fen(1), 1, "", now)),
            Verb::AidReport => seat.aid_report(&aid_query(now.today), now).map(drop),
            Verb::AidReportLines => seat.aid_report_lines(&aid_query(now.today), ("P1", None), now).map(drop),
            Verb::UpperList => seat.upper_list("S06", now.today, now.today, now).map(drop),
            Verb::AidTimeline => open()?.aid_timeline().map(drop),
            Verb::FormerYears => seat.former_years(now).map(drop),
            Verb::Appropriations => seat.appropriations(2026, now).map(drop),
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
            Verb::Line => seat.line(self.dossier, now).map(drop),
            Verb::Glance => seat.glance(self.dossier, now).map(drop),
            Verb::Standing => {
                let number = self.office.status(self.dossier, Horizon::NOW)?.number;
                seat.standing(&number, now).map(drop)
            }
            Verb::Dossiers => seen(verb, seat.dossiers(now)?.contains(&self.dossier)),
            Verb::Queried => seen(verb, seat.queried(now)?.contains(&self.dossier)),
            Verb::Drafts => seen(verb, seat.drafts(now)?.0.iter().any(|line| line.draft == self.others_draft)),
            Verb::Draft => seat.draft(self.others_draft, now).map(drop),
            Verb::MaySurvey => {
                let form = library().hardship().unwrap().clone();
                let surveying =
                    seat.begin(Begin { dossier: None, form, corrects: None, updates: false, on_disk: false }, now)?;
                seat.may_survey(&surveying.keeping.head, now)
            }
            Verb::BeginSent => {
                let form = library().hardship().unwrap().clone();
                let file = crate::command::sent::AnswersFile { steps: &[], on: None, again: true };
                let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
                seat.begin_sent(begin, &file, now).map(drop)
            }
            Verb::StepWithQueries => {
                let step = crate::command::case::CaseStep::new(Status::Verifying, now.today);
                let long = "长".repeat(3_000);
                asked(open()?.step_with_queries(&crate::command::case::CaseStep { why: Some(&long), ..step }, &[]))
            }
            Verb::AdoptAid => asked(seat.adopt_aid(("x.toml", "?"), "示例文件", now.today, (None, None), now)),
            Verb::Maintenance => seat.maintenance(Stamp(0), 5, now).map(drop),
            Verb::EndOfficer => {
                let row = self.office.officer_named("示例甲")?;
                seat.end_officer(&row, Some(on("2030-01-01").today), now)
            }
            Verb::ShutCredential => {
                let terms =
                    crate::command::logins::Terms { officer: Some(self.office.officer()), ..Default::default() };
                let key = Credential::Key("ssh-ed25519 walked".into());
                if self.office.credentials()?.iter().all(|row| row.credential != key) {
                    self.office.open_credential(&key, terms, now)?;
                }
                let row = self.office.credentials()?.into_iter().find(|row| row.credential == key).unwrap();
                seat.shut_credential(&row, now)
            }
            Verb::GiveBlock => asked(seat.give_block("none", self.office.station(), now)),
            Verb::NumberState => seat.number_state(now).map(drop),
            Verb::KeyState => seat.key_state(now).map(drop),
            Verb::MoveAuthority => seat.move_authority(self.office.station(), now),
            Verb::NameStretch => asked(seat.name_stretch(0, 0, "示例事由共六字", now)),
            Verb::ErasableNamed => asked(seat.erasable_named("none", now).map_err(|failure| match failure {
                Failure::NoSuchDossier { .. } => Failure::Erased,
                other => other,
            })),
            Verb::Erasable => seat.erasable(now).map(drop),
            Verb::EraseAll => asked(seat.erase_all(&[self.dossier], now).pop().unwrap()),
            Verb::Backup => asked(seat.backup(Path::new("/dev/null/nowhere"), now, |_, _| {})),
            Verb::AddKeyFile => asked(seat.add_key_file(Path::new("/dev/null/nowhere"), now)),
            Verb::AddRecoveryCode => seat.add_recovery_code(now).map(drop),
            Verb::RemoveKeyHolder => asked(seat.remove_key_holder("none", now)),
            Verb::BringKeys => {
                let unlocking = crate::command::opening::Unlocking::KeyFile(None);
                asked(seat.bring_keys(b"none", &unlocking, now))
            }
            Verb::RotateStoreKey => seat.rotate_store_key(now).map(drop),
            Verb::RotateBureauKey => seat.rotate_bureau_key(now).map(drop),
            Verb::RollRows => seen(verb, !seat.roll_rows_of(&[self.dossier], None, now)?.is_empty()),
            Verb::SavedRolls => seat.saved_rolls(now).map(drop),
            Verb::SavedRoll => asked(seat.saved_roll("none", now)),
            Verb::TakeMovementOut => {
                let movement = seat.roll_movement(on("2026-01-01").today, now.today, Lines::Unit, &[], now)?;
                seat.record_movement_out(&movement, now).map(drop)
            }
            Verb::BeginExport => seat.begin_export(&roll("status", "all"), None, now).map(drop),
            Verb::Closing => asked(seat.closing(now.today, now)),
            Verb::DonorNamed => asked(seat.donor_named("ffff", now)),
            Verb::LineNamed => asked(seat.line_named("r-general-2026-0001", now)),
            Verb::Payouts => {
                let payout = self.payout();
                seen(verb, seat.payouts(None, now)?.iter().any(|row| row.id == payout.id))
            }
            Verb::PayoutNamed => {
                let payout = self.payout();
                seen(verb, seat.payout_named(&payout.id.hex(), now).is_ok())
            }
            Verb::PayoutReason => seat.payout_reason(&self.payout(), now).map(drop),
            Verb::Grants => open()?.grants(now.today).map(drop),
            Verb::AidHad => seat.aid_had(self.dossier, now).map(drop),
            Verb::Campaigns => seat.campaigns(now).map(drop),
            Verb::CampaignNamed => asked(seat.campaign_named("none", now)),
            Verb::CampaignLines => seat.campaign_lines(&self.campaign(), now).map(drop),
            Verb::BeginCampaign => asked(seat.begin_campaign(&super::campaign::new("spring", &[]), now)),
            Verb::FillFromRoll => asked(seat.fill_from_roll(&self.campaign(), &roll("status", "all"), "none", now)),
            Verb::FillFromFile => {
                let sheet = super::campaign::read("姓名,身份证号\n示例,1\n");
                asked(seat.fill_from_file(&self.campaign(), &sheet, None, now))
            }
            Verb::DropLines => asked(seat.drop_lines(&self.campaign(), &[1], "短", now)),
            Verb::CheckCampaign => {
                let control = crate::command::fund::Control { count: 9, sum: crate::domain::Fen(1) };
                asked(seat.check_campaign(&self.campaign(), control, now))
            }
            Verb::ReopenCampaign => asked(seat.reopen_campaign(&self.campaign(), "短", now)),
            Verb::ApproveCampaign => asked(seat.approve_campaign(&self.campaign(), None, now)),
            Verb::CloseCampaign => asked(seat.close_campaign(&self.campaign(), now)),
            Verb::HandingSheet => asked(seat.handing_sheet(&self.campaign(), &[], now)),
            Verb::PlacesByHand => seat.places_by_hand(now).map(drop),
            Verb::HandGifts => {
                let signed = crate::command::fund::Signed::Themselves;
                asked(seat.hand_over(&self.campaign(), &[1], ("cash", &signed), now.today, now))
            }
            Verb::BringBack => asked(seat.bring_back(&self.campaign(), &[1], "短", now.today, now)),
            Verb::PersonsFound => seat.persons_found("", now).map(drop),
            Verb::PersonNamed => asked(seat.person_named("none", now)),
            Verb::LinkPerson => {
                asked(seat.link_person(crate::domain::PersonId([9; 16]), &self.dossier.hex(), true, now))
            }
            Verb::MayErasePerson => asked(seat.may_erase_person("none", now)),
            Verb::ErasePerson => asked(seat.erase_person("none", now)),
            Verb::Keys => match seat.set_passphrase("短", now) {
                Err(Failure::Seal(_)) => Ok(()),
                other => other.map(drop),
            },
        }
    }
}

fn paper(state: PaperState) -> Paper {
    Paper { kind: "hukou".into(), state, issued: None, expires: None, page: None }
}

fn new_round() -> crate::command::round::NewRound {
    let (from, to) = (on("2026-03-20").today, on("2026-12-31").today);
    crate::command::round::NewRound { name: "示例复查".into(), from, to, units: Vec::new(), all: true }
}

/// What the round says of it comes after the right.
fn of_the_round<T>(result: Result<T, Failure>) -> Result<(), Failure> {
    match result {
        Err(Failure::Round(_)) => Ok(()),
        other => other.map(drop),
    }
}

fn aid_query(on: crate::domain::Day) -> crate::command::fund::AidQuery {
    let by = crate::command::fund::AidBy::Kind;
    crate::command::fund::AidQuery { by, then: None, books: None, source: None, from: on, to: on }
}

fn roll(filter: &str, value: &str) -> RollQuery {
    RollQuery::default().with(filter, [value])
}

const NO_LINE: crate::domain::fund::LineId = crate::domain::fund::LineId { entry: EntryId([0; 16]), line: 0 };

/// What comes after the right has been given is no matter of rights.
fn asked<T>(result: Result<T, Failure>) -> Result<(), Failure> {
    match result {
        Err(failure) if is_refusal(&failure) => Err(failure),
        _ => Ok(()),
    }
}

/// What whoever may not see it finds nothing of.
fn seen(verb: Verb, is_there: bool) -> Result<(), Failure> {
    if is_there { Ok(()) } else { Err(Failure::NeedsRole { role: verb.duty().first_role() }) }
}

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
pub(super) fn draft(seat: &Office, dossier: Option<DossierId>) -> Result<DraftId, Failure> {
    let form = library().hardship().unwrap().clone();
    let surveying = seat.begin(Begin { dossier, form, corrects: None, updates: false, on_disk: true }, on(DAY))?;
    Ok(surveying.keeping.head.draft)
}

pub(super) fn is_refusal(failure: &Failure) -> bool {
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
