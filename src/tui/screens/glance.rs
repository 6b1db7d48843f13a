//! How a household stands, from anywhere: a few letters, a line, and back to what one was at. Enter copies the line where
//! the terminal lets a program do that.

use crate::domain::{DossierId, Message};
use crate::present::glance;
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyBinding, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text;
use crate::tui::widgets::TextField;
use crate::tui::widgets::list::List;
use crate::tui::widgets::popup::popup;
use ratatui::layout::Rect;
use std::sync::Arc;

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Narrowed]];

/// Households shown for what was typed.
const LIMIT: usize = 6;

pub struct Glance {
    session: Arc<Session>,
    field: TextField,
    hits: Vec<(DossierId, String)>,
    list: List,
}

impl Glance {
    pub fn new(session: Arc<Session>) -> Glance {
        Glance { session, field: TextField::new("").at_most(40), hits: Vec::new(), list: List::new(0) }
    }

    fn search(&mut self) {
        let text = self.field.value();
        self.hits.clear();
        if !text.trim().is_empty() {
            let (office, now) = (self.session.office(), self.session.now());
            // Whoever may see no household finds none.
            let found = office.lookup(&text, LIMIT, now).map(|answer| answer.hits).unwrap_or_default();
            self.hits.extend(found.into_iter().map(|hit| (hit.dossier, hit.name)));
        }
        self.list = List::new(self.hits.len());
    }

    fn line(&self, at: usize, cx: &Cx) -> Option<String> {
        let (dossier, name) = self.hits.get(at)?;
        let office = self.session.office();
        // What has become of it since: it may be theirs no longer.
        let status = office.glance(*dossier, self.session.now()).ok()?;
        Some(glance::line(&self.session.words(cx.lang), &status, Some(name), self.session.now().today))
    }
}

impl Screen for Glance {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.glance.title")
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn can(&self, action: Action) -> bool {
        !matches!(action, Action::Take) || !self.hits.is_empty()
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, cx: &Cx) -> Then {
        match action {
            Action::Back | Action::Glance => Then::Close,
            Action::Take => match self.list.at().and_then(|at| self.line(at, cx)) {
                Some(line) => Then::Copy(line),
                None => Then::Ignore,
            },
            moving => {
                self.list.act(moving);
                Then::Stay
            }
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if !self.field.key(key) {
            return Then::Ignore;
        }
        self.search();
        Then::Stay
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let width = page.area.width.saturating_sub(4).min(120);
        let inner = popup(page, &cx.word("tui.glance.title"), width, 3 + 3 * LIMIT as u16);
        self.field.draw(page, inner.x, inner.y, inner.width, cx.theme.field());
        let mut y = inner.y + 1;
        for at in 0..self.hits.len() {
            let Some(line) = self.line(at, cx) else { continue };
            let is_at = self.list.at() == Some(at);
            let style = if is_at { cx.theme.strong() } else { cx.theme.plain() };
            page.put(inner.x, y, 2, if is_at { ">" } else { " " }, style);
            let lines = text::wrap(&line, usize::from(inner.width.saturating_sub(2)));
            let room = Rect { x: inner.x + 2, y, width: inner.width.saturating_sub(2), height: 3 };
            if y + 1 >= inner.bottom() {
                break;
            }
            let room = Rect { height: room.height.min(inner.bottom() - y), ..room };
            page.paragraph(room, &line, style);
            y += (lines.len() as u16).min(room.height).max(1);
        }
        let said = match (self.field.is_empty(), self.hits.is_empty()) {
            (true, _) => "tui.glance.type",
            (false, true) => "tui.glance.nobody",
            (false, false) => "tui.glance.copy",
        };
        page.put(inner.x, inner.bottom().saturating_sub(1), inner.width, &cx.word(said), cx.theme.quiet());
    }
}

/// Said once the line is on its way to the terminal.
pub fn copied() -> Message {
    Message::new("tui.glance.copied")
}
