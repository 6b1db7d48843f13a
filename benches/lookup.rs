//! Looking households up at one million, keystroke by keystroke. `cargo bench --bench lookup [-- ROWS]`.
//! Prints build time, resident memory, and for each kind of key the median, 99th percentile and worst; beside
//! `fzf --filter` over the same rows where fzf is installed.

#[path = "../tests/support/households.rs"]
mod households;

use dossier::domain::UnitId;
use dossier::views::search::{Ask, Index, IndexedHousehold, SearchScope};
use households::{Dice, households, unit};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn main() {
    let rows = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000u32);
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}").expect("standard output is open");
    let before = resident_mb();
    let start = Instant::now();
    let made: usize = households(1, rows).map(|row| row.names.len()).sum();
    let making = start.elapsed();
    let start = Instant::now();
    let mut index = Index::build(households(1, rows));
    let building = start.elapsed().saturating_sub(making);
    say(format!("rows {rows}, persons {made}, build {:.2} s (one thread)", building.as_secs_f64()));
    say(format!(
        "resident {} MB, {} B a household; peak while building {} MB",
        resident_mb() - before,
        (resident_mb() - before) * 1_000_000 / u64::from(rows),
        proc_mb("VmHWM:"),
    ));

    let mut dice = Dice::new(99);
    let step = (rows / 400).max(1) as usize;
    let sample: Vec<IndexedHousehold> = households(1, rows).step_by(step).collect();
    let mine: BTreeSet<UnitId> = (0..3).map(|n| unit(n).id).collect();
    say("key typed                  keys   median      p99      max  cut".to_owned());
    for (label, typed) in keystrokes(&sample, &mut dice) {
        say(measured(&index, label, &typed, SearchScope::All));
        if matches!(label, "name" | "initials" | "pinyin") {
            say(measured(&index, &format!("{label}, 3 of 200 units"), &typed, SearchScope::Units(&mine)));
        }
    }

    let start = Instant::now();
    for row in households(2, 20_000) {
        index.put(row);
    }
    say(format!(
        "put {:.1} us each over 20,000, merges of small segments included",
        start.elapsed().as_secs_f64() * 50.0
    ));
    let typed: Vec<String> = sample.iter().flat_map(|row| prefixes(&row.names[0])).collect();
    say(measured(&index, "name, after 20,000 puts", &typed, SearchScope::All));
    peer(&mut say, rows);
}

fn prefixes(text: &str) -> Vec<String> {
    let ends = text.char_indices().map(|(i, c)| i + c.len_utf8());
    ends.map(|end| text[..end].to_owned()).collect()
}

fn keystrokes(sample: &[IndexedHousehold], dice: &mut Dice) -> Vec<(&'static str, Vec<String>)> {
    let all = |of: &mut dyn FnMut(&IndexedHousehold) -> String| -> Vec<String> {
        sample.iter().flat_map(|row| prefixes(&of(row))).collect()
    };
    let whole = |of: &mut dyn FnMut(&IndexedHousehold) -> String| -> Vec<String> { sample.iter().map(of).collect() };
    let plain = |row: &IndexedHousehold| row.names[0].replace('·', "");
    let read = |row: &IndexedHousehold| {
        use pinyin::ToPinyin;
        let syllables: Vec<&str> = plain(row).as_str().to_pinyin().flatten().map(|p| p.plain()).collect();
        syllables.iter().map(|s| s.replace('ü', "v")).collect::<Vec<String>>()
    };
    let mut wrong = |row: &IndexedHousehold| {
        let mut chars: Vec<char> = plain(row).chars().collect();
        match dice.below(4) {
            0 => *chars.last_mut().expect("a name") = '墙',
            1 if chars.len() > 2 => drop(chars.remove(1)),
            2 => chars.insert(1, '小'),
            _ => chars.swap(0, 1),
        }
        chars.into_iter().collect()
    };
    vec![
        ("name", all(&mut |row| plain(row))),
        ("name, one wrong", whole(&mut wrong)),
        ("pinyin", all(&mut |row| read(row).concat())),
        ("initials", all(&mut |row| read(row).iter().filter_map(|s| s.chars().next()).collect())),
        (
            "pinyin shortened",
            all(&mut |row| {
                read(row).iter().enumerate().map(|(i, s)| if i % 2 == 0 { &s[..1] } else { s.as_str() }).collect()
            }),
        ),
        ("number", all(&mut |row| row.number.clone())),
        ("ID tail", all(&mut |row| row.id_numbers[0][12..].to_owned())),
        ("ID number", all(&mut |row| row.id_numbers[0].clone())),
        ("phone tail", all(&mut |row| row.phones[0][7..].to_owned())),
        ("unit", all(&mut |row| row.unit.name.clone())),
        ("surname and unit", all(&mut |row| format!("{} {}", &row.names[0][..3], row.unit.name))),
        ("name and unit", all(&mut |row| format!("{} {}", plain(row), row.unit.name))),
        ("pinyin and unit", all(&mut |row| format!("{} {}", read(row).concat(), row.unit.name))),
        ("nothing like it", whole(&mut |row| format!("龘{}", row.names[0]))),
    ]
}

fn measured(index: &Index, label: &str, typed: &[String], scope: SearchScope<'_>) -> String {
    let mut times: Vec<Duration> = Vec::new();
    let mut cut = 0;
    for text in typed {
        let start = Instant::now();
        let answer = index.search(Ask::new(text, scope));
        times.push(start.elapsed());
        cut += usize::from(answer.cut);
    }
    times.sort_unstable();
    let at = |per_mille: usize| times[(times.len() * per_mille / 1000).min(times.len() - 1)].as_secs_f64() * 1e3;
    let share = 100 * cut / typed.len();
    format!("{label:<25}{:>6}{:>9.3}{:>9.3}{:>9.3} ms{share:>3} %", times.len(), at(500), at(990), at(1000))
}

/// The same rows as lines, searched by `fzf --filter`, which loads them anew for each key: load and key together.
fn peer(say: &mut impl FnMut(String), rows: u32) {
    if Command::new("fzf").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return say("fzf: peer absent".to_owned());
    }
    let mut lines = String::new();
    for row in households(1, rows) {
        use pinyin::ToPinyin;
        let read: Vec<&str> = row.names[0].as_str().to_pinyin().flatten().map(|p| p.plain()).collect();
        let initials: String = read.iter().filter_map(|s| s.chars().next()).collect();
        lines.push_str(&format!(
            "{} {initials} {} {} {} {}\n",
            row.names[0],
            read.concat(),
            row.unit.name,
            row.number,
            row.phones[0]
        ));
    }
    for key in ["z", "zha", "zhangw", "王建国", "13800", "张 三林场"] {
        let mut times = Vec::new();
        for _ in 0..3 {
            let start = Instant::now();
            let child = Command::new("fzf").args(["--filter", key]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
            let Ok(mut child) = child else { return say("fzf: peer absent".to_owned()) };
            if let Some(mut input) = child.stdin.take() {
                // fzf may stop reading; that is its affair.
                let _ = input.write_all(lines.as_bytes());
            }
            let _ = child.wait();
            times.push(start.elapsed());
        }
        times.sort_unstable();
        say(format!("fzf --filter {key:<12} {:>8.0} ms, load included", times[1].as_secs_f64() * 1e3));
    }
    interactive(say, &lines, rows);
}

/// fzf as somebody sits before it, all rows loaded: from a key to the count of what is left, as its own line says.
fn interactive(say: &mut impl FnMut(String), lines: &str, rows: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rows");
    std::fs::write(&file, lines).expect("rows");
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &format!("exec fzf < {}", file.display())]);
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).expect("fzf");
    let (mut reader, mut keys) =
        (pair.master.try_clone_reader().expect("reader"), pair.master.take_writer().expect("keys"));
    let side = |n| std::num::NonZeroU16::new(n).expect("a terminal has cells");
    let screen = Arc::new(Mutex::new(vt100::Parser::new(side(24), side(80), 0)));
    let shown = screen.clone();
    std::thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(n @ 1..) = reader.read(&mut chunk) {
            shown.lock().expect("screen").process(&chunk[..n]);
        }
    });
    // `  12/1000000`; a share in brackets stands behind it while it still looks.
    let count = || {
        let text = screen.lock().expect("screen").screen().contents();
        let line = text.lines().find(|line| line.contains(&format!("/{rows}")))?.to_owned();
        (!line.contains('%')).then(|| line.trim().to_owned())
    };
    let wait = |from: &Option<String>| {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            let now = count();
            if now.is_some() && now != *from {
                return Some((start.elapsed(), now));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        None
    };
    let whole = format!("{rows}/{rows}");
    let start = Instant::now();
    while count().is_none_or(|line| !line.contains(&whole)) && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let loaded = start.elapsed();
    let (mut times, mut before) = (Vec::new(), count());
    for word in ["zhangwei", "wangjianguo", "limin", "13800"] {
        for key in word.chars() {
            keys.write_all(key.to_string().as_bytes()).and_then(|()| keys.flush()).expect("typed");
            // A key that leaves as many as before cannot be told from one that is not answered yet.
            let Some((time, now)) = wait(&before) else { break };
            times.push(time);
            before = now;
        }
        keys.write_all(b"\x15").and_then(|()| keys.flush()).expect("typed");
        std::thread::sleep(Duration::from_secs(1));
        before = count();
    }
    let _ = child.kill();
    let _ = child.wait();
    times.sort_unstable();
    let Some(last) = times.len().checked_sub(1) else { return say("fzf, interactive: told nothing".to_owned()) };
    let ms = |at: usize| times[at].as_secs_f64() * 1e3;
    say(format!(
        "fzf, interactive, loaded in {:.1} s: {} keys, median {:.1} ms, worst {:.1} ms",
        loaded.as_secs_f64(),
        times.len(),
        ms(last / 2),
        ms(last)
    ));
}

fn resident_mb() -> u64 {
    proc_mb("VmRSS:")
}

fn proc_mb(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}
