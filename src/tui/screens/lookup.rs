//! Finding a household: type what one has, the best fits stand below, each with why it fits.

use super::today::new_household;
use crate::command::Duty;
use crate::command::dossier::StatusLine;
use crate::domain::{Explain, Message};
use crate::present::{Layout, lists};
use crate::tui::key::Key::{self, *};
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text;
use crate::tui::widgets::{List, TextField, presented};
use crate::views::search::Hit;
use ratatui::layout::Rect;
use std::sync::Arc;

/// What keys do on looking for a household and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LookupAction {
    NewHousehold,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Lookup:
    hinted [Enter] Action::Take, "tui.key.open";
    hinted [F(2), Ctrl('n')] Action::Lookup(LookupAction::NewHousehold), "tui.key.new";
}];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Lookup, KeyScope::Narrowed]];

/// As many as a large screen shows; whoever needs more types another character.
const LIMIT: usize = 40;

pub struct Lookup {
    session: Arc<Session>,
    field: TextField,
    /// Each hit with its status line, which knows the category's words.
    hits: Vec<(Hit, Option<StatusLine>)>,
    /// There may be more than are shown.
    cut: bool,
    list: List,
    /// When it is looked again, while not everybody can be found yet.
    look_again_ms: Option<u64>,
}

/// How often it is looked again meanwhile, and how long Enter waits at most.
const AGAIN_MS: u64 = 200;
const READING_MAX: std::time::Duration = std::time::Duration::from_secs(3);

impl Lookup {
    pub fn new(session: Arc<Session>) -> Lookup {
        Lookup {
            session,
            field: TextField::new("").at_most(60),
            hits: Vec::new(),
            cut: false,
            list: List::new(0),
            look_again_ms: Some(0),
        }
    }

    fn search(&mut self) {
        let text = self.field.value();
        self.hits.clear();
        self.cut = false;
        if !text.trim().is_empty() {
            let (office, now) = (self.session.office(), self.session.now());
            // Whoever may see no household finds none.
            let Ok(answer) = office.lookup(&text, LIMIT, now) else { return };
            self.cut = answer.cut;
            let status = |hit: &Hit| office.glance(hit.dossier, now).ok();
            self.hits = answer.hits.into_iter().map(|hit| (status(&hit), hit)).map(|(s, hit)| (hit, s)).collect();
        }
        self.list = List::new(self.hits.len());
    }

    fn read_again(&mut self) {
        // The bar stays on whom it stood, wherever they are listed now.
        let of = |at: usize| self.hits.get(at).map(|(hit, _)| hit.dossier);
        let (at, stood) = (self.list.at(), self.list.at().and_then(of));
        self.search();
        let there = self.hits.iter().position(|(hit, _)| Some(hit.dossier) == stood);
        there.or(at).inspect(|at| self.list.go(*at));
    }

    fn is_whole(&self) -> bool {
        self.session.office().findable(self.session.now()).1
    }

    /// While households are still being read, what was typed is looked for again and again.
    fn wait_for_rest(&mut self, at_ms: u64) {
        self.look_again_ms = (!self.is_whole()).then(|| at_ms.saturating_add(AGAIN_MS));
    }

    /// An Enter behind a name means whom the name finds: it waits a little for those who are not read yet.
    fn read_to_the_end(&mut self) {
        let waited = std::time::Instant::now();
        while !self.is_whole() && waited.elapsed() < READING_MAX {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        self.read_again();
    }

    fn why(&self, hit: &Hit, cx: &Cx) -> String {
        let why: Vec<String> = hit.why.iter().map(|why| cx.say(&why.explain())).collect();
        let why = why.join(&cx.word("tui.lookup.and"));
        let member = hit.member.as_deref().map(|name| format!("  ({})", text::clean(name))).unwrap_or_default();
        cx.say(&Message::new("tui.lookup.why").with("why", format!("{why}{member}")))
    }
}

impl Screen for Lookup {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.scope.lookup")
    }

    fn status(&self, cx: &Cx) -> String {
        let (count, whole) = self.session.office().findable(self.session.now());
        let unread = self.session.office().unfindable();
        let key = match (whole, unread) {
            (false, _) => "tui.lookup.filling",
            (true, 0) => "tui.lookup.households",
            (true, _) => return cx.say(&Message::new("tui.lookup.unread").with("count", count).with("unread", unread)),
        };
        cx.say(&Message::new(key).with("count", count))
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Take => !self.hits.is_empty() || self.look_again_ms.is_some(),
            Action::Lookup(LookupAction::NewHousehold) => self.session.carries(Duty::Survey),
            _ => true,
        }
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            Action::Lookup(LookupAction::NewHousehold) => match new_household(&self.session) {
                Ok(survey) => Then::Go(Box::new(survey)),
                Err(failure) => Then::Say(failure.explain()),
            },
            Action::Take => {
                if self.hits.is_empty() {
                    self.read_to_the_end();
                }
                let Some((hit, _)) = self.list.at().and_then(|at| self.hits.get(at)) else { return Then::Ignore };
                super::dossier::opened(&self.session, hit.dossier)
            }
            moving => {
                self.list.act(moving);
                Then::Stay
            }
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if !self.field.key(key) {
            return Then::Ignore;
        }
        self.search();
        Then::Stay
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let (area, theme) = (page.area, cx.theme);
        page.put(area.x, area.y, 2, "/ ", theme.key());
        self.field.draw(page, area.x + 2, area.y, area.width.saturating_sub(3), theme.field());
        let list = Rect { y: area.y + 2, height: area.height.saturating_sub(5), ..area };
        let below = area.bottom().saturating_sub(2);
        if self.field.value().trim().is_empty() {
            let room = Rect { x: list.x + 2, width: list.width.saturating_sub(4), ..list };
            page.paragraph(room, &cx.word("tui.lookup.how"), theme.quiet());
            return;
        }
        if self.hits.is_empty() {
            let room = Rect { x: list.x + 2, width: list.width.saturating_sub(4), ..list };
            page.paragraph(
                room,
                &cx.word(match self.session.carries(Duty::Survey) {
                    // Whoever is looked for may be one of those.
                    _ if !self.is_whole() => "tui.lookup.none_yet",
                    _ if self.session.office().unfindable() > 0 => "tui.lookup.none_read",
                    true => "tui.lookup.none",
                    false => "tui.lookup.none_here",
                }),
                theme.strong(),
            );
            return;
        }
        let hits = self.hits.iter().map(|(hit, status)| (hit, status.as_ref()));
        let table = lists::hits(&self.session.words(cx.lang), hits).without("why");
        let layout = Layout::within(&table, usize::from(list.width.saturating_sub(3)), 2);
        page.put(list.x + 2, area.y + 1, list.width.saturating_sub(2), &layout.titles(&table), theme.quiet());
        self.list.draw_with(page, list, false, true, |at| presented::row(&table, &layout, table.rows.get(at), theme));
        page.rule(area.x, below.saturating_sub(1), area.width);
        if let Some((hit, _)) = self.list.at().and_then(|at| self.hits.get(at)) {
            page.put(area.x, below, area.width, &self.why(hit, cx), theme.quiet());
        }
        let count = Message::new(if self.cut { "tui.lookup.cut" } else { "tui.lookup.found" });
        page.put(area.x, below + 1, area.width, &cx.say(&count.with("count", self.hits.len())), theme.plain());
    }

    fn deadline(&self) -> Option<u64> {
        self.look_again_ms
    }

    /// More of the households can be found than when it was looked last.
    fn tick(&mut self, cx: &Cx) -> Then {
        self.read_again();
        self.wait_for_rest(cx.at_ms);
        Then::Stay
    }

    fn news(&mut self, _cx: &Cx) -> bool {
        self.read_again();
        true
    }

    fn barred(&mut self) -> Option<Message> {
        let (office, now) = (self.session.office(), self.session.now());
        office.may(Duty::Open, now).err().map(|failure| failure.explain())
    }

    fn resumed(&mut self, _cx: &Cx) {
        self.read_again();
    }
}
