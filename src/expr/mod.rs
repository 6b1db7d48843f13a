//! The one expression language (XLSForm's, which is XPath 1.0 cut to size), for forms and rule sets alike.
//! It does not know questions, answers or facts: names come from the caller's [`Scheme`], values from its [`World`].
//! Start reading at `compiled.rs` (text → [`Expr`] and problems), then `scheme.rs` and `world.rs`, what a caller brings.
//!
//! ```text
//! lexer → parser (spans) → resolve (names to node ids) → Expr ─┬→ eval (functions/)  → Value
//!                      every step: a tree AND its problems     ├→ reads → graph       → what to recompute
//!                                                              └→ why                 → operands filled in
//! ```

pub mod compiled;
pub mod decisions;
mod eval;
pub mod functions;
pub mod graph;
mod lexer;
mod op;
mod parser;
pub mod problem;
mod resolve;
#[cfg(test)]
mod sample;
pub mod scheme;
pub mod template;
mod tree;
pub mod value;
pub mod why;
pub mod world;

pub use compiled::{Expr, Read, Reads, compile};
pub use functions::{Function, shuffle};
pub use graph::{Cycle, Graph};
pub use problem::{Fault, Problem, Span};
pub use scheme::{Bare, ColumnId, Found, ListId, NodeId, NodeKind, Scheme, Scope, ValueType};
pub use template::Template;
pub use value::{Truth, Value, number_text};
pub use why::{Operand, Why};
pub use world::{Clock, EvalContext, Seen, World};
