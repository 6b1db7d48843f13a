//! Rule files into rule sets, with everything that is wrong with them at once.
//!
//! A file is read as a table, laid over its base's table, and only then understood: so a new year states what changed
//! and nothing else. `[[figure]]` entries add to the base's; every other key replaces the base's.

use super::condition::{Condition, NamesOf};
use super::facts::{Fact, FactKind};
use super::problem::{Fault, Problem};
use super::rule_set::{
    Category, Exclusion, Figure, IncomePeriod, LineOf, Names, RuleSet, RuleSets, Selects, Sourced, UnderWay,
};
use crate::domain::{Day, Explain, Fen};
use crate::expr;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::{Table, Value};

/// What dated figures are about.
const FIGURES: [Fact; 3] = [Fact::LineMonth, Fact::ProvincialIncome, Fact::MinimumWage];

/// Bases may stand on bases this deep.
const BASES_MAX: usize = 50;

/// Reads rule files, given as (name, text), all together since they build on each other. Sets with problems are left
/// out; what is whole is usable. An empty list of problems means that everything was taken.
pub fn load<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> (RuleSets, Vec<Problem>) {
    load_over(&RuleSets::default(), files)
}

/// As [`load`], where the files may also stand on sets that are loaded already: a proposed set beside those in force.
/// The answer holds the new sets only.
pub fn load_over<'f>(
    known: &RuleSets,
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
) -> (RuleSets, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut tables: BTreeMap<String, (String, Table)> = BTreeMap::new();
    for (file, text) in files {
        let problem = |key: &str, fault| Problem { file: file.to_owned(), key: key.to_owned(), fault };
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(why) => {
                problems.push(problem("", Fault::Syntax(why.to_string())));
                continue;
            }
        };
        match table.get("id").and_then(Value::as_str) {
            None => problems.push(problem("id", Fault::Missing)),
            Some(id) => {
                if let Some((other, _)) = tables.get(id) {
                    problems.push(problem("id", Fault::SameIdAs { file: other.clone() }));
                } else {
                    tables.insert(id.to_owned(), (file.to_owned(), table));
                }
            }
        }
    }
    let mut sets = Vec::new();
    for (id, (file, table)) in &tables {
        let before = problems.len();
        let mut own = Reader { file: file.clone(), own: table, problems: Vec::new() };
        let set = match over_bases(id, known, &tables) {
            Ok(whole) => own.rule_set(&whole),
            Err(fault) => {
                own.problem("base", fault);
                own.check_keys("", table, &whole_shape());
                None
            }
        };
        problems.extend(own.problems);
        if problems.len() == before {
            sets.extend(set);
        }
    }
    // A fault in a base is told once, where it stands, and not again for every set built on it.
    problems.sort_by(|a, b| (&a.file, &a.key).cmp(&(&b.file, &b.key)));
    problems.dedup();
    (RuleSets::new(sets), problems)
}

/// The table of a set laid over its base's, and so on down.
fn over_bases(id: &str, known: &RuleSets, tables: &BTreeMap<String, (String, Table)>) -> Result<Table, Fault> {
    let mut chain: Vec<&Table> = Vec::new();
    let mut next = Some(id.to_owned());
    while let Some(id) = next {
        if chain.len() > BASES_MAX {
            return Err(Fault::BaseOfItself);
        }
        let table = match (tables.get(&id), known.get(&id)) {
            (Some((_, table)), _) => table,
            (None, Some(set)) => set.table.as_ref(),
            (None, None) => {
                let ids = tables.keys().map(String::as_str).chain(known.iter().map(|s| s.id.as_str()));
                return Err(Fault::UnknownBase { nearest: nearest(&id, ids), found: id });
            }
        };
        chain.push(table);
        next = table.get("base").and_then(Value::as_str).map(str::to_owned);
        // What a loaded set stands on is laid under it already.
        if !tables.contains_key(&id) {
            next = None;
        }
    }
    let mut whole = Table::new();
    for table in chain.into_iter().rev() {
        lay_over(&mut whole, table, true);
    }
    Ok(whole)
}

/// Keys that speak of one set only and are never taken from a base.
const OWN_KEYS: [&str; 7] = ["id", "base", "in_force_from", "in_force_to", "adopted", "names", "source"];

fn lay_over(under: &mut Table, over: &Table, top: bool) {
    if top {
        for key in OWN_KEYS {
            under.remove(key);
        }
    }
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => {
                // A sourced value is replaced whole: an old source under a new value would be a lie.
                if above.contains_key("value") { *below = above.clone() } else { lay_over(below, above, false) }
            }
            (Some(Value::Array(below)), Value::Array(above)) if top && key == "figure" => {
                below.extend(above.iter().cloned());
            }
            (Some(slot), _) => *slot = value.clone(),
            (None, _) => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Which keys may stand where: a table's keys, or any name with the same shape under it.
enum Shape {
    Any,
    Table(&'static [(&'static str, Shape)]),
    Named(&'static Shape),
}

const NAMES: Shape = Shape::Table(&[("zh", Shape::Any), ("en", Shape::Any)]);
const SOURCED: Shape = Shape::Table(&[("value", Shape::Any), ("unit", Shape::Any), ("source", Shape::Any)]);
const CATEGORY: Shape = Shape::Table(&[
    ("code", Shape::Any),
    ("names", NAMES),
    ("condition", Shape::Any),
    ("source", Shape::Any),
    ("survey_months", Shape::Any),
    ("closes_months", Shape::Any),
]);
const WHOLE: &[(&str, Shape)] = &[
    ("id", Shape::Any),
    ("base", Shape::Any),
    ("names", NAMES),
    ("source", Shape::Any),
    ("in_force_from", Shape::Any),
    ("in_force_to", Shape::Any),
    ("adopted", Shape::Any),
    ("divisions", Shape::Any),
    ("selected_by", SOURCED),
    ("income_period", SOURCED),
    ("line_of", SOURCED),
    ("under_way", SOURCED),
    ("not_income", SOURCED),
    ("facts", Shape::Any),
    ("value", Shape::Named(&SOURCED)),
    ("order", Shape::Any),
    ("category", Shape::Named(&CATEGORY)),
    ("watch", CATEGORY),
    ("none", Shape::Table(&[("code", Shape::Any), ("names", NAMES)])),
    ("exclusion", Shape::Named(&Shape::Table(&[("names", NAMES), ("condition", Shape::Any), ("source", Shape::Any)]))),
    ("figure", Shape::Any),
    ("per_head", Shape::Any),
];

fn whole_shape() -> Shape {
    Shape::Table(WHOLE)
}

/// Reads one set's whole table and collects what is wrong.
struct Reader<'t> {
    file: String,
    /// What the file itself says, without its base: unknown keys are looked for here only.
    own: &'t Table,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, key: &str, fault: Fault) {
        self.problems.push(Problem { file: self.file.clone(), key: key.to_owned(), fault });
    }

    fn rule_set(&mut self, t: &Table) -> Option<RuleSet> {
        self.check_keys("", self.own, &whole_shape());
        let facts = self.facts(t);
        let values = self.values(t, &facts);
        let names = NamesOf::new(&facts, &values);
        let order = self.text_list(t, "", "order", true);
        let mut categories = Vec::new();
        for rule in &order {
            let key = format!("category.{rule}");
            match t.get("category").and_then(Value::as_table).and_then(|c| c.get(rule)).and_then(Value::as_table) {
                Some(table) => categories.extend(self.category(table, &key, rule, &names)),
                None => self.problem(&key, Fault::Missing),
            }
        }
        let watch = t.get("watch").and_then(Value::as_table).and_then(|w| self.category(w, "watch", "watch", &names));
        let none = self.table(t, "", "none");
        let none_code = none.and_then(|n| self.text(n, "none", "code"));
        let none_names = none.and_then(|n| self.names(n, "none"));
        let mut codes: Vec<&str> =
            categories.iter().chain(&watch).map(|c| c.code.as_str()).chain(none_code.as_deref()).collect();
        codes.sort_unstable();
        let doubles: Vec<String> = codes.windows(2).filter(|w| w.first() == w.last()).map(|w| w.concat()).collect();
        for double in doubles {
            let code = double.get(..double.len() / 2).unwrap_or_default().to_owned();
            self.problem("category", Fault::SameCode { code });
        }
        let exclusions = self.exclusions(t, &names);
        let figures = self.figures(t);
        let per_head = self.condition(t, "", "per_head", &names);
        let in_force_from = self.day(t, "in_force_from", true);
        let in_force_to = self.day(t, "in_force_to", false);
        if let (Some(from), Some(to)) = (in_force_from, in_force_to)
            && to < from
        {
            self.problem("in_force_to", Fault::EndsBeforeItBegins);
        }
        let divisions = self.text_list(t, "", "divisions", false);
        for division in &divisions {
            self.division("divisions", division);
        }
        let set = RuleSet {
            id: self.text(t, "", "id")?,
            file: self.file.clone(),
            base: t.get("base").and_then(Value::as_str).map(str::to_owned),
            names: self.names(t, "").unwrap_or_default(),
            source: self.text(t, "", "source").unwrap_or_default(),
            in_force_from: in_force_from.unwrap_or(Day(0)),
            in_force_to,
            adopted: self.day(t, "adopted", false),
            divisions,
            selects: self.one_of(
                t,
                "selected_by",
                &[("application", Selects::Application), ("survey", Selects::Survey), ("decision", Selects::Decision)],
            )?,
            income_period: self.one_of(
                t,
                "income_period",
                &[
                    ("rolling_twelve_months", IncomePeriod::RollingTwelveMonths),
                    ("last_calendar_year", IncomePeriod::LastCalendarYear),
                ],
            )?,
            line_of: self.one_of(t, "line_of", &[("home", LineOf::Home), ("unit", LineOf::Unit)])?,
            under_way: self.one_of(
                t,
                "under_way",
                &[("old_rule", UnderWay::OldRule), ("new_rule", UnderWay::NewRule)],
            )?,
            not_income: self.not_income(t),
            facts,
            values,
            categories,
            watch,
            none_code: none_code?,
            none_names: none_names.unwrap_or_default(),
            exclusions,
            figures,
            per_head: per_head?,
            table: Arc::new(t.clone()),
        };
        Some(set)
    }

    fn check_keys(&mut self, at: &str, table: &Table, shape: &Shape) {
        for (key, value) in table {
            let full = join(at, key);
            let below = match shape {
                Shape::Any => return,
                Shape::Named(inner) => inner,
                Shape::Table(keys) => match keys.iter().find(|(k, _)| k == key) {
                    Some((_, inner)) => inner,
                    None => {
                        let nearest = nearest(key, keys.iter().map(|(k, _)| *k));
                        self.problem(&full, Fault::UnknownKey { nearest });
                        continue;
                    }
                },
            };
            match (value, below) {
                (_, Shape::Any) => {}
                (Value::Table(inner), _) => self.check_keys(&full, inner, below),
                _ => self.problem(&full, Fault::NotA("table")),
            }
        }
    }

    fn table<'v>(&mut self, t: &'v Table, at: &str, key: &str) -> Option<&'v Table> {
        match t.get(key) {
            Some(Value::Table(table)) => return Some(table),
            Some(_) => {} // said by check_keys
            None => self.problem(&join(at, key), Fault::Missing),
        }
        None
    }

    fn text(&mut self, t: &Table, at: &str, key: &str) -> Option<String> {
        match t.get(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => return Some(text.clone()),
            Some(_) => self.problem(&join(at, key), Fault::NotA("text")),
            None => self.problem(&join(at, key), Fault::Missing),
        }
        None
    }

    fn text_list(&mut self, t: &Table, at: &str, key: &str, required: bool) -> Vec<String> {
        match t.get(key) {
            Some(Value::Array(items)) if items.iter().all(Value::is_str) => {
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(_) => {
                self.problem(&join(at, key), Fault::NotA("list"));
                Vec::new()
            }
            None => {
                if required {
                    self.problem(&join(at, key), Fault::Missing);
                }
                Vec::new()
            }
        }
    }

    fn names(&mut self, t: &Table, at: &str) -> Option<Names> {
        let at = join(at, "names");
        let names = match t.get("names") {
            Some(Value::Table(names)) => names,
            _ => {
                self.problem(&at, Fault::Missing);
                return None;
            }
        };
        Some(Names { zh: self.text(names, &at, "zh")?, en: self.text(names, &at, "en")? })
    }

    fn day(&mut self, t: &Table, key: &str, required: bool) -> Option<Day> {
        match t.get(key) {
            None if !required => None,
            None => {
                self.problem(key, Fault::Missing);
                None
            }
            Some(value) => {
                let day = day_of(value);
                if day.is_none() {
                    self.problem(key, Fault::NotA("day"));
                }
                day
            }
        }
    }

    fn months(&mut self, t: &Table, at: &str, key: &str) -> Option<u32> {
        let value = t.get(key)?;
        let months = value.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=600).contains(n));
        if months.is_none() {
            self.problem(&join(at, key), Fault::NotA("whole number"));
        }
        months
    }

    fn one_of<T: Copy>(&mut self, t: &Table, key: &str, words: &[(&str, T)]) -> Option<Sourced<T>> {
        let table = self.table(t, "", key)?;
        let found = self.text(table, key, "value");
        let source = self.text(table, key, "source");
        let found = found?;
        match words.iter().find(|(w, _)| *w == found) {
            Some((_, value)) => Some(Sourced { value: *value, source: source? }),
            None => {
                let allowed = words.iter().map(|(w, _)| *w).collect::<Vec<_>>().join(" | ");
                self.problem(&join(key, "value"), Fault::NotOneOf { found, allowed });
                None
            }
        }
    }

    /// A list of codes with its source; without one all income counts.
    fn not_income(&mut self, t: &Table) -> Sourced<Vec<String>> {
        let Some(Value::Table(table)) = t.get("not_income") else {
            return Sourced { value: Vec::new(), source: String::new() };
        };
        let value = self.text_list(table, "not_income", "value", true);
        Sourced { value, source: self.text(table, "not_income", "source").unwrap_or_default() }
    }

    fn facts(&mut self, t: &Table) -> Vec<Fact> {
        let mut facts = Vec::new();
        for found in self.text_list(t, "", "facts", true) {
            match Fact::from_name(&found) {
                Some(fact) => facts.push(fact),
                None => {
                    let nearest = nearest(&found, Fact::ALL.iter().map(|f| f.name()));
                    // Taken for what it is likely to be, so that its conditions are not told of too.
                    facts.extend(nearest.as_deref().and_then(Fact::from_name));
                    self.problem("facts", Fault::UnknownFact { found, nearest });
                }
            }
        }
        facts
    }

    fn values(&mut self, t: &Table, facts: &[Fact]) -> BTreeMap<String, Sourced<i64>> {
        let mut values = BTreeMap::new();
        let Some(Value::Table(table)) = t.get("value") else { return values };
        for (name, value) in table {
            let at = join("value", name);
            if facts.iter().any(|f| f.name() == name) {
                self.problem(&at, Fault::NameTaken { name: name.clone() });
            }
            let Value::Table(entry) = value else { continue };
            let number = match entry.get("value") {
                Some(Value::Integer(n)) => Some(*n),
                Some(Value::Boolean(b)) => Some(i64::from(*b)),
                Some(Value::String(yuan)) => match Fen::from_yuan(yuan) {
                    Ok(fen) => Some(fen.0),
                    Err(_) => {
                        self.problem(&join(&at, "value"), Fault::NotMoney { found: yuan.clone() });
                        None
                    }
                },
                Some(_) => {
                    self.problem(&join(&at, "value"), Fault::NotA("whole number"));
                    None
                }
                None => {
                    self.problem(&join(&at, "value"), Fault::Missing);
                    None
                }
            };
            let source = self.text(entry, &at, "source");
            // A value without a source is told, and stands all the same, so that conditions naming it are not told too.
            if let Some(value) = number {
                values.insert(name.clone(), Sourced { value, source: source.unwrap_or_default() });
            }
        }
        values
    }

    fn condition(&mut self, t: &Table, at: &str, key: &str, names: &Arc<NamesOf>) -> Option<Condition> {
        let text = self.text(t, at, key)?;
        match Condition::read(&text, names) {
            Ok(condition) => Some(condition),
            Err(problems) => {
                for problem in problems {
                    let caret = caret(&text, problem.span);
                    let why = problem.explain();
                    self.problem(&join(at, key), Fault::Condition { caret, why });
                }
                None
            }
        }
    }

    fn category(&mut self, t: &Table, at: &str, rule: &str, names: &Arc<NamesOf>) -> Option<Category> {
        let code = self.text(t, at, "code");
        let words = self.names(t, at);
        let condition = self.condition(t, at, "condition", names);
        let source = self.text(t, at, "source");
        Some(Category {
            rule: rule.to_owned(),
            survey_months: self.months(t, at, "survey_months"),
            closes_months: self.months(t, at, "closes_months"),
            code: code?,
            names: words?,
            condition: condition?,
            source: source?,
        })
    }

    fn exclusions(&mut self, t: &Table, names: &Arc<NamesOf>) -> Vec<Exclusion> {
        let Some(Value::Table(table)) = t.get("exclusion") else { return Vec::new() };
        let mut out = Vec::new();
        for (code, value) in table {
            let at = join("exclusion", code);
            let Value::Table(entry) = value else { continue };
            let words = self.names(entry, &at);
            let condition = self.condition(entry, &at, "condition", names);
            let source = self.text(entry, &at, "source");
            if let (Some(names), Some(condition), Some(source)) = (words, condition, source) {
                out.push(Exclusion { code: code.clone(), names, condition, source });
            }
        }
        out
    }

    fn figures(&mut self, t: &Table) -> Vec<Figure> {
        let Some(value) = t.get("figure") else { return Vec::new() };
        let Value::Array(items) = value else {
            self.problem("figure", Fault::NotA("list"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let at = format!("figure[{}]", i + 1);
            let Value::Table(entry) = item else {
                self.problem(&at, Fault::NotA("table"));
                continue;
            };
            const KEYS: Shape = Shape::Table(&[
                ("of", Shape::Any),
                ("division", Shape::Any),
                ("from", Shape::Any),
                ("amount", Shape::Any),
                ("source", Shape::Any),
            ]);
            self.check_keys(&at, entry, &KEYS);
            let fact = self.text(entry, &at, "of").and_then(|found| {
                let fact = Fact::from_name(&found).filter(|f| f.kind() == FactKind::Money);
                if fact.is_none() {
                    let nearest = nearest(&found, FIGURES.iter().map(|fact| fact.name()));
                    self.problem(&join(&at, "of"), Fault::UnknownFact { found, nearest });
                }
                fact
            });
            let division = self.text(entry, &at, "division");
            if let Some(division) = &division {
                self.division(&join(&at, "division"), division);
            }
            let from = entry.get("from").and_then(day_of);
            if from.is_none() {
                self.problem(&join(&at, "from"), Fault::NotA("day"));
            }
            let amount = self.text(entry, &at, "amount").and_then(|found| match Fen::from_yuan(&found) {
                Ok(fen) => Some(fen),
                Err(_) => {
                    self.problem(&join(&at, "amount"), Fault::NotMoney { found });
                    None
                }
            });
            let source = self.text(entry, &at, "source");
            if let (Some(fact), Some(division), Some(from), Some(amount), Some(source)) =
                (fact, division, from, amount, source)
            {
                out.push(Figure { fact, division, from, amount, source });
            }
        }
        out
    }

    fn division(&mut self, at: &str, division: &str) {
        if !(matches!(division.len(), 2 | 4 | 6) && division.bytes().all(|b| b.is_ascii_digit())) {
            self.problem(at, Fault::NotADivision { found: division.to_owned() });
        }
    }
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

fn day_of(value: &Value) -> Option<Day> {
    match value {
        Value::Datetime(day) if day.time.is_none() => Day::from_iso(&day.to_string()),
        Value::String(text) => Day::from_iso(text),
        _ => None,
    }
}

/// The text, and under it a mark below the place. Conditions are ASCII but for quoted texts, so bytes are cells.
fn caret(text: &str, span: expr::Span) -> String {
    let start = (span.start as usize).min(text.len());
    let width = (span.end as usize).min(text.len()).saturating_sub(start).max(1);
    let line = text.replace(['\n', '\r', '\t'], " ");
    format!("{line}\n{}{}", " ".repeat(start), "^".repeat(width))
}

/// The known name that is nearest to `found`.
pub(super) fn nearest<'n>(found: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    crate::domain::nearest::nearest(found, 4, known)
}
