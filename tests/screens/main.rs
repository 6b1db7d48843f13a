//! Screens, from the bytes of a key to what a terminal shows.

#[path = "../support/mod.rs"]
mod support;

mod app;
mod campaigns;
mod confirming;
mod fund;
mod grid;
mod input;
mod keymap;
mod members;
mod over_store;
mod pictures;
mod readme;
mod revoked;
mod survey;
mod terminal;
mod updating;
