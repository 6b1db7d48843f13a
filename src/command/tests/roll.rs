//! The roll: who is counted, for whom, and that it never tells more than the rights of whoever asks.

use super::*;
use crate::command::roll::movement::Lines;
use crate::command::roll::{NotARoll, RollQuery};
use crate::domain::{State, UnitId};
use crate::views::roll::Counted;

const TODAY: &str = "2026-06-01";

/// A household as one of the made-up ones, opened.
fn opened_as(office: &Office, name: &str, day: &str) -> DossierId {
    let dossier = survey(office, None, None, &steps(name), day);
    for (to, day) in [
        (Status::Verifying, "2026-03-12"),
        (Status::Reviewed, "2026-03-13"),
        (Status::Endorsed, "2026-03-13"),
        (Status::Noticed, "2026-03-14"),
        (Status::Approved, "2026-03-24"),
        (Status::Open, "2026-03-25"),
    ] {
        let seat = another(office, &["reviewer"]);
        let seat = if to == Status::Approved { office } else { &seat };
        step(seat, dossier, to, day, None, None).unwrap_or_else(|failure| panic!("{to:?}: {}", said(&failure)));
    }
    dossier
}

fn found(office: &Office, asked: RollQuery) -> (u64, u64) {
    let total = total(office, asked);
    (total.households, total.persons)
}

fn total(office: &Office, asked: RollQuery) -> Counted {
    office.roll(&asked, on(TODAY)).unwrap_or_else(|failure| panic!("{}", said(&failure))).total
}

fn all() -> RollQuery {
    RollQuery::default().with("status", ["all"])
}

#[test]
fn whoever_is_in_the_files_is_on_the_roll_and_a_day_gone_by_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let illness = opened_as(&office, "illness", "2026-03-10");
    survey(&office, None, None, &steps("accident"), "2026-03-11");
    assert_eq!(found(&office, RollQuery::default()).0, 1, "the other is not in the files yet");
    assert_eq!(found(&office, all()).0, 2);
    let on_day = |day: &str| RollQuery { as_of: Some(on(day).today), ..RollQuery::default() };
    assert_eq!(found(&office, on_day("2026-03-24")).0, 0);
    assert_eq!(found(&office, on_day("2026-03-25")).0, 1);
    // Closed later: today it is off the roll, and on that day it still stands on it.
    let reviewer = another(&office, &["reviewer"]);
    step(&reviewer, illness, Status::Closed, "2026-05-20", Some("07"), None).unwrap();
    assert_eq!(found(&office, RollQuery::default()).0, 0);
    assert_eq!(found(&office, on_day("2026-05-19")).0, 1);
    assert_eq!(found(&office, on_day("2026-05-20")).0, 0);
}

#[test]
fn what_is_asked_of_a_person_holds_of_one_person() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    survey(&office, None, None, &steps("illness"), "2026-03-10");
    let rows = office.roll_rows(&office.roll(&all(), on(TODAY)).unwrap(), 0, 9, on(TODAY)).unwrap();
    let members = u64::from(rows[0].members.unwrap());
    assert_eq!(found(&office, all()), (1, members));
    // Everybody has a sex, nobody both.
    let one = found(&office, all().with("sex", ["1"])).1;
    let other = found(&office, all().with("sex", ["2"])).1;
    assert_eq!(one + other, members);
    assert!(one > 0 && other > 0, "the household has men and women");
    assert_eq!(found(&office, all().with("sex", ["1"]).with("relation", ["12"])), (0, 0));
    // Ages: all of them, split at any line, make all of them.
    for age in [1, 18, 40, 60] {
        let young = found(&office, all().with("age", [format!("..{}", age - 1)])).1;
        let old = found(&office, all().with("age", [format!("{age}..")])).1;
        assert_eq!(young + old, members, "at {age}");
    }
}

#[test]
fn groups_make_the_whole_and_a_condition_is_that_of_forms() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    for name in ["illness", "accident", "laid_off"] {
        survey(&office, None, None, &steps(name), "2026-03-10");
    }
    let asked = RollQuery { group: Some("cause".into()), cross: Some("category".into()), ..all() };
    let found = office.roll(&asked, on(TODAY)).unwrap();
    let table = found.table.unwrap();
    let rows: Vec<Counted> = table.rows.iter().map(|row| table.cell(Some(&row.code), None).unwrap()).collect();
    assert_eq!(rows.iter().map(|of| of.households).sum::<u64>(), 3);
    assert_eq!(rows.iter().map(|of| of.income.0).sum::<i64>(), found.total.income.0);
    assert_eq!(rows.iter().map(|of| of.persons).sum::<u64>(), found.total.persons);
    for row in &table.rows {
        let cells = table.columns.iter().map(|column| table.cell(Some(&row.code), Some(&column.code)).unwrap());
        let sum: u64 = cells.map(|of| of.households).sum();
        assert_eq!(sum, table.cell(Some(&row.code), None).unwrap().households);
    }
    let large = |text: &str| RollQuery { conditions: vec![text.to_owned()], ..all() };
    let more = total(&office, large("${household_size} >= 3")).households;
    let fewer = total(&office, large("${household_size} < 3")).households;
    assert_eq!(more + fewer, 3);
    assert_eq!(total(&office, large("count(${members}) >= 0")).households, 3);
    let Err(Failure::Roll(NotARoll::Condition { problems, .. })) = office.roll(&large("${no_such} = 1"), on(TODAY))
    else {
        panic!("a name that leads nowhere is told")
    };
    assert_eq!(problems.len(), 1);
}

#[test]
fn rights_come_before_counting() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let unit = office.status(dossier, Horizon::NOW).unwrap().unit.unwrap();
    let units = office.units().unwrap();
    let is_above = |one: UnitId| units.iter().any(|u| u.parent == Some(one));
    let elsewhere = units.iter().map(|u| u.unit).find(|one| *one != unit && !is_above(*one)).unwrap();
    let seat = |name: &str, roles: &[&str], unit: UnitId| {
        let officer = office.add_officer(name, name, roles, &[unit], on("2026-03-12")).unwrap();
        office.seat(officer, SessionContext::program("test"))
    };
    let hers = seat("示例甲", &["surveyor"], unit);
    let his = seat("示例乙", &["surveyor"], elsewhere);
    assert_eq!((found(&hers, all()).0, found(&his, all())), (1, (0, 0)));
    assert!(matches!(
        seat("示例丙", &["audit_administrator"], unit).roll(&all(), on(TODAY)),
        Err(Failure::NeedsRole { .. })
    ));
    // Whoever pays may list, and neither count by an illness nor learn what so few have in common.
    let cashier = seat("示例丁", &["cashier"], unit);
    assert_eq!(found(&cashier, all()).0, 1);
    for covered in [
        all().with("health", ["41"]),
        RollQuery { group: Some("health".into()), ..all() },
        RollQuery { conditions: vec!["${health_status} = '41'".into()], ..all() },
        RollQuery { conditions: vec!["${disabled_member_count} > 0".into()], ..all() },
        // What points to an illness: help that is wanted, who can work, what they do, what an accident cost.
        all().with("need", ["2"]),
        all().with("work", ["15"]),
        all().with("labour", ["3"]),
        RollQuery { group: Some("need".into()), ..all() },
        RollQuery { group: Some("unit".into()), cross: Some("work".into()), ..all() },
        RollQuery { group: Some("labour".into()), ..all() },
        RollQuery { conditions: vec!["selected(${help_wanted}, '2')".into()], ..all() },
        RollQuery { conditions: vec!["${work_status} = '15'".into()], ..all() },
        RollQuery { conditions: vec!["${own_employed} = 1".into()], ..all() },
        RollQuery { conditions: vec!["${loss_accident} > 0".into()], ..all() },
        RollQuery { conditions: vec!["count(${members}[${m_labour} = '3']) > 0".into()], ..all() },
        // What is asked only because of one of those, and a roster of nothing else, tell it as well.
        RollQuery { conditions: vec!["count(${stays}) > 0".into()], ..all() },
        RollQuery { conditions: vec!["${contract_term} != ''".into()], ..all() },
        RollQuery { conditions: vec!["count(${members}[${m_unit} != '']) > 0".into()], ..all() },
        RollQuery { conditions: vec!["count(${members}[${m_school_stage} != '']) > 0".into()], ..all() },
        RollQuery { conditions: vec!["${zero_employment} = '1'".into()], ..all() },
        RollQuery { group: Some("contract_term".into()), ..all() },
        RollQuery { group: Some("zero_employment".into()), ..all() },
        all().with("school", ["4"]),
    ] {
        let refused = cashier.roll(&covered, on(TODAY)).map(drop);
        assert!(matches!(refused, Err(Failure::Roll(NotARoll::Covered { .. }))), "{refused:?}");
        assert!(hers.roll(&covered, on(TODAY)).is_ok());
    }
    let few = cashier.roll(&all().with("age", ["0..120"]), on(TODAY)).unwrap();
    assert_eq!((few.withheld, few.total, few.dossiers.len()), (Some(5), Counted::default(), 0));
    assert_eq!(hers.roll(&all().with("age", ["0..120"]), on(TODAY)).unwrap().withheld, None);
    // None is told as few are: else a few whom something open picks out would be told by it.
    let none = cashier.roll(&all().with("age", ["119..120"]), on(TODAY)).unwrap();
    assert_eq!((none.withheld, none.total), (few.withheld, few.total));
}

#[test]
fn mean_and_median_of_what_is_left_a_head_need_the_duty_to_know_illnesses() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    opened_as(&office, "illness", "2026-03-10");
    let year = |role: &str| {
        let (from, to) = (on("2026-01-01").today, on(TODAY).today);
        let moved = another(&office, &[role]).roll_movement(from, to, Lines::All, &[], on(TODAY)).unwrap();
        let year = moved.years[0];
        (year.households, year.mean, year.median)
    };
    // Of one household they are what it has left.
    assert_eq!(year("cashier"), (1, None, None));
    let (households, mean, median) = year("surveyor");
    assert!(households == 1 && mean.is_some() && mean == median);
}

#[test]
fn all_but_a_few_is_told_as_a_few_are() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    // Six of one age and one of another: six would tell of the one.
    for _ in 0..6 {
        survey(&office, None, None, &steps("illness"), "2026-03-10");
    }
    let without: Vec<Step> = steps("accident")
        .into_iter()
        .map(|step| match step {
            Step::Set { path, .. } if path.name() == "phone" => Step::State { path, is: State::DontKnow },
            other => other,
        })
        .collect();
    let cashier = another(&office, &["cashier"]);
    let asked = || cashier.roll(&all().with("phone", ["any"]), on(TODAY)).unwrap();
    assert_eq!((asked().withheld, asked().total.households), (None, 6));
    survey(&office, None, None, &without, "2026-03-11");
    assert_eq!((asked().withheld, asked().total.households), (Some(5), 0));
}

#[test]
fn what_leaves_is_told_at_each_household_before_it_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let supervisor = another(&office, &["supervisor"]);
    let found = supervisor.roll(&all(), on(TODAY)).unwrap();
    let taken = supervisor.take_out(&found, "export", true, on(TODAY)).unwrap();
    assert_eq!(taken.households, 1);
    let looks = opened(&office, dossier, TODAY).unwrap().looks().unwrap();
    assert!(looks.iter().any(|look| look.what == "export" && look.by == supervisor.officer()));
    let cashier = another(&office, &["cashier"]);
    let found = cashier.roll(&all(), on(TODAY)).unwrap();
    assert!(matches!(cashier.take_out(&found, "export", true, on(TODAY)), Err(Failure::NeedsRole { .. })));
}

#[test]
fn the_roll_follows_what_is_kept_and_forgets_whoever_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let before = total(&office, all());
    let condition = RollQuery { conditions: vec!["${name} != ''".into()], ..all() };
    assert_eq!(found(&office, condition.clone()).0, 1);
    survey(&office, Some(dossier), None, &second("2026-05-10", "99999.00"), "2026-05-10");
    let after = total(&office, all());
    assert_eq!((after.households, after.persons), (before.households, before.persons));
    assert_ne!(after.income, before.income, "its latest survey counts");
    survey(&office, None, None, &steps("accident"), "2026-05-11");
    assert_eq!(found(&office, condition.clone()).0, 2);
    let reviewer = another(&office, &["reviewer"]);
    step(&reviewer, dossier, Status::Verifying, "2026-05-12", None, None).unwrap();
    step(&reviewer, dossier, Status::Rejected, "2026-05-13", None, Some("示例事由共六字")).unwrap();
    office.erase(dossier, on("2036-06-01")).unwrap();
    assert_eq!(found(&office, condition).0, 1, "of whoever is erased nothing is told");
    assert_eq!(found(&office, all()).0, 2, "and the household still counts");
}

#[test]
fn an_export_tells_not_asked_from_not_answered_and_covers_names() {
    use crate::command::export::{Exported, SURVEYS};
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    survey(&office, None, None, &steps("illness"), "2026-03-10");
    let now = on(TODAY);
    let of = office.begin_export(&all(), None, now).unwrap();
    let mut surveys = Vec::new();
    office
        .export(&of, now, |survey| {
            surveys.push(survey);
            true
        })
        .unwrap();
    assert_eq!((surveys.len(), of.taken.households), (1, 1));
    let cell = |table: &str, row: &[u32], name: &str| {
        let at = of.tables.iter().find(|of| of.name == table).unwrap();
        let place = at.columns.iter().position(|node| of.form.node(*node).name == name).unwrap();
        let row = surveys[0].rows.iter().find(|of| of.table == table && of.rows == row).unwrap();
        match &row.cells[place] {
            Exported::Value(text) => text.clone(),
            Exported::State(state) => format!("~{state}"),
        }
    };
    // A first survey is not asked about a change; what is for the bureau to fill in later is asked of nobody yet.
    assert_eq!(cell(SURVEYS, &[], "has_change"), "~not_asked");
    assert!(cell(SURVEYS, &[], "name").contains('*'), "names are covered");
    assert!(cell(SURVEYS, &[], "inc_wage").ends_with(".00"));
    assert!(cell("members", &[1], "m_name").contains('*'));
    assert_ne!(cell("members", &[1], "m_relation"), "~not_asked");
    let empty = surveys[0].rows.iter().flat_map(|row| &row.cells);
    assert!(empty.clone().any(|cell| *cell == Exported::State("not_answered")), "some question may be left open");
}

#[test]
fn a_question_is_saved_by_name_and_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let now = on(TODAY);
    let asked = RollQuery { group: Some("unit".into()), ..all().with("skill", ["焊工"]) };
    office.save_roll("本地焊工", Some(&asked), now).unwrap();
    assert_eq!(office.saved_roll("本地焊工", now).unwrap(), asked);
    office.save_roll("本地焊工", Some(&all()), now).unwrap();
    assert_eq!(office.saved_roll("本地焊工", now).unwrap(), all());
    let named = RollQuery { conditions: vec!["${name} = '示例'".into()], ..all() };
    let refused = office.save_roll("某人", Some(&named), now);
    assert!(matches!(refused, Err(Failure::Roll(NotARoll::CoveredSaved { .. }))), "{refused:?}");
    office.save_roll("本地焊工", None, now).unwrap();
    assert!(matches!(office.saved_roll("本地焊工", now), Err(Failure::Roll(NotARoll::NoSuchSaved { .. }))));
    assert!(office.saved_rolls(now).unwrap().is_empty());
}

#[test]
fn who_has_no_phone_yet_is_asked_and_the_number_itself_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let with = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let not_known = |step: Step| match step {
        Step::Set { path, .. } if path.name() == "phone" => Step::State { path, is: State::DontKnow },
        other => other,
    };
    let without: Vec<_> = steps("accident").into_iter().map(not_known).collect();
    let without = survey(&office, None, None, &without, "2026-03-11");
    for role in ["surveyor", "reviewer"] {
        let seat = another(&office, &[role]);
        let who = |values: &[&str]| {
            seat.roll(&all().with("phone", values.iter().copied()), on(TODAY))
                .unwrap_or_else(|f| panic!("{}", said(&f)))
        };
        assert_eq!((who(&["none"]).dossiers, who(&["any"]).dossiers), (vec![without], vec![with]), "{role}");
        assert_eq!((who(&["无"]).dossiers, who(&["none", "any"]).total.households), (vec![without], 2), "{role}");
        let number = seat.roll(&all().with("phone", ["138"]), on(TODAY)).map(drop);
        assert!(matches!(number, Err(Failure::Roll(NotARoll::Value { .. }))), "{number:?}");
    }
    // Of others a few are still not told.
    let few = another(&office, &["cashier"]).roll(&all().with("phone", ["none"]), on(TODAY)).unwrap();
    assert_eq!((few.withheld, few.dossiers.len()), (Some(5), 0));
}

#[test]
fn nobody_is_counted_by_who_they_are_nor_found_out_by_asking_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    survey(&office, None, None, &steps("illness"), "2026-03-10");
    // Whoever may count by an illness, too; and who may do everything.
    for seat in [another(&office, &["surveyor"]), another(&office, &["cashier"]), another(&office, &["supervisor"])] {
        for name in [
            "id_number",
            "phone",
            "bank_account",
            "address",
            "name",
            "m_id_number",
            "m_name",
            "account_holder",
            "disability_cert_no",
            "member_ids",
            "bank_name",
            "st_hospital",
        ] {
            let axis = |cross: bool| RollQuery {
                group: Some(if cross { "unit" } else { name }.into()),
                cross: cross.then(|| name.into()),
                ..all()
            };
            for asked in [axis(false), axis(true)] {
                let refused = seat.roll(&asked, on(TODAY)).map(drop);
                assert!(matches!(refused, Err(Failure::Roll(NotARoll::Identifying { .. }))), "{name}: {refused:?}");
            }
        }
        for asked in [
            "starts-with(${id_number}, '152126')",
            "${phone} = '13800001234'",
            "contains(${address}, '林')",
            "${bank_account} != ''",
            "count(${members}[${m_id_number} != '']) > 0",
            "contains(${member_ids}, '0423')",
        ] {
            let refused = seat.roll(&RollQuery { conditions: vec![asked.into()], ..all() }, on(TODAY)).map(drop);
            assert!(matches!(refused, Err(Failure::Roll(NotARoll::Identifying { .. }))), "{asked}: {refused:?}");
        }
    }
    // Codes are counted as before: an illness by whoever has the duty.
    let surveyor = another(&office, &["surveyor"]);
    for name in ["health_status", "disease_name", "sex", "housing_type", "event_kind", "st_reason"] {
        let found = surveyor.roll(&RollQuery { group: Some(name.into()), ..all() }, on(TODAY));
        assert!(found.is_ok(), "{name}: {:?}", found.map(drop));
    }
}

#[test]
fn a_cashier_lists_their_own_units_and_takes_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let cashier = another(&office, &["cashier"]);
    let found = cashier.roll(&all(), on(TODAY)).unwrap();
    assert_eq!((found.total.households, &found.dossiers[..]), (1, &[dossier][..]));
    let rows = cashier.roll_rows(&found, 0, 9, on(TODAY)).unwrap();
    assert!(rows[0].cause_is_covered, "why a household is in hardship is nobody's who pays");
    assert!(matches!(cashier.take_out(&found, "export", true, on(TODAY)), Err(Failure::NeedsRole { .. })));
    // What is left a head gives by arithmetic what an illness costs, and a bound on it as well as itself.
    let sorted = |by: &str| RollQuery { sort: Some(by.into()), ..all() };
    let grouped = RollQuery { group: Some("per-head".into()), ..all() };
    for asked in [sorted("cause"), sorted("-per-head"), grouped, all().with("per-head", ["0..500"])] {
        let refused = cashier.roll(&asked, on(TODAY)).map(drop);
        assert!(matches!(refused, Err(Failure::Roll(NotARoll::Covered { .. }))), "{refused:?}");
    }
    assert!(cashier.roll(&sorted("income"), on(TODAY)).is_ok());
}
