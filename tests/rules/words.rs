//! What a clerk reads aloud.

use dossier::data;
use dossier::domain::{Day, Decision};
use dossier::lang::{Lang, say};
use dossier::rules::{Names, RuleSet, decide_with_flips, json, load, trace};

fn read(facts: &str, id: &str, lang: Lang) -> String {
    let sets = load(data::folder("rules")).0;
    let set: &RuleSet = sets.get(id).unwrap();
    let day = Day::from_iso("2026-06-01").unwrap();
    let decision: Decision = decide_with_flips(&json::facts(facts).unwrap(), set, day).unwrap();
    let pick: trace::Pick = match lang {
        Lang::Zh => |n: &Names| &n.zh,
        Lang::En => |n: &Names| &n.en,
    };
    let mut messages = trace::sentences(&decision, set, pick);
    messages.extend(trace::flips(&decision, set, pick));
    messages.iter().map(|m| say(m, lang)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_decision_reads_as_sentences_to_the_fen() {
    let facts = r#"{"members": 3, "income": "42000.00", "rigid": "20000.00", "line_month": "700.00", "dwellings": 2}"#;
    assert_eq!(
        read(facts, "genhe-2026", Lang::Zh),
        "认定为 1 深度困难。依据 根河2026年政策，适用日期 2026-06-01；扣减后月人均 611.11 元，低保标准每月 700.00 元。
有不得建档情形 X1 有两套及以上住房。如确需建档，须写明理由并经批准。
1 深度困难：家庭年可支配收入 42,000.00、刚性支出 20,000.00、月低保标准 700.00、共同生活人口 3。22,000.00 < 25,200.00，成立。依据：深度困难 低于低保标准（据青岛市困难职工自测说明、平顶山市总工会）
2 相对困难：家庭年可支配收入 42,000.00、刚性支出 20,000.00、必要就业成本 0.00、月低保标准 700.00、共同生活人口 3。22,000.00 < 50,400.00，成立。依据：相对困难 低于低保标准2倍（据青岛市困难职工自测说明、平顶山市总工会）
3 意外致困：意外致困已满十二个月未续办 否、重大灾害、事故或疫情中致残或因公牺牲 否、事件已满十二个月未续办 否、意外损失或因困支出 0.00、重大疾病自负费用 0.00、赔偿、保险和救助 0.00、家庭年可支配收入 42,000.00、损失占年收入的千分数 800。并非(否) 且 (否 或 (并非(否) 且 0.00 > 0.00 且 (42,000.00 <= 0.00 或 0.00 > 33,600.00)) 或 (0.00 > 0.00 且 (42,000.00 <= 0.00 或 0.00 > 33,600.00)))，不成立。依据：意外致困（据青岛市困难职工自测说明、平顶山市总工会）；收入不高于零而有净损失者视为超过
9 边缘（监测）：家庭年可支配收入 42,000.00、刚性支出 20,000.00、必要就业成本 0.00、月低保标准 700.00、共同生活人口 3、近线幅度（每人每月，分） 8000、在脱困跟踪期内 否、监测线为标准的千分数 2500。(22,000.00 >= 50,400.00 且 22,000.00 < 53,280.00) 或 (否 且 22,000.00 < 63,000.00)，不成立。依据：略高于线者另表登记（据2022年申报通知）；脱困后跟踪一年（通行做法，未见原文）；监测线（示例数值，非公布标准）
有两套及以上住房：已指明 X1 否、住房套数 2。否 或 2 >= 2，成立。依据：（据建档政策转载、滁州市总工会2019年）
若共同生活人口为 2，则为 2 相对困难。
若家庭年可支配收入为 45,200.00，则为 2 相对困难。
若刚性支出为 16,800.00，则为 2 相对困难。"
    );
}

#[test]
fn an_undecided_case_says_what_is_missing_and_what_is_possible() {
    let facts = r#"{"members": 3, "income": null, "line_month": "700.00"}"#;
    assert_eq!(
        read(facts, "genhe-2026", Lang::En).lines().next(),
        Some(
            "Undecided (by Genhe, 2026): missing disposable income of the year. Still possible: 1 Deep hardship, \
             2 Relative hardship, 9 Watch list, 0 Not eligible. Complete it and decide again."
        )
    );
}

#[test]
fn no_fact_value_or_sign_is_without_its_word() {
    let sets = load(data::folder("rules")).0;
    for lang in Lang::ALL {
        for fact in dossier::rules::Fact::ALL {
            assert!(dossier::lang::has(&format!("rules.fact.{}", fact.name()), lang), "{}", fact.name());
        }
        for set in sets.iter() {
            for name in set.values.keys() {
                assert!(trace::VALUES_WITH_WORDS.contains(&name.as_str()), "{name}");
                assert!(dossier::lang::has(&format!("rules.value.{name}"), lang), "{name}");
            }
        }
    }
}
