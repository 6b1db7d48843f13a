//! Rolls that were kept elsewhere: what comes of each line, that nothing comes twice, and how they are taken over.

use super::*;
use crate::command::import::{Becomes, Finding, ImportMap, ImportRefused, LaidMap, RollLayout, RollSheet, RollTrial};
use crate::domain::{Answers, Origin};

/// A made-up ID number of a woman (even) or a man (odd).
pub(super) fn id(born: &str, sequence: u32) -> String {
    let digits = format!("152126{born}{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// A csv roll, with the map that its headings speak for.
pub(super) fn laid(csv: &str) -> Result<(RollSheet, LaidMap), Failure> {
    let sheet = RollSheet::read("名册.csv", csv.as_bytes(), None, None)?;
    let form = library().hardship()?.clone();
    let map = ImportMap::guess(&sheet, &form).lay(&sheet, &form)?;
    Ok((sheet, map))
}

/// What would come of it.
pub(super) fn tried(seat: &Office, csv: &str, day: &str) -> Result<RollTrial, Failure> {
    let (sheet, map) = laid(csv)?;
    seat.try_roll(&sheet, &map, (on(day).today, lang::Lang::Zh), on(DAY), |_, _| {})
}

pub(super) const DAY: &str = "2026-04-01";
pub(super) const ROLL_DAY: &str = "2026-01-31";

/// Why each household is kept out, in words.
pub(super) fn kept_out(trial: &RollTrial) -> Vec<String> {
    let stops = trial.households.iter().flat_map(|household| &household.findings);
    let stops = stops.filter(|found| found.finding == Finding::Stops);
    stops.map(|found| format!("{} {}", found.line, lang::say(&found.what, lang::Lang::Zh))).collect()
}

pub(super) fn answers(office: &Office, dossier: DossierId) -> Answers {
    let history = office.history(dossier).unwrap();
    let entry = history.versions(Horizon::NOW)[0].record.entry;
    office.answers_of(dossier, entry).unwrap().unwrap()
}

pub(super) fn given(answers: &Answers, name: &str) -> Option<String> {
    let found = answers.answers.iter().find(|answer| answer.path.as_str().ends_with(name))?;
    found.given.text().map(str::to_owned)
}

/// Two households, one with two members.
fn roll() -> String {
    let (worker, wife, child) = (id("19680315", 31), id("19700102", 22), id("20080909", 13));
    let other = id("19751111", 15);
    format!(
        "困难职工花名册,,,,,,,,,,\n单位：万元,,,,,,,,,,\n序号,职工姓名,身份证号码,困难类别,建档时间,工作单位,养老金,配偶姓名,配偶身份证号,子女姓名,子女身份证号\n\
         1,示例甲,{worker},深度困难,2015.4,金河林业局/局机关/工会,1.2,示例乙,{wife},示例丙,{child}\n\
         2,示例丁,{other},相对困难,二〇一六年五月三日,财务科,0,,,,\n\
         合计,2户,,,,,,,,,\n"
    )
}

#[test]
fn a_roll_becomes_households_whose_every_answer_says_that_it_was_imported() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let mut trial = tried(&office, &roll(), ROLL_DAY).unwrap();
    assert_eq!((trial.new_households(), kept_out(&trial)), (2, Vec::new()));
    let kept = office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    assert!(kept.stopped.is_none());
    let (_, dossier, number) = &kept.kept[0];
    assert!(number.starts_with("150785-2015-"), "{number}");
    let answers = answers(&office, *dossier);
    for (name, value) in [
        ("identity/name", "示例甲"),
        ("identity/sex", "1"),
        ("identity/birth_date", "1968-03-15"),
        ("identity/work_unit", "JH0101"),
        ("income/inc_pension", "12000.00"),
        ("visit/survey_date", ROLL_DAY),
        ("app_accepted_on", "2015-04-01"),
        ("members[1]/m_name", "示例乙"),
        ("members[1]/m_relation", "10"),
        ("members[2]/m_relation", "20"),
        ("members[2]/m_birth_date", "2008-09-09"),
    ] {
        assert_eq!(given(&answers, name).as_deref(), Some(value), "{name}");
    }
    assert!(given(&answers, "consent_sensitive").is_none(), "nobody was asked");
    let asked = answers.answers.iter().filter(|a| !matches!(a.origin, Origin::Imported | Origin::Computed));
    assert_eq!(asked.map(|a| a.path.to_string()).collect::<Vec<_>>(), Vec::<String>::new());
    let status = office.status(*dossier, Horizon::NOW).unwrap();
    assert_eq!((status.status, status.category), (Some(Status::Submitted), None), "a roll alone decides nothing");
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_roll_of_persons_is_put_together_by_household_number_though_cells_are_merged_down() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let csv = format!(
        "户编号,姓名,与户主关系,身份证号,健康状况,家庭住址,月收入\n\
         001,示例甲,户主,{},健康,示例路 1 号,1200\n,示例乙,妻子,{},慢性病,,800元\n,示例丙,儿子,{},健康,,\n\
         002,示例丁,本人,{},残疾,示例路 2 号,0\n",
        id("19680315", 31),
        id("19700102", 22),
        id("20080909", 13),
        id("19751111", 15),
    );
    let mut trial = tried(&office, &csv, ROLL_DAY).unwrap();
    assert_eq!((trial.households.len(), kept_out(&trial)), (2, Vec::new()));
    let kept = office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    let first = answers(&office, kept.kept[0].1);
    for (name, value) in [
        ("identity/address", "示例路 1 号"),
        ("own_month_wage", "1200.00"),
        ("members[1]/m_relation", "12"),
        ("members[1]/m_health", "30"),
        ("members[1]/m_month_income", "800.00"),
        ("members[2]/m_relation", "20"),
    ] {
        assert_eq!(given(&first, name).as_deref(), Some(value), "{name}");
    }
}

#[test]
fn the_same_roll_again_changes_nothing_and_one_that_was_cut_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    // As far as somebody got before the power went.
    let half: String = roll().lines().take(4).flat_map(|line| [line, "\n"]).collect();
    let mut trial = tried(&office, &half, ROLL_DAY).unwrap();
    assert_eq!(office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap().kept.len(), 1);
    let mut trial = tried(&office, &roll(), ROLL_DAY).unwrap();
    assert_eq!((trial.new_households(), trial.known_before(), trial.kept_out()), (1, 1, 0));
    assert_eq!(office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap().kept.len(), 1);
    let position = office.bureau.store.position();
    let mut trial = tried(&office, &roll(), ROLL_DAY).unwrap();
    assert_eq!((trial.new_households(), trial.known_before(), trial.kept_out()), (0, 2, 0));
    assert!(office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap().roll.is_none());
    assert_eq!(office.bureau.store.position(), position, "not a single record");
    // The same person with something else is told, and nothing is written over.
    let changed = roll().replace("财务科", "");
    let trial = tried(&office, &changed, ROLL_DAY).unwrap();
    assert_eq!((trial.known_before(), trial.kept_out()), (1, 1));
    assert!(kept_out(&trial)[0].contains("已有档案"), "{:?}", kept_out(&trial));
}

#[test]
fn what_cannot_be_read_keeps_its_household_out_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let good = id("19681111", 15);
    let row =
        |name: &str, id: &str, unit: &str, born: &str, health: &str| format!("{name},{id},{unit},{born},{health}\n");
    let twice = id("19600101", 11);
    let csv = [
        "姓名,身份证号,单位,参加工作时间,健康状况\n".to_owned(),
        row("示例一", "1.52126E+17", "工会", "1990.1.1", "健康"),
        row("示例二", "152126196803150000", "工会", "1990.1.1", "健康"),
        row("示例三", "152126196803150310", "工会", "1990.1.1", "健康"),
        row("示例四", &id("19690101", 12), "没有的单位", "1990.1.1", "健康"),
        row("示例五", &id("19690101", 14), "工会", "九十年代", "健康"),
        row("示例六", &id("19690101", 16), "工会", "1990.1.1", "不晓得"),
        row("示例七", &twice, "工会", "1990.1.1", "健康"),
        row("示例八", &twice, "工会", "1990.1.1", "健康"),
        row("", &id("19690101", 18), "工会", "1990.1.1", "健康"),
        row("示例九", &good, "工会", "1990.1.1", "健康"),
    ]
    .concat();
    let mut trial = tried(&office, &csv, ROLL_DAY).unwrap();
    let said = kept_out(&trial);
    for (line, what) in [
        (2, "后几位已丢失"),
        (3, "后几位已丢失"),
        (4, "末位"),
        (5, "没有名为「没有的单位」的单位"),
        (6, "不是能读的日期"),
        (7, "不晓得"),
        (8, "第 9 行"),
        (9, "第 8 行"),
        (10, "没有姓名"),
    ] {
        let found = said.iter().find(|said| said.starts_with(&format!("{line} ")));
        assert!(found.is_some_and(|said| said.contains(what)), "{line} {what}: {said:?}");
        assert!(said.iter().all(|said| !said.contains("15212619680315")), "no number of a person is repeated");
    }
    assert_eq!((trial.new_households(), trial.kept_out()), (1, 9));
    let kept = office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    assert_eq!(kept.kept.len(), 1);
    assert_eq!(given(&answers(&office, kept.kept[0].1), "identity/name").as_deref(), Some("示例九"));
}

#[test]
fn a_roll_is_taken_over_by_one_record_of_an_approver_who_did_not_bring_it_in() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    adopt(&office);
    let reviewer = another(&office, &["reviewer", "approver"]);
    let without = roll().replace("相对困难", "");
    let mut trial = tried(&reviewer, &without, ROLL_DAY).unwrap();
    let kept = reviewer.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    let roll = vec![kept.roll.unwrap().hex()[..8].to_owned()];
    let refused = reviewer.take_over(&roll, "示例 2026 第 3 号", None, on(DAY));
    assert!(matches!(refused, Err(Failure::Import(ImportRefused::BroughtInYourself { .. }))), "{refused:?}");
    let approver = another(&office, &["approver"]);
    assert!(matches!(approver.take_over(&roll, " ", None, on(DAY)), Err(Failure::Import(ImportRefused::NoPaper))));
    let waiting = approver.waiting_rolls(on(DAY)).unwrap();
    assert_eq!((waiting[0].waiting, waiting[0].without_category, waiting[0].row.households), (2, 1, 2));
    let taken = approver.take_over(&roll, "示例 2026 第 3 号", Some("示例主席"), on(DAY)).unwrap();
    assert_eq!((taken.households, taken.left.len()), (1, 1));
    assert_eq!(taken.left[0].1, "no_category");
    let (dossier, other) = (kept.kept[0].1, kept.kept[1].1);
    let status = office.status(dossier, Horizon::NOW).unwrap();
    assert_eq!((status.status, status.category.as_deref(), status.approved), (Some(Status::Open), Some("1"), true));
    assert_eq!(office.status(other, Horizon::NOW).unwrap().status, Some(Status::Submitted));
    assert!(status.proposed.is_none(), "what came with the roll proposes nothing beside it");
    let before = Horizon::new(Some(on("2026-01-30").today), None);
    assert!(office.status(dossier, before).unwrap().status != Some(Status::Open), "not before the day of the roll");
    // Twice is once, and the case goes on as any other.
    let again = approver.take_over(&roll, "示例 2026 第 3 号", None, on(DAY));
    assert_eq!(
        again.map(|again| (again.record, again.left.len())).unwrap(),
        (None, 1),
        "why is told of the one that waits"
    );
    step(&office, dossier, Status::Suspended, DAY, None, Some("外出就医，暂停")).unwrap();
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_map_is_kept_as_toml_and_one_that_names_what_is_not_there_is_refused_by_name() {
    let form = library().hardship().unwrap().clone();
    let sheet = RollSheet::read("名册.csv", roll().as_bytes(), None, None).unwrap();
    let guess = ImportMap::guess(&sheet, &form);
    assert_eq!(guess.layout, RollLayout::Household);
    let text = guess.to_toml();
    assert_eq!(ImportMap::from_toml("map.toml", &text).unwrap(), guess);
    let refused = |text: &str| {
        let map = ImportMap::from_toml("map.toml", text);
        said(&map.and_then(|map| map.lay(&sheet, &form).map(drop)).unwrap_err())
    };
    assert!(refused(&text.replace("配偶姓名", "老伴姓名")).contains("「老伴姓名」"));
    assert!(refused(&text.replace("inc_pension", "inc_pensions")).contains("inc_pensions"));
    assert!(refused(&text.replace("layout", "layouts")).contains("第 1 行"));
    assert!(refused(&text.replace("inc_pension", "name")).contains("同一处"));
}

#[test]
fn a_file_that_is_no_roll_is_told_in_a_sentence() {
    for (bytes, what) in [
        (b"PK\x03\x04 and nothing".to_vec(), "读不出"),
        (vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "读不出"),
        ("甲,乙\n1,2\n".as_bytes().to_vec(), "找不到表头"),
        (Vec::new(), "找不到表头"),
    ] {
        let read = RollSheet::read("x.xlsx", &bytes, None, None);
        assert!(said(&read.map(drop).unwrap_err()).contains(what), "{what}");
    }
    let gbk = encoding_rs::GBK.encode(&roll()).0.into_owned();
    assert_eq!(RollSheet::read("名册.csv", &gbk, None, None).unwrap().headings[1], "职工姓名");
}

#[test]
fn becomes_says_of_each_household_what_would_come_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let trial = tried(&office, &roll(), ROLL_DAY).unwrap();
    assert!(trial.households.iter().all(|household| household.becomes == Becomes::New));
    let ahead = tried(&office, &roll(), "2026-04-02");
    assert!(matches!(ahead, Err(Failure::StepAhead { .. })));
}
