//! `regex()`: Java's patterns, whose words the XForms engines use, in those of the crate that runs them.
//!
//! `\d \w \s \b` are ASCII, `\h \v \R \Z \Q…\E` and the POSIX classes are Java's, look-around, back references and
//! possessive quantifiers are the crate's own. What authors test in a browser only (`\_`, a lone `[` in brackets) is
//! taken as JavaScript takes it. A pattern that explodes is given up after [`STEPS_MAX`]: then nobody knows whether it matches.

mod reader;

use fancy_regex::{CompileError, Error, ParseError, Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A pattern over this many bytes when compiled is refused, and kept for nothing.
const BYTES_MAX: usize = 8 << 20;
/// A pattern over this many bytes takes the place of [`LARGE_WEIGHS`] others among those that are kept.
const SMALL_BYTES: usize = 1 << 20;
const LARGE_WEIGHS: usize = 64;
/// So many are kept.
const KEPT_MAX: usize = 512;
/// Instructions of the part that goes back and tries again.
const PROGRAM_MAX: usize = 50_000;
/// How often a match may go back and try otherwise. Patterns of the field need some dozens, and a long text some more; a
/// filter runs one over every choice of a list, so that short texts are held shorter.
const STEPS_MAX: [usize; 2] = [10_000, 100_000];
/// The longest short text, in bytes.
const SHORT: usize = 200;

type Known = Result<Rc<Compiled>, Refused>;

struct Compiled {
    regex: Regex,
    folds_beyond_ascii: bool,
    is_large: bool,
}

/// Why a pattern can't be run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::expr) enum Refused {
    Unreadable,
    /// Over [`BYTES_MAX`] or [`PROGRAM_MAX`] when compiled, or too deep.
    TooLarge,
}

thread_local! {
    /// Patterns stand in forms by the dozen and are run for each answer.
    static PATTERNS: [RefCell<HashMap<String, Known>>; 2] = Default::default();
}

pub(in crate::expr) fn refused(pattern: &str) -> Option<Refused> {
    known(pattern, false).err()
}

/// Whether the whole text matches; none when nobody knows: the pattern can't be run, or was given up.
pub(super) fn matches(text: &str, pattern: &str) -> Option<bool> {
    let known = known(pattern, text.len() > SHORT).ok()?;
    let matches = known.regex.is_match(text).ok()?;
    // It may be so by the case of a letter that Java would not have taken.
    let by_case = matches && known.folds_beyond_ascii && has_both_cases_beyond_ascii(text);
    (!by_case).then_some(matches)
}

/// Whether one letter stands in two cases of which one is none of ASCII's.
fn has_both_cases_beyond_ascii(text: &str) -> bool {
    let mut cases: HashMap<String, char> = HashMap::new();
    text.chars().any(|c| {
        let first = *cases.entry(c.to_lowercase().collect()).or_insert(c);
        first != c && !(first.is_ascii() && c.is_ascii())
    })
}

fn known(pattern: &str, long: bool) -> Known {
    PATTERNS.with(|patterns| {
        let mut patterns = patterns[usize::from(long)].borrow_mut();
        match patterns.get(pattern) {
            Some(known) => known.clone(),
            None => {
                let weight =
                    |known: &Known| known.as_ref().map_or(1, |pattern| if pattern.is_large { LARGE_WEIGHS } else { 1 });
                if patterns.values().map(weight).sum::<usize>() >= KEPT_MAX {
                    patterns.clear();
                }
                let made = compiled(pattern, STEPS_MAX[usize::from(long)]).map(Rc::new);
                patterns.insert(pattern.to_owned(), made.clone());
                made
            }
        }
    })
}

fn compiled(pattern: &str, steps: usize) -> Result<Compiled, Refused> {
    match compiled_within(pattern, steps, SMALL_BYTES) {
        Err(Refused::TooLarge) => compiled_within(pattern, steps, BYTES_MAX),
        known => known,
    }
}

fn compiled_within(pattern: &str, steps: usize, bytes: usize) -> Result<Compiled, Refused> {
    // First as Java reads brackets inside brackets (a class in a class), then as JavaScript does (the sign itself).
    let as_read = |nested: bool| {
        let translated = reader::translated(pattern, nested).ok_or(Refused::Unreadable)?;
        RegexBuilder::new(&translated.text)
            .backtrack_limit(steps)
            .delegate_size_limit(bytes)
            .delegate_dfa_size_limit(bytes)
            .max_prog_size(PROGRAM_MAX)
            .build()
            .map(|regex| Compiled {
                regex,
                folds_beyond_ascii: translated.folds_beyond_ascii,
                is_large: bytes > SMALL_BYTES,
            })
            .map_err(|error| why(&error))
    };
    as_read(true)
        .or_else(|first| as_read(false).map_err(|second| if first == second { first } else { Refused::TooLarge }))
}

fn why(error: &Error) -> Refused {
    match error {
        Error::ParseError(_, ParseError::RecursionExceeded) => Refused::TooLarge,
        Error::CompileError(error) => match &**error {
            CompileError::InnerError(inner) if inner.size_limit().is_some() => Refused::TooLarge,
            CompileError::PatternTooComplex => Refused::TooLarge,
            _ => Refused::Unreadable,
        },
        _ => Refused::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn holds(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(text, pattern), Some(expected), "{text:?} {pattern}");
    }

    #[test]
    fn what_a_back_reference_took_by_a_case_beyond_ascii_nobody_knows() {
        for (pattern, text, expected) in [
            (r"(?i)(.)\1", "aA", Some(true)),
            (r"(?i)(.)\1", "ab", Some(false)),
            (r"(?i)(.)\1", "éé", Some(true)),
            (r"(?i)(.)\1", "éÉ", None),
            (r"(?i)(.)\1", "k\u{212a}", Some(false)),
            (r"(?iu)(.)\1", "éÉ", Some(true)),
            (r"(.)\1", "éÉ", Some(false)),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text:?} {pattern}");
        }
    }

    #[test]
    fn classes_are_ascii_as_javas() {
        for (pattern, yes, no) in [
            (r"^\d{11}$", "13800000000", "１３８００００００００"),
            (r"\d", "7", "٧"),
            (r"[\d-]+", "010-1", "０"),
            (r"\w+", "a_1", "林"),
            (r"\W", "林", "a"),
            (r"\s", " ", "\u{3000}"),
            (r"\s", "\u{b}", "\u{a0}"),
            (r"\S", "\u{3000}", " "),
            (r"[^\W_]+", "a1", "a_"),
            (r"[\w-\.]+@[\w-]+", "a-b.c@d-e", "林@d"),
            (r".*\bab\b.*", "林ab区", "xab"),
            (r"a\Bb", "ab", "a b"),
            (r"\p{Alpha}+", "abc", "é"),
            (r"\p{L}+", "é林", "1"),
            (r"\pL\pN", "a1", "11"),
            (r"\p{IsHan}{2}", "林区", "ab"),
            (r"[\p{InCJK_UNIFIED_IDEOGRAPHS}·]{2,}", "阿·林", "ab"),
            (r"[\u4e00-\u9fa5]{2,4}", "林区", "l"),
            (r"\P{Punct}+", "ab", "a!"),
            (r"[^\p{Punct}]+", "ab", "!"),
            (r"\uD840\uDC00", "\u{20000}", "a"),
        ] {
            holds(pattern, yes, true);
            holds(pattern, no, false);
        }
    }

    #[test]
    fn either_case_means_ascii_letters_unless_the_whole_alphabet_is_asked_for() {
        for (pattern, yes, no) in [
            ("(?i)\u{c9}t\u{e9}", "\u{c9}T\u{e9}", "\u{e9}t\u{e9}"),
            ("(?iu)\u{c9}t\u{e9}", "\u{e9}T\u{c9}", "ete"),
            ("(?i)k", "K", "\u{212a}"),
            ("(?iu)k", "\u{212a}", "q"),
            ("(?i)[x-z\u{e9}]+", "XyZ\u{e9}", "\u{c9}"),
            ("(?i)[W-b]", "B", "c"),
            ("(?i)[^a]", "b", "A"),
            (r"(?i)(ab)\1", "abAB", "abAC"),
            (r"(?i)(?<n>ab)\k<n>", "abAB", "abAC"),
            (r"(?i)\p{Lower}\p{Lu}", "Aa", "a1"),
            ("a(?i)b(?-i)c", "aBc", "aBC"),
            ("a(?i:b)c", "aBc", "ABc"),
            (r"(?i)\Qa.b\E", "A.B", "AxB"),
            (r"(?i)\x61", "A", "b"),
            (r"(?U)\d\w\s", "５林\u{3000}", "5林-"),
            (r"(?U:\w)\w", "林a", "林林"),
            (r"(?U)\p{Alpha}\p{Digit}", "林５", "林-"),
            (r"(?U)\P{Punct}", "林", "，"),
            ("[[:digit:]]", ":", "5"),
        ] {
            holds(pattern, yes, true);
            holds(pattern, no, false);
        }
    }

    #[test]
    fn a_character_is_named_as_unicode_names_it() {
        holds(r"\N{LATIN SMALL LETTER E WITH ACUTE}+", "\u{e9}\u{e9}", true);
        holds(r"[\N{digit one}-\N{digit three}]+", "132", true);
        holds(r"\N{CJK UNIFIED IDEOGRAPH-6797}", "\u{6797}", true);
        assert_eq!(refused(r"\N{NO SUCH SIGN}"), Some(Refused::Unreadable));
        assert_eq!(refused(r"\N"), Some(Refused::Unreadable));
    }

    #[test]
    fn looking_around_back_references_quotes_and_possessives_are_javas() {
        for (pattern, yes, no) in [
            (r"^(?!0)\d{4}$", "5123", "0123"),
            (r"^(?=.*[A-Z])(?=.*\d).{6,}$", "Passw0rd", "password"),
            (r".*(?<=#)\d+", "a#12", "a12"),
            (r"\d+(?<!0)", "12", "10"),
            (r"(?<!a)b|ab?c", "abc", "ab"),
            (r".*(?<=ab|c)d+", "abdd", "add"),
            (r"(\d)\1{3}", "7777", "7776"),
            (r"(a)\10", "aa0", "aa"),
            (r"(?<x>\d)\k<x>", "11", "12"),
            (r"\Q1+1\E=2", "1+1=2", "11=2"),
            (r"\Q(a", "(a", "a"),
            (r"[\Q]^\E]+", "]^", "\\"),
            (r"a\h+b", "a \u{3000}\tb", "a\nb"),
            (r"a\Rb", "a\r\nb", "a b"),
            (r"a\Z", "a", "ab"),
            (r"a\v", "a\n", "a "),
            (r"a*+b", "aaab", "aaaa"),
            (r"a*+a", "", "aaa"),
            (r"(?>a|ab)c", "ac", "abc"),
            (r"(?i)abc", "ABC", "abd"),
            (r"(?iu:a)b", "Ab", "AB"),
            (r"a{2,3}", "aa", "a"),
            (r"x{1,2}}", "xx}", "xx"),
            (r"[a-z&&[^aeiou]]+", "bcd", "bad"),
            (r"[a-c[x-z]]+", "axz", "m"),
            (r"\0101\x42\x{43}", "ABC", "abc"),
            ("a|b", "b", "ab"),
            (r"(?x) ^ \d {4} $ # a year", "2024", " 2024"),
            (r"(?x: a [ b c ] ) d", "ac d", "acd"),
            (r"(?x)a(?-x: )b", "a b", "ab"),
            (r"((?x) a )  b", "a  b", "ab"),
            ("(?x)a # one\nb", "ab", "a b"),
            ("a.b", "a-b", "a\u{2028}b"),
            ("a.b", "a\tb", "a\u{85}b"),
            ("(?s)a.b", "a\u{2028}b", "ab"),
            (r"\Ga", "a", "ba"),
            (r"\p{block=Cyrillic}+", "да", "da"),
        ] {
            if yes.is_empty() {
                holds(pattern, no, false);
                continue;
            }
            holds(pattern, yes, true);
            holds(pattern, no, false);
        }
    }

    #[test]
    fn what_a_browser_takes_for_the_sign_itself_is_taken_so() {
        for (pattern, text) in [
            (r"a\_b", "a_b"),
            (r"[[]", "["),
            (r"[&&]", "&"),
            (r"[a-]", "-"),
            (r"[+--]", ","),
            (r"\'\/", "'/"),
            (r"[~^]", "^"),
        ] {
            holds(pattern, text, true);
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_read_says_neither_yes_nor_no() {
        for pattern in [
            "(",
            "a)",
            "[a",
            "*a",
            "[z-a]",
            r"\y",
            r"\p{Nonsense}",
            "(?<a",
            "(?y)a",
            r"\uD840",
            "a{3,2}",
            "a{",
            "a{,3}",
            r"^\d{4$",
            "a{2,x}",
            "a{ 2}",
            "a\\",
            "[a\\",
            "(?<n>a)(?<n>b)",
            "(?<=a+)b",
            "(?<!(a*)c)b",
            "(?<=a{2,})b",
        ] {
            assert_eq!(matches("a", pattern), None, "{pattern}");
        }
    }

    #[test]
    fn of_a_pattern_that_explodes_nobody_knows_whether_it_matches() {
        let text = "a".repeat(200);
        assert_eq!(matches(&format!("{text}!"), r"(a|aa)+\1[bc]"), None);
        assert_eq!(matches(&format!("{}d", "ab".repeat(100)), "(a|b|ab)*(?=c)."), None);
        // Here the crate sees at once that there is no `b`.
        assert_eq!(matches(&text, r"(a+)+\1b"), Some(false));
        assert_eq!(refused(r"(a|aa)+\1[bc]"), None);
        for pattern in ["(((a{1,200}){1,200}){1,200}){1,200}b", "((?=a)(b{1000}){1000}){1000}"] {
            assert_ne!(matches(&text, pattern), Some(true), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_is_too_large_is_told_from_one_that_cannot_be_read() {
        let deep = format!("{}a{}", "(".repeat(20_000), ")".repeat(20_000));
        let classes = "[".repeat(30_000);
        for large in
            ["(((a{1,200}){1,200}){1,200}){1,200}b", r"(?=a)(\p{L}{500}){500}", "((?=a)(b{1000}){1000}){1000}", &deep]
        {
            assert_eq!(refused(large), Some(Refused::TooLarge), "{:.40}", large);
        }
        for unreadable in ["(", "a{3,2}", r"\y", &classes] {
            assert_eq!(refused(unreadable), Some(Refused::Unreadable), "{:.40}", unreadable);
        }
    }
}
