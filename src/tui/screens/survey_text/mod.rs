//! A kept survey, read: sections that fold, rosters as tables whose rows open, a jump by number, words, pinyin or name, any
//! version, and a query raised on the answer itself. Nothing is changed here.
//!
//! It shows what `present::survey` made of the survey.
//! Start reading at `SurveyReader::lay_out` (which lines there are), then `line_text`; what keys do is in `screen.rs`.

mod screen;

use crate::command::dossier::VersionLine;
use crate::command::{Duty, Failure, Household};
use crate::domain::{Day, DossierId, Explain, Eyes, Message, Path};
use crate::form;
use crate::present::survey::{self, AnswerLine, Item, Section, Shown, SurveyText};
use crate::present::{Cell, Layout, Reading, Table, review};
use crate::tui::key::Key::{self, *};
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::screens::MARKS;
use crate::tui::session::Session;
use crate::tui::text;
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::presented::{self, Block};
use crate::tui::widgets::{List, Reader, TextField};
use crate::views::Horizon;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What keys do on a kept survey and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SurveyTextAction {
    Jump,
    VersionBefore,
    VersionAfter,
    AskQuery,
    /// The answer through all surveys.
    Life,
    /// What each mark means.
    Legend,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { SurveyText:
    hinted [Enter, Char(' ')] Action::Take, "tui.key.fold";
    hinted [Char('/'), F(6), Ctrl('g')] Action::SurveyText(SurveyTextAction::Jump), "tui.key.jump";
    hinted [Left, Char('[')] Action::SurveyText(SurveyTextAction::VersionBefore), "tui.key.version_before";
    hinted [Right, Char(']')] Action::SurveyText(SurveyTextAction::VersionAfter), "tui.key.version_after";
    hinted [Char('a'), F(3)] Action::SurveyText(SurveyTextAction::AskQuery), "tui.key.query_ask";
    hinted [Char('h'), F(7)] Action::SurveyText(SurveyTextAction::Life), "tui.key.life";
    helped [Tab] Action::Next, "tui.key.section_after";
    helped [BackTab] Action::Previous, "tui.key.section_before";
    hinted [Char('l'), F(4)] Action::SurveyText(SurveyTextAction::Legend), "tui.key.legend";
}];
pub static SCOPES: &[&[KeyScope]] =
    &[&[KeyScope::SurveyText, KeyScope::List, KeyScope::Letters], &[KeyScope::Narrowed], &[KeyScope::Reading]];

/// One line on screen: a part of the survey by its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    Section(usize),
    /// A group within a section, or the title of a roster.
    Heading(usize, usize),
    /// The titles of a roster's columns.
    Titles(usize, usize),
    /// A row of a roster.
    Row(usize, usize, usize),
    Answer(usize, usize),
    /// An answer of an opened row.
    RowAnswer(usize, usize, usize, usize),
}

impl Shows {
    fn section(self) -> usize {
        match self {
            Shows::Section(section)
            | Shows::Heading(section, _)
            | Shows::Titles(section, _)
            | Shows::Row(section, ..)
            | Shows::Answer(section, _)
            | Shows::RowAnswer(section, ..) => section,
        }
    }
}

enum Typing {
    Jump(TextField),
    Query(Path, TextField),
}

pub struct SurveyReader {
    session: Arc<Session>,
    dossier: DossierId,
    number: String,
    versions: Vec<VersionLine>,
    /// Place in `versions`.
    at: usize,
    eyes: Eyes,
    text: Option<SurveyText>,
    folded: BTreeSet<usize>,
    opened: BTreeSet<Path>,
    /// What is on screen, line by line.
    lines: Vec<Shows>,
    list: List,
    typing: Option<Typing>,
    legend: bool,
    /// The answer under the bar through all surveys, while that is shown.
    life: Option<(String, Table, Reader)>,
    may_ask: bool,
    /// Why it cannot be shown.
    trouble: Option<Message>,
    rights_state: (u64, Day),
    gone: Option<Message>,
}

impl SurveyReader {
    /// That version of a household's dossier, for the eyes that the dossier is open for.
    ///
    /// Errors: it is none of theirs, it cannot be read.
    pub fn open(
        session: Arc<Session>,
        dossier: DossierId,
        version: u32,
        eyes: Eyes,
        cx: &Cx,
    ) -> Result<SurveyReader, Failure> {
        let rights_state = (session.office().people_state(), session.now().today);
        let (number, versions) = {
            let household = session.open(dossier)?;
            (household.number(), household.status(Horizon::NOW).versions)
        };
        let at = versions.iter().position(|line| line.version == version).unwrap_or_default();
        let mut reader = SurveyReader {
            session,
            dossier,
            number,
            versions,
            at,
            eyes,
            text: None,
            folded: BTreeSet::new(),
            opened: BTreeSet::new(),
            lines: Vec::new(),
            list: List::new(0),
            typing: None,
            legend: false,
            life: None,
            may_ask: false,
            trouble: None,
            rights_state,
            gone: None,
        };
        reader.read(cx);
        Ok(reader)
    }

    fn household(&self) -> Result<Household<'_>, Failure> {
        self.session.open(self.dossier)
    }

    fn read(&mut self, cx: &Cx) {
        // What they may see of it may have changed; what was revealed stays so while they may be here.
        if self.eyes != Eyes::Revealed
            && let Ok(eyes) = self.household().map(|household| household.eyes())
        {
            self.eyes = eyes;
        }
        match self.try_read(cx) {
            Ok((text, may_ask, versions)) => {
                let first = self.versions.get(self.at).map(|line| line.first);
                self.at = versions.iter().position(|line| Some(line.first) == first).unwrap_or(self.at);
                (self.text, self.may_ask, self.versions, self.trouble) = (Some(text), may_ask, versions, None);
            }
            Err(failure) => (self.text, self.trouble) = (None, Some(failure.explain())),
        }
        self.lay_out();
    }

    fn try_read(&self, cx: &Cx) -> Result<(SurveyText, bool, Vec<VersionLine>), Failure> {
        let household = self.household()?;
        let versions = household.status(Horizon::NOW).versions;
        let first = self.versions.get(self.at).map(|line| line.first);
        let none = || Failure::NoSuchVersion { asked: self.number.clone() };
        let line = versions.iter().find(|line| Some(line.first) == first).ok_or_else(none)?;
        let text = survey::read(&self.session.words(cx.lang), &household, line, self.eyes, Shown::Answered)?;
        Ok((text, household.may(Duty::Ask), versions))
    }

    fn sections(&self) -> &[Section] {
        self.text.as_ref().map(|text| text.sections.as_slice()).unwrap_or_default()
    }

    fn item(&self, section: usize, item: usize) -> Option<&Item> {
        self.sections().get(section)?.items.get(item)
    }

    /// Which lines there are: of a folded section its title alone, of an opened row its answers. The bar stays on the line
    /// that it is on.
    fn lay_out(&mut self) {
        let here = self.list.at().and_then(|at| self.lines.get(at)).copied();
        let mut lines = Vec::new();
        for (s, section) in self.sections().iter().enumerate() {
            lines.push(Shows::Section(s));
            for (i, item) in section.items.iter().enumerate().filter(|_| !self.folded.contains(&s)) {
                match item {
                    Item::Heading(_) => lines.push(Shows::Heading(s, i)),
                    Item::Answer(_) => lines.push(Shows::Answer(s, i)),
                    Item::Roster { rows, .. } => {
                        lines.extend([Shows::Heading(s, i), Shows::Titles(s, i)]);
                        for (r, row) in rows.iter().enumerate() {
                            lines.push(Shows::Row(s, i, r));
                            let open = self.opened.contains(&row.path);
                            lines.extend((0..row.lines.len()).filter(|_| open).map(|l| Shows::RowAnswer(s, i, r, l)));
                        }
                    }
                }
            }
        }
        self.lines = lines;
        self.list.set_len(self.lines.len());
        if let Some(at) = here.and_then(|here| self.lines.iter().position(|line| *line == here)) {
            self.list.go(at);
        }
    }

    /// The answer that a line shows.
    fn answer(&self, shows: Shows) -> Option<&AnswerLine> {
        match (shows, self.item(shows.section(), self.item_of(shows)?)?) {
            (Shows::Answer(..), Item::Answer(line)) => Some(line),
            (Shows::RowAnswer(_, _, r, l), Item::Roster { rows, .. }) => rows.get(r)?.lines.get(l),
            _ => None,
        }
    }

    fn item_of(&self, shows: Shows) -> Option<usize> {
        match shows {
            Shows::Section(_) => None,
            Shows::Heading(_, i)
            | Shows::Titles(_, i)
            | Shows::Row(_, i, _)
            | Shows::Answer(_, i)
            | Shows::RowAnswer(_, i, ..) => Some(i),
        }
    }

    fn here(&self) -> Option<Shows> {
        self.list.at().and_then(|at| self.lines.get(at)).copied()
    }

    /// A line as it stands in so many cells.
    fn line_text(&self, shows: Shows, cells: usize, cx: &Cx) -> (String, Style) {
        let theme = cx.theme;
        let row_of = |item: &Item, r: Option<usize>| match item {
            Item::Roster { table, .. } => {
                let layout = Layout::within(table, cells.saturating_sub(6), 2);
                match r {
                    None => layout.titles(table),
                    Some(r) => layout.line(table, |at| {
                        table.rows.get(r).and_then(|row| row.cells.get(at)).map(Cell::shown).unwrap_or_default()
                    }),
                }
            }
            _ => String::new(),
        };
        let item = self.item_of(shows).and_then(|i| self.item(shows.section(), i));
        match (shows, item) {
            (Shows::Section(s), _) => {
                let sign = if self.folded.contains(&s) { "+" } else { "-" };
                let title = self.sections().get(s).map(|section| section.title.as_str()).unwrap_or_default();
                (format!("{sign} {title}"), theme.strong())
            }
            (Shows::Heading(..), Some(Item::Heading(title))) => (format!("  {title}"), theme.strong()),
            (Shows::Heading(..), Some(Item::Roster { title, rows, .. })) => {
                (format!("  {title} ({})", rows.len()), theme.strong())
            }
            (Shows::Titles(..), Some(item)) => (format!("      {}", row_of(item, None)), theme.quiet()),
            (Shows::Row(_, _, r), Some(item @ Item::Roster { rows, .. })) => {
                let row = rows.get(r);
                let sign = if row.is_some_and(|row| self.opened.contains(&row.path)) { "-" } else { "+" };
                let said = row.is_some_and(|row| row.lines.iter().any(|line| line.mark() == "?"));
                let mark = if said { "?" } else { " " };
                (format!("  {sign}{mark}  {}", row_of(item, Some(r))), theme.plain())
            }
            _ => match self.answer(shows) {
                Some(line) => {
                    let indent = if matches!(shows, Shows::RowAnswer(..)) { 8 } else { 2 };
                    let label = text::fit(&numbered(line), (cells * 2 / 5).min(36));
                    let blank = " ".repeat(indent);
                    let style = if line.queries.is_empty() { theme.plain() } else { theme.doubt() };
                    (format!("{blank}{} {label}  {}", line.mark(), line.value.shown()), style)
                }
                None => Default::default(),
            },
        }
    }

    /// What is said below the list about the line that the bar is on: question and answer in full, where it came from, what
    /// was remarked.
    fn about(&self, cx: &Cx) -> Vec<(String, Style)> {
        let words = self.session.words(cx.lang);
        let Some(line) = self.here().and_then(|shows| self.answer(shows)) else { return Vec::new() };
        let theme = cx.theme;
        let mut out = vec![(format!("{}{}{}", numbered(line), cx.lang.colon(), line.value.shown()), theme.plain())];
        if let Some(origin) = line.origin {
            out.push((words.word(&format!("present.origin.{}", survey::origin_code(origin))), theme.quiet()));
        }
        out.extend(line.remarks(&words).into_iter().map(|remark| (remark.shown(), theme.strong())));
        out
    }

    fn fold(&mut self) -> Then {
        match self.here() {
            Some(Shows::Section(s)) => {
                if !self.folded.remove(&s) {
                    self.folded.insert(s);
                }
            }
            Some(shows @ (Shows::Row(_, i, r) | Shows::RowAnswer(_, i, r, _))) => {
                let row = match self.item(shows.section(), i) {
                    Some(Item::Roster { rows, .. }) => rows.get(r).map(|row| row.path.clone()),
                    _ => None,
                };
                let Some(row) = row else { return Then::Ignore };
                if !self.opened.remove(&row) {
                    self.opened.insert(row);
                }
                if let Some(at) = self.lines.iter().position(|line| *line == Shows::Row(shows.section(), i, r)) {
                    self.list.go(at);
                }
            }
            _ => return Then::Ignore,
        }
        self.lay_out();
        Then::Stay
    }

    fn go_to_section(&mut self, forward: bool) -> Then {
        let at = self.list.at().unwrap_or_default();
        let titles = self.lines.iter().enumerate().filter(|(_, line)| matches!(line, Shows::Section(_)));
        let mut places = titles.map(|(i, _)| i);
        let found = if forward { places.find(|i| *i > at) } else { places.rfind(|i| *i < at) };
        found.map_or(Then::Ignore, |i| {
            self.list.go(i);
            Then::Stay
        })
    }

    fn turn(&mut self, forward: bool, cx: &Cx) -> Then {
        let next = if forward { self.at + 1 } else { self.at.wrapping_sub(1) };
        if next >= self.versions.len() {
            return Then::Ignore;
        }
        self.at = next;
        self.read(cx);
        Then::Stay
    }

    /// The best place for what was typed: a number, words, their pinyin or its first letters, a member's name. Folded
    /// sections and closed rows are looked through too.
    fn sought(&self, typed: &str) -> Option<(Shows, Option<Path>)> {
        let rank = |number: &str, words: &str| form::choose::rank(typed, number, words);
        let mut best: Option<(u8, Shows, Option<Path>)> = None;
        let mut offer = |rank: Option<u8>, shows: Shows, row: Option<&Path>| {
            if let Some(rank) = rank
                && best.as_ref().is_none_or(|(known, ..)| rank < *known)
            {
                best = Some((rank, shows, row.cloned()));
            }
        };
        for (s, section) in self.sections().iter().enumerate() {
            offer(rank("", &section.title), Shows::Section(s), None);
            for (i, item) in section.items.iter().enumerate() {
                match item {
                    Item::Heading(title) => offer(rank("", title), Shows::Heading(s, i), None),
                    Item::Answer(line) => offer(rank(&line.number, &line.label), Shows::Answer(s, i), None),
                    Item::Roster { title, rows, .. } => {
                        offer(rank("", title), Shows::Heading(s, i), None);
                        for (r, row) in rows.iter().enumerate() {
                            offer(rank("", &row.name), Shows::Row(s, i, r), None);
                            for (l, line) in row.lines.iter().enumerate() {
                                let found = rank(&line.number, &line.label);
                                offer(found, Shows::RowAnswer(s, i, r, l), Some(&row.path));
                            }
                        }
                    }
                }
            }
        }
        best.map(|(_, shows, row)| (shows, row))
    }

    fn jump(&mut self, typed: &str) {
        let Some((shows, row)) = self.sought(typed) else { return };
        self.folded.remove(&shows.section());
        self.opened.extend(row);
        self.lay_out();
        if let Some(at) = self.lines.iter().position(|line| *line == shows) {
            self.list.go(at);
        }
    }

    /// The answer under the bar through all surveys: what it is called, and its lines.
    fn life_here(&self, cx: &Cx) -> Option<Result<(String, Table, Reader), Failure>> {
        let line = self.here().and_then(|shows| self.answer(shows))?;
        let version = self.versions.get(self.at)?;
        let read = || {
            let (words, household) = (self.session.words(cx.lang), self.household()?);
            let status = household.status(Horizon::NOW);
            let lines = household.life_of(&status, version, &line.path)?;
            let label = Reading::new(&words, &household.survey(version)?.answers, self.eyes).label(&line.path);
            Ok((label, review::life(&words, &lines, self.eyes), Reader::default()))
        };
        Some(read())
    }

    fn ask(&mut self, path: &Path, words: &str, cx: &Cx) -> Result<(), Failure> {
        let version = self.versions.get(self.at).map(|line| line.version);
        self.household()?.ask(version, path.as_str(), words)?;
        self.read(cx);
        Ok(())
    }
}

/// Number and words of a question.
fn numbered(line: &AnswerLine) -> String {
    format!("{} {}", line.number, line.label).trim().to_owned()
}
