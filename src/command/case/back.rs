//! A case goes back to whoever surveyed it, with what is asked about single answers.

use super::CaseStep;
use crate::command::{Duty, Failure, Household};
use crate::domain::case;
use crate::views::history::Horizon;

impl Household<'_> {
    /// Takes a step and asks about answers of the latest survey with it: each by the question (its number, its name, its whole
    /// path) and the words. The queries are kept first, so that whoever it goes back to finds them; nothing is asked where the
    /// step would be refused.
    ///
    /// Errors: as of [`Household::take_step`] and [`Household::ask`].
    pub fn step_with_queries(&self, step: &CaseStep<'_>, asked: &[(&str, &str)]) -> Result<(), Failure> {
        // A request that is sent again is answered by its step, which was kept last.
        let again = self.office.request.is_some() && self.status(Horizon::NOW).status == Some(step.to);
        let asked = if again { &[] } else { asked };
        if !asked.is_empty() {
            let _may = self.permit(Duty::of_step(step.to))?;
            let (wanted, limits) = self.wanted(step)?;
            let read = self.read_case(&self.office.history(self.dossier)?, &wanted, true)?;
            if let Some(refusal) = case::refusal(&read.known, &wanted, &limits) {
                return Err(refusal.into());
            }
            let status = self.status(Horizon::NOW);
            for (question, text) in asked {
                self.can_ask(&self.version(&status, None)?, question, text)?;
            }
        }
        for (at, (question, text)) in asked.iter().enumerate() {
            self.ask_as(&format!("query {at}"), None, question, text)?;
        }
        self.take_step(step)
    }
}
