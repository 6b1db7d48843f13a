//! What is done for good takes a key of its own.
//!
//! A key that brought a question up does not answer it, however often it is pressed or however long it is held down; and
//! none answers it that came before the question was on screen, as keys typed ahead on a slow line do. Which acts are for
//! good says each screen ([`Screen::confirms`]); this is the one place that holds keys against it.
//!
//! [`Screen::confirms`]: super::screen::Screen::confirms

use super::key::Key;
use super::keymap::Action;
use crate::domain::Message;

/// A key that comes so soon after the question was sent was typed before it could be read: no line and no hand is that fast.
pub const APART_MS: u64 = 150;

#[derive(Default)]
pub struct Confirming {
    /// The key that changed what is on screen, until another one is pressed.
    by: Option<Key>,
    /// It answered a question by that.
    answered: bool,
    /// It has not been sent to the terminal since it changed.
    unseen: bool,
    /// When it was sent first after it changed.
    sent_ms: Option<u64>,
}

impl Confirming {
    /// Why `key` does not count; `for_good`: for an act that cannot be taken back. A key that answered a question does nothing
    /// on the screen below while it is still the same, but leave it.
    pub fn refuses(&self, key: &Key, action: Action, for_good: bool, at_ms: u64) -> Option<Message> {
        let again = self.by.as_ref() == Some(&key.plain());
        let leaves = matches!(action, Action::Back | Action::Leave);
        let unread = self.unseen || self.sent_ms.is_some_and(|sent| at_ms.saturating_sub(sent) < APART_MS);
        match (for_good && unread, again && (for_good || self.answered && !leaves)) {
            (true, _) => Some(Message::new("tui.confirm.typed_ahead")),
            (_, true) => Some(Message::new("tui.confirm.held")),
            _ => None,
        }
    }

    /// A key was pressed; `changed`: what is on screen is another thing than before; `answered`: it answered a question.
    pub fn pressed(&mut self, key: &Key, changed: bool, answered: bool) {
        let key = key.plain();
        if changed {
            (self.by, self.answered, self.unseen) = (Some(key), answered, true);
        } else if self.by.as_ref() != Some(&key) {
            (self.by, self.answered) = (None, false);
        }
    }

    /// What is on screen changed by no key, or another terminal shows it now.
    pub fn changed(&mut self) {
        self.unseen = true;
    }

    /// It is on its way to the terminal; `None`: what is said in lines may be answered out of a file.
    pub fn sent(&mut self, at_ms: Option<u64>) {
        if std::mem::take(&mut self.unseen) {
            self.sent_ms = at_ms;
        }
    }
}
