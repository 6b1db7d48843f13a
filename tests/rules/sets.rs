//! Rule files: bases, days, divisions, and everything wrong with a file at once.

use dossier::data;
use dossier::domain::{Day, Explain};
use dossier::lang::{Lang, say};
use dossier::rules::load::load_over;
use dossier::rules::problem::Fault;
use dossier::rules::{CaseDays, Fact, Problem, RuleSets, load};

fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

fn built_in() -> RuleSets {
    load(data::folder("rules")).0
}

#[test]
fn every_built_in_set_is_whole_and_every_value_has_its_source() {
    let (sets, problems) = load(data::folder("rules"));
    assert_eq!(problems, []);
    assert_eq!(sets.iter().count(), data::folder("rules").count());
    for set in sets.iter() {
        assert!(!set.source.is_empty(), "{}", set.id);
        assert!(set.values.values().all(|v| !v.source.is_empty()), "{}", set.id);
        assert!(set.categories.iter().all(|c| !c.source.is_empty()), "{}", set.id);
        assert!(
            set.figures.iter().all(|f| f.source.contains("（示例数值，非公布标准）") || f.source.contains("（据")),
            "{}",
            set.id
        );
        assert_eq!(format!("{}.toml", set.id), set.file);
    }
}

#[test]
fn the_set_in_force_is_the_nearest_and_of_these_the_latest_begun() {
    let sets = built_in();
    for (on, division, expected) in [
        ("2015-12-31", Some("150785"), None),
        ("2016-01-01", Some("150785"), Some("genhe-2016")),
        ("2019-12-31", Some("150785"), Some("genhe-2016")),
        ("2020-01-01", Some("150785"), Some("genhe-2020")),
        ("2020-02-29", Some("150782"), Some("genhe-2020")),
        ("2026-11-24", Some("150785"), Some("genhe-2026")),
        ("2018-06-01", Some("110101"), Some("national-2016")),
        ("2026-11-24", Some("110101"), Some("national-2020")),
        ("2026-11-24", None, Some("national-2020")),
        ("2026-11-24", Some("370202"), Some("qingdao-2020")),
        ("2024-12-31", Some("340803"), Some("national-2020")),
        ("2025-01-01", Some("340803"), Some("anqing-2025")),
    ] {
        assert_eq!(sets.in_force_on(day(on), division).map(|s| s.id.as_str()), expected, "{on} {division:?}");
    }
}

#[test]
fn a_new_year_states_what_changed_and_has_all_the_rest_from_its_base() {
    let sets = built_in();
    let (new, old) = (sets.get("genhe-2026").unwrap(), sets.get("national-2020").unwrap());
    let text = |s: &dossier::rules::RuleSet| {
        s.categories.iter().map(|c| (c.code.clone(), c.condition.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(text(new), text(old));
    assert_eq!(new.values, old.values);
    // The figures add up over the years, and the day chooses.
    for (on, yuan) in [("2020-06-01", "640.00"), ("2025-12-31", "790.00"), ("2026-01-01", "820.00")] {
        assert_eq!(new.figure(Fact::LineMonth, Some("150785"), day(on)).unwrap().amount.yuan(), yuan);
    }
    assert_eq!(new.figure(Fact::LineMonth, Some("150782"), day("2026-01-01")).unwrap().amount.yuan(), "784.00");
    assert_eq!(new.figure(Fact::LineMonth, Some("150785"), day("2019-12-31")), None);
    assert_eq!(new.figure(Fact::LineMonth, Some("110101"), day("2026-01-01")), None);
    // What a base says of itself is not taken over.
    assert_eq!(new.base.as_deref(), Some("genhe-2025"));
    assert_eq!(old.in_force_from, day("2020-01-01"));
}

#[test]
fn a_case_under_way_goes_on_or_moves_as_the_newer_set_says() {
    let sets = built_in();
    let days = |application: &str, survey: &str, decision: &str| CaseDays {
        application: Some(day(application)),
        survey: day(survey),
        decision: day(decision),
    };
    for (case, set, on) in [
        // A new year's line: a case accepted before is finished with the set it began with, its line included.
        (days("2025-12-20", "2026-01-05", "2026-01-20"), "genhe-2025", "2026-01-05"),
        (days("2026-01-01", "2026-01-05", "2026-01-20"), "genhe-2026", "2026-01-05"),
        // The change-over of schemes: cases under way are decided anew.
        (days("2019-12-20", "2019-12-28", "2020-01-20"), "genhe-2020", "2020-01-20"),
        (days("2019-12-20", "2019-12-28", "2019-12-31"), "genhe-2016", "2019-12-28"),
    ] {
        let (found, found_on) = sets.deciding(&case, Some("150785")).unwrap();
        assert_eq!((found.id.as_str(), found_on), (set, day(on)), "{case:?}");
    }
    // The line of the older set stands still: what came later is not in it.
    let (old, on) = sets.deciding(&days("2025-12-20", "2026-01-05", "2026-01-20"), Some("150785")).unwrap();
    assert_eq!(old.figure(Fact::LineMonth, Some("150785"), on).unwrap().amount.yuan(), "790.00");
}

#[test]
fn a_set_adopted_late_decides_from_the_day_it_is_in_force_on() {
    let sets = built_in();
    let late = r#"
        id = "genhe-late"
        base = "genhe-2025"
        names = { zh = "迟到的政策", en = "A late set" }
        source = "示例（示例数值，非公布标准）"
        in_force_from = 2025-07-01
        adopted = 2025-09-15
    "#;
    let (new, problems) = load_over(&sets, [("late.toml", late)]);
    assert_eq!(problems, []);
    let all = RuleSets::new(sets.iter().chain(new.iter()).cloned().collect());
    let decides = |on: &str, division: &str| {
        let found = all.deciding(&CaseDays::all(day(on)), Some(division));
        found.map(|(set, _)| set.id.clone()).unwrap_or_default()
    };
    // The day before it is in force, and the day it is; the day before its adoption, and after it; elsewhere never.
    assert_eq!(decides("2025-06-30", "150785"), "genhe-2025");
    assert_eq!(decides("2025-07-01", "150785"), "genhe-late");
    assert_eq!(decides("2025-09-14", "150782"), "genhe-late");
    assert_eq!(decides("2025-09-15", "150785"), "genhe-late");
    assert_eq!(decides("2025-08-01", "370202"), "qingdao-2020");
}

fn wrong(files: &[(&str, &str)]) -> Vec<Problem> {
    load_over(&built_in(), files.iter().copied()).1
}

#[test]
fn everything_wrong_with_a_file_is_told_at_once() {
    let text = r#"
        id = "bad"
        base = "national-2020"
        names = { zh = "坏", en = "Bad" }
        source = "示例"
        in_force_from = 2027-01-01
        in_force_to = 2026-12-31
        divisions = ["15078"]
        facts = ["members", "incom", "rigid", "line_month", "employment_cost", "followed_up", "loss", "compensated",
                 "has_event", "assets", "dwellings", "has_business", "costly_school", "vehicle", "retired",
                 "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9"]
        selectd_by = { value = "survey", source = "x" }
        line_of = { value = "moon", source = "x" }
        [value]
        rigid = { value = 3, source = "x" }
        share = { value = "12.345", source = "x" }
        orphan = { value = 3 }
        [category.deep]
        condition = "members - rigidd < line_month"
        [category.relative]
        code = "1"
        condition = "members <"
        survey_months = "six"
        [[figure]]
        of = "line_mont"
        division = "150785"
        from = 2027-13-01
    "#;
    // A day that is none makes the whole file unreadable as TOML; said with its line.
    let syntax = wrong(&[("bad.toml", text)]);
    assert!(
        matches!(&syntax[..], [Problem { fault: Fault::Syntax(words), .. }] if words.contains("line 2")),
        "{syntax:?}"
    );

    let text = text.replace("2027-13-01", "\"2027-13-01\"");
    let problems = wrong(&[("bad.toml", &text)]);
    let reported: Vec<String> = problems.iter().map(|p| say(&p.explain(), Lang::En)).collect();
    let reported = reported.join("\n");
    for expected in [
        "in_force_to is before in_force_from",
        "\"15078\" in divisions is no division code",
        "incom in facts is no known fact. Is income meant?",
        "no key selectd_by. Is selected_by meant?",
        "line_of.value is \"moon\" and can only be one of home | unit",
        "value.rigid has the name of the fact rigid",
        "value.share.value is \"12.345\", no amount in yuan",
        "value.orphan.source is missing",
        "category.deep.condition",
        "category.relative.condition",
        "category.relative.survey_months is written wrong; a whole number belongs here",
        "line_mont in figure[1].of is no known fact. Is line_month meant?",
        "figure[1].from is written wrong; a day belongs here",
        "figure[1].amount is missing",
    ] {
        assert!(reported.contains(expected), "{expected}\n---\n{reported}");
    }
    // Under the condition stands the place.
    let deep = problems.iter().find(|p| p.key == "category.deep.condition").unwrap();
    assert_eq!(deep.caret(), Some("members - rigidd < line_month\n          ^^^^^^"));
    // In both languages.
    assert!(problems.iter().all(|p| !say(&p.explain(), Lang::Zh).starts_with('[')));
}

#[test]
fn bases_that_are_missing_or_go_round_are_told() {
    let head = |id: &str, base: &str| format!("id = \"{id}\"\nbase = \"{base}\"\nin_force_from = 2027-01-01\n");
    let (a, b, c) = (head("a", "b"), head("b", "a"), head("c", "genhe-202"));
    let problems = wrong(&[("a.toml", &a), ("b.toml", &b), ("c.toml", &c), ("d.toml", "in_force_from = 2027-01-01")]);
    let of = |file: &str| problems.iter().find(|p| p.file == file).map(|p| p.fault.clone());
    assert_eq!(of("a.toml"), Some(Fault::BaseOfItself));
    assert_eq!(of("b.toml"), Some(Fault::BaseOfItself));
    assert!(matches!(of("c.toml"), Some(Fault::UnknownBase { nearest: Some(n), .. }) if n.starts_with("genhe-202")));
    assert_eq!(of("d.toml"), Some(Fault::Missing));
    let twice = wrong(&[("x.toml", &c), ("y.toml", &c)]);
    assert!(twice.iter().any(|p| p.fault == Fault::SameIdAs { file: "x.toml".into() }));
}

#[test]
fn a_code_used_twice_is_told() {
    let text = r#"
        id = "twice"
        base = "national-2020"
        names = { zh = "重", en = "Twice" }
        source = "示例"
        in_force_from = 2027-01-01
        [category.relative]
        code = "1"
    "#;
    assert_eq!(
        wrong(&[("twice.toml", text)]),
        [Problem { file: "twice.toml".into(), key: "category".into(), fault: Fault::SameCode { code: "1".into() } }]
    );
}

#[test]
fn nothing_that_a_file_holds_makes_loading_stop() {
    let whole: String = data::folder("rules").find(|(n, _)| *n == "national-2016.toml").unwrap().1.to_owned();
    // Cut anywhere, and with any one line gone.
    for end in (0..whole.len()).step_by(97).filter(|e| whole.is_char_boundary(*e)) {
        let _ = load([("cut.toml", &whole[..end])]);
    }
    let lines: Vec<&str> = whole.lines().collect();
    for gone in 0..lines.len() {
        let text: Vec<&str> = lines.iter().enumerate().filter(|(i, _)| *i != gone).map(|(_, l)| *l).collect();
        let _ = load([("gone.toml", text.join("\n").as_str())]);
    }
}
