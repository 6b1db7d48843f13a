//! One condition of a rule set: read once, asked often, and able to say what it compared.
//!
//! The text is an expression of the one language (`expr`). It is cut at its own `and`, `or`, `not(…)`, so that each
//! comparison can be asked by itself: both sides are worked out as whole numbers, and an unknown fact is tried at both
//! ends of what is known of it.

use super::facts::{Fact, FactKind, Facts};
use super::rule_set::Sourced;
use crate::domain::decision::{Holds, Operand, TraceStep};
use crate::domain::money::FEN_MAX;
use crate::domain::{Day, Explain, Fen, Message, Stamp};
use crate::expr::{
    self, Clock, EvalContext, Expr, Found, NodeId, NodeKind, Scheme, Scope, Seen, Truth, ValueType, World, compile,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An amount that is too large to be compared to the fen: beyond 2^53 after multiplying out. Never a rounded answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge {
    /// The largest of the facts compared.
    pub fact: Fact,
}

impl Explain for TooLarge {
    fn explain(&self) -> Message {
        Message::new("rules.too_large").with("fact", self.fact.name())
    }
}

/// What a condition is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'f> {
    pub facts: &'f Facts,
}

/// A condition, resolved. Cloning it is cheap enough for tests and never done while deciding.
#[derive(Clone, Debug)]
pub struct Condition {
    /// As the rule set writes it.
    pub text: String,
    names: Arc<NamesOf>,
    root: ConditionPart,
    /// Facts and values named, each once, in the order they first stand in the text.
    reads: Vec<NodeId>,
    facts: Vec<Fact>,
}

#[derive(Clone, Debug)]
enum ConditionPart {
    All(Vec<ConditionPart>),
    Any(Vec<ConditionPart>),
    Not(Box<ConditionPart>),
    Compare(Box<Comparison>),
    /// Anything else, asked as a whole: a flag, a function call.
    Whole(Box<Leaf>),
}

#[derive(Clone, Debug)]
struct Leaf {
    text: String,
    expr: Expr,
}

#[derive(Clone, Debug)]
struct Comparison {
    text: String,
    left: Expr,
    sign: &'static str,
    right: Expr,
    facts: Vec<Fact>,
    /// Only sums and products in which each name stands once: then both sides lie between what they are at the ends of
    /// the facts' ranges, and asking there is asking everywhere.
    linear: bool,
    money: bool,
    /// Multiplied out by 1000 for a share in per mille; shown divided again.
    per_mille: bool,
}

/// The numbers that a condition may name, in a flat scheme: facts first, then the set's values.
#[derive(Debug)]
pub struct NamesOf {
    facts: Vec<Fact>,
    values: Vec<(String, i64)>,
}

const VALUES_FROM: u32 = 1_000;

impl NamesOf {
    pub fn new(facts: &[Fact], values: &BTreeMap<String, Sourced<i64>>) -> Arc<NamesOf> {
        let values = values.iter().map(|(name, v)| (name.clone(), v.value)).collect();
        Arc::new(NamesOf { facts: facts.to_vec(), values })
    }

    fn value(&self, node: NodeId) -> Option<&(String, i64)> {
        self.values.get(usize::try_from(node.0.checked_sub(VALUES_FROM)?).ok()?)
    }
}

fn fact_of(node: NodeId) -> Option<Fact> {
    Fact::ALL.get(usize::try_from(node.0).ok()?).copied()
}

impl Scheme for NamesOf {
    fn find(&self, name: &str) -> Found {
        if let Some(fact) = self.facts.iter().find(|f| f.name() == name) {
            return Found::One(NodeId(*fact as u32));
        }
        match (0u32..).zip(&self.values).find(|(_, (n, _))| n == name) {
            Some((i, _)) => Found::One(NodeId(VALUES_FROM + i)),
            None => Found::Nothing,
        }
    }

    fn name(&self, node: NodeId) -> &str {
        fact_of(node).map(Fact::name).or_else(|| self.value(node).map(|(n, _)| n.as_str())).unwrap_or("")
    }

    fn kind(&self, node: NodeId) -> NodeKind {
        NodeKind::Leaf(match fact_of(node).map(Fact::kind) {
            Some(FactKind::Flag) => ValueType::Boolean,
            _ => ValueType::Integer,
        })
    }

    fn each_name(&self, tell: &mut dyn FnMut(&str)) {
        self.facts.iter().for_each(|f| tell(f.name()));
        self.values.iter().for_each(|(n, _)| tell(n));
    }
}

/// The facts as an expression sees them, some of them taken at an end of their range.
struct Point<'a> {
    names: &'a NamesOf,
    facts: &'a Facts,
    at: &'a [(Fact, i64)],
}

impl World for Point<'_> {
    fn scheme(&self) -> &dyn Scheme {
        self.names
    }

    fn value(&self, node: NodeId, _rows: &[u32]) -> Seen<'_> {
        if let Some(fact) = fact_of(node) {
            let taken = self.at.iter().find(|(f, _)| *f == fact).map(|(_, v)| *v);
            return match (taken.or_else(|| self.facts.get(fact).exact()), fact.kind()) {
                (None, _) => Seen::Unknown,
                (Some(v), FactKind::Flag) => Seen::Bool(v != 0),
                (Some(v), _) => Seen::Number(v as f64),
            };
        }
        self.names.value(node).map_or(Seen::Empty, |(_, v)| Seen::Number(*v as f64))
    }

    fn clock(&self) -> Clock {
        Clock { at: Stamp(0), today: Day(0), zone_ms: 0 }
    }

    fn random(&self) -> f64 {
        0.0
    }
}

impl Condition {
    /// Reads a condition over `names`. All that is wrong with it comes back, each with its place in `text`.
    pub fn read(text: &str, names: &Arc<NamesOf>) -> Result<Condition, Vec<expr::Problem>> {
        let (whole, problems) = compile(text, names.as_ref(), Scope::facts());
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut reads: Vec<NodeId> = Vec::new();
        for node in whole.reads().values.iter().map(|r| r.node) {
            if !reads.contains(&node) {
                reads.push(node);
            }
        }
        let place = |node: &NodeId| find_name(text, names.name(*node)).unwrap_or(usize::MAX);
        reads.sort_by_key(place);
        let facts = reads.iter().filter_map(|n| fact_of(*n)).collect();
        let root = cut_apart(text, names)?;
        Ok(Condition { text: text.to_owned(), names: names.clone(), root, reads, facts })
    }

    /// The facts it reads, each once.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Does it hold? Unknown only where some possible value of an unknown fact makes it hold and another does not (or
    /// where that cannot be told).
    pub fn holds(&self, reading: &Reading<'_>) -> Result<Holds, TooLarge> {
        self.ask(&self.root, reading)
    }

    /// The whole as a number; `None` where it reads an unknown, or is none.
    pub fn number(&self, reading: &Reading<'_>) -> Option<i64> {
        if self.facts.iter().any(|f| reading.facts.get(*f).exact().is_none()) {
            return None;
        }
        let ConditionPart::Whole(leaf) = &self.root else { return None };
        whole(leaf.expr.number(&self.point(reading), EvalContext::TOP))
    }

    /// It asked, and put down as one step of a trace.
    pub fn step(&self, rule: &str, category: &str, source: &str, reading: &Reading<'_>) -> Result<TraceStep, TooLarge> {
        Ok(TraceStep {
            rule: rule.to_owned(),
            category: category.to_owned(),
            condition: self.text.clone(),
            filled: self.fill(&self.root, reading, false),
            operands: self.reads.iter().map(|n| self.operand(*n, reading)).collect(),
            holds: self.holds(reading)?,
            source: source.to_owned(),
        })
    }

    /// Appends the unknown facts that keep it unknown.
    pub fn unknowns(&self, reading: &Reading<'_>, out: &mut Vec<Fact>) -> Result<(), TooLarge> {
        self.unknowns_of(&self.root, reading, out)
    }

    fn unknowns_of(&self, part: &ConditionPart, reading: &Reading<'_>, out: &mut Vec<Fact>) -> Result<(), TooLarge> {
        if self.ask(part, reading)? != Holds::Unknown {
            return Ok(());
        }
        match part {
            ConditionPart::All(parts) | ConditionPart::Any(parts) => {
                parts.iter().try_for_each(|p| self.unknowns_of(p, reading, out))?;
            }
            ConditionPart::Not(inner) => self.unknowns_of(inner, reading, out)?,
            ConditionPart::Compare(c) => out.extend(unknown_among(&c.facts, reading)),
            ConditionPart::Whole(leaf) => out.extend(unknown_among(&facts_read(&leaf.expr), reading)),
        }
        Ok(())
    }

    fn point<'a>(&'a self, reading: &Reading<'a>) -> Point<'a> {
        Point { names: &self.names, facts: reading.facts, at: &[] }
    }

    fn ask(&self, part: &ConditionPart, reading: &Reading<'_>) -> Result<Holds, TooLarge> {
        match part {
            ConditionPart::All(parts) => {
                let mut out = Holds::Yes;
                for part in parts {
                    match self.ask(part, reading)? {
                        Holds::No => return Ok(Holds::No),
                        Holds::Unknown => out = Holds::Unknown,
                        Holds::Yes => {}
                    }
                }
                Ok(out)
            }
            ConditionPart::Any(parts) => {
                let mut out = Holds::No;
                for part in parts {
                    match self.ask(part, reading)? {
                        Holds::Yes => return Ok(Holds::Yes),
                        Holds::Unknown => out = Holds::Unknown,
                        Holds::No => {}
                    }
                }
                Ok(out)
            }
            ConditionPart::Not(inner) => Ok(match self.ask(inner, reading)? {
                Holds::Yes => Holds::No,
                Holds::No => Holds::Yes,
                Holds::Unknown => Holds::Unknown,
            }),
            ConditionPart::Compare(comparison) => self.compare(comparison, reading),
            ConditionPart::Whole(leaf) => Ok(match leaf.expr.truth(&self.point(reading), EvalContext::TOP) {
                Truth::Yes => Holds::Yes,
                Truth::No => Holds::No,
                Truth::Unknown => Holds::Unknown,
            }),
        }
    }

    fn compare(&self, c: &Comparison, reading: &Reading<'_>) -> Result<Holds, TooLarge> {
        if c.facts.iter().all(|f| reading.facts.get(*f).exact().is_some()) {
            let (left, right) = self.sides(c, reading, &[]);
            let exact = |side: f64| side.abs() <= FEN_MAX as f64;
            if !(exact(left) && exact(right)) {
                let magnitude = |f: &Fact| reading.facts.get(*f).low.unsigned_abs();
                let largest = c.facts.iter().copied().max_by_key(magnitude).unwrap_or(Fact::Income);
                return Err(TooLarge { fact: largest });
            }
            return Ok(c.of_signs(&[sign(left, right)]));
        }
        let unknown = unknown_among(&c.facts, reading);
        // Each unknown doubles the corners; a rule with more of them in one comparison is left unknown.
        if !c.linear || unknown.len() > 6 {
            return Ok(Holds::Unknown);
        }
        let mut signs = Vec::with_capacity(1 << unknown.len());
        for corner in 0u32..1 << unknown.len() {
            let at: Vec<(Fact, i64)> = (0..)
                .zip(&unknown)
                .map(|(bit, fact)| {
                    let value = reading.facts.get(*fact);
                    (*fact, if corner >> bit & 1 == 0 { value.low } else { value.high })
                })
                .collect();
            let (left, right) = self.sides(c, reading, &at);
            signs.push(sign(left, right));
        }
        Ok(c.of_signs(&signs))
    }

    fn sides(&self, c: &Comparison, reading: &Reading<'_>, at: &[(Fact, i64)]) -> (f64, f64) {
        let point = Point { names: &self.names, facts: reading.facts, at };
        (c.left.number(&point, EvalContext::TOP), c.right.number(&point, EvalContext::TOP))
    }

    fn operand(&self, node: NodeId, reading: &Reading<'_>) -> Operand {
        let text = match fact_of(node) {
            Some(fact) => reading.facts.get(fact).exact().map(|v| fact.show(v)),
            None => self.names.value(node).map(|(_, v)| v.to_string()),
        };
        Operand { name: self.names.name(node).to_owned(), text }
    }

    /// The condition as it came out: comparisons with both sides worked out, flags as `true` and `false`; an operand
    /// that is unknown is `?`, and its comparison is written out instead.
    fn fill(&self, part: &ConditionPart, reading: &Reading<'_>, inside: bool) -> String {
        let joined = |parts: &[ConditionPart], word: &str| {
            let text = parts.iter().map(|p| self.fill(p, reading, true)).collect::<Vec<_>>().join(word);
            if inside { format!("({text})") } else { text }
        };
        match part {
            ConditionPart::All(parts) => joined(parts, " and "),
            ConditionPart::Any(parts) => joined(parts, " or "),
            ConditionPart::Not(inner) => format!("not({})", self.fill(inner, reading, false)),
            ConditionPart::Compare(c) if c.facts.iter().any(|f| reading.facts.get(*f).exact().is_none()) => {
                self.operands_in_place(&c.text, reading)
            }
            ConditionPart::Compare(c) => {
                let (left, right) = self.sides(c, reading, &[]);
                format!("{} {} {}", c.show(left), c.sign, c.show(right))
            }
            ConditionPart::Whole(leaf) => self.operands_in_place(&leaf.text, reading),
        }
    }

    fn operands_in_place(&self, text: &str, reading: &Reading<'_>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let (before, from) = rest.split_at(start);
            out.push_str(before);
            let end = from.find(|c| !is_name_char(c)).unwrap_or(from.len());
            let (name, after) = from.split_at(end);
            match self.names.find(name) {
                Found::One(node) => {
                    out.push_str(self.operand(node, reading).text.as_deref().unwrap_or("?"));
                }
                _ => out.push_str(name),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

impl Comparison {
    /// From the sign of left − right wherever it was asked.
    fn of_signs(&self, signs: &[i8]) -> Holds {
        let all = |wanted: &[i8]| signs.iter().all(|s| wanted.contains(s));
        let (yes, no) = match self.sign {
            "<" => (all(&[-1]), all(&[0, 1])),
            "<=" => (all(&[-1, 0]), all(&[1])),
            ">" => (all(&[1]), all(&[-1, 0])),
            ">=" => (all(&[0, 1]), all(&[-1])),
            "=" => (all(&[0]), all(&[1]) || all(&[-1])),
            _ => (all(&[1]) || all(&[-1]), all(&[0])),
        };
        match (yes, no) {
            (true, _) => Holds::Yes,
            (_, true) => Holds::No,
            _ => Holds::Unknown,
        }
    }

    fn show(&self, side: f64) -> String {
        let Some(whole) = whole(side) else { return "?".to_owned() };
        match (self.money, self.per_mille) {
            (true, false) => Fen(whole).yuan(),
            // A thousandth of a fen still shows: the comparison read aloud is the one that was made.
            (true, true) => {
                let sign = if whole < 0 { "-" } else { "" };
                let size = whole.unsigned_abs();
                let text = format!("{sign}{}.{:05}", size / 100_000, size % 100_000);
                let kept = text.trim_end_matches('0').len().max(text.len() - 3);
                text.get(..kept).unwrap_or(&text).to_owned()
            }
            (false, _) => whole.to_string(),
        }
    }
}

fn sign(left: f64, right: f64) -> i8 {
    match left.partial_cmp(&right) {
        Some(std::cmp::Ordering::Less) => -1,
        Some(std::cmp::Ordering::Greater) => 1,
        _ => 0,
    }
}

/// A number of the expression language that is whole and exact.
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= FEN_MAX as f64).then_some(number as i64)
}

fn unknown_among(facts: &[Fact], reading: &Reading<'_>) -> Vec<Fact> {
    facts.iter().copied().filter(|f| reading.facts.get(*f).exact().is_none()).collect()
}

fn facts_read(expr: &Expr) -> Vec<Fact> {
    expr.reads().values.iter().filter_map(|r| fact_of(r.node)).collect()
}

// Cutting a condition apart. The text was compiled whole before, so its brackets and quotes match.

fn cut_apart(text: &str, names: &Arc<NamesOf>) -> Result<ConditionPart, Vec<expr::Problem>> {
    let text = strip_brackets(text.trim());
    for (word, part) in
        [("or", ConditionPart::Any as fn(Vec<ConditionPart>) -> ConditionPart), ("and", ConditionPart::All)]
    {
        let pieces = split_top(text, word);
        if pieces.len() > 1 {
            return Ok(part(pieces.into_iter().map(|p| cut_apart(p, names)).collect::<Result<_, _>>()?));
        }
    }
    if let Some(inner) = text.strip_prefix("not").map(str::trim_start).filter(|t| t.starts_with('(')) {
        let bare = strip_brackets(inner);
        if bare.len() < inner.len() {
            return Ok(ConditionPart::Not(Box::new(cut_apart(bare, names)?)));
        }
    }
    let part = |text: &str| {
        let (expr, problems) = compile(text, names.as_ref(), Scope::facts());
        if problems.is_empty() { Ok(expr) } else { Err(problems) }
    };
    let Some((left, sign, right)) = split_comparison(text) else {
        return Ok(ConditionPart::Whole(Box::new(Leaf { text: text.to_owned(), expr: part(text)? })));
    };
    let (left, right) = (part(left)?, part(right)?);
    let mut facts = facts_read(&left);
    facts.extend(facts_read(&right));
    facts.sort_unstable();
    facts.dedup();
    Ok(ConditionPart::Compare(Box::new(Comparison {
        linear: is_linear(text),
        money: facts.iter().any(|f| f.kind() == FactKind::Money),
        per_mille: words(text).any(|w| w == "1000"),
        text: text.to_owned(),
        left,
        sign,
        right,
        facts,
    })))
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Names and numbers of a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_name_char(c)).filter(|w| w.chars().any(|c| c.is_ascii_alphanumeric()))
}

/// Where a name first stands as a whole word.
fn find_name(text: &str, name: &str) -> Option<usize> {
    text.match_indices(name).map(|(at, _)| at).find(|&at| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(is_name_char) && !after.is_some_and(is_name_char)
    })
}

/// Sums and products of names that stand once each, and numbers.
fn is_linear(text: &str) -> bool {
    let plain = |c: char| is_name_char(c) || c.is_whitespace() || "+*()<>=!".contains(c);
    let mut names: Vec<&str> = words(text).filter(|w| w.starts_with(|c: char| c.is_ascii_alphabetic())).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    let called =
        text.match_indices('(').any(|(at, _)| text.get(..at).is_some_and(|t| t.trim_end().ends_with(is_name_char)));
    text.chars().all(plain) && names.len() == count && !called && !names.contains(&"div") && !names.contains(&"mod")
}

/// Takes off brackets that hold all of `text`.
fn strip_brackets(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else { return text };
    let mut depth = 0i32;
    for (c, _) in unquoted(inner) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    strip_brackets(inner.trim())
}

/// The characters outside quotes, with their places.
fn unquoted(text: &str) -> impl Iterator<Item = (char, usize)> {
    let mut quote: Option<char> = None;
    text.char_indices().filter_map(move |(at, c)| match quote {
        Some(q) => {
            if c == q {
                quote = None;
            }
            None
        }
        None if c == '"' || c == '\'' => {
            quote = Some(c);
            None
        }
        None => Some((c, at)),
    })
}

/// The places of characters that stand outside quotes and brackets.
fn at_top(text: &str) -> Vec<usize> {
    let mut depth = 0i32;
    let mut places = Vec::new();
    for (c, at) in unquoted(text) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 => places.push(at),
            _ => {}
        }
    }
    places
}

/// Cuts at each `word` that stands alone outside brackets.
fn split_top<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in at_top(text) {
        let alone = text.get(at..).is_some_and(|t| t.starts_with(word))
            && !text.get(..at).and_then(|t| t.chars().next_back()).is_some_and(is_name_char)
            && !text.get(at + word.len()..).and_then(|t| t.chars().next()).is_some_and(is_name_char);
        if alone && at >= from {
            pieces.push(text.get(from..at).unwrap_or_default());
            from = at + word.len();
        }
    }
    pieces.push(text.get(from..).unwrap_or_default());
    pieces
}

/// The two sides of the only comparison outside brackets.
fn split_comparison(text: &str) -> Option<(&str, &'static str, &str)> {
    let mut found = None;
    let mut skip = 0;
    for at in at_top(text) {
        if at < skip {
            continue;
        }
        let rest = text.get(at..)?;
        let Some(sign) = ["<=", ">=", "!=", "<", ">", "="].into_iter().find(|s| rest.starts_with(s)) else { continue };
        if found.is_some() {
            return None;
        }
        skip = at + sign.len();
        found = Some((text.get(..at)?.trim(), sign, text.get(skip..)?.trim()));
    }
    found
}
