//! A dossier's way through its statuses: each step is an act with a day, and a reason where the step needs one.

use super::people::Duty;
use super::{Act, Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, DossierId, Now, Subject};
use crate::store::NotKept;
use crate::views::history::Horizon;

impl Office {
    /// Moves a dossier to its next status on the day `on`. `reason` is a code (of list `close_reason` when closing),
    /// `why` are words for it, sealed with the dossier.
    ///
    /// Errors: whoever acts has no role for it; a move that the status does not allow; a day before that of the step before
    /// it, or still to come; somebody else went on with the dossier meanwhile.
    pub fn move_status(
        &self,
        dossier: DossierId,
        to: Status,
        on: Day,
        reason: Option<&str>,
        why: Option<&str>,
        now: Now,
    ) -> Result<(), Failure> {
        self.needs(match to {
            Status::Submitted | Status::Verifying => Duty::Verify,
            _ => Duty::Decide,
        })?;
        let unchanged = self.unchanged(dossier)?;
        let history = self.history(dossier)?;
        let from = history.status(Horizon::NOW).unwrap_or(Status::Draft);
        from.may_move(to).map_err(Failure::NotAllowed)?;
        let last = history.last_move(Horizon::NOW);
        if let Some(last) = last.filter(|last| on < last.on) {
            return Err(Failure::StepTooEarly { on, last: last.on });
        }
        if on > now.today {
            return Err(Failure::StepAhead { on });
        }
        let subject = Subject::Dossier(dossier);
        let ledger = Ledger::StatusMoved { dossier, to, on, reason: reason.map(str::to_owned) };
        let mut act = Act::new(self.new_entry()?, now.at, subject, ledger)
            .parents(history.heads(Horizon::NOW).all().iter().copied())
            .parents(last.map(|last| last.entry));
        if let Some(why) = why {
            act = act.person(subject, Person::Text(why.to_owned()));
        }
        act.expect.push(unchanged);
        match self.keep(&act) {
            Err(Failure::NotKept(NotKept::Lost(_))) => return Err(self.moved(&self.history(dossier)?)),
            kept => kept?,
        };
        // The move is kept; an index that cannot be refreshed now is filled at the next opening.
        let _ = super::lookup::refresh(self, dossier);
        Ok(())
    }
}
