//! Why a household is opened that is another unit's, or whose case is over.

use super::dossier::Dossier;
use crate::command::rights::REASON_CHARS_MAX;
use crate::domain::{DossierId, Explain};
use crate::tui::key::Key;
use crate::tui::keymap::{Action, Row, Scope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::sitting::Sitting;
use crate::tui::widgets::Field;
use crate::tui::widgets::popup::popup;
use std::sync::Arc;

pub static KEYS: &[&[Row]] = &[];
pub static SCOPES: &[&[Scope]] = &[&[Scope::Narrowed]];

pub struct Reason {
    sitting: Arc<Sitting>,
    dossier: DossierId,
    field: Field,
}

impl Reason {
    pub fn new(sitting: Arc<Sitting>, dossier: DossierId) -> Reason {
        Reason { sitting, dossier, field: Field::new("").at_most(REASON_CHARS_MAX) }
    }
}

impl Screen for Reason {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.reason.title")
    }

    fn scopes(&self) -> &'static [Scope] {
        SCOPES[0]
    }

    fn can(&self, action: Action) -> bool {
        matches!(action, Action::Take | Action::Back)
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            Action::Take => match Dossier::open(self.sitting.clone(), self.dossier, Some(&self.field.value())) {
                Ok(screen) => Then::Become(Box::new(screen)),
                // What was typed stays, to be mended.
                Err(failure) => Then::Say(failure.explain()),
            },
            _ => Then::Ignore,
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if self.field.key(key) { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let inner = popup(page, &cx.word("tui.reason.title"), 70, 5);
        let width = inner.width.saturating_sub(2);
        self.field.draw(page, inner.x + 1, inner.y, width, cx.theme.field());
        page.put(inner.x + 1, inner.y + 1, width, &cx.word("tui.reason.why"), cx.theme.quiet());
        page.put(inner.x + 1, inner.y + 2, width, &cx.word("tui.reason.is_told"), cx.theme.quiet());
    }
}
