//! The house, floor by floor; imports go downstairs only (`tests/house.rs` draws the arrows).
//!
//! ```text
//! floor 8   cli                        ways in
//! floor 7   serve                      sessions that outlive their lines
//! floor 6   tui                        screens
//! floor 5   present                    facts made ready to be read
//! floor 4   command                    what is done
//! floor 3   views                      what is true now, folded from records
//! floor 2   form  rules                questions | decisions
//! floor 1   expr  log  seal  lang      four independent crafts
//! floor 0   domain  store  data        values | bytes | files
//! ```

// Nothing prints but `cli::print`, through handles that may fail.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod cli;
pub mod command;
pub mod data;
pub mod domain;
pub mod expr;
pub mod form;
pub mod lang;
pub mod log;
pub mod present;
pub mod rules;
pub mod seal;
pub mod serve;
pub mod store;
pub mod tui;
pub mod views;
