//! What an expression reads while it is evaluated. A caller brings its values as a [`World`]: cheap to ask, never
//! changed by an evaluation.

use super::scheme::{ColumnId, ListId, NodeId, Scheme};
use crate::domain::{Day, Stamp};
use std::borrow::Cow;

/// What stands at a node.
#[derive(Clone, PartialEq, Debug)]
pub enum Seen<'a> {
    /// No answer, a typed state, off the route, no such row. A form says this and never `Unknown`.
    Empty,
    Text(Cow<'a, str>),
    /// A fact that is a number already. Its text is [`super::number_text`].
    Number(f64),
    Bool(bool),
    /// Rules only: it has a value, but nobody knows which. *Unknown is never zero*: it goes through arithmetic and
    /// comparisons as unknown, and through `and`, `or`, `not`, `if` by Kleene's rules.
    Unknown,
}

impl<'a> From<&'a str> for Seen<'a> {
    fn from(text: &'a str) -> Seen<'a> {
        if text.is_empty() { Seen::Empty } else { Seen::Text(Cow::Borrowed(text)) }
    }
}

/// The clock as an expression sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    /// `now()`.
    pub at: Stamp,
    /// `today()`. Apart from `at`, since `--today` moves the day and not the clock.
    pub today: Day,
    /// What dates and times are told in: milliseconds east of UTC.
    pub zone_ms: i64,
}

/// Where an evaluation stands: the row numbers of the repeats above the expression's node, outermost first, **from 0**;
/// for an expression *of a row* ([`super::Scope::of_row`]) the row itself comes last. Too few rows read as empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EvalContext<'a> {
    pub rows: &'a [u32],
    /// What `.` is worth, when it is not what the world says: an answer being checked before it is taken.
    pub dot: Option<&'a str>,
    /// The choice that bare names are columns of, counted from 0, for an expression with [`super::Bare::Column`].
    pub item: Option<u32>,
}

impl<'a> EvalContext<'a> {
    /// No repeats above.
    pub const TOP: EvalContext<'static> = EvalContext { rows: &[], dot: None, item: None };

    pub fn rows(rows: &'a [u32]) -> EvalContext<'a> {
        EvalContext { rows, dot: None, item: None }
    }
}

/// The values. Rows count from 0 everywhere; `rows` holds one number for each repeat above `node`, outermost first.
pub trait World {
    fn scheme(&self) -> &dyn Scheme;

    /// The text of a leaf. A row that is not there, an answer off the route and a typed state are all `Empty`.
    fn value(&self, node: NodeId, rows: &[u32]) -> Seen<'_>;

    /// How many rows `repeat` has inside these outer rows.
    fn row_count(&self, _repeat: NodeId, _outer: &[u32]) -> u32 {
        0
    }

    fn clock(&self) -> Clock;

    /// In [0, 1), from the caller's source.
    fn random(&self) -> f64;

    /// What `once()` keeps: the node's own value so far, even while it is off the route.
    fn before(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        self.value(node, rows)
    }

    /// `${last-saved#x}`: the answer in the survey kept last with this form.
    fn last_saved(&self, _node: NodeId) -> Seen<'_> {
        Seen::Empty
    }

    /// `property('deviceid')`, `version()` (as `version`).
    fn property(&self, _name: &str) -> Option<&str> {
        None
    }

    /// How many choices (lines) a list has: all of them, filtered by nobody.
    fn item_count(&self, _list: ListId) -> u32 {
        0
    }

    /// One cell of a list; empty when there is none. The label column in the language of the screen.
    fn cell(&self, _list: ListId, _item: u32, _column: ColumnId) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// Whether the item has that cell at all. One it has not is no node: no comparison with it holds, `!=` neither.
    fn has_cell(&self, _list: ListId, _item: u32, _column: ColumnId) -> bool {
        true
    }

    /// Tells the items whose `column` is exactly `text`, in list order, until `tell` says false. A world with an index
    /// answers it quicker.
    fn find_items(&self, list: ListId, column: ColumnId, text: &str, tell: &mut dyn FnMut(u32) -> bool) {
        for item in 0..self.item_count(list) {
            if self.cell(list, item, column) == text && !tell(item) {
                return;
            }
        }
    }
}
