//! Screens: keys come in as bytes, frames go out as bytes; the same for a terminal, a socket and a test.
//! It does not know how anything is stored or decided: screens ask `command` through what is handed to them, and no
//! file below [`terminal`] knows that a terminal exists.
//! Start reading at `app/mod.rs`, then `screen.rs` (what a screen is) and `keymap.rs` (what a key means).

pub mod app;
pub mod confirming;
pub mod grid;
pub mod input;
pub mod key;
pub mod keymap;
pub mod linear;
pub mod page;
pub mod screen;
pub mod screens;
pub mod session;
pub mod surveying;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod widgets;

pub use crate::lang::Lang;
pub use app::{App, Setup};
pub use key::Key;
pub use keymap::{Action, KeyScope};
pub use page::Page;
pub use screen::{Cx, Screen, Then};
pub use session::Session;
