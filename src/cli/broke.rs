//! A bug, said to whoever meets it: where, what it means, what next. Never what was in hand: that may be somebody's.

use super::terminal::Terminal;
use crate::domain::Message;
use crate::lang::{self, Lang};
use crate::store::quiet;
use std::panic::PanicHookInfo;

/// From here on a panic is one sentence; one that is caught below and handled says nothing here.
pub fn say_in_words(lang: Lang) {
    let usual = std::panic::take_hook();
    let wanted = std::env::var("RUST_BACKTRACE").is_ok_and(|value| value != "0");
    std::panic::set_hook(Box::new(move |info| {
        if quiet::is_expected() {
            return;
        }
        Terminal::default().error(&lang::say(&Message::new("cli.broke").with("place", place(info)), lang));
        if wanted {
            usual(info);
        }
    }));
}

/// Where, and what was expected there, if that was a text of the program (`domain/bug.rs`).
fn place(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
    match info.payload().downcast_ref::<&'static str>().filter(|text| text.starts_with("BUG: ")) {
        Some(expected) => format!("{place}  {expected}"),
        None => place,
    }
}
