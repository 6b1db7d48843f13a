//! Many people at one owner: from a key sent on the socket to the frame that shows it, with 1, 30 and 200 of them typing
//! as people type; what an idle session costs; bytes for each key. Then one person on a thin line. `cargo bench --bench
//! sessions`.

use dossier::serve::house::Wanted;
use dossier::serve::unix::{self, Answer, At};
use dossier::serve::wire;
use dossier::tui::Lang;
use std::io::{BufRead, BufReader, Read, Write};
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
    say("line                        keys  typed s   shown s  frames   bytes bytes/key  longest");
    let mut owner = serve(&data);
    let ms = Duration::from_millis;
    for line in [
        Thin { name: "beside the machine", delay: ms(0), bits: 1e9, lost: 0 },
        Thin { name: "800 ms there and back, 5 %", delay: ms(400), bits: 1e6, lost: 5 },
        Thin { name: "9,600 bit/s", delay: ms(100), bits: 9_600.0, lost: 0 },
    ] {
        thin(&data, line);
    }
    let _ = Command::new("kill").args(["-TERM", &owner.id().to_string()]).status();
    let _ = owner.wait();
}

/// A line with a delay each way, so many bits a second, and so many of a hundred packets lost: each of these waits for one
/// more journey there and back, and what follows it waits too.
#[derive(Clone, Copy)]
struct Thin {
    name: &'static str,
    delay: Duration,
    bits: f64,
    lost: u64,
}

/// One section of the survey typed by somebody who does not wait for the echo.
fn thin(data: &Path, line: Thin) {
    let (own, there) = UnixStream::pair().expect("a pair");
    let owner = UnixStream::connect(data.join("socket")).expect("connected");
    let clone = |stream: &UnixStream| stream.try_clone().expect("a clone");
    pump(clone(&there), clone(&owner), line);
    pump(owner, there, line);
    let mut out = clone(&own);
    let mut input = own;
    let began = Instant::now();
    let hello = unix::hello((80, 24), Lang::Zh, true, Some("示例0".into()), Wanted::New);
    wire::write_value(&mut out, wire::HELLO, &hello).expect("sent");
    let typist = std::thread::spawn(move || {
        let text = "n1\r20261127\r赵一、钱二\r1\r";
        for c in text.chars() {
            wire::write(&mut out, wire::KEYS, c.to_string().as_bytes()).expect("sent");
            std::thread::sleep(BETWEEN);
        }
        (text.chars().count(), began.elapsed(), out)
    });
    let mut vt =
        vt100::Parser::new(std::num::NonZero::new(24).expect("rows"), std::num::NonZero::new(80).expect("cells"), 0);
    let (mut bytes, mut frames, mut longest) = (0, 0, 0);
    while !vt.screen().contents().contains("4/4") {
        if let Some((wire::FRAME, frame)) = wire::read(&mut input, wire::FROM_OWNER_MAX).expect("an answer") {
            (bytes, frames, longest) = (bytes + frame.len(), frames + 1, longest.max(frame.len()));
            vt.process(&frame);
        }
    }
    let shown = began.elapsed();
    let (keys, typed, _out) = typist.join().expect("a typist");
    say(&format!(
        "{:<26} {keys:>5} {:>8.1} {:>9.1} {frames:>7} {bytes:>7} {:>9} {longest:>8}",
        line.name,
        typed.as_secs_f64(),
        shown.as_secs_f64(),
        bytes / keys,
    ));
}

fn pump(mut from: UnixStream, mut to: UnixStream, line: Thin) {
    let (send, receive) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut chunk = [0; 512];
        let (mut free, mut packets) = (Instant::now(), 0u64);
        while let Ok(n @ 1..) = from.read(&mut chunk) {
            packets += 1;
            free = free.max(Instant::now()) + Duration::from_secs_f64(n as f64 * 8.0 / line.bits);
            // Every so many-th, so that each run is the same.
            if line.lost > 0 && packets % (100 / line.lost) == 0 {
                free += line.delay * 2;
            }
            if send.send((free + line.delay, chunk[..n].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, bytes) in receive {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                return;
            }
        }
    });
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
    match unix::ask(At::Folder(data), &hello).expect("an answer") {
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
