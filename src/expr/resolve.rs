//! Names → ids. Which row a reference means is settled here, once: it shares the row numbers of the repeats that stand
//! above both the reference and its target, and goes over all rows of the repeats below.

use super::compiled::{REPEATS_MAX, Read, Reads};
use super::functions::{self, Function};
use super::lexer;
use super::op::{Cells, Level, Node, Op, Pick, Reach};
use super::problem::{Fault, Problem, Span};
use super::scheme::{Bare, ColumnId, Found, ListId, NodeId, NodeKind, Scheme, Scope, ValueType};
use super::tree::{self, Binary, Path, Start, Step, StepKind, Tree};

pub(super) fn resolve(tree: &Tree, scheme: &dyn Scheme, scope: Scope, problems: &mut Vec<Problem>) -> (Node, Reads) {
    let mut resolver = Resolver { scheme, bare: scope.bare, contexts: Vec::new(), reads: Reads::default(), problems };
    let mut chain = scope.at.map(|at| resolver.repeats(at)).unwrap_or_default();
    if !scope.of_row && scope.at.is_some_and(|at| chain.last() == Some(&at)) {
        chain.pop();
    }
    let fixed = chain.len();
    resolver.contexts.push(Context { at: scope.at, chain, item: None, fixed });
    if let Bare::Column(list) = scope.bare {
        resolver.contexts.push(Context { at: None, chain: Vec::new(), item: Some(list), fixed: 0 });
        resolver.reads.lists.push(list);
    }
    let node = resolver.node(tree);
    let mut reads = resolver.reads;
    reads.tidy();
    (node, reads)
}

/// Where a part of the expression is evaluated; the last is the innermost predicate.
struct Context {
    at: Option<NodeId>,
    /// The repeats whose row numbers the frame holds, outermost first.
    chain: Vec<NodeId>,
    item: Option<ListId>,
    /// How many of them are the expression's own rows, and not a predicate's candidates.
    fixed: usize,
}

/// Where a path has come to.
struct Spot {
    node: Option<NodeId>,
    up: usize,
    shared: usize,
    levels: Vec<Level>,
    filter: Vec<Node>,
}

enum Place {
    Node(Spot),
    List(Cells),
    /// A value, told as problem if a path goes on from it.
    Value(Op),
    Broken,
}

struct Resolver<'s, 'p> {
    scheme: &'s dyn Scheme,
    bare: Bare,
    contexts: Vec<Context>,
    reads: Reads,
    problems: &'p mut Vec<Problem>,
}

impl Resolver<'_, '_> {
    fn problem(&mut self, span: Span, fault: Fault) {
        self.problems.push(Problem { span, fault });
    }

    /// The repeats above a node, itself included if it is one; outermost first.
    fn repeats(&self, node: NodeId) -> Vec<NodeId> {
        let mut chain = Vec::new();
        let mut at = Some(node);
        // A scheme whose parents go round in a circle is a broken one; it must not hang us.
        for _ in 0..1000 {
            let Some(id) = at else { break };
            if self.scheme.kind(id) == NodeKind::Repeat {
                chain.push(id);
            }
            at = self.scheme.parent(id);
        }
        chain.reverse();
        chain
    }

    fn node(&mut self, tree: &Tree) -> Node {
        let op = match &tree.node {
            tree::Node::Broken => Op::Empty,
            tree::Node::Number(number) => Op::Number(*number),
            tree::Node::Text(text) => Op::Text(self.literal(text, tree.span).into()),
            tree::Node::Negate(inner) => Op::Negate(Box::new(self.node(inner))),
            tree::Node::Sum(parts) => Op::Sum(parts.iter().map(|(minus, part)| (*minus, self.node(part))).collect()),
            tree::Node::And(parts) => Op::And(self.nodes(parts)),
            tree::Node::Or(parts) => Op::Or(self.nodes(parts)),
            tree::Node::Binary(binary, left, right) => {
                let (left, right) = (Box::new(self.node(left)), Box::new(self.node(right)));
                match binary {
                    Binary::Times => Op::Times(left, right),
                    Binary::Div => Op::Div(left, right),
                    Binary::Mod => Op::Mod(left, right),
                    Binary::Compare(relation) => Op::Compare(*relation, left, right),
                }
            }
            tree::Node::Path(path) => self.path(path, tree.span),
        };
        Node { op, span: tree.span }
    }

    fn nodes(&mut self, trees: &[Tree]) -> Box<[Node]> {
        trees.iter().map(|tree| self.node(tree)).collect()
    }

    /// `${x}` inside a text literal stands for the path of x, as the converter of the field writes it there.
    fn literal(&mut self, text: &str, span: Span) -> String {
        if !text.contains("${") {
            return text.to_owned();
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, from) = rest.split_at(start);
            out.push_str(before);
            let name = from.find('}').map(|end| (&from[2..end], &from[end + 1..]));
            match name {
                Some((name, after)) if lexer::is_name(name.trim()) => {
                    if let Some(id) = self.find(name.trim(), span) {
                        out.push_str(&format!(" {} ", self.path_text(id)));
                    }
                    rest = after;
                }
                _ => {
                    out.push_str("${");
                    rest = &from[2..];
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn path_text(&self, node: NodeId) -> String {
        let mut names = vec![self.scheme.name(node)];
        let mut at = self.scheme.parent(node);
        while let Some(id) = at.filter(|_| names.len() < 1000) {
            names.push(self.scheme.name(id));
            at = self.scheme.parent(id);
        }
        names.push(self.scheme.root());
        names.reverse();
        format!("/{}", names.join("/"))
    }

    fn nearest_name(&self, name: &str) -> Option<String> {
        nearest(name, |tell| self.scheme.each_name(tell))
    }

    fn find(&mut self, name: &str, span: Span) -> Option<NodeId> {
        match self.scheme.find(name) {
            Found::One(id) => Some(id),
            Found::Nothing => {
                let nearest = self.nearest_name(name);
                self.problem(span, Fault::UnknownName { name: name.to_owned(), nearest });
                None
            }
            Found::Several(ids) => {
                let at = self.contexts.first().and_then(|c| c.at);
                let mine = at.map(|at| self.ancestors(at)).unwrap_or_default();
                let near = |id: NodeId| self.ancestors(id).iter().zip(&mine).take_while(|(a, b)| a == b).count();
                let best = ids.iter().map(|&id| near(id)).max();
                let mut nearest = ids.iter().copied().filter(|&id| Some(near(id)) == best);
                match (nearest.next(), nearest.next()) {
                    (Some(id), None) => Some(id),
                    (first, _) => {
                        self.problem(span, Fault::SeveralNames { name: name.to_owned() });
                        first
                    }
                }
            }
        }
    }

    /// The node itself last.
    fn ancestors(&self, node: NodeId) -> Vec<NodeId> {
        let mut all = vec![node];
        let mut at = self.scheme.parent(node);
        while let Some(id) = at.filter(|_| all.len() < 1000) {
            all.push(id);
            at = self.scheme.parent(id);
        }
        all.reverse();
        all
    }

    /// The way from where the expression stands to a node named by `${}` or an absolute path.
    fn reach(&mut self, id: NodeId, span: Span) -> Spot {
        let mut chain = self.repeats(id);
        if chain.len() > REPEATS_MAX {
            self.problem(span, Fault::TooManyRepeats);
            chain.truncate(REPEATS_MAX);
        }
        // A repeat as a target means its rows, also from inside one of them.
        let above = if self.scheme.kind(id) == NodeKind::Repeat { chain.len().saturating_sub(1) } else { chain.len() };
        let common =
            |context: &Context| chain.iter().take(above).zip(&context.chain).take_while(|(a, b)| a == b).count();
        let (mut up, mut shared) = (0, 0);
        for (i, context) in self.contexts.iter().rev().enumerate() {
            let found = common(context);
            if found > shared {
                (up, shared) = (i, found);
            }
        }
        if shared == 0 {
            // Of no context more than of another: counted from the expression's own place.
            up = self.contexts.len() - 1;
        }
        let levels = chain.iter().skip(shared).map(|&repeat| Level { repeat, pick: Pick::All }).collect();
        Spot { node: Some(id), up, shared, levels, filter: Vec::new() }
    }

    fn context(&self, up: usize) -> Option<&Context> {
        self.contexts.iter().rev().nth(up)
    }

    /// How many of a spot's rows are the expression's own.
    fn fixed(&self, spot: &Spot) -> u8 {
        let fixed = self.context(spot.up).map_or(0, |c| c.fixed);
        spot.shared.min(fixed) as u8
    }

    fn here(&self, up: usize) -> Spot {
        let context = self.context(up);
        Spot {
            node: context.and_then(|c| c.at),
            up,
            shared: context.map_or(0, |c| c.chain.len()),
            levels: Vec::new(),
            filter: Vec::new(),
        }
    }

    fn path(&mut self, path: &Path, span: Span) -> Op {
        if let (Start::Call { name, arguments }, [], []) = (&path.start, &*path.predicates, &*path.steps)
            && !matches!(name.as_str(), "instance" | "current")
        {
            return self.call(name, arguments, span);
        }
        // `.` of the expression itself, and `current()/.`
        let own = match (&path.start, &*path.steps) {
            (Start::Here, [step]) => {
                self.contexts.len() == 1 && step.kind == StepKind::Self_ && step.predicates.is_empty()
            }
            (Start::Call { name, .. }, steps) => {
                name == "current" && steps.iter().all(|s| s.kind == StepKind::Self_ && s.predicates.is_empty())
            }
            _ => false,
        };
        if own {
            let spot = self.here(self.contexts.len() - 1);
            self.reads.own = true;
            return match self.as_reach(spot) {
                Some(reach) => Op::Own(Box::new(reach)),
                None => Op::Empty,
            };
        }
        match self.walk(path, span) {
            Place::Node(spot) => self.finish(spot),
            Place::List(cells) => Op::Cells(Box::new(cells)),
            Place::Value(op) => op,
            Place::Broken => Op::Empty,
        }
    }

    fn as_reach(&self, spot: Spot) -> Option<Reach> {
        let node = spot.node?;
        let kind = self.scheme.kind(node);
        Some(Reach {
            node,
            leaf: matches!(kind, NodeKind::Leaf(_)),
            numeric: matches!(kind, NodeKind::Leaf(ValueType::Integer | ValueType::Decimal)),
            up: u8::try_from(spot.up).unwrap_or(u8::MAX),
            shared: spot.shared as u8,
            levels: spot.levels.into(),
            filter: spot.filter.into(),
        })
    }

    fn finish(&mut self, spot: Spot) -> Op {
        let fixed = self.fixed(&spot);
        if let Some(node) = spot.node {
            self.reads.values.push(Read { node, shared: fixed });
        }
        for level in &spot.levels {
            self.reads.rows.push(Read { node: level.repeat, shared: fixed });
        }
        self.as_reach(spot).map_or(Op::Empty, |reach| Op::Read(Box::new(reach)))
    }

    fn walk(&mut self, path: &Path, span: Span) -> Place {
        let mut steps = &*path.steps;
        let mut place = match &path.start {
            Start::Reference { name, last_saved } => {
                let Some(id) = self.find(name, path.start_span) else {
                    self.predicates_for_faults(path);
                    return Place::Broken;
                };
                if *last_saved {
                    self.reads.last_saved = true;
                    let numeric =
                        matches!(self.scheme.kind(id), NodeKind::Leaf(ValueType::Integer | ValueType::Decimal));
                    Place::Value(Op::LastSaved(id, numeric))
                } else {
                    Place::Node(self.reach(id, path.start_span))
                }
            }
            Start::Root => match self.absolute(steps, span) {
                Some((place, rest)) => {
                    steps = rest;
                    place
                }
                None => return Place::Broken,
            },
            Start::Here => match (self.context(0).and_then(|c| c.item), steps.split_first()) {
                (Some(list), Some((step, rest))) => match &step.kind {
                    StepKind::Child(name) => {
                        steps = rest;
                        self.column_value(list, name, step.span)
                    }
                    // The item itself: what a choice is told by is its name.
                    StepKind::Self_ if rest.is_empty() => {
                        steps = rest;
                        self.column_value(list, "name", step.span)
                    }
                    StepKind::Self_ => {
                        return match rest.split_first() {
                            Some((Step { kind: StepKind::Child(name), span, .. }, [])) => {
                                self.column_value(list, &name.clone(), *span)
                            }
                            _ => {
                                self.problem(span, Fault::InstanceShape);
                                Place::Broken
                            }
                        };
                    }
                    StepKind::Parent => {
                        self.problem(span, Fault::InstanceShape);
                        return Place::Broken;
                    }
                },
                (None, Some((Step { kind: StepKind::Child(name), span: at, predicates }, rest)))
                    if self.bare == Bare::Names && self.contexts.len() == 1 =>
                {
                    let Some(id) = self.find(name, *at) else { return Place::Broken };
                    steps = rest;
                    let mut spot = self.reach(id, *at);
                    self.predicates(&mut spot, predicates);
                    Place::Node(spot)
                }
                _ => Place::Node(self.here(0)),
            },
            Start::Call { name, arguments } => match name.as_str() {
                "instance" => match self.instance(arguments, steps, span) {
                    Some((place, rest)) => {
                        steps = rest;
                        place
                    }
                    None => return Place::Broken,
                },
                "current" => Place::Node(self.here(self.contexts.len() - 1)),
                _ => Place::Value(self.call(name, arguments, path.start_span)),
            },
            Start::Group(inner) => match &inner.node {
                tree::Node::Path(inner_path) => self.walk(inner_path, inner.span),
                _ => Place::Value(self.node(inner).op),
            },
        };
        match &mut place {
            Place::Node(spot) if !path.predicates.is_empty() => self.predicates(spot, &path.predicates),
            Place::List(cells) if !path.predicates.is_empty() => {
                let more = self.item_predicates(cells.list, &path.predicates);
                cells.predicates = std::mem::take(&mut cells.predicates).into_iter().chain(more).collect();
                cells.key = None;
            }
            Place::Value(_) if !path.predicates.is_empty() || !steps.is_empty() => {
                self.problem(span, Fault::PredicateOnValue);
                return place;
            }
            _ => {}
        }
        for step in steps {
            place = match place {
                Place::Node(spot) => self.step(spot, step),
                Place::List(cells) => {
                    self.problem(step.span, Fault::InstanceShape);
                    Place::List(cells)
                }
                other => other,
            };
        }
        place
    }

    /// Of a path that leads nowhere: what stands in its predicates may be wrong too.
    fn predicates_for_faults(&mut self, path: &Path) {
        if self.contexts.len() > REPEATS_MAX {
            return;
        }
        let quiet = self.problems.len();
        for predicate in &path.predicates {
            self.node(predicate);
        }
        // Bare names in them cannot be judged.
        let mut i = 0;
        self.problems.retain(|p| {
            i += 1;
            i <= quiet || !matches!(p.fault, Fault::BareName { .. } | Fault::UnknownStep { .. })
        });
    }

    fn column_value(&mut self, list: ListId, name: &str, span: Span) -> Place {
        match self.column(list, name, span) {
            Some(column) => Place::Value(Op::Column { up: 0, list, column }),
            None => Place::Broken,
        }
    }

    fn column(&mut self, list: ListId, name: &str, span: Span) -> Option<ColumnId> {
        let column = self.scheme.column(list, name);
        if column.is_none() {
            let nearest = nearest(name, |tell| self.scheme.each_column(list, tell));
            self.problem(span, Fault::UnknownColumn { name: name.to_owned(), list: String::new(), nearest });
        }
        column
    }

    fn step(&mut self, mut spot: Spot, step: &Step) -> Place {
        if !spot.filter.is_empty() {
            self.problem(step.span, Fault::PredicateOnValue);
            return Place::Broken;
        }
        match &step.kind {
            StepKind::Self_ => {}
            StepKind::Parent => {
                let Some(node) = spot.node else {
                    self.problem(step.span, Fault::AboveTheTop);
                    return Place::Broken;
                };
                if spot.levels.last().is_some_and(|level| level.repeat == node) {
                    spot.levels.pop();
                } else if self.scheme.kind(node) == NodeKind::Repeat && spot.levels.is_empty() {
                    let depth = self.repeats(node).len().saturating_sub(1);
                    spot.shared = spot.shared.min(depth);
                }
                spot.node = self.scheme.parent(node);
            }
            StepKind::Child(name) => {
                let Some(child) = self.scheme.child(spot.node, name) else {
                    self.no_child(&spot, name, step.span);
                    return Place::Broken;
                };
                spot.node = Some(child);
                if self.scheme.kind(child) == NodeKind::Repeat {
                    if spot.shared + spot.levels.len() >= REPEATS_MAX {
                        self.problem(step.span, Fault::TooManyRepeats);
                        return Place::Broken;
                    }
                    spot.levels.push(Level { repeat: child, pick: Pick::All });
                }
            }
        }
        self.predicates(&mut spot, &step.predicates);
        Place::Node(spot)
    }

    fn no_child(&mut self, spot: &Spot, name: &str, span: Span) {
        let leaf = spot.node.is_none_or(|n| matches!(self.scheme.kind(n), NodeKind::Leaf(_)));
        let fault = if leaf {
            let known = !matches!(self.scheme.find(name), Found::Nothing);
            let nearest = if known { Some(name.to_owned()) } else { self.nearest_name(name) };
            Fault::BareName { name: name.to_owned(), nearest }
        } else {
            let parent = spot.node.map_or(self.scheme.root(), |n| self.scheme.name(n)).to_owned();
            Fault::UnknownStep { step: name.to_owned(), parent }
        };
        self.problem(span, fault);
    }

    /// `/data/group/x`: like `${x}`, it means the same row where the expression stands in one.
    fn absolute<'t>(&mut self, steps: &'t [Step], span: Span) -> Option<(Place, &'t [Step])> {
        let mut steps = steps;
        if let Some((Step { kind: StepKind::Child(name), .. }, rest)) = steps.split_first()
            && (name == self.scheme.root() || self.scheme.child(None, name).is_none())
        {
            steps = rest;
        }
        let mut at = None;
        while let Some((Step { kind: StepKind::Child(name), span, predicates }, rest)) = steps.split_first() {
            let Some(child) = self.scheme.child(at, name) else {
                let parent = at.map_or(self.scheme.root(), |n| self.scheme.name(n)).to_owned();
                self.problem(*span, Fault::UnknownStep { step: name.clone(), parent });
                return None;
            };
            at = Some(child);
            steps = rest;
            if !predicates.is_empty() {
                let mut spot = self.reach(child, *span);
                self.predicates(&mut spot, predicates);
                return Some((Place::Node(spot), steps));
            }
        }
        let spot = match at {
            Some(id) => self.reach(id, span),
            None => Spot { node: None, up: self.contexts.len() - 1, shared: 0, levels: Vec::new(), filter: Vec::new() },
        };
        Some((Place::Node(spot), steps))
    }

    fn predicates(&mut self, spot: &mut Spot, predicates: &[Tree]) {
        if predicates.is_empty() {
            return;
        }
        let Some(node) = spot.node else { return };
        // Frames are counted in a byte, and each is a loop inside a loop.
        if self.contexts.len() > 16 {
            let span = predicates.first().map_or(Span::new(0, 0), |p| p.span);
            self.problem(span, Fault::TooDeep);
            return;
        }
        let fixed = usize::from(self.fixed(spot));
        let chain = self.repeats(node);
        self.contexts.push(Context { at: Some(node), chain, item: None, fixed });
        // What was reached from a frame is one frame further away inside the predicate.
        let resolved = self.nodes(predicates);
        self.contexts.pop();
        match spot.levels.last_mut() {
            Some(level) if level.repeat == node => {
                let before = match std::mem::replace(&mut level.pick, Pick::All) {
                    Pick::Where(before) => before.into_vec(),
                    _ => Vec::new(),
                };
                level.pick = Pick::Where(before.into_iter().chain(resolved).collect());
            }
            _ => spot.filter.extend(resolved),
        }
    }

    fn item_predicates(&mut self, list: ListId, predicates: &[Tree]) -> Box<[Node]> {
        if self.contexts.len() > 16 {
            let span = predicates.first().map_or(Span::new(0, 0), |p| p.span);
            self.problem(span, Fault::TooDeep);
            return Box::new([]);
        }
        self.contexts.push(Context { at: None, chain: Vec::new(), item: Some(list), fixed: 0 });
        let resolved = self.nodes(predicates);
        self.contexts.pop();
        resolved
    }

    fn list(&mut self, name: &str, span: Span) -> Option<ListId> {
        let list = self.scheme.list(name);
        match list {
            Some(list) => self.reads.lists.push(list),
            None => {
                let nearest = nearest(name, |tell| self.scheme.each_list(tell));
                self.problem(span, Fault::UnknownList { name: name.to_owned(), nearest });
            }
        }
        list
    }

    fn instance<'t>(&mut self, arguments: &[Tree], steps: &'t [Step], span: Span) -> Option<(Place, &'t [Step])> {
        let [Tree { node: tree::Node::Text(name), span: at, .. }] = arguments else {
            self.arity("instance", 1, Some(1), arguments.len(), span);
            return None;
        };
        let list = self.list(name, *at)?;
        let child = |step: &Step, name: &str| matches!(&step.kind, StepKind::Child(n) if n == name);
        let [root, item, rest @ ..] = steps else {
            self.problem(span, Fault::InstanceShape);
            return None;
        };
        if !child(root, "root") || !child(item, "item") || !root.predicates.is_empty() {
            self.problem(span, Fault::InstanceShape);
            return None;
        }
        let predicates = self.item_predicates(list, &item.predicates);
        let key = key_of(&predicates);
        let mut cells = Cells { list, predicates, key, column: None };
        let rest = match rest {
            [Step { kind: StepKind::Child(column), span: at, predicates }, rest @ ..] => {
                cells.column = Some(self.column(list, column, *at)?);
                if !predicates.is_empty() {
                    self.problem(*at, Fault::InstanceShape);
                }
                rest
            }
            rest => rest,
        };
        Some((Place::List(cells), rest))
    }

    fn arity(&mut self, function: &'static str, least: u8, most: Option<u8>, found: usize, span: Span) {
        self.problem(span, Fault::Arguments { function, least, most, found });
    }

    fn call(&mut self, name: &str, arguments: &[Tree], span: Span) -> Op {
        let Some(function) = functions::find(name) else {
            let fault = match functions::dialect_of(name) {
                Some(dialect) => Fault::ForeignFunction { name: name.to_owned(), dialect },
                None => {
                    let nearest = nearest(name, |tell| functions::all().for_each(|f| tell(f.name)));
                    Fault::UnknownFunction { name: name.to_owned(), nearest }
                }
            };
            self.problem(span, fault);
            self.nodes(arguments);
            return Op::Empty;
        };
        let fits = arguments.len() >= usize::from(function.least)
            && function.most.is_none_or(|most| arguments.len() <= usize::from(most));
        if !fits {
            self.arity(function.name, function.least, function.most, arguments.len(), span);
            self.nodes(arguments);
            return Op::Empty;
        }
        self.check_literals(function, arguments);
        match function.name {
            "today" | "now" => self.reads.clock = true,
            "random" | "uuid" => self.reads.random = true,
            "randomize" if arguments.len() == 1 => self.reads.random = true,
            _ => {}
        }
        match (function.name, arguments) {
            ("position", []) => {
                if self.contexts.len() > 1 {
                    Op::Position
                } else {
                    Op::Number(1.0)
                }
            }
            ("position", [argument]) => self.row_number(argument),
            ("last", _) => Op::Last,
            ("index", _) => match self.context(0).map(|c| c.chain.clone()) {
                Some(chain) if !chain.is_empty() => self.row_number_at(0, &chain),
                _ => Op::Number(1.0),
            },
            ("once", [argument]) => {
                let fresh = self.node(argument);
                self.reads.keeps = true;
                match self.contexts.first().and_then(|c| c.at) {
                    Some(at) => Op::Once(at, Box::new(fresh)),
                    None => fresh.op,
                }
            }
            ("indexed-repeat", arguments) => self.indexed_repeat(function, arguments, span),
            ("jr:choice-name", [value, question]) => {
                let id = match &question.node {
                    tree::Node::Text(text) => self.named_in(text, question.span),
                    _ => self.target(question, function),
                };
                self.choice_label(id, value, question.span)
            }
            ("choice-label", [question, value]) => {
                let id = self.target(question, function);
                self.choice_label(id, value, question.span)
            }
            ("pulldata", [table, wanted, searched, value]) => self.pulldata(function, [table, wanted, searched, value]),
            ("count-if", [rows, condition]) => self.conditional("count", None, rows, condition, function),
            ("sum-if", [values, condition]) => self.conditional("sum", None, values, condition, function),
            ("join-if", [separator, values, condition]) => {
                self.conditional("join", Some(separator), values, condition, function)
            }
            ("string-length" | "normalize-space" | "string" | "number", []) => {
                // XPath 1.0: of the node where the expression stands.
                let dot = Path {
                    start: Start::Here,
                    start_span: span,
                    predicates: Vec::new(),
                    steps: vec![Step { kind: StepKind::Self_, span, predicates: Vec::new() }],
                };
                let op = self.path(&dot, span);
                Op::Call(function, Box::new([Node { op, span }]))
            }
            (_, arguments) => Op::Call(function, self.nodes(arguments)),
        }
    }

    /// What can be seen to be wrong before any answer is given.
    fn check_literals(&mut self, function: &'static Function, arguments: &[Tree]) {
        let text = |i: usize| match arguments.get(i) {
            Some(Tree { node: tree::Node::Text(text), span, .. }) => Some((text.as_str(), *span)),
            _ => None,
        };
        let found = match function.name {
            "regex" => text(1)
                .filter(|(pattern, _)| functions::is_no_pattern(pattern))
                .map(|(pattern, span)| (span, Fault::NotARegex(pattern.to_owned()))),
            "date" | "date-time" => text(0)
                .filter(|(day, _)| !day.trim().is_empty() && super::value::text_number(day).is_nan())
                .map(|(day, span)| (span, Fault::NotADay(day.to_owned()))),
            "digest" => text(1)
                .filter(|(name, _)| !functions::digests().contains(name))
                .map(|(name, span)| (span, Fault::UnknownDigest(name.to_owned()))),
            _ => None,
        };
        if let Some((span, fault)) = found {
            self.problem(span, fault);
        }
    }

    /// The node that an argument refers to, whatever its rows.
    fn target(&mut self, argument: &Tree, function: &'static Function) -> Option<NodeId> {
        let place = match &argument.node {
            tree::Node::Path(path) => self.walk(path, argument.span),
            _ => Place::Broken,
        };
        match place {
            Place::Node(Spot { node: Some(node), .. }) => Some(node),
            _ => {
                let told = self.problems.last().is_some_and(|p| p.span.start >= argument.span.start);
                if !told {
                    self.problem(argument.span, Fault::NotAReference { function: function.name });
                }
                None
            }
        }
    }

    /// `'${x}'`, `'/data/x'` or `'x'`: the question that a text literal names.
    fn named_in(&mut self, text: &str, span: Span) -> Option<NodeId> {
        let text = text.trim();
        let name = match text.strip_prefix("${").and_then(|t| t.strip_suffix('}')) {
            Some(name) => name.trim(),
            None => text.rsplit('/').next().unwrap_or(text).trim(),
        };
        self.find(name, span)
    }

    fn choice_label(&mut self, id: Option<NodeId>, value: &Tree, span: Span) -> Op {
        let value = Box::new(self.node(value));
        let Some(id) = id else { return Op::Empty };
        let Some(list) = self.scheme.list_of(id) else {
            let name = self.scheme.name(id).to_owned();
            self.problem(span, Fault::NoChoices { name });
            return Op::Empty;
        };
        self.reads.lists.push(list);
        match (self.scheme.column(list, "name"), self.scheme.column(list, "label")) {
            (Some(name), Some(label)) => Op::ChoiceLabel { list, name, label, value },
            _ => Op::Empty,
        }
    }

    fn pulldata(&mut self, function: &'static Function, arguments: [&Tree; 4]) -> Op {
        let text = |tree: &Tree| match &tree.node {
            tree::Node::Text(text) => Some(text.clone()),
            _ => None,
        };
        let [table, wanted, searched, value] = arguments;
        let (Some(name), Some(column), Some(key)) = (text(table), text(wanted), text(searched)) else {
            return Op::Call(function, arguments.iter().map(|a| self.node(a)).collect());
        };
        let value = self.node(value);
        let Some(list) = self.list(&name, table.span) else { return Op::Empty };
        let (Some(column), Some(key)) =
            (self.column(list, &column, wanted.span), self.column(list, &key, searched.span))
        else {
            return Op::Empty;
        };
        Op::ChoiceLabel { list, name: key, label: column, value: Box::new(value) }
    }

    fn row_number(&mut self, argument: &Tree) -> Op {
        let tree::Node::Path(path) = &argument.node else {
            self.problem(argument.span, Fault::NotAReference { function: "position" });
            return Op::Empty;
        };
        let Place::Node(spot) = self.walk(path, argument.span) else { return Op::Empty };
        let Some(node) = spot.node else { return Op::Number(1.0) };
        if self.scheme.kind(node) != NodeKind::Repeat {
            return Op::Number(1.0);
        }
        let chain = self.repeats(node);
        // `position(${r})` from inside r, and `position(..)`: this row. From outside: the first.
        let contexts = self.contexts.iter().rev();
        let inside = contexts.enumerate().find(|(_, c)| c.chain.starts_with(&chain)).map(|(up, _)| up);
        match inside {
            Some(up) => self.row_number_at(up, &chain),
            None => Op::Number(1.0),
        }
    }

    fn row_number_at(&mut self, up: usize, chain: &[NodeId]) -> Op {
        let depth = chain.len().saturating_sub(1);
        if let Some(repeat) = chain.last().filter(|_| self.context(up).is_some_and(|c| depth < c.fixed)) {
            self.reads.positions.push(*repeat);
        }
        Op::RowNumber { up: up as u8, depth: depth as u8 }
    }

    fn indexed_repeat(&mut self, function: &'static Function, arguments: &[Tree], span: Span) -> Op {
        let Some((wanted, pairs)) = arguments.split_first() else { return Op::Empty };
        if pairs.len() % 2 != 0 {
            self.arity(function.name, function.least, function.most, arguments.len(), span);
            return Op::Empty;
        }
        let Some(node) = self.target(wanted, function) else { return Op::Empty };
        let mut chosen = Vec::new();
        for pair in pairs.chunks_exact(2) {
            let Some(repeat) = self.target(&pair[0], function) else { return Op::Empty };
            if self.scheme.kind(repeat) != NodeKind::Repeat {
                let name = self.scheme.name(repeat).to_owned();
                self.problem(pair[0].span, Fault::NotARepeat { name });
                return Op::Empty;
            }
            chosen.push((repeat, self.node(&pair[1])));
        }
        let mut spot = self.reach(node, span);
        let chain = self.repeats(node);
        // From the first repeat that an index is given for, rows are no longer shared with the reader.
        if let Some(first) = chain.iter().position(|r| chosen.iter().any(|(c, _)| c == r)) {
            spot.shared = spot.shared.min(first);
        }
        spot.levels = chain.iter().skip(spot.shared).map(|&repeat| Level { repeat, pick: Pick::All }).collect();
        for (repeat, index) in chosen {
            match spot.levels.iter_mut().find(|level| level.repeat == repeat) {
                Some(level) => level.pick = Pick::At(Box::new(index)),
                None => {
                    let name = self.scheme.name(repeat).to_owned();
                    self.problem(span, Fault::NotARepeat { name });
                }
            }
        }
        self.finish(spot)
    }

    /// SurveyCTO's `count-if(${r}, c)` is `count(${r}[c])`, and so on.
    fn conditional(
        &mut self,
        plain: &str,
        separator: Option<&Tree>,
        nodes: &Tree,
        condition: &Tree,
        function: &'static Function,
    ) -> Op {
        let separator = separator.map(|s| self.node(s));
        let spot = match &nodes.node {
            tree::Node::Path(path) => match self.walk(path, nodes.span) {
                Place::Node(spot) => Some(spot),
                _ => None,
            },
            _ => None,
        };
        let (Some(mut spot), Some(plain)) = (spot, functions::find(plain)) else {
            self.problem(nodes.span, Fault::NotAReference { function: function.name });
            self.node(condition);
            return Op::Empty;
        };
        self.predicates(&mut spot, std::slice::from_ref(condition));
        let nodes = Node { op: self.finish(spot), span: nodes.span };
        Op::Call(plain, separator.into_iter().chain([nodes]).collect())
    }
}

/// The world's index can answer a single predicate `column = value`, if the value is the same for every item.
pub(super) fn key_of(predicates: &[Node]) -> Option<(ColumnId, Node)> {
    let [predicate] = predicates else { return None };
    let first = match &predicate.op {
        Op::And(parts) => parts.first()?,
        _ => predicate,
    };
    let Op::Compare(tree::Relation::Equal, left, right) = &first.op else { return None };
    let column = |node: &Node| match node.op {
        Op::Column { up: 0, column, .. } => Some(column),
        _ => None,
    };
    let key = |column: ColumnId, value: &Node| {
        (!value.is_many() && !value.looks_at(0) && !predicate_counts(predicate)).then(|| (column, value.clone()))
    };
    match (column(left), column(right)) {
        (Some(found), None) => key(found, right),
        (None, Some(found)) => key(found, left),
        _ => None,
    }
}

/// Does it ask for the item's place among all? Then all must be gone through.
fn predicate_counts(node: &Node) -> bool {
    let mut found = matches!(node.op, Op::Position | Op::Last);
    node.each_child(&mut |child| found = found || predicate_counts(child));
    found
}

/// The nearest of the names that `each` tells.
fn nearest(name: &str, each: impl FnOnce(&mut dyn FnMut(&str))) -> Option<String> {
    let mut known: Vec<String> = Vec::new();
    each(&mut |one| known.push(one.to_owned()));
    crate::domain::nearest::nearest(name, 4, known.iter().map(String::as_str))
}
