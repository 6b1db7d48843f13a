//! The roll: who is on it, filtered and counted; and how it moved. Every figure opens to the households it stands for.

mod draw;

use crate::command::roll::movement::{Lines, Movement};
use crate::command::roll::{AXES, FILTERS, FilterKind, FilterValues, RollFound, RollQuery, RollRow, SORTS};
use crate::command::{Duty, Failure};
use crate::domain::{Day, DossierId, Explain, Message};
use crate::present::{Table, roll};
use crate::tui::key::Key::{self, *};
use crate::tui::keymap::{Action, KeyBinding, KeyScope, key_rows};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::widgets::list::{List, Moved};
use crate::tui::widgets::{Choice, Picker, TextField};
use crate::views::roll::movement::Moved as Figure;
use ratatui::layout::Rect;
use std::sync::{Arc, Mutex, PoisonError};

/// What keys do on the roll and nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RollAction {
    Filter,
    Group,
    Cross,
    Sort,
    DropCondition,
    Movement,
    Saved,
    Save,
}

pub static KEYS: &[&[KeyBinding]] = &[key_rows! { Roll:
    hinted [Enter, Right] Action::Take, "tui.key.open";
    hinted [Char('f'), F(3)] Action::Roll(RollAction::Filter), "tui.roll.key.filter";
    hinted [Char('g'), F(4)] Action::Roll(RollAction::Group), "tui.roll.key.group";
    helped [Char('x'), F(5)] Action::Roll(RollAction::Cross), "tui.roll.key.cross";
    helped [Char('s'), F(7)] Action::Roll(RollAction::Sort), "tui.roll.key.sort";
    hinted [Char('d'), Delete] Action::Roll(RollAction::DropCondition), "tui.roll.key.remove";
    hinted [Char('m'), F(8)] Action::Roll(RollAction::Movement), "tui.roll.key.movement";
    helped [Char('o'), F(6)] Action::Roll(RollAction::Saved), "tui.roll.key.saved";
    helped [Char('w'), F(9)] Action::Roll(RollAction::Save), "tui.roll.key.save";
}];
pub static SCOPES: &[&[KeyScope]] = &[&[KeyScope::Roll, KeyScope::List, KeyScope::Letters], &[KeyScope::Narrowed]];

/// What is being asked in a box over the list.
enum Asking {
    Choice(ChoiceOf, Picker),
    Text(FilterKind, TextField),
    Name(TextField),
}

/// What is chosen from a list.
enum ChoiceOf {
    Filter,
    Codes(FilterKind),
    Group,
    Cross,
    Sort,
    Saved,
    /// Which figure of a line of the movement.
    Figure(usize, Vec<Figure>),
}

/// What stands in the list.
enum Shown {
    Rows,
    Groups,
    Movement(Box<Movement>),
    /// Households that a figure of the movement stands for.
    Figure(Vec<DossierId>, String),
}

/// The page that was drawn last: from where, how many lines, and its rows.
type Drawn = Option<(usize, usize, Vec<RollRow>)>;

pub struct Roll {
    session: Arc<Session>,
    asked: RollQuery,
    found: Result<RollFound, Failure>,
    shown: Shown,
    list: List,
    asking: Option<Asking>,
    /// Read when it is drawn, and again when it moves.
    drawn: Mutex<Drawn>,
    /// Of which rights it was asked.
    people: u64,
}

impl Roll {
    pub fn new(session: Arc<Session>) -> Roll {
        let asked = RollQuery::default();
        let people = session.office().people_state();
        let found = session.office().roll(&asked, session.now());
        let mut screen = Roll {
            session,
            asked,
            found,
            shown: Shown::Rows,
            list: List::default(),
            asking: None,
            drawn: Mutex::default(),
            people,
        };
        screen.settle();
        screen
    }

    fn ask(&mut self) {
        self.found = self.session.office().roll(&self.asked, self.session.now());
        self.shown = if self.asked.group.is_some() { Shown::Groups } else { Shown::Rows };
        self.settle();
        self.list.go(0);
    }

    fn settle(&mut self) {
        let found = self.found.as_ref().ok();
        let len = match &self.shown {
            Shown::Rows => found.map_or(0, |found| found.dossiers.len()),
            Shown::Groups => found.and_then(|found| found.table.as_ref()).map_or(0, |table| table.rows.len()),
            Shown::Movement(movement) => movement.lines.len() + 1,
            Shown::Figure(dossiers, _) => dossiers.len(),
        };
        self.list.set_len(len);
        *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn dossiers(&self) -> &[DossierId] {
        match (&self.shown, &self.found) {
            (Shown::Figure(dossiers, _), _) => dossiers,
            (Shown::Rows, Ok(found)) => &found.dossiers,
            _ => &[],
        }
    }

    fn take(&mut self, at: Option<usize>, cx: &Cx) -> Then {
        let Some(at) = at else { return Then::Ignore };
        match &self.shown {
            Shown::Rows | Shown::Figure(..) => match self.dossiers().get(at) {
                Some(dossier) => super::dossier::opened(&self.session, *dossier),
                None => Then::Ignore,
            },
            Shown::Groups => self.open_group(at),
            Shown::Movement(movement) => {
                let line = movement.lines.get(at).unwrap_or(&movement.total);
                let figures: Vec<Figure> = Figure::ALL.into_iter().filter(|of| line.figure(*of) > 0).collect();
                let word = |of: &Figure| {
                    let name = cx.word(&format!("roll.moved.{}", of.code()));
                    Choice::new((*of as usize + 1).to_string(), format!("{name}  {}", line.figure(*of)))
                };
                if figures.is_empty() {
                    return Then::Say(Message::new("tui.roll.nobody"));
                }
                let picker = Picker::ready(figures.iter().map(word).collect());
                self.asking = Some(Asking::Choice(ChoiceOf::Figure(at, figures), picker));
                Then::Stay
            }
        }
    }

    /// The households of a group: its code becomes a filter.
    fn open_group(&mut self, at: usize) -> Then {
        let group = self.found.as_ref().ok().and_then(|found| found.table.as_ref()?.rows.get(at)).cloned();
        let (Some(group), Some(axis)) = (group, self.asked.group.clone()) else { return Then::Ignore };
        let value = match (axis.as_str(), group.code.as_str()) {
            ("category" | "cause", "") => "none".to_owned(),
            (_, "") => return Then::Say(Message::new("tui.roll.no_rows_of_none")),
            ("per-head", band) => match crate::command::roll::table::band_span(band) {
                Some(span) => span,
                None => return Then::Ignore,
            },
            ("opened" | "surveyed", year) => format!("{year}-01-01..{year}-12-31"),
            ("age", from) => crate::command::roll::table::age_span(from),
            ("grade" | "members", number) => number.trim_start_matches('0').to_owned(),
            (_, code) => code.to_owned(),
        };
        match crate::command::roll::filter_kind(&axis) {
            Some(kind) => {
                self.asked.filters.retain(|(name, _)| name != kind.name);
                self.asked.filters.push((kind.name.to_owned(), vec![value]));
            }
            // Any question of the form.
            None => self.asked.conditions.push(format!("selected(${{{axis}}}, '{value}')")),
        }
        (self.asked.group, self.asked.cross) = (None, None);
        self.ask();
        Then::Stay
    }

    fn movement(&mut self) -> Then {
        let now = self.session.now();
        let first = Day::from_ymd(now.today.year(), 1, 1).unwrap_or(now.today);
        let units: Vec<String> =
            self.asked.filters.iter().filter(|(name, _)| name == "unit").flat_map(|(_, units)| units.clone()).collect();
        match self.session.office().roll_movement(first, now.today, Lines::Unit, &units, now) {
            Ok(movement) => {
                self.shown = Shown::Movement(Box::new(movement));
                self.settle();
                self.list.go(0);
                Then::Stay
            }
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    fn start_asking(&mut self, action: Action, cx: &Cx) -> Then {
        let word = |name: &str| cx.word(&format!("roll.by.{name}"));
        let numbered = |names: &[&'static str]| {
            let choices = names.iter().enumerate();
            Picker::ready(choices.map(|(n, name)| Choice::new((n + 1).to_string(), word(name))).collect())
        };
        self.asking = Some(match action {
            Action::Roll(RollAction::Filter) => {
                Asking::Choice(ChoiceOf::Filter, numbered(&FILTERS.map(|kind| kind.name)))
            }
            Action::Roll(RollAction::Group) => Asking::Choice(ChoiceOf::Group, numbered(&AXES)),
            Action::Roll(RollAction::Cross) => Asking::Choice(ChoiceOf::Cross, numbered(&AXES)),
            Action::Roll(RollAction::Sort) => {
                let choices = SORTS.iter().enumerate().map(|(n, name)| {
                    let words = if *name == "number" { cx.word("present.col.number") } else { word(name) };
                    Choice::new((n + 1).to_string(), words)
                });
                Asking::Choice(ChoiceOf::Sort, Picker::ready(choices.collect()))
            }
            Action::Roll(RollAction::Saved) => match self.session.office().saved_rolls(self.session.now()) {
                Ok(saved) if saved.is_empty() => return Then::Say(Message::new("tui.roll.none_saved")),
                Ok(saved) => {
                    let choices = saved.iter().enumerate();
                    let choices = choices.map(|(n, saved)| Choice::new((n + 1).to_string(), saved.name.clone()));
                    Asking::Choice(ChoiceOf::Saved, Picker::ready(choices.collect()))
                }
                Err(failure) => return Then::Say(failure.explain()),
            },
            _ => Asking::Name(TextField::new("").at_most(40)),
        });
        Then::Stay
    }

    /// What stood in the box is taken.
    fn answered(&mut self, cx: &Cx) -> Then {
        let Some(asking) = self.asking.take() else { return Then::Ignore };
        match asking {
            Asking::Choice(ChoiceOf::Filter, picker) => {
                let Some(kind) = picker.current_index().and_then(|at| FILTERS.get(at)).copied() else {
                    return Then::Stay;
                };
                self.asking = Some(match self.codes(kind, cx) {
                    Some(choices) => Asking::Choice(ChoiceOf::Codes(kind), Picker::several(choices)),
                    None => Asking::Text(kind, TextField::new("").at_most(60)),
                });
            }
            Asking::Choice(ChoiceOf::Codes(kind), picker) => {
                if let Some(taken) = picker.taken() {
                    self.filter(kind, taken.split_whitespace().map(str::to_owned).collect());
                }
            }
            Asking::Text(kind, field) => {
                let text = field.value();
                if !text.trim().is_empty() {
                    self.filter(kind, vec![text.trim().to_owned()]);
                }
                // What is no span stays to be mended.
                if let Err(failure) = &self.found {
                    let why = failure.explain();
                    self.asked.filters.retain(|(name, _)| name != kind.name);
                    self.ask();
                    self.asking = Some(Asking::Text(kind, field));
                    return Then::Say(why);
                }
            }
            Asking::Choice(ChoiceOf::Group | ChoiceOf::Cross, picker) if picker.current_index().is_none() => {}
            Asking::Choice(ChoiceOf::Group, picker) => {
                self.asked.group = picker.current_index().and_then(|at| AXES.get(at)).map(|name| (*name).to_owned());
                self.ask();
            }
            Asking::Choice(ChoiceOf::Cross, picker) => {
                let axis = picker.current_index().and_then(|at| AXES.get(at)).map(|name| (*name).to_owned());
                match &self.asked.group {
                    Some(_) => self.asked.cross = axis,
                    None => self.asked.group = axis,
                }
                self.ask();
            }
            Asking::Choice(ChoiceOf::Sort, picker) => {
                let by = picker.current_index().and_then(|at| SORTS.get(at)).map(|name| (*name).to_owned());
                // The same again turns it round.
                self.asked.sort = match (&self.asked.sort, by) {
                    (Some(before), Some(by)) if *before == by => Some(format!("-{by}")),
                    (_, by) => by,
                };
                self.ask();
            }
            Asking::Choice(ChoiceOf::Saved, picker) => {
                let (office, now) = (self.session.office(), self.session.now());
                let saved = office.saved_rolls(now).unwrap_or_default();
                if let Some(saved) = picker.current_index().and_then(|at| saved.into_iter().nth(at)) {
                    self.asked = saved.asked;
                    self.ask();
                }
            }
            Asking::Name(field) => {
                let (office, now) = (self.session.office(), self.session.now());
                return match office.save_roll(&field.value(), Some(&self.asked), now) {
                    Ok(()) => Then::Say(Message::new("roll.saved").with("name", field.value())),
                    Err(failure) => {
                        self.asking = Some(Asking::Name(field));
                        Then::Say(failure.explain())
                    }
                };
            }
            Asking::Choice(ChoiceOf::Figure(at, figures), picker) => {
                let Shown::Movement(movement) = &self.shown else { return Then::Stay };
                let line = movement.lines.get(at).unwrap_or(&movement.total);
                if let Some(figure) = picker.current_index().and_then(|at| figures.get(at)) {
                    let dossiers = line.figures.get(figure).cloned().unwrap_or_default();
                    let words = self.session.words(cx.lang);
                    let name = roll::group(&words, &line.group);
                    let word = cx.word(&format!("roll.moved.{}", figure.code()));
                    self.shown = Shown::Figure(dossiers, format!("{name}  {word}"));
                    self.settle();
                    self.list.go(0);
                }
            }
        }
        Then::Stay
    }

    fn filter(&mut self, kind: FilterKind, values: Vec<String>) {
        self.asked.filters.retain(|(name, _)| name != kind.name);
        self.asked.filters.push((kind.name.to_owned(), values));
        self.ask();
    }

    /// The choices of a filter; none where it is typed.
    fn codes(&self, kind: FilterKind, cx: &Cx) -> Option<Vec<Choice>> {
        let office = self.session.office();
        match kind.kind {
            FilterValues::Codes(list) => {
                let codes = office.library().codes(list)?;
                let today = self.session.now().today;
                Some(codes.on(today).map(|code| Choice::new(code.code.clone(), cx.pick(&code.zh, &code.en))).collect())
            }
            FilterValues::Units => {
                let people = office.people().ok()?;
                let today = self.session.now().today;
                let standing = people.units.iter().filter(|unit| unit.stands_on(today));
                Some(standing.map(|unit| Choice::new(unit.code.clone(), cx.pick(&unit.zh, &unit.en))).collect())
            }
            FilterValues::Statuses => {
                let all = crate::domain::dossier::Status::ALL.into_iter();
                let word = |code: &str| cx.word(&format!("status.{code}"));
                Some(all.map(|status| Choice::new(status.code(), word(status.code()))).collect())
            }
            FilterValues::Filled => {
                let word = |code: &str| cx.word(&format!("roll.filled.{code}"));
                Some(["none", "any"].map(|code| Choice::new(code, word(code))).into())
            }
            FilterValues::Money | FilterValues::Numbers | FilterValues::Days => None,
        }
    }

    /// What is asked, in one line.
    fn question(&self, cx: &Cx) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (name, values) in &self.asked.filters {
            parts.push(format!(
                "{}={}",
                cx.word(&format!("roll.by.{name}")),
                values.iter().map(|value| crate::tui::text::clean(value)).collect::<Vec<_>>().join(",")
            ));
        }
        parts.extend(self.asked.conditions.iter().map(|text| crate::tui::text::clean(text)));
        if parts.is_empty() {
            parts.push(cx.word("tui.roll.on_file"));
        }
        parts.join("  ")
    }

    /// The table to draw now: households of the page, groups, or the movement.
    fn table(&self, cx: &Cx, range: std::ops::Range<usize>) -> Option<Table> {
        let office = self.session.office();
        let words = self.session.words(cx.lang);
        match (&self.shown, &self.found) {
            (Shown::Movement(movement), _) => Some(roll::movement(&words, movement)),
            (Shown::Groups, Ok(found)) => found.table.as_ref().map(|table| roll::counts(&words, found, table)),
            (Shown::Rows | Shown::Figure(..), _) => {
                let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
                let is_fresh = drawn.as_ref().is_some_and(|(from, len, _)| (*from, *len) == (range.start, range.len()));
                if !is_fresh {
                    let dossiers = self.dossiers().get(range.clone()).unwrap_or_default();
                    let as_of = self.asked.as_of;
                    let rows = office.roll_rows_of(dossiers, as_of, self.session.now()).unwrap_or_default();
                    *drawn = Some((range.start, range.len(), rows));
                }
                let rows = drawn.as_ref().map(|(.., rows)| rows.as_slice()).unwrap_or_default();
                let mut table = roll::rows(&words, rows);
                table.sums = None;
                Some(table)
            }
            _ => None,
        }
    }
}

impl Screen for Roll {
    fn title(&self, cx: &Cx) -> String {
        cx.word("tui.scope.roll")
    }

    fn status(&self, cx: &Cx) -> String {
        match (&self.shown, &self.found) {
            (Shown::Figure(dossiers, name), _) => format!("{name}  {}", dossiers.len()),
            (Shown::Movement(movement), _) => format!("{} - {}", movement.from, movement.to),
            // Figures that lack somebody are none to go by.
            (_, Ok(RollFound { unread: count @ 1.., .. })) => {
                cx.say(&Message::new("roll.unread").with("count", *count))
            }
            (_, Ok(found)) => cx.say(
                &Message::new("tui.roll.counted")
                    .with("households", found.total.households)
                    .with("persons", found.total.persons),
            ),
            (_, Err(_)) => String::new(),
        }
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[usize::from(self.asking.is_some())]
    }

    fn can(&self, action: Action) -> bool {
        match action {
            Action::Take if self.asking.is_none() => !self.list.is_empty(),
            Action::Pick(_) => !self.list.is_empty(),
            Action::Roll(RollAction::DropCondition) => {
                !self.asked.filters.is_empty() || !self.asked.conditions.is_empty() || self.asked.group.is_some()
            }
            Action::Roll(RollAction::Cross) => self.asked.group.is_some(),
            _ => true,
        }
    }

    fn confirms(&self, action: Action) -> bool {
        action == Action::Take && matches!(self.asking, Some(Asking::Name(_)))
    }

    fn barred(&mut self) -> Option<Message> {
        let office = self.session.office();
        let refused = office.may(Duty::Roll, self.session.now()).map(drop);
        let people = office.people_state();
        if people != self.people && refused.is_ok() {
            // Whatever is shown, or asked over it, may be of units that are theirs no longer.
            (self.people, self.asking) = (people, None);
            self.ask();
        }
        refused.err().map(|failure| failure.explain())
    }

    fn act(&mut self, action: Action, cx: &Cx) -> Then {
        if self.asking.is_some() {
            return match action {
                Action::Back => {
                    self.asking = None;
                    Then::Stay
                }
                Action::Take => self.answered(cx),
                moving => {
                    if let Some(Asking::Choice(_, picker)) = &mut self.asking {
                        picker.act(moving);
                    }
                    Then::Stay
                }
            };
        }
        match action {
            Action::Take => self.take(self.list.at(), cx),
            Action::Back => match self.shown {
                Shown::Movement(_) => {
                    self.ask();
                    Then::Stay
                }
                Shown::Figure(..) => self.movement(),
                _ => Then::Close,
            },
            Action::Roll(RollAction::Movement) => self.movement(),
            Action::Roll(RollAction::DropCondition) => {
                if self.asked.cross.take().is_none()
                    && self.asked.group.take().is_none()
                    && self.asked.conditions.pop().is_none()
                {
                    self.asked.filters.pop();
                }
                self.ask();
                Then::Stay
            }
            Action::Roll(RollAction::Filter)
            | Action::Roll(RollAction::Group)
            | Action::Roll(RollAction::Cross)
            | Action::Roll(RollAction::Sort)
            | Action::Roll(RollAction::Saved)
            | Action::Roll(RollAction::Save) => self.start_asking(action, cx),
            moving => match self.list.act(moving) {
                Moved::Picked(at) => self.take(Some(at), cx),
                Moved::Yes => Then::Stay,
                Moved::No => Then::Ignore,
            },
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        let taken = match &mut self.asking {
            Some(Asking::Text(_, field) | Asking::Name(field)) => field.key(key),
            // Space marks where several may be chosen.
            Some(Asking::Choice(ChoiceOf::Codes(_), picker)) if *key == Key::Char(' ') => {
                picker.toggle();
                true
            }
            Some(Asking::Choice(_, picker)) => picker.key(key),
            None => false,
        };
        if taken { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let area = page.area;
        page.put(area.x, area.y, area.width, &self.question(cx), cx.theme.strong());
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        if let Err(failure) = &self.found {
            page.paragraph(body, &cx.say(&failure.explain()), cx.theme.wrong());
        } else if let Ok(RollFound { withheld: Some(least), .. }) = &self.found {
            let said = Message::new("roll.withheld").with("least", *least);
            page.paragraph(body, &cx.say(&said), cx.theme.doubt());
        } else {
            self.draw_body(page, body);
        }
        self.draw_asking(page);
    }

    fn resumed(&mut self, _cx: &Cx) {
        self.news(_cx);
    }

    fn news(&mut self, _cx: &Cx) -> bool {
        if self.asking.is_some() || matches!(self.shown, Shown::Movement(_) | Shown::Figure(..)) {
            return false;
        }
        self.found = self.session.office().roll(&self.asked, self.session.now());
        self.settle();
        true
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }
}
