//! Decisions: facts and a rule set make a category, with every step that led there.
//! It does not know questions' wording, files, screens or languages: rule files and answers are handed in, and what it
//! says are message keys. It never reads the form's calculated questions.
//! Start reading at `decide.rs`; `rule_set.rs` is what a policy is, `facts.rs` what is known of a household.
//!
//! ```text
//! files ─ load.rs ─► RuleSets ─ deciding(days, division) ─► RuleSet ┐
//! answers ─ from_answers.rs ─► Facts ───────────────────────────────┴ decide.rs ─► Decision ─ trace.rs ─► sentences
//! facts.json ─ json.rs ──────►                                          └ flip.rs, replay.rs
//! ```

pub mod aid;
pub mod calendar;
pub mod condition;
pub mod decide;
pub mod facts;
pub mod flip;
pub mod from_answers;
pub mod json;
pub mod load;
pub mod problem;
pub mod replay;
pub mod rule_set;
pub mod trace;

pub use decide::{decide, decide_with_flips, verdict};
pub use facts::{Fact, FactKind, Facts, Value};
pub use load::load;
pub use problem::Problem;
pub use rule_set::{CaseDays, Category, Names, RuleSet, RuleSets};
