//! Every script of the corpus of real XLSForms against the state that ODK's own engines reach.
//! What must agree: every node that is neither suspect nor listed in `javarosa.differs`, and every suspect node that
//! JavaRosa reached and does not list as differing. Where it does not, `engines.toml` says why. `FORM_CORPUS_SHOW=40` prints that many differences,
//! `FORM_CORPUS_ONLY=own_` runs only forms whose name begins so.

use dossier::domain::{Day, Stamp};
use dossier::form::{Book, Draft, Supply, Weight, load, run};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Forms that cannot be used.
const FORMS_REFUSED: usize = 0;

fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("DOSSIER_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let corpus = root.join("xlsforms");
    if corpus.is_dir() {
        return Some(corpus);
    }
    assert!(std::env::var_os("DOSSIER_REQUIRE_SHARED").is_none(), "no corpus at {}", corpus.display());
    println!("skipped: no corpus at {}", corpus.display());
    None
}

fn supply() -> Supply {
    let today = Day::from_ymd(2025, 6, 15).expect("a day");
    Supply {
        zone_ms: 0,
        device_id: "device-1".into(),
        username: "enum".into(),
        email: "enum@example.org".into(),
        phone: "+10000000".into(),
        ..Supply::on(Stamp(1_749_988_800_000), today)
    }
}

#[derive(Default)]
struct Tally {
    forms: usize,
    loaded: usize,
    scripts: usize,
    nodes: usize,
    agreeing: usize,
    /// Nodes where the other engines differ from one another.
    decided: usize,
    by_field: BTreeMap<String, usize>,
    by_form: BTreeMap<String, usize>,
    shown: usize,
}

#[test]
fn scripts_lead_to_the_state_that_other_engines_reach() {
    let Some(corpus) = shared() else { return };
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).expect("INDEX.tsv");
    let mut lines = index.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap_or_else(|| panic!("column {name}"));
    let (file, id, variant) = (column("file"), column("id"), column("variant"));
    let only = std::env::var("FORM_CORPUS_ONLY").unwrap_or_default();
    let mut tally = Tally::default();
    let mut departures = Departures::read();
    let mut not_loaded = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        if !cells[id].starts_with(&only) {
            continue;
        }
        tally.forms += 1;
        let name = if cells[variant].is_empty() { cells[file] } else { cells[variant] };
        let bytes = std::fs::read(corpus.join("forms").join(name)).expect("workbook");
        let loaded = match Book::from_workbook(&bytes).and_then(|book| load(&book, &HashMap::new())) {
            Ok(loaded) => loaded,
            Err(why) => {
                not_loaded.push(format!("{}: {why:?}", cells[id]));
                continue;
            }
        };
        if loaded.usable() {
            tally.loaded += 1;
        } else {
            not_loaded.push(format!(
                "{}: {:?}",
                cells[id],
                loaded.errors().filter(|p| p.weight == Weight::Error).take(3).collect::<Vec<_>>()
            ));
        }
        let form = Arc::new(loaded.form);
        let folder = corpus.join("expected").join(cells[id]);
        for number in 1.. {
            let Ok(script) = std::fs::read_to_string(folder.join(format!("{number}.script.json"))) else { break };
            let expected = std::fs::read_to_string(folder.join(format!("{number}.expected.json"))).expect("expected");
            let expected: Value = serde_json::from_str(&expected).expect("json");
            let steps = run::steps(&script).expect("a script");
            let (draft, _) = Draft::from_steps(form.clone(), supply(), &steps);
            compare(&mut tally, &mut departures, cells[id], number, &expected, &run::nodes(&draft));
        }
    }
    for line in &not_loaded {
        println!("not loaded: {line}");
    }
    println!("fields that differ: {:?}", tally.by_field);
    let mut worst: Vec<_> = tally.by_form.iter().map(|(form, n)| (*n, form)).collect();
    worst.sort_unstable_by(|a, b| b.cmp(a));
    println!("forms that differ: {:?}", &worst[..worst.len().min(40)]);
    println!(
        "forms {} of {} usable, scripts {}, nodes that must agree {}, agreeing {} ({:.3} %), decided otherwise {}",
        tally.loaded,
        tally.forms,
        tally.scripts,
        tally.nodes,
        tally.agreeing,
        100.0 * tally.agreeing as f64 / tally.nodes.max(1) as f64,
        tally.decided
    );
    if only.is_empty() {
        assert_eq!(not_loaded.len(), FORMS_REFUSED, "{not_loaded:?}");
        departures.check();
    }
}

/// `engines.toml`: where another state than the expected one is right, and how often.
struct Departures {
    rows: Vec<Departure>,
    /// Differences that no row takes.
    strange: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Departure {
    what: String,
    follows: String,
    suspect: Option<String>,
    #[serde(default)]
    at: Vec<String>,
    nodes: usize,
    must: usize,
    /// Taken so far, and how many of them had to agree.
    #[serde(skip)]
    taken: (usize, usize),
}

impl Departures {
    fn read() -> Departures {
        #[derive(serde::Deserialize)]
        struct Table {
            departure: Vec<Departure>,
        }
        let table: Table = toml::from_str(include_str!("engines.toml")).expect("engines.toml");
        assert!(table.departure.iter().all(|d| !d.what.is_empty() && !d.follows.is_empty()));
        Departures { rows: table.departure, strange: Vec::new() }
    }

    fn take(&mut self, form: &str, path: &str, field: &str, node: &Value, must: bool) {
        let mut at = format!("{form} ");
        let mut inside = false;
        for c in path.chars() {
            match c {
                '[' => inside = true,
                ']' => inside = false,
                c if !inside => at.push(c),
                _ => {}
            }
        }
        at.push_str(&format!(" {field}"));
        let named = |row: &Departure| {
            row.at.iter().any(|wanted| match wanted.split_once('*') {
                Some((begin, end)) => at.strip_prefix(begin).is_some_and(|rest| rest.ends_with(end)),
                None => *wanted == at,
            })
        };
        let tags: Vec<&str> = node["suspect"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let marked = |row: &Departure| row.suspect.as_deref().is_some_and(|tag| tags.contains(&tag));
        let place = self.rows.iter().position(named).or_else(|| self.rows.iter().position(marked));
        match place {
            Some(place) => {
                let taken = &mut self.rows[place].taken;
                *taken = (taken.0 + 1, taken.1 + usize::from(must));
            }
            None => self.strange.push(at),
        }
    }

    fn check(&self) {
        for row in &self.rows {
            println!("{:4} ({} of them had to agree): {} [{}]", row.taken.0, row.taken.1, row.what, row.follows);
        }
        assert!(self.strange.is_empty(), "differences without a reason: {:#?}", self.strange);
        for row in &self.rows {
            assert_eq!(row.taken, (row.nodes, row.must), "{}", row.what);
        }
    }
}

fn compare(
    tally: &mut Tally,
    departures: &mut Departures,
    form: &str,
    number: usize,
    expected: &Value,
    ours: &[Value],
) {
    tally.scripts += 1;
    let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ours: HashMap<String, &Value> = ours.iter().map(|n| (text(n, "path"), n)).collect();
    let javarosa = &expected["javarosa"];
    let differs: HashSet<&str> =
        javarosa["differs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let refuses = javarosa.get("refuses").is_some();
    let show: usize = std::env::var("FORM_CORPUS_SHOW").ok().and_then(|s| s.parse().ok()).unwrap_or(0);
    for node in expected["nodes"].as_array().into_iter().flatten() {
        let path = text(node, "path");
        let suspect = node.get("suspect").is_some();
        let must = !differs.contains(path.as_str()) && (!suspect || !refuses);
        let difference = match ours.get(&path) {
            None => Some("missing".to_owned()),
            Some(own) => difference(node, own),
        };
        if !must {
            if let Some(field) = difference {
                tally.decided += 1;
                departures.take(form, &path, &field, node, false);
            }
            continue;
        }
        tally.nodes += 1;
        match difference {
            None => tally.agreeing += 1,
            Some(field) => {
                departures.take(form, &path, &field, node, true);
                *tally.by_field.entry(field.clone()).or_default() += 1;
                *tally.by_form.entry(form.to_owned()).or_default() += 1;
                if tally.shown < show {
                    tally.shown += 1;
                    let own = ours.get(&path).map_or("-".to_owned(), |v| v.to_string());
                    println!("{form}/{number} {field}\n  expected {node}\n  ours     {own}");
                }
            }
        }
    }
}

/// The first field in which the two differ.
fn difference(expected: &Value, own: &Value) -> Option<String> {
    let volatile: Vec<&str> = expected["volatile"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = [
        "kind",
        "type",
        "relevant",
        "count",
        "controlled",
        "required",
        "readonly",
        "value",
        "violation",
        "message",
        "choices",
        "label",
    ];
    for field in fields {
        if volatile.contains(&field) {
            continue;
        }
        let (a, b) = (expected.get(field), own.get(field));
        let same = match field {
            "value" => same_value(text(a), text(b)),
            "relevant" | "required" | "readonly" | "controlled" => truth(a) == truth(b),
            "message" => text(a).split_whitespace().eq(text(b).split_whitespace()),
            "violation" | "label" => text(a) == text(b),
            _ => a == b,
        };
        if !same {
            return Some(field.to_owned());
        }
    }
    None
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn truth(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool).unwrap_or(false)
}

fn same_value(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let number = |t: &str| match t {
        "true" => Some(1.0),
        "false" => Some(0.0),
        t => t.parse::<f64>().ok(),
    };
    match (number(a), number(b)) {
        (Some(x), Some(y)) => (x - y).abs() <= 1e-9 * x.abs().max(y.abs()),
        _ => false,
    }
}

#[test]
fn a_form_kept_as_csv_is_the_form_it_was() {
    let Some(corpus) = shared() else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus.join("forms"))
        .expect("forms")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "xlsx" || e == "xls"))
        .collect();
    files.sort();
    assert!(files.len() > 100);
    for file in files {
        let Ok(book) = Book::from_workbook(&std::fs::read(&file).expect("workbook")) else { continue };
        let kept = book.to_csv();
        let again =
            Book::from_csv(kept.iter().map(|(name, text)| (name.as_str(), text.as_bytes()))).expect("what was written");
        let Ok(one) = load(&book, &HashMap::new()) else { continue };
        let other = load(&again, &HashMap::new()).expect("what was read before");
        let reported = |loaded: &dossier::form::Loaded| {
            // What is odd about a workbook's cells and other sheets is told of the workbook, and of nothing kept of it.
            let of_workbook = |key: &str| key.starts_with("form.cell") || key == "form.sheet_unknown";
            let kept = loaded.problems.iter().filter(|p| !of_workbook(p.what.key));
            kept.map(|p| (p.place.column.clone(), p.what.key)).collect::<Vec<_>>()
        };
        assert_eq!(reported(&one), reported(&other), "{}", file.display());
        let lists =
            |form: &dossier::form::Form| format!("{:?}", form.lists.iter().map(|l| &l.choices).collect::<Vec<_>>());
        let plain = |text: String| {
            text.split("row: ")
                .map(|t| t.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned())
                .collect::<String>()
        };
        assert_eq!(plain(lists(&one.form)), plain(lists(&other.form)), "{}", file.display());
        let nodes = |loaded: dossier::form::Loaded| run::nodes(&Draft::open(Arc::new(loaded.form), supply()));
        assert_eq!(nodes(one), nodes(other), "{}", file.display());
    }
}
