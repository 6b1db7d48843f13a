//! Many people at one owner: from a key sent on the socket to the frame that shows it, with 1, 30 and 200 of them typing
//! as people type; what an idle session costs; bytes for each key. `cargo bench --bench sessions`.

use dossier::serve::house::Wanted;
use dossier::serve::unix::{self, Answer};
use dossier::serve::wire;
use dossier::tui::Lang;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Five keys a second, a fast typist.
const BETWEEN: Duration = Duration::from_millis(200);
/// So long everybody types.
const TYPING: Duration = Duration::from_secs(8);
/// Sessions of one person.
const EACH: usize = 8;

fn main() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let dossier = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
        command.args(["--lang", "zh", "--data"]).arg(&data).args(arguments).stdout(Stdio::null());
        assert!(command.status().expect("run").success());
    };
    dossier(&["init"]);
    for person in 0..26 {
        dossier(&["officer", "set", &format!("示例{person}"), "--role", "surveyor"]);
    }
    say("sessions   keys   p50 ms   p99 ms   max ms   bytes/key   MB/idle session   idle CPU %");
    for sessions in [1, 30, 200] {
        let mut owner = serve(&data);
        one(&data, owner.id(), sessions);
        let _ = Command::new("kill").args(["-TERM", &owner.id().to_string()]).status();
        let _ = owner.wait();
    }
}

fn say(line: &str) {
    // The only place that prints: a bench is read by people.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn serve(data: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.args(["--lang", "zh", "--data"]).arg(data).arg("serve").stdout(Stdio::piped());
    let mut child = command.spawn().expect("run");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
    child
}

fn one(data: &Path, owner: u32, sessions: usize) {
    let before = resident_mb(owner);
    let mut lines: Vec<UnixStream> = (0..sessions).map(|n| sit_down(data, n / EACH)).collect();
    // Everybody begins a survey and stands at a text.
    for line in &mut lines {
        for keys in ["n", "1", "\r", "20261127", "\r"] {
            press(line, keys.as_bytes());
        }
    }
    std::thread::sleep(Duration::from_secs(1));
    let each = (resident_mb(owner) - before) / sessions as f64;
    let ticks = cpu_ticks(owner);
    std::thread::sleep(Duration::from_secs(4));
    // A tick is a hundredth of a second.
    let idle = (cpu_ticks(owner) - ticks) as f64 / 4.0;
    let began = Instant::now();
    let typists: Vec<_> = lines
        .into_iter()
        .enumerate()
        .map(|(n, mut line)| {
            std::thread::spawn(move || {
                // Not all in step.
                std::thread::sleep(BETWEEN.mul_f64(n as f64 / sessions as f64));
                let mut took = Vec::new();
                let mut bytes = 0;
                while began.elapsed() < TYPING {
                    let pressed = Instant::now();
                    bytes += press(&mut line, "林".as_bytes());
                    took.push(pressed.elapsed());
                    bytes += press(&mut line, b"\x7f");
                    std::thread::sleep(BETWEEN.saturating_sub(pressed.elapsed()));
                }
                (took, bytes)
            })
        })
        .collect();
    let (mut took, mut bytes) = (Vec::new(), 0);
    for typist in typists {
        let (own, sent) = typist.join().expect("a typist");
        took.extend(own);
        bytes += sent;
    }
    took.sort_unstable();
    let ms = |share: f64| took[((took.len() as f64 * share) as usize).min(took.len() - 1)].as_secs_f64() * 1e3;
    say(&format!(
        "{sessions:>8} {:>6} {:>8.2} {:>8.2} {:>8.2} {:>11} {each:>17.2} {idle:>12.1}",
        took.len(),
        ms(0.5),
        ms(0.99),
        ms(1.0),
        bytes / (2 * took.len()),
    ));
}

fn sit_down(data: &Path, person: usize) -> UnixStream {
    let hello = unix::hello((80, 24), Lang::Zh, true, Some(format!("示例{person}")), Wanted::New);
    match unix::ask(data, &hello).expect("an answer") {
        Answer::Attached(mut line) => {
            line.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
            wire::read(&mut line, wire::FROM_OWNER_MAX).expect("the first screen");
            line
        }
        Answer::Refused(why) => panic!("{why}"),
        Answer::Choose(_) => panic!("a new one was asked for"),
    }
}

/// Sends a key and waits for the frame that follows; its bytes.
fn press(line: &mut UnixStream, keys: &[u8]) -> usize {
    wire::write(line, wire::KEYS, keys).expect("sent");
    match wire::read(line, wire::FROM_OWNER_MAX).expect("an answer") {
        Some((wire::FRAME, frame)) => frame.len(),
        other => panic!("no frame: {:?}", other.map(|(letter, _)| letter)),
    }
}

fn resident_mb(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap_or(0.0) / 1024.0
}

fn cpu_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
    field(11) + field(12)
}
