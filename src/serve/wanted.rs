//! What somebody wants who sits down.

use crate::command::Failure;
use crate::command::survey::Begin;
use crate::tui::session::Session;
use crate::tui::{Screen, surveying};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which session a line asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Wanted {
    /// The one there is; a new one if there is none.
    Mine,
    New,
    /// One of several, by its number.
    Number(u64),
    /// A new one, straight into a survey.
    Survey(Straight),
}

/// Which survey.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Straight {
    /// The dossier's number; none: a new household.
    pub number: Option<String>,
    /// The id of a form in the store; none: the hardship survey.
    pub form: Option<String>,
    /// The version to be corrected.
    pub corrects: Option<u32>,
    /// Only what changed is asked.
    pub updates: bool,
}

impl Straight {
    /// The survey's screen, its draft taken up where one waits.
    pub fn screen(&self, session: &Arc<Session>) -> Result<Box<dyn Screen>, Failure> {
        let office = session.office();
        let begin = Begin {
            dossier: match &self.number {
                Some(number) => Some(office.find(number, session.now())?.id()),
                None => None,
            },
            form: match &self.form {
                Some(id) => office.form_now(id)?,
                None => office.library().hardship()?.clone(),
            },
            corrects: self.corrects,
            updates: self.updates,
            on_disk: true,
        };
        Ok(Box::new(surveying::straight_into(session, begin)?))
    }
}
