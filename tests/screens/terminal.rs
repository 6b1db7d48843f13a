//! The real terminal, through a pty: it is lent, and given back on every way out.
//!
//! The program in the pty is this test binary itself, running the ignored test `child` below.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

use dossier::tui::keymap::{Action, KeyScope};
use dossier::tui::widgets::TextField;
use dossier::tui::{App, Cx, Key, Lang, Page, Screen, Setup, Then, terminal, theme::Theme};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A screen with one field, which writes what it holds to a file when it must be made safe.
struct Notepad {
    field: TextField,
    keep: PathBuf,
}

impl Screen for Notepad {
    fn title(&self, _cx: &Cx) -> String {
        "记事".into()
    }
    fn scopes(&self) -> &'static [KeyScope] {
        &[KeyScope::Narrowed]
    }
    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            Action::Take if self.field.value() == "panic" => panic!("BUG: asked for"),
            _ => Then::Stay,
        }
    }
    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if self.field.key(key) { Then::Stay } else { Then::Ignore }
    }
    fn draw(&self, page: &mut Page<'_>) {
        let (cols, rows) = (page.buffer.area.width, page.buffer.area.height);
        page.put(0, 2, 40, &format!("{cols}x{rows}"), page.cx.theme.plain());
        self.field.draw(page, 0, 4, 40, page.cx.theme.field());
    }
    fn leave(&mut self) {
        std::fs::write(&self.keep, self.field.value()).expect("kept");
    }
}

#[test]
#[ignore = "the program inside the pty of the tests below"]
fn child() {
    let Some(keep) = std::env::var_os("DOSSIER_TEST_KEEP") else { return };
    let setup = Setup { lang: Lang::Zh, theme: Theme::default(), size: terminal::size() };
    let mut app = App::new(Box::new(Notepad { field: TextField::default(), keep: keep.into() }), setup);
    let ended = terminal::run(&mut app, dossier::tui::linear::ShownAs::Screens);
    println!("ended: {ended:?}");
}

struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    bytes: Arc<Mutex<Vec<u8>>>,
    /// The reading thread closes its end at the next bytes: the last holder of the pty must let go.
    hang_up: Arc<AtomicBool>,
    reading: Option<JoinHandle<()>>,
    keep: PathBuf,
    _folder: tempfile::TempDir,
}

impl Pty {
    fn open(cols: u16, rows: u16) -> Pty {
        let folder = tempfile::tempdir().expect("folder");
        let keep = folder.path().join("kept");
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("pty");
        let mut command = CommandBuilder::new(std::env::current_exe().expect("own path"));
        command.args(["--ignored", "--exact", "terminal::child", "--nocapture", "--test-threads=1"]);
        command.env("DOSSIER_TEST_KEEP", &keep);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        let child = pair.slave.spawn_command(command).expect("child");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("reader");
        let keys = pair.master.take_writer().expect("writer");
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let sink = bytes.clone();
        let hang_up = Arc::new(AtomicBool::new(false));
        let stop = hang_up.clone();
        let reading = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n) = reader.read(&mut chunk) {
                if n == 0 || stop.load(Ordering::SeqCst) {
                    break;
                }
                sink.lock().expect("sink").extend_from_slice(&chunk[..n]);
            }
        });
        let (master, keys, reading) = (Some(pair.master), Some(keys), Some(reading));
        Pty { child, master, keys, bytes, hang_up, reading, keep, _folder: folder }
    }

    fn all(&self) -> Vec<u8> {
        self.bytes.lock().expect("bytes").clone()
    }

    fn screen(&self, cols: u16, rows: u16) -> String {
        let mut vt = crate::support::terminal(cols, rows);
        vt.process(&self.all());
        vt.screen().contents()
    }

    /// Waits for a thing to become so; a generous bound stands for "never".
    #[track_caller]
    fn wait(&self, what: &str, so: impl Fn(&Pty) -> bool) {
        let start = Instant::now();
        while !so(self) {
            assert!(start.elapsed() < Duration::from_secs(20), "never: {what}\n{}", self.screen(80, 24));
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn type_in(&mut self, text: &str) {
        let keys = self.keys.as_mut().expect("keys");
        keys.write_all(text.as_bytes()).and_then(|()| keys.flush()).expect("typed");
    }

    #[track_caller]
    fn ended(&mut self) {
        let start = Instant::now();
        while self.child.try_wait().expect("child").is_none() {
            assert!(start.elapsed() < Duration::from_secs(20), "the program goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().expect("process").to_string();
        let sent = std::process::Command::new("kill").args([name, &id]).status().expect("kill");
        assert!(sent.success());
    }

    fn kept(&self) -> String {
        std::fs::read_to_string(&self.keep).unwrap_or_default()
    }

    /// The alternate screen is left, once; the cursor is shown, pastes are no longer marked.
    #[track_caller]
    fn expect_restored(&self) {
        let text = String::from_utf8_lossy(&self.all()).into_owned();
        assert_eq!(text.matches("\u{1b}[?1049h").count(), 1);
        assert_eq!(text.matches("\u{1b}[?1049l").count(), 1, "{text:?}");
        let mut vt = crate::support::terminal(80, 24);
        vt.process(&self.all());
        let screen = vt.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    }
}

#[test]
fn leaving_restores_the_terminal() {
    let mut pty = Pty::open(80, 24);
    pty.wait("first frame", |p| p.screen(80, 24).contains("80x24"));
    pty.type_in("林家ab");
    pty.wait("typed text", |p| p.screen(80, 24).contains("林家ab"));
    pty.type_in("\x1b");
    pty.ended();
    pty.wait("last words", |p| p.screen(80, 24).contains("Ok(Left)"));
    pty.expect_restored();
}

#[test]
fn a_panic_restores_the_terminal_before_it_speaks() {
    let mut pty = Pty::open(80, 24);
    pty.wait("first frame", |p| p.screen(80, 24).contains("80x24"));
    pty.type_in("panic\r");
    pty.ended();
    pty.wait("words of the panic", |p| p.screen(80, 24).contains("BUG: asked for"));
    pty.expect_restored();
}

#[test]
fn a_signal_to_end_keeps_what_was_typed_and_restores() {
    for signal in ["-TERM", "-HUP", "-INT"] {
        let mut pty = Pty::open(80, 24);
        pty.wait("first frame", |p| p.screen(80, 24).contains("80x24"));
        pty.type_in("半句话");
        pty.wait("typed text", |p| p.screen(80, 24).contains("半句话"));
        pty.signal(signal);
        pty.ended();
        assert_eq!(pty.kept(), "半句话", "{signal}");
        pty.wait("last words", |p| p.screen(80, 24).contains("ended"));
        pty.expect_restored();
    }
}

#[test]
fn a_lost_line_keeps_what_was_typed_and_ends_the_program() {
    let mut pty = Pty::open(80, 24);
    pty.wait("first frame", |p| p.screen(80, 24).contains("80x24"));
    pty.type_in("半句话");
    pty.wait("typed text", |p| p.screen(80, 24).contains("半句话"));
    pty.hang_up.store(true, Ordering::SeqCst);
    pty.type_in("。");
    pty.reading.take().expect("reading").join().expect("reader");
    pty.keys = None;
    pty.master = None;
    pty.ended();
    assert_eq!(pty.kept(), "半句话。");
}

#[test]
fn a_terminal_of_no_size_is_taken_for_80_by_24_and_a_resize_is_followed() {
    let pty = Pty::open(0, 0);
    pty.wait("first frame", |p| p.screen(80, 24).contains("80x24"));
    let size = PtySize { rows: 10, cols: 40, pixel_width: 0, pixel_height: 0 };
    pty.master.as_ref().expect("master").resize(size).expect("resized");
    pty.wait("the new size", |p| String::from_utf8_lossy(&p.all()).contains("40x10"));
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Only the child of this very pty.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
