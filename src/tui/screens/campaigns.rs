//! Campaigns: all of them, and the lines of one, each with how it stands and why it was taken out. Lines are chosen, and handed over or
//! brought back together; what is typed for that is typed over the list (`campaigns/entering.rs`), and the sheet to sign on is read
//! (`campaigns/sheet.rs`).

mod entering;
mod sheet;

use crate::command::fund::{CampaignLine, LineState};
use crate::command::{Duty, Failure};
use crate::domain::fund::CampaignState;
use crate::domain::{Explain, Message};
use crate::present::{Cell, Layout, Table, TableRow, campaign};
use crate::tui::key::Key::*;
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text::wrap;
use crate::tui::widgets::list::{List, Moved};
use crate::tui::widgets::presented;
use crate::views::fund::CampaignRow;
use entering::{Entering, What};
use ratatui::layout::Rect;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What keys do on campaigns and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CampaignAction {
    Mark,
    TakeStep,
    FromRoll,
    Handed,
    Returned,
    Drop,
    Sheet,
    ReadAgain,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Campaigns:
    hinted [Enter, Right] Action::Take, "tui.key.open";
    hinted [Char(' ')] Action::Campaign(CampaignAction::Mark), "tui.campaign.key.mark";
    hinted [Char('a'), F(2)] Action::Campaign(CampaignAction::TakeStep), "tui.campaign.key.step";
    hinted [Char('n'), F(3)] Action::Campaign(CampaignAction::FromRoll), "tui.campaign.key.roll";
    hinted [Char('h'), F(6)] Action::Campaign(CampaignAction::Handed), "tui.campaign.key.handed";
    hinted [Char('b'), F(7)] Action::Campaign(CampaignAction::Returned), "tui.campaign.key.returned";
    hinted [Char('x'), F(8)] Action::Campaign(CampaignAction::Drop), "tui.campaign.key.drop";
    hinted [Char('s'), F(9)] Action::Campaign(CampaignAction::Sheet), "tui.campaign.key.sheet";
    helped [Char('r'), F(5)] Action::Campaign(CampaignAction::ReadAgain), "tui.key.read_again";
}];
pub static SCOPES: &[&[KeyScope]] = &[
    &[KeyScope::Campaigns, KeyScope::List, KeyScope::Letters],
    &[KeyScope::YesNo],
    &[KeyScope::Entries],
    &[KeyScope::Reading],
];

enum Shown {
    All(Vec<CampaignRow>),
    One(Box<CampaignRow>, Vec<CampaignLine>),
}

pub struct Campaigns {
    session: Arc<Session>,
    shown: Result<Shown, Failure>,
    list: List,
    /// Numbers of lines that were chosen.
    marked: BTreeSet<usize>,
    /// The step that waits for a yes.
    stepping: Option<CampaignState>,
    /// Whose rights it was read by.
    people: u64,
}

impl Campaigns {
    pub fn new(session: Arc<Session>) -> Campaigns {
        let people = session.office().people_state();
        let shown = Ok(Shown::All(Vec::new()));
        let mut screen =
            Campaigns { session, shown, list: List::default(), marked: BTreeSet::new(), stepping: None, people };
        screen.all();
        screen
    }

    fn all(&mut self) {
        self.shown = self.session.office().campaigns(self.session.now()).map(Shown::All);
        self.settle();
    }

    /// The campaign as it stands by now.
    fn one(&mut self, row: &CampaignRow) {
        let (office, now) = (self.session.office(), self.session.now());
        let row = office.campaign_named(&row.id.hex(), now);
        let read = row.and_then(|row| Ok((office.campaign_lines(&row, now)?, row)));
        self.shown = read.map(|(lines, row)| Shown::One(Box::new(row), lines));
        self.settle();
    }

    fn settle(&mut self) {
        self.people = self.session.office().people_state();
        let len = match &self.shown {
            Ok(Shown::All(rows)) => rows.len(),
            Ok(Shown::One(_, lines)) => {
                let there: BTreeSet<usize> = lines.iter().map(|line| line.number).collect();
                self.marked.retain(|number| there.contains(number));
                lines.len()
            }
            Err(_) => 0,
        };
        self.list.set_len(len);
    }

    fn read_again(&mut self) {
        match &self.shown {
            Ok(Shown::One(row, _)) => {
                let row = row.clone();
                self.one(&row);
            }
            _ => self.all(),
        }
    }

    /// The campaign that is shown, or that the cursor is on.
    fn campaign(&self) -> Option<&CampaignRow> {
        match &self.shown {
            Ok(Shown::All(rows)) => rows.get(self.list.at()?),
            Ok(Shown::One(row, _)) => Some(row),
            Err(_) => None,
        }
    }

    fn lines(&self) -> &[CampaignLine] {
        match &self.shown {
            Ok(Shown::One(_, lines)) => lines,
            _ => &[],
        }
    }

    /// Those that were chosen, else the one that the cursor is on.
    fn chosen(&self) -> Vec<usize> {
        match self.marked.is_empty() {
            false => self.marked.iter().copied().collect(),
            true => self.list.at().and_then(|at| self.lines().get(at)).map(|line| line.number).into_iter().collect(),
        }
    }

    fn is_shown_one(&self) -> bool {
        matches!(self.shown, Ok(Shown::One(..)))
    }

    /// The next step of the campaign, where whoever sits here may take it.
    fn next_step(&self) -> Option<CampaignState> {
        let row = self.campaign().filter(|_| self.is_shown_one())?;
        let (to, duty) = match row.state() {
            CampaignState::Open => (CampaignState::Checked, Duty::CheckAid),
            CampaignState::Checked => (CampaignState::Approved, Duty::DecideAid),
            CampaignState::Approved => (CampaignState::Closed, Duty::PayAid),
            CampaignState::Closed => return None,
        };
        self.session.carries(duty).then_some(to)
    }

    /// Whether a line of that state is among them.
    fn has(&self, state: CampaignState, duty: Duty, is: impl Fn(&LineState) -> bool) -> bool {
        let at_state = self.campaign().is_some_and(|row| row.state() == state) && self.session.carries(duty);
        at_state && self.lines().iter().any(|line| is(&line.state))
    }

    fn step(&mut self, to: CampaignState) -> Then {
        let Some(row) = self.campaign().cloned() else { return Then::Stay };
        let (office, now) = (self.session.office(), self.session.now());
        let stepped = match to {
            CampaignState::Approved => office.approve_campaign(&row, None, now),
            _ => office.close_campaign(&row, now),
        };
        self.read_again();
        match stepped {
            Ok(_) => Then::Stay,
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    fn enter(&self, what: What) -> Then {
        let Some(row) = self.campaign() else { return Then::Ignore };
        Then::Go(Box::new(Entering::new(self.session.clone(), row.clone(), what, &self.chosen())))
    }

    fn table(&self, cx: &Cx) -> Option<Table> {
        let words = self.session.words(cx.lang);
        Some(match self.shown.as_ref().ok()? {
            Shown::All(rows) => campaign::campaigns(&words, rows),
            Shown::One(row, lines) => campaign::lines(&words, row, lines),
        })
    }
}

impl Screen for Campaigns {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.scope.campaigns")
    }

    fn status(&self, cx: &Cx) -> String {
        match &self.shown {
            Ok(Shown::One(row, _)) => {
                let state = cx.word(&format!("campaign.state.{}", row.state().code()));
                let said = Message::new("tui.campaign.status").with("campaign", row.campaign.code.as_str());
                cx.say(&said.with("state", state).with("marked", self.marked.len()))
            }
            _ => String::new(),
        }
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[usize::from(self.stepping.is_some())]
    }

    fn can(&self, action: Action) -> bool {
        use CampaignAction::*;
        let granted = |state: &LineState| *state == LineState::Granted;
        match action {
            Action::Take | Action::Pick(_) => matches!(&self.shown, Ok(Shown::All(rows)) if !rows.is_empty()),
            Action::Campaign(Mark) => !self.lines().is_empty(),
            Action::Campaign(TakeStep) => self.next_step().is_some(),
            Action::Campaign(FromRoll) => {
                let is_open = self.campaign().is_some_and(|row| row.state() == CampaignState::Open);
                is_open && self.is_shown_one() && self.session.carries(Duty::ProposeAid)
            }
            Action::Campaign(Handed | Returned) => self.has(CampaignState::Approved, Duty::PayAid, granted),
            Action::Campaign(Drop) => self.has(CampaignState::Open, Duty::ProposeAid, |_| true),
            Action::Campaign(Sheet) => self.has(CampaignState::Approved, Duty::PayAid, LineState::stands),
            _ => true,
        }
    }

    fn barred(&mut self) -> Option<Message> {
        let refused = self.session.office().may(Duty::Open, self.session.now()).map(drop);
        if let Err(failure) = refused {
            return Some(failure.explain());
        }
        // Whose lines these were may not be theirs any more.
        if self.people != self.session.office().people_state() {
            self.stepping = None;
            self.read_again();
        }
        None
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        if let Some(to) = self.stepping.take() {
            return if action == Action::Yes { self.step(to) } else { Then::Stay };
        }
        let own = match action {
            Action::Campaign(own) if self.can(action) => own,
            Action::Campaign(_) => return Then::Ignore,
            Action::Back if self.is_shown_one() => {
                self.marked.clear();
                self.all();
                self.list.go(0);
                return Then::Stay;
            }
            Action::Back => return Then::Close,
            moving => {
                let at = match (moving, self.list.at()) {
                    (Action::Take, Some(at)) => at,
                    (moving, _) => match self.list.act(moving) {
                        Moved::Picked(at) => at,
                        Moved::Yes => return Then::Stay,
                        Moved::No => return Then::Ignore,
                    },
                };
                return match &self.shown {
                    Ok(Shown::All(rows)) => match rows.get(at).cloned() {
                        Some(row) => {
                            self.marked.clear();
                            self.one(&row);
                            self.list.go(0);
                            Then::Stay
                        }
                        None => Then::Ignore,
                    },
                    _ => Then::Ignore,
                };
            }
        };
        match own {
            CampaignAction::Mark => {
                let Some(number) = self.list.at().and_then(|at| self.lines().get(at)).map(|line| line.number) else {
                    return Then::Ignore;
                };
                if !self.marked.remove(&number) {
                    self.marked.insert(number);
                }
                self.list.act(Action::Down);
                Then::Stay
            }
            CampaignAction::TakeStep => match self.next_step() {
                // Count and sum are typed by whoever counted.
                Some(CampaignState::Checked) => self.enter(What::Check),
                to => {
                    self.stepping = to;
                    Then::Stay
                }
            },
            CampaignAction::FromRoll => self.enter(What::FromRoll),
            CampaignAction::Handed => self.enter(What::Handed),
            CampaignAction::Returned => self.enter(What::Returned),
            CampaignAction::Drop => self.enter(What::Drop),
            CampaignAction::Sheet => {
                let Some(row) = self.campaign().cloned() else { return Then::Ignore };
                match self.session.office().handing_sheet(&row, &[], self.session.now()) {
                    Ok(lines) => Then::Go(Box::new(sheet::HandingSheet::new(self.session.clone(), row, lines))),
                    Err(failure) => Then::Say(failure.explain()),
                }
            }
            CampaignAction::ReadAgain => {
                self.read_again();
                Then::Stay
            }
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let area = page.area;
        if let Err(failure) = &self.shown {
            page.paragraph(area, &cx.say(&failure.explain()), cx.theme.wrong());
            return;
        }
        let Some(table) = self.table(cx) else { return };
        page.put(area.x, area.y, area.width, &table.title, cx.theme.strong());
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        if self.list.is_empty() {
            let empty = if self.is_shown_one() { "tui.campaign.no_lines" } else { "tui.campaign.none" };
            page.paragraph(Rect { y: body.y + 1, ..body }, &cx.word(empty), cx.theme.quiet());
            return;
        }
        // A list draws its mark and its digit in the first cells of a line; a line that was chosen has a star before it.
        let margin = 4;
        let layout = Layout::within(&table, usize::from(body.width.saturating_sub(margin + 4)), 1);
        let line = |row: &TableRow| {
            let shown = |at: usize| row.cells.get(at).map(Cell::shown).unwrap_or_default();
            layout.line(&table, shown)
        };
        page.put(body.x + margin + 2, body.y, body.width - margin - 2, &layout.titles(&table), cx.theme.quiet());
        let width = usize::from(body.width.saturating_sub(margin));
        let notes: Vec<String> = table.notes.iter().flat_map(|note| wrap(&note.text, width)).collect();
        // Why the line under the bar was taken out stands whole below, whatever a column has room for.
        let words = self.session.words(cx.lang);
        let here = self.list.at().and_then(|at| self.lines().get(at));
        let why = here.map(|line| campaign::why(&words, line)).filter(|why| !why.is_empty());
        let why: Vec<String> = why.map(|why| wrap(&why, width)).unwrap_or_default();
        let below = notes.len() + 2;
        let rows = body.height.saturating_sub(3 + below as u16);
        let list = Rect { y: body.y + 1, height: rows, ..body };
        self.list.draw(page, list, |at| {
            let row = table.rows.get(at);
            let style = row.map_or(cx.theme.plain(), |row| presented::style(cx.theme, row.tone));
            let marked = self.lines().get(at).is_some_and(|line| self.marked.contains(&line.number));
            let mark = if marked { "* " } else { "  " };
            (row.map(|row| format!("{mark}{}", line(row))).unwrap_or_default(), style)
        });
        let mut y = list.y + (table.rows.len() as u16).min(rows);
        if let Some(sums) = &table.sums {
            page.put(body.x + margin + 2, y, body.width - margin - 2, &line(sums), cx.theme.strong());
            y += 1;
        }
        for note in &notes {
            page.put(body.x + margin, y, body.width - margin, note, cx.theme.plain());
            y += 1;
        }
        for (at, why) in (y..).zip(why.iter().take(2)) {
            page.put(body.x + margin, at, body.width - margin, why, cx.theme.doubt());
        }
        if let Some(to) = self.stepping {
            let state = cx.word(&format!("campaign.state.{}", to.code()));
            let asked = cx.say(&Message::new("tui.fund.ask").with("state", state));
            page.fill(area.x, area.bottom().saturating_sub(1), area.width, &asked, cx.theme.doubt());
        }
    }

    fn resumed(&mut self, _cx: &Cx) {
        self.read_again();
    }

    fn news(&mut self, _cx: &Cx) -> bool {
        if self.stepping.is_some() {
            return false;
        }
        self.read_again();
        true
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }
}
