//! From a key to a frame, and how many bytes a frame is: on the hardship form with its draft on disk, and on a form of five
//! hundred questions with sums over all of them. Then rule decisions a second. `cargo bench --bench screen`.

#[path = "../tests/support/mod.rs"]
mod support;

use dossier::command::Library;
use dossier::command::survey::Begin;
use dossier::domain::{Answers, Day, Message, Path, Stamp, Step};
use dossier::form::{Book, Draft, Supply, load};
use dossier::rules;
use dossier::tui::screens::survey::{Finished, Keeper, NotTaken, Survey};
use dossier::tui::{App, Lang, Screen, Setup, surveying, theme::Theme};
use std::hint::black_box;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::bureau::Bureau;

fn main() {
    say("form, 80x24                      keys   p50 us   p99 us   max us  B/char  B/move  B/full");
    let bureau = Bureau::with_households();
    let session = bureau.session();
    let form = bureau.office.library().hardship().expect("form").clone();
    let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: true };
    typed("hardship, draft on disk", Box::new(surveying::begin(&session, begin).expect("begun")), 400);
    let loaded = load(&Book::from_csv([("survey", long_form().as_bytes())]).expect("csv"), &Default::default());
    let form = Arc::new(loaded.expect("readable").form);
    let supply = Supply::on(Stamp(0), Day::from_iso("2026-03-10").expect("a day"));
    let survey = Survey::new(Draft::open(form, supply), Box::new(Nobody), "bench", None);
    typed("500 questions, 50 sums of all", Box::new(survey), 120);
    decisions();
}

fn say(line: &str) {
    // The only place that prints: a bench is read by people.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Five hundred amounts in fifty groups, each with the sum of its own, and at the end of each a share of all.
fn long_form() -> String {
    let mut rows = vec!["type,name,label,calculation,relevant,constraint".to_owned()];
    let all: Vec<String> = (0..50).map(|g| format!("${{s{g}}}")).collect();
    for group in 0..50 {
        rows.push(format!("begin group,g{group},Group {group},,,"));
        for n in 0..10 {
            let relevant = if n == 9 { format!("${{q{group}_0}} >= 0") } else { String::new() };
            rows.push(format!("decimal,q{group}_{n},Amount {group} {n},,{relevant},. < 1000000"));
        }
        let own: Vec<String> = (0..10).map(|n| format!("coalesce(${{q{group}_{n}}}, 0)")).collect();
        rows.push(format!("calculate,s{group},,{},,", own.join(" + ")));
        rows.push(format!("calculate,t{group},,{},,", all.join(" + ")));
        rows.push("end group,,,,,".to_owned());
    }
    rows.join("\n")
}

struct Nobody;

impl Keeper for Nobody {
    fn keep(&mut self, _: &mut Draft, _: &Step) -> Result<(), Message> {
        Ok(())
    }
    fn typing(&mut self, _: &Path, _: &str) {}
    fn sync(&mut self) -> Result<(), Message> {
        Ok(())
    }
    fn submit(&mut self, _: &Draft, _: Answers, _: bool) -> Result<Finished, NotTaken> {
        Ok(Finished { heading: Message::new("tui.key.submit"), zh: Vec::new(), en: Vec::new() })
    }
}

/// Types amounts and goes on, as somebody does who keys a paper form; then counts the bytes of moves and whole screens.
fn typed(what: &str, first: Box<dyn Screen>, rounds: usize) {
    let setup = Setup { lang: Lang::Zh, theme: Theme::default(), size: (80, 24) };
    let mut app = App::new(first, setup);
    app.frame();
    let (mut times, mut chars, mut moves) = (Vec::new(), Vec::new(), Vec::new());
    let mut at_ms = 0;
    let mut press = |app: &mut App, bytes: &[u8]| -> (Duration, usize) {
        at_ms += 150;
        let start = Instant::now();
        app.feed(bytes, at_ms);
        let frame = app.frame();
        (start.elapsed(), frame.len())
    };
    // Few enough rounds not to come to the last page.
    for _ in 0..rounds {
        for key in ["1", "2", "3", "4"] {
            let (time, bytes) = press(&mut app, key.as_bytes());
            times.push(time);
            chars.push(bytes);
        }
        // Taken, or said what is wrong with it and left: both are frames.
        for _ in 0..2 {
            times.push(press(&mut app, b"\r").0);
        }
        let (time, bytes) = press(&mut app, b"\t");
        times.push(time);
        moves.push(bytes);
    }
    app.redraw();
    let full = app.frame().len();
    times.sort_unstable();
    let us = |at: usize| times[(times.len() * at / 1000).min(times.len() - 1)].as_secs_f64() * 1e6;
    let median = |list: &mut Vec<usize>| {
        list.sort_unstable();
        list[list.len() / 2]
    };
    say(&format!(
        "{what:<32}{:>5}{:>9.0}{:>9.0}{:>9.0}{:>8}{:>8}{full:>8}",
        times.len(),
        us(500),
        us(990),
        us(1000),
        median(&mut chars),
        median(&mut moves),
    ));
}

fn decisions() {
    let library = Library::built_in();
    let text = r#"{"members": 3, "income": "42000.00", "rigid": "20000.00", "employment_cost": "0", "loss": "0",
        "compensated": "0", "division": "150785", "line_month": "700.00", "has_event": false, "exclusions": []}"#;
    let facts = rules::json::facts(text).expect("facts");
    let set = library.rule_sets().get("genhe-2026").expect("a set");
    let on = Day::from_iso("2026-03-10").expect("a day");
    let rate = |work: &dyn Fn()| {
        let (start, mut count) = (Instant::now(), 0u32);
        while start.elapsed() < Duration::from_secs(2) {
            (0..1000).for_each(|_| work());
            count += 1000;
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    };
    let traced = rate(&|| drop(black_box(rules::decide(black_box(&facts), set, on))));
    let alone = rate(&|| {
        let _ = black_box(rules::verdict(black_box(&facts), set, on));
    });
    say(&format!("decisions a second, one core: {alone:.0} category alone, {traced:.0} with the trace"));
}
