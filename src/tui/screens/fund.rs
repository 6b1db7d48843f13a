//! The fund: what every purse and place has, the statement of one, and the queue of payouts, each at the step that whoever
//! sits here may take next; and every statement, down to its lines (`fund/reports.rs`).

mod reports;

use super::campaigns::Campaigns;
use crate::command::fund::{AccountStatement, FundState, FundWaits};
use crate::command::{Duty, Failure};
use crate::domain::fund::{ClosingState, PayoutState};
use crate::domain::{Day, Explain, Message};
use crate::present::{Cell, Layout, Table, TableRow, aid, fund};
use crate::tui::key::Key::*;
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text::wrap;
use crate::tui::widgets::list::{List, Moved};
use crate::tui::widgets::presented;
use crate::views::fund::PayoutRow;
use ratatui::layout::Rect;
use reports::{Report, ReportKind};
use std::sync::Arc;

/// What keys do on the fund and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FundAction {
    Payouts,
    Places,
    Statements,
    TakeStep,
    Campaigns,
    ReadAgain,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Fund:
    hinted [Enter, Right] Action::Take, "tui.key.open";
    hinted [Char('p'), F(3)] Action::Fund(FundAction::Payouts), "tui.fund.key.payouts";
    hinted [Char('g'), F(4)] Action::Fund(FundAction::Places), "tui.fund.key.places";
    hinted [Char('t'), F(6)] Action::Fund(FundAction::Statements), "tui.fund.key.statements";
    hinted [Char('a'), F(2)] Action::Fund(FundAction::TakeStep), "tui.fund.key.step";
    hinted [Char('c'), F(7)] Action::Fund(FundAction::Campaigns), "tui.fund.key.campaigns";
    helped [Char('r'), F(5)] Action::Fund(FundAction::ReadAgain), "tui.key.read_again";
}];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Fund, KeyScope::List, KeyScope::Letters], &[KeyScope::YesNo]];

enum Shown {
    Purses(FundState),
    Places(FundState),
    Statement(Box<AccountStatement>),
    Payouts(Vec<PayoutRow>),
    Report(ReportKind, Report),
}

/// What somebody may do next to the line that the cursor is on.
#[derive(Clone, Copy)]
enum NextStep {
    Payout(PayoutState),
    Closing(ClosingState),
}

pub struct Fund {
    session: Arc<Session>,
    shown: Result<Shown, Failure>,
    list: List,
    /// The payout whose next step waits for a yes.
    stepping: Option<usize>,
}

impl Fund {
    /// Balances for whoever sees the book; else the queue of payouts.
    pub fn new(session: Arc<Session>) -> Fund {
        let mut screen = Fund::unread(session);
        if screen.session.carries(Duty::SeeFund) {
            screen.balances(false)
        } else {
            screen.payouts()
        }
        screen
    }

    fn unread(session: Arc<Session>) -> Fund {
        Fund { session, shown: Ok(Shown::Payouts(Vec::new())), list: List::default(), stepping: None }
    }

    /// At what waits there: the payouts, the cursor on the first of those that wait; or the periods.
    pub fn waiting(session: Arc<Session>, waits: FundWaits) -> Fund {
        let mut screen = Fund::unread(session);
        if waits.payouts().is_none() {
            screen.report(ReportKind::Closings);
            return screen;
        }
        screen.payouts();
        let today = screen.session.now().today;
        let is_it = |row: &PayoutRow| FundWaits::of_payout(row, today).is_some_and(|(of, _)| of == waits);
        let at = match &screen.shown {
            Ok(Shown::Payouts(rows)) => rows.iter().position(is_it),
            _ => None,
        };
        screen.list.go(at.unwrap_or(0));
        screen
    }

    fn balances(&mut self, places: bool) {
        let now = self.session.now();
        let state = self.session.office().fund_state(now.today, now);
        self.shown = state.map(if places { Shown::Places } else { Shown::Purses });
        self.settle();
    }

    fn payouts(&mut self) {
        let now = self.session.now();
        let over = |state| matches!(state, PayoutState::Refused | PayoutState::Settled | PayoutState::Withdrawn);
        self.shown = self.session.office().payouts(None, now).map(|mut rows| {
            rows.retain(|row| !over(row.state()));
            Shown::Payouts(rows)
        });
        self.settle();
    }

    fn settle(&mut self) {
        self.list.set_len(match &self.shown {
            Ok(Shown::Purses(state)) => state.purses.len(),
            Ok(Shown::Places(state)) => state.places.len(),
            Ok(Shown::Statement(statement)) => statement.lines.len(),
            Ok(Shown::Payouts(rows)) => rows.len(),
            Ok(Shown::Report(_, report)) => report.rows(&self.session.words(crate::lang::Lang::Zh)),
            Err(_) => 0,
        });
    }

    fn report(&mut self, kind: ReportKind) {
        self.shown = Report::read(kind, &self.session).map(|report| Shown::Report(kind, report));
        self.list.go(0);
        self.settle();
    }

    fn take(&mut self, at: Option<usize>) -> Then {
        let Some(at) = at else { return Then::Ignore };
        if let Ok(Shown::Report(kind, report)) = &self.shown {
            let kind = *kind;
            return match report.open(at, &self.session) {
                None => Then::Ignore,
                Some(Err(failure)) => Then::Say(failure.explain()),
                Some(Ok(opened)) => {
                    self.shown = Ok(Shown::Report(kind, opened));
                    self.list.go(0);
                    self.settle();
                    Then::Stay
                }
            };
        }
        let code = match &self.shown {
            Ok(Shown::Purses(state)) => state.purses.get(at).map(|line| line.row.purse.code.clone()),
            Ok(Shown::Places(state)) => state.places.get(at).map(|line| line.row.place.code.clone()),
            Ok(Shown::Payouts(rows)) => {
                return match rows.get(at) {
                    Some(row) => super::dossier::opened(&self.session, row.payout.dossier),
                    None => Then::Ignore,
                };
            }
            _ => None,
        };
        let Some(code) = code else { return Then::Ignore };
        let now = self.session.now();
        let from = Day::from_ymd(now.today.year(), 1, 1).unwrap_or(now.today);
        match self.session.office().fund_statement(&code, from, now.today, now) {
            Ok(statement) => {
                self.shown = Ok(Shown::Statement(Box::new(statement)));
                self.list.go(0);
                self.settle();
                Then::Stay
            }
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    /// The payout or period that the cursor is on, where whoever sits here may take its next step by a key alone.
    fn step_at(&self) -> Option<(usize, NextStep)> {
        let at = self.list.at()?;
        let (to, duty) = match &self.shown {
            Ok(Shown::Payouts(rows)) => match rows.get(at)?.state() {
                PayoutState::Proposed => (NextStep::Payout(PayoutState::Checked), Duty::CheckAid),
                PayoutState::Checked => (NextStep::Payout(PayoutState::Approved), Duty::DecideAid),
                PayoutState::Approved => (NextStep::Payout(PayoutState::Noticed), Duty::CheckAid),
                _ => return None,
            },
            Ok(Shown::Report(_, Report::Closings(lines))) => match lines.get(at)?.state {
                ClosingState::Counted => (NextStep::Closing(ClosingState::Checked), Duty::CheckPeriod),
                ClosingState::Checked => (NextStep::Closing(ClosingState::Closed), Duty::ClosePeriod),
                ClosingState::Closed => return None,
            },
            _ => return None,
        };
        self.session.carries(duty).then_some((at, to))
    }

    fn step(&mut self, at: usize) -> Then {
        if let Ok(Shown::Report(kind, Report::Closings(lines))) = &self.shown {
            let Some(line) = lines.get(at) else { return Then::Stay };
            let (kind, to, now) = (*kind, line.row.closing.to, self.session.now());
            let stepped = match line.state {
                ClosingState::Counted => self.session.office().check_period(to, now),
                _ => self.session.office().close_period(to, now),
            };
            self.report(kind);
            return match stepped {
                Ok(_) => Then::Stay,
                Err(failure) => Then::Say(failure.explain()),
            };
        }
        let Ok(Shown::Payouts(rows)) = &self.shown else { return Then::Stay };
        let Some(row) = rows.get(at) else { return Then::Stay };
        let (office, now) = (self.session.office(), self.session.now());
        let stepped = match row.state() {
            PayoutState::Proposed => office.check_payout(row, now),
            PayoutState::Checked => office.approve_payout(row, None, now),
            _ => office.post_payout(row, None, now),
        };
        self.payouts();
        match stepped {
            Ok(_) => Then::Stay,
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    fn table(&self, cx: &Cx) -> Option<Table> {
        let words = self.session.words(cx.lang);
        Some(match self.shown.as_ref().ok()? {
            Shown::Purses(state) => fund::purses(&words, state),
            Shown::Places(state) => fund::places(&words, state),
            Shown::Statement(statement) => fund::statement(&words, statement),
            Shown::Payouts(rows) => aid::payouts(&words, rows, self.session.now()),
            Shown::Report(_, report) => report.table(&words),
        })
    }

    fn empty(&self) -> &'static str {
        match &self.shown {
            Ok(Shown::Statement(_)) => "tui.fund.no_lines",
            Ok(Shown::Payouts(_)) => "tui.fund.no_payouts",
            Ok(Shown::Report(..)) => "tui.fund.no_statement",
            _ => "tui.fund.no_book",
        }
    }
}

impl Screen for Fund {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.scope.fund")
    }

    fn status(&self, cx: &Cx) -> String {
        match &self.shown {
            Ok(Shown::Purses(state) | Shown::Places(state)) => {
                let total = state.purses_total();
                let said =
                    Message::new("tui.fund.status").with("balance", total.balance()).with("free", state.free_total());
                cx.say(&said)
            }
            Ok(Shown::Statement(statement)) => {
                cx.say(&Message::new("tui.fund.closing").with("balance", statement.closing.balance()))
            }
            _ => String::new(),
        }
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[usize::from(self.stepping.is_some())]
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Take | Action::Pick(_) => {
                let opens = match &self.shown {
                    Ok(Shown::Statement(_)) => false,
                    Ok(Shown::Report(_, report)) => report.opens(),
                    _ => true,
                };
                opens && !self.list.is_empty()
            }
            Action::Fund(FundAction::Payouts) => {
                !matches!(self.shown, Ok(Shown::Payouts(_))) && self.session.carries(Duty::Open)
            }
            Action::Fund(FundAction::Places) => matches!(self.shown, Ok(Shown::Purses(_) | Shown::Places(_))),
            Action::Fund(FundAction::Statements) => self.session.carries(Duty::SeeFund),
            Action::Fund(FundAction::TakeStep) => self.step_at().is_some(),
            Action::Fund(FundAction::Campaigns) => self.session.carries(Duty::Open),
            _ => true,
        }
    }

    fn barred(&mut self) -> Option<Message> {
        let duty = if matches!(self.shown, Ok(Shown::Payouts(_))) { Duty::Open } else { Duty::SeeFund };
        let refused = self.session.office().may(duty, self.session.now()).map(drop);
        refused.err().map(|failure| failure.explain())
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        if let Some(at) = self.stepping.take() {
            return if action == Action::Yes { self.step(at) } else { Then::Stay };
        }
        match action {
            Action::Take => self.take(self.list.at()),
            Action::Back => match &self.shown {
                Ok(Shown::Statement(statement)) => {
                    let places = !statement.is_purse;
                    self.balances(places);
                    Then::Stay
                }
                Ok(Shown::Report(kind, report)) if report.is_opened() => {
                    self.report(*kind);
                    Then::Stay
                }
                Ok(Shown::Payouts(_) | Shown::Report(..)) if self.session.carries(Duty::SeeFund) => {
                    self.balances(false);
                    Then::Stay
                }
                _ => Then::Close,
            },
            Action::Fund(FundAction::Payouts) => {
                self.payouts();
                Then::Stay
            }
            Action::Fund(FundAction::Places) => {
                let places = matches!(self.shown, Ok(Shown::Purses(_)));
                self.balances(places);
                Then::Stay
            }
            Action::Fund(FundAction::Statements) => {
                let next = match &self.shown {
                    Ok(Shown::Report(kind, _)) => kind.next(),
                    _ => ReportKind::first(),
                };
                self.report(next);
                Then::Stay
            }
            Action::Fund(FundAction::TakeStep) => {
                self.stepping = self.step_at().map(|(at, _)| at);
                Then::Stay
            }
            Action::Fund(FundAction::Campaigns) => Then::Go(Box::new(Campaigns::new(self.session.clone()))),
            Action::Fund(FundAction::ReadAgain) => {
                self.read_again();
                Then::Stay
            }
            moving => match self.list.act(moving) {
                Moved::Picked(at) => self.take(Some(at)),
                Moved::Yes => Then::Stay,
                Moved::No => Then::Ignore,
            },
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
            page.paragraph(Rect { y: body.y + 1, ..body }, &cx.word(self.empty()), cx.theme.quiet());
            return;
        }
        // A list draws its mark and its digit in the first cells of a line.
        let margin = 4;
        let layout = Layout::within(&table, usize::from(body.width.saturating_sub(margin + 2)), 1);
        let line = |row: &TableRow| {
            let shown = |at: usize| row.cells.get(at).map(Cell::shown).unwrap_or_default();
            layout.line(&table, shown)
        };
        page.put(body.x + margin, body.y, body.width - margin, &layout.titles(&table), cx.theme.quiet());
        // Below the sums what is to be known of the table; above the line in which a step is asked about.
        let width = usize::from(body.width.saturating_sub(margin));
        let notes =
            table.notes.iter().flat_map(|note| wrap(&note.text, width).into_iter().map(|line| (line, note.tone)));
        let notes: Vec<_> = notes.collect();
        let rows = body.height.saturating_sub(3 + notes.len() as u16);
        let list = Rect { y: body.y + 1, height: rows, ..body };
        self.list.draw(page, list, |at| {
            let row = table.rows.get(at);
            let style = row.map_or(cx.theme.plain(), |row| presented::style(cx.theme, row.tone));
            (row.map(&line).unwrap_or_default(), style)
        });
        if let Some(sums) = &table.sums {
            let y = list.y + (table.rows.len() as u16).min(rows);
            page.put(body.x + margin, y, body.width - margin, &line(sums), cx.theme.strong());
        }
        let below = list.y + (table.rows.len() as u16).min(rows) + u16::from(table.sums.is_some());
        for (y, (note, tone)) in (below..).zip(&notes) {
            page.put(body.x + margin, y, body.width - margin, note, presented::style(cx.theme, *tone));
        }
        if self.stepping.is_some()
            && let Some((_, to)) = self.step_at()
        {
            let state = match to {
                NextStep::Payout(state) => cx.word(&format!("aid.state.{}", state.code())),
                NextStep::Closing(state) => cx.word(&format!("closing.state.{}", state.code())),
            };
            let asked = cx.say(&Message::new("tui.fund.ask").with("state", state));
            page.put(area.x, area.bottom().saturating_sub(1), area.width, &asked, cx.theme.doubt());
        }
    }

    fn resumed(&mut self, cx: &Cx) {
        self.news(cx);
    }

    fn news(&mut self, _cx: &Cx) -> bool {
        let is_opened = match &self.shown {
            Ok(Shown::Statement(_)) => true,
            Ok(Shown::Report(_, report)) => report.is_opened(),
            _ => false,
        };
        if self.stepping.is_some() || is_opened {
            return false;
        }
        self.read_again();
        true
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }
}

impl Fund {
    fn read_again(&mut self) {
        match &self.shown {
            Ok(Shown::Places(_)) => self.balances(true),
            Ok(Shown::Payouts(_)) => self.payouts(),
            Ok(Shown::Purses(_)) | Err(_) => self.balances(false),
            Ok(Shown::Report(kind, report)) if !report.is_opened() => {
                let (kind, at) = (*kind, self.list.at());
                self.report(kind);
                self.list.go(at.unwrap_or(0));
            }
            Ok(Shown::Statement(_) | Shown::Report(..)) => {}
        }
    }
}
