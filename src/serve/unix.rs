//! The socket in the data folder: whoever may open the folder may attach to its owner. The system says who is at the other
//! end; a stranger's process is told so and hears nothing else.

use super::house::{Given, House, Wanted};
use super::session::{Event, Line, Out};
use super::wire::{self, Choice, Hello};
use crate::domain::{Explain, Message, OfficerId};
use crate::lang;
use crate::tui::theme::Theme;
use crate::tui::{Lang, Setup, Words};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, sync_channel};
use std::thread;
use std::time::Duration;

/// In the data folder.
const NAME: &str = "socket";
/// The most connections at once; the next one is closed.
const LINES_MAX: usize = 300;
/// How long a client may take to say what it wants, and the line to take a frame.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program's sentences, for sessions and for what is said around them.
#[derive(Clone, Copy)]
pub struct Spoken;

impl Words for Spoken {
    fn say(&self, lang: Lang, message: &Message) -> String {
        lang::say(message, own(lang))
    }
}

fn own(lang: Lang) -> lang::Lang {
    match lang {
        Lang::Zh => lang::Lang::Zh,
        Lang::En => lang::Lang::En,
    }
}

/// The way to the socket. A path in an address has little room, and a data folder may lie deep, so the folder is named by
/// its open descriptor; whoever holds the file keeps the name.
struct Place {
    _folder: std::fs::File,
    path: PathBuf,
}

fn place(folder: &Path) -> io::Result<Place> {
    use std::os::fd::AsRawFd;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY).open(folder)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{NAME}", file.as_raw_fd()));
    Ok(Place { _folder: file, path })
}

/// The open door. Closed when this is dropped, once the lines that are left have gone.
pub struct Door {
    place: Place,
    ending: Arc<AtomicBool>,
    lines: Arc<AtomicUsize>,
    waiting: Option<thread::JoinHandle<()>>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // Wakes whoever waits for the next line.
        drop(UnixStream::connect(&self.place.path));
        let _ = std::fs::remove_file(&self.place.path);
        let _ = self.waiting.take().map(thread::JoinHandle::join);
        for _ in 0..100 {
            if self.lines.load(Ordering::SeqCst) == 0 {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Lets lines in. The caller owns the folder, so a socket that lies there is nobody's.
///
/// Errors: the socket cannot be made (a file system without them).
pub fn open(house: Arc<House>, folder: &Path) -> io::Result<Door> {
    let place = place(folder)?;
    match std::fs::remove_file(&place.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&place.path)?;
    std::fs::set_permissions(&place.path, std::fs::Permissions::from_mode(0o600))?;
    let ending = Arc::new(AtomicBool::new(false));
    let lines = Arc::new(AtomicUsize::new(0));
    let (told, counted) = (ending.clone(), lines.clone());
    let waiting = thread::Builder::new().name("door".into()).spawn(move || {
        for stream in listener.incoming() {
            if told.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else {
                // Out of descriptors, most likely: a moment later one may be free.
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            if counted.fetch_add(1, Ordering::SeqCst) >= LINES_MAX {
                counted.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            let (house, lines) = (house.clone(), counted.clone());
            let spawned = thread::Builder::new().name("line".into()).spawn(move || {
                // What a client sends, however strange, ends its own line alone.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| let_in(&house, stream)));
                lines.fetch_sub(1, Ordering::SeqCst);
            });
            if spawned.is_err() {
                counted.fetch_sub(1, Ordering::SeqCst);
            }
        }
    })?;
    Ok(Door { place, ending, lines, waiting: Some(waiting) })
}

fn let_in(house: &Arc<House>, mut stream: UnixStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let (letter, bytes) = match wire::read(&mut stream, wire::ERRAND_MAX)? {
        Some(first) => first,
        None => return Ok(()),
    };
    if letter == wire::ERRAND {
        return errand(house, &mut stream, &bytes);
    }
    let Ok(hello) = serde_json::from_slice::<Hello>(&bytes) else { return Ok(()) };
    if letter != wire::HELLO {
        return Ok(());
    }
    let lang = if hello.lang == "en" { Lang::En } else { Lang::Zh };
    let officer = match admitted(house, &stream, &hello) {
        Ok(officer) => officer,
        Err(why) => return refuse(&mut stream, lang, &why),
    };
    let setup = Setup {
        words: Arc::new(Spoken),
        lang,
        theme: Theme { colour: hello.colour, ..Theme::default() },
        size: hello.size,
    };
    let session = match house.session(officer, hello.wanted, setup) {
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
    wire::write(&mut stream, wire::ATTACHED, &[])?;
    let id = house.number();
    // Room for a frame on its way, what gives the terminal back, and the last word.
    let (out, frames) = sync_channel(4);
    let writer = stream.try_clone()?;
    let sent = session.events.clone();
    let writing =
        thread::Builder::new().name("frames".into()).spawn(move || write_all(writer, &frames, &sent, id, lang))?;
    if house.attach(&session, Line { id, size: hello.size, out }) {
        stream.set_read_timeout(None)?;
        let _ = read_all(&mut stream, &session.events, id);
        let _ = session.events.send(Event::Gone(id));
    }
    let _ = writing.join();
    Ok(())
}

/// Does a command for a client and sends its lines.
fn errand(house: &House, stream: &mut UnixStream, bytes: &[u8]) -> io::Result<()> {
    let Ok(errand) = serde_json::from_slice::<wire::Errand>(bytes) else { return Ok(()) };
    if !is_own(stream) {
        return refuse(stream, Lang::Zh, &Message::new("serve.stranger"));
    }
    if errand.version != wire::VERSION {
        return refuse(stream, Lang::Zh, &Message::new("serve.other_version"));
    }
    let mut lost = None;
    let code = house.errand(&errand, &mut |error, line| {
        let letter = if error { wire::ERROR_LINE } else { wire::LINE };
        if lost.is_none() {
            lost = wire::write(stream, letter, line.as_bytes()).err();
        }
    });
    match lost {
        Some(why) => Err(why),
        None => wire::write(stream, wire::END, &[code]),
    }
}

/// Whether the same user is at the other end, by the system's word.
fn is_own(stream: &UnixStream) -> bool {
    let other = rustix::net::sockopt::socket_peercred(stream).map(|credentials| credentials.uid);
    other.ok() == Some(rustix::process::getuid())
}

fn refuse(stream: &mut UnixStream, lang: Lang, why: &Message) -> io::Result<()> {
    wire::write(stream, wire::TEXT, Spoken.say(lang, why).as_bytes())?;
    wire::write(stream, wire::END, &[1])
}

/// Who it is: whoever may open the folder may act as any officer in it, as at the folder itself. The system says whose the
/// process at the other end is.
fn admitted(house: &House, stream: &UnixStream, hello: &Hello) -> Result<OfficerId, Message> {
    if !is_own(stream) {
        return Err(Message::new("serve.stranger"));
    }
    if hello.version != wire::VERSION {
        return Err(Message::new("serve.other_version"));
    }
    let Some(name) = &hello.user else { return Ok(house.office().officer()) };
    let officers = house.office().officers().map_err(|failure| failure.explain())?;
    let found = officers.into_iter().find(|o| o.zh == *name || o.en == *name);
    found.map(|o| o.officer).ok_or_else(|| Message::new("command.no_such_officer").with("asked", name.as_str()))
}

fn read_all(stream: &mut UnixStream, to: &Sender<Event>, id: u64) -> io::Result<()> {
    while let Some((letter, bytes)) = wire::read(stream, wire::FROM_CLIENT_MAX)? {
        let event = match (letter, bytes.as_slice()) {
            (wire::KEYS, _) => Event::Bytes(id, bytes),
            (wire::SIZE, [a, b, c, d]) => Event::Resize(id, u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d])),
            _ => return Ok(()),
        };
        if to.send(event).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn write_all(mut stream: UnixStream, frames: &Receiver<Out>, to: &Sender<Event>, id: u64, lang: Lang) {
    for out in frames {
        let written = match out {
            Out::Frame(bytes) => wire::write(&mut stream, wire::FRAME, &bytes).map(|()| drop(to.send(Event::Sent(id)))),
            Out::Over { said, again } => {
                let text = said.map(|said| Spoken.say(lang, &said)).unwrap_or_default();
                let told = match text.as_str() {
                    "" => Ok(()),
                    text => wire::write(&mut stream, wire::TEXT, text.as_bytes()),
                };
                let _ = told.and_then(|()| wire::write(&mut stream, wire::END, &[if again { wire::AGAIN } else { 0 }]));
                break;
            }
        };
        if written.is_err() {
            break;
        }
    }
    // Wakes the reader too.
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

/// What the owner answered to a hello.
pub enum Answer {
    /// Attached: frames come on this stream.
    Attached(UnixStream),
    Choose(Vec<Choice>),
    /// The sentence that says why not.
    Refused(String),
}

/// Asks the owner of a folder for a session.
///
/// Errors: nobody listens there, or whoever does says nothing sensible.
pub fn ask(folder: &Path, hello: &Hello) -> io::Result<Answer> {
    let mut stream = UnixStream::connect(&place(folder)?.path)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    wire::write_value(&mut stream, wire::HELLO, hello)?;
    let strange = || io::Error::new(io::ErrorKind::InvalidData, "no answer that is understood");
    match wire::read(&mut stream, wire::FROM_OWNER_MAX)?.ok_or_else(strange)? {
        (wire::ATTACHED, _) => {
            stream.set_read_timeout(None)?;
            Ok(Answer::Attached(stream))
        }
        (wire::CHOOSE, list) => serde_json::from_slice(&list).map(Answer::Choose).map_err(|_| strange()),
        (wire::TEXT, text) => Ok(Answer::Refused(String::from_utf8_lossy(&text).into_owned())),
        _ => Err(strange()),
    }
}

/// Has the owner of a folder do a command; `line` gets its lines (`true`: an error). Its exit code.
///
/// Errors: nobody listens there, or the owner is gone before it is done.
pub fn send(folder: &Path, errand: &wire::Errand, mut line: impl FnMut(bool, &str)) -> io::Result<u8> {
    let mut stream = UnixStream::connect(&place(folder)?.path)?;
    wire::write_value(&mut stream, wire::ERRAND, errand)?;
    loop {
        match wire::read(&mut stream, wire::FROM_OWNER_MAX)? {
            Some((wire::LINE, text)) => line(false, &String::from_utf8_lossy(&text)),
            Some((wire::ERROR_LINE | wire::TEXT, text)) => line(true, &String::from_utf8_lossy(&text)),
            Some((wire::END, code)) => return Ok(code.first().copied().unwrap_or(1)),
            _ => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the owner is gone")),
        }
    }
}

/// A hello for these wishes.
pub fn hello(size: (u16, u16), lang: Lang, colour: bool, user: Option<String>, wanted: Wanted) -> Hello {
    let lang = if lang == Lang::Zh { "zh" } else { "en" }.to_owned();
    Hello { version: wire::VERSION, size, lang, colour, user, wanted }
}
