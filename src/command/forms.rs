//! Forms in the store: each version is kept whole, so that a survey is shown decades later with the form it was taken
//! with, and a draft goes on after its form has changed.

use super::rights::{Act, Duty};
use super::{Failure, Office, library};
use crate::data;
use crate::domain::event::Ledger;
use crate::domain::{EntryId, Now, Subject};
use crate::form::{Book, Form};
use crate::views::{self, FormRow};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The most text that the files of one form may have, in bytes: what a record has room for.
pub const FILES_MAX: usize = 6 << 20;

/// What was read of the store's forms in this session.
#[derive(Default)]
pub struct FormCache {
    read: HashMap<(String, String), Arc<Form>>,
    /// Versions of built-in forms that are known to be in the store.
    kept: HashSet<(String, String)>,
}

type Files = Vec<(String, String)>;

impl Office {
    /// Takes a form into the store, unless this very form is there already.
    ///
    /// Errors: everything that is wrong with it; a name that the program keeps for its own form; a version that the store
    /// has with other content.
    /// `name` is what a form without an id of its own is called: that of its file.
    pub fn add_form(&self, book: &Book, name: &str, now: Now) -> Result<Arc<Form>, Failure> {
        let permit = self.may(Duty::AddForm, now)?;
        let mut form = self.bureau.library.read_form(book)?.0;
        if form.id.is_empty() {
            name.clone_into(&mut form.id);
        }
        // What a form is called is shown wherever its surveys are.
        form.id = super::name(&form.id)?;
        if form.id == library::HARDSHIP {
            return Err(Failure::FormNameTaken { form: form.id.clone() });
        }
        let files = book.to_csv();
        if files.iter().map(|(_, text)| text.len()).sum::<usize>() > FILES_MAX {
            return Err(Failure::FormTooLarge { form: form.id.clone(), limit: (FILES_MAX >> 20) as u64 });
        }
        form.version = version_of(&form, &files);
        let rows = self.forms()?;
        let mut there = rows.iter().filter(|row| row.form == form.id && row.version == form.version).peekable();
        if there.peek().is_some() {
            // Two stations may have added one version with two contents; either is the form.
            let same = |row| Ok::<bool, Failure>(self.form_files(row)? == files);
            let known = there.map(same).collect::<Result<Vec<bool>, Failure>>()?;
            return match known.contains(&true) {
                true => Ok(self.cache_form(form)),
                false => Err(Failure::FormVersionTaken { form: form.id.clone(), version: form.version.clone() }),
            };
        }
        permit.keep(&self.adding_form(&form, files, now))?;
        Ok(self.cache_form(form))
    }

    /// Keeps the version of the built-in form that a survey was taken with, the first time one is.
    pub(super) fn keep_built_in(&self, form: &Form, now: Now) -> Result<(), Failure> {
        let name = (form.id.clone(), form.version.clone());
        if form.id != library::HARDSHIP || self.form_cache().kept.contains(&name) {
            return Ok(());
        }
        if !self.forms()?.iter().any(|row| (&row.form, &row.version) == (&form.id, &form.version)) {
            let files = data::folder("forms/hardship").map(|(name, text)| (name.to_owned(), text.to_owned()));
            self.record_own(&self.adding_form(form, files.collect(), now))?;
        }
        self.form_cache().kept.insert(name);
        Ok(())
    }

    fn adding_form(&self, form: &Form, files: Files, now: Now) -> Act {
        // The same content sent twice is one act.
        let mut hasher = blake3::Hasher::new_derive_key("dossier v1 entry of a form");
        hasher.update(&self.bureau.station.0);
        for part in [&form.id, &form.version].into_iter().chain(files.iter().flat_map(|(name, text)| [name, text])) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut entry = [0; 16];
        hasher.finalize_xof().fill(&mut entry);
        let (id, version, title) = (form.id.clone(), form.version.clone(), form.title.clone());
        let ledger = Ledger::FormAdded { form: id, version, title, files };
        Act::new(EntryId(entry), now.at, Subject::Bureau, ledger)
    }

    /// Every version of every form in the store.
    pub fn forms(&self) -> Result<Vec<FormRow>, Failure> {
        Ok(views::forms::all(&*self.bureau.store, &self.bureau.keys)?)
    }

    /// The files of one version, as they were added.
    pub fn form_files(&self, row: &FormRow) -> Result<Files, Failure> {
        Ok(views::forms::files(&*self.bureau.store, &self.bureau.keys, row.entry)?)
    }

    /// A form in that very version: the program's own, or one of the store. None: nobody has it.
    pub fn form(&self, id: &str, version: &str) -> Result<Option<Arc<Form>>, Failure> {
        if let Some(form) = self.bureau.library.form(id).filter(|form| form.version == version) {
            return Ok(Some(form.clone()));
        }
        if let Some(form) = self.form_cache().read.get(&(id.to_owned(), version.to_owned())) {
            return Ok(Some(form.clone()));
        }
        let rows = self.forms()?;
        let row = rows.iter().find(|row| row.form == id && row.version == version);
        row.map(|row| self.read_kept(row)).transpose()
    }

    /// A form as it is taken now: the program's own, or the version added last. Without a version asked for.
    pub fn form_now(&self, id: &str) -> Result<Arc<Form>, Failure> {
        if let Some(form) = self.bureau.library.form(id) {
            return Ok(form.clone());
        }
        let row = self.forms()?.into_iter().rfind(|row| row.form == id);
        let row = row.ok_or_else(|| Failure::NoSuchForm { asked: id.to_owned() })?;
        self.form(id, &row.version)?.map_or_else(|| self.read_kept(&row), Ok)
    }

    /// The form a survey was taken with; in the version there is, where its own was never kept (a form of a file, before
    /// forms were).
    pub fn form_of(&self, id: &str, version: &str) -> Option<Arc<Form>> {
        self.form(id, version).ok().flatten().or_else(|| self.form_now(id).ok())
    }

    fn read_kept(&self, row: &FormRow) -> Result<Arc<Form>, Failure> {
        let files = self.form_files(row)?;
        let book = Book::from_csv(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))?;
        // It was found right when it was added: what a later program thinks of it changes nothing.
        let mut form = self.bureau.library.check_form(&book)?.form;
        (form.id, form.version) = (row.form.clone(), row.version.clone());
        Ok(self.cache_form(form))
    }

    fn cache_form(&self, form: Form) -> Arc<Form> {
        let name = (form.id.clone(), form.version.clone());
        self.form_cache().read.entry(name).or_insert_with(|| Arc::new(form)).clone()
    }

    fn form_cache(&self) -> std::sync::MutexGuard<'_, FormCache> {
        self.bureau.memory.forms.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A form without a version is told apart by its content.
fn version_of(form: &Form, files: &Files) -> String {
    if !form.version.is_empty() {
        return form.version.clone();
    }
    let mut hasher = blake3::Hasher::new();
    for part in files.iter().flat_map(|(name, text)| [name, text]) {
        hasher.update(part.as_bytes());
    }
    format!("~{}", &hasher.finalize().to_hex()[..8])
}
