//! What every key does on the screen below, printed from the key table.

use crate::tui::key::Key;
use crate::tui::keymap::{self, Action, KeyBinding, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::screens::MARKS;
use crate::tui::text;
use crate::tui::widgets::popup::popup;
use std::cell::Cell;

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Reading]];

pub struct Help {
    /// The scopes of the screen that help was asked for.
    about: &'static [KeyScope],
    top: usize,
    /// Lines there are and lines visible, as of the last drawing.
    drawn: Cell<(usize, usize)>,
}

impl Help {
    pub fn new(about: &'static [KeyScope]) -> Help {
        Help { about, top: 0, drawn: Cell::new((0, 1)) }
    }
}

impl Screen for Help {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.help.title")
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn can(&self, action: Action) -> bool {
        !matches!(action, Action::Help | Action::Menu)
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        let (lines, seen) = self.drawn.get();
        let last = lines.saturating_sub(seen);
        self.top = match action {
            Action::Back => return Then::Close,
            Action::Up => self.top.saturating_sub(1),
            Action::Down => self.top + 1,
            Action::PageUp => self.top.saturating_sub(seen),
            Action::PageDown => self.top + seen,
            Action::First => 0,
            Action::Last => last,
            _ => return Then::Ignore,
        }
        .min(last);
        Then::Stay
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        match key {
            Key::Char(_) | Key::F(_) => Then::Close,
            _ => Then::Ignore,
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let rows = keymap::live(self.about);
        // What stands before the answers is read with the same key that says what the keys do.
        let marks: &[&'static str] = if self.about.contains(&KeyScope::Survey) { &MARKS } else { &[] };
        let len = rows.len() + marks.len();
        let room = page.area.height.saturating_sub(2);
        let wide = rows.iter().map(|live| text::width(&live.labels())).max().unwrap_or(0).min(30);
        let inner = popup(page, &cx.word("tui.help.title"), 76, room.min(len as u16) + 2);
        let seen = usize::from(inner.height);
        self.drawn.set((len, seen));
        for (i, at) in (self.top..len).take(seen).enumerate() {
            let y = inner.y + i as u16;
            let Some(live) = rows.get(at) else {
                let said = marks.get(at - rows.len()).map(|key| cx.word(key)).unwrap_or_default();
                page.put(inner.x + 1, y, inner.width.saturating_sub(1), &said, cx.theme.plain());
                continue;
            };
            let keys = text::fit(&live.labels(), wide);
            page.pieces(
                inner.x + 1,
                y,
                inner.width.saturating_sub(1),
                &[(&keys, cx.theme.key()), ("  ", cx.theme.plain()), (&cx.word(live.row.help), cx.theme.plain())],
            );
        }
        let edge = inner.right();
        if self.top > 0 {
            page.put(edge, inner.y, 1, "^", cx.theme.quiet());
        }
        if self.top + seen < len {
            page.put(edge, inner.bottom().saturating_sub(1), 1, "v", cx.theme.quiet());
        }
    }
}
