//! The one place where a text that came from outside is made fit for a terminal.

/// One line of text that is safe to send to a terminal: whatever a terminal would act upon instead of showing is taken
/// out, that is escape sequences ([`without_escapes`]), other control characters and what is invisible
/// ([`is_invisible`]). Line breaks and tabs become one space. What is left is as long or shorter, and nothing of it can
/// move the cursor, colour the rest of the screen or retitle the window.
pub fn clean(text: &str) -> String {
    // Most texts are clean, and a screen asks for each of them at each key.
    if text.chars().all(|c| !c.is_control() && !is_invisible(c)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = without_escapes(text).peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if c.is_control() || is_invisible(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The text without its escape sequences (CSI, OSC and other strings up to their end, with one- and two-byte
/// introducers; their letters go too), and as it was otherwise.
pub fn without_escapes(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            match chars.next()? {
                '\u{1b}' => match chars.next_if(char::is_ascii) {
                    Some('[') => skip_csi(&mut chars),
                    Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut chars),
                    // ESC and intermediate bytes up to a final one: character sets, keypad modes.
                    Some(' '..='/') => while chars.next().is_some_and(|c| (' '..='/').contains(&c)) {},
                    _ => {}
                },
                '\u{9b}' => skip_csi(&mut chars),
                '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
                other => return Some(other),
            }
        }
    })
}

/// Characters that take no cell and change what stands beside them: joiners, variation selectors, marks that turn the
/// direction of writing. Terminals disagree about each of them.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// A control sequence ends with a byte from `@` to `~`; a broken one ends where a character stands that belongs in none.
fn skip_csi(chars: &mut Chars<'_>) {
    while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|c| ('@'..='~').contains(c));
}

/// A control string ends with BEL or ST. One without an end takes nothing but its own mark, so that a stray byte hides
/// nothing of a remark: without the mark, no terminal takes what follows for a string.
fn skip_string(chars: &mut Chars<'_>) {
    let mut ahead = chars.clone();
    while let Some(c) = ahead.next() {
        if c == '\u{7}' || c == '\u{9c}' || (c == '\u{1b}' && ahead.next_if_eq(&'\\').is_some()) {
            *chars = ahead;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_a_terminal_obeys_is_left() {
        for (dirty, expected) in [
            ("\u{1b}[31m红\u{1b}[0m", "红"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("a\u{9b}2Jb", "ab"),
            ("a\u{1b}", "a"),
            ("a\u{1b}[12;", "a"),
            ("a\u{1b}[1林b", "a林b"),
            ("a\u{1b}(Bb", "ab"),
            ("a\u{1b}cb", "ab"),
            ("a\r\nb\tc\nd", "a b c d"),
            ("\u{0}\u{8}\u{7f}x", "x"),
            ("a\u{202e}b\u{2066}", "ab"),
            ("a\u{200d}\u{fe0f}b", "ab"),
            ("备注\u{1b}]之后", "备注之后"),
            ("a\u{9d}0;title\u{9c}b", "ab"),
            ("斯琴·高娃", "斯琴·高娃"),
            ("𠮷", "𠮷"),
        ] {
            assert_eq!(clean(dirty), expected, "{dirty:?}");
        }
    }

    proptest! {
        #[test]
        fn no_control_character_comes_through(text in "\\PC*|[\u{0}-\u{9f}]*|(\u{1b}[\\[\\]P(]?[ -~]{0,5}.){0,8}") {
            let out = clean(&text);
            prop_assert!(out.chars().all(|c| !c.is_control()));
            prop_assert_eq!(clean(&out), out);
        }
    }
}
