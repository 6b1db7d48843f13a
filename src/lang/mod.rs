//! Sentences: a message key and its arguments become words in Chinese or English, for screens, command line and reports
//! alike. Also how wide a text stands on a terminal, and the one place where a text is made safe to print.
//! It does not know who is speaking, nor what any key means.
//! Start reading at [`say`]; the texts are `data/lang/{zh,en}/<room>.toml`.

mod clean;
mod system;
mod texts;
mod width;

pub use clean::{clean, is_invisible, without_escapes};
pub use texts::{has, help, help_texts, keys, text};
pub use width::{CUT, CUT_FRONT, cells, cut, cut_front, head_of, pad, pad_front, wrap, wrap_by};

use crate::domain::{Arg, Explain, Message};

/// A language of the program. Every text stands in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// `zh`, `en`: as typed after `--lang`, and the name of the folder.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// What stands between a label and what it is of.
    pub fn colon(self) -> &'static str {
        match self {
            Lang::Zh => "：",
            Lang::En => ": ",
        }
    }

    /// Reads `zh`, `en`, and what stands in `LANG` (`zh_CN.UTF-8`). Anything else is `None`.
    pub fn from_code(code: &str) -> Option<Lang> {
        let head: String = code.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        Lang::ALL.into_iter().find(|l| l.code() == head)
    }

    pub fn other(self) -> Lang {
        match self {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }
}

/// The sentence of `message` in `lang`. A key that no file holds comes back visibly, as `[room.key]` with its
/// arguments, so that nothing is ever hidden by a missing text. What fills a place is [`clean`]ed.
pub fn say(message: &Message, lang: Lang) -> String {
    match text(message.key, lang) {
        Some(template) => fill(template, &message.args, lang),
        None => {
            let args: Vec<String> = message.args.iter().map(|(n, a)| format!("{n}={}", argument(a, lang))).collect();
            if args.is_empty() { format!("[{}]", message.key) } else { format!("[{} {}]", message.key, args.join(" ")) }
        }
    }
}

/// The sentence of anything that can be told to a person.
pub fn explain(thing: &impl Explain, lang: Lang) -> String {
    say(&thing.explain(), lang)
}

/// A word of the list, such as `status.open`; a missing one comes back as `[status.open]`.
pub fn word(key: &str, lang: Lang) -> String {
    text(key, lang).map_or_else(|| format!("[{}]", clean(key)), str::to_owned)
}

/// One argument as text. Money is grouped, a day is ISO, a word and a sentence are said in the same language.
fn argument(arg: &Arg, lang: Lang) -> String {
    match arg {
        Arg::Text(text) => system::said(text, lang).unwrap_or_else(|| clean(text)),
        Arg::Number(n) => n.to_string(),
        Arg::Money(fen) => fen.grouped(),
        Arg::Day(day) => day.to_string(),
        Arg::Said(message) => say(message, lang),
        Arg::Word(key) => word(key, lang),
    }
}

/// A part of a template.
enum Piece<'t> {
    Text(&'t str),
    /// `{name}`: the whole, and the name.
    Place(&'t str, &'t str),
}

/// Cuts a template into texts and places. `${name}` is text, since sentences speak of references as forms write them;
/// `${{name}}` is a reference to what fills `name`. A lone brace is text.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let reference = rest.get(..open).is_some_and(|before| before.ends_with('$'));
        let doubled = rest.get(open + 1..).is_some_and(|after| after.starts_with('{'));
        let Some(close) = rest.get(open..).and_then(|place| place.find('}')).map(|at| open + at) else { break };
        let (text, after) = match (reference, doubled) {
            (true, true) => (open + 1, open + 1),
            (true, false) => (close + 1, close + 1),
            (false, _) => (open, close + 1),
        };
        out.push(Piece::Text(rest.get(..text).unwrap_or_default()));
        if !reference {
            let whole = rest.get(open..=close).unwrap_or_default();
            out.push(Piece::Place(whole, whole.trim_start_matches('{').trim_end_matches('}')));
        }
        rest = rest.get(after..).unwrap_or_default();
    }
    out.push(Piece::Text(rest));
    out
}

/// Fills the places. One without an argument stays as it is.
fn fill(template: &str, args: &[(&'static str, Arg)], lang: Lang) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Place(whole, name) => match args.iter().find(|(n, _)| *n == name) {
                Some((_, arg)) => out.push_str(&argument(arg, lang)),
                None => out.push_str(whole),
            },
        }
    }
    out
}

/// The names of the `{places}` of a template, sorted, each once.
pub fn places(template: &str) -> Vec<&str> {
    let mut names: Vec<&str> = pieces(template)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Place(_, name) => Some(name),
            Piece::Text(_) => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Day, Fen};

    #[test]
    fn every_kind_of_argument_fills_its_place() {
        let args: Vec<(&'static str, Arg)> = vec![
            ("t", "林".into()),
            ("n", 3u32.into()),
            ("m", Fen(123_456_789).into()),
            ("d", Day(0).into()),
            ("w", Arg::Word("rules.yes".into())),
            ("s", Message::new("rules.yes").into()),
        ];
        assert_eq!(fill("{t} {n} {m} {d} {w} {s} {t}", &args, Lang::En), "林 3 1,234,567.89 1970-01-01 yes yes 林");
        assert_eq!(fill("{w}", &args, Lang::Zh), "是");
    }

    #[test]
    fn a_place_without_an_argument_and_a_lone_brace_stay() {
        assert_eq!(fill("a {b} c", &[], Lang::Zh), "a {b} c");
        assert_eq!(fill("a {b", &[], Lang::Zh), "a {b");
        assert_eq!(fill("a } b", &[], Lang::Zh), "a } b");
        assert_eq!(fill("{}", &[], Lang::Zh), "{}");
    }

    #[test]
    fn a_reference_of_a_form_is_no_place() {
        let args: Vec<(&'static str, Arg)> = vec![("name", "age".into())];
        for (template, expected, names) in [
            ("{name}:: as ${name}", "age:: as ${name}", vec!["name"]),
            ("write ${{name}}.", "write ${age}.", vec!["name"]),
            ("${x}${{name}}{name}", "${x}${age}age", vec!["name"]),
            ("${", "${", vec![]),
            ("${{name", "${{name", vec![]),
            ("${题名}", "${题名}", vec![]),
        ] {
            assert_eq!(fill(template, &args, Lang::En), expected, "{template}");
            assert_eq!(places(template), names, "{template}");
        }
    }

    #[test]
    fn an_argument_is_never_read_as_a_template() {
        let args: Vec<(&'static str, Arg)> = vec![("a", "{b}".into()), ("b", "x".into())];
        assert_eq!(fill("{a}", &args, Lang::Zh), "{b}");
    }

    #[test]
    fn a_missing_key_is_shown_with_what_it_was_to_say() {
        let message = Message::new("no.such").with("path", "a\u{1b}[31mb");
        assert_eq!(say(&message, Lang::Zh), "[no.such path=ab]");
        assert_eq!(say(&Message::new("no.such"), Lang::En), "[no.such]");
        assert_eq!(word("no.word", Lang::En), "[no.word]");
    }

    #[test]
    fn a_language_is_known_by_code_and_by_locale() {
        for (typed, lang) in [
            ("zh", Some(Lang::Zh)),
            ("zh_CN.UTF-8", Some(Lang::Zh)),
            ("EN", Some(Lang::En)),
            ("en-GB", Some(Lang::En)),
            ("C.UTF-8", None),
            ("", None),
        ] {
            assert_eq!(Lang::from_code(typed), lang, "{typed}");
        }
    }
}
