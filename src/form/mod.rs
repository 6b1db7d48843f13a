//! Forms and their filling: an XLSForm read from a workbook or a csv folder ([`xlsform`]), fixed after loading
//! ([`model::Form`]), and a survey being answered ([`draft::Draft`]). ODK's engines are the yardstick.
//!
//! It knows neither rule sets nor dossiers, neither disk nor clock: code lists, the unit tree, the day and supplied
//! values are handed in ([`draft::Supply`]). It never decides anything.
//!
//! Start reading at `model.rs`, then `draft/mod.rs`. A caller's whole way:
//!
//! ```text
//! Book::from_path(path)? ─► xlsform::load(&book, &lists) ─► Loaded { form, problems }       (every problem, with its cell)
//! Draft::open(Arc<Form>, Supply)   or   Draft::carry(Arc<Form>, Supply, &last_answers)
//!   draft.read(at, "９，８００") ─► Ok("9800.00")            what people type → what is kept, or why not
//!   draft.apply(&Step::Set { path, value }) ─► Outcome      the one way in; the same steps make the same draft
//!   draft.answer(at, typed) ─► (Step, Outcome)              both at once: keep the step in the draft's file
//!   draft.route() · next(at) · previous(at)                 what is to be asked, in order
//!   draft.view(at) · offers(at) · narrow(at, typed)         one question as it stands; its choices; those that fit
//!   draft.problems() · next_problem(after) · outline()      what is wrong, where to go, how far we are
//!   draft.finish() ─► Ok(Answers) | Err(Vec<Problem>)
//! ```

pub mod choose;
mod covered;
pub mod draft;
pub mod languages;
pub(crate) mod links;
pub mod markup;
pub mod model;
pub mod problem;
pub mod read;
pub mod run;
pub mod xlsform;

pub use covered::Covers;
pub use draft::{
    Ask, At, Draft, Elsewhere, Moved, Outcome, Reason, RefusedStep, RowId, Section, Stop, StopKind, Supply, View,
};
pub use model::{Choice, Form, List, Node, NodeId, Question, Supplied, Text, ValueType};
pub use problem::{CellAddress, FormProblem, Problem, Refusal, Unreadable, Weight, What};
pub use xlsform::{Book, Loaded, load};
