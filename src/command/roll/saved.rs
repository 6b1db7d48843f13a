//! Questions to the roll, kept by name: a setting each, which everybody who may ask the roll can ask again.

use super::{NotARoll, RollQuery};
use crate::command::rights::{Act, Duty};
use crate::command::{Failure, Office};
use crate::domain::event::Ledger;
use crate::domain::{Now, Subject};
use crate::views;

/// A question and its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedRoll {
    pub name: String,
    pub asked: RollQuery,
}

const BEGINNING: &str = "roll.";
/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 40;
/// The longest question, in characters.
pub const QUERY_CHARS_MAX: usize = 10_000;

impl Office {
    /// Every saved question that whoever acts may ask, by name: another's conditions may say what is covered.
    pub fn saved_rolls(&self, now: Now) -> Result<Vec<SavedRoll>, Failure> {
        let _ = self.may(Duty::Roll, now)?;
        let mut rows = views::settings::settings_beginning(&self.bureau.store, &self.bureau.keys, BEGINNING)?;
        // Two stations may have said it apart: the later counts.
        rows.sort_by(|a, b| (&a.key, a.at, a.entry).cmp(&(&b.key, b.at, b.entry)));
        let last = rows.chunk_by(|a, b| a.key == b.key).filter_map(|rows| rows.last());
        Ok(last
            .filter_map(|row| {
                // An empty one was taken back; one that a later program wrote is not ours to read.
                let asked: RollQuery = serde_json::from_str(&row.value).ok()?;
                // What is understood no more may say anything.
                let open = self.understand(&asked, now.today).is_ok_and(|of| of.covered.or(of.of_cause).is_none());
                if !open && self.may(Duty::RollCovered, now).is_err() {
                    return None;
                }
                Some(SavedRoll { name: row.key.strip_prefix(BEGINNING)?.to_owned(), asked })
            })
            .collect())
    }

    pub fn saved_roll(&self, name: &str, now: Now) -> Result<RollQuery, Failure> {
        let all = self.saved_rolls(now)?;
        match all.iter().find(|saved| saved.name == name) {
            Some(saved) => Ok(saved.asked.clone()),
            None => Err(NotARoll::NoSuchSaved {
                asked: name.to_owned(),
                known: all.iter().map(|saved| saved.name.as_str()).collect::<Vec<_>>().join(", "),
            }
            .into()),
        }
    }

    /// Keeps a question under a name; `None` takes it back.
    ///
    /// Errors: it is not understood; it names what is covered, which would outlast an erasure.
    pub fn save_roll(&self, name: &str, asked: Option<&RollQuery>, now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::Roll, now)?;
        let name = name.trim();
        let is_name = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && crate::lang::clean(name) == name;
        if !is_name {
            return Err(NotARoll::NotAName.into());
        }
        let value = match asked {
            Some(asked) => {
                let understood = self.understand(asked, now.today)?;
                // A code of a list names nobody; a condition may name anybody.
                if let Some(what) = understood.covered.filter(|_| !asked.conditions.is_empty()) {
                    return Err(NotARoll::CoveredSaved { what }.into());
                }
                super::super::of_length(serde_json::to_string(asked).unwrap_or_default(), QUERY_CHARS_MAX)?
            }
            None => {
                self.saved_roll(name, now)?;
                String::new()
            }
        };
        let key = format!("{BEGINNING}{name}");
        let before = views::settings::setting_rows(&self.bureau.store, &self.bureau.keys, &key)?;
        let ledger = Ledger::SettingSet { key, value, since: None };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger);
        permit.keep(&act.parents(before.iter().map(|row| row.entry))).map(drop)
    }
}
