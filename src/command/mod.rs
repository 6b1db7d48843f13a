//! What is done: each act of the office as a function named as a clerk would say it. Here alone form, rules, log and seal
//! meet, and here alone something is written.
//! It does not know terminals, arguments or languages: screens and command line call the same functions and print what
//! they answer. Clock and person come in with each call.
//! Start reading at [`Office`] (who holds what), then `rights/` (who may do what, and how anything comes to be kept), then
//! `survey.rs`.

pub mod adopting;
pub mod backup;
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
mod keeping;
pub mod keys;
mod leftovers;
pub mod library;
pub mod logins;
pub mod looks;
pub mod lookup;
pub mod maintenance;
pub mod members;
pub mod numbers;
pub mod opening;
pub mod people;
mod preferences;
pub mod presence;
pub mod proof;
pub mod queries;
pub mod queue;
mod record_maker;
pub mod replay;
pub mod request;
pub mod rights;
pub mod roll;
pub mod sent;
pub mod settings;
mod submit;
pub mod survey;
#[cfg(test)]
mod tests;
pub mod turns;

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
use crate::seal::{Keyring, Random};
use crate::store::{Disk, Local};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hears that something was kept, and whether it still wants to.
pub type Listener = Box<dyn Fn() -> bool + Send + Sync>;

/// An open data folder and whoever works in it. No logic of its own: the modules beside it are its verbs.
pub struct Office {
    pub(crate) store: Arc<Local>,
    pub(crate) keys: Arc<Keyring>,
    pub(crate) library: Arc<Library>,
    pub(crate) findable: Arc<lookup::Filler>,
    pub(crate) form_cache: Arc<Mutex<forms::FormCache>>,
    pub(crate) open_drafts: Arc<draft_file::OpenDrafts>,
    pub(crate) under_way: Arc<sent::UnderWay>,
    pub(crate) presence: Arc<presence::Presence>,
    pub(crate) rolls: Arc<roll::Rolls>,
    pub(crate) known_rules: adopting::Known,
    /// Which of all who sit at this store.
    seat: u64,
    /// The seats given so far.
    seats: Arc<AtomicU64>,
    /// Goes up when a record says who may do what, who gets in, or by which rules is decided.
    pub(crate) people: Arc<AtomicU64>,
    /// Told after something was kept.
    pub(crate) listeners: Arc<Mutex<Vec<Listener>>>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) folder: PathBuf,
    pub(crate) station: StationId,
    pub(crate) turns: turns::Turns,
    /// Where this machine notes what it has seen of stations, outside the folder.
    pub(crate) state: Option<PathBuf>,
    pub(crate) watch: Arc<clock::Watch>,
    pub(crate) officer: OfficerId,
    /// By what name the officer was looked for, where nobody was found.
    pub(crate) user: Arc<str>,
    /// The number of what is asked for, where whoever asks gave one.
    request: Option<[u8; 16]>,
    sessions: Mutex<rights::Sessions>,
    known_people: Arc<Mutex<Option<Arc<rights::People>>>>,
    known_rights: Mutex<Option<Arc<rights::Rights>>>,
    random: Arc<Mutex<Box<dyn Random + Send>>>,
}

impl Office {
    pub fn station(&self) -> StationId {
        self.station
    }

    /// Who acts.
    pub fn officer(&self) -> OfficerId {
        self.officer
    }

    /// The same store with somebody else at it, who came in so.
    pub fn seat(&self, officer: OfficerId, context: SessionContext) -> Office {
        Office {
            store: self.store.clone(),
            keys: self.keys.clone(),
            library: self.library.clone(),
            findable: self.findable.clone(),
            form_cache: self.form_cache.clone(),
            open_drafts: self.open_drafts.clone(),
            under_way: self.under_way.clone(),
            presence: self.presence.clone(),
            rolls: self.rolls.clone(),
            known_rules: self.known_rules.clone(),
            seat: self.seats.fetch_add(1, Ordering::Relaxed) + 1,
            seats: self.seats.clone(),
            people: self.people.clone(),
            listeners: self.listeners.clone(),
            disk: self.disk.clone(),
            folder: self.folder.clone(),
            station: self.station,
            turns: self.turns,
            state: self.state.clone(),
            watch: self.watch.clone(),
            officer,
            user: self.user.clone(),
            request: None,
            sessions: Mutex::new(rights::Sessions::new(context)),
            known_people: self.known_people.clone(),
            known_rights: Mutex::default(),
            random: self.random.clone(),
        }
    }

    /// Tells `listener` whenever something was kept, by whomever, until it answers `false`. It must not wait.
    pub fn listen(&self, listener: Listener) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub(crate) fn tell_listeners(&self) {
        tell(&self.listeners);
    }

    /// Another number than before: who may do what, or get in, has changed since.
    pub fn people_state(&self) -> u64 {
        self.people.load(Ordering::SeqCst)
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
        &self.library
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn random(&self) -> MutexGuard<'_, Box<dyn Random + Send>> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
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
        if let Some(head) = crate::views::read::chain_head(&self.store, self.station).ok().flatten() {
            turns::note_seen(self.state.as_deref(), self.station, head.seq);
        }
        drop(self.findable);
        // The thread that filled the index was the only other holder.
        match Arc::try_unwrap(self.store) {
            Ok(store) => Ok(store.stop()?),
            Err(_) => Ok(()),
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
