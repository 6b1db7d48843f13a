//! The socket in the data folder: whoever may open the folder may attach to its owner. The system says who is at the other
//! end; a stranger's process is told so and hears nothing else.

use super::caller::Caller;
use super::manager::{Given, Known, SessionManager};
use super::places::{Budgets, HeldPlace, LINES_OF_MANY_MAX, LINES_OF_ONE_MAX, LINES_OF_STRANGER_MAX};
use super::remote_commands::Printed;
use super::session::{Event, Feeder, Line, Out, Why};
use super::wire::{self, Choice, Hello};
use crate::command::logins::Barred;
use crate::domain::{Credential, Explain, Message};
use crate::lang;
use crate::tui::theme::Theme;
use crate::tui::{Lang, Setup};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, sync_channel};
use std::thread;
use std::time::Duration;

/// In the data folder.
const NAME: &str = "socket";
/// How long a client may take in all to say what it wants, and to hand over what a command reads.
const GREETING: Duration = Duration::from_secs(10);
const INPUT: Duration = Duration::from_secs(120);
/// How long the line may take for a frame, and an owner for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Where people find the socket.
pub fn socket_of(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// The way to the socket. A path in an address has little room, and a data folder may lie deep, so the folder is named by
/// its open descriptor; whoever holds the file keeps the name.
pub(super) struct SocketPath {
    _folder: std::fs::File,
    pub path: PathBuf,
}

pub(super) fn place(folder: &Path) -> io::Result<SocketPath> {
    use std::os::fd::AsRawFd;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(folder)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{NAME}", file.as_raw_fd()));
    Ok(SocketPath { _folder: file, path })
}

/// The open listener. Closed when this is dropped, once the lines that are left have gone.
pub struct Listener {
    /// Keeps the name of the socket's folder.
    _folder: Option<std::fs::File>,
    path: PathBuf,
    listener: UnixListener,
    /// The socket is ours to take away.
    own: bool,
    ending: Arc<AtomicBool>,
    room: Arc<Budgets>,
    waiting: Option<thread::JoinHandle<()>>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // Wakes whoever waits for the next line. Not by knocking: the folder, and the socket in it, may be gone.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
        if self.own {
            let _ = std::fs::remove_file(&self.path);
        }
        let _ = self.waiting.take().map(thread::JoinHandle::join);
        for _ in 0..100 {
            if self.room.is_empty() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Lets lines in through the folder's own socket. The caller owns the folder, so a socket that lies there is nobody's.
///
/// Errors: the socket cannot be made (a file system without them).
pub fn open(manager: Arc<SessionManager>, folder: &Path) -> io::Result<Listener> {
    let place = place(folder)?;
    let listener = bind(&place.path, 0o600)?;
    listen(manager, listener, place.path, Some(place._folder), true)
}

/// Lets lines in through a second socket, for other users of this machine; whoever is in its group may knock.
///
/// Errors: the socket cannot be made, or somebody else listens there.
pub fn open_beside(manager: Arc<SessionManager>, path: &Path) -> io::Result<Listener> {
    if UnixStream::connect(path).is_ok() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    let listener = bind(path, 0o660)?;
    listen(manager, listener, path.to_owned(), None, true)
}

/// The same with a socket that the system has made and handed over.
///
/// Errors: it is no socket with a name.
pub fn open_given(manager: Arc<SessionManager>, listener: UnixListener) -> io::Result<Listener> {
    let path = listener.local_addr()?.as_pathname().map(Path::to_owned).ok_or(io::ErrorKind::InvalidInput)?;
    listener.set_nonblocking(false)?;
    listen(manager, listener, path, None, false)
}

fn bind(path: &Path, mode: u32) -> io::Result<UnixListener> {
    match std::fs::symlink_metadata(path) {
        // Left by a process that was killed.
        Ok(found) if found.file_type().is_socket() => std::fs::remove_file(path)?,
        // A file of somebody's, a folder, a link to who knows where.
        Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    Ok(listener)
}

fn listen(
    manager: Arc<SessionManager>,
    listener: UnixListener,
    path: PathBuf,
    folder: Option<std::fs::File>,
    own: bool,
) -> io::Result<Listener> {
    let ending = Arc::new(AtomicBool::new(false));
    let room = Arc::new(Budgets::default());
    let (reported, shared, ours) = (ending.clone(), room.clone(), listener.try_clone()?);
    let waiting = thread::Builder::new().name("listener".into()).spawn(move || {
        for stream in listener.incoming() {
            if reported.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else {
                // Out of descriptors, most likely: a moment later one may be free.
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            // The system says who it is before they have said a word.
            let Ok(peer) = rustix::net::sockopt::socket_peercred(&stream) else { continue };
            let uid = peer.uid.as_raw();
            let known = manager.knows_user(uid);
            let most = match known {
                Ok(Known::Many) => LINES_OF_MANY_MAX,
                Ok(Known::One) => LINES_OF_ONE_MAX,
                Err(_) => LINES_OF_STRANGER_MAX,
            };
            let Some(place) = shared.lines.take(uid, 1, most) else {
                turn_away(stream, known.is_ok());
                continue;
            };
            let (manager, room) = (manager.clone(), shared.clone());
            // Where no thread is to be had, the place goes with what was to run on it.
            let _ = thread::Builder::new().name("line".into()).spawn(move || {
                // What a client sends, however strange, ends its own line alone.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match known {
                    Ok(known) => {
                        let is_many = known == Known::Many;
                        let_in(&manager, stream, HeldPlace { room: &room, uid, is_many, place: Some(place) })
                    }
                    Err(barred) => refuse_unheard(&manager, stream, uid, barred),
                }));
            });
        }
    })?;
    Ok(Listener { _folder: folder, path, listener: ours, own, ending, room, waiting: Some(waiting) })
}

/// There is no place: said without waiting for anybody, where it is somebody who might have had one.
fn turn_away(mut stream: UnixStream, known: bool) {
    if known && stream.set_nonblocking(true).is_ok() {
        let _ = refuse_in_both(&mut stream, &Message::new("serve.no_room"));
    }
}

/// A user who has nothing to do here is told so, and nothing of theirs is read.
fn refuse_unheard(manager: &SessionManager, mut stream: UnixStream, uid: u32, barred: Barred) -> io::Result<()> {
    let credential = Credential::Uid(uid);
    let caller = Caller {
        credential,
        credential_text: format!("uid {uid}"),
        address: None,
        named: None,
        login: String::new(),
        afar: false,
        owns_folder: false,
    };
    manager.refuse(&caller, barred);
    stream.set_write_timeout(Some(GREETING))?;
    refuse_in_both(&mut stream, &barred.explain())
}

/// In which language is not known yet.
fn refuse_in_both(stream: &mut UnixStream, why: &Message) -> io::Result<()> {
    let both = [Lang::Zh, Lang::En].map(|lang| lang::say(why, lang));
    wire::write(stream, wire::TEXT, both.join("\n").as_bytes())?;
    wire::write(stream, wire::END, &[1])
}

/// Reads until a moment, however the bytes trickle in.
struct Until<'s> {
    stream: &'s UnixStream,
    until: std::time::Instant,
}

impl io::Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(std::time::Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        io::Read::read(&mut &*self.stream, buffer)
    }
}

fn let_in(manager: &Arc<SessionManager>, mut stream: UnixStream, mut place: HeldPlace<'_>) -> io::Result<()> {
    let uid = place.uid;
    stream.set_write_timeout(Some(PATIENCE))?;
    let greeting =
        wire::read(&mut Until { stream: &stream, until: std::time::Instant::now() + GREETING }, wire::FROM_CLIENT_MAX);
    let (letter, bytes) = match greeting? {
        Some(first) => first,
        None => return Ok(()),
    };
    if letter == wire::REMOTE_COMMAND {
        return remote_command(manager, &mut stream, &mut place, &bytes);
    }
    if letter != wire::HELLO {
        return Ok(());
    }
    // Of another release, most likely.
    let Ok(hello) = serde_json::from_slice::<Hello>(&bytes) else {
        return refuse_in_both(&mut stream, &Message::new("serve.other_version"));
    };
    let lang = tongue(manager, &hello.lang);
    if hello.version != wire::VERSION {
        return refuse(&mut stream, lang, &Message::new("serve.other_version"));
    }
    let caller = caller(manager, uid, (hello.user.clone(), hello.login), hello.address, hello.address.is_some());
    let officer = match manager.admit(&caller) {
        Ok(officer) => officer,
        Err(why) => return refuse(&mut stream, lang, &why),
    };
    let setup = Setup { lang, theme: Theme { colour: hello.colour, ..Theme::default() }, size: hello.size };
    let session = match manager.session(officer, &caller, hello.wanted, setup) {
        Given::Session(session) => session,
        Given::Refused(why) => return refuse(&mut stream, lang, &why),
        Given::Several(seen) => {
            let choices: Vec<Choice> = seen
                .into_iter()
                .map(|s| Choice { number: s.id, begun: s.begun, title: s.title, attached: s.attached })
                .collect();
            return wire::write_value(&mut stream, wire::CHOOSE, &choices);
        }
    };
    let id = manager.number();
    // Budgets for a frame on its way, what gives the terminal back, and the last word.
    let (out, frames) = sync_channel(4);
    let out = Box::new(move |what| out.try_send(what).is_ok());
    let feeder = Feeder { events: session.events.clone(), line: id, waiting: Arc::default() };
    let line = Line { id, size: hello.size, shown: hello.shown, out, waiting: feeder.waiting.clone() };
    // The client hears that it is attached before the first frame: nobody writes to the stream but us until then.
    let writer = stream.try_clone()?;
    if let Err(why) = manager.attach(&session, line, officer, &caller) {
        return refuse(&mut stream, lang, &why);
    }
    let sent = session.events.clone();
    let spawned = wire::write(&mut stream, wire::ATTACHED, &[]).and_then(|()| {
        thread::Builder::new().name("frames".into()).spawn(move || write_all(writer, &frames, &sent, id, lang))
    });
    let why = match spawned {
        Ok(writing) => {
            stream.set_read_timeout(None)?;
            let _ = read_all(&mut stream, &feeder);
            // The session hears it first, so that a writer who waits for the next frame is let go.
            let _ = session.events.send(Event::Gone(id));
            writing.join().unwrap_or(Why::Line)
        }
        Err(_) => Why::Line,
    };
    manager.gone(id, why);
    Ok(())
}

/// Does a command for a client, gives its place back, and sends its lines.
fn remote_command(
    manager: &SessionManager,
    stream: &mut UnixStream,
    place: &mut HeldPlace<'_>,
    bytes: &[u8],
) -> io::Result<()> {
    let uid = place.uid;
    let Ok(mut remote_command) = serde_json::from_slice::<wire::RemoteCommand>(bytes) else {
        return refuse_in_both(stream, &Message::new("serve.other_version"));
    };
    if remote_command.version != wire::VERSION {
        return refuse(stream, Lang::Zh, &Message::new("serve.other_version"));
    }
    let lang = tongue(manager, &remote_command.lang);
    let names = (remote_command.user.clone(), remote_command.login.clone());
    let caller = caller(manager, uid, names, remote_command.address, remote_command.afar);
    let by = match manager.whose(&caller, &remote_command) {
        Ok(by) => by,
        Err(why) => return refuse(stream, lang, &why),
    };
    if remote_command.reads_input {
        let until = std::time::Instant::now() + INPUT;
        match wire::read(&mut Until { stream, until }, wire::INPUT_MAX)? {
            Some((wire::INPUT, bytes)) => remote_command.input = Some(bytes),
            _ => return Ok(()),
        }
    }
    let mut answer = Vec::new();
    let code = manager.run(by, &remote_command, &mut |printed| {
        // Into memory: nothing goes wrong there.
        let _ = match &printed {
            Printed::Line(line) => wire::write(&mut answer, wire::LINE, line.as_bytes()),
            Printed::Error(line) => wire::write(&mut answer, wire::ERROR_LINE, line.as_bytes()),
            Printed::Bytes(bytes) => {
                bytes.chunks(wire::BYTES_MAX).try_for_each(|part| wire::write(&mut answer, wire::BYTES, part))
            }
        };
    });
    let _ = wire::write(&mut answer, wire::END, &[code]);
    let _unread = place.give_back(answer.len());
    io::Write::write_all(stream, &answer)
}

/// Who is at the other end, by the system's word; an address only where the program there may name users.
fn caller(
    manager: &SessionManager,
    uid: u32,
    (named, login): (Option<String>, String),
    address: Option<std::net::IpAddr>,
    afar: bool,
) -> Caller {
    let address = address.filter(|_| manager.is_gateway(uid));
    let owns_folder = uid == rustix::process::getuid().as_raw();
    Caller {
        credential: Credential::Uid(uid),
        credential_text: format!("uid {uid}"),
        address,
        named,
        login,
        afar,
        owns_folder,
    }
}

/// The language that a client said, else the bureau's.
fn tongue(manager: &SessionManager, code: &str) -> Lang {
    Lang::from_code(code).or_else(|| manager.lang()).unwrap_or_default()
}

fn refuse(stream: &mut UnixStream, lang: Lang, why: &Message) -> io::Result<()> {
    wire::write(stream, wire::TEXT, lang::say(why, lang).as_bytes())?;
    wire::write(stream, wire::END, &[1])
}

fn read_all(stream: &mut UnixStream, feeder: &Feeder) -> io::Result<()> {
    while let Some((letter, bytes)) = wire::read(stream, wire::FROM_CLIENT_MAX)? {
        let taken = match (letter, bytes.as_slice()) {
            (wire::KEYS, _) => {
                while !feeder.has_room() {
                    thread::sleep(Duration::from_millis(5));
                }
                feeder.feed(bytes)
            }
            (wire::SIZE, [a, b, c, d]) => {
                let (cols, rows) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
                feeder.events.send(Event::Resize(feeder.line, cols, rows)).is_ok()
            }
            _ => return Ok(()),
        };
        if !taken {
            return Ok(());
        }
    }
    Ok(())
}

fn write_all(mut stream: UnixStream, frames: &Receiver<Out>, to: &Sender<Event>, id: u64, lang: Lang) -> Why {
    let mut over = Why::Line;
    for out in frames {
        let written = match out {
            Out::Frame(bytes) => wire::write(&mut stream, wire::FRAME, &bytes).map(|()| drop(to.send(Event::Sent(id)))),
            Out::Over { said, again, why } => {
                over = why;
                let text = said.map(|said| lang::say(&said, lang)).unwrap_or_default();
                let reported = match text.as_str() {
                    "" => Ok(()),
                    text => wire::write(&mut stream, wire::TEXT, text.as_bytes()),
                };
                let _ =
                    reported.and_then(|()| wire::write(&mut stream, wire::END, &[if again { wire::AGAIN } else { 0 }]));
                break;
            }
        };
        if written.is_err() {
            break;
        }
    }
    // Wakes the reader too.
    let _ = stream.shutdown(std::net::Shutdown::Both);
    over
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn only_a_socket_is_taken_away_as_one_that_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        drop(bind(&path, 0o600).unwrap());
        drop(bind(&path, 0o600).unwrap());
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "somebody's").unwrap();
        assert_eq!(bind(&path, 0o600).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "somebody's");
        std::fs::remove_file(&path).unwrap();
        // A link leads anywhere, to a socket too.
        let elsewhere = folder.path().join("elsewhere");
        drop(bind(&elsewhere, 0o600).unwrap());
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(bind(&path, 0o600).is_err());
        assert!(elsewhere.exists());
    }

    #[test]
    fn a_greeting_ends_at_its_moment_however_it_trickles_in() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(b"H").unwrap();
        let past = std::time::Instant::now();
        let mut until = Until { stream: &ours, until: past };
        assert_eq!(until.read(&mut [0; 1]).unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut until = Until { stream: &ours, until: past + Duration::from_secs(60) };
        assert_eq!(until.read(&mut [0; 1]).unwrap(), 1);
    }
}
