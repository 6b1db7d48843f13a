//! The same screens line by line, for a screen reader, a printing terminal, a pipe: nothing is ever drawn over. A line that is
//! typed is keys and Enter; what follows from it is said below, and only what is not as it was said last.
//!
//! It knows keys and texts. What a key means and what there is to be said is the screens': [`super::app::App`] asks them.

use super::key::Key;
use super::keymap::{self, KeyScope};
use super::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use serde::{Deserialize, Serialize};

/// How a session is shown where somebody sits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ShownAs {
    #[default]
    Screens,
    /// `echoes`: what is typed is not shown by the terminal itself.
    Lines { echoes: bool },
}

/// So many cells a line has at least, and so many lines a screen: what a screen would cut where it is smaller is said.
pub const COLUMNS: u16 = 80;
pub const ROWS: u16 = 24;

/// No line that is typed is longer.
const TYPED_MAX: usize = 8 << 10;

/// What a line that was typed means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Typed {
    Keys(Vec<Key>),
    /// A slash, and behind it no key's name.
    NoSuchKey(String),
    /// `/?`: every key that counts now.
    AllKeys,
}

/// What was said last, and what is being typed.
#[derive(Default)]
pub struct Linear {
    /// The terminal does not show by itself what is typed into it, and wants its carriage back.
    echoes: bool,
    typed: String,
    title: String,
    said: Vec<String>,
    standing: String,
    hints: String,
    out: String,
    /// What stands in a field of what is being typed.
    kept: String,
}

/// What there is to be said of a screen now.
pub struct Saying {
    pub title: String,
    pub lines: Vec<String>,
    /// All of it comes of what was typed.
    pub is_outcome: bool,
    /// What just came of a key.
    pub message: String,
    /// What stands in the message line until it is so no more.
    pub standing: String,
    /// Key and meaning of each hint.
    pub hints: Vec<(String, String)>,
}

/// What a key does to the line that is being typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LineKey {
    /// It is one character more, or fewer.
    Line,
    /// The line is whole.
    Entered(String),
    /// A key by itself, behind what was typed.
    Pressed(String, Key),
    /// What was typed was thrown away.
    Dropped,
}

impl Linear {
    pub fn new(echoes: bool) -> Linear {
        Linear { echoes, ..Linear::default() }
    }

    fn end(&self) -> &'static str {
        if self.echoes { "\r\n" } else { "\n" }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push_str(self.end());
    }

    /// Whether somebody is in the middle of a line.
    pub fn is_typing(&self) -> bool {
        !self.typed.is_empty()
    }

    /// Whether the terminal is one that is drawn on, or could be.
    pub fn echoes(&self) -> bool {
        self.echoes
    }

    /// So much of what is being typed stands in its field already.
    pub fn kept(&self) -> &str {
        &self.kept
    }

    pub fn keep(&mut self, kept: String) {
        self.kept = kept;
    }

    /// What is being typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> LineKey {
        let before = self.typed.len();
        match key {
            Key::Char(c) => self.typed.push(*c),
            // A line has one line: what is behind its end goes on behind a blank.
            Key::Paste(pasted) => self.typed.extend(pasted.chars().map(|c| if c == '\n' { ' ' } else { c })),
            Key::Backspace => {
                if let Some(c) = self.typed.pop()
                    && self.echoes
                {
                    let cells = text::width(c.encode_utf8(&mut [0; 4]));
                    self.out.push_str(&"\u{8} \u{8}".repeat(cells));
                }
                return LineKey::Line;
            }
            Key::Enter => {
                self.end_of_line();
                return LineKey::Entered(std::mem::take(&mut self.typed));
            }
            // What throws a line away elsewhere does it here, and what moves within one does nothing.
            Key::Ctrl('c' | 'u') | Key::Esc | Key::Unreadable if !self.typed.is_empty() => {
                self.typed.clear();
                self.end_of_line();
                return LineKey::Dropped;
            }
            Key::Left | Key::Right | Key::Home | Key::End | Key::Delete | Key::Ctrl('a' | 'k' | 'w')
                if !self.typed.is_empty() =>
            {
                return LineKey::Line;
            }
            other => {
                if self.echoes {
                    let label = format!("/{}", other.label());
                    self.out.push_str(&label);
                    self.end_of_line();
                }
                return LineKey::Pressed(std::mem::take(&mut self.typed), other.clone());
            }
        }
        if self.typed.len() > TYPED_MAX {
            self.typed.truncate(before);
        } else if self.echoes {
            let added = text::clean(&self.typed[before..]);
            self.out.push_str(&added);
        }
        LineKey::Line
    }

    fn end_of_line(&mut self) {
        if self.echoes {
            self.out.push_str("\r\n");
        }
    }

    /// What is on its way to the terminal.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out).into_bytes()
    }

    /// All of it is said again with the next.
    pub fn forget(&mut self) {
        (self.title, self.said, self.standing, self.hints) = Default::default();
    }

    /// Says what is not as it was said last. `answers`: somebody typed something, and is told that it is their turn again even
    /// where nothing came of it.
    pub fn say(&mut self, saying: Saying, answers: bool) {
        let same_place = self.title == saying.title;
        let fresh: Vec<String> = match same_place {
            // What came of a line is said whole, though the line before came to the same.
            true if answers && saying.is_outcome => saying.lines.clone(),
            true => changed(&self.said, &saying.lines, answers),
            false => saying.lines.clone(),
        };
        let message = match saying.message.is_empty() && saying.standing != self.standing {
            true => saying.standing.clone(),
            false => saying.message,
        };
        let is_silent = same_place && fresh.is_empty() && message.is_empty();
        if is_silent && !answers {
            self.said = saying.lines;
            return;
        }
        if !same_place {
            let title = format!("== {}", saying.title);
            self.line(title.trim_end());
        }
        fresh.iter().for_each(|line| self.line(line));
        if !message.is_empty() {
            self.line(&format!("* {message}"));
        }
        let hints: Vec<String> = saying.hints.iter().map(|(key, help)| format!("{} {help}", typed_as(key))).collect();
        let hints = hints.join("  ");
        if !hints.is_empty() && hints != self.hints {
            self.line(&format!("[{hints}]"));
        }
        // Whoever reads a pipe reads lines.
        self.out.push_str(if self.echoes { "> " } else { ">\n" });
        (self.title, self.said, self.standing, self.hints) = (saying.title, saying.lines, saying.standing, hints);
    }

    /// Says lines by themselves, before the next of [`Self::say`].
    pub fn tell(&mut self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.line(&line);
        }
    }
}

/// The lines that were not said. Where a bar moved, that is the line it stands on now; what is the same without it is no news.
/// A refusal is news to whoever has just `answered`.
fn changed(before: &[String], now: &[String], answered: bool) -> Vec<String> {
    let bare = |line: &str| line.strip_prefix(BAR).unwrap_or(line).trim_start().to_owned();
    let known: std::collections::HashSet<String> = before.iter().map(|line| bare(line)).collect();
    let is_new = |line: &&String| {
        answered && line.starts_with("! ")
            || !known.contains(&bare(line))
            || line.starts_with(BAR) && !before.contains(line)
    };
    now.iter().filter(is_new).cloned().collect()
}

/// A key as it is typed in a line: a sign by itself, a name behind a slash.
pub fn typed_as(label: &str) -> String {
    match label.chars().count() {
        1 => label.to_owned(),
        _ => format!("/{label}"),
    }
}

/// What stands before the line that the keys act on.
pub const BAR: &str = "-> ";

/// What stands on a drawn page, line by line, without what is only drawn.
/// `caret`: the line in which one types. Of a box over the page it is the box alone.
pub fn lines_of(buffer: &Buffer, caret: Option<u16>) -> Vec<String> {
    let area = boxed(buffer).unwrap_or(buffer.area);
    let mut lines = Vec::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut is_bar = caret == Some(y);
        let mut wide = 0;
        for x in area.left()..area.right() {
            // The right half of a character of two cells.
            if wide > 0 {
                wide -= 1;
                continue;
            }
            let Some(cell) = buffer.cell((x, y)) else { continue };
            let symbol = cell.symbol();
            wide = text::width(symbol).saturating_sub(1);
            let drawn = symbol.chars().all(|c| matches!(c, '\u{2500}'..='\u{259f}'));
            is_bar |= !symbol.trim().is_empty() && cell.modifier.contains(Modifier::REVERSED);
            line.push_str(if drawn { " " } else { symbol });
        }
        let line = line.trim();
        if !line.is_empty() {
            let line = line.strip_prefix('>').map_or(line, str::trim_start);
            lines.push(if is_bar { format!("{BAR}{line}") } else { line.to_owned() });
        }
    }
    lines
}

/// The inside of the last box that was drawn.
fn boxed(buffer: &Buffer) -> Option<Rect> {
    let all = buffer.area;
    let is = |x: u16, y: u16, corner: &str| buffer.cell((x, y)).is_some_and(|cell| cell.symbol() == corner);
    let of_corner = |x: u16, y: u16| {
        let right = (x + 1..all.right()).find(|right| is(*right, y, "┐"))?;
        let bottom = (y + 1..all.bottom()).find(|bottom| is(x, *bottom, "└"))?;
        is(right, bottom, "┘").then(|| Rect::new(x + 1, y, right - x - 1, bottom - y))
    };
    let corners = (all.top()..all.bottom()).flat_map(|y| (all.left()..all.right()).map(move |x| (x, y)));
    corners.filter(|(x, y)| is(*x, *y, "┌")).filter_map(|(x, y)| of_corner(x, y)).next_back()
}

/// What a line means where these scopes count. `is_all`: it takes the place of what stands in the field.
pub fn read(line: &str, scopes: &[KeyScope], is_all: bool) -> Typed {
    let of_one = |c: char| keymap::action(scopes, &Key::Char(c)).is_some();
    let mut chars = line.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (None, _) => return Typed::Keys(vec![Key::Enter]),
        (Some(c), None) if of_one(c) => return Typed::Keys(vec![Key::Char(c)]),
        _ => {}
    }
    let text = match line.strip_prefix(['/', '／']) {
        None => line,
        // Two of them are one that is meant.
        Some(rest) if rest.starts_with(['/', '／']) => rest,
        Some(rest) => {
            let rest = rest.trim();
            if matches!(rest, "?" | "？") {
                return Typed::AllKeys;
            }
            let (name, times) = rest.rsplit_once(char::is_whitespace).unwrap_or((rest, "1"));
            let times = times.parse::<usize>().ok().filter(|times| (1..=500).contains(times));
            return match (named(name.trim()), times) {
                (Some(key), Some(times)) => Typed::Keys(vec![key; times]),
                _ => Typed::NoSuchKey(text::clean(rest)),
            };
        }
    };
    // Where letters are commands, a text is none of them: it is what whoever can use it takes whole.
    if !scopes.iter().all(|scope| scope.is_typing()) {
        return Typed::Keys(vec![Key::Paste(text.to_owned())]);
    }
    let mut keys: Vec<Key> = is_all.then_some(Key::Ctrl('u')).into_iter().chain(text.chars().map(Key::Char)).collect();
    // What narrows a list is said first; an empty line takes what the bar is on.
    if !scopes.iter().any(|scope| matches!(scope, KeyScope::Narrowed | KeyScope::Lookup)) {
        keys.push(Key::Enter);
    }
    Typed::Keys(keys)
}

/// A key by the name that hints call it by, in whatever letters, with or without its dash.
fn named(name: &str) -> Option<Key> {
    let plain = |text: &str| -> String {
        text.chars().map(crate::domain::money::narrow_char).filter(|c| *c != '-').collect::<String>().to_lowercase()
    };
    let asked = plain(name);
    let mut one = name.chars().map(crate::domain::money::narrow_char);
    if let (Some(c), None) = (one.next(), one.next()) {
        return Some(Key::Char(c));
    }
    let fixed = [
        Key::Enter,
        Key::Tab,
        Key::BackTab,
        Key::Esc,
        Key::Backspace,
        Key::Delete,
        Key::Insert,
        Key::Left,
        Key::Right,
        Key::Up,
        Key::Down,
        Key::Home,
        Key::End,
        Key::PageUp,
        Key::PageDown,
        Key::Char(' '),
    ];
    let keys = (1..=12).map(Key::F).chain(('a'..='z').chain(['[', ']', '\\', '^', '_']).map(Key::Ctrl)).chain(fixed);
    keys.into_iter().find(|key| plain(&key.label()) == asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &[KeyScope] = &[KeyScope::SurveyField, KeyScope::Survey];

    fn keys(typed: &str) -> Vec<Key> {
        typed.chars().map(Key::Char).collect()
    }

    #[test]
    fn a_line_is_what_was_typed_and_enter_and_a_slash_names_a_key() {
        let with_enter = |typed: &str| Typed::Keys(keys(typed).into_iter().chain([Key::Enter]).collect());
        for (line, means) in [
            ("", Typed::Keys(vec![Key::Enter])),
            ("王示例", with_enter("王示例")),
            ("3", with_enter("3")),
            ("/f2", Typed::Keys(vec![Key::F(2)])),
            ("/F12", Typed::Keys(vec![Key::F(12)])),
            ("／ctrl-g", Typed::Keys(vec![Key::Ctrl('g')])),
            ("/shifttab", Typed::Keys(vec![Key::BackTab])),
            ("/down 3", Typed::Keys(vec![Key::Down; 3])),
            ("/a", Typed::Keys(vec![Key::Char('a')])),
            ("//home", with_enter("/home")),
            ("/?", Typed::AllKeys),
            ("/nothing", Typed::NoSuchKey("nothing".into())),
            ("/down 0", Typed::NoSuchKey("down 0".into())),
            ("/down 501", Typed::NoSuchKey("down 501".into())),
        ] {
            assert_eq!(read(line, FIELD, false), means, "{line}");
        }
        // In a list a letter is a command, and a name is none.
        let list = &[KeyScope::Today, KeyScope::List, KeyScope::Letters];
        assert_eq!(read("j", list, true), Typed::Keys(keys("j")));
        assert_eq!(read("jia", list, true), Typed::Keys(vec![Key::Paste("jia".into())]));
        let all = [Key::Ctrl('u')].into_iter().chain(keys("wang")).collect();
        assert_eq!(read("wang", &[KeyScope::Lookup, KeyScope::Narrowed], true), Typed::Keys(all));
    }

    #[test]
    fn every_key_of_the_table_has_a_name_that_is_read() {
        for row in keymap::table() {
            for key in row.keys {
                assert_eq!(named(&key.label()).as_ref(), Some(key), "{}", key.label());
            }
        }
    }

    #[test]
    fn what_is_said_is_said_once_and_a_bar_that_moved_says_its_line() {
        let lines = |all: &[&str]| all.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let before = lines(&["-> a", "b", "c"]);
        assert_eq!(changed(&before, &lines(&["-> a", "b", "c"]), false), Vec::<String>::new());
        assert_eq!(changed(&before, &lines(&["a", "-> b", "c"]), false), lines(&["-> b"]));
        assert_eq!(changed(&before, &lines(&["-> a", "b", "d"]), false), lines(&["d"]));
    }

    #[test]
    fn a_terminal_that_shows_nothing_by_itself_is_shown_what_is_typed_and_what_is_taken_back() {
        let mut linear = Linear::new(true);
        for key in [Key::Char('王'), Key::Char('a'), Key::Backspace, Key::Backspace, Key::Char('1')] {
            assert_eq!(linear.key(&key), LineKey::Line);
        }
        assert_eq!(linear.key(&Key::Enter), LineKey::Entered("1".into()));
        let shown = String::from_utf8(linear.take()).unwrap();
        assert_eq!(shown, "王a\u{8} \u{8}\u{8} \u{8}\u{8} \u{8}1\r\n");
        let mut pipe = Linear::new(false);
        assert_eq!(pipe.key(&Key::Paste("a\nb".into())), LineKey::Line);
        assert_eq!(pipe.key(&Key::F(2)), LineKey::Pressed("a b".into(), Key::F(2)));
        assert!(pipe.take().is_empty(), "a pipe shows itself");
    }
}
