//! A rule set (政策): what was in force, from when, for whom, on whose word.

use super::condition::Condition;
use super::facts::Fact;
use crate::domain::dossier::Terms;
use crate::domain::{Day, Fen};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A value and the document and article it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sourced<T> {
    pub value: T,
    pub source: String,
}

/// Chinese and English.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    pub zh: String,
    pub en: String,
}

/// Which day of a case selects the rule set and the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selects {
    Application,
    Survey,
    Decision,
}

/// The twelve months whose income counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IncomePeriod {
    /// The twelve months before the survey.
    RollingTwelveMonths,
    /// January to December of the year before.
    LastCalendarYear,
}

/// Whose division's line counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineOf {
    Home,
    Unit,
}

/// What becomes of a case accepted before the set came into force and decided after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnderWay {
    /// It is finished under the set it began with.
    OldRule,
    /// It is decided by this set.
    NewRule,
}

/// A category and the condition that gives it.
#[derive(Clone, Debug)]
pub struct Category {
    /// `deep`, `relative`, `accidental`, `D1`: the rule's id in traces.
    pub rule: String,
    /// `1`, `2`, `3`, `D1`: what is stored.
    pub code: String,
    pub names: Names,
    pub condition: Condition,
    pub source: String,
    /// Months until the next survey is due; `None`: none is.
    pub survey_months: Option<u32>,
    /// Months after which the dossier closes unless renewed.
    pub closes_months: Option<u32>,
}

impl Category {
    /// When a household of this category is looked at again.
    pub fn terms(&self) -> Terms {
        Terms { survey_every: self.survey_months, closes_after: self.closes_months }
    }
}

/// A reason for having no dossier: a flag, to be overridden with a reason and an approver.
#[derive(Clone, Debug)]
pub struct Exclusion {
    pub code: String,
    pub names: Names,
    pub condition: Condition,
    pub source: String,
}

/// The figure of a division from a day on: a dibao line, a province's income per head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figure {
    pub fact: Fact,
    /// Six digits, or the first two or four of them for all that lies within.
    pub division: String,
    pub from: Day,
    pub amount: Fen,
    pub source: String,
}

/// One rule set with everything its base says filled in.
#[derive(Clone, Debug)]
pub struct RuleSet {
    pub id: String,
    /// The file it was read from.
    pub file: String,
    pub base: Option<String>,
    pub names: Names,
    pub source: String,
    pub in_force_from: Day,
    /// The last day; `None` until another takes its place.
    pub in_force_to: Option<Day>,
    /// The day it was adopted, where that is later than the day it is in force from.
    pub adopted: Option<Day>,
    /// Where it holds, by first digits of the division; empty: everywhere no other set does.
    pub divisions: Vec<String>,
    pub selects: Sourced<Selects>,
    pub income_period: Sourced<IncomePeriod>,
    pub line_of: Sourced<LineOf>,
    pub under_way: Sourced<UnderWay>,
    /// What of the income is not counted, by its codes in list `not_income`.
    pub not_income: Sourced<Vec<String>>,
    /// The facts its conditions may name.
    pub facts: Vec<Fact>,
    /// Numbers its conditions may name: money in fen, shares in per mille.
    pub values: BTreeMap<String, Sourced<i64>>,
    /// In the order they are tried.
    pub categories: Vec<Category>,
    pub watch: Option<Category>,
    /// The code and words for *not eligible*.
    pub none_code: String,
    pub none_names: Names,
    pub exclusions: Vec<Exclusion>,
    /// Newest last within a division.
    pub figures: Vec<Figure>,
    /// Yearly net income as the first quotient has it; divided by 12 and the members for showing.
    pub per_head: Condition,
    /// The whole as read, so that another set can be laid over it.
    pub(super) table: Arc<toml::Table>,
}

/// The days of a case; a set names the one that selects it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CaseDays {
    /// When the application was accepted that this decision answers; a re-survey answers none, and the survey's day
    /// stands for it.
    pub application: Option<Day>,
    pub survey: Day,
    /// When the category is given.
    pub decision: Day,
}

impl CaseDays {
    /// One day for everything.
    pub fn all(day: Day) -> CaseDays {
        CaseDays { application: Some(day), survey: day, decision: day }
    }

    pub fn of(&self, which: Selects) -> Day {
        match which {
            Selects::Application => self.application.unwrap_or(self.survey),
            Selects::Survey => self.survey,
            Selects::Decision => self.decision,
        }
    }
}

impl RuleSet {
    /// The whole as TOML, with what its base says in it, so that it stands alone.
    pub fn to_toml(&self) -> String {
        let mut table = self.table.as_ref().clone();
        table.remove("base");
        table.to_string()
    }

    /// In force on that day, for some division.
    pub fn in_force_on(&self, day: Day) -> bool {
        self.in_force_from <= day && self.in_force_to.is_none_or(|to| day <= to)
    }

    /// How closely the set is meant for `division`: the number of digits that agree; 0 for a set that holds everywhere;
    /// `None` when it does not hold there.
    pub fn closeness(&self, division: Option<&str>) -> Option<usize> {
        if self.divisions.is_empty() {
            return Some(0);
        }
        let division = division?;
        self.divisions.iter().filter(|d| division.starts_with(d.as_str())).map(String::len).max()
    }

    /// A dated figure: the one of the longest matching division, and of those the latest that began by `day`.
    pub fn figure(&self, fact: Fact, division: Option<&str>, day: Day) -> Option<&Figure> {
        let division = division?;
        self.figures
            .iter()
            .filter(|f| f.fact == fact && f.from <= day && division.starts_with(&f.division))
            .max_by_key(|f| (f.division.len(), f.from))
    }

    /// The words for a code of this set, `None` for a code it does not have.
    pub fn category_names(&self, code: &str) -> Option<&Names> {
        self.categories
            .iter()
            .chain(&self.watch)
            .find(|c| c.code == code)
            .map(|c| &c.names)
            .or_else(|| (code == self.none_code).then_some(&self.none_names))
    }

    pub fn category(&self, code: &str) -> Option<&Category> {
        self.categories.iter().chain(&self.watch).find(|c| c.code == code)
    }

    /// Where a code stands, the best-helped first: 0 for the first category tried; watch and none come after all others.
    /// A re-decision with a lower rank rises, and needs a notice again.
    pub fn rank(&self, code: &str) -> usize {
        let places = self.categories.iter().chain(&self.watch).position(|c| c.code == code);
        places.unwrap_or(usize::MAX)
    }

    /// Does union aid had this year count as income? Then the form's question 73 counts it too.
    pub fn counts_union_aid(&self) -> bool {
        self.per_head.facts().contains(&Fact::UnionAid)
    }

    pub fn exclusion(&self, code: &str) -> Option<&Exclusion> {
        self.exclusions.iter().find(|x| x.code == code)
    }
}

/// Every rule set there is.
#[derive(Clone, Debug, Default)]
pub struct RuleSets {
    sets: Vec<RuleSet>,
}

impl RuleSets {
    /// Sets in the order of their ids.
    pub fn new(mut sets: Vec<RuleSet>) -> RuleSets {
        sets.sort_by(|a, b| a.id.cmp(&b.id));
        RuleSets { sets }
    }

    pub fn iter(&self) -> impl Iterator<Item = &RuleSet> {
        self.sets.iter()
    }

    /// In that order: of sets that would decide alike the later does, and so of one id.
    pub fn in_order(sets: Vec<RuleSet>) -> RuleSets {
        RuleSets { sets }
    }

    pub fn get(&self, id: &str) -> Option<&RuleSet> {
        self.sets.iter().rev().find(|s| s.id == id)
    }

    /// The set in force on `day` in `division`: of those that hold there the one meant most closely for it, and of these
    /// the one that began last. `None` when there is none.
    pub fn in_force_on(&self, day: Day, division: Option<&str>) -> Option<&RuleSet> {
        self.sets
            .iter()
            .filter(|s| s.in_force_on(day))
            .filter_map(|s| s.closeness(division).map(|c| (c, s.in_force_from, s)))
            .max_by_key(|(closeness, from, _)| (*closeness, *from))
            .map(|(_, _, set)| set)
    }

    /// The set that decides a case, and the day that selected it. A set is asked about the day *it* names; a case that
    /// was under way when the set came into force stays with the older set where the newer one says so, and moves to
    /// the newer one (on the day of decision) where that says so.
    pub fn deciding(&self, days: &CaseDays, division: Option<&str>) -> Option<(&RuleSet, Day)> {
        let began = days.application.unwrap_or(days.survey);
        self.sets
            .iter()
            .filter_map(|set| {
                let closeness = set.closeness(division)?;
                let under_way = began < set.in_force_from && set.in_force_from <= days.decision;
                let day = match (under_way, set.under_way.value) {
                    (true, UnderWay::OldRule) => return None,
                    (true, UnderWay::NewRule) => days.decision,
                    (false, _) => days.of(set.selects.value),
                };
                set.in_force_on(day).then_some((closeness, set.in_force_from, set, day))
            })
            .max_by_key(|(closeness, from, ..)| (*closeness, *from))
            .map(|(_, _, set, day)| (set, day))
    }
}
