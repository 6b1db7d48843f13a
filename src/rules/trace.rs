//! A decision in sentences that can be read to the worker: what was given, each rule tried, what is missing, what would
//! change it. Sentences are message keys; which of a name's two languages is wanted is the caller's to say.

use super::facts::{Fact, FactKind};
use super::rule_set::{Names, RuleSet};
use crate::domain::decision::{Flip, Holds, Operand, TraceStep};
use crate::domain::{Arg, Decision, Fen, Message};

/// What stands where a figure is covered.
const COVERED: &str = "***";

/// The same decision for whoever may not know of illnesses: which rules were tried and what they came to, and of those that
/// read what tells of one no figure.
pub fn without_illness(mut decision: Decision) -> Decision {
    let tells = |name: &str| Fact::from_name(name).is_some_and(Fact::tells_of_illness);
    for step in decision.trace.iter_mut().filter(|step| step.operands.iter().any(|operand| tells(&operand.name))) {
        COVERED.clone_into(&mut step.filled);
        for operand in step.operands.iter_mut().filter(|operand| tells(&operand.name)) {
            operand.text = Some(COVERED.to_owned());
        }
    }
    for name in decision.missing.iter_mut().filter(|name| tells(name)) {
        FACT_COVERED.clone_into(name);
    }
    // By arithmetic they tell it, too: what is left a head, and from which income on another category would come out.
    decision.flips.clear();
    decision.per_head_net = None;
    decision
}

/// Stands for a fact that is missing, and that whoever reads may not know of.
const FACT_COVERED: &str = "covered";
/// Its word.
const FACT_COVERED_WORD: &str = "rules.fact.covered";

/// Values of the built-in sets that have a word; those of other sets are said by their name.
pub const VALUES_WITH_WORDS: [&str; 13] = [
    "accident_share",
    "asset_years",
    "city_share",
    "conscripts_count",
    "edge_share",
    "gross_share",
    "least_area",
    "loss_share",
    "months_needed",
    "near_line",
    "provincial_share",
    "retirees_excluded",
    "watch_share",
];

/// Picks one language of a name: `|n| &n.zh`.
pub type Pick = fn(&Names) -> &str;

/// Everything that is to be said of a decision, in order: the outcome, the exclusions that hold, the rules tried.
/// Flips are left to [`flips`], since not everyone may see them.
pub fn sentences(decision: &Decision, set: &RuleSet, pick: Pick) -> Vec<Message> {
    let mut out = vec![outcome(decision, set, pick)];
    out.extend(decision.exclusions.iter().map(|code| exclusion(code, set, pick)));
    out.extend(decision.trace.iter().map(|s| step(s, set, pick)));
    out
}

/// What was given, or why nothing was.
pub fn outcome(decision: &Decision, set: &RuleSet, pick: Pick) -> Message {
    let set_name = pick(&set.names);
    let Some(code) = &decision.category else {
        let missing = decision.missing.iter().map(|name| match name.as_str() {
            FACT_COVERED => Arg::Word(FACT_COVERED_WORD.to_owned()),
            name => Arg::Word(format!("rules.fact.{name}")),
        });
        let possible = decision.possible.iter().map(|code| Arg::from(category(code, set, pick)));
        return Message::new("rules.undecided")
            .with("missing", list(missing))
            .with("possible", list(possible))
            .with("rule_set", set_name);
    };
    let message = match (decision.per_head_compared(), decision.line_month) {
        (Some(net), Some(line)) => Message::new("rules.decided_with_line").with("net", net).with("line", line),
        _ => Message::new("rules.decided"),
    };
    message.with("category", category(code, set, pick)).with("rule_set", set_name).with("on", decision.on)
}

/// One rule tried, with its operands and what was compared.
pub fn step(step: &TraceStep, set: &RuleSet, pick: Pick) -> Message {
    let key = match step.holds {
        Holds::Yes => "rules.step.yes",
        Holds::No => "rules.step.no",
        Holds::Unknown => "rules.step.unknown",
    };
    let name = match step.rule.strip_prefix("exclusion.") {
        Some(code) => set.exclusion(code).map_or(code, |x| pick(&x.names)).to_owned(),
        None => category(&step.category, set, pick),
    };
    Message::new(key)
        .with("rule", name)
        .with("operands", list(step.operands.iter().map(|o| Arg::from(operand(o)))))
        .with("filled", spoken(&step.filled))
        .with("source", step.source.as_str())
}

/// What would lead elsewhere. For reviewer and approver only.
pub fn flips(decision: &Decision, set: &RuleSet, pick: Pick) -> Vec<Message> {
    decision.flips.iter().map(|f| flip(f, set, pick)).collect()
}

fn flip(flip: &Flip, set: &RuleSet, pick: Pick) -> Message {
    Message::new("rules.flip")
        .with("fact", Arg::Word(format!("rules.fact.{}", flip.fact)))
        .with("to", value(&flip.fact, &flip.to))
        .with("category", category(&flip.category, set, pick))
}

fn exclusion(code: &str, set: &RuleSet, pick: Pick) -> Message {
    let name = set.exclusion(code).map_or("", |x| pick(&x.names));
    Message::new("rules.excluded").with("code", code).with("name", name)
}

/// `1 深度困难`.
fn category(code: &str, set: &RuleSet, pick: Pick) -> String {
    set.category_names(code).map_or_else(|| code.to_owned(), |n| format!("{code} {}", pick(n)))
}

fn operand(operand: &Operand) -> Message {
    let name = match Fact::from_name(&operand.name) {
        Some(fact) => Arg::Word(format!("rules.fact.{}", fact.name())),
        None if VALUES_WITH_WORDS.contains(&operand.name.as_str()) => {
            Arg::Word(format!("rules.value.{}", operand.name))
        }
        None => Arg::from(operand.name.as_str()),
    };
    let message = Message::new("rules.operand").with("name", name);
    match &operand.text {
        Some(text) => message.with("value", value(&operand.name, text)),
        None => message.with("value", Arg::Word("rules.unknown".to_owned())),
    }
}

/// A fact's value as people read it.
fn value(fact: &str, text: &str) -> Arg {
    match Fact::from_name(fact).map(Fact::kind) {
        _ if text == COVERED => Arg::from(text),
        Some(FactKind::Money) => Fen::from_yuan(text).map_or_else(|_| Arg::from(text), Arg::Money),
        Some(FactKind::Flag) => Arg::Word(if text == "true" { "rules.yes" } else { "rules.no" }.to_owned()),
        _ => Arg::from(text),
    }
}

/// Several things as one argument: `甲、乙、丙`.
fn list(items: impl Iterator<Item = Arg>) -> Arg {
    let mut all: Option<Arg> = None;
    for item in items {
        all = Some(match all {
            None => item,
            Some(before) => Arg::from(Message::new("rules.and_then").with("before", before).with("next", item)),
        });
    }
    all.unwrap_or_else(|| Arg::Word("rules.nothing".to_owned()))
}

/// A filled condition with its amounts grouped and its words in the sentence's language: `22,000.00 < 25,200.00`,
/// `是 或 (0.00 > 0.00 且 …)`.
fn spoken(filled: &str) -> Arg {
    let mut said: Option<Arg> = None;
    let mut say = |next: Arg| {
        said = Some(match said.take() {
            None => next,
            Some(before) => Message::new("rules.joined").with("before", before).with("next", next).into(),
        });
    };
    let mut plain = String::new();
    for (i, word) in filled.split(' ').enumerate() {
        if i > 0 {
            plain.push(' ');
        }
        let bare = word.trim_start_matches('(');
        let (open, bare) = word.split_at(word.len() - bare.len());
        let (open, bare) = match bare.strip_prefix("not(") {
            Some(rest) => {
                say(Arg::Text(std::mem::take(&mut plain) + open));
                say(Arg::Word("rules.sign.not".to_owned()));
                ("(", rest)
            }
            None => (open, bare),
        };
        let core = bare.trim_end_matches(')');
        let close = bare.get(core.len()..).unwrap_or_default();
        plain.push_str(open);
        let known = match core {
            "and" => Some("rules.sign.and"),
            "or" => Some("rules.sign.or"),
            "true" => Some("rules.yes"),
            "false" => Some("rules.no"),
            "?" => Some("rules.unknown"),
            _ => None,
        };
        match (known, Fen::from_yuan(core)) {
            (Some(key), _) => {
                say(Arg::Text(std::mem::take(&mut plain)));
                say(Arg::Word(key.to_owned()));
            }
            (None, Ok(fen)) if core.contains('.') => plain.push_str(&fen.grouped()),
            _ => plain.push_str(core),
        }
        plain.push_str(close);
    }
    say(Arg::Text(plain));
    said.unwrap_or_else(|| Arg::from(filled))
}
