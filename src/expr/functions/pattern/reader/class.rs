//! Classes of characters: what stands in brackets, and what an escape or `\p{…}` stands for there and outside.

use super::{DEEP_MAX, DIGIT, HORIZONTAL, Reader, SPACE, VERTICAL};

/// Java's names in `\p{…}` that are ASCII there, or that the crate calls otherwise.
const CLASSES: &[(&str, &str)] = &[
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", "\\x00-\\x7F"),
    ("Alpha", "a-zA-Z"),
    ("Digit", DIGIT),
    ("Alnum", "a-zA-Z0-9"),
    ("Punct", "!-/:-@\\[-`{-\\x7E"),
    ("Graph", "!-\\x7E"),
    ("Print", "\\x20-\\x7E"),
    ("Blank", "\\t\\x20"),
    ("Cntrl", "\\x00-\\x1F\\x7F"),
    ("XDigit", "0-9a-fA-F"),
    ("Space", SPACE),
    ("javaLowerCase", "\\p{Lowercase}"),
    ("javaUpperCase", "\\p{Uppercase}"),
    ("javaWhitespace", "\\p{White_Space}"),
    ("L1", "\\x00-\\u{FF}"),
    ("InBasicLatin", "\\x00-\\x7F"),
    ("InLatin-1Supplement", "\\u{80}-\\u{FF}"),
    ("InGreek", "\\u{370}-\\u{3FF}"),
    ("InCyrillic", "\\u{400}-\\u{4FF}"),
    ("InArabic", "\\u{600}-\\u{6FF}"),
    ("InTibetan", "\\u{F00}-\\u{FFF}"),
    ("InMongolian", "\\u{1800}-\\u{18AF}"),
    ("InGeneralPunctuation", "\\u{2000}-\\u{206F}"),
    ("InCJKSymbolsandPunctuation", "\\u{3000}-\\u{303F}"),
    ("InHiragana", "\\u{3040}-\\u{309F}"),
    ("InKatakana", "\\u{30A0}-\\u{30FF}"),
    ("InCJKUnifiedIdeographsExtensionA", "\\u{3400}-\\u{4DBF}"),
    ("InCJKUnifiedIdeographs", "\\u{4E00}-\\u{9FFF}"),
    ("InCJKCompatibilityIdeographs", "\\u{F900}-\\u{FAFF}"),
    ("InHalfwidthandFullwidthForms", "\\u{FF00}-\\u{FFEF}"),
    ("InCJKUnifiedIdeographsExtensionB", "\\u{20000}-\\u{2A6DF}"),
];

/// Those of them that are of the whole alphabet under the flag `U`.
const UNICODE_CLASSES: &[(&str, &str)] = &[
    ("Lower", "\\p{Lowercase}"),
    ("Upper", "\\p{Uppercase}"),
    ("Alpha", "\\p{Alphabetic}"),
    ("Digit", "\\p{Nd}"),
    ("Alnum", "\\p{Alphabetic}\\p{Nd}"),
    ("Punct", "\\p{P}"),
    ("Graph", "[^\\p{White_Space}\\p{Cc}\\p{Cn}]"),
    ("Print", "[^\\p{Cc}\\p{Cn}[\\p{White_Space}--\\p{Zs}]]"),
    ("Blank", "\\p{Zs}\\t"),
    ("Cntrl", "\\p{Cc}"),
    ("XDigit", "\\p{Nd}\\p{Hex_Digit}"),
    ("Space", "\\p{White_Space}"),
];

/// One member of a class, or what an escape stands for.
pub(super) enum Member {
    Char(char),
    /// Ready text that stands inside brackets.
    Set(String),
}

impl Reader {
    /// Behind a backslash, inside brackets or out.
    pub(super) fn member(&mut self) -> Option<Member> {
        let set = |set: &str| Some(Member::Set(set.to_owned()));
        let not = |set: &str| Some(Member::Set(format!("[^{set}]")));
        let c = self.next()?;
        match c {
            'd' => set(self.flags.digit()),
            'D' => not(self.flags.digit()),
            'w' => set(self.flags.word()),
            'W' => not(self.flags.word()),
            's' => set(self.flags.space()),
            'S' => not(self.flags.space()),
            'h' => set(HORIZONTAL),
            'H' => not(HORIZONTAL),
            'v' => set(VERTICAL),
            'V' => not(VERTICAL),
            'p' => self.property(false),
            'P' => self.property(true),
            't' => Some(Member::Char('\t')),
            'n' => Some(Member::Char('\n')),
            'r' => Some(Member::Char('\r')),
            'f' => Some(Member::Char('\u{c}')),
            'a' => Some(Member::Char('\u{7}')),
            'e' => Some(Member::Char('\u{1b}')),
            'c' => {
                let letter = self.next().filter(char::is_ascii)?;
                char::from_u32(u32::from(letter) ^ 64).map(Member::Char)
            }
            'N' => {
                let end = self.chars[self.at..].iter().position(|c| *c == '}')?;
                let name: String = self.take('{').then(|| self.chars[self.at..self.at + end - 1].iter().collect())?;
                self.at += end;
                unicode_names2::character(&name).map(Member::Char)
            }
            '0' => {
                let mut value = 0;
                for _ in 0..3 {
                    let Some(digit) = self.peek().and_then(|c| c.to_digit(8)).filter(|d| value * 8 + d <= 255) else {
                        break;
                    };
                    (value, self.at) = (value * 8 + digit, self.at + 1);
                }
                char::from_u32(value).map(Member::Char)
            }
            'x' if self.take('{') => {
                let end = self.chars[self.at..].iter().position(|c| *c == '}')?;
                let value = u32::from_str_radix(&self.chars[self.at..self.at + end].iter().collect::<String>(), 16);
                self.at += end + 1;
                char::from_u32(value.ok()?).map(Member::Char)
            }
            'x' => self.hex(2).and_then(char::from_u32).map(Member::Char),
            'u' => {
                let value = self.hex(4)?;
                if !(0xd800..0xdc00).contains(&value) {
                    return char::from_u32(value).map(Member::Char);
                }
                // Two halves, as Java writes a character beyond the basic plane.
                if !(self.take('\\') && self.take('u')) {
                    return None;
                }
                let low = self.hex(4)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                char::from_u32(0x10000 + ((value - 0xd800) << 10) + low).map(Member::Char)
            }
            c if c.is_ascii_alphabetic() => None,
            c => Some(Member::Char(c)),
        }
    }

    pub(super) fn hex(&mut self, digits: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..digits {
            value = value * 16 + self.next()?.to_digit(16)?;
        }
        Some(value)
    }

    /// `\p{Han}`, `\pL`, `\p{IsHan}`, `\p{script=Han}`, `\p{Alpha}`, `\p{InCJK Unified Ideographs}`.
    fn property(&mut self, negated: bool) -> Option<Member> {
        let mut name = String::new();
        if self.take('{') {
            loop {
                match self.next()? {
                    '}' => break,
                    c => name.push(c),
                }
            }
        } else {
            name.push(self.next()?);
        }
        let mut negated = negated;
        if let Some(rest) = name.strip_prefix('^') {
            (name, negated) = (rest.to_owned(), !negated);
        }
        // `block=Cyrillic` is another way to write `InCyrillic`.
        let lower = name.to_ascii_lowercase();
        if let Some(block) = ["block=", "blk="].iter().find_map(|key| lower.strip_prefix(key)) {
            name = format!("In{block}");
        }
        let plain = |text: &str| text.chars().filter(|c| !matches!(c, ' ' | '_')).collect::<String>().to_lowercase();
        // Where either case will do, a class of one case stands for both.
        if self.flags.either_case {
            let both = match name.trim_start_matches("Is") {
                "Lower" | "Upper" => Some("a-zA-Z"),
                "Lu" | "Ll" | "Lt" | "javaLowerCase" | "javaUpperCase" | "Lowercase" | "Uppercase" => {
                    Some("\\p{Lu}\\p{Ll}\\p{Lt}")
                }
                _ => None,
            };
            if let Some(set) = both {
                return Some(Member::Set(if negated { format!("[^{set}]") } else { set.to_owned() }));
            }
        }
        if self.flags.unicode_classes
            && let Some((_, set)) = UNICODE_CLASSES.iter().find(|(known, _)| *known == name)
        {
            return Some(Member::Set(if negated { format!("[^{set}]") } else { (*set).to_owned() }));
        }
        let known =
            CLASSES.iter().find(|(known, _)| *known == name || known.starts_with("In") && plain(known) == plain(&name));
        if let Some((_, set)) = known {
            return Some(Member::Set(if negated { format!("[^{set}]") } else { (*set).to_owned() }));
        }
        let name = name.strip_prefix("Is").filter(|rest| !rest.is_empty()).unwrap_or(&name);
        let shaped = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || " _=-".contains(c));
        shaped.then(|| Member::Set(format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' })))
    }

    /// Behind a `[`, to its end: the class as the crate writes it.
    pub(super) fn class(&mut self) -> Option<String> {
        let mut out = String::from("[");
        if self.take('^') {
            out.push('^');
        }
        let start = out.len();
        let mut first = true;
        loop {
            let c = self.next()?;
            let member = match c {
                ']' if !first => break,
                c if self.skips(c) => continue,
                '[' if self.nested && self.deep >= DEEP_MAX => return None,
                '[' if self.nested => {
                    self.deep += 1;
                    let inner = self.class()?;
                    self.deep -= 1;
                    Member::Set(inner)
                }
                '&' if self.nested && self.begins("&") && !first && out.len() > start => {
                    self.at += 1;
                    if self.peek() == Some(']') {
                        return None;
                    }
                    out.push_str("&&");
                    continue;
                }
                '\\' if self.begins("Q") => {
                    self.at += 1;
                    while !self.begins("\\E") {
                        let c = self.next()?;
                        out.push_str(&escaped(c));
                    }
                    self.at += 2;
                    first = false;
                    continue;
                }
                '\\' => self.member()?,
                c => Member::Char(c),
            };
            first = false;
            match member {
                Member::Set(set) => out.push_str(&set),
                Member::Char(low) => {
                    let start_of_range = out.len();
                    out.push_str(&escaped(low));
                    // Behind a bracket it would begin the name of a class, though it is escaped: as a range it does not.
                    if low == ':' {
                        out.push_str(&format!("-{}", escaped(low)));
                    }
                    if self.flags.doubles(low) {
                        out.push_str(&escaped(other_case(low)));
                    }
                    // A range, unless the hyphen stands at the end or before a class: then it is itself.
                    let ends = !self.begins("-")
                        || self.chars.get(self.at + 1).is_none_or(|c| *c == ']' || (*c == '[' && self.nested));
                    if ends {
                        continue;
                    }
                    let back = self.at;
                    self.at += 1;
                    let high = match self.next()? {
                        '\\' => self.member()?,
                        c => Member::Char(c),
                    };
                    match high {
                        Member::Char(high) if low <= high => {
                            out.truncate(start_of_range);
                            out.push_str(&format!("{}-{}", escaped(low), escaped(high)));
                            if self.flags.either_case && !self.flags.unicode_case {
                                out.push_str(&other_cases(low, high));
                            }
                        }
                        Member::Char(_) => return None,
                        Member::Set(_) => {
                            self.at = back + 1;
                            out.push_str(&escaped('-'));
                        }
                    }
                }
            }
        }
        out.push(']');
        Some(out)
    }
}

fn other_case(c: char) -> char {
    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}

/// ASCII's letters from `low` to `high`, as ranges of the other case.
fn other_cases(low: char, high: char) -> String {
    let other = |first: char, last: char| {
        let (low, high) = (low.max(first), high.min(last));
        if low > high { String::new() } else { format!("{}-{}", other_case(low), other_case(high)) }
    };
    other('a', 'z') + &other('A', 'Z')
}

/// A character that stands for itself inside brackets.
fn escaped(c: char) -> String {
    if c.is_ascii_alphanumeric() || !c.is_ascii() { c.to_string() } else { format!("\\x{:02X}", u32::from(c)) }
}
