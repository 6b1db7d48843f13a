//! A step that was taken by mistake is withdrawn.

use crate::command::request::Request;
use crate::command::{Act, Duty, Failure, Household};
use crate::domain::Subject;
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::store::NotKept;
use crate::views::history::Horizon;

impl Household<'_> {
    /// Withdraws the latest step of the status machine, for a reason: it counts as not having happened, and both stay in the
    /// history. Answers with the status as it is then.
    ///
    /// Errors: whoever acts may neither take that step nor supervises the household; there is no step, or it is an approval,
    /// which another one replaces, or an objection, which is settled; no reason.
    pub fn withdraw_step(&self, why: &str) -> Result<Status, Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        let step = history.last_move(Horizon::NOW);
        let step = step.and_then(|last| history.happenings.iter().find(|h| h.entry == last.entry));
        let Some((step, to)) = step.and_then(|h| h.ledger.step().map(|(to, _)| (h, to))) else {
            return Err(Failure::NoStepToWithdraw);
        };
        // What somebody said against a notice is settled, and not taken back by somebody else.
        if matches!(step.ledger, Ledger::Approved { .. } | Ledger::TakenOver { .. } | Ledger::Objected { .. }) {
            return Err(Failure::NoStepToWithdraw);
        }
        let permit =
            self.permit(Duty::of_step(to)).or_else(|refused| self.permit(Duty::WithdrawStep).map_err(|_| refused))?;
        let why = crate::command::rights::reason(why)?;
        let Request::New(entry) = office.requested(&("withdraw", dossier.hex(), &why))? else {
            return Ok(history.status(Horizon::NOW).unwrap_or(Status::Draft));
        };
        let subject = Subject::Dossier(dossier);
        let ledger = Ledger::StepWithdrawn { dossier, step: step.entry };
        let mut act = Act::new(entry, now.at, subject, ledger).person(subject, Person::Text(why)).parents([step.entry]);
        act.expect.push(unchanged);
        match permit.keep(&act) {
            Err(Failure::NotKept(NotKept::Lost(_))) => return Err(office.moved(&office.history(dossier)?)),
            kept => kept?,
        };
        let _ = crate::command::lookup::refresh(office, dossier);
        Ok(office.history(dossier)?.status(Horizon::NOW).unwrap_or(Status::Draft))
    }
}
