//! Tokens → tree, by binding power (Pratt). It always returns a tree; where the text can't be read it puts
//! [`Node::Broken`], tells why, and goes on at the next comma or bracket, so that a second fault is found too.

use super::compiled::{DEPTH_MAX, LENGTH_MAX};
use super::lexer::{Mark, Token, lex};
use super::problem::{Fault, Problem, Span};
use super::tree::{Binary, Node, Path, Relation, Start, Step, StepKind, Tree};

pub(super) fn parse(text: &str) -> (Tree, Vec<Problem>) {
    let whole = Span::new(0, text.len());
    let broken = |fault| (Tree::new(Node::Broken, whole), vec![Problem { span: whole, fault }]);
    if text.len() > LENGTH_MAX {
        return broken(Fault::TooLong { bytes: text.len() });
    }
    let mut problems = Vec::new();
    let tokens = lex(text, &mut problems);
    if tokens.len() == 1 && problems.is_empty() {
        return broken(Fault::Nothing);
    }
    let mut parser = Parser { text, tokens, at: 0, problems, depth: 0, too_deep: false };
    let tree = parser.whole();
    let mut problems = parser.problems;
    problems.sort_by_key(|p| (p.span.start, p.span.end));
    (tree, problems)
}

/// How tightly an operator holds its sides; a larger number holds tighter. XPath 1.0 §3.5, all to the left.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Operator {
    Or,
    And,
    Binary(Binary),
    Plus,
    Minus,
}

impl Operator {
    fn power(self) -> u8 {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::Binary(Binary::Compare(Relation::Equal | Relation::NotEqual)) => 3,
            Operator::Binary(Binary::Compare(_)) => 4,
            Operator::Plus | Operator::Minus => 5,
            Operator::Binary(_) => 6,
        }
    }
}

const UNARY: u8 = 7;

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Span)>,
    at: usize,
    problems: Vec<Problem>,
    depth: usize,
    too_deep: bool,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn peek_after(&self) -> &Token {
        self.tokens.get(self.at + 1).map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).map_or(Span::new(self.text.len(), self.text.len()), |(_, span)| *span)
    }

    /// The end of the token before.
    fn behind(&self) -> Span {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(Span::new(0, 0), |(_, span)| *span)
    }

    fn step(&mut self) -> Span {
        let span = self.span();
        if *self.peek() != Token::End {
            self.at += 1;
        }
        span
    }

    fn take(&mut self, mark: Mark) -> bool {
        let found = *self.peek() == Token::Mark(mark);
        if found {
            self.at += 1;
        }
        found
    }

    fn problem(&mut self, span: Span, fault: Fault) {
        self.problems.push(Problem { span, fault });
    }

    fn whole(&mut self) -> Tree {
        let tree = self.expression(0);
        if *self.peek() != Token::End {
            self.unexpected();
            // A closing mark is told once: nothing can begin with it.
            if matches!(self.peek(), Token::Mark(Mark::Close | Mark::CloseSquare | Mark::Comma)) {
                self.step();
            }
            // What follows is read as well, for its own faults.
            while *self.peek() != Token::End && !self.too_deep {
                let before = self.at;
                self.expression(0);
                if self.at == before {
                    self.step();
                }
            }
        }
        tree
    }

    fn unexpected(&mut self) {
        let span = self.span();
        let found = span.of(self.text).to_owned();
        self.problem(span, Fault::Unexpected { found });
    }

    fn expression(&mut self, power: u8) -> Tree {
        if self.depth >= DEPTH_MAX || self.too_deep {
            if !self.too_deep {
                self.too_deep = true;
                self.problem(self.span(), Fault::TooDeep);
            }
            self.at = self.tokens.len().saturating_sub(1);
            return Tree::new(Node::Broken, self.span());
        }
        self.depth += 1;
        let mut left = self.operand();
        while let Some(operator) = self.operator().filter(|o| o.power() > power) {
            let span = self.step();
            let right = self.expression(operator.power());
            left = join(left, operator, right);
            // `a * b * c …` grows a level with each link, and adds to the brackets inside it.
            if left.height > DEPTH_MAX && !self.too_deep {
                self.too_deep = true;
                self.at = self.tokens.len().saturating_sub(1);
                self.problem(span, Fault::TooDeep);
            }
        }
        self.depth -= 1;
        left
    }

    /// The operator at the cursor, if one stands there.
    fn operator(&mut self) -> Option<Operator> {
        let compare = |relation| Some(Operator::Binary(Binary::Compare(relation)));
        match self.peek() {
            Token::Mark(mark) => match mark {
                Mark::Plus => Some(Operator::Plus),
                Mark::Minus => Some(Operator::Minus),
                Mark::Star => Some(Operator::Binary(Binary::Times)),
                Mark::Equal => compare(Relation::Equal),
                Mark::NotEqual => compare(Relation::NotEqual),
                Mark::Less => compare(Relation::Less),
                Mark::LessEqual => compare(Relation::LessEqual),
                Mark::Greater => compare(Relation::Greater),
                Mark::GreaterEqual => compare(Relation::GreaterEqual),
                Mark::And => Some(Operator::And),
                Mark::Or => Some(Operator::Or),
                Mark::Bar => {
                    // Once: the right side is then read as if behind an `or`.
                    let span = self.span();
                    if self.problems.last().is_none_or(|p| p.span != span) {
                        self.problem(span, Fault::Union);
                    }
                    Some(Operator::Or)
                }
                _ => None,
            },
            Token::Name(name) => {
                let known = match name.as_str() {
                    "and" => Operator::And,
                    "or" => Operator::Or,
                    "div" => Operator::Binary(Binary::Div),
                    "mod" => Operator::Binary(Binary::Mod),
                    _ => {
                        let (found, meant, operator) = match name.as_str() {
                            "AND" => ("AND", "and", Operator::And),
                            "And" => ("And", "and", Operator::And),
                            "OR" => ("OR", "or", Operator::Or),
                            "Or" => ("Or", "or", Operator::Or),
                            "DIV" => ("DIV", "div", Operator::Binary(Binary::Div)),
                            "MOD" => ("MOD", "mod", Operator::Binary(Binary::Mod)),
                            _ => return None,
                        };
                        let span = self.span();
                        if self.problems.last().is_none_or(|p| p.span != span) {
                            self.problem(span, Fault::ForeignOperator { found, meant });
                        }
                        operator
                    }
                };
                Some(known)
            }
            _ => None,
        }
    }

    fn operand(&mut self) -> Tree {
        let span = self.span();
        match self.peek().clone() {
            Token::Mark(Mark::Minus) => {
                self.step();
                let inner = self.expression(UNARY);
                let span = span.to(inner.span);
                Tree::new(Node::Negate(Box::new(inner)), span)
            }
            Token::Number(number) => {
                self.step();
                self.no_tail(Tree::new(Node::Number(number), span))
            }
            Token::Text(text) => {
                self.step();
                self.no_tail(Tree::new(Node::Text(text), span))
            }
            Token::Mark(Mark::Open) => {
                self.step();
                let inner = self.expression(0);
                self.close(span, Mark::Close, '(');
                let span = span.to(self.behind());
                if matches!(self.peek(), Token::Mark(Mark::OpenSquare | Mark::Slash)) {
                    return self.path(Start::Group(Box::new(inner)), span);
                }
                Tree { span, ..inner }
            }
            Token::Reference { name, last_saved } => {
                self.step();
                self.path(Start::Reference { name, last_saved }, span)
            }
            Token::Name(name) if *self.peek_after() == Token::Mark(Mark::Open) => {
                self.step();
                let arguments = self.arguments();
                if matches!(name.as_str(), "text" | "node" | "comment" | "processing-instruction") {
                    let span = span.to(self.behind());
                    self.problem(span, Fault::NodeTest(format!("{name}()")));
                    return Tree::new(Node::Broken, span);
                }
                let span = span.to(self.behind());
                self.path(Start::Call { name, arguments }, span)
            }
            Token::Mark(Mark::Slash | Mark::SlashSlash) => {
                self.path(Start::Root, Span::new(span.start as usize, span.start as usize))
            }
            Token::Name(_) | Token::Mark(Mark::Dot | Mark::DotDot | Mark::At | Mark::Star) => {
                self.path(Start::Here, Span::new(span.start as usize, span.start as usize))
            }
            _ => {
                let found = span.of(self.text).to_owned();
                self.problem(span, Fault::NoOperand { found });
                Tree::new(Node::Broken, Span::new(span.start as usize, span.start as usize))
            }
        }
    }

    /// A predicate or a step behind something that is no node.
    fn no_tail(&mut self, tree: Tree) -> Tree {
        if matches!(self.peek(), Token::Mark(Mark::OpenSquare)) {
            let open = self.step();
            self.problem(open, Fault::PredicateOnValue);
            self.expression(0);
            self.close(open, Mark::CloseSquare, '[');
        }
        tree
    }

    fn close(&mut self, open: Span, mark: Mark, bracket: char) {
        if self.take(mark) || self.too_deep {
            return;
        }
        if !matches!(self.peek(), Token::End) {
            self.unexpected();
            self.skip_to_close();
            if self.take(mark) {
                return;
            }
        }
        if *self.peek() == Token::End {
            self.problem(open, Fault::Unclosed(bracket));
        }
    }

    /// To the bracket that closes this level, over everything inside other brackets.
    fn skip_to_close(&mut self) {
        let mut inner = 0usize;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Mark(Mark::Open | Mark::OpenSquare) => inner += 1,
                Token::Mark(Mark::Close | Mark::CloseSquare) if inner == 0 => return,
                Token::Mark(Mark::Close | Mark::CloseSquare) => inner -= 1,
                _ => {}
            }
            self.step();
        }
    }

    fn arguments(&mut self) -> Vec<Tree> {
        let open = self.step();
        let mut arguments = Vec::new();
        if self.take(Mark::Close) {
            return arguments;
        }
        loop {
            arguments.push(self.expression(0));
            if self.too_deep {
                return arguments;
            }
            if self.take(Mark::Comma) {
                continue;
            }
            let starts_operand =
                matches!(self.peek(), Token::Number(_) | Token::Text(_) | Token::Reference { .. } | Token::Name(_));
            if starts_operand {
                // A comma is missing, most likely: read on as the next argument.
                self.unexpected();
                continue;
            }
            self.close(open, Mark::Close, '(');
            return arguments;
        }
    }

    fn path(&mut self, start: Start, start_span: Span) -> Tree {
        let predicates = match start {
            Start::Root | Start::Here => Vec::new(),
            _ => self.predicates(),
        };
        let mut steps = Vec::new();
        let mut expects_step = matches!(start, Start::Here);
        loop {
            if !expects_step {
                match self.peek() {
                    Token::Mark(Mark::Slash) => {
                        self.step();
                    }
                    Token::Mark(Mark::SlashSlash) => {
                        let span = self.step();
                        self.problem(span, Fault::Anywhere);
                    }
                    _ => break,
                }
            }
            expects_step = false;
            match self.path_step() {
                Some(step) => steps.push(step),
                None => {
                    let span = start_span.to(self.behind());
                    return Tree::new(Node::Broken, span);
                }
            }
        }
        let span = start_span.to(if self.behind().end > start_span.end { self.behind() } else { start_span });
        Tree::new(Node::Path(Path { start, start_span, predicates, steps }), span)
    }

    fn path_step(&mut self) -> Option<Step> {
        let span = self.span();
        let kind = match self.peek().clone() {
            Token::Mark(Mark::Dot) => StepKind::Self_,
            Token::Mark(Mark::DotDot) => StepKind::Parent,
            Token::Name(name) => {
                if *self.peek_after() == Token::Mark(Mark::Axis) {
                    return self.axis(name);
                }
                if *self.peek_after() == Token::Mark(Mark::Open) {
                    self.step();
                    self.arguments();
                    let span = span.to(self.behind());
                    self.problem(span, Fault::NodeTest(format!("{name}()")));
                    return None;
                }
                StepKind::Child(name)
            }
            Token::Mark(Mark::At) => {
                self.step();
                let name = match self.peek() {
                    Token::Name(name) => format!("@{name}"),
                    _ => "@".to_owned(),
                };
                if matches!(self.peek(), Token::Name(_)) {
                    self.step();
                }
                self.problem(span.to(self.behind()), Fault::NodeTest(name));
                return None;
            }
            Token::Mark(Mark::Star) => {
                self.step();
                self.problem(span, Fault::NodeTest("*".to_owned()));
                return None;
            }
            _ => {
                let found = span.of(self.text).to_owned();
                self.problem(span, Fault::NoOperand { found });
                return None;
            }
        };
        self.step();
        let predicates = self.predicates();
        Some(Step { kind, span, predicates })
    }

    /// `child::x`, `parent::node()`, `self::node()` are the long forms of what is known; the others are refused.
    fn axis(&mut self, name: String) -> Option<Step> {
        let start = self.step();
        self.step();
        let test = match self.peek().clone() {
            Token::Name(test) => {
                self.step();
                if *self.peek() == Token::Mark(Mark::Open) {
                    self.arguments();
                }
                test
            }
            Token::Mark(Mark::Star) => {
                self.step();
                "*".to_owned()
            }
            _ => String::new(),
        };
        let span = start.to(self.behind());
        let kind = match (name.as_str(), test.as_str()) {
            ("child", test) if test != "*" && test != "node" && !test.is_empty() => StepKind::Child(test.to_owned()),
            ("parent", "node" | "*") => StepKind::Parent,
            ("self", "node" | "*") => StepKind::Self_,
            _ => {
                self.problem(span, Fault::Axis(name));
                self.predicates();
                return None;
            }
        };
        let predicates = self.predicates();
        Some(Step { kind, span, predicates })
    }

    fn predicates(&mut self) -> Vec<Tree> {
        let mut predicates = Vec::new();
        while *self.peek() == Token::Mark(Mark::OpenSquare) && !self.too_deep {
            let open = self.step();
            predicates.push(self.expression(0));
            self.close(open, Mark::CloseSquare, '[');
        }
        predicates
    }
}

/// Chains of `and`, of `or`, and of `+` with `-` become one flat node.
fn join(left: Tree, operator: Operator, right: Tree) -> Tree {
    let span = left.span.to(right.span);
    let height = left.height.max(right.height + 1);
    let flat = |node| Tree { node, span, height };
    match (operator, left.node) {
        (Operator::Or, Node::Or(mut parts)) => {
            parts.push(right);
            flat(Node::Or(parts))
        }
        (Operator::And, Node::And(mut parts)) => {
            parts.push(right);
            flat(Node::And(parts))
        }
        (Operator::Plus | Operator::Minus, Node::Sum(mut parts)) => {
            parts.push((operator == Operator::Minus, right));
            flat(Node::Sum(parts))
        }
        (operator, node) => {
            let left = Tree { node, span: left.span, height: left.height };
            let node = match operator {
                Operator::Or => Node::Or(vec![left, right]),
                Operator::And => Node::And(vec![left, right]),
                Operator::Plus => Node::Sum(vec![(false, left), (false, right)]),
                Operator::Minus => Node::Sum(vec![(false, left), (true, right)]),
                Operator::Binary(binary) => Node::Binary(binary, Box::new(left), Box::new(right)),
            };
            Tree::new(node, span)
        }
    }
}
