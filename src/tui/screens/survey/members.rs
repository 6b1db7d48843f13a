//! Who left the household and who came: the box that asks when and why, and what it proposes.

use super::Survey;
use super::entry::AnswerInput;
use super::over::Over;
use crate::domain::membership::{DIED, OTHER};
use crate::domain::{Day, Explain, MemberMove, Message, Path, Step, questions};
use crate::form::model::NodeId;
use crate::form::read::NotRead;
use crate::form::{At, RowId};
use crate::tui::key::Key;
use crate::tui::keymap::Action;
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{List, TextField};

/// Asks of a row why, then since when, then for words where the reason is none of the list's.
pub struct MemberBox {
    row: At,
    joined: bool,
    reasons: Vec<(String, String)>,
    list: List,
    asked: Asked,
    said: MemberMove,
    field: TextField,
    refusal: Option<Message>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Why,
    Since,
    Words,
}

/// What a reason is among the life changes: of who left, and of who came.
const CHANGES_LEFT: [(&str, &str); 4] = [(DIED, "04"), ("8", "17"), ("10", "06"), ("11", "07")];
const CHANGES_JOINED: [(&str, &str); 4] = [("1", "05"), ("2", "05"), ("3", "06"), ("8", "17")];

/// A life change that follows from who left or came: proposed, and entered by a yes.
pub struct Proposed {
    change: &'static str,
    name: String,
    on: Option<Day>,
}

impl MemberBox {
    /// Whether a text is typed in it now.
    pub fn is_field(&self) -> bool {
        self.asked != Asked::Why
    }

    pub fn row(&self) -> At {
        self.row
    }

    pub fn key(&mut self, key: &Key) -> bool {
        self.refusal = None;
        self.is_field() && self.field.key(key)
    }
}

impl Survey {
    /// Asks when and why the person of a row left, or came.
    pub(super) fn ask_member(&mut self, row: At, joined: bool) {
        let reasons = self.draft.member_reasons(joined);
        let list = List::new(reasons.len());
        let said = if joined { self.draft.joined(row.row).cloned().unwrap_or_default() } else { MemberMove::default() };
        let (asked, field) = (Asked::Why, TextField::new(""));
        let asking = MemberBox { row, joined, reasons, list, asked, said, field, refusal: None };
        self.over = Some(Over::Member(Box::new(asking)));
    }

    /// When and why whoever the row under the bar is about came.
    pub(super) fn ask_joined(&mut self) -> Then {
        match self.roster_here() {
            Some((_, Some(row))) if self.draft.may_join(row) => {
                self.ask_member(row, true);
                Then::Stay
            }
            _ => Then::Ignore,
        }
    }

    /// A key in the box: the box that stays open, or none.
    pub(super) fn act_member(&mut self, mut asking: MemberBox, action: Action, cx: &Cx) -> Option<MemberBox> {
        asking.refusal = None;
        match (asking.asked, action) {
            (Asked::Why, action) => {
                let picked = match (action, asking.list.act(action)) {
                    (_, Moved::Picked(at)) => Some(at),
                    (Action::Take, _) => asking.list.at(),
                    _ => None,
                };
                let Some((why, _)) = picked.and_then(|at| asking.reasons.get(at)).cloned() else { return Some(asking) };
                let since = asking.said.since.map(|day| day.to_string()).unwrap_or_default();
                (asking.said.why, asking.asked, asking.field) = (why, Asked::Since, TextField::offering(&since));
                Some(asking)
            }
            (Asked::Since, Action::Take) => {
                match day_of(&asking.field.value(), self.draft.supply().today) {
                    Ok(since) => asking.said.since = since,
                    Err(refusal) => {
                        asking.refusal = Some(refusal);
                        return Some(asking);
                    }
                }
                if asking.said.why == OTHER {
                    (asking.asked, asking.field) = (Asked::Words, TextField::offering(&asking.said.text));
                    return Some(asking);
                }
                self.say_member(asking, cx)
            }
            (Asked::Words, Action::Take) => {
                asking.said.text = asking.field.value();
                self.say_member(asking, cx)
            }
            _ => Some(asking),
        }
    }

    /// The step itself; what the draft says against it stands in the box.
    fn say_member(&mut self, mut asking: MemberBox, cx: &Cx) -> Option<MemberBox> {
        let (path, said) = (self.draft.path(asking.row), asking.said.clone());
        let roster =
            self.route.row_index(asking.row).and_then(|i| self.route.roster_around(i)).map(|i| self.route.stops[i].at);
        let name = self.draft.called(asking.row);
        let number = roster.and_then(|roster| self.draft.rows_of(roster).iter().position(|row| *row == asking.row.row));
        let proposed = self.proposed(asking.joined, &said, name);
        let entered = proposed.as_ref().and_then(|proposed| self.entered_already(proposed, number.map(|at| at + 1)));
        let step = match asking.joined {
            true => Step::Join { path, said },
            false => Step::Leave { path, said },
        };
        if !self.step(step, cx) {
            asking.refusal = self.refusal.take();
            return Some(asking);
        }
        let bar = match &self.entry {
            AnswerInput::Rows(rows) => rows.list.at().unwrap_or(0),
            _ => 0,
        };
        if let Some(roster) = roster {
            self.go(roster, cx);
            self.enter(bar, cx);
        }
        match (entered, proposed) {
            // Told once is enough; what named their row names nobody now, so that the name is put beside it.
            (Some(kind), Some(proposed)) => self.put_name_beside(kind, &proposed.name, cx),
            (_, proposed) => self.over = proposed.map(Over::Change),
        }
        None
    }

    /// Where the life change that would be proposed stands already: of that person's row, or with their name beside it.
    fn entered_already(&self, proposed: &Proposed, number: Option<usize>) -> Option<At> {
        let (form, number) = (self.draft.form(), number.map(|number| number.to_string()));
        let roster = self.question_called(questions::CHANGES)?;
        let child = |name: &str| form.children(Some(roster.node)).find(|child| form.node(*child).name == name);
        let (kind, who) = (child(questions::CH_TYPE)?, child(questions::CH_PERSON)?);
        let is_it = |row: &RowId| {
            let (kind, who) = (At { row: *row, node: kind }, At { row: *row, node: who });
            let named = Some(self.draft.value(who)) == number.as_deref()
                || !proposed.name.is_empty() && self.draft.view(kind).notes.contains(&proposed.name.as_str());
            self.draft.value(kind) == proposed.change && named
        };
        let row = self.draft.rows_of(roster).into_iter().find(is_it)?;
        Some(At { row, node: kind })
    }

    fn put_name_beside(&mut self, kind: At, name: &str, cx: &Cx) {
        if name.is_empty() || self.draft.view(kind).notes.contains(&name) {
            return;
        }
        let path = self.draft.path(kind);
        self.step(Step::Note { path, text: name.to_owned() }, cx);
    }

    /// The life change that follows, where the form asks for life changes now.
    fn proposed(&self, joined: bool, said: &MemberMove, name: String) -> Option<Proposed> {
        let list = if joined { CHANGES_JOINED } else { CHANGES_LEFT };
        let change = list.iter().find(|(why, _)| *why == said.why).map(|(_, change)| *change)?;
        let at = self.question_called(questions::HAS_CHANGE)?;
        self.draft.relevant(at).then_some(Proposed { change, name, on: said.since })
    }

    fn question_called(&self, name: &str) -> Option<At> {
        let node = self.draft.form().by_name.get(name)?.first()?;
        Some(At { row: RowId::ROOT, node: *node })
    }

    /// Enters the proposed life change: a row of its own, which wants the rest of its answers yet.
    pub(super) fn enter_change(&mut self, proposed: &Proposed, cx: &Cx) -> Then {
        let Some(has_change) = self.question_called(questions::HAS_CHANGE) else { return Then::Ignore };
        let path = self.draft.path(has_change);
        if !self.step(Step::Set { path, value: "1".to_owned() }, cx) {
            return Then::Ignore;
        }
        let Some(roster) = self.question_called(questions::CHANGES) else { return Then::Ignore };
        let (path, before) = (self.draft.path(roster), self.draft.rows_of(roster));
        let empty = before.iter().copied().find(|row| self.is_empty_change(roster, *row));
        if empty.is_none() && !self.step(Step::Add { path }, cx) {
            return Then::Ignore;
        }
        let Some(row) = empty.or_else(|| self.draft.rows_of(roster).into_iter().find(|row| !before.contains(row)))
        else {
            return Then::Ignore;
        };
        let row = self.draft.path(At { row, ..roster });
        let path = |name: &str| Path::new(format!("{row}/{name}"));
        let day = proposed.on.map(|day| (questions::CH_DATE, day.to_string()));
        for (name, value) in day.into_iter().chain([(questions::CH_TYPE, proposed.change.to_owned())]) {
            self.step(Step::Set { path: path(name), value }, cx);
        }
        if !proposed.name.is_empty() {
            self.step(Step::Note { path: path(questions::CH_TYPE), text: proposed.name.clone() }, cx);
        }
        self.refusal = None;
        self.enter(0, cx);
        Then::Say(Message::new("tui.survey.change_entered"))
    }

    /// A roster may open with a row that nobody has answered.
    fn is_empty_change(&self, roster: At, row: RowId) -> bool {
        let form = self.draft.form();
        let asked = |node: &NodeId| form.question(*node).is_some_and(|question| question.calculation.is_none());
        let mut asked = form.children(Some(roster.node)).filter(asked);
        asked.all(|node| self.draft.given(At { row, node }).is_none())
    }

    /// Whoever left is of the household after all.
    pub(super) fn bring_back(&mut self, number: u32, cx: &Cx) {
        let path = self.draft.path(self.at);
        if self.step(Step::Stay { path, number }, cx) {
            let row = self.route.index(self.at).map(|i| self.route.rows(i).len()).unwrap_or(1);
            self.enter(row.saturating_sub(1), cx);
        }
    }

    /// The line of somebody who left, behind the roster's own lines.
    pub(super) fn left_name(&self, number: u32, cx: &Cx) -> String {
        let left = self.draft.left_from(self.at);
        let Some(member) = left.into_iter().find(|left| left.number == number) else { return String::new() };
        let said = self.moved_words(member.said, false, cx);
        cx.say(&Message::new("tui.survey.left").with("name", member.name).with("said", said))
    }

    /// `去世 2026-05-01`.
    pub(super) fn moved_words(&self, said: &MemberMove, joined: bool, cx: &Cx) -> String {
        let why = self.draft.member_reasons(joined).into_iter().find(|(code, _)| *code == said.why);
        let why = why.map_or_else(|| said.why.clone(), |(_, words)| words);
        let since = said.since.map_or_else(|| cx.word("present.member.day_not_known"), |day| day.to_string());
        [why, said.text.clone(), since].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The mark of a new row in a survey that goes on from another: why its person came, or that it can be said.
    pub(super) fn joined_mark(&self, row: At, cx: &Cx) -> String {
        match self.draft.joined(row.row) {
            Some(said) => {
                let said = self.moved_words(said, true, cx);
                cx.say(&Message::new("tui.survey.joined").with("said", said))
            }
            None if self.draft.may_join(row) => cx.word("tui.survey.new_row"),
            None => String::new(),
        }
    }

    /// A kind of life change in words.
    pub(super) fn change_words(&self, code: &str) -> String {
        let at = self.question_called(questions::CH_TYPE);
        let words = at.and_then(|at| self.draft.choice_words(at.node, code));
        words.unwrap_or_else(|| code.to_owned())
    }
}

/// A day as it is typed; nothing, where nobody knows it.
fn day_of(typed: &str, today: Day) -> Result<Option<Day>, Message> {
    let typed = typed.trim();
    match typed {
        "" => Ok(None),
        "=" | "＝" => Ok(Some(today)),
        typed => Day::from_typed_near(typed, today).map(Some).ok_or_else(|| NotRead::NotADate.explain()),
    }
}

pub fn draw(page: &mut Page<'_>, asking: &MemberBox, name: &str) {
    let cx = page.cx;
    let key = if asking.joined { "tui.survey.came_why" } else { "tui.survey.left_why" };
    let heading = cx.say(&Message::new(key).with("name", name));
    if asking.asked == Asked::Why {
        let height = (asking.reasons.len() as u16 + 2).min(page.area.height);
        let inner = popup(page, &heading, 60, height);
        asking.list.draw(page, inner, |i| {
            let words = asking.reasons.get(i).map_or("", |(_, words)| words);
            (words.to_owned(), cx.theme.plain())
        });
        return;
    }
    let inner = popup(page, &heading, 60, 6);
    let key = if asking.asked == Asked::Since { "tui.survey.since_when" } else { "tui.survey.in_words" };
    page.put(inner.x + 1, inner.y, inner.width.saturating_sub(2), &cx.word(key), cx.theme.plain());
    asking.field.draw(page, inner.x + 1, inner.y + 1, inner.width.saturating_sub(2), cx.theme.field());
    if let Some(refusal) = &asking.refusal {
        let below = ratatui::layout::Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        page.paragraph(below, &cx.say(refusal), cx.theme.wrong());
    }
}

pub fn draw_change(page: &mut Page<'_>, proposed: &Proposed, words: &str) {
    let cx = page.cx;
    let said = Message::new("tui.survey.propose_change").with("name", proposed.name.as_str()).with("change", words);
    let inner = popup(page, &cx.word("tui.survey.life_change"), 64, 5);
    page.paragraph(inner, &cx.say(&said), cx.theme.strong());
}

impl Proposed {
    pub fn change(&self) -> &'static str {
        self.change
    }
}
