//! A step of a case, or what is noted beside its steps: a few lines to fill in over the dossier. What is refused stays as it
//! was typed, to be mended.

use crate::command::case::{Application, CaseStep, Deliberation, ObjectionWords};
use crate::command::round::NewVisit;
use crate::command::{Failure, Household};
use crate::domain::dossier::{Level, Status, UpperState};
use crate::domain::event::{Paper, PaperState};
use crate::domain::round::VisitOutcome;
use crate::domain::{Arg, Code, Day, DossierId, EntryId, Explain, Message};
use crate::lang::Lang;
use crate::present;
use crate::tui::key::Key::{self, *};
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text;
use crate::tui::widgets::TextField;
use crate::tui::widgets::popup::popup;
use ratatui::layout::Rect;
use std::sync::Arc;

/// What keys do on lines to fill in and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StepAction {
    TakeStep,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Entries:
    hinted [Enter] Action::Take, "tui.key.next_line";
    helped [Down, Tab] Action::Down, "tui.key.down";
    helped [Up, BackTab] Action::Up, "tui.key.up";
    hinted [F(2), Ctrl('w')] Action::Step(StepAction::TakeStep), "tui.step.key.take";
    hinted [Esc] Action::Back, "tui.key.back";
}];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Entries]];

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    Step(Status),
    Papers,
    Died,
    Level,
    Override,
    Apply,
    Withdraw,
    Object,
    /// Of the first objection that is open; `true`: it was right.
    Settle(bool),
    /// What came of a visit in that round.
    Visit(EntryId),
}

impl Doing {
    /// In the words `case.doing.papers`; a step is called by its status.
    pub fn word(self) -> String {
        match self {
            Doing::Step(to) => present::case::step_word(to),
            Doing::Papers => "case.doing.papers".to_owned(),
            Doing::Died => "case.doing.died".to_owned(),
            Doing::Level => "case.doing.level".to_owned(),
            Doing::Override => "case.doing.override".to_owned(),
            Doing::Apply => "case.doing.apply".to_owned(),
            Doing::Withdraw => "case.doing.withdraw".to_owned(),
            Doing::Object => "case.doing.object".to_owned(),
            Doing::Settle(true) => "case.doing.uphold".to_owned(),
            Doing::Settle(false) => "case.doing.dismiss".to_owned(),
            Doing::Visit(_) => "case.doing.visit".to_owned(),
        }
    }

    /// The lines to fill in, from the top.
    fn lines(self) -> &'static [&'static str] {
        match self {
            Doing::Step(Status::Draft) => &["on", "ask", "why"],
            Doing::Step(Status::Reviewed) => &["on", "members", "aside", "committee", "agreed", "against", "why"],
            Doing::Step(Status::Noticed) => &["on", "until", "category", "why"],
            Doing::Step(Status::Approved) => &["on", "category", "why"],
            Doing::Step(Status::Closed) => &["on", "close_reason", "why"],
            Doing::Step(_) => &["on", "why"],
            Doing::Papers => &["on", "seen", "copy", "owed", "waive", "until", "why"],
            Doing::Died => &["on", "why"],
            Doing::Level => &["on", "level", "upper_state", "why"],
            Doing::Override => &["on", "exclusions", "why"],
            Doing::Apply => &["on", "channel", "asker", "name", "wants", "why"],
            Doing::Withdraw => &["why"],
            Doing::Object => &["on", "name", "contact", "why"],
            Doing::Settle(_) => &["on", "objection", "why"],
            Doing::Visit(_) => &["on", "outcome", "next_try", "is_final", "note"],
        }
    }
}

/// The list whose codes a line takes.
fn list_of(line: &str) -> Option<&'static str> {
    match line {
        "close_reason" => Some("close_reason"),
        "seen" | "copy" | "owed" | "waive" => Some("paper"),
        "exclusions" => Some("exclusion"),
        "channel" => Some("channel"),
        "asker" => Some("asker"),
        "wants" => Some("help"),
        "outcome" => Some("visit_outcome"),
        "level" => Some("level"),
        "upper_state" => Some("upper_state"),
        _ => None,
    }
}

pub struct Step {
    session: Arc<Session>,
    dossier: DossierId,
    doing: Doing,
    lines: Vec<(&'static str, TextField)>,
    at: usize,
    /// A case that is over is opened for this reason.
    why_open: Option<String>,
}

impl Step {
    pub fn new(session: Arc<Session>, dossier: DossierId, doing: Doing) -> Step {
        let today = session.now().today;
        let line = |name: &'static str| {
            let text = if name == "on" { today.to_string() } else { String::new() };
            (name, TextField::offering(&text).at_most(300))
        };
        let lines = doing.lines().iter().copied().map(line).collect();
        Step { session, dossier, doing, lines, at: 0, why_open: None }
    }

    /// For a case that is over, and was opened for this reason.
    pub fn because(self, why: Option<String>) -> Step {
        Step { why_open: why, ..self }
    }

    fn text(&self, line: &str) -> Option<String> {
        let (_, field) = self.lines.iter().find(|(name, _)| *name == line)?;
        let text = field.value().trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    fn day(&self, line: &'static str) -> Result<Option<Day>, Message> {
        let Some(text) = self.text(line) else { return Ok(None) };
        let day = Day::from_typed_near(&text, self.session.now().today);
        day.map(Some).ok_or_else(|| Message::new("cli.not_a_day").with("asked", text))
    }

    fn number(&self, line: &'static str) -> Result<Option<u32>, Message> {
        let Some(text) = self.text(line) else { return Ok(None) };
        let narrow: String = text.chars().map(crate::domain::money::narrow_char).collect();
        let not_one = || Message::new("tui.step.not_a_number").with("line", label(line)).with("asked", text.as_str());
        narrow.parse().map(Some).map_err(|_| not_one())
    }

    /// Whether somebody said yes: `y`, `1` or 是.
    fn yes(&self, line: &'static str) -> Result<bool, Message> {
        let Some(text) = self.text(line) else { return Ok(false) };
        match text.to_lowercase().as_str() {
            "y" | "yes" | "1" | "是" => Ok(true),
            "n" | "no" | "0" | "2" | "否" => Ok(false),
            _ => Err(Message::new("tui.step.not_yes").with("line", label(line)).with("asked", text)),
        }
    }

    /// Names, one behind the other.
    fn names(&self, line: &str) -> Vec<String> {
        split(&self.text(line).unwrap_or_default()).map(str::to_owned).collect()
    }

    /// Codes of the line's list: each typed as the code, or as the beginning of its words.
    fn codes(&self, line: &'static str) -> Result<Vec<String>, Message> {
        let (Some(text), Some(list)) = (self.text(line), list_of(line)) else { return Ok(Vec::new()) };
        let codes = self.session.office().library().codes(list);
        let find = |word: &str| {
            let all = || codes.into_iter().flat_map(|codes| codes.all());
            if let Some(code) = all().find(|code| code.code.eq_ignore_ascii_case(word)) {
                return Some(code.code.clone());
            }
            let lower = word.to_lowercase();
            let fits = |code: &&Code| code.zh.starts_with(word) || code.en.to_lowercase().starts_with(&lower);
            let mut found = all().filter(fits);
            match (found.next(), found.next()) {
                (Some(code), None) => Some(code.code.clone()),
                _ => None,
            }
        };
        let unknown =
            |word: &str| Message::new("tui.step.not_in_list").with("line", label(line)).with("asked", word.to_owned());
        split(&text).map(|word| find(word).ok_or_else(|| unknown(word))).collect()
    }

    fn one_code(&self, line: &'static str) -> Result<Option<String>, Message> {
        let codes = self.codes(line)?;
        match &codes[..] {
            [] => Ok(None),
            [code] => Ok(Some(code.clone())),
            _ => Err(Message::new("tui.step.one_only").with("line", label(line))),
        }
    }

    fn papers(&self, until: Option<Day>) -> Result<Vec<Paper>, Message> {
        let paper = |kind, state| Paper { kind, state, issued: None, expires: None, page: None };
        let mut papers = Vec::new();
        for (line, state) in [
            ("seen", PaperState::Seen { original: true }),
            ("copy", PaperState::Seen { original: false }),
            ("owed", PaperState::Owed { until }),
        ] {
            papers.extend(self.codes(line)?.into_iter().map(|kind| paper(kind, state)));
        }
        for kind in self.codes("waive")? {
            let until = until.ok_or_else(|| Message::new("tui.step.waive_until"))?;
            papers.push(paper(kind, PaperState::Waived { until }));
        }
        if papers.is_empty() { Err(Message::new("tui.step.no_paper")) } else { Ok(papers) }
    }

    fn household(&self) -> Result<Household<'_>, Failure> {
        match &self.why_open {
            Some(why) => self.session.office().find_because(&self.dossier.hex(), why, self.session.now()),
            None => self.session.open(self.dossier),
        }
    }

    /// Does it.
    ///
    /// Errors: what was typed is none of what the line takes; what the office refuses.
    fn take(&self) -> Result<(), Message> {
        let on = self.day("on")?.unwrap_or_else(|| self.session.now().today);
        let until = self.day("until")?;
        let why = self.text("why");
        let why = why.as_deref();
        let household = self.household().map_err(|failure| failure.explain())?;
        let done = match self.doing {
            Doing::Step(to) => {
                let (category, reason) = (self.text("category"), self.one_code("close_reason")?);
                let members = self.names("members");
                let deliberation = match members.is_empty() {
                    true => None,
                    false => Some(Deliberation {
                        members,
                        aside: self.names("aside"),
                        committee: self.number("committee")?,
                        agreed: self.number("agreed")?.unwrap_or_default(),
                        against: self.number("against")?.unwrap_or_default(),
                    }),
                };
                let posted = match to {
                    Status::Noticed => {
                        let last = self.session.office().notice_until(on, until, self.session.now());
                        let last = last.map_err(|failure| failure.explain())?;
                        let household = household.to_post().map_err(|failure| failure.explain())?;
                        Some(present::notice::line(&self.session.words(Lang::Zh), &household, on, last))
                    }
                    _ => None,
                };
                let asked = self.text("ask");
                // The question, a blank, the words.
                let ask = |text: &'_ str| match text.split_once(|c: char| c.is_whitespace() || matches!(c, '=' | '＝'))
                {
                    Some((question, words)) => (question.to_owned(), words.trim().to_owned()),
                    None => (text.to_owned(), String::new()),
                };
                let asked = asked.as_deref().map(ask);
                if to == Status::Draft && asked.is_none() && why.is_none() {
                    // Whoever it goes back to has to know what to mend.
                    return Err(Message::new("tui.step.what_to_mend"));
                }
                let asked: Vec<(&str, &str)> = asked.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
                let step = CaseStep {
                    posted: posted.as_deref(),
                    reason: reason.as_deref(),
                    why,
                    until,
                    category: category.as_deref(),
                    deliberation,
                    ..CaseStep::new(to, on)
                };
                household.step_with_queries(&step, &asked)
            }
            Doing::Papers => household.note_papers(self.papers(until)?, on, why),
            Doing::Died => household.worker_died(on, why),
            Doing::Level => {
                let level = self.one_code("level")?.as_deref().and_then(Level::from_code);
                let upper = self.one_code("upper_state")?.as_deref().and_then(UpperState::from_code);
                if level.is_none() && upper.is_none() {
                    return Err(Message::new("tui.step.no_level"));
                }
                household.note_level(level, upper, on, why)
            }
            Doing::Override => {
                let codes = self.codes("exclusions")?;
                if codes.is_empty() {
                    return Err(Message::new("tui.step.no_exclusion"));
                }
                household.override_exclusions(&codes, on, why.unwrap_or_default())
            }
            Doing::Apply => {
                let (channel, asker, name) = (self.one_code("channel")?, self.one_code("asker")?, self.text("name"));
                let application = Application {
                    channel: channel.as_deref(),
                    asker: asker.as_deref(),
                    for_whom: None,
                    wants: self.codes("wants")?,
                    name: name.as_deref(),
                    words: why,
                };
                household.apply(&application, on)
            }
            Doing::Object => {
                let (name, contact) = (self.text("name"), self.text("contact"));
                household.object(&ObjectionWords { name, contact, words: why.unwrap_or_default().to_owned() }, on)
            }
            Doing::Settle(upheld) => {
                let number = self.number("objection")?.map(|number| number as usize);
                household.settle_objection(number, upheld, why.unwrap_or_default(), on)
            }
            Doing::Visit(round) => {
                let (outcome, note) = (self.one_code("outcome")?, self.text("note"));
                let outcome = outcome.as_deref().and_then(VisitOutcome::from_code);
                let outcome = outcome.ok_or_else(|| Message::new("tui.step.no_outcome"))?;
                let (next, is_final) = (self.day("next_try")?, self.yes("is_final")?);
                household.note_visit(round, &NewVisit { on, outcome, next, is_final, note: note.as_deref() })
            }
            Doing::Withdraw => household.withdraw_step(why.unwrap_or_default()).map(drop),
        };
        done.map_err(|failure| failure.explain())
    }

    fn finish(&self) -> Then {
        match self.take() {
            Ok(()) => Then::CloseSaying(Message::new("tui.step.done").with("step", Arg::Word(self.doing.word()))),
            Err(said) => Then::Say(said),
        }
    }

    /// What a line takes, in words: for codes the whole list.
    fn help(&self, line: &str, cx: &Cx) -> String {
        if let Some(list) = list_of(line) {
            let today = self.session.now().today;
            let codes = self.session.office().library().codes(list);
            let words = codes.into_iter().flat_map(|codes| codes.on(today));
            let words = words.map(|code| format!("{} {}", code.code, cx.pick(&code.zh, &code.en)));
            return words.collect::<Vec<_>>().join("  ");
        }
        match line {
            "on" => cx.word("tui.step.on_help"),
            "next_try" => cx.word("tui.step.next_try_help"),
            "is_final" => cx.word("tui.step.final_help"),
            "note" => cx.word("tui.step.note_help"),
            "until" => cx.word("tui.step.until_help"),
            "members" | "aside" => cx.word("tui.step.names_help"),
            "committee" => cx.word("tui.step.committee_help"),
            "category" => cx.word("tui.step.category_help"),
            "ask" => cx.word("tui.step.ask_help"),
            "why" => cx.word("tui.step.why_help"),
            _ => String::new(),
        }
    }
}

/// The words of a line.
fn label(line: &str) -> Arg {
    Arg::Word(key_of(line))
}

fn key_of(line: &str) -> String {
    format!("case.line.{line}")
}

/// What stands between commas of either width or 、; where there are none, between blanks.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let is_comma = |c: char| matches!(c, '、' | ',' | '，' | ';' | '；');
    let by_comma = text.contains(is_comma);
    let parts = text.split(move |c: char| if by_comma { is_comma(c) } else { c.is_whitespace() });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

impl Screen for Step {
    fn title(&self, cx: &Cx) -> String {
        cx.word(&self.doing.word())
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[0]
    }

    fn can(&self, action: Action) -> bool {
        matches!(action, Action::Take | Action::Step(StepAction::TakeStep) | Action::Back | Action::Up | Action::Down)
    }

    fn confirms(&self, action: Action) -> bool {
        action == Action::Step(StepAction::TakeStep)
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            Action::Step(StepAction::TakeStep) => self.finish(),
            // An Enter that is held down, or pressed once too often, takes no step.
            Action::Take | Action::Down => {
                self.at = (self.at + 1).min(self.lines.len().saturating_sub(1));
                Then::Stay
            }
            Action::Up => {
                self.at = self.at.saturating_sub(1);
                Then::Stay
            }
            _ => Then::Ignore,
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        let taken = self.lines.get_mut(self.at).is_some_and(|(_, field)| field.key(key));
        if taken { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let width = page.area.width.saturating_sub(4).min(90);
        // As high as the longest help needs, so that it does not jump from line to line.
        let room = usize::from(width.saturating_sub(4));
        let high = self.lines.iter().map(|(line, _)| text::wrap(&self.help(line, cx), room).len()).max().unwrap_or(0);
        let inner = popup(page, &self.title(cx), width, (self.lines.len() + high) as u16 + 3);
        let words = |line: &str| cx.word(&key_of(line));
        let wide = self.lines.iter().map(|(line, _)| text::width(&words(line))).max().unwrap_or(0) as u16;
        for (row, (line, field)) in (0..).zip(&self.lines) {
            let y = inner.y + row;
            let here = usize::from(row) == self.at;
            page.put(inner.x, y, 2, if here { ">" } else { " " }, cx.theme.key());
            page.put(inner.x + 2, y, wide, &words(line), if here { cx.theme.strong() } else { cx.theme.plain() });
            let x = inner.x + 3 + wide;
            let cells = inner.right().saturating_sub(x + 1);
            if here {
                field.draw(page, x, y, cells, cx.theme.field());
            } else {
                page.put(x, y, cells, &text::clean(&field.value()), cx.theme.plain());
            }
        }
        let y = inner.y + self.lines.len() as u16;
        page.rule(inner.x, y, inner.width);
        if let Some((line, _)) = self.lines.get(self.at) {
            let room = Rect {
                x: inner.x + 1,
                y: y + 1,
                width: inner.width.saturating_sub(2),
                height: inner.bottom().saturating_sub(y + 1),
            };
            page.paragraph(room, &self.help(line, cx), cx.theme.quiet());
        }
    }
}
