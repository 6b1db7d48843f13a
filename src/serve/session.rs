//! A session outlives its connection. Its own thread sleeps until bytes come or something is due; a line that is lost, or
//! never reads, costs nobody else anything, and whoever logs in again finds the same screen with the same half word.

use super::manager::Limits;
use crate::command::SessionContext;
use crate::domain::{Message, OfficerId, Stamp};
use crate::tui::App;
use crate::tui::app::{CLOSING, News, OPENING};
use crate::tui::linear::ShownAs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// One connection's side of a session: where its frames go.
pub struct Line {
    pub id: u64,
    pub size: (u16, u16),
    pub shown: ShownAs,
    /// Takes what is to be sent, without waiting; `false`: the line is gone. The next frame is made when this one has been
    /// sent ([`Event::Sent`]), so a slow line gets the latest and no backlog.
    pub out: Box<dyn Fn(Out) -> bool + Send>,
    /// Bytes that came over the line and were not taken yet.
    pub waiting: Arc<AtomicUsize>,
}

/// A line's way to its session: no more is on the way than a person can have typed or pasted.
pub struct Feeder {
    pub events: Sender<Event>,
    pub line: u64,
    pub waiting: Arc<AtomicUsize>,
}

/// The most bytes on the way.
const WAITING_MAX: usize = 256 << 10;

impl Feeder {
    /// Whether there is room for more.
    pub fn has_room(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) < WAITING_MAX
    }

    /// `false`: the session is over.
    pub fn feed(&self, bytes: Vec<u8>) -> bool {
        self.waiting.fetch_add(bytes.len(), Ordering::SeqCst);
        self.events.send(Event::Bytes(self.line, bytes)).is_ok()
    }
}

/// What a session sends to a line.
pub enum Out {
    Frame(Vec<u8>),
    /// Nothing comes after it; the sentence tells the person why, and the client whether to come back at once.
    Over {
        said: Option<Message>,
        again: bool,
        why: Why,
    },
}

/// Why a line has nothing more to do here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Whoever sat there left.
    Left,
    /// The same person sat down elsewhere.
    TakenOver,
    Idle,
    TooLong,
    /// They may not be here any more.
    Barred,
    OwnerEnds,
    Panicked,
    /// The line is lost.
    Line,
}

impl Why {
    /// What stands in the record.
    pub fn code(self) -> &'static str {
        match self {
            Why::Left => "left_screens",
            Why::TakenOver => "taken_over",
            Why::Idle => "idle",
            Why::TooLong => "too_long",
            Why::Barred => "barred",
            Why::OwnerEnds => "owner_ends",
            Why::Panicked => "panicked",
            Why::Line => "line",
        }
    }
}

/// What comes to a session. A line's number is with everything it sends: what an older one still says does not count.
pub enum Event {
    /// A line, and how whoever is at it came in.
    Attach(Line, SessionContext),
    Bytes(u64, Vec<u8>),
    Resize(u64, u16, u16),
    /// The frame was taken by the line.
    Sent(u64),
    /// The line is gone.
    Gone(u64),
    /// Whoever came by this line may not be here any more.
    Bar(u64, Message),
    /// Somebody kept something.
    News,
    /// The owner ends: what was typed is made safe first. Whether clients should look for the next owner.
    End {
        again: bool,
    },
}

/// What the session manager knows of a session without asking it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub id: u64,
    pub officer: OfficerId,
    pub begun: Stamp,
    /// The words at the top of its screen.
    pub title: String,
    pub attached: bool,
}

/// How to reach a session.
#[derive(Clone)]
pub struct Handle {
    pub events: Sender<Event>,
    seen: Arc<Mutex<Seen>>,
    /// News were told and not shown yet: more of them say nothing more.
    news_wait: Arc<AtomicBool>,
}

impl Handle {
    pub fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }

    /// Tells it that somebody kept something. However often, it wakes once.
    pub fn tell_news(&self) {
        if !self.news_wait.swap(true, Ordering::SeqCst) {
            let _ = self.events.send(Event::News);
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Told how whoever sits down came in, before anything of theirs is done.
/// Answers whether that is another way than before.
pub type Enter = Box<dyn Fn(SessionContext) -> bool + Send>;

/// A head for whoever leaves, to be kept.
pub type LastWord = Box<dyn Fn() -> Option<Message> + Send>;

/// What a session has of the store it sits at.
pub struct Store {
    pub enter: Enter,
    pub last_word: LastWord,
}

/// Starts a session on its own thread. `ended` is called there when it is over, however it ended.
///
/// Errors: no thread is to be had.
pub fn start(
    app: App,
    seen: Seen,
    limits: Limits,
    store: Store,
    ended: impl FnOnce(u64) + Send + 'static,
) -> std::io::Result<Handle> {
    let (events, comes) = channel();
    let id = seen.id;
    let seen = Arc::new(Mutex::new(seen));
    let own = seen.clone();
    let news_wait = Arc::new(AtomicBool::new(false));
    let waits = news_wait.clone();
    thread::Builder::new().name(format!("session {id}")).spawn(move || {
        let mut session = Session {
            app,
            seen: own,
            limits,
            store,
            line: None,
            began: Instant::now(),
            last_key: 0,
            alone_since: 0,
            news: News::default(),
            news_wait: waits,
        };
        let over = catch_unwind(AssertUnwindSafe(|| session.run(&comes)));
        if over.is_err() {
            // What was answered is on disk; the half word in the field may be lost. The other sessions go on.
            session.finish(Some(Message::new("serve.panicked")), false, Why::Panicked);
        }
        // Its hold on the store goes first: who waits for the end of the last session closes the store then.
        drop(session);
        ended(id);
    })?;
    Ok(Handle { events, seen, news_wait })
}

struct Session {
    app: App,
    seen: Arc<Mutex<Seen>>,
    limits: Limits,
    store: Store,
    line: Option<Busy>,
    began: Instant,
    /// When a key last came, and since when nobody is attached, in milliseconds since the session began.
    last_key: u64,
    alone_since: u64,
    news: News,
    news_wait: Arc<AtomicBool>,
}

struct Busy {
    line: Line,
    /// A frame is on its way.
    sending: bool,
}

impl Session {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn run(&mut self, comes: &Receiver<Event>) {
        loop {
            self.send_frame(Vec::new());
            if self.app.is_over() {
                return self.finish(None, false, Why::Left);
            }
            let now = self.now();
            if let Some(why) = self.overdue(now) {
                match why {
                    Overdue::Over(said) => {
                        self.app.leave();
                        return self.finish(Some(said), false, Why::TooLong);
                    }
                    Overdue::Idle(said) => self.let_go(Some(said), Why::Idle),
                }
                continue;
            }
            let first = match self.due() {
                None => comes.recv().map_err(|_| RecvTimeoutError::Disconnected),
                // A screen that is due again and again takes no more than one turn in so long.
                Some(due) => comes.recv_timeout(Duration::from_millis(due.saturating_sub(now).max(5))),
            };
            let mut event = match first {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Event::End { again: false }),
            };
            // Whatever else has come is taken before a frame is drawn.
            while let Some(taken) = event {
                if let Event::End { again } = taken {
                    self.app.leave();
                    return self.finish(Some(Message::new("serve.owner_ends")), again, Why::OwnerEnds);
                }
                self.take(taken);
                event = comes.try_recv().ok();
            }
            let now = self.now();
            self.app.tick(now);
            if self.news.is_due(now) {
                // Before it is read again, so that what is kept meanwhile is told once more.
                self.news_wait.store(false, Ordering::SeqCst);
                self.app.news();
            }
        }
    }

    fn take(&mut self, event: Event) {
        let from = |line: &Option<Busy>, id: u64| line.as_ref().is_some_and(|busy| busy.line.id == id);
        match event {
            Event::Attach(line, context) => {
                self.let_go(Some(Message::new("serve.taken_over")), Why::TakenOver);
                if (self.store.enter)(context) {
                    self.app.came_in();
                }
                self.app.resize(line.size.0, line.size.1);
                self.app.show_as(line.shown);
                self.line = Some(Busy { line, sending: false });
                self.last_key = self.now();
                lock(&self.seen).attached = true;
                self.send_frame(if self.app.is_linear() { Vec::new() } else { OPENING.to_vec() });
            }
            Event::Bytes(id, bytes) if from(&self.line, id) => {
                let now = self.now();
                self.last_key = now;
                if let Some(busy) = &self.line {
                    let less = |waiting: usize| Some(waiting.saturating_sub(bytes.len()));
                    let _ = busy.line.waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
                }
                self.app.feed(&bytes, now);
            }
            Event::Resize(id, cols, rows) if from(&self.line, id) => self.app.resize(cols, rows),
            Event::Sent(id) if from(&self.line, id) => {
                if let Some(busy) = &mut self.line {
                    busy.sending = false;
                }
            }
            Event::Gone(id) if from(&self.line, id) => self.let_go(None, Why::Line),
            Event::Bar(id, said) if from(&self.line, id) => self.let_go(Some(said), Why::Barred),
            // Of a line that was let go.
            Event::Bytes(..)
            | Event::Resize(..)
            | Event::Sent(_)
            | Event::Gone(_)
            | Event::Bar(..)
            | Event::End { .. } => {}
            Event::News => {
                let now = self.now();
                self.news.heard(now);
            }
        }
    }

    /// Sends what has changed, behind `before`, if the line has taken the frame before.
    fn send_frame(&mut self, mut before: Vec<u8>) {
        let Some(busy) = self.line.as_mut().filter(|busy| !busy.sending) else { return };
        before.extend(self.app.frame());
        if before.is_empty() {
            return;
        }
        busy.sending = (busy.line.out)(Out::Frame(before));
        if !busy.sending {
            self.let_go(None, Why::Line);
        }
        let title = self.app.title();
        let mut seen = lock(&self.seen);
        if seen.title != title {
            seen.title = title;
        }
    }

    /// The line goes; the session stays, and makes safe what it holds.
    fn let_go(&mut self, said: Option<Message>, why: Why) {
        let Some(busy) = self.line.take() else { return };
        // What is drawn is given back; behind the last line of a pipe there is still what is said to it.
        let last = if self.app.is_linear() { self.app.frame() } else { CLOSING.to_vec() };
        self.app.leave();
        self.alone_since = self.now();
        lock(&self.seen).attached = false;
        // A frame may be on its way, and the line closes behind it all the same: its sender is dropped here.
        let out = &busy.line.out;
        let _ = (last.is_empty() || out(Out::Frame(last))) && out(Out::Over { said, again: false, why });
    }

    fn finish(&mut self, said: Option<Message>, again: bool, why: Why) {
        let Some(busy) = self.line.take() else { return };
        let said = match (said, (self.store.last_word)()) {
            (Some(said), Some(head)) => Some(Message::new("serve.and").with("one", said).with("other", head)),
            (one, other) => one.or(other),
        };
        let _ = (busy.line.out)(Out::Over { said, again, why });
    }

    /// When something happens without a key.
    fn due(&self) -> Option<u64> {
        let limit =
            |from: u64, limit: Duration| from.saturating_add(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        let lone = match self.line {
            Some(_) => limit(self.last_key, self.limits.idle),
            None => limit(self.alone_since, self.limits.linger),
        };
        // Nobody looks at a session without a line.
        let news = self.news.due().filter(|_| self.line.is_some());
        [Some(lone), Some(limit(0, self.limits.longest)), self.app.deadline(), news].into_iter().flatten().min()
    }

    fn overdue(&self, now: u64) -> Option<Overdue> {
        let past = |from: u64, limit: Duration| u128::from(now.saturating_sub(from)) >= limit.as_millis();
        if past(0, self.limits.longest) {
            return Some(Overdue::Over(Message::new("serve.too_long")));
        }
        match self.line {
            Some(_) if past(self.last_key, self.limits.idle) => Some(Overdue::Idle(Message::new("serve.idle"))),
            None if past(self.alone_since, self.limits.linger) => Some(Overdue::Over(Message::new("serve.lingered"))),
            _ => None,
        }
    }
}

enum Overdue {
    /// The session ends; its draft stays.
    Over(Message),
    /// The line is closed; the session waits for whoever logs in again.
    Idle(Message),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keymap::{Action, KeyScope};
    use crate::tui::page::Page;
    use crate::tui::screen::{Cx, Screen, Then};
    use crate::tui::{Lang, Setup, theme::Theme};
    use std::sync::mpsc::sync_channel;

    /// Writes down what is typed; `!` is more than it can bear.
    struct SheetScreen(String);
    impl Screen for SheetScreen {
        fn title(&self, _: &Cx) -> String {
            "sheet".into()
        }
        fn scopes(&self) -> &'static [KeyScope] {
            &[KeyScope::Lookup]
        }
        fn act(&mut self, _: Action, _: &Cx) -> Then {
            Then::Ignore
        }
        fn typed(&mut self, key: &crate::tui::key::Key, _: &Cx) -> Then {
            if let crate::tui::key::Key::Char(c) = key {
                assert!(*c != '!', "on purpose");
                self.0.push(*c);
            }
            Then::Stay
        }
        fn draw(&self, page: &mut Page<'_>) {
            page.put(0, 0, 80, &self.0, page.cx.theme.plain());
        }
    }

    fn limits(linger: u64, idle: u64, longest: u64) -> Limits {
        let ms = Duration::from_millis;
        Limits { linger: ms(linger), idle: ms(idle), longest: ms(longest) }
    }

    fn begin(limits: Limits) -> (Handle, Receiver<u64>) {
        let setup = Setup { lang: Lang::En, theme: Theme::default(), size: (80, 24) };
        let app = App::new(Box::new(SheetScreen(String::new())), setup);
        let seen = Seen { id: 1, officer: OfficerId([1; 16]), begun: Stamp(0), title: String::new(), attached: false };
        let (ended, ends) = channel();
        let handle =
            start(app, seen, limits, Store { enter: Box::new(|_| false), last_word: Box::new(|| None) }, move |id| {
                let _ = ended.send(id);
            })
            .unwrap();
        (handle, ends)
    }

    const LONG: u64 = 60_000;

    fn attach(handle: &Handle, id: u64) -> Receiver<Out> {
        let (out, frames) = sync_channel(4);
        let out = Box::new(move |what| out.try_send(what).is_ok());
        let line = Line { id, size: (80, 24), shown: ShownAs::Screens, out, waiting: Arc::default() };
        handle.events.send(Event::Attach(line, SessionContext::program("screens"))).unwrap();
        frames
    }

    /// Takes frames, saying so, until one holds the text.
    fn until(handle: &Handle, id: u64, frames: &Receiver<Out>, text: &str) {
        loop {
            match frames.recv_timeout(Duration::from_secs(20)).unwrap() {
                Out::Frame(frame) => {
                    handle.events.send(Event::Sent(id)).unwrap();
                    if String::from_utf8_lossy(&frame).contains(text) {
                        return;
                    }
                }
                Out::Over { .. } => panic!("over before {text}"),
            }
        }
    }

    fn over(frames: &Receiver<Out>) -> Option<&'static str> {
        loop {
            match frames.recv_timeout(Duration::from_secs(20)).unwrap() {
                Out::Frame(_) => {}
                Out::Over { said, .. } => return said.map(|said| said.key),
            }
        }
    }

    #[test]
    fn a_lost_line_leaves_the_session_and_the_next_one_gets_the_whole_screen() {
        let (handle, _ends) = begin(limits(LONG, LONG, LONG));
        let first = attach(&handle, 1);
        handle.events.send(Event::Bytes(1, b"half".to_vec())).unwrap();
        until(&handle, 1, &first, "half");
        handle.events.send(Event::Gone(1)).unwrap();
        let second = attach(&handle, 2);
        until(&handle, 2, &second, "half");
        // What the older line still has to say does not count.
        handle.events.send(Event::Bytes(1, b"X".to_vec())).unwrap();
        handle.events.send(Event::Gone(1)).unwrap();
        handle.events.send(Event::Bytes(2, b"way".to_vec())).unwrap();
        until(&handle, 2, &second, "way");
        assert!(handle.seen().attached);
    }

    #[test]
    fn the_newer_line_takes_over_and_the_older_is_told() {
        let (handle, _ends) = begin(limits(LONG, LONG, LONG));
        let first = attach(&handle, 1);
        let second = attach(&handle, 2);
        assert_eq!(over(&first), Some("serve.taken_over"));
        handle.events.send(Event::Bytes(2, b"on".to_vec())).unwrap();
        until(&handle, 2, &second, "on");
    }

    #[test]
    fn a_line_that_takes_no_frame_gets_the_latest_and_no_backlog() {
        let (handle, _ends) = begin(limits(LONG, LONG, LONG));
        let frames = attach(&handle, 1);
        for _ in 0..50 {
            handle.events.send(Event::Bytes(1, b"x".to_vec())).unwrap();
        }
        // One frame waits, and nothing behind it until it is taken.
        assert!(matches!(frames.recv_timeout(Duration::from_secs(20)).unwrap(), Out::Frame(_)));
        std::thread::sleep(Duration::from_millis(50));
        assert!(frames.try_recv().is_err());
        handle.events.send(Event::Sent(1)).unwrap();
        handle.events.send(Event::Bytes(1, b"END".to_vec())).unwrap();
        until(&handle, 1, &frames, "END");
    }

    #[test]
    fn nobody_for_long_ends_the_session_no_key_for_long_closes_the_line() {
        let (handle, ends) = begin(limits(30, LONG, LONG));
        assert_eq!(ends.recv_timeout(Duration::from_secs(20)), Ok(1));
        drop(handle);
        let (handle, ends) = begin(limits(LONG, 30, LONG));
        let frames = attach(&handle, 1);
        assert_eq!(over(&frames), Some("serve.idle"));
        assert!(!handle.seen().attached);
        let again = attach(&handle, 2);
        assert_eq!(over(&again), Some("serve.idle"), "it is the same session, and it waited");
        assert!(ends.try_recv().is_err());
        let (handle, ends) = begin(limits(LONG, LONG, 30));
        let frames = attach(&handle, 1);
        assert_eq!(over(&frames), Some("serve.too_long"));
        assert_eq!(ends.recv_timeout(Duration::from_secs(20)), Ok(1));
    }

    #[test]
    fn a_panic_ends_one_session_and_is_told() {
        let (handle, ends) = begin(limits(LONG, LONG, LONG));
        let (other, _others_end) = begin(limits(LONG, LONG, LONG));
        let (frames, others) = (attach(&handle, 1), attach(&other, 1));
        handle.events.send(Event::Bytes(1, b"!".to_vec())).unwrap();
        assert_eq!(over(&frames), Some("serve.panicked"));
        assert_eq!(ends.recv_timeout(Duration::from_secs(20)), Ok(1));
        other.events.send(Event::Bytes(1, b"on".to_vec())).unwrap();
        until(&other, 1, &others, "on");
    }
}
