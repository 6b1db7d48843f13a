//! What a screen is: it means something by actions, takes what is typed, and draws itself.

use super::key::Key;
use super::keymap::{Action, KeyScope};
use super::page::Page;
use super::session::Session;
use super::theme::Theme;
use crate::domain::Message;
use crate::lang::{self, Lang};
use std::sync::Arc;

/// What happens to the stack of screens after a key.
pub enum Then {
    /// Nothing: the screen goes on, and is drawn again.
    Stay,
    /// The screen had no use for the key; nothing is drawn.
    Ignore,
    /// Another screen comes on top.
    Go(Box<dyn Screen>),
    /// Another screen takes this one's place.
    Become(Box<dyn Screen>),
    /// This screen goes, and the one below goes on.
    Close,
    /// This screen goes, and the one below is given an action: what a menu does.
    CloseAnd(Action),
    /// A sentence for the message line, until the next key.
    Say(Message),
    /// Close, then say it.
    CloseSaying(Message),
    /// A text goes to the clipboard of whoever's terminal lets a program do that.
    Copy(String),
    /// The session ends.
    Quit,
}

/// What every screen may ask for while it acts or draws.
#[derive(Clone)]
pub struct Cx {
    pub lang: Lang,
    pub theme: Theme,
    /// Milliseconds of a clock that never runs back.
    pub at_ms: u64,
    /// Keys come as whole lines: nothing goes on by itself in the middle of one.
    pub lines: bool,
}

impl Cx {
    pub fn say(&self, message: &Message) -> String {
        lang::say(message, self.lang)
    }

    /// A sentence without arguments.
    pub fn word(&self, key: &str) -> String {
        lang::word(key, self.lang)
    }

    /// The text of a pair in the language of the screen.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// One screen of the stack. What it shows it was given when it was made; it asks for more through what it holds.
pub trait Screen: Send {
    /// The room that it lives in, as `screens!` has it.
    fn room(&self) -> &'static str {
        let path = std::any::type_name::<Self>();
        let room = path.split_once("::screens::").map_or(path, |(_, room)| room);
        room.split_once("::").map_or(room, |(room, _)| room)
    }

    /// The words at the left of the first line.
    fn title(&self, cx: &Cx) -> String;

    /// The words at the right of the first line: where one is, what is kept.
    fn status(&self, _cx: &Cx) -> String {
        String::new()
    }

    /// What stands in the message line while nothing else is said there.
    fn standing(&self, _cx: &Cx) -> Option<Message> {
        None
    }

    /// Which parts of the key table count just now, the nearest first. [`KeyScope::Everywhere`] is always added.
    fn scopes(&self) -> &'static [KeyScope];

    /// Whether the action is of use just now, to this person: what is not is neither hinted nor done.
    fn can(&self, _action: Action) -> bool {
        true
    }

    /// Whether the action, just now, does what cannot be taken back: it then takes a key that did not bring the question
    /// up, pressed after it was on screen (`confirming.rs`).
    fn confirms(&self, action: Action) -> bool {
        action == Action::Yes
    }

    /// Why whoever sits here may not be on this screen any more: a role, a unit or their last day has changed since. Asked
    /// before each key and with news; the screen then closes with that sentence.
    fn barred(&mut self) -> Option<Message> {
        None
    }

    /// Whoever sits here came in by another way than before: what was uncovered is covered, and what was opened is opened
    /// again, or closes.
    fn came_in(&mut self, _cx: &Cx) {}

    /// Sees every key first. What comes back is all that the key does.
    fn before_key(&mut self, _key: &Key) -> Option<Then> {
        None
    }

    /// A key that the table knows.
    fn act(&mut self, action: Action, cx: &Cx) -> Then;

    /// A key that the table does not know: typed text, a paste, the keys of a text field.
    fn typed(&mut self, _key: &Key, _cx: &Cx) -> Then {
        Then::Ignore
    }

    fn draw(&self, page: &mut Page<'_>);

    /// What there is to be said of it line by line; `None`: what is drawn says it.
    fn lines(&self, _cx: &Cx) -> Option<Vec<String>> {
        None
    }

    /// Line by line: somebody enters a line here, and what stands in the field and was not entered gives way to it. `false`: the
    /// screen has no such thing of its own.
    fn begins_line(&mut self, _cx: &Cx) -> bool {
        false
    }

    /// Line by line: what is being typed is kept as the half word of a field is.
    fn keeps_half(&self) -> bool {
        false
    }

    /// Line by line: a whole line that is the answer by itself; `None`: it is its keys.
    fn takes_line(&mut self, _line: &str, _cx: &Cx) -> Option<Then> {
        None
    }

    /// Where whoever looks a household up quickly works; a screen over no store has none.
    fn session(&self) -> Option<Arc<Session>> {
        None
    }

    /// Drawn over the screen below, which stays visible.
    fn is_popup(&self) -> bool {
        false
    }

    /// The screen above has closed: what is shown may be old.
    fn resumed(&mut self, _cx: &Cx) {}

    /// Something was kept by somebody: reads again what is shown, the bar staying where it is. Whether anything may look
    /// different.
    fn news(&mut self, _cx: &Cx) -> bool {
        false
    }

    /// The language has been switched, or the screen has just come onto the stack: what is kept in one language follows.
    fn speak(&mut self, _cx: &Cx) {}

    /// When [`Self::tick`] should next be called, if ever: work that goes on by itself, a draft to be synced.
    fn deadline(&self) -> Option<u64> {
        None
    }

    /// Time has passed. `Then::Ignore` when nothing on the screen changes.
    fn tick(&mut self, _cx: &Cx) -> Then {
        Then::Ignore
    }

    /// The line is lost, the program is told to end, or another screen comes on top: what was typed is made safe now.
    fn leave(&mut self) {}
}
