//! A session line by line: what a line that was typed does, and what is said of it. What a key means is the same as on screens:
//! lines are keys by the time they come to a screen.

use super::App;
use crate::domain::Message;
use crate::tui::key::Key;
use crate::tui::keymap::{self, KeyScope, Live};
use crate::tui::linear::{self, LineKey, Linear, Saying, ShownAs, Typed};
use crate::tui::page::Page;
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

impl App {
    /// What is being typed line by line stands in its field before it is entered: a line that is lost costs no word.
    pub(super) fn keep_half(&mut self) {
        let (Some(linear), Some(top)) = (&self.linear, self.stack.last_mut()) else { return };
        let typed = linear.typed().to_owned();
        if linear.kept() == typed
            || !top.keeps_half()
            || typed.starts_with(['/', '／', '=', '＝'])
            || typed.len() > 1_000
        {
            return;
        }
        let _ = top.begins_line(&self.cx);
        // At once, so that the draft's file has one half word more and not one a letter.
        let _ = top.typed(&Key::Paste(typed.clone()), &self.cx);
        if let Some(linear) = &mut self.linear {
            linear.keep(typed);
        }
    }

    pub(super) fn take_key(&mut self, key: &Key) {
        match &mut self.linear {
            None => self.press(key),
            Some(linear) => {
                let done = linear.key(key);
                self.take_line(done);
            }
        }
    }

    /// Line by line: a line that is whole, or a key by itself. What comes of each is said before the next is taken.
    fn take_line(&mut self, done: LineKey) {
        let (text, key) = match done {
            LineKey::Line => return,
            LineKey::Dropped => {
                if let Some(top) = self.stack.last_mut() {
                    let _ = top.begins_line(&self.cx);
                }
                self.message = Some(Message::new("tui.linear.dropped"));
                return self.say_lines(true);
            }
            LineKey::Entered(line) => return self.enter_line(&line),
            LineKey::Pressed(text, key) => (text, key),
        };
        // Text before a key that is none of the line's: in a field it stands there; where letters are commands it is none.
        if text.is_empty() || self.scopes().iter().all(|scope| scope.is_typing()) {
            if !text.is_empty() {
                let ready = self.stack.last_mut().is_some_and(|top| top.begins_line(&self.cx));
                (!ready).then(|| self.press(&Key::Ctrl('u')));
            }
            text.chars().for_each(|c| self.press(&Key::Char(c)));
            self.press(&key);
        } else {
            self.message = Some(Message::new("tui.linear.dropped"));
        }
        self.say_lines(true);
    }

    fn enter_line(&mut self, line: &str) {
        let is_answer = !line.is_empty() && !line.starts_with(['/', '／']);
        let Some(top) = self.stack.last_mut() else { return };
        let mut ready = true;
        if is_answer && !self.over {
            if let Some(then) = top.takes_line(line, &self.cx) {
                self.follow(then, &Key::Enter);
                return self.say_lines(true);
            }
            ready = top.begins_line(&self.cx);
        } else if line.is_empty() && self.linear.as_ref().is_some_and(|linear| !linear.kept().is_empty()) {
            // What was typed and taken back to its beginning never was.
            let _ = top.begins_line(&self.cx);
        }
        match linear::read(line, self.scopes(), !ready) {
            Typed::Keys(keys) => keys.iter().for_each(|key| self.press(key)),
            Typed::AllKeys => {
                let rows = keymap::live(self.scopes());
                let can = |live: &Live| self.stack.last().is_some_and(|top| top.can(live.row.action));
                let rows = rows.into_iter().filter(can);
                let lines: Vec<String> = rows
                    .map(|live| format!("{} {}", linear::typed_as(&live.label()), self.cx.word(live.row.help)))
                    .collect();
                if let Some(linear) = &mut self.linear {
                    linear.tell(lines);
                }
            }
            Typed::NoSuchKey(asked) => {
                self.message = Some(Message::new("tui.linear.no_such_key").with("asked", asked));
            }
        }
        self.say_lines(true);
    }

    /// How it is shown from here on.
    pub fn show_as(&mut self, shown: ShownAs) {
        self.linear = match shown {
            ShownAs::Screens => None,
            ShownAs::Lines { echoes } => Some(Linear::new(echoes)),
        };
        self.cx.lines = self.is_linear();
        self.shown = None;
        self.stale = true;
    }

    pub fn is_linear(&self) -> bool {
        self.linear.is_some()
    }

    pub(super) fn say_lines(&mut self, answers: bool) {
        if let Some(linear) = &mut self.linear {
            linear.keep(String::new());
        }
        self.stale = false;
        if self.over {
            return;
        }
        let Some(top) = self.stack.last() else { return };
        let lines = top.lines(&self.cx).unwrap_or_else(|| {
            let (cols, rows) = (self.size.0.max(linear::COLUMNS), self.size.1.max(linear::ROWS));
            let mut buffer = Buffer::empty(Rect::new(0, 0, cols, rows));
            let area = Rect::new(0, 0, cols, rows);
            let mut page = Page { cx: &self.cx, buffer: &mut buffer, area, caret: None };
            top.draw(&mut page);
            let caret = page.caret.map(|(_, y)| y);
            linear::lines_of(&buffer, caret)
        });
        // Of an answer that went on by itself the Enter is the line's own: nothing is to be said of it.
        let message = self.message.take().filter(|message| message.key != "tui.survey.enter_swallowed");
        let in_words =
            |message: Option<Message>| message.map(|message| text::clean(&self.cx.say(&message))).unwrap_or_default();
        let saying = Saying {
            title: text::clean(&top.title(&self.cx)),
            lines: lines.iter().flat_map(|line| line.split('\n')).map(text::clean).collect(),
            is_outcome: top.scopes().iter().any(|scope| matches!(scope, KeyScope::Narrowed | KeyScope::Lookup)),
            message: in_words(message),
            standing: in_words(top.standing(&self.cx)),
            hints: self.hints(top.as_ref()),
        };
        let copied = self.copy.take();
        if let Some(linear) = &mut self.linear {
            linear.tell(copied);
            linear.say(saying, answers);
        }
    }
}
