//! What the bureau has set for itself: to be read by everybody, and set anew, one at a time, by whoever has the duty.

use crate::command::Duty;
use crate::command::settings::{BureauSettings, Setting};
use crate::domain::{Explain, Message};
use crate::present::{Cell, Field, bureau};
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text;
use crate::tui::widgets::TextField;
use crate::tui::widgets::list::{List, Moved};
use crate::tui::widgets::popup::popup;
use ratatui::layout::Rect;
use std::sync::Arc;

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Bureau:
    hinted [Key::Enter, Key::Right] Action::Take, "tui.bureau.key.set";
}];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Bureau, KeyScope::List, KeyScope::Letters], &[KeyScope::Narrowed]];

/// A setting's line in characters: a name and its other one.
const CHARS_MAX: usize = 200;

pub struct Bureau {
    session: Arc<Session>,
    set: Result<BureauSettings, Message>,
    list: List,
    typing: Option<(Setting, TextField)>,
}

impl Bureau {
    pub fn new(session: Arc<Session>) -> Bureau {
        let unread = Err(Message::new("tui.bureau.unread"));
        let mut screen = Bureau { session, set: unread, list: List::new(Setting::ALL.len()), typing: None };
        screen.read();
        screen
    }

    fn read(&mut self) {
        let read = self.session.office().bureau_settings(self.session.now().today);
        self.set = read.map_err(|failure| failure.explain());
    }

    fn choose(&mut self, at: Option<usize>) -> Then {
        let chosen = at.and_then(|at| Setting::ALL.get(at)).zip(self.set.as_ref().ok());
        let Some((setting, set)) = chosen.filter(|_| self.session.carries(Duty::SetBureau)) else {
            return Then::Ignore;
        };
        self.typing = Some((*setting, TextField::new(&setting.typed(set)).at_most(CHARS_MAX)));
        Then::Stay
    }

    /// Those that can be set, in their order, then what else is set.
    fn fields(&self, cx: &Cx) -> Vec<Field> {
        self.set.as_ref().map(|set| bureau::settings(&self.session.words(cx.lang), set)).unwrap_or_default()
    }
}

impl Screen for Bureau {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.scope.bureau")
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[usize::from(self.typing.is_some())]
    }

    fn can(&self, action: Action) -> bool {
        match (&self.typing, action) {
            (None, Action::Take | Action::Pick(_)) => self.session.carries(Duty::SetBureau) && self.set.is_ok(),
            (Some(_), action) => matches!(action, Action::Take | Action::Back),
            _ => true,
        }
    }

    fn confirms(&self, action: Action) -> bool {
        action == Action::Take && self.typing.is_some()
    }

    fn barred(&mut self) -> Option<Message> {
        self.session.office().still_here(self.session.now()).err().map(|failure| failure.explain())
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        if let Some((setting, field)) = self.typing.take() {
            if action != Action::Take {
                return Then::Stay;
            }
            let done = self.session.office().set_setting(setting, &field.value(), self.session.now());
            if let Err(failure) = done {
                // What was typed stays, to be mended.
                self.typing = Some((setting, field));
                return Then::Say(failure.explain());
            }
            self.read();
            return Then::Say(Message::new("tui.bureau.set"));
        }
        match action {
            Action::Take => self.choose(self.list.at()),
            Action::Back => Then::Close,
            moving => match self.list.act(moving) {
                Moved::Picked(at) => self.choose(Some(at)),
                Moved::Yes => Then::Stay,
                Moved::No => Then::Ignore,
            },
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        match &mut self.typing {
            Some((_, field)) => match field.key(key) {
                true => Then::Stay,
                false => Then::Ignore,
            },
            None => Then::Ignore,
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let (cx, area) = (page.cx, page.area);
        if let Err(why) = &self.set {
            page.paragraph(area, &cx.say(why), cx.theme.wrong());
            return;
        }
        let fields = self.fields(cx);
        let labels = fields.iter().map(|field| crate::lang::cells(&field.label)).max().unwrap_or_default();
        let line = |field: &Field| format!("{}  {}", crate::lang::pad(&field.label, labels), field.value.shown());
        let (settable, others) = fields.split_at(Setting::ALL.len().min(fields.len()));
        let list = Rect { height: (settable.len() as u16).min(area.height), ..area };
        self.list.draw(page, list, |at| (settable.get(at).map(line).unwrap_or_default(), cx.theme.plain()));
        let mut y = list.bottom() + 1;
        for field in others.iter().filter(|field| field.value != Cell::Empty) {
            let room = Rect { y, height: area.bottom().saturating_sub(y), ..area };
            y += page.paragraph(room, &line(field), cx.theme.quiet());
        }
        if let Some((setting, field)) = &self.typing {
            let how = text::wrap(&cx.word(&format!("present.bureau.{}.how", setting.code())), 64);
            let title = cx.word(&format!("present.bureau.{}", setting.code()));
            let inner = popup(page, &title, 70, 3 + how.len() as u16);
            let width = inner.width.saturating_sub(2);
            field.draw(page, inner.x + 1, inner.y, width, cx.theme.field());
            for (y, line) in (inner.y + 1..inner.bottom()).zip(&how) {
                page.put(inner.x + 1, y, width, line, cx.theme.quiet());
            }
        }
    }

    fn resumed(&mut self, cx: &Cx) {
        self.news(cx);
    }

    fn news(&mut self, _cx: &Cx) -> bool {
        self.read();
        true
    }
}
