//! How wide a text stands, in terminal cells, and cutting it to fit. Texts are cut between grapheme clusters, never
//! through a wide character.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The mark where a text was cut. Plain ASCII: `…` is drawn one cell wide here and two there.
pub const CUT: &str = "~";

/// The cells `text` takes.
pub fn cells(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// `text` within `width` cells, ending in [`CUT`] when something was left out. The result may be a cell shorter, where
/// a wide character did not fit.
pub fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(cells(CUT));
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = grapheme.width();
        if used + w > room {
            break;
        }
        used += w;
        out.push_str(grapheme);
    }
    if width >= cells(CUT) {
        out.push_str(CUT);
    }
    out
}

/// `text` cut or filled with spaces to exactly `width` cells: one column of a table.
pub fn pad(text: &str, width: usize) -> String {
    let mut out = cut(text, width);
    let used = cells(&out);
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_are_never_cut_through() {
        assert_eq!(cells("深度困难a"), 9);
        assert_eq!(cut("深度困难", 8), "深度困难");
        assert_eq!(cut("深度困难", 7), "深度困~");
        assert_eq!(cut("深度困难", 6), "深度~");
        assert_eq!(pad("深度困难", 6), "深度~ ");
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(cut("林", 1), "~");
        assert_eq!(cut("林", 0), "");
        // A letter and its combining accent stay together.
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}~");
    }

    proptest! {
        #[test]
        fn a_padded_text_is_exactly_as_wide_as_asked(text in "\\PC{0,20}", width in 0usize..30) {
            prop_assert!(cells(&cut(&text, width)) <= width);
            prop_assert_eq!(cells(&pad(&text, width)), width);
        }
    }
}
