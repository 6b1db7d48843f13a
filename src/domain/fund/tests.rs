//! Aligned tables of small books, and random books that hold every sum on every day.

use super::*;
use crate::domain::{Day, DossierId, EntryId, Fen, PersonId, PlaceId, PurseId, UnitId};
use proptest::prelude::*;

const BANK: PlaceId = PlaceId([1; 16]);
const CASH: PlaceId = PlaceId([2; 16]);
const WAY: PlaceId = PlaceId([3; 16]);
const OUT: PlaceId = PlaceId::OUTSIDE;
const FIRE: PurseId = PurseId([1; 16]);
const GIFTS: PurseId = PurseId([2; 16]);
const OFFICE: PurseId = PurseId([3; 16]);

fn day(of_june: i32) -> Day {
    Day::from_ymd(2018, 6, 1).unwrap().plus_days(of_june - 1)
}

/// `fire` is for accidents until the end of June, `gifts` for every kind of aid, `office` is operating money.
fn book() -> Book {
    let place = |place, code: &str, kind, of| Place { place, code: code.into(), kind, of, since: day(1) };
    let purse = |purse, code: &str, source: &str, kinds: &[&str], until| Purse {
        purse,
        code: code.into(),
        source: source.into(),
        books: Books::of_source(source),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        household: None,
        donor: None,
        since: day(1),
        until,
    };
    Book::new(
        [
            place(BANK, "bank", PlaceKind::Bank, None),
            place(CASH, "cash", PlaceKind::Cash, None),
            place(WAY, "way", PlaceKind::UnderWay, Some(BANK)),
        ],
        [
            purse(FIRE, "fire", "S04", &["P7"], Some(day(30))),
            purse(GIFTS, "gifts", "S01", &[], None),
            purse(OFFICE, "office", "S02", &[], None),
        ],
    )
}

fn id(number: u16) -> LineId {
    let [high, low] = number.to_be_bytes();
    let mut entry = [0; 16];
    (entry[0], entry[1]) = (high, low);
    LineId { entry: EntryId(entry), line: 0 }
}

fn moved(kind: MovementKind, from: PlaceId, to: PlaceId, purse: PurseId, yuan: i64, on: Day) -> Movement {
    let is_aid = matches!(kind, MovementKind::Payout | MovementKind::Returned);
    Movement {
        kind,
        from,
        to,
        purse,
        amount: Fen(yuan * 100),
        on,
        bank_day: None,
        aid: is_aid.then(|| "P7".to_owned()),
        dossier: is_aid.then_some(DossierId([7; 16])),
        person: is_aid.then_some(PersonId([8; 16])),
        unit: is_aid.then_some(UnitId([9; 16])),
        document: String::new(),
        names: None,
    }
}

fn reserved(purse: PurseId, aid: &str, yuan: i64, on: Day, until: Day) -> What {
    What::Reserved(Reservation {
        purse,
        amount: Fen(yuan * 100),
        on,
        until,
        aid: aid.into(),
        dossier: Some(DossierId([7; 16])),
        person: Some(PersonId([8; 16])),
        unit: Some(UnitId([9; 16])),
    })
}

/// One line a table row: `kind purse from>to amount day names`, and the outcome last.
fn play(table: &str) -> Book {
    let mut book = book();
    for (at, line) in table.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [kind, purse, way, yuan, on, names, outcome] = words[..] else { panic!("{line}") };
        let purse = match purse {
            "fire" => FIRE,
            "gifts" => GIFTS,
            "office" => OFFICE,
            other => panic!("{other}"),
        };
        let place = |code: &str| match code {
            "out" => OUT,
            "bank" => BANK,
            "cash" => CASH,
            "way" => WAY,
            other => panic!("{other}"),
        };
        let yuan: i64 = yuan.parse().unwrap();
        let on = day(on.parse().unwrap());
        let names: Option<LineId> = names.parse().ok().map(id);
        let what = match kind {
            "reserve" => reserved(purse, way, yuan, on, day(40)),
            "release" => What::Released(Release { reservation: names.unwrap(), amount: Fen(yuan * 100), on }),
            "reverse" => {
                let of = names.unwrap();
                let first = book.lines().find(|line| line.id == of).unwrap().what.movement().unwrap().clone();
                What::Moved(first.reversal(of, on, String::new()))
            }
            kind => {
                let (from, to) = way.split_once('>').unwrap();
                let kind = MovementKind::ALL.into_iter().find(|one| one.code() == kind).unwrap();
                What::Moved(Movement { names, ..moved(kind, place(from), place(to), purse, yuan, on) })
            }
        };
        let line_of_book = BookLine { id: id(at as u16 + 1), what, number: None };
        let came = match book.with(&[line_of_book]) {
            Ok(more) => {
                book = more;
                "booked".to_owned()
            }
            Err(NotBooked::PurseShort { on, missing, .. }) => format!("purse_short:{on}:{}", missing.yuan()),
            Err(NotBooked::PlaceShort { on, missing, .. }) => format!("place_short:{on}:{}", missing.yuan()),
            Err(why) => why.code().to_owned(),
        };
        assert_eq!(came, outcome, "row {}: {line}", at + 1);
    }
    book
}

#[test]
fn a_purse_pays_what_it_has_for_what_it_is_for() {
    let book = play(
        "
        receipt fire   out>bank 8000 2  - booked
        reserve fire   P7       6000 3  - booked
        reserve fire   P7       2000 3  - booked
        reserve fire   P7       1    3  - purse_short:2018-06-03:1.00
        reserve fire   P6       1    3  - purpose_differs
        payout  fire   bank>out 6000 5  2 booked
        payout  fire   bank>out 1    5  2 reservation_short
        payout  fire   bank>out 500  5  - not_reserved
        release fire   -        2000 6  3 booked
        reserve fire   P7       2000 30 - booked
        reserve fire   P7       1    31 - expired
        ",
    );
    let sums = book.sums(Account::Purse(FIRE), day(30));
    assert_eq!((sums.balance(), sums.reserved(), sums.free()), (Fen(200_000), Fen(200_000), Fen(0)));
    // The purse's own last day ends what was reserved of it.
    assert_eq!(book.sums(Account::Purse(FIRE), day(31)).free(), Fen(200_000));
    assert_eq!(book.broken(None), []);
}

#[test]
fn a_movement_dated_back_is_refused_by_the_first_day_that_it_would_leave_short() {
    play(
        "
        receipt  gifts out>bank 100 2  - booked
        transfer gifts bank>cash 80 10 - booked
        transfer gifts bank>cash 20 5  - booked
        transfer gifts bank>cash 1  3  - place_short:2018-06-10:1.00
        receipt  gifts out>bank 1   9  - booked
        transfer gifts bank>cash 81 3  - place_short:2018-06-05:1.00
        transfer gifts bank>cash 1  9  - booked
        reverse  gifts -        0   12 1 place_short:2018-06-12:100.00
        ",
    );
}

#[test]
fn a_banks_fact_is_booked_and_what_it_leads_to_is_found() {
    let book = play(
        "
        receipt gifts out>bank 100 2 - booked
        reserve gifts P7       100 3 - booked
        payout  gifts bank>out 100 4 2 booked
        bounced gifts bank>out 100 5 1 booked
        bounced gifts bank>out 1   5 1 more_than
        returned gifts out>bank 40 6 3 booked
        returned gifts out>bank 61 6 3 more_than
        reverse gifts -        0   6 3 already_reversed
        ",
    );
    let broken = book.broken(None);
    assert!(broken.contains(&Broken::Below { account: Account::Purse(GIFTS), on: day(5), missing: Fen(10_000) }));
    assert_eq!(book.held(id(2)).unwrap().on(day(6)), Fen(4_000), "what came back is reserved until somebody decides");
    // Nothing else is in the way of what makes it better.
    let better = moved(MovementKind::Receipt, OUT, BANK, GIFTS, 30, day(7));
    assert!(book.with(&[BookLine { id: id(99), what: What::Moved(better), number: None }]).is_ok());
}

#[test]
fn a_period_comes_to_its_lines_and_times_people_and_households_are_three_counts() {
    let book = play(
        "
        opening gifts out>bank 100 2 - booked
        receipt fire  out>bank 50  3 - booked
        receipt gifts out>bank 30  4 - booked
        reverse gifts -        0   5 3 booked
        reserve gifts P7       40  6 - booked
        reserve fire  P7       20  6 - booked
        payout  gifts bank>out 25  7 5 booked
        payout  gifts bank>out 15  8 5 booked
        payout  fire  bank>out 20  8 6 booked
        returned fire out>bank 5   9 9 booked
        returned fire out>bank 15  40 9 booked
        ",
    );
    let lines: Vec<BookLine> = book.lines().cloned().collect();
    let of = |from: i32, to: i32| year(&lines, &book.purses, None, day(from), day(to));
    let june = of(1, 30);
    assert!(june.holds());
    assert_eq!((june.opening, june.begun_with, june.closing), (Fen(0), Fen(10_000), Fen(9_500)));
    assert_eq!(june.receipts["S04"], Fen(5_000));
    assert_eq!(june.receipts["S01"], Fen(0), "what was a mistake came to nothing");
    let aid = june.all_aid;
    // Two payouts, of which one in two lines and one with a part sent back: one person, one household.
    assert_eq!((aid.amount, aid.person_times, aid.persons, aid.households), (Fen(5_500), 2, 1, 1));
    // The rest comes back in July: one time less, in July.
    let july = of(31, 60);
    assert!(july.holds() && july.opening == june.closing);
    assert_eq!((july.all_aid.amount, july.all_aid.person_times), (Fen(-1_500), -1));
    assert_eq!(of(1, 60).all_aid.person_times, 1);
    let none = year(&lines, &book.purses, Some(Books::Operating), day(1), day(60));
    assert_eq!(none, YearStatement::default());
}

#[test]
fn what_is_left_of_a_grant_goes_back_to_whoever_gave_it_and_no_more_than_that() {
    let book = play(
        "
        receipt    fire out>bank 100 2  - booked
        reserve    fire P7       60  3  - booked
        payout     fire bank>out 60  4  2 booked
        receipt    gifts out>bank 500 4 - booked
        given_back fire bank>out 41  31 1 purse_short:2018-07-01:1.00
        given_back fire bank>out 40  31 1 booked
        given_back fire bank>out 1   31 1 purse_short:2018-07-01:1.00
        receipt    fire out>bank 50  32 - booked
        given_back fire bank>out 50  33 8 booked
        given_back fire bank>out 1   33 8 more_than
        given_back fire bank>out 1   33 3 other_line
        given_back fire bank>out 1   33 - no_such_line
        reverse    fire -        0   33 8 already_reversed
        ",
    );
    let lines: Vec<BookLine> = book.lines().cloned().collect();
    let all = year(&lines, &book.purses, None, day(1), day(40));
    assert!(all.holds());
    // It is less of what came in, and no aid.
    assert_eq!((all.receipts["S04"], all.all_aid.amount, all.closing), (Fen(6_000), Fen(6_000), Fen(50_000)));
    assert_eq!(book.broken(None), []);
}

#[test]
fn aid_and_operating_money_never_meet() {
    play(
        "
        receipt office out>bank 100 2 - booked
        receipt gifts  out>bank 100 2 - booked
        reserve office P1       1   3 - operating_is_no_aid
        expense gifts  bank>out 1   3 - aid_pays_no_cost
        expense office bank>out 100 3 - booked
        expense office bank>out 1   3 - purse_short:2018-06-03:1.00
        ",
    );
}

#[test]
fn what_is_sent_stays_in_the_purse_until_the_bank_has_answered() {
    let book = play(
        "
        receipt  gifts out>bank 100 2 - booked
        reserve  gifts P7       60  3 - booked
        transfer gifts bank>way 60  4 2 booked
        transfer gifts bank>way 1   4 2 reservation_short
        payout   gifts way>out  50  6 2 booked
        transfer gifts way>bank 10  6 2 booked
        transfer gifts bank>cash 5  6 2 way
        ",
    );
    let sums = book.sums(Account::Purse(GIFTS), day(5));
    assert_eq!((sums.balance(), sums.reserved()), (Fen(10_000), Fen(6_000)));
    assert_eq!(book.sums(Account::Place(WAY), day(6)).balance(), Fen(0));
    assert_eq!(book.sums(Account::Purse(GIFTS), day(6)).reserved(), Fen(1_000));
    assert_eq!(book.broken(None), []);
}

#[test]
fn what_goes_nowhere_or_the_wrong_way_is_refused() {
    play(
        "
        receipt  gifts out>out  5 2 - way
        receipt  gifts bank>out 5 2 - way
        transfer gifts bank>bank 5 2 - way
        opening  gifts out>bank 0 2 - amount
        opening  gifts out>bank 5 0 - before
        opening  gifts out>bank 5 2 - booked
        reverse  gifts -        0 1 6 before
        reverse  gifts -        0 3 6 booked
        reverse  gifts -        0 3 6 already_reversed
        ",
    );
}

#[test]
fn a_series_with_a_gap_or_a_double_is_found_and_a_void_fills_a_gap() {
    let receipt = |at: u16, number: u64| BookLine {
        id: id(at),
        what: What::Moved(moved(MovementKind::Receipt, OUT, BANK, GIFTS, 5, day(2))),
        number: Some(("fund-r-general-2018".into(), number)),
    };
    let mut book = book();
    [receipt(1, 1), receipt(2, 3), receipt(3, 3)].into_iter().for_each(|line| book.take(line));
    let series = || "fund-r-general-2018".to_owned();
    assert_eq!(
        book.broken(None),
        [Broken::NumberMissing { series: series(), number: 2 }, Broken::NumberTwice { series: series(), number: 3 }]
    );
    book.void(series(), 2, 2);
    assert_eq!(book.broken(None).len(), 1);
}

/// What somebody may try, in small numbers so that the tries get into each other's way.
fn tried() -> impl Strategy<Value = (u8, u8, i64, i32, u16, u8)> {
    (0..11_u8, 0..3_u8, 1..60_i64, 1..45_i32, 1..40_u16, 0..3_u8)
}

fn made_of(book: &Book, (kind, purse, yuan, on, names, places): (u8, u8, i64, i32, u16, u8)) -> What {
    let purse = [FIRE, GIFTS, OFFICE][usize::from(purse)];
    let on = day(on);
    let from = [BANK, CASH, WAY][usize::from(places)];
    let names = id(names);
    match kind {
        0 => What::Moved(moved(MovementKind::Opening, OUT, BANK, purse, yuan * 3, on)),
        1 => What::Moved(moved(MovementKind::Receipt, OUT, from, purse, yuan * 3, on)),
        2 => What::Moved(moved(MovementKind::Transfer, BANK, CASH, purse, yuan, on)),
        3 => reserved(purse, "P7", yuan, on, on.plus_days(yuan as i32 % 9)),
        4 => What::Moved(Movement { names: Some(names), ..moved(MovementKind::Transfer, BANK, WAY, purse, yuan, on) }),
        5 => What::Moved(Movement { names: Some(names), ..moved(MovementKind::Payout, from, OUT, purse, yuan, on) }),
        6 => What::Moved(moved(MovementKind::Expense, BANK, OUT, purse, yuan, on)),
        7 => match book.lines().find(|line| line.id == names).and_then(|line| line.what.movement()) {
            Some(first) => What::Moved(first.reversal(names, on, String::new())),
            None => What::Released(Release { reservation: names, amount: Fen(yuan * 100), on }),
        },
        8 => What::Moved(Movement { names: Some(names), ..moved(MovementKind::Returned, OUT, BANK, purse, yuan, on) }),
        9 => What::Moved(Movement { names: Some(names), ..moved(MovementKind::GivenBack, BANK, OUT, purse, yuan, on) }),
        _ => What::Released(Release { reservation: names, amount: Fen(yuan * 100), on }),
    }
}

/// The end of a period as the book has it.
fn closing_of(book: &Book, to: Day) -> Closing {
    let count = |place: &PlaceId| {
        let fen = book.sums(Account::Place(*place), to).balance();
        PlaceCount { place: *place, book: fen, counted: fen }
    };
    Closing {
        from: day(1),
        to,
        on: to.plus_days(1),
        places: book.places.keys().map(count).collect(),
        purses: book.purses.keys().map(|purse| (*purse, book.sums(Account::Purse(*purse), to).balance())).collect(),
    }
}

#[test]
fn the_last_closed_day_is_refused_and_the_next_one_taken() {
    let mut book = play("receipt gifts out>bank 100 2 - booked");
    book.close(closing_of(&book, day(10)));
    let receipt = |at: u16, on: i32| BookLine {
        id: id(at),
        what: What::Moved(moved(MovementKind::Receipt, OUT, BANK, GIFTS, 5, day(on))),
        number: None,
    };
    assert_eq!(book.with(&[receipt(20, 10)]).unwrap_err(), NotBooked::Closed { on: day(10), first: day(11) });
    assert!(book.with(&[receipt(20, 11)]).is_ok());
    // A bank's fact is no exception: it has a day of its own beside the one that it is booked on.
    let back = Movement { names: Some(id(1)), ..moved(MovementKind::Bounced, BANK, OUT, GIFTS, 5, day(10)) };
    let back = BookLine { id: id(20), what: What::Moved(back), number: None };
    assert!(matches!(book.with(&[back]), Err(NotBooked::Closed { .. })));
    // Nor does a line come under a name that stands there.
    assert_eq!(book.with(&[receipt(1, 11)]).unwrap_err(), NotBooked::LineTwice);
    // What comes all the same, from elsewhere, is found.
    assert_eq!(book.broken(None), []);
    book.take(receipt(20, 10));
    book.settle();
    let found = book.broken(None);
    assert_eq!(found, [Broken::ClosingDiffers { account: Account::Place(BANK), on: day(10) }]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever somebody tries in whatever order of days, what is admitted holds every sum on every day, and the book is the
    /// same in whatever order its lines are taken in.
    #[test]
    fn a_random_book_holds_every_sum_on_every_day(
        tries in proptest::collection::vec(tried(), 1..60),
        closes_at in 5..60_usize,
        closed_to in 1..30_u32,
    ) {
        let mut book = book();
        let mut admitted: Vec<BookLine> = Vec::new();
        for (at, tried) in tries.into_iter().enumerate() {
            if at == closes_at {
                book.close(closing_of(&book, day(i32::try_from(closed_to).unwrap())));
            }
            let line = BookLine { id: id(at as u16 + 1), what: made_of(&book, tried), number: None };
            let closed = day(i32::try_from(closed_to).unwrap());
            if let Ok(more) = book.with(std::slice::from_ref(&line)) {
                prop_assert!(at < closes_at || line.what.on() > closed, "{line:?} is dated in what is closed");
                book = more;
                admitted.push(line);
                let broken = book.broken(None);
                prop_assert!(broken.is_empty(), "{broken:?}");
                let lines: Vec<BookLine> = book.lines().cloned().collect();
                let period = year(&lines, &book.purses, None, day(10), day(25));
                prop_assert!(period.holds(), "{period:?}");
                // However lines are told apart, the groups sum to the statement.
                let aid = aid_lines(&lines, &book.purses, None, day(25));
                let within = || aid.iter().filter(|line| line.movement.on >= day(10));
                let groups = [
                    tally(within(), |line| line.movement.purse.hex()),
                    tally(within(), |line| line.movement.on.to_string()),
                    tally(within(), |line| line.movement.unit.map(|unit| unit.hex()).unwrap_or_default()),
                ];
                for groups in groups {
                    let sum = |of: &dyn Fn(&AidCount) -> i64| groups.values().map(|group| of(&group.counts)).sum::<i64>();
                    prop_assert_eq!(sum(&|counts| counts.amount.0), period.all_aid.amount.0);
                    prop_assert_eq!(sum(&|counts| counts.person_times), period.all_aid.person_times);
                }
            }
        }
        let mut backward = Book::new(book.places.values().cloned(), book.purses.values().cloned());
        admitted.into_iter().rev().for_each(|line| backward.take(line));
        backward.settle();
        for account in book.accounts() {
            let sums = |book: &Book| book.days(account).filter(|(_, sums)| !sums.is_zero()).collect::<Vec<_>>();
            prop_assert_eq!(sums(&book), sums(&backward));
        }
    }
}

#[test]
fn what_took_something_back_and_is_reversed_took_nothing_back() {
    let book = play(
        "
        receipt    gifts out>bank 100 2 - booked
        given_back gifts bank>out 40  3 1 booked
        given_back gifts bank>out 61  3 1 more_than
        reverse    gifts -        0   3 1 already_reversed
        reverse    gifts -        0   4 2 booked
        given_back gifts bank>out 101 5 1 more_than
        bounced    gifts bank>out 100 5 1 booked
        bounced    gifts bank>out 1   5 1 more_than
        reverse    gifts -        0   6 7 booked
        reverse    gifts -        0   7 1 booked
        ",
    );
    let lines: Vec<BookLine> = book.lines().cloned().collect();
    let gifts: Vec<_> = gift_lines(&lines).iter().map(|gift| (gift.kind, gift.given.0, gift.receipts)).collect();
    let (receipt, back, bounced) = (MovementKind::Receipt, MovementKind::GivenBack, MovementKind::Bounced);
    assert_eq!(
        gifts,
        [
            (receipt, 10_000, 1),
            (back, -4_000, 0),
            (back, 4_000, 0),
            (bounced, -10_000, 0),
            (bounced, 10_000, 0),
            (receipt, -10_000, -1),
        ]
    );
    let book = play(
        "
        receipt  fire out>bank 100 2  - booked
        reserve  fire P7       60  3  - booked
        payout   fire bank>out 60  4  2 booked
        returned fire out>bank 60  5  3 booked
        reverse  fire -        0   6  4 booked
        payout   fire bank>out 1   7  2 reservation_short
        returned fire out>bank 60  8  3 booked
        payout   fire bank>out 60  9  2 booked
        reverse  fire -        0   10 7 reservation_short
        ",
    );
    let lines: Vec<BookLine> = book.lines().cloned().collect();
    assert_eq!(gift_lines(&lines).len(), 1, "aid is no gift");
    assert_eq!(book.broken(None), []);
}
