//! An expression as it is kept: resolved once into ids, evaluated often.

use super::eval::{Doubtful, Eval, Frame};
use super::op::{Cells, Node, Op};
use super::parser::parse;
use super::problem::Problem;
use super::resolve::{key_of, resolve};
use super::scheme::{Bare, ListId, NodeId, Scheme, Scope};
use super::value::{Truth, Value};
use super::world::{EvalContext, World};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// The longest text taken, in bytes.
pub const LENGTH_MAX: usize = 64 * 1024;
/// How many brackets, calls and operators may stand inside one another.
pub const DEPTH_MAX: usize = 200;
/// How many repeats may stand inside one another.
pub const REPEATS_MAX: usize = 8;

/// One node that an expression reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Read {
    pub node: NodeId,
    /// The reader in rows R sees the node in those rows that agree with R in the first `shared` numbers. If that is
    /// the number of repeats above the node, it sees one value; if fewer, many.
    pub shared: u8,
}

/// Everything an expression looks at: the edges of the dependency graph.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reads {
    /// Leaves whose value is read; groups and rows counted or filtered stand here too (their relevance matters).
    pub values: Vec<Read>,
    /// Repeats whose number of rows matters (`count(${r})`, `sum(${x})` from outside, `indexed-repeat`).
    pub rows: Vec<Read>,
    /// Repeats whose row number of the reader matters (`position(..)`).
    pub positions: Vec<NodeId>,
    pub lists: Vec<ListId>,
    /// It reads `.`, its own value. Never an edge (a constraint may).
    pub own: bool,
    /// `once(…)`: keeps its own value. Never an edge.
    pub keeps: bool,
    /// `today()`, `now()`.
    pub clock: bool,
    /// `random()`, `uuid()`, `randomize(…)` without a seed.
    pub random: bool,
    /// `${last-saved#x}`. Never an edge: it stands still while a survey is taken.
    pub last_saved: Vec<NodeId>,
}

impl Reads {
    /// Each once, in order.
    pub(super) fn tidy(&mut self) {
        for reads in [&mut self.values, &mut self.rows] {
            reads.sort_unstable();
            reads.dedup();
        }
        self.positions.sort_unstable();
        self.positions.dedup();
        self.lists.sort_unstable();
        self.lists.dedup();
        self.last_saved.sort_unstable();
        self.last_saved.dedup();
    }

    pub fn add(&mut self, other: &Reads) {
        self.values.extend(&other.values);
        self.rows.extend(&other.rows);
        self.positions.extend(&other.positions);
        self.lists.extend(&other.lists);
        self.own |= other.own;
        self.keeps |= other.keeps;
        self.clock |= other.clock;
        self.random |= other.random;
        self.last_saved.extend(&other.last_saved);
        self.tidy();
    }

    /// It reads nothing that can change: its value may be worked out once.
    pub fn is_constant(&self) -> bool {
        *self == Reads::default()
    }
}

/// A resolved expression. Broken parts evaluate as empty; that there are any is told by the problems.
#[derive(Clone, Debug)]
pub struct Expr {
    source: Box<str>,
    root: Node,
    reads: Reads,
    /// Of a `choice_filter`: the items it goes through, itself as the predicate.
    filter: Option<Box<Cells>>,
}

/// Reads `text` as it stands in `scope`. The expression is whole if there are no problems, and usable if there are.
pub fn compile(text: &str, scheme: &dyn Scheme, scope: Scope) -> (Expr, Vec<Problem>) {
    let (tree, mut problems) = parse(text);
    let (root, reads) = resolve(&tree, scheme, scope, &mut problems);
    problems.sort_by_key(|p| (p.span.start, p.span.end));
    problems.dedup();
    let filter = match scope.bare {
        Bare::Column(list) => {
            let predicates: Box<[Node]> = Box::new([root.clone()]);
            let key = key_of(&predicates);
            Some(Box::new(Cells { list, predicates, key, column: None }))
        }
        _ => None,
    };
    let source = if text.len() > LENGTH_MAX { "" } else { text };
    (Expr { source: source.into(), root, reads, filter }, problems)
}

impl Expr {
    /// As the author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    /// The value. A reference to many nodes is worth its first; no nodes at all are the empty text.
    pub fn value<'a>(&'a self, world: &'a dyn World, place: EvalContext<'a>) -> Value<'a> {
        self.at(world, place, |eval, frame| eval.value(&self.root, frame))
    }

    /// The value as a text to be kept or shown: a number that is none is the empty text, `Unknown` too.
    pub fn text<'a>(&'a self, world: &'a dyn World, place: EvalContext<'a>) -> Cow<'a, str> {
        self.value(world, place).stored()
    }

    /// NaN when it is no number, or unknown.
    pub fn number(&self, world: &dyn World, place: EvalContext<'_>) -> f64 {
        self.at(world, place, |eval, frame| eval.number(&self.root, frame).unwrap_or(f64::NAN))
    }

    /// The value as a boolean; `Unknown` only if the world knows unknowns.
    pub fn truth(&self, world: &dyn World, place: EvalContext<'_>) -> Truth {
        self.at(world, place, |eval, frame| eval.truth(&self.root, frame))
    }

    /// Is it true? An unknown is not.
    pub fn holds(&self, world: &dyn World, place: EvalContext<'_>) -> bool {
        self.truth(world, place) == Truth::Yes
    }

    /// A `choice_filter`: the items for which it holds, or of which nobody knows whether it does, in list order, appended to `out`. `column = value` asks the
    /// world's index. An expression of another scope gives none.
    pub fn items(&self, world: &dyn World, place: EvalContext<'_>, out: &mut Vec<u32>) {
        let Some(cells) = &self.filter else { return };
        let eval = Eval::new(world, place.dot);
        let frame = Frame { rows: place.rows, item: None, position: 1, last: 1, outer: None };
        let _ = eval.each_item(cells, &frame, Doubtful::Taken, &mut |item| {
            out.push(item);
            ControlFlow::Continue(())
        });
    }

    /// The function at the top and the text literals it is given: `search('fruit', 'matches', …)` of an `appearance`.
    pub fn top_call(&self) -> Option<(&'static str, Vec<Option<&str>>)> {
        match &self.root.op {
            Op::Call(function, arguments) => {
                let literal = |node| match node {
                    &Node { op: Op::Text(ref text), .. } => Some(&**text),
                    _ => None,
                };
                Some((function.name, arguments.iter().map(literal).collect()))
            }
            _ => None,
        }
    }

    pub(super) fn at<'a, T>(
        &'a self,
        world: &'a dyn World,
        place: EvalContext<'a>,
        run: impl FnOnce(&Eval<'a>, &Frame<'_>) -> T,
    ) -> T {
        let eval = Eval::new(world, place.dot);
        let frame = Frame { rows: place.rows, item: None, position: 1, last: 1, outer: None };
        match &self.filter {
            None => run(&eval, &frame),
            Some(cells) => {
                let item = place.item.map(|item| (cells.list, item));
                run(&eval, &Frame { rows: &[], item, position: 1, last: 1, outer: Some(&frame) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::problem::Fault;
    use crate::expr::sample::{Sample, id};

    fn at(text: &str, node: &str, rows: &[u32]) -> String {
        let world = Sample::default();
        let (expr, problems) = compile(text, &world, Scope::at(id(node)));
        assert_eq!(problems, [], "{text}");
        expr.text(&world, EvalContext::rows(rows)).into_owned()
    }

    fn faults(text: &str) -> Vec<(String, Fault)> {
        let (_, problems) = compile(text, &Sample::default(), Scope::at(id("x")));
        problems.into_iter().map(|p| (p.span.of(text).to_owned(), p.fault)).collect()
    }

    #[test]
    fn inside_its_repeat_a_reference_is_the_same_row_and_outside_all_rows() {
        assert_eq!(at("${n}", "t", &[1]), "10");
        assert_eq!(at("${n}", "x", &[]), "4");
        assert_eq!(at("sum(${n})", "t", &[1]), "10");
        assert_eq!(at("sum(${n})", "x", &[]), "14");
        assert_eq!(at("sum(../../r/n)", "t", &[1]), "14");
        assert_eq!(at("../n", "t", &[1]), "10");
        assert_eq!(at("count(${r})", "t", &[1]), "3");
        assert_eq!(at("position(..)", "t", &[1]), "2");
        assert_eq!(at("/data/r/n", "t", &[1]), "10");
    }

    #[test]
    fn nested_repeats_share_the_rows_above_both() {
        assert_eq!(at("sum(${k})", "n", &[0]), "3");
        assert_eq!(at("sum(${k})", "n", &[1]), "3");
        assert_eq!(at("count(${q})", "n", &[1]), "1");
        assert_eq!(at("sum(${k})", "x", &[]), "6");
        assert_eq!(at("${k} + ${n}", "k", &[0, 1]), "6");
        assert_eq!(at("position(..)", "k", &[0, 1]), "2");
        assert_eq!(at("position(../..)", "k", &[0, 1]), "1");
        assert_eq!(at("indexed-repeat(${k}, ${r}, 1, ${q}, 2)", "x", &[]), "2");
        assert_eq!(at("indexed-repeat(${k}, ${q}, 1)", "k", &[0, 1]), "1");
    }

    #[test]
    fn a_predicate_means_the_row_looked_at() {
        assert_eq!(at("count(${r}[${n} > 5])", "x", &[]), "1");
        assert_eq!(at("count(${r}[./n > 5])", "x", &[]), "1");
        assert_eq!(at("count(${r}[n > ${x}])", "x", &[]), "2");
        assert_eq!(at("${r}[${n} = 10]/t", "x", &[]), "");
        assert_eq!(at("${r}[position() = 3]/t", "x", &[]), "zed");
        assert_eq!(at("${r}[3]/t", "x", &[]), "zed");
        assert_eq!(at("${r}[${t} != ''][2]/t", "x", &[]), "zed");
        assert_eq!(at("count(${r}[${n} = current()/../n])", "t", &[1]), "1");
        assert_eq!(at("count(${r}[count(${q}[${k} > 1]) = 1])", "x", &[]), "2");
        assert_eq!(at("join(',', ${n}[. > 3])", "x", &[]), "4,10");
    }

    #[test]
    fn a_filter_takes_the_items_it_holds_for() {
        let world = Sample::default();
        for (text, expected) in [
            ("name = ${one}", vec![1]),
            ("${one} = name", vec![1]),
            ("name != ${one}", vec![0, 2]),
            ("selected(${many}, name)", vec![0, 2]),
            ("name = 'a' or label = 'Cherry'", vec![0, 2]),
            ("true()", vec![0, 1, 2]),
            ("position() < 3", vec![0, 1]),
        ] {
            let (expr, problems) = compile(text, &world, Scope::filter(id("one"), ListId(0)));
            assert_eq!(problems, [], "{text}");
            let mut found = Vec::new();
            expr.items(&world, EvalContext::TOP, &mut found);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn the_answer_being_checked_stands_for_the_dot() {
        let world = Sample::default();
        let (expr, _) = compile(". > 2 and . < 10", &world, Scope::at(id("x")));
        assert!(expr.reads().own && expr.reads().values.is_empty());
        assert!(expr.holds(&world, EvalContext::TOP));
        assert!(!expr.holds(&world, EvalContext { dot: Some("12"), ..EvalContext::TOP }));
        assert!(!expr.holds(&world, EvalContext { dot: Some(""), ..EvalContext::TOP }));
    }

    #[test]
    fn unknown_is_never_zero() {
        let world = Sample { unknown: vec![id("x")] };
        for (text, truth) in [
            ("x = 3", Truth::Unknown),
            ("x = 3 or d != ''", Truth::Yes),
            ("x = 3 or d = ''", Truth::Unknown),
            ("x = 3 and d = ''", Truth::No),
            ("x + 1 > 0", Truth::Unknown),
            ("not(x)", Truth::Unknown),
            ("sum(x) > 0", Truth::Unknown),
            ("coalesce(x, 0) = 0", Truth::Unknown),
            ("if(x > 1, 2, 2) = 2", Truth::Yes),
            ("if(x > 1, 2, 3) = 2", Truth::Unknown),
            ("checklist(1, -1, x > 1, d != '')", Truth::Yes),
        ] {
            let (expr, problems) = compile(text, &world, Scope::facts());
            assert_eq!(problems, [], "{text}");
            assert_eq!(expr.truth(&world, EvalContext::TOP), truth, "{text}");
        }
    }

    #[test]
    fn every_fault_is_told_where_it_stands() {
        let nearest =
            |name: &str, nearest: &str| Fault::UnknownName { name: name.into(), nearest: Some(nearest.into()) };
        assert_eq!(
            faults("${manny} = 1 and slected(${one}, 'a') or ${x} ==  3 and round()"),
            [
                ("${manny}".into(), nearest("manny", "many")),
                (
                    "slected(${one}, 'a')".into(),
                    Fault::UnknownFunction { name: "slected".into(), nearest: Some("selected".into()) }
                ),
                ("==".into(), Fault::ForeignOperator { found: "==", meant: "=" }),
                ("round()".into(), Fault::Arguments { function: "round", least: 1, most: Some(2), found: 0 }),
            ]
        );
        for (text, fault) in [
            ("1 +", Fault::NoOperand { found: String::new() }),
            ("(1", Fault::Unclosed('(')),
            ("selected(${one} 'a')", Fault::Unexpected { found: "'a'".into() }),
            ("//x", Fault::Anywhere),
            ("ancestor::x = 1", Fault::Axis("ancestor".into())),
            ("${x} | ${d}", Fault::Union),
            ("duration()", Fault::ForeignFunction { name: "duration".into(), dialect: "SurveyCTO" }),
            ("", Fault::Nothing),
            ("regex(., '(')", Fault::NotARegex("(".into())),
            ("date('2023-02-29')", Fault::NotADay("2023-02-29".into())),
        ] {
            let found: Vec<Fault> = faults(text).into_iter().map(|(_, fault)| fault).collect();
            assert_eq!(found, [fault], "{text}");
        }
    }

    #[test]
    fn reads_tell_what_a_change_must_reach() {
        let world = Sample::default();
        let (expr, _) = compile("${n} + sum(${k}) + ${x} + position(..)", &world, Scope::at(id("t")));
        let read = |name: &str, shared: u8| Read { node: id(name), shared };
        assert_eq!(expr.reads().values, [read("x", 0), read("n", 1), read("k", 1)]);
        assert_eq!(expr.reads().rows, [read("q", 1)]);
        assert_eq!(expr.reads().positions, [id("r")]);
        let (expr, _) = compile("today() > 1 and random() < 1", &world, Scope::top());
        assert!(expr.reads().clock && expr.reads().random && !expr.reads().is_constant());
    }

    #[test]
    fn the_deepest_text_taken_is_evaluated_and_a_deeper_one_is_told() {
        let world = Sample::default();
        let nested = |n: usize| format!("{}1{}", "(".repeat(n), ")".repeat(n));
        for text in
            [nested(DEPTH_MAX - 1), format!("{}1{}", "not(".repeat(150), ")".repeat(150)), "1*".repeat(150) + "1"]
        {
            let (expr, problems) = compile(&text, &world, Scope::top());
            assert_eq!(problems, []);
            expr.text(&world, EvalContext::TOP);
        }
        for text in
            [nested(DEPTH_MAX + 1), nested(30_000), "-".repeat(60_000), "1*".repeat(30_000) + "1", "(1*".repeat(9_000)]
        {
            let (expr, problems) = compile(&text, &world, Scope::top());
            assert!(problems.iter().any(|p| p.fault == Fault::TooDeep), "{}", &text[..20]);
            expr.text(&world, EvalContext::TOP);
        }
        let long = "1+".repeat(30_000) + "1";
        assert_eq!(compile(&long, &world, Scope::top()).0.number(&world, EvalContext::TOP), 30_001.0);
        let (_, problems) = compile(&" ".repeat(LENGTH_MAX + 1), &world, Scope::top());
        assert!(matches!(problems[..], [Problem { fault: Fault::TooLong { .. }, .. }]));
    }

    proptest::proptest! {
        #[test]
        fn garbage_never_panics(pieces in proptest::collection::vec(piece(), 0..24)) {
            let world = Sample { unknown: vec![id("d")] };
            let text = pieces.concat();
            for scope in [Scope::at(id("k")), Scope::filter(id("one"), ListId(0)), Scope::facts(), Scope::count_of(id("q"))] {
                let (expr, problems) = compile(&text, &world, scope);
                for problem in &problems {
                    assert!(text.is_char_boundary(problem.span.start as usize) && problem.span.end as usize <= text.len());
                }
                for rows in [&[][..], &[0, 1], &[7]] {
                    let place = EvalContext { rows, dot: None, item: Some(1) };
                    expr.text(&world, place);
                    expr.truth(&world, place);
                    expr.items(&world, place, &mut Vec::new());
                    crate::expr::Why::of(&expr, &world, place, &crate::expr::why::plain);
                }
            }
            crate::expr::Template::parse(&text, &world, Scope::top());
        }
    }

    /// Pieces of the language, so that more than the lexer is reached, and anything at all.
    fn piece() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        let known = vec![
            "(",
            ")",
            "[",
            "]",
            ",",
            "/",
            "//",
            ".",
            "..",
            "::",
            "@",
            "|",
            "*",
            "+",
            "-",
            "=",
            "!=",
            "<",
            ">=",
            " ",
            "'",
            "\"",
            "“",
            "${",
            "}",
            "${x}",
            "${r}",
            "${n}",
            "${k}",
            "${last-saved#x}",
            "'a'",
            "1",
            "0.5",
            "1e3",
            " and ",
            " or ",
            " div ",
            " mod ",
            "if(",
            "sum(",
            "position(",
            "last()",
            "instance('l')/root/item",
            "indexed-repeat(${k}, ",
            "current()",
            "randomize(",
            "once(",
            "jr:choice-name('a', '${one}')",
            "count-if(${r}, ",
            "x",
            "n",
            "name",
            "林",
            "🌲",
            "substr('林区', ",
            "selected-at(",
            "round(",
            "regex(., ",
            "format-date(",
            "distance(",
            "uuid(9)",
        ];
        prop_oneof![8 => proptest::sample::select(known).prop_map(str::to_owned), 1 => ".{0,4}"]
    }
}
