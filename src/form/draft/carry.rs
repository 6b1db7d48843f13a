//! A re-survey starts from the survey before it: carried questions show its answers, to be confirmed or changed; the
//! rest is asked fresh, with the old answer at hand for comparing. Rows come with their persons.

use super::{At, Draft, RowId, Supply};
use crate::domain::questions;
use crate::domain::{Answer, Answers, Day, Given, Origin, Path, PersonId};
use crate::form::links::{NodePart, vertex};
use crate::form::model::*;
use std::collections::HashMap;
use std::sync::Arc;

/// What the survey that a draft is laid over is to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The round before.
    Round,
    /// What stood until something changed.
    Update,
    /// What was wrong.
    Correction,
}

impl Draft {
    /// Opens a form over the answers of the survey before. Answers whose question is gone are left behind.
    pub fn carry(form: Arc<Form>, supply: Supply, last: &Answers) -> Draft {
        Draft::over(form, supply, last, Over::Round)
    }

    /// Opens a form over the answers of the survey before, all of which stand as they are until somebody changes one: only
    /// what changed is asked, and what follows from it. What belongs to a visit alone ([`questions::OF_THE_VISIT`]) is asked.
    pub fn update(form: Arc<Form>, supply: Supply, last: &Answers) -> Draft {
        Draft::over(form, supply, last, Over::Update)
    }

    /// Opens a form over the answers of the very survey that is to be corrected: all of them stand, and whatever is
    /// wrong is changed.
    pub fn correct(form: Arc<Form>, supply: Supply, wrong: &Answers) -> Draft {
        Draft::over(form, supply, wrong, Over::Correction)
    }

    fn over(form: Arc<Form>, supply: Supply, last: &Answers, over: Over) -> Draft {
        let all_stand = over == Over::Correction;
        // Of another version of the form: each answer goes where its question stands now.
        let moved = (last.form_version != form.version).then(|| {
            let mut moved = last.clone();
            moved
                .answers
                .retain_mut(|answer| form.path_here(&answer.path).is_some_and(|path| set(&mut answer.path, path)));
            moved.rows.retain_mut(|row| form.path_here(&row.path).is_some_and(|path| set(&mut row.path, path)));
            moved
        });
        let last = moved.as_ref().unwrap_or(last);
        let mut draft = Draft::open(form, supply);
        draft.opening = true;
        (draft.correcting, draft.updating) = (all_stand, over == Over::Update);
        let persons: HashMap<&str, PersonId> = last.rows.iter().map(|r| (r.path.as_str(), r.person)).collect();
        for answer in &last.answers {
            draft.carry_rows(&answer.path, &persons);
        }
        for row in &last.rows {
            draft.carry_rows(&row.path, &persons);
        }
        for answer in &last.answers {
            draft.carry_answer(answer);
        }
        if over != Over::Round {
            draft.hold_period(last);
        }
        draft.settle();
        // A reason stands as long as its answer does.
        if over != Over::Round {
            draft.carry_passes(last);
        }
        draft.run_defaults();
        draft.opening = false;
        draft.household_list();
        draft.changed.clear();
        if over == Over::Update {
            draft.relevant_then = draft.questions().into_iter().filter(|at| draft.relevant(*at)).collect();
        }
        draft
    }

    /// Reasons and remarks of the survey that is corrected stand on; a reason goes when its answer changes.
    fn carry_passes(&mut self, wrong: &Answers) {
        for pass in &wrong.passes {
            if let Some(at) = self.stands_at(&pass.path) {
                self.passes.insert(at, pass.why.clone());
            }
        }
        for note in &wrong.notes {
            if let Some(at) = self.stands_at(&note.path) {
                self.notes.push((at, note.text.clone()));
            }
        }
    }

    /// The place of what was said beside an answer that stands; nothing of the visit before is said of this one.
    fn stands_at(&self, path: &Path) -> Option<At> {
        let at = self.at(&self.form.path_here(path)?)?;
        Some(at).filter(|at| !(self.updating && self.is_of_the_visit(at.node)))
    }

    /// Makes the rows that a path needs, in rosters whose rows are carried.
    fn carry_rows(&mut self, path: &Path, persons: &HashMap<&str, PersonId>) {
        let all_stand = self.correcting;
        let form = self.form.clone();
        let mut parent: Option<NodeId> = None;
        let mut row = RowId::ROOT;
        let mut prefix = String::new();
        for (name, index) in path.segments() {
            if !prefix.is_empty() {
                prefix.push('/');
            }
            prefix.push_str(name);
            let Some(node) = form
                .by_name
                .get(name)
                .and_then(|ids| ids.iter().copied().find(|id| form.parent_in_path(*id) == parent))
            else {
                return;
            };
            if let (ElementKind::Repeat { scope, count, carry, .. }, Some(index)) = (&form.node(node).kind, index) {
                prefix.push_str(&format!("[{index}]"));
                if count.is_some() || (*carry == Carry::Fresh && !self.stands_by_itself(node)) {
                    return;
                }
                let wanted = index as usize;
                while self.roster(row, *scope).len() < wanted {
                    let end = self.roster(row, *scope).len();
                    if self.make_row(row, *scope, end).is_none() {
                        return;
                    }
                    self.push_readers(vertex(node, NodePart::Count), row);
                }
                let Some(inner) = wanted.checked_sub(1).and_then(|i| self.roster(row, *scope).get(i).copied()) else {
                    return;
                };
                row = inner;
                let kept = self.row_mut(row);
                kept.carried = Some(kept.carried.unwrap_or(all_stand));
                if let Some(person) = persons.get(prefix.as_str()) {
                    kept.person = Some(*person);
                }
            }
            parent = Some(node);
        }
    }

    fn carry_answer(&mut self, answer: &Answer) {
        let all_stand = self.correcting;
        let Answer { path, given, origin } = answer;
        let Some(at) = self.at(path) else { return };
        let form = self.form.clone();
        let Some(question) = form.question(at.node) else { return };
        // What somebody typed over a calculation is an answer like any other.
        let computed = question.calculation.is_some() && *origin == Origin::Computed;
        if computed || question.control == Control::Hidden || question.supplied.is_some() {
            return;
        }
        let text = match given {
            Given::Value(text) => self.kept_choice_or(question, text),
            Given::State(_) => String::new(),
        };
        let stands = self.stands_by_itself(at.node);
        let cell = self.cell_mut(at);
        cell.before = Some(Box::new(given.clone()));
        // Nobody signs twice with one signature.
        let signed = looks(&form.node(at.node).appearance, "signature");
        // Nor does a day that the form fills in by itself mean the last time.
        let dated = matches!(question.value, ValueType::Date | ValueType::DateTime)
            && matches!(question.default, Some(DefaultValue::Computed(_)));
        if ((question.carry == Carry::Carried || stands) && !signed && !dated) || all_stand {
            match given {
                Given::Value(_) => cell.text = text,
                Given::State(state) => cell.state = Some(*state),
            }
            // A correction leaves what it does not touch as it was given; nobody confirms it by that.
            cell.origin = if all_stand { *origin } else { Origin::CarriedUnseen };
            (cell.touched, cell.over) = (true, true);
            self.push(vertex(at.node, NodePart::Value), at.row);
        }
    }

    fn kept_choice_or(&self, question: &Question, text: &str) -> String {
        match question.value {
            ValueType::One | ValueType::Many | ValueType::Rank
                if question.list.is_some_and(|l| !self.is_household(l)) =>
            {
                self.kept_choice(question, text)
            }
            _ => text.to_owned(),
        }
    }

    /// Carried rows that nobody has confirmed or edited.
    pub fn rows_not_looked_at(&self) -> Vec<At> {
        self.row_places().into_iter().filter(|at| self.carried(at.row) == Some(false)).collect()
    }

    /// Whether a row was carried from the survey before, and looked at since.
    ///
    /// Looked at is a row that was confirmed as one, or each of whose carried answers was.
    pub fn carried(&self, row: RowId) -> Option<bool> {
        let row = self.rows.get(row.0 as usize)?;
        let answered =
            |cell: &&super::instance::NodeInstance| cell.relevant && (!cell.text.is_empty() || cell.state.is_some());
        let mut origins = row.cells.iter().filter(answered).map(|cell| cell.origin);
        Some(match row.carried? {
            true => !origins.any(|origin| origin == Origin::CarriedUnseen),
            false => {
                let origins: Vec<Origin> = origins.collect();
                let looked = |origin: &Origin| matches!(origin, Origin::CarriedConfirmed | Origin::CarriedChanged);
                !origins.contains(&Origin::CarriedUnseen) && origins.iter().any(looked)
            }
        })
    }

    /// Whether it was opened over the survey before it, which this one goes on from.
    pub fn is_carried(&self) -> bool {
        !self.correcting && self.rows.iter().any(|row| row.cells.iter().any(|cell| cell.before.is_some()))
    }

    /// Whether what nobody looks at may stand: in an update, and in a correction of one.
    pub(super) fn is_left_alone(&self) -> bool {
        self.updating || self.correcting
    }

    /// Whether only what changed is asked in it.
    pub fn is_update(&self) -> bool {
        self.updating
    }

    /// Whether an answer that is asked fresh in each round is left as it was here.
    fn stands_by_itself(&self, node: NodeId) -> bool {
        self.correcting || (self.updating && !self.is_of_the_visit(node))
    }

    /// Whether it belongs to this visit alone, so that last time's answer is never this time's.
    pub fn is_asked_each_visit(&self, at: At) -> bool {
        self.updating && self.is_of_the_visit(at.node)
    }

    fn is_of_the_visit(&self, node: NodeId) -> bool {
        let mut outermost = node;
        while let Some(around) = self.form.parent_in_path(outermost) {
            outermost = around;
        }
        questions::OF_THE_VISIT.contains(&self.form.node(outermost).name.as_str())
    }

    /// Whether a stop is passed by on the way through an update: it stands as it was, or was not asked then either, and
    /// nothing about it follows from what has changed.
    pub fn stands(&self, at: At) -> bool {
        if !self.updating || self.is_of_the_visit(at.node) {
            return false;
        }
        if let ElementKind::Repeat { scope, .. } = self.form.node(at.node).kind {
            return self.problems_at(at).is_empty()
                && !self.is_to_be_asked(at)
                && self.roster(at.row, scope).iter().all(|r| self.row(*r).carried.is_some());
        }
        let Some(question) = self.form.question(at.node) else { return true };
        let cell = self.cell(at);
        let given = !cell.text.is_empty() || cell.state.is_some();
        // A row that was added is asked whole.
        let new_row = at.row != RowId::ROOT && self.row(at.row).carried.is_none();
        let untouched = match given {
            true => matches!(cell.origin, Origin::CarriedUnseen | Origin::CarriedConfirmed | Origin::Computed),
            // What nobody asked then, since it was of no matter, is asked once it is.
            false => cell.before.is_none() && !new_row && self.relevant_then.contains(&at),
        };
        (untouched || question.control == Control::Note) && self.problems_at(at).is_empty() && !self.is_to_be_asked(at)
    }

    /// Says when an answer that stands was last asked or confirmed.
    pub fn set_since(&mut self, path: &Path, day: Day) {
        if let Some(at) = self.at(path) {
            self.since.insert(at, day);
        }
    }

    /// The day on which the answer that stands here, not looked at, was last asked or confirmed; where that is known.
    pub fn since(&self, at: At) -> Option<Day> {
        let unseen =
            self.exists(at) && self.form.question(at.node).is_some() && self.cell(at).origin == Origin::CarriedUnseen;
        self.since.get(&at).copied().filter(|_| unseen)
    }

    /// Whether it corrects the survey it was opened over.
    pub fn is_correction(&self) -> bool {
        self.correcting
    }

    // ---- The list `household`: `0` is the worker (question `name`), `n` is row n of the roster `members` (`m_name`).

    pub(super) fn is_household(&self, list: ListId) -> bool {
        self.household == Some(list.0 as usize)
    }

    /// Rebuilds the list `household` when a name or the number of rows differs.
    pub(super) fn household_list(&mut self) {
        let Some(place) = self.household else { return };
        let form = self.form.clone();
        let node = |name: &str| form.by_name.get(name).and_then(|ids| ids.first()).copied();
        let mut names: Vec<&str> = Vec::new();
        let own = node(questions::NAME).filter(|id| form.node(*id).scope == ScopeId::ROOT);
        names.push(own.map_or("", |node| self.cell(At { row: RowId::ROOT, node }).read()));
        if let (Some(members), Some(m_name)) = (node(questions::MEMBERS), node(questions::M_NAME))
            && let ElementKind::Repeat { scope, .. } = form.node(members).kind
        {
            for row in self.roster(RowId::ROOT, scope) {
                names.push(self.cell(At { row: *row, node: m_name }).read());
            }
        }
        let list = &self.lists[place];
        let same =
            list.choices.len() == names.len() && list.choices.iter().zip(&names).all(|(c, n)| c.label.get(0) == *n);
        if same {
            return;
        }
        let choices = names.iter().enumerate().map(|(i, name)| Choice {
            name: i.to_string(),
            row: 0,
            label: Text { by_language: vec![(*name).to_owned()] },
            columns: Vec::new(),
        });
        let list = List::with_columns(list.name.clone(), choices.collect(), &list.columns);
        self.lists[place] = Arc::new(list);
    }

    /// A row came into the members' roster (`by` 1) or left it (-1): answers that name a later row follow it, those
    /// that name the row that left are emptied, and come back.
    pub(super) fn household_moves(&mut self, scope: ScopeId, index: u32, by: i32) -> Vec<At> {
        let mut emptied = Vec::new();
        let Some(place) = self.household else { return emptied };
        let form = self.form.clone();
        let roster = form.scopes[scope.index()].roster;
        if roster.is_none_or(|id| form.node(id).name != questions::MEMBERS) {
            return emptied;
        }
        let list = ListId(place as u32);
        for at in self.questions() {
            if form.question(at.node).is_none_or(|q| q.list != Some(list)) {
                continue;
            }
            let Ok(number) = self.cell(at).text.parse::<u32>() else { continue };
            let moved = match number {
                0 => continue,
                n if by < 0 && n == index + 1 => String::new(),
                n if n > index => (i64::from(n) + i64::from(by)).to_string(),
                _ => continue,
            };
            if moved.is_empty() {
                emptied.push(at);
            }
            let cell = self.cell_mut(at);
            (cell.text, cell.touched) = (moved, true);
            self.push(vertex(at.node, NodePart::Value), at.row);
        }
        emptied
    }
}

fn set(place: &mut Path, path: Path) -> bool {
    *place = path;
    true
}
