//! Lines that mean no good: whatever bytes come from a terminal, the screens go on, and whatever comes over the socket, the
//! others go on typing. `HOSTILE_ROUNDS=5000` tries that many, `HOSTILE_ROUND=17` the one that failed.

use crate::support::bureau::{Bureau, TODAY, now};
use crate::support::dice::{Dice, mutate, rounds};
use crate::support::{Session, keys};
use dossier::command::Office;
use dossier::serve::client::{self, Answer, At};
use dossier::serve::remote_commands::{By, Printed, RemoteCommands, Understood};
use dossier::serve::unix;
use dossier::serve::wanted::Wanted;
use dossier::serve::wire::{self, Hello, RemoteCommand};
use dossier::serve::{Limits, SessionManager};
use dossier::tui::Lang;
use dossier::tui::screens::today::Today;
use dossier::tui::session::Unlocked;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// What terminals send, people type, and clipboards hold.
const WORDS: &[&str] = &[
    "\x1b",
    "\x1b[",
    "\x1bO",
    "\x1b[A",
    "\x1b[1;5C",
    "\x1b[15~",
    "\x1b[200~",
    "\x1b[201~",
    "\x1b[<0;10;10M",
    "\x1b[?62;c",
    "\x1b]52;c;eHg=\x07",
    "\x1bP+r\x1b\\",
    "\x1b[12;34R",
    "\r",
    "\n",
    "\t",
    "\x7f",
    "\x08",
    "\x03",
    "\x00",
    "\u{9b}31m",
    "林家",
    "，",
    "𠮷",
    "é",
    "e\u{301}",
    "👩\u{200d}👩",
    "\u{202e}",
    "\x1b[999999999999A",
    "１",
    "ｑ",
    " ",
    "1",
    "9",
    "y",
    "20260310",
    "150785",
    "zh",
];

/// Ways through the screens, to be spoilt.
const SCRIPTS: &[&str] = &[
    "n 1 <enter> 20261127 <enter> abc <enter> 1 <enter> <c-w>",
    "/ z h a o <enter> 2 <down> <enter> <tab> <esc> <esc>",
    "/ 1 5 0 7 8 5 <enter> s <f3> <down> <down> <enter> <c-w> <esc>",
    "/ s l <enter> v x <enter> 4 <pgdn> 5 6 7 a b c <enter> <esc>",
    "<c-p> <down> <enter> <f1> <esc> <c-t> <c-b> <c-l> q",
    "<enter> <f5> <c-o> <esc> <f2> x y <enter> <f6> <f7> <f8> <f9>",
];

#[test]
fn whatever_a_terminal_sends_the_screens_go_on() {
    let bureau = Bureau::with_households();
    for round in rounds(60) {
        let mut dice = Dice(round);
        let first = || Box::new(Today::new(bureau.session()));
        let mut session = Session::open(first());
        for _ in 0..12 {
            let script = SCRIPTS[dice.below(SCRIPTS.len())];
            let mut bytes = keys(script).concat();
            if dice.below(4) > 0 {
                mutate(&mut bytes, &mut dice, WORDS);
            }
            // Cut anywhere, with any pause between.
            while !bytes.is_empty() {
                let rest = bytes.split_off((1 + dice.below(9)).min(bytes.len()));
                session.feed(&bytes);
                session.at_ms += [0, 1, 60, 400, 700][dice.below(5)];
                session.app.tick(session.at_ms);
                bytes = rest;
            }
            if dice.below(5) == 0 {
                let sides = [0, 1, 2, 10, 23, 24, 80, 132, 1_000, 65_535];
                session.app.resize(sides[dice.below(10)], sides[dice.below(10)]);
                assert!(session.app.frame().len() < 4 << 20, "round {round}");
                session.app.resize(80, 24);
            }
            if dice.below(7) == 0 {
                session.app.leave();
                session.app.news();
            }
            if session.app.is_over() {
                session = Session::open(first());
            }
        }
        // What is on screen is text and our own sequences: nothing that came in as one went out as one.
        session.app.resize(80, 24);
        let frame = session.app.frame();
        let frame = String::from_utf8(frame).unwrap_or_else(|_| panic!("round {round}: not UTF-8"));
        for never in ["\x1b]", "\x1bP", "\u{9b}", "\u{202e}", "\x07"] {
            assert!(!frame.contains(never), "round {round}: {never:?}");
        }
        drop(session);
        bureau.discard_drafts();
    }
}

const LARGE: &str = "large";

/// Commands that only say what they were, or very much.
struct Echo;

impl RemoteCommands for Echo {
    fn run(&self, _: &Office, by: By, remote_command: &RemoteCommand, sink: &mut dyn FnMut(Printed)) -> u8 {
        sink(Printed::Line(format!("{by:?} {}", remote_command.args.len())));
        // More than the system takes for somebody who does not read.
        if remote_command.args == LARGE {
            sink(Printed::Line("l".repeat(300 << 10)));
        }
        0
    }

    fn understand(&self, _: &str, _: &str) -> Understood {
        Understood::Said { error: true, text: String::new(), code: 2 }
    }
}

#[test]
fn whatever_comes_over_the_socket_the_others_go_on_typing_and_no_session_is_lost() {
    static PANICS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let bureau = Bureau::with_households();
    let folder = bureau.folder.path().join("data");
    let clock = || -> dossier::tui::session::Clock { Box::new(|| now(TODAY)) };
    let manager = SessionManager::new(
        bureau.office.clone(),
        Box::new(clock),
        Unlocked::KeyFile,
        Limits::default(),
        Box::new(Echo),
    );
    let door = unix::open(manager.clone(), &folder).expect("a door");
    let before = std::panic::take_hook();
    // Another test's own thread bears its path as a name; what fails there is not counted here.
    std::panic::set_hook(Box::new(move |info| {
        let of_a_test = std::thread::current().name().is_some_and(|name| name.contains("::"));
        PANICS.fetch_add(usize::from(!of_a_test), std::sync::atomic::Ordering::SeqCst);
        before(info);
    }));
    let hello = |size, wanted| client::hello(size, Lang::Zh, true, (None, "示例员".into()), wanted);
    // Somebody else, in a session of their own.
    bureau.office.add_officer("打字员", "typist", &["surveyor"], &[], now(TODAY)).expect("added");
    let theirs = Hello { user: Some("打字员".into()), ..hello((80, 24), Wanted::New) };
    let Ok(Answer::Attached(mut typist)) = client::ask(At::Folder(&folder), &theirs) else { panic!("no session") };
    typist.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    wire::read(&mut typist, wire::FROM_OWNER_MAX).expect("the first screen");
    for round in rounds(150) {
        let mut dice = Dice(round);
        let mut bytes = Vec::new();
        let size = [(80, 24), (0, 0), (65_535, 65_535), (1, 1)][dice.below(4)];
        let wanted = match dice.below(4) {
            0 => Wanted::New,
            1 => Wanted::Number(dice.below(9) as u64),
            _ => Wanted::Mine,
        };
        for _ in 0..1 + dice.below(3) {
            match dice.below(3) {
                0 => {
                    let reads_input = dice.below(2) == 0;
                    let remote_command = RemoteCommand {
                        reads_input,
                        version: wire::VERSION,
                        args: "x".repeat(dice.below(2_000)),
                        input: None,
                        lang: "zh".into(),
                        afar: dice.below(2) == 0,
                        user: Some(["示例员", "谁", ""][dice.below(3)].into()),
                        login: String::new(),
                        address: None,
                    };
                    wire::write_value(&mut bytes, wire::REMOTE_COMMAND, &remote_command).expect("written");
                    if reads_input && dice.below(3) > 0 {
                        wire::write(&mut bytes, wire::INPUT, &vec![b'y'; dice.below(2_000)]).expect("written");
                    }
                }
                _ => wire::write_value(&mut bytes, wire::HELLO, &hello(size, wanted.clone())).expect("written"),
            }
            for _ in 0..dice.below(6) {
                let letter = [wire::KEYS, wire::SIZE, wire::FRAME, b'?'][dice.below(4)];
                let body: Vec<u8> = (0..dice.below(60)).map(|_| dice.below(256) as u8).collect();
                wire::write(&mut bytes, letter, &body).expect("written");
            }
        }
        if dice.below(4) > 0 {
            mutate(
                &mut bytes,
                &mut dice,
                &["H", "K", "S", "R", "\0\0\0\0", "\u{7f}\u{7f}\u{7f}\u{7f}", "{\"version\":2", "null"],
            );
        }
        let mut line = UnixStream::connect(folder.join("socket")).expect("connected");
        // It may have hung up already; then it hears no more.
        let _ = line.write_all(&bytes);
        drop(line);
        if round % 10 == 0 {
            wire::write(&mut typist, wire::KEYS, if round % 20 == 0 { b"/" } else { b"\x1b" }).expect("sent");
            let answer = wire::read(&mut typist, wire::FROM_OWNER_MAX).expect("an answer");
            assert!(matches!(answer, Some((wire::FRAME, _))), "round {round}");
        }
    }
    assert_eq!(PANICS.load(std::sync::atomic::Ordering::SeqCst), 0);
    manager.end(false);
    assert_eq!(manager.count(), 0, "every session ended when it was told to");
    drop(door);
}

#[test]
fn clients_that_do_not_read_their_answers_keep_nobody_else_waiting() {
    let bureau = Bureau::with_households();
    let folder = bureau.folder.path().join("data");
    let clock = || -> dossier::tui::session::Clock { Box::new(|| now(TODAY)) };
    let (office, limits) = (bureau.office.clone(), Limits::default());
    let manager = SessionManager::new(office, Box::new(clock), Unlocked::KeyFile, limits, Box::new(Echo));
    let door = unix::open(manager.clone(), &folder).expect("a door");
    let command = |args: &str| RemoteCommand {
        version: wire::VERSION,
        args: args.into(),
        reads_input: false,
        input: None,
        lang: "zh".into(),
        afar: false,
        user: None,
        login: "示例员".into(),
        address: None,
    };
    // More than there are places, each with an answer that is under way for as long as nobody reads it.
    let mut idle = Vec::new();
    for at in 0..320 {
        let mut line = UnixStream::connect(folder.join("socket")).expect("connected");
        wire::write_value(&mut line, wire::REMOTE_COMMAND, &command(LARGE)).expect("sent");
        line.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
        let first = wire::read(&mut line, wire::FROM_OWNER_MAX).expect("an answer");
        assert!(matches!(first, Some((wire::LINE, _))), "client {at} was turned away");
        idle.push(line);
    }
    let mut said = Vec::new();
    let code = client::send(At::Folder(&folder), &command("status"), |printed| said.push(format!("{printed:?}")));
    assert_eq!((code, said.len()), (Ok(0), 1), "{said:?}");
    // Whoever reads at last has all of it.
    let mut line = idle.pop().expect("one of them");
    let rest: Vec<_> = std::iter::from_fn(|| wire::read(&mut line, wire::FROM_OWNER_MAX).expect("read")).collect();
    assert_eq!(
        rest.iter().map(|(letter, bytes)| (*letter, bytes.len())).collect::<Vec<_>>(),
        [(wire::LINE, 300 << 10), (wire::END, 1),]
    );
    drop(idle);
    manager.end(false);
    drop(door);
}
