//! What a roll does not get past: what keeping refuses, what others may not read, what was seen since.

use super::import::{DAY, ROLL_DAY, answers, id, kept_out, laid, tried};
use super::*;
use crate::command::import::{Becomes, Finding, Held, ImportRefused, RollTrial};

/// What is told of it without keeping it out.
fn noted(trial: &RollTrial) -> Vec<String> {
    let found = trial.households.iter().flat_map(|household| &household.findings);
    let found = found.filter(|found| found.finding == Finding::Noted);
    found.map(|found| lang::say(&found.what, lang::Lang::Zh)).collect()
}

fn one(more: &str, cell: &str) -> String {
    format!("姓名,身份证号,困难类别,{more}\n示例甲,{},深度困难,{cell}\n", id("19680315", 31))
}

#[test]
fn who_brought_a_household_in_never_takes_it_over_and_one_surveyed_since_is_left_to_its_own_approval() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    adopt(&office);
    let reviewer = another(&office, &["reviewer", "approver"]);
    let mut trial = tried(&reviewer, &one("电话", "13800000000"), ROLL_DAY).unwrap();
    let kept = reviewer.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    let roll = vec![kept.roll.unwrap().hex()];
    let asked_again =
        [("visit/survey_type", "2"), ("life/has_change", "2"), ("life/trend", "2"), ("life/cause_gone", "2")];
    let again: Vec<_> = steps("illness").into_iter().chain(asked_again.map(|(path, value)| set(path, value))).collect();
    survey(&office, Some(kept.kept[0].1), None, &again, "2026-04-02");
    let refused = reviewer.take_over(&roll, "示例 2026 第 3 号", None, on("2026-04-03"));
    assert!(matches!(refused, Err(Failure::Import(ImportRefused::BroughtInYourself { .. }))), "{refused:?}");
    let taken = another(&office, &["approver"]).take_over(&roll, "示例 2026 第 3 号", None, on("2026-04-03")).unwrap();
    assert_eq!((taken.record, taken.households), (None, 0));
    assert_eq!(taken.left.iter().map(|(_, why)| *why).collect::<Vec<_>>(), ["surveyed_since"]);
    assert_eq!(office.status(kept.kept[0].1, Horizon::NOW).unwrap().status, Some(Status::Submitted));
}

#[test]
fn a_category_that_ended_before_the_day_of_the_roll_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    adopt(&office);
    let reviewer = another(&office, &["reviewer"]);
    let csv = one("建档时间", "2015-04-01").replace("深度困难", "意外致困");
    let mut trial = tried(&reviewer, &csv, ROLL_DAY).unwrap();
    assert_eq!(kept_out(&trial), Vec::<String>::new());
    let roll = vec![reviewer.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap().roll.unwrap().hex()];
    let taken = another(&office, &["approver"]).take_over(&roll, "示例 2026 第 3 号", None, on(DAY)).unwrap();
    assert_eq!(taken.left.iter().map(|(_, why)| *why).collect::<Vec<_>>(), ["ended"]);
}

#[test]
fn what_keeping_would_refuse_is_found_by_the_trial_on_its_own_line() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    for (more, cell, what) in [
        ("调查日期", "1999-01-01", "1999-01-01"),
        ("建档时间", "1899-12-31", "早于 1900 年"),
        ("建档时间", "2026-02-01", "晚于名册日期"),
        ("养老金", "1200元/月", "期间不同"),
    ] {
        let trial = tried(&office, &one(more, cell), ROLL_DAY).unwrap();
        let said = kept_out(&trial);
        assert!(said.iter().any(|said| said.starts_with("2 ") && said.contains(what)), "{more} {cell}: {said:?}");
    }
    let trial = tried(&office, &one("电话", "13800000000").replace("深度困难", "D1"), ROLL_DAY).unwrap();
    assert!(kept_out(&trial).iter().any(|said| said.contains("没有困难类别「D1」")), "{:?}", kept_out(&trial));
    let long = one("档案编号", &"9".repeat(65));
    assert_eq!(tried(&office, &long, ROLL_DAY).unwrap().kept_out(), 1, "one number too long fails no other line");
}

#[test]
fn outside_ones_units_the_unit_is_told_and_never_the_number() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let csv = one("单位", "工会");
    let mut trial = tried(&office, &csv, ROLL_DAY).unwrap();
    let number = office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap().kept[0].2.clone();
    let own = tried(&office, &csv.replace("工会", "财务科"), ROLL_DAY).unwrap();
    assert!(kept_out(&own)[0].contains(&number));
    let units = office.units().unwrap();
    let unit = units.iter().find(|unit| unit.zh == "财务科").unwrap().unit;
    let officer = office.add_officer("示例外", "Other", &["reviewer"], &[unit], on(DAY)).unwrap();
    let other = office.seat(officer, SessionContext::program("other"));
    let again = tried(&other, &csv, ROLL_DAY).unwrap();
    assert_eq!(again.households[0].becomes, Becomes::Before { held: Held::Unit("工会".into()) });
    let theirs = tried(&other, &csv.replace("工会", "财务科"), ROLL_DAY).unwrap();
    let said = kept_out(&theirs);
    assert!(said[0].contains("工会") && said.iter().all(|said| !said.contains(&number)), "{said:?}");
    assert_eq!(other.waiting_rolls(on(DAY)).unwrap().len(), 0, "a roll of others is not listed");
    assert_eq!(office.waiting_rolls(on(DAY)).unwrap().len(), 1);
    // Keeping it would be refused for its unit, and so is the trial; the line beside it comes in.
    let csv = format!("姓名,身份证号,单位\n示例乙,{},工会\n示例丙,{},财务科\n", id("19700102", 22), id("19751111", 15));
    let mut trial = tried(&other, &csv, ROLL_DAY).unwrap();
    assert_eq!((trial.new_households(), trial.kept_out()), (1, 1), "{:?}", kept_out(&trial));
    let kept = other.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    assert!(kept.stopped.is_none() && kept.refused.is_empty());
    assert_eq!(other.waiting_rolls(on(DAY)).unwrap()[0].row.households, 1);
}

#[test]
fn a_household_that_is_refused_while_keeping_keeps_no_other_out() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let unit = office.units().unwrap().iter().find(|unit| unit.zh == "财务科").unwrap().unit;
    let csv = format!("姓名,身份证号,单位\n示例乙,{},工会\n示例丙,{},财务科\n", id("19700102", 22), id("19751111", 15));
    // Tried by somebody of all units, kept by somebody of one.
    let mut trial = tried(&office, &csv, ROLL_DAY).unwrap();
    let officer = office.add_officer("示例外", "Other", &["reviewer"], &[unit], on(DAY)).unwrap();
    let other = office.seat(officer, SessionContext::program("other"));
    let kept = other.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    assert!(kept.stopped.is_none());
    assert_eq!((kept.kept.len(), kept.refused.len(), trial.kept_out()), (1, 1, 1));
    assert!(kept_out(&trial)[0].starts_with("2 "), "{:?}", kept_out(&trial));
    assert_eq!(other.waiting_rolls(on(DAY)).unwrap()[0].row.households, 1, "what came, not what was to come");
}

#[test]
fn what_a_mask_covers_never_stands_as_a_remark() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let csv = format!("姓名,身份证号,健康状况,残疾证号,邮编\n示例甲,{},健康,1234,022\n", id("19680315", 31));
    let mut trial = tried(&office, &csv, ROLL_DAY).unwrap();
    let said = noted(&trial);
    assert!(said.iter().any(|said| said.starts_with("没有保存")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("已记作备注")), "a postcode is no secret: {said:?}");
    let kept = office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    let notes: Vec<String> = answers(&office, kept.kept[0].1).notes.into_iter().map(|note| note.text).collect();
    assert!(
        notes.iter().any(|note| note.contains("022")) && notes.iter().all(|note| !note.contains("1234")),
        "{notes:?}"
    );
}

#[test]
fn an_id_number_behind_a_sign_is_the_same_and_so_is_a_roll_of_another_day() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let (one, two) = (id("19680315", 31), id("19700102", 22));
    let csv = format!("姓名,身份证号\n示例甲,{one}\n示例乙,'{one}\n示例丙,{two}\n");
    let mut trial = tried(&office, &csv, ROLL_DAY).unwrap();
    assert_eq!((trial.new_households(), trial.kept_out()), (1, 2), "{:?}", kept_out(&trial));
    office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    let again = tried(&office, &csv, "2026-02-15").unwrap();
    assert_eq!((again.new_households(), again.known_before()), (0, 1));
}

#[test]
fn cells_that_say_nothing_are_nobody_and_a_line_with_a_name_is_no_foot() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let csv = format!(
        "备注,姓名,身份证号,困难类别,配偶姓名,配偶身份证号\n备注见后,示例甲,{},深度困难,无,-\n合计,1户,,,,\n",
        id("19680315", 31)
    );
    let trial = tried(&office, &csv, ROLL_DAY).unwrap();
    assert_eq!((trial.households.len(), kept_out(&trial)), (1, Vec::new()));
    let mut trial = trial;
    let kept = office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    assert!(answers(&office, kept.kept[0].1).rows.is_empty(), "no spouse");
    // A name was lost: whose category it is nobody knows.
    let lost = format!("姓名,身份证号,困难类别\n示例乙,{},深度困难\n,,相对困难\n", id("19700102", 22));
    let trial = tried(&office, &lost, ROLL_DAY).unwrap();
    assert!(kept_out(&trial)[0].starts_with("3 ") && trial.new_households() == 0, "{:?}", kept_out(&trial));
}

#[test]
fn what_the_form_says_of_a_cell_comes_in_the_language_of_whoever_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let (sheet, map) = laid(&one("手机号码", "12345")).unwrap();
    let said = |language: lang::Lang| {
        let day = on(ROLL_DAY).today;
        let trial = office.try_roll(&sheet, &map, (day, language), on(DAY), |_, _| {}).unwrap();
        let findings = trial.households.iter().flat_map(|household| &household.findings);
        findings.map(|found| lang::say(&found.what, language)).collect::<Vec<_>>().join("\n")
    };
    let (zh, en) = (said(lang::Lang::Zh), said(lang::Lang::En));
    assert!(zh.contains("手机号码应为"), "{zh}");
    assert!(en.contains("a mobile number has 11 digits"), "{en}");
    assert!(!en.contains("应"), "{en}");
}
