//! What the screens speak. The sentences are kept elsewhere; a screen only names them.

use crate::domain::Message;

pub use crate::lang::Lang;

/// Says a message in a language. A missing key is said by its name, which is ugly and harmless.
pub trait Words: Send + Sync {
    fn say(&self, lang: Lang, message: &Message) -> String;
}
