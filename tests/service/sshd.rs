//! Through the system's own SSH: a real sshd on a port of its own, a real client in a pseudo-terminal, the line in
//! `authorized_keys` that `deploy` shows.
#![allow(clippy::print_stdout)] // A test says what it skipped.

use crate::support::owner::{Owner, program};
use crate::support::ssh::{self, Client};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server with one key, which may do one thing.
struct Sshd {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn me() -> String {
    let out = Command::new("id").arg("-un").output().expect("id");
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

impl Sshd {
    /// None where there is no sshd, and it says so.
    fn start(folder: &Path, command: &str) -> Option<Sshd> {
        let sshd = ["/usr/sbin/sshd", "/usr/bin/sshd"].into_iter().find(|path| Path::new(path).exists());
        let Some(sshd) = sshd else {
            assert!(std::env::var("DOSSIER_REQUIRE_SSHD").as_deref() != Ok("1"), "there is no sshd");
            println!("skipped: there is no sshd here");
            return None;
        };
        let (host, own) = (ssh::key(folder, "host"), ssh::key(folder, "own"));
        let public = std::fs::read_to_string(own.with_extension("pub")).expect("a key");
        std::fs::write(folder.join("keys"), format!("restrict,pty,command=\"{command}\" {public}")).expect("written");
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nDisableForwarding yes\nPermitUserRC no\nPermitRootLogin prohibit-password\n",
            host.display(),
            folder.join("keys").display(),
        );
        std::fs::write(folder.join("config"), config).expect("written");
        let child =
            Command::new(sshd).args(["-D", "-e", "-f"]).arg(folder.join("config")).stderr(Stdio::null()).spawn();
        let server = Sshd { child: child.expect("sshd"), folder: folder.to_owned(), port };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "sshd does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    fn client(&self) -> Client {
        Client::new(&me(), self.port, &self.folder.join("own"))
    }
}

#[test]
fn a_surveyor_over_ssh_loses_nothing_when_the_line_is_cut_and_gets_nothing_but_the_screens() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let mut owner = Owner::start(&data);
    owner.signal("-TERM");
    assert_eq!(owner.ended(), Some(0));
    let made = program(&data).args(["officer", "set", "王芳", "--role", "surveyor"]).stdout(Stdio::null()).status();
    assert!(made.expect("run").success());
    let mut owner = Owner::again(&data);
    let command = format!("{} --data {} --lang zh --as 王芳 attach", env!("CARGO_BIN_EXE_dossier"), data.display());
    let Some(sshd) = Sshd::start(folder.path(), &command) else { return };
    let mut first = sshd.client().log_in(&[]);
    first.expect("王芳");
    first.expect("未完成的草稿（0）");
    first.keys("n 1 <enter> 20261127 <enter>");
    first.expect("调查人");
    first.send("赵一、钱".as_bytes());
    first.expect("赵一、钱");
    // The client dies: the server hears nothing of it but a closed connection.
    first.kill();
    let mut again = sshd.client().log_in(&[]);
    again.expect("赵一、钱");
    again.send("二".as_bytes());
    again.expect("赵一、钱二");
    again.keys("<enter>");
    again.expect("敏感信息单独同意");
    // Behind the host's name stand our own commands, and no shell: data go in and out by standard input and output.
    let ask = |typed: &str, input: &str| sshd.client().ask(typed, input);
    for typed in
        ["echo a-shell; cat /etc/passwd", "dossier backup /tmp/x", "dossier officer set x --role y", "\"", "doctor"]
    {
        let (code, said) = ask(typed, "");
        assert_eq!(code, Some(2), "{typed}: {said:?}");
        assert!(!said.concat().contains("root:") && said[0].is_empty(), "{typed}: {said:?}");
    }
    let household = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/households/illness.json"));
    let (code, said) = ask("dossier survey --new --answers - --json", &household.expect("a household"));
    assert_eq!(code, Some(0), "{said:?}");
    let kept: serde_json::Value = serde_json::from_str(&said[0]).expect("json");
    let number = kept["dossier"].as_str().expect("a number").to_owned();
    // Somebody else's name, typed, is refused: the key says who it is. And what went out stands in the dossier.
    let (code, said) = ask(&format!("dossier --as 示例员 show {number} --json"), "");
    assert_eq!((code, said[0].as_str()), (Some(2), ""), "{said:?}");
    let (code, said) = ask(&format!("dossier show {number} --json"), "");
    assert_eq!(code, Some(0), "{said:?}");
    let shown: serde_json::Value = serde_json::from_str(&said[0]).expect("json");
    assert_eq!(shown["versions"][0]["by"], "王芳");
    again.keys("<c-w>");
    again.expect("未完成的草稿");
    again.keys("/");
    again.send(number.as_bytes());
    again.keys("<enter> 4");
    again.expect("查看：打开档案");
    again.keys("<esc> <esc>");
    again.expect("未完成的草稿（1）");
    // The service ends: it is said, and the draft is there when it is back.
    owner.signal("-TERM");
    again.expect("已输入的都已保存");
    assert_eq!(again.ended(), 0);
    assert_eq!(owner.ended(), Some(0));
    let _owner = Owner::again(&data);
    let mut later = sshd.client().log_in(&[]);
    later.expect("未完成的草稿（1）");
    later.keys("<enter>");
    later.expect("赵一、钱二");
}

/// A file of `deploy/`, its comments left out.
fn deployed(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).map(str::to_owned).collect()
}

/// Whether the program takes that command line: its help is asked for behind it.
#[track_caller]
fn is_understood(line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (program, arguments) = words.split_first().expect("a program");
    assert_eq!(*program, "/usr/local/bin/dossier");
    let out = Command::new(env!("CARGO_BIN_EXE_dossier")).args(arguments).arg("--help").output().expect("run");
    assert_eq!(out.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn what_is_deployed_is_what_the_program_understands() {
    let socket = deployed("dossier.socket");
    for line in ["ListenStream=2222", "ListenStream=/run/dossier/socket", "SocketMode=0660"] {
        assert!(socket.iter().any(|own| own == line), "{line}");
    }
    let service = deployed("dossier.service");
    let start = service.iter().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    is_understood(start);
    for line in ["LimitCORE=0", "UMask=0077", "NoNewPrivileges=yes", "PrivateNetwork=yes", "ProtectSystem=strict"] {
        assert!(service.iter().any(|own| own == line), "{line}");
    }
    // The program asks who is at the other end of a socket, which this would hide.
    assert!(!service.iter().any(|line| line.starts_with("PrivateUsers")));
    for line in deployed("authorized_keys") {
        let (options, rest) = line.split_once(" ssh-ed25519 ").expect("a key");
        assert!(options.starts_with("restrict,pty,") && !rest.is_empty(), "{line}");
        let command = options.split("command=\"").nth(1).and_then(|rest| rest.strip_suffix('"')).expect("a command");
        is_understood(command);
        assert!(command.contains(" --as ") && command.contains(" attach "), "{command}");
    }
    let sshd = deployed("sshd_config");
    for line in ["Match User dossier-gate", "DisableForwarding yes", "PermitUserRC no"] {
        assert!(sshd.iter().any(|own| own.trim() == line), "{line}");
    }
    // Behind a `Match` stands only what holds for it.
    let at = |begins: &str| sshd.iter().position(|line| line.starts_with(begins)).expect("a line");
    assert!(at("PerSourcePenaltyExemptList") < at("Match"));
    // What the socket unit opens is what the lines lead to.
    assert!(deployed("authorized_keys").iter().all(|line| line.contains("--socket /run/dossier/socket")));
}
