//! Texts as they are compared: full-width narrowed, lower case, without the dots and dashes that people leave out.

use super::readings::Table;
use crate::domain::letters;
use unicode_normalization::UnicodeNormalization;

/// One typed or stored character as compared in names: none for what names are compared without, several for a ligature.
enum Folded {
    One(Option<char>),
    Several(std::vec::IntoIter<char>),
}

impl Iterator for Folded {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Folded::One(c) => c.take(),
            Folded::Several(rest) => rest.next(),
        }
    }
}

fn folded(c: char) -> Folded {
    match c {
        c if c.is_ascii_alphanumeric() => Folded::One(Some(c.to_ascii_lowercase())),
        '·' | '•' | '・' | '‧' | '．' | '.' | '\'' | '’' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' => {
            Folded::One(None)
        }
        c if c.is_whitespace() || c.is_control() || letters::is_invisible(c) => Folded::One(None),
        // Old and private forms are the character meant. In full width stand Latin letters, too.
        '\u{2e80}'..='\u{abff}' | '\u{e000}'..='\u{faff}' | '\u{20000}'.. => Folded::One(Some(letters::meant(c))),
        'ß' | 'ẞ' => spelled("ss"),
        'æ' | 'Æ' => spelled("ae"),
        'œ' | 'Œ' => spelled("oe"),
        'þ' | 'Þ' => spelled("th"),
        // In every script as one writes small letters, ligatures as the letters they join, letters without their accents.
        c => {
            let small = std::iter::once(c).nfkc().flat_map(char::to_lowercase).map(letters::meant);
            let mut plain = small.filter_map(letters::unaccented).filter(|c| !c.is_whitespace());
            match (plain.next(), plain.next()) {
                (one, None) => Folded::One(one),
                (one, two) => Folded::Several(one.into_iter().chain(two).chain(plain).collect::<Vec<_>>().into_iter()),
            }
        }
    }
}

fn spelled(letters: &str) -> Folded {
    Folded::Several(letters.chars().collect::<Vec<_>>().into_iter())
}

/// Words of a name behind the first, in letters: `Smith` of `John Smith`, what stands behind an apostrophe, `Brien` of `O'Brien`; and of
/// a name in Chinese characters with a dot each way to read a later part aloud, and its initials: `tuya` and `ty` of 包·图雅.
pub(super) fn later_words(name: &str) -> impl Iterator<Item = Vec<u8>> + '_ {
    const DOTS: [char; 5] = ['·', '•', '・', '‧', '．'];
    // A blank in a Chinese name is there to fill a column.
    let dotted = name.contains(DOTS);
    let parts =
        name.split(move |c: char| c.is_whitespace() || DOTS.contains(&c) || matches!(c, '.' | '-' | '‐' | '‑' | ','));
    let words = parts.filter(|part| !part.is_empty()).enumerate().flat_map(|(at, word)| {
        let behind = word.split_once(['\'', '’']).map(|(_, behind)| behind);
        (at > 0).then_some(word).into_iter().chain(behind)
    });
    words.flat_map(move |word| {
        let letters: Option<Vec<u8>> = name_chars(word).map(|c| c.is_ascii_lowercase().then_some(c as u8)).collect();
        let ways = match letters {
            Some(letters) => vec![letters],
            None if dotted => read_aloud(word),
            None => Vec::new(),
        };
        ways.into_iter().filter(|letters| letters.len() > 1)
    })
}

/// Ways to read a part of a name aloud that are kept.
const READINGS: usize = 8;

/// A part in Chinese characters: its syllables joined, and their first letters. None for one that has a character without a reading.
fn read_aloud(part: &str) -> Vec<Vec<u8>> {
    let table = Table::get();
    let mut ways: [Vec<Vec<u8>>; 2] = [vec![Vec::new()], vec![Vec::new()]];
    for c in name_chars(part) {
        let syllables = table.of(c, false).iter().map(|syllable| table.text(*syllable)).collect::<Vec<_>>();
        for (at, ways) in ways.iter_mut().enumerate() {
            let ends = |way: &Vec<u8>| {
                let way = way.clone();
                let end = move |s: &&[u8]| [&way[..], if at == 0 { *s } else { &s[..1] }].concat();
                syllables.iter().map(end).collect::<Vec<_>>()
            };
            // The usual readings come first, and are those that stay.
            let mut seen = std::collections::HashSet::new();
            *ways = ways.iter().flat_map(ends).filter(|way| seen.insert(way.clone())).take(READINGS).collect();
        }
    }
    ways.concat()
}

/// A name as compared.
pub(super) fn name_chars(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().flat_map(folded)
}

/// Whether two names are one as names are compared: width, case, dots, accents and signs that are not seen aside.
pub fn same_name(one: &str, other: &str) -> bool {
    name_chars(one).eq(name_chars(other))
}

/// A number as compared: upper case, no dashes, no blanks.
pub(super) fn code_chars(code: &str) -> impl DoubleEndedIterator<Item = char> + '_ {
    code.chars().filter(|c| !is_dash(*c) && !c.is_whitespace() && !c.is_control()).map(|c| c.to_ascii_uppercase())
}

pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '－' | '\u{2010}'..='\u{2015}' | '−' | '_' | '/')
}

/// Whatever is typed: NFKC, lower case, without the marks of direction that are copied along with a number.
pub(super) fn typed(text: &str) -> String {
    letters::seen(text)
        .nfkc()
        .filter(|c| !letters::is_direction_mark(*c))
        .flat_map(char::to_lowercase)
        .map(letters::meant)
        .collect()
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
    fn a_stored_name_and_the_same_name_typed_are_compared_alike_in_every_script() {
        let whole = |text: &str| name_chars(text).collect::<String>();
        for (kept, compared) in [
            ("Иван Петров", "иванпетров"),
            ("Өвгөн Үүрд", "өвгөнүүрд"),
            ("ǅuro", "dzuro"),
            ("ﬁona", "fiona"),
            ("Müller Straße", "mullerstrasse"),
            ("Øystein Ægir", "oysteinaegir"),
            ("Þór", "thor"),
            ("İlkay", "ilkay"),
            ("Ａｎｎａ　Ｌｅｅ", "annalee"),
            ("O’Brien‑Smith", "obriensmith"),
            ("张·三", "张三"),
            ("김철수", "김철수"),
            ("ᠪᠠᠲᠤ", "ᠪᠠᠲᠤ"),
        ] {
            assert_eq!(whole(kept), compared, "{kept}");
            assert_eq!(whole(&typed(kept)), compared, "{kept}");
            assert_eq!(whole(&kept.to_uppercase()), whole(&kept.to_lowercase()), "{kept}");
        }
    }

    #[test]
    fn a_later_word_and_what_stands_behind_an_apostrophe_are_words() {
        let words = |name: &str| later_words(name).filter_map(|w| String::from_utf8(w).ok()).collect::<Vec<_>>();
        assert_eq!(words("O'Brien-Smith"), ["brien", "smith"]);
        assert_eq!(words("Rossi D’Angelo"), ["dangelo", "angelo"]);
        assert_eq!(words("Müller Straße"), ["strasse"]);
        assert_eq!(words("包·图雅"), ["tuya", "ty"]);
        assert_eq!(words("阿·巴图·Li"), ["batu", "bt", "li"]);
        assert!(
            words("Anna").is_empty()
                && words("张 三").is_empty()
                && words("张　三").is_empty()
                && words("ᠪᠠᠲᠤ·ᠪ").is_empty()
        );
    }

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
