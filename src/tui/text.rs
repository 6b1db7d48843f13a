//! Text measured in cells: cut, padded, wrapped, and made harmless.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Stands where a text was cut: nothing is ever cut without a mark.
pub const CUT: char = '»';

/// Cells a text takes on screen, after [`clean`].
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text without escape sequences (their letters go too) and as it was otherwise.
pub fn without_escapes(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            match chars.next()? {
                '\u{1b}' => match chars.next_if(|c| c.is_ascii()) {
                    Some('[') => skip_csi(&mut chars),
                    Some(']' | 'P' | '^' | '_' | 'X') => skip_string(&mut chars),
                    _ => {}
                },
                '\u{9b}' => skip_csi(&mut chars),
                other => return Some(other),
            }
        }
    })
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_csi(chars: &mut Chars<'_>) {
    while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|c| ('@'..='~').contains(c));
}

/// Skips to the end of an operating system command or the like. One without an end takes nothing but its own mark, so
/// that a stray byte can't hide the rest of a remark.
fn skip_string(chars: &mut Chars<'_>) {
    let mut ahead = chars.clone();
    while let Some(c) = ahead.next() {
        if c == '\u{7}' || c == '\u{9c}' || (c == '\u{1b}' && ahead.next_if_eq(&'\\').is_some()) {
            *chars = ahead;
            return;
        }
    }
}

/// One line of text that is safe to send to a terminal: no escape sequences, no control characters, nothing that turns
/// the direction of writing; line ends and tabs become blanks.
pub fn clean(text: &str) -> String {
    if text.chars().all(|c| !c.is_control() && !is_invisible(c)) {
        return text.to_owned();
    }
    without_escapes(text)
        .map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c })
        .filter(|&c| !c.is_control() && !is_invisible(c))
        .collect()
}

/// Characters that take no cell and change what stands beside them: joiners, variation selectors, direction marks.
/// Terminals disagree about each of them.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text in at most `cells` cells; where it was longer it ends in [`CUT`].
pub fn cut(text: &str, cells: usize) -> String {
    let text = clean(text);
    if width(&text) <= cells {
        return text;
    }
    let mut out = take_cells(&text, cells.saturating_sub(1)).to_owned();
    if cells > 0 {
        out.push(CUT);
    }
    out
}

/// The end of the text in at most `cells` cells; where it was longer it begins with [`CUT`]'s mirror `«`.
pub fn cut_front(text: &str, cells: usize) -> String {
    let text = clean(text);
    if width(&text) <= cells {
        return text;
    }
    let mut used = 0;
    let room = cells.saturating_sub(1);
    let tail: Vec<&str> = text
        .graphemes(true)
        .rev()
        .take_while(|g| {
            used += g.width();
            used <= room
        })
        .collect();
    let mut out = if cells > 0 { String::from("«") } else { String::new() };
    out.extend(tail.into_iter().rev());
    out
}

/// [`cut`], then filled up with blanks to exactly `cells` cells.
pub fn fit(text: &str, cells: usize) -> String {
    let mut out = cut(text, cells);
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&out))));
    out
}

/// [`fit`] with the blanks in front, for numbers.
pub fn fit_right(text: &str, cells: usize) -> String {
    let out = cut(text, cells);
    format!("{}{out}", " ".repeat(cells.saturating_sub(width(&out))))
}

/// The longest head of `text` that takes at most `cells` cells.
pub use crate::lang::head_of as take_cells;

/// Lines of at most `cells` cells; a line's end in the text ends one.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    text.split('\n').flat_map(|paragraph| crate::lang::wrap(&clean(paragraph), cells)).collect()
}

/// Whether East Asian terminals may draw the character in two cells though the standard counts one.
pub fn is_ambiguous(c: char) -> bool {
    c.width() == Some(1) && c.width_cjk() == Some(2)
}
