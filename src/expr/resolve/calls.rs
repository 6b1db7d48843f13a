//! Calls: which function is meant, whether its arguments fit, and the few that are more than a function (a choice's label, a
//! row's number, a repeat by its index, a table beside the form).

use super::*;

impl Resolver<'_, '_> {
    pub(super) fn arity(&mut self, function: &'static str, least: u8, most: Option<u8>, found: usize, span: Span) {
        self.problem(span, Fault::Arguments { function, least, most, found });
    }

    pub(super) fn call(&mut self, name: &str, arguments: &[Tree], span: Span) -> Op {
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
            "search" => self.problem(span, Fault::SearchElsewhere),
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
    pub(super) fn check_literals(&mut self, function: &'static Function, arguments: &[Tree]) {
        let text = |i: usize| match arguments.get(i) {
            Some(Tree { node: tree::Node::Text(text), span, .. }) => Some((text.as_str(), *span)),
            _ => None,
        };
        let found = match function.name {
            "regex" => text(1).and_then(|(pattern, span)| {
                let fault = match functions::pattern_refused(pattern)? {
                    functions::PatternRefused::Unreadable => Fault::NotARegex(pattern.to_owned()),
                    functions::PatternRefused::TooLarge => Fault::RegexTooLarge(pattern.to_owned()),
                };
                Some((span, fault))
            }),
            "date" | "date-time" => text(0)
                .filter(|(day, _)| !day.trim().is_empty() && crate::expr::value::text_number(day).is_nan())
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
    pub(super) fn target(&mut self, argument: &Tree, function: &'static Function) -> Option<NodeId> {
        let place = match &argument.node {
            tree::Node::Path(path) => self.walk(path, argument.span),
            _ => PathTarget::Broken,
        };
        match place {
            PathTarget::Node(Spot { node: Some(node), .. }) => Some(node),
            _ => {
                let reported = self.problems.last().is_some_and(|p| p.span.start >= argument.span.start);
                if !reported {
                    self.problem(argument.span, Fault::NotAReference { function: function.name });
                }
                None
            }
        }
    }

    /// `'${x}'`, `'/data/x'` or `'x'`: the question that a text literal names.
    pub(super) fn named_in(&mut self, text: &str, span: Span) -> Option<NodeId> {
        let text = text.trim();
        let name = match text.strip_prefix("${").and_then(|t| t.strip_suffix('}')) {
            Some(name) => name.trim(),
            None => text.rsplit('/').next().unwrap_or(text).trim(),
        };
        self.find(name, span)
    }

    pub(super) fn choice_label(&mut self, id: Option<NodeId>, value: &Tree, span: Span) -> Op {
        let value = Box::new(self.node(value));
        let Some(id) = id else { return Op::Empty };
        if self.scheme.chooses_from_rows(id) {
            return value.op;
        }
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

    pub(super) fn pulldata(&mut self, function: &'static Function, arguments: [&Tree; 4]) -> Op {
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

    pub(super) fn row_number(&mut self, argument: &Tree) -> Op {
        let tree::Node::Path(path) = &argument.node else {
            self.problem(argument.span, Fault::NotAReference { function: "position" });
            return Op::Empty;
        };
        let PathTarget::Node(spot) = self.walk(path, argument.span) else { return Op::Empty };
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

    pub(super) fn row_number_at(&mut self, up: usize, chain: &[NodeId]) -> Op {
        let depth = chain.len().saturating_sub(1);
        if let Some(repeat) = chain.last().filter(|_| self.context(up).is_some_and(|c| depth < c.fixed)) {
            self.reads.positions.push(*repeat);
        }
        Op::RowNumber { up: up as u8, depth: depth as u8 }
    }

    pub(super) fn indexed_repeat(&mut self, function: &'static Function, arguments: &[Tree], span: Span) -> Op {
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
    pub(super) fn conditional(
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
                PathTarget::Node(spot) => Some(spot),
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
