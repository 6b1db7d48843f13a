//! A program in a pseudo-terminal of 80×24, as a person at a keyboard has it.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    vt: Arc<Mutex<vt100::Parser>>,
}

/// A bound that stands for "never": machines that test may be slow.
const NEVER: Duration = Duration::from_secs(60);

impl Pty {
    pub fn open(mut command: CommandBuilder) -> Pty {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("pty");
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).expect("child");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("reader");
        let keys = pair.master.take_writer().expect("writer");
        let vt = Arc::new(Mutex::new(super::terminal(80, 24)));
        let sink = vt.clone();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut chunk) {
                sink.lock().expect("terminal").process(&chunk[..n]);
            }
        });
        Pty { child, _master: pair.master, keys, vt }
    }

    /// The rows of the screen from column `from` on, at most `cells` wide.
    pub fn rows(&self, from: u16, cells: u16) -> Vec<String> {
        let vt = self.vt.lock().expect("terminal");
        vt.screen().rows(from, cells).map(|row| row.trim_end().to_owned()).collect()
    }

    pub fn screen(&self) -> String {
        self.rows(0, 80).join("\n")
    }

    pub fn cursor(&self) -> (u16, u16) {
        self.vt.lock().expect("terminal").screen().cursor_position()
    }

    pub fn is_restored(&self) -> bool {
        let vt = self.vt.lock().expect("terminal");
        !vt.screen().alternate_screen() && !vt.screen().hide_cursor()
    }

    /// Waits until it is so, however long that takes short of never.
    #[track_caller]
    pub fn wait<T>(&self, what: &str, so: impl Fn(&Pty) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = so(self) {
                return found;
            }
            assert!(start.elapsed() < NEVER, "never: {what}\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    pub fn expect(&self, text: &str) {
        self.wait(text, |pty| pty.screen().contains(text).then_some(()));
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.keys.write_all(bytes).and_then(|()| self.keys.flush()).expect("typed");
    }

    /// Types a script such as `/ <enter>`; see [`super::keys`].
    pub fn keys(&mut self, script: &str) {
        // What was waited for is answered as a hand does that reads it.
        std::thread::sleep(Duration::from_millis(dossier::tui::confirming::APART_MS + 50));
        for chunk in super::keys(script) {
            self.send(&chunk);
        }
    }

    /// The hardest end: the program hears nothing of it.
    pub fn kill(mut self) {
        let id = self.child.process_id().expect("process").to_string();
        let sent = std::process::Command::new("kill").args(["-9", &id]).status().expect("kill");
        assert!(sent.success());
        self.child.wait().expect("ended");
    }

    /// Waits for the program's own end.
    #[track_caller]
    pub fn ended(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("child") {
                return status.exit_code();
            }
            assert!(start.elapsed() < NEVER, "the program goes on\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Only the child of this very pty.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
