//! Rolls as unions have them, all made up: each layout is read by its own headings and comes to the same household.

use super::import::{DAY, ROLL_DAY, answers, given, id, kept_out};
use super::*;
use crate::command::import::{Finding, ImportMap, RollLayout, RollSheet};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn worker() -> String {
    id("19680315", 31)
}

fn wife() -> String {
    id("19700102", 22)
}

/// A workbook of one sheet: texts as texts.
fn book(lines: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(lines) {
        for (column, cell) in (0..).zip(*line) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Brings a roll of one household in and answers with what is kept of it; what has to be there is in it.
fn brought_in(bytes: &[u8], layout: RollLayout, wanted: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let sheet = RollSheet::read("名册", bytes, None, None).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    let form = library().hardship().unwrap().clone();
    let map = ImportMap::guess(&sheet, &form);
    assert_eq!(map.layout, layout);
    let map = map.lay(&sheet, &form).unwrap();
    let mut trial = office.try_roll(&sheet, &map, (on(ROLL_DAY).today, lang::Lang::Zh), on(DAY), |_, _| {}).unwrap();
    assert_eq!((kept_out(&trial), trial.new_households()), (Vec::new(), 1));
    let kept = office.bring_in(&mut trial, on(DAY), |_, _| {}).unwrap();
    let answers = answers(&office, kept.kept[0].1);
    let worker = worker();
    let always = [("identity/name", "示例甲"), ("identity/id_number", worker.as_str())];
    for (name, value) in always.iter().chain(wanted) {
        assert_eq!(given(&answers, name).as_deref(), Some(*value), "{name}: {:?}", map.uses);
    }
}

const MEMBER: [(&str, &str); 2] = [("members[1]/m_name", "示例乙"), ("members[1]/m_relation", "12")];

#[test]
fn one_line_a_household_with_numbered_members() {
    let lines: [&[&str]; 2] = [
        &["姓名", "身份证号", "成员1姓名", "成员1关系", "成员1身份证号", "成员2姓名"],
        &["示例甲", &worker(), "示例乙", "妻", &wife(), ""],
    ];
    brought_in(&book(&lines), RollLayout::Household, &MEMBER);
}

#[test]
fn members_in_columns_of_the_same_headings_again() {
    let lines: [&[&str]; 2] = [
        &["职工姓名", "性别", "身份证号码", "姓名", "关系", "身份证号码", "姓名", "关系", "身份证号码"],
        &["示例甲", "男", &worker(), "示例乙", "妻子", &wife(), "", "", ""],
    ];
    brought_in(&book(&lines), RollLayout::Household, &MEMBER);
}

#[test]
fn two_lines_of_headings_the_upper_one_merged() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 5, "2025 年困难职工档案汇总表", &plain).unwrap();
    sheet.merge_range(1, 0, 2, 0, "姓名", &plain).unwrap();
    sheet.merge_range(1, 1, 2, 1, "公民身份号码", &plain).unwrap();
    sheet.merge_range(1, 2, 1, 4, "家庭成员一", &plain).unwrap();
    for (column, heading) in [(2, "姓名"), (3, "与职工关系"), (4, "身份证号")] {
        sheet.write_string(2, column, heading).unwrap();
    }
    for (column, text) in (0..).zip(["示例甲", &worker(), "示例乙", "妻子", &wife()]) {
        sheet.write_string(3, column, text).unwrap();
    }
    brought_in(&book.save_to_buffer().unwrap(), RollLayout::Household, &MEMBER);
}

#[test]
fn members_on_lines_of_their_own_beside_a_worker_who_is_merged_down() {
    let lines: [&[&str]; 3] = [
        &["序号", "户主姓名", "身份证号", "家庭成员姓名", "与户主关系", "家庭成员身份证号", "就读学校"],
        &["1", "示例甲", &worker(), "示例乙", "妻子", &wife(), ""],
        &["", "", "", "示例丙", "儿子", &id("20080909", 13), "示例中学"],
    ];
    let wanted = [MEMBER[0], MEMBER[1], ("members[2]/m_relation", "20")];
    brought_in(&book(&lines), RollLayout::Household, &wanted);
}

#[test]
fn one_line_a_person_by_the_id_number_of_the_head() {
    let lines: [&[&str]; 3] = [
        &["户主身份证号", "姓名", "身份证号", "与户主关系", "身份", "文化程度"],
        &[&worker(), "示例甲", &worker(), "户主", "在职", "初中"],
        &[&worker(), "示例乙", &wife(), "妻子", "下岗", "小学"],
    ];
    let wanted = [MEMBER[0], MEMBER[1], ("identity/work_status", "11"), ("members[1]/m_person_status", "12")];
    brought_in(&book(&lines), RollLayout::Person, &wanted);
}

#[test]
fn one_line_a_person_without_any_key_and_the_worker_first() {
    let lines: [&[&str]; 3] = [
        &["与职工关系", "姓 名", "身份证\n号码", "健康状况", "备注"],
        &["本人", "示例甲", &worker(), "良好", "长期病假"],
        &["妻", "示例乙", &wife(), "肢体残疾", ""],
    ];
    let wanted = [MEMBER[0], MEMBER[1], ("identity/health_status", "10"), ("members[1]/m_health", "64")];
    brought_in(&book(&lines), RollLayout::Person, &wanted);
}

#[test]
fn a_sheet_among_others_with_days_and_numbers_as_a_spreadsheet_keeps_them() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "填表说明").unwrap();
    let sheet = book.add_worksheet().set_name("名册").unwrap();
    for (column, heading) in (0..).zip(["姓名", "身份证号", "参加工作时间", "手机", "月工资（元）", "建筑面积"])
    {
        sheet.write_string(0, column, heading).unwrap();
    }
    let day = Format::new().set_num_format("yyyy/m/d");
    sheet.write_string(1, 0, "示例甲").unwrap();
    sheet.write_string(1, 1, worker()).unwrap();
    sheet.write_datetime_with_format(1, 2, ExcelDateTime::parse_from_str("1990-07-01").unwrap(), &day).unwrap();
    sheet.write_number(1, 3, 13_800_000_000.0).unwrap();
    sheet.write_number(1, 4, 1860.5).unwrap();
    sheet.write_string(1, 5, "60平方米").unwrap();
    let wanted = [("work_start", "1990-07-01"), ("phone", "13800000000"), ("own_month_wage", "1860.50")];
    brought_in(&book.save_to_buffer().unwrap(), RollLayout::Household, &wanted);
}

#[test]
fn the_field_names_of_the_national_form() {
    let lines: [&[&str]; 2] = [
        &[
            "职工编号",
            "困难类别",
            "姓名",
            "民族",
            "性别",
            "政治面貌",
            "身份证号",
            "出生日期",
            "健康状况",
            "残疾类别",
            "工作状态",
            "劳模类型",
            "住房类型",
            "建筑面积",
            "手机",
            "邮编",
            "工作时间",
            "所属行业",
            "婚姻状况",
            "户口类型",
            "住址",
            "单位",
            "单位性质",
            "企业状况",
            "是否单亲",
            "本人月平均收入",
            "家庭其他非薪资年收入",
            "家庭年度总收入",
            "家庭人口",
            "月人均收入",
            "户口所在地行政区划",
            "医保状况",
            "是否有一定自救能力",
            "是否为零就业家庭",
            "主要致困原因",
            "次要致困原因",
            "开户银行",
            "银行卡号",
        ],
        &[
            "QZ-0042",
            "深度困难",
            "示例甲",
            "蒙古",
            "男",
            "党员",
            &worker(),
            "1968年3月",
            "患癌症",
            "/",
            "在岗",
            "否",
            "租房",
            "45㎡",
            "0470-1234567",
            "022350",
            "1988.9",
            "",
            "已婚",
            "非农业",
            "示例路 1 号",
            "工会",
            "2",
            "1",
            "否",
            "1200",
            "0",
            "14400",
            "2",
            "600",
            "150785",
            "职工医保",
            "是",
            "否",
            "患重特大疾病",
            "子女上学",
            "示例银行",
            "无",
        ],
    ];
    // The third category of health is nothing that is known here: it is told, with its column.
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let sheet = RollSheet::read("名册", &book(&lines), None, None).unwrap();
    let form = library().hardship().unwrap().clone();
    let map = ImportMap::guess(&sheet, &form).lay(&sheet, &form).unwrap();
    assert_eq!(map.unused, Vec::new(), "every field of the form is understood");
    let trial = office.try_roll(&sheet, &map, (on(ROLL_DAY).today, lang::Lang::Zh), on(DAY), |_, _| {}).unwrap();
    let stops: Vec<_> = trial.households[0].findings.iter().filter(|f| f.finding == Finding::Stops).collect();
    assert_eq!(stops.iter().map(|found| (found.line, found.column)).collect::<Vec<_>>(), [(2, Some(8))], "{stops:?}");
    let mended: Vec<&str> = lines[1].iter().map(|cell| if *cell == "患癌症" { "癌症" } else { cell }).collect();
    let wanted = [
        ("ethnicity", "02"),
        ("political_status", "01"),
        ("birth_date", "1968-03-15"),
        ("health_status", "41"),
        ("work_start", "1988-09-01"),
        ("own_month_wage", "1200.00"),
        ("cause_main", "06"),
        ("housing_area", "45.0"),
    ];
    brought_in(&book(&[lines[0], &mended]), RollLayout::Household, &wanted);
}

#[test]
fn csv_in_the_encodings_of_offices_with_tabs_or_semicolons() {
    let text = format!("姓名;身份证号;配偶姓名;配偶身份证号\n示例甲;{};示例乙;{}\n", worker(), wife());
    let wanted = [("members[1]/m_name", "示例乙"), ("members[1]/m_relation", "10")];
    for bytes in [
        text.clone().into_bytes(),
        format!("\u{feff}{}", text.replace(';', "\t")).into_bytes(),
        encoding_rs::GBK.encode(&text.replace(';', ",")).0.into_owned(),
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
    ] {
        brought_in(&bytes, RollLayout::Household, &wanted);
    }
}

#[test]
fn headings_in_english_and_full_width_digits() {
    let wide: String = worker().chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    let lines: [&[&str]; 2] = [
        &["No.", "Name", "ID number", "Sex", "Phone", "Category", "Unit"],
        &["１", "示例甲", &wide, "male", "１３８００００００００", "1", "JH0102"],
    ];
    let wanted = [("identity/sex", "1"), ("phone", "13800000000"), ("work_unit", "JH0102")];
    brought_in(&book(&lines), RollLayout::Household, &wanted);
}

#[test]
fn a_number_that_a_spreadsheet_cut_is_told_of_each_cell_however_many_there_are() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in (0..).zip(["姓名", "身份证号", "单位"]) {
        sheet.write_string(0, column, heading).unwrap();
    }
    for row in 1..=250 {
        sheet.write_string(row, 0, "示例甲").unwrap();
        sheet.write_number(row, 1, 152_126_196_803_150_311.0).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let sheet = RollSheet::read("名册", &bytes, None, None).unwrap();
    let form = library().hardship().unwrap().clone();
    let map = ImportMap::guess(&sheet, &form).lay(&sheet, &form).unwrap();
    let trial = office.try_roll(&sheet, &map, (on(ROLL_DAY).today, lang::Lang::Zh), on(DAY), |_, _| {}).unwrap();
    assert_eq!((trial.new_households(), trial.kept_out()), (0, 250), "each of them, however many there are");
    let said = kept_out(&trial);
    assert_eq!(said.iter().filter(|said| said.contains("后几位已丢失")).count(), 250);
}

/// What is found of each household of a roll, by its first line; `true`: it stops the household.
fn found(bytes: &[u8]) -> Vec<(bool, &'static str)> {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let sheet = RollSheet::read("名册", bytes, None, None).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    let form = library().hardship().unwrap().clone();
    let map = ImportMap::guess(&sheet, &form).lay(&sheet, &form).unwrap();
    let trial = office.try_roll(&sheet, &map, (on(ROLL_DAY).today, lang::Lang::Zh), on(DAY), |_, _| {}).unwrap();
    let findings = trial.households.iter().flat_map(|household| &household.findings);
    let lost = findings
        .filter(|finding| ["import.unworked", "import.merged_taken", "import.merged_over"].contains(&finding.what.key));
    lost.map(|finding| (finding.finding == Finding::Stops, finding.what.key)).collect()
}

#[test]
fn nothing_that_a_spreadsheet_shows_and_does_not_hold_is_missing_without_a_word() {
    let roll = |fill: &dyn Fn(&mut rust_xlsxwriter::Worksheet)| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, line) in (0..).zip([
            ["姓名", "身份证号", "工作单位", "手机号", "家庭年收入"],
            ["示例甲", &worker(), "", "13800001234", "12000"],
            ["示例丙", &wife(), "", "13800001235", "9000"],
        ]) {
            for (column, text) in (0..).zip(line).filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
        fill(sheet);
        book.save_to_buffer().unwrap()
    };
    assert_eq!(found(&roll(&|_| {})), []);
    let plain = Format::new();
    // The unit of both is written once; an amount or a phone of both could be anybody's.
    let unit = roll(&|sheet| {
        sheet.merge_range(1, 2, 2, 2, "林场甲", &plain).unwrap();
    });
    assert_eq!(found(&unit), [(false, "import.merged_taken")]);
    let phone = roll(&|sheet| {
        sheet.merge_range(1, 3, 2, 3, "13800001234", &plain).unwrap();
    });
    assert_eq!(found(&phone), [(true, "import.merged_over")]);
    // What is of one person may not stand for two of one household, nor one column for another.
    let across = roll(&|sheet| {
        sheet.merge_range(1, 3, 1, 4, "13800001234", &plain).unwrap();
    });
    assert_eq!(found(&across), [(true, "import.merged_over")]);
}

#[test]
fn a_report_keeps_what_was_taken_of_merged_cells_and_stops_again_where_nothing_could_be() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip([
        ["姓名", "身份证号", "工作单位", "手机号"],
        ["示例甲", &worker(), "", "13800001234"],
        ["示例丙", &wife(), "", ""],
    ]) {
        for (column, text) in (0..).zip(line).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    let plain = Format::new();
    sheet.merge_range(1, 2, 2, 2, "林场甲", &plain).unwrap();
    sheet.merge_range(1, 3, 2, 3, "13800001234", &plain).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, DAY);
    let form = library().hardship().unwrap().clone();
    let sheet = RollSheet::read("名册", &bytes, None, None).unwrap();
    let map = ImportMap::guess(&sheet, &form).lay(&sheet, &form).unwrap();
    let trial = office.try_roll(&sheet, &map, (on(ROLL_DAY).today, lang::Lang::Zh), on(DAY), |_, _| {}).unwrap();
    let second = &trial.households[1].findings;
    let at = |key: &str| second.iter().find(|found| found.what.key == key).map(|found| (found.line, found.column));
    assert_eq!(at("import.merged_taken"), Some((3, Some(2))));
    assert_eq!(at("import.merged_over"), Some((3, Some(3))));
    assert_eq!(sheet.merged_from_above(3, 2), Some("林场甲"));
}
