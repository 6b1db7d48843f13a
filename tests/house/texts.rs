//! Texts and code held together, both ways: what code says has its text, and every text is said by somebody. Sources are
//! read as tokens, so a key is seen wherever it stands: an argument, a table, an arm of a match, a macro.
//! A key that is put together has a row in [`filled`], which says what may stand in its place.

use dossier::command::settings::Setting;
use dossier::lang::{self, Lang};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A source as far as this test reads it. Numbers are words; what is in a comment or a character is nothing.
pub(super) enum Token {
    Text(String),
    Word(String),
    Mark(char),
    /// By its opening bracket.
    Group(char, Vec<Token>),
}

/// What stands up to the bracket that closes, or to the end.
fn read(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Vec<Token> {
    let mut out = Vec::new();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => drop(chars.find(|c| *c == '\n')),
            '/' if chars.peek() == Some(&'*') => {
                let mut last = ' ';
                chars.find(|c| std::mem::replace(&mut last, *c) == '*' && *c == '/');
            }
            '"' => out.push(Token::Text(quoted(chars))),
            // A character, or a lifetime.
            '\'' => {
                let mut ahead = chars.clone();
                match (ahead.next(), ahead.next()) {
                    (Some('\\'), _) => {
                        chars.next();
                        chars.next();
                        chars.find(|c| *c == '\'');
                    }
                    (Some(_), Some('\'')) => drop((chars.next(), chars.next())),
                    _ => {}
                }
            }
            '(' | '[' | '{' => out.push(Token::Group(c, read(chars))),
            ')' | ']' | '}' => return out,
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                match chars.peek() {
                    Some('"' | '#') if word == "r" || word == "br" => out.extend(raw(chars).map(Token::Text)),
                    _ => out.push(Token::Word(word)),
                }
            }
            c if c.is_whitespace() => {}
            c => out.push(Token::Mark(c)),
        }
    }
    out
}

/// To the end of a text; no key has anything in it that is escaped.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.extend(chars.next().map(|_| '\\')),
            c => out.push(c),
        }
    }
    out
}

/// A raw text; none, where `r#name` is a word.
fn raw(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let mut end = String::from('"');
    while chars.next_if_eq(&'#').is_some() {
        end.push('#');
    }
    chars.next_if_eq(&'"')?;
    let mut out = String::new();
    while !out.ends_with(&end) {
        out.push(chars.next()?);
    }
    out.truncate(out.len() - end.len());
    Some(out)
}

fn tokens(source: &str) -> Vec<Token> {
    without_tests(read(&mut source.chars().peekable()))
}

/// The tokens without attributes and without what `#[cfg(test)]` stands before.
fn without_tests(all: Vec<Token>) -> Vec<Token> {
    let mut out = Vec::new();
    let mut all = all.into_iter().peekable();
    let mut skips = false;
    while let Some(token) = all.next() {
        match token {
            Token::Mark('#') => {
                all.next_if(|next| matches!(next, Token::Mark('!')));
                if let Some(Token::Group(_, attribute)) = all.next_if(|next| matches!(next, Token::Group('[', _))) {
                    skips |= match &attribute[..] {
                        [Token::Word(cfg), Token::Group('(', what)] => {
                            cfg == "cfg" && matches!(&what[..], [Token::Word(test)] if test == "test")
                        }
                        _ => false,
                    };
                }
            }
            Token::Group(opened, _) if skips => skips = opened != '{',
            Token::Mark(mark) if skips => skips = mark != ';',
            _ if skips => {}
            Token::Group(opened, inside) => out.push(Token::Group(opened, without_tests(inside))),
            other => out.push(other),
        }
    }
    out
}

/// A file of the program, without what is tests only.
pub(super) struct Source {
    /// Below `src/`.
    pub path: String,
    pub tokens: Vec<Token>,
}

pub(super) fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    super::rust_files(&src, &mut files);
    let is_tests = |path: &str| path.split('/').any(|part| part == "tests" || part == "tests.rs");
    files
        .iter()
        .map(|file| (file.strip_prefix(&src).unwrap().to_str().unwrap().to_owned(), file))
        .filter(|(path, _)| !is_tests(path))
        .map(|(path, file)| Source { path, tokens: tokens(&std::fs::read_to_string(file).unwrap()) })
        .collect()
}

fn text_of(token: &Token) -> Option<&str> {
    match token {
        Token::Text(text) => Some(text),
        _ => None,
    }
}

/// Every text, however deep.
pub(super) fn texts(tokens: &[Token]) -> Vec<&str> {
    let mut out = Vec::new();
    for token in tokens {
        match token {
            Token::Group(_, inside) => out.extend(texts(inside)),
            other => out.extend(text_of(other)),
        }
    }
    out
}

/// What stands in the brackets of every call of `name`.
fn calls<'t>(tokens: &'t [Token], name: &str) -> Vec<&'t [Token]> {
    let mut out = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Group(_, inside) = token else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        if matches!(before, Some(Token::Word(word)) if word == name) {
            out.push(&inside[..]);
        }
        out.extend(calls(inside, name));
    }
    out
}

/// The bodies of the functions of that name, within `impl OF` where `of` names a type.
fn bodies<'t>(tokens: &'t [Token], of: Option<&str>, name: &str) -> Vec<&'t [Token]> {
    let mut out = Vec::new();
    let (mut in_impl, mut in_fn, mut last) = (false, false, "");
    for token in tokens {
        match token {
            Token::Word(word) => {
                in_impl |= word == "impl";
                in_fn |= last == "fn" && word == name && of.is_none();
                last = word;
            }
            Token::Group('{', inside) => {
                match of {
                    Some(of) if in_impl && last == of => out.extend(bodies(inside, None, name)),
                    None if in_fn => out.push(&inside[..]),
                    _ => out.extend(bodies(inside, of, name)),
                }
                (in_impl, in_fn) = (false, false);
            }
            _ => {}
        }
    }
    out
}

/// `present.col.name`, also with places: `present.col.{}`. Its first word is that of a text.
fn is_key(text: &str, heads: &BTreeSet<&str>) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-{}".contains(c));
    let mut words = text.split('.');
    words.next().is_some_and(|head| heads.contains(head)) && text.contains('.') && words.all(is_word)
}

/// A name of a file that looks like a key.
const FILES: [&str; 1] = ["dossier.key"];

/// The name of a rule and of a setting begin so.
const BEGINNINGS: [&str; 2] = ["exclusion.", "roll."];

/// `duty.{}` of `duty.{code}`.
fn pattern(text: &str) -> String {
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + "{}" + part.split_once('}').map_or("", |(_, after)| after))
}

struct Program(Vec<Source>);

impl Program {
    fn file(&self, path: &str) -> &[Token] {
        &self.0.iter().find(|source| source.path == path).unwrap_or_else(|| panic!("{path} is gone")).tokens
    }

    fn below<'s>(&'s self, folder: &'s str) -> impl Iterator<Item = &'s [Token]> {
        self.0.iter().filter(move |source| source.path.starts_with(folder)).map(|source| &source.tokens[..])
    }

    /// What a function that answers with codes may answer with.
    fn codes(&self, path: &str, of: Option<&str>, name: &str) -> Vec<String> {
        let bodies = bodies(self.file(path), of, name);
        assert!(!bodies.is_empty(), "{path} has no {name} of {of:?}");
        words(bodies.into_iter().flat_map(texts))
    }

    /// What stands first, or behind the words, in calls of a helper that puts a key together.
    fn first(&self, folder: &str, name: &str) -> Vec<String> {
        let mut out = Vec::new();
        for call in self.below(folder).flat_map(|tokens| calls(tokens, name)) {
            let at = |at: usize| call.get(at).and_then(text_of);
            // With a whole key behind it, nothing is put together.
            match (at(0), at(2)) {
                (Some(first), None) => out.push(first.to_owned()),
                (None, Some(second)) if at(4).is_none() => out.push(second.to_owned()),
                _ => {}
            }
        }
        assert!(!out.is_empty(), "{folder} calls no {name}");
        out
    }

    /// Every code that stands in calls of `name`.
    fn within(&self, path: &str, name: &str) -> Vec<String> {
        let out = words(calls(self.file(path), name).into_iter().flat_map(texts));
        assert!(!out.is_empty(), "{path} calls no {name}");
        out
    }
}

/// Those that are one plain word.
fn words<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let is_word = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    texts.filter(is_word).map(str::to_owned).collect()
}

fn owned<'a>(codes: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    codes.into_iter().map(str::to_owned).collect()
}

/// The codes of a code list that comes with the program.
fn listed(list: &str) -> Vec<String> {
    let text = dossier::data::file(&format!("codes/{list}.csv")).unwrap();
    text.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned).collect()
}

/// Every key that is put together, with what its place may hold.
fn filled(program: &Program) -> BTreeMap<&'static str, Vec<String>> {
    use dossier::command::roll::{AXES, FILTERS, movement::Lines};
    use dossier::command::{Duty, Role, fund::FundWaits, queue::Waits};
    use dossier::domain::dossier::{Status, UpperState};
    use dossier::domain::fund::{Books, CampaignState, MovementKind, PayoutState, PlaceKind};
    use dossier::domain::round::{DrawnFor, RoundState};
    use dossier::rules::{Fact, trace::VALUES_WITH_WORDS};
    use dossier::views::roll::movement::Moved;
    let both = |one: Vec<String>, other: Vec<String>| [one, other].concat();
    let why = [
        program.codes("command/logins.rs", Some("Barred"), "code"),
        program.codes("serve/session.rs", Some("Why"), "code"),
        program.codes("serve/caller.rs", None, "add_silent"),
        program.within("serve/manager.rs", "note"),
        program.within("command/maintenance.rs", "note"),
        program.within("command/keys.rs", "note_keys"),
        program.within("command/keys.rs", "note_maintenance"),
        program.within("command/backup/write.rs", "note_maintenance"),
    ];
    BTreeMap::from([
        ("aid.base.{}", program.codes("rules/aid.rs", Some("Base"), "code")),
        ("aid.state.{}", owned(PayoutState::ALL.map(PayoutState::code))),
        ("campaign.column.{}", owned(["name", "id_number", "unit", "class", "phone"])),
        ("campaign.line.{}", program.codes("command/fund/campaign/judging.rs", Some("LineState"), "code")),
        ("campaign.state.{}", owned(CampaignState::ALL.map(CampaignState::code))),
        ("case.line.{}", program.codes("tui/screens/step.rs", Some("Doing"), "lines")),
        ("cli.recipient.{}", program.codes("seal/recipient.rs", Some("RecipientKind"), "word")),
        ("closing.state.{}", owned(dossier::domain::fund::ClosingState::ALL.map(|state| state.code()))),
        ("did.{}", program.codes("domain/case/mod.rs", Some("Did"), "code")),
        ("duty.{}", owned(Duty::ALL.iter().map(|duty| duty.code()))),
        ("exclusion.{}", listed("exclusion")),
        ("fund.books.{}", owned(Books::ALL.map(Books::code))),
        ("fund.by.{}", program.codes("present/fund.rs", None, "by_code")),
        ("fund.kind.{}", both(owned(MovementKind::ALL.map(MovementKind::code)), owned(["reserved", "released"]))),
        ("fund.place.{}", owned(PlaceKind::ALL.map(PlaceKind::code))),
        ("fund.{}", both(program.first("present/fund.rs", "field"), program.first("present/fund.rs", "push"))),
        ("import.left.{}", program.within("command/import/taking_over.rs", "Err")),
        ("import.to.{}", owned(dossier::command::import::headings::TARGETS)),
        ("login.step.{}", owned(["in", "refused", "out", "store"])),
        ("login.why.{}", why.concat()),
        ("look.{}", program.codes("command/looks.rs", Some("LookLine"), "word")),
        ("paper.{}", listed("paper")),
        (
            "present.bureau.{}",
            both(program.first("present/bureau.rs", "field"), owned(Setting::ALL.map(Setting::code))),
        ),
        ("present.bureau.{}.how", owned(Setting::ALL.map(Setting::code))),
        ("present.day.{}", program.codes("domain/calendar.rs", Some("DayKind"), "code")),
        ("present.col.{}", program.first("present/", "column")),
        (
            "present.field.{}",
            both(program.first("present/case.rs", "field"), program.first("present/dossier.rs", "field")),
        ),
        ("present.origin.{}", program.codes("present/survey.rs", None, "origin_code")),
        ("present.paper.box.{}", program.within("present/paper.rs", "boxes")),
        ("query.{}", program.codes("command/queries.rs", Some("QueryState"), "code")),
        ("round.drawn.{}", owned(DrawnFor::ALL.map(DrawnFor::code))),
        ("round.irregular.{}", owned(dossier::command::round::Irregular::ALL.map(|one| one.code()))),
        ("round.state.{}", owned(RoundState::ALL.map(RoundState::code))),
        ("report.by.{}", owned(dossier::command::fund::AidBy::ALL.map(|by| by.code()))),
        ("role.{}", owned(Role::ALL.map(Role::code))),
        ("roll.filled.{}", owned(["none", "any"])),
        ("roll.by.{}", both(owned(FILTERS.map(|filter| filter.name)), owned(AXES))),
        ("roll.lines.{}", owned(Lines::ALL.map(Lines::code))),
        ("roll.moved.{}", owned(Moved::ALL.map(Moved::code))),
        ("rules.fact.{}", owned(Fact::ALL.iter().map(|fact| fact.name()))),
        ("rules.value.{}", owned(VALUES_WITH_WORDS)),
        ("tui.campaign.line.{}", program.codes("tui/screens/campaigns/entering.rs", Some("What"), "lines")),
        ("span.{}", program.codes("command/rights/duties.rs", Some("Span"), "code")),
        ("state.{}", owned(dossier::domain::State::ALL.map(|state| state.code()))),
        ("status.{}", owned(Status::ALL.map(Status::code))),
        ("upper.{}", owned(UpperState::ALL.map(UpperState::code))),
        ("waits.{}", [owned(Waits::ALL.map(Waits::code)), owned(FundWaits::ALL.map(FundWaits::code))].concat()),
    ])
}

#[test]
fn whatever_is_said_has_its_text_and_every_text_is_said() {
    let program = Program(sources());
    let keys: BTreeSet<&str> = lang::keys(Lang::Zh).chain(lang::keys(Lang::En)).collect();
    let heads: BTreeSet<&str> = keys.iter().filter_map(|key| key.split('.').next()).collect();
    let filled = filled(&program);
    let mut wrong = Vec::new();
    let mut said: BTreeSet<String> = BTreeSet::new();
    let mut patterns: BTreeSet<String> = BTreeSet::new();
    for Source { path, tokens } in &program.0 {
        for text in texts(tokens) {
            if text.ends_with('.') && heads.contains(text.trim_end_matches('.')) && !BEGINNINGS.contains(&text) {
                wrong.push(format!("{path}: {text}: write the key in one piece, with a place in it"));
            }
            match is_key(text, &heads) && !FILES.contains(&text) {
                true if text.contains('{') => drop(patterns.insert(pattern(text))),
                true if !keys.contains(text) => wrong.push(format!("{path}: {text} has no text")),
                true => drop(said.insert(text.to_owned())),
                false => {}
            }
        }
        for name in ["Word", "word"] {
            let found = calls(tokens, name).into_iter().flat_map(texts).find(|text| text.starts_with('{'));
            wrong.extend(found.map(|text| format!("{path}: {text}: say which words these are")));
        }
    }
    for pattern in &patterns {
        match filled.get(pattern.as_str()) {
            None => wrong.push(format!("{pattern} is put together: say in filled() of what")),
            Some(words) => {
                let whole: BTreeSet<String> = words.iter().map(|word| pattern.replace("{}", word)).collect();
                let missing = whole.iter().filter(|key| !keys.contains(key.as_str()));
                wrong.extend(missing.map(|key| format!("{key} has no text")));
                said.extend(whole);
            }
        }
    }
    wrong.extend(filled.keys().filter(|key| !patterns.contains(**key)).map(|key| format!("nobody says {key}")));
    wrong.extend(keys.iter().filter(|key| !said.contains(**key)).map(|key| format!("{key} is said by nobody")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_code_list_and_a_text_both_call_something_is_the_same() {
    for list in ["paper", "exclusion"] {
        let text = dossier::data::file(&format!("codes/{list}.csv")).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for row in reader.records().map(Result::unwrap) {
            for (lang, column) in [(Lang::Zh, 1), (Lang::En, 2)] {
                // In English a sentence has them small.
                let word = lang::word(&format!("{list}.{}", &row[0]), lang);
                assert!(word.eq_ignore_ascii_case(&row[column]), "{list} {}: {word}", &row[0]);
            }
        }
    }
}

#[test]
fn keys_are_found_wherever_they_stand() {
    let source = r##"
        /// "doc.comment"
        table! { One "a.one" [Units] }
        #[cfg(test)] mod tests { const X: &str = "a.test"; }
        impl Kind { fn code(self) -> &'static str { match self { Kind::A => "left", _ => "right" } } }
        fn code<'a>(c: char) -> &'a str { if c == '"' || c == '\'' { r#"a.raw"# } else { "other" } } /* "a.old" */
        fn say() { let x = [("k", word(match y { 1 => "a.two", _ => "a.three" }))]; column("name", Kind::Text); }
    "##;
    let tokens = tokens(source);
    let heads = BTreeSet::from(["a", "doc"]);
    let found: Vec<&str> = texts(&tokens).into_iter().filter(|text| is_key(text, &heads)).collect();
    assert_eq!(found, ["a.one", "a.raw", "a.two", "a.three"]);
    let codes: Vec<&str> = bodies(&tokens, Some("Kind"), "code").into_iter().flat_map(texts).collect();
    assert_eq!(codes, ["left", "right"]);
    assert_eq!(calls(&tokens, "column").into_iter().flat_map(texts).collect::<Vec<_>>(), ["name"]);
    assert_eq!(pattern("roll.by.{name}.x"), "roll.by.{}.x");
}
