//! A household's dossier: what holds, its surveys, its people, what happened, two surveys compared, and why; all of it
//! as of any day, and as it was known on any day. Masked until revealed with a reason.
//!
//! It does not decide and keeps nothing: it shows what `command` answers.
//! Start reading at `Dossier::look` (what is shown follows from page, time and language), then `pages.rs`.

mod case;
mod keys;
mod pages;
mod queries;
mod time;

use super::forms::Forms;
use super::reason::Reason;
use super::step::Doing;
use super::survey_text::SurveyReader;
use crate::command::dossier::{StatusLine, VersionLine};
use crate::command::presence::Here;
use crate::command::queries::QueryLine;
use crate::command::survey::Begin;
use crate::command::{Duty, Failure, Household, Office};
use crate::domain::{Day, DossierId, EntryId, Explain, Eyes, Mask, Message};
use crate::present::{self, Layout, Sentence, Table, Tone};
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::surveying;
use crate::tui::text;
use crate::tui::widgets::chart::Point;
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::presented::{self, Block};
use crate::tui::widgets::{Chart, List, Reader, TextField};
use crate::views::{Face, History};
pub use keys::{DossierAction, KEYS, SCOPES};
use pages::Body;
use queries::Asked;
use ratatui::layout::Rect;
use std::sync::Arc;
use time::Time;

const OVERVIEW: u8 = 1;
const SURVEYS: u8 = 2;
const QUERIES: u8 = 7;
/// The page of its case.
pub const CASE: u8 = 8;
/// What whoever reviews its latest survey has to see.
pub const REVIEW: u8 = 9;
const PAGES: u8 = 9;
/// From this width on two things stand side by side.
const WIDE: u16 = 120;

pub struct Dossier {
    session: Arc<Session>,
    dossier: DossierId,
    history: History,
    face: Option<Face>,
    time: Time,
    status: StatusLine,
    page: u8,
    /// The versions, newest last; the bar chooses one to correct or to mark.
    list: List,
    /// The surveys to be compared, by the record that first submitted each.
    marks: Vec<EntryId>,
    reader: Reader,
    /// What the page shows, in the language of the screen.
    body: Body,
    /// Before whose eyes: names are clear in one's own units, and all is once it was revealed.
    eyes: Eyes,
    /// Queries about its answers; the bar chooses one to answer or to close.
    queries: Vec<QueryLine>,
    query: List,
    /// The same as a table.
    asked: Table,
    /// What may be done in its case next; the bar chooses.
    doings: Vec<(Doing, Sentence)>,
    doing: List,
    /// Why it was opened, where that needed a reason.
    why_open: Option<String>,
    /// What the words are for that are being typed.
    asking: Option<(Asked, TextField)>,
    /// Who else has it open.
    others: Option<Message>,
    /// What whoever sits here may do about it.
    allowed: Vec<Duty>,
    /// As of which [`Office::people_state`] and day it was theirs.
    rights_state: (u64, Day),
    /// Why it is theirs no longer.
    gone: Option<Message>,
    _here: Here,
}

/// What opening a household comes to: its dossier, the question why, or why not.
pub fn opened(session: &Arc<Session>, dossier: DossierId) -> Then {
    opened_at(session, dossier, OVERVIEW)
}

/// [`opened`], at one of its pages.
pub fn opened_at(session: &Arc<Session>, dossier: DossierId, page: u8) -> Then {
    match Dossier::open(session.clone(), dossier, None) {
        Ok(screen) => Then::Go(Box::new(Dossier { page, ..screen })),
        Err(Failure::NeedsReason) => Then::Go(Box::new(Reason::opening(session.clone(), dossier))),
        Err(failure) => Then::Say(failure.explain()),
    }
}

impl Dossier {
    /// The household's dossier, for a reason where one was given.
    ///
    /// Errors: it is none of theirs; it needs a reason.
    pub fn open(session: Arc<Session>, dossier: DossierId, why: Option<&str>) -> Result<Dossier, Failure> {
        let office = session.office();
        let household = match why {
            Some(why) => office.find_because(&dossier.hex(), why, session.now())?,
            None => session.open(dossier)?,
        };
        let (face, eyes) = (household.face()?, household.eyes());
        let status = household.status(crate::views::Horizon::NOW);
        let history = household.into_history();
        let rights_state = (office.people_state(), session.now().today);
        session.look_at(dossier);
        let here = office.be_at(dossier, false, session.now().at);
        let mut list = List::new(status.versions.len());
        list.go(status.versions.len());
        Ok(Dossier {
            time: Time::of(&history),
            session,
            dossier,
            history,
            face,
            status,
            page: OVERVIEW,
            list,
            marks: Vec::new(),
            reader: Reader::default(),
            body: Vec::new(),
            eyes,
            queries: Vec::new(),
            query: List::new(0),
            asked: Table::default(),
            doings: Vec::new(),
            doing: List::new(0),
            why_open: why.map(str::to_owned),
            asking: None,
            others: None,
            allowed: Vec::new(),
            rights_state,
            gone: None,
            _here: here,
        })
    }

    /// The household, for one act: whether it is still theirs is asked again.
    fn household(&self) -> Result<Household<'_>, Failure> {
        self.session.open(self.dossier)
    }

    fn may(&self, duty: Duty) -> bool {
        self.allowed.contains(&duty)
    }

    fn office(&self) -> &Office {
        self.session.office()
    }

    /// Works out what is shown: after a key that moves through pages or time, and in the other language.
    fn look(&mut self, cx: &Cx) {
        self.status = StatusLine::of(&self.history, self.time.horizon());
        self.list.set_len(self.status.versions.len());
        // Their words stand in records of their own, so they are read for their page alone.
        let words = self.page == QUERIES;
        let household = self.session.open(self.dossier).ok();
        let queries = household.as_ref().filter(|_| words).map(|household| {
            let words = self.session.words(cx.lang);
            present::dossier::queries_of(&words, household, self.time.horizon(), self.eyes)
        });
        let queries = queries.and_then(Result::ok).unwrap_or_default();
        let asked = [Duty::Survey, Duty::Reveal, Duty::Ask, Duty::AnswerQuery, Duty::CloseQuery];
        let may = |duty: &Duty| household.as_ref().is_some_and(|household| household.may(*duty));
        self.allowed = asked.into_iter().filter(may).collect();
        self.asked = household.as_ref().map_or_else(Table::default, |household| {
            let words = self.session.words(cx.lang);
            present::dossier::queries(&words, household, &self.status, &queries, self.eyes)
        });
        drop(household);
        self.queries = queries;
        self.query.set_len(self.queries.len());
        self.others = self.session.others_at(self.dossier, cx.lang);
        self.doings = if self.page == CASE { self.all_doings(cx) } else { Vec::new() };
        self.doing.set_len(self.doings.len());
        self.body = match self.compose(cx) {
            Ok(body) => body,
            Err(failure) => {
                vec![Block::Sentences(vec![Sentence::new(cx.say(&failure.explain())).tone(Tone::Strong)])]
            }
        };
    }

    fn read_again(&mut self, cx: &Cx) {
        let read = self.household().and_then(|household| {
            let eyes = household.eyes();
            Ok((household.face()?, eyes, household.into_history()))
        });
        match read {
            Ok((face, eyes, history)) => {
                let more = history.happenings.len() != self.history.happenings.len();
                (self.history, self.face) = (history, face);
                if self.eyes != Eyes::Revealed {
                    self.eyes = eyes;
                }
                if more {
                    self.time = Time::of(&self.history);
                }
                self.look(cx);
            }
            // What is theirs no longer is not kept to be looked at; the screen closes with the word.
            Err(failure) => {
                self.history.happenings.clear();
                (self.face, self.body, self.gone) = (None, Vec::new(), Some(failure.explain()));
            }
        }
    }

    fn turn(&mut self, page: u8, cx: &Cx) -> Then {
        self.page = page;
        self.reader = Reader::default();
        self.look(cx);
        Then::Stay
    }

    fn current(&self) -> Option<&VersionLine> {
        self.list.at().and_then(|at| self.status.versions.get(at))
    }

    /// The two surveys to be compared, the earlier first: the marked ones, else the last two.
    fn compared(&self) -> Option<(&VersionLine, &VersionLine)> {
        let versions = &self.status.versions;
        let marked: Vec<&VersionLine> = versions.iter().filter(|v| self.marks.contains(&v.first)).collect();
        match (&marked[..], &versions[..]) {
            ([one, other], _) => Some((one, other)),
            ([one], [.., last]) if one.first != last.first => Some((one, last)),
            (_, [.., before, last]) => Some((before, last)),
            _ => None,
        }
    }

    fn mark(&mut self, cx: &Cx) -> Then {
        let Some(first) = self.current().map(|version| version.first) else { return Then::Ignore };
        match self.marks.iter().position(|mark| *mark == first) {
            Some(at) => drop(self.marks.remove(at)),
            None => {
                self.marks.push(first);
                if self.marks.len() > 2 {
                    self.marks.remove(0);
                }
            }
        }
        if self.marks.len() == 2 { self.turn(5, cx) } else { Then::Stay }
    }

    /// A survey of this household: the draft that waits for it, or a new one. `corrects`: the version to be corrected.
    fn survey(&self, corrects: Option<(u32, EntryId)>, updates: bool) -> Then {
        match self.try_survey(corrects, updates) {
            Ok(survey) => Then::Go(Box::new(survey)),
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    fn try_survey(&self, corrects: Option<(u32, EntryId)>, updates: bool) -> Result<super::survey::Survey, Failure> {
        if updates {
            surveying::may_update(&self.session, self.dossier)?;
        }
        let office = self.office();
        let corrected = corrects.and_then(|(number, _)| self.status.versions.iter().find(|v| v.version == number));
        let form = match corrected.and_then(|line| office.form_of(&line.form, &line.form_version)) {
            Some(form) => form,
            None => office.library().hardship()?.clone(),
        };
        if let Some(draft) = office.draft_of(Some(self.dossier), corrects.map(|(_, record)| record), &form)? {
            return match corrects {
                Some(_) => surveying::resume(&self.session, draft),
                None => surveying::resume_for(&self.session, draft, form, updates),
            };
        }
        let corrects = corrects.map(|(number, _)| number);
        surveying::begin(&self.session, Begin { dossier: Some(self.dossier), form, corrects, updates, on_disk: true })
    }

    fn reveal(&mut self, why: &str, cx: &Cx) -> Then {
        match self.household().and_then(|household| household.reveal(why)) {
            Ok(()) => {
                self.eyes = Eyes::Revealed;
                self.read_again(cx);
                Then::Say(Message::new("tui.dossier.revealed"))
            }
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    /// The worker's name, as those who sit here may see it.
    fn name(&self, cx: &Cx) -> String {
        match self.face.as_ref().and_then(|face| face.names.first()) {
            Some(name) => text::clean(&Mask::Name.show(name, self.eyes)),
            None if self.status.erased => cx.word("tui.dossier.erased"),
            None => String::new(),
        }
    }

    fn points(&self) -> Vec<Point> {
        let shown = !Mask::Cause.covers(self.eyes);
        let deciding = self.status.versions.iter().filter(|version| version.decides && shown);
        let label = |day: crate::domain::Day| day.to_string().chars().take(7).collect();
        deciding.map(|v| Point { label: label(v.on), income: v.per_head_net, line: v.line_month }).collect()
    }

    fn draw_overview(&self, page: &mut Page<'_>, area: Rect) {
        let cx = page.cx;
        let lines = presented::lines(&self.body, usize::from(area.width), cx.theme);
        // Facts before pictures: the chart has what is left, beside them where there is room.
        let wide = area.width >= WIDE;
        let facts = Rect { width: if wide { area.width / 2 } else { area.width }, ..area };
        let lines = if wide { presented::lines(&self.body, usize::from(facts.width), cx.theme) } else { lines };
        for (y, (line, style)) in (area.y..area.bottom()).zip(&lines) {
            page.put(facts.x, y, facts.width, line, *style);
        }
        let area = match wide {
            true => Rect { x: facts.right() + 2, width: area.width - facts.width - 2, ..area },
            false => {
                let used = (lines.len() as u16 + 1).min(area.height);
                Rect { y: area.y + used, height: area.height - used, ..area }
            }
        };
        // A chart of fewer lines says nothing.
        if area.height < 4 {
            return;
        }
        let y = area.y;
        page.put(area.x, y, area.width, &cx.word("tui.dossier.chart"), cx.theme.strong());
        let chart = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area };
        Chart { points: &self.points() }.draw(page, chart);
    }

    fn draw_surveys(&self, page: &mut Page<'_>, area: Rect) {
        let cx = page.cx;
        let table = present::dossier::versions(&self.session.words(cx.lang), &self.status, self.eyes);
        let layout = Layout::within(&table, usize::from(area.width.saturating_sub(7)), 2);
        page.put(area.x + 6, area.y, area.width, &layout.titles(&table), cx.theme.quiet());
        let rows = Rect { y: area.y + 1, height: area.height.saturating_sub(3), ..area };
        self.list.draw_with(page, rows, false, true, |at| {
            let marked = self.status.versions.get(at).is_some_and(|version| self.marks.contains(&version.first));
            let (line, style) = presented::row(&table, &layout, table.rows.get(at), cx.theme);
            (format!("{} {line}", if marked { "[x]" } else { "[ ]" }), style)
        });
        page.put(area.x, area.bottom().saturating_sub(1), area.width, &cx.word("tui.dossier.mark"), cx.theme.quiet());
    }
}

impl Screen for Dossier {
    fn title(&self, cx: &Cx) -> String {
        format!("{} {}  {}", cx.word("tui.scope.dossier"), self.status.number, self.name(cx))
    }

    fn status(&self, cx: &Cx) -> String {
        let time = cx.say(&self.time.said());
        match &self.others {
            Some(others) => format!("{}  {time}", cx.say(others)).trim_end().to_owned(),
            None => time,
        }
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        match (self.asking.is_some(), self.page) {
            (true, _) => SCOPES[1],
            (false, CASE | REVIEW) => SCOPES[2],
            (false, _) => SCOPES[0],
        }
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Dossier(DossierAction::Mark) => self.page == SURVEYS && self.asking.is_none(),
            Action::Take if self.asking.is_none() && self.page == CASE => !self.doings.is_empty(),
            // From what is to be seen to what is to be done.
            Action::Take if self.asking.is_none() && self.page == REVIEW => true,
            Action::Take if self.asking.is_none() => {
                self.page == SURVEYS && !self.status.erased && !self.status.versions.is_empty()
            }
            Action::Dossier(DossierAction::Earlier) => self.time.has_earlier(),
            Action::Dossier(DossierAction::Later) => self.time.has_later(),
            Action::Dossier(DossierAction::AskQuery) => {
                self.page == QUERIES && self.may(Duty::Ask) && !self.status.erased && !self.status.versions.is_empty()
            }
            Action::Dossier(DossierAction::AnswerQuery) => self.may(Duty::AnswerQuery) && self.open_query().is_some(),
            Action::Dossier(DossierAction::CloseQuery) => {
                self.session.carries(Duty::CloseQuery) && self.open_query().is_some()
            }
            Action::Dossier(DossierAction::Reveal) => {
                self.may(Duty::Reveal) && self.eyes != Eyes::Revealed && !self.status.erased && self.face.is_some()
            }
            Action::Dossier(DossierAction::SurveyAgain) | Action::Dossier(DossierAction::OtherForm) => {
                self.may(Duty::Survey) && !self.status.erased
            }
            Action::Dossier(DossierAction::Correct | DossierAction::Update) => {
                self.may(Duty::Survey) && !self.status.erased && !self.status.versions.is_empty()
            }
            Action::Take => self.asking.is_some(),
            Action::Menu | Action::Help => self.asking.is_none(),
            Action::Pick(_) => false,
            _ => true,
        }
    }

    fn confirms(&self, action: Action) -> bool {
        action == Action::Take && self.asking.is_some()
    }

    fn barred(&mut self) -> Option<Message> {
        let state = (self.office().people_state(), self.session.now().today);
        if state != self.rights_state && self.gone.is_none() {
            self.gone = self.household().err().map(|failure| failure.explain());
            self.rights_state = state;
        }
        self.gone.clone()
    }

    fn came_in(&mut self, cx: &Cx) {
        self.eyes = Eyes::default();
        self.read_again(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx) -> Then {
        if let Some((asked, field)) = self.asking.take() {
            let words = field.value();
            return match action {
                Action::Take if words.trim().is_empty() && asked != Asked::Close => {
                    self.asking = Some((asked, field));
                    Then::Say(Message::new("tui.dossier.reason_needed"))
                }
                Action::Take if asked == Asked::Reveal => self.reveal(words.trim(), cx),
                Action::Take => {
                    let then = self.say(asked, words.trim(), cx);
                    if matches!(then, Then::Say(_)) {
                        // Refused: what was typed stays, to be mended.
                        self.asking = Some((asked, field));
                    }
                    then
                }
                Action::Back => Then::Stay,
                _ => {
                    self.asking = Some((asked, field));
                    Then::Ignore
                }
            };
        }
        match action {
            Action::Back => Then::Close,
            Action::Dossier(DossierAction::Tab(page)) => self.turn(page, cx),
            Action::Next => self.turn(self.page % PAGES + 1, cx),
            Action::Previous => self.turn((self.page + PAGES - 2) % PAGES + 1, cx),
            Action::Dossier(DossierAction::Earlier)
            | Action::Dossier(DossierAction::Later)
            | Action::Dossier(DossierAction::Known) => {
                match action {
                    Action::Dossier(DossierAction::Earlier) => self.time.earlier(),
                    Action::Dossier(DossierAction::Later) => self.time.later(),
                    _ => self.time.switch(),
                }
                self.look(cx);
                Then::Stay
            }
            Action::Dossier(DossierAction::Mark) => self.mark(cx),
            Action::Take if self.page == SURVEYS => match self.current().map(|line| line.version) {
                Some(version) => match SurveyReader::open(self.session.clone(), self.dossier, version, self.eyes, cx) {
                    Ok(reader) => Then::Go(Box::new(reader)),
                    Err(failure) => Then::Say(failure.explain()),
                },
                None => Then::Ignore,
            },
            Action::Take if self.page == CASE => self.take_step(),
            Action::Take if self.page == REVIEW => self.turn(CASE, cx),
            Action::Dossier(DossierAction::SurveyAgain) => self.survey(None, false),
            Action::Dossier(DossierAction::Update) => self.survey(None, true),
            Action::Dossier(DossierAction::OtherForm) => match Forms::of(self.session.clone(), self.dossier) {
                Ok(Some(forms)) => Then::Go(Box::new(forms)),
                Ok(None) => Then::Say(super::forms::none()),
                Err(failure) => Then::Say(failure.explain()),
            },
            Action::Dossier(DossierAction::Correct) => match self.current() {
                Some(version) => self.survey(Some((version.version, version.record)), false),
                None => Then::Ignore,
            },
            Action::Dossier(DossierAction::Reveal) => self.listen(Asked::Reveal),
            Action::Dossier(DossierAction::AskQuery) => self.listen(Asked::Ask),
            Action::Dossier(DossierAction::AnswerQuery) => self.listen(Asked::Answer),
            Action::Dossier(DossierAction::CloseQuery) => self.listen(Asked::Close),
            moving if self.page == QUERIES => match self.query.act(moving) {
                Moved::No => Then::Ignore,
                _ => Then::Stay,
            },
            moving if self.page == CASE => match self.doing.act(moving) {
                Moved::No => Then::Ignore,
                _ => Then::Stay,
            },
            moving if self.page == SURVEYS => match self.list.act(moving) {
                Moved::No => Then::Ignore,
                _ => Then::Stay,
            },
            moving => self.reader.act(moving),
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        match &mut self.asking {
            Some((_, field)) => match field.key(key) {
                true => Then::Stay,
                false => Then::Ignore,
            },
            None => Then::Ignore,
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let (area, theme) = (page.area, cx.theme);
        let tabs = [
            "tui.dossier.overview",
            "tui.dossier.surveys",
            "tui.dossier.people",
            "tui.dossier.history",
            "tui.dossier.difference",
            "tui.dossier.why",
            "tui.dossier.queries",
            "tui.dossier.case",
            "tui.dossier.review",
        ];
        let wide = |keys: &[&str]| -> usize { keys.iter().map(|key| text::width(&cx.word(key)) + 4).sum() };
        // Where not all names have room, the number of a page still says how to get there; the last name goes first.
        let room = usize::from(area.width);
        let all = wide(&tabs) <= room;
        let (last, others) = (tabs.len() as u8, &tabs[..tabs.len() - 1]);
        let but_one = self.page != last && wide(others) + 2 <= room;
        let mut x = area.x;
        for (number, key) in (1..).zip(tabs) {
            let here = number == self.page;
            let (open, close) = if here { ("[", "]") } else { (" ", " ") };
            let style = if here { theme.focus() } else { theme.plain() };
            let name =
                if here || all || (but_one && number != last) { format!(" {}", cx.word(key)) } else { String::new() };
            x += page.put(x, area.y, area.right().saturating_sub(x), &format!("{open}{number}{name}{close}"), style);
        }
        page.rule(area.x, area.y + 1, area.width);
        let body = Rect { x: area.x + 1, y: area.y + 2, width: area.width - 1, height: area.height.saturating_sub(2) };
        match self.page {
            OVERVIEW => self.draw_overview(page, body),
            SURVEYS => self.draw_surveys(page, body),
            QUERIES => self.draw_queries(page, body),
            CASE => self.draw_case(page, body),
            _ => {
                let cells = usize::from(body.width.saturating_sub(1));
                self.reader.draw(page, body, &presented::lines(&self.body, cells, theme));
            }
        }
        if let Some((asked, field)) = &self.asking {
            let (title, note) = asked.words();
            let inner = popup(page, &cx.word(title), 70, 4);
            field.draw(page, inner.x + 1, inner.y, inner.width.saturating_sub(2), theme.field());
            let note = cx.word(note);
            page.put(inner.x + 1, inner.y + 1, inner.width.saturating_sub(2), &note, theme.quiet());
        }
    }

    fn resumed(&mut self, cx: &Cx) {
        self.read_again(cx);
    }

    fn news(&mut self, cx: &Cx) -> bool {
        let before = (self.history.happenings.len(), self.others.clone());
        if self.asking.is_none() {
            self.read_again(cx);
        }
        (self.history.happenings.len(), self.others.clone()) != before
    }

    fn speak(&mut self, cx: &Cx) {
        self.look(cx);
    }
}
