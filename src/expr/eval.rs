//! Resolved nodes → values. It allocates only where a text is made, and ends: what predicates multiply is bounded.

use super::functions::Call;
use super::op::{Cells, Level, Node, Op, Pick, Reach};
use super::scheme::{ColumnId, ListId, NodeId};
use super::tree::Relation;
use super::value::{Truth, Value};
use super::world::{Seen, World};
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;

/// How many rows and items one evaluation may look at. A form's own loops stay far below; a predicate inside a
/// predicate inside a predicate over a thousand rows does not, and then reads as if there were no more rows.
const LOOKS_MAX: u64 = 4_000_000;

pub(super) struct Eval<'a> {
    pub world: &'a dyn World,
    pub dot: Option<&'a str>,
    looks: Cell<u64>,
}

/// Where a node is evaluated: the expression's place, or a candidate of a predicate inside it.
#[derive(Clone, Copy)]
pub(super) struct Frame<'f> {
    pub rows: &'f [u32],
    pub item: Option<(ListId, u32)>,
    pub position: u32,
    pub last: u32,
    pub outer: Option<&'f Frame<'f>>,
}

impl<'f> Frame<'f> {
    pub fn up(&'f self, up: u8) -> &'f Frame<'f> {
        let mut frame = self;
        for _ in 0..up {
            match frame.outer {
                Some(outer) => frame = outer,
                None => return frame,
            }
        }
        frame
    }
}

/// Row numbers on the stack. [`super::compiled::REPEATS_MAX`] is seen to by the resolver.
#[derive(Clone, Copy)]
struct Rows {
    buffer: [u32; super::compiled::REPEATS_MAX],
    len: usize,
}

impl Rows {
    fn from(rows: &[u32], shared: usize) -> Option<Rows> {
        let mut buffer = [0; super::compiled::REPEATS_MAX];
        buffer.get_mut(..shared)?.copy_from_slice(rows.get(..shared)?);
        Some(Rows { buffer, len: shared })
    }

    fn with(mut self, row: u32) -> Rows {
        if let Some(slot) = self.buffer.get_mut(self.len) {
            *slot = row;
            self.len += 1;
        }
        self
    }

    fn slice(&self) -> &[u32] {
        &self.buffer[..self.len]
    }
}

type Flow = ControlFlow<()>;

impl<'a> Eval<'a> {
    pub fn new(world: &'a dyn World, dot: Option<&'a str>) -> Eval<'a> {
        Eval { world, dot, looks: Cell::new(LOOKS_MAX) }
    }

    /// One more row or item is looked at; false when there were too many.
    pub fn look(&self) -> bool {
        let left = self.looks.get();
        self.looks.set(left.saturating_sub(1));
        left > 0
    }

    pub fn value(&self, node: &'a Node, frame: &Frame<'_>) -> Value<'a> {
        match &node.op {
            Op::Empty | Op::Nowhere => Value::EMPTY,
            Op::Number(number) => Value::Number(*number),
            Op::Text(text) => Value::Text(Cow::Borrowed(text)),
            Op::Read(reach) => self.first(reach, frame),
            Op::Own(reach) => match self.dot {
                Some(dot) => worth(Seen::from(dot), reach.numeric),
                None => self.first(reach, frame),
            },
            Op::LastSaved(id, numeric) => worth(self.world.last_saved(*id), *numeric),
            Op::Cells(cells) => {
                let mut first = Value::EMPTY;
                let _ = self.each_item(cells, frame, Doubtful::LeftOut, &mut |item| {
                    if cells.column.is_some_and(|column| !self.world.has_cell(cells.list, item, column)) {
                        return ControlFlow::Continue(());
                    }
                    first = self.cell(cells.list, item, cells.column);
                    ControlFlow::Break(())
                });
                first
            }
            Op::Column { up, list, column } => match frame.up(*up).item {
                Some((_, item)) => Value::Text(self.world.cell(*list, item, *column)),
                None => Value::EMPTY,
            },
            Op::Position => Value::Number(f64::from(frame.position)),
            Op::Last => Value::Number(f64::from(frame.last)),
            Op::RowNumber { up, depth } => {
                let row = frame.up(*up).rows.get(usize::from(*depth));
                row.map_or(Value::EMPTY, |&row| Value::Number(f64::from(row) + 1.0))
            }
            Op::Once(id, fresh) => match worth(self.world.before(*id, frame.rows), false) {
                Value::Text(text) if text.is_empty() => self.value(fresh, frame),
                kept => kept,
            },
            Op::ChoiceLabel { list, name, label, value } => {
                let wanted = match self.value(value, frame) {
                    Value::Unknown => return Value::Unknown,
                    other => other.text(),
                };
                let mut found = Value::EMPTY;
                self.world.find_items(*list, *name, &wanted, &mut |item| {
                    found = Value::Text(self.world.cell(*list, item, *label));
                    false
                });
                found
            }
            Op::Negate(_) | Op::Sum(_) | Op::Times(..) | Op::Div(..) | Op::Mod(..) => match self.number(node, frame) {
                Some(number) => Value::Number(number),
                None => Value::Unknown,
            },
            Op::Compare(..) | Op::And(_) | Op::Or(_) => self.truth(node, frame).into(),
            Op::Call(function, arguments) => Call::run(self, function, arguments, frame),
        }
    }

    /// `None` is unknown, NaN is no number.
    pub fn number(&self, node: &'a Node, frame: &Frame<'_>) -> Option<f64> {
        match &node.op {
            Op::Number(number) => Some(*number),
            Op::Negate(inner) => Some(-self.number(inner, frame)?),
            Op::Sum(parts) => {
                let mut sum = None;
                for (minus, part) in parts {
                    let number = self.number(part, frame)?;
                    sum = Some(match sum {
                        None => number,
                        Some(sum) if *minus => sum - number,
                        Some(sum) => sum + number,
                    });
                }
                Some(sum.unwrap_or(f64::NAN))
            }
            Op::Times(a, b) => Some(self.number(a, frame)? * self.number(b, frame)?),
            Op::Div(a, b) => Some(self.number(a, frame)? / self.number(b, frame)?),
            // The sign of the left side, as JavaScript's and XPath's.
            Op::Mod(a, b) => Some(self.number(a, frame)? % self.number(b, frame)?),
            _ => match self.value(node, frame) {
                Value::Unknown => None,
                value => Some(value.number()),
            },
        }
    }

    pub fn truth(&self, node: &'a Node, frame: &Frame<'_>) -> Truth {
        match &node.op {
            Op::And(parts) => {
                let mut so_far = Truth::Yes;
                for part in parts {
                    match self.truth(part, frame) {
                        Truth::No => return Truth::No,
                        Truth::Unknown => so_far = Truth::Unknown,
                        Truth::Yes => {}
                    }
                }
                so_far
            }
            Op::Or(parts) => {
                let mut so_far = Truth::No;
                for part in parts {
                    match self.truth(part, frame) {
                        Truth::Yes => return Truth::Yes,
                        Truth::Unknown => so_far = Truth::Unknown,
                        Truth::No => {}
                    }
                }
                so_far
            }
            Op::Compare(relation, a, b) => self.compare(*relation, a, b, frame),
            // Groups, rows and items have no value: they are true by being there.
            Op::Read(reach) if !reach.leaf => {
                let mut there = false;
                let _ = self.each_place(reach, frame, &mut |_| {
                    there = true;
                    ControlFlow::Break(())
                });
                there.into()
            }
            Op::Cells(cells) if cells.column.is_none() => {
                let mut there = false;
                let _ = self.each_item(cells, frame, Doubtful::LeftOut, &mut |_| {
                    there = true;
                    ControlFlow::Break(())
                });
                there.into()
            }
            _ => self.value(node, frame).truth(),
        }
    }

    /// XPath 1.0 §3.4: a comparison with many nodes holds if it holds for one of them.
    fn compare(&self, relation: Relation, a: &'a Node, b: &'a Node, frame: &Frame<'_>) -> Truth {
        if self.is_absent(a, frame) || self.is_absent(b, frame) {
            return Truth::No;
        }
        if !a.is_many() && !b.is_many() {
            return compare_values(relation, &self.value(a, frame), &self.value(b, frame));
        }
        let right = self.all(b, frame);
        let mut so_far = Truth::No;
        let _ = self.each(a, frame, &mut |left| {
            for right in &right {
                match compare_values(relation, &left, right) {
                    Truth::Yes => {
                        so_far = Truth::Yes;
                        return ControlFlow::Break(());
                    }
                    Truth::Unknown => so_far = Truth::Unknown,
                    Truth::No => {}
                }
            }
            ControlFlow::Continue(())
        });
        so_far
    }

    /// A column that the item looked at has not.
    fn is_absent(&self, node: &'a Node, frame: &Frame<'_>) -> bool {
        match &node.op {
            Op::Column { up, list, column } => {
                frame.up(*up).item.is_none_or(|(_, item)| !self.world.has_cell(*list, item, *column))
            }
            _ => false,
        }
    }

    pub fn all(&self, node: &'a Node, frame: &Frame<'_>) -> Vec<Value<'a>> {
        let mut all = Vec::new();
        let _ = self.each(node, frame, &mut |value| {
            all.push(value);
            ControlFlow::Continue(())
        });
        all
    }

    /// Every value of a reference, or the one value of anything else.
    pub fn each(&self, node: &'a Node, frame: &Frame<'_>, tell: &mut dyn FnMut(Value<'a>) -> Flow) -> Flow {
        match &node.op {
            Op::Nowhere => ControlFlow::Continue(()),
            Op::Read(reach) => {
                self.each_place(reach, frame, &mut |rows| tell(self.read(reach.node, rows, reach.numeric)))
            }
            Op::Cells(cells) => self.each_item(cells, frame, Doubtful::LeftOut, &mut |item| match cells.column {
                Some(column) if !self.world.has_cell(cells.list, item, column) => ControlFlow::Continue(()),
                column => tell(self.cell(cells.list, item, column)),
            }),
            Op::Column { .. } if self.is_absent(node, frame) => ControlFlow::Continue(()),
            Op::Call(function, arguments) if function.gives_many => {
                for value in Call::run_many(self, function, arguments, frame) {
                    tell(value)?;
                }
                ControlFlow::Continue(())
            }
            _ => tell(self.value(node, frame)),
        }
    }

    /// How many nodes a reference reaches; anything else is one.
    pub fn count(&self, node: &'a Node, frame: &Frame<'_>) -> usize {
        let mut count = 0usize;
        match &node.op {
            Op::Nowhere => {}
            Op::Read(reach) => {
                if let ([Level { repeat, pick: Pick::All }], []) = (&*reach.levels, &*reach.filter) {
                    let outer = frame.up(reach.up).rows.get(..usize::from(reach.shared));
                    return outer.map_or(0, |outer| self.world.row_count(*repeat, outer) as usize);
                }
                let _ = self.each_place(reach, frame, &mut |_| {
                    count += 1;
                    ControlFlow::Continue(())
                });
            }
            Op::Cells(cells) => {
                let _ = self.each_item(cells, frame, Doubtful::LeftOut, &mut |item| {
                    let there = cells.column.is_none_or(|column| self.world.has_cell(cells.list, item, column));
                    count += usize::from(there);
                    ControlFlow::Continue(())
                });
            }
            Op::Column { .. } if self.is_absent(node, frame) => {}
            _ => count = 1,
        }
        count
    }

    fn read(&self, node: NodeId, rows: &[u32], numeric: bool) -> Value<'a> {
        worth(self.world.value(node, rows), numeric)
    }

    fn cell(&self, list: ListId, item: u32, column: Option<ColumnId>) -> Value<'a> {
        column.map_or(Value::EMPTY, |column| Value::Text(self.world.cell(list, item, column)))
    }

    fn first(&self, reach: &'a Reach, frame: &Frame<'_>) -> Value<'a> {
        if !reach.leaf {
            return Value::EMPTY;
        }
        if reach.levels.is_empty() && reach.filter.is_empty() {
            let rows = frame.up(reach.up).rows.get(..usize::from(reach.shared));
            return rows.map_or(Value::EMPTY, |rows| self.read(reach.node, rows, reach.numeric));
        }
        let mut first = Value::EMPTY;
        let _ = self.each_place(reach, frame, &mut |rows| {
            first = self.read(reach.node, rows, reach.numeric);
            ControlFlow::Break(())
        });
        first
    }

    fn each_place(&self, reach: &'a Reach, frame: &Frame<'_>, tell: &mut dyn FnMut(&[u32]) -> Flow) -> Flow {
        let Some(rows) = Rows::from(frame.up(reach.up).rows, usize::from(reach.shared)) else {
            return ControlFlow::Continue(());
        };
        if reach.filter.is_empty() {
            return self.descend(&reach.levels, rows, frame, &mut |rows| tell(rows.slice()));
        }
        // A predicate on leaves counts its positions over all that were reached.
        let mut found = Vec::new();
        let _ = self.descend(&reach.levels, rows, frame, &mut |rows| {
            found.push(rows);
            ControlFlow::Continue(())
        });
        for predicate in &reach.filter {
            let last = short(found.len());
            let mut position = 0;
            found.retain(|rows| {
                position += 1;
                self.passes(
                    predicate,
                    &Frame { rows: rows.slice(), item: None, position, last, outer: Some(frame) },
                    Doubtful::LeftOut,
                )
            });
        }
        for rows in found {
            tell(rows.slice())?;
        }
        ControlFlow::Continue(())
    }

    fn descend(&self, levels: &'a [Level], rows: Rows, frame: &Frame<'_>, tell: &mut dyn FnMut(Rows) -> Flow) -> Flow {
        let Some((level, below)) = levels.split_first() else {
            return tell(rows);
        };
        let count = self.world.row_count(level.repeat, rows.slice());
        match &level.pick {
            Pick::All => {
                for row in 0..count {
                    if !self.look() {
                        break;
                    }
                    self.descend(below, rows.with(row), frame, tell)?;
                }
            }
            Pick::At(index) => {
                let index = self.number(index, frame).unwrap_or(f64::NAN).trunc();
                if index >= 1.0 && index <= f64::from(count) {
                    return self.descend(below, rows.with(index as u32 - 1), frame, tell);
                }
            }
            Pick::Where(predicates) => match &**predicates {
                [predicate] => {
                    for row in 0..count {
                        let candidate = rows.with(row);
                        let inner = Frame {
                            rows: candidate.slice(),
                            item: None,
                            position: row + 1,
                            last: count,
                            outer: Some(frame),
                        };
                        if !self.look() {
                            break;
                        }
                        if self.passes(predicate, &inner, Doubtful::LeftOut) {
                            self.descend(below, candidate, frame, tell)?;
                        }
                    }
                }
                several => {
                    let mut found: Vec<u32> = (0..count).collect();
                    for predicate in several {
                        let last = short(found.len());
                        let mut position = 0;
                        found.retain(|&row| {
                            position += 1;
                            let candidate = rows.with(row);
                            let inner =
                                Frame { rows: candidate.slice(), item: None, position, last, outer: Some(frame) };
                            self.look() && self.passes(predicate, &inner, Doubtful::LeftOut)
                        });
                    }
                    for row in found {
                        self.descend(below, rows.with(row), frame, tell)?;
                    }
                }
            },
        }
        ControlFlow::Continue(())
    }

    /// A number as a predicate asks for the position; anything else is a condition.
    fn passes(&self, predicate: &'a Node, frame: &Frame<'_>, doubtful: Doubtful) -> bool {
        let truth = || match self.truth(predicate, frame) {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Unknown => doubtful == Doubtful::Taken,
        };
        match &predicate.op {
            Op::Compare(..) | Op::And(_) | Op::Or(_) => truth(),
            _ => match self.value(predicate, frame) {
                Value::Number(number) => number == f64::from(frame.position),
                _ => truth(),
            },
        }
    }

    /// The items that pass every predicate, in list order.
    pub fn each_item(
        &self,
        cells: &'a Cells,
        frame: &Frame<'_>,
        doubtful: Doubtful,
        tell: &mut dyn FnMut(u32) -> Flow,
    ) -> Flow {
        let last = self.world.item_count(cells.list);
        let at = |item: u32| Frame {
            rows: &[],
            item: Some((cells.list, item)),
            position: item.saturating_add(1),
            last,
            outer: None,
        };
        if let Some((column, key)) = &cells.key {
            let inner = Frame { outer: Some(frame), ..at(u32::MAX) };
            let wanted = match self.value(key, &inner) {
                Value::Text(text) | Value::Numeral(text) => Some(text),
                Value::Unknown => return ControlFlow::Continue(()),
                // A number is equal to cells that are written in another way: `7` and `07`.
                _ => None,
            };
            if let Some(wanted) = wanted {
                let mut flow = ControlFlow::Continue(());
                self.world.find_items(cells.list, *column, &wanted, &mut |item| {
                    let inner = Frame { outer: Some(frame), ..at(item) };
                    if wanted.is_empty() && !self.world.has_cell(cells.list, item, *column) {
                        return true;
                    }
                    if self.look() && cells.predicates.iter().all(|p| self.passes(p, &inner, doubtful)) {
                        flow = tell(item);
                    }
                    flow.is_continue()
                });
                return flow;
            }
        }
        match &*cells.predicates {
            [] => {
                for item in 0..last {
                    if !self.look() {
                        break;
                    }
                    tell(item)?;
                }
            }
            [predicate] => {
                for item in 0..last {
                    if !self.look() {
                        break;
                    }
                    if self.passes(predicate, &Frame { outer: Some(frame), ..at(item) }, doubtful) {
                        tell(item)?;
                    }
                }
            }
            several => {
                let mut found: Vec<u32> = (0..last).collect();
                for predicate in several {
                    let last = short(found.len());
                    let mut position = 0;
                    found.retain(|&item| {
                        position += 1;
                        let inner = Frame { position, last, outer: Some(frame), ..at(item) };
                        self.look() && self.passes(predicate, &inner, doubtful)
                    });
                }
                for item in found {
                    tell(item)?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// Whether an item of which nobody knows whether it passes is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    LeftOut,
    /// A choice is not hidden because a pattern was given up.
    Taken,
}

fn short(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn worth(seen: Seen<'_>, numeric: bool) -> Value<'_> {
    match seen {
        Seen::Empty => Value::EMPTY,
        Seen::Text(text) if numeric => Value::Numeral(text),
        Seen::Text(text) => Value::Text(text),
        Seen::Number(number) => Value::Number(number),
        Seen::Bool(b) => Value::Bool(b),
        Seen::Unknown => Value::Unknown,
    }
}

/// XPath 1.0 §3.4 for two values; days and moments are numbers, beside a text they are compared as days when the text
/// is one, else as texts.
pub(super) fn compare_values(relation: Relation, a: &Value<'_>, b: &Value<'_>) -> Truth {
    use Relation::*;
    use Value::*;
    if matches!(a, Unknown) || matches!(b, Unknown) {
        return Truth::Unknown;
    }
    let holds = match relation {
        Less => a.number() < b.number(),
        LessEqual => a.number() <= b.number(),
        Greater => a.number() > b.number(),
        GreaterEqual => a.number() >= b.number(),
        Equal => equal(a, b),
        NotEqual => !equal(a, b),
    };
    holds.into()
}

fn equal(a: &Value<'_>, b: &Value<'_>) -> bool {
    use Value::*;
    match (a, b) {
        (Bool(x), y) | (y, Bool(x)) => *x == (y.truth() == Truth::Yes),
        (Text(x), Text(y)) | (Text(x), Numeral(y)) | (Numeral(x), Text(y)) => x == y,
        (Numeral(x), Numeral(y)) => x == y || a.number() == b.number(),
        (Date(_) | Moment { .. }, Text(text)) | (Text(text), Date(_) | Moment { .. }) => {
            let (x, y) = (a.number(), b.number());
            if text.is_empty() || x.is_nan() || y.is_nan() { false } else { x == y }
        }
        _ => a.number() == b.number(),
    }
}
