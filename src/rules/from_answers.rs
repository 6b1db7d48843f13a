//! Facts from the answers of the hardship form, with their states. Only what people were asked is read, never the
//! form's own sums (33, 73, 76, 82 …): those are for display, and a test holds them against these facts.
//!
//! A refused, unknown, illegible or unanswered money or household question leaves its fact unknown, and every sum with it
//! in; *not applicable* and off the route are none. What else is known narrows the unknown: a reimbursement that nobody
//! told lies between nothing and the bill.

use super::facts::{COUNT_MAX, Fact, Facts, STATED, UNKNOWN_MAX, Value};
use crate::domain::questions;
use crate::domain::{Answers, Day, Fen, Given, State};
use std::collections::{BTreeMap, BTreeSet};

/// Income that may be below zero: a business can lose money, and a property too.
const SIGNED: [&str; 2] = [questions::INC_BUSINESS, questions::INC_PROPERTY];
/// Questions 66–71.
const INCOME: [&str; 6] = [
    questions::INC_WAGE,
    questions::INC_BUSINESS,
    questions::INC_PROPERTY,
    questions::INC_PENSION,
    questions::INC_TRANSFER,
    questions::INC_OTHER,
];
/// Asked of some households only: without an answer they were off the route, and are none.
const NOT_OF_ALL: [&str; 4] =
    [questions::HOUSING_AREA, questions::PRIVATE_SCHOOL_ABROAD, questions::CAUSE_OTHER, questions::INC_UNION_AID];
/// What nobody knows of a household that did not consent.
const ASKED_WITH_CONSENT: [Fact; 6] =
    [Fact::Members, Fact::Income, Fact::Rigid, Fact::EmploymentCost, Fact::Loss, Fact::HasEvent];
/// Diseases that count as major (list `disease`), near the insurers' definitions of 重大疾病.
const MAJOR_DISEASES: [&str; 12] = ["01", "02", "03", "04", "05", "06", "07", "13", "14", "15", "16", "17"];
/// A major illness in list `event_kind`.
const ILLNESS: &str = "4";
/// Cancer in list `health`.
const CANCER: &str = "41";
/// An event, a diagnosis, a category given for one: over when more than so many months have gone by.
pub const EVENT_MONTHS: i32 = 12;
const ROSTER: &str = questions::MEMBERS;

impl Facts {
    /// Builds the facts. Questions are found by their names (domain.md §3), in whatever group they stand. The dated
    /// figures stay unknown here: [`super::decide`] fills them in from the rule set. `unit_division` is the caller's to
    /// set, and so is `followed_up` where a dossier closed lately: an exit check (survey type 4) sets it here.
    pub fn from_answers(answers: &Answers) -> Facts {
        let asked = Asked::new(answers);
        let mut facts = Facts::blank();
        facts.division = asked.text(questions::HUKOU_DIVISION).map(str::to_owned);
        if asked.text(questions::CONSENT_SENSITIVE) == Some("2") {
            // Nothing was asked, so nothing is known: off the route is not "none" here.
            for fact in ASKED_WITH_CONSENT {
                facts.set(fact, Value::unknown(fact));
                facts.gap(fact, questions::CONSENT_SENSITIVE);
            }
            return facts;
        }

        let members = asked.members(&mut facts);
        facts.set(Fact::Members, members);

        let income = INCOME.iter().fold(Value::ZERO, |sum, name| sum.plus(asked.money(&mut facts, Fact::Income, name)));
        facts.set(Fact::Income, income);

        let bill = asked.money(&mut facts, Fact::Rigid, questions::EXP_MED_TOTAL);
        let back = asked.money(&mut facts, Fact::Rigid, questions::EXP_MED_REIMB);
        // More comes back than was billed where last year's bills are reimbursed late: that is no negative spending.
        let own_share = bill.less_part(back).at_least_zero();
        let rigid = [questions::EXP_EDUCATION, questions::EXP_DISABILITY]
            .iter()
            .fold(own_share, |sum, name| sum.plus(asked.money(&mut facts, Fact::Rigid, name)));
        facts.set(Fact::Rigid, rigid);

        for (fact, name) in [
            (Fact::EmploymentCost, questions::EXP_EMPLOYMENT),
            (Fact::Loss, questions::LOSS_ACCIDENT),
            (Fact::Compensated, questions::LOSS_COMPENSATED),
            (Fact::UnionAid, questions::INC_UNION_AID),
            (Fact::Assets, questions::FINANCIAL_ASSETS),
        ] {
            let value = asked.money(&mut facts, fact, name);
            facts.set(fact, value);
        }
        // Nobody is compensated for more than was lost (question 81).
        let (loss, compensated) = (facts.get(Fact::Loss), facts.get(Fact::Compensated));
        if compensated.exact().is_none() {
            facts.set(Fact::Compensated, Value { low: 0, high: compensated.high.min(loss.high) });
        }

        let area = asked.money(&mut facts, Fact::FloorArea, questions::HOUSING_AREA);
        facts.set(Fact::FloorArea, area);
        let dwellings = asked.count(&mut facts, Fact::Dwellings, questions::HOUSING_COUNT);
        facts.set(Fact::Dwellings, dwellings);

        asked.flags(&mut facts);
        asked.event(&mut facts);
        asked.illness(&mut facts, own_share);
        asked.not_counted(&mut facts);
        facts
    }
}

/// The form's own sums that are not what the answers make, by question name; the form of domain.md §3 gives none. For
/// tests and `doctor`: no decision reads them. A sum with an unknown in it is not compared.
pub fn differing_sums(answers: &Answers, counts_union_aid: bool) -> Vec<&'static str> {
    let facts = Facts::from_answers(answers);
    let asked = Asked::new(answers);
    let mut unread = Facts::blank();
    let bill = asked.money(&mut unread, Fact::Rigid, questions::EXP_MED_TOTAL);
    let back = asked.money(&mut unread, Fact::Rigid, questions::EXP_MED_REIMB);
    let mut income = facts.get(Fact::Income);
    if counts_union_aid {
        income = income.plus(facts.get(Fact::UnionAid));
    }
    for kind in asked.text(questions::NOT_INCOME).unwrap_or_default().split_whitespace() {
        let out = facts.not_income.get(kind).copied().unwrap_or(Value::ZERO);
        income = Value { low: income.low.saturating_sub(out.high), high: income.high.saturating_sub(out.low) };
    }
    let shown = |name: &str| asked.text(name);
    [
        (
            questions::HOUSEHOLD_SIZE,
            facts.get(Fact::Members),
            shown(questions::HOUSEHOLD_SIZE).and_then(|t| t.parse().ok()),
        ),
        (
            questions::INCOME_YEAR,
            income,
            shown(questions::INCOME_YEAR).and_then(|t| Fen::from_yuan(t).ok()).map(|f| f.0),
        ),
        (
            questions::EXP_MED_SELF,
            bill.less_part(back).at_least_zero(),
            shown(questions::EXP_MED_SELF).and_then(|t| Fen::from_yuan(t).ok()).map(|f| f.0),
        ),
        (
            questions::EXP_RIGID,
            facts.get(Fact::Rigid),
            shown(questions::EXP_RIGID).and_then(|t| Fen::from_yuan(t).ok()).map(|f| f.0),
        ),
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

    fn at_least_zero(self) -> Value {
        Value { low: self.low.max(0), high: self.high.max(0) }
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
                if answer.path.name() == questions::M_LIVES_TOGETHER {
                    *row = Some(&answer.given);
                }
            }
        }
        let dead = self.dead();
        let mut members = Value::known(1);
        for (index, given) in &rows {
            if dead.contains(index) {
                continue;
            }
            let one = match given {
                Some(Given::Value(text)) if text == "1" => Value::known(1),
                Some(Given::Value(text)) if !text.is_empty() => Value::ZERO,
                Some(Given::State(State::NotApplicable)) => Value::ZERO,
                _ => {
                    facts.gap(Fact::Members, questions::M_LIVES_TOGETHER);
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
        set(Fact::ReceivesDibao, questions::DIBAO_STATUS, &|t| t == "1");
        set(Fact::SingleParent, questions::SINGLE_PARENT, &|t| t == "1");
        set(Fact::HasBusiness, questions::HAS_BUSINESS, &|t| t == "1");
        set(Fact::CostlySchool, questions::PRIVATE_SCHOOL_ABROAD, &|t| t == "1");
        set(Fact::Vehicle, questions::HAS_VEHICLE, &|t| t == "2");
        set(Fact::Retired, questions::WORK_STATUS, &|t| matches!(t, "14" | "17"));
        set(Fact::FollowedUp, questions::SURVEY_TYPE, &|t| t == "4");

        let named = |codes: &[&str]| {
            let begins = |t: &str| codes.iter().any(|c| t.starts_with(c));
            self.texts(questions::CAUSE_MAIN).any(begins)
                || self.texts(questions::CAUSE_OTHER).flat_map(str::split_whitespace).any(begins)
        };
        set(Fact::CauseDisaster, questions::CAUSE_MAIN, &|_| named(&["07"]));
        set(Fact::CauseIllness, questions::CAUSE_MAIN, &|_| named(&["06"]));
        set(Fact::CauseSchooling, questions::CAUSE_MAIN, &|_| named(&["09"]));
        let disabled = |t: &str| t.len() == 2 && t.starts_with('6');
        let health =
            self.texts(questions::HEALTH_STATUS).chain(self.texts(questions::M_HEALTH)).flat_map(str::split_whitespace);
        let anyone_disabled = { health }.any(disabled);
        set(Fact::CauseDisability, questions::CAUSE_MAIN, &|_| named(&["011"]) || anyone_disabled);
        // Twelve months' income is all the form asks: below the line and without dibao stands for all twelve.
        set(Fact::MonthsBelowLine, questions::DIBAO_STATUS, &|t| t == "2");
        let months = facts.get(Fact::MonthsBelowLine);
        facts.set(Fact::MonthsBelowLine, Value { low: months.low.min(1) * 12, high: months.high.min(1) * 12 });
        for code in self.texts(questions::OTHER_EXCLUSIONS).flat_map(str::split_whitespace) {
            if let Some((_, fact)) = STATED.iter().find(|(stated, _)| *stated == code) {
                facts.set(*fact, Value::known(1));
            }
        }
    }

    /// The answers of each row of a roster, by their names.
    fn rows_of(&self, roster: &str) -> BTreeMap<u32, BTreeMap<&'a str, &'a Given>> {
        let mut rows: BTreeMap<u32, BTreeMap<&str, &Given>> = BTreeMap::new();
        for answer in &self.answers.answers {
            let index = answer.path.segments().find_map(|(name, index)| index.filter(|_| name == roster));
            if let Some(index) = index {
                rows.entry(index).or_default().insert(answer.path.name(), &answer.given);
            }
        }
        rows
    }

    fn day(&self, name: &str) -> Option<Day> {
        self.text(name).and_then(Day::from_iso)
    }

    /// Rows of members who have died by the day of the survey: out from the day of death, whatever their row still says.
    fn dead(&self) -> BTreeSet<u32> {
        let on = self.day(questions::SURVEY_DATE);
        let died = |row: &BTreeMap<&str, &Given>| {
            let text = |name| row.get(name).and_then(|given| given.text());
            let day = text(questions::CH_DATE).and_then(Day::from_iso);
            let person = text(questions::CH_PERSON).and_then(|person| person.parse::<u32>().ok());
            person.filter(|_| {
                text(questions::CH_TYPE) == Some("04") && day.is_none_or(|day| on.is_none_or(|on| day <= on))
            })
        };
        self.rows_of(questions::CHANGES).values().filter_map(died).collect()
    }

    /// The event behind the third category: a cause alone is none.
    fn event(&self, facts: &mut Facts) {
        let on = self.day(questions::SURVEY_DATE);
        let kind = self.text(questions::EVENT_KIND);
        let changed = self.rows_of(questions::CHANGES).into_values().filter_map(|row| {
            let text = |name| row.get(name).and_then(|given| given.text());
            text(questions::CH_DATE).filter(|_| text(questions::CH_TYPE) == Some("15")).and_then(Day::from_iso)
        });
        let asked = if kind.is_some() { self.day(questions::EVENT_DATE) } else { None };
        facts.event_on = asked.into_iter().chain(changed).max();
        let why = self.text(questions::EVENT_RENEWAL_WHY).is_some_and(|why| !why.trim().is_empty());
        facts.is_renewed = self.text(questions::EVENT_RENEWAL) == Some("1") && why;
        // A diagnosis begins no twelve months: what an illness costs is of the year that is asked about.
        let by_event = kind.is_none_or(|kind| kind != ILLNESS);
        let over = match (facts.event_on, on) {
            (Some(day), Some(on)) => by_event && !facts.is_renewed && day.plus_months(EVENT_MONTHS) < on,
            _ => false,
        };
        let unknown = |name: &str| matches!(self.reported(name), Stated::Unknown) && self.by_name.contains_key(name);
        facts.set(Fact::EventOver, Value::known(i64::from(over)));
        if kind.is_some() && by_event && unknown(questions::EVENT_DATE) && !facts.is_renewed {
            facts.set(Fact::EventOver, Value::unknown(Fact::EventOver));
            facts.gap(Fact::EventOver, questions::EVENT_DATE);
        }
        let of_disaster = kind.is_some_and(|kind| matches!(kind, "1" | "2" | "3"));
        if !of_disaster || over {
            return;
        }
        let struck = self.text(questions::EVENT_HARM).is_some_and(|harm| matches!(harm, "1" | "2"));
        let has_event = match (struck, self.text(questions::EVENT_MAJOR)) {
            (true, Some(major)) => Value::known(i64::from(major == "1")),
            _ if unknown(questions::EVENT_HARM)
                || unknown(questions::EVENT_MAJOR)
                || (struck && unknown(questions::EVENT_DATE)) =>
            {
                facts.gap(Fact::HasEvent, questions::EVENT_HARM);
                Value::unknown(Fact::HasEvent)
            }
            _ => Value::ZERO,
        };
        facts.set(Fact::HasEvent, has_event);
    }

    /// What a major illness cost them, and an injury by the event: by patient and stay where that was told, else all of the
    /// own share where somebody has a major illness.
    fn illness(&self, facts: &mut Facts, own_share: Value) {
        let rows = self.rows_of(questions::STAYS);
        let stays: Vec<&BTreeMap<&str, &Given>> =
            rows.values().filter(|row| row.contains_key(questions::ST_REASON)).collect();
        if stays.is_empty() {
            let major = |t: &str| MAJOR_DISEASES.contains(&t);
            let mut diseases = self
                .texts(questions::DISEASE_NAME)
                .chain(self.texts(questions::M_DISEASE))
                .flat_map(str::split_whitespace);
            let mut health = self
                .texts(questions::HEALTH_STATUS)
                .chain(self.texts(questions::M_HEALTH))
                .flat_map(str::split_whitespace);
            if diseases.any(major) || health.any(|t| t == CANCER) {
                facts.set(Fact::IllnessCost, own_share);
                if own_share.exact().is_none() {
                    facts.gap(Fact::IllnessCost, questions::EXP_MED_REIMB);
                }
            }
            return;
        }
        let over = facts.get(Fact::EventOver) == Value::known(1);
        let mut cost = Value::ZERO;
        for row in stays {
            let text = |name: &str| row.get(name).and_then(|given| given.text());
            let counts = match text(questions::ST_REASON) {
                Some("1") => true,
                Some("2") => !over,
                _ => false,
            };
            if !counts {
                continue;
            }
            let amount = |name: &str| text(name).and_then(|text| Fen::from_yuan(text).ok()).map(|fen| fen.0);
            let (bill, back) = (amount(questions::ST_BILL), amount(questions::ST_REIMB));
            let own = match (bill, back) {
                (Some(bill), Some(back)) => Value::known(
                    bill.saturating_sub(back).saturating_sub(amount(questions::ST_OTHER).unwrap_or(0)).max(0),
                ),
                (bill, _) => {
                    facts.gap(Fact::IllnessCost, questions::ST_REIMB);
                    Value { low: 0, high: bill.unwrap_or(UNKNOWN_MAX) }
                }
            };
            cost = cost.plus(own);
        }
        facts.set(Fact::IllnessCost, cost);
    }

    /// What of the income a rule set may not count, and who of the family it may count.
    fn not_counted(&self, facts: &mut Facts) {
        for row in self.rows_of(questions::NOT_COUNTED).values() {
            let text = |name| row.get(name).and_then(|given| given.text());
            let Some(kind) = text(questions::NC_KIND) else { continue };
            let amount = text(questions::NC_AMOUNT).and_then(|text| Fen::from_yuan(text).ok());
            let value = amount.map_or(Value { low: 0, high: UNKNOWN_MAX }, |fen| Value::known(fen.0));
            let before = facts.not_income.get(kind).copied().unwrap_or(Value::ZERO);
            facts.not_income.insert(kind.to_owned(), before.plus(value));
        }
        let conscripts = self.texts(questions::M_AWAY).filter(|why| *why == "2").count();
        facts.set(Fact::Conscripts, Value::known(i64::try_from(conscripts).unwrap_or(COUNT_MAX).min(COUNT_MAX)));
    }
}
