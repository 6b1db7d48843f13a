//! The rules that decide are the bureau's: adopted by a record with their whole text, and found again when a late one would
//! have decided otherwise.

use super::*;
use crate::command::adopting::{Adopted, Proposed};
use crate::domain::Message;

/// A set of the bureau's own: the line of 2026 as it was published late.
const LATE: &str = r#"
id = "jinhe-2026"
base = "genhe-2026"
names = { zh = "金河2026年标准", en = "Jinhe, 2026" }
source = "示例工发〔2026〕2号"
in_force_from = 2026-01-01

[[figure]]
of = "line_month"
division = "150785"
from = 2026-01-01
amount = "9000.00"
source = "示例工发〔2026〕2号"
"#;

const LATE_FILE: Proposed<'static> = Proposed::Text { file: "late.toml", text: LATE };

fn adopts(office: &Office, proposed: Proposed<'_>, days: (Option<Day>, Option<Day>)) -> Result<String, Failure> {
    let approver = another(office, &["approver"]);
    approver.adopt_rules(proposed, "示例 2026 第 2 号", on("2026-03-11").today, days, on("2026-03-11"))
}

fn keys(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.key).collect()
}

#[test]
fn a_set_of_the_bureaus_own_decides_from_its_record_and_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    assert_eq!(office.rules().unwrap().stands("genhe-2026", on("2026-03-10").today), Adopted::Sample);
    assert_eq!(adopts(&office, LATE_FILE, (None, None)).unwrap(), "jinhe-2026");
    let rules = office.rules().unwrap();
    let day = on("2026-03-12").today;
    let (set, _) = rules.deciding(&crate::rules::CaseDays::all(day), Some("150785")).unwrap();
    assert_eq!(set.id, "jinhe-2026");
    assert!(matches!(rules.stands("jinhe-2026", day), Adopted::By(_)));
    assert_eq!(rules.stands("genhe-2026", day), Adopted::Not);
    // The record has what the base says, too: the same set comes of it without that base.
    let text = office.rules_text("jinhe-2026").unwrap().unwrap();
    let (alone, problems) = crate::rules::load([("exported.toml", text.as_str())]);
    assert!(problems.is_empty(), "{problems:?}");
    let alone = alone.get("jinhe-2026").unwrap();
    assert_eq!(alone.base, None);
    assert_eq!(alone.values, set.values);
    assert_eq!(alone.figures, set.figures);
    let conditions = |set: &crate::rules::RuleSet| {
        set.categories.iter().map(|c| (c.code.clone(), c.condition.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(conditions(alone), conditions(set));
    // A day before it is in force the program's own decides, as a sample.
    let before = rules.in_force_on(on("2025-12-31").today, Some("150785")).unwrap();
    assert_eq!((before.id.as_str(), rules.stands(&before.id, on("2025-12-31").today)), ("genhe-2025", Adopted::Not));
}

#[test]
fn an_id_names_one_text_for_ever_and_a_file_with_faults_is_not_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    adopts(&office, LATE_FILE, (None, None)).unwrap();
    // The same again, for other days, is the same set.
    let until = on("2026-12-31").today;
    adopts(&office, LATE_FILE, (None, Some(until))).unwrap();
    let rows = office.adopted_rules().unwrap();
    assert_eq!((rows.len(), rows[0].until), (1, Some(until)));
    let changed = LATE.replace("9000.00", "9000.01");
    let other = Proposed::Text { file: "other.toml", text: &changed };
    assert!(matches!(adopts(&office, other, (None, None)), Err(Failure::RulesNamedAlready { .. })));
    let taken =
        LATE.replace("\"jinhe-2026\"", "\"genhe-2026\"").replace("base = \"genhe-2026\"", "base = \"genhe-2025\"");
    let taken = Proposed::Text { file: "taken.toml", text: &taken };
    assert!(matches!(adopts(&office, taken, (None, None)), Err(Failure::RulesNamedAlready { .. })));
    let wrong = LATE.replace("jinhe-2026", "jinhe-2027").replace("amount = \"9000.00\"", "amount = \"nine\"");
    let wrong = Proposed::Text { file: "wrong.toml", text: &wrong };
    let refused = adopts(&office, wrong, (None, None)).unwrap_err();
    assert!(matches!(refused, Failure::Rules(_)) && said(&refused).contains("wrong.toml"), "{}", said(&refused));
    let large = "#".repeat((1 << 20) + 1);
    assert!(matches!(
        adopts(&office, Proposed::Text { file: "large.toml", text: &large }, (None, None)),
        Err(Failure::Rules(_))
    ));
    assert_eq!(office.adopted_rules().unwrap().len(), 1);
}

#[test]
fn a_line_published_late_lists_the_decisions_it_touches() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    adopt(&office);
    let touched = || another(&office, &["approver"]).touched(on("2026-03-12")).unwrap();
    let one = survey(&office, None, None, &steps("laid_off"), "2026-03-10");
    let over = survey(&office, None, None, &steps("illness"), "2026-03-10");
    assert_eq!(touched(), []);
    step(&office, over, Status::Verifying, "2026-03-10", None, None).unwrap();
    step(&office, over, Status::Rejected, "2026-03-10", Some("0"), Some("测算结果不符合")).unwrap();
    adopts(&office, LATE_FILE, (None, None)).unwrap();
    let lines = touched();
    assert_eq!(lines.iter().map(|line| line.dossier).collect::<Vec<_>>(), [one], "what is over is decided");
    assert_eq!((lines[0].rule_set.as_str(), lines[0].rules_now.as_str()), ("genhe-2026", "jinhe-2026"));
    // Nothing was decided anew, and what is surveyed from now on is decided by it.
    assert_eq!(office.status(one, Horizon::NOW).unwrap().rule_set.as_deref(), Some("genhe-2026"));
    let next = survey(&office, None, None, &steps("accident"), "2026-03-12");
    assert_eq!(office.status(next, Horizon::NOW).unwrap().rule_set.as_deref(), Some("jinhe-2026"));
    assert_eq!(touched().len(), 1);
}

#[test]
fn a_sample_and_a_line_of_twelve_months_are_told_beside_the_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let one = survey(&office, None, None, &steps("laid_off"), "2026-03-10");
    let history = office.history(one).unwrap();
    let versions = history.versions(Horizon::NOW);
    let mut decision = office.survey_of(one, &versions[0]).unwrap().decision.unwrap();
    assert_eq!(keys(&office.rules().unwrap().doubts(&decision)), ["rules.sample"]);
    adopt(&office);
    assert_eq!(keys(&office.rules().unwrap().doubts(&decision)), [""; 0]);
    decision.on = on("2026-12-31").today;
    assert_eq!(keys(&office.rules().unwrap().doubts(&decision)), [""; 0]);
    decision.on = on("2027-01-01").today;
    assert_eq!(keys(&office.rules().unwrap().doubts(&decision)), ["rules.line_old"]);
}

#[test]
fn a_replay_shows_no_outcome_that_no_decision_would_give() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    adopt(&office);
    survey(&office, None, None, &steps("laid_off"), "2026-03-10");
    let approver = another(&office, &["approver"]);
    let proposed = |from: &str, division: &str| {
        let text = LATE
            .replace("in_force_from = 2026-01-01", &format!("in_force_from = {from}\ndivisions = [\"{division}\"]"));
        let (sets, problems) =
            crate::rules::load::load_over(office.rules().unwrap().all(), [("p.toml", text.as_str())]);
        assert!(problems.is_empty(), "{problems:?}");
        approver.replay(sets.iter().next().unwrap(), on("2026-03-12")).unwrap().households
    };
    assert_eq!(proposed("2026-01-01", "150785"), 1, "its own day");
    assert_eq!(proposed("2026-06-01", "150785"), 1, "its next decision");
    assert_eq!(proposed("2026-01-01", "340000"), 0, "of another place it decides nothing");
}

#[test]
fn of_two_sets_of_one_day_the_one_adopted_later_decides_whatever_its_name() {
    for (first, second) in [("jinhe-a", "jinhe-b"), ("jinhe-b", "jinhe-a")] {
        let folder = tempfile::tempdir().unwrap();
        let office = office(folder.path(), 7, "2026-03-10");
        let approver = another(&office, &["approver"]);
        for (id, day) in [(first, "2026-03-11"), (second, "2026-03-12")] {
            let text = LATE.replace("jinhe-2026", id);
            let proposed = Proposed::Text { file: "late.toml", text: &text };
            let (sets, _) = crate::rules::load::load_over(office.rules().unwrap().all(), [("p", text.as_str())]);
            let with = office.rules().unwrap().with(sets.get(id).unwrap());
            approver.adopt_rules(proposed, "示例 2026 第 2 号", on(day).today, (None, None), on(day)).unwrap();
            let rules = office.rules().unwrap();
            let days = crate::rules::CaseDays::all(on("2026-03-20").today);
            assert_eq!(rules.deciding(&days, Some("150785")).unwrap().0.id, id);
            assert_eq!(with.deciding(&days, Some("150785")).unwrap().0.id, id, "as it was proposed");
        }
    }
}

#[test]
fn a_set_saved_with_other_line_ends_is_the_same_set() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let whole = office.rules_text("genhe-2026").unwrap().unwrap().replace("genhe-2026", "jinhe-2026");
    for text in [whole.clone(), whole.replace('\n', "\r\n"), whole.trim_end().to_owned()] {
        adopts(&office, Proposed::Text { file: "late.toml", text: &text }, (None, None)).unwrap();
    }
    assert_eq!(office.adopted_rules().unwrap().len(), 1);
}

#[test]
fn where_an_adopted_set_cannot_be_read_nothing_else_decides_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    adopt(&office);
    let day = |text: &str| on(text).today;
    let ledger = crate::domain::event::Ledger::Adopted {
        what: "rule_set".into(),
        id: "of-a-later-program".into(),
        text: "id = 'of-a-later-program'".into(),
        document: "示例 2026 第 9 号".into(),
        decided_on: day("2026-03-01"),
        since: day("2026-03-01"),
        until: Some(day("2026-03-31")),
    };
    let entry = office.new_entry().unwrap();
    let act = crate::command::Act::new(entry, on("2026-03-10").at, crate::domain::Subject::Bureau, ledger);
    office.keep(&act).unwrap();
    let rules = office.rules().unwrap();
    let decides = |text: &str| rules.in_force_on(day(text), Some("150785")).map(|set| set.id.clone());
    assert_eq!(decides("2026-02-28").as_deref(), Some("genhe-2026"));
    assert_eq!((decides("2026-03-01"), decides("2026-03-31")), (None, None));
    assert_eq!(decides("2026-04-01").as_deref(), Some("genhe-2026"));
}
