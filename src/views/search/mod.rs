//! Looking households up by whatever a surveyor types: names, pinyin, initials, units, numbers, tails.
//! It does not know records, keys, masks or who is asking: rows come in, a scope comes with each question.
//! Start reading at `index.rs` (what can be asked), then `segment.rs` (how it is kept), then `judge.rs` (what a match is).
//!
//! All of it is in memory and nothing of it is printed: ID numbers stand in the clear nowhere else.

mod columns;
mod fold;
mod index;
mod judge;
mod names;
mod propose;
mod query;
mod ranked;
mod readings;
mod row;
mod segment;
mod tails;
mod why;

pub use fold::same_name;
pub use index::{Answer, Ask, Index, MergeJob, Merged, SearchScope};
pub use row::{Hit, IndexedHousehold, Unit};
pub use why::{How, IndexField, Why};
