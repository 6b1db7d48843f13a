//! The roll leaves the house: in a file, on paper, to whoever reads standard output. Each time is a record at every
//! household that went, before a byte is written; and one of the bureau, which says what was asked for.

use super::{RollFound, RollQuery};
use crate::command::rights::{Act, Duty};
use crate::command::{Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{DossierId, Now, Subject};

/// The word that a way out is recorded: whatever writes takes one.
#[must_use]
#[non_exhaustive]
pub struct Taken {
    pub households: usize,
}

/// Households named in one record.
const AT_ONCE: usize = 2_000;

impl Office {
    /// Records that what was found goes out. `what` is `export` or `print`; `listed`: the households go out as rows, and not
    /// only their counts.
    ///
    /// Errors: no right to it; it could not be recorded, so it does not go.
    pub fn take_out(&self, found: &RollFound, what: &str, listed: bool, now: Now) -> Result<Taken, Failure> {
        let dossiers: &[DossierId] = if listed { &found.dossiers } else { &[] };
        self.record_way_out(Duty::TakeOut, dossiers, what, &found.asked.described(), now)
    }

    pub(in crate::command) fn record_way_out(
        &self,
        duty: Duty,
        dossiers: &[DossierId],
        what: &str,
        described: &str,
        now: Now,
    ) -> Result<Taken, Failure> {
        let permit = self.may(duty, now)?;
        let looked =
            |subjects: Vec<Subject>| Ledger::Looked { subjects, what: what.to_owned(), important: dossiers.len() > 1 };
        let mut acts = Vec::with_capacity(1 + dossiers.len() / AT_ONCE);
        let reported = Person::Text(format!("{described} ({})", dossiers.len()));
        let whole = Act::new(self.new_entry()?, now.at, Subject::Bureau, looked(vec![Subject::Bureau]));
        acts.push(whole.person(Subject::Bureau, reported));
        for some in dossiers.chunks(AT_ONCE) {
            let subjects = some.iter().copied().map(Subject::Dossier).collect();
            acts.push(Act::new(self.new_entry()?, now.at, Subject::Bureau, looked(subjects)));
        }
        permit.keep_all(&acts).into_iter().collect::<Result<Vec<_>, Failure>>()?;
        Ok(Taken { households: dossiers.len() })
    }
}

impl RollQuery {
    /// What was asked, for a record. A condition may name people: that there was one is all that is said.
    pub fn described(&self) -> String {
        let mut parts: Vec<String> =
            self.filters.iter().map(|(name, values)| format!("{name}={}", values.join(","))).collect();
        parts.extend(self.conditions.iter().map(|_| "where".to_owned()));
        parts.extend([&self.group, &self.cross].into_iter().flatten().map(|axis| format!("by {axis}")));
        parts.extend(self.as_of.map(|day| format!("as of {day}")));
        format!("roll {}", parts.join(" ")).trim_end().to_owned()
    }
}

impl Office {
    /// Records that figures of a movement go out.
    pub fn record_movement_out(&self, movement: &super::movement::Movement, now: Now) -> Result<Taken, Failure> {
        let described = format!("roll movement {}..{} by {}", movement.from, movement.to, movement.by.code());
        self.record_way_out(Duty::TakeOut, &[], "export", &described, now)
    }
}
