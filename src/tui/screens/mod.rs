//! The screens, one file each, and the key rows they bring.
//! A screen knows what it was given when it was made, never where it comes from; those over a store are given the
//! session, and ask `command` through it.
//! Start reading at `help.rs`, the smallest, then `today.rs`.

/// Declares the screens and gathers their key rows: one word a screen.
macro_rules! screens {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// The key rows of every screen.
        pub static KEYS: &[&[&[crate::tui::keymap::KeyBinding]]] = &[$($name::KEYS),+];

        /// The rooms that screens live in, by name: a walk of all of them holds against this.
        pub static NAMES: &[&str] = &[$(stringify!($name)),+];

        /// The scopes that ever count together, screen by screen, so that a test can try each.
        pub static SCOPES: &[&[&[crate::tui::keymap::KeyScope]]] = &[$($name::SCOPES),+];
    };
}

screens! {
    today,
    lookup,
    dossier,
    survey_text,
    forms,
    glance,
    reason,
    clock,
    closed,
    step,
    roll,
    round,
    fund,
    campaigns,
    bureau,
    survey,
    help,
    menu,
}

/// What each mark before an answer means, in a survey being answered and in one that is read.
pub const MARKS: [&str; 7] = [
    "tui.mark.unanswered",
    "tui.mark.answered",
    "tui.mark.confirmed",
    "tui.mark.state",
    "tui.mark.look",
    "tui.mark.wrong",
    "tui.mark.words",
];

/// The language's code, as forms name theirs.
pub fn lang_code(lang: crate::lang::Lang) -> &'static str {
    match lang {
        crate::lang::Lang::Zh => "zh",
        crate::lang::Lang::En => "en",
    }
}
