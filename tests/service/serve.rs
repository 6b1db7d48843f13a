//! One owner of the folder, real processes around it: a session outlives its line, and no line harms another.

use crate::outside::{Bureau, well};
use crate::support::owner::{Owner, program};
use crate::support::pty::Pty;
use dossier::serve::client::{self, Answer, At};
use dossier::serve::wanted::Wanted;
use dossier::serve::wire::{self, Hello};
use dossier::tui::Lang;
use portable_pty::CommandBuilder;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;

fn sit_down(data: &Path) -> Pty {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dossier"));
    command.args(["--lang", "zh", "--data"]);
    command.arg(data);
    command.env("USER", "示例员");
    Pty::open(command)
}

#[test]
fn whoever_comes_back_finds_the_same_screen_with_the_same_half_word() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let mut owner = Owner::start(&data);
    let mut first = sit_down(&data);
    first.expect("未完成的草稿");
    first.keys("n 1 <enter>");
    first.expect("调查日期");
    first.send("2026-1".as_bytes());
    first.expect("2026-1");
    // The client is gone, as when a line is cut: nothing is said to anybody.
    first.kill();
    let mut again = sit_down(&data);
    again.expect("2026-1");
    again.keys("1-27 <enter>");
    again.expect("2026-11-27");
    // The same person once more: the session goes there, and the terminal before is told and given back.
    let mut later = sit_down(&data);
    later.expect("2026-11-27");
    again.expect("这个会话已在别处继续");
    assert_eq!(again.ended(), 0);
    assert!(again.is_restored());
    later.send("赵一".as_bytes());
    later.expect("赵一");
    // Told to end, the owner makes safe what was typed, says so, and leaves a store that was closed in good order.
    owner.signal("-TERM");
    later.expect("已输入的都已保存");
    assert_eq!(later.ended(), 0);
    assert_eq!(owner.ended(), Some(0));
    let mut alone = sit_down(&data);
    alone.expect("未完成的草稿（1）");
    assert!(!alone.screen().contains("没有正常退出"), "closed in good order:\n{}", alone.screen());
    alone.keys("<enter>");
    alone.expect("赵一");
    alone.expect("2026-11-27");
}

#[test]
fn when_the_owner_is_killed_its_client_says_so_and_opens_the_folder_itself() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let owner = Owner::start(&data);
    let mut client = sit_down(&data);
    client.expect("未完成的草稿");
    client.keys("n 1 <enter> 20261127 <enter>");
    client.expect("调查人");
    client.send("钱二".as_bytes());
    client.wait("the half word kept", |pty| {
        let screen = pty.screen();
        (screen.contains("钱二") && screen.contains("已存")).then_some(())
    });
    owner.signal("-KILL");
    client.expect("未完成的草稿（1）");
    client.keys("<enter>");
    client.expect("钱二");
    // It is the owner now, and others attach to it; when it leaves, they go on.
    let mut other = sit_down(&data);
    other.expect("未完成的草稿（1）");
    client.keys("<c-w>");
    client.expect("未完成的草稿（1）");
    client.keys("q q");
    assert_eq!(client.ended(), 0);
    other.expect("未完成的草稿（1）");
    other.keys("q q");
    assert_eq!(other.ended(), 0);
    drop(owner);
    well(&Bureau { folder }, 0);
}

#[test]
fn garbage_silence_and_lines_that_never_read_leave_the_others_typing() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let _owner = Owner::start(&data);
    let mut typist = sit_down(&data);
    typist.expect("未完成的草稿");
    typist.keys("n 1 <enter>");
    typist.expect("调查日期");
    let hello = |wanted| client::hello((80, 24), Lang::Zh, true, (None, "示例员".into()), wanted);
    let connect = || UnixStream::connect(data.join("socket")).expect("connected");
    let mut lines = Vec::new();
    for round in 0u8..40 {
        let mut line = connect();
        let bytes: Vec<u8> = (0..200u32).map(|i| (i * 7 + u32::from(round) * 13) as u8).collect();
        let sent = match round % 5 {
            // Bytes that mean nothing; a length without end; a hello that is none; half a hello; nothing at all.
            0 => line.write_all(&bytes),
            1 => line.write_all(b"H\xff\xff\xff\x7f"),
            2 => wire::write(&mut line, wire::HELLO, b"{\"version\":1}"),
            3 => line.write_all(b"H\x40\x00\x00\x00{\"version\""),
            _ => Ok(()),
        };
        // It may have hung up on us already.
        drop(sent);
        lines.push(line);
    }
    // Strange sizes and a person nobody knows.
    for size in [(0, 0), (65_535, 65_535), (1, 1)] {
        let asked = Hello { size, ..hello(Wanted::New) };
        match client::ask(At::Folder(&data), &asked).expect("an answer") {
            // Attached, and never reads: thousands of keys that each change the screen.
            Answer::Attached(mut line) => {
                for _ in 0..2_000 {
                    if wire::write(&mut line, wire::KEYS, b"/\x1b").is_err() {
                        break;
                    }
                }
                lines.push(line);
            }
            _ => panic!("no session for {size:?}"),
        }
    }
    let stranger = Hello { user: Some("谁".into()), ..hello(Wanted::New) };
    assert!(matches!(client::ask(At::Folder(&data), &stranger), Ok(Answer::Refused(why)) if why.contains('谁')));
    let old = Hello { version: 999, ..hello(Wanted::New) };
    assert!(matches!(client::ask(At::Folder(&data), &old), Ok(Answer::Refused(why)) if why.contains("版本")));
    typist.send("20261127".as_bytes());
    typist.expect("20261127");
    typist.keys("<enter>");
    typist.expect("2026-11-27");
    drop(lines);
}

#[test]
fn of_several_sessions_one_is_chosen_and_there_is_an_end_to_them() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let _owner = Owner::start(&data);
    let hello = |wanted| client::hello((80, 24), Lang::Zh, true, (None, "示例员".into()), wanted);
    let ask = |wanted| client::ask(At::Folder(&data), &hello(wanted)).expect("an answer");
    let mut lines = Vec::new();
    for n in 0..dossier::serve::manager::SESSIONS_OF_ONE_MAX {
        match ask(Wanted::New) {
            Answer::Attached(line) => lines.push(line),
            _ => panic!("session {n}"),
        }
    }
    assert!(matches!(ask(Wanted::New), Answer::Refused(why) if why.contains("上限")));
    let Answer::Choose(choices) = ask(Wanted::Mine) else { panic!("several") };
    assert_eq!(choices.len(), lines.len());
    assert!(matches!(ask(Wanted::Number(choices[2].number)), Answer::Attached(_)));
    assert!(matches!(ask(Wanted::Number(9_999)), Answer::Refused(_)));
    let mut person = sit_down(&data);
    person.expect("您有几个会话开着");
    person.keys("3 <enter>");
    person.expect("未完成的草稿");
}

/// Runs a command on the folder: exit code, output, errors.
fn run(data: &Path, inside: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = program(data);
    command.args(arguments).current_dir(inside).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("run");
    child.stdin.take().expect("input").write_all(input.as_bytes()).expect("written");
    let out = child.wait_with_output().expect("output");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

#[test]
fn a_command_on_a_folder_that_is_open_is_done_by_whoever_has_it_open() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let owner = Owner::start(&data);
    let here = folder.path().join("here");
    std::fs::create_dir(&here).expect("folder");
    let on = |arguments: &[&str], input: &str| run(&data, &here, arguments, input);
    let household = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/households/illness.json"));
    let household = household.expect("a household");
    // Answers on standard input, as a pipe over SSH brings them.
    let (code, out, errors) = on(&["survey", "--new", "--answers", "-", "--json"], &household);
    assert_eq!(code, Some(0), "{errors}");
    let kept: serde_json::Value = serde_json::from_str(&out).expect("json");
    let number = kept["dossier"].as_str().expect("a number").to_owned();
    let (code, out, _) = on(&["show", &number, "--json"], "");
    assert_eq!(code, Some(0));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).expect("json")["dossier"], kept["dossier"]);
    // A file is named from where the client stands.
    std::fs::write(here.join("well.csv"), "").expect("written");
    std::fs::create_dir(here.join("well")).expect("folder");
    std::fs::write(here.join("well/survey.csv"), "type,name,label\ntext,owner,Owner\n").expect("written");
    let (code, out, errors) = on(&["form", "add", "well"], "");
    assert_eq!(code, Some(0), "{errors}");
    assert!(out.contains("well"), "{out}");
    let (code, ..) = on(
        &["survey", &number, "--form", "well", "--answers", "-"],
        "{\"steps\":[{\"set\":\"owner\",\"value\":\"x\"}]}",
    );
    assert_eq!(code, Some(0));
    let (code, _, errors) = on(&["backup", "all.backup"], "");
    assert_eq!(code, Some(0), "{errors}");
    assert!(here.join("all.backup").exists() && here.join("all.backup.keys").exists());
    // A refusal is the same refusal, with the same code; and what needs the store alone says who has it.
    let (code, _, errors) = on(&["show", "150785-1999-0001"], "");
    assert_eq!(code, Some(1));
    assert!(errors.contains("150785-1999-0001"), "{errors}");
    let (code, ..) = on(&["lookup"], "");
    assert_eq!(code, Some(2));
    for needs_it_alone in [&["doctor"][..], &["rebuild"], &["key", "recovery"]] {
        let (code, _, errors) = on(needs_it_alone, "");
        assert_eq!(code, Some(1), "{needs_it_alone:?}");
        assert!(!errors.is_empty(), "{needs_it_alone:?}");
    }
    let (code, _, errors) = on(&["--as", "谁", "show", &number], "");
    assert_eq!(code, Some(1));
    assert!(errors.contains('谁'), "{errors}");
    // When nobody has it open any more, the same command does it itself and finds the same.
    owner.signal("-TERM");
    let mut owner = owner;
    assert_eq!(owner.ended(), Some(0));
    let (code, out, _) = on(&["show", &number, "--json"], "");
    assert_eq!(code, Some(0));
    let shown: serde_json::Value = serde_json::from_str(&out).expect("json");
    assert_eq!(shown["versions"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_draft_that_somebody_has_open_is_nobody_elses_to_write_in() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let _owner = Owner::start(&data);
    let (code, ..) = run(&data, folder.path(), &["officer", "set", "王芳", "--role", "surveyor"], "");
    assert_eq!(code, Some(0));
    let (code, ..) = run(&data, folder.path(), &["officer", "set", "示例员", "--role", "supervisor"], "");
    assert_eq!(code, Some(1), "the last administrator stays one");
    let roles = ["officer", "set", "示例员", "--role", "supervisor", "--role", "system_administrator"];
    assert_eq!(run(&data, folder.path(), &roles, "").0, Some(0));
    let as_her = || {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dossier"));
        command.args(["--lang", "zh", "--as", "王芳", "--data"]);
        command.arg(&data);
        Pty::open(command)
    };
    let mut hers = as_her();
    hers.expect("未完成的草稿");
    hers.keys("n 1 <enter> 20261127 <enter>");
    hers.expect("调查人");
    let mut his = sit_down(&data);
    his.expect("未完成的草稿（1）");
    his.keys("<enter>");
    his.expect("需要「调查员」角色");
    his.keys("d");
    his.expect("为什么丢弃他人的草稿");
    his.send("短".as_bytes());
    his.keys("<enter>");
    his.expect("事由太短");
    his.send("，原调查员已调离".as_bytes());
    his.keys("<enter>");
    his.expect("王芳 正打开着这份草稿");
    // Her line is cut: the session waits with the draft, and it is hers still.
    hers.kill();
    his.keys("<enter>");
    his.expect("王芳 正打开着这份草稿");
    his.keys("<esc>");
    let mut hers = as_her();
    hers.expect("2026-11-27");
    hers.keys("<c-w>");
    hers.expect("未完成的草稿（1）");
    // She has left it there: it is hers to go on with, and his to throw away for the reason he gives.
    his.keys("<enter>");
    his.expect("需要「调查员」角色");
    his.keys("d");
    his.send("原调查员已调离".as_bytes());
    // What is typed before the box is on screen confirms nothing.
    his.expect("原调查员已调离");
    his.keys("<enter>");
    his.expect("草稿已丢弃");
    his.expect("未完成的草稿（0）");
}

#[test]
fn what_others_keep_shows_without_a_key_and_moves_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let _owner = Owner::start(&data);
    let household = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/households/illness.json"));
    let household = household.expect("a household");
    let mut watcher = sit_down(&data);
    watcher.expect("0 户");
    let (code, ..) = run(&data, folder.path(), &["survey", "--new", "--answers", "-"], &household);
    assert_eq!(code, Some(0));
    watcher.expect("1 户");
    // On the dossier, too; and what stands in a field is left alone.
    watcher.keys("/");
    watcher.send("150785-2026-0001".as_bytes());
    watcher.keys("<enter> 4");
    watcher.expect("建档");
    let (code, _, errors) = run(&data, folder.path(), &["status", "150785-2026-0001", "verifying"], "");
    assert_eq!(code, Some(0), "{errors}");
    watcher.expect("自 20");
    watcher.keys("<esc> <esc>");
    watcher.keys("n 1 <enter>");
    watcher.send("2026-1".as_bytes());
    watcher.expect("2026-1");
    let (code, ..) = run(&data, folder.path(), &["survey", "--new", "--again", "--answers", "-"], &household);
    assert_eq!(code, Some(0));
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    watcher.send("1-27".as_bytes());
    watcher.expect("2026-11-27");
    // At the terminal of an owner that has one it is the same.
    let data = folder.path().join("other");
    assert!(program(&data).arg("init").stdin(Stdio::null()).stdout(Stdio::null()).status().expect("run").success());
    let mut alone = sit_down(&data);
    alone.expect("0 户");
    let (code, ..) = run(&data, folder.path(), &["survey", "--new", "--answers", "-"], &household);
    assert_eq!(code, Some(0));
    alone.expect("1 户");
    alone.keys("q q");
    assert_eq!(alone.ended(), 0);
}

#[test]
#[allow(clippy::print_stdout)] // A test says what it skipped.
fn a_second_socket_lets_in_by_uid_and_only_a_gateway_may_name_who_it_is() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    if !is_root {
        println!("skipped: only root can be somebody else for a moment");
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("set");
    open(folder.path());
    // Others can't reach where this was built.
    let binary = folder.path().join("dossier");
    std::fs::copy(env!("CARGO_BIN_EXE_dossier"), &binary).expect("copied");
    open(&binary);
    let data = folder.path().join("data");
    let socket = folder.path().join("second");
    let run = |arguments: &[&str]| run(&data, folder.path(), arguments, "");
    assert_eq!(run(&["init"]).0, Some(0));
    for name in ["王芳", "李四"] {
        assert_eq!(run(&["user", "add", name, "--role", "surveyor"]).0, Some(0));
    }
    let (owner, gateway, stranger) = (60_001, 60_002, 60_003);
    assert_eq!(run(&["user", "add", "王芳", "--uid", &owner.to_string()]).0, Some(0));
    assert_eq!(run(&["user", "gateway", &gateway.to_string()]).0, Some(0));
    let (_owner, _) = Owner::with(&data, &["--socket", &socket.display().to_string()]);
    let ask = |uid: u32, named: &[&str], command: &str| {
        let mut asked = std::process::Command::new(&binary);
        asked.args(["--lang", "zh"]).args(named).args(["attach", "--socket"]).arg(&socket);
        asked.env("SSH_ORIGINAL_COMMAND", command).env("SSH_CONNECTION", "10.20.3.4 50000 10.20.0.1 22");
        // The group stays, and with it the right to knock; who it is says the uid alone.
        let out = asked.uid(uid).gid(0).stdin(Stdio::null()).output().expect("run");
        let said = [out.stdout, out.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (out.status.code(), said)
    };
    let as_her = ["--as", "王芳"];
    let as_him = ["--as", "李四"];
    assert_eq!(ask(owner, &[], "form list").0, Some(0));
    assert_eq!(ask(owner, &as_her, "form list").0, Some(0));
    let (code, said) = ask(owner, &as_him, "form list");
    assert!(code == Some(1) && said.contains("不是那个人"), "a uid that names another: {said}");
    assert_eq!(ask(gateway, &as_him, "form list").0, Some(0));
    let (code, said) = ask(gateway, &[], "form list");
    assert!(code == Some(1) && said.contains("没有人"), "nobody logs in as the gateway: {said}");
    let (code, said) = ask(stranger, &as_her, "form list");
    assert!(code == Some(1) && said.contains("没有人"), "{said}");
    // Whatever the uid: no file of the machine, and no command that is not for people from elsewhere.
    for typed in ["backup /tmp/x", "user add x --role surveyor", "survey --new --answers /etc/passwd", "form add /etc"]
    {
        assert_eq!(ask(gateway, &as_him, typed).0, Some(2), "{typed}");
    }
    // The folder's own socket is nobody else's to touch, by the system's rights.
    let mut asked = std::process::Command::new(&binary);
    asked.args(["--lang", "zh", "--data"]).arg(&data).arg("attach").env("SSH_ORIGINAL_COMMAND", "form list");
    let refused = asked.uid(stranger).gid(stranger).stdin(Stdio::null()).output().expect("run");
    assert_eq!(refused.status.code(), Some(1));
    // Taken back, it lets nobody in any more.
    assert_eq!(run(&["user", "gateway", &gateway.to_string(), "--end"]).0, Some(0));
    assert_eq!(ask(gateway, &as_him, "form list").0, Some(1));
    let (_, log, _) = run(&["user", "log", "--json"]);
    for reported in ["\"uid 60003\"", "\"other_name\"", "\"10.20.3.4\"", "\"shut\""] {
        assert!(log.contains(reported), "{reported}: {log}");
    }
}

/// Whether those bytes stand anywhere in the memory of a process; `None`: nobody may look, which is as good.
fn is_in_memory(process: u32, text: &str) -> Option<bool> {
    use std::os::unix::fs::FileExt;
    let memory = std::fs::File::open(format!("/proc/{process}/mem")).ok()?;
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        let mut bytes = vec![0; usize::try_from(to - from).ok()?];
        // Some of what is mapped cannot be read.
        if memory.read_exact_at(&mut bytes, from).is_ok() && bytes.windows(text.len()).any(|at| at == text.as_bytes()) {
            return Some(true);
        }
    }
    Some(false)
}

#[test]
fn an_owner_keeps_nothing_of_an_answer_that_it_let_go_and_leaves_no_core() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let owner = Owner::start(&data);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", owner.process())).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");

    let household = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/households/illness.json");
    let mut script: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(household).expect("steps")).expect("steps");
    let steps = script["steps"].as_array_mut().expect("steps");
    // Put together here, so that it stands nowhere in the program itself.
    let secret = ["示例备注", "wiped", "7f3c9d"].concat();
    let answers = folder.path().join("answers.json");
    let path = steps.iter().find_map(|step| step["set"].as_str().filter(|path| path.ends_with("inc_wage")));
    let path = path.expect("a wage").to_owned();
    steps.push(serde_json::json!({"note": path, "text": secret}));
    std::fs::write(&answers, serde_json::to_vec(&script).expect("json")).expect("written");
    let survey = program(&data).args(["survey", "--new", "--answers"]).arg(&answers).output().expect("run");
    assert!(survey.status.success(), "{}", String::from_utf8_lossy(&survey.stderr));
    let shown = program(&data).args(["show", "150785-2026-0001", "--json"]).output().expect("run");
    assert!(shown.status.success());
    assert_ne!(is_in_memory(owner.process(), &secret), Some(true), "it is wiped where it was let go");
    assert_eq!(is_in_memory(std::process::id(), &secret), Some(true), "the search finds what is there");
}

#[test]
fn the_service_ends_with_its_head_code_and_all_codes_of_the_years_are_proved_at_once() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let on = |arguments: &[&str]| {
        let out = program(&data).args(arguments).stdin(Stdio::null()).output().expect("run");
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    assert_eq!(on(&["init"]).0, Some(0));
    let mut codes = Vec::new();
    for name in ["示例甲", "示例乙", "示例丙"] {
        let output = folder.path().join("output");
        let mut serve = program(&data);
        let file = std::fs::File::create(&output).expect("a file");
        let mut service = serve.arg("serve").stdout(file).spawn().expect("run");
        let said = || std::fs::read_to_string(&output).expect("what it said");
        let began = std::time::Instant::now();
        while !said().contains("SIGTERM") {
            assert!(began.elapsed() < std::time::Duration::from_secs(60), "{}", said());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(on(&["user", "add", name, "--role", "surveyor"]).0, Some(0));
        let ready = said();
        let ended = std::process::Command::new("kill").args(["-TERM", &service.id().to_string()]).status();
        assert!(ended.expect("kill").success());
        assert!(service.wait().expect("ended").success());
        let (_, verified) = on(&["verify", "--json"]);
        let verified: serde_json::Value = serde_json::from_str(&verified).expect("json");
        let code = verified["heads"][0]["code"].as_str().expect("a code").to_owned();
        assert!(!ready.contains(&code) && said().contains(&code), "{}", said());
        codes.push(code);
    }
    let all: Vec<&str> = codes.iter().flat_map(|code| ["--head", code.as_str()]).collect();
    let (code, proved) = on(&[&["verify", "--json"], &all[..]].concat());
    let proved: serde_json::Value = serde_json::from_str(&proved).expect("json");
    assert_eq!((code, proved["given"].as_array().map(Vec::len)), (Some(0), Some(3)), "{proved}");
    // One that is not of this log among them, and it does not hold; one that is none is told as such.
    let strange = include_str!("../golden/head_code.txt").trim();
    let (code, proved) = on(&[&["verify", "--json"], &all[..], &["--head", strange]].concat());
    let proved: serde_json::Value = serde_json::from_str(&proved).expect("json");
    assert_eq!((code, &proved["holds"]), (Some(1), &serde_json::Value::Bool(false)), "{proved}");
    assert_eq!(on(&[&["verify"], &all[..], &["--head", "EDT626"]].concat()).0, Some(2));
}
