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

/// An owner without a terminal; ended when dropped.
pub struct Owner(Child);

impl Owner {
    pub fn start(data: &Path) -> Owner {
        let made = program(data).arg("init").stdout(Stdio::null()).status().expect("run");
        assert!(made.success());
        Owner::again(data)
    }

    pub fn again(data: &Path) -> Owner {
        let mut child = program(data).arg("serve").stdout(Stdio::piped()).spawn().expect("run");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
        assert!(line.contains("已打开"), "{line}");
        Owner(child)
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
