//! What would change a decision, and who moves when the rules do.

use dossier::data;
use dossier::domain::Day;
use dossier::domain::decision::Flip;
use dossier::rules::load::load_over;
use dossier::rules::replay::{Moved, replay};
use dossier::rules::{Fact, Facts, RuleSet, RuleSets, decide, decide_with_flips, json, load};
use proptest::prelude::*;

fn rule_sets() -> RuleSets {
    load(data::folder("rules")).0
}

fn set<'s>(sets: &'s RuleSets, id: &str) -> &'s RuleSet {
    sets.get(id).unwrap()
}

fn day() -> Day {
    Day::from_iso("2026-06-01").unwrap()
}

fn facts(text: &str) -> Facts {
    json::facts(text).unwrap()
}

fn flip(fact: &str, to: &str, category: &str) -> Flip {
    Flip { fact: fact.into(), to: to.into(), category: category.into() }
}

#[test]
fn flips_stand_at_the_fen_and_the_person() {
    let sets = rule_sets();
    let a = facts(r#"{"members": 3, "income": "42000.00", "rigid": "20000.00", "line_month": "700.00"}"#);
    assert_eq!(
        decide_with_flips(&a, set(&sets, "genhe-2026"), day()).unwrap().flips,
        [flip("members", "2", "2"), flip("income", "45200.00", "2"), flip("rigid", "16800.00", "2"),]
    );
    // In the middle there are two ways out, the nearer first.
    let b = facts(r#"{"members": 3, "income": "50000.00", "rigid": "12000.00", "line_month": "700.00"}"#);
    assert_eq!(
        decide_with_flips(&b, set(&sets, "genhe-2026"), day()).unwrap().flips,
        [
            flip("members", "2", "0"),
            flip("members", "5", "1"),
            flip("income", "62400.00", "9"),
            flip("income", "37199.99", "1"),
            flip("rigid", "24800.01", "1"),
        ]
    );
    let c = facts(r#"{"members": 3, "income": "60000.00", "rigid": "6000.00", "line_month": "700.00"}"#);
    assert_eq!(
        decide_with_flips(&c, set(&sets, "genhe-2026"), day()).unwrap().flips,
        [
            flip("members", "4", "2"),
            flip("income", "59279.99", "9"),
            flip("rigid", "6720.01", "9"),
            flip("employment_cost", "720.01", "9"),
            flip("loss", "48000.01", "3"),
            flip("illness_cost", "48000.01", "3"),
            flip("has_event", "true", "3"),
            flip("followed_up", "true", "9"),
        ]
    );
}

#[test]
fn an_undecided_case_has_no_flips() {
    let sets = rule_sets();
    let open = facts(r#"{"members": 3, "income": null, "line_month": "700.00"}"#);
    let decision = decide_with_flips(&open, set(&sets, "genhe-2026"), day()).unwrap();
    assert_eq!((decision.category, decision.flips), (None, vec![]));
}

proptest! {
    // Each case asks every set for every flip: a few are enough to hit each edge.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A flip leads where it says, and one step short of it nothing has changed.
    #[test]
    fn a_flip_is_the_smallest_change(members in 1u32..9, income in -1_000_000i64..12_000_000, rigid in 0i64..5_000_000,
                                     cost in 0i64..500_000, loss in 0i64..9_000_000, assets in 0i64..5_000_000,
                                     dibao: bool, illness: bool) {
        let sets = rule_sets();
        let mut given = Facts::new(members, dossier::domain::Fen(income))
            .with(Fact::Rigid, rigid)
            .with(Fact::EmploymentCost, cost)
            .with(Fact::Loss, loss)
            .with(Fact::Assets, assets)
            .with(Fact::ReceivesDibao, i64::from(dibao))
            .with(Fact::CauseIllness, i64::from(illness))
            .with(Fact::ProvincialIncome, 3_600_000);
        given = given.with(Fact::LineMonth, 70_000);
        for set in sets.iter() {
            let decision = decide_with_flips(&given, set, day()).unwrap();
            let here = decision.category.clone().unwrap();
            for flip in &decision.flips {
                let fact = Fact::from_name(&flip.fact).unwrap();
                let to = match flip.to.as_str() {
                    "true" => 1,
                    "false" => 0,
                    text if text.contains('.') => dossier::domain::Fen::from_yuan(text).unwrap().0,
                    text => text.parse().unwrap(),
                };
                let at = |v| decide(&given.clone().with(fact, v), set, day()).unwrap().category.unwrap();
                prop_assert_eq!(&at(to), &flip.category);
                prop_assert_ne!(&flip.category, &here);
                let now = given.get(fact).exact().unwrap();
                prop_assert_eq!(at(to - (to - now).signum()), here.clone(), "{} {:?}", set.id, flip);
            }
        }
    }
}

#[test]
fn a_replay_says_who_moves_where() {
    let sets = rule_sets();
    let proposed = r#"
        id = "proposed"
        base = "genhe-2026"
        names = { zh = "拟议", en = "Proposed" }
        source = "示例（示例数值，非公布标准）"
        in_force_from = 2027-01-01
        [category.deep]
        condition = "income - rigid <= line_month * 12 * members"
    "#;
    let (new, problems) = load_over(&sets, [("proposed.toml", proposed)]);
    assert_eq!(problems, []);
    let at_the_line = facts(r#"{"members": 3, "income": "25200.00", "line_month": "700.00"}"#);
    let below = facts(r#"{"members": 3, "income": "25199.99", "line_month": "700.00"}"#);
    let above = facts(r#"{"members": 3, "income": "25200.01", "line_month": "700.00"}"#);
    let open = facts(r#"{"members": 3, "income": null, "line_month": "700.00"}"#);
    let all = [("at", &at_the_line), ("below", &below), ("above", &above), ("open", &open)];
    let result =
        replay(all.into_iter().map(|(who, f)| (who, f, day())), set(&sets, "genhe-2026"), new.get("proposed").unwrap())
            .unwrap();
    assert_eq!(result.households, 4);
    assert_eq!(result.moved, [Moved { who: "at", from: Some("2".into()), to: Some("1".into()) }]);
    let code = |c: &str| Some(c.to_owned());
    let counts: Vec<_> = result.counts.into_iter().collect();
    assert_eq!(
        counts,
        [((None, None), 1), ((code("1"), code("1")), 1), ((code("2"), code("1")), 1), ((code("2"), code("2")), 1),]
    );
}

#[test]
fn an_amount_beyond_exact_comparison_is_refused_by_name() {
    let sets = rule_sets();
    // 2^53 fen is money still; multiplied out by 800 it can no longer be compared to the fen.
    let huge =
        facts(r#"{"members": 1, "income": "90071992547409.92", "loss": "1.00", "line_month": "700.00", "rigid": "0"}"#);
    let refused = decide(&huge, set(&sets, "genhe-2026"), day()).unwrap_err();
    assert_eq!(refused.fact, Fact::Income);
    // Where nothing is multiplied out, it is compared.
    let plain = facts(r#"{"members": 1, "income": "90071992547409.92", "line_month": "700.00"}"#);
    assert_eq!(decide(&plain, set(&sets, "genhe-2026"), day()).unwrap().category.as_deref(), Some("0"));
}
