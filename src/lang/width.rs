//! How wide a text stands, in terminal cells, and cutting it to fit. Texts are cut between grapheme clusters, never
//! through a wide character.

use super::clean;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Stands where a text was cut: nothing is ever cut without a mark. One cell everywhere; `…` is drawn one cell wide here
/// and two there.
pub const CUT: char = '»';
/// The same where the front was cut.
pub const CUT_FRONT: char = '«';

/// The cells `text` takes.
pub fn cells(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// `text`, cleaned, within `width` cells, ending in [`CUT`] when something was left out. The result may be a cell
/// shorter, where a wide character did not fit.
pub fn cut(text: &str, width: usize) -> String {
    let text = clean(text);
    if cells(&text) <= width {
        return text;
    }
    let mut out = head_of(&text, width.saturating_sub(1)).to_owned();
    if width > 0 {
        out.push(CUT);
    }
    out
}

/// [`cut`] that keeps the end of the text.
pub fn cut_front(text: &str, width: usize) -> String {
    let text = clean(text);
    if cells(&text) <= width {
        return text;
    }
    let mut used = 0;
    let room = width.saturating_sub(1);
    let fits = |grapheme: &&str| {
        used += grapheme.width();
        used <= room
    };
    let tail: Vec<&str> = text.graphemes(true).rev().take_while(fits).collect();
    let mut out = if width > 0 { CUT_FRONT.to_string() } else { String::new() };
    out.extend(tail.into_iter().rev());
    out
}

/// `text` cut or filled with spaces to exactly `width` cells: one column of a table.
pub fn pad(text: &str, width: usize) -> String {
    let mut out = cut(text, width);
    let used = cells(&out);
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    out
}

/// [`pad`] with the spaces in front, for figures.
pub fn pad_front(text: &str, width: usize) -> String {
    let out = cut(text, width);
    format!("{}{out}", " ".repeat(width.saturating_sub(cells(&out))))
}

/// Lines of at most `width` cells. Latin text breaks at blanks, Chinese text anywhere but before a closing mark. A text
/// without anything in it is one empty line.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    wrap_by(text, width.max(2), cells)
}

/// The same where a text is as wide as `wide` says: in cells, or in parts of a face's size.
pub fn wrap_by(text: &str, width: usize, wide: impl Fn(&str) -> usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_word_bounds() {
        let takes = wide(word);
        let blank = word.chars().all(char::is_whitespace);
        let hangs = word.chars().all(|c| "，。、；：？！）」』》】,.;:?!)".contains(c));
        if used + takes > width && used > 0 {
            // A closing mark takes the character before it along: no line begins with one.
            let along = if hangs { last_of(&line) } else { "" };
            let along = if wide(along) + takes <= width { along.to_owned() } else { String::new() };
            line.truncate(line.len() - along.len());
            lines.push(std::mem::replace(&mut line, along).trim_end().to_owned());
            used = wide(&line);
            if blank {
                continue;
            }
        }
        if takes > width {
            // Added up on the way: a word of thousands of signs is measured once.
            let (mut piece, mut of_piece) = (String::new(), 0);
            for grapheme in word.graphemes(true) {
                let next = wide(grapheme);
                if of_piece + next > width && !piece.is_empty() {
                    lines.push(std::mem::take(&mut piece));
                    of_piece = 0;
                }
                piece.push_str(grapheme);
                of_piece += next;
            }
            line.push_str(&piece);
            used = wide(&line);
        } else {
            line.push_str(word);
            used += takes;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The longest head of `text` that takes at most `width` cells.
pub fn head_of(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > width {
            return &text[..at];
        }
    }
    text
}

/// The last character of a line, where it is a wide one with others before it; Latin words are left whole.
fn last_of(line: &str) -> &str {
    match line.grapheme_indices(true).next_back() {
        Some((at, last)) if at > 0 && last.width() > 1 => &line[at..],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_characters_are_never_cut_through() {
        assert_eq!(cells("深度困难a"), 9);
        assert_eq!(cut("深度困难", 8), "深度困难");
        assert_eq!(cut("深度困难", 7), "深度困»");
        assert_eq!(cut("深度困难", 6), "深度»");
        assert_eq!(pad("深度困难", 6), "深度» ");
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(cut("林", 1), "»");
        assert_eq!(cut("林", 0), "");
        assert_eq!(cut_front("深度困难", 6), "«困难");
        assert_eq!(cut_front("林", 0), "");
        assert_eq!(pad_front("林", 4), "  林");
        assert_eq!(cut("a\u{1b}[31mb", 2), "ab");
        // A letter and its combining accent stay together.
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}»");
    }

    #[test]
    fn a_line_breaks_where_its_language_breaks() {
        assert_eq!(wrap("深度困难，相对困难", 8), ["深度困", "难，相对", "困难"]);
        assert_eq!(wrap("income per head", 8), ["income", "per head"]);
        assert_eq!(wrap("", 8), [""]);
    }

    proptest! {
        #[test]
        fn no_wrapped_line_is_wider_than_asked_and_no_letter_is_lost(text in "[a-z 林，。]{0,40}", width in 2usize..30) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| cells(line) <= width));
            let without = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(without(&lines.concat()), without(&text));
        }

        #[test]
        fn a_padded_text_is_exactly_as_wide_as_asked(text in "\\PC{0,20}", width in 0usize..30) {
            prop_assert!(cells(&cut(&text, width)) <= width);
            prop_assert_eq!(cells(&pad(&text, width)), width);
            prop_assert_eq!(cells(&pad_front(&text, width)), width);
            prop_assert!(cells(&cut_front(&text, width)) <= width);
        }
    }
}
