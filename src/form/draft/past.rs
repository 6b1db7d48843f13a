//! Taking back what was done: the draft is made again of its steps without the last one. The steps stay in the draft's file,
//! and so does the taking back.

use super::{At, Draft};
use crate::domain::Step;
use crate::form::problem::{Refusal, What};

/// What a draft was made of since it was opened.
#[derive(Clone, Debug)]
pub(super) struct Past {
    base: Box<Draft>,
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Draft {
    /// From here on steps can be taken back. Costs a copy of the draft as it stands, so whoever only reads a script in
    /// leaves it.
    pub fn keep_past(&mut self) {
        let base = Box::new(self.clone());
        self.past = Some(Box::new(Past { base, done: Vec::new(), undone: Vec::new() }));
    }

    /// Whether there is something to take back, and something taken back to do again.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        let past = self.past.as_ref();
        (past.is_some_and(|past| past.done.iter().any(changes)), past.is_some_and(|past| !past.undone.is_empty()))
    }

    /// Where the last step was made that can be taken back.
    pub fn last_step(&self) -> Option<&Step> {
        self.past.as_ref()?.done.iter().rev().find(|step| changes(step))
    }

    /// Notes a step that was done.
    pub(super) fn note_step(&mut self, step: &Step) {
        let Some(past) = &mut self.past else { return };
        if changes(step) {
            past.undone.clear();
            past.done.push(step.clone());
        } else if !matches!(step, Step::Undo { .. } | Step::Redo { .. }) {
            past.done.push(step.clone());
        }
    }

    /// Takes the last step back. Everything is made again of those before it.
    pub(super) fn undo(&mut self) -> Result<At, What> {
        let nothing = What::Refused(Refusal::NothingToUndo);
        let Some(past) = &mut self.past else { return Err(nothing) };
        let Some(last) = past.done.iter().rposition(changes) else { return Err(nothing) };
        // What came behind it was moving only.
        let step = past.done.remove(last);
        past.undone.push(step.clone());
        self.make_again();
        Ok(self.near(&step))
    }

    pub(super) fn redo(&mut self) -> Result<At, What> {
        let nothing = What::Refused(Refusal::NothingToRedo);
        let Some(step) = self.past.as_mut().and_then(|past| past.undone.pop()) else { return Err(nothing) };
        if let Some(past) = &mut self.past {
            past.done.push(step.clone());
        }
        self.make_again();
        Ok(self.near(&step))
    }

    fn make_again(&mut self) {
        let Some(past) = self.past.take() else { return };
        let (language, cursor) = (self.language, self.cursor);
        let mut draft = (*past.base).clone();
        draft.elsewhere = std::mem::take(&mut self.elsewhere);
        for step in &past.done {
            draft.apply(step);
        }
        draft.past = Some(past);
        *self = draft;
        self.cursor = cursor.filter(|at| self.exists(*at));
        self.speak(language);
        self.rows_changed = true;
        self.changed = self.questions();
    }

    /// The place of a step, or of what is left around it.
    fn near(&self, step: &Step) -> At {
        let mut path = step.path().clone();
        loop {
            if let Some(at) = self.at(&path) {
                return at;
            }
            match path.0.rfind(['/', '[']) {
                Some(end) => path.0.truncate(end),
                None => {
                    return self
                        .questions()
                        .first()
                        .copied()
                        .unwrap_or(At { row: super::RowId::ROOT, node: crate::form::model::NodeId(0) });
                }
            }
        }
    }
}

/// Whether a step changes what the survey says: moving about and the way of entering are not taken back.
fn changes(step: &Step) -> bool {
    !matches!(
        step,
        Step::Cursor { .. } | Step::Mode { .. } | Step::Language { .. } | Step::Undo { .. } | Step::Redo { .. }
    )
}

/// The steps without those that were taken back, for whoever takes them over into another version of a form.
pub fn standing(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let (mut done, mut undone): (Vec<Step>, Vec<Step>) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Undo { .. } => {
                if let Some(last) = done.iter().rposition(changes) {
                    undone.push(done.remove(last));
                }
            }
            Step::Redo { .. } => done.extend(undone.pop()),
            step => {
                if changes(&step) {
                    undone.clear();
                }
                done.push(step);
            }
        }
    }
    done
}
