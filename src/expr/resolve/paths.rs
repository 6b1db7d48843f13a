//! Where a path leads: from its start, step by step, through predicates, to a question, rows of one, or a list's column.

use super::*;

impl Resolver<'_, '_> {
    /// The way from where the expression stands to a node named by `${}` or an absolute path.
    pub(super) fn reach(&mut self, id: NodeId, span: Span) -> Spot {
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

    /// How many of a spot's rows are the expression's own.
    pub(super) fn fixed(&self, spot: &Spot) -> u8 {
        let fixed = self.context(spot.up).map_or(0, |c| c.fixed);
        spot.shared.min(fixed) as u8
    }

    pub(super) fn here(&self, up: usize) -> Spot {
        let context = self.context(up);
        Spot {
            node: context.and_then(|c| c.at),
            up,
            shared: context.map_or(0, |c| c.chain.len()),
            levels: Vec::new(),
            filter: Vec::new(),
        }
    }

    pub(super) fn path(&mut self, path: &Path, span: Span) -> Op {
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
            PathTarget::Node(spot) => self.finish(spot),
            PathTarget::List(cells) => Op::Cells(Box::new(cells)),
            PathTarget::Value(op) => op,
            PathTarget::Broken => Op::Empty,
            PathTarget::Nowhere => Op::Nowhere,
        }
    }

    pub(super) fn as_reach(&self, spot: Spot) -> Option<Reach> {
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

    pub(super) fn finish(&mut self, spot: Spot) -> Op {
        let fixed = self.fixed(&spot);
        if let Some(node) = spot.node {
            self.reads.values.push(Read { node, shared: fixed });
        }
        for level in &spot.levels {
            self.reads.rows.push(Read { node: level.repeat, shared: fixed });
        }
        self.as_reach(spot).map_or(Op::Empty, |reach| Op::Read(Box::new(reach)))
    }

    pub(super) fn walk(&mut self, path: &Path, span: Span) -> PathTarget {
        let mut steps = &*path.steps;
        let mut place = match &path.start {
            Start::Reference { name, last_saved } => {
                let Some(id) = self.find(name, path.start_span) else {
                    self.predicates_for_faults(path);
                    return PathTarget::Broken;
                };
                if *last_saved {
                    self.reads.last_saved.push(id);
                    let numeric =
                        matches!(self.scheme.kind(id), NodeKind::Leaf(ValueType::Integer | ValueType::Decimal));
                    PathTarget::Value(Op::LastSaved(id, numeric))
                } else {
                    PathTarget::Node(self.reach(id, path.start_span))
                }
            }
            Start::Root => match self.absolute(steps, span) {
                Some((place, rest)) => {
                    steps = rest;
                    place
                }
                None => return PathTarget::Nowhere,
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
                                PathTarget::Broken
                            }
                        };
                    }
                    StepKind::Parent => {
                        self.problem(span, Fault::InstanceShape);
                        return PathTarget::Broken;
                    }
                },
                (None, Some((Step { kind: StepKind::Child(name), span: at, predicates }, rest)))
                    if self.bare == Bare::Names && self.contexts.len() == 1 =>
                {
                    let Some(id) = self.find(name, *at) else { return PathTarget::Broken };
                    steps = rest;
                    let mut spot = self.reach(id, *at);
                    self.predicates(&mut spot, predicates);
                    PathTarget::Node(spot)
                }
                _ => PathTarget::Node(self.here(0)),
            },
            Start::Call { name, arguments } => match name.as_str() {
                "instance" => match self.instance(arguments, steps, span) {
                    Some((place, rest)) => {
                        steps = rest;
                        place
                    }
                    None => return PathTarget::Broken,
                },
                "current" => PathTarget::Node(self.here(self.contexts.len() - 1)),
                _ => PathTarget::Value(self.call(name, arguments, path.start_span)),
            },
            Start::Group(inner) => match &inner.node {
                tree::Node::Path(inner_path) => self.walk(inner_path, inner.span),
                _ => PathTarget::Value(self.node(inner).op),
            },
        };
        match &mut place {
            PathTarget::Node(spot) if !path.predicates.is_empty() => self.predicates(spot, &path.predicates),
            PathTarget::List(cells) if !path.predicates.is_empty() => {
                let more = self.item_predicates(cells.list, &path.predicates);
                cells.predicates = std::mem::take(&mut cells.predicates).into_iter().chain(more).collect();
                cells.key = None;
            }
            PathTarget::Value(_) if !path.predicates.is_empty() || !steps.is_empty() => {
                self.problem(span, Fault::PredicateOnValue);
                return place;
            }
            _ => {}
        }
        for step in steps {
            place = match place {
                PathTarget::Node(spot) => self.step(spot, step),
                PathTarget::List(cells) => {
                    self.problem(step.span, Fault::InstanceShape);
                    PathTarget::List(cells)
                }
                other => other,
            };
        }
        place
    }

    /// Of a path that leads nowhere: what stands in its predicates may be wrong too.
    pub(super) fn predicates_for_faults(&mut self, path: &Path) {
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

    pub(super) fn column_value(&mut self, list: ListId, name: &str, span: Span) -> PathTarget {
        match self.column(list, name, span) {
            Some(column) => PathTarget::Value(Op::Column { up: 0, list, column }),
            None => PathTarget::Nowhere,
        }
    }

    pub(super) fn column(&mut self, list: ListId, name: &str, span: Span) -> Option<ColumnId> {
        let column = self.scheme.column(list, name);
        if column.is_none() {
            let nearest = nearest(name, |tell| self.scheme.each_column(list, tell));
            self.problem(span, Fault::UnknownColumn { name: name.to_owned(), list: String::new(), nearest });
        }
        column
    }

    pub(super) fn step(&mut self, mut spot: Spot, step: &Step) -> PathTarget {
        if !spot.filter.is_empty() {
            self.problem(step.span, Fault::PredicateOnValue);
            return PathTarget::Broken;
        }
        match &step.kind {
            StepKind::Self_ => {}
            StepKind::Parent => {
                let Some(node) = spot.node else {
                    self.problem(step.span, Fault::AboveTheTop);
                    return PathTarget::Nowhere;
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
                    return PathTarget::Nowhere;
                };
                spot.node = Some(child);
                if self.scheme.kind(child) == NodeKind::Repeat {
                    if spot.shared + spot.levels.len() >= REPEATS_MAX {
                        self.problem(step.span, Fault::TooManyRepeats);
                        return PathTarget::Broken;
                    }
                    spot.levels.push(Level { repeat: child, pick: Pick::All });
                }
            }
        }
        self.predicates(&mut spot, &step.predicates);
        PathTarget::Node(spot)
    }

    pub(super) fn no_child(&mut self, spot: &Spot, name: &str, span: Span) {
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
    pub(super) fn absolute<'t>(&mut self, steps: &'t [Step], span: Span) -> Option<(PathTarget, &'t [Step])> {
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
                return Some((PathTarget::Node(spot), steps));
            }
        }
        let spot = match at {
            Some(id) => self.reach(id, span),
            None => Spot { node: None, up: self.contexts.len() - 1, shared: 0, levels: Vec::new(), filter: Vec::new() },
        };
        Some((PathTarget::Node(spot), steps))
    }

    pub(super) fn predicates(&mut self, spot: &mut Spot, predicates: &[Tree]) {
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

    pub(super) fn item_predicates(&mut self, list: ListId, predicates: &[Tree]) -> Box<[Node]> {
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

    pub(super) fn list(&mut self, name: &str, span: Span) -> Option<ListId> {
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

    pub(super) fn instance<'t>(
        &mut self,
        arguments: &[Tree],
        steps: &'t [Step],
        span: Span,
    ) -> Option<(PathTarget, &'t [Step])> {
        let [Tree { node: tree::Node::Text(name), span: at, .. }] = arguments else {
            self.arity("instance", 1, Some(1), arguments.len(), span);
            return None;
        };
        let list = self.list(name, *at);
        let child = |step: &Step, name: &str| matches!(&step.kind, StepKind::Child(n) if n == name);
        let [root, item, rest @ ..] = steps else {
            self.problem(span, Fault::InstanceShape);
            return None;
        };
        let Some(list) = list else { return Some((PathTarget::Nowhere, &[])) };
        if !child(root, "root") || !child(item, "item") || !root.predicates.is_empty() {
            self.problem(span, Fault::InstanceShape);
            return None;
        }
        let predicates = self.item_predicates(list, &item.predicates);
        let key = key_of(&predicates);
        let mut cells = Cells { list, predicates, key, column: None };
        let rest = match rest {
            [Step { kind: StepKind::Child(column), span: at, predicates }, rest @ ..] => {
                cells.column = self.column(list, column, *at);
                if cells.column.is_none() {
                    return Some((PathTarget::Nowhere, &[]));
                }
                if !predicates.is_empty() {
                    self.problem(*at, Fault::InstanceShape);
                }
                rest
            }
            rest => rest,
        };
        Some((PathTarget::List(cells), rest))
    }
}
