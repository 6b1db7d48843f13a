//! Texts as they are compared: full-width narrowed, lower case, without the dots and dashes that people leave out.

use crate::domain::letters;
use unicode_normalization::UnicodeNormalization;

/// One typed or stored character as compared in names; `None` for what names are compared without.
fn name_char(c: char) -> Option<char> {
    match c {
        c if c.is_ascii_alphanumeric() => Some(c.to_ascii_lowercase()),
        '·' | '•' | '・' | '‧' | '．' | '.' | '\'' | '’' | '-' => None,
        c if c.is_whitespace() || c.is_control() => None,
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９' => {
            char::from_u32(u32::from(c) - 0xFEE0).map(|c| c.to_ascii_lowercase())
        }
        c if letters::is_invisible(c) => None,
        // Old and private forms are the character meant, letters are compared without their accents.
        c if u32::from(c) >= 0x2e80 => Some(letters::meant(c)),
        c => letters::unaccented(c).map(|c| c.to_ascii_lowercase()),
    }
}

/// Words of a name in Latin letters behind the first, as compared: `Smith` of `John Smith`.
pub(super) fn later_words(name: &str) -> impl Iterator<Item = Vec<u8>> + '_ {
    let parts = name.split(|c: char| c.is_whitespace() || matches!(c, '·' | '•' | '・' | '.' | '-' | ','));
    let words = parts.filter(|part| !part.is_empty()).skip(1);
    words.filter_map(|word| {
        let letters: Option<Vec<u8>> = name_chars(word).map(|c| c.is_ascii_lowercase().then_some(c as u8)).collect();
        letters.filter(|letters| letters.len() > 1)
    })
}

/// A name as compared.
pub(super) fn name_chars(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter_map(name_char)
}

/// A number as compared: upper case, no dashes, no blanks.
pub(super) fn code_chars(code: &str) -> impl DoubleEndedIterator<Item = char> + '_ {
    code.chars().filter(|c| !is_dash(*c) && !c.is_whitespace() && !c.is_control()).map(|c| c.to_ascii_uppercase())
}

pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '－' | '—' | '–' | '‐' | '−' | '_' | '/')
}

/// Whatever is typed: NFKC, lower case.
pub(super) fn typed(text: &str) -> String {
    letters::seen(text).nfkc().flat_map(char::to_lowercase).map(letters::meant).collect()
}

/// At most `limit` bytes of a text, composed, cut between characters.
pub(super) fn clipped(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for c in text.trim().nfc() {
        if out.len() + c.len_utf8() > limit {
            break;
        }
        out.push(c);
    }
    out
}

/// Whether one text becomes the other by at most one changed, missing or extra character or one swap of neighbours.
pub(super) fn one_off(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short, long) = (&short[same..], &long[same..]);
    if long.len() > short.len() {
        return long[1..] == *short;
    }
    match (short, long) {
        ([], []) => true,
        ([_, x @ ..], [_, y @ ..]) if x == y => true,
        ([p, q, x @ ..], [r, s, y @ ..]) => p == s && q == r && x == y,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_missing_extra_or_swapped_and_never_two() {
        let check = |a: &str, b: &str| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            assert_eq!(one_off(&a, &b), one_off(&b, &a));
            one_off(&a, &b)
        };
        for near in ["张国强", "张国墙", "张强", "张国", "国强", "张小国强", "国张强", "张强国"] {
            assert!(check("张国强", near), "{near}");
        }
        for far in ["张", "张强军", "李国墙", "强国张", "张国强大军"] {
            assert!(!check("张国强", far), "{far}");
        }
    }
}
