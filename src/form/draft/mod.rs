//! A survey being answered. **One way in**: [`Draft::apply`]; a draft is what its steps make of an empty form, so a
//! draft's file, an answers file and a form script are the same list. Nothing here knows disk, clock or screen: the day
//! and whatever the program supplies come in as a [`Supply`].
//!
//! Start reading at `instance.rs` (rows and their answers), then `recalc.rs` (what one answer changes).
//!
//! ```text
//! typed ─read()→ canonical text ─Step─► apply() ─► cells ─► recompute what it reaches ─► Outcome
//!                                          views: route() view() problems() outline() finish()
//! ```

use super::model::{Form, List, NodeId, Supplied};
use super::problem::Problem;
use crate::domain::{Day, Given, MemberMove, Origin, Stamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What the program brings when a draft opens. The same form, supply and steps make the same draft.
#[derive(Clone, Debug)]
pub struct Supply {
    /// `now()`, and `start`.
    pub at: Stamp,
    /// `today()`.
    pub today: Day,
    /// What times are told in: milliseconds east of UTC.
    pub zone_ms: i64,
    pub device_id: String,
    pub username: String,
    pub email: String,
    pub phone: String,
    /// What `property()` gives under other names.
    pub properties: HashMap<String, String>,
    /// `random()` and `uuid()` follow from it.
    pub seed: u64,
    /// Lists that the form names and does not bring: `units` of the day, a code list cut to the day.
    pub lists: Arc<SuppliedLists>,
    /// Values for the questions that `dossier::supplied` marks, by the question's name; and under [`LAST_SAVED`] and a
    /// question's path its answer in the survey taken last with this form.
    pub values: HashMap<String, String>,
    /// Of a question (by its name) only these choices are on offer: the kinds of survey that are possible now.
    pub offered: HashMap<String, Vec<String>>,
    /// Label language (see [`Form::language_index`]); none: the form's own.
    pub language: Option<String>,
}

/// Before the path of a question: its answer in the survey taken last.
pub const LAST_SAVED: &str = "last-saved#";

impl Supply {
    /// Nothing supplied but the clock, in the bureau's time zone.
    pub fn on(at: Stamp, today: Day) -> Supply {
        Supply {
            at,
            today,
            zone_ms: crate::domain::date::ZONE_MS,
            device_id: String::new(),
            username: String::new(),
            email: String::new(),
            phone: String::new(),
            properties: HashMap::new(),
            seed: 0,
            lists: Arc::default(),
            values: HashMap::new(),
            offered: HashMap::new(),
            language: None,
        }
    }
}

/// A form and its lists, those it only names filled in.
type LaidOut = (Arc<Form>, Vec<Arc<List>>);

/// Lists handed in by name, and how they are laid out for the forms they were handed to: many drafts of one day share them.
#[derive(Default)]
pub struct SuppliedLists {
    by_name: HashMap<String, Vec<Supplied>>,
    laid_out: Mutex<Vec<LaidOut>>,
}

impl From<HashMap<String, Vec<Supplied>>> for SuppliedLists {
    fn from(by_name: HashMap<String, Vec<Supplied>>) -> SuppliedLists {
        SuppliedLists { by_name, laid_out: Mutex::default() }
    }
}

impl std::fmt::Debug for SuppliedLists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SuppliedLists({})", self.by_name.len())
    }
}

impl SuppliedLists {
    /// A list by its name, as it was handed in.
    pub fn list(&self, name: &str) -> &[Supplied] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The lists of a form, those that it only names filled in.
    fn of(&self, form: &Arc<Form>) -> Vec<Arc<List>> {
        let mut laid_out = self.laid_out.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, lists)) = laid_out.iter().find(|(known, _)| Arc::ptr_eq(known, form)) {
            return lists.clone();
        }
        let lists = form.lists.iter().map(|list| match self.by_name.get(&list.name) {
            // A list that stands in the form is the form's own, whatever the bureau's list of that name says.
            Some(choices) if list.supplied => {
                let choices = choices.iter().map(|c| c.choice(&form.languages)).collect();
                Arc::new(List::with_columns(list.name.clone(), choices, &list.columns))
            }
            _ => list.clone(),
        });
        let lists: Vec<Arc<List>> = lists.collect();
        laid_out.push((form.clone(), lists.clone()));
        lists
    }
}

/// A place in a draft: a node in one row. Cheap to copy; stays right while rows are added or removed elsewhere, and
/// finds nothing once its own row is removed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct At {
    pub row: RowId,
    pub node: NodeId,
}

/// A row of a roster in this draft (0: the form itself). Never used again after the row is removed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RowId(pub u32);

impl RowId {
    pub const ROOT: RowId = RowId(0);
}

/// What one step did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Places whose value, relevance, requirement or problems differ from before, the answered one included.
    pub changed: Vec<At>,
    /// Rows were added or removed: paths behind them have moved.
    pub rows_changed: bool,
    /// Why nothing was done, or what is wrong with the answer that now stands there.
    pub problem: Option<Problem>,
    /// The next stop on the route after the place of the step.
    pub next: Option<At>,
}

/// A stop of the route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop {
    pub at: At,
    pub kind: StopKind,
    /// Groups and rosters around it: how far to indent.
    pub depth: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopKind {
    /// A question to answer, or a read-only one to look at.
    Question,
    /// Text without an answer.
    Note,
    /// A group's heading.
    Group,
    /// The head of a roster: rows are added here. `at.row` is the row around the roster.
    Roster,
    /// The head of a row; `at.row` is the row itself, `at.node` the roster.
    Row,
}

/// A question (or group, roster) as it stands now: what a screen needs for one line.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub at: At,
    pub node: &'a super::model::Node,
    /// In the draft's language, `${…}` filled in.
    pub label: String,
    pub hint: String,
    /// On the route now.
    pub relevant: bool,
    pub required: bool,
    /// Computed, supplied, or read-only by the form.
    pub read_only: bool,
    /// Value (as it reads now) or state; none when not answered.
    pub given: Option<Given>,
    /// The value as people read it: choice labels, grouped money; the bare text otherwise.
    pub shown: String,
    pub origin: Origin,
    /// The last round's answer, where the draft was carried from one.
    pub before: Option<&'a Given>,
    /// What is wrong here, hard first.
    pub problems: Vec<Problem>,
    pub notes: Vec<&'a str>,
}

/// A part of the form for the outline: a top-level group or roster, or the questions between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The group or roster; none for questions at the top.
    pub node: Option<NodeId>,
    pub label: String,
    /// The first stop in it.
    pub first: At,
    /// Questions on the route that can be answered.
    pub questions: u32,
    pub answered: u32,
    pub required_missing: u32,
    /// Hard checks that fail, and carried answers not looked at.
    pub errors: u32,
    /// Soft checks that fail and are not passed.
    pub warnings: u32,
}

/// A choice on offer.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    pub name: &'a str,
    /// In the draft's language, `${…}` filled in.
    pub label: Cow<'a, str>,
}

mod carry;
mod circle;
mod doubts;
mod elsewhere;
mod finish;
mod follows;
mod from_id;
mod instance;
mod members;
mod moved;
mod past;
mod pasted;
mod recalc;
mod route;
mod rows;
mod steps;
mod view;
mod why;
mod world;

pub use elsewhere::Elsewhere;
pub use members::LeftMember;
pub use moved::Moved;
pub use past::standing;
pub use pasted::{BlockTrial, LabelsOfLists, PastedBlock};
pub use recalc::ROWS_MAX;
pub use steps::RefusedStep;
pub use why::{Ask, Reason};

/// A survey being answered. `Send`; one owner at a time.
#[derive(Clone, Debug)]
pub struct Draft {
    form: Arc<Form>,
    supply: Supply,
    language: usize,
    /// The form's lists, those supplied in their places.
    lists: Vec<Arc<List>>,
    rows: Vec<instance::RowInstance>,
    random: std::cell::Cell<u64>,
    queue: std::collections::BinaryHeap<std::cmp::Reverse<(u32, super::links::Vertex, RowId)>>,
    /// Places whose computed default is still to be worked out.
    defaults: Vec<At>,
    changed: Vec<At>,
    rows_changed: bool,
    /// While a form opens, rosters start with a row and triggers do not fire.
    opening: bool,
    /// Rows are being made by a count.
    counting: bool,
    /// While everything is worked out anew, nothing has changed: what was typed over a calculation stands.
    renewed: bool,
    passes: BTreeMap<At, String>,
    /// Whether an ID number stands in another dossier too, by the number; of those that somebody has asked about.
    elsewhere: BTreeMap<String, Option<Elsewhere>>,
    notes: Vec<(At, String)>,
    cursor: Option<At>,
    heads_down: Option<bool>,
    /// Read in this language of the form, where somebody chose.
    chosen_language: Option<usize>,
    /// What it was made of, so that steps can be taken back.
    past: Option<Box<past::Past>>,
    /// It corrects the survey it was opened over.
    correcting: bool,
    /// Only what changed since the survey it was opened over is asked.
    updating: bool,
    /// The questions that were on the route when an update was opened.
    relevant_then: BTreeSet<At>,
    /// When answers that stand in an update were last asked or confirmed.
    since: BTreeMap<At, Day>,
    /// What was worked out beside the amounts that stand, and stands with them: the first and the last day of their year.
    held: BTreeMap<NodeId, String>,
    /// Its answers come from a roll that was kept elsewhere; nobody is asked.
    imported: bool,
    /// Who left in this survey, in the order in which they did.
    left: Vec<members::LeftRow>,
    /// Since when and why those of new rows came.
    joined: BTreeMap<RowId, MemberMove>,
    /// The place of the `household` list among the lists, if the form has one.
    household: Option<usize>,
}
