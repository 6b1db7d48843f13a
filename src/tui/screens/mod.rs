//! The screens, one file each, and the key rows they bring.
//! A screen knows what it was given when it was made, never where it comes from.
//! Start reading at `help.rs`, the smallest.

/// Declares the screens and gathers their key rows: one word a screen.
macro_rules! screens {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// The key rows of every screen.
        pub static KEYS: &[&[&[crate::tui::keymap::Row]]] = &[$($name::KEYS),+];

        /// The scopes that ever count together, screen by screen, so that a test can try each.
        pub static SCOPES: &[&[&[crate::tui::keymap::Scope]]] = &[$($name::SCOPES),+];
    };
}

screens! {
    help,
    menu,
    survey,
}
