//! Rounds of surveys: which there are, how one stands in each unit, its households, and who visits them.

use super::step::{Doing, Step};
use crate::command::round::{RoundBoard, RoundLine, RoundQuery};
use crate::command::{Duty, Failure};
use crate::domain::{DossierId, EntryId, Explain, Message, OfficerId, UnitId};
use crate::present::{Layout, Table, round};
use crate::tui::key::Key::{self, *};
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text::wrap;
use crate::tui::widgets::list::{List, Moved};
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{Choice, Picker, presented};
use crate::views::RoundRow;
use ratatui::layout::Rect;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What keys do on rounds and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoundAction {
    Mark,
    Assign,
    Propose,
    Visit,
    Persons,
    CloseRound,
    ReadAgain,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Round:
    hinted [Enter, Right] Action::Take, "tui.key.open";
    hinted [Char('v'), F(2)] Action::Round(RoundAction::Visit), "tui.round.key.visit";
    hinted [Char(' ')] Action::Round(RoundAction::Mark), "tui.round.key.mark";
    hinted [Char('a'), F(3)] Action::Round(RoundAction::Assign), "tui.round.key.assign";
    hinted [Char('p'), F(4)] Action::Round(RoundAction::Propose), "tui.round.key.propose";
    hinted [Char('o'), F(6)] Action::Round(RoundAction::Persons), "tui.round.key.persons";
    hinted [Char('c'), F(7)] Action::Round(RoundAction::CloseRound), "tui.round.key.close";
    helped [Char('r'), F(5)] Action::Round(RoundAction::ReadAgain), "tui.key.read_again";
}];
pub static SCOPES: &[&[KeyScope]] =
    &[&[KeyScope::Round, KeyScope::List, KeyScope::Letters], &[KeyScope::YesNo], &[KeyScope::Narrowed]];

enum Shown {
    Rounds(Vec<RoundRow>),
    Board(Box<RoundBoard>),
    Persons(Box<RoundBoard>),
    /// Of one unit.
    Households(Box<RoundBoard>, Option<UnitId>),
}

/// What is asked over the list.
enum Asking {
    /// Whether these are assigned so.
    Proposed(Vec<(DossierId, Option<OfficerId>)>),
    Closing,
    /// Who visits these.
    Officer(Vec<DossierId>, Vec<OfficerId>, Box<Picker>),
}

pub struct Round {
    session: Arc<Session>,
    shown: Result<Shown, Failure>,
    list: List,
    /// Households that are assigned together.
    marked: BTreeSet<DossierId>,
    asking: Option<Asking>,
    /// Of which rights it was read.
    people: u64,
}

impl Round {
    pub fn new(session: Arc<Session>) -> Round {
        let people = session.office().people_state();
        let shown = session.office().rounds(session.now()).map(Shown::Rounds);
        let list = List::default();
        let mut screen = Round { session, shown, list, marked: BTreeSet::new(), asking: None, people };
        screen.settle();
        screen
    }

    fn settle(&mut self) {
        self.list.set_len(match &self.shown {
            Ok(Shown::Rounds(rows)) => rows.len(),
            Ok(Shown::Board(board)) => board.by_unit(self.session.now().today).len(),
            Ok(Shown::Persons(board)) => board.by_person().len(),
            Ok(Shown::Households(board, unit)) => of_unit(board, *unit).count(),
            Err(_) => 0,
        });
    }

    fn board(&self, round: EntryId) -> Result<Box<RoundBoard>, Failure> {
        self.session.office().round_board(round, &RoundQuery::default(), self.session.now()).map(Box::new)
    }

    /// The same again, as it is now.
    fn read(&mut self) {
        self.shown = match &self.shown {
            Ok(Shown::Board(board)) => self.board(board.row.entry).map(Shown::Board),
            Ok(Shown::Persons(board)) => self.board(board.row.entry).map(Shown::Persons),
            Ok(Shown::Households(board, unit)) => {
                let unit = *unit;
                self.board(board.row.entry).map(|board| Shown::Households(board, unit))
            }
            Ok(Shown::Rounds(_)) | Err(_) => self.session.office().rounds(self.session.now()).map(Shown::Rounds),
        };
        self.settle();
    }

    fn go(&mut self, shown: Result<Shown, Failure>) {
        self.shown = shown;
        self.marked.clear();
        self.list.go(0);
        self.settle();
    }

    fn row(&self) -> Option<&RoundRow> {
        match self.shown.as_ref().ok()? {
            Shown::Rounds(rows) => rows.get(self.list.at()?),
            Shown::Board(board) | Shown::Persons(board) | Shown::Households(board, _) => Some(&board.row),
        }
    }

    /// The household that the bar is on.
    fn line(&self) -> Option<&RoundLine> {
        match self.shown.as_ref().ok()? {
            Shown::Households(board, unit) => of_unit(board, *unit).nth(self.list.at()?),
            _ => None,
        }
    }

    fn take(&mut self, at: Option<usize>) -> Then {
        let Some(at) = at else { return Then::Ignore };
        let next = match &self.shown {
            Ok(Shown::Rounds(rows)) => rows.get(at).map(|row| self.board(row.entry).map(Shown::Board)),
            Ok(Shown::Board(board)) => {
                let units = board.by_unit(self.session.now().today);
                units.get(at).map(|count| self.board(board.row.entry).map(|board| Shown::Households(board, count.unit)))
            }
            Ok(Shown::Households(board, unit)) => {
                return match of_unit(board, *unit).nth(at) {
                    Some(line) => super::dossier::opened(&self.session, line.dossier),
                    None => Then::Ignore,
                };
            }
            _ => None,
        };
        let Some(next) = next else { return Then::Ignore };
        self.go(next);
        Then::Stay
    }

    fn back(&mut self) -> Then {
        let of = match &self.shown {
            Ok(Shown::Board(_)) => None,
            Ok(Shown::Persons(board) | Shown::Households(board, _)) => Some(board.row.entry),
            _ => return Then::Close,
        };
        let next = match of {
            Some(round) => self.board(round).map(Shown::Board),
            None => self.session.office().rounds(self.session.now()).map(Shown::Rounds),
        };
        self.go(next);
        Then::Stay
    }

    /// Whether something can still be done in the round on screen.
    fn is_open(&self) -> bool {
        !matches!(self.shown, Ok(Shown::Rounds(_)) | Err(_)) && self.row().is_some_and(|row| row.closed().is_none())
    }

    /// Asks who is to visit the marked households, else the one under the bar.
    fn ask_officer(&mut self, cx: &Cx) -> Then {
        let Ok(Shown::Households(board, unit)) = &self.shown else { return Then::Ignore };
        let mut chosen: Vec<DossierId> =
            of_unit(board, *unit).map(|line| line.dossier).filter(|one| self.marked.contains(one)).collect();
        if chosen.is_empty() {
            chosen.extend(self.line().map(|line| line.dossier));
        }
        let officers = match self.session.office().visitors_of(&[*unit], self.session.now()) {
            Ok(officers) if !officers.is_empty() => officers,
            Ok(_) => return Then::Say(Message::new("round.nobody_surveys")),
            Err(failure) => return Then::Say(failure.explain()),
        };
        let named = (1..)
            .zip(&officers)
            .map(|(number, officer)| Choice::new(number.to_string(), self.session.officer(*officer, cx.lang)));
        let picker = Box::new(Picker::ready(named.collect()));
        self.asking = Some(Asking::Officer(chosen, officers, picker));
        Then::Stay
    }

    fn propose(&mut self) -> Then {
        let Some(round) = self.row().map(|row| row.entry) else { return Then::Ignore };
        let units: Vec<UnitId> = match &self.shown {
            Ok(Shown::Households(_, unit)) => unit.iter().copied().collect(),
            _ => Vec::new(),
        };
        let proposed = match self.session.office().propose_visits(round, &units, self.session.now()) {
            Ok(proposed) => proposed,
            Err(failure) => return Then::Say(failure.explain()),
        };
        let named = proposed.iter().filter(|visit| visit.to.is_some()).map(|visit| (visit.dossier, visit.to));
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            return Then::Say(Message::new("tui.round.nothing_to_propose"));
        }
        self.asking = Some(Asking::Proposed(named));
        Then::Stay
    }

    fn assign(&mut self, assignments: &[(DossierId, Option<OfficerId>)]) -> Then {
        let Some(round) = self.row().map(|row| row.entry) else { return Then::Stay };
        let done = self.session.office().assign_visits(round, assignments, self.session.now());
        self.marked.clear();
        self.read();
        match done {
            Ok(done) => Then::Say(Message::new("round.assigned").with("count", done.count).with("left", done.left)),
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    fn answered(&mut self, action: Action) -> Then {
        match (self.asking.take(), action) {
            (Some(Asking::Proposed(assignments)), Action::Yes) => self.assign(&assignments),
            (Some(Asking::Closing), Action::Yes) => {
                let Some(round) = self.row().map(|row| row.entry) else { return Then::Stay };
                let closed = self.session.office().close_round(round, self.session.now());
                self.read();
                closed.map_or_else(|failure| Then::Say(failure.explain()), |_| Then::Stay)
            }
            (Some(Asking::Officer(chosen, officers, picker)), Action::Take) => {
                let Some(officer) = picker.current_index().and_then(|at| officers.get(at)).copied() else {
                    self.asking = Some(Asking::Officer(chosen, officers, picker));
                    return Then::Ignore;
                };
                let assignments: Vec<_> = chosen.into_iter().map(|one| (one, Some(officer))).collect();
                self.assign(&assignments)
            }
            (Some(Asking::Officer(chosen, officers, mut picker)), moving) if moving != Action::Back => {
                picker.act(moving);
                self.asking = Some(Asking::Officer(chosen, officers, picker));
                Then::Stay
            }
            _ => Then::Stay,
        }
    }

    fn table(&self, cx: &Cx) -> Option<Table> {
        let (words, today) = (self.session.words(cx.lang), self.session.now().today);
        Some(match self.shown.as_ref().ok()? {
            Shown::Rounds(rows) => round::rounds(&words, rows, today),
            Shown::Board(board) => round::board(&words, board, today),
            Shown::Persons(board) => round::persons(&words, &board.by_person()),
            Shown::Households(board, unit) => {
                let lines: Vec<RoundLine> = of_unit(board, *unit).cloned().collect();
                round::households(&words, &lines, today).without("unit")
            }
        })
    }

    fn question(&self, cx: &Cx) -> Option<String> {
        match self.asking.as_ref()? {
            Asking::Proposed(assignments) => {
                let officers: BTreeSet<OfficerId> = assignments.iter().filter_map(|(_, to)| *to).collect();
                let said = Message::new("tui.round.ask_proposed").with("count", assignments.len());
                Some(cx.say(&said.with("officers", officers.len())))
            }
            Asking::Closing => {
                let name = self.row().map(|row| row.name.clone()).unwrap_or_default();
                Some(cx.say(&Message::new("tui.round.ask_close").with("name", name)))
            }
            Asking::Officer(..) => None,
        }
    }
}

/// The households of a board that are of that unit.
fn of_unit(board: &RoundBoard, unit: Option<UnitId>) -> impl Iterator<Item = &RoundLine> {
    board.lines.iter().filter(move |line| line.unit == unit)
}

impl Screen for Round {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.scope.round")
    }

    fn status(&self, cx: &Cx) -> String {
        match &self.shown {
            Ok(Shown::Board(board) | Shown::Persons(board)) => crate::tui::text::clean(&board.row.name).to_string(),
            Ok(Shown::Households(board, unit)) => {
                let name = crate::tui::text::clean(&board.row.name).to_string();
                format!("{name}  {}", self.session.unit(*unit, cx.lang)).trim_end().to_owned()
            }
            _ => String::new(),
        }
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        match &self.asking {
            None => SCOPES[0],
            Some(Asking::Officer(..)) => SCOPES[2],
            Some(_) => SCOPES[1],
        }
    }

    fn can(&self, action: Action) -> bool {
        if self.asking.is_some() {
            return !matches!(action, Action::Round(_));
        }
        let plans = || self.is_open() && self.session.carries(Duty::PlanRound);
        match action {
            Action::Take | Action::Pick(_) => !self.list.is_empty() && !matches!(self.shown, Ok(Shown::Persons(_))),
            Action::Round(RoundAction::Mark | RoundAction::Assign) => self.line().is_some() && plans(),
            Action::Round(RoundAction::Visit) => {
                self.line().is_some() && self.is_open() && self.session.carries(Duty::Survey)
            }
            Action::Round(RoundAction::Propose) => {
                matches!(self.shown, Ok(Shown::Board(_) | Shown::Households(..))) && plans()
            }
            Action::Round(RoundAction::Persons) => matches!(self.shown, Ok(Shown::Board(_))),
            Action::Round(RoundAction::CloseRound) => matches!(self.shown, Ok(Shown::Board(_))) && plans(),
            _ => true,
        }
    }

    fn confirms(&self, action: Action) -> bool {
        match &self.asking {
            Some(Asking::Officer(..)) => matches!(action, Action::Take | Action::Pick(_)),
            _ => action == Action::Yes,
        }
    }

    fn barred(&mut self) -> Option<Message> {
        let office = self.session.office();
        let refused = office.may(Duty::Open, self.session.now()).map(drop);
        let people = office.people_state();
        if people != self.people && refused.is_ok() {
            // Whatever is shown, or asked over it, may be of units that are theirs no longer.
            (self.people, self.asking) = (people, None);
            self.read();
        }
        refused.err().map(|failure| failure.explain())
    }

    fn act(&mut self, action: Action, cx: &Cx) -> Then {
        if self.asking.is_some() {
            return self.answered(action);
        }
        match action {
            Action::Take => self.take(self.list.at()),
            Action::Back => self.back(),
            Action::Round(RoundAction::Mark) => {
                let Some(dossier) = self.line().map(|line| line.dossier) else { return Then::Ignore };
                if !self.marked.remove(&dossier) {
                    self.marked.insert(dossier);
                }
                self.list.act(Action::Down);
                Then::Stay
            }
            Action::Round(RoundAction::Assign) => self.ask_officer(cx),
            Action::Round(RoundAction::Propose) => self.propose(),
            Action::Round(RoundAction::Visit) => {
                let at = self.line().map(|line| line.dossier).zip(self.row().map(|row| row.entry));
                match at {
                    Some((dossier, round)) => {
                        Then::Go(Box::new(Step::new(self.session.clone(), dossier, Doing::Visit(round))))
                    }
                    None => Then::Ignore,
                }
            }
            Action::Round(RoundAction::Persons) => {
                let Some(round) = self.row().map(|row| row.entry) else { return Then::Ignore };
                let shown = self.board(round).map(Shown::Persons);
                self.go(shown);
                Then::Stay
            }
            Action::Round(RoundAction::CloseRound) => {
                self.asking = Some(Asking::Closing);
                Then::Stay
            }
            Action::Round(RoundAction::ReadAgain) => {
                self.read();
                Then::Stay
            }
            moving => match self.list.act(moving) {
                Moved::Picked(at) => self.take(Some(at)),
                Moved::Yes => Then::Stay,
                Moved::No => Then::Ignore,
            },
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        let taken = match &mut self.asking {
            Some(Asking::Officer(.., picker)) => picker.key(key),
            _ => false,
        };
        if taken { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let (cx, area) = (page.cx, page.area);
        if let Err(failure) = &self.shown {
            page.paragraph(area, &cx.say(&failure.explain()), cx.theme.wrong());
            return;
        }
        let Some(table) = self.table(cx) else { return };
        if self.list.is_empty() {
            page.paragraph(area, &cx.word("tui.round.nothing"), cx.theme.quiet());
            return;
        }
        // A list draws its mark and its digit in the first cells of a line; behind them stands that it is marked.
        let margin = 4;
        let marks = matches!(self.shown, Ok(Shown::Households(..)));
        let layout = Layout::within(&table, usize::from(area.width.saturating_sub(margin + 4)), 1);
        let own = if marks { "  " } else { "" };
        let titles = format!("{own}{}", layout.titles(&table));
        page.put(area.x + margin, area.y, area.width - margin, &titles, cx.theme.quiet());
        let width = usize::from(area.width.saturating_sub(margin));
        let notes =
            table.notes.iter().flat_map(|note| wrap(&note.text, width).into_iter().map(|line| (line, note.tone)));
        let notes: Vec<_> = notes.collect();
        let rows = area.height.saturating_sub(3 + notes.len() as u16);
        let list = Rect { y: area.y + 1, height: rows, ..area };
        self.list.draw(page, list, |at| {
            let (line, style) = presented::row(&table, &layout, table.rows.get(at), cx.theme);
            let is_marked = match &self.shown {
                Ok(Shown::Households(board, unit)) => {
                    of_unit(board, *unit).nth(at).is_some_and(|line| self.marked.contains(&line.dossier))
                }
                _ => false,
            };
            let mark = if is_marked { "* " } else { own };
            (format!("{mark}{line}"), style)
        });
        let mut y = list.y + (table.rows.len() as u16).min(rows);
        if table.sums.is_some() {
            let (line, style) = presented::row(&table, &layout, table.sums.as_ref(), cx.theme);
            page.put(area.x + margin, y, area.width - margin, &line, style);
            y += 1;
        }
        for (y, (note, tone)) in (y..).zip(&notes) {
            page.put(area.x + margin, y, area.width - margin, note, presented::style(cx.theme, *tone));
        }
        if let Some(asked) = self.question(cx) {
            page.put(area.x, area.bottom().saturating_sub(1), area.width, &asked, cx.theme.doubt());
        }
        if let Some(Asking::Officer(chosen, _, picker)) = &self.asking {
            let title = cx.say(&Message::new("tui.round.who").with("count", chosen.len()));
            let inner = popup(page, &title, 60, area.height.saturating_sub(4));
            picker.draw(page, inner);
        }
    }

    fn resumed(&mut self, cx: &Cx) {
        self.news(cx);
    }

    fn news(&mut self, _cx: &Cx) -> bool {
        if self.asking.is_some() {
            return false;
        }
        self.read();
        true
    }
}
