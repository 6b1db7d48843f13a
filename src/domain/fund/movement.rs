//! The lines of the book: what moved, what was reserved, what was released; and what each of them has to be.

use super::{Account, AidKind, Books, NotBooked, Place, Purse, Sums, Touch};
use crate::domain::{Day, DossierId, EntryId, Fen, PersonId, PlaceId, PurseId, UnitId, money::FEN_MAX};
use serde::{Deserialize, Serialize};

/// A line of the book: its record, and its place among the record's events. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct LineId {
    pub entry: EntryId,
    pub line: u16,
}

/// **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum MovementKind {
    /// What was there when the book began.
    Opening,
    /// Money comes in.
    Receipt,
    /// From one place of the fund's to another. Where it names a reservation, that much of it is on its way, or came back.
    Transfer,
    /// Aid goes out, of a reservation, which it names.
    Payout,
    /// Operating money goes out.
    Expense,
    /// The bank sent back what had been paid; it names the payout, and is reserved again. A fact, whatever it leads to.
    Returned,
    /// The bank took back what had come in; it names the receipt. A fact, whatever it leads to.
    Bounced,
    /// The line that it names was a mistake.
    Reversal,
    /// What was left of a grant or a gift goes back to whoever gave it; it names the receipt.
    GivenBack,
}

impl MovementKind {
    pub const ALL: [MovementKind; 9] = [
        MovementKind::Opening,
        MovementKind::Receipt,
        MovementKind::Transfer,
        MovementKind::Payout,
        MovementKind::Expense,
        MovementKind::Returned,
        MovementKind::Bounced,
        MovementKind::Reversal,
        MovementKind::GivenBack,
    ];

    /// In JSON, and in the words `fund.kind.receipt`.
    pub fn code(self) -> &'static str {
        match self {
            MovementKind::Opening => "opening",
            MovementKind::Receipt => "receipt",
            MovementKind::Transfer => "transfer",
            MovementKind::Payout => "payout",
            MovementKind::Expense => "expense",
            MovementKind::Returned => "returned",
            MovementKind::Bounced => "bounced",
            MovementKind::Reversal => "reversal",
            MovementKind::GivenBack => "given_back",
        }
    }

    /// It takes so much back of what the line that it names moved.
    pub fn is_back(self) -> bool {
        matches!(self, MovementKind::Returned | MovementKind::Bounced | MovementKind::GivenBack)
    }

    /// A fact that a bank made: it is entered, and what it leads to is found afterwards.
    pub fn is_fact(self) -> bool {
        matches!(self, MovementKind::Returned | MovementKind::Bounced)
    }
}

/// Whole fen of one purse from one place to another. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Movement {
    pub kind: MovementKind,
    pub from: PlaceId,
    pub to: PlaceId,
    pub purse: PurseId,
    pub amount: Fen,
    /// The day that it counts from.
    pub on: Day,
    /// The bank's own day, where the book could not take that one any more.
    pub bank_day: Option<Day>,
    /// What kind of aid it is, of a payout.
    pub aid: Option<AidKind>,
    pub dossier: Option<DossierId>,
    /// Whom it helps, or who gave it: a number, as people are counted by.
    pub person: Option<PersonId>,
    pub unit: Option<UnitId>,
    /// The number of the paper that it rests on.
    pub document: String,
    /// The reservation, the payout, the receipt, the mistake that it is about.
    pub names: Option<LineId>,
}

/// What was granted, and is not paid yet. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reservation {
    pub purse: PurseId,
    pub amount: Fen,
    pub on: Day,
    /// The last day on which it can be sent.
    pub until: Day,
    pub aid: AidKind,
    pub dossier: Option<DossierId>,
    pub person: Option<PersonId>,
    pub unit: Option<UnitId>,
}

/// So much of a reservation is free again. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Release {
    pub reservation: LineId,
    pub amount: Fen,
    pub on: Day,
}

/// What a line of the book is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum What {
    Moved(Movement),
    Reserved(Reservation),
    Released(Release),
}

impl What {
    pub fn on(&self) -> Day {
        match self {
            What::Moved(movement) => movement.on,
            What::Reserved(reservation) => reservation.on,
            What::Released(release) => release.on,
        }
    }

    pub fn amount(&self) -> Fen {
        match self {
            What::Moved(movement) => movement.amount,
            What::Reserved(reservation) => reservation.amount,
            What::Released(release) => release.amount,
        }
    }

    /// The line that it is about.
    pub fn names(&self) -> Option<LineId> {
        match self {
            What::Moved(movement) => movement.names,
            What::Reserved(_) => None,
            What::Released(release) => Some(release.reservation),
        }
    }

    pub fn movement(&self) -> Option<&Movement> {
        match self {
            What::Moved(movement) => Some(movement),
            _ => None,
        }
    }

    /// Errors: its day lies in a period that is closed, be it a bank's fact or not: that is entered on the first open day, with
    /// the bank's own.
    pub fn is_open(&self, closed: Option<Day>) -> Result<(), NotBooked> {
        match closed.filter(|last| self.on() <= *last) {
            Some(last) => Err(NotBooked::Closed { on: self.on(), first: last.plus_days(1) }),
            None => Ok(()),
        }
    }

    pub fn is_fact(&self) -> bool {
        self.movement().is_some_and(|movement| movement.kind.is_fact())
    }
}

/// The line that another one names, with what became of it since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub what: What,
    pub is_reversed: bool,
    /// How much of it came back.
    pub returned: Fen,
}

/// What a line is held against; `None`: the book has no such thing.
#[derive(Clone, Default, Debug)]
pub struct Facts {
    pub from: Option<Place>,
    pub to: Option<Place>,
    pub purse: Option<Purse>,
    pub named: Option<Named>,
}

impl What {
    /// Whether it can stand in the book at all, whatever the book holds by then; what there is of money is looked at
    /// afterwards, day by day.
    pub fn check(&self, facts: &Facts) -> Result<(), NotBooked> {
        let amount = self.amount();
        if amount.0 <= 0 || amount.0 > FEN_MAX {
            return Err(NotBooked::Amount);
        }
        if self.names().is_some() != facts.named.is_some() {
            return Err(NotBooked::NoSuchLine);
        }
        match self {
            What::Moved(movement) => movement.check(facts),
            What::Reserved(reservation) => {
                let purse = facts.purse.as_ref().ok_or(NotBooked::NoSuchPurse)?;
                may_pay(purse, &reservation.aid, reservation.dossier)?;
                within(purse, reservation.on, true)?;
                match reservation.until < reservation.on {
                    true => Err(NotBooked::Before { first: reservation.on }),
                    false => Ok(()),
                }
            }
            What::Released(release) => match facts.named.as_ref().map(|named| &named.what) {
                Some(What::Reserved(reservation)) if release.on >= reservation.on => Ok(()),
                Some(What::Reserved(reservation)) => Err(NotBooked::Before { first: reservation.on }),
                _ => Err(NotBooked::NotAReservation),
            },
        }
    }
}

impl Movement {
    fn check(&self, facts: &Facts) -> Result<(), NotBooked> {
        use MovementKind::*;
        let purse = facts.purse.as_ref().ok_or(NotBooked::NoSuchPurse)?;
        let (comes, goes) = (self.from == PlaceId::OUTSIDE, self.to == PlaceId::OUTSIDE);
        let known = |id: PlaceId, place: &Option<Place>| match place {
            _ if id == PlaceId::OUTSIDE => Ok(()),
            Some(place) if self.on < place.since => Err(NotBooked::Before { first: place.since }),
            Some(_) => Ok(()),
            None => Err(NotBooked::NoSuchPlace),
        };
        known(self.from, &facts.from)?;
        known(self.to, &facts.to)?;
        within(purse, self.on, false)?;
        if self.from == self.to {
            return Err(NotBooked::Direction { kind: self.kind });
        }
        let fits = match self.kind {
            Opening | Receipt | Returned => comes,
            Transfer => !comes && !goes,
            Payout | Expense | Bounced | GivenBack => goes && !comes,
            Reversal => true,
        };
        if !fits || (self.aid.is_some() && !matches!(self.kind, Payout | Returned | Reversal)) {
            return Err(NotBooked::Direction { kind: self.kind });
        }
        match (self.kind, &facts.named) {
            (Opening | Receipt, None) => Ok(()),
            (Transfer, None) => Ok(()),
            (Expense, None) if purse.books == Books::Operating => Ok(()),
            (Expense, None) => Err(NotBooked::AidPaysNoCost),
            (Transfer, Some(named)) => {
                // Only what goes out of the house and comes back counts as on its way.
                let is_way = |place: &Option<Place>| place.as_ref().is_some_and(Place::is_way);
                match is_way(&facts.from) != is_way(&facts.to) {
                    true => self.of_reservation(named).map(drop),
                    false => Err(NotBooked::Direction { kind: self.kind }),
                }
            }
            (Payout, Some(named)) => {
                let reservation = self.of_reservation(named)?;
                let aid = self.aid.as_deref().unwrap_or_default();
                may_pay(purse, aid, self.dossier)?;
                match reservation.aid == aid && reservation.dossier == self.dossier {
                    true => Ok(()),
                    false => Err(NotBooked::OtherReservation),
                }
            }
            (Returned, Some(named)) => self.back_from(named, Payout),
            (Bounced | GivenBack, Some(named)) => self.back_from(named, Receipt),
            (Reversal, Some(named)) => self.reverses(named),
            (Payout, None) => Err(NotBooked::NotReserved),
            (Returned | Bounced | GivenBack | Reversal, None) => Err(NotBooked::NoSuchLine),
            (Opening | Receipt | Expense, Some(_)) => Err(NotBooked::Direction { kind: self.kind }),
        }
    }

    fn of_reservation<'n>(&self, named: &'n Named) -> Result<&'n Reservation, NotBooked> {
        match &named.what {
            What::Reserved(reservation) if reservation.purse != self.purse => Err(NotBooked::OtherReservation),
            What::Reserved(reservation) if self.on < reservation.on => Err(NotBooked::Before { first: reservation.on }),
            What::Reserved(reservation) => Ok(reservation),
            _ => Err(NotBooked::NotAReservation),
        }
    }

    /// It brings back, or takes back, part of what a line of that kind moved.
    fn back_from(&self, named: &Named, kind: MovementKind) -> Result<(), NotBooked> {
        let Some(first) = named.what.movement().filter(|first| first.kind == kind && first.purse == self.purse) else {
            return Err(NotBooked::OtherLine);
        };
        if named.is_reversed {
            return Err(NotBooked::AlreadyReversed);
        }
        if self.on < first.on {
            return Err(NotBooked::Before { first: first.on });
        }
        let left = Fen(first.amount.0 - named.returned.0);
        match self.amount > left {
            true => Err(NotBooked::MoreThan { left }),
            false => Ok(()),
        }
    }

    /// It is the line that it names, the other way round, whole.
    fn reverses(&self, named: &Named) -> Result<(), NotBooked> {
        let Some(first) = named.what.movement().filter(|first| first.kind != MovementKind::Reversal) else {
            return Err(NotBooked::OtherLine);
        };
        if named.is_reversed || named.returned.0 > 0 {
            return Err(NotBooked::AlreadyReversed);
        }
        if self.on < first.on {
            return Err(NotBooked::Before { first: first.on });
        }
        let mirrors = (self.from, self.to, self.purse, self.amount)
            == (first.to, first.from, first.purse, first.amount)
            && (&self.aid, self.dossier, self.person, self.unit)
                == (&first.aid, first.dossier, first.person, first.unit);
        match mirrors {
            true => Ok(()),
            false => Err(NotBooked::OtherLine),
        }
    }

    /// The line that takes this one back on a day.
    pub fn reversal(&self, of: LineId, on: Day, document: String) -> Movement {
        Movement {
            kind: MovementKind::Reversal,
            from: self.to,
            to: self.from,
            on,
            bank_day: None,
            document,
            names: Some(of),
            ..self.clone()
        }
    }
}

fn may_pay(purse: &Purse, aid: &str, dossier: Option<DossierId>) -> Result<(), NotBooked> {
    if purse.books == Books::Operating {
        return Err(NotBooked::OperatingIsNoAid);
    }
    if !purse.may_pay(aid) {
        return Err(NotBooked::PurposeDiffers { aid: aid.to_owned() });
    }
    match purse.household.is_some_and(|own| Some(own) != dossier) {
        true => Err(NotBooked::OtherHousehold),
        false => Ok(()),
    }
}

/// `grants`: something is decided of it, which its last day ends.
fn within(purse: &Purse, on: Day, grants: bool) -> Result<(), NotBooked> {
    if on < purse.since {
        return Err(NotBooked::Before { first: purse.since });
    }
    match purse.until.filter(|last| grants && on > *last) {
        Some(last) => Err(NotBooked::Expired { last }),
        None => Ok(()),
    }
}

impl Movement {
    /// What it adds to its accounts on its day.
    pub fn sums(&self) -> Vec<(Account, Sums)> {
        let fen = self.amount.0;
        let came = Sums { came: fen, ..Sums::default() };
        let went = Sums { went: fen, ..Sums::default() };
        let mut sums = Vec::with_capacity(3);
        if self.from == PlaceId::OUTSIDE {
            sums.push((Account::Purse(self.purse), came));
        } else {
            sums.push((Account::Place(self.from), went));
        }
        if self.to == PlaceId::OUTSIDE {
            sums.push((Account::Purse(self.purse), went));
        } else {
            sums.push((Account::Place(self.to), came));
        }
        sums
    }

    /// The accounts in whose statements it stands.
    pub fn accounts(&self) -> Vec<Account> {
        let places = [self.from, self.to].into_iter().filter(|place| *place != PlaceId::OUTSIDE);
        places.map(Account::Place).chain([Account::Purse(self.purse)]).collect()
    }
}

impl What {
    /// What it does to which reservation: `of` is the one that it names, or that stands behind what it names; `named` is the
    /// line that it names, `is_way` tells places in which money is on its way.
    pub fn touch(
        &self,
        line: LineId,
        (of, named): (LineId, Option<&What>),
        is_way: impl Fn(PlaceId) -> bool,
    ) -> Option<(LineId, Touch)> {
        let touch = |on, held, sent| Some((of, Touch { on, line, held, sent }));
        match self {
            What::Reserved(_) => None,
            What::Released(release) => touch(release.on, -release.amount.0, 0),
            What::Moved(movement) => {
                let (fen, on) = (movement.amount.0, movement.on);
                let first = named.and_then(What::movement);
                match movement.kind {
                    MovementKind::Transfer => touch(on, 0, if is_way(movement.to) { fen } else { -fen }),
                    MovementKind::Payout => touch(on, -fen, if is_way(movement.from) { -fen } else { 0 }),
                    MovementKind::Returned => touch(on, fen, 0),
                    // A transfer that was a mistake brings back what it sent; a payout that was one is granted no more.
                    MovementKind::Reversal if first?.kind == MovementKind::Transfer => {
                        touch(on, 0, if is_way(movement.to) { fen } else { -fen })
                    }
                    // So did what never came back: it is paid, and reserved no more.
                    MovementKind::Reversal if first?.kind == MovementKind::Returned => touch(on, -fen, 0),
                    _ => None,
                }
            }
        }
    }
}
