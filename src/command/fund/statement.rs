//! What the book comes to: balances on a day, and the statement of a purse or a place.

use crate::command::{Duty, Failure, Office};
use crate::domain::fund::{Account, BookLine, Books, NotBooked, Purse, Sums, What, YearStatement, year};
use crate::domain::{Day, Fen, Now, PlaceId, StationId};
use crate::views::fund::{self, LineRow, PlaceRow, PurseRow};
use std::collections::BTreeMap;

/// An account and what it comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountLine<R> {
    pub row: R,
    pub sums: Sums,
}

/// The book at the end of a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FundState {
    pub on: Day,
    /// The station that keeps it.
    pub keeper: Option<StationId>,
    pub is_kept_here: bool,
    pub places: Vec<AccountLine<PlaceRow>>,
    pub purses: Vec<AccountLine<PurseRow>>,
}

/// What of a purse can still be granted: nothing once its last day is past. What it is short of stays short.
fn free_of(purse: &Purse, sums: Sums, on: Day) -> Fen {
    match purse.is_over(on) {
        true => sums.free().min(Fen(0)),
        false => sums.free(),
    }
}

impl FundState {
    /// What all purses have.
    pub fn purses_total(&self) -> Sums {
        self.purses.iter().fold(Sums::default(), |all, line| all.plus(line.sums))
    }

    /// What of a purse can be granted on that day.
    pub fn free(&self, line: &AccountLine<PurseRow>) -> Fen {
        free_of(&line.row.purse, line.sums, self.on)
    }

    /// What of all purses can be granted on that day: what lies in one that is past its day is there, and free for nobody.
    pub fn free_total(&self) -> Fen {
        Fen(self.purses.iter().fold(0_i64, |all, line| all.wrapping_add(self.free(line).0)))
    }

    /// What lies in all places.
    pub fn places_total(&self) -> Sums {
        self.places.iter().fold(Sums::default(), |all, line| all.plus(line.sums))
    }
}

/// One line of a statement, as it is read from the account's side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatementLine {
    pub line: LineRow,
    /// What came, or, below zero, went; what stays inside the purse is zero.
    pub moved: Fen,
    /// What is there after it.
    pub balance: Fen,
    /// The codes of the places, `None`: the outside world; and of the purse.
    pub from: Option<String>,
    pub to: Option<String>,
    pub purse: Option<String>,
}

/// A purse or a place between two days, both included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountStatement {
    pub code: String,
    pub zh: String,
    pub en: String,
    pub is_purse: bool,
    pub from: Day,
    pub to: Day,
    pub opening: Sums,
    pub closing: Sums,
    /// Of a purse, what can still be granted at the end of the last day.
    pub free: Fen,
    pub lines: Vec<StatementLine>,
}

/// What a period came to, of some books or of all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeriodStatement {
    pub from: Day,
    pub to: Day,
    pub books: Option<Books>,
    pub statement: YearStatement,
}

impl Office {
    /// Opening, what came by source, what went by kind, closing; and how many times, people and households.
    pub fn fund_period(&self, books: Option<Books>, from: Day, to: Day, now: Now) -> Result<PeriodStatement, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let purses = fund::purses(&self.bureau.store, &self.bureau.keys)?.into_iter();
        let purses = purses.map(|row| (row.purse.purse, row.purse)).collect();
        let lines = self.book_lines()?;
        let mut statement = year(&lines, &purses, books, from, to);
        // Before the book began there was one fund.
        if books.is_none_or(|books| books == Books::General) {
            let former = fund::former_years(&self.bureau.store, &self.bureau.keys)?.into_iter().map(|row| row.former);
            statement = statement.with_former(&former.collect::<Vec<_>>(), from, to);
        }
        Ok(PeriodStatement { from, to, books, statement })
    }

    /// Every line that counts. Whoever turned out to be of a household was helped as that member of it.
    pub(super) fn book_lines(&self) -> Result<Vec<BookLine>, Failure> {
        let links: BTreeMap<_, _> = self.links()?.into_iter().map(|link| (link.person, link.member)).collect();
        let rows = fund::all_lines(&self.bureau.store, &self.bureau.keys)?.into_iter().filter(|row| row.counts);
        let line = |mut row: LineRow| {
            if let What::Moved(movement) = &mut row.what
                && movement.aid.is_some()
            {
                movement.person = movement.person.map(|person| links.get(&person).copied().unwrap_or(person));
            }
            BookLine { id: row.id, what: row.what, number: row.number }
        };
        Ok(rows.map(line).collect())
    }

    /// The book at the end of a day.
    pub fn fund_state(&self, on: Day, now: Now) -> Result<FundState, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let keeper = fund::keeper(&self.bureau.store)?;
        let sums = |account| fund::sums(&self.bureau.store, &self.bureau.keys, account, on);
        let places: Result<Vec<_>, Failure> = fund::places(&self.bureau.store, &self.bureau.keys)?
            .into_iter()
            .map(|row| Ok(AccountLine { sums: sums(Account::Place(row.place.place))?, row }))
            .collect();
        let purses: Result<Vec<_>, Failure> = fund::purses(&self.bureau.store, &self.bureau.keys)?
            .into_iter()
            .map(|row| Ok(AccountLine { sums: sums(Account::Purse(row.purse.purse))?, row }))
            .collect();
        Ok(FundState {
            on,
            keeper,
            is_kept_here: keeper == Some(self.bureau.station),
            places: places?,
            purses: purses?,
        })
    }

    /// The statement of a purse or a place, by its code.
    pub fn fund_statement(&self, code: &str, from: Day, to: Day, now: Now) -> Result<AccountStatement, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let places = fund::places(&self.bureau.store, &self.bureau.keys)?;
        let purses = fund::purses(&self.bureau.store, &self.bureau.keys)?;
        let purse = purses.iter().find(|row| row.purse.code == code.trim());
        let place = places.iter().find(|row| row.place.code == code.trim());
        let (account, zh, en) = match (purse, place) {
            (Some(row), _) => (Account::Purse(row.purse.purse), &row.zh, &row.en),
            (None, Some(row)) => (Account::Place(row.place.place), &row.zh, &row.en),
            (None, None) => return Err(Failure::Fund(NotBooked::NoSuchPurse)),
        };
        let statement = fund::statement(&self.bureau.store, &self.bureau.keys, account, from, to)?;
        let code_of = |id: PlaceId| places.iter().find(|row| row.place.place == id).map(|row| row.place.code.clone());
        let mut balance = statement.opening.balance();
        let line = |line: LineRow| {
            let own = line.what.movement().into_iter().flat_map(|movement| movement.sums());
            let sums = own.filter(|(of, _)| *of == account).fold(Sums::default(), |all, (_, sums)| all.plus(sums));
            balance = Fen(balance.0.wrapping_add(sums.balance().0));
            let ways = match &line.what {
                What::Moved(movement) => (code_of(movement.from), code_of(movement.to)),
                _ => (None, None),
            };
            let purse = purses.iter().find(|row| Some(row.purse.purse) == line.purse);
            StatementLine {
                moved: sums.balance(),
                balance,
                from: ways.0,
                to: ways.1,
                purse: purse.map(|row| row.purse.code.clone()),
                line,
            }
        };
        Ok(AccountStatement {
            code: code.trim().to_owned(),
            zh: zh.clone(),
            en: en.clone(),
            is_purse: purse.is_some(),
            from,
            to,
            opening: statement.opening,
            closing: statement.closing,
            free: purse.map_or(statement.closing.free(), |row| free_of(&row.purse, statement.closing, to)),
            lines: statement.lines.into_iter().map(line).collect(),
        })
    }
}
