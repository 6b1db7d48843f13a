//! What holds of aid counted: whatever it is told apart by, a table sums to its lines, and each line of it opens to lines that
//! come to just that.

use super::aid::Town;
use super::fund::day;
use super::*;
use crate::command::fund::{AidBy, AidQuery};
use crate::command::rights::Act;
use crate::domain::event::Ledger;
use crate::domain::{Fen, Subject};

const PAID: &str = "2026-04-28";

#[test]
fn every_total_opens_to_its_lines_and_equals_them() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    for (event, draws) in [("一", &[("fire", 1_500), ("gifts", 1_000)][..]), ("二", &[("gifts", 300)])] {
        let row = town.posted(town.dossier, event, draws);
        town.cashier.pay_in_cash(&row, "box", "本人", on(PAID)).unwrap_or_else(|f| panic!("{}", said(&f)));
    }
    let accountant = &town.accountant;
    let query = |by, then| AidQuery { by, then, books: None, source: None, from: day("2026-01-01"), to: day(PAID) };
    for by in AidBy::ALL {
        for then in AidBy::ALL.into_iter().map(Some).chain([None]) {
            let query = query(by, then);
            let report = accountant.aid_report(&query, on(PAID)).unwrap();
            // Two payouts, one of them over two purses: two times, one person, one household.
            let all = report.all;
            assert_eq!((all.amount, all.person_times, all.persons, all.households), (Fen(280_000), 2, 1, 1));
            let mut sums = (0, 0);
            for (key, group) in &report.groups {
                let opened = accountant.aid_report_lines(&query, (&key.0, key.1.as_deref()), on(PAID)).unwrap();
                let paid: i64 = opened.iter().map(|line| line.paid.0).sum();
                let times: i64 = opened.iter().map(|line| line.person_times).sum();
                assert_eq!((paid, times), (group.counts.amount.0, group.counts.person_times), "{key:?}");
                assert_eq!(opened.iter().map(|line| line.row.id).collect::<Vec<_>>(), group.lines);
                sums = (sums.0 + paid, sums.1 + times);
            }
            assert_eq!(sums, (all.amount.0, all.person_times), "{by:?} {then:?}");
        }
    }
    let by_source = accountant.aid_report(&query(AidBy::Source, None), on(PAID)).unwrap();
    let amounts: Vec<_> = by_source.groups.iter().map(|(key, group)| (key.0.as_str(), group.counts.amount.0)).collect();
    assert_eq!(amounts, [("S01", 130_000), ("S04", 150_000)]);
    let by_category = accountant.aid_report(&query(AidBy::Category, None), on(PAID)).unwrap();
    assert_eq!(by_category.groups.keys().map(|key| key.0.as_str()).collect::<Vec<_>>(), ["1"]);
    let only = AidQuery { source: Some("S04".into()), ..query(AidBy::Kind, None) };
    assert_eq!(accountant.aid_report(&only, on(PAID)).unwrap().all.amount, Fen(150_000));
    // As of the day before nothing was paid.
    let before = AidQuery { to: day("2026-04-27"), ..query(AidBy::Kind, None) };
    assert!(accountant.aid_report(&before, on(PAID)).unwrap().groups.is_empty());
    // The household's own lines come to the same.
    let household = town.proposer.open(town.dossier, on(PAID)).unwrap();
    let lines = household.aid_timeline().unwrap();
    assert_eq!((lines.len(), lines.iter().map(|line| line.paid.0).sum::<i64>()), (3, 280_000));
}

#[test]
fn the_list_for_the_upper_union_is_recorded_before_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.posted(town.dossier, "一", &[("fire", 2_000), ("gifts", 1_000)]);
    town.cashier.pay_in_cash(&row, "box", "本人", on(PAID)).unwrap();
    assert!(matches!(
        town.accountant.upper_list("S04", day("2026-01-01"), day(PAID), on(PAID)),
        Err(Failure::NeedsRole { .. })
    ));
    let auditor = another(&town.office, &["audit_administrator"]);
    let looks = || auditor.looks(Stamp(0), 500, on(PAID)).unwrap().len();
    let before = looks();
    let lines = town.checker.upper_list("S04", day("2026-01-01"), day(PAID), on(PAID)).unwrap();
    assert_eq!((lines.len(), lines[0].line.paid), (1, Fen(200_000)));
    assert!(lines[0].name.is_some() && !lines[0].number.is_empty());
    assert_eq!(looks(), before + 2, "one of the list, one at the household");
}

#[test]
fn the_list_for_the_upper_union_goes_by_the_unit_of_today_and_says_erased_only_of_what_is() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.posted(town.dossier, "一", &[("fire", 2_000)]);
    town.cashier.pay_in_cash(&row, "box", "本人", on(PAID)).unwrap();
    let unit = |code: &str| town.office.unit_named(code).unwrap();
    let seat = |name: &str, code: &str| {
        let officer = town.office.add_officer(name, name, &["reviewer"], &[unit(code)], on("2026-01-01")).unwrap();
        town.office.seat(officer, SessionContext::program("another"))
    };
    let (theirs, others) = (seat("示例甲", "JH11"), seat("示例乙", "JH12"));
    let list = |seat: &Office| seat.upper_list("S04", day("2026-01-01"), day(PAID), on("2026-05-11")).unwrap();
    assert_eq!((list(&theirs).len(), list(&others).len()), (1, 0));
    // The household moves: its money is told by whoever has it now.
    let mut steps = second("2026-05-10", "43000.00");
    let path = crate::domain::Path::new("identity/work_unit");
    steps.push(Step::Set { path, value: "JH12".into() });
    survey(&town.office, Some(town.dossier), None, &steps, "2026-05-10");
    let (before, now) = (list(&theirs), list(&others));
    assert_eq!((before.len(), now.len(), now[0].unit), (0, 1, Some(unit("JH12"))));
    assert!(now[0].name.as_ref().is_some_and(|name| !name.is_empty()));
    let subject = Subject::Dossier(town.dossier);
    let store = &town.office.bureau.store;
    let seen = views::read::chain_heads(store).unwrap().iter().map(|head| (head.station, head.seq)).collect();
    let erased =
        Act::new(town.office.new_entry().unwrap(), on("2026-05-10").at, subject, Ledger::Erased { subject, seen });
    town.office.keep(&erased).unwrap();
    assert_eq!(list(&others)[0].name, None);
}
