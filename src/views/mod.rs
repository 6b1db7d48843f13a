//! What is true now, folded from records: dossiers, faces, numbers, officers, units, what is due.
//! It does not decide, draw or write: it answers a frame with the rows that change. A fold depends on the *set* of frames
//! alone, so any order that arrives makes the same bytes.
//! Start reading at `fold.rs` (one frame into every view), then `history.rs` (what a dossier's row comes to).

pub mod bodies;
pub mod brought_in;
pub mod case;
mod dossiers;
mod erasures;
mod face;
mod fold;
pub mod forms;
pub mod fund;
pub mod history;
pub mod keyspaces;
pub mod logins;
pub mod looks;
pub mod maintenance;
mod numbers;
mod officers;
mod pending;
pub mod persons;
mod queries;
pub mod read;
pub mod roll;
pub mod rounds;
mod sealed;
pub mod search;
pub mod sent;
pub mod sessions;
pub mod settings;
mod standing;
pub mod stretches;

pub use brought_in::RollBroughtInRow;
pub use face::Face;
pub use fold::fold;
pub use forms::FormRow;
pub use history::{Happening, History, Horizon, Query, Version};
pub use keyspaces::{KEYSPACES, SHAPE};
pub use logins::{CredentialRow, LoginRow};
pub use looks::LookRow;
pub use maintenance::MaintenanceRow;
pub use numbers::{
    BLOCK, Series, all_blocks, all_serials, authority, next_block, next_of_series, next_serial, number_text,
    parse_number,
};
pub use officers::{OfficerRow, UnitRow};
pub use rounds::RoundRow;
pub use sealed::ViewError;
pub use sessions::SessionRow;
