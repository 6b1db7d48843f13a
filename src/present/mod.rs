//! Facts made ready to be read: tables whose columns know what they hold, fields, sentences, sheets; covered and worded once,
//! so that screen, command line, paper and workbook print the same.
//! It decides nothing, keeps nothing, and sees no household but through the handle that it is given; it does not know
//! whether a terminal, a printer or a program reads.
//! Start reading at `value.rs` (what there is to show), then `words.rs` (how facts are called); one renderer a file.

pub mod aid;
pub mod bureau;
pub mod campaign;
pub mod case;
pub mod closing;
pub mod csv;
pub mod dossier;
pub mod fund;
pub mod giving;
pub mod glance;
pub mod happened;
pub mod html;
pub mod import;
pub mod json;
pub mod layout;
pub mod lists;
pub mod members;
pub mod notice;
pub mod paper;
pub mod pdf;
pub mod place;
mod reading;
pub mod report;
pub mod review;
pub mod roll;
pub mod round;
pub mod survey;
pub mod text;
pub mod today;
mod value;
mod words;
pub mod workbook;

pub use layout::Layout;
pub use reading::Reading;
pub use value::{Cell, Column, ColumnKind, Field, Sentence, Sheet, SheetPart, Signature, Table, TableRow, Tone};
pub use words::Words;
