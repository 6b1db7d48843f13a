//! What holds of aid counted: whatever it is told apart by, a table sums to its lines, and each line of it opens to lines that
//! come to just that.

use super::aid::Town;
use super::fund::day;
use super::*;
use crate::command::fund::{AidBy, AidQuery};
use crate::domain::Fen;

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
