//! The roll in memory: read when it is first asked for, kept in step with what is kept, dropped at an erasure.
//!
//! The first use reads every household's row, and every survey once for the answers that are asked about: that is as long
//! as it takes, on all processors, and `cargo bench --bench roll` says how long. After that a filter walks columns.

use crate::command::{Failure, Office};
use crate::domain::{Answers, Day, DossierId, EntryId, Subject};
use crate::expr::NodeId;
use crate::form::Form;
use crate::log::Record;
use crate::seal::Keyring;
use crate::store::{self, Read};
use crate::views::roll::{FormColumns, Roll, RollLine, Shared};
use crate::views::{self, History, Horizon, bodies};
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What is held of the roll, by everybody who sits at this store.
#[derive(Default)]
pub(crate) struct Rolls {
    /// As things stand, and as of one day that somebody asked about.
    held: RwLock<Vec<Held>>,
    /// Households told of since.
    changed: Mutex<HashSet<DossierId>>,
}

pub(super) struct Held {
    pub roll: Roll,
    pub shared: Option<Shared>,
}

/// What has to be read before a question can be answered.
pub(super) struct Needs {
    pub form: Arc<Form>,
    pub nodes: BTreeSet<NodeId>,
    /// Questions whose texts tell persons apart.
    pub keys: BTreeSet<NodeId>,
    pub other: Option<(Arc<Form>, BTreeSet<NodeId>)>,
}

/// Rolls held at a time.
const HELD: usize = 2;

impl Rolls {
    /// Something of this household was kept.
    pub(crate) fn changed(&self, dossier: DossierId) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.insert(dossier);
    }

    /// Drops everything: somebody was erased.
    pub(crate) fn forget(&self) {
        self.write().clear();
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Held>> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place_of(held: &[Held], on: Option<Day>) -> Option<usize> {
    let horizon = Horizon::new(on, None);
    held.iter().position(|held| held.roll.horizon == horizon)
}

impl Held {
    fn is_ready(&self, needs: &Needs) -> bool {
        let has = |form: &Form, nodes, keys: &BTreeSet<NodeId>| {
            self.roll.form(&form.id).is_some_and(|columns| {
                let (nodes, keys) = columns.missing(nodes, keys);
                nodes.is_empty() && keys.is_empty()
            })
        };
        self.shared.is_some()
            && has(&needs.form, &needs.nodes, &needs.keys)
            && needs.other.as_ref().is_none_or(|(form, nodes)| has(form, nodes, &BTreeSet::new()))
    }
}

/// The roll of a day, ready to be asked.
pub(super) struct ReadyRoll<'r> {
    held: RwLockReadGuard<'r, Vec<Held>>,
    at: usize,
}

impl std::ops::Deref for ReadyRoll<'_> {
    type Target = Held;

    fn deref(&self) -> &Held {
        &self.held[self.at]
    }
}

impl Office {
    /// The roll of a day (none: as things stand), with everything read that is needed.
    pub(super) fn ready_roll(&self, on: Option<Day>, needs: &Needs) -> Result<ReadyRoll<'_>, Failure> {
        let rolls = &self.bureau.memory.rolls;
        {
            let held = rolls.held.read().unwrap_or_else(PoisonError::into_inner);
            let is_changed = !rolls.changed.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            if let Some(at) = place_of(&held, on).filter(|at| !is_changed && held[*at].is_ready(needs)) {
                return Ok(ReadyRoll { held, at });
            }
        }
        let mut held = rolls.write();
        let changed = std::mem::take(&mut *rolls.changed.lock().unwrap_or_else(PoisonError::into_inner));
        if !changed.is_empty() {
            // What was true on a day gone by may be told anew today.
            held.retain(|held| held.roll.horizon == Horizon::NOW);
            if let Err(failure) = self.bring_up(&mut held, &changed) {
                held.clear();
                return Err(failure);
            }
        }
        let at = match place_of(&held, on) {
            Some(at) => at,
            None => {
                if held.len() >= HELD {
                    held.retain(|held| held.roll.horizon == Horizon::NOW);
                }
                held.push(Held { roll: self.read_roll(Horizon::new(on, None))?, shared: None });
                held.len() - 1
            }
        };
        let one = &mut held[at];
        self.read_columns(&mut one.roll, &needs.form, &needs.nodes, &needs.keys)?;
        if let Some((form, nodes)) = &needs.other {
            self.read_columns(&mut one.roll, form, nodes, &BTreeSet::new())?;
        }
        if one.shared.is_none()
            && let Some(columns) = one.roll.form(&needs.form.id)
        {
            one.shared = Some(Shared::of(&one.roll, columns));
        }
        Ok(ReadyRoll { held: RwLockWriteGuard::downgrade(held), at })
    }

    /// Puts in anew whoever was told of since.
    fn bring_up(&self, held: &mut Vec<Held>, changed: &HashSet<DossierId>) -> Result<(), Failure> {
        if held.iter().any(|held| held.roll.is_worn()) {
            held.clear();
        }
        for dossier in changed {
            let Some(history) = views::read::history(&self.bureau.store, &self.bureau.keys, *dossier)? else {
                continue;
            };
            if history.is_erased() {
                held.clear();
                return Ok(());
            }
            for one in held.iter_mut() {
                let at = one.roll.put(&history);
                one.shared = None;
                let horizon = one.roll.horizon;
                let survey = one.roll.lines[at].survey;
                for columns in &mut one.roll.forms {
                    let is_ours = columns.form.id == crate::command::library::HARDSHIP;
                    let entry = match is_ours {
                        true => survey,
                        false => latest_with(&history, &columns.form.id, horizon),
                    };
                    if !is_ours {
                        columns.entries.push(entry);
                    }
                    self.push_answers(columns, entry, *dossier);
                }
            }
        }
        Ok(())
    }

    fn read_roll(&self, horizon: Horizon) -> Result<Roll, Failure> {
        let threads = threads();
        let part = |from: usize, to: usize| {
            let mut roll = Roll::new(horizon);
            views::read::each_history_between(
                &self.bureau.store,
                &self.bureau.keys,
                from as u16,
                to as u16,
                |history| {
                    // One that cannot be read is told by `doctor`.
                    if let Ok(history) = history {
                        roll.push(&history);
                    }
                    true
                },
            )
            .map(|()| roll)
        };
        let ends: Vec<usize> = (0..=threads).map(|n| n * 256 / threads).collect();
        let parts = std::thread::scope(|scope| {
            let part = &part;
            let parts: Vec<_> = ends.windows(2).map(|ends| scope.spawn(|| part(ends[0], ends[1]))).collect();
            let joined = parts.into_iter().map(|part| part.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
            joined.collect::<Result<Vec<Roll>, _>>()
        })?;
        let mut roll = Roll::new(horizon);
        parts.into_iter().for_each(|part| roll.append(part));
        roll.seal();
        Ok(roll)
    }

    fn read_columns(
        &self,
        roll: &mut Roll,
        form: &Arc<Form>,
        nodes: &BTreeSet<NodeId>,
        keys: &BTreeSet<NodeId>,
    ) -> Result<(), Failure> {
        if roll.form(&form.id).is_none_or(|columns| columns.form.version != form.version) {
            roll.forms.retain(|columns| columns.form.id != form.id);
            let mut columns = FormColumns::new(form.clone());
            if form.id != crate::command::library::HARDSHIP {
                columns.entries = self.entries_with(roll, &form.id)?;
            }
            roll.forms.push(columns);
        }
        let Some(columns) = roll.form(&form.id) else { return Ok(()) };
        let (nodes, keys) = columns.missing(nodes, keys);
        if nodes.is_empty() && keys.is_empty() && columns.households() == roll.lines.len() {
            return Ok(());
        }
        let size = roll.lines.len().div_ceil(threads()).max(1);
        let read = |from: usize, lines: &[RollLine]| {
            let mut part = columns.part(&nodes, &keys);
            for (at, line) in lines.iter().enumerate() {
                let entry = match columns.entries.as_slice() {
                    [] => line.survey,
                    entries => entries.get(from + at).copied().flatten(),
                };
                let entry = entry.filter(|_| !line.dead && !line.erased);
                self.push_answers(&mut part, entry, line.dossier);
            }
            part
        };
        let parts: Vec<FormColumns> = std::thread::scope(|scope| {
            let read = &read;
            let chunks = roll.lines.chunks(size).enumerate();
            let parts: Vec<_> = chunks.map(|(n, lines)| scope.spawn(move || read(n * size, lines))).collect();
            parts.into_iter().map(|part| part.join().unwrap_or_else(|why| std::panic::resume_unwind(why))).collect()
        });
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_else(|| columns.part(&nodes, &keys));
        parts.for_each(|part| whole.append(&part));
        if let Some(columns) = roll.form_mut(&form.id) {
            columns.adopt(whole);
        }
        Ok(())
    }

    /// The next household's answers, of the survey that counts.
    fn push_answers(&self, columns: &mut FormColumns, entry: Option<EntryId>, dossier: DossierId) {
        let read = entry.map(|entry| answers(&self.bureau.store, &self.bureau.keys, entry, dossier));
        match read {
            Some(None) if !self.bureau.keys.is_erased(Subject::Dossier(dossier)) => columns.push_unread(),
            read => columns.push(read.flatten().as_ref()),
        }
    }

    /// By line, the record of the latest survey with that form.
    fn entries_with(&self, roll: &Roll, form: &str) -> Result<Vec<Option<EntryId>>, Failure> {
        let mut entries = Vec::with_capacity(roll.lines.len());
        for line in &roll.lines {
            let history = views::read::history(&self.bureau.store, &self.bureau.keys, line.dossier)?;
            entries.push(history.and_then(|history| latest_with(&history, form, roll.horizon)));
        }
        Ok(entries)
    }
}

fn latest_with(history: &History, form: &str, horizon: Horizon) -> Option<EntryId> {
    history
        .versions(horizon)
        .iter()
        .rev()
        .find(|version| version.survey.form == form)
        .map(|version| version.record.entry)
}

/// What was answered in that record; nothing where it cannot be opened any more.
fn answers(store: &dyn Read, keys: &Keyring, entry: EntryId, dossier: DossierId) -> Option<Answers> {
    let frame = store::frame_of(store, &entry.0).ok()??;
    let record = Record::decode(&frame.record).ok()?;
    Some(bodies::open_survey(keys, &record, dossier).ok()??.answers)
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8)
}
