//! An XLSForm, as authors write it, becomes a [`Form`]: sheets of text cells ([`workbook`]), headers understood
//! ([`columns`]), types understood ([`types`]), rows put together ([`build`]). Every problem is kept with its cell and
//! nothing stops at the first. Nothing here evaluates an expression.
//! Start reading at [`load`].

mod binary;
mod build;
pub mod cells;
pub(crate) use build::nearest;
pub mod choices;
pub mod columns;
mod delimited;
mod files;
mod opendocument;
mod padded;
mod repack;
mod shared_texts;
mod spreadsheet;
pub mod tables;
pub mod types;
pub mod workbook;

pub use workbook::Book;

use super::model::{Form, Supplied};
use super::problem::{FormProblem, Unreadable, Weight};
use std::collections::{HashMap, HashSet};

/// The most rows of the survey sheet that make nodes.
pub const ROWS_MAX: usize = 20_000;
/// Groups and rosters inside one another.
pub const DEPTH_MAX: usize = 60;

/// A form and everything that is wrong with it. The form is there even with errors, so that `form check` can show as
/// much as was understood; it is used only if [`Loaded::usable`].
#[derive(Debug)]
pub struct Loaded {
    pub form: Form,
    pub problems: Vec<FormProblem>,
}

impl Loaded {
    pub fn usable(&self) -> bool {
        self.problems.iter().all(|p| p.weight != Weight::Error)
    }

    /// What keeps the form from being used, and what it is used without.
    pub fn errors(&self) -> impl Iterator<Item = &FormProblem> {
        self.problems.iter().filter(|p| p.weight != Weight::Warning)
    }
}

/// Lists that the caller knows by name: code lists (whole; a draft is handed those cut to its day). A list of the
/// choices sheet goes before one of the same name here.
pub type Lists = HashMap<String, Vec<Supplied>>;

/// A row inside a loop makes a question for each choice, and what is wrong with it is wrong once.
fn each_once(form: &Form, problems: &mut Vec<FormProblem>) {
    let mut nodes: HashMap<u32, u32> = HashMap::new();
    for node in &form.nodes {
        *nodes.entry(node.row).or_default() += 1;
    }
    let mut seen = HashSet::new();
    problems.retain(|problem| {
        let several = problem.place.sheet == "survey" && nodes.get(&problem.place.row).is_some_and(|n| *n > 1);
        !several || seen.insert((problem.place.row, problem.place.column.clone(), problem.what.key))
    });
}

/// Reads a form. `lists` are those that the form may name without having them on its choices sheet; `units` and
/// `household` need not be among them, since every draft brings its own.
pub fn load(book: &Book, lists: &Lists) -> Result<Loaded, Unreadable> {
    let (mut form, mut problems) = build::build(book, lists)?;
    let (links, more) = super::links::Links::build(&form);
    form.links = links;
    problems.extend(more);
    problems.sort_by_key(|a| (&a.place.sheet != "survey", a.place.row));
    each_once(&form, &mut problems);
    let mut broken: Vec<_> = problems.iter().filter(|p| p.weight == Weight::Broken).map(|p| &p.place).collect();
    broken.dedup();
    form.broken = broken.len() as u32;
    Ok(Loaded { form, problems })
}
