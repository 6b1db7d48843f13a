//! At a session of whoever has the folder open already.

use super::context::Context;
use crate::command::Failure;
use crate::domain::Message;
use crate::lang;
use crate::serve::client::{self, Answer, Listening};
use crate::serve::wanted::Wanted;
use crate::serve::wire::{self, Choice, Hello};
use crate::tui::terminal::{self, Received, Relayed};
use std::io::BufRead;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What came of attaching.
pub enum Attached {
    /// The session is over, or goes on without this terminal.
    Done(ExitCode),
    /// The owner is gone without a word: whoever comes first owns the folder.
    OwnerGone,
    /// Nobody listens: another program has the folder, and cannot share it.
    Nobody,
}

/// So many times, so far apart, a client looks for an owner that has gone: half a minute, in which a service is up again.
const TRIES: u32 = 60;
const APART: Duration = Duration::from_millis(500);

/// `attach`: at the owner's and nowhere else.
pub fn run(context: &Context, asked: &super::args::Attach) -> Result<ExitCode, Failure> {
    // Through the system's sshd: a command behind the name of the host. Which session, the key's line says.
    if let Ok(typed) = std::env::var("SSH_ORIGINAL_COMMAND") {
        return super::remote::from_afar(context, &typed);
    }
    sit_down(context, if asked.new { Wanted::New } else { Wanted::Mine })
}

/// At a session of the owner's, who may be away for a moment.
pub fn sit_down(context: &Context, mut wanted: Wanted) -> Result<ExitCode, Failure> {
    if context.is_without_terminal() {
        context.terminal.error(&context.word("cli.no_terminal"));
        return Ok(ExitCode::from(1));
    }
    let mut sat = false;
    for left in (0..TRIES).rev() {
        match attach(context, wanted.clone())? {
            Attached::Done(code) => return Ok(code),
            Attached::OwnerGone => {
                context.terminal.line(&context.word("cli.attach.owner_away"));
                // Whoever comes back wants the session that was left.
                (sat, wanted) = (true, Wanted::Mine);
            }
            Attached::Nobody if !sat || left == 0 => break,
            Attached::Nobody => {}
        }
        std::thread::sleep(APART);
    }
    context.terminal.error(&context.word("cli.attach.nobody"));
    Ok(ExitCode::from(1))
}

pub fn attach(context: &Context, wanted: Wanted) -> Result<Attached, Failure> {
    let colour = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let names = (context.user.clone(), super::context::login());
    let shown = context.shown();
    let hello = client::hello(terminal::size(), context.lang_said(), colour, names, wanted);
    let hello = Hello { shown, ..hello };
    match client::ask(context.owner(), &hello) {
        Err(error) => match client::stopped_owner(&error) {
            Some(process) => Err(Failure::OwnerStopped { process }),
            None => Ok(Attached::Nobody),
        },
        Ok(Answer::Attached(stream)) => sit_at(context, stream),
        Ok(Answer::Choose(choices)) => match choose(context, &choices) {
            Some(wanted) => attach(context, wanted),
            None => Ok(Attached::Done(ExitCode::SUCCESS)),
        },
        Ok(Answer::Refused(why)) => {
            context.terminal.error(&why);
            Ok(Attached::Done(ExitCode::from(1)))
        }
    }
}

/// Several sessions wait: which one is asked in plain lines, since no screen is up yet.
fn choose(context: &Context, choices: &[Choice]) -> Option<Wanted> {
    context.terminal.line(&context.word("cli.attach.several"));
    for (place, choice) in (1u64..).zip(choices) {
        let said = Message::new(if choice.attached { "cli.attach.one_open" } else { "cli.attach.one" })
            .with("place", place)
            .with("begun", choice.begun.local())
            .with("title", lang::clean(&choice.title));
        context.terminal.line(&context.say(&said));
    }
    context.terminal.line(&context.word("cli.attach.which"));
    let mut line = String::new();
    loop {
        line.clear();
        if std::io::stdin().lock().read_line(&mut line).ok()? == 0 {
            return None;
        }
        let typed = line.trim();
        if typed == "n" {
            return Some(Wanted::New);
        }
        match typed.parse::<usize>().ok().and_then(|n| choices.get(n.checked_sub(1)?)) {
            Some(choice) => return Some(Wanted::Number(choice.number)),
            None => context.terminal.line(&context.word("cli.attach.which")),
        }
    }
}

fn sit_at(context: &Context, stream: UnixStream) -> Result<Attached, Failure> {
    let failed =
        |why: std::io::Error| Failure::Folder { folder: context.folder.display().to_string(), why: why.to_string() };
    let from = stream.try_clone().map_err(failed)?;
    let mut to = stream;
    // The last word is printed when the terminal is given back.
    let said: Arc<Mutex<Option<String>>> = Arc::default();
    let hear = said.clone();
    let send = move |what: Result<&[u8], (u16, u16)>| match what {
        Ok([]) => to.shutdown(std::net::Shutdown::Write),
        Ok(bytes) => wire::write(&mut to, wire::KEYS, bytes),
        Err((cols, rows)) => wire::write(&mut to, wire::SIZE, &[cols.to_le_bytes(), rows.to_le_bytes()].concat()),
    };
    let receive = move || loop {
        let read = Listening::to(&from, None).and_then(|mut owner| wire::read(&mut owner, wire::FROM_OWNER_MAX));
        match read {
            Ok(Some((wire::FRAME, frame))) => return Received::Frame(frame),
            Ok(Some((wire::TEXT, text))) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                *hear.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
            }
            Ok(Some((wire::END, code))) if code != [wire::AGAIN] => return Received::Over,
            _ => return Received::Lost,
        }
    };
    let ended = terminal::relay(context.shown(), send, receive).map_err(failed)?;
    if let Some(text) = said.lock().unwrap_or_else(PoisonError::into_inner).take() {
        context.terminal.line(&lang::clean(&text));
    }
    Ok(match ended {
        Relayed::Over | Relayed::LineLost => Attached::Done(ExitCode::SUCCESS),
        Relayed::Lost => Attached::OwnerGone,
    })
}
