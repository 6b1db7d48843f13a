//! The last pages: what is missing, what will be left out, *submit*; then what became of it.

use super::SurveyAction;
use super::keeper::{Finished, NotTaken};
use super::keys::{self, SCOPES};
use super::{Stage, Survey, may_pass};
use crate::domain::{Explain, Message, Path};
use crate::form::At;
use crate::lang::Lang;
use crate::tui::key::Key;
use crate::tui::keymap::{self, Action, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use crate::tui::text;
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{List, Reader};
use ratatui::layout::Rect;

/// What stands in the way, and where.
struct Blocking {
    at: Option<At>,
    path: Path,
    said: Message,
    /// A reason lets it pass.
    may_pass: bool,
}

/// The page before submitting.
pub struct Finishing {
    blocking: Vec<Blocking>,
    off_route: Vec<Path>,
    list: List,
    /// When this page came, or a key that leads here was pressed on it last.
    pressed_at: u64,
    /// When that key submits, if none comes until then.
    sure_at: Option<u64>,
}

/// A key pressed again submits where it comes so long after the page, and nothing comes for so long after it. A key that is held
/// down comes again within a few hundredths of a second, and what is typed ahead comes with the page.
const APART_MS: u64 = 200;
const CALM_MS: u64 = 150;

impl Finishing {
    /// Nothing stands in the way.
    pub fn is_clear(&self) -> bool {
        self.blocking.is_empty()
    }

    /// When it is to be asked again whether a key was meant.
    pub fn sure_at(&self) -> Option<u64> {
        self.sure_at
    }
}

impl Survey {
    /// Shows what is missing; submitting is offered only when nothing is.
    pub(super) fn finish(&mut self) {
        self.finishing = true;
        if let Err(trouble) = self.keeper.say_elsewhere(&mut self.draft) {
            self.trouble = Some(trouble);
        }
        self.route = self.route_now();
        let mut problems = self.draft.finish().err().unwrap_or_default();
        problems.extend(self.draft.all_doubts());
        let of_draft = problems.into_iter().map(|problem| Blocking {
            at: self.draft.at(&problem.path),
            said: problem.explain(),
            may_pass: may_pass(&problem),
            path: problem.path,
        });
        // What was typed and never became an answer: without it the one that stood before would go in, or none.
        let of_halves = self.not_entered().into_iter().map(|(at, said)| Blocking {
            at: Some(at),
            path: self.draft.path(at),
            said,
            may_pass: false,
        });
        let blocking: Vec<Blocking> = of_halves.chain(of_draft).collect();
        let list = List::new(blocking.len().max(1));
        let off_route = self.draft.off_route();
        self.stage = Stage::Finishing(Finishing { blocking, off_route, list, pressed_at: self.now_ms, sure_at: None });
    }

    /// Texts that wait where they were typed, in the order of the form, and why each is no answer yet.
    pub(super) fn not_entered(&self) -> Vec<(At, Message)> {
        let of = |at: At| {
            let half = self.halves.get(&at).filter(|half| !half.trim().is_empty())?;
            match self.draft.read(at, half) {
                Err(why) => Some((at, Message::new("tui.survey.not_read").with("why", why.explain()))),
                Ok(value) if value == self.draft.value(at) => None,
                Ok(_) => Some((at, Message::new("tui.survey.not_entered"))),
            }
        };
        self.route.stops.iter().filter_map(|stop| of(stop.at)).collect()
    }

    pub(super) fn act_finishing(&mut self, action: Action, cx: &Cx) -> Then {
        let Stage::Finishing(finishing) = &mut self.stage else { return Then::Ignore };
        let moved = finishing.list.act(action);
        let picked = match (action, moved) {
            (_, Moved::Picked(at)) => Some(at),
            (Action::Take, _) => finishing.list.at(),
            _ => None,
        };
        match action {
            Action::Survey(SurveyAction::Submit) => return self.submit(false),
            Action::Survey(SurveyAction::KeepDraft) => return Then::CloseSaying(Message::new("tui.survey.draft_kept")),
            Action::Back => {
                self.stage = Stage::Answering;
                self.enter(0, cx);
                return Then::Stay;
            }
            _ => {}
        }
        if let Some(at) = picked.and_then(|i| finishing.blocking.get(i)).and_then(|blocking| blocking.at) {
            self.left.insert(at);
            self.go_near(at, cx);
        }
        Then::Stay
    }

    /// The keys that lead to the last page say there which one submits. The one that finishes does it, too, pressed once more
    /// and let go.
    pub(super) fn typed_at_the_end(&mut self, key: &Key, cx: &Cx) -> Then {
        let finishes = keymap::action(&[KeyScope::Survey], key) == Some(Action::Survey(SurveyAction::Finish));
        let Stage::Finishing(page) = &mut self.stage else { return Then::Ignore };
        if !page.is_clear() || !(finishes || *key == Key::Enter) {
            return Then::Ignore;
        }
        let apart = self.now_ms.saturating_sub(page.pressed_at) >= APART_MS;
        // Line by line nothing is done that a listener is still being told of.
        let once = finishes && apart && page.sure_at.is_none() && !cx.lines;
        (page.pressed_at, page.sure_at) = (self.now_ms, once.then_some(self.now_ms + CALM_MS));
        Then::Say(how_to_submit())
    }

    /// Submits where a key was meant, by the time that has gone by.
    pub(super) fn submit_if_sure(&mut self) -> Option<Then> {
        let Stage::Finishing(page) = &mut self.stage else { return None };
        let sure = page.sure_at.is_some_and(|at| at <= self.now_ms);
        page.sure_at = page.sure_at.filter(|_| !sure);
        sure.then(|| self.submit(false))
    }

    pub(super) fn submit(&mut self, beside: bool) -> Then {
        self.sync();
        match self.draft.finish() {
            Err(_) => {
                self.finish();
                Then::Stay
            }
            Ok(answers) => match self.keeper.submit(&self.draft, answers, beside) {
                Ok(finished) => {
                    self.stage = Stage::Done(finished, Reader::default());
                    Then::Stay
                }
                Err(NotTaken::Moved(why)) => {
                    self.stage = Stage::Moved(why);
                    Then::Stay
                }
                Err(NotTaken::Because(why)) => Then::Say(why),
            },
        }
    }

    pub(super) fn draw_finishing(&self, page: &mut Page<'_>, finishing: &Finishing) {
        let cx = page.cx;
        let area = page.area;
        let (answered, asked) = self.route.progress();
        let heading = Message::new(if finishing.is_clear() { "tui.survey.may_submit" } else { "tui.survey.missing" })
            .with("open", finishing.blocking.len())
            .with("answered", answered)
            .with("asked", asked);
        page.put(area.x, area.y, area.width, &cx.say(&heading), cx.theme.strong());
        let off = finishing.off_route.len().min(4) as u16;
        let below = if off > 0 { off + 2 } else { 0 };
        let list = Rect::new(area.x, area.y + 2, area.width, area.height.saturating_sub(2 + below));
        if finishing.is_clear() {
            page.paragraph(list, &cx.say(&how_to_submit()), cx.theme.focus());
        } else {
            finishing.list.draw(page, list, |i| match finishing.blocking.get(i) {
                Some(Blocking { at, path, said, may_pass }) => {
                    let (sign, style) = if *may_pass { ("?", cx.theme.doubt()) } else { ("!", cx.theme.wrong()) };
                    (format!("{sign} {}  {}", self.place_name(*at, path), cx.say(said)), style)
                }
                None => (String::new(), cx.theme.plain()),
            });
        }
        if off > 0 {
            let y = area.bottom().saturating_sub(below) + 1;
            let said = Message::new("tui.survey.off_route").with("count", finishing.off_route.len());
            page.put(area.x, y, area.width, &cx.say(&said), cx.theme.quiet());
            for (i, path) in finishing.off_route.iter().take(usize::from(off)).enumerate() {
                let name = self.place_name(self.draft.at(path), path);
                page.put(area.x + 2, y + 1 + i as u16, area.width.saturating_sub(2), &name, cx.theme.quiet());
            }
        }
    }

    /// Number and label of a place, cut to a third of a line.
    fn place_name(&self, at: Option<At>, path: &Path) -> String {
        let Some(at) = at else { return path.to_string() };
        let number = self.draft.form().node(at.node).number.clone().unwrap_or_default();
        let own = format!("{number} {}", self.draft.words(at));
        // Of a roster, whose answer it is.
        let row =
            self.route.index(at).and_then(|index| self.route.row_around(index)).map(|row| self.route.stops[row].at);
        match row.map(|row| self.draft.called(row)).filter(|name| !name.is_empty()) {
            Some(name) => format!("{}  {}", text::cut(&name, 10), text::cut(own.trim(), 22)),
            None => text::cut(own.trim(), 30),
        }
    }
}

/// By the key that does it, as the table has it.
fn how_to_submit() -> Message {
    let rows = keymap::live(SCOPES[keys::FINISH]);
    let row = rows.iter().find(|live| live.row.action == Action::Survey(SurveyAction::Submit));
    Message::new("tui.survey.submit").with("key", row.map(|live| live.label()).unwrap_or_default())
}

/// Someone was faster: what they did, and what may be done.
pub fn draw_moved(page: &mut Page<'_>, why: &Message) {
    let cx = page.cx;
    let inner = popup(page, &cx.word("tui.survey.moved"), 70, 10);
    let taken = page.paragraph(inner, &cx.say(why), cx.theme.strong());
    let rest = Rect { y: inner.y + taken + 1, height: inner.height.saturating_sub(taken + 1), ..inner };
    page.paragraph(rest, &cx.word("tui.survey.keep_beside"), cx.theme.plain());
}

/// What became of the survey.
pub fn draw_done(page: &mut Page<'_>, finished: &Finished, reader: &Reader) {
    let cx = page.cx;
    let area = page.area;
    page.put(area.x + 1, area.y + 1, area.width, &cx.say(&finished.heading), cx.theme.strong());
    let lines = match cx.lang {
        Lang::Zh => &finished.zh,
        Lang::En => &finished.en,
    };
    let lines: Vec<_> = lines.iter().map(|line| (cx.say(line), cx.theme.plain())).collect();
    let room = Rect { x: area.x + 1, y: area.y + 3, width: area.width - 1, height: area.height.saturating_sub(3) };
    reader.draw(page, room, &lines);
}
