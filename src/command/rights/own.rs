//! What the program records by itself, and nobody has to be asked for: that a station began, who came and went, a store's
//! first officer and units, who claimed an officer at the folder itself, that a folder was restored, the built-in form as surveys were taken with it.

use super::Act;
use crate::command::record_maker::Receipt;
use crate::command::{Failure, Office};
use crate::domain::bug;
use crate::domain::event::Ledger;

impl Office {
    pub(in crate::command) fn record_own(&self, act: &Act) -> Result<Receipt, Failure> {
        self.record_all_own(std::slice::from_ref(act)).pop().unwrap_or(Err(Failure::NothingKept))
    }

    /// Each for itself, in order; they share a sync.
    pub(in crate::command) fn record_all_own(&self, acts: &[Act]) -> Vec<Result<Receipt, Failure>> {
        let is_own = |ledger: &Ledger| {
            matches!(
                ledger,
                Ledger::StationStarted { .. }
                    | Ledger::Login { .. }
                    | Ledger::CredentialSet { .. }
                    | Ledger::OfficerAdded { .. }
                    | Ledger::UnitAdded { .. }
                    | Ledger::FormAdded { .. }
                    | Ledger::Maintenance { .. }
            )
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
