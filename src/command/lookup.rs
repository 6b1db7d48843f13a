//! Finding a household by whatever one has: the index in memory, filled behind the first screen and kept in step with what
//! is kept.
//!
//! Opening a folder does not wait for the index: whoever looks somebody up first has it filled, and screens have it filled
//! on a thread of its own while they are used ([`Office::fill_behind`]). What is kept meanwhile is put in at once and wins
//! over what that thread reads.

use super::{Duty, Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::{Arg, DossierId, Message, Now, Subject, UnitId};
use crate::form::{Draft, Elsewhere};
use crate::seal::Keyring;
use crate::store::Read;
use crate::views::history::{History, Horizon};
use crate::views::search::{Answer, Ask, Hit, How, Index, IndexField, IndexedHousehold, SearchScope, Unit};
use crate::views::{self, Face, UnitRow, ViewError};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

/// Households read between two moments at which searches can see them.
const AT_ONCE: usize = 20_000;

/// The index, and how far it is.
#[derive(Default)]
pub(crate) struct Findable {
    index: RwLock<Index>,
    filling: Mutex<Filling>,
    filled: AtomicBool,
    /// Households whose keys are missing, or whose rows could not be read: no name finds them.
    unread: AtomicUsize,
    pub(super) stop: AtomicBool,
    /// Told when whoever fills has ended, with all of it or without.
    ended: Condvar,
}

#[derive(Default)]
struct Filling {
    thread: Option<JoinHandle<()>>,
    started: bool,
    ended: bool,
    /// Put in while the thread was reading: newer than what it reads.
    newer: HashSet<DossierId>,
}

impl Office {
    /// Households that `text` finds, best first. Cut to the asker's units before ranking. While the index is being filled
    /// behind a screen, among those that are in it so far; else it is filled first. For whoever does not work with what is
    /// covered a part of an ID number or a phone finds nobody: which household it finds would tell the part.
    /// Errors: whoever acts may see no household.
    pub fn lookup(&self, text: &str, limit: usize, now: Now) -> Result<Answer, Failure> {
        let _ = self.may(Duty::Open, now)?;
        let reach = self.reach(now)?;
        let scope = reach.as_ref().map_or(SearchScope::All, SearchScope::Units);
        Ok(self.search(Ask { text, scope, limit, whole_numbers: !self.carries(Duty::RollCovered) }))
    }

    pub(super) fn search(&self, ask: Ask<'_>) -> Answer {
        if !self.bureau.memory.findable.is_started() {
            self.wait_until_findable();
        }
        let index = self.bureau.memory.findable.index.read().unwrap_or_else(PoisonError::into_inner);
        index.search(ask)
    }

    /// Numbers of other dossiers that are not over and hold an ID number of this household too; of another unit's its name.
    ///
    /// Waits until the index is whole: half of it would say "nobody" of whoever stands in the other half.
    pub(super) fn same_id(&self, dossier: DossierId, now: Now) -> Result<Vec<String>, Failure> {
        self.wait_until_findable();
        let reach = self.reach(now)?;
        let Some(face) = self.face(dossier)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for id in &face.id_numbers {
            for hit in self.holders(id, dossier) {
                let over = self.status_now(hit.dossier)?.is_some_and(Status::is_over);
                let theirs = reach.as_ref().is_none_or(|reach| reach.contains(&hit.unit.id));
                let name = if theirs { &hit.number } else { &hit.unit.name };
                if !over && !found.contains(name) {
                    found.push(name.clone());
                }
            }
        }
        Ok(found)
    }

    /// Other dossiers that hold an ID number, whatever its length was when it was written down.
    pub(super) fn holders(&self, id: &str, except: DossierId) -> Vec<Hit> {
        let whole = |hit: &Hit| {
            hit.dossier != except && hit.why.iter().any(|w| w.field == IndexField::IdNumber && w.how == How::Whole)
        };
        self.search(Ask::new(id, SearchScope::All)).hits.into_iter().filter(whole).collect()
    }

    fn status_now(&self, dossier: DossierId) -> Result<Option<Status>, Failure> {
        Ok(self.history(dossier)?.status(Horizon::NOW))
    }

    /// Says to a survey of `dossier` of each ID number typed in it whether it stands in another dossier: by its number and
    /// state, or where that is another unit's by the unit. Those whose case is over count too: a household that comes again
    /// goes on with its dossier. `wait`: for an index that is being filled; else nothing is said before that is whole.
    pub fn say_elsewhere(&self, dossier: DossierId, draft: &mut Draft, wait: bool, now: Now) -> Result<(), Failure> {
        let ids = draft.ids_unasked();
        // While it is being filled behind a screen nobody waits for it at a question.
        let filling = self.bureau.memory.findable.is_started() && !self.is_findable();
        if ids.is_empty() || filling && !wait {
            return Ok(());
        }
        self.wait_until_findable();
        let reach = self.reach(now)?;
        let is_theirs = |hit: &Hit| reach.as_ref().is_none_or(|reach| reach.contains(&hit.unit.id));
        for id in ids {
            let mut holders = self.holders(&id, dossier);
            // What can be opened without a reason comes first, of those what goes on.
            let mut order = Vec::new();
            for (at, hit) in holders.iter().enumerate() {
                let status = self.status_now(hit.dossier)?;
                order.push((!is_theirs(hit), status.is_some_and(Status::is_over), hit.number.clone(), at, status));
            }
            order.sort();
            let elsewhere = order.first().map(|(others, _, number, at, status)| {
                let said = match (others, order.len()) {
                    (true, _) => Message::new("form.elsewhere_unit").with("unit", holders[*at].unit.name.as_str()),
                    (false, 1) => Message::new("form.elsewhere").with("number", number.as_str()),
                    (false, count) => {
                        Message::new("form.elsewhere_more").with("number", number.as_str()).with("more", count - 1)
                    }
                };
                let state = status.map(|status| Arg::Word(format!("status.{}", status.code())));
                (*at, said.with("state", state.unwrap_or_else(|| Arg::Text("-".to_owned()))))
            });
            let elsewhere = elsewhere
                .map(|(at, said)| Elsewhere { dossier: Some(holders.swap_remove(at).dossier), said })
                .or_else(|| self.unknown_elsewhere());
            draft.note_elsewhere(id, elsewhere);
        }
        Ok(())
    }

    /// Of a number that no dossier has that can be read: one of those that cannot may have it.
    fn unknown_elsewhere(&self) -> Option<Elsewhere> {
        let count = self.unfindable();
        let said = Message::new("form.elsewhere_unknown").with("count", count);
        (count > 0).then_some(Elsewhere { dossier: None, said })
    }

    /// The numbers of dossiers that are not over and hold the same ID number, those of one ID number together. Reads every
    /// household.
    pub fn same_ids(&self) -> Result<Vec<Vec<String>>, Failure> {
        let mut dossiers: HashMap<String, HashSet<DossierId>> = HashMap::new();
        let mut numbers: HashMap<DossierId, String> = HashMap::new();
        views::read::each_face(&self.bureau.store, &self.bureau.keys, |dossier, face| {
            let history = || views::read::history(&self.bureau.store, &self.bureau.keys, dossier).ok().flatten();
            let open = |history: &History| !history.status(Horizon::NOW).is_some_and(Status::is_over);
            if !face.id_numbers.is_empty()
                && let Some(history) = history().filter(open)
            {
                numbers.insert(dossier, history.numbers(Horizon::NOW).pop().unwrap_or_default());
                for id in face.id_numbers {
                    dossiers.entry(id).or_default().insert(dossier);
                }
            }
            true
        })?;
        let together = |dossiers: HashSet<DossierId>| {
            let mut named: Vec<String> = dossiers.iter().filter_map(|dossier| numbers.get(dossier).cloned()).collect();
            named.sort_unstable();
            named
        };
        let mut twice: Vec<_> = dossiers.into_values().filter(|held| held.len() > 1).map(together).collect();
        twice.sort_unstable();
        Ok(twice)
    }

    /// How many households whoever acts can find so far, and whether that is all of them.
    pub fn findable(&self, now: Now) -> (usize, bool) {
        let reach = self.reach(now).unwrap_or_else(|_| Some(BTreeSet::new()));
        let index = self.bureau.memory.findable.index.read().unwrap_or_else(PoisonError::into_inner);
        let scope = reach.as_ref().map_or(SearchScope::All, SearchScope::Units);
        (index.count(scope), self.is_findable())
    }

    fn is_findable(&self) -> bool {
        self.bureau.memory.findable.filled.load(Ordering::Acquire)
    }

    /// How many households no name and no ID number finds, since their keys are missing or their rows could not be read.
    pub fn unfindable(&self) -> usize {
        self.bureau.memory.findable.unread.load(Ordering::Acquire)
    }

    /// Begins to fill the index on a thread of its own.
    pub fn fill_behind(&self) {
        let mut filling = self.bureau.memory.findable.filling();
        if filling.started {
            return;
        }
        filling.started = true;
        // The index alone, not the office's hold on it: whose last holder this thread would be, and wait for itself.
        let (store, keys, findable) =
            (self.bureau.store.clone(), self.bureau.keys.clone(), Arc::clone(&*self.bureau.memory.findable));
        let work = move || {
            // What cannot be read is left out, and `doctor` says which; the next opening tries again.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| findable.fill(&store, &keys)));
            findable.filling().ended = true;
            findable.ended.notify_all();
        };
        filling.thread = std::thread::Builder::new().name("lookup-index".to_owned()).spawn(work).ok();
        filling.ended = filling.thread.is_none();
    }

    /// Fills the index, if nobody has, and waits until whoever fills it has ended: whether it is whole then, [`findable`]
    /// says.
    ///
    /// [`findable`]: Office::findable
    pub fn wait_until_findable(&self) {
        self.fill_behind();
        let mut filling = self.bureau.memory.findable.filling();
        while !filling.ended {
            filling = self.bureau.memory.findable.ended.wait(filling).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The office's hold on the index. Letting go of it ends the filling, whole or not: whoever opens the folder next must not
/// wait for a thread of ours.
#[derive(Default)]
pub(crate) struct Filler(Arc<Findable>);

impl std::ops::Deref for Filler {
    type Target = Arc<Findable>;

    fn deref(&self) -> &Arc<Findable> {
        &self.0
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let thread = self.filling().thread.take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Findable {
    fn filling(&self) -> std::sync::MutexGuard<'_, Filling> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_started(&self) -> bool {
        self.filling().started
    }

    fn fill(&self, store: &dyn Read, keys: &Keyring) -> Result<(), ViewError> {
        let units: HashMap<UnitId, UnitRow> =
            views::read::units(store, keys)?.into_iter().map(|u| (u.unit, u)).collect();
        let (mut rows, mut unread) = (Vec::new(), None);
        // Folded while their keys were not here, so that not even a row is left of them that could not be opened.
        let faceless: HashSet<Subject> = views::read::unopened(store)?.into_iter().collect();
        let unopened = || {
            self.unread.fetch_add(1, Ordering::AcqRel);
        };
        views::read::each_history(store, keys, |history| {
            let read = history.map(|history| (views::read::face(store, keys, history.dossier), history));
            match read {
                // What is damaged or has no key `doctor` names, and whoever looks up hears of it; that nothing could be read says
                // nothing about a household.
                Err(ViewError::Store(failed)) | Ok((Err(ViewError::Store(failed)), _)) => unread = Some(failed),
                Err(_) => unopened(),
                Ok((face, history)) => {
                    let subject = Subject::Dossier(history.dossier);
                    let is_faceless =
                        matches!(face, Ok(None)) && faceless.contains(&subject) && !keys.is_erased(subject);
                    if face.is_err() || is_faceless {
                        unopened();
                    }
                    rows.push(row(&history, face.ok().flatten(), &units));
                }
            }
            if rows.len() >= AT_ONCE {
                self.take_in(std::mem::take(&mut rows));
            }
            !self.stop.load(Ordering::Acquire)
        })?;
        self.take_in(rows);
        if let Some(unread) = unread {
            return Err(unread.into());
        }
        if self.stop.load(Ordering::Acquire) {
            return Ok(());
        }
        let job = self.index.read().unwrap_or_else(PoisonError::into_inner).merge_job();
        if let Some(job) = job {
            let merged = job.run();
            self.index.write().unwrap_or_else(PoisonError::into_inner).adopt(merged);
        }
        self.filled.store(true, Ordering::Release);
        Ok(())
    }

    /// Makes rows searchable; the heavy part of it happens before anybody has to wait.
    fn take_in(&self, rows: Vec<IndexedHousehold>) {
        let mut part = Index::build(rows);
        let filling = self.filling();
        for dossier in &filling.newer {
            part.remove(*dossier);
        }
        self.index.write().unwrap_or_else(PoisonError::into_inner).join(part);
    }

    fn put(&self, row: IndexedHousehold) {
        // Under the same lock as `take_in`, so that no older row slips in afterwards.
        let mut filling = self.filling();
        if !self.filled.load(Ordering::Acquire) {
            filling.newer.insert(row.dossier);
        }
        self.index.write().unwrap_or_else(PoisonError::into_inner).put(row);
    }
}

/// Puts one household in anew, after something of it was kept.
pub(super) fn refresh(office: &Office, dossier: DossierId) -> Result<(), Failure> {
    if !office.bureau.memory.findable.is_started() {
        return Ok(());
    }
    let units = office.units()?.into_iter().map(|u| (u.unit, u)).collect();
    let history = office.history(dossier)?;
    office.bureau.memory.findable.put(row(&history, office.face(dossier)?, &units));
    Ok(())
}

fn row(history: &History, face: Option<Face>, units: &HashMap<UnitId, UnitRow>) -> IndexedHousehold {
    let mut numbers = history.numbers(Horizon::NOW);
    let unit = history.unit(Horizon::NOW).and_then(|id| units.get(&id));
    let (names, id_numbers, phones, born, other) = match face {
        Some(face) => (face.names, face.id_numbers, face.phones, face.born, face.other_numbers),
        None => Default::default(),
    };
    let number = numbers.pop().unwrap_or_default();
    numbers.extend(other);
    IndexedHousehold {
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
        category: history.category(Horizon::NOW).and_then(|category| category.code).unwrap_or_default(),
        status: history.status(Horizon::NOW).map(|s| s.code().to_owned()).unwrap_or_default(),
    }
}
