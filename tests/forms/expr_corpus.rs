//! The yardstick: every row of `expressions.tsv` on which the field's two engines agree must give what they give, and
//! every row on which they differ gives what `expr::decisions` says, for the reason given there.

use dossier::domain::{Day, Stamp};
use dossier::expr::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("DOSSIER_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let found = root.join("xlsforms/expressions.tsv").is_file();
    if !found {
        assert!(std::env::var_os("DOSSIER_REQUIRE_SHARED").is_none(), "{} is not there", root.display());
        println!("skipped: no expressions.tsv under {}", root.display());
    }
    found.then_some(root)
}

type Lists = Vec<(String, Vec<(String, String)>)>;

/// One row's form: leaves at the top, and one roster `r`.
#[derive(Clone)]
struct Form {
    nodes: Vec<(String, Option<NodeId>, NodeKind, Option<ListId>)>,
    values: BTreeMap<(NodeId, Option<u32>), String>,
    rows: u32,
    lists: Lists,
}

const ROSTER: NodeId = NodeId(0);

impl Form {
    fn new(context: &serde_json::Value, lists: &Lists) -> Form {
        let mut form = Form {
            nodes: vec![("r".into(), None, NodeKind::Repeat, None)],
            values: BTreeMap::new(),
            rows: 0,
            lists: lists.clone(),
        };
        for (name, what) in context.as_object().unwrap() {
            if let Some(rows) = what["repeat"].as_array() {
                form.rows = rows.len() as u32;
                for (field, kind) in what["types"].as_object().unwrap() {
                    let id = form.add(field, Some(ROSTER), kind.as_str().unwrap());
                    for (i, row) in rows.iter().enumerate() {
                        form.values.insert((id, Some(i as u32)), row[field].as_str().unwrap().to_owned());
                    }
                }
            } else {
                let id = form.add(name, None, what["type"].as_str().unwrap());
                form.values.insert((id, None), what["value"].as_str().unwrap().to_owned());
            }
        }
        form
    }

    fn add(&mut self, name: &str, parent: Option<NodeId>, kind: &str) -> NodeId {
        let (kind, list) = kind.split_once(' ').unwrap_or((kind, ""));
        let value = match kind {
            "int" => ValueType::Integer,
            "decimal" => ValueType::Decimal,
            "date" => ValueType::Date,
            "time" => ValueType::Time,
            "dateTime" => ValueType::DateTime,
            "select_one" => ValueType::Choice,
            "select_multiple" => ValueType::Choices,
            "geopoint" | "geotrace" | "geoshape" => ValueType::Geo,
            "text" | "calculate" => ValueType::Text,
            other => panic!("a type this test does not know: {other}"),
        };
        let list = self.lists.iter().position(|(n, _)| n == list).map(|i| ListId(i as u32));
        self.nodes.push((name.to_owned(), parent, NodeKind::Leaf(value), list));
        NodeId(self.nodes.len() as u32 - 1)
    }
}

impl Scheme for Form {
    fn find(&self, name: &str) -> Found {
        self.nodes.iter().position(|n| n.0 == name).map_or(Found::Nothing, |i| Found::One(NodeId(i as u32)))
    }
    fn name(&self, node: NodeId) -> &str {
        &self.nodes[node.0 as usize].0
    }
    fn kind(&self, node: NodeId) -> NodeKind {
        self.nodes[node.0 as usize].2
    }
    fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.nodes[node.0 as usize].1
    }
    fn child(&self, parent: Option<NodeId>, name: &str) -> Option<NodeId> {
        self.nodes.iter().position(|n| n.0 == name && n.1 == parent).map(|i| NodeId(i as u32))
    }
    fn each_name(&self, tell: &mut dyn FnMut(&str)) {
        self.nodes.iter().for_each(|n| tell(&n.0));
    }
    fn list(&self, name: &str) -> Option<ListId> {
        self.lists.iter().position(|(n, _)| n == name).map(|i| ListId(i as u32))
    }
    fn list_of(&self, node: NodeId) -> Option<ListId> {
        self.nodes[node.0 as usize].3
    }
    fn column(&self, _: ListId, name: &str) -> Option<ColumnId> {
        ["name", "label"].iter().position(|n| *n == name).map(|i| ColumnId(i as u32))
    }
}

impl World for Form {
    fn scheme(&self) -> &dyn Scheme {
        self
    }
    fn value(&self, node: NodeId, rows: &[u32]) -> Seen<'_> {
        self.values.get(&(node, rows.first().copied())).map_or(Seen::Empty, |v| Seen::from(v.as_str()))
    }
    fn row_count(&self, _: NodeId, _: &[u32]) -> u32 {
        self.rows
    }
    fn clock(&self) -> Clock {
        Clock { at: Stamp(1_749_988_800_000), today: Day::from_iso("2025-06-15").unwrap(), zone_ms: 0 }
    }
    fn random(&self) -> f64 {
        use std::cell::Cell;
        thread_local!(static NEXT: Cell<f64> = const { Cell::new(0.1) });
        NEXT.replace((NEXT.get() * 7.3) % 1.0)
    }
    fn item_count(&self, list: ListId) -> u32 {
        self.lists[list.0 as usize].1.len() as u32
    }
    fn cell(&self, list: ListId, item: u32, column: ColumnId) -> Cow<'_, str> {
        let item = self.lists[list.0 as usize].1.get(item as usize);
        item.map_or("", |(name, label)| if column.0 == 0 { name } else { label }).into()
    }
}

/// The README's own measure: true is 1, NaN is empty, a day is its midnight, numbers to 1e-7.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| match text {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        "NaN" => String::new(),
        other => other.replace("T00:00:00.000Z", "").replace("+00:00", "Z").trim().to_owned(),
    };
    let (a, b) = (plain(a), plain(b));
    let near = |x: f64, y: f64| x == y || (x - y).abs() <= 1e-7 * x.abs().max(y.abs());
    a == b || matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(x), Ok(y)) if near(x, y))
}

fn unescape(cell: &str) -> String {
    cell.replace("\\\\", "\u{0}").replace("\\t", "\t").replace("\\n", "\n").replace('\u{0}', "\\")
}

fn evaluate(mut form: Form, text: &str, at: &str) -> String {
    let row: Option<u32> = at.strip_prefix("r[").map(|i| i.trim_end_matches(']').parse::<u32>().unwrap() - 1);
    // The calculate itself is a node beside the others.
    let here = form.add("__here", row.map(|_| ROSTER), "calculate");
    let (expr, problems) = compile(text, &form, Scope::at(here));
    if problems.iter().any(|p| p.fault.breaks()) {
        return "#ERROR".into();
    }
    let rows: Vec<u32> = row.into_iter().collect();
    expr.text(&form, EvalContext::rows(&rows)).into_owned()
}

#[test]
fn rows_on_which_the_engines_agree_agree_and_the_others_are_decided() {
    let Some(root) = shared() else { return };
    let read = |name: &str| std::fs::read_to_string(root.join("xlsforms").join(name)).unwrap();
    let mut lists: Lists = Vec::new();
    for line in read("choices-for-expressions.tsv").lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if lists.last().is_none_or(|(name, _)| name != cells[0]) {
            lists.push((cells[0].into(), Vec::new()));
        }
        lists.last_mut().unwrap().1.push((cells[1].into(), cells[2].into()));
    }
    let (mut agreed, mut decided, mut wrong) = (0, 0, Vec::new());
    for line in read("expressions.tsv").lines().skip(1) {
        let cells: Vec<String> = line.split('\t').map(unescape).collect();
        let [id, _, text, at, context, expected, javarosa, agree, ..] = &cells[..] else {
            panic!("too few cells: {line}")
        };
        let form = Form::new(&serde_json::from_str(context).unwrap(), &lists);
        let found = evaluate(form, text, at);
        let id: u32 = id.parse().unwrap();
        if agree == "yes" {
            agreed += 1;
            if !same(&found, expected) {
                wrong.push(format!("{id}\t{text}\t{at}\tours {found:?}, both {expected:?}"));
            }
            continue;
        }
        decided += 1;
        match decisions::of_row(id) {
            Some((_, ours)) if same(&found, ours) => {}
            Some((decision, ours)) => {
                wrong.push(format!("{id}\t{text}\t{at}\tours {found:?}, decided {ours:?} ({})", decision.topic));
            }
            None => {
                wrong.push(format!("{id}\t{text}\t{at}\tours {found:?}, theirs {expected:?} {javarosa:?}\tnot decided"))
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {agreed} + {decided} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(agreed > 300 && decided > 50, "{agreed} {decided}");
}
