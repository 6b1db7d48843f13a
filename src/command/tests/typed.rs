//! What people write in words: how long it may be, said in words; and that nothing a terminal obeys is kept of it.
//! [`texts_of`] says of every verb which texts it takes, and a verb that is not in it does not compile.

use super::aid::Town;
use super::fund::booking;
use super::scene::Scene;
use super::verbs::{DAY, Verb};
use super::*;
use crate::command::adopting::Proposed;
use crate::command::case::{Application, CaseStep, Deliberation, ObjectionWords};
use crate::command::fund::{NewCampaign, NewPlace, NewPurse};
use crate::command::roll::{NotARoll, RollQuery};
use crate::domain::Fen;
use crate::domain::dossier::Level;
use crate::domain::event::{Paper, PaperState};
use crate::domain::fund::{Meeting, MovementKind, PlaceKind};
use crate::domain::unit::UnitTree;
use crate::form::problem::What;
use crate::form::read::NotRead;
use crate::views::bodies;
use std::collections::BTreeSet;

const WHY: &str = "示例事由共六字";

/// Titles and colours, a character set, a wiped screen, writing turned round, a blank that nobody sees: nothing is left of it.
const OBEYED: &str = "\u{1b}]0;标题\u{7}\u{1b}[31m\u{1b}(B\u{9b}2J\u{202e}\u{200b}\u{0}";

/// Where it all happens.
struct Stage {
    scene: Scene,
    approver: Office,
    /// Of everything, and for a reason of households too.
    supervisor: Office,
    /// Of the same household as the scene's, with an exclusion.
    excluded: DossierId,
    over: DossierId,
    town: Town,
}

impl Stage {
    fn new(folder: &Path) -> Stage {
        let scene = Scene::new(&folder.join("scene"));
        let office = &scene.office;
        let with_flat = steps("laid_off").into_iter().map(|step| match step {
            Step::Set { path, .. } if path.name() == "housing_count" => Step::Set { path, value: "2".into() },
            other => other,
        });
        let excluded = survey(office, None, None, &with_flat.collect::<Vec<_>>(), "2026-03-10");
        let over = survey(office, None, None, &steps("accident"), "2026-03-10");
        let approver = scene.seat(&["approver"], &[]);
        let supervisor = scene.seat(&["supervisor"], &[]);
        Stage { approver, supervisor, excluded, over, town: Town::new(&folder.join("town")), scene }
    }

    fn household(&self) -> Household<'_> {
        self.scene.office.open(self.scene.dossier, on(DAY)).unwrap()
    }

    /// A payout that was proposed for the event, of 100 yuan.
    fn proposed(&self, event: &str) -> crate::views::fund::PayoutRow {
        self.town.propose(self.town.dossier, event, &[("gifts", 100)]).unwrap_or_else(|f| panic!("{}", said(&f)))
    }
}

struct Case {
    what: &'static str,
    /// The most characters.
    most: usize,
    write: fn(&Stage, &str) -> Result<(), Failure>,
}

const fn case(what: &'static str, most: usize, write: fn(&Stage, &str) -> Result<(), Failure>) -> Case {
    Case { what, most, write }
}

/// Which texts a verb takes that are a person's own words, by their names in [`CASES`]. Codes, days and numbers are looked up
/// in lists, and questions to the roll and the lookup are kept by name only.
fn texts_of(verb: Verb) -> &'static [&'static str] {
    use Verb::*;
    match verb {
        Open => &["opening"],
        Reveal => &["reveal"],
        Print | PrintUncovered => &["print"],
        Begin | Resume | Submit => &["answer", "note", "pass"],
        DiscardOthers => &["discard"],
        HandOver => &["hand over"],
        Ask => &["ask"],
        Answer => &["answer a query"],
        CloseOwn | CloseOthers => &["close"],
        Step(_) => &["step", "withdraw", "deliberation", "member", "aside", "posted"],
        Apply => &["applicant", "application"],
        Override => &["override"],
        NotePapers => &["papers"],
        WaivePapers => &["waive"],
        WorkerDied => &["died"],
        NoteLevel => &["level"],
        Object => &["object", "objector", "objector's contact"],
        SettleObjection => &["settle"],
        AdoptRules => &["rules"],
        AdoptCalendar => &["calendar"],
        SetBureauName => &["bureau", "bureau in English"],
        SetSetting => &["setting"],
        AdoptAid => &["aid rules"],
        NameStretch => &["stretch"],
        StepWithQueries => &["step"],
        AddForm => &["form"],
        SetOfficer => &["officer", "officer in English"],
        Units => &["unit", "unit in English", "unit's code"],
        Numbers => &["stretch"],
        SaveRoll => &["roll"],
        OpenPlace => &["place", "place in English"],
        OpenPurse => &["purse", "purse in English"],
        Book => &["book"],
        AddDonor => &["donor", "donor's number", "donor's phone"],
        Donate => &["donate", "purse of a gift"],
        Collect => &["collect"],
        CountPeriod => &["difference"],
        NoteFormer => &["former year"],
        NoteAppropriation => &["appropriation"],
        Reverse => &["reverse"],
        GiveBack => &["give back"],
        BankFact => &["bank fact"],
        VoidNumbers => &["void"],
        ProposeAid => &["propose", "event"],
        RefuseAid => &["refuse"],
        ApproveAid => &["meeting"],
        WithdrawAid => &["give up"],
        PayCash => &["signed"],
        SettleAid => &["settle"],
        TakeOver => &["taken over", "signed over"],
        OpenRound => &["round"],
        NoteVisit => &["visit"],
        BeginCampaign => &["campaign", "campaign in English", "festival"],
        DropLines => &["taken off"],
        ReopenCampaign => &["opened again"],
        ApproveCampaign => &["meeting of a campaign"],
        HandGifts => &["proxy", "relation"],
        BringBack => &["brought back"],
        // Codes, days, ids, files that are read and not kept or whose reader leaves nothing that a terminal obeys, a passphrase
        // that is none of it.
        Lookup | Due | Queue | ToPost | Posted | PrintPosted | Flips | DiscardOwn | Replay | Touched | Looks
        | Logins | OpenWay | SetSize | SetDivision | SetLanguage | SetNoticeTerm | SetAcceptance | SetCaseTerm
        | SetDay | Erase | Keys | Roll | RollCovered | RollMovement | TakeOut | Export | Donors | GiftReport
        | PrintDonor | ReceiptPaper | Receipts | Pledge | CheckPeriod | ClosePeriod | Closings | FormerYears
        | AidReport | AidReportLines | UpperList | AidTimeline | Settlement | StandingDonations | Appropriations
        | TakeBook | Line | Standing | Glance | Dossiers | Queried | Drafts | Draft | MaySurvey | BeginSent
        | Campaigns | CampaignNamed | CampaignLines | FillFromRoll | FillFromFile | CheckCampaign | CloseCampaign
        | HandingSheet | PlacesByHand | PersonsFound | PersonNamed | LinkPerson | MayErasePerson | ErasePerson
        | TryRoll | BringIn | WaitingRolls | Maintenance | EndOfficer | ShutCredential | GiveBlock | NumberState
        | KeyState | MoveAuthority | ErasableNamed | Erasable | EraseAll | Backup | AddKeyFile | AddRecoveryCode
        | RemoveKeyHolder | BringKeys | RotateStoreKey | RotateBureauKey | RollRows | SavedRolls | SavedRoll
        | TakeMovementOut | BeginExport | Closing | DonorNamed | LineNamed | Payouts | PayoutNamed | PayoutReason
        | Grants | AidHad | DrawRound | Rounds | RoundNamed | RoundBoard | RoundDay | AssignVisits | ProposeVisits
        | VisitorsOf | CloseRound | SurveyLag | SeeFund | FundPeriod | FundStatement | CheckBook | CheckAid
        | PostAid | SendBatch | BankFile | BankAnswer => &[],
    }
}

/// The round that the scene's household stands in.
fn round(s: &Stage, name: &str) -> Result<crate::domain::EntryId, Failure> {
    let day = |text: &str| on(text).today;
    let (from, to) = (day("2026-03-20"), day("2026-12-31"));
    let new = crate::command::round::NewRound { name: name.to_owned(), from, to, units: Vec::new(), all: true };
    Ok(s.supervisor.open_round(&new, on(DAY))?.round)
}

/// A roll that nothing waits of is none: what is typed was read before.
fn taken_over(s: &Stage, document: &str, signed: Option<&str>) -> Result<(), Failure> {
    match s.approver.take_over(&["00000000".into()], document, signed, on(DAY)) {
        Err(Failure::Import(_)) => Ok(()),
        other => other.map(drop),
    }
}

fn object(s: &Stage, words: &str, name: Option<&str>, contact: Option<&str>) -> Result<(), Failure> {
    let [name, contact] = [name, contact].map(|text| text.map(str::to_owned));
    s.household().object(&ObjectionWords { name, contact, words: words.to_owned() }, on(DAY).today)
}

const CASES: &[Case] = &[
    case("reveal", 200, |s, text| s.household().reveal(text)),
    case("print", 200, |s, text| s.household().print(Some(text)).map(drop)),
    case("opening", 200, |s, text| s.supervisor.find_because(&s.scene.dossier.hex(), text, on(DAY)).map(drop)),
    case("ask", 2_000, |s, text| s.household().ask(None, "inc_wage", text).map(drop)),
    case("answer a query", 2_000, |s, text| s.household().answer_query(&s.household().query("1")?, text)),
    case("close", 2_000, |s, text| s.household().close_query(&s.household().query("1")?, text)),
    case("step", 2_000, |s, text| s.household().move_status(Status::Verifying, on(DAY).today, None, Some(text))),
    case("withdraw", 200, |s, text| s.household().withdraw_step(text).map(drop)),
    case("deliberation", 2_000, |s, text| deliberate(s, "示例甲", "示例丁", text)),
    case("member", 100, |s, text| deliberate(s, text, "示例丁", "")),
    case("aside", 100, |s, text| deliberate(s, "示例甲", text, "")),
    case("posted", 2_000, |s, text| {
        let day = on(DAY).today;
        if s.household().history().status(Horizon::NOW) == Some(Status::Verifying) {
            for to in [Status::Reviewed, Status::Endorsed] {
                s.household().move_status(to, day, None, None)?;
            }
        }
        s.household().take_step(&CaseStep { posted: Some(text), ..CaseStep::new(Status::Noticed, day) })
    }),
    case("object", 200, |s, text| object(s, text, None, None)),
    case("objector", 100, |s, text| object(s, "该户另有一处出租房", Some(text), None)),
    case("objector's contact", 100, |s, text| object(s, "该户另有一处出租房", None, Some(text))),
    case("settle", 200, |s, text| {
        let reviewer = s.scene.seat(&["reviewer"], &[]);
        opened(&reviewer, s.scene.dossier, DAY)?.settle_objection(Some(1), false, text, on(DAY).today)
    }),
    case("papers", 2_000, |s, text| {
        let paper = paper(PaperState::Seen { original: true });
        s.household().note_papers(vec![paper], on(DAY).today, Some(text))
    }),
    case("bureau", 100, |s, text| s.scene.office.set_bureau_name(text, None, on(DAY))),
    case("aid rules", 100, |s, text| {
        let rules = crate::command::Library::aid_text("sample").unwrap();
        s.approver.adopt_aid(("aid.toml", &rules), text, on(DAY).today, (None, None), on(DAY)).map(drop)
    }),
    case("setting", 100, |s, text| s.scene.office.set_setting(crate::command::settings::Setting::Name, text, on(DAY))),
    case("bureau in English", 100, |s, text| s.scene.office.set_bureau_name("示例局工会", Some(text), on(DAY))),
    case("calendar", 100, |s, text| {
        let year = crate::command::Library::calendar_text("2026").unwrap();
        s.approver.adopt_calendar(("2026.toml", &year), text, on(DAY).today, on(DAY)).map(drop)
    }),
    case("waive", 200, |s, text| {
        let household = opened(&s.approver, s.scene.dossier, DAY)?;
        household.note_papers(vec![paper(PaperState::Waived { until: on(DAY).today })], on(DAY).today, Some(text))
    }),
    case("override", 200, |s, text| {
        opened(&s.approver, s.excluded, DAY)?.override_exclusions(&["X1".to_owned()], on(DAY).today, text)
    }),
    case("applicant", 100, |s, text| apply(s, Application { name: Some(text), ..Application::default() })),
    case("application", 2_000, |s, text| apply(s, Application { words: Some(text), ..Application::default() })),
    case("round", 100, |s, text| round(s, text).map(drop)),
    case("visit", 2_000, |s, text| {
        let known = s.supervisor.rounds(on(DAY))?.pop().map(|row| row.entry);
        let round = known.map_or_else(|| round(s, "示例复查"), Ok)?;
        let (on, outcome) = (on(DAY).today, crate::domain::round::VisitOutcome::Away);
        let new = crate::command::round::NewVisit { on, outcome, next: None, is_final: false, note: Some(text) };
        s.household().note_visit(round, &new)
    }),
    case("level", 2_000, |s, text| {
        let household = s.town.office.open(s.town.dossier, on(TOWN))?;
        household.note_level(Some(Level::Provincial), None, on(TOWN).today, Some(text))
    }),
    case("died", 2_000, |s, text| s.scene.office.open(s.excluded, on(DAY))?.worker_died(on(DAY).today, Some(text))),
    case("hand over", 200, |s, text| {
        s.supervisor.hand_over_draft(s.scene.others_draft, s.scene.office.officer(), text, on(DAY))
    }),
    case("discard", 200, |s, text| s.supervisor.discard_others_draft(s.scene.others_draft, text, on(DAY))),
    case("officer", 100, |s, text| s.scene.office.add_officer(text, "walk", &["surveyor"], &[], on(DAY)).map(drop)),
    case("officer in English", 100, |s, text| {
        // No two officers have one name.
        let text = text.replacen('字', "文", 1);
        s.scene.office.add_officer("示例丑", &text, &["surveyor"], &[], on(DAY)).map(drop)
    }),
    case("unit", 100, |s, text| unit(s, "u1", text, "one")),
    case("unit in English", 100, |s, text| unit(s, "u2", "示例", text)),
    case("unit's code", 100, |s, text| unit(s, text, "示例", "one")),
    case("rules", 100, |s, text| {
        let rules = Proposed::Brought("genhe-2026");
        s.approver.adopt_rules(rules, text, on(DAY).today, (None, None), on(DAY)).map(drop)
    }),
    case("stretch", 200, |s, text| s.scene.office.name_stretch(1, 2, text, on(DAY))),
    case("form", 100, |s, text| {
        let book = [("survey.csv", b"type,name,label\ntext,a,A\n".as_slice())];
        let book = crate::form::Book::from_csv(book).unwrap();
        s.scene.office.add_form(&book, text, on(DAY)).map(drop)
    }),
    case("place", 100, |s, text| place(s, "p1", text, "one")),
    case("place in English", 100, |s, text| place(s, "p2", "示例", text)),
    case("purse", 100, |s, text| purse(s, "q1", text, "one")),
    case("purse in English", 100, |s, text| purse(s, "q2", "示例", text)),
    case("book", 40, |s, text| {
        let receipt = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 1, "2026-03-02");
        let receipt = crate::command::fund::Booking { document: text.into(), ..receipt };
        s.town.accountant.book(&receipt, on(TOWN)).map(drop)
    }),
    case("donor", 100, |s, text| new_donor(s, text, None, None)),
    case("donor's number", 100, |s, text| new_donor(s, "示例", Some(text), None)),
    case("donor's phone", 100, |s, text| new_donor(s, "示例", None, Some(text))),
    case("donate", 40, |s, text| {
        let gift = super::giving::donation(None, "gifts", 1, "2026-03-02");
        let gift = crate::command::fund::Donation { document: text.into(), ..gift };
        s.town.accountant.donate(&gift, on(TOWN)).map(drop)
    }),
    case("purse of a gift", 100, |s, text| {
        let opens = NewPurse { source: "S09".into(), ..new_purse("q3", text, "one") };
        let gift = super::giving::donation(None, "q3", 1, DAY);
        s.town.accountant.donate(&crate::command::fund::Donation { opens: Some(opens), ..gift }, on(TOWN)).map(drop)
    }),
    case("collect", 40, |s, text| {
        let new = super::giving::collection("JH", 100, 10, &[(50, 2)], "2026-03-02");
        let new = crate::command::fund::NewCollection { document: text.into(), purse: "gifts".into(), ..new };
        s.town.accountant.collect(&new, on(TOWN)).map(drop)
    }),
    case("difference", 200, |s, text| {
        let to = crate::domain::Day::from_iso("2025-12-31").unwrap();
        let office = &s.town.accountant;
        let places = office.fund_state(on(TOWN).today, on(TOWN))?.places;
        // Of places that were there by then, if any.
        let code = places[0].row.place.code.clone();
        let to = to.max(places[0].row.place.since);
        let to = crate::domain::Day::from_ymd(to.year(), to.month(), 1).unwrap().plus_months(1).plus_days(-1);
        let counted = places.iter().map(|line| (line.row.place.code.clone(), Fen(1))).collect();
        let others = places[1..].iter().map(|line| (line.row.place.code.clone(), WHY.to_owned()));
        let because = std::iter::once((code, text.to_owned())).chain(others).collect();
        of_length_only(
            office.count_period(&crate::command::fund::NewClosing { to, counted, because }, on(TOWN)).map(drop),
        )
    }),
    case("former year", 40, |s, text| s.town.accountant.note_former((2008, "P1"), Fen(100), 1, text, on(TOWN))),
    case("appropriation", 40, |s, text| {
        let asked = (2026, "S01", crate::domain::fund::Stage::Asked);
        s.town.accountant.note_appropriation(asked, Fen(100), on(DAY).today, text, on(TOWN))
    }),
    case("void", 200, |s, text| s.town.accountant.void_numbers("r-general-2026", 90, text, on(TOWN)).map(drop)),
    case("event", 40, |s, text| s.town.propose(s.town.dossier, text, &[("gifts", 100)]).map(drop)),
    case("propose", 200, |s, text| {
        let new = crate::command::fund::NewPayout {
            aid: "P4".into(),
            event: "事由".into(),
            draws: vec![("gifts".into(), Fen(100))],
            why: text.into(),
            papers_by: None,
        };
        s.town.proposer.open(s.town.dossier, on(TOWN))?.propose_aid(&new).map(drop)
    }),
    case("taken over", 100, |s, text| taken_over(s, text, None)),
    case("signed over", 100, |s, text| taken_over(s, "示例 2026 第 9 号", Some(text))),
    case("refuse", 200, |s, text| {
        let row = s.town.named("不准").unwrap_or_else(|| s.proposed("不准"));
        s.town.checker.refuse_payout(&row, text, on(TOWN)).map(drop)
    }),
    case("meeting", 40, |s, text| {
        let checked = || s.town.checker.check_payout(&s.proposed("会议"), on(TOWN)).unwrap();
        let row = s.town.named("会议").unwrap_or_else(checked);
        let document = text.to_owned();
        let meeting = Meeting { document, members: 9, present: 6, votes_for: 4, votes_against: 2, aside: 0 };
        s.town.approver.approve_payout(&row, Some(meeting), on(TOWN)).map(drop)
    }),
    case("give up", 200, |s, text| {
        let row = s.town.named("会议").unwrap();
        s.town.approver.withdraw_payout(&row, text, on(TOWN)).map(drop)
    }),
    case("signed", 100, |s, text| {
        let posted = || s.town.posted(s.town.dossier, "现金", &[("gifts", 100)]);
        let row = s.town.named("现金").unwrap_or_else(posted);
        s.town.cashier.pay_in_cash(&row, "box", text, on("2026-04-26")).map(drop)
    }),
    case("settle", 2_000, |s, text| {
        s.town.cashier.settle_payout(&s.town.named("现金").unwrap(), text, on("2026-04-27")).map(drop)
    }),
    case("campaign", 100, |s, text| {
        s.town.proposer.begin_campaign(&NewCampaign { zh: text.into(), ..campaign("n1") }, on(TOWN)).map(drop)
    }),
    case("campaign in English", 100, |s, text| {
        s.town.proposer.begin_campaign(&NewCampaign { en: text.into(), ..campaign("n2") }, on(TOWN)).map(drop)
    }),
    case("festival", 40, |s, text| {
        s.town.proposer.begin_campaign(&NewCampaign { event: text.into(), ..campaign("n3") }, on(TOWN)).map(drop)
    }),
    case("taken off", 200, |s, text| {
        s.town.proposer.drop_lines(&listed(s, "taken-off", 23), &[1], text, on(TOWN)).map(drop)
    }),
    case("opened again", 200, |s, text| {
        s.town.checker.reopen_campaign(&checked(s, "again", 24), text, on(TOWN)).map(drop)
    }),
    case("meeting of a campaign", 40, |s, text| {
        let document = text.to_owned();
        let meeting = Meeting { document, members: 9, present: 6, votes_for: 4, votes_against: 2, aside: 0 };
        s.town.approver.approve_campaign(&checked(s, "met", 25), Some(meeting), on(TOWN)).map(drop)
    }),
    case("proxy", 100, |s, text| handed(s, "by-proxy", 26, text, "配偶")),
    case("relation", 100, |s, text| handed(s, "by-relation", 27, "示例丁", text)),
    case("brought back", 200, |s, text| {
        let now = on(TOWN);
        s.town.cashier.bring_back(&granted(s, "back", 28), &[1], text, now.today, now).map(drop)
    }),
    // What is booked is taken back when everything else is done.
    case("reverse", 40, |s, text| {
        let booked = s.town.accountant.line_named("r-general-2026-0001", on(TOWN))?;
        of_length_only(s.town.accountant.reverse(booked, on(TOWN).today, text, on(TOWN)).map(drop))
    }),
    case("give back", 40, |s, text| {
        let booked = s.town.accountant.line_named("r-general-2026-0001", on(TOWN))?;
        of_length_only(s.town.accountant.give_back(booked, Fen(1), on(TOWN).today, text, on(TOWN)).map(drop))
    }),
    case("bank fact", 40, |s, text| {
        let booked = s.town.accountant.line_named("r-general-2026-0001", on(TOWN))?;
        of_length_only(s.town.accountant.bank_fact(booked, Fen(1), on(TOWN).today, text, on(TOWN)).map(drop))
    }),
];

/// The town's day.
const TOWN: &str = "2026-04-20";

fn campaign(code: &str) -> NewCampaign {
    super::campaign::new(code, &[("front", 100)])
}

fn listed(s: &Stage, code: &str, nth: u16) -> crate::views::fund::CampaignRow {
    let row = s.town.begun(code);
    match row.fills().is_empty() {
        true => s.town.file(&row, &[("示例", nth, "front")]),
        false => row,
    }
}

fn checked(s: &Stage, code: &str, nth: u16) -> crate::views::fund::CampaignRow {
    let row = listed(s, code, nth);
    match row.state() {
        crate::domain::fund::CampaignState::Open => s.town.check(&row, 1, 100).unwrap(),
        _ => row,
    }
}

fn granted(s: &Stage, code: &str, nth: u16) -> crate::views::fund::CampaignRow {
    let row = checked(s, code, nth);
    match row.state() {
        crate::domain::fund::CampaignState::Checked => s.town.approve(&row).unwrap(),
        _ => row,
    }
}

fn handed(s: &Stage, code: &str, nth: u16, name: &str, relation: &str) -> Result<(), Failure> {
    let signed = crate::command::fund::Signed::Proxy { name: name.into(), relation: relation.into() };
    let now = on(TOWN);
    s.town.cashier.hand_over(&granted(s, code, nth), &[1], ("box", &signed), now.today, now).map(drop)
}

fn paper(state: PaperState) -> Paper {
    Paper { kind: "hukou".into(), state, issued: None, expires: None, page: None }
}

/// Sat over, and taken back for whoever sits next.
fn deliberate(s: &Stage, member: &str, aside: &str, text: &str) -> Result<(), Failure> {
    let day = on(DAY).today;
    if s.household().history().status(Horizon::NOW) == Some(Status::Submitted) {
        s.household().move_status(Status::Verifying, day, None, None)?;
    }
    let sat = Deliberation {
        members: vec![member.into(), "示例乙".into(), "示例丙".into()],
        aside: vec![aside.into()],
        committee: Some(5),
        agreed: 3,
        against: 0,
    };
    let step = CaseStep { deliberation: Some(sat), why: Some(text), ..CaseStep::new(Status::Reviewed, day) };
    s.household().take_step(&step)?;
    s.household().withdraw_step(WHY).map(drop)
}

/// Applied for, once the case is over.
fn apply(s: &Stage, application: Application<'_>) -> Result<(), Failure> {
    let day = on(DAY).today;
    let household = || opened(&s.scene.office, s.over, DAY);
    if !household()?.history().status(Horizon::NOW).is_some_and(Status::is_over) {
        household()?.move_status(Status::Verifying, day, None, None)?;
        household()?.move_status(Status::Rejected, day, None, Some("材料不实"))?;
    }
    household()?.apply(&application, day)
}

fn unit(s: &Stage, code: &str, zh: &str, en: &str) -> Result<(), Failure> {
    let text = format!("id,code,zh,en,kind,parent,since,until,replaced_by\n,{code},{zh},{en},brigade,,,,\n");
    let (tree, problems) = UnitTree::parse(&text);
    assert!(problems.is_empty(), "{problems:?}");
    s.scene.office.import_units(&tree, on(DAY)).map(drop)
}

fn place(s: &Stage, code: &str, zh: &str, en: &str) -> Result<(), Failure> {
    let (code, kind, since) = (code.into(), PlaceKind::Bank, on("2026-01-01").today);
    let new = NewPlace { code, kind, zh: zh.into(), en: en.into(), since };
    s.town.accountant.open_place(&new, on(TOWN)).map(drop)
}

fn purse(s: &Stage, code: &str, zh: &str, en: &str) -> Result<(), Failure> {
    s.town.accountant.open_purse(&new_purse(code, zh, en), on(TOWN)).map(drop)
}

fn new_purse(code: &str, zh: &str, en: &str) -> NewPurse {
    NewPurse {
        code: code.into(),
        source: "S01".into(),
        kinds: Vec::new(),
        household: None,
        zh: zh.into(),
        en: en.into(),
        since: on("2026-01-01").today,
        until: None,
    }
}

fn new_donor(s: &Stage, name: &str, id_number: Option<&str>, phone: Option<&str>) -> Result<(), Failure> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let new = crate::command::fund::NewDonor {
        id_number: text(id_number),
        phone: text(phone),
        ..super::giving::donor(name, false)
    };
    s.town.accountant.add_donor(&new, on(TOWN)).map(drop)
}

/// What the book says of the line itself is another matter.
fn of_length_only(result: Result<(), Failure>) -> Result<(), Failure> {
    match result {
        Err(Failure::Fund(_)) => Ok(()),
        other => other,
    }
}

/// That it is too long, with the limit, in both languages.
#[track_caller]
fn refused_for_length(result: Result<(), Failure>, most: usize, what: &str) {
    let failure = match result {
        Err(failure @ (Failure::TextTooLong { .. } | Failure::NotAReason { .. })) => failure,
        Err(failure @ Failure::Roll(NotARoll::NotAName)) => failure,
        Err(other) => panic!("{what}: {other:?}"),
        Ok(()) => panic!("{what}: it was taken"),
    };
    for lang in [lang::Lang::Zh, lang::Lang::En] {
        let said = lang::explain(&failure, lang);
        assert!(said.contains(&most.to_string()), "{what}: {said}");
    }
}

/// Every text of every record, opened.
fn kept(office: &Office) -> Vec<String> {
    let mut out = Vec::new();
    for frame in frames(office) {
        let record = Record::decode(&frame.record).unwrap();
        for event in bodies::open_ledger(&office.bureau.keys, &record).unwrap().events {
            texts(&serde_json::to_value(&event).unwrap(), &mut out);
        }
        for part in &record.persons {
            let part = bodies::open_part(&office.bureau.keys, &record, part.subject).unwrap();
            part.iter()
                .flat_map(|part| &part.0)
                .for_each(|(_, half)| texts(&serde_json::to_value(half).unwrap(), &mut out));
        }
    }
    out
}

fn texts(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => out.push(text.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|one| texts(one, out)),
        serde_json::Value::Object(all) => all.values().for_each(|one| texts(one, out)),
        _ => {}
    }
}

#[test]
fn every_text_has_a_limit_told_in_words_and_nothing_that_a_terminal_obeys_is_kept_of_any() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(folder.path());
    for Case { what, most, write } in CASES {
        refused_for_length(write(&stage, &"长".repeat(most + 1)), *most, what);
        let longest = format!(" {OBEYED}{}{OBEYED} ", "字".repeat(*most));
        write(&stage, &longest).unwrap_or_else(|failure| panic!("{what}: {}", said(&failure)));
    }
    for office in [&stage.scene.office, &stage.town.office] {
        let kept = kept(office);
        let longest = kept.iter().filter(|text| text.contains("字字字")).count();
        assert!(longest >= 10, "{longest} texts were looked at");
        // Paragraphs are a person's own; a built-in form is kept as the file it is.
        let is_own = |text: &&String| !text.contains("type,");
        let obeyed = |c: char| (c.is_control() && c != '\n') || lang::is_invisible(c);
        let wrong: Vec<&String> = kept.iter().filter(is_own).filter(|text| text.contains(obeyed)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(!kept.iter().any(|text| text.contains("标题") || text.contains("长长")));
    }
}

#[test]
fn a_name_of_a_question_to_the_roll_is_refused_with_what_nobody_sees() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let all = RollQuery::default().with("status", ["all"]);
    refused_for_length(office.save_roll(&"长".repeat(41), Some(&all), on(DAY)), 40, "roll");
    office.save_roll(&"字".repeat(40), Some(&all), on(DAY)).unwrap();
    for name in [OBEYED, "甲\u{202e}乙", "甲\u{1b}[2J", "甲\n乙"] {
        assert!(matches!(office.save_roll(name, Some(&all), on(DAY)), Err(Failure::Roll(NotARoll::NotAName))));
    }
}

#[test]
fn answers_remarks_and_reasons_in_a_survey_have_a_limit_and_take_nothing_that_a_terminal_obeys() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on(DAY)).unwrap();
    let path = || crate::domain::Path::new("visit/investigators");
    let note = |text: String| Step::Note { path: path(), text };
    let pass = |why: String| Step::Pass { path: path(), why };
    let mut refused = |step: Step| surveying.answer(&office, &step).unwrap().problem.map(|problem| problem.what);
    let too_long = |what: Option<What>| matches!(what, Some(What::NotRead(NotRead::TooLong { limit: 10_000 })));
    let obeyed = |what: Option<What>| matches!(what, Some(What::NotRead(NotRead::ControlCharacters)));
    for step in [&note as &dyn Fn(String) -> Step, &pass] {
        assert!(too_long(refused(step("长".repeat(10_001)))));
        assert!(obeyed(refused(step(format!("甲{OBEYED}乙")))));
        // There is nothing to pass there, which is said when the words are good.
        assert!(!too_long(refused(step("字".repeat(10_000)))));
    }
    let set = |value: String| Step::Set { path: path(), value };
    assert!(obeyed(refused(set(format!("甲{OBEYED}乙")))));
    assert!(too_long(refused(set("长".repeat(10_001)))));
    assert!(!too_long(refused(set("字".repeat(10_000)))));
    let kept = surveying.draft.answers();
    assert_eq!((kept.notes.len(), kept.passes.len()), (1, 0));
    assert!(kept.notes.iter().all(|note| note.text == "字".repeat(10_000)));
}

#[test]
fn every_text_that_a_verb_takes_is_tried() {
    let named: BTreeSet<&str> = Verb::all().into_iter().flat_map(texts_of).copied().collect();
    let elsewhere = ["answer", "note", "pass", "roll"];
    let tried: BTreeSet<&str> = CASES.iter().map(|case| case.what).chain(elsewhere).collect();
    assert_eq!(tried, named);
}

#[test]
fn whatever_is_told_of_a_typed_code_is_safe_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let (office, now) = (&scene.office, on(DAY));
    let typed = format!("甲{OBEYED}乙");
    let household = office.open(scene.dossier, now).unwrap();
    let wrong = Paper { kind: typed.clone(), ..paper(PaperState::Owed { until: None }) };
    for failure in [
        office.find(&typed, now).map(drop).unwrap_err(),
        office.set_division(&typed, now).unwrap_err(),
        office.give_block(&typed, office.station(), now).map(drop).unwrap_err(),
        household.note_papers(vec![wrong], now.today, None).unwrap_err(),
        household.ask(None, &typed, "请核对").map(drop).unwrap_err(),
        office.query(scene.dossier, &typed).map(drop).unwrap_err(),
        office.roll(&RollQuery::default().with("status", [typed.as_str()]), now).map(drop).unwrap_err(),
        office.roll(&RollQuery::default().with(&typed, ["1"]), now).map(drop).unwrap_err(),
        office.saved_roll(&typed, now).map(drop).unwrap_err(),
    ] {
        for lang in [lang::Lang::Zh, lang::Lang::En] {
            let said = lang::explain(&failure, lang);
            assert!(!said.contains(|c: char| c.is_control() || lang::is_invisible(c)), "{said:?}");
        }
    }
}
