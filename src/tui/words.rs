//! What the screens speak. The sentences are kept elsewhere; a screen only names them.

use crate::domain::Message;

/// The two languages of the screens; switched while running.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    pub fn other(self) -> Lang {
        match self {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }
}

/// Says a message in a language. A missing key is said by its name, which is ugly and harmless.
pub trait Words: Send + Sync {
    fn say(&self, lang: Lang, message: &Message) -> String;
}
