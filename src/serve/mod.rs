//! One owner of a data folder, many people at it: sessions that outlive their connections, and the ways in to them.
//! It does not draw or decide: a session is an [`App`](crate::tui::App) fed with bytes and writing bytes.
//! Start reading at `session.rs` (one session), then `manager.rs` (all of them), then `unix.rs` (the socket; `client.rs`
//! is its other end).
//!
//! ```text
//! client ─ socket ─► unix (who is it?) ─► manager (which session?) ─► session ─► App
//!                     unix ◄──────────── frames, one at a time ◄──────┘
//! ```

pub mod caller;
pub mod client;
pub mod manager;
mod places;
pub mod public_key;
pub mod remote_commands;
pub mod session;
pub mod ssh;
pub mod unix;
pub mod wanted;
pub mod wire;

pub use manager::{Limits, SessionManager};
