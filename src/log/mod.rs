//! The record log: what one record is as bytes, how it is chained to the one before, how chains are checked.
//! It does not know keys, events, files or views: it carries bodies that it cannot read, those of a newer program too.
//! Start reading at `record.rs` (the format), then `append.rs` (who fills in what), then `verify.rs`.
//!
//! What stands here is **[disk]**: every program that comes later reads it.

pub mod append;
mod bytes;
pub mod envelope;
pub mod head;
pub mod record;
pub mod verify;

pub use append::{Prepared, next};
pub use envelope::EnvelopeError;
pub use head::{Head, HeadCode, HeadCodeError, SignedHead};
pub use record::{Header, Issued, Link, Record, RecordError, RecordPart, SCHEMA};
pub use verify::{Agreement, Break, Report, Verifier};
