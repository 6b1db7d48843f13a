//! Finding a household by whatever one has: the index in memory, kept in step with what is kept.

use super::{Failure, Office};
use crate::domain::{DossierId, UnitId};
use crate::views::history::{History, Horizon};
use crate::views::search::{Answer, Ask, Index, Row, Scope, Unit};
use crate::views::{self, Face, UnitRow};
use std::collections::HashMap;
use std::sync::PoisonError;

impl Office {
    /// Households that `text` finds, best first. Cut to the asker's units before ranking.
    pub fn lookup(&self, text: &str, scope: Scope<'_>, limit: usize) -> Answer {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.search(Ask { text, scope, limit })
    }

    /// How many households can be found.
    pub fn findable(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Fills the index from the views.
pub(super) fn fill(office: &Office) -> Result<(), Failure> {
    let units = units(office)?;
    let mut faces: HashMap<DossierId, Face> = HashMap::new();
    views::read::each_face(&office.store, &office.keys, |dossier, face| {
        faces.insert(dossier, face);
        true
    })?;
    let mut rows = Vec::with_capacity(faces.len());
    views::read::each_history(&office.store, &office.keys, |history| {
        if let Ok(history) = history {
            rows.push(row(&history, faces.remove(&history.dossier), &units));
        }
        true
    })?;
    *office.index.write().unwrap_or_else(PoisonError::into_inner) = Index::build(rows);
    Ok(())
}

/// Puts one household in anew, after something of it was kept.
pub(super) fn refresh(office: &Office, dossier: DossierId) -> Result<(), Failure> {
    let units = units(office)?;
    let history = office.history(dossier)?;
    let row = row(&history, office.face(dossier)?, &units);
    office.index.write().unwrap_or_else(PoisonError::into_inner).put(row);
    Ok(())
}

fn units(office: &Office) -> Result<HashMap<UnitId, UnitRow>, Failure> {
    Ok(office.units()?.into_iter().map(|u| (u.unit, u)).collect())
}

fn row(history: &History, face: Option<Face>, units: &HashMap<UnitId, UnitRow>) -> Row {
    let mut numbers = history.numbers(Horizon::NOW);
    let versions = history.versions(Horizon::NOW);
    let unit = history.unit(Horizon::NOW).and_then(|id| units.get(&id));
    let (names, id_numbers, phones, born, other) = match face {
        Some(face) => (face.names, face.id_numbers, face.phones, face.born, face.other_numbers),
        None => Default::default(),
    };
    let number = numbers.pop().unwrap_or_default();
    numbers.extend(other);
    Row {
        dossier: history.dossier,
        number,
        other_numbers: numbers,
        names,
        unit: unit.map_or_else(
            || Unit { id: UnitId([0; 16]), short: String::new(), name: String::new() },
            |u| Unit { id: u.unit, short: u.code.clone(), name: u.zh.clone() },
        ),
        id_numbers,
        phones,
        birth_year: born.and_then(|day| u16::try_from(day.year()).ok()),
        category: History::deciding(&versions).and_then(|v| v.survey.category.clone()).unwrap_or_default(),
        status: history.status(Horizon::NOW).map(|s| s.code().to_owned()).unwrap_or_default(),
    }
}
