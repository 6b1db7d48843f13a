//! A screen closed because whoever sits here may not be on it any more. The sentence stands until it is read: keys that were
//! meant for the screen that went do nothing on the one below.

use crate::domain::Message;
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyBinding, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::text;
use crate::tui::widgets::popup::popup;

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Reading]];

pub struct Closed {
    why: Message,
}

impl Closed {
    pub fn new(why: Message) -> Closed {
        Closed { why }
    }
}

impl Screen for Closed {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.closed.title")
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn can(&self, action: Action) -> bool {
        matches!(action, Action::Back | Action::Language | Action::Redraw | Action::Leave)
    }

    /// Whoever types in the rhythm of a survey presses Enter before having read a word.
    fn before_key(&mut self, key: &Key) -> Option<Then> {
        matches!(key, Key::Enter | Key::Char(_)).then_some(Then::Ignore)
    }

    /// Typed ahead, it would be a key for the screen that went.
    fn confirms(&self, action: Action) -> bool {
        action == Action::Back
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            _ => Then::Ignore,
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let lines = text::wrap(&cx.say(&self.why), 64);
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        let inner = popup(page, &cx.word("tui.closed.title"), 68, height);
        for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
            page.put(inner.x + 1, y, inner.width.saturating_sub(2), line, cx.theme.plain());
        }
    }
}
