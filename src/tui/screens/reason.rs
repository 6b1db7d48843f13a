//! Why a household is opened that is another unit's, or whose case is over; why somebody else's draft is thrown away.

use super::dossier::Dossier;
use crate::command::Failure;
use crate::command::rights::REASON_CHARS_MAX;
use crate::domain::{DossierId, DraftId, Explain, Message};
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyBinding, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::widgets::TextField;
use crate::tui::widgets::popup::popup;
use std::sync::Arc;

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Narrowed]];

pub struct Reason {
    session: Arc<Session>,
    of: Of,
    field: TextField,
}

#[derive(Clone, Copy)]
enum Of {
    Opening(DossierId),
    Discarding(DraftId),
}

impl Reason {
    pub fn opening(session: Arc<Session>, dossier: DossierId) -> Reason {
        Reason { session, of: Of::Opening(dossier), field: TextField::new("").at_most(REASON_CHARS_MAX) }
    }

    pub fn discarding(session: Arc<Session>, draft: DraftId) -> Reason {
        Reason { session, of: Of::Discarding(draft), field: TextField::new("").at_most(REASON_CHARS_MAX) }
    }

    fn take(&self) -> Result<Then, Failure> {
        let why = self.field.value();
        Ok(match self.of {
            Of::Opening(dossier) => Then::Become(Box::new(Dossier::open(self.session.clone(), dossier, Some(&why))?)),
            Of::Discarding(draft) => {
                self.session.office().discard_others_draft(draft, &why, self.session.now())?;
                Then::CloseSaying(Message::new("tui.reason.discarded"))
            }
        })
    }

    fn words(&self) -> [&'static str; 3] {
        match self.of {
            Of::Opening(_) => ["tui.reason.title", "tui.reason.why", "tui.reason.is_told"],
            Of::Discarding(_) => ["tui.reason.discard_title", "tui.reason.discard_why", "tui.reason.is_told"],
        }
    }
}

impl Screen for Reason {
    fn title(&self, cx: &Cx) -> String {
        cx.word(self.words()[0])
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn can(&self, action: Action) -> bool {
        matches!(action, Action::Take | Action::Back)
    }

    fn confirms(&self, action: Action) -> bool {
        action == Action::Take && !self.field.is_touched()
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            // What was typed stays where it is refused, to be mended.
            Action::Take => self.take().unwrap_or_else(|failure| Then::Say(failure.explain())),
            _ => Then::Ignore,
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if self.field.key(key) { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let [title, why, is_reported] = self.words();
        let inner = popup(page, &cx.word(title), 70, 5);
        let width = inner.width.saturating_sub(2);
        self.field.draw(page, inner.x + 1, inner.y, width, cx.theme.field());
        page.put(inner.x + 1, inner.y + 1, width, &cx.word(why), cx.theme.quiet());
        page.put(inner.x + 1, inner.y + 2, width, &cx.word(is_reported), cx.theme.quiet());
    }
}
