//! Which form a household is surveyed with: those of the store, each as it is now.

use crate::command::Failure;
use crate::command::survey::Begin;
use crate::domain::{DossierId, Explain, Message};
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyBinding, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::surveying;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{Choice, Picker};
use crate::views::FormRow;
use std::sync::Arc;

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Narrowed]];

pub struct Forms {
    session: Arc<Session>,
    dossier: DossierId,
    /// The latest version of each.
    forms: Vec<FormRow>,
    picker: Picker,
}

impl Forms {
    /// None: the store has no form but the program's own.
    pub fn of(session: Arc<Session>, dossier: DossierId) -> Result<Option<Forms>, Failure> {
        let mut forms: Vec<FormRow> = Vec::new();
        for row in session.office().forms()? {
            if session.office().library().form(&row.form).is_some() {
                continue;
            }
            match forms.last_mut().filter(|last| last.form == row.form) {
                Some(last) => *last = row,
                None => forms.push(row),
            }
        }
        let name = |row: &FormRow| format!("{}  {}", row.title, row.version);
        let choices = forms.iter().map(|row| Choice::new(row.form.clone(), name(row).trim())).collect();
        let any = !forms.is_empty();
        Ok(any.then(|| Forms { session, dossier, picker: Picker::ready(choices), forms }))
    }

    fn take(&self, row: &FormRow) -> Result<super::survey::Survey, Failure> {
        let office = self.session.office();
        let form = office.form_now(&row.form)?;
        match office.draft_of(Some(self.dossier), None, &form)? {
            Some(draft) => surveying::resume(&self.session, draft),
            None => {
                let begin = Begin { dossier: Some(self.dossier), form, corrects: None, updates: false, on_disk: true };
                surveying::begin(&self.session, begin)
            }
        }
    }
}

impl Screen for Forms {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.forms.title")
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
            Action::Back => Then::Close,
            Action::Take => match self.picker.current_index().and_then(|at| self.forms.get(at)) {
                Some(row) => match self.take(row) {
                    Ok(survey) => Then::Become(Box::new(survey)),
                    Err(failure) => Then::CloseSaying(failure.explain()),
                },
                None => Then::Ignore,
            },
            moving => {
                self.picker.act(moving);
                Then::Stay
            }
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if self.picker.key(key) { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let heading = page.cx.word("tui.forms.title");
        let inner = popup(page, &heading, 64, page.area.height.saturating_sub(4));
        self.picker.draw(page, inner);
    }
}

/// Why the list of forms does not come up.
pub fn none() -> Message {
    Message::new("tui.forms.none")
}
