//! Rule sets that the bureau made its own, each by a record: who decided, on which paper, in force from and to. What the
//! program brings along is a sample until then.

use super::{Act, Duty, Failure, Office};
use crate::data;
use crate::domain::event::Ledger;
use crate::domain::{Day, EntryId, Now, Subject};
use crate::views::settings::{self, AdoptedRow};

/// **[disk]**
const RULE_SET: &str = "rule_set";

/// How an approval stands to what the bureau adopted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Adopted {
    /// By that record.
    By(EntryId),
    /// The bureau has adopted nothing yet: the set decides as a sample.
    Sample,
    /// The bureau has adopted others, and not this one for that day.
    Not,
}

impl Office {
    /// Adopts a rule set that the program brings along, as it is.
    ///
    /// Errors: whoever acts neither approves nor supervises; no such set; no paper; a last day before the first, a decision of
    /// a day still to come.
    pub fn adopt_rules(
        &self,
        id: &str,
        document: &str,
        decided_on: Day,
        days: (Option<Day>, Option<Day>),
        now: Now,
    ) -> Result<(), Failure> {
        let permit = self.may(Duty::AdoptRules, now)?;
        let sets = self.library.rule_sets();
        let known = || sets.iter().map(|set| set.id.as_str()).collect::<Vec<_>>().join(", ");
        let none = || Failure::NotInList { list: RULE_SET, asked: id.to_owned(), known: known() };
        let set = sets.get(id).ok_or_else(none)?;
        let text = data::file(&format!("rules/{}", set.file)).or_else(|| data::file(&format!("rules/{id}.toml")));
        let document = super::name(document)?;
        let (since, until) = (days.0.unwrap_or(set.in_force_from), days.1.or(set.in_force_to));
        if decided_on > now.today {
            return Err(Failure::StepAhead { on: decided_on });
        }
        if let Some(last) = until.filter(|until| *until < since) {
            return Err(Failure::StepTooEarly { on: last, last: since });
        }
        // What was adopted under that name before is superseded.
        let before = self.adopted_rules()?.into_iter().filter(|row| row.id == set.id).map(|row| row.entry);
        let ledger = Ledger::Adopted {
            what: RULE_SET.to_owned(),
            id: set.id.clone(),
            text: text.ok_or_else(none)?.to_owned(),
            document,
            decided_on,
            since,
            until,
        };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).parents(before.collect::<Vec<_>>());
        permit.keep(&act).map(drop)
    }

    /// What is adopted and not superseded, by the day it is in force from.
    pub fn adopted_rules(&self) -> Result<Vec<AdoptedRow>, Failure> {
        let mut rows = settings::adopted(&self.store, &self.keys, RULE_SET)?;
        rows.sort_by(|a, b| (a.since, &a.id, a.at).cmp(&(b.since, &b.id, b.at)));
        Ok(rows)
    }

    /// Whether a decision by that set, about that day, is by rules that the bureau adopted.
    pub(super) fn is_adopted(&self, id: &str, on: Day) -> Result<Adopted, Failure> {
        let rows = self.adopted_rules()?;
        let holds = |row: &&AdoptedRow| row.id == id && row.since <= on && row.until.is_none_or(|until| on <= until);
        Ok(match rows.iter().rev().find(holds) {
            Some(row) => Adopted::By(row.entry),
            None if rows.is_empty() => Adopted::Sample,
            None => Adopted::Not,
        })
    }
}
