//! What the survey screen needs from whoever opened it: every answer made safe as it is given, and the survey taken
//! in when it is finished.

use crate::domain::{Answers, DossierId, Message, Path, Step};
use crate::form::Draft;
use crate::lang::Lang;
use crate::tui::screen::Then;

/// Keeps a draft while it is answered. The screen calls it after each step; it never writes by itself.
pub trait Keeper: Send {
    /// The step has just been applied to the draft; it is to be written at once (and synced by [`Self::sync`] soon).
    /// The draft is handed over since a new row of persons gets its person here. An error is shown and stays shown;
    /// the answer itself stands in the draft all the same.
    fn keep(&mut self, draft: &mut Draft, step: &Step) -> Result<(), Message>;

    /// What stands in the field at `path` and was not entered yet; empty when it was. Kept so that a lost line costs
    /// no word of it.
    fn typing(&mut self, _path: &Path, _text: &str) {}

    /// What was written must be on the disk when this returns. Called when the screen is left or the line lost.
    fn sync(&mut self) -> Result<(), Message>;

    /// The same without waiting for the disk: whether everything is there by now. Asked again until it is.
    fn sync_behind(&mut self) -> Result<bool, Message> {
        self.sync().map(|()| true)
    }

    /// Whoever answers chose how to enter; their next draft begins so.
    fn prefers(&mut self, _heads_down: bool) {}

    /// Says to the draft of each ID number typed whether it stands in another dossier, however long finding that out takes:
    /// before it is finished. After a step it is said as soon as it is known ([`Self::keep`]).
    fn say_elsewhere(&mut self, _draft: &mut Draft) -> Result<(), Message> {
        Ok(())
    }

    /// Opens another dossier over the survey, to be looked at.
    fn look_at(&self, _dossier: DossierId) -> Then {
        Then::Ignore
    }

    /// Who else has the household open, in a sentence.
    fn others(&self, _lang: Lang) -> Option<Message> {
        None
    }

    /// Why whoever answers may not survey any more.
    fn barred(&self) -> Option<Message> {
        None
    }

    /// The survey is finished and nothing blocks it: take it in. What comes back is shown; only here may a category
    /// be named. `beside`: keep it though the dossier has gone on meanwhile.
    fn submit(&mut self, draft: &Draft, answers: Answers, beside: bool) -> Result<Finished, NotTaken>;
}

/// What became of a finished survey: sentences, the most important first. Names inside them are of one language, so
/// there is a set for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    pub heading: Message,
    pub zh: Vec<Message>,
    pub en: Vec<Message>,
}

/// Why a finished survey was not taken in. The draft stays as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotTaken {
    Because(Message),
    /// Someone went on with the dossier meanwhile: who, when. It may be kept beside theirs.
    Moved(Message),
}
