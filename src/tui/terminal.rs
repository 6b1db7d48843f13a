//! The one file that knows a real terminal: it lends it to an [`App`] and gives it back, however the session ends.
//!
//! Two threads only wait: one in `read` on the terminal, one for signals; both send to the session's thread, which
//! sleeps until something comes or is due. A terminal that has gone away ends the `read` (with nothing, or an error),
//! even where no SIGHUP comes because the program is not the session's leader; so a lost line is always noticed and
//! nothing ever spins.

use super::app::{App, CLOSING, News, OPENING};
use super::linear::ShownAs;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode, window_size};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
use signal_hook::iterator::Signals;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// How a session on the terminal ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// The person left.
    Left,
    /// The terminal went away; what was typed is safe.
    LineLost,
    /// The program was told to end by this signal; what was typed is safe.
    Signalled(i32),
}

enum Event {
    Bytes(Vec<u8>),
    Signal(i32),
    Gone,
    /// From a session that runs elsewhere.
    Received(Received),
    /// Somebody kept something.
    News,
}

/// A screen that is due again and again never takes more than one turn in so long.
const SHORTEST_SLEEP: Duration = Duration::from_millis(5);

/// The terminal's columns and rows, for [`super::Setup`]; 80 × 24 when it can't be told.
pub fn size() -> (u16, u16) {
    window_size().map_or((80, 24), |size| super::app::usable((size.columns, size.rows)))
}

/// Whether there is a terminal to draw on at all.
pub fn is_there() -> bool {
    io::stdout().is_terminal() && (io::stdin().is_terminal() || File::open("/dev/tty").is_ok())
}

/// What whoever wants lines gets here: a terminal that is asked for every key shows none by itself.
pub fn lines() -> ShownAs {
    ShownAs::Lines { echoes: io::stdin().is_terminal() }
}

/// Runs the session until it ends. The terminal is restored on every way out: return, error, panic, signal.
pub fn run(app: &mut App, shown: ShownAs) -> io::Result<Ended> {
    let (sender, events) = sync_channel(64);
    let guard = Guard::take(shown)?;
    app.show_as(shown);
    listen(sender, shown)?;
    let ended = turn(app, &events, &mut io::stdout());
    if matches!(ended, Ok(Ended::LineLost | Ended::Signalled(_)) | Err(_)) {
        app.leave();
    }
    drop(guard);
    ended
}

/// How a session elsewhere, shown on this terminal, ended for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relayed {
    /// The other side said that it is over.
    Over,
    /// The other side is gone without a word.
    Lost,
    /// This terminal went away, or the program was told to end. The session waits.
    LineLost,
}

/// What comes from the other side.
pub enum Received {
    Frame(Vec<u8>),
    Over,
    Lost,
}

/// Shows a session that runs elsewhere: keys and sizes go there through `send`, `receive` waits for what comes from
/// there. The terminal is restored on every way out.
///
/// Line by line, the end of what is typed is sent as no bytes at all, and what is said to it is waited for.
pub fn relay(
    shown: ShownAs,
    mut send: impl FnMut(Result<&[u8], (u16, u16)>) -> io::Result<()>,
    mut receive: impl FnMut() -> Received + Send + 'static,
) -> io::Result<Relayed> {
    let (sender, events) = sync_channel(64);
    let guard = Guard::take(shown)?;
    let from_there = sender.clone();
    listen(sender, shown)?;
    thread::Builder::new().name("frames".into()).spawn(move || {
        loop {
            let came = receive();
            let last = !matches!(came, Received::Frame(_));
            if from_there.send(Event::Received(came)).is_err() || last {
                return;
            }
        }
    })?;
    let mut out = io::stdout();
    let ended = loop {
        let Ok(event) = events.recv() else { break Relayed::LineLost };
        let done = match event {
            Event::Bytes(bytes) => send(Ok(&bytes)).err().map(|_| Relayed::Lost),
            Event::Signal(SIGWINCH | SIGCONT) => send(Err(size())).err().map(|_| Relayed::Lost),
            Event::Gone if shown != ShownAs::Screens => send(Ok(&[])).err().map(|_| Relayed::Lost),
            Event::Signal(_) | Event::Gone => Some(Relayed::LineLost),
            Event::News => None,
            Event::Received(Received::Frame(frame)) => {
                // The other side goes from screens to lines, and back, by the same bytes.
                let has = |bytes: &[u8]| frame.windows(bytes.len()).rposition(|part| part == bytes);
                match (has(b"\x1b[?1049h"), has(b"\x1b[?1049l")) {
                    (None, None) => {}
                    (drawn, given_back) => DRAWS.store(drawn > given_back, Ordering::SeqCst),
                }
                out.write_all(&frame).and_then(|()| out.flush()).err().map(|_| Relayed::LineLost)
            }
            Event::Received(Received::Over) => Some(Relayed::Over),
            Event::Received(Received::Lost) => Some(Relayed::Lost),
        };
        if let Some(ended) = done {
            break ended;
        }
    };
    drop(guard);
    Ok(ended)
}

fn turn(app: &mut App, events: &Receiver<Event>, out: &mut impl Write) -> io::Result<Ended> {
    let start = Instant::now();
    let now = || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut news = News::default();
    loop {
        let frame = app.frame();
        // Somebody may have gone from screens to lines, or back.
        DRAWS.store(!app.is_linear(), Ordering::SeqCst);
        if !frame.is_empty() && out.write_all(&frame).and_then(|()| out.flush()).is_err() {
            return Ok(Ended::LineLost);
        }
        if app.is_over() {
            return Ok(Ended::Left);
        }
        let first = match [app.deadline(), news.due()].into_iter().flatten().min() {
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => {
                let sleep = Duration::from_millis(due.saturating_sub(now())).max(SHORTEST_SLEEP);
                events.recv_timeout(sleep)
            }
        };
        let mut event = match first {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(Ended::LineLost),
        };
        // Whatever else has come is taken before a frame is drawn.
        while let Some(taken) = event {
            match taken {
                Event::Bytes(bytes) => app.feed(&bytes, now()),
                Event::Gone => {
                    // Behind the last line of a pipe there is still what is said to it.
                    if app.is_linear() {
                        let _ = out.write_all(&app.frame()).and_then(|()| out.flush());
                    }
                    return Ok(Ended::LineLost);
                }
                Event::Signal(SIGWINCH) => {
                    let (cols, rows) = size();
                    app.resize(cols, rows);
                }
                Event::Signal(SIGCONT) if app.is_linear() => app.redraw(),
                Event::Signal(SIGCONT) => {
                    if out.write_all(OPENING).is_err() {
                        return Ok(Ended::LineLost);
                    }
                    app.redraw();
                }
                Event::Signal(SIGHUP) => return Ok(Ended::LineLost),
                Event::Signal(signal) => return Ok(Ended::Signalled(signal)),
                Event::News => news.heard(now()),
                Event::Received(_) => {}
            }
            event = events.try_recv().ok();
        }
        app.tick(now());
        if news.is_due(now()) {
            app.news();
        }
    }
}

/// Says that somebody kept something, to the session on this terminal. Never waits.
pub fn news() {
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(listener) = listener {
        let _ = listener.try_send(Event::News);
    }
}

/// Whom the two waiting threads tell. One session follows another on the same terminal (its owner has gone, and it opens
/// the folder itself), and a thread that sits in `read` can't be called back: so there is one of each, and they tell
/// whoever is there.
static LISTENER: Mutex<Option<SyncSender<Event>>> = Mutex::new(None);
static WAITING: AtomicBool = AtomicBool::new(false);

/// Has the two threads that wait tell this session; starts them the first time. They live as long as the process.
fn listen(sender: SyncSender<Event>, shown: ShownAs) -> io::Result<()> {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
    if WAITING.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    let mut signals = Signals::new([SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            tell(Event::Signal(signal));
        }
    })?;
    let from_stdin = io::stdin().is_terminal() || shown != ShownAs::Screens;
    let mut input: Box<dyn Read + Send> =
        if from_stdin { Box::new(io::stdin()) } else { Box::new(File::open("/dev/tty")?) };
    thread::Builder::new().name("keys".into()).spawn(move || {
        let mut bytes = [0; 4096];
        loop {
            let event = match input.read(&mut bytes) {
                Ok(0) => Event::Gone,
                Ok(n) => Event::Bytes(bytes[..n].to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Event::Gone,
            };
            let gone = matches!(event, Event::Gone);
            tell(event);
            if gone {
                return;
            }
        }
    })?;
    Ok(())
}

/// Tells the session that is there; between two of them it waits for the next, so that no key is lost.
fn tell(mut event: Event) {
    loop {
        let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner).clone();
        event = match listener {
            Some(listener) => match listener.send(event) {
                Ok(()) => return,
                Err(unsent) => unsent.0,
            },
            None => event,
        };
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether anything is drawn there, and whether it is a terminal at all.
static DRAWS: AtomicBool = AtomicBool::new(true);
static IS_RAW: AtomicBool = AtomicBool::new(true);

/// Whether the terminal is ours now. Whoever takes it back first restores it, and nobody does so twice.
static LENT: AtomicBool = AtomicBool::new(false);
/// The session's thread: a panic elsewhere, caught elsewhere, leaves the screen alone.
static SESSION: Mutex<Option<ThreadId>> = Mutex::new(None);
/// What other threads' panics said while the screen was in use; printed when it is free.
static UNSAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

struct Guard;

impl Guard {
    fn take(shown: ShownAs) -> io::Result<Guard> {
        hook_panics();
        *SESSION.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        // A pipe has no mode.
        let is_raw = shown != (ShownAs::Lines { echoes: false });
        if is_raw {
            enable_raw_mode()?;
        }
        IS_RAW.store(is_raw, Ordering::SeqCst);
        DRAWS.store(shown == ShownAs::Screens, Ordering::SeqCst);
        LENT.store(true, Ordering::SeqCst);
        let guard = Guard;
        if shown != ShownAs::Screens {
            return Ok(guard);
        }
        let mut out = io::stdout();
        out.write_all(OPENING)?;
        out.flush()?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    if !LENT.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // The terminal may be gone; there is nobody to tell.
    let closing: &[u8] = match (DRAWS.load(Ordering::SeqCst), IS_RAW.load(Ordering::SeqCst)) {
        (true, _) => CLOSING,
        (false, true) => b"\r\n",
        (false, false) => b"",
    };
    let _ = out.write_all(closing).and_then(|()| out.flush());
    let _ = disable_raw_mode();
    let unsaid = std::mem::take(&mut *UNSAID.lock().unwrap_or_else(PoisonError::into_inner));
    for said in unsaid {
        let _ = writeln!(io::stderr(), "{said}");
    }
}

fn hook_panics() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let session = *SESSION.lock().unwrap_or_else(PoisonError::into_inner);
            if crate::command::is_expected_panic() {
                return;
            }
            if LENT.load(Ordering::SeqCst) && session != Some(thread::current().id()) {
                let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
                // What it says may hold what somebody typed.
                UNSAID.lock().unwrap_or_else(PoisonError::into_inner).push(format!("dossier: {place}"));
                return;
            }
            give_back();
            before(info);
        }));
    });
}
