//! What is done: each act of the office as a function named as a clerk would say it. Here alone form, rules, log and seal
//! meet, and here alone something is written.
//! It does not know terminals, arguments or languages: screens and command line call the same functions and print what
//! they answer. Clock and person come in with each call.
//! Start reading at [`Office`] (who holds what), then `rights/` (who may do what, and how anything comes to be kept), then
//! `survey.rs`.

pub mod adopting;
mod ages;
pub mod backup;
mod bureau;
pub mod calendar;
pub mod case;
pub mod clock;
pub mod contents;
pub mod demo;
pub mod dossier;
pub mod draft_file;
pub mod drafts;
pub mod erasing;
pub mod export;
pub mod failure;
pub mod forms;
pub mod fund;
pub mod heads;
pub mod import;
mod keeping;
pub mod keys;
mod leftovers;
pub mod library;
pub mod life;
pub mod logins;
pub mod looks;
pub mod lookup;
pub mod maintenance;
pub mod members;
pub mod numbers;
pub mod opening;
pub mod outputs;
pub mod people;
pub mod persons;
mod preferences;
pub mod presence;
pub mod proof;
pub mod queries;
pub mod queue;
mod record_maker;
pub mod replay;
pub mod request;
pub mod rights;
pub mod ring_back;
pub mod roll;
pub mod round;
pub mod sent;
pub mod settings;
mod submit;
pub mod survey;
#[cfg(test)]
mod tests;
pub mod turns;
mod untouched;
pub mod without_keys;

pub use crate::domain::case::Did;
/// Whether a panic, now, on this thread, is one that is caught below and said in words.
pub use crate::store::quiet::is_expected as is_expected_panic;
pub use failure::Failure;
pub use keeping::Keeping;
pub use library::Library;
pub use opening::{OpenOffice, Opened, Unlocking};
pub use record_maker::Receipt;
pub use rights::{Act, Duty, Household, Permit, Role, SessionContext, Span};

use crate::domain::{EntryId, OfficerId, StationId};
use crate::seal::Random;
use bureau::Bureau;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hears that something was kept, and whether it still wants to.
pub type Listener = Box<dyn Fn() -> bool + Send + Sync>;

/// An open data folder and whoever works in it: a bureau, an officer and a seat. No logic of its own: the modules beside it
/// are its verbs.
pub struct Office {
    pub(crate) bureau: Arc<Bureau>,
    pub(crate) officer: OfficerId,
    /// By what name the officer was looked for, where nobody was found.
    pub(crate) user: Arc<str>,
    /// Which of all who sit at this store.
    seat: u64,
    /// The number of what is asked for, where whoever asks gave one.
    request: Option<[u8; 16]>,
    sessions: Mutex<rights::Sessions>,
    known_rights: Mutex<Option<Arc<rights::Rights>>>,
}

impl Office {
    /// Nobody's yet: the first seat at a bureau that was opened.
    fn of(bureau: Bureau) -> Office {
        Office {
            bureau: Arc::new(bureau),
            officer: OfficerId([0; 16]),
            user: Arc::from(""),
            seat: 0,
            request: None,
            sessions: Mutex::new(rights::Sessions::new(SessionContext::program("opening"))),
            known_rights: Mutex::default(),
        }
    }

    /// The same store with somebody else at it, who came in so.
    pub fn seat(&self, officer: OfficerId, context: SessionContext) -> Office {
        Office {
            bureau: self.bureau.clone(),
            officer,
            user: self.user.clone(),
            seat: self.bureau.seats.given.fetch_add(1, Ordering::Relaxed) + 1,
            request: None,
            sessions: Mutex::new(rights::Sessions::new(context)),
            known_rights: Mutex::default(),
        }
    }

    pub fn station(&self) -> StationId {
        self.bureau.station
    }

    /// Who acts.
    pub fn officer(&self) -> OfficerId {
        self.officer
    }

    /// Tells `listener` whenever something was kept, by whomever, until it answers `false`. It must not wait.
    pub fn listen(&self, listener: Listener) {
        self.bureau.seats.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub(crate) fn tell_listeners(&self) {
        tell(&self.bureau.seats.listeners);
    }

    /// Another number than before: who may do what, or get in, has changed since.
    pub fn people_state(&self) -> u64 {
        self.bureau.seats.people_state.load(Ordering::SeqCst)
    }

    /// The name that the machine's user goes by, for what is said where no officer bears it.
    pub fn goes_by(&mut self, login: &str) {
        self.user = login.into();
    }

    /// Someone else sits down. Whether that is allowed is the way in's affair.
    pub fn sit_down(&mut self, officer: OfficerId) {
        self.officer = officer;
    }

    pub fn library(&self) -> &Arc<Library> {
        &self.bureau.library
    }

    pub fn folder(&self) -> &Path {
        &self.bureau.folder.path
    }

    pub(crate) fn random(&self) -> MutexGuard<'_, Box<dyn Random + Send>> {
        self.bureau.random.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sixteen random bytes.
    pub(crate) fn random_id(&self) -> Result<[u8; 16], Failure> {
        let mut id = [0; 16];
        self.random().fill(&mut id)?;
        Ok(id)
    }

    pub(crate) fn new_entry(&self) -> Result<EntryId, Failure> {
        Ok(EntryId(self.random_id()?))
    }

    /// Stops in good order: what waits is answered and synced, and the next opening knows it.
    pub fn close(self) -> Result<(), Failure> {
        let bureau = &self.bureau;
        if let Some(head) = crate::views::read::chain_head(&bureau.store, bureau.station).ok().flatten() {
            turns::note_seen(bureau.folder.state.as_deref(), bureau.station, head.seq);
        }
        // Where somebody else still sits, it stays open.
        let Some(bureau) = Arc::into_inner(self.bureau) else { return Ok(()) };
        // The thread that fills the index holds the store, too.
        drop((bureau.memory, bureau.store));
        match Arc::into_inner(bureau.local) {
            Some(store) => Ok(store.stop()?),
            None => Ok(()),
        }
    }
}

fn tell(listeners: &Mutex<Vec<Listener>>) {
    listeners.lock().unwrap_or_else(PoisonError::into_inner).retain(|listener| listener());
}

/// The most characters of a remark, a reason, a name.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// The most characters of the name of a person or a unit.
pub const NAME_CHARS_MAX: usize = 100;

/// What somebody typed, fit to be kept: nothing that a terminal obeys or that turns writing round, no blanks at the ends.
///
/// Errors: it is too long.
pub(crate) fn text(typed: &str) -> Result<String, Failure> {
    text_of(typed, TEXT_CHARS_MAX)
}

/// As [`text`], with a limit of its own.
pub(crate) fn text_of(typed: &str, most: usize) -> Result<String, Failure> {
    let lines: Vec<String> = typed.trim().lines().map(crate::lang::clean).collect();
    of_length(lines.join("\n").trim().to_owned(), most)
}

/// The name of a person or a unit, likewise, on one line.
///
/// Errors: it is too long, or nothing is left of it.
pub(crate) fn name(typed: &str) -> Result<String, Failure> {
    let name = crate::lang::clean(typed).trim().to_owned();
    if name.is_empty() {
        return Err(Failure::NoName);
    }
    of_length(name, NAME_CHARS_MAX)
}

fn of_length(text: String, most: usize) -> Result<String, Failure> {
    match text.chars().count() {
        length if length > most => Err(Failure::TextTooLong { length, most }),
        _ => Ok(text),
    }
}
