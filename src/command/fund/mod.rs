//! The relief fund's book: who keeps it, its places and purses, and each line that comes to stand in it. What there is of
//! money is looked at where the record is made (`views/fund/admit.rs`), since two desks may draw on one purse at once.
//! Start reading at [`Office::book`]; `statement.rs` reads, `proof.rs` proves.

mod batch;
mod campaign;
mod closing;
mod donors;
mod giving;
mod grants;
mod payout;
mod proof;
mod receipts;
mod report;
mod statement;
mod waiting;

pub use batch::{Answered, BankLine, Control, NotAnAnswer, Sent, bank_csv};
pub use campaign::{
    CampaignLine, FilledFrom, LineState, NewCampaign, NotAReceiver, NotInCampaign, Signed, line_numbers,
};
pub use closing::{ClosingLine, CountLine, NewClosing};
pub(super) use donors::is_of_a_donor;
pub use donors::{Donation, DonorLine, GiftPurse, GiftReport, NewDonor};
pub use giving::{AppropriationLine, NewCollection, PledgeLine, Settlement};
pub use grants::Had;
pub use payout::{NewPayout, NotPayable, Payee};
pub use proof::BookProof;
pub use receipts::{ReceiptLine, ReceiptPaper};
pub use report::{AidBy, AidQuery, AidReport, GroupKey, ReportLine, UpperLine};
pub use statement::{AccountLine, AccountStatement, FundState, PeriodStatement, StatementLine};
pub use waiting::{FundQueueLine, FundWaits};

use super::request::Request;
use super::{Act, Duty, Failure, Office, Permit, Role};
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{
    AidKind, Books, LineId, Movement, MovementKind, NotBooked, Place, PlaceKind, Purse, is_code,
};
use crate::domain::{Day, EntryId, Fen, Now, PlaceId, PurseId, Subject};
use crate::log::Issued;
use crate::views::fund::{self, LineRow, PlaceRow, PurseRow};
use serde_json::json;

/// A place to be opened.
#[derive(Clone, Debug)]
pub struct NewPlace {
    pub code: String,
    pub kind: PlaceKind,
    pub zh: String,
    pub en: String,
    pub since: Day,
}

/// A purse to be opened.
#[derive(Clone, Debug)]
pub struct NewPurse {
    pub code: String,
    /// A code of list `fund_source`.
    pub source: String,
    /// Codes of list `payout_kind`; empty: every kind of aid.
    pub kinds: Vec<AidKind>,
    /// The number of the one household that it is for.
    pub household: Option<String>,
    pub zh: String,
    pub en: String,
    pub since: Day,
    pub until: Option<Day>,
}

/// A line as somebody means it, by the codes that people use.
#[derive(Clone, Debug)]
pub struct Booking {
    pub kind: MovementKind,
    pub purse: String,
    /// `None`: the outside world.
    pub from: Option<String>,
    pub to: Option<String>,
    pub amount: Fen,
    pub on: Day,
    pub document: String,
    /// The line that it is about.
    pub names: Option<LineId>,
}

/// What came to stand in the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Booked {
    pub id: LineId,
    /// The receipt's or voucher's number, where one was given.
    pub number: Option<String>,
}

impl Booked {
    fn of(row: &LineRow) -> Booked {
        Booked { id: row.id, number: row.number_text() }
    }
}

/// A line on its way into the book, with what stands in its record before and behind it.
struct LineRecord {
    /// The purse that it opens.
    opens: Option<(Purse, Person)>,
    books: Books,
    movement: Movement,
    behind: Option<Ledger>,
    parents: Vec<EntryId>,
}

/// The most characters of the number of a paper.
const DOCUMENT_CHARS_MAX: usize = 40;

impl Office {
    /// Whoever acts may keep the book.
    ///
    /// Errors: they are also a cashier (Accounting Law, art. 35: whoever handles money does not keep its book). A demo lets one
    /// person be everybody.
    pub(super) fn may_keep_book(&self, now: Now) -> Result<Permit<'_>, Failure> {
        let permit = self.may(Duty::KeepBook, now)?;
        match self.rights()?.has(Role::Cashier) && !self.is_made_up()? {
            true => Err(Failure::CashierKeepsBook),
            false => Ok(permit),
        }
    }

    /// This station keeps the book from now on: the first one, or in the place of one that is lost, of whose records those
    /// that are here count.
    pub fn take_book(&self, now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::SetNumbers, now)?;
        let of = fund::keeper(&self.bureau.store)?;
        if of == Some(self.bureau.station) {
            return Ok(());
        }
        let head = of.map(|station| crate::views::read::chain_head(&self.bureau.store, station)).transpose()?.flatten();
        let from = of.map(|station| (station, head.map_or(0, |head| head.seq)));
        permit.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::BookTaken { from })).map(drop)
    }

    /// Opens a place; of a bank account also that of what is under way through it.
    pub fn open_place(&self, new: &NewPlace, now: Now) -> Result<PlaceRow, Failure> {
        let permit = self.may_keep_book(now)?;
        let of_fund = |code: &str| Failure::Fund(NotBooked::CodeTaken { code: code.to_owned() });
        let code = code(&new.code)?;
        let entry = match self.requested(&json!(["place", code, new.kind.code(), new.since.0]))? {
            Request::New(entry) => entry,
            Request::Kept(_) => return self.place_named(&code),
        };
        let place = PlaceId(self.random_id()?);
        let (zh, en) = (super::name(&new.zh)?, super::name(&new.en)?);
        let opened = Place { place, code: code.clone(), kind: new.kind, of: None, since: new.since };
        let mut act = Act::new(entry, now.at, Subject::Bureau, Ledger::PlaceOpened(opened))
            .person(Subject::Bureau, Person::Named { zh: zh.clone(), en: en.clone() });
        if new.kind == PlaceKind::Bank {
            let way = Place {
                place: PlaceId(self.random_id()?),
                code: self::code(&format!("{code}-way")).map_err(|_| of_fund(&code))?,
                kind: PlaceKind::UnderWay,
                of: Some(place),
                since: new.since,
            };
            let named = Person::Named { zh: format!("{zh}（在途）"), en: format!("{en} (under way)") };
            act = act.and(Ledger::PlaceOpened(way)).person(Subject::Bureau, named);
        }
        permit.keep(&act)?;
        self.place_named(&code)
    }

    pub fn open_purse(&self, new: &NewPurse, now: Now) -> Result<PurseRow, Failure> {
        let permit = self.may_keep_book(now)?;
        let (purse, named) = self.purse_to_open(new)?;
        let code = purse.code.clone();
        let household = purse.household.map(|id| id.hex());
        let content = json!(["purse", code, new.source, new.kinds, household, new.since.0]);
        let entry = match self.requested(&content)? {
            Request::New(entry) => entry,
            Request::Kept(_) => return self.purse_named(&code),
        };
        let act = Act::new(entry, now.at, Subject::Bureau, Ledger::PurseOpened(purse)).person(Subject::Bureau, named);
        permit.keep(&act)?;
        self.purse_named(&code)
    }

    /// A purse under a new id, and its names.
    fn purse_to_open(&self, new: &NewPurse) -> Result<(Purse, Person), Failure> {
        self.known_code("fund_source", &new.source)?;
        new.kinds.iter().try_for_each(|kind| self.known_code("payout_kind", kind))?;
        let purse = Purse {
            purse: PurseId(self.random_id()?),
            code: code(&new.code)?,
            source: new.source.clone(),
            books: Books::of_source(&new.source),
            kinds: new.kinds.clone(),
            // Whoever keeps the book opens no dossier; the number on a donor's letter is all there is to know here.
            household: new.household.as_deref().map(|number| self.named(number)).transpose()?,
            donor: None,
            since: new.since,
            until: new.until,
        };
        Ok((purse, Person::Named { zh: super::name(&new.zh)?, en: super::name(&new.en)? }))
    }

    fn known_code(&self, list: &str, code: &str) -> Result<(), Failure> {
        match self.library().codes(list).is_some_and(|list| list.get(code).is_some()) {
            true => Ok(()),
            false => Err(Failure::NoSuchCode { list: list.to_owned(), asked: code.to_owned() }),
        }
    }

    /// Enters a line. Sent twice with one number it is one line.
    pub fn book(&self, booking: &Booking, now: Now) -> Result<Booked, Failure> {
        let permit = self.may_keep_book(now)?;
        let purse = self.purse_named(&booking.purse)?;
        let place = |code: &Option<String>| code.as_deref().map(|code| self.place_named(code)).transpose();
        let (from, to) = (place(&booking.from)?, place(&booking.to)?);
        let named = booking.names.map(|id| self.fund_line(id)).transpose()?;
        let first = named.as_ref().and_then(|row| row.what.movement());
        let id = |row: &Option<PlaceRow>| row.as_ref().map_or(PlaceId::OUTSIDE, |row| row.place.place);
        let movement = Movement {
            kind: booking.kind,
            from: id(&from),
            to: id(&to),
            purse: purse.purse.purse,
            amount: booking.amount,
            on: booking.on,
            bank_day: None,
            aid: first.and_then(|first| first.aid.clone()),
            dossier: first.and_then(|first| first.dossier),
            person: first.and_then(|first| first.person),
            unit: first.and_then(|first| first.unit),
            document: document(&booking.document)?,
            names: booking.names,
        };
        let rests_on = [from.map(|row| row.entry), to.map(|row| row.entry), named.map(|row| row.id.entry)];
        let parents = rests_on.into_iter().flatten().chain([purse.entry]).collect();
        self.enter_line(&permit, movement, &purse, parents, now)
    }

    /// Takes a line back by one of its own, dated on a day that is open.
    pub fn reverse(&self, of: LineId, on: Day, paper: &str, now: Now) -> Result<Booked, Failure> {
        let permit = self.may_keep_book(now)?;
        let row = self.fund_line(of)?;
        let Some(first) = row.what.movement() else { return Err(Failure::Fund(NotBooked::OtherLine)) };
        let purse = self.purse_of(first.purse)?;
        let movement = first.reversal(of, on, document(paper)?);
        self.enter_line(&permit, movement, &purse, vec![of.entry, purse.entry], now)
    }

    /// The bank sent a payout back, or took back what had come in: so much of the line, on that day.
    pub fn bank_fact(&self, of: LineId, amount: Fen, on: Day, paper: &str, now: Now) -> Result<Booked, Failure> {
        let permit = self.may_keep_book(now)?;
        let row = self.fund_line(of)?;
        let Some(first) = row.what.movement() else { return Err(Failure::Fund(NotBooked::OtherLine)) };
        // What was paid in cash no bank sends back: that is reversed.
        let from =
            fund::places(&self.bureau.store, &self.bureau.keys)?.into_iter().find(|row| row.place.place == first.from);
        let by_hand = from.is_some_and(|row| matches!(row.place.kind, PlaceKind::Cash | PlaceKind::Advance));
        if first.kind == MovementKind::Payout && by_hand {
            return Err(Failure::Fund(NotBooked::OtherLine));
        }
        let purse = self.purse_of(first.purse)?;
        let kind = match first.kind {
            MovementKind::Receipt => MovementKind::Bounced,
            _ => MovementKind::Returned,
        };
        let back = first.reversal(of, on, document(paper)?);
        // What was under way comes back to its account.
        let to = self.account_behind(back.to)?;
        // A period that is closed stays as it was signed.
        let (on, bank_day) = self.day_of_fact(on)?;
        let movement = Movement { kind, amount, to, on, bank_day, ..back };
        self.enter_line(&permit, movement, &purse, vec![of.entry, purse.entry], now)
    }

    /// What is left of a receipt goes back to whoever gave it, from the account that it came to.
    pub fn give_back(&self, of: LineId, amount: Fen, on: Day, paper: &str, now: Now) -> Result<Booked, Failure> {
        let permit = self.may_keep_book(now)?;
        let row = self.fund_line(of)?;
        let first = row.what.movement().filter(|movement| movement.kind == MovementKind::Receipt);
        let first = first.ok_or(Failure::Fund(NotBooked::OtherLine))?;
        let purse = self.purse_of(first.purse)?;
        let back = first.reversal(of, on, document(paper)?);
        let movement = Movement { kind: MovementKind::GivenBack, amount, ..back };
        self.enter_line(&permit, movement, &purse, vec![of.entry, purse.entry], now)
    }

    fn account_behind(&self, place: PlaceId) -> Result<PlaceId, Failure> {
        let row = fund::places(&self.bureau.store, &self.bureau.keys)?.into_iter().find(|row| row.place.place == place);
        Ok(row.and_then(|row| row.place.of).unwrap_or(place))
    }

    fn enter_line(
        &self,
        permit: &Permit<'_>,
        movement: Movement,
        purse: &PurseRow,
        parents: Vec<EntryId>,
        now: Now,
    ) -> Result<Booked, Failure> {
        let record = LineRecord { opens: None, books: purse.purse.books, movement, behind: None, parents };
        self.enter_record(permit, record, now)
    }

    /// A line with what belongs to it: kept whole or not at all.
    fn enter_record(&self, permit: &Permit<'_>, record: LineRecord, now: Now) -> Result<Booked, Failure> {
        let LineRecord { opens, books, movement, behind, parents } = record;
        if movement.on > now.today {
            return Err(Failure::Fund(NotBooked::Ahead { on: movement.on }));
        }
        let line = u16::from(opens.is_some());
        let content = match (&opens, &behind) {
            (None, None) => json!(movement),
            // A new purse has an id of its own each time.
            (Some((purse, _)), behind) => {
                json!([purse.code, Movement { purse: PurseId([0; 16]), ..movement.clone() }, behind])
            }
            (None, behind) => json!([movement, behind]),
        };
        let entry = match self.requested(&content)? {
            Request::New(entry) => entry,
            Request::Kept(entry) => return Ok(Booked::of(&self.fund_line(LineId { entry, line })?)),
        };
        let series = series_of(movement.kind, books, movement.on);
        let moved = Ledger::FundMoved(movement);
        let mut act = match opens {
            None => Act::new(entry, now.at, Subject::Bureau, moved),
            Some((purse, named)) => Act::new(entry, now.at, Subject::Bureau, Ledger::PurseOpened(purse))
                .person(Subject::Bureau, named)
                .and(moved),
        };
        act = behind.into_iter().fold(act.parents(parents), Act::and);
        act.series = series.into_iter().collect();
        let receipt = permit.keep(&act)?;
        Ok(Booked { id: LineId { entry, line }, number: receipt.issued.first().map(number_text) })
    }

    /// Numbers of a series up to this one are void: they stand on paper somewhere, or the paper was spoilt.
    pub fn void_numbers(&self, series: &str, to: u64, why: &str, now: Now) -> Result<(u64, u64), Failure> {
        let permit = self.may_keep_book(now)?;
        let why = super::rights::reason(why)?;
        let series = format!("{}{series}", fund::SERIES);
        let from = crate::views::next_of_series(&self.bureau.store, &series)?;
        let ledger = Ledger::NumbersVoided { series, from, to, on: now.today };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger);
        permit.keep(&act.person(Subject::Bureau, Person::Text(why)))?;
        Ok((from, to))
    }

    pub(in crate::command) fn purse_named(&self, code: &str) -> Result<PurseRow, Failure> {
        let rows = fund::purses(&self.bureau.store, &self.bureau.keys)?;
        rows.into_iter().find(|row| row.purse.code == code.trim()).ok_or(Failure::Fund(NotBooked::NoSuchPurse))
    }

    pub(super) fn purse_of(&self, id: PurseId) -> Result<PurseRow, Failure> {
        let rows = fund::purses(&self.bureau.store, &self.bureau.keys)?;
        rows.into_iter().find(|row| row.purse.purse == id).ok_or(Failure::Fund(NotBooked::NoSuchPurse))
    }

    pub(in crate::command) fn place_named(&self, code: &str) -> Result<PlaceRow, Failure> {
        let rows = fund::places(&self.bureau.store, &self.bureau.keys)?;
        rows.into_iter().find(|row| row.place.code == code.trim()).ok_or(Failure::Fund(NotBooked::NoSuchPlace))
    }

    pub(super) fn fund_line(&self, id: LineId) -> Result<LineRow, Failure> {
        fund::line(&self.bureau.store, &self.bureau.keys, id)?.ok_or(Failure::Fund(NotBooked::NoSuchLine))
    }

    /// The line that a number names, `r-general-2026-0012`; of a record with several, `v-general-2026-0012.2`.
    pub fn line_named(&self, text: &str, now: Now) -> Result<LineId, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let none = || Failure::Fund(NotBooked::NoSuchLine);
        let text = text.trim().to_lowercase();
        let (number, nth) = match text.split_once('.') {
            Some((number, nth)) => (number, nth.parse::<usize>().map_err(|_| none())?),
            None => (text.as_str(), 1),
        };
        let (series, serial) = number.rsplit_once('-').ok_or_else(none)?;
        let serial: u64 = serial.parse().map_err(|_| none())?;
        let lines =
            fund::line_of_number(&self.bureau.store, &self.bureau.keys, &format!("{}{series}", fund::SERIES), serial)?;
        lines.get(nth.saturating_sub(1)).map(|row| row.id).ok_or_else(none)
    }
}

fn code(typed: &str) -> Result<String, Failure> {
    let code = typed.trim().to_lowercase();
    match is_code(&code) {
        true => Ok(code),
        false => Err(Failure::NotAFundCode { asked: typed.to_owned() }),
    }
}

fn document(typed: &str) -> Result<String, Failure> {
    super::of_length(crate::lang::clean(typed).trim().to_owned(), DOCUMENT_CHARS_MAX)
}

/// Receipts have one series a book and year, everything else that leaves a paper another; a transfer leaves none.
fn series_of(kind: MovementKind, books: Books, on: Day) -> Option<String> {
    let paper = match kind {
        MovementKind::Receipt => "r",
        MovementKind::Transfer => return None,
        _ => "v",
    };
    Some(format!("{}{paper}-{}-{:04}", fund::SERIES, books.code(), on.year()))
}

fn number_text(issued: &Issued) -> String {
    format!("{}-{:04}", issued.series.strip_prefix(fund::SERIES).unwrap_or(&issued.series), issued.number)
}
