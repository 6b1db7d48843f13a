//! The rooms that read other people's bytes, and those below them, as a crate of their own: the whole program would take
//! minutes to build with coverage. It stands only as long as imports go downstairs.
#![allow(dead_code)]

#[path = "../../src/data/mod.rs"]
pub mod data;
#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/expr/mod.rs"]
pub mod expr;
#[path = "../../src/form/mod.rs"]
pub mod form;
#[path = "../../src/lang/mod.rs"]
pub mod lang;
#[path = "../../src/rules/mod.rs"]
pub mod rules;
