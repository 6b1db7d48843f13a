//! Through the system's own SSH: a real sshd on a port of its own, a real client in a pseudo-terminal, the line in
//! `authorized_keys` that README shows.
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
    // Somebody else's name, typed, does not count: the key says who it is. And what went out stands in the dossier.
    let (code, said) = ask(&format!("dossier --as 示例员 show {number} --json"), "");
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
