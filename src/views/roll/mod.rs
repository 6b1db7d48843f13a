//! The roll in memory: what is counted, listed and taken out. One line a household, and beside the lines the answers that
//! somebody asked about, each question a column of small codes.
//! It does not know who asks: [`command`](crate::command) cuts to what is theirs before anything is counted.
//! Start reading at [`Roll`], then `columns.rs` (answers as codes), `filter.rs`, `count.rs`.
//!
//! Nothing of it is on disk. A household told of anew gets a new line at the end and its old one is dead; what an erasure
//! covers is dropped with the whole roll, which is then read again.

mod codes;
mod columns;
mod count;
mod filter;
mod line;
pub mod movement;
mod persons;

pub use codes::{CodeColumn, Interner};
pub use columns::FormColumns;
pub use count::{AGE_BANDS, Axis, Counted, Counting, Income, Keys, Shared, count};
pub use filter::{Picked, Span, Test, Tests, Where};
pub use line::{NONE_DAY, NONE_FEN, RollLine};
pub use persons::{Attribute, PersonTest, Persons};

use super::history::{History, Horizon};
use crate::domain::{DossierId, UnitId};
use std::collections::HashMap;

/// Every household within one horizon.
pub struct Roll {
    pub horizon: Horizon,
    pub lines: Vec<RollLine>,
    pub units: Interner<UnitId>,
    pub categories: Interner<String>,
    pub causes: Interner<String>,
    pub divisions: Interner<String>,
    pub series: Interner<String>,
    /// Lines from the first reading stand in the order of their ids; later ones are found here.
    sorted: usize,
    later: HashMap<DossierId, u32>,
    pub forms: Vec<FormColumns>,
}

impl Roll {
    /// A roll of these histories, in the order of their ids.
    pub fn new(horizon: Horizon) -> Roll {
        Roll {
            horizon,
            lines: Vec::new(),
            units: Interner::default(),
            categories: Interner::default(),
            causes: Interner::default(),
            divisions: Interner::default(),
            series: Interner::default(),
            sorted: 0,
            later: HashMap::new(),
            forms: Vec::new(),
        }
    }

    /// Takes a part over that was read beside this one, and comes after it.
    pub fn append(&mut self, part: Roll) {
        let moved = |lines: &[String], all: &mut Interner<String>| -> Vec<u32> {
            lines.iter().map(|text| all.code(text)).collect()
        };
        let units: Vec<u32> = part.units.all().iter().map(|unit| self.units.code(unit)).collect();
        let categories = moved(part.categories.all(), &mut self.categories);
        let causes = moved(part.causes.all(), &mut self.causes);
        let divisions = moved(part.divisions.all(), &mut self.divisions);
        let series = moved(part.series.all(), &mut self.series);
        let at = |codes: &[u32], code: u16| codes.get(usize::from(code)).map_or(code, |code| narrow(*code));
        self.lines.extend(part.lines.into_iter().map(|line| RollLine {
            unit: at(&units, line.unit),
            category: at(&categories, line.category),
            cause: at(&causes, line.cause),
            division: at(&divisions, line.division),
            series: at(&series, line.series),
            ..line
        }));
    }

    /// All of the first reading is in.
    pub fn seal(&mut self) {
        self.sorted = self.lines.len();
        self.lines.shrink_to_fit();
    }

    /// Adds a household of the first reading.
    pub fn push(&mut self, history: &History) {
        let line = RollLine::of(self, history);
        self.lines.push(line);
    }

    /// Puts a household in anew, and answers with its place; answers of it come next ([`FormColumns::push`]).
    pub fn put(&mut self, history: &History) -> usize {
        if let Some(old) = self.place(history.dossier) {
            self.lines[old].dead = true;
        }
        let at = self.lines.len();
        self.push(history);
        self.later.insert(history.dossier, at as u32);
        at
    }

    /// The line of a household.
    pub fn place(&self, dossier: DossierId) -> Option<usize> {
        if let Some(at) = self.later.get(&dossier) {
            return Some(*at as usize);
        }
        let first = self.lines.get(..self.sorted)?;
        first.binary_search_by_key(&dossier, |line| line.dossier).ok()
    }

    /// More than a tenth of the lines are dead: time to read it anew.
    pub fn is_worn(&self) -> bool {
        let added = self.lines.len() - self.sorted;
        added > 1_000 && added * 10 > self.sorted
    }

    pub fn form(&self, form: &str) -> Option<&FormColumns> {
        self.forms.iter().find(|columns| columns.form.id == form)
    }

    pub fn form_mut(&mut self, form: &str) -> Option<&mut FormColumns> {
        self.forms.iter_mut().find(|columns| columns.form.id == form)
    }
}

/// Codes of a line are two bytes: a bureau has fewer units, causes and divisions than that. What goes beyond is read as
/// the last, which stands for *others*.
fn narrow(code: u32) -> u16 {
    u16::try_from(code).unwrap_or(u16::MAX - 1)
}
