//! Facts from answers, with their states, and facts files.

// Amounts are written as yuan_fen: 42_000_00.
#![allow(clippy::inconsistent_digit_grouping)]

use dossier::data;
use dossier::domain::answers::RosterPerson;
use dossier::domain::{Answer, Answers, Day, Given, Origin, Path, PersonId, State};
use dossier::rules::from_answers::differing_sums;
use dossier::rules::json::FactsFault;
use dossier::rules::{Fact, Facts, Value, decide, json, load};

/// A whole survey of three people: case A of the field rules.
const CASE_A: &[(&str, &str)] = &[
    ("visit/survey_type", "1"),
    ("visit/survey_date", "2026-06-01"),
    ("identity/hukou_division", "150785"),
    ("identity/health_status", "10"),
    ("identity/work_status", "11"),
    ("family/single_parent", "2"),
    ("family/dibao_status", "3"),
    ("family/housing_type", "2"),
    ("family/housing_area", "61.50"),
    ("family/housing_count", "1"),
    ("family/has_vehicle", "0"),
    ("family/has_business", "2"),
    ("family/financial_assets", "5000.00"),
    ("family/members[1]/m_lives_together", "1"),
    ("family/members[2]/m_lives_together", "1"),
    ("family/members[2]/m_health", "64"),
    ("family/members[3]/m_lives_together", "2"),
    ("family/cause_main", "061"),
    ("family/cause_other", "02 09"),
    ("income/inc_wage", "30000.00"),
    ("income/inc_business", "-1000.00"),
    ("income/inc_property", "0.00"),
    ("income/inc_pension", "12000.00"),
    ("income/inc_transfer", "900.50"),
    ("income/inc_other", "99.50"),
    ("income/inc_union_aid", "2000.00"),
    ("income/exp_med_total", "30000.00"),
    ("income/exp_med_reimb", "18000.00"),
    ("income/exp_education", "8000.00"),
    ("income/exp_disability", "0.00"),
    ("income/exp_employment", "500.00"),
    ("income/loss_accident", "700.00"),
    ("income/loss_compensated", "200.00"),
];

fn answers(changes: &[(&str, Option<Given>)]) -> Answers {
    let mut out = Answers { form: "hardship".into(), ..Answers::default() };
    for (path, value) in CASE_A {
        out.answers.push(Answer {
            path: Path::new(*path),
            given: Given::Value((*value).into()),
            origin: Origin::Asked,
        });
    }
    for (path, given) in changes {
        out.answers.retain(|a| a.path.as_str() != *path);
        if let Some(given) = given {
            out.answers.push(Answer { path: Path::new(*path), given: given.clone(), origin: Origin::Asked });
        }
    }
    out
}

fn state(state: State) -> Option<Given> {
    Some(Given::State(state))
}

fn value(text: &str) -> Option<Given> {
    Some(Given::Value(text.into()))
}

fn day() -> Day {
    Day::from_iso("2026-06-01").unwrap()
}

#[test]
fn facts_are_the_sums_of_what_was_answered() {
    let facts = Facts::from_answers(&answers(&[]));
    for (fact, expected) in [
        (Fact::Members, 3),
        (Fact::Income, 42_000_00),
        (Fact::Rigid, 20_000_00),
        (Fact::EmploymentCost, 500_00),
        (Fact::Loss, 700_00),
        (Fact::Compensated, 200_00),
        (Fact::UnionAid, 2_000_00),
        (Fact::Assets, 5_000_00),
        (Fact::FloorArea, 61_50),
        (Fact::Dwellings, 1),
        (Fact::HasBusiness, 0),
        (Fact::Vehicle, 0),
        (Fact::CostlySchool, 0),
        (Fact::Retired, 0),
        (Fact::ReceivesDibao, 0),
        (Fact::MonthsBelowLine, 0),
        (Fact::SingleParent, 0),
        (Fact::CauseIllness, 1),
        (Fact::CauseSchooling, 1),
        (Fact::CauseDisability, 1),
        (Fact::HasEvent, 0),
        (Fact::FollowedUp, 0),
    ] {
        assert_eq!(facts.get(fact), Value::known(expected), "{}", fact.name());
    }
    assert_eq!(facts.division.as_deref(), Some("150785"));
    assert_eq!(facts.gaps, []);
    let sets = load(data::folder("rules")).0;
    let decision = decide(&facts, sets.get("genhe-2026").unwrap(), day()).unwrap();
    assert_eq!(decision.category.as_deref(), Some("1"));
    assert_eq!(decision.per_head_net.map(|f| f.yuan()).as_deref(), Some("611.11"));
}

#[test]
fn the_forms_own_sums_are_never_read() {
    let lies = [
        ("family/household_size", value("1")),
        ("income/income_year", value("1.00")),
        ("income/exp_med_self", value("1.00")),
        ("income/exp_rigid", value("1.00")),
        ("income/pc_net", value("99999.00")),
        ("income/dibao_line", value("1.00")),
        ("income/category_calc", value("0")),
    ];
    assert_eq!(Facts::from_answers(&answers(&lies)), Facts::from_answers(&answers(&[])));
}

#[test]
fn the_forms_own_sums_are_held_against_the_facts() {
    let sums = [
        ("family/household_size", value("3")),
        ("income/income_year", value("42000.00")),
        ("income/exp_med_self", value("12000.00")),
        ("income/exp_rigid", value("20000.00")),
    ];
    let right = answers(&sums);
    assert_eq!(differing_sums(&right, false), Vec::<&str>::new());
    assert_eq!(differing_sums(&right, true), ["income_year"]);
    let mut wrong = sums.clone();
    wrong[3].1 = value("20000.01");
    assert_eq!(differing_sums(&answers(&wrong), false), ["exp_rigid"]);
}

#[test]
fn every_state_but_not_applicable_leaves_the_sum_unknown() {
    for given in [
        state(State::Refused),
        state(State::DontKnow),
        state(State::Illegible),
        state(State::NotAsked),
        value("twelve"),
        value(""),
        None,
    ] {
        let facts = Facts::from_answers(&answers(&[("income/inc_wage", given.clone())]));
        assert_eq!(facts.get(Fact::Income).exact(), None, "{given:?}");
        // The rest of the sum is known, and wages are not below zero.
        assert_eq!(facts.get(Fact::Income).low, 12_000_00, "{given:?}");
        assert_eq!(facts.gaps, [(Fact::Income, "inc_wage".to_owned())], "{given:?}");
    }
    let none = Facts::from_answers(&answers(&[("income/inc_wage", state(State::NotApplicable))]));
    assert_eq!(none.get(Fact::Income), Value::known(12_000_00));
    let mut off = answers(&[("income/inc_wage", None)]);
    off.off_route.push(Path::new("income/inc_wage"));
    assert_eq!(Facts::from_answers(&off).get(Fact::Income), Value::known(12_000_00));
}

#[test]
fn a_refused_reimbursement_lies_between_nothing_and_the_bill() {
    let facts = Facts::from_answers(&answers(&[("income/exp_med_reimb", state(State::Refused))]));
    assert_eq!(facts.get(Fact::Rigid), Value { low: 8_000_00, high: 38_000_00 });
    let facts = Facts::from_answers(&answers(&[("income/loss_compensated", state(State::DontKnow))]));
    assert_eq!(facts.get(Fact::Compensated), Value { low: 0, high: 700_00 });
}

#[test]
fn a_refusal_that_cannot_matter_leaves_the_case_decided_and_one_that_can_does_not() {
    let sets = load(data::folder("rules")).0;
    let set = sets.get("genhe-2026").unwrap();
    // Income 42,000, line 820 × 12 × 3 = 29,520: deep needs 12,480.01 of spending. 8,000 are sure, 38,000 possible.
    let open = answers(&[("income/exp_med_reimb", state(State::Refused))]);
    let decision = decide(&Facts::from_answers(&open), set, day()).unwrap();
    assert_eq!((decision.category, decision.missing), (None, vec!["rigid".to_owned()]));
    assert_eq!(decision.possible, ["1", "2"]);
    // With schooling of 12,480.01 it is deep whatever came back of the bill.
    let sure = answers(&[("income/exp_med_reimb", state(State::Refused)), ("income/exp_education", value("12480.01"))]);
    let decision = decide(&Facts::from_answers(&sure), set, day()).unwrap();
    assert_eq!((decision.category.as_deref(), decision.per_head_net), (Some("1"), None));
    // One fen less and it is not sure.
    let less = answers(&[("income/exp_med_reimb", state(State::Refused)), ("income/exp_education", value("12480.00"))]);
    assert_eq!(decide(&Facts::from_answers(&less), set, day()).unwrap().category, None);
}

#[test]
fn a_member_of_whom_nobody_knows_counts_as_none_and_as_one() {
    let facts = Facts::from_answers(&answers(&[("family/members[3]/m_lives_together", state(State::DontKnow))]));
    assert_eq!(facts.get(Fact::Members), Value { low: 3, high: 4 });
    assert_eq!(facts.gaps, [(Fact::Members, "m_lives_together".to_owned())]);
    // A row that was opened and never filled in is such a member too.
    let mut open = answers(&[]);
    open.rows.push(RosterPerson { path: Path::new("family/members[4]"), person: PersonId([4; 16]) });
    assert_eq!(Facts::from_answers(&open).get(Fact::Members), Value { low: 3, high: 4 });
    // Nobody in the roster: the worker alone.
    let mut alone = answers(&[]);
    alone.answers.retain(|a| !a.path.as_str().contains("members["));
    assert_eq!(Facts::from_answers(&alone).get(Fact::Members), Value::known(1));
}

#[test]
fn accidents_dibao_and_exit_checks_are_read_from_their_codes() {
    let one = |path, code, fact| Facts::from_answers(&answers(&[(path, value(code))])).get(fact);
    for (path, code, fact, expected) in [
        // A cause alone is no event.
        ("family/cause_main", "08", Fact::HasEvent, 0),
        ("family/cause_main", "07", Fact::HasEvent, 0),
        ("family/cause_main", "07", Fact::CauseDisaster, 1),
        ("family/cause_main", "08", Fact::CauseDisaster, 0),
        ("life/changes[1]/ch_type", "15", Fact::HasEvent, 0),
        ("family/other_exclusions", "X4 X8", Fact::X8, 1),
        ("family/other_exclusions", "X4 X8", Fact::X6, 0),
        ("identity/health_status", "41 64", Fact::IllnessCost, 12_000_00),
        ("identity/health_status", "30 64", Fact::IllnessCost, 0),
        ("identity/disease_name", "11 03", Fact::IllnessCost, 12_000_00),
        ("identity/disease_name", "11 18", Fact::IllnessCost, 0),
        ("family/dibao_status", "1", Fact::ReceivesDibao, 1),
        ("family/dibao_status", "2", Fact::MonthsBelowLine, 12),
        ("visit/survey_type", "4", Fact::FollowedUp, 1),
        ("family/has_vehicle", "2", Fact::Vehicle, 1),
        ("family/has_vehicle", "1", Fact::Vehicle, 0),
        ("identity/work_status", "14", Fact::Retired, 1),
    ] {
        assert_eq!(one(path, code, fact), Value::known(expected), "{path} = {code}");
    }
    let refused = Facts::from_answers(&answers(&[("family/dibao_status", state(State::Refused))]));
    assert_eq!(refused.get(Fact::MonthsBelowLine), Value { low: 0, high: 12 });
}

/// An event as the form asks it, told on the day of the survey.
fn event(changes: &[(&str, &str)]) -> Facts {
    let mut all = vec![
        ("income/event_kind", value("2")),
        ("income/event_date", value("2026-01-15")),
        ("income/event_harm", value("2")),
        ("income/event_major", value("1")),
    ];
    all.extend(changes.iter().map(|(path, text)| (*path, value(text))));
    Facts::from_answers(&answers(&all))
}

#[test]
fn who_was_struck_by_a_major_event_has_one_for_twelve_months() {
    let has = |changes: &[(&str, &str)]| {
        let facts = event(changes);
        [facts.get(Fact::HasEvent), facts.get(Fact::EventOver)].map(|value| value.exact())
    };
    let (yes, no, over) = ([Some(1), Some(0)], [Some(0), Some(0)], [Some(0), Some(1)]);
    assert_eq!(has(&[]), yes);
    assert_eq!(has(&[("income/event_harm", "1")]), yes);
    assert_eq!(has(&[("income/event_harm", "3")]), no, "hurt is not disabled");
    assert_eq!(has(&[("income/event_major", "2")]), no);
    assert_eq!(has(&[("income/event_kind", "9")]), no);
    assert_eq!(has(&[("income/event_date", "2025-06-01")]), yes, "twelve months to the day");
    assert_eq!(has(&[("income/event_date", "2025-05-31")]), over, "and a day");
    let renewed = ("income/event_renewal", "1");
    assert_eq!(has(&[("income/event_date", "2025-05-31"), renewed]), over, "a renewal gives its reason");
    assert_eq!(has(&[("income/event_date", "2025-05-31"), renewed, ("income/event_renewal_why", "仍在治疗")]), yes);
    // A leap day has its twelve months on the last of February.
    let leap = [("income/event_date", "2024-02-29")];
    assert_eq!(has(&[&leap[..], &[("visit/survey_date", "2025-02-28")]].concat()), yes);
    assert_eq!(has(&[&leap[..], &[("visit/survey_date", "2025-03-01")]].concat()), over);
    let nobody_knows = answers(&[
        ("income/event_kind", value("2")),
        ("income/event_harm", state(State::DontKnow)),
        ("income/event_date", value("2026-01-15")),
    ]);
    assert_eq!(Facts::from_answers(&nobody_knows).get(Fact::HasEvent), Value { low: 0, high: 1 });
}

#[test]
fn without_consent_nothing_is_known_and_nothing_is_none() {
    let facts = Facts::from_answers(&answers(&[("visit/consent_sensitive", value("2"))]));
    assert_eq!(facts.get(Fact::Income), Value::unknown(Fact::Income));
    assert_eq!(facts.get(Fact::Members), Value::unknown(Fact::Members));
    let sets = load(data::folder("rules")).0;
    assert_eq!(decide(&facts, sets.get("genhe-2026").unwrap(), day()).unwrap().category, None);
}

#[test]
fn what_a_rule_set_does_not_count_is_no_income_and_whom_it_counts_is_a_member() {
    let row = [
        ("income/not_counted[1]/nc_kind", value("3")),
        ("income/not_counted[1]/nc_amount", value("900.50")),
        ("income/not_counted[2]/nc_kind", value("99")),
        ("income/not_counted[2]/nc_amount", value("99.50")),
        ("family/members[3]/m_away", value("2")),
    ];
    let facts = Facts::from_answers(&answers(&row));
    assert_eq!(facts.get(Fact::Income), Value::known(42_000_00), "what was told stands as it was told");
    let sets = load(data::folder("rules")).0;
    let income = |set: &str| {
        let set = sets.get(set).unwrap();
        let counted = dossier::rules::decide::with_figures(&facts, set, day()).into_owned();
        let again = dossier::rules::decide::with_figures(&counted, set, day()).into_owned();
        assert_eq!(again, counted, "done twice it is the same");
        (counted.get(Fact::Income), counted.get(Fact::Members))
    };
    assert_eq!(income("genhe-2026"), (Value::known(41_099_50), Value::known(3)));
    assert_eq!(income("genhe-2016"), (Value::known(42_000_00), Value::known(3)), "the scheme of 2016 had no such list");
    let text = r#"
        id = "with-conscripts"
        base = "genhe-2026"
        names = { zh = "计服役者", en = "With conscripts" }
        source = "示例"
        in_force_from = 2027-01-01
        [value]
        conscripts_count = { value = true, source = "示例" }
    "#;
    let (over, problems) = dossier::rules::load::load_over(&sets, [("with-conscripts.toml", text)]);
    assert_eq!(problems, []);
    let set = over.get("with-conscripts").unwrap();
    let counted = dossier::rules::decide::with_figures(&facts, set, day()).into_owned();
    assert_eq!(counted.get(Fact::Members), Value::known(4));
}

#[test]
fn the_example_of_the_command_line_is_taken() {
    let text = r#"{"members": 3, "income": "42000.00", "rigid": "20000.00", "employment_cost": "0", "loss": "0",
        "compensated": "0", "division": "150785", "line_month": "700.00", "has_event": false, "exclusions": []}"#;
    let facts = json::facts(text).unwrap();
    let sets = load(data::folder("rules")).0;
    let set = sets.in_force_on(day(), facts.division.as_deref()).unwrap();
    let decision = json::decision(&dossier::rules::decide_with_flips(&facts, set, day()).unwrap());
    assert_eq!(decision["category"], "1");
    assert_eq!(decision["rule_set"], "genhe-2026");
    assert_eq!(decision["per_head_net"], "611.11");
    assert_eq!(decision["per_head_compared"], "611.11");
    let deep = &decision["trace"][0];
    assert_eq!(deep["rule"], "deep");
    assert_eq!(deep["condition"], "income - rigid < line_month * 12 * members");
    assert_eq!(deep["operands"]["income"], "42000.00");
    assert_eq!(deep["operands"]["members"], "3");
    assert_eq!(deep["holds"], true);
    assert_eq!(decision["flips"][1], serde_json::json!({"fact": "income", "to": "45200.00", "category": "2"}));

    let open = json::facts(r#"{"members": 3, "income": null, "line_month": "700.00"}"#).unwrap();
    let open = json::decision(&decide(&open, set, day()).unwrap());
    assert_eq!(open["category"], serde_json::Value::Null);
    assert_eq!(open["missing"], serde_json::json!(["income"]));
    assert_eq!(open["possible"], serde_json::json!(["1", "2", "9", "0"]));
    assert_eq!(open["trace"][0]["holds"], serde_json::Value::Null);
}

#[test]
fn everything_wrong_with_a_facts_file_is_told_at_once() {
    let text = r#"{"membrs": 3, "income": "42,000", "rigid": "-1", "loss": 1.5, "dwellings": -1, "has_event": "yes",
        "division": "1507", "exclusions": ["X1", "X10"], "employment_cost": "0.001"}"#;
    let problems = json::facts(text).unwrap_err();
    let of = |key: &str| problems.iter().find(|p| p.key == key).map(|p| &p.fault);
    assert_eq!(of("members"), Some(&FactsFault::Missing));
    assert_eq!(of("membrs"), Some(&FactsFault::UnknownKey { nearest: Some("members".into()) }));
    assert!(matches!(of("income"), Some(FactsFault::NotMoney { .. })));
    assert!(matches!(of("rigid"), Some(FactsFault::BelowZero { .. })));
    assert!(matches!(of("loss"), Some(FactsFault::NotMoney { .. })));
    assert!(matches!(of("dwellings"), Some(FactsFault::NotACount { .. })));
    assert!(matches!(of("has_event"), Some(FactsFault::NotTrueOrFalse { .. })));
    assert!(matches!(of("division"), Some(FactsFault::NotADivision { .. })));
    assert!(matches!(of("exclusions"), Some(FactsFault::UnknownExclusion { .. })));
    assert!(matches!(of("employment_cost"), Some(FactsFault::NotMoney { .. })));
    assert_eq!(problems.len(), 10);
    for members in ["0", "-1", "1.5", "\"3\"", "100"] {
        let text = format!(r#"{{"members": {members}, "income": "0"}}"#);
        assert!(json::facts(&text).is_err(), "{members}");
    }
    for (text, whole) in [("", "syntax"), ("[]", "object"), ("{", "syntax"), ("null", "object")] {
        let problems = json::facts(text).unwrap_err();
        match whole {
            "syntax" => assert!(matches!(problems[0].fault, FactsFault::Syntax(_)), "{text}"),
            _ => assert_eq!(problems[0].fault, FactsFault::NotAnObject, "{text}"),
        }
    }
}
