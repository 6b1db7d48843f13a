//! ID numbers that stand in another dossier too. The draft knows no dossiers: whoever keeps it asks, and says so here.

use super::{At, Draft};
use crate::domain::{DossierId, Given, IdNumber, Message};
use crate::form::model::ValueType;
use crate::form::problem::{Problem, What};

/// Where an ID number of this survey stands besides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The dossier to be looked at.
    /// None: nobody can tell whether it does, since some dossiers cannot be read.
    pub dossier: Option<DossierId>,
    /// In the words that whoever answers may read.
    pub said: Message,
}

impl Draft {
    /// ID numbers typed in this survey of which nobody has said yet whether they stand elsewhere.
    pub fn ids_unasked(&self) -> Vec<String> {
        let typed = self.questions().into_iter().filter_map(|at| self.id_typed(at));
        let mut ids: Vec<String> = typed.filter(|id| !self.elsewhere.contains_key(*id)).map(str::to_owned).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Says of an ID number where else it stands; `None`: nowhere.
    pub fn note_elsewhere(&mut self, id: String, elsewhere: Option<Elsewhere>) {
        self.elsewhere.insert(id, elsewhere);
    }

    /// Where the ID number typed at this place stands besides, with or without a reason given.
    pub fn held_elsewhere(&self, at: At) -> Option<&Elsewhere> {
        self.elsewhere.get(self.id_typed(at)?)?.as_ref()
    }

    /// ID numbers that stand elsewhere and were given no reason.
    pub fn all_held_elsewhere(&self) -> Vec<Problem> {
        self.all_doubts().into_iter().filter(|doubt| matches!(doubt.what, What::Elsewhere { .. })).collect()
    }

    /// The whole ID number that was typed at this place; none where it was carried and stands.
    fn id_typed(&self, at: At) -> Option<&str> {
        let question = self.form.question(at.node).filter(|question| question.value == ValueType::IdNumber)?;
        if question.supplied.is_some() || !self.exists(at) {
            return None;
        }
        let cell = self.cell(at);
        let id = cell.read();
        let carried = matches!(cell.before.as_deref(), Some(Given::Value(before)) if before == id);
        (!carried && IdNumber::from_typed(id).is_ok()).then_some(id)
    }
}
