//! One owner of the folder, real processes around it: a session outlives its line, and no line harms another.

mod support;

use dossier::serve::house::Wanted;
use dossier::serve::unix::{self, Answer};
use dossier::serve::wire::{self, Hello};
use dossier::tui::Lang;
use portable_pty::CommandBuilder;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use support::owner::Owner;
use support::pty::Pty;

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
    let hello = |wanted| unix::hello((80, 24), Lang::Zh, true, None, wanted);
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
        match unix::ask(&data, &asked).expect("an answer") {
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
    assert!(matches!(unix::ask(&data, &stranger), Ok(Answer::Refused(why)) if why.contains('谁')));
    let old = Hello { version: 999, ..hello(Wanted::New) };
    assert!(matches!(unix::ask(&data, &old), Ok(Answer::Refused(why)) if why.contains("版本")));
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
    let hello = |wanted| unix::hello((80, 24), Lang::Zh, true, None, wanted);
    let ask = |wanted| unix::ask(&data, &hello(wanted)).expect("an answer");
    let mut lines = Vec::new();
    for n in 0..dossier::serve::house::SESSIONS_OF_ONE_MAX {
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
