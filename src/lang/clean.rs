//! The one place where a text that came from outside is made fit for a terminal.

/// Takes out whatever a terminal would act upon instead of showing: escape sequences whole (CSI, OSC and other strings
/// up to their end, with one- and two-byte introducers), other control characters, and the marks that turn the direction
/// of text around. Line breaks and tabs become one space. What is left is as long or shorter, and nothing of it can
/// move the cursor, colour the rest of the screen or retitle the window.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => skip_csi(&mut chars),
                Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut chars),
                // ESC and intermediate bytes up to a final one: character sets, keypad modes.
                Some(' '..='/') => while chars.next().is_some_and(|c| (' '..='/').contains(&c)) {},
                _ => {}
            },
            '\u{9b}' => skip_csi(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A control sequence ends with a byte from `@` to `~`; a broken one ends where a character stands that belongs in none.
fn skip_csi(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(&c) = chars.peek() {
        match c {
            ' '..='?' => {
                chars.next();
            }
            '@'..='~' => {
                chars.next();
                return;
            }
            _ => return,
        }
    }
}

/// A control string ends with BEL or ST; one that never ends takes the rest, as a terminal would.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next() {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                if chars.peek() == Some(&'\\') {
                    chars.next();
                }
                return;
            }
            _ => {}
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
