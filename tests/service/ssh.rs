//! SSH in the program itself, with the real client: whose key opens what, what is not to be had, and who is told why.

use crate::outside::well_in;
use crate::support::owner::{Owner, program};
use crate::support::ssh::{self, Client};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn on(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let out = program(data).args(arguments).stdin(Stdio::null()).output().expect("run");
    (out.status.code(), [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat())
}

#[track_caller]
fn done(data: &Path, arguments: &[&str]) -> String {
    let (code, said) = on(data, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    said
}

/// A folder, and 王芳 in it with a key.
fn bureau(folder: &Path) -> (PathBuf, PathBuf) {
    let data = folder.join("data");
    done(&data, &["init"]);
    let key = ssh::key(folder, "hers");
    done(&data, &["user", "add", "王芳", "--role", "surveyor", "--key", &public(&key)]);
    (data, key)
}

fn public(key: &Path) -> String {
    key.with_extension("pub").display().to_string()
}

fn household() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/households/illness.json")).expect("a household")
}

#[test]
fn a_key_opens_its_owners_screens_and_a_cut_line_costs_no_half_word() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let (mut owner, port, _) = Owner::with_ssh(&data, &[]);
    let hers = Client::new("anything", port, &key);
    let mut first = hers.log_in(&[]);
    first.expect("王芳");
    first.keys("n 1 <enter> 20261127 <enter>");
    first.expect("调查人");
    first.send("赵一、钱".as_bytes());
    first.expect("赵一、钱");
    first.kill();
    let mut again = hers.log_in(&[]);
    again.expect("赵一、钱");
    again.send("二".as_bytes());
    again.expect("赵一、钱二");
    // Sitting down elsewhere: the older terminal is told and given back.
    let later = hers.log_in(&[]);
    later.expect("赵一、钱二");
    again.expect("这个会话已在别处继续");
    assert_eq!(again.ended(), 0);
    assert!(again.is_restored());
    // A second session beside it, and then a list to choose from.
    let beside = hers.log_in(&["dossier", "--lang", "en", "attach", "--new"]);
    beside.expect("Drafts to go on with (1)");
    let mut choosing = hers.log_in(&[]);
    choosing.expect("您有几个会话开着");
    choosing.send(b"1");
    choosing.expect("赵一、钱二");
    let mut leaving = hers.log_in(&[]);
    leaving.expect("您有几个会话开着");
    leaving.send(b"q");
    assert_eq!(leaving.ended(), 0);
    // The service ends and says so; the draft is there when it is back.
    owner.signal("-TERM");
    choosing.expect("已输入的都已保存");
    assert_eq!(choosing.ended(), 0);
    assert_eq!(owner.ended(), Some(0));
    let (owner, port, _) = Owner::with_ssh(&data, &[]);
    let hers = Client::new("anything", port, &key);
    let mut back = hers.log_in(&[]);
    back.expect("未完成的草稿（1）");
    back.keys("<enter>");
    back.expect("赵一、钱二");
    back.send("三".as_bytes());
    back.wait("the half word kept", |pty| {
        let screen = pty.screen();
        (screen.contains("赵一、钱二三") && screen.contains("已存")).then_some(())
    });
    // Killed, it says nothing to anybody, and what was said to be kept is there.
    owner.signal("-KILL");
    assert_eq!(back.ended(), 255);
    let (owner, port, _) = Owner::with_ssh(&data, &[]);
    let mut once_more = Client::new("anything", port, &key).log_in(&[]);
    once_more.expect("未完成的草稿（1）");
    once_more.keys("<enter>");
    once_more.expect("赵一、钱二三");
    let log = done(&data, &["user", "log"]);
    for reported in ["断线", "在别处继续", "服务结束"] {
        assert!(log.contains(reported), "{reported}:\n{log}");
    }
    owner.signal("-KILL");
    assert_eq!(once_more.ended(), 255);
    well_in(folder.path(), 0);
}

#[test]
fn behind_the_hosts_name_stand_our_commands_by_role_and_nothing_else() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let [cashier, keeper] = [("钱出纳", "cashier"), ("孙管理", "system_administrator")].map(|(name, role)| {
        let key = ssh::kind_of_key(folder.path(), role, "ecdsa");
        done(&data, &["user", "add", name, "--role", role, "--key", &public(&key)]);
        key
    });
    let (_owner, port, _) = Owner::with_ssh(&data, &[]);
    let [hers, cashier, keeper] = [&key, &cashier, &keeper].map(|key| Client::new("dossier", port, key));
    for typed in
        ["echo a-shell; cat /etc/passwd", "dossier backup /tmp/x", "dossier user add x --role surveyor", "\"", "doctor"]
    {
        let (code, said) = hers.ask(typed, "");
        assert_eq!(code, Some(2), "{typed}: {said:?}");
        assert!(!said.concat().contains("root:") && said[0].is_empty(), "{typed}: {said:?}");
    }
    // Screens without a terminal are said line by line, and what is typed is answered to its last line; no subsystem, no forwarding
    // either way, no agent.
    let (code, said) = hers.ask("", "n\n/nothing\n");
    assert_eq!(code, Some(0), "{said:?}");
    assert!(
        said[0].contains("== 今日") && said[0].contains("调查类型") && said[0].contains("没有「nothing」键"),
        "{said:?}"
    );
    assert!(said[0].chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
    let port = &port.to_string();
    let forward = format!("127.0.0.1:{port}");
    for options in [&["-s"][..], &["-W", &forward], &["-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1"]] {
        let (code, said) = hers.ask_with(options, "sftp", "");
        assert!(code != Some(0) && said[0].is_empty(), "{options:?} {said:?}");
    }
    // Data go in and out by standard input and output, and what went out stands in the dossier.
    let (code, said) = hers.ask("dossier survey --new --answers - --json", &household());
    assert_eq!(code, Some(0), "{said:?}");
    let kept: serde_json::Value = serde_json::from_str(&said[0]).expect("json");
    let number = kept["dossier"].as_str().expect("a number").to_owned();
    // Whoever names somebody else, or a folder, is told that it counts for nothing here.
    for named in ["--as 示例员", "--as 王芳", "--data /tmp/other", "--key-file /tmp/key"] {
        for typed in [format!("dossier {named} show {number} --json"), format!("dossier attach {named}")] {
            let (code, said) = hers.ask(&typed, "");
            assert_eq!((code, said[0].as_str()), (Some(2), ""), "{typed}: {said:?}");
            assert!(said[1].contains("--as"), "{typed}: {said:?}");
        }
    }
    let (code, said) = hers.ask(&format!("dossier show {number} --json"), "");
    assert_eq!(code, Some(0), "{said:?}");
    let shown: serde_json::Value = serde_json::from_str(&said[0]).expect("json");
    assert_eq!(shown["versions"][0]["by"], "王芳");
    // Straight into a household's survey.
    let straight = hers.log_in(&["dossier", "survey", &number]);
    straight.expect("困难职工家庭调查表");
    straight.expect(&number);
    let refused = hers.log_in(&["dossier", "survey", "150785-1999-0001"]);
    refused.expect("150785-1999-0001");
    let mut refused = refused;
    assert_eq!(refused.ended(), 1);
    // A cashier sees households and surveys none; whoever keeps the system sees none.
    let (code, said) = cashier.ask(&format!("show {number}"), "");
    assert_eq!(code, Some(0), "{said:?}");
    let (code, said) = cashier.ask(&format!("survey {number} --answers -"), &household());
    assert_eq!(code, Some(1), "{said:?}");
    assert!(said[1].contains("调查员"), "{said:?}");
    let (code, said) = keeper.ask(&format!("show {number}"), "");
    assert_eq!((code, said[0].as_str()), (Some(1), ""), "{said:?}");
    let (code, said) = keeper.ask("user log --json", "");
    assert_eq!(code, Some(0), "{said:?}");
    let (code, _) = hers.ask("user log", "");
    assert_eq!(code, Some(1));
    // What a command does not read is in nobody's way; too much for one that does is refused and kept nowhere.
    let (code, said) = hers.ask("dossier form list", &"x".repeat(8 << 20));
    assert_eq!(code, Some(0), "{said:?}");
    let (code, said) = hers.ask("survey --new --answers -", &"x".repeat(21 << 20));
    assert_eq!(code, Some(1), "{:?}", said[1]);
}

#[test]
fn whoever_may_not_come_in_is_told_why_where_the_key_is_theirs_and_all_are_recorded() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let today = dossier::domain::Stamp(now_ms()).day();
    let [gone, ends_today, elsewhere, stolen, nobodys] =
        ["gone", "ends_today", "elsewhere", "stolen", "nobodys"].map(|name| ssh::key(folder.path(), name));
    let yesterday = today.plus_days(-1).to_string();
    done(&data, &["user", "add", "王芳", "--key", &public(&gone), "--until", &yesterday]);
    done(&data, &["user", "add", "王芳", "--key", &public(&ends_today), "--until", &today.to_string()]);
    done(&data, &["user", "add", "王芳", "--key", &public(&elsewhere), "--from", "10.20.0.0/16"]);
    done(&data, &["user", "add", "李四", "--role", "surveyor", "--key", &public(&stolen)]);
    // One person, one key.
    let (code, said) = on(&data, &["user", "add", "李四", "--key", &public(&key)]);
    assert!(code == Some(1) && said.contains("王芳"), "{said}");
    let (_owner, port, _) = Owner::with_ssh(&data, &[]);
    let ask = |key: &Path, user: &str| Client::new(user, port, key).ask("dossier form list", "");
    assert_eq!(ask(&key, "x").0, Some(0));
    assert_eq!(ask(&key, "王芳").0, Some(0));
    assert_eq!(ask(&ends_today, "x").0, Some(0), "the last day counts");
    for (key, user, why) in [(&gone, "x", "有效期"), (&elsewhere, "x", "网络"), (&key, "李四", "不是那个人")]
    {
        let (code, said) = ask(key, user);
        assert_eq!((code, said[0].as_str()), (Some(1), ""), "{why}: {said:?}");
        assert!(said[1].contains(why), "{said:?}");
    }
    let (code, said) = ask(&nobodys, "王芳");
    assert_eq!(code, Some(255), "{said:?}");
    // Taken back while its owner works: the line is closed with a word, and the key is as unknown as any.
    let theirs = Client::new("x", port, &stolen);
    let mut working = theirs.log_in(&[]);
    working.expect("李四");
    let list: serde_json::Value = serde_json::from_str(&done(&data, &["user", "list", "--json"])).expect("json");
    let lost = list.as_array().and_then(|all| all.iter().find(|one| one["name"] == "李四")).expect("李四");
    let fingerprint = lost["ways"][0]["way"].as_str().expect("a fingerprint").to_owned();
    done(&data, &["user", "end", "李四", "--key", &fingerprint[..15]]);
    working.expect("这把密钥已收回");
    assert_eq!(working.ended(), 0);
    let (code, said) = theirs.ask("dossier form list", "");
    assert_eq!(code, Some(255), "{said:?}");
    // Whoever goes, goes with all their keys, and what they left open is free for others.
    let mut leaving = Client::new("x", port, &key).log_in(&[]);
    leaving.expect("王芳");
    leaving.keys("n 1 <enter> 20261127 <enter>");
    leaving.send("赵一".as_bytes());
    leaving.expect("赵一");
    done(&data, &["user", "end", "王芳"]);
    leaving.expect("这把密钥已收回");
    assert_eq!(leaving.ended(), 0);
    assert_eq!(ask(&key, "x").0, Some(255));
    // A supervisor hands it to whoever goes on; their session may need a moment to let go of it.
    let roles = ["surveyor", "reviewer", "supervisor", "system_administrator"];
    let roles: Vec<&str> = roles.iter().flat_map(|role| ["--role", role]).collect();
    done(&data, &[&["user", "add", "示例员"], &roles[..]].concat());
    let drafts: serde_json::Value = serde_json::from_str(&done(&data, &["draft", "list", "--json"])).expect("json");
    let draft = drafts["drafts"][0]["draft"].as_str().expect("a draft").to_owned();
    let hand_over = ["draft", "hand-over", &draft, "示例员", "--why", "原调查员已调离本局"];
    let tries = (0..50).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        on(&data, &hand_over).0 == Some(0)
    });
    assert!(tries.is_some(), "the draft of whoever left is free");
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_dossier"));
    command.args(["--lang", "zh", "--data"]);
    command.arg(&data);
    command.env("USER", "示例员");
    let mut taking_over = crate::support::pty::Pty::open(command);
    taking_over.expect("未完成的草稿（1）");
    taking_over.keys("<enter>");
    taking_over.expect("赵一");
    let log: serde_json::Value = serde_json::from_str(&done(&data, &["user", "log", "--json"])).expect("json");
    let seen =
        |step: &str, why: &str| log.as_array().expect("rows").iter().any(|r| r["step"] == step && r["why"] == why);
    for why in ["expired", "address", "other_name", "unknown", "shut"] {
        assert!(seen("refused", why), "{why}: {log}");
    }
    assert!(seen("out", "barred"), "{log}");
}

#[test]
fn no_day_still_to_come_is_named_from_afar() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let (_owner, port, _) = Owner::with_ssh(&data, &[]);
    let hers = Client::new("x", port, &key);
    let today = dossier::domain::Stamp(now_ms()).day();
    let [yesterday, tomorrow, later] = [-1, 1, 400].map(|days| today.plus_days(days).to_string());
    for day in [&tomorrow, &later] {
        for (lang, sentence) in [("zh", "只用服务这一边的日期"), ("en", "on the day it is here")] {
            for typed in [
                format!("dossier --lang {lang} survey --new --answers - --on {day}"),
                format!("dossier --lang {lang} --today {day} survey --new --answers -"),
                format!("dossier --lang {lang} --today {day} lookup 示例"),
            ] {
                let (code, said) = hers.ask(&typed, &household());
                assert_eq!((code, said[0].as_str()), (Some(1), ""), "{typed}: {said:?}");
                assert!(said[1].contains(sentence) && said[1].contains(day.as_str()), "{typed}: {said:?}");
            }
        }
    }
    // Nor one that is past, as if it were today: what is recorded is recorded today.
    let (code, said) = hers.ask(&format!("dossier --today {yesterday} lookup 示例"), "");
    assert_eq!((code, said[0].as_str()), (Some(1), ""), "{said:?}");
    // Nothing came of any; today's own day may be named, and a step's day is never ahead wherever it is typed.
    let (code, said) = hers.ask(&format!("dossier --today {today} survey --new --answers - --json"), &household());
    assert_eq!(code, Some(0), "{said:?}");
    let kept: serde_json::Value = serde_json::from_str(&said[0]).expect("json");
    let number = kept["dossier"].as_str().expect("a number");
    assert!(number.ends_with("-0001"), "{number}");
    for command in ["status", "case"] {
        let (code, said) = hers.ask(&format!("dossier {command} {number} verifying --on {tomorrow}"), "");
        assert_eq!(code, Some(1), "{said:?}");
        assert!(said[1].contains(&tomorrow) && said[1].contains("只用服务这一边的日期"), "{said:?}");
    }
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    i64::try_from(since.as_millis()).expect("a clock")
}

#[test]
fn an_address_that_floods_keeps_nobody_behind_it_out() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let stranger = ssh::key(folder.path(), "stranger");
    let (_owner, port, _) = Owner::with_ssh(&data, &[]);
    let hers = Client::new("x", port, &key);
    let typing = hers.log_in(&[]);
    typing.expect("王芳");
    // More silent connections than there are places, garbage in some, and wrong keys beside them.
    let mut lines = Vec::new();
    for round in 0..150u8 {
        let mut line = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        if round % 3 == 0 {
            let _ = std::io::Write::write_all(&mut line, &[&b"SSH-2.0-x\r\n"[..], &[round; 300]].concat());
        }
        lines.push(line);
    }
    for _ in 0..3 {
        assert_eq!(Client::new("x", port, &stranger).ask("dossier form list", "").0, Some(255));
    }
    let (code, said) = hers.ask("dossier form list", "");
    assert_eq!(code, Some(0), "{said:?}");
    // A terminal of a monstrous kind is a plain one.
    let mut strange = std::process::Command::new("ssh");
    strange.env("TERM", "x".repeat(20_000)).args(["-tt", "-o", "SetEnv=LANG=\u{1b}]0;x"]);
    strange
        .args(hers.arguments())
        .args(["x@127.0.0.1", "dossier form list"])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    assert_eq!(strange.status().expect("run").code(), Some(0));
    // Somebody who is known, and presses keys without end.
    let other = ssh::key(folder.path(), "other");
    done(&data, &["user", "add", "李四", "--role", "surveyor", "--key", &public(&other)]);
    let mut flood = std::process::Command::new("sh");
    flood.args(["-c", "yes 林 | exec ssh -tt \"$@\"", "sh"]).args(Client::new("x", port, &other).arguments());
    let mut flood = flood.arg("x@127.0.0.1").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("run");
    let mut typing = typing;
    typing.keys("n 1 <enter>");
    typing.expect("调查日期");
    for _ in 0..20 {
        typing.send(b"2026");
        typing.expect("2026");
        typing.keys("<backspace> <backspace> <backspace> <backspace>");
        typing.wait("an empty field", |pty| (!pty.screen().contains("2026")).then_some(()));
    }
    let _ = flood.kill();
    let _ = flood.wait();
    drop(lines);
    // Told once, and counted: nobody outside fills the records.
    let log: serde_json::Value = serde_json::from_str(&done(&data, &["user", "log", "--json"])).expect("json");
    let unknown = log.as_array().expect("rows").iter().filter(|row| row["why"] == "unknown").count();
    assert_eq!(unknown, 1, "{log}");
}

/// Two hosts of our own and a wire between them; gone when dropped.
struct Wire {
    near: String,
    far: String,
}

impl Wire {
    /// None where networks can't be made, and it says so.
    #[allow(clippy::print_stdout)] // A test says what it skipped.
    fn new() -> Option<Wire> {
        let name = |end: &str| format!("dossier{}{end}", std::process::id());
        let wire = Wire { near: name("n"), far: name("f") };
        let (near, far) = (wire.near.as_str(), wire.far.as_str());
        let laid = [
            &["netns", "add", near][..],
            &["netns", "add", far],
            &["link", "add", "n", "netns", near, "type", "veth", "peer", "name", "f", "netns", far],
            &["-n", near, "addr", "add", "10.99.0.1/24", "dev", "n"],
            &["-n", far, "addr", "add", "10.99.0.2/24", "dev", "f"],
            &["-n", near, "link", "set", "n", "up"],
            &["-n", far, "link", "set", "f", "up"],
        ];
        if laid.iter().all(|arguments| ip(arguments)) {
            return Some(wire);
        }
        println!("skipped: no network of our own can be made here");
        None
    }

    fn inside(end: &str, program: &str) -> std::process::Command {
        let mut command = std::process::Command::new("ip");
        command.args(["netns", "exec", end, program]);
        command
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        ip(&["netns", "del", &self.near]);
        ip(&["netns", "del", &self.far]);
    }
}

fn ip(arguments: &[&str]) -> bool {
    let run = std::process::Command::new("ip").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

#[test]
fn a_wire_that_drops_every_packet_costs_no_half_word() {
    if !ssh::is_there() {
        return;
    }
    let Some(wire) = Wire::new() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let mut serve = Wire::inside(&wire.near, env!("CARGO_BIN_EXE_dossier"));
    serve.args(["--lang", "zh", "--data"]).arg(&data).args(["serve", "--ssh", "10.99.0.1:2222"]);
    let mut owner = Owner::of(serve).0;
    let log_in = || {
        let mut command = portable_pty::CommandBuilder::new("ip");
        command.args(["netns", "exec", &wire.far, "ssh", "-tt"]);
        command.args(Client::new("x", 2222, &key).arguments());
        command.arg("x@10.99.0.1");
        crate::support::pty::Pty::open(command)
    };
    let mut first = log_in();
    first.expect("王芳");
    first.keys("n 1 <enter> 20261127 <enter>");
    first.expect("调查人");
    first.send("赵一、钱".as_bytes());
    first.expect("赵一、钱");
    // Nothing arrives any more, not even that the client has died.
    assert!(ip(&["-n", &wire.far, "link", "set", "f", "down"]));
    first.send("二".as_bytes());
    first.kill();
    assert!(ip(&["-n", &wire.far, "link", "set", "f", "up"]));
    let mut again = log_in();
    again.expect("赵一、钱");
    again.send("三".as_bytes());
    again.expect("赵一、钱三");
    drop(again);
    owner.signal("-TERM");
    assert_eq!(owner.ended(), Some(0));
    well_in(folder.path(), 0);
}

/// What systemd does for a service with sockets: opens a port and a socket, and becomes the program.
const ACTIVATE: &str = "
import os, socket, sys
port = socket.socket(); port.bind(('127.0.0.1', 0)); port.listen()
second = socket.socket(socket.AF_UNIX); second.bind(sys.argv[1]); second.listen()
held = [os.dup(s.fileno()) for s in (port, second)]
for number, one in enumerate(held):
    os.dup2(one, 3 + number, inheritable=True)
os.environ.update(LISTEN_FDS='2', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
";

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn sockets_that_the_system_opened_are_taken_over() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let socket = folder.path().join("second");
    let mut serve = std::process::Command::new("python3");
    serve.args(["-c", ACTIVATE]).arg(&socket).arg(env!("CARGO_BIN_EXE_dossier"));
    serve.args(["--lang", "zh", "--data"]).arg(&data).arg("serve");
    let is_there = std::process::Command::new("python3").arg("-V").stdout(Stdio::null()).status();
    if !is_there.is_ok_and(|status| status.success()) {
        println!("skipped: nothing here opens sockets for a program");
        return;
    }
    let (mut owner, said) = Owner::of(serve);
    let port = crate::support::owner::port_in(&said).expect("an address").0;
    assert_eq!(Client::new("x", port, &key).ask("dossier form list", "").0, Some(0));
    let asked = |arguments: &[&str]| {
        let mut command = program(&data);
        command.args(arguments).args(["attach", "--socket"]).arg(&socket).env("SSH_ORIGINAL_COMMAND", "form list");
        command.stdout(Stdio::null()).status().expect("run").code()
    };
    assert_eq!(asked(&["--as", "王芳"]), Some(0));
    owner.signal("-TERM");
    assert_eq!(owner.ended(), Some(0));
    assert!(socket.exists(), "what the system made is the system's to take away");
}

#[test]
fn the_host_is_known_again_after_a_restart_and_after_a_restore() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let fingerprint = |line: &str| line.split("SHA256:").nth(1).expect("a fingerprint").trim().to_owned();
    let (mut owner, _, line) = Owner::with_ssh(&data, &[]);
    let first = fingerprint(&line);
    owner.signal("-TERM");
    assert_eq!(owner.ended(), Some(0));
    let saved = folder.path().join("all.backup").display().to_string();
    done(&data, &["backup", &saved]);
    let elsewhere = folder.path().join("elsewhere");
    let restored = program(&elsewhere)
        .args(["restore", &saved, "--key-file"])
        .arg(data.join("dossier.key"))
        .stdout(Stdio::null())
        .status();
    assert!(restored.expect("run").success());
    let keys = data.join("dossier.key").display().to_string();
    let (mut owner, port, line) = Owner::with_ssh(&elsewhere, &["--key-file", &keys]);
    assert_eq!(fingerprint(&line), first);
    // And so are the people.
    assert_eq!(Client::new("x", port, &key).ask("dossier form list", "").0, Some(0));
    owner.signal("-TERM");
    assert_eq!(owner.ended(), Some(0));
    let another = tempfile::tempdir().expect("folder");
    done(&another.path().join("data"), &["init"]);
    let (_owner, _, line) = Owner::with_ssh(&another.path().join("data"), &[]);
    assert_ne!(fingerprint(&line), first, "another bureau is another host");
}

#[test]
fn what_somebody_else_has_open_is_told_without_a_key_and_without_a_move_of_the_cursor() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let his_key = ssh::key(folder.path(), "his");
    done(&data, &["user", "add", "李四", "--role", "surveyor", "--key", &public(&his_key)]);
    let (_owner, port, _) = Owner::with_ssh(&data, &[]);
    let [hers, his] = [&key, &his_key].map(|key| Client::new("x", port, key));
    let (code, said) = hers.ask("dossier survey --new --answers - --json", &household());
    assert_eq!(code, Some(0), "{said:?}");
    let kept: serde_json::Value = serde_json::from_str(&said[0]).expect("json");
    let number = kept["dossier"].as_str().expect("a number").to_owned();
    let open = |client: &Client| {
        let mut pty = client.log_in(&[]);
        pty.expect("应调查的家庭");
        pty.keys("/");
        pty.send(number.as_bytes());
        pty.keys("<enter>");
        pty.expect("月人均净收入");
        pty
    };
    let mut first = open(&hers);
    assert!(!first.screen().contains("起打开着"), "{}", first.screen());
    let mut second = open(&his);
    second.expect("王芳");
    second.expect("起打开着");
    first.expect("李四");
    first.expect("起打开着");
    let cursor = first.cursor();
    second.keys("s");
    first.expect("起在调查");
    assert_eq!(first.cursor(), cursor);
    second.keys("<c-w>");
    first.expect("起打开着");
    second.keys("<esc> <esc>");
    second.expect("应调查的家庭");
    first.wait("nobody else is there", |pty| (!pty.screen().contains("李四 ")).then_some(()));
    first.keys("<esc>");
}

#[test]
fn keys_are_agreed_upon_by_curves_alone_and_many_that_show_none_are_on_record() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let (mut owner, port, _) = Owner::with_ssh(&data, &[]);
    let hers = Client::new("anything", port, &key);
    let by = |kind: &str| hers.ask_with(&[&format!("-oKexAlgorithms={kind}")], "dossier rules list", "");
    for kind in ["curve25519-sha256", "curve25519-sha256@libssh.org"] {
        assert_eq!(by(kind).0, Some(0), "{kind}");
    }
    for kind in ["diffie-hellman-group14-sha256", "diffie-hellman-group18-sha512", "ecdh-sha2-nistp256"] {
        assert_eq!(by(kind).0, Some(255), "{kind}");
    }
    // Forty that come, say what they are, and go; nobody is a stranger yet for having knocked once.
    for _ in 0..40 {
        let mut line = TcpStream::connect(("127.0.0.1", port)).expect("a port");
        std::io::Write::write_all(&mut line, b"SSH-2.0-knock\r\n").expect("said");
    }
    assert_eq!(by("curve25519-sha256").0, Some(0), "nobody is kept out by them");
    owner.signal("-TERM");
    assert_eq!(owner.ended(), Some(0));
    let log = done(&data, &["user", "log", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&log[..=log.rfind(']').expect("a list")]).expect("JSON");
    let silent: Vec<_> = rows.as_array().expect("rows").iter().filter(|row| row["why"] == "no_key").collect();
    assert_eq!(silent.len(), 1, "{rows}");
    assert!(silent[0]["count"].as_u64().is_some_and(|count| (40..=50).contains(&count)), "{}", silent[0]);
    assert_eq!(silent[0]["address"], "127.0.0.1");
}

/// A client that asks for a command and reads nothing of the answer.
mod deaf {
    use russh::client;
    use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
    use std::path::Path;
    use std::sync::Arc;

    pub struct AnyHost;

    impl client::Handler for AnyHost {
        type Error = russh::Error;

        async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
            Ok(true)
        }
    }

    pub type Asked = (client::Handle<AnyHost>, russh::Channel<client::Msg>);

    pub async fn ask(port: u16, key: &Path, command: &str) -> Asked {
        // Room for the beginning of an answer, and none behind it.
        let config = client::Config { window_size: 64, channel_buffer_size: 1, ..client::Config::default() };
        let mut handle = client::connect(Arc::new(config), ("127.0.0.1", port), AnyHost).await.expect("connected");
        let key = PrivateKeyWithHashAlg::new(Arc::new(load_secret_key(key, None).expect("a key")), None);
        assert!(handle.authenticate_publickey("anything", key).await.expect("authenticated").success());
        let channel = handle.channel_open_session().await.expect("a channel");
        channel.exec(false, command).await.expect("asked");
        (handle, channel)
    }
}

#[test]
fn whoever_does_not_read_an_answer_keeps_nobody_waiting_for_theirs() {
    if !ssh::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let (data, key) = bureau(folder.path());
    let (_owner, port, _) = Owner::with_ssh(&data, &[]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let mut deaf: Vec<deaf::Asked> = Vec::new();
    for _ in 0..6 {
        deaf.push(runtime.block_on(deaf::ask(port, &key, "dossier units list --json")));
    }
    // What they asked for leaves; from then on nothing of theirs is read at all.
    runtime.block_on(async { tokio::time::sleep(std::time::Duration::from_secs(1)).await });
    // More of them than commands are done at once: were one place kept by an answer that nobody takes, this would wait
    // until the line is given up, a minute later.
    let began = std::time::Instant::now();
    let (code, _) = Client::new("anything", port, &key).ask("dossier units list --json", "");
    assert_eq!(code, Some(0));
    assert!(began.elapsed() < std::time::Duration::from_secs(45), "{:?}", began.elapsed());
    drop(deaf);
}
