//! What was typed, cut into words, each in every form in which it may be compared.

use super::fold::{code_chars, is_dash, name_chars, typed};
use super::tails::{IdPart, id_part, id_tail, phone_tail, reissued};
use crate::domain::letters;
use std::ops::RangeInclusive;

const WORDS: usize = 8;
/// Letters of a word fit a 64-bit set of positions, the end included.
const WORD_CHARS: usize = 63;
const TYPED_CHARS: usize = 400;
/// Shorter tails of ID numbers and phones find too many.
pub(super) const TAIL: usize = 4;

/// One word.
pub(super) struct Term {
    /// As names are compared.
    pub(super) chars: Vec<char>,
    /// As numbers are compared.
    pub(super) code: Vec<char>,
    /// As typed, where it was typed with dashes: 临-3-12 is not 临-31-2.
    pub(super) dashed: Option<String>,
    /// Pinyin or initials: `a` to `z`, ü as `v`.
    pub(super) letters: Option<Vec<u8>>,
    pub(super) id_tail: Option<RangeInclusive<u64>>,
    /// Whole: 18 characters typed, or 15 of an old one.
    pub(super) id_whole: Option<u64>,
    pub(super) phone_tail: Option<RangeInclusive<u64>>,
    /// Six digits and more: they may stand anywhere in an ID number.
    pub(super) id_part: Option<IdPart>,
    /// Letters in which ü is spelled as a name in Latin letters is compared: it meets such names only.
    pub(super) of_latin_names: bool,
}

/// The words of a query; and, where it makes a difference, once more with neighbouring runs of letters or of digits
/// joined: `zhang guo qiang`, `138 0000 0000`; and each once more as names in Latin letters are compared: `müller`, `lyu bu`.
pub(super) fn parse(text: &str) -> Vec<Vec<Term>> {
    let clipped: String = text.chars().take(TYPED_CHARS).collect();
    let folded = typed(&clipped);
    let parts = folded.split(|c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '、' | '。'));
    let words: Vec<String> = parts.filter(|w| !w.is_empty()).take(WORDS).map(str::to_owned).collect();
    let mut joined: Vec<String> = Vec::new();
    for word in &words {
        match joined.last_mut() {
            Some(last) if kind(last) == kind(word) && kind(word) != WordKind::Other => last.push_str(word),
            _ => joined.push(word.clone()),
        }
    }
    let terms = |words: &[String]| words.iter().filter_map(|w| Term::new(w)).collect::<Vec<Term>>();
    let mut out = vec![terms(&words)];
    if joined.len() < words.len() {
        out.push(terms(&joined));
    }
    for ways in [&words, &joined][..out.len()].iter() {
        if let Some(latin) = in_latin_names(ways) {
            out.push(latin);
        }
    }
    out.retain(|terms| !terms.is_empty());
    out
}

#[derive(PartialEq, Eq)]
enum WordKind {
    Letters,
    Digits,
    Other,
}

fn kind(word: &str) -> WordKind {
    if word.chars().all(|c| {
        c.is_ascii_lowercase()
            || c == '\''
            || (!c.is_ascii() && letters::unaccented(c).is_some_and(|c| c.is_ascii_lowercase()))
    }) {
        WordKind::Letters
    } else if word.chars().all(|c| c.is_ascii_digit() || is_dash(c) || matches!(c, 'x' | '+' | '(' | ')' | '.')) {
        WordKind::Digits
    } else {
        WordKind::Other
    }
}

impl Term {
    /// Whether the letters are for a name or a unit written so.
    pub(super) fn is_for(&self, text: &str) -> bool {
        !self.of_latin_names || name_chars(text).any(|c| c.is_ascii_lowercase())
    }

    fn new(word: &str) -> Option<Term> {
        let chars: Vec<char> = name_chars(word).take(WORD_CHARS).collect();
        let code: Vec<char> = code_chars(word).take(WORD_CHARS).collect();
        if chars.is_empty() && code.is_empty() {
            return None;
        }
        let digits: String = code.iter().filter(|c| !matches!(c, '+' | '(' | ')')).collect();
        let long_enough = digits.len() >= TAIL;
        let old = reissued(&digits).and_then(|long| id_tail(&long)).map(|range| *range.start());
        let whole = (digits.len() == 18).then(|| id_tail(&digits)).flatten().map(|range| *range.start());
        // A whole number is read as the form reads it, a part of one by its digits.
        let phone = letters::mobile(word).unwrap_or_else(|| digits.clone());
        Some(Term {
            letters: aloud(word),
            dashed: word.contains(is_dash).then(|| dashed(word)),
            id_tail: long_enough.then(|| id_tail(&digits)).flatten(),
            id_whole: whole.or(old),
            id_part: id_part(&digits),
            phone_tail: (phone.len() >= TAIL).then(|| phone_tail(&phone)).flatten(),
            of_latin_names: false,
            chars,
            code,
        })
    }
}

/// The words with ü spelled u, as names in Latin letters are compared without accents: typed as it is, as `v`, or as passports have
/// it. None where nothing is spelled otherwise by it.
fn in_latin_names(words: &[String]) -> Option<Vec<Term>> {
    let mut changed = false;
    let terms = words.iter().filter_map(|word| {
        let mut term = Term::new(word)?;
        if let Some(letters) = &mut term.letters {
            let mut spelled: String = name_chars(word).take(WORD_CHARS).collect();
            for (typed, meant) in [("lv", "lu"), ("nv", "nu"), ("lyu", "lu"), ("nyu", "nu")] {
                spelled = spelled.replace(typed, meant);
            }
            if spelled.as_bytes() != letters.as_slice() && spelled.bytes().all(|b| b.is_ascii_lowercase()) {
                changed = true;
                (*letters, term.of_latin_names) = (spelled.into_bytes(), true);
            }
        }
        Some(term)
    });
    let terms: Vec<Term> = terms.collect();
    changed.then_some(terms)
}

/// A number with its dashes, all dashes alike.
pub(super) fn dashed(text: &str) -> String {
    let one = |c: char| if is_dash(c) { '-' } else { c.to_ascii_uppercase() };
    text.chars().filter(|c| !c.is_whitespace()).map(one).collect()
}

/// ü is typed as v, also after j, q, x and y, where it is spelled u.
fn aloud(word: &str) -> Option<Vec<u8>> {
    let mut out = String::with_capacity(word.len());
    // An ü that was typed is one, though names are compared without accents.
    for c in word.split('ü').flat_map(|part| std::iter::once('ü').chain(name_chars(part))).skip(1).take(WORD_CHARS) {
        match c {
            'ü' => out.push('v'),
            'a'..='z' => out.push(c),
            _ => return None,
        }
    }
    for (typed, meant) in [("jv", "ju"), ("qv", "qu"), ("xv", "xu"), ("yv", "yu")] {
        if out.contains(typed) {
            out = out.replace(typed, meant);
        }
    }
    Some(out.into_bytes()).filter(|out| !out.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        parse(text).iter().map(|terms| terms.iter().map(|t| t.chars.iter().collect()).collect()).collect()
    }

    #[test]
    fn full_width_is_narrowed_and_runs_of_one_kind_are_also_joined() {
        assert_eq!(words("Ｚｈａｎｇ　三林场"), [["zhang", "三林场"]]);
        assert_eq!(words("zhang guo 三"), [vec!["zhang", "guo", "三"], vec!["zhangguo", "三"]]);
        assert_eq!(words("138 0000 0000"), [vec!["138", "0000", "0000"], vec!["13800000000"]]);
        assert_eq!(words("敖·巴特尔"), [["敖巴特尔"]]);
        assert!(words(" ，、\u{1b} ").is_empty());
    }

    #[test]
    fn four_digits_are_a_tail_and_three_are_none() {
        let term = |text| Term::new(text);
        assert!(term("0311").is_some_and(|t| t.id_tail.is_some() && t.phone_tail.is_some()));
        assert!(term("031x").is_some_and(|t| t.id_tail.is_some() && t.phone_tail.is_none()));
        assert!(term("311").is_some_and(|t| t.id_tail.is_none() && t.phone_tail.is_none()));
        assert!(term("152126680315031").is_some_and(|t| t.id_whole == crate_id("152126196803150311")));
    }

    fn crate_id(text: &str) -> Option<u64> {
        super::super::tails::pack_id(text)
    }
}
