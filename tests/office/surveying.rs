//! The office from end to end, over a store on disk: a survey from its steps to what is shown, explained and proved; a
//! second survey; a correction; two surveyors at once.

use dossier::command::survey::{Begin, Submitted, Surveying};
use dossier::command::{Failure, Household, Library, Office, OpenOffice, SessionContext, opening};
use dossier::domain::dossier::Status;
use dossier::domain::event::SurveyKind;
use dossier::domain::{Credential, Day, Entrance, Explain, Eyes, Fen, Now, Path, Stamp, Step};
use dossier::lang::Lang;
use dossier::present::{self, Words, happened, survey::Shown, text};
use dossier::seal::secret::SeededRandom;
use dossier::views::Horizon;
use std::path::Path as FilePath;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

pub(super) fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

/// Noon in the bureau.
fn noon(day: Day) -> i64 {
    i64::from(day.0) * 86_400_000 + 4 * 3_600_000
}

/// An office whose clock is turned by hand.
pub(super) struct Desk {
    pub(super) office: Office,
    clock: Arc<AtomicI64>,
}

impl Desk {
    pub(super) fn new(folder: &FilePath, on: &str, seed: u64) -> Desk {
        static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
        let clock = Arc::new(AtomicI64::new(noon(day(on))));
        let ticking = clock.clone();
        let library = LIBRARY.get_or_init(|| Arc::new(Library::built_in())).clone();
        let now = Now { at: Stamp(noon(day(on))), today: day(on) };
        let opened = opening::open(OpenOffice {
            clock: Box::new(move || ticking.load(Ordering::Relaxed)),
            machine: b"machine".to_vec(),
            thorough: true,
            ..OpenOffice::new(folder, library, Box::new(SeededRandom::new(seed)), now)
        })
        .unwrap();
        assert!(opened.found.is_empty() && opened.moved.is_none());
        Desk { office: opened.office, clock }
    }

    /// The rules of this year, made the bureau's own by somebody who may approve.
    pub(super) fn adopt(&self, approver: &Office, on: &str) {
        let proposed = dossier::command::adopting::Proposed::Brought("genhe-2026");
        approver.adopt_rules(proposed, "示例 2026 第 1 号", day(on), (None, None), self.on(on)).unwrap();
    }

    pub(super) fn on(&self, on: &str) -> Now {
        let at = (self.clock.load(Ordering::Relaxed) + 1000).max(noon(day(on)));
        self.clock.store(at, Ordering::Relaxed);
        Now { at: Stamp(at), today: day(on) }
    }

    /// The household, for a reason where it takes one.
    pub(super) fn open(&self, number: &str) -> Household<'_> {
        let now = Now {
            at: Stamp(self.clock.load(Ordering::Relaxed)),
            today: Stamp(self.clock.load(Ordering::Relaxed)).day(),
        };
        let found = self.office.find(number, now);
        found.or_else(|_| self.office.find_because(number, "示例事由共六字", now)).unwrap()
    }

    pub(super) fn begin(&self, number: Option<&str>, corrects: Option<u32>, on: &str) -> Surveying {
        let dossier = number.map(|number| self.office.find(number, self.on(on)).unwrap().id());
        let form = self.office.library().hardship().unwrap().clone();
        self.office.begin(Begin { dossier, form, corrects, updates: false, on_disk: true }, self.on(on)).unwrap()
    }

    pub(super) fn answer(&self, surveying: &mut Surveying, answers: &[(&str, &str)]) {
        for (path, value) in answers {
            let step = match *value {
                "+" => Step::Add { path: Path::new(*path) },
                value => Step::Set { path: Path::new(*path), value: value.into() },
            };
            let problem = surveying.answer(&self.office, &step).unwrap().problem;
            assert!(problem.as_ref().is_none_or(|p| p.lets_stand()), "{path}: {problem:?}");
        }
    }

    /// Confirms every carried answer that still stands unseen.
    pub(super) fn confirm(&self, surveying: &mut Surveying) {
        let rows = surveying.draft.rows_not_looked_at();
        let unseen = surveying.draft.route().into_iter().map(|stop| stop.at);
        let unseen = unseen.filter(|at| surveying.draft.view(*at).origin == dossier::domain::Origin::CarriedUnseen);
        let paths: Vec<Path> = rows.into_iter().chain(unseen).map(|at| surveying.draft.path(at)).collect();
        for path in paths {
            let outcome = surveying.answer(&self.office, &Step::Confirm { path }).unwrap();
            assert!(outcome.problem.is_none_or(|p| p.lets_stand()));
        }
    }

    pub(super) fn submit(&self, surveying: &mut Surveying, on: &str, beside: bool) -> Result<Submitted, Failure> {
        self.office.submit(surveying, self.on(on), beside)
    }

    pub(super) fn first(&self) -> Submitted {
        let mut surveying = self.begin(None, None, "2026-03-10");
        self.answer(&mut surveying, FIRST);
        self.answer(&mut surveying, &money("2026-03-10", "15000.00", "3000.00"));
        self.submit(&mut surveying, "2026-03-10", false).unwrap()
    }
}

const FIRST: &[(&str, &str)] = &[
    ("visit/survey_type", "1"),
    ("visit/survey_date", "2026-03-10"),
    ("visit/investigators", "示例甲、示例乙"),
    ("visit/consent_sensitive", "1"),
    ("application/app_by", "1"),
    ("application/app_for_whom", "1"),
    ("application/app_for", "1 2"),
    ("application/app_channel", "1"),
    ("application/app_accepted_on", "2026-03-02"),
    ("identity/name", "示例丙"),
    ("identity/id_number", "152126196803150311"),
    ("identity/sex", "1"),
    ("identity/birth_date", "1968-03-15"),
    ("identity/ethnicity", "01"),
    ("identity/political_status", "13"),
    ("identity/marital_status", "20"),
    ("identity/education", "71"),
    ("identity/health_status", "41"),
    ("identity/disease_name", "01"),
    ("identity/model_worker", "0"),
    ("identity/hukou_type", "1"),
    ("identity/hukou_division", "150785"),
    ("identity/address", "青松林场第一居民组1号"),
    ("identity/phone", "13800000000"),
    ("identity/union_member", "1"),
    ("identity/work_unit", "JH12"),
    ("identity/unit_nature", "2"),
    ("identity/work_status", "15"),
    ("identity/work_start", "1988-07-01"),
    ("identity/bank_name", "林城支行"),
    ("identity/bank_account", "6228480000000000018"),
    ("family/single_parent", "2"),
    ("family/housing_type", "3"),
    ("family/housing_area", "56"),
    ("family/housing_count", "1"),
    ("family/has_vehicle", "1"),
    ("family/has_business", "2"),
    ("family/financial_assets", "2000.00"),
    ("family/members", "+"),
    ("family/members[1]/m_name", "示例丁"),
    ("family/members[1]/m_relation", "12"),
    ("family/members[1]/m_id_number", "152126197108220423"),
    ("family/members[1]/m_sex", "2"),
    ("family/members[1]/m_birth_date", "1971-08-22"),
    ("family/members[1]/m_health", "10"),
    ("family/members[1]/m_person_status", "13"),
    ("family/members[1]/m_month_income", "0.00"),
    ("family/members[1]/m_medical_ins", "2"),
    ("family/members[1]/m_labour", "1"),
    ("family/members[1]/m_lives_together", "1"),
    ("family/cause_main", "061"),
    ("jobs/has_job_need", "2"),
    ("jobs/help_wanted", "1 2"),
    ("craft/self_help", "1"),
];

/// What is asked afresh in every survey: the wages of the year and the bills are the case's, the rest is nothing.
pub(super) fn money<'a>(on: &'a str, wages: &'a str, bills: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut out = vec![("family/dibao_status", "2"), ("income/income_period", "1")];
    out.extend([("income/own_month_wage", "1000.00"), ("income/inc_wage", wages)]);
    out.extend(
        [
            "income/inc_business",
            "income/inc_property",
            "income/inc_pension",
            "income/inc_transfer",
            "income/inc_other",
            "income/exp_education",
            "income/exp_disability",
            "income/exp_employment",
            "income/loss_accident",
            "income/loss_compensated",
        ]
        .map(|path| (path, "0.00")),
    );
    out.extend([("income/exp_med_total", bills), ("income/exp_med_reimb", "0.00")]);
    out.push(("sign_off/applicant_sign_date", on));
    out
}

/// What a survey after the first asks besides.
pub(super) fn again<'a>(on: &'a str, kind: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("visit/survey_type", kind),
        ("visit/survey_date", on),
        ("visit/investigators", "示例甲、示例乙"),
        ("visit/consent_sensitive", "1"),
        ("family/housing_count", "1"),
        ("family/has_vehicle", "1"),
        ("family/has_business", "2"),
        ("family/financial_assets", "2000.00"),
        ("family/members[1]/m_month_income", "0.00"),
        ("jobs/has_job_need", "2"),
        ("life/has_change", "2"),
        ("life/trend", "2"),
        ("life/cause_gone", "2"),
    ]
}

fn category(desk: &Desk, number: &str, on: Option<&str>, known: Option<&str>) -> Option<String> {
    let horizon = Horizon::new(on.map(day), known.map(day));
    desk.open(number).status(horizon).category
}

#[test]
fn a_survey_is_kept_shown_explained_and_proved_and_stands_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("store");
    let desk = Desk::new(&place, "2026-03-01", 1);
    let kept = desk.first();
    assert_eq!(kept.number, "150785-2026-0001");
    assert_eq!(kept.decision.as_ref().and_then(|d| d.category.as_deref()), Some("1"));
    assert_eq!(kept.next_due, Some(day("2026-09-10")));
    desk.office.close().unwrap();

    let desk = Desk::new(&place, "2026-03-11", 2);
    let household = desk.open(&kept.number);
    let (status, line, decision) = household.explain(Horizon::NOW, household.eyes()).unwrap();
    assert_eq!((status.status, status.versions.len()), (Some(Status::Submitted), 1));
    // (15000 - 3000) / 12 / 2
    assert_eq!(line.per_head_net, Some(Fen::from_yuan("500.00").unwrap()));
    assert_eq!(decision.rule_set, "genhe-2026");
    assert!(
        decision.trace.iter().any(|step| step.holds == dossier::domain::decision::Holds::Yes),
        "{:?}",
        decision.trace
    );
    let unit = desk.office.unit_by_code("JH12", day("2026-03-10")).unwrap();
    assert!(unit.is_some() && status.unit == unit);
    assert!(desk.office.verify(None, true, |_, _| {}).unwrap().holds());
    desk.office.close().unwrap();
}

#[test]
fn a_second_survey_adds_a_version_and_the_first_still_answers_for_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut surveying = desk.begin(Some(&number), None, "2026-09-08");
    assert_eq!(surveying.keeping.head.kind, SurveyKind::Periodic);
    let supplied = ("previous_survey_date".to_owned(), "2026-03-10".to_owned());
    assert!(surveying.keeping.head.values.contains(&supplied));
    desk.answer(&mut surveying, &again("2026-09-08", "2"));
    desk.answer(&mut surveying, &money("2026-09-08", "30000.00", "3000.00"));
    desk.confirm(&mut surveying);
    assert_eq!(surveying.draft.rows_not_looked_at(), []);
    let kept = desk.submit(&mut surveying, "2026-09-08", false).unwrap();
    assert_eq!(kept.number, number);
    assert_eq!(category(&desk, &number, None, None).as_deref(), Some("2"));
    assert_eq!(category(&desk, &number, Some("2026-09-07"), None).as_deref(), Some("1"));
    assert_eq!(category(&desk, &number, Some("2026-09-08"), None).as_deref(), Some("2"));
    assert_eq!(category(&desk, &number, Some("2026-03-09"), None), None);
    assert!(desk.office.verify(None, true, |_, _| {}).unwrap().holds());
    desk.office.close().unwrap();
}

#[test]
fn a_review_says_what_the_survey_comes_to_what_differs_and_what_was_passed_and_an_answer_is_read_through_all_surveys() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut surveying = desk.begin(Some(&number), None, "2026-09-08");
    desk.answer(&mut surveying, &again("2026-09-08", "2"));
    desk.answer(&mut surveying, &money("2026-09-08", "30000.00", "3000.00"));
    let remark = Step::Note { path: Path::new("income/inc_wage"), text: "见工资条".into() };
    surveying.answer(&desk.office, &remark).unwrap();
    desk.confirm(&mut surveying);
    desk.submit(&mut surveying, "2026-09-08", false).unwrap();
    let household = desk.open(&number);
    let (words, status) = (Words::new(&desk.office, Lang::Zh), household.status(Horizon::NOW));
    let (first, second) = (&status.versions[0], &status.versions[1]);
    let shown =
        |line| text::sheet(&present::review::sheet(&words, &household, line, Eyes::Duty).unwrap(), None).join("\n");
    let sheet = shown(second);
    for told in ["本次调查算得：2", "与上次（1  2026-03-10）相比", "66 ", "备注：见工资条", "沿用上次，已确认"]
    {
        assert!(sheet.contains(told), "{told}: {sheet}");
    }
    assert!(!shown(first).contains("与上次"), "the first has none before it");
    let survey = present::survey::read(&words, &household, second, Eyes::Duty, Shown::All).unwrap();
    let wage = survey.answers_to("66");
    assert_eq!((wage.len(), survey.answers_to("inc_wage")), (1, wage.clone()), "by number or by name");
    assert!(survey.answers_to("no such question").is_empty());
    let life = present::review::life(&words, &household.life_of(&status, second, &wage[0]).unwrap(), Eyes::Duty);
    let line = |at: usize| life.rows[at].cells.iter().map(|cell| cell.shown()).collect::<Vec<_>>();
    assert_eq!((line(0)[0].as_str(), line(1)[0].as_str()), ("2026-03-10", "2026-09-08"));
    assert_eq!((line(1)[2].as_str(), line(1)[3].as_str(), line(1)[6].as_str()), ("30,000.00", "本次询问", "见工资条"));
    assert_ne!(line(0)[2], line(1)[2]);
    // Each reading of a corrected survey has its own line.
    let mut correcting = desk.begin(Some(&number), Some(1), "2026-09-09");
    desk.answer(&mut correcting, &[("income/inc_wage", "12000.00")]);
    desk.submit(&mut correcting, "2026-09-09", false).unwrap();
    let household = desk.open(&number);
    let status = household.status(Horizon::NOW);
    let lines = household.life_of(&status, &status.versions[1], &wage[0]).unwrap();
    let called: Vec<String> = lines.iter().map(|line| line.reading.called()).collect();
    assert_eq!(called, ["1.1", "1.2", "2"]);
    desk.office.close().unwrap();
}

#[test]
fn a_correction_is_right_about_its_day_and_the_mistake_is_what_was_known() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut surveying = desk.begin(Some(&number), Some(1), "2026-04-20");
    desk.answer(
        &mut surveying,
        // A correction of the first survey asks no more than the first did.
        &[("income/inc_wage", "45000.00"), ("income/own_month_wage", "3750.00")],
    );
    desk.submit(&mut surveying, "2026-04-20", false).unwrap();
    // (45000 - 3000) / 12 / 2 = 1750: over twice the line of 820.
    assert_eq!(category(&desk, &number, Some("2026-03-10"), None).as_deref(), Some("0"));
    assert_eq!(category(&desk, &number, Some("2026-03-10"), Some("2026-04-19")).as_deref(), Some("1"));
    let household = desk.open(&number);
    let status = household.status(Horizon::NOW);
    assert_eq!(status.versions.len(), 1);
    assert!(status.versions[0].corrected && status.conflict.is_empty());
    // Both readings of the one day are there, by number and by record, and can be compared.
    let reading = |asked: &str| household.reading(&status, asked).map(|line| line.record).ok();
    let (first, record) = (status.versions[0].first, status.versions[0].record);
    assert_eq!([reading("1.1"), reading("1.2"), reading("1")], [Some(first), Some(record), Some(record)]);
    assert_eq!([reading(&first.hex()[..8]), reading(&record.hex())], [Some(first), Some(record)]);
    assert_eq!([reading("1.3"), reading("2"), reading("1."), reading("00000000")], [None; 4]);
    let words = Words::new(&desk.office, Lang::Zh);
    let [before, after] = ["1.1", "1.2"].map(|asked| household.reading(&status, asked).unwrap());
    let compared = present::dossier::compared(&words, &household, &before, &after, Eyes::Duty).unwrap();
    assert_eq!(compared.table.columns[1].title, "1.1  2026-03-10 (2026-03-10)");
    assert_eq!(compared.table.columns[2].title, "1.2  2026-03-10 (2026-04-20)");
    let wages: Vec<String> = compared.table.rows.iter().map(|row| row.cells[2].shown()).collect();
    assert!(wages.contains(&"45,000.00".to_owned()) && wages.contains(&"3,750.00".to_owned()), "{wages:?}");
    drop(compared);
    drop(household);
    assert!(desk.office.verify(None, true, |_, _| {}).unwrap().holds());
    desk.office.close().unwrap();
}

#[test]
fn a_correction_reads_the_units_of_the_day_it_is_about_and_the_next_survey_those_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let mut first = desk.begin(None, None, "2026-03-10");
    desk.answer(&mut first, FIRST);
    desk.answer(&mut first, &[("identity/work_unit", "JH13")]);
    desk.answer(&mut first, &money("2026-03-10", "15000.00", "3000.00"));
    let number = desk.submit(&mut first, "2026-03-10", false).unwrap().number;
    // The farm goes over into another one.
    let tree = std::fs::read_to_string("src/data/units/jinhe.csv").unwrap();
    let stood = "Baihua Forest Farm,forest_farm,JH,,,";
    assert!(tree.contains(stood));
    let tree = tree.replace(stood, "Baihua Forest Farm,forest_farm,JH,,2026-03-31,JH14");
    let tree = dossier::command::library::read_units(&tree).unwrap();
    desk.office.import_units(&tree, desk.on("2026-04-01")).unwrap();
    let takes = |surveying: &Surveying, code: &str| {
        let at = surveying.draft.at(&Path::new("identity/work_unit")).unwrap();
        surveying.draft.read(at, code).is_ok()
    };
    let mut mended = desk.begin(Some(&number), Some(1), "2026-04-20");
    assert!(takes(&mended, "JH13"));
    desk.answer(&mut mended, &[("income/inc_wage", "45000.00"), ("income/own_month_wage", "3750.00")]);
    desk.submit(&mut mended, "2026-04-20", false).unwrap();
    assert_eq!(category(&desk, &number, Some("2026-03-10"), None).as_deref(), Some("0"));
    let next = desk.begin(Some(&number), None, "2026-09-08");
    assert!(!takes(&next, "JH13") && takes(&next, "JH14"));
    desk.office.close().unwrap();
}

#[test]
fn a_correction_of_an_older_survey_does_not_bring_its_answers_into_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut second = desk.begin(Some(&number), None, "2026-09-08");
    desk.answer(&mut second, &again("2026-09-08", "2"));
    desk.answer(&mut second, &money("2026-09-08", "15000.00", "3000.00"));
    desk.answer(&mut second, &[("identity/phone", "13900000000")]);
    desk.confirm(&mut second);
    desk.submit(&mut second, "2026-09-08", false).unwrap();
    let mut mended = desk.begin(Some(&number), Some(1), "2026-09-20");
    desk.submit(&mut mended, "2026-09-20", false).unwrap();
    let third = desk.begin(Some(&number), None, "2026-10-01");
    let phone = third.draft.at(&Path::new("identity/phone")).unwrap();
    assert_eq!(third.draft.value(phone), "13900000000");
    desk.office.close().unwrap();
}

#[test]
fn two_surveys_from_one_place_are_refused_or_stand_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let number = desk.first().number;
    let mut both: Vec<Surveying> = (0..2).map(|_| desk.begin(Some(&number), None, "2026-09-08")).collect();
    for surveying in &mut both {
        desk.answer(surveying, &again("2026-09-08", "2"));
        desk.answer(surveying, &money("2026-09-08", "15000.00", "3000.00"));
        desk.confirm(surveying);
    }
    let mut late = both.pop().unwrap();
    desk.submit(&mut both.pop().unwrap(), "2026-09-08", false).unwrap();
    let now = desk.on("2026-09-09");
    let failure = desk.office.submit(&mut late, now, false).unwrap_err();
    assert_eq!(failure.explain().key, "command.moved");
    assert!(desk.open(&number).status(Horizon::NOW).conflict.is_empty());
    desk.submit(&mut late, "2026-09-09", true).unwrap();
    assert_eq!(desk.open(&number).status(Horizon::NOW).conflict.len(), 2);
    assert!(desk.office.verify(None, true, |_, _| {}).unwrap().holds());
    desk.office.close().unwrap();
}

#[test]
fn a_status_moves_only_where_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let kept = desk.first();
    let approver =
        desk.office.add_officer("示例批准人", "approver", &["approver"], &[], desk.on("2026-03-01")).unwrap();
    let approver = desk.office.seat(approver, SessionContext::program("test"));
    desk.adopt(&approver, "2026-03-01");
    let go = |to, on: &str, reason| {
        let seat = if to == Status::Approved { &approver } else { &desk.office };
        seat.open(kept.dossier, desk.on(on)).unwrap().move_status(to, day(on), reason, None)
    };
    let refused = go(Status::Open, "2026-03-11", None).unwrap_err();
    assert_eq!(refused.explain().key, "dossier.not_allowed");
    for (to, on) in [
        (Status::Verifying, "2026-03-12"),
        (Status::Reviewed, "2026-03-18"),
        (Status::Endorsed, "2026-03-19"),
        (Status::Noticed, "2026-03-20"),
        (Status::Approved, "2026-03-28"),
        (Status::Open, "2026-03-30"),
    ] {
        go(to, on, None).unwrap();
        let before = Horizon::new(Some(day(on).plus_days(-1)), None);
        assert_eq!(desk.open(&kept.number).status(Horizon::NOW).status, Some(to));
        assert_ne!(desk.open(&kept.number).status(before).status, Some(to));
    }
    go(Status::Closed, "2026-06-01", Some("03")).unwrap();
    let status = desk.open(&kept.number).status(Horizon::NOW);
    assert_eq!((status.status, status.next_due), (Some(Status::Closed), None));
    assert!(desk.office.verify(None, true, |_, _| {}).unwrap().holds());
    desk.office.close().unwrap();
}

#[test]
fn a_history_names_the_way_in_to_those_who_see_the_log_and_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 1);
    let kept = desk.first();
    let first = desk.office.officers().unwrap()[0].officer;
    let person =
        |name: &str, role: &str| desk.office.add_officer(name, role, &[role], &[], desk.on("2026-03-01")).unwrap();
    let (reviewer, supervisor) = (person("示例复核", "reviewer"), person("示例主管", "supervisor"));
    let key =
        Credential::Key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH".into());
    let (entrance, address) = (Entrance::Own(key.clone()), "10.20.3.4".to_owned());
    let from_afar = desk.office.seat(first, SessionContext { entrance, address, ..SessionContext::program("test") });
    let open = from_afar.open(kept.dossier, desk.on("2026-03-12")).unwrap();
    open.move_status(Status::Verifying, day("2026-03-12"), None, None).unwrap();
    let history = desk.open(&kept.number).history().clone();
    let [reviewer, supervisor] =
        [reviewer, supervisor].map(|who| desk.office.seat(who, SessionContext::program("test")));
    let told = |office: &Office| {
        let table = happened::table(&Words::new(office, Lang::En), &history, &[], Horizon::NOW);
        text::table(&table, None).join("\n")
    };
    let way = format!("{} 10.20.3.4", key.shown());
    assert!(way.starts_with("SHA256:"), "{way}");
    assert_eq!(told(&supervisor).matches(&way).count(), 1, "{}", told(&supervisor));
    let told = told(&reviewer);
    assert!(!told.contains("SHA256:") && !told.contains("10.20.3.4"), "{told}");
    desk.office.close().unwrap();
}

#[test]
fn one_day_with_the_clock_far_ahead_blinds_no_later_view_of_what_was_known() {
    let folder = tempfile::tempdir().unwrap();
    let library = Arc::new(Library::built_in());
    let open = |on: &str| {
        let now = Now { at: Stamp(noon(day(on))), today: day(on) };
        let seed = u64::from(day(on).0.unsigned_abs());
        let asked = OpenOffice::new(folder.path(), library.clone(), Box::new(SeededRandom::new(seed)), now);
        (opening::open(OpenOffice { machine: b"machine".to_vec(), ..asked }).unwrap().office, now)
    };
    let household = |office: &Office, now: Now| {
        let file = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/illness.json");
        let steps = dossier::form::run::steps(&std::fs::read_to_string(file).unwrap()).unwrap();
        let form = office.library().hardship().unwrap().clone();
        let mut surveying =
            office.begin(Begin { dossier: None, form, corrects: None, updates: false, on_disk: false }, now).unwrap();
        steps.iter().for_each(|step| drop(surveying.answer(office, step).unwrap()));
        office.submit(&mut surveying, now, false).unwrap().dossier
    };
    let (office, now) = open("2026-03-11");
    let before = household(&office, now);
    office.close().unwrap();
    let (office, now) = open("2041-05-05");
    let odd = household(&office, now);
    office.close().unwrap();
    let (office, now) = open("2026-03-20");
    let after = household(&office, now);
    let known = |dossier, on: &str| {
        let horizon = Horizon::new(None, Some(day(on)));
        office.open(dossier, now).unwrap().history().versions(horizon).len()
    };
    for (dossier, seen) in [(before, [1, 1, 1]), (after, [0, 1, 1]), (odd, [0, 0, 1])] {
        let counts = ["2026-03-15", "2026-03-21", "2041-05-06"].map(|on| known(dossier, on));
        assert_eq!(counts, seen);
    }
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
    office.close().unwrap();
}

/// Everything that is shown about a household, by every renderer, for those eyes.
fn everything_shown(desk: &Desk, number: &str, eyes: Eyes, lang: Lang) -> Vec<(String, String)> {
    let household = desk.open(number);
    let status = household.status(Horizon::NOW);
    let words = present::Words::new(&desk.office, lang);
    let (earlier, later) = (&status.versions[0], &status.versions[1]);
    let survey = present::survey::read(&words, &household, later, eyes, Shown::All).unwrap();
    let compared = present::dossier::compared(&words, &household, earlier, later, eyes).unwrap();
    let answers = household.survey(later).unwrap().answers;
    let glance = present::dossier::at_a_glance(&words, &household, Horizon::NOW, eyes, day("2026-12-01")).unwrap();
    let queries = present::dossier::queries_of(&words, &household, Horizon::NOW, eyes).unwrap();
    let said = queries.iter().map(|line| present::text::table(&present::dossier::said(&words, line), None).join("\n"));
    let said = ("said".to_owned(), said.collect::<Vec<_>>().join("\n"));
    let sheets = [
        ("survey", survey.sheet(&words)),
        ("form", present::paper::filled(&words, &household, later, eyes).unwrap()),
        ("changes", present::paper::changes(&words, &household, earlier, later, eyes).unwrap()),
        ("copy", present::paper::copy(&words, &household, later, eyes).unwrap()),
        ("visit", present::paper::visit(&words, &household, later, eyes).unwrap()),
        ("review", present::review::sheet(&words, &household, later, eyes).unwrap()),
    ];
    let life = |question: &str| {
        let path = survey.answers_to(question).remove(0);
        present::review::life(&words, &household.life_of(&status, later, &path).unwrap(), eyes)
    };
    let tables = [
        ("people", present::dossier::people(&words, &answers, eyes)),
        ("queries", present::dossier::queries(&words, &household, &status, &queries, eyes)),
        ("versions", present::dossier::versions(&words, &status, Eyes::Duty)),
        ("difference", compared.table.clone()),
        ("life of an ID number", life("id_number")),
        ("life of a cause", life("cause_main")),
    ];
    let mut out = vec![
        said,
        ("survey json".to_owned(), survey.json().to_string()),
        ("difference json".to_owned(), compared.json(&words).to_string()),
        ("glance".to_owned(), present::text::fields(&glance, Some(80)).join("\n")),
    ];
    for (name, sheet) in &sheets {
        out.push((format!("{name} text"), present::text::sheet(sheet, Some(80)).join("\n")));
        out.push((format!("{name} html"), present::html::sheet(sheet)));
        out.push((format!("{name} json"), present::json::sheet(sheet).to_string()));
    }
    for (name, table) in &tables {
        out.push((format!("{name} text"), present::text::table(table, None).join("\n")));
        out.push((format!("{name} csv"), present::csv::table(table, present::csv::Heads::Titles)));
        out.push((format!("{name} json"), present::json::table(table).to_string()));
    }
    out
}

#[test]
fn what_a_form_covers_comes_through_nowhere_until_it_is_revealed_and_rows_are_named_by_their_members() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 9);
    let number = desk.first().number;
    let mut second = desk.begin(Some(&number), None, "2026-09-12");
    desk.answer(&mut second, &again("2026-09-12", "2"));
    desk.answer(&mut second, &money("2026-09-12", "16000.00", "3000.00"));
    // What is covered differs between the two as well; and a remark hangs on an answer of the roster.
    desk.answer(&mut second, &[("identity/phone", "13800001111"), ("identity/bank_account", "6228480000000000026")]);
    desk.answer(&mut second, &[("family/members[1]/m_health", "41"), ("family/members[1]/m_disease", "01")]);
    desk.confirm(&mut second);
    let remark = Step::Note { path: Path::new("family/members[1]/m_health"), text: "见住院单".into() };
    second.answer(&desk.office, &remark).unwrap();
    desk.submit(&mut second, "2026-09-12", false).unwrap();
    desk.open(&number).ask(None, "family/members[1]/m_relation", "请核对").unwrap();
    desk.open(&number).ask(None, "family/members[1]/m_health", "是否尿毒症").unwrap();

    let covered = [
        "152126196803150311",
        "152126197108220423",
        "13800000000",
        "13800001111",
        "6228480000000000018",
        "6228480000000000026",
        "第一居民组1号",
        "林城支行",
        "恶性肿瘤",
    ];
    let internal = ["members[", "m_relation", "inc_wage", "family/", "identity/"];
    for lang in Lang::ALL {
        for (name, text) in everything_shown(&desk, &number, Eyes::Duty, lang) {
            for secret in covered {
                assert!(!text.contains(secret), "{name} shows {secret}: {text}");
            }
            // What was remarked about a covered answer is read by those who check it.
            assert!(text.contains("见住院单") || !name.starts_with("survey"), "{name}: {text}");
            assert!(
                text.contains("示例丁") || !["people", "survey", "form"].iter().any(|of| name.starts_with(of)),
                "{name}: {text}"
            );
            // Paths are for programs alone.
            if !name.ends_with("json") {
                for inside in internal {
                    assert!(!text.contains(inside), "{name} says {inside}: {text}");
                }
            }
        }
        let elsewhere = everything_shown(&desk, &number, Eyes::Elsewhere, lang);
        assert!(elsewhere.iter().all(|(_, text)| !text.contains("示例丁")), "names are covered for others");
        // Whoever pays tells people apart, and reads nothing that points to an illness.
        for (name, text) in everything_shown(&desk, &number, Eyes::Names, lang) {
            // The sheet for a visit has every choice to be ticked, ticked or not.
            for word in ["病休", "On sick leave", "医疗救助", "Medical aid"] {
                assert!(!text.contains(word) || name.starts_with("visit"), "{name} shows {word}: {text}");
            }
        }
        // A query about a covered answer is one for whoever asks and answers there, and for nobody else.
        for eyes in [Eyes::Duty, Eyes::Revealed] {
            let shown = everything_shown(&desk, &number, eyes, lang);
            assert!(shown.iter().any(|(name, text)| name == "said" && text.contains("尿毒症")), "{eyes:?}");
        }
        for (name, text) in &elsewhere {
            assert!(!text.contains("尿毒症"), "{name}: {text}");
            // That there is one at all would tell that something is asked about.
            assert!(name != "said" || text.contains("请核对") && !text.contains("***"), "{name}: {text}");
        }
    }
    let revealed = everything_shown(&desk, &number, Eyes::Revealed, Lang::Zh);
    let whole = |name: &str| revealed.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str()).unwrap();
    for reported in ["152126197108220423", "13800001111", "林城支行", "恶性肿瘤", "见住院单", "请核对"] {
        assert!(whole("survey text").contains(reported), "{reported}: {}", whole("survey text"));
    }
    assert!(whole("difference text").contains("示例丁：50 健康状况"), "{}", whole("difference text"));
    assert!(whole("queries text").contains("示例丁：46 与职工关系"), "{}", whole("queries text"));
}

#[test]
fn whoever_pays_reads_no_word_about_an_illness_and_no_figure_that_tells_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 9);
    let mut first = desk.begin(None, None, "2026-03-10");
    desk.answer(&mut first, FIRST);
    desk.answer(&mut first, &money("2026-03-10", "15000.00", "3000.00"));
    let remark = |path: &str, text: &str| Step::Note { path: Path::new(path), text: text.into() };
    for (path, text) in [("family/cause_main", "见住院单"), ("income/inc_wage", "见工资条")] {
        first.answer(&desk.office, &remark(path, text)).unwrap();
    }
    let number = desk.submit(&mut first, "2026-03-10", false).unwrap().number;
    desk.open(&number).ask(None, "family/cause_main", "是否尿毒症").unwrap();
    desk.open(&number).ask(None, "income/inc_wage", "与工资条不符").unwrap();
    let seat = |role: &str| {
        let name = format!("{role} alone");
        let officer = desk.office.add_officer(&name, &name, &[role], &[], desk.on("2026-03-11")).unwrap();
        desk.office.seat(officer, SessionContext::program("test"))
    };
    let shown = |office: &Office| {
        let household = office.find(&number, desk.on("2026-03-12")).unwrap();
        let (words, eyes) = (Words::new(office, Lang::Zh), household.eyes());
        let (_, version, decision) = household.explain(Horizon::NOW, household.eyes()).unwrap();
        let survey = present::survey::read(&words, &household, &version, eyes, Shown::All).unwrap();
        let queries = present::dossier::queries_of(&words, &household, Horizon::NOW, eyes).unwrap();
        let said: Vec<&str> = queries.iter().flat_map(|line| &line.said).map(|said| said.text.as_str()).collect();
        let why: Vec<String> = present::dossier::reasons(&words, &decision).into_iter().map(|said| said.text).collect();
        let json = dossier::rules::json::decision(&decision);
        let form = present::paper::filled(&words, &household, &version, eyes).unwrap();
        let survey = [survey.json().to_string(), text::sheet(&form, Some(80)).join("\n")].concat();
        let (status, today) = (household.status(Horizon::NOW), desk.on("2026-03-12").today);
        let facts = present::dossier::at_a_glance(&words, &household, Horizon::NOW, eyes, today).unwrap();
        let facts: Vec<String> = facts.into_iter().map(|field| field.value.shown()).collect();
        let versions = &present::dossier::versions(&words, &status, eyes).rows;
        let versions: Vec<String> = versions.iter().flat_map(|row| &row.cells).map(|cell| cell.shown()).collect();
        let all = [said.join("\n"), survey, facts.join("\n"), versions.join("\n")];
        (all.join("\n"), why.join("\n"), json)
    };
    let (survey, why, json) = shown(&seat("cashier"));
    let surveyor = seat("surveyor");
    // On sick leave, and medical aid wanted.
    for points_to_it in ["病休", "医疗救助"] {
        assert!(!survey.contains(points_to_it) && shown(&surveyor).0.contains(points_to_it), "{points_to_it}");
    }
    // What is left a head gives what an illness costs by arithmetic; that it is below the line is said.
    let net = desk.open(&number).status(Horizon::NOW).per_head_net.unwrap();
    for text in [&survey, &why, &json.to_string()] {
        assert!(!text.contains(&net.grouped()) && !text.contains(&net.yuan()), "{net:?}: {text}");
    }
    assert!(survey.contains("*** <") || survey.contains("*** ≥"), "{survey}");
    assert!(shown(&seat("reviewer")).0.contains(&net.grouped()));
    for covered in ["见住院单", "是否尿毒症", "3,000.00"] {
        assert!(!survey.contains(covered), "{covered}: {survey}");
    }
    for open in ["见工资条", "与工资条不符", "***"] {
        assert!(survey.contains(open), "{open}: {survey}");
    }
    // The illness that the household is in hardship by, and what it cost.
    let (_, whole, whole_json) = shown(&surveyor);
    assert!(whole.contains("3,000.00"), "{whole}");
    assert!(!why.contains("3,000.00") && !why.contains("因病：是") && why.contains("***"), "{why}");
    let operands = |json: &serde_json::Value| {
        let of = |step: &serde_json::Value| step["operands"].as_object().unwrap().clone().into_iter();
        json["trace"].as_array().unwrap().iter().flat_map(of).collect::<Vec<_>>()
    };
    assert_eq!(operands(&json).len(), operands(&whole_json).len());
    for (name, value) in operands(&json) {
        let fact = dossier::rules::facts::Fact::from_name(&name);
        assert_eq!(value == "***", fact.is_some_and(|fact| fact.tells_of_illness()), "{name}: {value}");
    }
    assert!(!json.to_string().contains("3000.00"), "{json}");
}

fn said(failure: &Failure) -> Vec<String> {
    failure.details().iter().map(|message| dossier::lang::say(message, Lang::En)).collect()
}

/// Answers, some of them other ones, or none, and some more.
fn instead<'a>(all: &[(&'a str, &'a str)], of: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<(&str, &str)> = Vec::new();
    for (path, value) in all {
        let value = of.iter().find(|(other, _)| other == path).map_or(*value, |(_, value)| *value);
        out.extend((!value.is_empty()).then_some((*path, value)));
    }
    let is_more = |(path, value): &&(&str, &str)| !value.is_empty() && all.iter().all(|(other, _)| other != path);
    out.extend(of.iter().filter(is_more));
    out
}

#[test]
fn whoever_an_answer_is_covered_from_cannot_tell_an_ill_household_from_a_well_one() {
    // One falls ill and is asked what follows from that; the other works, and is asked what follows from that.
    let shown = |of: &[(&str, &str)], later: &[(&str, &str)], bills: &str| {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::new(&folder.path().join("store"), "2026-03-01", 9);
        let mut first = desk.begin(None, None, "2026-03-10");
        desk.answer(&mut first, &instead(FIRST, of));
        desk.answer(&mut first, &money("2026-03-10", "15000.00", "0.00"));
        let kept = desk.submit(&mut first, "2026-03-10", false);
        let number = kept.unwrap_or_else(|failure| panic!("{:?}", said(&failure))).number;
        let mut second = desk.begin(Some(&number), None, "2026-09-12");
        desk.answer(&mut second, &again("2026-09-12", "2"));
        desk.answer(&mut second, &money("2026-09-12", "16000.00", bills));
        desk.answer(&mut second, later);
        desk.confirm(&mut second);
        desk.submit(&mut second, "2026-09-12", false).unwrap_or_else(|failure| panic!("{:?}", said(&failure)));
        let by = |eyes| everything_shown(&desk, &number, eyes, Lang::Zh).into_iter();
        // What was decided, and by what day the next survey is due, is open.
        let is_of_answers = |name: &str| !["glance", "versions", "review"].iter().any(|open| name.starts_with(open));
        let of_answers = move |eyes| by(eyes).filter(|(name, _)| is_of_answers(name)).collect::<Vec<_>>();
        let household = desk.open(&number);
        let status = household.status(Horizon::NOW);
        let words = present::Words::new(&desk.office, Lang::Zh);
        let mut out = Vec::new();
        for eyes in [Eyes::Names, Eyes::Elsewhere] {
            out.extend(of_answers(eyes));
            let version = &status.versions[1];
            let answered = present::survey::read(&words, &household, version, eyes, Shown::Answered).unwrap();
            out.push(("answered json".to_owned(), answered.json().to_string()));
            for question in ["identity/disease_name", "identity/contract_term", "identity/health_status"] {
                let lines = household.life_of(&status, version, &Path::new(question)).unwrap();
                let life = present::text::table(&present::review::life(&words, &lines, eyes), None);
                out.push((format!("life of {question}"), life.join("\n")));
            }
        }
        out
    };
    let ill = shown(
        &[
            // A disability card's number has the kind and the grade at its end.
            ("identity/health_status", "41 61"),
            ("identity/disability_category", "1"),
            ("identity/disability_grade", "1"),
            ("identity/disability_cert_no", "15212619680315031111"),
        ],
        &[
            ("family/members[1]/m_health", "41"),
            ("family/members[1]/m_disease", "01"),
            ("income/stays", "+"),
            ("income/stays[1]/st_person", "1"),
            ("income/stays[1]/st_reason", "1"),
            ("income/stays[1]/st_from", "2026-07-01"),
            ("income/stays[1]/st_bill", "3000.00"),
            ("income/stays[1]/st_reimb", "0.00"),
        ],
        "3000.00",
    );
    let well = shown(
        &[
            ("identity/health_status", "10"),
            ("identity/disease_name", ""),
            ("identity/work_status", "18"),
            ("identity/contract_term", "3"),
            ("family/members[1]/m_person_status", "11"),
            ("family/members[1]/m_unit", "某木器厂"),
            ("family/cause_main", "04"),
            ("application/app_for", "1"),
            ("jobs/help_wanted", "1"),
        ],
        &[],
        "0.00",
    );
    assert_eq!(ill.len(), well.len());
    for ((name, ill), (_, well)) in ill.iter().zip(&well) {
        let differ = |text: &str, other: &str| -> Vec<String> {
            text.lines().filter(|line| !other.contains(*line)).take(6).map(str::to_owned).collect()
        };
        assert!(ill == well, "{name}:\n{:#?}\n{:#?}", differ(ill, well), differ(well, ill));
    }
}

#[test]
fn what_struck_a_household_is_covered_as_its_illness_is() {
    let form = Library::built_in().hardship().unwrap().clone();
    for name in [
        "cause_main",
        "event_kind",
        "event_date",
        "event_person",
        "event_renewal_why",
        "st_bill",
        // What points to an illness, or to what became of somebody.
        "app_for",
        "help_wanted",
        "labour",
        "m_labour",
        "work_status",
        "m_person_status",
        "loss_accident",
        "loss_compensated",
        "loss_ratio",
        "pc_net",
        "nc_kind",
        "ch_type",
        "ch_amount",
        "ch_evidence",
        "cause_gone",
        "self_help",
    ] {
        let question = form.question(form.by_name[name][0]).unwrap();
        assert_eq!(question.masked, Some(dossier::domain::Mask::Cause), "{name}");
    }
}
