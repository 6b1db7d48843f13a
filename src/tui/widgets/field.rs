//! One line of typed text, on `tui-input`: the caret moves by what a person calls a character.

use crate::tui::key::Key;
use crate::tui::page::Page;
use crate::tui::text;
use ratatui::style::Style;
use tui_input::{Input, InputRequest};
use unicode_normalization::UnicodeNormalization;

/// A text field holds at most so many characters unless told otherwise; a remark of a page fits.
pub const CHARS_MAX: usize = 2000;

/// One of several lines: as many as an answer may have.
const LINES_CHARS_MAX: usize = 10_000;
/// Stands for a line's end where a text is shown on one line.
const LINE_END: &str = "\u{21b5}";

#[derive(Clone, Debug)]
pub struct TextField {
    input: Input,
    chars_max: usize,
    /// The text stands as it came and has not been touched: the first character typed replaces it.
    fresh: bool,
    /// Line ends are kept: an answer of several lines.
    lines: bool,
    /// Something was typed since the field came up.
    touched: bool,
}

impl Default for TextField {
    fn default() -> TextField {
        TextField::new("")
    }
}

impl TextField {
    /// Whether something was typed since the field came up.
    pub fn is_touched(&self) -> bool {
        self.touched
    }

    /// A field that begins with `text`, the caret behind it.
    pub fn new(text: &str) -> TextField {
        TextField { input: Input::new(tidy(text)), chars_max: CHARS_MAX, fresh: false, lines: false, touched: false }
    }

    /// A field of several lines. It is drawn on one, with a sign for each line's end.
    pub fn lines(text: &str) -> TextField {
        let text = text.split('\n').map(tidy).collect::<Vec<_>>().join("\n");
        TextField { input: Input::new(text), chars_max: LINES_CHARS_MAX, lines: true, ..TextField::default() }
    }

    pub fn is_lines(&self) -> bool {
        self.lines
    }

    /// Begins the next line behind the caret; `false` where there is one line only, and at the end of an empty line.
    pub fn begins_line(&mut self) -> bool {
        let at_end = self.input.cursor() == self.input.value().chars().count();
        let empty = self.is_empty() || (at_end && self.input.value().ends_with('\n'));
        if !self.lines || empty {
            return false;
        }
        self.insert('\n');
        true
    }

    /// Moves the caret to the line above, as far from its begin as before; `false` on the first.
    pub fn line_up(&mut self) -> bool {
        let value = self.input.value();
        let before: Vec<char> = value.chars().take(self.input.cursor()).collect();
        let Some(end) = before.iter().rposition(|c| *c == '\n') else { return false };
        let column = before.len() - end - 1;
        let start = before[..end].iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
        self.input.handle(InputRequest::SetCursor((start + column).min(end)));
        true
    }

    /// A field that shows `text`, which the first typed character replaces and an arrow key keeps.
    pub fn offering(text: &str) -> TextField {
        TextField { fresh: !text.is_empty(), ..TextField::new(text) }
    }

    pub fn at_most(mut self, chars: usize) -> TextField {
        self.chars_max = chars;
        self
    }

    /// The text in composed form (NFC).
    pub fn value(&self) -> String {
        self.input.value().nfc().collect()
    }

    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    pub fn clear(&mut self) {
        self.input.reset();
        self.fresh = false;
    }

    /// Takes a key of typing or editing; `false` when it is none. Several lines pasted become one, but in a field of lines.
    pub fn key(&mut self, key: &Key) -> bool {
        self.touched |= matches!(key, Key::Char(_) | Key::Paste(_));
        let request = match key {
            Key::Char(c) => {
                self.replace_fresh();
                self.insert(*c);
                return true;
            }
            Key::Paste(pasted) => {
                self.replace_fresh();
                let whole = match self.lines {
                    true => pasted.trim().split('\n').map(tidy).collect::<Vec<_>>().join("\n"),
                    false => tidy(pasted.trim()),
                };
                whole.chars().for_each(|c| self.insert(c));
                return true;
            }
            Key::Backspace if self.fresh => {
                self.clear();
                return true;
            }
            Key::Left => InputRequest::GoToPrevChar,
            Key::Right => InputRequest::GoToNextChar,
            Key::Home => InputRequest::GoToStart,
            Key::End => InputRequest::GoToEnd,
            Key::Backspace => InputRequest::DeletePrevChar,
            Key::Delete => InputRequest::DeleteNextChar,
            Key::Ctrl('a') => InputRequest::GoToStart,
            Key::Ctrl('w') => InputRequest::DeletePrevWord,
            Key::Ctrl('u') => InputRequest::DeleteLine,
            _ => return false,
        };
        self.fresh = false;
        self.input.handle(request);
        true
    }

    fn replace_fresh(&mut self) {
        if std::mem::take(&mut self.fresh) {
            self.input.reset();
        }
    }

    fn insert(&mut self, c: char) {
        if (c.is_control() && !(self.lines && c == '\n'))
            || text::is_invisible(c)
            || self.input.value().chars().count() >= self.chars_max
        {
            return;
        }
        self.input.handle(InputRequest::InsertChar(c));
    }

    /// Draws the field in `cells` cells and sets the caret. Where text is out of sight, the edge carries a mark.
    pub fn draw(&self, page: &mut Page<'_>, x: u16, y: u16, cells: u16, style: Style) {
        let (shown, caret) = self.window(usize::from(cells));
        let style = if self.fresh { page.cx.theme.focus() } else { style };
        page.fill(x, y, cells, &shown, style);
        page.set_caret(x.saturating_add(caret as u16).min(page.buffer.area.right().saturating_sub(1)), y);
    }

    /// The visible part of the text in at most `cells` cells, and the caret's column in it.
    pub fn window(&self, cells: usize) -> (String, usize) {
        // A line's end takes a cell, as its sign does.
        let shown = self.input.value().replace('\n', LINE_END);
        let value = shown.as_str();
        let before: String = self.input.value().chars().take(self.input.cursor()).collect();
        let caret = text::width(&before.replace('\n', LINE_END));
        // One cell is kept for the caret behind the last character.
        if text::width(value) < cells {
            return (shown, caret);
        }
        let room = cells.saturating_sub(3).max(1);
        let scroll = if self.lines { (caret + 1).saturating_sub(room) } else { self.input.visual_scroll(room) };
        let head = text::take_cells(value, scroll);
        let rest = &value[head.len()..];
        let left = if head.is_empty() { "" } else { "«" };
        let seen = text::take_cells(rest, room);
        let right = if seen.len() < rest.len() { "»" } else { "" };
        let caret = caret.saturating_sub(text::width(head)) + text::width(left);
        (format!("{left}{seen}{right}"), caret)
    }
}

/// One line, composed, without anything a terminal would obey.
fn tidy(text: &str) -> String {
    text::clean(&text.nfc().collect::<String>())
}
