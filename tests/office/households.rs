//! Households as answers files, with the right results beside them: the project's own, at the edges of the rules in pairs,
//! and those that are kept beside the project, where they are.

// Amounts are written as yuan_fen: 42_000_00.
#![allow(clippy::inconsistent_digit_grouping)]

use super::surveying::{Desk, day};
use dossier::command::SessionContext;
use dossier::command::survey::Submitted;
use dossier::domain::dossier::Status;
use dossier::domain::{Answers, Fen, Path, Step};
use dossier::form::run;
use dossier::rules::from_answers::differing_sums;
use serde::Deserialize;
use std::path::{Path as FilePath, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    household: Vec<Right>,
}

/// What is right for one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Right {
    file: String,
    /// Answers to what the form asks since the file was made.
    #[serde(default)]
    then: Vec<(String, String)>,
    /// Where the survey is held before it can be finished; passed with a reason where it can be.
    #[serde(default)]
    held: Vec<String>,
    /// It cannot be finished at all.
    #[serde(default)]
    never: bool,
    /// None: undecided.
    category: Option<String>,
    #[serde(default)]
    exclusions: Vec<String>,
    members: Option<u32>,
    rigid: Option<String>,
    compared: Option<String>,
    zero_employment: Option<String>,
}

fn rights(text: &str) -> Vec<Right> {
    toml::from_str::<Table>(text).unwrap().household
}

/// What comes out otherwise than it should.
fn wrong(desk: &Desk, folder: &FilePath, right: &Right) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(format!("{}.json", right.file))).unwrap();
    let mut steps = run::steps(&text).unwrap();
    let set = |(path, value): &(String, String)| Step::Set { path: Path::new(path.as_str()), value: value.clone() };
    steps.extend(right.then.iter().map(set));
    let mut surveying = desk.begin(None, None, "2026-11-29");
    for step in steps {
        let problem = surveying.answer(&desk.office, &step).unwrap().problem;
        // A reason that is asked for no more says nothing.
        if !matches!(step, Step::Pass { .. }) && problem.as_ref().is_some_and(|problem| !problem.lets_stand()) {
            return vec![format!("{}: {step:?} {problem:?}", right.file)];
        }
    }
    let mut out = Vec::new();
    let mut differs = |what: &str, expected: String, found: String| {
        if expected != found {
            out.push(format!("{}: {what}: expected {expected}, found {found}", right.file));
        }
    };
    let held: Vec<String> = surveying.draft.problems().iter().map(|problem| problem.path.0.clone()).collect();
    differs("held", format!("{:?}", right.held), format!("{held:?}"));
    for path in held {
        let _ = surveying.answer(&desk.office, &Step::Pass { path: Path::new(path), why: "已核对，确是如此".into() });
    }
    let answers: Answers = surveying.draft.answers();
    let kept = match desk.submit(&mut surveying, "2026-11-29", false) {
        Ok(kept) => kept,
        Err(failure) => {
            differs("kept", (!right.never).to_string(), format!("false: {failure:?}"));
            if right.never {
                out.clear();
            }
            return out;
        }
    };
    differs("kept", (!right.never).to_string(), "true".into());
    let decision = kept.decision.unwrap();
    differs("category", format!("{:?}", right.category), format!("{:?}", decision.category));
    differs("exclusions", format!("{:?}", right.exclusions), format!("{:?}", decision.exclusions));
    if decision.category.is_some() {
        differs("line", "820.00".into(), decision.line_month.map(Fen::yuan).unwrap_or_default());
        differs("the form's sums", "[]".into(), format!("{:?}", differing_sums(&answers, false)));
    }
    let shown = |name: &str| answers.value(name).map(str::to_owned);
    if let Some(members) = right.members {
        differs("members", format!("{:?}", Some(members.to_string())), format!("{:?}", shown("family/household_size")));
    }
    if let Some(rigid) = &right.rigid {
        differs("rigid", format!("{:?}", Some(rigid)), format!("{:?}", shown("income/exp_rigid").as_ref()));
    }
    if let Some(compared) = &right.compared {
        differs("compared", compared.clone(), decision.per_head_compared().map(Fen::yuan).unwrap_or_default());
    }
    if let Some(zero) = &right.zero_employment {
        differs(
            "zero employment",
            format!("{:?}", Some(zero)),
            format!("{:?}", shown("family/zero_employment").as_ref()),
        );
    }
    let year = kept.number.starts_with("150785-2026-");
    differs("number", "true".into(), year.to_string());
    out
}

fn all_right(folder: &FilePath, table: &str) {
    let rights = rights(table);
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| Some(file.unwrap().file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .collect();
    files.sort_unstable();
    let mut named: Vec<String> = rights.iter().map(|right| right.file.clone()).collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(files, named, "every household has its right result, and every result its household");
    let place = tempfile::tempdir().unwrap();
    let desk = Desk::new(&place.path().join("store"), "2026-11-29", 3);
    let wrong: Vec<String> = rights.iter().flat_map(|right| wrong(&desk, folder, right)).collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rights.len(), wrong.join("\n"));
    desk.office.close().unwrap();
}

#[test]
fn households_at_the_edges_come_out_right() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/edges");
    all_right(&folder, include_str!("../households/edges.toml"));
}

#[test]
fn the_households_beside_the_project_come_out_right() {
    let shared = std::env::var_os("DOSSIER_SHARED").map(PathBuf::from);
    let folder =
        shared.unwrap_or_else(|| FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared")).join("households");
    if !folder.exists() {
        assert!(std::env::var_os("DOSSIER_REQUIRE_SHARED").is_none(), "{} is not there", folder.display());
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    all_right(&folder, include_str!("../households/beside.toml"));
}

/// A household of the project's own, in the files since 2026-07-01.
fn opened(desk: &Desk, file: &str) -> String {
    let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/households/edges").join(format!("{file}.json"));
    let mut surveying = desk.begin(None, None, "2026-06-12");
    for step in run::steps(&std::fs::read_to_string(path).unwrap()).unwrap() {
        surveying.answer(&desk.office, &step).unwrap();
    }
    let kept = desk.submit(&mut surveying, "2026-06-12", false).unwrap();
    let roles = ["approver"];
    let approver = desk.office.add_officer("示例批准人", "approver", &roles, &[], desk.on("2026-06-12")).unwrap();
    let approver = desk.office.seat(approver, SessionContext::program("test"));
    desk.adopt(&approver, "2026-06-12");
    for (to, on) in [
        (Status::Verifying, "2026-06-14"),
        (Status::Reviewed, "2026-06-16"),
        (Status::Endorsed, "2026-06-18"),
        (Status::Noticed, "2026-06-20"),
        (Status::Approved, "2026-07-01"),
        (Status::Open, "2026-07-01"),
    ] {
        let seat = if to == Status::Approved { &approver } else { &desk.office };
        seat.open(kept.dossier, desk.on(on)).unwrap().move_status(to, day(on), None, None).unwrap();
    }
    kept.number
}

/// The same household surveyed again: what it answers this time beside `more` is nothing.
fn surveyed_again(desk: &Desk, number: &str, on: &str, more: &[(&str, &str)]) -> Submitted {
    let mut surveying = desk.begin(Some(number), None, on);
    let asked = [
        ("visit/survey_type", "2"),
        ("visit/survey_date", on),
        ("visit/investigators", "赵一、钱二"),
        ("visit/consent_sensitive", "1"),
        ("family/dibao_status", "3"),
        ("family/housing_count", "1"),
        ("family/has_vehicle", "1"),
        ("family/has_business", "2"),
        ("family/financial_assets", "5000.00"),
        ("income/inc_business", "0"),
        ("income/inc_property", "0"),
        ("income/inc_pension", "0"),
        ("income/inc_transfer", "0"),
        ("income/inc_other", "0"),
        ("income/exp_med_total", "0"),
        ("income/exp_med_reimb", "0"),
        ("income/exp_education", "0"),
        ("income/exp_disability", "0"),
        ("income/exp_employment", "0"),
        ("income/loss_accident", "0"),
        ("income/loss_compensated", "0"),
        ("jobs/has_job_need", "2"),
        ("life/has_change", "2"),
        ("life/trend", "2"),
        ("life/cause_gone", "2"),
        ("sign_off/applicant_sign_date", on),
    ];
    desk.answer(&mut surveying, &asked);
    desk.answer(&mut surveying, more);
    desk.confirm(&mut surveying);
    assert_eq!(surveying.draft.problems(), [], "{number} on {on}");
    desk.submit(&mut surveying, on, false).unwrap()
}

/// What an illness costs again in the next year, with `more` behind it.
fn ill_again(desk: &Desk, number: &str, on: &str, more: &[(&str, &str)]) -> Option<String> {
    let year = [
        ("income/own_month_wage", "12500.00"),
        ("income/inc_wage", "150000.00"),
        ("income/exp_med_total", "200000.00"),
        ("income/exp_med_reimb", "75000.00"),
    ];
    let kept = surveyed_again(desk, number, on, &[&year[..], more].concat());
    assert!(kept.next_due.is_some(), "a dossier in the files has a next day");
    kept.decision.unwrap().category
}

#[test]
fn a_category_by_an_event_ends_after_twelve_months_unless_something_new_happened_or_it_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-06-01", 1);
    let number = opened(&desk, "illness_share_above");
    let kept = |on: &str, more: &[(&str, &str)]| ill_again(&desk, &number, on, more);
    let not_renewed = [("income/event_renewal", "2")];
    assert_eq!(kept("2027-06-30", &[]).as_deref(), Some("3"), "its last day");
    assert_eq!(kept("2027-07-01", &not_renewed).as_deref(), Some("0"), "the day after");
    let found = |day: &'static str| [("income/event_kind", "4"), ("income/event_date", day)];
    let before = [&found("2026-07-01")[..], &not_renewed].concat();
    assert_eq!(kept("2027-07-02", &before).as_deref(), Some("0"), "found by the day it was opened");
    assert_eq!(kept("2027-07-03", &found("2026-07-02")).as_deref(), Some("3"), "found since");
    let renewed = [("income/event_renewal", "1"), ("income/event_renewal_why", "仍在化疗")];
    let renewed = [&found("2026-07-01")[..], &renewed].concat();
    assert_eq!(kept("2027-07-04", &renewed).as_deref(), Some("3"), "renewed with a reason");
    desk.office.close().unwrap();
}

#[test]
fn a_member_is_out_from_the_day_of_death() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(&folder.path().join("store"), "2026-06-01", 1);
    let number = opened(&desk, "spouse_past_sixty_in_post");
    let income = [
        ("income/own_month_wage", "0.00"),
        ("income/inc_wage", "18000.00"),
        ("family/members[1]/m_month_income", "1500.00"),
    ];
    let kept = surveyed_again(&desk, &number, "2026-12-10", &income);
    assert_eq!(kept.decision.unwrap().per_head_net, Some(Fen(750_00)));
    let died = [
        ("life/has_change", "1"),
        ("life/changes[1]/ch_date", "2026-12-12"),
        ("life/changes[1]/ch_type", "04"),
        ("life/changes[1]/ch_person", "1"),
        ("life/changes[1]/ch_evidence", "死亡证明"),
    ];
    let kept = surveyed_again(&desk, &number, "2026-12-12", &[&income[..], &died].concat());
    assert_eq!(
        kept.decision.unwrap().per_head_net,
        Some(Fen(1_500_00)),
        "though the row still says that she lives there"
    );
    desk.office.close().unwrap();
}
