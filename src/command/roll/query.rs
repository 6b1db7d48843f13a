//! What is asked of the roll, as it is typed and saved, and what that means: codes or their words, spans, units with all
//! below them on that day, conditions.

use super::NotARoll;
use crate::command::{Failure, Office, library};
use crate::domain::dossier::Status;
use crate::domain::questions;
use crate::domain::{Arg, Day, Explain, Fen, Mask, Message, UnitId};
use crate::expr::{self, NodeId};
use crate::form::Form;
use crate::form::model::{Control, ValueType};
use crate::views::UnitRow;
use crate::views::roll::{Attribute, Axis, Income, PersonTest, Span, Test, Tests, Where};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

/// What is asked, as text: what is saved by name, and what a screen holds while it is changed.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct RollQuery {
    /// Filter → its values, of which one must fit. All filters must hold; those about people, of one person.
    pub filters: Vec<(String, Vec<String>)>,
    /// Conditions in the expression language, over the answers to `form`.
    pub conditions: Vec<String>,
    /// The form whose answers conditions read; the hardship form where nothing is said.
    pub form: Option<String>,
    pub group: Option<String>,
    pub cross: Option<String>,
    /// With `-` before it: the greatest first.
    pub sort: Option<String>,
    pub as_of: Option<Day>,
}

/// What a filter's values are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilterValues {
    /// Codes of a list, or their words.
    Codes(&'static str),
    Units,
    Statuses,
    /// Yuan, from..to.
    Money,
    /// Whole numbers, from..to.
    Numbers,
    /// Days, from..to.
    Days,
    /// Whether it was answered at all: `any` or `none`. It tells nothing of what is answered.
    Filled,
}

/// What can be filtered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilterKind {
    /// As it is typed, and in the words `roll.by.unit`.
    pub name: &'static str,
    pub kind: FilterValues,
    /// It is about one person.
    pub of_person: Option<Attribute>,
}

const fn line(name: &'static str, kind: FilterValues) -> FilterKind {
    FilterKind { name, kind, of_person: None }
}

const fn person(name: &'static str, kind: FilterValues, attribute: Attribute) -> FilterKind {
    FilterKind { name, kind, of_person: Some(attribute) }
}

/// Every filter, in the order of the screen.
pub const FILTERS: [FilterKind; 28] = [
    line("unit", FilterValues::Units),
    line("category", FilterValues::Codes("category")),
    line("status", FilterValues::Statuses),
    line("level", FilterValues::Codes("level")),
    line("upper", FilterValues::Codes("upper_state")),
    line("cause", FilterValues::Codes("cause")),
    line("need", FilterValues::Codes("help")),
    line("division", FilterValues::Codes("division")),
    line("phone", FilterValues::Filled),
    line("members", FilterValues::Numbers),
    line("per-head", FilterValues::Money),
    line("income", FilterValues::Money),
    line("opened", FilterValues::Days),
    line("over", FilterValues::Days),
    line("surveyed", FilterValues::Days),
    line("due", FilterValues::Days),
    person("age", FilterValues::Numbers, Attribute::Age),
    person("sex", FilterValues::Codes("sex"), Attribute::Sex),
    person("relation", FilterValues::Codes("relation"), Attribute::Relation),
    person("health", FilterValues::Codes("health"), Attribute::Health),
    person("disease", FilterValues::Codes("disease"), Attribute::Disease),
    person("work", FilterValues::Codes("work_status"), Attribute::Work),
    person("labour", FilterValues::Codes("labour"), Attribute::Labour),
    person("school", FilterValues::Codes("school"), Attribute::School),
    person("grade", FilterValues::Numbers, Attribute::Grade),
    person("leaves-school", FilterValues::Numbers, Attribute::Grade),
    person("skill", FilterValues::Codes("occupation"), Attribute::Skill),
    person("job", FilterValues::Codes("job_need"), Attribute::Job),
];

/// What can be grouped by, beside any question of the form.
pub const AXES: [&str; 20] = [
    "unit", "category", "status", "level", "upper", "cause", "need", "division", "members", "per-head", "opened",
    "surveyed", "age", "sex", "health", "work", "school", "grade", "skill", "job",
];

/// What can be sorted by.
pub const SORTS: [&str; 11] =
    ["number", "unit", "category", "status", "cause", "members", "per-head", "income", "opened", "surveyed", "due"];

pub fn filter_kind(name: &str) -> Option<FilterKind> {
    FILTERS.into_iter().find(|kind| kind.name == name)
}

impl RollQuery {
    /// Adds values to a filter.
    pub fn with(mut self, filter: &str, values: impl IntoIterator<Item = impl Into<String>>) -> RollQuery {
        self.filters.push((filter.to_owned(), values.into_iter().map(Into::into).collect()));
        self
    }
}

/// What is asked, understood.
pub(super) struct Understood {
    pub tests: Tests,
    pub axes: Vec<(String, Axis)>,
    /// What it is about is covered: the question or the filter.
    pub covered: Option<String>,
    /// It is about why households are in hardship, which is covered from fewer people, and may be saved under a name.
    pub of_cause: Option<String>,
    /// Somebody's circumstances are asked about, not only how the dossier stands.
    pub is_personal: bool,
    /// Nodes of the hardship form that have to be read.
    pub nodes: BTreeSet<NodeId>,
    /// Those of another form.
    pub other: Option<(Arc<Form>, BTreeSet<NodeId>)>,
    pub attributes: BTreeSet<Attribute>,
}

/// What a form's questions tell, by node.
struct Tells {
    /// What is covered from anybody.
    covered: Vec<bool>,
    /// What is covered from everybody: more than why households are in hardship.
    from_all: Vec<bool>,
    /// Who somebody is.
    identifying: Vec<bool>,
}

impl Tells {
    fn of(form: &Form) -> Tells {
        Tells { covered: form.covered(), from_all: form.covered_from_all(), identifying: form.identifying() }
    }

    /// What is not known is covered.
    fn at(all: &[bool], node: NodeId) -> bool {
        all.get(node.0 as usize).copied().unwrap_or(true)
    }
}

impl Understood {
    /// Notes that it reads what is covered, if it does.
    fn reads(&mut self, tells: &Tells, node: NodeId, name: &str) {
        let what = match (Tells::at(&tells.from_all, node), Tells::at(&tells.covered, node)) {
            (true, _) => &mut self.covered,
            (false, true) => &mut self.of_cause,
            (false, false) => return,
        };
        what.get_or_insert_with(|| name.to_owned());
    }
}

/// A household's units on a day, and below which they stand.
pub(super) struct Units {
    pub rows: Vec<UnitRow>,
    pub day: Day,
}

impl Units {
    /// The unit as it stands on the day: itself, else what took its place.
    pub fn on(&self, unit: UnitId) -> UnitId {
        let mut at = unit;
        // A chain of mergers is no longer than there are units; a ring ends too.
        for _ in 0..=self.rows.len() {
            let mut of_unit = self.rows.iter().filter(|row| row.unit == at);
            if of_unit.clone().any(|row| row.stands_on(self.day)) {
                return at;
            }
            match of_unit.find_map(|row| row.replaced_by) {
                Some(next) => at = next,
                None => return unit,
            }
        }
        unit
    }

    /// Those units with everything below them on the day, and whatever was merged into any of them.
    pub fn below(&self, roots: &[UnitId]) -> BTreeSet<UnitId> {
        let mut found: BTreeSet<UnitId> = roots.iter().copied().collect();
        loop {
            let before = found.len();
            for row in &self.rows {
                let is_below = row.stands_on(self.day) && row.parent.is_some_and(|parent| found.contains(&parent));
                if is_below || found.contains(&self.on(row.unit)) {
                    found.insert(row.unit);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    pub fn row(&self, unit: UnitId) -> Option<&UnitRow> {
        let mut of_unit = self.rows.iter().filter(|row| row.unit == unit);
        of_unit.clone().find(|row| row.stands_on(self.day)).or_else(|| of_unit.next_back())
    }
}

impl Office {
    pub(super) fn understand(&self, asked: &RollQuery, day: Day) -> Result<Understood, Failure> {
        let form = self.bureau.library.hardship()?.clone();
        let tells = Tells::of(&form);
        let units = Units { rows: self.people()?.units.clone(), day };
        let mut out = Understood {
            tests: Tests::default(),
            axes: Vec::new(),
            covered: None,
            of_cause: None,
            is_personal: false,
            nodes: BTreeSet::new(),
            other: None,
            attributes: BTreeSet::new(),
        };
        let mut has_status = false;
        for (name, values) in &asked.filters {
            let kind = filter_kind(name).ok_or_else(|| no_such_filter(name, FILTERS.iter().map(|kind| kind.name)))?;
            has_status |= kind.kind == FilterValues::Statuses;
            if values.is_empty() {
                continue;
            }
            self.filter(&mut out, kind, values, &units, (&form, &tells))?;
        }
        if !has_status {
            // The roll is who is in the files; whoever wants others says so.
            let on_file = Status::ALL.into_iter().filter(|status| status.is_on_file()).collect();
            out.tests.lines.push(Test::Statuses(on_file));
        }
        if !asked.conditions.is_empty() {
            self.conditions(&mut out, asked, &form, &tells)?;
        }
        for name in [&asked.group, &asked.cross].into_iter().flatten() {
            let axis = axis(name, &form)?;
            match &axis {
                Axis::Person(attribute) => drop(out.attributes.insert(*attribute)),
                Axis::Question(node) => {
                    // A list of them is no count, and each of its lines would be a look that nobody recorded.
                    if is_of_one(&form, &tells, *node) {
                        return Err(NotARoll::Identifying { what: name.clone() }.into());
                    }
                    out.is_personal |= name != "need";
                    out.reads(&tells, *node, name);
                    out.nodes.insert(*node);
                }
                Axis::Cause | Axis::PerHead(_) => drop(out.of_cause.get_or_insert_with(|| name.clone())),
                _ => {}
            }
            out.axes.push((name.clone(), axis));
        }
        if let Some(sort) = &asked.sort
            && !SORTS.contains(&sort.trim_start_matches('-'))
        {
            return Err(no_such("command.roll.no_such_sort", sort, SORTS.into_iter()));
        }
        let sort = asked.sort.as_deref().map(|sort| sort.trim_start_matches('-'));
        if let Some(sort) = sort.filter(|sort| matches!(*sort, "cause" | "per-head")) {
            out.of_cause.get_or_insert_with(|| sort.to_owned());
        }
        for attribute in std::mem::take(&mut out.attributes) {
            out.is_personal = true;
            let name = FILTERS.iter().find(|kind| kind.of_person == Some(attribute)).map_or("", |kind| kind.name);
            for question in attribute.questions() {
                if let Some(node) = form.by_name.get(question).and_then(|nodes| nodes.first()) {
                    out.reads(&tells, *node, name);
                }
            }
            out.attributes.insert(attribute);
        }
        Ok(out)
    }

    fn filter(
        &self,
        out: &mut Understood,
        kind: FilterKind,
        values: &[String],
        units: &Units,
        (form, tells): (&Form, &Tells),
    ) -> Result<(), Failure> {
        let bad = |value: &str| not_a_value(kind, value, String::new());
        if let Some(attribute) = kind.of_person {
            out.attributes.insert(attribute);
            let test = match kind.kind {
                FilterValues::Codes(list) => PersonTest::Codes(attribute, self.codes_of(kind, list, values)?),
                _ => {
                    let span = whole::<i32>(&values[0]).ok_or_else(|| bad(&values[0]))?;
                    let (low, high) = (span.from.unwrap_or(i32::MIN), span.to.unwrap_or(i32::MAX));
                    if kind.name == "leaves-school" {
                        if span.from.is_none() || span.from != span.to {
                            return Err(bad(&values[0]));
                        }
                        PersonTest::LeavesSchool(low)
                    } else {
                        PersonTest::Numbers(attribute, low, high)
                    }
                }
            };
            out.tests.persons.push(test);
            return Ok(());
        }
        let first = &values[0];
        let days = || span(first, Day::from_typed).ok_or_else(|| bad(first));
        let money = || span(first, |text| Fen::from_typed(text).ok()).ok_or_else(|| bad(first));
        let test = match kind.name {
            "unit" => {
                let mut roots = Vec::new();
                for value in values {
                    let is_it = |row: &&UnitRow| row.code.eq_ignore_ascii_case(value) || row.zh == *value;
                    let row = units.rows.iter().filter(is_it).max_by_key(|row| row.stands_on(units.day));
                    roots.push(row.ok_or_else(|| Failure::NoSuchUnit { asked: value.clone() })?.unit);
                }
                Test::Units(units.below(&roots))
            }
            "status" => {
                let mut statuses = Vec::new();
                for value in values {
                    match value.as_str() {
                        "all" | "全部" => statuses.extend(Status::ALL),
                        "on-file" | "在档" => statuses.extend(Status::ALL.into_iter().filter(|s| s.is_on_file())),
                        other => statuses.push(self.status_named(kind, other)?),
                    }
                }
                Test::Statuses(statuses)
            }
            "level" => Test::Levels(self.codes_of(kind, "level", values)?),
            "upper" => Test::Uppers(self.codes_of(kind, "upper_state", values)?),
            "category" => Test::Categories(self.codes_of(kind, "category", values)?),
            "cause" => {
                out.of_cause.get_or_insert_with(|| kind.name.to_owned());
                Test::Causes(self.codes_of(kind, "cause", values)?)
            }
            "division" => Test::Divisions(self.codes_of(kind, "division", values)?),
            "need" => {
                let node = form.by_name.get(questions::HELP_WANTED).and_then(|nodes| nodes.first()).copied();
                let node = node.ok_or_else(|| bad(first))?;
                out.nodes.insert(node);
                out.reads(tells, node, kind.name);
                Test::Answer(node, self.codes_of(kind, "help", values)?)
            }
            // Whose number is still to be asked for is no secret of those who ask; which number it is stays nobody's to count by.
            "phone" => {
                let node = form.by_name.get(questions::PHONE).and_then(|nodes| nodes.first()).copied();
                let node = node.ok_or_else(|| bad(first))?;
                let read = |text: &String| filled(text).ok_or_else(|| not_a_value(kind, text, "any, none".to_owned()));
                let asked = values.iter().map(read).collect::<Result<BTreeSet<bool>, Failure>>()?;
                out.nodes.insert(node);
                out.is_personal = true;
                Test::Filled(node, asked)
            }
            "members" => Test::Members(whole::<u8>(first).ok_or_else(|| bad(first))?),
            "per-head" => {
                out.of_cause.get_or_insert_with(|| kind.name.to_owned());
                Test::PerHead(money()?)
            }
            "income" => Test::Income(money()?),
            "surveyed" => Test::Surveyed(days()?),
            "due" => Test::Due(days()?),
            "opened" => Test::Opened(days()?),
            _ => Test::Over(days()?),
        };
        out.tests.lines.push(test);
        Ok(())
    }

    fn status_named(&self, kind: FilterKind, value: &str) -> Result<Status, Failure> {
        let named =
            || self.bureau.library.codes("status")?.all().find(|code| code.zh == value).map(|code| code.code.clone());
        let known = || Status::ALL.map(Status::code).join(", ");
        Status::from_code(value)
            .or_else(|| named().and_then(|code| Status::from_code(&code)))
            .ok_or_else(|| not_a_value(kind, value, known()))
    }

    /// Codes, as they stand or by their words; `none`: nothing is known.
    fn codes_of(&self, kind: FilterKind, list: &str, values: &[String]) -> Result<Vec<String>, Failure> {
        let codes = self.bureau.library.codes(list);
        let all = || codes.into_iter().flat_map(|codes| codes.all());
        let known = || {
            let shown = all().take(40).map(|code| format!("{} {}", code.code, code.zh));
            shown.collect::<Vec<_>>().join(", ")
        };
        values
            .iter()
            .map(|value| match value.trim() {
                "none" | "无" => Ok(String::new()),
                text => all()
                    .find(|code| code.code == text || code.zh == text || code.en.eq_ignore_ascii_case(text))
                    // Finer codes than the list has stand in surveys: 061 of 06.
                    .map(|code| code.code.clone())
                    .or_else(|| {
                        (list == "cause" && all().any(|code| text.starts_with(&code.code))).then(|| text.into())
                    })
                    .ok_or_else(|| not_a_value(kind, text, known())),
            })
            .collect()
    }

    fn conditions(
        &self,
        out: &mut Understood,
        asked: &RollQuery,
        hardship: &Arc<Form>,
        of_hardship: &Tells,
    ) -> Result<(), Failure> {
        let form = match asked.form.as_deref() {
            None | Some(library::HARDSHIP) => hardship.clone(),
            Some(id) => self.form_now(id)?,
        };
        let is_other = form.id != hardship.id;
        let of_other = is_other.then(|| Tells::of(&form));
        let tells = of_other.as_ref().unwrap_or(of_hardship);
        let mut nodes = BTreeSet::new();
        out.is_personal = true;
        for text in &asked.conditions {
            let (expr, problems) = expr::compile(text, &*form, expr::Scope::top());
            if !problems.is_empty() {
                let problems = problems
                    .iter()
                    .map(|problem| {
                        Message::new("command.roll.condition_at")
                            .with("part", problem.span.of(text))
                            .with("problem", problem.explain())
                    })
                    .collect();
                return Err(NotARoll::Condition { text: text.clone(), problems }.into());
            }
            let reads = expr.reads();
            for read in reads.values.iter().chain(&reads.rows) {
                // Asked often enough, whether it is that one tells which it is.
                if Tells::at(&tells.identifying, read.node) && form.question(read.node).is_some() {
                    return Err(NotARoll::Identifying { what: form.node(read.node).name.clone() }.into());
                }
                nodes.insert(read.node);
                out.reads(tells, read.node, &form.node(read.node).name);
            }
            out.tests.wheres.push(Where { form: form.id.clone(), expr });
        }
        match is_other {
            true => out.other = Some((form, nodes)),
            false => out.nodes.extend(nodes),
        }
        Ok(())
    }
}

/// Whether its answers say who somebody is, or are words about them: nothing that people are counted by.
fn is_of_one(form: &Form, tells: &Tells, node: NodeId) -> bool {
    let Some(question) = form.question(node) else { return false };
    let is_words = question.value == ValueType::Text && question.control != Control::Hidden;
    Tells::at(&tells.identifying, node)
        || question.masked == Some(Mask::Name)
        || (Tells::at(&tells.covered, node) && is_words)
}

fn axis(name: &str, form: &Form) -> Result<Axis, Failure> {
    let of_form = |name: &str| {
        let node = *form.by_name.get(name)?.first()?;
        form.question(node).map(|_| Axis::Question(node))
    };
    let person = FILTERS.iter().find(|kind| kind.name == name && AXES.contains(&name)).and_then(|kind| kind.of_person);
    let known = match name {
        "unit" => Some(Axis::Unit),
        "division" => Some(Axis::Division),
        "category" => Some(Axis::Category),
        "status" => Some(Axis::Status),
        "level" => Some(Axis::Level),
        "upper" => Some(Axis::Upper),
        "cause" => Some(Axis::Cause),
        "members" => Some(Axis::Members),
        "per-head" => Some(Axis::PerHead(Income::default())),
        "opened" => Some(Axis::Opened),
        "surveyed" => Some(Axis::Surveyed),
        "need" => of_form(questions::HELP_WANTED),
        _ => person.map(Axis::Person).or_else(|| of_form(name)),
    };
    known.ok_or_else(|| no_such("command.roll.no_such_axis", name, AXES.into_iter()))
}

/// `any`, `none`, or the words for them.
fn filled(text: &str) -> Option<bool> {
    match text.trim() {
        "any" | "有" => Some(true),
        "none" | "无" => Some(false),
        _ => None,
    }
}

/// `2024..2026`, `2024..`, `..2026`, `2024`; what stands at both ends is included.
fn span<T: Copy>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Span<T>> {
    let text = text.trim();
    let Some((from, to)) = text.split_once("..") else {
        let one = read(text)?;
        return Some(Span { from: Some(one), to: Some(one) });
    };
    let end = |text: &str| match text.trim() {
        "" => Some(None),
        text => read(text).map(Some),
    };
    Some(Span { from: end(from)?, to: end(to)? })
}

/// The same of whole numbers, where `16-59` is a span too.
fn whole<T: Copy + FromStr>(text: &str) -> Option<Span<T>> {
    let text: String = text.chars().map(crate::domain::money::narrow_char).collect();
    let text = match text.split_once('-') {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => format!("{from}..{to}"),
        _ => text,
    };
    span(&text, |text| text.parse().ok())
}

fn no_such_filter(asked: &str, known: impl Iterator<Item = &'static str>) -> Failure {
    no_such("command.roll.no_such_filter", asked, known)
}

fn no_such(key: &'static str, asked: &str, known: impl Iterator<Item = &'static str>) -> Failure {
    NotARoll::Unknown { key, asked: asked.to_owned(), known: known.collect::<Vec<_>>().join(", ") }.into()
}

fn not_a_value(kind: FilterKind, value: &str, known: String) -> Failure {
    let filter = Arg::Word(format!("roll.by.{}", kind.name));
    let shape = match kind.kind {
        FilterValues::Money | FilterValues::Numbers | FilterValues::Days => "span",
        _ => "codes",
    };
    NotARoll::Value { filter, value: value.to_owned(), known, shape }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_open_where_nothing_is_said() {
        let reported = |text: &str| whole::<i32>(text).map(|span| (span.from, span.to));
        assert_eq!(reported("16..59"), Some((Some(16), Some(59))));
        assert_eq!(reported("16-59"), Some((Some(16), Some(59))));
        assert_eq!(reported("１６．．５９"), Some((Some(16), Some(59))));
        assert_eq!(reported("16.."), Some((Some(16), None)));
        assert_eq!(reported("..5"), Some((None, Some(5))));
        assert_eq!(reported("12"), Some((Some(12), Some(12))));
        assert_eq!((reported("x"), reported("1..x")), (None, None));
    }

    #[test]
    fn every_axis_and_filter_has_a_name_of_its_own() {
        let mut names: Vec<&str> = FILTERS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FILTERS.len());
    }
}
