//! Many people at one owner: from a key sent to the frame that shows it, with 1, 30 and 200 of them typing as people type,
//! on the socket and through real SSH clients; what an idle session costs; bytes for each key. Then one person on a thin
//! line, beside the machine and over SSH. `cargo bench --bench sessions`.

use dossier::serve::client::{self, Answer, At};
use dossier::serve::wanted::Wanted;
use dossier::serve::wire;
use dossier::tui::Lang;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
    let ssh = Command::new("ssh").arg("-V").stderr(Stdio::null()).status().is_ok();
    for person in 0..26 {
        let (name, key) = (format!("示例{person}"), folder.path().join(format!("key{person}")));
        dossier(&["user", "add", &name, "--role", "surveyor"]);
        if ssh {
            let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
            assert!(made.expect("ssh-keygen").success());
            dossier(&["user", "add", &name, "--key", &key.with_extension("pub").display().to_string()]);
        }
    }
    say("sessions             keys   p50 ms   p99 ms   max ms   bytes/key   MB/idle session   idle CPU %   all in, s");
    let ways = if ssh { &[false, true][..] } else { &[false] };
    for over_ssh in ways {
        for sessions in [1, 30, 200] {
            let (owner, port) = serve(&data);
            one(&data, owner.id(), over_ssh.then_some(port), sessions);
            end(owner);
        }
    }
    let (owner, port) = serve(&data);
    let ms = Duration::from_millis;
    let lines = [
        Thin { name: "beside the machine", delay: ms(0), bits: 1e9, lost: 0 },
        Thin { name: "800 ms there and back, 5 %", delay: ms(400), bits: 1e6, lost: 5 },
        Thin { name: "9,600 bit/s", delay: ms(100), bits: 9_600.0, lost: 0 },
    ];
    say("line                        keys  typed s   shown s  frames   bytes bytes/key  longest");
    lines.iter().for_each(|line| thin(&data, *line));
    if ssh {
        say("line, over SSH              keys  login s  typed s   shown s  wire down  wire up  down/key");
        lines.iter().for_each(|line| thin_ssh(&data, port, *line));
        budget(&data, port, lines[0]);
    }
    end(owner);
}

fn end(mut owner: Child) {
    let _ = Command::new("kill").args(["-TERM", &owner.id().to_string()]).status();
    let _ = owner.wait();
}

/// What a person answers in the first section of the survey.
const SECTION: &str = "n1\r20261127\r赵一、钱二\r1\r";

/// A way to the owner through such a line: its port, and the bytes that come down and go up on it.
fn through(port: u16, line: Thin) -> (u16, Arc<AtomicU64>, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let near = listener.local_addr().expect("an address").port();
    let (down, up) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (counted_down, counted_up) = (down.clone(), up.clone());
    std::thread::spawn(move || {
        let (there, _) = listener.accept().expect("a client");
        let owner = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        for stream in [&there, &owner] {
            stream.set_nodelay(true).expect("set");
        }
        let clone = |stream: &TcpStream| stream.try_clone().expect("a clone");
        pump(clone(&there), clone(&owner), line, counted_up);
        pump(owner, there, line, counted_down);
    });
    (near, down, up)
}

/// What one key costs at a text of the survey, all that follows from it included: in the terminal, and on the wire.
fn budget(data: &Path, port: u16, line: Thin) {
    let (near, down, _) = through(port, line);
    let mut person = Line::over_ssh(data, near, 1);
    for keys in ["n", "1", "\r", "20261127", "\r"] {
        person.press(keys.as_bytes());
        std::thread::sleep(Duration::from_millis(400));
    }
    let mut keys = person.keys();
    let seen = Arc::new(AtomicU64::new(0));
    let counted = seen.clone();
    std::thread::spawn(move || {
        while let Line::Ssh { screen, .. } = &mut person {
            let mut chunk = [0; 8192];
            match screen.read(&mut chunk) {
                Ok(n @ 1..) => counted.fetch_add(n as u64, Ordering::SeqCst),
                _ => return,
            };
        }
    });
    // What is still on its way from before.
    std::thread::sleep(Duration::from_millis(500));
    let mut row = Vec::new();
    for key in ["林", "\x1b[B", "\x0c"] {
        let before = (seen.load(Ordering::SeqCst), down.load(Ordering::SeqCst));
        for _ in 0..10 {
            keys.write_all(key.as_bytes()).and_then(|()| keys.flush()).expect("sent");
            std::thread::sleep(Duration::from_millis(400));
        }
        let each = |now: &AtomicU64, before| (now.load(Ordering::SeqCst) - before) / 10;
        row.push(format!("{:>6} {:>6}", each(&seen, before.0), each(&down, before.1)));
    }
    say("bytes down     typed: seen   wire   move: seen   wire   full: seen   wire");
    say(&format!("over SSH      {:>20} {:>18} {:>18}", row[0], row[1], row[2]));
}

/// The same section through the SSH client, and what crosses the wire for it.
fn thin_ssh(data: &Path, port: u16, line: Thin) {
    let (near, down, up) = through(port, line);
    let began = Instant::now();
    let mut person = Line::over_ssh(data, near, 0);
    let login = began.elapsed();
    let (down_before, up_before) = (down.load(Ordering::SeqCst), up.load(Ordering::SeqCst));
    let began = Instant::now();
    let mut keys = person.keys();
    let typist = std::thread::spawn(move || {
        for c in SECTION.chars() {
            keys.write_all(c.to_string().as_bytes()).and_then(|()| keys.flush()).expect("sent");
            std::thread::sleep(BETWEEN);
        }
        (SECTION.chars().count(), began.elapsed(), keys)
    });
    let mut vt =
        vt100::Parser::new(std::num::NonZero::new(24).expect("rows"), std::num::NonZero::new(80).expect("cells"), 0);
    while !vt.screen().contents().contains("4/4") {
        vt.process(&person.read());
    }
    let shown = began.elapsed();
    let (keys, typed, _keys) = typist.join().expect("a typist");
    let (down, up) = (down.load(Ordering::SeqCst) - down_before, up.load(Ordering::SeqCst) - up_before);
    say(&format!(
        "{:<26} {keys:>5} {:>8.1} {:>8.1} {:>9.1} {down:>10} {up:>8} {:>9}",
        line.name,
        login.as_secs_f64(),
        typed.as_secs_f64(),
        shown.as_secs_f64(),
        down / keys as u64,
    ));
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
    pump(clone(&there), clone(&owner), line, Arc::default());
    pump(owner, there, line, Arc::default());
    let mut out = clone(&own);
    let mut input = own;
    let began = Instant::now();
    let hello = client::hello((80, 24), Lang::Zh, true, (Some("示例0".into()), String::new()), Wanted::New);
    wire::write_value(&mut out, wire::HELLO, &hello).expect("sent");
    let typist = std::thread::spawn(move || {
        for c in SECTION.chars() {
            wire::write(&mut out, wire::KEYS, c.to_string().as_bytes()).expect("sent");
            std::thread::sleep(BETWEEN);
        }
        (SECTION.chars().count(), began.elapsed(), out)
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

fn pump(mut from: impl Read + Send + 'static, mut to: impl Write + Send + 'static, line: Thin, all: Arc<AtomicU64>) {
    let (send, receive) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut chunk = [0; 512];
        let (mut free, mut packets) = (Instant::now(), 0u64);
        while let Ok(n @ 1..) = from.read(&mut chunk) {
            packets += 1;
            all.fetch_add(n as u64, Ordering::SeqCst);
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

fn serve(data: &Path) -> (Child, u16) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.args(["--lang", "zh", "--data"]).arg(data).args(["serve", "--ssh", "127.0.0.1:0"]).stdout(Stdio::piped());
    let mut child = command.spawn().expect("run");
    let mut output = BufReader::new(child.stdout.take().expect("output"));
    let mut said = String::new();
    while !said.contains("已打开") {
        output.read_line(&mut said).expect("a line");
    }
    let port = said.split("127.0.0.1:").nth(1).expect("an address");
    let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
    (child, digits.parse().expect("a port"))
}

/// One person's line.
enum Line {
    Socket(UnixStream),
    Ssh { child: Child, keys: Option<ChildStdin>, screen: ChildStdout },
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Line::Ssh { child, .. } = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Line {
    /// Through the real client, whose terminal has no size: then it is 80×24.
    fn over_ssh(data: &Path, port: u16, person: usize) -> Line {
        let key = data.with_file_name(format!("key{person}"));
        let mut command = Command::new("ssh");
        command.args([
            "-tt",
            "-F",
            "/dev/null",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ]);
        command.args(["-o", "LogLevel=ERROR", "-p", &port.to_string(), "-i"]).arg(key).arg("x@127.0.0.1");
        command.args(["dossier", "attach", "--new"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("ssh");
        let (keys, screen) = (child.stdin.take(), child.stdout.take().expect("output"));
        let mut line = Line::Ssh { child, keys, screen };
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("解锁") {
            seen.extend(line.read());
        }
        line
    }

    fn keys(&mut self) -> ChildStdin {
        match self {
            Line::Ssh { keys, .. } => keys.take().expect("keys"),
            Line::Socket(_) => panic!("not over SSH"),
        }
    }

    /// What comes next.
    fn read(&mut self) -> Vec<u8> {
        match self {
            Line::Socket(stream) => match wire::read(stream, wire::FROM_OWNER_MAX).expect("an answer") {
                Some((wire::FRAME, frame)) => frame,
                other => panic!("no frame: {:?}", other.map(|(letter, _)| letter)),
            },
            Line::Ssh { screen, .. } => {
                let mut chunk = vec![0; 8192];
                let n = screen.read(&mut chunk).expect("an answer");
                assert!(n > 0, "the client has ended");
                chunk.truncate(n);
                chunk
            }
        }
    }

    /// Sends a key and waits for a frame; its bytes.
    fn press(&mut self, typed: &[u8]) -> usize {
        self.press_until(typed, b"")
    }

    /// Sends a key and waits until what comes shows `shown`; its bytes. Over SSH a frame may come in pieces, and what is left
    /// of the one before must not count for this one.
    fn press_until(&mut self, typed: &[u8], shown: &[u8]) -> usize {
        match self {
            Line::Socket(stream) => wire::write(stream, wire::KEYS, typed).expect("sent"),
            Line::Ssh { keys, .. } => {
                let keys = keys.as_mut().expect("keys");
                keys.write_all(typed).and_then(|()| keys.flush()).expect("sent");
            }
        }
        let mut came = self.read();
        while !shown.is_empty() && !came.windows(shown.len()).any(|part| part == shown) {
            came.extend(self.read());
        }
        came.len()
    }
}

fn one(data: &Path, owner: u32, ssh: Option<u16>, sessions: usize) {
    // What the program itself takes, its index filled.
    std::thread::sleep(Duration::from_secs(2));
    let before = resident_mb(owner);
    let began = Instant::now();
    let mut lines: Vec<Line> = (0..sessions)
        .map(|n| match ssh {
            Some(port) => Line::over_ssh(data, port, n / EACH),
            None => Line::Socket(sit_down(data, n / EACH)),
        })
        .collect();
    let all_in = began.elapsed().as_secs_f64();
    // Everybody begins a survey and stands at a text.
    for line in &mut lines {
        for keys in ["n", "1", "\r", "20261127", "\r"] {
            line.press(keys.as_bytes());
            // A frame may come in two pieces over SSH; the second is not to count for the next key.
            std::thread::sleep(Duration::from_millis(20));
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
                    bytes += line.press_until("林".as_bytes(), "林".as_bytes());
                    took.push(pressed.elapsed());
                    // Half way to the next key.
                    std::thread::sleep(BETWEEN / 2);
                    bytes += line.press(b"\x7f");
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
        "{sessions:>4} {:<12} {:>7} {:>8.2} {:>8.2} {:>8.2} {:>11} {each:>17.2} {idle:>12.1} {all_in:>11.1}",
        if ssh.is_some() { "over SSH" } else { "on a socket" },
        took.len(),
        ms(0.5),
        ms(0.99),
        ms(1.0),
        bytes / (2 * took.len()),
    ));
}

fn sit_down(data: &Path, person: usize) -> UnixStream {
    let hello = client::hello((80, 24), Lang::Zh, true, (Some(format!("示例{person}")), String::new()), Wanted::New);
    match client::ask(At::Folder(data), &hello).expect("an answer") {
        Answer::Attached(mut line) => {
            line.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
            wire::read(&mut line, wire::FROM_OWNER_MAX).expect("the first screen");
            line
        }
        Answer::Refused(why) => panic!("{why}"),
        Answer::Choose(_) => panic!("a new one was asked for"),
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
