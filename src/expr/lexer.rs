//! Text → tokens with spans. It never fails: what it can't read becomes a problem and is stepped over, and what other
//! languages (or a Chinese keyboard) would have written is told by what was meant.

use super::problem::{Fault, Problem, Span};

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// `${name}`; `last_saved` for `${last-saved#name}`.
    Reference {
        name: String,
        last_saved: bool,
    },
    Name(String),
    Mark(Mark),
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    Open,
    Close,
    OpenSquare,
    CloseSquare,
    Comma,
    Slash,
    SlashSlash,
    Dot,
    DotDot,
    At,
    Bar,
    Axis,
    Star,
    Plus,
    Minus,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// `&&` and `||`: told as a problem, then read as meant.
    And,
    Or,
}

/// What is written elsewhere, and what it means here. Longer ones first.
const FOREIGN: &[(&str, &str, Option<Mark>)] = &[
    ("==", "=", Some(Mark::Equal)),
    ("<>", "!=", Some(Mark::NotEqual)),
    ("=>", ">=", Some(Mark::GreaterEqual)),
    ("=<", "<=", Some(Mark::LessEqual)),
    ("&&", "and", Some(Mark::And)),
    ("||", "or", Some(Mark::Or)),
    ("≥", ">=", Some(Mark::GreaterEqual)),
    ("≤", "<=", Some(Mark::LessEqual)),
    ("≠", "!=", Some(Mark::NotEqual)),
    ("（", "(", Some(Mark::Open)),
    ("）", ")", Some(Mark::Close)),
    ("，", ",", Some(Mark::Comma)),
    ("！=", "!=", Some(Mark::NotEqual)),
    ("！＝", "!=", Some(Mark::NotEqual)),
    ("＝", "=", Some(Mark::Equal)),
    ("＄", "$", None),
    ("｛", "{", None),
    ("｝", "}", None),
    ("＞", ">", Some(Mark::Greater)),
    ("＜", "<", Some(Mark::Less)),
    ("＋", "+", Some(Mark::Plus)),
    ("－", "-", Some(Mark::Minus)),
    ("−", "-", Some(Mark::Minus)),
    ("–", "-", Some(Mark::Minus)),
    ("×", "*", Some(Mark::Star)),
    ("÷", "div", None),
    ("!", "not()", None),
    ("%", "mod", None),
];

const MARKS: &[(&str, Mark)] = &[
    ("!=", Mark::NotEqual),
    ("<=", Mark::LessEqual),
    (">=", Mark::GreaterEqual),
    ("//", Mark::SlashSlash),
    ("::", Mark::Axis),
    ("..", Mark::DotDot),
    ("(", Mark::Open),
    (")", Mark::Close),
    ("[", Mark::OpenSquare),
    ("]", Mark::CloseSquare),
    (",", Mark::Comma),
    ("/", Mark::Slash),
    (".", Mark::Dot),
    ("@", Mark::At),
    ("|", Mark::Bar),
    ("*", Mark::Star),
    ("+", Mark::Plus),
    ("-", Mark::Minus),
    ("=", Mark::Equal),
    ("<", Mark::Less),
    (">", Mark::Greater),
];

pub(super) fn lex(text: &str, problems: &mut Vec<Problem>) -> Vec<(Token, Span)> {
    let mut lexer = Lexer { text, at: 0, problems };
    let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    tokens.push((Token::End, Span::new(text.len(), text.len())));
    tokens
}

/// A name starts so in XML; `:` joins a prefix (`jr:choice-name`) and is looked at by the lexer itself.
pub(super) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub(super) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}') || ('\u{300}'..='\u{36f}').contains(&c)
}

/// Byte order marks and zero-width spaces are pasted along and seen by nobody.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
}

/// What closes a text that `open` opens. Word processors bend quotes, so bent ones count as straight.
fn closers(open: char) -> Option<[char; 3]> {
    match open {
        '"' | '“' | '”' | '＂' => Some(['"', '”', '“']),
        '\'' | '‘' | '’' | '＇' => Some(['\'', '’', '‘']),
        _ => None,
    }
}

struct Lexer<'t, 'p> {
    text: &'t str,
    at: usize,
    problems: &'p mut Vec<Problem>,
}

impl Lexer<'_, '_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn next(&mut self) -> Option<(Token, Span)> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_space).len();
            let start = self.at;
            let c = self.rest().chars().next()?;
            let token = if let Some(closers) = closers(c) {
                Some(self.quoted(c, closers))
            } else if self.rest().starts_with("${") {
                self.reference()
            } else if c.is_ascii_digit() || (c == '.' && self.rest()[1..].starts_with(|d: char| d.is_ascii_digit())) {
                Some(self.number())
            } else if starts_name(c) {
                Some(Token::Name(self.name()))
            } else {
                self.mark(c)
            };
            if let Some(token) = token {
                return Some((token, Span::new(start, self.at)));
            }
        }
    }

    fn problem(&mut self, start: usize, fault: Fault) {
        self.problems.push(Problem { span: Span::new(start, self.at), fault });
    }

    fn quoted(&mut self, open: char, closers: [char; 3]) -> Token {
        let start = self.at;
        self.at += open.len_utf8();
        let rest = self.rest();
        match rest.char_indices().find(|(_, c)| closers.contains(c)) {
            Some((end, close)) => {
                let inner = rest[..end].to_owned();
                self.at += end + close.len_utf8();
                Token::Text(inner)
            }
            None => {
                let inner = rest.to_owned();
                self.at = self.text.len();
                self.problem(start, Fault::OpenText);
                Token::Text(inner)
            }
        }
    }

    fn reference(&mut self) -> Option<Token> {
        let start = self.at;
        let rest = self.rest();
        let Some(end) = rest.find('}').filter(|&end| !rest[2..end].contains("${")) else {
            self.at += 2;
            self.problem(start, Fault::OpenReference);
            return None;
        };
        let inner = rest[2..end].trim_matches(is_space);
        let (last_saved, name) = match inner.strip_prefix("last-saved#") {
            Some(name) => (true, name.to_owned()),
            None => (false, inner.to_owned()),
        };
        self.at += end + 1;
        if !is_name(&name) {
            self.problem(start, Fault::NotAName(name.clone()));
        }
        Some(Token::Reference { name, last_saved })
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        let rest = self.rest();
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let tail = &rest[digits..];
        let word = &tail[..tail.find(|c| !continues_name(c)).unwrap_or(tail.len())];
        let glued = !word.is_empty() && !word.starts_with('-') && !matches!(word, "and" | "or" | "div" | "mod");
        let end = if glued { digits + word.len() } else { digits };
        let written = rest[..end].to_owned();
        self.at += end;
        match written.parse() {
            Ok(number) if !glued => Token::Number(number),
            _ => {
                self.problem(start, Fault::NotANumber(written));
                Token::Number(f64::NAN)
            }
        }
    }

    fn name(&mut self) -> String {
        let rest = self.rest();
        let part = |text: &str| text.find(|c| !continues_name(c)).unwrap_or(text.len());
        let mut end = part(rest);
        let prefixed = rest[end..].strip_prefix(':').filter(|after| after.starts_with(starts_name));
        if let Some(after) = prefixed {
            end += 1 + part(after);
        }
        // `or.=5`: a name may end in a point, and nobody calls a question `or.`.
        if let Some(word) = rest[..end].strip_suffix('.').filter(|w| matches!(*w, "and" | "or" | "div" | "mod")) {
            end = word.len();
        }
        let name = rest[..end].to_owned();
        self.at += end;
        name
    }

    fn mark(&mut self, c: char) -> Option<Token> {
        let start = self.at;
        let rest = self.rest();
        let written = MARKS.iter().find(|(written, _)| rest.starts_with(written));
        let foreign = FOREIGN.iter().find(|(written, ..)| rest.starts_with(written));
        match (written, foreign) {
            // `!=` begins like `!`, and `==` like `=`: the longer reading is the right one.
            (Some(&(written, mark)), other) if other.is_none_or(|(long, ..)| long.len() <= written.len()) => {
                self.at += written.len();
                Some(Token::Mark(mark))
            }
            (_, Some(&(found, meant, mark))) => {
                self.at += found.len();
                self.problem(start, Fault::ForeignOperator { found, meant });
                match (meant, mark) {
                    (_, Some(mark)) => Some(Token::Mark(mark)),
                    ("not()", None) => None,
                    (word, None) => Some(Token::Name(word.to_owned())),
                }
            }
            _ => {
                self.at += c.len_utf8();
                self.problem(start, Fault::Character(c));
                None
            }
        }
    }
}

/// Can it be the name of a question?
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(|c| continues_name(c) || c == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut problems = Vec::new();
        let tokens = lex(text, &mut problems).into_iter().map(|(token, _)| token).collect();
        assert_eq!(problems, [], "{text}");
        tokens
    }

    fn faults(text: &str) -> Vec<Fault> {
        let mut problems = Vec::new();
        lex(text, &mut problems);
        problems.into_iter().map(|p| p.fault).collect()
    }

    #[test]
    fn a_hyphen_belongs_to_a_name_and_not_to_a_reference() {
        let name = |n: &str| Token::Name(n.to_owned());
        assert_eq!(tokens("a-b.c"), [name("a-b.c"), Token::End]);
        assert_eq!(
            tokens("${a}-1"),
            [
                Token::Reference { name: "a".into(), last_saved: false },
                Token::Mark(Mark::Minus),
                Token::Number(1.0),
                Token::End
            ]
        );
        assert_eq!(tokens("jr:choice-name")[0], name("jr:choice-name"));
    }

    #[test]
    fn an_operator_may_stand_close_to_the_dot() {
        let found = tokens(".=1 or.=2");
        assert_eq!(found[3..5], [Token::Name("or".into()), Token::Mark(Mark::Dot)]);
    }

    #[test]
    fn bent_quotes_are_quotes() {
        for text in ["'b'", "\"b\"", "“b”", "”b“", "‘b’", "“b\""] {
            assert_eq!(tokens(text)[0], Token::Text("b".into()), "{text}");
        }
        assert_eq!(faults("'b"), [Fault::OpenText]);
    }

    #[test]
    fn what_other_languages_write_is_told_by_what_was_meant() {
        for (text, found, meant) in
            [("==", "==", "="), ("a && b", "&&", "and"), ("（", "（", "("), ("!x", "!", "not()")]
        {
            assert_eq!(faults(text), [Fault::ForeignOperator { found, meant }], "{text}");
        }
        assert_eq!(faults("a != b"), []);
    }

    #[test]
    fn numbers_have_one_point_and_no_exponent() {
        assert_eq!(tokens("1.50 .5 5.")[..3], [Token::Number(1.5), Token::Number(0.5), Token::Number(5.0)]);
        for text in ["1e3", "1.2.3", "12abc"] {
            assert_eq!(faults(text), [Fault::NotANumber(text.into())]);
        }
    }

    #[test]
    fn references() {
        assert_eq!(tokens("${ a }")[0], Token::Reference { name: "a".into(), last_saved: false });
        assert_eq!(tokens("${last-saved#a}")[0], Token::Reference { name: "a".into(), last_saved: true });
        assert_eq!(faults("${a"), [Fault::OpenReference]);
        assert_eq!(faults("${a b}"), [Fault::NotAName("a b".into())]);
    }
}
