//! What the program records by itself, and nobody has to be asked for: that a station began, who came and went, a store's
//! first officer and units, who claimed an officer at the folder itself, that a folder was restored, the built-in form as surveys were taken with it.

use super::Act;
use crate::command::record_maker::Receipt;
use crate::command::{Failure, Office, library};
use crate::domain::event::Ledger;
use crate::domain::{Credential, Entrance, bug};

impl Office {
    pub(in crate::command) fn record_own(&self, act: &Act) -> Result<Receipt, Failure> {
        self.record_all_own(std::slice::from_ref(act)).pop().unwrap_or(Err(Failure::NothingKept))
    }

    /// Each for itself, in order; they share a sync.
    pub(in crate::command) fn record_all_own(&self, acts: &[Act]) -> Vec<Result<Receipt, Failure>> {
        // Where nobody is yet, the first are made; where somebody is, it takes whoever keeps the people.
        let (officers, units) = match self.people() {
            Ok(people) => (people.officers.len(), people.units.len()),
            Err(failure) => return acts.iter().map(|_| Err(failure.clone())).collect(),
        };
        let is_own = |ledger: &Ledger| match ledger {
            Ledger::StationStarted { .. } | Ledger::Login { .. } | Ledger::Maintenance { .. } => true,
            Ledger::OfficerAdded { .. } => officers == 0,
            Ledger::UnitAdded { .. } => units == 0,
            Ledger::FormAdded { form, .. } => form == library::HARDSHIP,
            Ledger::CredentialSet { credential: Credential::Uid(uid), officer: Some(officer), open: true, .. } => {
                self.context().entrance == (Entrance::Folder { uid: *uid }) && *officer == self.officer()
            }
            _ => false,
        };
        let all_own = acts.iter().all(|act| !act.tells(|ledger| !is_own(ledger)));
        if !all_own {
            bug!("what the program records by itself to be no act of an officer");
        }
        self.write_all(acts)
    }

    /// Any act at all, for tests of what the log holds whoever wrote it.
    #[cfg(test)]
    pub(in crate::command) fn keep(&self, act: &Act) -> Result<Receipt, Failure> {
        self.write(act)
    }
}
