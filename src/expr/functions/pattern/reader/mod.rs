//! A pattern as Java reads it, said in the words of the crate that runs it. What stands in brackets or behind a backslash is
//! read in `class.rs`.

mod class;

use class::Member;

/// Classes inside one another.
const DEEP_MAX: usize = 16;

const DIGIT: &str = "0-9";
const WORD: &str = "a-zA-Z0-9_";
const SPACE: &str = "\\t\\n\\x0B\\f\\r\\x20";
const HORIZONTAL: &str = "\\t\\x20\\u{A0}\\u{1680}\\u{180E}\\u{2000}-\\u{200A}\\u{202F}\\u{205F}\\u{3000}";
/// What a point does not stand for.
const LINE_ENDS: &str = "\\n\\r\\u{85}\\u{2028}\\u{2029}";
const VERTICAL: &str = "\\n\\x0B\\f\\r\\u{85}\\u{2028}\\u{2029}";

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
}
