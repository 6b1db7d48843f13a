//! Answers to one form as columns: each question that somebody asked about, for every household, in every row of its roster.
//!
//! Households stand in the order of the roll's lines. The rows of a roster stand one behind the other, and `starts` says
//! where those of a household (of a row, for a roster in a roster) begin; so a filter walks plain vectors.

use super::CodeColumn;
use crate::domain::date::ZONE_MS;
use crate::domain::{Answers, Day, EntryId, Given, Stamp};
use crate::expr::{Clock, ColumnId, ListId, NodeId, Scheme, Seen, World};
use crate::form::Form;
use crate::form::model::{ElementKind, ScopeId};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Tells persons apart by their ID number, without holding it: the hash is keyed anew in each process, and is never kept.
/// 0: there is no number.
pub type PersonKey = u64;

/// How many rosters may stand inside one another.
const DEPTH_MAX: usize = crate::expr::compiled::REPEATS_MAX;

pub struct FormColumns {
    pub form: Arc<Form>,
    /// The record whose answers count, by line; empty where the lines know it themselves.
    pub entries: Vec<Option<EntryId>>,
    households: usize,
    /// How many of them have a survey that cannot be opened: they are counted as nobody.
    unread: usize,
    /// By scope: where the rows of each outer row begin, and one past the last. None: not read.
    starts: Vec<Option<Vec<u32>>>,
    /// By node.
    columns: Vec<Option<CodeColumn>>,
    keys: HashMap<NodeId, Vec<PersonKey>>,
    /// Path without row numbers → node, of what is read: questions and rosters; and the same by name, for surveys taken
    /// with another version of the form.
    paths: HashMap<String, NodeId>,
    names: HashMap<String, NodeId>,
    /// By scope: the rosters from the outermost to itself.
    chains: Vec<Vec<ScopeId>>,
    hasher: RandomState,
}

impl FormColumns {
    /// Nothing read yet.
    pub fn new(form: Arc<Form>) -> FormColumns {
        let chain = |scope: usize| {
            let mut chain = Vec::new();
            let mut at = Some(ScopeId(scope as u32));
            while let Some(scope) = at.filter(|scope| *scope != ScopeId::ROOT) {
                chain.insert(0, scope);
                at = form.scopes.get(scope.index()).and_then(|scope| scope.parent);
            }
            chain
        };
        FormColumns {
            entries: Vec::new(),
            households: 0,
            unread: 0,
            starts: vec![None; form.scopes.len()],
            columns: vec![None; form.nodes.len()],
            keys: HashMap::new(),
            paths: HashMap::new(),
            names: HashMap::new(),
            chains: (0..form.scopes.len()).map(chain).collect(),
            hasher: RandomState::new(),
            form,
        }
    }

    /// Every question and roster of the form, to be filled household by household.
    pub fn of_everything(form: Arc<Form>) -> FormColumns {
        let all = form.ids().filter(|id| !matches!(form.node(*id).kind, ElementKind::Group)).collect();
        FormColumns::new(form).part(&all, &BTreeSet::new())
    }

    /// Which of these nodes are not read yet.
    pub fn missing(&self, nodes: &BTreeSet<NodeId>, keys: &BTreeSet<NodeId>) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
        let unread = |node: &NodeId| match self.scope_of_roster(*node) {
            Some(scope) => self.starts.get(scope.index()).is_none_or(Option::is_none),
            None => self.columns.get(node.0 as usize).is_none_or(Option::is_none),
        };
        let nodes = nodes.iter().copied().filter(unread).collect();
        let keys = keys.iter().copied().filter(|node| !self.keys.contains_key(node)).collect();
        (nodes, keys)
    }

    fn scope_of_roster(&self, node: NodeId) -> Option<ScopeId> {
        match self.form.nodes.get(node.0 as usize)?.kind {
            ElementKind::Repeat { scope, .. } => Some(scope),
            _ => None,
        }
    }

    /// Empty columns for these nodes (questions, rosters), to be filled household by household, with the same keys.
    pub fn part(&self, nodes: &BTreeSet<NodeId>, keys: &BTreeSet<NodeId>) -> FormColumns {
        let mut part = FormColumns::new(self.form.clone());
        part.hasher = self.hasher.clone();
        for node in nodes.iter().chain(keys) {
            let shape = self.form.node(*node);
            let scope = part.scope_of_roster(*node).unwrap_or(shape.scope);
            for within in part.chains.get(scope.index()).cloned().unwrap_or_default() {
                part.read_scope(within);
            }
            if shape.question().is_some() {
                if keys.contains(node) {
                    part.keys.insert(*node, Vec::new());
                }
                if nodes.contains(node) {
                    part.columns[node.0 as usize] = Some(CodeColumn::default());
                }
                part.paths.insert(shape.path.clone(), *node);
                part.names.insert(shape.name.clone(), *node);
            }
        }
        part
    }

    fn read_scope(&mut self, scope: ScopeId) {
        let Some(node) = self.form.scopes.get(scope.index()).and_then(|scope| scope.roster) else { return };
        if let Some(starts) = self.starts.get_mut(scope.index())
            && starts.is_none()
        {
            *starts = Some(vec![0]);
        }
        let shape = self.form.node(node);
        self.paths.insert(shape.path.clone(), node);
        self.names.insert(shape.name.clone(), node);
    }

    /// The next household. None: it has no survey with this form, or nothing of it can be read.
    pub fn push(&mut self, answers: Option<&Answers>) {
        let mut found: Vec<(NodeId, [u32; DEPTH_MAX], &str)> = Vec::new();
        // The most row that was named, by roster and outer rows.
        let mut most: HashMap<(ScopeId, [u32; DEPTH_MAX]), u32> = HashMap::new();
        if let Some(answers) = answers {
            let mut last = "";
            let mut buffer = String::new();
            for row in &answers.rows {
                self.note_rows(row.path.as_str(), &mut buffer, &mut most);
            }
            for answer in &answers.answers {
                let path = answer.path.as_str();
                let mut rows = [0; DEPTH_MAX];
                let node = if path.contains('[') {
                    let within = path.rfind(']').map_or("", |end| &path[..=end]);
                    if within != last {
                        self.note_rows(within, &mut buffer, &mut most);
                        last = within;
                    }
                    strip(path, &mut buffer, &mut rows);
                    self.paths.get(buffer.as_str())
                } else {
                    self.paths.get(path)
                };
                let Some(node) = node.or_else(|| self.names.get(answer.path.name())) else { continue };
                if let Given::Value(text) = &answer.given
                    && !text.is_empty()
                {
                    found.push((*node, rows, text));
                }
            }
        }
        self.lay_out(&found, &most);
        self.households += 1;
    }

    fn note_rows(&self, path: &str, buffer: &mut String, most: &mut HashMap<(ScopeId, [u32; DEPTH_MAX]), u32>) {
        buffer.clear();
        let mut outer = [0; DEPTH_MAX];
        let mut depth = 0;
        for (i, segment) in path.split('/').enumerate() {
            if i > 0 {
                buffer.push('/');
            }
            let Some((name, number)) = numbered(segment) else {
                buffer.push_str(segment);
                continue;
            };
            buffer.push_str(name);
            if depth >= DEPTH_MAX {
                return;
            }
            let node = self.paths.get(buffer.as_str()).or_else(|| self.names.get(name));
            if let Some(scope) = node.and_then(|node| self.scope_of_roster(*node)) {
                let most = most.entry((scope, outer)).or_default();
                *most = (*most).max(number);
            }
            outer[depth] = number;
            depth += 1;
        }
    }

    fn lay_out(
        &mut self,
        found: &[(NodeId, [u32; DEPTH_MAX], &str)],
        most: &HashMap<(ScopeId, [u32; DEPTH_MAX]), u32>,
    ) {
        // The rows of each scope that are this household's, as the row numbers that lead there; in order.
        let mut rows: HashMap<ScopeId, Vec<[u32; DEPTH_MAX]>> = HashMap::new();
        rows.insert(ScopeId::ROOT, vec![[0; DEPTH_MAX]]);
        for index in 1..self.starts.len() {
            let scope = ScopeId(index as u32);
            let Some(starts) = &mut self.starts[index] else { continue };
            let parent = self.form.scopes.get(index).and_then(|scope| scope.parent).unwrap_or(ScopeId::ROOT);
            let depth = self.chains.get(index).map_or(0, Vec::len).saturating_sub(1);
            let mut own = Vec::new();
            for outer in rows.get(&parent).map(Vec::as_slice).unwrap_or_default() {
                let count = most.get(&(scope, *outer)).copied().unwrap_or(0).min(ROWS_MAX);
                for number in 1..=count {
                    let mut row = *outer;
                    row[depth.min(DEPTH_MAX - 1)] = number;
                    own.push(row);
                }
                starts.push(starts.last().copied().unwrap_or(0) + count);
            }
            rows.insert(scope, own);
        }
        let empty = [[0; DEPTH_MAX]];
        for index in 0..self.columns.len() {
            let node = NodeId(index as u32);
            let (column, keys) = (&mut self.columns[index], self.keys.get_mut(&node));
            if column.is_none() && keys.is_none() {
                continue;
            }
            let scope = self.form.nodes[index].scope;
            let own = if scope == ScopeId::ROOT { Some(&empty[..]) } else { rows.get(&scope).map(Vec::as_slice) };
            let mut keys = keys;
            for row in own.unwrap_or_default() {
                let text = found.iter().find(|(of, at, _)| *of == node && at == row).map_or("", |(.., text)| text);
                if let Some(column) = column {
                    column.push(text);
                }
                if let Some(keys) = &mut keys {
                    keys.push(if text.is_empty() { 0 } else { self.hasher.hash_one(text).max(1) });
                }
            }
        }
    }

    /// Takes over columns that were read for the same households.
    pub fn adopt(&mut self, part: FormColumns) {
        (self.households, self.unread) = (part.households, part.unread);
        for (own, read) in self.columns.iter_mut().zip(part.columns) {
            if read.is_some() {
                *own = read;
            }
        }
        for (own, read) in self.starts.iter_mut().zip(part.starts) {
            if read.is_some() {
                *own = read;
            }
        }
        self.keys.extend(part.keys);
        self.paths.extend(part.paths);
        self.names.extend(part.names);
    }

    /// Takes over the households of a part that was read beside this one, and come after its own.
    pub fn append(&mut self, part: &FormColumns) {
        self.households += part.households;
        self.unread += part.unread;
        for (own, read) in self.columns.iter_mut().zip(&part.columns) {
            if let (Some(own), Some(read)) = (own, read) {
                own.append(read);
            }
        }
        for (own, read) in self.starts.iter_mut().zip(&part.starts) {
            if let (Some(own), Some(read)) = (own, read) {
                let last = own.last().copied().unwrap_or(0);
                own.extend(read.iter().skip(1).map(|start| last + start));
            }
        }
        for (node, read) in &part.keys {
            self.keys.entry(*node).or_default().extend(read);
        }
    }

    pub fn unread(&self) -> usize {
        self.unread
    }

    /// The next household, whose survey cannot be opened.
    pub fn push_unread(&mut self) {
        self.unread += 1;
        self.push(None);
    }

    pub fn households(&self) -> usize {
        self.households
    }

    pub fn column(&self, node: NodeId) -> Option<&CodeColumn> {
        self.columns.get(node.0 as usize)?.as_ref()
    }

    /// The column of the question of that name; none where the form has none, or it is not read.
    pub fn named(&self, name: &str) -> Option<&CodeColumn> {
        self.column(self.node_named(name)?)
    }

    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        self.form.by_name.get(name)?.first().copied()
    }

    pub fn keys(&self, name: &str) -> Option<&[PersonKey]> {
        self.keys.get(&self.node_named(name)?).map(Vec::as_slice)
    }

    /// Where the rows of a roster begin, by household.
    pub fn starts(&self, roster: &str) -> Option<&[u32]> {
        let scope = self.scope_of_roster(self.node_named(roster)?)?;
        self.starts.get(scope.index())?.as_deref()
    }

    /// The rows of a question within a household: itself at the top, those of its roster else.
    pub fn rows_of(&self, node: NodeId, household: usize) -> std::ops::Range<usize> {
        let scope = self.form.nodes.get(node.0 as usize).map_or(ScopeId::ROOT, |node| node.scope);
        let mut range = household..household + 1;
        for scope in self.chains.get(scope.index()).map(Vec::as_slice).unwrap_or_default() {
            let Some(Some(starts)) = self.starts.get(scope.index()) else { return 0..0 };
            let at = |row: usize| starts.get(row).map_or(0, |start| *start as usize);
            range = at(range.start)..at(range.end);
        }
        range
    }

    /// Every row of a scope within the first household, as row numbers from the outermost roster inwards, from 0.
    pub fn places(&self, scope: usize) -> Vec<Vec<u32>> {
        let mut places = vec![(0usize, Vec::new())];
        for of in self.chains.get(scope).map(Vec::as_slice).unwrap_or_default() {
            let Some(Some(starts)) = self.starts.get(of.index()) else { return Vec::new() };
            let mut inner = Vec::new();
            for (at, place) in places {
                let Some([start, end]) = starts.get(at..at + 2) else { continue };
                for row in *start..*end {
                    let mut next: Vec<u32> = place.clone();
                    next.push(row - start);
                    inner.push((row as usize, next));
                }
            }
            places = inner;
        }
        places.into_iter().map(|(_, place)| place).collect()
    }

    /// What stands at a question of the first household in these rows.
    pub fn text_at(&self, node: NodeId, rows: &[u32]) -> &str {
        let Some(column) = self.column(node) else { return "" };
        let scope = self.form.nodes.get(node.0 as usize).map_or(ScopeId::ROOT, |node| node.scope);
        let mut at = 0;
        for (of, row) in self.chains.get(scope.index()).map(Vec::as_slice).unwrap_or_default().iter().zip(rows) {
            let start = self.starts.get(of.index()).and_then(|starts| starts.as_ref()?.get(at).copied()).unwrap_or(0);
            at = (start + row) as usize;
        }
        column.text(column.at(at))
    }

    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().flatten().map(CodeColumn::bytes).sum();
        let starts: usize = self.starts.iter().flatten().map(|starts| starts.capacity() * 4).sum();
        columns
            + starts
            + self.keys.values().map(|keys| keys.capacity() * 8).sum::<usize>()
            + self.entries.capacity() * 17
    }

    /// Whether the one household asks a question in these rows, counted from 0, by its answers alone: what goes by the day goes
    /// by none.
    pub fn asks(&self, node: NodeId, rows: &[u32]) -> bool {
        let clock = Clock { at: Stamp(0), today: Day(0), zone_ms: ZONE_MS };
        self.form.is_asked(node, &self.answered(0, clock), rows)
    }

    /// One household as an expression sees it.
    pub fn answered(&self, household: usize, clock: Clock) -> Answered<'_> {
        Answered { columns: self, household, clock }
    }
}

/// Rows of one roster that are read: what no family and no stay in hospital has.
const ROWS_MAX: u32 = 10_000;

/// `members[2]` → `members`, 2.
fn numbered(segment: &str) -> Option<(&str, u32)> {
    let (name, number) = segment.strip_suffix(']')?.split_once('[')?;
    Some((name, number.parse().ok()?))
}

/// The path without row numbers, and the numbers.
fn strip(path: &str, buffer: &mut String, rows: &mut [u32; DEPTH_MAX]) {
    buffer.clear();
    let mut depth = 0;
    for (i, segment) in path.split('/').enumerate() {
        if i > 0 {
            buffer.push('/');
        }
        match numbered(segment) {
            Some((name, number)) => {
                buffer.push_str(name);
                if let Some(row) = rows.get_mut(depth) {
                    *row = number;
                }
                depth += 1;
            }
            None => buffer.push_str(segment),
        }
    }
}

/// A household's answers, out of the columns. What is not read is empty: whoever evaluates reads first what is read.
pub struct Answered<'c> {
    columns: &'c FormColumns,
    household: usize,
    clock: Clock,
}

impl Answered<'_> {
    fn row(&self, scope: ScopeId, rows: &[u32]) -> Option<usize> {
        let mut at = self.household;
        let chain = self.columns.chains.get(scope.index())?;
        for (scope, row) in chain.iter().zip(rows) {
            let starts = self.columns.starts.get(scope.index())?.as_ref()?;
            let (start, end) = (*starts.get(at)?, *starts.get(at + 1)?);
            let row = start.checked_add(*row)?;
            if row >= end {
                return None;
            }
            at = row as usize;
        }
        (rows.len() >= chain.len()).then_some(at)
    }
}

impl World for Answered<'_> {
    fn scheme(&self) -> &dyn Scheme {
        &*self.columns.form
    }

    fn value(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        let Some(column) = self.columns.column(node) else { return Seen::Empty };
        let scope = self.columns.form.nodes.get(node.0 as usize).map_or(ScopeId::ROOT, |node| node.scope);
        match self.row(scope, rows) {
            Some(row) => Seen::from(column.text(column.at(row))),
            None => Seen::Empty,
        }
    }

    fn row_count(&self, repeat: NodeId, outer: &[u32]) -> u32 {
        let count = || {
            let scope = self.columns.scope_of_roster(repeat)?;
            let parent = self.columns.form.scopes.get(scope.index())?.parent?;
            let at = self.row(parent, outer)?;
            let starts = self.columns.starts.get(scope.index())?.as_ref()?;
            Some(starts.get(at + 1)? - starts.get(at)?)
        };
        count().unwrap_or(0)
    }

    fn clock(&self) -> Clock {
        self.clock
    }

    fn random(&self) -> f64 {
        // A condition that finds other households each time is none.
        0.0
    }

    fn item_count(&self, list: ListId) -> u32 {
        self.columns.form.lists.get(list.0 as usize).map_or(0, |list| list.choices.len() as u32)
    }

    fn cell(&self, list: ListId, item: u32, column: ColumnId) -> Cow<'_, str> {
        let Some(list) = self.columns.form.lists.get(list.0 as usize) else { return Cow::Borrowed("") };
        let Some(choice) = list.choices.get(item as usize) else { return Cow::Borrowed("") };
        Cow::Borrowed(match column.0 {
            0 => &choice.name,
            1 => choice.label.get(self.columns.form.language),
            more => list.cell(item as usize, more as usize - 2).unwrap_or(""),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, Origin, Path, Stamp};
    use crate::expr::{EvalContext, Scope, compile};
    use crate::form::{Book, load};

    fn form() -> Arc<Form> {
        let survey = "type,name,label\ninteger,a,A\nbegin repeat,r,R\ninteger,n,N\nbegin repeat,q,Q\ninteger,k,K\n\
                      end repeat,,\nend repeat,,\ntext,t,T\n";
        let book = Book::from_csv([("survey.csv", survey.as_bytes())]).unwrap();
        Arc::new(load(&book, &HashMap::new()).unwrap().form)
    }

    fn answers(values: &[(&str, &str)]) -> Answers {
        let answer = |(path, text): &(&str, &str)| Answer {
            path: Path::new(*path),
            given: Given::Value((*text).to_owned()),
            origin: Origin::Asked,
        };
        Answers { answers: values.iter().map(answer).collect(), ..Answers::default() }
    }

    /// Every node of the form.
    fn read(form: &Arc<Form>, all: &[Answers]) -> FormColumns {
        let whole = FormColumns::new(form.clone());
        let nodes: BTreeSet<NodeId> = form.ids().collect();
        let halves: Vec<FormColumns> = all
            .chunks(2)
            .map(|chunk| {
                let mut part = whole.part(&nodes, &BTreeSet::from_iter(form.by_name["t"].clone()));
                chunk.iter().for_each(|answers| part.push(Some(answers)));
                part
            })
            .collect();
        let mut columns = FormColumns::new(form.clone());
        let mut halves = halves.into_iter();
        columns.adopt(halves.next().unwrap());
        halves.for_each(|half| columns.append(&half));
        columns
    }

    #[test]
    fn an_expression_sees_rows_in_rows_whichever_part_they_were_read_in() {
        let form = form();
        let all = [
            answers(&[("a", "1"), ("r[1]/n", "5"), ("r[2]/n", "7"), ("r[2]/q[1]/k", "1"), ("r[2]/q[3]/k", "4")]),
            answers(&[("t", "x")]),
            answers(&[("r[1]/q[1]/k", "9"), ("a", "3"), ("t", "x")]),
        ];
        let columns = read(&form, &all);
        let clock = Clock { at: Stamp(0), today: crate::domain::Day(0), zone_ms: 0 };
        for (text, expected) in [
            ("sum(${n})", ["12", "0", "0"]),
            ("count(${r})", ["2", "0", "1"]),
            ("sum(${k})", ["5", "0", "9"]),
            ("count(${r}[count(${q}) > 0])", ["1", "0", "1"]),
            ("${a}", ["1", "", "3"]),
            ("count(${r}[${n} > 5])", ["1", "0", "0"]),
        ] {
            let (expr, problems) = compile(text, &*form, Scope::top());
            assert_eq!(problems, [], "{text}");
            let texts: Vec<String> = (0..3)
                .map(|household| {
                    let world = columns.answered(household, clock);
                    expr.text(&world, EvalContext::TOP).into_owned()
                })
                .collect();
            assert_eq!(texts, expected, "{text}");
        }
        let keys = columns.keys("t").unwrap();
        assert_eq!((keys[0], keys[1] == keys[2], keys[1] != 0), (0, true, true));
    }
}
