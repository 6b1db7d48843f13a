//! Everything that can be done on the screen below, to be chosen by number, by words or by pinyin: the palette. It is
//! printed from the key table, and it is the way to every command while an input method holds the keyboard.

use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyBinding, KeyScope, Live};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{Choice, Picker};

pub static KEYS: &[&[KeyBinding]] = &[];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Narrowed]];

pub struct Menu {
    actions: Vec<Action>,
    picker: Picker,
}

impl Menu {
    /// A menu of the rows that count on the screen below.
    pub fn new(rows: Vec<Live>, cx: &Cx) -> Menu {
        let rows: Vec<Live> = rows.into_iter().filter(|live| is_command(live.row.action)).collect();
        // The number that chooses a command is its place; its keys stand beside it, to be learnt.
        let choices = rows
            .iter()
            .enumerate()
            .map(|(i, live)| {
                Choice::new((i + 1).to_string(), format!("{}  ({})", cx.word(live.row.help), live.labels()))
            })
            .collect();
        Menu { actions: rows.iter().map(|live| live.row.action).collect(), picker: Picker::ready(choices) }
    }

    fn take(&self) -> Then {
        match self.picker.current_index().and_then(|at| self.actions.get(at)) {
            Some(&action) => Then::CloseAnd(action),
            None => Then::Stay,
        }
    }
}

/// Moving a bar is no command, and a menu does not offer itself.
fn is_command(action: Action) -> bool {
    use Action::*;
    !matches!(action, Menu | Up | Down | PageUp | PageDown | First | Last | Pick(_) | Take)
}

impl Screen for Menu {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.menu.title")
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn can(&self, action: Action) -> bool {
        !matches!(action, Action::Help | Action::Menu)
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            Action::Take => self.take(),
            other => match self.picker.act(other) {
                Moved::No => Then::Ignore,
                Moved::Yes => Then::Stay,
                Moved::Picked(_) => self.take(),
            },
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if self.picker.key(key) { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let lines = (self.actions.len() as u16 + 3).min(page.area.height);
        let heading = page.cx.word("tui.menu.title");
        let inner = popup(page, &heading, 60, lines);
        self.picker.draw(page, inner);
    }
}
