//! The one way in: [`Draft::apply`]. A step that cannot be done changes nothing and says why.

use super::{At, Draft, Outcome, RowId, Supply};
use crate::domain::{Given, Origin, Path, State, Step};
use crate::form::links::{NodePart, vertex};
use crate::form::model::*;
use crate::form::problem::{Problem, Refusal, What};
use crate::form::read::{self, NotRead};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

/// The row around a roster, its scope, its least and most rows.
type Roster = (RowId, ScopeId, Option<(u32, u32)>);

/// A remark or a reason, under the same terms as an answer in words.
pub(super) fn words(typed: &str) -> Result<String, What> {
    match read::typed(ValueType::Text, typed) {
        Ok(text) if text.is_empty() => Err(What::Refused(Refusal::NeedsWords)),
        Ok(text) => Ok(text),
        Err(not_read) => Err(What::NotRead(not_read)),
    }
}

/// A step of a list that was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedStep {
    /// Counted from 1.
    pub number: usize,
    pub problem: Problem,
}

impl Draft {
    /// An empty form, opened: rosters with their first rows, defaults and supplied values in place.
    pub fn open(form: Arc<Form>, supply: Supply) -> Draft {
        let language = supply.language.as_deref().and_then(|l| form.language_index(l)).unwrap_or(form.language);
        let lists = supply.lists.of(&form);
        let household = lists.iter().position(|l| l.name == "household" && l.choices.is_empty());
        let root = super::instance::RowInstance::new(&form, ScopeId::ROOT, RowId::ROOT, Vec::new());
        let mut draft = Draft {
            random: std::cell::Cell::new(supply.seed),
            form: form.clone(),
            supply,
            language,
            lists,
            rows: vec![root],
            queue: BinaryHeap::new(),
            defaults: Vec::new(),
            changed: Vec::new(),
            rows_changed: false,
            opening: true,
            counting: false,
            renewed: false,
            passes: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            notes: Vec::new(),
            cursor: None,
            heads_down: None,
            chosen_language: None,
            past: None,
            correcting: false,
            updating: false,
            relevant_then: BTreeSet::new(),
            since: BTreeMap::new(),
            held: BTreeMap::new(),
            imported: false,
            left: Vec::new(),
            joined: BTreeMap::new(),
            household,
        };
        draft.start_row(&form, RowId::ROOT);
        draft.settle();
        draft.run_defaults();
        draft.opening = false;
        draft.settle();
        draft.household_list();
        draft.changed.clear();
        draft.rows_changed = false;
        draft
    }

    /// Opens a form and applies steps; what each refused step said is returned beside the draft.
    pub fn from_steps(form: Arc<Form>, supply: Supply, steps: &[Step]) -> (Draft, Vec<RefusedStep>) {
        let mut draft = Draft::open(form, supply);
        let applied = (1..).zip(steps).map(|(number, step)| (number, draft.apply(step).problem));
        let refused = applied.filter_map(|(number, problem)| Some(RefusedStep { number, problem: problem? })).collect();
        (draft, refused)
    }

    pub fn form(&self) -> &Arc<Form> {
        &self.form
    }

    pub fn supply(&self) -> &Supply {
        &self.supply
    }

    /// Index of the label language now.
    pub fn language(&self) -> usize {
        self.language
    }

    /// Shows labels in another language; calculations that read labels follow.
    pub fn speak(&mut self, language: usize) {
        if language < self.form.languages.len() && language != self.language {
            self.language = language;
            self.recompute_all();
            self.household_list();
        }
    }

    /// Applies one step. Whatever it reaches is worked out anew; nothing else is.
    pub fn apply(&mut self, step: &Step) -> Outcome {
        self.changed.clear();
        self.rows_changed = false;
        let path = step.path();
        let done = match step {
            Step::Set { value, .. } => self.set(path, value),
            Step::State { is, .. } => self.set_state(path, *is),
            Step::Add { .. } => self.add(path),
            Step::Insert { .. } => self.insert(path),
            Step::Remove { .. } => self.remove(path),
            Step::Confirm { .. } => self.confirm(path),
            Step::Pass { why, .. } => self.pass(path, why),
            Step::Note { text, .. } => self.note(path, text),
            Step::Cursor { .. } => self.put_cursor(path),
            Step::Mode { heads_down, .. } => self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace)).inspect(|_| {
                self.heads_down = Some(*heads_down);
            }),
            Step::Language { name, .. } => self.read_in(path, name),
            Step::Undo { .. } => self.undo(),
            Step::Redo { .. } => self.redo(),
            Step::Leave { said, .. } => self.leave(path, said),
            Step::Join { said, .. } => self.join(path, said),
            Step::Stay { number, .. } => self.stay(path, *number),
            Step::Block { rows, .. } => self.block(path, rows),
        };
        if done.is_ok() {
            self.note_step(step);
        }
        self.look_at_period();
        self.settle();
        self.run_defaults();
        if self.household.is_some() {
            self.household_list();
        }
        let mut changed = std::mem::take(&mut self.changed);
        changed.retain(|at| self.exists(*at));
        changed.sort_unstable();
        changed.dedup();
        let problem = match &done {
            Ok(at) => {
                let left_out = match step {
                    Step::Set { value, .. } => self.left_out(*at, value),
                    _ => None,
                };
                let left_out = left_out.map(|why| Problem { path: path.clone(), what: What::NotRead(why) });
                left_out.or_else(|| self.problems_at(*at).into_iter().next())
            }
            Err(what) => Some(Problem { path: path.clone(), what: what.clone() }),
        };
        let next = done.ok().and_then(|at| self.next(at));
        Outcome { changed, rows_changed: self.rows_changed, problem, next }
    }

    /// Reads typed text and applies it: the step that was applied (for the draft's file) and what it did. A text that
    /// cannot be read changes nothing, and no step comes back.
    pub fn answer(&mut self, at: At, typed: &str) -> (Option<Step>, Outcome) {
        let path = self.path(at);
        match self.read(at, typed) {
            Ok(value) => {
                let step = Step::Set { path, value };
                let outcome = self.apply(&step);
                (Some(step), outcome)
            }
            Err(why) => {
                let problem = Some(Problem { path, what: What::NotRead(why) });
                (None, Outcome { problem, ..Outcome::default() })
            }
        }
    }

    /// Answers from here on come from a roll that was kept elsewhere.
    pub fn import(&mut self) {
        self.imported = true;
    }

    /// Where an answer comes from that no earlier survey had.
    fn fresh(&self) -> Origin {
        if self.imported { Origin::Imported } else { Origin::Asked }
    }

    /// The place of a question that may be answered now.
    fn answerable(&self, path: &Path) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        let question = self.form.question(at.node).ok_or(What::Refused(Refusal::WrongKind))?;
        let cell = self.cell(at);
        if !cell.relevant {
            return Err(What::Refused(Refusal::NotRelevant));
        }
        let computed = question.control == Control::Hidden || question.supplied.is_some();
        if cell.read_only || computed || question.control == Control::Note {
            return Err(What::Refused(Refusal::ReadOnly));
        }
        Ok(at)
    }

    pub(super) fn set(&mut self, path: &Path, value: &str) -> Result<At, What> {
        let at = self.answerable(path)?;
        let form = self.form.clone();
        let Some(question) = form.question(at.node) else { return Err(What::Refused(Refusal::WrongKind)) };
        let value = read::lines(value);
        read::may_be_kept(&value).map_err(What::NotRead)?;
        let text = self.as_kept(at, question, &value);
        if question.value == ValueType::Many
            && let Some(name) = self.exclusive(question, &text.split(' ').collect::<Vec<_>>())
        {
            return Err(What::NotRead(NotRead::Exclusive { name }));
        }
        let carried = self.cell(at).before.is_some();
        let same = carried && self.cell(at).before.as_deref() == Some(&Given::Value(text.clone()));
        let fresh = self.fresh();
        let cell = self.cell_mut(at);
        let changed = cell.text != text || cell.state.is_some();
        // Whoever lets a computed answer stand as it is has typed nothing over it: it goes on following.
        if !changed && cell.origin == Origin::Computed {
            return Ok(at);
        }
        cell.text = text;
        cell.state = None;
        cell.origin = match (question.carry, carried, same) {
            (Carry::Carried, true, true) => Origin::CarriedConfirmed,
            (Carry::Carried, true, false) => Origin::CarriedChanged,
            _ => fresh,
        };
        cell.over = true;
        if changed {
            self.passes.remove(&at);
        }
        self.changed.push(at);
        if changed {
            self.cell_mut(at).touched = true;
            self.push(vertex(at.node, NodePart::Value), at.row);
        }
        Ok(at)
    }

    /// Why something of what was given and is kept now as `at` shows is no answer of its type: it was left out.
    fn left_out(&self, at: At, given: &str) -> Option<NotRead> {
        let (question, kept) = (self.form.question(at.node)?, self.cell(at).text.as_str());
        let unknown = |name: &str| NotRead::NoSuchChoice { typed: name.to_owned(), near: None };
        match question.value {
            ValueType::Many => {
                given.split_whitespace().find(|name| kept.split(' ').all(|kept| kept != *name)).map(unknown)
            }
            _ if !kept.is_empty() || given.trim().is_empty() => None,
            ValueType::One => Some(unknown(given.trim())),
            ValueType::Rank => Some(NotRead::NotAWholeRank),
            // What people may type and the other engines do not read is told as what it is: no value of the type as it stands.
            _ => Some(self.read(at, given).err().unwrap_or(NotRead::NotAsWritten)),
        }
    }

    fn set_state(&mut self, path: &Path, state: State) -> Result<At, What> {
        let at = self.answerable(path)?;
        let refusable = self.form.question(at.node).is_some_and(|q| q.refusable);
        if state == State::Refused && !refusable {
            return Err(What::Refused(Refusal::NotRefusable));
        }
        let fresh = self.fresh();
        let cell = self.cell_mut(at);
        cell.state = Some(state);
        cell.text.clear();
        cell.origin = if cell.before.is_some() { Origin::CarriedChanged } else { fresh };
        (cell.touched, cell.over) = (true, true);
        self.passes.remove(&at);
        self.changed.push(at);
        self.push(vertex(at.node, NodePart::Value), at.row);
        self.push(vertex(at.node, NodePart::State), at.row);
        Ok(at)
    }

    /// A value as scripts, defaults and calculations give it → as it is kept.
    pub(super) fn as_kept(&self, at: At, question: &Question, value: &str) -> String {
        match question.value {
            ValueType::One | ValueType::Many | ValueType::Rank if question.choices_of.is_some() => {
                let offered = self.row_choices(at);
                let name = value.trim();
                if question.value == ValueType::One {
                    return if offered.contains(&name) { name.to_owned() } else { String::new() };
                }
                offered.into_iter().filter(|o| name.split(' ').any(|n| n == *o)).collect::<Vec<_>>().join(" ")
            }
            ValueType::One | ValueType::Many | ValueType::Rank => self.kept_choice(question, value),
            _ => read::kept(question, value),
        }
    }

    /// Names of the list only; several in the list's order, as the other engines keep them. What is no choice is left
    /// out silently: [`Draft::read`] is where a person is told.
    pub(super) fn kept_choice(&self, question: &Question, value: &str) -> String {
        let Some(list) = question.list.and_then(|id| self.lists.get(id.0 as usize)) else {
            return value.trim().to_owned();
        };
        match question.value {
            ValueType::One => {
                let name = value.trim();
                if question.external || list.by_name.contains_key(name) { name.to_owned() } else { String::new() }
            }
            ValueType::Rank => {
                let mut names: Vec<&str> = Vec::new();
                for name in value.split_whitespace() {
                    if list.by_name.contains_key(name) && !names.contains(&name) {
                        names.push(name);
                    }
                }
                // A rank is one of the whole list, or none.
                if names.len() == list.choices.len() { names.join(" ") } else { String::new() }
            }
            _ => {
                let mut places: Vec<u32> =
                    value.split_whitespace().filter_map(|n| list.by_name.get(n).copied()).collect();
                places.sort_unstable();
                places.dedup();
                let names: Vec<&str> = places.iter().map(|i| list.choices[*i as usize].name.as_str()).collect();
                names.join(" ")
            }
        }
    }

    /// The roster a path names, and the row around it.
    pub(super) fn roster_of(&self, at: At) -> Result<Roster, What> {
        let ElementKind::Repeat { scope, rows, .. } = &self.form.node(at.node).kind else {
            return Err(What::Refused(Refusal::WrongKind));
        };
        if self.form.links.nodes[at.node.0 as usize].count.is_some() {
            return Err(What::Refused(Refusal::CountedRoster));
        }
        let outer = if self.is_row(at) { self.row(at.row).parent } else { at.row };
        if !self.roster_relevant(outer, at.node) {
            return Err(What::Refused(Refusal::NotRelevant));
        }
        Ok((outer, *scope, *rows))
    }

    fn add(&mut self, path: &Path) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        let (outer, scope, bounds) = self.roster_of(at)?;
        let end = self.roster(outer, scope).len();
        self.new_row(at.node, outer, scope, bounds, end)
    }

    fn insert(&mut self, path: &Path) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        if !self.is_row(at) {
            return Err(What::Refused(Refusal::WrongKind));
        }
        let (outer, scope, bounds) = self.roster_of(at)?;
        let index = self.row(at.row).numbers.last().copied().unwrap_or(0) as usize;
        self.new_row(at.node, outer, scope, bounds, index)
    }

    fn new_row(
        &mut self,
        node: NodeId,
        outer: RowId,
        scope: ScopeId,
        bounds: Option<(u32, u32)>,
        index: usize,
    ) -> Result<At, What> {
        if bounds.is_some_and(|(_, most)| self.roster(outer, scope).len() >= most as usize) {
            return Err(What::Refused(Refusal::TooManyRows));
        }
        let row = self.make_row(outer, scope, index).ok_or(What::Refused(Refusal::TooManyRows))?;
        self.household_moves(scope, index as u32, 1);
        self.push_readers(vertex(node, NodePart::Count), outer);
        Ok(At { row, node })
    }

    fn remove(&mut self, path: &Path) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        if !self.is_row(at) {
            return Err(What::Refused(Refusal::WrongKind));
        }
        self.take_out(at).map(|(around, _)| around)
    }

    /// Takes a row out, and with it what was said about it: the roster it stood in, and the answers that named its person.
    pub(super) fn take_out(&mut self, at: At) -> Result<(At, Vec<At>), What> {
        let (outer, scope, _) = self.roster_of(at)?;
        let index = self.row(at.row).numbers.last().copied().unwrap_or(0) as usize;
        self.drop_row(outer, scope, index);
        let named = self.household_moves(scope, index as u32, -1);
        self.push_readers(vertex(at.node, NodePart::Count), outer);
        self.passes.retain(|place, _| self.rows[place.row.0 as usize].alive);
        self.notes.retain(|(place, _)| self.rows[place.row.0 as usize].alive);
        self.joined.retain(|row, _| self.rows[row.0 as usize].alive);
        Ok((At { row: outer, node: at.node }, named))
    }

    fn confirm(&mut self, path: &Path) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        if self.is_row(at) {
            if self.row(at.row).carried.is_none() {
                return Err(What::Refused(Refusal::NothingToConfirm));
            }
            let row = self.row_mut(at.row);
            row.carried = Some(true);
            for cell in &mut row.cells {
                if cell.origin == Origin::CarriedUnseen {
                    cell.origin = Origin::CarriedConfirmed;
                }
            }
            self.changed.push(at);
            return Ok(at);
        }
        if self.form.question(at.node).is_none() {
            return Err(What::Refused(Refusal::WrongKind));
        }
        let cell = self.cell_mut(at);
        if !matches!(cell.origin, Origin::CarriedUnseen | Origin::CarriedConfirmed) {
            return Err(What::Refused(Refusal::NothingToConfirm));
        }
        cell.origin = Origin::CarriedConfirmed;
        self.changed.push(at);
        Ok(at)
    }

    fn pass(&mut self, path: &Path, why: &str) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        let why = words(why)?;
        let question = self.form.question(at.node).ok_or(What::Refused(Refusal::WrongKind))?;
        let failing = self.cell(at).failing;
        let soft = failing & (super::recalc::CARD_FAILS | super::recalc::UNSURE) != 0
            || !self.doubts_of_update(at).is_empty()
            || question.checks.iter().enumerate().any(|(i, c)| c.severity == Severity::Soft && failing & (1 << i) != 0);
        if !soft && self.doubts(at).is_empty() {
            return Err(What::Refused(Refusal::NothingToPass));
        }
        self.passes.insert(at, why);
        self.changed.push(at);
        Ok(at)
    }

    fn note(&mut self, path: &Path, text: &str) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        self.notes.push((at, words(text)?));
        self.changed.push(at);
        Ok(at)
    }

    fn put_cursor(&mut self, path: &Path) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        self.cursor = Some(at);
        Ok(at)
    }

    /// A later version of the form may have lost the language: then nothing is chosen, and whoever wrote the step is told.
    fn read_in(&mut self, path: &Path, name: &str) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        let form = self.form.clone();
        let same = form.languages.iter().position(|language| language == name);
        let language = same.or_else(|| form.language_index(name)).ok_or(What::Refused(Refusal::NoSuchLanguage))?;
        self.chosen_language = Some(language);
        self.speak(language);
        Ok(at)
    }

    /// The form's language that somebody chose for this draft.
    pub fn chosen_language(&self) -> Option<usize> {
        self.chosen_language
    }

    /// Whether it was last entered heads-down, where somebody chose.
    pub fn heads_down(&self) -> Option<bool> {
        self.heads_down
    }

    /// Where the cursor was left, if that place is still there.
    pub fn cursor(&self) -> Option<At> {
        self.cursor.filter(|at| self.exists(*at))
    }
}
