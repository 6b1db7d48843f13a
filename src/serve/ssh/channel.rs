//! The one channel of a connection: the screens, or a command.

use super::{ConnectionHandle, LOST};
use crate::command::logins::Barred;
use crate::domain::{Explain, Message, OfficerId};
use crate::lang;
use crate::serve::caller::Caller;
use crate::serve::manager::{Given, SessionManager};
use crate::serve::remote_commands::Printed;
use crate::serve::session::{self, Event, Feeder, Out, Seen, Why};
use crate::serve::wanted::Wanted;
use crate::serve::wire;
use crate::tui::linear::ShownAs;
use crate::tui::theme::Theme;
use crate::tui::{Lang, Setup};
use russh::server::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

/// The most bytes of standard input; a survey of nineteen members is about 30 KB.
const INPUT_MAX: usize = 4 << 20;
/// How long it may take to come in.
const INPUT: Duration = Duration::from_secs(600);
/// Bytes on their way to a terminal, in the system's hands: one screen, and not the backlog of minutes that it would keep.
const ON_THE_WAY: usize = 4 << 10;
/// The largest terminal that is drawn to.
const CELLS_MAX: u32 = 1_000;

/// What somebody asks for.
pub enum Asked {
    Screens(Wanted),
    RemoteCommand { args: String, reads_input: bool },
    Said { error: bool, text: String, code: u8 },
}

/// Who asks, and how they are to be spoken to.
pub struct Seat {
    pub manager: Arc<SessionManager>,
    pub remote_commands: Arc<Semaphore>,
    pub line: Arc<ConnectionHandle>,
    pub caller: Caller,
    pub admitted: Result<OfficerId, Barred>,
    pub lang: Lang,
    pub colour: bool,
    pub shown: ShownAs,
    /// `None`: no terminal.
    pub size: Option<(u16, u16)>,
}

type Write = ChannelWriteHalf<Msg>;

/// A terminal of no size is one whose size is not known.
pub fn size(cols: u32, rows: u32) -> (u16, u16) {
    let sane = |n: u32, usual: u16| if n == 0 { usual } else { u16::try_from(n.min(CELLS_MAX)).unwrap_or(usual) };
    (sane(cols, 80), sane(rows, 24))
}

pub fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

/// Does what is asked, and closes the channel.
pub async fn serve(seat: Seat, channel: Channel<Msg>, asked: Asked) {
    let line = seat.line.clone();
    let (read, write) = channel.split();
    let status = match (seat.admitted, asked) {
        (Ok(_), Asked::RemoteCommand { args, reads_input: true }) => match timeout(INPUT, all_of(read)).await {
            Ok(Some(bytes)) => remote_command(&seat, args, Some(bytes), &write).await,
            Ok(None) | Err(_) => {
                let why = Message::new("login.too_much_input").with("limit", INPUT_MAX);
                said(&write, true, &lang::say(&why, seat.lang), 1).await
            }
        },
        (Ok(officer), Asked::Screens(wanted)) => {
            screens(&seat, officer, wanted, seat.size.unwrap_or((80, 24)), read, &write).await
        }
        (admitted, asked) => {
            // Whatever comes is not waited for: kept and not taken, it would hold up what goes out.
            drop(read);
            match (admitted, asked) {
                (Err(barred), _) => said(&write, true, &lang::say(&barred.explain(), seat.lang), 1).await,
                (Ok(_), Asked::Said { error, text, code }) => said(&write, error, &text, code).await,
                (Ok(_), Asked::RemoteCommand { args, .. }) => remote_command(&seat, args, None, &write).await,
                // Answered above.
                (Ok(_), Asked::Screens(_)) => 1,
            }
        }
    };
    let _ = timeout(LOST, async {
        let _ = write.exit_status(u32::from(status)).await;
        let _ = write.eof().await;
        let _ = write.close().await;
    })
    .await;
    line.done.notify_one();
}

/// Prints lines; the exit code comes back.
async fn said(write: &Write, error: bool, text: &str, code: u8) -> u8 {
    let text = format!("{}\r\n", text.replace('\n', "\r\n"));
    let _ = send(write, error, text.into_bytes()).await;
    code
}

/// `false`: the line is lost.
async fn send(write: &Write, error: bool, bytes: Vec<u8>) -> bool {
    let sent = async {
        match error {
            true => write.extended_data_bytes(1, bytes).await,
            false => write.data_bytes(bytes).await,
        }
    };
    matches!(timeout(LOST, sent).await, Ok(Ok(())))
}

/// A command, done where waiting harms nobody; then its lines go out.
async fn remote_command(seat: &Seat, args: String, input: Option<Vec<u8>>, write: &Write) -> u8 {
    let remote_command = wire::RemoteCommand {
        version: wire::VERSION,
        args,
        reads_input: false,
        input,
        lang: code(seat.lang).to_owned(),
        afar: true,
        user: None,
        login: String::new(),
        address: seat.caller.address,
    };
    let (manager, caller) = (seat.manager.clone(), seat.caller.clone());
    let done = {
        let Ok(_turn) = seat.remote_commands.acquire().await else { return 1 };
        tokio::task::spawn_blocking(move || {
            let mut lines: Vec<Printed> = Vec::new();
            let done = manager.remote_command(&caller, &remote_command, &mut |printed| lines.push(printed));
            (lines, done)
        })
        .await
    };
    // The place is given back by now: whoever does not read what they asked for keeps nobody else waiting.
    let Ok((lines, done)) = done else { return 1 };
    for printed in lines {
        // A terminal that is there is a raw one.
        let ended = |line: String| match seat.size.is_some() {
            true => line.replace('\n', "\r\n") + "\r\n",
            false => line + "\n",
        };
        let (error, bytes) = match printed {
            Printed::Line(line) => (false, ended(line).into_bytes()),
            Printed::Error(line) => (true, ended(line).into_bytes()),
            // It would be obeyed there.
            Printed::Bytes(_) if seat.size.is_some() => {
                return said(write, true, &lang::say(&Message::new("serve.no_text"), seat.lang), 1).await;
            }
            Printed::Bytes(bytes) => (false, bytes),
        };
        if !send(write, error, bytes).await {
            return 1;
        }
    }
    match done {
        Ok(code) => code,
        Err(why) => said(write, true, &lang::say(&why, seat.lang), 1).await,
    }
}

/// Standard input to its end. None: more than is taken.
async fn all_of(mut read: ChannelReadHalf) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } if all.len() + data.len() > INPUT_MAX => return None,
            ChannelMsg::Data { data } => all.extend_from_slice(&data),
            ChannelMsg::Eof | ChannelMsg::Close => break,
            _ => {}
        }
    }
    Some(all)
}

async fn screens(
    seat: &Seat,
    officer: OfficerId,
    mut wanted: Wanted,
    mut size: (u16, u16),
    mut read: ChannelReadHalf,
    write: &Write,
) -> u8 {
    let session = loop {
        let setup = Setup { lang: seat.lang, theme: Theme { colour: seat.colour, ..Theme::default() }, size };
        let (manager, asked, caller) = (seat.manager.clone(), wanted, seat.caller.clone());
        let given = tokio::task::spawn_blocking(move || manager.session(officer, &caller, asked, setup)).await;
        match given {
            Ok(Given::Session(session)) => break session,
            Ok(Given::Refused(why)) => return said(write, true, &lang::say(&why, seat.lang), 1).await,
            Ok(Given::Several(sessions)) => match choose(seat, &sessions, &mut size, &mut read, write).await {
                Some(chosen) => wanted = chosen,
                None => return 0,
            },
            Err(_) => return 1,
        }
    };
    let _ = socket2::SockRef::from(&seat.line.socket).set_send_buffer_size(ON_THE_WAY);
    let id = seat.manager.number();
    // Room for a frame on its way, what gives the terminal back, and the last word.
    let (out, mut frames) = mpsc::channel(4);
    let feeder = Feeder { events: session.events.clone(), line: id, waiting: Arc::default() };
    let line = session::Line {
        id,
        size,
        shown: seat.shown,
        out: Box::new(move |what| out.try_send(what).is_ok()),
        waiting: feeder.waiting.clone(),
    };
    let (manager, caller, at) = (seat.manager.clone(), seat.caller.clone(), session.clone());
    match tokio::task::spawn_blocking(move || manager.attach(&at, line, officer, &caller)).await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => return said(write, true, &lang::say(&why, seat.lang), 1).await,
        Err(_) => return 1,
    }
    let reading = tokio::spawn(take_keys(read, feeder));
    let why = send_frames(seat.lang, &mut frames, write, &session.events, id).await;
    reading.abort();
    let manager = seat.manager.clone();
    let _ = tokio::task::spawn_blocking(move || manager.gone(id, why)).await;
    0
}

/// Keys to the session, until there is nobody to press them.
async fn take_keys(mut read: ChannelReadHalf, feeder: Feeder) {
    while let Some(message) = read.wait().await {
        let taken = match message {
            ChannelMsg::Data { data } => {
                while !feeder.has_room() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                feeder.feed(data.to_vec())
            }
            ChannelMsg::WindowChange { col_width, row_height, .. } => {
                let (cols, rows) = size(col_width, row_height);
                feeder.events.send(Event::Resize(feeder.line, cols, rows)).is_ok()
            }
            ChannelMsg::Eof | ChannelMsg::Close => false,
            _ => true,
        };
        if !taken {
            break;
        }
    }
    let _ = feeder.events.send(Event::Gone(feeder.line));
}

/// Frames to the terminal, one at a time; why there are no more.
async fn send_frames(lang: Lang, frames: &mut mpsc::Receiver<Out>, write: &Write, to: &Sender<Event>, id: u64) -> Why {
    while let Some(out) = frames.recv().await {
        match out {
            Out::Frame(bytes) => {
                if !send(write, false, bytes).await {
                    return Why::Line;
                }
                let _ = to.send(Event::Sent(id));
            }
            Out::Over { said: word, why, .. } => {
                if let Some(word) = word {
                    said(write, false, &lang::say(&word, lang), 0).await;
                }
                return why;
            }
        }
    }
    Why::Line
}

/// Several sessions wait: which one is asked in plain lines, since no screen is up yet. None: neither.
async fn choose(
    seat: &Seat,
    sessions: &[Seen],
    now: &mut (u16, u16),
    read: &mut ChannelReadHalf,
    write: &Write,
) -> Option<Wanted> {
    let say = |message: &Message| lang::say(message, seat.lang);
    let mut lines = vec![say(&Message::new("cli.attach.several"))];
    for (place, seen) in (1u64..).zip(sessions) {
        let one = Message::new(if seen.attached { "cli.attach.one_open" } else { "cli.attach.one" });
        let one = one.with("place", place).with("begun", seen.begun.local()).with("title", lang::clean(&seen.title));
        lines.push(say(&one));
    }
    lines.push(say(&Message::new("login.which")));
    said(write, false, &lines.join("\n"), 0).await;
    loop {
        match timeout(INPUT, read.wait()).await.ok()?? {
            ChannelMsg::Data { data } => {
                for byte in data.iter() {
                    match byte {
                        b'n' | b'N' => return Some(Wanted::New),
                        // Ctrl-C, Ctrl-D, Esc.
                        b'q' | 0x03 | 0x04 | 0x1b => return None,
                        b'1'..=b'9' => {
                            if let Some(seen) = sessions.get(usize::from(byte - b'1')) {
                                return Some(Wanted::Number(seen.id));
                            }
                        }
                        _ => {}
                    }
                }
            }
            ChannelMsg::WindowChange { col_width, row_height, .. } => *now = size(col_width, row_height),
            ChannelMsg::Eof | ChannelMsg::Close => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_terminal_of_no_size_is_a_usual_one_and_one_of_any_size_is_drawn_to_in_bounds() {
        assert_eq!(size(0, 0), (80, 24));
        assert_eq!(size(0, 50), (80, 50));
        assert_eq!(size(1, 1), (1, 1));
        assert_eq!(size(1_000, 1_001), (1_000, 1_000));
        assert_eq!(size(65_535, u32::MAX), (1_000, 1_000));
    }
}
