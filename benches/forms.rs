//! Real forms: from the workbook's bytes to a form, and from one answer to everything it reaches, on the scripts that the
//! corpus holds for them. Each form in a process of its own, so that its memory is its own. `cargo bench --bench forms`.
//! Without the corpus there is nothing to time, and it says so.

use dossier::domain::{Day, Stamp, Step};
use dossier::form::{Book, Draft, Supply, load, run};
use std::collections::HashMap;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The largest, and what they are hard for: width, helper functions, rosters, attributes, scores, choices.
const FORMS: [&str; 6] = [
    "stats4sd_holpa_household",
    "cht_large_cha",
    "stats4sd_tape_ethiopia",
    "hope_flexibleattributesinit",
    "hope_kobo_template_valid",
    "ona_select_one",
];

fn main() {
    if let Ok(form) = std::env::var("BENCH_FORM") {
        return one(&form);
    }
    let Some(corpus) = corpus() else {
        return say("no corpus of forms here: nothing to time");
    };
    say("form                        rows  load ms  answers   p50 us   p95 us   max us  peak MB");
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).expect("INDEX.tsv");
    for wanted in FORMS {
        let ids = index.lines().filter_map(|line| line.split('\t').nth(1));
        for id in ids.filter(|id| id.starts_with(wanted)) {
            let exe = std::env::current_exe().expect("this bench");
            let done = std::process::Command::new(exe).env("BENCH_FORM", id).status().expect("run");
            assert!(done.success(), "{id}");
        }
    }
}

fn say(line: &str) {
    // The only place that prints: a bench is read by people.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("DOSSIER_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    Some(root.join("xlsforms")).filter(|corpus| corpus.is_dir())
}

fn supply() -> Supply {
    let mut supply = Supply::on(Stamp(1_749_988_800_000), Day::from_ymd(2025, 6, 15).expect("a day"));
    supply.zone_ms = 0;
    supply
}

fn one(id: &str) {
    let corpus = corpus().expect("a corpus");
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).expect("INDEX.tsv");
    let header: Vec<&str> = index.lines().next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).expect("column");
    let line: Vec<&str> = index.lines().map(|l| l.split('\t').collect::<Vec<_>>()).find(|c| c[1] == id).expect("form");
    let name = match line[column("variant")] {
        "" => line[column("file")],
        variant => variant,
    };
    let bytes = std::fs::read(corpus.join("forms").join(name)).expect("workbook");
    let read = || {
        let book = Book::from_workbook(&bytes).expect("a workbook");
        load(&book, &HashMap::new()).expect("readable").form
    };
    let mut loads: Vec<Duration> = (0..21).map(|_| timed(|| drop(black_box(read())))).collect();
    loads.sort_unstable();
    let form = Arc::new(read());
    let mut scripts: Vec<Vec<Step>> = Vec::new();
    for number in 1.. {
        let file = corpus.join("expected").join(id).join(format!("{number}.script.json"));
        let Ok(text) = std::fs::read_to_string(file) else { break };
        scripts.push(run::steps(&text).expect("a script"));
    }
    let mut answers: Vec<Duration> = Vec::new();
    let mut whole = Duration::ZERO;
    while answers.len() < 2_000 || whole < Duration::from_secs(1) {
        for script in &scripts {
            let mut draft = Draft::open(form.clone(), supply());
            for step in script {
                let took = timed(|| drop(black_box(draft.apply(step))));
                answers.push(took);
                whole += took;
            }
        }
        if scripts.is_empty() || answers.len() > 400_000 {
            break;
        }
    }
    answers.sort_unstable();
    let at = |share: f64| answers.get(((answers.len() as f64 * share) as usize).min(answers.len().saturating_sub(1)));
    let us = |d: Option<&Duration>| d.map_or(0.0, |d| d.as_secs_f64() * 1e6);
    say(&format!(
        "{:<26} {:>5} {:>8.1} {:>8} {:>8.2} {:>8.1} {:>8.1} {:>8.1}",
        id.chars().take(26).collect::<String>(),
        form.nodes.len(),
        loads[loads.len() / 2].as_secs_f64() * 1e3,
        answers.len(),
        us(at(0.5)),
        us(at(0.95)),
        us(answers.last()),
        peak_mb()
    ));
}

fn timed(act: impl FnOnce()) -> Duration {
    let began = Instant::now();
    act();
    began.elapsed()
}

/// The most memory this process had resident, from the system's own count.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap_or(0.0) / 1024.0
}
