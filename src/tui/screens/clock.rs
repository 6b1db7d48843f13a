//! The clock says a day far from the last record's, and an act was refused for it: is it right? Once somebody who may say so
//! has said it, what was refused can be done again.

use crate::command::clock::Doubt;
use crate::domain::{Explain, Message};
use crate::tui::keymap::{Action, KeyBinding, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text;
use crate::tui::widgets::popup::popup;
use std::sync::Arc;

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::YesNo]];

pub struct ClockQuestion {
    session: Arc<Session>,
    doubt: Doubt,
}

impl ClockQuestion {
    /// The question, where an act of this session was just refused and whoever sits here may answer it.
    pub fn due(session: Arc<Session>) -> Option<ClockQuestion> {
        let doubt = session.office().take_clock_refusal()?;
        session.office().may_trust_clock().then_some(ClockQuestion { session, doubt })
    }
}

impl Screen for ClockQuestion {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.clock.title")
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Yes => {
                self.session.office().trust_clock(self.session.now().at);
                Then::CloseSaying(Message::new("tui.clock.trusted").with("day", self.session.now().at.day()))
            }
            Action::No | Action::Back => Then::CloseSaying(self.doubt.explain()),
            _ => Then::Ignore,
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let question =
            Message::new("tui.clock.question").with("says", self.doubt.says.day()).with("last", self.doubt.last.day());
        let lines = text::wrap(&cx.say(&question), 64);
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        let inner = popup(page, &cx.word("tui.clock.title"), 68, height);
        for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
            page.put(inner.x + 1, y, inner.width.saturating_sub(2), line, cx.theme.plain());
        }
    }
}
