//! One person at one store: what every screen of a session shares.

use crate::command::{Duty, Failure, Household, Office};
use crate::domain::{DossierId, Message, Now, OfficerId, UnitId};
use crate::lang::Lang;
use crate::present;
use std::sync::{Arc, Mutex, PoisonError};

/// The clock is handed in, as everywhere.
pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// What opened the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unlocked {
    KeyFile,
    Passphrase,
}

pub struct Session {
    office: Arc<Office>,
    clock: Clock,
    pub unlocked: Unlocked,
    /// Dossiers looked at, the latest first.
    seen: Mutex<Vec<DossierId>>,
}

/// So many dossiers are remembered as looked at.
const SEEN: usize = 5;

impl Session {
    pub fn new(office: Arc<Office>, clock: Clock, unlocked: Unlocked) -> Result<Arc<Session>, Failure> {
        Ok(Arc::new(Session { office, clock, unlocked, seen: Mutex::default() }))
    }

    pub fn office(&self) -> &Office {
        &self.office
    }

    pub fn now(&self) -> Now {
        (self.clock)()
    }

    /// How facts are called.
    pub fn words(&self, lang: Lang) -> present::Words<'_> {
        present::Words::new(&self.office, lang)
    }

    /// The name of whoever sits here.
    pub fn who(&self, lang: Lang) -> String {
        self.officer(self.office.officer(), lang)
    }

    /// A household, for one act.
    pub fn open(&self, dossier: DossierId) -> Result<Household<'_>, Failure> {
        self.office.open(dossier, self.now())
    }

    /// Whether whoever sits here carries a duty at all.
    pub fn carries(&self, duty: Duty) -> bool {
        self.office.carries(duty)
    }

    pub fn look_at(&self, dossier: DossierId) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|known| *known != dossier);
        seen.insert(0, dossier);
        seen.truncate(SEEN);
    }

    pub fn seen(&self) -> Vec<DossierId> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn unit(&self, unit: Option<UnitId>, lang: Lang) -> String {
        self.words(lang).unit(unit).shown()
    }

    /// Who else has a dossier open: `王芳 has this dossier open since 14:03`.
    pub fn others_at(&self, dossier: DossierId, lang: Lang) -> Option<Message> {
        let others = self.office.others_at(dossier);
        let first = others.first()?;
        let at = first.since.local();
        // Of a session that began on another day, the day too.
        let at = if first.since.day() == self.now().today { at[at.len() - 5..].to_owned() } else { at };
        let said = match (first.surveys, others.len()) {
            (true, 1) => "tui.presence.surveys",
            (false, 1) => "tui.presence.reads",
            (true, _) => "tui.presence.surveys_and_more",
            (false, _) => "tui.presence.reads_and_more",
        };
        Some(
            Message::new(said)
                .with("by", self.officer(first.officer, lang))
                .with("at", at)
                .with("more", others.len() - 1),
        )
    }

    pub fn officer(&self, officer: OfficerId, lang: Lang) -> String {
        self.words(lang).officer(officer)
    }

    /// A category's code with its words in that rule set: `1 深度困难`.
    pub fn category(&self, rule_set: Option<&str>, code: &str, lang: Lang) -> String {
        self.words(lang).category(rule_set, Some(code), true).shown()
    }

    /// A code's words; the bare code where the list does not have it.
    pub fn code(&self, list: &str, code: &str, lang: Lang) -> String {
        self.words(lang).code(list, code).shown()
    }
}
