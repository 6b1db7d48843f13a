//! Rows and their answers: what stands where. Row 0 is the form itself; a roster's rows hang on the row around it.

use super::{At, Draft, RowId};
use crate::domain::{Given, Origin, Path, PersonId, State};
use crate::form::model::*;

/// How an answer reads now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Reads {
    /// Off the route, a typed state, or nothing answered.
    #[default]
    Empty,
    /// As it is kept.
    Kept,
    /// Without the choices that a filter hides.
    Cut(Box<str>),
    /// Nobody knows: what calculates it was given up. Kept as empty; who reads it does not know either.
    Unknown,
}

/// One node in one row.
#[derive(Clone, Debug)]
pub(super) struct NodeInstance {
    /// What was answered or computed; kept while off the route.
    pub text: String,
    pub state: Option<State>,
    pub reads: Reads,
    /// The text was set since `reads` was last worked out.
    pub touched: bool,
    /// Typed by somebody over what a calculation gives.
    pub over: bool,
    pub relevant: bool,
    pub required: bool,
    pub read_only: bool,
    /// Checks that fail, one bit each.
    pub failing: u32,
    pub origin: Origin,
    /// The last round's answer.
    pub before: Option<Box<Given>>,
}

impl NodeInstance {
    fn new() -> NodeInstance {
        NodeInstance {
            text: String::new(),
            state: None,
            reads: Reads::Empty,
            touched: false,
            over: false,
            relevant: true,
            required: false,
            read_only: false,
            failing: 0,
            origin: Origin::Asked,
            before: None,
        }
    }

    pub fn read(&self) -> &str {
        match &self.reads {
            Reads::Empty | Reads::Unknown => "",
            Reads::Kept => &self.text,
            Reads::Cut(text) => text,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct RowInstance {
    pub scope: ScopeId,
    pub parent: RowId,
    /// Its number and those of the rows around it, outermost first, from 0.
    pub numbers: Vec<u32>,
    pub cells: Vec<NodeInstance>,
    /// Rows of the rosters directly inside, by the roster's place among them.
    pub rosters: Vec<Vec<RowId>>,
    pub relevant: bool,
    pub alive: bool,
    pub person: Option<PersonId>,
    /// Carried from the survey before, and whether it was looked at.
    pub carried: Option<bool>,
}

impl RowInstance {
    pub fn new(form: &Form, scope: ScopeId, parent: RowId, numbers: Vec<u32>) -> RowInstance {
        let shape = &form.scopes[scope.index()];
        RowInstance {
            scope,
            parent,
            numbers,
            cells: vec![NodeInstance::new(); shape.nodes.len()],
            rosters: vec![Vec::new(); shape.rosters.len()],
            relevant: true,
            alive: true,
            person: None,
            carried: None,
        }
    }
}

impl Draft {
    pub(super) fn row(&self, id: RowId) -> &RowInstance {
        &self.rows[id.0 as usize]
    }

    pub(super) fn row_mut(&mut self, id: RowId) -> &mut RowInstance {
        &mut self.rows[id.0 as usize]
    }

    pub(super) fn cell(&self, at: At) -> &NodeInstance {
        &self.row(at.row).cells[self.form.node(at.node).slot as usize]
    }

    pub(super) fn cell_mut(&mut self, at: At) -> &mut NodeInstance {
        let slot = self.form.node(at.node).slot as usize;
        &mut self.row_mut(at.row).cells[slot]
    }

    /// The row of a scope with these numbers.
    pub(super) fn row_at(&self, scope: ScopeId, numbers: &[u32]) -> Option<RowId> {
        let Some(parent) = self.form.scopes[scope.index()].parent else { return Some(RowId::ROOT) };
        let depth = usize::from(self.form.links.depth[scope.index()]);
        let number = *numbers.get(depth.checked_sub(1)?)?;
        let outer = self.row_at(parent, numbers)?;
        let place = self.form.links.place_in_parent[scope.index()] as usize;
        self.row(outer).rosters.get(place)?.get(number as usize).copied()
    }

    /// The rows of a roster inside one outer row.
    pub(super) fn roster(&self, outer: RowId, scope: ScopeId) -> &[RowId] {
        let place = self.form.links.place_in_parent[scope.index()] as usize;
        self.row(outer).rosters.get(place).map_or(&[], Vec::as_slice)
    }

    /// Whether a place is still there.
    pub fn exists(&self, at: At) -> bool {
        let Some(row) = self.rows.get(at.row.0 as usize) else { return false };
        let Some(node) = self.form.nodes.get(at.node.0 as usize) else { return false };
        row.alive
            && (row.scope == node.scope || matches!(node.kind, ElementKind::Repeat { scope, .. } if scope == row.scope))
    }

    /// The place a path names: a question, a group, a roster (`g/r`), or one of its rows (`g/r[2]`, told by
    /// `At::row` being the row itself). None when nothing stands there.
    pub fn at(&self, path: &Path) -> Option<At> {
        let mut parent: Option<NodeId> = None;
        let mut row = RowId::ROOT;
        let mut at = None;
        for (name, index) in path.segments() {
            let node =
                self.form.by_name.get(name)?.iter().copied().find(|id| self.form.parent_in_path(*id) == parent)?;
            at = Some(At { row, node });
            match (&self.form.node(node).kind, index) {
                (ElementKind::Repeat { scope, .. }, Some(index)) => {
                    row = *self.roster(row, *scope).get(index.checked_sub(1)? as usize)?;
                    at = Some(At { row, node });
                }
                (_, Some(_)) => return None,
                (_, None) => {}
            }
            parent = Some(node);
        }
        // `g/r/x` without an index names no row.
        at.filter(|at| self.exists(*at))
    }

    /// The path of a place, as answers files write it.
    pub fn path(&self, at: At) -> Path {
        let node = self.form.node(at.node);
        let mut text = String::new();
        let mut chain = vec![at.node];
        let mut up = node.parent;
        while let Some(id) = up {
            chain.push(id);
            up = self.form.node(id).parent;
        }
        let numbers = &self.row(at.row).numbers;
        let mut depth = 0;
        for id in chain.into_iter().rev() {
            let node = self.form.node(id);
            if node.flat {
                continue;
            }
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(&node.name);
            if matches!(node.kind, ElementKind::Repeat { .. }) {
                if let Some(number) = numbers.get(depth) {
                    text.push_str(&format!("[{}]", number + 1));
                }
                depth += 1;
            }
        }
        Path(text)
    }

    /// Whether `at` names a roster's row (and not the roster itself).
    pub fn is_row(&self, at: At) -> bool {
        matches!(self.form.node(at.node).kind, ElementKind::Repeat { scope, .. } if self.row(at.row).scope == scope)
    }
}
