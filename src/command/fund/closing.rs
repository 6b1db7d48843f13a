//! A period's end: counted by whoever keeps the book, checked by whoever supervises, closed by whoever approves, each a different
//! person. And what was paid before the book began.

use super::document;
use crate::command::request::Request;
use crate::command::rights::reason;
use crate::command::{Act, Duty, Failure, Office, Permit, Role};
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{Account, Closing, ClosingState, ClosingStep, FormerYear, NotBooked, PlaceCount};
use crate::domain::{Day, EntryId, Fen, Now, OfficerId, Subject};
use crate::log::Head;
use crate::views::bodies;
use crate::views::fund::{self, ClosingRow, FormerRow, PlaceRow};
use serde_json::json;

/// What somebody counted at the end of a period.
#[derive(Clone, Debug)]
pub struct NewClosing {
    /// Its last day.
    pub to: Day,
    /// Code of a place, and what lies there by the bank's statement or by hand. A place in which nothing is, by the book, and
    /// that is not named was counted empty.
    pub counted: Vec<(String, Fen)>,
    /// Code of a place, and why it holds more or less than the book says.
    pub because: Vec<(String, String)>,
}

/// A place at the end of a period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CountLine {
    pub place: PlaceRow,
    pub count: PlaceCount,
    /// Why they differ.
    pub because: Option<String>,
}

/// A closing with who took which step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClosingLine {
    pub row: ClosingRow,
    pub state: ClosingState,
    /// Counted, checked, closed: by whom, and on which day.
    pub by: Vec<(ClosingState, OfficerId, Day)>,
    pub counts: Vec<CountLine>,
    /// The head of the chain with the record that closed it.
    pub head: Option<String>,
}

impl Office {
    /// Counts the end of the next period: every place beside what the book says, each difference with its reason.
    pub fn count_period(&self, new: &NewClosing, now: Now) -> Result<ClosingLine, Failure> {
        let permit = self.may_keep_book(now)?;
        // What was typed: what the book says beside it may be something else by the time it is sent again.
        let entry = match self.requested(&json!(["closing", new.to, new.counted, new.because]))? {
            Request::New(entry) => entry,
            Request::Kept(entry) => return self.closing_of(entry),
        };
        let closed = fund::closed_until(&self.bureau.store, &self.bureau.keys)?;
        let places: Vec<PlaceRow> = fund::places(&self.bureau.store, &self.bureau.keys)?;
        let typed = new.counted.iter().map(|(code, _)| code).chain(new.because.iter().map(|(code, _)| code));
        for code in typed {
            if !places.iter().any(|row| row.place.code == *code) {
                return Err(Failure::Fund(NotBooked::NoSuchPlace));
            }
        }
        let (mut counts, mut reasons) = (Vec::new(), Vec::new());
        for row in places.iter().filter(|row| row.place.since <= new.to) {
            let code = &row.place.code;
            let book =
                fund::sums(&self.bureau.store, &self.bureau.keys, Account::Place(row.place.place), new.to)?.balance();
            let counted = new.counted.iter().find(|(of, _)| of == code).map(|(_, fen)| *fen);
            let counted = counted.or((book.0 == 0).then_some(Fen(0)));
            let counted = counted.ok_or_else(|| Failure::NotCounted { place: code.clone(), book })?;
            let count = PlaceCount { place: row.place.place, book, counted };
            let why = new.because.iter().find(|(of, _)| of == code).map(|(_, why)| reason(why)).transpose()?;
            match why {
                Some(why) => reasons.push((code.clone(), why)),
                None if count.differs().0 != 0 => {
                    return Err(Failure::DifferenceUnnamed { place: code.clone(), differs: count.differs() });
                }
                None => {}
            }
            counts.push(count);
        }
        let mut purses = Vec::new();
        for row in
            fund::purses(&self.bureau.store, &self.bureau.keys)?.into_iter().filter(|row| row.purse.since <= new.to)
        {
            let sums = fund::sums(&self.bureau.store, &self.bureau.keys, Account::Purse(row.purse.purse), new.to)?;
            purses.push((row.purse.purse, sums.balance()));
        }
        let from = match closed {
            Some(last) => last.plus_days(1),
            None => self.first_month(new.to)?,
        };
        let closing = Closing { from, to: new.to, on: by_the_clock(now), places: counts, purses };
        let mut act = Act::new(entry, now.at, Subject::Bureau, Ledger::PeriodCounted(closing));
        if !reasons.is_empty() {
            act = act.person(Subject::Bureau, Person::Card(reasons));
        }
        permit.keep(&act)?;
        self.closing_of(entry)
    }

    /// The first day of the month in which the book begins; of an empty book, of the month that ends then.
    fn first_month(&self, to: Day) -> Result<Day, Failure> {
        let lines = self.book_lines()?;
        let first = lines.iter().map(|line| line.what.on()).min().unwrap_or(to).min(to);
        Ok(Day::from_ymd(first.year(), first.month(), 1).unwrap_or(first))
    }

    /// Looked over by somebody else than whoever counted.
    pub fn check_period(&self, to: Day, now: Now) -> Result<ClosingLine, Failure> {
        self.closing_step(to, Duty::CheckPeriod, ClosingState::Checked, now)
    }

    /// Closed: no line dated in it comes to stand in the book any more.
    pub fn close_period(&self, to: Day, now: Now) -> Result<ClosingLine, Failure> {
        self.closing_step(to, Duty::ClosePeriod, ClosingState::Closed, now)
    }

    fn closing_step(&self, to: Day, duty: Duty, state: ClosingState, now: Now) -> Result<ClosingLine, Failure> {
        let permit: Permit<'_> = self.may(duty, now)?;
        if self.rights()?.has(Role::Cashier) && !self.is_made_up()? {
            return Err(Failure::CashierChecks);
        }
        let rows = fund::closings(&self.bureau.store, &self.bureau.keys)?;
        let entry = match self.requested(&json!(["closing_step", to, state.code()]))? {
            Request::New(entry) => entry,
            Request::Kept(entry) => {
                let row = rows.into_iter().find(|row| row.steps().any(|step| step.entry == entry));
                return self.closing_line(row.ok_or(Failure::Fund(NotBooked::ClosingStep))?);
            }
        };
        let rows = rows.into_iter().filter(|row| row.closing.to == to);
        // The one that was counted last: what was counted before it has been left behind.
        let open = rows.filter(|row| row.state() != ClosingState::Closed).max_by_key(|row| (row.at, row.id));
        let before = if state == ClosingState::Closed { ClosingState::Checked } else { ClosingState::Counted };
        let row = open.filter(|row| row.state() == before).ok_or(Failure::Fund(NotBooked::ClosingStep))?;
        let taken = row.steps().map(|step| (step.by, step.session, step.at));
        for (by, session, at) in std::iter::once((row.by, row.session, row.at)).chain(taken) {
            if self.is_same_person(by, session)? {
                return Err(Failure::SameHand { on: at.day() });
            }
        }
        let step = ClosingStep { closing: row.id, to: state, on: by_the_clock(now) };
        let act = Act::new(entry, now.at, Subject::Bureau, Ledger::PeriodMoved(step)).parents([row.id, row.head()]);
        permit.keep(&act)?;
        self.closing_of(row.id)
    }

    /// Every closing, the earliest period first.
    pub fn closings(&self, now: Now) -> Result<Vec<ClosingLine>, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        fund::closings(&self.bureau.store, &self.bureau.keys)?.into_iter().map(|row| self.closing_line(row)).collect()
    }

    /// The closing of the period that ends on a day: the one that is furthest.
    pub fn closing(&self, to: Day, now: Now) -> Result<ClosingLine, Failure> {
        let rows = self.closings(now)?.into_iter().filter(|line| line.row.closing.to == to);
        rows.max_by_key(|line| (line.state, line.row.at)).ok_or(Failure::Fund(NotBooked::ClosingStep))
    }

    /// The first day that a line may be dated on; `None`: nothing is closed.
    pub fn first_open_day(&self) -> Result<Option<Day>, Failure> {
        Ok(fund::closed_until(&self.bureau.store, &self.bureau.keys)?.map(|last| last.plus_days(1)))
    }

    fn closing_of(&self, id: EntryId) -> Result<ClosingLine, Failure> {
        let row = fund::closings(&self.bureau.store, &self.bureau.keys)?.into_iter().find(|row| row.id == id);
        self.closing_line(row.ok_or(Failure::Fund(NotBooked::ClosingStep))?)
    }

    fn closing_line(&self, row: ClosingRow) -> Result<ClosingLine, Failure> {
        let because = match bodies::open_person(&self.bureau.keys, &self.record(row.id)?, Subject::Bureau, 0)? {
            Some(Person::Card(reasons)) => reasons,
            _ => Vec::new(),
        };
        let places = fund::places(&self.bureau.store, &self.bureau.keys)?;
        let count = |count: &PlaceCount| {
            let place = places.iter().find(|row| row.place.place == count.place)?.clone();
            let why = because.iter().find(|(code, _)| *code == place.place.code).map(|(_, why)| why.clone());
            Some(CountLine { place, count: *count, because: why })
        };
        let mut by = vec![(ClosingState::Counted, row.by, row.closing.on)];
        for state in [ClosingState::Checked, ClosingState::Closed] {
            by.extend(row.step(state).map(|step| (state, step.by, step.step.on)));
        }
        let head = match row.step(ClosingState::Closed) {
            Some(step) => Head::of(&self.record(step.entry)?.encode()?)?.code().map(|code| code.to_string()),
            None => None,
        };
        Ok(ClosingLine {
            state: row.state(),
            by,
            counts: row.closing.places.iter().filter_map(count).collect(),
            head,
            row,
        })
    }

    /// About how much was paid of a kind, and how many times, in a year before the book began; said again, it replaces what was
    /// said before, and with nothing it takes it back.
    pub fn note_former(
        &self,
        (year, aid): (i32, &str),
        amount: Fen,
        person_times: u32,
        paper: &str,
        now: Now,
    ) -> Result<(), Failure> {
        let permit = self.may_keep_book(now)?;
        self.known_code("payout_kind", aid)?;
        let on = by_the_clock(now);
        let former = FormerYear { year, aid: aid.to_owned(), amount, person_times, on, document: document(paper)? };
        let Request::New(entry) = self.requested(&json!(["former", former]))? else { return Ok(()) };
        let before = fund::former_said(&self.bureau.store, &self.bureau.keys)?.into_iter();
        let over = before.filter(|row| row.former.year == year && row.former.aid == aid).map(|row| row.entry);
        let act = Act::new(entry, now.at, Subject::Bureau, Ledger::FormerYearNoted(former)).parents(over);
        permit.keep(&act).map(drop)
    }

    /// What stands of the years before the book began.
    pub fn former_years(&self, now: Now) -> Result<Vec<FormerRow>, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        Ok(fund::former_years(&self.bureau.store, &self.bureau.keys)?)
    }

    /// The day on which a fact of the bank's is booked, and the bank's own where that one is closed.
    pub(super) fn day_of_fact(&self, on: Day) -> Result<(Day, Option<Day>), Failure> {
        Ok(match self.first_open_day()?.filter(|first| on < *first) {
            Some(first) => (first, Some(on)),
            None => (on, None),
        })
    }
}

/// A day to come is none that anything is over on, whatever day somebody works as of.
fn by_the_clock(now: Now) -> Day {
    now.today.min(now.at.day())
}
