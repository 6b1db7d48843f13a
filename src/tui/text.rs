//! Text as screens use it. How texts are cleaned, measured and cut is [`crate::lang`]'s; only what a screen knows beside
//! that stands here.

pub use crate::lang::{CUT, CUT_FRONT, cells as width, clean, cut, cut_front, is_invisible, without_escapes};
pub use crate::lang::{head_of as take_cells, pad as fit, pad_front as fit_right};
use unicode_width::UnicodeWidthChar;

/// Lines of at most `cells` cells; a line's end in the text ends one.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    text.split('\n').flat_map(|paragraph| crate::lang::wrap(&clean(paragraph), cells)).collect()
}

/// Whether East Asian terminals may draw the character in two cells though the standard counts one.
pub fn is_ambiguous(c: char) -> bool {
    c.width() == Some(1) && c.width_cjk() == Some(2)
}
