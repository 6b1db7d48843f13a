//! One person at one store: what every screen of a session shares.

use super::words::Lang;
use crate::command::{Failure, Office};
use crate::domain::{DossierId, Now, OfficerId, UnitId};
use crate::views::{OfficerRow, UnitRow};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The clock is handed in, as everywhere.
pub type Clock = Box<dyn Fn() -> Now + Send + Sync>;

/// What opened the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unlocked {
    KeyFile,
    Passphrase,
}

pub struct Sitting {
    office: Arc<Office>,
    clock: Clock,
    pub unlocked: Unlocked,
    /// Dossiers looked at, the latest first.
    seen: Mutex<Vec<DossierId>>,
    units: Vec<UnitRow>,
    officers: Vec<OfficerRow>,
    reach: Option<BTreeSet<UnitId>>,
}

/// So many dossiers are remembered as looked at.
const SEEN: usize = 5;

impl Sitting {
    pub fn new(office: Arc<Office>, clock: Clock, unlocked: Unlocked) -> Result<Arc<Sitting>, Failure> {
        let (units, officers, reach) = (office.units()?, office.officers()?, office.reach()?);
        Ok(Arc::new(Sitting { office, clock, unlocked, seen: Mutex::default(), units, officers, reach }))
    }

    pub fn office(&self) -> &Office {
        &self.office
    }

    pub fn now(&self) -> Now {
        (self.clock)()
    }

    /// The name of whoever sits here.
    pub fn who(&self, lang: Lang) -> String {
        self.officer(self.office.officer(), lang)
    }

    /// The units whose households may be seen; `None`: all.
    pub fn reach(&self) -> Option<&BTreeSet<UnitId>> {
        self.reach.as_ref()
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
        let found = self.units.iter().rev().find(|row| Some(row.unit) == unit);
        found.map_or_else(String::new, |row| in_lang(lang, &row.zh, &row.en).to_owned())
    }

    pub fn unit_of_code(&self, code: &str, lang: Lang) -> Option<String> {
        let found = self.units.iter().rev().find(|row| row.code == code);
        found.map(|row| in_lang(lang, &row.zh, &row.en).to_owned())
    }

    pub fn officer(&self, officer: OfficerId, lang: Lang) -> String {
        let found = self.officers.iter().find(|row| row.officer == officer);
        found.map_or_else(String::new, |row| in_lang(lang, &row.zh, &row.en).to_owned())
    }

    /// A category's code with its words in that rule set: `1 深度困难`.
    pub fn category(&self, rule_set: Option<&str>, code: &str, lang: Lang) -> String {
        let set = rule_set.and_then(|id| self.office.library().rule_sets().get(id));
        match set.and_then(|set| set.category_names(code)) {
            Some(names) => format!("{code} {}", in_lang(lang, &names.zh, &names.en)),
            None => code.to_owned(),
        }
    }

    /// A code's words; the bare code where the list does not have it.
    pub fn code(&self, list: &str, code: &str, lang: Lang) -> String {
        let found = self.office.library().codes(list).and_then(|list| list.get(code));
        found.map_or_else(|| code.to_owned(), |code| in_lang(lang, &code.zh, &code.en).to_owned())
    }
}

pub fn in_lang<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}
