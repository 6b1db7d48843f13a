//! What holds of numbers, units and officers as an administrator keeps them.

use super::*;
use crate::command::Role;
use crate::command::opening::ADMINISTRATOR;
use crate::domain::UnitTree;
use crate::views::OfficerRow;

/// The same folder elsewhere: a second station of the bureau, which holds no block.
fn second_station(from: &Path, to: &Path) -> Office {
    copy_folder(from, to);
    office(to, 8, "2026-04-01")
}

#[test]
fn a_dossier_with_a_provisional_number_is_given_one_later_and_found_by_both() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = office(one.path(), 7, "2026-03-10");
    survey(&first, None, None, &steps("illness"), "2026-03-10");
    first.close().unwrap();
    let office = second_station(one.path(), &two.path().join("copy"));
    let dossier = survey(&office, None, None, &steps("accident"), "2026-04-01");
    let before = office.status(dossier, Horizon::NOW).unwrap().number;
    assert!(before.starts_with("临-"));
    // It holds no block and is not the authority: nothing can be given yet.
    assert!(office.give_numbers(on("2026-04-02")).is_err());
    assert!(matches!(
        office.give_block("150785-2026", office.station(), on("2026-04-02")),
        Err(Failure::NotTheAuthority)
    ));
    office.move_authority(office.station(), on("2026-04-03")).unwrap();
    let given = office.give_numbers(on("2026-04-03")).unwrap();
    assert_eq!(given.len(), 1);
    // A new authority begins a block of its own, whatever the old one has issued meanwhile.
    assert_eq!((given[0].before.as_str(), given[0].number.as_str()), (before.as_str(), "150785-2026-1001"));
    for number in [before.as_str(), "150785-2026-1001"] {
        assert_eq!(office.find(number, on("2026-04-03")).unwrap().id(), dossier);
    }
    assert_eq!(office.number_state(on("2026-03-10")).unwrap().provisional, 0);
    assert_eq!(office.give_numbers(on("2026-04-04")).unwrap(), []);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_block_is_handed_out_once_and_the_authority_numbers_past_it() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let other = crate::domain::StationId([9; 16]);
    assert_eq!(office.give_block("150785-2026", other, on("2026-03-11")).unwrap(), (1, 1000));
    assert_eq!(office.give_block("150785-2026", other, on("2026-03-11")).unwrap(), (1001, 2000));
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-12");
    assert_eq!(office.status(dossier, Horizon::NOW).unwrap().number, "150785-2026-2001");
    for bad in ["150785", "tmp-abcdef", "abc-2026", ""] {
        assert!(matches!(office.give_block(bad, other, on("2026-03-12")), Err(Failure::NoSuchSeries { .. })), "{bad}");
    }
}

fn row(office: &Office, name: &str, roles: &[&str]) -> OfficerRow {
    OfficerRow {
        officer: office.new_officer().unwrap(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        units: Vec::new(),
        until: None,
        zh: name.into(),
        en: name.into(),
        at: on("2026-03-11").at,
        entry: crate::domain::EntryId([0; 16]),
        over: Vec::new(),
    }
}

#[test]
fn only_an_administrator_makes_officers_and_the_last_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = office(folder.path(), 7, "2026-03-10");
    let (first, now) = (office.officer(), on("2026-03-11"));
    let surveyor = row(&office, "示例甲", &["surveyor"]);
    office.set_officer(&surveyor, now).unwrap();
    assert!(matches!(office.set_officer(&row(&office, "示例乙", &["king"]), now), Err(Failure::NoSuchRole { .. })));
    let of_first = office.officers().unwrap().into_iter().find(|o| o.officer == first).unwrap();
    let ended = OfficerRow { until: Some(now.today), ..of_first };
    assert!(matches!(office.set_officer(&ended, now), Err(Failure::LastAdministrator)));
    office.sit_down(surveyor.officer);
    let refused = office.set_officer(&row(&office, "示例丙", &["surveyor"]), now);
    assert!(matches!(refused, Err(Failure::NeedsRole { role: Role::SystemAdministrator })));
    assert!(matches!(office.move_authority(office.station(), now), Err(Failure::NeedsRole { .. })));
    office.sit_down(first);
    office.set_officer(&row(&office, "示例丁", &[ADMINISTRATOR]), now).unwrap();
    office.set_officer(&ended, now).unwrap();
}

#[test]
fn a_tree_of_units_is_taken_over_row_by_row_and_the_old_days_keep_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let rows = office.units().unwrap().len();
    let header = "id,code,zh,en,kind,parent,since,until,replaced_by\n";
    let text = format!(
        "{header},XX,示例局,Sample bureau,bureau,,,,\n,XX01,示例林场,Sample farm,forest_farm,XX,2026-04-01,,\n"
    );
    let (tree, wrong) = UnitTree::parse(&text);
    assert_eq!(wrong, []);
    assert_eq!(office.import_units(&tree, on("2026-04-01")).unwrap(), 2);
    assert_eq!(office.import_units(&tree, on("2026-04-02")).unwrap(), 0, "the same file again changes nothing");
    assert_eq!(office.units().unwrap().len(), rows + 2);
    assert_eq!(office.unit_by_code("XX01", on("2026-03-31").today).unwrap(), None);
    assert!(office.unit_by_code("XX01", on("2026-04-01").today).unwrap().is_some());
    let closed = text.replace("2026-04-01,,", "2026-04-01,2026-12-31,");
    assert_eq!(office.import_units(&UnitTree::parse(&closed).0, on("2026-12-01")).unwrap(), 1);
    assert_eq!(office.unit_by_code("XX01", on("2027-01-01").today).unwrap(), None);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_unit_that_went_to_another_belongs_to_that_one_alone_and_one_that_ended_to_its_last() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let text = "id,code,zh,en,kind,parent,since,until,replaced_by
,XX,示例局,Sample bureau,bureau,,,,
,XX12,示例甲场,Farm one,forest_farm,XX,,,
,XX14,示例乙场,Farm two,forest_farm,XX,,,
,XX31,示例站,Station,station,XX12,,2026-03-31,
,XX31,示例站,Station,station,XX14,2026-04-01,,
,XX32,示例旧站,Old station,station,XX14,,2025-12-31,
";
    let (tree, wrong) = UnitTree::parse(text);
    assert_eq!(wrong, []);
    office.import_units(&tree, on("2026-03-10")).unwrap();
    let people = office.people().unwrap();
    let unit = |code: &str| people.units.iter().find(|row| row.code == code).unwrap().unit;
    for (day, station) in [("2026-03-31", "XX12"), ("2026-04-01", "XX14")] {
        for farm in ["XX12", "XX14"] {
            let below = people.below(&[unit(farm)], on(day).today);
            assert_eq!(below.contains(&unit("XX31")), farm == station, "{farm} on {day}");
            assert_eq!(below.contains(&unit("XX32")), farm == "XX14", "{farm} on {day}");
        }
        assert_eq!(people.below(&[unit("XX")], on(day).today).len(), 5);
    }
}

#[test]
fn an_id_number_in_another_open_dossier_is_told_and_holds_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let first = survey(&office, None, None, &steps("illness"), "2026-03-10");
    assert_eq!(office.same_id(first, on("2026-03-10")).unwrap(), Vec::<String>::new());
    survey(&office, None, None, &steps("accident"), "2026-03-10");
    let again = survey(&office, None, None, &steps("illness"), "2026-03-11");
    let number = |dossier| office.status(dossier, Horizon::NOW).unwrap().number;
    let same_id = |dossier| office.same_id(dossier, on("2026-03-12"));
    assert_eq!(same_id(again).unwrap(), [number(first)]);
    assert_eq!(same_id(first).unwrap(), [number(again)]);
    // The doctor names the dossiers, and no number of a person.
    let health = office.doctor(on("2026-03-12").today).unwrap();
    let notes: Vec<String> = health.notes.iter().map(|note| crate::lang::say(note, crate::lang::Lang::En)).collect();
    let named = format!("3 ID numbers stand in more than one open dossier: {} = {}.", number(first), number(again));
    assert!(notes.iter().any(|note| note.starts_with(&named)), "{notes:?}");
    assert!(notes.iter().all(|note| !note.contains("15212")), "{notes:?}");
    // One of them is closed as a duplicate, and the other stands alone.
    for to in [Status::Verifying, Status::Rejected] {
        step(&office, again, to, "2026-03-12", None, Some("重复申请")).unwrap();
    }
    assert_eq!(same_id(first).unwrap(), Vec::<String>::new());
}

#[test]
fn an_id_number_that_stands_elsewhere_is_passed_with_a_reason_that_stays_with_the_survey() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let first = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let now = on("2026-03-11");
    let begin = || Begin {
        dossier: None,
        form: library().hardship().unwrap().clone(),
        corrects: None,
        updates: false,
        on_disk: true,
    };
    let id = |path: &str, value: &str| Step::Set { path: crate::domain::Path::new(path), value: value.into() };
    let pass =
        |path: &str| Step::Pass { path: crate::domain::Path::new(path), why: "户口已分，另立一户".into() };
    let (worker, son) = ("identity/id_number", "family/members[1]/m_id_number");
    let add = Step::Add { path: crate::domain::Path::new("family/members") };
    let mut surveying = office.begin(begin(), now).unwrap();
    let draft = surveying.keeping.head.draft;
    let held = |surveying: &mut crate::command::survey::Surveying, path: &str| {
        office.say_elsewhere(surveying.keeping.head.dossier, &mut surveying.draft, true, now).unwrap();
        let at = surveying.draft.at(&crate::domain::Path::new(path)).unwrap();
        (surveying.draft.held_elsewhere(at).and_then(|held| held.dossier), surveying.draft.doubts(at).len())
    };
    // Whoever was a member there, by the old number or the new one; nobody by a number that is nowhere.
    for (typed, expected) in
        [("152126680315031", Some(first)), ("152126197108220423", Some(first)), ("152127198008080567", None)]
    {
        surveying.answer(&office, &id(worker, typed)).unwrap();
        assert_eq!(held(&mut surveying, worker), (expected, usize::from(expected.is_some())), "{typed}");
    }
    assert!(surveying.answer(&office, &pass(worker)).unwrap().problem.is_some(), "nothing is to be passed");
    surveying.answer(&office, &id(worker, "152126196803150311")).unwrap();
    held(&mut surveying, worker);
    surveying.answer(&office, &pass(worker)).unwrap();
    surveying.answer(&office, &add).unwrap();
    surveying.answer(&office, &id(son, "152105199605120156")).unwrap();
    assert_eq!(held(&mut surveying, worker), (Some(first), 0));
    assert_eq!(held(&mut surveying, son), (Some(first), 1));
    // Taking a step back and another session forget neither.
    surveying.keeping.sync(&office).unwrap();
    drop(surveying);
    let (mut surveying, _) = office.resume(draft, begin().form, now).unwrap();
    assert_eq!(held(&mut surveying, worker), (Some(first), 0));
    surveying.answer(&office, &Step::Undo { path: crate::domain::Path::new(son) }).unwrap();
    assert_eq!(held(&mut surveying, worker), (Some(first), 0));
    let kept = surveying.draft.answers();
    let passes: Vec<_> = kept.passes.iter().map(|pass| (pass.path.as_str(), pass.why.as_str())).collect();
    assert_eq!(passes, [(worker, "户口已分，另立一户")]);
    // Another number, and the reason goes with the one that it was for.
    surveying.answer(&office, &id(worker, "152127198008080567")).unwrap();
    assert!(surveying.draft.answers().passes.is_empty());
}

#[test]
fn of_another_units_household_no_number_is_told_but_its_unit() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let first = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let theirs = office.unit_by_code("JH12", on("2026-03-10").today).unwrap().unwrap();
    let her = office.add_officer("示例乙", "two", &["surveyor"], &[theirs], on("2026-03-10")).unwrap();
    let hers = office.seat(her, SessionContext::program("test"));
    let said = |office: &Office| {
        let form = library().hardship().unwrap().clone();
        let begin = Begin { dossier: None, form, corrects: None, updates: false, on_disk: false };
        let mut surveying = office.begin(begin, on("2026-03-11")).unwrap();
        let path = crate::domain::Path::new("identity/id_number");
        let set = Step::Set { path: path.clone(), value: "152126196803150311".into() };
        surveying.answer(office, &set).unwrap();
        office.say_elsewhere(surveying.keeping.head.dossier, &mut surveying.draft, true, on("2026-03-11")).unwrap();
        let held = surveying.draft.held_elsewhere(surveying.draft.at(&path).unwrap()).unwrap().clone();
        assert_eq!(held.dossier, Some(first));
        crate::lang::say(&held.said, crate::lang::Lang::Zh)
    };
    let number = office.status(first, Horizon::NOW).unwrap().number;
    assert!(said(&office).contains(&format!("{number}（已提交）")), "{}", said(&office));
    let words = said(&hers);
    assert!(words.contains("另一单位") && !words.contains(&number) && !words.contains("已提交"), "{words}");
}

#[test]
fn the_bureaus_division_is_a_setting_from_a_day_on_and_numbers_that_were_given_stay() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let number = |dossier| office.status(dossier, Horizon::NOW).unwrap().number;
    let before = survey(&office, None, None, &steps("illness"), "2026-03-10");
    assert_eq!(number(before), "150785-2026-0001");
    for wrong in ["", "1507", "15078x", "1507850"] {
        let refused = office.set_division(wrong, on("2026-03-11"));
        assert!(matches!(refused, Err(Failure::NotADivision { .. })), "{wrong}");
    }
    office.set_division("150782", on("2026-03-20")).unwrap();
    assert_eq!(office.division(on("2026-03-20").today).unwrap(), "150782");
    let after = survey(&office, None, None, &steps("accident"), "2026-03-20");
    assert!(number(after).ends_with("150782-2026-0001") || number(after).starts_with("临-"), "{}", number(after));
    assert_eq!(number(before), "150785-2026-0001");
    let surveyor = office.add_officer("示例甲", "one", &["surveyor"], &[], on("2026-03-20")).unwrap();
    let refused = office.seat(surveyor, SessionContext::program("test")).set_division("150785", on("2026-03-21"));
    assert!(matches!(refused, Err(Failure::NeedsRole { .. })));
}
