//! A pattern as Java reads it, said in the words of the crate that runs it.

/// Classes inside one another.
const DEEP_MAX: usize = 16;

const DIGIT: &str = "0-9";
const WORD: &str = "a-zA-Z0-9_";
const SPACE: &str = "\\t\\n\\x0B\\f\\r\\x20";
const HORIZONTAL: &str = "\\t\\x20\\u{A0}\\u{1680}\\u{180E}\\u{2000}-\\u{200A}\\u{202F}\\u{205F}\\u{3000}";
/// What a point does not stand for.
const LINE_ENDS: &str = "\\n\\r\\u{85}\\u{2028}\\u{2029}";
const VERTICAL: &str = "\\n\\x0B\\f\\r\\u{85}\\u{2028}\\u{2029}";

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

/// The whole pattern; `nested`: a class in a class is one, as in Java, else its bracket is the sign itself, as in JavaScript.
/// `None`: it cannot be read.
pub(super) fn translated(pattern: &str, nested: bool) -> Option<Translated> {
    let chars = pattern.chars().collect();
    let (flags, around) = (Flags::default(), Vec::new());
    let mut reader = Reader {
        chars,
        at: 0,
        out: String::new(),
        nested,
        deep: 0,
        flags,
        around,
        behind: None,
        names: Vec::new(),
        folds_beyond_ascii: false,
    };
    reader.out.push_str("\\A(?:");
    reader.pattern()?;
    reader.out.push_str(")\\z");
    Some(Translated { text: reader.out, folds_beyond_ascii: reader.folds_beyond_ascii })
}

/// A pattern in the crate's words.
pub(super) struct Translated {
    pub text: String,
    /// A back reference takes either case of every letter, where Java takes that of ASCII's alone: the crate has no words for it.
    pub folds_beyond_ascii: bool,
}

/// One member of a class, or what an escape stands for.
enum Member {
    Char(char),
    /// Ready text that stands inside brackets.
    Set(String),
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    out: String,
    nested: bool,
    /// Classes inside classes.
    deep: usize,
    flags: Flags,
    /// The flags around each group that is open.
    around: Vec<Flags>,
    /// How many groups are open around the outermost look-behind that is: what stands in it must have a greatest length.
    behind: Option<usize>,
    /// Names of groups, each given once.
    names: Vec<String>,
    folds_beyond_ascii: bool,
}

/// Flags that change what is read here; the crate keeps the others.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// `x`: blanks and remarks say nothing.
    loose: bool,
    /// `s`: a point stands for the end of a line too.
    all: bool,
    /// `i`: either case of a letter; of ASCII's letters alone, unless `u` stands beside it.
    either_case: bool,
    /// `u`: the whole alphabet has cases.
    unicode_case: bool,
    /// `U`: `\d`, `\w`, `\s` and `\b` are of the whole alphabet.
    unicode_classes: bool,
}

impl Flags {
    /// Letters are written in both cases here; the crate does it where the whole alphabet is meant.
    fn doubles(self, c: char) -> bool {
        self.either_case && !self.unicode_case && c.is_ascii_alphabetic()
    }

    fn digit(self) -> &'static str {
        if self.unicode_classes { "\\p{Nd}" } else { DIGIT }
    }

    fn word(self) -> &'static str {
        if self.unicode_classes { "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u{200C}\\u{200D}" } else { WORD }
    }

    fn space(self) -> &'static str {
        if self.unicode_classes { "\\p{White_Space}" } else { SPACE }
    }

    fn crate_folds(self) -> bool {
        self.either_case && self.unicode_case
    }
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn begins(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn pattern(&mut self) -> Option<()> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape()?,
                '[' => {
                    let class = self.class()?;
                    self.out.push_str(&class);
                }
                '(' => self.open()?,
                ')' => {
                    self.flags = self.around.pop().unwrap_or_default();
                    self.behind = self.behind.filter(|around| self.around.len() > *around);
                    self.out.push(')');
                }
                '{' => self.count()?,
                '.' if !self.flags.all => self.out.push_str(&format!("[^{LINE_ENDS}]")),
                c if self.skips(c) => {}
                '*' | '+' if self.behind.is_some() && !self.is_possessive(c) => return None,
                ']' | '}' | '#' | ' ' | '&' | '~' => self.literal(c),
                c if c.is_alphabetic() => self.literal(c),
                c => self.out.push(c),
            }
        }
        Some(())
    }

    /// Behind a `{`, to its `}`: `{2}`, `{2,}`, `{2,3}`. Any other is an error in Java, as is one that can't be met: `{3,2}`.
    fn count(&mut self) -> Option<()> {
        let rest = &self.chars[self.at..];
        let inner: String = rest.iter().take_while(|c| **c != '}').collect();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| is_number(text));
        let (low, high) = inner.split_once(',').map_or((inner.as_str(), None), |(low, high)| (low, Some(high)));
        let least = number(low)?;
        let met = match high {
            None | Some("") => true,
            Some(high) => number(high)? >= least,
        };
        let endless = high == Some("") && self.behind.is_some();
        if !met || endless || inner.len() == rest.len() {
            return None;
        }
        self.out.push_str(&format!("{{{inner}}}"));
        self.at += inner.len() + 1;
        Some(())
    }

    /// Whether a `+` that was just taken stands behind a quantifier, which it only makes possessive.
    fn is_possessive(&self, c: char) -> bool {
        let before = |back: usize| self.at.checked_sub(back).and_then(|at| self.chars.get(at));
        c == '+' && matches!(before(2), Some('?' | '*' | '+' | '}')) && before(3) != Some(&'\\')
    }

    /// Whether `c`, which was just taken, says nothing: blanks and remarks under the flag `x`.
    fn skips(&mut self, c: char) -> bool {
        if !self.flags.loose || !(c == '#' || matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')) {
            return false;
        }
        while c == '#' && self.next().is_some_and(|c| c != '\n' && c != '\r') {}
        true
    }

    /// Groups, and flags: `i`, `u`, `U` are as Java has them, `d` says nothing here.
    fn open(&mut self) -> Option<()> {
        self.out.push('(');
        if !self.begins("?") || ["?<", "?=", "?!", "?>", "?:"].iter().any(|kind| self.begins(kind)) {
            if self.begins("?<=") || self.begins("?<!") {
                self.behind = self.behind.or(Some(self.around.len()));
            }
            self.around.push(self.flags);
            // The name of a group is no text to be matched.
            if self.begins("?<") && !self.begins("?<=") && !self.begins("?<!") {
                let end = self.chars[self.at..].iter().position(|c| *c == '>')?;
                let name: String = self.chars[self.at..=self.at + end].iter().collect();
                // Java knows a group by its name, and no two by one.
                if self.names.contains(&name) {
                    return None;
                }
                self.out.push_str(&name);
                self.names.push(name);
                self.at += end + 1;
            }
            return Some(());
        }
        self.at += 1;
        let (mut turned_on, mut turned_off) = (String::new(), String::new());
        let (mut inside, mut on) = (self.flags, true);
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphabetic() || *c == '-') {
            self.at += 1;
            let flags = if on { &mut turned_on } else { &mut turned_off };
            match c {
                // Blanks and remarks are left out here, so that the crate need not know of them.
                'x' => inside.loose = on,
                'i' => inside.either_case = on,
                'u' => inside.unicode_case = on,
                'm' => flags.push(c),
                's' => {
                    inside.all = on;
                    flags.push(c);
                }
                '-' if on => on = false,
                // It brings the cases of the whole alphabet along.
                'U' => (inside.unicode_classes, inside.unicode_case) = (on, on || inside.unicode_case),
                'd' => {}
                _ => return None,
            }
        }
        match (self.flags.crate_folds(), inside.crate_folds()) {
            (false, true) => turned_on.push('i'),
            (true, false) => turned_off.push('i'),
            _ => {}
        }
        let off = if turned_off.is_empty() { String::new() } else { format!("-{turned_off}") };
        let flags = format!("{turned_on}{off}");
        match self.next()? {
            ')' if flags.is_empty() => self.out.push_str("?:)"),
            ')' => self.out.push_str(&format!("?{flags})")),
            ':' => {
                self.around.push(self.flags);
                self.out.push_str(&format!("?{flags}:"));
            }
            _ => return None,
        }
        self.flags = inside;
        Some(())
    }

    fn literal(&mut self, c: char) {
        if self.flags.doubles(c) {
            self.out.push_str(&format!("[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase()));
        } else if c.is_ascii_punctuation() || c == ' ' {
            self.out.push_str(&format!("\\x{:02X}", u32::from(c)));
        } else {
            self.out.push(c);
        }
    }

    /// What a group held, once more; in either case where letters are.
    fn back_reference(&mut self, reference: &str) {
        let folds = self.flags.either_case && !self.flags.unicode_case;
        self.folds_beyond_ascii |= folds;
        self.out.push_str(&format!("(?{}:{reference})", if folds { "i" } else { "" }));
    }

    /// Outside brackets.
    fn escape(&mut self) -> Option<()> {
        let word = self.flags.word();
        let within = |ahead: &str, behind: &str| format!("(?:(?{behind}[{word}])(?{ahead}[{word}])");
        match self.peek() {
            Some('Q') => {
                self.at += 1;
                while !self.begins("\\E") {
                    let Some(c) = self.next() else { return Some(()) };
                    self.literal(c);
                }
                self.at += 2;
            }
            // An end that nothing began.
            Some('E') => self.at += 1,
            Some('b') => {
                self.at += 1;
                self.out.push_str(&format!("{}|{}", within("!", "<="), &within("=", "<!")[3..]));
                self.out.push(')');
            }
            Some('B') => {
                self.at += 1;
                self.out.push_str(&format!("{}|{}", within("=", "<="), &within("!", "<!")[3..]));
                self.out.push(')');
            }
            Some('A') => {
                self.at += 1;
                self.out.push_str("\\A");
            }
            // Where the last match ended: the whole text is matched once.
            Some('G') => {
                self.at += 1;
                self.out.push_str("\\A");
            }
            Some('z') => {
                self.at += 1;
                self.out.push_str("\\z");
            }
            Some('Z') => {
                self.at += 1;
                self.out.push_str(&format!("(?=(?:\\r\\n|[{VERTICAL}])?\\z)"));
            }
            Some('R') => {
                self.at += 1;
                self.out.push_str(&format!("(?:\\r\\n|[{VERTICAL}])"));
            }
            Some('X') => {
                self.at += 1;
                self.out.push_str("(?:\\P{M}\\p{M}*)");
            }
            Some('k') if self.chars.get(self.at + 1) == Some(&'<') => {
                let end = self.chars[self.at..].iter().position(|c| *c == '>')?;
                let name: String = self.chars[self.at + 2..self.at + end].iter().collect();
                self.at += end + 1;
                self.back_reference(&format!("\\k<{name}>"));
            }
            Some(c @ '1'..='9') => {
                self.at += 1;
                // A digit behind it belongs to no back reference: `\10` is the first group and a nought.
                self.back_reference(&format!("\\{c}"));
            }
            _ => match self.member()? {
                Member::Char(c) => self.literal(c),
                Member::Set(set) => self.out.push_str(&format!("[{set}]")),
            },
        }
        Some(())
    }

    /// Behind a backslash, inside brackets or out.
    fn member(&mut self) -> Option<Member> {
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

    fn hex(&mut self, digits: usize) -> Option<u32> {
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
    fn class(&mut self) -> Option<String> {
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
