//! The parts screens are made of: each draws into a [`super::Page`] and measures in cells.
//! None knows what it shows: no survey, no household, no key table.
//! Start reading at `field.rs`, then `list.rs`.

pub mod chart;
pub mod field;
pub mod lines;
pub mod list;
pub mod parts;
pub mod picker;
pub mod popup;
pub mod presented;
pub mod progress;
pub mod reader;

pub use chart::Chart;
pub use field::TextField;
pub use list::List;
pub use parts::Parts;
pub use picker::{Choice, Picker};
pub use reader::Reader;
