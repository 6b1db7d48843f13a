//! An XLSForm, as authors write it, becomes a [`Form`]: sheets of text cells ([`workbook`]), headers understood
//! ([`columns`]), types understood ([`types`]), rows put together ([`build`]). Every problem is kept with its cell and
//! nothing stops at the first. Nothing here evaluates an expression.
//! Start reading at [`load`].

mod build;
pub(crate) use build::nearest;
pub mod choices;
pub mod columns;
mod repack;
pub mod types;
pub mod workbook;

pub use workbook::Book;

use super::model::{Form, Supplied};
use super::problem::{FormProblem, Unreadable, Weight};
use std::collections::HashMap;

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
        self.problems.iter().all(|p| p.weight == Weight::Warning)
    }

    pub fn errors(&self) -> impl Iterator<Item = &FormProblem> {
        self.problems.iter().filter(|p| p.weight == Weight::Error)
    }
}

/// Lists that the caller knows by name: code lists (whole; a draft is handed those cut to its day). A list of the
/// choices sheet goes before one of the same name here.
pub type Lists = HashMap<String, Vec<Supplied>>;

/// Reads a form. `lists` are those that the form may name without having them on its choices sheet; `units` and
/// `household` need not be among them, since every draft brings its own.
pub fn load(book: &Book, lists: &Lists) -> Result<Loaded, Unreadable> {
    let (mut form, mut problems) = build::build(book, lists)?;
    let (links, more) = super::links::Links::build(&form);
    form.links = links;
    problems.extend(more);
    problems.sort_by(|a, b| (&a.place.sheet != "survey", a.place.row).cmp(&(&b.place.sheet != "survey", b.place.row)));
    Ok(Loaded { form, problems })
}

#[cfg(test)]
mod temp {
    use super::*;
    #[test]
    fn structure() {
        let dir = std::path::Path::new("/work/shared/xlsforms");
        let index = std::fs::read_to_string(dir.join("INDEX.tsv")).unwrap();
        let (mut bad, mut missing, mut extra, mut ok) = (0, 0, 0, 0);
        let t0 = std::time::Instant::now();
        for line in index.lines().skip(1) {
            let c: Vec<&str> = line.split('\t').collect();
            let name = if c[15].is_empty() { c[0] } else { c[15] };
            let bytes = std::fs::read(dir.join("forms").join(name)).unwrap();
            let (form, problems) = match Book::from_workbook(&bytes).and_then(|b| build::build(&b, &HashMap::new())) {
                Ok(x) => x,
                Err(e) => { println!("{} {e:?}", c[1]); continue; }
            };
            for p in problems.iter().filter(|p| p.weight == Weight::Error) { println!("{} {p:?}", c[1]); bad += 1; }
            let Ok(t) = std::fs::read_to_string(dir.join("expected").join(c[1]).join("1.expected.json")) else { println!("{} no expected; {}", c[1], c[14]); continue };
            let v: serde_json::Value = serde_json::from_str(&t).unwrap();
            let mut want = std::collections::BTreeMap::new();
            for n in v["nodes"].as_array().unwrap() {
                let path = n["path"].as_str().unwrap();
                if n["kind"] == "instance" { continue; }
                let plain: String = path.split('/').map(|s| s.split('[').next().unwrap()).collect::<Vec<_>>().join("/");
                want.insert(plain, (n["kind"].as_str().unwrap().to_owned(), n["type"].as_str().unwrap_or("").to_owned()));
            }
            for (path, (kind, ty)) in &want {
                if path.starts_with("meta/") { continue; }
                match form.by_path.get(path) {
                    None => { missing += 1; println!("{} missing {path} {kind}", c[1]); }
                    Some(id) => {
                        let node = form.node(*id);
                        let (k, t) = match &node.kind {
                            crate::form::model::Kind::Group => ("group", ""),
                            crate::form::model::Kind::Repeat { .. } => ("repeat", ""),
                            crate::form::model::Kind::Question(q) => crate::form::run::words(q),
                        };
                        if k != kind || t != ty { extra += 1; println!("{} {path} want {kind} {ty} have {k} {t} ({:?})", c[1], node.question().map(|q| &q.typed)); } else { ok += 1; }
                    }
                }
            }
        }
        println!("bad {bad} missing {missing} differ {extra} ok {ok} {:?}", t0.elapsed());
    }
}
