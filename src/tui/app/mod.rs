//! One session: bytes in, frames out. A terminal, a socket, an SSH channel and a test drive it alike.
//!
//! ```text
//! feed(bytes) ─► keys ─► key table ─► action ─► top screen ─► what then ─► frame()
//! ```
//! A driver calls [`App::feed`] with whatever has come, then sends [`App::frame`] (empty when nothing changed), and
//! sleeps until [`App::deadline`] or the next bytes. However many keys came, one frame is drawn.

mod lines;

use super::confirming::Confirming;
use super::grid::Grid;
use super::input::Decoder;
use super::key::Key;
use super::keymap::{self, Action, KeyScope, Live};
use super::linear::{Linear, ShownAs};
use super::page::Page;
use super::screen::{Cx, Screen, Then};
use super::screens::clock::ClockQuestion;
use super::screens::closed::Closed;
use super::screens::glance::{self, Glance};
use super::screens::{help::Help, menu::Menu};
use super::theme::Theme;
use super::{text, widgets};
use crate::domain::Message;
use crate::lang::Lang;
use base64::Engine;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cell::RefCell;

/// When others' work is shown: soon, and at most so often, however busy they are.
#[derive(Clone, Copy, Default)]
pub struct News {
    shown: u64,
    due: Option<u64>,
}

impl News {
    /// Milliseconds between two looks.
    const APART: u64 = 2_000;

    /// Somebody kept something.
    pub fn heard(&mut self, now: u64) {
        let soonest = if self.shown == 0 { now } else { self.shown + News::APART };
        self.due = self.due.or(Some(now.max(soonest)));
    }

    pub fn due(&self) -> Option<u64> {
        self.due
    }

    /// Whether it is time; then it is done.
    pub fn is_due(&mut self, now: u64) -> bool {
        let is = self.due.is_some_and(|due| due <= now);
        if is {
            (self.shown, self.due) = (now.max(1), None);
        }
        is
    }
}

/// How a session begins.
pub struct Setup {
    pub lang: Lang,
    pub theme: Theme,
    /// Columns and rows as the client reports them; 0 × 0 is taken for 80 × 24.
    pub size: (u16, u16),
}

pub struct App {
    stack: Vec<Box<dyn Screen>>,
    decoder: Decoder,
    cx: Cx,
    size: (u16, u16),
    shown: Option<Grid>,
    message: Option<Message>,
    /// Something may look different from what is shown.
    stale: bool,
    /// A text on its way to the clipboard, with the next frame.
    copy: Option<String>,
    /// Ctrl-C was pressed once; a second one leaves.
    leaving: bool,
    /// Whether the next key may confirm what is asked.
    confirming: Confirming,
    /// The state of rights that the last key met.
    rights_state: Option<u64>,
    over: bool,
    /// Line by line, where that is asked for: nothing is drawn then.
    linear: Option<Linear>,
    /// What the terminal is to be told before the next frame.
    before_frame: &'static [u8],
    /// The rows of the key table that count for the scopes last asked for; every frame needs them.
    live: RefCell<(&'static [KeyScope], Vec<Live>)>,
}

/// What puts a terminal into the state the frames expect: alternate screen, marked pastes, the plain keypad, and no
/// mouse or focus reports, which a program that died may have left on.
pub const OPENING: &[u8] = b"\x1b[?1049h\x1b[?69l\x1b[r\x1b[?6l\x1b[4l\x1b(B\x1b)0\x0f\x1b[?5l\
\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\
\x1b[?1007l\x1b[20l\x1b F\x1b[?1l\x1b>\x1b[?2004h\x1b[?7h\x1b[m\x1b[2J";
/// What gives the terminal back, in the state in which a shell expects it: what ran before may have left margins, another
/// character set or a mouse behind, and nobody would know whose it was. The margins go while the other screen is still
/// shown, since taking them off moves the cursor.
pub const CLOSING: &[u8] = b"\x1b[?2026l\x1b[?2004l\x1b[?69l\x1b[r\x1b[?6l\x1b[4l\x1b(B\x1b)0\x0f\
\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\
\x1b[?1007l\x1b[20l\x1b[?1l\x1b>\x1b[?7h\x1b[m\x1b[?25h\x1b[?1049l";

/// No terminal is larger; a client that says so is not believed.
const SIDE_MAX: u16 = 500;

/// A size as a client reports it, made usable.
pub fn usable(size: (u16, u16)) -> (u16, u16) {
    match size {
        (0, _) | (_, 0) => (80, 24),
        (cols, rows) => (cols.min(SIDE_MAX), rows.min(SIDE_MAX)),
    }
}

impl App {
    pub fn new(mut first: Box<dyn Screen>, setup: Setup) -> App {
        let cx = Cx { lang: setup.lang, theme: setup.theme, at_ms: 0, lines: false };
        first.speak(&cx);
        let first_state = first.session().map(|session| session.office().people_state());
        App {
            stack: vec![first],
            decoder: Decoder::default(),
            cx,
            size: usable(setup.size),
            shown: None,
            message: None,
            stale: true,
            copy: None,
            leaving: false,
            confirming: Confirming::default(),
            rights_state: first_state,
            over: false,
            linear: None,
            before_frame: b"",
            live: RefCell::new((&[], keymap::live(&[]))),
        }
    }

    /// Puts sentences over the first screen that nobody may pass over.
    pub fn say_at_opening(&mut self, said: Vec<Message>) {
        self.stack.push(Box::new(Closed::at_opening(said)));
        self.stale = true;
    }

    /// Takes what the line brought. `at_ms` is any clock in milliseconds that never runs back.
    pub fn feed(&mut self, bytes: &[u8], at_ms: u64) {
        self.cx.at_ms = at_ms;
        for key in self.decoder.feed(bytes, at_ms) {
            self.take_key(&key);
        }
        self.keep_half();
    }

    /// Does what is due by the clock. Cheap when nothing is.
    pub fn tick(&mut self, at_ms: u64) {
        self.cx.at_ms = at_ms;
        for key in self.decoder.tick(at_ms) {
            self.take_key(&key);
        }
        if let Some(top) = self.stack.last_mut()
            && top.deadline().is_some_and(|due| due <= at_ms)
        {
            let before = (self.stack.len(), self.scopes());
            let Some(top) = self.stack.last_mut() else { return };
            let then = top.tick(&self.cx);
            self.follow(then, &Key::Unreadable);
            self.ask_about_clock();
            if before != (self.stack.len(), self.scopes()) {
                self.confirming.changed();
            }
        }
    }

    /// When [`Self::tick`] is next wanted; `None` while only a key can change anything.
    pub fn deadline(&self) -> Option<u64> {
        let screen = self.stack.last().and_then(|top| top.deadline());
        self.decoder.deadline().into_iter().chain(screen).min()
    }

    /// One key, already decoded.
    pub fn press(&mut self, key: &Key) {
        if self.over || self.shut_out() {
            return;
        }
        self.read_rights();
        if self.stale {
            // Keys come faster than frames are sent: pages and digits mean the lines that would stand there now, not those of the
            // frame before.
            let _ = self.draw();
        }
        if *key == Key::Unreadable {
            self.message = Some(Message::new("tui.bytes_unreadable"));
            self.stale = true;
            return;
        }
        let Some(top) = self.stack.last_mut() else { return };
        let action = keymap::action(top.scopes(), key);
        if self.message.take().is_some() {
            self.stale = true;
        }
        let again = std::mem::take(&mut self.leaving);
        let first = if matches!(action, Some(Action::Leave)) { None } else { top.before_key(key) };
        let for_good = action.is_some_and(|action| top.can(action) && top.confirms(action));
        let refused = action.and_then(|action| self.confirming.refuses(key, action, for_good, self.cx.at_ms));
        let before = (self.stack.len(), self.scopes());
        let then = match (first, refused, action) {
            (Some(then), ..) => then,
            (None, Some(why), _) => Then::Say(why),
            (None, None, Some(Action::Leave)) if again => Then::Quit,
            (None, None, Some(Action::Leave)) => {
                self.leaving = true;
                Then::Say(Message::new("tui.leave_again"))
            }
            (None, None, Some(action)) => self.act(action),
            (None, None, None) => self.typed(key),
        };
        self.follow(then, key);
        self.ask_about_clock();
        let changed = before != (self.stack.len(), self.scopes());
        self.confirming.pressed(key, changed, for_good || action == Some(Action::No));
    }

    /// Rights, units or settings have changed since the last key, and nobody has told us yet: what is shown is read again first,
    /// so that no key acts on what whoever sits here may not see any more.
    fn read_rights(&mut self) {
        let session = self.stack.iter().rev().find_map(|screen| screen.session());
        let state = session.map(|session| session.office().people_state());
        let known = std::mem::replace(&mut self.rights_state, state);
        if known.is_some() && known != state {
            self.news();
        }
    }

    fn typed(&mut self, key: &Key) -> Then {
        self.stack.last_mut().map_or(Then::Quit, |top| top.typed(key, &self.cx))
    }

    fn act(&mut self, action: Action) -> Then {
        let Some(top) = self.stack.last_mut() else { return Then::Quit };
        match action {
            Action::Help if !top.can(Action::Help) => Then::Ignore,
            Action::Help => Then::Go(Box::new(Help::new(top.scopes()))),
            Action::Menu if top.can(Action::Menu) => {
                let rows = keymap::live(top.scopes());
                let rows = rows.into_iter().filter(|live| top.can(live.row.action)).collect();
                Then::Go(Box::new(Menu::new(rows, &self.cx)))
            }
            Action::Glance if !top.is_popup() || top.session().is_some() => {
                match self.stack.iter().rev().find_map(|screen| screen.session()) {
                    Some(session) => Then::Go(Box::new(Glance::new(session))),
                    None => Then::Ignore,
                }
            }
            Action::Language => {
                self.cx.lang = self.cx.lang.other();
                self.stack.iter_mut().for_each(|screen| screen.speak(&self.cx));
                Then::Stay
            }
            Action::Lines => {
                self.cx.theme.ascii = !self.cx.theme.ascii;
                Then::Stay
            }
            Action::Redraw => {
                self.redraw();
                Then::Stay
            }
            // A pipe cannot be drawn on.
            Action::Linear if self.linear.as_ref().is_some_and(|linear| !linear.echoes()) => {
                Then::Say(Message::new("tui.linear.pipe"))
            }
            Action::Linear => {
                let lines = !self.is_linear();
                self.before_frame = if lines { CLOSING } else { OPENING };
                self.show_as(if lines { ShownAs::Lines { echoes: true } } else { ShownAs::Screens });
                Then::Stay
            }
            action if top.can(action) => top.act(action, &self.cx),
            _ => Then::Ignore,
        }
    }

    fn follow(&mut self, then: Then, key: &Key) {
        if !matches!(then, Then::Ignore) {
            self.stale = true;
        }
        match then {
            Then::Stay | Then::Ignore => {}
            Then::Go(mut screen) => {
                screen.speak(&self.cx);
                if let Some(top) = self.stack.last_mut() {
                    top.leave();
                }
                self.stack.push(screen);
            }
            Then::Become(mut screen) => {
                screen.speak(&self.cx);
                if let Some(mut top) = self.stack.pop() {
                    top.leave();
                }
                self.stack.push(screen);
            }
            Then::Close => self.close(),
            Then::CloseAnd(action) => {
                self.close();
                let for_good = self.stack.last().is_some_and(|top| top.can(action) && top.confirms(action));
                // A menu that was chosen from unseen confirms nothing either.
                let then = match self.confirming.refuses(key, action, for_good, self.cx.at_ms).filter(|_| for_good) {
                    Some(why) => Then::Say(why),
                    None if self.over => Then::Ignore,
                    None => self.act(action),
                };
                self.follow(then, key);
            }
            Then::Say(message) => self.message = Some(message),
            Then::Copy(text) => {
                self.copy = Some(text);
                self.message = Some(glance::copied());
            }
            Then::CloseSaying(message) => {
                self.close();
                self.message = Some(message);
            }
            Then::Quit => {
                self.leave();
                self.over = true;
            }
        }
        // The screen below has read again what it shows, and may not show it any more.
        self.shut_out();
    }

    /// Where an act was just refused for what the clock says, the question comes up whatever screen it was on.
    fn ask_about_clock(&mut self) {
        let session = self.stack.last().and_then(|top| top.session());
        if let Some(question) = session.and_then(ClockQuestion::due) {
            self.follow(Then::Go(Box::new(question)), &Key::Unreadable);
            self.message = None;
        }
    }

    fn close(&mut self) {
        if let Some(mut top) = self.stack.pop() {
            top.leave();
        }
        match self.stack.last_mut() {
            Some(below) => below.resumed(&self.cx),
            None => self.over = true,
        }
    }

    /// The line is lost, or the program must end: every screen makes safe what it holds. The session may go on later.
    pub fn leave(&mut self) {
        self.keep_half();
        for screen in self.stack.iter_mut().rev() {
            screen.leave();
        }
    }

    /// The session has ended; no frame will come.
    pub fn is_over(&self) -> bool {
        self.over
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.size = usable((cols, rows));
        self.shown = None;
        self.stale = true;
    }

    /// The next frame is drawn whole: another terminal shows this session now.
    pub fn redraw(&mut self) {
        self.shown = None;
        self.stale = true;
        if let Some(linear) = &mut self.linear {
            linear.forget();
        }
        self.confirming.changed();
    }

    /// Says a sentence in the message line: something happened that no key asked for.
    pub fn say(&mut self, message: Message) {
        self.message = Some(message);
        self.stale = true;
    }

    /// Somebody kept something: what is shown may be old. Where one types nothing is touched.
    pub fn news(&mut self) {
        if self.shut_out() {
            return;
        }
        // Every screen that can be seen: the one under a box, too.
        let base = self.stack.iter().rposition(|screen| !screen.is_popup()).unwrap_or(0);
        for screen in self.stack.iter_mut().skip(base) {
            self.stale |= screen.news(&self.cx);
        }
        self.shut_out();
    }

    /// Whoever sits here came in by another way than before. Nothing that was uncovered is shown to them.
    pub fn came_in(&mut self) {
        self.stack.iter_mut().for_each(|screen| screen.came_in(&self.cx));
        self.stale = true;
        self.shut_out();
    }

    /// Closes what whoever sits here may not see any more, with a word. Whether there was something.
    fn shut_out(&mut self) -> bool {
        let Some(lowest) = self.stack.iter_mut().position(|screen| screen.barred().is_some()) else { return false };
        let why = self.stack.get_mut(lowest).and_then(|screen| screen.barred());
        while self.stack.len() > lowest {
            self.close();
        }
        match why {
            // Above what is left, so that keys on their way to what went meet it and not that; over nothing, where nothing is left, and
            // it ends when that was read.
            Some(why) => {
                self.over = false;
                self.stack.push(Box::new(Closed::new(why)));
            }
            None => self.message = None,
        }
        self.stale = true;
        self.confirming.changed();
        true
    }

    /// The words at the top of the screen: where one is.
    pub fn title(&self) -> String {
        self.stack.last().map_or_else(String::new, |top| top.title(&self.cx))
    }

    pub fn lang(&self) -> Lang {
        self.cx.lang
    }

    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// The bytes that bring the terminal up to date; empty when it is.
    pub fn frame(&mut self) -> Vec<u8> {
        if let Some(linear) = &self.linear {
            // Nobody's line is broken into by what happens meanwhile.
            if self.stale && !linear.is_typing() {
                self.say_lines(false);
            }
            let said = self.linear.as_mut().map(Linear::take).unwrap_or_default();
            // What was asked is answered by a key that comes when it was said, not by what was typed ahead.
            if !said.is_empty() {
                self.confirming.sent(None);
            }
            return [std::mem::take(&mut self.before_frame), &said].concat();
        }
        self.confirming.sent(Some(self.cx.at_ms));
        if self.over || (!self.stale && self.shown.is_some()) {
            return Vec::new();
        }
        let grid = self.draw();
        let mut bytes = std::mem::take(&mut self.before_frame).to_vec();
        bytes.extend(grid.bytes_after(self.shown.as_ref()));
        if let Some(text) = self.copy.take() {
            // OSC 52: a terminal that knows it puts the text into its clipboard; another one passes over it.
            let text = base64::engine::general_purpose::STANDARD.encode(text);
            bytes.extend_from_slice(format!("\x1b]52;c;{text}\x1b\\").as_bytes());
        }
        self.shown = Some(grid);
        self.stale = false;
        bytes
    }

    /// The screen as it should look now.
    pub fn draw(&self) -> Grid {
        let (cols, rows) = self.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, cols, rows));
        let mut caret = None;
        let base = self.stack.iter().rposition(|screen| !screen.is_popup()).unwrap_or(0);
        let body = Rect::new(0, 1.min(rows), cols, rows.saturating_sub(3));
        for (i, screen) in self.stack.iter().enumerate().skip(base) {
            let mut page = Page { cx: &self.cx, buffer: &mut buffer, area: body, caret: None };
            if i == base {
                let status = screen.status(&self.cx);
                widgets::lines::title(&mut page, &screen.title(&self.cx), &status);
            }
            screen.draw(&mut page);
            caret = page.caret;
        }
        if let Some(top) = self.stack.last() {
            let mut page = Page { cx: &self.cx, buffer: &mut buffer, area: body, caret: None };
            let said = self.message.clone().or_else(|| top.standing(&self.cx));
            let said = said.map(|message| self.cx.say(&message)).unwrap_or_default();
            widgets::lines::message(&mut page, rows.saturating_sub(2), &said);
            widgets::lines::hints(&mut page, rows.saturating_sub(1), &self.hints(top.as_ref()));
        }
        Grid::from_buffer(&buffer, caret, self.cx.theme.ascii)
    }

    /// Key and meaning of each hint on screen.
    pub fn hints(&self, top: &dyn Screen) -> Vec<(String, String)> {
        let scopes = top.scopes();
        let mut live = self.live.borrow_mut();
        if live.0 != scopes {
            *live = (scopes, keymap::live(scopes));
        }
        live.1
            .iter()
            .filter(|live| live.row.hint && top.can(live.row.action))
            .map(|live| (live.label(), text::clean(&self.cx.word(live.row.help))))
            .collect()
    }

    /// The rooms of all screens, the lowest first; for tests.
    pub fn rooms(&self) -> Vec<&'static str> {
        self.stack.iter().map(|screen| screen.room()).collect()
    }

    /// The scopes that count now; for drivers and tests.
    pub fn scopes(&self) -> &'static [KeyScope] {
        self.stack.last().map_or(&[], |top| top.scopes())
    }
}
