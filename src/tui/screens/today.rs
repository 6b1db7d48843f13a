//! The first screen: drafts to go on with, what waits in cases, households due, what was looked at last, and how the store is.

use super::lookup::Lookup;
use super::reason::Reason;
use crate::command::drafts::{DraftLine, DueLine};
use crate::command::heads::HeadGiven;
use crate::command::queue::{QueueAsked, QueueFound};
use crate::command::survey::Begin;
use crate::command::{Duty, Failure, dossier::StatusLine};
use crate::domain::{Day, DossierId, Explain, Message};
use crate::present::{Layout, Table, today};
use crate::tui::key::Key::*;
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::{Session, Unlocked};
use crate::tui::surveying;
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::{Parts, presented};
use ratatui::layout::Rect;
use std::sync::Arc;

/// What keys do on the first screen and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TodayAction {
    NewHousehold,
    Search,
    DiscardDraft,
    Roll,
    Round,
    Fund,
    Bureau,
    ReadAgain,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Today:
    hinted [Enter, Right] Action::Take, "tui.key.open";
    hinted [Char('n'), F(2)] Action::Today(TodayAction::NewHousehold), "tui.key.new";
    hinted [Char('/'), F(6), Ctrl('g')] Action::Today(TodayAction::Search), "tui.key.search";
    hinted [Char('?')] Action::Help, "tui.key.help";
    hinted [Char(':')] Action::Menu, "tui.key.menu_short";
    hinted [F(12), Ctrl('t')] Action::Language, "tui.key.language";
    hinted [Char('d'), F(4), Delete] Action::Today(TodayAction::DiscardDraft), "tui.key.remove_draft";
    helped [Char('l'), F(3)] Action::Today(TodayAction::Roll), "tui.key.roll";
    helped [Char('w'), F(9)] Action::Today(TodayAction::Round), "tui.key.round";
    helped [Char('f'), F(7)] Action::Today(TodayAction::Fund), "tui.key.fund";
    helped [Char('b'), F(8)] Action::Today(TodayAction::Bureau), "tui.key.bureau";
    helped [Char('p'), F(10)] Action::Linear, "tui.key.linear";
    helped [Char('r'), F(5)] Action::Today(TodayAction::ReadAgain), "tui.key.read_again";
    hinted [Char('q')] Action::Leave, "tui.key.leave";
}];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Today, KeyScope::List, KeyScope::Letters], &[KeyScope::YesNo]];

/// Households due within so many days are shown before their day.
const AHEAD_DAYS: i32 = 30;
/// No office surveys more in a month; a longer list helps nobody.
const DUE_MAX: usize = 200;

/// Of what waits, the longest waiting; all of it is what `queue` prints.
const QUEUE_MAX: usize = 200;

const DRAFTS: usize = 0;
const QUEUE: usize = 1;
const DUE: usize = 2;
const SEEN: usize = 3;
const PARTS: usize = 4;

pub struct Today {
    session: Arc<Session>,
    drafts: Vec<DraftLine>,
    /// Draft files that can't be read at all.
    unreadable: usize,
    /// What waits for whoever sits here.
    queue: QueueFound,
    due: Vec<DueLine>,
    seen: Vec<(StatusLine, Option<String>)>,
    /// Households and records of the whole bureau, for whoever works with all of it.
    all: Option<(u64, u64)>,
    /// The last head code that left, and when.
    head: Option<HeadGiven>,
    /// The day of the last backup.
    backup: Option<Day>,
    today: Day,
    parts: Parts,
    /// The draft that is about to be thrown away.
    removing: Option<usize>,
    /// Why the lists may not be whole.
    trouble: Option<Message>,
}

impl Today {
    pub fn new(session: Arc<Session>) -> Today {
        let today = session.now().today;
        let mut screen = Today {
            session,
            drafts: Vec::new(),
            unreadable: 0,
            queue: QueueFound::default(),
            due: Vec::new(),
            seen: Vec::new(),
            all: None,
            head: None,
            backup: None,
            today,
            parts: Parts::default(),
            removing: None,
            trouble: None,
        };
        screen.read();
        screen
    }

    fn read(&mut self) {
        self.trouble = self.try_read().err().map(|failure| failure.explain());
        if self.trouble.is_some() {
            // What stood there is not known to be theirs any more.
            self.drafts.clear();
            self.queue = QueueFound::default();
            self.due.clear();
            self.seen.clear();
        }
        let waits = self.queue.fund.len() + self.queue.lines.len();
        self.parts.set(vec![self.drafts.len(), waits, self.due.len(), self.seen.len()]);
    }

    fn try_read(&mut self) -> Result<(), Failure> {
        let office = self.session.office();
        self.today = self.session.now().today;
        // How much there is of other units is nobody's who works in one.
        self.all = match office.reach(self.session.now())? {
            None => Some((office.households()?, office.records()?)),
            Some(_) => None,
        };
        self.head = office.last_head_given();
        self.backup = office.last_backup()?.map(|at| at.day());
        let (drafts, unreadable) = office.drafts(self.session.now())?;
        (self.drafts, self.unreadable) = (drafts, unreadable.len());
        let asked = QueueAsked { mine: true, waits: None, limit: Some(QUEUE_MAX), of_fund: true };
        self.queue = office.queue(&asked, self.session.now())?;
        self.due = office.due_until(self.today.plus_days(AHEAD_DAYS), DUE_MAX, self.session.now())?;
        self.seen.clear();
        for dossier in self.session.seen() {
            // What is theirs no longer is not shown.
            if let Ok(line) = office.line(dossier, self.session.now()) {
                self.seen.push((line.status, line.name));
            }
        }
        Ok(())
    }

    fn take(&mut self, item: Option<(usize, usize)>) -> Then {
        match item {
            Some((DRAFTS, at)) => self.resume(at),
            Some((QUEUE, at)) => self.go_on_with(at),
            Some((DUE, at)) => self.dossier(self.due.get(at).map(|line| line.dossier)),
            Some((SEEN, at)) => self.dossier(self.seen.get(at).map(|(status, _)| status.dossier)),
            _ => Then::Ignore,
        }
    }

    /// What of the fund waits stands first, then cases.
    fn go_on_with(&self, at: usize) -> Then {
        if let Some(line) = self.queue.fund.get(at) {
            return match line.waits.is_of_campaigns() {
                true => Then::Go(Box::new(super::campaigns::Campaigns::new(self.session.clone()))),
                false => Then::Go(Box::new(super::fund::Fund::waiting(self.session.clone(), line.waits))),
            };
        }
        match self.queue.lines.get(at.saturating_sub(self.queue.fund.len())) {
            Some(line) => super::dossier::opened_at(&self.session, line.dossier, super::dossier::CASE),
            None => Then::Ignore,
        }
    }

    fn resume(&mut self, at: usize) -> Then {
        let Some(line) = self.drafts.get(at) else { return Then::Ignore };
        if line.submitted.is_some() {
            // The record has it all; only the file was left behind.
            let dossier = line.dossier;
            let removed = self.session.office().discard_draft(line.draft, self.session.now());
            return match removed {
                Ok(()) => self.dossier(Some(dossier)),
                Err(failure) => Then::Say(failure.explain()),
            };
        }
        match surveying::resume(&self.session, line.draft) {
            Ok(survey) => Then::Go(Box::new(survey)),
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    fn dossier(&self, dossier: Option<DossierId>) -> Then {
        dossier.map_or(Then::Ignore, |dossier| super::dossier::opened(&self.session, dossier))
    }

    fn new_household(&self) -> Then {
        match new_household(&self.session) {
            Ok(survey) => Then::Go(Box::new(survey)),
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    /// The part's rows, as they are read now.
    fn table(&self, part: usize, cx: &Cx) -> Table {
        let words = self.session.words(cx.lang);
        match part {
            DRAFTS => today::drafts(&words, &self.drafts),
            QUEUE => today::queue(&words, &self.queue, self.today),
            DUE => today::due(&words, &self.due, self.today),
            _ => today::stand(&words, &self.seen),
        }
    }
}

/// A survey of a household without a dossier, on the hardship form.
pub fn new_household(session: &Arc<Session>) -> Result<super::survey::Survey, Failure> {
    let form = session.office().library().hardship()?.clone();
    surveying::begin(session, Begin { dossier: None, form, corrects: None, updates: false, on_disk: true })
}

impl Screen for Today {
    fn title(&self, cx: &Cx) -> String {
        format!("{}  {}", cx.word("tui.scope.today"), self.today)
    }

    fn status(&self, cx: &Cx) -> String {
        self.session.who(cx.lang)
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[usize::from(self.removing.is_some())]
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Back => false,
            Action::Take | Action::Pick(_) => !self.parts.is_empty(),
            Action::Today(TodayAction::DiscardDraft) => matches!(self.parts.at(), Some((DRAFTS, _))),
            Action::Today(TodayAction::NewHousehold) => self.session.carries(Duty::Survey),
            Action::Today(TodayAction::Roll) => self.session.carries(Duty::Roll),
            Action::Today(TodayAction::Round) => self.session.carries(Duty::Open),
            Action::Today(TodayAction::Fund) => self.session.carries(Duty::SeeFund) || self.session.carries(Duty::Open),
            _ => true,
        }
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        if let Some(at) = self.removing.take() {
            let Some(line) = self.drafts.get(at).filter(|_| action == Action::Yes) else { return Then::Stay };
            let removed = self.session.office().discard_draft(line.draft, self.session.now());
            self.read();
            return removed.map_or_else(|failure| Then::Say(failure.explain()), |()| Then::Stay);
        }
        match action {
            Action::Take => self.take(self.parts.at()),
            Action::Today(TodayAction::NewHousehold) => self.new_household(),
            Action::Today(TodayAction::Roll) => Then::Go(Box::new(super::roll::Roll::new(self.session.clone()))),
            Action::Today(TodayAction::Round) => Then::Go(Box::new(super::round::Round::new(self.session.clone()))),
            Action::Today(TodayAction::Fund) => Then::Go(Box::new(super::fund::Fund::new(self.session.clone()))),
            Action::Today(TodayAction::Bureau) => Then::Go(Box::new(super::bureau::Bureau::new(self.session.clone()))),
            Action::Today(TodayAction::Search) => Then::Go(Box::new(Lookup::new(self.session.clone()))),
            Action::Today(TodayAction::ReadAgain) => {
                self.read();
                Then::Stay
            }
            Action::Today(TodayAction::DiscardDraft) => {
                let at = self.parts.at().filter(|(part, _)| *part == DRAFTS).map(|(_, at)| at);
                // What somebody else began is thrown away for a reason.
                let others =
                    at.and_then(|at| self.drafts.get(at)).filter(|line| line.by != self.session.office().officer());
                if let Some(line) = others {
                    return Then::Go(Box::new(Reason::discarding(self.session.clone(), line.draft)));
                }
                self.removing = at;
                Then::Stay
            }
            moving => match self.parts.act(moving) {
                Moved::Picked(item) => self.take(self.parts.place(item)),
                Moved::Yes => Then::Stay,
                Moved::No => Then::Ignore,
            },
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let area = page.area;
        let list = Rect { height: area.height.saturating_sub(3), ..area };
        // A list draws its mark and its digit in the first cells of a line, and marks its ends in the last.
        let cells = usize::from(list.width.saturating_sub(4));
        let tables: Vec<(Table, Layout)> = (0..PARTS)
            .map(|part| {
                let table = self.table(part, cx);
                let layout = Layout::within(&table, cells, 2);
                (table, layout)
            })
            .collect();
        self.parts.draw(
            page,
            list,
            |part| match part {
                DRAFTS => cx.say(&Message::new("tui.today.drafts").with("count", self.drafts.len())),
                QUEUE => {
                    let of_fund: usize = self.queue.fund.iter().map(|line| line.count).sum();
                    cx.say(&Message::new("tui.today.queue").with("count", self.queue.total + of_fund))
                }
                DUE => {
                    let late = self.due.iter().filter(|line| line.on < self.today).count();
                    cx.say(&Message::new("tui.today.due").with("count", self.due.len()).with("late", late))
                }
                _ => cx.word("tui.today.seen"),
            },
            |part| {
                cx.word(match part {
                    DRAFTS if !self.session.carries(Duty::Survey) => "tui.today.surveys_nobody",
                    DRAFTS => "tui.today.no_drafts",
                    QUEUE => "tui.today.nothing_waits",
                    DUE => "tui.today.nothing_due",
                    _ => "tui.today.nothing_seen",
                })
            },
            |part, at| match tables.get(part) {
                Some((table, layout)) => presented::row(table, layout, table.rows.get(at), cx.theme),
                None => Default::default(),
            },
        );
        let y = area.bottom().saturating_sub(3);
        page.rule(area.x, y, area.width);
        let head = match &self.head {
            Some(head) => Message::new("tui.today.head").with("code", head.code.as_str()).with("at", head.at.as_str()),
            None => Message::new("tui.today.no_head"),
        };
        page.put(area.x, y + 2, area.width, &cx.say(&head), cx.theme.quiet());
        let key = match self.session.unlocked {
            Unlocked::KeyFile => "tui.today.key_file",
            Unlocked::Passphrase => "tui.today.passphrase",
        };
        let state = match self.all {
            Some((households, records)) => {
                Message::new("tui.today.state").with("records", records).with("households", households)
            }
            None => Message::new("tui.today.state_of_station"),
        };
        let state =
            state.with("station", &self.session.office().station().hex()[..6]).with("key", Message::new(key)).with(
                "backup",
                match self.backup {
                    Some(day) => Message::new("tui.today.backup").with("day", day),
                    None => Message::new("tui.today.no_backup"),
                },
            );
        let (said, style) = match (&self.removing, &self.trouble, self.unreadable) {
            (Some(_), ..) => (cx.word("tui.today.remove_draft"), cx.theme.strong()),
            (_, Some(trouble), _) => (format!("! {}", cx.say(trouble)), cx.theme.wrong()),
            (_, None, 0) => (cx.say(&state), cx.theme.quiet()),
            (_, None, count) => {
                let said = Message::new("tui.today.unreadable").with("count", count);
                (format!("! {}", cx.say(&said)), cx.theme.wrong())
            }
        };
        page.put(area.x, y + 1, area.width, &said, style);
    }

    fn resumed(&mut self, _cx: &Cx) {
        self.read();
    }

    fn news(&mut self, _cx: &Cx) -> bool {
        // A question is being asked about one of the lines.
        if self.removing.is_none() {
            self.read();
        }
        self.removing.is_none()
    }
}
