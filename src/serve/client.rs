//! The other end of the socket in the data folder: whoever attaches to its owner, or sends it a command.

use super::remote_commands::Printed;
use super::unix::{PATIENCE, place};
use super::wanted::Wanted;
use super::wire::{self, Choice, Hello};
use crate::lang::Lang;
use crate::tui::linear::ShownAs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Reads from an owner, and notices when that process has been stopped (`kill -STOP`, a debugger): it would keep its
/// clients waiting for ever. However long it works otherwise, it is waited for.
pub struct Listening<'s> {
    stream: &'s UnixStream,
    until: Option<std::time::Instant>,
    /// How often in a row it was seen stopped.
    seen: u32,
}

/// So often is looked whether the owner is stopped, and so often it must be seen so: a moment's stop is none.
const LOOK: Duration = Duration::from_millis(700);
const STOPPED_SEEN: u32 = 3;

/// The owner of the folder has been stopped.
#[derive(Debug)]
struct OwnerStopped(u32);

impl std::fmt::Display for OwnerStopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} is stopped", self.0)
    }
}

impl std::error::Error for OwnerStopped {}

/// The number of the stopped process, if that is why.
pub fn stopped_owner(error: &io::Error) -> Option<u32> {
    error.get_ref()?.downcast_ref::<OwnerStopped>().map(|stopped| stopped.0)
}

impl<'s> Listening<'s> {
    /// `most`: how long at most; `None`: as long as it takes.
    pub fn to(stream: &'s UnixStream, most: Option<Duration>) -> io::Result<Listening<'s>> {
        stream.set_read_timeout(Some(LOOK))?;
        Ok(Listening { stream, until: most.map(|most| std::time::Instant::now() + most), seen: 0 })
    }
}

impl io::Read for Listening<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match io::Read::read(&mut &*self.stream, buffer) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if self.until.is_some_and(|until| std::time::Instant::now() > until) {
                        return Err(error);
                    }
                }
                other => {
                    self.seen = 0;
                    return other;
                }
            }
            match stopped(self.stream) {
                Some(process) if self.seen + 1 >= STOPPED_SEEN => return Err(io::Error::other(OwnerStopped(process))),
                Some(_) => self.seen += 1,
                None => self.seen = 0,
            }
        }
    }
}

/// The process at the other end, if the system says that it is stopped.
fn stopped(stream: &UnixStream) -> Option<u32> {
    let process = rustix::net::sockopt::socket_peercred(stream).ok()?.pid.as_raw_nonzero().get();
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let state = stat.rsplit_once(')')?.1.split_ascii_whitespace().next()?;
    if matches!(state, "T" | "t") { u32::try_from(process).ok() } else { None }
}

/// What the owner answered to a hello.
pub enum Answer {
    /// Attached: frames come on this stream.
    Attached(UnixStream),
    Choose(Vec<Choice>),
    /// The sentence that says why not.
    Refused(String),
}

/// Where an owner is to be found.
#[derive(Clone, Copy, Debug)]
pub enum At<'p> {
    Folder(&'p Path),
    Socket(&'p Path),
}

impl At<'_> {
    fn connect(self) -> io::Result<UnixStream> {
        match self {
            At::Folder(folder) => UnixStream::connect(&place(folder)?.path),
            At::Socket(path) => UnixStream::connect(path),
        }
    }
}

/// An owner that has said no already listens no more, and what it said is still to be read.
fn heard(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => Ok(()),
        other => other,
    }
}

/// Asks the owner of a folder for a session.
///
/// Errors: nobody listens there, or whoever does says nothing sensible.
pub fn ask(owner: At<'_>, hello: &Hello) -> io::Result<Answer> {
    let mut stream = owner.connect()?;
    heard(wire::write_value(&mut stream, wire::HELLO, hello))?;
    let strange = || io::Error::new(io::ErrorKind::InvalidData, "no answer that is understood");
    let read = wire::read(&mut Listening::to(&stream, Some(PATIENCE))?, wire::FROM_OWNER_MAX);
    match read?.ok_or_else(strange)? {
        (wire::ATTACHED, _) => Ok(Answer::Attached(stream)),
        (wire::CHOOSE, list) => serde_json::from_slice(&list).map(Answer::Choose).map_err(|_| strange()),
        (wire::TEXT, text) => Ok(Answer::Refused(String::from_utf8_lossy(&text).into_owned())),
        _ => Err(strange()),
    }
}

/// Why a remote command did not come to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotSent {
    /// Nobody listens there.
    Nobody,
    /// The owner is stopped; its process.
    Stopped(u32),
    /// The owner went away before it was done.
    Lost,
}

/// Has the owner of a folder do a command; `sink` gets what it prints. Its exit code.
pub fn send(owner: At<'_>, remote_command: &wire::RemoteCommand, mut sink: impl FnMut(Printed)) -> Result<u8, NotSent> {
    let lost = |error: &io::Error| stopped_owner(error).map_or(NotSent::Lost, NotSent::Stopped);
    let mut stream =
        owner.connect().map_err(|error| stopped_owner(&error).map_or(NotSent::Nobody, NotSent::Stopped))?;
    heard(wire::write_value(&mut stream, wire::REMOTE_COMMAND, remote_command)).map_err(|error| lost(&error))?;
    if let Some(input) = &remote_command.input {
        heard(wire::write(&mut stream, wire::INPUT, input)).map_err(|error| lost(&error))?;
    }
    let mut listening = Listening::to(&stream, None).map_err(|error| lost(&error))?;
    loop {
        match wire::read(&mut listening, wire::FROM_OWNER_MAX).map_err(|error| lost(&error))? {
            Some((wire::LINE, text)) => sink(Printed::Line(String::from_utf8_lossy(&text).into_owned())),
            Some((wire::ERROR_LINE | wire::TEXT, text)) => {
                sink(Printed::Error(String::from_utf8_lossy(&text).into_owned()));
            }
            Some((wire::BYTES, bytes)) => sink(Printed::Bytes(bytes)),
            Some((wire::END, code)) => return Ok(code.first().copied().unwrap_or(1)),
            _ => return Err(NotSent::Lost),
        }
    }
}

/// A language as it is sent; empty: nobody said one.
pub fn code_of(lang: Option<Lang>) -> String {
    lang.map_or_else(String::new, |lang| lang.code().to_owned())
}

/// A hello for these wishes; `names`: the officer that they name, and the name that the machine's user goes by.
pub fn hello(
    size: (u16, u16),
    lang: impl Into<Option<Lang>>,
    colour: bool,
    names: (Option<String>, String),
    wanted: Wanted,
) -> Hello {
    let lang = code_of(lang.into());
    let (user, login) = names;
    let shown = ShownAs::Screens;
    Hello { version: wire::VERSION, size, lang, colour, shown, user, login, address: address_of_client(), wanted }
}

/// Where the person sits whom the system's sshd has let in to run us; none: at this machine.
pub fn address_of_client() -> Option<std::net::IpAddr> {
    std::env::var("SSH_CONNECTION").ok()?.split_whitespace().next()?.parse().ok()
}
