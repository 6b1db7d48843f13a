//! What holds of the fund's book whoever enters a line, in whatever order records come, and from whichever station.

use super::*;
use crate::command::fund::{Booking, NewPlace, NewPurse};
use crate::command::rights::Act;
use crate::domain::event::Ledger;
use crate::domain::fund::{
    Account, Book, BookLine, Closing, ClosingState, ClosingStep, LineId, Movement, MovementKind, NotBooked, PlaceCount,
    PlaceKind, Release, Reservation, What,
};
use crate::domain::{EntryId, Fen, PlaceId, PurseId, Subject};
use crate::views::fund;

const DAY: &str = "2026-06-30";

pub(super) fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

pub(super) fn place(office: &Office, code: &str, kind: PlaceKind) -> PlaceId {
    let new = NewPlace { code: code.into(), kind, zh: "示例".into(), en: "sample".into(), since: day("2026-01-01") };
    office.open_place(&new, on(DAY)).unwrap_or_else(|f| panic!("{}", said(&f))).place.place
}

pub(super) fn purse(office: &Office, code: &str, source: &str, kinds: &[&str], until: Option<&str>) -> PurseId {
    let new = NewPurse {
        code: code.into(),
        source: source.into(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        household: None,
        zh: "示例".into(),
        en: "sample".into(),
        since: day("2026-01-01"),
        until: until.map(day),
    };
    office.open_purse(&new, on(DAY)).unwrap_or_else(|f| panic!("{}", said(&f))).purse.purse
}

pub(super) fn booking(
    kind: MovementKind,
    purse: &str,
    from: Option<&str>,
    to: Option<&str>,
    yuan: i64,
    on: &str,
) -> Booking {
    Booking {
        kind,
        purse: purse.into(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
        amount: Fen(yuan * 100),
        on: day(on),
        document: String::new(),
        names: None,
    }
}

/// An office whose book is begun, with an accountant at it.
pub(super) fn begun(folder: &Path) -> (Office, Office) {
    let office = office(folder, 7, DAY);
    office.take_book(on(DAY)).unwrap_or_else(|f| panic!("{}", said(&f)));
    let accountant = another(&office, &["accountant"]);
    place(&accountant, "bank", PlaceKind::Bank);
    place(&accountant, "cash", PlaceKind::Cash);
    (office, accountant)
}

pub(super) fn not_booked<T>(result: Result<T, Failure>) -> NotBooked {
    match result {
        Err(Failure::Fund(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was booked"),
    }
}

#[test]
fn a_line_is_entered_read_proved_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S01", &[], None);
    let receipt = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 800, "2026-03-02");
    let booked = accountant.book(&receipt, on(DAY)).unwrap();
    assert_eq!(booked.number.as_deref(), Some("r-general-2026-0001"));
    accountant
        .book(&booking(MovementKind::Transfer, "gifts", Some("bank"), Some("cash"), 300, "2026-03-05"), on(DAY))
        .unwrap();
    let short = booking(MovementKind::Transfer, "gifts", Some("bank"), Some("cash"), 501, "2026-03-03");
    let missing = Fen(100);
    // The first day on which it would be missing is the first one at all here.
    assert_eq!(
        not_booked(accountant.book(&short, on(DAY))),
        NotBooked::PlaceShort { place: "bank".into(), on: day("2026-03-05"), missing }
    );
    let statement = accountant.fund_statement("gifts", day("2026-01-01"), day(DAY), on(DAY)).unwrap();
    assert_eq!((statement.opening.balance(), statement.closing.balance()), (Fen(0), Fen(80_000)));
    assert_eq!(statement.lines.iter().map(|line| line.moved.0).collect::<Vec<_>>(), [80_000, 0]);
    let cash = accountant.fund_statement("cash", day("2026-03-06"), day(DAY), on(DAY)).unwrap();
    assert_eq!((cash.opening.balance(), cash.lines.len()), (Fen(30_000), 0));
    let number = booked.number.unwrap();
    let id = accountant.line_named(&number, on(DAY)).unwrap();
    // What has been moved on is there no more to be taken back.
    assert!(matches!(not_booked(accountant.reverse(id, day("2026-04-01"), "", on(DAY))), NotBooked::PlaceShort { .. }));
    accountant
        .book(&booking(MovementKind::Transfer, "gifts", Some("cash"), Some("bank"), 300, "2026-03-20"), on(DAY))
        .unwrap();
    let reversal = accountant.reverse(id, day("2026-04-01"), "更正 1", on(DAY)).unwrap();
    assert_eq!(reversal.number.as_deref(), Some("v-general-2026-0001"));
    assert_eq!(not_booked(accountant.reverse(id, day("2026-04-02"), "", on(DAY))), NotBooked::AlreadyReversed);
    let ahead = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 1, "2026-07-01");
    assert!(matches!(not_booked(accountant.book(&ahead, on(DAY))), NotBooked::Ahead { .. }));
    let proof = accountant.check_book(None, on(DAY)).unwrap();
    assert!(proof.holds() && proof.lines == 4, "{proof:?}");
    assert_eq!(accountant.fund_state(day("2026-03-31"), on(DAY)).unwrap().purses_total().balance(), Fen(80_000));
    assert_eq!(accountant.fund_state(day("2026-04-01"), on(DAY)).unwrap().places_total().balance(), Fen(0));
}

#[test]
fn the_same_request_sent_twice_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, mut accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S01", &[], None);
    accountant.request([9; 16]);
    let receipt = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 800, "2026-03-02");
    let first = accountant.book(&receipt, on(DAY)).unwrap();
    assert_eq!(accountant.book(&receipt, on(DAY)).unwrap(), first);
    let other = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 801, "2026-03-02");
    assert!(matches!(accountant.book(&other, on(DAY)), Err(Failure::RequestUsed)));
}

#[test]
fn what_lies_in_a_purse_past_its_day_is_there_and_free_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S01", &[], None);
    purse(&accountant, "fire", "S04", &["P7"], Some("2026-04-30"));
    for (code, yuan) in [("gifts", 300), ("fire", 500)] {
        let booking = booking(MovementKind::Receipt, code, None, Some("bank"), yuan, "2026-03-02");
        accountant.book(&booking, on(DAY)).unwrap();
    }
    let free = |on_day: &str| {
        let state = accountant.fund_state(day(on_day), on("2026-06-01")).unwrap();
        let of_fire = state.purses.iter().find(|line| line.row.purse.code == "fire").unwrap();
        let statement = accountant.fund_statement("fire", day("2026-01-01"), day(on_day), on("2026-06-01")).unwrap();
        assert_eq!(statement.free, state.free(of_fire));
        (state.free(of_fire), state.free_total(), state.purses_total().balance())
    };
    assert_eq!(free("2026-04-30"), (Fen(50_000), Fen(80_000), Fen(80_000)));
    assert_eq!(free("2026-05-01"), (Fen(0), Fen(30_000), Fen(80_000)));
}

#[test]
fn two_desks_cannot_grant_the_same_money() {
    let folder = tempfile::tempdir().unwrap();
    let (office, accountant) = begun(folder.path());
    let purse = purse(&accountant, "fire", "S04", &["P7"], None);
    accountant.book(&booking(MovementKind::Receipt, "fire", None, Some("bank"), 8000, "2026-03-02"), on(DAY)).unwrap();
    let reserve = |id: u8| {
        let reservation = Reservation {
            purse,
            amount: Fen(500_000),
            on: day("2026-03-03"),
            until: day("2026-04-30"),
            aid: "P7".into(),
            dossier: None,
            person: None,
            unit: None,
        };
        Act::new(EntryId([id; 16]), on(DAY).at, Subject::Bureau, Ledger::FundReserved(reservation))
    };
    // Both in one drain of the queue: the second is looked at with the first one in the book.
    let permit = accountant.may(crate::command::Duty::KeepBook, on(DAY)).unwrap();
    let mut answers = permit.keep_all(&[reserve(1), reserve(2)]).into_iter();
    assert!(answers.next().unwrap().is_ok());
    let why = not_booked(answers.next().unwrap());
    assert_eq!(why, NotBooked::PurseShort { purse: "fire".into(), on: day("2026-03-03"), missing: Fen(200_000) });
    assert!(office.check_book(None, on(DAY)).is_err(), "who neither keeps nor sees the book proves nothing");
}

#[test]
fn a_cashier_does_not_keep_the_book() {
    let folder = tempfile::tempdir().unwrap();
    let (office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S01", &[], None);
    let receipt = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 800, "2026-03-02");
    let both = another(&office, &["accountant", "cashier"]);
    assert!(matches!(both.book(&receipt, on(DAY)), Err(Failure::CashierKeepsBook)));
    let cashier = another(&office, &["cashier"]);
    assert!(matches!(
        cashier.book(&receipt, on(DAY)),
        Err(Failure::NeedsRole { role: crate::command::Role::Accountant })
    ));
    assert!(cashier.fund_state(day(DAY), on(DAY)).is_ok());
}

#[test]
fn codes_are_given_once_and_are_no_names() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    let new = |code: &str, source: &str| NewPurse {
        code: code.into(),
        source: source.into(),
        kinds: Vec::new(),
        household: None,
        zh: "示例".into(),
        en: "sample".into(),
        since: day("2026-01-01"),
        until: None,
    };
    assert!(matches!(accountant.open_purse(&new("王芳", "S05"), on(DAY)), Err(Failure::NotAFundCode { .. })));
    assert!(matches!(accountant.open_purse(&new("w", "S99"), on(DAY)), Err(Failure::NoSuchCode { .. })));
    assert!(matches!(not_booked(accountant.open_purse(&new("bank", "S05"), on(DAY))), NotBooked::CodeTaken { .. }));
}

/// A small book of its own stream of chance: what is tried, by codes of places and purses that are there.
struct Tries(u64);

impl Tries {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % most
    }

    fn what(&mut self, places: &[PlaceId; 3], purses: &[PurseId; 3], known: &[LineId], book: &Book) -> What {
        let on = day("2026-01-01").plus_days(self.below(90) as i32);
        let (purse, amount) = (purses[self.below(3) as usize], Fen(self.below(60) as i64 * 100));
        let [bank, cash, way] = *places;
        let names = (!known.is_empty()).then(|| known[self.below(known.len().max(1) as u64) as usize]);
        let moved = |kind, from, to, names: Option<LineId>, aid: bool| {
            What::Moved(Movement {
                kind,
                from,
                to,
                purse,
                amount,
                on,
                bank_day: None,
                aid: aid.then(|| "P7".to_owned()),
                dossier: None,
                person: None,
                unit: None,
                document: String::new(),
                names,
            })
        };
        let out = PlaceId::OUTSIDE;
        match self.below(11) {
            10 => moved(MovementKind::GivenBack, bank, out, names, false),
            0 => moved(MovementKind::Opening, out, bank, None, false),
            1 => moved(MovementKind::Receipt, out, cash, None, false),
            2 => moved(MovementKind::Transfer, bank, cash, None, false),
            3 | 4 => What::Reserved(Reservation {
                purse,
                amount,
                on,
                until: on.plus_days(self.below(30) as i32),
                aid: "P7".into(),
                dossier: None,
                person: None,
                unit: None,
            }),
            5 => moved(MovementKind::Transfer, bank, way, names, false),
            6 => moved(MovementKind::Payout, if amount.0 % 200 == 0 { bank } else { way }, out, names, true),
            7 => match names.and_then(|id| book.lines().find(|line| line.id == id)).and_then(|l| l.what.movement()) {
                Some(first) => What::Moved(first.reversal(names.unwrap(), on, String::new())),
                None => moved(MovementKind::Expense, bank, out, None, false),
            },
            8 => moved(MovementKind::Returned, out, bank, names, true),
            _ => match names {
                Some(reservation) => What::Released(Release { reservation, amount, on }),
                None => moved(MovementKind::Receipt, out, bank, None, false),
            },
        }
    }
}

fn ledger_of(what: What) -> Ledger {
    match what {
        What::Moved(movement) => Ledger::FundMoved(movement),
        What::Reserved(reservation) => Ledger::FundReserved(reservation),
        What::Released(release) => Ledger::FundReleased(release),
    }
}

/// Counted, checked and closed, as the records say it.
fn close_month(office: &Office, book: &Book, to: Day) -> Closing {
    let (counted, closing) = count_month(office, book, to);
    let checked = office.new_entry().unwrap();
    closing_step(office, checked, &[counted], ClosingState::Checked).unwrap_or_else(|f| panic!("{}", said(&f)));
    // Whoever has not seen who checked does not close.
    let closed = office.new_entry().unwrap();
    let unseen = closing_step(office, closed, &[counted], ClosingState::Closed);
    assert_eq!(not_booked(unseen), NotBooked::ClosingStep);
    let seen = closing_step(office, closed, &[counted, checked], ClosingState::Closed);
    seen.unwrap_or_else(|f| panic!("{}", said(&f)));
    closing
}

/// A step of what `parents` begins with.
fn closing_step(office: &Office, id: EntryId, parents: &[EntryId], to: ClosingState) -> Result<(), Failure> {
    let step = ClosingStep { closing: parents[0], to, on: day(DAY) };
    let act = Act::new(id, on(DAY).at, Subject::Bureau, Ledger::PeriodMoved(step));
    office.keep(&act.parents(parents.iter().copied())).map(drop)
}

fn count_month(office: &Office, book: &Book, to: Day) -> (EntryId, Closing) {
    let count = |place: &PlaceId| {
        let fen = book.sums(Account::Place(*place), to).balance();
        PlaceCount { place: *place, book: fen, counted: fen }
    };
    let purses = book.purses.keys().map(|purse| (*purse, book.sums(Account::Purse(*purse), to).balance()));
    let places = book.places.keys().map(count).collect();
    let (from, on_day) = (Day::from_ymd(to.year(), to.month(), 1).unwrap(), to.plus_days(2));
    let closing = Closing { from, to, on: on_day, places, purses: purses.collect() };
    let counted = office.new_entry().unwrap();
    let act = Act::new(counted, on(DAY).at, Subject::Bureau, Ledger::PeriodCounted(closing.clone()));
    office.keep(&act).unwrap_or_else(|f| panic!("{}", said(&f)));
    (counted, closing)
}

/// Whatever is tried, the queue takes exactly what the book worked out plainly takes, for the same reason; the rows are those
/// of the lines, whatever order they come in; and every sum holds on every day.
#[test]
fn rows_and_the_plain_book_agree_on_every_try() {
    let folder = tempfile::tempdir().unwrap();
    let (office, accountant) = begun(folder.path());
    let way = accountant.place_named("bank-way").unwrap().place.place;
    let places = [accountant.place_named("bank").unwrap(), accountant.place_named("cash").unwrap()];
    let places = [places[0].place.place, places[1].place.place, way];
    let purses = [
        purse(&accountant, "fire", "S04", &["P7"], Some("2026-02-20")),
        purse(&accountant, "gifts", "S01", &[], None),
        purse(&accountant, "office", "S02", &[], None),
    ];
    let rows = || fund::places(&office.bureau.store, &office.bureau.keys).unwrap().into_iter().map(|row| row.place);
    let purse_rows = fund::purses(&office.bureau.store, &office.bureau.keys).unwrap().into_iter().map(|row| row.purse);
    let mut book = Book::new(rows(), purse_rows);
    // A line is folded behind what it goes by.
    let opened: Vec<EntryId> = fund::places(&office.bureau.store, &office.bureau.keys)
        .unwrap()
        .into_iter()
        .map(|row| row.entry)
        .chain(fund::purses(&office.bureau.store, &office.bureau.keys).unwrap().into_iter().map(|row| row.entry))
        .collect();
    let mut tries = Tries(0x2545_f491_4f6c_dd1d);
    let (mut known, mut refused) = (Vec::new(), 0);
    for tried in 0..400 {
        let what = tries.what(&places, &purses, &known, &book);
        let id = LineId { entry: office.new_entry().unwrap(), line: 0 };
        let parents = opened.iter().copied().chain(what.names().map(|id| id.entry));
        // January is closed on the way: from then on both refuse what is dated in it.
        if tried == 300 {
            book.close(close_month(&office, &book, day("2026-01-31")));
        }
        let expected = book.with(&[BookLine { id, what: what.clone(), number: None }]);
        let act = Act::new(id.entry, on(DAY).at, Subject::Bureau, ledger_of(what.clone())).parents(parents);
        match (expected, office.keep(&act)) {
            (Ok(more), Ok(_)) => {
                book = more;
                known.push(id);
            }
            (Err(expected), Err(Failure::Fund(why))) => {
                assert_eq!(why, expected, "{what:?}");
                refused += 1;
            }
            (expected, kept) => panic!("{what:?}: {:?} {kept:?}", expected.err()),
        }
    }
    assert!(known.len() > 60 && refused > 60, "{} lines, {refused} refused", known.len());
    let proof = accountant.check_book(None, on(DAY)).unwrap();
    assert!(proof.holds(), "{proof:?}");
    for account in book.accounts() {
        let on = day("2026-02-10");
        assert_eq!(fund::sums(&office.bureau.store, &office.bureau.keys, account, on).unwrap(), book.sums(account, on));
    }
    let frames = frames(&office);
    let mut in_order = Rows::default();
    frames.iter().for_each(|frame| in_order.fold(&office, frame));
    let mut state = 77;
    for round in 0..3 {
        let mut other = Rows::default();
        shuffled(&frames, &mut state).iter().for_each(|frame| other.fold(&office, frame));
        assert!(other.0 == in_order.0, "order {round} made other rows");
    }
}

#[test]
fn of_two_stations_at_one_book_only_the_keepers_lines_count() {
    let one = tempfile::tempdir().unwrap();
    let two = tempfile::tempdir().unwrap();
    let copy = two.path().join("copy");
    let january = {
        let (office, accountant) = begun(one.path());
        purse(&accountant, "gifts", "S01", &[], None);
        let places = fund::places(&office.bureau.store, &office.bureau.keys).unwrap().into_iter().map(|row| row.place);
        let purses = fund::purses(&office.bureau.store, &office.bureau.keys).unwrap().into_iter().map(|row| row.purse);
        let (counted, closing) = count_month(&office, &Book::new(places, purses), day("2026-01-31"));
        let checked = office.new_entry().unwrap();
        closing_step(&office, checked, &[counted], ClosingState::Checked).unwrap();
        accountant
            .book(&booking(MovementKind::Receipt, "gifts", None, Some("bank"), 500, "2026-03-02"), on(DAY))
            .unwrap();
        drop(accountant);
        office.close().unwrap();
        (closing.to, [counted, checked])
    };
    let (last, steps) = january;
    copy_folder(one.path(), &copy);
    let receipt = |yuan| booking(MovementKind::Receipt, "gifts", None, Some("bank"), yuan, "2026-03-03");
    let other = super::office(&copy, 8, DAY);
    let her = another(&other, &["accountant"]);
    // Nobody books beside the keeper; whoever takes the book says from which record on.
    assert_eq!(not_booked(her.book(&receipt(70), on(DAY))), NotBooked::NotOurBook);
    other.take_book(on(DAY)).unwrap();
    let booked = her.book(&receipt(70), on(DAY)).unwrap();
    assert_eq!(booked.number.as_deref(), Some("r-general-2026-0002"));
    // Meanwhile the first goes on, not knowing of it.
    let first = super::office(one.path(), 9, DAY);
    let he = another(&first, &["accountant"]);
    he.book(&receipt(40), on(DAY)).unwrap();
    // Both close the month, and both say what was paid before the book began.
    closing_step(&first, EntryId([1; 16]), &steps, ClosingState::Closed).unwrap();
    closing_step(&other, EntryId([254; 16]), &steps, ClosingState::Closed).unwrap();
    he.note_former((2020, "P1"), Fen(900), 9, "", on(DAY)).unwrap();
    her.note_former((2020, "P1"), Fen(500), 5, "", on(DAY)).unwrap();
    let all: Vec<Frame> = frames(&other).into_iter().chain(frames(&first)).collect();
    let mut state = 5;
    let mut rows_before: Option<Rows> = None;
    for _ in 0..4 {
        let mut rows = Rows::default();
        let mut seen = std::collections::BTreeSet::new();
        for frame in shuffled(&all, &mut state).iter().filter(|frame| seen.insert(frame.entry)) {
            let changes = views::fold(&rows, &other.bureau.keys, frame).unwrap();
            for change in changes {
                match change.value {
                    Some(value) => rows.0.insert((change.keyspace, change.key), value),
                    None => rows.0.remove(&(change.keyspace, change.key)),
                };
            }
        }
        let lines = fund::all_lines(&rows, &other.bureau.keys).unwrap();
        assert_eq!((lines.len(), lines.iter().filter(|line| line.counts).count()), (3, 2));
        let purse = fund::purses(&rows, &other.bureau.keys).unwrap().remove(0).purse.purse;
        let sums = fund::sums(&rows, &other.bureau.keys, Account::Purse(purse), day(DAY)).unwrap();
        assert_eq!(sums.balance(), Fen(57_000));
        let former = fund::former_years(&rows, &other.bureau.keys).unwrap();
        assert_eq!(former.iter().map(|row| row.former.person_times).collect::<Vec<_>>(), [5]);
        assert_eq!(fund::closed_until(&rows, &other.bureau.keys).unwrap(), Some(last));
        let of_fund = |rows: &Rows| {
            let fund = rows.0.iter().filter(|((keyspace, _), _)| keyspace.0.starts_with("fund_"));
            fund.map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>()
        };
        if let Some(before) = &rows_before {
            assert!(of_fund(before) == of_fund(&rows));
        }
        rows_before = Some(rows);
    }
}

#[test]
fn a_number_that_was_spoilt_is_void_and_leaves_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let (_office, accountant) = begun(folder.path());
    purse(&accountant, "gifts", "S01", &[], None);
    let receipt = booking(MovementKind::Receipt, "gifts", None, Some("bank"), 5, "2026-03-02");
    accountant.book(&receipt, on(DAY)).unwrap();
    assert!(matches!(accountant.void_numbers("r-general-2026", 3, "短", on(DAY)), Err(Failure::NotAReason { .. })));
    let voided = accountant.void_numbers("r-general-2026", 3, "两张收据写坏作废", on(DAY)).unwrap();
    assert_eq!(voided, (2, 3));
    let why = not_booked(accountant.void_numbers("r-general-2026", 3, "两张收据写坏作废", on(DAY)));
    assert_eq!(why, NotBooked::NumbersTaken { last: 3 });
    assert_eq!(accountant.book(&receipt, on(DAY)).unwrap().number.as_deref(), Some("r-general-2026-0004"));
    assert!(accountant.check_book(None, on(DAY)).unwrap().holds());
}
