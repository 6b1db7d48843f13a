//! The program as the owner of a folder, without a terminal.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.args(["--lang", "zh", "--data"]).arg(data).env("USER", "示例员").env_remove("DOSSIER_PASSPHRASE");
    command
}

/// The port that it listens on for SSH, and the line that tells it.
pub fn port_in(said: &str) -> Option<(u16, String)> {
    let line = said.lines().find(|line| line.contains("127.0.0.1:"))?;
    let port: String = line.split("127.0.0.1:").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    Some((port.parse().ok()?, line.to_owned()))
}

/// An owner without a terminal; ended when dropped.
pub struct Owner(Child);

impl Owner {
    pub fn start(data: &Path) -> Owner {
        let made = program(data).arg("init").stdin(Stdio::null()).stdout(Stdio::null()).status().expect("run");
        assert!(made.success());
        Owner::again(data)
    }

    pub fn again(data: &Path) -> Owner {
        Owner::with(data, &[]).0
    }

    /// With its own SSH, on a port that was free; the port and the line that tells it and the host key.
    pub fn with_ssh(data: &Path, more: &[&str]) -> (Owner, u16, String) {
        let (owner, said) = Owner::with(data, &[&["--ssh", "127.0.0.1:0"], more].concat());
        let (port, line) = port_in(&said).expect("an address");
        (owner, port, line)
    }

    /// What it said until it was ready.
    pub fn with(data: &Path, more: &[&str]) -> (Owner, String) {
        let mut serve = program(data);
        serve.arg("serve").args(more);
        Owner::of(serve)
    }

    pub fn of(mut serve: Command) -> (Owner, String) {
        let mut child = serve.stdout(Stdio::piped()).spawn().expect("run");
        let mut output = BufReader::new(child.stdout.take().expect("output"));
        let mut said = String::new();
        // The last line before it listens, in either language.
        while !said.contains("SIGTERM") {
            assert!(output.read_line(&mut said).expect("a line") > 0, "it ended: {said}");
        }
        (Owner(child), said)
    }

    pub fn process(&self) -> u32 {
        self.0.id()
    }

    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.0.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    pub fn ended(&mut self) -> Option<i32> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.0.try_wait().expect("child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the owner does not end");
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
