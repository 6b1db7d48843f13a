//! The few numbers a decision reads. A fact is known or unknown; *unknown is never zero*. What is known about an unknown
//! (a refused reimbursement is not below zero) is kept as bounds, so that a rule no value could change stays decided.

use crate::domain::{Day, Fen};
use std::collections::BTreeMap;

/// How a fact is written and read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FactKind {
    /// Whole fen; yuan as text outside.
    Money,
    /// A whole number of people, months, dwellings.
    Count,
    /// 0 or 1.
    Flag,
    /// Hundredths of a square metre; square metres with two places as text outside.
    Area,
}

macro_rules! facts {
    ($($(#[$doc:meta])* $variant:ident $name:literal $kind:ident $least:expr;)*) => {
        /// Everything a rule set may declare. To add one: a line here, and where it comes from in `from_answers.rs`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Fact { $($(#[$doc])* $variant),* }

        impl Fact {
            pub const ALL: &[Fact] = &[$(Fact::$variant),*];

            /// The name in rule sets, facts files and decisions.
            pub fn name(self) -> &'static str {
                match self { $(Fact::$variant => $name),* }
            }

            pub fn kind(self) -> FactKind {
                match self { $(Fact::$variant => FactKind::$kind),* }
            }

            /// The least value it can have; income may fall far below zero (a business loss).
            pub fn least(self) -> i64 {
                match self { $(Fact::$variant => $least),* }
            }
        }
    };
}

facts! {
    /// Members living together (共同生活人口), the worker included. Never below 1.
    Members "members" Count 1;
    /// Yearly disposable income of the household, questions 66–71; a business loss may bring it below zero.
    Income "income" Money -UNKNOWN_MAX;
    /// Rigid spending of the year: own medical share, schooling, disability care (questions 74−75, 77, 78).
    Rigid "rigid" Money 0;
    /// Necessary employment cost (question 79): counts for *relative* only.
    EmploymentCost "employment_cost" Money 0;
    /// Long-term care of the year, where a local rule counts it.
    LongTermCare "long_term_care" Money 0;
    /// Union aid had this year (question 72): income where the policy says so.
    UnionAid "union_aid" Money 0;
    /// Accident loss or cost of hardship of the year (question 80).
    Loss "loss" Money 0;
    /// What came back of it: compensation, insurance, relief (question 81).
    Compensated "compensated" Money 0;
    /// Own share of the year's bills for a major illness, or for an injury by the event: a loss too (questions 74–76, 153).
    IllnessCost "illness_cost" Money 0;
    /// Deposits and financial assets (question 42).
    Assets "assets" Money 0;
    /// The dibao line a month, from the dated lines by division.
    LineMonth "line_month" Money 0;
    /// Disposable income per head of the province in the year before, from the dated lines by division.
    ProvincialIncome "provincial_income" Money 0;
    /// The local minimum wage a month, from the dated figures by division: no condition asks for it so far, and the form
    /// is supplied with it.
    MinimumWage "minimum_wage" Money 0;
    /// Someone was disabled, or killed in service, in a major disaster, accident or epidemic: accidental without any share
    /// (questions 162–166).
    HasEvent "has_event" Flag 0;
    /// The event lies more than twelve months back, and is not renewed.
    EventOver "event_over" Flag 0;
    /// Accidental for twelve months by approval, without a new event since and not renewed: the caller's to set.
    AccidentalOver "accidental_over" Flag 0;
    /// Months in a row with income below the line and no state aid (scheme of 2016).
    MonthsBelowLine "months_below_line" Count 0;
    /// Receives dibao (question 36 = 1).
    ReceivesDibao "receives_dibao" Flag 0;
    CauseIllness "cause_illness" Flag 0;
    CauseSchooling "cause_schooling" Flag 0;
    CauseDisability "cause_disability" Flag 0;
    CauseDisaster "cause_disaster" Flag 0;
    /// Conscripts of the family: members where the rule set counts them (`conscripts_count`).
    Conscripts "conscripts" Count 0;
    SingleParent "single_parent" Flag 0;
    /// An exit check, or a dossier closed as out of hardship within the follow-up time: the watch rule may hold.
    FollowedUp "followed_up" Flag 0;
    /// Dwellings owned (question 39).
    Dwellings "dwellings" Count 0;
    /// Floor area (question 38).
    FloorArea "floor_area" Area 0;
    HasBusiness "has_business" Flag 0;
    CostlySchool "costly_school" Flag 0;
    Vehicle "vehicle" Flag 0;
    Retired "retired" Flag 0;
    /// Exclusions stated as such, whatever the other facts say (domain.md 2.3).
    X1 "x1" Flag 0;
    X2 "x2" Flag 0;
    X3 "x3" Flag 0;
    X4 "x4" Flag 0;
    X5 "x5" Flag 0;
    X6 "x6" Flag 0;
    X7 "x7" Flag 0;
    X8 "x8" Flag 0;
    X9 "x9" Flag 0;
}

/// The facts that stand for exclusions stated outright: `X1` … `X9`.
pub const STATED: [(&str, Fact); 9] = [
    ("X1", Fact::X1),
    ("X2", Fact::X2),
    ("X3", Fact::X3),
    ("X4", Fact::X4),
    ("X5", Fact::X5),
    ("X6", Fact::X6),
    ("X7", Fact::X7),
    ("X8", Fact::X8),
    ("X9", Fact::X9),
];

impl Fact {
    pub fn from_name(name: &str) -> Option<Fact> {
        Fact::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// Whether its value tells of an illness, or why the household is in hardship: what is covered as that is.
    pub fn tells_of_illness(self) -> bool {
        use Fact::*;
        matches!(
            self,
            Rigid
                | LongTermCare
                | Loss
                | Compensated
                | IllnessCost
                | HasEvent
                | EventOver
                | AccidentalOver
                | CauseIllness
                | CauseSchooling
                | CauseDisability
                | CauseDisaster
        )
    }

    /// A value as decisions show it: `22000.00`, `3`, `true`.
    pub fn show(self, value: i64) -> String {
        match self.kind() {
            FactKind::Money | FactKind::Area => Fen(value).yuan(),
            FactKind::Count => value.to_string(),
            FactKind::Flag => (value != 0).to_string(),
        }
    }
}

/// No yearly amount of a household that nobody knows is thought to be beyond ten thousand million yuan, in fen. It bounds
/// unknowns only; a known amount may be as large as money can be.
pub const UNKNOWN_MAX: i64 = 1_000_000_000_000;

/// The most members, months or dwellings a count can have.
pub const COUNT_MAX: i64 = 99;

/// What is known of one fact, both ends included. Known exactly when the ends are one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value {
    pub low: i64,
    pub high: i64,
}

impl Value {
    pub const ZERO: Value = Value::known(0);

    pub const fn known(value: i64) -> Value {
        Value { low: value, high: value }
    }

    /// Nothing is known but what the fact's nature says.
    pub fn unknown(fact: Fact) -> Value {
        let high = match fact.kind() {
            FactKind::Money | FactKind::Area => UNKNOWN_MAX,
            FactKind::Count => COUNT_MAX,
            FactKind::Flag => 1,
        };
        Value { low: fact.least(), high }
    }

    pub fn exact(self) -> Option<i64> {
        (self.low == self.high).then_some(self.low)
    }
}

/// The facts of one household on one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    values: [Value; Fact::ALL.len()],
    /// The division whose line counts when the rule set says *home*: six digits.
    pub division: Option<String>,
    /// The division of the work unit, for rule sets that say *unit*.
    pub unit_division: Option<String>,
    /// Parts of the income that a rule set may not count, by their code in list `not_income`.
    pub not_income: BTreeMap<String, Value>,
    /// The day of the event behind a loss: the latest that was told.
    pub event_on: Option<Day>,
    /// Renewed beyond twelve months, with a reason.
    pub is_renewed: bool,
    /// Which questions left a fact unknown, so that a decision can be mended: `(income, inc_wage)`.
    pub gaps: Vec<(Fact, String)>,
}

impl Facts {
    /// Members and income as given, everything else zero, false, or (the dated lines) to be looked up.
    pub fn new(members: u32, income: Fen) -> Facts {
        let mut facts = Facts::blank();
        facts.set(Fact::Members, Value::known(i64::from(members)));
        facts.set(Fact::Income, Value::known(income.0));
        facts
    }

    /// Members and income unknown, the dated lines unknown, everything else zero or false.
    pub fn blank() -> Facts {
        let mut facts = Facts {
            values: [Value::ZERO; Fact::ALL.len()],
            division: None,
            unit_division: None,
            not_income: BTreeMap::new(),
            event_on: None,
            is_renewed: false,
            gaps: Vec::new(),
        };
        for fact in [Fact::Members, Fact::Income, Fact::LineMonth, Fact::ProvincialIncome] {
            facts.set(fact, Value::unknown(fact));
        }
        facts
    }

    pub fn get(&self, fact: Fact) -> Value {
        self.values[fact as usize]
    }

    pub fn set(&mut self, fact: Fact, value: Value) {
        self.values[fact as usize] = value;
    }

    /// The same facts with one of them known otherwise.
    pub fn with(mut self, fact: Fact, value: i64) -> Facts {
        self.set(fact, Value::known(value));
        self
    }

    /// Notes that `question` leaves `fact` unknown.
    pub fn gap(&mut self, fact: Fact, question: &str) {
        if !self.gaps.iter().any(|(f, q)| *f == fact && q == question) {
            self.gaps.push((fact, question.to_owned()));
        }
    }
}
