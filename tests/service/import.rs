//! A roll by the command line: tried, brought in, reported, corrected, brought in again, taken over by nobody who brought it in.

use crate::command_line::{Bureau, text};

/// A made-up ID number.
fn id(born: &str, sequence: u32) -> String {
    let digits = format!("152126{born}{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

#[test]
fn a_roll_is_tried_brought_in_corrected_from_its_report_and_never_brought_in_twice() {
    let bureau = Bureau::new();
    assert!(bureau.run(&["init"]).status.success());
    let path = |name: &str| bureau.folder.path().join(name).to_str().unwrap().to_owned();
    let roll = format!(
        "困难职工花名册\n单位：万元\n姓名,身份证号,困难类别,养老金,单位\n示例甲,{},深度困难,1.2,工会\n示例乙,{},相对困难,0.5,没有的单位\n",
        id("19680315", 31),
        id("19700102", 22),
    );
    std::fs::write(path("roll.csv"), roll).unwrap();
    let day = ["--on", "2026-01-31"];
    let import = |file: &str, more: &[&str]| {
        let file = path(file);
        let args = [&["import", file.as_str(), "--json"][..], &day[..], more].concat();
        let out = bureau.run(&args);
        let said: serde_json::Value = serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}", text(&out.stdout), text(&out.stderr)));
        let count = |name: &str| said[name].as_u64().unwrap();
        (out.status.code(), count("brought_in"), count("would_be"), count("before"), count("kept_out"))
    };
    assert_eq!(import("roll.csv", &["--dry-run"]), (Some(1), 0, 1, 0, 1));
    let (csv, book, map) = (path("report.csv"), path("report.xlsx"), path("map.toml"));
    assert_eq!(import("roll.csv", &["--report", &csv, "--save-map", &map]), (Some(1), 1, 0, 0, 1));
    let report = std::fs::read_to_string(&csv).unwrap();
    assert!(report.contains("没有的单位") && report.contains("There is no unit"), "{report}");
    assert!(report.contains("150785-2026-"), "the number of what was brought in stands beside it: {report}");
    // Corrected in the report, only what was wrong comes in; the unit of money is not lost with the line that said it.
    std::fs::write(path("corrected.csv"), report.replace("没有的单位", "财务科")).unwrap();
    assert_eq!(import("corrected.csv", &["--report", &book]), (Some(0), 1, 0, 1, 0));
    assert_eq!(import("report.xlsx", &[]), (Some(0), 0, 0, 2, 0));
    assert_eq!(import("report.xlsx", &["--map", &map]), (Some(0), 0, 0, 2, 0));
    let wrong = std::fs::read_to_string(&map).unwrap().replace("养老金", "退休待遇");
    std::fs::write(&map, wrong).unwrap();
    let refused = bureau.run(&["import", &path("roll.csv"), "--map", &map]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("退休待遇"), "{}", text(&refused.stderr));
    let shown = text(&bureau.run(&["import", &path("roll.csv"), "--dry-run"]).stdout);
    assert!(shown.contains("Pension") && !shown.contains(&id("19680315", 31)), "{shown}");
    // Whose credential brought it in does not take it over, under whatever name.
    let rolls = bureau.json(&["take-over"]);
    let ids: Vec<String> =
        rolls.as_array().unwrap().iter().map(|roll| roll["roll"].as_str().unwrap()[..8].to_owned()).collect();
    assert_eq!((ids.len(), &rolls[0]["waiting"], &rolls[0]["on"]), (2, &1.into(), &"2026-01-31".into()));
    assert!(bureau.run(&["user", "add", "示例审批", "--role", "approver"]).status.success());
    let taken = bureau.run(&["--as", "示例审批", "take-over", &ids[0], "--paper", "示例 2026 第 3 号"]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(text(&taken.stderr).contains("cannot take it over"), "{}", text(&taken.stderr));
}

#[test]
fn what_is_no_roll_is_refused_with_what_to_do_and_begins_nothing() {
    let bureau = Bureau::new();
    assert!(bureau.run(&["init"]).status.success());
    let file = bureau.folder.path().join("pictures.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet();
    book.save(&file).unwrap();
    for (bytes, what) in [(None, "No headings"), (Some(vec![0u8; 33 << 20]), "larger than 32 MB")] {
        if let Some(bytes) = bytes {
            std::fs::write(&file, bytes).unwrap();
        }
        let refused = bureau.run(&["import", file.to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(what), "{}", text(&refused.stderr));
    }
    assert_eq!(bureau.json(&["take-over"]), serde_json::json!([]));
}
