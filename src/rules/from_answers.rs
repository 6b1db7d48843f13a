//! Facts from the answers of the hardship form, with their states. Only what people were asked is read, never the
//! form's own sums (33, 73, 76, 82 …): those are for display, and a test holds them against these facts.
//!
//! A refused, unknown, illegible or unanswered money or household question leaves its fact unknown, and every sum with it
//! in; *not applicable* and off the route are none. What else is known narrows the unknown: a reimbursement that nobody
//! told lies between nothing and the bill.

use super::facts::{COUNT_MAX, Fact, Facts, UNKNOWN_MAX, Value};
use crate::domain::{Answers, Fen, Given, State};
use std::collections::{BTreeMap, BTreeSet};

/// Income that may be below zero: a business can lose money, and a property too.
const SIGNED: [&str; 2] = ["inc_business", "inc_property"];
/// Questions 66–71.
const INCOME: [&str; 6] = ["inc_wage", "inc_business", "inc_property", "inc_pension", "inc_transfer", "inc_other"];
/// Asked of some households only: without an answer they were off the route, and are none.
const NOT_OF_ALL: [&str; 4] = ["housing_area", "private_school_abroad", "cause_other", "inc_union_aid"];
const ROSTER: &str = "members";

impl Facts {
    /// Builds the facts. Questions are found by their names (domain.md §3), in whatever group they stand. The dated
    /// figures stay unknown here: [`super::decide`] fills them in from the rule set. `unit_division` is the caller's to
    /// set, and so is `followed_up` where a dossier closed lately: an exit check (survey type 4) sets it here.
    pub fn from_answers(answers: &Answers) -> Facts {
        let asked = Asked::new(answers);
        let mut facts = Facts::blank();
        facts.division = asked.text("hukou_division").map(str::to_owned);

        let members = asked.members(&mut facts);
        facts.set(Fact::Members, members);

        let income = INCOME.iter().fold(Value::ZERO, |sum, name| sum.plus(asked.money(&mut facts, Fact::Income, name)));
        facts.set(Fact::Income, income);

        let bill = asked.money(&mut facts, Fact::Rigid, "exp_med_total");
        let back = asked.money(&mut facts, Fact::Rigid, "exp_med_reimb");
        let rigid = ["exp_education", "exp_disability"]
            .iter()
            .fold(bill.less_part(back), |sum, name| sum.plus(asked.money(&mut facts, Fact::Rigid, name)));
        facts.set(Fact::Rigid, rigid);

        for (fact, name) in [
            (Fact::EmploymentCost, "exp_employment"),
            (Fact::Loss, "loss_accident"),
            (Fact::Compensated, "loss_compensated"),
            (Fact::UnionAid, "inc_union_aid"),
            (Fact::Assets, "financial_assets"),
        ] {
            let value = asked.money(&mut facts, fact, name);
            facts.set(fact, value);
        }
        // Nobody is compensated for more than was lost (question 81).
        let (loss, compensated) = (facts.get(Fact::Loss), facts.get(Fact::Compensated));
        if compensated.exact().is_none() {
            facts.set(Fact::Compensated, Value { low: 0, high: compensated.high.min(loss.high) });
        }

        let area = asked.money(&mut facts, Fact::FloorArea, "housing_area");
        facts.set(Fact::FloorArea, area);
        let dwellings = asked.count(&mut facts, Fact::Dwellings, "housing_count");
        facts.set(Fact::Dwellings, dwellings);

        asked.flags(&mut facts);
        facts
    }
}

/// The form's own sums that are not what the answers make, by question name; the form of domain.md §3 gives none. For
/// tests and `doctor`: no decision reads them. A sum with an unknown in it is not compared.
pub fn differing_sums(answers: &Answers, counts_union_aid: bool) -> Vec<&'static str> {
    let facts = Facts::from_answers(answers);
    let asked = Asked::new(answers);
    let mut unread = Facts::blank();
    let bill = asked.money(&mut unread, Fact::Rigid, "exp_med_total");
    let back = asked.money(&mut unread, Fact::Rigid, "exp_med_reimb");
    let mut income = facts.get(Fact::Income);
    if counts_union_aid {
        income = income.plus(facts.get(Fact::UnionAid));
    }
    let shown = |name: &str| asked.text(name);
    [
        ("household_size", facts.get(Fact::Members), shown("household_size").and_then(|t| t.parse().ok())),
        ("income_year", income, shown("income_year").and_then(|t| Fen::from_yuan(t).ok()).map(|f| f.0)),
        ("exp_med_self", bill.less_part(back), shown("exp_med_self").and_then(|t| Fen::from_yuan(t).ok()).map(|f| f.0)),
        ("exp_rigid", facts.get(Fact::Rigid), shown("exp_rigid").and_then(|t| Fen::from_yuan(t).ok()).map(|f| f.0)),
    ]
    .into_iter()
    .filter(|(_, fact, shown)| fact.exact().is_some() && fact.exact() != *shown)
    .map(|(name, ..)| name)
    .collect()
}

impl Value {
    fn plus(self, other: Value) -> Value {
        Value { low: self.low.saturating_add(other.low), high: self.high.saturating_add(other.high) }
    }

    /// A whole less a part of it: never below zero while either is unknown; as it stands when both are known.
    fn less_part(self, part: Value) -> Value {
        match (self.exact(), part.exact()) {
            (Some(whole), Some(part)) => Value::known(whole.saturating_sub(part)),
            _ => Value {
                low: self.low.saturating_sub(part.high).max(0),
                high: self.high.saturating_sub(part.low).max(0),
            },
        }
    }
}

/// What one question gave.
enum Stated<'a> {
    Text(&'a str),
    /// Off the route, or it does not apply.
    None,
    Unknown,
}

struct Asked<'a> {
    answers: &'a Answers,
    by_name: BTreeMap<&'a str, Vec<&'a Given>>,
    off_route: BTreeSet<&'a str>,
}

impl<'a> Asked<'a> {
    fn new(answers: &'a Answers) -> Asked<'a> {
        let mut by_name: BTreeMap<&str, Vec<&Given>> = BTreeMap::new();
        for answer in &answers.answers {
            by_name.entry(answer.path.name()).or_default().push(&answer.given);
        }
        Asked { answers, by_name, off_route: answers.off_route.iter().map(|p| p.name()).collect() }
    }

    fn reported(&self, name: &str) -> Stated<'a> {
        match self.by_name.get(name).and_then(|all| all.first()) {
            Some(Given::Value(text)) if !text.is_empty() => Stated::Text(text),
            Some(Given::State(State::NotApplicable)) => Stated::None,
            Some(Given::State(_)) => Stated::Unknown,
            _ if self.off_route.contains(name) || NOT_OF_ALL.contains(&name) => Stated::None,
            _ => Stated::Unknown,
        }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        match self.reported(name) {
            Stated::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Every text given under a name: of the worker's and the members' rows alike.
    fn texts(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.by_name.get(name).into_iter().flatten().filter_map(|g| match g {
            Given::Value(text) => Some(text.as_str()),
            Given::State(_) => None,
        })
    }

    fn money(&self, facts: &mut Facts, fact: Fact, name: &str) -> Value {
        let known = match self.reported(name) {
            Stated::Text(text) => Fen::from_yuan(text).ok().map(|fen| fen.0),
            Stated::None => Some(0),
            Stated::Unknown => None,
        };
        known.map_or_else(
            || {
                facts.gap(fact, name);
                let low = if SIGNED.contains(&name) { -UNKNOWN_MAX } else { 0 };
                Value { low, high: UNKNOWN_MAX }
            },
            Value::known,
        )
    }

    fn count(&self, facts: &mut Facts, fact: Fact, name: &str) -> Value {
        let known = match self.reported(name) {
            Stated::Text(text) => text.parse::<i64>().ok().filter(|n| (0..=COUNT_MAX).contains(n)),
            Stated::None => Some(0),
            Stated::Unknown => None,
        };
        known.map_or_else(
            || {
                facts.gap(fact, name);
                Value::unknown(fact)
            },
            Value::known,
        )
    }

    /// The worker and every row that lives with the household; a row where nobody knows counts as none and as one.
    fn members(&self, facts: &mut Facts) -> Value {
        let mut rows: BTreeMap<u32, Option<&Given>> = BTreeMap::new();
        let row_of = |path: &crate::domain::Path| {
            path.segments().find_map(|(name, index)| if name == ROSTER { index } else { None })
        };
        for row in &self.answers.rows {
            if let Some(index) = row_of(&row.path) {
                rows.entry(index).or_insert(None);
            }
        }
        for answer in &self.answers.answers {
            if let Some(index) = row_of(&answer.path) {
                let row = rows.entry(index).or_insert(None);
                if answer.path.name() == "m_lives_together" {
                    *row = Some(&answer.given);
                }
            }
        }
        let mut members = Value::known(1);
        for given in rows.values() {
            let one = match given {
                Some(Given::Value(text)) if text == "1" => Value::known(1),
                Some(Given::Value(text)) if !text.is_empty() => Value::ZERO,
                Some(Given::State(State::NotApplicable)) => Value::ZERO,
                _ => {
                    facts.gap(Fact::Members, "m_lives_together");
                    Value { low: 0, high: 1 }
                }
            };
            members = members.plus(one);
        }
        members
    }

    fn flags(&self, facts: &mut Facts) {
        let mut set = |fact, name: &str, holds: &dyn Fn(&str) -> bool| {
            let value = match self.reported(name) {
                Stated::Text(text) => Value::known(i64::from(holds(text))),
                Stated::None => Value::ZERO,
                Stated::Unknown => {
                    facts.gap(fact, name);
                    Value::unknown(fact)
                }
            };
            facts.set(fact, value);
        };
        set(Fact::ReceivesDibao, "dibao_status", &|t| t == "1");
        set(Fact::SingleParent, "single_parent", &|t| t == "1");
        set(Fact::HasBusiness, "has_business", &|t| t == "1");
        set(Fact::CostlySchool, "private_school_abroad", &|t| t == "1");
        set(Fact::Vehicle, "has_vehicle", &|t| t == "2");
        set(Fact::Retired, "work_status", &|t| matches!(t, "14" | "17"));
        set(Fact::FollowedUp, "survey_type", &|t| t == "4");

        // An accident or a disaster as the main cause, or among the changes since the last survey, is an event.
        let named = |codes: &[&str]| {
            let begins = |t: &str| codes.iter().any(|c| t.starts_with(c));
            self.texts("cause_main").any(begins)
                || self.texts("cause_other").flat_map(str::split_whitespace).any(begins)
        };
        set(Fact::HasEvent, "cause_main", &|t| t.starts_with("07") || t.starts_with("08"));
        set(Fact::CauseIllness, "cause_main", &|_| named(&["06"]));
        set(Fact::CauseSchooling, "cause_main", &|_| named(&["09"]));
        let disabled = |t: &str| t.len() == 2 && t.starts_with('6');
        let anyone_disabled = self.texts("health_status").chain(self.texts("m_health")).any(disabled);
        set(Fact::CauseDisability, "cause_main", &|_| named(&["011"]) || anyone_disabled);
        // Twelve months' income is all the form asks: below the line and without dibao stands for all twelve.
        set(Fact::MonthsBelowLine, "dibao_status", &|t| t == "2");
        let months = facts.get(Fact::MonthsBelowLine);
        facts.set(Fact::MonthsBelowLine, Value { low: months.low.min(1) * 12, high: months.high.min(1) * 12 });
        if self.texts("ch_type").any(|t| t == "15") {
            facts.set(Fact::HasEvent, Value::known(1));
        }
    }
}
