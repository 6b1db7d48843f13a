//! What is true now: views folded from records, and what is found by looking through them.
//! It does not know screens, rule sets or who is asking: scopes and positions come in as arguments.
//! Start reading at `search/` for looking households up.

pub mod search;
