//! The fund from a shell: who gave, what they are handed, what a unit brings, what is counted, closed, and told on paper.

use super::command_line::{Bureau, text};

/// A bureau whose book is begun, with whoever is needed.
fn begun() -> Bureau {
    let bureau = Bureau::new();
    assert!(bureau.run(&["init"]).status.success());
    for (name, role) in [("示例会", "accountant"), ("示例督", "supervisor"), ("示例批", "approver")] {
        bureau.json(&["user", "add", name, "--role", role]);
    }
    bureau.json(&["fund", "take"]);
    keep(&bureau, &["place", "bank1", "--kind", "bank", "--zh", "示例银行", "--since", "2026-01-01"]);
    keep(&bureau, &["purse", "gifts", "--source", "S09", "--zh", "社会捐赠", "--since", "2026-01-01"]);
    bureau
}

/// Of whoever keeps the book.
fn keep(bureau: &Bureau, args: &[&str]) -> serde_json::Value {
    bureau.json(&[&["--as", "示例会", "fund"], args].concat())
}

#[test]
fn a_gift_gets_a_receipt_on_paper_and_its_donor_is_told_what_became_of_it() {
    let bureau = begun();
    keep(&bureau, &["new-donor", "示例捐赠甲", "--phone", "13800000000"]);
    let gift = ["donate", "gifts", "bank1", "1050.50", "--donor", "示例捐赠甲", "--on", "2026-02-03"];
    assert_eq!(keep(&bureau, &gift)["number"], "r-general-2026-0001");
    let own =
        ["donate", "fire-2026", "bank1", "800", "--source", "S09", "--for", "P7", "--zh", "火灾", "--on", "2026-02-04"];
    assert_eq!(keep(&bureau, &own)["number"], "r-general-2026-0002");
    let page = bureau.folder.path().join("receipt.html");
    let paper = ["--as", "示例会", "fund", "receipt-paper", "r-general-2026-0001"];
    let out = bureau.run(&[&paper[..], &[page.to_str().unwrap()]].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    let page = std::fs::read_to_string(page).unwrap();
    for said in ["示例捐赠甲", "1,050.50", "人民币壹仟零伍拾元伍角整", "r-general-2026-0001", "示例会"]
    {
        assert!(page.contains(said), "{said} is not on the receipt");
    }
    let sheet = text(&bureau.run(&paper).stdout);
    assert!(sheet.contains("人民币壹仟零伍拾元伍角整") && sheet.contains("Receipt of a donation"), "{sheet}");
    // Whoever only sees the book sees no name, and prints none.
    let donors = bureau.json(&["--as", "示例督", "fund", "donors"]);
    assert_eq!(donors[0]["name"], "示***甲");
    let refused = bureau.run(&["--as", "示例督", "fund", "receipt-paper", "r-general-2026-0001"]);
    assert_eq!(refused.status.code(), Some(1));
    let told = text(&bureau.run(&["--as", "示例会", "fund", "donor", "示例捐赠甲"]).stdout);
    assert!(told.contains("What became of your gift") && told.contains("are still there"), "{told}");
    let register = keep(&bureau, &["receipts", "2026"]);
    let numbers: Vec<_> = register.as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["r-general-2026-0001", "r-general-2026-0002"]);
}

#[test]
fn a_unit_brings_what_its_people_gave_and_an_appropriation_is_followed_until_it_is_there() {
    let bureau = begun();
    keep(&bureau, &["purse", "standing", "--source", "S03", "--zh", "职工捐款", "--since", "2026-01-01"]);
    keep(&bureau, &["purse", "bureau", "--source", "S01", "--zh", "行政拨款", "--since", "2026-01-01"]);
    keep(&bureau, &["pledge", "JH", "4000"]);
    let hands_in = ["collect", "JH", "standing", "bank1", "2100", "--staff", "42", "--gave", "50x38"];
    let off = bureau.run(&[&["--as", "示例会", "fund"], &hands_in[..]].concat());
    assert!(text(&off.stderr).contains("1,900.00"), "{}", text(&off.stderr));
    assert_eq!(keep(&bureau, &[&hands_in[..], &["--gave", "100x2"]].concat())["number"], "r-general-2026-0001");
    let standing = keep(&bureau, &["standing"]);
    assert_eq!((&standing[0]["missing"], &standing[0]["share"]), (&"1900.00".into(), &"95.2%".into()));
    keep(&bureau, &["asked", "2026", "S01", "3000"]);
    keep(&bureau, &["granted", "2026", "S01", "2000", "--paper", "示例 7"]);
    keep(&bureau, &["receipt", "bureau", "bank1", "1200", "--on", "2026-03-02"]);
    let stream = &keep(&bureau, &["appropriations"])[0];
    assert_eq!((&stream["paid_in"], &stream["missing"]), (&"1200.00".into(), &"800.00".into()));
    assert_eq!(
        bureau.run(&["fund", "collect", "JH", "standing", "bank1", "1", "--staff", "1", "--gave", "1"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_month_is_counted_and_closed_by_no_one_person_and_the_years_before_are_told_as_about() {
    let bureau = begun();
    keep(&bureau, &["former", "2018", "P6", "45000", "--times", "175", "--paper", "总结"]);
    keep(&bureau, &["opening", "gifts", "bank1", "500", "--on", "2026-01-01"]);
    keep(&bureau, &["receipt", "gifts", "bank1", "300", "--on", "2026-02-03"]);
    let year = keep(&bureau, &["year", "2018"]);
    assert_eq!((&year["former_amount"], &year["former_person_times"]), (&"45000.00".into(), &175.into()));
    let said = text(&bureau.run(&["--as", "示例会", "fund", "year", "2018"]).stdout);
    assert!(said.contains("source unknown (about)") && said.contains("About 45,000.00"), "{said}");
    let counted = ["count", "2026-02-28", "--counted", "bank1=799"];
    let refused = bureau.run(&[&["--as", "示例会", "fund"], &counted[..]].concat());
    assert!(text(&refused.stderr).contains("bank1 holds -1.00"), "{}", text(&refused.stderr));
    keep(&bureau, &[&counted[..], &["--because", "bank1=银行手续费未入账"]].concat());
    // One user of the machine is one person, whatever names they give: it is not checked, and not closed.
    let checks = bureau.run(&["--as", "示例督", "fund", "check-period", "2026-02-28"]);
    assert!(text(&checks.stderr).contains("are three people's"), "{}", text(&checks.stderr));
    assert_eq!(bureau.run(&["--as", "示例批", "fund", "close-period", "2026-02-28"]).status.code(), Some(1));
    let sheet = text(&bureau.run(&["--as", "示例督", "fund", "closing", "2026-02-28"]).stdout);
    let unsaid = "size of the office was not said";
    for said in ["Statement of the relief fund", "银行手续费未入账", "Not closed yet", "示例会", unsaid] {
        assert!(sheet.contains(said), "{said}: {sheet}");
    }
    // What a small office lets one person do stands on what is signed, and stays there when it is full from today on.
    for size in ["small", "full"] {
        assert!(bureau.run(&["user", "office", size]).status.success());
        let sheet = text(&bureau.run(&["--as", "示例督", "fund", "closing", "2026-02-28"]).stdout);
        assert!(!sheet.contains(unsaid) && sheet.contains("A small office, on record"), "{size}: {sheet}");
    }
    // What lies before the book is closed with it.
    let late = bureau.run(&["--as", "示例会", "fund", "receipt", "gifts", "bank1", "5", "--on", "2018-12-31"]);
    let said = text(&late.stderr);
    assert!(late.status.code() == Some(1) && said.contains("2019-01-01 is the first open day"), "{said}");
    // Counted by kind and year, in a workbook too.
    let report = keep(&bureau, &["report", "--by", "kind", "--then", "year", "--from", "2008-01-01"]);
    assert_eq!((&report[0]["then"], &report[0]["former_person_times"]), (&"2018".into(), &175.into()));
    let book = bureau.folder.path().join("report.xlsx");
    let out =
        bureau.run(&["--as", "示例督", "fund", "report", "--from", "2008-01-01", "--xlsx", book.to_str().unwrap()]);
    assert!(out.status.success() && std::fs::read(book).unwrap().starts_with(b"PK"), "{}", text(&out.stderr));
    assert!(bureau.run(&["--as", "示例督", "fund", "check"]).status.success());
}
