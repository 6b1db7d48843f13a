//! The book as it follows from its lines alone, worked out plainly: what rows and statements are held against.

use super::{
    Account, Books, Closing, Facts, Held, LineId, Movement, MovementKind, Named, NotBooked, Place, Purse, Sums, Touch,
    What,
};
use crate::domain::{Day, Fen, PlaceId, PurseId};
use std::collections::{BTreeMap, BTreeSet};

/// A line, and the number of the receipt or voucher that it was given: series, number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookLine {
    pub id: LineId,
    pub what: What,
    pub number: Option<(String, u64)>,
}

/// What does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broken {
    /// Less than nothing is free.
    Below {
        account: Account,
        on: Day,
        missing: Fen,
    },
    /// What purses have and what lies in places are two sums.
    PlacesDiffer {
        on: Day,
        purses: Fen,
        places: Fen,
    },
    /// Opening, what came and what went do not make the closing of that year.
    YearDiffers {
        year: i32,
    },
    /// A number that no line has, or that several have.
    NumberMissing {
        series: String,
        number: u64,
    },
    NumberTwice {
        series: String,
        number: u64,
    },
    /// A table of payouts that does not sum to the vouchers.
    TableDiffers {
        by: Table,
        table: Fen,
        vouchers: Fen,
    },
    /// Operating money that went as aid, or aid that paid a cost.
    BooksMixed {
        line: LineId,
    },
    /// A closed period comes to something else than was signed.
    ClosingDiffers {
        account: Account,
        on: Day,
    },
    /// Rows say otherwise than the lines do.
    RowDiffers {
        account: Account,
        on: Day,
    },
    ReservationOverdrawn {
        line: LineId,
        on: Day,
    },
}

/// By what payouts are told apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Table {
    Household,
    Person,
    Kind,
    Unit,
    Year,
}

/// All lines of one book.
#[derive(Clone, Default, Debug)]
pub struct Book {
    pub places: BTreeMap<PlaceId, Place>,
    pub purses: BTreeMap<PurseId, Purse>,
    lines: BTreeMap<LineId, BookLine>,
    /// Reservations, and of which purse.
    held: BTreeMap<LineId, (PurseId, Held)>,
    days: BTreeMap<Account, BTreeMap<Day, Sums>>,
    /// Numbers that are void: series, first, last.
    voided: Vec<(String, u64, u64)>,
    /// Periods that are closed.
    closings: Vec<Closing>,
    /// Nothing dated on that day or before it is taken.
    closed: Option<Day>,
}

impl Book {
    pub fn new(places: impl IntoIterator<Item = Place>, purses: impl IntoIterator<Item = Purse>) -> Book {
        Book {
            places: places.into_iter().map(|place| (place.place, place)).collect(),
            purses: purses.into_iter().map(|purse| (purse.purse, purse)).collect(),
            ..Book::default()
        }
    }

    /// Takes a line in as it stands; what it names is looked for among all of them, in whatever order they come.
    pub fn take(&mut self, line: BookLine) {
        match &line.what {
            What::Reserved(reservation) => {
                let last = self.purses.get(&reservation.purse).and_then(|purse| purse.until);
                let until = last.map_or(reservation.until, |last| last.min(reservation.until));
                self.held.insert(line.id, (reservation.purse, Held::new(reservation, until)));
            }
            What::Moved(movement) => {
                for (account, sums) in movement.sums() {
                    let day = self.days.entry(account).or_default().entry(movement.on).or_default();
                    *day = day.plus(sums);
                }
            }
            What::Released(_) => {}
        }
        self.lines.insert(line.id, line);
    }

    /// A period is closed: no line dated in it is taken by [`Book::with`] any more.
    pub fn close(&mut self, closing: Closing) {
        self.close_until(closing.to);
        self.closings.push(closing);
    }

    pub fn close_until(&mut self, last: Day) {
        self.closed = self.closed.max(Some(last));
    }

    pub fn void(&mut self, series: String, from: u64, to: u64) {
        self.voided.push((series, from, to));
    }

    /// When every line has been taken: what touched which reservation, and what is reserved by day.
    pub fn settle(&mut self) {
        let touched: Vec<(LineId, Touch)> = self.lines.values().filter_map(|line| self.touch(line)).collect();
        for (of, touch) in touched {
            if let Some((_, held)) = self.held.get_mut(&of) {
                held.touches.insert(touch);
            }
        }
        for sums in self.days.values_mut().flat_map(|days| days.values_mut()) {
            sums.reserved = 0;
        }
        for (purse, held) in self.held.values() {
            let days = self.days.entry(Account::Purse(*purse)).or_default();
            for (day, fen) in held.by_day() {
                days.entry(day).or_default().reserved += fen;
            }
        }
    }

    fn touch(&self, line: &BookLine) -> Option<(LineId, Touch)> {
        let of = self.reservation_of(&line.what)?;
        let named = line.what.names().and_then(|id| self.lines.get(&id));
        line.what.touch(line.id, (of, named.map(|named| &named.what)), |id| {
            self.places.get(&id).is_some_and(|place| place.is_way())
        })
    }

    /// The reservation that it names, or that stands behind what it names.
    fn reservation_of(&self, what: &What) -> Option<LineId> {
        let mut at = what.names()?;
        for _ in 0..super::NAMED_MAX {
            let line = self.lines.get(&at)?;
            if matches!(line.what, What::Reserved(_)) {
                return Some(at);
            }
            at = line.what.names()?;
        }
        None
    }

    pub fn lines(&self) -> impl Iterator<Item = &BookLine> {
        self.lines.values()
    }

    pub fn held(&self, id: LineId) -> Option<&Held> {
        self.held.get(&id).map(|(_, held)| held)
    }

    pub fn days(&self, account: Account) -> impl Iterator<Item = (Day, Sums)> {
        self.days.get(&account).into_iter().flatten().map(|(day, sums)| (*day, *sums))
    }

    pub fn accounts(&self) -> impl Iterator<Item = Account> {
        self.days.keys().copied()
    }

    /// Everything up to the end of a day.
    pub fn sums(&self, account: Account, on: Day) -> Sums {
        self.days(account).filter(|(day, _)| *day <= on).fold(Sums::default(), |all, (_, sums)| all.plus(sums))
    }

    /// What a line is held against.
    pub fn facts(&self, what: &What) -> Facts {
        let movement = what.movement();
        let purse = match what {
            What::Moved(movement) => Some(movement.purse),
            What::Reserved(reservation) => Some(reservation.purse),
            What::Released(_) => None,
        };
        let place = |id: PlaceId| self.places.get(&id).cloned();
        Facts {
            from: movement.and_then(|movement| place(movement.from)),
            to: movement.and_then(|movement| place(movement.to)),
            purse: purse.and_then(|purse| self.purses.get(&purse).cloned()),
            named: what.names().and_then(|id| self.named(id)),
        }
    }

    fn named(&self, id: LineId) -> Option<Named> {
        let line = self.lines.get(&id)?;
        let about = |id: LineId| {
            let own = self.lines.values().filter_map(|line| Some((line.id, line.what.movement()?)));
            own.filter(move |(_, movement)| movement.names == Some(id))
        };
        let is_reversed = |id: LineId| about(id).any(|(_, movement)| movement.kind == MovementKind::Reversal);
        let back = about(id).filter(|(back, movement)| movement.kind.is_back() && !is_reversed(*back));
        let returned = Fen(back.map(|(_, movement)| movement.amount.0).sum());
        Some(Named { what: line.what.clone(), is_reversed: is_reversed(id), returned })
    }

    /// The same book with these lines, all of them or none: the rule of admission, worked out from every line anew.
    pub fn with(&self, lines: &[BookLine]) -> Result<Book, NotBooked> {
        let mut book = self.clone();
        let mut bound = BTreeSet::new();
        for line in lines {
            // A line is known by its record and place: what comes under the same name a second time is none of ours.
            if book.lines.contains_key(&line.id) {
                return Err(NotBooked::LineTwice);
            }
            line.what.is_open(book.closed)?;
            line.what.check(&book.facts(&line.what))?;
            book.take(line.clone());
            book.settle();
            if !line.what.is_fact() {
                bound.extend(book.accounts_of(&line.what));
            }
            if let Some((of, held)) = book.reservation_of(&line.what).and_then(|id| Some((id, book.held(id)?)))
                && self.held(of).is_none_or(|before| before.overdrawn().is_none())
                && let Some(on) = held.overdrawn()
            {
                return Err(NotBooked::ReservationShort { on });
            }
        }
        for account in bound {
            let mut days: BTreeMap<Day, (Sums, Sums)> = BTreeMap::new();
            self.days(account).for_each(|(day, sums)| days.entry(day).or_default().0 = sums);
            book.days(account).for_each(|(day, sums)| days.entry(day).or_default().1 = sums);
            if let Some(short) = super::first_short(Sums::default(), &days) {
                return Err(book.short(account, short.on, short.missing));
            }
        }
        Ok(book)
    }

    fn short(&self, account: Account, on: Day, missing: Fen) -> NotBooked {
        match account {
            Account::Place(id) => {
                let place = self.places.get(&id).map_or_else(String::new, |place| place.code.clone());
                NotBooked::PlaceShort { place, on, missing }
            }
            Account::Purse(id) => {
                let purse = self.purses.get(&id).map_or_else(String::new, |purse| purse.code.clone());
                NotBooked::PurseShort { purse, on, missing }
            }
        }
    }

    fn accounts_of(&self, what: &What) -> Vec<Account> {
        match what {
            What::Moved(movement) => movement.accounts(),
            What::Reserved(reservation) => vec![Account::Purse(reservation.purse)],
            What::Released(_) => Vec::new(),
        }
    }

    /// Everything that has to hold on every day, up to and with one day where one is named. Empty: it holds.
    pub fn broken(&self, until: Option<Day>) -> Vec<Broken> {
        let within = |day: Day| until.is_none_or(|last| day <= last);
        let mut found = Vec::new();
        for (account, days) in &self.days {
            let mut all = Sums::default();
            for (day, sums) in days.iter().filter(|(day, _)| within(**day)) {
                all = all.plus(*sums);
                if all.free().0 < 0 {
                    found.push(Broken::Below { account: *account, on: *day, missing: Fen(-all.free().0) });
                }
            }
        }
        let days: BTreeSet<Day> = self.days.values().flat_map(BTreeMap::keys).copied().filter(|d| within(*d)).collect();
        let (mut purses, mut places) = (0_i64, 0_i64);
        let mut by_year: BTreeMap<i32, (i64, i64, i64)> = BTreeMap::new();
        for day in days {
            for (account, of) in &self.days {
                let sums = of.get(&day).copied().unwrap_or_default();
                match account {
                    Account::Purse(_) => {
                        purses += sums.balance().0;
                        let year = by_year.entry(day.year()).or_default();
                        *year = (year.0 + sums.came, year.1 + sums.went, purses);
                    }
                    Account::Place(_) => places += sums.balance().0,
                }
            }
            if purses != places {
                found.push(Broken::PlacesDiffer { on: day, purses: Fen(purses), places: Fen(places) });
            }
        }
        let mut opening = 0;
        for (year, (came, went, closing)) in by_year {
            if opening + came - went != closing {
                found.push(Broken::YearDiffers { year });
            }
            opening = closing;
        }
        for closing in self.closings.iter().filter(|closing| within(closing.to)) {
            let differs = closing.differs(|account| self.sums(account, closing.to));
            found.extend(differs.map(|account| Broken::ClosingDiffers { account, on: closing.to }));
        }
        self.numbers_broken(&mut found);
        self.tables_broken(&within, &mut found);
        for line in self.lines.values().filter(|line| within(line.what.on())) {
            let mixed = line.what.movement().is_some_and(|movement| {
                let operating = self.purses.get(&movement.purse).is_some_and(|p| p.books == Books::Operating);
                match movement.kind {
                    MovementKind::Payout => operating,
                    MovementKind::Expense => !operating,
                    _ => false,
                }
            });
            if mixed {
                found.push(Broken::BooksMixed { line: line.id });
            }
        }
        for (id, (_, held)) in &self.held {
            if let Some(on) = held.overdrawn().filter(|on| within(*on)) {
                found.push(Broken::ReservationOverdrawn { line: *id, on });
            }
        }
        found
    }

    /// Series without gap and without double, voids included. One voucher may have several lines, of one record.
    fn numbers_broken(&self, found: &mut Vec<Broken>) {
        let mut series: BTreeMap<&str, BTreeMap<u64, u32>> = BTreeMap::new();
        let mut entries = BTreeSet::new();
        for line in self.lines.values() {
            if let Some((name, number)) = &line.number
                && entries.insert((line.id.entry, name.as_str(), *number))
            {
                *series.entry(name).or_default().entry(*number).or_default() += 1;
            }
        }
        for (name, from, to) in &self.voided {
            for number in *from..=*to {
                *series.entry(name).or_default().entry(number).or_default() += 1;
            }
        }
        for (name, numbers) in series {
            let last = numbers.keys().next_back().copied().unwrap_or(0);
            let series = || name.to_owned();
            for number in 1..=last {
                match numbers.get(&number) {
                    None => found.push(Broken::NumberMissing { series: series(), number }),
                    Some(1) => {}
                    Some(_) => found.push(Broken::NumberTwice { series: series(), number }),
                }
            }
        }
    }

    fn tables_broken(&self, within: &impl Fn(Day) -> bool, found: &mut Vec<Broken>) {
        let aid =
            || self.lines.values().filter_map(|line| line.what.movement()).filter(|m| within(m.on)).filter_map(aid);
        let vouchers: i64 = aid().map(|(_, fen)| fen).sum();
        let went: i64 = self
            .lines
            .values()
            .filter_map(|line| line.what.movement())
            .filter(|movement| within(movement.on) && movement.aid.is_some())
            .flat_map(|movement| movement.sums())
            .filter(|(account, _)| matches!(account, Account::Purse(_)))
            .map(|(_, sums)| -sums.balance().0)
            .sum();
        for by in [Table::Household, Table::Person, Table::Kind, Table::Unit, Table::Year] {
            let table: i64 = self.table(by, within).values().sum();
            if table != vouchers || table != went {
                found.push(Broken::TableDiffers { by, table: Fen(table), vouchers: Fen(went) });
            }
        }
    }

    /// What was paid, less what came back, by what it is told apart by.
    fn table(&self, by: Table, within: &impl Fn(Day) -> bool) -> BTreeMap<String, i64> {
        let mut table: BTreeMap<String, i64> = BTreeMap::new();
        for movement in self.lines.values().filter_map(|line| line.what.movement()).filter(|m| within(m.on)) {
            let Some((movement, fen)) = aid(movement) else { continue };
            let key = match by {
                Table::Household => movement.dossier.map(|id| id.hex()),
                Table::Person => movement.person.map(|id| id.hex()),
                Table::Kind => movement.aid.clone(),
                Table::Unit => movement.unit.map(|id| id.hex()),
                Table::Year => Some(movement.on.year().to_string()),
            };
            *table.entry(key.unwrap_or_default()).or_default() += fen;
        }
        table
    }
}

/// What a movement adds to the aid that was paid.
fn aid(movement: &Movement) -> Option<(&Movement, i64)> {
    movement.aid.as_ref()?;
    match movement.kind {
        MovementKind::Payout | MovementKind::Returned | MovementKind::Reversal => {
            Some((movement, -super::tally::net(movement)))
        }
        _ => None,
    }
}
