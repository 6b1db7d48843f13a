//! The real SSH client, with keys of its own.

use super::pty::Pty;
use portable_pty::CommandBuilder;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether there is a client. Where there must be one, its absence is a failure; elsewhere it is said.
#[allow(clippy::print_stdout)] // A test says what it skipped.
pub fn is_there() -> bool {
    let there = Command::new("ssh").arg("-V").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !there {
        assert!(std::env::var("DOSSIER_REQUIRE_SSHD").as_deref() != Ok("1"), "there is no ssh");
        println!("skipped: there is no ssh here");
    }
    there
}

/// Makes a key pair; the private one's file.
pub fn key(folder: &Path, name: &str) -> PathBuf {
    kind_of_key(folder, name, "ed25519")
}

pub fn kind_of_key(folder: &Path, name: &str, kind: &str) -> PathBuf {
    let file = folder.join(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-f"]).arg(&file).status();
    assert!(made.expect("ssh-keygen").success());
    file
}

/// Where to knock, and with which key.
pub struct Client {
    pub user: String,
    pub port: u16,
    pub key: PathBuf,
    /// Every host is the one that was meant.
    pub known_hosts: PathBuf,
}

impl Client {
    pub fn new(user: &str, port: u16, key: &Path) -> Client {
        Client { user: user.into(), port, key: key.to_owned(), known_hosts: "/dev/null".into() }
    }

    pub fn arguments(&self) -> Vec<String> {
        let (key, port) = (self.key.display().to_string(), self.port.to_string());
        let hosts = format!("UserKnownHostsFile={}", self.known_hosts.display());
        let mut all: Vec<String> = ["-F", "/dev/null", "-i", &key].map(str::to_owned).to_vec();
        let port = format!("Port={port}");
        let options = ["StrictHostKeyChecking=accept-new", &hosts, "LogLevel=ERROR", "IdentitiesOnly=yes", &port];
        all.extend(options.into_iter().flat_map(|option| ["-o".to_owned(), option.to_owned()]));
        all
    }

    fn place(&self) -> String {
        format!("{}@127.0.0.1", self.user)
    }

    /// A person at a terminal; behind the host's name, what they typed.
    pub fn log_in(&self, typed: &[&str]) -> Pty {
        let mut command = CommandBuilder::new("ssh");
        command.arg("-tt");
        command.args(self.arguments());
        command.arg(self.place());
        command.args(typed);
        command.env_remove("LANG");
        command.env_remove("LC_ALL");
        Pty::open(command)
    }

    /// A command: its exit code, what it printed, what it complained of.
    pub fn ask(&self, typed: &str, input: &str) -> (Option<i32>, [String; 2]) {
        self.ask_with(&[], typed, input)
    }

    pub fn ask_with(&self, options: &[&str], typed: &str, input: &str) -> (Option<i32>, [String; 2]) {
        let mut asked = Command::new("ssh");
        asked.args(self.arguments()).args(options).arg(self.place()).arg(typed);
        let mut child = asked.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ssh");
        // It may have been refused before it reads.
        let _ = std::io::Write::write_all(&mut child.stdin.take().expect("input"), input.as_bytes());
        let reported = child.wait_with_output().expect("ssh");
        let text = [reported.stdout, reported.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (reported.status.code(), text)
    }
}
