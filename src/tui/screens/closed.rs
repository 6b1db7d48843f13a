//! Sentences that stand until they are read: that a screen closed because whoever sits here may not be on it any more (keys that were
//! meant for the screen that went do nothing on the one below), and what was found lost when the folder was opened.

use crate::domain::Message;
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyBinding, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::text;
use crate::tui::widgets::Reader;
use crate::tui::widgets::popup::popup;
use ratatui::layout::Rect;

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Reading]];

pub struct Closed {
    title: &'static str,
    said: Vec<Message>,
    reader: Reader,
}

impl Closed {
    pub fn new(why: Message) -> Closed {
        Closed { title: "tui.closed.title", said: vec![why], reader: Reader::default() }
    }

    /// What was met when the folder was opened.
    pub fn at_opening(said: Vec<Message>) -> Closed {
        Closed { title: "tui.closed.at_opening", said, reader: Reader::default() }
    }
}

impl Screen for Closed {
    fn title(&self, cx: &Cx) -> String {
        cx.word(self.title)
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn can(&self, action: Action) -> bool {
        let moves = matches!(action, Action::Up | Action::Down | Action::PageUp | Action::PageDown);
        moves || matches!(action, Action::Back | Action::Language | Action::Redraw | Action::Leave)
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
            moving => self.reader.act(moving),
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let lines: Vec<_> = self.said.iter().map(|said| (cx.say(said), cx.theme.plain())).collect();
        let tall: usize = lines.iter().map(|(line, _)| text::wrap(line, 63).len()).sum();
        let height = u16::try_from(tall).unwrap_or(u16::MAX).saturating_add(2).min(page.area.height);
        let inner = popup(page, &cx.word(self.title), 68, height);
        let room = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        self.reader.draw(page, room, &lines);
    }
}
